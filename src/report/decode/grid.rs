//! The rows of one sheet as they come: the header is found among the first, merged cells are filled down, the rows below
//! become findings.

use std::collections::BTreeMap;

use super::header::{self, HEAD_ROWS, Row};
use super::{Area, DecodeOptions, Decoded, Limits, is_closing, no_header};
use crate::error::Fault;
use crate::report::columns::Lack;
use crate::report::understand::Table;
use crate::vocabulary::Vocabulary;

/// What became of a sheet.
#[derive(Debug)]
pub(super) enum Became {
    /// Its rows are findings.
    Read,
    /// It holds nothing.
    Empty,
    /// It is no table of findings: why, and whether it says what is wrong but not with whom.
    Left(Fault, bool),
}

/// A sheet that is being read.
pub(super) struct Grid<'a> {
    name: &'a str,
    /// The name, where there are several sheets.
    shown: Option<String>,
    since_1904: bool,
    merged: Vec<Area>,
    vocabulary: &'a Vocabulary,
    options: &'a DecodeOptions,
    first: Vec<Row>,
    table: Option<Table<'a>>,
    left: Option<(Fault, bool)>,
    down: Down,
    /// Numbers that a workbook cannot hold whole, by column: rows, the first of them.
    long: BTreeMap<usize, (u64, u64)>,
}

/// What is said of a sheet before its rows come.
pub(super) struct Named<'a> {
    pub name: &'a str,
    pub several: bool,
    pub since_1904: bool,
    pub merged: Vec<Area>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(
        named: Named<'a>,
        vocabulary: &'a Vocabulary,
        options: &'a DecodeOptions,
    ) -> Self {
        Self {
            name: named.name,
            shown: named.several.then(|| named.name.to_owned()),
            since_1904: named.since_1904,
            down: Down::new(&named.merged),
            merged: named.merged,
            vocabulary,
            options,
            first: Vec::new(),
            table: None,
            left: None,
            long: BTreeMap::new(),
        }
    }

    /// Whether further rows would only be thrown away.
    pub(super) fn is_left(&self) -> bool {
        self.left.is_some()
    }

    /// A number of more digits than a workbook holds stood in this cell.
    pub(super) fn long_number(&mut self, row: u64, column: usize) {
        self.long.entry(column).or_insert((0, row)).0 += 1;
    }

    /// Takes a row with the number a person sees; the cells are taken out of it.
    pub(super) fn row(
        &mut self,
        number: u64,
        cells: &mut Vec<String>,
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        let limits = &self.options.tables.limits;
        out.count_cells(cells.len(), limits)
            .map_err(|fault| fault.sheet(self.name).row(number))?;
        if cells.len() > Limits::COLUMNS {
            return Err(Limits::too_wide(cells.len()).sheet(self.name).row(number));
        }
        if cells.iter().all(String::is_empty) || self.is_left() {
            return Ok(());
        }
        if self.table.is_some() {
            return self.tell(number, cells, out);
        }
        self.first.push((number, std::mem::take(cells)));
        // One more than are looked at: what is below a header may belong to it.
        if self.first.len() > HEAD_ROWS {
            self.head(out)?;
        }
        Ok(())
    }

    /// Finds the header among the first rows and tells those below it.
    fn head(&mut self, out: &mut Decoded) -> Result<(), Fault> {
        let first = std::mem::take(&mut self.first);
        let Some(head) = header::find(&first, &self.merged, self.vocabulary) else {
            let cells: Vec<Vec<String>> = first.into_iter().map(|(_, cells)| cells).collect();
            self.left = Some((no_header(&cells).sheet(self.name), false));
            return Ok(());
        };
        let open = Table::open(
            self.shown.clone(),
            &head.headers,
            self.vocabulary,
            self.options,
            out,
        );
        let mut table = match open {
            Ok(table) => table,
            Err(lacking) => {
                let (lack, fault) = *lacking;
                self.left = Some((fault.sheet(self.name), lack == Lack::Whose));
                return Ok(());
            }
        };
        table.titled(self.name);
        table.since_1904(self.since_1904);
        self.table = Some(table);
        let last = head.above.checked_sub(1).and_then(|last| first.get(last));
        self.down.begin(last.map_or(0, |(number, _)| *number));
        for (number, mut cells) in first.into_iter().skip(head.above) {
            self.tell(number, &mut cells, out)?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        number: u64,
        cells: &mut Vec<String>,
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        self.down.fill(number, cells);
        if is_closing(cells) {
            return Ok(());
        }
        match &mut self.table {
            Some(table) => table.row(number, cells, out),
            None => Ok(()),
        }
    }

    /// No more rows come.
    pub(super) fn end(mut self, out: &mut Decoded) -> Result<Became, Fault> {
        if self.table.is_none() && !self.first.is_empty() {
            self.head(out)?;
        }
        if let Some((fault, what)) = self.left {
            return Ok(Became::Left(fault, what));
        }
        let Some(table) = self.table else {
            return Ok(Became::Empty);
        };
        for (column, (rows, first)) in &self.long {
            let header = table.header(*column);
            if header.is_empty() {
                continue;
            }
            let sheet = &self.name;
            out.notes.push(format!(
                "sheet {sheet}: column {header}: {rows} numbers have more than 15 digits (first in \
                 row {first}), of which a workbook keeps 15; have the column formatted as text"
            ));
        }
        table.close(out);
        Ok(Became::Read)
    }
}

/// Merged cells that reach down over several rows: what stands in the first is said for each.
struct Down {
    /// Those that have not begun yet, the next one last.
    coming: Vec<Area>,
    /// Those that reach over the present row: the last row, the column, the text.
    open: Vec<(u64, usize, String)>,
}

impl Down {
    fn new(merged: &[Area]) -> Self {
        let tall = merged.iter().filter(|area| area.1.0 > area.0.0);
        let mut coming: Vec<Area> = tall.copied().collect();
        coming.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            coming,
            open: Vec::new(),
        }
    }

    /// Titles and headers are none of the table's cells.
    fn begin(&mut self, header: u64) {
        self.coming.retain(|area| u64::from(area.0.0) + 1 > header);
    }

    fn fill(&mut self, number: u64, cells: &mut Vec<String>) {
        if !self.open.is_empty() {
            self.open.retain(|(last, _, _)| *last >= number);
            for (_, column, text) in &self.open {
                if cells.len() <= *column {
                    cells.resize(column + 1, String::new());
                }
                if let Some(cell) = cells.get_mut(*column).filter(|cell| cell.is_empty()) {
                    cell.clone_from(text);
                }
            }
        }
        let begun = |area: &Area| u64::from(area.0.0) < number;
        while let Some(area) = self.coming.pop_if(|area| begun(area)) {
            let (column, last) = (area.0.1 as usize, u64::from(area.1.0) + 1);
            let first = u64::from(area.0.0) + 1 == number;
            let text = cells.get(column).filter(|text| first && !text.is_empty());
            if let Some(text) = text {
                self.open.push((last, column, text.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_cells_are_filled_down_and_no_others() {
        // B2:B4 and C3:D4, rows and columns from 0.
        let mut down = Down::new(&[((2, 2), (3, 3)), ((1, 1), (3, 1)), ((0, 0), (0, 3))]);
        down.begin(1);
        let mut seen = Vec::new();
        for (number, row) in (2..).zip(["1,甲,,", "2,,x,", "3,,,", "4,,,"]) {
            let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            down.fill(number, &mut cells);
            seen.push(cells.join(","));
        }
        assert_eq!(seen, ["1,甲,,", "2,甲,x,", "3,甲,x,", "4,,,"]);
    }
}
