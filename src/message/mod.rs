//! Every word a person sees, from the catalogue; ids and rows become text and keyboards here.

mod announce;
mod asked;
mod catalogue;
mod digest;
mod due;
mod duty;
mod fresh;
mod group;
mod history;
pub mod lang;
mod mute;
mod nudge;
mod odd;
mod people;
mod pick;
mod quiet;
pub mod redraw;
mod request;
pub mod table;
mod text;
pub mod upload;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::issue::ladder::When;
use crate::issue::{CloseReason, How, State};
use crate::roster::Role;

pub use announce::{AnnouncementView, RECEIPTS, ReceiptView};
pub use asked::{Above, Card};
pub use catalogue::{Catalogue, Languages};
pub use digest::PAGE;
pub use duty::DutyLine;
pub use group::GroupView;
pub use mute::MuteView;
pub use nudge::{NudgeView, NudgedView, TOLD};
pub use people::{Card as PersonCard, May, PEOPLE, PersonView, Reach};
pub use pick::{PICKS, Pick};
pub use request::{Choice, RequestView};
pub use text::{clip, plain, tame, utf16_len};

/// A message ready to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Telegram HTML.
    pub html: String,
    /// Rows of buttons.
    pub keyboard: Vec<Vec<Button>>,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// `verb:key:argument`, at most 64 bytes.
    pub data: String,
}

/// Why an issue stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// It was opened.
    New,
    /// It came back.
    Reopened,
    /// A reported fix was refuted.
    Refuted,
    /// Nobody has acknowledged it.
    Unacknowledged,
    /// It is past due.
    Overdue,
    /// It is due soon.
    Reminder,
    /// It is still open.
    Open,
    /// It came from another unit.
    Reassigned,
    /// A colleague handed it over.
    Handed,
    /// A manager asks for it to be seen to.
    Nudged,
}

impl Section {
    /// What the clock made us tell, the greatest last; none for what a report brought.
    pub fn step(self) -> Option<When> {
        match self {
            Self::Unacknowledged => Some(When::Unacknowledged),
            Self::Reminder => Some(When::BeforeDue),
            Self::Overdue => Some(When::Overdue),
            Self::New
            | Self::Reopened
            | Self::Refuted
            | Self::Open
            | Self::Reassigned
            | Self::Handed
            | Self::Nudged => None,
        }
    }
}

/// What a digest is about, by why its issues stand in it: a warning does not look like a new report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// What a report brought, perhaps with other things.
    Check,
    /// Nothing but what nobody acknowledged.
    Unacknowledged,
    /// Nothing but what is due soon, or not acknowledged either.
    Reminder,
    /// Nothing but what is past due, with such things.
    Overdue,
    /// A list that was asked for.
    Open,
    /// Reported fixes that wait for a manager.
    Pending,
    /// Those of them that nothing has confirmed for long.
    Unconfirmed,
    /// Nothing but what came from another unit or a colleague.
    Handed,
    /// Nothing but what a manager asks for.
    Nudged,
}

impl Heading {
    /// The heading over issues that stand in a digest for these reasons.
    pub fn of(sections: impl Iterator<Item = Section>) -> Self {
        let all: Vec<Section> = sections.collect();
        // A nudge beside other news is the less of it.
        let mut sections = all.iter().copied().filter(|one| *one != Section::Nudged);
        let Some(first) = sections.next() else {
            return match all.is_empty() {
                true => Self::Check,
                false => Self::Nudged,
            };
        };
        if first == Section::Open {
            return match sections.all(|s| s == first) {
                true => Self::Open,
                false => Self::Check,
            };
        }
        let handed = |section| matches!(section, Section::Reassigned | Section::Handed);
        if handed(first) {
            return match sections.all(handed) {
                true => Self::Handed,
                false => Self::Check,
            };
        }
        let greatest = sections.try_fold(first.step(), |greatest, section| {
            Some(greatest.max(Some(section.step()?)))
        });
        match greatest.flatten().filter(|_| first.step().is_some()) {
            Some(When::Unacknowledged) => Self::Unacknowledged,
            Some(When::BeforeDue) => Self::Reminder,
            Some(When::Overdue) => Self::Overdue,
            None => Self::Check,
        }
    }

    /// Its words in the catalogue.
    pub fn term(self) -> &'static str {
        match self {
            Self::Check => "heading_check",
            Self::Unacknowledged => "heading_unacknowledged",
            Self::Reminder => "heading_reminder",
            Self::Overdue => "heading_overdue",
            Self::Open => "heading_open",
            Self::Pending => "heading_pending",
            Self::Unconfirmed => "heading_unconfirmed",
            Self::Handed => "heading_handed",
            Self::Nudged => "heading_nudged",
        }
    }
}

