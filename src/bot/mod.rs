//! What people say and press becomes acts and answers. Edges translate; the rules are below.

mod announce;
mod ask;
mod asked;
mod bind;
pub mod command;
mod dialog;
mod done;
mod due;
mod export;
mod feedback;
pub mod fetch;
mod fresh;
mod give;
mod group;
mod groups;
mod history;
mod home;
pub mod inbox;
pub mod intake;
mod lang;
mod leave;
mod lists;
mod menu;
mod mute;
mod obey;
mod odd;
mod offer;
mod pending;
mod people;
mod picture;
mod press;
mod question;
mod quiet;
pub mod refresh;
mod remind;
mod rule;
mod shown;
mod staff;
mod text;
mod unlearn;
mod unmatched;
mod upload;

use std::sync::Arc;

use teloxide::types::{
    CallbackQuery, CallbackQueryId, Message as TgMessage, Update, UpdateKind, User,
};

pub use offer::offer;

use crate::act::Actor;
use crate::delivery::Place;
use crate::desk::Desk;
use crate::error::Result;
use crate::flow::Directory;
use crate::issue::evidence::Sent;
use crate::message::lang::Lang;
use crate::message::redraw;
use crate::message::view::Lens;
use crate::message::{Catalogue, Rendered};
use crate::roster::{Person, Role, table as roster};
use crate::store::Tx;

/// So many seconds a poll waits for something new.
const POLL_S: u64 = 30;

/// What an update is answered with once its effects are committed.
#[derive(Debug, Default)]
struct Answer {
    toast: Option<(CallbackQueryId, String, bool)>,
    edits: Vec<(i64, i64, Rendered)>,
    says: Vec<Say>,
    files: Vec<Evidence>,
    /// The chat whose menu of commands becomes that of a role, in a language.
    menu: Option<(i64, Role, Lang)>,
    exports: Vec<export::Export>,
    handings: Vec<feedback::Handing>,
    pictures: Vec<picture::Picture>,
    /// The chat that has no menu of its own any more.
    no_menu: Option<i64>,
    /// How what is said in this chat stands there: a group's topic, in answer to what.
    place: Option<(i64, Place)>,
}

/// A photo or file that somebody sent, to be shown to another.
#[derive(Debug)]
struct Evidence {
    chat: i64,
    /// Plain text: which issue, who sent it, when, with which words.
    caption: String,
    /// As the channel keeps it.
    sent: Sent,
}

/// A message to be sent, kept if a reply to it or a press on it means something.
#[derive(Debug)]
struct Say {
    chat: i64,
    said: Rendered,
    keep: Option<Keep>,
}

impl Say {
    /// A text without buttons.
    fn plain(chat: i64, html: String) -> Self {
        let said = Rendered {
            html,
            keyboard: vec![],
        };
        Self {
            chat,
            said,
            keep: None,
        }
    }
}

#[derive(Debug)]
struct Keep {
    kind: &'static str,
    person: i64,
    issues: Vec<i64>,
    key: String,
}

impl Answer {
    fn text(chat: i64, html: String) -> Self {
        let said = Rendered {
            html,
            keyboard: vec![],
        };
        Self {
            says: vec![Say {
                chat,
                said,
                keep: None,
            }],
            ..Self::default()
        }
    }
}

/// One update being handled.
struct Visit<'a> {
    desk: &'a Desk,
    /// The words that whoever this is reads.
    book: &'a Catalogue,
    tx: &'a mut Tx,
    directory: Directory,
    update_id: i64,
    chat: i64,
    /// The message that was sent, or whose button was pressed.
    message: i64,
    /// The album that the message belongs to.
    album: Option<String>,
    /// The text that a command replies to.
    quoted: Option<String>,
    /// The chat of the message whose button was pressed, if it is not the private one.
    pressed_in: Option<i64>,
}

impl<'a> Visit<'a> {
    fn now_ms(&self) -> i64 {
        self.desk.clock.now_ms()
    }

    fn lens<'b>(&self, directory: &'b Directory) -> Lens<'b>
    where
        'a: 'b,
    {
        let desk: &'b Desk = self.desk;
        Lens::new(&desk.rules, directory, self.book, desk.clock.now())
    }

    /// A message that is kept, so that its buttons and replies to it mean something: the issues in the
    /// order of their positions, and the key of the buttons.
    fn kept(
        &self,
        kind: &'static str,
        person: &Person,
        (issues, key): (Vec<i64>, String),
        said: Rendered,
    ) -> Answer {
        let keep = Keep {
            kind,
            person: person.id,
            issues,
            key,
        };
        Answer {
            says: vec![Say {
                chat: self.chat,
                said,
                keep: Some(keep),
            }],
            ..Answer::default()
        }
    }

    /// Who does something, by which update and message.
    fn actor<'p>(&self, person: &'p Person) -> Actor<'p> {
        Actor {
            person,
            update_id: Some(self.update_id),
            message: Some((self.pressed_in.unwrap_or(self.chat), self.message)),
            now: self.desk.clock.now(),
        }
    }

    fn words(&self, name: &str, context: minijinja::Value) -> Result<String> {
        self.book.text(name, context)
    }

    /// A stranger is answered in the language of their Telegram, if there is one here.
    fn reads(&mut self, from: Option<&User>) {
        let code = from.and_then(|user| user.language_code.as_deref());
        if let Some(lang) = code.and_then(Lang::parse) {
            self.book = self.desk.words.of(lang);
        }
    }

    /// The bound person of this chat, as the roster has them now; from here on their language is spoken.
    async fn person(&mut self, user: i64) -> Result<Option<Person>> {
        let Some(id) = roster::person_of_chat(self.tx, user).await? else {
            return Ok(None);
        };
        self.book = self.desk.book(self.tx, id).await?;
        Ok(self.directory.roster.person(id).cloned())
    }
}

