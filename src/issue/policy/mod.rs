//! The policy: how long a fix may take, as rows of `policy.toml`. The row that says most of a finding
//! wins; what contradicts itself is refused with file and line. Pure but for reading the file.

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::amount::{Amount, Unit};
use super::why::{Keys, Since};
use crate::error::{Error, Fault, Result, line_at, nearest, toml_fault};
use crate::finding::Severity;
use crate::roster::Roster;
use crate::vocabulary::Vocabulary;

/// A row: what it asks of a finding, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it asks.
    #[serde(flatten)]
    pub keys: Keys,
    /// How long; none: no deadline.
    pub amount: Option<Amount>,
    /// From when.
    pub clock: Since,
    /// From this hour the day does not count; none: the office's hour, for working days.
    pub cut_off: Option<NaiveTime>,
    /// The line on which it stands.
    pub line: u64,
}

/// A date that is set for the findings of one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportDue {
    /// The report's source.
    pub source: String,
    /// The report's day.
    pub date: NaiveDate,
    /// The day of the deadline.
    pub due: NaiveDate,
    /// Its hour; none: the end of work.
    pub time: Option<NaiveTime>,
    /// The line on which it stands.
    pub line: u64,
}

/// The policy of an office.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Policy {
    /// The file.
    pub file: String,
    /// Its rows, those that say most first.
    pub rows: Vec<Row>,
    /// Dates set for reports.
    pub reports: Vec<ReportDue>,
}

/// What a row is chosen by.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// How grave.
    pub severity: Severity,
    /// The category's id.
    pub category: &'a str,
    /// The account's platform.
    pub platform: Option<&'a str>,
    /// The codes of the unit and of what is above it, the unit first.
    pub areas: &'a [&'a str],
    /// The source that lists it.
    pub source: &'a str,
}

impl Keys {
    /// How much a row says of a finding. Each key counts alike, but every finding has a severity:
    /// naming it says less than naming anything else.
    fn weight(&self) -> u8 {
        let others = [&self.category, &self.platform, &self.area, &self.source];
        let others = others.into_iter().filter(|key| key.is_some()).count();
        u8::try_from(others).unwrap_or_default() * 2 + u8::from(self.severity.is_some())
    }

    fn fits(&self, subject: &Subject<'_>) -> bool {
        let is = |key: &Option<String>, value: Option<&str>| {
            key.as_deref().is_none_or(|key| Some(key) == value)
        };
        self.severity.is_none_or(|key| key == subject.severity)
            && is(&self.category, Some(subject.category))
            && is(&self.platform, subject.platform)
            && is(&self.source, Some(subject.source))
            && self
                .area
                .as_deref()
                .is_none_or(|key| subject.areas.contains(&key))
    }

    /// Whether a finding may fit both, with nothing to say which row is nearer. Of two areas the
    /// nearer wins.
    fn ties(&self, other: &Self) -> bool {
        let may = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        let severity =
            self.severity.is_none() || other.severity.is_none() || self.severity == other.severity;
        self.weight() == other.weight()
            && severity
            && may(&self.category, &other.category)
            && may(&self.platform, &other.platform)
            && may(&self.area, &other.area)
            && may(&self.source, &other.source)
    }
}

