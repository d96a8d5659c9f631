//! Figures for managers and leads, from what was recorded, within their scope.

mod account;
mod acts;
pub mod answer;
pub mod asking;
pub mod changes;
pub mod export;
pub mod feedback;
pub mod found;
mod names;
mod overdue;
pub mod own;
mod person;
mod silent;
pub mod tally;
mod today;
mod top;
pub mod trend;
mod unit;
pub mod workbook;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

use crate::audit::{self, Example};
use crate::clock::{at_local, from_ms};
use crate::error::Result;
use crate::flow::{Directory, Rules, freshness};
use crate::freshness::Standing;
use crate::issue::State;
use crate::issue::request as requests;
use crate::issue::table::{self as issues, Issue};
use crate::matching::table as waiting;
use crate::outbox::table as outbox;
use crate::report::table as reports;
use crate::report::usual::Odd;
use crate::roster::{Person, Role, Roster, Scope, Whose, table as people};
use crate::store::Tx;

/// What was closed is counted over so many days: calendar days.
pub const LATELY: i64 = 30;

/// What a manager sees on `/status`; the JSON of `duban status`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// Whether the scope is everything.
    pub whole: bool,
    /// Whose issues are counted: units' names; `*` for everything.
    pub scope: String,
    /// When, in the office's zone.
    pub at: String,
    /// Issues that are not closed.
    pub live: usize,
    /// Nobody has acknowledged.
    pub open: usize,
    /// Acknowledged, nothing reported.
    pub acknowledged: usize,
    /// Reported fixed, not verified.
    pub fix_reported: usize,
    /// Past due.
    pub overdue: usize,
    /// Due before the end of today.
    pub due_today: usize,
    /// Disputes that wait.
    pub disputed: usize,
    /// Requests for more time or another unit that wait.
    pub requests: usize,
    /// Closed within the last [`LATELY`] days.
    pub closed: i64,
    /// Closed because a report or a manager confirmed the fix.
    pub verified: i64,
    /// Closed because gone, though nobody had reported.
    pub verified_unreported: i64,
    /// Closed as false alarms.
    pub false_alarm: i64,
    /// How many units have live issues.
    pub units: usize,
    /// Those with the most.
    pub top: Vec<UnitLine>,
    /// The newest report of each source; told to those who see everything.
    pub reports: Vec<ReportLine>,
    /// Accounts that have to be updated soon.
    pub stale_soon: usize,
    /// Accounts that were not updated in time.
    pub stale: usize,
    /// Printed names that wait for a person.
    pub waiting: usize,
    /// Operators and leads without a chat.
    pub unbound: usize,
    /// Bound people who cannot be reached.
    pub unreachable: usize,
    /// Live issues of which no operator, nor who stands in, can be told: there is none, or none is
    /// reachable.
    pub unattended: usize,
    /// Notices that will never be delivered; told to those who see everything.
    pub undelivered: i64,
    /// What the last audit found; told to those who see everything.
    pub audit: Option<AuditLine>,
    /// Years whose calendar is not known, though deadlines or the next 60 days touch them; told to
    /// managers.
    pub unknown_years: Vec<i32>,
    /// Platforms that could not be told yet, or not at all.
    pub feedback: Vec<crate::feedback::table::Waits>,
}

/// What the auditor found last.
#[derive(Clone, Debug, Serialize)]
pub struct AuditLine {
    /// When, in the office's zone.
    pub at: String,
    /// What is wrong and needs a person.
    pub wrong: usize,
    /// What was wrong and was repaired.
    pub repaired: usize,
    /// Some of what is wrong.
    pub examples: Vec<Example>,
}

/// One unit's figures.
#[derive(Clone, Debug, Serialize)]
pub struct UnitLine {
    /// Its name.
    pub name: String,
    /// Its live issues.
    pub live: usize,
    /// Those past due.
    pub overdue: usize,
}

