//! What a call was given: parameters and files, read as the server reads them.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::refusal::Refusal;
use super::{entities, html, markdown};

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

/// A text with its entities: by the parse mode, else as given beside it; trimmed, as the server does.
pub(super) fn formatted(given: &Given, name: &str) -> Result<(String, Vec<Json>), Refusal> {
    let source = match given.get(name) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mode = field(given, "parse_mode").to_ascii_lowercase();
    let parsed = match mode.as_str() {
        "html" => html::parse(&source),
        "markdownv2" => markdown::parse(&source),
        "markdown" => markdown::parse_old(&source),
        "" => {
            let beside = if name == "text" {
                "entities"
            } else {
                "caption_entities"
            };
            let beside = given.get(beside).and_then(Json::as_array);
            Ok((source, beside.cloned().unwrap_or_default()))
        }
        _ => return Err(Refusal::bad("unsupported parse_mode")),
    };
    let (text, found) =
        parsed.map_err(|why| Refusal::bad(format!("can't parse entities: {why}")))?;
    Ok(entities::finish(&text, found))
}
