//! The table `notice`: enqueue, claim with a lease, settle.

use std::collections::HashMap;

use super::{Kind, Owed};
use crate::error::{Error, Result};
use crate::store::{Bulk, Row, Tx, Value, vals};

/// A notice as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its id.
    pub id: i64,
    /// To whom.
    pub person_id: i64,
    /// About what.
    pub kind: Kind,
    /// The exact issues, or waiting names.
    pub issues: Vec<i64>,
    /// What the kind needs besides.
    pub detail: Option<serde_json::Value>,
    /// Goes first.
    pub urgent: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// The answer to a former try was lost.
    pub unsure: bool,
}

/// Writes what is owed; what was owed once already is left out. The number of new notices.
pub async fn enqueue(tx: &mut Tx, owed: &[Owed], now: i64) -> Result<u64> {
    if owed.is_empty() {
        return Ok(0);
    }
    let first = tx.ids("notice", owed.len()).await?;
    let mut bulk = Bulk::into_table(
        "notice",
        &[
            "id",
            "once",
            "person_id",
            "kind",
            "issues",
            "detail",
            "urgent",
            "state",
            "created_at",
            "not_before",
            "attempts",
            "unsure",
        ],
    )
    .tail("on conflict do nothing");
    let mut about =
        Bulk::into_table("notice_issue", &["issue_id", "notice_id"]).tail("on conflict do nothing");
    for (id, o) in (first..).zip(owed) {
        // Of waiting names there is no issue yet.
        if o.kind != Kind::Unmatched {
            o.issues
                .iter()
                .for_each(|issue| about.row(vals![*issue, id]));
        }
        bulk.row(vals![
            id,
            &o.once,
            o.person_id,
            o.kind.as_str(),
            serde_json::to_string(&o.issues)?,
            o.detail.as_ref().map(ToString::to_string),
            o.urgent,
            "owed",
            now,
            o.not_before,
            0i64,
            0i64,
        ]);
    }
    tx.bulk(about).await?;
    tx.bulk(bulk).await
}

/// Claims every notice that is due for up to `people` persons, until `lease_until`. A claim whose
/// lease ran out is taken again and marked unsure: its answer may have been lost.
pub async fn claim(
    tx: &mut Tx,
    claim: &str,
    now: i64,
    lease_until: i64,
    people: i64,
) -> Result<Vec<Notice>> {
    let rows = tx
        .all(
            "update notice set unsure = case when state = 'claimed' then 1 else unsure end,
                    state = 'claimed', claim = $1, lease_until = $2, attempts = attempts + 1
             where ((state = 'owed' and not_before <= $3)
                    or (state = 'claimed' and lease_until < $3))
               and person_id in (
                   select person_id from notice
                   where (state = 'owed' and not_before <= $3)
                      or (state = 'claimed' and lease_until < $3)
                   group by person_id order by max(urgent) desc, min(id) limit $4)
             returning id, person_id, kind, issues, detail, urgent, attempts, unsure",
            vals![claim, lease_until, now, people],
        )
        .await?;
    let mut notices = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    notices.sort_by_key(|n| (!n.urgent, n.id));
    Ok(notices)
}

fn read(row: &Row) -> Result<Notice> {
    let word = row.text(2)?;
    Ok(Notice {
        id: row.int(0)?,
        person_id: row.int(1)?,
        kind: Kind::parse(&word)
            .ok_or_else(|| Error::other(format!("unknown notice kind {word:?}")))?,
        issues: row.json(3)?,
        detail: row
            .maybe_text(4)?
            .map(|text| serde_json::from_str(&text))
            .transpose()?,
        urgent: row.flag(5)?,
        attempts: row.int(6)?,
        unsure: row.flag(7)?,
    })
}

