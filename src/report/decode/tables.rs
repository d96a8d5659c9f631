//! Tables of documents and pages, told by their header rows: merged cells are filled, what a cell links to is
//! kept.

use super::header::header_row;
use super::{Decoded, Limits, Sheet, Taken, is_closing, no_header};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The most cells of a part of a report that is held whole, merged cells counted as they are filled; fewer if the
/// source takes no more.
const CELLS: u64 = 8_000_000;

/// The most cells of a row, and the longest a cell is filled to: HTML allows a thousand.
pub(super) const COLUMNS: usize = 1_000;

/// A cell as it stands in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub text: String,
    /// The address that it links to.
    pub link: Option<String>,
    /// How many columns, and rows, it takes; none counts as one.
    pub wide: usize,
    pub high: usize,
    /// It only goes on with the cell above.
    pub goes_on: bool,
}

/// A table as it stands in the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// What stands above it.
    pub title: Option<String>,
    pub rows: Vec<Vec<Cell>>,
    /// It holds other tables, and is there for the looks of the page.
    pub frame: bool,
}

/// What a part of a report that is held whole may still take.
pub(super) struct Room {
    limits: Limits,
    rows: u64,
    cells: u64,
    /// Cells of this part.
    own: u64,
}

impl Room {
    /// As much as the source takes, less what the parts `before` took.
    pub(super) fn of(limits: Limits, before: Taken) -> Self {
        Self {
            limits,
            rows: before.rows,
            cells: before.cells,
            own: 0,
        }
    }

    /// Takes a row, or cells.
    pub(super) fn row(&mut self) -> Result<(), Fault> {
        self.rows += 1;
        match self.rows <= self.limits.rows {
            true => Ok(()),
            false => Err(self.limits.too_many_rows()),
        }
    }

    pub(super) fn cells(&mut self, cells: usize) -> Result<(), Fault> {
        self.cells += cells as u64;
        self.own += cells as u64;
        if self.cells > self.limits.cells {
            return Err(self.limits.too_many_cells());
        }
        if self.own > CELLS {
            let reason = format!(
                "the report has more than {CELLS} cells, counting each merged one as often as it is filled; \
                 have it split, or given as CSV or XLSX"
            );
            return Err(Fault::new(reason).code("too_many_cells"));
        }
        Ok(())
    }

    /// The cells of this part and of those before it.
    pub(super) fn taken(&self) -> u64 {
        self.cells
    }
}

/// A cell in its place, with the address that it links to.
type Filled = (String, Option<String>);

/// A merged cell that goes on in the rows below.
struct Hanging {
    left: usize,
    rows: usize,
    filled: Filled,
}

/// The rows with each cell in its column. As in workbooks, a cell that is merged downwards is filled into
/// all its places, one that is merged within its row stands in the first of them.
fn filled(table: &Table, room: &mut Room) -> Result<Vec<Vec<Filled>>, Fault> {
    let mut rows: Vec<Vec<Filled>> = Vec::with_capacity(table.rows.len());
    let mut hanging: Vec<Hanging> = Vec::new();
    for (number, cells) in (1..).zip(&table.rows) {
        let mut row: Vec<Option<Filled>> = Vec::new();
        let put = |row: &mut Vec<Option<Filled>>, at: usize, cell: Filled| {
            if at >= COLUMNS {
                let reason = format!(
                    "the row has more than {COLUMNS} cells; delete what is not of the table"
                );
                return Err(Fault::new(reason).code("too_large").row(number));
            }
            if row.len() <= at {
                row.resize(at + 1, None);
            }
            if let Some(place) = row.get_mut(at) {
                *place = Some(cell);
            }
            Ok(())
        };
        for from_above in &mut hanging {
            put(&mut row, from_above.left, from_above.filled.clone())?;
            from_above.rows -= 1;
        }
        hanging.retain(|cell| cell.rows > 0);
        let mut at = 0;
        for cell in cells {
            while row.get(at).is_some_and(Option::is_some) {
                at += 1;
            }
            let (wide, high) = (cell.wide.clamp(1, COLUMNS), cell.high.max(1));
            let above = rows.last().and_then(|row| row.get(at));
            let text = match above.filter(|_| cell.goes_on) {
                Some(above) => above.clone(),
                None => (cell.text.clone(), cell.link.clone()),
            };
            for n in 0..wide {
                if n > 0 && row.get(at + n).is_some_and(Option::is_some) {
                    break;
                }
                let fills = n == 0 || high > 1;
                let here = if fills {
                    text.clone()
                } else {
                    Filled::default()
                };
                if high > 1 {
                    let rows = high - 1;
                    let (left, filled) = (at + n, here.clone());
                    hanging.push(Hanging { left, rows, filled });
                }
                put(&mut row, at + n, here)?;
            }
            at += wide;
        }
        room.cells(row.len())?;
        rows.push(row.into_iter().map(Option::unwrap_or_default).collect());
    }
    Ok(rows)
}

