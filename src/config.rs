//! Settings: TOML with environment overrides (`DUBAN_TELEGRAM__TOKEN` …). An unknown key is refused
//! with file, line and the nearest right name.

mod covers;
mod inbound;
mod places;

use std::path::{Path, PathBuf};

use chrono::NaiveTime;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::error::{Error, Fault, Result, closest, explain, toml_fault};
use crate::feedback::call::Caller;
use crate::flow::Mask;
use crate::hours::Days;
use crate::message::lang::Lang;
use crate::report::decode::{self, by_label};
use crate::report::source::{self, Mode, SourceKind, SourceSettings};
use crate::schedule::cron::Schedule;
use crate::schedule::summary::SummarySettings;

pub use places::Places;

/// All settings. Paths are relative to the working directory.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The office.
    pub office: Office,
    /// The store.
    pub database: Database,
    /// The bot.
    pub telegram: Telegram,
    /// What is answered over HTTP.
    pub http: Http,
    /// Sending.
    pub delivery: Delivery,
    /// The audit.
    pub audit: Audit,
    /// Which wordings are kept out of the channel.
    pub mask: Mask,
    /// Scheduled summaries.
    pub summary: SummarySettings,
    /// Folders and files that replace what is built in.
    pub data: Data,
    /// Where reports come from.
    pub sources: Vec<SourceSettings>,
    /// Where each key stands.
    #[serde(skip)]
    pub places: Places,
}

/// `[office]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Office {
    /// Its name, as messages show it.
    pub name: String,
    /// Its zone.
    pub timezone: chrono_tz::Tz,
    /// The language of whoever has not chosen one: zh-CN or en.
    pub locale: String,
    /// When work begins.
    pub work_start: String,
    /// When work ends: the hour at which things are due.
    pub work_end: String,
    /// What is told later counts as told the next working day.
    pub cut_off: String,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            name: "督办".to_owned(),
            timezone: chrono_tz::Asia::Shanghai,
            locale: "zh-CN".to_owned(),
            work_start: "09:00".to_owned(),
            work_end: "17:30".to_owned(),
            cut_off: "16:00".to_owned(),
        }
    }
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite://data/duban.db` or `postgres://…`.
    pub url: String,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite://data/duban.db".to_owned(),
        }
    }
}

/// `[telegram]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telegram {
    /// The bot's token …
    pub token: Option<SecretString>,
    /// … or a file that holds it.
    pub token_file: Option<PathBuf>,
    /// Where the Bot API is.
    pub api_url: String,
    /// `http://…` or `socks5h://…`.
    pub proxy: Option<String>,
    /// `polling` or `webhook`.
    pub mode: UpdateMode,
    /// The public address under which Telegram reaches `[http] listen`.
    pub webhook_url: Option<String>,
    /// What Telegram has to show: 1 to 256 of A–Z, a–z, 0–9, _ and -.
    pub webhook_secret: Option<SecretString>,
}

impl Default for Telegram {
    fn default() -> Self {
        let api_url = "https://api.telegram.org".to_owned();
        Self {
            token: None,
            token_file: None,
            api_url,
            proxy: None,
            mode: UpdateMode::Polling,
            webhook_url: None,
            webhook_secret: None,
        }
    }
}

/// How updates come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateMode {
    /// duban asks.
    #[default]
    Polling,
    /// Telegram calls.
    Webhook,
}

/// `[http]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where `/healthz` and the webhook are answered, for instance `127.0.0.1:8080`.
    pub listen: Option<std::net::SocketAddr>,
}

/// `[delivery]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Notices that are not urgent go out from this hour …
    pub send_after: String,
    /// … until this one …
    pub send_until: String,
    /// … on these days.
    pub send_days: Days,
    /// Seconds a notice waits for others to the same person.
    pub gather_s: u32,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            send_after: "08:00".to_owned(),
            send_until: "20:00".to_owned(),
            send_days: Days::All,
            gather_s: 60,
        }
    }
}

/// `[audit]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Called after each audit that found nothing wrong. Whoever knows it can call it: a secret.
    pub heartbeat_url: Option<SecretString>,
}

