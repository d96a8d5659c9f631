//! From files to rows of text: CSV in the encodings that offices use, and workbooks.
//! What a row means is not known here.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader as _};

use super::cells::{clean, split};
use super::columns::{self, Kind};
use crate::error::Fault;

/// No roster is larger; a larger file is a mistake and would fill the memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Titles and remarks above the headers are skipped within these rows.
const HEADER_WITHIN: usize = 10;

/// A table of one kind, as text.
#[derive(Debug)]
pub(super) struct Table {
    pub kind: Kind,
    file: String,
    sheet: Option<String>,
    headers: Vec<String>,
    header_row: u64,
    places: HashMap<&'static str, usize>,
    rows: Vec<(u64, Vec<String>)>,
}

/// The rows of one file or sheet before its headers were found.
struct Grid {
    file: String,
    sheet: Option<String>,
    hint: Option<Kind>,
    rows: Vec<(u64, Vec<String>)>,
}

/// What was read: the tables, what was left aside, and what is wrong.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub tables: Vec<Table>,
    pub notes: Vec<String>,
    pub faults: Vec<Fault>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    /// Counted as a person counts: the first line of the file is 1.
    pub number: u64,
    cells: &'a [String],
}

impl Table {
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(number, cells)| Row {
            table: self,
            number: *number,
            cells,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A fault of the table as a whole.
    pub fn fault(&self, reason: impl Into<String>) -> Fault {
        let fault = Fault::new(reason)
            .file(self.file.clone())
            .row(self.header_row);
        match &self.sheet {
            Some(sheet) => fault.sheet(sheet.clone()),
            None => fault,
        }
    }
}

impl<'a> Row<'a> {
    /// Whether the table has this column.
    pub fn has(&self, key: &str) -> bool {
        self.table.places.contains_key(key)
    }

    /// The cell; empty when the table or the row does not have it.
    pub fn get(&self, key: &str) -> &'a str {
        let at = self.table.places.get(key);
        at.and_then(|&at| self.cells.get(at))
            .map_or("", String::as_str)
    }

    /// The cell's values, separated by `;` or `；`; `\;` is a semicolon that belongs to the value.
    pub fn list(&self, key: &str) -> Vec<String> {
        split(self.get(key))
    }

    /// A fault at this cell.
    pub fn fault(&self, key: &str, reason: impl Into<String>) -> Fault {
        let mut fault = self.table.fault(reason).row(self.number);
        let header = self
            .table
            .places
            .get(key)
            .and_then(|&at| self.table.headers.get(at));
        fault = fault.column(header.map_or(key, String::as_str));
        match self.get(key) {
            "" => fault,
            value => fault.value(value),
        }
    }
}

/// Reads a folder of CSV files, one CSV file, or one workbook.
pub(super) fn read(path: &Path) -> Reading {
    let mut reading = Reading::default();
    let grids = if path.is_dir() {
        folder(path)
    } else {
        file(path)
    };
    match grids {
        Ok(grids) => {
            for grid in grids {
                table(grid, &mut reading);
            }
        }
        Err(fault) => reading.faults.push(fault),
    }
    for kind in Kind::ALL {
        if let Some(second) = reading.tables.iter().filter(|t| t.kind == kind).nth(1) {
            let text = format!("this is a second table of {kind}: put all of them into one table");
            reading.faults.push(second.fault(text));
        }
    }
    if reading.tables.is_empty() && reading.faults.is_empty() {
        let text = "no table of units, accounts or people was found: name the files or sheets units, \
                    accounts and people, and give each a row of headers";
        reading
            .faults
            .push(Fault::new(text).file(path.display().to_string()));
    }
    reading
}

fn folder(path: &Path) -> Result<Vec<Grid>, Fault> {
    let place = path.display().to_string();
    let cannot = |e: std::io::Error| Fault::new(format!("cannot be read: {e}")).file(place.clone());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let hidden = path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with(['.', '~']));
        if extension(&path) == "csv" && path.is_file() && !hidden {
            files.push(path);
        }
    }
    files.sort();
    let mut grids = Vec::new();
    for path in files {
        grids.extend(file(&path)?);
    }
    Ok(grids)
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

