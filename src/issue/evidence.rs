//! Evidence of a fix: whether it was asked for and has not come, its SHA-256, and to which issues the photos of
//! an album belong (the table `album`).

use serde::{Deserialize, Serialize};

use super::acts::Act;
use crate::error::Result;
use crate::store::{Tx, vals};

/// A photo or file as the channel keeps it: what an act's `evidence` holds as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// `photo` or `document`.
    pub kind: String,
    /// By this the channel gives it out again.
    pub file_id: String,
    /// By this the channel tells that it is the same.
    pub file_unique_id: String,
    /// In bytes.
    pub size: u64,
    /// What it is (RFC 6838), as who sent it says.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Sent {
    /// What is kept of it; of what cannot be read, nothing.
    pub fn read(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or_default()
    }
}

/// Under which verb the asking is recorded.
pub const ASKED: &str = "evidence_asked";

/// The manager who asked for evidence that has not come since.
pub fn awaited(acts: &[Act]) -> Option<i64> {
    let last = acts
        .iter()
        .rev()
        .find(|act| act.verb == ASKED || act.evidence.is_some());
    last.filter(|act| act.verb == ASKED)?.person_id
}

/// Evidence whose content has to be fetched and hashed: the act, the JSON of what the channel keeps, and when it
/// came.
pub async fn unhashed(tx: &mut Tx, now: i64, most: i64) -> Result<Vec<(i64, String, i64)>> {
    let rows = tx
        .all(
            "select id, evidence, at from act
             where evidence is not null and sha256 is null and (fetch_at is null or fetch_at <= $1)
             order by id limit $2",
            vals![now, most],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?, row.int(2)?)))
        .collect()
}

/// Keeps the SHA-256 of an act's evidence, in hex; empty where the channel does not give it out any more.
pub async fn hashed(tx: &mut Tx, act: i64, sha256: &str) -> Result<()> {
    let sql = "update act set sha256 = $2 where id = $1 and sha256 is null";
    tx.run(sql, vals![act, sha256]).await?;
    Ok(())
}

/// Takes the content of an act to fetch it; it is asked for again at `again`, unless it came. False: another
/// process took it. Times are UTC milliseconds.
pub async fn take(tx: &mut Tx, act: i64, now: i64, again: i64) -> Result<bool> {
    let sql = "update act set fetch_at = $2
               where id = $1 and sha256 is null and (fetch_at is null or fetch_at <= $3)";
    Ok(tx.run(sql, vals![act, again, now]).await? == 1)
}

/// The issues to which an album's first photo was kept.
pub async fn album(tx: &mut Tx, chat: i64, group: &str) -> Result<Option<Vec<i64>>> {
    let sql = "select issues from album where chat_id = $1 and group_id = $2";
    let row = tx.first(sql, vals![chat, group]).await?;
    row.map(|row| row.json(0)).transpose()
}

/// Notes to which issues a photo of an album was kept.
pub async fn note_album(
    tx: &mut Tx,
    (chat, group): (i64, &str),
    issues: &[i64],
    now: i64,
) -> Result<()> {
    tx.run(
        "insert into album (chat_id, group_id, issues, at) values ($1, $2, $3, $4)
         on conflict (chat_id, group_id) do update set issues = $3, at = $4",
        vals![chat, group, serde_json::to_string(issues)?, now],
    )
    .await?;
    Ok(())
}

/// Forgets albums that came before `before`; how many.
pub async fn prune_albums(tx: &mut Tx, before: i64) -> Result<u64> {
    tx.run("delete from album where at < $1", vals![before])
        .await
}
