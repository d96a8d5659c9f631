//! Parameters held against the description of the API: what is required, what type, what is unknown,
//! down into the objects that parameters are made of.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// Whether it is required, then the types it may have.
type Fields = HashMap<String, Vec<Json>>;

/// What an object is made of.
#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    /// One of these types.
    Either(Vec<String>),
    Object(Fields),
}

#[derive(Default, Deserialize)]
struct Description {
    methods: HashMap<String, Fields>,
    types: HashMap<String, Type>,
}

static API: LazyLock<Description> =
    LazyLock::new(|| serde_json::from_str(include_str!("api.json")).unwrap_or_default());

/// A method's name as the API spells it, whatever the case.
pub(super) fn method(name: &str) -> Option<&'static str> {
    API.methods
        .keys()
        .map(String::as_str)
        .find(|known| known.eq_ignore_ascii_case(name))
}

fn kinds(types: &[Json]) -> impl Iterator<Item = &str> {
    types.iter().skip(1).filter_map(Json::as_str)
}

fn required(types: &[Json]) -> bool {
    types.first().is_some_and(|required| *required == 1)
}

/// Forms carry objects and arrays as JSON text: what is declared as such is read so.
pub(super) fn structure(method: &str, given: &mut Map<String, Json>) {
    let Some(fields) = API.methods.get(method) else {
        return;
    };
    let plain = ["Integer", "Float", "String", "Boolean", "InputFile"];
    for (name, value) in given {
        let structured = fields
            .get(name)
            .is_some_and(|types| kinds(types).all(|kind| !plain.contains(&kind)));
        let read = value.as_str().filter(|_| structured);
        if let Some(read) = read.and_then(|text| serde_json::from_str(text).ok()) {
            *value = read;
        }
    }
}

/// What is wrong with the parameters of a call: a refusal, and what no refusal but a violation is.
pub(super) fn check(method: &str, given: &Map<String, Json>) -> (Option<String>, Vec<String>) {
    let Some(fields) = API.methods.get(method) else {
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
            Some(types) => {
                let inside = inside(&format!("{method}: {name}"), value, types);
                violations.extend(inside);
            }
        }
    }
    let missing = fields
        .iter()
        .filter(|(name, types)| required(types) && !given.contains_key(*name))
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
    kinds(types).any(|kind| match kind {
        "Integer" => value.is_i64() || value.as_str().is_some_and(|t| t.parse::<i64>().is_ok()),
        "Float" => value.is_number() || value.as_str().is_some_and(|t| t.parse::<f64>().is_ok()),
        "String" => value.is_string() || value.is_number(),
        "Boolean" => {
            value.is_boolean()
                || matches!(value.as_str(), Some("true" | "false" | "True" | "False"))
        }
        kind if kind.starts_with("Array") => value.is_array(),
        _ => value.is_object() || value.is_string(),
    })
}

/// What is wrong inside a value, by the type that suits it best; `place` says where it stands.
fn inside(place: &str, value: &Json, types: &[Json]) -> Vec<String> {
    let readings = kinds(types).map(|kind| within(place, value, kind));
    readings.min_by_key(Vec::len).unwrap_or_default()
}

fn within(place: &str, value: &Json, kind: &str) -> Vec<String> {
    if let Some(item) = kind.strip_prefix("Array of ") {
        let items = value.as_array().into_iter().flatten().enumerate();
        return items
            .flat_map(|(n, value)| within(&format!("{place}[{n}]"), value, item))
            .collect();
    }
    match (API.types.get(kind), value.as_object()) {
        (Some(Type::Either(kinds)), _) => {
            let readings = kinds.iter().map(|kind| within(place, value, kind));
            readings.min_by_key(Vec::len).unwrap_or_default()
        }
        (Some(Type::Object(fields)), Some(object)) => of_object(place, object, kind, fields),
        // What a type that is no object holds was looked at when the parameter was.
        (Some(Type::Object(_)), None) if value.is_array() => {
            vec![format!("{place} is a list, not a {kind}")]
        }
        _ => vec![],
    }
}

fn of_object(place: &str, object: &Map<String, Json>, kind: &str, fields: &Fields) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, value) in object {
        match fields.get(name) {
            None => wrong.push(format!("{place}: a {kind} has no field {name}")),
            Some(types) if !fits(value, types) => {
                wrong.push(format!("{place}.{name} has a wrong type"));
            }
            Some(types) => wrong.extend(inside(&format!("{place}.{name}"), value, types)),
        }
    }
    for (name, types) in fields {
        if required(types) && !object.contains_key(name) {
            wrong.push(format!("{place}: a {kind} needs {name}"));
        }
    }
    wrong
}
