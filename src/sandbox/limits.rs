//! Who may be written to, and how often.

use serde_json::{Value as Json, json};

use super::refusal::{Refusal, too_many};
use super::state::{Chat, ChatKind, State};

/// The bot itself.
pub(super) fn me() -> Json {
    json!({
        "id": 7_000_000_000_i64, "is_bot": true, "first_name": "duban", "username": "duban_bot",
        "can_join_groups": true, "can_read_all_group_messages": false,
        "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

/// Refusals of a chat that cannot be written to.
pub(super) fn open(state: &mut State, chat_id: i64) -> Result<&mut Chat, Refusal> {
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
pub(super) fn limit(state: &mut State, chat_id: i64, now: i64) -> Result<(), Refusal> {
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
