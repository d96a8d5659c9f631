//! ZIP: each entry is a file of its own, told by its content; all of them make one report, or none does. What is
//! packed is unpacked only as far as there is room for it, whatever the archive says of its size.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::super::dates::{self, Named};
use super::{DecodeOptions, Decoded, Format, Part, decode_text, one};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The most bytes of an entry, and of all of them, once they are unpacked.
const ENTRY: u64 = 256 << 20;
const TOTAL: u64 = 512 << 20;

/// The most entries.
const ENTRIES: usize = 1_000;

/// How many times as large as packed an entry may become; below the size nobody counts.
const RATIO: u64 = 250;
const SMALL: u64 = 4 << 20;

/// What archives hold beside reports: pictures of what was found, leaflets, what systems leave behind.
const BESIDE: [&str; 20] = [
    "png", "jpg", "jpeg", "gif", "bmp", "webp", "svg", "mp4", "mov", "avi", "mp3", "pdf", "ppt",
    "pptx", "url", "lnk", "ini", "db", "css", "js",
];

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn too_large(reason: String) -> Fault {
    Fault::new(reason).code("too_large")
}

/// Opens an archive.
fn open(bytes: &[u8]) -> Result<Archive<'_>, Fault> {
    // Counted before the list is read: the list alone could fill the memory.
    let listed = memchr::memmem::find_iter(bytes, b"PK\x01\x02").count();
    if listed > 20 * ENTRIES {
        return Err(too_many());
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    // Of entries with one name only the last is found.
    let end = memchr::memmem::rfind(bytes, b"PK\x05\x06");
    let said = end.and_then(|at| bytes.get(at + 10..at + 12));
    let said = said.and_then(|two| two.try_into().ok());
    let said = said.map(|two| usize::from(u16::from_le_bytes(two)));
    if said.is_some_and(|said| said != 0xffff && said > archive.len()) {
        return Err(broken("two entries have the same name"));
    }
    Ok(archive)
}

fn too_many() -> Fault {
    too_large(format!(
        "the archive has more than {ENTRIES} entries; pack only the reports of one day"
    ))
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::new(format!(
        "the archive is damaged or not complete ({error}); pack it again, as .zip, and send it again"
    ))
    .code("bad_archive")
}

/// What a file that begins like an archive is.
pub(super) fn form(bytes: &[u8]) -> Result<Format, Fault> {
    let holds = |what: &str| memchr::memmem::find(bytes, what.as_bytes()).is_some();
    let Ok(archive) = open(bytes) else {
        // Broken off, perhaps: what it was going to be is told by whoever reads it.
        return Ok(match () {
            () if holds("word/document.xml") => Format::Docx,
            () if ["[Content_Types].xml", "xl/", "docProps/"]
                .into_iter()
                .any(holds) =>
            {
                Format::Xlsx
            }
            () => Format::Zip,
        });
    };
    let has = |name: &str| archive.index_for_name(name).is_some();
    match () {
        () if has("word/document.xml") => Ok(Format::Docx),
        () if has("ppt/presentation.xml") => Err(Fault::new(
            "this is a presentation; save the table in it as XLSX, DOCX or CSV",
        )
        .code("foreign")),
        () if has("[Content_Types].xml") || has("META-INF/manifest.xml") => Ok(Format::Xlsx),
        () => Ok(Format::Zip),
    }
}

/// Unpacks one entry, and takes it off what there is room for.
fn unpack(entry: &mut ZipFile<'_, Cursor<&[u8]>>, room: &mut u64) -> Result<Vec<u8>, Fault> {
    let limit = ENTRY.min(*room);
    let packed = entry.compressed_size();
    let most = limit.min(SMALL.max(packed.saturating_mul(RATIO)));
    let mut bytes = Vec::new();
    let read = entry
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    let read = read as u64;
    if read > most {
        return Err(too_large(match most {
            most if most == *room => format!(
                "the archive is larger than {} MB once it is unpacked; split it",
                TOTAL >> 20
            ),
            ENTRY => format!(
                "the file is larger than {} MB once it is unpacked; have the report split",
                ENTRY >> 20
            ),
            _ => format!(
                "the file becomes more than {RATIO} times as large once it is unpacked, which no report \
                 does; send the report itself, unpacked"
            ),
        }));
    }
    *room -= read;
    Ok(bytes)
}

/// A part of a document, as text; none where it has no such part.
pub(super) fn part(bytes: &[u8], name: &str) -> Result<Option<String>, Fault> {
    let mut archive = open(bytes)?;
    let Some(at) = archive.index_for_name(name) else {
        return Ok(None);
    };
    let mut entry = archive.by_index(at).map_err(broken)?;
    let bytes = unpack(&mut entry, &mut TOTAL.clone())?;
    Ok(Some(decode_text(&bytes).0))
}

/// What stands in an archive.
enum Entry {
    /// A file that is to be read, with its name.
    Report(String),
    /// Something that is no report, and why it is left out.
    Beside(String),
    Folder,
}

