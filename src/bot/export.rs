//! `/export`: the issues of a scope and a period as a workbook. It is read and built once the command is
//! handled; a large one while others are answered.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use teloxide::payloads::SendDocumentSetters as _;
use teloxide::prelude::Requester as _;
use teloxide::types::{ChatId, InputFile};
use tokio::sync::Semaphore;

use super::{Answer, Visit};
use crate::act::export::{Asked, understand};
use crate::ask::{Search, Stand};
use crate::channel::classify;
use crate::clock::at_local;
use crate::delivery;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::Directory;
use crate::issue::State;
use crate::message::Rendered;
use crate::message::lang::Lang;
use crate::message::view::Lens;
use crate::roster::{Person, Role};
use crate::summary::asking::Asking;
use crate::summary::export::{self, Gathered, LARGE, MOST, Wanted};
use crate::summary::found;
use crate::summary::workbook::workbook;

/// One large file at a time: each takes memory.
static BUILDING: Semaphore = Semaphore::const_new(1);

/// A file that was asked for.
#[derive(Debug)]
pub(super) struct Export {
    chat: i64,
    wanted: Wanted,
    directory: Directory,
    now: DateTime<Utc>,
    /// The scope by name.
    scope: String,
    /// The period by name: 未办结, 2026-09.
    period: String,
    large: bool,
    /// In which language.
    lang: Lang,
}

impl Visit<'_> {
    /// `rest` is what follows the command.
    pub(super) async fn export(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if person.role != Role::Manager {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let now = self.desk.clock.now();
        let today = self.desk.local(now).date_naive();
        let Some(asked) = understand(rest, today) else {
            let text = self.words("export_usage", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        };
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let scope = match person.everywhere() {
            true => self.book.term("whole_city").to_owned(),
            false => lens.units_in_short(person.id),
        };
        let period = self.period(&asked);
        let wanted = Wanted {
            scope: directory.roster.scope_of(person),
            period: asked.days.map(|days| self.times(days)),
            overdue: asked.overdue,
            severity: None,
            category: None,
            only: None,
        };
        self.export_of(wanted, (scope, period)).await
    }

    /// What was looked for in plain words, as a file.
    pub(super) async fn export_found(
        &mut self,
        person: &Person,
        search: &Search,
    ) -> Result<Answer> {
        if person.role != Role::Manager {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let directory = self.directory.clone();
        let lens = self.lens(&directory).read_by(person);
        let index = &directory.index;
        let asking = Asking {
            lens,
            index,
            person,
        };
        let (ids, said) = found::ids(self.tx, &asking, search).await?;
        let scope = directory.roster.scope_of(person);
        let within = asking.place(search.place);
        let wanted = match (search.stand, search.period, within) {
            // As /export 9月超期 understands it: what became due then and was late, fixed since or not.
            (Stand::Overdue, Some(period), Some(within)) => Wanted {
                scope: within.scope(scope),
                period: Some(asking.times(period)),
                overdue: true,
                severity: search.severity,
                category: search.category.clone(),
                only: None,
            },
            _ => Wanted {
                scope,
                period: None,
                overdue: false,
                severity: None,
                category: None,
                only: Some(ids),
            },
        };
        let scope = match person.everywhere() {
            true => self.book.term("whole_city").to_owned(),
            false => lens.units_in_short(person.id),
        };
        let said = said.trim_start_matches("🗂 ").to_owned();
        self.export_of(wanted, (scope, said)).await
    }

    async fn export_of(
        &mut self,
        wanted: Wanted,
        (scope, period): (String, String),
    ) -> Result<Answer> {
        let now = self.desk.clock.now();
        let directory = self.directory.clone();
        let count = export::count(self.tx, &wanted).await?;
        let context = minijinja::context! {
            count => count, most => MOST, scope => scope, period => period,
        };
        if count == 0 || count > MOST {
            let text = self.words("export_refused", context)?;
            return Ok(Answer::text(self.chat, text));
        }
        let large = count >= LARGE;
        let mut answer = match large {
            true => Answer::text(self.chat, self.words("export_large", context)?),
            false => Answer::default(),
        };
        answer.exports.push(Export {
            chat: self.chat,
            wanted,
            directory,
            now,
            scope,
            period,
            large,
            lang: self.book.lang(),
        });
        Ok(answer)
    }

    /// From the beginning of the first day to the end of the last, in UTC milliseconds.
    fn times(&self, (from, to): (NaiveDate, NaiveDate)) -> (i64, i64) {
        let at = |day| at_local(self.desk.rules.zone, day, NaiveTime::MIN).timestamp_millis();
        (at(from), at(to.succ_opt().unwrap_or(to)))
    }

    fn period(&self, asked: &Asked) -> String {
        let words = self.book;
        let days = asked.days.map(|(from, to)| match from == to {
            true => from.to_string(),
            false => format!("{from}_{to}"),
        });
        match (days, asked.overdue) {
            (None, false) => words.term("export_live").to_owned(),
            (None, true) => words.term("export_overdue").to_owned(),
            (Some(days), false) => days,
            (Some(days), true) => format!("{days}_{}", words.term("export_overdue")),
        }
    }
}

/// Builds a file and sends it: a large one beside whatever else is answered.
pub(super) async fn give(desk: &Arc<Desk>, export: Export) {
    if export.large {
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            let _turn = BUILDING.acquire().await;
            send(&desk, export).await;
        });
    } else {
        send(desk, export).await;
    }
}

