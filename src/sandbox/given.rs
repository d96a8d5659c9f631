//! What a call was given: parameters and files, read as the server reads them.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::html;
use super::refusal::Refusal;

pub(super) type Given = Map<String, Json>;

/// Files of a multipart form by the name of their part: file name and content.
pub(super) type Uploads = HashMap<String, (String, Vec<u8>)>;

pub(super) fn id(given: &Given, name: &str) -> i64 {
    let value = given.get(name);
    value
        .and_then(|v| {
            v.as_i64()
                .or_else(|| v.as_str().and_then(|t| t.parse().ok()))
        })
        .unwrap_or_default()
}

/// A text parameter.
pub(super) fn field<'a>(given: &'a Given, name: &str) -> &'a str {
    given.get(name).and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn flag(given: &Given, name: &str) -> bool {
    match given.get(name) {
        Some(Json::Bool(yes)) => *yes,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A text with its entities; trimmed, as the server does.
pub(super) fn formatted(given: &Given, name: &str) -> Result<(String, Vec<Json>), Refusal> {
    let source = field(given, name);
    let (text, entities) = match given.get("parse_mode").and_then(Json::as_str) {
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(source)
            .map_err(|why| Refusal::bad(format!("can't parse entities: {why}")))?,
        _ => (source.to_owned(), vec![]),
    };
    Ok((text.trim().to_owned(), entities))
}
