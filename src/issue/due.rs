//! When a fix is due, and why in words. Pure. Rules: `decisions`, "Clocks".

use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::calendar::Calendar;
use crate::clock::at_local;
use crate::error::{Error, Fault, Result};
use crate::finding::Severity;

/// What a deadline counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Through nights and holidays.
    Hours,
    /// Through holidays, to the end of work of the last day.
    CalendarDays,
    /// By the working-day calendar, to the end of work of the last day.
    WorkingDays,
}

/// A row of the policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// For this severity; any without.
    pub severity: Option<Severity>,
    /// For this category; any without.
    pub category: Option<String>,
    /// For this platform; any without.
    pub platform: Option<String>,
    /// How much; none: no deadline.
    pub amount: Option<u32>,
    /// Of what.
    pub unit: Option<Unit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    deadline: Vec<Row>,
}

/// Reads the policy of a file, or the built-in one.
pub fn policy(path: Option<&Path>) -> Result<Vec<Row>> {
    let (text, shown) = match path {
        Some(path) => {
            let shown = path.display().to_string();
            (
                std::fs::read_to_string(path).map_err(Error::io(shown.clone()))?,
                shown,
            )
        }
        None => (
            include_str!("../../config/policy.toml").to_owned(),
            "policy.toml".to_owned(),
        ),
    };
    let file: PolicyFile =
        toml::from_str(&text).map_err(|e| Fault::new(e.to_string().trim()).file(&shown))?;
    if let Some(row) = file
        .deadline
        .iter()
        .find(|r| r.amount.is_some() != r.unit.is_some())
    {
        let reason = format!("amount and unit belong together, in the row {row:?}");
        return Err(Fault::new(reason).file(shown).into());
    }
    Ok(file.deadline)
}

/// Policy, calendar and office hours together.
#[derive(Clone, Debug)]
pub struct Deadlines {
    /// The rows; the most specific wins.
    pub rows: Vec<Row>,
    /// The working days.
    pub calendar: Calendar,
    /// The office's zone.
    pub zone: chrono_tz::Tz,
    /// When work begins, the hour of reminders.
    pub work_start: NaiveTime,
    /// When work ends, the hour at which things are due.
    pub work_end: NaiveTime,
    /// What is told after this hour counts as told the next working day.
    pub cut_off: NaiveTime,
}

/// A due time with its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When; none where the policy sets no deadline.
    pub at: Option<DateTime<Utc>>,
    /// How it came about.
    pub why: String,
}

impl Deadlines {
    fn row(&self, severity: Severity, category: &str, platform: Option<&str>) -> Option<&Row> {
        let fits = |row: &&Row| {
            row.severity.is_none_or(|s| s == severity)
                && row.category.as_deref().is_none_or(|c| c == category)
                && row.platform.as_deref().is_none_or(|p| Some(p) == platform)
        };
        let weight = |row: &&Row| {
            u8::from(row.category.is_some()) * 4
                + u8::from(row.platform.is_some()) * 2
                + u8::from(row.severity.is_some())
        };
        self.rows.iter().filter(fits).max_by_key(weight)
    }

    /// When a fix that was told of at `told` is due.
    pub fn due(
        &self,
        severity: Severity,
        category: &str,
        platform: Option<&str>,
        told: DateTime<Utc>,
    ) -> Due {
        let set = self
            .row(severity, category, platform)
            .and_then(|row| Some((row.amount?, row.unit?)));
        let Some((amount, unit)) = set else {
            return Due {
                at: None,
                why: "no deadline by the policy".to_owned(),
            };
        };
        let local = told.with_timezone(&self.zone);
        let from = local.format("%a %Y-%m-%d %H:%M");
        match unit {
            Unit::Hours => Due {
                at: Some(told + TimeDelta::hours(i64::from(amount))),
                why: format!("{amount} hours from {from}"),
            },
            Unit::CalendarDays => {
                let day = local.date_naive() + TimeDelta::days(i64::from(amount));
                Due {
                    at: Some(at_local(self.zone, day, self.work_end)),
                    why: format!("{amount} calendar days from {from}, to the end of work"),
                }
            }
            Unit::WorkingDays => self.working_days(amount, local.naive_local().date(), told),
        }
    }

