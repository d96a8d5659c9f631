//! Messages: sent, forwarded, copied.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::entities::units;
use super::super::given::{Given, field, flag, formatted, id};
use super::super::limits::{limit, me, open};
use super::super::refusal::Refusal;
use super::super::state::{Button, Chat, ChatMessage, FileSeen, State};

pub(super) fn text(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
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

pub(super) fn buttons(markup: Option<&Json>) -> Result<Vec<Vec<Button>>, Refusal> {
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
    let thread = given.get("message_thread_id").and_then(Json::as_i64);
    if thread.is_some_and(|thread| !chat.topics.contains(&thread)) {
        return Err(Refusal::bad("message thread not found"));
    }
    chat.spoken = true;
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
    if let Some(thread) = thread {
        json["message_thread_id"] = thread.into();
        json["is_topic_message"] = true.into();
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
        asked: markup.cloned().unwrap_or_default(),
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
pub(super) fn mention(state: &State, fields: &mut Json) {
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