/// How a claimed notice ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Accepted by the channel.
    Sent,
    /// Nothing left to say: the reason.
    Dropped(&'static str),
    /// Will never be accepted: the reason.
    Dead(String),
    /// The person cannot be reached; sent when they can.
    Waiting(String),
    /// Again at this time: the reason.
    Retry(i64, String),
    /// At this time; it was not tried, or refused for the moment: the reason.
    Later(i64, &'static str),
    /// The answer was lost; sent once more, marked, at this time.
    Unsure(i64, String),
}

/// Settles claimed notices; only while the claim is still held. The number settled.
pub async fn settle(tx: &mut Tx, claim: &str, ids: &[i64], fate: &Fate, now: i64) -> Result<u64> {
    let (state, not_before, unsure, error) = match fate {
        Fate::Sent => ("sent", None, None, None),
        Fate::Dropped(why) => ("dropped", None, None, Some((*why).to_owned())),
        Fate::Dead(why) => ("dead", None, None, Some(why.clone())),
        Fate::Waiting(why) => ("waiting", None, None, Some(why.clone())),
        Fate::Retry(at, why) => ("owed", Some(*at), None, Some(why.clone())),
        Fate::Later(at, why) => ("owed", Some(*at), None, Some((*why).to_owned())),
        Fate::Unsure(at, why) => ("owed", Some(*at), Some(1i64), Some(why.clone())),
    };
    // What was not tried does not count as a try.
    let untried = i64::from(matches!(fate, Fate::Later(..)));
    let keys = ids.iter().map(|id| Value::from(*id)).collect();
    // The coalesce keeps SQLite from reading every claimed notice by the index on the state.
    tx.run_in(
        "update notice set state = {1}, not_before = coalesce({2}, not_before),
                unsure = coalesce({3}, unsure), error = {4}, settled_at = {5}, lease_until = null,
                attempts = attempts - {6}
         where coalesce(state, '') = 'claimed' and claim = {7} and id in ({in})",
        vals![state, not_before, unsure, error, now, untried, claim],
        keys,
    )
    .await
}

/// A claimed notice tells of the issues of `go` only; of those of `stay` another, which is not urgent,
/// is owed from `until` on: when, in UTC milliseconds, and why.
pub async fn part(
    tx: &mut Tx,
    (claim, id): (&str, i64),
    go: &[i64],
    stay: &[i64],
    (until, why): (i64, &'static str),
) -> Result<()> {
    let changed = tx
        .run(
            "update notice set issues = $1 where id = $2 and claim = $3 and state = 'claimed'",
            vals![serde_json::to_string(go)?, id, claim],
        )
        .await?;
    if changed == 0 {
        return Ok(());
    }
    let other = tx.id("notice").await?;
    tx.run(
        "insert into notice (id, once, person_id, kind, issues, detail, urgent, state, created_at,
            not_before, attempts, unsure, error)
         select cast($1 as bigint), once || ':calm', person_id, kind, $2, detail, 0, 'owed',
            created_at, cast($3 as bigint), 0, unsure, $4
         from notice where id = $5",
        vals![other, serde_json::to_string(stay)?, until, why, id],
    )
    .await?;
    let keys = stay.iter().map(|issue| Value::from(*issue)).collect();
    tx.run_in(
        "update notice_issue set notice_id = {1} where notice_id = {2} and issue_id in ({in})",
        vals![other, id],
        keys,
    )
    .await?;
    Ok(())
}

/// Takes back reminders and warnings that were not said yet, of issues whose due time (by issue) is no
/// longer the one they were owed for. Their `once` is freed, should the due time come back.
pub async fn take_back(tx: &mut Tx, due: &HashMap<i64, i64>, now: i64) -> Result<u64> {
    let rows = tx
        .all(
            "select id, once from notice
             where state in ('owed', 'waiting') and kind in ('reminder', 'overdue')",
            vals![],
        )
        .await?;
    let mut stale = Vec::new();
    for row in rows {
        // kind:issue:due:person
        let once = row.text(1)?;
        let mut parts = once.split(':').skip(1).map(str::parse::<i64>);
        if let (Some(Ok(issue)), Some(Ok(of))) = (parts.next(), parts.next())
            && due.get(&issue) == Some(&of)
        {
            stale.push(Value::from(row.int(0)?));
        }
    }
    tx.run_in(
        "update notice set state = 'dropped', once = once || {1}, error = {2}, settled_at = {3}
         where coalesce(state, '') in ('owed', 'waiting') and id in ({in})",
        vals![format!(":moved-{now}"), super::fate::MOVED, now],
        stale,
    )
    .await
}

/// Frees what waited for a person who can be reached again.
pub async fn release(tx: &mut Tx, person_id: i64, now: i64) -> Result<u64> {
    tx.run(
        "update notice set state = 'owed', not_before = $1 where person_id = $2 and state = 'waiting'",
        vals![now, person_id],
    )
    .await
}

/// Asks again of what waits for the hours of a person, or of everybody: they may have changed.
pub async fn ask_again(tx: &mut Tx, person_id: Option<i64>, now: i64) -> Result<u64> {
    tx.run(
        "update notice set not_before = $1
         where state = 'owed' and error = $2 and coalesce($3, person_id) = person_id",
        vals![now, super::fate::QUIET, person_id],
    )
    .await
}

/// When the next notice is due, if any is owed or leased.
pub async fn next_due(tx: &mut Tx) -> Result<Option<i64>> {
    let row = tx
        .first(
            "select min(case when state = 'claimed' then lease_until else not_before end)
             from notice where state in ('owed', 'claimed')",
            vals![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.maybe_int(0))
}

/// How many notices will never be delivered.
pub async fn undelivered(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from notice where state = 'dead'";
    let row = tx.first(sql, vals![]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How many notices are in each state.
pub async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx
        .all("select state, count(*) from notice group by state", vals![])
        .await?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, row.int(1)?)))
        .collect()
}

/// What became so far of notices that are named by what makes them happen once: state, and why it waits.
pub async fn states(
    tx: &mut Tx,
    once: &[String],
) -> Result<HashMap<String, (String, Option<String>)>> {
    let keys = once.iter().map(Value::from).collect();
    let sql = "select once, state, error from notice where once in ({in})";
    let rows = tx.all_in(sql, vec![], keys).await?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, (row.text(1)?, row.maybe_text(2)?))))
        .collect()
}

/// Lets out what waits for this reason; how many.
pub async fn let_go(tx: &mut Tx, person_id: i64, why: &'static str, now: i64) -> Result<u64> {
    tx.run(
        "update notice set not_before = $1, error = null
         where person_id = $2 and state = 'owed' and error = $3",
        vals![now, person_id, why],
    )
    .await
}

/// Up to when the last summary told that a person was sent.
pub async fn last_summary(tx: &mut Tx, person_id: i64) -> Result<Option<i64>> {
    let row = tx
        .first(
            "select detail from notice
             where kind = 'summary' and person_id = $1 and state = 'sent' order by id desc limit 1",
            vals![person_id],
        )
        .await?;
    let Some(detail) = row.map(|row| row.maybe_text(0)).transpose()?.flatten() else {
        return Ok(None);
    };
    let detail: serde_json::Value = serde_json::from_str(&detail)?;
    Ok(detail["slot"].as_i64())
}
