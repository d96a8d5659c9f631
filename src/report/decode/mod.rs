//! Bytes become sheets, one file per format; `columns` turns sheets into findings.

mod archive;
mod csv;
mod docx;
mod envelope;
#[cfg(test)]
mod envelope_tests;
mod form;
mod grid;
mod html;
mod json;
mod path;
mod row;
mod tree;
mod xlsx;

use super::columns;
pub use super::sheet::{Column, DecodeOptions, Decoded, Format, Rejected, Sheet};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

pub use csv::decode_text;
pub use path::check as check_rows;
pub use xlsx::workbook;

/// Reads a report. An error means that nothing of it could be used.
pub fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
) -> Result<Decoded, Fault> {
    decode_whole(bytes, options, vocabulary, false)
}

/// Reads a report, which may come out of an archive itself.
fn decode_whole(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
    packed: bool,
) -> Result<Decoded, Fault> {
    let in_file = |fault: Fault| Fault {
        file: Some(options.file_name.clone()),
        ..fault
    };
    if bytes.trim_ascii().is_empty() {
        return Err(in_file(
            Fault::new("the file is empty; a report without findings has its header").code("empty"),
        ));
    }
    let format = form::of(options.format, bytes).map_err(in_file)?;
    let mut decoded = Decoded {
        format,
        encoding: None,
        findings: Vec::new(),
        rejected: Vec::new(),
        notes: Vec::new(),
        columns: Vec::new(),
        incomplete: None,
    };
    if format == Format::Zip {
        if packed {
            let reason = "this is an archive within the archive; pack the reports themselves";
            return Err(in_file(Fault::new(reason).code("bad_archive")));
        }
        let in_archive = |fault: Fault| match fault.file {
            Some(_) => fault,
            None => in_file(fault),
        };
        archive::decode(bytes, options, vocabulary, &mut decoded).map_err(in_archive)?;
        return Ok(decoded);
    }
    let sheets = match format {
        Format::Json => json::sheets(
            bytes,
            options.rows_path.as_deref(),
            vocabulary,
            &mut decoded,
        ),
        Format::JsonLines => json::lines(bytes, vocabulary, &mut decoded),
        Format::Html => html::sheets(bytes, vocabulary, &mut decoded),
        Format::Docx => docx::sheets(bytes, vocabulary, &mut decoded),
        Format::Xlsx => unbroken(|| xlsx::sheets(bytes, vocabulary, &mut decoded)),
        Format::Csv | Format::Auto | Format::Zip => csv::sheets(bytes, vocabulary, &mut decoded),
    }
    .map_err(in_file)?;
    let rows: usize = sheets.iter().map(|sheet| sheet.rows.len()).sum();
    let rows = rows + decoded.rejected.len();
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

/// Reads a workbook. A few damaged ones make its library panic, which is then as good as an error: what was
/// read so far is thrown away with it.
fn unbroken(read: impl FnOnce() -> Result<Vec<Sheet>, Fault>) -> Result<Vec<Sheet>, Fault> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let reason = "the workbook is damaged; open it and save it again as .xlsx";
        Err(Fault::new(reason).code("not_a_workbook"))
    })
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

/// First words of rows that only sum up, and of those that remark; a remark's word stands alone.
const SUMS: [&str; 3] = ["合计", "小计", "总计"];
const REMARKS: [&str; 3] = ["备注", "说明", "注"];

/// Whether a row below the header closes the table instead of saying a finding.
pub(super) fn is_closing(cells: &[String]) -> bool {
    let mut filled = cells.iter().filter(|c| !c.is_empty());
    let first = filled.next().map_or("", String::as_str);
    let remarks = |word: &&str| {
        let rest = first.strip_prefix(*word);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    };
    let closes = SUMS.iter().any(|word| first.starts_with(word)) || REMARKS.iter().any(remarks);
    closes && filled.count() <= 2
}
