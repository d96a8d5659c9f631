//! Jobs at their times: a slot (job, time) is taken once by one process; a slot missed while down
//! is caught up once.

pub mod audit;
pub mod cron;
pub mod jobs;
pub mod pull;
pub mod summary;

use crate::error::Result;
use crate::store::{Tx, vals};

/// Takes a slot; false: it was taken before.
pub async fn take(tx: &mut Tx, job: &str, at: i64, now: i64) -> Result<bool> {
    let changed = tx
        .run(
            "insert into slot (job, at, taken_at, attempts) values ($1, $2, $3, 1)
             on conflict do nothing",
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

/// How long a slot that failed waits for its next try, in ms, by the number of tries so far.
const AGAIN_MS: [i64; 4] = [60_000, 300_000, 900_000, 2_700_000];

/// How long after a try the next one is, in ms; none after the last.
fn wait_after(tries: i64) -> Option<i64> {
    let tries = usize::try_from(tries).unwrap_or(usize::MAX);
    let wait = tries.checked_sub(1).and_then(|n| AGAIN_MS.get(n));
    wait.copied()
}

/// When a slot that failed is to be tried again; none when it did not fail, or was tried enough.
pub async fn again_at(tx: &mut Tx, job: &str, at: i64) -> Result<Option<i64>> {
    let row = tx
        .first(
            "select attempts, done_at from slot
             where job = $1 and at = $2 and error is not null and done_at is not null",
            vals![job, at],
        )
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let wait = wait_after(row.int(0)?);
    wait.map(|wait| row.int(1).map(|done| done + wait))
        .transpose()
}

/// Takes a slot that failed for another try; the number of the try, none when another process has
/// taken it.
pub async fn retake(tx: &mut Tx, job: &str, at: i64, now: i64) -> Result<Option<i64>> {
    let row = tx
        .first(
            "update slot set taken_at = $1, attempts = attempts + 1, error = null, done_at = null
             where job = $2 and at = $3 and error is not null returning attempts",
            vals![now, job, at],
        )
        .await?;
    row.map(|row| row.int(0)).transpose()
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
