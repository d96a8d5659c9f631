//! What the requests of one fetch share: the HTTP client, what the login gave, and which host is the source's own.

use std::time::Duration;

use reqwest::{Certificate, Client, Url};
use secrecy::SecretString;

use super::{SourceSettings, limit};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// The requests of one fetch.
pub(super) struct Session<'a> {
    pub source: &'a SourceSettings,
    /// What the login gave.
    pub token: Option<SecretString>,
    pub clock: &'a Clock,
    pub client: Client,
    pub home: Option<Url>,
    /// Bytes that may still come.
    pub left: u64,
}

impl<'a> Session<'a> {
    pub(super) async fn open(source: &'a SourceSettings, clock: &'a Clock) -> Result<Self> {
        let fail = |what: String| Error::other(format!("source {}: {what}", source.name));
        let timeout = Duration::from_secs(source.timeout_s.unwrap_or(30));
        let mut builder = Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(source.login.is_some());
        if let Some(proxy) = &source.proxy {
            let proxy = reqwest::Proxy::all(proxy)
                .map_err(|_| fail("proxy is not a valid address".to_owned()))?;
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &source.ca {
            let shown = format!("source {}: ca {}", source.name, path.display());
            let pem = tokio::fs::read(path).await;
            let pem = pem.map_err(Error::io(shown.clone()))?;
            let bad = || Error::other(format!("{shown}: holds no certificate; PEM is needed"));
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|_| bad())?;
            if certificates.is_empty() {
                return Err(bad());
            }
            for certificate in certificates {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build();
        Ok(Self {
            source,
            token: None,
            clock,
            client: client.map_err(|error| fail(error.without_url().to_string()))?,
            home: None,
            left: limit(source),
        })
    }

    /// An error that names the source.
    pub(super) fn fault(&self, what: &str) -> Error {
        Error::other(format!("source {}: {what}", self.source.name))
    }

    /// An address of the settings; `key` is what it is called there.
    pub(super) fn address(&self, text: &str, key: &str) -> Result<Url> {
        let url: Option<Url> = text.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| self.fault(&format!("{key} is not a valid address")))
    }

    /// The host that gets what is secret.
    pub(super) fn at_home(&mut self, url: &Url) {
        self.home = Some(url.clone());
    }

    /// Whether an address lies on the source's own host.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        self.home.as_ref().is_some_and(|home| {
            let port = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
            let upgraded = home.scheme() == "http" && url.scheme() == "https";
            home.host_str() == url.host_str() && (port(home) == port(url) || upgraded)
        })
    }
}
