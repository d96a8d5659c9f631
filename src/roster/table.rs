//! The tables `unit`, `account`, `person`, `alias` and `binding`.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::alias::Alias;
use super::model::{Account, AccountState, Person, Role, Roster, Unit};
use crate::error::{Error, Result};
use crate::store::{Row, Tx, Value, vals};

pub(super) fn date(row: &Row, at: usize) -> Result<Option<NaiveDate>> {
    Ok(row.maybe_text(at)?.and_then(|text| text.parse().ok()))
}

/// The roster's version; it counts up with every change.
pub async fn version(tx: &mut Tx) -> Result<i64> {
    let row = tx
        .first(
            "select value from meta where name = 'roster_version'",
            vals![],
        )
        .await?;
    row.map_or(Ok(0), |row| Ok(row.text(0)?.parse().unwrap_or_default()))
}

/// Counts the version up.
pub async fn bump_version(tx: &mut Tx) -> Result<()> {
    tx.unsettle();
    let next = version(tx).await? + 1;
    tx.run(
        "insert into meta (name, value) values ('roster_version', $1)
         on conflict (name) do update set value = $1",
        vals![next.to_string()],
    )
    .await?;
    Ok(())
}

/// Everything that is in the roster now.
pub async fn load(tx: &mut Tx) -> Result<Roster> {
    let version = version(tx).await?;
    let sql =
        "select id, code, name, aliases, parent, area, kind from unit where gone = 0 order by id";
    let unit = |row: &Row| {
        Ok(Unit {
            id: row.int(0)?,
            code: row.text(1)?,
            name: row.text(2)?,
            aliases: row.json(3)?,
            parent: row.maybe_text(4)?,
            area: row.maybe_text(5)?,
            kind: row.text(6)?,
        })
    };
    let units: Vec<Unit> = tx.each(sql, vals![], unit).await?;
    let sql = "select id, platform, name, uid, unit, aliases, homepage, state, valid_from, valid_to
               from account where gone = 0 order by id";
    let account = |row: &Row| {
        Ok(Account {
            id: row.int(0)?,
            platform: row.text(1)?,
            name: row.text(2)?,
            uid: row.maybe_text(3)?,
            unit: row.text(4)?,
            aliases: row.json::<Vec<Alias>>(5)?.into_boxed_slice().into_vec(),
            homepage: row.maybe_text(6)?,
            state: match row.text(7)?.as_str() {
                "closed" => AccountState::Closed,
                _ => AccountState::Active,
            },
            valid_from: date(row, 8)?,
            valid_to: date(row, 9)?,
        })
    };
    let accounts: Vec<Account> = tx.each(sql, vals![], account).await?;
    let sql = "select id, code, name, role, units, operates from person where gone = 0 order by id";
    let people: Vec<Person> = tx.each(sql, vals![], person).await?;
    let learned = super::learned::counting(tx).await?;
    let mut roster = Roster::new(version, units, accounts, people, learned);
    roster.said = super::staff::said(tx).await?;
    roster.groups = super::group::all(tx).await?;
    roster.merged = super::former::merged(tx).await?;
    Ok(roster)
}

/// A row of `person`: id, code, name, role, units, operates.
pub(super) fn person(row: &Row) -> Result<Person> {
    let role = row.text(3)?;
    Ok(Person {
        id: row.int(0)?,
        code: row.text(1)?,
        name: row.text(2)?,
        role: Role::parse(&role)
            .ok_or_else(|| Error::other(format!("unknown role {role:?} in the store")))?,
        units: row.json(4)?,
        operates: row.json(5)?,
    })
}

/// The ids of the units by their codes.
pub async fn unit_ids(tx: &mut Tx) -> Result<HashMap<String, i64>> {
    let sql = "select code, id from unit where gone = 0";
    let rows = tx.all(sql, vals![]).await?;
    let read = |row: &Row| Ok((row.text(0)?, row.int(1)?));
    rows.iter().map(read).collect()
}

/// A person's chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The person.
    pub person_id: i64,
    /// The private chat.
    pub chat_id: i64,
    /// Since when the person cannot be reached, if so.
    pub unreachable_since: Option<i64>,
    /// Why.
    pub unreachable_why: Option<String>,
    /// Since when the person is bound, in UTC milliseconds.
    pub bound_at: i64,
    /// Which menu of commands the chat has.
    pub menu: Option<String>,
}

