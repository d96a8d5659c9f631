//! Workbooks, read sheet by sheet through calamine; hidden ones are left out, and those that are no table.

use std::collections::HashMap;
use std::fmt::Display;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Cell, Data, DataRef, Dimensions, Ods, Range, Reader, SheetType, SheetVisible, Sheets, Xls,
    XlsError, Xlsb, Xlsx, open_workbook_from_rs,
};

use super::grid::{Became, Grid, Named};
use super::package::{Holds, Marks, Package};
use super::{Area, DecodeOptions, Decoded, Limits};
use crate::error::Fault;
use crate::report::understand::ERROR;
use crate::vocabulary::Vocabulary;

type Bytes<'b> = Cursor<&'b [u8]>;

/// How files of the older Office begin, whatever they hold.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";

/// The workbook asks for a password.
pub(super) fn encrypted() -> Fault {
    Fault::new("the workbook is protected by a password; save it again without one")
        .code("encrypted")
}

fn unreadable(error: &dyn Display) -> Fault {
    Fault::new(format!(
        "the workbook cannot be opened ({error}); open it in Excel or WPS and save it again as .xlsx"
    ))
    .code("not_a_workbook")
}

/// Reads a workbook: XLSX, XLS, XLSB or ODS.
pub(super) fn read(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    decoded: &mut Decoded,
) -> Result<(), Fault> {
    // The libraries below are made for sound files; whatever else they meet must end no program.
    let reading = AssertUnwindSafe(|| {
        let mut book = Book::open(bytes, options, decoded)?;
        book.read(vocabulary, options, decoded)
    });
    catch_unwind(reading).unwrap_or_else(|_| Err(unreadable(&"it is damaged")))
}

/// An open workbook, and what its package says beside calamine.
struct Book<'b> {
    sheets: Sheets<Bytes<'b>>,
    /// By sheet; none: calamine is asked.
    marks: Option<HashMap<String, Marks>>,
}

impl<'b> Book<'b> {
    fn open(
        bytes: &'b [u8],
        options: &DecodeOptions,
        decoded: &mut Decoded,
    ) -> Result<Self, Fault> {
        let cursor = Cursor::new(bytes);
        if bytes.starts_with(COMPOUND) {
            if holds_wide(bytes, "EncryptedPackage") {
                return Err(encrypted());
            }
            if holds_wide(bytes, "WordDocument") {
                let reason = "this is a Word document, not a workbook; save the table as .xlsx";
                return Err(Fault::new(reason).code("other_form"));
            }
            let book = open_workbook_from_rs::<Xls<_>, _>(cursor).map_err(|error| match error {
                XlsError::Password => encrypted(),
                error => unreadable(&error),
            })?;
            return Ok(Self {
                sheets: Sheets::Xls(book),
                marks: None,
            });
        }
        let mut package = Package::open(bytes, options.tables.limits.unpacked)?;
        let holds = package.holds();
        if holds == Holds::Other {
            let reason =
                "this is a ZIP, but no workbook is in it; unpack it, or save the table as .xlsx";
            return Err(Fault::new(reason).code("not_a_workbook"));
        }
        let marks = package.look()?;
        let sheets = match holds {
            Holds::Xlsb => Sheets::Xlsb(
                open_workbook_from_rs::<Xlsb<_>, _>(cursor).map_err(|e| unreadable(&e))?,
            ),
            Holds::Ods => {
                if package.mentions("META-INF/manifest.xml", "encryption-data") {
                    return Err(encrypted());
                }
                if package.spreads(&options.tables.limits, decoded.taken)? {
                    decoded.notes.push(
                        "cells that are merged over several rows are not filled down in .ods; save \
                         the workbook as .xlsx"
                            .to_owned(),
                    );
                }
                Sheets::Ods(open_workbook_from_rs::<Ods<_>, _>(cursor).map_err(|e| unreadable(&e))?)
            }
            Holds::Xlsx | Holds::Other => Sheets::Xlsx(
                open_workbook_from_rs::<Xlsx<_>, _>(cursor).map_err(|e| unreadable(&e))?,
            ),
        };
        Ok(Self { sheets, marks })
    }

