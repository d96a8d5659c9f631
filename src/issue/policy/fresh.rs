//! How long an account may go without an update, and what is said before a long holiday: rows of the
//! policy's file, understood or refused with file and line.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::file::{RawKeys, Reader};
use super::{Keyed, Policy, Subject, nearest_row};
use crate::error::Result;
use crate::finding::Severity;
use crate::issue::why::Keys;

/// Days without an update.
const LIMIT: u32 = 14;
/// A limit beyond this is a mistake, in days.
const MOST: u32 = 366;

/// How long accounts may go without an update, and when they are reminded; calendar days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// Which accounts: a platform, an area.
    #[serde(flatten)]
    pub keys: Keys,
    /// Days since the last update that are still in time.
    pub limit: u32,
    /// Days since the last update on which a reminder goes out; each before the limit.
    pub warn: Vec<u32>,
    /// The line on which it stands; 0: it is built in.
    pub line: u64,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            keys: Keys::default(),
            limit: LIMIT,
            warn: warnings(LIMIT),
            line: 0,
        }
    }
}

/// 10 of 14, as a share of the limit, and again the day before it.
fn warnings(limit: u32) -> Vec<u32> {
    let mut warn = vec![(limit * 10 / 14).max(1), limit.saturating_sub(1)];
    warn.retain(|day| (1..limit).contains(day));
    warn.dedup();
    warn
}

impl Keyed for Freshness {
    fn keys(&self) -> &Keys {
        &self.keys
    }
    fn line(&self) -> u64 {
        self.line
    }
}

/// What is said before a long holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Holiday {
    /// A stretch of so many days off is one.
    pub days: u32,
    /// The hour of the last working day before it.
    pub at: NaiveTime,
}

impl Default for Holiday {
    fn default() -> Self {
        Self {
            days: 3,
            at: NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFreshness {
    platform: Option<Spanned<String>>,
    area: Option<Spanned<String>>,
    limit: Option<Spanned<i64>>,
    warn: Option<Spanned<Vec<i64>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHoliday {
    days: Option<Spanned<i64>>,
    at: Option<Spanned<String>>,
}

impl Reader<'_> {
    /// The rows for accounts; the built-in one stands behind them.
    pub(super) fn freshness(&self, raw: Vec<Spanned<RawFreshness>>) -> Result<Vec<Freshness>> {
        let rows = raw.into_iter().map(|row| self.fresh_row(row));
        let mut rows = rows.collect::<Result<Vec<Freshness>>>()?;
        if !rows.iter().any(|row| row.keys.named().is_empty()) {
            rows.push(Freshness::default());
        }
        self.in_order(rows)
    }

    fn fresh_row(&self, row: Spanned<RawFreshness>) -> Result<Freshness> {
        let line = self.line(&row);
        let raw = row.into_inner();
        let keys = self.keys(RawKeys {
            platform: raw.platform,
            area: raw.area,
            ..RawKeys::default()
        })?;
        let limit = match &raw.limit {
            None => LIMIT,
            Some(limit) => {
                let value = u32::try_from(*limit.get_ref()).ok();
                let fits = value.filter(|value| (2..=MOST).contains(value));
                fits.ok_or_else(|| {
                    let reason = format!("a limit is from 2 to {MOST} days");
                    let fault = self.refuse(self.line(limit), reason).column("limit");
                    fault.value(limit.get_ref().to_string())
                })?
            }
        };
        let warn = match &raw.warn {
            None => warnings(limit),
            Some(days) => {
                let day = |day: &i64| {
                    u32::try_from(*day)
                        .ok()
                        .filter(|day| (1..limit).contains(day))
                };
                let read: Option<Vec<u32>> = days.get_ref().iter().map(day).collect();
                let mut read = read.ok_or_else(|| {
                    let reason = format!("each day of warn lies before the limit of {limit} days");
                    let fault = self.refuse(self.line(days), reason).column("warn");
                    fault.value(format!("{:?}", days.get_ref()))
                })?;
                read.sort_unstable();
                read.dedup();
                read
            }
        };
        Ok(Freshness {
            keys,
            limit,
            warn,
            line,
        })
    }

    /// What is said before a long holiday.
    pub(super) fn holiday(&self, raw: RawHoliday) -> Result<Holiday> {
        let mut holiday = Holiday::default();
        if let Some(days) = raw.days {
            let value = u32::try_from(*days.get_ref()).ok();
            let fits = value.filter(|value| (3..=30).contains(value));
            holiday.days = fits.ok_or_else(|| {
                let reason = "a long holiday has from 3 to 30 days: two are a weekend";
                let fault = self.refuse(self.line(&days), reason).column("days");
                fault.value(days.get_ref().to_string())
            })?;
        }
        if let Some(at) = raw.at {
            let read = NaiveTime::parse_from_str(at.get_ref(), "%H:%M");
            holiday.at = read.map_err(|_| {
                let fault = self.refuse(self.line(&at), "write a time of day as 10:00");
                fault.column("at").value(at.get_ref())
            })?;
        }
        Ok(holiday)
    }
}

impl Policy {
    /// The rule for the accounts of a platform and area; of areas the nearest.
    pub fn fresh(&self, platform: &str, areas: &[&str]) -> Freshness {
        let subject = Subject {
            severity: Severity::Normal,
            category: "",
            platform: Some(platform),
            areas,
            source: "",
            repeated: false,
        };
        nearest_row(&self.freshness, &subject)
            .cloned()
            .unwrap_or_default()
    }
}
