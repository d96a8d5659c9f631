//! What `/mute` says: 「3天」, 「摘要」, 「摘要 到10月8日」, 「off」. Pure.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::calendar::{Calendar, read_day};
use crate::hours::mute::What;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// These are wanted again; none named: all.
    Off(Vec<What>),
    /// These are not wanted until then; none named: all that may be left out.
    Set(Vec<What>, Until),
}

/// Until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It was not said.
    Unsaid,
    /// For so many days from now.
    Days(i64),
    /// To the end of this day.
    Day(NaiveDate),
}

const OFF: &[&str] = &[
    "off", "关闭", "关", "取消", "恢复", "解除", "开启", "cancel", "unmute",
];
const ALL: &[&str] = &["全部", "所有", "all", "都"];
const NAMES: &[(&str, What)] = &[
    ("摘要", What::Summary),
    ("总结", What::Summary),
    ("汇总", What::Summary),
    ("早报", What::Summary),
    ("周报", What::Summary),
    ("summary", What::Summary),
    ("summaries", What::Summary),
    ("节前提醒", What::Holiday),
    ("节前", What::Holiday),
    ("节假日", What::Holiday),
    ("holiday", What::Holiday),
    ("未证实清单", What::Unconfirmed),
    ("未证实", What::Unconfirmed),
    ("清单", What::Unconfirmed),
    ("unconfirmed", What::Unconfirmed),
    ("list", What::Unconfirmed),
];

/// The most words of a day.
const WORDS: usize = 4;

static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?i)^(\d{1,4}|[一二两三四五六七八九十]|十[一二三四五])个?(天|日|周|星期|礼拜|月|days?|d|weeks?|w)$";
    Regex::new(pattern).ok()
});

fn amount(word: &str) -> Option<i64> {
    let found = AMOUNT.as_ref()?.captures(word)?;
    let number = found.get(1)?.as_str();
    let digit = |c: char| match c {
        '两' => Some(2),
        c => "一二三四五六七八九"
            .chars()
            .position(|one| one == c)
            .and_then(|at| i64::try_from(at + 1).ok()),
    };
    let count = match number.strip_prefix('十') {
        Some("") => 10,
        Some(rest) => 10 + digit(rest.chars().next()?)?,
        None => number
            .parse()
            .ok()
            .or_else(|| digit(number.chars().next()?))?,
    };
    let unit = found.get(2)?.as_str().to_lowercase();
    Some(match unit.as_str() {
        "周" | "星期" | "礼拜" | "week" | "weeks" | "w" => count * 7,
        "月" => count * 30,
        _ => count,
    })
}

/// Understands what follows the command; nothing where a word of it has no meaning.
pub fn understand(line: &str, today: NaiveDate, calendar: &Calendar) -> Option<Asked> {
    let (mut whats, mut until, mut off) = (Vec::new(), Until::Unsaid, false);
    // 「3 天」
    let mut line = line.to_owned();
    for unit in ["天", "日", "周", "day", "week"] {
        line = line.replace(&format!(" {unit}"), unit);
    }
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '。'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.first()?;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let lower = word.to_lowercase();
        let mut rest = lower.as_str();
        // 「摘要3天」 is written in one.
        if let Some((name, what)) = NAMES.iter().find(|(name, _)| rest.starts_with(name)) {
            whats.push(*what);
            rest = rest.strip_prefix(name).unwrap_or_default();
        }
        if rest.is_empty() || ALL.contains(&rest) {
            continue;
        }
        if OFF.contains(&rest) {
            off = true;
        } else if let Some(days) = amount(rest) {
            until = Until::Days(days);
        } else {
            let day = ["到", "至", "until", "till", "for", "直到"]
                .iter()
                .find_map(|lead| rest.strip_prefix(lead))
                .unwrap_or(rest);
            if day.is_empty() {
                continue;
            }
            // The longest that is a day: 8 Oct, next Wednesday.
            let said = (0..WORDS).rev().find_map(|more| {
                let rest = words.get(at..at + more)?;
                let said = [&[day], rest].concat().join(" ");
                Some((read_day(&said, (today, today), calendar)?, more))
            });
            let (day, more) = said?;
            until = Until::Day(day);
            at += more;
        }
    }
    whats.sort_unstable();
    whats.dedup();
    Some(match off {
        true => Asked::Off(whats),
        false => Asked::Set(whats, until),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calendar = Calendar::load(None).unwrap();
        let today = day("2021-06-28");
        let set = |whats: &[What], until| Some(Asked::Set(whats.to_vec(), until));
        let table = [
            ("3天", set(&[], Until::Days(3))),
            ("三天", set(&[], Until::Days(3))),
            ("十二天", set(&[], Until::Days(12))),
            ("两周", set(&[], Until::Days(14))),
            ("3 天", set(&[], Until::Days(3))),
            ("摘要", set(&[What::Summary], Until::Unsaid)),
            ("摘要 3天", set(&[What::Summary], Until::Days(3))),
            ("摘要3天", set(&[What::Summary], Until::Days(3))),
            (
                "摘要、节前 1周",
                set(&[What::Summary, What::Holiday], Until::Days(7)),
            ),
            ("全部 7d", set(&[], Until::Days(7))),
            (
                "摘要 到7月2日",
                set(&[What::Summary], Until::Day(day("2021-07-02"))),
            ),
            (
                "清单 至 07-02",
                set(&[What::Unconfirmed], Until::Day(day("2021-07-02"))),
            ),
            (
                "summary until 2 Jul",
                set(&[What::Summary], Until::Day(day("2021-07-02"))),
            ),
            (
                "list, for 3 days",
                set(&[What::Unconfirmed], Until::Days(3)),
            ),
            (
                "until next Wednesday, summaries",
                set(&[What::Summary], Until::Day(day("2021-07-07"))),
            ),
            ("until one day", None),
            ("off", Some(Asked::Off(vec![]))),
            ("恢复", Some(Asked::Off(vec![]))),
            ("摘要 off", Some(Asked::Off(vec![What::Summary]))),
            ("超期", None),
            ("随便", None),
            ("", None),
        ];
        for (line, want) in table {
            assert_eq!(understand(line, today, &calendar), want, "{line}");
        }
    }
}
