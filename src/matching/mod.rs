//! Whose finding is it: ordered rules over an index built once per roster version, each decision
//! with the rule that made it. Nothing is ever matched by likeness; that only offers candidates.

mod alike;
mod called;
mod candidates;
mod explain;
mod index;
mod lookup;
mod named;
mod offers;
mod places;
mod short_forms;
mod sound;
pub mod table;
mod units;

pub use called::{Called, Mention};
pub use explain::Step;
pub use index::Index;
pub use short_forms::ShortForms;

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchedBy {
    /// The platform's id, the unit's code or the home page.
    Uid,
    /// The name as it is.
    Exact,
    /// The name but for width, script, brackets, spaces …
    Normalised,
    /// Another name that is known.
    Alias,
    /// An abbreviation.
    ShortForm,
    /// A person's choice.
    Person,
}

impl MatchedBy {
    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uid => "uid",
            Self::Exact => "exact",
            Self::Normalised => "normalised",
            Self::Alias => "alias",
            Self::ShortForm => "short_form",
            Self::Person => "person",
        }
    }
}

/// Who might be meant, for a person to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The account; none for the unit itself.
    pub account: Option<i64>,
    /// The unit.
    pub unit: i64,
    /// 0 to 100.
    pub score: u8,
    /// Why it might be meant.
    pub why: String,
}

/// Whose a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A rule found exactly one.
    Matched {
        /// The account; none where the issue is the unit's own.
        account: Option<i64>,
        /// The unit.
        unit: i64,
        /// The rule.
        by: MatchedBy,
    },
    /// A rule found several, or what it found contradicts the printed unit.
    Ambiguous {
        /// At most five.
        candidates: Vec<Candidate>,
    },
    /// No rule found any.
    Unmatched {
        /// At most five.
        candidates: Vec<Candidate>,
    },
}
