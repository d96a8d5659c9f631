//! The tables `announcement` and `receipt`: what managers announce, to whom, and who has read it.

use crate::error::Result;
use crate::store::{Bulk, Row, Tx, Value, vals};

/// An announcement as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// Its id.
    pub id: i64,
    /// Who announces.
    pub by: i64,
    /// `draft`, `sent` or `dropped`.
    pub state: String,
    /// As typed.
    pub text: String,
    /// To leads only; else to operators too.
    pub leads_only: bool,
    /// The units that are chosen, by id; empty: all of the sender's scope.
    pub units: Vec<i64>,
    /// When it was sent.
    pub sent_at: Option<i64>,
}

impl Announcement {
    /// Whether it is being prepared still.
    pub fn draft(&self) -> bool {
        self.state == "draft"
    }
}

/// Whether a person has read an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Who.
    pub person_id: i64,
    /// When they said so.
    pub read_at: Option<i64>,
    /// When it was said again.
    pub nudged_at: Option<i64>,
    /// How often it was said again.
    pub nudges: i64,
}

fn read(row: &Row) -> Result<Announcement> {
    Ok(Announcement {
        id: row.int(0)?,
        by: row.int(1)?,
        state: row.text(2)?,
        text: row.text(3)?,
        leads_only: row.flag(4)?,
        units: row.json(5)?,
        sent_at: row.maybe_int(6)?,
    })
}

/// Begins an announcement; its id.
pub async fn draft(tx: &mut Tx, by: i64, text: &str, now: i64) -> Result<i64> {
    let id = tx.id("announcement").await?;
    tx.run(
        "insert into announcement (id, by_person, state, text, leads_only, units, created_at)
         values ($1, $2, 'draft', $3, 0, '[]', $4)",
        vals![id, by, text, now],
    )
    .await?;
    Ok(id)
}

/// An announcement.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Announcement>> {
    let row = tx
        .first(
            "select id, by_person, state, text, leads_only, units, sent_at
             from announcement where id = $1",
            vals![id],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// The last announcement that a person sent.
pub async fn last_of(tx: &mut Tx, person: i64) -> Result<Option<Announcement>> {
    let row = tx
        .first(
            "select id, by_person, state, text, leads_only, units, sent_at
             from announcement where by_person = $1 and state = 'sent' order by id desc limit 1",
            vals![person],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// To whom an announcement that is being prepared is to go.
pub async fn address(tx: &mut Tx, id: i64, leads_only: bool, units: &[i64]) -> Result<()> {
    tx.run(
        "update announcement set leads_only = $1, units = $2 where id = $3 and state = 'draft'",
        vals![leads_only, serde_json::to_string(units)?, id],
    )
    .await?;
    Ok(())
}

/// An announcement that is being prepared will not be sent.
pub async fn discard(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "update announcement set state = 'dropped' where id = $1 and state = 'draft'";
    Ok(tx.run(sql, vals![id]).await? == 1)
}

/// Sends an announcement to these people; false: it was sent or dropped before.
pub async fn send(tx: &mut Tx, id: i64, people: &[i64], now: i64) -> Result<bool> {
    let sql = "update announcement set state = 'sent', sent_at = $1
               where id = $2 and state = 'draft'";
    if tx.run(sql, vals![now, id]).await? != 1 {
        return Ok(false);
    }
    let mut bulk = Bulk::into_table("receipt", &["announcement_id", "person_id", "nudges"])
        .tail("on conflict do nothing");
    for person in people {
        bulk.row(vals![id, *person, 0i64]);
    }
    tx.bulk(bulk).await?;
    Ok(true)
}

/// A person says that they have read it; false: they said so before, or it was not for them.
pub async fn acknowledge(tx: &mut Tx, id: i64, person: i64, now: i64) -> Result<bool> {
    let sql = "update receipt set read_at = $1
               where announcement_id = $2 and person_id = $3 and read_at is null";
    Ok(tx.run(sql, vals![now, id, person]).await? == 1)
}

fn receipt(row: &Row) -> Result<Receipt> {
    Ok(Receipt {
        person_id: row.int(0)?,
        read_at: row.maybe_int(1)?,
        nudged_at: row.maybe_int(2)?,
        nudges: row.int(3)?,
    })
}

/// Who has read it and who not.
pub async fn receipts(tx: &mut Tx, id: i64) -> Result<Vec<Receipt>> {
    let rows = tx
        .all(
            "select person_id, read_at, nudged_at, nudges from receipt
             where announcement_id = $1 order by person_id",
            vals![id],
        )
        .await?;
    rows.iter().map(receipt).collect()
}

/// Whether one person has read it; none: it is not for them.
pub async fn receipt_of(tx: &mut Tx, id: i64, person: i64) -> Result<Option<Receipt>> {
    let row = tx
        .first(
            "select person_id, read_at, nudged_at, nudges from receipt
             where announcement_id = $1 and person_id = $2",
            vals![id, person],
        )
        .await?;
    row.as_ref().map(receipt).transpose()
}

/// Notes that it is said again to these people.
pub async fn again(tx: &mut Tx, id: i64, people: &[i64], now: i64) -> Result<u64> {
    let keys = people.iter().map(|id| Value::from(*id)).collect();
    let sql = "update receipt set nudged_at = {1}, nudges = nudges + 1
               where announcement_id = {2} and read_at is null and person_id in ({in})";
    tx.run_in(sql, vals![now, id], keys).await
}
