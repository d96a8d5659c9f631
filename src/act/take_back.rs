//! 撤回: who did something by mistake takes it back within a few minutes, as long as nothing has happened
//! since.

use serde_json::json;

use super::{Actor, hand, leads, others, owed, sees};
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::issue::acts::{self, Act};
use crate::issue::request::{self as requests, State as Request};
use crate::issue::table as issues;
use crate::issue::take_back::{self, Prior, Refusal, VERB};
use crate::outbox::{self, Kind};
use crate::store::Tx;

/// What became of it for one issue.
#[derive(Clone, Debug, PartialEq)]
pub enum TakenBack {
    /// The act of this verb on the issue of this number counts no more.
    Done(i64, String),
    /// Nothing was taken back.
    Refused(i64, Refusal),
}

/// Which act is meant: a button means what its message tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// The last one.
    Any,
    /// The last one if it was done by this time, in UTC milliseconds.
    Until(i64),
    /// The asking for one of these requests, if it was the last.
    Requests(Vec<i64>),
}

impl Of {
    fn means(&self, act: &Act, prior: &Prior) -> bool {
        match self {
            Self::Any => true,
            Self::Until(at) => act.at <= *at,
            Self::Requests(ids) => prior.request.is_some_and(|id| ids.contains(&id)),
        }
    }
}

/// The issues of what a person did last, by one message or press, in the last minutes.
pub async fn recent(tx: &mut Tx, person: i64, now: i64) -> Result<Vec<i64>> {
    acts::acted_on_last(tx, person, now - take_back::MINUTES * 60_000).await
}

/// Takes back what the person did last to each of these issues. Who an issue had been handed to is told,
/// and the lead.
pub async fn take_back(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    (ids, of): (&[i64], &Of),
) -> Result<Vec<TakenBack>> {
    let roster = &directory.roster;
    let now = actor.now.timestamp_millis();
    let mut acts = acts::acts_of(tx, ids).await?;
    let (mut all, mut done, mut told) = (Vec::with_capacity(ids.len()), Vec::new(), Vec::new());
    for mut issue in issues::many(tx, ids).await? {
        let acts = acts.remove(&issue.id).unwrap_or_default();
        let mine = (actor.person.id, now);
        let found = match take_back::last(&acts, &issue, mine) {
            _ if !sees(roster, actor.person, &issue) => Err(Refusal::Nothing),
            Ok((act, prior)) if !of.means(act, &prior) => Err(Refusal::Since),
            found => found,
        };
        let (act, prior) = match found {
            Ok(found) => found,
            Err(refusal) => {
                all.push(TakenBack::Refused(issue.id, refusal));
                continue;
            }
        };
        if let Some(request) = prior.request {
            if !requests::turn(tx, request, (Request::Open, Request::Withdrawn), None).await? {
                all.push(TakenBack::Refused(issue.id, Refusal::Since));
                continue;
            }
        } else {
            let handler = issue.handler_id.filter(|_| act.verb == hand::VERB);
            let restored = prior.restored(&issue);
            issues::stand(tx, &mut issue, restored).await?;
            if let Some(handler) = handler {
                let mut people = leads(roster, &issue);
                people.extend(roster.person(handler));
                let people = others(people, actor);
                let detail = json!({ "what": "handed_back", "by": actor.person.id, "to": handler });
                let about = (Kind::Ruling, &issue, issue.revision);
                told.extend(owed(rules, &people, about, &detail, actor.now));
            }
        }
        done.push(Act {
            note: Some(act.verb.clone()),
            ..actor.act(issue.id, VERB)
        });
        all.push(TakenBack::Done(issue.id, act.verb.clone()));
    }
    acts::record(tx, &done).await?;
    outbox::table::enqueue(tx, &told, now).await?;
    Ok(all)
}
