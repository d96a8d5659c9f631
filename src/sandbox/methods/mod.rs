//! The methods that take effect, and what they have in common.

mod chats;
mod files;
mod messages;

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::server::{Refusal, too_many};
use super::state::{Chat, ChatKind, State};
use super::{Sandbox, html};

pub(super) type Given = Map<String, Json>;

/// Files of a multipart form by the name of their part: file name and content.
pub(super) type Uploads = HashMap<String, (String, Vec<u8>)>;

pub(super) fn run(
    sandbox: &Sandbox,
    method: &str,
    given: &Given,
    uploads: &Uploads,
) -> Result<Json, Refusal> {
    match method {
        "getMe" => Ok(me()),
        "sendMessage" => messages::send(sandbox, given),
        "editMessageText" => messages::edit_text(sandbox, given),
        "editMessageReplyMarkup" => messages::edit_markup(sandbox, given),
        "deleteMessage" => messages::delete(sandbox, given),
        "sendPhoto" => files::photo(sandbox, given, uploads),
        "sendDocument" => files::document(sandbox, given, uploads),
        "getFile" => files::get(sandbox, given),
        "answerCallbackQuery" => chats::toast(sandbox, given),
        "getChat" => chats::get(sandbox, given),
        "sendChatAction" => chats::action(sandbox, given),
        "setMyCommands" => chats::set_commands(sandbox, given),
        "getMyCommands" => Ok(chats::commands(sandbox, given)),
        "deleteMyCommands" => Ok(chats::forget_commands(sandbox, given)),
        "setWebhook" => chats::set_webhook(sandbox, given),
        "getWebhookInfo" => Ok(chats::webhook_info(sandbox)),
        "deleteWebhook" => Ok(chats::forget_webhook(sandbox, given)),
        other => {
            sandbox
                .state()
                .violations
                .push(format!("{other} is not emulated"));
            Err(Refusal::bad("method is not emulated by the sandbox"))
        }
    }
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

/// A text parameter.
fn field<'a>(given: &'a Given, name: &str) -> &'a str {
    given.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn flag(given: &Given, name: &str) -> bool {
    match given.get(name) {
        Some(Json::Bool(yes)) => *yes,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A text with its entities; trimmed, as the server does.
fn formatted(given: &Given, name: &str) -> Result<(String, Vec<Json>), Refusal> {
    let source = field(given, name);
    let (text, entities) = match given.get("parse_mode").and_then(Json::as_str) {
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(source)
            .map_err(|why| Refusal::bad(format!("can't parse entities: {why}")))?,
        _ => (source.to_owned(), vec![]),
    };
    Ok((text.trim().to_owned(), entities))
}

/// Refusals of a chat that cannot be written to.
fn open(state: &mut State, chat_id: i64) -> Result<&mut Chat, Refusal> {
    let forbidden = |text: &str| Err(Refusal(403, format!("Forbidden: {text}"), None));
    match state.chats.get_mut(&chat_id) {
        None => Err(Refusal::bad("chat not found")),
        Some(Chat {
            migrated: Some(to), ..
        }) => Err(Refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat".to_owned(),
            Some(json!({ "migrate_to_chat_id": to })),
        )),
        Some(chat) if chat.blocked && chat.kind != ChatKind::Private => {
            forbidden("bot was kicked from the group chat")
        }
        Some(chat) if !chat.started => forbidden("bot can't initiate conversation with a user"),
        Some(chat) if chat.blocked => forbidden("bot was blocked by the user"),
        Some(chat) => Ok(chat),
    }
}

/// 30 messages a second over all, one a second to a chat with bursts of three, 20 a minute to a
/// group (Bot API FAQ).
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
        let (most, each_ms) = match chat.kind {
            ChatKind::Private => (3.0, 1_000.0),
            ChatKind::Group | ChatKind::Supergroup => (20.0, 3_000.0),
        };
        if chat.refilled == 0 {
            (chat.refilled, chat.tokens) = (now, most);
        }
        chat.tokens = (chat.tokens + (now - chat.refilled) as f64 / each_ms).min(most);
        chat.refilled = now;
        if chat.tokens < 1.0 {
            return Err(too_many(1));
        }
        chat.tokens -= 1.0;
    }
    state.recent.push_back(now);
    Ok(())
}
