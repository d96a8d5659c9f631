//! `duban freshness`: when accounts were updated last, and until when they have to be

use clap::Args;
use serde_json::{Value as Json, json};

use super::out::{self, Out};
use crate::config::Settings;
use crate::error::Result;
use crate::flow::freshness;

#[derive(Debug, Args)]
pub(super) struct FreshnessOptions {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn freshness(settings: &Settings, options: FreshnessOptions) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let today = desk.local(desk.clock.now()).date_naive();
    let all = freshness::all(&mut tx, &desk.rules, &directory.roster, today).await?;
    if options.json {
        let rows = all.iter().map(|one| {
            json!({
                "platform": one.account.platform, "account": one.account.name,
                "unit": one.account.unit, "updated_on": one.known.updated_on,
                "as_of": one.known.as_of, "source": one.known.source, "report": one.known.report,
                "days": one.judged.days, "last_day": one.judged.last_day,
                "state": one.judged.standing.as_str(), "sure": one.judged.sure,
            })
        });
        out::print(Json::from(rows.collect::<Vec<Json>>()))?;
        return Ok(true);
    }
    let mut out = Out::new();
    for one in &all {
        let unsure = if one.judged.sure {
            ""
        } else {
            ", too old to be held against anybody"
        };
        out.line(format_args!(
            "{:<5}  {:>3} days, until {}  {} {}  {}  (updated {}, as of {} by {}{unsure})",
            one.judged.standing.as_str(),
            one.judged.days,
            one.judged.last_day,
            one.account.platform,
            one.account.name,
            one.account.unit,
            one.known.updated_on,
            one.known.as_of,
            one.known.source,
        ))?;
    }
    if all.is_empty() {
        out.line("no report or feed has said when an account was updated")?;
    }
    out.flush()?;
    Ok(true)
}
