//! Taking back: what stood before an act, and whether who did it may still take it back. Pure.

use serde::{Deserialize, Serialize};

use super::acts::Act;
use super::how::How;
use super::state::{Standing, State};
use super::table::Issue;

/// So many minutes one's own last act can be taken back.
pub const MINUTES: i64 = 10;

/// The verb under which a taking back is recorded; its note is the verb that is taken back.
pub const VERB: &str = "taken_back";

/// What stood before an act, kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    state: State,
    disputed: bool,
    acknowledged_at: Option<i64>,
    fix_reported_at: Option<i64>,
    fix_how: Option<How>,
    handler_id: Option<i64>,
    /// The request that the act made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<i64>,
    /// The issue's revision after the act; another one says that something has happened since.
    revision: i64,
}

impl Prior {
    /// What stood before an act that makes of `before` an issue of this revision.
    pub fn of(before: &Issue, revision: i64, request: Option<i64>) -> Self {
        Self {
            state: before.standing.state,
            disputed: before.standing.disputed,
            acknowledged_at: before.acknowledged_at,
            fix_reported_at: before.fix_reported_at,
            fix_how: before.fix_how,
            handler_id: before.handler_id,
            request,
            revision,
        }
    }

    /// As kept with the act.
    pub fn stored(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// The issue as it stood.
    pub fn restored(&self, issue: &Issue) -> Issue {
        Issue {
            standing: Standing {
                state: self.state,
                reason: None,
                disputed: self.disputed,
            },
            acknowledged_at: self.acknowledged_at,
            fix_reported_at: self.fix_reported_at,
            fix_how: self.fix_how,
            handler_id: self.handler_id,
            revision: issue.revision + 1,
            ..issue.clone()
        }
    }
}

/// Why nothing is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The person did nothing here that could be taken back.
    Nothing,
    /// It was longer ago than [`MINUTES`].
    TooLate,
    /// Something has happened since.
    Since,
}

impl Refusal {
    /// The word by which the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::TooLate => "too_late",
            Self::Since => "since",
        }
    }
}

/// The acts that still count, oldest first: without those that were taken back.
pub fn counting(acts: &[Act]) -> Vec<&Act> {
    let mut left: Vec<&Act> = Vec::with_capacity(acts.len());
    for act in acts {
        if act.verb != VERB {
            left.push(act);
            continue;
        }
        let taken = left.iter().rposition(|one| {
            one.prior.is_some()
                && one.person_id == act.person_id
                && Some(one.verb.as_str()) == act.note.as_deref()
        });
        taken.map(|at| left.remove(at));
    }
    left
}

/// The last act of a person on an issue, with what stood before, if it may be taken back. `acts` are
/// those of the issue, oldest first.
pub fn last<'a>(
    acts: &'a [Act],
    issue: &Issue,
    (person, now): (i64, i64),
) -> Result<(&'a Act, Prior), Refusal> {
    let left = counting(acts);
    let mut mine = left.into_iter().rev();
    let mine = mine.find(|act| act.person_id == Some(person) && act.prior.is_some());
    let act = mine.ok_or(Refusal::Nothing)?;
    let prior = act.prior.as_deref().map(serde_json::from_str::<Prior>);
    let Some(Ok(prior)) = prior else {
        return Err(Refusal::Nothing);
    };
    if issue.standing.state == State::Closed
        || (prior.request.is_none() && prior.revision != issue.revision)
    {
        return Err(Refusal::Since);
    }
    if now - act.at > MINUTES * 60_000 {
        return Err(Refusal::TooLate);
    }
    Ok((act, prior))
}
