//! A report as read: its form, its sheets of cells, and what became of the rows.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::finding::Finding;

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Told by the content.
    #[default]
    Auto,
    /// An array of objects somewhere in an envelope.
    Json,
    /// An object a line.
    JsonLines,
    /// Text with a delimiter.
    Csv,
    /// A workbook, XLSX or XLS.
    Xlsx,
    /// Tables of a page.
    Html,
    /// Tables of a Word document.
    Docx,
    /// An archive of any of these.
    Zip,
}

impl Format {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::JsonLines => "json_lines",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Zip => "zip",
        }
    }
}

/// What the decoder is told.
#[derive(Clone, Debug)]
pub struct DecodeOptions {
    /// The form, or `Auto`.
    pub format: Format,
    /// Where the rows of a JSON envelope are: `data.list`, or a JSONPath (RFC 9535), `$.data[*].items`.
    pub rows_path: Option<String>,
    /// The file's name, for errors.
    pub file_name: String,
    /// The report's day; completes dates without a year.
    pub date: NaiveDate,
    /// The office's zone.
    pub zone: chrono_tz::Tz,
    /// The rows say when accounts were updated last, and nothing that is wrong.
    pub updates: bool,
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

/// A column of a report, and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The header as written, without spaces.
    pub header: String,
    /// The field of a finding, by its name in `headers.toml`; none: kept with the finding as it is.
    pub field: Option<String>,
}

/// A report as understood.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its form.
    pub format: Format,
    /// The encoding of its text.
    pub encoding: Option<String>,
    /// The rows that were understood.
    pub findings: Vec<Finding>,
    /// The others.
    pub rejected: Vec<Rejected>,
    /// What a person should know: hidden sheets, columns not used.
    pub notes: Vec<String>,
    /// What its columns were taken for, sheet by sheet.
    pub columns: Vec<Column>,
    /// Why it does not hold all rows, if it says so itself: its silence then proves nothing.
    pub incomplete: Option<Fault>,
}
