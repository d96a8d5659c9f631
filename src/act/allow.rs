//! The wording of an accepted dispute is ruled right: it opens no issue any more, until that is taken back.

use super::{Actor, sees};
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::allowed::{self, Allowed};
use crate::issue::state::CloseReason;
use crate::issue::table::{self as issues, Issue};
use crate::roster::{Role, Roster};
use crate::store::Tx;

/// What a manager wants of a wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// It is right on its account; of an issue without one everywhere.
    Here,
    /// It is right on every account.
    Everywhere,
    /// It counts again.
    Revoke,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Allowing {
    /// It is so from now on.
    Done {
        /// The wording, as the report had it.
        wording: String,
        /// Not on its account only.
        everywhere: bool,
    },
    /// It was so already.
    Stale(Box<Issue>),
    /// The issue has no wording that was ruled right.
    NotHere,
    /// Not this person's to say: what holds everywhere is for who supervises everything.
    NotYours,
}

/// Lets a wording pass, or takes that back.
pub async fn allow(
    tx: &mut Tx,
    roster: &Roster,
    actor: Actor<'_>,
    (id, what): (i64, Wording),
) -> Result<Allowing> {
    let person = actor.person;
    let issue = issues::get(tx, id).await?;
    let mine = |issue: &Issue| person.role == Role::Manager && sees(roster, person, issue);
    let Some(issue) = issue.filter(mine) else {
        return Ok(Allowing::NotYours);
    };
    let ruled = issue.standing.reason == Some(CloseReason::FalseAlarm);
    let Some(wording) = issue.wrong_text.clone().filter(|_| ruled) else {
        return Ok(Allowing::NotHere);
    };
    let known = allowed::of_issue(tx, id).await?;
    let account = issue.subject().filter(|_| what != Wording::Everywhere);
    let account = known.as_ref().map_or(account, |known| known.account_id);
    let everywhere = account.is_none();
    if everywhere && !person.everywhere() {
        return Ok(Allowing::NotYours);
    }
    let now = actor.now.timestamp_millis();
    let verb = match (what, known) {
        (Wording::Revoke, Some(known)) if allowed::revoke(tx, known.id, now).await? => {
            "wording_disallowed"
        }
        (Wording::Revoke, _) | (_, Some(_)) => return Ok(Allowing::Stale(Box::new(issue))),
        (Wording::Here | Wording::Everywhere, None) => {
            let mut one = Allowed {
                id: 0,
                printed: wording.clone(),
                account_id: account,
                issue_id: id,
                by: person.id,
                at: now,
            };
            allowed::insert(tx, &mut one).await?;
            "wording_allowed"
        }
    };
    let act = Act {
        note: Some(wording.clone()),
        ..actor.act(id, verb)
    };
    acts::record(tx, &[act]).await?;
    Ok(Allowing::Done {
        wording,
        everywhere,
    })
}
