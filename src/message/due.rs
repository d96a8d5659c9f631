//! Why a fix is due when it is, in the catalogue's words.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Weekday};
use minijinja::{Value, context};

use super::text::{clip, tame};
use super::view::Lens;
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::deadline::Climb;
use crate::issue::ladder::{Next, When};
use crate::issue::table::Issue;
use crate::issue::why::{Counted, Explanation, Keys, Since};

/// The terms of the months.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

impl Lens<'_> {
    /// A time of the office as people read it: 9月30日(周四) 17:30.
    pub fn local_time(&self, at: NaiveDateTime) -> String {
        self.dated("date_time", at.date())
            .replace("{time}", &at.format("%H:%M").to_string())
    }

    /// That the calendar of some years was not known when a due time was counted; else nothing.
    pub fn unsure(&self, years: &[i32]) -> String {
        if years.is_empty() {
            return String::new();
        }
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        let words = self.words.term("due_unsure");
        words.replace("{years}", &years.join(self.words.term("comma")))
    }

    /// The same for the due time of an issue.
    pub fn due_unsure(&self, issue: &Issue) -> String {
        self.unsure(issue.why().as_ref().map_or(&[], Explanation::unknown))
    }

    /// How the due time of an issue comes about, as a message.
    pub fn explanation(&self, issue: &Issue, climb: &Climb) -> Result<String> {
        let now = self.now.timestamp_millis();
        let context = context! {
            number => issue.id,
            account => clip(&tame(&self.target(issue.subject(), issue.unit_id)), 60),
            category => self.category(&issue.category),
            due => issue.due_at.map(|due| self.time(due)),
            overdue => issue.overdue(now),
            closed => !issue.live(),
            next => self.next_step(issue, climb),
            why => self.why(&issue.why().unwrap_or(Explanation::None { rule: None })),
        };
        self.words.text("due", context)
    }

    /// What the ladder does next, and when it is said; nothing of what is closed.
    fn next_step(&self, issue: &Issue, climb: &Climb) -> Option<String> {
        let laid = &climb.laid;
        let term = match laid.next(issue.standing, climb.done) {
            Next::Closed => return None,
            Next::FixReported => "next_fix_reported",
            Next::Disputed => "next_disputed",
            Next::Spent if laid.rungs.is_empty() => "next_silent",
            Next::Spent => "next_none",
            Next::Step(rung, step) => {
                let who = step.tell.iter().map(|tell| self.words.term(tell.as_str()));
                let who: Vec<&str> = who.collect();
                let (when, asleep) = self.said_at(issue, rung.at, laid.urgent);
                let what = match step.when {
                    When::Unacknowledged => "next_unacknowledged",
                    When::BeforeDue => "next_before_due",
                    When::Overdue => "next_overdue",
                };
                let words = self
                    .words
                    .term("next_step")
                    .replace("{what}", self.words.term(what));
                let words =
                    words.replace("{time}", &self.time(if asleep { when } else { rung.at }));
                return Some(words.replace("{who}", &who.join(self.words.term("comma"))));
            }
        };
        Some(self.words.term(term).to_owned())
    }

    /// When a step at a time is said, and whether that waits for the hours of sending: those of the
    /// unit, for who is told may have others.
    fn said_at(&self, issue: &Issue, at: i64, urgent: bool) -> (i64, bool) {
        if urgent {
            return (at, false);
        }
        let said = self
            .rules
            .unit_opens(self.roster, issue.unit_id, from_ms(at));
        (said.timestamp_millis(), said.timestamp_millis() > at)
    }

    /// The parts of an explanation for the template.
    fn why(&self, why: &Explanation) -> Value {
        match why {
            Explanation::None { rule } => context! {
                kind => "none", rule => self.rule(rule.as_ref()),
            },
            Explanation::Counted { counted, rule } => self.counted(counted, rule.as_ref()),
            Explanation::Absolute { source, report, .. } => context! {
                kind => "absolute", source => clip(source, 60), report => report.to_string(),
            },
            Explanation::Extended {
                before,
                asked_by,
                reason,
                by,
                at,
                ..
            } => context! {
                kind => "extended", before => before.map(|at| self.local_time(at)),
                asked_by => self.person(Some(*asked_by)), reason => clip(&tame(reason), 120),
                by => self.person(Some(*by)), at => self.local_time(*at),
            },
            Explanation::Words { words } => context! { kind => "words", words => words },
        }
    }

    fn counted(&self, counted: &Counted, rule: Option<&Keys>) -> Value {
        let since = |since: Since| {
            self.words.term(match since {
                Since::Told => "since_told",
                Since::Found => "since_found",
                Since::Published => "since_published",
                Since::Received => "since_received",
            })
        };
        let unit = counted.amount.unit.as_str();
        let skipped = counted.skipped.iter().map(|run| self.span(*run));
        let make_up = counted.make_up.iter();
        context! {
            kind => "counted",
            amount => counted.amount.amount,
            unit => self.words.term(unit),
            unit_id => unit,
            from => self.local_time(counted.from),
            since => since(counted.since),
            missing => counted.missing.map(since),
            work => counted.work.as_ref().map(|work| context! {
                unit => self.roster.unit(&work.unit).map_or(work.unit.as_str(), |unit| unit.name.as_str()),
                start => work.start.format("%H:%M").to_string(),
                end => work.end.format("%H:%M").to_string(),
            }),
            day_off => counted.day_off,
            cut_off => counted.cut_off.map(|time| time.format("%H:%M").to_string()),
            skipped => skipped.collect::<Vec<_>>(),
            make_up => make_up.map(|day| self.dated("date_weekday", *day)).collect::<Vec<_>>(),
            unknown => counted.unknown,
            rule => self.rule(rule),
        }
    }

    /// What the row asks of a finding, by name.
    fn rule(&self, rule: Option<&Keys>) -> Vec<Value> {
        let named = rule.map(Keys::named).unwrap_or_default();
        let part = |(key, value): (&str, &str)| {
            let value: Cow<'_, str> = match key {
                "severity" | "repeated" => self.words.term(value).into(),
                "category" => self.category(value).into(),
                "platform" => self.platform(value).into(),
                "area" => match self.roster.unit(value) {
                    Some(unit) => unit.name.as_str().into(),
                    None => value.into(),
                },
                _ => value.into(),
            };
            let name = format!("rule_{key}");
            context! { name => self.words.term(&name), value => clip(&value, 60) }
        };
        named.into_iter().map(part).collect()
    }

    /// A day by the words of a term.
    pub fn dated(&self, term: &str, day: NaiveDate) -> String {
        let weekday = match day.weekday() {
            Weekday::Mon => "mon",
            Weekday::Tue => "tue",
            Weekday::Wed => "wed",
            Weekday::Thu => "thu",
            Weekday::Fri => "fri",
            Weekday::Sat => "sat",
            Weekday::Sun => "sun",
        };
        let words = self.words;
        words
            .term(term)
            .replace("{month}", &day.month().to_string())
            .replace(
                "{month_name}",
                words.term(MONTHS.get(day.month0() as usize).unwrap_or(&"")),
            )
            .replace("{day}", &day.day().to_string())
            .replace("{weekday}", words.term(weekday))
    }

    /// 10月1日至7日, 9月30日至10月3日, 5月1日.
    pub fn span(&self, (first, last): (NaiveDate, NaiveDate)) -> String {
        let from = self.dated("date", first);
        if first == last {
            return from;
        }
        if (first.year(), first.month()) == (last.year(), last.month()) {
            let words = self.words.term("date_span_short");
            return words
                .replace("{from}", &from)
                .replace("{to}", &self.dated("date", last))
                .replace("{day}", &last.day().to_string());
        }
        let words = self.words.term("date_span");
        words
            .replace("{from}", &from)
            .replace("{to}", &self.dated("date", last))
    }
}
