//! An account that left and one that came are one and the same: by uid, by the name it bore before, or as
//! the only one of its name that left and came. It keeps its id and its history.

use std::collections::{HashMap, HashSet};

use super::change::Diff;
use super::difference::differences;
use super::event::{Bearer, Former};
use super::model::Account;
use super::record::Record as _;
use crate::finding::text::fold;

type Key = (String, String);

/// Turns each such pair into one account that changed.
pub(super) fn accounts(diff: &mut Diff<Account>, former: &[Former]) {
    let uid = |a: &Account| a.uid.clone().map(|uid| vec![(a.platform.clone(), uid)]);
    by(diff, &uid, &uid);
    let mut names: HashMap<(&str, &str, &str), Vec<Key>> = HashMap::new();
    for one in former {
        if let Bearer::Account(platform, name, unit) = &one.of {
            let before = (platform.clone(), fold(&one.alias.name));
            names
                .entry((platform, name, unit))
                .or_default()
                .push(before);
        }
    }
    let name = |a: &Account| Some(vec![(a.platform.clone(), fold(&a.name))]);
    let before = |a: &Account| names.get(&(&*a.platform, &*a.name, &*a.unit)).cloned();
    by(diff, &before, &name);
    by(diff, &name, &name);
}

/// Pairs the accounts that came with those that left by what they have in common. What several share, or
/// accounts of different uids, are no pair.
fn by(
    diff: &mut Diff<Account>,
    came: &dyn Fn(&Account) -> Option<Vec<Key>>,
    left: &dyn Fn(&Account) -> Option<Vec<Key>>,
) {
    let mut gone: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, account) in diff.gone.iter().enumerate() {
        for key in left(account).into_iter().flatten() {
            gone.entry(key).or_default().push(at);
        }
    }
    let mut claims: HashMap<Key, usize> = HashMap::new();
    for account in &diff.added {
        for key in came(account).into_iter().flatten() {
            *claims.entry(key).or_default() += 1;
        }
    }
    let mut taken: HashSet<i64> = HashSet::new();
    for row in std::mem::take(&mut diff.added) {
        let keys = came(&row).unwrap_or_default();
        let old = keys.iter().find_map(|key| match gone.get(key)?.as_slice() {
            [at] if claims.get(key) == Some(&1) => diff.gone.get(*at),
            _ => None,
        });
        let other = |old: &Account| old.uid.is_some() && row.uid.is_some() && old.uid != row.uid;
        match old.filter(|old| !other(old) && !taken.contains(&old.id)) {
            Some(old) => {
                taken.insert(old.id);
                let row = row.with_id(old.id);
                let details = differences(old, &row);
                diff.changed.push((row, details));
            }
            None => diff.added.push(row),
        }
    }
    diff.gone.retain(|account| !taken.contains(&account.id));
}
