//! What the bot says of itself before anybody speaks: its descriptions, and the commands of strangers and
//! groups, in each language.

use teloxide::RequestError;
use teloxide::payloads::{
    SetMyCommandsSetters as _, SetMyDescriptionSetters as _, SetMyShortDescriptionSetters as _,
};
use teloxide::prelude::Requester as _;
use teloxide::types::BotCommandScope;

use super::command::{self, Command};
use crate::channel::classify;
use crate::desk::Desk;
use crate::message::Catalogue;
use crate::message::lang::Lang;

/// What is offered to whom who has no menu of their own.
fn scopes() -> [(BotCommandScope, &'static [Command]); 2] {
    let (stranger, group) = (Command::of_strangers(), Command::of_groups());
    [
        (BotCommandScope::AllPrivateChats, stranger),
        (BotCommandScope::AllGroupChats, group),
    ]
}

/// Tells Telegram what this bot is and what somebody who is not bound is offered, and asks for the bot's
/// name. Nothing where that is done; what fails is tried again by the next call.
pub async fn offer(desk: &Desk) {
    if desk.name.get().is_some() {
        return;
    }
    if let Err(error) = describe(desk).await {
        tracing::warn!(failure = %classify(&error), "the bot's menu and description could not be set");
        return;
    }
    match desk.bot.get_me().await {
        Ok(me) => {
            if let Some(name) = me.user.username.clone() {
                // Another call may have been first; the name is the same.
                desk.name.get_or_init(|| name);
            }
        }
        Err(error) => {
            tracing::warn!(failure = %classify(&error), "the bot's name could not be asked");
        }
    }
}

async fn describe(desk: &Desk) -> Result<(), RequestError> {
    describe_in(desk, None, desk.words.office()).await?;
    for lang in Lang::ALL {
        describe_in(desk, Some(lang.of_menu()), desk.words.of(lang)).await?;
    }
    Ok(())
}

async fn describe_in(
    desk: &Desk,
    language: Option<&str>,
    book: &Catalogue,
) -> Result<(), RequestError> {
    let mut about = desk.bot.set_my_description();
    about = about.description(book.term("about"));
    let mut short = desk.bot.set_my_short_description();
    short = short.short_description(book.term("about_short"));
    if let Some(language) = language {
        about = about.language_code(language);
        short = short.language_code(language);
    }
    about.await?;
    short.await?;
    for (scope, commands) in scopes() {
        let mut set = desk.bot.set_my_commands(command::menu(book, commands));
        set = set.scope(scope);
        if let Some(language) = language {
            set = set.language_code(language);
        }
        set.await?;
    }
    Ok(())
}
