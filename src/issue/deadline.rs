//! The deadline in the table `issue`: set anew when it starts again, moved when a changed policy is
//! applied.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::store::{Tx, Value, vals};

/// A deadline as stored. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// When the first notice was owed.
    pub told: i64,
    /// When the fix is due.
    pub due: Option<i64>,
    /// When the reminder is to be said.
    pub remind: Option<i64>,
    /// The explanation, as JSON.
    pub why: String,
}

/// Starts the deadline and the reminders anew. `stamps` is JSON.
pub async fn start(tx: &mut Tx, id: i64, to: &Deadline, stamps: &str) -> Result<()> {
    tx.run(
        "update issue set told_at = $1, due_at = $2, remind_at = $3, due_why = $4, stamps = $5,
            reminded_at = null, overdue_told_at = null where id = $6",
        vals![to.told, to.due, to.remind, &to.why, stamps, id],
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

/// Moves deadlines, and arms their reminders anew. Nothing moves if one of the issues was changed by
/// another at once: the transaction is then to be dropped.
pub async fn shift(tx: &mut Tx, shifts: &[Shift]) -> Result<()> {
    let mut alike: HashMap<(Option<i64>, &Deadline), Vec<Value>> = HashMap::new();
    for shift in shifts {
        let ids = alike.entry((shift.from, &shift.to)).or_default();
        ids.push(shift.id.into());
    }
    for ((from, to), ids) in alike {
        let expected = ids.len() as u64;
        let sql = "update issue set due_at = {1}, remind_at = {2}, due_why = {3},
                reminded_at = null, overdue_told_at = null
            where state <> 'closed' and coalesce(due_at, 0) = {4} and told_at = {5} and id in ({in})";
        let from = from.unwrap_or_default();
        let before = vals![to.due, to.remind, &to.why, from, to.told];
        let changed = tx.run_in(sql, before, ids).await?;
        if changed != expected {
            let reason = "an issue was changed by another at once: nothing was moved; try again";
            return Err(Error::other(reason));
        }
    }
    Ok(())
}