/// `[data]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// A folder with `platforms.toml`, `categories.toml`, `headers.toml`, `short_forms.toml`.
    pub vocabulary: Option<PathBuf>,
    /// A folder with message templates.
    pub messages: Option<PathBuf>,
    /// A folder with calendar years and local days.
    pub calendar: Option<PathBuf>,
    /// A file with deadlines.
    pub policy: Option<PathBuf>,
}

/// A time of day as `17:30`.
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

impl Settings {
    /// Reads a settings file, with the environment on top.
    pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(Error::io(format!(
            "{shown} (copy config/duban.example.toml there, or name another with --config)"
        )))?;
        Self::read(&text, &shown, env)
    }

    /// Reads settings from a text that is called `file` in errors.
    pub fn read(
        text: &str,
        file: &str,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self> {
        // Read once for itself, so that an error has its line; then with the environment on top.
        let mut settings: Self =
            toml::from_str(text).map_err(|error| toml_fault(text, file, &error))?;
        let overrides: Vec<(String, String)> = env
            .filter(|(name, _)| name.starts_with("DUBAN_") && name.contains("__"))
            .collect();
        if !overrides.is_empty() {
            let mut table: toml::Table =
                toml::from_str(text).map_err(|error| Fault::new(error.message()).file(file))?;
            for (name, value) in &overrides {
                put(&mut table, name, value)?;
                let probe = toml::Value::Table(table.clone()).try_into::<Self>();
                settings = probe.map_err(|error| {
                    Fault::new(explain(error.message()))
                        .file("the environment")
                        .column(name)
                })?;
            }
        }
        let variables = overrides.iter().map(|(name, _)| name.as_str());
        settings.places = Places::read(text, file, variables);
        settings.check()?;
        Ok(settings)
    }

    /// What TOML's types cannot tell.
    fn check(&self) -> Result<()> {
        self.check_hours()?;
        if !Lang::ALL
            .iter()
            .any(|lang| lang.code() == self.office.locale)
        {
            let reason = "the languages are zh-CN and en";
            return self.fault("office.locale", &self.office.locale, reason);
        }
        self.check_telegram()?;
        self.check_audit()?;
        self.check_summary()?;
        self.check_sources()
    }

    fn fault(&self, key: &str, value: &str, reason: &str) -> Result<()> {
        Err(self.places.fault(key, key, value, reason).into())
    }

    /// Every hour is one, and what ends begins before.
    fn check_hours(&self) -> Result<()> {
        let (office, delivery) = (&self.office, &self.delivery);
        for (key, text) in [
            ("office.work_start", &office.work_start),
            ("office.work_end", &office.work_end),
            ("office.cut_off", &office.cut_off),
            ("delivery.send_after", &delivery.send_after),
            ("delivery.send_until", &delivery.send_until),
        ] {
            if time_of_day(text).is_none() {
                return self.fault(key, text, "write a time of day as 17:30");
            }
        }
        for (key, end, from, start) in [
            (
                "office.work_end",
                &office.work_end,
                "work_start",
                &office.work_start,
            ),
            (
                "delivery.send_until",
                &delivery.send_until,
                "send_after",
                &delivery.send_after,
            ),
        ] {
            if time_of_day(end) <= time_of_day(start) {
                let reason = format!("must be later than {from} = {start:?}");
                return self.fault(key, end, &reason);
            }
        }
        Ok(())
    }

    fn check_telegram(&self) -> Result<()> {
        let telegram = &self.telegram;
        if telegram.token.is_some() && telegram.token_file.is_some() {
            let reason = "set token or token_file, not both";
            return self.fault("telegram.token_file", "", reason);
        }
        if telegram.mode == UpdateMode::Polling {
            return Ok(());
        }
        for (key, there) in [
            ("telegram.webhook_url", telegram.webhook_url.is_some()),
            ("telegram.webhook_secret", telegram.webhook_secret.is_some()),
            ("http.listen", self.http.listen.is_some()),
        ] {
            if !there {
                return self.fault(key, "", "mode = \"webhook\" needs it");
            }
        }
        if let Some(url) = &telegram.webhook_url
            && url.parse::<reqwest::Url>().is_err()
        {
            return self.fault("telegram.webhook_url", url, "is not an address");
        }
        let secret = telegram.webhook_secret.as_ref().map(|s| s.expose_secret());
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !secret.is_some_and(|s| (1..=256).contains(&s.len()) && s.chars().all(fits)) {
            let reason = "must be 1 to 256 of A-Z, a-z, 0-9, _ and -";
            return self.fault("telegram.webhook_secret", "", reason);
        }
        Ok(())
    }

    fn check_audit(&self) -> Result<()> {
        let url = self.audit.heartbeat_url.as_ref();
        let parsed = url.map(|url| url.expose_secret().parse::<reqwest::Url>());
        match parsed {
            Some(Ok(url)) if matches!(url.scheme(), "http" | "https") => Ok(()),
            None => Ok(()),
            // Not shown: it is a secret, even mistyped.
            Some(_) => {
                let reason = "must be an address that begins with http:// or https://";
                self.fault("audit.heartbeat_url", "", reason)
            }
        }
    }

    fn check_summary(&self) -> Result<()> {
        for (key, _, text) in self.summary.schedules() {
            if let Err(reason) = Schedule::parse(text, self.office.timezone) {
                return self.fault(&format!("summary.{key}"), text, &reason);
            }
        }
        Ok(())
    }

    fn check_sources(&self) -> Result<()> {
        let mut names = Vec::new();
        for (n, source) in self.sources.iter().enumerate() {
            let fault = |key: &str, value: &str, reason: &str| -> Result<()> {
                let (path, shown) = (format!("sources.{n}{key}"), &source.name);
                let shown = format!("sources.{shown}{key}");
                Err(self.places.fault(&path, &shown, value, reason).into())
            };
            if source.name.is_empty() || names.contains(&source.name.as_str()) {
                return fault("", &source.name, "each source needs a name of its own");
            }
            names.push(&source.name);
            let missing = match source.kind {
                SourceKind::Http => source.url.is_none(),
                SourceKind::Folder => source.path.is_none(),
                SourceKind::Mailbox | SourceKind::Push | SourceKind::Upload => false,
            };
            if missing {
                let reason = "kind = \"http\" needs a url, kind = \"folder\" a path";
                return fault("", "", reason);
            }
            let before = self.sources.get(..n).unwrap_or_default();
            if let Some((key, reason)) = inbound::wrong(source, before, self.http.listen) {
                return fault(key, "", reason);
            }
            if let Some((key, reason)) = source::wrong(source) {
                return fault(&format!(".{key}"), "", &reason);
            }
            if let Some((key, value, reason)) = wrong_bounds(source) {
                return fault(key, &value, reason);
            }
            if let Some((key, reason)) = wrong_feedback(source) {
                return fault(&key, "", &reason);
            }
            if let Some((key, value, reason)) = wrong_table(source) {
                return fault(key, &value, reason);
            }
            if let Some(rows) = &source.rows
                && let Err(wrong) = decode::check_rows(rows)
            {
                return fault(".rows", rows, &wrong.reason);
            }
            if let Some(text) = &source.schedule
                && let Err(reason) = Schedule::parse(text, self.office.timezone)
            {
                return fault(".schedule", text, &reason);
            }
        }
        Ok(())
    }

    /// The bot's token, from the settings or its file.
    pub fn token(&self) -> Result<SecretString> {
        if let Some(token) = &self.telegram.token {
            return Ok(token.clone());
        }
        let Some(path) = &self.telegram.token_file else {
            let reason = "no bot token: set telegram.token_file, or DUBAN_TELEGRAM__TOKEN in the \
                          environment; @BotFather gives one";
            return Err(Fault::new(reason).into());
        };
        let shown = format!("telegram.token_file {}", path.display());
        let text = std::fs::read_to_string(path).map_err(Error::io(shown))?;
        Ok(SecretString::from(text.trim().to_owned()))
    }
}

