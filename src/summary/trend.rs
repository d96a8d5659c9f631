//! What happened by day within a scope: opened, fixed in time, fixed late, otherwise closed, and what was
//! open at the end of the day; from the issues as they stand and from what came back.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::clock::at_local;
use crate::error::Result;
use crate::flow::Rules;
use crate::issue::acts::{self, Act};
use crate::issue::table as issues;
use crate::issue::turnover;
use crate::roster::Scope;
use crate::store::Tx;

/// The fewest and the most days that may be asked for, and those that are shown unasked.
pub const LEAST: u32 = 7;
/// See [`LEAST`].
pub const MOST: u32 = 366;
/// See [`LEAST`].
pub const USUAL: u32 = 30;
/// The days that `/status` shows.
pub const RECENT: u32 = 14;
/// The weeks of a unit's calendar.
pub const WEEKS: u32 = 13;
/// A time of more days than these is summed up by month.
const BY_WEEK: usize = 93;

/// One day, or some days as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day; of several the first.
    pub date: NaiveDate,
    /// Nobody works.
    pub off: bool,
    /// Opened, and come back.
    pub opened: u32,
    /// Of them, come back.
    pub reopened: u32,
    /// Fixed before it was due.
    pub in_time: u32,
    /// Fixed later.
    pub late: u32,
    /// Closed for another reason: a false alarm, withdrawn, or closed and come back since.
    pub other: u32,
    /// Open at its end.
    pub open: u32,
}

impl Day {
    /// Closed in all.
    pub fn closed(&self) -> u32 {
        self.in_time + self.late + self.other
    }

    /// Days that follow one another as one.
    pub fn sum(days: &[Self]) -> Option<Self> {
        let (first, last) = (days.first()?, days.last()?);
        let sum = |of: fn(&Self) -> u32| days.iter().map(of).sum();
        Some(Self {
            date: first.date,
            off: false,
            opened: sum(|day| day.opened),
            reopened: sum(|day| day.reopened),
            in_time: sum(|day| day.in_time),
            late: sum(|day| day.late),
            other: sum(|day| day.other),
            open: last.open,
        })
    }
}

/// A part of the time as one, with its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The first day, `MM-DD`.
    pub from: String,
    /// The last day, `MM-DD`.
    pub to: String,
    /// Its month, where the parts are months: `YYYY-MM`.
    pub month: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub sum: Day,
}

/// What happened in a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day, `MM-DD` where the year is that of the first.
    pub to: String,
    /// All of it as one day.
    pub sum: Day,
    /// Open before the first day.
    pub before: u32,
    /// Of a thousand that were fixed so many were fixed in time; none where nothing was.
    pub rate: Option<u32>,
    /// Weeks, or of a long time months.
    pub parts: Vec<Part>,
    /// Every day.
    #[serde(skip)]
    pub days: Vec<Day>,
}

impl Trend {
    /// Whether there is nothing to show.
    pub fn blank(&self) -> bool {
        self.before == 0 && self.days.iter().all(|day| day.opened + day.open == 0)
    }

    fn of(days: Vec<Day>) -> Self {
        let sum = Day::sum(&days).unwrap_or_default();
        let last = days.last().map_or(sum.date, |day| day.date);
        let years = (sum.date.year(), last.year());
        let short = if years.0 == years.1 {
            "%m-%d"
        } else {
            "%Y-%m-%d"
        };
        let before = days.first().map_or(0, |first| {
            (first.open + first.closed()).saturating_sub(first.opened)
        });
        let fixed = sum.in_time + sum.late;
        Self {
            from: sum.date.format("%Y-%m-%d").to_string(),
            to: last.format(short).to_string(),
            before,
            rate: (fixed > 0).then(|| sum.in_time * 1000 / fixed),
            parts: parts(&days),
            sum,
            days,
        }
    }
}

