//! The file of the policy: its rows understood, or refused with file and line.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;
use toml::Spanned;

use super::fresh::{RawFreshness, RawHoliday};
use super::hours::RawHours;
use super::steps::RawLadder;
use super::{Keyed, Limits, Policy, ReportDue, Row};
use crate::error::{Fault, Result, line_at, nearest, toml_fault};
use crate::finding::Severity;
use crate::issue::amount::{Amount, Unit};
use crate::issue::why::{Keys, Since};
use crate::vocabulary::Vocabulary;

impl Policy {
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
        let rows = reader.in_order(rows.collect::<Result<Vec<Row>>>()?)?;
        let ladders = reader.ladders(raw.ladder)?;
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
            ladders,
            reports,
            limits: reader.limits(raw.extension, raw.verification)?,
            hours: reader.hours(raw.hours)?,
            freshness: reader.freshness(raw.freshness)?,
            holiday: reader.holiday(raw.holiday)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    deadline: Vec<Spanned<RawRow>>,
    #[serde(default)]
    pub(super) ladder: Vec<Spanned<RawLadder>>,
    #[serde(default)]
    report_due: Vec<Spanned<RawReport>>,
    #[serde(default)]
    extension: RawExtension,
    #[serde(default)]
    verification: RawVerification,
    #[serde(default)]
    hours: Vec<Spanned<RawHours>>,
    #[serde(default)]
    freshness: Vec<Spanned<RawFreshness>>,
    #[serde(default)]
    holiday: RawHoliday,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawExtension {
    most: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawVerification {
    within: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    severity: Option<Spanned<String>>,
    category: Option<Spanned<String>>,
    platform: Option<Spanned<String>>,
    area: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    repeated: Option<bool>,
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

/// What a row asks of a finding, as written.
#[derive(Default)]
pub(super) struct RawKeys {
    pub(super) severity: Option<Spanned<String>>,
    pub(super) category: Option<Spanned<String>>,
    pub(super) platform: Option<Spanned<String>>,
    pub(super) area: Option<Spanned<String>>,
    pub(super) source: Option<Spanned<String>>,
    pub(super) repeated: Option<bool>,
}

/// What the rows of a file are read with.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a str,
    pub(super) words: &'a Vocabulary,
    pub(super) sources: &'a [&'a str],
}

impl Reader<'_> {
    pub(super) fn refuse(&self, line: u64, reason: impl Into<String>) -> Fault {
        Fault::new(reason).file(self.file).row(line)
    }

    pub(super) fn line<T>(&self, part: &Spanned<T>) -> u64 {
        line_at(self.text, part.span().start)
    }

    /// The value of a key, or its place, the right words and the nearest of them.
    pub(super) fn known<T>(
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

    pub(super) fn keys(&self, raw: RawKeys) -> Result<Keys> {
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
                raw.severity,
                severity,
                &all.map(Severity::as_str),
            )?,
            category: self.known("category", raw.category, category, &list(&categories))?,
            platform: self.known("platform", raw.platform, platform, &list(&platforms))?,
            area: raw.area.map(Spanned::into_inner),
            source: self.source(raw.source)?,
            repeated: raw.repeated,
        })
    }

    fn limits(&self, extension: RawExtension, verification: RawVerification) -> Result<Limits> {
        let mut limits = Limits::default();
        if let Some(most) = extension.most {
            limits.extension = self.amount("most", &most)?;
        }
        if let Some(within) = verification.within {
            limits.verification = self.amount("within", &within)?;
        }
        Ok(limits)
    }

    fn row(&self, row: Spanned<RawRow>) -> Result<Row> {
        let line = self.line(&row);
        let mut raw = row.into_inner();
        let keys = self.keys(RawKeys {
            severity: raw.severity.take(),
            category: raw.category.take(),
            platform: raw.platform.take(),
            area: raw.area.take(),
            source: raw.source.take(),
            repeated: raw.repeated,
        })?;
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
    fn tie(&self, one: &impl Keyed, other: &impl Keyed) -> Fault {
        let reason = if one.keys() == other.keys() {
            format!(
                "this row and the one in row {} are both for {}; delete one of them",
                one.line(),
                one.keys()
            )
        } else {
            format!(
                "this row ({}) and the one in row {} ({}) both fit some findings, and neither says more \
                 of them; add to one of them what the other asks",
                other.keys(),
                one.line(),
                one.keys()
            )
        };
        self.refuse(other.line(), reason)
    }

    /// Rows in the order of what they say of a finding; those between which nothing chooses are
    /// refused.
    pub(super) fn in_order<R: Keyed>(&self, mut rows: Vec<R>) -> Result<Vec<R>> {
        for (n, row) in rows.iter().enumerate() {
            let mut earlier = rows.iter().take(n);
            if let Some(earlier) = earlier.find(|earlier| earlier.keys().ties(row.keys())) {
                return Err(self.tie(earlier, row).into());
            }
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.keys().weight()), row.line()));
        Ok(rows)
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
