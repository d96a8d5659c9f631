//! Working days of the State Council's calendar: files list only exceptions; without one, Monday to
//! Friday. Data: NateScarlet/holiday-cn (MIT), `config/calendar/`.

mod file;
mod spoken;
mod year;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::error::{Error, Fault, Result};
use file::Day;

pub use spoken::read_day;
pub use year::{Month, Run, Year};

const BUILTIN: &[(&str, &str)] = &[
    ("2021.json", include_str!("../../config/calendar/2021.json")),
    ("2022.json", include_str!("../../config/calendar/2022.json")),
    ("2023.json", include_str!("../../config/calendar/2023.json")),
    ("2024.json", include_str!("../../config/calendar/2024.json")),
    ("2025.json", include_str!("../../config/calendar/2025.json")),
    ("2026.json", include_str!("../../config/calendar/2026.json")),
    ("2027.json", include_str!("../../config/calendar/2027.json")),
];

/// A year's notice lists some thirty days; a file with fewer than this is a mistake, see
/// [`Calendar::load`].
const FEWEST: usize = 6;

/// A day that is not what its weekday says, and which file says so.
#[derive(Clone, Debug)]
struct Special {
    off: bool,
    name: String,
    file: Arc<str>,
    local: bool,
}

/// Days off in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// What the notice calls it.
    pub name: Option<String>,
}

/// Which days are worked.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, Special>,
    known: BTreeSet<i32>,
}

