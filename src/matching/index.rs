//! The index and the rules: uid → exact → normalised → dated alias in the area → short form.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::candidates::{Likeness, Thing};
use super::{Candidate, Decision, MatchedBy, ShortForms};
use crate::finding::Finding;
use crate::finding::text::{exact, fold, is_damaged};
use crate::roster::{Account, Roster, Target};

/// The names of one roster version, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct Index {
    roster: Arc<Roster>,
    account_uid: HashMap<String, Vec<u32>>,
    account_exact: HashMap<String, Vec<u32>>,
    account_folded: HashMap<String, Vec<u32>>,
    account_alias: HashMap<String, Vec<Dated>>,
    unit_exact: HashMap<String, Vec<u32>>,
    unit_folded: HashMap<String, Vec<u32>>,
    unit_alias: HashMap<String, Vec<Dated>>,
    unit_short: HashMap<String, Vec<u32>>,
    likeness: Likeness,
}

/// An alias with its validity: a place in the roster, the platform, area and days it holds for.
#[derive(Clone, Debug)]
struct Dated {
    at: u32,
    platform: Option<String>,
    area: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Dated {
    fn plain(at: u32) -> Self {
        Self {
            at,
            platform: None,
            area: None,
            from: None,
            to: None,
        }
    }
    fn on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
    }
}

/// What looking a unit up gave.
enum UnitHit {
    None,
    One(u32, MatchedBy),
    Several(Vec<u32>),
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
            for alias in &unit.aliases {
                index
                    .unit_alias
                    .entry(fold(alias))
                    .or_default()
                    .push(Dated::plain(n));
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
                index
                    .account_alias
                    .entry(fold(alias))
                    .or_default()
                    .push(Dated::plain(n));
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
        if let Some(uid) = finding
            .account_uid
            .as_deref()
            .or(finding.homepage.as_deref())
        {
            let key = uid.trim().to_lowercase();
            let hits = self
                .account_uid
                .get(&key)
                .map(Vec::as_slice)
                .unwrap_or_default();
            if !hits.is_empty() {
                return self.settle(finding, on, hits.to_vec(), MatchedBy::Uid);
            }
        }
        match finding.account_name.as_deref() {
            Some(name) => self.account(finding, on, name),
            None => self.unit_alone(finding, on),
        }
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
        if let Some(aliases) = self.account_alias.get(&folded) {
            let hits = aliases.iter().filter(|alias| {
                let account = self.roster.accounts.get(alias.at as usize);
                alias.on(on)
                    && (alias.platform.is_none()
                        || finding.platform.is_none()
                        || alias.platform == finding.platform)
                    && alias.area.as_deref().is_none_or(|area| {
                        account.is_some_and(|a| self.roster.is_below(&a.unit, area))
                    })
            });
            let hits: Vec<u32> = hits.map(|alias| alias.at).collect();
            if !hits.is_empty() {
                return self.settle(finding, on, hits, MatchedBy::Alias);
            }
        }
        // The name may be a unit's, learned or known: 连江县人民政府网站.
        if let Some(alias) = self
            .unit_alias
            .get(&folded)
            .and_then(|all| all.iter().find(|a| a.on(on)))
            && let Some(unit) = self.roster.units.get(alias.at as usize)
        {
            return Decision::Matched {
                account: None,
                unit: unit.id,
                by: MatchedBy::Alias,
            };
        }
        Decision::Unmatched {
            candidates: self.like(finding, name),
        }
    }

