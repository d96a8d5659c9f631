//! What a person does not want to be sent, in the catalogue's words, and the buttons of a summary.

use minijinja::context;
use serde::Serialize;

use super::digest::button;
use super::{Catalogue, Rendered};
use crate::error::Result;
use crate::hours::mute::What;

/// What may be left out, and until when it is.
#[derive(Clone, Debug, Serialize)]
pub struct MuteView {
    /// The stored word.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// It is left out now.
    pub muted: bool,
    /// Until when, as people read it; none: until they want it again.
    pub until: Option<String>,
    /// What is left out is sent afterwards.
    pub waits: bool,
}

impl MuteView {
    /// Of one thing; `muted` is until when it is left out now.
    pub fn of(words: &Catalogue, what: What, muted: Option<Option<String>>) -> Self {
        Self {
            what: what.as_str(),
            name: words.term(&format!("mute_{}", what.as_str())).to_owned(),
            muted: muted.is_some(),
            until: muted.flatten(),
            waits: what.waits(),
        }
    }
}

impl Catalogue {
    /// What is left out and what not, with a button for each.
    pub fn mutes(&self, key: &str, views: &[MuteView], lead: bool) -> Result<Rendered> {
        let html = self.text("mute", context! { mutes => views, lead => lead })?;
        let row = |view: &MuteView| {
            let (mark, verb, word) = match view.muted {
                true => ("🔔", "unmute", "mute_off"),
                false => ("🔕", "mute", "mute_on"),
            };
            let label = self.term(word).replace("{name}", &view.name);
            vec![button(format!("{mark} {label}"), verb, key, view.what)]
        };
        Ok(Rendered {
            html,
            keyboard: views.iter().map(row).collect(),
        })
    }

    /// A summary with the ways on from it.
    pub fn summary(&self, key: &str, html: String, pending: bool) -> Rendered {
        let mut row = Vec::new();
        if pending {
            row.push(button(
                format!("📋 {}", self.term("to_pending")),
                "pending",
                key,
                0,
            ));
        }
        row.push(button(
            format!("🔕 {}", self.term("no_summaries")),
            "mute",
            key,
            What::Summary.as_str(),
        ));
        Rendered {
            html,
            keyboard: vec![row],
        }
    }
}
