//! One change of a row, field by field: shown before it is made, and kept in the history.

use std::fmt;

use super::columns::Kind;
use super::record::Record;
use crate::error::{Error, Result};

/// A field that is no longer what it was.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// The column's key.
    pub field: String,
    /// What is stored.
    pub before: String,
    /// What the import says.
    pub after: String,
}

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new, or back.
    Added,
    /// It says something else.
    Changed,
    /// It left the roster; its history stays.
    Gone,
}

/// One change, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// In which table.
    pub what: Kind,
    /// The code, or `platform:name (unit)`.
    pub key: String,
    /// The name behind a code; empty where the key says it.
    pub name: String,
    /// What happens.
    pub kind: ChangeKind,
    /// For a changed row: field by field.
    pub details: Vec<FieldChange>,
}

impl ChangeKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

impl Change {
    /// A change as the history keeps it.
    ///
    /// # Errors
    /// A word that is none of its tables or kinds.
    pub(super) fn stored(
        what: &str,
        (key, name): (String, String),
        kind: &str,
        details: Vec<FieldChange>,
    ) -> Result<Self> {
        let unknown = || Error::other(format!("unknown change {what} {kind} in the store"));
        let kinds = [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Gone];
        Ok(Self {
            what: Kind::ALL
                .into_iter()
                .find(|known| known.as_str() == what)
                .ok_or_else(unknown)?,
            key,
            name,
            kind: kinds
                .into_iter()
                .find(|known| known.as_str() == kind)
                .ok_or_else(unknown)?,
            details,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.kind {
            ChangeKind::Added => '+',
            ChangeKind::Changed => '~',
            ChangeKind::Gone => '-',
        };
        write!(f, "{sign} {} {}", self.what, self.key)?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        for (at, d) in self.details.iter().enumerate() {
            let sep = if at == 0 { ": " } else { "; " };
            write!(f, "{sep}{} {:?} → {:?}", d.field, d.before, d.after)?;
        }
        Ok(())
    }
}

pub(super) fn differences<T: Record>(before: &T, after: &T) -> Vec<FieldChange> {
    let pairs = before.fields().into_iter().zip(after.fields());
    let differ = pairs.filter(|(b, a)| b.1 != a.1);
    differ
        .map(|((field, before), (_, after))| FieldChange {
            field: field.to_owned(),
            before,
            after,
        })
        .collect()
}
