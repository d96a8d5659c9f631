//! In which encoding a text is: by its mark, by what decodes without a fault, by the headers that are known then.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

use super::csv;
use crate::error::Fault;
use crate::report::sheet::Decoded;
use crate::vocabulary::Vocabulary;

/// So much of a text is looked at to choose between encodings.
const SAMPLE: usize = 64 * 1024;

/// Reads text: BOM, then strict UTF-8, then GB18030. The text and the encoding's name.
pub fn decode_text(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let (text, _) =
            encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
        return (text.into_owned(), encoding.name());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), "UTF-8"),
        Err(_) => {
            let (text, _) = GB18030.decode_without_bom_handling(bytes);
            (text.into_owned(), "GB18030")
        }
    }
}

/// The encoding of a setting, by a label of the web's: `gbk`, `big5`, `utf-16le`.
pub fn by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim().as_bytes())
}

/// Reads the text of a table, and says in which encoding and with what doubt.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    setting: Option<&str>,
    vocabulary: &Vocabulary,
    decoded: &mut Decoded,
) -> Result<Cow<'a, str>, Fault> {
    if let Some(label) = setting {
        let encoding = by_label(label).ok_or_else(|| {
            Fault::new("no such encoding; write utf-8, gb18030, big5 or utf-16le")
                .code("no_encoding")
                .column("encoding")
                .value(label)
        })?;
        let (text, wrong) = encoding.decode_with_bom_removal(bytes);
        return Ok(told(text, encoding, wrong, decoded));
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        let (text, wrong) = encoding.decode_without_bom_handling(rest);
        return Ok(told(text, encoding, wrong, decoded));
    }
    if bytes.contains(&0) {
        return Err(Fault::new(
            "this is no text: neither a table, a workbook nor JSON; if it is UTF-16 without a mark, \
             set encoding = \"utf-16le\" of the source",
        )
        .code("not_text"));
    }
    let cut = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(told(Cow::Borrowed(text), UTF_8, false, decoded)),
        // A file that ends in the middle of a character was cut off there.
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()),
        Err(_) => None,
    };
    if let Some(cut) = cut {
        // The row that was cut through says something else than it did.
        let last = cut.iter().rposition(|byte| *byte == b'\n');
        let whole = cut.get(..last.map_or(0, |at| at + 1)).unwrap_or_default();
        let whole = String::from_utf8_lossy(whole);
        let reason = "the file ends in the middle of a character: it was cut off, and its last \
                      row was left out; fetch it again";
        decoded.incomplete = Some(Fault::new(reason).code("cut_off"));
        return Ok(told(whole, UTF_8, false, decoded));
    }
    Ok(chinese(bytes, vocabulary, decoded))
}

/// GB18030, Big5, or UTF-8 of which a few bytes were damaged.
fn chinese<'a>(bytes: &'a [u8], vocabulary: &Vocabulary, decoded: &mut Decoded) -> Cow<'a, str> {
    let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or(bytes);
    // Cut after a line, where no character is cut through.
    let end = sample
        .iter()
        .rposition(|b| *b == b'\n')
        .filter(|_| sample.len() < bytes.len());
    let sample = end.and_then(|end| sample.get(..end)).unwrap_or(sample);
    let mut best: Option<(usize, bool, &'static Encoding)> = None;
    let mut level = false;
    for encoding in [GB18030, BIG5, UTF_8] {
        let (text, wrong) = encoding.decode_without_bom_handling(sample);
        if encoding != GB18030 && text.chars().filter(|c| *c == '\u{fffd}').count() > 20 {
            continue;
        }
        // Characters for private use are what one encoding makes of another's.
        let private = text.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}'));
        let (_, known) = csv::delimiter(&text, vocabulary);
        let clean = !wrong && !private;
        match best {
            Some((most, was_clean, _)) if (known, clean) < (most, was_clean) => {}
            Some((most, was_clean, _)) if (known, clean) == (most, was_clean) => level = clean,
            _ => {
                best = Some((known, clean, encoding));
                level = false;
            }
        }
    }
    let encoding = best.map_or(GB18030, |(_, _, encoding)| encoding);
    if level {
        decoded.notes.push(format!(
            "the text may be GB18030 or Big5, and no header tells which: read as {}; set encoding \
             of the source if that is wrong",
            shown(encoding)
        ));
    }
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    told(text, encoding, wrong, decoded)
}