    fn read(
        &mut self,
        vocabulary: &Vocabulary,
        options: &DecodeOptions,
        decoded: &mut Decoded,
    ) -> Result<(), Fault> {
        let all = self.sheets.sheets_metadata().to_vec();
        let (tables, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|sheet| sheet.typ == SheetType::WorkSheet);
        let shown = |sheet: &&calamine::Sheet| {
            options.tables.hidden_sheets || sheet.visible == SheetVisible::Visible
        };
        for sheet in tables.iter().filter(|sheet| !shown(sheet)) {
            let name = &sheet.name;
            decoded.notes.push(format!(
                "sheet {name} is hidden and was left out; hidden_sheets = true reads it"
            ));
        }
        for sheet in others {
            decoded
                .notes
                .push(format!("sheet {} is no table and was left out", sheet.name));
        }
        let several = tables.iter().filter(shown).count() > 1;
        let (mut found, mut left) = (false, Vec::new());
        for sheet in tables.iter().filter(shown) {
            match self.sheet(&sheet.name, several, vocabulary, options, decoded)? {
                Became::Read => found = true,
                Became::Empty => {}
                Became::Left(fault, what) => left.push((fault, what)),
            }
        }
        if !found {
            // Of several the one that is nearest to a table says most.
            let nearest = left
                .iter()
                .position(|(fault, _)| fault.code == Some("no_column"));
            let first = left.into_iter().nth(nearest.unwrap_or_default());
            let nothing = || Fault::new("the workbook holds no rows").code("no_rows");
            return Err(first.map_or_else(nothing, |(fault, _)| fault));
        }
        for (fault, what) in left {
            // It says what is wrong, and nobody knows with whom: what others do not list proves nothing.
            if what && decoded.incomplete.is_none() {
                decoded.incomplete = Some(fault);
                continue;
            }
            let name = fault.sheet.clone().unwrap_or_default();
            decoded.notes.push(match fault.code {
                Some("no_header") => format!("sheet {name} has no header row and was left out"),
                _ => format!("sheet {name} was left out: {}", fault.reason),
            });
        }
        Ok(())
    }

    fn sheet(
        &mut self,
        name: &str,
        several: bool,
        vocabulary: &Vocabulary,
        options: &DecodeOptions,
        decoded: &mut Decoded,
    ) -> Result<Became, Fault> {
        let bad = |error: &dyn Display| {
            let reason =
                format!("the sheet cannot be read ({error}); save the workbook again as .xlsx");
            Fault::new(reason).code("bad_sheet").sheet(name)
        };
        let since_1904 = match &self.sheets {
            Sheets::Xlsx(book) => book.has_1904_epoch(),
            Sheets::Xls(book) => book.has_1904_epoch(),
            Sheets::Xlsb(_) | Sheets::Ods(_) => false,
        };
        let marks = self.marks_of(name).map_err(|error| bad(&error))?;
        if marks.uncalculated {
            decoded.notes.push(format!(
                "sheet {name}: some formulas were never calculated, their cells are empty; open the \
                 workbook in Excel or WPS and save it"
            ));
        }
        let named = Named {
            name,
            several,
            since_1904,
            merged: marks.merged,
        };
        let mut grid = Grid::new(named, vocabulary, options);
        match &mut self.sheets {
            Sheets::Xlsx(book) => {
                let mut reader = book
                    .worksheet_cells_reader(name)
                    .map_err(|error| bad(&error))?;
                let mut next = || reader.next_cell().map_err(|error| error.to_string());
                stream(name, &mut next, &mut grid, decoded)?;
            }
            Sheets::Xlsb(book) => {
                let mut reader = book
                    .worksheet_cells_reader(name)
                    .map_err(|error| bad(&error))?;
                let mut next = || reader.next_cell().map_err(|error| error.to_string());
                stream(name, &mut next, &mut grid, decoded)?;
            }
            book => {
                let range = book.worksheet_range(name).map_err(|error| bad(&error))?;
                rows(&range, &mut grid, decoded)?;
            }
        }
        grid.end(decoded)
    }

    fn marks_of(&mut self, name: &str) -> Result<Marks, calamine::Error> {
        if let (Some(marks), Sheets::Xlsx(_)) = (&mut self.marks, &self.sheets) {
            return Ok(marks.remove(name).unwrap_or_default());
        }
        let area = |area: Dimensions| (area.start, area.end);
        let merged: Vec<Area> = match &mut self.sheets {
            Sheets::Xlsx(book) => {
                let merged = book.merge_cells_by_sheet_name(name);
                merged
                    .map_err(calamine::Error::Xlsx)?
                    .into_iter()
                    .map(area)
                    .collect()
            }
            Sheets::Xls(book) => {
                let merged = book.merge_cells_by_sheet_name(name).unwrap_or_default();
                merged.into_iter().map(area).collect()
            }
            Sheets::Xlsb(_) | Sheets::Ods(_) => vec![],
        };
        Ok(Marks {
            merged,
            uncalculated: false,
        })
    }
}

