//! What is owed to whom: kinds and ids, never text. Written in the transaction of its cause; doing
//! it is `delivery`, higher up.

pub mod announcement;
pub mod fate;
pub mod table;

use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Issues that were opened.
    New,
    /// Issues that came back after they were closed.
    Reopened,
    /// 复查未通过: still there after a reported fix.
    Refuted,
    /// Nobody has acknowledged it: to the operator, and to the lead who answers for the unit.
    Unacknowledged,
    /// Due soon.
    Reminder,
    /// Past due: to the operator, the lead who answers for the unit, later the managers.
    Overdue,
    /// A manager ruled on a dispute.
    Ruling,
    /// An operator disputes: a manager has to rule.
    Dispute,
    /// Printed names that no rule could place: a manager has to choose.
    Unmatched,
    /// A report was unreadable, or had rejected rows, or could not be fetched.
    ReportFault,
    /// A report is well-formed and not as usual: a manager has to say whether it is right.
    ReportOdd,
    /// People who could not be told.
    Unreachable,
    /// Who stands in for whom, entered or taken back.
    Duty,
    /// What is open when somebody begins to stand in, or is back.
    Open,
    /// It came from another unit, by a manager's ruling.
    Reassigned,
    /// It was handed over by a colleague.
    Handed,
    /// Somebody asks for more time, or for another unit: a manager has to rule.
    Request,
    /// A manager asks for a photo or file of the fix.
    EvidenceAsked,
    /// Reported fixes that nothing has confirmed for long: a manager has to look.
    Unconfirmed,
    /// An account has to be updated soon, or should have been.
    Stale,
    /// What becomes due, and which accounts go stale, in the holiday that begins.
    Holiday,
    /// A manager asks for it to be seen to: 催办.
    Nudge,
    /// What a manager announces.
    Announcement,
    /// What changed since the last summary.
    Summary,
}

/// Which notices of one person become one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bundle {
    /// Issues to act on.
    Digest,
    /// What a manager ruled.
    Ruling,
    /// Disputes to rule on.
    Dispute,
    /// Requests to rule on.
    Request,
    /// What has to be shown.
    Evidence,
    /// Fixes to confirm.
    Pending,
    /// Accounts to update.
    Stale,
    /// What a holiday makes urgent.
    Holiday,
    /// Names to place.
    Unmatched,
    /// What the office must know.
    Office,
    /// Who stands in for whom.
    Duty,
    /// Reports that are not as usual, one a message.
    Odd,
    /// Announcements, one a message.
    Announcement,
    /// What changed.
    Summary,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::New,
        Self::Reopened,
        Self::Refuted,
        Self::Unacknowledged,
        Self::Reminder,
        Self::Overdue,
        Self::Ruling,
        Self::Dispute,
        Self::Unmatched,
        Self::ReportFault,
        Self::ReportOdd,
        Self::Unreachable,
        Self::Duty,
        Self::Open,
        Self::Reassigned,
        Self::Handed,
        Self::Request,
        Self::EvidenceAsked,
        Self::Unconfirmed,
        Self::Stale,
        Self::Holiday,
        Self::Nudge,
        Self::Announcement,
        Self::Summary,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reopened => "reopened",
            Self::Refuted => "refuted",
            Self::Unacknowledged => "unacknowledged",
            Self::Reminder => "reminder",
            Self::Overdue => "overdue",
            Self::Ruling => "ruling",
            Self::Dispute => "dispute",
            Self::Unmatched => "unmatched",
            Self::ReportFault => "report_fault",
            Self::ReportOdd => "report_odd",
            Self::Unreachable => "unreachable",
            Self::Duty => "duty",
            Self::Open => "open",
            Self::Reassigned => "reassigned",
            Self::Handed => "handed",
            Self::Request => "request",
            Self::EvidenceAsked => "evidence_asked",
            Self::Unconfirmed => "unconfirmed",
            Self::Stale => "stale",
            Self::Holiday => "holiday",
            Self::Nudge => "nudge",
            Self::Announcement => "announcement",
            Self::Summary => "summary",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The message it belongs to.
    pub fn bundle(self) -> Bundle {
        match self {
            Self::New
            | Self::Reopened
            | Self::Refuted
            | Self::Unacknowledged
            | Self::Reminder
            | Self::Overdue
            | Self::Open
            | Self::Reassigned
            | Self::Handed
            | Self::Nudge => Bundle::Digest,
            Self::Ruling => Bundle::Ruling,
            Self::Dispute => Bundle::Dispute,
            Self::Request => Bundle::Request,
            Self::EvidenceAsked => Bundle::Evidence,
            Self::Unconfirmed => Bundle::Pending,
            Self::Stale => Bundle::Stale,
            Self::Holiday => Bundle::Holiday,
            Self::Unmatched => Bundle::Unmatched,
            Self::ReportFault | Self::Unreachable => Bundle::Office,
            Self::Duty => Bundle::Duty,
            Self::ReportOdd => Bundle::Odd,
            Self::Announcement => Bundle::Announcement,
            Self::Summary => Bundle::Summary,
        }
    }
}

/// The recipient that stands for the group of a unit: people have positive ids.
pub fn to_group(id: i64) -> i64 {
    -id
}

/// The group that a recipient stands for.
pub fn group_of(recipient: i64) -> Option<i64> {
    (recipient < 0).then_some(-recipient)
}

/// A notice that is owed.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed {
    /// Makes it happen once, for instance `overdue:17:5`.
    pub once: String,
    /// To whom: a person, or a group as [`to_group`] says.
    pub person_id: i64,
    /// About what.
    pub kind: Kind,
    /// The exact issues; for [`Kind::Unmatched`] the waiting names. Of [`Kind::Request`] the request is
    /// in the detail.
    pub issues: Vec<i64>,
    /// What the kind needs besides, as JSON.
    pub detail: Option<serde_json::Value>,
    /// Goes first, at any hour.
    pub urgent: bool,
    /// Not to be sent before, in UTC milliseconds.
    pub not_before: i64,
}
