//! JSON: an array of objects somewhere in an envelope.

use std::collections::HashMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::envelope::{self, Fields};
use super::{Decoded, Sheet};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The rows are read one by one: the whole report as a tree of values would be several times as
/// large as its text.
pub(super) fn sheets(
    bytes: &[u8],
    path: Option<&str>,
    vocabulary: &Vocabulary,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    decoded.encoding = Some("UTF-8".to_owned());
    let whole: &RawValue = serde_json::from_slice(bytes).map_err(|error| {
        let reason = format!("not valid JSON: {error}");
        Fault::new(reason).code("not_json").row(error.line() as u64)
    })?;
    let found = match path {
        Some(path) => at(whole, path),
        None => rows_in(whole, 0).ok_or_else(|| {
            Fault::new("no array of rows in the JSON; name its place with `rows = \"data.list\"`")
                .code("no_rows")
        }),
    };
    let words = vocabulary.envelope();
    let found = match (found, open(whole)) {
        // An answer that failed seldom has rows; that it failed says more than that they lack.
        (Err(fault), Opened::Object(fields)) => {
            envelope::failed(&[fields], None, words)?;
            return Err(fault);
        }
        (found, _) => found?,
    };
    envelope::failed(&found.around, Some(found.rows.len()), words)?;
    decoded.incomplete = envelope::incomplete(&found.around, found.rows.len(), words);
    let mut headers: Vec<String> = Vec::new();
    let mut column: HashMap<String, usize> = HashMap::new();
    let mut sheet = Sheet::default();
    for (number, row) in (1..).zip(found.rows) {
        let mut cells = vec![String::new(); headers.len()];
        let Ok(fields) = serde_json::from_str::<serde_json::Map<String, Json>>(row.get()) else {
            let fault = Fault::new("a row must be an object of fields")
                .code("not_a_row")
                .row(number);
            decoded
                .rejected
                .push(super::Rejected { fault, named: None });
            continue;
        };
        for (name, value) in &fields {
            put(name, value, 0, &mut |name: &str, text: String| {
                let at = match column.get(name) {
                    Some(at) => *at,
                    None => {
                        column.insert(name.to_owned(), headers.len());
                        headers.push(name.to_owned());
                        headers.len() - 1
                    }
                };
                if cells.len() <= at {
                    cells.resize(at + 1, String::new());
                }
                if let Some(cell) = cells.get_mut(at) {
                    *cell = text;
                }
            });
        }
        sheet.rows.push((number, cells));
    }
    sheet.headers = headers;
    Ok(vec![sheet])
}

/// How many rows there are; none: there is no place for rows.
pub(super) fn count(bytes: &[u8], path: Option<&str>) -> Option<usize> {
    let whole: &RawValue = serde_json::from_slice(bytes).ok()?;
    let found = match path {
        Some(path) => at(whole, path).ok()?,
        None => rows_in(whole, 0)?,
    };
    Some(found.rows.len())
}

/// Nested objects are flattened: the last name of the path is the header.
fn put(name: &str, value: &Json, depth: usize, set: &mut dyn FnMut(&str, String)) {
    match value {
        Json::Null => {}
        Json::String(text) => set(name, text.trim().to_owned()),
        Json::Number(number) => set(name, number.to_string()),
        Json::Bool(yes) => set(name, yes.to_string()),
        Json::Object(fields) if depth < 3 => {
            for (inner, value) in fields {
                put(inner, value, depth + 1, set);
            }
        }
        Json::Array(items) if items.iter().all(Json::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            set(name, words.join("、"));
        }
        other => set(name, other.to_string()),
    }
}

/// The rows, and the objects that hold them, the innermost first.
struct Found<'a> {
    rows: Vec<&'a RawValue>,
    around: Vec<Fields<'a>>,
}

/// The fields of an object, or the items of an array, none of them read yet.
enum Opened<'a> {
    Object(Fields<'a>),
    Array(Vec<&'a RawValue>),
    Neither,
}

fn open(value: &RawValue) -> Opened<'_> {
    let text = value.get();
    let opened = match text.as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map(Opened::Object),
        Some(b'[') => serde_json::from_str(text).map(Opened::Array),
        _ => Ok(Opened::Neither),
    };
    opened.unwrap_or(Opened::Neither)
}

fn at<'a>(whole: &'a RawValue, path: &str) -> Result<Found<'a>, Fault> {
    let mut here = whole;
    let mut around = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let found = match open(here) {
            Opened::Object(fields) => {
                let found = fields.get(part).copied();
                around.insert(0, fields);
                found
            }
            Opened::Array(items) => part.parse().ok().and_then(|n: usize| items.get(n).copied()),
            Opened::Neither => None,
        };
        here = found.ok_or_else(|| {
            Fault::new(format!(
                "`rows = {path:?}`: there is no {part:?} in the JSON"
            ))
            .code("no_place")
        })?;
    }
    match open(here) {
        Opened::Array(rows) => Ok(Found { rows, around }),
        _ => Err(Fault::new(format!("`rows = {path:?}` is not an array of rows")).code("no_place")),
    }
}

/// The longest array of objects, else an empty array, at most five levels deep.
fn rows_in(value: &RawValue, depth: usize) -> Option<Found<'_>> {
    match open(value) {
        Opened::Array(rows)
            if rows.is_empty() || rows.iter().any(|row| row.get().starts_with('{')) =>
        {
            let around = Vec::new();
            Some(Found { rows, around })
        }
        Opened::Object(fields) if depth < 5 => {
            let inside = fields
                .values()
                .filter_map(|value| rows_in(value, depth + 1));
            let mut found = inside.max_by_key(|found| found.rows.len())?;
            found.around.push(fields);
            Some(found)
        }
        _ => None,
    }
}
