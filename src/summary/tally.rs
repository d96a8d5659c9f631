//! Counting issues: where those that live stand, and how those that were closed ended. Pure.

use serde::Serialize;

use crate::issue::figures::Brief;
use crate::issue::{CloseReason, Issue, State};

/// Where live issues stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Not closed.
    pub live: usize,
    /// Nobody has acknowledged.
    pub open: usize,
    /// Acknowledged, nothing reported.
    pub acknowledged: usize,
    /// Reported fixed, not verified.
    pub fix_reported: usize,
    /// Past due.
    pub overdue: usize,
    /// Due before the end of today.
    pub due_today: usize,
    /// Disputes that wait.
    pub disputed: usize,
}

impl Tally {
    /// Of these issues; `ends` is the end of today, in UTC milliseconds.
    pub fn of<'a>(issues: impl IntoIterator<Item = &'a Issue>, (now, ends): (i64, i64)) -> Self {
        let mut tally = Self::default();
        for issue in issues {
            tally.live += usize::from(issue.live());
            match issue.standing.state {
                State::Open => tally.open += 1,
                State::Acknowledged => tally.acknowledged += 1,
                State::FixReported => tally.fix_reported += 1,
                State::Closed => {}
            }
            tally.overdue += usize::from(issue.overdue(now));
            tally.due_today += usize::from(due_today(issue, (now, ends)));
            tally.disputed += usize::from(issue.standing.disputed);
        }
        tally
    }
}

/// Whether the fix is due between now and the end of today.
pub fn due_today(issue: &Issue, (now, ends): (i64, i64)) -> bool {
    let runs = issue.standing.state.runs() && !issue.standing.disputed;
    runs && issue.due_at.is_some_and(|due| due > now && due < ends)
}

/// How issues ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Closed.
    pub closed: usize,
    /// The fix came before it was due.
    pub in_time: usize,
    /// The fix came later.
    pub late: usize,
    /// Of both: gone, though nobody had reported a fix.
    pub unreported: usize,
    /// False alarms.
    pub false_alarm: usize,
    /// Taken back.
    pub withdrawn: usize,
}

impl Ended {
    /// Of these issues.
    pub fn of<'a>(issues: impl IntoIterator<Item = &'a Brief>) -> Self {
        let mut ended = Self::default();
        for issue in issues {
            ended.closed += 1;
            match issue.reason {
                Some(CloseReason::FalseAlarm) => ended.false_alarm += 1,
                Some(CloseReason::Withdrawn) => ended.withdrawn += 1,
                reason => {
                    let unreported = reason == Some(CloseReason::VerifiedUnreported);
                    ended.unreported += usize::from(unreported);
                    ended.in_time += usize::from(issue.in_time());
                    ended.late += usize::from(!issue.in_time());
                }
            }
        }
        ended
    }
}

/// The middle of several durations; none without any.
pub fn median(mut all: Vec<i64>) -> Option<i64> {
    all.sort_unstable();
    let upper = all.get(all.len() / 2).copied()?;
    match all.len() % 2 {
        1 => Some(upper),
        _ => Some((upper + all.get(all.len() / 2 - 1).copied()?) / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_durations() {
        for (all, wanted) in [
            (vec![], None),
            (vec![5], Some(5)),
            (vec![9, 1], Some(5)),
            (vec![100, 1, 7], Some(7)),
            (vec![4, 3, 2, 1], Some(2)),
        ] {
            assert_eq!(median(all.clone()), wanted, "{all:?}");
        }
    }
}
