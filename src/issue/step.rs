//! What of a live issue says what happens to it next, without its texts: for the auditor.

use super::state::State;
use crate::error::{Error, Result};
use crate::roster::Whose;
use crate::store::{Row, Tx, vals};

/// Where a live issue stands and what the clock will demand of it. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The issue.
    pub id: i64,
    /// Its account.
    pub account_id: Option<i64>,
    /// Its unit.
    pub unit_id: i64,
    /// The person it was handed to.
    pub handler_id: Option<i64>,
    /// Goes first.
    pub urgent: bool,
    /// Where it stands.
    pub state: State,
    /// A dispute waits.
    pub disputed: bool,
    /// When the fix is due.
    pub due_at: Option<i64>,
    /// Whether it has a ladder.
    pub laid: bool,
    /// When the ladder's next step is; none: every step was said.
    pub step_at: Option<i64>,
    /// How often it came back.
    pub reopened: i64,
    /// Counts up with every change.
    pub revision: i64,
    /// A notice of it was sent or is under way.
    pub told: bool,
}

impl Step {
    /// Whose it is.
    pub fn whose(&self) -> Whose {
        Whose {
            account: self.account_id,
            unit: self.unit_id,
            handler: self.handler_id,
        }
    }
}

fn read(row: &Row) -> Result<Step> {
    let state = row.text(4)?;
    Ok(Step {
        id: row.int(0)?,
        account_id: row.maybe_int(1)?,
        unit_id: row.int(2)?,
        urgent: row.flag(3)?,
        state: State::parse(&state)
            .ok_or_else(|| Error::other(format!("unknown issue state {state:?}")))?,
        disputed: row.flag(5)?,
        due_at: row.maybe_int(6)?,
        laid: row.flag(7)?,
        step_at: row.maybe_int(8)?,
        reopened: row.int(9)?,
        revision: row.int(10)?,
        told: row.flag(11)?,
        handler_id: row.maybe_int(12)?,
    })
}

/// Every live issue, by the index on the states.
pub async fn live(tx: &mut Tx) -> Result<Vec<Step>> {
    let rows = tx
        .all(
            "select i.id, i.account_id, i.unit_id, i.urgent, i.state, i.disputed, i.due_at,
                    case when i.ladder is null then 0 else 1 end, i.step_at, i.reopened,
                    i.revision,
                    case when exists (
                        select 1 from notice_issue x join notice n on n.id = x.notice_id
                        where x.issue_id = i.id and n.state <> 'dropped') then 1 else 0 end,
                    i.handler_id
             from issue i where i.state in ('open', 'acknowledged', 'fix_reported')",
            vals![],
        )
        .await?;
    rows.iter().map(read).collect()
}