    /// Narrows hits by platform, use and the printed unit; one that is left is the one.
    fn settle(&self, finding: &Finding, on: NaiveDate, hits: Vec<u32>, by: MatchedBy) -> Decision {
        let account = |n: &u32| self.roster.accounts.get(*n as usize);
        let mut left: Vec<&Account> = hits.iter().filter_map(account).collect();
        left.sort_by_key(|a| a.id);
        left.dedup_by_key(|a| a.id);
        let all = left.clone();
        left.retain(|a| a.in_use(on));
        if let Some(platform) = &finding.platform {
            left.retain(|a| a.platform == *platform);
        }
        let printed = self.printed_unit(finding, on);
        if let UnitHit::One(unit, _) = &printed
            && let Some(unit) = self.roster.units.get(*unit as usize)
        {
            left.retain(|a| self.related(&a.unit, &unit.code));
        }
        if let UnitHit::Several(units) = &printed {
            left.retain(|a| {
                units
                    .iter()
                    .filter_map(|n| self.roster.units.get(*n as usize))
                    .any(|unit| self.related(&a.unit, &unit.code))
            });
        }
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

    /// Whether one of two units answers for the other, by parent or area.
    fn related(&self, a: &str, b: &str) -> bool {
        self.roster.is_below(a, b) || self.roster.is_below(b, a)
    }

    fn offer(&self, accounts: &[&Account], why: &str) -> Vec<Candidate> {
        let offers = accounts.iter().take(5).filter_map(|account| {
            let unit = self.roster.unit(&account.unit)?;
            Some(Candidate {
                account: Some(account.id),
                unit: unit.id,
                score: 90,
                why: why.to_owned(),
            })
        });
        offers.collect()
    }

    /// The unit that a row prints, by code or name, else its area.
    fn printed_unit(&self, finding: &Finding, on: NaiveDate) -> UnitHit {
        if let Some(code) = &finding.unit_code
            && let Some(at) = self.roster.units.iter().position(|unit| unit.code == *code)
            && let Ok(at) = u32::try_from(at)
        {
            return UnitHit::One(at, MatchedBy::Uid);
        }
        for name in [&finding.unit_name, &finding.area, &finding.supervisor]
            .into_iter()
            .flatten()
        {
            match self.unit(finding, name, on) {
                UnitHit::None => {}
                hit => return hit,
            }
        }
        UnitHit::None
    }

    /// A unit by its name, within the printed area when several share it.
    fn unit(&self, finding: &Finding, name: &str, on: NaiveDate) -> UnitHit {
        if is_damaged(name) {
            return UnitHit::None;
        }
        let folded = fold(name);
        let aliases = self.unit_alias.get(&folded).map(|all| {
            all.iter()
                .filter(|alias| alias.on(on))
                .map(|alias| alias.at)
                .collect::<Vec<u32>>()
        });
        let rules = [
            (
                self.unit_exact.get(exact(name).as_str()).cloned(),
                MatchedBy::Exact,
            ),
            (
                self.unit_folded.get(&folded).cloned(),
                MatchedBy::Normalised,
            ),
            (aliases, MatchedBy::Alias),
            (self.unit_short.get(&folded).cloned(), MatchedBy::ShortForm),
        ];
        for (hits, by) in rules {
            let mut hits = hits.unwrap_or_default();
            hits.sort_unstable();
            hits.dedup();
            if hits.len() > 1
                && let Some(area) = finding.area.as_deref().filter(|area| *area != name)
                && let UnitHit::One(area, _) = self.unit(finding, area, on)
                && let Some(area) = self.roster.units.get(area as usize)
            {
                hits.retain(|n| {
                    self.roster
                        .units
                        .get(*n as usize)
                        .is_some_and(|unit| self.roster.is_below(&unit.code, &area.code))
                });
            }
            match hits.as_slice() {
                [] => {}
                [one] => return UnitHit::One(*one, by),
                _ => return UnitHit::Several(hits),
            }
        }
        UnitHit::None
    }

    /// A finding that names a unit and no account is the unit's own; on the website platform it is
    /// the unit's only website.
    fn unit_alone(&self, finding: &Finding, on: NaiveDate) -> Decision {
        match self.printed_unit(finding, on) {
            UnitHit::One(at, by) => {
                let Some(unit) = self.roster.units.get(at as usize) else {
                    return Decision::Unmatched { candidates: vec![] };
                };
                let mut sites = self.roster.accounts.iter().filter(|account| {
                    account.unit == unit.code
                        && account.in_use(on)
                        && finding.platform.as_deref() == Some("website")
                        && account.platform == "website"
                });
                let account = match (sites.next(), sites.next()) {
                    (Some(site), None) => Some(site.id),
                    _ => None,
                };
                Decision::Matched {
                    account,
                    unit: unit.id,
                    by,
                }
            }
            UnitHit::Several(units) => {
                let candidates = units.iter().take(5).filter_map(|n| {
                    let unit = self.roster.units.get(*n as usize)?;
                    let why = "same_name".to_owned();
                    Some(Candidate {
                        account: None,
                        unit: unit.id,
                        score: 90,
                        why,
                    })
                });
                Decision::Ambiguous {
                    candidates: candidates.collect(),
                }
            }
            UnitHit::None => {
                let name = finding
                    .unit_name
                    .as_deref()
                    .or(finding.area.as_deref())
                    .unwrap_or_default();
                Decision::Unmatched {
                    candidates: self.like(finding, name),
                }
            }
        }
    }

    /// Names that look alike; only ever offered to a person.
    fn like(&self, finding: &Finding, name: &str) -> Vec<Candidate> {
        let wants_account = finding.account_name.is_some();
        let found = self.likeness.nearest(&fold(name), |thing| match thing {
            Thing::Account(n) => self.roster.accounts.get(n as usize).is_some_and(|account| {
                finding
                    .platform
                    .as_ref()
                    .is_none_or(|platform| account.platform == *platform)
            }),
            Thing::Unit(_) => !wants_account,
        });
        let offers = found.into_iter().filter_map(|(thing, score)| {
            let why = "looks_alike".to_owned();
            match thing {
                Thing::Account(n) => {
                    let account = self.roster.accounts.get(n as usize)?;
                    let unit = self.roster.unit(&account.unit)?;
                    Some(Candidate {
                        account: Some(account.id),
                        unit: unit.id,
                        score,
                        why,
                    })
                }
                Thing::Unit(n) => {
                    let unit = self.roster.units.get(n as usize)?;
                    Some(Candidate {
                        account: None,
                        unit: unit.id,
                        score,
                        why,
                    })
                }
            }
        });
        offers.collect()
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
