//! The `[[sources]]` of the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::Deserialize;

use super::login::Login;
use super::mail::Mail;
use super::paging::Paging;
use super::sign::Sign;
use crate::feedback::settings::Feedback;
use crate::report::decode::{DecodeOptions, Format, Limits, Tables};
use crate::report::usual::Bounds;

/// How a source is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A URL that is asked.
    #[default]
    Http,
    /// A folder that is looked into; nothing in it is moved.
    Folder,
    /// Attachments of mails; nothing in the mailbox is changed.
    Mailbox,
    /// Nothing is fetched: whoever has the token pushes reports to `POST /api/v1/reports`.
    Push,
    /// Nothing is fetched: managers hand report files to the bot.
    Upload,
}

impl SourceKind {
    /// The word of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Folder => "folder",
            Self::Mailbox => "mailbox",
            Self::Push => "push",
            Self::Upload => "upload",
        }
    }
}

/// How a source is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `POST`, with a body.
    Post,
}

/// What silence of a source means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Lists everything still wrong: what is missing is verified.
    #[default]
    Snapshot,
    /// Names each finding once: silence proves nothing.
    Incremental,
    /// Lists accounts with their last update, and nothing that is wrong.
    Freshness,
}

impl Mode {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Incremental => "incremental",
            Self::Freshness => "freshness",
        }
    }
}

/// What a source looks at; empty lists mean everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Covers {
    /// Platforms, by id or name.
    pub platforms: Vec<String>,
    /// Areas, by unit code.
    pub areas: Vec<String>,
}

/// A `[[sources]]` table of the settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// Its name; what reports, issues and errors call it.
    pub name: String,
    /// `http`, `folder`, `mailbox`, `push` or `upload`.
    pub kind: SourceKind,
    /// The address; `{date}` stands for the day, as 2021-06-30 or, `{date:%Y%m%d}`, in another form;
    /// `{from}` and `{to}` for the first and the last of `days`.
    pub url: Option<String>,
    /// `GET` or `POST`.
    pub method: Method,
    /// What is sent by POST: JSON or a form, with the same places as `url`.
    pub body: Option<String>,
    /// How many days `{from}` to `{to}` are, the report's day the last, 1 unless set; of a mailbox, how old mails
    /// are looked at, 14 unless set.
    pub days: Option<u64>,
    /// The folder.
    pub path: Option<PathBuf>,
    /// Whether the folder's folders are looked into too.
    pub sub_folders: bool,
    /// Whether what is new in the folder is taken soon, besides at its schedule.
    pub watch: bool,
    /// Seconds a file lies unchanged until it is taken for whole; 2 unless set.
    pub settle_s: Option<u64>,
    /// `auto`, `json`, `csv` or `xlsx`.
    pub format: Format,
    /// `snapshot`, `incremental` or `freshness`.
    pub mode: Mode,
    /// When it is fetched: a cron expression in the office's zone.
    pub schedule: Option<String>,
    /// What it looks at.
    pub covers: Covers,
    /// Where the rows of a JSON envelope are.
    pub rows: Option<String>,
    /// The encoding of text tables, where what is found is not right: `gb18030`, `big5`, `utf-8` …
    pub encoding: Option<String>,
    /// What stands between the cells of text tables: one character.
    pub delimiter: Option<char>,
    /// Hidden sheets of workbooks are read too.
    pub hidden_sheets: bool,
    /// What columns mean, by their headers: a field, or `ignore` to leave the column out.
    pub columns: BTreeMap<String, String>,
    /// The most rows of a report; 1,000,000 unless set.
    pub max_rows: Option<u64>,
    /// The most cells of a report; 30,000,000 unless set.
    pub max_cells: Option<u64>,
    /// The most bytes of a workbook once it is unpacked; 1 GiB unless set.
    pub max_unpacked: Option<u64>,
    /// Headers sent along.
    pub headers: BTreeMap<String, String>,
    /// A bearer token.
    pub bearer: Option<SecretString>,
    /// What who pushes reports has to show: `Authorization: Bearer …`.
    pub token: Option<SecretString>,
    /// Basic authentication: the user …
    pub basic_user: Option<String>,
    /// … and the password.
    pub basic_password: Option<SecretString>,
    /// Seconds to wait for an answer; 30 unless set.
    pub timeout_s: Option<u64>,
    /// The largest report taken, in bytes; 50 MiB unless set.
    pub max_bytes: Option<u64>,
    /// A proxy: `http://…` or `socks5h://…`.
    pub proxy: Option<String>,
    /// A PEM file with the CA that vouches for the platform, beside those that are known.
    pub ca: Option<PathBuf>,
    /// How often an answer that says it is busy is asked for again within one fetch; 3 unless set.
    pub retries: Option<u32>,
    /// How the pages of a report are asked for.
    pub paging: Option<Paging>,
    /// How requests are signed.
    pub sign: Option<Sign>,
    /// How to log in.
    pub login: Option<Login>,
    /// Which mails of which mailbox.
    pub mail: Option<Mail>,
    /// A report with fewer rows, or accounts, than this share of the usual is doubted; 0: none is.
    pub least_share: Option<f64>,
    /// A share means something from so many rows, or accounts, on.
    pub least_rows: Option<u64>,
    /// A report is doubted when nothing new was detected for so many working days more than ever;
    /// 0: none is.
    pub stale_days: Option<u64>,
    /// What is told back to it.
    pub feedback: Option<Feedback>,
}

impl SourceSettings {
    /// From where on a report of it is odd.
    pub fn bounds(&self) -> Bounds {
        let usual = Bounds::default();
        Bounds {
            least_share: self.least_share.unwrap_or(usual.least_share),
            least_rows: self.least_rows.unwrap_or(usual.least_rows),
            stale_days: self.stale_days.unwrap_or(usual.stale_days),
        }
    }

    /// How a report of that day is read.
    pub fn decoding(&self, file_name: &str, date: NaiveDate, zone: chrono_tz::Tz) -> DecodeOptions {
        let usual = Limits::default();
        DecodeOptions {
            format: self.format,
            rows_path: self.rows.clone(),
            file_name: file_name.to_owned(),
            date,
            zone,
            updates: self.mode == Mode::Freshness,
            tables: Tables {
                encoding: self.encoding.clone(),
                delimiter: self.delimiter,
                hidden_sheets: self.hidden_sheets,
                columns: self.columns.clone(),
                limits: Limits {
                    rows: self.max_rows.unwrap_or(usual.rows),
                    cells: self.max_cells.unwrap_or(usual.cells),
                    unpacked: self.max_unpacked.unwrap_or(usual.unpacked),
                },
            },
        }
    }

    /// The largest report taken, in bytes.
    pub fn largest(&self) -> u64 {
        super::limit(self)
    }

    /// A source by name alone, for what a person decides in its stead.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}