impl Policy {
    /// The policy of a file, or the built-in one. Names are held against the vocabulary and the
    /// names of the sources.
    pub fn load(path: Option<&Path>, words: &Vocabulary, sources: &[&str]) -> Result<Self> {
        let Some(path) = path else {
            let text = include_str!("../../config/policy.toml");
            return Self::read(text, "policy.toml", words, sources);
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(Error::io(&file))?;
        Self::read(&text, &file, words, sources)
    }

    /// The policy of a text that is called `file` in errors.
    pub fn read(text: &str, file: &str, words: &Vocabulary, sources: &[&str]) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let raw: RawFile = toml::from_str(text).map_err(|e| toml_fault(text, file, &e))?;
        let reader = Reader {
            text,
            file,
            words,
            sources,
        };
        let rows = raw.deadline.into_iter().map(|row| reader.row(row));
        let mut rows = rows.collect::<Result<Vec<Row>>>()?;
        for (n, row) in rows.iter().enumerate() {
            for earlier in rows.iter().take(n).filter(|e| e.keys.ties(&row.keys)) {
                return Err(reader.tie(earlier, row).into());
            }
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.keys.weight()), row.line));
        let mut reports: Vec<ReportDue> = Vec::new();
        for raw in raw.report_due {
            let report = reader.report(raw)?;
            let twice =
                |other: &&ReportDue| (&other.source, other.date) == (&report.source, report.date);
            if let Some(earlier) = reports.iter().find(twice) {
                let reason = format!(
                    "the report of {} of {} has a date already, in row {}; delete one of them",
                    report.source, report.date, earlier.line
                );
                return Err(reader.refuse(report.line, reason).into());
            }
            reports.push(report);
        }
        Ok(Self {
            file: file.to_owned(),
            rows,
            reports,
        })
    }

    /// The row that says most of a finding; of areas the nearest.
    pub fn row(&self, subject: &Subject<'_>) -> Option<&Row> {
        let far = |row: &Row| {
            let area = row.keys.area.as_deref();
            area.and_then(|area| subject.areas.iter().position(|code| *code == area))
        };
        // The rows stand in the order of their weight, so that the first of the best is the one.
        let fitting = self.rows.iter().filter(|row| row.keys.fits(subject));
        fitting.min_by_key(|row| (std::cmp::Reverse(row.keys.weight()), far(row)))
    }

    /// The date that is set for a report.
    pub fn report(&self, source: &str, date: NaiveDate) -> Option<&ReportDue> {
        let mut reports = self.reports.iter();
        reports.find(|report| report.source == source && report.date == date)
    }

    /// Refuses areas that are no unit's code. A roster that is still empty knows none.
    pub fn check_areas(&self, roster: &Roster) -> Result<()> {
        if roster.units.is_empty() {
            return Ok(());
        }
        for row in &self.rows {
            if let Some(area) = row.keys.area.as_deref()
                && roster.unit(area).is_none()
            {
                let codes = roster.units.iter().map(|unit| unit.code.as_str());
                let hint = nearest(area, codes).unwrap_or_default();
                let reason = format!(
                    "no unit has this code; did you mean {hint:?}? an area is a unit's code"
                );
                let fault = Fault::new(reason).file(&self.file).row(row.line);
                return Err(fault.column("area").value(area).into());
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    deadline: Vec<Spanned<RawRow>>,
    #[serde(default)]
    report_due: Vec<Spanned<RawReport>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    severity: Option<Spanned<String>>,
    category: Option<Spanned<String>>,
    platform: Option<Spanned<String>>,
    area: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    amount: Option<Spanned<i64>>,
    unit: Option<Spanned<String>>,
    clock: Option<Spanned<String>>,
    cut_off: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReport {
    source: Spanned<String>,
    date: Spanned<toml::Value>,
    due: Spanned<toml::Value>,
}

/// What the rows of a file are read with.
struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    words: &'a Vocabulary,
    sources: &'a [&'a str],
}

impl Reader<'_> {
    fn refuse(&self, line: u64, reason: impl Into<String>) -> Fault {
        Fault::new(reason).file(self.file).row(line)
    }

    fn line<T>(&self, part: &Spanned<T>) -> u64 {
        line_at(self.text, part.span().start)
    }

    /// The value of a key, or its place, the right words and the nearest of them.
    fn known<T>(
        &self,
        key: &str,
        word: Option<Spanned<String>>,
        find: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Result<Option<T>> {
        let Some(word) = word else {
            return Ok(None);
        };
        let value = word.get_ref();
        if let Some(found) = find(value) {
            return Ok(Some(found));
        }
        let hint = nearest(value, words.iter().copied())
            .map_or_else(String::new, |hint| format!("; did you mean {hint:?}?"));
        let reason = format!(
            "no {key} of this name{hint} (there are: {})",
            words.join(", ")
        );
        let fault = self.refuse(self.line(&word), reason);
        Err(fault.column(key).value(value).into())
    }

    fn source(&self, word: Option<Spanned<String>>) -> Result<Option<String>> {
        let own = |word: &str| self.sources.contains(&word).then(|| word.to_owned());
        self.known("source", word, own, self.sources)
    }

    fn keys(&self, raw: &mut RawRow) -> Result<Keys> {
        let words = self.words;
        let all = [Severity::Veto, Severity::Normal, Severity::Advisory];
        let severity = |word: &str| {
            let named = all.into_iter().find(|severity| severity.as_str() == word);
            named.or_else(|| words.severity(word))
        };
        let category = |word: &str| words.category_named(word).map(|c| c.id.clone());
        let platform = |word: &str| words.platform(word).map(|p| p.id.clone());
        let ids = |ids: &[String]| ids.to_vec();
        let (categories, platforms) = (ids(&words.category_ids()), ids(&words.platform_ids()));
        fn list(ids: &[String]) -> Vec<&str> {
            ids.iter().map(String::as_str).collect()
        }
        Ok(Keys {
            severity: self.known(
                "severity",
                raw.severity.take(),
                severity,
                &all.map(Severity::as_str),
            )?,
            category: self.known(
                "category",
                raw.category.take(),
                category,
                &list(&categories),
            )?,
            platform: self.known("platform", raw.platform.take(), platform, &list(&platforms))?,
            area: raw.area.take().map(Spanned::into_inner),
            source: self.source(raw.source.take())?,
        })
    }

    fn row(&self, row: Spanned<RawRow>) -> Result<Row> {
        let line = self.line(&row);
        let mut raw = row.into_inner();
        let keys = self.keys(&mut raw)?;
        let units = Unit::ALL.map(Unit::as_str);
        let given = raw.unit.is_some();
        let unit = self.known("unit", raw.unit.take(), Unit::parse, &units)?;
        let amount = match (raw.amount, unit) {
            (Some(amount), Some(unit)) => {
                let wrong = |reason: String| {
                    let fault = self.refuse(self.line(&amount), reason);
                    fault.column("amount").value(amount.get_ref().to_string())
                };
                Some(Amount::new(*amount.get_ref(), unit).map_err(wrong)?)
            }
            (None, None) => None,
            _ => {
                let (there, missing) = if given {
                    ("a unit", "an amount")
                } else {
                    ("an amount", "a unit")
                };
                let reason = format!(
                    "the row for {keys} has {there} without {missing}; units are {}, and a row without \
                     either sets no deadline",
                    units.join(", ")
                );
                return Err(self.refuse(line, reason).into());
            }
        };
        let clocks = Since::ALL.map(Since::as_str);
        let idle = [("clock", &raw.clock), ("cut_off", &raw.cut_off)];
        let idle = idle.into_iter().find(|(_, value)| value.is_some());
        if let (None, Some((key, _))) = (amount, idle) {
            let reason = format!("the row for {keys} sets no deadline, so {key} means nothing");
            return Err(self.refuse(line, reason).into());
        }
        let clock = self.known("clock", raw.clock.take(), Since::parse, &clocks)?;
        let cut_off = self.cut_off(raw.cut_off, unit)?;
        Ok(Row {
            keys,
            amount,
            clock: clock.unwrap_or_default(),
            cut_off,
            line,
        })
    }

    fn cut_off(
        &self,
        word: Option<Spanned<String>>,
        unit: Option<Unit>,
    ) -> Result<Option<NaiveTime>> {
        let Some(word) = word else {
            return Ok(None);
        };
        let refuse = |reason: &str| {
            let fault = self.refuse(self.line(&word), reason);
            fault.column("cut_off").value(word.get_ref())
        };
        if unit == Some(Unit::Hours) {
            return Err(refuse("hours run through the night: they have no cut-off").into());
        }
        match NaiveTime::parse_from_str(word.get_ref(), "%H:%M") {
            Ok(time) => Ok(Some(time)),
            Err(_) => Err(refuse("write a time of day as 16:00").into()),
        }
    }

    /// Two rows that a finding may fit, with nothing to choose between them.
    fn tie(&self, one: &Row, other: &Row) -> Fault {
        let reason = if one.keys == other.keys {
            format!(
                "this row and the one in row {} are both for {}; delete one of them",
                one.line, one.keys
            )
        } else {
            format!(
                "this row ({}) and the one in row {} ({}) both fit some findings, and neither says more \
                 of them; add to one of them what the other asks",
                other.keys, one.line, one.keys
            )
        };
        self.refuse(other.line, reason)
    }

    fn report(&self, report: Spanned<RawReport>) -> Result<ReportDue> {
        let line = self.line(&report);
        let raw = report.into_inner();
        let source = self.source(Some(raw.source))?.unwrap_or_default();
        let (date, _) = self.day("date", &raw.date)?;
        let (due, time) = self.day("due", &raw.due)?;
        if due < date {
            let reason = format!("{due} lies before the report of {date}");
            return Err(self
                .refuse(self.line(&raw.due), reason)
                .column("due")
                .into());
        }
        Ok(ReportDue {
            source,
            date,
            due,
            time,
            line,
        })
    }

    /// A day, with its hour if one is given: `2021-10-25`, `"2021-10-25"`, `2021-10-25T12:00:00`.
    fn day(
        &self,
        key: &str,
        value: &Spanned<toml::Value>,
    ) -> Result<(NaiveDate, Option<NaiveTime>)> {
        let text = match value.get_ref() {
            toml::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        if let Ok(day) = text.parse() {
            return Ok((day, None));
        }
        let text = text.replace(' ', "T");
        for form in ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"] {
            if let Ok(at) = NaiveDateTime::parse_from_str(&text, form) {
                return Ok((at.date(), Some(at.time())));
            }
        }
        let reason = "write a day as 2021-10-25, or with its hour as 2021-10-25T12:00:00";
        let fault = self.refuse(self.line(value), reason);
        Err(fault.column(key).value(text).into())
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
