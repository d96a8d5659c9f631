//! From grids of text to tables of a kind: their headers in one row or two, their rows without sums and
//! remarks, what names them, and what says nothing to duban.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use super::cells::split;
use super::columns::{self, Kind};
use super::grid::{Grid, grids};
use crate::error::Fault;

/// Titles and remarks above the headers are skipped within these rows.
const HEADER_WITHIN: usize = 15;

/// A table of one kind, as text.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub kind: Kind,
    pub file: String,
    pub sheet: Option<String>,
    /// What names it, the nearest first: its sheet, its file, the folders it lies in.
    pub labels: Vec<String>,
    pub headers: Vec<String>,
    pub header_row: u64,
    pub places: HashMap<&'static str, usize>,
    pub rows: Vec<(u64, Vec<String>)>,
}

/// What was read: the tables, what was left aside, and what is wrong.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub tables: Vec<Table>,
    pub notes: Vec<String>,
    pub faults: Vec<Fault>,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub table: &'a Table,
    /// Counted as a person counts: the first line of the file is 1.
    pub number: u64,
    cells: &'a [String],
}

/// Where a row stands, as a person says it.
impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.table.file)?;
        if let Some(sheet) = &self.table.sheet {
            write!(f, "sheet {sheet}, ")?;
        }
        write!(f, "row {}", self.number)
    }
}

impl Table {
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(number, cells)| Row {
            table: self,
            number: *number,
            cells,
        })
    }

    /// A fault of the table as a whole.
    pub fn fault(&self, reason: impl Into<String>) -> Fault {
        let fault = Fault::new(reason)
            .file(self.file.clone())
            .row(self.header_row);
        match &self.sheet {
            Some(sheet) => fault.sheet(sheet.clone()),
            None => fault,
        }
    }
}

impl<'a> Row<'a> {
    /// Whether the table has this column.
    pub fn has(&self, key: &str) -> bool {
        self.table.places.contains_key(key)
    }

    /// The cell; empty when the table or the row does not have it.
    pub fn get(&self, key: &str) -> &'a str {
        let at = self.table.places.get(key);
        at.map_or("", |&at| self.at(at))
    }

    /// The cell of a column by its place.
    pub fn at(&self, column: usize) -> &'a str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// The cell's values, separated by `;` or `；`; `\;` is a semicolon that belongs to the value.
    pub fn list(&self, key: &str) -> Vec<String> {
        split(self.get(key))
    }

    /// All that the row says, by column; a remark says nothing.
    fn said(&self) -> Vec<(&'static str, &'a str)> {
        let keys = self.table.places.keys().filter(|key| **key != "remark");
        let mut said: Vec<_> = keys.map(|key| (*key, self.get(key))).collect();
        said.retain(|(_, text)| !text.is_empty());
        said.sort_unstable();
        said
    }

    /// Where another row stands, seen from this one: only what differs.
    pub fn other(&self, other: Row<'_>) -> String {
        let same = self.table.file == other.table.file && self.table.sheet == other.table.sheet;
        if same {
            format!("row {}", other.number)
        } else {
            other.to_string()
        }
    }

    /// The headers of the columns in which two rows say different things.
    pub fn differing(&self, other: Row<'_>) -> Vec<&'a str> {
        let theirs = other.said();
        let all = self
            .table
            .places
            .iter()
            .filter(|(key, _)| **key != "remark");
        let mut differ: Vec<(usize, &str)> = all
            .filter(|(key, _)| {
                let text = theirs
                    .iter()
                    .find(|(k, _)| k == *key)
                    .map_or("", |(_, text)| text);
                self.get(key) != text
            })
            .map(|(_, &at)| (at, self.table.headers.get(at).map_or("", String::as_str)))
            .collect();
        differ.sort_unstable();
        differ.into_iter().map(|(_, header)| header).collect()
    }

    /// A fault at this cell.
    pub fn fault(&self, key: &str, reason: impl Into<String>) -> Fault {
        let mut fault = self.table.fault(reason).row(self.number);
        let header = self
            .table
            .places
            .get(key)
            .and_then(|&at| self.table.headers.get(at));
        fault = fault.column(header.map_or(key, String::as_str));
        match self.get(key) {
            "" => fault,
            value => fault.value(value),
        }
    }
}

