//! What the auditor found last, in the table `meta`.

use super::Audit;
use crate::error::Result;
use crate::store::{Tx, vals};

/// When an audit was begun last, if one was.
pub async fn begun(tx: &mut Tx) -> Result<Option<i64>> {
    let sql = "select cast(value as bigint) from meta where name = 'audit_at'";
    tx.first(sql, vals![])
        .await?
        .map(|row| row.int(0))
        .transpose()
}

/// Takes the audit of now; false: another process did it after `since`.
pub async fn take(tx: &mut Tx, now: i64, since: i64) -> Result<bool> {
    let changed = tx
        .run(
            "insert into meta (name, value) values ('audit_at', $1)
             on conflict (name) do update set value = $1
             where cast(meta.value as bigint) <= $2",
            vals![now.to_string(), since],
        )
        .await?;
    Ok(changed == 1)
}

/// What was found last.
pub async fn last(tx: &mut Tx) -> Result<Option<Audit>> {
    let sql = "select value from meta where name = 'audit'";
    tx.first(sql, vals![])
        .await?
        .map(|row| row.json(0))
        .transpose()
}

/// Keeps what was found.
pub async fn keep(tx: &mut Tx, audit: &Audit) -> Result<()> {
    tx.run(
        "insert into meta (name, value) values ('audit', $1)
         on conflict (name) do update set value = $1",
        vals![serde_json::to_string(audit)?],
    )
    .await?;
    Ok(())
}
