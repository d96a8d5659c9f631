//! Climbing: the steps whose time has come are owed, each to each person once; and a ladder that stood
//! still goes on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Rules;
use crate::error::Result;
use crate::issue::deadline::{self, Climb};
use crate::issue::ladder::{Rung, Step, Tell, When};
use crate::issue::table::{self as issues, Issue};
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Person, Roster};
use crate::store::Tx;

/// Owes what the clock demands; how many issues were concerned.
pub async fn climb(
    tx: &mut Tx,
    rules: &Rules,
    roster: &Roster,
    now: DateTime<Utc>,
) -> Result<usize> {
    let now_ms = now.timestamp_millis();
    let demanded = issues::demanded(tx, now_ms).await?;
    let mut owed = Vec::new();
    for (issue, climb) in &demanded {
        owed.extend(steps_of(rules, roster, issue, climb, now));
    }
    outbox::table::enqueue(tx, &owed, now_ms).await?;
    let climbs: Vec<(i64, &Climb)> = demanded.iter().map(|(i, climb)| (i.id, climb)).collect();
    deadline::stepped(tx, &climbs, now_ms).await?;
    Ok(demanded.len())
}

/// What is owed of one issue. What comes to a person at once is said once: the greatest, and of that
/// the last.
fn steps_of(
    rules: &Rules,
    roster: &Roster,
    issue: &Issue,
    climb: &Climb,
    now: DateTime<Utc>,
) -> Vec<Owed> {
    let (laid, now_ms) = (&climb.laid, now.timestamp_millis());
    let mut by_person: BTreeMap<i64, (&Rung, &Step)> = BTreeMap::new();
    for (rung, step) in laid.passed(issue.standing, climb.done, now_ms) {
        for person in step.tell.iter().flat_map(|tell| told(roster, issue, *tell)) {
            let said = by_person.entry(person.id).or_insert((rung, step));
            if said.1.when <= step.when {
                *said = (rung, step);
            }
        }
    }
    let owed = |(person, (rung, step)): (i64, (&Rung, &Step))| Owed {
        once: once(issue, laid.since, rung, step, person),
        person_id: person,
        kind: kind(step.when),
        issues: vec![issue.id],
        detail: None,
        urgent: laid.urgent,
        not_before: rules.send_at(now, laid.urgent),
    };
    by_person.into_iter().map(owed).collect()
}

fn kind(when: When) -> Kind {
    match when {
        When::Unacknowledged => Kind::Unacknowledged,
        When::BeforeDue => Kind::Reminder,
        When::Overdue => Kind::Overdue,
    }
}

/// Kind, issue, due time, person (what a moved due time takes back is found by these), then what the
/// step counts from and its own time: these tell one step and repetition from another, also when the
/// policy that is applied later numbers its steps otherwise.
fn once(issue: &Issue, since: i64, rung: &Rung, step: &Step, person: i64) -> String {
    let (due, from) = match step.when {
        When::Unacknowledged => (0, since),
        When::BeforeDue | When::Overdue => (
            issue.due_at.unwrap_or_default(),
            issue.told_at.unwrap_or_default(),
        ),
    };
    let (kind, issue) = (kind(step.when).as_str(), issue.id);
    format!("{kind}:{issue}:{due}:{person}:{from}:{}", rung.at)
}

/// Whom a step means.
fn told<'a>(roster: &'a Roster, issue: &Issue, tell: Tell) -> Vec<&'a Person> {
    match tell {
        Tell::Operator => roster.answering(issue.whose()),
        Tell::Lead => match roster.unit_by_id(issue.unit_id) {
            Some(unit) => roster.leads_of(&unit.code),
            None => vec![],
        },
        Tell::Manager => roster.managers_over(issue.unit_id),
    }
}

/// A fix was found wanting: the ladder goes on with the due time as it was, and what waits for an
/// acknowledgment begins anew.
pub async fn resume(tx: &mut Tx, rules: &Rules, issue: i64, now: DateTime<Utc>) -> Result<()> {
    let mut climb = deadline::climb_of(tx, issue).await?;
    climb.laid = rules.deadlines.lay_again(climb.laid, now);
    deadline::lay(tx, issue, &climb).await
}
