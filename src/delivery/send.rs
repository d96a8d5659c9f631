//! One message goes to a chat: with its buttons, in its topic, as a reply.

use teloxide::payloads::{SendMessage, SendMessageSetters as _};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ChatId, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageId,
    ParseMode, ReplyParameters, ThreadId,
};

use crate::channel::{self, Failure};
use crate::desk::Desk;
use crate::message::{Button, Rendered};

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
pub(super) async fn request(
    desk: &Desk,
    chat: i64,
    said: &Rendered,
    place: Place,
) -> Result<i64, Failure> {
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