/// The rows of all tables of a kind, one after the other. Who says the very same twice is heard once.
pub(super) fn together<'a>(
    tables: &'a [Table],
    kind: Kind,
    notes: &mut Vec<String>,
) -> Vec<Row<'a>> {
    let mut first: HashMap<Vec<(&str, &str)>, Row<'a>> = HashMap::new();
    let mut rows = Vec::new();
    let mut again: Vec<(Row<'a>, Row<'a>)> = Vec::new();
    for row in tables
        .iter()
        .filter(|t| t.kind == kind)
        .flat_map(Table::rows)
    {
        match first.entry(row.said()) {
            std::collections::hash_map::Entry::Occupied(seen) => again.push((row, *seen.get())),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
                rows.push(row);
            }
        }
    }
    for (row, seen) in again.iter().take(5) {
        notes.push(format!(
            "{row}: says the same as {}, counted once",
            row.other(*seen)
        ));
    }
    if let Some(more) = again.len().checked_sub(5).filter(|more| *more > 0) {
        notes.push(format!(
            "{more} more rows of the {kind} are there twice, counted once"
        ));
    }
    rows
}

/// Reads a file of any kind that is known, or a folder with all that is below it.
pub(super) fn read(path: &Path) -> Reading {
    let mut reading = Reading::default();
    for grid in grids(path, &mut reading.notes, &mut reading.faults) {
        table(grid, &mut reading);
    }
    if reading.tables.is_empty() && reading.faults.is_empty() {
        let text = "no table of units, accounts or people was found: name the files or sheets units, \
                    accounts and people, and give each a row of headers";
        reading
            .faults
            .push(Fault::new(text).file(path.display().to_string()));
    }
    reading
}

/// The headers of a grid: which of its rows they are the last of, and what the columns are called.
struct Head {
    kind: Kind,
    /// The place of the first row below them.
    below: usize,
    headers: Vec<String>,
    /// How many columns are known by them.
    known: usize,
}

/// The headers that say most, in one row or in two.
fn head(grid: &Grid, hint: Option<Kind>) -> Option<Head> {
    let mut best: Option<Head> = None;
    for depth in [1, 2] {
        for (at, rows) in grid.rows.windows(depth).take(HEADER_WITHIN).enumerate() {
            let headers = match rows {
                [one] => one.1.clone(),
                [upper, lower] => joined(grid, upper, lower),
                _ => continue,
            };
            let Some(kind) = kind_of(hint, &headers) else {
                continue;
            };
            let places = columns::places(kind, &headers);
            // A second row that has nothing of its own where each row must say something is no row yet.
            let bare = |column: &&columns::Column| {
                let at = places.get(column.key).copied();
                let cell = |row: &(u64, Vec<String>)| at.and_then(|at| row.1.get(at).cloned());
                match rows {
                    [upper, lower] => {
                        let text = cell(lower).unwrap_or_default();
                        text.is_empty() || Some(text) == cell(upper)
                    }
                    _ => false,
                }
            };
            let mut needed = columns::columns(kind).iter().filter(|c| c.required);
            let known = places.len() + usize::from(needed.all(|column| bare(&column)));
            if best.as_ref().is_none_or(|best| known > best.known) {
                best = Some(Head {
                    kind,
                    below: at + depth,
                    headers,
                    known,
                });
            }
        }
    }
    best
}

fn kind_of(hint: Option<Kind>, headers: &[String]) -> Option<Kind> {
    match hint {
        Some(Kind::Accounts) if columns::is_ledger(headers) => Some(Kind::Ledger),
        Some(kind) => {
            let known = columns::places(kind, headers);
            let mut needed = columns::columns(kind).iter().filter(|c| c.required);
            needed.all(|c| known.contains_key(c.key)).then_some(kind)
        }
        None => columns::kind_of_headers(headers),
    }
}

/// Headers in two rows: what stands above several columns belongs to each of them. A column goes by both
/// words together, by the lower or by the upper, whichever is known.
fn joined(grid: &Grid, upper: &(u64, Vec<String>), lower: &(u64, Vec<String>)) -> Vec<String> {
    let mut above = upper.1.clone();
    for (_, from, to) in grid.across.iter().filter(|(row, ..)| *row == upper.0) {
        let text = above.get(*from).cloned().unwrap_or_default();
        for place in above.iter_mut().take(to + 1).skip(from + 1) {
            if place.is_empty() {
                place.clone_from(&text);
            }
        }
    }
    let known = |header: &String| {
        let one = [header.clone()];
        let kinds = Kind::ALL.into_iter().chain([Kind::Ledger]);
        kinds
            .into_iter()
            .any(|kind| !columns::places(kind, &one).is_empty())
    };
    let width = above.len().max(lower.1.len());
    (0..width)
        .map(|at| {
            let over = above.get(at).cloned().unwrap_or_default();
            let under = lower.1.get(at).cloned().unwrap_or_default();
            if under.is_empty() || over == under {
                return over;
            }
            let both = format!("{over}{under}");
            if known(&both) || columns::is_private(&both) {
                both
            } else if known(&under) || !known(&over) {
                under
            } else {
                over
            }
        })
        .collect()
}

