//! Chats, menus of commands, answers to presses, the webhook.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, field, flag, id};
use super::super::limits::open;
use super::super::refusal::Refusal;
use super::super::state::ToastSeen;

pub(super) fn toast(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (id, text) = (field(given, "callback_query_id"), field(given, "text"));
    if text.encode_utf16().count() > 200 {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let mut state = sandbox.state();
    let Some(slot) = state.toasts.get_mut(id) else {
        return Err(Refusal::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    *slot = Some(ToastSeen {
        text: text.to_owned(),
        alert: flag(given, "show_alert"),
    });
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
    Ok(described)
}

pub(super) fn action(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    open(&mut sandbox.state(), id(given, "chat_id"))?;
    Ok(true.into())
}

/// What a menu is kept under: its scope and its language.
fn menu_key(given: &Given) -> (String, String) {
    let scope = given.get("scope").filter(|scope| scope.is_object());
    let scope = scope.map_or_else(|| json!({ "type": "default" }), Json::clone);
    let kind = scope["type"].as_str().unwrap_or("default");
    let key = match id(scope.as_object().unwrap_or(&Given::new()), "chat_id") {
        0 => kind.to_owned(),
        chat => format!("{kind}:{chat}"),
    };
    (key, field(given, "language_code").to_owned())
}

pub(super) fn set_commands(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let commands = given.get("commands").and_then(Json::as_array);
    let commands = commands.cloned().unwrap_or_default();
    if commands.len() > 100 {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let (word, about) = (&command["command"], &command["description"]);
        let word = word.as_str().unwrap_or_default();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&word.len()) || !word.chars().all(fits) {
            return Err(Refusal::bad("BOT_COMMAND_INVALID"));
        }
        let length = about.as_str().unwrap_or_default().encode_utf16().count();
        if !(1..=256).contains(&length) {
            return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = menu_key(given);
    let mut state = sandbox.state();
    if let Some(chat) = key.0.strip_prefix("chat:") {
        let known = chat.parse().ok().and_then(|id: i64| state.chats.get(&id));
        if !known.is_some_and(|chat| chat.started) {
            return Err(Refusal::bad("chat not found"));
        }
    }
    state.menus.insert(key, commands);
    Ok(true.into())
}

pub(super) fn commands(sandbox: &Sandbox, given: &Given) -> Json {
    let state = sandbox.state();
    let found = state.menus.get(&menu_key(given)).cloned();
    found.unwrap_or_default().into()
}

pub(super) fn forget_commands(sandbox: &Sandbox, given: &Given) -> Json {
    sandbox.state().menus.remove(&menu_key(given));
    true.into()
}

pub(super) fn set_webhook(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let owned = |name: &str| field(given, name).to_owned();
    let (url, secret) = (owned("url"), owned("secret_token"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.len() > 256 || !secret.chars().all(allowed) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    sandbox.state().webhook = (!url.is_empty()).then_some((url, secret));
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
