//! The work on report files that were handed to the bot: fetched once, read and shown as understood, imported
//! when that was confirmed.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::Keep;
use super::fetch::{self, Content};
use super::give;
use super::upload::{KIND, name};
use crate::channel::Failure;
use crate::delivery::{self, Place};
use crate::desk::Desk;
use crate::error::{Error, Fault, Result};
use crate::flow::trial::trial;
use crate::flow::{self, Directory, Incoming};
use crate::issue::evidence::Sent;
use crate::message::Rendered;
use crate::message::upload::Choices;
use crate::message::view::Lens;
use crate::report::source::SourceSettings;
use crate::report::upload::{self, Step, Upload, sources};
use crate::roster::Person;

/// So many are worked on in one round.
const ROUND: i64 = 4;
/// What is being worked on, or could not be, is due again after so long, in ms.
const AGAIN_MS: i64 = 300_000;
/// Another report is being processed, or the channel does not answer: again after so long, in ms.
const SOON_MS: i64 = 10_000;
/// A file that the channel did not give out for so long is given up, in ms.
const GIVE_UP_MS: i64 = 600_000;

/// Works on what waits; how many got on.
pub async fn work(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.read().await?;
    let due = upload::due(&mut tx, now, ROUND).await?;
    drop(tx);
    let mut done = 0;
    for file in due {
        let mut tx = desk.store.begin().await?;
        let mine = upload::take(&mut tx, &file, now, now + AGAIN_MS).await?;
        tx.commit().await?;
        if !mine {
            continue;
        }
        match one(desk, &file).await {
            Ok(true) => done += 1,
            Ok(false) => {
                let mut tx = desk.store.begin().await?;
                upload::later(&mut tx, file.id, now + SOON_MS).await?;
                tx.commit().await?;
            }
            Err(error) => {
                tracing::error!(upload = file.id, %error, "an uploaded report could not be worked on");
            }
        }
    }
    Ok(done)
}

/// A file with what it is judged by.
struct Work<'a> {
    desk: &'a Desk,
    file: &'a Upload,
    sent: Sent,
    directory: Directory,
}

/// Works on one file. False: it is tried again soon.
async fn one(desk: &Desk, file: &Upload) -> Result<bool> {
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    tx.commit().await?;
    let work = Work {
        desk,
        file,
        sent: Sent::read(&file.file),
        directory,
    };
    // The roster of now: who sent it may have left since.
    let person = work.directory.roster.person(file.person_id);
    if !person.is_some_and(Person::may_import) {
        return work
            .end(Step::Dropped, None, work.word("area").await?)
            .await;
    }
    if file.expires_at < desk.clock.now_ms() {
        return work
            .end(Step::Failed, None, work.word("expired").await?)
            .await;
    }
    let all = sources(&desk.sources);
    let chosen = file.source.as_ref();
    let chosen = chosen.and_then(|name| all.iter().find(|source| source.name == *name));
    if let (Step::Import, None) = (file.step, chosen) {
        // The settings were changed since it was confirmed.
        let source = file.source.as_deref().unwrap_or_default();
        let said = work.say(|lens| lens.upload_without_source(name(&work.sent), source));
        return work.end(Step::Failed, None, said.await?).await;
    }
    let bytes = match work.bytes().await? {
        Ok(bytes) => bytes,
        Err(Content::Later) if desk.clock.now_ms() - file.at < GIVE_UP_MS => return Ok(false),
        Err(_) => return work.end(Step::Failed, None, work.word("gone").await?).await,
    };
    match (file.step, chosen) {
        (Step::Import, Some(source)) => work.import(source, bytes).await,
        _ => work.show(&all, chosen, &bytes).await,
    }
}

