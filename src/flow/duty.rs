//! Leaves and rotations: entered, taken back, handed over when they begin and back when they end; whom
//! each of these concerns is told. Who acts for whom follows from them in `roster/duty`.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::Rules;
use crate::error::Result;
use crate::issue::table as issues;
use crate::outbox::{self, Kind, Owed};
use crate::roster::duty::{self, Refusal, State, table};
use crate::roster::{Duty, Person, Role, Roster, Scope};
use crate::store::Tx;

/// So many weeks a rotation goes on if its end is not said.
const WEEKS: i64 = 26;

/// What is told of a duty.
#[derive(Clone, Copy)]
enum Told {
    Set,
    Cancelled,
}

/// Why a duty may not be, by the roster and the duties of now.
pub async fn refusal(
    tx: &mut Tx,
    roster: &Roster,
    duty: &Duty,
    today: NaiveDate,
) -> Result<Option<Refusal>> {
    let fits = match (roster.person(duty.person), roster.person(duty.stand_in)) {
        (Some(person), Some(stand_in)) => roster.may_stand_in(person, stand_in),
        _ => false,
    };
    if !fits {
        return Ok(Some(Refusal::Unfit));
    }
    if let Some(refusal) = duty::refused(duty.from, duty.to, today) {
        return Ok(Some(refusal));
    }
    let others = table::from_day(tx, duty.from).await?;
    let overlaps = others.iter().any(|other| {
        other.person == duty.person && other.rota == duty.rota && other.from <= duty.to
    });
    Ok(overlaps.then_some(Refusal::Overlaps))
}

/// A draft counts from now on, and those concerned are told. False: it is none any more.
pub async fn confirm(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    duty: &Duty,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !table::set(tx, duty.id).await? {
        return Ok(false);
    }
    tell(tx, (rules, roster), (duty, Told::Set, duty.entered_by), now).await?;
    Ok(true)
}

/// Enters what the office decided.
pub async fn enter(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    duty: &mut Duty,
    now: DateTime<Utc>,
) -> Result<()> {
    table::insert(tx, duty).await?;
    tell(tx, (rules, roster), (duty, Told::Set, None), now).await
}

/// Takes a duty back, and tells those concerned. False: it did not count any more.
pub async fn cancel(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    (duty, by): (&Duty, Option<i64>),
    now: DateTime<Utc>,
) -> Result<bool> {
    if !table::cancel(tx, duty.id, by, now.timestamp_millis()).await? {
        return Ok(false);
    }
    tell(tx, (rules, roster), (duty, Told::Cancelled, by), now).await?;
    Ok(true)
}

/// The turns of a weekly rotation: each week one is on duty and stands in for the others.
pub fn turns(people: &[&Person], from: NaiveDate, until: Option<NaiveDate>, now: i64) -> Vec<Duty> {
    let until = until.unwrap_or(from + TimeDelta::weeks(WEEKS) - TimeDelta::days(1));
    let mut turns = Vec::new();
    let mut first = from;
    for on in people.iter().cycle() {
        if first > until {
            break;
        }
        let last = (first + TimeDelta::days(6)).min(until);
        let others = people.iter().filter(|other| other.id != on.id);
        turns.extend(others.map(|other| Duty {
            id: 0,
            person: other.id,
            stand_in: on.id,
            from: first,
            to: last,
            rota: true,
            state: State::Set,
            entered_by: None,
            entered_at: now,
        }));
        first += TimeDelta::weeks(1);
    }
    turns
}

/// Enters the turns of a rotation; each of its people and their leads are told of it once.
pub async fn rotate(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    turns: &mut [Duty],
    now: DateTime<Utc>,
) -> Result<()> {
    for turn in turns.iter_mut() {
        table::insert(tx, turn).await?;
    }
    let (Some(first), Some(last)) = (turns.first(), turns.last()) else {
        return Ok(());
    };
    let mut on: Vec<i64> = Vec::new();
    for turn in turns.iter() {
        if !on.contains(&turn.stand_in) {
            on.push(turn.stand_in);
        }
    }
    let detail = json!({ "what": "rota", "people": on, "from": first.from, "to": last.to });
    let people: Vec<&Person> = on.iter().filter_map(|id| roster.person(*id)).collect();
    let mut told: Vec<&Person> = people.clone();
    told.extend(people.iter().flat_map(|person| roster.leads_over(person)));
    owe(tx, rules, (told, format!("rota-{}", first.id), detail), now).await
}

