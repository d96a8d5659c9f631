//! Compares an import with the roster: what would change. Pure; nothing is written.

use std::collections::{HashMap, HashSet};

use super::beside_chat::beside_the_chat;
use super::brought_up::brought_up;
use super::change::{Diff, Plan};
use super::difference::differences;
use super::imported::Imported;
use super::model::{Account, Person, Roster};
use super::record::Record;
use super::{pair, renamed};

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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::change::{Counts, apply};
    use super::super::model::{AccountState, Role, Unit};
    use super::super::table;
    use super::*;
    use crate::error::Error;
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
