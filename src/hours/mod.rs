//! When a person may be sent notices, and when a unit works: the office's hours, the rows of the policy
//! for units and people, and what a person set for themselves. Pure but for `table.rs`.

pub mod mute;
pub mod table;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike as _, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::clock::at_local;
use crate::error::{Fault, nearest};
use crate::roster::{Person, Roster};

/// What a person's own quiet hours have to leave open on a day of notices, in minutes.
pub const LEAST: u32 = 120;
/// The minutes of a day.
const DAY: u32 = 24 * 60;
/// So many days are looked through for one that is worked; no calendar has more of them off.
const FAR: usize = 400;

/// On which days notices go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// On every day.
    #[default]
    All,
    /// On working days, by the calendar.
    Working,
}

impl Days {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::All, Self::Working];

    /// The word of settings, policy and store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Working => "working",
        }
    }

    /// The choice of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|days| days.as_str() == word)
    }
}

/// The hours in which notices go out, in the office's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// From this hour …
    pub after: NaiveTime,
    /// … until before this one, which is later.
    pub until: NaiveTime,
    /// On these days.
    pub days: Days,
}

/// Working time, in the office's zone: what is due is due at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Work {
    /// When work begins: the hour of reminders that count in days.
    pub start: NaiveTime,
    /// When work ends, which is later: the hour at which things are due.
    pub end: NaiveTime,
    /// What is told from this hour on counts as told the next working day.
    pub cut_off: NaiveTime,
}

/// The working time of a unit, as the policy writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UnitWork {
    /// When work begins.
    pub start: NaiveTime,
    /// When work ends.
    pub end: NaiveTime,
    /// The cut-off; unless set, as long before the end of work as the office's.
    pub cut_off: Option<NaiveTime>,
}

impl UnitWork {
    /// With the cut-off that is not set taken from the office's day.
    pub fn beside(self, office: Work) -> Work {
        let before = (office.end - office.cut_off).max(chrono::TimeDelta::zero());
        let since = self.end - NaiveTime::MIN;
        let cut_off = NaiveTime::MIN + (since - before).max(self.start - NaiveTime::MIN);
        Work {
            start: self.start,
            end: self.end,
            cut_off: self.cut_off.unwrap_or(cut_off),
        }
    }
}

/// Whose hours a row sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those of the unit of this code and of what is below it.
    Unit(String),
    /// Those of the person of this code.
    Person(String),
}

impl Whose {
    /// Key and code, as the policy writes them.
    pub fn named(&self) -> (&'static str, &str) {
        match self {
            Self::Unit(code) => ("unit", code),
            Self::Person(code) => ("person", code),
        }
    }
}

/// A row of the policy: what it leaves out is taken from the unit above, at last from the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose.
    #[serde(flatten)]
    pub whose: Whose,
    /// From when until when notices go out.
    pub send: Option<(NaiveTime, NaiveTime)>,
    /// On which days.
    pub days: Option<Days>,
    /// A unit's own working time.
    pub work: Option<UnitWork>,
    /// The line on which it stands.
    pub line: u64,
}

/// The hours of an office's units and people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Hours {
    /// One row a unit or person at most.
    pub rows: Vec<Row>,
}

/// Where the hours of a person come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `[delivery]` of the settings.
    Office,
    /// The row of the unit of this code.
    Unit(String),
    /// The person's own row.
    Person,
}

/// What a person set in the chat: it only takes away from the hours of unit and office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// From when until when nothing is to come; may run through midnight.
    pub quiet: Option<(NaiveTime, NaiveTime)>,
    /// On which days something may.
    pub days: Days,
}

impl Hours {
    fn row(&self, wanted: impl Fn(&Whose) -> bool) -> Option<&Row> {
        self.rows.iter().find(|row| wanted(&row.whose))
    }

    fn of_unit(&self, code: &str) -> Option<&Row> {
        self.row(|whose| matches!(whose, Whose::Unit(unit) if unit == code))
    }

    /// The hours of notices of a unit; `chain` is its code and those above it, the nearest first.
    pub fn unit_window(&self, office: Window, chain: &[&str]) -> Window {
        let rows = chain.iter().filter_map(|code| self.of_unit(code));
        merged(office, rows.collect()).0
    }

    /// The hours of notices of a person, and where they come from. Who has several units has the hours
    /// of the first of them for which there are any.
    pub fn window_of(&self, office: Window, roster: &Roster, person: &Person) -> (Window, Origin) {
        let own = self.row(|whose| matches!(whose, Whose::Person(code) if *code == person.code));
        let of_unit = |code: &String| -> Option<Vec<&Row>> {
            let chain = roster.chain(code);
            let rows = chain.iter().filter_map(|code| self.of_unit(code));
            let rows: Vec<&Row> = rows.filter(|row| row.sends()).collect();
            (!rows.is_empty()).then_some(rows)
        };
        let mut rows: Vec<&Row> = own.into_iter().collect();
        if !self.rows.is_empty() {
            rows.extend(person.units.iter().find_map(of_unit).unwrap_or_default());
        }
        merged(office, rows)
    }

