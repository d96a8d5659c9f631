//! What a report means for an issue: listed again, or silent about it. Pure; the rules are
//! `decisions`: coverage, refutation, late reports.

use chrono::{DateTime, Utc};

use super::state::{CloseReason, Event, State};
use crate::finding::Said;

/// What the rules need to know of an issue.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its state.
    pub state: State,
    /// Why it was closed.
    pub reason: Option<CloseReason>,
    /// When the operator reported the fix.
    pub fix_reported_at: Option<DateTime<Utc>>,
}

/// A listing of an issue that exists.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// When the platform detected it; without one, the end of the report's day.
    pub detected_at: DateTime<Utc>,
    /// The report is older than the newest processed one of its source.
    pub late: bool,
}

/// What a listing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Still open, still listed.
    Again,
    /// Detected before the reported fix, or ruled a false alarm: noted, held against nobody.
    Noted,
    /// The state changes.
    Changes(Event),
}

/// What the listing of a known issue does to it.
pub fn listed(known: Known, listing: Listing) -> Seen {
    let after_the_fix = known
        .fix_reported_at
        .is_none_or(|fixed| listing.detected_at > fixed);
    match known.state {
        State::Open | State::Acknowledged => Seen::Again,
        _ if listing.late || !after_the_fix => Seen::Noted,
        State::FixReported => Seen::Changes(Event::Refute),
        State::Closed if known.reason == Some(CloseReason::FalseAlarm) => Seen::Noted,
        State::Closed => Seen::Changes(Event::Reopen),
    }
}

/// What the report's own word on a known issue does to it; a late report says nothing new.
pub fn said(known: Known, said: Said, late: bool) -> Seen {
    match (said, known.state) {
        _ if late => Seen::Noted,
        (_, State::Closed) => Seen::Again,
        (Said::Verified, _) => Seen::Changes(Event::Gone),
        (Said::Withdrawn, _) => Seen::Changes(Event::Withdraw),
        (Said::Fixed, State::FixReported) => Seen::Again,
        (Said::Fixed, _) => Seen::Changes(Event::ReportFix),
        (Said::Refuted, State::FixReported) => Seen::Changes(Event::Refute),
        (Said::Refuted, _) => Seen::Again,
    }
}

/// What a report looked at, as far as one issue is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// The source lists everything that is still wrong.
    pub snapshot: bool,
    /// The report is older than the newest processed one of its source.
    pub late: bool,
    /// The report's source is the one that had listed the issue.
    pub same_source: bool,
    /// The account lies in what the source covers.
    pub covered: bool,
    /// A rejected, ambiguous or unmatched row of the report might mean this account.
    pub doubted: bool,
    /// Another source's newest complete report lists it.
    pub held: bool,
}

/// What a report's silence about an issue means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silent {
    /// The issue is gone.
    Verifies,
    /// It is gone for this source; another still lists it, which is what counts.
    Held,
    /// Nothing.
    Nothing,
}

/// What a report's silence about an issue means.
pub fn silent(silence: Silence) -> Silent {
    let counts = silence.snapshot
        && !silence.late
        && silence.same_source
        && silence.covered
        && !silence.doubted;
    match (counts, silence.held) {
        (false, _) => Silent::Nothing,
        (true, true) => Silent::Held,
        (true, false) => Silent::Verifies,
    }
}

/// Whether a report's silence about an issue verifies it.
pub fn verifies(silence: Silence) -> bool {
    silent(silence) == Silent::Verifies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_ms;

    fn known(state: State, reason: Option<CloseReason>, fixed: Option<i64>) -> Known {
        Known {
            state,
            reason,
            fix_reported_at: fixed.map(from_ms),
        }
    }

    fn at(ms: i64, late: bool) -> Listing {
        Listing {
            detected_at: from_ms(ms),
            late,
        }
    }

    #[test]
    fn a_listing_refutes_only_what_it_saw_after_the_fix() {
        use Seen::*;
        let fixed = known(State::FixReported, None, Some(100));
        assert_eq!(listed(fixed, at(101, false)), Changes(Event::Refute));
        assert_eq!(listed(fixed, at(100, false)), Noted);
        assert_eq!(listed(fixed, at(101, true)), Noted);
        assert_eq!(listed(known(State::Open, None, None), at(1, true)), Again);
    }

    #[test]
    fn back_after_closing_reopens_but_a_false_alarm_stays_ruled() {
        let verified = known(State::Closed, Some(CloseReason::Verified), Some(100));
        assert_eq!(
            listed(verified, at(200, false)),
            Seen::Changes(Event::Reopen)
        );
        assert_eq!(listed(verified, at(50, false)), Seen::Noted);
        assert_eq!(listed(verified, at(200, true)), Seen::Noted);
        let ruled = known(State::Closed, Some(CloseReason::FalseAlarm), None);
        assert_eq!(listed(ruled, at(200, false)), Seen::Noted);
    }

    #[test]
    fn silence_verifies_only_when_nothing_is_in_doubt() {
        let sure = Silence {
            snapshot: true,
            late: false,
            same_source: true,
            covered: true,
            doubted: false,
            held: false,
        };
        assert!(verifies(sure));
        let held = Silence { held: true, ..sure };
        assert_eq!(silent(held), Silent::Held);
        let late = Silence { late: true, ..held };
        assert_eq!(silent(late), Silent::Nothing);
        assert!(!verifies(Silence {
            snapshot: false,
            ..sure
        }));
        assert!(!verifies(Silence { late: true, ..sure }));
        assert!(!verifies(Silence {
            same_source: false,
            ..sure
        }));
        assert!(!verifies(Silence {
            covered: false,
            ..sure
        }));
        assert!(!verifies(Silence {
            doubted: true,
            ..sure
        }));
    }
}
