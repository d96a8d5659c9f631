//! A changed policy (or calendar) does not move running issues by itself: what would move, and moving
//! it, on demand.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Rules;
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::deadline::{self, Deadline, Shift};
use crate::issue::due::{Alike, Case, Stamps};
use crate::issue::table::{self as issues, Act, Issue};
use crate::issue::why::Explanation;
use crate::outbox;
use crate::roster::{Roster, Scope};
use crate::store::Tx;

/// One running issue whose deadline the policy of now sets otherwise.
#[derive(Clone, Debug)]
pub struct Move {
    /// The issue.
    pub issue: Issue,
    /// What it becomes.
    pub to: Deadline,
    /// How the new due time comes about.
    pub why: Explanation,
}

/// Deadlines reckoned once for all issues that are due alike.
pub(super) struct Reckoner<'a> {
    rules: &'a Rules,
    roster: &'a Roster,
    known: HashMap<Alike, (Deadline, Explanation)>,
}

impl<'a> Reckoner<'a> {
    pub(super) fn new(rules: &'a Rules, roster: &'a Roster) -> Self {
        Self {
            rules,
            roster,
            known: HashMap::new(),
        }
    }

    /// The deadline of an issue that was told of at `told`.
    pub(super) fn deadline(
        &mut self,
        issue: &Issue,
        stamps: &Stamps,
        told: DateTime<Utc>,
    ) -> &(Deadline, Explanation) {
        let (rules, roster) = (self.rules, self.roster);
        let account = issue.account_id.and_then(|id| roster.account(id));
        let unit = roster.unit_by_id(issue.unit_id);
        let areas = match unit.filter(|_| rules.deadlines.policy.by_area()) {
            Some(unit) => roster.chain(&unit.code),
            None => vec![],
        };
        let case = Case {
            severity: issue.severity,
            category: &issue.category,
            platform: account.map(|account| account.platform.as_str()),
            areas: &areas,
            told,
            stamps,
        };
        let alike = rules.deadlines.alike(&case);
        self.known.entry(alike).or_insert_with(|| {
            let due = rules.deadlines.due(&case);
            let remind = |at| rules.deadlines.remind_at(told, at).min(at);
            let to = Deadline {
                told: told.timestamp_millis(),
                due: due.at.map(|at| at.timestamp_millis()),
                remind: due.at.map(|at| remind(at).timestamp_millis()),
                why: due.why.stored(),
            };
            (to, due.why)
        })
    }
}

/// Which running issues the rules of now would move, by number; and how many are running.
pub async fn due_moves(tx: &mut Tx, rules: &Rules, roster: &Roster) -> Result<(Vec<Move>, usize)> {
    let live = issues::live_in(tx, &Scope::All).await?;
    let running = live.len();
    let mut reckoner = Reckoner::new(rules, roster);
    let mut moves = Vec::new();
    for issue in live {
        let Some(told) = issue.told_at else {
            continue;
        };
        let stamps = match &issue.stamps {
            Some(stored) => serde_json::from_str(stored)?,
            None => Stamps {
                source: issue.source.clone(),
                ..Stamps::default()
            },
        };
        let (to, why) = reckoner.deadline(&issue, &stamps, from_ms(told));
        if to.due != issue.due_at {
            let (to, why) = (to.clone(), why.clone());
            moves.push(Move { issue, to, why });
        }
    }
    moves.sort_by_key(|one| one.issue.id);
    Ok((moves, running))
}

/// Moves deadlines: records it, arms the reminders anew, and takes back reminders and warnings of the
/// old due time that were not said yet.
pub async fn move_due(
    tx: &mut Tx,
    rules: &Rules,
    moves: &[Move],
    now: DateTime<Utc>,
) -> Result<()> {
    let now = now.timestamp_millis();
    let shifts: Vec<Shift> = moves
        .iter()
        .map(|one| Shift {
            id: one.issue.id,
            from: one.issue.due_at,
            to: one.to.clone(),
        })
        .collect();
    deadline::shift(tx, &shifts).await?;
    let local = |ms: Option<i64>| {
        let at = ms.map(|ms| from_ms(ms).with_timezone(&rules.zone));
        at.map_or_else(
            || "-".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M").to_string(),
        )
    };
    let acts: Vec<Act> = moves
        .iter()
        .map(|one| Act {
            issue_id: one.issue.id,
            at: now,
            verb: "due_moved".to_owned(),
            note: Some(format!(
                "{} → {}: {}",
                local(one.issue.due_at),
                local(one.to.due),
                one.why
            )),
            ..Act::default()
        })
        .collect();
    issues::record(tx, &acts).await?;
    let old = moves
        .iter()
        .filter_map(|one| Some((one.issue.id, one.issue.due_at?)));
    outbox::table::take_back(tx, &old.collect(), now).await?;
    Ok(())
}
