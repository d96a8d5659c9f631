//! What reports and names may be mutilated into: nothing of it brings the reader down, takes long or fills the
//! memory, and each row of it is understood or rejected with its place.
//!
//! The files of `tests/reports/input` are changed at random, from a seed, so that each case can be had again. A
//! short while of it runs with the tests; `./fuzz SECONDS` runs longer, and goes on where it ended. What fails is
//! kept in `target/fuzz`; put it into `tests/reports/input` once it is mended.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here has to fail"
)]

use std::io::{Cursor, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use duban::finding::text;
use duban::report::decode::{self, DecodeOptions, Format};
use duban::vocabulary::{self, Vocabulary};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Cases of each target that run with the tests.
const CASES: u64 = 150;

/// The longest that a case may take, not optimised; time that others had the processor does not count.
const LONGEST: Duration = Duration::from_secs(20);

/// The most memory that the program may ever have held, in KiB.
const MOST: u64 = 1_500_000;

static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::builtin().unwrap());

static CORPUS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/input");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|f| f.extension().unwrap() != "toml").collect();
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(&file).unwrap())
    };
    files.into_iter().map(read).collect()
});

/// What reports are made of, and what breaks readers of it.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xef\xbf\xbd",
    b"\x81",
    b"\"",
    b"'",
    b",",
    b"\t",
    b"\n",
    b"\r\n",
    b"|",
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"1e999",
    b"-0",
    b"9999999999999999999999",
    b"1E15",
    b"<table>",
    b"</table>",
    b"<tr>",
    b"<td colspan=1000 rowspan=65535>",
    b"<th>",
    b"<caption>",
    b"<!--",
    b"<script>",
    b"<template>",
    b"<select>",
    b"<svg><desc>",
    b"<math><mi>",
    b"<b><i>",
    b"<a href=http://x>",
    b"&#x110000;",
    b"&amp",
    b"<plaintext>",
    b"<frameset>",
    b"<w:tbl>",
    b"</w:tc>",
    b"<w:tr>",
    b"<w:tc>",
    b"<w:vMerge/>",
    b"<w:gridSpan w:val=\"9999999\"/>",
    b"<![CDATA[",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;",
    "账号名称".as_bytes(),
    "错敏词".as_bytes(),
    "合计".as_bytes(),
    "2021年13月45日".as_bytes(),
    "\u{b2}\u{ba}".as_bytes(),
    "=\"0012\"".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"\xd5\xcb\xba\xc5\xc3\xfb\xb3\xc6",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"../../",
    b"__MACOSX/",
];

