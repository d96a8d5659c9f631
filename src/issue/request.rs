//! The table `request`: what operators ask for and a manager grants or refuses; it waits on the issue and
//! hides nothing of it.

use crate::error::{Error, Result};
use crate::roster::Scope;
use crate::store::{Row, Tx, Value, vals};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 延期申请: more time.
    Extension,
    /// 转办: another unit is to answer.
    Reassignment,
}

impl Kind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Reassignment => "reassignment",
        }
    }

    /// The verb under which the asking is recorded.
    pub fn asked(self) -> &'static str {
        match self {
            Self::Extension => "extension_asked",
            Self::Reassignment => "reassignment_asked",
        }
    }

    /// The verb under which a ruling is recorded.
    pub fn ruled(self, granted: bool) -> &'static str {
        match (self, granted) {
            (Self::Extension, true) => "extension_granted",
            (Self::Extension, false) => "extension_refused",
            // As the state machine calls it.
            (Self::Reassignment, true) => "reassigned",
            (Self::Reassignment, false) => "reassignment_refused",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Extension, Self::Reassignment];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Asked for in the chat, not confirmed: nobody was told.
    Draft,
    /// A manager has to rule.
    Open,
    /// 同意
    Granted,
    /// 不同意
    Refused,
    /// Who asked took it back.
    Withdrawn,
    /// The issue was closed, or went another way.
    Moot,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Open,
        Self::Granted,
        Self::Refused,
        Self::Withdrawn,
        Self::Moot,
    ];

    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Moot => "moot",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// One request. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id in the store.
    pub id: i64,
    /// The issue.
    pub issue_id: i64,
    /// What is asked for.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Who asks.
    pub asked_by: i64,
    /// When it was asked.
    pub asked_at: i64,
    /// The due time that is asked for.
    pub until: Option<i64>,
    /// The unit that is to answer.
    pub unit_id: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who ruled.
    pub ruled_by: Option<i64>,
    /// When.
    pub ruled_at: Option<i64>,
}

macro_rules! columns {
    () => {
        "r.id, r.issue_id, r.kind, r.state, r.asked_by, r.asked_at, r.until, r.unit_id, r.reason, \
         r.ruled_by, r.ruled_at"
    };
}

/// The requests that wait on live issues.
macro_rules! waiting {
    () => {
        concat!(
            "select ",
            columns!(),
            " from request r join issue i on i.id = r.issue_id
             where r.state = 'open' and i.state <> 'closed'"
        )
    };
}

fn read(row: &Row) -> Result<Request> {
    let (kind, state) = (row.text(2)?, row.text(3)?);
    let unknown = |word: &str| Error::other(format!("unknown word of a request: {word:?}"));
    Ok(Request {
        id: row.int(0)?,
        issue_id: row.int(1)?,
        kind: Kind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        state: State::parse(&state).ok_or_else(|| unknown(&state))?,
        asked_by: row.int(4)?,
        asked_at: row.int(5)?,
        until: row.maybe_int(6)?,
        unit_id: row.maybe_int(7)?,
        reason: row.text(8)?,
        ruled_by: row.maybe_int(9)?,
        ruled_at: row.maybe_int(10)?,
    })
}

fn keys(ids: &[i64]) -> Vec<Value> {
    ids.iter().map(|id| Value::from(*id)).collect()
}

/// Writes a request; its id is set.
pub async fn insert(tx: &mut Tx, request: &mut Request) -> Result<()> {
    request.id = tx.ids("request", 1).await?;
    tx.run(
        "insert into request (id, issue_id, kind, state, asked_by, asked_at, until, unit_id, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vals![
            request.id,
            request.issue_id,
            request.kind.as_str(),
            request.state.as_str(),
            request.asked_by,
            request.asked_at,
            request.until,
            request.unit_id,
            &request.reason,
        ],
    )
    .await?;
    Ok(())
}

/// Requests by id, in the order asked for; unknown ids are left out.
pub async fn many(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Request>> {
    let keys = keys(ids);
    let sql = concat!(
        "select ",
        columns!(),
        " from request r where r.id in ({in})"
    );
    let rows = tx.all_in(sql, vec![], keys).await?;
    let found: Vec<Request> = rows.iter().map(read).collect::<Result<_>>()?;
    let of = |id: &i64| found.iter().find(|request| request.id == *id).cloned();
    Ok(ids.iter().filter_map(of).collect())
}

/// The requests that wait on live issues of a scope, the oldest first.
pub async fn open_in(tx: &mut Tx, scope: &Scope) -> Result<Vec<Request>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        let rows = match &part {
            Scope::All => tx.all(waiting!(), vals![]).await?,
            Scope::Units(ids) => {
                let sql = concat!(waiting!(), " and i.unit_id in ({in})");
                tx.all_in(sql, vec![], keys(ids)).await?
            }
            Scope::Accounts(ids) => {
                let sql = concat!(waiting!(), " and i.account_id in ({in})");
                tx.all_in(sql, vec![], keys(ids)).await?
            }
            Scope::Both(..) => vec![],
        };
        for row in &rows {
            found.push(read(row)?);
        }
    }
    found.sort_by_key(|request: &Request| (request.asked_at, request.id));
    Ok(found)
}

/// The requests that wait on these issues.
pub async fn open_on(tx: &mut Tx, issues: &[i64]) -> Result<Vec<Request>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from request r where r.issue_id in ({in}) and coalesce(r.state, '') = 'open' order by r.id"
    );
    let rows = tx.all_in(sql, vec![], keys(issues)).await?;
    rows.iter().map(read).collect()
}

/// Moves a request from one state to another; false if it stood elsewhere.
pub async fn turn(
    tx: &mut Tx,
    id: i64,
    (from, to): (State, State),
    ruled: Option<(i64, i64)>,
) -> Result<bool> {
    let changed = tx
        .run(
            "update request set state = $1, ruled_by = $2, ruled_at = $3 where id = $4 and state = $5",
            vals![
                to.as_str(),
                ruled.map(|(by, _)| by),
                ruled.map(|(_, at)| at),
                id,
                from.as_str()
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Who was meant by a unit means another by now.
pub async fn move_unit(tx: &mut Tx, from: i64, into: i64) -> Result<u64> {
    let sql = "update request set unit_id = $1 where unit_id = $2 and state in ('draft', 'open')";
    tx.run(sql, vals![into, from]).await
}

/// Notes which unit is meant by a draft.
pub async fn choose(tx: &mut Tx, id: i64, unit: i64) -> Result<()> {
    tx.run(
        "update request set unit_id = $1 where id = $2 and state = 'draft'",
        vals![unit, id],
    )
    .await?;
    Ok(())
}

/// Forgets a draft.
pub async fn forget(tx: &mut Tx, id: i64) -> Result<()> {
    tx.run(
        "delete from request where id = $1 and state = 'draft'",
        vals![id],
    )
    .await?;
    Ok(())
}

/// What waited on issues that are closed now waits no more.
pub async fn moot(tx: &mut Tx, issues: &[i64]) -> Result<u64> {
    let sql = "update request set state = 'moot'
         where coalesce(state, '') in ('draft', 'open') and issue_id in ({in})";
    tx.run_in(sql, vec![], keys(issues)).await
}
