//! One slot of a source: it is fetched, what it has is processed, and a report that is missing is a
//! fault as well as one that cannot be read.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::clock::at_local;
use crate::desk::Desk;
use crate::error::{Error, Fault, Result};
use crate::flow::{self, Directory, Incoming, Outcome};
use crate::outbox::Kind;
use crate::report::dates::{self, Named};
use crate::report::source::{self, Brought, Fetched, Memory, Mode, SourceKind, SourceSettings};
use crate::report::table as reports;

/// The try at whose failure the managers are told: a source that hiccups is nobody's business.
const TELL_AT: i64 = 2;

/// Which try of a slot it is.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    /// Counted from 1.
    pub number: i64,
    /// No other comes before the day's next slot, or none at all.
    pub last: bool,
}

/// What a slot brought.
#[derive(Debug)]
pub struct Pulled {
    /// What became of each file.
    pub outcomes: Vec<Result<Outcome>>,
    /// Why the day's report of a snapshot source is still missing, as a word of the messages.
    pub missing: Option<&'static str>,
}

/// What became of a file of the source.
enum Taken {
    /// It was processed, or could not be.
    Ended(Box<Result<Outcome>>),
    /// A file or attachment that was taken before, under this name.
    Before,
    /// Under another name: a copy of an older day's.
    Copy,
}

struct Slot<'a> {
    desk: &'a Desk,
    source: &'a SourceSettings,
    directory: Directory,
    at: DateTime<Utc>,
    date: NaiveDate,
    now: DateTime<Utc>,
}

/// Fetches a source and processes what it has. A failure that lasts, and a report that is missing
/// after the last try, are told to the managers, once a slot.
pub async fn pull(
    desk: &Desk,
    source: &SourceSettings,
    at: DateTime<Utc>,
    tries: Tries,
) -> Result<Pulled> {
    let mut tx = desk.store.begin().await?;
    let memory = reports::source_memory(&mut tx, &source.name).await?;
    let directory = desk.directory(&mut tx).await?;
    tx.commit().await?;
    let mut slot = Slot {
        desk,
        source,
        directory,
        at,
        date: desk.local(at).date_naive(),
        now: desk.clock.now(),
    };
    let fetched = source::fetch(source, memory, remembering(desk), slot.date).await;
    // A busy platform, or a file that was still young, may have taken its time.
    slot.now = desk.clock.now();
    let brought = match fetched {
        Ok(brought) => brought,
        Err(error) => {
            slot.fetch_failed(&error, tries.number).await?;
            return Err(error);
        }
    };
    let (outcomes, copies) = slot.take_all(brought).await?;
    let why = match source.kind {
        _ if outcomes.iter().any(Result::is_err) => "unread",
        _ if copies > 0 || !outcomes.is_empty() => "older",
        SourceKind::Http => "unchanged",
        SourceKind::Folder | SourceKind::Mailbox => "empty",
        SourceKind::Push | SourceKind::Upload => "unsent",
    };
    let missing = slot.missing(why, tries.last).await?;
    Ok(Pulled { outcomes, missing })
}

fn remembering(desk: &Desk) -> Memory<'_> {
    Memory {
        looked: &desk.looked,
        clock: &desk.clock,
    }
}

/// Takes what a watched folder has outside of its slots; what became of each file.
pub async fn watched(desk: &Desk, source: &SourceSettings) -> Result<Vec<Result<Outcome>>> {
    let brought = source::watch(source, remembering(desk)).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    drop(tx);
    let now = desk.clock.now();
    let slot = Slot {
        desk,
        source,
        directory,
        at: now,
        date: desk.local(now).date_naive(),
        now,
    };
    let (outcomes, _) = slot.take_all(brought).await?;
    Ok(outcomes)
}

/// Tells that a watched folder cannot be looked into, once a day; `at` is when this was asked about.
pub async fn unwatched(
    desk: &Desk,
    source: &SourceSettings,
    error: &Error,
    at: DateTime<Utc>,
) -> Result<()> {
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    drop(tx);
    let date = desk.local(at).date_naive();
    let slot = Slot {
        desk,
        source,
        directory,
        at,
        date,
        now: desk.clock.now(),
    };
    let text = error.to_string();
    let mut tx = desk.store.begin().await?;
    let now = slot.now.timestamp_millis();
    reports::source_failed(&mut tx, &source.name, &text, now).await?;
    let detail = serde_json::json!({ "source": source.name, "date": date, "error": text });
    let cause = format!("watch-{}-{date}", source.name);
    slot.tell_once(&mut tx, &cause, detail).await?;
    tx.commit().await
}

