//! The text of a cell: cleaned, guarded against being run as a formula, several values in one, a date.

use chrono::NaiveDate;

/// A cell without surrounding blanks, invisible marks and the guard of [`guard`].
pub(super) fn clean(text: &str) -> String {
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
    match text.strip_prefix('\'') {
        Some(rest) if runs(text) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// Whether a spreadsheet might take the text, without its leading apostrophes, for a formula.
fn runs(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Puts an apostrophe before a text that a spreadsheet would run as a formula (CSV injection);
/// reading takes it away again.
pub(super) fn guard(text: String) -> String {
    if runs(&text) {
        format!("'{text}")
    } else {
        text
    }
}

/// Joins values for one cell; [`split`] takes them apart again.
pub(super) fn join(values: &[String]) -> String {
    let escaped = values.iter().map(|value| {
        let mut out = String::with_capacity(value.len());
        for c in value.chars() {
            if matches!(c, ';' | '；' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out
    });
    escaped.collect::<Vec<_>>().join(";")
}

/// The values of a cell, separated by `;` or `；`, without blanks and repetitions; `\;` is a
/// semicolon that belongs to the value.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = c == '\\' && matches!(chars.peek(), Some(';' | '；' | '\\'));
        let c = if escaped { chars.next() } else { Some(c) };
        match (c, values.last_mut()) {
            (Some(';' | '；'), _) if !escaped => values.push(String::new()),
            (Some(c), Some(last)) => last.push(c),
            _ => {}
        }
    }
    let values = values
        .iter()
        .map(|v| v.trim().to_owned())
        .filter(|v| !v.is_empty());
    let mut kept: Vec<String> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// A date as offices write it; a time of day after it is ignored.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let text = text.split([' ', 'T']).next().unwrap_or(text);
    if text.len() == 8 && text.chars().all(|c| c.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let parts: Vec<&str> = text
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let year = year
        .parse()
        .ok()
        .filter(|year| (1900..=9999).contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_cleaned_and_guarded() {
        for (read, is) in [
            ("\u{3000}办公室 ", "办公室"),
            ("'=1+1", "=1+1"),
            ("'quoted", "'quoted"),
            ("''-x", "'-x"),
        ] {
            assert_eq!(clean(read), is);
        }
        assert_eq!(guard("@cmd".into()), "'@cmd");
        assert_eq!(guard("市政府".into()), "市政府");
    }

    #[test]
    fn dates_are_read_as_offices_write_them() {
        for text in [
            "2024-01-31",
            "2024/1/31",
            "2024.1.31",
            "2024年1月31日",
            "20240131",
            "2024-01-31 00:00:00",
        ] {
            assert_eq!(
                date(text).map(|d| d.to_string()).as_deref(),
                Some("2024-01-31"),
                "{text}"
            );
        }
        for text in ["2024-13-01", "31/1/2024", "24-1-3", "soon", "2024"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_guarded_cell_reads_back(text in "['=+@a市-]{0,6}") {
            prop_assert_eq!(clean(&guard(text.clone())), text);
        }

        #[test]
        fn joined_values_come_apart_again(values in prop::collection::vec("[a；;\\\\市]{1,4}", 0..4)) {
            let mut unique: Vec<String> = Vec::new();
            for value in values {
                if !unique.contains(&value) {
                    unique.push(value);
                }
            }
            prop_assert_eq!(split(&join(&unique)), unique);
        }
    }
}
