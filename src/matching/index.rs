//! The index and the rules: uid → exact → normalised → dated alias in the area → short form.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use chrono::NaiveDate;

use super::candidates::Likeness;
use super::explain::{Step, Trail};
use super::lookup::{Dated, Learned, key};
use super::named::{ByText, Called, Named, Thing};
use super::places::{places, speaks_against, without_city};
use super::units::{Together, UnitHit};
use super::{Candidate, Decision, MatchedBy, ShortForms};
use crate::finding::Finding;
use crate::finding::text::{exact, fold, is_damaged};
use crate::roster::{Account, Alias, LearnedAlias, Roster, Target, Unit};

/// The names of one roster version, ready to be looked up, with those that people's choices taught.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub(super) roster: Arc<Roster>,
    names: Arc<Names>,
    /// Learned names, apart from the others: one more or less leaves those as they are.
    pub(super) account_learned: HashMap<String, Vec<Learned>>,
    pub(super) unit_learned: HashMap<String, Vec<Learned>>,
}

/// The names that the roster itself writes.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Accounts by their ids and home pages.
    pub(super) account_key: ByText,
    pub(super) account_exact: ByText,
    pub(super) unit_exact: HashMap<String, Vec<u32>>,
    pub(super) unit_code: HashMap<String, u32>,
    pub(super) unit_short: HashMap<String, Vec<u32>>,
    /// Names of units without their city, 鼓楼区教育局: of four cities, so never enough by itself.
    unit_cityless: HashMap<String, Vec<u32>>,
    /// The places in the names of units.
    places: HashSet<String>,
    /// The folded names of units and accounts, and their other names.
    pub(super) named: Named,
    pub(super) likeness: Likeness,
}

impl Deref for Index {
    type Target = Names;
    fn deref(&self) -> &Names {
        &self.names
    }
}

impl Names {
    fn add_unit(&mut self, n: u32, unit: &Unit, forms: &ShortForms) {
        self.unit_exact
            .entry(exact(&unit.name))
            .or_default()
            .push(n);
        self.unit_code.entry(unit.code.clone()).or_insert(n);
        self.add_names(Thing::Unit(n), &unit.name, &unit.aliases);
        let names = unit.aliases.iter().map(|alias| alias.name.as_str());
        for name in names.chain([unit.name.as_str()]) {
            let places = places(name).into_iter().map(str::to_owned);
            self.places.extend(places);
        }
        if let Some(rest) = without_city(&unit.name) {
            let shorter = forms.of(rest).into_iter().chain([fold(rest)]);
            for short in shorter {
                self.unit_cityless.entry(short).or_default().push(n);
            }
        }
        for short in forms.of(&unit.name) {
            self.unit_short.entry(short).or_default().push(n);
        }
    }

    fn add_account(&mut self, n: u32, account: &Account) {
        self.account_exact.add(&exact(&account.name), n);
        for text in account.uid.iter().chain(&account.homepage) {
            self.account_key.add(&key(text), n);
        }
        self.add_names(Thing::Account(n), &account.name, &account.aliases);
    }

    fn add_names(&mut self, thing: Thing, name: &str, aliases: &[Alias]) {
        let others = (0u32..).map(Called::Other).zip(aliases);
        let others = others.map(|(called, alias)| (called, alias.name.as_str()));
        for (called, name) in [(Called::Name, name)].into_iter().chain(others) {
            let folded = fold(name);
            if let Some(at) = self.named.add(thing, called, &folded) {
                self.likeness.add(at, &folded);
            }
        }
    }
}

impl Index {
    /// Builds the index of a roster.
    pub fn build(roster: &Arc<Roster>, forms: &ShortForms) -> Self {
        let mut names = Names::default();
        for (n, unit) in (0u32..).zip(&roster.units) {
            names.add_unit(n, unit, forms);
        }
        for (n, account) in (0u32..).zip(&roster.accounts) {
            names.add_account(n, account);
        }
        names.named.shrink();
        names.likeness.shrink();
        let index = Self {
            roster: Arc::clone(roster),
            names: Arc::new(names),
            ..Self::default()
        };
        index.with_learned(&roster.aliases)
    }

