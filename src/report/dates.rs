//! Dates in all the forms in which reports write them. Pure.

use std::cell::Cell;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use regex::Regex;

use crate::clock::at_local;

/// What a date cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing: empty, a dash, 未更新.
    Nothing,
    /// A moment; a day alone is its midnight.
    At(DateTime<Utc>),
    /// Something that is no date.
    Unreadable,
}

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// The hour, in words of the day and figures.
macro_rules! clock {
    () => {
        r"(凌晨|早上|上午|中午|下午|傍晚|晚上|晚)?\s*(?:(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?\s*(?i:(AM|PM))?)?"
    };
}

static FULL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(concat!(
        r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s*[（(]?(?:星期|周)[一二三四五六日天][)）]?)?[T,，\s]*",
        clock!(),
        r"(?:[^\d].*)?$"
    ))
});
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(concat!(
        r"^(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?\s*",
        clock!(),
        r"(?:[^\d/.-].*)?$"
    ))
});
static COMPACT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"^(20\d{2})(\d{2})(\d{2})(?:[T\s]*(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
});
static SERIAL: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^([34567]\d{4})(\.\d+)?$"));
static EPOCH: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^(1\d{9})(\d{3})?$"));
static INSIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(20\d{2})(?:(\d{2})(\d{2})|\s*[-/._年]\s*(\d{1,2})\s*[-/._月]\s*(\d{1,2}))")
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"20\d{2}(?:\d{2,4}|\s*[-/._年]\s*\d{1,2}\s*月?(?:\s*[-/._]?\s*\d{1,2}日?)?)")
});

/// In what a date cell is read: the report's day completes a year, the zone makes it a moment.
#[derive(Clone, Debug)]
pub struct Frame {
    report: NaiveDate,
    zone: chrono_tz::Tz,
    /// Serial days count from 1904 on, not from 1900.
    pub(super) since_1904: bool,
    /// How far the zone's clock is ahead on a day on which it is not changed, by the day of the month: the same
    /// few days stand in row after row.
    ahead: [Cell<Option<(NaiveDate, TimeDelta)>>; 32],
}

impl Frame {
    /// For a report of that day, in the office's zone.
    pub fn new(report: NaiveDate, zone: chrono_tz::Tz) -> Self {
        Self {
            report,
            zone,
            since_1904: false,
            ahead: Default::default(),
        }
    }

    fn moment(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let known = self.ahead.get(day.day() as usize);
        if let Some((of, ahead)) = known.and_then(Cell::get)
            && of == day
        {
            return (day.and_time(time) - ahead).and_utc();
        }
        let begins = at_local(self.zone, day, NaiveTime::MIN);
        let next = day.succ_opt().unwrap_or(day);
        let unchanged = at_local(self.zone, next, NaiveTime::MIN) - begins == TimeDelta::days(1);
        if let Some(known) = known.filter(|_| unchanged) {
            let ahead = day.and_time(NaiveTime::MIN) - begins.naive_utc();
            known.set(Some((day, ahead)));
        }
        at_local(self.zone, day, time)
    }

    /// Reads a date cell. A missing year is the one that makes it the latest that is not after the
    /// day that follows the report's.
    pub fn read(&self, text: &str) -> When {
        let text = text.trim();
        if let Some(at) = plain(text) {
            return When::At(self.moment(at.date(), at.time()));
        }
        if is_nothing(text) {
            return When::Nothing;
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return When::At(at.with_timezone(&Utc));
        }
        if let Some(found) = EPOCH.as_ref().and_then(|p| p.captures(text)) {
            let seconds = found.get(1).and_then(|m| m.as_str().parse().ok());
            let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            return at.map_or(When::Unreadable, When::At);
        }
        self.local(text).map_or(When::Unreadable, |(day, time)| {
            When::At(self.moment(day, time))
        })
    }

