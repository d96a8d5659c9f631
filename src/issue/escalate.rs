//! What the clock demands of a live issue: one reminder before it is due, one overdue warning to
//! operator and lead. Pure; grows into the whole ladder.

use chrono::{DateTime, Utc};

/// What is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Due soon.
    Remind,
    /// Past due.
    Overdue,
}

/// Where a running issue is on the ladder.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// When the reminder is to be said.
    pub remind_at: DateTime<Utc>,
    /// When the fix is due.
    pub due: DateTime<Utc>,
    /// The reminder was owed already.
    pub reminded: bool,
    /// The warning was owed already.
    pub warned: bool,
}

/// The next thing the clock demands now; a reminder that was missed is not said after the warning.
pub fn demands(running: Running, now: DateTime<Utc>) -> Option<Demand> {
    if now >= running.due {
        (!running.warned).then_some(Demand::Overdue)
    } else if now >= running.remind_at {
        (!running.reminded).then_some(Demand::Remind)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_ms;

    #[test]
    fn one_reminder_then_one_warning() {
        let run = |reminded, warned| Running {
            remind_at: from_ms(100),
            due: from_ms(200),
            reminded,
            warned,
        };
        assert_eq!(demands(run(false, false), from_ms(99)), None);
        assert_eq!(
            demands(run(false, false), from_ms(100)),
            Some(Demand::Remind)
        );
        assert_eq!(demands(run(true, false), from_ms(150)), None);
        assert_eq!(
            demands(run(false, false), from_ms(200)),
            Some(Demand::Overdue)
        );
        assert_eq!(demands(run(true, true), from_ms(900)), None);
    }
}
