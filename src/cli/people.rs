//! `duban roster` and `duban invite`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use clap::{Args, Subcommand};

use super::layout;
use super::out::{self, Out};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow;
use crate::roster::{Person, Roster, change, export, import, invitation, table};
use crate::store::Tx;

#[derive(Debug, Subcommand)]
pub(super) enum RosterCommand {
    /// Import a folder of units.csv, accounts.csv, people.csv, one of them, or a workbook
    Import {
        /// Show what would change and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Print the changes as JSON
        #[arg(long)]
        json: bool,
        /// The folder or file
        path: PathBuf,
    },
    /// Export to a folder (three CSV files) or to a .xlsx file
    Export {
        /// The folder or file
        path: PathBuf,
    },
}

pub(super) async fn roster(settings: &Settings, command: RosterCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let done = match command {
        RosterCommand::Import {
            dry_run,
            json,
            path,
        } => match import_roster(&desk, &path, dry_run).await? {
            Some(told) => {
                print_plan(&told, json)?;
                true
            }
            None => false,
        },
        RosterCommand::Export { path } => {
            export_roster(&desk, &path).await?;
            true
        }
    };
    desk.store.close().await;
    Ok(done)
}

/// What an import changes, or would.
struct Told {
    plan: change::Plan,
    /// The issues that are withdrawn, with why.
    withdrawn: Vec<(i64, &'static str)>,
    /// What was left aside.
    notes: Vec<String>,
}

/// Reads, compares and applies; what has changed and what was left aside, or nothing where the
/// input is wrong, which was told.
async fn import_roster(desk: &Desk, path: &Path, dry_run: bool) -> Result<Option<Told>> {
    let vocabulary = &desk.rules.vocabulary;
    let platform_of = |name: &str| vocabulary.platform(name).map(|p| p.id.clone());
    let mut tx = if dry_run {
        desk.store.read().await?
    } else {
        desk.store.begin().await?
    };
    let current = table::load(&mut tx).await?;
    let imported = match import::read_path(path, &platform_of, &current) {
        Ok(imported) => imported,
        Err(faults) => {
            for fault in &faults {
                out::tell(fault);
            }
            let plural = if faults.len() == 1 { "" } else { "s" };
            out::tell(format_args!(
                "{} mistake{plural}; nothing was changed",
                faults.len()
            ));
            return Ok(None);
        }
    };
    let plan = change::plan(&current, &imported);
    let now = desk.clock.now();
    let withdrawn = flow::left_behind(&mut tx, &plan, desk.local(now).date_naive()).await?;
    if !dry_run {
        flow::bring_in(&mut tx, &desk.rules, &plan, now).await?;
        tx.commit().await?;
    }
    let mut notes = imported.notes;
    notes.extend(plan.notes.iter().cloned());
    Ok(Some(Told {
        plan,
        withdrawn,
        notes,
    }))
}

/// The changes, and the issues that are withdrawn with what leaves, as one JSON list.
fn as_json(told: &Told) -> Result<String> {
    let mut list = Vec::new();
    for change in told.plan.changes() {
        list.push(serde_json::to_value(change)?);
    }
    list.extend(told.withdrawn.iter().map(|(issue, why)| {
        serde_json::json!({ "what": "issues", "key": format!("#{issue}"), "kind": "withdrawn",
            "details": [], "why": why })
    }));
    Ok(serde_json::to_string(&list)?)
}

fn print_plan(told: &Told, json: bool) -> Result<()> {
    let plan = &told.plan;
    for note in &told.notes {
        out::tell(format_args!("note {note}"));
    }
    let mut out = Out::new();
    if json {
        out.line(as_json(told)?)?;
        return out.flush();
    }
    for change in plan.changes().iter().take(40) {
        out.line(change)?;
    }
    for (kind, counts) in plan.counts() {
        out.line(format_args!(
            "{}: {} added, {} changed, {} gone",
            kind.as_str(),
            counts.added,
            counts.changed,
            counts.gone
        ))?;
    }
    out.line(format_args!("issues: {} withdrawn", told.withdrawn.len()))?;
    out.flush()
}

async fn export_roster(desk: &Desk, path: &Path) -> Result<()> {
    let mut tx = desk.store.read().await?;
    let roster = table::load(&mut tx).await?;
    drop(tx);
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        return export::export_xlsx(&roster, path);
    }
    std::fs::create_dir_all(path).map_err(Error::io(path.display().to_string()))?;
    for (name, text) in export::export_csv(&roster)? {
        let file = path.join(name);
        let shown = file.display().to_string();
        std::fs::write(&file, text).map_err(Error::io(shown))?;
    }
    Ok(())
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(super) struct InviteOptions {
    /// One person, by their code
    #[arg(long, group = "who")]
    person: Option<String>,
    /// Everybody who is not bound yet and has no unused code
    #[arg(long, group = "who")]
    all: bool,
    /// With --all: also those who have an unused code, which is then good no longer
    #[arg(long, conflicts_with = "person")]
    renew: bool,
    /// Days the invitations are good for
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Print CSV instead of a table
    #[arg(long)]
    csv: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// A person with a fresh code.
struct Invited {
    person: Person,
    code: String,
    link: String,
}

pub(super) async fn invite(settings: &Settings, options: InviteOptions) -> Result<bool> {
    use teloxide::prelude::Requester as _;
    let desk = super::desk(settings).await?;
    // The bot's name makes the link; without a token or a connection the code alone does. It is
    // asked before the store is held.
    let me = if settings.token().is_ok() {
        desk.bot.get_me().await.ok()
    } else {
        None
    };
    let name = me.and_then(|me| me.user.username.clone());
    let now = desk.clock.now();
    let ttl = TimeDelta::days(i64::from(options.days));
    let until = desk.local(now + ttl).format("%Y-%m-%d %H:%M").to_string();
    let mut tx = desk.store.begin().await?;
    let roster = table::load(&mut tx).await?;
    let mut invited = Vec::new();
    for person in chosen(&mut tx, &desk, &roster, &options).await? {
        let (now, ttl) = (now.timestamp_millis(), ttl.num_milliseconds());
        let code = invitation::create(&mut tx, person.id, now, ttl).await?;
        let link = name
            .as_ref()
            .map(|name| format!("https://t.me/{name}?start={code}"));
        invited.push(Invited {
            person: person.clone(),
            code,
            link: link.unwrap_or_default(),
        });
    }
    tx.commit().await?;
    desk.store.close().await;
    print_invited(&invited, &until, &options)?;
    Ok(true)
}

/// Who is invited. Whose unused code stays, or is good no longer, is told.
async fn chosen<'a>(
    tx: &mut Tx,
    desk: &Desk,
    roster: &'a Roster,
    options: &InviteOptions,
) -> Result<Vec<&'a Person>> {
    let pending = invitation::pending(tx, desk.clock.now_ms()).await?;
    let code_of = |person: &Person| {
        let until = desk.local(crate::clock::from_ms(*pending.get(&person.id)?));
        let until = until.format("%Y-%m-%d %H:%M");
        Some(format!(
            "{} {}: the unused code, good until {until},",
            person.code, person.name
        ))
    };
    let gone = |person: &Person| {
        if let Some(code) = code_of(person) {
            out::tell(format_args!("note {code} is revoked"));
        }
    };
    if let Some(code) = &options.person {
        let person = roster.person_by_code(code).ok_or_else(|| {
            Error::Usage(format!(
                "no person has the code {code:?}; see duban roster export"
            ))
        })?;
        gone(person);
        return Ok(vec![person]);
    }
    let bound: HashSet<i64> = table::bindings(tx)
        .await?
        .iter()
        .map(|b| b.person_id)
        .collect();
    let mut people = Vec::new();
    for person in roster.people.iter().filter(|p| !bound.contains(&p.id)) {
        match code_of(person) {
            Some(code) if !options.renew => {
                out::tell(format_args!("note {code} stays; --renew replaces it"));
                continue;
            }
            _ => gone(person),
        }
        people.push(person);
    }
    if people.is_empty() {
        out::tell("note nobody is left to be invited");
    }
    Ok(people)
}

fn print_invited(invited: &[Invited], until: &str, options: &InviteOptions) -> Result<()> {
    if options.json {
        let list: Vec<_> = invited
            .iter()
            .map(|i| {
                let link = Some(&i.link).filter(|link| !link.is_empty());
                serde_json::json!({ "person": i.person.code, "name": i.person.name,
                    "role": i.person.role.as_str(), "code": i.code, "link": link, "until": until })
            })
            .collect();
        return out::print(serde_json::to_string(&list)?);
    }
    let mut rows = vec![
        ["person", "name", "role", "code", "until", "link"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(invited.iter().map(|i| {
        let cells = [
            &i.person.code,
            &i.person.name,
            i.person.role.as_str(),
            &i.code,
            until,
            &i.link,
        ];
        cells.map(str::to_owned).to_vec()
    }));
    if options.csv {
        return out::print(export::csv_of(rows)?.trim_end());
    }
    let mut out = Out::new();
    for line in layout::table(&rows) {
        out.line(line)?;
    }
    out.flush()
}
