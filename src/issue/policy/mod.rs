//! The policy: how long a fix may take, and whom the clock makes us tell until then, as rows of
//! `policy.toml`. The row that says most of a finding wins; what contradicts itself is refused with file and line. Pure but for reading the file.

mod file;
mod fresh;
mod hours;
mod steps;

pub use fresh::{Freshness, Holiday};

use std::path::Path;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use super::amount::{Amount, Unit};
use super::ladder::Step;
use super::why::{Keys, Since};
use crate::error::{Error, Fault, Result, nearest};
use crate::finding::Severity;
use crate::hours::Hours;
use crate::roster::Roster;
use crate::vocabulary::Vocabulary;

/// A row: what it asks of a finding, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it asks.
    #[serde(flatten)]
    pub keys: Keys,
    /// How long; none: no deadline.
    #[serde(flatten)]
    pub amount: Option<Amount>,
    /// From when.
    pub clock: Since,
    /// From this hour the day does not count; none: the office's hour, for working days.
    pub cut_off: Option<NaiveTime>,
    /// The line on which it stands.
    pub line: u64,
}

/// Whom the clock makes us tell of a finding, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// What it asks of a finding.
    #[serde(flatten)]
    pub keys: Keys,
    /// Its notices go out at any hour.
    pub urgent: bool,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The line on which it stands; 0: it is the built-in one.
    pub line: u64,
}

/// What is chosen by the keys of a finding.
trait Keyed {
    fn keys(&self) -> &Keys;
    fn line(&self) -> u64;
}

impl Keyed for Row {
    fn keys(&self) -> &Keys {
        &self.keys
    }
    fn line(&self) -> u64 {
        self.line
    }
}

impl Keyed for Ladder {
    fn keys(&self) -> &Keys {
        &self.keys
    }
    fn line(&self) -> u64 {
        self.line
    }
}

/// The row that says most of a finding; of areas the nearest.
fn nearest_row<'a, R: Keyed>(rows: &'a [R], subject: &Subject<'_>) -> Option<&'a R> {
    let far = |row: &R| {
        let area = row.keys().area.as_deref();
        area.and_then(|area| subject.areas.iter().position(|code| *code == area))
    };
    // The rows stand in the order of their weight, so that the first of the best is the one.
    let fitting = rows.iter().filter(|row| row.keys().fits(subject));
    fitting.min_by_key(|row| (std::cmp::Reverse(row.keys().weight()), far(row)))
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
    /// Its ladders, those that say most first; one fits every finding.
    pub ladders: Vec<Ladder>,
    /// Dates set for reports.
    pub reports: Vec<ReportDue>,
    /// What may be asked for, and how long a reported fix waits.
    pub limits: Limits,
    /// The hours of units and people, where they are not the office's.
    pub hours: Hours,
    /// How long accounts may go without an update; those that say most first.
    pub freshness: Vec<Freshness>,
    /// What is said before a long holiday.
    pub holiday: Holiday,
}

/// How much more time may be asked for, and how long a reported fix may stay without a report that
/// confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most that an extension may add to the due time, or to now if that is over.
    pub extension: Amount,
    /// After so long a reported fix that nothing confirms is listed for a manager.
    pub verification: Amount,
}

impl Default for Limits {
    fn default() -> Self {
        let working_days = |amount| Amount {
            amount,
            unit: Unit::WorkingDays,
        };
        Self {
            extension: working_days(10),
            verification: working_days(5),
        }
    }
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
    /// It came back, or a reported fix of it was refuted.
    pub repeated: bool,
}

impl Keys {
    /// How much a row says of a finding. Each key counts alike, but every finding has a severity:
    /// naming it says less than naming anything else.
    fn weight(&self) -> u8 {
        let others = [&self.category, &self.platform, &self.area, &self.source];
        let others = others.into_iter().filter(|key| key.is_some()).count();
        let others = others + usize::from(self.repeated.is_some());
        u8::try_from(others).unwrap_or_default() * 2 + u8::from(self.severity.is_some())
    }

    fn fits(&self, subject: &Subject<'_>) -> bool {
        let is = |key: &Option<String>, value: Option<&str>| {
            key.as_deref().is_none_or(|key| Some(key) == value)
        };
        self.severity.is_none_or(|key| key == subject.severity)
            && self.repeated.is_none_or(|key| key == subject.repeated)
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
        let repeated =
            self.repeated.is_none() || other.repeated.is_none() || self.repeated == other.repeated;
        self.weight() == other.weight()
            && severity
            && repeated
            && may(&self.category, &other.category)
            && may(&self.platform, &other.platform)
            && may(&self.area, &other.area)
            && may(&self.source, &other.source)
    }
}

/// The built-in policy.
const BUILT_IN: &str = include_str!("../../../config/policy.toml");

impl Policy {
    /// The policy of a file, or the built-in one. Names are held against the vocabulary and the
    /// names of the sources.
    pub fn load(path: Option<&Path>, words: &Vocabulary, sources: &[&str]) -> Result<Self> {
        let Some(path) = path else {
            return Self::read(BUILT_IN, "policy.toml", words, sources);
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(Error::io(&file))?;
        Self::read(&text, &file, words, sources)
    }

    /// The row that says most of a finding; of areas the nearest.
    pub fn row(&self, subject: &Subject<'_>) -> Option<&Row> {
        nearest_row(&self.rows, subject)
    }

    /// The ladder that says most of a finding; of areas the nearest.
    pub fn ladder(&self, subject: &Subject<'_>) -> Option<&Ladder> {
        nearest_row(&self.ladders, subject)
    }

    /// What is asked of findings, with the line on which it stands.
    fn asked(&self) -> impl Iterator<Item = (&Keys, u64)> {
        let rows = self.rows.iter().map(|row| (&row.keys, row.line));
        let rows = rows.chain(self.ladders.iter().map(|row| (&row.keys, row.line)));
        rows.chain(self.freshness.iter().map(|row| (&row.keys, row.line)))
    }

    /// Whether anything depends on the unit: a row asks for an area, or a unit has its own working time.
    pub fn by_area(&self) -> bool {
        self.asked().any(|(keys, _)| keys.area.is_some()) || self.hours.any_work()
    }

    /// The date that is set for a report.
    pub fn report(&self, source: &str, date: NaiveDate) -> Option<&ReportDue> {
        let mut reports = self.reports.iter();
        reports.find(|report| report.source == source && report.date == date)
    }

    /// Refuses areas that are no unit's code, and hours of units and people that nobody has. A roster that
    /// is still empty knows none.
    pub fn check_areas(&self, roster: &Roster) -> Result<()> {
        if roster.units.is_empty() {
            return Ok(());
        }
        for (keys, line) in self.asked() {
            if let Some(area) = keys.area.as_deref()
                && roster.unit(area).is_none()
            {
                let codes = roster.units.iter().map(|unit| unit.code.as_str());
                let hint = nearest(area, codes).unwrap_or_default();
                let reason = format!(
                    "no unit has this code; did you mean {hint:?}? an area is a unit's code"
                );
                let fault = Fault::new(reason).file(&self.file).row(line);
                return Err(fault.column("area").value(area).into());
            }
        }
        match self.hours.unknown(roster) {
            Some(fault) => Err(fault.file(&self.file).into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
