//! Bytes become sheets, one file per format; `columns` turns sheets into findings.

mod archive;
mod csv;
mod docx;
mod encoding;
mod envelope;
#[cfg(test)]
mod envelope_tests;
mod form;
mod grid;
mod header;
mod html;
mod json;
mod package;
mod parts;
mod path;
mod records;
mod row;
mod tables;
mod tree;
mod xlsx;

use super::columns;
use super::sheet::Taken;
pub use super::sheet::{
    Column, DecodeOptions, Decoded, Format, IGNORE, Limits, Rejected, Sheet, Tables,
};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

pub use encoding::{by_label, decode_text};
use header::{is_closing, no_header};
pub use parts::{Pages, rows_of};
pub use path::check as check_rows;

/// Cells of a workbook that are one: the first and the last of them, row and column from 0.
type Area = ((u32, u32), (u32, u32));

/// Reads a report. An error means that nothing of it could be used.
pub fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
) -> Result<Decoded, Fault> {
    match parts::split(bytes) {
        Some(pages) => parts::decode(&pages, options, vocabulary),
        None => one(bytes, options, vocabulary, Part::Whole),
    }
}

/// What is read at once: a report that came in one piece, a page of one, or a file packed in an archive; of parts
/// with what those before it held.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    Page(Taken),
    Packed(Taken),
}

/// Reads a report, or a part of one.
fn one(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
    part: Part,
) -> Result<Decoded, Fault> {
    let mapped;
    let vocabulary = match options.tables.columns.is_empty() {
        true => vocabulary,
        false => {
            mapped = vocabulary.with_columns(&options.tables.columns, IGNORE);
            &mapped
        }
    };
    let in_file = |fault: Fault| match fault.file {
        Some(_) => fault,
        None => fault.file(options.file_name.clone()),
    };
    if bytes.trim_ascii().is_empty() {
        let reason = "the file is empty; a report without findings has its header";
        return Err(in_file(Fault::new(reason).code("empty")));
    }
    let format = form::of(options.format, bytes).map_err(in_file)?;
    let before = match part {
        Part::Whole => Taken::default(),
        Part::Page(before) | Part::Packed(before) => before,
    };
    let mut decoded = Decoded::new(format, before);
    if format == Format::Zip {
        if matches!(part, Part::Packed(_)) {
            let reason = "this is an archive within the archive; pack the reports themselves";
            return Err(in_file(Fault::new(reason).code("bad_archive")));
        }
        archive::decode(bytes, options, vocabulary, &mut decoded).map_err(in_file)?;
        return Ok(decoded);
    }
    let sheets = sheets(bytes, options, vocabulary, &mut decoded).map_err(in_file)?;
    let rows: usize = sheets.iter().map(|sheet| sheet.rows.len()).sum();
    let rows = rows + decoded.findings.len() + decoded.rejected.len();
    for sheet in sheets {
        columns::understand(sheet, vocabulary, options, &mut decoded).map_err(in_file)?;
    }
    debug_assert_eq!(
        decoded.findings.len() + decoded.rejected.len(),
        rows,
        "each row is understood or rejected"
    );
    if let Some(fault) = decoded.incomplete.take() {
        decoded.notes.push(fault.reason.clone());
        decoded.incomplete = Some(in_file(fault));
    }
    for rejected in &mut decoded.rejected {
        rejected.fault.file = Some(options.file_name.clone());
    }
    Ok(decoded)
}

/// The sheets of pages and documents; what else there is is read row by row, and is findings already.
fn sheets(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let limits = options.tables.limits;
    match decoded.format {
        Format::Json => json::read(bytes, vocabulary, options, decoded).map(|()| vec![]),
        Format::JsonLines => json::lines(bytes, vocabulary, options, decoded).map(|()| vec![]),
        Format::Html => html::sheets(bytes, vocabulary, limits, decoded),
        Format::Docx => docx::sheets(bytes, vocabulary, limits, decoded),
        Format::Xlsx => unbroken(|| xlsx::read(bytes, vocabulary, options, decoded)),
        Format::Csv | Format::Auto | Format::Zip => {
            csv::read(bytes, vocabulary, options, decoded).map(|()| vec![])
        }
    }
}

/// Reads a workbook. A few damaged ones make its library panic, which is then as good as an error: what was
/// read so far is thrown away with it.
fn unbroken(read: impl FnOnce() -> Result<(), Fault>) -> Result<Vec<Sheet>, Fault> {
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    read.unwrap_or_else(|_| {
        let reason = "the workbook is damaged; open it and save it again as .xlsx";
        Err(Fault::new(reason).code("damaged_file"))
    })
    .map(|()| vec![])
}
