//! Who asks, and over what: the scope of every answer, in which another's things are as if they were not there.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use crate::act;
use crate::ask::period::Period;
use crate::ask::{Place, Question};
use crate::clock::at_local;
use crate::matching::Index;
use crate::message::Card;
use crate::message::view::Lens;
use crate::roster::{Person, Role, Scope, Target};

/// Who asks, with what is needed to answer.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Names, words, rules and the time.
    pub lens: Lens<'a>,
    /// The names, ready to be looked up.
    pub index: &'a Index,
    /// Who asks.
    pub person: &'a Person,
}

/// An answer, and what its buttons ask.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The message.
    pub card: Card,
    /// What is asked by each of its buttons, in the order of the rows.
    pub choices: Vec<Question>,
}

impl Reply {
    /// A message with no buttons of its own.
    pub fn of(card: Card) -> Self {
        Self {
            card,
            choices: vec![],
        }
    }

    /// With a row of buttons, each with what it asks; `here`: the answer takes the place of this one.
    pub fn row(mut self, row: Vec<(String, Question)>, here: bool) -> Self {
        let (labels, choices): (Vec<String>, Vec<Question>) = row.into_iter().unzip();
        if !labels.is_empty() {
            self.card
                .rows
                .push(labels.into_iter().map(|label| (label, here)).collect());
            self.choices.extend(choices);
        }
        self
    }
}

/// What every answer says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// Whose issues are meant.
    pub scope: String,
    /// When.
    pub at: String,
}

/// A page of a list: its items, which page it is, from 0, and how many there are.
pub fn page_of<T>(all: &[T], page: usize, size: usize) -> (&[T], (usize, usize)) {
    let pages = all.len().div_ceil(size).max(1);
    let page = page.min(pages - 1);
    (
        all.chunks(size).nth(page).unwrap_or_default(),
        (page, pages),
    )
}

impl<'a> Asking<'a> {
    /// Which issues the asker may see.
    pub fn scope(&self) -> Scope {
        self.lens.roster.scope_of(self.person)
    }

    /// Whether the scope is everything.
    pub fn everywhere(&self) -> bool {
        self.scope() == Scope::All
    }

    /// The scope by name, and the time.
    pub fn head(&self) -> Head {
        let words = self.lens.words;
        let roster = self.lens.roster;
        let mut codes: Vec<&String> = self.person.units.iter().collect();
        codes.extend(roster.stands_for(self.person).flat_map(|away| &away.units));
        let mut names: Vec<String> = Vec::new();
        for unit in codes.into_iter().filter_map(|code| roster.unit(code)) {
            let name = self.lens.short(&unit.name, 30);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let scope = match self.person.role {
            _ if self.everywhere() => words.term("scope_all").to_owned(),
            Role::Operator => words.term("scope_own").to_owned(),
            _ if names.len() > 3 => {
                let more = self.lens.with_count("and_more_units", names.len());
                names.truncate(3);
                more.replace("{names}", &names.join(words.term("comma")))
            }
            _ => names.join(words.term("comma")),
        };
        Head {
            scope,
            at: self
                .lens
                .now
                .with_timezone(&self.lens.rules.zone)
                .format("%m-%d %H:%M")
                .to_string(),
        }
    }

    /// The time now, in UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.lens.now.timestamp_millis()
    }

    /// Today, in the office's zone.
    pub fn today(&self) -> NaiveDate {
        self.lens
            .now
            .with_timezone(&self.lens.rules.zone)
            .date_naive()
    }

    /// When a day begins, in UTC milliseconds.
    pub fn begins(&self, day: NaiveDate) -> i64 {
        at_local(self.lens.rules.zone, day, NaiveTime::MIN).timestamp_millis()
    }

    /// From when until before when a period is, in UTC milliseconds.
    pub fn times(&self, period: Period) -> (i64, i64) {
        let end = period.to.succ_opt().unwrap_or(period.to);
        (self.begins(period.from), self.begins(end))
    }

