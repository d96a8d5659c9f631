//! What a JSON envelope says around its rows: that the answer failed, or that more rows exist than
//! came along. The names of the fields are data (`config/envelope.toml`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::error::Fault;
use crate::vocabulary::{Envelope, Telling};

/// The fields of an object, none of them read yet.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// A field of the envelope that says something, with its value; the outermost object is depth 0.
struct Said {
    depth: usize,
    name: String,
    telling: Telling,
    value: Json,
}

/// The telling fields of the objects that hold the rows, and of the objects beside the rows; the
/// outermost first.
fn said(around: &[Fields<'_>], words: &Envelope) -> Vec<Said> {
    let mut all = Vec::new();
    for (depth, fields) in around.iter().rev().enumerate() {
        let mut add = |name: &str, telling, value| {
            let name = name.to_owned();
            all.push(Said {
                depth,
                name,
                telling,
                value,
            });
        };
        for (name, value) in fields {
            let telling = words.telling(name);
            // Rows are long: nothing is read of a list, nor of an object but what may tell.
            match value.get().bytes().next() {
                Some(b'{') => {
                    let Ok(inner) = serde_json::from_str::<Fields<'_>>(value.get()) else {
                        continue;
                    };
                    let decides =
                        |name: &Cow<'_, str>| words.telling(name) == Some(Telling::Outcome);
                    if telling == Some(Telling::Error)
                        && !inner.is_empty()
                        && !inner.keys().any(decides)
                    {
                        add(name, Telling::Error, Json::from(value.get()));
                    }
                    for (name, value) in inner.iter().filter(|_| words.beside(name)) {
                        let telling = words.telling(name);
                        let read = telling.and_then(|t| Some((t, plain(value)?)));
                        if let Some((telling, value)) = read {
                            add(name, telling, value);
                        }
                    }
                }
                Some(b'[') | None => {}
                Some(_) => {
                    if let (Some(telling), Some(value)) = (telling, plain(value)) {
                        add(name, telling, value);
                    }
                }
            }
        }
    }
    all
}

/// The longest value that tells anything, in bytes: rows are longer, and are not read here.
const TELLS: usize = 4_096;

/// A value that is no list and not long.
fn plain(value: &RawValue) -> Option<Json> {
    let text = value.get();
    if text.starts_with('[') || text.len() > TELLS {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Null => String::new(),
        value => value.to_string(),
    }
}

fn number(value: &Json) -> Option<u64> {
    text(value).parse().ok()
}

/// Refuses an answer that says itself that it failed; `rows` is how many came along, if a place for
/// them was found at all.
pub(super) fn failed(
    around: &[Fields<'_>],
    rows: Option<usize>,
    words: &Envelope,
) -> Result<(), Fault> {
    let all = said(around, words);
    let rows = rows.unwrap_or_default();
    let succeeds = |field: &&Said| match field.telling {
        Telling::Outcome => words.succeeds(&text(&field.value)),
        Telling::Flag => field.value == Json::Bool(true),
        _ => false,
    };
    let assured = all.iter().filter(succeeds).map(|field| field.depth).min();
    let fails = |field: &&Said| {
        let text = text(&field.value);
        let inside = assured.is_some_and(|depth| depth < field.depth);
        match field.telling {
            _ if text.is_empty() => false,
            Telling::Outcome if words.succeeds(&text) => false,
            Telling::Outcome if inside => {
                let number: Option<i64> = text.parse().ok();
                let wrong = number.is_some_and(|n| n < 0 || (400..600).contains(&n));
                rows == 0 && (wrong || words.fails(&text))
            }
            Telling::Outcome => text.parse::<i64>().is_ok() || words.fails(&text) || rows == 0,
            Telling::Flag => text == "0" || words.fails(&text),
            // A number may count errors that were found.
            Telling::Error => !field.value.is_number() && text != "false" && !words.succeeds(&text),
            _ => false,
        }
    };
    let Some(field) = all.iter().find(fails) else {
        return Ok(());
    };
    let own = all
        .iter()
        .filter(|f| f.telling == Telling::Message)
        .map(|f| text(&f.value));
    let own: String = own.filter(|t| !t.is_empty()).take(1).collect();
    let own: String = own.chars().take(120).collect();
    let shown: String = text(&field.value).chars().take(80).collect();
    let reason = format!(
        "the platform's answer says that it failed: {} = {shown}{}{own}; nothing was read. Ask the \
         platform, or, if this is its success, add it to envelope.toml",
        field.name,
        if own.is_empty() { "" } else { ", " },
    );
    Err(Fault::new(reason)
        .code("answer_failed")
        .column(&field.name)
        .value(shown))
}

/// Why the rows that came along are not all, if the envelope says so.
pub(super) fn incomplete(around: &[Fields<'_>], rows: usize, words: &Envelope) -> Option<Fault> {
    let all = said(around, words);
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let totals: Vec<u64> = all
        .iter()
        .filter(|field| field.telling == Telling::Total)
        .filter_map(|field| number(&field.value))
        .collect();
    // A total that is reached outweighs what is said of pages.
    if !totals.is_empty() && totals.iter().all(|total| *total == rows) {
        return None;
    }
    let lacks = |field: &&Said| match field.telling {
        Telling::Total => number(&field.value).is_some_and(|total| total > rows),
        Telling::Pages | Telling::Page => number(&field.value).is_some_and(|pages| pages > 1),
        Telling::More => field.value == Json::Bool(true),
        _ => false,
    };
    let field = all.iter().find(lacks)?;
    let shown = text(&field.value);
    let reason = format!(
        "the report is not complete: {} = {shown}, and {rows} rows came along; what it does not \
         list is not taken as fixed. Have the source give all rows at once",
        field.name
    );
    Some(
        Fault::new(reason)
            .code("incomplete")
            .column(&field.name)
            .value(shown),
    )
}
