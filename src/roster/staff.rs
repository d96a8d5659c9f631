//! The tables `person_word`, `person_act` and `staffing`: what was decided about people in the chat, by whom,
//! and what of it waits to be confirmed.

use super::model::{Person, Said};
use super::record::Record as _;
use super::table;
use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// How long an unconfirmed wish is kept, in ms: a day.
const DRAFT_MS: i64 = 24 * 3_600_000;

/// Who or what did something about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonAct {
    /// The person.
    pub person_id: i64,
    /// When, in UTC milliseconds.
    pub at: i64,
    /// What: `added`, `invited`, `revoked`, `bound`, `unbound`, `replaced`, `succeeded`.
    pub verb: String,
    /// By whom; none: by themselves.
    pub by_id: Option<i64>,
    /// The successor, or whom they succeed.
    pub other_id: Option<i64>,
    /// The update of the channel.
    pub update_id: Option<i64>,
}

/// Records what was done about a person.
pub async fn record(tx: &mut Tx, act: &PersonAct) -> Result<()> {
    let id = tx.id("person_act").await?;
    tx.run(
        "insert into person_act (id, person_id, at, verb, by_id, other_id, update_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        vals![
            id,
            act.person_id,
            act.at,
            &act.verb,
            act.by_id,
            act.other_id,
            act.update_id,
        ],
    )
    .await?;
    Ok(())
}

/// What was done about a person, the newest first.
pub async fn acts_of(tx: &mut Tx, person: i64, most: i64) -> Result<Vec<PersonAct>> {
    let sql = "select person_id, at, verb, by_id, other_id, update_id from person_act
               where person_id = $1 order by id desc limit $2";
    let rows = tx.all(sql, vals![person, most]).await?;
    rows.iter()
        .map(|row| {
            Ok(PersonAct {
                person_id: row.int(0)?,
                at: row.int(1)?,
                verb: row.text(2)?,
                by_id: row.maybe_int(3)?,
                other_id: row.maybe_int(4)?,
                update_id: row.maybe_int(5)?,
            })
        })
        .collect()
}

/// When a person's binding was ended last, in UTC milliseconds; zero: never.
pub async fn unbound_at(tx: &mut Tx, person: i64) -> Result<i64> {
    let sql = "select max(at) from person_act where person_id = $1 and verb = 'unbound'";
    let row = tx.first(sql, vals![person]).await?;
    row.map_or(Ok(0), |row| Ok(row.maybe_int(0)?.unwrap_or_default()))
}

/// What was decided about people in the chat and the office's table does not say yet.
pub(super) async fn said(tx: &mut Tx) -> Result<Vec<Said>> {
    let sql = "select p.id, p.code, p.name, p.role, p.units, p.operates, p.gone, w.before
               from person_word w join person p on p.id = w.person_id order by p.id";
    let read = |row: &Row| {
        let before = row.maybe_text(7)?;
        let before = before.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(Said {
            now: table::person(row)?,
            before,
            gone: row.flag(6)?,
        })
    };
    tx.all(sql, vals![]).await?.iter().map(read).collect()
}

/// Of these people the office's table decides again.
pub(super) async fn agree(tx: &mut Tx, people: &[i64]) -> Result<()> {
    for person in people {
        let sql = "delete from person_word where person_id = $1";
        tx.run(sql, vals![*person]).await?;
    }
    Ok(())
}

/// Puts a person into the roster, with an id and a code of their own.
pub async fn add(tx: &mut Tx, person: &mut Person, (by, now): (i64, i64)) -> Result<()> {
    person.id = tx.id("person").await?;
    person.code = format!("N{}", person.id);
    let taken = "select id from person where code = $1";
    while tx.first(taken, vals![&person.code]).await?.is_some() {
        person.code.push('N');
    }
    write(tx, person, false).await?;
    word(tx, (person.id, None), (by, now)).await
}

/// A person answers for something else from now on, or has left.
pub async fn change(
    tx: &mut Tx,
    (before, after): (&Person, &Person),
    gone: bool,
    (by, now): (i64, i64),
) -> Result<()> {
    write(tx, after, gone).await?;
    word(tx, (before.id, Some(before)), (by, now)).await
}

async fn write(tx: &mut Tx, person: &Person, gone: bool) -> Result<()> {
    let mut bulk = Person::bulk();
    bulk.row(person.values(person.id, gone)?);
    tx.bulk(bulk).await?;
    table::bump_version(tx).await
}

/// What the table said before the first word of the chat is what it is held against.
async fn word(
    tx: &mut Tx,
    (person, before): (i64, Option<&Person>),
    (by, now): (i64, i64),
) -> Result<()> {
    let before = before.map(serde_json::to_string).transpose()?;
    tx.run(
        "insert into person_word (person_id, before, by_id, at) values ($1, $2, $3, $4)
         on conflict (person_id) do update set by_id = $3, at = $4",
        vals![person, before, by, now],
    )
    .await?;
    Ok(())
}

/// What somebody asked for about people and has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its id in the store.
    pub id: i64,
    /// Who asked.
    pub by: i64,
    /// Who is to be replaced; none: somebody is to be added.
    pub old: Option<i64>,
    /// The successor, if in the roster.
    pub new: Option<i64>,
    /// Who is to be added, as a successor or for themselves.
    pub person: Option<Person>,
}

/// Keeps a wish; its id. Those of another day are forgotten.
pub async fn wish(tx: &mut Tx, wish: &Wish, now: i64) -> Result<i64> {
    let sql = "delete from staffing where state = 'draft' and at < $1";
    tx.run(sql, vals![now - DRAFT_MS]).await?;
    let id = tx.id("staffing").await?;
    let person = wish
        .person
        .as_ref()
        .map(serde_json::to_string)
        .transpose()?;
    tx.run(
        "insert into staffing (id, by_id, at, old_id, new_id, person, state)
         values ($1, $2, $3, $4, $5, $6, 'draft')",
        vals![id, wish.by, now, wish.old, wish.new, person],
    )
    .await?;
    Ok(id)
}

/// A wish that waits to be confirmed.
pub async fn wished(tx: &mut Tx, id: i64) -> Result<Option<Wish>> {
    let sql = "select id, by_id, old_id, new_id, person from staffing
               where id = $1 and state = 'draft'";
    let row = tx.first(sql, vals![id]).await?;
    row.map(|row| {
        let person = row.maybe_text(4)?;
        Ok(Wish {
            id: row.int(0)?,
            by: row.int(1)?,
            old: row.maybe_int(2)?,
            new: row.maybe_int(3)?,
            person: person.map(|text| serde_json::from_str(&text)).transpose()?,
        })
    })
    .transpose()
}

/// A wish was fulfilled, or given up. False: it was none any more.
pub async fn end_wish(tx: &mut Tx, id: i64, fulfilled: bool) -> Result<bool> {
    let sql = match fulfilled {
        true => "update staffing set state = 'done' where id = $1 and state = 'draft'",
        false => "delete from staffing where id = $1 and state = 'draft'",
    };
    Ok(tx.run(sql, vals![id]).await? == 1)
}