fn kind(entry: &ZipFile<'_, Cursor<&[u8]>>) -> Result<Entry, Fault> {
    // The archive says whether a name is UTF-8, or forgets to; else it is GBK.
    let (name, _) = decode_text(entry.name_raw());
    let name = name.replace('\\', "/");
    if name.ends_with('/') || entry.is_dir() {
        return Ok(Entry::Folder);
    }
    let own = name.rsplit('/').next().unwrap_or_default();
    if name.starts_with("__MACOSX/") || own.starts_with(['.', '~']) {
        return Ok(Entry::Folder);
    }
    let ending = own.rsplit_once('.').map_or("", |(_, ending)| ending);
    if BESIDE.contains(&ending.to_lowercase().as_str()) {
        return Ok(Entry::Beside(format!(
            "{name} is no report and was left out"
        )));
    }
    if entry.encrypted() {
        let reason = "the archive has a password; pack it again without one";
        return Err(Fault::new(reason).code("encrypted").column(name));
    }
    Ok(Entry::Report(name))
}

/// Reads every report of an archive. An error of one of them is one of all: what the others do not list
/// would else be taken as fixed.
pub(super) fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
    whole: &mut Decoded,
) -> Result<(), Fault> {
    let mut archive = open(bytes)?;
    if archive.len() > ENTRIES {
        return Err(too_many());
    }
    let mut room = TOTAL;
    let mut reports = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(broken)?;
        match kind(&entry).map_err(|fault| located(fault, options))? {
            Entry::Report(name) => reports.push((at, name)),
            Entry::Beside(note) => whole.notes.push(note),
            Entry::Folder => {}
        }
    }
    if reports.is_empty() {
        let reason = "the archive holds no report: no JSON, CSV, XLSX, HTML or DOCX";
        return Err(Fault::new(reason).code("no_rows"));
    }
    of_one_day(&reports)?;
    let several = reports.len() > 1;
    let mut encodings = BTreeSet::new();
    for (at, name) in reports {
        let inner = DecodeOptions {
            file_name: format!("{}/{name}", options.file_name),
            ..options.clone()
        };
        let in_entry = |fault: Fault| fault.file(&inner.file_name);
        let mut entry = archive.by_index(at).map_err(unopened).map_err(in_entry)?;
        let unpacked = unpack(&mut entry, &mut room).map_err(in_entry)?;
        let mut decoded = one(&unpacked, &inner, vocabulary, Part::Packed(whole.taken()));
        if let Err(fault) = &mut decoded
            && several
            && !matches!(fault.code, Some("too_many_rows" | "too_many_cells"))
        {
            fault
                .reason
                .push_str("; or, if this is no report, take it out of the archive");
        }
        let decoded = decoded?;
        encodings.extend(decoded.encoding.clone());
        add(decoded, several.then_some(name.as_str()), whole);
    }
    if !encodings.is_empty() {
        let encodings: Vec<String> = encodings.into_iter().collect();
        whole.encoding = Some(encodings.join(" + "));
    }
    Ok(())
}

fn unopened(error: ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(what) => Fault::new(format!(
            "the archive is packed in a way that is not read ({what}); pack it again as an ordinary .zip"
        ))
        .code("bad_archive"),
        error => broken(error),
    }
}

/// A fault of an entry, whose name was put where only its name was known.
fn located(mut fault: Fault, options: &DecodeOptions) -> Fault {
    if let Some(name) = fault.column.take() {
        fault.file = Some(format!("{}/{name}", options.file_name));
    }
    fault
}

/// Reports of several days are several reports.
fn of_one_day(reports: &[(usize, String)]) -> Result<(), Fault> {
    let days = reports.iter().filter_map(|(_, name)| {
        let own = name.rsplit('/').next().unwrap_or_default();
        match dates::date_in(own) {
            Named::Day(day) => Some(day),
            _ => None,
        }
    });
    let days: BTreeSet<_> = days.collect();
    if days.len() < 2 {
        return Ok(());
    }
    let shown: Vec<String> = days.iter().take(5).map(ToString::to_string).collect();
    let reason = format!(
        "the archive holds reports of several days ({}); pack each day by itself, and name the archive with \
         its day",
        shown.join(", ")
    );
    Err(Fault::new(reason).code("several_days"))
}

/// Adds what was understood of an entry; where there are several, its name stands before its sheets.
fn add(decoded: Decoded, name: Option<&str>, whole: &mut Decoded) {
    let placed = |sheet: Option<String>| match (name, sheet) {
        (Some(name), Some(sheet)) => Some(format!("{name}!{sheet}")),
        (Some(name), None) => Some(name.to_owned()),
        (None, sheet) => sheet,
    };
    whole.taken.cells = decoded.taken.cells;
    for mut finding in decoded.findings {
        finding.sheet = placed(finding.sheet.take());
        whole.findings.push(finding);
    }
    whole.rejected.extend(decoded.rejected);
    for mut column in decoded.columns {
        column.sheet = placed(column.sheet.take());
        whole.columns.push(column);
    }
    let notes = decoded.notes.into_iter();
    whole.notes.extend(notes.map(|note| match name {
        Some(name) => format!("{name}: {note}"),
        None => note,
    }));
    whole.incomplete = whole.incomplete.take().or(decoded.incomplete);
}
