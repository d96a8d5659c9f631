//! Messages: sent, edited, copied, pinned, deleted.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::entities::units;
use super::super::given::{Given, field, flag, formatted, id};
use super::super::limits::{limit, me, open};
use super::super::refusal::Refusal;
use super::super::state::{Button, Chat, ChatMessage, FileSeen, State};

/// Messages older than this cannot be deleted, in seconds (Bot API, deleteMessage).
const DELETABLE_S: i64 = 48 * 3_600;

fn text(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
    let (text, entities) = formatted(given, "text")?;
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if units(&text) > 4096 {
        return Err(Refusal::bad("message is too long"));
    }
    Ok((text, entities))
}

/// A caption: up to 1,024 UTF-16 units after entities are parsed (Bot API, sendPhoto).
pub(super) fn caption(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
    let (text, entities) = formatted(given, "caption")?;
    if units(&text) > 1024 {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok((text, entities))
}

fn buttons(markup: Option<&Json>) -> Result<Vec<Vec<Button>>, Refusal> {
    let rows = markup
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
            let does = button.as_object().is_some_and(|b| {
                b.keys()
                    .any(|key| !["text", "style", "icon_custom_emoji_id"].contains(&key.as_str()))
            });
            if !does {
                return Err(Refusal::bad(
                    "inline keyboard button must have exactly one type",
                ));
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

/// What a message is made of besides chat and time.
#[derive(Clone)]
pub(super) struct Content {
    pub text: String,
    /// What was sent as text, to tell whether an edit changes anything.
    pub source: String,
    /// `text`, `photo` …: the fields of the message.
    pub fields: Json,
    pub file: Option<FileSeen>,
}

/// The message that is answered, as `reply_parameters` (or the older field) name it.
fn answered(chat: &Chat, given: &Given) -> Result<Option<(Json, Option<String>)>, Refusal> {
    let none = Given::new();
    let parameters = given.get("reply_parameters").and_then(Json::as_object);
    let named = parameters.unwrap_or(&none);
    let to = match id(named, "message_id") {
        0 => id(given, "reply_to_message_id"),
        to => to,
    };
    if to == 0 {
        return Ok(None);
    }
    let lenient =
        flag(named, "allow_sending_without_reply") || flag(given, "allow_sending_without_reply");
    match chat.messages.get(&to) {
        Some(shown) => {
            let quote = field(named, "quote");
            if !quote.is_empty() && !shown.text.contains(quote) {
                return Err(Refusal::bad("message QUOTE_TEXT_INVALID"));
            }
            let mut json = shown.json.clone();
            // Nobody is shown what an answered message answered in its turn.
            if let Some(fields) = json.as_object_mut() {
                fields.remove("reply_to_message");
            }
            Ok(Some((json, (!quote.is_empty()).then(|| quote.to_owned()))))
        }
        None if lenient => Ok(None),
        None => Err(Refusal::bad("message to be replied not found")),
    }
}

/// Puts a message into a chat, if the chat and the limits allow it.
pub(super) fn post(sandbox: &Sandbox, given: &Given, content: Content) -> Result<Json, Refusal> {
    let now = sandbox.shared.clock.now_ms();
    let mut state = sandbox.state();
    let chat_id = id(given, "chat_id");
    open(&mut state, chat_id)?;
    limit(&mut state, chat_id, now)?;
    put(&mut state, given, content, now)
}

/// The same for one of several that count as one.
pub(super) fn put(
    state: &mut State,
    given: &Given,
    mut content: Content,
    now: i64,
) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    mention(state, &mut content.fields);
    let markup = given.get("reply_markup");
    let buttons = buttons(markup)?;
    let chat = open(state, chat_id)?;
    let answered = answered(chat, given)?;
    chat.next_id += 1;
    let message_id = chat.next_id;
    let mut json = json!({
        "message_id": message_id, "date": now / 1_000, "from": me(),
        "chat": chat.described(chat_id),
    });
    if let (Some(message), Json::Object(fields)) = (json.as_object_mut(), content.fields) {
        message.extend(fields);
    }
    if let Some((shown, quote)) = answered {
        json["reply_to_message"] = shown;
        if let Some(quote) = quote {
            json["quote"] = json!({ "text": quote, "position": 0, "is_manual": true });
        }
    }
    if let Some(thread) = given.get("message_thread_id") {
        json["message_thread_id"] = thread.clone();
    }
    match markup {
        Some(markup) if markup.get("inline_keyboard").is_some() => {
            json["reply_markup"] = markup.clone();
        }
        Some(markup) if markup.get("keyboard").is_some() => {
            chat.reply_keyboard = Some(markup.clone());
        }
        Some(markup) if flag_of(markup, "remove_keyboard") => chat.reply_keyboard = None,
        _ => {}
    }
    let message = ChatMessage {
        id: message_id,
        from_bot: true,
        text: content.text,
        buttons,
        edits: 0,
        fresh: true,
        file: content.file,
        json: json.clone(),
        source: (content.source, json["reply_markup"].clone()),
        reactions: vec![],
        revision: 0,
    };
    state.insert(chat_id, message);
    if markup.is_some_and(|markup| markup.get("inline_keyboard").is_none()) {
        state.touch(chat_id);
    }
    Ok(json)
}

/// A link to a person who is known mentions them; to another it is no link (tdlib,
/// `get_link_user_id`).
fn mention(state: &State, fields: &mut Json) {
    for name in ["entities", "caption_entities"] {
        let Some(list) = fields.get_mut(name).and_then(Json::as_array_mut) else {
            continue;
        };
        list.retain_mut(|entity| {
            let url = entity["url"].as_str().unwrap_or_default();
            let Some(id) = url.strip_prefix("tg://user?id=") else {
                return true;
            };
            let id: i64 = id.parse().unwrap_or_default();
            let Some(person) = state.chats.get(&id) else {
                return false;
            };
            *entity = json!({
                "type": "text_mention", "offset": entity["offset"], "length": entity["length"],
                "user": person.user(id),
            });
            true
        });
    }
}

fn flag_of(markup: &Json, name: &str) -> bool {
    markup[name].as_bool().unwrap_or_default()
}

pub(super) fn send(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (text, entities) = text(given)?;
    let mut fields = json!({ "text": text });
    if !entities.is_empty() {
        fields["entities"] = entities.into();
    }
    let source = field(given, "text").to_owned();
    let content = Content {
        text,
        source,
        fields,
        file: None,
    };
    post(sandbox, given, content)
}

/// A message that is no text and no file: its name and what it holds.
pub(super) fn send_plain(sandbox: &Sandbox, given: &Given, kind: &str) -> Result<Json, Refusal> {
    let wanted: Vec<&str> = match kind {
        "location" => vec!["latitude", "longitude"],
        "contact" => vec!["phone_number", "first_name", "last_name", "vcard"],
        _ => vec![],
    };
    let mut body = json!({});
    for name in wanted {
        if let Some(value) = given.get(name) {
            body[name] = value.clone();
        }
    }
    if kind == "dice" {
        let emoji = field(given, "emoji");
        body["emoji"] = if emoji.is_empty() { "🎲" } else { emoji }.into();
        body["value"] = rand::random_range(1..=6).into();
    }
    let content = Content {
        text: String::new(),
        source: String::new(),
        fields: json!({ kind: body }),
        file: None,
    };
    post(sandbox, given, content)
}

/// A message of a chat again in another, with its text replaced if a caption is given.
fn again(sandbox: &Sandbox, given: &Given, forward: bool) -> Result<Json, Refusal> {
    let (from, message_id) = (id(given, "from_chat_id"), id(given, "message_id"));
    let what = if forward { "forward" } else { "copy" };
    let shown = {
        let state = sandbox.state();
        let chat = state.chats.get(&from);
        let chat = chat.ok_or_else(|| Refusal::bad("chat not found"))?;
        let shown = chat.messages.get(&message_id).cloned();
        shown.ok_or_else(|| Refusal::bad(format!("message to {what} not found")))?
    };
    let mut fields = json!({});
    let known = [
        "text",
        "entities",
        "photo",
        "document",
        "video",
        "audio",
        "voice",
        "animation",
        "sticker",
        "caption",
        "caption_entities",
        "location",
        "contact",
    ];
    for name in known {
        if let Some(value) = shown.json.get(name) {
            fields[name] = value.clone();
        }
    }
    let (mut text, mut source) = (shown.text, shown.source.0);
    if forward {
        fields["forward_origin"] = json!({
            "type": "user", "sender_user": shown.json["from"], "date": shown.json["date"],
        });
    } else if given.contains_key("caption") {
        let (caption, entities) = caption(given)?;
        fields["caption"] = caption.clone().into();
        fields["caption_entities"] = entities.into();
        (text, source) = (caption, field(given, "caption").to_owned());
    }
    let content = Content {
        text,
        source,
        fields,
        file: shown.file,
    };
    post(sandbox, given, content)
}

pub(super) fn forward(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    again(sandbox, given, true)
}

pub(super) fn copy(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let sent = again(sandbox, given, false)?;
    Ok(json!({ "message_id": sent["message_id"] }))
}

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
