//! The methods that take effect, by name.

mod changes;
mod chats;
mod files;
mod messages;
mod profile;

use serde_json::{Value as Json, json};

use super::Sandbox;
use super::given::{Given, Uploads};
use super::limits::me;
use super::refusal::Refusal;

pub(super) use files::{described, mime};

/// What a call does, and what it is answered with.
pub(super) fn run(
    sandbox: &Sandbox,
    method: &str,
    given: &Given,
    uploads: &Uploads,
) -> Result<Json, Refusal> {
    let file = |kind: &str| files::send(sandbox, given, uploads, kind);
    match method {
        "getMe" => Ok(me()),
        "logOut" | "close" => Ok(true.into()),
        "sendMessage" => messages::send(sandbox, given),
        "editMessageText" => changes::edit_text(sandbox, given),
        "editMessageCaption" => changes::edit_caption(sandbox, given),
        "editMessageReplyMarkup" => changes::edit_markup(sandbox, given),
        "editMessageMedia" => files::edit(sandbox, given, uploads),
        "deleteMessage" => changes::delete(sandbox, given),
        "deleteMessages" => changes::delete_many(sandbox, given),
        "forwardMessage" => messages::forward(sandbox, given),
        "copyMessage" => messages::copy(sandbox, given),
        "pinChatMessage" => changes::pin(sandbox, given),
        "unpinChatMessage" => changes::unpin(sandbox, given, false),
        "unpinAllChatMessages" => changes::unpin(sandbox, given, true),
        "setMessageReaction" => changes::react(sandbox, given),
        "sendPhoto" => file("photo"),
        "sendDocument" => file("document"),
        "sendVideo" => file("video"),
        "sendAudio" => file("audio"),
        "sendVoice" => file("voice"),
        "sendAnimation" => file("animation"),
        "sendSticker" => file("sticker"),
        "sendVideoNote" => file("video_note"),
        "sendMediaGroup" => files::album(sandbox, given, uploads),
        "sendLocation" => messages::send_plain(sandbox, given, "location"),
        "sendContact" => messages::send_plain(sandbox, given, "contact"),
        "sendDice" => messages::send_plain(sandbox, given, "dice"),
        "getFile" => files::get(sandbox, given),
        "answerCallbackQuery" => chats::toast(sandbox, given),
        "getChat" => chats::get(sandbox, given),
        "getChatMember" => chats::member(sandbox, given),
        "getChatMemberCount" => chats::count(sandbox, given),
        "getChatAdministrators" => chats::administrators(sandbox, given),
        "leaveChat" => chats::leave(sandbox, given),
        "sendChatAction" => chats::action(sandbox, given),
        "getUserProfilePhotos" => Ok(json!({ "total_count": 0, "photos": [] })),
        "setMyCommands" => profile::set_commands(sandbox, given),
        "getMyCommands" => Ok(profile::commands(sandbox, given)),
        "deleteMyCommands" => Ok(profile::forget_commands(sandbox, given)),
        "setMyName" => profile::set_text(sandbox, given, "name"),
        "getMyName" => Ok(profile::text(sandbox, given, "name")),
        "setMyDescription" => profile::set_text(sandbox, given, "description"),
        "getMyDescription" => Ok(profile::text(sandbox, given, "description")),
        "setMyShortDescription" => profile::set_text(sandbox, given, "short_description"),
        "getMyShortDescription" => Ok(profile::text(sandbox, given, "short_description")),
        "setChatMenuButton" => Ok(true.into()),
        "getChatMenuButton" => Ok(json!({ "type": "commands" })),
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
