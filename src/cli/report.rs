//! `duban report`: how well reports were understood, and the office finds an odd one right

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::layout;
use super::list::time;
use super::out::{self, Out};
use crate::clock::from_ms;
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::{Accepted, accept};
use crate::report::quality::{self, Share, Shown};
use crate::store::Tx;

/// Rejected rows that are printed with their places; `--json` has them all.
const REJECTED: usize = 10;
/// Days over which the share matched is told, in ms.
const MONTH_MS: i64 = 30 * DAY_MS;
const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Args)]
pub(super) struct ReportOptions {
    #[command(subcommand)]
    command: ReportCommand,
}

#[derive(Debug, Subcommand)]
enum ReportCommand {
    /// Find a report right that is not as usual: what it does not list is verified after all
    Accept {
        /// Its number, as `duban status` and `duban ingest` say
        number: i64,
    },
    /// Show how well a report was understood: rows, rules, rejected rows, columns, time taken
    Show {
        /// Its number; without one, the newest report of each source
        number: Option<i64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the reports that came, with the share of their findings that was matched
    List {
        /// How many days back, by when they came
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
        days: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn report(settings: &Settings, options: ReportOptions) -> Result<bool> {
    let desk = super::desk(settings).await?;
    match options.command {
        ReportCommand::Accept { number } => right(&desk, number).await,
        ReportCommand::Show { number, json } => show(&desk, number, json).await,
        ReportCommand::List { days, json } => list(&desk, days, json).await,
    }
}

async fn right(desk: &Desk, number: i64) -> Result<bool> {
    let mut tx = desk.store.begin().await?;
    let accepted = accept(&mut tx, number, None, desk.clock.now()).await?;
    tx.commit().await?;
    let refuse = |reason: String| Err(Error::other(reason));
    match accepted {
        Accepted::Done(closed) => {
            let many = if closed == 1 { "" } else { "s" };
            out::print(format_args!(
                "report {number} is right: {closed} issue{many} verified by its silence"
            ))?;
            Ok(true)
        }
        Accepted::Already(_) => {
            out::print(format_args!(
                "report {number} was found right before; nothing changed"
            ))?;
            Ok(true)
        }
        Accepted::Outdated(report) => refuse(format!(
            "report {number} of {} of {}: a newer report came since, which counts; nothing changed",
            report.source, report.date
        )),
        Accepted::Usual => refuse(format!(
            "report {number} is as usual: its silence counts already; nothing changed"
        )),
        Accepted::Unknown => Err(unknown(number)),
    }
}

fn unknown(number: i64) -> Error {
    Error::Usage(format!(
        "no report {number}; `duban report list` shows those that came, with their numbers"
    ))
}

async fn show(desk: &Desk, number: Option<i64>, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let mut shown = Vec::new();
    match number {
        Some(number) => match quality::one(&mut tx, number).await? {
            Some(report) => shown.push(report),
            None => return Err(unknown(number)),
        },
        None => {
            for source in sources(&mut tx).await? {
                shown.extend(quality::newest(&mut tx, &source).await?);
            }
        }
    }
    let mut out = Out::new();
    let mut all = Vec::new();
    for report in &shown {
        let since = desk.clock.now_ms() - MONTH_MS;
        let share = quality::share(&mut tx, &report.source, since).await?;
        if json {
            all.push(as_json(report, share));
            continue;
        }
        for line in page(desk, report, share) {
            out.line(line)?;
        }
    }
    if json {
        out.line(match (number, all.pop()) {
            (Some(_), Some(one)) => one,
            (_, last) => {
                all.extend(last);
                Json::from(all)
            }
        })?;
    } else if shown.is_empty() {
        out.line("there has been no report yet; duban ingest takes one in")?;
    }
    out.flush()?;
    Ok(true)
}

/// The sources that ever gave a report, by name.
async fn sources(tx: &mut Tx) -> Result<Vec<String>> {
    let mut sources = quality::sources(tx).await?;
    sources.sort();
    Ok(sources)
}

/// A row of the page: a word, and what it says.
fn fact(word: &str, said: &str) -> Vec<String> {
    let mut lines = layout::paragraph(said, 12);
    if let Some(first) = lines.first_mut() {
        *first = format!("  {word:<10}{}", first.trim_start());
    }
    lines
}

/// A report on a terminal.
fn page(desk: &Desk, report: &Shown, share: Share) -> Vec<String> {
    let counts = &report.counts;
    let form = super::form(&report.format, report.encoding.as_deref());
    let mut lines = vec![format!(
        "report {} of {}, {}: {} ({form}), {}{}{}",
        report.id,
        report.source,
        report.date,
        report.file_name,
        report.mode,
        if report.late { ", late" } else { "" },
        if report.state == "superseded" {
            ", superseded by another of its day"
        } else {
            ""
        },
    )];
    let mut say = |word: &str, said: String| lines.extend(fact(word, &said));
    let came = desk.local(from_ms(report.received_at));
    let took = counts.took_ms.map_or_else(String::new, |ms| {
        format!(", taken in {}.{:02} s", ms / 1_000, ms % 1_000 / 10)
    });
    say("came", format!("{}{took}", came.format("%Y-%m-%d %H:%M")));
    let rejected = report.rejected.len();
    say(
        "rows",
        format!("{} understood, {rejected} rejected", counts.findings),
    );
    say("matched", matched(report));
    if counts.positive > 0 {
        say("praise", counts.positive.to_string());
    }
    if report.mode != "freshness" {
        say(
            "issues",
            format!(
                "{} opened, {} seen again, {} reopened, {} verified",
                counts.opened, counts.seen_again, counts.reopened, counts.verified
            ),
        );
    }
    let used = counts.columns.used.iter();
    let used: Vec<String> = used
        .map(|(header, field)| format!("{header} = {field}"))
        .collect();
    if !used.is_empty() {
        say("columns", used.join(", "));
    }
    if !counts.columns.kept.is_empty() {
        let kept = counts.columns.kept.join(", ");
        say("kept", format!("{kept} (not known; kept as they are)"));
    }
    if counts.columns.more > 0 {
        say("more", format!("{} more columns", counts.columns.more));
    }
    if let Some(why) = &counts.incomplete {
        say("part", format!("{why}; its silence verified nothing"));
    }
    if report.doubted {
        let right = format!("its silence waits: duban report accept {}", report.id);
        say("odd", right);
    }
    for fault in report.rejected.iter().take(REJECTED) {
        say("rejected", fault.to_string());
    }
    if rejected > REJECTED {
        let more = rejected - REJECTED;
        say(
            "",
            format!(
                "and {more} more; all: duban report show {} --json",
                report.id
            ),
        );
    }
    for note in &report.notes {
        say("note", note.clone());
    }
    if let Some(percent) = share.percent() {
        let Share { matched, of } = share;
        say(
            "30 days",
            format!("{percent} % matched: {matched} of {of} findings of this source"),
        );
    }
    lines
}

/// How many rows were matched by which rules, and how many were not.
fn matched(report: &Shown) -> String {
    let counts = &report.counts;
    let rules = counts.by_rule.iter();
    let rules: Vec<String> = rules.map(|(rule, n)| format!("{rule} {n}")).collect();
    let rules = match rules.is_empty() {
        true => String::new(),
        false => format!(" ({})", rules.join(", ")),
    };
    format!(
        "{}{rules}; {} ambiguous, {} unmatched",
        counts.matched, counts.ambiguous, counts.unmatched
    )
}

fn as_json(report: &Shown, share: Share) -> Json {
    json!({
        "report": report.id, "source": report.source, "date": report.date,
        "file": report.file_name, "format": report.format, "encoding": report.encoding,
        "mode": report.mode, "state": report.state, "late": report.late,
        "doubted": report.doubted, "received_at": time(Some(report.received_at)),
        "counts": report.counts, "rejected": report.rejected, "notes": report.notes,
        "share_30_days": { "matched": share.matched, "of": share.of, "percent": share.percent() },
    })
}

async fn list(desk: &Desk, days: u32, json: bool) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    let since = desk.clock.now_ms() - i64::from(days) * DAY_MS;
    let mut shown = Vec::new();
    for source in sources(&mut tx).await? {
        shown.extend(quality::since(&mut tx, &source, since).await?);
    }
    let mut all = Share::default();
    let counted = |report: &&Shown| report.state == "processed" && report.mode != "freshness";
    for report in shown.iter().filter(counted) {
        all.add(&report.counts);
    }
    if json {
        let of_one = |report: &Shown| {
            let mut share = Share::default();
            share.add(&report.counts);
            json!({
                "report": report.id, "source": report.source, "date": report.date,
                "state": report.state, "received_at": time(Some(report.received_at)),
                "findings": report.counts.findings, "rejected": report.rejected.len(),
                "matched": share.matched, "of": share.of, "percent": share.percent(),
                "took_ms": report.counts.took_ms,
            })
        };
        let reports: Vec<Json> = shown.iter().map(of_one).collect();
        out::print(json!({
            "days": days, "reports": reports,
            "matched": all.matched, "of": all.of, "percent": all.percent(),
        }))?;
        return Ok(true);
    }
    let head = "report,source,day,came,rows,rejected,matched,of,share,state";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for report in &shown {
        let mut share = Share::default();
        share.add(&report.counts);
        let came = desk.local(from_ms(report.received_at));
        let percent = share.percent().map(|percent| format!("{percent} %"));
        rows.push(vec![
            report.id.to_string(),
            report.source.clone(),
            report.date.clone(),
            came.format("%m-%d %H:%M").to_string(),
            report.counts.findings.to_string(),
            report.rejected.len().to_string(),
            share.matched.to_string(),
            share.of.to_string(),
            percent.unwrap_or_else(|| "-".to_owned()),
            report.state.clone(),
        ]);
    }
    let mut out = Out::new();
    for line in layout::table(&rows) {
        out.line(line)?;
    }
    if let Some(percent) = all.percent() {
        out.line(format_args!(
            "{percent} % matched: {} of {} findings in {days} days",
            all.matched, all.of
        ))?;
    }
    out.flush()?;
    Ok(true)
}
