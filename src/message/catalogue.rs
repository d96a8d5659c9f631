//! The catalogue: one template a message, short words in `terms.toml`; embedded in each language, and
//! replaceable by files of the same name in a folder.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};

use super::lang::Lang;
use super::text::clip;
use crate::error::{Error, Fault, Result};

/// What is built in, in each language.
pub(super) struct Builtin {
    zh: &'static str,
    en: &'static str,
}

impl Builtin {
    fn of(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template with its built-in texts.
        pub(super) const TEMPLATES: &[(&str, Builtin)] = &[$(($name, Builtin {
            zh: include_str!(concat!("../../messages/zh-CN/", $name, ".jinja")),
            en: include_str!(concat!("../../messages/en/", $name, ".jinja")),
        })),*];
    };
}

templates![
    "account_card",
    "acts",
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
    "did_you_mean",
    "digest",
    "dismissed",
    "dispute",
    "disputed_ask",
    "done",
    "done_numbers",
    "done_usage",
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
    "feedback",
    "feedback_caption",
    "found",
    "fresh",
    "fresh_line",
    "fresh_list",
    "group",
    "group_bound",
    "group_code",
    "group_ended",
    "group_help",
    "group_hint",
    "group_mentions",
    "group_private",
    "group_refused",
    "group_why",
    "groups",
    "hand",
    "hand_nobody",
    "handed",
    "help",
    "history",
    "holiday",
    "home",
    "invitation",
    "invite_expired",
    "invite_revoked",
    "invite_unknown",
    "invite_used",
    "invited",
    "issue_line",
    "lang",
    "lang_set",
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
    "name_unknown",
    "name_usage",
    "name_which",
    "no_permission",
    "no_such_issue",
    "not_understood",
    "nothing_open",
    "nothing_pending",
    "nudge",
    "nudge_pick",
    "nudged",
    "overdue",
    "own_nothing",
    "pending_head",
    "people_list",
    "people_refused",
    "people_usage",
    "person_card",
    "placed",
    "private_only",
    "quiet",
    "quiet_refused",
    "quiet_usage",
    "reason_needed",
    "rebound_told",
    "receipts",
    "report_fault",
    "report_odd",
    "reports_today",
    "request",
    "ruled",
    "settled",
    "silent",
    "start_stranger",
    "status",
    "status_few",
    "successors",
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
    "toast_group",
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
    "toast_unlearned_already",
    "toast_unmuted",
    "toast_upload",
    "toast_wanted",
    "told",
    "top",
    "trend",
    "trend_few",
    "trend_none",
    "trend_usage",
    "unbound_told",
    "unit_calendar",
    "unit_card",
    "unknown_command",
    "unlearn_ask",
    "unlearned",
    "unmatched_elsewhere",
    "unmatched_more",
    "unmatched_none",
    "unmatched_unknown",
    "unreachable",
    "upload",
    "upload_day_ask",
    "upload_done",
    "upload_fault",
    "upload_word",
    "waiting",
    "welcome",
    "which_one",
    "whois",
    "wish",
    "wish_done",
];

const TERMS: Builtin = Builtin {
    zh: include_str!("../../messages/zh-CN/terms.toml"),
    en: include_str!("../../messages/en/terms.toml"),
};

/// The words of every language; an office may replace those of each.
#[derive(Debug)]
pub struct Languages {
    zh: Catalogue,
    en: Catalogue,
    office: Lang,
}

impl Languages {
    /// The built-in words, with the files of `folder`, one sub-folder a language, in place of those of the
    /// same name. `office` is the language of whoever has not chosen one. A file whose name is no
    /// message's is refused.
    pub fn load(folder: Option<&Path>, office: Lang) -> Result<Self> {
        if let Some(folder) = folder {
            let subs = Lang::ALL.map(Lang::code);
            strays(
                folder,
                &|name| subs.contains(&name),
                "zh-CN or en: a sub-folder a language",
            )?;
        }
        Ok(Self {
            zh: Catalogue::load(Lang::Zh, folder)?,
            en: Catalogue::load(Lang::En, folder)?,
            office,
        })
    }

    /// The words of a language.
    pub fn of(&self, lang: Lang) -> &Catalogue {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// The words of whoever has not chosen.
    pub fn office(&self) -> &Catalogue {
        self.of(self.office)
    }

    /// The language of whoever has not chosen.
    pub fn default_lang(&self) -> Lang {
        self.office
    }
}

/// Refuses what stands in a folder and is not known there: a mistyped name would be passed over.
fn strays(folder: &Path, known: &dyn Fn(&str) -> bool, expected: &str) -> Result<()> {
    let shown = folder.display().to_string();
    for entry in std::fs::read_dir(folder).map_err(Error::io(shown.clone()))? {
        let entry = entry.map_err(Error::io(shown.clone()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What editors and version control leave behind.
        let beside = name.starts_with('.') || name.ends_with('~') || name.ends_with(".md");
        if !beside && !known(&name) {
            let reason = format!("{name:?} replaces no message: call it {expected}");
            let fault = Fault::new(reason).file(entry.path().display().to_string());
            return Err(fault.into());
        }
    }
    Ok(())
}

/// The words of one language.
#[derive(Debug)]
pub struct Catalogue {
    lang: Lang,
    templates: Environment<'static>,
    terms: Arc<HashMap<String, String>>,
}

impl Catalogue {
    fn load(lang: Lang, folder: Option<&Path>) -> Result<Self> {
        let folder = folder.map(|folder| folder.join(lang.code()));
        let folder = folder.filter(|folder| folder.exists());
        if let Some(folder) = &folder {
            let known = |name: &str| {
                let stem = name.strip_suffix(".jinja");
                name == "terms.toml" || TEMPLATES.iter().any(|(known, _)| stem == Some(known))
            };
            strays(folder, &known, "terms.toml, or like one of messages/zh-CN")?;
        }
        let own = |file: String| -> Result<Option<(String, String)>> {
            let Some(path) = folder
                .as_ref()
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
            .unwrap_or_else(|| (TERMS.of(lang).to_owned(), "terms.toml".into()));
        let mut terms: HashMap<String, String> = toml::from_str(TERMS.of(lang))
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
                .unwrap_or_else(|| (builtin.of(lang).to_owned(), format!("{name}.jinja")));
            templates.add_template_owned(*name, text).map_err(|error| {
                let row = error.line().unwrap_or_default() as u64;
                Fault::new(error.to_string()).file(shown).row(row)
            })?;
        }
        Ok(Self {
            lang,
            templates,
            terms,
        })
    }

    /// The names of all messages.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TEMPLATES.iter().map(|(name, _)| *name)
    }

    /// The keys of all short words.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.terms.keys().map(String::as_str)
    }

    /// Whose words they are.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A short word, if there is one.
    pub fn known(&self, key: &str) -> Option<&str> {
        self.terms.get(key).map(String::as_str)
    }

    /// A short word; the key itself where there is none.
    pub fn term<'a>(&'a self, key: &'a str) -> &'a str {
        self.terms.get(key).map_or(key, String::as_str)
    }

    /// Something with what is said of it: 林晓雨（O2）.
    pub fn aside(&self, name: &str, what: &str) -> String {
        let words = self.term("aside").replace("{name}", name);
        words.replace("{what}", what)
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
