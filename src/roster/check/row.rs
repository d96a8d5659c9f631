//! What any row of a roster's tables may hold: a cell that is needed or that keeps what is stored, a key that is
//! there once, aliases, former names, a day.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::faults::Faults;
use super::known::{Names, resolve};
use crate::roster::alias::Alias;
use crate::roster::cells::date;
use crate::roster::event::{Bearer, Former};
use crate::roster::read::Row;

/// The cell, or what is stored if the table does not have the column.
pub(super) fn optional(row: Row<'_>, key: &str, stored: Option<&String>) -> Option<String> {
    if row.has(key) {
        Some(row.get(key).to_owned()).filter(|v| !v.is_empty())
    } else {
        stored.cloned()
    }
}

pub(super) fn values(row: Row<'_>, key: &str, stored: Option<&Vec<String>>) -> Vec<String> {
    if row.has(key) {
        row.list(key)
    } else {
        stored.cloned().unwrap_or_default()
    }
}

/// The aliases of a cell, or what is stored if the table does not have the column.
pub(super) fn aliases(
    row: Row<'_>,
    stored: Option<&Vec<Alias>>,
    is_code: &dyn Fn(&str) -> bool,
    faults: &mut Faults,
) -> Vec<Alias> {
    if !row.has("aliases") {
        return stored.cloned().unwrap_or_default();
    }
    let mut kept = Vec::new();
    for text in row.list("aliases") {
        match Alias::read(&text, is_code) {
            Ok(alias) => kept.push(alias),
            Err(reason) => faults.push(row.fault("aliases", reason)),
        }
    }
    kept
}

pub(super) fn needed(row: Row<'_>, key: &str, faults: &mut Faults) -> String {
    let value = row.get(key);
    if value.is_empty() {
        faults.push(row.fault(
            key,
            format!("the row has no {key}: fill it in, or delete the row"),
        ));
    }
    value.to_owned()
}

/// Notes a key that must be there once; says the row that had it before, and what the two contradict
/// each other in.
pub(super) fn once<'a, K: std::hash::Hash + Eq>(
    seen: &mut HashMap<K, Row<'a>>,
    key: K,
    row: Row<'a>,
    column: &str,
    faults: &mut Faults,
) {
    match seen.get(&key) {
        Some(first) => {
            let differ = row.differing(*first);
            let differ = match differ.is_empty() {
                true => String::new(),
                false => format!(", and the two differ in {}", differ.join(", ")),
            };
            let text = format!(
                "this {column} is in {} already{differ}: delete one or correct it",
                row.other(*first)
            );
            faults.push(row.fault(column, text));
        }
        None => {
            seen.insert(key, row);
        }
    }
}

/// The former names of a row: each with the days on which it held, the last of which is the day of the
/// renaming where the row says one.
pub(super) fn former(
    row: Row<'_>,
    keys: (&str, &str),
    of: &Bearer,
    faults: &mut Faults,
) -> Vec<Former> {
    let until = day(row, keys.1, None, faults);
    let mut names = Vec::new();
    for text in row.list(keys.0) {
        match Alias::read(&text, &|_| false) {
            Ok(mut alias) => {
                alias.to = alias.to.or(until);
                let of = of.clone();
                names.push(Former { of, alias });
            }
            Err(reason) => faults.push(row.fault(keys.0, reason)),
        }
    }
    names
}

/// What the sheet, the file or a folder is named after, if it is a unit, for a column that the table does
/// not have.
pub(super) fn labelled(
    row: Row<'_>,
    key: &str,
    codes: &HashSet<String>,
    names: &Names,
) -> Option<String> {
    if row.has(key) {
        return None;
    }
    let mut labels = row.table.labels.iter();
    labels.find_map(|label| resolve(codes, names, label.trim()).ok())
}

pub(super) fn day(
    row: Row<'_>,
    key: &str,
    stored: Option<NaiveDate>,
    faults: &mut Faults,
) -> Option<NaiveDate> {
    let text = row.get(key);
    if text.is_empty() {
        return if row.has(key) { None } else { stored };
    }
    let read = date(text);
    if read.is_none() {
        faults.push(row.fault(
            key,
            "is not a date that can be read: write it as 2024-01-31",
        ));
    }
    read
}
