//! The roster in memory: its rows, found by id and code, and what stands above a unit. Pure.

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
    pub(super) person_by_id: HashMap<i64, usize>,
    person_by_code: HashMap<String, usize>,
    /// Operators that name accounts, by account id.
    pub(super) named: HashMap<i64, Vec<usize>>,
    /// The accounts that an operator names, by the operator's place.
    pub(super) names: HashMap<usize, Vec<i64>>,
    /// Leads, by unit code.
    pub(super) leads: HashMap<String, Vec<usize>>,
    /// Operators of whole units, by unit code.
    pub(super) of_unit: HashMap<String, Vec<usize>>,
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
}

/// `platform:name`, the way a person's accounts are listed.
pub fn label(account: &Account) -> String {
    format!("{}:{}", account.platform, account.name)
}