    fn local(&self, text: &str) -> Option<(NaiveDate, NaiveTime)> {
        if let Some(found) = COMPACT.as_ref().and_then(|p| p.captures(text)) {
            let day = NaiveDate::from_ymd_opt(
                number(&found, 1)?.try_into().ok()?,
                number(&found, 2)?,
                number(&found, 3)?,
            )?;
            let part = |n| number(&found, n).unwrap_or_default();
            return Some((day, NaiveTime::from_hms_opt(part(4), part(5), part(6))?));
        }
        if let Some(found) = SERIAL.as_ref().and_then(|p| p.captures(text)) {
            return self.serial(&found);
        }
        if let Some(found) = FULL.as_ref().and_then(|p| p.captures(text)) {
            let year = number(&found, 1)?.try_into().ok()?;
            let day = NaiveDate::from_ymd_opt(year, number(&found, 2)?, number(&found, 3)?)?;
            return Some((day, clock(&found, 4)?));
        }
        let found = SHORT.as_ref()?.captures(text)?;
        let (month, day) = (number(&found, 1)?, number(&found, 2)?);
        let of = |year| NaiveDate::from_ymd_opt(year, month, day);
        // A report that comes in the morning may be stamped with the day before.
        let last = self.report.succ_opt().unwrap_or(self.report);
        let day = match of(last.year()) {
            Some(day) if day <= last => day,
            _ => of(last.year() - 1)?,
        };
        Some((day, clock(&found, 3)?))
    }

    /// The day of a workbook's number: 44377.5 is noon of 2021-06-30, or of 2025-07-01 since 1904.
    fn serial(&self, found: &regex::Captures<'_>) -> Option<(NaiveDate, NaiveTime)> {
        let days: i64 = found.get(1)?.as_str().parse().ok()?;
        let first = match self.since_1904 {
            true => NaiveDate::from_ymd_opt(1904, 1, 1)?,
            false => NaiveDate::from_ymd_opt(1899, 12, 30)?,
        };
        let day = first.checked_add_signed(TimeDelta::days(days))?;
        let share = found.get(2).and_then(|m| m.as_str().parse().ok());
        let share: f64 = share.unwrap_or_default();
        let seconds = (share * 86_400.0).round().clamp(0.0, 86_399.0) as u32;
        Some((
            day,
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?,
        ))
    }
}

/// Words that stand where a date is not there.
fn is_nothing(text: &str) -> bool {
    let text = text.trim_matches(['-', '－', '—', '–', '/', '\\', '.']);
    text.is_empty()
        || matches!(
            text,
            "无" | "未更新"
                | "从未更新"
                | "暂无"
                | "未知"
                | "不详"
                | "null"
                | "NULL"
                | "None"
                | "N/A"
                | "0"
        )
}

fn number(found: &regex::Captures<'_>, at: usize) -> Option<u32> {
    found.get(at)?.as_str().parse().ok()
}

/// The time of day of the pieces from `at` on: word, hour, minute, second, AM or PM.
fn clock(found: &regex::Captures<'_>, at: usize) -> Option<NaiveTime> {
    let word = found.get(at).map_or("", |m| m.as_str());
    let half = found.get(at + 4).map_or("", |m| m.as_str());
    let mut hour = number(found, at + 1).unwrap_or_default();
    let later = matches!(word, "下午" | "傍晚" | "晚上" | "晚") || half.eq_ignore_ascii_case("pm");
    // 中午 is from eleven to two: 中午1点 is 13:00.
    if (later && hour < 12) || (word == "中午" && hour < 10 && found.get(at + 1).is_some()) {
        hour += 12;
    } else if hour == 12 && (matches!(word, "凌晨" | "上午") || half.eq_ignore_ascii_case("am"))
    {
        hour = 0;
    }
    let part = |n| number(found, n).unwrap_or_default();
    NaiveTime::from_hms_opt(hour, part(at + 2), part(at + 3))
}

/// `2021-06-30`, `2021/6/30 9:05`, `2021.6.30 09:05:00`: what nearly every cell holds, read without
/// a pattern.
fn plain(text: &str) -> Option<NaiveDateTime> {
    let mut bytes = text.as_bytes();
    let year = figures(&mut bytes, 4, 4)?;
    let mark = eat(&mut bytes, b"-/.")?;
    let month = figures(&mut bytes, 1, 2)?;
    eat(&mut bytes, &[mark])?;
    let day = figures(&mut bytes, 1, 2)?;
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if bytes.is_empty() {
        return Some(day.and_time(NaiveTime::MIN));
    }
    eat(&mut bytes, b" T")?;
    let hour = figures(&mut bytes, 1, 2)?;
    eat(&mut bytes, b":")?;
    let minute = figures(&mut bytes, 2, 2)?;
    let second = match bytes {
        [] => 0,
        _ => {
            eat(&mut bytes, b":")?;
            figures(&mut bytes, 2, 2)?
        }
    };
    bytes.is_empty().then_some(())?;
    day.and_hms_opt(hour, minute, second)
}

