//! The names that units and accounts bore before, in the table `alias`, and the units that are part of others,
//! in the table `unit_merged`.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::alias::Alias;
use super::event::{Bearer, Former, Merge};
use super::model::Roster;
use super::table;
use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// What decides of the office's own tables: nobody in the chat.
const OFFICE: i64 = 0;

/// Keeps former names as aliases of what bears another name by now; `true` beside one: it ends today. What
/// bears them has to be in the roster already.
pub async fn keep(
    tx: &mut Tx,
    names: &[(Former, bool)],
    (today, now): (NaiveDate, i64),
) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let units = table::unit_ids(tx).await?;
    let mut accounts = HashMap::new();
    if names
        .iter()
        .any(|(one, _)| matches!(one.of, Bearer::Account(..)))
    {
        let sql = "select id, platform, name, unit from account where gone = 0";
        for row in tx.all(sql, vals![]).await? {
            let key = Bearer::Account(row.text(1)?, row.text(2)?, row.text(3)?);
            accounts.insert(key, row.int(0)?);
        }
    }
    for (one, ends) in names {
        let (unit, account) = match &one.of {
            Bearer::Unit(code) => (units.get(code).copied(), None),
            of @ Bearer::Account(..) => (None, accounts.get(of).copied()),
        };
        if unit.is_none() && account.is_none() {
            continue;
        }
        let mut alias = one.alias.clone();
        if *ends {
            alias.to = Some(today);
        }
        write(tx, (unit, account), &alias, now).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    (unit, account): (Option<i64>, Option<i64>),
    alias: &Alias,
    now: i64,
) -> Result<()> {
    let id = tx.id("alias").await?;
    let day = |day: Option<NaiveDate>| day.map(|d| d.to_string());
    tx.run(
        "insert into alias (id, account_id, unit_id, name, platform, area, valid_from, valid_to,
            decided_by, decided_at)
         values ($1, $2, $3, $4, null, $5, $6, $7, $8, $9)",
        vals![
            id,
            account,
            unit,
            &alias.name,
            alias.area.as_deref(),
            day(alias.from),
            day(alias.to),
            OFFICE,
            now,
        ],
    )
    .await?;
    Ok(())
}

/// One unit is part of another: by ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The unit that is none any more.
    pub from: i64,
    /// The one that answers.
    pub into: i64,
}

/// Hands on what names lead to merged units, their groups and what is asked for about them; their own
/// names are aliases of the others. `before` is the roster with the merged units.
pub async fn merge(
    tx: &mut Tx,
    before: &Roster,
    merges: &[Merge],
    (today, now): (NaiveDate, i64),
) -> Result<Vec<Merged>> {
    let units = table::unit_ids(tx).await?;
    let mut done = Vec::new();
    for merge in merges {
        let into = super::event::end_of(merges, &merge.into);
        let (Some(unit), Some(&into_id)) = (before.unit(&merge.from), units.get(into)) else {
            continue;
        };
        let ids = vals![into_id, unit.id];
        tx.run("update alias set unit_id = $1 where unit_id = $2", ids)
            .await?;
        let codes = vals![into, &unit.code];
        tx.run("update alias set area = $1 where area = $2", codes)
            .await?;
        // Who was merged before into this one is the other's too.
        let ids = vals![into_id, unit.id];
        tx.run(
            "update unit_merged set into_id = $1 where into_id = $2",
            ids,
        )
        .await?;
        let mut names: Vec<Alias> = unit.aliases.clone();
        names.push(Alias::from(unit.name.as_str()));
        for mut alias in names {
            if alias.area.as_deref() == Some(&unit.code) {
                alias.area = Some(into.to_owned());
            }
            write(tx, (Some(into_id), None), &alias, now).await?;
        }
        // One that an earlier merger gave it counts as well.
        let sql = "select unit_id from unit_group where unit_id = $1";
        let has = tx.first(sql, vals![into_id]).await?;
        match has {
            Some(_) => {
                let sql = "delete from unit_group where unit_id = $1";
                tx.run(sql, vals![unit.id]).await?;
            }
            None => {
                let sql = "update unit_group set unit_id = $1 where unit_id = $2";
                tx.run(sql, vals![into_id, unit.id]).await?;
            }
        }
        let sql = "delete from group_code where unit_id = $1 and used_at is null";
        tx.run(sql, vals![unit.id]).await?;
        let on = merge.on.unwrap_or(today).to_string();
        tx.run(
            "insert into unit_merged (unit_id, into_id, on_day) values ($1, $2, $3)
             on conflict (unit_id) do update set into_id = $2, on_day = $3",
            vals![unit.id, into_id, on],
        )
        .await?;
        done.push(Merged {
            from: unit.id,
            into: into_id,
        });
    }
    Ok(done)
}

/// The units that are part of others by now, by their codes.
pub(super) async fn merged(tx: &mut Tx) -> Result<Vec<Merge>> {
    let sql = "select a.code, b.code, m.on_day from unit_merged m
               join unit a on a.id = m.unit_id join unit b on b.id = m.into_id
               where a.gone = 1 order by m.unit_id";
    let read = |row: &Row| {
        Ok(Merge {
            from: row.text(0)?,
            into: row.text(1)?,
            on: row.text(2)?.parse().ok(),
        })
    };
    tx.all(sql, vals![]).await?.iter().map(read).collect()
}