/// The tables whose header is known, as sheets; the others are told or, if they may go on with one of
/// these, make the report incomplete.
pub(super) fn sheets(
    tables: &[Table],
    vocabulary: &Vocabulary,
    limits: Limits,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    let mut room = Room::of(limits, decoded.taken);
    let mut found: Vec<Sheet> = Vec::new();
    let mut missing = None;
    let mut left = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let name = named(number, table, &found);
        let rows = filled(table, &mut room).map_err(|fault| fault.sheet(&name))?;
        let texts = |row: &Vec<Filled>| -> Vec<String> {
            row.iter().map(|(text, _)| text.clone()).collect()
        };
        let first: Vec<Vec<String>> = rows.iter().take(15).map(texts).collect();
        if let Some(at) = header_row(&first, vocabulary) {
            let mut sheet = sheet(rows, at, vocabulary);
            sheet.name = Some(name);
            found.push(sheet);
            continue;
        }
        let wide = rows.iter().map(Vec::len).max().unwrap_or_default();
        let first: Vec<Vec<String>> = first
            .into_iter()
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .collect();
        if !table.frame && wide > 1 && !first.is_empty() {
            missing.get_or_insert_with(|| no_header(&first).sheet(&name));
            left.push((name, wide));
        }
    }
    decoded.taken.cells = room.taken();
    if found.is_empty() {
        return Err(missing.unwrap_or_else(|| {
            let reason = "no table with a known header; at least two known column names are needed, for \
                          instance 账号名称 and 问题类型";
            Fault::new(reason).code("no_header")
        }));
    }
    for (name, wide) in left {
        let goes_on = found.iter().any(|sheet| sheet.headers.len() == wide);
        if goes_on && decoded.incomplete.is_none() {
            let reason = format!(
                "table {name} has no header row, but as many columns as one that was read; if it goes on \
                 with it, give it the same header. What the report does not list is not taken as fixed"
            );
            decoded.incomplete = Some(Fault::new(reason).code("incomplete").sheet(&name));
        } else {
            let note = format!("table {name} has no header row and was left out");
            decoded.notes.push(note);
        }
    }
    if let [sheet] = found.as_mut_slice() {
        sheet.name = None;
    }
    Ok(found)
}

/// What a table is called: by what stands above it, else by its number; no two alike.
fn named(number: usize, table: &Table, before: &[Sheet]) -> String {
    let title = table.title.as_deref().unwrap_or_default();
    let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let title: String = title.chars().take(40).collect();
    let taken = before
        .iter()
        .any(|sheet| sheet.name.as_deref() == Some(title.as_str()));
    match (title.is_empty(), taken) {
        (true, _) => number.to_string(),
        (false, true) => format!("{title} ({number})"),
        (false, false) => title,
    }
}

/// The fields whose cells may link to the article, and those that are addresses themselves.
const TITLES: [&str; 2] = ["article", "article_title"];
const ADDRESSES: [&str; 3] = ["article_url", "homepage", "snapshot"];

/// The fields that are names: where one is written in two lines, the cell was too narrow.
const NAMES: [&str; 7] = [
    "account_name",
    "account_uid",
    "area",
    "organisation",
    "platform",
    "supervisor",
    "unit",
];