/// What was done last to an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActView {
    /// By whom.
    pub who: String,
    /// What.
    pub verb: String,
    /// When, as people read it.
    pub at: String,
    /// With which words.
    pub note: Option<String>,
}

/// An issue as a message shows it.
#[derive(Clone, Debug, Serialize)]
pub struct IssueView {
    /// From 1, over all pages; what a reply means.
    pub position: usize,
    /// The issue's number.
    pub number: i64,
    /// Why it is shown.
    pub section: Section,
    /// 微信公众号「台江发布」, or the unit.
    pub account: String,
    /// The unit's name.
    pub unit: String,
    /// The category's name.
    pub category: String,
    /// How grave.
    pub severity: Severity,
    /// Goes first.
    pub urgent: bool,
    /// The wrong words.
    pub wrong_text: Option<String>,
    /// The right ones.
    pub suggestion: Option<String>,
    /// The text around.
    pub context: Option<String>,
    /// The article's title.
    pub title: Option<String>,
    /// The article's link.
    pub url: Option<String>,
    /// Its wording is kept out of the channel.
    pub masked: bool,
    /// It has wrong words, shown or not.
    pub has_wording: bool,
    /// Until when, as people read it.
    pub due: Option<String>,
    /// That a year's calendar was not known when the due time was counted; else nothing.
    pub due_unsure: String,
    /// Past due.
    pub overdue: bool,
    /// How many photos and files were sent along.
    pub evidence: usize,
    /// Where it stands.
    pub state: State,
    /// Why it was closed.
    pub close_reason: Option<CloseReason>,
    /// A dispute waits.
    pub disputed: bool,
    /// How often it came back.
    pub reopened: i64,
    /// What was done last.
    pub last_act: Option<ActView>,
    /// How it was fixed.
    pub fix_how: Option<How>,
    /// What waits on it or was arranged about it, in words: 申请延期至…, 由…处理.
    pub notes: Vec<String>,
    /// The reader may take back what they did last.
    pub undoable: bool,
    /// For whom the reader acts here, if it is not the reader's own: names.
    pub on_behalf: Vec<String>,
}

/// A digest, or a page of it.
#[derive(Clone, Debug)]
pub struct DigestView<'a> {
    /// What the buttons carry.
    pub key: &'a str,
    /// To whom.
    pub person: &'a str,
    /// From whom.
    pub office: &'a str,
    /// What it is about.
    pub heading: Heading,
    /// Its day.
    pub date: String,
    /// The issues of the page.
    pub issues: Vec<IssueView>,
    /// How many there are on all pages.
    pub total: usize,
    /// The page, from 0.
    pub page: usize,
    /// How many others of the person are open.
    pub still_open: usize,
    /// A former answer was lost: this may be a repetition.
    pub resent: bool,
    /// What the buttons do.
    pub buttons: Buttons,
    /// What a list of one's own issues says of itself.
    pub own: Option<OwnView>,
}

/// What a list of one's own issues says above them, and offers below.
#[derive(Clone, Debug, Serialize)]
pub struct OwnView {
    /// Which of them it lists: `all`, `due`, `overdue`, `reported`, `today`.
    pub which: &'static str,
    /// When, today.
    pub at: String,
    /// Not closed.
    pub live: usize,
    /// Due before the end of today.
    pub due: usize,
    /// Past due.
    pub overdue: usize,
    /// Reported fixed, not verified.
    pub reported: usize,
    /// What became theirs today.
    pub fresh: usize,
}

/// What the buttons under a digest do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buttons {
    /// None: the person only looks.
    None,
    /// Acknowledge, report a fix, dispute.
    Act,
    /// Confirm a reported fix, or find it wanting.
    Confirm,
}

impl Buttons {
    /// Who has to act can; who supervises only looks.
    pub fn of(role: Role) -> Self {
        match role {
            Role::Operator | Role::Lead => Self::Act,
            Role::Manager | Role::Admin => Self::None,
        }
    }
}

/// Disputes for a manager, one a page.
#[derive(Clone, Debug)]
pub struct DisputeView<'a> {
    /// What the buttons carry.
    pub key: &'a str,
    /// The disputed issue.
    pub issue: IssueView,
    /// How many there are.
    pub total: usize,
    /// Which of them it is, from 0.
    pub page: usize,
    /// Its wording was ruled right from now on.
    pub allowed: bool,
}

/// Printed names for a manager, one a page.
#[derive(Clone, Debug)]
pub struct WaitingView<'a> {
    /// What the buttons carry.
    pub key: &'a str,
    /// The names.
    pub names: Vec<serde_json::Value>,
    /// The one to show, from 0.
    pub page: usize,
}
