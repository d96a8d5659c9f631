//! `duban feedback`: what was done, as a file that a platform takes in

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};
use clap::Args;

use super::out;
use crate::clock::at_local;
use crate::config::Settings;
use crate::error::{Error, Result, closest};
use crate::feedback::file::{self, Form};
use crate::feedback::table;
use crate::message::view::Lens;
use crate::summary::feedback::{Which, handed_in, sheet};

#[derive(Debug, Args)]
pub(super) struct FeedbackOptions {
    /// The source that is told, as its name in the settings
    name: String,
    /// Only what changed on this day or later, YYYY-MM-DD
    #[arg(long)]
    since: Option<NaiveDate>,
    /// Also what stood in a file before
    #[arg(long)]
    all: bool,
    /// Where the file goes; .xlsx or .csv. Without it CSV is printed
    #[arg(long)]
    out: Option<PathBuf>,
    /// Do not remember it: the next file holds the same again
    #[arg(long)]
    look: bool,
    /// Write no file; have the calls made again that failed or were refused
    #[arg(long, conflicts_with_all = ["since", "all", "out", "look"])]
    retry: bool,
}

pub(super) async fn feedback(settings: &Settings, options: FeedbackOptions) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let name = &options.name;
    let Some(feedback) = desk.rules.feedback.get(name) else {
        let told = desk.rules.feedback.keys().map(String::as_str);
        let near = closest(name, told);
        let near = near.map_or_else(
            || "give one a [sources.feedback] table in the settings".to_owned(),
            |(near, _)| format!("did you mean {near:?}?"),
        );
        return Err(Error::Usage(format!(
            "no source {name:?} is told back; {near}"
        )));
    };
    let now = desk.clock.now();
    if options.retry {
        let mut tx = desk.store.begin().await?;
        let again = table::retry(&mut tx, name, now.timestamp_millis()).await?;
        tx.commit().await?;
        out::print(format_args!(
            "{again} calls are made again by the running server"
        ))?;
        return Ok(true);
    }
    let form = match options.out.as_ref().map(|path| path.display().to_string()) {
        None => Form::Csv,
        Some(path) => Form::of(&path)
            .ok_or_else(|| Error::Usage(format!("--out {path}: ends in neither .xlsx nor .csv")))?,
    };
    let midnight = |day| at_local(desk.rules.zone, day, NaiveTime::MIN).timestamp_millis();
    let which = Which {
        since: options.since.map(midnight),
        all: options.all,
        masked: false,
    };
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let lens = Lens::new(&desk.rules, &directory, desk.words.office(), now);
    let sheet = sheet(&mut tx, &lens, (name, feedback), which).await?;
    let bytes = file::write(form, &sheet.headers, &sheet.rows)?;
    match &options.out {
        Some(path) => {
            let shown = path.display().to_string();
            std::fs::write(path, bytes).map_err(Error::io(shown.clone()))?;
            out::print(format_args!("{shown}: {} rows", sheet.rows.len()))?;
        }
        None => {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_start_matches('\u{feff}').trim_end();
            out::print(text.replace("\r\n", "\n"))?;
        }
    }
    if !options.look {
        handed_in(&mut tx, name, &sheet, None, now.timestamp_millis()).await?;
    }
    tx.commit().await?;
    Ok(true)
}
