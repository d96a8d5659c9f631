//! 换人处理: an issue is handed to a colleague or the lead, who answers for it from then on.

use serde_json::json;

use super::{Actor, Done, leads, others, owed, sees};
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::issue::acts;
use crate::issue::state::{Refusal, State};
use crate::issue::table::{self as issues, Issue};
use crate::issue::take_back::Prior;
use crate::outbox::{self, Kind};
use crate::roster::{Person, Role, Roster};
use crate::store::Tx;

/// Under which verb it is recorded; the note is the name of who has it now.
pub const VERB: &str = "handed_over";

/// To whom an issue may be handed: who answers for the account or the unit besides, then the leads.
pub fn takers<'a>(roster: &'a Roster, person: &Person, issue: &Issue) -> Vec<&'a Person> {
    let code = roster.unit_by_id(issue.unit_id).map(|unit| &unit.code);
    let Some(code) = code.filter(|_| matches!(person.role, Role::Operator | Role::Lead)) else {
        return vec![];
    };
    let operators = roster
        .people
        .iter()
        .filter(|one| one.role == Role::Operator && roster.may_see(one, code, issue.account_id));
    let mut takers: Vec<&Person> = operators.collect();
    takers.extend(leads(roster, issue));
    let current = issue.handler_id;
    takers.retain(|one| one.id != person.id && Some(one.id) != current);
    takers
}

/// Hands an issue over; whoever has it now is told, and the lead.
pub async fn hand_over(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    (id, to): (i64, i64),
) -> Result<Done> {
    let roster = &directory.roster;
    let Some(mut issue) = issues::get(tx, id).await? else {
        return Ok(Done::NotYours);
    };
    let to = takers(roster, actor.person, &issue)
        .into_iter()
        .find(|one| one.id == to);
    let Some(to) = to.filter(|_| sees(roster, actor.person, &issue)) else {
        return Ok(Done::NotYours);
    };
    if issue.standing.state == State::Closed {
        return Ok(Done::Stale(issue, Refusal::Closed));
    }
    let before = issue.clone();
    let next = Issue {
        handler_id: Some(to.id),
        revision: issue.revision + 1,
        ..issue.clone()
    };
    issues::stand(tx, &mut issue, next).await?;
    let act = acts::Act {
        note: Some(to.name.clone()),
        prior: Prior::of(&before, issue.revision, None).stored(),
        ..actor.act(issue.id, VERB)
    };
    acts::record(tx, &[act]).await?;
    let cause = issue.revision;
    let detail = json!({ "what": "handed", "by": actor.person.id, "to": to.id });
    let taking = roster.answering(issue.whose());
    let mut all = owed(
        rules,
        &taking,
        (Kind::Handed, &issue, cause),
        &detail,
        actor.now,
    );
    let mut told = others(leads(roster, &issue), actor);
    told.retain(|lead| !taking.contains(lead));
    all.extend(owed(
        rules,
        &told,
        (Kind::Ruling, &issue, cause),
        &detail,
        actor.now,
    ));
    outbox::table::enqueue(tx, &all, actor.now.timestamp_millis()).await?;
    Ok(Done::Applied(issue))
}
