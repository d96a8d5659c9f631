//! The tables `nudge` and `nudged`: what a manager asks to be seen to, and until when nobody asks again.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::{Tx, Value, vals};

/// What is recorded of an issue.
pub const VERB: &str = "nudged";
/// So long an issue is not nudged again, whoever asks, in ms: four hours.
pub const COOL_MS: i64 = 4 * 3_600_000;

/// A nudge as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Nudge {
    /// Its id.
    pub id: i64,
    /// Who asks.
    pub by: i64,
    /// The units that are chosen so far, by id.
    pub units: Vec<i64>,
    /// When it was sent; none: it is being chosen still.
    pub sent_at: Option<i64>,
    /// What became of it, once it was sent.
    pub told: Told,
}

/// Whom a nudge told, and what it left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Who was told of how many issues.
    pub people: Vec<(i64, usize)>,
    /// How many issues they are told of.
    pub issues: usize,
    /// Issues that were nudged a short time ago.
    pub cooling: usize,
    /// Who cannot be told, of how many issues.
    pub unreached: Vec<(i64, usize)>,
    /// Issues for which nobody answers.
    pub nobody: usize,
}

/// Begins a nudge; its id.
pub async fn draft(tx: &mut Tx, by: i64, now: i64) -> Result<i64> {
    let id = tx.id("nudge").await?;
    tx.run(
        "insert into nudge (id, by_person, state, units, created_at)
         values ($1, $2, 'draft', '[]', $3)",
        vals![id, by, now],
    )
    .await?;
    Ok(id)
}

/// A nudge.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Nudge>> {
    let row = tx
        .first(
            "select id, by_person, units, sent_at, told from nudge where id = $1",
            vals![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let told = row.maybe_text(4)?;
    Ok(Some(Nudge {
        id: row.int(0)?,
        by: row.int(1)?,
        units: row.json(2)?,
        sent_at: row.maybe_int(3)?,
        told: match told {
            Some(text) => serde_json::from_str(&text)?,
            None => Told::default(),
        },
    }))
}

/// The units of a nudge that is being chosen.
pub async fn choose(tx: &mut Tx, id: i64, units: &[i64]) -> Result<()> {
    tx.run(
        "update nudge set units = $1 where id = $2 and state = 'draft'",
        vals![serde_json::to_string(units)?, id],
    )
    .await?;
    Ok(())
}

/// Sends a nudge; false: it was sent before.
pub async fn send(tx: &mut Tx, id: i64, now: i64) -> Result<bool> {
    let changed = tx
        .run(
            "update nudge set state = 'sent', sent_at = $1 where id = $2 and state = 'draft'",
            vals![now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes what a nudge did.
pub async fn note(tx: &mut Tx, id: i64, told: &Told) -> Result<()> {
    tx.run(
        "update nudge set told = $1 where id = $2",
        vals![serde_json::to_string(told)?, id],
    )
    .await?;
    Ok(())
}

/// Of these issues those that were nudged a short time ago.
pub async fn cooling(tx: &mut Tx, issues: &[i64], now: i64) -> Result<HashMap<i64, i64>> {
    let keys = issues.iter().map(|id| Value::from(*id)).collect();
    let sql = "select issue_id, until from nudged where until > {1} and issue_id in ({in})";
    let rows = tx.all_in(sql, vals![now], keys).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?)))
        .collect()
}

/// Takes issues for a nudge; those that another took at once are left out.
pub async fn take(tx: &mut Tx, issues: &[i64], by: i64, now: i64) -> Result<Vec<i64>> {
    let keys = issues.iter().map(|id| Value::from(*id)).collect();
    let sql = "insert into nudged (issue_id, at, until, by_person)
               select id, cast({1} as bigint), cast({2} as bigint), cast({3} as bigint)
               from issue where id in ({in})
               on conflict (issue_id) do update
               set at = excluded.at, until = excluded.until, by_person = excluded.by_person
               where nudged.until <= excluded.at
               returning issue_id";
    let rows = tx.all_in(sql, vals![now, now + COOL_MS, by], keys).await?;
    rows.iter().map(|row| row.int(0)).collect()
}
