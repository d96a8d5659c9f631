//! Workbooks: title rows above the header, merged cells, several sheets, hidden ones left out.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _, SheetVisible, Sheets, open_workbook_auto_from_rs};

use super::{Decoded, Sheet, header_row, is_closing, no_header};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// Opens a workbook, XLSX or XLS.
pub fn workbook(bytes: &[u8]) -> Result<Sheets<Cursor<&[u8]>>, Fault> {
    open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| {
        Fault::new(format!(
            "the workbook cannot be opened ({error}); save it again as .xlsx, without a password"
        ))
        .code("not_a_workbook")
    })
}

pub(super) fn sheets(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let mut book = workbook(bytes)?;
    let names: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let several = names.iter().filter(|(_, visible)| *visible).count() > 1;
    let mut found = Vec::new();
    let mut missing = None;
    for (name, visible) in names {
        if !visible {
            decoded
                .notes
                .push(format!("sheet {name} is hidden and was left out"));
            continue;
        }
        let merged = merges(&mut book, &name);
        let range = book.worksheet_range(&name).map_err(|error| {
            Fault::new(format!("the sheet cannot be read: {error}"))
                .code("bad_sheet")
                .sheet(&name)
        })?;
        let rows = rows_of(&range, &merged);
        if rows.is_empty() {
            continue;
        }
        let cells: Vec<Vec<String>> = rows.iter().take(15).map(|(_, c)| c.clone()).collect();
        let Some(at) = header_row(&cells, vocabulary) else {
            missing = Some(no_header(&cells).sheet(&name));
            decoded
                .notes
                .push(format!("sheet {name} has no header row and was left out"));
            continue;
        };
        let mut rows = rows.into_iter().skip(at);
        let headers = rows.next().map(|(_, cells)| cells).unwrap_or_default();
        let rows = rows.filter(|(_, cells)| !is_closing(cells)).collect();
        found.push(Sheet {
            name: several.then(|| name.clone()),
            headers,
            rows,
        });
    }
    match (found.is_empty(), missing) {
        (true, Some(fault)) => Err(fault),
        (true, None) => Err(Fault::new("the workbook holds no rows").code("no_rows")),
        _ => Ok(found),
    }
}

type Area = ((u32, u32), (u32, u32));

fn merges(book: &mut Sheets<Cursor<&[u8]>>, name: &str) -> Vec<Area> {
    let Sheets::Xlsx(book) = book else {
        return vec![];
    };
    match book.merge_cells_by_sheet_name(name) {
        Ok(areas) => areas
            .into_iter()
            .map(|area| (area.start, area.end))
            .collect(),
        Err(_) => vec![],
    }
}

/// All rows that hold anything, with the numbers a person sees; a merged area is filled.
fn rows_of(range: &Range<Data>, merged: &[Area]) -> Vec<(u64, Vec<String>)> {
    let (top, left) = range.start().unwrap_or_default();
    let mut rows: Vec<Vec<String>> = range
        .rows()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    for (start, end) in merged {
        // A title that is merged over the whole width stays one cell.
        if start.0 == end.0 {
            continue;
        }
        let text = rows
            .get(start.0.wrapping_sub(top) as usize)
            .and_then(|row| row.get(start.1.wrapping_sub(left) as usize))
            .cloned()
            .unwrap_or_default();
        for row in start.0..=end.0 {
            for column in start.1..=end.1 {
                let place = rows
                    .get_mut(row.wrapping_sub(top) as usize)
                    .and_then(|row| row.get_mut(column.wrapping_sub(left) as usize));
                if let Some(place) = place {
                    place.clone_from(&text);
                }
            }
        }
    }
    rows.into_iter()
        .enumerate()
        .map(|(n, cells)| (u64::from(top) + n as u64 + 1, cells))
        .filter(|(_, cells)| cells.iter().any(|c| !c.is_empty()))
        .collect()
}

/// A cell as text: whole numbers without `.0`, dates as `2021-06-30` or with the time.
fn cell(data: &Data) -> String {
    match data {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        Data::DateTime(when) if when.is_datetime() => when.as_datetime().map_or_else(
            || when.as_f64().to_string(),
            |at| {
                let time = at.time().format("%H:%M:%S").to_string();
                let day = at.date().to_string();
                if time == "00:00:00" {
                    day
                } else {
                    format!("{day} {time}")
                }
            },
        ),
        Data::Empty => String::new(),
        Data::Error(error) => format!("\u{fffd}{error:?}"),
        other => other.to_string().trim().to_owned(),
    }
}
