//! A query of the issues of a scope, said once for all of its parts.

use crate::store::Value;

/// Said as a list, so that the index on the states is used.
macro_rules! live {
    () => {
        "state in ('open', 'acknowledged', 'fix_reported')"
    };
}
pub(super) use live;

/// The rows of one part of a scope: `[select … where …]`, with `{1}` … for the values before, then what
/// follows the condition. A `+` keeps SQLite to the index on a time: by the unit it would read every issue
/// that the unit ever had.
macro_rules! in_scope {
    ($tx:expr, $part:expr, $before:expr, [$($head:tt)*], $sign:literal, $tail:literal) => {
        match $part {
            Scope::Both(..) => vec![],
            Scope::All => $tx.all_in(concat!($($head)*, $tail), $before, vec![]).await?,
            Scope::Units(units) => {
                let sql = concat!($($head)*, " and ", $sign, "unit_id in ({in})", $tail);
                $tx.all_in(sql, $before, $crate::issue::scoped::keys(units)).await?
            }
            Scope::Accounts(accounts) => {
                let sql = concat!($($head)*, " and ", $sign, "account_id in ({in})", $tail);
                $tx.all_in(sql, $before, $crate::issue::scoped::keys(accounts)).await?
            }
        }
    };
}
pub(super) use in_scope;

pub(super) fn keys(ids: &[i64]) -> Vec<Value> {
    ids.iter().map(|id| Value::from(*id)).collect()
}
