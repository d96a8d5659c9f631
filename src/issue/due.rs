//! When a fix is due, and why. Pure. Rules: `decisions`, "Clocks".

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::amount::{Amount, Unit};
use super::policy::{Ladder, Policy, ReportDue, Row, Subject};
use super::why::{Counted, Explanation, Since, WorkOf};
use crate::calendar::Calendar;
use crate::clock::at_local;
use crate::finding::Severity;
use crate::hours::Work;

/// Policy, calendar and office hours together.
#[derive(Clone, Debug)]
pub struct Deadlines {
    /// The rows; the one that says most of a finding wins.
    pub policy: Policy,
    /// The working days.
    pub calendar: Calendar,
    /// The office's zone.
    pub zone: chrono_tz::Tz,
    /// When the office works; a unit may have a working time of its own in the policy.
    pub work: Work,
}

/// What the report says of an issue that started its deadline: kept with the issue, so that another
/// policy can be asked later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamps {
    /// The report's source.
    pub source: String,
    /// The report's day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<NaiveDate>,
    /// When the report came, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    /// When the platform saw the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<i64>,
    /// When the article was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<i64>,
}

impl Stamps {
    fn at(&self, since: Since, told: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ms = match since {
            Since::Told => return Some(told),
            Since::Found => self.found,
            Since::Published => self.published,
            Since::Received => self.received,
        };
        ms.and_then(DateTime::from_timestamp_millis)
    }
}

/// What a deadline depends on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// How grave.
    pub severity: Severity,
    /// The category's id.
    pub category: &'a str,
    /// The account's platform.
    pub platform: Option<&'a str>,
    /// The codes of the unit and of what is above it, the unit first.
    pub areas: &'a [&'a str],
    /// It came back, or a reported fix of it was refuted.
    pub repeated: bool,
    /// When the first notice was owed.
    pub told: DateTime<Utc>,
    /// What the report says of when.
    pub stamps: &'a Stamps,
}

impl Case<'_> {
    fn subject(&self) -> Subject<'_> {
        Subject {
            severity: self.severity,
            category: self.category,
            platform: self.platform,
            areas: self.areas,
            source: self.stamps.source.as_str(),
            repeated: self.repeated,
        }
    }
}

/// A due time with its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When; none where the policy sets no deadline.
    pub at: Option<DateTime<Utc>>,
    /// How it came about.
    pub why: Explanation,
}