/// The days that somebody asks for: 「30」, 「近30天」, 「９０ 日」; the usual ones where nothing is said, none
/// where it is not understood or too few or too many.
pub fn days_asked(text: &str) -> Option<u32> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let number = text
        .trim_start_matches(['近', '最'])
        .trim_start_matches('近');
    let number = ["天", "日", "days", "d"]
        .iter()
        .find_map(|unit| number.strip_suffix(unit))
        .unwrap_or(number);
    match number {
        "" if text.is_empty() => Some(USUAL),
        number if number.chars().all(|c| c.is_ascii_digit()) => number
            .parse()
            .ok()
            .filter(|days| (LEAST..=MOST).contains(days)),
        _ => None,
    }
}

/// Monday of a day's week.
pub fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

/// A time's weeks, or where it is long its months.
fn parts(days: &[Day]) -> Vec<Part> {
    let months = days.len() > BY_WEEK;
    let same = |a: &Day, b: &Day| match months {
        true => (a.date.year(), a.date.month()) == (b.date.year(), b.date.month()),
        false => monday(a.date) == monday(b.date),
    };
    let part = |days: &[Day]| {
        let (sum, last) = (Day::sum(days)?, days.last()?);
        Some(Part {
            from: sum.date.format("%m-%d").to_string(),
            to: last.date.format("%m-%d").to_string(),
            month: months.then(|| sum.date.format("%Y-%m").to_string()),
            sum,
        })
    };
    days.chunk_by(same).filter_map(part).collect()
}

/// The last so many days up to today, in the office's zone.
fn dates(today: NaiveDate, days: u32) -> Vec<NaiveDate> {
    let back = (0..i64::from(days)).rev();
    back.map(|back| today - TimeDelta::days(back)).collect()
}

/// The midnights in the office's zone at which days begin, and at which the last one ends.
fn midnights(zone: chrono_tz::Tz, days: &[Day]) -> Vec<i64> {
    let after = days.last().map(|day| day.date + TimeDelta::days(1));
    let dates = days.iter().map(|day| day.date).chain(after);
    dates
        .map(|date| at_local(zone, date, NaiveTime::MIN).timestamp_millis())
        .collect()
}

/// When each had been closed that came back; what was never closed is left out.
fn closed_before(reopened: &[(i64, i64)], acts: &HashMap<i64, Vec<Act>>) -> Vec<i64> {
    let closing = ["verified", "verified_unreported", "confirmed", "withdrawn"];
    let closed = |(issue, again): &(i64, i64)| {
        let acts = acts.get(issue)?.iter();
        let before = acts.filter(|act| act.at <= *again && closing.contains(&act.verb.as_str()));
        before.map(|act| act.at).max()
    };
    reopened.iter().filter_map(closed).collect()
}

/// From what is open now back to what was open at the end of each day.
fn open_at_ends(days: &mut [Day], live: u32) {
    let mut open = i64::from(live);
    for day in days.iter_mut().rev() {
        day.open = u32::try_from(open).unwrap_or(0);
        open += i64::from(day.closed()) - i64::from(day.opened);
    }
}

fn blank(rules: &Rules, now: DateTime<Utc>, days: u32) -> Vec<Day> {
    let calendar = &rules.deadlines.calendar;
    let today = now.with_timezone(&rules.zone).date_naive();
    let day = |date| Day {
        date,
        off: !calendar.is_working_day(date),
        ..Day::default()
    };
    dates(today, days).into_iter().map(day).collect()
}

/// The spans of days.
fn spans(midnights: &[i64]) -> impl Iterator<Item = (i64, i64)> {
    let ends = midnights.iter().skip(1);
    midnights.iter().copied().zip(ends.copied())
}

/// The day that a time lies in.
fn at<'a>(days: &'a mut [Day], midnights: &[i64], time: i64) -> Option<&'a mut Day> {
    let begun = midnights.partition_point(|midnight| *midnight <= time);
    days.get_mut(begun.checked_sub(1)?)
}

