//! Reports as they really come: a file each in `input/`, and beside it in `snapshots/` what is understood of it.
//! A file `NAME.toml` beside `NAME` says what its source's settings say.
//! `INSTA_UPDATE=always ./test --test reports` keeps what has changed.

#![expect(clippy::unwrap_used, reason = "an input that is not there fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use duban::finding::Finding;
use duban::report::decode::{self, Decoded};
use duban::report::source::SourceSettings;
use duban::vocabulary::Vocabulary;

/// All inputs are of this day unless their name says another.
const DAY: &str = "2021-06-30";

fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/input");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|ending| ending != "toml"));
    files.sort();
    files
}

/// What the source of an input says; nothing unless a file beside it does.
fn settings(input: &Path) -> SourceSettings {
    let mut name = input.as_os_str().to_owned();
    name.push(".toml");
    let text = std::fs::read_to_string(PathBuf::from(name)).unwrap_or_default();
    toml::from_str(&text).unwrap()
}

fn read(input: &Path) -> Result<Decoded, duban::error::Fault> {
    let source = settings(input);
    let name = input.file_name().unwrap().to_string_lossy();
    let options = source.decoding(&name, DAY.parse().unwrap(), chrono_tz::Asia::Shanghai);
    let bytes = std::fs::read(input).unwrap();
    decode::decode(&bytes, &options, &Vocabulary::builtin().unwrap())
}

/// A finding in one line: its place, and each field that says something.
fn line(finding: &Finding) -> String {
    let json = serde_json::to_value(finding).unwrap();
    let fields = json.as_object().unwrap().iter();
    let said = fields.filter(|(name, value)| {
        let empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
        !(empty
            || **value == serde_json::Value::Bool(false)
            || matches!(name.as_str(), "row" | "sheet"))
    });
    let said: Vec<String> = said
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        })
        .collect();
    let sheet = finding.sheet.as_ref().map(|sheet| format!("{sheet}!"));
    format!(
        "{}{}: {}",
        sheet.unwrap_or_default(),
        finding.row,
        said.join(" | ")
    )
}

fn shown(read: Result<Decoded, duban::error::Fault>) -> String {
    let decoded = match read {
        Ok(decoded) => decoded,
        Err(fault) => return format!("refused: {fault}\n"),
    };
    let mut out = format!(
        "{} {}\n",
        decoded.format.as_str(),
        decoded.encoding.as_deref().unwrap_or("-")
    );
    for column in &decoded.columns {
        let sheet = column.sheet.as_ref().map(|sheet| format!("{sheet}!"));
        let field = column.field.as_deref().unwrap_or("(kept)");
        writeln!(
            out,
            "column {}{} = {field}",
            sheet.unwrap_or_default(),
            column.header
        )
        .unwrap();
    }
    for note in &decoded.notes {
        writeln!(out, "note {note}").unwrap();
    }
    for finding in &decoded.findings {
        writeln!(out, "{}", line(finding)).unwrap();
    }
    for rejected in &decoded.rejected {
        writeln!(out, "rejected {}", rejected.fault).unwrap();
    }
    out
}

#[test]
fn reports_are_understood_as_they_come() {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for input in inputs() {
            let name = input.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(name, shown(read(&input)));
        }
    });
}
