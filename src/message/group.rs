//! The group of a unit in the catalogue's words: which there are, and what can be done about each.

use minijinja::context;
use serde::Serialize;

use super::digest::{button, paging};
use super::people::PEOPLE;
use super::text::{clip, tame};
use super::{Catalogue, Rendered};
use crate::error::Result;
use crate::roster::{Group, Unit};

/// A unit with its group.
#[derive(Clone, Debug, Serialize)]
pub struct GroupView {
    /// Its place in the list, from 1.
    pub n: usize,
    /// The unit's name.
    pub unit: String,
    /// The group's title, if there is one.
    pub group: Option<String>,
    /// Each person is told besides.
    pub private: bool,
}

impl GroupView {
    /// A unit with its group.
    pub fn of(unit: &Unit, group: Option<&Group>, n: usize) -> Self {
        Self {
            n,
            unit: clip(&tame(&unit.name), 60).into_owned(),
            group: group.map(|group| clip(&tame(&group.title), 60).into_owned()),
            private: group.is_none_or(|group| group.private),
        }
    }
}

impl Catalogue {
    /// Units with their groups, a page of them.
    pub fn groups(
        &self,
        key: &str,
        units: &[GroupView],
        (page, total): (usize, usize),
    ) -> Result<Rendered> {
        let pages = total.div_ceil(PEOPLE).max(1);
        let context = context! { units => units, total => total, page => page + 1, pages => pages };
        let html = self.text("groups", context)?;
        let choice = |one: &GroupView| {
            let label = format!("{} {}", one.n, clip(&one.unit, 16));
            vec![button(label, "grp", key, one.n)]
        };
        let mut keyboard: Vec<Vec<_>> = units.iter().map(choice).collect();
        keyboard.push(paging(key, page, pages));
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// A unit and its group, with what can be done; `what` was done just now.
    pub fn group(&self, key: &str, view: &GroupView, what: Option<&str>) -> Result<Rendered> {
        let html = self.text("group", context! { g => view, what => what })?;
        let verb = |verb: &str, term: &str| button(self.term(term).to_owned(), verb, key, 1);
        let mut keyboard = Vec::new();
        match (&view.group, view.private) {
            (Some(_), private) => {
                let term = if private {
                    "group_only"
                } else {
                    "group_besides"
                };
                keyboard.push(vec![verb("mode", term)]);
                keyboard.push(vec![verb("end", "group_end"), verb("code", "group_move")]);
            }
            (None, _) => keyboard.push(vec![verb("code", "group_make")]),
        }
        Ok(Rendered { html, keyboard })
    }
}
