//! The table `issue`: reading, opening, and the guarded updates of the state machine.

use std::collections::HashMap;

use super::deadline::Climb;
use super::how::How;
use super::scoped::{in_scope, keys, live};
use super::state::{CloseReason, Event, Refusal, Standing, State};
use super::why::Explanation;
use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::roster::{Scope, Whose};
use crate::store::{Bulk, Engine, Row, Tx, Value, vals};

/// An issue as stored. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The number people use: #17.
    pub id: i64,
    /// Its identity across days.
    pub identity: String,
    /// The source that lists it.
    pub source: String,
    /// The account it is about; none for a unit's own issue.
    pub account_id: Option<i64>,
    /// The unit that answers.
    pub unit_id: i64,
    /// The account, of an issue that went to another unit: whoever runs it answers no more.
    pub about_id: Option<i64>,
    /// The person it was handed to.
    pub handler_id: Option<i64>,
    /// The category's id.
    pub category: String,
    /// How grave.
    pub severity: Severity,
    /// May break quiet hours, goes first.
    pub urgent: bool,
    /// Where it stands.
    pub standing: Standing,
    /// The matching rule that decided.
    pub matched_by: String,
    /// The wrong words.
    pub wrong_text: Option<String>,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// The text around the wrong words.
    pub context: Option<String>,
    /// The article's title.
    pub title: Option<String>,
    /// The article's link.
    pub url: Option<String>,
    /// When the issue was opened.
    pub opened_at: i64,
    /// When the first notice was owed; the clock of the deadline.
    pub told_at: Option<i64>,
    /// When the fix is due.
    pub due_at: Option<i64>,
    /// How the due time came about: JSON of an [`Explanation`].
    pub due_why: Option<String>,
    /// What the report said of when: JSON of [`Stamps`](super::due::Stamps).
    pub stamps: Option<String>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<i64>,
    /// When the fix was reported.
    pub fix_reported_at: Option<i64>,
    /// How it was fixed, by who reported it.
    pub fix_how: Option<How>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// How often it came back or a reported fix was refuted.
    pub reopened: i64,
    /// The report that listed it last.
    pub last_report: i64,
    /// When it was listed last.
    pub last_seen_at: i64,
    /// Guards updates.
    pub revision: i64,
    /// The newest work order of each source that printed one, as people are shown them.
    pub tickets: Option<String>,
}

macro_rules! columns {
    () => {
        "id, identity, source, account_id, unit_id, category, severity, urgent, state, \
         close_reason, disputed, matched_by, wrong_text, suggestion, context, title, url, \
         opened_at, told_at, due_at, due_why, acknowledged_at, fix_reported_at, closed_at, \
         reopened, last_report, last_seen_at, revision, stamps, about_id, handler_id, fix_how, \
         tickets"
    };
}

impl Issue {
    fn read(row: &Row) -> Result<Self> {
        let state = row.text(8)?;
        Ok(Self {
            id: row.int(0)?,
            identity: row.text(1)?,
            source: row.text(2)?,
            account_id: row.maybe_int(3)?,
            unit_id: row.int(4)?,
            category: row.text(5)?,
            severity: Severity::parse(&row.text(6)?),
            urgent: row.flag(7)?,
            standing: Standing {
                state: State::parse(&state)
                    .ok_or_else(|| Error::other(format!("unknown issue state {state:?}")))?,
                reason: row.maybe_text(9)?.as_deref().and_then(CloseReason::parse),
                disputed: row.flag(10)?,
            },
            matched_by: row.text(11)?,
            wrong_text: row.maybe_text(12)?,
            suggestion: row.maybe_text(13)?,
            context: row.maybe_text(14)?,
            title: row.maybe_text(15)?,
            url: row.maybe_text(16)?,
            opened_at: row.int(17)?,
            told_at: row.maybe_int(18)?,
            due_at: row.maybe_int(19)?,
            due_why: row.maybe_text(20)?,
            acknowledged_at: row.maybe_int(21)?,
            fix_reported_at: row.maybe_int(22)?,
            closed_at: row.maybe_int(23)?,
            reopened: row.int(24)?,
            last_report: row.int(25)?,
            last_seen_at: row.int(26)?,
            revision: row.int(27)?,
            stamps: row.maybe_text(28)?,
            about_id: row.maybe_int(29)?,
            handler_id: row.maybe_int(30)?,
            fix_how: row.maybe_text(31)?.as_deref().and_then(How::parse),
            tickets: row.maybe_text(32)?,
        })
    }

    /// Whether the due time has passed while nothing was reported fixed.
    pub fn overdue(&self, now: i64) -> bool {
        self.standing.overdue(self.due_at, now)
    }

    /// How the due time came about.
    pub fn why(&self) -> Option<Explanation> {
        let stored = self.due_why.as_deref().filter(|why| !why.is_empty());
        stored.map(Explanation::read)
    }

