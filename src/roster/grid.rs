//! From files to grids of text: CSV in the encodings that offices use, workbooks with their merged areas, a
//! folder with all that is below it. What a row means is not known here.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, Range, Reader as _, SheetVisible, Sheets};

use super::cells::clean;
use crate::error::Fault;

/// No roster is larger; a larger file is a mistake and would fill the memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// A folder with more files than these is not a roster's.
const MAX_FILES: usize = 5000;
/// The endings of files that are read.
const CSV: [&str; 3] = ["csv", "txt", "tsv"];
const BOOK: [&str; 4] = ["xlsx", "xlsm", "xls", "ods"];

/// The rows of one file or sheet before its headers were found.
#[derive(Debug)]
pub(super) struct Grid {
    pub file: String,
    pub sheet: Option<String>,
    /// What names the grid, the nearest first: its sheet, its file, the folders it lies in.
    pub labels: Vec<String>,
    /// Rows that hold anything, by the number a person sees.
    pub rows: Vec<(u64, Vec<String>)>,
    /// Cells that are merged within one row: its number, the first and the last column.
    pub across: Vec<(u64, usize, usize)>,
}

/// The grids of a file, or of all files of a folder and what is below it.
pub(super) fn grids(path: &Path, notes: &mut Vec<String>, faults: &mut Vec<Fault>) -> Vec<Grid> {
    let mut files = Vec::new();
    let found = if path.is_dir() {
        below(path, &mut files)
    } else {
        files.push(path.to_owned());
        Ok(())
    };
    if let Err(fault) = found {
        faults.push(fault);
    }
    files.sort();
    let mut grids = Vec::new();
    for one in files {
        let folders = one
            .parent()
            .and_then(|parent| parent.strip_prefix(path).ok());
        let folders: Vec<String> = folders
            .into_iter()
            .flat_map(|folders| folders.iter().rev())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        match file(&one, notes) {
            Ok(read) => grids.extend(read.into_iter().map(|mut grid| {
                grid.labels.extend(folders.iter().cloned());
                grid
            })),
            Err(fault) => faults.push(fault),
        }
    }
    grids
}

fn below(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Fault> {
    let place = path.display().to_string();
    let cannot = |e: std::io::Error| Fault::new(format!("cannot be read: {e}")).file(place.clone());
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(cannot)?);
        if entry.file_name().to_string_lossy().starts_with(['.', '~']) {
            continue;
        }
        let ending = extension(&path);
        if kind.is_dir() {
            below(&path, files)?;
        } else if path.is_file() && (ending == "csv" || BOOK.contains(&ending.as_str())) {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            let text = format!(
                "the folder holds more than {MAX_FILES} tables: name the one that is meant"
            );
            return Err(Fault::new(text).file(place));
        }
    }
    Ok(())
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

fn file(path: &Path, notes: &mut Vec<String>) -> Result<Vec<Grid>, Fault> {
    let name = path.display().to_string();
    let cannot = |e: std::io::Error| Fault::new(format!("cannot be read: {e}")).file(name.clone());
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MAX_BYTES {
        let text = format!("is {size} bytes, more than the {MAX_BYTES} that are read: split it");
        return Err(Fault::new(text).file(name));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    let stem = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = extension(path);
    if CSV.contains(&ending.as_str()) {
        let rows = csv_rows(&bytes).map_err(|fault| fault.file(name.clone()))?;
        return Ok(vec![Grid {
            file: name,
            sheet: None,
            labels: vec![stem],
            rows,
            across: vec![],
        }]);
    }
    if BOOK.contains(&ending.as_str()) {
        return workbook(&name, &stem, bytes, notes);
    }
    Err(Fault::new("is neither a .csv nor an .xlsx file: save it as one of them").file(name))
}

fn filled(cells: &[String]) -> bool {
    cells.iter().any(|c| !c.is_empty())
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
        let cells: Vec<String> = record.iter().map(clean).collect();
        if filled(&cells) {
            rows.push((line, cells));
        }
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

type Book = Sheets<Cursor<Vec<u8>>>;

fn workbook(
    name: &str,
    stem: &str,
    bytes: Vec<u8>,
    notes: &mut Vec<String>,
) -> Result<Vec<Grid>, Fault> {
    let cannot = |e: calamine::Error| {
        Fault::new(format!(
            "cannot be read as a workbook: {e}; save it as .xlsx, without a password"
        ))
        .file(name)
    };
    let mut book: Book =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(cannot)?;
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let mut grids = Vec::new();
    for (sheet, visible) in sheets {
        if !visible {
            notes.push(format!(
                "{name}, sheet {sheet}: is hidden and was left aside"
            ));
            continue;
        }
        let range = book
            .worksheet_range(&sheet)
            .map_err(|e| cannot(e).sheet(sheet.clone()))?;
        let areas = merges(&mut book, &sheet);
        let (rows, across) = rows_of(&range, &areas);
        grids.push(Grid {
            file: name.to_owned(),
            labels: vec![sheet.clone(), stem.to_owned()],
            sheet: Some(sheet),
            rows,
            across,
        });
    }
    Ok(grids)
}

/// The first and the last cell of a merged area: row and column.
type Area = ((u32, u32), (u32, u32));

/// The merged areas of a sheet. Where they cannot be known, only their first cells say something.
fn merges(book: &mut Book, sheet: &str) -> Vec<Area> {
    let areas = match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        _ => vec![],
    };
    areas
        .into_iter()
        .map(|area| (area.start, area.end))
        .collect()
}

type Rows = Vec<(u64, Vec<String>)>;

/// The rows that hold anything. What is merged over several rows stands in each of them; what is merged
/// within one row stays one cell.
fn rows_of(range: &Range<Data>, merged: &[Area]) -> (Rows, Vec<(u64, usize, usize)>) {
    let (top, left) = range.start().unwrap_or_default();
    let (last_row, last_column) = range.end().unwrap_or_default();
    let mut rows: Vec<Vec<String>> = range
        .rows()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    let mut across = Vec::new();
    for &(start, end) in merged {
        let end = (end.0.min(last_row), end.1.min(last_column));
        let at = |row: u32, column: u32| {
            (
                row.wrapping_sub(top) as usize,
                column.wrapping_sub(left) as usize,
            )
        };
        let (row, column) = at(start.0, start.1);
        if start.1 < end.1 {
            for n in start.0..=end.0 {
                across.push((u64::from(n) + 1, column, at(n, end.1).1));
            }
        }
        let text = rows.get(row).and_then(|cells| cells.get(column)).cloned();
        let Some(text) = text.filter(|text| start.0 < end.0 && !text.is_empty()) else {
            continue;
        };
        for n in start.0..=end.0 {
            let place = rows
                .get_mut(at(n, 0).0)
                .and_then(|cells| cells.get_mut(column));
            if let Some(place) = place {
                place.clone_from(&text);
            }
        }
    }
    let rows = (u64::from(top) + 1..).zip(rows);
    (rows.filter(|(_, cells)| filled(cells)).collect(), across)
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
