//! How many issues were opened and closed in a span of time; nothing outside the span is read.

use super::scoped::{in_scope, keys};
use crate::error::Result;
use crate::roster::Scope;
use crate::store::{Row, Tx, vals};

/// How many were closed in a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Fixed before it was due, or with no time set. Where nobody reported the fix, the report that was
    /// silent counts.
    pub in_time: i64,
    /// Fixed when it was due already.
    pub late: i64,
    /// A false alarm, or withdrawn.
    pub other: i64,
}

/// How many issues of a scope were opened from one time until before another.
pub async fn opened(tx: &mut Tx, scope: &Scope, span: (i64, i64)) -> Result<i64> {
    let mut count = 0;
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![span.0, span.1],
            ["select count(*) from issue where opened_at >= {1} and opened_at < {2}"],
            "+",
            ""
        );
        for row in rows {
            count += row.int(0)?;
        }
    }
    Ok(count)
}

/// How many issues of a scope were closed in a span and are closed still.
pub async fn closed(tx: &mut Tx, scope: &Scope, span: (i64, i64)) -> Result<Closed> {
    let mut closed = Closed::default();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![span.0, span.1],
            [
                "select count(*),
                    cast(coalesce(sum(case when close_reason in ('verified', 'verified_unreported')
                        and due_at <= coalesce(fix_reported_at, closed_at) then 1 else 0 end), 0) as bigint),
                    cast(coalesce(sum(case when close_reason in ('verified', 'verified_unreported')
                        then 0 else 1 end), 0) as bigint)
                 from issue where closed_at >= {1} and closed_at < {2}"
            ],
            "+",
            ""
        );
        for row in rows {
            let (all, late, other) = (row.int(0)?, row.int(1)?, row.int(2)?);
            closed.in_time += all - late - other;
            closed.late += late;
            closed.other += other;
        }
    }
    Ok(closed)
}

/// The issues of a scope that came back since then: each with when. An issue may be there twice.
pub async fn reopened(tx: &mut Tx, scope: &Scope, since: i64) -> Result<Vec<(i64, i64)>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        for row in reopened_of(tx, &part, since).await? {
            found.push((row.int(0)?, row.int(1)?));
        }
    }
    Ok(found)
}

async fn reopened_of(tx: &mut Tx, part: &Scope, since: i64) -> Result<Vec<Row>> {
    match part {
        Scope::Both(..) => Ok(vec![]),
        Scope::All => {
            let sql = "select a.issue_id, a.at from act a
                       where a.verb = 'reopened' and a.at >= $1 order by a.at, a.id";
            tx.all(sql, vals![since]).await
        }
        Scope::Units(units) => {
            let sql = "select a.issue_id, a.at from act a join issue i on i.id = a.issue_id
                       where a.verb = 'reopened' and a.at >= {1} and +i.unit_id in ({in})
                       order by a.at, a.id";
            tx.all_in(sql, vals![since], keys(units)).await
        }
        Scope::Accounts(accounts) => {
            let sql = "select a.issue_id, a.at from act a join issue i on i.id = a.issue_id
                       where a.verb = 'reopened' and a.at >= {1} and +i.account_id in ({in})
                       order by a.at, a.id";
            tx.all_in(sql, vals![since], keys(accounts)).await
        }
    }
}
