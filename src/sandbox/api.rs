//! Parameters held against the description of the API: what is required, what type, what is unknown.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

type Fields = HashMap<String, Vec<Json>>;

static METHODS: LazyLock<HashMap<String, Fields>> =
    LazyLock::new(|| serde_json::from_str(include_str!("api.json")).unwrap_or_default());

/// A method's name as the API spells it, whatever the case.
pub(super) fn method(name: &str) -> Option<&'static str> {
    METHODS
        .keys()
        .map(String::as_str)
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// Forms carry objects and arrays as JSON text: what is declared as such is read so.
pub(super) fn structure(method: &str, given: &mut Map<String, Json>) {
    let Some(fields) = METHODS.get(method) else {
        return;
    };
    let plain = ["Integer", "Float", "String", "Boolean", "InputFile"];
    for (name, value) in given {
        let types = fields.get(name).into_iter().flatten().skip(1);
        let structured = types
            .filter_map(Json::as_str)
            .all(|kind| !plain.contains(&kind));
        let read = value.as_str().filter(|_| structured);
        if let Some(read) = read.and_then(|text| serde_json::from_str(text).ok()) {
            *value = read;
        }
    }
}

/// What is wrong with the parameters of a call: a refusal, and what no refusal but a violation is.
pub(super) fn check(method: &str, given: &Map<String, Json>) -> (Option<String>, Vec<String>) {
    let Some(fields) = METHODS.get(method) else {
        return (None, vec![]);
    };
    let mut violations = Vec::new();
    for (name, value) in given {
        match fields.get(name) {
            None => violations.push(format!("{method}: unknown parameter {name}")),
            Some(types) if !fits(value, types) => {
                return (
                    Some(format!(
                        "Bad Request: parameter \"{name}\" has a wrong type"
                    )),
                    violations,
                );
            }
            Some(_) => {}
        }
    }
    let missing = fields
        .iter()
        .filter(|(name, types)| {
            types.first().is_some_and(|r| *r == 1) && !given.contains_key(*name)
        })
        .map(|(name, _)| name.as_str())
        .min();
    let refusal = missing.map(|name| match name {
        "text" => "Bad Request: message text is empty".to_owned(),
        "chat_id" => "Bad Request: chat_id is empty".to_owned(),
        name => format!("Bad Request: parameter \"{name}\" is required"),
    });
    (refusal, violations)
}

fn fits(value: &Json, types: &[Json]) -> bool {
    types
        .iter()
        .skip(1)
        .filter_map(Json::as_str)
        .any(|kind| match kind {
            "Integer" => value.is_i64() || value.as_str().is_some_and(|t| t.parse::<i64>().is_ok()),
            "Float" => value.is_number(),
            "String" => value.is_string() || value.is_number(),
            "Boolean" => {
                value.is_boolean()
                    || matches!(value.as_str(), Some("true" | "false" | "True" | "False"))
            }
            kind if kind.starts_with("Array") => value.is_array(),
            _ => value.is_object() || value.is_string(),
        })
}
