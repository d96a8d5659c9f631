//! What became of notices, by issue and by person: for the history of an issue and for the auditor.

use std::collections::{HashMap, HashSet};

use super::Kind;
use crate::error::{Error, Result};
use crate::store::{Row, Tx, Value, vals};

/// Said as a literal, so that the index on what waits for such people is used.
macro_rules! gone {
    () => {
        "the person left the roster"
    };
}

/// Why a notice ends whose person is no longer in the roster.
pub const GONE: &str = gone!();
/// Why a notice ends whose issues are all closed, or another's by now.
pub const CLOSED: &str = "every issue is closed by now";
/// Why a notice waits that came outside its person's hours.
pub const QUIET: &str = "outside the person's hours";
/// Why a notice ends or waits that its person does not want to be sent.
pub const MUTED: &str = "muted by the person";
/// Why a reminder ends whose due time was moved.
pub const MOVED: &str = "the due time was moved";
/// Why a notice waits whose person has not opened their invitation yet.
pub const UNBOUND: &str = "the person is not bound yet";

/// Why a notice ends that a successor is told of.
pub const SUCCEEDED: &str = "a successor is told";

/// Why a notice to a group ends that is bound no more.
pub const GROUP_GONE: &str = "the group is bound no more";
/// Why a notice to a person ends of whose unit the group was told.
pub const IN_GROUP: &str = "the unit's group was told";

/// A notice with its fate so far. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: i64,
    /// What made it happen once.
    pub once: String,
    /// To whom.
    pub person_id: i64,
    /// About what.
    pub kind: Kind,
    /// The exact issues.
    pub issues: Vec<i64>,
    /// What the kind needs besides, as JSON.
    pub detail: Option<serde_json::Value>,
    /// Goes first.
    pub urgent: bool,
    /// `owed`, `claimed`, `sent`, `dropped`, `dead` or `waiting`.
    pub state: String,
    /// When it was owed.
    pub created_at: i64,
    /// Not to be sent before.
    pub not_before: i64,
    /// Until when somebody is sending it.
    pub lease_until: Option<i64>,
    /// When it was tried or ended last.
    pub settled_at: Option<i64>,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it waits or ended.
    pub error: Option<String>,
}

macro_rules! columns {
    () => {
        "n.id, n.once, n.person_id, n.kind, n.issues, n.detail, n.urgent, n.state, n.created_at, \
         n.not_before, n.lease_until, n.settled_at, n.attempts, n.error"
    };
}

fn read(row: &Row) -> Result<Told> {
    let word = row.text(3)?;
    Ok(Told {
        id: row.int(0)?,
        once: row.text(1)?,
        person_id: row.int(2)?,
        kind: Kind::parse(&word)
            .ok_or_else(|| Error::other(format!("unknown notice kind {word:?}")))?,
        issues: row.json(4)?,
        detail: row
            .maybe_text(5)?
            .map(|text| serde_json::from_str(&text))
            .transpose()?,
        urgent: row.flag(6)?,
        state: row.text(7)?,
        created_at: row.int(8)?,
        not_before: row.int(9)?,
        lease_until: row.maybe_int(10)?,
        settled_at: row.maybe_int(11)?,
        attempts: row.int(12)?,
        error: row.maybe_text(13)?,
    })
}

fn keys(ids: &[i64]) -> Vec<Value> {
    ids.iter().map(|id| Value::from(*id)).collect()
}

/// Every notice about an issue, oldest first.
pub async fn of_issue(tx: &mut Tx, issue: i64) -> Result<Vec<Told>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from notice_issue x join notice n on n.id = x.notice_id
         where x.issue_id = $1 order by n.id"
    );
    tx.all(sql, vals![issue]).await?.iter().map(read).collect()
}

/// The newest notices, those that are still owed first.
pub async fn latest(tx: &mut Tx, most: i64) -> Result<Vec<Told>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from notice n
         order by case when n.state in ('owed', 'claimed', 'waiting') then 0 else 1 end, n.id desc
         limit $1"
    );
    tx.all(sql, vals![most]).await?.iter().map(read).collect()
}

