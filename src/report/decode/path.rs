//! Where the rows of a JSON report are: by a dotted path, or by a JSONPath (RFC 9535).

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use serde_json::value::RawValue;
use serde_json_path::{JsonPath, PathElement};

use super::envelope::Fields;
use crate::error::Fault;

/// The rows, and the objects that hold them, the innermost first.
pub(super) struct Found<'a> {
    pub rows: Vec<&'a RawValue>,
    pub around: Vec<Fields<'a>>,
    /// How many there are where they come from, also those that the path leaves out.
    pub listed: usize,
}

/// The fields of an object, or the items of an array, none of them read yet.
pub(super) enum Opened<'a> {
    Object(Fields<'a>),
    Array(Vec<&'a RawValue>),
    Neither,
}

pub(super) fn open(value: &RawValue) -> Opened<'_> {
    let text = value.get();
    let opened = match text.as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map(Opened::Object),
        Some(b'[') => serde_json::from_str(text).map(Opened::Array),
        _ => Ok(Opened::Neither),
    };
    opened.unwrap_or(Opened::Neither)
}

fn no_place(reason: String) -> Fault {
    Fault::new(reason).code("no_place")
}

/// Says what is wrong with a path, if anything is.
pub fn check(path: &str) -> Result<(), Fault> {
    if !path.starts_with('$') {
        return Ok(());
    }
    parse(path).map(|_| ())
}

fn parse(path: &str) -> Result<JsonPath, Fault> {
    JsonPath::parse(path).map_err(|error| {
        no_place(format!(
            "`rows = {path:?}` is no JSONPath (RFC 9535): {} at character {}",
            error.message(),
            error.position()
        ))
    })
}

/// The rows at a path.
pub(super) fn at<'a>(whole: &'a RawValue, path: &str) -> Result<Found<'a>, Fault> {
    if !path.starts_with('$') {
        let parts = path.split('.').filter(|part| !part.is_empty());
        return walk(whole, parts, path);
    }
    let query = parse(path)?;
    match steps(path) {
        Some(parts) => walk(whole, parts.into_iter(), path),
        None => by_query(whole, &query, path),
    }
}

/// The names of a JSONPath that only leads to one list: `$.data.list`, `$['data'].list[*]`. Such a one
/// needs no tree of the whole report.
fn steps(path: &str) -> Option<Vec<&str>> {
    let mut rest = path.strip_prefix('$')?;
    let mut parts = Vec::new();
    while !rest.is_empty() && rest != "[*]" {
        if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']")?;
            if name.contains(['\\', '\'', '"']) {
                return None;
            }
            parts.push(name);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if name.is_empty() || name.contains(|c: char| !c.is_alphanumeric() && c != '_') {
                return None;
            }
            parts.push(name);
            rest = after;
        } else {
            return None;
        }
    }
    Some(parts)
}

fn walk<'a, 'p>(
    whole: &'a RawValue,
    parts: impl Iterator<Item = &'p str>,
    path: &str,
) -> Result<Found<'a>, Fault> {
    let mut here = whole;
    let mut around = Vec::new();
    for part in parts {
        let found = match open(here) {
            Opened::Object(fields) => {
                let found = fields.get(part).copied();
                around.insert(0, fields);
                found
            }
            Opened::Array(items) => {
                let number = part.parse().ok();
                number.and_then(|n: usize| items.get(n).copied())
            }
            Opened::Neither => None,
        };
        here = found.ok_or_else(|| {
            no_place(format!(
                "`rows = {path:?}`: there is no {part:?} in the JSON"
            ))
        })?;
    }
    match open(here) {
        Opened::Array(rows) => {
            let listed = rows.len();
            Ok(Found {
                rows,
                around,
                listed,
            })
        }
        _ => Err(no_place(format!(
            "`rows = {path:?}` is not an array of rows"
        ))),
    }
}

/// A step into an object or a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step<'v> {
    Name(&'v str),
    Item(usize),
}

/// The place of a node, from the outermost.
type Place<'v> = Vec<Step<'v>>;

fn step<'v>(element: &PathElement<'v>) -> Step<'v> {
    match element {
        PathElement::Name(name) => Step::Name(name),
        PathElement::Index(n) => Step::Item(*n),
    }
}

