//! Cron expressions in the office's zone: the usual five fields with weekdays as in Unix (0 and 7
//! are Sunday), or six with seconds first. The `cron` crate wants seconds and counts Sunday as 1.

use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Utc};

/// A schedule in a zone.
#[derive(Clone, Debug)]
pub struct Schedule {
    inner: cron::Schedule,
    zone: chrono_tz::Tz,
}

const DAYS: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl Schedule {
    /// Reads an expression; the error says what is wrong with it.
    pub fn parse(text: &str, zone: chrono_tz::Tz) -> Result<Self, String> {
        let mut fields: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        match fields.len() {
            5 => fields.insert(0, "0".to_owned()),
            6 => {}
            n => {
                return Err(format!(
                    "{text:?} has {n} fields; five are usual: minute hour day month weekday"
                ));
            }
        }
        if let [_, _, _, day, _, weekday] = fields.as_mut_slice() {
            if day != "*" && day != "?" && weekday != "*" && weekday != "?" {
                return Err(format!(
                    "{text:?} restricts the day of the month and the weekday; use one of them"
                ));
            }
            *weekday = weekdays(weekday)?;
        }
        let inner = cron::Schedule::from_str(&fields.join(" "))
            .map_err(|error| format!("{text:?} is no cron expression: {error}"))?;
        Ok(Self { inner, zone })
    }

    /// The first slot after a time.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&self.zone);
        self.inner
            .after(&local)
            .next()
            .map(|at| at.with_timezone(&Utc))
    }

    /// The last slot at or before a time, at most 40 days back.
    pub fn last_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        for days in [1, 7, 40] {
            let from = (until - TimeDelta::days(days)).with_timezone(&self.zone);
            let last = self.inner.after(&from).take_while(|at| *at <= until).last();
            if let Some(at) = last {
                return Some(at.with_timezone(&Utc));
            }
        }
        None
    }
}

/// Unix weekday numbers as names, also inside lists, ranges and steps.
fn weekdays(field: &str) -> Result<String, String> {
    let mut days = Vec::new();
    for part in field.split(',') {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(r, s)| (r, Some(s)));
        if range == "*" || range == "?" {
            match step {
                None => return Ok("*".to_owned()),
                Some(step) => {
                    let step: usize = step
                        .parse()
                        .map_err(|_| format!("{part:?} is no weekday"))?;
                    days.extend((0..7).step_by(step.max(1)));
                    continue;
                }
            }
        }
        let number = |name: &str| -> Result<usize, String> {
            let upper = name.to_uppercase();
            name.parse()
                .ok()
                .filter(|n| *n <= 7)
                .or_else(|| DAYS.iter().position(|day| upper.starts_with(day)))
                .ok_or_else(|| format!("{name:?} is no weekday: 0 to 7 or SUN to SAT"))
        };
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, mut to) = (number(from)?, number(to)?);
        if to < from {
            to += 7;
        }
        let step: usize = step
            .map_or(Ok(1), str::parse)
            .map_err(|_| format!("{part:?} is no weekday"))?;
        days.extend((from..=to).step_by(step.max(1)).map(|n| n % 7));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days
        .iter()
        .filter_map(|n| DAYS.get(*n))
        .copied()
        .collect::<Vec<_>>()
        .join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_in_the_offices_zone() {
        let zone = chrono_tz::Asia::Shanghai;
        let at = |text: &str| {
            DateTime::parse_from_rfc3339(&format!("{text}:00+08:00"))
                .unwrap()
                .with_timezone(&Utc)
        };
        for (cron, after, next) in [
            ("30 8 * * *", "2021-06-30T08:30", "2021-07-01T08:30"),
            ("0 30 8 * * *", "2021-06-30T08:29", "2021-06-30T08:30"),
            ("0 9 * * 1-5", "2021-07-02T10:00", "2021-07-05T09:00"),
            ("0 9 * * 0", "2021-07-02T10:00", "2021-07-04T09:00"),
            ("0 9 * * 7", "2021-07-02T10:00", "2021-07-04T09:00"),
            ("0 9 * * 5-7", "2021-07-02T10:00", "2021-07-03T09:00"),
            ("0 9 * * mon,WED", "2021-07-05T10:00", "2021-07-07T09:00"),
        ] {
            let schedule = Schedule::parse(cron, zone).unwrap();
            assert_eq!(schedule.next_after(at(after)), Some(at(next)), "{cron}");
        }
        let daily = Schedule::parse("30 8 * * *", zone).unwrap();
        assert_eq!(
            daily.last_until(at("2021-07-01T08:00")),
            Some(at("2021-06-30T08:30"))
        );
        assert!(Schedule::parse("8 30", zone).is_err());
        assert!(Schedule::parse("0 9 1 * 1", zone).is_err());
        assert!(Schedule::parse("0 9 * * 9", zone).is_err());
    }
}
