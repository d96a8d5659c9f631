//! How long: an amount of hours, calendar days or working days, as the policy and people write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a deadline counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Through nights and holidays.
    Hours,
    /// Through holidays, to the end of work of the last day.
    CalendarDays,
    /// By the working-day calendar, to the end of work of the last day.
    WorkingDays,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::Hours, Self::CalendarDays, Self::WorkingDays];

    /// The word of the policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::CalendarDays => "calendar_days",
            Self::WorkingDays => "working_days",
        }
    }

    /// The unit of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }
}

/// So many of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// How many, from 1.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Amount {
    /// More is a mistake.
    pub const MOST: u32 = 1_000;

    /// An amount within reason; else what is wrong with it.
    pub fn new(amount: i64, unit: Unit) -> Result<Self, String> {
        match u32::try_from(amount) {
            Ok(amount) if (1..=Self::MOST).contains(&amount) => Ok(Self { amount, unit }),
            _ => Err(format!(
                "an amount is from 1 to {}, and not {amount}",
                Self::MOST
            )),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => "hour",
            Unit::CalendarDays => "calendar day",
            Unit::WorkingDays => "working day",
        };
        let many = if self.amount == 1 { "" } else { "s" };
        write!(f, "{} {unit}{many}", self.amount)
    }
}

impl FromStr for Amount {
    type Err = String;

    /// `3wd`, `3工作日`, `24h`, `5d` …
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, word) = text.split_at(end);
        let word = word.trim_start().trim_start_matches('个').to_lowercase();
        let unit = match word.replace(['_', '-'], " ").as_str() {
            "wd" | "working day" | "working days" | "工作日" => Unit::WorkingDays,
            "h" | "hour" | "hours" | "小时" => Unit::Hours,
            "d" | "day" | "days" | "calendar day" | "calendar days" | "天" | "日" | "自然日"
            | "日历日" => Unit::CalendarDays,
            _ => {
                return Err(format!(
                    "{text:?} is no amount; write 3wd or 3工作日 (working days), 24h, 5d (calendar days)"
                ));
            }
        };
        let number = number
            .parse()
            .map_err(|_| format!("{text:?} does not begin with a number"))?;
        Self::new(number, unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        for (text, amount, unit) in [
            ("3wd", 3, Unit::WorkingDays),
            ("3工作日", 3, Unit::WorkingDays),
            ("3 个工作日", 3, Unit::WorkingDays),
            ("1 working_day", 1, Unit::WorkingDays),
            ("24h", 24, Unit::Hours),
            ("24小时", 24, Unit::Hours),
            ("5d", 5, Unit::CalendarDays),
            ("5 Days", 5, Unit::CalendarDays),
            ("5个自然日", 5, Unit::CalendarDays),
        ] {
            assert_eq!(text.parse(), Ok(Amount { amount, unit }), "{text}");
        }
        for text in [
            "",
            "3",
            "wd",
            "3 weeks",
            "0d",
            "1001h",
            "-1d",
            "99999999999999999999d",
        ] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }
}
