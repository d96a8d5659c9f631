//! A workbook's package, a ZIP of XML: what it is, how large it is once unpacked, and what its sheets say after their
//! rows, so that it need not be read twice.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read as _};
use std::sync::LazyLock;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use regex::bytes::Regex;
use zip::ZipArchive;

use super::{Area, Limits, Taken};
use crate::error::Fault;

/// What a package holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Xlsx,
    Xlsb,
    Ods,
    Other,
}

/// A package has at most so many parts.
const PARTS: usize = 20_000;

/// What is read of a part at once, and what of it is looked at again with the next piece.
const PIECE: usize = 64 * 1024;
const OVERLAP: usize = 64;

/// What is looked for: the list of merged cells, or a formula without its value.
static MARKS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"mergeCells|</f></c>|</f><v></v>|</f><v ?/>").ok());
static MERGED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let cell = "([A-Za-z]{1,3})([0-9]{1,7})";
    let text = format!(r#"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']{cell}:{cell}["']"#);
    Regex::new(&text).ok()
});

/// What stands in a sheet besides its rows.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub merged: Vec<Area>,
    /// Formulas that were never calculated: their cells are empty.
    pub uncalculated: bool,
}

/// An open package.
pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    limit: u64,
    unpacked: u64,
}

fn damaged() -> Fault {
    Fault::new(
        "the file begins like a workbook but was cut off or is damaged; fetch it again, or save it \
         again as .xlsx",
    )
    .code("damaged_file")
}

