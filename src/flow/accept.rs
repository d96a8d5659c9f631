//! Somebody finds an odd report right: its silence verifies what it would have verified when it came.

use chrono::{DateTime, Utc};

use super::silence;
use crate::error::Result;
use crate::issue::{table as issues, witness};
use crate::report::table::{self as reports, Doubted};
use crate::store::Tx;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// So many issues are closed by it.
    Done(usize),
    /// It was found right before.
    Already(Box<Doubted>),
    /// A newer report of its source, or a corrected one of its day, came since: that one counts.
    Outdated(Box<Doubted>),
    /// Nothing of it is odd.
    Usual,
    /// There is no such report.
    Unknown,
}

/// Finds an odd report right, once. Of the issues it was silent about those are left alone that a report
/// or a person's choice listed since, or that another source still lists.
pub async fn accept(
    tx: &mut Tx,
    report: i64,
    by: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Accepted> {
    let Some(doubted) = reports::doubted(tx, report).await? else {
        return Ok(match reports::known(tx, report).await? {
            true => Accepted::Usual,
            false => Accepted::Unknown,
        });
    };
    if doubted.accepted_at.is_some() {
        return Ok(Accepted::Already(Box::new(doubted)));
    }
    let now = now.timestamp_millis();
    let outdated = reports::outdated(tx, &doubted).await?;
    if outdated || !reports::accept(tx, report, by, now).await? {
        return Ok(Accepted::Outdated(Box::new(doubted)));
    }
    let mut silent = issues::many_to_change(tx, &doubted.doubt.silent).await?;
    silent.retain(|issue| {
        let listed = issue.last_report >= report || issue.last_seen_at > doubted.received_at;
        issue.live() && !listed
    });
    let ids: Vec<i64> = silent.iter().map(|issue| issue.id).collect();
    let held = witness::held(tx, &doubted.source, &ids, now).await?;
    silent.retain(|issue| !held.contains_key(&issue.id));
    let closed = silence::verify(tx, (&doubted.source, silent), report, by, now).await?;
    Ok(Accepted::Done(closed))
}