async fn send(desk: &Arc<Desk>, export: Export) {
    let (chat, lang) = (export.chat, export.lang);
    let failed = match built(desk, export).await {
        Ok(Some((name, bytes, caption))) => {
            desk.pace.lock().await.note(chat, desk.clock.now_ms());
            let file = InputFile::memory(bytes).file_name(name);
            let sent = desk.bot.send_document(ChatId(chat), file).caption(caption);
            match sent.await {
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(failure = %classify(&error), "an export could not be sent");
                    "export_failed"
                }
            }
        }
        Ok(None) => "export_none",
        Err(error) => {
            tracing::error!(%error, "an export could not be built");
            "export_failed"
        }
    };
    if let Ok(html) = desk.words.of(lang).text(failed, minijinja::context! {}) {
        let keyboard = vec![];
        let said = Rendered { html, keyboard };
        if let Err(failure) = delivery::answer(desk, chat, &said, delivery::Place::default()).await
        {
            tracing::warn!(%failure, "an answer could not be sent");
        }
    }
}

/// The file's name, its bytes, and what is said with it; nothing where nothing is in it.
async fn built(desk: &Arc<Desk>, export: Export) -> Result<Option<(String, Vec<u8>, String)>> {
    let mut tx = desk.store.read().await?;
    let now = export.now.timestamp_millis();
    let gathered = export::gather(&mut tx, &export.wanted, now).await?;
    drop(tx);
    if gathered.lines.is_empty() {
        return Ok(None);
    }
    let caption = caption(desk, &export, &gathered)?;
    let office = desk.words.of(export.lang).term("export_name");
    let name = format!("{office}-{}-{}.xlsx", export.scope, export.period);
    let fit = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() || c.is_whitespace() => '_',
        c => c,
    };
    let name = name.chars().map(fit).collect();
    let (desk, directory) = (Arc::clone(desk), export.directory);
    let building = tokio::task::spawn_blocking(move || {
        let lens = Lens::new(
            &desk.rules,
            &directory,
            desk.words.of(export.lang),
            export.now,
        );
        workbook(&lens, &gathered)
    });
    let bytes = building
        .await
        .map_err(|error| Error::other(error.to_string()))??;
    Ok(Some((name, bytes, caption)))
}

fn caption(desk: &Desk, export: &Export, gathered: &Gathered) -> Result<String> {
    let now = export.now.timestamp_millis();
    let lines = &gathered.lines;
    let closed = lines
        .iter()
        .filter(|line| line.standing.state == State::Closed)
        .count();
    let overdue = lines.iter().filter(|line| line.overdue(now)).count();
    let context = minijinja::context! {
        scope => export.scope, period => export.period.replace('_', " – "), total => lines.len(),
        live => lines.len() - closed, closed => closed, overdue => overdue,
    };
    let html = desk.words.of(export.lang).text("export_caption", context)?;
    Ok(crate::message::plain(&html))
}
