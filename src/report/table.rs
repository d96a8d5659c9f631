//! The tables `report`, `finding`, `waiting` and `source_state`.

use std::io::Write as _;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::usual::{Measure, Odd, Past};
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
    /// The bytes as they came, packed.
    pub packed: Vec<u8>,
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

/// Reports of other days with this content that broke off: one that names no day is of the day on which it is read
/// again.
pub async fn broken_off(
    tx: &mut Tx,
    source: &str,
    date: NaiveDate,
    digest: &str,
) -> Result<Vec<i64>> {
    let sql = "select id from report
               where source = $1 and date <> $2 and digest = $3 and state = 'staging'";
    let rows = tx.all(sql, vals![source, date.to_string(), digest]).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// The day of a report, and when it came.
pub async fn came(tx: &mut Tx, id: i64) -> Result<Option<(String, i64)>> {
    let sql = "select date, received_at from report where id = $1";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| Ok((row.text(0)?, row.int(1)?))).transpose()
}

/// Whether a report lists everything that is still wrong.
pub async fn is_snapshot(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "select 1 from report where id = $1 and mode = 'snapshot'";
    Ok(tx.first(sql, vals![id]).await?.is_some())
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

/// Stores a report as staging; its id, which is that of an interrupted attempt `again` if there was one.
pub async fn stage(tx: &mut Tx, report: NewReport<'_>, again: Option<i64>) -> Result<i64> {
    let id = match again {
        Some(id) => id,
        None => tx.id("report").await?,
    };
    tx.run(
        "insert into report (id, source, date, digest, file_name, format, encoding, mode, state,
            late, received_at, counts, rejected, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'staging', $9, $10, '{}', $11, $12)",
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
            report.received_at,
            serde_json::to_string(report.rejected)?,
            serde_json::to_string(report.notes)?,
        ],
    )
    .await?;
    let sql = "insert into report_raw (report_id, raw) values ($1, $2)";
    tx.run(sql, vals![id, report.packed]).await?;
    Ok(id)
}

/// Removes a report whose processing was interrupted, so that it begins anew.
pub async fn unstage(tx: &mut Tx, id: i64) -> Result<()> {
    tx.run("delete from finding where report_id = $1", vals![id])
        .await?;
    let sql = "delete from report_raw where report_id = $1
               and exists (select 1 from report where id = $1 and state = 'staging')";
    tx.run(sql, vals![id]).await?;
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

/// What of a report is odd, and which issues it is silent about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What is odd.
    pub odd: Vec<Odd>,
    /// The issues that its silence would have verified, by id.
    pub silent: Vec<i64>,
}

/// A report that is odd, and whether somebody found it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubted {
    /// Its id.
    pub id: i64,
    /// Its source.
    pub source: String,
    /// Its day.
    pub date: String,
    /// `processed` or `superseded`.
    pub state: String,
    /// When it came, in UTC milliseconds.
    pub received_at: i64,
    /// What is odd.
    pub doubt: Doubt,
    /// When it was found right, in UTC milliseconds.
    pub accepted_at: Option<i64>,
    /// By whom; none: by the office.
    pub accepted_by: Option<i64>,
}

/// Notes that a report is odd.
pub async fn doubt(tx: &mut Tx, id: i64, doubt: &Doubt) -> Result<()> {
    let sql = "update report set odd = $1 where id = $2";
    tx.run(sql, vals![serde_json::to_string(doubt)?, id])
        .await?;
    Ok(())
}

/// A report that is odd, or was until it was found right; none: it is not known, or not odd.
pub async fn doubted(tx: &mut Tx, id: i64) -> Result<Option<Doubted>> {
    let sql = "select id, source, date, state, received_at, odd, accepted_at, accepted_by
               from report where id = $1 and odd is not null and state <> 'staging'";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| {
        Ok(Doubted {
            id: row.int(0)?,
            source: row.text(1)?,
            date: row.text(2)?,
            state: row.text(3)?,
            received_at: row.int(4)?,
            doubt: row.json(5)?,
            accepted_at: row.maybe_int(6)?,
            accepted_by: row.maybe_int(7)?,
        })
    })
    .transpose()
}

/// Whether a report of a later day of this source was processed, or another of that day.
pub async fn outdated(tx: &mut Tx, report: &Doubted) -> Result<bool> {
    let sql =
        "select 1 from report where source = $1 and state = 'processed' and date > $2 limit 1";
    let newer = tx.first(sql, vals![&report.source, &report.date]).await?;
    Ok(newer.is_some() || report.state != "processed")
}

/// Notes that somebody found an odd report right. False: somebody had, or another came instead of it.
pub async fn accept(tx: &mut Tx, id: i64, by: Option<i64>, now: i64) -> Result<bool> {
    let sql = "update report set accepted_at = $1, accepted_by = $2
               where id = $3 and odd is not null and accepted_at is null and state = 'processed'";
    Ok(tx.run(sql, vals![now, by, id]).await? == 1)
}

/// Whether there is such a report.
pub async fn known(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "select 1 from report where id = $1 and state <> 'staging'";
    Ok(tx.first(sql, vals![id]).await?.is_some())
}

/// The reports of a source before a day, the newest first, as far as they say what is usual: snapshots,
/// complete, in time, and not in doubt any more.
pub async fn past(tx: &mut Tx, source: &str, before: NaiveDate, most: usize) -> Result<Vec<Past>> {
    let rows = tx
        .all(
            "select date, counts, accepted_at from report
             where source = $1 and date < $2 and state = 'processed' and late = 0
               and mode = 'snapshot' and (odd is null or accepted_at is not null)
             order by date desc, id desc limit 40",
            vals![source, before.to_string()],
        )
        .await?;
    let mut past = Vec::with_capacity(most);
    for row in &rows {
        let counts: serde_json::Value = serde_json::from_str(&row.text(1)?)?;
        if !counts["incomplete"].is_null() {
            continue;
        }
        let rejected = counts["rejected"].as_array().map_or(0, Vec::len) as u64;
        let newest = counts["newest"].as_str();
        past.push(Past {
            measure: Measure {
                date: row.text(0)?.parse().unwrap_or_default(),
                rows: counts["findings"].as_u64().unwrap_or_default() + rejected,
                accounts: counts["accounts"].as_u64(),
                newest: newest.and_then(|day| day.parse().ok()),
            },
            accepted: row.maybe_int(2)?.is_some(),
        });
    }
    past.truncate(most);
    Ok(past)
}

/// A report of a day, for a summary.
#[derive(Clone, Debug)]
pub struct Day {
    /// Its id.
    pub id: i64,
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
    /// What is odd, as long as nobody found it right.
    pub doubt: Option<Doubt>,
}

/// The newest processed report of every source.
pub async fn latest(tx: &mut Tx) -> Result<Vec<Day>> {
    let rows = tx
        .all(
            "select r.source, r.date, r.counts, r.processed_at, r.format, r.encoding, r.notes, r.id,
                case when r.accepted_at is null then r.odd else null end
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
                id: row.int(7)?,
                doubt: row
                    .maybe_text(8)?
                    .map(|text| serde_json::from_str(&text))
                    .transpose()?,
            })
        })
        .collect()
}

/// Packs the bytes of a report (zlib).
pub fn pack(raw: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    writer
        .write_all(raw)
        .and_then(|()| writer.finish())
        .map_err(Error::io("compressing a report"))
}
