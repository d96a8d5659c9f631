//! An import of the roster, a rename or a merger, and what it means for the issues of accounts and units that
//! leave, move or are merged.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::Rules;
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Issue};
use crate::outbox::{self, Kind, Owed};
use crate::roster::change::{self, Plan};
use crate::roster::history::{self, Origin};
use crate::roster::{Account, AccountState, Roster, Scope, Whose, former, table as people};
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
    let merged = |code: &str| plan.merges.iter().any(|merge| merge.from == code);
    let units = plan.units.gone.iter().filter(|unit| !merged(&unit.code));
    let units: Vec<i64> = units.map(|unit| unit.id).collect();
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
/// as withdrawn, told to nobody; those of an account that has moved, or of a unit that is merged, go with it,
/// told to those who answer for them only now. All in one transaction. The numbers of the issues that were
/// withdrawn.
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
    let at = (today, now.timestamp_millis());
    let left = left_behind(tx, plan, today).await?;
    let moved = moved(plan);
    let follows = !moved.is_empty() || !plan.merges.is_empty();
    let before = if follows {
        Some(people::load(tx).await?)
    } else {
        None
    };
    change::apply(tx, plan).await?;
    former::keep(tx, &plan.former, at).await?;
    let ids = withdraw(tx, &left, at.1).await?;
    if let Some(before) = before {
        let accounts: Vec<i64> = moved.keys().copied().collect();
        let mut issues = issues::live_in(tx, &Scope::Accounts(accounts)).await?;
        let merged = former::merge(tx, &before, &plan.merges, at).await?;
        for one in merged {
            let of_unit = issues::live_in(tx, &Scope::Units(vec![one.from])).await?;
            issues.extend(
                of_unit
                    .into_iter()
                    .filter(|issue| issue.account_id.is_none()),
            );
            issues::move_unit(tx, one.from, one.into).await?;
            crate::issue::request::move_unit(tx, one.from, one.into).await?;
        }
        let mut to: HashMap<&str, Vec<i64>> = HashMap::new();
        for (account, unit) in moved {
            to.entry(unit).or_default().push(account);
        }
        let units = people::unit_ids(tx).await?;
        for (unit, accounts) in to {
            if let Some(unit) = units.get(unit) {
                issues::move_to(tx, *unit, &accounts).await?;
            }
        }
        tell_moved(tx, rules, (&before, &issues), now).await?;
    }
    Ok(ids)
}

/// Closes issues as withdrawn, with why; their numbers.
async fn withdraw(tx: &mut Tx, left: &[(i64, &'static str)], now: i64) -> Result<Vec<i64>> {
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
    Ok(ids)
}

/// The issues that another unit answers for from now on say so; who did not answer for one before is told.
async fn tell_moved(
    tx: &mut Tx,
    rules: &Rules,
    (before, moved): (&Roster, &[Issue]),
    now: DateTime<Utc>,
) -> Result<()> {
    let after = people::load(tx).await?;
    let ids: Vec<i64> = moved.iter().map(|issue| issue.id).collect();
    let (mut acts, mut owed) = (Vec::new(), Vec::new());
    let at = now.timestamp_millis();
    // What was not said yet is said to who answers by now anyway.
    let unsaid = outbox::fate::unsaid(tx, &ids).await?;
    let then: HashMap<i64, Whose> = moved.iter().map(|one| (one.id, one.whose())).collect();
    for issue in issues::many(tx, &ids).await? {
        let Some(was) = then.get(&issue.id).filter(|was| was.unit != issue.unit_id) else {
            continue;
        };
        let name = |roster: &Roster, id| {
            let unit = roster.unit_by_id(id);
            unit.map(|unit| unit.name.clone()).unwrap_or_default()
        };
        acts.push(Act {
            issue_id: issue.id,
            at,
            verb: "moved".to_owned(),
            note: Some(format!(
                "{} → {}",
                name(before, was.unit),
                name(&after, issue.unit_id)
            )),
            ..Act::default()
        });
        let knew: Vec<i64> = before.answering(*was).iter().map(|p| p.id).collect();
        for person in after.answering(issue.whose()) {
            if !unsaid.contains(&issue.id) && !knew.contains(&person.id) {
                owed.push(Owed {
                    once: format!("moved:{}:{}:{}", issue.id, issue.revision, person.id),
                    person_id: person.id,
                    kind: Kind::Reassigned,
                    issues: vec![issue.id],
                    detail: None,
                    urgent: issue.urgent,
                    not_before: rules.send_at(now, issue.urgent),
                });
            }
        }
    }
    acts::record(tx, &acts).await?;
    outbox::table::enqueue(tx, &owed, at).await?;
    Ok(())
}

/// Carries a plan out as [`bring_in`] does, and keeps in the roster's history what it changed. The number of
/// the entry, if anything changed, and the issues that were withdrawn.
///
/// # Errors
/// As [`bring_in`].
pub async fn carry_out(
    tx: &mut Tx,
    rules: &Rules,
    (plan, origin): (&Plan, &Origin<'_>),
    now: DateTime<Utc>,
) -> Result<(Option<i64>, Vec<i64>)> {
    let withdrawn = bring_in(tx, rules, plan, now).await?;
    if plan.is_empty() {
        return Ok((None, withdrawn));
    }
    let at = now.timestamp_millis();
    let entry = history::record(tx, origin, (plan, withdrawn.len()), at).await?;
    Ok((Some(entry), withdrawn))
}
