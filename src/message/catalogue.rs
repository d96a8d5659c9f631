//! The catalogue: one template a message, short words in `terms.toml`; embedded, and replaceable by
//! files of the same name in a folder.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};

use super::text::clip;
use crate::error::{Error, Fault, Result};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template with its built-in text.
        pub(super) const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../messages/zh-CN/", $name, ".jinja")))),*];
    };
}

templates![
    "announce_ask",
    "announce_dropped",
    "announce_long",
    "announce_pick",
    "announce_preview",
    "announced",
    "announcement",
    "announcement_replied",
    "ask_check",
    "ask_done",
    "ask_extend",
    "ask_move",
    "ask_refused",
    "bound_elsewhere",
    "cancelled",
    "confirm_page",
    "digest",
    "dismissed",
    "dispute",
    "disputed_ask",
    "done",
    "due",
    "due_which",
    "duty_told",
    "evidence_ask",
    "evidence_saved",
    "export_caption",
    "export_failed",
    "export_large",
    "export_none",
    "export_refused",
    "export_usage",
    "fresh",
    "fresh_line",
    "fresh_list",
    "hand",
    "hand_nobody",
    "handed",
    "help",
    "history",
    "holiday",
    "invite_expired",
    "invite_revoked",
    "invite_unknown",
    "invite_used",
    "leave_check",
    "leave_done",
    "leave_list",
    "leave_refused",
    "leave_usage",
    "leave_which",
    "menu",
    "mute",
    "mute_refused",
    "mute_usage",
    "no_permission",
    "no_such_issue",
    "not_understood",
    "nothing_open",
    "nothing_pending",
    "nudge",
    "nudge_pick",
    "nudged",
    "pending_head",
    "placed",
    "quiet",
    "quiet_refused",
    "quiet_usage",
    "reason_needed",
    "receipts",
    "report_fault",
    "request",
    "report_odd",
    "ruled",
    "private_only",
    "start_stranger",
    "status",
    "summary",
    "taken_back",
    "toast_acked",
    "toast_all_acked",
    "toast_allowed",
    "toast_already",
    "toast_announced",
    "toast_announced_again",
    "toast_announced_already",
    "toast_closed",
    "toast_confirmed",
    "toast_expired",
    "toast_fixed",
    "toast_granted",
    "toast_how",
    "toast_lapsed",
    "toast_moot",
    "toast_muted",
    "toast_no_permission",
    "toast_nobody_there",
    "toast_nothing_there",
    "toast_nudged",
    "toast_nudged_already",
    "toast_odd",
    "toast_read",
    "toast_refuted",
    "toast_unmuted",
    "toast_wanted",
    "told",
    "unknown_command",
    "unreachable",
    "waiting",
    "welcome",
    "which_one",
];

const TERMS: &str = include_str!("../../messages/zh-CN/terms.toml");

/// The words of one language.
#[derive(Debug)]
pub struct Catalogue {
    templates: Environment<'static>,
    terms: Arc<HashMap<String, String>>,
}

impl Catalogue {
    /// The built-in words, with the files of `folder` in place of those of the same name.
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let own = |file: String| -> Result<Option<(String, String)>> {
            let Some(path) = folder
                .map(|folder| folder.join(file))
                .filter(|path| path.exists())
            else {
                return Ok(None);
            };
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(Error::io(shown.clone()))?;
            Ok(Some((text, shown)))
        };
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        templates.set_auto_escape_callback(|_| AutoEscape::Html);
        templates.set_formatter(escape);
        templates.add_filter("clip", |text: String, units: usize| {
            clip(&text, units).into_owned()
        });
        let (text, shown) = own("terms.toml".to_owned())?
            .unwrap_or_else(|| (TERMS.to_owned(), "terms.toml".into()));
        let mut terms: HashMap<String, String> = toml::from_str(TERMS)
            .map_err(|error| Fault::new(error.to_string()).file("terms.toml"))?;
        let changed: HashMap<String, String> = toml::from_str(&text)
            .map_err(|error| Fault::new(error.to_string().trim()).file(shown))?;
        terms.extend(changed);
        let terms = Arc::new(terms);
        let known = Arc::clone(&terms);
        // A short word by its key; without one, what stands there otherwise.
        templates.add_filter("term", move |key: String, otherwise: String| {
            known.get(&key).cloned().unwrap_or(otherwise)
        });
        for (name, builtin) in TEMPLATES {
            let (text, shown) = own(format!("{name}.jinja"))?
                .unwrap_or_else(|| ((*builtin).to_owned(), format!("{name}.jinja")));
            templates.add_template_owned(*name, text).map_err(|error| {
                let row = error.line().unwrap_or_default() as u64;
                Fault::new(error.to_string()).file(shown).row(row)
            })?;
        }
        Ok(Self { templates, terms })
    }

    /// A short word; the key itself where there is none.
    pub fn term<'a>(&'a self, key: &'a str) -> &'a str {
        self.terms.get(key).map_or(key, String::as_str)
    }

    /// A message by its name.
    pub fn text(&self, name: &str, context: Value) -> Result<String> {
        Ok(self
            .templates
            .get_template(name)?
            .render(context)?
            .trim()
            .to_owned())
    }
}

/// Telegram's HTML knows few entities; only what it demands is escaped.
fn escape(out: &mut Output<'_>, _: &State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    use std::fmt::Write as _;
    if value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    if value.is_safe() {
        return Ok(out.write_str(&text)?);
    }
    for c in text.chars() {
        match c {
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '&' => out.write_str("&amp;")?,
            '"' => out.write_str("&quot;")?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}
