//! What is owed gets said: claim → render → send with no transaction open → settle.

mod announce;
mod asked;
mod duty;
pub mod feedback;
mod fresh;
pub mod group;
mod hours;
mod muted;
mod odd;
mod render;
mod summary;
mod unreached;

pub use announce::KIND as ANNOUNCEMENT;
pub use render::new_key;
pub use summary::KIND as SUMMARY;

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use teloxide::payloads::{SendMessage, SendMessageSetters as _};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ChatId, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageId,
    ParseMode, ReplyParameters, ThreadId,
};

use crate::channel::{self, Failure};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::table::{self as messages, Message};
use crate::message::{Button, Rendered, Section};
use crate::outbox::table::{self as outbox, Fate, Notice};
use crate::outbox::{Bundle, Kind, Owed, fate, group_of};
use crate::roster::table as people;
use crate::store::Tx;

/// How long a claim holds, in ms; after that another replica may send again, marked.
const LEASE_MS: i64 = 60_000;
/// How long buttons work, in ms: thirty days.
pub const BUTTONS_MS: i64 = 30 * 24 * 3_600_000;
/// After so many tries whose answers were all lost a notice is dead: each may have arrived.
const LOST: i64 = 6;
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

/// One person's notices that become one message.
struct Parcel {
    person: i64,
    bundle: Bundle,
    chat: i64,
    /// The topic of a group.
    thread: Option<i64>,
    notices: Vec<Notice>,
}

/// How a message stands in its chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The topic of a group.
    pub thread: Option<i64>,
    /// The message that it answers, if that is still there.
    pub reply_to: Option<i64>,
    /// Who is mentioned is asked to reply.
    pub force: bool,
}

/// What a parcel says.
struct Said {
    kind: &'static str,
    /// The issues in the order of their positions.
    issues: Vec<i64>,
    /// Why each stands there; empty where that says nothing.
    sections: Vec<Section>,
    /// What the buttons carry.
    key: String,
    message: Rendered,
    /// The message in the chat that it comes back to.
    reply_to: Option<i64>,
    /// So many of the parcel's notices, counted from the first, are said; the rest follows.
    notices: usize,
}

/// A rendered parcel.
struct Ready {
    parcel: Parcel,
    said: Said,
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

/// Puts notices together by person and message. Who has no chat waits, and those who answer for
/// the person are told; a chat that was just written to waits its second.
async fn sort_parcels(
    desk: &Desk,
    tx: &mut Tx,
    claim: &str,
    notices: Vec<Notice>,
) -> Result<Vec<Parcel>> {
    let now = desk.clock.now_ms();
    let directory = desk.directory(tx).await?;
    let notices = muted::let_out(desk, tx, &directory.roster, claim, notices).await?;
    let notices = hours::let_out(desk, tx, &directory.roster, claim, notices).await?;
    let notices = group::spare(desk, tx, &directory.roster, claim, notices).await?;
    let mut by: BTreeMap<(bool, i64, Bundle), Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        by.entry((!notice.urgent, notice.person_id, notice.kind.bundle()))
            .or_default()
            .push(notice);
    }
    let mut merged: BTreeMap<(i64, Bundle), Vec<Notice>> = BTreeMap::new();
    for ((_, person, bundle), notices) in by {
        merged.entry((person, bundle)).or_default().extend(notices);
    }
    let mut parcels = Vec::new();
    for ((person, bundle), notices) in merged {
        let ids: Vec<i64> = notices.iter().map(|n| n.id).collect();
        if let Some(id) = group_of(person) {
            let Some(group) = directory.roster.group(id) else {
                let gone = Fate::Dropped(fate::GROUP_GONE);
                outbox::settle(tx, claim, &ids, &gone, now).await?;
                continue;
            };
            let parcel = Parcel {
                person,
                bundle,
                chat: group.chat,
                thread: group.thread,
                notices,
            };
            parcels.extend(paced(desk, tx, claim, parcel).await?);
            continue;
        }
        if directory.roster.person(person).is_none() {
            // Whose chat it is, is nobody's business here any more; the auditor owes it to others.
            outbox::settle(tx, claim, &ids, &Fate::Waiting(fate::GONE.to_owned()), now).await?;
            continue;
        }
        let Some(binding) = people::binding_of(tx, person).await? else {
            let waits = Fate::Waiting(fate::UNBOUND.to_owned());
            outbox::settle(tx, claim, &ids, &waits, now).await?;
            tell_unreachable(desk, tx, person, fate::UNBOUND).await?;
            unreached::pass_up(desk, tx, person, &notices).await?;
            continue;
        };
        let parcel = Parcel {
            person,
            bundle,
            chat: binding.chat_id,
            thread: None,
            notices,
        };
        parcels.extend(paced(desk, tx, claim, parcel).await?);
    }
    parcels.sort_by_key(|p| !p.notices.iter().any(|n| n.urgent));
    Ok(parcels)
}

