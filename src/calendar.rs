//! Working days of the State Council's calendar: files list only exceptions; without one, Monday to
//! Friday. Data: NateScarlet/holiday-cn (MIT), `config/calendar/`.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::Deserialize;

use crate::error::{Error, Fault, Result};

const BUILTIN: &[(&str, &str)] = &[
    ("2021.json", include_str!("../config/calendar/2021.json")),
    ("2022.json", include_str!("../config/calendar/2022.json")),
    ("2023.json", include_str!("../config/calendar/2023.json")),
    ("2024.json", include_str!("../config/calendar/2024.json")),
    ("2025.json", include_str!("../config/calendar/2025.json")),
    ("2026.json", include_str!("../config/calendar/2026.json")),
    ("2027.json", include_str!("../config/calendar/2027.json")),
];

#[derive(Deserialize)]
struct File {
    year: i32,
    days: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: NaiveDate,
    is_off_day: bool,
}

/// Which days are worked.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    off: HashMap<NaiveDate, bool>,
    known: BTreeSet<i32>,
}

impl Calendar {
    /// The built-in years, and on top every `*.json` of `folder` in the order of their names (local
    /// days such as a typhoon's included).
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let mut calendar = Self::default();
        for (name, text) in BUILTIN {
            calendar.add(name, text)?;
        }
        let Some(folder) = folder else {
            return Ok(calendar);
        };
        let shown = folder.display().to_string();
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .map_err(Error::io(shown))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        files.sort();
        for path in files {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(Error::io(shown.clone()))?;
            calendar.add(&shown, &text)?;
        }
        Ok(calendar)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<()> {
        let file: File = serde_json::from_str(text).map_err(|error| {
            Fault::new(format!("not a calendar file: {error}"))
                .file(name)
                .row(error.line() as u64)
        })?;
        if file.days.len() > 5 {
            self.known.insert(file.year);
        }
        self.off
            .extend(file.days.into_iter().map(|day| (day.date, day.is_off_day)));
        Ok(())
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.off.get(&day) {
            Some(off) => !off,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// Whether the year's notice is known; without it Monday to Friday is a guess.
    pub fn is_known(&self, day: NaiveDate) -> bool {
        self.known.contains(&day.year())
    }

    /// The day `amount` working days after `from`, which itself is not counted.
    pub fn add_working_days(&self, from: NaiveDate, amount: u32) -> NaiveDate {
        let mut day = from;
        let mut left = amount;
        while left > 0 {
            let Some(next) = day.succ_opt() else {
                return day;
            };
            day = next;
            left -= u32::from(self.is_working_day(day));
        }
        day
    }

    /// The day itself if it is worked, else the next that is.
    pub fn working_day_from(&self, day: NaiveDate) -> NaiveDate {
        if self.is_working_day(day) {
            day
        } else {
            self.add_working_days(day, 1)
        }
    }

    /// How many days of a year are worked.
    pub fn working_days_in(&self, year: i32) -> usize {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        first
            .iter_days()
            .take_while(|d| d.year() == year)
            .filter(|d| self.is_working_day(*d))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_six_years() {
        let calendar = Calendar::load(None).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (from, amount, want) in [
            ("2021-04-23", 1, "2021-04-25"),
            ("2021-04-30", 1, "2021-05-06"),
            ("2021-06-11", 3, "2021-06-17"),
            ("2021-09-17", 3, "2021-09-23"),
            ("2021-09-30", 5, "2021-10-13"),
            ("2022-01-28", 1, "2022-01-29"),
            ("2024-02-08", 1, "2024-02-09"),
            ("2024-02-09", 1, "2024-02-18"),
            ("2026-02-13", 1, "2026-02-14"),
            ("2026-09-30", 3, "2026-10-10"),
        ] {
            assert_eq!(
                calendar.add_working_days(day(from), amount),
                day(want),
                "{from} + {amount}"
            );
        }
        let totals: Vec<usize> = (2021..=2026)
            .map(|year| calendar.working_days_in(year))
            .collect();
        assert_eq!(totals, [250, 249, 249, 251, 248, 248]);
        assert!(calendar.is_known(day("2026-01-01")));
        assert!(!calendar.is_known(day("2027-01-01")));
    }
}
