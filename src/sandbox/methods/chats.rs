//! Chats and their people, answers to presses, the webhook.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, field, flag, id};
use super::super::limits::{me, open};
use super::super::refusal::Refusal;
use super::super::state::{ChatKind, ToastSeen};

/// How long a chat action is shown, in seconds (Bot API, sendChatAction).
const ACTION_S: i64 = 5;

pub(super) fn toast(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (id, text, url) = (
        field(given, "callback_query_id"),
        field(given, "text"),
        field(given, "url"),
    );
    if text.encode_utf16().count() > 200 {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let mut state = sandbox.state();
    let Some(true) = state.presses.get(id).map(|press| press.answer.is_none()) else {
        return Err(Refusal::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    let seen = ToastSeen {
        text: text.to_owned(),
        alert: flag(given, "show_alert"),
        url: (!url.is_empty()).then(|| url.to_owned()),
    };
    let revision = state.tick();
    if let Some(press) = state.presses.get_mut(id) {
        press.answer = Some((revision, seen));
    }
    Ok(true.into())
}

pub(super) fn get(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    let state = sandbox.state();
    let known = state.chats.get(&chat_id).filter(|chat| chat.started);
    let chat = known.ok_or_else(|| Refusal::bad("chat not found"))?;
    let mut described = chat.described(chat_id);
    described["accent_color_id"] = 0.into();
    described["max_reaction_count"] = 11.into();
    described["accepted_gift_types"] = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
        "premium_subscription": true, "gifts_from_channels": true,
    });
    if let Some(pinned) = chat.pinned.last().and_then(|id| chat.messages.get(id)) {
        described["pinned_message"] = pinned.json.clone();
    }
    Ok(described)
}

/// A group, by its id.
fn group<T>(
    sandbox: &Sandbox,
    given: &Given,
    look: impl FnOnce(&super::super::state::State, i64) -> T,
) -> Result<T, Refusal> {
    let chat_id = id(given, "chat_id");
    let mut state = sandbox.state();
    if open(&mut state, chat_id)?.kind == ChatKind::Private {
        return Err(Refusal::bad(
            "there are no administrators in the private chat",
        ));
    }
    Ok(look(&state, chat_id))
}

pub(super) fn member(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, user) = (id(given, "chat_id"), id(given, "user_id"));
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    if user == id(&me_fields(), "id") {
        return Ok(json!({ "status": "member", "user": me() }));
    }
    let inside = chat.members.contains(&user) || chat_id == user;
    let person = state.chats.get(&user).map(|chat| chat.user(user));
    let person = person.ok_or_else(|| Refusal::bad("user not found"))?;
    let status = if inside { "member" } else { "left" };
    Ok(json!({ "status": status, "user": person }))
}

fn me_fields() -> Given {
    me().as_object().cloned().unwrap_or_default()
}

/// The first person of a group owns it.
pub(super) fn administrators(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    group(sandbox, given, |state, chat_id| {
        let members = state.chats.get(&chat_id).map(|chat| &chat.members);
        let owner = members.and_then(|members| members.iter().next()).copied();
        let owner = owner.and_then(|id| state.chats.get(&id).map(|chat| chat.user(id)));
        let owner =
            owner.map(|user| json!({ "status": "creator", "user": user, "is_anonymous": false }));
        Json::Array(owner.into_iter().collect())
    })
}

/// The people and the bot.
pub(super) fn count(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    let people = match chat.kind {
        ChatKind::Private => 1,
        ChatKind::Group | ChatKind::Supergroup => chat.members.len(),
    };
    Ok((people + 1).into())
}

/// The bot leaves a group.
pub(super) fn leave(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    group(sandbox, given, |_, _| ())?;
    let mut state = sandbox.state();
    if let Some(chat) = state.chats.get_mut(&chat_id) {
        chat.blocked = true;
    }
    state.touch(chat_id);
    Ok(true.into())
}

pub(super) fn action(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, until) = (id(given, "chat_id"), sandbox.now() + ACTION_S);
    let action = field(given, "action").to_owned();
    let mut state = sandbox.state();
    open(&mut state, chat_id)?.typing = Some((action, until));
    state.touch(chat_id);
    Ok(true.into())
}

pub(super) fn set_webhook(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let owned = |name: &str| field(given, name).to_owned();
    let (url, secret) = (owned("url"), owned("secret_token"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.len() > 256 || !secret.chars().all(allowed) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    let mut state = sandbox.state();
    state.webhook = (!url.is_empty()).then_some((url, secret));
    if flag(given, "drop_pending_updates") {
        state.updates.clear();
    }
    Ok(true.into())
}

pub(super) fn webhook_info(sandbox: &Sandbox) -> Json {
    let state = sandbox.state();
    let url = state.webhook.as_ref().map_or("", |(url, _)| url.as_str());
    json!({
        "url": url, "has_custom_certificate": false,
        "pending_update_count": state.updates.len(),
    })
}

pub(super) fn forget_webhook(sandbox: &Sandbox, given: &Given) -> Json {
    let mut state = sandbox.state();
    state.webhook = None;
    if flag(given, "drop_pending_updates") {
        state.updates.clear();
    }
    true.into()
}
