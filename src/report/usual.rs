//! What a source's reports usually are, and what of a report is not so: a platform that lost its data, or
//! sent an old export again, answers as well-formed as ever. Pure.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

/// So many reports are looked back at.
pub const PAST: usize = 10;
/// With fewer nobody knows what is usual.
const LEAST_PAST: usize = 5;
/// No platform is so far behind, in days.
const FAR: usize = 400;

/// What of a report is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Its day.
    pub date: NaiveDate,
    /// Its rows, understood or not.
    pub rows: u64,
    /// How many accounts, or units without one, it names; unknown of reports before this was counted.
    pub accounts: Option<u64>,
    /// The newest day on which something was detected; none where no row says.
    pub newest: Option<NaiveDate>,
}

/// An earlier report of the source: complete, in time, and not in doubt any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// What it was.
    pub measure: Measure,
    /// It was odd, and a person found it right: so few is usual from then on.
    pub accepted: bool,
}

/// From where on a report is odd; by source, in the settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Fewer rows, or accounts, than this share of the median; 0: a size is never odd.
    pub least_share: f64,
    /// A smaller median says nothing of a share.
    pub least_rows: u64,
    /// So many working days more than ever that nothing new was detected; 0: never odd.
    pub stale_days: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            least_share: 0.3,
            least_rows: 10,
            stale_days: 2,
        }
    }
}

/// What may be odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// No rows, where none of the reports before was empty.
    Empty,
    /// Far fewer rows.
    Rows,
    /// Far fewer accounts named.
    Accounts,
    /// Nothing detected since the report before, and for longer than ever, in working days.
    Old,
}

impl What {
    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Rows => "rows",
            Self::Accounts => "accounts",
            Self::Old => "old",
        }
    }
}

/// One thing that is odd, with its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odd {
    /// What.
    pub what: What,
    /// How many it is.
    pub now: u64,
    /// How many it usually is: the median, or of working days the most.
    pub usual: u64,
    /// The newest day of detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<NaiveDate>,
}

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (now, usual) = (self.now, self.usual);
        match (self.what, self.newest) {
            (What::Empty, _) => write!(f, "no rows, usually about {usual}"),
            (What::Rows, _) => write!(f, "{now} rows, usually about {usual}"),
            (What::Accounts, _) => write!(f, "{now} accounts, usually about {usual}"),
            (What::Old, newest) => {
                write!(f, "nothing detected for {now} working days")?;
                if let Some(newest) = newest {
                    write!(f, ", since {newest}")?;
                }
                write!(f, "; usually {usual} at most")
            }
        }
    }
}

/// What of a report is not as those before it; `past` has the newest first. Of fewer than five nothing
/// is usual. Working days count by the calendar, so that a weekend or a holiday in which nobody looks
/// makes nothing old.
pub fn odd(report: &Measure, past: &[Past], bounds: Bounds, calendar: &Calendar) -> Vec<Odd> {
    let past = past.get(..PAST).unwrap_or(past);
    let mut found = Vec::new();
    if past.len() < LEAST_PAST {
        return found;
    }
    let sizes = bounds.least_share > 0.0;
    let rows: Vec<u64> = past.iter().map(|past| past.measure.rows).collect();
    if sizes && report.rows == 0 {
        if !rows.contains(&0) {
            found.push(Odd {
                what: What::Empty,
                now: 0,
                usual: median(rows),
                newest: None,
            });
        }
        return found;
    }
    let of_rows = |past: &Past| Some(past.measure.rows);
    let of_accounts = |past: &Past| past.measure.accounts;
    if sizes {
        found.extend(few(What::Rows, Some(report.rows), past, bounds, of_rows));
        found.extend(few(
            What::Accounts,
            report.accounts,
            past,
            bounds,
            of_accounts,
        ));
    }
    found.extend(old(report, past, bounds, calendar));
    found
}

