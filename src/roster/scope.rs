//! Who may see what, by the roster of now: a person's own units and accounts, and those of whom they stand in for.
//! Pure.

use super::model::{Person, Role, Roster, Scope};

impl Roster {
    /// Whether a unit lies in a person's own scope.
    pub(super) fn in_units(&self, person: &Person, code: &str) -> bool {
        person.everywhere()
            || self
                .chain(code)
                .iter()
                .any(|above| person.units.iter().any(|unit| unit == above))
    }

    /// Whether a person may see the issues of a unit or account, by the roster of now: their own, and
    /// those of whom they stand in for today.
    pub fn may_see(&self, person: &Person, unit: &str, account: Option<i64>) -> bool {
        self.sees_own(person, unit, account)
            || self
                .stands_for(person)
                .any(|away| self.sees_own(away, unit, account))
    }

    /// The same without what a duty adds.
    pub(super) fn sees_own(&self, person: &Person, unit: &str, account: Option<i64>) -> bool {
        match person.role {
            Role::Admin => false,
            Role::Manager | Role::Lead => self.in_units(person, unit),
            Role::Operator => match account.and_then(|id| self.account(id)) {
                Some(account) if !person.operates.is_empty() => self
                    .names_of(person)
                    .is_some_and(|names| names.contains(&account.id)),
                Some(_) => person.units.iter().any(|code| code == unit),
                None => person.operates.is_empty() && person.units.iter().any(|code| code == unit),
            },
        }
    }

    /// The accounts that an operator names.
    pub(super) fn names_of(&self, person: &Person) -> Option<&Vec<i64>> {
        self.names.get(self.person_by_id.get(&person.id)?)
    }

    /// The same as [`Roster::may_see`] for every issue at once.
    pub fn scope_of(&self, person: &Person) -> Scope {
        self.scope_with_duties(person)
    }

    /// The same without what a duty adds.
    pub fn own_scope(&self, person: &Person) -> Scope {
        let ids = |codes: &[String]| {
            let units = codes.iter().filter_map(|code| self.unit(code));
            units.map(|unit| unit.id).collect()
        };
        match person.role {
            Role::Admin => Scope::Units(vec![]),
            Role::Manager | Role::Lead if person.everywhere() => Scope::All,
            Role::Manager | Role::Lead => {
                let units = self.units.iter();
                let seen = units.filter(|unit| self.in_units(person, &unit.code));
                Scope::Units(seen.map(|unit| unit.id).collect())
            }
            Role::Operator if person.operates.is_empty() => Scope::Units(ids(&person.units)),
            Role::Operator => Scope::Accounts(self.names_of(person).cloned().unwrap_or_default()),
        }
    }

    /// Whether one person's units lie within another's scope.
    pub fn is_over(&self, over: &Person, person: &Person) -> bool {
        over.everywhere() || person.units.iter().any(|code| self.in_units(over, code))
    }
}