    /// The last so many days, today with them.
    pub fn last_days(&self, days: u32) -> Period {
        let to = self.today();
        let back = chrono::TimeDelta::days(i64::from(days.max(1)) - 1);
        Period {
            from: to - back,
            to,
        }
    }

    /// Whether an account or unit is of the asker's scope.
    pub fn sees(&self, account: Option<i64>, unit: i64) -> bool {
        act::sees_place(self.lens.roster, self.person, account, unit)
    }

    /// Whether a unit or account may be looked up.
    pub fn admits(&self, target: Target) -> bool {
        let roster = self.lens.roster;
        match target {
            Target::Unit(id) => roster
                .unit_by_id(id)
                .is_some_and(|unit| roster.may_see(self.person, &unit.code, None)),
            Target::Account(id) => roster
                .account(id)
                .is_some_and(|account| roster.may_see(self.person, &account.unit, Some(id))),
        }
    }

    /// Whether a person is of the asker's scope: those below, oneself, and to whom sees everything all.
    pub fn over(&self, other: &Person) -> bool {
        let roster = self.lens.roster;
        let above = |one: &Person| match (one.role, other.role) {
            (Role::Operator | Role::Admin, _) => false,
            (_, Role::Manager | Role::Admin) => one.everywhere(),
            _ => roster.is_over(one, other),
        };
        other.id == self.person.id
            || above(self.person)
            || roster.stands_for(self.person).any(above)
    }

    /// A place that may be seen, with the ids of its units: the unit and what is below it. None: there is no
    /// such place for the asker.
    pub fn place(&self, place: Option<Place>) -> Option<Within> {
        let roster = self.lens.roster;
        let Some(place) = place else {
            return Some(Within::Whole);
        };
        match place {
            Place::Account(id) => self
                .admits(Target::Account(id))
                .then_some(Within::Account(id)),
            Place::Unit(id) => {
                let unit = roster
                    .unit_by_id(id)
                    .filter(|_| self.admits(Target::Unit(id)))?;
                let below = roster
                    .units
                    .iter()
                    .filter(|one| roster.is_below(&one.code, &unit.code));
                Some(Within::Units(below.map(|one| one.id).collect()))
            }
        }
    }

    /// The name of an account, cut to size; one that left the roster has none.
    pub fn account(&self, id: i64, units: usize) -> String {
        match self.lens.roster.account(id) {
            Some(_) => self.lens.short(&self.lens.target(Some(id), 0), units),
            None => self.lens.words.term("account_left").to_owned(),
        }
    }

    /// The name of a place.
    pub fn place_name(&self, place: Option<Place>) -> String {
        let lens = &self.lens;
        match place {
            None => self.head().scope,
            Some(Place::Unit(id)) => lens.short(&lens.unit(id), 40),
            Some(Place::Account(id)) => self.account(id, 50),
        }
    }
}

/// What an answer is narrowed to.
#[derive(Clone, Debug)]
pub enum Within {
    /// The whole scope.
    Whole,
    /// These units.
    Units(HashSet<i64>),
    /// This account.
    Account(i64),
}

impl Within {
    /// Whether an issue lies in it: by the unit that answers and the account it is about.
    pub fn holds(&self, unit: i64, subject: Option<i64>) -> bool {
        match self {
            Self::Whole => true,
            Self::Units(units) => units.contains(&unit),
            Self::Account(account) => subject == Some(*account),
        }
    }

    /// The scope of it, of an asker's.
    pub fn scope(&self, whole: Scope) -> Scope {
        match self {
            Self::Whole => whole,
            Self::Units(units) => {
                let mut units: Vec<i64> = units.iter().copied().collect();
                units.sort_unstable();
                Scope::Units(units)
            }
            Self::Account(account) => Scope::Accounts(vec![*account]),
        }
    }
}
