//! The tables `feedback_want`, `feedback` and `feedback_order`: which sources are told back, of which issue what is
//! owed to each, and of which work order what it knows. Written in the transaction of the act that changes it; several acts come down to the newest.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::store::{Bulk, Row, Tx, Value, vals};

/// A source that is told back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The source.
    pub source: String,
    /// By HTTP calls; else only by a file.
    pub calls: bool,
    /// How long a person's act waits, in ms.
    pub wait_ms: i64,
}

/// Makes these the sources that are told back. What is owed to others is owed no more.
pub async fn want(tx: &mut Tx, wants: &[Want]) -> Result<()> {
    let rows = tx
        .all("select source, calls, wait_ms from feedback_want", vals![])
        .await?;
    let mut held = Vec::with_capacity(rows.len());
    for row in &rows {
        held.push(Want {
            source: row.text(0)?,
            calls: row.flag(1)?,
            wait_ms: row.int(2)?,
        });
    }
    for gone in held.iter().filter(|one| !wants.contains(one)) {
        let sql = "delete from feedback_want where source = $1";
        tx.run(sql, vals![&gone.source]).await?;
        let calls = wants.iter().any(|w| w.source == gone.source && w.calls);
        if !calls {
            let sql = "update feedback set state = 'idle', claim = null
                       where source = $1 and state in ('owed', 'claimed', 'failed', 'refused')";
            tx.run(sql, vals![&gone.source]).await?;
        }
    }
    for new in wants.iter().filter(|one| !held.contains(one)) {
        let sql = "insert into feedback_want (source, calls, wait_ms) values ($1, $2, $3)
                   on conflict (source) do update set calls = excluded.calls, wait_ms = excluded.wait_ms";
        tx.run(sql, vals![&new.source, new.calls, new.wait_ms])
            .await?;
    }
    Ok(())
}

/// Something that changed where issues stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When, in UTC milliseconds.
    pub at: i64,
    /// The report by which it came.
    pub report: Option<i64>,
    /// A person did it, who may take it back.
    pub person: bool,
}

/// Owes what changed to every source that lists, or listed, the issues and is told back.
pub async fn owe(tx: &mut Tx, changes: &[(Change, i64)]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let any = tx
        .first("select 1 from feedback_want limit 1", vals![])
        .await?;
    if any.is_none() {
        return Ok(());
    }
    let mut by: BTreeMap<Change, Vec<Value>> = BTreeMap::new();
    for (change, issue) in changes {
        by.entry(*change).or_default().push(Value::from(*issue));
    }
    for (change, issues) in by {
        let mut own = String::new();
        if let Some(report) = change.report {
            let sql = "select source from report where id = $1";
            if let Some(row) = tx.first(sql, vals![report]).await? {
                own = row.text(0)?;
            }
        }
        let wait = i64::from(change.person);
        let sql = "insert into feedback (source, issue_id, state, changed_at, own, revision, owed_since,
                next_at, attempts, unfiled)
             select w.source, w.issue_id, case when t.calls = 1 then 'owed' else 'idle' end,
                cast({1} as bigint), case when w.source = {2} then 1 else 0 end, 1,
                cast({3} as bigint), cast({4} as bigint) + t.wait_ms * cast({5} as bigint), 0, 1
             from witness w join feedback_want t on t.source = w.source
             where w.issue_id in ({in})
             on conflict (source, issue_id) do update set
                state = case when excluded.state = 'idle' then 'idle'
                    when feedback.state = 'claimed' then 'claimed' else 'owed' end,
                changed_at = excluded.changed_at, own = excluded.own, revision = feedback.revision + 1,
                owed_since = excluded.owed_since, next_at = excluded.next_at, attempts = 0,
                error = null, unfiled = 1";
        let before = vals![change.at, own, change.at, change.at, wait];
        tx.run_in(sql, before, issues).await?;
    }
    Ok(())
}

/// What is owed to a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The source.
    pub source: String,
    /// The issue.
    pub issue: i64,
    /// Counts its changes.
    pub revision: i64,
    /// It changed by a report of this very source, which knows.
    pub own: bool,
    /// What the platform knows.
    pub told: Option<String>,
    /// When it changed, in UTC milliseconds.
    pub since: i64,
    /// How often the platform was called for it, before this time.
    pub attempts: i64,
}

fn owed(row: &Row) -> Result<Owed> {
    Ok(Owed {
        source: row.text(0)?,
        issue: row.int(1)?,
        revision: row.int(2)?,
        own: row.flag(3)?,
        told: row.maybe_text(4)?,
        since: row.int(5)?,
        attempts: row.int(6)?,
    })
}

