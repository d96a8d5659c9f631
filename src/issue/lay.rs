//! Laying a ladder: its steps get their times, from when it was told and when it is due. Pure.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::amount::{Amount, Unit};
use super::due::Deadlines;
use super::ladder::{Laid, Moment, Rung, Step, When};
use super::policy::Ladder;
use crate::clock::at_local;
use crate::hours::Work;

/// What is told later than so before a reminder is not reminded of at that time.
const FRESH: TimeDelta = TimeDelta::hours(4);

impl Deadlines {
    /// A ladder for an issue told of at `since` and due at `due`, by the unit's own working time if it
    /// has one.
    pub fn lay(
        &self,
        ladder: &Ladder,
        since: DateTime<Utc>,
        due: Option<DateTime<Utc>>,
        work: Option<Work>,
    ) -> Laid {
        let mut laid = Laid {
            since: since.timestamp_millis(),
            urgent: ladder.urgent,
            work,
            steps: ladder.steps.clone(),
            rungs: vec![],
        };
        for (n, step) in ladder.steps.iter().enumerate() {
            let base = match step.when {
                When::Unacknowledged => Some(since),
                When::BeforeDue | When::Overdue => due,
            };
            if let Some(base) = base {
                let work = work.unwrap_or(self.work);
                laid.rungs.extend(self.rungs((n, step), since, base, work));
            }
        }
        laid.rungs.sort_by_key(|rung| (rung.at, rung.step));
        laid
    }

    /// The ladder of an issue that is open again though its due time stays: what waits for an
    /// acknowledgment begins anew, all else stands.
    pub fn lay_again(&self, mut laid: Laid, since: DateTime<Utc>) -> Laid {
        laid.since = since.timestamp_millis();
        let steps = laid.steps.clone();
        let work = laid.work.unwrap_or(self.work);
        for (n, step) in steps.iter().enumerate() {
            if step.when == When::Unacknowledged {
                laid.rungs.retain(|rung| rung.step != n);
                laid.rungs.extend(self.rungs((n, step), since, since, work));
            }
        }
        laid.rungs.sort_by_key(|rung| (rung.at, rung.step));
        laid
    }

    /// The ladder of an issue that was given another due time: what counts from it is laid anew, what
    /// waits for an acknowledgment stands.
    pub fn lay_until(&self, mut laid: Laid, told: DateTime<Utc>, due: DateTime<Utc>) -> Laid {
        let (steps, work) = (laid.steps.clone(), laid.work.unwrap_or(self.work));
        for (n, step) in steps.iter().enumerate() {
            if step.when != When::Unacknowledged {
                laid.rungs.retain(|rung| rung.step != n);
                laid.rungs.extend(self.rungs((n, step), told, due, work));
            }
        }
        laid.rungs.sort_by_key(|rung| (rung.at, rung.step));
        laid
    }

    /// The times of one step; `base` is what it counts from.
    fn rungs(
        &self,
        (step, of): (usize, &Step),
        told: DateTime<Utc>,
        base: DateTime<Utc>,
        work: Work,
    ) -> Vec<Rung> {
        let once = |at: DateTime<Utc>| vec![(1, at)];
        let times = match of.at {
            Moment::Now => once(base),
            Moment::After(amount) => once(self.later(base, amount, 1, work)),
            Moment::Before(amount) => once(self.before(told, base, amount, work)),
            Moment::Share(share) => once(self.share(told, base, share, work)),
            Moment::Every(amount, cap) => {
                let nth = 1..=cap;
                nth.map(|n| (n, self.later(base, amount, n, work)))
                    .collect()
            }
        };
        let rung = |(nth, at): (u32, DateTime<Utc>)| Rung {
            step,
            nth,
            at: at.timestamp_millis(),
        };
        times.into_iter().map(rung).collect()
    }

    /// So many times an amount after a time. Working days end at the same hour of work.
    fn later(&self, from: DateTime<Utc>, amount: Amount, times: u32, work: Work) -> DateTime<Utc> {
        let many = amount.amount.saturating_mul(times);
        let local = from.with_timezone(&self.zone).naive_local();
        match amount.unit {
            Unit::Hours => from + TimeDelta::hours(i64::from(many)),
            Unit::CalendarDays => {
                let day = local.date() + TimeDelta::days(i64::from(many));
                at_local(self.zone, day, local.time())
            }
            Unit::WorkingDays => {
                let (day, time) = self.at_work(local.date(), local.time(), work);
                let day = self.calendar.add_working_days(day, many);
                at_local(self.zone, day, time)
            }
        }
    }

    /// The first moment of work from a time on; the end of work is one.
    fn at_work(&self, day: NaiveDate, time: NaiveTime, work: Work) -> (NaiveDate, NaiveTime) {
        if !self.calendar.is_working_day(day) {
            return (self.calendar.working_day_from(day), work.start);
        }
        if time > work.end {
            return (self.calendar.add_working_days(day, 1), work.start);
        }
        (day, time.max(work.start))
    }

    /// So long before a due time: hours to the minute, days at the beginning of work; on the due day
    /// itself when it was told of too late for that. Never after the due time.
    fn before(
        &self,
        told: DateTime<Utc>,
        due: DateTime<Utc>,
        amount: Amount,
        work: Work,
    ) -> DateTime<Utc> {
        let day = due.with_timezone(&self.zone).date_naive();
        let days = i64::from(amount.amount);
        let early = match amount.unit {
            Unit::Hours => {
                let early = due - TimeDelta::hours(days);
                return early.max(told.min(due));
            }
            Unit::CalendarDays => day - TimeDelta::days(days),
            Unit::WorkingDays => self.working_days_back(day, amount.amount),
        };
        let early = at_local(self.zone, early, work.start);
        if early > told + FRESH {
            return early.min(due);
        }
        let morning = at_local(self.zone, day, work.start);
        morning.max(told + FRESH).min(due)
    }

    /// The working day that lies so many before a day.
    fn working_days_back(&self, day: NaiveDate, many: u32) -> NaiveDate {
        // A calendar may have months without work, but not years.
        let most = usize::try_from(many).unwrap_or(1).saturating_mul(30) + 400;
        let days = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt).take(most);
        let working = days.filter(|day| self.calendar.is_working_day(*day));
        let many = usize::try_from(many).unwrap_or(1);
        working.take(many).last().unwrap_or(day)
    }

    /// When so many hundredths of the working time between are over; without any working time
    /// between, of the time itself.
    fn share(
        &self,
        told: DateTime<Utc>,
        due: DateTime<Utc>,
        share: u32,
        work: Work,
    ) -> DateTime<Utc> {
        let (from, to) = (told.min(due), due);
        let part = |span: TimeDelta| span * i32::try_from(share.min(100)).unwrap_or(100) / 100;
        let first = from.with_timezone(&self.zone).date_naive();
        let last = to.with_timezone(&self.zone).date_naive();
        let days = first.iter_days().take_while(|day| *day <= last);
        let spans = days.filter(|day| self.calendar.is_working_day(*day));
        let spans = spans.map(|day| {
            let start = at_local(self.zone, day, work.start).max(from);
            (start, at_local(self.zone, day, work.end).min(to))
        });
        let spans: Vec<_> = spans.filter(|(start, end)| start < end).collect();
        let whole: TimeDelta = spans.iter().map(|(start, end)| *end - *start).sum();
        let mut left = part(whole);
        for (start, end) in spans {
            if left <= end - start {
                return start + left;
            }
            left -= end - start;
        }
        from + part(to - from)
    }
}
