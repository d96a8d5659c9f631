//! The index and the rules: uid → exact → normalised → dated alias in the area → short form.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::candidates::{Likeness, Thing};
use super::units::UnitHit;
use super::{Decision, MatchedBy, ShortForms};
use crate::finding::Finding;
use crate::finding::text::{exact, fold, is_damaged};
use crate::roster::{Account, Alias, Roster, Target};

/// The names of one roster version, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub(super) roster: Arc<Roster>,
    pub(super) account_uid: HashMap<String, Vec<u32>>,
    account_exact: HashMap<String, Vec<u32>>,
    pub(super) account_folded: HashMap<String, Vec<u32>>,
    pub(super) account_alias: HashMap<String, Vec<Dated>>,
    pub(super) unit_exact: HashMap<String, Vec<u32>>,
    pub(super) unit_folded: HashMap<String, Vec<u32>>,
    pub(super) unit_code: HashMap<String, u32>,
    pub(super) unit_alias: HashMap<String, Vec<Dated>>,
    pub(super) unit_short: HashMap<String, Vec<u32>>,
    pub(super) likeness: Likeness,
}

/// An alias with its validity: a place in the roster, the platform, area and days it holds for.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    pub(super) at: u32,
    platform: Option<String>,
    pub(super) area: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Dated {
    fn of(alias: &Alias, at: u32) -> Self {
        Self {
            at,
            platform: None,
            area: alias.area.clone(),
            from: alias.from,
            to: alias.to,
        }
    }
    /// Whether it held until some day before this one: a name of before.
    pub(super) fn over(&self, day: NaiveDate) -> bool {
        self.to.is_some_and(|to| to < day)
    }
    pub(super) fn on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
    }
}

impl Index {
    /// Builds the index of a roster.
    pub fn build(roster: &Arc<Roster>, forms: &ShortForms) -> Self {
        let mut index = Self {
            roster: Arc::clone(roster),
            ..Self::default()
        };
        for (n, unit) in (0u32..).zip(&roster.units) {
            index
                .unit_exact
                .entry(exact(&unit.name))
                .or_default()
                .push(n);
            index
                .unit_folded
                .entry(fold(&unit.name))
                .or_default()
                .push(n);
            index.unit_code.entry(unit.code.clone()).or_insert(n);
            for alias in &unit.aliases {
                index
                    .unit_alias
                    .entry(fold(&alias.name))
                    .or_default()
                    .push(Dated::of(alias, n));
            }
            for short in forms.of(&unit.name) {
                index.unit_short.entry(short).or_default().push(n);
            }
            index.likeness.add(Thing::Unit(n), &fold(&unit.name));
        }
        for (n, account) in (0u32..).zip(&roster.accounts) {
            let folded = fold(&account.name);
            index
                .account_exact
                .entry(exact(&account.name))
                .or_default()
                .push(n);
            index.likeness.add(Thing::Account(n), &folded);
            index.account_folded.entry(folded).or_default().push(n);
            for uid in account.uid.iter().chain(&account.homepage) {
                index
                    .account_uid
                    .entry(uid.trim().to_lowercase())
                    .or_default()
                    .push(n);
            }
            for alias in &account.aliases {
                // Most names are one account's: room for one is taken, not for four.
                index
                    .account_alias
                    .entry(fold(&alias.name))
                    .or_insert_with(|| Vec::with_capacity(1))
                    .push(Dated::of(alias, n));
            }
        }
        index.learn();
        index
    }

    /// Adds the names that people's choices taught.
    fn learn(&mut self) {
        let roster = Arc::clone(&self.roster);
        for alias in &roster.aliases {
            let dated = |at| Dated {
                at,
                platform: alias.platform.clone(),
                area: alias.area.clone(),
                from: alias.valid_from,
                to: alias.valid_to,
            };
            let (place, map) = match alias.target {
                Target::Account(id) => (
                    roster.accounts.iter().position(|a| a.id == id),
                    &mut self.account_alias,
                ),
                Target::Unit(id) => {
                    // A finding that named an account may have been given to the unit itself.
                    (
                        roster.units.iter().position(|u| u.id == id),
                        &mut self.unit_alias,
                    )
                }
            };
            if let Some(at) = place.and_then(|at| u32::try_from(at).ok()) {
                map.entry(fold(&alias.name)).or_default().push(dated(at));
            }
        }
    }

    /// Whose the finding is, on that day.
    pub fn decide(&self, finding: &Finding, on: NaiveDate) -> Decision {
        for (key, by_uid) in [(&finding.account_uid, true), (&finding.homepage, false)] {
            let key = key.as_deref().map(|key| key.trim().to_lowercase());
            let hits = key.and_then(|key| self.account_uid.get(&key));
            let mut hits = hits.cloned().unwrap_or_default();
            // A home page does not outweigh an id that says something else.
            if !by_uid && finding.account_uid.is_some() {
                hits.retain(|n| self.account_at(*n).is_some_and(|a| a.uid.is_none()));
            }
            if !hits.is_empty() {
                return self.settle(finding, on, hits, MatchedBy::Uid);
            }
        }
        match finding.account_name.as_deref() {
            Some(name) => self.account(finding, on, name),
            None => self.unit_alone(finding, on),
        }
    }

