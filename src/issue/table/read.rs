//! Reading issues: by id, by identity, those of a scope, and how many there are.

use std::collections::HashMap;

use super::stored::{Issue, columns, standing};
use crate::error::Result;
use crate::finding::Severity;
use crate::issue::scoped::{in_scope, keys, live};
use crate::issue::state::{Standing, State};
use crate::roster::{Scope, Whose};
use crate::store::{Engine, Tx, Value, vals};

/// One issue.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Issue>> {
    let row = tx
        .first(
            concat!("select ", columns!(), " from issue where id = $1"),
            vals![id],
        )
        .await?;
    row.as_ref().map(Issue::read).transpose()
}

/// Issues by id, in the order asked for; unknown ids are left out.
pub async fn many(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Issue>> {
    let keys = keys(ids);
    let sql = concat!("select ", columns!(), " from issue where id in ({in})");
    let mut found = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        let issue = Issue::read(&row)?;
        found.insert(issue.id, issue);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The same, to be changed: who else changes one waits until the transaction is over, as on SQLite everybody
/// does.
pub async fn many_to_change(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Issue>> {
    let sql = match tx.engine() {
        Engine::Sqlite => concat!("select ", columns!(), " from issue where id in ({in})"),
        Engine::Postgres => concat!(
            "select ",
            columns!(),
            " from issue where id in ({in}) order by id for update"
        ),
    };
    let rows = tx.all_in(sql, vec![], keys(ids)).await?;
    rows.iter().map(Issue::read).collect()
}

/// What a message orders its issues by, of those that still live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The issue.
    pub id: i64,
    /// Goes first.
    pub urgent: bool,
    /// How grave.
    pub severity: Severity,
    /// Its account.
    pub account_id: Option<i64>,
    /// Its unit.
    pub unit_id: i64,
    /// The person it was handed to.
    pub handler_id: Option<i64>,
    /// Its standing, as far as it says what may be told of it.
    pub standing: Standing,
}

impl Place {
    /// Whose it is.
    pub fn whose(&self) -> Whose {
        Whose {
            account: self.account_id,
            unit: self.unit_id,
            handler: self.handler_id,
        }
    }
}

/// Where the issues of a list stand that are not closed.
pub async fn places(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Place>> {
    // The state is looked at here: SQLite would read every live issue by the index on it.
    let sql =
        "select id, urgent, severity, account_id, unit_id, state, disputed, handler_id from issue
               where id in ({in})";
    let mut places = Vec::with_capacity(ids.len());
    for row in tx.all_in(sql, vec![], keys(ids)).await? {
        let state = State::parse(&row.text(5)?).unwrap_or(State::Closed);
        if state != State::Closed {
            let disputed = row.flag(6)?;
            places.push(Place {
                id: row.int(0)?,
                urgent: row.flag(1)?,
                severity: Severity::parse(&row.text(2)?),
                account_id: row.maybe_int(3)?,
                unit_id: row.int(4)?,
                handler_id: row.maybe_int(7)?,
                standing: Standing {
                    state,
                    reason: None,
                    disputed,
                },
            });
        }
    }
    Ok(places)
}

/// What a report has to know of an issue that it lists again: a nation's day asks for a hundred thousand of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracked {
    /// The issue.
    pub id: i64,
    /// The source that listed it first.
    pub source: String,
    /// The category's id.
    pub category: String,
    /// How grave.
    pub severity: Severity,
    /// Where it stands.
    pub standing: Standing,
    /// When the fix was reported, in UTC milliseconds.
    pub fix_reported_at: Option<i64>,
    /// The report that listed it last.
    pub last_report: i64,
}

impl Tracked {
    /// Whether somebody still has to do something.
    pub fn live(&self) -> bool {
        self.standing.state != State::Closed
    }
}

/// Issues by identity, to be changed as [`many_to_change`] says.
pub async fn by_identities(tx: &mut Tx, identities: &[&str]) -> Result<HashMap<String, Tracked>> {
    let keys = identities
        .iter()
        .map(|identity| Value::from(*identity))
        .collect();
    macro_rules! asked {
        ($tail:literal) => {
            concat!(
                "select identity, id, source, category, severity, state, close_reason, disputed, fix_reported_at,
                    (select report_id from issue_seen where issue_id = issue.id)
                 from issue where identity in ({in})",
                $tail
            )
        };
    }
    let sql = match tx.engine() {
        Engine::Sqlite => asked!(""),
        Engine::Postgres => asked!(" order by id for update"),
    };
    let mut found = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        let tracked = Tracked {
            id: row.int(1)?,
            source: row.text(2)?,
            category: row.text(3)?,
            severity: Severity::parse(&row.text(4)?),
            standing: standing(&row, 5)?,
            fix_reported_at: row.maybe_int(8)?,
            last_report: row.int(9)?,
        };
        found.insert(row.text(0)?, tracked);
    }
    Ok(found)
}

/// Every issue, for a listing; closed ones too.
pub async fn all(tx: &mut Tx) -> Result<Vec<Issue>> {
    let sql = concat!("select ", columns!(), " from issue order by id");
    tx.each(sql, vals![], Issue::read).await
}

/// The live issues of a scope.
pub async fn live_in(tx: &mut Tx, scope: &Scope) -> Result<Vec<Issue>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![],
            ["select ", columns!(), " from issue where ", live!()],
            "",
            ""
        );
        for row in &rows {
            found.push(Issue::read(row)?);
        }
    }
    Ok(found)
}

/// How many live issues there are in a scope; what is closed is not read.
pub async fn count_live(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    let mut count = 0;
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![],
            ["select count(*) from issue where ", live!()],
            "",
            ""
        );
        for row in rows {
            count += row.int(0)?;
        }
    }
    Ok(count)
}

/// Why issues of a scope were closed at or after `since` (UTC milliseconds), and how many; what was closed
/// before is not read.
pub async fn closed_since(
    tx: &mut Tx,
    scope: &Scope,
    since: i64,
) -> Result<HashMap<Option<String>, i64>> {
    let mut counts = HashMap::new();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![since],
            ["select close_reason, count(*) from issue where closed_at >= {1}"],
            "+",
            " group by close_reason"
        );
        for row in rows {
            *counts.entry(row.maybe_text(0)?).or_default() += row.int(1)?;
        }
    }
    Ok(counts)
}
