//! Which messages show an issue and have to be drawn again when it changes: the table `shown`, and the
//! columns `message.drawn` and `message.redraw_at`.

use sha2::{Digest as _, Sha256};

use super::Rendered;
use super::table::{Message, read, select};
use crate::error::Result;
use crate::issue::request as requests;
use crate::store::{Bulk, Tx, Value, vals};

/// For so long after it was sent a message is kept true, in ms: three days.
pub const TRUE_MS: i64 = 3 * 24 * 3_600_000;
/// A message that lists more is followed for its first issues.
const FOLLOWED: usize = 100;
/// A change waits so long for others of the same message, in ms.
pub const GATHER_MS: i64 = 5_000;
/// So long, in ms, a message may be on its way after it was worded: a round of sending at the flood limit.
const ON_ITS_WAY_MS: i64 = 60_000;
/// The acts that are looked at in one go.
const ACTS: i64 = 500;

/// The hash by which a drawing is known again.
pub fn hash(said: &Rendered) -> i64 {
    let mut hasher = Sha256::new();
    hasher.update(&said.html);
    for button in said.keyboard.iter().flatten() {
        hasher.update([0]);
        hasher.update(&button.label);
        hasher.update([0]);
        hasher.update(&button.data);
    }
    let digest = hasher.finalize();
    let bytes = digest.iter().take(8);
    bytes.fold(0, |hash, byte| (hash << 8) | i64::from(*byte))
}

/// Follows the issues that a message shows from now on.
pub(super) async fn follow(tx: &mut Tx, message: &Message) -> Result<()> {
    let mut issues = match message.kind.as_str() {
        "digest" | "group" | "pending" | "dispute" => message.issues.clone(),
        "request" => {
            let requests = requests::many(tx, &message.issues).await?;
            requests.iter().map(|request| request.issue_id).collect()
        }
        _ => return Ok(()),
    };
    issues.truncate(FOLLOWED);
    let mut bulk = Bulk::into_table("shown", &["issue_id", "chat_id", "message_id", "until"])
        .tail("on conflict do nothing");
    for issue in &issues {
        let issue = *issue;
        let until = message.sent_at + TRUE_MS;
        bulk.row(vals![issue, message.chat_id, message.message_id, until]);
    }
    tx.bulk(bulk).await?;
    // What was done while the message was on its way marked nothing: it was not there yet.
    let keys = issues.iter().map(|id| Value::from(*id)).collect();
    let sql =
        "select id from act where at >= {1} and verb <> 'opened' and issue_id in ({in}) limit 1";
    let since = message.sent_at - ON_ITS_WAY_MS;
    if !tx.all_in(sql, vals![since], keys).await?.is_empty() {
        put_off(tx, message, message.sent_at + GATHER_MS).await?;
    }
    Ok(())
}

/// What was done since the last time marks the messages that show its issues; how many acts there were.
pub async fn mark(tx: &mut Tx, now: i64) -> Result<usize> {
    let sql = "select id, issue_id from act where shown = 0 order by id limit $1";
    let rows = tx.all(sql, vals![ACTS]).await?;
    let (mut acts, mut issues) = (Vec::new(), Vec::new());
    for row in &rows {
        acts.push(Value::from(row.int(0)?));
        issues.push(row.int(1)?);
    }
    let sql = "update act set shown = 1 where id in ({in})";
    tx.run_in(sql, vals![], acts).await?;
    issues.sort_unstable();
    issues.dedup();
    let issues = issues.into_iter().map(Value::from).collect();
    tx.run_in(
        "update message set redraw_at = {1}
         where redraw_at is null and (chat_id, message_id) in
             (select chat_id, message_id from shown where until > {2} and issue_id in ({in}))",
        vals![now + GATHER_MS, now],
        issues,
    )
    .await?;
    Ok(rows.len())
}

/// Whether anything was done that messages do not know of.
pub async fn changed(tx: &mut Tx) -> Result<bool> {
    let sql = "select id from act where shown = 0 limit 1";
    Ok(tx.first(sql, vals![]).await?.is_some())
}

/// When the next message has to be drawn again.
pub async fn next(tx: &mut Tx) -> Result<Option<i64>> {
    let sql =
        "select redraw_at from message where redraw_at is not null order by redraw_at limit 1";
    let row = tx.first(sql, vals![]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Messages that have to be drawn again by now, the longest waiting first.
pub async fn due(tx: &mut Tx, now: i64, most: i64) -> Result<Vec<Message>> {
    let sql = select!("where redraw_at <= $1 order by redraw_at, message_id limit $2");
    let rows = tx.all(sql, vals![now, most]).await?;
    rows.iter().map(read).collect()
}

/// Takes a message to draw it: as it is by now, with how it was drawn last; none: another process took it.
pub async fn take(tx: &mut Tx, message: &Message) -> Result<Option<(Message, Option<i64>)>> {
    let of = vals![message.chat_id, message.message_id];
    let sql = "update message set redraw_at = null
               where chat_id = $1 and message_id = $2 and redraw_at is not null";
    if tx.run(sql, of.clone()).await? != 1 {
        return Ok(None);
    }
    let sql = select!(", drawn", "where chat_id = $1 and message_id = $2");
    let row = tx.first(sql, of).await?;
    row.map(|row| Ok((read(&row)?, row.maybe_int(10)?)))
        .transpose()
}

/// A message could not be drawn now and is tried again.
pub async fn put_off(tx: &mut Tx, message: &Message, until: i64) -> Result<()> {
    tx.run(
        "update message set redraw_at = $3 where chat_id = $1 and message_id = $2",
        vals![message.chat_id, message.message_id, until],
    )
    .await?;
    Ok(())
}

/// An edit of a message failed: nobody knows how it looks, and it is drawn at `at`, in UTC milliseconds.
pub async fn failed(tx: &mut Tx, (chat, message): (i64, i64), at: i64) -> Result<()> {
    tx.run(
        "update message set drawn = null, redraw_at = $3 where chat_id = $1 and message_id = $2",
        vals![chat, message, at],
    )
    .await?;
    Ok(())
}

/// Notes how a message is drawn now.
pub async fn drawn(tx: &mut Tx, chat: i64, message: i64, said: &Rendered) -> Result<()> {
    tx.run(
        "update message set drawn = $3 where chat_id = $1 and message_id = $2",
        vals![chat, message, hash(said)],
    )
    .await?;
    Ok(())
}

/// A message could not be drawn after all: it looks as it did.
pub async fn undrawn(tx: &mut Tx, message: &Message, before: Option<i64>) -> Result<()> {
    tx.run(
        "update message set drawn = $3 where chat_id = $1 and message_id = $2",
        vals![message.chat_id, message.message_id, before],
    )
    .await?;
    Ok(())
}

/// Forgets which messages showed what, once they are no longer kept true; how many rows.
pub async fn prune(tx: &mut Tx, now: i64) -> Result<u64> {
    tx.run("delete from shown where until <= $1", vals![now])
        .await
}