/// What is wrong with what is told back to a source: the key, and why.
fn wrong_feedback(source: &SourceSettings) -> Option<(String, String)> {
    let feedback = source.feedback.as_ref()?;
    let key = |key: &str| format!(".feedback.{key}");
    if source.mode == Mode::Freshness {
        let reason = "means nothing with mode = \"freshness\", which lists nothing that is wrong";
        return Some((".feedback".to_owned(), reason.to_owned()));
    }
    if feedback.on.is_empty() {
        let reason = "names no state, so that nothing would ever be told";
        return Some((key("on"), reason.to_owned()));
    }
    if feedback.columns.0.is_empty() {
        let reason = "names no column: write \"订单号\" = \"ticket_no\"";
        return Some((key("columns"), reason.to_owned()));
    }
    if feedback.wait_minutes > 1_440 {
        return Some((key("wait_minutes"), "is a day at most".to_owned()));
    }
    let items = chrono::format::StrftimeItems::new(&feedback.time_format);
    if items
        .into_iter()
        .any(|item| item == chrono::format::Item::Error)
    {
        let reason = "is no form of a time, as \"%Y-%m-%d %H:%M\"";
        return Some((key("time_format"), reason.to_owned()));
    }
    let (wrong, reason) = Caller::new(feedback.call.as_ref()?).err()?;
    Some((key(&format!("call.{wrong}")), reason))
}

