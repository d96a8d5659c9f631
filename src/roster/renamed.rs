//! Which names something bore until now: those that a table says, and those that change. They go on finding
//! what is written with them; a table that still has one does not bring it back.

use std::collections::HashMap;

use super::alias::Alias;
use super::change::Plan;
use super::difference::FieldChange;
use super::event::{Bearer, Former};
use super::imported::Imported;
use super::model::{Account, LearnedAlias, Roster, Target, Unit};
use crate::finding::text::fold;

/// The names that the plan's rows bore before and that nothing knows yet.
pub(super) fn names(current: &Roster, plan: &Plan, imported: &Imported) -> Vec<(Former, bool)> {
    let mut former: Vec<(Former, bool)> = Vec::new();
    let mut keep = |one: Former, today: bool| {
        let known =
            |f: &(Former, bool)| f.0.of == one.of && fold(&f.0.alias.name) == fold(&one.alias.name);
        if !former.iter().any(known) && !is_known(current, &one) {
            former.push((one, today));
        }
    };
    let renamed = |details: &[FieldChange]| {
        let name = details.iter().find(|detail| detail.field == "name")?;
        (fold(&name.before) != fold(&name.after)).then(|| name.before.clone())
    };
    let mut changed: Vec<(Bearer, String)> = Vec::new();
    for (unit, details) in &plan.units.changed {
        if let Some(before) = renamed(details) {
            changed.push((Bearer::Unit(unit.code.clone()), before));
        }
    }
    for (account, details) in &plan.accounts.changed {
        if let Some(before) = renamed(details) {
            changed.push((bearer(account), before));
        }
    }
    for one in &imported.former {
        let now = changed
            .iter()
            .any(|(of, name)| *of == one.of && fold(name) == fold(&one.alias.name));
        keep(one.clone(), now && one.alias.to.is_none());
    }
    for (of, name) in changed {
        let alias = Alias::from(name.as_str());
        keep(Former { of, alias }, true);
    }
    former
}

/// What an account is in an event.
pub(super) fn bearer(account: &Account) -> Bearer {
    let Account {
        platform,
        name,
        unit,
        ..
    } = account;
    Bearer::Account(platform.clone(), name.clone(), unit.clone())
}

/// Whether a former name is known already: as an alias, or as the name of now.
pub(super) fn is_known(current: &Roster, one: &Former) -> bool {
    let (target, own, name) = match &one.of {
        Bearer::Unit(code) => match current.unit(code) {
            Some(unit) => (Target::Unit(unit.id), &unit.aliases, String::new()),
            None => return false,
        },
        Bearer::Account(platform, name, unit) => {
            let same = |a: &&Account| a.platform == *platform && a.name == *name && a.unit == *unit;
            match current.accounts.iter().find(same) {
                Some(account) => (
                    Target::Account(account.id),
                    &account.aliases,
                    account.name.clone(),
                ),
                None => return false,
            }
        }
    };
    let folded = fold(&one.alias.name);
    let same = |alias: &LearnedAlias| alias.target == target && fold(&alias.name) == folded;
    own.iter().any(|alias| fold(&alias.name) == folded)
        || current.aliases.iter().any(same)
        || fold(&name) == folded
}

/// Whether a table still has the name that a unit bore until it was renamed: the name stays as it is now.
pub(super) fn outdated(current: &Roster, stored: &Unit, row: &Unit) -> bool {
    row.name != stored.name && was(current, Target::Unit(stored.id), &row.name)
}

/// The account that bears another name by now, of a row that still has the former one.
pub(super) fn bears_another<'a>(
    current: &'a Roster,
    former: &HashMap<String, Vec<i64>>,
    row: &Account,
) -> Option<&'a Account> {
    let ids = former.get(&fold(&row.name))?;
    let mut found = ids.iter().filter_map(|id| current.account(*id));
    found.find(|account| {
        account.platform == row.platform
            && account.unit == row.unit
            && account.name != row.name
            && (account.uid.is_none() || row.uid.is_none() || account.uid == row.uid)
    })
}

/// The accounts by the names that they bore until a day.
pub(super) fn accounts_once(current: &Roster) -> HashMap<String, Vec<i64>> {
    let mut once: HashMap<String, Vec<i64>> = HashMap::new();
    for alias in current
        .aliases
        .iter()
        .filter(|alias| alias.valid_to.is_some())
    {
        if let Target::Account(id) = alias.target {
            once.entry(fold(&alias.name)).or_default().push(id);
        }
    }
    once
}

fn was(current: &Roster, target: Target, name: &str) -> bool {
    let folded = fold(name);
    let mut aliases = current.aliases.iter();
    aliases.any(|alias| {
        alias.target == target && alias.valid_to.is_some() && fold(&alias.name) == folded
    })
}

/// Units that leave while all of their accounts go to one that is new: they look renamed, and their history
/// would end. What to do is said.
pub(super) fn looks_renamed(current: &Roster, plan: &Plan) -> Vec<String> {
    let mut to: HashMap<&str, Vec<&str>> = HashMap::new();
    for (account, details) in &plan.accounts.changed {
        if let Some(unit) = details.iter().find(|detail| detail.field == "unit") {
            to.entry(&unit.before).or_default().push(&account.unit);
        }
    }
    let mut accounts: HashMap<&str, usize> = HashMap::new();
    for account in &current.accounts {
        *accounts.entry(&account.unit).or_default() += 1;
    }
    let mut notes = Vec::new();
    for gone in &plan.units.gone {
        let moved = to
            .get(gone.code.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let Some(first) = moved.first() else {
            continue;
        };
        let all = accounts
            .get(gone.code.as_str())
            .copied()
            .unwrap_or_default();
        let new = plan.units.added.iter().find(|unit| unit.code == *first);
        if let Some(new) = new
            && moved.len() == all
            && moved.iter().all(|unit| unit == first)
        {
            notes.push(format!(
                "{} leaves and {} takes all of its accounts: if it was only renamed, run `duban roster rename \
                 {} {}` first, so that its history goes on",
                gone.name, new.name, gone.code, new.name
            ));
        }
    }
    notes
}