/// Handles every update that waits; how many were handled.
pub async fn handle_waiting(desk: &Arc<Desk>) -> Result<usize> {
    let mut handled = 0;
    loop {
        let mut tx = desk.store.read().await?;
        let batch = inbox::waiting(&mut tx, desk.clock.now_ms()).await?;
        drop(tx);
        if batch.is_empty() {
            return Ok(handled);
        }
        for (update_id, raw) in batch {
            match handle(desk, update_id, &raw).await {
                Ok(answer) => give::give(desk, answer).await,
                Err(error) => {
                    tracing::error!(update_id, %error, "an update could not be handled");
                    let mut tx = desk.store.begin().await?;
                    let now = desk.clock.now_ms();
                    inbox::failed(&mut tx, update_id, &error, now).await?;
                    tx.commit().await?;
                }
            }
            handled += 1;
        }
    }
}

/// So many seconds a poll may wait for something new: not longer than until what failed is tried again.
pub async fn patience(desk: &Desk) -> Result<u64> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.read().await?;
    let next = inbox::next_try(&mut tx, now).await?;
    let wait = next.map(|next| u64::try_from((next - now).max(0)).unwrap_or_default());
    Ok(wait.map_or(POLL_S, |wait| wait.div_ceil(1_000).min(POLL_S)))
}

/// Applies one update and marks it done in one transaction.
async fn handle(desk: &Desk, update_id: i64, raw: &str) -> Result<Answer> {
    let mut tx = desk.store.begin().await?;
    if !inbox::done(&mut tx, update_id).await? {
        return Ok(Answer::default());
    }
    let directory = desk.directory(&mut tx).await?;
    let update: Update = serde_json::from_str(raw)?;
    let answer = {
        let mut visit = Visit {
            desk,
            book: desk.words.office(),
            tx: &mut tx,
            directory,
            update_id,
            chat: 0,
            message: 0,
            album: None,
            quoted: None,
            pressed_in: None,
        };
        match update.kind {
            UpdateKind::Message(message) => visit.message(&message).await?,
            UpdateKind::CallbackQuery(query) => visit.press(query).await?,
            UpdateKind::MyChatMember(change) if !change.chat.is_private() => {
                visit.membership(&change).await?
            }
            UpdateKind::MyChatMember(change) => {
                if change.new_chat_member.is_present() {
                    visit.back(change.chat.id.0).await?;
                }
                Answer::default()
            }
            _ => Answer::default(),
        }
    };
    for (chat, message, said) in &answer.edits {
        redraw::drawn(&mut tx, *chat, *message, said).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

impl Visit<'_> {
    /// A person who can be reached again gets one digest of everything that waits.
    async fn back(&mut self, chat: i64) -> Result<()> {
        if let Some(person) = roster::person_of_chat(self.tx, chat).await? {
            roster::set_reachable(self.tx, person).await?;
            crate::outbox::table::release(self.tx, person, self.desk.clock.now_ms()).await?;
        }
        Ok(())
    }

    async fn message(&mut self, message: &TgMessage) -> Result<Answer> {
        self.chat = message.chat.id.0;
        self.message = i64::from(message.id.0);
        self.reads(message.from.as_ref());
        self.album = message.media_group_id().map(|group| group.0.clone());
        if !message.chat.is_private() {
            return self.in_group(message).await;
        }
        let text = message
            .text()
            .or_else(|| message.caption())
            .unwrap_or_default();
        if let Some(line) = text.strip_prefix('/') {
            self.quoted = message.reply_to_message().map(text::linked);
            let whole = text::linked(message);
            let line = whole.strip_prefix('/').unwrap_or(line);
            return self.command(line).await;
        }
        let Some(person) = self.person(self.chat).await? else {
            return self.stranger();
        };
        let mut answer = match self.asks_for_home(text) {
            true => self.home(&person)?,
            false => self.said(&person, message, text).await?,
        };
        self.renew_menu(&person, &mut answer).await?;
        Ok(answer)
    }

    /// Strangers learn nothing but how to get bound.
    fn stranger(&self) -> Result<Answer> {
        let text = self.words("start_stranger", minijinja::context! {})?;
        Ok(Answer::text(self.chat, text))
    }

    async fn press(&mut self, query: CallbackQuery) -> Result<Answer> {
        let user = i64::try_from(query.from.id.0).unwrap_or_default();
        self.chat = user;
        self.reads(Some(&query.from));
        let id = query.id.clone();
        let data = query.data.clone().unwrap_or_default();
        let person = self.person(user).await?;
        let (mut answer, toast, alert) = press::pressed(self, person.clone(), &data).await?;
        if let Some(person) = &person {
            self.renew_menu(person, &mut answer).await?;
        }
        answer.toast = Some((id, toast, alert));
        Ok(answer)
    }
}
