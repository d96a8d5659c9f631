//! The tests of the ladder: its times, and what random acts and clock jumps make of it.

use std::collections::HashSet;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::deadline::Climb;
use super::due::Deadlines;
use super::ladder::{Laid, Next, Step, When};
use super::policy::{Ladder, Policy};
use super::state::{Event, Standing, State};
use crate::calendar::Calendar;
use crate::hours::Work;
use crate::vocabulary::Vocabulary;

fn deadlines() -> Deadlines {
    let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
    Deadlines {
        policy: Policy::load(None, &Vocabulary::builtin().unwrap(), &[]).unwrap(),
        calendar: Calendar::load(None).unwrap(),
        zone: chrono_tz::Asia::Shanghai,
        work: Work {
            start: time(9, 0),
            end: time(17, 30),
            cut_off: time(16, 0),
        },
    }
}

fn ladder(steps: &str) -> Ladder {
    let words = Vocabulary::builtin().unwrap();
    let text = format!("[[deadline]]\n[[ladder]]\nsteps = [{steps}]\n");
    let mut policy = Policy::read(&text, "policy.toml", &words, &[]).unwrap();
    policy.ladders.remove(0)
}

fn local(text: &str) -> DateTime<Utc> {
    let at = DateTime::parse_from_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T")));
    at.unwrap().to_utc()
}

fn times(rules: &Deadlines, laid: &Laid) -> Vec<String> {
    let said = laid.rungs.iter().map(|rung| {
        let at = crate::clock::from_ms(rung.at).with_timezone(&rules.zone);
        let when = laid.steps[rung.step].when.as_str();
        format!("{} {when} {}", at.format("%m-%d %H:%M"), rung.nth)
    });
    said.collect()
}

#[test]
fn the_built_in_ladder_through_days_of_work_and_of_rest() {
    let rules = deadlines();
    let built_in = &rules.policy.ladders[0];
    assert_eq!((rules.policy.ladders.len(), built_in.steps.len()), (1, 4));
    for (told, due, want) in [
        (
            "2021-06-28 08:30",
            Some("2021-07-01 17:30"),
            vec![
                "06-29 09:00 unacknowledged 1",
                "06-30 09:00 before_due 1",
                "07-01 17:30 overdue 1",
                "07-05 17:30 overdue 1",
                "07-07 17:30 overdue 2",
                "07-09 17:30 overdue 3",
            ],
        ),
        // Through the National Day with its make-up Saturday.
        (
            "2021-09-30 16:20",
            Some("2021-10-12 17:30"),
            vec![
                "10-08 16:20 unacknowledged 1",
                "10-11 09:00 before_due 1",
                "10-12 17:30 overdue 1",
                "10-14 17:30 overdue 1",
                "10-18 17:30 overdue 2",
                "10-20 17:30 overdue 3",
            ],
        ),
        // Due within the holiday, by calendar days: reminded before it begins.
        (
            "2021-09-28 08:30",
            Some("2021-10-03 17:30"),
            vec![
                "09-29 09:00 unacknowledged 1",
                "09-30 09:00 before_due 1",
                "10-03 17:30 overdue 1",
                "10-11 09:00 overdue 1",
                "10-13 09:00 overdue 2",
                "10-15 09:00 overdue 3",
            ],
        ),
        // In the evening, on a day off: counted from the next morning of work.
        (
            "2021-06-28 21:00",
            None,
            vec!["06-30 09:00 unacknowledged 1"],
        ),
        (
            "2021-07-03 12:00",
            None,
            vec!["07-06 09:00 unacknowledged 1"],
        ),
        // Told too late to be reminded the day before.
        (
            "2021-06-28 08:30",
            Some("2021-06-28 17:30"),
            vec![
                "06-28 12:30 before_due 1",
                "06-28 17:30 overdue 1",
                "06-29 09:00 unacknowledged 1",
                "06-30 17:30 overdue 1",
                "07-02 17:30 overdue 2",
                "07-06 17:30 overdue 3",
            ],
        ),
    ] {
        let laid = rules.lay(built_in, local(told), due.map(local), None);
        assert_eq!(times(&rules, &laid), want, "{told}");
        let stored = serde_json::to_string(&laid).unwrap();
        assert_eq!(serde_json::from_str::<Laid>(&stored).unwrap(), laid);
    }
}

