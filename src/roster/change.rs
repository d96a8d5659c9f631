//! What an import would change, and doing it. The plan is pure and can be shown first; it is
//! written whole or not at all.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::columns::Kind;
use super::event::{Bearer, Former, Merge, end_of};
use super::import::Imported;
use super::model::{Account, Person, Roster, Said, Unit};
use super::record::Record;
use super::{pair, renamed, table};
use crate::error::{Error, Fault, Result};
use crate::store::{Tx, vals};

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

/// Compares an import with the roster. A table that was not in the import is left alone. Rows are
/// the same by their code, accounts by platform, name and unit, else by platform and uid, else by a former
/// name, else as the only one of its name: a renamed or moved account keeps its id and its history. A name
/// that changes, and a unit that is merged, stay known.
pub fn plan(current: &Roster, imported: &Imported) -> Plan {
    let mut notes = Vec::new();
    let brought_up = brought_up(current, imported, &mut notes);
    let imported = &brought_up;
    let compare_accounts = |rows: &Vec<Account>| {
        let mut diff = compare(&current.accounts, rows);
        pair::accounts(&mut diff, &imported.former);
        diff
    };
    let (people, stays, agreed) = match &imported.people {
        Some(rows) => beside_the_chat(compare(&current.people, rows), &current.said, rows),
        None => Default::default(),
    };
    notes.extend(stays);
    let units = imported.units.as_ref();
    let mut plan = Plan {
        base: current.version,
        units: units
            .map(|r| compare(&current.units, r))
            .unwrap_or_default(),
        accounts: imported
            .accounts
            .as_ref()
            .map(compare_accounts)
            .unwrap_or_default(),
        people,
        notes,
        agreed,
        former: vec![],
        merges: imported.merges.clone(),
    };
    plan.former = renamed::names(current, &plan, imported);
    let renamed = renamed::looks_renamed(current, &plan);
    plan.notes.extend(renamed);
    if imported.people.is_none() {
        plan.people = by_id(&current.people, &running(current, &plan.accounts));
    }
    plan
}

/// The people who run accounts that are renamed, with the names of now: their table is not in the import.
fn running(current: &Roster, accounts: &Diff<Account>) -> Vec<Person> {
    let label = |platform: &str, name: &str| format!("{platform}:{name}");
    let renamed: HashMap<String, String> = accounts
        .changed
        .iter()
        .filter_map(|(account, details)| {
            let name = details.iter().find(|detail| detail.field == "name")?;
            let before = label(&account.platform, &name.before);
            Some((before, label(&account.platform, &account.name)))
        })
        .collect();
    let mut people = current.people.clone();
    for person in &mut people {
        for one in &mut person.operates {
            if let Some(after) = renamed.get(one) {
                one.clone_from(after);
            }
        }
    }
    people
}

/// An import with what happened since the office wrote it: a unit or account that still has the name which
/// it bore until it was renamed has that of now; what a merged unit had is the other unit's.
fn brought_up(current: &Roster, imported: &Imported, notes: &mut Vec<String>) -> Imported {
    let mut now = imported.clone();
    now.merges
        .retain(|merge| current.unit(&merge.from).is_some());
    let mut stays = |what: &str, before: &str, name: &str| {
        notes.push(format!(
            "{what} {before} is called {name} by now and stays so: bring the row up to date, or rename it \
             back with `duban roster rename`"
        ));
    };
    for unit in now.units.iter_mut().flatten() {
        if let Some(stored) = current.unit(&unit.code)
            && renamed::outdated(current, stored, unit)
        {
            stays(&unit.code, &unit.name, &stored.name);
            unit.name.clone_from(&stored.name);
        }
    }
    if !now.merges.is_empty() {
        let accounts = now.accounts.get_or_insert_with(|| current.accounts.clone());
        for account in accounts {
            account.unit = end_of(&now.merges, &account.unit).to_owned();
        }
        let people = now.people.get_or_insert_with(|| {
            let said = |person: &Person| current.said.iter().find(|said| said.now.id == person.id);
            let before = current.people.iter();
            let before = before.filter_map(|person| match said(person) {
                Some(said) => said.before.clone(),
                None => Some(person.clone()),
            });
            before.collect()
        });
        for person in people {
            merge_units(&mut person.units, &now.merges);
        }
    }
    let once = renamed::accounts_once(current);
    let listed: HashSet<String> = match once.is_empty() {
        true => HashSet::new(),
        false => now
            .accounts
            .iter()
            .flatten()
            .map(Record::identity)
            .collect(),
    };
    let mut labels: HashMap<String, String> = HashMap::new();
    for account in now.accounts.iter_mut().flatten() {
        if let Some(stored) = renamed::bears_another(current, &once, account)
            && !listed.contains(&stored.identity())
        {
            stays(&account.platform, &account.name, &stored.name);
            let label = |name: &str| format!("{}:{name}", account.platform);
            labels.insert(label(&account.name), label(&stored.name));
            account.name.clone_from(&stored.name);
        }
    }
    for person in now.people.iter_mut().flatten() {
        for one in &mut person.operates {
            if let Some(after) = labels.get(one) {
                one.clone_from(after);
            }
        }
    }
    now
}

