//! A span of days as people say it: 今天, 上周, 9月, 近30天, 9月1日到15日. Pure.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};

/// Days of the office's zone, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

type Pattern = LazyLock<Option<Regex>>;

static SPAN: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]?(?:到|至|~)(?:(\d{1,2})月)?(\d{1,2})[日号]",
    )
    .ok()
});
static DAY: Pattern =
    LazyLock::new(|| Regex::new(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]").ok());
static MONTH: Pattern = LazyLock::new(|| {
    Regex::new(r"(?:(\d{4})年)?(十[一二]?|[一二三四五六七八九]|\d{1,2})月份?").ok()
});
static LAST: Pattern = LazyLock::new(|| {
    Regex::new(r"(?:最近|近|过去)(\d{1,3}|[一二两三四五六七八九十半]{1,3})个?(天|日|周|星期|月|年)")
        .ok()
});

/// Words for a span; the longer ones first.
const WORDS: &[&str] = &[
    "上个星期",
    "这个星期",
    "上个月",
    "这个月",
    "上季度",
    "本季度",
    "上星期",
    "本星期",
    "这星期",
    "今天",
    "今日",
    "昨天",
    "昨日",
    "前天",
    "上周",
    "本周",
    "这周",
    "上月",
    "本月",
    "当月",
    "今年",
    "去年",
];

fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit = |c: char| "零一二三四五六七八九".chars().position(|one| one == c);
    let digit = |c: char| if c == '两' { Some(2) } else { digit(c) };
    let mut letters = text.chars();
    let found = match (letters.next()?, letters.next(), letters.next()) {
        ('十', None, _) => 10,
        ('十', Some(ones), None) => 10 + digit(ones)?,
        (tens, Some('十'), None) => digit(tens)? * 10,
        (tens, Some('十'), Some(ones)) => digit(tens)? * 10 + digit(ones)?,
        (one, None, _) => digit(one)?,
        _ => return None,
    };
    u32::try_from(found).ok()
}

fn part(found: &Captures<'_>, at: usize) -> Option<u32> {
    number(found.get(at)?.as_str())
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn month_of(year: i32, month: u32) -> Option<Period> {
    let from = NaiveDate::from_ymd_opt(year, month, 1)?;
    let next = from.checked_add_months(chrono::Months::new(1))?;
    Some(Period {
        from,
        to: next.pred_opt()?,
    })
}

fn quarter_of(day: NaiveDate) -> Option<Period> {
    let first = NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1)?;
    let next = first.checked_add_months(chrono::Months::new(3))?;
    Some(Period {
        from: first,
        to: next.pred_opt()?,
    })
}

fn by_word(word: &str, today: NaiveDate) -> Option<Period> {
    let span = |from, to| Some(Period { from, to });
    let back = |days: i64| today - TimeDelta::days(days);
    let monday = back(i64::from(today.weekday().num_days_from_monday()));
    match word {
        "今天" | "今日" => span(today, today),
        "昨天" | "昨日" => span(back(1), back(1)),
        "前天" => span(back(2), back(2)),
        "本周" | "这周" | "本星期" | "这星期" | "这个星期" => {
            span(monday, monday + TimeDelta::days(6))
        }
        "上周" | "上星期" | "上个星期" => {
            span(monday - TimeDelta::days(7), monday - TimeDelta::days(1))
        }
        "本月" | "当月" | "这个月" => month_of(today.year(), today.month()),
        "上月" | "上个月" => {
            let day = first_of(today).pred_opt()?;
            month_of(day.year(), day.month())
        }
        "本季度" => quarter_of(today),
        "上季度" => quarter_of(quarter_of(today)?.from.pred_opt()?),
        "今年" => span(NaiveDate::from_ymd_opt(today.year(), 1, 1)?, today),
        "去年" => span(
            NaiveDate::from_ymd_opt(today.year() - 1, 1, 1)?,
            NaiveDate::from_ymd_opt(today.year() - 1, 12, 31)?,
        ),
        _ => None,
    }
}

/// The year that makes a month or day not later than today; the one that is said counts.
fn year_of(said: Option<u32>, (month, day): (u32, u32), today: NaiveDate) -> Option<i32> {
    match said {
        Some(year) => i32::try_from(year).ok(),
        None if (month, day) > (today.month(), today.day()) => Some(today.year() - 1),
        None => Some(today.year()),
    }
}

fn by_days(found: &Captures<'_>, today: NaiveDate) -> Option<Period> {
    let (month, day) = (part(found, 2)?, part(found, 3)?);
    let year = year_of(part(found, 1), (month, day), today)?;
    let from = NaiveDate::from_ymd_opt(year, month, day)?;
    let Some(last) = part(found, 5) else {
        return Some(Period { from, to: from });
    };
    let ends = |year| NaiveDate::from_ymd_opt(year, part(found, 4).unwrap_or(month), last);
    // 12月20日到1月5日: over the end of the year.
    let to = match ends(year)? {
        to if to < from && part(found, 1).is_none() && part(found, 4).is_some() => ends(year + 1)?,
        to => to,
    };
    (from <= to).then_some(Period { from, to })
}

