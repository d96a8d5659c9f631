//! The job list: pull every source at its slots; remind and warn when the clock demands; hand duties
//! over.

use chrono::{DateTime, TimeDelta, Utc};

use super::cron::Schedule;
use super::pull::{Tries, pull, unwatched, watched};
use super::{again_at, done, newest, retake, take, wait_after};
use crate::clock::{at_local, from_ms};
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::{self, Outcome, ladder};
use crate::issue::table as issues;
use crate::report::folder;
use crate::report::source::{SourceKind, SourceSettings};
use crate::roster::duty::table as duties;

/// Runs every slot that is due; what was pulled, and when the next slot is.
pub async fn run_due(
    desk: &Desk,
    sources: &[SourceSettings],
    started: DateTime<Utc>,
) -> Result<(Vec<Result<Outcome>>, Option<DateTime<Utc>>)> {
    let now = desk.clock.now();
    let mut pulled = Vec::new();
    let mut next: Vec<DateTime<Utc>> = Vec::new();
    for source in sources {
        if source.kind == SourceKind::Folder {
            next.extend(look_into(desk, source, &mut pulled).await?);
        }
        let Some(text) = &source.schedule else {
            continue;
        };
        let Ok(schedule) = Schedule::parse(text, desk.rules.zone) else {
            continue;
        };
        if let Some(slot) = schedule.last_until(now) {
            let job = format!("pull {}", source.name);
            if let Some(tries) = due_try(desk, &job, slot, started).await? {
                let next = schedule.next_after(now);
                let tries = Tries {
                    number: tries,
                    last: is_last(desk, slot, tries, next),
                };
                match pull(desk, source, slot, tries).await {
                    Ok(brought) => {
                        // A missing report is asked for again like a source that did not answer.
                        end(desk, &job, slot, brought.missing).await?;
                        pulled.extend(brought.outcomes);
                    }
                    Err(error) => {
                        end(desk, &job, slot, Some(&error.to_string())).await?;
                        pulled.push(Err(error));
                    }
                }
            }
            let mut tx = desk.store.read().await?;
            let again = again_at(&mut tx, &job, slot.timestamp_millis()).await?;
            next.extend(again.map(from_ms));
        }
        next.extend(schedule.next_after(now));
    }
    Ok((pulled, next.into_iter().min()))
}

/// Looks how the files of a folder lie, and takes what is new in a watched one; when to look again for what
/// may still be written to.
async fn look_into(
    desk: &Desk,
    source: &SourceSettings,
    pulled: &mut Vec<Result<Outcome>>,
) -> Result<Option<DateTime<Utc>>> {
    let (ready, again) = match folder::look(source, &desk.looked, desk.clock.now()).await {
        Ok(looked) => looked,
        Err(error) => {
            // A folder that is away is a fault of its slot, where it has one.
            if source.watch && source.schedule.is_none() {
                away(desk, source, &error).await?;
            }
            return Ok(None);
        }
    };
    if source.watch && ready {
        pulled.extend(watched(desk, source).await?);
    }
    Ok(again.filter(|_| source.watch))
}

/// Tells, at most once an hour, that a watched folder is away.
async fn away(desk: &Desk, source: &SourceSettings, error: &Error) -> Result<()> {
    let (job, now) = (format!("watch {}", source.name), desk.clock.now_ms());
    let hour = now - now.rem_euclid(3_600_000);
    let mut read = desk.store.read().await?;
    let told = newest(&mut read, &job).await?;
    drop(read);
    if told.is_some_and(|told| told >= hour) {
        return Ok(());
    }
    unwatched(desk, source, error, from_ms(hour)).await?;
    let mut tx = desk.store.begin().await?;
    if take(&mut tx, &job, hour, now).await? {
        done(&mut tx, &job, hour, now, None).await?;
    }
    tx.commit().await
}

/// Takes a slot, or takes it again when it failed and its next try is due; the number of the try.
async fn due_try(
    desk: &Desk,
    job: &str,
    slot: DateTime<Utc>,
    started: DateTime<Utc>,
) -> Result<Option<i64>> {
    let (at, now) = (slot.timestamp_millis(), desk.clock.now_ms());
    let mut tx = desk.store.begin().await?;
    // A source that was never pulled begins with the first slot after the start.
    let fresh = newest(&mut tx, job).await?.is_none() && slot < started;
    let tries = if !fresh && take(&mut tx, job, at, now).await? {
        Some(1)
    } else if again_at(&mut tx, job, at)
        .await?
        .is_some_and(|again| again <= now)
    {
        retake(&mut tx, job, at, now).await?
    } else {
        None
    };
    tx.commit().await?;
    Ok(tries)
}

