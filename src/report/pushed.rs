//! The table `pushed`: what was answered to a report that somebody pushed with a key of their own, so that the
//! same once more is answered the same.

use crate::error::Result;
use crate::store::{Tx, vals};

/// How long an answer is kept, in ms: whoever did not hear it asks again within days, if ever.
const KEPT_MS: i64 = 7 * 86_400_000;

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// SHA-256 of what was pushed and the day that was named with it, hex.
    pub digest: String,
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: String,
}

/// What was answered to this key of this source.
pub async fn answered(tx: &mut Tx, source: &str, key: &str) -> Result<Option<Answered>> {
    let sql = "select digest, status, body from pushed where source = $1 and key = $2";
    let row = tx.first(sql, vals![source, key]).await?;
    row.map(|row| {
        Ok(Answered {
            digest: row.text(0)?,
            status: u16::try_from(row.int(1)?).unwrap_or(200),
            body: row.text(2)?,
        })
    })
    .transpose()
}

/// Keeps an answer; the first one to a key stays.
pub async fn keep(
    tx: &mut Tx,
    (source, key): (&str, &str),
    answer: &Answered,
    now: i64,
) -> Result<()> {
    tx.run(
        "insert into pushed (source, key, digest, status, body, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (source, key) do nothing",
        vals![
            source,
            key,
            &answer.digest,
            i64::from(answer.status),
            &answer.body,
            now
        ],
    )
    .await?;
    Ok(())
}

/// Forgets what was answered more than seven days ago; how many.
pub async fn prune(tx: &mut Tx, now: i64) -> Result<u64> {
    let sql = "delete from pushed where at < $1";
    tx.run(sql, vals![now - KEPT_MS]).await
}
