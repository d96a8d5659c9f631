//! Writing issues: opening them, and the guarded updates of the state machine.

use super::stored::Issue;
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::issue::how::How;
use crate::issue::scoped::{keys, live};
use crate::issue::state::{CloseReason, Event, Refusal, Standing};
use crate::store::{Bulk, Tx, vals};

/// Writes new issues, each with its ladder as JSON and when the first step is.
pub async fn insert(tx: &mut Tx, issues: &[(Issue, String, Option<i64>)]) -> Result<()> {
    let mut bulk = Bulk::into_table(
        "issue",
        &[
            "id",
            "identity",
            "source",
            "account_id",
            "unit_id",
            "category",
            "severity",
            "urgent",
            "state",
            "close_reason",
            "disputed",
            "matched_by",
            "wrong_text",
            "suggestion",
            "context",
            "title",
            "url",
            "opened_at",
            "told_at",
            "due_at",
            "due_why",
            "stamps",
            "ladder",
            "step_at",
            "acknowledged_at",
            "fix_reported_at",
            "closed_at",
            "reopened",
            "revision",
            "tickets",
        ],
    );
    let mut seen = Bulk::into_table("issue_seen", &["issue_id", "report_id", "at"]);
    for (i, ladder, step) in issues {
        seen.row(vals![i.id, i.last_report, i.last_seen_at]);
        bulk.row(vals![
            i.id,
            &i.identity,
            &i.source,
            i.account_id,
            i.unit_id,
            &i.category,
            i.severity.as_str(),
            i.urgent,
            i.standing.state.as_str(),
            i.standing.reason.map(CloseReason::as_str),
            i.standing.disputed,
            &i.matched_by,
            i.wrong_text.as_deref(),
            i.suggestion.as_deref(),
            i.context.as_deref(),
            i.title.as_deref(),
            i.url.as_deref(),
            i.opened_at,
            i.told_at,
            i.due_at,
            i.due_why.as_deref(),
            i.stamps.as_deref(),
            ladder,
            *step,
            i.acknowledged_at,
            i.fix_reported_at,
            i.closed_at,
            i.reopened,
            i.revision,
            i.tickets.as_deref(),
        ]);
    }
    tx.bulk(bulk).await?;
    tx.bulk(seen).await?;
    Ok(())
}

/// Notes that a report listed these issues again.
pub async fn seen(tx: &mut Tx, ids: &[i64], report: i64, at: i64) -> Result<()> {
    let keys = keys(ids);
    let sql = "update issue_seen set report_id = {1}, at = {2} where issue_id in ({in})";
    tx.run_in(sql, vals![report, at], keys).await?;
    Ok(())
}

/// Applies an event by the state machine and the guarded update. `Ok(Err(refusal))` changes nothing;
/// `issue` is brought up to date on success.
pub async fn apply(
    tx: &mut Tx,
    issue: &mut Issue,
    event: Event,
    now: i64,
) -> Result<std::result::Result<(), Refusal>> {
    let next = match issue.standing.after(event) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut to = issue.clone();
    to.standing = next;
    to.revision += 1;
    match event {
        Event::Acknowledge | Event::Dispute => {
            to.acknowledged_at = to.acknowledged_at.or(Some(now))
        }
        Event::ReportFix => {
            to.acknowledged_at = to.acknowledged_at.or(Some(now));
            to.fix_reported_at = Some(now);
            to.fix_how = None;
        }
        Event::Refute | Event::Reopen => {
            to.reopened += 1;
            to.acknowledged_at = None;
            to.fix_reported_at = None;
            to.fix_how = None;
            to.closed_at = None;
        }
        Event::Reassign => to.acknowledged_at = None,
        Event::AcceptDispute | Event::Confirm | Event::Gone | Event::Withdraw => {
            to.closed_at = Some(now);
        }
        Event::RejectDispute => {}
    }
    stand(tx, issue, to).await?;
    Ok(Ok(()))
}

