//! Where an issue was listed: report, sheet and row, as printed.

use crate::error::Result;
use crate::finding::Finding;
use crate::store::{Tx, vals};

/// A row of a report that listed an issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The report's source.
    pub source: String,
    /// Its day, YYYY-MM-DD.
    pub date: String,
    /// When it came, in UTC milliseconds.
    pub received_at: i64,
    /// Older than others of its source that were processed before.
    pub late: bool,
    /// The rule that found whose it is.
    pub matched_by: Option<String>,
    /// The row as understood.
    pub finding: Finding,
}

/// Every row that listed an issue, oldest first.
pub async fn of_issue(tx: &mut Tx, issue: i64) -> Result<Vec<Mention>> {
    let rows = tx
        .all(
            "select r.source, r.date, r.received_at, r.late, f.matched_by, f.body
             from finding f join report r on r.id = f.report_id
             where f.issue_id = $1 order by r.id, f.id",
            vals![issue],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Mention {
                source: row.text(0)?,
                date: row.text(1)?,
                received_at: row.int(2)?,
                late: row.flag(3)?,
                matched_by: row.maybe_text(4)?,
                finding: row.json(5)?,
            })
        })
        .collect()
}
