//! What was decided is said, once it is committed: the toast, menus, edits, messages and files.

use std::sync::Arc;

use chrono::TimeDelta;
use teloxide::payloads::{
    AnswerCallbackQuerySetters as _, DeleteMyCommandsSetters as _, EditMessageTextSetters as _,
    SendDocumentSetters as _, SendPhotoSetters as _, SetMyCommandsSetters as _,
};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    BotCommandScope, ChatId, FileId, InputFile, LinkPreviewOptions, MessageId, ParseMode, Recipient,
};

use super::command::{self, Command};
use super::{Answer, Evidence, Keep, Say, export, feedback, picture};
use crate::channel::{Failure, classify};
use crate::delivery::{self, BUTTONS_MS, Place};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::redraw;
use crate::message::table::{self as messages, Message};
use crate::message::{Rendered, clip, plain};
use crate::roster::table as roster;

/// What a toast holds, in UTF-16 units (Bot API, answerCallbackQuery).
const TOAST: usize = 200;
/// An edit that may have failed is tried again after so long, in ms.
const LATER_MS: i64 = 5_000;

/// Says what was decided: the toast first, because a person waits for it.
pub(super) async fn give(desk: &Arc<Desk>, answer: Answer) {
    if let Some((id, text, alert)) = answer.toast {
        // A toast is plain text: entities would be shown as they are written.
        let text = clip(&plain(&text), TOAST).into_owned();
        let request = desk
            .bot
            .answer_callback_query(id)
            .text(text)
            .show_alert(alert);
        if let Err(error) = request.await {
            tracing::warn!(failure = ?classify(&error), "a press could not be answered");
        }
    }
    if let Some((chat, role, lang)) = answer.menu {
        let commands = command::menu(desk.words.of(lang), Command::of(role));
        let scope = BotCommandScope::Chat {
            chat_id: Recipient::Id(ChatId(chat)),
        };
        let request = desk.bot.set_my_commands(commands).scope(scope);
        if let Err(error) = request.await {
            tracing::warn!(failure = ?classify(&error), "a menu of commands could not be set");
            if let Err(error) = forget_menu(desk, chat).await {
                tracing::error!(%error, "that a menu is to be set again could not be kept");
            }
        }
    }
    if let Some(chat) = answer.no_menu {
        let scope = BotCommandScope::Chat {
            chat_id: Recipient::Id(ChatId(chat)),
        };
        let request = desk.bot.delete_my_commands().scope(scope);
        if let Err(error) = request.await {
            tracing::warn!(failure = ?classify(&error), "a menu of commands could not be taken away");
        }
    }
    for (chat, message, said) in answer.edits {
        let wait = match edit(desk, chat, message, &said).await {
            Err(Failure::Flood(wait) | Failure::Retry(wait, _)) => wait,
            Err(Failure::Unknown(_)) => LATER_MS,
            Ok(()) | Err(_) => continue,
        };
        if let Err(error) = draw_later(desk, (chat, message), wait).await {
            tracing::error!(%error, "that a message is to be drawn again could not be kept");
        }
    }
    for file in answer.files {
        show_evidence(desk, file).await;
    }
    for export in answer.exports {
        export::give(desk, export).await;
    }
    for handing in answer.handings {
        feedback::give(desk, handing).await;
    }
    for say in answer.says {
        let place = answer.place.filter(|(chat, _)| *chat == say.chat);
        let place = place.map(|(_, place)| place).unwrap_or_default();
        utter(desk, say, place).await;
    }
    for one in answer.pictures {
        picture::show(desk, one).await;
    }
}

/// Sends one answer, now or when the flood limit allows it.
pub(super) async fn utter(desk: &Arc<Desk>, say: Say, place: Place) {
    if let Err((say, wait)) = speak(desk, say, place).await {
        // The flood limit asks to wait: nobody else waits for this answer.
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            let until = desk.clock.now() + TimeDelta::milliseconds(wait);
            desk.clock.sleep_until(until).await;
            if speak(&desk, say, place).await.is_err() {
                tracing::warn!("an answer could not be sent: flood limit");
            }
        });
    }
}

/// What could not be drawn now is drawn a little later.
async fn draw_later(desk: &Desk, (chat, message): (i64, i64), wait: i64) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    redraw::failed(
        &mut tx,
        (chat, message),
        desk.clock.now_ms() + wait.max(LATER_MS),
    )
    .await?;
    tx.commit().await
}

/// The menu of a chat is set the next time.
async fn forget_menu(desk: &Desk, chat: i64) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    roster::set_menu(&mut tx, chat, None).await?;
    tx.commit().await
}

/// Sends a photo or file again by the id under which the channel keeps it.
async fn show_evidence(desk: &Desk, file: Evidence) {
    let input = InputFile::file_id(FileId(file.sent.file_id));
    let chat = ChatId(file.chat);
    desk.pace.lock().await.note(file.chat, desk.clock.now_ms());
    let sent = match file.sent.kind.as_str() {
        "photo" => {
            let send = desk.bot.send_photo(chat, input).caption(file.caption);
            send.await
        }
        _ => {
            let send = desk.bot.send_document(chat, input).caption(file.caption);
            send.await
        }
    };
    if let Err(error) = sent {
        tracing::warn!(failure = %classify(&error), "a photo or file could not be shown");
    }
}

/// Sends one answer; what the flood limit refuses comes back with the wait in ms.
async fn speak(desk: &Desk, mut say: Say, place: Place) -> Result<(), (Say, i64)> {
    let mut answer = delivery::answer(desk, say.chat, &say.said, place).await;
    if let Err(Failure::Migrated(to)) = answer {
        // The group has grown; what was asked there is answered where it goes on.
        say.chat = to;
        answer = delivery::answer(desk, to, &say.said, Place::default()).await;
    }
    match answer {
        Ok(message_id) => {
            if let Some(keep) = say.keep
                && let Err(error) = remember(desk, (say.chat, message_id), &say.said, keep).await
            {
                tracing::error!(%error, "a sent message could not be kept");
            }
        }
        Err(Failure::Flood(wait) | Failure::Retry(wait, _)) => return Err((say, wait)),
        Err(failure) => tracing::warn!(?failure, "an answer could not be sent"),
    }
    Ok(())
}

pub(super) async fn remember(
    desk: &Desk,
    (chat_id, message_id): (i64, i64),
    said: &Rendered,
    keep: Keep,
) -> Result<()> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.begin().await?;
    let message = Message {
        chat_id,
        message_id,
        person_id: keep.person,
        kind: keep.kind.to_owned(),
        issues: keep.issues,
        sections: vec![],
        page: 0,
        key: keep.key,
        sent_at: now,
        expires_at: now + BUTTONS_MS,
    };
    messages::keep(&mut tx, &message, said).await?;
    tx.commit().await
}

/// Edits a message with its keyboard; "not modified" is success.
pub(super) async fn edit(
    desk: &Desk,
    chat: i64,
    message: i64,
    said: &Rendered,
) -> Result<(), Failure> {
    let id = MessageId(i32::try_from(message).unwrap_or_default());
    let request = desk
        .bot
        .edit_message_text(ChatId(chat), id, said.html.clone())
        .parse_mode(ParseMode::Html)
        .link_preview_options(LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        })
        .reply_markup(delivery::keyboard(&said.keyboard));
    match request.await.map_err(|error| classify(&error)) {
        Ok(_) | Err(Failure::NotModified) => Ok(()),
        Err(failure) => {
            tracing::warn!(?failure, "a message could not be edited");
            Err(failure)
        }
    }
}