    /// The own working time that holds for a unit, with the code of the unit that has it.
    pub fn work<'a>(&'a self, chain: &[&str]) -> Option<(&'a Row, UnitWork)> {
        let rows = chain.iter().filter_map(|code| self.of_unit(code));
        let mut rows = rows.filter_map(|row| Some((row, row.work?)));
        rows.next()
    }

    /// Whether any unit has a working time of its own.
    pub fn any_work(&self) -> bool {
        self.rows.iter().any(|row| row.work.is_some())
    }

    /// The first row for a unit or person that the roster does not have, as a fault without its file.
    pub fn unknown(&self, roster: &Roster) -> Option<Fault> {
        self.rows.iter().find_map(|row| {
            let (key, code) = row.whose.named();
            let codes: Vec<&str> = match &row.whose {
                Whose::Unit(code) if roster.unit(code).is_some() => return None,
                Whose::Person(code) if roster.person_by_code(code).is_some() => return None,
                Whose::Unit(_) => roster.units.iter().map(|unit| unit.code.as_str()).collect(),
                Whose::Person(_) => roster.people.iter().map(|one| one.code.as_str()).collect(),
            };
            let hint = nearest(code, codes.into_iter())
                .map_or_else(String::new, |hint| format!("; did you mean {hint:?}?"));
            let reason = format!("no {key} has this code{hint} (`duban roster export` lists them)");
            Some(Fault::new(reason).row(row.line).column(key).value(code))
        })
    }
}

impl Row {
    /// Whether it says anything of notices.
    fn sends(&self) -> bool {
        self.send.is_some() || self.days.is_some()
    }
}

/// The office's hours with what rows change of them, the nearest row first.
fn merged(office: Window, rows: Vec<&Row>) -> (Window, Origin) {
    let span = rows.iter().find_map(|row| row.send);
    let (after, until) = span.unwrap_or((office.after, office.until));
    let days = rows.iter().find_map(|row| row.days);
    let window = Window {
        after,
        until,
        days: days.unwrap_or(office.days),
    };
    let first = rows.iter().find(|row| row.sends());
    let origin = first.map_or(Origin::Office, |row| match &row.whose {
        Whose::Unit(code) => Origin::Unit(code.clone()),
        Whose::Person(_) => Origin::Person,
    });
    (window, origin)
}

/// A stretch of a day: minutes from its beginning, the last not included.
pub type Span = (u32, u32);

fn minute(time: NaiveTime) -> u32 {
    time.hour() * 60 + time.minute()
}

/// The moment of a minute of a day; the last one is the next day's first.
fn moment(zone: chrono_tz::Tz, day: NaiveDate, minute: u32) -> DateTime<Utc> {
    match NaiveTime::from_hms_opt(minute / 60, minute % 60, 0) {
        Some(time) => at_local(zone, day, time),
        None => at_local(zone, day.succ_opt().unwrap_or(day), NaiveTime::MIN),
    }
}

/// When a person may be sent notices that are not urgent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The hours of person, unit or office.
    pub window: Window,
    /// Where these come from.
    pub origin: Origin,
    /// What the person set, as far as it holds: it falls away where it would leave too little of hours
    /// that changed since.
    pub own: Option<Own>,
}

impl Sending {
    /// The hours of a window, and what a person set within them.
    pub fn new((window, origin): (Window, Origin), own: Option<Own>) -> Self {
        Self {
            window,
            origin,
            own: own.filter(|own| fits(window, *own)),
        }
    }

    /// When notices go out on a day that has any.
    pub fn spans(&self) -> Vec<Span> {
        open(self.window, self.own.and_then(|own| own.quiet))
    }

    /// On which days.
    pub fn days(&self) -> Days {
        match self.own.map(|own| own.days) {
            Some(Days::Working) => Days::Working,
            _ => self.window.days,
        }
    }

    /// The first moment from `at` on at which a notice may go out: `at` itself, if it is one.
    pub fn opens(
        &self,
        at: DateTime<Utc>,
        calendar: &Calendar,
        zone: chrono_tz::Tz,
    ) -> DateTime<Utc> {
        let spans = self.spans();
        let today = at.with_timezone(&zone).date_naive();
        let days = today.iter_days().take(FAR);
        let days = days.filter(|day| self.days() == Days::All || calendar.is_working_day(*day));
        for day in days {
            for (from, to) in &spans {
                if at < moment(zone, day, *to) {
                    return at.max(moment(zone, day, *from));
                }
            }
        }
        at
    }
}

/// What of a window stays open beside quiet hours.
fn open(window: Window, quiet: Option<(NaiveTime, NaiveTime)>) -> Vec<Span> {
    let whole = (minute(window.after), minute(window.until));
    let Some((from, to)) = quiet.map(|(from, to)| (minute(from), minute(to))) else {
        return vec![whole];
    };
    let loud = if from < to {
        vec![(0, from), (to, DAY)]
    } else {
        vec![(to, from)]
    };
    let cut = loud
        .into_iter()
        .map(|(from, to)| (from.max(whole.0), to.min(whole.1)));
    cut.filter(|(from, to)| from < to).collect()
}

fn length(spans: &[Span]) -> u32 {
    spans.iter().map(|(from, to)| to - from).sum()
}

/// Whether what a person set leaves enough of a window: two hours, or all where there are fewer.
pub fn fits(window: Window, own: Own) -> bool {
    let whole = length(&open(window, None));
    length(&open(window, own.quiet)) >= LEAST.min(whole)
}

/// Until when quiet hours that begin at `from` may last at most; nothing where they may not begin then.
pub fn latest(window: Window, from: NaiveTime) -> Option<NaiveTime> {
    let ends = (1..DAY).map(|minutes| {
        let (to, _) = from.overflowing_add_signed(chrono::TimeDelta::minutes(minutes.into()));
        to
    });
    let days = Days::All;
    let fitting = ends.take_while(|to| {
        let quiet = Some((from, *to));
        fits(window, Own { quiet, days })
    });
    fitting.last()
}