    /// Whose it is.
    pub fn whose(&self) -> Whose {
        Whose {
            account: self.account_id,
            unit: self.unit_id,
            handler: self.handler_id,
        }
    }

    /// The account it is about, whoever answers for it.
    pub fn subject(&self) -> Option<i64> {
        self.account_id.or(self.about_id)
    }

    /// Whether somebody still has to do something.
    pub fn live(&self) -> bool {
        self.standing.state != State::Closed
    }
}

/// Writes new issues, each with its ladder as JSON and when the first step is.
pub async fn insert(tx: &mut Tx, issues: &[(Issue, String, Option<i64>)]) -> Result<()> {
    let mut bulk = Bulk::into_table(
        "issue",
        &[
            "id",
            "identity",
            "source",
            "account_id",
            "unit_id",
            "category",
            "severity",
            "urgent",
            "state",
            "close_reason",
            "disputed",
            "matched_by",
            "wrong_text",
            "suggestion",
            "context",
            "title",
            "url",
            "opened_at",
            "told_at",
            "due_at",
            "due_why",
            "stamps",
            "ladder",
            "step_at",
            "acknowledged_at",
            "fix_reported_at",
            "closed_at",
            "reopened",
            "last_report",
            "last_seen_at",
            "revision",
            "tickets",
        ],
    );
    for (i, ladder, step) in issues {
        bulk.row(vals![
            i.id,
            &i.identity,
            &i.source,
            i.account_id,
            i.unit_id,
            &i.category,
            i.severity.as_str(),
            i.urgent,
            i.standing.state.as_str(),
            i.standing.reason.map(CloseReason::as_str),
            i.standing.disputed,
            &i.matched_by,
            i.wrong_text.as_deref(),
            i.suggestion.as_deref(),
            i.context.as_deref(),
            i.title.as_deref(),
            i.url.as_deref(),
            i.opened_at,
            i.told_at,
            i.due_at,
            i.due_why.as_deref(),
            i.stamps.as_deref(),
            ladder,
            *step,
            i.acknowledged_at,
            i.fix_reported_at,
            i.closed_at,
            i.reopened,
            i.last_report,
            i.last_seen_at,
            i.revision,
            i.tickets.as_deref(),
        ]);
    }
    tx.bulk(bulk).await?;
    Ok(())
}

/// One issue.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Issue>> {
    let row = tx
        .first(
            concat!("select ", columns!(), " from issue where id = $1"),
            vals![id],
        )
        .await?;
    row.as_ref().map(Issue::read).transpose()
}