/// A parcel that may go to its chat now; else it waits.
async fn paced(desk: &Desk, tx: &mut Tx, claim: &str, parcel: Parcel) -> Result<Option<Parcel>> {
    let now = desk.clock.now_ms();
    let mut pace = desk.pace.lock().await;
    let ready = pace.chat_ready(parcel.chat, now);
    if ready > now {
        drop(pace);
        let ids: Vec<i64> = parcel.notices.iter().map(|n| n.id).collect();
        outbox::settle(tx, claim, &ids, &Fate::Later(ready, "paced"), now).await?;
        return Ok(None);
    }
    pace.note(parcel.chat, now);
    Ok(Some(parcel))
}

/// Tells the lead and the managers of a person who cannot be told, once per stretch of time.
async fn tell_unreachable(desk: &Desk, tx: &mut Tx, person: i64, why: &str) -> Result<()> {
    let directory = desk.directory(tx).await?;
    let now = desk.clock.now();
    people::set_unreachable(tx, person, now.timestamp_millis(), why).await?;
    let Some(who) = directory.roster.person(person) else {
        return Ok(());
    };
    // Who is not bound has been so since the binding was ended, or always.
    let since = match people::unreachable_since(tx, person).await? {
        Some(since) => since,
        None => crate::roster::staff::unbound_at(tx, person).await?,
    };
    let mut tell = directory.roster.leads_over(who);
    tell.extend(directory.roster.managers_of_all());
    let owed: Vec<Owed> = tell
        .into_iter()
        .filter(|other| other.id != person)
        .map(|other| Owed {
            once: format!("unreachable:{person}:{since}:{}", other.id),
            person_id: other.id,
            kind: Kind::Unreachable,
            issues: vec![],
            detail: Some(serde_json::json!({ "person": person, "why": why })),
            urgent: false,
            not_before: desk.rules.send_at(now, false),
        })
        .collect();
    outbox::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
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

/// The keyboard as the client wants it.
pub fn keyboard(rows: &[Vec<Button>]) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(rows.iter().map(|row| {
        row.iter()
            .map(|b| InlineKeyboardButton::callback(b.label.clone(), b.data.clone()))
    }))
}

/// Answers a person at once; an answer counts for the pace like a notice.
pub async fn answer(desk: &Desk, chat: i64, said: &Rendered, place: Place) -> Result<i64, Failure> {
    desk.pace.lock().await.note(chat, desk.clock.now_ms());
    request(desk, chat, said, place).await
}

/// Sends one message now, perhaps as a reply to an older one if that is still there; its id.
async fn request(desk: &Desk, chat: i64, said: &Rendered, place: Place) -> Result<i64, Failure> {
    let mut send: teloxide::requests::JsonRequest<SendMessage> = desk
        .bot
        .send_message(ChatId(chat), said.html.clone())
        .parse_mode(ParseMode::Html)
        .link_preview_options(LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        });
    if !said.keyboard.is_empty() {
        send = send.reply_markup(keyboard(&said.keyboard));
    } else if place.force {
        send = send.reply_markup(ForceReply::new().selective());
    }
    if let Some(thread) = place.thread.and_then(|id| i32::try_from(id).ok()) {
        send = send.message_thread_id(ThreadId(MessageId(thread)));
    }
    if let Some(id) = place.reply_to.and_then(|id| i32::try_from(id).ok()) {
        let to = ReplyParameters::new(MessageId(id)).allow_sending_without_reply();
        send = send.reply_parameters(to);
    }
    match send.await {
        Ok(message) => Ok(i64::from(message.id.0)),
        Err(error) => Err(channel::classify(&error)),
    }
}

async fn settle(
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

/// Tells the managers that a message will never be delivered, so that somebody can call; not of
/// what was to tell them of others.
async fn tell_undelivered(desk: &Desk, tx: &mut Tx, parcel: &Parcel, why: &str) -> Result<()> {
    if parcel.bundle == Bundle::Office {
        return Ok(());
    }
    let directory = desk.directory(tx).await?;
    let now = desk.clock.now();
    let first = parcel
        .notices
        .iter()
        .map(|n| n.id)
        .min()
        .unwrap_or_default();
    let managers = directory.roster.managers_of_all();
    let group = group_of(parcel.person).and_then(|id| directory.roster.group(id));
    let detail = match group {
        Some(group) => {
            serde_json::json!({ "group": group.title, "unit": group.unit, "why": why })
        }
        None => serde_json::json!({ "person": parcel.person, "why": why, "lost": true }),
    };
    let owed: Vec<Owed> = managers
        .into_iter()
        .filter(|manager| manager.id != parcel.person)
        .map(|manager| Owed {
            once: format!("undelivered:{first}:{}", manager.id),
            person_id: manager.id,
            kind: Kind::Unreachable,
            issues: vec![],
            detail: Some(detail.clone()),
            urgent: false,
            not_before: desk.rules.send_at(now, false),
        })
        .collect();
    outbox::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}

/// Longer after every try, with jitter, in ms.
fn backoff(attempts: i64) -> i64 {
    let base = 1_000_i64 << attempts.clamp(1, 9);
    base + rand::random_range(0..=base / 4)
}
