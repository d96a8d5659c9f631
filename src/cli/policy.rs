//! `duban policy`: the table of deadlines, and moving running issues to a changed one

use chrono::NaiveTime;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::out::{self, Out};
use crate::app;
use crate::clock::from_ms;
use crate::config::{Office, Settings};
use crate::desk::Desk;
use crate::error::Result;
use crate::flow::{Move, due_moves, move_due};
use crate::hours::{Row as HoursRow, Window};
use crate::issue::amount::Unit;
use crate::issue::policy::{Policy, Row};

#[derive(Debug, Args)]
pub(super) struct PolicyOptions {
    #[command(subcommand)]
    command: Option<PolicyCommand>,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Print the table that is in effect
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Move the deadlines of running issues to what policy and calendar say now
    Apply {
        /// Only say what would move
        #[arg(long)]
        dry_run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn policy(settings: &Settings, options: PolicyOptions) -> Result<bool> {
    match options.command {
        None => show(settings, false),
        Some(PolicyCommand::Show { json }) => show(settings, json),
        Some(PolicyCommand::Apply { dry_run, json }) => apply(settings, dry_run, json).await,
    }
}

/// What a row gives: how long, from which clock, with which cut-off.
fn gives(row: &Row, office: &str) -> [String; 3] {
    let Some(amount) = row.amount else {
        return ["no deadline".to_owned(), "-".to_owned(), "-".to_owned()];
    };
    let cut_off = match (row.cut_off, amount.unit) {
        (Some(time), _) => time.format("%H:%M").to_string(),
        (None, Unit::WorkingDays) => format!("{office} (office)"),
        (None, _) => "-".to_owned(),
    };
    [amount.to_string(), row.clock.as_str().to_owned(), cut_off]
}

fn show(settings: &Settings, json: bool) -> Result<bool> {
    let rules = app::rules(settings)?;
    let policy = &rules.deadlines.policy;
    let office = &settings.office;
    if json {
        let mut table = serde_json::to_value(policy)?;
        table["office"] = json!({
            "cut_off": office.cut_off, "work_start": office.work_start, "work_end": office.work_end,
            "send_after": rules.window.after, "send_until": rules.window.until,
            "send_days": rules.window.days,
        });
        out::print(table)?;
        return Ok(true);
    }
    let built_in = if settings.data.policy.is_none() {
        " (built in)"
    } else {
        ""
    };
    let mut out = Out::new();
    let file = &policy.file;
    out.line(format_args!(
        "{file}{built_in}; the first row that fits is the one"
    ))?;
    let mut line = |[row, keys, amount, clock, cut_off]: [&str; 5]| {
        let text = format!("{row:<5}{keys:<44}{amount:<20}{clock:<11}{cut_off}");
        out.line(text.trim_end())
    };
    line(["row", "for", "how long", "clock", "cut-off"])?;
    for row in &policy.rows {
        let [amount, clock, cut_off] = gives(row, &office.cut_off);
        let (at, keys) = (row.line.to_string(), row.keys.to_string());
        line([&at, &keys, &amount, &clock, &cut_off])?;
    }
    for report in &policy.reports {
        let time = report.time.map(|time| time.format("%H:%M").to_string());
        let time = time.as_ref().unwrap_or(&office.work_end);
        let name = format!("report of {} of {}", report.source, report.date);
        let until = format!("until {} {time}", report.due);
        line([&report.line.to_string(), &name, &until, "", ""])?;
    }
    ladders(&mut out, policy)?;
    out.line("")?;
    let limits = policy.limits;
    out.line(format_args!("more time at most: {}", limits.extension))?;
    out.line(format_args!(
        "a reported fix is listed for managers after: {}",
        limits.verification
    ))?;
    hours(&mut out, policy, rules.window, office)?;
    out.flush()?;
    Ok(true)
}

/// When notices go out and when units work, a row a line; the office's first.
fn hours(out: &mut Out, policy: &Policy, window: Window, office: &Office) -> Result<()> {
    out.line("")?;
    out.line("hours: the nearest row is the one; what it leaves out is taken from the unit above, or the office")?;
    let span = |(from, to): (NaiveTime, NaiveTime)| {
        format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"))
    };
    let mut line = |[row, whose, send, days, work]: [&str; 5]| {
        let text = format!("{row:<5}{whose:<28}{send:<14}{days:<10}{work}");
        out.line(text.trim_end())
    };
    line(["row", "for", "notices", "days", "work, cut-off"])?;
    let work = format!(
        "{}-{}, {}",
        office.work_start, office.work_end, office.cut_off
    );
    let send = span((window.after, window.until));
    line(["-", "the office", &send, window.days.as_str(), &work])?;
    let of = |row: &HoursRow| {
        let (key, code) = row.whose.named();
        let work = row.work.map(|work| {
            let cut_off = work
                .cut_off
                .map(|time| format!(", {}", time.format("%H:%M")));
            format!(
                "{}{}",
                span((work.start, work.end)),
                cut_off.unwrap_or_default()
            )
        });
        let send = row.send.map(span);
        let days = row.days.map(|days| days.as_str().to_owned());
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        (
            row.line.to_string(),
            format!("{key} {code}"),
            or(send),
            or(days),
            or(work),
        )
    };
    for row in &policy.hours.rows {
        let (at, whose, send, days, work) = of(row);
        line([&at, &whose, &send, &days, &work])?;
    }
    Ok(())
}

/// The ladders, a step a line.
fn ladders(out: &mut Out, policy: &Policy) -> Result<()> {
    out.line("")?;
    out.line("the ladder: whom the clock makes us tell; the first row that fits is the one")?;
    for ladder in &policy.ladders {
        let row = match ladder.line {
            0 => "-".to_owned(),
            line => line.to_string(),
        };
        let urgent = if ladder.urgent { "  at any hour" } else { "" };
        let built_in = if ladder.line == 0 { "  (built in)" } else { "" };
        out.line(format_args!("{row:<5}{}{urgent}{built_in}", ladder.keys))?;
        for step in &ladder.steps {
            out.line(format_args!("     {step}"))?;
        }
        if ladder.steps.is_empty() {
            out.line("     nobody is told of anything")?;
        }
    }
    Ok(())
}

async fn apply(settings: &Settings, dry_run: bool, json: bool) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let mut tx = if dry_run {
        desk.store.read().await?
    } else {
        desk.store.begin().await?
    };
    let roster = desk.directory(&mut tx).await?.roster;
    desk.rules.deadlines.policy.check_areas(&roster)?;
    let (moves, running) = due_moves(&mut tx, &desk.rules, &roster).await?;
    if !dry_run {
        move_due(&mut tx, &desk.rules, &moves, desk.clock.now()).await?;
        tx.commit().await?;
    }
    if json {
        let moves: Vec<Json> = moves.iter().map(|one| as_json(&desk, one)).collect();
        out::print(json!({ "dry_run": dry_run, "running": running, "moves": moves }))?;
        return Ok(true);
    }
    let mut out = Out::new();
    let time = |ms: Option<i64>| {
        let at = ms.map(|ms| desk.local(from_ms(ms)));
        at.map_or_else(
            || "none".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M").to_string(),
        )
    };
    for one in &moves {
        let late = if past(&desk, one) {
            "  (overdue at once)"
        } else {
            ""
        };
        let (number, old, new) = (one.issue.id, time(one.issue.due_at), time(one.to.due));
        if one.issue.due_at == one.to.due {
            out.line(format_args!("#{number}  {old}, another ladder"))?;
            continue;
        }
        out.line(format_args!("#{number}  {old} → {new}{late}  {}", one.why))?;
    }
    let done = if dry_run {
        "would move; nothing was changed"
    } else {
        "moved"
    };
    out.line(format_args!(
        "{} of {running} running issues {done}",
        moves.len()
    ))?;
    out.flush()?;
    Ok(true)
}

/// Whether the issue is overdue as soon as it has moved.
fn past(desk: &Desk, one: &Move) -> bool {
    let mut moved = one.issue.clone();
    moved.due_at = one.to.due;
    moved.overdue(desk.clock.now_ms())
}

fn as_json(desk: &Desk, one: &Move) -> Json {
    let time = |ms: Option<i64>| {
        let at = ms.map(|ms| desk.local(from_ms(ms)));
        at.map_or(Json::Null, |at| at.to_rfc3339().into())
    };
    json!({
        "number": one.issue.id, "old_due_at": time(one.issue.due_at),
        "new_due_at": time(one.to.due), "overdue": past(desk, one),
        "next_step_at": time(one.to.step),
        "why": one.why.to_string(), "explanation": one.why,
    })
}
