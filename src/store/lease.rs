//! The table `lease`: which process may do what only one may do.

use super::{Tx, vals};
use crate::error::Result;

/// Takes or extends a lease until `until`; false while another holds it.
pub async fn take(tx: &mut Tx, name: &str, holder: &str, now: i64, until: i64) -> Result<bool> {
    let changed = tx
        .run(
            "insert into lease (name, holder, until) values ($1, $2, $3)
             on conflict (name) do update set holder = $2, until = $3
             where lease.holder = $2 or lease.until < $4",
            vals![name, holder, until, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives a lease back.
pub async fn free(tx: &mut Tx, name: &str, holder: &str) -> Result<()> {
    tx.run(
        "delete from lease where name = $1 and holder = $2",
        vals![name, holder],
    )
    .await?;
    Ok(())
}
