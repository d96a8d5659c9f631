//! The unit that a row prints: by its code, its name or an abbreviation, within the printed area.

use chrono::NaiveDate;

use super::explain::Trail;
use super::index::Index;
use super::lookup::Dated;
use super::places::places;
use super::{Decision, MatchedBy};
use crate::finding::Finding;
use crate::finding::text::{exact, fold, is_damaged};
use crate::roster::Unit;

/// What looking a unit up gave.
pub(super) enum UnitHit {
    None,
    One(u32, MatchedBy),
    Several(Vec<u32>),
}

impl Index {
    pub(super) fn unit_at(&self, at: u32) -> Option<&Unit> {
        self.roster.units.get(at as usize)
    }

    /// The unit that a person names, by code, name or abbreviation; else who might be meant.
    pub fn named_unit(&self, name: &str, on: NaiveDate) -> Decision {
        let finding = Finding::of_unit(name);
        match self.printed_unit(&finding, on) {
            UnitHit::One(at, by) => match self.unit_at(at) {
                Some(unit) => Decision::Matched {
                    account: None,
                    unit: unit.id,
                    by,
                },
                None => Decision::Unmatched { candidates: vec![] },
            },
            UnitHit::Several(units) => Decision::Ambiguous {
                candidates: self.offer_units(&units),
            },
            UnitHit::None => Decision::Unmatched {
                candidates: self.like(&finding, on, name),
            },
        }
    }

