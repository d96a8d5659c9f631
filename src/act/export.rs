//! What `/export` says: nothing, 「超期」, 「2026-09」, 「9月」, 「上周」, 「2026-09-01 2026-09-30」, 「9月超期」. Pure.

use std::sync::LazyLock;

use chrono::{Datelike as _, Days, Months, NaiveDate};
use regex::Regex;

/// What is to be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The days of which; none: what is live now.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Only what was or is late.
    pub overdue: bool,
}

const OVERDUE: &[&str] = &["超期", "逾期", "超时", "overdue", "late"];
const NOTHING: &[&str] = &["问题", "清单", "列表", "的", "导出"];

type Pattern = LazyLock<Option<Regex>>;
static FULL: Pattern =
    LazyLock::new(|| Regex::new(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$").ok());
static COMPACT: Pattern = LazyLock::new(|| Regex::new(r"^(20\d{2})(\d{2})(\d{2})$").ok());
static SHORT: Pattern = LazyLock::new(|| Regex::new(r"^(\d{1,2})[-/.月](\d{1,2})[日号]?$").ok());
static MONTH: Pattern = LazyLock::new(|| Regex::new(r"^(\d{4})[-/.年](\d{1,2})月?份?$").ok());
static NAMED: Pattern = LazyLock::new(|| Regex::new(r"^(\d{1,2})月份?$").ok());
static YEAR: Pattern = LazyLock::new(|| Regex::new(r"^(20\d{2})年?$").ok());
static QUARTER: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:(20\d{2})[-年]?)?(?:[qQ]([1-4])|第?([1-4一二三四])季度?)$").ok()
});
static RECENT: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:最近|近|过去|last |past )?(\d{1,4}) ?(?:天|日|d|days?)$").ok()
});
static BETWEEN: Pattern =
    LazyLock::new(|| Regex::new(r"\s*(?:至|到|~|——|—|–|\s+-\s+|\s+to\s+|\s)\s*").ok());

fn numbers(pattern: &Pattern, text: &str) -> Option<Vec<u32>> {
    let found = pattern.as_ref()?.captures(text)?;
    let groups = found.iter().skip(1).flatten();
    groups.map(|one| one.as_str().parse().ok()).collect()
}

fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.trim().to_lowercase().chars().map(fold).collect()
}

/// Understands what follows the command; nothing where a word of it has no meaning.
pub fn understand(line: &str, today: NaiveDate) -> Option<Asked> {
    let mut text = folded(line);
    let overdue = OVERDUE.iter().any(|word| text.contains(word));
    for word in OVERDUE.iter().chain(NOTHING) {
        text = text.replace(word, " ");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let days = match text.as_str() {
        "" => None,
        text => Some(period(text, today)?),
    };
    Some(Asked { days, overdue })
}

/// The days that a text says, both included.
fn period(text: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(named) = named(text, today).or_else(|| stretch(text, today)) {
        return Some(named);
    }
    if let Some(only) = day(text, today) {
        return Some((only, only));
    }
    let parts: Vec<&str> = BETWEEN.as_ref()?.split(text).collect();
    let [from, to] = parts.as_slice() else {
        return None;
    };
    let whole = |text: &str| named(text, today).or_else(|| stretch(text, today));
    let start = |text: &str| day(text, today).or_else(|| Some(whole(text)?.0));
    let end = |text: &str| day(text, today).or_else(|| Some(whole(text)?.1));
    let (from, to) = (start(from)?, end(to)?);
    (from <= to).then_some((from, to))
}

/// Words that count from today.
fn named(text: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let back = |days: u64| today.checked_sub_days(Days::new(days));
    let monday = back(today.weekday().num_days_from_monday().into())?;
    let week = |weeks: u64| {
        let first = monday.checked_sub_days(Days::new(weeks * 7))?;
        Some((first, first.checked_add_days(Days::new(6))?))
    };
    let first = today.with_day(1)?;
    let quarter = first.with_month(today.month0() / 3 * 3 + 1)?;
    match text {
        "今天" | "今日" | "today" => Some((today, today)),
        "昨天" | "昨日" | "yesterday" => back(1).map(|day| (day, day)),
        "前天" => back(2).map(|day| (day, day)),
        "本周" | "这周" | "this week" => week(0),
        "上周" | "上星期" | "last week" => week(1),
        "上上周" => week(2),
        "本月" | "这个月" | "当月" | "this month" => months(first, 1),
        "上月" | "上个月" | "last month" => {
            months(first.checked_sub_months(Months::new(1))?, 1)
        }
        "本季度" | "本季" | "this quarter" => months(quarter, 3),
        "上季度" | "上季" | "last quarter" => {
            months(quarter.checked_sub_months(Months::new(3))?, 3)
        }
        "今年" | "本年" | "this year" => year(today.year()),
        "去年" | "last year" => year(today.year() - 1),
        text => {
            let days = u64::from(*numbers(&RECENT, text)?.first()?);
            Some((back(days.checked_sub(1)?)?, today))
        }
    }
}

fn months(first: NaiveDate, count: u32) -> Option<(NaiveDate, NaiveDate)> {
    let next = first.checked_add_months(Months::new(count))?;
    Some((first, next.pred_opt()?))
}

fn year(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    months(NaiveDate::from_ymd_opt(year, 1, 1)?, 12)
}

/// A month, a quarter or a year; without a year the last one that is not to come.
fn stretch(text: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(found) = numbers(&MONTH, text) {
        let [year, month] = found.as_slice() else {
            return None;
        };
        let year = i32::try_from(*year).ok()?;
        return months(NaiveDate::from_ymd_opt(year, *month, 1)?, 1);
    }
    if let Some(found) = numbers(&YEAR, text) {
        return year(i32::try_from(*found.first()?).ok()?);
    }
    if let Some(found) = QUARTER.as_ref()?.captures(text) {
        let which = found.get(2).or_else(|| found.get(3))?.as_str();
        let which = match which {
            "一" | "1" => 1,
            "二" | "2" => 4,
            "三" | "3" => 7,
            _ => 10,
        };
        let said = found.get(1).and_then(|year| year.as_str().parse().ok());
        let first = latest(said, (which, 1), today)?;
        return months(first, 3);
    }
    let month = *numbers(&NAMED, text)?.first()?;
    months(latest(None, (month, 1), today)?, 1)
}

/// A day; without a year the last one that is not to come.
fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    if let Some(found) = numbers(&FULL, text).or_else(|| numbers(&COMPACT, text)) {
        let [year, month, day] = found.as_slice() else {
            return None;
        };
        return NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day);
    }
    let found = numbers(&SHORT, text)?;
    let [month, day] = found.as_slice() else {
        return None;
    };
    latest(None, (*month, *day), today)
}

