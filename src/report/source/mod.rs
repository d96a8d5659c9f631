//! Where reports come from: HTTP, folders and mailboxes. Secrets never stand in an error.

mod answer;
mod client;
mod http;
mod login;
mod mail;
mod paging;
mod request;
mod session;
mod settings;
mod sign;
mod template;
mod wrong;

use chrono::{DateTime, NaiveDate, Utc};

use super::folder::{self, Lies, Looked};
use crate::clock::Clock;
use crate::error::{Fault, Result};

pub use login::Login;
pub use mail::Mail;
pub use paging::{By, Paging};
pub use settings::{Covers, Method, Mode, SourceKind, SourceSettings};
pub use sign::{Algorithm, Encoding, Sign, Stamp};
pub use wrong::wrong;

/// A file that a source gave.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its name.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// To be sent back the next time.
    pub etag: Option<String>,
    /// To be sent back the next time.
    pub last_modified: Option<String>,
    /// Where it lies, and how, if it lies in a folder or hangs on a mail.
    pub lies: Option<Lies>,
    /// When the mail came that brought it.
    pub came: Option<DateTime<Utc>>,
}

impl Fetched {
    /// A file of which nothing else is to be remembered.
    pub fn named(file_name: String, bytes: Vec<u8>) -> Self {
        Self {
            file_name,
            bytes,
            etag: None,
            last_modified: None,
            lies: None,
            came: None,
        }
    }
}

/// What a source gave.
#[derive(Debug, Default)]
pub struct Brought {
    /// The files that could be read.
    pub files: Vec<Fetched>,
    /// The others, which hold nothing up.
    pub faults: Vec<Fault>,
}

/// What is remembered between two fetches, and the time.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    /// How the files of folders lay.
    pub looked: &'a Looked,
    /// The time; a fetch that has to wait waits by it.
    pub clock: &'a Clock,
}

/// Fetches what a source has; `remembered` is the ETag and Last-Modified of the last answer. Nothing at
/// all: nothing new.
pub async fn fetch(
    source: &SourceSettings,
    remembered: (Option<String>, Option<String>),
    memory: Memory<'_>,
    date: NaiveDate,
) -> Result<Brought> {
    match source.kind {
        SourceKind::Http => Ok(Brought {
            files: http::fetch(source, remembered, date, memory.clock)
                .await?
                .into_iter()
                .collect(),
            faults: Vec::new(),
        }),
        SourceKind::Folder => folder::read(source, memory.looked, memory.clock, false).await,
        SourceKind::Mailbox => mail::fetch(source, memory.looked, date).await,
        SourceKind::Push | SourceKind::Upload => Ok(Brought::default()),
    }
}

/// What lies in a watched folder and was not taken yet, as far as it is whole.
pub async fn watch(source: &SourceSettings, memory: Memory<'_>) -> Result<Brought> {
    folder::read(source, memory.looked, memory.clock, true).await
}

/// The largest report taken, in bytes.
pub(super) fn limit(source: &SourceSettings) -> u64 {
    source.max_bytes.unwrap_or(50 * 1024 * 1024)
}
