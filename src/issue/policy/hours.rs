//! The hours of units and people in the policy's file: their rows understood, or refused with file and
//! line.

use chrono::NaiveTime;
use serde::Deserialize;
use toml::Spanned;

use super::file::Reader;
use crate::error::Result;
use crate::hours::{Days, Hours, Row, UnitWork, Whose};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHours {
    unit: Option<Spanned<String>>,
    person: Option<Spanned<String>>,
    send_after: Option<Spanned<String>>,
    send_until: Option<Spanned<String>>,
    send_days: Option<Spanned<String>>,
    work_start: Option<Spanned<String>>,
    work_end: Option<Spanned<String>>,
    cut_off: Option<Spanned<String>>,
}

/// A key with what stands there.
type Given<'a> = (&'static str, &'a Option<Spanned<String>>);

impl Reader<'_> {
    /// The hours of a file; one row a unit or person.
    pub(super) fn hours(&self, raw: Vec<Spanned<RawHours>>) -> Result<Hours> {
        let mut rows: Vec<Row> = Vec::new();
        for raw in raw {
            let row = self.hours_row(raw)?;
            if let Some(earlier) = rows.iter().find(|earlier| earlier.whose == row.whose) {
                let (key, code) = row.whose.named();
                let reason = format!(
                    "{key} {code} has hours already, in row {}; make them one",
                    earlier.line
                );
                return Err(self.refuse(row.line, reason).into());
            }
            rows.push(row);
        }
        Ok(Hours { rows })
    }

    fn hours_row(&self, row: Spanned<RawHours>) -> Result<Row> {
        let line = self.line(&row);
        let raw = row.into_inner();
        let code = |word: Spanned<String>| word.into_inner().trim().to_owned();
        let whose = match (raw.unit, raw.person) {
            (Some(unit), None) => Whose::Unit(code(unit)),
            (None, Some(person)) => Whose::Person(code(person)),
            _ => {
                let reason = "hours are those of one unit or one person: give unit or person";
                return Err(self.refuse(line, reason).into());
            }
        };
        let work = [
            ("work_start", &raw.work_start),
            ("work_end", &raw.work_end),
            ("cut_off", &raw.cut_off),
        ];
        let given = work
            .into_iter()
            .find_map(|(key, word)| Some((key, word.as_ref()?)));
        if let (Whose::Person(_), Some((key, word))) = (&whose, given) {
            let reason = "working time is a unit's; a person has send_after, send_until, send_days";
            return Err(self.refuse(self.line(word), reason).column(key).into());
        }
        let (after, until) = (
            ("send_after", &raw.send_after),
            ("send_until", &raw.send_until),
        );
        let send = self.span(after, until, line)?;
        let work = self.work(work, line)?;
        let words = Days::ALL.map(Days::as_str);
        let days = self.known("send_days", raw.send_days, Days::parse, &words)?;
        if send.is_none() && days.is_none() && work.is_none() {
            let reason = "this row sets nothing: give send_after and send_until, send_days, or \
                          work_start and work_end; or delete it";
            return Err(self.refuse(line, reason).into());
        }
        Ok(Row {
            whose,
            send,
            days,
            work,
            line,
        })
    }

    /// A unit's own working time; a cut-off stands beside it and lies within.
    fn work(&self, [start, end, cut_off]: [Given<'_>; 3], line: u64) -> Result<Option<UnitWork>> {
        let span = self.span(start, end, line)?;
        let time = self.hour(cut_off.0, cut_off.1)?;
        let refuse = |reason: &str| {
            let word = cut_off.1.as_ref();
            let fault = self.refuse(word.map_or(line, |word| self.line(word)), reason);
            let fault = fault.column(cut_off.0);
            fault.value(word.map_or("", |word| word.get_ref()))
        };
        match (span, time) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let reason = "a cut-off belongs to a working time: add work_start and work_end";
                Err(refuse(reason).into())
            }
            (Some((start, end)), Some(time)) if time <= start || time > end => {
                Err(refuse("must be later than work_start and not later than work_end").into())
            }
            (Some((start, end)), cut_off) => Ok(Some(UnitWork {
                start,
                end,
                cut_off,
            })),
        }
    }

    fn hour(&self, key: &'static str, word: &Option<Spanned<String>>) -> Result<Option<NaiveTime>> {
        let Some(word) = word else {
            return Ok(None);
        };
        match NaiveTime::parse_from_str(word.get_ref(), "%H:%M") {
            Ok(time) => Ok(Some(time)),
            Err(_) => {
                let fault = self.refuse(self.line(word), "write a time of day as 17:30");
                Err(fault.column(key).value(word.get_ref()).into())
            }
        }
    }

    /// Two hours that belong together, the second later than the first.
    fn span(
        &self,
        from: Given<'_>,
        to: Given<'_>,
        line: u64,
    ) -> Result<Option<(NaiveTime, NaiveTime)>> {
        match (self.hour(from.0, from.1)?, self.hour(to.0, to.1)?) {
            (None, None) => Ok(None),
            (Some(start), Some(end)) if start < end => Ok(Some((start, end))),
            (Some(_), Some(_)) => {
                let at = to.1.as_ref().map_or(line, |word| self.line(word));
                let value = to.1.as_ref().map(|word| word.get_ref().clone());
                let reason = format!("must be later than {}", from.0);
                let fault = self.refuse(at, reason).column(to.0);
                Err(fault.value(value.unwrap_or_default()).into())
            }
            (start, _) => {
                let (there, missing) = match start {
                    Some(_) => (from.0, to.0),
                    None => (to.0, from.0),
                };
                let reason = format!("{there} without {missing}: give both");
                Err(self.refuse(line, reason).into())
            }
        }
    }
}
