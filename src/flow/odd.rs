//! A report that is well-formed and not as its source's reports usually are: its rows count, its silence
//! waits for a manager.

use std::collections::HashSet;

use super::{Outcome, Received, tell_managers};
use crate::error::Result;
use crate::matching::Decision;
use crate::outbox::Kind;
use crate::report::decode::Decoded;
use crate::report::table::{self as reports, Doubt};
use crate::report::usual::{self, Measure, Odd};
use crate::store::Tx;

impl Received<'_> {
    /// Counts what tells an odd report: whom it names, and how new the newest of it is.
    pub(super) fn measure(&self, decoded: &Decoded, decisions: &[Decision], outcome: &mut Outcome) {
        let findings = &decoded.findings;
        let named = findings.iter().zip(decisions).map(|(finding, decision)| {
            let printed = [
                &finding.account_uid,
                &finding.account_name,
                &finding.unit_name,
            ];
            match decision {
                Decision::Matched { account, unit, .. } => (*account, *unit, None),
                _ => (None, 0, printed.into_iter().flatten().next()),
            }
        });
        outcome.accounts = named.collect::<HashSet<_>>().len();
        let newest = findings.iter().filter_map(|finding| finding.found_at).max();
        outcome.newest = newest.map(|at| at.with_timezone(&self.rules.zone).date_naive());
    }

    /// What of the report is not as usual.
    pub(super) async fn odd(&self, tx: &mut Tx, outcome: &Outcome) -> Result<Vec<Odd>> {
        let past = reports::past(tx, &self.source.name, self.date, usual::PAST).await?;
        let report = Measure {
            date: self.date,
            rows: (outcome.findings + outcome.rejected.len()) as u64,
            accounts: Some(outcome.accounts as u64),
            newest: outcome.newest,
        };
        let calendar = &self.rules.deadlines.calendar;
        Ok(usual::odd(&report, &past, self.source.bounds(), calendar))
    }

    /// Keeps the report in doubt, with the issues that its silence would have verified, and tells the
    /// managers.
    pub(super) async fn doubt(
        &self,
        tx: &mut Tx,
        silent: &[i64],
        outcome: &mut Outcome,
    ) -> Result<()> {
        outcome.unverified = silent.len();
        let doubt = Doubt {
            odd: outcome.odd.clone(),
            silent: silent.to_vec(),
        };
        reports::doubt(tx, outcome.report, &doubt).await?;
        let detail = serde_json::json!({
            "report": outcome.report, "source": self.source.name, "date": outcome.date,
        });
        let cause = format!("report-{}", outcome.report);
        let (rules, directory, kind) = (self.rules, self.directory, Kind::ReportOdd);
        tell_managers(tx, rules, directory, kind, &cause, vec![], detail, self.now).await
    }
}
