//! Who answers for what, and who is told: operators, leads, managers, and who stands in for them today. Pure.

use super::model::{Account, Person, Role, Roster, Whose};

impl Roster {
    /// The operators of an account: those who name it, else those of its whole unit.
    pub fn operators_of(&self, account: &Account) -> Vec<&Person> {
        match self.named.get(&account.id) {
            Some(named) => self.pick(named),
            None => self.operators_of_unit(&account.unit),
        }
    }

    /// The operators of a whole unit.
    pub fn operators_of_unit(&self, code: &str) -> Vec<&Person> {
        self.of_unit
            .get(code)
            .map_or_else(Vec::new, |found| self.pick(found))
    }

    fn pick(&self, at: &[usize]) -> Vec<&Person> {
        at.iter().filter_map(|n| self.people.get(*n)).collect()
    }

    /// The leads over a unit, or who acts for them today; the nearest level that has any.
    pub fn leads_of(&self, code: &str) -> Vec<&Person> {
        for level in self.chain(code) {
            if let Some(found) = self.leads.get(level) {
                let acting = self.acting(self.pick(found));
                if !acting.is_empty() {
                    return acting;
                }
            }
        }
        vec![]
    }

    /// The leads over a person's units.
    pub fn leads_over(&self, person: &Person) -> Vec<&Person> {
        let mut found: Vec<&Person> = person
            .units
            .iter()
            .flat_map(|code| self.leads_of(code))
            .collect();
        found.sort_by_key(|p| p.id);
        found.dedup_by_key(|p| p.id);
        found
    }

    /// The managers of everything, or who acts for them today.
    pub fn managers_of_all(&self) -> Vec<&Person> {
        self.managers(Person::everywhere)
    }

    /// The managers whose scope holds the unit of a code, or who acts for them today.
    pub fn managers_of(&self, code: &str) -> Vec<&Person> {
        self.managers(|manager| self.in_units(manager, code))
    }

    /// Where all of them are away and nobody stands in, they are told all the same: above them is
    /// nobody.
    fn managers(&self, whose: impl Fn(&Person) -> bool) -> Vec<&Person> {
        let people = self.people.iter();
        let found: Vec<&Person> = people
            .filter(|p| p.role == Role::Manager && whose(p))
            .collect();
        let acting = self.acting(found.clone());
        if acting.is_empty() { found } else { acting }
    }

    /// The managers whose scope holds a unit.
    pub fn managers_over(&self, unit: i64) -> Vec<&Person> {
        let Some(unit) = self.unit_by_id(unit) else {
            return self.managers_of_all();
        };
        self.managers_of(&unit.code)
    }

    /// The operators of an issue, or who acts for them today; nobody where there are none, or none
    /// is there.
    ///
    /// Whom it was handed to is the one, as long as they answer for the unit or the account.
    pub fn operating(&self, whose: Whose) -> Vec<&Person> {
        let unit = self.unit_by_id(whose.unit);
        let code = unit.map_or("", |unit| unit.code.as_str());
        let handler = whose.handler.and_then(|id| self.person(id));
        if let Some(handler) = handler.filter(|one| self.sees_own(one, code, whose.account)) {
            let acting = self.acting(vec![handler]);
            if !acting.is_empty() {
                return acting;
            }
        }
        self.acting(match whose.account.and_then(|id| self.account(id)) {
            Some(account) => self.operators_of(account),
            None => self.operators_of_unit(code),
        })
    }

    /// Who is told of an issue: its operators, else the leads, else the managers; for who is away
    /// today the one who stands in. Never nobody as long as there is a manager.
    pub fn answering(&self, whose: Whose) -> Vec<&Person> {
        let operators = self.operating(whose);
        if !operators.is_empty() {
            return operators;
        }
        let unit = self.unit_by_id(whose.unit);
        let leads = self.leads_of(unit.map_or("", |unit| unit.code.as_str()));
        if leads.is_empty() {
            self.managers_over(whose.unit)
        } else {
            leads
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{AccountState, Scope, Unit};
    use super::*;

    fn whose(account: Option<i64>, unit: i64) -> Whose {
        Whose {
            account,
            unit,
            handler: None,
        }
    }

    fn unit(id: i64, code: &str, parent: Option<&str>) -> Unit {
        Unit {
            id,
            code: code.into(),
            name: code.into(),
            aliases: vec![],
            parent: parent.map(Into::into),
            area: None,
            kind: String::new(),
        }
    }
    fn person(id: i64, role: Role, units: &[&str], operates: &[&str]) -> Person {
        Person {
            id,
            code: id.to_string(),
            name: id.to_string(),
            role,
            units: units.iter().map(|u| (*u).to_owned()).collect(),
            operates: operates.iter().map(|u| (*u).to_owned()).collect(),
        }
    }
    fn account(id: i64, name: &str, unit: &str) -> Account {
        Account {
            id,
            platform: "wechat".into(),
            name: name.into(),
            uid: None,
            unit: unit.into(),
            aliases: vec![],
            homepage: None,
            state: AccountState::Active,
            valid_from: None,
            valid_to: None,
        }
    }

    #[test]
    fn who_sees_what() {
        let roster = Roster::new(
            1,
            vec![
                unit(1, "TJ", None),
                unit(2, "TJ-GA", Some("TJ")),
                unit(3, "X", Some("X")),
            ],
            vec![
                account(10, "台江发布", "TJ"),
                account(11, "福州台江公安", "TJ-GA"),
            ],
            vec![
                person(1, Role::Operator, &["TJ"], &["wechat:台江发布"]),
                person(2, Role::Lead, &["TJ"], &[]),
                person(3, Role::Manager, &["*"], &[]),
                person(4, Role::Admin, &["*"], &[]),
                person(5, Role::Operator, &["TJ-GA"], &[]),
                person(6, Role::Manager, &["X"], &[]),
            ],
            vec![],
        );
        let sees = |who, unit, account| roster.may_see(roster.person(who).unwrap(), unit, account);
        let table = [
            (1, "TJ", Some(10), true),
            (1, "TJ", None, false),
            (1, "TJ-GA", Some(11), false),
            (2, "TJ-GA", Some(11), true),
            (2, "X", None, false),
            (3, "X", None, true),
            (4, "TJ", Some(10), false),
            (5, "TJ-GA", None, true),
            (5, "TJ", Some(10), false),
            (6, "TJ", Some(10), false),
        ];
        for (who, unit, account, yes) in table {
            assert_eq!(sees(who, unit, account), yes, "{who} {unit} {account:?}");
        }
        let ids = |people: Vec<&Person>| people.iter().map(|p| p.id).collect::<Vec<_>>();
        assert_eq!(ids(roster.answering(whose(Some(10), 1))), [1]);
        assert_eq!(ids(roster.answering(whose(None, 1))), [2]);
        assert_eq!(ids(roster.answering(whose(None, 3))), [3, 6]);
        let scope = |who| roster.scope_of(roster.person(who).unwrap());
        assert_eq!(scope(1), Scope::Accounts(vec![10]));
        assert_eq!(scope(2), Scope::Units(vec![1, 2]));
        assert_eq!(scope(3), Scope::All);
        assert_eq!(scope(4), Scope::Units(vec![]));
        assert_eq!(scope(5), Scope::Units(vec![2]));
        assert_eq!(scope(6), Scope::Units(vec![3]));
    }
}
