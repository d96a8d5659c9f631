//! The state machine of an issue, pure: one event, one answer. The table's guarded updates name
//! the state they leave, so that what two people do at once is decided here and nowhere else.

use serde::{Deserialize, Serialize};

/// Where an issue stands. Overdue, silent and repeated are derived, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has said anything yet, or it came back.
    Open,
    /// 已签收: the operator has seen it.
    Acknowledged,
    /// 已报整改: the operator says it is fixed; nobody has confirmed it.
    FixReported,
    /// Done, for a reason.
    Closed,
}

/// Why an issue was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// A later report or a manager confirmed the reported fix.
    Verified,
    /// Gone from the report although nobody had reported a fix.
    VerifiedUnreported,
    /// A manager accepted the dispute.
    FalseAlarm,
    /// The source took it back.
    Withdrawn,
}

/// What can happen to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The operator has seen it.
    Acknowledge,
    /// The operator says it is fixed.
    ReportFix,
    /// The operator says the finding is wrong.
    Dispute,
    /// A manager agrees with the dispute.
    AcceptDispute,
    /// A manager does not agree.
    RejectDispute,
    /// A manager confirms the fix.
    Confirm,
    /// A complete, newer report no longer lists it.
    Gone,
    /// A listing detected after the reported fix.
    Refute,
    /// Listed again after it was closed.
    Reopen,
    /// The source took it back.
    Withdraw,
    /// It is another unit's from now on, which has not seen it yet.
    Reassign,
}

/// Where an issue stands, with the request that may wait on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Why it was closed, when it is.
    pub reason: Option<CloseReason>,
    /// A dispute waits for a manager.
    pub disputed: bool,
}

/// Why an event changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was so already.
    Already,
    /// The issue is closed; only a report reopens.
    Closed,
    /// The event does not apply here.
    NotHere,
}

/// Whether what happens at a time is too late for a due time: it has come by then. Both are UTC milliseconds.
pub fn past(due_at: Option<i64>, at: i64) -> bool {
    due_at.is_some_and(|due| due <= at)
}

impl Standing {
    /// A new issue.
    pub const OPEN: Self = Self {
        state: State::Open,
        reason: None,
        disputed: false,
    };

    /// Whether the due time has passed while nothing is reported fixed and no ruling is awaited.
    pub fn overdue(self, due_at: Option<i64>, now: i64) -> bool {
        past(due_at, now) && self.state.runs() && !self.disputed
    }

    fn closed(reason: CloseReason) -> Self {
        Self {
            state: State::Closed,
            reason: Some(reason),
            disputed: false,
        }
    }

