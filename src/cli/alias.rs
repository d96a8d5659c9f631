//! `duban alias`: the names that managers' choices taught, what each matched, and taking one back

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::list::time;
use super::out::{self, Out};
use crate::clock::from_ms;
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::{Directory, Unlearned, matched, unlearn};
use crate::message::view::Lens;
use crate::roster::Target;
use crate::roster::learned::{self, Learned};
use crate::store::Tx;

#[derive(Debug, Subcommand)]
pub(super) enum AliasCommand {
    /// List them: number, name, what it stands for, who decided and when
    List {
        /// Also those that were taken back
        #[arg(long)]
        all: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one, with what it has matched
    Show {
        /// Its number in the list
        id: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the last day on which one holds
    Until {
        /// Its number in the list
        id: i64,
        /// The day, 2026-09-30; `never` for no end
        day: String,
    },
    /// Take one back: shows what it has matched, and what becomes of that is to be said
    Undo(UndoOptions),
}

#[derive(Debug, Args)]
pub(super) struct UndoOptions {
    /// Its number in the list
    id: i64,
    /// Withdraw the open issues that it alone had opened, tell their units, and ask a person whose they are
    #[arg(long, conflicts_with = "keep")]
    back: bool,
    /// Leave what was opened, and ask only about what comes from now on
    #[arg(long)]
    keep: bool,
}

pub(super) async fn alias(settings: &Settings, command: AliasCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let done = match command {
        AliasCommand::List { all, json } => list(&desk, all, json).await,
        AliasCommand::Show { id, json } => show(&desk, id, json).await,
        AliasCommand::Until { id, day } => until(&desk, id, &day).await,
        AliasCommand::Undo(options) => undo(&desk, &options).await,
    };
    desk.store.close().await;
    done
}

fn unknown(id: i64) -> Error {
    Error::Usage(format!(
        "no learned name {id}; `duban alias list --all` shows them"
    ))
}

async fn one(tx: &mut Tx, id: i64) -> Result<Learned> {
    learned::get(tx, id).await?.ok_or_else(|| unknown(id))
}

fn lens<'a>(desk: &'a Desk, directory: &'a Directory) -> Lens<'a> {
    Lens::new(
        &desk.rules,
        directory,
        desk.words.office(),
        desk.clock.now(),
    )
}

/// What it stands for, in words.
fn target(directory: &Directory, learned: &Learned) -> String {
    let gone = || "what is no longer in the roster".to_owned();
    match learned.alias.target {
        Target::Account(id) => directory.roster.account(id).map_or_else(gone, |account| {
            format!("{} {} ({})", account.platform, account.name, account.unit)
        }),
        Target::Unit(id) => directory
            .roster
            .unit_by_id(id)
            .map_or_else(gone, |unit| format!("{} ({})", unit.name, unit.code)),
    }
}

fn as_json(directory: &Directory, learned: &Learned) -> Json {
    let person = |id: i64| directory.roster.name_of(id).map(str::to_owned);
    json!({
        "id": learned.alias.id, "name": learned.alias.name, "stands_for": target(directory, learned),
        "platform": learned.alias.platform, "area": learned.alias.area,
        "from": learned.alias.valid_from, "until": learned.alias.valid_to,
        "by": person(learned.decided_by), "at": time(Some(learned.decided_at)),
        "undone_by": learned.undone_by.and_then(person), "undone_at": time(learned.undone_at),
    })
}

fn line(desk: &Desk, directory: &Directory, learned: &Learned) -> String {
    let lens = lens(desk, directory);
    let day = |ms: i64| desk.local(from_ms(ms)).format("%Y-%m-%d").to_string();
    let alias = &learned.alias;
    let mut text = format!(
        "{:>4}  {}  →  {}  {} {}",
        alias.id,
        alias.name,
        target(directory, learned),
        lens.person(Some(learned.decided_by)),
        day(learned.decided_at)
    );
    if let Some(platform) = &alias.platform {
        text.push_str(&format!("  on {platform} only"));
    }
    if let Some(last) = alias.valid_to {
        text.push_str(&format!("  until {last}"));
    }
    if let Some(at) = learned.undone_at {
        let by = learned
            .undone_by
            .map_or("the office".to_owned(), |id| lens.person(Some(id)));
        text.push_str(&format!("  taken back by {by} {}", day(at)));
    }
    text
}

async fn list(desk: &Desk, all: bool, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let mut names = learned::all(&mut tx).await?;
    names.retain(|learned| all || learned.undone_at.is_none());
    if json {
        let rows = names.iter().map(|learned| as_json(&directory, learned));
        out::print(Json::from(rows.collect::<Vec<Json>>()))?;
        return Ok(true);
    }
    let mut out = Out::new();
    for learned in &names {
        out.line(line(desk, &directory, learned))?;
    }
    if names.is_empty() {
        out.line("no name was learned from a manager's choice")?;
    }
    out.flush()?;
    Ok(true)
}

async fn show(desk: &Desk, id: i64, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let learned = one(&mut tx, id).await?;
    let found = matched(&mut tx, &learned).await?;
    if json {
        let mut all = as_json(&directory, &learned);
        all["matched"] = json!({
            "findings": found.findings, "open_issues": found.live, "closed_issues": found.closed,
            "issues_by_other_names_too": found.others,
        });
        out::print(all)?;
        return Ok(true);
    }
    let mut out = Out::new();
    out.line(line(desk, &directory, &learned))?;
    let open: Vec<String> = found.live.iter().map(|id| format!("#{id}")).collect();
    out.line(format_args!(
        "      matched {} rows: {} open issues {}, {} closed, {} listed by other names too",
        found.findings,
        found.live.len(),
        open.join(" "),
        found.closed,
        found.others
    ))?;
    out.flush()?;
    Ok(true)
}

async fn until(desk: &Desk, id: i64, day: &str) -> Result<bool> {
    let last = match day {
        "never" => None,
        day => Some(day.parse::<NaiveDate>().map_err(|_| {
            Error::Usage(format!(
                "{day:?} is no day; write it as 2026-09-30, or never"
            ))
        })?),
    };
    let mut tx = desk.store.begin().await?;
    if !learned::until(&mut tx, id, last).await? {
        return Err(unknown(id));
    }
    tx.commit().await?;
    out::tell(format_args!("learned name {id} holds until {day}"));
    Ok(true)
}

async fn undo(desk: &Desk, options: &UndoOptions) -> Result<bool> {
    if !options.back && !options.keep {
        show(desk, options.id, false).await?;
        let reason = "nothing was changed; say what becomes of it: --back withdraws the open issues and asks \
                      a person whose they are, --keep leaves them and only forgets the name";
        return Err(Error::Usage(reason.to_owned()));
    }
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let learned = one(&mut tx, options.id).await?;
    let how = (None, options.back);
    let now = desk.clock.now();
    let done = unlearn(&mut tx, (&desk.rules, &directory), &learned, how, now).await?;
    tx.commit().await?;
    match done {
        Unlearned::Done { back, names } => out::print(format_args!(
            "{} is forgotten: {back} issues withdrawn, {names} printed names wait for a person",
            learned.alias.name
        ))?,
        Unlearned::Already => out::print("it was taken back before; nothing changed")?,
    }
    Ok(true)
}
