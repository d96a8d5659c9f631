//! Pictures: `/trend`, the one of `/status`, a unit's calendar; each with the same figures in words, which
//! arrive even where the picture does not.

use std::sync::Arc;

use chrono::TimeDelta;
use teloxide::payloads::SendPhotoSetters as _;
use teloxide::prelude::Requester as _;
use teloxide::types::{ChatId, InputFile, ParseMode};

use super::give::utter;
use super::{Answer, Say, Visit};
use crate::channel::{Failure, classify};
use crate::delivery::Place;
use crate::desk::Desk;
use crate::error::Result;
use crate::message::{Rendered, clip, plain, utf16_len};
use crate::picture::{Sheet, say};
use crate::roster::{Person, Role, Scope};
use crate::summary::{self, Status, trend};

/// What a caption holds, in UTF-16 units (Bot API, sendPhoto).
const CAPTION: usize = 1024;
/// What a scope's name may take of it.
const NAME: usize = 120;

/// A picture to be drawn and sent.
#[derive(Debug)]
pub(super) struct Picture {
    chat: i64,
    sheet: Sheet,
    /// What stands below it.
    caption: String,
    /// Whether its figures are said in a message of their own.
    said: bool,
}

impl Visit<'_> {
    /// Words with a picture: below it if they fit there, else as a message of their own, and the picture
    /// with the few.
    pub(super) fn illustrated(&self, html: String, sheet: Sheet, few: String) -> Answer {
        let said = utf16_len(&plain(&html)) > CAPTION;
        let mut answer = Answer::default();
        let caption = if said {
            answer = Answer::text(self.chat, html);
            few
        } else {
            html
        };
        answer.pictures.push(Picture {
            chat: self.chat,
            sheet,
            caption,
            said,
        });
        answer
    }

    /// What happened in the last days: `rest` is what follows the command.
    pub(super) async fn trend(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        let words = |name, context| Ok(Answer::text(self.chat, self.words(name, context)?));
        if !matches!(person.role, Role::Manager | Role::Lead) {
            return words("no_permission", minijinja::context! {});
        }
        let (least, most) = (trend::LEAST, trend::MOST);
        let Some(days) = trend::days_asked(rest) else {
            return words("trend_usage", minijinja::context! { least, most });
        };
        let directory = self.directory.clone();
        let scope = directory.roster.scope_of(person);
        let (rules, now) = (&self.desk.rules, self.desk.clock.now());
        let found = trend::trend(self.tx, rules, &scope, days, now).await?;
        let of = summary::scope_name(&directory.roster, Some(person));
        let context = minijinja::context! {
            scope => clip(&of, NAME), days, most, t => found, closed => found.sum.closed(),
        };
        if found.blank() {
            let text = self.words("trend_none", context)?;
            return Ok(Answer::text(self.chat, text));
        }
        let few = self.words("trend_few", context.clone())?;
        let sheet = say::trend(self.book, &of, &found);
        Ok(self.illustrated(self.words("trend", context)?, sheet, few))
    }

    /// The figures of now with what happened in the last days.
    pub(super) async fn pictured(&mut self, person: &Person, status: Status) -> Result<Answer> {
        let scope = self.directory.roster.scope_of(person);
        let (rules, now) = (&self.desk.rules, self.desk.clock.now());
        let recent = trend::trend(self.tx, rules, &scope, trend::RECENT, now).await?;
        if recent.blank() {
            let text = self.words("status", minijinja::context! { s => status })?;
            return Ok(Answer::text(self.chat, text));
        }
        let context = minijinja::context! {
            s => status, t => recent, days => trend::RECENT, scope => clip(&status.scope, NAME),
        };
        let few = self.words("status_few", context.clone())?;
        let sheet = say::status(self.book, &status, &recent);
        Ok(self.illustrated(self.words("status", context)?, sheet, few))
    }

    /// The calendar of a unit and of those below it that a person may see, with the same in words; none
    /// where nothing was opened.
    pub(super) async fn calendar_of(
        &mut self,
        person: &Person,
        unit: i64,
    ) -> Result<Option<Picture>> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let Some(unit) = roster.unit_by_id(unit) else {
            return Ok(None);
        };
        let below = roster.units.iter().filter(|one| {
            roster.is_below(&one.code, &unit.code) && roster.may_see(person, &one.code, None)
        });
        let scope = Scope::Units(below.map(|one| one.id).collect());
        let (rules, now) = (&self.desk.rules, self.desk.clock.now());
        let days = trend::calendar(self.tx, rules, &scope, now).await?;
        let Some(sheet) = say::calendar(self.book, &unit.name, &days) else {
            return Ok(None);
        };
        let most = days.iter().max_by_key(|day| (day.opened, day.date));
        let sum = |of: fn(&&trend::Day) -> bool| -> u32 {
            days.iter().filter(of).map(|day| day.opened).sum()
        };
        let context = minijinja::context! {
            unit => clip(&unit.name, NAME), weeks => trend::WEEKS, opened => sum(|_| true),
            off => sum(|day| day.off),
            most => most.map(|day| minijinja::context! {
                date => day.date.format("%m-%d").to_string(), count => day.opened,
            }),
        };
        Ok(Some(Picture {
            chat: self.chat,
            sheet,
            caption: self.words("unit_calendar", context)?,
            said: false,
        }))
    }
}

/// Draws and sends a picture; where that fails, its words are sent.
pub(super) async fn show(desk: &Arc<Desk>, picture: Picture) {
    let Picture {
        chat,
        sheet,
        caption,
        said,
    } = picture;
    let drawn = tokio::task::spawn_blocking(move || sheet.draw()).await;
    let failure = match drawn {
        Ok(Ok(bytes)) => match send(desk, chat, bytes.clone(), &caption).await {
            Ok(()) => return,
            Err(Failure::Flood(wait)) => {
                // The flood limit asks to wait: nobody else waits for this picture.
                let desk = Arc::clone(desk);
                tokio::spawn(async move {
                    let until = desk.clock.now() + TimeDelta::milliseconds(wait);
                    desk.clock.sleep_until(until).await;
                    if let Err(failure) = send(&desk, chat, bytes, &caption).await {
                        in_words(&desk, (chat, caption, said), &format!("{failure:?}")).await;
                    }
                });
                return;
            }
            Err(failure) => format!("{failure:?}"),
        },
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    in_words(desk, (chat, caption, said), &failure).await;
}

async fn in_words(desk: &Arc<Desk>, (chat, html, said): (i64, String, bool), failure: &str) {
    tracing::warn!(failure, "a picture could not be sent");
    if !said {
        let said = Rendered {
            html,
            keyboard: vec![],
        };
        let keep = None;
        utter(desk, Say { chat, said, keep }, Place::default()).await;
    }
}

async fn send(desk: &Desk, chat: i64, png: Vec<u8>, caption: &str) -> Result<(), Failure> {
    desk.pace.lock().await.note(chat, desk.clock.now_ms());
    let file = InputFile::memory(png).file_name("figures.png");
    let send = desk.bot.send_photo(ChatId(chat), file);
    let sent = send.caption(caption).parse_mode(ParseMode::Html).await;
    sent.map(|_| ()).map_err(|error| classify(&error))
}
