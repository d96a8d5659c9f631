//! Why a fix is due when it is: stored as JSON with the issue, said in English here and in the
//! catalogue's words in the chat. Pure.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use super::amount::{Amount, Unit};
use crate::finding::Severity;

/// The clock a deadline starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// When the first notice was owed.
    #[default]
    Told,
    /// When the platform saw the error.
    Found,
    /// When the article was published.
    Published,
    /// When the report came.
    Received,
}

impl Since {
    /// Every clock.
    pub const ALL: [Self; 4] = [Self::Told, Self::Found, Self::Published, Self::Received];

    /// The word of the policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Found => "found",
            Self::Published => "published",
            Self::Received => "received",
        }
    }

    /// The clock of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|since| since.as_str() == word)
    }
}

/// What a row of the policy asks of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// This severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// This category's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// This platform's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// This unit's code, or a unit below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// This source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// An issue that came back, or whose reported fix was refuted; or one that never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<bool>,
}

impl Keys {
    /// Name and value of what is asked.
    pub fn named(&self) -> Vec<(&'static str, &str)> {
        let severity = self.severity.map(Severity::as_str);
        let repeated = self
            .repeated
            .map(|repeated| if repeated { "yes" } else { "no" });
        [
            ("severity", severity),
            ("category", self.category.as_deref()),
            ("platform", self.platform.as_deref()),
            ("area", self.area.as_deref()),
            ("source", self.source.as_deref()),
            ("repeated", repeated),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.named();
        if named.is_empty() {
            return f.write_str("every finding");
        }
        let words: Vec<String> = named.iter().map(|(k, v)| format!("{k} {v}")).collect();
        f.write_str(&words.join(", "))
    }
}

/// The working time of a unit's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOf {
    /// The unit's code; the unit is it, or below it.
    pub unit: String,
    /// When its work begins.
    pub start: NaiveTime,
    /// When its work ends.
    pub end: NaiveTime,
}

/// How a deadline was counted. All times are the office's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How much.
    #[serde(flatten)]
    pub amount: Amount,
    /// The clock it starts from.
    pub since: Since,
    /// What that clock showed.
    pub from: NaiveDateTime,
    /// The clock that the policy names, where the finding does not have its time: counted from
    /// `told` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Since>,
    /// By this working time, where it is not the office's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkOf>,
    /// It started after this hour, so that the day does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<NaiveTime>,
    /// It started on a day off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub day_off: bool,
    /// Days off that the calendar lists, first and last of each run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<(NaiveDate, NaiveDate)>,
    /// Saturdays and Sundays that are worked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub make_up: Vec<NaiveDate>,
    /// Years whose calendar is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<i32>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Why a fix is due when it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Explanation {
    /// The policy sets no deadline.
    None {
        /// The row that says so; none where no row fits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Keys>,
    },
    /// Counted by a row of the policy.
    Counted {
        /// How.
        #[serde(flatten)]
        counted: Counted,
        /// The row.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Keys>,
    },
    /// The policy sets a date for the report.
    Absolute {
        /// The date and hour.
        due: NaiveDateTime,
        /// The report's source.
        source: String,
        /// The report's day.
        report: NaiveDate,
    },
    /// A manager gave more time.
    Extended {
        /// The date and hour.
        due: NaiveDateTime,
        /// What it was due at before.
        before: Option<NaiveDateTime>,
        /// The person who asked.
        asked_by: i64,
        /// Why.
        reason: String,
        /// The manager who granted it.
        by: i64,
        /// When it was granted.
        at: NaiveDateTime,
    },
    /// In words, as former versions kept it.
    Words {
        /// The words.
        words: String,
    },
}

impl Explanation {
    /// Reads what is stored with an issue.
    pub fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_else(|_| Self::Words {
            words: stored.to_owned(),
        })
    }

    /// What is stored with an issue.
    pub fn stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.to_string())
    }

    /// The years whose calendar was not known when this was counted.
    pub fn unknown(&self) -> &[i32] {
        match self {
            Self::Counted { counted, .. } => &counted.unknown,
            _ => &[],
        }
    }
}

/// `Thu 30 Sep 16:20`
fn moment(at: NaiveDateTime) -> impl fmt::Display {
    at.format("%a %-d %b %H:%M")
}

