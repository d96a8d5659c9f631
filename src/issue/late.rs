//! How late something is: in whole working days, and in hours before the first of them is over. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::calendar::Calendar;

/// How late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// Less than a working day: so many hours.
    Hours(i64),
    /// So many working days.
    Days(i64),
}

/// How late it is now; a working day is over at the hour of the due time.
pub fn late(
    calendar: &Calendar,
    zone: chrono_tz::Tz,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Late {
    let (due_local, local) = (due.with_timezone(&zone), now.with_timezone(&zone));
    let mut last = local.date_naive();
    if local.time() < due_local.time() {
        last -= TimeDelta::days(1);
    }
    let first = due_local.date_naive();
    let span = (last - first).num_days().clamp(0, 3_660);
    let days = (1..=span)
        .filter(|n| calendar.is_working_day(first + TimeDelta::days(*n)))
        .count();
    match i64::try_from(days).unwrap_or_default() {
        0 => Late::Hours((now - due).num_hours().max(0)),
        days => Late::Days(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_first_and_then_working_days() {
        let calendar = Calendar::load(None).unwrap();
        let at = |text: &str| {
            DateTime::parse_from_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T")))
                .unwrap()
                .to_utc()
        };
        for (due, now, wanted) in [
            ("2021-06-28 17:30", "2021-06-28 17:40", Late::Hours(0)),
            ("2021-06-28 17:30", "2021-06-29 09:30", Late::Hours(16)),
            ("2021-06-28 17:30", "2021-06-29 17:30", Late::Days(1)),
            ("2021-06-28 17:30", "2021-06-30 09:30", Late::Days(1)),
            // Over a weekend.
            ("2021-07-02 17:30", "2021-07-04 18:00", Late::Hours(48)),
            ("2021-07-02 17:30", "2021-07-05 17:30", Late::Days(1)),
            // Over the national holiday of 2021; the Saturday after it is worked.
            ("2021-09-30 17:30", "2021-10-08 18:00", Late::Days(1)),
            ("2021-09-30 17:30", "2021-10-09 18:00", Late::Days(2)),
        ] {
            assert_eq!(
                late(&calendar, chrono_tz::Asia::Shanghai, at(due), at(now)),
                wanted,
                "{now}"
            );
        }
    }
}