/// Takes a number of so many figures from the front.
fn figures(bytes: &mut &[u8], least: usize, most: usize) -> Option<u32> {
    let count = bytes
        .iter()
        .take(most)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let (figures, rest) = bytes.split_at_checked(count).filter(|_| count >= least)?;
    *bytes = rest;
    Some(
        figures
            .iter()
            .fold(0, |sum, b| sum * 10 + u32::from(b - b'0')),
    )
}

/// Takes one of these marks from the front.
fn eat(bytes: &mut &[u8], marks: &[u8]) -> Option<u8> {
    let (first, rest) = bytes
        .split_first()
        .filter(|(first, _)| marks.contains(first))?;
    *bytes = rest;
    Some(*first)
}

/// What a file's name says of the day of its report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A full date: `检查报告20210630.csv`.
    Day(NaiveDate),
    /// A piece of a date, or one that no calendar has: `202112`, `2021-06`, `20211399`.
    Part(String),
    /// Nothing that looks like a date.
    Nothing,
}

impl Named {
    /// The day, if it is a full one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Part(_) | Self::Nothing => None,
        }
    }
}

/// Whether no digit stands beside the match: a date glued to other digits is a number.
fn stands_alone(text: &str, found: std::ops::Range<usize>) -> bool {
    let before = text.get(..found.start).and_then(|t| t.chars().next_back());
    let after = text.get(found.end..).and_then(|t| t.chars().next());
    ![before, after]
        .into_iter()
        .flatten()
        .any(|c| c.is_ascii_digit())
}

