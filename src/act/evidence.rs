//! What shows that something was fixed: kept with the issue, and asked for by a manager.

use serde_json::json;

use super::{Actor, Done, Words, owed, sees};
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::issue::acts::{self, Act};
use crate::issue::evidence::{ASKED, awaited};
use crate::issue::state::{Refusal, State};
use crate::issue::table as issues;
use crate::outbox::{self, Kind};
use crate::roster::{Person, Role};
use crate::store::Tx;

/// Keeps a photo or file, or free words, with issues without changing their state; a manager who asked
/// for it is told.
pub async fn attach(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    (ids, words): (&[i64], &Words),
) -> Result<()> {
    let known = acts::acts_of(tx, ids).await?;
    let mut told = Vec::new();
    for issue in issues::many(tx, ids).await? {
        let acts = known.get(&issue.id).map(Vec::as_slice).unwrap_or_default();
        let Some(asked) = awaited(acts).filter(|_| words.evidence.is_some()) else {
            continue;
        };
        let asker: Vec<&Person> = directory.roster.person(asked).into_iter().collect();
        let detail = json!({ "what": "evidence", "by": actor.person.id });
        let cause = actor.now.timestamp_millis();
        let about = (Kind::Ruling, &issue, cause);
        told.extend(owed(rules, &asker, about, &detail, actor.now));
    }
    let acts: Vec<Act> = ids
        .iter()
        .map(|id| Act {
            note: words.note.clone(),
            evidence: words.evidence.clone(),
            ..actor.act(*id, "noted")
        })
        .collect();
    acts::record(tx, &acts).await?;
    outbox::table::enqueue(tx, &told, actor.now.timestamp_millis()).await?;
    Ok(())
}

/// Asks those who answer for these issues for evidence of the fix that they reported.
pub async fn ask(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    ids: &[i64],
) -> Result<Vec<Done>> {
    let roster = &directory.roster;
    let known = acts::acts_of(tx, ids).await?;
    let (mut done, mut acts, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for issue in issues::many(tx, ids).await? {
        if actor.person.role != Role::Manager || !sees(roster, actor.person, &issue) {
            done.push(Done::NotYours);
            continue;
        }
        let before = known.get(&issue.id).map(Vec::as_slice).unwrap_or_default();
        if issue.standing.state != State::FixReported || awaited(before).is_some() {
            let refusal = match issue.standing.state {
                State::Closed => Refusal::Closed,
                State::FixReported => Refusal::Already,
                State::Open | State::Acknowledged => Refusal::NotHere,
            };
            done.push(Done::Stale(issue, refusal));
            continue;
        }
        acts.push(actor.act(issue.id, ASKED));
        let detail = json!({ "by": actor.person.id });
        let cause = actor.now.timestamp_millis();
        let people = roster.answering(issue.whose());
        all.extend(owed(
            rules,
            &people,
            (Kind::EvidenceAsked, &issue, cause),
            &detail,
            actor.now,
        ));
        done.push(Done::Applied(issue));
    }
    acts::record(tx, &acts).await?;
    outbox::table::enqueue(tx, &all, actor.now.timestamp_millis()).await?;
    Ok(done)
}
