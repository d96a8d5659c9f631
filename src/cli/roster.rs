//! `duban roster`: imports with their differences shown first, exports, renames and mergers, the history

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::layout;
use super::out::{self, Out};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Fault, Result};
use crate::flow;
use crate::roster::history::{self, Origin, Verb};
use crate::roster::keep::Keep;
use crate::roster::{Roster, change, compare, edit, export, import, table};
use crate::store::Tx;

/// So many changes are printed; `duban roster show` has all of them.
const SHOWN: usize = 40;

#[derive(Debug, Subcommand)]
pub(super) enum RosterCommand {
    /// Import tables of units, accounts and people, or flat ones with a row an account: CSV files or
    /// workbooks, or a folder of them with all below it; what is to change is shown first
    Import(ImportOptions),
    /// Export to a folder (three CSV files) or to a .xlsx file
    Export {
        /// The folder or file
        path: PathBuf,
    },
    /// A unit or an account bears another name from a day on; the former one goes on finding it
    Rename {
        /// The unit's code or name, or the account's uid or platform:name
        what: String,
        /// The new name
        name: String,
        #[command(flatten)]
        event: EventOptions,
    },
    /// A unit is part of another from a day on: its accounts, people and open issues are the other's
    Merge {
        /// The code or name of the unit that is none any more
        from: String,
        /// The code or name of the unit that answers from then on
        into: String,
        #[command(flatten)]
        event: EventOptions,
    },
    /// List what was done to the roster, the newest first
    History {
        /// How many
        #[arg(short, long, default_value_t = 20)]
        number: u32,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Show what an entry of the history changed
    Show {
        /// Its number in the history
        entry: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct ImportOptions {
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the changes as JSON
    #[arg(long)]
    json: bool,
    /// Do not ask before anything changes (without a terminal nobody is asked)
    #[arg(short, long)]
    yes: bool,
    /// Remove nothing: what the files do not name stays as it is
    #[arg(long, conflicts_with = "only_area")]
    keep: bool,
    /// The files are about these areas only, by the codes of their units: what lies elsewhere stays
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    only_area: Vec<String>,
    /// Import even if more than a third of a table's rows leave
    #[arg(long)]
    allow_removal: bool,
    /// The folder or file
    path: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct EventOptions {
    /// The day, as 2024-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before anything changes (without a terminal nobody is asked)
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn roster(settings: &Settings, command: RosterCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let done = match command {
        RosterCommand::Import(options) => import_roster(&desk, &options).await,
        RosterCommand::Export { path } => export_roster(&desk, &path).await.map(|()| true),
        RosterCommand::Rename { what, name, event } => {
            let platform_of = platform_of(&desk);
            let plan = |current: &Roster, today: NaiveDate| {
                edit::rename(
                    current,
                    (&what, &name),
                    event.on.unwrap_or(today),
                    &platform_of,
                )
            };
            let source = format!("{what} → {name}");
            enter(&desk, (Verb::Rename, &source), &plan, &event).await
        }
        RosterCommand::Merge { from, into, event } => {
            let plan = |current: &Roster, today: NaiveDate| {
                edit::merge(current, (&from, &into), (event.on.unwrap_or(today), today))
            };
            let source = format!("{from} → {into}");
            enter(&desk, (Verb::Merge, &source), &plan, &event).await
        }
        RosterCommand::History { number, json } => print_history(&desk, number, json).await,
        RosterCommand::Show { entry, json } => print_entry(&desk, entry, json).await,
    };
    desk.store.close().await;
    done
}

fn platform_of(desk: &Desk) -> impl Fn(&str) -> Option<String> {
    let vocabulary = &desk.rules.vocabulary;
    |name: &str| vocabulary.platform(name).map(|p| p.id.clone())
}

/// What is to change, as it is shown.
struct Told {
    plan: change::Plan,
    /// The issues that are withdrawn, with why.
    withdrawn: Vec<(i64, &'static str)>,
    /// What was left aside, or is to be looked at.
    notes: Vec<String>,
}

/// What a plan means, before it counts.
async fn told(
    tx: &mut Tx,
    desk: &Desk,
    plan: change::Plan,
    mut notes: Vec<String>,
) -> Result<Told> {
    let today = desk.local(desk.clock.now()).date_naive();
    let withdrawn = flow::left_behind(tx, &plan, today).await?;
    notes.extend(plan.notes.iter().cloned());
    Ok(Told {
        plan,
        withdrawn,
        notes,
    })
}

/// Reads, compares, shows, asks and applies. False: the input is wrong, or it was not wanted; which was told.
async fn import_roster(desk: &Desk, options: &ImportOptions) -> Result<bool> {
    let keep = match options.only_area.as_slice() {
        [] if options.keep => Keep::Everything,
        [] => Keep::Nothing,
        areas => Keep::Outside(areas.to_vec()),
    };
    let mut tx = desk.store.read().await?;
    let current = table::load(&mut tx).await?;
    let imported = match import::read_part(&options.path, &platform_of(desk), &current, &keep) {
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
            return Ok(false);
        }
    };
    let plan = compare::plan(&current, &imported);
    let removal = plan.removal(&current).filter(|_| !options.allow_removal);
    let told = told(&mut tx, desk, plan, imported.notes).await?;
    drop(tx);
    print_plan(&told, options.json)?;
    if let Some(removal) = removal {
        out::tell(format_args!("{removal}"));
        if !options.dry_run {
            out::tell("nothing was changed");
            return Ok(false);
        }
    }
    if options.dry_run || told.plan.is_empty() && told.plan.agreed.is_empty() {
        return Ok(true);
    }
    let source = options.path.display().to_string();
    carry_out(
        desk,
        (Verb::Import, &source),
        &told,
        options.yes || options.json,
    )
    .await
}

/// Shows and does what was planned for a unit or an account.
async fn enter(
    desk: &Desk,
    done: (Verb, &str),
    plan: &dyn Fn(&Roster, NaiveDate) -> std::result::Result<change::Plan, Fault>,
    options: &EventOptions,
) -> Result<bool> {
    let today = desk.local(desk.clock.now()).date_naive();
    let mut tx = desk.store.read().await?;
    let current = table::load(&mut tx).await?;
    let plan = plan(&current, today).map_err(Error::Input)?;
    let told = told(&mut tx, desk, plan, vec![]).await?;
    drop(tx);
    print_plan(&told, false)?;
    if options.dry_run {
        return Ok(true);
    }
    carry_out(desk, done, &told, options.yes).await
}

/// Asks, if somebody is there to answer, and carries out what was shown. False: it was not wanted.
async fn carry_out(
    desk: &Desk,
    (verb, source): (Verb, &str),
    told: &Told,
    unasked: bool,
) -> Result<bool> {
    if !unasked && !wanted()? {
        out::tell("nothing was changed");
        return Ok(false);
    }
    let origin = Origin {
        verb,
        source,
        notes: &told.notes,
    };
    let now = desk.clock.now();
    let mut tx = desk.store.begin().await?;
    let (entry, _) = flow::carry_out(&mut tx, &desk.rules, (&told.plan, &origin), now).await?;
    tx.commit().await?;
    if let Some(entry) = entry {
        out::tell(format_args!("done; see duban roster show {entry}"));
    }
    Ok(true)
}

/// Whether who sits there wants what was shown. Nobody is asked where there is no terminal.
fn wanted() -> Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() || !std::io::stdout().is_terminal() {
        return Ok(true);
    }
    let mut prompt = std::io::stderr();
    write!(prompt, "Carry this out? [y/N] ")
        .and_then(|()| prompt.flush())
        .map_err(Error::io("asking on the terminal"))?;
    let mut answer = String::new();
    input
        .read_line(&mut answer)
        .map_err(Error::io("reading the answer"))?;
    let answer = answer.trim().to_lowercase();
    Ok(["y", "yes", "是", "好"].contains(&answer.as_str()))
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
    let changes = plan.changes();
    for change in changes.iter().take(SHOWN) {
        out.line(change)?;
    }
    if let Some(more) = changes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        out.line(format_args!("… and {more} more; --json has all of them"))?;
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

async fn print_history(desk: &Desk, number: u32, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let entries = history::last(&mut tx, i64::from(number)).await?;
    drop(tx);
    if json {
        out::print(serde_json::to_string(&entries)?)?;
        return Ok(true);
    }
    let mut rows = vec![
        ["no.", "when", "what", "source", "changes"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(entries.iter().map(|entry| {
        let when = desk.local(crate::clock::from_ms(entry.at));
        vec![
            entry.id.to_string(),
            when.format("%Y-%m-%d %H:%M").to_string(),
            entry.verb.clone(),
            entry.source.clone(),
            counted(entry),
        ]
    }));
    let mut out = Out::new();
    for line in layout::table(&rows) {
        out.line(line)?;
    }
    out.flush()?;
    Ok(true)
}

/// `units +1 ~0 -0, accounts +2 ~1 -0`; tables that did not change are left out.
fn counted(entry: &history::Entry) -> String {
    let mut parts: Vec<String> = Vec::new();
    for table in entry.counts.as_array().into_iter().flatten() {
        let number = |key: &str| {
            table
                .get(key)
                .and_then(serde_json::Value::as_u64)
                .unwrap_or(0)
        };
        let (added, changed, gone) = (number("added"), number("changed"), number("gone"));
        if added + changed + gone > 0 {
            let what = table.get("what").and_then(serde_json::Value::as_str);
            parts.push(format!(
                "{} +{added} ~{changed} -{gone}",
                what.unwrap_or_default()
            ));
        }
    }
    if entry.withdrawn > 0 {
        parts.push(format!("{} issues withdrawn", entry.withdrawn));
    }
    parts.join(", ")
}

async fn print_entry(desk: &Desk, id: i64, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let Some(entry) = history::one(&mut tx, id).await? else {
        let text = format!("the roster's history has no entry {id}; see duban roster history");
        return Err(Error::Usage(text));
    };
    let changes = history::rows(&mut tx, id).await?;
    drop(tx);
    if json {
        let mut shown = serde_json::to_value(&entry)?;
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("changes".to_owned(), serde_json::to_value(&changes)?);
        }
        out::print(serde_json::to_string(&shown)?)?;
        return Ok(true);
    }
    let when = desk.local(crate::clock::from_ms(entry.at));
    let mut out = Out::new();
    out.line(format_args!(
        "{} {}, {}: {}",
        entry.verb,
        entry.source,
        when.format("%Y-%m-%d %H:%M"),
        counted(&entry)
    ))?;
    for change in &changes {
        out.line(change)?;
    }
    for note in &entry.notes {
        out.line(format_args!("note {note}"))?;
    }
    out.flush()?;
    Ok(true)
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
