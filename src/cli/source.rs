//! `duban source`: where reports come from, and the dry run of one: what would be understood of it

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::layout;
use super::out::{self, Out};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::Incoming;
use crate::flow::trial::{Likely, Trial, TrialRow, Whose, trial};
use crate::report::dates::{self, Named};
use crate::report::folder::Looked;
use crate::report::source::{self, Brought, Fetched, Memory, SourceKind, SourceSettings};
use crate::schedule::cron::Schedule;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// List the sources: how each is reached, and when it is fetched next
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch a source, or take a file, and show what would be understood; nothing is stored
    Try(TryOptions),
}

#[derive(Debug, clap::Args)]
pub(super) struct TryOptions {
    /// The source, by its name in the settings
    name: String,
    /// Take this file instead of fetching
    #[arg(long)]
    file: Option<PathBuf>,
    /// The report's day (2021-06-30); else the one in its name, else today
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Print JSON: a list of one or more reports
    #[arg(long)]
    json: bool,
}

pub(super) async fn source(settings: &Settings, command: SourceCommand) -> Result<bool> {
    match command {
        SourceCommand::List { json } => list(settings, json).await,
        SourceCommand::Try(options) => try_out(settings, options).await,
    }
}

/// The source of that name.
pub(super) fn named<'a>(settings: &'a Settings, name: &str) -> Result<&'a SourceSettings> {
    let all = &settings.sources;
    all.iter().find(|s| s.name == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
        let names = match names.as_slice() {
            [] => "no [[sources]] in the settings".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        Error::Usage(format!("no source {name:?}; {names}"))
    })
}

/// How a source is reached, without anything that is secret: of an address, its scheme and host.
fn place(source: &SourceSettings) -> String {
    match source.kind {
        SourceKind::Http => {
            let url = source.url.as_deref().unwrap_or_default();
            let url = url.parse::<reqwest::Url>().ok();
            url.map_or_else(String::new, |url| {
                format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
            })
        }
        SourceKind::Folder => {
            let path = source.path.as_ref();
            path.map_or_else(String::new, |path| path.display().to_string())
        }
        SourceKind::Push => format!("POST {}", crate::http::REPORTS_PATH),
        SourceKind::Upload => "files sent to the bot".to_owned(),
        SourceKind::Mailbox => {
            let mail = source.mail.as_ref();
            mail.map_or_else(String::new, |mail| mail.host.clone())
        }
    }
}

async fn list(settings: &Settings, as_json: bool) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let next = |source: &SourceSettings| {
        let text = source.schedule.as_deref()?;
        let schedule = Schedule::parse(text, desk.rules.zone).ok()?;
        let next = schedule.next_after(desk.clock.now())?;
        Some(desk.local(next).format("%Y-%m-%d %H:%M").to_string())
    };
    if as_json {
        let rows = settings.sources.iter().map(|source| {
            json!({
                "name": source.name, "kind": source.kind.as_str(), "place": place(source),
                "mode": source.mode.as_str(), "schedule": source.schedule, "next": next(source),
            })
        });
        out::print(Json::from(rows.collect::<Vec<Json>>()))?;
        return Ok(true);
    }
    let mut out = Out::new();
    for source in &settings.sources {
        out.line(format_args!(
            "{}: {}, {}, {}",
            source.name,
            source.kind.as_str(),
            source.mode.as_str(),
            place(source)
        ))?;
        match next(source) {
            Some(next) => out.line(format_args!("    next at {next}"))?,
            None if source.watch => out.line("    watched")?,
            None => out.line("    no schedule: nothing is fetched by itself")?,
        }
    }
    if settings.sources.is_empty() {
        out.line("no [[sources]] in the settings: reports come by `duban ingest` only")?;
    }
    out.flush()?;
    Ok(true)
}

/// What the source has, or the file that was named.
async fn files(desk: &Desk, source: &SourceSettings, options: &TryOptions) -> Result<Brought> {
    let Some(path) = &options.file else {
        let today = desk.local(desk.clock.now()).date_naive();
        let date = options.date.unwrap_or(today);
        let memory = Memory {
            looked: &Looked::default(),
            clock: &desk.clock,
        };
        return source::fetch(source, (None, None), memory, date).await;
    };
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(Error::io(shown.clone()))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    Ok(Brought {
        files: vec![Fetched::named(name.unwrap_or(shown), bytes)],
        faults: Vec::new(),
    })
}

