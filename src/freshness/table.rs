//! The table `freshness`: when accounts were updated last, as reports and feeds say it.

use chrono::NaiveDate;

use super::Known;
use crate::error::{Error, Result};
use crate::store::{Bulk, Row, Tx, Value, vals};

fn read(row: &Row) -> Result<Known> {
    let day = |text: String| -> Result<NaiveDate> {
        let parsed = text.parse();
        parsed.map_err(|_| Error::other(format!("{text:?} is no day of the table freshness")))
    };
    Ok(Known {
        account: row.int(0)?,
        updated_on: day(row.text(1)?)?,
        as_of: day(row.text(2)?)?,
        source: row.text(3)?,
        report: row.int(4)?,
    })
}

/// Notes what a report says; an older date never stands in place of a newer one.
pub async fn note(tx: &mut Tx, known: &[Known]) -> Result<()> {
    if known.is_empty() {
        return Ok(());
    }
    let mut bulk = Bulk::into_table(
        "freshness",
        &["account_id", "updated_on", "as_of", "source", "report_id"],
    )
    .tail(
        "on conflict (account_id) do update set
            updated_on = case when excluded.updated_on > freshness.updated_on
                then excluded.updated_on else freshness.updated_on end,
            source = case when excluded.as_of >= freshness.as_of
                then excluded.source else freshness.source end,
            report_id = case when excluded.as_of >= freshness.as_of
                then excluded.report_id else freshness.report_id end,
            as_of = case when excluded.as_of > freshness.as_of
                then excluded.as_of else freshness.as_of end",
    );
    for one in known {
        bulk.row(vals![
            one.account,
            one.updated_on.to_string(),
            one.as_of.to_string(),
            &one.source,
            one.report
        ]);
    }
    tx.bulk(bulk).await?;
    Ok(())
}

/// Everything that is known.
pub async fn all(tx: &mut Tx) -> Result<Vec<Known>> {
    let sql = "select account_id, updated_on, as_of, source, report_id from freshness
         order by updated_on, account_id";
    tx.all(sql, vals![]).await?.iter().map(read).collect()
}

/// What a source said and its report of this number does not say any more.
pub async fn not_listed_by(tx: &mut Tx, source: &str, report: i64) -> Result<Vec<Known>> {
    let sql = "select account_id, updated_on, as_of, source, report_id from freshness
         where source = $1 and report_id <> $2";
    let rows = tx.all(sql, vals![source, report]).await?;
    rows.iter().map(read).collect()
}

/// Forgets accounts: they were updated, nobody says when.
pub async fn forget(tx: &mut Tx, accounts: &[i64]) -> Result<u64> {
    let keys = accounts.iter().map(|id| Value::from(*id)).collect();
    let sql = "delete from freshness where account_id in ({in})";
    tx.run_in(sql, vec![], keys).await
}
