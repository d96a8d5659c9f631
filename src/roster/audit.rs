//! What is wrong with a roster as a whole, although each row of it may be right: findings that
//! nobody would be told.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use super::model::{AccountState, Role, Roster};

/// Something that somebody has to put right in the roster.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// A unit's parent or area is not in the roster.
    OrphanUnit {
        /// The unit's code.
        unit: String,
        /// `parent` or `area`.
        field: &'static str,
        /// The code that is not there.
        missing: String,
    },
    /// An account's unit is not in the roster.
    OrphanAccount {
        /// The account's id.
        account: i64,
        /// `platform:name`.
        name: String,
        /// The code that is not there.
        missing: String,
    },
    /// Nobody operates the account.
    NoOperator {
        /// The account's id.
        account: i64,
        /// `platform:name`.
        name: String,
        /// The unit's code.
        unit: String,
    },
    /// The unit has accounts and no lead of its own or above.
    NoLead {
        /// The unit's code.
        unit: String,
    },
    /// The person has no chat.
    NotBound {
        /// The person's id.
        person: i64,
        /// The person's code.
        code: String,
    },
    /// Several units have an account of this name on this platform: a report that prints only the
    /// name cannot be placed by a rule.
    SameName {
        /// `platform:name`.
        name: String,
        /// The units' codes, in order.
        units: Vec<String>,
    },
    /// No account is in the person's care (an admin needs none).
    CoversNothing {
        /// The person's id.
        person: i64,
        /// The person's code.
        code: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrphanUnit {
                unit,
                field,
                missing,
            } => {
                write!(f, "unit {unit}: its {field} {missing} is not in the roster")
            }
            Self::OrphanAccount { name, missing, .. } => {
                write!(f, "account {name}: its unit {missing} is not in the roster")
            }
            Self::NoOperator { name, unit, .. } => {
                write!(f, "account {name} of unit {unit}: nobody operates it")
            }
            Self::NoLead { unit } => write!(f, "unit {unit}: has accounts and no lead"),
            Self::NotBound { code, .. } => write!(f, "person {code}: is not bound to a chat"),
            Self::SameName { name, units } => {
                write!(
                    f,
                    "account {name}: is in several units ({})",
                    units.join(", ")
                )
            }
            Self::CoversNothing { code, .. } => write!(f, "person {code}: covers no account"),
        }
    }
}

/// Every problem of the roster; `bound` are the ids of the people who have a chat. Closed accounts
/// need nobody and confuse nobody.
pub fn problems(roster: &Roster, bound: &HashSet<i64>) -> Vec<Problem> {
    let mut problems = orphans(roster);
    let covered = care(roster, &mut problems);
    same_names(roster, &mut problems);
    for person in &roster.people {
        if !bound.contains(&person.id) {
            problems.push(Problem::NotBound {
                person: person.id,
                code: person.code.clone(),
            });
        }
        if person.role != Role::Admin && !covered.contains(&person.id) {
            problems.push(Problem::CoversNothing {
                person: person.id,
                code: person.code.clone(),
            });
        }
    }
    problems
}

fn orphans(roster: &Roster) -> Vec<Problem> {
    let mut problems = Vec::new();
    for unit in &roster.units {
        for (field, code) in [("parent", &unit.parent), ("area", &unit.area)] {
            if let Some(missing) = code.clone().filter(|code| roster.unit(code).is_none()) {
                problems.push(Problem::OrphanUnit {
                    unit: unit.code.clone(),
                    field,
                    missing,
                });
            }
        }
    }
    for account in roster
        .accounts
        .iter()
        .filter(|a| roster.unit(&a.unit).is_none())
    {
        let name = format!("{}:{}", account.platform, account.name);
        let missing = account.unit.clone();
        problems.push(Problem::OrphanAccount {
            account: account.id,
            name,
            missing,
        });
    }
    problems
}

