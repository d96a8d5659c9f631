//! Tables of a published page, and of the pages that platforms give out as `.xls`.

use super::tables::{self, Cell, Room, Table};
use super::tree::{self, Child, Node};
use super::{Decoded, Limits, Sheet, decode_text};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

pub(super) fn sheets(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let (text, encoding) = text_of(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let tables = tables(&tree::parse(&text)?, Room::of(limits, decoded.taken))?;
    if tables.is_empty() {
        let reason = "the page has no table; perhaps its rows are fetched by a script, or it only asks to log \
                      in: save the page as XLSX or CSV from the platform";
        return Err(Fault::new(reason).code("no_rows"));
    }
    tables::sheets(&tables, vocabulary, limits, decoded)
}

/// A page names its encoding within so many bytes.
const NAMED_IN: usize = 1_024;

/// The text of a page: by its byte order mark, as UTF-8 where it is, else as it says itself. Pages that are
/// saved again often keep the name of an encoding that they have no more.
fn text_of(bytes: &[u8]) -> (String, &'static str) {
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    if marked || std::str::from_utf8(bytes).is_ok() {
        return decode_text(bytes);
    }
    let start = bytes.get(..NAMED_IN).unwrap_or(bytes).to_ascii_lowercase();
    let start = String::from_utf8_lossy(&start);
    let named = start.split("charset=").nth(1).map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        rest.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
            .next()
            .unwrap_or_default()
    });
    let named = named.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    match named.filter(|e| {
        ![
            encoding_rs::GBK,
            encoding_rs::GB18030,
            encoding_rs::UTF_8,
            encoding_rs::UTF_16LE,
            encoding_rs::UTF_16BE,
        ]
        .contains(e)
    }) {
        Some(encoding) => {
            let (text, wrong) = encoding.decode_without_bom_handling(bytes);
            if wrong {
                return decode_text(bytes);
            }
            (text.into_owned(), encoding.name())
        }
        None => decode_text(bytes),
    }
}

/// A table that is being read.
struct Open {
    /// Its place among all tables, in the order in which they begin.
    at: usize,
    table: Table,
    row: Option<Vec<Cell>>,
    cell: Option<Cell>,
}

/// A step of the walk through the page.
enum Step<'a> {
    Enter(usize),
    Leave(usize),
    Text(&'a str),
}

/// Elements that begin a line of their own.
const BLOCKS: [&str; 12] = [
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre",
];

/// Elements whose text is not shown.
const UNSEEN: [&str; 8] = [
    "script", "style", "template", "title", "noframes", "iframe", "select", "object",
];

/// A line's end within a cell, while white space is still to be folded.
const LINE: char = '\u{2028}';

/// Walks through the page without recursion, since nobody knows how deep it is.
fn tables(nodes: &[Node], room: Room) -> Result<Vec<Table>, Fault> {
    let mut reader = Reader {
        open: Vec::new(),
        done: Vec::new(),
        begun: 0,
        room,
        heading: String::new(),
        in_heading: false,
    };
    let mut todo = vec![Step::Enter(0)];
    while let Some(step) = todo.pop() {
        match step {
            Step::Text(text) => reader.text(text),
            Step::Leave(id) => {
                if let Some(node) = nodes.get(id) {
                    reader.leave(node)?;
                }
            }
            Step::Enter(id) => {
                let Some(node) = nodes.get(id) else { continue };
                if UNSEEN.contains(&node.tag()) {
                    continue;
                }
                reader.enter(node)?;
                todo.push(Step::Leave(id));
                let children = node.children.iter().rev();
                todo.extend(children.map(|child| match child {
                    Child::Element(id) => Step::Enter(*id),
                    Child::Text(text) => Step::Text(text),
                }));
            }
        }
    }
    let mut done = reader.done;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, table)| table).collect())
}

struct Reader {
    open: Vec<Open>,
    done: Vec<(usize, Table)>,
    begun: usize,
    room: Room,
    /// The last heading, or the caption that is being read.
    heading: String,
    in_heading: bool,
}

impl Reader {
    fn cell(&mut self) -> Option<&mut Cell> {
        self.open.last_mut()?.cell.as_mut()
    }

    fn text(&mut self, text: &str) {
        if self.in_heading {
            self.heading.push_str(text);
        }
        if let Some(cell) = self.cell() {
            cell.text.push_str(text);
        }
    }

    fn line(&mut self) {
        if let Some(cell) = self.cell() {
            cell.text.push(LINE);
        }
    }

    fn begin(&mut self) {
        let title = tidy(&std::mem::take(&mut self.heading));
        if let Some(around) = self.open.last_mut() {
            around.table.frame = true;
        }
        self.open.push(Open {
            at: self.begun,
            table: Table {
                title: (!title.is_empty()).then_some(title),
                ..Table::default()
            },
            row: None,
            cell: None,
        });
        self.begun += 1;
    }

