//! 值守/替岗: who stands in for whom, from when to when. Who acts for somebody today, and what they may
//! see by it, is decided here and nowhere else: a roster that knows its duties routes and authorises by
//! them. Pure.

pub mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use super::model::{Person, Role, Roster, Scope};

/// The most days of one leave.
pub const LONGEST: i64 = 60;

/// Where a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Asked for in the chat, not confirmed: counts for nothing.
    Draft,
    /// It counts.
    Set,
    /// Taken back.
    Cancelled,
}

impl State {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Set => "set",
            Self::Cancelled => "cancelled",
        }
    }
    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Draft, Self::Set, Self::Cancelled];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// A leave, or a turn of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its id in the store.
    pub id: i64,
    /// Who is away.
    pub person: i64,
    /// Who stands in.
    pub stand_in: i64,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// A turn of a weekly rotation, not a leave.
    pub rota: bool,
    /// Whether it counts.
    pub state: State,
    /// Who entered it; none: the office.
    pub entered_by: Option<i64>,
    /// When, in UTC milliseconds.
    pub entered_at: i64,
}

impl Duty {
    /// Whether it counts on a day.
    pub fn runs(&self, day: NaiveDate) -> bool {
        self.state == State::Set && self.from <= day && day <= self.to
    }
}

/// Why a duty is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The last day is before the first.
    Backwards,
    /// The first day is over.
    Past,
    /// More than [`LONGEST`] days.
    TooLong,
    /// The stand-in does not answer for the same unit, and is not its lead.
    Unfit,
    /// The person is away then already.
    Overlaps,
}

impl Refusal {
    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backwards => "backwards",
            Self::Past => "past",
            Self::TooLong => "too_long",
            Self::Unfit => "unfit",
            Self::Overlaps => "overlaps",
        }
    }
}

