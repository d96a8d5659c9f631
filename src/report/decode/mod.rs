//! Bytes become sheets, one file per format; `columns` turns sheets into findings.

mod csv;
mod json;
mod xlsx;

use chrono::NaiveDate;
use serde::Deserialize;

use super::columns;
use crate::error::Fault;
use crate::finding::Finding;
use crate::vocabulary::Vocabulary;

pub use csv::decode_text;
pub use xlsx::workbook;

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Told by the content.
    #[default]
    Auto,
    /// An array of objects somewhere in an envelope.
    Json,
    /// Text with a delimiter.
    Csv,
    /// A workbook, XLSX or XLS.
    Xlsx,
}

impl Format {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn of(self, bytes: &[u8]) -> Self {
        if self != Self::Auto {
            return self;
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            Self::Xlsx
        } else if matches!(text.trim_ascii_start().first(), Some(b'[' | b'{')) {
            Self::Json
        } else {
            Self::Csv
        }
    }
}

/// What the decoder is told.
#[derive(Clone, Debug)]
pub struct DecodeOptions {
    /// The form, or `Auto`.
    pub format: Format,
    /// Where the rows of a JSON envelope are: `data.list`.
    pub rows_path: Option<String>,
    /// The file's name, for errors.
    pub file_name: String,
    /// The report's day; completes dates without a year.
    pub date: NaiveDate,
    /// The office's zone.
    pub zone: chrono_tz::Tz,
}

/// A table as read: one header, rows of cells.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The sheet's name, in a workbook.
    pub name: Option<String>,
    /// Headers as written.
    pub headers: Vec<String>,
    /// Rows with the number a person counts, from 1.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// A row that was not understood.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Where and why.
    pub fault: Fault,
    /// What it names, as far as it could be read; none when it names nothing.
    pub named: Option<Box<Finding>>,
}

/// A report as understood.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its form.
    pub format: Format,
    /// The encoding of its text.
    pub encoding: Option<String>,
    /// The day that stands in its name.
    pub date: Option<NaiveDate>,
    /// The rows that were understood.
    pub findings: Vec<Finding>,
    /// The others.
    pub rejected: Vec<Rejected>,
    /// What a person should know: hidden sheets, columns not used.
    pub notes: Vec<String>,
}

/// Reads a report. An error means that nothing of it could be used.
pub fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
) -> Result<Decoded, Fault> {
    let format = options.format.of(bytes);
    let in_file = |fault: Fault| Fault {
        file: Some(options.file_name.clone()),
        ..fault
    };
    if bytes.trim_ascii().is_empty() {
        return Err(in_file(
            Fault::new("the file is empty; a report without findings has its header").code("empty"),
        ));
    }
    let mut decoded = Decoded {
        format,
        encoding: None,
        date: super::dates::date_in(&options.file_name),
        findings: Vec::new(),
        rejected: Vec::new(),
        notes: Vec::new(),
    };
    let sheets = match format {
        Format::Json => json::sheets(bytes, options.rows_path.as_deref(), &mut decoded),
        Format::Xlsx => xlsx::sheets(bytes, vocabulary, &mut decoded),
        Format::Csv | Format::Auto => csv::sheets(bytes, vocabulary, &mut decoded),
    }
    .map_err(in_file)?;
    for sheet in sheets {
        columns::understand(sheet, vocabulary, options, &mut decoded).map_err(in_file)?;
    }
    for rejected in &mut decoded.rejected {
        rejected.fault.file = Some(options.file_name.clone());
    }
    Ok(decoded)
}

/// The header among the first rows: the one with most known headers, at least two.
pub(super) fn header_row(rows: &[Vec<String>], vocabulary: &Vocabulary) -> Option<usize> {
    let hits = |row: &Vec<String>| {
        row.iter()
            .filter(|c| vocabulary.header(c).is_some())
            .count()
    };
    let (at, best) = rows
        .iter()
        .take(15)
        .map(hits)
        .enumerate()
        .max_by_key(|(n, hits)| (*hits, std::cmp::Reverse(*n)))?;
    (best >= 2).then_some(at)
}

/// What to say when no header was found.
pub(super) fn no_header(rows: &[Vec<String>]) -> Fault {
    let first = rows.first().map(|row| row.join(" | ")).unwrap_or_default();
    let first: String = first.chars().take(120).collect();
    Fault::new(format!(
        "no header row among the first 15 rows: at least two known column names are needed, \
         for instance 账号名称 and 问题类型; the first row is: {first}"
    ))
    .code("no_header")
}
