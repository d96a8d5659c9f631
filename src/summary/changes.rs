//! What changed in a person's scope since they were told last, and what waits for somebody now.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, Utc};

use crate::clock::at_local;
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::issue::acts;
use crate::issue::period::{self, Line};
use crate::issue::request as requests;
use crate::issue::state::Event;
use crate::issue::{CloseReason, State};
use crate::report::table as reports;
use crate::roster::{Person, Role, Whose};
use crate::store::Tx;

/// Not acknowledged for so long, in ms, somebody is silent.
const SILENT_MS: i64 = 24 * 3_600_000;

/// What changed, and how it stands.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Issues that were opened.
    pub opened: usize,
    /// Issues that were acknowledged.
    pub acknowledged: usize,
    /// Fixes that were reported.
    pub fixed: usize,
    /// Issues that were closed as verified, by a report or a manager.
    pub verified: usize,
    /// Issues that were closed for another reason.
    pub otherwise: usize,
    /// Issues that became overdue and are so still.
    pub late: Vec<Line>,
    /// Disputes and requests that came.
    pub asked: usize,
    /// Live issues.
    pub live: usize,
    /// Of them, those nobody acknowledged.
    pub open: usize,
    /// Of them, those past due.
    pub overdue: usize,
    /// Reported fixes that wait for a manager or a report.
    pub to_confirm: usize,
    /// Disputes that wait.
    pub disputes: usize,
    /// Requests that wait.
    pub requests: usize,
    /// Who have not acknowledged anything of what they were told more than a day ago.
    pub silent: Vec<i64>,
    /// Sources whose report of today has not come; told to those who see everything.
    pub missing: Vec<String>,
}

impl Changes {
    fn count<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a Line>,
        within: impl Fn(Option<i64>) -> bool,
    ) {
        for line in lines {
            self.opened += usize::from(within(Some(line.opened_at)));
            self.acknowledged += usize::from(within(line.acknowledged_at));
            self.fixed += usize::from(within(line.fix_reported_at));
        }
    }

    fn ended(&mut self, closed: &[Line]) {
        for line in closed {
            match line.standing.reason {
                Some(CloseReason::Verified | CloseReason::VerifiedUnreported) => self.verified += 1,
                _ => self.otherwise += 1,
            }
        }
    }

    /// Whether there is nothing new to tell of.
    pub fn nothing(&self) -> bool {
        let counted = [
            self.opened,
            self.acknowledged,
            self.fixed,
            self.verified,
            self.otherwise,
            self.late.len(),
            self.asked,
        ];
        counted.iter().sum::<usize>() == 0
    }
}

/// What changed in a person's scope from the first time on and before the second.
pub async fn changes(
    tx: &mut Tx,
    (rules, directory): (&Rules, &Directory),
    person: &Person,
    (from, to): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Changes> {
    let roster = &directory.roster;
    let scope = roster.scope_of(person);
    let live = period::live(tx, &scope).await?;
    let closed = period::closed(tx, &scope, (from, to)).await?;
    let within = |at: Option<i64>| at.is_some_and(|at| (from..to).contains(&at));
    let ms = now.timestamp_millis();
    let mut changes = Changes {
        live: live.len(),
        ..Changes::default()
    };
    changes.count(live.iter().chain(&closed), within);
    changes.ended(&closed);
    let mut silent = BTreeSet::new();
    let disputed = disputed_at(tx, &live).await?;
    changes.asked += disputed.into_iter().filter(|at| within(Some(*at))).count();
    for line in live {
        let standing = line.standing;
        let open = standing.state == State::Open && !standing.disputed;
        changes.open += usize::from(open);
        changes.to_confirm += usize::from(standing.state == State::FixReported);
        changes.disputes += usize::from(standing.disputed);
        if open && line.told_at.is_some_and(|told| ms - told >= SILENT_MS) {
            let whose = Whose {
                account: line.account_id,
                unit: line.unit_id,
                handler: None,
            };
            let answering = roster.answering(whose).into_iter();
            let answering = answering.filter(|one| one.role != Role::Manager);
            silent.extend(answering.map(|one| one.id));
        }
        if line.overdue(ms) {
            changes.overdue += 1;
            if within(line.due_at) {
                changes.late.push(line);
            }
        }
    }
    changes.silent = silent.into_iter().filter(|id| *id != person.id).collect();
    if person.role == Role::Manager {
        let open = requests::open_in(tx, &scope).await?;
        let new = open.iter().filter(|one| within(Some(one.asked_at)));
        changes.asked += new.count();
        changes.requests = open.len();
    }
    if person.role == Role::Manager && person.everywhere() {
        let today = now.with_timezone(&rules.zone).date_naive();
        let midnight = at_local(rules.zone, today, NaiveTime::MIN);
        changes.missing = reports::awaited(tx, midnight.timestamp_millis()).await?;
    }
    Ok(changes)
}

/// When each of the disputes was made that wait on these issues.
async fn disputed_at(tx: &mut Tx, live: &[Line]) -> Result<Vec<i64>> {
    let disputed = live.iter().filter(|line| line.standing.disputed);
    let disputed: Vec<i64> = disputed.map(|line| line.id).collect();
    let verb = Event::Dispute.verb();
    let acts = acts::acts_of(tx, &disputed).await?;
    let last = |acts: &Vec<acts::Act>| {
        let act = acts.iter().rev().find(|act| act.verb == verb)?;
        Some(act.at)
    };
    Ok(acts.values().filter_map(last).collect())
}
