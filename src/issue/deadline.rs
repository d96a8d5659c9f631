//! The deadline in the table `issue`, with the ladder: set anew when it starts again, moved when a
//! changed policy is applied.

use std::collections::HashMap;

use super::ladder::Laid;
use crate::error::{Error, Result};
use crate::store::{Tx, Value, vals};

/// A deadline as stored. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// When the first notice was owed.
    pub told: i64,
    /// When the fix is due.
    pub due: Option<i64>,
    /// The explanation, as JSON.
    pub why: String,
    /// The ladder, as JSON of a [`Laid`].
    pub ladder: String,
    /// When its first step is.
    pub step: Option<i64>,
}

/// Starts the deadline and the ladder anew. `stamps` is JSON.
pub async fn start(tx: &mut Tx, id: i64, to: &Deadline, stamps: &str) -> Result<()> {
    tx.run(
        "update issue set told_at = $1, due_at = $2, due_why = $3, stamps = $4, ladder = $5,
            step_at = $6, stepped_at = null where id = $7",
        vals![to.told, to.due, &to.why, stamps, &to.ladder, to.step, id],
    )
    .await?;
    Ok(())
}

/// One issue's deadline, as it was and as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The issue.
    pub id: i64,
    /// What it was due at.
    pub from: Option<i64>,
    /// What it becomes; `told` stays.
    pub to: Deadline,
}

/// Moves deadlines and lays their ladders anew; where the due time stays, what was said of the ladder
/// stays said. Nothing moves if one of the issues was changed by
/// another at once: the transaction is then to be dropped.
pub async fn shift(tx: &mut Tx, shifts: &[Shift]) -> Result<()> {
    let mut alike: HashMap<(Option<i64>, &Deadline), Vec<Value>> = HashMap::new();
    for shift in shifts {
        let ids = alike.entry((shift.from, &shift.to)).or_default();
        ids.push(shift.id.into());
    }
    for ((from, to), ids) in alike {
        let expected = ids.len() as u64;
        let sql = "update issue set due_at = {1}, due_why = {2}, ladder = {3}, step_at = {4},
                stepped_at = case when {5} = 1 then null else stepped_at end
            where state <> 'closed' and coalesce(due_at, 0) = {6} and told_at = {7} and id in ({in})";
        let moved = from != to.due;
        let from = from.unwrap_or_default();
        let before = vals![to.due, &to.why, &to.ladder, to.step, moved, from, to.told];
        let changed = tx.run_in(sql, before, ids).await?;
        if changed != expected {
            let reason = "an issue was changed by another at once: nothing was moved; try again";
            return Err(Error::other(reason));
        }
    }
    Ok(())
}

/// What of the ladder stands with an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Climb {
    /// The steps with their times.
    pub laid: Laid,
    /// Up to when they were said, in UTC milliseconds.
    pub done: Option<i64>,
    /// When the next one is.
    pub next: Option<i64>,
}

impl Climb {
    /// As stored; an issue that has no ladder has one without steps.
    pub fn read(ladder: Option<&str>, done: Option<i64>, next: Option<i64>) -> Result<Self> {
        let laid = ladder.map(serde_json::from_str).transpose()?;
        Ok(Self {
            laid: laid.unwrap_or_default(),
            done,
            next,
        })
    }
}

/// The ladder of an issue.
pub async fn climb_of(tx: &mut Tx, id: i64) -> Result<Climb> {
    let sql = "select ladder, stepped_at, step_at from issue where id = $1";
    match tx.first(sql, vals![id]).await? {
        Some(row) => {
            let ladder = row.maybe_text(0)?;
            Climb::read(ladder.as_deref(), row.maybe_int(1)?, row.maybe_int(2)?)
        }
        None => Ok(Climb::default()),
    }
}

/// The ladders of all live issues.
pub async fn climbs(tx: &mut Tx) -> Result<HashMap<i64, Climb>> {
    let sql = "select id, ladder, stepped_at, step_at from issue
         where state in ('open', 'acknowledged', 'fix_reported')";
    let mut found = HashMap::new();
    for row in tx.all(sql, vals![]).await? {
        let ladder = row.maybe_text(1)?;
        let climb = Climb::read(ladder.as_deref(), row.maybe_int(2)?, row.maybe_int(3)?)?;
        found.insert(row.int(0)?, climb);
    }
    Ok(found)
}

/// Keeps a ladder that was laid again; what was said of it stays said.
pub async fn lay(tx: &mut Tx, id: i64, climb: &Climb) -> Result<()> {
    tx.run(
        "update issue set ladder = $1, step_at = $2 where id = $3",
        vals![
            serde_json::to_string(&climb.laid)?,
            climb.laid.after(climb.done),
            id
        ],
    )
    .await?;
    Ok(())
}

/// Notes that the steps up to `now` were owed, and when the next ones are; of issues whose ladder was
/// laid anew meanwhile nothing.
pub async fn stepped(tx: &mut Tx, climbs: &[(i64, &Climb)], now: i64) -> Result<()> {
    let mut alike: HashMap<(Option<i64>, Option<i64>), Vec<Value>> = HashMap::new();
    for (id, climb) in climbs {
        let next = climb.laid.after(Some(now));
        let ids = alike.entry((climb.next, next)).or_default();
        ids.push((*id).into());
    }
    for ((was, next), ids) in alike {
        let sql = "update issue set stepped_at = {1}, step_at = {2}
            where coalesce(step_at, 0) = {3} and id in ({in})";
        let before = vals![now, next, was.unwrap_or_default()];
        tx.run_in(sql, before, ids).await?;
    }
    Ok(())
}
