//! `duban check`: what is wrong, where, and what to do.

use std::collections::HashSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use teloxide::prelude::Requester as _;

use super::out::Out;
use crate::channel::{Failure, classify};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::Result;
use crate::report::decode;
use crate::report::folder::Looked;
use crate::report::source::{self, Fetched, Memory, SourceKind, SourceSettings};
use crate::roster::{Roster, audit, names, table};
use crate::schedule::cron::Schedule;

/// Prints one line a check; false if serving would fail.
pub(super) async fn check(settings: &Settings) -> Result<bool> {
    let mut said = Said {
        out: Out::new(),
        good: true,
    };
    said.fine("settings")?;
    let token = settings.token();
    if let Err(error) = &token {
        said.fail(format_args!("token: {error}"))?;
    }
    let desk = super::desk(settings).await?;
    if desk.store.schema_is_current().await? {
        said.fine("database and its schema")?;
    } else {
        said.fail("database: its schema is not the one of this duban; use the newest one")?;
    }
    let roster = said.roster(&desk).await?;
    said.policy(&desk, &roster)?;
    said.calendar(&desk)?;
    let vocabulary = &desk.rules.vocabulary;
    let mut uncovered = settings.unknown_platforms(vocabulary);
    uncovered.extend(settings.unknown_areas(&roster));
    uncovered.extend(settings.unknown_fields(vocabulary));
    for fault in uncovered {
        said.fail(fault)?;
    }
    if let Some(listen) = settings.http.listen {
        said.listen(listen).await?;
    }
    if token.is_ok() {
        match desk.bot.get_me().await {
            Ok(me) => said.fine(format_args!("bot: {}", me.user.first_name))?,
            Err(error) => said.fail(format_args!("bot: {}", unanswered(&classify(&error))))?,
        }
    }
    if settings.sources.is_empty() {
        said.note("no [[sources]]: reports come by `duban ingest` only")?;
    }
    for source in &settings.sources {
        said.source(&desk, source).await?;
    }
    Ok(said.good)
}

/// Why Telegram did not say who the bot is, and what to do.
fn unanswered(failure: &Failure) -> String {
    let reach = "check telegram.api_url, telegram.proxy and the network";
    match failure {
        Failure::Dead(why) | Failure::Unreachable(why) => {
            format!("Telegram refuses the token ({why}); @BotFather tells the right one")
        }
        Failure::Flood(_) => format!("{failure}; try again then"),
        Failure::Retry(_, why) | Failure::Unknown(why) => format!("{why}; {reach}"),
        Failure::Migrated(_) | Failure::NotModified => {
            format!("the answer makes no sense; {reach}")
        }
    }
}

/// What was said so far, and whether all of it was good.
struct Said {
    out: Out,
    good: bool,
}

impl Said {
    fn line(&mut self, mark: &str, text: impl Display) -> Result<()> {
        self.out.line(format_args!("{mark} {text}"))?;
        self.out.flush()
    }

    fn fine(&mut self, text: impl Display) -> Result<()> {
        self.line("ok  ", text)
    }

    fn note(&mut self, text: impl Display) -> Result<()> {
        self.line("note", text)
    }

    fn fail(&mut self, text: impl Display) -> Result<()> {
        self.good = false;
        self.line("FAIL", text)
    }

    async fn roster(&mut self, desk: &Desk) -> Result<Roster> {
        let mut tx = desk.store.read().await?;
        let roster = table::load(&mut tx).await?;
        let bound: HashSet<i64> = table::bindings(&mut tx)
            .await?
            .iter()
            .map(|b| b.person_id)
            .collect();
        drop(tx);
        let (units, accounts) = (roster.units.len(), roster.accounts.len());
        let people = roster.people.len();
        let text = format!("roster: {units} units, {accounts} accounts, {people} people");
        if units == 0 || people == 0 {
            self.fail(format_args!(
                "{text}; fill it with: duban roster import FILE"
            ))?;
        } else {
            self.fine(text)?;
        }
        let problems = audit::problems(&roster, &bound);
        for problem in problems.iter().take(20) {
            self.note(problem)?;
        }
        if problems.len() > 20 {
            self.note(format_args!("… and {} more", problems.len() - 20))?;
        }
        for double in names::doubles_told(&roster.people) {
            self.note(double)?;
        }
        Ok(roster)
    }

    /// The areas of the policy, which the roster has to know.
    fn policy(&mut self, desk: &Desk, roster: &Roster) -> Result<()> {
        let policy = &desk.rules.deadlines.policy;
        match policy.check_areas(roster) {
            Ok(()) => {
                let (rows, file) = (policy.rows.len(), &policy.file);
                let hours = match policy.hours.rows.len() {
                    0 => String::new(),
                    hours => format!(", hours of {hours} units and people"),
                };
                self.fine(format_args!("policy: {rows} rows of {file}{hours}"))
            }
            Err(error) => self.fail(format_args!("policy: {error}")),
        }
    }