fn by_amount(found: &Captures<'_>, today: NaiveDate) -> Option<Period> {
    let unit = found.get(2)?.as_str();
    let days = match (found.get(1)?.as_str(), unit) {
        ("半", "月") => 15,
        ("半", "年") => 183,
        (amount, unit) => {
            let each = match unit {
                "天" | "日" => 1,
                "周" | "星期" => 7,
                "月" => 30,
                _ => 365,
            };
            i64::from(number(amount)?) * each
        }
    };
    let from = today.checked_sub_signed(TimeDelta::days(
        (1..=3660).contains(&days).then_some(days)? - 1,
    ))?;
    Some(Period { from, to: today })
}

/// The first span of days that a text says, and the text without it.
pub fn find(text: &str, today: NaiveDate) -> Option<(Period, String)> {
    let without = |from: usize, to: usize| {
        let rest = (text.get(..from), text.get(to..));
        format!(
            "{}{}",
            rest.0.unwrap_or_default(),
            rest.1.unwrap_or_default()
        )
    };
    for (pattern, read) in [
        (
            &SPAN,
            by_days as fn(&Captures<'_>, NaiveDate) -> Option<Period>,
        ),
        (&LAST, by_amount),
        (&DAY, by_days_alone),
        (&MONTH, by_month),
    ] {
        let found = pattern.as_ref().and_then(|pattern| pattern.captures(text));
        if let Some(found) = found
            && let Some(period) = read(&found, today)
            && let Some(whole) = found.get(0)
            && !goes_on(text, whole.end())
        {
            return Some((period, without(whole.start(), whole.end())));
        }
    }
    let word = WORDS
        .iter()
        .find_map(|word| Some((text.find(word)?, *word)));
    let (at, word) = word?;
    Some((by_word(word, today)?, without(at, at + word.len())))
}

/// Whether a number goes on where a span ends: 2月30日 is no February.
fn goes_on(text: &str, end: usize) -> bool {
    let next = text.get(end..).and_then(|rest| rest.chars().next());
    next.is_some_and(|c| c.is_ascii_digit())
}

fn by_days_alone(found: &Captures<'_>, today: NaiveDate) -> Option<Period> {
    let (month, day) = (part(found, 2)?, part(found, 3)?);
    let year = year_of(part(found, 1), (month, day), today)?;
    let from = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(Period { from, to: from })
}

fn by_month(found: &Captures<'_>, today: NaiveDate) -> Option<Period> {
    let month = part(found, 2)?;
    month_of(year_of(part(found, 1), (month, 1), today)?, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_as_people_say_them() {
        // A Wednesday.
        let today: NaiveDate = "2021-06-30".parse().unwrap();
        for (text, from, to, rest) in [
            ("今天的报告", "2021-06-30", "2021-06-30", "的报告"),
            ("上周严重错误", "2021-06-21", "2021-06-27", "严重错误"),
            ("本周", "2021-06-28", "2021-07-04", ""),
            ("导出9月超期", "2020-09-01", "2020-09-30", "导出超期"),
            ("导出6月份超期", "2021-06-01", "2021-06-30", "导出超期"),
            ("2019年12月", "2019-12-01", "2019-12-31", ""),
            ("十二月", "2020-12-01", "2020-12-31", ""),
            ("近30天", "2021-06-01", "2021-06-30", ""),
            ("最近一个月", "2021-06-01", "2021-06-30", ""),
            ("最近两周", "2021-06-17", "2021-06-30", ""),
            ("上个月新增", "2021-05-01", "2021-05-31", "新增"),
            ("上季度", "2021-01-01", "2021-03-31", ""),
            ("6月1日到15日", "2021-06-01", "2021-06-15", ""),
            ("12月20日到1月5日新增", "2020-12-20", "2021-01-05", "新增"),
            ("5月20日至6月3日的", "2021-05-20", "2021-06-03", "的"),
            ("6月18号", "2021-06-18", "2021-06-18", ""),
            ("去年", "2020-01-01", "2020-12-31", ""),
        ] {
            let (period, left) = find(text, today).unwrap_or_else(|| panic!("{text}"));
            let said = (period.from.to_string(), period.to.to_string());
            assert_eq!(
                (said.0.as_str(), said.1.as_str(), left.as_str()),
                (from, to, rest),
                "{text}"
            );
        }
        for text in [
            "高新福州最近怎么样",
            "还有几个没改",
            "13月",
            "近0天",
            "2月30日",
        ] {
            assert_eq!(find(text, today), None, "{text}");
        }
    }
}
