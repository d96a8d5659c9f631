//! A day as people say it: 10-01, 10月1日, 明天, 下周三, +3工作日, 1 Oct, next Wednesday. Read generously, for
//! it is said back before it counts. Pure.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use regex::{Captures, Regex};

use super::Calendar;

type Pattern = LazyLock<Option<Regex>>;

static FULL: Pattern =
    LazyLock::new(|| Regex::new(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$").ok());
static COMPACT: Pattern = LazyLock::new(|| Regex::new(r"^(20\d{2})(\d{2})(\d{2})$").ok());
static MONTH: Pattern = LazyLock::new(|| Regex::new(r"^(\d{1,2})[-/.月](\d{1,2})[日号]?$").ok());
static DAY: Pattern = LazyLock::new(|| Regex::new(r"^(\d{1,2})[日号]$").ok());
static WEEKDAY: Pattern = LazyLock::new(|| {
    Regex::new(r"^(这|本|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天1-7])$").ok()
});
static AFTER: Pattern =
    LazyLock::new(|| Regex::new(r"^(\+)?(\d{1,3})个?(工作日|天|日|周|星期)([之以]?后)?$").ok());

static ENGLISH_DAY: Pattern = LazyLock::new(|| {
    let day = r"(\d{1,2})(?:st|nd|rd|th)?";
    let weekday = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?";
    let year = r"(?:,? (\d{4}))?";
    Regex::new(&format!(
        r"^{weekday}(?:{day}(?: of)? ([a-z]{{3,9}})|([a-z]{{3,9}})\.? {day}){year}$"
    ))
    .ok()
});
static ENGLISH_WEEKDAY: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:(this|next) )?(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|r|rs|ur)?(?:day)?$").ok()
});
static ENGLISH_AFTER: Pattern = LazyLock::new(|| {
    Regex::new(
        r"^(\+ ?|in )?(\d{1,3}|an?|one|two|three|four|five|six|seven|ten) ?(more )?((?:work(?:ing)?|business) ?days?|weekdays?|days?|weeks?)( later| from now)?$",
    )
    .ok()
});
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const NUMBERS: [&str; 10] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

fn captures<'t>(pattern: &Pattern, text: &'t str) -> Option<Captures<'t>> {
    pattern.as_ref().and_then(|pattern| pattern.captures(text))
}

fn number(found: &Captures<'_>, at: usize) -> Option<u32> {
    found.get(at)?.as_str().parse().ok()
}

/// Full width letters as the usual ones, capitals as small ones, one space for several.
fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    let folded: String = text.chars().map(fold).collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ").to_ascii_lowercase()
}

/// The day that a text says. Words such as 明天 and 下周三 count from `today`; a missing year is the one
/// that makes the day `from` or later, and `+3天` counts from `from`.
pub fn read_day(
    text: &str,
    (today, from): (NaiveDate, NaiveDate),
    calendar: &Calendar,
) -> Option<NaiveDate> {
    let text = folded(text);
    let ahead = match text.as_str() {
        "今天" | "今日" | "today" => Some(0),
        "明天" | "明日" | "tomorrow" => Some(1),
        "后天" | "day after tomorrow" | "the day after tomorrow" => Some(2),
        "大后天" => Some(3),
        _ => None,
    };
    if let Some(days) = ahead {
        return today.checked_add_signed(TimeDelta::days(days));
    }
    if let Some(found) = captures(&FULL, &text).or_else(|| captures(&COMPACT, &text)) {
        let year = i32::try_from(number(&found, 1)?).ok()?;
        return NaiveDate::from_ymd_opt(year, number(&found, 2)?, number(&found, 3)?);
    }
    if let Some(found) = captures(&MONTH, &text) {
        return next_such(from, (number(&found, 1)?, number(&found, 2)?));
    }
    if let Some(day) = english(&text, (today, from), calendar) {
        return Some(day);
    }
    if let Some(found) = captures(&DAY, &text) {
        return day_of_month(from, number(&found, 1)?);
    }
    if let Some(found) = captures(&WEEKDAY, &text) {
        return weekday(
            today,
            found.get(1).map_or("", |m| m.as_str()),
            found.get(2)?.as_str(),
        );
    }
    let found = captures(&AFTER, &text)?;
    if found.get(1).is_none() && found.get(4).is_none() {
        return None;
    }
    let amount = number(&found, 2)?;
    match found.get(3)?.as_str() {
        "工作日" => Some(calendar.add_working_days(from, amount)),
        "周" | "星期" => from.checked_add_signed(TimeDelta::weeks(amount.into())),
        _ => from.checked_add_signed(TimeDelta::days(amount.into())),
    }
}

