//! What became of a message that was sent: kept with its buttons, tried again, or given up and said so.

use super::lost::{tell_undelivered, tell_unreachable};
use super::parcel::Ready;
use super::{group, unreached};
use crate::channel::Failure;
use crate::desk::Desk;
use crate::error::Result;
use crate::message::table::{self as messages, Message};
use crate::outbox::table::{self as outbox, Fate};
use crate::outbox::{fate, group_of};
use crate::roster::table as people;
use crate::store::Tx;

/// How long buttons work, in ms: thirty days.
pub const BUTTONS_MS: i64 = 30 * 24 * 3_600_000;

/// After so many tries whose answers were all lost a notice is dead: each may have arrived.
const LOST: i64 = 6;

pub(super) async fn settle(
    desk: &Desk,
    tx: &mut Tx,
    claim: &str,
    ready: &Ready,
    answer: Result<i64, Failure>,
) -> Result<()> {
    let now = desk.clock.now_ms();
    let ids: Vec<i64> = ready.parcel.notices.iter().map(|n| n.id).collect();
    let attempts = ready
        .parcel
        .notices
        .iter()
        .map(|n| n.attempts)
        .max()
        .unwrap_or(1);
    let unsure = ready.parcel.notices.iter().any(|n| n.unsure);
    let fate = match answer {
        Ok(message_id) => {
            messages::keep(
                tx,
                &Message {
                    chat_id: ready.parcel.chat,
                    message_id,
                    person_id: ready.parcel.person,
                    kind: ready.said.kind.to_owned(),
                    issues: ready.said.issues.clone(),
                    sections: ready.said.sections.clone(),
                    page: 0,
                    key: ready.said.key.clone(),
                    sent_at: now,
                    expires_at: now + BUTTONS_MS,
                },
                &ready.said.message,
            )
            .await?;
            if group_of(ready.parcel.person).is_none() {
                people::set_reachable(tx, ready.parcel.person).await?;
            }
            Fate::Sent
        }
        Err(Failure::NotModified) => Fate::Sent,
        Err(Failure::Unreachable(why)) if ready.parcel.person < 0 => {
            group::lost(desk, tx, ready.parcel.person, &why).await?;
            Fate::Dropped(fate::GROUP_GONE)
        }
        Err(Failure::Dead(why)) if no_thread(&why) && ready.parcel.thread.is_some() => {
            // The topic was deleted or closed: the group is told as a whole.
            if let Some(id) = group_of(ready.parcel.person) {
                crate::roster::group::forget_thread(tx, id).await?;
            }
            Fate::Later(now, "the topic is gone")
        }
        Err(Failure::Unreachable(why)) => {
            tell_unreachable(desk, tx, ready.parcel.person, &why).await?;
            unreached::pass_up(desk, tx, ready.parcel.person, &ready.parcel.notices).await?;
            Fate::Waiting(why)
        }
        Err(Failure::Migrated(chat)) => {
            people::migrate_chat(tx, ready.parcel.chat, chat).await?;
            crate::roster::group::migrate(tx, ready.parcel.chat, chat).await?;
            Fate::Later(now, "the group moved")
        }
        Err(Failure::Flood(wait)) => {
            desk.pace.lock().await.hold(now + wait);
            Fate::Later(now + wait, "flood limit")
        }
        // An outage may last a night: what is owed stays owed.
        Err(Failure::Retry(wait, why)) => {
            desk.pace.lock().await.failed(now);
            Fate::Retry(now + wait, why)
        }
        Err(Failure::Unknown(why)) if attempts < LOST => {
            // Each further try may say it again: the second comes soon, the others ever later.
            let wait = if unsure {
                60_000 << attempts.clamp(0, 6)
            } else {
                backoff(attempts)
            };
            Fate::Unsure(now + wait, why)
        }
        Err(Failure::Unknown(why) | Failure::Dead(why)) => {
            tracing::error!(
                person = ready.parcel.person,
                why,
                "a notice will never be delivered"
            );
            tell_undelivered(desk, tx, &ready.parcel, &why).await?;
            Fate::Dead(why)
        }
    };
    outbox::settle(tx, claim, &ids, &fate, now).await?;
    Ok(())
}

/// Whether a refusal means that a topic is not there (telegram-bot-api, `Client.cpp`).
fn no_thread(why: &str) -> bool {
    let low = why.to_lowercase();
    low.contains("message thread not found")
        || low.contains("topic_closed")
        || low.contains("topic_deleted")
}

/// Longer after every try, with jitter, in ms.
fn backoff(attempts: i64) -> i64 {
    let base = 1_000_i64 << attempts.clamp(1, 9);
    base + rand::random_range(0..=base / 4)
}
