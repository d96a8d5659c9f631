//! What the clock asks of issues: whose next step has come, and which reported fixes nothing has confirmed.

use super::stored::{Issue, columns};
use crate::error::Result;
use crate::issue::deadline::Climb;
use crate::issue::scoped::keys;
use crate::store::{Row, Tx, vals};

/// The running issues of which the clock demands something now, each with its ladder. Asked by the
/// index on state and step, so that what is closed or waits is not read.
pub async fn demanded(tx: &mut Tx, now: i64) -> Result<Vec<(Issue, Climb)>> {
    let sql = concat!(
        "select ",
        columns!(),
        ", ladder, stepped_at, step_at
         from issue where state in ('open', 'acknowledged') and step_at <= $1 and disputed = 0
         order by id"
    );
    let read = |row: &Row| {
        let ladder = row.maybe_text(33)?;
        let climb = Climb::read(ladder.as_deref(), row.maybe_int(34)?, row.maybe_int(35)?)?;
        Ok((Issue::read(row)?, climb))
    };
    tx.each(sql, vals![now], read).await
}

/// Whether the clock demands anything now.
pub async fn any_demanded(tx: &mut Tx, now: i64) -> Result<bool> {
    let sql = "select 1 from issue
         where state in ('open', 'acknowledged') and step_at <= $1 and disputed = 0 limit 1";
    Ok(tx.first(sql, vals![now]).await?.is_some())
}

/// When the next step after now is.
pub async fn next_step(tx: &mut Tx, now: i64) -> Result<Option<i64>> {
    let sql = "select min(step_at) from issue
         where state in ('open', 'acknowledged') and step_at > $1 and disputed = 0";
    let row = tx.first(sql, vals![now]).await?;
    row.map_or(Ok(None), |row| row.maybe_int(0))
}

/// The reported fixes of whose waiting nobody was told: issue, unit, and when the fix was reported.
pub async fn unconfirmed(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    let rows = tx
        .all(
            "select id, unit_id, fix_reported_at from issue
             where state = 'fix_reported' and unconfirmed_at is null
               and fix_reported_at is not null and disputed = 0
             order by fix_reported_at, id",
            vals![],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))
        .collect()
}

/// Notes that the managers were told of these.
pub async fn unconfirmed_told(tx: &mut Tx, ids: &[i64], now: i64) -> Result<u64> {
    let sql = "update issue set unconfirmed_at = {1} where id in ({in})";
    tx.run_in(sql, vals![now], keys(ids)).await
}
