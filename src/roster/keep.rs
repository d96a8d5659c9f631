//! What stays although no row of an import says so: outside of the areas that it is about, or all of it;
//! and beside a flat table what no flat table can say.

use std::collections::HashSet;

use super::imported::Imported;
use super::ledger;
use super::model::{Account, Person, Roster, Unit};

/// What of the roster an import leaves alone where it does not name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: what a table of its kind does not list leaves.
    #[default]
    Nothing,
    /// Everything: an import adds and changes, and removes nothing.
    Everything,
    /// What lies in none of these areas, by their codes.
    Outside(Vec<String>),
}

impl Keep {
    fn unit(&self, current: &Roster, code: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Outside(areas) => !areas.iter().any(|area| current.is_below(code, area)),
        }
    }

    fn person(&self, current: &Roster, person: &Person) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Outside(_) => {
                person.units.is_empty() || person.units.iter().any(|unit| self.unit(current, unit))
            }
        }
    }
}

/// The units that stay although the import has none of these codes. `flat`: the units come from a flat
/// table, which removes only what such a table brought.
pub(super) fn units(
    current: &Roster,
    keep: &Keep,
    flat: bool,
    listed: &HashSet<&str>,
) -> Vec<Unit> {
    let own = |code: &str| flat && !ledger::is_generated(code);
    let stays = |unit: &&Unit| keep.unit(current, &unit.code) || own(&unit.code);
    let mut kept: Vec<&Unit> = current.units.iter().filter(stays).collect();
    // What those who stay stand below, or answer for, stays with them.
    let mut needed: HashSet<&str> = HashSet::new();
    for unit in &kept {
        needed.extend(current.chain(&unit.code));
    }
    for person in &current.people {
        if keep.person(current, person) || (flat && !ledger::is_generated(&person.code)) {
            needed.extend(person.units.iter().map(String::as_str));
        }
    }
    let there: HashSet<&str> = kept.iter().map(|unit| unit.code.as_str()).collect();
    let others = current
        .units
        .iter()
        .filter(|unit| !there.contains(unit.code.as_str()) && needed.contains(unit.code.as_str()));
    kept.extend(others);
    let kept = kept
        .into_iter()
        .filter(|unit| !listed.contains(unit.code.as_str()));
    kept.cloned().collect()
}

/// Adds the accounts that stay although the import does not list them. One that it lists elsewhere, by its
/// uid, has moved.
pub(super) fn accounts(imported: &mut Imported, current: &Roster, keep: &Keep) {
    let Some(accounts) = &mut imported.accounts else {
        return;
    };
    let key = |a: &Account| (a.platform.clone(), a.name.clone(), a.unit.clone());
    let listed: HashSet<_> = accounts.iter().map(key).collect();
    let uid = |a: &Account| a.uid.clone().map(|uid| (a.platform.clone(), uid));
    let uids: HashSet<_> = accounts.iter().filter_map(uid).collect();
    let stays = current.accounts.iter().filter(|account| {
        keep.unit(current, &account.unit)
            && !listed.contains(&key(account))
            && uid(account).is_none_or(|uid| !uids.contains(&uid))
    });
    accounts.extend(stays.cloned());
}

/// Adds the people who stay although the import does not list them, as the office's table has them: what
/// was decided about them in the chat goes on beside it.
pub(super) fn people(imported: &mut Imported, current: &Roster, keep: &Keep, flat: bool) {
    let Some(people) = &mut imported.people else {
        return;
    };
    let listed: HashSet<String> = people.iter().map(|p| p.code.clone()).collect();
    for person in &current.people {
        let own = flat && !ledger::is_generated(&person.code);
        if listed.contains(&person.code) || !(own || keep.person(current, person)) {
            continue;
        }
        match current.said.iter().find(|said| said.now.id == person.id) {
            Some(said) => people.extend(said.before.clone()),
            None => people.push(person.clone()),
        }
    }
}
