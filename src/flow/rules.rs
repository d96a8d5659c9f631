//! What the stages are governed by: the rules of the settings, and the roster of now.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::mask::Mask;
use crate::feedback::settings::Feedback;
use crate::hours::{Origin, Own, Sending, Window};
use crate::issue::due::Deadlines;
use crate::matching::Index;
use crate::roster::{Person, Roster};
use crate::vocabulary::Vocabulary;

/// What the stages are governed by; built once, shared by all.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Platforms, categories and headers.
    pub vocabulary: Arc<Vocabulary>,
    /// Policy, calendar and office hours: when a fix is due.
    pub deadlines: Arc<Deadlines>,
    /// The office's zone.
    pub zone: chrono_tz::Tz,
    /// The office's hours of notices that are not urgent; units and people may have others in the policy.
    pub window: Window,
    /// How long a notice waits for others to the same person, in ms.
    pub gather_ms: i64,
    /// Which wordings are kept out of the channel; categories by id.
    pub mask: Mask,
    /// What is told back to which source.
    pub feedback: Arc<BTreeMap<String, Feedback>>,
}

impl Rules {
    /// When a notice that is owed now has gathered others to the same person, in UTC milliseconds; an
    /// urgent one does not wait. Whether the person's hours let it out then is asked at delivery, and only
    /// there.
    pub fn send_at(&self, now: DateTime<Utc>, urgent: bool) -> i64 {
        now.timestamp_millis() + if urgent { 0 } else { self.gather_ms }
    }

    /// When a person may be sent notices that are not urgent; `own` is what they set themselves.
    pub fn sending(&self, roster: &Roster, person: &Person, own: Option<Own>) -> Sending {
        let hours = &self.deadlines.policy.hours;
        Sending::new(hours.window_of(self.window, roster, person), own)
    }

    /// The first moment from `at` on at which these hours let a notice out.
    pub fn opens(&self, sending: &Sending, at: DateTime<Utc>) -> DateTime<Utc> {
        sending.opens(at, &self.deadlines.calendar, self.zone)
    }

    /// When the people of a unit may be sent what is owed at `at`, whatever they set for themselves.
    pub fn unit_opens(&self, roster: &Roster, unit: i64, at: DateTime<Utc>) -> DateTime<Utc> {
        let unit = roster.unit_by_id(unit);
        let chain = unit.map_or_else(Vec::new, |unit| roster.chain(&unit.code));
        let window = self.deadlines.policy.hours.unit_window(self.window, &chain);
        self.opens(&Sending::new((window, Origin::Office), None), at)
    }
}

/// The roster of now with its index.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Units, accounts, people.
    pub roster: Arc<Roster>,
    /// The names, ready to be looked up.
    pub index: Arc<Index>,
}
