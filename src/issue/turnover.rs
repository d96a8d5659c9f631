//! How many issues were opened and closed by day, counted within the time that is asked about.

use super::table::keys;
use crate::error::Result;
use crate::roster::Scope;
use crate::store::{Row, Tx, vals};

/// Days of the same length one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first midnight, in UTC milliseconds.
    pub from: i64,
    /// How long each day is, in milliseconds.
    pub day: i64,
    /// How many days.
    pub days: i64,
}

impl Stretch {
    fn to(&self) -> i64 {
        self.from + self.days * self.day
    }
}

/// How a closed issue was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Fixed before it was due, or with no time set. Where nobody reported the fix, the report that was
    /// silent counts.
    InTime,
    /// Fixed when it was due already.
    Late,
    /// A false alarm, or withdrawn.
    Other,
}

/// So many issues of a day of a stretch, counted from 0.
pub type Count<T> = (i64, T, i64);

macro_rules! opened {
    ($first:literal, $day:literal, $from:literal, $to:literal, $scope:literal) => {
        concat!(
            "select cast((opened_at - ",
            $first,
            ") / ",
            $day,
            " as bigint), count(*) from issue where opened_at >= ",
            $from,
            " and opened_at < ",
            $to,
            $scope,
            " group by 1"
        )
    };
}

macro_rules! closed {
    ($first:literal, $day:literal, $from:literal, $to:literal, $scope:literal) => {
        concat!(
            "select cast((closed_at - ",
            $first,
            ") / ",
            $day,
            " as bigint), cast(case
                when close_reason not in ('verified', 'verified_unreported') then 2
                when due_at <= coalesce(fix_reported_at, closed_at) then 1
                else 0 end as bigint), count(*)
             from issue where closed_at >= ",
            $from,
            " and closed_at < ",
            $to,
            $scope,
            " group by 1, 2"
        )
    };
}

/// Asks for one part of a scope. The sign before the column keeps SQLite to the index on the time: by the
/// unit it would read every issue that the unit ever had.
macro_rules! ask {
    ($tx:expr, $sql:ident, $part:expr, $of:expr) => {{
        let of = vals![$of.from, $of.day, $of.from, $of.to()];
        match $part {
            Scope::All => $tx.all($sql!("$1", "$2", "$3", "$4", ""), of).await?,
            Scope::Units(units) => {
                let sql = $sql!("{1}", "{2}", "{3}", "{4}", " and +unit_id in ({in})");
                $tx.all_in(sql, of, keys(units)).await?
            }
            Scope::Accounts(accounts) => {
                let sql = $sql!("{1}", "{2}", "{3}", "{4}", " and +account_id in ({in})");
                $tx.all_in(sql, of, keys(accounts)).await?
            }
            Scope::Both(..) => vec![],
        }
    }};
}

/// How many issues of a scope were opened on each day; days without are left out.
pub async fn opened(tx: &mut Tx, scope: &Scope, of: Stretch) -> Result<Vec<Count<()>>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        for row in ask!(tx, opened, &part, of) {
            found.push((row.int(0)?, (), row.int(1)?));
        }
    }
    Ok(found)
}

/// How many issues of a scope were closed on each day and are closed still.
pub async fn closed(tx: &mut Tx, scope: &Scope, of: Stretch) -> Result<Vec<Count<Ending>>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        for row in ask!(tx, closed, &part, of) {
            let ending = match row.int(1)? {
                0 => Ending::InTime,
                1 => Ending::Late,
                _ => Ending::Other,
            };
            found.push((row.int(0)?, ending, row.int(2)?));
        }
    }
    Ok(found)
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

/// How many issues of a scope are not closed.
pub async fn live(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    let mut live = 0;
    for part in scope.parts() {
        let rows = match &part {
            Scope::Both(..) => vec![],
            Scope::All => {
                let sql = "select count(*) from issue
                           where state in ('open', 'acknowledged', 'fix_reported')";
                tx.all(sql, vals![]).await?
            }
            Scope::Units(units) => {
                let sql = "select count(*) from issue where unit_id in ({in})
                           and state in ('open', 'acknowledged', 'fix_reported')";
                tx.all_in(sql, vec![], keys(units)).await?
            }
            Scope::Accounts(accounts) => {
                let sql = "select count(*) from issue where account_id in ({in})
                           and state in ('open', 'acknowledged', 'fix_reported')";
                tx.all_in(sql, vec![], keys(accounts)).await?
            }
        };
        for row in rows {
            live += row.int(0)?;
        }
    }
    Ok(live)
}
