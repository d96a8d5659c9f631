//! The sections of the settings, and what each key is where nothing sets it. Paths are relative to the working
//! directory.

use std::path::PathBuf;

use chrono::NaiveTime;
use secrecy::SecretString;
use serde::Deserialize;

use super::places::Places;
use crate::flow::Mask;
use crate::hours::Days;
use crate::report::source::SourceSettings;
use crate::schedule::summary::SummarySettings;

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
