//! The tables `report`, `finding`, `waiting` and `source_state`.

use std::io::Write as _;

use chrono::NaiveDate;

use crate::error::{Error, Fault, Result};
use crate::finding::Finding;
use crate::store::{Bulk, Row, Tx, vals};

/// A report about to be processed.
#[derive(Clone, Debug)]
pub struct NewReport<'a> {
    /// The source it came from.
    pub source: &'a str,
    /// Its day in the office's zone.
    pub date: NaiveDate,
    /// SHA-256 of the raw bytes, hex.
    pub digest: &'a str,
    /// The file's name or the URL's last part.
    pub file_name: &'a str,
    /// `json`, `csv` or `xlsx`.
    pub format: &'a str,
    /// The text encoding that was found.
    pub encoding: Option<&'a str>,
    /// `snapshot` or `incremental`.
    pub mode: &'a str,
    /// Older than the newest processed one of its source.
    pub late: bool,
    /// The bytes as they came.
    pub raw: &'a [u8],
    /// When it came, in UTC milliseconds.
    pub received_at: i64,
    /// Rows that were not understood.
    pub rejected: &'a [Fault],
    /// What else a person should know.
    pub notes: &'a [String],
}

/// What was said of a report that was stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: i64,
    /// Its state.
    pub state: String,
    /// Its day.
    pub date: String,
    /// Its counts, as JSON.
    pub counts: String,
}

/// The report of this day with this content, if it came before.
pub async fn by_digest(
    tx: &mut Tx,
    source: &str,
    date: NaiveDate,
    digest: &str,
) -> Result<Option<Stored>> {
    let row = tx
        .first(
            "select id, state, date, counts from report
             where source = $1 and date = $2 and digest = $3",
            vals![source, date.to_string(), digest],
        )
        .await?;
    row.map(|row| read_stored(&row)).transpose()
}

/// The day of a report, and when it came.
pub async fn came(tx: &mut Tx, id: i64) -> Result<Option<(String, i64)>> {
    let sql = "select date, received_at from report where id = $1";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| Ok((row.text(0)?, row.int(1)?))).transpose()
}

/// How a report was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// `json`, `csv` or `xlsx`.
    pub format: String,
    /// The text encoding that was found.
    pub encoding: Option<String>,
    /// What was left aside: hidden sheets, columns not used.
    pub notes: Vec<String>,
}

/// How a stored report was read.
pub async fn reading(tx: &mut Tx, id: i64) -> Result<Option<Reading>> {
    let sql = "select format, encoding, notes from report where id = $1";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| Reading::read(&row, 0)).transpose()
}

impl Reading {
    /// From three columns, the first of which stands at `at`.
    fn read(row: &Row, at: usize) -> Result<Self> {
        Ok(Self {
            format: row.text(at)?,
            encoding: row.maybe_text(at + 1)?,
            notes: row.json(at + 2)?,
        })
    }
}

/// The names under which a file of this content was taken before, on whatever day.
pub async fn taken_as(tx: &mut Tx, source: &str, digest: &str) -> Result<Vec<String>> {
    let sql = "select file_name from report where source = $1 and digest = $2";
    let rows = tx.all(sql, vals![source, digest]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Whether a report of this source arrived since then that is not older than others of it.
pub async fn arrived_since(tx: &mut Tx, source: &str, since: i64) -> Result<bool> {
    let row = tx
        .first(
            "select 1 from report where source = $1 and received_at >= $2 and late = 0
               and state <> 'staging' limit 1",
            vals![source, since],
        )
        .await?;
    Ok(row.is_some())
}

fn read_stored(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: row.int(0)?,
        state: row.text(1)?,
        date: row.text(2)?,
        counts: row.text(3)?,
    })
}

/// The newest day, `until` that one, of which a report of this source was processed.
pub async fn newest_day(tx: &mut Tx, source: &str, until: NaiveDate) -> Result<Option<String>> {
    let row = tx
        .first(
            "select max(date) from report
             where source = $1 and state = 'processed' and date <= $2",
            vals![source, until.to_string()],
        )
        .await?;
    row.map_or(Ok(None), |row| row.maybe_text(0))
}

/// Stores a report as staging; its id.
pub async fn stage(tx: &mut Tx, report: &NewReport<'_>) -> Result<i64> {
    let id = tx.id("report").await?;
    tx.run(
        "insert into report (id, source, date, digest, file_name, format, encoding, mode, state,
            late, raw, received_at, counts, rejected, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'staging', $9, $10, $11, '{}', $12, $13)",
        vals![
            id,
            report.source,
            report.date.to_string(),
            report.digest,
            report.file_name,
            report.format,
            report.encoding,
            report.mode,
            report.late,
            deflate(report.raw)?,
            report.received_at,
            serde_json::to_string(report.rejected)?,
            serde_json::to_string(report.notes)?,
        ],
    )
    .await?;
    Ok(id)
}

/// Removes a report whose processing was interrupted, so that it begins anew.
pub async fn unstage(tx: &mut Tx, id: i64) -> Result<()> {
    tx.run("delete from finding where report_id = $1", vals![id])
        .await?;
    tx.run(
        "delete from report where id = $1 and state = 'staging'",
        vals![id],
    )
    .await?;
    Ok(())
}

