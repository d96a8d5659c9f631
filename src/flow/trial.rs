//! The dry run: what would be understood of a report, and whose each row would be; nothing is stored.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{Directory, Incoming, Received, Rules, day_of, digest};
use crate::aside::aside;
use crate::error::{Fault, Result};
use crate::finding::Finding;
use crate::matching::{Candidate, Decision};
use crate::report::decode::{self, Column, Decoded};
use crate::report::source::Mode;
use crate::report::table as reports;
use crate::roster::Roster;
use crate::store::Store;

/// Rows that are shown as understood.
const SHOWN: usize = 10;

/// What would become of a report; the JSON of `duban source try`.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The source whose report it would be.
    pub source: String,
    /// The file's name, or the address's last part.
    pub file: String,
    /// Its day.
    pub date: NaiveDate,
    /// `snapshot`, `incremental` or `freshness`.
    pub mode: &'static str,
    /// `json`, `csv`, `xlsx` …
    pub format: &'static str,
    /// The encoding of its text, where it has one.
    pub encoding: Option<String>,
    /// The columns that are understood, each with the field it was taken for, from left to right.
    pub columns: Vec<Column>,
    /// The other columns: they are kept with the findings as they are.
    pub kept: Vec<Column>,
    /// What is usual in reports and not in this one.
    pub missing: Vec<Missing>,
    /// How many rows were understood.
    pub rows: usize,
    /// The first ten of them.
    pub first: Vec<TrialRow>,
    /// Rows whose account or unit a rule found.
    pub matched: usize,
    /// Rows that several accounts might mean.
    pub ambiguous: usize,
    /// Rows that no rule could place.
    pub unmatched: usize,
    /// Praise.
    pub positive: usize,
    /// The rows that were not understood, with their places.
    pub rejected: Vec<Fault>,
    /// What else a person should know.
    pub notes: Vec<String>,
    /// Why it does not hold all rows, if it says so itself: its silence would verify nothing.
    pub incomplete: Option<String>,
    /// The number of the report of that day with the very same content, if it came before.
    pub known: Option<i64>,
}

/// A row as understood, and whose it would be.
#[derive(Clone, Debug, Serialize)]
pub struct TrialRow {
    /// The row.
    pub finding: Finding,
    /// Whose it would be.
    pub whose: Whose,
}

/// Whose a row would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Whose {
    /// A rule finds exactly one.
    Matched {
        /// The account; none where the issue is the unit's own.
        account: Option<Called>,
        /// The unit's name.
        unit: String,
        /// The rule: `uid`, `exact`, `normalised`, `alias`, `short_form`, `person`.
        by: &'static str,
    },
    /// Several might be meant: managers are asked.
    Ambiguous {
        /// Those that might be meant, at most five.
        candidates: Vec<Likely>,
    },
    /// No rule finds any: managers are asked.
    Unmatched {
        /// Those that are alike, at most five.
        candidates: Vec<Likely>,
    },
}

/// An account as the roster calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Called {
    /// The platform's id.
    pub platform: String,
    /// The name.
    pub name: String,
}

/// Who might be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Likely {
    /// The account; none: the unit itself.
    pub account: Option<Called>,
    /// The unit's name.
    pub unit: String,
    /// 0 to 100.
    pub score: u8,
    /// Why: `same_name`, `name_elsewhere`, `looks_alike`.
    pub why: String,
}

/// What is usual in reports and not in this one; nothing of it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// No row.
    Rows,
    /// The account's name: rows are the units' own.
    AccountName,
    /// The platform: namesakes on two platforms are asked about.
    Platform,
    /// The unit: what an account's name leaves open is asked about.
    Unit,
    /// The category: every row is taken for a wrong wording.
    ProblemType,
    /// When it was found: it counts as found at the end of the report's day.
    FoundTime,
}

impl Missing {
    const ALL: [(Self, &'static [&'static str]); 5] = [
        (Self::AccountName, &["account_name", "account_uid"]),
        (Self::Platform, &["platform", "account_uid", "homepage"]),
        (Self::Unit, &["unit", "unit_code", "organisation"]),
        (Self::ProblemType, &["problem_type"]),
        (Self::FoundTime, &["found_time"]),
    ];

    /// What it means, in English.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Rows => "no rows: a report that finds nothing",
            Self::AccountName => "no account names (账号名称): every row would be its unit's own",
            Self::Platform => {
                "no platforms (账号类型): accounts of one name on two platforms would be asked about"
            }
            Self::Unit => {
                "no units (责任单位): what the account's name leaves open would be asked about"
            }
            Self::ProblemType => "no categories (问题类型): every row would be a wrong wording",
            Self::FoundTime => {
                "no times of detection (监测时间): the end of the report's day would count"
            }
        }
    }

    fn of(decoded: &Decoded, mode: Mode) -> Vec<Self> {
        let mut missing = Vec::new();
        if decoded.findings.is_empty() && decoded.rejected.is_empty() {
            missing.push(Self::Rows);
        }
        if decoded.columns.is_empty() {
            return missing;
        }
        let fields: Vec<&str> = decoded
            .columns
            .iter()
            .filter_map(|column| column.field.as_deref())
            .collect();
        let by_sheet = |finding: &Finding| finding.platform.is_some();
        for (what, names) in Self::ALL {
            let there = names.iter().any(|name| fields.contains(name))
                || (what == Self::Platform && decoded.findings.iter().any(by_sheet));
            let wanted =
                mode != Mode::Freshness || !matches!(what, Self::ProblemType | Self::FoundTime);
            if wanted && !there {
                missing.push(what);
            }
        }
        missing
    }
}

