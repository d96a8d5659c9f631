//! The channel duban speaks through: Telegram, as a client. Its limits, and one classifier of how
//! a call ended, on the description's text where the library's types are too coarse.

pub mod pace;

use std::fmt;

use teloxide::{ApiError, RequestError};

/// Text of a message after entity parsing, in UTF-16 units (Bot API, sendMessage).
pub const TEXT_LIMIT: usize = 4096;
/// Messages a second over all chats (Bot API FAQ, "My bot is hitting limits").
pub const MESSAGES_A_SECOND: usize = 30;
/// Least time between messages to one chat, in ms (same page).
pub const CHAT_GAP_MS: i64 = 1_000;
/// The same to a group: twenty a minute (same page).
pub const GROUP_GAP_MS: i64 = 3_000;

/// How a call to the channel ended without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The flood limit asks to wait this many ms.
    Flood(i64),
    /// Try again after this many ms: a fault of the server, or of the way there.
    Retry(i64, String),
    /// The person cannot be reached: blocked, never started, gone.
    Unreachable(String),
    /// The group has a new id; send there.
    Migrated(i64),
    /// Nothing had to be changed: as good as done.
    NotModified,
    /// The answer was lost; it may have been done.
    Unknown(String),
    /// It will never be accepted.
    Dead(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry(_, why) | Self::Unreachable(why) | Self::Unknown(why) | Self::Dead(why) => {
                f.write_str(why)
            }
            Self::Flood(ms) => write!(f, "the flood limit asks to wait {} seconds", ms / 1_000),
            Self::Migrated(chat) => write!(f, "the group has become chat {chat}"),
            Self::NotModified => f.write_str("nothing had to be changed"),
        }
    }
}

/// Descriptions that mean the person cannot be reached (telegram-bot-api `Client.cpp`).
const UNREACHABLE: &[&str] = &[
    "bot was blocked by the user",
    "user is deactivated",
    "chat not found",
    "can't initiate conversation",
    "bot was kicked",
    "bot is not a member",
    "not enough rights to send text messages",
    "have no rights to send a message",
];

/// Tells what an error of the client means for what was to be sent.
pub fn classify(error: &RequestError) -> Failure {
    match error {
        RequestError::RetryAfter(wait) => Failure::Flood(i64::from(wait.seconds()) * 1_000),
        RequestError::MigrateToChatId(chat) => Failure::Migrated(chat.0),
        RequestError::Network(error) if error.is_connect() => {
            Failure::Retry(5_000, "the Bot API cannot be reached".to_owned())
        }
        RequestError::Network(_) | RequestError::Io(_) => {
            Failure::Unknown("the connection broke before an answer came".to_owned())
        }
        RequestError::InvalidJson { .. } => {
            Failure::Unknown("the answer could not be read".to_owned())
        }
        RequestError::Api(error) => of_api(error),
    }
}

fn of_api(error: &ApiError) -> Failure {
    let text = error.to_string();
    let low = text.to_lowercase();
    if low.contains("message is not modified") {
        Failure::NotModified
    } else if UNREACHABLE.iter().any(|known| low.contains(known)) {
        Failure::Unreachable(text)
    } else if low.contains("too many requests") || low.contains("retry after") {
        let seconds = low
            .trim_end_matches('"')
            .rsplit(' ')
            .next()
            .and_then(|n| n.parse::<i64>().ok())
            .unwrap_or(5);
        Failure::Flood(seconds * 1_000)
    } else if low.contains("internal server error")
        || low.contains("bad gateway")
        || low.contains("gateway timeout")
        || low.contains("restart")
    {
        Failure::Retry(5_000, text)
    } else {
        Failure::Dead(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_told_apart() {
        let of = |text: &str| of_api(&ApiError::Unknown(text.to_owned()));
        assert!(matches!(
            of("Forbidden: bot was blocked by the user"),
            Failure::Unreachable(_)
        ));
        assert!(matches!(
            of("Bad Request: chat not found"),
            Failure::Unreachable(_)
        ));
        assert!(matches!(
            of("Forbidden: bot can't initiate conversation with a user"),
            Failure::Unreachable(_)
        ));
        assert_eq!(
            of("Too Many Requests: retry after 7"),
            Failure::Flood(7_000)
        );
        assert!(matches!(
            of("Bad Request: message is too long"),
            Failure::Dead(_)
        ));
        assert!(matches!(
            of_api(&ApiError::MessageNotModified),
            Failure::NotModified
        ));
    }
}
