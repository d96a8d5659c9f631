//! Pacing within the Bot API's limits: so many messages a second over all, one a second to a chat.

use std::collections::HashMap;

use crate::channel::{CHAT_GAP_MS, GROUP_GAP_MS, MESSAGES_A_SECOND};

/// What was sent lately. Times are UTC milliseconds.
#[derive(Debug, Default)]
pub struct Pace {
    off: bool,
    recent: Vec<i64>,
    chats: HashMap<i64, i64>,
    not_before: i64,
    /// How often in a row the channel did not answer.
    failures: u32,
}

/// The longest wait between two tries while the channel does not answer, in ms.
const LONGEST_MS: i64 = 300_000;

impl Pace {
    /// Sends as fast as the other side takes them; for measurements against an own server.
    pub fn off(&mut self) {
        self.off = true;
    }

    /// How many messages may go out now.
    pub fn allowance(&mut self, now: i64) -> usize {
        if now < self.not_before {
            return 0;
        }
        if self.off {
            return 1_000;
        }
        self.recent.retain(|at| *at > now - 1_000);
        MESSAGES_A_SECOND.saturating_sub(self.recent.len() + 1)
    }

    /// When a message may go to this chat, now or later; groups have negative ids.
    pub fn chat_ready(&self, chat: i64, now: i64) -> i64 {
        if self.off {
            return now;
        }
        let gap = if chat < 0 { GROUP_GAP_MS } else { CHAT_GAP_MS };
        self.chats
            .get(&chat)
            .map_or(now, |last| (last + gap).max(now))
    }

    /// When the next message may go out at all, if not now.
    pub fn ready(&mut self, now: i64) -> i64 {
        if self.allowance(now) > 0 {
            return now;
        }
        let oldest = self.recent.iter().min().copied().unwrap_or(now);
        (oldest + 1_001).max(self.not_before).max(now + 1)
    }

    /// Notes a message that goes out.
    pub fn note(&mut self, chat: i64, now: i64) {
        if self.off {
            return;
        }
        self.recent.push(now);
        self.chats.insert(chat, now);
        if self.chats.len() > 10_000 {
            self.chats.retain(|_, at| *at > now - GROUP_GAP_MS);
        }
    }

    /// The channel did not answer: nothing goes out for a while, longer each time. Several that
    /// failed together count once.
    pub fn failed(&mut self, now: i64) {
        if now >= self.not_before || self.failures == 0 {
            self.failures = (self.failures + 1).min(16);
            let wait = (1_000_i64 << self.failures).min(LONGEST_MS);
            self.hold(now + wait);
        }
    }

    /// The channel answers again.
    pub fn answered(&mut self) {
        self.failures = 0;
    }

    /// Whether the channel did not answer the last time.
    pub fn is_down(&self) -> bool {
        self.failures > 0
    }

    /// The server asked to wait: nothing goes out before.
    pub fn hold(&mut self, until: i64) {
        self.not_before = self.not_before.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_the_limits_allow() {
        let mut pace = Pace::default();
        let (mut now, mut sent) = (0, Vec::new());
        while sent.len() < 100 {
            if pace.allowance(now) > 0 {
                pace.note(sent.len() as i64, now);
                sent.push(now);
            } else {
                now = pace.ready(now);
            }
        }
        for window in sent.windows(MESSAGES_A_SECOND) {
            assert!(window[MESSAGES_A_SECOND - 1] - window[0] >= 1_000);
        }
    }

    #[test]
    fn a_chat_waits_a_second_and_a_hold_stops_all() {
        let mut pace = Pace::default();
        pace.note(7, 100);
        assert_eq!(pace.chat_ready(7, 200), 1_100);
        assert_eq!(pace.chat_ready(8, 200), 200);
        pace.note(-7, 100);
        assert_eq!(pace.chat_ready(-7, 200), 3_100);
        pace.hold(5_000);
        assert_eq!(pace.allowance(4_999), 0);
        assert!(pace.allowance(5_000) > 0);
    }

    #[test]
    fn a_channel_that_does_not_answer_is_asked_ever_more_seldom() {
        let mut pace = Pace::default();
        let (mut now, mut tries) = (0, 0);
        while now < 10 * 3_600_000 {
            // Sixteen in flight fail together.
            (0..16).for_each(|_| pace.failed(now));
            assert!(pace.is_down());
            tries += 1;
            now = pace.ready(now);
        }
        assert!((100..140).contains(&tries), "{tries}");
        pace.answered();
        assert!(!pace.is_down() && pace.allowance(now) > 0);
    }
}
