//! A folder as a source: nothing in it is moved, what is still being written waits, and what was taken
//! before is not read at every look.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::AsyncReadExt as _;

use super::source::{Brought, Fetched, SourceSettings, limit};
use crate::clock::Clock;
use crate::error::{Error, Fault, Result};

/// A file as it lies in a folder: a change of it changes this, unless it comes within one tick of the file
/// system's clock and leaves the size as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lies {
    /// The source that found it.
    source: String,
    path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
}

/// What is known of a file as it lies.
#[derive(Clone, Debug)]
struct Known {
    lies: Lies,
    /// When it was first seen so.
    since: DateTime<Utc>,
    /// Looks at which its content was found taken.
    looks: u8,
    /// It could not be used as it lies; a watched folder does not bring it again.
    refused: bool,
}

/// The files of folders as they lay: one that lay so at two looks, each time with the content that was taken,
/// is not read again. It is memory only; after a start each is read twice.
#[derive(Debug, Default)]
pub struct Looked {
    files: Mutex<HashMap<(String, PathBuf), Known>>,
    /// The attachments of a source's mails, by the mailbox's validity and the mail's number.
    mails: Mutex<HashMap<(String, u32, u32), Vec<Lies>>>,
}

impl Lies {
    fn key(&self) -> (String, PathBuf) {
        (self.source.clone(), self.path.clone())
    }
}

/// Looks from which on a file is not read again.
const ENOUGH: u8 = 2;
/// Folders below the source's own that are looked into, one within the other.
const DEEPEST: usize = 8;

impl Looked {
    fn held(&self) -> MutexGuard<'_, HashMap<(String, PathBuf), Known>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how files of a source lie now; what is not there any more is forgotten.
    fn see(&self, source: &str, files: &[File], now: DateTime<Utc>) {
        let there: HashSet<&Path> = files.iter().map(|file| file.lies.path.as_path()).collect();
        let mut held = self.held();
        held.retain(|(of, path), _| of != source || there.contains(path.as_path()));
        for file in files {
            let lies = &file.lies;
            let known = held.get(&lies.key());
            if known.is_none_or(|known| known.lies != *lies) {
                let known = Known {
                    lies: lies.clone(),
                    since: now,
                    looks: 0,
                    refused: false,
                };
                held.insert(lies.key(), known);
            }
        }
    }

    fn mails(&self) -> MutexGuard<'_, HashMap<(String, u32, u32), Vec<Lies>>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is attached to a mail, which never changes; where each lies.
    pub(super) fn mail(&self, source: &str, mail: (u32, u32), names: &[&str]) -> Vec<Lies> {
        let (validity, number) = mail;
        let names = (0..).zip(names);
        let lies = names.map(|(n, name): (usize, _)| Lies {
            source: source.to_owned(),
            path: format!("mail:{validity}/{number}/{n}/{name}").into(),
            bytes: 0,
            modified: None,
        });
        let lies: Vec<Lies> = lies.collect();
        let mut held = self.held();
        for lies in &lies {
            held.entry(lies.key()).or_insert_with(|| Known {
                lies: lies.clone(),
                since: DateTime::UNIX_EPOCH,
                looks: 0,
                refused: false,
            });
        }
        drop(held);
        let key = (source.to_owned(), validity, number);
        self.mails().insert(key, lies.clone());
        lies
    }

    /// Whether all that is attached to a mail was taken, or cannot be used.
    pub(super) fn mail_done(&self, source: &str, validity: u32, number: u32) -> bool {
        let key = (source.to_owned(), validity, number);
        let attached = self.mails().get(&key).cloned();
        attached.is_some_and(|attached| {
            let mut known = attached.iter().map(|lies| self.known(lies));
            known.all(|known| known.is_some_and(|known| known.looks > 0 || known.refused))
        })
    }

    /// Forgets the mails of a source but these.
    pub(super) fn keep_mails(&self, source: &str, validity: u32, numbers: &HashSet<u32>) {
        let mut gone = Vec::new();
        self.mails().retain(|(of, valid, number), attached| {
            let keep = of != source || (*valid == validity && numbers.contains(number));
            if !keep {
                gone.append(attached);
            }
            keep
        });
        let mut held = self.held();
        for lies in gone {
            held.remove(&lies.key());
        }
    }

    fn known(&self, lies: &Lies) -> Option<Known> {
        let held = self.held();
        let known = held.get(&lies.key());
        known.filter(|known| known.lies == *lies).cloned()
    }

    /// A file that was read turned out to be taken.
    pub fn taken(&self, lies: &Lies) {
        if let Some(known) = self.held().get_mut(&lies.key())
            && known.lies == *lies
        {
            known.looks = known.looks.saturating_add(1);
        }
    }

    /// A file that was read could not be used.
    pub fn refused(&self, lies: &Lies) {
        if let Some(known) = self.held().get_mut(&lies.key())
            && known.lies == *lies
        {
            known.refused = true;
        }
    }
}

/// A file of a folder.
struct File {
    /// Its name, from the source's folder on.
    name: String,
    lies: Lies,
}