/// When something is due next, in UTC milliseconds: by two small indexes, so that it costs nothing to ask.
pub async fn next_due(tx: &mut Tx) -> Result<Option<i64>> {
    let sql = "select min(next_at) from feedback where state = 'owed'";
    let owed = tx.first(sql, vals![]).await?;
    let owed = owed.map_or(Ok(None), |row| row.maybe_int(0))?;
    let sql = "select min(lease_until) from feedback where state = 'claimed'";
    let leased = tx.first(sql, vals![]).await?;
    let leased = leased.map_or(Ok(None), |row| row.maybe_int(0))?;
    Ok([owed, leased].into_iter().flatten().min())
}

/// Claims up to `most` of what is due, until `lease_until`; no other replica has them meanwhile.
pub async fn claim(
    tx: &mut Tx,
    claim: &str,
    (now, lease_until): (i64, i64),
    most: i64,
) -> Result<Vec<Owed>> {
    let sql = "update feedback set state = 'owed', claim = null
               where state = 'claimed' and lease_until < $1";
    tx.run(sql, vals![now]).await?;
    // The state is asked for again outside: another replica may have been quicker.
    let rows = tx
        .all(
            "update feedback set state = 'claimed', claim = $1, lease_until = $2
             where (source, issue_id) in (
                   select source, issue_id from feedback
                   where state = 'owed' and next_at <= $3 order by next_at, issue_id limit $4)
               and state = 'owed' and next_at <= $3
             returning source, issue_id, revision, own, told, owed_since, attempts",
            vals![claim, lease_until, now, most],
        )
        .await?;
    let mut found = rows.iter().map(owed).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|one| (one.since, one.issue));
    Ok(found)
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The platform was told: what it knows now, and its word for it.
    Told(String, String),
    /// The platform knew, by its own report: what it knows.
    Known(String),
    /// Nothing to tell, or nothing to tell it by: why.
    Idle(Option<&'static str>),
    /// Again at this time: the reason.
    Retry(i64, String),
    /// Not any more: the reason.
    Failed(String),
    /// The platform refuses it: the reason.
    Refused(String),
}

impl Fate {
    /// It ended so without a call.
    pub fn uncalled(self) -> Settled {
        Settled {
            fate: self,
            called: false,
            orders: Vec::new(),
        }
    }
}

/// How what was claimed is settled.
#[derive(Clone, Debug)]
pub struct Settled {
    /// How it ended.
    pub fate: Fate,
    /// The platform was really called; what only waits behind another's call was not tried.
    pub called: bool,
    /// What it knows by now of those work orders that it was called for.
    pub orders: Vec<(String, Order)>,
}

/// Settles what was claimed, as long as the claim is held. What changed meanwhile is owed anew; what the
/// platform was told is remembered all the same.
pub async fn settle(
    tx: &mut Tx,
    claim: &str,
    one: &Owed,
    Settled {
        fate,
        called,
        orders,
    }: &Settled,
    now: i64,
) -> Result<bool> {
    let (state, told, word, next, error) = match fate {
        Fate::Told(key, word) => ("told", Some(key.as_str()), Some(word.as_str()), None, None),
        Fate::Known(key) => ("known", Some(key.as_str()), None, None, None),
        Fate::Idle(why) => ("idle", None, None, None, why.map(str::to_owned)),
        Fate::Retry(at, why) => ("owed", None, None, Some(*at), Some(why.clone())),
        Fate::Failed(why) => ("failed", None, None, None, Some(why.clone())),
        Fate::Refused(why) => ("refused", None, None, None, Some(why.clone())),
    };
    let told_at = word.map(|_| now);
    let changed = tx
        .run(
            "update feedback set
                state = case when revision = $1 then $2 else 'owed' end,
                next_at = case when revision = $1 then coalesce($3, next_at) else next_at end,
                told = coalesce($4, told), told_word = coalesce($5, told_word),
                told_at = coalesce($6, told_at), error = $7, claim = null, lease_until = null,
                attempts = case when revision = $1 then attempts + $8 else attempts end
             where source = $9 and issue_id = $10 and claim = $11 and state = 'claimed'",
            vals![
                one.revision,
                state,
                next,
                told,
                word,
                told_at,
                error,
                *called,
                &one.source,
                one.issue,
                claim,
            ],
        )
        .await?;
    if changed == 1 {
        remember(tx, one, orders).await?;
    }
    if let (1, Fate::Known(key)) = (changed, fate) {
        let sql = "update feedback_order set told = $1 where source = $2 and issue_id = $3";
        tx.run(sql, vals![key, &one.source, one.issue]).await?;
    }
    Ok(changed == 1)
}

/// What a platform knows of one work order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What it was told last, as a [`Standing::key`](super::Standing::key).
    pub told: Option<String>,
    /// What it refused, likewise.
    pub refused: Option<String>,
}

