//! What somebody asked for, in the catalogue's words: an issue in a line or two, how late and how long, and the
//! card that answers, with its buttons.

use minijinja::{Value, context};
use serde::Serialize;

use super::digest::{button, paging};
use super::text::{clip, tame};
use super::view::Lens;
use super::{Button, Catalogue, Rendered};
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::late::{Late, late};
use crate::issue::{Issue, State};
use crate::roster::Person;

/// An issue as a list shows it: names for ids, cut to size.
#[derive(Clone, Debug, Serialize)]
struct Line {
    /// Its number.
    number: i64,
    /// 🔴 单项否决
    mark: String,
    /// The category's name.
    category: String,
    /// The account, or the unit.
    account: String,
    /// The unit's name.
    unit: String,
    /// The wrong words.
    wrong: Option<String>,
    /// Its wording is kept out of the channel.
    masked: bool,
    /// Until when.
    due: Option<String>,
    /// How late, if it is past due.
    late: Option<String>,
    /// Where it stands.
    state: &'static str,
    /// A dispute waits.
    disputed: bool,
    /// When it was acknowledged.
    acked: Option<String>,
    /// Why it was closed, in words.
    reason: Option<String>,
    /// When it was closed.
    closed: Option<String>,
    /// How often it came back.
    reopened: i64,
    /// Who answers.
    who: String,
}

/// The answer to a question, a page of it.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// Telegram HTML.
    pub html: String,
    /// The page, from 0.
    pub page: usize,
    /// How many there are.
    pub pages: usize,
    /// The issues whose life can be seen by a press.
    pub see: Vec<i64>,
    /// What else can be asked by a press: a label, and whether the answer takes the place of this one.
    pub rows: Vec<Vec<(String, bool)>>,
}

/// What stands above issues already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above {
    /// Nothing of whose they are.
    Nothing,
    /// Their unit.
    Unit,
    /// Their account.
    Account,
}

/// Buttons of issues in a row.
const IN_A_ROW: usize = 4;

/// People that are named; the rest is counted.
const NAMED: usize = 2;

impl Lens<'_> {
    /// A text that stands for a name, cut to size and without what turns it around.
    pub fn short(&self, text: &str, units: usize) -> String {
        clip(&tame(text), units).into_owned()
    }

    /// An issue in a line or two.
    fn line(&self, issue: &Issue) -> Line {
        let standing = issue.standing;
        let overdue = issue.overdue(self.now.timestamp_millis());
        let masked = self.rules.mask.hides(&issue.category);
        Line {
            number: issue.id,
            mark: self.words.term(issue.severity.as_str()).to_owned(),
            category: self.short(&self.category(&issue.category), 40),
            account: self.short(&self.target(issue.subject(), issue.unit_id), 50),
            unit: self.short(&self.unit(issue.unit_id), 40),
            wrong: issue
                .wrong_text
                .as_deref()
                .filter(|_| !masked)
                .map(|text| self.short(text, 40)),
            masked: masked && issue.wrong_text.is_some(),
            due: issue
                .due_at
                .filter(|_| standing.state.runs())
                .map(|at| self.time(at)),
            late: issue.due_at.filter(|_| overdue).map(|due| self.late(due)),
            state: standing.state.as_str(),
            disputed: standing.disputed,
            acked: issue.acknowledged_at.map(|at| self.moment(at)),
            reason: standing
                .reason
                .filter(|_| standing.state == State::Closed)
                .map(|reason| self.words.term(reason.as_str()).to_owned()),
            closed: issue.closed_at.map(|at| self.moment(at)),
            reopened: issue.reopened,
            who: self.names(&self.roster.answering(issue.whose())),
        }
    }

    /// Issues in a line or two each, ready for a template; what stands above them already, or above the one
    /// before, is not said again.
    pub fn lines<'i>(
        &self,
        issues: impl IntoIterator<Item = &'i Issue>,
        above: Above,
    ) -> Result<Vec<Value>> {
        let mut before = None;
        let text = |issue: &Issue| {
            let whose = (issue.subject(), issue.unit_id);
            let named = above != Above::Account && before.replace(whose) != Some(whose);
            let line = self.line(issue);
            let unit = above == Above::Nothing && !line.account.contains(&line.unit);
            let context = context! { i => line, account => named, unit => unit, bold => above == Above::Nothing };
            let text = self.words.text("issue_line", context)?;
            Ok(Value::from_safe_string(text))
        };
        issues.into_iter().map(text).collect()
    }

    /// Several people by name, the first of them.
    pub fn names(&self, people: &[&Person]) -> String {
        let named = people
            .iter()
            .take(NAMED)
            .map(|one| self.short(&one.name, 20));
        let names = named.collect::<Vec<_>>().join(self.words.term("comma"));
        match people.len() {
            0 => self.words.term("nobody").to_owned(),
            n if n > NAMED => self.with_count("and_others", n).replace("{names}", &names),
            _ => names,
        }
    }

    /// A term that holds a number.
    pub fn with_count(&self, term: &str, n: usize) -> String {
        self.words.term(term).replace("{n}", &n.to_string())
    }

    /// 超期 2 个工作日
    pub fn late(&self, due: i64) -> String {
        let calendar = &self.rules.deadlines.calendar;
        let (term, n) = match late(calendar, self.rules.zone, from_ms(due), self.now) {
            Late::Hours(0) => ("late_now", 0),
            Late::Hours(hours) => ("late_hours", hours),
            Late::Days(days) => ("late_days", days),
        };
        self.words.term(term).replace("{n}", &n.to_string())
    }

    /// How long something took or has lasted: 40 分钟, 5 小时, 3 天.
    pub fn lasted(&self, ms: i64) -> String {
        let minutes = (ms / 60_000).max(0);
        let (term, n) = match minutes {
            0..60 => ("lasted_minutes", minutes),
            60..2_880 => ("lasted_hours", minutes / 60),
            _ => ("lasted_days", minutes / 1_440),
        };
        self.words.term(term).replace("{n}", &n.to_string())
    }
}

impl Catalogue {
    /// A template as the text of a card.
    pub fn card(&self, name: &str, context: Value) -> Result<Card> {
        let html = self.text(name, context)?;
        Ok(Card {
            html,
            ..Card::default()
        })
    }
}

impl Card {
    /// With pages to turn.
    pub fn paged(mut self, (page, pages): (usize, usize)) -> Self {
        (self.page, self.pages) = (page, pages);
        self
    }

    /// With buttons for the lives of these issues.
    pub fn seeing(mut self, issues: Vec<i64>) -> Self {
        self.see = issues;
        self
    }

    /// As a message; `key` is what its buttons carry. What can be asked is numbered in the order of the rows.
    pub fn rendered(self, key: &str) -> Rendered {
        let mut keyboard: Vec<Vec<Button>> = Vec::new();
        for row in self.see.chunks(IN_A_ROW) {
            let see = row
                .iter()
                .map(|id| button(format!("📜 #{id}"), "see", key, id));
            keyboard.push(see.collect());
        }
        let mut n = 0;
        for row in &self.rows {
            let row = row.iter().map(|(label, here)| {
                n += 1;
                let verb = if *here { "here" } else { "ask" };
                button(clip(&tame(label), 60).into_owned(), verb, key, n)
            });
            keyboard.push(row.collect());
        }
        keyboard.push(paging(key, self.page, self.pages));
        keyboard.retain(|row| !row.is_empty());
        Rendered {
            html: self.html,
            keyboard,
        }
    }
}
