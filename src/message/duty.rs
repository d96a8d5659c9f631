//! Leaves: who stands in for whom and when, in the catalogue's words, with the buttons to confirm, to
//! choose and to cancel.

use chrono::{Datelike as _, NaiveDate};
use minijinja::context;
use serde::Serialize;

use super::digest::button;
use super::text::{clip, tame};
use super::view::Lens;
use super::{Catalogue, Rendered};
use crate::error::Result;
use crate::roster::{Duty, Person};

/// A duty as a message shows it.
#[derive(Clone, Debug, Serialize)]
pub struct DutyLine {
    /// Who is away.
    pub person: String,
    /// Who stands in.
    pub stand_in: String,
    /// When.
    pub days: String,
    /// A turn of a rotation.
    pub rota: bool,
    /// Whether the reader may take it back.
    pub cancellable: bool,
}

impl Lens<'_> {
    /// A duty for a reader.
    pub fn duty(&self, duty: &Duty, cancellable: bool) -> DutyLine {
        DutyLine {
            person: self.called(duty.person),
            stand_in: self.called(duty.stand_in),
            days: self.days(duty.from, duty.to),
            rota: duty.rota,
            cancellable,
        }
    }

    /// A person's name; with the code where another has the same name.
    pub(super) fn called(&self, id: i64) -> String {
        let Some(person) = self.roster.person(id) else {
            return format!("#{id}");
        };
        let same = |other: &&Person| other.name == person.name;
        let name = clip(&tame(&person.name), 40).into_owned();
        match self.roster.people.iter().filter(same).nth(1) {
            Some(_) => format!("{name} {}", clip(&tame(&person.code), 20)),
            None => name,
        }
    }

    /// 10月1日(周四) 至 10月7日(周三)，共 7 天: both days, with the year if it is not this one.
    pub fn days(&self, from: NaiveDate, to: NaiveDate) -> String {
        let this = self.now.with_timezone(&self.rules.zone).year();
        let day = |day: NaiveDate| {
            let said = self.dated("date_weekday", day);
            if day.year() == this {
                return said;
            }
            let year = self.words.term("year").replace("{date}", &said);
            year.replace("{year}", &day.year().to_string())
        };
        let count = (to - from).num_days() + 1;
        let term = if count == 1 {
            "leave_day"
        } else {
            "leave_days"
        };
        let words = self.words.term(term).replace("{n}", &count.to_string());
        words
            .replace("{from}", &day(from))
            .replace("{to}", &day(to))
    }
}

impl Catalogue {
    /// What was understood, to be confirmed; `n` is its place in the message, from 1.
    pub fn leave_check(&self, key: &str, line: &DutyLine, n: usize) -> Result<Rendered> {
        let yes = format!("✅ {}", self.term("confirm"));
        Ok(Rendered {
            html: self.text("leave_check", context! { duty => line })?,
            keyboard: vec![vec![
                button(yes, "yes", key, n),
                button(self.term("cancel").to_owned(), "no", key, n),
            ]],
        })
    }

    /// Several whom a name might mean, to choose from.
    pub fn leave_which(&self, key: &str, lines: &[DutyLine]) -> Result<Rendered> {
        let words = self.term("leave_pick");
        let mut keyboard = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            let label = words.replace("{person}", &line.person);
            let label = label.replace("{stand_in}", &line.stand_in);
            keyboard.push(vec![button(label, "pick", key, n + 1)]);
        }
        keyboard.push(vec![button(self.term("cancel").to_owned(), "no", key, 1)]);
        Ok(Rendered {
            html: self.text("leave_which", context! { duties => lines })?,
            keyboard,
        })
    }

    /// What runs and what comes, each with a button to take it back.
    pub fn leave_list(&self, key: &str, lines: &[DutyLine]) -> Result<Rendered> {
        let html = self.text("leave_list", context! { duties => lines })?;
        let numbered = lines.iter().enumerate();
        let mine = numbered.filter(|(_, line)| line.cancellable);
        let keyboard = mine.map(|(n, _)| {
            let label = format!("{} {}", n + 1, self.term("cancel"));
            vec![button(label, "drop", key, n + 1)]
        });
        Ok(Rendered {
            html,
            keyboard: keyboard.collect(),
        })
    }
}
