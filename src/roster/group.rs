//! The tables `unit_group` and `group_code`: the group of a unit, which is told of the unit's new findings,
//! and the codes by which one is bound.

use super::invitation;
use super::model::{Person, Role, Roster};
use super::table;
use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// The group of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id in the store.
    pub id: i64,
    /// The unit's id.
    pub unit: i64,
    /// The chat.
    pub chat: i64,
    /// The topic it was bound in.
    pub thread: Option<i64>,
    /// Its title when it was bound.
    pub title: String,
    /// Each person is told besides; else only where the group cannot be.
    pub private: bool,
}

impl Roster {
    /// Whether somebody may bind and release the group of a unit: who leads or supervises it.
    pub fn may_bind_group(&self, by: &Person, unit: &str) -> bool {
        matches!(by.role, Role::Lead | Role::Manager) && self.in_units(by, unit)
    }

    /// The group of a unit.
    pub fn group_of(&self, unit: i64) -> Option<&Group> {
        self.groups.iter().find(|group| group.unit == unit)
    }

    /// The group of a chat.
    pub fn group_in(&self, chat: i64) -> Option<&Group> {
        self.groups.iter().find(|group| group.chat == chat)
    }

    /// A group by its id.
    pub fn group(&self, id: i64) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
}

fn read(row: &Row) -> Result<Group> {
    Ok(Group {
        id: row.int(0)?,
        unit: row.int(1)?,
        chat: row.int(2)?,
        thread: row.maybe_int(3)?,
        title: row.text(4)?,
        private: row.flag(5)?,
    })
}

/// Every group.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Group>> {
    let sql = "select id, unit_id, chat_id, thread_id, title, private from unit_group order by id";
    tx.all(sql, vals![]).await?.iter().map(read).collect()
}

/// Binds a chat to a unit; what was bound to either before is let go. The group with its id.
pub async fn bind(tx: &mut Tx, mut group: Group, (by, now): (i64, i64)) -> Result<Group> {
    let sql = "delete from unit_group where unit_id = $1 or chat_id = $2";
    tx.run(sql, vals![group.unit, group.chat]).await?;
    group.id = tx.id("unit_group").await?;
    tx.run(
        "insert into unit_group (id, unit_id, chat_id, thread_id, title, private, bound_by, bound_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vals![
            group.id,
            group.unit,
            group.chat,
            group.thread,
            &group.title,
            group.private,
            by,
            now,
        ],
    )
    .await?;
    table::bump_version(tx).await?;
    Ok(group)
}

/// Lets a group go. False: it was not bound any more.
pub async fn end(tx: &mut Tx, id: i64) -> Result<bool> {
    let ended = tx
        .run("delete from unit_group where id = $1", vals![id])
        .await?;
    table::bump_version(tx).await?;
    Ok(ended == 1)
}

/// Follows a group to its new chat.
pub async fn migrate(tx: &mut Tx, from: i64, to: i64) -> Result<()> {
    // A supergroup has no topic yet.
    let sql = "update unit_group set chat_id = $1, thread_id = null where chat_id = $2";
    if tx.run(sql, vals![to, from]).await? > 0 {
        table::bump_version(tx).await?;
    }
    Ok(())
}

/// Whether each person is told besides.
pub async fn set_private(tx: &mut Tx, id: i64, private: bool) -> Result<()> {
    let sql = "update unit_group set private = $1 where id = $2";
    tx.run(sql, vals![private, id]).await?;
    table::bump_version(tx).await
}

/// The topic is gone; the group is written to as a whole.
pub async fn forget_thread(tx: &mut Tx, id: i64) -> Result<()> {
    let sql = "update unit_group set thread_id = null where id = $1";
    tx.run(sql, vals![id]).await?;
    table::bump_version(tx).await
}

/// Makes a code to bind the group of a unit with, good for `ttl` ms; earlier ones of the unit are void.
pub async fn code(tx: &mut Tx, unit: i64, by: i64, (now, ttl): (i64, i64)) -> Result<String> {
    let sql = "delete from group_code where unit_id = $1 and used_at is null";
    tx.run(sql, vals![unit]).await?;
    let code = invitation::fresh();
    tx.run(
        "insert into group_code (code_hash, unit_id, person_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
        vals![invitation::hash(&code), unit, by, now, now + ttl],
    )
    .await?;
    Ok(code)
}

/// The unit that a code is good for now.
pub async fn unit_of(tx: &mut Tx, code: &str, now: i64) -> Result<Option<i64>> {
    let sql = "select unit_id from group_code
               where code_hash = $1 and used_at is null and expires_at > $2";
    let row = tx.first(sql, vals![invitation::hash(code), now]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// A code is used up. False: it was already.
pub async fn redeem(tx: &mut Tx, code: &str, now: i64) -> Result<bool> {
    let sql = "update group_code set used_at = $1 where code_hash = $2 and used_at is null";
    Ok(tx.run(sql, vals![now, invitation::hash(code)]).await? == 1)
}
