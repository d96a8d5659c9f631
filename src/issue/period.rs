//! Issues by when they were opened and closed, without their longest texts: for summaries and exports. Asked by
//! the indexes on the two times, so that a period costs what lies in it.

use std::collections::{HashMap, HashSet};

use super::how::How;
use super::scoped::{keys, live};
use super::state::{CloseReason, Standing, State, past};
use super::witness::Orders;
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::roster::Scope;
use crate::store::{Row, Tx, vals};

/// An issue as a list shows it. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub id: i64,
    /// Its account, or the one it is about.
    pub account_id: Option<i64>,
    /// The unit that answers.
    pub unit_id: i64,
    /// The category's id.
    pub category: String,
    /// How grave.
    pub severity: Severity,
    /// Where it stands.
    pub standing: Standing,
    /// The wrong words.
    pub wrong_text: Option<String>,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// The article's title.
    pub title: Option<String>,
    /// The article's link.
    pub url: Option<String>,
    /// When it was opened.
    pub opened_at: i64,
    /// When the first notice was owed.
    pub told_at: Option<i64>,
    /// When the fix is due.
    pub due_at: Option<i64>,
    /// What the report said of when, as JSON.
    pub stamps: Option<String>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<i64>,
    /// When the fix was reported.
    pub fix_reported_at: Option<i64>,
    /// How it was fixed.
    pub fix_how: Option<How>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// How often it came back or a reported fix was refuted.
    pub reopened: i64,
}

macro_rules! columns {
    () => {
        "id, account_id, about_id, unit_id, category, severity, state, close_reason, disputed, \
         wrong_text, suggestion, title, url, opened_at, told_at, due_at, stamps, acknowledged_at, \
         fix_reported_at, fix_how, closed_at, reopened"
    };
}

impl Line {
    fn read(row: &Row) -> Result<Self> {
        let state = row.text(6)?;
        Ok(Self {
            id: row.int(0)?,
            account_id: row.maybe_int(1)?.or(row.maybe_int(2)?),
            unit_id: row.int(3)?,
            category: row.text(4)?,
            severity: Severity::parse(&row.text(5)?),
            standing: Standing {
                state: State::parse(&state)
                    .ok_or_else(|| Error::other(format!("unknown issue state {state:?}")))?,
                reason: row.maybe_text(7)?.as_deref().and_then(CloseReason::parse),
                disputed: row.flag(8)?,
            },
            wrong_text: row.maybe_text(9)?,
            suggestion: row.maybe_text(10)?,
            title: row.maybe_text(11)?,
            url: row.maybe_text(12)?,
            opened_at: row.int(13)?,
            told_at: row.maybe_int(14)?,
            due_at: row.maybe_int(15)?,
            stamps: row.maybe_text(16)?,
            acknowledged_at: row.maybe_int(17)?,
            fix_reported_at: row.maybe_int(18)?,
            fix_how: row.maybe_text(19)?.as_deref().and_then(How::parse),
            closed_at: row.maybe_int(20)?,
            reopened: row.int(21)?,
        })
    }

    /// Whether the due time has passed while nothing was reported fixed.
    pub fn overdue(&self, now: i64) -> bool {
        self.standing.overdue(self.due_at, now)
    }

    /// How long after the due time it was fixed, or is not fixed yet, in ms; none in time, or where nothing
    /// was to be fixed.
    pub fn late_by(&self, now: i64) -> Option<i64> {
        let due = self.due_at?;
        let closed = self.standing.state == State::Closed;
        let wrong = matches!(
            self.standing.reason,
            Some(CloseReason::FalseAlarm | CloseReason::Withdrawn)
        );
        if wrong || self.standing.disputed {
            return None;
        }
        let ended = match self.fix_reported_at {
            Some(fixed) => fixed,
            None if closed => self.closed_at?,
            None => now,
        };
        past(self.due_at, ended).then(|| ended - due)
    }
}

/// Which units and accounts a scope holds.
struct Within {
    all: bool,
    units: HashSet<i64>,
    accounts: HashSet<i64>,
}

impl Within {
    fn new(scope: &Scope) -> Self {
        let (units, accounts) = match scope {
            Scope::All => (vec![], vec![]),
            Scope::Units(units) => (units.clone(), vec![]),
            Scope::Accounts(accounts) => (vec![], accounts.clone()),
            Scope::Both(units, accounts) => (units.clone(), accounts.clone()),
        };
        Self {
            all: *scope == Scope::All,
            units: units.into_iter().collect(),
            accounts: accounts.into_iter().collect(),
        }
    }

    fn holds(&self, unit: i64, account: Option<i64>) -> bool {
        self.all
            || self.units.contains(&unit)
            || account.is_some_and(|account| self.accounts.contains(&account))
    }
}