impl<'a> Package<'a> {
    /// Opens it; one that would be larger than the limit once unpacked, or is encrypted, is refused.
    pub(super) fn open(bytes: &'a [u8], limit: u64) -> Result<Self, Fault> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        if zip.len() > PARTS {
            let reason = format!("the workbook has {} parts, which no report has", zip.len());
            return Err(Fault::new(reason).code("too_large_unpacked"));
        }
        let mut names = Vec::with_capacity(zip.len());
        let mut claimed = 0_u64;
        for at in 0..zip.len() {
            let part = zip.by_index_raw(at).map_err(|_| damaged())?;
            if part.encrypted() {
                return Err(super::xlsx::encrypted());
            }
            claimed = claimed.saturating_add(part.size());
            let name = part.name().map_err(|_| damaged())?;
            names.push(name.replace('\\', "/"));
        }
        let package = Self {
            zip,
            names,
            limit,
            unpacked: 0,
        };
        package.fits(claimed)?;
        Ok(package)
    }

    fn fits(&self, size: u64) -> Result<(), Fault> {
        if size <= self.limit {
            return Ok(());
        }
        let limit = self.limit;
        let reason = format!(
            "unpacked the workbook has {size} bytes or more, the limit is {limit}; delete what is not \
             of the table, have the report split, or raise max_unpacked of the source"
        );
        Err(Fault::new(reason).code("too_large_unpacked"))
    }

    pub(super) fn holds(&self) -> Holds {
        let has = |name: &str| {
            self.names
                .iter()
                .any(|part| part.eq_ignore_ascii_case(name))
        };
        if has("xl/workbook.bin") {
            Holds::Xlsb
        } else if has("xl/workbook.xml") {
            Holds::Xlsx
        } else if has("content.xml") && has("mimetype") {
            Holds::Ods
        } else {
            Holds::Other
        }
    }

    /// Unpacks each part that will be read, and throws it away: it must be as large as it says.
    /// What sheets say after their rows comes back by the name of the sheet; nothing if no name is
    /// known for a part that says something.
    pub(super) fn look(&mut self) -> Result<Option<HashMap<String, Marks>>, Fault> {
        let mut by_part: HashMap<String, Marks> = HashMap::new();
        for at in 0..self.names.len() {
            let Some(name) = self.names.get(at).map(|name| name.to_ascii_lowercase()) else {
                continue;
            };
            let is_sheet = name.starts_with("xl/worksheets/") && name.ends_with(".xml");
            let read = is_sheet
                || matches!(
                    name.as_str(),
                    "xl/sharedstrings.xml" | "xl/styles.xml" | "xl/workbook.xml" | "content.xml"
                )
                || name.ends_with(".bin");
            if read {
                let marks = self.part(at, is_sheet)?;
                if !marks.merged.is_empty() || marks.uncalculated {
                    by_part.insert(name, marks);
                }
            }
        }
        if by_part.is_empty() {
            return Ok(Some(HashMap::new()));
        }
        let mut by_sheet = HashMap::new();
        for (sheet, part) in self.sheets().unwrap_or_default() {
            if let Some(marks) = by_part.remove(&part) {
                by_sheet.insert(sheet, marks);
            }
        }
        Ok(by_part.is_empty().then_some(by_sheet))
    }

    fn part(&mut self, at: usize, is_sheet: bool) -> Result<Marks, Fault> {
        let mut part = self.zip.by_index(at).map_err(|_| damaged())?;
        let says = part.size();
        let mut marks = Marks::default();
        let (mut piece, mut kept, mut size) = (vec![0; PIECE + OVERLAP], 0, 0_u64);
        let mut tail: Option<Vec<u8>> = None;
        while let Some(free) = piece.get_mut(kept..) {
            let read = part.read(free).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > says {
                return Err(damaged());
            }
            let seen = piece.get(..kept + read).unwrap_or_default();
            if let Some(tail) = &mut tail {
                tail.extend_from_slice(seen.get(kept..).unwrap_or_default());
                continue;
            }
            if is_sheet {
                for found in MARKS.iter().flat_map(|marks| marks.find_iter(seen)) {
                    if found.as_bytes() != b"mergeCells" {
                        marks.uncalculated = true;
                        continue;
                    }
                    tail = Some(seen.get(found.start()..).unwrap_or_default().to_vec());
                    break;
                }
            }
            if tail.is_some() {
                kept = 0;
                continue;
            }
            let from = seen.len().saturating_sub(OVERLAP);
            kept = seen.len() - from;
            piece.copy_within(from..from + kept, 0);
        }
        drop(part);
        self.unpacked += size;
        self.fits(self.unpacked)?;
        if let Some(tail) = tail {
            marks.merged = merged(&tail);
        }
        Ok(marks)
    }

    /// The sheets by name, and the part of each, in small letters.
    fn sheets(&mut self) -> Option<Vec<(String, String)>> {
        let book = self.text("xl/workbook.xml")?;
        let links = self.text("xl/_rels/workbook.xml.rels")?;
        let mut parts = HashMap::new();
        elements(&links, "Relationship", |attribute| {
            let target = attribute("Target")?;
            let target = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("xl/{target}"),
            };
            parts.insert(attribute("Id")?, target.to_ascii_lowercase());
            Some(())
        })?;
        let mut sheets = Vec::new();
        elements(&book, "sheet", |attribute| {
            let part = parts.get(&attribute("id")?)?.clone();
            sheets.push((attribute("name")?, part));
            Some(())
        })?;
        Some(sheets)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let at = self
            .names
            .iter()
            .position(|part| part.eq_ignore_ascii_case(name))?;
        let mut part = self.zip.by_index(at).ok()?;
        let mut text = String::new();
        part.by_ref()
            .take(16 << 20)
            .read_to_string(&mut text)
            .ok()?;
        Some(text)
    }

    /// Refuses an OpenDocument sheet whose repeated cells are more than may be read: they are few
    /// bytes, and calamine writes each of them out; what was read `before` counts too. Says whether cells are merged over several rows.
    pub(super) fn spreads(&mut self, limits: &Limits, before: Taken) -> Result<bool, Fault> {
        let part = self.zip.by_name("content.xml").map_err(|_| damaged())?;
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
        let (mut buffer, mut merged) = (Vec::new(), false);
        // Of this row: how often it stands there, its cells, those up to the last that is filled.
        let (mut times, mut cells, mut filled) = (1_u64, 0_u64, 0_u64);
        let (mut total, mut widest, mut blank) = (before.cells, 0_u64, 0_u64);
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer).map_err(|_| damaged())?;
            match &event {
                Event::Start(element) | Event::Empty(element) => {
                    let is = element.local_name();
                    let is: &str = is.as_ref();
                    let number = |name: &str| repeated(element, name);
                    match is {
                        "table-row" => {
                            times = number("number-rows-repeated").unwrap_or(1);
                            (cells, filled) = (0, 0);
                        }
                        "table-cell" | "covered-table-cell" => {
                            let repeats = number("number-columns-repeated").unwrap_or(1);
                            cells = cells.saturating_add(repeats);
                            merged |= number("number-rows-spanned").is_some_and(|rows| rows > 1);
                            let mut says = element.attributes().flatten();
                            if says.any(|a| {
                                matches!(a.key.local_name().as_ref(), "value-type" | "formula")
                            }) {
                                filled = cells;
                            }
                        }
                        _ => {}
                    }
                }
                Event::End(element) if element.local_name().as_ref() == "table-row" => {
                    if filled == 0 {
                        blank = blank.saturating_add(times);
                    } else {
                        widest = widest.max(filled);
                        let rows = times.saturating_add(std::mem::take(&mut blank));
                        total = total.saturating_add(rows.saturating_mul(widest));
                    }
                    if total > limits.cells {
                        return Err(limits.too_many_cells());
                    }
                }
                Event::End(element) if element.local_name().as_ref() == "table" => {
                    (blank, widest) = (0, 0);
                }
                Event::Eof => return Ok(merged),
                _ => {}
            }
        }
    }

    /// Whether a part holds this text.
    pub(super) fn mentions(&mut self, name: &str, what: &str) -> bool {
        self.text(name).is_some_and(|text| text.contains(what))
    }
}