/// A month and a day in the first year in which it is not before `from`.
fn next_such(from: NaiveDate, (month, day): (u32, u32)) -> Option<NaiveDate> {
    // A 29th of February may be years ahead.
    let mut years = from.year()..=from.year() + 8;
    years.find_map(|year| NaiveDate::from_ymd_opt(year, month, day).filter(|day| *day >= from))
}

/// 1 Oct, Oct 1st, Thursday 1 October 2026, Wed, next Wednesday, +3 working days.
fn english(
    text: &str,
    (today, from): (NaiveDate, NaiveDate),
    calendar: &Calendar,
) -> Option<NaiveDate> {
    if let Some(found) = captures(&ENGLISH_DAY, text) {
        let part = |first, second| found.get(first).or_else(|| found.get(second));
        let day = part(1, 4)?.as_str().parse::<u32>().ok()?;
        let word = part(2, 3)?.as_str();
        let month = MONTHS.iter().position(|name| name.starts_with(word))?;
        let month = u32::try_from(month).ok()? + 1;
        return match number(&found, 5) {
            Some(year) => NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day),
            None => next_such(from, (month, day)),
        };
    }
    if let Some(found) = captures(&ENGLISH_WEEKDAY, text) {
        let at = WEEKDAYS
            .iter()
            .position(|word| Some(*word) == found.get(2).map(|m| m.as_str()))?;
        let which = match found.get(1).map(|which| which.as_str()) {
            Some("next") => "下",
            Some(_) => "本",
            None => "",
        };
        return weekday(today, which, &(at + 1).to_string());
    }
    let found = captures(&ENGLISH_AFTER, text)?;
    let more = [1, 3, 5].iter().any(|at| found.get(*at).is_some());
    let said = found.get(2)?.as_str();
    let amount = match NUMBERS.iter().position(|word| *word == said) {
        Some(at) => u32::try_from(at).ok()? + 1,
        None if said.starts_with('a') => 1,
        None => number(&found, 2)?,
    };
    let unit = found.get(4).filter(|_| more)?.as_str();
    if unit.contains("week") && !unit.contains("day") {
        from.checked_add_signed(TimeDelta::weeks(amount.into()))
    } else if unit.starts_with("day") {
        from.checked_add_signed(TimeDelta::days(amount.into()))
    } else {
        Some(calendar.add_working_days(from, amount))
    }
}

/// The next such day of a month, this month's or a later one's.
fn day_of_month(from: NaiveDate, day: u32) -> Option<NaiveDate> {
    let first = from.with_day(1)?;
    (0..12).find_map(|ahead| {
        let month = first.checked_add_months(chrono::Months::new(ahead))?;
        month.with_day(day).filter(|day| *day >= from)
    })
}

