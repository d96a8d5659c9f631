//! A parcel: one person's notices that become one message, and what that message says.

use crate::channel::TEXT_LIMIT;
use crate::message::{Rendered, Section, plain, utf16_len};
use crate::outbox::table::Notice;
use crate::outbox::{Bundle, Kind};

/// What one message of parts may hold, in UTF-16 units; what comes after goes into the next.
pub(super) const FULL: usize = TEXT_LIMIT - 96;

/// One person's notices that become one message.
pub(super) struct Parcel {
    pub person: i64,
    pub bundle: Bundle,
    pub chat: i64,
    /// The topic of a group.
    pub thread: Option<i64>,
    pub notices: Vec<Notice>,
}

/// What a parcel says.
pub(super) struct Said {
    pub kind: &'static str,
    /// The issues in the order of their positions.
    pub issues: Vec<i64>,
    /// Why each stands there; empty where that says nothing.
    pub sections: Vec<Section>,
    /// What the buttons carry.
    pub key: String,
    pub message: Rendered,
    /// The message in the chat that it comes back to.
    pub reply_to: Option<i64>,
    /// So many of the parcel's notices, counted from the first, are said; the rest follows.
    pub notices: usize,
}

/// A rendered parcel.
pub(super) struct Ready {
    pub parcel: Parcel,
    pub said: Said,
}

impl Said {
    /// All of a parcel in one message.
    pub(super) fn whole(
        kind: &'static str,
        parcel: &Parcel,
        issues: Vec<i64>,
        said: (String, Rendered),
    ) -> Self {
        let (key, message) = said;
        Self {
            kind,
            issues,
            sections: vec![],
            key,
            message,
            notices: parcel.notices.len(),
            reply_to: None,
        }
    }

    /// Parts one below the other, of which the last notice's is `notices`.
    pub(super) fn parts(
        kind: &'static str,
        parts: &[String],
        issues: Vec<i64>,
        notices: usize,
    ) -> Self {
        let html = parts.join("\n\n");
        let keyboard = vec![];
        let message = Rendered { html, keyboard };
        Self {
            kind,
            issues,
            sections: vec![],
            key: new_key(),
            message,
            notices,
            reply_to: None,
        }
    }
}

/// How long a text of Telegram HTML is for the channel.
pub(super) fn length(html: &str) -> usize {
    utf16_len(&plain(html)) + 2
}

/// A key for the buttons of a message: 22 characters, unguessable.
pub fn new_key() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: u128 = rand::random();
    (0..22)
        .map(|n| {
            LETTERS
                .get(((bits >> (n * 6).min(126)) & 63) as usize)
                .map_or('A', |b| *b as char)
        })
        .collect()
}

/// Under which heading a digest shows what a notice is about.
pub(super) fn section(kind: Kind) -> Section {
    match kind {
        Kind::Reopened => Section::Reopened,
        Kind::Refuted => Section::Refuted,
        Kind::Unacknowledged => Section::Unacknowledged,
        Kind::Reminder => Section::Reminder,
        Kind::Overdue => Section::Overdue,
        Kind::Open => Section::Open,
        Kind::Reassigned => Section::Reassigned,
        Kind::Handed => Section::Handed,
        Kind::Nudge => Section::Nudged,
        _ => Section::New,
    }
}