fn file(path: &Path) -> Result<Vec<Grid>, Fault> {
    let name = path.display().to_string();
    let cannot = |e: std::io::Error| Fault::new(format!("cannot be read: {e}")).file(name.clone());
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MAX_BYTES {
        let text = format!("is {size} bytes, more than the {MAX_BYTES} that are read: split it");
        return Err(Fault::new(text).file(name));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    match extension(path).as_str() {
        "csv" | "txt" | "tsv" => {
            let stem = path
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default();
            let rows = csv_rows(&bytes).map_err(|fault| fault.file(name.clone()))?;
            Ok(vec![Grid {
                file: name,
                sheet: None,
                hint: columns::kind_of_name(&stem),
                rows,
            }])
        }
        "xlsx" | "xlsm" | "xls" | "ods" => workbook(&name, bytes),
        _ => Err(
            Fault::new("is neither a .csv nor an .xlsx file: save it as one of them").file(name),
        ),
    }
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Fault> {
    let text = decode(bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') && !first.contains(',') {
        b'\t'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| Fault::new(format!("is not readable as CSV: {e}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(clean).collect()));
    }
    Ok(rows)
}

/// UTF-8 and UTF-16 by their mark, UTF-8 without one, else GB18030 (what Excel saves in China).
fn decode(bytes: &[u8]) -> Result<String, Fault> {
    if encoding_rs::Encoding::for_bom(bytes).is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok(text.to_owned());
    }
    // `decode` follows the byte order mark and removes it.
    let (text, _, wrong) = encoding_rs::GB18030.decode(bytes);
    if wrong {
        return Err(Fault::new(
            "is neither UTF-8 nor GB18030: save it as CSV UTF-8",
        ));
    }
    Ok(text.into_owned())
}

fn workbook(name: &str, bytes: Vec<u8>) -> Result<Vec<Grid>, Fault> {
    let cannot = |e: calamine::Error| {
        Fault::new(format!(
            "cannot be read as a workbook: {e}; save it as .xlsx"
        ))
        .file(name)
    };
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(cannot)?;
    let mut grids = Vec::new();
    for sheet in book.sheet_names() {
        let range = book
            .worksheet_range(&sheet)
            .map_err(|e| cannot(e).sheet(sheet.clone()))?;
        let start = range.start().map_or(0, |(row, _)| u64::from(row));
        let rows = (start + 1..)
            .zip(range.rows().map(|r| r.iter().map(cell).collect()))
            .collect();
        let hint = columns::kind_of_name(&sheet);
        grids.push(Grid {
            file: name.to_owned(),
            sheet: Some(sheet),
            hint,
            rows,
        });
    }
    Ok(grids)
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::DurationIso(_) | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) => clean(text),
        // A workbook keeps 15 digits: a longer number has lost some, and is shown as such.
        Data::Float(n) if n.abs() >= 1e15 => format!("{n:E}"),
        Data::Float(n) => n.to_string(),
        Data::Int(n) => n.to_string(),
        Data::Bool(b) => b.to_string(),
        Data::DateTime(time) => time.as_datetime().map_or_else(
            || time.as_f64().to_string(),
            |t| t.format("%Y-%m-%d").to_string(),
        ),
    }
}

/// Finds the headers of a grid and makes it a table, a note or faults.
fn table(grid: Grid, reading: &mut Reading) {
    let filled = |cells: &[String]| cells.iter().any(|c| !c.is_empty());
    let mut rows: Vec<_> = grid
        .rows
        .into_iter()
        .filter(|(_, cells)| filled(cells))
        .collect();
    let told = rows
        .iter()
        .take(HEADER_WITHIN)
        .enumerate()
        .find_map(|(at, (_, cells))| {
            let kind = match grid.hint {
                Some(kind) => {
                    let known = columns::places(kind, cells);
                    let needed = columns::columns(kind).iter().filter(|c| c.required);
                    needed
                        .clone()
                        .all(|c| known.contains_key(c.key))
                        .then_some(kind)
                }
                None => columns::kind_of_headers(cells),
            };
            kind.map(|kind| (at, kind))
        });
    let at_fault = |reason: String, row: u64| {
        let fault = Fault::new(reason).file(grid.file.clone()).row(row);
        grid.sheet
            .iter()
            .fold(fault, |fault, sheet| fault.sheet(sheet.clone()))
    };
    let Some((at, kind)) = told else {
        match grid.hint {
            Some(kind) => {
                let row = rows.first().map_or(1, |r| r.0);
                reading
                    .faults
                    .push(at_fault(missing(kind, rows.first()), row));
            }
            None => {
                let sheet = grid
                    .sheet
                    .map(|s| format!(", sheet {s}"))
                    .unwrap_or_default();
                let text = format!("{}{sheet}: no table of the roster, left aside", grid.file);
                reading.notes.push(text);
            }
        }
        return;
    };
    let mut body = rows.split_off(at);
    let (header_row, headers) = body.remove(0);
    let places = columns::places(kind, &headers);
    for (at, header) in headers.iter().enumerate() {
        if header.is_empty() || places.values().any(|&used| used == at) {
            continue;
        }
        match columns::meant(kind, header, &places) {
            Some(meant) => {
                let text = format!(
                    "there is no such column; did you mean {meant}? Correct the header, or leave \
                     the column out"
                );
                let fault = at_fault(text, header_row).column(header.as_str());
                reading.faults.push(fault);
            }
            None => reading
                .notes
                .push(format!("{}: column {header} is not used", grid.file)),
        }
    }
    for (row, cells) in &body {
        if cells.iter().skip(headers.len()).any(|c| !c.is_empty()) {
            let text = "the row has more cells than there are headers: put a text that contains a \
                        comma in double quotes";
            reading.faults.push(at_fault(text.to_owned(), *row));
        }
    }
    let Grid { file, sheet, .. } = grid;
    reading.tables.push(Table {
        kind,
        file,
        sheet,
        headers,
        header_row,
        places,
        rows: body,
    });
}

/// What to tell about a table whose headers are not complete.
fn missing(kind: Kind, first: Option<&(u64, Vec<String>)>) -> String {
    let known = first
        .map(|(_, cells)| columns::places(kind, cells))
        .unwrap_or_default();
    let lacking = columns::columns(kind)
        .iter()
        .filter(|c| c.required && !known.contains_key(c.key));
    let names: Vec<String> = lacking
        .map(|c| {
            c.headers
                .iter()
                .take(2)
                .copied()
                .collect::<Vec<_>>()
                .join("/")
        })
        .collect();
    format!(
        "the table of {kind} has no column {}: add it to the row of headers",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_is_read() {
        let text = "编码,名称\nA,市政府办\n";
        let (gb, _, _) = encoding_rs::GB18030.encode(text);
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes().to_vec(), bom, gb.into_owned(), utf16] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
        assert!(decode(&[0x41, 0xff, 0xff, 0x00]).is_err());
    }

    #[test]
    fn long_numbers_of_a_workbook_show_their_loss() {
        assert_eq!(cell(&Data::Float(42.0)), "42");
        assert_eq!(
            cell(&Data::Float(1_234_567_890_123_456_700.0)),
            "1.2345678901234568E18"
        );
    }
}