/// Closes issues that [`many_to_change`](super::many_to_change) gave by an event that closes; those that it closed. A
/// report may verify thousands at once: they are written in lists.
///
/// # Errors
/// [`Error::Changed`], and the store's.
pub async fn close(tx: &mut Tx, issues: &[Issue], event: Event, now: i64) -> Result<Vec<i64>> {
    let mut alike: Vec<(Standing, Vec<i64>)> = Vec::new();
    for issue in issues {
        let Ok(next) = issue.standing.after(event) else {
            continue;
        };
        match alike.iter_mut().find(|(standing, _)| *standing == next) {
            Some((_, ids)) => ids.push(issue.id),
            None => alike.push((next, vec![issue.id])),
        }
    }
    let mut closed = Vec::new();
    for (to, ids) in alike {
        // Not asked for by its states: SQLite would read every live issue by the index on them.
        let sql =
            "update issue set state = {1}, close_reason = {2}, disputed = {3}, closed_at = {4},
                revision = revision + 1, unconfirmed_at = null where id in ({in}) and state <> 'closed'";
        let reason = to.reason.map(CloseReason::as_str);
        let values = vals![to.state.as_str(), reason, to.disputed, now];
        if tx.run_in(sql, values, keys(&ids)).await? != ids.len() as u64 {
            return Err(Error::Changed(ids.first().copied().unwrap_or_default()));
        }
        closed.extend(ids);
    }
    closed.sort_unstable();
    Ok(closed)
}

/// Writes where an issue stands by the guarded update, and brings `issue` up to date.
///
/// # Errors
/// [`Error::Changed`], and the store's.
pub async fn stand(tx: &mut Tx, issue: &mut Issue, to: Issue) -> Result<()> {
    let changed = tx
        .run(
            "update issue set state = $1, close_reason = $2, disputed = $3, acknowledged_at = $4,
             fix_reported_at = $5, closed_at = $6, reopened = $7, revision = $8, fix_how = $9,
             handler_id = $10, unit_id = $11, account_id = $12, about_id = $13,
             unconfirmed_at = case when $1 = 'fix_reported' then unconfirmed_at else null end
             where id = $14 and revision = $15",
            vals![
                to.standing.state.as_str(),
                to.standing.reason.map(CloseReason::as_str),
                to.standing.disputed,
                to.acknowledged_at,
                to.fix_reported_at,
                to.closed_at,
                to.reopened,
                to.revision,
                to.fix_how.map(How::as_str),
                to.handler_id,
                to.unit_id,
                to.account_id,
                to.about_id,
                issue.id,
                issue.revision,
            ],
        )
        .await?;
    if changed != 1 {
        return Err(Error::Changed(issue.id));
    }
    *issue = to;
    Ok(())
}

/// Notes how an issue was fixed.
pub async fn set_how(tx: &mut Tx, issue: &mut Issue, how: Option<How>) -> Result<()> {
    issue.fix_how = how;
    tx.run(
        "update issue set fix_how = $1 where id = $2",
        vals![how.map(How::as_str), issue.id],
    )
    .await?;
    Ok(())
}

/// Withdraws issues that nobody answers for any more; closed ones stay as they are.
pub async fn withdraw(tx: &mut Tx, ids: &[i64], now: i64) -> Result<u64> {
    let sql = "update issue set state = 'closed', close_reason = 'withdrawn', disputed = 0,
            closed_at = {1}, revision = revision + 1 where id in ({in}) and state <> 'closed'";
    tx.run_in(sql, vals![now], keys(ids)).await
}

/// The live issues of these accounts are another unit's from now on.
pub async fn move_to(tx: &mut Tx, unit: i64, accounts: &[i64]) -> Result<u64> {
    let sql = concat!(
        "update issue set unit_id = {1}, revision = revision + 1 where account_id in ({in}) and ",
        live!()
    );
    tx.run_in(sql, vals![unit], keys(accounts)).await
}

/// The live issues of a unit are another's from now on.
pub async fn move_unit(tx: &mut Tx, from: i64, into: i64) -> Result<u64> {
    let sql = concat!(
        "update issue set unit_id = $1, revision = revision + 1 where unit_id = $2 and ",
        live!()
    );
    tx.run(sql, vals![into, from]).await
}

/// Records a changed category or severity; the issue stays the same.
pub async fn reclassify(tx: &mut Tx, id: i64, category: &str, severity: Severity) -> Result<()> {
    tx.run(
        "update issue set category = $1, severity = $2 where id = $3",
        vals![category, severity.as_str(), id],
    )
    .await?;
    Ok(())
}
