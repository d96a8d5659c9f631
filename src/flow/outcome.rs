//! What became of a report, counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::error::Fault;
use crate::matching::Decision;
use crate::report::decode::Decoded;
use crate::report::quality::Headers;
use crate::report::usual::Odd;

/// What became of a report; the JSON of `duban ingest`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// The report's number.
    pub report: i64,
    /// Its source.
    pub source: String,
    /// Its day.
    pub date: String,
    /// The same content had come before; nothing changed.
    pub duplicate: bool,
    /// Rows understood.
    pub findings: usize,
    /// Rows whose account or unit a rule found.
    pub matched: usize,
    /// Rows that several accounts might mean.
    pub ambiguous: usize,
    /// Rows that no rule could place.
    pub unmatched: usize,
    /// Praise.
    pub positive: usize,
    /// Issues that only a wording ruled right would have opened or brought back.
    pub allowed: usize,
    /// Accounts of which it says when they were updated last.
    pub updates: usize,
    /// Issues opened.
    pub opened: usize,
    /// Issues listed again.
    pub seen_again: usize,
    /// Issues that came back, or whose reported fix was refuted.
    pub reopened: usize,
    /// Issues that the report's silence closed.
    pub verified: usize,
    /// Rows not understood, with their places.
    pub rejected: Vec<Fault>,
    /// Why the report does not hold all rows, if it says so itself; its silence verified nothing.
    pub incomplete: Option<String>,
    /// How many accounts, or units without one, it names.
    pub accounts: usize,
    /// The newest day on which something was detected, where a row says.
    pub newest: Option<NaiveDate>,
    /// What is not as the source's reports usually are; its silence verified nothing.
    pub odd: Vec<Odd>,
    /// Issues that its silence would have verified.
    pub unverified: usize,
    /// Matched rows by the rule that found them.
    pub by_rule: BTreeMap<&'static str, usize>,
    /// What its columns were taken for.
    pub columns: Headers,
    /// From the bytes to what is stored, in milliseconds of a watch, not of the office's clock.
    pub took_ms: u64,
}

impl Outcome {
    /// Counts which rules found what is no praise, and keeps what the columns were taken for.
    pub(super) fn count_rules(&mut self, decoded: &Decoded, decisions: &[Decision]) {
        for (finding, decision) in decoded.findings.iter().zip(decisions) {
            if let (Decision::Matched { by, .. }, false) = (decision, finding.positive) {
                *self.by_rule.entry(by.as_str()).or_default() += 1;
            }
        }
        self.columns = Headers::of(&decoded.columns);
    }

    /// Counts what became of the rows of a feed.
    pub(super) fn count(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            match decision {
                Decision::Matched { .. } => self.matched += 1,
                Decision::Ambiguous { .. } => self.ambiguous += 1,
                Decision::Unmatched { .. } => self.unmatched += 1,
            }
        }
    }
}
