//! Bytes become sheets, one file per format; `columns` turns sheets into findings.

mod csv;
mod encoding;
mod envelope;
#[cfg(test)]
mod envelope_tests;
mod grid;
mod header;
mod json;
mod package;
mod parts;
mod xlsx;

use super::columns;
pub use super::sheet::{
    Column, DecodeOptions, Decoded, Format, IGNORE, Limits, Rejected, Sheet, Tables,
};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

pub use encoding::{by_label, decode_text};
use header::{is_closing, no_header};
pub use parts::{Pages, rows_of};

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
        None => one(bytes, options, vocabulary),
    }
}

/// Reads a report that came in one piece, or one page of another.
fn one(bytes: &[u8], options: &DecodeOptions, vocabulary: &Vocabulary) -> Result<Decoded, Fault> {
    let format = options.format.of(bytes);
    let mapped;
    let vocabulary = match options.tables.columns.is_empty() {
        true => vocabulary,
        false => {
            mapped = vocabulary.with_columns(&options.tables.columns, IGNORE);
            &mapped
        }
    };
    let in_file = |fault: Fault| Fault {
        file: Some(options.file_name.clone()),
        ..fault
    };
    if bytes.trim_ascii().is_empty() {
        return Err(in_file(
            Fault::new("the file is empty; a report without findings has its header").code("empty"),
        ));
    }
    foreign(bytes, options.format).map_err(in_file)?;
    let mut decoded = Decoded::new(format);
    let sheets = match format {
        Format::Json => json::sheets(
            bytes,
            options.rows_path.as_deref(),
            vocabulary,
            &mut decoded,
        ),
        Format::Xlsx => xlsx::read(bytes, vocabulary, options, &mut decoded).map(|()| vec![]),
        Format::Csv | Format::Auto => {
            csv::read(bytes, vocabulary, options, &mut decoded).map(|()| vec![])
        }
    }
    .map_err(in_file)?;
    for sheet in sheets {
        columns::understand(sheet, vocabulary, options, &mut decoded).map_err(in_file)?;
    }
    if let Some(fault) = decoded.incomplete.take() {
        decoded.notes.push(fault.reason.clone());
        decoded.incomplete = Some(in_file(fault));
    }
    for rejected in &mut decoded.rejected {
        rejected.fault.file = Some(options.file_name.clone());
    }
    Ok(decoded)
}

/// What files of other programs begin with, and what they are; none is read, whatever its name says.
const FOREIGN: [(&[u8], &str); 10] = [
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF text"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MIME-Version:", "a web archive (MHTML)"),
    (b"SQLite format 3", "a database"),
];

/// Refuses what is told by its content to be something else than a report.
fn foreign(bytes: &[u8], said: Format) -> Result<(), Fault> {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let begins = FOREIGN.iter().find(|(magic, _)| start.starts_with(magic));
    let head = start.get(..4_096).unwrap_or(start);
    let spreadsheet = b"urn:schemas-microsoft-com:office:spreadsheet";
    let xml = start.starts_with(b"<") && head.windows(spreadsheet.len()).any(|w| w == spreadsheet);
    let what = match begins {
        _ if xml => Some("an XML spreadsheet of 2003, as some platforms call .xls"),
        found => found.map(|(_, what)| *what),
    };
    if let Some(what) = what {
        let reason = format!(
            "this is {what}, not a table, a workbook or JSON; open it in Excel or WPS and save the \
             table as .xlsx"
        );
        return Err(Fault::new(reason).code("other_form"));
    }
    let is = Format::Auto.of(bytes);
    if said != Format::Auto && (said == Format::Xlsx) != (is == Format::Xlsx) {
        let (said, is) = (said.as_str(), is.as_str());
        let reason = format!(
            "the source says format = {said:?}, the content is {is}; leave format out, then the \
             content decides"
        );
        return Err(Fault::new(reason).code("other_format"));
    }
    Ok(())
}
