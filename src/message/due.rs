//! Why a fix is due when it is, in the catalogue's words.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Weekday};
use minijinja::{Value, context};

use super::text::{clip, tame};
use super::view::Lens;
use crate::error::Result;
use crate::issue::table::Issue;
use crate::issue::why::{Counted, Explanation, Keys, Since};

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
    pub fn explanation(&self, issue: &Issue) -> Result<String> {
        let now = self.now.timestamp_millis();
        let context = context! {
            number => issue.id,
            account => clip(&tame(&self.target(issue.account_id, issue.unit_id)), 60),
            category => self.category(&issue.category),
            due => issue.due_at.map(|due| self.time(due)),
            overdue => issue.overdue(now),
            closed => !issue.live(),
            why => self.why(&issue.why().unwrap_or(Explanation::None { rule: None })),
        };
        self.words.text("due", context)
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
                "severity" => self.words.term(value).into(),
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
    pub(super) fn dated(&self, term: &str, day: NaiveDate) -> String {
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
            .replace("{day}", &day.day().to_string())
            .replace("{weekday}", words.term(weekday))
    }

    /// 10月1日至7日, 9月30日至10月3日, 5月1日.
    fn span(&self, (first, last): (NaiveDate, NaiveDate)) -> String {
        let from = self.dated("date", first);
        if first == last {
            return from;
        }
        if (first.year(), first.month()) == (last.year(), last.month()) {
            let words = self.words.term("date_span_short");
            return words
                .replace("{from}", &from)
                .replace("{day}", &last.day().to_string());
        }
        let words = self.words.term("date_span");
        words
            .replace("{from}", &from)
            .replace("{to}", &self.dated("date", last))
    }
}