    /// What the event makes of it.
    pub fn after(self, event: Event) -> Result<Self, Refusal> {
        use State::{Acknowledged, Closed, FixReported, Open};
        let to = |state| Ok(Self { state, ..self });
        match (self.state, event) {
            (Closed, Event::Reopen) if self.reason != Some(CloseReason::FalseAlarm) => {
                Ok(Self::OPEN)
            }
            (Closed, Event::Reopen) => Err(Refusal::NotHere),
            (Closed, _) => Err(Refusal::Closed),
            (_, Event::Reopen) => Err(Refusal::Already),
            (Open, Event::Acknowledge) => to(Acknowledged),
            (Acknowledged | FixReported, Event::Acknowledge) => Err(Refusal::Already),
            (Open | Acknowledged, Event::ReportFix) => to(FixReported),
            (FixReported, Event::ReportFix) => Err(Refusal::Already),
            (FixReported, Event::Refute) => to(Open),
            (Open | Acknowledged, Event::Refute) => Err(Refusal::NotHere),
            (_, Event::Dispute) if self.disputed => Err(Refusal::Already),
            (Open, Event::Dispute) => Ok(Self {
                state: Acknowledged,
                reason: None,
                disputed: true,
            }),
            (Acknowledged | FixReported, Event::Dispute) => Ok(Self {
                disputed: true,
                ..self
            }),
            (_, Event::AcceptDispute | Event::RejectDispute) if !self.disputed => {
                Err(Refusal::NotHere)
            }
            (_, Event::AcceptDispute) => Ok(Self::closed(CloseReason::FalseAlarm)),
            (_, Event::RejectDispute) => Ok(Self {
                disputed: false,
                ..self
            }),
            (Open | Acknowledged, Event::Confirm) => Err(Refusal::NotHere),
            (FixReported, Event::Confirm | Event::Gone) => Ok(Self::closed(CloseReason::Verified)),
            (Open | Acknowledged, Event::Gone) => Ok(Self::closed(CloseReason::VerifiedUnreported)),
            (Open | Acknowledged, Event::Reassign) => Ok(Self::OPEN),
            (FixReported, Event::Reassign) => Err(Refusal::NotHere),
            (_, Event::Withdraw) => Ok(Self::closed(CloseReason::Withdrawn)),
        }
    }
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 4] = [
        Self::Open,
        Self::Acknowledged,
        Self::FixReported,
        Self::Closed,
    ];

    /// Whether somebody still has to fix it: neither reported fixed nor closed.
    pub fn runs(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged)
    }

    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::FixReported => "fix_reported",
            Self::Closed => "closed",
        }
    }
    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::Verified,
        Self::VerifiedUnreported,
        Self::FalseAlarm,
        Self::Withdrawn,
    ];

    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::VerifiedUnreported => "verified_unreported",
            Self::FalseAlarm => "false_alarm",
            Self::Withdrawn => "withdrawn",
        }
    }
    /// The reason of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl Event {
    /// The word an act of this kind is recorded with.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::ReportFix => "fix_reported",
            Self::Dispute => "disputed",
            Self::AcceptDispute => "dispute_accepted",
            Self::RejectDispute => "dispute_rejected",
            Self::Confirm => "confirmed",
            Self::Gone => "verified",
            Self::Refute => "refuted",
            Self::Reopen => "reopened",
            Self::Withdraw => "withdrawn",
            Self::Reassign => "reassigned",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [Event; 11] = [
        Event::Acknowledge,
        Event::ReportFix,
        Event::Dispute,
        Event::AcceptDispute,
        Event::RejectDispute,
        Event::Confirm,
        Event::Gone,
        Event::Refute,
        Event::Reopen,
        Event::Withdraw,
        Event::Reassign,
    ];

    fn walk(events: &[Event]) -> Standing {
        events.iter().fold(Standing::OPEN, |now, event| {
            now.after(*event).unwrap_or(now)
        })
    }

    #[test]
    fn what_comes_when_it_is_due_comes_too_late() {
        let due = Some(1_000);
        for (at, late) in [(999, false), (1_000, true), (1_001, true)] {
            assert_eq!(past(due, at), late, "{at}");
            assert_eq!(Standing::OPEN.overdue(due, at), late, "{at}");
        }
        assert!(!past(None, i64::MAX), "without a due time nothing is late");
        let disputed = Standing {
            disputed: true,
            ..Standing::OPEN
        };
        assert!(!disputed.overdue(due, 2_000), "a ruling is awaited");
        assert!(!Standing::closed(CloseReason::Verified).overdue(due, 2_000));
    }

    #[test]
    fn the_usual_lives() {
        use Event::*;
        let table: [(&[Event], State, Option<CloseReason>); 7] = [
            (
                &[Acknowledge, ReportFix, Gone],
                State::Closed,
                Some(CloseReason::Verified),
            ),
            (
                &[Gone],
                State::Closed,
                Some(CloseReason::VerifiedUnreported),
            ),
            (&[ReportFix, Refute], State::Open, None),
            (
                &[Dispute, AcceptDispute],
                State::Closed,
                Some(CloseReason::FalseAlarm),
            ),
            (
                &[Dispute, AcceptDispute, Reopen],
                State::Closed,
                Some(CloseReason::FalseAlarm),
            ),
            (&[Dispute, RejectDispute], State::Acknowledged, None),
            (&[ReportFix, Gone, Reopen], State::Open, None),
        ];
        for (events, state, reason) in table {
            let end = walk(events);
            assert_eq!((end.state, end.reason), (state, reason), "{events:?}");
        }
    }

    #[test]
    fn a_second_press_is_already_done_and_a_closed_issue_stays_closed() {
        let acknowledged = walk(&[Event::Acknowledge]);
        assert_eq!(
            acknowledged.after(Event::Acknowledge),
            Err(Refusal::Already)
        );
        let closed = walk(&[Event::ReportFix, Event::Gone]);
        for event in EVENTS {
            if event != Event::Reopen {
                assert_eq!(closed.after(event), Err(Refusal::Closed));
            }
        }
    }

    proptest! {
        #[test]
        fn a_reason_is_there_exactly_when_closed(picks in prop::collection::vec(0usize..11, 0..30)) {
            let events: Vec<Event> = picks.into_iter().map(|n| EVENTS[n]).collect();
            let end = walk(&events);
            prop_assert_eq!(end.reason.is_some(), end.state == State::Closed);
            prop_assert!(!(end.disputed && end.state == State::Closed));
        }
    }
}
