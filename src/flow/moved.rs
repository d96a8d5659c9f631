//! A changed policy (or calendar) does not move running issues by itself: what would move, and moving
//! it, on demand; with the due time the ladder.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Rules;
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::deadline::{self, Climb, Deadline, Shift};
use crate::issue::due::{Alike, Case, Stamps};
use crate::issue::ladder::{Laid, Rung, When};
use crate::issue::table::{self as issues, Issue};
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

/// What the rules make of an issue.
pub(super) struct Reckoned {
    pub to: Deadline,
    pub why: Explanation,
    pub laid: Laid,
}

/// Deadlines reckoned once for all issues that are due alike.
pub(super) struct Reckoner<'a> {
    rules: &'a Rules,
    roster: &'a Roster,
    known: HashMap<Alike, Reckoned>,
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
    ) -> &Reckoned {
        let (rules, roster) = (self.rules, self.roster);
        let account = issue.subject().and_then(|id| roster.account(id));
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
            repeated: issue.reopened > 0,
            told,
            stamps,
        };
        let alike = rules.deadlines.alike(&case);
        self.known.entry(alike).or_insert_with(|| {
            let due = rules.deadlines.due(&case);
            let ladder = rules.deadlines.ladder(&case);
            let laid = ladder.map(|ladder| {
                let work = rules.deadlines.own_work(&case);
                rules.deadlines.lay(ladder, told, due.at, work)
            });
            let laid = laid.unwrap_or_default();
            let to = Deadline {
                told: told.timestamp_millis(),
                due: due.at.map(|at| at.timestamp_millis()),
                why: due.why.stored(),
                ladder: serde_json::to_string(&laid).unwrap_or_default(),
                step: laid.after(None),
            };
            let why = due.why;
            Reckoned { to, why, laid }
        })
    }
}

/// What the report said of when, as far as it was kept.
pub(super) fn stamps_of(issue: &Issue) -> Result<Stamps> {
    match &issue.stamps {
        Some(stored) => Ok(serde_json::from_str(stored)?),
        None => Ok(Stamps {
            source: issue.source.clone(),
            ..Stamps::default()
        }),
    }
}

/// Lays the ladders of running issues that have none; what of it is over by now comes at once.
pub async fn lay_missing(tx: &mut Tx, rules: &Rules, roster: &Roster, ids: &[i64]) -> Result<()> {
    let mut reckoner = Reckoner::new(rules, roster);
    for issue in issues::many(tx, ids).await? {
        let told = from_ms(issue.told_at.unwrap_or(issue.opened_at));
        let stamps = stamps_of(&issue)?;
        let laid = reckoner.deadline(&issue, &stamps, told).laid.clone();
        let climb = Climb {
            laid,
            ..Climb::default()
        };
        deadline::lay(tx, issue.id, &climb).await?;
    }
    Ok(())
}

/// Which running issues the rules of now would move, or give another ladder, by number; and how many
/// are running.
pub async fn due_moves(tx: &mut Tx, rules: &Rules, roster: &Roster) -> Result<(Vec<Move>, usize)> {
    let live = issues::live_in(tx, &Scope::All).await?;
    let running = live.len();
    let mut climbs = deadline::climbs(tx).await?;
    let mut reckoner = Reckoner::new(rules, roster);
    let mut moves = Vec::new();
    for issue in live {
        let Some(told) = issue.told_at else {
            continue;
        };
        let stamps = stamps_of(&issue)?;
        let reckoned = reckoner.deadline(&issue, &stamps, from_ms(told));
        let climb = climbs.remove(&issue.id).unwrap_or_default();
        if let Some(to) = change(rules, &issue, &climb, reckoned) {
            let why = reckoned.why.clone();
            moves.push(Move { issue, to, why });
        }
    }
    moves.sort_by_key(|one| one.issue.id);
    Ok((moves, running))
}

/// What the rules of now make of an issue, if it is not what it is. A ladder that is the same but for
/// times stays as it was laid while the due time stays.
fn change(rules: &Rules, issue: &Issue, climb: &Climb, reckoned: &Reckoned) -> Option<Deadline> {
    let (to, laid) = (&reckoned.to, &reckoned.laid);
    let moved = to.due != issue.due_at;
    let of = |laid: &Laid| (laid.steps.clone(), laid.urgent, laid.work);
    let same = of(&climb.laid) == of(laid);
    if !moved && same {
        return None;
    }
    // What a manager granted outweighs the policy.
    if let Some(Explanation::Extended { .. }) = issue.why() {
        return None;
    }
    let mut laid = laid.clone();
    // What waits for an acknowledgment began anew when a fix was found wanting.
    if climb.laid.since > laid.since {
        laid = rules.deadlines.lay_again(laid, from_ms(climb.laid.since));
    }
    let laid = rearmed(laid, climb.done);
    Some(Deadline {
        ladder: serde_json::to_string(&laid).unwrap_or_default(),
        step: laid.after(climb.done.filter(|_| !moved)),
        ..to.clone()
    })
}

/// The steps of a new due time are all armed; what is over of the others is over.
pub(super) fn rearmed(mut laid: Laid, done: Option<i64>) -> Laid {
    let over = |rung: &Rung| {
        let step = laid.steps.get(rung.step);
        step.is_some_and(|step| step.when == When::Unacknowledged) && Some(rung.at) <= done
    };
    let left = laid.rungs.iter().filter(|rung| !over(rung));
    laid.rungs = left.copied().collect();
    laid
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
    let moved = moves.iter().filter(|one| one.issue.due_at != one.to.due);
    let acts: Vec<Act> = moved
        .clone()
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
    acts::record(tx, &acts).await?;
    let old = moved.filter_map(|one| Some((one.issue.id, one.issue.due_at?)));
    outbox::table::take_back(tx, &old.collect(), now).await?;
    Ok(())
}
