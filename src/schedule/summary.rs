//! Scheduled summaries: at each slot every manager or lead who wants them is owed what changed, once.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::cron::Schedule;
use super::{done, newest, take};
use crate::desk::Desk;
use crate::error::Result;
use crate::hours::mute::{self, What};
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Role, table as people};

/// `[summary]`: cron expressions in the office's zone; none: no summaries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SummarySettings {
    /// When managers are told.
    pub manager: Vec<String>,
    /// When leads are told.
    pub lead: Vec<String>,
    /// On days off nobody is.
    pub working_days_only: bool,
}

impl Default for SummarySettings {
    fn default() -> Self {
        Self {
            manager: vec![],
            lead: vec![],
            working_days_only: true,
        }
    }
}

impl SummarySettings {
    /// Each schedule with the key it stands under and whom it is for.
    pub fn schedules(&self) -> impl Iterator<Item = (&'static str, Role, &str)> {
        let managers = self
            .manager
            .iter()
            .map(|text| ("manager", Role::Manager, text.as_str()));
        let leads = self
            .lead
            .iter()
            .map(|text| ("lead", Role::Lead, text.as_str()));
        managers.chain(leads)
    }
}

/// Owes the summaries whose slot has come; how many, and when the next slot is.
pub async fn summarise(
    desk: &Desk,
    settings: &SummarySettings,
    started: DateTime<Utc>,
) -> Result<(usize, Option<DateTime<Utc>>)> {
    let now = desk.clock.now();
    let (mut owed, mut next) = (0, Vec::new());
    for (key, role, text) in settings.schedules() {
        let Ok(schedule) = Schedule::parse(text, desk.rules.zone) else {
            continue;
        };
        next.extend(schedule.next_after(now));
        let Some(slot) = schedule.last_until(now) else {
            continue;
        };
        let day = desk.local(slot).date_naive();
        let calendar = &desk.rules.deadlines.calendar;
        if settings.working_days_only && !calendar.is_working_day(day) {
            continue;
        }
        let before = schedule.last_until(slot - TimeDelta::milliseconds(1));
        let before = before.unwrap_or(slot - TimeDelta::days(1));
        let job = format!("summary {key} {text}");
        owed += owe(desk, (&job, role), (slot, before), started).await?;
    }
    Ok((owed, next.into_iter().min()))
}

/// Takes a slot and owes what it brings, in one transaction.
async fn owe(
    desk: &Desk,
    (job, role): (&str, Role),
    (slot, before): (DateTime<Utc>, DateTime<Utc>),
    started: DateTime<Utc>,
) -> Result<usize> {
    let (at, now) = (slot.timestamp_millis(), desk.clock.now());
    let mut read = desk.store.read().await?;
    let last = newest(&mut read, job).await?;
    drop(read);
    // What was never told begins with the first slot after the start.
    if last.is_some_and(|last| last >= at) || (last.is_none() && slot < started) {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let ms = now.timestamp_millis();
    let mut owed = Vec::new();
    if take(&mut tx, job, at, ms).await? {
        let directory = desk.directory(&mut tx).await?;
        let bindings = people::bindings(&mut tx).await?;
        let reached = bindings.iter().filter(|b| b.unreachable_since.is_none());
        let reached: HashSet<i64> = reached.map(|b| b.person_id).collect();
        let people = directory.roster.people.iter();
        let people: Vec<i64> = people
            .filter(|one| one.role == role && reached.contains(&one.id))
            .filter(|one| !directory.roster.is_away(one))
            .map(|one| one.id)
            .collect();
        let muted = mute::of(&mut tx, &people, ms).await?;
        let wanted = people
            .into_iter()
            .filter(|id| !muted.contains_key(&(*id, What::Summary)));
        let detail = serde_json::json!({ "slot": at, "before": before.timestamp_millis() });
        owed.extend(wanted.map(|person_id| Owed {
            once: format!("summary:{at}:{person_id}"),
            person_id,
            kind: Kind::Summary,
            issues: vec![],
            detail: Some(detail.clone()),
            urgent: false,
            not_before: desk.rules.send_at(now, false),
        }));
        outbox::table::enqueue(&mut tx, &owed, ms).await?;
        done(&mut tx, job, at, ms, None).await?;
    }
    tx.commit().await?;
    Ok(owed.len())
}