fn binding(row: &Row) -> Result<Binding> {
    Ok(Binding {
        person_id: row.int(0)?,
        chat_id: row.int(1)?,
        unreachable_since: row.maybe_int(2)?,
        unreachable_why: row.maybe_text(3)?,
        bound_at: row.int(4)?,
        menu: row.maybe_text(5)?,
    })
}

macro_rules! bound {
    ($rest:literal) => {
        concat!(
            "select person_id, chat_id, unreachable_since, unreachable_why, bound_at, menu
             from binding",
            $rest
        )
    };
}

/// Every binding.
pub async fn bindings(tx: &mut Tx) -> Result<Vec<Binding>> {
    tx.all(bound!(""), vals![])
        .await?
        .iter()
        .map(binding)
        .collect()
}

/// A person's chat, if they are bound.
pub async fn binding_of(tx: &mut Tx, person: i64) -> Result<Option<Binding>> {
    tx.first(bound!(" where person_id = $1"), vals![person])
        .await?
        .as_ref()
        .map(binding)
        .transpose()
}

/// The person bound to a chat.
pub async fn person_of_chat(tx: &mut Tx, chat: i64) -> Result<Option<i64>> {
    let row = tx
        .first(
            "select person_id from binding where chat_id = $1",
            vals![chat],
        )
        .await?;
    row.map(|row| row.int(0)).transpose()
}

/// Binds a person to a chat; a former chat of theirs is let go. False: the chat is another's.
pub async fn bind(tx: &mut Tx, person: i64, chat: i64, now: i64) -> Result<bool> {
    if person_of_chat(tx, chat)
        .await?
        .is_some_and(|bound| bound != person)
    {
        return Ok(false);
    }
    tx.run(
        "insert into binding (person_id, chat_id, bound_at) values ($1, $2, $3)
         on conflict (person_id) do update set chat_id = $2, bound_at = $3,
            unreachable_since = null, unreachable_why = null, menu = null",
        vals![person, chat, now],
    )
    .await?;
    Ok(true)
}

/// Lets a person's chat go; which it was.
pub async fn unbind(tx: &mut Tx, person: i64) -> Result<Option<i64>> {
    let sql = "delete from binding where person_id = $1 returning chat_id";
    let row = tx.first(sql, vals![person]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Notes which menu of commands a chat has; none: it could not be set.
pub async fn set_menu(tx: &mut Tx, chat: i64, menu: Option<&str>) -> Result<()> {
    let sql = "update binding set menu = $1 where chat_id = $2";
    tx.run(sql, vals![menu, chat]).await?;
    Ok(())
}

/// Notes that a bound person cannot be reached; the first time counts.
pub async fn set_unreachable(tx: &mut Tx, person: i64, now: i64, why: &str) -> Result<()> {
    tx.run(
        "update binding set unreachable_since = coalesce(unreachable_since, $1),
            unreachable_why = $2 where person_id = $3",
        vals![now, why, person],
    )
    .await?;
    Ok(())
}

/// Since when a bound person cannot be reached.
pub async fn unreachable_since(tx: &mut Tx, person: i64) -> Result<Option<i64>> {
    Ok(binding_of(tx, person)
        .await?
        .and_then(|binding| binding.unreachable_since))
}

/// Notes that a person can be reached again.
pub async fn set_reachable(tx: &mut Tx, person: i64) -> Result<()> {
    tx.run(
        "update binding set unreachable_since = null, unreachable_why = null
         where person_id = $1 and unreachable_since is not null",
        vals![person],
    )
    .await?;
    Ok(())
}

/// Follows a chat to its new id.
pub async fn migrate_chat(tx: &mut Tx, from: i64, to: i64) -> Result<()> {
    tx.run(
        "update binding set chat_id = $1 where chat_id = $2",
        vals![to, from],
    )
    .await?;
    Ok(())
}

/// Raises the version if it still is `base`; the new one, or `None` if it is another by now.
pub(super) async fn bump_from(tx: &mut Tx, base: i64) -> Result<Option<i64>> {
    let new = base + 1;
    let changed = tx
        .run(
            "insert into meta (name, value) values ('roster_version', $1)
             on conflict (name) do update set value = excluded.value where meta.value = $2",
            vals![new.to_string(), base.to_string()],
        )
        .await?;
    Ok((changed == 1).then_some(new))
}

/// The names of people by id, also of those who left the roster.
pub async fn names_of(tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let keys = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, name from person where id in ({in})";
    let rows = tx.all_in(sql, vec![], keys).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?)))
        .collect()
}