/// A name without the ends of its lines; words of letters stay apart.
fn one_line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split('\n') {
        let apart = joined.ends_with(|c: char| c.is_ascii_alphanumeric())
            && line.starts_with(|c: char| c.is_ascii_alphanumeric());
        if apart {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

/// The rows below the header. The address behind an article's title becomes a column of its own, unless
/// there is one already; that behind a word like 查看 in a column of addresses takes its place.
fn sheet(rows: Vec<Vec<Filled>>, at: usize, vocabulary: &Vocabulary) -> Sheet {
    let header = rows.get(at).cloned().unwrap_or_default();
    let headers: Vec<String> = header.into_iter().map(|(text, _)| text).collect();
    let fields: Vec<Option<&str>> = headers.iter().map(|h| vocabulary.header(h)).collect();
    let has_address = fields.contains(&Some("article_url"));
    let mut linked = false;
    let mut kept = Vec::new();
    for (number, row) in (1..).zip(rows).skip(at + 1) {
        let mut address = String::new();
        let mut cells: Vec<String> = Vec::with_capacity(headers.len() + 1);
        for (n, (text, link)) in row.into_iter().enumerate() {
            let field = fields.get(n).copied().flatten().unwrap_or_default();
            let text = match NAMES.contains(&field) {
                true => one_line(&text),
                false => text,
            };
            match link {
                Some(link) if ADDRESSES.contains(&field) && !text.contains("://") => {
                    cells.push(link);
                }
                Some(link) if TITLES.contains(&field) && text != link => {
                    if address.is_empty() {
                        address = link;
                    }
                    cells.push(text);
                }
                _ => cells.push(text),
            }
        }
        let repeats = cells.iter().take(headers.len()).eq(headers.iter());
        let blank = cells.iter().all(String::is_empty);
        if repeats || blank || is_closing(&cells) {
            continue;
        }
        if !has_address && !address.is_empty() && cells.len() <= headers.len() {
            linked = true;
            cells.resize(headers.len(), String::new());
            cells.push(address);
        }
        kept.push((number, cells));
    }
    let mut headers = headers;
    if linked {
        headers.push("article_url".to_owned());
    }
    Sheet {
        name: None,
        headers,
        rows: kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, wide: usize, high: usize) -> Cell {
        Cell {
            text: text.into(),
            wide,
            high,
            ..Cell::default()
        }
    }

    fn seen(rows: Vec<Vec<Cell>>) -> Vec<String> {
        let table = Table {
            rows,
            ..Table::default()
        };
        let rows = filled(&table, &mut Room::of(Limits::default(), Taken::default())).unwrap();
        let shown = |row: Vec<Filled>| row.into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        rows.into_iter().map(|row| shown(row).join("|")).collect()
    }

    #[test]
    fn merged_cells_are_filled_downwards() {
        let rows = vec![
            vec![cell("甲", 1, 3), cell("一", 1, 1), cell("二", 1, 1)],
            vec![cell("三", 2, 1)],
            vec![cell("四", 1, 2), cell("五", 1, 1)],
            vec![cell("乙", 1, 1), cell("六", 1, 1)],
        ];
        assert_eq!(seen(rows), ["甲|一|二", "甲|三|", "甲|四|五", "乙|四|六"]);
        // An area of two by two, and one that hangs beyond the last row.
        let rows = vec![
            vec![cell("a", 2, 2), cell("b", 1, 9)],
            vec![],
            vec![cell("c", 1, 1)],
        ];
        assert_eq!(seen(rows), ["a|a|b", "a|a|b", "c||b"]);
    }

    #[test]
    fn merged_cells_fill_no_more_than_there_is_room_for() {
        let wide = vec![vec![cell("a", 900, 70_000), cell("b", 900, 70_000)]];
        let table = Table {
            rows: wide,
            ..Table::default()
        };
        assert!(filled(&table, &mut Room::of(Limits::default(), Taken::default())).is_err());
        let mut rows = vec![vec![cell("a", 900, 70_000)]];
        rows.resize(20_000, vec![]);
        let table = Table {
            rows,
            ..Table::default()
        };
        let fault = filled(&table, &mut Room::of(Limits::default(), Taken::default())).unwrap_err();
        assert_eq!(fault.code, Some("too_many_cells"));
    }
}
