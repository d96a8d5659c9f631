//! What a report's unplaced rows might mean: its silence proves nothing there.

use std::collections::HashSet;

use super::Received;
use crate::matching::Decision;
use crate::report::decode::Decoded;

/// What a report's unplaced rows might mean.
#[derive(Debug, Default)]
pub(super) struct Doubted {
    accounts: HashSet<i64>,
    units: HashSet<i64>,
    /// A row names nothing at all: it might mean anybody.
    all: bool,
}

impl Doubted {
    fn add(&mut self, account: Option<i64>, unit: i64) {
        match account {
            Some(account) => self.accounts.insert(account),
            None => self.units.insert(unit),
        };
    }
    fn candidates(&mut self, decision: &Decision) {
        if let Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } = decision {
            for candidate in candidates {
                self.add(candidate.account, candidate.unit);
            }
        }
    }
    pub(super) fn covers(&self, account: Option<i64>, unit: i64) -> bool {
        self.all
            || account.map_or_else(
                || self.units.contains(&unit),
                |a| self.accounts.contains(&a),
            )
    }
}

impl Received<'_> {
    /// Accounts and units that a row which was not placed might mean: silence proves nothing there.
    pub(super) fn doubted(&self, decoded: &Decoded, decisions: &[Decision]) -> Doubted {
        let mut doubted = Doubted::default();
        let rejected = decoded
            .rejected
            .iter()
            .filter_map(|r| r.named.as_deref())
            .map(|finding| self.directory.index.decide(finding, self.date));
        for decision in rejected {
            if let Decision::Matched { account, unit, .. } = decision {
                doubted.add(account, unit);
            } else {
                doubted.candidates(&decision);
            }
        }
        for decision in decisions {
            doubted.candidates(decision);
        }
        doubted.all |= decoded.rejected.iter().any(|r| r.named.is_none());
        doubted
    }
}
