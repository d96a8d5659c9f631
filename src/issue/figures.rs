//! Issues by when they were opened or closed, without their texts: the figures of a period read what happened
//! in it, by index, and nothing that was closed before.

use super::scoped::in_scope;
use super::state::{self, CloseReason, State};
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::roster::Scope;
use crate::store::{Row, Tx, vals};

/// An issue as figures need it. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The issue.
    pub id: i64,
    /// The source that lists it.
    pub source: String,
    /// The account whose people answer.
    pub account_id: Option<i64>,
    /// The account it is about.
    pub subject: Option<i64>,
    /// The unit that answers.
    pub unit_id: i64,
    /// The category's id.
    pub category: String,
    /// How grave.
    pub severity: Severity,
    /// Where it stands.
    pub state: State,
    /// Why it was closed.
    pub reason: Option<CloseReason>,
    /// A dispute waits.
    pub disputed: bool,
    /// When it was opened.
    pub opened_at: i64,
    /// When the fix is due.
    pub due_at: Option<i64>,
    /// When the fix was reported.
    pub fix_reported_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// How often it came back.
    pub reopened: i64,
}

macro_rules! columns {
    () => {
        "id, source, account_id, about_id, unit_id, category, severity, state, close_reason, disputed, \
         opened_at, due_at, fix_reported_at, closed_at, reopened"
    };
}

fn read(row: &Row) -> Result<Brief> {
    let state = row.text(7)?;
    let account_id = row.maybe_int(2)?;
    Ok(Brief {
        id: row.int(0)?,
        source: row.text(1)?,
        account_id,
        subject: account_id.or(row.maybe_int(3)?),
        unit_id: row.int(4)?,
        category: row.text(5)?,
        severity: Severity::parse(&row.text(6)?),
        state: State::parse(&state)
            .ok_or_else(|| Error::other(format!("unknown issue state {state:?}")))?,
        reason: row.maybe_text(8)?.as_deref().and_then(CloseReason::parse),
        disputed: row.flag(9)?,
        opened_at: row.int(10)?,
        due_at: row.maybe_int(11)?,
        fix_reported_at: row.maybe_int(12)?,
        closed_at: row.maybe_int(13)?,
        reopened: row.int(14)?,
    })
}

impl Brief {
    /// Whether the fix came before it was due: reported by then, or gone by then.
    pub fn in_time(&self) -> bool {
        let fixed = self.fix_reported_at.or(self.closed_at);
        self.due_at.is_none() || fixed.is_some_and(|at| !state::past(self.due_at, at))
    }
}

/// What was opened from a time until before another, wherever it stands now; the caller keeps what is of
/// its scope: an index on the time alone is read.
pub async fn opened(tx: &mut Tx, from: i64, to: i64) -> Result<Vec<Brief>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from issue where opened_at >= $1 and opened_at < $2 order by opened_at, id"
    );
    tx.all(sql, vals![from, to])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// What of a scope was closed from a time until before another.
pub async fn closed(tx: &mut Tx, scope: &Scope, (from, to): (i64, i64)) -> Result<Vec<Brief>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![from, to],
            [
                "select ",
                columns!(),
                " from issue where closed_at >= {1} and closed_at < {2}"
            ],
            "+",
            ""
        );
        for row in &rows {
            found.push(read(row)?);
        }
    }
    found.sort_by_key(|one| (one.closed_at, one.id));
    Ok(found)
}

/// What of an account was closed last, the newest first.
pub async fn last_closed(tx: &mut Tx, account: i64, most: i64) -> Result<Vec<i64>> {
    let rows = tx
        .all(
            "select id from issue where account_id = $1 and closed_at is not null
             order by closed_at desc limit $2",
            vals![account, most],
        )
        .await?;
    rows.iter().map(|row| row.int(0)).collect()
}