/// A person's units, of which some are part of others by now.
pub(super) fn merge_units(units: &mut Vec<String>, merges: &[Merge]) {
    let mut kept: Vec<String> = Vec::new();
    for unit in units.drain(..) {
        let unit = end_of(merges, &unit).to_owned();
        if !kept.contains(&unit) {
            kept.push(unit);
        }
    }
    *units = kept;
}

/// The changes of people without those that would undo what was decided in the chat while the table still
/// says what it said before; what stays so, in words; and the people of whom the table decides again. Who
/// was added in the chat and is new in the table under another code is one and the same by name, role and
/// unit.
fn beside_the_chat(
    mut diff: Diff<Person>,
    said: &[Said],
    rows: &[Person],
) -> (Diff<Person>, Vec<String>, Vec<i64>) {
    let (mut notes, mut agreed) = (Vec::new(), Vec::new());
    for one in said {
        let now = &one.now;
        let row = rows.iter().find(|row| row.code == now.code);
        let as_before = match (&one.before, row) {
            (None, None) => true,
            (Some(before), Some(row)) => row.clone().with_id(before.id) == *before,
            _ => false,
        };
        let namesake = |row: &Person| {
            let shares = || row.units.iter().any(|unit| now.units.contains(unit));
            row.name == now.name && row.role == now.role && shares()
        };
        let listed = diff.added.iter().position(namesake);
        if let (None, None, false, Some(at)) = (&one.before, row, one.gone, listed) {
            let row = diff.added.remove(at).with_id(now.id);
            let details = differences(now, &row);
            diff.gone.retain(|gone| gone.id != now.id);
            diff.changed.push((row, details));
            agreed.push(now.id);
            continue;
        }
        if !as_before {
            agreed.push(now.id);
            continue;
        }
        let counts = [diff.added.len(), diff.changed.len(), diff.gone.len()];
        diff.added.retain(|row| row.code != now.code);
        diff.changed.retain(|(row, _)| row.id != now.id);
        diff.gone.retain(|row| row.id != now.id);
        if counts != [diff.added.len(), diff.changed.len(), diff.gone.len()] {
            let what = match (one.gone, &one.before) {
                (true, _) => "was replaced in the chat and stays away: take the row out",
                (false, None) => "was added in the chat and stays: add the row",
                (false, Some(_)) => {
                    "was changed in the chat and stays so: bring the row up to date"
                }
            };
            notes.push(format!(
                "{} {} {what} (`duban roster export` shows it)",
                now.code, now.name
            ));
        }
    }
    (diff, notes, agreed)
}