/// Far fewer than the median, and than in any report that was odd and found right.
fn few(
    what: What,
    now: Option<u64>,
    past: &[Past],
    bounds: Bounds,
    of: impl Fn(&Past) -> Option<u64>,
) -> Option<Odd> {
    let now = now?;
    let known: Vec<u64> = past.iter().filter_map(&of).collect();
    if known.len() < LEAST_PAST {
        return None;
    }
    let usual = median(known);
    let accepted = past.iter().filter(|past| past.accepted).filter_map(&of);
    let fewer = accepted.min().is_none_or(|least| now < least);
    #[expect(clippy::cast_precision_loss, reason = "a share of a count of rows")]
    let far = (now as f64) < usual as f64 * bounds.least_share;
    (usual >= bounds.least_rows && far && fewer).then_some(Odd {
        what,
        now,
        usual,
        newest: None,
    })
}

/// The newest detection is none that the reports before did not have, and lies further back than ever.
fn old(report: &Measure, past: &[Past], bounds: Bounds, calendar: &Calendar) -> Option<Odd> {
    let newest = report.newest.filter(|_| bounds.stale_days > 0)?;
    let known = past
        .iter()
        .filter_map(|past| Some((past.measure.newest?, past.measure.date)));
    let known: Vec<(NaiveDate, NaiveDate)> = known.collect();
    let before = known.iter().map(|(newest, _)| *newest).max();
    if known.len() < LEAST_PAST || before < Some(newest) {
        return None;
    }
    let now = worked(newest, report.date, calendar);
    let ages = known
        .iter()
        .map(|(newest, date)| worked(*newest, *date, calendar));
    let usual = ages.max().unwrap_or_default();
    (now >= usual + bounds.stale_days).then_some(Odd {
        what: What::Old,
        now,
        usual,
        newest: Some(newest),
    })
}

/// The working days after one day, up to another.
fn worked(after: NaiveDate, to: NaiveDate, calendar: &Calendar) -> u64 {
    let days = after
        .iter_days()
        .skip(1)
        .take(FAR)
        .take_while(|day| *day <= to);
    days.filter(|day| calendar.is_working_day(*day)).count() as u64
}

