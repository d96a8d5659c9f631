//! Tables of a Word document.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::tables::{self, Cell, Room, Table};
use super::{Decoded, Limits, Sheet, archive};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

pub(super) fn sheets(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let broken = || {
        let reason =
            "the document is damaged or not complete; open it in Word and save it again as .docx";
        Fault::new(reason).code("not_a_document")
    };
    let part = |name| match archive::part(bytes, name) {
        Err(fault) if fault.code == Some("bad_archive") => Err(broken()),
        other => other,
    };
    let body = part("word/document.xml")?.ok_or_else(broken)?;
    let links = part("word/_rels/document.xml.rels")?;
    let links = links.map(|xml| addresses(&xml)).unwrap_or_default();
    let tables = tables(&body, links, Room::of(limits, decoded.taken))?;
    if tables.is_empty() {
        let reason = "the document has no table; the findings must stand in one, with a header row";
        return Err(Fault::new(reason).code("no_rows"));
    }
    tables::sheets(&tables, vocabulary, limits, decoded)
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::new(format!(
        "the document is damaged ({error}); open it in Word and save it again as .docx"
    ))
    .code("not_a_document")
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.attributes();
    let mut all = all.with_checks(false).flatten();
    let found = all.find(|a| a.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// The addresses that the document links to, by the ids that it calls them.
fn addresses(xml: &str) -> HashMap<String, String> {
    let mut reader = Reader::from_str(xml);
    let mut found = HashMap::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let address = attribute(&element, "Target");
                let address = address.filter(|to| to.starts_with("http"));
                if let (Some(id), Some(address)) = (attribute(&element, "Id"), address) {
                    found.insert(id, address);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

/// A table that is being read.
struct Open {
    at: usize,
    table: Table,
    row: Option<Vec<Cell>>,
    cell: Option<Cell>,
}

/// The longest text above a table that can be its title, in letters.
const TITLE: usize = 60;

/// The deepest that elements may be nested, and tables in tables.
const DEPTH: usize = 400;

struct Body {
    links: HashMap<String, String>,
    open: Vec<Open>,
    done: Vec<(usize, Table)>,
    begun: usize,
    room: Room,
    /// The paragraph outside of tables that is being read, or was read last.
    above: String,
    /// Within `w:t`, whose text is shown.
    shows: bool,
}

fn tables(xml: &str, links: HashMap<String, String>, room: Room) -> Result<Vec<Table>, Fault> {
    let mut reader = Reader::from_str(xml);
    let mut body = Body {
        links,
        open: Vec::new(),
        done: Vec::new(),
        begun: 0,
        room,
        above: String::new(),
        shows: false,
    };
    let mut depth = 0_usize;
    // What stands in such an element stands beside it once more, for older programs.
    let mut skipped = None;
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::Eof if depth > 0 => return Err(unreadable("it breaks off")),
            Event::Eof => break,
            Event::Start(element) => {
                depth += 1;
                if depth > DEPTH {
                    let reason = format!(
                        "the document nests its elements more than {DEPTH} deep; copy the table into a new \
                         one"
                    );
                    return Err(Fault::new(reason).code("too_large"));
                }
                if skipped.is_none() && element.local_name().as_ref() == "Fallback" {
                    skipped = Some(depth);
                }
                if skipped.is_none() {
                    body.enter(&element)?;
                }
            }
            Event::Empty(element) if skipped.is_none() => {
                body.enter(&element)?;
                body.leave(element.local_name().as_ref());
            }
            Event::End(element) => {
                if skipped.is_none() {
                    body.leave(element.local_name().as_ref());
                }
                skipped = skipped.filter(|at| *at < depth);
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if skipped.is_none() => {
                body.text(&text.xml_content(XmlVersion::Implicit1_0));
            }
            Event::CData(text) if skipped.is_none() => {
                body.text(&text.xml_content(XmlVersion::Implicit1_0));
            }
            Event::GeneralRef(reference) if skipped.is_none() => {
                body.text(&letter(&reference).map_err(unreadable)?);
            }
            _ => {}
        }
    }
    body.done.sort_by_key(|(at, _)| *at);
    Ok(body.done.into_iter().map(|(_, table)| table).collect())
}

/// `&amp;`, `&#19968;`; others are no part of a document, and stay as they are written.
fn letter(reference: &BytesRef<'_>) -> Result<String, quick_xml::Error> {
    if let Some(letter) = reference.resolve_char_ref()? {
        return Ok(letter.to_string());
    }
    let name: &str = reference.as_ref();
    Ok(resolve_xml_entity(name).map_or_else(|| format!("&{name};"), str::to_owned))
}

impl Body {
    fn cell(&mut self) -> Option<&mut Cell> {
        self.open.last_mut()?.cell.as_mut()
    }

    fn text(&mut self, text: &str) {
        if !self.shows {
            return;
        }
        if let Some(cell) = self.cell() {
            cell.text.push_str(text);
        } else if self.open.is_empty() && self.above.len() < 4 * TITLE {
            self.above.push_str(text);
        }
    }

    fn put(&mut self, text: &str) {
        if let Some(cell) = self.cell() {
            cell.text.push_str(text);
        }
    }

    fn enter(&mut self, element: &BytesStart<'_>) -> Result<(), Fault> {
        match element.local_name().as_ref() {
            "tbl" => {
                let title = std::mem::take(&mut self.above).trim().to_owned();
                let fits = !title.is_empty() && title.chars().count() <= TITLE;
                if let Some(around) = self.open.last_mut() {
                    around.table.frame = true;
                }
                let table = Table {
                    title: fits.then_some(title),
                    ..Table::default()
                };
                self.open.push(Open {
                    at: self.begun,
                    table,
                    row: None,
                    cell: None,
                });
                self.begun += 1;
            }
            "tr" => {
                self.room.row()?;
                if let Some(open) = self.open.last_mut() {
                    open.row = Some(Vec::new());
                }
            }
            "tc" => {
                self.room.cells(1)?;
                if let Some(open) = self.open.last_mut() {
                    open.cell = Some(Cell {
                        wide: 1,
                        high: 1,
                        ..Cell::default()
                    });
                }
            }
            "gridBefore" | "gridSpan" | "vMerge" => self.merge(element),
            "p" if self.open.is_empty() => self.above.clear(),
            "hyperlink" => {
                let address = attribute(element, "id").and_then(|id| self.links.get(&id).cloned());
                if let (Some(cell), Some(address)) = (self.cell(), address) {
                    cell.link.get_or_insert(address);
                }
            }
            "t" => self.shows = true,
            "br" | "cr" => self.put("\n"),
            "tab" if self.cell().is_some_and(|cell| !cell.text.is_empty()) => self.put(" "),
            "noBreakHyphen" => self.put("-"),
            _ => {}
        }
        Ok(())
    }

    /// What a cell takes besides its own place.
    fn merge(&mut self, element: &BytesStart<'_>) {
        let value = attribute(element, "val");
        let number = value.as_deref().and_then(|n| n.parse::<usize>().ok());
        match element.local_name().as_ref() {
            // Columns that a row leaves out at its beginning.
            "gridBefore" => {
                let left = number.unwrap_or(0);
                let row = self.open.last_mut().and_then(|open| open.row.as_mut());
                if let Some(row) = row.filter(|_| left > 0) {
                    row.push(Cell {
                        wide: tables::COLUMNS.min(left),
                        ..Cell::default()
                    });
                }
            }
            "gridSpan" => {
                if let (Some(cell), Some(wide)) = (self.cell(), number) {
                    cell.wide = wide.clamp(1, tables::COLUMNS);
                }
            }
            _ => {
                let begins = value.as_deref() == Some("restart");
                if let Some(cell) = self.cell() {
                    cell.goes_on = !begins;
                }
            }
        }
    }

    fn leave(&mut self, name: &str) {
        match name {
            "tbl" => {
                if let Some(open) = self.open.pop() {
                    self.done.push((open.at, open.table));
                }
                self.above.clear();
            }
            "tr" => {
                if let Some(open) = self.open.last_mut()
                    && let Some(row) = open.row.take()
                {
                    open.table.rows.push(row);
                }
            }
            "tc" => {
                if let Some(open) = self.open.last_mut()
                    && let Some(mut cell) = open.cell.take()
                {
                    let lines = cell.text.lines().map(str::trim);
                    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
                    cell.text = lines.join("\n");
                    if let Some(row) = &mut open.row {
                        row.push(cell);
                    }
                }
            }
            "p" => self.put("\n"),
            "t" => self.shows = false,
            _ => {}
        }
    }
}