fn latest(year: Option<i32>, (month, day): (u32, u32), today: NaiveDate) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let mut years = (0..=8).map(|back| today.year() - back);
    years.find_map(|year| NaiveDate::from_ymd_opt(year, month, day).filter(|day| *day <= today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let today: NaiveDate = "2026-10-14".parse().unwrap();
        let table = [
            ("", Some((None, false))),
            ("超期", Some((None, true))),
            ("overdue", Some((None, true))),
            ("2026-09", Some((Some(("2026-09-01", "2026-09-30")), false))),
            (
                "２０２６年９月",
                Some((Some(("2026-09-01", "2026-09-30")), false)),
            ),
            ("9月", Some((Some(("2026-09-01", "2026-09-30")), false))),
            ("12月份", Some((Some(("2025-12-01", "2025-12-31")), false))),
            ("9月超期", Some((Some(("2026-09-01", "2026-09-30")), true))),
            ("上周", Some((Some(("2026-10-05", "2026-10-11")), false))),
            (
                "上周的超期问题",
                Some((Some(("2026-10-05", "2026-10-11")), true)),
            ),
            ("本周", Some((Some(("2026-10-12", "2026-10-18")), false))),
            ("上个月", Some((Some(("2026-09-01", "2026-09-30")), false))),
            ("最近7天", Some((Some(("2026-10-08", "2026-10-14")), false))),
            ("30天", Some((Some(("2026-09-15", "2026-10-14")), false))),
            ("2026", Some((Some(("2026-01-01", "2026-12-31")), false))),
            ("今年", Some((Some(("2026-01-01", "2026-12-31")), false))),
            (
                "第三季度",
                Some((Some(("2026-07-01", "2026-09-30")), false)),
            ),
            (
                "2025年第四季度",
                Some((Some(("2025-10-01", "2025-12-31")), false)),
            ),
            ("2026Q1", Some((Some(("2026-01-01", "2026-03-31")), false))),
            (
                "2026-09-01 2026-09-15",
                Some((Some(("2026-09-01", "2026-09-15")), false)),
            ),
            (
                "9月1日到9月15日",
                Some((Some(("2026-09-01", "2026-09-15")), false)),
            ),
            (
                "9月1日至今天",
                Some((Some(("2026-09-01", "2026-10-14")), false)),
            ),
            (
                "2026-07至2026-09",
                Some((Some(("2026-07-01", "2026-09-30")), false)),
            ),
            (
                "20260901~20260915",
                Some((Some(("2026-09-01", "2026-09-15")), false)),
            ),
            ("10-01", Some((Some(("2026-10-01", "2026-10-01")), false))),
            ("2026-09-30 2026-09-01", None),
            ("2026-13", None),
            ("0天", None),
            ("台江区", None),
        ];
        for (line, want) in table {
            let asked = understand(line, today);
            let got = asked.map(|asked| {
                let days = asked
                    .days
                    .map(|(from, to)| (from.to_string(), to.to_string()));
                (days, asked.overdue)
            });
            let want = want.map(|(days, overdue)| {
                (
                    days.map(|(a, b): (&str, &str)| (a.to_owned(), b.to_owned())),
                    overdue,
                )
            });
            assert_eq!(got, want, "{line}");
        }
    }

    proptest::proptest! {
        /// Whatever is written, the days are in order, and nothing panics.
        #[test]
        fn days_are_in_order(line in "[0-9年月日上周本最近超期q至 ~-]{0,14}") {
            let today: NaiveDate = "2026-10-14".parse().unwrap();
            if let Some(Asked { days: Some((from, to)), .. }) = understand(&line, today) {
                proptest::prop_assert!(from <= to);
            }
        }
    }
}
