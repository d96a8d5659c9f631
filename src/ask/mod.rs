//! What somebody asks of the figures: commands, plain words and buttons all come down to a [`Question`].

pub mod period;
mod phrases;
pub mod plain;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::roster::{Role, Target};
use period::Period;

/// What is asked; a command is just one way to write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The figures of the scope.
    Status,
    /// What today's reports brought.
    Today,
    /// My own open issues, or some of them.
    Mine(Mine),
    /// What is past due, of a unit or account or of the whole scope.
    Overdue(Option<Place>),
    /// Who has not acknowledged, who is not bound, who blocked the bot.
    Silent(Option<Place>),
    /// What is past due, or who is silent, of a unit by a part of its name.
    Of(About, String),
    /// A unit, an account or a person by a part of the name.
    Named(What, String),
    /// A unit or an account.
    Card(Place),
    /// A person, by id.
    Person(i64),
    /// Which units, accounts and categories have the most.
    Top(u32, By),
    /// What people did last, so many acts.
    Acts(u32),
    /// Issues by what they are, where, and when.
    Found(Search),
    /// Printed names that wait for a person.
    Unmatched,
    /// What waits for a ruling.
    Pending,
    /// Accounts that have to be updated.
    Fresh,
    /// The course of so many days.
    Trend(u32),
    /// The issues as a file.
    Export(Search),
}

/// What is asked of a unit that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// What is past due.
    Overdue,
    /// Who is silent.
    Silent,
}

impl About {
    /// The question about a place.
    pub fn place(self, place: Place) -> Question {
        match self {
            Self::Overdue => Question::Overdue(Some(place)),
            Self::Silent => Question::Silent(Some(place)),
        }
    }
}

/// Which kind of thing a name is looked up among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Units.
    Unit,
    /// Accounts.
    Account,
    /// People.
    Person,
}

impl What {
    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Account => "account",
            Self::Person => "person",
        }
    }
}

/// A unit or an account, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A unit with what is below it.
    Unit(i64),
    /// An account.
    Account(i64),
}

impl From<Target> for Place {
    fn from(target: Target) -> Self {
        match target {
            Target::Account(id) => Self::Account(id),
            Target::Unit(id) => Self::Unit(id),
        }
    }
}

/// Which of my own issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mine {
    /// All of them.
    All,
    /// Due before the end of today.
    Due,
    /// Past due.
    Overdue,
    /// Reported fixed, not verified.
    Reported,
    /// What became mine today, and what is due today.
    Today,
}

impl Mine {
    const ALL: [Self; 5] = [
        Self::All,
        Self::Due,
        Self::Overdue,
        Self::Reported,
        Self::Today,
    ];

    /// The word that a button carries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Due => "due",
            Self::Overdue => "overdue",
            Self::Reported => "reported",
            Self::Today => "today",
        }
    }

    /// The filter of a button's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// By what the most is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Not closed now.
    Live,
    /// Past due now.
    Overdue,
    /// Opened in the period.
    Opened,
    /// Came back.
    Repeated,
}

impl By {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Live, Self::Overdue, Self::Opened, Self::Repeated];

    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Overdue => "overdue",
            Self::Opened => "opened",
            Self::Repeated => "repeated",
        }
    }
}

/// Where the issues stand that are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Not closed.
    #[default]
    Live,
    /// Nothing reported yet.
    Unfixed,
    /// Nobody has acknowledged.
    Unacknowledged,
    /// Reported fixed, not verified.
    Reported,
    /// Past due.
    Overdue,
    /// Due before the end of today.
    DueToday,
    /// A dispute waits.
    Disputed,
    /// Closed in the period.
    Closed,
    /// Opened in the period, wherever they stand now.
    Opened,
}

impl Stand {
    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Unfixed => "unfixed",
            Self::Unacknowledged => "unacknowledged",
            Self::Reported => "reported",
            Self::Overdue => "overdue",
            Self::DueToday => "due_today",
            Self::Disputed => "disputed",
            Self::Closed => "closed",
            Self::Opened => "opened",
        }
    }
}

/// Issues by what they are, where, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Where they stand.
    pub stand: Stand,
    /// Whose they are; none: the whole scope's.
    pub place: Option<Place>,
    /// How grave.
    pub severity: Option<Severity>,
    /// The category's id.
    pub category: Option<String>,
    /// When they were opened; of closed ones when they were closed; of what is overdue when it was due.
    pub period: Option<Period>,
}

impl Question {
    /// Whether a role may ask it at all; of what is another's nothing is said anyhow.
    pub fn open_to(&self, role: Role) -> bool {
        match (role, self) {
            (Role::Admin, _) => false,
            (_, Self::Mine(_) | Self::Fresh) => true,
            (Role::Operator, _) => false,
            (_, Self::Unmatched | Self::Pending) => role == Role::Manager,
            (Role::Lead | Role::Manager, _) => true,
        }
    }
}