impl Work<'_> {
    /// What the reader of this file is told with.
    async fn say<T>(&self, with: impl FnOnce(&Lens<'_>) -> Result<T>) -> Result<T> {
        let mut tx = self.desk.store.read().await?;
        let book = self.desk.book(&mut tx, self.file.person_id).await?;
        let now = self.desk.clock.now();
        with(&Lens::new(&self.desk.rules, &self.directory, book, now))
    }

    async fn word(&self, what: &str) -> Result<Rendered> {
        self.say(|lens| lens.upload_word(name(&self.sent), what))
            .await
    }

    /// The bytes, fetched once.
    async fn bytes(&self) -> Result<std::result::Result<Vec<u8>, Content>> {
        let mut tx = self.desk.store.read().await?;
        let kept = upload::raw(&mut tx, self.file.id).await?;
        drop(tx);
        if let Some(bytes) = kept {
            return Ok(Ok(bytes));
        }
        match fetch::content(self.desk, &self.file.file).await {
            Content::Bytes(bytes) => {
                let mut tx = self.desk.store.begin().await?;
                upload::keep_raw(&mut tx, self.file.id, &bytes).await?;
                tx.commit().await?;
                Ok(Ok(bytes))
            }
            other => Ok(Err(other)),
        }
    }

    fn incoming<'b>(
        &'b self,
        source: &'b SourceSettings,
        bytes: impl Into<Cow<'b, [u8]>>,
    ) -> Incoming<'b> {
        Incoming {
            source,
            file_name: name(&self.sent),
            bytes: bytes.into(),
            date: self.day(),
        }
    }

    /// The day that somebody said; where none did, the one in the name, or that of the arrival, however long
    /// the file waited since.
    fn day(&self) -> Option<NaiveDate> {
        let named = crate::report::dates::date_in(name(&self.sent));
        let came = crate::clock::from_ms(self.file.at);
        match named {
            _ if self.file.day.is_some() => self.file.day,
            crate::report::dates::Named::Nothing => Some(self.desk.local(came).date_naive()),
            _ => None,
        }
    }

    /// Shows what is understood.
    async fn show(
        &self,
        all: &[SourceSettings],
        chosen: Option<&SourceSettings>,
        bytes: &[u8],
    ) -> Result<bool> {
        let Some(source) = chosen.or(all.first()) else {
            return Ok(true);
        };
        let now = self.desk.clock.now();
        let incoming = self.incoming(source, bytes);
        let (store, rules) = (&self.desk.store, &self.desk.rules);
        let tried = trial(store, rules, &self.directory, &incoming, now).await;
        let mut tried = match tried {
            Ok(tried) => tried,
            Err(Error::Input(fault)) => return self.unreadable(&fault).await,
            Err(error) => return Err(error),
        };
        if chosen.is_none() {
            // Whether it came before is a question of whose it is.
            tried.known = None;
        }
        let names: Vec<String> = all.iter().map(|source| source.name.clone()).collect();
        let choices = Choices {
            sources: &names,
            chosen: chosen.map(|source| source.name.as_str()),
        };
        let key = self.file.key.as_str();
        let said = self
            .say(|lens| lens.upload(key, name(&self.sent), &tried, choices))
            .await?;
        self.tell_waiting(&said).await
    }

    /// Says it; from here on a word is awaited.
    async fn tell_waiting(&self, said: &Rendered) -> Result<bool> {
        let mut tx = self.desk.store.read().await?;
        let now = upload::get(&mut tx, self.file.id).await?;
        drop(tx);
        if now.is_none_or(|file| file.step != Step::Read) {
            // It was dropped while it was read.
            return Ok(true);
        }
        if !self.tell(said).await? {
            return Ok(false);
        }
        let mut tx = self.desk.store.begin().await?;
        upload::shown(&mut tx, self.file).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Nothing of it can be used as it is. Where only its day is wrong, another can be said.
    async fn unreadable(&self, fault: &Fault) -> Result<bool> {
        let of_day = matches!(fault.code, Some("part_of_a_date" | "future_date"));
        let key = of_day.then_some(self.file.key.as_str());
        let said = self
            .say(|lens| lens.upload_fault(name(&self.sent), fault, key))
            .await?;
        if key.is_none() {
            return self.end(Step::Failed, None, said).await;
        }
        self.tell_waiting(&said).await
    }

    /// Imports what was confirmed.
    async fn import(&self, source: &SourceSettings, bytes: Vec<u8>) -> Result<bool> {
        let (desk, now) = (self.desk, self.desk.clock.now());
        let incoming = self.incoming(source, bytes);
        let outcome = flow::process(&desk.store, &desk.rules, &self.directory, incoming, now).await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Error::Busy) => return Ok(false),
            Err(Error::Input(fault)) => return self.unreadable(&fault).await,
            Err(error) => return Err(error),
        };
        let said = self
            .say(|lens| lens.uploaded(name(&self.sent), &outcome))
            .await?;
        self.end(Step::Done, Some(outcome.report), said).await
    }

    /// The waiting is over; it is said once that is kept.
    async fn end(&self, step: Step, report: Option<i64>, said: Rendered) -> Result<bool> {
        let mut tx = self.desk.store.begin().await?;
        let ended = upload::end(&mut tx, self.file.id, step, report).await?;
        tx.commit().await?;
        if ended {
            self.tell(&said).await?;
        }
        Ok(true)
    }

    /// The message of this file becomes this, or is sent. False: the channel asks to wait.
    async fn tell(&self, said: &Rendered) -> Result<bool> {
        let (desk, file) = (self.desk, self.file);
        if let Some(message) = file.message_id {
            match give::edit(desk, file.chat_id, message, said).await {
                Ok(()) => return Ok(true),
                Err(Failure::Flood(_) | Failure::Retry(..)) => return Ok(false),
                // It was deleted: it is said anew.
                Err(_) => {}
            }
        }
        match delivery::answer(desk, file.chat_id, said, Place::default()).await {
            Ok(message) => {
                let keep = Keep {
                    kind: KIND,
                    person: file.person_id,
                    issues: vec![file.id],
                    key: file.key.clone(),
                };
                give::remember(desk, (file.chat_id, message), said, keep).await?;
                let mut tx = desk.store.begin().await?;
                upload::said(&mut tx, file.id, message).await?;
                tx.commit().await?;
                Ok(true)
            }
            Err(Failure::Flood(_) | Failure::Retry(..)) => Ok(false),
            Err(failure) => {
                tracing::warn!(
                    ?failure,
                    "what became of an uploaded report could not be said"
                );
                Ok(true)
            }
        }
    }
}
