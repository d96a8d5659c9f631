//! Messages: sent, edited, deleted.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, field, formatted, id};
use super::super::limits::{limit, me, open};
use super::super::refusal::Refusal;
use super::super::state::{Button, ChatMessage, FileSeen};

/// Messages older than this cannot be deleted, in seconds (Bot API, deleteMessage).
const DELETABLE_S: i64 = 48 * 3_600;

fn text(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
    let (text, entities) = formatted(given, "text")?;
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

/// What a message is made of besides chat and time.
pub(super) struct Content {
    pub text: String,
    /// What was sent as text, to tell whether an edit changes anything.
    pub source: String,
    /// `text`, `photo` …: the fields of the message.
    pub fields: Json,
    pub file: Option<FileSeen>,
}

/// Puts a message into a chat, if the chat and the limits allow it.
pub(super) fn post(sandbox: &Sandbox, given: &Given, content: Content) -> Result<Json, Refusal> {
    let chat_id = id(given, "chat_id");
    let buttons = buttons(given)?;
    let now = sandbox.shared.clock.now_ms();
    let mut state = sandbox.state();
    open(&mut state, chat_id)?;
    limit(&mut state, chat_id, now)?;
    let chat = open(&mut state, chat_id)?;
    chat.next_id += 1;
    let message_id = chat.next_id;
    let mut json = json!({
        "message_id": message_id, "date": now / 1_000, "from": me(),
        "chat": chat.described(chat_id),
    });
    if let (Some(message), Json::Object(fields)) = (json.as_object_mut(), content.fields) {
        message.extend(fields);
    }
    if let Some(markup) = given.get("reply_markup") {
        json["reply_markup"] = markup.clone();
    }
    let markup = given.get("reply_markup").cloned().unwrap_or_default();
    let message = ChatMessage {
        id: message_id,
        from_bot: true,
        text: content.text,
        buttons,
        edits: 0,
        fresh: true,
        file: content.file,
        json: json.clone(),
        source: (content.source, markup),
    };
    chat.messages.insert(message_id, message);
    Ok(json)
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

/// Changes a message of the bot by `change`, unless nothing would change.
fn edit(
    sandbox: &Sandbox,
    given: &Given,
    source: Option<String>,
    change: impl FnOnce(&mut ChatMessage),
) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
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
    let markup = given.get("reply_markup").cloned().unwrap_or_default();
    let source = (source.unwrap_or_else(|| message.source.0.clone()), markup);
    if source == message.source {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
        ));
    }
    change(message);
    message.json["edit_date"] = now.into();
    message.json["reply_markup"] = source.1.clone();
    (message.buttons, message.source) = (buttons, source);
    message.edits += 1;
    message.fresh = true;
    Ok(message.json.clone())
}

pub(super) fn edit_text(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (text, entities) = text(given)?;
    let source = field(given, "text").to_owned();
    edit(sandbox, given, Some(source), |message| {
        message.json["text"] = text.clone().into();
        message.json["entities"] = entities.into();
        message.text = text;
    })
}

pub(super) fn edit_markup(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    edit(sandbox, given, None, |_| {})
}

pub(super) fn delete(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let (chat_id, message_id) = (id(given, "chat_id"), id(given, "message_id"));
    let now = sandbox.now();
    let mut state = sandbox.state();
    let chat = open(&mut state, chat_id)?;
    let Some(message) = chat.messages.get(&message_id) else {
        return Err(Refusal::bad("message to delete not found"));
    };
    if message.json["date"].as_i64().unwrap_or_default() < now - DELETABLE_S {
        return Err(Refusal::bad("message can't be deleted"));
    }
    chat.messages.remove(&message_id);
    Ok(true.into())
}