/// Changes bytes here and there.
fn mutilated(mut bytes: Vec<u8>, rng: &mut StdRng) -> Vec<u8> {
    for _ in 0..rng.random_range(1..=6) {
        let length = bytes.len();
        let at = rng.random_range(0..=length);
        let end = (at + rng.random_range(0..=64_usize.min(length + 1))).min(length);
        match rng.random_range(0..11) {
            0 if at < length => bytes[at] ^= 1 << rng.random_range(0..8),
            1 if at < length => bytes[at] = rng.random(),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                let times = rng.random_range(1..200);
                bytes.splice(at..at, piece.repeat(times));
            }
            4 => bytes.truncate(at),
            5 => {
                let (_, other) = &CORPUS[rng.random_range(0..CORPUS.len())];
                let from = rng.random_range(0..=other.len());
                let to = (from + rng.random_range(0..400)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            6 => {
                let token = TOKENS[rng.random_range(0..TOKENS.len())];
                let times = if rng.random_ratio(1, 8) { 3_000 } else { 1 };
                bytes.splice(at..at, token.repeat(times));
            }
            _ => {
                let token = TOKENS[rng.random_range(0..TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
    bytes.truncate(4 << 20);
    bytes
}

/// Changes what is packed, and packs it again: changes of the packed bytes seldom come further than the sum.
fn packed_again(bytes: &[u8], rng: &mut StdRng) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).ok()?;
        let name = entry.name().ok()?.into_owned();
        let mut inside = Vec::new();
        entry.by_ref().take(1 << 20).read_to_end(&mut inside).ok()?;
        entries.push((name, inside));
    }
    let chosen = rng.random_range(0..entries.len().max(1));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, inside)) in entries.into_iter().enumerate() {
        let inside = match at == chosen {
            true => mutilated(inside, rng),
            false => inside,
        };
        let method = match rng.random_ratio(1, 2) {
            true => zip::CompressionMethod::Stored,
            false => zip::CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(name, options).ok()?;
        writer.write_all(&inside).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn options(format: Format, rows: Option<&str>) -> DecodeOptions {
    DecodeOptions {
        format,
        rows_path: rows.map(str::to_owned),
        file_name: "fuzz".to_owned(),
        date: "2021-06-30".parse().unwrap(),
        zone: chrono_tz::Asia::Shanghai,
        updates: false,
        tables: duban::report::decode::Tables::default(),
    }
}

/// Reads a mutilated report. That findings and rejected rows are all rows, the reader asserts itself.
fn read(bytes: &[u8], options: &DecodeOptions) -> Result<(), String> {
    match decode::decode(bytes, options, &WORDS) {
        Ok(decoded) => {
            for rejected in &decoded.rejected {
                let fault = &rejected.fault;
                if fault.row.is_none_or(|row| row == 0) || fault.file.is_none() {
                    return Err(format!("a rejected row has no place: {fault}"));
                }
            }
            match decoded.findings.iter().find(|finding| finding.row == 0) {
                Some(_) => Err("a finding has no row".to_owned()),
                None => Ok(()),
            }
        }
        Err(fault) if fault.file.is_none() || fault.code.is_none() => {
            Err(format!("a refusal names no file or has no code: {fault}"))
        }
        Err(_) => Ok(()),
    }
}

/// The most memory that the program has held so far, in KiB; 0 where the system does not say.
fn held() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

/// How long this thread has had a processor; where the system does not say, how long it has been.
fn ran_for(begun: Instant) -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = said.split_whitespace().next().and_then(|n| n.parse().ok());
    nanos.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

/// Runs the cases of a target: a fixed number, or as long as `DUBAN_FUZZ_SECONDS` says.
fn run(target: &str, case: impl Fn(&mut StdRng) -> (Vec<u8>, Result<(), String>)) {
    let seconds = std::env::var("DUBAN_FUZZ_SECONDS").ok();
    let seconds: Option<u64> = seconds.map(|text| text.parse().unwrap());
    let from = std::env::var("DUBAN_FUZZ_FROM").ok();
    let from: u64 = from.map_or(0, |text| text.parse().unwrap());
    let begun = Instant::now();
    let (mut longest, mut ran) = (Duration::ZERO, 0);
    for n in from.. {
        let over = match seconds {
            Some(seconds) => begun.elapsed() >= Duration::from_secs(seconds),
            None => n >= from + CASES,
        };
        if over {
            break;
        }
        let mut rng = StdRng::seed_from_u64(n);
        let started = ran_for(begun);
        let input = std::cell::RefCell::new(Vec::new());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let (bytes, check) = case(&mut rng);
            *input.borrow_mut() = bytes;
            check
        }));
        let took = ran_for(begun).saturating_sub(started);
        (longest, ran) = (longest.max(took), ran + 1);
        let wrong = match outcome {
            Err(_) => Some("it panics".to_owned()),
            Ok(Err(wrong)) => Some(wrong),
            Ok(Ok(())) if took > LONGEST => Some(format!("it takes {took:?}")),
            Ok(Ok(())) if n % 16 == 0 && held() > MOST => Some(format!("{} KiB were held", held())),
            Ok(Ok(())) => None,
        };
        if let Some(wrong) = wrong {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
            std::fs::create_dir_all(&folder).unwrap();
            let kept = folder.join(format!("{target}-{n}"));
            std::fs::write(&kept, input.take()).unwrap();
            panic!(
                "{target}, case {n} (DUBAN_FUZZ_FROM={n}): {wrong}; the input is {}",
                kept.display()
            );
        }
    }
    println!(
        "{target}: {ran} cases in {:?}, the longest {longest:?}, at most {} KiB held",
        begun.elapsed(),
        held()
    );
}

/// Mutilates the files of some endings, which are then read by their content or by what their source says.
fn decoder(target: &str, endings: &[&str], format: Format) {
    let files = CORPUS.iter().filter(|(name, bytes)| {
        endings.iter().any(|ending| name.ends_with(ending)) && bytes.len() < 200_000
    });
    let files: Vec<&Vec<u8>> = files.map(|(_, bytes)| bytes).collect();
    assert!(!files.is_empty(), "{target}: no input to start from");
    run(target, |rng| {
        let file = files[rng.random_range(0..files.len())];
        let again = rng.random_ratio(3, 4).then(|| packed_again(file, rng));
        let bytes = match again.flatten() {
            Some(bytes) => bytes,
            None => mutilated(file.clone(), rng),
        };
        let format = match rng.random_ratio(1, 2) {
            true => Format::Auto,
            false => format,
        };
        let paths = [
            None,
            Some("data.list"),
            Some("$..list[*]"),
            Some("$.data.units[*].findings[?@.x]"),
        ];
        let path = paths[rng.random_range(0..paths.len())];
        let outcome = catch_unwind(AssertUnwindSafe(|| read(&bytes, &options(format, path))));
        let outcome = outcome.unwrap_or_else(|_| Err("it panics".to_owned()));
        (bytes, outcome)
    });
}

#[test]
fn csv() {
    decoder("csv", &[".csv"], Format::Csv);
}

#[test]
fn json() {
    decoder("json", &[".json"], Format::Json);
}

#[test]
fn json_lines() {
    decoder("json_lines", &[".jsonl"], Format::JsonLines);
}

#[test]
fn html() {
    decoder("html", &[".html", "platform.xls"], Format::Html);
}

#[test]
fn docx() {
    decoder("docx", &[".docx"], Format::Docx);
}

#[test]
fn zip_archives() {
    decoder("zip", &[".zip"], Format::Zip);
}

#[test]
fn workbooks() {
    let book = || -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let rows = [
            ["账号名称", "账号类型", "问题类型", "错敏词", "监测时间"],
            ["示范一区发布", "微信公众号", "错别字", "做为", "2021-06-30"],
            ["示范二区教育", "微博", "错别字", "按装", "44377"],
        ];
        for (y, row) in (1..).zip(rows) {
            for (x, cell) in (0..).zip(row) {
                sheet.write(y, x, cell)?;
            }
        }
        sheet.merge_range(0, 0, 0, 4, "检查报告", &rust_xlsxwriter::Format::new())?;
        book.save_to_buffer()
    };
    let book = book().unwrap();
    run("xlsx", |rng| {
        let bytes = match rng.random_ratio(4, 5) {
            true => packed_again(&book, rng).unwrap(),
            false => mutilated(book.clone(), rng),
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            read(&bytes, &options(Format::Auto, None))
        }));
        let outcome = outcome.unwrap_or_else(|_| Err("it panics".to_owned()));
        (bytes, outcome)
    });
}

