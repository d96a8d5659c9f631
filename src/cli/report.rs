//! `duban report accept`: the office finds an odd report right

use clap::{Args, Subcommand};

use super::out;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow::{Accepted, accept};

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
}

pub(super) async fn report(settings: &Settings, options: ReportOptions) -> Result<bool> {
    let ReportCommand::Accept { number } = options.command;
    let desk = super::desk(settings).await?;
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
        Accepted::Unknown => Err(Error::Usage(format!(
            "no report {number}; `duban status` shows the newest of each source with its number"
        ))),
    }
}
