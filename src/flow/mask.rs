//! Which wordings are kept out of the channel: a wrong political wording that is repeated to a foreign service
//! may break an office's secrecy rules. What is masked is named by its number and link.

use serde::Deserialize;

/// `[mask]`: nothing is masked unless it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mask {
    /// The wordings of every category.
    pub all: bool,
    /// The wordings of these, by id or name.
    pub categories: Vec<String>,
}

impl Mask {
    /// Whether anything is masked at all.
    pub fn any(&self) -> bool {
        self.all || !self.categories.is_empty()
    }

    /// Whether wrong words, suggestion, context and title of a category's issues are left out of messages,
    /// pictures and files.
    pub fn hides(&self, category: &str) -> bool {
        self.all || self.categories.iter().any(|masked| masked == category)
    }
}
