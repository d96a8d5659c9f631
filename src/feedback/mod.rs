//! What is told back to the platforms of what people did here, so that nobody types it twice: which states,
//! in whose words, by a file to hand in or by HTTP calls.

pub mod call;
pub mod file;
pub mod settings;
pub mod table;

use serde::{Deserialize, Serialize};

/// Where an issue stands, as a platform is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 待整改: nothing was done yet, or what was said was taken back or refuted.
    Open,
    /// 已签收
    Acknowledged,
    /// Disputed: a manager has not ruled yet.
    Disputed,
    /// 已整改
    FixReported,
    /// 复核已整改: a report or a manager confirmed it.
    Verified,
    /// Gone from the report, and nobody had reported a fix.
    VerifiedUnreported,
    /// 误报: a manager accepted a dispute.
    FalseAlarm,
    /// The source took it back, or nobody answers for the account any more.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Acknowledged,
        Self::Disputed,
        Self::FixReported,
        Self::Verified,
        Self::VerifiedUnreported,
        Self::FalseAlarm,
        Self::Withdrawn,
    ];

    /// The stored word, and that of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Disputed => "disputed",
            Self::FixReported => "fix_reported",
            Self::Verified => "verified",
            Self::VerifiedUnreported => "verified_unreported",
            Self::FalseAlarm => "false_alarm",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What a platform calls it unless the settings say otherwise.
    pub fn usual(self) -> &'static str {
        match self {
            Self::Open | Self::Acknowledged => "待整改",
            Self::Disputed => "申诉中",
            Self::FixReported => "已整改",
            Self::Verified | Self::VerifiedUnreported => "复核已整改",
            Self::FalseAlarm => "误报",
            Self::Withdrawn => "忽略",
        }
    }

    /// Whether an issue in this state still waits for somebody to do something.
    fn waits(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged)
    }
}

/// Where an issue stands, and since when: what a platform is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Since when, in UTC milliseconds, so that a fix that is reported again is told again.
    pub since: i64,
    /// How it was fixed, by its stored word.
    pub how: Option<&'static str>,
}

impl Standing {
    /// As it is remembered.
    pub fn key(self) -> String {
        let how = self.how.map(|how| format!("/{how}"));
        format!(
            "{}@{}{}",
            self.state.as_str(),
            self.since,
            how.unwrap_or_default()
        )
    }
}

/// Whether a platform that knows `told` (a former [`Standing::key`]) is to be told of `now`: of the wanted
/// states each time, of others only to correct what it was told before.
pub fn tells(now: Standing, told: Option<&str>, wanted: &[State]) -> bool {
    if told == Some(now.key().as_str()) {
        return false;
    }
    if wanted.contains(&now.state) {
        return true;
    }
    let word = told.and_then(|told| told.split('@').next());
    let before = word.and_then(|word| State::ALL.into_iter().find(|s| s.as_str() == word));
    before.is_some_and(|before| !before.waits() && now.state.waits())
}

/// When a call that failed is made again, after so many tries, in ms: 1, 5, 15 minutes, then every 45.
pub fn again_after(attempts: i64) -> i64 {
    let minutes = match attempts {
        ..=1 => 1,
        2 => 5,
        3 => 15,
        _ => 45,
    };
    minutes * 60_000
}

/// After so long nobody tries any more, in ms: a day.
pub const GIVE_UP_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_told_once_and_what_was_told_is_corrected() {
        let at = |state, since| Standing {
            state,
            since,
            how: None,
        };
        let wanted = [State::FixReported, State::Verified];
        let fixed = at(State::FixReported, 5);
        assert!(tells(fixed, None, &wanted));
        assert!(!tells(fixed, Some("fix_reported@5"), &wanted));
        assert!(tells(fixed, Some("fix_reported@4"), &wanted), "fixed again");
        let how = Standing {
            how: Some("edited"),
            ..fixed
        };
        assert!(
            tells(how, Some("fix_reported@5"), &wanted),
            "how is told too"
        );
        // Taken back before it was told: nothing to say; after: what was said is corrected, once.
        assert!(!tells(at(State::Acknowledged, 1), None, &wanted));
        assert!(tells(
            at(State::Acknowledged, 1),
            Some("fix_reported@5"),
            &wanted
        ));
        assert!(!tells(at(State::Open, 2), Some("acknowledged@1"), &wanted));
        assert!(!tells(
            at(State::Withdrawn, 9),
            Some("fix_reported@5"),
            &wanted
        ));
        for state in State::ALL {
            assert_eq!(serde_json::json!(state), state.as_str());
        }
    }

    #[test]
    fn tries_become_rarer() {
        let minutes = (1..6).map(|tries| again_after(tries) / 60_000);
        assert_eq!(minutes.collect::<Vec<_>>(), [1, 5, 15, 45, 45]);
    }
}
