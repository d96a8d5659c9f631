//! The table `act`: who or what did something to an issue, each once.

use std::collections::HashMap;

use crate::error::Result;
use crate::feedback::table::{self as feedback, Change};
use crate::store::{Bulk, Tx, Value, vals};

/// Who or what did something to an issue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// The issue.
    pub issue_id: i64,
    /// When, in UTC milliseconds.
    pub at: i64,
    /// What: `opened`, `acknowledged`, `fix_reported` …
    pub verb: String,
    /// The person; none where a report or the clock did it.
    pub person_id: Option<i64>,
    /// The update of the channel by which it came; makes it happen once.
    pub update_id: Option<i64>,
    /// The chat and the message by which it came: the one a person sent, or whose button they
    /// pressed.
    pub message: Option<(i64, i64)>,
    /// The report by which it came.
    pub report_id: Option<i64>,
    /// What was said.
    pub note: Option<String>,
    /// JSON of the photo or file that came along.
    pub evidence: Option<String>,
    /// The SHA-256 of the photo or file, in hex; none as long as it was not fetched, empty where it cannot be.
    pub sha256: Option<String>,
    /// What stood before, for taking it back: JSON of [`Prior`](super::take_back::Prior).
    pub prior: Option<String>,
}

/// The acts by which it changes where an issue stands for the platforms that list it.
const TOLD: &[&str] = &[
    "acknowledged",
    "fix_reported",
    "fix_how",
    "disputed",
    "dispute_accepted",
    "dispute_rejected",
    "confirmed",
    "verified",
    "verified_unreported",
    "refuted",
    "reopened",
    "withdrawn",
    "taken_back",
];

/// Writes acts; one that the same update already did to the same issue is left out. What platforms are to
/// be told of them is owed from now on.
pub async fn record(tx: &mut Tx, acts: &[Act]) -> Result<u64> {
    if acts.is_empty() {
        return Ok(0);
    }
    let first = tx.ids("act", acts.len()).await?;
    let mut bulk = Bulk::into_table(
        "act",
        &[
            "id",
            "issue_id",
            "at",
            "verb",
            "person_id",
            "update_id",
            "report_id",
            "note",
            "evidence",
            "chat_id",
            "message_id",
            "prior",
            "shown",
        ],
    )
    .tail("on conflict do nothing");
    for (id, act) in (first..).zip(acts) {
        bulk.row(vals![
            id,
            act.issue_id,
            act.at,
            &act.verb,
            act.person_id,
            act.update_id,
            act.report_id,
            act.note.as_deref(),
            act.evidence.as_deref(),
            act.message.map(|(chat, _)| chat),
            act.message.map(|(_, message)| message),
            act.prior.as_deref(),
            // Nothing shows what was only just opened.
            i64::from(act.verb == "opened"),
        ]);
    }
    let written = tx.bulk(bulk).await?;
    let told = acts.iter().filter(|act| TOLD.contains(&act.verb.as_str()));
    let changes: Vec<(Change, i64)> = told
        .map(|act| {
            let change = Change {
                at: act.at,
                report: act.report_id,
                person: act.person_id.is_some() && act.prior.is_some(),
            };
            (change, act.issue_id)
        })
        .collect();
    feedback::owe(tx, &changes).await?;
    Ok(written)
}

/// The acts of these issues, oldest first.
pub async fn acts_of(tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<Act>>> {
    let keys = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select issue_id, at, verb, person_id, update_id, report_id, note, evidence,
                      chat_id, message_id, prior, sha256
               from act where issue_id in ({in}) order by id";
    let mut found: HashMap<i64, Vec<Act>> = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        let act = Act {
            issue_id: row.int(0)?,
            at: row.int(1)?,
            verb: row.text(2)?,
            person_id: row.maybe_int(3)?,
            update_id: row.maybe_int(4)?,
            report_id: row.maybe_int(5)?,
            note: row.maybe_text(6)?,
            evidence: row.maybe_text(7)?,
            message: row.maybe_int(8)?.zip(row.maybe_int(9)?),
            prior: row.maybe_text(10)?,
            sha256: row.maybe_text(11)?,
        };
        found.entry(act.issue_id).or_default().push(act);
    }
    Ok(found)
}

/// The issues on which a person acted last, by one update, not before `since`; only what may be taken
/// back counts.
pub async fn acted_on_last(tx: &mut Tx, person: i64, since: i64) -> Result<Vec<i64>> {
    let rows = tx
        .all(
            "select issue_id, update_id from act
             where person_id = $1 and at >= $2 and prior is not null
             order by id desc limit 500",
            vals![person, since],
        )
        .await?;
    let mut ids = Vec::new();
    let mut last = None;
    for row in rows {
        let (issue, update) = (row.int(0)?, row.maybe_int(1)?);
        if ids.is_empty() {
            last = update;
        } else if update != last || update.is_none() {
            break;
        }
        ids.push(issue);
    }
    ids.sort_unstable();
    Ok(ids)
}
