//! Who might be meant: what a person is offered where no rule is sure.

use super::Candidate;
use super::candidates::Thing;
use super::index::Index;
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

    /// Names that look alike; only ever offered to a person.
    pub(super) fn like(&self, finding: &Finding, name: &str) -> Vec<Candidate> {
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
            let (account, unit) = match thing {
                Thing::Account(n) => {
                    let account = self.roster.accounts.get(n as usize)?;
                    (Some(account.id), self.roster.unit(&account.unit)?)
                }
                Thing::Unit(n) => (None, self.roster.units.get(n as usize)?),
            };
            Some(Candidate {
                account,
                unit: unit.id,
                score,
                why: "looks_alike".to_owned(),
            })
        });
        offers.collect()
    }
}