/// Tells the person, the stand-in and the leads over the person, but not who did it.
async fn tell(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    (duty, told, by): (&Duty, Told, Option<i64>),
    now: DateTime<Utc>,
) -> Result<()> {
    let what = match told {
        Told::Set => "set",
        Told::Cancelled => "cancelled",
    };
    let detail = json!({ "what": what, "person": duty.person, "stand_in": duty.stand_in,
        "from": duty.from, "to": duty.to, "by": by, "rota": duty.rota });
    let ids = [duty.person, duty.stand_in];
    let mut people: Vec<&Person> = ids.iter().filter_map(|id| roster.person(*id)).collect();
    let person = roster.person(duty.person);
    people.extend(
        person
            .map(|person| roster.leads_over(person))
            .into_iter()
            .flatten(),
    );
    people.retain(|person| Some(person.id) != by);
    owe(
        tx,
        rules,
        (people, format!("{what}-{}", duty.id), detail),
        now,
    )
    .await
}

async fn owe(
    tx: &mut Tx,
    rules: &Rules,
    (people, cause, detail): (Vec<&Person>, String, serde_json::Value),
    now: DateTime<Utc>,
) -> Result<()> {
    let owed = people.into_iter().map(|person| Owed {
        once: format!("duty:{cause}:{}", person.id),
        person_id: person.id,
        kind: Kind::Duty,
        issues: vec![],
        detail: Some(detail.clone()),
        urgent: false,
        not_before: rules.send_at(now, false),
    });
    let owed: Vec<Owed> = owed.collect();
    outbox::table::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}

/// Hands over what begins today and back what has ended: whoever acts from now on gets one digest of
/// what is open. How many duties were handed.
pub async fn hand_over(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    now: DateTime<Utc>,
) -> Result<usize> {
    let today = now.with_timezone(&rules.zone).date_naive();
    let (begin, end) = table::to_hand(tx, today).await?;
    for duty in &begin {
        if let Some(person) = roster.person(duty.person) {
            begin_one(tx, (rules, roster), (duty, person), now).await?;
        }
        table::begun(tx, duty.id, now.timestamp_millis()).await?;
    }
    for duty in &end {
        // Who is away again at once, or still, has nothing to take back.
        if let Some(person) = roster
            .person(duty.person)
            .filter(|one| !roster.is_away(one))
        {
            let scope = roster.scope_of(person);
            let open = open(tx, &[(person, scope)], now).await?;
            let cause = format!("duty-end:{}", duty.id);
            owe_open(tx, rules, (vec![person], open, cause), now).await?;
        }
        table::ended(tx, duty.id, now.timestamp_millis()).await?;
    }
    Ok(begin.len() + end.len())
}

/// Who acts for the person gets what is open: the person's own, and that of whom the person stood in
/// for. Where nobody acts, those above do.
async fn begin_one(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    (duty, person): (&Duty, &Person),
    now: DateTime<Utc>,
) -> Result<()> {
    let to: Vec<&Person> = match roster.acting_for(person) {
        // A leave outweighs this turn, or who is merely off is asked after all.
        Some(acting) if acting.id == person.id => return Ok(()),
        Some(acting) => vec![acting],
        None => roster.leads_over(person),
    };
    let through = roster.through(person).into_iter();
    let from: Vec<(&Person, Scope)> = through.map(|one| (one, roster.own_scope(one))).collect();
    let open = open(tx, &from, now).await?;
    let cause = format!("duty-begin:{}", duty.id);
    owe_open(tx, rules, (to, open, cause), now).await
}

/// What is open in the scopes of people: of an operator all that waits for a fix, of a lead what is
/// overdue. What managers rule on they find by their own commands.
async fn open(tx: &mut Tx, whose: &[(&Person, Scope)], now: DateTime<Utc>) -> Result<Vec<i64>> {
    let mut open = Vec::new();
    for (person, scope) in whose {
        if !matches!(person.role, Role::Operator | Role::Lead) {
            continue;
        }
        for issue in issues::live_in(tx, scope).await? {
            if person.role == Role::Operator || issue.overdue(now.timestamp_millis()) {
                open.push(issue.id);
            }
        }
    }
    open.sort_unstable();
    open.dedup();
    Ok(open)
}

pub(super) async fn owe_open(
    tx: &mut Tx,
    rules: &Rules,
    (to, open, cause): (Vec<&Person>, Vec<i64>, String),
    now: DateTime<Utc>,
) -> Result<()> {
    if open.is_empty() {
        return Ok(());
    }
    let owed = to.into_iter().map(|person| Owed {
        once: format!("{cause}:{}", person.id),
        person_id: person.id,
        kind: Kind::Open,
        issues: open.clone(),
        detail: None,
        urgent: false,
        not_before: rules.send_at(now, false),
    });
    let owed: Vec<Owed> = owed.collect();
    outbox::table::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}