/// 周三 is the next one, 本周三 this week's even if it is over, 下周三 the next week's.
fn weekday(today: NaiveDate, which: &str, word: &str) -> Option<NaiveDate> {
    let at = match word {
        "日" | "天" | "7" => 6,
        word => "一二三四五六"
            .chars()
            .position(|c| word.starts_with(c))
            .map(|at| i64::try_from(at).unwrap_or_default())
            .or_else(|| word.parse::<i64>().ok().map(|n| n - 1))?,
    };
    let monday = today.checked_sub_signed(TimeDelta::days(
        today.weekday().num_days_from_monday().into(),
    ))?;
    let day = monday.checked_add_signed(TimeDelta::days(at))?;
    let weeks = match which {
        "下" => 1,
        "下下" => 2,
        "" if day < today => 1,
        _ => 0,
    };
    day.checked_add_signed(TimeDelta::weeks(weeks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_day_that_is_said() {
        let calendar = Calendar::load(None).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Wednesday; the 1st to the 7th of October are off, the 10th is a make-up day.
        let (today, from) = (day("2026-09-30"), day("2026-09-30"));
        for (text, want) in [
            ("10-01", "2026-10-01"),
            ("10/1", "2026-10-01"),
            ("１０．１", "2026-10-01"),
            ("10月1日", "2026-10-01"),
            ("10月1号", "2026-10-01"),
            ("9月29日", "2027-09-29"),
            ("2026-10-01", "2026-10-01"),
            ("2026年10月1日", "2026-10-01"),
            ("20261001", "2026-10-01"),
            ("2026-09-01", "2026-09-01"),
            ("2月29日", "2028-02-29"),
            ("7日", "2026-10-07"),
            ("30号", "2026-09-30"),
            ("31日", "2026-10-31"),
            ("今天", "2026-09-30"),
            ("明天", "2026-10-01"),
            ("大后天", "2026-10-03"),
            ("周三", "2026-09-30"),
            ("周二", "2026-10-06"),
            ("本周二", "2026-09-29"),
            ("下周三", "2026-10-07"),
            ("下下周一", "2026-10-12"),
            ("星期天", "2026-10-04"),
            ("下星期5", "2026-10-09"),
            ("+3工作日", "2026-10-10"),
            ("3个工作日后", "2026-10-10"),
            ("+3天", "2026-10-03"),
            ("两天后", "-"),
            ("3天", "-"),
            ("2周后", "2026-10-14"),
            ("13-01", "-"),
            ("2026-02-30", "-"),
            ("32日", "-"),
            ("1 Oct", "2026-10-01"),
            ("1st October", "2026-10-01"),
            ("Oct 1", "2026-10-01"),
            ("Sept. 29th", "2027-09-29"),
            ("29 September 2026", "2026-09-29"),
            ("Thu 1 Oct", "2026-10-01"),
            ("Thursday, 1st of October", "2026-10-01"),
            ("October 1, 2027", "2027-10-01"),
            ("29 Feb", "2028-02-29"),
            ("1 May", "2027-05-01"),
            ("Tomorrow", "2026-10-01"),
            ("the day after tomorrow", "2026-10-02"),
            ("Wed", "2026-09-30"),
            ("Tuesday", "2026-10-06"),
            ("this Tuesday", "2026-09-29"),
            ("next  Wednesday", "2026-10-07"),
            ("next thurs", "2026-10-08"),
            ("+3 working days", "2026-10-10"),
            ("in three work days", "2026-10-10"),
            ("3 more business days", "2026-10-10"),
            ("+3 days", "2026-10-03"),
            ("in a week", "2026-10-07"),
            ("two weeks later", "2026-10-14"),
            ("3 days", "-"),
            ("31 Feb", "-"),
            ("1 Octopus", "-"),
            ("1 of", "-"),
            ("Sunny", "-"),
            ("1 mar", "2027-03-01"),
            ("1 mark", "-"),
            ("陈志远", "-"),
            ("O2", "-"),
            ("", "-"),
        ] {
            let read = read_day(text, (today, from), &calendar);
            let read = read.map_or_else(|| "-".to_owned(), |day| day.to_string());
            assert_eq!(read, want, "{text}");
        }
        // The last day of a leave is completed after its first.
        let from = day("2026-12-30");
        let last = read_day("01-03", (today, from), &calendar);
        assert_eq!(last, Some(day("2027-01-03")));
    }
}