/// Makes a report visible with its counts; a former one of the same source and day is superseded.
pub async fn finish(
    tx: &mut Tx,
    id: i64,
    source: &str,
    date: &str,
    counts: &str,
    now: i64,
) -> Result<()> {
    tx.run(
        "update report set state = 'superseded'
         where source = $1 and date = $2 and state = 'processed'",
        vals![source, date],
    )
    .await?;
    tx.run(
        "update report set state = 'processed', counts = $1, processed_at = $2 where id = $3",
        vals![counts, now, id],
    )
    .await?;
    Ok(())
}

/// A finding about to be stored.
#[derive(Clone, Debug)]
pub struct NewFinding<'a> {
    /// `matched`, `ambiguous`, `unmatched` or `positive`.
    pub outcome: &'static str,
    /// The rule that decided.
    pub matched_by: Option<&'static str>,
    /// The account.
    pub account_id: Option<i64>,
    /// The unit.
    pub unit_id: Option<i64>,
    /// The issue it lists.
    pub issue_id: Option<i64>,
    /// The printed names that wait for a person.
    pub waiting_id: Option<i64>,
    /// The identity of its issue.
    pub identity: Option<String>,
    /// When it was detected, in UTC milliseconds.
    pub detected_at: i64,
    /// The row as understood; stored as JSON.
    pub finding: &'a Finding,
}

/// Stores findings of a report.
pub async fn insert_findings(tx: &mut Tx, report: i64, findings: &[NewFinding<'_>]) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let first = tx.ids("finding", findings.len()).await?;
    let mut bulk = Bulk::into_table(
        "finding",
        &[
            "id",
            "report_id",
            "sheet",
            "row_no",
            "outcome",
            "matched_by",
            "account_id",
            "unit_id",
            "issue_id",
            "waiting_id",
            "identity",
            "detected_at",
            "body",
        ],
    );
    for (id, f) in (first..).zip(findings) {
        bulk.row(vals![
            id,
            report,
            f.finding.sheet.as_deref(),
            i64::try_from(f.finding.row).unwrap_or(i64::MAX),
            f.outcome,
            f.matched_by,
            f.account_id,
            f.unit_id,
            f.issue_id,
            f.waiting_id,
            f.identity.as_deref(),
            f.detected_at,
            serde_json::to_string(f.finding)?,
        ]);
        tx.drain(&mut bulk).await?;
    }
    tx.bulk(bulk).await?;
    Ok(())
}

/// Remembers how a source answered.
pub async fn source_answered(
    tx: &mut Tx,
    source: &str,
    etag: Option<&str>,
    last_modified: Option<&str>,
    now: i64,
) -> Result<()> {
    tx.run(
        "insert into source_state (source, etag, last_modified, last_ok_at) values ($1, $2, $3, $4)
         on conflict (source) do update set etag = $2, last_modified = $3, last_ok_at = $4",
        vals![source, etag, last_modified, now],
    )
    .await?;
    Ok(())
}

/// Remembers that a source answered and had nothing new.
pub async fn source_reached(tx: &mut Tx, source: &str, now: i64) -> Result<()> {
    tx.run(
        "insert into source_state (source, last_ok_at) values ($1, $2)
         on conflict (source) do update set last_ok_at = $2",
        vals![source, now],
    )
    .await?;
    Ok(())
}

/// The sources that failed, or had no report, since then, and have given none.
pub async fn awaited(tx: &mut Tx, since: i64) -> Result<Vec<String>> {
    let rows = tx
        .all(
            "select s.source from source_state s
             where s.last_error_at >= $1 and coalesce(s.last_ok_at, 0) <= s.last_error_at
               and not exists (
                select 1 from report r where r.source = s.source and r.received_at >= $1
                  and r.late = 0 and r.state <> 'staging')
             order by s.source",
            vals![since],
        )
        .await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Remembers that a source failed.
pub async fn source_failed(tx: &mut Tx, source: &str, error: &str, now: i64) -> Result<()> {
    tx.run(
        "insert into source_state (source, last_error, last_error_at) values ($1, $2, $3)
         on conflict (source) do update set last_error = $2, last_error_at = $3",
        vals![source, error, now],
    )
    .await?;
    Ok(())
}

/// The ETag and Last-Modified of the last answer.
pub async fn source_memory(tx: &mut Tx, source: &str) -> Result<(Option<String>, Option<String>)> {
    let row = tx
        .first(
            "select etag, last_modified from source_state where source = $1",
            vals![source],
        )
        .await?;
    row.map_or(Ok((None, None)), |row| {
        Ok((row.maybe_text(0)?, row.maybe_text(1)?))
    })
}

/// A report of a day, for a summary.
#[derive(Clone, Debug)]
pub struct Day {
    /// The source.
    pub source: String,
    /// The day.
    pub date: String,
    /// Its counts, as JSON.
    pub counts: String,
    /// When it was processed.
    pub processed_at: Option<i64>,
    /// How it was read.
    pub reading: Reading,
}

/// The newest processed report of every source.
pub async fn latest(tx: &mut Tx) -> Result<Vec<Day>> {
    let rows = tx
        .all(
            "select r.source, r.date, r.counts, r.processed_at, r.format, r.encoding, r.notes
             from report r
             where r.state = 'processed' and r.date = (
                select max(x.date) from report x where x.source = r.source and x.state = 'processed')",
            vals![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Day {
                source: row.text(0)?,
                date: row.text(1)?,
                counts: row.text(2)?,
                processed_at: row.maybe_int(3)?,
                reading: Reading::read(row, 4)?,
            })
        })
        .collect()
}

fn deflate(raw: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    writer
        .write_all(raw)
        .and_then(|()| writer.finish())
        .map_err(Error::io("compressing a report"))
}
