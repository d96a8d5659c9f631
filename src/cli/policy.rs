//! `duban policy`: the table of deadlines, and moving running issues to a changed one

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::app;
use crate::clock::from_ms;
use crate::config::Settings;
use crate::error::Result;
use crate::flow::{Move, due_moves, move_due};
use crate::issue::amount::Unit;
use crate::issue::policy::Row;

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
    let unit = amount.unit.as_str().replace('_', " ");
    let unit = match amount.amount {
        1 => unit.trim_end_matches('s'),
        _ => unit.as_str(),
    };
    [
        format!("{} {unit}", amount.amount),
        row.clock.as_str().to_owned(),
        cut_off,
    ]
}

fn show(settings: &Settings, json: bool) -> Result<bool> {
    let rules = app::rules(settings)?;
    let policy = &rules.deadlines.policy;
    let office = &settings.office;
    if json {
        let mut table = serde_json::to_value(policy)?;
        table["office"] = json!({ "cut_off": office.cut_off, "work_end": office.work_end });
        println!("{table}");
        return Ok(true);
    }
    let built_in = if settings.data.policy.is_none() {
        " (built in)"
    } else {
        ""
    };
    println!(
        "{}{built_in}; the first row that fits is the one",
        policy.file
    );
    println!(
        "{:<5}{:<44}{:<20}{:<11}cut-off",
        "row", "for", "how long", "clock"
    );
    for row in &policy.rows {
        let [amount, clock, cut_off] = gives(row, &office.cut_off);
        let keys = row.keys.to_string();
        println!("{:<5}{keys:<44}{amount:<20}{clock:<11}{cut_off}", row.line);
    }
    for report in &policy.reports {
        let due = match report.time {
            Some(time) => format!("{} {}", report.due, time.format("%H:%M")),
            None => format!("{} {}", report.due, office.work_end),
        };
        let name = format!("report of {} of {}", report.source, report.date);
        println!("{:<5}{name:<44}until {due}", report.line);
    }
    Ok(true)
}

async fn apply(settings: &Settings, dry_run: bool, json: bool) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let now = desk.clock.now();
    let mut tx = desk.store.begin().await?;
    let roster = desk.directory(&mut tx).await?.roster;
    desk.rules.deadlines.policy.check_areas(&roster)?;
    let (moves, running) = due_moves(&mut tx, &desk.rules, &roster).await?;
    if !dry_run {
        move_due(&mut tx, &desk.rules, &moves, now).await?;
        tx.commit().await?;
    }
    let past = |one: &Move| {
        let mut moved = one.issue.clone();
        moved.due_at = one.to.due;
        moved.overdue(now.timestamp_millis())
    };
    if json {
        let time = |ms: Option<i64>| {
            let at = ms.map(|ms| from_ms(ms).with_timezone(&desk.rules.zone));
            at.map_or(Json::Null, |at| at.to_rfc3339().into())
        };
        let moves: Vec<Json> = moves
            .iter()
            .map(|one| {
                json!({ "number": one.issue.id, "old_due_at": time(one.issue.due_at),
                    "new_due_at": time(one.to.due), "overdue": past(one),
                    "why": one.why.to_string(), "explanation": one.why })
            })
            .collect();
        println!(
            "{}",
            json!({ "dry_run": dry_run, "running": running, "moves": moves })
        );
        return Ok(true);
    }
    let time = |ms: Option<i64>| {
        let at = ms.map(|ms| from_ms(ms).with_timezone(&desk.rules.zone));
        at.map_or_else(
            || "none".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M").to_string(),
        )
    };
    for one in &moves {
        let overdue = if past(one) { "  (overdue at once)" } else { "" };
        let (old, new) = (time(one.issue.due_at), time(one.to.due));
        println!("#{}  {old} → {new}{overdue}  {}", one.issue.id, one.why);
    }
    let done = if dry_run {
        "would move; nothing was changed"
    } else {
        "moved"
    };
    println!("{} of {running} running issues {done}", moves.len());
    Ok(true)
}
