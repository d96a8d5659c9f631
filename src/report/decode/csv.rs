//! Text tables: encoding and delimiter are found and said.

use super::{Decoded, Sheet, header_row, no_header};
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

/// The delimiter that stands most often in the first lines.
fn delimiter(text: &str) -> char {
    let head: String = text.lines().take(10).collect::<Vec<_>>().join("\n");
    [',', '\t', ';', '，']
        .into_iter()
        .max_by_key(|d| head.matches(*d).count())
        .unwrap_or(',')
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
    let rows = table(&text)?;
    let cells: Vec<Vec<String>> = rows
        .iter()
        .take(15)
        .map(|(_, cells)| cells.clone())
        .collect();
    let at = header_row(&cells, vocabulary).ok_or_else(|| no_header(&cells))?;
    let mut rows = rows.into_iter().skip(at);
    let headers = rows.next().map(|(_, cells)| cells).unwrap_or_default();
    Ok(vec![Sheet {
        name: None,
        headers,
        rows: rows.collect(),
    }])
}

/// All rows of a text table with their line numbers.
pub(crate) fn table(text: &str) -> Result<Vec<(u64, Vec<String>)>, Fault> {
    let mut mark = delimiter(text);
    let swapped;
    let mut text = text;
    if mark == '，' {
        swapped = text.replace('，', ",");
        text = &swapped;
        mark = ',';
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(mark as u8)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let row = error
                .position()
                .map(csv::Position::line)
                .unwrap_or_default();
            Fault::new(format!("the row cannot be read: {error}"))
                .code("not_a_row")
                .row(row)
        })?;
        let line = record
            .position()
            .map(csv::Position::line)
            .unwrap_or_default();
        let cells: Vec<String> = record.iter().map(cell).collect();
        if cells.iter().any(|c| !c.is_empty()) {
            rows.push((line, cells));
        }
    }
    Ok(rows)
}