/// What is wrong with the bounds of what is usual: the key, its value, why.
fn wrong_bounds(source: &SourceSettings) -> Option<(&'static str, String, &'static str)> {
    let given = [
        (".least_share", source.least_share.is_some()),
        (".least_rows", source.least_rows.is_some()),
        (".stale_days", source.stale_days.is_some()),
    ];
    let given = given.into_iter().find(|(_, given)| *given);
    if let (Mode::Incremental | Mode::Freshness, Some((key, _))) = (source.mode, given) {
        let reason = "means nothing with mode = \"incremental\" or \"freshness\", whose silence proves nothing";
        return Some((key, String::new(), reason));
    }
    let share = source.least_share;
    if let Some(share) = share.filter(|share| !(0.0..1.0).contains(share)) {
        let reason = "a share lies between 0 and 1, for instance 0.3; 0: no size is doubted";
        return Some((".least_share", share.to_string(), reason));
    }
    let days = source.stale_days.filter(|days| *days > 60)?;
    let reason = "so many working days, up to 60; 0: nothing is too old";
    Some((".stale_days", days.to_string(), reason))
}

/// What is wrong with how tables are read: the key, its value, why.
fn wrong_table(source: &SourceSettings) -> Option<(&'static str, String, &'static str)> {
    let label = source.encoding.as_ref();
    if let Some(label) = label.filter(|label| by_label(label).is_none()) {
        let reason = "no such encoding; write utf-8, gb18030, big5 or utf-16le";
        return Some((".encoding", label.clone(), reason));
    }
    let none = |mark: &char| mark.is_alphanumeric() || matches!(mark, '"' | '\n' | '\r' | '\0');
    if let Some(mark) = source.delimiter.filter(none) {
        let reason = "write what stands between the cells, for instance \";\" or \"\\t\"";
        return Some((".delimiter", mark.to_string(), reason));
    }
    let limits = [
        (".max_rows", source.max_rows),
        (".max_cells", source.max_cells),
        (".max_unpacked", source.max_unpacked),
    ];
    let (key, _) = limits.into_iter().find(|(_, limit)| *limit == Some(0))?;
    Some((key, "0".to_owned(), "with this limit nothing could be read"))
}

/// Puts the value of `DUBAN_SECTION__KEY` into the table.
fn put(table: &mut toml::Table, name: &str, value: &str) -> Result<()> {
    let path = name.trim_start_matches("DUBAN_").to_lowercase();
    let (section, key) = path.split_once("__").unwrap_or((&path, ""));
    let entry = table
        .entry(section.to_owned())
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(inner) = entry.as_table_mut() else {
        let reason = "only keys of a section can be set by the environment";
        return Err(Fault::new(reason)
            .file("the environment")
            .column(name)
            .into());
    };
    // The environment wins, also over the other way to give the token.
    match key {
        "token" => inner.remove("token_file"),
        "token_file" => inner.remove("token"),
        _ => None,
    };
    // Seconds are the only numbers; a name of digits is a name.
    let value = match value.parse() {
        Ok(seconds) if key.ends_with("_s") => toml::Value::Integer(seconds),
        _ => value.into(),
    };
    inner.insert(key.to_owned(), value);
    Ok(())
}

