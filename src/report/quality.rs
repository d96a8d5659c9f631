//! How well a report was understood: how many of its rows, by which rules, in what time; kept in its counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::sheet::Column;
use crate::error::{Fault, Result};
use crate::store::{Row, Tx, vals};

/// So many headers of a report are kept; a file of many thousand columns is told without them.
const HEADERS: usize = 100;

/// What of a report's counts tells its quality. A report that was taken before a count was kept has zero there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Rows understood.
    pub findings: u64,
    /// Of these, rows whose account or unit a rule or a person's choice found.
    pub matched: u64,
    /// Rows that several accounts might mean.
    pub ambiguous: u64,
    /// Rows that no rule could place.
    pub unmatched: u64,
    /// Praise.
    pub positive: u64,
    /// Accounts of which it says when they were updated last.
    pub updates: u64,
    /// Matched rows by the word of the rule, as `matching::MatchedBy` has it.
    pub by_rule: BTreeMap<String, u64>,
    /// What its columns were taken for.
    pub columns: Headers,
    /// From the bytes to what is stored, in milliseconds.
    pub took_ms: Option<u64>,
    /// Issues opened.
    pub opened: u64,
    /// Issues listed again.
    pub seen_again: u64,
    /// Issues that came back.
    pub reopened: u64,
    /// Issues that its silence closed.
    pub verified: u64,
    /// Why it does not hold all rows, if it says so itself.
    pub incomplete: Option<String>,
}

/// The headers of a report, each once, from left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Headers {
    /// Headers that carry a field: the header, and the field by its name in `headers.toml`.
    pub used: Vec<(String, String)>,
    /// Headers that are not known; what stands below them is kept with each finding.
    pub kept: Vec<String>,
    /// How many more there are than are named here.
    pub more: u64,
}

impl Headers {
    /// The headers of all sheets.
    pub fn of(columns: &[Column]) -> Self {
        let mut headers = Self::default();
        let mut seen = BTreeSet::new();
        for column in columns {
            if !seen.insert((&column.header, &column.field)) {
                continue;
            }
            if headers.used.len() + headers.kept.len() >= HEADERS {
                headers.more += 1;
                continue;
            }
            match &column.field {
                Some(field) => headers.used.push((column.header.clone(), field.clone())),
                None => headers.kept.push(column.header.clone()),
            }
        }
        headers
    }
}

/// How many findings were matched out of how many that had to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Findings whose account or unit was found when they came.
    pub matched: u64,
    /// Findings that are no praise.
    pub of: u64,
}

impl Share {
    /// Adds the findings of one more report.
    pub fn add(&mut self, counts: &Counts) {
        self.matched += counts.matched;
        self.of += counts.matched + counts.ambiguous + counts.unmatched;
    }

    /// The findings of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            of: self.of + other.of,
        }
    }

    /// In per cent with one decimal, `97.3`, rounded down: only what is whole is a hundred. None: there was nothing
    /// to match.
    pub fn percent(self) -> Option<String> {
        let permille = (self.matched * 1_000).checked_div(self.of)?;
        Some(format!("{}.{}", permille / 10, permille % 10))
    }
}

/// A stored report with all that tells its quality.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its number.
    pub id: i64,
    /// Its source.
    pub source: String,
    /// Its day.
    pub date: String,
    /// The file's name or the URL's last part.
    pub file_name: String,
    /// `json`, `csv` …
    pub format: String,
    /// The text encoding that was found.
    pub encoding: Option<String>,
    /// `snapshot`, `incremental` or `freshness`.
    pub mode: String,
    /// `processed` or `superseded`.
    pub state: String,
    /// It was older than the newest of its source when it came.
    pub late: bool,
    /// When it came, in UTC milliseconds.
    pub received_at: i64,
    /// It was not as usual, and nobody has found it right.
    pub doubted: bool,
    /// The counts.
    pub counts: Counts,
    /// Rows that were not understood, with their places.
    pub rejected: Vec<Fault>,
    /// What else a person should know.
    pub notes: Vec<String>,
}