/// To whom something is owed that was not said yet.
pub async fn awaiting(tx: &mut Tx) -> Result<Vec<i64>> {
    // Asked by person: what waits for those who are not bound grows for years.
    let sql = "select p.id from person p where exists (
                   select 1 from notice n
                   where n.person_id = p.id and n.state in ('owed', 'claimed', 'waiting'))
               order by p.id";
    let rows = tx.all(sql, vals![]).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// What is owed to these people and nobody is sending right now.
pub async fn unsent(tx: &mut Tx, people: &[i64], now: i64) -> Result<Vec<Told>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from notice n
         where (n.state in ('owed', 'waiting') or (n.state = 'claimed' and n.lease_until < {1}))
           and n.person_id in ({in}) order by n.id"
    );
    let rows = tx.all_in(sql, vals![now], keys(people)).await?;
    rows.iter().map(read).collect()
}

/// What should have been sent before this time: the first of it.
pub async fn late(tx: &mut Tx, before: i64, most: i64) -> Result<Vec<Told>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from notice n
         where (n.state = 'owed' and n.not_before < $1)
            or (n.state = 'claimed' and n.lease_until < $1)
         order by n.id limit $2"
    );
    let rows = tx.all(sql, vals![before, most]).await?;
    rows.iter().map(read).collect()
}

/// Who was told, or will be, of these issues since then: issue, person, kind.
pub async fn told_of(
    tx: &mut Tx,
    issues: &[i64],
    since: i64,
) -> Result<HashSet<(i64, i64, String)>> {
    let sql = "select x.issue_id, n.person_id, n.kind
               from notice_issue x join notice n on n.id = x.notice_id
               where n.state <> 'dropped' and n.created_at >= {1} and x.issue_id in ({in})";
    let rows = tx.all_in(sql, vals![since], keys(issues)).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))
        .collect()
}

/// Of which of these issues nobody has been told yet that they are new, or are back: it is still owed.
pub async fn unsaid(tx: &mut Tx, issues: &[i64]) -> Result<HashSet<i64>> {
    // The state is looked at here: what is owed to everybody is not read by the index on it.
    let sql = "select distinct x.issue_id
               from notice_issue x join notice n on n.id = x.notice_id
               where x.issue_id in ({in}) and n.kind in ('new', 'reopened')
                 and coalesce(n.state, '') in ('owed', 'claimed', 'waiting')";
    let rows = tx.all_in(sql, vec![], keys(issues)).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// What became last of telling a group of each of these issues: the notice's state by issue.
pub async fn in_group(tx: &mut Tx, recipient: i64, issues: &[i64]) -> Result<HashMap<i64, String>> {
    let sql = "select x.issue_id, n.state from notice_issue x join notice n on n.id = x.notice_id
               where n.person_id = {1} and x.issue_id in ({in}) order by n.id";
    let rows = tx.all_in(sql, vals![recipient], keys(issues)).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?)))
        .collect()
}

/// Owes again what was held back because these people had left; they are back.
pub async fn recall(tx: &mut Tx, people: &[i64], not_before: i64) -> Result<u64> {
    // The literal is that of the index, and the sum keeps it from being passed over: what else waits for
    // who is not bound is not read.
    let sql = concat!(
        "update notice set state = 'owed', not_before = {1}, error = null
         where state = 'waiting' and error = '",
        gone!(),
        "' and person_id + 0 in ({in})"
    );
    tx.run_in(sql, vals![not_before], keys(people)).await
}

/// Ends notices that nobody will be sent, with the reason.
pub async fn drop_all(tx: &mut Tx, ids: &[i64], why: &str, now: i64) -> Result<u64> {
    tx.run_in(
        "update notice set state = 'dropped', error = {1}, settled_at = {2}, lease_until = null
         where coalesce(state, '') in ('owed', 'waiting', 'claimed') and id in ({in})",
        vals![why, now],
        keys(ids),
    )
    .await
}
