//! 催办: a manager asks for what nobody acknowledged, or what is past due, to be seen to now: all of their
//! scope, or some units of it. What waits for a report or a ruling is not asked for; nor the same twice in a
//! short time.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Actor;
use crate::error::Result;
use crate::flow::Rules;
use crate::issue::acts;
use crate::issue::nudge::{self, Nudge, Told, VERB};
use crate::issue::request as requests;
use crate::issue::state::State;
use crate::issue::table::{self as issues, Issue};
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Person, Role, Roster, table as people};
use crate::store::Tx;

/// What a nudge would do now.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What each person would be told of.
    pub people: BTreeMap<i64, Vec<i64>>,
    /// Issues that nobody acknowledged.
    pub unacknowledged: usize,
    /// Issues past due.
    pub overdue: usize,
    /// Units with how many issues, those with the most first: by id, and name.
    pub units: Vec<(i64, usize)>,
    /// Issues that were nudged a short time ago.
    pub cooling: usize,
    /// Who cannot be told, of how many issues.
    pub unreached: BTreeMap<i64, usize>,
    /// Issues for which nobody answers but managers.
    pub nobody: usize,
}

impl Plan {
    /// The issues that people would be told of, each once.
    pub fn issues(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.people.values().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What it does and leaves out, to be kept.
    fn told(&self) -> Told {
        let people = self.people.iter();
        Told {
            people: people.map(|(id, issues)| (*id, issues.len())).collect(),
            issues: self.issues().len(),
            cooling: self.cooling,
            unreached: self.unreached.clone().into_iter().collect(),
            nobody: self.nobody,
        }
    }
}

/// Whether an issue may be asked for: nobody acknowledged it, or it is past due; nothing about it waits for a
/// report or a ruling.
fn wants(issue: &Issue, now: i64) -> bool {
    let unseen = issue.standing.state == State::Open && !issue.standing.disputed;
    unseen || issue.overdue(now)
}

/// What a nudge of a manager's scope, or of these units of it, would do.
pub async fn plan(
    tx: &mut Tx,
    roster: &Roster,
    (manager, now): (&Person, i64),
    units: Option<&[i64]>,
) -> Result<Plan> {
    let scope = roster.scope_of(manager);
    let mut live = issues::live_in(tx, &scope).await?;
    let asked = requests::open_in(tx, &scope).await?;
    let asked: HashSet<i64> = asked.iter().map(|request| request.issue_id).collect();
    live.retain(|issue| wants(issue, now) && !asked.contains(&issue.id));
    if let Some(units) = units {
        live.retain(|issue| units.contains(&issue.unit_id));
    }
    live.sort_by_key(|issue| issue.id);
    let ids: Vec<i64> = live.iter().map(|issue| issue.id).collect();
    let cooling = nudge::cooling(tx, &ids, now).await?;
    let bindings = people::bindings(tx).await?;
    let reached = bindings.iter().filter(|b| b.unreachable_since.is_none());
    let reached: HashSet<i64> = reached.map(|b| b.person_id).collect();
    let mut plan = Plan::default();
    let mut by_unit: HashMap<i64, usize> = HashMap::new();
    for issue in &live {
        if cooling.contains_key(&issue.id) {
            plan.cooling += 1;
            continue;
        }
        let mut answering = roster.answering(issue.whose());
        answering.retain(|one| one.role != Role::Manager && one.id != manager.id);
        if answering.is_empty() {
            plan.nobody += 1;
            continue;
        }
        let (told, away): (Vec<&Person>, Vec<&Person>) = answering
            .into_iter()
            .partition(|one| reached.contains(&one.id));
        for one in away {
            *plan.unreached.entry(one.id).or_default() += 1;
        }
        if told.is_empty() {
            continue;
        }
        for one in told {
            plan.people.entry(one.id).or_default().push(issue.id);
        }
        plan.unacknowledged += usize::from(issue.standing.state == State::Open);
        plan.overdue += usize::from(issue.overdue(now));
        *by_unit.entry(issue.unit_id).or_default() += 1;
    }
    plan.units = by_unit.into_iter().collect();
    plan.units
        .sort_by_key(|(unit, count)| (std::cmp::Reverse(*count), *unit));
    Ok(plan)
}

/// Sends a nudge to all of the manager's scope, or to the units that were chosen. `None`: it was sent before.
pub async fn send(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    actor: Actor<'_>,
    (nudge, everything): (&Nudge, bool),
) -> Result<Option<Told>> {
    let now = actor.now.timestamp_millis();
    if nudge.by != actor.person.id || !nudge::send(tx, nudge.id, now).await? {
        return Ok(None);
    }
    let units = (!everything).then_some(nudge.units.as_slice());
    let mut plan = plan(tx, roster, (actor.person, now), units).await?;
    let wanted = plan.issues();
    let taken = nudge::take(tx, &wanted, actor.person.id, now).await?;
    let taken: HashSet<i64> = taken.into_iter().collect();
    // Another manager was quicker.
    plan.cooling += wanted.len() - taken.len();
    for issues in plan.people.values_mut() {
        issues.retain(|issue| taken.contains(issue));
    }
    plan.people.retain(|_, issues| !issues.is_empty());
    let owed: Vec<Owed> = plan
        .people
        .iter()
        .map(|(person, issues)| Owed {
            once: once(nudge.id, *person),
            person_id: *person,
            kind: Kind::Nudge,
            issues: issues.clone(),
            detail: Some(serde_json::json!({ "nudge": nudge.id, "by": actor.person.id })),
            urgent: false,
            not_before: rules.send_at(actor.now, false),
        })
        .collect();
    outbox::table::enqueue(tx, &owed, now).await?;
    let mut taken: Vec<i64> = taken.into_iter().collect();
    taken.sort_unstable();
    let done: Vec<_> = taken.iter().map(|id| actor.act(*id, VERB)).collect();
    acts::record(tx, &done).await?;
    let told = plan.told();
    nudge::note(tx, nudge.id, &told).await?;
    Ok(Some(told))
}

/// What makes a person's message of a nudge happen once.
pub fn once(nudge: i64, person: i64) -> String {
    format!("nudge:{nudge}:{person}")
}
