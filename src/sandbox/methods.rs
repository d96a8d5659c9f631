//! The methods that take effect: send, edit, answer.

use serde_json::{Map, Value as Json, json};

use super::server::{Refusal, too_many};
use super::state::{Button, Chat, ChatMessage, State, ToastSeen};
use super::{Sandbox, html};

type Given = Map<String, Json>;

pub(super) fn run(sandbox: &Sandbox, method: &str, given: &Given) -> Result<Json, Refusal> {
    match method {
        "getMe" => Ok(me()),
        "sendMessage" => send(sandbox, given),
        "editMessageText" => edit(sandbox, given),
        "answerCallbackQuery" => toast(sandbox, given),
        "setWebhook" => set_webhook(sandbox, given),
        "deleteWebhook" => {
            sandbox.state().webhook = None;
            Ok(true.into())
        }
        "setMyCommands" | "sendChatAction" => Ok(true.into()),
        other => {
            sandbox
                .state()
                .violations
                .push(format!("{other} is not emulated"));
            Err(Refusal::bad("method is not emulated by the sandbox"))
        }
    }
}

fn set_webhook(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let field = |name: &str| {
        given
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (url, secret) = (field("url"), field("secret_token"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.len() > 256 || !secret.chars().all(allowed) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    sandbox.state().webhook = (!url.is_empty()).then_some((url, secret));
    Ok(true.into())
}

fn me() -> Json {
    json!({
        "id": 7_000_000_000_i64, "is_bot": true, "first_name": "duban", "username": "duban_bot",
        "can_join_groups": true, "can_read_all_group_messages": false,
        "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

fn id(given: &Given, name: &str) -> i64 {
    let value = given.get(name);
    value
        .and_then(|v| {
            v.as_i64()
                .or_else(|| v.as_str().and_then(|t| t.parse().ok()))
        })
        .unwrap_or_default()
}

fn text(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
    let source = given.get("text").and_then(Json::as_str).unwrap_or_default();
    let (text, entities) = match given.get("parse_mode").and_then(Json::as_str) {
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(source)
            .map_err(|why| Refusal::bad(format!("can't parse entities: {why}")))?,
        _ => (source.to_owned(), vec![]),
    };
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if text.encode_utf16().count() > 4096 {
        return Err(Refusal::bad("message is too long"));
    }
    Ok((text, entities))
}

fn buttons(given: &Given) -> Result<Vec<Vec<Button>>, Refusal> {
    let rows = given
        .get("reply_markup")
        .and_then(|m| m.get("inline_keyboard"))
        .and_then(Json::as_array);
    let mut keyboard = Vec::new();
    for row in rows.into_iter().flatten() {
        let mut buttons = Vec::new();
        for button in row.as_array().into_iter().flatten() {
            let field = |name: &str| button[name].as_str().unwrap_or_default().to_owned();
            let (label, data) = (field("text"), field("callback_data"));
            if label.is_empty() {
                return Err(Refusal::bad("text buttons must have non-empty text"));
            }
            if button.get("callback_data").is_some() && !(1..=64).contains(&data.len()) {
                return Err(Refusal::bad("BUTTON_DATA_INVALID"));
            }
            buttons.push(Button { label, data });
        }
        keyboard.push(buttons);
    }
    if keyboard.iter().map(Vec::len).sum::<usize>() > 100 {
        return Err(Refusal::bad("REPLY_MARKUP_TOO_LONG"));
    }
    Ok(keyboard)
}

/// Refusals of a chat that cannot be written to.
fn open(state: &mut State, chat_id: i64) -> Result<&mut Chat, Refusal> {
    let forbidden = |text: &str| Err(Refusal(403, format!("Forbidden: {text}"), None));
    match state.chats.get_mut(&chat_id) {
        None => Err(Refusal::bad("chat not found")),
        Some(chat) if !chat.started => forbidden("bot can't initiate conversation with a user"),
        Some(chat) if chat.blocked => forbidden("bot was blocked by the user"),
        Some(chat) => Ok(chat),
    }
}

/// 30 messages a second over all, one a second to a chat with bursts of three (Bot API FAQ).
fn limit(state: &mut State, chat_id: i64, now: i64) -> Result<(), Refusal> {
    if state.limits_off {
        return Ok(());
    }
    while state.recent.front().is_some_and(|at| *at <= now - 1_000) {
        state.recent.pop_front();
    }
    if state.recent.len() >= 30 {
        return Err(too_many(1));
    }
    if let Some(chat) = state.chats.get_mut(&chat_id) {
        if chat.refilled == 0 {
            (chat.refilled, chat.tokens) = (now, 3.0);
        }
        chat.tokens = (chat.tokens + (now - chat.refilled) as f64 / 1_000.0).min(3.0);
        chat.refilled = now;
        if chat.tokens < 1.0 {
            return Err(too_many(1));
        }
        chat.tokens -= 1.0;
    }
    state.recent.push_back(now);
    Ok(())
}

fn send(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    let (text, entities) = text(given)?;
    let buttons = buttons(given)?;
    let now = sandbox.shared.clock.now_ms();
    let mut state = sandbox.state();
    open(&mut state, chat_id)?;
    limit(&mut state, chat_id, now)?;
    let chat = open(&mut state, chat_id)?;
    chat.next_id += 1;
    let message_id = chat.next_id;
    let mut json = json!({
        "message_id": message_id, "date": now / 1_000, "from": me(), "text": text,
        "chat": { "id": chat_id, "type": "private", "first_name": chat.name },
    });
    if !entities.is_empty() {
        json["entities"] = entities.into();
    }
    if let Some(markup) = given.get("reply_markup") {
        json["reply_markup"] = markup.clone();
    }
    let source = (
        given
            .get("text")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
        given.get("reply_markup").cloned().unwrap_or_default(),
    );
    let message = ChatMessage {
        id: message_id,
        from_bot: true,
        text,
        buttons,
        edits: 0,
        fresh: true,
        json: json.clone(),
        source,
    };
    chat.messages.insert(message_id, message);
    Ok(json)
}

fn edit(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let (text, entities) = text(given)?;
    let buttons = buttons(given)?;
    let now = sandbox.now();
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    let message = chat
        .messages
        .get_mut(&message_id)
        .ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if !message.from_bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    let source = (
        given
            .get("text")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
        given.get("reply_markup").cloned().unwrap_or_default(),
    );
    if source == message.source {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
        ));
    }
    message.json["text"] = text.clone().into();
    message.json["entities"] = entities.into();
    message.json["edit_date"] = now.into();
    message.json["reply_markup"] = source.1.clone();
    (message.text, message.buttons, message.source) = (text, buttons, source);
    message.edits += 1;
    message.fresh = true;
    Ok(message.json.clone())
}

fn toast(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let id = given
        .get("callback_query_id")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let text = given.get("text").and_then(Json::as_str).unwrap_or_default();
    if text.encode_utf16().count() > 200 {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let mut state = sandbox.state();
    let Some(slot) = state.toasts.get_mut(id) else {
        return Err(Refusal::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    let alert = given
        .get("show_alert")
        .and_then(Json::as_bool)
        .unwrap_or_default();
    *slot = Some(ToastSeen {
        text: text.to_owned(),
        alert,
    });
    Ok(true.into())
}