/// The endings of files that are reports.
const ENDINGS: [&str; 15] = [
    "json", "jsonl", "ndjson", "csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "html", "htm",
    "docx", "doc", "zip",
];

/// Whether a file of this name may be a report; what it is is told by its content.
pub fn may_be_report(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    ENDINGS.contains(&ending.as_str()) && !name.starts_with(['.', '~'])
}

/// How long a file has to lie unchanged until it is taken for whole.
fn settle(source: &SourceSettings) -> TimeDelta {
    TimeDelta::seconds(source.settle_s.unwrap_or(2).min(3_600).cast_signed())
}

/// The reports of a folder in the order of their names, and what cannot be looked at. A folder that nobody
/// tidies holds hundreds of files: they are looked at in one go, on a thread that may wait for a disk.
async fn files(source: &SourceSettings) -> Result<(Vec<File>, Vec<Fault>)> {
    let (name, top) = (source.name.clone(), source.path.clone().unwrap_or_default());
    let deepest = if source.sub_folders { DEEPEST } else { 0 };
    let listed = tokio::task::spawn_blocking(move || list(&name, top, deepest)).await;
    listed.map_err(|error| Error::other(error.to_string()))?
}

fn list(source: &str, top: PathBuf, deepest: usize) -> Result<(Vec<File>, Vec<Fault>)> {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    let mut folders = vec![(top, String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let shown = || format!("source {source}: folder {}", folder.display());
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(Error::io(shown())(error)),
            Err(error) => {
                faults.push(unreadable(&prefix, &error));
                continue;
            }
        };
        for entry in entries {
            let entry = entry.map_err(|error| Error::io(shown())(error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(['.', '~']) {
                continue;
            }
            let path = entry.path();
            // A link to a folder is not followed: it may lead round in a circle.
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_dir()) {
                if depth < deepest {
                    folders.push((path, format!("{prefix}{name}/"), depth + 1));
                }
                continue;
            }
            if !may_be_report(&name) {
                continue;
            }
            match std::fs::metadata(&path) {
                Ok(found) if found.is_file() => files.push(File {
                    name: format!("{prefix}{name}"),
                    lies: Lies {
                        source: source.to_owned(),
                        path,
                        bytes: found.len(),
                        modified: found.modified().ok(),
                    },
                }),
                Ok(_) => {}
                Err(error) => faults.push(unreadable(&format!("{prefix}{name}"), &error)),
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((files, faults))
}

fn unreadable(name: &str, error: &std::io::Error) -> Fault {
    let reason = format!("cannot be read ({error}); let duban's user read it, or take it away");
    Fault::new(reason).code("unreadable").file(name)
}

/// Looks how the files of a folder lie: whether a watched one brings something, and when to look again for
/// what may still be written to.
pub async fn look(
    source: &SourceSettings,
    looked: &Looked,
    now: DateTime<Utc>,
) -> Result<(bool, Option<DateTime<Utc>>)> {
    let (files, _) = files(source).await?;
    looked.see(&source.name, &files, now);
    let (mut ready, mut again) = (false, None::<DateTime<Utc>>);
    for known in files.iter().filter_map(|file| looked.known(&file.lies)) {
        let whole = known.since + settle(source);
        if whole > now {
            again = Some(again.map_or(whole, |again| again.min(whole)));
        } else if known.looks < ENOUGH && !known.refused {
            ready = true;
        }
    }
    Ok((ready, again))
}

/// The reports of a folder, but those that were taken, and those that are still being written. A file that is
/// seen for the first time is looked at once more a little later, unless the folder is only watched.
pub(super) async fn read(
    source: &SourceSettings,
    looked: &Looked,
    clock: &Clock,
    watching: bool,
) -> Result<Brought> {
    let (mut files, mut faults) = self::files(source).await?;
    looked.see(&source.name, &files, clock.now());
    let settle = settle(source);
    let young = |file: &File, now: DateTime<Utc>| {
        let known = looked.known(&file.lies);
        known.is_none_or(|known| known.since + settle > now)
    };
    if !watching && files.iter().any(|file| young(file, clock.now())) {
        clock.spend_until(clock.now() + settle).await;
        (files, faults) = self::files(source).await?;
        looked.see(&source.name, &files, clock.now());
    }
    let mut fetched = Vec::new();
    for File { name, lies } in files {
        let Some(known) = looked.known(&lies) else {
            continue;
        };
        let waits = known.since + settle > clock.now();
        if waits || known.looks >= ENOUGH || (watching && known.refused) {
            continue;
        }
        if lies.bytes > limit(source) {
            let reason = format!("larger than max_bytes = {}", limit(source));
            faults.push(Fault::new(reason).code("too_large").file(&name));
            looked.refused(&lies);
            continue;
        }
        match tokio::fs::read(&lies.path).await {
            // It grew while it was read: it is not whole yet.
            Ok(bytes) if bytes.len() as u64 != lies.bytes => {}
            Ok(bytes) => fetched.push(Fetched {
                lies: Some(lies),
                ..Fetched::named(name, bytes)
            }),
            Err(error) => {
                faults.push(unreadable(&name, &error));
                looked.refused(&lies);
            }
        }
    }
    Ok(Brought {
        files: fetched,
        faults,
    })
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
