//! The tables `roster_change` and `roster_change_row`: what was done to the roster as a whole, when, and what it
//! changed.

use super::change::Plan;
use super::difference::Change;
use super::table;
use crate::error::Result;
use crate::store::{Bulk, Row, Tx, vals};

/// What is done to the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Files were imported.
    Import,
    /// Something bears another name.
    Rename,
    /// A unit is part of another.
    Merge,
}

impl Verb {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Rename => "rename",
            Self::Merge => "merge",
        }
    }
}

/// Where a change comes from.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// What is done.
    pub verb: Verb,
    /// The path of an import, or what is renamed or merged, in words.
    pub source: &'a str,
    /// What was noted on the way.
    pub notes: &'a [String],
}

/// One entry of the roster's history.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When, in UTC milliseconds.
    pub at: i64,
    /// `import`, `rename` or `merge`.
    pub verb: String,
    /// The path of an import, or what was renamed or merged.
    pub source: String,
    /// The roster's version afterwards.
    pub version: i64,
    /// How many rows of each table changed: `what`, `added`, `changed`, `gone`.
    pub counts: serde_json::Value,
    /// How many issues it closed.
    pub withdrawn: i64,
    /// What was noted on the way.
    pub notes: Vec<String>,
}

/// Keeps what was done; the number of the entry.
pub async fn record(
    tx: &mut Tx,
    origin: &Origin<'_>,
    (plan, withdrawn): (&Plan, usize),
    now: i64,
) -> Result<i64> {
    let id = tx.id("roster_change").await?;
    let counts = plan.counts().map(|(what, counts)| {
        serde_json::json!({ "what": what, "added": counts.added, "changed": counts.changed,
            "gone": counts.gone })
    });
    let version = table::version(tx).await?;
    tx.run(
        "insert into roster_change (id, at, verb, source, version, counts, withdrawn, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vals![
            id,
            now,
            origin.verb.as_str(),
            origin.source,
            version,
            serde_json::to_string(&counts)?,
            i64::try_from(withdrawn).unwrap_or(i64::MAX),
            serde_json::to_string(origin.notes)?,
        ],
    )
    .await?;
    let columns = &[
        "change_id",
        "n",
        "what",
        "row_key",
        "name",
        "kind",
        "details",
    ];
    let mut bulk = Bulk::into_table("roster_change_row", columns);
    for (n, change) in (1_i64..).zip(plan.changes()) {
        bulk.row(vals![
            id,
            n,
            change.what.as_str(),
            &change.key,
            &change.name,
            change.kind.as_str(),
            serde_json::to_string(&change.details)?,
        ]);
    }
    tx.bulk(bulk).await?;
    Ok(id)
}

fn entry(row: &Row) -> Result<Entry> {
    Ok(Entry {
        id: row.int(0)?,
        at: row.int(1)?,
        verb: row.text(2)?,
        source: row.text(3)?,
        version: row.int(4)?,
        counts: row.json(5)?,
        withdrawn: row.int(6)?,
        notes: row.json(7)?,
    })
}

/// The last entries, the newest first.
pub async fn last(tx: &mut Tx, most: i64) -> Result<Vec<Entry>> {
    let sql = "select id, at, verb, source, version, counts, withdrawn, notes from roster_change
               order by id desc limit $1";
    tx.all(sql, vals![most]).await?.iter().map(entry).collect()
}

/// One entry.
pub async fn one(tx: &mut Tx, id: i64) -> Result<Option<Entry>> {
    let sql = "select id, at, verb, source, version, counts, withdrawn, notes from roster_change
               where id = $1";
    tx.first(sql, vals![id])
        .await?
        .as_ref()
        .map(entry)
        .transpose()
}

/// What an entry changed, in the order in which it was shown.
pub async fn rows(tx: &mut Tx, id: i64) -> Result<Vec<Change>> {
    let sql = "select what, row_key, name, kind, details from roster_change_row
               where change_id = $1 order by n";
    let read = |row: &Row| {
        let of = (row.text(1)?, row.text(2)?);
        Change::stored(&row.text(0)?, of, &row.text(3)?, row.json(4)?)
    };
    tx.all(sql, vals![id]).await?.iter().map(read).collect()
}
