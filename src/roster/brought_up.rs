//! What an import says, with what happened since the office wrote it: renames and mergers.

use std::collections::{HashMap, HashSet};

use super::event::{Merge, end_of};
use super::imported::Imported;
use super::model::{Person, Roster};
use super::record::Record;
use super::renamed;

/// An import with what happened since the office wrote it: a unit or account that still has the name which
/// it bore until it was renamed has that of now; what a merged unit had is the other unit's.
pub(super) fn brought_up(
    current: &Roster,
    imported: &Imported,
    notes: &mut Vec<String>,
) -> Imported {
    let mut now = imported.clone();
    now.merges
        .retain(|merge| current.unit(&merge.from).is_some());
    let mut stays = |what: &str, before: &str, name: &str| {
        notes.push(format!(
            "{what} {before} is called {name} by now and stays so: bring the row up to date, or rename it \
             back with `duban roster rename`"
        ));
    };
    for unit in now.units.iter_mut().flatten() {
        if let Some(stored) = current.unit(&unit.code)
            && renamed::outdated(current, stored, unit)
        {
            stays(&unit.code, &unit.name, &stored.name);
            unit.name.clone_from(&stored.name);
        }
    }
    if !now.merges.is_empty() {
        let accounts = now.accounts.get_or_insert_with(|| current.accounts.clone());
        for account in accounts {
            account.unit = end_of(&now.merges, &account.unit).to_owned();
        }
        let people = now.people.get_or_insert_with(|| {
            let said = |person: &Person| current.said.iter().find(|said| said.now.id == person.id);
            let before = current.people.iter();
            let before = before.filter_map(|person| match said(person) {
                Some(said) => said.before.clone(),
                None => Some(person.clone()),
            });
            before.collect()
        });
        for person in people {
            merge_units(&mut person.units, &now.merges);
        }
    }
    let once = renamed::accounts_once(current);
    let listed: HashSet<String> = match once.is_empty() {
        true => HashSet::new(),
        false => now
            .accounts
            .iter()
            .flatten()
            .map(Record::identity)
            .collect(),
    };
    let mut labels: HashMap<String, String> = HashMap::new();
    for account in now.accounts.iter_mut().flatten() {
        if let Some(stored) = renamed::bears_another(current, &once, account)
            && !listed.contains(&stored.identity())
        {
            stays(&account.platform, &account.name, &stored.name);
            let label = |name: &str| format!("{}:{name}", account.platform);
            labels.insert(label(&account.name), label(&stored.name));
            account.name.clone_from(&stored.name);
        }
    }
    for person in now.people.iter_mut().flatten() {
        for one in &mut person.operates {
            if let Some(after) = labels.get(one) {
                one.clone_from(after);
            }
        }
    }
    now
}

/// A person's units, of which some are part of others by now.
pub(super) fn merge_units(units: &mut Vec<String>, merges: &[Merge]) {
    let mut kept: Vec<String> = Vec::new();
    for unit in units.drain(..) {
        let unit = end_of(merges, &unit).to_owned();
        if !kept.contains(&unit) {
            kept.push(unit);
        }
    }
    *units = kept;
}
