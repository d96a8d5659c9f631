//! A folder as a source: nothing in it is moved, and what was taken before is not read at every look.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tokio::io::AsyncReadExt as _;

use super::source::{Fetched, SourceSettings, limit};
use crate::error::{Error, Fault, Result};

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
const ENDINGS: [&str; 15] = [
    "json", "jsonl", "ndjson", "csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "html", "htm",
    "docx", "doc", "zip",
];

/// Whether a file of this name may be a report; what it is is told by its content.
pub fn may_be_report(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    ENDINGS.contains(&ending.as_str())
}

/// The reports of a folder in the order of their names, but those that were taken.
pub(super) async fn read(source: &SourceSettings, looked: &Looked) -> Result<Vec<Fetched>> {
    let path = source.path.clone().unwrap_or_default();
    let shown = format!("source {}: folder {}", source.name, path.display());
    let about = || Error::io(shown.clone());
    let mut entries = tokio::fs::read_dir(&path).await.map_err(about())?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(about())? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if may_be_report(&name) && !name.starts_with(['.', '~']) {
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
            return Err(too_large(&path, source));
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
        let bytes = read_file(source, path.clone()).await?;
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

fn too_large(path: &Path, source: &SourceSettings) -> Error {
    let fault = Fault::new(format!(
        "the file is larger than max_bytes = {} of the source {}; have the report split, or raise it",
        limit(source),
        source.name
    ));
    fault
        .code("too_large")
        .file(path.display().to_string())
        .into()
}

/// Reads a file as a report of a source, and no more of it than the source takes: also what has no size that
/// could be asked for.
pub async fn read_file(source: &SourceSettings, path: PathBuf) -> Result<Vec<u8>> {
    let about = || Error::io(path.display().to_string());
    let file = tokio::fs::File::open(&path).await.map_err(about())?;
    let size = file.metadata().await.map_err(about())?.len();
    if size > limit(source) {
        return Err(too_large(&path, source));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let mut file = file.take(limit(source).saturating_add(1));
    file.read_to_end(&mut bytes).await.map_err(about())?;
    if bytes.len() as u64 > limit(source) {
        return Err(too_large(&path, source));
    }
    Ok(bytes)
}
