//! Printed names that no rule could place wait for a person; what a person decided, or a rule places
//! by now, waits no more.

use std::collections::HashMap;

use super::{Received, printed, tell_managers};
use crate::error::Result;
use crate::finding::{Finding, fingerprint};
use crate::matching::table::{self as waiting, NewWaiting, Offer};
use crate::matching::{Candidate, Decision, MatchedBy};
use crate::outbox::Kind;
use crate::store::Tx;

/// The stored form of candidates.
pub(super) fn offers(candidates: Vec<Candidate>) -> Vec<Offer> {
    candidates
        .into_iter()
        .map(|c| Offer {
            account: c.account,
            unit: c.unit,
            score: c.score,
            why: c.why,
        })
        .collect()
}

impl Received<'_> {
    /// The identity under which a finding's printed names wait.
    pub(super) fn waiting_identity(&self, finding: &Finding) -> String {
        let printed = printed(finding);
        fingerprint::waiting_identity(
            &self.source.name,
            &[
                printed.platform.as_deref(),
                printed.account.as_deref(),
                printed.uid.as_deref(),
                printed.unit.as_deref(),
                printed.area.as_deref(),
            ],
        )
    }

    /// Decides what the rules left open, and a person has decided before for the very same names.
    pub(super) async fn decided_before(
        &self,
        tx: &mut Tx,
        findings: &[Finding],
        decisions: &mut [Decision],
    ) -> Result<()> {
        let unplaced = decisions.iter_mut().zip(findings);
        let unplaced = unplaced.filter(|(d, _)| !matches!(d, Decision::Matched { .. }));
        let unplaced: Vec<(&mut Decision, String)> = unplaced
            .map(|(decision, finding)| (decision, self.waiting_identity(finding)))
            .collect();
        let identities = unplaced.iter().map(|(_, identity)| identity.as_str());
        let decided = waiting::decided(tx, identities).await?;
        let roster = &self.directory.roster;
        for (decision, identity) in unplaced {
            let Some((account, unit)) = decided.get(&identity) else {
                continue;
            };
            let unit = match account.map(|id| roster.account(id)) {
                Some(account) => account
                    .filter(|account| account.in_use(self.date))
                    .and_then(|account| roster.unit(&account.unit)),
                None => unit.and_then(|id| roster.unit_by_id(id)),
            };
            if let Some(unit) = unit {
                *decision = Decision::Matched {
                    account: *account,
                    unit: unit.id,
                    by: MatchedBy::Person,
                };
            }
        }
        Ok(())
    }

    /// Names that waited and are placed by now, since the roster has learned of them.
    pub(super) async fn wait_no_more(
        &self,
        tx: &mut Tx,
        findings: &[Finding],
        decisions: &[Decision],
    ) -> Result<()> {
        let mut open = waiting::open_of(tx, &self.source.name).await?;
        let mut placed = Vec::new();
        for (finding, decision) in findings.iter().zip(decisions) {
            if open.is_empty() {
                break;
            }
            if matches!(decision, Decision::Matched { .. }) {
                placed.extend(open.remove(&self.waiting_identity(finding)));
            }
        }
        waiting::placed_by_rule(tx, &placed, self.now.timestamp_millis()).await
    }

    /// The names that no rule could place wait for a person: under which numbers, by identity.
    pub(super) async fn names_wait(
        &self,
        tx: &mut Tx,
        report: i64,
        findings: &[Finding],
        decisions: &mut [Decision],
    ) -> Result<HashMap<String, i64>> {
        let mut names: HashMap<String, NewWaiting> = HashMap::new();
        for (finding, decision) in findings.iter().zip(decisions) {
            let (outcome, candidates) = match decision {
                Decision::Matched { .. } => continue,
                _ if finding.positive => continue,
                Decision::Ambiguous { candidates } => ("ambiguous", candidates),
                Decision::Unmatched { candidates } => ("unmatched", candidates),
            };
            let identity = self.waiting_identity(finding);
            names.entry(identity.clone()).or_insert_with(|| NewWaiting {
                identity,
                outcome,
                printed: printed(finding),
                candidates: offers(std::mem::take(candidates)),
            });
        }
        self.ask_managers(tx, report, names.into_values().collect())
            .await
    }

    /// Names that no rule could place wait; the managers are asked about the new ones. Under which numbers,
    /// by identity.
    async fn ask_managers(
        &self,
        tx: &mut Tx,
        report: i64,
        mut names: Vec<NewWaiting>,
    ) -> Result<HashMap<String, i64>> {
        names.sort_by(|a, b| a.identity.cmp(&b.identity));
        let now = self.now.timestamp_millis();
        let noted = waiting::note(tx, &self.source.name, &names, now).await?;
        let mut fresh: Vec<i64> = noted.values().filter(|n| n.2).map(|n| n.0).collect();
        let waiting = noted.into_iter().map(|(name, n)| (name, n.0)).collect();
        if fresh.is_empty() {
            return Ok(waiting);
        }
        fresh.sort_unstable();
        let detail = serde_json::json!({ "source": self.source.name, "date": self.date });
        let cause = format!("report-{report}");
        let kind = Kind::Unmatched;
        tell_managers(
            tx,
            self.rules,
            self.directory,
            kind,
            &cause,
            fresh,
            detail,
            self.now,
        )
        .await?;
        Ok(waiting)
    }
}
