//! JSON: an array of objects somewhere in an envelope, or an object a line.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::envelope;
use super::path::{self, Opened};
use super::row::{Columns, Wrong};
use super::{Decoded, Limits, Rejected, Sheet, decode_text};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The rows are read one by one: the whole report as a tree of values would be several times as
/// large as its text.
pub(super) fn sheets(
    bytes: &[u8],
    path: Option<&str>,
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let (text, encoding) = text_of(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let whole: &RawValue = serde_json::from_str(&text).map_err(|error| {
        let reason = format!("not valid JSON: {error}");
        Fault::new(reason).code("not_json").row(error.line() as u64)
    })?;
    let found = match path {
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
    Ok(vec![sheet(rows, vocabulary, limits, decoded)?])
}

/// An object a line; lines that are none are rejected, and the others go on.
pub(super) fn lines(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let (text, encoding) = lines_of(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let lines = (1..).zip(text.split('\n').map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty());
    let sheet = sheet(lines, vocabulary, limits, decoded)?;
    match decoded.rejected.first() {
        Some(first) if sheet.rows.is_empty() => Err(first.fault.clone()),
        _ => Ok(vec![sheet]),
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

fn sheet<'a>(
    rows: impl Iterator<Item = (u64, &'a str)>,
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Sheet, Fault> {
    let mut columns = Columns::of(limits, decoded.taken);
    let mut sheet = Sheet::default();
    for (number, row) in rows {
        match columns.read(row) {
            Ok(cells) => sheet.rows.push((number, cells)),
            Err(Wrong::Report(fault)) => return Err(fault.row(number)),
            Err(Wrong::Row(fault)) => {
                let fault = fault.row(number);
                decoded.rejected.push(Rejected { fault, named: None });
            }
        }
    }
    decoded.taken.cells = columns.taken();
    sheet.headers = columns.headers(vocabulary);
    Ok(sheet)
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
