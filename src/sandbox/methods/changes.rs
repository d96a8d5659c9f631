//! What becomes of messages: edited, deleted, pinned, reacted to.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, field, id};
use super::super::limits::open;
use super::super::refusal::Refusal;
use super::super::state::{ChatMessage, State};
use super::messages::{buttons, caption, mention, text};

/// Messages older than this cannot be deleted, in seconds (Bot API, deleteMessage).
const DELETABLE_S: i64 = 48 * 3_600;

/// Changes a message of the bot by `change`, unless nothing would change.
pub(super) fn edit(
    sandbox: &Sandbox,
    given: &Given,
    source: Option<String>,
    change: impl FnOnce(&mut ChatMessage),
) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let markup = given.get("reply_markup").cloned();
    let markup = markup.filter(|m| m.get("inline_keyboard").is_some_and(|k| *k != json!([])));
    let buttons = buttons(markup.as_ref())?;
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
    let markup = markup.unwrap_or_default();
    let source = (source.unwrap_or_else(|| message.source.0.clone()), markup);
    if source == message.source {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
        ));
    }
    let mut message = message.clone();
    change(&mut message);
    mention(&state, &mut message.json);
    message.json["edit_date"] = now.into();
    if let Some(fields) = message.json.as_object_mut() {
        match &source.1 {
            Json::Null => fields.remove("reply_markup"),
            markup => fields.insert("reply_markup".to_owned(), markup.clone()),
        };
    }
    (message.buttons, message.source) = (buttons, source);
    message.edits += 1;
    message.fresh = true;
    let json = message.json.clone();
    state.insert(chat_id, message);
    Ok(json)
}

/// The text of a message, or its caption, with its entities.
fn set_text(message: &mut ChatMessage, names: [&str; 2], text: String, entities: Vec<Json>) {
    message.json[names[0]] = text.clone().into();
    message.json[names[1]] = entities.into();
    message.text = text;
}

pub(super) fn edit_text(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (text, entities) = text(given)?;
    let source = field(given, "text").to_owned();
    let held = shown(sandbox, given);
    if held.is_some_and(|shown| shown.from_bot && shown.json.get("text").is_none()) {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    edit(sandbox, given, Some(source), |message| {
        set_text(message, ["text", "entities"], text, entities);
    })
}

pub(super) fn edit_caption(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (text, entities) = caption(given)?;
    let source = field(given, "caption").to_owned();
    let held = shown(sandbox, given);
    if held.is_some_and(|shown| shown.from_bot && shown.file.is_none()) {
        return Err(Refusal::bad("there is no caption in the message to edit"));
    }
    edit(sandbox, given, Some(source), |message| {
        set_text(message, ["caption", "caption_entities"], text, entities);
    })
}

fn shown(sandbox: &Sandbox, given: &Given) -> Option<ChatMessage> {
    let state = sandbox.state();
    let chat = state.chats.get(&id(given, "chat_id"))?;
    chat.messages.get(&id(given, "message_id")).cloned()
}

pub(super) fn edit_markup(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    edit(sandbox, given, None, |_| {})
}

fn remove(state: &mut State, chat_id: i64, message_id: i64, now: i64) -> Result<(), Refusal> {
    let chat = open(state, chat_id)?;
    let Some(message) = chat.messages.get(&message_id) else {
        return Err(Refusal::bad("message to delete not found"));
    };
    if message.json["date"].as_i64().unwrap_or_default() < now - DELETABLE_S {
        return Err(Refusal::bad("message can't be deleted"));
    }
    chat.messages.remove(&message_id);
    chat.pinned.retain(|pinned| *pinned != message_id);
    let gone = state.tick();
    if let Some(chat) = state.chats.get_mut(&chat_id) {
        chat.deleted.push((gone, message_id));
    }
    Ok(())
}

pub(super) fn delete(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let now = sandbox.now();
    let (chat, message) = (id(given, "chat_id"), id(given, "message_id"));
    remove(&mut sandbox.state(), chat, message, now)?;
    Ok(true.into())
}

/// Several at once; those that cannot be found are passed over.
pub(super) fn delete_many(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let now = sandbox.now();
    let ids = given.get("message_ids").and_then(Json::as_array);
    let ids: Vec<i64> = ids.into_iter().flatten().filter_map(Json::as_i64).collect();
    if !(1..=100).contains(&ids.len()) {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    let chat = id(given, "chat_id");
    let mut state = sandbox.state();
    open(&mut state, chat)?;
    for message in ids {
        let _ = remove(&mut state, chat, message, now);
    }
    Ok(true.into())
}

pub(super) fn pin(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    if !chat.messages.contains_key(&message_id) {
        return Err(Refusal::bad("message to pin not found"));
    }
    chat.pinned.retain(|pinned| *pinned != message_id);
    chat.pinned.push(message_id);
    state.touch(chat_id);
    Ok(true.into())
}

/// Without a message: the newest, or with `all` each.
pub(super) fn unpin(sandbox: &Sandbox, given: &Given, all: bool) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    match (all, message_id) {
        (true, _) => chat.pinned.clear(),
        (false, 0) => drop(chat.pinned.pop()),
        (false, message) => chat.pinned.retain(|pinned| *pinned != message),
    }
    state.touch(chat_id);
    Ok(true.into())
}

/// The bot's reaction to a message; an empty list takes it back.
pub(super) fn react(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let given = given.get("reaction").and_then(Json::as_array);
    let emoji = given
        .into_iter()
        .flatten()
        .filter_map(|r| r["emoji"].as_str());
    let reactions = emoji.map(str::to_owned).collect();
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    let message = chat.messages.get(&message_id).cloned();
    let mut message = message.ok_or_else(|| Refusal::bad("message to react not found"))?;
    message.reactions = reactions;
    state.insert(chat_id, message);
    Ok(true.into())
}