/// Accounts without operator and units without lead; the ids of those who have something to care
/// for.
fn care(roster: &Roster, problems: &mut Vec<Problem>) -> HashSet<i64> {
    let mut covered = HashSet::new();
    let mut units = BTreeSet::new();
    for account in roster
        .accounts
        .iter()
        .filter(|a| a.state == AccountState::Active)
    {
        units.insert(account.unit.as_str());
        let operators = roster.operators_of(account);
        covered.extend(operators.iter().map(|p| p.id));
        if operators.is_empty() {
            problems.push(Problem::NoOperator {
                account: account.id,
                name: format!("{}:{}", account.platform, account.name),
                unit: account.unit.clone(),
            });
        }
    }
    for unit in units {
        let leads = roster.leads_of(unit);
        covered.extend(leads.iter().map(|p| p.id));
        covered.extend(roster.managers_of(unit).iter().map(|p| p.id));
        if leads.is_empty() {
            problems.push(Problem::NoLead {
                unit: unit.to_owned(),
            });
        }
    }
    covered
}

fn same_names(roster: &Roster, problems: &mut Vec<Problem>) {
    let mut units: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    for account in roster
        .accounts
        .iter()
        .filter(|a| a.state == AccountState::Active)
    {
        units
            .entry((&account.platform, &account.name))
            .or_default()
            .insert(&account.unit);
    }
    let mut several: Vec<_> = units
        .into_iter()
        .filter(|(_, units)| units.len() > 1)
        .collect();
    several.sort();
    problems.extend(
        several
            .into_iter()
            .map(|((platform, name), units)| Problem::SameName {
                name: format!("{platform}:{name}"),
                units: units.into_iter().map(str::to_owned).collect(),
            }),
    );
}

#[cfg(test)]
mod tests {
    use super::super::model::{Account, Person, Unit};
    use super::*;

    fn unit(code: &str, parent: Option<&str>) -> Unit {
        Unit {
            id: 0,
            code: code.into(),
            name: code.into(),
            aliases: vec![],
            parent: parent.map(Into::into),
            area: None,
            kind: String::new(),
        }
    }

    fn account(id: i64, name: &str, unit: &str, state: AccountState) -> Account {
        Account {
            id,
            platform: "wechat".into(),
            name: name.into(),
            uid: None,
            unit: unit.into(),
            aliases: vec![],
            homepage: None,
            state,
            valid_from: None,
            valid_to: None,
        }
    }

    fn person(id: i64, role: Role, units: &[&str]) -> Person {
        let units = units.iter().map(|&u| u.to_owned()).collect();
        Person {
            id,
            code: format!("P{id}"),
            name: "张三".into(),
            role,
            units,
            operates: vec![],
        }
    }

    fn told(roster: &Roster, bound: &[i64]) -> Vec<String> {
        problems(roster, &bound.iter().copied().collect())
            .iter()
            .map(Problem::to_string)
            .collect()
    }

    #[test]
    fn a_whole_roster_has_no_problem() {
        let people = vec![
            person(1, Role::Operator, &["B"]),
            person(2, Role::Lead, &["A"]),
            person(3, Role::Manager, &["*"]),
            person(4, Role::Admin, &[]),
        ];
        let accounts = vec![
            account(1, "号", "B", AccountState::Active),
            account(2, "号", "A", AccountState::Closed),
        ];
        let roster = Roster::new(
            1,
            vec![unit("A", None), unit("B", Some("A"))],
            accounts,
            people,
            vec![],
        );
        assert_eq!(told(&roster, &[1, 2, 3, 4]), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_told() {
        let people = vec![
            person(1, Role::Operator, &["B"]),
            person(2, Role::Lead, &["C"]),
        ];
        let accounts = vec![
            account(1, "号", "A", AccountState::Active),
            account(2, "号", "B", AccountState::Active),
            account(3, "孤", "X", AccountState::Closed),
        ];
        let units = vec![unit("A", Some("Z")), unit("B", None), unit("C", None)];
        let roster = Roster::new(1, units, accounts, people, vec![]);
        assert_eq!(
            told(&roster, &[2]),
            [
                "unit A: its parent Z is not in the roster",
                "account wechat:孤: its unit X is not in the roster",
                "account wechat:号 of unit A: nobody operates it",
                "unit A: has accounts and no lead",
                "unit B: has accounts and no lead",
                "account wechat:号: is in several units (A, B)",
                "person P1: is not bound to a chat",
                "person P2: covers no account",
            ]
        );
    }
}
