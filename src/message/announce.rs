//! Announcements in the catalogue's words: before they are sent, as those read them to whom they go, and who has
//! read them.

use minijinja::context;
use serde::Serialize;

use super::digest::{button, paging};
use super::pick::Pick;
use super::text::{clip, tame};
use super::{Catalogue, Rendered};
use crate::error::Result;

/// People on one page of the receipts.
pub const RECEIPTS: usize = 15;

/// An announcement as its sender sees it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AnnouncementView {
    /// As typed.
    pub text: String,
    /// The chosen units by name; none: all of the scope.
    pub units: Vec<String>,
    /// The name of the scope; none: everything.
    pub scope: Option<String>,
    /// To leads only.
    pub leads_only: bool,
    /// How many people it goes to.
    pub people: usize,
    /// How many of them cannot be sent anything.
    pub unreached: usize,
    /// When it was sent, as people read it.
    pub at: Option<String>,
    /// Who have read it.
    pub read: usize,
    /// Who were sent it and have not.
    pub unread: usize,
    /// To whom it waits to be sent.
    pub waits: usize,
    /// To how many it may be said again now.
    pub again: usize,
}

/// What became of an announcement with one person.
#[derive(Clone, Debug, Serialize)]
pub struct ReceiptView {
    /// Their name.
    pub name: String,
    /// Their units.
    pub unit: String,
    /// `read`, `unread`, `waits` or `unreached`.
    pub state: &'static str,
    /// When they read it.
    pub at: Option<String>,
}

impl Catalogue {
    /// What would be sent, and to whom.
    pub fn announce_preview(&self, key: &str, view: &AnnouncementView) -> Result<Rendered> {
        let html = self.text("announce_preview", context! { a => view })?;
        let mut keyboard = Vec::new();
        if view.people > 0 {
            let send = self.term("announce_send");
            let send = send.replace("{n}", &view.people.to_string());
            keyboard.push(vec![button(format!("📢 {send}"), "send", key, 0)]);
        }
        let who = match view.leads_only {
            true => "announce_everybody",
            false => "announce_leads",
        };
        keyboard.push(vec![
            button(format!("👥 {}", self.term(who)), "who", key, 0),
            button(format!("☑ {}", self.term("pick_units")), "pick", key, 0),
        ]);
        keyboard.push(vec![button(
            format!("🗑 {}", self.term("discard")),
            "drop",
            key,
            0,
        )]);
        Ok(Rendered { html, keyboard })
    }

    /// The units and areas to choose from.
    pub fn announce_pick(
        &self,
        key: &str,
        (picks, page): (&[Pick], usize),
        view: &AnnouncementView,
    ) -> Result<Rendered> {
        let ticked = picks.iter().filter(|pick| pick.ticked).count();
        let context = context! { a => view, ticked => ticked, total => picks.len() };
        let html = self.text("announce_pick", context)?;
        let mut keyboard = self.picks((key, "count_people"), picks, page);
        keyboard.push(vec![button(
            format!("✅ {}", self.term("chosen")),
            "home",
            key,
            0,
        )]);
        Ok(Rendered { html, keyboard })
    }

    /// What became of an announcement; with receipts, a page of them.
    pub fn announced(
        &self,
        key: &str,
        view: &AnnouncementView,
        receipts: Option<(&[ReceiptView], usize)>,
    ) -> Result<Rendered> {
        let mut keyboard = Vec::new();
        let beginning = tame(&view.text);
        let beginning = clip(&beginning, 80);
        let html = match receipts {
            None => {
                let context = context! { a => view, beginning => beginning };
                let label = format!("👁 {}", self.term("receipts"));
                keyboard.push(vec![button(label, "page", key, 0)]);
                self.text("announced", context)?
            }
            Some((all, page)) => {
                let pages = all.len().div_ceil(RECEIPTS).max(1);
                let page = page.min(pages - 1);
                let shown: Vec<&ReceiptView> =
                    all.iter().skip(page * RECEIPTS).take(RECEIPTS).collect();
                let context = context! {
                    a => view, beginning => beginning, receipts => shown,
                    page => page + 1, pages => pages,
                };
                keyboard.push(paging(key, page, pages));
                let label = format!("🔄 {}", self.term("refresh"));
                keyboard.push(vec![button(label, "page", key, page)]);
                self.text("receipts", context)?
            }
        };
        if view.again > 0 {
            let label = self.term("announce_again");
            let label = label.replace("{n}", &view.again.to_string());
            keyboard.push(vec![button(format!("🔔 {label}"), "again", key, 0)]);
        }
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// An announcement for those to whom it goes; `by` is its sender, `read` when they have read it.
    pub fn announcement(
        &self,
        (key, text): (&str, &str),
        (by, at): (&str, &str),
        (again, read): (bool, Option<&str>),
    ) -> Result<Rendered> {
        let context = context! { text => text, by => by, at => at, again => again, read => read };
        let html = self.text("announcement", context)?;
        let mut keyboard = Vec::new();
        if read.is_none() {
            let label = format!("👁 {}", self.term("read"));
            keyboard.push(vec![button(label, "read", key, 1)]);
        }
        Ok(Rendered { html, keyboard })
    }
}
