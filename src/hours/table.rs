//! The table `quiet`: what people set for themselves in the chat.

use std::collections::HashMap;

use chrono::NaiveTime;

use super::{Days, Own};
use crate::error::{Error, Result};
use crate::store::{Row, Tx, Value, vals};

fn time(text: &str) -> Result<NaiveTime> {
    let wrong = |_| Error::other(format!("{text:?} is no time of quiet hours"));
    NaiveTime::parse_from_str(text, "%H:%M").map_err(wrong)
}

fn read(row: &Row) -> Result<(i64, Own)> {
    let span = (row.maybe_text(1)?, row.maybe_text(2)?);
    let quiet = match span {
        (Some(from), Some(to)) => Some((time(&from)?, time(&to)?)),
        _ => None,
    };
    let days = Days::parse(&row.text(3)?).unwrap_or_default();
    Ok((row.int(0)?, Own { quiet, days }))
}

/// What these people set, by id.
pub async fn of(tx: &mut Tx, people: &[i64]) -> Result<HashMap<i64, Own>> {
    let keys: Vec<Value> = people.iter().map(|id| Value::from(*id)).collect();
    let sql = "select person_id, from_time, to_time, days from quiet where person_id in ({in})";
    let rows = tx.all_in(sql, vals![], keys).await?;
    rows.iter().map(read).collect()
}

/// Sets what a person wants from now on; nothing takes it away. `now` is UTC milliseconds.
pub async fn set(tx: &mut Tx, person: i64, own: Option<Own>, now: i64) -> Result<()> {
    let Some(own) = own else {
        tx.run("delete from quiet where person_id = $1", vals![person])
            .await?;
        return Ok(());
    };
    let word = |time: NaiveTime| time.format("%H:%M").to_string();
    let (from, to) = own.quiet.unzip();
    tx.run(
        "insert into quiet (person_id, from_time, to_time, days, set_at)
         values ($1, $2, $3, $4, $5)
         on conflict (person_id) do update set from_time = $2, to_time = $3, days = $4, set_at = $5",
        vals![
            person,
            from.map(word),
            to.map(word),
            own.days.as_str(),
            now
        ],
    )
    .await?;
    Ok(())
}
