//! Dates in all the forms in which reports write them. Pure.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc};
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

static FULL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[T\s]*(上午|下午)?\s*(?:(\d{1,2})[:：时](\d{1,2})?[分]?(?:[:：](\d{1,2}))?)?.*$",
    )
});
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*(上午|下午)?\s*(?:(\d{1,2})[:：时](\d{1,2})?)?.*$",
    )
});
static COMPACT: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^(20\d{2})(\d{2})(\d{2})$"));
static SERIAL: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^([34567]\d{4})(\.\d+)?$"));
static INSIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(20\d{2})(?:(\d{2})(\d{2})|\s*[-/._年]\s*(\d{1,2})\s*[-/._月]\s*(\d{1,2}))")
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"20\d{2}(?:\d{2,4}|\s*[-/._年]\s*\d{1,2}\s*月?(?:\s*[-/._]?\s*\d{1,2}日?)?)")
});

/// Reads a date cell; a missing year is the one that makes it nearest before the report's day.
pub fn read(text: &str, report: NaiveDate, zone: chrono_tz::Tz) -> When {
    let text = text.trim();
    if matches!(text, "" | "—" | "-" | "--" | "/" | "无" | "未更新" | "null") {
        return When::Nothing;
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return When::At(at.with_timezone(&Utc));
    }
    local(text, report).map_or(When::Unreadable, |(day, time)| {
        When::At(at_local(zone, day, time))
    })
}

fn local(text: &str, report: NaiveDate) -> Option<(NaiveDate, NaiveTime)> {
    let number = |part: Option<regex::Match<'_>>| part.and_then(|m| m.as_str().parse::<u32>().ok());
    if let Some(found) = COMPACT.as_ref().and_then(|p| p.captures(text)) {
        let year = found.get(1)?.as_str().parse().ok()?;
        let day = NaiveDate::from_ymd_opt(year, number(found.get(2))?, number(found.get(3))?)?;
        return Some((day, NaiveTime::MIN));
    }
    if let Some(found) = SERIAL.as_ref().and_then(|p| p.captures(text)) {
        let days: i64 = found.get(1)?.as_str().parse().ok()?;
        let day =
            NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(TimeDelta::days(days))?;
        let share: f64 = found
            .get(2)
            .and_then(|m| m.as_str().parse().ok())
            .unwrap_or_default();
        let seconds = (share * 86_400.0).round().clamp(0.0, 86_399.0) as u32;
        return Some((
            day,
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?,
        ));
    }
    let clock =
        |half: Option<&str>, hour: Option<u32>, minute: Option<u32>, second: Option<u32>| {
            let mut hour = hour.unwrap_or_default();
            if half == Some("下午") && hour < 12 {
                hour += 12;
            }
            NaiveTime::from_hms_opt(hour, minute.unwrap_or_default(), second.unwrap_or_default())
        };
    if let Some(found) = FULL.as_ref().and_then(|p| p.captures(text)) {
        let year = found.get(1)?.as_str().parse().ok()?;
        let day = NaiveDate::from_ymd_opt(year, number(found.get(2))?, number(found.get(3))?)?;
        let half = found.get(4).map(|m| m.as_str());
        let time = clock(
            half,
            number(found.get(5)),
            number(found.get(6)),
            number(found.get(7)),
        )?;
        return Some((day, time));
    }
    let found = SHORT.as_ref()?.captures(text)?;
    let (month, day) = (number(found.get(1))?, number(found.get(2))?);
    let this = NaiveDate::from_ymd_opt(report.year(), month, day);
    let day = match this {
        Some(day) if day <= report => day,
        _ => NaiveDate::from_ymd_opt(report.year() - 1, month, day)?,
    };
    let half = found.get(3).map(|m| m.as_str());
    Some((
        day,
        clock(half, number(found.get(4)), number(found.get(5)), None)?,
    ))
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
    fn every_form_of_a_date() {
        let report = NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let at = |text| match read(text, report, zone) {
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