fn whole(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Counts what was opened, first and again; when each had been closed that came back.
async fn count_opened(
    tx: &mut Tx,
    scope: &Scope,
    days: &mut [Day],
    midnights: &[i64],
) -> Result<Vec<i64>> {
    for (day, span) in days.iter_mut().zip(spans(midnights)) {
        day.opened = whole(turnover::opened(tx, scope, span).await?);
    }
    let since = midnights.first().copied().unwrap_or_default();
    let reopened = turnover::reopened(tx, scope, since).await?;
    let ids: Vec<i64> = reopened.iter().map(|(issue, _)| *issue).collect();
    let acts = acts::acts_of(tx, &ids).await?;
    for (_, again) in &reopened {
        if let Some(day) = at(days, midnights, *again) {
            day.opened += 1;
            day.reopened += 1;
        }
    }
    Ok(closed_before(&reopened, &acts))
}

/// What happened in the last so many days, today among them.
pub async fn trend(
    tx: &mut Tx,
    rules: &Rules,
    scope: &Scope,
    days: u32,
    now: DateTime<Utc>,
) -> Result<Trend> {
    let mut days = blank(rules, now, days.clamp(1, MOST));
    let midnights = midnights(rules.zone, &days);
    let before = count_opened(tx, scope, &mut days, &midnights).await?;
    for closed in before {
        if let Some(day) = at(&mut days, &midnights, closed) {
            day.other += 1;
        }
    }
    for (day, span) in days.iter_mut().zip(spans(&midnights)) {
        let closed = turnover::closed(tx, scope, span).await?;
        day.in_time = whole(closed.in_time);
        day.late = whole(closed.late);
        day.other += whole(closed.other);
    }
    open_at_ends(&mut days, whole(issues::count_live(tx, scope).await?));
    Ok(Trend::of(days))
}

/// What was opened by day in the last weeks, from a Monday on: the days of a unit's calendar.
pub async fn calendar(
    tx: &mut Tx,
    rules: &Rules,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Vec<Day>> {
    let today = now.with_timezone(&rules.zone).date_naive();
    let first = monday(today) - TimeDelta::weeks(i64::from(WEEKS) - 1);
    let days = u32::try_from((today - first).num_days() + 1).unwrap_or(1);
    let mut days = blank(rules, now, days);
    let midnights = midnights(rules.zone, &days);
    count_opened(tx, scope, &mut days, &midnights).await?;
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    /// `opened reopened in_time late other` of days that follow one another.
    fn days(first: &str, rows: &[[u32; 5]]) -> Vec<Day> {
        let first = day(first);
        (0..)
            .zip(rows)
            .map(|(n, [opened, reopened, in_time, late, other])| Day {
                date: first + TimeDelta::days(n),
                off: false,
                opened: *opened,
                reopened: *reopened,
                in_time: *in_time,
                late: *late,
                other: *other,
                open: 0,
            })
            .collect()
    }

    #[test]
    fn days_are_asked_for_in_several_ways() {
        for (text, days) in [
            ("", Some(30)),
            ("7", Some(7)),
            ("366", Some(366)),
            (" ９０ 天", Some(90)),
            ("近 14 日", Some(14)),
            ("最近30天", Some(30)),
            ("30 days", Some(30)),
            ("6", None),
            ("367", None),
            ("-30", None),
            ("99999999999999", None),
            ("天", None),
            ("上周", None),
        ] {
            assert_eq!(days_asked(text), days, "{text}");
        }
    }

    #[test]
    fn what_is_open_is_counted_back_from_now() {
        for (rows, live, open, before) in [
            (vec![[0, 0, 0, 0, 0]], 5, vec![5], 5),
            (vec![[3, 0, 0, 0, 0], [0, 0, 1, 1, 0]], 1, vec![3, 1], 0),
            (vec![[2, 1, 0, 0, 2], [4, 0, 3, 0, 1]], 6, vec![6, 6], 6),
            // What cannot be, because an issue went to another unit, is nothing rather than less.
            (vec![[9, 0, 0, 0, 0], [0, 0, 0, 0, 0]], 2, vec![2, 2], 0),
        ] {
            let mut days = days("2026-11-01", &rows);
            open_at_ends(&mut days, live);
            let found: Vec<u32> = days.iter().map(|day| day.open).collect();
            assert_eq!(found, open, "{rows:?}");
            assert_eq!(Trend::of(days).before, before, "{rows:?}");
        }
    }

    #[test]
    fn a_time_is_summed_up_by_week_or_by_month() {
        let rows = [[2, 1, 1, 1, 0]; 10];
        let trend = Trend::of(days("2026-11-26", &rows));
        assert_eq!(
            (trend.from.as_str(), trend.to.as_str()),
            ("2026-11-26", "12-05")
        );
        assert_eq!((trend.sum.opened, trend.sum.closed()), (20, 20));
        assert_eq!(trend.rate, Some(500));
        let weeks: Vec<(&str, &str, u32)> = trend
            .parts
            .iter()
            .map(|part| (part.from.as_str(), part.to.as_str(), part.sum.opened))
            .collect();
        assert_eq!(weeks, [("11-26", "11-29", 8), ("11-30", "12-05", 12)]);
        let trend = Trend::of(days("2025-11-30", &[[1, 0, 0, 0, 0]; 366]));
        assert_eq!((trend.to.as_str(), trend.rate), ("2026-11-30", None));
        let months: Vec<u32> = trend.parts.iter().map(|part| part.sum.opened).collect();
        assert_eq!(months, [1, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]);
        let named = trend.parts.last().and_then(|part| part.month.clone());
        assert_eq!(named.as_deref(), Some("2026-11"));
    }

    #[test]
    fn days_are_those_of_the_zone_whatever_its_clocks_do() {
        let hours = |zone, first: &str, rows: usize| -> Vec<i64> {
            let days = days(first, &vec![[0; 5]; rows]);
            let midnights = midnights(zone, &days);
            spans(&midnights)
                .map(|(from, to)| (to - from) / 3_600_000)
                .collect()
        };
        assert_eq!(
            hours(chrono_tz::Asia::Shanghai, "2026-10-24", 3),
            [24, 24, 24]
        );
        assert_eq!(
            hours(chrono_tz::Europe::Berlin, "2026-10-24", 3),
            [24, 25, 24]
        );
        assert_eq!(hours(chrono_tz::Europe::Berlin, "2026-03-29", 2), [23, 24]);
        let mut two = days("2026-11-01", &[[0; 5]; 2]);
        let midnights = midnights(chrono_tz::Asia::Shanghai, &two);
        assert_eq!(midnights.first(), Some(&1_793_462_400_000));
        for (time, date) in [
            (1_793_462_399_999, None),
            (1_793_462_400_000, Some("2026-11-01")),
            (1_793_462_400_000 + 86_400_000, Some("2026-11-02")),
            (1_793_462_400_000 + 2 * 86_400_000, None),
        ] {
            let found = at(&mut two, &midnights, time).map(|day| day.date);
            assert_eq!(found, date.map(day), "{time}");
        }
    }

    #[test]
    fn an_issue_that_came_back_was_closed_before() {
        let act = |at, verb: &str| Act {
            at,
            verb: verb.to_owned(),
            ..Act::default()
        };
        let life = vec![
            act(1, "opened"),
            act(5, "verified"),
            act(9, "reopened"),
            act(12, "fix_reported"),
            act(14, "confirmed"),
            act(20, "reopened"),
        ];
        let acts = HashMap::from([(7, life)]);
        let found = closed_before(&[(7, 9), (7, 20), (8, 3)], &acts);
        assert_eq!(found, [5, 14]);
    }
}
