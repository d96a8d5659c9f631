//! The job list: pull every source at its slots; remind and warn when the clock demands.

use chrono::{DateTime, Utc};

use super::cron::Schedule;
use super::{again_at, done, newest, retake, take};
use crate::clock::from_ms;
use crate::desk::Desk;
use crate::error::Result;
use crate::flow::{self, Incoming, Outcome};
use crate::issue::table as issues;
use crate::outbox::{self, Kind, Owed};
use crate::report::dates::{self, Named};
use crate::report::source::{self, SourceKind, SourceSettings};
use crate::report::table as reports;

/// Runs every slot that is due; what was pulled, and when the next slot is.
pub async fn run_due(
    desk: &Desk,
    sources: &[SourceSettings],
    started: DateTime<Utc>,
) -> Result<(Vec<Result<Outcome>>, Option<DateTime<Utc>>)> {
    let now = desk.clock.now();
    let mut pulled = Vec::new();
    let mut next: Option<DateTime<Utc>> = None;
    for source in sources {
        let Some(text) = &source.schedule else {
            continue;
        };
        let Ok(schedule) = Schedule::parse(text, desk.rules.zone) else {
            continue;
        };
        let job = format!("pull {}", source.name);
        if let Some(slot) = schedule.last_until(now) {
            let mut tx = desk.store.begin().await?;
            let (at, now_ms) = (slot.timestamp_millis(), now.timestamp_millis());
            // A source that was never pulled begins with the first slot after the start.
            let fresh = newest(&mut tx, &job).await?.is_none() && slot < started;
            let mut tries = None;
            if !fresh && take(&mut tx, &job, at, now_ms).await? {
                tries = Some(1);
            } else if let Some(again) = again_at(&mut tx, &job, at).await? {
                // A source that did not answer is asked again before the managers wait a day.
                if again <= now_ms {
                    tries = retake(&mut tx, &job, at, now_ms).await?;
                } else {
                    let again = from_ms(again);
                    next = Some(next.map_or(again, |n| n.min(again)));
                }
            }
            tx.commit().await?;
            if let Some(tries) = tries {
                let ended = pull(desk, source, slot, tries).await;
                let error = ended.as_ref().err().map(ToString::to_string);
                let mut tx = desk.store.begin().await?;
                let now = desk.clock.now_ms();
                done(
                    &mut tx,
                    &job,
                    slot.timestamp_millis(),
                    now,
                    error.as_deref(),
                )
                .await?;
                tx.commit().await?;
                match ended {
                    Ok(outcomes) => pulled.extend(outcomes),
                    Err(error) => pulled.push(Err(error)),
                }
            }
        }
        if let Some(at) = schedule.next_after(now) {
            next = Some(next.map_or(at, |n| n.min(at)));
        }
    }
    Ok((pulled, next))
}

/// The try at whose failure the managers are told: a source that hiccups is nobody's business.
const TELL_AT: i64 = 2;

/// Fetches a source and processes what it has; a failure that lasts is told to the managers, once
/// a slot.
pub async fn pull(
    desk: &Desk,
    source: &SourceSettings,
    slot: DateTime<Utc>,
    tries: i64,
) -> Result<Vec<Result<Outcome>>> {
    let now = desk.clock.now();
    let date = desk.local(slot).date_naive();
    let mut tx = desk.store.begin().await?;
    let memory = reports::source_memory(&mut tx, &source.name).await?;
    let directory = desk.directory(&mut tx).await?;
    tx.commit().await?;
    let files = match source::fetch(source, memory, date).await {
        Ok(files) => files,
        Err(error) => {
            let text = error.to_string();
            let mut tx = desk.store.begin().await?;
            reports::source_failed(&mut tx, &source.name, &text, now.timestamp_millis()).await?;
            if tries < TELL_AT {
                tx.commit().await?;
                return Err(error);
            }
            let detail = serde_json::json!({ "source": source.name, "date": date, "error": text });
            let cause = format!("pull-{}-{}", source.name, slot.timestamp_millis());
            let kind = Kind::ReportFault;
            flow::tell_managers(
                &mut tx,
                &desk.rules,
                &directory,
                kind,
                &cause,
                vec![],
                detail,
                now,
            )
            .await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    let mut outcomes = Vec::new();
    for file in files {
        if source.kind == SourceKind::Folder {
            // Nothing in a folder is moved: what was taken stays there and is passed over.
            let mut tx = desk.store.read().await?;
            let digest = flow::digest(&file.bytes);
            if reports::file_taken(&mut tx, &source.name, &file.file_name, &digest).await? {
                continue;
            }
        }
        let incoming = Incoming {
            source,
            file_name: &file.file_name,
            bytes: &file.bytes,
            date: match dates::date_in(&file.file_name) {
                Named::Day(named) => Some(named),
                // What a person named is refused with its place; an address may hold any number.
                Named::Part(_) if source.kind == SourceKind::Folder => None,
                Named::Part(_) | Named::Nothing => Some(date),
            },
        };
        let ended = flow::process(&desk.store, &desk.rules, &directory, &incoming, now).await;
        if ended.is_ok() {
            let mut tx = desk.store.begin().await?;
            let (etag, modified) = (file.etag.as_deref(), file.last_modified.as_deref());
            reports::source_answered(
                &mut tx,
                &source.name,
                etag,
                modified,
                now.timestamp_millis(),
            )
            .await?;
            tx.commit().await?;
        }
        outcomes.push(ended);
    }
    Ok(outcomes)
}

/// Owes the reminders and warnings that the clock demands; how many issues were concerned.
pub async fn escalate_due(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now();
    let mut read = desk.store.read().await?;
    let demanded = issues::demanded(&mut read, now.timestamp_millis()).await?;
    drop(read);
    let (mut remind, mut warn) = (Vec::new(), Vec::new());
    for (issue, overdue) in demanded {
        if overdue {
            warn.push(issue);
        } else {
            remind.push(issue);
        }
    }
    if remind.is_empty() && warn.is_empty() {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let roster = &directory.roster;
    let mut owed = Vec::new();
    for (kind, list) in [(Kind::Reminder, &remind), (Kind::Overdue, &warn)] {
        for issue in list {
            let mut people = roster.answering(issue.account_id, issue.unit_id);
            if kind == Kind::Overdue
                && let Some(unit) = roster.unit_by_id(issue.unit_id)
            {
                people.extend(roster.leads_of(&unit.code));
            }
            people.sort_by_key(|person| person.id);
            people.dedup_by_key(|person| person.id);
            owed.extend(people.into_iter().map(|person| Owed {
                once: format!(
                    "{}:{}:{}:{}",
                    kind.as_str(),
                    issue.id,
                    issue.due_at.unwrap_or_default(),
                    person.id
                ),
                person_id: person.id,
                kind,
                issues: vec![issue.id],
                detail: None,
                urgent: false,
                not_before: desk.rules.send_at(now, false),
            }));
        }
    }
    let now = now.timestamp_millis();
    outbox::table::enqueue(&mut tx, &owed, now).await?;
    let ids = |list: &[issues::Issue]| list.iter().map(|issue| issue.id).collect::<Vec<_>>();
    issues::reminded(&mut tx, &ids(&remind), now).await?;
    issues::overdue_told(&mut tx, &ids(&warn), now).await?;
    tx.commit().await?;
    Ok(remind.len() + warn.len())
}
