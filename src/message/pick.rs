//! Units to choose from, several at once: a page of buttons with a tick each.

use std::cmp::min;

use super::digest::{button, paging};
use super::text::{clip, tame};
use super::{Button, Catalogue};

/// Units a page.
pub const PICKS: usize = 8;

/// A unit that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How many issues or people it stands for.
    pub count: usize,
    /// Whether it is chosen.
    pub ticked: bool,
}

impl Catalogue {
    /// The buttons of a page of units, and those to turn it. `unit` is the term of what is counted.
    pub(super) fn picks(
        &self,
        (key, unit): (&str, &str),
        picks: &[Pick],
        page: usize,
    ) -> Vec<Vec<Button>> {
        let pages = picks.len().div_ceil(PICKS).max(1);
        let page = min(page, pages - 1);
        let shown = picks.iter().skip(page * PICKS).take(PICKS);
        let mut keyboard: Vec<Vec<Button>> = shown
            .map(|pick| {
                let tick = if pick.ticked { "☑" } else { "☐" };
                let name = tame(&pick.name);
                let count = self.term(unit).replace("{n}", &pick.count.to_string());
                let label = format!("{tick} {} · {count}", clip(&name, 24));
                vec![button(label, "tick", key, pick.id)]
            })
            .collect();
        keyboard.push(paging(key, page, pages));
        keyboard.retain(|row| !row.is_empty());
        keyboard
    }
}
