//! A report's findings are stored with whose they are and the issue each is about; what was placed is handed on as
//! issues that the report lists.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveTime;

use super::listing::{Listed, identity};
use super::silence::Noted;
use super::{Outcome, Received};
use crate::clock::at_local;
use crate::error::Result;
use crate::finding::{Finding, Said};
use crate::issue::allowed::Wordings;
use crate::issue::table::{self as issues, Issue};
use crate::issue::witness::Orders;
use crate::matching::Decision;
use crate::report::table::{self as reports, NewFinding};
use crate::store::Tx;

impl Received<'_> {
    fn detected_at(&self, finding: &Finding) -> i64 {
        let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        finding
            .found_at
            .unwrap_or_else(|| at_local(self.rules.zone, self.date, end))
            .timestamp_millis()
    }

    /// Stores findings with their decisions; what was placed, and was not listed before, comes back once
    /// per issue.
    pub(super) async fn note_findings<'a>(
        &self,
        tx: &mut Tx,
        outcome: &mut Outcome,
        (findings, decisions): (&'a [Finding], &[Decision]),
        waiting: &HashMap<String, i64>,
        noted: &mut Noted,
    ) -> Result<Vec<Listed<'a>>> {
        let mut rows = Vec::with_capacity(decisions.len());
        let mut listed: BTreeMap<usize, Listed<'a>> = BTreeMap::new();
        let mut here: HashMap<String, usize> = HashMap::new();
        let waits = |finding| waiting.get(&self.waiting_identity(finding)).copied();
        for (n, (finding, decision)) in findings.iter().zip(decisions).enumerate() {
            let mut row = NewFinding {
                outcome: "positive",
                matched_by: None,
                account_id: None,
                unit_id: None,
                issue_id: None,
                waiting_id: None,
                identity: None,
                detected_at: self.detected_at(finding),
                finding,
            };
            match decision {
                Decision::Matched {
                    account, unit, by, ..
                } => {
                    row.matched_by = Some(by.as_str());
                    row.account_id = *account;
                    row.unit_id = Some(*unit);
                    if finding.positive {
                        outcome.positive += 1;
                        rows.push(row);
                        continue;
                    }
                    outcome.matched += 1;
                    row.outcome = "matched";
                    let links = &self.rules.vocabulary.links;
                    let identity = identity(links, finding, *account, *unit);
                    let first = *here.entry(identity.clone()).or_insert(n);
                    let settles = |finding: &Finding| finding.said.is_some_and(Said::settles);
                    // Of several rows one that is not settled says how it stands.
                    let opens = listed.get(&first).is_some_and(|item| settles(item.finding))
                        && !settles(finding);
                    if opens && let Some(item) = listed.get_mut(&first) {
                        item.finding = finding;
                        item.detected_at = row.detected_at;
                    }
                    if !noted.ids.contains_key(&identity) && first == n {
                        let item = Listed {
                            finding,
                            account: *account,
                            unit: *unit,
                            by: by.as_str(),
                            identity: identity.clone(),
                            detected_at: row.detected_at,
                            issue: 0,
                            known: None,
                            orders: Orders::default(),
                        };
                        listed.insert(n, item);
                    }
                    let (printed, settled) = (finding.ticket_no.as_deref(), settles(finding));
                    if let Some(item) = listed.get_mut(&first) {
                        item.orders.add(printed, settled);
                    } else if let (Some(issue), Some(_)) = (noted.ids.get(&identity), printed) {
                        let mut orders = Orders::default();
                        orders.add(printed, settled);
                        noted.later.push((*issue, orders));
                    }
                    row.identity = Some(identity);
                }
                _ if finding.positive => outcome.positive += 1,
                Decision::Ambiguous { .. } => {
                    outcome.ambiguous += 1;
                    row.outcome = "ambiguous";
                    row.waiting_id = waits(finding);
                }
                Decision::Unmatched { .. } => {
                    outcome.unmatched += 1;
                    row.outcome = "unmatched";
                    row.waiting_id = waits(finding);
                }
            }
            rows.push(row);
        }
        outcome.allowed += self.give_ids(tx, &mut listed, &mut rows, noted).await?;
        reports::insert_findings(tx, outcome.report, &rows).await?;
        Ok(listed.into_values().collect())
    }

    /// Finds the issues that exist and takes numbers for the others. How many list only a wording that
    /// was ruled right: these open nothing, and bring nothing back.
    async fn give_ids(
        &self,
        tx: &mut Tx,
        listed: &mut BTreeMap<usize, Listed<'_>>,
        rows: &mut [NewFinding<'_>],
        noted: &mut Noted,
    ) -> Result<usize> {
        let identities: Vec<&str> = listed.values().map(|l| l.identity.as_str()).collect();
        let mut known = issues::by_identities(tx, &identities).await?;
        // What the report itself calls settled, and nobody here was ever told of, opens nothing.
        listed.retain(|_, l| {
            let settled = l.finding.said.is_some_and(Said::settles);
            !settled || known.contains_key(&l.identity)
        });
        let wordings = Wordings::load(tx).await?;
        let all = listed.len();
        listed.retain(|_, l| {
            let runs = known.get(&l.identity).is_some_and(Issue::live);
            runs || !wordings.allow(l.finding.wrong_text.as_deref(), l.account)
        });
        let allowed = all - listed.len();
        let left: HashSet<&str> = listed.values().map(|l| l.identity.as_str()).collect();
        known.retain(|identity, _| left.contains(identity.as_str()));
        let fresh = listed.len() - known.len();
        let mut next = if fresh == 0 {
            0
        } else {
            tx.ids("issue", fresh).await?
        };
        for item in listed.values_mut() {
            item.known = known.remove(&item.identity).map(Box::new);
            item.issue = match &item.known {
                Some(issue) => issue.id,
                None => {
                    next += 1;
                    next - 1
                }
            };
            noted.ids.insert(item.identity.clone(), item.issue);
        }
        for row in rows {
            row.issue_id = row
                .identity
                .as_ref()
                .and_then(|identity| noted.ids.get(identity))
                .copied();
        }
        Ok(allowed)
    }
}