fn read(rows: &[Row], scope: &Scope) -> Result<Vec<Line>> {
    let within = Within::new(scope);
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        if within.holds(row.int(3)?, row.maybe_int(1)?) {
            lines.push(Line::read(row)?);
        }
    }
    Ok(lines)
}

/// The live issues of a scope.
pub async fn live(tx: &mut Tx, scope: &Scope) -> Result<Vec<Line>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from issue where ",
        live!(),
        " order by id"
    );
    read(&tx.all(sql, vals![]).await?, scope)
}

/// Those of these issues that a scope holds.
pub async fn these(tx: &mut Tx, scope: &Scope, ids: &[i64]) -> Result<Vec<Line>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from issue where id in ({in}) order by id"
    );
    let mut lines = read(&tx.all_in(sql, vals![], keys(ids)).await?, scope)?;
    lines.sort_by_key(|line| line.id);
    Ok(lines)
}

/// The issues of a scope that were closed from the first time on and before the second.
pub async fn closed(tx: &mut Tx, scope: &Scope, (from, to): (i64, i64)) -> Result<Vec<Line>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from issue where closed_at >= $1 and closed_at < $2 order by id"
    );
    read(&tx.all(sql, vals![from, to]).await?, scope)
}

/// The issues of a scope that became due from the first time on and before the second: those that live, and
/// those that were closed since then.
pub async fn due_in(tx: &mut Tx, scope: &Scope, (from, to): (i64, i64)) -> Result<Vec<Line>> {
    let mut lines = live(tx, scope).await?;
    lines.extend(closed(tx, scope, (from, i64::MAX)).await?);
    lines.retain(|line| line.due_at.is_some_and(|due| due >= from && due < to));
    lines.sort_by_key(|line| line.id);
    Ok(lines)
}

/// The issues of a scope that were opened, or closed, from the first time on and before the second.
pub async fn touched(tx: &mut Tx, scope: &Scope, (from, to): (i64, i64)) -> Result<Vec<Line>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from issue where opened_at >= $1 and opened_at < $2"
    );
    let mut lines = read(&tx.all(sql, vals![from, to]).await?, scope)?;
    let mut ended = closed(tx, scope, (from, to)).await?;
    ended.retain(|line| !(from..to).contains(&line.opened_at));
    lines.extend(ended);
    lines.sort_by_key(|line| line.id);
    Ok(lines)
}

/// How many [`touched`] gives.
pub async fn count_touched(tx: &mut Tx, scope: &Scope, (from, to): (i64, i64)) -> Result<usize> {
    let opened = "select unit_id, account_id, count(*) from issue
                  where opened_at >= $1 and opened_at < $2 group by unit_id, account_id";
    let closed = "select unit_id, account_id, count(*) from issue
                  where closed_at >= $1 and closed_at < $2 and opened_at < $1
                  group by unit_id, account_id";
    let rows = tx.all(opened, vals![from, to]).await?;
    let more = tx.all(closed, vals![from, to]).await?;
    Ok(count(&rows, scope)? + count(&more, scope)?)
}

fn count(rows: &[Row], scope: &Scope) -> Result<usize> {
    let within = Within::new(scope);
    let mut all = 0;
    for row in rows {
        if within.holds(row.int(0)?, row.maybe_int(1)?) {
            all += usize::try_from(row.int(2)?).unwrap_or_default();
        }
    }
    Ok(all)
}

/// Who did something last to each of these issues: by issue and verb.
pub async fn doers(tx: &mut Tx, issues: &[i64]) -> Result<Vec<(i64, String, Option<i64>)>> {
    let sql = "select issue_id, verb, person_id from act where issue_id in ({in})
               and verb in ('acknowledged', 'fix_reported', 'confirmed') order by id";
    let rows = tx.all_in(sql, vec![], keys(issues)).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?, row.maybe_int(2)?)))
        .collect()
}

/// The platform's work orders of these issues, as the report that listed each last printed them; of several rows all.
pub async fn tickets(tx: &mut Tx, issues: &[i64]) -> Result<HashMap<i64, String>> {
    let sql = "select i.issue_id, f.body from issue_seen i
               join finding f on f.issue_id = i.issue_id and f.report_id = i.report_id
               where i.issue_id in ({in}) order by f.id";
    let rows = tx.all_in(sql, vec![], keys(issues)).await?;
    let mut found: HashMap<i64, Orders> = HashMap::new();
    for row in &rows {
        let body = row.text(1)?;
        // Most rows have none, and to take all of them apart takes long.
        if !body.contains("\"ticket_no\":\"") {
            continue;
        }
        let body: serde_json::Value = serde_json::from_str(&body)?;
        if let Some(ticket) = body["ticket_no"].as_str() {
            found
                .entry(row.int(0)?)
                .or_default()
                .add(Some(ticket), false);
        }
    }
    let shown = found.into_iter();
    Ok(shown
        .filter_map(|(id, orders)| Some((id, orders.shown()?)))
        .collect())
}
