//! What a file is, told by its content; what is no report in any form is refused with what to do.

use memchr::memmem;

use super::{Format, archive};
use crate::error::Fault;

/// The form of a report. What its source says counts for all that could be that form; an archive of
/// reports is one all the same.
pub(super) fn of(said: Format, bytes: &[u8]) -> Result<Format, Fault> {
    if let Some(reason) = foreign(bytes) {
        return Err(Fault::new(reason).code("foreign"));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let found = archive::form(bytes)?;
        return match (said, found) {
            (_, Format::Zip) | (Format::Auto, _) => Ok(found),
            (said, found) if said == found => Ok(said),
            (said, found) => Err(other(said, found)),
        };
    }
    let book = bytes.starts_with(OLE);
    match (said, book) {
        (Format::Auto | Format::Xlsx, true) => return Ok(Format::Xlsx),
        (said, true) => return Err(other(said, Format::Xlsx)),
        (Format::Auto, false) => {}
        (Format::Xlsx | Format::Docx | Format::Zip, false) => return Err(other(said, text(bytes))),
        (said, false) => return Ok(said),
    }
    Ok(text(bytes))
}

/// What the source says of the form, and what the content is, are two things.
fn other(said: Format, is: Format) -> Fault {
    let (said, is) = (said.as_str(), is.as_str());
    let reason = format!(
        "the source says format = {said:?}, the content is {is}; leave format out, then the content decides"
    );
    Fault::new(reason).code("other_format")
}

/// The form of a text.
fn text(bytes: &[u8]) -> Format {
    let start = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let wide = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let start = match wide {
        Some(encoding) => encoding.decode(start).0,
        None => String::from_utf8_lossy(start),
    };
    let start = start.trim_start();
    match start.chars().next() {
        Some('[') => Format::Json,
        Some('{') if lines(bytes) => Format::JsonLines,
        Some('{') => Format::Json,
        Some('<') if page(start) => Format::Html,
        _ => Format::Csv,
    }
}

/// The container of old Word and Excel files, and of encrypted new ones.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";

/// So many bytes tell a page.
const LOOKED_AT: usize = 4_096;

fn page(start: &str) -> bool {
    let start = start.to_ascii_lowercase();
    let tags = [
        "<html",
        "<!doctype html",
        "<table",
        "<head",
        "<body",
        "<meta",
        "<div",
        "<style",
        "<title",
        "<!--",
        "<center",
        "<font",
        "<p",
        "<h",
        "<script",
        "<?xml",
    ];
    tags.iter().any(|tag| start.starts_with(tag))
}

/// Whether each line is an object of its own: at least two begin like one, one of the first is whole, and none
/// goes on in the next, as those of an array do that has a line for each row.
fn lines(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).take(8).collect();
    let whole = |line: &[u8]| {
        line.ends_with(b"}")
            && serde_json::from_str::<serde::de::IgnoredAny>(&String::from_utf8_lossy(line)).is_ok()
    };
    let goes_on = |line: &&[u8]| matches!(line.last(), Some(b',' | b'[' | b'{' | b':'));
    let begins = first.iter().filter(|line| line.starts_with(b"{")).count();
    begins > 1 && !first.iter().any(goes_on) && first.iter().any(|line| whole(line))
}

/// What is no report, by its first bytes, and what to do instead.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let wide = |text: &str| -> Vec<u8> { text.bytes().flat_map(|byte| [byte, 0]).collect() };
    let holds = |what: &[u8]| memmem::find(bytes, what).is_some();
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let start = text.get(..LOOKED_AT).unwrap_or(text);
    if bytes.starts_with(OLE) {
        return match () {
            () if holds(&wide("EncryptedPackage")) => {
                Some("the file has a password; save it again without one")
            }
            () if holds(&wide("WordDocument")) => Some(
                "this is a document of an old Word (.doc); open it in Word or WPS and save it as .docx",
            ),
            () if holds(&wide("PowerPoint Document")) => {
                Some("this is a presentation; save the table in it as XLSX, DOCX or CSV")
            }
            () => None,
        };
    }
    let starts = |what: &[u8]| text.starts_with(what);
    match () {
        () if starts(b"%PDF") => {
            Some("this is a PDF; ask for the report as XLSX, DOCX or CSV, from which it was made")
        }
        () if starts(b"{\\rtf") => Some("this is RTF; open it in Word or WPS and save it as .docx"),
        () if starts(b"Rar!") || starts(b"7z\xbc\xaf\x27\x1c") || starts(b"\x1f\x8b") => Some(
            "this is an archive of another kind than ZIP; pack it as .zip, or send the file in it",
        ),
        () if starts(b"MIME-Version:") && memmem::find(start, b"multipart/related").is_some() => {
            Some(
                "this is a page with its pictures in one file (.mht); open it in Excel and save it as .xlsx",
            )
        }
        () if memmem::find(start, b"urn:schemas-microsoft-com:office:spreadsheet").is_some()
            && memmem::find(start, b"<Workbook").is_some() =>
        {
            Some(
                "this is a workbook as XML of Excel 2003; open it in Excel or WPS and save it as .xlsx",
            )
        }
        () if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") => {
            Some("this is a picture; send the report itself as XLSX, DOCX or CSV")
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_content() {
        for (bytes, want) in [
            (&b"[{\"a\":1}]"[..], Format::Json),
            (
                b"\xef\xbb\xbf {\"data\":[\n{\"a\":1},\n{\"a\":2}]}",
                Format::Json,
            ),
            (b"{\n\"data\":[]}", Format::Json),
            (b"{\"data\":[\n{\"a\":1},\n{\"a\":2}\n]}", Format::Json),
            (b"{\"data\":\n[{\"a\":1},\n{\"a\":2}\n]}", Format::Json),
            (b"{\"a\":1}\n\n{\"a\":2}\n", Format::JsonLines),
            (b"{\"a\":1\n{\"a\":2}\n", Format::JsonLines),
            (b"<!DOCTYPE html><p>", Format::Html),
            (b"\n<TABLE>", Format::Html),
            (b"\xff\xfe<\0h\0t\0m\0l\0>\0", Format::Html),
            (b"a,b\n<c>,d", Format::Csv),
            (b"PK\x03\x04nothing", Format::Zip),
            (b"PK\x03\x04 xl/workbook.xml", Format::Xlsx),
        ] {
            assert_eq!(of(Format::Auto, bytes).unwrap(), want, "{bytes:?}");
        }
        for bytes in [
            &b"%PDF-1.7"[..],
            b"{\\rtf1\\ansi",
            b"Rar!\x1a",
            b"\x1f\x8b\x08",
        ] {
            let fault = of(Format::Csv, bytes).unwrap_err();
            assert_eq!(fault.code, Some("foreign"), "{bytes:?}");
        }
    }
}