/// The right name that somebody probably meant.
fn nearest<'a>(wrong: &str, right: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    closest(wrong, right)
        .filter(|(_, likeness)| *likeness > 0.75)
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Settings> {
        let env = env.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Settings::read(text, "duban.toml", env)
    }

    #[test]
    fn the_example_loads_and_the_environment_wins() {
        let text = include_str!("../config/duban.example.toml");
        let settings = read(
            text,
            &[
                ("DUBAN_TELEGRAM__TOKEN", "1:x"),
                ("DUBAN_OFFICE__NAME", "甲"),
            ],
        );
        assert_eq!(settings.unwrap().token().unwrap().expose_secret(), "1:x");
        let both = "[telegram]\ntoken = \"1:x\"\ntoken_file = \"y\"\n";
        let error = read(both, &[]).unwrap_err().to_string();
        assert!(error.contains("token or token_file"), "{error}");
        let seconds = [
            ("DUBAN_DELIVERY__GATHER_S", "5"),
            ("DUBAN_OFFICE__NAME", "110"),
        ];
        let settings = read("", &seconds).unwrap();
        assert_eq!(
            (settings.delivery.gather_s, settings.office.name.as_str()),
            (5, "110")
        );
        let settings = read(
            "",
            &[
                ("DUBAN_TELEGRAM__TOKEN", "1:x"),
                ("DUBAN_OFFICE__NAME", "甲"),
            ],
        )
        .unwrap();
        assert_eq!(settings.office.name, "甲");
        assert_eq!(settings.token().unwrap().expose_secret(), "1:x");
        assert!(!format!("{settings:?}").contains("1:x"));
        assert_eq!(read(text, &[]).unwrap().sources.len(), 2);
    }

    #[test]
    fn mistakes_name_their_place_and_the_remedy() {
        for (text, want) in [
            (
                "[office]\nnmae = \"x\"\n",
                "duban.toml, row 2: unknown key \"nmae\"; did you mean \"name\"?",
            ),
            ("[offise]\n", "did you mean \"office\"?"),
            ("[office]\nwork_end = \"25:00\"\n", "write a time of day"),
            ("[[sources]]\nname = \"a\"\n", "needs a url"),
            ("[delivery]\nsend_days = \"week\"\n", "row 2"),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nrows = \"$.data[\"\n",
                "row 4, column sources.a.rows",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nschedule = \"8 30\"\n",
                "fields",
            ),
            ("[office]\ntimezone = \"Mars\"\n", "row 2"),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nleast_share = 30\n",
                "row 4, column sources.a.least_share, value \"30\": a share lies between 0 and 1",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmode = \"incremental\"\nleast_rows = 5\n",
                "row 5, column sources.a.least_rows: means nothing with mode",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nstale_days = 99\n",
                "row 4, column sources.a.stale_days",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nleast_rows = -1\n",
                "row 4",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\n[sources.feedback.columns]\n\"状态\" = \"sate\"\n",
                "row 4: no field is called \"sate\"; did you mean \"state\"?",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\n[sources.feedback.call]\nurl = \"http://x/geheim/{{ no }}\"\n",
                "row 5, column sources.a.feedback.call.url: holds a field that is not there",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmode = \"freshness\"\n[sources.feedback]\n",
                "means nothing with mode",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nencoding = \"gb9000\"\n",
                "row 4, column sources.a.encoding, value \"gb9000\": no such encoding",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\ndelimiter = \"tab\"\n",
                "row 4",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\ndelimiter = \"x\"\n",
                "sources.a.delimiter",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmax_rows = 0\n",
                "sources.a.max_rows",
            ),
            ("[telegram]\nmode = \"webhook\"\n", "telegram.webhook_url"),
            (
                "[office]\nwork_start = \"09:00\"\nwork_end = \"08:00\"\n",
                "duban.toml, row 3, column office.work_end, value \"08:00\": must be later than",
            ),
            (
                "[audit]\nheartbeat_url = \"monitor/x\"\n",
                "row 2, column audit.heartbeat_url: must be an address",
            ),
            (
                "[delivery]\nsend_after = \"22:00\"\n",
                "duban.toml, row 1, column delivery.send_until, value \"20:00\"",
            ),
            (
                "[telegram]\nmode = \"webhook\"\nwebhook_url = \"https://x.example\"\n\
                 webhook_secret = \"a b\"\n[http]\nlisten = \"127.0.0.1:1\"\n",
                "row 4, column telegram.webhook_secret",
            ),
        ] {
            let error = read(text, &[]).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
        let error = read("", &[("DUBAN_OFFICE__NMAE", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("DUBAN_OFFICE__NMAE") && error.contains("\"name\""),
            "{error}"
        );
    }
}