    fn working_days(&self, amount: u32, told_on: NaiveDate, told: DateTime<Utc>) -> Due {
        let local = told.with_timezone(&self.zone);
        let mut why = format!(
            "{amount} working days from {}",
            local.format("%a %Y-%m-%d %H:%M")
        );
        let mut start = told_on;
        if !self.calendar.is_working_day(told_on) {
            why.push_str(", a day off");
            start = self.calendar.working_day_from(told_on);
        } else if local.time() >= self.cut_off {
            why.push_str(&format!(
                ", after the cut-off {}",
                self.cut_off.format("%H:%M")
            ));
            start = self.calendar.add_working_days(told_on, 1);
        }
        let day = self.calendar.add_working_days(start, amount);
        let between: Vec<NaiveDate> = told_on
            .iter_days()
            .skip(1)
            .take_while(|d| *d <= day)
            .collect();
        let is_weekend = |d: &NaiveDate| {
            matches!(
                chrono::Datelike::weekday(d),
                chrono::Weekday::Sat | chrono::Weekday::Sun
            )
        };
        let skipped = between
            .iter()
            .filter(|d| !self.calendar.is_working_day(**d))
            .count();
        if skipped > 0 {
            why.push_str(&format!(", skipping {skipped} days off"));
        }
        for made_up in between
            .iter()
            .filter(|d| is_weekend(d) && self.calendar.is_working_day(**d))
        {
            why.push_str(&format!(
                ", counting the make-up day {}",
                made_up.format("%a %Y-%m-%d")
            ));
        }
        if between.iter().any(|d| !self.calendar.is_known(*d)) {
            why.push_str("; the calendar of that year is not known: Monday to Friday assumed");
        }
        Due {
            at: Some(at_local(self.zone, day, self.work_end)),
            why,
        }
    }

    /// When to remind of a due time: at the beginning of the working day before, or of the due day
    /// itself when it was told of too late for that.
    pub fn remind_at(&self, told: DateTime<Utc>, due: DateTime<Utc>) -> DateTime<Utc> {
        let day = due.with_timezone(&self.zone).date_naive();
        let before = day
            .iter_days_back()
            .skip(1)
            .find(|d| self.calendar.is_working_day(*d))
            .unwrap_or(day);
        let early = at_local(self.zone, before, self.work_start);
        if early > told + TimeDelta::hours(4) {
            return early;
        }
        at_local(self.zone, day, self.work_start)
            .max(told + TimeDelta::hours(4))
            .min(due)
    }
}

/// Days going back from one.
trait Back {
    fn iter_days_back(self) -> impl Iterator<Item = NaiveDate>;
}

impl Back for NaiveDate {
    fn iter_days_back(self) -> impl Iterator<Item = NaiveDate> {
        std::iter::successors(Some(self), |day| day.pred_opt()).take(400)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn deadlines() -> Deadlines {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        Deadlines {
            rows: policy(None).unwrap(),
            calendar: Calendar::load(None).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            work_start: time(9, 0),
            work_end: time(17, 30),
            cut_off: time(16, 0),
        }
    }

    fn local(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("{text}:00+08:00"))
            .unwrap()
            .with_timezone(&Utc)
    }

    #[test]
    fn due_dates_as_the_office_counts_them() {
        let rules = deadlines();
        for (severity, told, want) in [
            (Severity::Normal, "2021-06-30T08:30", "2021-07-05T17:30"),
            (Severity::Veto, "2021-06-30T08:30", "2021-07-01T17:30"),
            (Severity::Veto, "2021-06-30T16:20", "2021-07-02T17:30"),
            (Severity::Normal, "2021-09-30T16:20", "2021-10-12T17:30"),
            (Severity::Veto, "2021-10-03T09:00", "2021-10-09T17:30"),
        ] {
            let due = rules.due(severity, "typo", None, local(told));
            assert_eq!(due.at, Some(local(want)), "{told}: {}", due.why);
        }
        assert_eq!(
            rules
                .due(Severity::Advisory, "x", None, local("2021-06-30T08:30"))
                .at,
            None
        );
        let why = rules
            .due(Severity::Normal, "typo", None, local("2021-09-30T16:20"))
            .why;
        assert_eq!(
            why,
            "3 working days from Thu 2021-09-30 16:20, after the cut-off 16:00, skipping 8 days off, \
             counting the make-up day Sat 2021-10-09"
        );
    }

    proptest! {
        #[test]
        fn more_days_are_never_due_earlier(hours in 0i64..20_000, amount in 1u32..30) {
            let mut rules = deadlines();
            let told = local("2021-01-01T00:00") + TimeDelta::hours(hours);
            let mut at = |n| {
                rules.rows = vec![Row { severity: None, category: None, platform: None,
                    amount: Some(n), unit: Some(Unit::WorkingDays) }];
                rules.due(Severity::Normal, "typo", None, told).at.unwrap()
            };
            prop_assert!(at(amount) < at(amount + 1));
            prop_assert!(at(amount) > told);
        }
    }
}
