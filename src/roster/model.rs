//! The roster in memory, with the look-ups that authorisation and routing need. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::alias::Alias;
use super::duty::Away;
use super::event::Merge;
use super::group::Group;

/// A body that answers for accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id in the store.
    pub id: i64,
    /// Its code; what other rows refer to.
    pub code: String,
    /// Its full name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// The code of the unit above.
    pub parent: Option<String>,
    /// The code of the unit that is its area.
    pub area: Option<String>,
    /// What kind of body it is, in the office's words.
    pub kind: String,
}

/// Whether an account is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    Active,
    /// Closed: obliges nobody.
    Closed,
}

/// A website or social-media account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id in the store.
    pub id: i64,
    /// The platform's id.
    pub platform: String,
    /// Its name.
    pub name: String,
    /// The platform's own id of it.
    pub uid: Option<String>,
    /// The code of the unit that answers.
    pub unit: String,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// Its home page.
    pub homepage: Option<String>,
    /// In use or closed.
    pub state: AccountState,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
}

impl Account {
    /// Whether the account is in use on that day.
    pub fn in_use(&self, on: NaiveDate) -> bool {
        self.state == AccountState::Active
            && self.valid_from.is_none_or(|from| from <= on)
            && self.valid_to.is_none_or(|to| to >= on)
    }
}

/// What a person is to duban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs accounts, gets the digest.
    Operator,
    /// Answers for a unit and what is below it.
    Lead,
    /// The supervising office: all, or an area.
    Manager,
    /// People and settings; no issues by that role alone.
    Admin,
}

impl Role {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Lead => "lead",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }
    /// The role of a word, English or Chinese.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.trim() {
            "operator" | "运维人员" | "运维" | "管理员(账号)" => Self::Operator,
            "lead" | "分管负责人" | "负责人" => Self::Lead,
            "manager" | "监管人员" | "监管" => Self::Manager,
            "admin" | "系统管理员" => Self::Admin,
            _ => return None,
        })
    }
}

/// Somebody duban talks to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id in the store.
    pub id: i64,
    /// Their code.
    pub code: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Unit codes, or `*`.
    pub units: Vec<String>,
    /// `platform:name` or uids; empty: every account of their units.
    pub operates: Vec<String>,
}

impl Person {
    /// Whether the person's scope is everything.
    pub fn everywhere(&self) -> bool {
        self.units.iter().any(|unit| unit == "*")
    }
}

/// Which issues a person may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every one.
    All,
    /// Those of these units, by id, and of their accounts.
    Units(Vec<i64>),
    /// Those of these accounts, by id.
    Accounts(Vec<i64>),
    /// Those of these units and, besides, of these accounts of other units: one's own and those of
    /// whom one stands in for.
    Both(Vec<i64>, Vec<i64>),
}

impl Scope {
    /// The parts that are asked for one by one; no issue is in two of them.
    pub fn parts(&self) -> Vec<Self> {
        match self {
            Self::Both(units, accounts) => {
                vec![Self::Units(units.clone()), Self::Accounts(accounts.clone())]
            }
            part => vec![part.clone()],
        }
    }
}

/// Whose an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Whose {
    /// Its account's id; none for a unit's own issue.
    pub account: Option<i64>,
    /// The id of the unit that answers.
    pub unit: i64,
    /// The person it was handed to.
    pub handler: Option<i64>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An account's id.
    Account(i64),
    /// A unit's id.
    Unit(i64),
}

/// A name that a person's choice taught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedAlias {
    /// Its id in the store.
    pub id: i64,
    /// What it stands for.
    pub target: Target,
    /// The name as printed.
    pub name: String,
    /// Only on this platform.
    pub platform: Option<String>,
    /// Only in the area of this unit's code.
    pub area: Option<String>,
    /// From this day.
    pub valid_from: Option<NaiveDate>,
    /// Until this day.
    pub valid_to: Option<NaiveDate>,
}

/// What was decided about a person in the chat and the office's table does not say yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The person as they are now.
    pub now: Person,
    /// As the table had them; none: it did not.
    pub before: Option<Person>,
    /// They left.
    pub gone: bool,
}

