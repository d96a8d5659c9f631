//! More time, or another unit: asked for by who answers, ruled on by a manager.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{Actor, leads, others, owed, sees};
use crate::clock::{at_local, from_ms};
use crate::error::Result;
use crate::flow::{Directory, Rules, granted};
use crate::hours::Work;
use crate::issue::acts::{self, Act};
use crate::issue::request::{self as requests, Kind, Request, State};
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Issue};
use crate::issue::take_back::Prior;
use crate::outbox::{self, Kind as Notice};
use crate::roster::{Person, Role, Roster};
use crate::store::Tx;

/// Why something cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No such issue, or none of this person's: the same answer for both.
    NotYours,
    /// The issue is closed, or its fix was reported already.
    NotHere,
    /// It has no due time: there is nothing to move.
    NoDue,
    /// The same was asked for already and waits for a manager.
    Waits,
    /// The day lies before the first that is allowed …
    Early,
    /// … or after the last.
    Late,
    /// The unit answers for it already.
    Same,
}

impl Unfit {
    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYours => "not_yours",
            Self::NotHere => "not_here",
            Self::NoDue => "no_due",
            Self::Waits => "waits",
            Self::Early => "early",
            Self::Late => "late",
            Self::Same => "same",
        }
    }
}

/// The first and last day to which an issue's due time may be moved.
pub fn range(
    (rules, roster): (&Rules, &Roster),
    issue: &Issue,
    now: DateTime<Utc>,
) -> Option<(NaiveDate, NaiveDate)> {
    let due = from_ms(issue.due_at?);
    let work = work_of(rules, roster, issue);
    Some(rules.deadlines.extension((due, now), work))
}

/// When the unit of an issue works.
pub fn work_of(rules: &Rules, roster: &Roster, issue: &Issue) -> Work {
    let unit = roster.unit_by_id(issue.unit_id);
    let areas = unit.map_or_else(Vec::new, |unit| roster.chain(&unit.code));
    rules.deadlines.work_in(&areas)
}

/// Whether a person may ask for something of this kind about an issue now.
pub async fn may_ask(
    tx: &mut Tx,
    roster: &Roster,
    person: &Person,
    (kind, id): (Kind, i64),
) -> Result<std::result::Result<Issue, Unfit>> {
    let issue = issues::get(tx, id).await?;
    let Some(issue) = issue.filter(|issue| sees(roster, person, issue)) else {
        return Ok(Err(Unfit::NotYours));
    };
    if !matches!(person.role, Role::Operator | Role::Lead) {
        return Ok(Err(Unfit::NotYours));
    }
    if !issue.standing.state.runs() {
        return Ok(Err(Unfit::NotHere));
    }
    if kind == Kind::Extension && issue.due_at.is_none() {
        return Ok(Err(Unfit::NoDue));
    }
    let waiting = requests::open_on(tx, &[id]).await?;
    if waiting.iter().any(|one| one.kind == kind) {
        return Ok(Err(Unfit::Waits));
    }
    Ok(Ok(issue))
}

/// Whether what is asked for lies within what is allowed now.
pub fn fits(
    (rules, roster): (&Rules, &Roster),
    issue: &Issue,
    request: &Request,
    now: DateTime<Utc>,
) -> Option<Unfit> {
    match request.kind {
        Kind::Extension => {
            let until = request
                .until
                .map(from_ms)?
                .with_timezone(&rules.zone)
                .date_naive();
            let Some((first, last)) = range((rules, roster), issue, now) else {
                return Some(Unfit::NoDue);
            };
            match () {
                () if until < first => Some(Unfit::Early),
                () if until > last => Some(Unfit::Late),
                () => None,
            }
        }
        Kind::Reassignment => (request.unit_id == Some(issue.unit_id)).then_some(Unfit::Same),
    }
}

/// The end of work of a day, in UTC milliseconds.
pub fn end_of(rules: &Rules, day: NaiveDate, work: Work) -> i64 {
    at_local(rules.zone, day, work.end).timestamp_millis()
}

