//! A report's findings are stored with whose they are and the issue each is about; what was placed is handed on as
//! issues that the report lists.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveTime;

use super::listing::{Listed, identity};
use super::silence::Noted;
use super::{Outcome, Received};
use crate::clock::at_local;
use crate::error::Result;
use crate::finding::{Finding, Said};
use crate::issue::allowed::Wordings;
use crate::issue::table::{self as issues, Tracked};
use crate::issue::witness::Orders;
use crate::matching::Decision;
use crate::report::table::{self as reports, NewFinding};
use crate::store::Tx;

/// The rows of a report, each with the identity of the issue that it is about, if any.
pub(super) struct Rows<'r> {
    findings: &'r [Finding],
    decisions: &'r [Decision],
    identities: Vec<Option<String>>,
    /// What several rows say of one issue; they may stand far apart, in different pieces.
    several: HashMap<String, Several>,
}

/// What several rows say of one issue.
pub(super) struct Several {
    /// The row that says how it stands: of several rows one that is not settled does.
    pub told: usize,
    settled: bool,
    /// The work orders of all.
    pub orders: Orders,
}

/// Whether the report calls a row settled.
pub(super) fn settles(finding: &Finding) -> bool {
    finding.said.is_some_and(Said::settles)
}

impl Several {
    /// Of which this row is the first; it is still to be added.
    pub(super) fn from(first: usize) -> Self {
        Self {
            told: first,
            settled: true,
            orders: Orders::default(),
        }
    }

    /// Adds what a row says.
    pub(super) fn add(&mut self, at: usize, finding: &Finding) {
        let settled = settles(finding);
        if self.settled && !settled {
            self.told = at;
            self.settled = false;
        }
        self.orders.add(finding.ticket_no.as_deref(), settled);
    }
}

impl<'r> Rows<'r> {
    /// How many.
    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }

    /// What the report says of an issue that this row is about: the row that says how it stands, and the work orders
    /// of all.
    fn told(&self, identity: &str, row: &'r Finding) -> (&'r Finding, Orders) {
        if let Some(several) = self.several.get(identity) {
            let told = self.findings.get(several.told).unwrap_or(row);
            return (told, several.orders.clone());
        }
        let mut orders = Orders::default();
        orders.add(row.ticket_no.as_deref(), settles(row));
        (row, orders)
    }
}

impl Received<'_> {
    fn detected_at(&self, finding: &Finding) -> i64 {
        let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        finding
            .found_at
            .unwrap_or_else(|| at_local(self.rules.zone, self.date, end))
            .timestamp_millis()
    }

    /// The rows of a report, with the issue that each is about.
    pub(super) fn rows<'r>(&self, findings: &'r [Finding], decisions: &'r [Decision]) -> Rows<'r> {
        let links = &self.rules.vocabulary.links;
        let issue = |(finding, decision): (&Finding, &Decision)| match decision {
            Decision::Matched { account, unit, .. } if !finding.positive => {
                Some(identity(links, finding, *account, *unit))
            }
            _ => None,
        };
        let identities: Vec<Option<String>> = findings.iter().zip(decisions).map(issue).collect();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut several: HashMap<String, Several> = HashMap::new();
        for (n, (finding, identity)) in findings.iter().zip(&identities).enumerate() {
            let Some(identity) = identity else {
                continue;
            };
            let at = *first.entry(identity).or_insert(n);
            if at == n {
                continue;
            }
            let of = several.entry(identity.clone()).or_insert_with(|| {
                let mut of = Several::from(at);
                findings.get(at).into_iter().for_each(|row| of.add(at, row));
                of
            });
            of.add(n, finding);
        }
        Rows {
            findings,
            decisions,
            identities,
            several,
        }
    }

    /// Stores findings of a piece of the rows with their decisions; what was placed, and was not listed before,
    /// comes back once per issue.
    pub(super) async fn note_findings<'r>(
        &self,
        tx: &mut Tx,
        outcome: &mut Outcome,
        (all, piece): (&'r Rows<'r>, Range<usize>),
        waiting: &HashMap<String, i64>,
        noted: &mut Noted,
    ) -> Result<Vec<Listed<'r>>> {
        let mut rows = Vec::with_capacity(piece.len());
        let mut listed: BTreeMap<usize, Listed<'r>> = BTreeMap::new();
        let mut here: HashSet<&str> = HashSet::new();
        let waits = |finding| waiting.get(&self.waiting_identity(finding)).copied();
        let said = all.findings.iter().zip(all.decisions).zip(&all.identities);
        let said = said.enumerate().skip(piece.start).take(piece.len());
        for (n, ((finding, decision), identity)) in said {
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
                    let Some(identity) = identity else {
                        outcome.positive += 1;
                        rows.push(row);
                        continue;
                    };
                    outcome.matched += 1;
                    row.outcome = "matched";
                    if !noted.ids.contains_key(identity) && here.insert(identity) {
                        let (told, orders) = all.told(identity, finding);
                        let item = Listed {
                            finding: told,
                            account: *account,
                            unit: *unit,
                            by: by.as_str(),
                            identity: identity.clone(),
                            detected_at: self.detected_at(told),
                            issue: 0,
                            known: None,
                            orders,
                        };
                        listed.insert(n, item);
                    }
                    row.identity = Some(identity.clone());
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
        listed.retain(|_, l| !settles(l.finding) || known.contains_key(&l.identity));
        let wordings = Wordings::load(tx).await?;
        let all = listed.len();
        listed.retain(|_, l| {
            let runs = known.get(&l.identity).is_some_and(Tracked::live);
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
            item.known = known.remove(&item.identity);
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