    fn enter(&mut self, node: &Node) -> Result<(), Fault> {
        match node.tag() {
            "table" => self.begin(),
            "tr" => {
                self.room.row()?;
                if let Some(open) = self.open.last_mut() {
                    open.row = Some(Vec::new());
                }
            }
            "td" | "th" => {
                let span = |name| {
                    let number = node.attribute(name).map(str::trim);
                    number
                        .and_then(|n| n.parse().ok())
                        .map_or(1, |n: usize| n.clamp(1, 65_534))
                };
                if let Some(open) = self.open.last_mut() {
                    open.cell = Some(Cell {
                        wide: span("colspan").min(tables::COLUMNS),
                        high: span("rowspan"),
                        ..Cell::default()
                    });
                }
            }
            "br" => self.line(),
            "a" => {
                let address = node.attribute("href").and_then(address);
                if let (Some(cell), Some(address)) = (self.cell(), address) {
                    cell.link.get_or_insert(address);
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "caption" => {
                self.heading.clear();
                self.in_heading = true;
                self.line();
            }
            tag if BLOCKS.contains(&tag) => self.line(),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, node: &Node) -> Result<(), Fault> {
        match node.tag() {
            "table" => {
                if let Some(open) = self.open.pop() {
                    self.done.push((open.at, open.table));
                }
            }
            "tr" => {
                if let Some(open) = self.open.last_mut()
                    && let Some(row) = open.row.take()
                {
                    open.table.rows.push(row);
                }
            }
            "td" | "th" => {
                self.room.cells(1)?;
                if let Some(open) = self.open.last_mut()
                    && let Some(mut cell) = open.cell.take()
                {
                    cell.text = tidy(&cell.text);
                    if let Some(row) = &mut open.row {
                        row.push(cell);
                    }
                }
            }
            "caption" => {
                self.in_heading = false;
                let title = tidy(&std::mem::take(&mut self.heading));
                if let Some(open) = self.open.last_mut()
                    && !title.is_empty()
                {
                    open.table.title = Some(title);
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.in_heading = false;
                self.line();
            }
            tag if BLOCKS.contains(&tag) => self.line(),
            _ => {}
        }
        Ok(())
    }
}

/// An address that says something outside of its page.
fn address(href: &str) -> Option<String> {
    let href = href.trim();
    let lower = href.get(..8).unwrap_or(href).to_ascii_lowercase();
    match () {
        () if lower.starts_with("http://") || lower.starts_with("https://") => {
            Some(href.to_owned())
        }
        () if href.starts_with("//") => Some(format!("https:{href}")),
        () => None,
    }
}

/// White space as a browser shows it: one space, but for the lines that elements begin.
fn tidy(text: &str) -> String {
    let lines = text.split(LINE).map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |line, word| line + " " + word)
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::Taken;
    use super::*;

    fn shown(page: &str) -> Vec<Vec<String>> {
        let room = Room::of(Limits::default(), Taken::default());
        let tables = tables(&tree::parse(page).unwrap(), room).unwrap();
        let rows = |table: Table| {
            let cells = |row: Vec<Cell>| row.into_iter().map(|c| c.text).collect::<Vec<_>>();
            table.rows.into_iter().map(|r| cells(r).join("|")).collect()
        };
        tables.into_iter().map(rows).collect()
    }

    #[test]
    fn pages_are_read_as_browsers_show_them() {
        for (page, want) in [
            ("<table><tr><td>a<td>b<tr><td>c", vec![vec!["a|b", "c"]]),
            (
                "<table><tr><th>甲<br>乙</th><td> x \n y&nbsp;&lt;z&gt; &#19968;</td></tr></table>",
                vec![vec!["甲\n乙|x y <z> 一"]],
            ),
            (
                "<table><tr><td>a<script>alert('<td>')</script><style>td{}</style></td></tr></table>",
                vec![vec!["a"]],
            ),
            (
                "<table><tr><td>out<table><tr><td>in</td></tr></table>side</td></tr></table>",
                vec![vec!["outside"], vec!["in"]],
            ),
            (
                "<table><tr><td><p>a</p><p>b</p></td><td><b>c</b>d</td></tr></table>",
                vec![vec!["a\nb|cd"]],
            ),
        ] {
            assert_eq!(shown(page), want, "{page}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        for tag in ["<div>", "<b>", "<table><tr><td>", "<b><div>"] {
            let fault = tree::parse(&tag.repeat(200_000)).err();
            assert_eq!(fault.and_then(|f| f.code), Some("too_large"), "{tag}");
        }
    }
}