/// The roster of one version.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Counts up with every change.
    pub version: i64,
    /// All units.
    pub units: Vec<Unit>,
    /// All accounts.
    pub accounts: Vec<Account>,
    /// All people.
    pub people: Vec<Person>,
    /// Learned names.
    pub aliases: Vec<LearnedAlias>,
    /// What was decided about people in the chat and the office's table does not say yet.
    pub said: Vec<Said>,
    /// The groups of units.
    pub groups: Vec<Group>,
    /// Units that are part of others by now.
    pub merged: Vec<Merge>,
    unit_by_code: HashMap<String, usize>,
    unit_by_id: HashMap<i64, usize>,
    account_by_id: HashMap<i64, usize>,
    person_by_id: HashMap<i64, usize>,
    person_by_code: HashMap<String, usize>,
    /// Operators that name accounts, by account id.
    named: HashMap<i64, Vec<usize>>,
    /// The accounts that an operator names, by the operator's place.
    names: HashMap<usize, Vec<i64>>,
    /// Leads, by unit code.
    leads: HashMap<String, Vec<usize>>,
    /// Operators of whole units, by unit code.
    of_unit: HashMap<String, Vec<usize>>,
    /// Who is away today and who stands in, see [`super::duty`].
    pub(super) away: HashMap<i64, Away>,
    /// For whom a person acts today.
    pub(super) covers: HashMap<i64, Vec<i64>>,
}

impl Roster {
    /// Builds the look-ups.
    pub fn new(
        version: i64,
        units: Vec<Unit>,
        accounts: Vec<Account>,
        people: Vec<Person>,
        aliases: Vec<LearnedAlias>,
    ) -> Self {
        let mut roster = Self {
            version,
            units,
            accounts,
            people,
            aliases,
            ..Self::default()
        };
        for (n, unit) in roster.units.iter().enumerate() {
            roster.unit_by_code.insert(unit.code.clone(), n);
            roster.unit_by_id.insert(unit.id, n);
        }
        let mut by_label: HashMap<String, Vec<i64>> = HashMap::new();
        for (n, account) in roster.accounts.iter().enumerate() {
            roster.account_by_id.insert(account.id, n);
            by_label.entry(label(account)).or_default().push(account.id);
            if let Some(uid) = &account.uid {
                by_label.entry(uid.clone()).or_default().push(account.id);
            }
        }
        for (n, person) in roster.people.iter().enumerate() {
            roster.person_by_id.insert(person.id, n);
            roster.person_by_code.insert(person.code.clone(), n);
            if person.role == Role::Lead {
                for unit in &person.units {
                    roster.leads.entry(unit.clone()).or_default().push(n);
                }
            }
            if person.role != Role::Operator {
                continue;
            }
            for account in person
                .operates
                .iter()
                .filter_map(|name| by_label.get(name))
                .flatten()
            {
                let operators = roster.named.entry(*account).or_default();
                if !operators.contains(&n) {
                    operators.push(n);
                    roster.names.entry(n).or_default().push(*account);
                }
            }
            if person.operates.is_empty() {
                for unit in &person.units {
                    roster.of_unit.entry(unit.clone()).or_default().push(n);
                }
            }
        }
        roster
    }

    /// A unit by its code.
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        self.unit_by_code.get(code).and_then(|n| self.units.get(*n))
    }
    /// A unit by its id.
    pub fn unit_by_id(&self, id: i64) -> Option<&Unit> {
        self.unit_by_id.get(&id).and_then(|n| self.units.get(*n))
    }
    /// An account by its id.
    pub fn account(&self, id: i64) -> Option<&Account> {
        self.account_by_id
            .get(&id)
            .and_then(|n| self.accounts.get(*n))
    }
    /// A person by their id.
    pub fn person(&self, id: i64) -> Option<&Person> {
        self.person_by_id.get(&id).and_then(|n| self.people.get(*n))
    }
    /// A person's name, also of who was replaced in the chat.
    pub fn name_of(&self, id: i64) -> Option<&str> {
        let left = || self.said.iter().find(|said| said.now.id == id);
        let person = self.person(id).or_else(|| left().map(|said| &said.now));
        person.map(|person| person.name.as_str())
    }
    /// A person by their code.
    pub fn person_by_code(&self, code: &str) -> Option<&Person> {
        self.person_by_code
            .get(code)
            .and_then(|n| self.people.get(*n))
    }

    /// The unit's code and every code above it, by parent and by area; a circle ends.
    pub fn chain<'a>(&'a self, code: &'a str) -> Vec<&'a str> {
        let mut chain = vec![code];
        let mut at = 0;
        while let Some(code) = chain.get(at).copied() {
            at += 1;
            if let Some(unit) = self.unit(code) {
                for above in [&unit.parent, &unit.area].into_iter().flatten() {
                    if !chain.contains(&above.as_str()) && chain.len() < 32 {
                        chain.push(above);
                    }
                }
            }
        }
        chain
    }

    /// Whether a unit is `above` or below it, by parent or by area.
    pub fn is_below(&self, code: &str, above: &str) -> bool {
        self.chain(code).contains(&above)
    }

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

/// `platform:name`, the way a person's accounts are listed.
pub fn label(account: &Account) -> String {
    format!("{}:{}", account.platform, account.name)
}

#[cfg(test)]
mod tests {
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
