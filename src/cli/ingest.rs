//! `duban ingest`

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::out::{self, Out};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow::{self, Incoming, Outcome};
use crate::report::folder;
use crate::report::table::{self as reports, Reading};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The source whose report it is, by its name in the settings
    #[arg(long)]
    source: String,
    /// The report's day (2021-06-30); else the one in its name, else today
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
    /// The report: JSON or JSON lines, CSV, XLSX, a page, a Word document, or a ZIP of these
    file: PathBuf,
}

pub(super) async fn ingest(settings: &Settings, options: Options) -> Result<bool> {
    let source = super::source::named(settings, &options.source)?;
    let shown = options.file.display().to_string();
    let bytes = folder::read_file(source, options.file.clone()).await?;
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    tx.commit().await?;
    let file_name = options
        .file
        .file_name()
        .map_or(shown, |n| n.to_string_lossy().into_owned());
    let incoming = Incoming {
        source,
        file_name: &file_name,
        bytes: bytes.into(),
        date: options.date,
    };
    let now = desk.clock.now();
    let outcome = flow::process(&desk.store, &desk.rules, &directory, incoming, now).await?;
    let mut tx = desk.store.read().await?;
    let reading = reports::reading(&mut tx, outcome.report).await?;
    drop(tx);
    desk.store.close().await;
    let reading = reading.ok_or_else(|| Error::other("the report is not in the store"))?;
    if options.json {
        let told = Told {
            outcome: &outcome,
            reading: &reading,
        };
        out::print(serde_json::to_string(&told)?)?;
    } else {
        tell(&outcome, &reading)?;
    }
    Ok(true)
}

/// What became of a report, and how it was read.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    #[serde(flatten)]
    reading: &'a Reading,
}

fn tell(outcome: &Outcome, reading: &Reading) -> Result<()> {
    let mut out = Out::new();
    let form = super::form(&reading.format, reading.encoding.as_deref());
    if outcome.duplicate {
        out.line(format_args!(
            "report {} had come before ({}, {form}); nothing changed",
            outcome.report, outcome.date
        ))?;
        return out.flush();
    }
    out.line(format_args!(
        "report {} of {}, {} ({form}): {} findings = {} matched + {} ambiguous + {} unmatched + {} praise",
        outcome.report,
        outcome.source,
        outcome.date,
        outcome.findings,
        outcome.matched,
        outcome.ambiguous,
        outcome.unmatched,
        outcome.positive
    ))?;
    out.line(format_args!(
        "issues: {} opened, {} seen again, {} reopened, {} verified; {} rows rejected",
        outcome.opened,
        outcome.seen_again,
        outcome.reopened,
        outcome.verified,
        outcome.rejected.len()
    ))?;
    for odd in &outcome.odd {
        out.line(format_args!("odd: {odd}"))?;
    }
    if !outcome.odd.is_empty() {
        out.line(format_args!(
            "{} issues that it does not list are not verified, until somebody finds the report right: \
             duban report accept {}",
            outcome.unverified, outcome.report
        ))?;
    }
    for fault in &outcome.rejected {
        out.line(format_args!("  {fault}"))?;
    }
    for note in &reading.notes {
        out.line(format_args!("note {note}"))?;
    }
    out.flush()
}
