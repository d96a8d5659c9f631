//! The durable inbox: updates become rows before Telegram is told that they arrived; each row is
//! handled once, in order per chat, and one that fails does not stop the others.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use teloxide::types::AllowedUpdate;

use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::store::{Bulk, Engine, Tx, lease, vals};

/// The update types duban handles; sent every time, because Telegram remembers the last list.
pub const ALLOWED: &[&str] = &["message", "callback_query", "my_chat_member"];

/// The same list in the client's words.
pub fn allowed() -> Vec<AllowedUpdate> {
    vec![
        AllowedUpdate::Message,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MyChatMember,
    ]
}

/// An update that fails is tried this often.
const TRIES: i64 = 5;
/// After so long, in ms.
const AGAIN_MS: i64 = 2_000;

/// Polls Telegram with a client of its own, so that a long poll never holds up a send.
pub struct Poller {
    client: reqwest::Client,
    api_url: String,
    token: SecretString,
    offset: i64,
    /// What this process is called in the lease of polling, and until when it holds it.
    holder: String,
    held_until: i64,
}

/// How long the lease of polling holds, in ms: so long nobody hears after a crash.
const LEASE_MS: i64 = 60_000;
/// It is extended when less than this is left, in ms: more than a poll takes.
const EXTEND_MS: i64 = 45_000;

impl Poller {
    /// A poller; `client` must allow answers to take as long as the poll.
    pub fn new(client: reqwest::Client, api_url: &str, token: SecretString) -> Self {
        Self {
            client,
            api_url: api_url.trim_end_matches('/').to_owned(),
            token,
            offset: 0,
            holder: format!("{}-{:016x}", std::process::id(), rand::random::<u64>()),
            held_until: 0,
        }
    }

    /// Whether this process is the one of several that polls. The embedded database has one process
    /// only, which begins at once also after a crash.
    async fn may_poll(&mut self, desk: &Desk) -> Result<bool> {
        let now = desk.clock.now_ms();
        if desk.store.engine() == Engine::Sqlite || self.held_until - now > EXTEND_MS {
            return Ok(true);
        }
        let until = now + LEASE_MS;
        let mut tx = desk.store.begin().await?;
        let held = lease::take(&mut tx, "poll", &self.holder, now, until).await?;
        tx.commit().await?;
        self.held_until = if held { until } else { 0 };
        Ok(held)
    }

    /// Lets another process poll.
    pub async fn stop(&self, desk: &Desk) -> Result<()> {
        let mut tx = desk.store.begin().await?;
        lease::free(&mut tx, "poll", &self.holder).await?;
        tx.commit().await
    }

    /// Asks once, waiting up to `wait` seconds at the server; how many updates were new, nothing
    /// when another process polls.
    pub async fn poll(&mut self, desk: &Desk, wait: u64) -> Result<Option<usize>> {
        if !self.may_poll(desk).await? {
            return Ok(None);
        }
        self.ask(desk, wait).await.map(Some)
    }

    async fn ask(&mut self, desk: &Desk, wait: u64) -> Result<usize> {
        let url = format!(
            "{}/bot{}/getUpdates",
            self.api_url,
            self.token.expose_secret()
        );
        let mut body = serde_json::json!({ "timeout": wait, "allowed_updates": ALLOWED });
        if self.offset != 0 {
            body["offset"] = self.offset.into();
        }
        let sent = self
            .client
            .post(url)
            .json(&body)
            .timeout(Duration::from_secs(wait + 10))
            .send()
            .await
            .map_err(|error| Error::other(format!("getUpdates: {}", error.without_url())))?;
        let status = sent.status();
        let answer: Json = sent
            .json()
            .await
            .map_err(|error| Error::other(format!("getUpdates: {}", error.without_url())))?;
        let Some(updates) = answer["result"].as_array().filter(|_| answer["ok"] == true) else {
            let said = answer["description"].as_str().unwrap_or_default();
            return Err(Error::other(format!("getUpdates: {status} {said}")));
        };
        let mut tx = desk.store.begin().await?;
        let fresh = receive(&mut tx, updates, desk.clock.now_ms()).await?;
        tx.commit().await?;
        if let Some(last) = updates
            .last()
            .and_then(|update| update["update_id"].as_i64())
        {
            self.offset = last + 1;
        }
        Ok(fresh)
    }
}

