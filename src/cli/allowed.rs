//! `duban allowed`: the wordings that managers ruled right, and taking them off the list

use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::list::time;
use super::out::{self, Out};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::issue::allowed::{self, Allowed};
use crate::message::view::Lens;

#[derive(Debug, Subcommand)]
pub(super) enum AllowedCommand {
    /// List them: number, wording, where, by whose dispute
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take wordings off the list: all of those named, or none
    Remove {
        /// Their numbers in the list
        #[arg(required = true)]
        ids: Vec<i64>,
    },
}

pub(super) async fn allowed(settings: &Settings, command: AllowedCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let done = match command {
        AllowedCommand::List { json } => list(&desk, json).await,
        AllowedCommand::Remove { ids } => remove(&desk, &ids).await,
    };
    desk.store.close().await;
    done.map(|()| true)
}

async fn list(desk: &Desk, json: bool) -> Result<()> {
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let lens = Lens::new(
        &desk.rules,
        &directory,
        desk.words.office(),
        desk.clock.now(),
    );
    let all = allowed::all(&mut tx).await?;
    let place = |one: &Allowed| one.account_id.map(|id| lens.target(Some(id), 0));
    let by = |one: &Allowed| lens.person(Some(one.by));
    if json {
        let rows = all.iter().map(|one| {
            json!({
                "id": one.id, "wording": one.printed, "account": place(one), "issue": one.issue_id,
                "by": by(one), "at": time(Some(one.at)),
            })
        });
        out::print(Json::from(rows.collect::<Vec<Json>>()))?;
        return Ok(());
    }
    let mut out = Out::new();
    for one in &all {
        let place = place(one).unwrap_or_else(|| "everywhere".to_owned());
        let day = desk.local(crate::clock::from_ms(one.at)).format("%Y-%m-%d");
        out.line(format_args!(
            "{:>4}  {}  {place}  #{}  {} {day}",
            one.id,
            one.printed,
            one.issue_id,
            by(one)
        ))?;
    }
    if all.is_empty() {
        out.line("no wording is allowed")?;
    }
    out.flush()
}

async fn remove(desk: &Desk, ids: &[i64]) -> Result<()> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.begin().await?;
    for id in ids {
        if !allowed::revoke(&mut tx, *id, now).await? {
            let reason = format!("no wording {id} is on the list; nothing was changed");
            return Err(Error::Usage(reason));
        }
    }
    tx.commit().await?;
    out::tell(format_args!("{} taken off", ids.len()));
    Ok(())
}
