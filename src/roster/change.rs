//! What is to change in the roster, as a plan: it can be shown first, and is written whole or not at all.

use std::collections::HashMap;
use std::fmt;

use super::columns::Kind;
use super::difference::{Change, ChangeKind, FieldChange};
use super::event::{Bearer, Former, Merge};
use super::model::{Account, Person, Roster, Unit};
use super::record::Record;
use super::table;
use crate::error::{Error, Fault, Result};
use crate::store::{Tx, vals};

/// The changes of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff<T> {
    /// New rows; their id is 0 until they are written.
    pub added: Vec<T>,
    /// Rows as they will be, with the id they have, and what differs.
    pub changed: Vec<(T, Vec<FieldChange>)>,
    /// Rows that leave.
    pub gone: Vec<T>,
}

impl<T> Default for Diff<T> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
        }
    }
}

/// How many rows of a table change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// New rows.
    pub added: usize,
    /// Rows that say something else.
    pub changed: usize,
    /// Rows that leave.
    pub gone: usize,
}

impl<T> Diff<T> {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }

    /// How many rows change.
    pub fn counts(&self) -> Counts {
        Counts {
            added: self.added.len(),
            changed: self.changed.len(),
            gone: self.gone.len(),
        }
    }
}

/// What an import changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The version of the roster it was made against.
    pub base: i64,
    /// The units.
    pub units: Diff<Unit>,
    /// The accounts.
    pub accounts: Diff<Account>,
    /// The people.
    pub people: Diff<Person>,
    /// What was decided in the chat and stays, for the table does not know it yet.
    pub notes: Vec<String>,
    /// The people of whom the table decides again.
    pub agreed: Vec<i64>,
    /// Names that go on finding what bore them, and whether they end on the day this is carried out.
    pub former: Vec<(Former, bool)>,
    /// Units that are part of others from now on.
    pub merges: Vec<Merge>,
}

/// So many rows of a table would leave that it is hardly meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// In which table.
    pub what: Kind,
    /// How many leave.
    pub gone: usize,
    /// Of how many.
    pub of: usize,
}

/// With what to do.
impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, gone, of } = self;
        write!(
            f,
            "{gone} of {of} {what} would leave, which is hardly meant: if the files are only a part of the \
             roster, import with --keep, or with --only-area and the codes of the areas they are about; if \
             these {what} are really gone, with --allow-removal"
        )
    }
}

/// So few rows may leave without being asked about.
const FEW: usize = 2;

impl Plan {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let rows = self.units.is_empty() && self.accounts.is_empty() && self.people.is_empty();
        rows && self.former.is_empty() && self.merges.is_empty()
    }

    /// The first table of which more than a third of the rows would leave: a part of the roster was
    /// imported as if it were all of it. What is merged does not count.
    pub fn removal(&self, current: &Roster) -> Option<Removal> {
        let merged = |unit: &&Unit| !self.merges.iter().any(|merge| merge.from == unit.code);
        let units = self.units.gone.iter().filter(merged).count();
        let tables = [
            (Kind::Units, units, current.units.len()),
            (
                Kind::Accounts,
                self.accounts.gone.len(),
                current.accounts.len(),
            ),
            (Kind::People, self.people.gone.len(), current.people.len()),
        ];
        let mut tables = tables.into_iter();
        let (what, gone, of) = tables.find(|(_, gone, of)| *gone > FEW && gone * 3 > *of)?;
        Some(Removal { what, gone, of })
    }

    /// How many rows of each table change.
    pub fn counts(&self) -> [(Kind, Counts); 3] {
        [
            (Kind::Units, self.units.counts()),
            (Kind::Accounts, self.accounts.counts()),
            (Kind::People, self.people.counts()),
        ]
    }

    /// Every change, to be shown: units, accounts, people; of each added, changed, gone.
    pub fn changes(&self) -> Vec<Change> {
        let mut list = Vec::new();
        list_changes(&self.units, &mut list);
        list_changes(&self.accounts, &mut list);
        list_changes(&self.people, &mut list);
        list.extend(
            self.former
                .iter()
                .map(|(former, today)| former_name(former, *today)),
        );
        list.extend(self.merges.iter().map(|merge| {
            let on = merge.on.map(|day| format!(" on {day}")).unwrap_or_default();
            let after = format!("{}{on}", merge.into);
            event(Kind::Units, merge.from.clone(), ("merged_into", after))
        }));
        list
    }
}