/// How an encoding is called.
fn shown(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "gb18030" => "GB18030",
        name => name,
    }
}

/// Notes the encoding, and that characters were lost.
fn told<'a>(
    text: Cow<'a, str>,
    encoding: &'static Encoding,
    wrong: bool,
    decoded: &mut Decoded,
) -> Cow<'a, str> {
    decoded.encoding = Some(shown(encoding).to_owned());
    if wrong {
        let lost = text.chars().filter(|c| *c == '\u{fffd}').count();
        decoded.notes.push(format!(
            "{lost} characters could not be read as {}; have the report exported again as UTF-8, or \
             set encoding of the source",
            shown(encoding)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::decode::{Format, Taken};

    fn read_as(bytes: &[u8], setting: Option<&str>) -> (String, String, usize) {
        let mut decoded = Decoded::new(Format::Csv, Taken::default());
        let words = Vocabulary::builtin().unwrap();
        let text = read(bytes, setting, &words, &mut decoded)
            .unwrap()
            .into_owned();
        (
            text,
            decoded.encoding.unwrap_or_default(),
            decoded.notes.len(),
        )
    }

    #[test]
    fn the_encoding_is_found_or_its_doubt_is_said() {
        let simple = "账号名称,问题类型\n示范发布,错别字\n";
        let old = "帳號名稱,問題類型\n示範發佈,錯別字\n";
        let (gb, _, _) = GB18030.encode(simple);
        let (big5, _, _) = BIG5.encode(old);
        let utf16: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(simple.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let seen = |bytes: &[u8], text: &str, encoding: &str, notes: usize| {
            let want = (text.to_owned(), encoding.to_owned(), notes);
            assert_eq!(read_as(bytes, None), want);
        };
        seen(simple.as_bytes(), simple, "UTF-8", 0);
        seen(&gb, simple, "GB18030", 0);
        seen(&big5, old, "Big5", 0);
        seen(&utf16, simple, "UTF-16BE", 0);
        seen(
            &[b"\xef\xbb\xbf", simple.as_bytes()].concat(),
            simple,
            "UTF-8",
            0,
        );
        // One byte of UTF-8 was damaged: the headers still tell.
        let damaged = [simple.as_bytes(), b"\xff,x\n"].concat();
        seen(&damaged, &format!("{simple}\u{fffd},x\n"), "UTF-8", 1);
        // No header that is known in either.
        let (vague, _, _) = BIG5.encode("媒體,管理\n");
        assert_eq!(read_as(&vague, None).2, 1);
        assert_eq!(read_as(&vague, Some("big5")).0, "媒體,管理\n");
    }

    #[test]
    fn a_text_that_was_cut_off_proves_nothing() {
        let text = "账号名称,问题类型\n示范发布,错别字\n";
        let bytes = text.as_bytes();
        let mut decoded = Decoded::new(Format::Csv, Taken::default());
        let words = Vocabulary::builtin().unwrap();
        let cut = bytes.get(..bytes.len() - 2).unwrap();
        let read = read(cut, None, &words, &mut decoded).unwrap();
        assert_eq!(read, "账号名称,问题类型\n");
        assert!(decoded.incomplete.is_some());
        assert!(super::read(b"a\0b", None, &words, &mut decoded).is_err());
        assert!(super::read(b"ab", Some("latin9000"), &words, &mut decoded).is_err());
    }
}
