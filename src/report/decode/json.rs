//! JSON: an array of objects somewhere in an envelope, or an object a line.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::envelope;
use super::path::{self, Opened};
use super::row::{Columns, Wrong};
use super::{DecodeOptions, Decoded, Rejected, decode_text};
use crate::error::Fault;
use crate::report::understand::Table;
use crate::vocabulary::Vocabulary;

/// Reads a report. Its rows are read one by one: as a tree of values, and as cells of all rows too, it would be
/// several times as large as its text.
pub(super) fn read(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    decoded: &mut Decoded,
) -> Result<(), Fault> {
    let (text, encoding) = text_of(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let whole: &RawValue = serde_json::from_str(&text).map_err(|error| {
        let reason = format!("not valid JSON: {error}");
        Fault::new(reason).code("not_json").row(error.line() as u64)
    })?;
    let found = match options.rows_path.as_deref() {
        Some(path) => path::at(whole, path),
        None => path::rows_in(whole, 0).ok_or_else(|| {
            Fault::new("no array of rows in the JSON; name its place with `rows = \"data.list\"`")
                .code("no_rows")
        }),
    };
    let words = vocabulary.envelope();
    let found = match (found, path::open(whole)) {
        // An answer that failed seldom has rows; that it failed says more than that they lack.
        (Err(fault), Opened::Object(fields)) => {
            envelope::failed(&[fields], None, words)?;
            return Err(fault);
        }
        (found, _) => found?,
    };
    envelope::failed(&found.around, Some(found.listed), words)?;
    decoded.incomplete = envelope::incomplete(&found.around, found.listed, words);
    let rows = (1..).zip(found.rows).map(|(n, row)| (n, row.get()));
    rows_of(rows, vocabulary, options, decoded).map(|_| ())
}

/// An object a line; lines that are none are rejected, and the others go on.
pub(super) fn lines(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    decoded: &mut Decoded,
) -> Result<(), Fault> {
    let (text, encoding) = lines_of(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let lines = (1..).zip(text.split('\n').map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty());
    let read = rows_of(lines, vocabulary, options, decoded)?;
    match decoded.rejected.first() {
        Some(first) if read == 0 => Err(first.fault.clone()),
        _ => Ok(()),
    }
}

/// How many rows there are; none: there is no place for rows.
pub(super) fn count(bytes: &[u8], path: Option<&str>) -> Option<usize> {
    let (text, _) = text_of(bytes);
    let whole: &RawValue = serde_json::from_str(&text).ok()?;
    let found = match path {
        Some(path) => path::at(whole, path).ok()?,
        None => path::rows_in(whole, 0)?,
    };
    Some(found.rows.len())
}

/// Reads rows, once to know their fields and once for what they hold; how many are rows.
fn rows_of<'a>(
    rows: impl Iterator<Item = (u64, &'a str)> + Clone,
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    decoded: &mut Decoded,
) -> Result<usize, Fault> {
    let mut columns = Columns::of(options.tables.limits, decoded.taken);
    let mut good = 0;
    for (number, row) in rows.clone() {
        let is_row = columns.learn(row).map_err(|fault| fault.row(number))?;
        good += usize::from(is_row);
    }
    decoded.taken.cells = columns.taken();
    let headers = columns.headers(vocabulary);
    let mut table = match good > 0 {
        true => {
            let opened = Table::open(None, &headers, vocabulary, options, decoded);
            Some(opened.map_err(|lacking| lacking.1)?)
        }
        false => None,
    };
    for (number, row) in rows {
        match (columns.read(row), &mut table) {
            (Ok(mut cells), Some(table)) => table.row(number, &mut cells, decoded)?,
            (Ok(_), None) => {}
            (Err(Wrong::Report(fault)), _) => return Err(fault.row(number)),
            (Err(Wrong::Row(fault)), _) => {
                let fault = fault.row(number);
                decoded.rejected.push(Rejected { fault, named: None });
            }
        }
    }
    if let Some(table) = table {
        table.close(decoded);
    }
    Ok(good)
}

/// The text, without a copy where it is UTF-8.
fn text_of(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(plain) {
        Ok(text) => (Cow::Borrowed(text), "UTF-8"),
        Err(_) => {
            let (text, encoding) = decode_text(bytes);
            (Cow::Owned(text), encoding)
        }
    }
}

/// The text of lines: one that is damaged does not change how the others are read.
fn lines_of(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let (text, encoding) = text_of(bytes);
    if encoding == "UTF-8" || encoding_rs::Encoding::for_bom(bytes).is_some() {
        return (text, encoding);
    }
    let says = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_ascii());
    let (utf8, other): (Vec<&[u8]>, Vec<&[u8]>) =
        says.partition(|line| std::str::from_utf8(line).is_ok());
    if utf8.len() > other.len() {
        return (String::from_utf8_lossy(bytes), "UTF-8");
    }
    (text, encoding)
}
