//! JSON: an array of objects somewhere in an envelope.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::{Decoded, Sheet};
use crate::error::Fault;

pub(super) fn sheets(
    bytes: &[u8],
    path: Option<&str>,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    decoded.encoding = Some("UTF-8".to_owned());
    let whole: Json = serde_json::from_slice(bytes)
        .map_err(|error| Fault::new(format!("not valid JSON: {error}")).row(error.line() as u64))?;
    let rows = match path {
        Some(path) => at(&whole, path)?,
        None => rows_in(&whole, 0).ok_or_else(|| {
            Fault::new("no array of rows in the JSON; name its place with `rows = \"data.list\"`")
        })?,
    };
    let mut headers: Vec<String> = Vec::new();
    let mut column: HashMap<String, usize> = HashMap::new();
    let mut sheet = Sheet::default();
    for (n, row) in rows.iter().enumerate() {
        let mut cells = vec![String::new(); headers.len()];
        let number = n as u64 + 1;
        let Some(fields) = row.as_object() else {
            let fault = Fault::new("a row must be an object of fields").row(number);
            decoded
                .rejected
                .push(super::Rejected { fault, named: None });
            continue;
        };
        for (name, value) in fields {
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

fn at<'a>(whole: &'a Json, path: &str) -> Result<&'a Vec<Json>, Fault> {
    let mut here = whole;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        here = here.get(part).ok_or_else(|| {
            Fault::new(format!(
                "`rows = {path:?}`: there is no {part:?} in the JSON"
            ))
        })?;
    }
    here.as_array()
        .ok_or_else(|| Fault::new(format!("`rows = {path:?}` is not an array of rows")))
}

/// The longest array of objects, else the first empty array, at most five levels deep.
fn rows_in(value: &Json, depth: usize) -> Option<&Vec<Json>> {
    match value {
        Json::Array(items) if items.is_empty() || items.iter().any(Json::is_object) => Some(items),
        Json::Object(fields) if depth < 5 => fields
            .values()
            .filter_map(|v| rows_in(v, depth + 1))
            .max_by_key(|rows| rows.len()),
        _ => None,
    }
}
