//! The table `duty`.

use chrono::NaiveDate;

use super::{Duty, State};
use crate::error::{Error, Result};
use crate::store::{Row, Tx, vals};

/// How long an unconfirmed one is kept, in ms: a day.
const DRAFT_MS: i64 = 24 * 3_600_000;

macro_rules! columns {
    () => {
        "id, person_id, stand_in_id, from_day, to_day, rota, state, entered_by, entered_at"
    };
}

fn read(row: &Row) -> Result<Duty> {
    let day = |at: usize| -> Result<NaiveDate> {
        let text = row.text(at)?;
        let wrong = |_| Error::other(format!("{text:?} is no day of a duty"));
        text.parse().map_err(wrong)
    };
    let state = row.text(6)?;
    Ok(Duty {
        id: row.int(0)?,
        person: row.int(1)?,
        stand_in: row.int(2)?,
        from: day(3)?,
        to: day(4)?,
        rota: row.flag(5)?,
        state: State::parse(&state)
            .ok_or_else(|| Error::other(format!("unknown state {state:?} of a duty")))?,
        entered_by: row.maybe_int(7)?,
        entered_at: row.int(8)?,
    })
}

fn all(rows: &[Row]) -> Result<Vec<Duty>> {
    rows.iter().map(read).collect()
}

/// Counts up with every change of what counts, so that each process notices.
pub async fn version(tx: &mut Tx) -> Result<i64> {
    let sql = "select value from meta where name = 'duty_version'";
    let row = tx.first(sql, vals![]).await?;
    row.map_or(Ok(0), |row| Ok(row.text(0)?.parse().unwrap_or_default()))
}

/// In one statement: two processes at once count twice.
async fn bump(tx: &mut Tx) -> Result<()> {
    tx.run(
        "insert into meta (name, value) values ('duty_version', '1')
         on conflict (name) do update
            set value = cast(cast(meta.value as bigint) + 1 as text)",
        vals![],
    )
    .await?;
    Ok(())
}

/// Writes a duty, whose id is given to it; drafts of another day are forgotten.
pub async fn insert(tx: &mut Tx, duty: &mut Duty) -> Result<()> {
    tx.run(
        "delete from duty where state = 'draft' and entered_at < $1",
        vals![duty.entered_at - DRAFT_MS],
    )
    .await?;
    duty.id = tx.id("duty").await?;
    tx.run(
        "insert into duty (id, person_id, stand_in_id, from_day, to_day, rota, state, entered_by,
            entered_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vals![
            duty.id,
            duty.person,
            duty.stand_in,
            duty.from.to_string(),
            duty.to.to_string(),
            duty.rota,
            duty.state.as_str(),
            duty.entered_by,
            duty.entered_at,
        ],
    )
    .await?;
    if duty.state == State::Set {
        bump(tx).await?;
    }
    Ok(())
}

/// Duties by id, in the order asked for; unknown ids are left out.
pub async fn many(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Duty>> {
    let sql = concat!("select ", columns!(), " from duty where id = $1");
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let row = tx.first(sql, vals![*id]).await?;
        found.extend(row.as_ref().map(read).transpose()?);
    }
    Ok(found)
}

/// Those that count and are not over on this day, the soonest first.
pub async fn from_day(tx: &mut Tx, day: NaiveDate) -> Result<Vec<Duty>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from duty where state = 'set' and to_day >= $1 order by from_day, id"
    );
    all(&tx.all(sql, vals![day.to_string()]).await?)
}

/// A draft counts from now on. False: it is none any more.
pub async fn set(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "update duty set state = 'set' where id = $1 and state = 'draft'";
    let changed = tx.run(sql, vals![id]).await?;
    bump(tx).await?;
    Ok(changed == 1)
}

/// A draft is forgotten.
pub async fn forget(tx: &mut Tx, id: i64) -> Result<()> {
    let sql = "delete from duty where id = $1 and state = 'draft'";
    tx.run(sql, vals![id]).await?;
    Ok(())
}

/// Takes a duty back. False: it did not count, or not any more.
pub async fn cancel(tx: &mut Tx, id: i64, by: Option<i64>, now: i64) -> Result<bool> {
    let sql = "update duty set state = 'cancelled', cancelled_by = $1, cancelled_at = $2
               where id = $3 and state = 'set'";
    let changed = tx.run(sql, vals![by, now, id]).await?;
    bump(tx).await?;
    Ok(changed == 1)
}

/// Who is away, or who stands in, is another from now on.
pub async fn pass(tx: &mut Tx, id: i64, (person, stand_in): (i64, i64)) -> Result<()> {
    let sql = "update duty set person_id = $1, stand_in_id = $2 where id = $3 and state = 'set'";
    tx.run(sql, vals![person, stand_in, id]).await?;
    bump(tx).await
}

/// Those that have to be handed over now, and those that have to be handed back.
pub async fn to_hand(tx: &mut Tx, today: NaiveDate) -> Result<(Vec<Duty>, Vec<Duty>)> {
    let today = today.to_string();
    let sql = concat!(
        "select ",
        columns!(),
        " from duty where state = 'set' and begun_at is null and from_day <= $1 and to_day >= $1
          order by id"
    );
    let begin = all(&tx.all(sql, vals![&today]).await?)?;
    let sql = concat!(
        "select ",
        columns!(),
        " from duty where begun_at is not null and ended_at is null
            and (state = 'cancelled' or to_day < $1)
          order by id"
    );
    let end = all(&tx.all(sql, vals![&today]).await?)?;
    Ok((begin, end))
}

/// Notes that a duty was handed over.
pub async fn begun(tx: &mut Tx, id: i64, now: i64) -> Result<()> {
    let sql = "update duty set begun_at = $1 where id = $2";
    tx.run(sql, vals![now, id]).await?;
    Ok(())
}

/// Notes that a duty was handed back.
pub async fn ended(tx: &mut Tx, id: i64, now: i64) -> Result<()> {
    let sql = "update duty set ended_at = $1 where id = $2";
    tx.run(sql, vals![now, id]).await?;
    Ok(())
}
