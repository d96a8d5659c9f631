//! A year at a glance: what is off, what is made up for, and how many days are worked.

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use super::{Calendar, Special};

/// A year as `duban calendar` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Year {
    /// Which.
    pub year: i32,
    /// Whether its notice is known; else Monday to Friday is assumed.
    pub known: bool,
    /// From this day on the notice of the next year, which is not known, may change something.
    pub unsure_from: Option<NaiveDate>,
    /// Days that are worked.
    pub working_days: usize,
    /// Its months.
    pub months: Vec<Month>,
}

/// A month.
#[derive(Clone, Debug, Serialize)]
pub struct Month {
    /// From 1.
    pub month: u32,
    /// Days that are worked.
    pub working_days: usize,
    /// Days off that a file lists; ordinary weekends are not listed.
    pub off: Vec<Run>,
    /// Saturdays and Sundays that are worked.
    pub make_up: Vec<Run>,
}

/// Days in a row of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// What they are called.
    pub name: String,
    /// The office's own days, not the State Council's.
    pub local: bool,
}

impl Calendar {
    /// A year at a glance.
    pub fn year(&self, year: i32) -> Year {
        let months: Vec<Month> = (1..=12).map(|month| self.month(year, month)).collect();
        let known = self.known.contains(&year);
        let december = NaiveDate::from_ymd_opt(year, 12, 22);
        Year {
            year,
            known,
            unsure_from: december.filter(|_| known && !self.known.contains(&(year + 1))),
            working_days: months.iter().map(|month| month.working_days).sum(),
            months,
        }
    }

    fn month(&self, year: i32, month: u32) -> Month {
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
        let days = first
            .iter_days()
            .take_while(|d| (d.year(), d.month()) == (year, month));
        let working_days = days.clone().filter(|d| self.is_working_day(*d)).count();
        let (mut off, mut make_up) = (Vec::new(), Vec::new());
        for day in days {
            if let Some(special) = self.days.get(&day) {
                if special.off {
                    push(&mut off, day, special);
                } else if self.is_make_up(day) {
                    push(&mut make_up, day, special);
                }
            }
        }
        Month {
            month,
            working_days,
            off,
            make_up,
        }
    }
}

/// Lengthens the last run by the day, or begins another.
fn push(runs: &mut Vec<Run>, day: NaiveDate, special: &Special) {
    if let Some(last) = runs.last_mut()
        && last.to.succ_opt() == Some(day)
        && (last.name.as_str(), last.local) == (special.name.as_str(), special.local)
    {
        last.to = day;
        return;
    }
    runs.push(Run {
        from: day,
        to: day,
        name: special.name.clone(),
        local: special.local,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn october_2021() {
        let year = Calendar::load(None).unwrap().year(2021);
        let october = &year.months[9];
        assert_eq!(october.working_days, 17);
        let day = |d| NaiveDate::from_ymd_opt(2021, 10, d).unwrap();
        let run = |from, to| Run {
            from: day(from),
            to: day(to),
            name: "国庆节".to_owned(),
            local: false,
        };
        assert_eq!(october.off, [run(1, 7)]);
        assert_eq!(october.make_up, [run(9, 9)]);
        assert!(year.known && year.unsure_from.is_none());
        assert_eq!(
            Calendar::load(None)
                .unwrap()
                .year(2026)
                .unsure_from
                .unwrap()
                .to_string(),
            "2026-12-22"
        );
    }
}
