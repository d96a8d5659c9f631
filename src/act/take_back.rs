//! 撤回: who did something by mistake takes it back within a few minutes, as long as nothing has happened
//! since.

use super::{Actor, sees};
use crate::error::Result;
use crate::issue::request::{self as requests, State as Request};
use crate::issue::table::{self as issues, Act};
use crate::issue::take_back::{self, Refusal, VERB};
use crate::roster::Roster;
use crate::store::Tx;

/// What became of it for one issue.
#[derive(Clone, Debug, PartialEq)]
pub enum TakenBack {
    /// The act of this verb on the issue of this number counts no more.
    Done(i64, String),
    /// Nothing was taken back.
    Refused(i64, Refusal),
}

/// The issues of what a person did last, by one message or press, in the last minutes.
pub async fn recent(tx: &mut Tx, person: i64, now: i64) -> Result<Vec<i64>> {
    issues::acted_on_last(tx, person, now - take_back::MINUTES * 60_000).await
}

/// Takes back what the person did last to each of these issues.
pub async fn take_back(
    tx: &mut Tx,
    roster: &Roster,
    actor: Actor<'_>,
    ids: &[i64],
) -> Result<Vec<TakenBack>> {
    let now = actor.now.timestamp_millis();
    let mut acts = issues::acts_of(tx, ids).await?;
    let mut all = Vec::with_capacity(ids.len());
    let mut done = Vec::new();
    for mut issue in issues::many(tx, ids).await? {
        let acts = acts.remove(&issue.id).unwrap_or_default();
        let mine = (actor.person.id, now);
        let (act, prior) = match take_back::last(&acts, &issue, mine) {
            _ if !sees(roster, actor.person, &issue) => {
                all.push(TakenBack::Refused(issue.id, Refusal::Nothing));
                continue;
            }
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
            let restored = prior.restored(&issue);
            issues::stand(tx, &mut issue, restored).await?;
        }
        done.push(Act {
            note: Some(act.verb.clone()),
            ..actor.act(issue.id, VERB)
        });
        all.push(TakenBack::Done(issue.id, act.verb.clone()));
    }
    issues::record(tx, &done).await?;
    Ok(all)
}