    /// The same roster's names with these that people's choices taught, instead of the former ones: quick,
    /// whatever the size of the roster.
    #[must_use]
    pub fn with_learned(&self, learned: &[LearnedAlias]) -> Self {
        let mut index = Self {
            roster: Arc::clone(&self.roster),
            names: Arc::clone(&self.names),
            ..Self::default()
        };
        if learned.is_empty() {
            return index;
        }
        let (accounts, units) = (&self.roster.accounts, &self.roster.units);
        let accounts: HashMap<i64, u32> = (0..).zip(accounts).map(|(n, a)| (a.id, n)).collect();
        let units: HashMap<i64, u32> = (0..).zip(units).map(|(n, u)| (u.id, n)).collect();
        for alias in learned {
            // A finding that named an account may have been given to the unit itself.
            let (place, map) = match alias.target {
                Target::Account(id) => (accounts.get(&id), &mut index.account_learned),
                Target::Unit(id) => (units.get(&id), &mut index.unit_learned),
            };
            let Some(at) = place.copied() else { continue };
            let alias = alias.clone();
            let learned = map.entry(fold(&alias.name)).or_default();
            learned.push(Learned { at, alias });
        }
        index
    }

    /// Whose the finding is, on that day.
    pub fn decide(&self, finding: &Finding, on: NaiveDate) -> Decision {
        self.judge(finding, on, &mut Trail::default())
    }

    /// Whose the finding is, and what was tried to find it, rule by rule.
    pub fn explain(&self, finding: &Finding, on: NaiveDate) -> (Decision, Vec<Step>) {
        let mut trail = Trail::wanted();
        let decision = self.judge(finding, on, &mut trail);
        (decision, trail.steps())
    }

    fn judge(&self, finding: &Finding, on: NaiveDate, trail: &mut Trail) -> Decision {
        for (key, by_uid) in [(&finding.account_uid, true), (&finding.homepage, false)] {
            let key = key.as_deref().map(self::key);
            let mut hits = key.as_deref().map_or(vec![], |key| self.accounts_of(key));
            // A home page does not outweigh an id that says something else.
            if !by_uid && finding.account_uid.is_some() {
                hits.retain(|n| self.account_at(*n).is_some_and(|a| a.uid.is_none()));
            }
            if let Some(key) = key {
                trail.note("uid", || (key, self.in_words(&hits)));
            }
            if !hits.is_empty() {
                return self.settle(finding, on, (hits, MatchedBy::Uid), trail);
            }
        }
        match finding.account_name.as_deref() {
            Some(name) => self.account(finding, on, name, trail),
            None => self.unit_alone(finding, on, trail),
        }
    }

    pub(super) fn account_at(&self, at: u32) -> Option<&Account> {
        self.roster.accounts.get(at as usize)
    }

    /// Accounts in words.
    fn in_words(&self, accounts: &[u32]) -> String {
        let accounts = accounts.iter().filter_map(|n| self.account_at(*n));
        self.shown(&accounts.collect::<Vec<_>>())
    }

    fn shown(&self, accounts: &[&Account]) -> String {
        let one = |account: &&Account| {
            let unit = self
                .roster
                .unit(&account.unit)
                .map_or("", |unit| unit.name.as_str());
            format!("{} {} ({unit})", account.platform, account.name)
        };
        let more = accounts.len().saturating_sub(5);
        let names: Vec<String> = accounts.iter().take(5).map(one).collect();
        match (names.is_empty(), more) {
            (true, _) => "nothing".to_owned(),
            (false, 0) => names.join("; "),
            (false, more) => format!("{}; and {more} more", names.join("; ")),
        }
    }

    fn account(&self, finding: &Finding, on: NaiveDate, name: &str, trail: &mut Trail) -> Decision {
        if is_damaged(name) {
            let lost = "letters were lost: no rule matches on it".to_owned();
            trail.note("damaged", || (name.to_owned(), lost));
            let candidates = self.like(finding, on, name);
            return self.unmatched(candidates, trail);
        }
        let hits = self.accounts_written(&exact(name));
        let by = MatchedBy::Exact;
        trail.note(by.as_str(), || (name.to_owned(), self.in_words(&hits)));
        if !hits.is_empty() {
            return self.settle(finding, on, (hits, by), trail);
        }
        let folded = fold(name);
        let hits = self.accounts_named(&folded);
        let by = MatchedBy::Normalised;
        trail.note(by.as_str(), || (folded.clone(), self.in_words(&hits)));
        if !hits.is_empty() {
            return self.settle(finding, on, (hits, by), trail);
        }
        let mut elsewhere = Vec::new();
        let (holds, others): (Vec<Dated<'_>>, Vec<Dated<'_>>) = self
            .account_aliases(&folded)
            .partition(|alias| self.holds(*alias, finding, on));
        let hits: Vec<u32> = holds.iter().map(|alias| alias.at).collect();
        trail.note("alias", || {
            let mut gave = self.in_words(&hits);
            if !others.is_empty() {
                gave.push_str(&format!(
                    "; {} that do not hold on {on}, there",
                    others.len()
                ));
            }
            (folded.clone(), gave)
        });
        if !hits.is_empty() {
            return self.settle(finding, on, (hits, MatchedBy::Alias), trail);
        }
        elsewhere.extend(others.iter().filter_map(|alias| self.account_at(alias.at)));
        if let Some(decision) = self.account_by_unit(finding, on, &folded, trail) {
            return decision;
        }
        let candidates = match elsewhere.as_slice() {
            [] => self.like(finding, on, name),
            accounts => self.offer(accounts, "name_elsewhere"),
        };
        self.unmatched(candidates, trail)
    }