/// Asks a tree of the whole report where the rows are, and takes them from its text, so that no number loses
/// a digit.
fn by_query<'a>(whole: &'a RawValue, query: &JsonPath, path: &str) -> Result<Found<'a>, Fault> {
    let tree: Json = serde_json::from_str(whole.get()).map_err(|error| {
        let reason = format!("the JSON cannot be asked by `rows = {path:?}`: {error}");
        Fault::new(reason).code("not_json").row(error.line() as u64)
    })?;
    let located = query.query_located(&tree);
    let places: Vec<Place<'_>> = located
        .iter()
        .map(|node| node.location().iter().map(step).collect())
        .collect();
    if places.is_empty() && !leads_to_a_list(&tree, path) {
        return Err(no_place(format!(
            "`rows = {path:?}` finds nothing in the JSON"
        )));
    }
    let mut picked = vec![None; places.len()];
    let all: Vec<(usize, &[Step<'_>])> = places
        .iter()
        .enumerate()
        .map(|(n, place)| (n, place.as_slice()))
        .collect();
    pick(whole, &all, &mut picked);
    let mut rows = Vec::with_capacity(picked.len());
    for row in picked.into_iter().flatten() {
        match open(row) {
            Opened::Array(items) => rows.extend(items),
            _ => rows.push(row),
        }
    }
    let listed = listed(&tree, &places).max(rows.len());
    Ok(Found {
        rows,
        around: around(whole, &places),
        listed,
    })
}

/// Whether a path that finds nothing leads to a list all the same, none of whose items it takes.
fn leads_to_a_list(tree: &Json, path: &str) -> bool {
    let mut ends = path.char_indices().rev().filter(|(_, c)| *c == '[');
    let parsed = ends.find_map(|(end, _)| JsonPath::parse(path.get(..end)?).ok());
    parsed.is_some_and(|parsed| parsed.query(tree).iter().any(|found| found.is_array()))
}

/// Takes values from their places; each object and list on the way is opened once.
fn pick<'a>(
    here: &'a RawValue,
    places: &[(usize, &[Step<'_>])],
    out: &mut Vec<Option<&'a RawValue>>,
) {
    let mut groups: HashMap<Step<'_>, Vec<(usize, &[Step<'_>])>> = HashMap::new();
    for (n, place) in places {
        match place.split_first() {
            None => {
                if let Some(slot) = out.get_mut(*n) {
                    *slot = Some(here);
                }
            }
            Some((first, rest)) => groups.entry(*first).or_default().push((*n, rest)),
        }
    }
    if groups.is_empty() {
        return;
    }
    let opened = open(here);
    for (step, places) in groups {
        let next = match (&opened, step) {
            (Opened::Object(fields), Step::Name(name)) => fields.get(name).copied(),
            (Opened::Array(items), Step::Item(n)) => items.get(n).copied(),
            _ => None,
        };
        if let Some(next) = next {
            pick(next, &places, out);
        }
    }
}

/// How many items the lists have in which the rows stand.
fn listed(tree: &Json, places: &[Place<'_>]) -> usize {
    let mut seen = HashSet::new();
    let mut sum = 0;
    for place in places {
        let Some((Step::Item(_), list)) = place.split_last() else {
            continue;
        };
        if !seen.insert(list) {
            continue;
        }
        let found = list.iter().try_fold(tree, |here, step| match step {
            Step::Name(name) => here.get(name),
            Step::Item(n) => here.get(n),
        });
        sum += found.and_then(Json::as_array).map_or(0, Vec::len);
    }
    sum
}

/// The objects that hold all of the rows.
fn around<'a>(whole: &'a RawValue, places: &[Place<'_>]) -> Vec<Fields<'a>> {
    let first = places.first().map(Vec::as_slice).unwrap_or_default();
    let shared = places.iter().fold(first.len(), |shared, place| {
        let same = first.iter().zip(place).take_while(|(a, b)| a == b).count();
        shared.min(same)
    });
    let mut around = Vec::new();
    let mut here = Some(whole);
    for step in first.iter().take(shared).map(Some).chain([None]) {
        let Some(value) = here else { break };
        here = match (open(value), step) {
            (Opened::Object(fields), step) => {
                let next = match step {
                    Some(Step::Name(name)) => fields.get(*name).copied(),
                    _ => None,
                };
                // A single row is no envelope of itself.
                if step.is_some() || places.len() != 1 {
                    around.insert(0, fields);
                }
                next
            }
            (Opened::Array(items), Some(Step::Item(n))) => items.get(*n).copied(),
            _ => None,
        };
    }
    around
}

/// The longest array of objects, else an empty array, at most five levels deep.
pub(super) fn rows_in(value: &RawValue, depth: usize) -> Option<Found<'_>> {
    match open(value) {
        Opened::Array(rows)
            if rows.is_empty() || rows.iter().any(|row| row.get().starts_with('{')) =>
        {
            let listed = rows.len();
            Some(Found {
                rows,
                around: Vec::new(),
                listed,
            })
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

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"code":0,"data":{"units":[{"u":"甲","items":[{"n":1},{"n":20210630000000000001}]},
        {"u":"乙","items":[{"n":3}]}],"list":[{"s":"open"},{"s":"done"}],"none":[]}}"#;

    fn found(path: &str) -> Result<(Vec<&'static str>, usize, usize), Fault> {
        let whole: &RawValue = serde_json::from_str(REPORT).unwrap();
        let found = at(whole, path)?;
        let rows = found.rows.iter().map(|row| row.get()).collect();
        Ok((rows, found.around.len(), found.listed))
    }

    #[test]
    fn rows_are_where_the_path_says() {
        let items = vec![r#"{"n":1}"#, r#"{"n":20210630000000000001}"#, r#"{"n":3}"#];
        let list = vec![r#"{"s":"open"}"#, r#"{"s":"done"}"#];
        for (path, rows, around, listed) in [
            ("data.list", list.clone(), 2, 2),
            ("$.data.list", list.clone(), 2, 2),
            ("$['data'].list[*]", list.clone(), 2, 2),
            ("$..list", list.clone(), 2, 2),
            ("$.data.units[*].items[*]", items.clone(), 2, 3),
            ("$.data.units[*].items", items, 2, 3),
            ("$.data.list[?@.s == 'open']", vec![r#"{"s":"open"}"#], 2, 2),
            ("$.data.list[?@.s == 'gone']", vec![], 1, 0),
            ("$.data.none[*]", vec![], 2, 0),
            ("$.data.list[0]", vec![r#"{"s":"open"}"#], 2, 2),
        ] {
            assert_eq!(found(path).unwrap(), (rows, around, listed), "{path}");
        }
        for path in [
            "$.data.lost[*]",
            "$.data[?@.x]",
            "$..lost",
            "$.data[",
            "$.code",
            "data.code",
        ] {
            assert_eq!(found(path).unwrap_err().code, Some("no_place"), "{path}");
        }
        assert!(check("$.data[").is_err());
        assert!(check("data.list").is_ok());
    }
}
