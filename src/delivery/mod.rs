//! What is owed gets said: claim → render → send with no transaction open → settle.

mod announce;
mod asked;
mod duty;
pub mod feedback;
mod fresh;
mod gather;
pub mod group;
mod hours;
mod lost;
mod muted;
mod odd;
mod parcel;
mod render;
mod send;
mod settle;
mod summary;
mod unreached;

pub use announce::KIND as ANNOUNCEMENT;
pub use parcel::new_key;
pub use send::{Place, answer, keyboard};
pub use settle::BUTTONS_MS;
pub use summary::KIND as SUMMARY;

use futures::stream::{self, StreamExt as _};

use self::gather::sort_parcels;
use self::parcel::{Parcel, Ready};
use self::send::request;
use self::settle::settle;
use crate::desk::Desk;
use crate::error::Result;
use crate::outbox::fate;
use crate::outbox::table::{self as outbox, Fate};

/// How long a claim holds, in ms; after that another replica may send again, marked.
const LEASE_MS: i64 = 60_000;

/// Messages in flight at once; as many are settled together.
const IN_FLIGHT: usize = 16;

/// What one round of sending did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages accepted by the channel.
    pub sent: usize,
    /// Notices that were claimed.
    pub claimed: usize,
    /// When there is something to do again, in UTC milliseconds.
    pub next: Option<i64>,
}

/// Sends what is due now, as far as pacing allows.
pub async fn deliver(desk: &Desk) -> Result<Round> {
    let now = desk.clock.now_ms();
    let mut round = Round::default();
    let (mut allowance, down) = {
        let mut pace = desk.pace.lock().await;
        (pace.allowance(now), pace.is_down())
    };
    if allowance > 0 && down && outbox_waits(desk, now).await? && !answers(desk).await {
        desk.pace.lock().await.failed(now);
        allowance = 0;
    }
    if allowance > 0 {
        let claim = format!("{:016x}", rand::random::<u64>());
        let people = i64::try_from(allowance).unwrap_or(i64::MAX);
        let mut tx = desk.store.begin().await?;
        let notices = outbox::claim(&mut tx, &claim, now, now + LEASE_MS, people).await?;
        if !notices.is_empty() {
            round.claimed = notices.len();
            let parcels = sort_parcels(desk, &mut tx, &claim, notices).await?;
            tx.commit().await?;
            round.sent = send_all(desk, &claim, parcels).await?;
        }
    }
    let mut tx = desk.store.read().await?;
    let due = outbox::next_due(&mut tx).await?;
    round.next = match due {
        Some(due) if due <= now => Some(desk.pace.lock().await.ready(now)),
        due => due,
    };
    Ok(round)
}

/// Whether anything is due.
async fn outbox_waits(desk: &Desk, now: i64) -> Result<bool> {
    let mut tx = desk.store.read().await?;
    Ok(outbox::next_due(&mut tx)
        .await?
        .is_some_and(|due| due <= now))
}

/// Asks the channel for nothing but an answer. The client library waits ten seconds inside a call
/// that is answered 5xx; after one such failure this tells, at once, whether to try again.
async fn answers(desk: &Desk) -> bool {
    let (base, token) = (desk.bot.api_url(), desk.bot.token());
    let Ok(url) = base.join(&format!("/bot{token}/getMe")) else {
        return true;
    };
    match desk.bot.client().get(url).send().await {
        Ok(answer) => {
            let alive = !answer.status().is_server_error();
            if alive {
                desk.pace.lock().await.answered();
            }
            alive
        }
        Err(_) => false,
    }
}

/// Lets all that waits for somebody's hours be asked about anew: settings and policy may have changed
/// since it was put back.
pub async fn ask_again(desk: &Desk) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    outbox::ask_again(&mut tx, None, desk.clock.now_ms()).await?;
    tx.commit().await
}

/// Renders and sends the parcels, a few at once, and settles them in the order they end.
async fn send_all(desk: &Desk, claim: &str, parcels: Vec<Parcel>) -> Result<usize> {
    let mut ready = Vec::with_capacity(parcels.len());
    let (mut dropped, mut broken, mut later) = (Vec::new(), Vec::new(), Vec::new());
    let mut tx = desk.store.read().await?;
    for mut parcel in parcels {
        let ids = parcel.notices.iter().map(|n| n.id);
        match render::parcel(desk, &mut tx, &parcel).await {
            Ok(Some(said)) => {
                let rest = parcel
                    .notices
                    .split_off(said.notices.min(parcel.notices.len()));
                later.extend(rest.iter().map(|n| n.id));
                ready.push(Ready { parcel, said });
            }
            Ok(None) => dropped.extend(ids),
            // One message that cannot be written must not hold up the others.
            Err(error) => broken.push((ids.collect::<Vec<_>>(), error.to_string())),
        }
    }
    drop(tx);
    for (ids, why) in broken {
        tracing::error!(why, "a notice cannot be written");
        let mut tx = desk.store.begin().await?;
        outbox::settle(&mut tx, claim, &ids, &Fate::Dead(why), desk.clock.now_ms()).await?;
        tx.commit().await?;
    }
    let now = desk.clock.now_ms();
    for (ids, fate) in [
        (dropped, Fate::Dropped(fate::CLOSED)),
        (later, Fate::Later(now, "the message was full")),
    ] {
        if !ids.is_empty() {
            let mut tx = desk.store.begin().await?;
            outbox::settle(&mut tx, claim, &ids, &fate, now).await?;
            tx.commit().await?;
        }
    }
    let mut sends = stream::iter(ready.into_iter().map(|ready| async move {
        let (chat, said) = (ready.parcel.chat, &ready.said);
        let place = Place {
            thread: ready.parcel.thread,
            reply_to: said.reply_to,
            force: false,
        };
        let answer = request(desk, chat, &said.message, place).await;
        (ready, answer)
    }))
    .buffer_unordered(IN_FLIGHT)
    .ready_chunks(IN_FLIGHT);
    let mut sent = 0;
    while let Some(ended) = sends.next().await {
        let mut tx = desk.store.begin().await?;
        for (ready, answer) in ended {
            sent += usize::from(answer.is_ok());
            settle(desk, &mut tx, claim, &ready, answer).await?;
        }
        tx.commit().await?;
    }
    Ok(sent)
}
