//! What `/leave` says: 「10-01 10-07 陈志远」, 「林晓雨 10月1日至7日 O2」. Pure.

use chrono::NaiveDate;

use crate::calendar::{Calendar, read_day};

/// The most words of a day.
const WORDS: usize = 4;
/// Words between two days.
const BETWEEN: &[&str] = &[
    "至", "到", "-", "–", "~", "～", "to", "until", "till", "through",
];

/// A leave as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who is away, by name or code; nothing: who says it.
    pub who: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Who stands in, by name or code; may be missing.
    pub stand_in: String,
}

/// Understands what follows the command: a name, a day or two, a name. Nothing without a day.
pub fn understand(line: &str, today: NaiveDate, calendar: &Calendar) -> Option<Asked> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut from, mut to) = (None, None);
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut rest = words.as_slice();
    // The longest that is a day: 1 Oct, next Wed, +3 working days.
    let day = |rest: &[&str], from: NaiveDate| {
        (1..=WORDS.min(rest.len())).rev().find_map(|many| {
            let said = rest.get(..many)?.join(" ");
            Some((read_day(&said, (today, from), calendar)?, many))
        })
    };
    while let [word, others @ ..] = rest {
        rest = others;
        match from {
            Some(_) if BETWEEN.contains(&word.to_ascii_lowercase().as_str()) => {}
            None if word.eq_ignore_ascii_case("from") && day(others, today).is_some() => {}
            None => {
                if let Some((first, last)) = span(word, today, calendar) {
                    (from, to) = (Some(first), Some(last));
                } else if let Some((first, many)) = day(&[&[*word], others].concat(), today) {
                    from = Some(first);
                    rest = others.get(many - 1..).unwrap_or_default();
                } else {
                    before.push(*word);
                }
            }
            Some(first) => match day(&[&[*word], others].concat(), first) {
                Some((last, many)) if to.is_none() && after.is_empty() => {
                    to = Some(last);
                    rest = others.get(many - 1..).unwrap_or_default();
                }
                _ => after.push(*word),
            },
        }
    }
    let from = from?;
    Some(Asked {
        who: before.join(" "),
        from,
        to: to.unwrap_or(from),
        stand_in: after.join(" "),
    })
}

/// Two days in one word: 10-01~10-07, 10月1日至7日.
fn span(word: &str, today: NaiveDate, calendar: &Calendar) -> Option<(NaiveDate, NaiveDate)> {
    let mut marks = word.char_indices();
    marks.find_map(|(at, mark)| {
        if !matches!(mark, '至' | '到' | '~' | '～' | '—' | '–') {
            return None;
        }
        let (first, last) = (word.get(..at)?, word.get(at + mark.len_utf8()..)?);
        let from = read_day(first, (today, today), calendar)?;
        Some((from, read_day(last, (today, from), calendar)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_from_when_to_when_and_who_stands_in() {
        let calendar = Calendar::load(None).unwrap();
        let today = "2026-09-30".parse().unwrap();
        for (line, want) in [
            ("10-01 10-07 陈志远", "- 2026-10-01 2026-10-07 陈志远"),
            ("10月1日 10月7日 O2", "- 2026-10-01 2026-10-07 O2"),
            ("10月1日至7日 O2", "- 2026-10-01 2026-10-07 O2"),
            ("10-01~10-07，陈志远", "- 2026-10-01 2026-10-07 陈志远"),
            ("10-01 到 10-07 陈志远", "- 2026-10-01 2026-10-07 陈志远"),
            (
                "林晓雨 10-01 10-07 陈志远",
                "林晓雨 2026-10-01 2026-10-07 陈志远",
            ),
            ("明天 陈志远", "- 2026-10-01 2026-10-01 陈志远"),
            ("明天 下周三 陈志远", "- 2026-10-01 2026-10-07 陈志远"),
            ("明天 +2工作日 O2", "- 2026-10-01 2026-10-09 O2"),
            ("12-30 01-03 O2", "- 2026-12-30 2027-01-03 O2"),
            (
                "1 Oct 7 Oct Chen Zhiyuan",
                "- 2026-10-01 2026-10-07 Chen Zhiyuan",
            ),
            ("from Oct 1 to Oct 7, O2", "- 2026-10-01 2026-10-07 O2"),
            (
                "Lin Xiaoyu tomorrow until next Wed Chen",
                "Lin Xiaoyu 2026-10-01 2026-10-07 Chen",
            ),
            ("Tomorrow +2 working days O2", "- 2026-10-01 2026-10-09 O2"),
            ("10-01 10-07", "- 2026-10-01 2026-10-07 -"),
            ("陈志远", "nothing"),
            ("", "nothing"),
        ] {
            let dash = |text: String| if text.is_empty() { "-".into() } else { text };
            let said = understand(line, today, &calendar).map_or("nothing".to_owned(), |asked| {
                let (who, stand_in) = (dash(asked.who), dash(asked.stand_in));
                format!("{who} {} {} {stand_in}", asked.from, asked.to)
            });
            assert_eq!(said, want, "{line}");
        }
    }
}
