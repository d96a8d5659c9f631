//! What the auditor says of one issue or one notice. Pure.

use serde::{Deserialize, Serialize};

use crate::issue::State;
use crate::issue::step::Step;
use crate::outbox::fate::Told;

/// So long, in ms, what was to happen may be late before it is said: the loops come round in seconds.
pub const GRACE_MS: i64 = 15 * 60_000;

/// The time now, and since when somebody was there to do what was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Now, in UTC milliseconds.
    pub now: i64,
    /// The program has run since then: what was due before is late only from here on.
    pub awake: i64,
}

impl Watch {
    /// Whether what was to happen at this time should have happened by now.
    fn missed(self, at: i64) -> bool {
        self.now - at.max(self.awake) > GRACE_MS
    }

    /// What was to happen before this is missed; nothing is, as long as the program is just awake.
    pub fn before(self) -> Option<i64> {
        self.missed(self.awake).then_some(self.now - GRACE_MS)
    }
}

/// Who is there for an issue, by the roster of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Somebody answers for it.
    pub answering: bool,
    /// A manager supervises it.
    pub manager: bool,
}

/// What happens next to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The clock demands something then.
    Step(i64),
    /// A manager rules on the dispute.
    Ruling,
    /// A report or a manager confirms the fix.
    Confirmation,
    /// Whoever answers fixes it; there is no due time, or every step before it was said.
    Fix,
    /// It is past due, and every step was said.
    Overdue,
}

/// What must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// A live issue of which nobody was told.
    NeverTold,
    /// A live issue for which nobody answers.
    Nobody,
    /// A dispute that no manager can rule on.
    NoManager,
    /// A due time that the clock will never ask about.
    Unarmed,
    /// A step whose time passed and that was not said.
    Missed,
    /// Something owed to who is no longer in the roster.
    Gone,
    /// Something owed that is not being sent.
    Stuck,
}

impl Wrong {
    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverTold => "never_told",
            Self::Nobody => "nobody",
            Self::NoManager => "no_manager",
            Self::Unarmed => "unarmed",
            Self::Missed => "missed",
            Self::Gone => "gone",
            Self::Stuck => "stuck",
        }
    }
}

/// What happens next to a live issue, or what is wrong with it.
pub fn issue(step: &Step, reach: Reach, watch: Watch) -> Result<Next, Wrong> {
    if !reach.answering {
        return Err(Wrong::Nobody);
    }
    if !step.told {
        return Err(Wrong::NeverTold);
    }
    if step.disputed {
        return match reach.manager {
            true => Ok(Next::Ruling),
            false => Err(Wrong::NoManager),
        };
    }
    match step.state {
        State::FixReported => return Ok(Next::Confirmation),
        State::Open | State::Acknowledged | State::Closed => {}
    }
    match (step.step_at, step.due_at) {
        (Some(at), _) if watch.missed(at) => Err(Wrong::Missed),
        (Some(at), _) => Ok(Next::Step(at)),
        (None, None) => Ok(Next::Fix),
        (None, Some(_)) if !step.laid => Err(Wrong::Unarmed),
        (None, Some(due)) if due > watch.now => Ok(Next::Fix),
        (None, Some(_)) => Ok(Next::Overdue),
    }
}

