//! The table `waiting`: printed names that no rule could place, each asked once.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::{Bulk, Row, Tx, Value, vals};

/// The names of a finding as printed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Printed {
    /// The account's name.
    pub account: Option<String>,
    /// The platform's id; the printed word where no platform is known by it.
    pub platform: Option<String>,
    /// The platform's id of the account.
    pub uid: Option<String>,
    /// The unit's name.
    pub unit: Option<String>,
    /// The area.
    pub area: Option<String>,
}

/// A candidate as offered to a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The account; none for the unit itself.
    pub account: Option<i64>,
    /// The unit.
    pub unit: i64,
    /// 0 to 100.
    pub score: u8,
    /// Why it might be meant.
    pub why: String,
}

/// Printed names that wait for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Its id.
    pub id: i64,
    /// `ambiguous` or `unmatched`.
    pub outcome: String,
    /// The source.
    pub source: String,
    /// What was printed.
    pub printed: Printed,
    /// At most five.
    pub candidates: Vec<Offer>,
    /// `open`, `decided`, `dismissed`, or `placed` by a rule since.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<i64>,
    /// The name that the decision taught.
    pub alias_id: Option<i64>,
}

fn read(row: &Row) -> Result<Waiting> {
    Ok(Waiting {
        id: row.int(0)?,
        outcome: row.text(1)?,
        source: row.text(2)?,
        printed: row.json(3)?,
        candidates: row.json(4)?,
        state: row.text(5)?,
        decided_by: row.maybe_int(6)?,
        alias_id: row.maybe_int(7)?,
    })
}

/// Names about to wait.
#[derive(Clone, Debug)]
pub struct NewWaiting {
    /// Source and printed names, hashed.
    pub identity: String,
    /// `ambiguous` or `unmatched`.
    pub outcome: &'static str,
    /// What was printed.
    pub printed: Printed,
    /// At most five.
    pub candidates: Vec<Offer>,
}

/// Notes these names: known ones are seen again, the others wait from now. The id and state of
/// each identity, and which are new.
pub async fn note(
    tx: &mut Tx,
    source: &str,
    names: &[NewWaiting],
    now: i64,
) -> Result<HashMap<String, (i64, String, bool)>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<Value> = names.iter().map(|n| Value::from(&n.identity)).collect();
    let sql = "select identity, id, state from waiting where identity in ({in})";
    let mut known = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        known.insert(row.text(0)?, (row.int(1)?, row.text(2)?, false));
    }
    // What a rule had placed for a while waits anew, and so does a choice whose account has left.
    let mut again = Vec::new();
    for (id, state, fresh) in known
        .values_mut()
        .filter(|known| matches!(known.1.as_str(), "placed" | "decided"))
    {
        (*state, *fresh) = ("open".to_owned(), true);
        again.push(Value::from(*id));
    }
    tx.run_in(
        "update waiting set state = 'open', decided_at = null, alias_id = null where id in ({in})",
        vals![],
        again,
    )
    .await?;
    let seen: Vec<Value> = known.values().map(|(id, _, _)| Value::from(*id)).collect();
    tx.run_in(
        "update waiting set last_seen = {1} where id in ({in})",
        vals![now],
        seen,
    )
    .await?;
    let fresh: Vec<&NewWaiting> = names
        .iter()
        .filter(|n| !known.contains_key(&n.identity))
        .collect();
    let first = if fresh.is_empty() {
        0
    } else {
        tx.ids("waiting", fresh.len()).await?
    };
    let mut bulk = Bulk::into_table(
        "waiting",
        &[
            "id",
            "identity",
            "source",
            "outcome",
            "printed",
            "candidates",
            "state",
            "first_seen",
            "last_seen",
        ],
    );
    for (id, n) in (first..).zip(fresh) {
        bulk.row(vals![
            id,
            &n.identity,
            source,
            n.outcome,
            serde_json::to_string(&n.printed)?,
            serde_json::to_string(&n.candidates)?,
            "open",
            now,
            now,
        ]);
        known.insert(n.identity.clone(), (id, "open".to_owned(), true));
    }
    tx.bulk(bulk).await?;
    Ok(known)
}

/// What people decided for these names: an account or a unit, by identity.
pub async fn decided(
    tx: &mut Tx,
    identities: impl Iterator<Item = &str>,
) -> Result<HashMap<String, (Option<i64>, Option<i64>)>> {
    let sql = "select w.identity, a.account_id, a.unit_id
               from waiting w join alias a on a.id = w.alias_id
               where w.state = 'decided' and a.undone_at is null and w.identity in ({in})";
    let rows = tx.all_in(sql, vals![], identities.map(Value::from).collect());
    let read = |row: &Row| Ok((row.text(0)?, (row.maybe_int(1)?, row.maybe_int(2)?)));
    rows.await?.iter().map(read).collect()
}