impl Slot<'_> {
    /// Processes what a source gave: what became of each file, and how many were copies.
    async fn take_all(&self, brought: Brought) -> Result<(Vec<Result<Outcome>>, usize)> {
        let (mut outcomes, mut copies) = (Vec::new(), 0);
        for mut file in brought.files {
            let bytes = std::mem::take(&mut file.bytes);
            let (taken, looked) = (self.take(&file, bytes).await?, &self.desk.looked);
            match (taken, &file.lies) {
                (Taken::Ended(ended), lies) => {
                    if let (Err(Error::Input(_)), Some(lies)) = (&*ended, lies) {
                        looked.refused(lies);
                    }
                    outcomes.push(*ended);
                }
                // Not what was just processed: it may still be written to.
                (Taken::Before, Some(lies)) => looked.taken(lies),
                (Taken::Before, None) => {}
                (Taken::Copy, lies) => {
                    lies.iter().for_each(|lies| looked.refused(lies));
                    copies += 1;
                }
            }
        }
        for fault in brought.faults {
            self.unread(&fault).await?;
            outcomes.push(Err(fault.into()));
        }
        Ok((outcomes, copies))
    }

    /// Tells of a file that cannot be read, once a day.
    async fn unread(&self, fault: &Fault) -> Result<()> {
        let text = fault.to_string();
        let mut tx = self.desk.store.begin().await?;
        let now = self.now.timestamp_millis();
        reports::source_failed(&mut tx, &self.source.name, &text, now).await?;
        let detail = serde_json::json!({
            "source": self.source.name, "error": text, "fault": fault,
        });
        let file = fault.file.as_deref().unwrap_or_default();
        let cause = format!("unread-{}-{}-{file}", self.source.name, self.date);
        self.tell_once(&mut tx, &cause, detail).await?;
        tx.commit().await
    }

    /// Notes that the source did not answer.
    async fn fetch_failed(&self, error: &Error, tries: i64) -> Result<()> {
        let text = error.to_string();
        let mut tx = self.desk.store.begin().await?;
        let now = self.now.timestamp_millis();
        reports::source_failed(&mut tx, &self.source.name, &text, now).await?;
        if tries >= TELL_AT {
            let detail = serde_json::json!({
                "source": self.source.name, "date": self.date, "error": text,
            });
            self.tell(&mut tx, "pull", detail).await?;
        }
        tx.commit().await
    }

    /// Processes a file, unless it was taken before: nothing in a folder is moved.
    async fn take(&self, file: &Fetched, bytes: Vec<u8>) -> Result<Taken> {
        // Of what lies in a sub-folder, the file's own name says the day.
        let own = file.file_name.rsplit('/').next().unwrap_or_default();
        let named = dates::date_in(own);
        if self.source.kind != SourceKind::Http {
            let mut tx = self.desk.store.read().await?;
            let digest = flow::digest(&bytes);
            let names = reports::taken_as(&mut tx, &self.source.name, &digest).await?;
            if names.contains(&file.file_name) {
                return Ok(Taken::Before);
            }
            if named == Named::Nothing && file.came.is_none() && !names.is_empty() {
                return Ok(Taken::Copy);
            }
        }
        let incoming = Incoming {
            source: self.source,
            file_name: &file.file_name,
            bytes: bytes.into(),
            date: match named {
                Named::Day(named) => Some(named),
                // What a person named is refused with its place; an address may hold any number.
                Named::Part(_) if self.source.kind != SourceKind::Http => None,
                Named::Part(_) | Named::Nothing => {
                    let came = file.came.map(|at| self.desk.local(at).date_naive());
                    Some(came.unwrap_or(self.date))
                }
            },
        };
        let (desk, now) = (self.desk, self.desk.clock.now());
        let ended = flow::process(&desk.store, &desk.rules, &self.directory, incoming, now).await;
        if ended.is_ok() {
            let mut tx = desk.store.begin().await?;
            let (etag, modified) = (file.etag.as_deref(), file.last_modified.as_deref());
            let now = now.timestamp_millis();
            reports::source_answered(&mut tx, &self.source.name, etag, modified, now).await?;
            tx.commit().await?;
        }
        Ok(Taken::Ended(Box::new(ended)))
    }

    /// Whether a snapshot source has given no report since the day began; the silence of an
    /// incremental feed is no fault.
    async fn missing(&self, why: &'static str, last: bool) -> Result<Option<&'static str>> {
        let name = &self.source.name;
        let now = self.now.timestamp_millis();
        let midnight = at_local(self.desk.rules.zone, self.date, NaiveTime::MIN);
        let mut tx = self.desk.store.begin().await?;
        let arrived = reports::arrived_since(&mut tx, name, midnight.timestamp_millis()).await?;
        if arrived || self.source.mode == Mode::Incremental {
            if why == "unchanged" || why == "empty" {
                reports::source_reached(&mut tx, name, now).await?;
            }
            tx.commit().await?;
            return Ok(None);
        }
        let text = format!("no report of {}: {why}", self.date);
        reports::source_failed(&mut tx, name, &text, now).await?;
        if last {
            let detail = serde_json::json!({
                "source": name, "date": self.date, "missing": why,
            });
            self.tell(&mut tx, "missing", detail).await?;
        }
        tx.commit().await?;
        Ok(Some(why))
    }

    async fn tell(
        &self,
        tx: &mut crate::store::Tx,
        what: &str,
        detail: serde_json::Value,
    ) -> Result<()> {
        let slot = self.at.timestamp_millis();
        let cause = format!("{what}-{}-{slot}", self.source.name);
        self.tell_once(tx, &cause, detail).await
    }

    async fn tell_once(
        &self,
        tx: &mut crate::store::Tx,
        cause: &str,
        detail: serde_json::Value,
    ) -> Result<()> {
        let (rules, directory) = (&self.desk.rules, &self.directory);
        let kind = Kind::ReportFault;
        flow::tell_managers(tx, rules, directory, kind, cause, vec![], detail, self.now).await
    }
}
