//! Text tables: encoding and delimiter are found and said.

use std::borrow::Cow;
use std::io::Cursor;

use super::{Decoded, Rejected, Sheet, header_row, is_closing, no_header};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// Reads text: BOM, then strict UTF-8, then GB18030. The text and the encoding's name.
pub fn decode_text(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _) =
            encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
        return (text.into_owned(), encoding.name());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), "UTF-8"),
        Err(_) => {
            let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            (text.into_owned(), "GB18030")
        }
    }
}

/// What may stand between the cells of a row, the likeliest first.
const MARKS: [char; 4] = [',', '\t', ';', '，'];

/// Rows, and bytes, that are looked at to find the delimiter.
const LOOKED_AT: (usize, usize) = (40, 64 * 1024);

/// Excel leaves out the empty cells at the end of so many rows at once.
const BLOCK: usize = 16;

type Row = (u64, Vec<String>);

/// The delimiter by which a header row is found whose cells are known, and, of several, the one by
/// which most of the rows below have as many cells. What stands in free text decides nothing.
fn delimiter(text: &str, vocabulary: &Vocabulary) -> char {
    let text = text
        .get(..text.floor_char_boundary(LOOKED_AT.1))
        .unwrap_or(text);
    let mut best = (',', (0, 0));
    for mark in MARKS {
        let head: Vec<Row> = rows(text, mark)
            .take(LOOKED_AT.0)
            .filter_map(Result::ok)
            .collect();
        let cells: Vec<Vec<String>> = head.into_iter().map(|(_, cells)| cells).collect();
        let Some(at) = header_row(&cells, vocabulary) else {
            continue;
        };
        let header = cells.get(at).map(|row| filled(row)).unwrap_or_default();
        let known = cells.get(at).into_iter().flatten();
        let known = known
            .filter(|cell| vocabulary.header(cell).is_some())
            .count();
        let below = cells.iter().skip(at + 1);
        let alike = below
            .filter(|row| filled(row) <= header && row.len() >= header)
            .count();
        if (known, alike) > best.1 {
            best = (mark, (known, alike));
        }
    }
    best.0
}

/// How many cells a row has without the empty ones at its end.
fn filled(cells: &[String]) -> usize {
    cells
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |last| last + 1)
}

/// `="0012"` and `'0012` as a spreadsheet means them.
fn cell(raw: &str) -> String {
    let text = raw.trim();
    let text = text
        .strip_prefix("=\"")
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(text);
    text.strip_prefix('\'').unwrap_or(text).trim().to_owned()
}

pub(super) fn sheets(
    bytes: &[u8],
    vocabulary: &Vocabulary,
    decoded: &mut Decoded,
) -> Result<Vec<Sheet>, Fault> {
    if bytes.contains(&0) && encoding_rs::Encoding::for_bom(bytes).is_none() {
        return Err(
            Fault::new("this is no text: neither a table, a workbook nor JSON").code("not_text"),
        );
    }
    let (text, encoding) = decode_text(bytes);
    decoded.encoding = Some(encoding.to_owned());
    let mark = delimiter(&text, vocabulary);
    let rows = rows(&text, mark).collect::<Result<Vec<Row>, Fault>>()?;
    let cells: Vec<Vec<String>> = rows
        .iter()
        .take(15)
        .map(|(_, cells)| cells.clone())
        .collect();
    let at = header_row(&cells, vocabulary).ok_or_else(|| no_header(&cells))?;
    let headers = cells.into_iter().nth(at).unwrap_or_default();
    let rows = whole_rows(rows, at, &headers, decoded);
    Ok(vec![Sheet {
        name: None,
        headers,
        rows,
    }])
}

/// The rows below the header that have its cells; those that have other ones are rejected, since
/// nobody knows which of theirs belongs where. Closing rows are left out before they are counted.
fn whole_rows(rows: Vec<Row>, at: usize, headers: &[String], decoded: &mut Decoded) -> Vec<Row> {
    let wanted = filled(headers);
    let mut kept = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().enumerate().peekable();
    while rows.peek().is_some() {
        let block: Vec<(usize, Row)> = rows.by_ref().take(BLOCK).collect();
        let widest = block.iter().map(|(_, (_, cells))| cells.len()).max();
        let least = widest.unwrap_or_default().min(wanted);
        for (n, (line, cells)) in block {
            let blank = cells.iter().all(String::is_empty);
            if n <= at || blank || is_closing(&cells) {
                continue;
            }
            if cells.len() >= least && filled(&cells) <= wanted {
                kept.push((line, cells));
                continue;
            }
            let has = if cells.len() < least {
                cells.len()
            } else {
                filled(&cells)
            };
            let fault = Fault::new(format!(
                "the row has {has} cells, the header {wanted}; put a text that contains the \
                 delimiter in double quotes, or complete the row"
            ));
            let fault = fault.code("cells_differ").row(line);
            decoded.rejected.push(Rejected { fault, named: None });
        }
    }
    kept
}

/// All rows of a text table with their line numbers. A full-width comma as the delimiter is read
/// as a control character, which the reader takes, and inside quotes is put back.
fn rows(text: &str, mark: char) -> impl Iterator<Item = Result<Row, Fault>> + '_ {
    const STAND_IN: &str = "\u{1f}";
    let wide = mark == '，';
    let text = match wide {
        true => Cow::Owned(text.replace(mark, STAND_IN).into_bytes()),
        false => Cow::Borrowed(text.as_bytes()),
    };
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if wide { 0x1f } else { mark as u8 })
        .from_reader(Cursor::new(text));
    reader.into_records().map(move |record| {
        let record = record.map_err(|error| {
            let row = error.position().map(csv::Position::line);
            Fault::new(format!("the row cannot be read: {error}"))
                .code("not_a_row")
                .row(row.unwrap_or_default())
        })?;
        let line = record.position().map(csv::Position::line);
        let cells = record.iter().map(cell);
        let cells = cells.map(|cell| {
            if wide {
                cell.replace(STAND_IN, "，")
            } else {
                cell
            }
        });
        Ok((line.unwrap_or_default(), cells.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::decode::{DecodeOptions, Format, decode};

    fn read(text: &str) -> Decoded {
        let options = DecodeOptions {
            format: Format::Csv,
            rows_path: None,
            file_name: "r.csv".into(),
            date: chrono::NaiveDate::from_ymd_opt(2021, 6, 30).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            updates: false,
        };
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
        assert_eq!(delimiter(text, &Vocabulary::builtin().unwrap()), ';');
        // Titles above the header may hold anything.
        let text = "每日报告；一，二，三，四\n账号名称,错敏词\n示范发布,做为\n";
        assert_eq!(seen(text).0, ["示范发布|做为|"]);
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
