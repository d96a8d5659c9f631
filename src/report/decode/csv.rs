//! Text tables: what stands between the cells is found and said; rows are read one by one.

use std::borrow::Cow;

use super::header::{self, HEAD_ROWS, Row};
use super::records::{Record, Records};
use super::{DecodeOptions, Decoded, Limits, Rejected, encoding, is_closing, no_header};
use crate::error::Fault;
use crate::report::understand::Table;
use crate::vocabulary::Vocabulary;

/// What may stand between the cells of a row, the likeliest first.
const MARKS: [char; 5] = [',', '\t', ';', '，', '|'];

/// Rows, and bytes, that are looked at to find the delimiter.
const LOOKED_AT: (usize, usize) = (40, 64 * 1024);

/// Excel leaves out the empty cells at the end of so many rows at once.
const BLOCK: usize = 16;

/// Stands for a delimiter that is no ASCII character.
const STAND_IN: &str = "\u{1f}";

/// The delimiter by which a header row is found whose cells are known, and, of several, the one by
/// which most of the rows below have as many cells; with the number of known headers. What stands
/// in free text decides nothing.
pub(super) fn delimiter(text: &str, vocabulary: &Vocabulary) -> (char, usize) {
    let text = text
        .get(..text.floor_char_boundary(LOOKED_AT.1))
        .unwrap_or(text);
    let mut best = (',', (0, 0));
    for mark in MARKS {
        let cells = first_rows(text, mark);
        let at = header::header_row(&cells, vocabulary);
        // Of a header in two rows each may have one known name alone.
        let each = cells.iter().take(HEAD_ROWS);
        let known = each.map(|row| header::known(row, vocabulary)).max();
        let known = known.unwrap_or_default();
        let header = at.and_then(|at| cells.get(at)).map_or(0, |row| filled(row));
        let below = cells.iter().skip(at.map_or(cells.len(), |at| at + 1));
        let alike = below
            .filter(|row| filled(row) <= header && row.len() >= header)
            .count();
        if (known, alike) > best.1 {
            best = (mark, (known, alike));
        }
    }
    (best.0, best.1.0)
}

fn first_rows(text: &str, mark: char) -> Vec<Vec<String>> {
    let text = marked(text, mark);
    let (mut records, mut record) = (Records::of(&text, by(mark)), Record::default());
    let mut rows = Vec::new();
    while rows.len() < LOOKED_AT.0 && records.next(&mut record) {
        rows.push(
            record
                .cells
                .iter()
                .map(|raw| cell(raw).to_owned())
                .collect(),
        );
    }
    rows
}

/// How many cells a row has without the empty ones at its end.
fn filled<S: AsRef<str>>(cells: &[S]) -> usize {
    cells
        .iter()
        .rposition(|cell| !cell.as_ref().is_empty())
        .map_or(0, |last| last + 1)
}

/// `="0012"` and `'0012` as a spreadsheet means them.
fn cell(raw: &str) -> &str {
    let text = raw.trim();
    match text.as_bytes().first() {
        Some(b'=') => text
            .strip_prefix("=\"")
            .and_then(|t| t.strip_suffix('"'))
            .map_or(text, str::trim),
        // A text that begins and ends with quotes is quoted.
        Some(b'\'') => text
            .strip_prefix('\'')
            .filter(|rest| !rest.contains('\''))
            .map_or(text, str::trim),
        _ => text,
    }
}

/// The text with an ASCII character for its delimiter.
fn marked(text: &str, mark: char) -> Cow<'_, str> {
    match mark.is_ascii() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.replace(mark, STAND_IN)),
    }
}

/// The ASCII character that stands between the cells then.
fn by(mark: char) -> u8 {
    let mark = u8::try_from(mark).ok();
    mark.filter(u8::is_ascii).unwrap_or(0x1f)
}

/// Reads a text table.
pub(super) fn read(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    decoded: &mut Decoded,
) -> Result<(), Fault> {
    let settings = &options.tables;
    let text = encoding::read(bytes, settings.encoding.as_deref(), vocabulary, decoded)?;
    let mark = settings
        .delimiter
        .unwrap_or_else(|| delimiter(&text, vocabulary).0);
    decoded.delimiter = Some(mark);
    if settings.delimiter.is_none() && mark != ',' {
        let shown = if mark == '\t' {
            "tabs".to_owned()
        } else {
            format!("{mark}")
        };
        decoded
            .notes
            .push(format!("cells are separated by {shown}"));
    }
    let text = marked(&text, mark);
    let mut rows = Rows {
        records: Records::of(&text, by(mark)),
        wide: (!mark.is_ascii()).then_some(mark),
        limits: settings.limits,
        cells: decoded.taken.cells,
        block: Vec::new(),
    };
    rows.next_block()?;
    let first: Vec<Row> = rows.block.iter().map(owned).collect();
    let head = header::find(&first, &[], vocabulary).ok_or_else(|| {
        let cells: Vec<Vec<String>> = first.into_iter().map(|(_, cells)| cells).collect();
        let mut fault = no_header(&cells);
        // Why it may look so: the encoding, the delimiter.
        for note in &decoded.notes {
            fault.reason.push_str("; ");
            fault.reason.push_str(note);
        }
        fault
    })?;
    let wanted = filled(&head.headers);
    let table = Table::open(None, &head.headers, vocabulary, options, decoded);
    let mut table = table.map_err(|lacking| lacking.1)?;
    let mut above = head.above;
    while !rows.block.is_empty() {
        rows.tell(above, wanted, &mut table, decoded)?;
        above = 0;
        rows.next_block()?;
    }
    decoded.taken.cells = rows.cells;
    table.close(decoded);
    Ok(())
}