/// Whether bytes hold a name as the older Office writes it, in UTF-16.
fn holds_wide(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // Names of streams stand in entries of 128 bytes, at their beginning.
    let mut entries = bytes.chunks(128);
    entries.any(|entry| entry.starts_with(&wide))
}

/// The next cell of a sheet, or why there is none.
type NextCell<'n, 'b> = &'n mut dyn FnMut() -> Result<Option<Cell<DataRef<'b>>>, String>;

/// Reads the rows of a sheet cell by cell, so that no sheet is larger than what it holds.
fn stream(
    name: &str,
    next: NextCell<'_, '_>,
    grid: &mut Grid<'_>,
    decoded: &mut Decoded,
) -> Result<(), Fault> {
    let bad = |error: String, row: u32| {
        let reason =
            format!("the sheet cannot be read on from here ({error}); fetch the report again");
        let fault = Fault::new(reason).code("bad_sheet").sheet(name);
        fault.row(u64::from(row) + 1)
    };
    let mut cells: Vec<String> = Vec::new();
    let mut here = 0;
    while let Some(cell) = next().map_err(|error| bad(error, here))? {
        let (row, column) = cell.get_position();
        if row != here {
            if row < here {
                return Err(bad("its rows are not in order".to_owned(), row));
            }
            grid.row(u64::from(here) + 1, &mut cells, decoded)?;
            if grid.is_left() {
                return Ok(());
            }
            cells.clear();
            here = row;
        }
        let (number, column) = (u64::from(row) + 1, column as usize);
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(text) => text.trim().to_owned(),
            DataRef::String(text) => text.trim().to_owned(),
            DataRef::Float(value) => float(*value, || grid.long_number(number, column)),
            other => plain(&Data::from(other.clone())),
        };
        if text.is_empty() {
            continue;
        }
        if column >= Limits::COLUMNS {
            return Err(Limits::too_wide(column + 1).sheet(name).row(number));
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = text;
        }
    }
    grid.row(u64::from(here) + 1, &mut cells, decoded)
}

/// Reads the rows of a sheet that calamine has in memory.
fn rows(range: &Range<Data>, grid: &mut Grid<'_>, decoded: &mut Decoded) -> Result<(), Fault> {
    let (top, left) = range.start().unwrap_or_default();
    for (row, values) in (u64::from(top) + 1..).zip(range.rows()) {
        let mut cells = vec![String::new(); left as usize];
        for (column, value) in (left as usize..).zip(values) {
            let text = match value {
                Data::Float(number) => float(*number, || grid.long_number(row, column)),
                other => plain(other),
            };
            cells.push(text);
        }
        let filled = cells.iter().rposition(|cell| !cell.is_empty());
        cells.truncate(filled.map_or(0, |last| last + 1));
        grid.row(row, &mut cells, decoded)?;
        if grid.is_left() {
            break;
        }
    }
    Ok(())
}

/// A number as a person sees it: whole ones without a point, no exponents, 15 digits, since the
/// sixteenth is made up; `long` is called where digits are lost.
fn float(number: f64, long: impl FnOnce()) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    if number.abs() >= 1e15 {
        long();
    }
    let rounded = format!("{number:.14e}").parse().unwrap_or(number);
    f64::to_string(&rounded)
}

/// A cell as text: dates as `2021-06-30` or with the time.
fn plain(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::Float(number) => float(*number, || {}),
        Data::String(text) => text.trim().to_owned(),
        Data::DateTime(when) if when.is_datetime() => when.as_datetime().map_or_else(
            || when.as_f64().to_string(),
            |at| {
                let shown = at.format("%Y-%m-%d %H:%M:%S").to_string();
                let day = shown.strip_suffix(" 00:00:00").map(str::to_owned);
                day.unwrap_or(shown)
            },
        ),
        Data::Error(error) => {
            let error = error.to_string();
            format!("{ERROR}{}", error.trim_start_matches('#'))
        }
        other => other.to_string().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_a_person_sees() {
        for (number, want, lost) in [
            (350_102.0, "350102", false),
            (13_950_000_000.0, "13950000000", false),
            (0.1 + 0.2, "0.3", false),
            (-1.5, "-1.5", false),
            (123_456_789_012_345_678.0, "123456789012346000", true),
            (1e15, "1000000000000000", true),
        ] {
            let mut long = false;
            assert_eq!(float(number, || long = true), want);
            assert_eq!(long, lost, "{number}");
        }
    }
}