    fn account_at(&self, at: u32) -> Option<&Account> {
        self.roster.accounts.get(at as usize)
    }

    fn account(&self, finding: &Finding, on: NaiveDate, name: &str) -> Decision {
        if is_damaged(name) {
            return Decision::Unmatched {
                candidates: self.like(finding, name),
            };
        }
        if let Some(hits) = self.account_exact.get(exact(name).as_str()) {
            return self.settle(finding, on, hits.clone(), MatchedBy::Exact);
        }
        let folded = fold(name);
        if let Some(hits) = self.account_folded.get(&folded) {
            return self.settle(finding, on, hits.clone(), MatchedBy::Normalised);
        }
        let mut elsewhere = Vec::new();
        if let Some(aliases) = self.account_alias.get(&folded) {
            let (holds, others): (Vec<&Dated>, Vec<&Dated>) = aliases
                .iter()
                .partition(|alias| self.holds(alias, finding, on));
            if !holds.is_empty() {
                let hits = holds.iter().map(|alias| alias.at).collect();
                return self.settle(finding, on, hits, MatchedBy::Alias);
            }
            elsewhere.extend(others.iter().filter_map(|alias| self.account_at(alias.at)));
        }
        // The name may be a unit's, learned or known: 连江县人民政府网站.
        if finding.platform_text.is_none()
            && let Some(aliases) = self.unit_alias.get(&folded)
            && let Some(alias) = aliases.iter().find(|alias| self.holds(alias, finding, on))
            && let Some(unit) = self.unit_at(alias.at)
        {
            return Decision::Matched {
                account: None,
                unit: unit.id,
                by: MatchedBy::Alias,
            };
        }
        Decision::Unmatched {
            candidates: match elsewhere.as_slice() {
                [] => self.like(finding, name),
                accounts => self.offer(accounts, "name_elsewhere"),
            },
        }
    }

    /// Whether an alias holds on that day, on the printed platform and in the printed area.
    fn holds(&self, alias: &Dated, finding: &Finding, on: NaiveDate) -> bool {
        let (only, printed) = (&alias.platform, &finding.platform);
        alias.on(on)
            && (only.is_none() || printed.is_none() || only == printed)
            && alias
                .area
                .as_deref()
                .is_none_or(|area| self.lies_in(finding, on, area))
    }

    /// Narrows hits by platform, use and the printed unit; one that is left is the one. A platform
    /// that nobody knows, and an id that is another's, leave none: a name alone is not enough then.
    fn settle(&self, finding: &Finding, on: NaiveDate, hits: Vec<u32>, by: MatchedBy) -> Decision {
        let mut left: Vec<&Account> = hits.iter().filter_map(|n| self.account_at(*n)).collect();
        left.sort_by_key(|a| a.id);
        left.dedup_by_key(|a| a.id);
        let all = left.clone();
        left.retain(|a| a.in_use(on));
        if let Some(platform) = &finding.platform {
            left.retain(|a| a.platform == *platform);
        }
        if by != MatchedBy::Uid && finding.platform_text.is_some() {
            left.clear();
        }
        if by != MatchedBy::Uid && finding.account_uid.is_some() {
            left.retain(|a| a.uid.is_none());
        }
        self.narrow_by_unit(finding, on, &mut left);
        match left.as_slice() {
            [one] => match self.roster.unit(&one.unit) {
                Some(unit) => Decision::Matched {
                    account: Some(one.id),
                    unit: unit.id,
                    by,
                },
                None => Decision::Unmatched { candidates: vec![] },
            },
            [] => Decision::Ambiguous {
                candidates: self.offer(&all, "name_elsewhere"),
            },
            several => Decision::Ambiguous {
                candidates: self.offer(several, "same_name"),
            },
        }
    }

    /// Leaves the accounts of the printed unit, or of what is above or below it.
    fn narrow_by_unit(&self, finding: &Finding, on: NaiveDate, left: &mut Vec<&Account>) {
        if left.is_empty() {
            return;
        }
        let units = match self.printed_unit(finding, on) {
            UnitHit::None => return,
            UnitHit::One(unit, _) => vec![unit],
            UnitHit::Several(units) => units,
        };
        left.retain(|a| {
            let mut units = units.iter().filter_map(|n| self.unit_at(*n));
            units.any(|unit| self.related(&a.unit, &unit.code))
        });
    }

    /// Whether one of two units answers for the other, by parent or area.
    fn related(&self, a: &str, b: &str) -> bool {
        self.roster.is_below(a, b) || self.roster.is_below(b, a)
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
