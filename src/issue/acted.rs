//! What people did, the newest first: for whoever looks over their shoulder, and for how fast they are.

use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// Something that a person did to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doing {
    /// Counts up with each act.
    pub id: i64,
    /// The issue.
    pub issue_id: i64,
    /// When, in UTC milliseconds.
    pub at: i64,
    /// What.
    pub verb: String,
    /// Who.
    pub person_id: i64,
    /// What was said.
    pub note: Option<String>,
    /// The unit that answers for the issue.
    pub unit_id: i64,
    /// The account whose people answer.
    pub account_id: Option<i64>,
    /// The account it is about, if it went to another unit.
    pub about_id: Option<i64>,
}

fn read(row: &Row) -> Result<Doing> {
    Ok(Doing {
        id: row.int(0)?,
        issue_id: row.int(1)?,
        at: row.int(2)?,
        verb: row.text(3)?,
        person_id: row.int(4)?,
        note: row.maybe_text(5)?,
        unit_id: row.int(6)?,
        account_id: row.maybe_int(7)?,
        about_id: row.maybe_int(8)?,
    })
}

/// What people did before an act, the newest first.
pub async fn before(tx: &mut Tx, id: i64, most: i64) -> Result<Vec<Doing>> {
    let rows = tx
        .all(
            "select a.id, a.issue_id, a.at, a.verb, a.person_id, a.note, i.unit_id, i.account_id,
                    i.about_id
             from act a join issue i on i.id = a.issue_id
             where a.person_id is not null and a.id < $1 order by a.id desc limit $2",
            vals![id, most],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// How long after being told a person acknowledged and reported fixes since then, in ms: two lists. Of an
/// issue that was told anew since only what came after that counts.
pub async fn speed(tx: &mut Tx, person: i64, since: i64) -> Result<(Vec<i64>, Vec<i64>)> {
    let rows = tx
        .all(
            "select a.issue_id, a.verb, a.at, i.told_at from act a join issue i on i.id = a.issue_id
             where a.person_id = $1 and a.at >= $2 and a.verb in ('acknowledged', 'fix_reported')
             order by a.id",
            vals![person, since],
        )
        .await?;
    let mut last = std::collections::BTreeMap::new();
    for row in &rows {
        let (issue, fix, at) = (row.int(0)?, row.text(1)? == "fix_reported", row.int(2)?);
        if let Some(told) = row.maybe_int(3)?.filter(|told| *told <= at) {
            last.insert((issue, fix), at - told);
        }
    }
    let of = |fix: bool| {
        let mine = last.iter().filter(|((_, one), _)| *one == fix);
        mine.map(|(_, took)| *took).collect()
    };
    Ok((of(false), of(true)))
}
