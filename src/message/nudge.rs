//! 催办 in the catalogue's words: what it would do, the units to choose from, and what it did.

use minijinja::context;
use serde::Serialize;

use super::digest::{button, paging};
use super::pick::Pick;
use super::{Catalogue, Rendered};
use crate::error::Result;

/// People on one page of what a nudge did.
pub const TOLD: usize = 15;

/// What a nudge would do now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NudgeView {
    /// Issues it would tell of.
    pub issues: usize,
    /// How many people.
    pub people: usize,
    /// Issues that nobody acknowledged.
    pub unacknowledged: usize,
    /// Issues past due.
    pub overdue: usize,
    /// Issues that were nudged a short time ago.
    pub cooling: usize,
    /// Issues for which nobody answers.
    pub nobody: usize,
    /// Names of those who cannot be told.
    pub unreached: Vec<String>,
    /// So many hours the same is not asked for twice.
    pub hours: i64,
}

/// A person whom a nudge told.
#[derive(Clone, Debug, Serialize)]
pub struct NudgedView {
    /// Their name.
    pub name: String,
    /// Of their unit.
    pub unit: String,
    /// Of how many issues.
    pub issues: usize,
    /// The state of the notice: `owed`, `sent` …
    pub state: String,
    /// That in words.
    pub word: String,
}

impl Catalogue {
    /// What a nudge would do, with the buttons to do it.
    pub fn nudge(&self, key: &str, view: &NudgeView) -> Result<Rendered> {
        let html = self.text("nudge", context! { n => view })?;
        let mut keyboard = Vec::new();
        if view.issues > 0 {
            let all = self.term("nudge_all");
            let all = all.replace("{n}", &view.people.to_string());
            keyboard.push(vec![button(format!("👉 {all}"), "all", key, 0)]);
            let pick = format!("☑ {}", self.term("pick_units"));
            keyboard.push(vec![button(pick, "pick", key, 0)]);
        }
        Ok(Rendered { html, keyboard })
    }

    /// The units to choose from; `chosen` is what those that are chosen come to.
    pub fn nudge_pick(
        &self,
        key: &str,
        (picks, page): (&[Pick], usize),
        chosen: &NudgeView,
    ) -> Result<Rendered> {
        let ticked = picks.iter().filter(|pick| pick.ticked).count();
        let context = context! { n => chosen, total => picks.len(), ticked => ticked };
        let html = self.text("nudge_pick", context)?;
        let mut keyboard = self.picks((key, "count_issues"), picks, page);
        if ticked > 0 {
            let send = self.term("nudge_some");
            let send = send.replace("{n}", &chosen.people.to_string());
            keyboard.push(vec![button(format!("👉 {send}"), "some", key, 0)]);
        }
        keyboard.push(vec![button(self.term("back").to_owned(), "home", key, 0)]);
        Ok(Rendered { html, keyboard })
    }

    /// What a nudge did: whom it told, page by page, and what it left out.
    pub fn nudged(
        &self,
        (key, at): (&str, &str),
        people: &[NudgedView],
        left: &NudgeView,
        page: usize,
    ) -> Result<Rendered> {
        let pages = people.len().div_ceil(TOLD).max(1);
        let page = page.min(pages - 1);
        let shown: Vec<&NudgedView> = people.iter().skip(page * TOLD).take(TOLD).collect();
        let context = context! {
            n => left, at => at, people => shown, page => page + 1, pages => pages,
        };
        let html = self.text("nudged", context)?;
        let mut keyboard = vec![paging(key, page, pages)];
        if !people.is_empty() {
            let again = format!("🔄 {}", self.term("refresh"));
            keyboard.push(vec![button(again, "again", key, page)]);
        }
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }
}
