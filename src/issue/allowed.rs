//! The table `allowed`: wordings that a manager ruled right when a dispute was accepted; they open no issue
//! any more.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::finding::fingerprint;
use crate::store::{Row, Tx, vals};

/// A wording that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Its id in the store.
    pub id: i64,
    /// As the report had it.
    pub printed: String,
    /// The account on which it is right; none: everywhere.
    pub account_id: Option<i64>,
    /// The issue whose dispute was accepted.
    pub issue_id: i64,
    /// Who said so.
    pub by: i64,
    /// When, in UTC milliseconds.
    pub at: i64,
}

fn read(row: &Row) -> Result<Allowed> {
    Ok(Allowed {
        id: row.int(0)?,
        printed: row.text(1)?,
        account_id: row.maybe_int(2)?,
        issue_id: row.int(3)?,
        by: row.int(4)?,
        at: row.int(5)?,
    })
}

/// Adds a wording; its id is set.
pub async fn insert(tx: &mut Tx, allowed: &mut Allowed) -> Result<()> {
    allowed.id = tx.ids("allowed", 1).await?;
    tx.run(
        "insert into allowed (id, wording, printed, account_id, issue_id, by_person, at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        vals![
            allowed.id,
            fingerprint::wording(&allowed.printed),
            &allowed.printed,
            allowed.account_id,
            allowed.issue_id,
            allowed.by,
            allowed.at
        ],
    )
    .await?;
    Ok(())
}

/// Every wording that counts, oldest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Allowed>> {
    let rows = tx
        .all(
            "select id, printed, account_id, issue_id, by_person, at from allowed
             where revoked_at is null order by id",
            vals![],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// What the dispute of an issue made right.
pub async fn of_issue(tx: &mut Tx, issue: i64) -> Result<Option<Allowed>> {
    let row = tx
        .first(
            "select id, printed, account_id, issue_id, by_person, at from allowed
             where issue_id = $1 and revoked_at is null order by id desc limit 1",
            vals![issue],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Takes a wording off the list; false if it was not on it.
pub async fn revoke(tx: &mut Tx, id: i64, now: i64) -> Result<bool> {
    let changed = tx
        .run(
            "update allowed set revoked_at = $1 where id = $2 and revoked_at is null",
            vals![now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// The wordings of now, ready to be looked up.
#[derive(Debug, Default)]
pub struct Wordings {
    everywhere: HashSet<String>,
    on: HashMap<i64, HashSet<String>>,
}

impl Wordings {
    /// Reads the list.
    pub async fn load(tx: &mut Tx) -> Result<Self> {
        let mut wordings = Self::default();
        for one in all(tx).await? {
            let wording = fingerprint::wording(&one.printed);
            match one.account_id {
                Some(account) => wordings.on.entry(account).or_default().insert(wording),
                None => wordings.everywhere.insert(wording),
            };
        }
        Ok(wordings)
    }

    /// Whether a wrong text was ruled right on an account.
    pub fn allow(&self, wrong_text: Option<&str>, account: Option<i64>) -> bool {
        if self.everywhere.is_empty() && self.on.is_empty() {
            return false;
        }
        let Some(wording) = wrong_text.map(fingerprint::wording) else {
            return false;
        };
        let here = account.and_then(|id| self.on.get(&id));
        !wording.is_empty()
            && (self.everywhere.contains(&wording)
                || here.is_some_and(|all| all.contains(&wording)))
    }
}