fn compare<T: Record>(now: &[T], next: &[T]) -> Diff<T> {
    let stored: HashMap<String, &T> = now.iter().map(|row| (row.identity(), row)).collect();
    let mut kept = HashSet::new();
    let mut diff = Diff::default();
    for row in next {
        let key = row.identity();
        match stored.get(&key) {
            None => diff.added.push(row.clone()),
            Some(old) => {
                let row = row.clone().with_id(old.id());
                if row != **old {
                    let details = differences(*old, &row);
                    diff.changed.push((row, details));
                }
                kept.insert(key);
            }
        }
    }
    diff.gone = now
        .iter()
        .filter(|row| !kept.contains(&row.identity()))
        .cloned()
        .collect();
    diff
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

/// Rows as they will be, by their ids; the others stay.
pub(super) fn by_id<T: Record>(now: &[T], next: &[T]) -> Diff<T> {
    let stored: HashMap<i64, &T> = now.iter().map(|row| (row.id(), row)).collect();
    let changed = next.iter().filter_map(|row| {
        let before = stored.get(&row.id())?;
        (row != *before).then(|| (row.clone(), differences(*before, row)))
    });
    Diff {
        changed: changed.collect(),
        ..Diff::default()
    }
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::model::{AccountState, Role};
    use super::*;
    use crate::store::Store;

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}/t.db", folder.path().display()))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        (folder, store)
    }

    fn unit(code: &str, name: &str) -> Unit {
        Unit {
            id: 0,
            code: code.into(),
            name: name.into(),
            aliases: vec!["别名".into()],
            parent: None,
            area: None,
            kind: String::new(),
        }
    }

    fn account(name: &str, unit: &str, uid: Option<&str>) -> Account {
        Account {
            id: 0,
            platform: "wechat".into(),
            name: name.into(),
            uid: uid.map(Into::into),
            unit: unit.into(),
            aliases: vec![],
            homepage: None,
            state: AccountState::Active,
            valid_from: chrono::NaiveDate::from_ymd_opt(2020, 1, 2),
            valid_to: None,
        }
    }

    fn person(code: &str) -> Person {
        let units = vec!["A".to_owned()];
        Person {
            id: 0,
            code: code.into(),
            name: "张三".into(),
            role: Role::Lead,
            units,
            operates: vec![],
        }
    }

    fn imported(units: Vec<Unit>, accounts: Vec<Account>) -> Imported {
        Imported {
            units: Some(units),
            accounts: Some(accounts),
            ..Imported::default()
        }
    }

    async fn bring(store: &Store, imported: &Imported) -> (Plan, Roster) {
        let mut tx = store.begin().await.unwrap();
        let current = table::load(&mut tx).await.unwrap();
        let plan = plan(&current, imported);
        let version = apply(&mut tx, &plan).await.unwrap();
        let after = table::load(&mut tx).await.unwrap();
        assert_eq!(after.version, version);
        tx.commit().await.unwrap();
        (plan, after)
    }

    #[tokio::test]
    async fn what_is_written_is_what_was_imported_and_a_second_time_changes_nothing() {
        let (_folder, store) = store().await;
        let mut first = imported(vec![unit("A", "甲")], vec![account("号", "A", None)]);
        first.people = Some(vec![person("P1")]);
        let (_, roster) = bring(&store, &first).await;
        assert_eq!(roster.version, 1);
        assert_eq!(
            roster.accounts[0],
            account("号", "A", None).with_id(roster.accounts[0].id)
        );
        assert_eq!(roster.people[0], person("P1").with_id(roster.people[0].id));
        let (again, roster) = bring(&store, &first).await;
        assert!(again.is_empty());
        assert_eq!(roster.version, 1);
    }

    #[tokio::test]
    async fn ids_stay_through_change_leaving_and_coming_back() {
        let (_folder, store) = store().await;
        let both = imported(
            vec![unit("A", "甲"), unit("B", "乙")],
            vec![account("号", "A", None)],
        );
        let (_, first) = bring(&store, &both).await;
        let (plan, roster) = bring(&store, &imported(vec![unit("A", "新甲")], vec![])).await;
        assert_eq!(
            plan.counts()[0].1,
            Counts {
                added: 0,
                changed: 1,
                gone: 1
            }
        );
        assert_eq!(
            plan.changes()[0].to_string(),
            "~ units A 新甲: name \"甲\" → \"新甲\""
        );
        assert_eq!((roster.units.len(), roster.accounts.len()), (1, 0));
        let (_, back) = bring(&store, &both).await;
        assert_eq!(back.units, first.units);
        assert_eq!(back.accounts, first.accounts);
        assert_eq!(back.version, 3);
    }

    #[tokio::test]
    async fn a_table_that_was_not_imported_is_left_alone() {
        let (_folder, store) = store().await;
        bring(
            &store,
            &imported(vec![unit("A", "甲")], vec![account("号", "A", None)]),
        )
        .await;
        let only = Imported {
            people: Some(vec![person("P1")]),
            ..Imported::default()
        };
        let (_, roster) = bring(&store, &only).await;
        assert_eq!(
            (
                roster.units.len(),
                roster.accounts.len(),
                roster.people.len()
            ),
            (1, 1, 1)
        );
    }

    #[tokio::test]
    async fn a_renamed_account_keeps_its_id_even_under_a_name_that_left() {
        let (_folder, store) = store().await;
        let units = || vec![unit("A", "甲")];
        let two = vec![account("旧", "A", Some("u")), account("新", "A", None)];
        let (_, first) = bring(&store, &imported(units(), two)).await;
        bring(
            &store,
            &imported(units(), vec![account("旧", "A", Some("u"))]),
        )
        .await;
        let renamed = imported(units(), vec![account("新", "A", Some("u"))]);
        let (plan, roster) = bring(&store, &renamed).await;
        assert_eq!(
            plan.accounts.counts(),
            Counts {
                added: 0,
                changed: 1,
                gone: 0
            }
        );
        let id = first.accounts.iter().find(|a| a.name == "旧").map(|a| a.id);
        assert_eq!(Some(roster.accounts[0].id), id);
        assert_eq!(roster.accounts[0].name, "新");
    }

    #[tokio::test]
    async fn a_plan_that_is_out_of_date_is_refused() {
        let (_folder, store) = store().await;
        let mut tx = store.begin().await.unwrap();
        let old = plan(
            &table::load(&mut tx).await.unwrap(),
            &imported(vec![unit("A", "甲")], vec![]),
        );
        table::bump_version(&mut tx).await.unwrap();
        assert!(matches!(apply(&mut tx, &old).await, Err(Error::Input(_))));
    }

    #[tokio::test]
    async fn a_hundred_thousand_accounts_take_seconds() {
        let (_folder, store) = store().await;
        let accounts: Vec<_> = (0..100_000)
            .map(|n| account(&format!("号{n}"), "A", None))
            .collect();
        let start = Instant::now();
        let many = imported(vec![unit("A", "甲")], accounts);
        let (_, roster) = bring(&store, &many).await;
        assert_eq!(roster.accounts.len(), 100_000);
        let (plan, _) = bring(&store, &imported(vec![unit("A", "甲")], vec![])).await;
        assert_eq!(plan.accounts.gone.len(), 100_000);
        eprintln!("in, compared, out again: {:?}", start.elapsed());
        assert!(start.elapsed().as_secs() < 60);
    }
}
