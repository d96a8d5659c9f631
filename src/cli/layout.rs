//! Text on a terminal: tables and paragraphs by the width that letters have there, two columns for
//! a Chinese one.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of a comfortable line.
const WIDTH: usize = 100;
/// Between the columns of a table.
const GAP: usize = 2;

/// Rows with their columns below each other; the last column is left as long as it is.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (n, cell) in row.iter().enumerate() {
            match widths.get_mut(n) {
                Some(width) => *width = (*width).max(cell.width()),
                None => widths.push(cell.width()),
            }
        }
    }
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + GAP - cell.width()));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// A paragraph, broken at the width of a line: at a blank where there is one, else between two
/// letters; a word of its own, such as a link, is never broken. Later lines are indented.
pub(super) fn paragraph(text: &str, indent: usize) -> Vec<String> {
    within(text, indent, WIDTH)
}

/// The same at another width.
pub(super) fn within(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let pad = " ".repeat(indent);
    let mut line = pad.clone();
    for piece in pieces(text) {
        let full = line.width() + piece.trim_end().width() > width && line.width() > indent;
        if full {
            lines.push(line.trim_end().to_owned());
            line.clone_from(&pad);
        }
        line.push_str(if line.width() > indent {
            piece
        } else {
            piece.trim_start()
        });
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// What a line is made of: words with the blank behind them, and wide letters each by itself.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let wide = |c: char| c.width() == Some(2);
        let cut = before.is_some_and(|b| {
            (b.is_whitespace() && !c.is_whitespace())
                || (!c.is_whitespace() && (wide(b) || wide(c)))
        });
        if cut {
            pieces.extend(text.get(from..at));
            from = at;
        }
        before = Some(c);
    }
    pieces.extend(text.get(from..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["person", "name", "code"], ["O1", "林晓雨", "ABC"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&rows),
            ["person  name    code", "O1      林晓雨  ABC"]
        );
    }

    #[test]
    fn a_line_is_full_by_its_width_and_a_link_is_whole() {
        let text = "警".repeat(60);
        let lines = paragraph(&text, 4);
        assert_eq!(
            lines,
            [
                format!("    {}", "警".repeat(48)),
                format!("    {}", "警".repeat(12))
            ]
        );
        let link = format!("https://a.example/{}", "x".repeat(120));
        let lines = paragraph(&format!("见 {link} 的 第一段"), 2);
        assert_eq!(
            lines,
            [
                "  见".to_owned(),
                format!("  {link}"),
                "  的 第一段".to_owned()
            ]
        );
        assert_eq!(paragraph("", 2), [""]);
    }
}