/// A question for whole reports, with what follows the columns.
macro_rules! shown {
    ($rest:literal) => {
        concat!(
            "select id, source, date, file_name, format, encoding, mode, state, late, received_at, \
             case when accepted_at is null then odd else null end, counts, rejected, notes \
             from report where ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<Shown> {
    let rejected: Vec<serde_json::Value> = row.json(12)?;
    Ok(Shown {
        id: row.int(0)?,
        source: row.text(1)?,
        date: row.text(2)?,
        file_name: row.text(3)?,
        format: row.text(4)?,
        encoding: row.maybe_text(5)?,
        mode: row.text(6)?,
        state: row.text(7)?,
        late: row.int(8)? != 0,
        received_at: row.int(9)?,
        doubted: row.maybe_text(10)?.is_some(),
        counts: row.json(11)?,
        rejected: rejected.iter().map(stored_fault).collect(),
        notes: row.json(13)?,
    })
}

/// A fault as it was stored; its code is only needed where it is put into words anew.
fn stored_fault(stored: &serde_json::Value) -> Fault {
    let text = |name: &str| stored[name].as_str().map(str::to_owned);
    Fault {
        file: text("file"),
        sheet: text("sheet"),
        row: stored["row"].as_u64(),
        column: text("column"),
        value: text("value"),
        reason: text("reason").unwrap_or_default(),
        code: None,
    }
}

/// The report with this number; none: there is none, or it is being taken.
pub async fn one(tx: &mut Tx, id: i64) -> Result<Option<Shown>> {
    let sql = shown!("id = $1 and state <> 'staging'");
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| read(&row)).transpose()
}

/// All that was counted of a report when it was taken, as JSON.
pub async fn counts(tx: &mut Tx, id: i64) -> Result<Option<serde_json::Value>> {
    let sql = "select counts from report where id = $1 and state <> 'staging'";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| row.json(0)).transpose()
}

/// The sources that ever gave a report, in no order.
pub async fn sources(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx
        .all("select distinct source from report", vals![])
        .await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// The newest report of a source, by its day and then by when it came.
pub async fn newest(tx: &mut Tx, source: &str) -> Result<Option<Shown>> {
    let sql = shown!("source = $1 and state = 'processed' order by date desc, id desc limit 1");
    let row = tx.first(sql, vals![source]).await?;
    row.map(|row| read(&row)).transpose()
}

/// The reports of a source that came since then (UTC milliseconds), the newest first.
pub async fn since(tx: &mut Tx, source: &str, since: i64) -> Result<Vec<Shown>> {
    let sql = shown!(
        "source = $1 and received_at >= $2 and state <> 'staging'
         order by received_at desc, id desc"
    );
    let rows = tx.all(sql, vals![source, since]).await?;
    rows.iter().map(read).collect()
}

/// The share matched of what a source said since then (UTC milliseconds). A report that another of its day came
/// instead of does not count, nor does one that lists only when accounts were updated.
pub async fn share(tx: &mut Tx, source: &str, since: i64) -> Result<Share> {
    let rows = tx
        .all(
            "select counts from report
             where source = $1 and received_at >= $2 and state = 'processed'
               and mode <> 'freshness'",
            vals![source, since],
        )
        .await?;
    let mut share = Share::default();
    for row in &rows {
        share.add(&row.json(0)?);
    }
    Ok(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_per_cent_is_all() {
        let share = |matched, of| Share { matched, of }.percent();
        assert_eq!(share(9_999, 10_000).as_deref(), Some("99.9"));
        assert_eq!(share(10_000, 10_000).as_deref(), Some("100.0"));
        assert_eq!(share(1, 3).as_deref(), Some("33.3"));
        assert_eq!(share(0, 4).as_deref(), Some("0.0"));
        assert_eq!(share(0, 0), None);
    }

    #[test]
    fn counts_of_older_reports_are_read() {
        let old: Counts =
            serde_json::from_str(r#"{"findings": 3, "matched": 2, "rejected": [], "odd": []}"#)
                .unwrap();
        assert_eq!((old.findings, old.matched, old.took_ms), (3, 2, None));
    }

    #[test]
    fn headers_stand_once_and_are_not_without_end() {
        let column = |header: &str, field: Option<&str>| Column {
            sheet: None,
            header: header.to_owned(),
            field: field.map(str::to_owned),
        };
        let twice = [
            column("账号", Some("account_name")),
            column("备注", None),
            column("备注", None),
        ];
        let headers = Headers::of(&twice);
        assert_eq!(headers.kept, ["备注"]);
        assert_eq!(headers.used.len(), 1);
        let many: Vec<Column> = (0..1_000)
            .map(|n| column(&format!("列{n}"), None))
            .collect();
        let headers = Headers::of(&many);
        assert_eq!((headers.kept.len(), headers.more), (HEADERS, 900));
    }
}
