//! A report as read: its form, its sheets of cells, and what became of the rows.

use std::collections::BTreeMap;

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
    /// A workbook: XLSX, XLS, XLSB or ODS.
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
    /// What the source's settings say of its tables.
    pub tables: Tables,
}

/// What a source's settings say of its tables, where what is found by itself is not right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// The encoding of texts, by a label of the web's: `gb18030`, `big5`, `utf-16le`.
    pub encoding: Option<String>,
    /// What stands between the cells of a text table.
    pub delimiter: Option<char>,
    /// Hidden sheets are read too.
    pub hidden_sheets: bool,
    /// What columns mean, by their headers; [`IGNORE`] or nothing: the column is left out.
    pub columns: BTreeMap<String, String>,
    /// What is too large to be read.
    pub limits: Limits,
}

/// The field of a column that is left out.
pub const IGNORE: &str = "ignore";

/// What is too large to be a report, and is refused before it fills the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows below the headers, over all sheets, entries and pages of the report.
    pub rows: u64,
    /// Cells, over all of them too.
    pub cells: u64,
    /// Bytes of a workbook once it is unpacked.
    pub unpacked: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 1_000_000,
            cells: 30_000_000,
            unpacked: 1 << 30,
        }
    }
}

impl Limits {
    /// Cells in a row: as many as a sheet of a workbook can have.
    pub const COLUMNS: usize = 16_384;

    /// The row does not fit any more.
    pub(super) fn too_many_rows(&self) -> Fault {
        Fault::new(format!(
            "the report has more than {} rows; have it split, or raise max_rows of the source",
            self.rows
        ))
        .code("too_many_rows")
    }

    /// The cell does not fit any more.
    pub(super) fn too_many_cells(&self) -> Fault {
        Fault::new(format!(
            "the report has more than {} cells; delete what is not of the table, have the report \
             split, or raise max_cells of the source",
            self.cells
        ))
        .code("too_many_cells")
    }

    /// The row is wider than a sheet can be.
    pub(super) fn too_wide(cells: usize) -> Fault {
        Fault::new(format!(
            "the row has {cells} cells, more than the {} that a sheet can have; check what stands \
             between the cells (delimiter of the source), or delete what is not of the table",
            Self::COLUMNS
        ))
        .code("too_wide")
    }
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
    /// The field of a finding, by its name in `headers.toml`; `ignore`: left out by the source's
    /// settings; none: kept with the finding as it is.
    pub field: Option<String>,
}

/// What was taken of a report so far, over all that was read of it: entries, pages, sheets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub(super) rows: u64,
    pub(super) cells: u64,
}

/// A report as understood.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Its form.
    pub format: Format,
    /// The encoding of its text.
    pub encoding: Option<String>,
    /// What stands between its cells, in a text table.
    pub delimiter: Option<char>,
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
    /// What the parts before this one held; its own cells are counted up here as they are read.
    pub(super) taken: Taken,
}

impl Decoded {
    /// A report of that form, or a part of one, of which nothing has been read yet; `before` is what the
    /// parts before it held.
    pub(super) fn new(format: Format, before: Taken) -> Self {
        Self {
            format,
            encoding: None,
            delimiter: None,
            findings: Vec::new(),
            rejected: Vec::new(),
            notes: Vec::new(),
            columns: Vec::new(),
            incomplete: None,
            taken: before,
        }
    }

    /// What this part and those before it hold.
    pub(super) fn taken(&self) -> Taken {
        Taken {
            rows: self.rows(),
            cells: self.taken.cells,
        }
    }

    /// The rows of this part and those before it.
    fn rows(&self) -> u64 {
        self.taken.rows + (self.findings.len() + self.rejected.len()) as u64
    }

    /// An error: one more row is more than the source takes of a report.
    pub(super) fn room_for_row(&self, limits: &Limits) -> Result<(), Fault> {
        match self.rows() < limits.rows {
            true => Ok(()),
            false => Err(limits.too_many_rows()),
        }
    }

    /// Counts cells that were read. An error: they are more than the source takes of a report.
    pub(super) fn count_cells(&mut self, cells: usize, limits: &Limits) -> Result<(), Fault> {
        self.taken.cells += cells as u64;
        match self.taken.cells <= limits.cells {
            true => Ok(()),
            false => Err(limits.too_many_cells()),
        }
    }
}