/// The names of a source that still wait: their ids by identity.
pub async fn open_of(tx: &mut Tx, source: &str) -> Result<HashMap<String, i64>> {
    let sql = "select identity, id from waiting where state = 'open' and source = $1";
    let rows = tx.all(sql, vals![source]).await?;
    let read = |row: &Row| Ok((row.text(0)?, row.int(1)?));
    rows.iter().map(read).collect()
}

/// Notes that a rule places these names by now.
pub async fn placed_by_rule(tx: &mut Tx, ids: &[i64], now: i64) -> Result<()> {
    let keys = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "update waiting set state = 'placed', decided_at = {1}
               where id in ({in}) and state = 'open'";
    tx.run_in(sql, vals![now], keys).await?;
    Ok(())
}

/// Some of the waiting names, by id.
pub async fn many(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Waiting>> {
    let keys = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, outcome, source, printed, candidates, state, decided_by, alias_id
               from waiting where id in ({in})";
    let rows = tx.all_in(sql, vec![], keys).await?;
    let mut found: Vec<Waiting> = rows.iter().map(read).collect::<Result<_>>()?;
    found.sort_by_key(|w| ids.iter().position(|id| *id == w.id));
    Ok(found)
}

/// Everything that still waits.
pub async fn open(tx: &mut Tx) -> Result<Vec<Waiting>> {
    let rows = tx
        .all(
            "select id, outcome, source, printed, candidates, state, decided_by, alias_id
             from waiting where state = 'open' order by id",
            vals![],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Settles waiting names: `decided` or `dismissed`. Whether they still waited.
pub async fn decide(tx: &mut Tx, id: i64, state: &'static str, by: i64, now: i64) -> Result<bool> {
    let changed = tx
        .run(
            "update waiting set state = $1, decided_by = $2, decided_at = $3
             where id = $4 and state = 'open'",
            vals![state, by, now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes the alias that a decision taught.
pub async fn taught(tx: &mut Tx, id: i64, alias: i64) -> Result<()> {
    let sql = "update waiting set alias_id = $1 where id = $2";
    tx.run(sql, vals![alias, id]).await?;
    Ok(())
}

/// The bodies of the newest report's findings that carry these names, with source, report and
/// detection time.
pub async fn findings_of(tx: &mut Tx, id: i64) -> Result<Vec<(i64, i64, i64, String)>> {
    let rows = tx
        .all(
            "select f.id, f.report_id, f.detected_at, f.body from finding f
             where f.waiting_id = $1 and f.report_id = (
                select max(x.report_id) from finding x where x.waiting_id = $1)
             order by f.id",
            vals![id],
        )
        .await?;
    rows.iter()
        .map(|r| Ok((r.int(0)?, r.int(1)?, r.int(2)?, r.text(3)?)))
        .collect()
}

/// The names that taught a learned name are asked about again once a report prints them.
pub async fn forget(tx: &mut Tx, alias: i64) -> Result<u64> {
    let sql = "update waiting set state = 'placed', decided_by = null, alias_id = null
               where alias_id = $1 and state = 'decided'";
    tx.run(sql, vals![alias]).await
}

/// Findings that a name placed wait again for a person. Which issue they had opened stays written.
pub async fn wait_again(tx: &mut Tx, waiting: i64, findings: &[i64]) -> Result<()> {
    let keys = findings.iter().map(|id| Value::from(*id)).collect();
    let sql = "update finding set outcome = 'unmatched', matched_by = null, account_id = null,
                  unit_id = null, waiting_id = {1} where id in ({in})";
    tx.run_in(sql, vals![waiting], keys).await?;
    Ok(())
}

/// Points findings at the issues that a person's choice of an account or unit opened: finding, issue, identity.
pub async fn placed(
    tx: &mut Tx,
    (account, unit): (Option<i64>, i64),
    findings: &[(i64, i64, &str)],
) -> Result<()> {
    let keys = findings.iter().map(|(id, ..)| Value::from(*id)).collect();
    let sql = "update finding set outcome = 'matched', matched_by = 'person', account_id = {1},
                  unit_id = {2}, waiting_id = null where id in ({in})";
    tx.run_in(sql, vals![account, unit], keys).await?;
    let mut values = Vec::with_capacity(3 * findings.len());
    for (finding, issue, identity) in findings {
        values.extend(vals![*finding, *issue, *identity]);
    }
    let sql = "update finding set issue_id = v.column2, identity = v.column3
               from (values {rows}) as v where finding.id = v.column1";
    tx.run_rows(sql, 3, values).await?;
    Ok(())
}