/// `1–7 Oct`, `30 Sep–3 Oct`, `1 May`.
pub fn span((first, last): (NaiveDate, NaiveDate)) -> String {
    let end = last.format("%-d %b");
    if first == last {
        return end.to_string();
    }
    if first.format("%Y %b").to_string() == last.format("%Y %b").to_string() {
        return format!("{}–{end}", first.format("%-d"));
    }
    format!("{}–{end}", first.format("%-d %b"))
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[String]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        words => words.concat(),
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.amount, moment(self.from))?;
        let what = |since: Since| match since {
            Since::Told => "it was told",
            Since::Found => "it was found",
            Since::Published => "it was published",
            Since::Received => "the report was received",
        };
        match (self.missing, self.since) {
            (Some(missing), _) => write!(
                f,
                ", when it was told, as nothing says when {}",
                what(missing)
            )?,
            (None, Since::Told) => {}
            (None, since) => write!(f, ", when {}", what(since))?,
        }
        if self.day_off {
            f.write_str(", a day off")?;
        }
        if let Some(cut_off) = self.cut_off {
            write!(f, ", after the cut-off {}", cut_off.format("%H:%M"))?;
        }
        if !self.skipped.is_empty() {
            let runs: Vec<String> = self.skipped.iter().map(|run| span(*run)).collect();
            write!(f, ", skipping {}", list(&runs))?;
        }
        if !self.make_up.is_empty() {
            let days = self.make_up.iter();
            let days: Vec<String> = days.map(|d| d.format("%a %-d %b").to_string()).collect();
            let many = if days.len() == 1 { "" } else { "s" };
            write!(f, ", counting {} make-up day{many}", list(&days))?;
        }
        if self.amount.unit == Unit::CalendarDays {
            f.write_str(", to the end of work")?;
        }
        if let Some(work) = &self.work {
            let (start, end) = (work.start.format("%H:%M"), work.end.format("%H:%M"));
            write!(
                f,
                ", by the working time {start}–{end} of unit {}",
                work.unit
            )?;
        }
        if !self.unknown.is_empty() {
            let years: Vec<String> = self.unknown.iter().map(ToString::to_string).collect();
            let years = list(&years);
            write!(
                f,
                "; the calendar of {years} is not known: Monday to Friday assumed"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None { rule: Some(rule) } => write!(f, "no deadline by the policy for {rule}"),
            Self::None { rule: None } => f.write_str("no deadline by the policy"),
            Self::Counted { counted, .. } => counted.fmt(f),
            Self::Absolute {
                due,
                source,
                report,
            } => write!(
                f,
                "{}, set for the report of {source} of {}",
                moment(*due),
                report.format("%a %-d %b %Y")
            ),
            Self::Extended {
                due,
                before,
                reason,
                ..
            } => {
                write!(f, "{}, extended", moment(*due))?;
                if let Some(before) = before {
                    write!(f, " from {}", moment(*before))?;
                }
                write!(f, " ({reason})")
            }
            Self::Words { words } => f.write_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn counted() -> Counted {
        Counted {
            amount: "3wd".parse().unwrap(),
            since: Since::Told,
            from: at("2021-09-30T16:20:00"),
            missing: None,
            work: None,
            cut_off: None,
            day_off: false,
            skipped: vec![],
            make_up: vec![],
            unknown: vec![],
        }
    }

    #[test]
    fn in_english() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let runs = vec![
            (day("2021-09-30"), day("2021-10-03")),
            (day("2022-01-01"), day("2022-01-01")),
        ];
        for (counted, want) in [
            (counted(), "3 working days from Thu 30 Sep 16:20"),
            (
                Counted {
                    amount: "1h".parse().unwrap(),
                    since: Since::Found,
                    ..counted()
                },
                "1 hour from Thu 30 Sep 16:20, when it was found",
            ),
            (
                Counted {
                    amount: "5d".parse().unwrap(),
                    missing: Some(Since::Published),
                    ..counted()
                },
                "5 calendar days from Thu 30 Sep 16:20, when it was told, as nothing says when it was \
                 published, to the end of work",
            ),
            (
                Counted {
                    day_off: true,
                    skipped: runs,
                    make_up: vec![day("2021-10-09"), day("2021-10-10")],
                    unknown: vec![2027, 2028],
                    ..counted()
                },
                "3 working days from Thu 30 Sep 16:20, a day off, skipping 30 Sep–3 Oct and 1 Jan, \
                 counting Sat 9 Oct and Sun 10 Oct make-up days; the calendar of 2027 and 2028 is not \
                 known: Monday to Friday assumed",
            ),
        ] {
            assert_eq!(counted.to_string(), want);
        }
    }

    #[test]
    fn what_is_stored_is_read_back_and_old_words_stay_words() {
        let rule = Some(Keys {
            severity: Some(Severity::Veto),
            ..Keys::default()
        });
        for why in [
            Explanation::None { rule: rule.clone() },
            Explanation::Counted {
                counted: counted(),
                rule,
            },
            Explanation::Absolute {
                due: at("2021-10-25T17:30:00"),
                source: "通报".to_owned(),
                report: "2021-10-14".parse().unwrap(),
            },
        ] {
            assert_eq!(Explanation::read(&why.stored()), why);
        }
        let old = Explanation::read("3 working days from Thu 2021-09-30 16:20");
        assert_eq!(old.to_string(), "3 working days from Thu 2021-09-30 16:20");
    }
}