    /// Which years are known, and from when on Monday to Friday is only assumed.
    fn calendar(&mut self, desk: &Desk) -> Result<()> {
        let calendar = &desk.rules.deadlines.calendar;
        let years: Vec<String> = calendar.known_years().iter().map(i32::to_string).collect();
        let local = match calendar.local_days() {
            0 => String::new(),
            days => format!(", {days} local days"),
        };
        self.fine(format_args!("calendar: {}{local}", years.join(", ")))?;
        let today = desk.local(desk.clock.now()).date_naive();
        for year in calendar.unknown_years(today, today + TimeDelta::days(365)) {
            self.note(format_args!(
                "calendar: {year} is not known: Monday to Friday is assumed, from 22 December {} on; \
                 put {year}.json of NateScarlet/holiday-cn into the folder of [data] calendar when \
                 the notice is out (October or November), then see duban policy apply --dry-run",
                year - 1
            ))?;
        }
        Ok(())
    }

    /// Whether the address is free for serving.
    async fn listen(&mut self, listen: SocketAddr) -> Result<()> {
        match tokio::net::TcpListener::bind(listen).await {
            Ok(_) => self.fine(format_args!("http.listen = {listen}: free")),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                let who = if served(listen).await {
                    "a running duban answers there, beside which a second one cannot serve"
                } else {
                    "stop the program that listens there, or choose another port"
                };
                self.fail(format_args!("http.listen = {listen}: is in use; {who}"))
            }
            Err(error) => self.fail(format_args!(
                "http.listen = {listen}: cannot be listened on ({error}); name an address of \
                 this machine and a port that this user may take"
            )),
        }
    }

    async fn source(&mut self, desk: &Desk, source: &SourceSettings) -> Result<()> {
        let name = &source.name;
        let next = source
            .schedule
            .as_deref()
            .and_then(|text| Schedule::parse(text, desk.rules.zone).ok())
            .and_then(|schedule| schedule.next_after(desk.clock.now()));
        match next {
            Some(at) => self.note(format_args!("source {name}: next at {}", desk.local(at)))?,
            None if matches!(source.kind, SourceKind::Push | SourceKind::Upload) => {}
            None if source.watch => self.note(format_args!("source {name}: watched"))?,
            None => self.note(format_args!(
                "source {name}: has no schedule, so nothing is pulled by itself; \
                 set schedule = \"30 8 * * *\", or use duban ingest"
            ))?,
        }
        match source.kind {
            SourceKind::Push => {
                return self.fine(format_args!(
                    "source {name}: waits for POST {} on http.listen with its token",
                    crate::http::REPORTS_PATH
                ));
            }
            SourceKind::Upload => {
                return self.fine(format_args!(
                    "source {name}: waits for files that managers send to the bot"
                ));
            }
            SourceKind::Http | SourceKind::Folder | SourceKind::Mailbox => {}
        }
        let today = desk.local(desk.clock.now()).date_naive();
        let memory = Memory {
            looked: &Looked::default(),
            clock: &desk.clock,
        };
        match source::fetch(source, (None, None), memory, today).await {
            Ok(brought) if brought.files.is_empty() && brought.faults.is_empty() => {
                self.fine(format_args!("source {name}: reachable, nothing there"))
            }
            Ok(brought) => {
                for file in &brought.files {
                    self.report(desk, source, file, today)?;
                }
                for fault in &brought.faults {
                    self.fail(format_args!("source {name}: {fault}"))?;
                }
                Ok(())
            }
            Err(error) => self.fail(error),
        }
    }

    fn report(
        &mut self,
        desk: &Desk,
        source: &SourceSettings,
        file: &Fetched,
        today: NaiveDate,
    ) -> Result<()> {
        let options = source.decoding(&file.file_name, today, desk.rules.zone);
        let about = format!("source {}: {}", source.name, file.file_name);
        match decode::decode(&file.bytes, &options, &desk.rules.vocabulary) {
            Ok(decoded) => {
                let encoding = decoded.encoding.as_deref();
                self.fine(format_args!(
                    "{about}: {}: {} findings, {} rejected",
                    super::form(decoded.format.as_str(), encoding),
                    decoded.findings.len(),
                    decoded.rejected.len()
                ))?;
                for note in &decoded.notes {
                    self.note(format_args!("{about}: {note}"))?;
                }
                Ok(())
            }
            Err(fault) => self.fail(format_args!("source {}: {fault}", source.name)),
        }
    }
}

/// Whether what listens there answers as duban does.
async fn served(listen: SocketAddr) -> bool {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(2))
        .no_proxy()
        .build();
    let Ok(client) = client else { return false };
    match client.get(format!("http://{listen}/healthz")).send().await {
        Ok(answer) => answer.text().await.is_ok_and(|t| t.contains("\"notices\"")),
        Err(_) => false,
    }
}
