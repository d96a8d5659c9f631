//! Calendar files: a year of the State Council's notice, or local days. What contradicts itself is
//! refused with file and line.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Fault, Result, line_at};

/// What a file says of a day.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Day {
    pub date: NaiveDate,
    pub is_off_day: bool,
    #[serde(default)]
    pub name: String,
    /// The line on which it stands.
    #[serde(skip)]
    pub row: u64,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    year: Option<&'a RawValue>,
    #[serde(borrow)]
    days: Vec<&'a RawValue>,
}

/// The year that a file's name promises; without one its days are local.
pub(super) fn year_of(name: &str) -> Option<i32> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let digits = stem.len() == 4 && stem.bytes().all(|b| b.is_ascii_digit());
    stem.parse().ok().filter(|_| digits)
}

/// The line of a part of the text.
fn row_of(text: &str, part: &RawValue) -> u64 {
    line_at(
        text,
        (part.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize),
    )
}

/// The days of a file that is called `shown` in errors. `promised` is the year of its name.
pub(super) fn read(text: &str, shown: &str, promised: Option<i32>) -> Result<Vec<Day>> {
    let text = text.trim_start_matches('\u{feff}');
    let refuse = |row: u64, reason: String| Fault::new(reason).file(shown).row(row);
    let raw: Raw<'_> = serde_json::from_str(text).map_err(|error| {
        let reason = format!("not a calendar file: {error}");
        refuse((error.line() as u64).max(1), reason)
    })?;
    let year = said_year(&raw, text, promised, &refuse)?;
    let mut seen: HashMap<NaiveDate, (bool, u64)> = HashMap::new();
    let mut days = Vec::with_capacity(raw.days.len());
    for part in raw.days {
        let row = row_of(text, part);
        let mut day: Day = serde_json::from_str(part.get()).map_err(|error| {
            let reason = format!(
                "not a day: {error}; write {{\"name\": \"…\", \"date\": \"2026-10-01\", \"isOffDay\": true}}"
            );
            refuse(row + (error.line() as u64).saturating_sub(1), reason)
        })?;
        day.row = row;
        if let Some(year) = year
            && !rules(year, day.date)
        {
            let reason = format!(
                "{} is not a day that the file of {year} can rule: it holds {year}, and December of \
                 the year before",
                day.date
            );
            return Err(refuse(row, reason).value(day.date.to_string()).into());
        }
        if let Some((off, first)) = seen.insert(day.date, (day.is_off_day, row))
            && off != day.is_off_day
        {
            let reason = format!(
                "{} is both a day off and a working day, here and in row {first}; delete one of them",
                day.date
            );
            return Err(refuse(row, reason).value(day.date.to_string()).into());
        }
        days.push(day);
    }
    Ok(days)
}

/// The year that the file says, which its name must not contradict.
fn said_year(
    raw: &Raw<'_>,
    text: &str,
    promised: Option<i32>,
    refuse: &impl Fn(u64, String) -> Fault,
) -> Result<Option<i32>> {
    let Some(part) = raw.year else {
        return match promised {
            Some(year) => {
                let reason = format!("a file of a year says it: \"year\": {year}");
                Err(refuse(1, reason).into())
            }
            None => Ok(None),
        };
    };
    let row = row_of(text, part);
    let year: i32 = serde_json::from_str(part.get()).map_err(|_| {
        refuse(row, "\"year\" is a number such as 2026".to_owned()).value(part.get())
    })?;
    match promised {
        Some(promised) if promised != year => {
            let reason = format!(
                "the file is named after {promised} and says \"year\": {year}; local days go into a \
                 file of another name, such as local-{year}.json"
            );
            Err(refuse(row, reason).into())
        }
        _ => Ok(Some(year)),
    }
}

/// A notice rules its year and may reach into the December before.
fn rules(year: i32, date: NaiveDate) -> bool {
    date.year() == year || (date.year() == year - 1 && date.month() == 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_itself_is_refused_with_file_and_line() {
        let day = |date: &str, off: bool| format!("{{\"date\": \"{date}\", \"isOffDay\": {off}}}");
        let file = |days: &[String]| {
            format!(
                "{{\n\"year\": 2026,\n\"days\": [\n{}\n]}}",
                days.join(",\n")
            )
        };
        for (text, name, want) in [
            (
                "{\n\"year\": 2026,\n\"days\": [,]}".to_owned(),
                "2026.json",
                "row 3: not a calendar file",
            ),
            ("[]".to_owned(), "2026.json", "row 1: not a calendar file"),
            (
                file(&[day("2026-10-10", false), day("2026-10-10", true)]),
                "2026.json",
                "row 5, value \"2026-10-10\": 2026-10-10 is both a day off and a working day, here and in row 4",
            ),
            (
                file(&[day("2025-10-01", true)]),
                "2026.json",
                "row 4, value \"2025-10-01\": 2025-10-01 is not a day",
            ),
            (
                file(&[day("2027-01-01", true)]),
                "local.json",
                "row 4, value \"2027-01-01\"",
            ),
            (
                file(&[]),
                "2027.json",
                "row 2: the file is named after 2027 and says \"year\": 2026",
            ),
            (
                "{\"days\": []}".to_owned(),
                "2026.json",
                "row 1: a file of a year says it",
            ),
            (
                "{\"year\": \"x\", \"days\": []}".to_owned(),
                "local.json",
                "row 1, value \"\\\"x\\\"\"",
            ),
            (
                file(&[day("2026-02-30", true)]),
                "2026.json",
                "row 4: not a day",
            ),
            (
                file(&["{\"date\": \"2026-10-01\",\n\"isOffday\": true}".to_owned()]),
                "2026.json",
                "row 5: not a day",
            ),
        ] {
            let error = read(&text, name, year_of(name)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}, {want}")), "{error}");
        }
        let local = "\u{feff}{\"days\": [{\"date\": \"2031-07-01\", \"isOffDay\": true, \"name\": \"台风\"}]}";
        assert_eq!(
            read(local, "local-a.json", year_of("local-a.json"))
                .unwrap()
                .len(),
            1
        );
        let december = file(&[day("2025-12-31", true), day("2025-12-31", true)]);
        assert_eq!(read(&december, "2026.json", Some(2026)).unwrap().len(), 2);
    }
}