async fn try_out(settings: &Settings, options: TryOptions) -> Result<bool> {
    let source = named(settings, &options.name)?;
    let desk = super::desk(settings).await?;
    let brought = files(&desk, source, &options).await?;
    let directory = desk.directory(&mut desk.store.read().await?).await?;
    let now = desk.clock.now();
    let mut tried: Vec<(String, Result<Trial>)> = Vec::new();
    for file in &brought.files {
        let own = file.file_name.rsplit('/').next().unwrap_or_default();
        let named = dates::date_in(own);
        let by_name = options.file.is_some() || source.kind != SourceKind::Http;
        let incoming = Incoming {
            source,
            file_name: &file.file_name,
            bytes: (&file.bytes).into(),
            date: options.date.or(match named {
                // An address may hold any number.
                Named::Part(_) if !by_name => Some(desk.local(now).date_naive()),
                Named::Nothing => file.came.map(|at| desk.local(at).date_naive()),
                _ => None,
            }),
        };
        let one = trial(&desk.store, &desk.rules, &directory, &incoming, now).await;
        tried.push((file.file_name.clone(), one));
    }
    for fault in brought.faults {
        let file = fault.file.clone().unwrap_or_default();
        tried.push((file, Err(fault.into())));
    }
    desk.store.close().await;
    let good = tried.iter().all(|(_, one)| one.is_ok());
    if options.json {
        let all = tried.iter().map(|(file, one)| match one {
            Ok(one) => serde_json::to_value(one),
            Err(error) => Ok(json!({
                "source": source.name, "file": file, "error": error.to_string(),
            })),
        });
        let all = all.collect::<std::result::Result<Vec<Json>, _>>()?;
        out::print(Json::from(all))?;
        return Ok(good);
    }
    let mut page = Page(Out::new());
    if tried.is_empty() {
        page.say(
            0,
            &format!("source {}: reachable, nothing there", source.name),
        )?;
    }
    for (n, (_, one)) in tried.iter().enumerate() {
        if n > 0 {
            page.say(0, "")?;
        }
        match one {
            Ok(one) => page.tell(one)?,
            Err(error) => page.say(0, &format!("refused: {error}"))?,
        }
    }
    page.0.flush()?;
    Ok(good)
}

/// Lines that fit a terminal of eighty columns.
struct Page(Out);

/// Faults that are printed; the others are counted.
const FAULTS: usize = 20;

impl Page {
    fn say(&mut self, indent: usize, text: &str) -> Result<()> {
        for line in layout::within(text, indent, 78) {
            self.0.line(line)?;
        }
        Ok(())
    }

    fn tell(&mut self, one: &Trial) -> Result<()> {
        let form = super::form(one.format, one.encoding.as_deref());
        self.say(
            0,
            &format!(
                "source {} ({}), {}, report of {} ({form}); nothing is stored",
                one.source, one.mode, one.file, one.date
            ),
        )?;
        if let Some(report) = one.known {
            self.say(2, &format!("the same content is report {report} already"))?;
        }
        self.columns(one)?;
        self.say(
            0,
            &format!(
                "rows: {} understood = {} matched + {} ambiguous + {} unmatched + {} praise; {} rejected",
                one.rows,
                one.matched,
                one.ambiguous,
                one.unmatched,
                one.positive,
                one.rejected.len()
            ),
        )?;
        for row in &one.first {
            self.row(row)?;
        }
        if one.rows > one.first.len() {
            self.say(2, &format!("… and {} more", one.rows - one.first.len()))?;
        }
        if !one.rejected.is_empty() {
            self.say(0, "rejected:")?;
        }
        for fault in one.rejected.iter().take(FAULTS) {
            self.say(2, &fault.to_string())?;
        }
        if one.rejected.len() > FAULTS {
            self.say(2, &format!("… and {} more", one.rejected.len() - FAULTS))?;
        }
        // What is incomplete, and the columns that are kept, stand among the notes.
        for note in &one.notes {
            self.say(0, &format!("note {note}"))?;
        }
        for missing in &one.missing {
            self.say(0, &format!("missing: {}", missing.explained()))?;
        }
        Ok(())
    }

    fn columns(&mut self, one: &Trial) -> Result<()> {
        if !one.columns.is_empty() {
            self.say(0, "columns:")?;
        }
        let mut sheet = None;
        for column in &one.columns {
            if column.sheet != sheet {
                sheet.clone_from(&column.sheet);
                let name = sheet.as_deref().unwrap_or_default();
                self.say(2, &format!("sheet {name}"))?;
            }
            let field = column.field.as_deref().unwrap_or_default();
            self.say(2, &format!("{} → {field}", column.header))?;
        }
        Ok(())
    }

    fn row(&mut self, row: &TrialRow) -> Result<()> {
        let finding = &row.finding;
        let sheet = finding.sheet.as_ref().map(|sheet| format!("{sheet}, "));
        let update = finding.last_update.map(|day| format!("updated {day}"));
        let parts = [
            finding.platform_text.as_ref().or(finding.platform.as_ref()),
            finding
                .account_name
                .as_ref()
                .or(finding.account_uid.as_ref()),
            finding.unit_name.as_ref().or(finding.unit_code.as_ref()),
            finding.category_text.as_ref(),
            finding.wrong_text.as_ref(),
            update.as_ref(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        let text = format!(
            "{}row {}: {}",
            sheet.unwrap_or_default(),
            finding.row,
            parts.join(" | ")
        );
        self.say(2, &text)?;
        let whose = match &row.whose {
            Whose::Matched { account, unit, by } => match account {
                Some(account) => {
                    format!("→ {}:{}, {unit} (by {by})", account.platform, account.name)
                }
                None => format!("→ {unit} (by {by})"),
            },
            Whose::Ambiguous { candidates } => {
                format!("? several may be meant: {}", listed(candidates))
            }
            Whose::Unmatched { candidates } if candidates.is_empty() => {
                "? nobody in the roster is called so".to_owned()
            }
            Whose::Unmatched { candidates } => {
                format!("? nobody is called so; alike: {}", listed(candidates))
            }
        };
        self.say(4, &whose)
    }
}

fn listed(candidates: &[Likely]) -> String {
    let names = candidates.iter().map(|one| match &one.account {
        Some(account) => format!("{}:{} ({})", account.platform, account.name, one.unit),
        None => one.unit.clone(),
    });
    names.collect::<Vec<String>>().join("、")
}
