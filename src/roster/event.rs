//! Renames and mergers as dated events: what a table or the office says of them, in words for the plan.

use std::fmt;

use chrono::NaiveDate;

use super::alias::Alias;

/// What bears a name, as the next import knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bearer {
    /// A unit's code.
    Unit(String),
    /// An account's platform, name and unit.
    Account(String, String, String),
}

/// A name that something bore until a day. It still finds what is written with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// What bears another name by now.
    pub of: Bearer,
    /// The former name with the days on which it held.
    pub alias: Alias,
}

/// A unit that is part of another from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The code of the unit that is none any more.
    pub from: String,
    /// The code of the unit that answers for all of its.
    pub into: String,
    /// From which day; none: not said.
    pub on: Option<NaiveDate>,
}

impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(code) => f.write_str(code),
            Self::Account(platform, name, unit) => write!(f, "{platform}:{name} ({unit})"),
        }
    }
}

/// Where what was merged ends up: a unit may be merged into one that is merged itself.
pub(super) fn end_of<'a>(merges: &'a [Merge], code: &'a str) -> &'a str {
    let mut at = code;
    for _ in 0..=merges.len() {
        match merges.iter().find(|merge| merge.from == at) {
            Some(merge) => at = &merge.into,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mergers_are_followed_to_their_end_and_a_circle_ends() {
        let merge = |from: &str, into: &str| Merge {
            from: from.into(),
            into: into.into(),
            on: None,
        };
        let merges = [merge("A", "B"), merge("B", "C")];
        assert_eq!(end_of(&merges, "A"), "C");
        assert_eq!(end_of(&merges, "C"), "C");
        let around = [merge("A", "B"), merge("B", "A")];
        assert!(["A", "B"].contains(&end_of(&around, "A")));
    }
}
