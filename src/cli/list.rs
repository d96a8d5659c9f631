//! `duban issues` and `duban status`

use clap::Args;
use serde_json::{Value as Json, json};

use super::layout;
use super::out::{self, Out};
use crate::clock::from_ms;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::issue::State;
use crate::issue::acts::{self, Act};
use crate::issue::table::{self as issues, Issue};
use crate::message::view::Lens;
use crate::roster::{Roster, Unit};
use crate::summary;

#[derive(Debug, Args)]
pub(super) struct IssuesOptions {
    /// Only this state: open, acknowledged, fix_reported, closed
    #[arg(long)]
    state: Option<String>,
    /// Only this unit, by code or name
    #[arg(long)]
    unit: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn time(ms: Option<i64>) -> Json {
    ms.map_or(Json::Null, |ms| from_ms(ms).to_rfc3339().into())
}

fn state_named(word: &str) -> Result<State> {
    State::parse(word).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.iter().map(|s| s.as_str()).collect();
        Error::Usage(format!(
            "no state {word:?}; there are: {}",
            words.join(", ")
        ))
    })
}

fn unit_named<'a>(roster: &'a Roster, name: &str) -> Result<&'a Unit> {
    let mut units = roster.units.iter();
    let found = units.find(|unit| unit.code == name || unit.name == name);
    found.ok_or_else(|| {
        Error::Usage(format!(
            "no unit {name:?}; `duban roster export` lists codes and names"
        ))
    })
}

pub(super) async fn issues(settings: &Settings, options: IssuesOptions) -> Result<bool> {
    let state = options.state.as_deref().map(state_named).transpose()?;
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let roster = &directory.roster;
    let lens = Lens::new(
        &desk.rules,
        &directory,
        desk.words.office(),
        desk.clock.now(),
    );
    let unit = options.unit.as_deref();
    let unit = unit.map(|name| unit_named(roster, name)).transpose()?;
    let mut rows = issues::all(&mut tx).await?;
    rows.retain(|issue| {
        state.is_none_or(|state| issue.standing.state == state)
            && unit.is_none_or(|unit| issue.unit_id == unit.id)
    });
    let ids: Vec<i64> = rows.iter().map(|issue| issue.id).collect();
    let mut acts = acts::acts_of(&mut tx, &ids).await?;
    let mut list = Vec::new();
    let mut out = Out::new();
    for issue in &rows {
        let acts = acts.remove(&issue.id).unwrap_or_default();
        if !options.json {
            for line in block(&lens, issue, &acts) {
                out.line(line)?;
            }
            continue;
        }
        list.push(json(&lens, issue, &acts));
    }
    if options.json {
        out.line(Json::from(list))?;
    }
    out.flush()?;
    Ok(true)
}

/// All that is known of an issue, with what was done last.
pub(super) fn json(lens: &Lens<'_>, issue: &Issue, acts: &[Act]) -> Json {
    let roster = lens.roster;
    let last = acts.iter().rev().take(5).map(|act| {
        json!({ "verb": act.verb, "at": time(Some(act.at)), "note": act.note,
            "by": act.person_id.and_then(|id| roster.person(id)).map(|p| p.name.clone()) })
    });
    let last: Vec<Json> = last.collect();
    let account = issue.subject().and_then(|id| roster.account(id)).map(
        |account| json!({ "platform": account.platform, "name": account.name, "uid": account.uid }),
    );
    let unit = roster.unit_by_id(issue.unit_id);
    let unit = unit.map(|unit| json!({ "code": unit.code, "name": unit.name }));
    let why = issue.why();
    json!({
        "number": issue.id, "account": account, "unit": unit, "category": issue.category,
        "severity": issue.severity.as_str(), "state": issue.standing.state.as_str(),
        "reason": issue.standing.reason.map(|reason| reason.as_str()),
        "opened_at": time(Some(issue.opened_at)), "due_at": time(issue.due_at),
        "due_why": why.as_ref().map(ToString::to_string), "due_explanation": why,
        "wrong_text": issue.wrong_text, "suggestion": issue.suggestion, "url": issue.url,
        "matched_by": issue.matched_by, "tickets": issue.tickets, "acts": last,
    })
}

/// Where a line of an issue begins below its first one.
pub(super) const INDENT: usize = 4;
/// Between the things that share a line.
const DOT: &str = " · ";