fn repeated(element: &BytesStart<'_>, name: &str) -> Option<u64> {
    let mut all = element.attributes().flatten();
    let found = all.find(|a| a.key.local_name().as_ref() == name)?;
    found.value.parse().ok()
}

/// Calls for each element of that local name with a way to ask for its attributes.
fn elements(
    xml: &str,
    name: &str,
    mut each: impl FnMut(&dyn Fn(&str) -> Option<String>) -> Option<()>,
) -> Option<()> {
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element)
                if element.local_name().as_ref() == name =>
            {
                let attribute = |wanted: &str| {
                    let mut all = element.attributes().flatten();
                    let found = all.find(|a| a.key.local_name().as_ref() == wanted)?;
                    let value = found.normalized_value(XmlVersion::Implicit1_0);
                    Some(value.ok()?.into_owned())
                };
                let _ = each(&attribute);
            }
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

fn merged(tail: &[u8]) -> Vec<Area> {
    let found = MERGED
        .iter()
        .flat_map(|pattern| pattern.captures_iter(tail));
    let areas = found.filter_map(|found| {
        let text = |at: usize| std::str::from_utf8(found.get(at)?.as_bytes()).ok();
        let row = |at: usize| text(at)?.parse::<u32>().ok()?.checked_sub(1);
        let column = |at: usize| {
            let letters = text(at)?
                .bytes()
                .map(|b| u32::from(b.to_ascii_uppercase() - b'A') + 1);
            letters
                .fold(0_u32, |sum, letter| sum * 26 + letter)
                .checked_sub(1)
        };
        Some(((row(2)?, column(1)?), (row(4)?, column(3)?)))
    });
    areas.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_merged_cells_is_read() {
        let tail = br#"mergeCells count="3"><mergeCell ref="A1:C1"/><x:mergeCell foo="1" ref='AA10:AB12' />
            <mergeCell ref="broken"/></mergeCells>"#;
        assert_eq!(merged(tail), [((0, 0), (0, 2)), ((9, 26), (11, 27))]);
    }
}