fn event(what: Kind, key: String, (field, after): (&'static str, String)) -> Change {
    let details = vec![FieldChange {
        field: field.to_owned(),
        before: String::new(),
        after,
    }];
    Change {
        what,
        key,
        name: String::new(),
        kind: ChangeKind::Changed,
        details,
    }
}

fn former_name(former: &Former, today: bool) -> Change {
    let what = match former.of {
        Bearer::Unit(_) => Kind::Units,
        Bearer::Account(..) => Kind::Accounts,
    };
    let until = if today { " until now" } else { "" };
    event(
        what,
        former.of.to_string(),
        ("former", format!("{}{until}", former.alias)),
    )
}

fn list_changes<T: Record>(diff: &Diff<T>, list: &mut Vec<Change>) {
    let change = |row: &T, kind, details| Change {
        what: T::KIND,
        key: row.key(),
        name: row.label(),
        kind,
        details,
    };
    list.extend(
        diff.added
            .iter()
            .map(|r| change(r, ChangeKind::Added, Vec::new())),
    );
    list.extend(
        diff.changed
            .iter()
            .map(|(r, d)| change(r, ChangeKind::Changed, d.clone())),
    );
    list.extend(
        diff.gone
            .iter()
            .map(|r| change(r, ChangeKind::Gone, Vec::new())),
    );
}

/// Writes a plan in the given transaction and raises the roster's version; an empty plan does
/// nothing. A row that is back gets the id it had. The version afterwards.
///
/// # Errors
/// A fault if the roster was changed since the plan was made: plan again. Else the store's.
pub async fn apply(tx: &mut Tx, plan: &Plan) -> Result<i64> {
    super::staff::agree(tx, &plan.agreed).await?;
    if plan.is_empty() {
        return table::version(tx).await;
    }
    // First, so that a second import waits here and then finds its plan out of date.
    let Some(version) = table::bump_from(tx, plan.base).await? else {
        let text = "the roster was changed since this import was compared with it: import again";
        return Err(Error::Input(Fault::new(text)));
    };
    write(tx, &plan.units).await?;
    write(tx, &plan.accounts).await?;
    write(tx, &plan.people).await?;
    Ok(version)
}

async fn write<T: Record>(tx: &mut Tx, diff: &Diff<T>) -> Result<()> {
    if diff.is_empty() {
        return Ok(());
    }
    let mut left = HashMap::new();
    for row in tx.all(T::GONE, vals![]).await? {
        left.insert(T::identity_of(&row)?, row.int(0)?);
    }
    for (row, _) in &diff.changed {
        // Only who or what is renamed can meet the key of one that left before.
        if let (Some(&id), Some(sql)) = (left.get(&row.identity()), T::MOVE_ASIDE) {
            tx.run(sql, vals![id]).await?;
        }
    }
    let new = diff
        .added
        .iter()
        .filter(|row| !left.contains_key(&row.identity()))
        .count();
    let mut next = if new > 0 {
        tx.ids(T::COUNTER, new).await?
    } else {
        0
    };
    let mut bulk = T::bulk();
    for row in &diff.gone {
        bulk.row(row.values(row.id(), true)?);
    }
    for (row, _) in &diff.changed {
        bulk.row(row.values(row.id(), false)?);
    }
    for row in &diff.added {
        let id = left.get(&row.identity()).copied().unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        bulk.row(row.values(id, false)?);
    }
    tx.bulk(bulk).await?;
    Ok(())
}
