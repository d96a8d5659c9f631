//! The table `alias`: names that people's choices taught, with who decided and when, and who took one back. They
//! have a version of their own, so that one more does not make the whole roster be read anew.

use chrono::NaiveDate;

use super::model::{LearnedAlias, Target};
use super::table::date;
use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// A learned name with what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The name and what it stands for.
    pub alias: LearnedAlias,
    /// Who decided.
    pub decided_by: i64,
    /// When, in UTC milliseconds.
    pub decided_at: i64,
    /// When it was taken back, in UTC milliseconds; none: it counts.
    pub undone_at: Option<i64>,
    /// Who took it back; none: the office, by a command.
    pub undone_by: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, account_id, unit_id, name, platform, area, valid_from, valid_to,
                decided_by, decided_at, undone_at, undone_by from alias ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<Learned> {
    Ok(Learned {
        alias: LearnedAlias {
            id: row.int(0)?,
            target: match row.maybe_int(1)? {
                Some(account) => Target::Account(account),
                None => Target::Unit(row.maybe_int(2)?.unwrap_or_default()),
            },
            name: row.text(3)?,
            platform: row.maybe_text(4)?,
            area: row.maybe_text(5)?,
            valid_from: date(row, 6)?,
            valid_to: date(row, 7)?,
        },
        decided_by: row.int(8)?,
        decided_at: row.int(9)?,
        undone_at: row.maybe_int(10)?,
        undone_by: row.maybe_int(11)?,
    })
}

/// The version of the learned names; it counts up with every change.
pub async fn version(tx: &mut Tx) -> Result<i64> {
    let sql = "select value from meta where name = 'learned_version'";
    let row = tx.first(sql, vals![]).await?;
    row.map_or(Ok(0), |row| Ok(row.text(0)?.parse().unwrap_or_default()))
}

async fn bump(tx: &mut Tx) -> Result<()> {
    tx.unsettle();
    let next = version(tx).await? + 1;
    let sql = "insert into meta (name, value) values ('learned_version', $1)
               on conflict (name) do update set value = $1";
    tx.run(sql, vals![next.to_string()]).await?;
    Ok(())
}

/// Those that count.
pub async fn counting(tx: &mut Tx) -> Result<Vec<LearnedAlias>> {
    let rows = tx
        .all(select!("where undone_at is null order by id"), vals![])
        .await?;
    rows.iter().map(|row| Ok(read(row)?.alias)).collect()
}

/// All there ever were, the oldest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Learned>> {
    let rows = tx.all(select!("order by id"), vals![]).await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Learned>> {
    let row = tx.first(select!("where id = $1"), vals![id]).await?;
    row.as_ref().map(read).transpose()
}

/// Keeps a name that a person's choice taught; its id.
pub async fn learn(tx: &mut Tx, alias: &LearnedAlias, by: i64, now: i64) -> Result<i64> {
    let id = tx.id("alias").await?;
    let (account, unit) = match alias.target {
        Target::Account(id) => (Some(id), None),
        Target::Unit(id) => (None, Some(id)),
    };
    tx.run(
        "insert into alias (id, account_id, unit_id, name, platform, area, valid_from, valid_to,
            decided_by, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vals![
            id,
            account,
            unit,
            &alias.name,
            alias.platform.as_deref(),
            alias.area.as_deref(),
            alias.valid_from.map(|d| d.to_string()),
            alias.valid_to.map(|d| d.to_string()),
            by,
            now,
        ],
    )
    .await?;
    bump(tx).await?;
    Ok(id)
}

/// Takes a learned name back; false: somebody had done so, or there is none.
pub async fn undo(tx: &mut Tx, id: i64, by: Option<i64>, now: i64) -> Result<bool> {
    let sql = "update alias set undone_at = $1, undone_by = $2 where id = $3 and undone_at is null";
    let changed = tx.run(sql, vals![now, by, id]).await?;
    if changed == 1 {
        bump(tx).await?;
    }
    Ok(changed == 1)
}

/// Sets the last day on which a learned name holds; none: no end. False: there is none that counts.
pub async fn until(tx: &mut Tx, id: i64, last: Option<NaiveDate>) -> Result<bool> {
    let sql = "update alias set valid_to = $1 where id = $2 and undone_at is null";
    let changed = tx
        .run(sql, vals![last.map(|day| day.to_string()), id])
        .await?;
    if changed == 1 {
        bump(tx).await?;
    }
    Ok(changed == 1)
}
