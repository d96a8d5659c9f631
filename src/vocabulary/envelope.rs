//! The fields around the rows of a JSON report, by what they tell.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::fold;

/// What a field of an envelope tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Whether the answer is a success.
    Outcome,
    /// Whether it is one, as yes or no.
    Flag,
    /// What went wrong, when there is anything.
    Error,
    /// The answer's own words.
    Message,
    /// How many rows there are in all.
    Total,
    /// How many pages there are.
    Pages,
    /// Which page this is.
    Page,
    /// Whether more is to come.
    More,
}

/// The file `envelope.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File {
    outcome: Vec<String>,
    flag: Vec<String>,
    success: Vec<String>,
    failure: Vec<String>,
    error: Vec<String>,
    message: Vec<String>,
    total: Vec<String>,
    pages: Vec<String>,
    page: Vec<String>,
    more: Vec<String>,
    beside: Vec<String>,
}

/// What the fields of an envelope mean, ready to be looked up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "File")]
pub struct Envelope {
    telling: HashMap<String, Telling>,
    success: HashSet<String>,
    failure: HashSet<String>,
    beside: HashSet<String>,
}

/// A field's name without case, `_` and `-`: totalCount = total_count.
fn plain(name: &str) -> String {
    fold(name).replace('_', "")
}

impl From<File> for Envelope {
    fn from(file: File) -> Self {
        let names = [
            (file.more, Telling::More),
            (file.page, Telling::Page),
            (file.pages, Telling::Pages),
            (file.total, Telling::Total),
            (file.message, Telling::Message),
            (file.error, Telling::Error),
            (file.outcome, Telling::Outcome),
            (file.flag, Telling::Flag),
        ];
        let mut telling = HashMap::new();
        for (names, tells) in names {
            telling.extend(names.iter().map(|name| (plain(name), tells)));
        }
        let set = |words: Vec<String>| words.iter().map(|word| plain(word)).collect();
        Self {
            telling,
            success: set(file.success),
            failure: set(file.failure),
            beside: set(file.beside),
        }
    }
}

impl Envelope {
    /// What a field tells, by its name.
    pub fn telling(&self, name: &str) -> Option<Telling> {
        self.telling.get(&plain(name)).copied()
    }
    /// Whether fields of the object of this name, beside the rows, tell too.
    pub fn beside(&self, name: &str) -> bool {
        self.beside.contains(&plain(name))
    }
    /// Whether the value of an outcome is a success.
    pub fn succeeds(&self, value: &str) -> bool {
        self.success.contains(&plain(value))
    }
    /// Whether it is a failure.
    pub fn fails(&self, value: &str) -> bool {
        self.failure.contains(&plain(value))
    }
}