/// Whether a leave may last from one day to another.
pub fn refused(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Option<Refusal> {
    match () {
        () if to < from => Some(Refusal::Backwards),
        () if from < today => Some(Refusal::Past),
        () if to > last_day(from) => Some(Refusal::TooLong),
        () => None,
    }
}

/// The last day that a leave from this day may have.
pub fn last_day(from: NaiveDate) -> NaiveDate {
    from + TimeDelta::days(LONGEST - 1)
}

/// Who stands in for somebody who is away today.
#[derive(Clone, Copy, Debug)]
pub(super) struct Away {
    stand_in: i64,
    rota: bool,
}

impl Roster {
    /// The roster with the duties that run today. A leave outweighs a rotation's turn; of two alike the
    /// first that was entered counts.
    pub fn with_duties(mut self, today: NaiveDate, duties: &[Duty]) -> Self {
        let mut running: Vec<&Duty> = duties.iter().filter(|duty| duty.runs(today)).collect();
        running.sort_by_key(|duty| (duty.rota, duty.id));
        self.away.clear();
        for duty in running {
            if self.person(duty.person).is_some() {
                self.away.entry(duty.person).or_insert(Away {
                    stand_in: duty.stand_in,
                    rota: duty.rota,
                });
            }
        }
        let mut covers: HashMap<i64, Vec<i64>> = HashMap::new();
        for away in self.away.keys() {
            let acting = self
                .person(*away)
                .and_then(|person| self.acting_for(person));
            if let Some(acting) = acting.filter(|acting| acting.id != *away) {
                covers.entry(acting.id).or_default().push(*away);
            }
        }
        covers.values_mut().for_each(|away| away.sort_unstable());
        self.covers = covers;
        self
    }

    /// Whether a duty runs of which this roster knows.
    pub fn anyone_away(&self) -> bool {
        !self.away.is_empty()
    }

    /// Those who are asked in turn for a person: first the person, then each one's stand-in.
    fn asked<'a>(&'a self, person: &'a Person) -> (Vec<&'a Person>, Option<&'a Person>) {
        let (mut asked, mut at) = (Vec::new(), person);
        while !asked.contains(&at) {
            let Some(away) = self.away.get(&at.id) else {
                return (asked, Some(at));
            };
            asked.push(at);
            // Who no longer answers for the same unit, or has left, stands in for nobody.
            match self.person(away.stand_in) {
                Some(next) if self.may_stand_in(at, next) => at = next,
                _ => break,
            }
        }
        (asked, None)
    }

    /// Who acts for a person today: they themselves, who stands in for them, or the next of a chain.
    /// Who is merely not on turn is asked before nobody is.
    pub fn acting_for<'a>(&'a self, person: &'a Person) -> Option<&'a Person> {
        let (asked, found) = self.asked(person);
        let off_turn = |one: &&Person| self.away.get(&one.id).is_some_and(|away| away.rota);
        found.or_else(|| asked.into_iter().find(off_turn))
    }

    /// Whether a person is away today and another acts, or nobody does.
    pub fn is_away(&self, person: &Person) -> bool {
        self.acting_for(person)
            .is_none_or(|acting| acting.id != person.id)
    }

    /// Who acts for these people today, each once.
    pub(super) fn acting<'a>(&'a self, people: Vec<&'a Person>) -> Vec<&'a Person> {
        if self.away.is_empty() {
            return people;
        }
        let mut acting: Vec<&Person> = Vec::with_capacity(people.len());
        for one in people
            .into_iter()
            .filter_map(|person| self.acting_for(person))
        {
            if !acting.contains(&one) {
                acting.push(one);
            }
        }
        acting
    }

    /// Those for whom a person acts today.
    pub fn stands_for(&self, person: &Person) -> impl Iterator<Item = &Person> {
        let away = self.covers.get(&person.id).into_iter().flatten();
        away.filter_map(|id| self.person(*id))
    }

    /// Those whose stand-in a person is, directly or through a chain, and the person.
    pub fn through<'a>(&'a self, person: &'a Person) -> Vec<&'a Person> {
        let away = self.away.keys().filter_map(|id| self.person(*id));
        let mut through: Vec<&Person> = away
            .filter(|one| one.id != person.id && self.asked(one).0.contains(&person))
            .collect();
        through.push(person);
        through.sort_by_key(|one| one.id);
        through
    }

    /// For whom a person sees what is not their own.
    pub fn on_behalf_of(&self, person: &Person, unit: i64, account: Option<i64>) -> Vec<&Person> {
        let Some(unit) = self.unit_by_id(unit) else {
            return vec![];
        };
        if self.sees_own(person, &unit.code, account) && person.role != Role::Lead {
            return vec![];
        }
        let away = self.stands_for(person);
        away.filter(|away| self.sees_own(away, &unit.code, account))
            .collect()
    }

    /// One's own scope and those of whom one stands in for.
    pub(super) fn scope_with_duties(&self, person: &Person) -> Scope {
        let mut scope = self.own_scope(person);
        for away in self.stands_for(person) {
            scope = self.both(scope, self.own_scope(away));
        }
        scope
    }

    /// Two scopes as one, in which no issue is twice.
    pub fn both(&self, one: Scope, other: Scope) -> Scope {
        let (mut units, mut accounts) = (Vec::new(), Vec::new());
        for scope in [one, other] {
            match scope {
                Scope::All => return Scope::All,
                Scope::Units(more) => units.extend(more),
                Scope::Accounts(more) => accounts.extend(more),
                Scope::Both(more, others) => {
                    units.extend(more);
                    accounts.extend(others);
                }
            }
        }
        units.sort_unstable();
        units.dedup();
        accounts.sort_unstable();
        accounts.dedup();
        let of_units = |account: &i64| {
            let unit = self.account(*account).and_then(|a| self.unit(&a.unit));
            unit.is_some_and(|unit| units.contains(&unit.id))
        };
        accounts.retain(|account| !of_units(account));
        match (units.is_empty(), accounts.is_empty()) {
            (_, true) => Scope::Units(units),
            (true, false) => Scope::Accounts(accounts),
            (false, false) => Scope::Both(units, accounts),
        }
    }

    /// Whether somebody may stand in for a person: who answers for the same unit, or is its lead; for a
    /// manager another whose scope holds theirs.
    pub fn may_stand_in(&self, person: &Person, stand_in: &Person) -> bool {
        if person.id == stand_in.id {
            return false;
        }
        let shares = || {
            person
                .units
                .iter()
                .any(|unit| stand_in.units.contains(unit))
        };
        match (person.role, stand_in.role) {
            (Role::Admin, _) | (_, Role::Admin) => false,
            (Role::Manager, Role::Manager) | (Role::Operator, Role::Lead) => {
                self.is_over(stand_in, person)
            }
            (Role::Lead, Role::Lead) => shares() || self.is_over(stand_in, person),
            (Role::Operator | Role::Lead, Role::Operator) => shares(),
            _ => false,
        }
    }

    /// Who might stand in for a person, colleagues before leads.
    pub fn stand_ins_of(&self, person: &Person) -> Vec<&Person> {
        let people = self.people.iter();
        let mut fit: Vec<&Person> = people
            .filter(|one| self.may_stand_in(person, one))
            .collect();
        fit.sort_by_key(|one| one.role != person.role);
        fit
    }

    /// Whether somebody may enter and cancel a leave of a person: they themselves, and a lead of those
    /// below.
    pub fn may_enter_leave(&self, by: &Person, person: &Person) -> bool {
        if by.role == Role::Admin {
            return false;
        }
        let below = || match person.role {
            Role::Operator => self.is_over(by, person),
            Role::Lead => self.is_over(by, person) && !self.is_over(person, by),
            Role::Manager | Role::Admin => false,
        };
        by.id == person.id || (by.role == Role::Lead && below())
    }
}

/// Those of whom a name or code speaks: who is so called, else whose name holds it.
pub fn named<'a>(people: &[&'a Person], name: &str) -> Vec<&'a Person> {
    let name = name.trim();
    let exact = |one: &&&Person| one.code.eq_ignore_ascii_case(name) || one.name == name;
    let found: Vec<&Person> = people.iter().filter(exact).copied().collect();
    if !found.is_empty() || name.is_empty() {
        return found;
    }
    let holds = people.iter().filter(|one| one.name.contains(name));
    holds.copied().collect()
}