    fn unmatched(&self, candidates: Vec<Candidate>, trail: &mut Trail) -> Decision {
        trail.note("candidates", || {
            (
                "likeness".to_owned(),
                format!("{} to ask a person about", candidates.len()),
            )
        });
        Decision::Unmatched { candidates }
    }

    /// The name may be a unit's: another name of it (连江县人民政府网站), or one by which its accounts go that
    /// are named like itself (市人社局 for 福州市人力资源和社会保障局).
    fn account_by_unit(
        &self,
        finding: &Finding,
        on: NaiveDate,
        folded: &str,
        trail: &mut Trail,
    ) -> Option<Decision> {
        let mut holds = self
            .unit_aliases(folded)
            .filter(|alias| self.holds(*alias, finding, on));
        if finding.platform_text.is_none()
            && let Some(alias) = holds.next()
            && holds.all(|other| other.at == alias.at)
            && let Some(unit) = self.unit_at(alias.at)
        {
            trail.note("unit", || {
                (folded.to_owned(), format!("alias of {}", unit.name))
            });
            return Some(Decision::Matched {
                account: None,
                unit: unit.id,
                by: MatchedBy::Alias,
            });
        }
        let units = self.units_in_short(
            folded,
            !matches!(self.printed_unit(finding, on), UnitHit::None),
        );
        if units.is_empty() {
            return None;
        }
        let hits: Vec<u32> = units
            .iter()
            .filter_map(|n| self.unit_at(*n))
            .flat_map(|unit| {
                self.accounts_named(&fold(&unit.name))
                    .into_iter()
                    .filter(|n| self.account_at(*n).is_some_and(|a| a.unit == unit.code))
            })
            .collect();
        trail.note("short_form", || (folded.to_owned(), self.in_words(&hits)));
        if hits.is_empty() {
            return None;
        }
        // Units of one short name: who is meant shows in what else is printed, not in who has such an account.
        if units.len() > 1 && matches!(self.printed_unit(finding, on), UnitHit::None) {
            let all: Vec<&Account> = hits.iter().filter_map(|n| self.account_at(*n)).collect();
            return Some(Decision::Ambiguous {
                candidates: self.offer(&all, "same_name"),
            });
        }
        Some(self.settle(finding, on, (hits, MatchedBy::ShortForm), trail))
    }

    /// The units that an abbreviation may stand for. Those whose city it leaves out count where it stands for
    /// another, too, or where something else says which is meant (`more`).
    pub(super) fn units_in_short(&self, folded: &str, more: bool) -> Vec<u32> {
        let mut units = self.unit_short.get(folded).cloned().unwrap_or_default();
        if more || !units.is_empty() {
            units.extend(self.unit_cityless.get(folded).into_iter().flatten());
        }
        units.sort_unstable();
        units.dedup();
        units
    }

    /// Whether an alias holds on that day, on the printed platform and in the printed area.
    fn holds(&self, alias: Dated<'_>, finding: &Finding, on: NaiveDate) -> bool {
        let (only, printed) = (alias.platform, finding.platform.as_deref());
        alias.on(on)
            && (only.is_none() || printed.is_none() || only == printed)
            && alias
                .area
                .is_none_or(|area| self.lies_in(finding, on, area))
    }

