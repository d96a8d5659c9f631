//! The ladder: whom the clock makes us tell, and when, until a fix is reported. Pure. An issue keeps
//! its steps and their times as they were laid when its deadline started: a policy that changes later
//! changes nothing of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::state::{Standing, State};
use crate::hours::Work;

/// What a step waits for. Of what is told of an issue at once the greatest is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nobody has acknowledged it.
    Unacknowledged,
    /// The due time comes near.
    BeforeDue,
    /// The due time has passed.
    Overdue,
}

impl When {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Unacknowledged, Self::BeforeDue, Self::Overdue];

    /// The word of the policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unacknowledged => "unacknowledged",
            Self::BeforeDue => "before_due",
            Self::Overdue => "overdue",
        }
    }

    /// What a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|when| when.as_str() == word)
    }
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// Who answers for the account.
    Operator,
    /// The nearest lead over the unit.
    Lead,
    /// The managers whose area holds the unit.
    Manager,
}

impl Tell {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Operator, Self::Lead, Self::Manager];

    /// The word of the policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Lead => "lead",
            Self::Manager => "manager",
        }
    }

    /// Who a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tell| tell.as_str() == word)
    }
}

/// When a step's time has come, counted from what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// At once.
    Now,
    /// So long after it.
    After(Amount),
    /// So long before it.
    Before(Amount),
    /// When so many hundredths of the working time until then are over.
    Share(u32),
    /// So long after it, and again and again, at most so often.
    Every(Amount, u32),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it waits for.
    pub when: When,
    /// Its time.
    pub at: Moment,
    /// Who is told.
    pub tell: Vec<Tell>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.when.as_str().replace('_', " ").as_str())?;
        match self.at {
            Moment::Now => {}
            Moment::After(amount) => write!(f, " for {amount}")?,
            Moment::Before(amount) => write!(f, " by {amount}")?,
            Moment::Share(share) => write!(f, " at {share} % of the time")?,
            Moment::Every(amount, 1) => write!(f, " for {amount}")?,
            Moment::Every(amount, cap) => write!(f, " every {amount}, {cap} times")?,
        }
        let tell: Vec<&str> = self.tell.iter().map(|tell| tell.as_str()).collect();
        write!(f, " → {}", tell.join(", "))
    }
}

/// A step at its time, for the `nth` time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(usize, u32, i64)", into = "(usize, u32, i64)")]
pub struct Rung {
    /// Which of the steps.
    pub step: usize,
    /// From 1.
    pub nth: u32,
    /// When, in UTC milliseconds.
    pub at: i64,
}

impl From<(usize, u32, i64)> for Rung {
    fn from((step, nth, at): (usize, u32, i64)) -> Self {
        Self { step, nth, at }
    }
}

impl From<Rung> for (usize, u32, i64) {
    fn from(rung: Rung) -> Self {
        (rung.step, rung.nth, rung.at)
    }
}

/// The ladder of one issue, kept with it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Laid {
    /// Since when nobody may have acknowledged it, in UTC milliseconds.
    pub since: i64,
    /// Its notices go out at any hour.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// The unit's own working time, by which it was laid; none: the office's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// The steps, as the policy had them.
    pub steps: Vec<Step>,
    /// Their times, in order.
    pub rungs: Vec<Rung>,
}

/// What comes next for an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// This step, at its time.
    Step(&'a Rung, &'a Step),
    /// Nothing until the reported fix is judged.
    FixReported,
    /// Nothing until a manager rules.
    Disputed,
    /// Every step was said.
    Spent,
    /// It is closed.
    Closed,
}

impl Laid {
    /// The time of the first step after `done`, whether it will still apply then or not.
    pub fn after(&self, done: Option<i64>) -> Option<i64> {
        let mut times = self.rungs.iter().map(|rung| rung.at);
        times.find(|at| done.is_none_or(|done| *at > done))
    }

    /// The steps after `done` that may be said of an issue that stands so.
    fn applying(
        &self,
        standing: Standing,
        done: Option<i64>,
    ) -> impl Iterator<Item = (&Rung, &Step)> {
        let rungs = self.rungs.iter();
        let left = rungs.filter(move |rung| done.is_none_or(|done| rung.at > done));
        let steps = left.filter_map(|rung| Some((rung, self.steps.get(rung.step)?)));
        steps.filter(move |(_, step)| applies(step.when, standing))
    }

    /// What has to be said by now: the steps whose time came after `done`.
    pub fn passed(
        &self,
        standing: Standing,
        done: Option<i64>,
        now: i64,
    ) -> impl Iterator<Item = (&Rung, &Step)> {
        let left = self.applying(standing, done);
        left.filter(move |(rung, _)| rung.at <= now)
    }

    /// What comes next, or why nothing does.
    pub fn next(&self, standing: Standing, done: Option<i64>) -> Next<'_> {
        match standing.state {
            State::Closed => Next::Closed,
            _ if standing.disputed => Next::Disputed,
            State::FixReported => Next::FixReported,
            State::Open | State::Acknowledged => {
                let next = self.applying(standing, done).next();
                next.map_or(Next::Spent, |(rung, step)| Next::Step(rung, step))
            }
        }
    }
}

/// Whether a step may be said of an issue that stands so.
pub fn applies(when: When, standing: Standing) -> bool {
    !standing.disputed
        && match standing.state {
            State::Open => true,
            State::Acknowledged => when != When::Unacknowledged,
            State::FixReported | State::Closed => false,
        }
}