/// A draft counts from now on: it is recorded, and the managers have to rule.
pub async fn submit(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    request: &Request,
) -> Result<std::result::Result<Issue, Unfit>> {
    let roster = &directory.roster;
    let about = (request.kind, request.issue_id);
    let mut issue = match may_ask(tx, roster, actor.person, about).await? {
        Ok(issue) => issue,
        Err(unfit) => return Ok(Err(unfit)),
    };
    if request.asked_by != actor.person.id {
        return Ok(Err(Unfit::NotYours));
    }
    if let Some(unfit) = fits((rules, roster), &issue, request, actor.now) {
        return Ok(Err(unfit));
    }
    if !requests::turn(tx, request.id, (State::Draft, State::Open), None).await? {
        return Ok(Err(Unfit::Waits));
    }
    let mut acts = Vec::new();
    // Who asks has seen it.
    let (now, seen) = (actor.now.timestamp_millis(), Event::Acknowledge);
    if issues::apply(tx, &mut issue, seen, now).await?.is_ok() {
        acts.push(actor.act(issue.id, seen.verb()));
    }
    acts.push(Act {
        note: Some(request.reason.clone()),
        prior: Prior::of(&issue, issue.revision, Some(request.id)).stored(),
        ..actor.act(issue.id, request.kind.asked())
    });
    acts::record(tx, &acts).await?;
    let managers = roster.managers_over(issue.unit_id);
    let detail = json!({ "request": request.id });
    let about = (Notice::Request, &issue, request.id);
    let all = owed(rules, &managers, about, &detail, actor.now);
    outbox::table::enqueue(tx, &all, actor.now.timestamp_millis()).await?;
    Ok(Ok(issue))
}

/// What a ruling did.
#[derive(Clone, Debug, PartialEq)]
pub enum Ruled {
    /// It counts, for the issue of this number.
    Done(i64),
    /// The request waits no more, or the issue has gone another way: the request as it is.
    Stale(Request),
    /// The time that was asked for is over.
    Lapsed,
    /// No such request, or not for this person to rule on.
    NotYours,
}

/// A manager grants or refuses a request. Those who answer, and who asked, are told; of another unit
/// those of the former one.
pub async fn rule(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    (id, grants): (i64, bool),
) -> Result<Ruled> {
    let roster = &directory.roster;
    let Some(request) = requests::many(tx, &[id]).await?.pop() else {
        return Ok(Ruled::NotYours);
    };
    let issue = issues::get(tx, request.issue_id).await?;
    let mine =
        |issue: &Issue| actor.person.role == Role::Manager && sees(roster, actor.person, issue);
    let Some(mut issue) = issue.filter(mine) else {
        return Ok(Ruled::NotYours);
    };
    let now = actor.now.timestamp_millis();
    let stands = issue.standing.state.runs();
    if request.state != State::Open || !stands {
        return Ok(Ruled::Stale(request));
    }
    if grants && request.until.is_some_and(|until| until <= now) {
        return Ok(Ruled::Lapsed);
    }
    let to = if grants {
        State::Granted
    } else {
        State::Refused
    };
    if !requests::turn(tx, id, (State::Open, to), Some((actor.person.id, now))).await? {
        return Ok(Ruled::Stale(request));
    }
    // Those of now are told: granted, it may be others' from here on.
    let mut people = roster.answering(issue.whose());
    people.extend(roster.person(request.asked_by));
    people.extend(leads(roster, &issue));
    let people = others(people, actor);
    let detail = json!({
        "what": request.kind.ruled(grants), "by": actor.person.id, "until": request.until,
        "unit": request.unit_id,
    });
    let told = owed(
        rules,
        &people,
        (Notice::Ruling, &issue, request.id),
        &detail,
        actor.now,
    );
    let act = Act {
        note: ruling_note(rules, roster, &request),
        ..actor.act(issue.id, request.kind.ruled(grants))
    };
    match (request.kind, request.unit_id) {
        (Kind::Extension, _) if grants => {
            let by = (&request, actor.person.id);
            granted::extend(tx, rules, &issue, by, actor.now).await?;
            issue.due_at = request.until;
        }
        (Kind::Reassignment, Some(unit)) if grants => {
            // What else was asked of the former unit's is moot.
            requests::moot(tx, &[issue.id]).await?;
            let parts = (rules, directory);
            let done = granted::reassign(tx, parts, &mut issue, unit, actor.now).await?;
            if done.is_err() {
                return Ok(Ruled::Stale(request));
            }
        }
        _ => {}
    }
    acts::record(tx, &[act]).await?;
    outbox::table::enqueue(tx, &told, now).await?;
    Ok(Ruled::Done(issue.id))
}

/// What a ruling was about: the day, or the unit's name.
fn ruling_note(rules: &Rules, roster: &Roster, request: &Request) -> Option<String> {
    let until = request
        .until
        .map(|ms| from_ms(ms).with_timezone(&rules.zone));
    match (until, request.unit_id.and_then(|id| roster.unit_by_id(id))) {
        (Some(until), _) => Some(until.format("%Y-%m-%d %H:%M").to_string()),
        (None, Some(unit)) => Some(unit.name.clone()),
        (None, None) => None,
    }
}
