//! A folder as a source: nothing in it is moved, and what was taken before is not read at every look.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::source::{Fetched, SourceSettings, limit};
use crate::error::{Error, Result};

/// A file as it lies in a folder: a change of it changes this, unless it comes within one tick of the file
/// system's clock and leaves the size as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lies {
    /// The source that found it.
    source: String,
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

/// The files that were taken, as they lay: one that lay so at two looks, each time with the content that was
/// taken, is not read again. It is memory only; after a start each is read twice.
#[derive(Debug, Default)]
pub struct Looked(Mutex<HashMap<(String, PathBuf), (Lies, u8)>>);

impl Lies {
    fn key(&self) -> (String, PathBuf) {
        (self.source.clone(), self.path.clone())
    }
}

/// Looks from which on a file is not read again.
const ENOUGH: u8 = 2;

impl Looked {
    fn enough(&self, lies: &Lies) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.get(&lies.key());
        known.is_some_and(|(known, looks)| known == lies && *looks >= ENOUGH)
    }

    /// What of a source is not there any more is forgotten.
    fn forget(&self, source: &str, there: impl Fn(&PathBuf) -> bool) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(of, path), _| of != source || there(path));
    }

    /// A file that was read turned out to be taken.
    pub fn taken(&self, lies: Lies) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = match held.get(&lies.key()) {
            Some((known, looks)) if *known == lies => looks.saturating_add(1),
            _ => 1,
        };
        held.insert(lies.key(), (lies, looks));
    }
}

/// The endings of files that are reports.
const ENDINGS: [&str; 6] = ["json", "csv", "tsv", "txt", "xlsx", "xls"];

/// The reports of a folder in the order of their names, but those that were taken.
pub(super) async fn read(source: &SourceSettings, looked: &Looked) -> Result<Vec<Fetched>> {
    let path = source.path.clone().unwrap_or_default();
    let shown = format!("source {}: folder {}", source.name, path.display());
    let about = || Error::io(shown.clone());
    let mut entries = tokio::fs::read_dir(&path).await.map_err(about())?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(about())? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        if ENDINGS.contains(&ending.as_str()) && !name.starts_with(['.', '~']) {
            files.push((name, entry.path()));
        }
    }
    files.sort();
    looked.forget(&source.name, |path| {
        files.iter().any(|(_, there)| there == path)
    });
    let mut fetched = Vec::new();
    for (file_name, path) in files {
        let about = || Error::io(path.display().to_string());
        let found = tokio::fs::metadata(&path).await.map_err(about())?;
        if found.len() > limit(source) {
            let limit = limit(source);
            let shown = path.display();
            return Err(Error::other(format!(
                "{shown}: larger than max_bytes = {limit}"
            )));
        }
        let lies = found.modified().ok().map(|modified| Lies {
            source: source.name.clone(),
            path: path.clone(),
            bytes: found.len(),
            modified,
        });
        if lies.as_ref().is_some_and(|lies| looked.enough(lies)) {
            continue;
        }
        let bytes = tokio::fs::read(&path).await.map_err(about())?;
        fetched.push(Fetched {
            file_name,
            bytes,
            etag: None,
            last_modified: None,
            lies,
        });
    }
    Ok(fetched)
}