#[test]
fn shares_hours_and_days_before_and_after() {
    let rules = deadlines();
    let due = "2021-07-01 17:30";
    for (step, want) in [
        // 8.5 hours of work a day, from Monday 9:00 to Thursday 17:30: half is Wednesday's beginning.
        (
            "when = \"before_due\", share = 0.5",
            "06-29 17:30 before_due 1",
        ),
        (
            "when = \"before_due\", share = 0.75",
            "06-30 17:30 before_due 1",
        ),
        (
            "when = \"before_due\", before = \"3h\"",
            "07-01 14:30 before_due 1",
        ),
        (
            "when = \"before_due\", before = \"900h\"",
            "06-28 08:30 before_due 1",
        ),
        (
            "when = \"before_due\", before = \"2d\"",
            "06-29 09:00 before_due 1",
        ),
        (
            "when = \"overdue\", after = \"0h\"",
            "07-01 17:30 overdue 1",
        ),
        (
            "when = \"overdue\", after = \"2h\"",
            "07-01 19:30 overdue 1",
        ),
        (
            "when = \"overdue\", after = \"3d\"",
            "07-04 17:30 overdue 1",
        ),
        (
            "when = \"overdue\", after = \"1wd\"",
            "07-02 17:30 overdue 1",
        ),
        (
            "when = \"unacknowledged\", after = \"4h\"",
            "06-28 12:30 unacknowledged 1",
        ),
        (
            "when = \"unacknowledged\", every = \"1wd\", cap = 1",
            "06-29 09:00 unacknowledged 1",
        ),
    ] {
        let ladder = ladder(&format!("{{ {step}, tell = [\"operator\"] }}"));
        let laid = rules.lay(&ladder, local("2021-06-28 08:30"), Some(local(due)), None);
        assert_eq!(times(&rules, &laid), [want], "{step}");
    }
    // What was due before it was told is overdue at once.
    let late = rules.lay(
        &rules.policy.ladders[0],
        local("2021-07-02 08:30"),
        Some(local(due)),
        None,
    );
    let now = local("2021-07-02 08:30").timestamp_millis();
    let passed: Vec<When> = late
        .passed(Standing::OPEN, None, now)
        .map(|p| p.1.when)
        .collect();
    assert_eq!(passed, [When::BeforeDue, When::Overdue]);
}

/// An issue as the store keeps it, and what was said of it.
struct Sample {
    standing: Standing,
    climb: Climb,
    due: Option<i64>,
    said: HashSet<(i64, usize, u32)>,
    last: i64,
}

impl Sample {
    /// A tick: the index is asked first, as the store is.
    fn tick(&mut self, now: i64) -> Result<(), TestCaseError> {
        let asked = self.climb.next.is_some_and(|next| next <= now);
        let moves = self.standing.state.runs();
        let laid = self.climb.laid.clone();
        let passed = laid.passed(self.standing, self.climb.done, now);
        let passed: Vec<_> = passed.map(|(rung, step)| (*rung, step.clone())).collect();
        prop_assert!(passed.is_empty() || asked, "the index misses what is due");
        if !(asked && moves && !self.standing.disputed) {
            return Ok(());
        }
        for (rung, Step { when, .. }) in passed {
            prop_assert!(when != When::Unacknowledged || self.standing.state == State::Open);
            let since = if when == When::Unacknowledged {
                laid.since
            } else {
                0
            };
            prop_assert!(self.said.insert((since, rung.step, rung.nth)), "said twice");
            prop_assert!(rung.at <= now && Some(rung.at) > self.climb.done);
        }
        prop_assert!(now >= self.last, "steps go on");
        self.last = now;
        self.climb.done = Some(now);
        self.climb.next = laid.after(Some(now));
        Ok(())
    }

    /// Who lives and has a due time has a next step, or a reason to wait.
    fn holds(&self, now: i64) -> Result<(), TestCaseError> {
        match self.climb.laid.next(self.standing, self.climb.done) {
            Next::Step(rung, _) => prop_assert!(rung.at > now),
            Next::FixReported => prop_assert_eq!(self.standing.state, State::FixReported),
            Next::Disputed => prop_assert!(self.standing.disputed),
            Next::Closed => prop_assert_eq!(self.standing.state, State::Closed),
            Next::Spent => {
                let laid = &self.climb.laid;
                let mut late = laid.rungs.iter();
                let late = late.any(|r| laid.steps[r.step].when == When::Overdue && r.at > now);
                prop_assert!(self.due.is_none() || !late, "something comes still");
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn whatever_people_do_and_the_clock_does(
        start in 0i64..1_500_000, span in prop::option::of(1i64..20_000),
        acts in prop::collection::vec((0usize..6, 1i64..9_000), 1..40)
    ) {
        let rules = deadlines();
        let mut now = local("2020-06-01 00:00") + TimeDelta::minutes(start);
        let due = span.map(|span| now + TimeDelta::minutes(span));
        let laid = rules.lay(&rules.policy.ladders[0], now, due, None);
        prop_assert!(laid.rungs.windows(2).all(|two| two[0].at <= two[1].at));
        let next = laid.after(None);
        let mut sample = Sample {
            standing: Standing::OPEN,
            climb: Climb { laid, done: None, next },
            due: due.map(|due| due.timestamp_millis()),
            said: HashSet::new(),
            last: 0,
        };
        for (act, minutes) in acts {
            let event = [
                None,
                Some(Event::Acknowledge),
                Some(Event::ReportFix),
                Some(Event::Refute),
                Some(Event::Dispute),
                Some(Event::RejectDispute),
            ][act];
            if let Some(event) = event && let Ok(standing) = sample.standing.after(event) {
                sample.standing = standing;
                if event == Event::Refute {
                    sample.climb.laid = rules.lay_again(sample.climb.laid.clone(), now);
                    sample.climb.next = sample.climb.laid.after(sample.climb.done);
                }
            }
            now += TimeDelta::minutes(minutes);
            let ms = now.timestamp_millis();
            sample.tick(ms)?;
            sample.holds(ms)?;
        }
    }
}