    /// The unit that a row prints, by code or name, else its area.
    pub(super) fn printed_unit(&self, finding: &Finding, on: NaiveDate) -> UnitHit {
        if let Some(code) = &finding.unit_code
            && let Some(at) = self.unit_code.get(code)
        {
            return UnitHit::One(*at, MatchedBy::Uid);
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

    /// Whether what the row prints of its unit or area lies in an area; what prints neither does not.
    pub(super) fn lies_in(&self, finding: &Finding, on: NaiveDate, area: &str) -> bool {
        match self.printed_unit(finding, on) {
            UnitHit::One(at, _) => self
                .unit_at(at)
                .is_some_and(|unit| self.roster.is_below(&unit.code, area)),
            UnitHit::None | UnitHit::Several(_) => false,
        }
    }

    /// Whether the printed area lies in the area that an alias is limited to.
    fn area_admits(&self, alias: Dated<'_>, finding: &Finding, name: &str, on: NaiveDate) -> bool {
        let Some(area) = alias.area else {
            return true;
        };
        let printed = finding.area.as_deref().filter(|printed| *printed != name);
        printed.is_some_and(|printed| match self.unit(finding, printed, on) {
            UnitHit::One(at, _) => self
                .unit_at(at)
                .is_some_and(|unit| self.roster.is_below(&unit.code, area)),
            UnitHit::None | UnitHit::Several(_) => false,
        })
    }

    /// A unit by its name, within the printed area when several share it.
    pub(super) fn unit(&self, finding: &Finding, name: &str, on: NaiveDate) -> UnitHit {
        if is_damaged(name) {
            return UnitHit::None;
        }
        let folded = fold(name);
        let aliases = self.unit_aliases(&folded);
        let aliases = aliases
            .filter(|alias| alias.on(on) && self.area_admits(*alias, finding, name, on))
            .map(|alias| alias.at);
        let aliases: Vec<u32> = aliases.collect();
        let area = finding.area.as_deref().filter(|area| *area != name);
        let area_unit = area.and_then(|area| match self.unit(finding, area, on) {
            UnitHit::One(at, _) => self.unit_at(at),
            UnitHit::None | UnitHit::Several(_) => None,
        });
        let short = self.units_in_short(&folded, area_unit.is_some());
        let rules = [
            (
                self.unit_exact.get(exact(name).as_str()).cloned(),
                MatchedBy::Exact,
            ),
            (Some(self.units_named(&folded)), MatchedBy::Normalised),
            (Some(aliases), MatchedBy::Alias),
            (Some(short), MatchedBy::ShortForm),
        ];
        for (hits, by) in rules {
            let mut hits = hits.unwrap_or_default();
            hits.sort_unstable();
            hits.dedup();
            // An abbreviation is no name of its own: what else is printed has to agree.
            let weak = by == MatchedBy::ShortForm;
            if let Some(area) = area {
                hits.retain(|n| {
                    self.unit_at(*n).is_some_and(|unit| {
                        !self.lies_elsewhere(&unit.code, area)
                            && (!weak || self.confirms(&unit.code, area))
                    })
                });
            }
            if let Some(area) = area_unit.filter(|_| hits.len() > 1 || weak) {
                hits.retain(|n| {
                    self.unit_at(*n)
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
    /// the unit's only website. What is above a unit that nobody knows is not taken for it.
    pub(super) fn unit_alone(
        &self,
        finding: &Finding,
        on: NaiveDate,
        trail: &mut Trail,
    ) -> Decision {
        let name = finding.unit_name.as_deref().or(finding.area.as_deref());
        let name = name.unwrap_or_default();
        let hit = match (&finding.unit_code, &finding.unit_name) {
            (Some(code), _) if self.unit_code.contains_key(code) => self.printed_unit(finding, on),
            (_, Some(name)) => self.unit(finding, name, on),
            _ => self.printed_unit(finding, on),
        };
        match hit {
            UnitHit::One(at, by) => {
                let Some(unit) = self.unit_at(at) else {
                    return Decision::Unmatched { candidates: vec![] };
                };
                trail.note(by.as_str(), || (name.to_owned(), unit.name.clone()));
                let account = match finding.platform.as_deref() {
                    Some("website") => self.only_website(unit, on),
                    _ => None,
                };
                Decision::Matched {
                    account,
                    unit: unit.id,
                    by,
                }
            }
            UnitHit::Several(units) => {
                trail.note("unit", || {
                    (
                        name.to_owned(),
                        format!("{} units of that name", units.len()),
                    )
                });
                Decision::Ambiguous {
                    candidates: self.offer_units(&units),
                }
            }
            UnitHit::None => {
                let listed = self.listed_units(finding, name, on);
                if listed.len() > 1 {
                    trail.note("unit", || {
                        (name.to_owned(), format!("a list of {} units", listed.len()))
                    });
                    return Decision::Ambiguous {
                        candidates: self.offer_units(&listed),
                    };
                }
                trail.note("unit", || {
                    (name.to_owned(), "no unit of that name".to_owned())
                });
                let mut candidates = self.like(finding, on, name);
                if finding.unit_name.is_some() {
                    let above = self.instead(finding, on);
                    let fresh = above.filter(|one| candidates.iter().all(|c| c.unit != one.unit));
                    candidates.truncate(5 - usize::from(fresh.is_some()));
                    candidates.extend(fresh);
                }
                Decision::Unmatched { candidates }
            }
        }
    }

    /// What a row's one cell says of its unit, where it is a list: 示范一区教育局、示范二区教育局.
    pub(super) fn named_together(&self, finding: &Finding, on: NaiveDate) -> Together {
        let Some(name) = finding.unit_name.as_deref() else {
            return Together::One;
        };
        if !name.contains(MARKS) && !name.contains('和') {
            return Together::One;
        }
        // 住房和城乡建设局 is one, and so is 和平区教育局.
        if !matches!(self.unit(finding, name, on), UnitHit::None) {
            return Together::One;
        }
        let lists = [listed(name, &MARKS[..]), listed(name, &WITH_AND[..])];
        let lists = lists.into_iter().filter(|parts| parts.len() > 1);
        let mut together = Together::One;
        for parts in lists {
            let found = self.units_of(finding, &parts, on);
            if found.iter().all(Option::is_some) {
                let mut units: Vec<u32> = found.into_iter().flatten().collect();
                units.sort_unstable();
                units.dedup();
                return Together::Units(units);
            }
            if found.iter().any(Option::is_some) {
                together = Together::Unclear;
            }
        }
        together
    }

    /// The units of a list, as far as they are known.
    fn listed_units(&self, finding: &Finding, name: &str, on: NaiveDate) -> Vec<u32> {
        let parts = listed(name, &WITH_AND);
        if parts.len() < 2 {
            return vec![];
        }
        let mut found = Vec::new();
        for at in self.units_of(finding, &parts, on).into_iter().flatten() {
            if !found.contains(&at) {
                found.push(at);
            }
        }
        found
    }

    /// The unit of each part of a list in which what they have in common is written once: 市教育局、房管局、人社局.
    fn units_of(&self, finding: &Finding, parts: &[&str], on: NaiveDate) -> Vec<Option<u32>> {
        let first = parts.first().copied().unwrap_or_default();
        let mut common = places(first).concat();
        if common.is_empty() && first.starts_with(['市', '县', '区']) {
            common.extend(first.chars().next());
        }
        let unit = |name: &str| match self.unit(finding, name, on) {
            UnitHit::One(at, _) => Some(at),
            _ => None,
        };
        let parts = parts.iter();
        parts
            .map(|part| unit(&format!("{common}{part}")).or_else(|| unit(part)))
            .collect()
    }

    fn only_website(&self, unit: &Unit, on: NaiveDate) -> Option<i64> {
        let mut sites = self.roster.accounts.iter().filter(|account| {
            account.platform == "website" && account.unit == unit.code && account.in_use(on)
        });
        match (sites.next(), sites.next()) {
            (Some(site), None) => Some(site.id),
            _ => None,
        }
    }
}

/// What a cell says of a row's unit.
#[derive(Debug)]
pub(super) enum Together {
    /// No list.
    One,
    /// A list of these, all of them known.
    Units(Vec<u32>),
    /// A list of which only a part is understood.
    Unclear,
}

/// What stands between the names of a list.
const MARKS: [char; 5] = ['、', '，', ',', ';', '；'];
/// The same with a letter that stands in names as well.
const WITH_AND: [char; 6] = ['、', '，', ',', ';', '；', '和'];

/// The parts of a list.
fn listed<'n>(name: &'n str, marks: &[char]) -> Vec<&'n str> {
    let parts = name.split(marks).map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}