    /// Narrows hits by platform, use and the printed unit; one that is left is the one. A platform
    /// that nobody knows, and an id that is another's, leave none: a name alone is not enough then.
    fn settle(
        &self,
        finding: &Finding,
        on: NaiveDate,
        (hits, by): (Vec<u32>, MatchedBy),
        trail: &mut Trail,
    ) -> Decision {
        let mut left: Vec<&Account> = hits.iter().filter_map(|n| self.account_at(*n)).collect();
        left.sort_by_key(|a| a.id);
        left.dedup_by_key(|a| a.id);
        let all = left.clone();
        let mut narrow = |rule, tried: &str, keep: &dyn Fn(&Account) -> bool| {
            let before = left.len();
            left.retain(|account| keep(account));
            if before != left.len() {
                trail.note(rule, || {
                    (tried.to_owned(), format!("leaves {}", self.shown(&left)))
                });
            }
        };
        narrow("in use", &on.to_string(), &|a| a.in_use(on));
        if let Some(platform) = &finding.platform {
            narrow("platform", platform, &|a| a.platform == *platform);
        }
        if by != MatchedBy::Uid {
            if let Some(word) = &finding.platform_text {
                narrow("platform", &format!("{word}, which is not known"), &|_| {
                    false
                });
            }
            if let Some(uid) = &finding.account_uid {
                narrow("uid", &format!("{uid}, which is nobody's"), &|a| {
                    a.uid.is_none()
                });
            }
        }
        self.narrow_by_unit(finding, on, &mut left, trail);
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

    /// Leaves the accounts of the printed unit, or of what is above or below it; where no unit goes by what
    /// is printed, those in whose names no other place stands.
    fn narrow_by_unit(
        &self,
        finding: &Finding,
        on: NaiveDate,
        left: &mut Vec<&Account>,
        trail: &mut Trail,
    ) {
        let before = left.len();
        if before == 0 {
            return;
        }
        // Of several units each has its own place: the first one's says nothing of the others.
        let name = match self.named_together(finding, on) {
            Together::One => finding.unit_name.as_ref(),
            Together::Units(units) => {
                self.leave_those_of(&units, left, trail);
                None
            }
            // Nobody is left out by a list of which only a part is understood.
            Together::Unclear if before > 1 => {
                trail.note("unit", || {
                    let name = finding.unit_name.clone().unwrap_or_default();
                    (name, "a list of which only a part is known".to_owned())
                });
                return;
            }
            Together::Unclear => finding.unit_name.as_ref(),
        };
        for printed in [name, finding.area.as_ref()].into_iter().flatten() {
            // 高新区管委会 is no place of that name, where a unit is so called.
            let known = match self.unit(finding, printed, on) {
                UnitHit::One(at, _) => self.unit_at(at),
                UnitHit::None | UnitHit::Several(_) => None,
            };
            left.retain(|account| {
                known.is_some_and(|unit| self.related(&account.unit, &unit.code))
                    || !self.lies_elsewhere(&account.unit, printed)
            });
            if left.len() != before {
                trail.note("place", || {
                    (printed.clone(), format!("leaves {}", self.shown(left)))
                });
            }
        }
        let units = match self.printed_unit(finding, on) {
            UnitHit::None => return,
            UnitHit::One(unit, _) => vec![unit],
            UnitHit::Several(units) => units,
        };
        self.leave_those_of(&units, left, trail);
    }

    /// Leaves the accounts of these units, or of what is above or below one of them.
    fn leave_those_of(&self, units: &[u32], left: &mut Vec<&Account>, trail: &mut Trail) {
        left.retain(|a| {
            let mut units = units.iter().filter_map(|n| self.unit_at(*n));
            units.any(|unit| self.related(&a.unit, &unit.code))
        });
        trail.note("unit", || {
            let units = units.iter().filter_map(|n| self.unit_at(*n));
            let names: Vec<&str> = units.map(|unit| unit.name.as_str()).collect();
            (names.join(", "), format!("leaves {}", self.shown(left)))
        });
    }

    /// Whether what is printed of a place speaks against a unit, by the names of it and of what is above it.
    pub(super) fn lies_elsewhere(&self, unit: &str, printed: &str) -> bool {
        if places(printed).is_empty() {
            return false;
        }
        let chain = self.roster.chain(unit);
        let units = chain.into_iter().filter_map(|code| self.roster.unit(code));
        let names: Vec<&str> = units
            .flat_map(|unit| {
                let aliases = unit.aliases.iter().map(|alias| alias.name.as_str());
                aliases.chain([unit.name.as_str()])
            })
            .collect();
        speaks_against(printed, &names, |place| self.places.contains(place))
    }

    /// Whether the names of a unit and of what is above it name every district and county that is printed.
    pub(super) fn confirms(&self, unit: &str, printed: &str) -> bool {
        let chain = self.roster.chain(unit);
        let names = chain.into_iter().filter_map(|code| self.roster.unit(code));
        let theirs: Vec<&str> = names.flat_map(|unit| places(&unit.name)).collect();
        let mut counties = places(printed)
            .into_iter()
            .filter(|place| !place.ends_with('市'));
        counties.all(|county| theirs.contains(&county))
    }

    /// Whether one of two units answers for the other, by parent or area.
    fn related(&self, a: &str, b: &str) -> bool {
        self.roster.is_below(a, b) || self.roster.is_below(b, a)
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