/// What a platform knows of the work orders of these issues: by issue and order. Nothing of an issue whose orders were
/// never told.
pub async fn orders(
    tx: &mut Tx,
    source: &str,
    issues: &[i64],
) -> Result<HashMap<i64, HashMap<String, Order>>> {
    let sql = "select issue_id, ticket_no, told, refused from feedback_order
               where source = {1} and issue_id in ({in})";
    let keys = issues.iter().map(|id| Value::from(*id)).collect();
    let mut found: HashMap<i64, HashMap<String, Order>> = HashMap::new();
    for row in tx.all_in(sql, vals![source], keys).await? {
        let order = Order {
            told: row.maybe_text(2)?,
            refused: row.maybe_text(3)?,
        };
        let orders = found.entry(row.int(0)?).or_default();
        orders.insert(row.text(1)?, order);
    }
    Ok(found)
}

/// Remembers what a platform knows of the work orders of an issue.
async fn remember(tx: &mut Tx, one: &Owed, orders: &[(String, Order)]) -> Result<()> {
    let mut bulk = Bulk::into_table(
        "feedback_order",
        &["source", "issue_id", "ticket_no", "told", "refused"],
    )
    .tail(
        "on conflict (source, issue_id, ticket_no) do update set
            told = coalesce(excluded.told, feedback_order.told), refused = excluded.refused",
    );
    for (ticket, order) in orders {
        bulk.row(vals![
            &one.source,
            one.issue,
            ticket,
            order.told.as_deref(),
            order.refused.as_deref()
        ]);
    }
    tx.bulk(bulk).await?;
    Ok(())
}

/// What could not be told, or was refused, is owed again; how many.
pub async fn retry(tx: &mut Tx, source: &str, now: i64) -> Result<u64> {
    let sql = "update feedback_order set refused = null where source = $1 and refused is not null";
    tx.run(sql, vals![source]).await?;
    tx.run(
        "update feedback set state = 'owed', next_at = $1, owed_since = $1, attempts = 0
         where source = $2 and state in ('failed', 'refused')",
        vals![now, source],
    )
    .await
}

/// What stands in the next file: issue, revision and what the last file said of it, oldest change first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfiled {
    /// The issue.
    pub issue: i64,
    /// Counts its changes.
    pub revision: i64,
    /// What the last file, or a call, said.
    pub told: Option<String>,
}

/// What changed since it stood in a file, and since then; or all.
pub async fn unfiled(
    tx: &mut Tx,
    source: &str,
    since: Option<i64>,
    all: bool,
) -> Result<Vec<Unfiled>> {
    let sql = match all {
        true => {
            "select issue_id, revision, coalesce(filed, told) from feedback
             where source = $1 and changed_at >= $2 order by changed_at, issue_id"
        }
        false => {
            "select issue_id, revision, coalesce(filed, told) from feedback
             where source = $1 and changed_at >= $2 and unfiled = 1
             order by changed_at, issue_id"
        }
    };
    let rows = tx.all(sql, vals![source, since.unwrap_or(0)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Unfiled {
                issue: row.int(0)?,
                revision: row.int(1)?,
                told: row.maybe_text(2)?,
            })
        })
        .collect()
}

/// Remembers what a file says of an issue, or that it says nothing; what changed meanwhile stands in the
/// next one.
pub async fn filed(
    tx: &mut Tx,
    source: &str,
    (issue, revision): (i64, i64),
    key: Option<&str>,
    now: i64,
) -> Result<()> {
    tx.run(
        "update feedback set filed = coalesce($1, filed), filed_at = $2,
            unfiled = case when revision = $3 then 0 else 1 end
         where source = $4 and issue_id = $5",
        vals![key, now, revision, source, issue],
    )
    .await?;
    Ok(())
}

/// What waits at a source, and what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waits {
    /// The source.
    pub source: String,
    /// Calls that failed and are made again.
    pub waiting: i64,
    /// Calls that are made no more.
    pub failed: i64,
    /// Why, of one of them.
    pub error: Option<String>,
}

/// What waits and what failed, by source; what only waits for its time is left out.
pub async fn waits(tx: &mut Tx) -> Result<Vec<Waits>> {
    let mut found: BTreeMap<String, Waits> = BTreeMap::new();
    for (sql, failed) in [
        (
            "select source, count(*), max(error) from feedback
             where state = 'owed' and error is not null group by source",
            false,
        ),
        (
            "select source, count(*), max(error) from feedback
             where state in ('failed', 'refused') group by source",
            true,
        ),
    ] {
        for row in tx.all(sql, vals![]).await? {
            let source = row.text(0)?;
            let one = found.entry(source.clone()).or_insert_with(|| Waits {
                source,
                ..Waits::default()
            });
            match failed {
                true => one.failed = row.int(1)?,
                false => one.waiting = row.int(1)?,
            }
            one.error = row.maybe_text(2)?.or(one.error.take());
        }
    }
    Ok(found.into_values().collect())
}