/// What of the policy sets the deadline of a case.
#[derive(Clone, Copy, Debug)]
enum Rule<'a> {
    Report(&'a ReportDue),
    Row(&'a Row),
    Nothing,
}

/// Which cases are due alike, and climb alike: the lines of the rule, of the ladder and of the unit's
/// working time, when it was told, what the rule's clock shows.
pub type Alike = (u64, Option<u64>, Option<u64>, i64, Option<i64>);

impl Deadlines {
    /// So long after a time, to the end of work where the amount counts in days.
    pub fn after(&self, amount: Amount, from: DateTime<Utc>) -> DateTime<Utc> {
        self.count(amount, from, None, self.work.end).0
    }

    /// The days to which a due time may be moved by an extension, first and last; the end of work of
    /// each.
    pub fn extension(
        &self,
        (due, now): (DateTime<Utc>, DateTime<Utc>),
        work: Work,
    ) -> (NaiveDate, NaiveDate) {
        let from = due.max(now);
        let local = from.with_timezone(&self.zone).naive_local();
        let first = match local.time() < work.end {
            true => local.date(),
            false => local.date().succ_opt().unwrap_or(local.date()),
        };
        let last = self.after(self.policy.limits.extension, from);
        let last = last.with_timezone(&self.zone).date_naive();
        (first, last.max(first))
    }

    fn rule(&self, case: &Case<'_>) -> Rule<'_> {
        let source = case.stamps.source.as_str();
        let set = case.stamps.report;
        if let Some(set) = set.and_then(|date| self.policy.report(source, date)) {
            return Rule::Report(set);
        }
        let row = self.policy.row(&case.subject());
        row.map_or(Rule::Nothing, Rule::Row)
    }

    /// The ladder of a case.
    pub fn ladder(&self, case: &Case<'_>) -> Option<&Ladder> {
        self.policy.ladder(&case.subject())
    }

    /// Cases with the same answer here have the same due time and explanation.
    pub fn alike(&self, case: &Case<'_>) -> Alike {
        let told = case.told.timestamp_millis();
        let ladder = self.ladder(case).map(|ladder| ladder.line);
        let work = self.policy.hours.work(case.areas).map(|(row, _)| row.line);
        match self.rule(case) {
            Rule::Report(set) => (set.line, ladder, work, told, None),
            Rule::Row(row) => {
                let from = case.stamps.at(row.clock, case.told);
                let from = from.map(|at| at.timestamp_millis());
                (row.line, ladder, work, told, from)
            }
            Rule::Nothing => (0, ladder, work, told, None),
        }
    }

    /// When a fix is due, and why.
    pub fn due(&self, case: &Case<'_>) -> Due {
        match self.rule(case) {
            Rule::Report(set) => self.by_report(set, case),
            Rule::Row(row) if let Some(amount) = row.amount => self.by_row(row, amount, case),
            rule => Due {
                at: None,
                why: Explanation::None {
                    rule: match rule {
                        Rule::Row(row) => Some(row.keys.clone()),
                        _ => None,
                    },
                },
            },
        }
    }

    /// The working time of the unit of whose code and of those above it `areas` is the list.
    pub fn work_in(&self, areas: &[&str]) -> Work {
        let own = self.policy.hours.work(areas);
        own.map_or(self.work, |(_, work)| work.beside(self.work))
    }

    /// The working time of the unit's own that holds for a case; none: the office's does.
    pub fn own_work(&self, case: &Case<'_>) -> Option<Work> {
        let work = self.policy.hours.work(case.areas);
        work.map(|(_, work)| work.beside(self.work))
    }

    fn by_report(&self, set: &ReportDue, case: &Case<'_>) -> Due {
        let end = self.own_work(case).unwrap_or(self.work).end;
        let due = set.due.and_time(set.time.unwrap_or(end));
        Due {
            at: Some(at_local(self.zone, due.date(), due.time())),
            why: Explanation::Absolute {
                due,
                source: set.source.clone(),
                report: set.date,
            },
        }
    }

    /// Counted by a row, from the clock that it names or, failing that, from when it was told.
    fn by_row(&self, row: &Row, amount: Amount, case: &Case<'_>) -> Due {
        let from = case.stamps.at(row.clock, case.told);
        let own = self.own_work(case);
        let work = own.unwrap_or(self.work);
        let cut_off = match amount.unit {
            Unit::WorkingDays => Some(row.cut_off.unwrap_or(work.cut_off)),
            Unit::CalendarDays | Unit::Hours => row.cut_off,
        };
        let (at, mut counted) = self.count(amount, from.unwrap_or(case.told), cut_off, work.end);
        let unit = self.policy.hours.work(case.areas);
        counted.work = unit
            .filter(|_| amount.unit != Unit::Hours)
            .map(|(of, _)| WorkOf {
                unit: of.whose.named().1.to_owned(),
                start: work.start,
                end: work.end,
            });
        counted.since = if from.is_some() {
            row.clock
        } else {
            Since::Told
        };
        counted.missing = from.is_none().then_some(row.clock);
        Due {
            at: Some(at),
            why: Explanation::Counted {
                counted,
                rule: Some(row.keys.clone()),
            },
        }
    }

    /// An amount counted from a time to the end of work, `end`.
    pub fn count(
        &self,
        amount: Amount,
        from: DateTime<Utc>,
        cut_off: Option<NaiveTime>,
        end: NaiveTime,
    ) -> (DateTime<Utc>, Counted) {
        let local = from.with_timezone(&self.zone).naive_local();
        let mut counted = Counted {
            amount,
            since: Since::Told,
            from: local,
            missing: None,
            work: None,
            cut_off: None,
            day_off: false,
            skipped: vec![],
            make_up: vec![],
            unknown: vec![],
        };
        let started = local.date();
        let late = cut_off.filter(|cut_off| local.time() >= *cut_off);
        let days = amount.amount;
        let last = match amount.unit {
            Unit::Hours => return (from + TimeDelta::hours(i64::from(days)), counted),
            Unit::CalendarDays => {
                counted.cut_off = late;
                let days = i64::from(days) + i64::from(late.is_some());
                started + TimeDelta::days(days)
            }
            Unit::WorkingDays => {
                counted.day_off = !self.calendar.is_working_day(started);
                counted.cut_off = late.filter(|_| !counted.day_off);
                let first = match (counted.day_off, counted.cut_off) {
                    (true, _) => self.calendar.working_day_from(started),
                    (false, Some(_)) => self.calendar.add_working_days(started, 1),
                    (false, None) => started,
                };
                let last = self.calendar.add_working_days(first, days);
                self.tell_days(&mut counted, started, last);
                last
            }
        };
        (at_local(self.zone, last, end), counted)
    }

    /// Which days between are not what their weekday says.
    fn tell_days(&self, counted: &mut Counted, started: NaiveDate, last: NaiveDate) {
        for day in started.iter_days().skip(1).take_while(|day| *day <= last) {
            if self.calendar.is_make_up(day) {
                counted.make_up.push(day);
            } else if self.calendar.is_listed_off(day) {
                match counted.skipped.last_mut() {
                    Some(run) if run.1.succ_opt() == Some(day) => run.1 = day,
                    _ => counted.skipped.push((day, day)),
                }
            }
        }
        counted.unknown = self.calendar.unknown_years(started, last);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vocabulary::Vocabulary;

    fn deadlines(policy: Option<&str>) -> Deadlines {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        let words = Vocabulary::builtin().unwrap();
        Deadlines {
            policy: match policy {
                Some(text) => Policy::read(text, "policy.toml", &words, &["daily", "bulletin"]),
                None => Policy::load(None, &words, &[]),
            }
            .unwrap(),
            calendar: Calendar::load(None).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            work: Work {
                start: time(9, 0),
                end: time(17, 30),
                cut_off: time(16, 0),
            },
        }
    }

    fn local(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(&format!("{text}:00+08:00"))
            .unwrap()
            .with_timezone(&Utc)
    }

    fn due(rules: &Deadlines, severity: Severity, told: &str, stamps: &Stamps) -> (String, String) {
        let due = rules.due(&Case {
            severity,
            category: "typo",
            platform: None,
            areas: &[],
            repeated: false,
            told: local(told),
            stamps,
        });
        let at = due.at.map(|at| {
            let at = at.with_timezone(&rules.zone);
            at.format("%Y-%m-%dT%H:%M").to_string()
        });
        (at.unwrap_or_default(), due.why.to_string())
    }

    #[test]
    fn due_dates_as_the_office_counts_them() {
        let rules = deadlines(None);
        let none = Stamps::default();
        for (severity, told, want, why) in [
            (
                Severity::Normal,
                "2021-06-30T08:30",
                "2021-07-05T17:30",
                "3 working days from Wed 30 Jun 08:30",
            ),
            (
                Severity::Veto,
                "2021-06-30T08:30",
                "2021-07-01T17:30",
                "1 working day from Wed 30 Jun 08:30",
            ),
            (
                Severity::Veto,
                "2021-06-30T16:20",
                "2021-07-02T17:30",
                "1 working day from Wed 30 Jun 16:20, after the cut-off 16:00",
            ),
            (
                Severity::Normal,
                "2021-09-30T16:20",
                "2021-10-12T17:30",
                "3 working days from Thu 30 Sep 16:20, after the cut-off 16:00, skipping 1–7 Oct, \
                 counting Sat 9 Oct make-up day",
            ),
            (
                Severity::Normal,
                "2021-09-30T15:59",
                "2021-10-11T17:30",
                "3 working days from Thu 30 Sep 15:59, skipping 1–7 Oct, counting Sat 9 Oct make-up day",
            ),
            (
                Severity::Veto,
                "2021-10-03T09:00",
                "2021-10-09T17:30",
                "1 working day from Sun 3 Oct 09:00, a day off, skipping 4–7 Oct, counting Sat 9 Oct \
                 make-up day",
            ),
            (
                Severity::Normal,
                "2026-12-30T10:00",
                "2027-01-04T17:30",
                "3 working days from Wed 30 Dec 10:00; the calendar of 2027 is not known: Monday to \
                 Friday assumed",
            ),
            (
                Severity::Advisory,
                "2021-06-30T08:30",
                "",
                "no deadline by the policy for severity advisory",
            ),
        ] {
            let (at, said) = due(&rules, severity, told, &none);
            assert_eq!((at.as_str(), said.as_str()), (want, why), "{told}");
        }
    }

    #[test]
    fn a_unit_with_a_working_time_of_its_own() {
        let policy = "[[deadline]]\namount = 1\nunit = \"working_days\"\n\
            [[deadline]]\nseverity = \"veto\"\namount = 24\nunit = \"hours\"\n\
            [[deadline]]\nseverity = \"advisory\"\namount = 2\nunit = \"calendar_days\"\n\
            [[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = 2021-10-25\n\
            [[hours]]\nunit = \"X\"\nwork_start = \"10:00\"\nwork_end = \"19:30\"\n";
        let rules = deadlines(Some(policy));
        let (none, bulletin) = (
            Stamps::default(),
            Stamps {
                source: "bulletin".to_owned(),
                report: "2021-10-14".parse().ok(),
                ..Stamps::default()
            },
        );
        let (own, office) = (&["X1", "X"][..], &["B"][..]);
        for (areas, severity, told, stamps, want) in [
            (
                own,
                Severity::Normal,
                "2021-06-28T17:00",
                &none,
                "2021-06-29T19:30",
            ),
            (
                own,
                Severity::Normal,
                "2021-06-28T18:00",
                &none,
                "2021-06-30T19:30",
            ),
            (
                office,
                Severity::Normal,
                "2021-06-28T17:00",
                &none,
                "2021-06-30T17:30",
            ),
            (
                own,
                Severity::Veto,
                "2021-06-28T17:00",
                &none,
                "2021-06-29T17:00",
            ),
            (
                own,
                Severity::Advisory,
                "2021-06-28T17:00",
                &none,
                "2021-06-30T19:30",
            ),
            (
                own,
                Severity::Normal,
                "2021-10-14T09:00",
                &bulletin,
                "2021-10-25T19:30",
            ),
        ] {
            let case = Case {
                severity,
                category: "typo",
                platform: None,
                areas,
                repeated: false,
                told: local(told),
                stamps,
            };
            let due = rules.due(&case);
            let at = due.at.map(|at| at.with_timezone(&rules.zone).naive_local());
            assert_eq!(at, parse(want), "{told} {areas:?}");
            let why = due.why.to_string();
            let by = why.contains("by the working time 10:00–19:30 of unit X");
            let counted = areas == own && severity != Severity::Veto && *stamps == none;
            assert_eq!(by, counted, "{why}");
            // The ladder climbs by the same hours.
            let own = rules.own_work(&case);
            let laid = rules.lay(
                &rules.policy.ladders[0],
                local("2021-06-28T17:00"),
                None,
                own,
            );
            let first = crate::clock::from_ms(laid.rungs[0].at).with_timezone(&rules.zone);
            assert_eq!(first.format("%m-%d %H:%M").to_string(), "06-29 17:00");
            let night = rules.lay(
                &rules.policy.ladders[0],
                local("2021-06-28T21:00"),
                None,
                own,
            );
            let first = crate::clock::from_ms(night.rungs[0].at).with_timezone(&rules.zone);
            let morning = if areas == ["B"] { "09:00" } else { "10:00" };
            assert_eq!(first.format("%H:%M").to_string(), morning);
            let again = rules.lay_again(night.clone(), local("2021-06-28T21:00"));
            assert_eq!(again, night, "a ladder laid again keeps its hours");
        }
    }

    fn parse(text: &str) -> Option<chrono::NaiveDateTime> {
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()
    }

    #[test]
    fn clocks_units_cut_offs_and_dates_set_for_a_report() {
        let policy = "[[deadline]]\nseverity = \"veto\"\namount = 24\nunit = \"hours\"\nclock = \"found\"\n\
            [[deadline]]\nseverity = \"normal\"\namount = 2\nunit = \"calendar_days\"\ncut_off = \"12:00\"\n\
            [[deadline]]\nseverity = \"advisory\"\namount = 1\nunit = \"working_days\"\nclock = \"published\"\ncut_off = \"10:00\"\n\
            [[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = 2021-10-25\n";
        let rules = deadlines(Some(policy));
        let ms = |text: &str| Some(local(text).timestamp_millis());
        let none = Stamps::default();
        let stamps = Stamps {
            found: ms("2021-09-29T08:00"),
            published: ms("2021-09-28T11:00"),
            ..Stamps::default()
        };
        let day = |text: &str| text.parse().ok();
        let bulletin = |date| Stamps {
            source: "bulletin".to_owned(),
            report: day(date),
            ..stamps.clone()
        };
        for (severity, stamps, want, why) in [
            (
                Severity::Veto,
                &stamps,
                "2021-09-30T08:00",
                "24 hours from Wed 29 Sep 08:00, when it was found",
            ),
            (
                Severity::Veto,
                &none,
                "2021-10-01T13:00",
                "24 hours from Thu 30 Sep 13:00, when it was told, as nothing says when it was found",
            ),
            (
                Severity::Normal,
                &none,
                "2021-10-03T17:30",
                "2 calendar days from Thu 30 Sep 13:00, after the cut-off 12:00, to the end of work",
            ),
            (
                Severity::Advisory,
                &stamps,
                "2021-09-30T17:30",
                "1 working day from Tue 28 Sep 11:00, when it was published, after the cut-off 10:00",
            ),
            (
                Severity::Advisory,
                &bulletin("2021-10-14"),
                "2021-10-25T17:30",
                "Mon 25 Oct 17:30, set for the report of bulletin of Thu 14 Oct 2021",
            ),
            (
                Severity::Veto,
                &bulletin("2021-10-15"),
                "2021-09-30T08:00",
                "24 hours from Wed 29 Sep 08:00, when it was found",
            ),
        ] {
            let (at, said) = due(&rules, severity, "2021-09-30T13:00", stamps);
            assert_eq!((at.as_str(), said.as_str()), (want, why));
        }
    }

    proptest! {
        #[test]
        fn more_is_never_due_earlier(
            minutes in 0i64..4_000_000, amount in 1i64..60, unit in 0usize..3, late in any::<bool>()
        ) {
            let rules = deadlines(None);
            let told = local("2020-06-01T00:00") + TimeDelta::minutes(minutes);
            let unit = Unit::ALL[unit];
            let cut_off = late.then_some(rules.work.cut_off);
            let at = |n| rules.count(Amount::new(n, unit).unwrap(), told, cut_off, rules.work.end).0;
            prop_assert!(at(amount) < at(amount + 1));
            prop_assert!(at(amount) > told);
            // What is told later is never due earlier.
            let later = told + TimeDelta::minutes(173);
            prop_assert!(at(amount) <= rules.count(Amount::new(amount, unit).unwrap(), later, cut_off, rules.work.end).0);
            // What is due by working days is due on one.
            let day = at(amount).with_timezone(&rules.zone).date_naive();
            prop_assert!(unit != Unit::WorkingDays || rules.calendar.is_working_day(day));
        }
    }
}
