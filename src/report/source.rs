//! Where reports come from: HTTP and folders. Secrets never stand in an error.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::decode::Format;
use super::folder::{self, Lies, Looked};
use super::usual::Bounds;
use crate::error::{Error, Result};

/// How a source is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A URL that is asked.
    #[default]
    Http,
    /// A folder that is looked into; nothing in it is moved.
    Folder,
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
    /// `http` or `folder`.
    pub kind: SourceKind,
    /// The address; `{date}` stands for the day, as 2021-06-30.
    pub url: Option<String>,
    /// The folder.
    pub path: Option<PathBuf>,
    /// `auto`, `json`, `json_lines`, `csv`, `xlsx`, `html`, `docx` or `zip`.
    pub format: Format,
    /// `snapshot`, `incremental` or `freshness`.
    pub mode: Mode,
    /// When it is fetched: a cron expression in the office's zone.
    pub schedule: Option<String>,
    /// What it looks at.
    pub covers: Covers,
    /// Where the rows of a JSON envelope are: a dotted path, or a JSONPath.
    pub rows: Option<String>,
    /// Headers sent along.
    pub headers: BTreeMap<String, String>,
    /// A bearer token.
    pub bearer: Option<SecretString>,
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
    /// A report with fewer rows, or accounts, than this share of the usual is doubted; 0: none is.
    pub least_share: Option<f64>,
    /// A share means something from so many rows, or accounts, on.
    pub least_rows: Option<u64>,
    /// A report is doubted when nothing new was detected for so many working days more than ever;
    /// 0: none is.
    pub stale_days: Option<u64>,
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

    /// A source by name alone, for what a person decides in its stead.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// A file that a source gave.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its name.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// To be sent back the next time.
    pub etag: Option<String>,
    /// To be sent back the next time.
    pub last_modified: Option<String>,
    /// Where it lies, and how, if it lies in a folder.
    pub lies: Option<Lies>,
}

/// Fetches what a source has; `remembered` is the ETag and Last-Modified of the last answer. An
/// empty list: nothing new. `looked` is what was taken from folders before.
pub async fn fetch(
    source: &SourceSettings,
    remembered: (Option<String>, Option<String>),
    looked: &Looked,
    date: NaiveDate,
) -> Result<Vec<Fetched>> {
    match source.kind {
        SourceKind::Http => Ok(fetch_http(source, remembered, date)
            .await?
            .into_iter()
            .collect()),
        SourceKind::Folder => folder::read(source, looked).await,
    }
}

pub(super) fn limit(source: &SourceSettings) -> u64 {
    source.max_bytes.unwrap_or(50 * 1024 * 1024)
}

async fn fetch_http(
    source: &SourceSettings,
    (etag, last_modified): (Option<String>, Option<String>),
    date: NaiveDate,
) -> Result<Option<Fetched>> {
    let name = &source.name;
    let fail = |what: String| Error::other(format!("source {name}: {what}"));
    let address = source
        .url
        .as_deref()
        .unwrap_or_default()
        .replace("{date}", &date.to_string());
    let url: Url = address
        .parse()
        .map_err(|_| fail("url is not a valid address".to_owned()))?;
    let mut builder =
        Client::builder().timeout(Duration::from_secs(source.timeout_s.unwrap_or(30)));
    if let Some(proxy) = &source.proxy {
        let proxy = reqwest::Proxy::all(proxy)
            .map_err(|_| fail("proxy is not a valid address".to_owned()))?;
        builder = builder.proxy(proxy);
    }
    let client = builder
        .build()
        .map_err(|error| fail(error.without_url().to_string()))?;
    let mut request = client.get(url.clone());
    for (header, value) in &source.headers {
        request = request.header(header, value);
    }
    if let Some(bearer) = &source.bearer {
        request = request.bearer_auth(bearer.expose_secret());
    }
    if let Some(user) = &source.basic_user {
        let password = source
            .basic_password
            .as_ref()
            .map(|p| p.expose_secret().to_owned());
        request = request.basic_auth(user, password);
    }
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some(last_modified) = last_modified {
        request = request.header(IF_MODIFIED_SINCE, last_modified);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    let lost = |error: reqwest::Error| fail(unreachable(&host, error));
    let mut answer = request.send().await.map_err(lost)?;
    match answer.status() {
        StatusCode::NOT_MODIFIED => return Ok(None),
        status if !status.is_success() => {
            return Err(fail(format!("{host} answered {status}")));
        }
        _ => {}
    }
    let header = |name| {
        answer
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let (etag, last_modified) = (header(ETAG), header(LAST_MODIFIED));
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(lost)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > limit(source) {
            return Err(fail(format!(
                "the report is larger than max_bytes = {}",
                limit(source)
            )));
        }
    }
    let file_name = url
        .path_segments()
        .and_then(|mut parts| parts.next_back().map(str::to_owned))
        .filter(|part| !part.is_empty())
        .unwrap_or_else(|| source.name.clone());
    Ok(Some(Fetched {
        file_name,
        bytes,
        etag,
        last_modified,
        lies: None,
    }))
}

/// Why a platform did not answer, down to the cause; never with the address, which may hold a key.
fn unreachable(host: &str, error: reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "did not answer in time (timeout_s)"
    } else if error.is_connect() {
        "cannot be reached; check url, proxy and the network"
    } else {
        "broke off"
    };
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("{host} {what}: {cause}")
}