/// Issues by id, in the order asked for; unknown ids are left out.
pub async fn many(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Issue>> {
    let keys = keys(ids);
    let sql = concat!("select ", columns!(), " from issue where id in ({in})");
    let mut found = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        let issue = Issue::read(&row)?;
        found.insert(issue.id, issue);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The same, to be changed: who else changes one waits until the transaction is over, as on SQLite everybody
/// does.
pub async fn many_to_change(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Issue>> {
    let sql = match tx.engine() {
        Engine::Sqlite => concat!("select ", columns!(), " from issue where id in ({in})"),
        Engine::Postgres => concat!(
            "select ",
            columns!(),
            " from issue where id in ({in}) order by id for update"
        ),
    };
    let rows = tx.all_in(sql, vec![], keys(ids)).await?;
    rows.iter().map(Issue::read).collect()
}

/// What a message orders its issues by, of those that still live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The issue.
    pub id: i64,
    /// Goes first.
    pub urgent: bool,
    /// How grave.
    pub severity: Severity,
    /// Its account.
    pub account_id: Option<i64>,
    /// Its unit.
    pub unit_id: i64,
    /// The person it was handed to.
    pub handler_id: Option<i64>,
    /// Its standing, as far as it says what may be told of it.
    pub standing: Standing,
}

impl Place {
    /// Whose it is.
    pub fn whose(&self) -> Whose {
        Whose {
            account: self.account_id,
            unit: self.unit_id,
            handler: self.handler_id,
        }
    }
}

/// Where the issues of a list stand that are not closed.
pub async fn places(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Place>> {
    // The state is looked at here: SQLite would read every live issue by the index on it.
    let sql =
        "select id, urgent, severity, account_id, unit_id, state, disputed, handler_id from issue
               where id in ({in})";
    let mut places = Vec::with_capacity(ids.len());
    for row in tx.all_in(sql, vec![], keys(ids)).await? {
        let state = State::parse(&row.text(5)?).unwrap_or(State::Closed);
        if state != State::Closed {
            let disputed = row.flag(6)?;
            places.push(Place {
                id: row.int(0)?,
                urgent: row.flag(1)?,
                severity: Severity::parse(&row.text(2)?),
                account_id: row.maybe_int(3)?,
                unit_id: row.int(4)?,
                handler_id: row.maybe_int(7)?,
                standing: Standing {
                    state,
                    reason: None,
                    disputed,
                },
            });
        }
    }
    Ok(places)
}

/// Issues by identity.
pub async fn by_identities(tx: &mut Tx, identities: &[&str]) -> Result<HashMap<String, Issue>> {
    let keys = identities
        .iter()
        .map(|identity| Value::from(*identity))
        .collect();
    let sql = match tx.engine() {
        Engine::Sqlite => concat!(
            "select ",
            columns!(),
            " from issue where identity in ({in})"
        ),
        Engine::Postgres => concat!(
            "select ",
            columns!(),
            " from issue where identity in ({in}) order by id for update"
        ),
    };
    let mut found = HashMap::new();
    for row in tx.all_in(sql, vec![], keys).await? {
        let issue = Issue::read(&row)?;
        found.insert(issue.identity.clone(), issue);
    }
    Ok(found)
}

/// Every issue, for a listing; closed ones too.
pub async fn all(tx: &mut Tx) -> Result<Vec<Issue>> {
    let sql = concat!("select ", columns!(), " from issue order by id");
    tx.all(sql, vals![])
        .await?
        .iter()
        .map(Issue::read)
        .collect()
}

/// Notes that a report listed these issues again.
pub async fn seen(tx: &mut Tx, ids: &[i64], report: i64, at: i64) -> Result<()> {
    let keys = keys(ids);
    let sql = "update issue set last_report = {1}, last_seen_at = {2} where id in ({in})";
    tx.run_in(sql, vals![report, at], keys).await?;
    Ok(())
}

/// Applies an event by the state machine and the guarded update. `Ok(Err(refusal))` changes nothing;
/// `issue` is brought up to date on success.
pub async fn apply(
    tx: &mut Tx,
    issue: &mut Issue,
    event: Event,
    now: i64,
) -> Result<std::result::Result<(), Refusal>> {
    let next = match issue.standing.after(event) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut to = issue.clone();
    to.standing = next;
    to.revision += 1;
    match event {
        Event::Acknowledge | Event::Dispute => {
            to.acknowledged_at = to.acknowledged_at.or(Some(now))
        }
        Event::ReportFix => {
            to.acknowledged_at = to.acknowledged_at.or(Some(now));
            to.fix_reported_at = Some(now);
            to.fix_how = None;
        }
        Event::Refute | Event::Reopen => {
            to.reopened += 1;
            to.acknowledged_at = None;
            to.fix_reported_at = None;
            to.fix_how = None;
            to.closed_at = None;
        }
        Event::Reassign => to.acknowledged_at = None,
        Event::AcceptDispute | Event::Confirm | Event::Gone | Event::Withdraw => {
            to.closed_at = Some(now);
        }
        Event::RejectDispute => {}
    }
    stand(tx, issue, to).await?;
    Ok(Ok(()))
}

/// Writes where an issue stands by the guarded update, and brings `issue` up to date.
///
/// # Errors
/// If it was changed by another at once, and the store's.
pub async fn stand(tx: &mut Tx, issue: &mut Issue, to: Issue) -> Result<()> {
    let changed = tx
        .run(
            "update issue set state = $1, close_reason = $2, disputed = $3, acknowledged_at = $4,
             fix_reported_at = $5, closed_at = $6, reopened = $7, revision = $8, fix_how = $9,
             handler_id = $10, unit_id = $11, account_id = $12, about_id = $13,
             unconfirmed_at = case when $1 = 'fix_reported' then unconfirmed_at else null end
             where id = $14 and revision = $15",
            vals![
                to.standing.state.as_str(),
                to.standing.reason.map(CloseReason::as_str),
                to.standing.disputed,
                to.acknowledged_at,
                to.fix_reported_at,
                to.closed_at,
                to.reopened,
                to.revision,
                to.fix_how.map(How::as_str),
                to.handler_id,
                to.unit_id,
                to.account_id,
                to.about_id,
                issue.id,
                issue.revision,
            ],
        )
        .await?;
    if changed != 1 {
        return Err(Error::other(format!(
            "issue #{} was changed by another at once",
            issue.id
        )));
    }
    *issue = to;
    Ok(())
}

/// Notes how an issue was fixed.
pub async fn set_how(tx: &mut Tx, issue: &mut Issue, how: Option<How>) -> Result<()> {
    issue.fix_how = how;
    tx.run(
        "update issue set fix_how = $1 where id = $2",
        vals![how.map(How::as_str), issue.id],
    )
    .await?;
    Ok(())
}

/// Withdraws issues that nobody answers for any more; closed ones stay as they are.
pub async fn withdraw(tx: &mut Tx, ids: &[i64], now: i64) -> Result<u64> {
    let sql = concat!(
        "update issue set state = 'closed', close_reason = 'withdrawn', disputed = 0,
            closed_at = {1}, revision = revision + 1 where id in ({in}) and ",
        live!()
    );
    tx.run_in(sql, vals![now], keys(ids)).await
}

/// The live issues of these accounts are another unit's from now on.
pub async fn move_to(tx: &mut Tx, unit: i64, accounts: &[i64]) -> Result<u64> {
    let sql = concat!(
        "update issue set unit_id = {1}, revision = revision + 1 where account_id in ({in}) and ",
        live!()
    );
    tx.run_in(sql, vals![unit], keys(accounts)).await
}

/// The live issues of a unit are another's from now on.
pub async fn move_unit(tx: &mut Tx, from: i64, into: i64) -> Result<u64> {
    let sql = concat!(
        "update issue set unit_id = $1, revision = revision + 1 where unit_id = $2 and ",
        live!()
    );
    tx.run(sql, vals![into, from]).await
}

/// Records a changed category or severity; the issue stays the same.
pub async fn reclassify(tx: &mut Tx, id: i64, category: &str, severity: Severity) -> Result<()> {
    tx.run(
        "update issue set category = $1, severity = $2 where id = $3",
        vals![category, severity.as_str(), id],
    )
    .await?;
    Ok(())
}

/// The live issues of a scope.
pub async fn live_in(tx: &mut Tx, scope: &Scope) -> Result<Vec<Issue>> {
    let mut found = Vec::new();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![],
            ["select ", columns!(), " from issue where ", live!()],
            "",
            ""
        );
        for row in &rows {
            found.push(Issue::read(row)?);
        }
    }
    Ok(found)
}

/// How many live issues there are in a scope; what is closed is not read.
pub async fn count_live(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    let mut count = 0;
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![],
            ["select count(*) from issue where ", live!()],
            "",
            ""
        );
        for row in rows {
            count += row.int(0)?;
        }
    }
    Ok(count)
}

