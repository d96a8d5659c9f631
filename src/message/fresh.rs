//! Accounts that have to be updated, in the catalogue's words.

use chrono::NaiveDate;
use minijinja::{Value, context};

use super::IssueView;
use super::text::{clip, tame};
use super::view::Lens;
use crate::error::Result;
use crate::flow::freshness::Watched;
use crate::freshness::Standing;

impl Lens<'_> {
    /// One account: when it was updated, and until when it has to be.
    pub fn fresh_line(&self, one: &Watched<'_>) -> Result<String> {
        let today = self.now.with_timezone(&self.rules.zone).date_naive();
        let old = (one.known.as_of != today).then(|| self.dated("date", one.known.as_of));
        self.words.text(
            "fresh_line",
            context! {
                account => clip(&tame(&self.target(Some(one.account.id), one.unit)), 60),
                unit => clip(&tame(&self.unit(one.unit)), 40),
                updated => self.dated("date", one.known.updated_on),
                days => one.judged.days,
                until => self.dated("date_weekday", one.judged.last_day),
                today => one.judged.last_day == today,
                stale => one.judged.standing == Standing::Stale,
                over => one.judged.days - (one.judged.last_day - one.known.updated_on).num_days(),
                as_of => old, source => clip(&tame(&one.known.source), 40), sure => one.judged.sure,
            },
        )
    }

    /// A reminder of these accounts.
    pub fn fresh_message(&self, lines: &[String]) -> Result<String> {
        let count = lines.len();
        self.words
            .text("fresh", context! { lines => safe(lines), count => count })
    }

    /// The accounts of a list; `more` are left out.
    pub fn fresh_list(&self, lines: &[String], more: usize) -> Result<String> {
        let context = context! { lines => safe(lines), more => more };
        self.words.text("fresh_list", context)
    }

    /// What has to be seen to before a holiday.
    pub fn holiday(
        &self,
        detail: &serde_json::Value,
        (issues, due): (&[IssueView], usize),
        (lines, stale): (&[String], usize),
        (more_due, more_stale): (usize, usize),
    ) -> Result<String> {
        let day = |key: &str| {
            detail[key]
                .as_str()
                .and_then(|day| day.parse::<NaiveDate>().ok())
        };
        let days = day("first").zip(day("last")).map(|days| self.span(days));
        let issues: Vec<Value> = issues.iter().map(|issue| self.words.issue(issue)).collect();
        self.words.text(
            "holiday",
            context! {
                name => detail["name"].as_str(), days => days, issues => issues, due => due,
                more_due => more_due, lines => safe(lines), stale => stale, more_stale => more_stale,
            },
        )
    }
}

/// Lines that are Telegram HTML already.
fn safe(lines: &[String]) -> Vec<Value> {
    lines.iter().cloned().map(Value::from_safe_string).collect()
}
