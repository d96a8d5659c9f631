//! The file to hand in: rows of text under the platform's headers, as a workbook or as CSV. No cell of it is
//! ever run as a formula.

use rust_xlsxwriter::{Format, Workbook};

use crate::error::{Error, Result};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A workbook: each cell is a text.
    Xlsx,
    /// UTF-8 with a byte order mark, as Excel takes it.
    Csv,
}

impl Form {
    /// By the ending of a name; none: neither.
    pub fn of(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        match ending.map(str::to_lowercase).as_deref() {
            Some("xlsx") => Some(Self::Xlsx),
            Some("csv") => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Writes headers and rows.
pub fn write(form: Form, headers: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    match form {
        Form::Xlsx => xlsx(headers, rows),
        Form::Csv => csv_file(headers, rows),
    }
}

/// What a cell of a workbook holds at most, in UTF-16 units.
const CELL: usize = 32_767;

fn xlsx(headers: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let failed = |error: rust_xlsxwriter::XlsxError| Error::other(format!("the workbook: {error}"));
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0u16..).zip(headers) {
        sheet
            .write_string_with_format(0, column, header, &bold)
            .map_err(failed)?;
        sheet.set_column_width(column, 18).map_err(failed)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            let mut units = 0;
            let fits = |c: &char| {
                units += c.len_utf16();
                units <= CELL
            };
            let text: String = cell.chars().take_while(fits).collect();
            // A text stays a text, whatever it begins with.
            sheet.write_string(row, column, text).map_err(failed)?;
        }
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    workbook.save_to_buffer().map_err(failed)
}

fn csv_file(headers: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let failed = |error: csv::Error| Error::other(format!("the file: {error}"));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(headers).map_err(failed)?;
    for cells in rows {
        let cells = cells.iter().map(|cell| guard(cell));
        writer.write_record(cells).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::other(format!("the file: {error}")))
}

/// Puts an apostrophe before a text that a spreadsheet would run as a formula (CSV injection).
fn guard(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        let headers = ["订单号".to_owned(), "整改说明".to_owned()];
        let rows = [vec!["=1+1".to_owned(), "@SUM(A1)\n第二行".to_owned()]];
        let bytes = write(Form::Csv, &headers, &rows).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        assert_eq!(
            text,
            "\u{feff}订单号,整改说明\r\n'=1+1,\"'@SUM(A1)\n第二行\"\r\n"
        );
        let bytes = write(Form::Xlsx, &headers, &rows).unwrap_or_default();
        use calamine::{Data, Reader as _, Xlsx};
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes))
            .unwrap_or_else(|e: calamine::XlsxError| std::panic::panic_any(e.to_string()));
        let formulas = book.worksheet_formula("Sheet1").map(|r| r.is_empty());
        assert!(formulas.unwrap_or(false));
        let cells = book.worksheet_range("Sheet1").ok();
        let cell = cells.and_then(|cells| cells.get_value((1, 0)).cloned());
        assert_eq!(cell, Some(Data::String("=1+1".to_owned())));
    }
}