/// One report's figures.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportLine {
    /// Its number; 0 where there is none yet.
    pub number: i64,
    /// The source.
    pub source: String,
    /// The day.
    pub date: String,
    /// Rows understood.
    pub findings: u64,
    /// Issues opened.
    pub opened: u64,
    /// Listed again.
    pub seen_again: u64,
    /// Came back.
    pub reopened: u64,
    /// Verified by silence.
    pub verified: u64,
    /// Rows not understood.
    pub rejected: usize,
    /// How it was read: form, encoding, what was left aside.
    #[serde(flatten)]
    pub reading: reports::Reading,
    /// Today's slot is over and today's report has not arrived; the figures are an older one's.
    pub missing: bool,
    /// What is not as usual, as long as nobody found it right.
    pub odd: Vec<Odd>,
    /// Issues that it does not list and that are not verified for that.
    pub unverified: usize,
}

/// The answer about what is not there, or not the asker's: the same for both.
fn nothing(asking: &asking::Asking<'_>, what: &str, name: &str) -> Result<asking::Reply> {
    let context =
        minijinja::context! { h => asking.head(), what => what, name => name, near => false };
    let card = asking.lens.words.card("name_unknown", context)?;
    Ok(asking::Reply::of(card))
}

/// The figures of a person's scope; of everything without one.
pub async fn status(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    person: Option<&Person>,
    now: DateTime<Utc>,
) -> Result<Status> {
    let roster = &directory.roster;
    let local = now.with_timezone(&rules.zone);
    let everything = person.is_none_or(Person::everywhere);
    let mut status = Status {
        at: local.format("%m-%d %H:%M").to_string(),
        whole: everything,
        ..Status::default()
    };
    status.scope = scope_name(roster, person);
    let scope = person.map_or(Scope::All, |person| roster.scope_of(person));
    let live = issues::live_in(tx, &scope).await?;
    let today = local.date_naive();
    let now_ms = now.timestamp_millis();
    let mut units: HashMap<i64, (usize, usize)> = HashMap::new();
    for issue in &live {
        match issue.standing.state {
            State::Open => status.open += 1,
            State::Acknowledged => status.acknowledged += 1,
            State::FixReported => status.fix_reported += 1,
            State::Closed => {}
        }
        let late = issue.overdue(now_ms);
        let due_day = issue.due_at.map(|at| {
            crate::clock::from_ms(at)
                .with_timezone(&rules.zone)
                .date_naive()
        });
        status.overdue += usize::from(late);
        status.due_today += usize::from(!late && due_day == Some(today));
        status.disputed += usize::from(issue.standing.disputed);
        let unit = units.entry(issue.unit_id).or_default();
        unit.0 += 1;
        unit.1 += usize::from(late);
    }
    status.live = live.len();
    if person.is_none_or(|person| person.role == Role::Manager) {
        status.requests = requests::open_in(tx, &scope).await?.len();
    }
    if person.is_none_or(|person| person.role == Role::Manager) {
        status.unknown_years = unknown_years(rules, today, &live);
    }
    status.units = units.len();
    status.top = top(roster, units);
    for one in freshness::all(tx, rules, roster, today).await? {
        let account = Some(one.account.id);
        if person.is_none_or(|person| roster.may_see(person, &one.account.unit, account)) {
            status.stale_soon += usize::from(one.judged.standing == Standing::Soon);
            status.stale += usize::from(one.judged.standing == Standing::Stale);
        }
    }
    let since = now - TimeDelta::days(LATELY);
    for (reason, count) in issues::closed_since(tx, &scope, since.timestamp_millis()).await? {
        status.closed += count;
        match reason.as_deref() {
            Some("verified") => status.verified += count,
            Some("verified_unreported") => status.verified_unreported += count,
            Some("false_alarm") => status.false_alarm += count,
            _ => {}
        }
    }
    let mut days = Vec::new();
    let mut awaited = BTreeSet::new();
    if everything {
        status.waiting = waiting::open(tx).await?.len();
        days = reports::latest(tx).await?;
        status.undelivered = outbox::undelivered(tx).await?;
        status.audit = audit_line(tx, rules).await?;
        status.feedback = crate::feedback::table::waits(tx).await?;
        let midnight = at_local(rules.zone, local.date_naive(), NaiveTime::MIN);
        awaited.extend(reports::awaited(tx, midnight.timestamp_millis()).await?);
    }
    for day in days {
        let counts: serde_json::Value = serde_json::from_str(&day.counts)?;
        let count = |name: &str| counts[name].as_u64().unwrap_or_default();
        let doubt = day.doubt.unwrap_or_default();
        status.reports.push(ReportLine {
            number: day.id,
            odd: doubt.odd,
            unverified: doubt.silent.len(),
            date: day.date,
            findings: count("findings"),
            opened: count("opened"),
            seen_again: count("seen_again"),
            reopened: count("reopened"),
            verified: count("verified"),
            rejected: counts["rejected"].as_array().map_or(0, Vec::len),
            reading: day.reading,
            missing: awaited.remove(&day.source),
            source: day.source,
        });
    }
    // A source that never gave a report is missed as well.
    status
        .reports
        .extend(awaited.into_iter().map(|source| ReportLine {
            source,
            missing: true,
            ..ReportLine::default()
        }));
    let over = |other: &Person| person.is_none_or(|person| roster.is_over(person, other));
    let bindings = people::bindings(tx).await?;
    let bound: HashSet<i64> = bindings.iter().map(|b| b.person_id).collect();
    status.unattended = unattended(roster, &live, &bindings);
    status.unbound = roster
        .people
        .iter()
        .filter(|p| !bound.contains(&p.id) && over(p))
        .count();
    status.unreachable = bindings
        .iter()
        .filter(|b| b.unreachable_since.is_some())
        .filter(|b| roster.person(b.person_id).is_none_or(&over))
        .count();
    Ok(status)
}