/// An issue on a terminal: what is wrong, whose it is, since when and until when, what was done.
/// What is not known has no line.
pub(super) fn block(lens: &Lens<'_>, issue: &Issue, acts: &[Act]) -> Vec<String> {
    let standing = &issue.standing;
    let mut state = standing.state.as_str().to_owned();
    if let Some(reason) = standing.reason {
        state = format!("{state} ({})", reason.as_str());
    }
    if standing.disputed {
        state.push_str(", disputed");
    }
    let mut severity = issue.severity.as_str().to_owned();
    if issue.urgent {
        severity.push_str(", urgent");
    }
    let first = [
        format!("#{}", issue.id),
        state,
        severity,
        lens.category(&issue.category),
        words(issue),
    ];
    let first = first.join("  ");
    let mut lines: Vec<String> = layout::paragraph(first.trim_end(), INDENT)
        .into_iter()
        .enumerate()
        .map(|(n, line)| match n {
            0 => line.trim_start().to_owned(),
            _ => line,
        })
        .collect();
    let below = [
        Some(whose(lens, issue)),
        issue.title.clone(),
        issue.url.clone(),
        issue
            .tickets
            .as_ref()
            .map(|tickets| format!("work order {tickets}")),
        Some(dates(lens, issue)),
        history(lens, acts),
    ];
    for text in below.into_iter().flatten() {
        lines.extend(layout::paragraph(&text, INDENT));
    }
    lines
}

/// The wrong words and the right ones.
fn words(issue: &Issue) -> String {
    match (&issue.wrong_text, &issue.suggestion) {
        (Some(wrong), Some(right)) => format!("{wrong} → {right}"),
        (wrong, right) => wrong
            .as_ref()
            .or(right.as_ref())
            .cloned()
            .unwrap_or_default(),
    }
}

/// The account with its id, the unit with its code, and the rule that found them.
fn whose(lens: &Lens<'_>, issue: &Issue) -> String {
    let account = issue.subject().and_then(|id| lens.roster.account(id));
    let mut parts = Vec::new();
    if let Some(account) = account {
        let uid = account.uid.as_deref().unwrap_or_default();
        let target = lens.target(issue.subject(), issue.unit_id);
        parts.push(format!("{target} {uid}").trim_end().to_owned());
    }
    let unit = lens.roster.unit_by_id(issue.unit_id);
    let code = unit.map_or("", |unit| unit.code.as_str());
    let name = lens.unit(issue.unit_id);
    parts.push(format!("{code} {name}").trim_start().to_owned());
    parts.push(format!("by {}", issue.matched_by));
    parts.join(DOT)
}

/// When it was opened and is due, whether that is past, and how it came about.
fn dates(lens: &Lens<'_>, issue: &Issue) -> String {
    let day = |ms| {
        from_ms(ms)
            .with_timezone(&lens.rules.zone)
            .format("%Y-%m-%d %H:%M")
    };
    let mut parts = vec![format!("opened {}", day(issue.opened_at))];
    if let Some(due) = issue.due_at {
        let past = issue.overdue(lens.now.timestamp_millis());
        let late = if past { ", overdue" } else { "" };
        parts.push(format!("due {}{late}", day(due)));
    }
    if issue.reopened > 0 {
        parts.push(format!("reopened {}×", issue.reopened));
    }
    parts.extend(issue.why().map(|why| why.to_string()));
    parts.join(DOT)
}

/// What was done last, the newest first.
fn history(lens: &Lens<'_>, acts: &[Act]) -> Option<String> {
    let told = acts.iter().rev().take(5).map(|act| {
        let at = from_ms(act.at).with_timezone(&lens.rules.zone);
        let (at, who) = (at.format("%m-%d %H:%M"), lens.person(act.person_id));
        let note = act.note.as_ref().map(|note| format!(": {note}"));
        format!("{at} {who} {}{}", act.verb, note.unwrap_or_default())
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(DOT))
}

#[derive(Debug, Args)]
pub(super) struct StatusOptions {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn status(settings: &Settings, options: StatusOptions) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let now = desk.clock.now();
    let status = summary::status(&mut tx, &desk.rules, &directory, None, now).await?;
    if options.json {
        out::print(serde_json::to_string(&status)?)?;
    } else {
        let html = desk
            .words
            .office()
            .text("status", minijinja::context! { s => status })?;
        let mut out = Out::new();
        out.line(crate::message::plain(&html))?;
        for report in status
            .reports
            .iter()
            .filter(|report| !report.odd.is_empty())
        {
            out.line(format_args!(
                "report {} of {} is in doubt; if it is right: duban report accept {}",
                report.number, report.source, report.number
            ))?;
        }
        for report in &status.reports {
            for note in &report.reading.notes {
                let (source, date) = (&report.source, &report.date);
                out.line(format_args!("note {source} {date}: {note}"))?;
            }
        }
        out.flush()?;
    }
    Ok(true)
}