/// Writes updates into the inbox; one that is there already is left alone. How many were new.
pub async fn receive(tx: &mut Tx, updates: &[Json], now: i64) -> Result<usize> {
    let mut bulk = Bulk::into_table(
        "inbox",
        &[
            "update_id",
            "chat_id",
            "received_at",
            "raw",
            "state",
            "attempts",
            "next_at",
        ],
    )
    .tail("on conflict do nothing");
    for update in updates {
        let Some(id) = update["update_id"].as_i64() else {
            continue;
        };
        bulk.row(vals![
            id,
            chat_of(update),
            now,
            update.to_string(),
            "new",
            0i64,
            now
        ]);
    }
    let fresh = tx.bulk(bulk).await?;
    Ok(usize::try_from(fresh).unwrap_or_default())
}

/// The chat an update belongs to; what comes from one chat is handled in order.
fn chat_of(update: &Json) -> i64 {
    [
        "/message/chat/id",
        "/callback_query/message/chat/id",
        "/my_chat_member/chat/id",
    ]
    .iter()
    .find_map(|path| update.pointer(path).and_then(Json::as_i64))
    .or_else(|| {
        update
            .pointer("/callback_query/from/id")
            .and_then(Json::as_i64)
    })
    .unwrap_or_default()
}

/// Updates that wait to be handled: the oldest of each chat that has none failing before it.
pub async fn waiting(tx: &mut Tx, now: i64) -> Result<Vec<(i64, String)>> {
    let rows = tx
        .all(
            "select i.update_id, i.raw from inbox i
             where i.state = 'new' and i.next_at <= $1 and not exists (
                select 1 from inbox x where x.state = 'new' and x.chat_id = i.chat_id
                and (x.received_at < i.received_at
                     or (x.received_at = i.received_at and x.update_id < i.update_id)))
             order by i.received_at, i.update_id limit 200",
            vals![now],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?)))
        .collect()
}

/// Marks an update as handled, in the transaction of what it did. False: another did it already.
pub async fn done(tx: &mut Tx, update_id: i64) -> Result<bool> {
    let sql =
        "update inbox set state = 'done', error = null where update_id = $1 and state = 'new'";
    Ok(tx.run(sql, vals![update_id]).await? == 1)
}

/// Keeps an update that failed with its error, to be tried again or, after some tries, set aside. One that only met
/// somebody else is tried again at once, twice.
pub async fn failed(tx: &mut Tx, update_id: i64, error: &Error, now: i64) -> Result<()> {
    let at_once: i64 = if error.collided() { 2 } else { 0 };
    tx.run(
        "update inbox set attempts = attempts + 1, error = $1,
            next_at = case when attempts < $2 then $3 else $4 end,
            state = case when attempts + 1 >= $5 then 'failed' else 'new' end
         where update_id = $6",
        vals![
            error.to_string(),
            at_once,
            now,
            now + AGAIN_MS,
            TRIES,
            update_id
        ],
    )
    .await?;
    Ok(())
}

/// When the next of those that failed is to be tried again, in UTC milliseconds.
pub async fn next_try(tx: &mut Tx, now: i64) -> Result<Option<i64>> {
    let sql = "select min(next_at) from inbox where state = 'new' and next_at > $1";
    let row = tx.first(sql, vals![now]).await?;
    row.map_or(Ok(None), |row| row.maybe_int(0))
}

/// Forgets updates handled more than seven days ago, and dialogues that ended.
pub async fn prune(tx: &mut Tx, now: i64) -> Result<u64> {
    let week = now - 7 * 24 * 3_600_000;
    let dialogues = "delete from dialog where expires_at < $1";
    let ended = tx.run(dialogues, vals![now]).await?;
    let updates = "delete from inbox where state <> 'new' and received_at < $1";
    Ok(ended + tx.run(updates, vals![week]).await?)
}
