//! `duban calendar`: a year's working days, and how a due date comes about

use std::path::Path;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};
use clap::Args;
use serde_json::{Value as Json, json};

use super::out;
use crate::app;
use crate::calendar::{Run, Year};
use crate::clock::{Clock, at_local};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::issue::amount::{Amount, Unit};
use crate::issue::due::Deadlines;
use crate::issue::why::span;

#[derive(Debug, Args)]
pub(super) struct CalendarOptions {
    /// The year; this one without it
    #[arg(value_parser = clap::value_parser!(i32).range(1900..=2200))]
    year: Option<i32>,
    /// Explain when AMOUNT (3wd, 3工作日, 24h, 5d) from FROM (2026-09-30T16:20 or 2026-09-30) is due
    #[arg(long, num_args = 2, value_names = ["FROM", "AMOUNT"])]
    due: Option<Vec<String>>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Works without a settings file too: then by the hours and the calendar that are built in.
pub(super) fn calendar(path: &Path, options: CalendarOptions) -> Result<bool> {
    let settings = if path.exists() {
        Settings::load(path, super::environment()?.into_iter())?
    } else {
        Settings::read("", "the environment", super::environment()?.into_iter())?
    };
    let rules = app::rules(&settings)?;
    let deadlines = &rules.deadlines;
    let this_year = Clock::system().now().with_timezone(&rules.zone).year();
    let wanted = options.year.or(options.due.is_none().then_some(this_year));
    let year = wanted.map(|year| deadlines.calendar.year(year));
    let due = match options.due.as_deref() {
        Some([from, amount]) => Some(due(deadlines, from, amount)?),
        _ => None,
    };
    let text = if options.json {
        let mut object = year.map_or_else(|| Ok(json!({})), serde_json::to_value)?;
        if let Some(due) = due {
            object["due"] = due;
        }
        format!("{object}\n")
    } else {
        let mut text = year.as_ref().map(glance).unwrap_or_default();
        if let Some(due) = due {
            let part = |key: &str| due[key].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!("due {}\n    {}\n", part("due"), part("why")));
        }
        text
    };
    out::print(text.trim_end())?;
    Ok(true)
}

fn runs(runs: &[Run]) -> String {
    let words = runs.iter().map(|run| {
        let local = if run.local { " (local)" } else { "" };
        let name = format!("{} {}", span((run.from, run.to)), run.name);
        format!("{}{local}", name.trim_end())
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A year as text: a line a month.
fn glance(year: &Year) -> String {
    let (name, days) = (year.year, year.working_days);
    let mut text = match (year.known, year.unsure_from) {
        (false, _) => format!(
            "{name}: not known, Monday to Friday assumed; {days} working days\n\
             (put {name}.json of NateScarlet/holiday-cn into the folder of [data] calendar)\n"
        ),
        (true, None) => format!("{name}: {days} working days\n"),
        (true, Some(day)) => format!(
            "{name}: {days} working days; the notice of {}, which may change days from {} on, is not \
             known\n",
            name + 1,
            day.format("%-d %b")
        ),
    };
    for month in &year.months {
        let first = NaiveDate::from_ymd_opt(name, month.month, 1).unwrap_or_default();
        text.push_str(&format!(
            "{}  {:>2}",
            first.format("%b"),
            month.working_days
        ));
        for (what, days) in [("off", &month.off), ("make-up", &month.make_up)] {
            if !days.is_empty() {
                text.push_str(&format!("  {what}: {}", runs(days)));
            }
        }
        text.push('\n');
    }
    text
}

/// When an amount from a time is due, with the explanation.
fn due(deadlines: &Deadlines, from: &str, amount: &str) -> Result<Json> {
    let amount: Amount = amount.parse().map_err(Error::Usage)?;
    let local = local_time(deadlines, from).ok_or_else(|| {
        Error::Usage(format!(
            "{from:?} is no time; write 2026-09-30T16:20 or 2026-09-30"
        ))
    })?;
    let from = at_local(deadlines.zone, local.date(), local.time());
    let cut_off = Some(deadlines.work.cut_off).filter(|_| amount.unit == Unit::WorkingDays);
    let (at, counted) = deadlines.count(amount, from, cut_off, deadlines.work.end);
    let due = at.with_timezone(&deadlines.zone);
    Ok(json!({
        "from": from.with_timezone(&deadlines.zone).to_rfc3339(),
        "amount": amount.amount, "unit": amount.unit,
        "due_at": due.to_rfc3339(), "due": due.format("%a %-d %b %Y %H:%M").to_string(),
        "why": counted.to_string(), "explanation": counted,
    }))
}

/// A day without an hour is its beginning of work.
fn local_time(deadlines: &Deadlines, text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().replace(' ', "T");
    let day = text.parse::<NaiveDate>();
    let at = match day {
        Ok(day) => Some(day.and_time(deadlines.work.start)),
        Err(_) => ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok()),
    };
    at.filter(|at| (1900..=2200).contains(&at.year()))
}
