//! Where reports come from: HTTP and folders. Secrets never stand in an error.

mod client;
mod http;
mod login;
mod paging;
mod settings;
mod sign;
mod template;
mod wrong;

use chrono::NaiveDate;

use super::folder::{self, Lies, Looked};
use crate::clock::Clock;
use crate::error::Result;

pub use login::Login;
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
    /// Where it lies, and how, if it lies in a folder.
    pub lies: Option<Lies>,
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
        }
    }
}

/// Fetches what a source has; `remembered` is the ETag and Last-Modified of the last answer. An
/// empty list: nothing new. `looked` is what was taken from folders before.
pub async fn fetch(
    source: &SourceSettings,
    remembered: (Option<String>, Option<String>),
    looked: &Looked,
    date: NaiveDate,
    clock: &Clock,
) -> Result<Vec<Fetched>> {
    match source.kind {
        SourceKind::Http => {
            let fetched = http::fetch(source, remembered, date, clock).await?;
            Ok(fetched.into_iter().collect())
        }
        SourceKind::Folder => folder::read(source, looked).await,
        SourceKind::Push | SourceKind::Upload => Ok(vec![]),
    }
}

/// The largest report taken, in bytes.
pub(super) fn limit(source: &SourceSettings) -> u64 {
    source.max_bytes.unwrap_or(50 * 1024 * 1024)
}
