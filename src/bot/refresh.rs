//! One truth on screen: when an issue changes, by anybody or by a report, the messages that show it are
//! drawn again, as long as they are kept true.

use std::collections::HashMap;
use std::sync::Arc;

use super::give::edit;
use super::{Visit, group, shown};
use crate::channel::{CHAT_GAP_MS, Failure};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::Rendered;
use crate::message::redraw::{self, drawn, due, mark, put_off, take};
use crate::message::table::Message;
use crate::roster::table as people;

/// So many are drawn in one round, so that what is owed is not held up.
const ROUND: i64 = 20;
/// What is owed comes first: so many sends are left to it each second.
const LEFT: usize = 10;

/// What may have failed is drawn again after so long, in ms.
const AGAIN_MS: i64 = 60_000;

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Acts that marked messages, and messages that were drawn.
    pub done: usize,
    /// When the next message has to be drawn, in UTC milliseconds.
    pub next: Option<i64>,
}

/// Marks what changed and draws what is due, as far as the pace allows.
pub async fn refresh(desk: &Arc<Desk>) -> Result<Round> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.read().await?;
    let changed = redraw::changed(&mut tx).await?;
    let waiting = due(&mut tx, now, ROUND).await?;
    let next = redraw::next(&mut tx).await?;
    drop(tx);
    let mut round = Round { done: 0, next };
    if changed {
        let mut tx = desk.store.begin().await?;
        round.done = mark(&mut tx, now).await?;
        tx.commit().await?;
        let mut tx = desk.store.read().await?;
        round.next = redraw::next(&mut tx).await?;
    }
    let mut waits: HashMap<i64, i64> = HashMap::new();
    for message in waiting {
        let ahead = waits.get(&message.chat_id).copied().unwrap_or_default();
        match draw(desk, &message, ahead).await {
            Ok(None) => round.done += 1,
            // They are drawn one after the other: each is looked at again when its turn comes.
            Ok(Some(ready)) => {
                *waits.entry(message.chat_id).or_default() += CHAT_GAP_MS;
                round.next = Some(round.next.map_or(ready, |next| next.min(ready)));
            }
            // One that cannot be drawn must not hold up the others.
            Err(error) => {
                tracing::error!(%error, "a message cannot be drawn again");
                let mut tx = desk.store.begin().await?;
                take(&mut tx, &message).await?;
                tx.commit().await?;
                round.done += 1;
            }
        }
    }
    Ok(round)
}

/// Draws one message, unless it looks as it should, which costs the channel nothing; else when the pace lets it
/// be drawn.
async fn draw(desk: &Arc<Desk>, message: &Message, ahead: i64) -> Result<Option<i64>> {
    let mut tx = desk.store.begin().await?;
    let Some((message, before)) = take(&mut tx, message).await? else {
        return Ok(None);
    };
    let message = &message;
    let said = render(desk, &mut tx, message).await?;
    let said = said.filter(|said| before != Some(redraw::hash(said)));
    let now = desk.clock.now_ms();
    if let Some(said) = &said {
        let mut pace = desk.pace.lock().await;
        let ready = pace.chat_ready(message.chat_id, now).max(pace.ready(now));
        if pace.allowance(now) <= LEFT || ready > now {
            drop(pace);
            let turn = ready.max(now + 1_000) + ahead;
            put_off(&mut tx, message, turn).await?;
            tx.commit().await?;
            return Ok(Some(turn));
        }
        pace.note(message.chat_id, now);
        drop(pace);
        drawn(&mut tx, message.chat_id, message.message_id, said).await?;
    }
    tx.commit().await?;
    let Some(said) = said else {
        return Ok(None);
    };
    let wait = match edit(desk, message.chat_id, message.message_id, &said).await {
        Err(Failure::Flood(wait)) => {
            desk.pace.lock().await.hold(now + wait);
            wait
        }
        Err(Failure::Retry(wait, _)) => wait,
        Err(Failure::Unknown(_)) => AGAIN_MS,
        // Deleted, too old, blocked: there is nothing to keep true.
        Ok(()) | Err(_) => return Ok(None),
    };
    let mut tx = desk.store.begin().await?;
    redraw::undrawn(&mut tx, message, before).await?;
    put_off(&mut tx, message, now + wait.max(1_000)).await?;
    tx.commit().await?;
    Ok(None)
}

/// The message as its reader has to see it now; none where nobody may any more.
async fn render(
    desk: &Desk,
    tx: &mut crate::store::Tx,
    message: &Message,
) -> Result<Option<Rendered>> {
    let directory = desk.directory(tx).await?;
    let person = directory.roster.person(message.person_id).cloned();
    let mut visit = Visit {
        desk,
        book: match &person {
            Some(person) => desk.book(tx, person.id).await?,
            None => desk.words.office(),
        },
        tx,
        directory,
        update_id: 0,
        chat: message.chat_id,
        message: message.message_id,
        album: None,
        quoted: None,
        pressed_in: None,
    };
    if message.kind == group::KIND {
        let page = usize::try_from(message.page).unwrap_or_default();
        return Ok(Some(visit.group_again(message, page).await?));
    }
    let Some(person) = person else {
        return Ok(None);
    };
    // A chat that was let go is shown nothing any more.
    let binding = people::binding_of(visit.tx, person.id).await?;
    if binding.is_none_or(|binding| binding.chat_id != message.chat_id) {
        return Ok(None);
    }
    if let Some(said) = shown::settled(&mut visit, &person, message).await? {
        return Ok(Some(said));
    }
    Ok(Some(
        shown::show(&mut visit, &person, message, message.page).await?,
    ))
}
