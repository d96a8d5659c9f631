//! The one clock. Everything that asks for the time is handed a [`Clock`]; tests and the demo hold
//! one that they move, and share it with the sandbox.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use tokio::sync::watch;

/// A source of time that can be waited on. Cheap to clone; clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System,
    Manual(Arc<watch::Sender<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Inner::System)
    }

    /// A clock that stands still at `start` until it is moved.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Inner::Manual(Arc::new(watch::Sender::new(start))))
    }

    /// The time now, in UTC.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Inner::System => Utc::now(),
            Inner::Manual(time) => *time.borrow(),
        }
    }

    /// The time now as UTC milliseconds, the form in which the store keeps times.
    pub fn now_ms(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Waits until the clock shows `until` or later.
    pub async fn sleep_until(&self, until: DateTime<Utc>) {
        match &self.0 {
            Inner::System => {
                let wait = (until - self.now()).to_std().unwrap_or_default();
                tokio::time::sleep(wait).await;
            }
            Inner::Manual(time) => {
                let mut seen = time.subscribe();
                // The sender lives as long as this clock, so the wait cannot fail.
                let _ = seen.wait_for(|now| *now >= until).await;
            }
        }
    }

    /// Waits in the middle of a piece of work. Whoever moves a manual clock waits for that work, so it moves
    /// on by itself then.
    pub async fn spend_until(&self, until: DateTime<Utc>) {
        self.advance_to(until);
        self.sleep_until(until).await;
    }

    /// Moves a manual clock forward to `to`; a time in the past, or the system clock, is left alone.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        if let Inner::Manual(time) = &self.0 {
            time.send_if_modified(|now| {
                let forward = to > *now;
                if forward {
                    *now = to;
                }
                forward
            });
        }
    }

    /// Sets a manual clock, backwards too: for a play that begins again.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Inner::Manual(time) = &self.0 {
            time.send_replace(to);
        }
    }

    /// Whether the clock is moved by hand.
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Inner::Manual(_))
    }
}

/// A stored time (UTC milliseconds) as a `DateTime`; what is out of range becomes the epoch.
pub fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// A local time of a day as UTC; a time that a change of clocks leaves out becomes the next hour.
pub fn at_local(zone: chrono_tz::Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let naive = day.and_time(time);
    zone.from_local_datetime(&naive)
        .earliest()
        .or_else(|| {
            zone.from_local_datetime(&(naive + chrono::TimeDelta::hours(1)))
                .earliest()
        })
        .map_or_else(|| naive.and_utc(), |local| local.with_timezone(&Utc))
}