/// The middle one; of two the smaller.
fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn past(rows: &[u64]) -> Vec<Past> {
        let past = rows.iter().map(|rows| Past {
            measure: Measure {
                rows: *rows,
                accounts: Some(rows / 2),
                ..Measure::default()
            },
            accepted: false,
        });
        past.collect()
    }

    fn said(report: &Measure, past: &[Past], bounds: Bounds) -> String {
        let calendar = Calendar::load(None).unwrap();
        let found = odd(report, past, bounds, &calendar);
        let said = found
            .iter()
            .map(|odd| format!("{} {} of {}", odd.what.as_str(), odd.now, odd.usual));
        said.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn far_smaller_than_usual() {
        let usual = [150, 160, 140, 155, 150];
        let some = Bounds::default();
        let never = Bounds {
            least_share: 0.0,
            ..some
        };
        let half = Bounds {
            least_share: 0.5,
            ..some
        };
        for (rows, accounts, before, bounds, want) in [
            (0, 0, &usual[..], some, "empty 0 of 150"),
            (3, 2, &usual, some, "rows 3 of 150, accounts 2 of 75"),
            (44, 40, &usual, some, "rows 44 of 150"),
            (45, 40, &usual, some, ""),
            (60, 22, &usual, some, "accounts 22 of 75"),
            (60, 40, &usual, half, "rows 60 of 150"),
            (0, 0, &usual, never, ""),
            (3, 2, &usual, never, ""),
            // Four reports are too few to know.
            (0, 0, &usual[..4], some, ""),
            // Where one was empty, another may be; a small office has its quiet days.
            (0, 0, &[150, 0, 160, 140, 155, 150], some, ""),
            (1, 1, &[9, 9, 8, 9, 9], some, ""),
            (0, 0, &[2, 1, 3, 2, 1], some, "empty 0 of 2"),
            (400, 200, &usual, some, ""),
        ] {
            let report = Measure {
                rows,
                accounts: Some(accounts),
                ..Measure::default()
            };
            assert_eq!(
                said(&report, &past(before), bounds),
                want,
                "{rows} {before:?}"
            );
        }
        // What a person found right is usual, until it is forgotten.
        let mut before = past(&[6, 150, 160, 140, 155, 150]);
        before[0].accepted = true;
        let few = |rows| Measure {
            rows,
            accounts: Some(rows / 2),
            ..Measure::default()
        };
        assert_eq!(said(&few(6), &before, some), "");
        assert_eq!(
            said(&few(5), &before, some),
            "rows 5 of 150, accounts 2 of 75"
        );
        // Reports from before accounts were counted say nothing of them.
        before
            .iter_mut()
            .for_each(|past| past.measure.accounts = None);
        assert_eq!(said(&few(5), &before, some), "rows 5 of 150");
    }

    /// Reports of every day from one on, each with what was detected the day before, if that was worked.
    fn daily(last: &str, days: i64) -> Vec<Past> {
        let calendar = Calendar::load(None).unwrap();
        let past = (0..days).map(|back| {
            let date = day(last) - chrono::TimeDelta::days(back);
            let mut before = std::iter::successors(date.pred_opt(), NaiveDate::pred_opt);
            let newest = before.find(|day| calendar.is_working_day(*day));
            Past {
                measure: Measure {
                    date,
                    rows: 20,
                    accounts: None,
                    newest,
                },
                accepted: false,
            }
        });
        past.collect()
    }

    #[test]
    fn an_old_export_sent_again() {
        for (last, today, newest, want) in [
            // Monday: Friday's detections are as new as they get.
            ("2021-06-27", "2021-06-28", "2021-06-25", ""),
            // One and two days without anything new: it happens.
            ("2021-06-29", "2021-06-30", "2021-06-28", ""),
            ("2021-06-30", "2021-07-01", "2021-06-28", "old 3 of 1"),
            ("2021-06-30", "2021-07-01", "2021-06-01", "old 21 of 1"),
            // Something new, however late it is.
            ("2021-06-23", "2021-07-01", "2021-06-28", ""),
            // The National Day: nobody looked.
            ("2021-10-07", "2021-10-08", "2021-09-30", ""),
            ("2021-10-08", "2021-10-09", "2021-09-28", "old 4 of 1"),
        ] {
            let report = Measure {
                date: day(today),
                rows: 20,
                accounts: None,
                newest: Some(day(newest)),
            };
            let past = daily(last, 10);
            assert_eq!(
                said(&report, &past, Bounds::default()),
                want,
                "{today} {newest}"
            );
            let never = Bounds {
                stale_days: 0,
                ..Bounds::default()
            };
            assert_eq!(said(&report, &past, never), "");
            assert_eq!(said(&report, &past[..4], Bounds::default()), "");
        }
    }

    proptest! {
        /// A report like those before it is never odd, and a larger one is no odder than a smaller.
        #[test]
        fn the_usual_is_usual(
            rows in prop::collection::vec(0u64..300, 5..14), pick in 0usize..14, more in 0u64..100
        ) {
            let before = past(&rows);
            let smallest = rows.iter().take(PAST).copied().min().unwrap_or_default();
            let report = |rows| Measure { rows, accounts: None, ..Measure::default() };
            let bounds = Bounds::default();
            let calendar = Calendar::default();
            let median = median(rows.iter().take(PAST).copied().collect());
            prop_assert!(odd(&report(median), &before, bounds, &calendar).is_empty());
            if smallest == 0 {
                prop_assert!(odd(&report(0), &before, bounds, &calendar).is_empty());
            }
            let one = rows[pick % rows.len()];
            let odder = odd(&report(one + more), &before, bounds, &calendar).len();
            prop_assert!(odder <= odd(&report(one), &before, bounds, &calendar).len() + usize::from(one == 0));
        }
    }
}