/// The day that stands in a file's name or a title.
pub fn date_in(text: &str) -> Named {
    let days = INSIDE
        .iter()
        .flat_map(|p| p.captures_iter(text))
        .filter(|found| {
            found
                .get(0)
                .is_some_and(|all| stands_alone(text, all.range()))
        });
    let day = days.into_iter().find_map(|found| {
        let number = |n: usize| found.get(n).and_then(|m| m.as_str().parse::<u32>().ok());
        let (month, day) = (number(2).or(number(4))?, number(3).or(number(5))?);
        NaiveDate::from_ymd_opt(i32::try_from(number(1)?).ok()?, month, day)
    });
    let part = || {
        let parts = PART.iter().flat_map(|p| p.find_iter(text));
        let mut alone = parts.filter(|found| stands_alone(text, found.range()));
        alone.next().map(|found| found.as_str().to_owned())
    };
    match (day, part) {
        (Some(day), _) => Named::Day(day),
        (None, part) => part().map_or(Named::Nothing, Named::Part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_was_read_before_is_the_same_moment() {
        let day = NaiveDate::from_ymd_opt(2021, 3, 27).unwrap();
        // The clock goes forward on the 28th, and back on October 31.
        for zone in [chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin] {
            let frame = Frame::new(day, zone);
            let days = day.iter_days().take(300);
            for (day, hour) in days.flat_map(|day| [0, 2, 3, 23].map(|hour| (day, hour))) {
                let time = NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
                for _ in 0..2 {
                    assert_eq!(frame.moment(day, time), at_local(zone, day, time), "{day}");
                }
            }
        }
    }

    #[test]
    fn every_form_of_a_date() {
        let report = NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let frame = Frame::new(report, zone);
        let at = |text| match frame.read(text) {
            When::At(at) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
            other => format!("{other:?}"),
        };
        for (text, want) in [
            ("2021/6/30", "2021-06-30 00:00"),
            ("2021-06-30", "2021-06-30 00:00"),
            ("2021.6.30", "2021-06-30 00:00"),
            ("2021年6月30日", "2021-06-30 00:00"),
            ("6月30日", "2021-06-30 00:00"),
            ("7月16日", "2020-07-16 00:00"),
            ("20210630", "2021-06-30 00:00"),
            ("2021/6/30 9:05", "2021-06-30 09:05"),
            ("2021/6/30 下午 3:05", "2021-06-30 15:05"),
            ("2021年6月30日（星期三）上午12:05", "2021-06-30 00:05"),
            ("2021年6月30日下午3时05分20秒", "2021-06-30 15:05"),
            ("2021-06-30 3:05:00 PM", "2021-06-30 15:05"),
            ("2021-06-30 09:05:12.345", "2021-06-30 09:05"),
            ("2021年6月30日晚8点", "2021-06-30 20:00"),
            ("6月30日中午12:30", "2021-06-30 12:30"),
            ("6-29 9:05", "2021-06-29 09:05"),
            ("7月1日 0:10", "2021-07-01 00:10"),
            ("7月2日", "2020-07-02 00:00"),
            ("20210630 090512", "2021-06-30 09:05"),
            ("20210630090512", "2021-06-30 09:05"),
            ("1625015100", "2021-06-30 09:05"),
            ("1625015100000", "2021-06-30 09:05"),
            ("2021-06-30 25:00", "Unreadable"),
            ("12/6/30", "Unreadable"),
            ("6/30/2021", "Unreadable"),
            ("2021年6月", "Unreadable"),
            ("——", "Nothing"),
            ("44377", "2021-06-30 00:00"),
            ("44377.5", "2021-06-30 12:00"),
            ("2021-06-30T01:00:00Z", "2021-06-30 09:00"),
            ("未更新", "Nothing"),
            ("—", "Nothing"),
            ("2021-13-45", "Unreadable"),
            ("昨天", "Unreadable"),
        ] {
            assert_eq!(at(text), want, "{text}");
        }
    }

    #[test]
    fn a_year_that_is_not_said_is_that_of_the_report_across_new_year() {
        let zone = chrono_tz::Asia::Shanghai;
        for (report, text, want) in [
            ("2022-01-03", "12月31日", "2021-12-31"),
            ("2022-01-03", "1月2日", "2022-01-02"),
            ("2021-12-31", "1月1日", "2022-01-01"),
            ("2021-12-31", "1月2日", "2021-01-02"),
            ("2024-03-01", "2月29日", "2024-02-29"),
        ] {
            let frame = Frame::new(report.parse().unwrap(), zone);
            let When::At(at) = frame.read(text) else {
                panic!("{text}")
            };
            let day = at.with_timezone(&zone).date_naive().to_string();
            assert_eq!(day, want, "{report} {text}");
        }
        let mut frame = Frame::new("2021-06-30".parse().unwrap(), zone);
        frame.since_1904 = true;
        let noon: DateTime<Utc> = "2021-06-30T04:00:00Z".parse().unwrap();
        assert_eq!(frame.read("42915.5"), When::At(noon));
    }

    #[test]
    fn the_day_in_a_name_is_a_full_date_or_none() {
        for (name, want) in [
            ("检查报告20210630.csv", "2021-06-30"),
            ("2021年6月30日检查报告", "2021-06-30"),
            ("report-2021-06-30.json", "2021-06-30"),
            ("2021_6_3(1).xlsx", "2021-06-03"),
            ("v3-20211399-20210630.csv", "2021-06-30"),
            ("report-202112.json", "part 202112"),
            ("report-2021630.json", "part 2021630"),
            ("20211399.csv", "part 20211399"),
            ("2021-13-45.csv", "part 2021-13-45"),
            ("2021-06.csv", "part 2021-06"),
            ("2021年6月报告.csv", "part 2021年6月"),
            ("20210630083000.csv", "-"),
            ("1202106301.csv", "-"),
            ("order-12021630.csv", "-"),
            ("2021年第26期.csv", "-"),
            ("报告.csv", "-"),
        ] {
            let seen = match date_in(name) {
                Named::Day(day) => day.to_string(),
                Named::Part(part) => format!("part {part}"),
                Named::Nothing => "-".to_owned(),
            };
            assert_eq!(seen, want, "{name}");
        }
    }
}