/// When something happens next to a notice that is not over, or what is wrong with it.
pub fn notice(told: &Told, in_roster: bool, watch: Watch) -> Result<Option<i64>, Wrong> {
    let sending = told
        .lease_until
        .filter(|until| told.state == "claimed" && *until >= watch.now);
    if sending.is_some() {
        return Ok(sending);
    }
    if !in_roster {
        return Err(Wrong::Gone);
    }
    let at = match told.state.as_str() {
        "owed" => told.not_before,
        "claimed" => told.lease_until.unwrap_or_default(),
        // It comes when the person does; who answers for them was told.
        _ => return Ok(None),
    };
    if watch.missed(at) {
        Err(Wrong::Stuck)
    } else {
        Ok(Some(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Kind;

    const NOW: i64 = 100_000_000;
    const LATE: i64 = NOW - GRACE_MS - 1;
    const WATCH: Watch = Watch { now: NOW, awake: 0 };
    const REACH: Reach = Reach {
        answering: true,
        manager: true,
    };

    fn step() -> Step {
        Step {
            id: 1,
            account_id: None,
            unit_id: 1,
            handler_id: None,
            urgent: false,
            state: State::Open,
            disputed: false,
            due_at: Some(NOW + 20),
            laid: true,
            step_at: Some(NOW + 10),
            reopened: 0,
            revision: 0,
            told: true,
        }
    }

    #[test]
    fn each_live_issue_has_a_next_step_or_is_named() {
        let due = |next: Option<i64>, due: i64| Step {
            due_at: Some(due),
            step_at: next,
            ..step()
        };
        let in_state = |state| Step { state, ..step() };
        let unlaid = Step {
            laid: false,
            ..due(None, NOW + 20)
        };
        let no_date = Step {
            due_at: None,
            step_at: None,
            ..step()
        };
        let disputed = Step {
            disputed: true,
            ..due(None, LATE)
        };
        let untold = Step {
            told: false,
            ..step()
        };
        let unmanaged = Reach {
            manager: false,
            ..REACH
        };
        let alone = Reach {
            answering: false,
            ..REACH
        };
        let woken = Watch {
            awake: NOW - 1,
            ..WATCH
        };
        for (step, reach, watch, want) in [
            (step(), REACH, WATCH, Ok(Next::Step(NOW + 10))),
            (
                in_state(State::Acknowledged),
                REACH,
                WATCH,
                Ok(Next::Step(NOW + 10)),
            ),
            (due(Some(NOW), NOW), REACH, WATCH, Ok(Next::Step(NOW))),
            (due(Some(LATE), LATE), REACH, WATCH, Err(Wrong::Missed)),
            (due(Some(LATE), LATE), REACH, woken, Ok(Next::Step(LATE))),
            (due(None, LATE), REACH, WATCH, Ok(Next::Overdue)),
            (due(None, NOW + 20), REACH, WATCH, Ok(Next::Fix)),
            (unlaid, REACH, WATCH, Err(Wrong::Unarmed)),
            (no_date.clone(), REACH, WATCH, Ok(Next::Fix)),
            (
                in_state(State::FixReported),
                unmanaged,
                WATCH,
                Ok(Next::Confirmation),
            ),
            (disputed.clone(), REACH, WATCH, Ok(Next::Ruling)),
            (disputed, unmanaged, WATCH, Err(Wrong::NoManager)),
            (untold, REACH, WATCH, Err(Wrong::NeverTold)),
            (no_date, alone, WATCH, Err(Wrong::Nobody)),
        ] {
            assert_eq!(issue(&step, reach, watch), want, "{step:?}");
        }
    }

    #[test]
    fn each_owed_notice_has_a_fate_or_is_named() {
        let told = |state: &str, not_before, lease_until| Told {
            id: 1,
            once: String::new(),
            person_id: 1,
            kind: Kind::New,
            issues: vec![1],
            detail: None,
            urgent: false,
            state: state.to_owned(),
            created_at: 0,
            not_before,
            lease_until,
            settled_at: None,
            attempts: 0,
            error: None,
        };
        for (told, in_roster, want) in [
            (told("owed", NOW + 1, None), true, Ok(Some(NOW + 1))),
            (
                told("owed", NOW - GRACE_MS, None),
                true,
                Ok(Some(NOW - GRACE_MS)),
            ),
            (told("owed", LATE, None), true, Err(Wrong::Stuck)),
            (told("owed", NOW + 1, None), false, Err(Wrong::Gone)),
            (told("claimed", LATE, Some(NOW)), true, Ok(Some(NOW))),
            (told("claimed", LATE, Some(NOW)), false, Ok(Some(NOW))),
            (told("claimed", LATE, Some(LATE)), true, Err(Wrong::Stuck)),
            (told("claimed", LATE, Some(LATE)), false, Err(Wrong::Gone)),
            (told("waiting", LATE, None), true, Ok(None)),
            (told("waiting", LATE, None), false, Err(Wrong::Gone)),
        ] {
            assert_eq!(notice(&told, in_roster, WATCH), want, "{told:?}");
        }
        let woken = Watch {
            awake: NOW - 1,
            ..WATCH
        };
        assert_eq!(notice(&told("owed", 0, None), true, woken), Ok(Some(0)));
        assert_eq!(
            (woken.before(), WATCH.before()),
            (None, Some(NOW - GRACE_MS))
        );
    }
}
