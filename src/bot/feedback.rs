//! `/feedback`: what was done since the last file, as a file that a platform takes in; for managers of the
//! whole office. It is remembered once it was sent.

use std::sync::Arc;

use teloxide::payloads::SendDocumentSetters as _;
use teloxide::prelude::Requester as _;
use teloxide::types::{ChatId, InputFile};

use super::{Answer, Visit};
use crate::channel::classify;
use crate::delivery;
use crate::desk::Desk;
use crate::error::Result;
use crate::feedback::file::{self, Form};
use crate::feedback::settings::Feedback;
use crate::message::Rendered;
use crate::message::lang::Lang;
use crate::message::view::Lens;
use crate::roster::{Person, Role};
use crate::summary::feedback::{Sheet, Which, handed_in, sheet};

/// A file that was asked for.
#[derive(Debug)]
pub(super) struct Handing {
    chat: i64,
    /// For which source.
    source: String,
    feedback: Feedback,
    which: Which,
    /// Who asked, by name.
    by: String,
    /// In which language.
    lang: Lang,
}

impl Visit<'_> {
    /// `rest` is what follows the command: the name of a source, and 全部 for what stood in a file before.
    pub(super) async fn feedback(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if person.role != Role::Manager {
            return self.plain("no_permission", minijinja::context! {});
        }
        let told = Arc::clone(&self.desk.rules.feedback);
        let names: Vec<&String> = told.keys().collect();
        let say = |what: &str| minijinja::context! { what => what, names => names };
        if !person.everywhere() {
            return self.plain("feedback", say("elsewhere"));
        }
        if told.is_empty() {
            return self.plain("feedback", say("off"));
        }
        let mut words: Vec<&str> = rest.split_whitespace().collect();
        let all = words
            .last()
            .is_some_and(|word| matches!(*word, "全部" | "all"));
        if all {
            words.pop();
        }
        let name = words.join(" ");
        let chosen = match (name.as_str(), told.len()) {
            ("", 1) => told.first_key_value(),
            (name, _) => told.get_key_value(name),
        };
        let Some((source, feedback)) = chosen else {
            return self.plain("feedback", say("which"));
        };
        let which = Which {
            since: None,
            all,
            // The channel is not the office's own.
            masked: true,
        };
        Ok(Answer {
            handings: vec![Handing {
                chat: self.chat,
                source: source.clone(),
                feedback: feedback.clone(),
                which,
                by: person.name.clone(),
                lang: self.book.lang(),
            }],
            ..Answer::default()
        })
    }
}

/// Builds a file, sends it, and remembers what it says.
pub(super) async fn give(desk: &Arc<Desk>, handing: Handing) {
    let failed = match send(desk, &handing).await {
        Ok(true) => return,
        Ok(false) => "none",
        Err(error) => {
            tracing::error!(%error, "a file to hand in could not be given");
            "failed"
        }
    };
    let context = minijinja::context! { what => failed, source => handing.source };
    let Ok(html) = desk.words.of(handing.lang).text("feedback", context) else {
        return;
    };
    let said = Rendered {
        html,
        keyboard: vec![],
    };
    let place = delivery::Place::default();
    if let Err(failure) = delivery::answer(desk, handing.chat, &said, place).await {
        tracing::warn!(%failure, "an answer could not be sent");
    }
}

/// Whether there was something to hand in.
async fn send(desk: &Desk, handing: &Handing) -> Result<bool> {
    let Handing {
        chat,
        source,
        feedback,
        ..
    } = handing;
    let book = desk.words.of(handing.lang);
    let sheet: Sheet = {
        let mut tx = desk.store.read().await?;
        let directory = desk.directory(&mut tx).await?;
        let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
        sheet(&mut tx, &lens, (source, feedback), handing.which).await?
    };
    let now = desk.clock.now_ms();
    if !sheet.rows.is_empty() {
        let bytes = file::write(Form::Xlsx, &sheet.headers, &sheet.rows)?;
        let day = desk.local(desk.clock.now()).format("%Y-%m-%d").to_string();
        let name = format!("{source}-{}-{day}.xlsx", book.term("feedback_name"));
        let fit = |c: char| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() || c.is_whitespace() => '_',
            c => c,
        };
        let name: String = name.chars().map(fit).collect();
        let context = minijinja::context! {
            source => source, count => sheet.rows.len(), all => handing.which.all,
        };
        let caption = crate::message::plain(&book.text("feedback_caption", context)?);
        desk.pace.lock().await.note(*chat, now);
        let document = InputFile::memory(bytes).file_name(name);
        let sent = desk.bot.send_document(ChatId(*chat), document);
        if let Err(error) = sent.caption(caption).await {
            let failure = classify(&error).to_string();
            return Err(crate::error::Error::other(failure));
        }
    }
    let mut tx = desk.store.begin().await?;
    handed_in(&mut tx, source, &sheet, Some(&handing.by), now).await?;
    tx.commit().await?;
    Ok(!sheet.rows.is_empty())
}