/// Whether the day ends without another try: all were made, or the next slot is another day's and
/// comes before the next try. Slots that follow each other closely are told of at the day's last one.
fn is_last(desk: &Desk, slot: DateTime<Utc>, tries: i64, next: Option<DateTime<Utc>>) -> bool {
    let Some(wait) = wait_after(tries) else {
        return true;
    };
    let day = |at: DateTime<Utc>| desk.local(at).date_naive();
    let again = desk.clock.now() + TimeDelta::milliseconds(wait);
    next.is_some_and(|next| next <= again && day(next) != day(slot))
}

/// Notes how a slot ended.
async fn end(desk: &Desk, job: &str, slot: DateTime<Utc>, error: Option<&str>) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    let (at, now) = (slot.timestamp_millis(), desk.clock.now_ms());
    done(&mut tx, job, at, now, error).await?;
    tx.commit().await
}

/// When a ladder goes on next.
pub async fn next_step(desk: &Desk) -> Result<Option<DateTime<Utc>>> {
    let mut read = desk.store.read().await?;
    let next = issues::next_step(&mut read, desk.clock.now_ms()).await?;
    Ok(next.map(from_ms))
}

/// Owes what the ladders demand by now; how many issues were concerned.
pub async fn escalate_due(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now();
    let mut read = desk.store.read().await?;
    let any = issues::any_demanded(&mut read, now.timestamp_millis()).await?;
    drop(read);
    if !any {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let climbed = ladder::climb(&mut tx, &desk.rules, &directory.roster, now).await?;
    tx.commit().await?;
    Ok(climbed)
}

/// What is looked at once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Daily {
    /// Lists the reported fixes that nothing has confirmed for long; on working days.
    Unconfirmed,
    /// Reminds of accounts that have to be updated.
    Freshness,
    /// Announces what a long holiday makes urgent.
    Holiday,
}

impl Daily {
    const ALL: [Self; 3] = [Self::Unconfirmed, Self::Freshness, Self::Holiday];

    fn job(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Freshness => "freshness",
            Self::Holiday => "holiday",
        }
    }
}

/// Does what is looked at once a day, at its hour; how much was owed.
pub async fn look_daily(desk: &Desk) -> Result<usize> {
    let mut owed = 0;
    for daily in Daily::ALL {
        owed += look(desk, daily).await?;
    }
    Ok(owed)
}

async fn look(desk: &Desk, daily: Daily) -> Result<usize> {
    let now = desk.clock.now();
    let (local, deadlines) = (desk.local(now), &desk.rules.deadlines);
    let day = local.date_naive();
    let hour = match daily {
        Daily::Unconfirmed | Daily::Freshness => deadlines.work.start,
        Daily::Holiday => deadlines.policy.holiday.at,
    };
    let off = daily == Daily::Unconfirmed && !deadlines.calendar.is_working_day(day);
    if off || local.time() < hour {
        return Ok(0);
    }
    let slot = at_local(desk.rules.zone, day, hour).timestamp_millis();
    let mut read = desk.store.read().await?;
    let taken = newest(&mut read, daily.job()).await?;
    drop(read);
    if taken.is_some_and(|taken| taken >= slot) {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let mut owed = 0;
    let ms = now.timestamp_millis();
    if take(&mut tx, daily.job(), slot, ms).await? {
        let directory = desk.directory(&mut tx).await?;
        let (rules, roster) = (&desk.rules, &directory.roster);
        owed = match daily {
            Daily::Unconfirmed => flow::unconfirmed::list(&mut tx, rules, roster, now).await?,
            Daily::Freshness => flow::freshness::remind(&mut tx, rules, &directory, now).await?,
            Daily::Holiday => flow::freshness::announce(&mut tx, rules, &directory, now).await?,
        };
        done(&mut tx, daily.job(), slot, ms, None).await?;
    }
    tx.commit().await?;
    Ok(owed)
}

/// Hands over the duties that begin, and back those that have ended; how many.
pub async fn hand_over(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now();
    let mut read = desk.store.read().await?;
    let (begin, end) = duties::to_hand(&mut read, desk.local(now).date_naive()).await?;
    drop(read);
    if begin.is_empty() && end.is_empty() {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let by = (&desk.rules, &*directory.roster);
    let handed = flow::duty::hand_over(&mut tx, by, now).await?;
    tx.commit().await?;
    Ok(handed)
}
