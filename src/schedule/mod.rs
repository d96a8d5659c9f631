//! Jobs at their times: a slot (job, time) is taken once by one process; a slot missed while down
//! is caught up once.

pub mod cron;
pub mod jobs;

use crate::error::Result;
use crate::store::{Tx, vals};

/// Takes a slot; false: it was taken before.
pub async fn take(tx: &mut Tx, job: &str, at: i64, now: i64) -> Result<bool> {
    let changed = tx
        .run(
            "insert into slot (job, at, taken_at) values ($1, $2, $3) on conflict do nothing",
            vals![job, at, now],
        )
        .await?;
    Ok(changed == 1)
}

/// The newest slot of a job that was taken, if any.
pub async fn newest(tx: &mut Tx, job: &str) -> Result<Option<i64>> {
    let row = tx
        .first("select max(at) from slot where job = $1", vals![job])
        .await?;
    row.map_or(Ok(None), |row| row.maybe_int(0))
}

/// Forgets slots that ended more than ninety days ago; the newest of each job is kept.
pub async fn prune(tx: &mut Tx, now: i64) -> Result<u64> {
    let before = now - 90 * 24 * 3_600_000;
    tx.run(
        "delete from slot where at < $1 and at < (select max(x.at) from slot x where x.job = slot.job)",
        vals![before],
    )
    .await
}

/// Notes how a slot ended.
pub async fn done(tx: &mut Tx, job: &str, at: i64, now: i64, error: Option<&str>) -> Result<()> {
    tx.run(
        "update slot set done_at = $1, error = $2 where job = $3 and at = $4",
        vals![now, error, job, at],
    )
    .await?;
    Ok(())
}
