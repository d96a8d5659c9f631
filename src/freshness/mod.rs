//! Whether an account is updated in time: its last update, as reports and feeds say it, against the limit
//! of the policy. Calendar days, through holidays (国办秘函〔2019〕19号: no update in the two weeks before a
//! check fails an account). Pure.

pub mod table;

use chrono::{NaiveDate, TimeDelta};

use crate::issue::policy::Freshness;

/// What was said longer ago than so many days is not held against anybody: the account may have been
/// updated since.
pub const TRUST: i64 = 3;

/// What is known of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The account's id.
    pub account: i64,
    /// Its last update.
    pub updated_on: NaiveDate,
    /// The day of the report that said so last.
    pub as_of: NaiveDate,
    /// The report's source.
    pub source: String,
    /// The report.
    pub report: i64,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing to be done yet.
    Fresh,
    /// It has to be updated soon.
    Soon,
    /// The limit is over.
    Stale,
}

impl Standing {
    /// The printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Soon => "soon",
            Self::Stale => "stale",
        }
    }
}

/// What the rule makes of an account on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Days since the last update.
    pub days: i64,
    /// The last day on which an update is in time.
    pub last_day: NaiveDate,
    /// Where it stands.
    pub standing: Standing,
    /// The step that was reached last, as the day it comes on, counted from the update; none before the
    /// first.
    pub step: Option<i64>,
    /// Whether what is known is new enough to be held against anybody.
    pub sure: bool,
}

/// Judges an account by a rule: from each day of `warn` on it has to be updated soon, and the day after the
/// limit it is stale.
pub fn judge(known: &Known, rule: &Freshness, today: NaiveDate) -> Judged {
    let days = (today - known.updated_on).num_days();
    let limit = i64::from(rule.limit);
    let steps = rule.warn.iter().map(|day| i64::from(*day));
    let step = steps.chain([limit + 1]).filter(|day| *day <= days).max();
    let standing = match step {
        None => Standing::Fresh,
        Some(day) if day > limit => Standing::Stale,
        Some(_) => Standing::Soon,
    };
    Judged {
        days,
        last_day: known.updated_on + TimeDelta::days(limit),
        standing,
        step,
        sure: (today - known.as_of).num_days() <= TRUST,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::issue::policy::Freshness;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn known(updated: &str, as_of: &str) -> Known {
        Known {
            account: 1,
            updated_on: day(updated),
            as_of: day(as_of),
            source: "daily".to_owned(),
            report: 1,
        }
    }

    #[test]
    fn ten_and_thirteen_of_fourteen_days_then_over() {
        let rule = Freshness::default();
        for (today, days, standing, step) in [
            ("2021-06-09", 9, Standing::Fresh, None),
            ("2021-06-10", 10, Standing::Soon, Some(10)),
            ("2021-06-12", 12, Standing::Soon, Some(10)),
            ("2021-06-13", 13, Standing::Soon, Some(13)),
            ("2021-06-14", 14, Standing::Soon, Some(13)),
            ("2021-06-15", 15, Standing::Stale, Some(15)),
            ("2021-07-15", 45, Standing::Stale, Some(15)),
        ] {
            let judged = judge(&known("2021-05-31", today), &rule, day(today));
            let got = (judged.days, judged.standing, judged.step);
            assert_eq!(got, (days, standing, step), "{today}");
            assert_eq!((judged.last_day, judged.sure), (day("2021-06-14"), true));
        }
        let old = judge(&known("2021-05-31", "2021-06-06"), &rule, day("2021-06-10"));
        assert!(!old.sure, "the feed stopped four days ago");
    }

    proptest! {
        #[test]
        fn a_step_is_never_taken_back_by_time(limit in 2u32..40, early in 1u32..39, days in 0i64..80) {
            let rule = Freshness { limit, warn: vec![early.min(limit - 1)], ..Freshness::default() };
            let known = known("2021-05-31", "2021-05-31");
            let at = |days| judge(&known, &rule, known.updated_on + TimeDelta::days(days));
            prop_assert!(at(days).step <= at(days + 1).step);
            prop_assert!(at(days).standing <= at(days + 1).standing);
            prop_assert_eq!(at(days).standing == Standing::Stale, days > i64::from(limit));
        }
    }
}
