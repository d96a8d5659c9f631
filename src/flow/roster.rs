//! An import of the roster, and what it means for the issues of accounts and units that leave.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::Rules;
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Issue};
use crate::roster::change::{self, Plan};
use crate::roster::{Account, AccountState, Scope, table as people};
use crate::store::Tx;

/// The live issues that nobody answers for once a plan is carried out, with why in a word: their
/// account or unit leaves the roster, or the account is closed.
pub async fn left_behind(
    tx: &mut Tx,
    plan: &Plan,
    today: NaiveDate,
) -> Result<Vec<(i64, &'static str)>> {
    let closes = |account: &Account| {
        account.state == AccountState::Closed || account.valid_to.is_some_and(|last| last < today)
    };
    let mut why: HashMap<i64, &'static str> = HashMap::new();
    let changed = plan.accounts.changed.iter().map(|(account, _)| account);
    let closed = changed.filter(|account| closes(account));
    why.extend(closed.map(|account| (account.id, "account_closed")));
    let gone = plan.accounts.gone.iter();
    why.extend(gone.map(|account| (account.id, "account_gone")));
    let accounts: Vec<i64> = why.keys().copied().collect();
    let of_accounts = issues::live_in(tx, &Scope::Accounts(accounts)).await?;
    let mut left: HashMap<i64, &'static str> = HashMap::new();
    let account_of = |issue: &Issue| issue.account_id.unwrap_or_default();
    left.extend(of_accounts.iter().filter_map(|issue| {
        let why = why.get(&account_of(issue))?;
        Some((issue.id, *why))
    }));
    let units: Vec<i64> = plan.units.gone.iter().map(|unit| unit.id).collect();
    let moved = moved(plan);
    for issue in issues::live_in(tx, &Scope::Units(units)).await? {
        if !moved.contains_key(&account_of(&issue)) {
            left.entry(issue.id).or_insert("unit_gone");
        }
    }
    let mut left: Vec<(i64, &'static str)> = left.into_iter().collect();
    left.sort_unstable();
    Ok(left)
}

/// The accounts that another unit answers for from now on: that unit's code, by the account's id.
fn moved(plan: &Plan) -> HashMap<i64, &str> {
    let changed = plan.accounts.changed.iter();
    let moved = changed.filter(|(_, fields)| fields.iter().any(|field| field.field == "unit"));
    moved
        .map(|(account, _)| (account.id, account.unit.as_str()))
        .collect()
}

/// Carries a plan out: the roster is written, the issues that nobody answers for any more are closed
/// as withdrawn, and those of an account that has moved go with it. All in one transaction, told to
/// nobody. The numbers of the issues that were withdrawn.
///
/// # Errors
/// A fault if the roster was changed since the plan was made; else the store's.
pub async fn bring_in(
    tx: &mut Tx,
    rules: &Rules,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Vec<i64>> {
    let today = now.with_timezone(&rules.zone).date_naive();
    let left = left_behind(tx, plan, today).await?;
    change::apply(tx, plan).await?;
    let now = now.timestamp_millis();
    let ids: Vec<i64> = left.iter().map(|(id, _)| *id).collect();
    issues::withdraw(tx, &ids, now).await?;
    crate::issue::request::moot(tx, &ids).await?;
    let acts = left.iter().map(|(id, why)| Act {
        issue_id: *id,
        at: now,
        verb: Event::Withdraw.verb().to_owned(),
        note: Some((*why).to_owned()),
        ..Act::default()
    });
    acts::record(tx, &acts.collect::<Vec<_>>()).await?;
    let mut to: HashMap<&str, Vec<i64>> = HashMap::new();
    for (account, unit) in moved(plan) {
        to.entry(unit).or_default().push(account);
    }
    if !to.is_empty() {
        let units = people::unit_ids(tx).await?;
        for (unit, accounts) in to {
            if let Some(unit) = units.get(unit) {
                issues::move_to(tx, *unit, &accounts).await?;
            }
        }
    }
    Ok(ids)
}