/// Whose figures a person sees: units' names; `*` for everything, and without a person.
pub fn scope_name(roster: &Roster, person: Option<&Person>) -> String {
    match person.filter(|person| !person.everywhere()) {
        None => "*".to_owned(),
        Some(person) => {
            let names = person.units.iter().filter_map(|code| roster.unit(code));
            let names: Vec<&str> = names.map(|unit| unit.name.as_str()).collect();
            names.join("、")
        }
    }
}

async fn audit_line(tx: &mut Tx, rules: &Rules) -> Result<Option<AuditLine>> {
    let last = audit::table::last(tx).await?;
    Ok(last.map(|last| AuditLine {
        at: from_ms(last.at)
            .with_timezone(&rules.zone)
            .format("%m-%d %H:%M")
            .to_string(),
        wrong: last.wrong,
        repaired: last.repaired,
        examples: last.examples,
    }))
}

/// How many live issues have no operator who can be told.
fn unattended(roster: &Roster, live: &[Issue], bindings: &[people::Binding]) -> usize {
    let reached = bindings.iter().filter(|b| b.unreachable_since.is_none());
    let reached: HashSet<i64> = reached.map(|b| b.person_id).collect();
    let mut known: HashMap<Whose, bool> = HashMap::new();
    let mut attended = |issue: &Issue| {
        let whose = issue.whose();
        *known.entry(whose).or_insert_with(|| {
            let operating = roster.operating(whose);
            operating.iter().any(|one| reached.contains(&one.id))
        })
    };
    live.iter().filter(|issue| !attended(issue)).count()
}

/// Years whose calendar is not known and matters: the next 60 days, and the spans of live deadlines.
fn unknown_years(rules: &Rules, today: NaiveDate, live: &[Issue]) -> Vec<i32> {
    let calendar = &rules.deadlines.calendar;
    let day = |ms: i64| from_ms(ms).with_timezone(&rules.zone).date_naive();
    let ahead = calendar.unknown_years(today, today + TimeDelta::days(60));
    let mut years: BTreeSet<i32> = ahead.into_iter().collect();
    for issue in live {
        if let Some(due) = issue.due_at.map(day) {
            let told = issue.told_at.map_or(due, day);
            years.extend(calendar.unknown_years(told.min(due), due));
        }
    }
    years.into_iter().collect()
}

fn top(roster: &Roster, units: HashMap<i64, (usize, usize)>) -> Vec<UnitLine> {
    let mut lines: Vec<UnitLine> = units
        .into_iter()
        .map(|(id, (live, overdue))| UnitLine {
            name: roster
                .unit_by_id(id)
                .map_or_else(|| format!("#{id}"), |u| u.name.clone()),
            live,
            overdue,
        })
        .collect();
    lines.sort_by(|a, b| (b.live, b.overdue, &a.name).cmp(&(a.live, a.overdue, &b.name)));
    lines.truncate(5);
    lines
}