/// Letters that fold, vanish, join and grow.
const LETTERS: &str = "I l1Ⅰ|丨｜東东發髮账帐迳径(guān)（kāi）[]【】〔〕﹝﹞“”'\u{200b}\u{feff}\u{202e}\u{301}\u{327}\
    ﷺİßǅﬃℌ①㍿ㄱ\u{1100}\u{1161}\u{11a8}Ａｂ０薴苧苎\u{f900}\u{2f800}👩\u{200d}👧e\u{304}福州市区县.。·•—-_~";

#[test]
fn names() {
    let letters: Vec<char> = LETTERS.chars().collect();
    let texts: Vec<String> = CORPUS
        .iter()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).chars().take(4_000).collect())
        .collect();
    run("names", |rng| {
        let mut name = String::new();
        for _ in 0..rng.random_range(0..24) {
            match rng.random_range(0..12) {
                0 => name.push(rng.random()),
                1 => {
                    let text: Vec<char> = texts[rng.random_range(0..texts.len())].chars().collect();
                    let from = rng.random_range(0..=text.len());
                    name.extend(text.iter().skip(from).take(6));
                }
                _ => name.push(letters[rng.random_range(0..letters.len())]),
            }
        }
        let twice = |what: &str, f: &dyn Fn(&str) -> String| {
            let once = f(&name);
            let again = f(&once);
            if once != again {
                return Err(format!(
                    "{what} of {name:?} is {once:?}, and of that {again:?}"
                ));
            }
            match once.chars().count() > 20 * name.chars().count() {
                true => Err(format!("{what} of {name:?} grows")),
                false => Ok(()),
            }
        };
        let outcome = twice("exact", &text::exact)
            .and_then(|()| twice("fold", &text::fold))
            .and_then(|()| twice("a word", &vocabulary::fold))
            .map(|()| {
                let _ = text::is_damaged(&name);
            });
        (name.into_bytes(), outcome)
    });
}
