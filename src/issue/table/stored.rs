//! An issue as it is stored, and what can be told from it alone.

use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::issue::how::How;
use crate::issue::state::{CloseReason, Standing, State};
use crate::issue::why::Explanation;
use crate::roster::Whose;
use crate::store::Row;

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
    /// What the report said of when: JSON of [`Stamps`](crate::issue::due::Stamps).
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

/// The columns of an issue, as [`Issue::read`] takes them.
macro_rules! columns {
    () => {
        "id, identity, source, account_id, unit_id, category, severity, urgent, state, \
         close_reason, disputed, matched_by, wrong_text, suggestion, context, title, url, \
         opened_at, told_at, due_at, due_why, acknowledged_at, fix_reported_at, closed_at, \
         reopened, (select report_id from issue_seen where issue_id = issue.id), \
         (select at from issue_seen where issue_id = issue.id), revision, stamps, about_id, handler_id, fix_how, \
         tickets"
    };
}
pub(super) use columns;

/// Where an issue stands, from three columns: its state, the reason why it is closed, whether it is disputed.
pub(super) fn standing(row: &Row, at: usize) -> Result<Standing> {
    let state = row.text(at)?;
    let reason = row.maybe_text(at + 1)?;
    Ok(Standing {
        state: State::parse(&state)
            .ok_or_else(|| Error::other(format!("unknown issue state {state:?}")))?,
        reason: reason.as_deref().and_then(CloseReason::parse),
        disputed: row.flag(at + 2)?,
    })
}

impl Issue {
    pub(super) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            identity: row.text(1)?,
            source: row.text(2)?,
            account_id: row.maybe_int(3)?,
            unit_id: row.int(4)?,
            category: row.text(5)?,
            severity: Severity::parse(&row.text(6)?),
            urgent: row.flag(7)?,
            standing: standing(row, 8)?,
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