/// The rows of a text, a block at a time.
struct Rows<'t> {
    records: Records<'t>,
    /// The delimiter that a control character stands for.
    wide: Option<char>,
    limits: Limits,
    cells: u64,
    block: Vec<Record<'t>>,
}

impl Rows<'_> {
    fn next_block(&mut self) -> Result<(), Fault> {
        self.block.resize_with(BLOCK, Record::default);
        let mut read = 0;
        for record in &mut self.block {
            if !self.records.next(record) {
                break;
            }
            read += 1;
            self.cells += record.cells.len() as u64;
            if record.cells.len() > Limits::COLUMNS {
                return Err(Limits::too_wide(record.cells.len()).row(record.line));
            }
            if self.cells > self.limits.cells {
                return Err(self.limits.too_many_cells().row(record.line));
            }
            for raw in &mut record.cells {
                shown(raw, self.wide);
            }
        }
        self.block.truncate(read);
        Ok(())
    }

    /// Tells the block's rows that have the header's cells; those that have other ones are
    /// rejected, since nobody knows which of theirs belongs where. Closing rows are left out before
    /// they are counted.
    fn tell(
        &mut self,
        above: usize,
        wanted: usize,
        table: &mut Table<'_>,
        decoded: &mut Decoded,
    ) -> Result<(), Fault> {
        let widest = self.block.iter().map(|record| record.cells.len()).max();
        let least = widest.unwrap_or_default().min(wanted);
        for record in self.block.iter_mut().skip(above) {
            let (line, cells) = (record.line, &mut record.cells);
            let filled = filled(cells);
            if filled == 0 || is_closing(cells) {
                continue;
            }
            let fault = if record.open {
                let fault = never_closed().row(line);
                decoded.incomplete = Some(fault.clone());
                fault
            } else if cells.len() >= least && filled <= wanted {
                table.row(line, cells, decoded)?;
                continue;
            } else {
                let has = if cells.len() < least {
                    cells.len()
                } else {
                    filled
                };
                let fault = Fault::new(format!(
                    "the row has {has} cells, the header {wanted}; put a text that contains the \
                     delimiter in double quotes, or complete the row"
                ));
                fault.code("cells_differ").row(line)
            };
            let room = decoded.room_for_row(&self.limits);
            room.map_err(|fault| fault.row(line))?;
            decoded.rejected.push(Rejected { fault, named: None });
        }
        Ok(())
    }
}

fn owned(record: &Record<'_>) -> Row {
    let cells = record.cells.iter().map(|cell| cell.as_ref().to_owned());
    (record.line, cells.collect())
}

/// What a cell says, as a spreadsheet means it.
fn shown(raw: &mut Cow<'_, str>, wide: Option<char>) {
    match raw {
        Cow::Borrowed(text) => *text = cell(text),
        Cow::Owned(text) => {
            let meant = cell(text);
            if meant.len() < text.len() {
                *text = meant.to_owned();
            }
        }
    }
    // Inside quotes it was no delimiter.
    if let Some(mark) = wide.filter(|_| raw.contains(STAND_IN)) {
        *raw = Cow::Owned(raw.replace(STAND_IN, mark.encode_utf8(&mut [0; 4])));
    }
}

