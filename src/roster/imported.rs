//! What an import says, table by table, before it is compared with the roster.

use super::event::{Former, Merge};
use super::model::{Account, Person, Unit};

/// What an input says. A table that it did not contain is `None` and is left alone; ids are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The units, if their table was there.
    pub units: Option<Vec<Unit>>,
    /// The accounts, if their table was there.
    pub accounts: Option<Vec<Account>>,
    /// The people, if their table was there.
    pub people: Option<Vec<Person>>,
    /// Names that units and accounts bore before.
    pub former: Vec<Former>,
    /// Units that are part of others by now.
    pub merges: Vec<Merge>,
    /// What was left aside: sheets, files and columns that say nothing to duban; and what somebody should
    /// look at.
    pub notes: Vec<String>,
}
