//! A report that is not as usual, in the catalogue's words, with the button that finds it right.

use minijinja::{Value, context};

use super::Rendered;
use super::digest::button;
use super::text::{clip, tame};
use super::view::Lens;
use crate::error::Result;
use crate::report::table::Doubted;

impl Lens<'_> {
    /// The message; the button stands as long as somebody may press it. `closed` is how many issues the
    /// press just made closed.
    pub fn odd(
        &self,
        key: &str,
        report: &Doubted,
        outdated: bool,
        closed: Option<usize>,
    ) -> Result<Rendered> {
        let open = report.accepted_at.is_none() && !outdated;
        let html = self.words.text(
            "report_odd",
            context! {
                report => report.id,
                source => clip(&tame(&report.source), 40).into_owned(), date => report.date,
                odd => Value::from_serialize(&report.doubt.odd),
                silent => report.doubt.silent.len(),
                outdated => outdated && report.accepted_at.is_none(),
                accepted => self.accepted(report),
                closed => closed,
            },
        )?;
        let label = self.words.term("odd_accept").to_owned();
        let keyboard = match open {
            true => vec![vec![button(label, "right", key, 1)]],
            false => vec![],
        };
        Ok(Rendered { html, keyboard })
    }

    /// Who found it right, and when.
    fn accepted(&self, report: &Doubted) -> Option<Value> {
        let at = report.accepted_at?;
        Some(context! { who => self.found_right_by(report), at => self.moment(at) })
    }

    /// Who found it right: a manager, or the office by a command.
    pub fn found_right_by(&self, report: &Doubted) -> String {
        match report.accepted_by {
            Some(id) => self.person(Some(id)),
            None => self.words.term("the_office").to_owned(),
        }
    }
}