/// Reads a report as [`super::process`] would and says what would become of it. An error means that
/// nothing of it can be used; it names the place and the remedy. Only then is the store read in.
pub async fn trial(
    store: &Store,
    rules: &Rules,
    directory: &Directory,
    incoming: &Incoming<'_>,
    now: DateTime<Utc>,
) -> Result<Trial> {
    let source = incoming.source;
    let today = now.with_timezone(&rules.zone).date_naive();
    let date = day_of(incoming, today)?;
    let options = source.decoding(incoming.file_name, date, rules.zone);
    let decoded = aside(|| decode::decode(&incoming.bytes, &options, &rules.vocabulary))?;
    let decide = |finding| directory.index.decide(finding, date);
    let mut decisions: Vec<Decision> = aside(|| decoded.findings.iter().map(decide).collect());
    let digest = digest(&incoming.bytes);
    let received = Received {
        rules,
        directory,
        source,
        date,
        now,
        digest: &digest,
    };
    let mut tx = store.read().await?;
    received
        .decided_before(&mut tx, &decoded.findings, &mut decisions)
        .await?;
    let known = reports::by_digest(&mut tx, &source.name, date, &digest).await?;
    drop(tx);
    let known = known.filter(|known| known.state != "staging");
    let missing = Missing::of(&decoded, source.mode);
    let (columns, kept) = decoded.columns.into_iter().partition(|c| c.field.is_some());
    let mut trial = Trial {
        source: source.name.clone(),
        file: incoming.file_name.to_owned(),
        date,
        mode: source.mode.as_str(),
        format: decoded.format.as_str(),
        encoding: decoded.encoding,
        columns,
        kept,
        missing,
        rows: decoded.findings.len(),
        first: Vec::new(),
        matched: 0,
        ambiguous: 0,
        unmatched: 0,
        positive: 0,
        rejected: decoded.rejected.into_iter().map(|r| r.fault).collect(),
        notes: decoded.notes,
        incomplete: decoded.incomplete.map(|fault| fault.reason),
        known: known.map(|known| known.id),
    };
    for (finding, decision) in decoded.findings.into_iter().zip(decisions) {
        trial.count(&finding, &decision);
        if trial.first.len() < SHOWN {
            let whose = whose(&directory.roster, decision);
            trial.first.push(TrialRow { finding, whose });
        }
    }
    Ok(trial)
}

impl Trial {
    /// As a stored report counts.
    fn count(&mut self, finding: &Finding, decision: &Decision) {
        let counter = match decision {
            _ if finding.positive => &mut self.positive,
            Decision::Matched { .. } => &mut self.matched,
            Decision::Ambiguous { .. } => &mut self.ambiguous,
            Decision::Unmatched { .. } => &mut self.unmatched,
        };
        *counter += 1;
    }
}

fn unit_name(roster: &Roster, unit: i64) -> String {
    let unit = roster.unit_by_id(unit);
    unit.map(|unit| unit.name.clone()).unwrap_or_default()
}

fn called(roster: &Roster, account: Option<i64>) -> Option<Called> {
    let account = roster.account(account?)?;
    Some(Called {
        platform: account.platform.clone(),
        name: account.name.clone(),
    })
}

fn whose(roster: &Roster, decision: Decision) -> Whose {
    match decision {
        Decision::Matched { account, unit, by } => Whose::Matched {
            account: called(roster, account),
            unit: unit_name(roster, unit),
            by: by.as_str(),
        },
        Decision::Ambiguous { candidates } => Whose::Ambiguous {
            candidates: likely(roster, candidates),
        },
        Decision::Unmatched { candidates } => Whose::Unmatched {
            candidates: likely(roster, candidates),
        },
    }
}

fn likely(roster: &Roster, candidates: Vec<Candidate>) -> Vec<Likely> {
    let likely = candidates.into_iter().map(|candidate| Likely {
        account: called(roster, candidate.account),
        unit: unit_name(roster, candidate.unit),
        score: candidate.score,
        why: candidate.why,
    });
    likely.collect()
}
