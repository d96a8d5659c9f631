//! Who might be meant: what a person is offered where no rule is sure.

use chrono::NaiveDate;

use super::Candidate;
use super::index::Index;
use super::named::Thing;
use super::units::UnitHit;
use crate::finding::Finding;
use crate::finding::text::fold;
use crate::roster::Account;

impl Index {
    /// Accounts that a rule found and something speaks against.
    pub(super) fn offer(&self, accounts: &[&Account], why: &str) -> Vec<Candidate> {
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

    /// Units that share a name.
    pub(super) fn offer_units(&self, units: &[u32]) -> Vec<Candidate> {
        let offers = units.iter().take(5).filter_map(|n| {
            let unit = self.roster.units.get(*n as usize)?;
            Some(Candidate {
                account: None,
                unit: unit.id,
                score: 90,
                why: "same_name".to_owned(),
            })
        });
        offers.collect()
    }

    /// Names that are like the printed one; only ever offered to a person. Those of what the row prints of its
    /// unit or area are likelier.
    pub(super) fn like(&self, finding: &Finding, on: NaiveDate, name: &str) -> Vec<Candidate> {
        let wants_account = finding.account_name.is_some();
        let printed = match self.printed_unit(finding, on) {
            UnitHit::None => vec![],
            UnitHit::One(unit, _) => vec![unit],
            UnitHit::Several(units) => units,
        };
        let printed: Vec<&str> = printed
            .into_iter()
            .filter_map(|at| Some(self.unit_at(at)?.code.as_str()))
            .collect();
        let near = |thing| {
            let unit = match thing {
                Thing::Account(n) => self
                    .roster
                    .accounts
                    .get(n as usize)
                    .map(|a| a.unit.as_str()),
                Thing::Unit(n) => self.unit_at(n).map(|unit| unit.code.as_str()),
            };
            unit.is_some_and(|unit| printed.iter().any(|code| self.roster.is_below(unit, code)))
        };
        let wanted = |thing| match thing {
            Thing::Account(n) => self.roster.accounts.get(n as usize).is_some_and(|account| {
                wants_account
                    && account.in_use(on)
                    && finding
                        .platform
                        .as_ref()
                        .is_none_or(|platform| account.platform == *platform)
            }),
            Thing::Unit(_) => !wants_account,
        };
        let found = self
            .likeness
            .nearest(&self.named, &fold(name), wanted, near);
        let offers = found.into_iter().filter_map(|like| {
            let (account, unit) = match like.thing {
                Thing::Account(n) => {
                    let account = self.roster.accounts.get(n as usize)?;
                    (Some(account.id), self.roster.unit(&account.unit)?)
                }
                Thing::Unit(n) => (None, self.unit_at(n)?),
            };
            let mut why = vec![like.why];
            why.extend(like.other.then_some("other_name"));
            why.extend(near(like.thing).then_some("in_area"));
            Some(Candidate {
                account,
                unit: unit.id,
                score: like.score,
                why: why.join("+"),
            })
        });
        offers.collect()
    }

    /// Who might be meant by what a row prints, whatever the rules say; at most five.
    pub fn candidates(&self, finding: &Finding, on: NaiveDate) -> Vec<Candidate> {
        let names = [&finding.account_name, &finding.unit_name, &finding.area];
        let name = names.into_iter().flatten().next();
        name.map_or_else(Vec::new, |name| self.like(finding, on, name))
    }

    /// A unit that the row prints, of which something else that it prints is not known.
    pub(super) fn instead(&self, finding: &Finding, on: NaiveDate) -> Option<Candidate> {
        let rest = Finding {
            unit_name: None,
            ..finding.clone()
        };
        let UnitHit::One(at, _) = self.printed_unit(&rest, on) else {
            return None;
        };
        Some(Candidate {
            account: None,
            unit: self.unit_at(at)?.id,
            score: 50,
            why: "above_it".to_owned(),
        })
    }
}
