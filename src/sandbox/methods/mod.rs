//! The methods that take effect, by name.

mod chats;
mod files;
mod messages;

use serde_json::Value as Json;

use super::Sandbox;
use super::given::{Given, Uploads};
use super::limits::me;
use super::refusal::Refusal;

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