impl Calendar {
    /// The built-in years and the `*.json` of `folder`: `YEAR.json` in place of the built-in year,
    /// every other file with local days (a typhoon's) on top. A `YEAR.json` of a few days would take
    /// the year's holidays away: it is refused, for it must be local days under a wrong name.
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let mut years: BTreeMap<i32, (String, Vec<Day>)> = BTreeMap::new();
        for (name, text) in BUILTIN {
            let year = file::year_of(name).unwrap_or_default();
            let days = file::read(text, name, Some(year))?;
            years.insert(year, ((*name).to_owned(), days));
        }
        let mut local = Vec::new();
        for (name, shown, text) in read_folder(folder)? {
            match file::year_of(&name) {
                Some(year) => {
                    let days = file::read(&text, &shown, Some(year))?;
                    if let (1..FEWEST, Some(first)) = (days.len(), days.first()) {
                        let reason = format!(
                            "too few days for the notice of {year}; the office's own days go into a \
                             file of another name, such as local-{year}.json"
                        );
                        return Err(Fault::new(reason).file(shown).row(first.row).into());
                    }
                    // An empty file is one that waits for its notice: it says nothing.
                    if !days.is_empty() || !years.contains_key(&year) {
                        years.insert(year, (shown, days));
                    }
                }
                None => local.push((file::read(&text, &shown, None)?, shown)),
            }
        }
        let mut calendar = Self::default();
        for (year, (shown, days)) in years {
            if days.iter().any(|day| day.date.year() == year) {
                calendar.known.insert(year);
            }
            calendar.add(&shown, days, false)?;
        }
        for (days, shown) in local {
            calendar.add(&shown, days, true)?;
        }
        Ok(calendar)
    }

    /// A later notice wins over an earlier one, a local day over both; two local files must agree.
    fn add(&mut self, shown: &str, days: Vec<Day>, local: bool) -> Result<()> {
        let file: Arc<str> = shown.into();
        for day in days {
            if let Some(other) = self.days.get(&day.date)
                && local
                && other.local
                && other.off != day.is_off_day
            {
                let reason = format!(
                    "{} is a day off in one of this file and {}, and a working day in the other; \
                     delete one of them",
                    day.date, other.file
                );
                return Err(Fault::new(reason).file(shown).row(day.row).into());
            }
            let special = Special {
                off: day.is_off_day,
                name: day.name,
                file: Arc::clone(&file),
                local,
            };
            self.days.insert(day.date, special);
        }
        Ok(())
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(special) => !special.off,
            None => !is_weekend(day),
        }
    }

    /// Whether a file says that the day is off; an ordinary weekend needs no file.
    pub fn is_listed_off(&self, day: NaiveDate) -> bool {
        self.days.get(&day).is_some_and(|special| special.off)
    }

    /// Whether the day is worked although it is a Saturday or Sunday.
    pub fn is_make_up(&self, day: NaiveDate) -> bool {
        is_weekend(day) && self.is_working_day(day)
    }

    /// Whether the notices that rule the day are known; without them Monday to Friday is a guess.
    pub fn is_known(&self, day: NaiveDate) -> bool {
        self.unknown_years(day, day).is_empty()
    }

    /// The years whose notice is not known and may rule a day of the span. A notice rules its year
    /// and the last ten days of the December before.
    pub fn unknown_years(&self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        let rules = |year: i32| {
            let first = NaiveDate::from_ymd_opt(year - 1, 12, 22).unwrap_or(NaiveDate::MIN);
            let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX);
            first <= to && from <= last
        };
        (from.year()..=to.year() + 1)
            .filter(|year| !self.known.contains(year) && rules(*year))
            .collect()
    }

    /// The years whose notice is known.
    pub fn known_years(&self) -> &BTreeSet<i32> {
        &self.known
    }

    /// How many days stand in local files.
    pub fn local_days(&self) -> usize {
        self.days.values().filter(|special| special.local).count()
    }

    /// The days off that begin after a working day, if there are at least `least` in a row and their
    /// notice is known; with the name of the first that has one.
    pub fn stretch_after(&self, day: NaiveDate, least: u32) -> Option<Stretch> {
        let first = day.succ_opt()?;
        let off = first
            .iter_days()
            .take_while(|day| !self.is_working_day(*day));
        let off: Vec<NaiveDate> = off.take(60).collect();
        let last = *off.last()?;
        if !self.is_working_day(day)
            || off.len() < usize::try_from(least).unwrap_or(usize::MAX)
            || !self.unknown_years(first, last).is_empty()
        {
            return None;
        }
        let mut named = off.iter().filter_map(|day| self.days.get(day));
        let name = named.find(|special| special.off && !special.name.is_empty());
        Some(Stretch {
            first,
            last,
            name: name.map(|special| special.name.clone()),
        })
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
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Name, shown path and text of every `*.json`, in the order of their names.
fn read_folder(folder: Option<&Path>) -> Result<Vec<(String, String, String)>> {
    let Some(folder) = folder else {
        return Ok(vec![]);
    };
    let mut found = Vec::new();
    let shown = format!("data.calendar = {}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(Error::io(&shown))? {
        let path = entry.map_err(Error::io(&shown))?.path();
        let is_json = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json"));
        let Some(name) = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .filter(|_| is_json)
        else {
            continue;
        };
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(Error::io(&shown))?;
        found.push((name, shown, text));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_vectors_of_six_years() {
        let calendar = Calendar::load(None).unwrap();
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
            .map(|year| calendar.year(year).working_days)
            .collect();
        assert_eq!(totals, [250, 249, 249, 251, 248, 248]);
        // The notice of 2023 rules the last day of 2022.
        assert!(!calendar.is_working_day(day("2022-12-31")));
    }

    #[test]
    fn a_long_holiday_is_seen_from_the_day_before() {
        let calendar = Calendar::load(None).unwrap();
        let seen = |from: &str, least| {
            let off = calendar.stretch_after(day(from), least)?;
            Some((off.first.to_string(), off.last.to_string(), off.name))
        };
        let national = (
            "2026-10-01".into(),
            "2026-10-07".into(),
            Some("国庆节".into()),
        );
        assert_eq!(seen("2026-09-30", 3), Some(national));
        for (from, why) in [
            ("2026-09-29", "a working day follows"),
            ("2026-10-01", "it has begun"),
            ("2026-10-16", "a weekend is no holiday"),
            ("2027-04-30", "its notice is not known"),
        ] {
            assert_eq!(seen(from, 3), None, "{from}: {why}");
        }
    }

    #[test]
    fn what_no_notice_rules_is_unknown() {
        let calendar = Calendar::load(None).unwrap();
        for (from, to, want) in [
            ("2026-01-01", "2026-12-21", vec![]),
            ("2026-12-01", "2026-12-22", vec![2027]),
            ("2027-03-01", "2027-03-02", vec![2027]),
            ("2020-12-30", "2021-01-02", vec![2020]),
            ("2026-12-31", "2028-01-01", vec![2027, 2028]),
        ] {
            assert_eq!(
                calendar.unknown_years(day(from), day(to)),
                want,
                "{from} {to}"
            );
        }
        assert!(calendar.is_known(day("2026-01-01")) && !calendar.is_known(day("2027-01-01")));
    }

    #[test]
    fn a_folder_brings_years_and_local_days() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("LICENSE", "not json");
        write(
            "local-typhoon.json",
            r#"{"days": [{"name": "台风", "date": "2026-07-14", "isOffDay": true}]}"#,
        );
        write("2026.json", r#"{"year": 2026, "days": []}"#);
        let days: Vec<String> = (1..=7)
            .map(|d| format!(r#"{{"date": "2027-10-0{d}", "isOffDay": true}}"#))
            .collect();
        write(
            "2027.json",
            &format!(r#"{{"year": 2027, "days": [{}]}}"#, days.join(",")),
        );
        let calendar = Calendar::load(Some(folder.path())).unwrap();
        assert!(!calendar.is_working_day(day("2026-07-14")));
        assert!(
            calendar.is_make_up(day("2026-10-10")),
            "an empty file takes nothing away"
        );
        assert!(calendar.is_known(day("2027-05-01")) && calendar.is_known(day("2026-12-31")));
        assert_eq!(calendar.local_days(), 1);

        write(
            "local-other.json",
            r#"{"days": [{"date": "2026-07-14", "isOffDay": false}]}"#,
        );
        let error = Calendar::load(Some(folder.path())).unwrap_err().to_string();
        assert!(
            error.contains("local-typhoon.json, row 1") && error.contains("local-other.json"),
            "{error}"
        );
        std::fs::remove_file(folder.path().join("local-other.json")).unwrap();
        write(
            "2026.json",
            "{\"year\": 2026, \"days\": [\n{\"date\": \"2026-07-14\", \"isOffDay\": true}]}",
        );
        let error = Calendar::load(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("2026.json, row 2: too few days"), "{error}");
        let missing = Calendar::load(Some(&folder.path().join("none"))).unwrap_err();
        assert!(missing.to_string().contains("data.calendar"), "{missing}");
    }
}