/// Finds the headers of a grid and makes it a table, a note or faults.
fn table(grid: Grid, reading: &mut Reading) {
    let name = grid.labels.first().map_or("", String::as_str);
    let hint = columns::kind_of_name(name);
    let at_fault = |reason: String, row: u64| {
        let fault = Fault::new(reason).file(grid.file.clone()).row(row);
        grid.sheet
            .iter()
            .fold(fault, |fault, sheet| fault.sheet(sheet.clone()))
    };
    let place = match &grid.sheet {
        Some(sheet) => format!("{}, sheet {sheet}", grid.file),
        None => grid.file.clone(),
    };
    let Some(head) = head(&grid, hint) else {
        match hint {
            Some(kind) => {
                let row = grid.rows.first().map_or(1, |r| r.0);
                let text = missing(kind, grid.rows.first());
                reading.faults.push(at_fault(text, row));
            }
            None if grid.rows.is_empty() && grid.sheet.is_some() => {}
            None => reading
                .notes
                .push(format!("{place}: no table of the roster, left aside")),
        }
        return;
    };
    let Head { kind, headers, .. } = head;
    let places = columns::places(kind, &headers);
    let header_row = head.below.checked_sub(1).and_then(|at| grid.rows.get(at));
    let header_row = header_row.map_or(1, |row| row.0);
    for (at, header) in headers.iter().enumerate() {
        if header.is_empty() || places.values().any(|&used| used == at) {
            continue;
        }
        if columns::is_private(header) {
            let text = format!(
                "{place}: column {header} is not kept: phone and id numbers stay out of duban"
            );
            reading.notes.push(text);
            continue;
        }
        match columns::meant(kind, header, &places) {
            Some(meant) => {
                let text = format!(
                    "there is no such column; did you mean {meant}? Correct the header, or leave \
                     the column out"
                );
                let fault = at_fault(text, header_row).column(header.as_str());
                reading.faults.push(fault);
            }
            None if matches!(header.as_str(), "序号" | "编号" | "No." | "no") => {}
            None => reading
                .notes
                .push(format!("{}: column {header} is not used", grid.file)),
        }
    }
    let mut rows = Vec::new();
    for (row, cells) in grid.rows.iter().skip(head.below) {
        if is_closing(cells) || *cells == headers || says_nothing(kind, &places, cells) {
            continue;
        }
        if cells.iter().skip(headers.len()).any(|c| !c.is_empty()) {
            let text = "the row has more cells than there are headers: put a text that contains a \
                        comma in double quotes";
            reading.faults.push(at_fault(text.to_owned(), *row));
        }
        rows.push((*row, cells.clone()));
    }
    let Grid {
        file,
        sheet,
        labels,
        ..
    } = grid;
    reading.tables.push(Table {
        kind,
        file,
        sheet,
        labels,
        headers,
        header_row,
        places,
        rows,
    });
}

/// Whether a row closes the table or sums it up: 合计, 小计, 备注：…, 填表人：….
fn is_closing(cells: &[String]) -> bool {
    let mut said = cells.iter().filter(|cell| !cell.is_empty());
    let Some(first) = said.next() else {
        return true;
    };
    let first: String = first.chars().filter(|c| !c.is_whitespace()).collect();
    let sum = ["合计", "小计", "总计", "共计"].iter().any(|word| {
        first.strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .all(|c| c.is_ascii_digit() || "：:（）()个家条".contains(c))
        })
    });
    let remark = [
        "备注",
        "注",
        "说明",
        "填表人",
        "填报人",
        "填报单位",
        "制表",
        "审核人",
        "联系人",
    ]
    .iter()
    .any(|word| {
        first
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(['：', ':']))
    });
    sum || (remark && said.count() < 4)
}

/// Whether a row of a flat table holds only its number: forms are numbered before they are filled in.
fn says_nothing(kind: Kind, places: &HashMap<&'static str, usize>, cells: &[String]) -> bool {
    let empty = |key: &str| {
        let at = places.get(key);
        at.and_then(|&at| cells.get(at))
            .is_none_or(String::is_empty)
    };
    let none = ["name", "platform", "uid", "homepage"]
        .iter()
        .all(|key| empty(key));
    kind == Kind::Ledger && none && empty("operators")
}

/// What to tell about a table whose headers are not complete.
fn missing(kind: Kind, first: Option<&(u64, Vec<String>)>) -> String {
    let known = first
        .map(|(_, cells)| columns::places(kind, cells))
        .unwrap_or_default();
    let lacking = columns::columns(kind)
        .iter()
        .filter(|c| c.required && !known.contains_key(c.key));
    let names: Vec<String> = lacking
        .map(|c| {
            c.headers
                .iter()
                .take(2)
                .copied()
                .collect::<Vec<_>>()
                .join("/")
        })
        .collect();
    format!(
        "the table of {kind} has no column {}: add it to the row of headers",
        names.join(", ")
    )
}