/// A quote that is opened and never closed takes all rows below into its cell.
fn never_closed() -> Fault {
    let reason = "a double quote is opened in this row and never closed, so that nobody knows where \
                  the rows below it begin; close it, or write it twice where it belongs to the text";
    Fault::new(reason).code("quote_open")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::decode::{Format, decode};
    use crate::report::source::SourceSettings;

    fn read(text: &str) -> Decoded {
        let source = SourceSettings {
            format: Format::Csv,
            ..SourceSettings::named("r")
        };
        let day = chrono::NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
        let options = source.decoding("r.csv", day, chrono_tz::Asia::Shanghai);
        decode(text.as_bytes(), &options, &Vocabulary::builtin().unwrap()).unwrap()
    }

    /// Name, wrong text and context of every finding, and the rows that were rejected.
    fn seen(text: &str) -> (Vec<String>, Vec<u64>) {
        let decoded = read(text);
        let findings = decoded.findings.iter().map(|f| {
            let context = f.context.clone().unwrap_or_default();
            let wrong = f.wrong_text.clone().unwrap_or_default();
            format!(
                "{}|{wrong}|{context}",
                f.account_name.clone().unwrap_or_default()
            )
        });
        let rejected = decoded.rejected.iter().filter_map(|r| r.fault.row);
        (findings.collect(), rejected.collect())
    }

    #[test]
    fn the_header_decides_what_stands_between_the_cells() {
        let context = "一，二，三，四，五，六，七，八";
        let header = ["账号名称", "错敏词", "所在上下文"];
        for mark in [",", "\t", ";", "，"] {
            let cells = [
                "示范发布",
                "做为",
                if mark == "，" {
                    "\"一，二\""
                } else {
                    context
                },
            ];
            let text = format!("{}\n{}\n", header.join(mark), cells.join(mark));
            let whole = if mark == "，" { "一，二" } else { context };
            let want = (vec![format!("示范发布|做为|{whole}")], vec![]);
            assert_eq!(seen(&text), want, "{mark:?}");
        }
        // Words that are known by either mark: the one by which the rows agree.
        let text = "账号名称,问题类型;错敏词;所在上下文\n示范发布;做为;一,二,三\n";
        assert_eq!(delimiter(text, &Vocabulary::builtin().unwrap()).0, ';');
        // Titles above the header may hold anything.
        let text = "每日报告；一，二，三，四\n账号名称,错敏词\n示范发布,做为\n";
        assert_eq!(seen(text).0, ["示范发布|做为|"]);
    }

    #[test]
    fn rows_are_counted_as_a_person_counts_lines() {
        for ends in ["\n", "\r\n"] {
            let text = [
                "账号名称,错敏词",
                "",
                "甲,\"做\n为\"",
                "乙,按装",
                "",
                "丙,既使",
                "丁",
            ];
            let decoded = read(&text.join(ends));
            let rows: Vec<u64> = decoded.findings.iter().map(|finding| finding.row).collect();
            assert_eq!(rows, [3, 5, 7], "{ends:?}");
            assert_eq!(
                decoded.rejected.iter().filter_map(|r| r.fault.row).max(),
                Some(8)
            );
        }
    }

    #[test]
    fn a_row_with_other_cells_than_the_header_is_rejected_with_its_place() {
        let header = "账号名称,错敏词,所在上下文";
        for (rows, found, rejected) in [
            ("甲,做为,一,二\n乙,按装,三\n", 1, vec![2]),
            ("甲,做为\n乙,按装,三\n", 1, vec![2]),
            ("甲,做为,一,,,\n乙,按装,\n", 2, vec![]),
            ("甲,\"做为\n乙,按装,三\n", 0, vec![2]),
            (",,\n甲,做为,一\n", 1, vec![]),
            ("甲,做为,\"一,\n二\"\n乙,按装\n", 1, vec![4]),
        ] {
            let seen = seen(&format!("{header}\n{rows}"));
            assert_eq!((seen.0.len(), seen.1), (found, rejected), "{rows}");
        }
        // A quote in the last column is never closed: the rows below it are lost, and that is said.
        let open = read(&format!("{header}\n甲,做为,\"一\n乙,按装,三\n丙,按装,四\n"));
        assert_eq!((open.findings.len(), open.rejected.len()), (0, 1));
        assert!(open.incomplete.is_some());
        let closed = read(&format!("{header}\n甲,做为,\"一\n乙,按装,三\"\n"));
        assert_eq!(
            (closed.findings.len(), closed.incomplete.is_some()),
            (1, false)
        );
        // Excel leaves out empty cells at the end of sixteen rows at once, not of single ones.
        let first = "甲,做为,一\n".repeat(15);
        let second = "甲,做为\n".repeat(16);
        assert_eq!(seen(&format!("{header}\n{first}{second}")).1, [0; 0]);
        let mixed = format!("{header}\n{first}甲,做为\n甲,做为,一\n");
        assert_eq!(seen(&mixed).1, [17]);
    }

    #[test]
    fn totals_and_remarks_are_no_findings() {
        let text = "账号名称,错敏词,所在上下文\n甲,做为,一\n合计,1,\n备注：截至今日，共一条\n\
                    说明,,\n说明文档,按装,二\n";
        assert_eq!(
            seen(text),
            (vec!["甲|做为|一".into(), "说明文档|按装|二".into()], vec![])
        );
    }
}