/// Why issues of a scope were closed at or after `since` (UTC milliseconds), and how many; what was closed
/// before is not read.
pub async fn closed_since(
    tx: &mut Tx,
    scope: &Scope,
    since: i64,
) -> Result<HashMap<Option<String>, i64>> {
    let mut counts = HashMap::new();
    for part in scope.parts() {
        let rows = in_scope!(
            tx,
            &part,
            vals![since],
            ["select close_reason, count(*) from issue where closed_at >= {1}"],
            "+",
            " group by close_reason"
        );
        for row in rows {
            *counts.entry(row.maybe_text(0)?).or_default() += row.int(1)?;
        }
    }
    Ok(counts)
}

/// The running issues of which the clock demands something now, each with its ladder. Asked by the
/// index on state and step, so that what is closed or waits is not read.
pub async fn demanded(tx: &mut Tx, now: i64) -> Result<Vec<(Issue, Climb)>> {
    let sql = concat!(
        "select ",
        columns!(),
        ", ladder, stepped_at, step_at
         from issue where state in ('open', 'acknowledged') and step_at <= $1 and disputed = 0
         order by id"
    );
    let rows = tx.all(sql, vals![now]).await?;
    rows.iter()
        .map(|row| {
            let ladder = row.maybe_text(33)?;
            let climb = Climb::read(ladder.as_deref(), row.maybe_int(34)?, row.maybe_int(35)?)?;
            Ok((Issue::read(row)?, climb))
        })
        .collect()
}

/// The reported fixes of whose waiting nobody was told: issue, unit, and when the fix was reported.
pub async fn unconfirmed(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    let rows = tx
        .all(
            "select id, unit_id, fix_reported_at from issue
             where state = 'fix_reported' and unconfirmed_at is null
               and fix_reported_at is not null and disputed = 0
             order by fix_reported_at, id",
            vals![],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))
        .collect()
}

/// Notes that the managers were told of these.
pub async fn unconfirmed_told(tx: &mut Tx, ids: &[i64], now: i64) -> Result<u64> {
    let sql = "update issue set unconfirmed_at = {1} where id in ({in})";
    tx.run_in(sql, vals![now], keys(ids)).await
}

/// Whether the clock demands anything now.
pub async fn any_demanded(tx: &mut Tx, now: i64) -> Result<bool> {
    let sql = "select 1 from issue
         where state in ('open', 'acknowledged') and step_at <= $1 and disputed = 0 limit 1";
    Ok(tx.first(sql, vals![now]).await?.is_some())
}

/// When the next step after now is.
pub async fn next_step(tx: &mut Tx, now: i64) -> Result<Option<i64>> {
    let sql = "select min(step_at) from issue
         where state in ('open', 'acknowledged') and step_at > $1 and disputed = 0";
    let row = tx.first(sql, vals![now]).await?;
    row.map_or(Ok(None), |row| row.maybe_int(0))
}
