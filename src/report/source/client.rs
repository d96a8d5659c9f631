//! One request of a source: credentials, redirects, tries. What is secret goes to the source's own host
//! only, and stands in no error.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LINK, LOCATION, RETRY_AFTER,
};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::login::{is_login_address, is_login_page};
use super::sign::ToSign;
use super::template::{Filling, Within, fill};
use super::{SourceSettings, limit};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// Redirects that are followed.
const HOPS: usize = 5;
/// Seconds that an answer may ask to wait within one fetch; who asks for more is asked at the next try.
const LONGEST_WAIT: i64 = 120;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub url: Url,
    /// Sent by POST.
    pub body: Option<String>,
    /// It is the login itself: no other credentials are sent, and a redirect is an answer.
    pub login: bool,
    /// ETag and Last-Modified of the last answer.
    pub remembered: (Option<String>, Option<String>),
}

impl Ask {
    pub(super) fn get(url: Url) -> Self {
        Self {
            url,
            body: None,
            login: false,
            remembered: (None, None),
        }
    }
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub bytes: Vec<u8>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The address of the `Link` header's `rel="next"`, as written.
    pub next: Option<String>,
}

#[derive(Debug)]
pub(super) enum Answer {
    Page(Page),
    /// 304.
    Unchanged,
    /// The platform wants a login: why this is thought.
    LoginWanted(String),
}

/// Why a try brought nothing.
enum Failed {
    /// Another one makes no sense.
    Final(Error),
    /// It may pass: why, and how many seconds the answer asks to wait.
    Passing(String, Option<i64>),
}

/// The requests of one fetch.
pub(super) struct Session<'a> {
    pub source: &'a SourceSettings,
    /// What the login gave.
    pub token: Option<SecretString>,
    clock: &'a Clock,
    client: Client,
    home: Option<Url>,
    /// Bytes that may still come.
    left: u64,
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

    /// Asks, logging in again once where the platform wants that; none: nothing new.
    pub(super) async fn page(&mut self, ask: &Ask) -> Result<Option<Page>> {
        let source = self.source;
        let mut entered = false;
        loop {
            match self.ask(ask).await? {
                Answer::Page(page) => return Ok(Some(page)),
                Answer::Unchanged => return Ok(None),
                Answer::LoginWanted(why) => match &source.login {
                    Some(login) if !entered => {
                        entered = true;
                        login.enter(self).await?;
                    }
                    Some(_) => {
                        return Err(self.fault(&format!(
                            "{why} even after the login; check login.user, login.password and \
                             login.success"
                        )));
                    }
                    None => {
                        return Err(self.fault(&format!(
                            "{why} instead of the report; set [sources.login], bearer or \
                             basic_user, or name the address of the data in url"
                        )));
                    }
                },
            }
        }
    }

    /// Asks, again after a while where that may help.
    pub(super) async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let most = self.source.retries.unwrap_or(3);
        let mut tried = 0;
        loop {
            match self.once(ask).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Passing(why, asked)) => {
                    let wait = asked.unwrap_or(1 << (2 * tried.min(5)));
                    if tried >= most || wait > LONGEST_WAIT {
                        return Err(self.fault(&match asked {
                            Some(wait) => format!("{why}, and asks to wait {wait} s"),
                            None => why,
                        }));
                    }
                    tried += 1;
                    tracing::debug!(source = self.source.name, wait, why, "asking again");
                    let until = self.clock.now() + TimeDelta::seconds(wait.max(0));
                    self.clock.spend_until(until).await;
                }
            }
        }
    }

    /// One try, with its redirects.
    async fn once(&mut self, ask: &Ask) -> Result<Answer, Failed> {
        let (mut url, mut body) = (ask.url.clone(), ask.body.as_deref());
        for _ in 0..HOPS {
            let host = url.host_str().unwrap_or_default().to_owned();
            let request = self.request(ask, &url, body);
            let answer = request.send().await;
            let answer = answer.map_err(|error| self.lost(&host, error))?;
            let status = answer.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Answer::Unchanged);
            }
            if !status.is_redirection() {
                return self.read(ask, &host, answer).await;
            }
            let to = header(answer.headers(), LOCATION).and_then(|to| url.join(&to).ok());
            let Some(to) = to else {
                let why = format!("{host} answered {status} without saying where to");
                return Err(self.end(&why));
            };
            if is_login_address(&to, self.source.login.as_ref()) {
                return Ok(Answer::LoginWanted(format!(
                    "{host} sends to its login page"
                )));
            }
            if ask.login {
                return Ok(Answer::Page(Page {
                    bytes: Vec::new(),
                    etag: None,
                    last_modified: None,
                    next: None,
                }));
            }
            let keeps = matches!(
                status,
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            let there = to.host_str().unwrap_or_default();
            if url.scheme() == "https" && to.scheme() != "https"
                || !matches!(to.scheme(), "http" | "https")
            {
                let why = format!("{host} sends to {there} without encryption, which is refused");
                return Err(self.end(&why));
            }
            if keeps && body.is_some() && !self.is_own(&to) {
                let why = format!(
                    "{host} sends a POST on to {there}, another host, which does not get what may be \
                     secret; set url to where the data is"
                );
                return Err(self.end(&why));
            }
            body = body.filter(|_| keeps);
            url = to;
        }
        let host = ask.url.host_str().unwrap_or_default();
        Err(self.end(&format!("{host} redirects more than {HOPS} times")))
    }

    fn end(&self, why: &str) -> Failed {
        Failed::Final(self.fault(why))
    }

    fn lost(&self, host: &str, error: reqwest::Error) -> Failed {
        let passing = !error.is_timeout() && (!error.is_connect() || was_reset(&error));
        let passing = passing && !error.is_builder();
        let why = unreachable(host, error);
        if passing {
            Failed::Passing(why, None)
        } else {
            self.end(&why)
        }
    }

    /// The request; on another host than the source's own it carries nothing but the address.
    fn request(&self, ask: &Ask, url: &Url, body: Option<&str>) -> RequestBuilder {
        let own = self.is_own(url);
        let signed = own && !ask.login;
        let (url, headers) = match signed {
            true => self.signed(url.clone(), body),
            false => (url.clone(), Vec::new()),
        };
        let mut request = match body {
            None => self.client.get(url),
            Some(body) => {
                let form = match Within::body(body) {
                    Within::Json => "application/json",
                    _ => "application/x-www-form-urlencoded",
                };
                let typed = |name: &String| name.eq_ignore_ascii_case("content-type");
                let request = self.client.post(url).body(body.to_owned());
                if self.source.headers.keys().any(typed) {
                    request
                } else {
                    request.header(CONTENT_TYPE, form)
                }
            }
        };
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if own {
            self.credentials(request, ask)
        } else {
            request
        }
    }

    /// The address with the parameters of a signature, and its headers.
    fn signed(&self, mut url: Url, body: Option<&str>) -> (Url, Vec<(String, String)>) {
        let Some(sign) = &self.source.sign else {
            return (url, Vec::new());
        };
        let (nonce, now) = (format!("{:032x}", rand::random::<u128>()), self.clock.now());
        let to_sign = ToSign {
            method: if body.is_some() { "POST" } else { "GET" },
            host: url.host_str().unwrap_or_default(),
            path: url.path(),
            query: url.query().unwrap_or_default(),
            body: body.unwrap_or_default(),
        };
        let signed = sign.sign(to_sign, now, &nonce);
        if !signed.query.is_empty() {
            url.query_pairs_mut().extend_pairs(signed.query);
        }
        (url, signed.headers)
    }

    /// What only the source's own host gets: its headers and, but for the login, what proves who asks.
    fn credentials(&self, mut request: RequestBuilder, ask: &Ask) -> RequestBuilder {
        let source = self.source;
        let token = self.token.as_ref().map(|token| token.expose_secret());
        let mut placed = false;
        for (name, value) in &source.headers {
            if value.contains("{token}") {
                placed = true;
                let Some(token) = token else { continue };
                let value = fill(value, Within::Plain, &[("token", Filling::Text(token))]);
                request = request.header(name, value);
            } else {
                request = request.header(name, value);
            }
        }
        if ask.login {
            return request;
        }
        let bearer = source.bearer.as_ref().map(|bearer| bearer.expose_secret());
        if let Some(bearer) = bearer.or(token.filter(|_| !placed)) {
            request = request.bearer_auth(bearer);
        }
        if let Some(user) = &source.basic_user {
            let password = source.basic_password.as_ref().map(|p| p.expose_secret());
            request = request.basic_auth(user, password);
        }
        if let Some(etag) = &ask.remembered.0 {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &ask.remembered.1 {
            request = request.header(IF_MODIFIED_SINCE, last_modified);
        }
        request
    }

    /// What the answer says, down to its last byte.
    async fn read(
        &mut self,
        ask: &Ask,
        host: &str,
        mut answer: Response,
    ) -> Result<Answer, Failed> {
        let status = answer.status();
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if refused && self.source.login.is_some() {
            return Ok(Answer::LoginWanted(format!("{host} answered {status}")));
        }
        if !status.is_success() {
            let why = format!("{host} answered {status}");
            let passing = matches!(status.as_u16(), 429 | 502 | 503 | 504);
            if passing {
                let asked = header(answer.headers(), RETRY_AFTER);
                let asked = asked.and_then(|text| wait_of(&text, self.clock.now()));
                return Err(Failed::Passing(why, asked));
            }
            return Err(self.end(&match status {
                _ if refused => {
                    format!("{why}; check bearer, basic_user, headers or [sources.sign]")
                }
                StatusCode::NOT_FOUND => format!("{why}; check url"),
                _ => why,
            }));
        }
        let (etag, last_modified) = (
            header(answer.headers(), ETAG),
            header(answer.headers(), LAST_MODIFIED),
        );
        let links = answer.headers().get_all(LINK);
        let next = links.iter().filter_map(|link| link.to_str().ok());
        let next = next.filter_map(next_link).next();
        let mut bytes = Vec::new();
        loop {
            let piece = answer.chunk().await;
            let Some(piece) = piece.map_err(|error| self.lost(host, error))? else {
                break;
            };
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > self.left {
                let most = limit(self.source);
                return Err(self.end(&format!("the report is larger than max_bytes = {most}")));
            }
        }
        if !ask.login {
            if is_login_page(&bytes) {
                let why = format!("{host} answered with a login page");
                return Ok(Answer::LoginWanted(why));
            }
            self.left -= bytes.len() as u64;
        }
        Ok(Answer::Page(Page {
            bytes,
            etag,
            last_modified,
            next,
        }))
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// How many seconds a `Retry-After` asks to wait: a number, or a date.
fn wait_of(text: &str, now: DateTime<Utc>) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        Some((at.to_utc() - now).num_seconds().max(0))
    })
}

/// The target of `rel="next"` in a `Link` header.
fn next_link(text: &str) -> Option<String> {
    text.split('<').skip(1).find_map(|part| {
        let (target, parameters) = part.split_once('>')?;
        let next = parameters.split(';').any(|parameter| {
            let Some((name, value)) = parameter.split_once('=') else {
                return false;
            };
            let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .split_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        next.then(|| target.trim().to_owned())
    })
}

/// Whether the connection was cut, as a busy platform does.
fn was_reset(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(here) = cause {
        let cut = here.downcast_ref::<std::io::Error>().is_some_and(|io| {
            matches!(
                io.kind(),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
            )
        });
        if cut {
            return true;
        }
        cause = here.source();
    }
    false
}

/// Why a platform did not answer, down to the cause; never with the address, which may hold a key.
fn unreachable(host: &str, error: reqwest::Error) -> String {
    let (timeout, connect) = (error.is_timeout(), error.is_connect());
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    let what = if timeout {
        "did not answer in time (timeout_s)"
    } else if cause.contains("certificate") {
        "shows a certificate that is not trusted; if its CA is your own, name the CA's PEM file in ca"
    } else if connect {
        "cannot be reached; check url, proxy and the network"
    } else {
        "broke off"
    };
    format!("{host} {what}: {cause}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_of_a_link_header() {
        for (text, want) in [
            (
                "<https://a.example/r?page=2>; rel=\"next\"",
                Some("https://a.example/r?page=2"),
            ),
            ("</r?p=1>; rel=prev, </r?p=3>; rel=next", Some("/r?p=3")),
            (
                "</r?a=1,2>; title=\"x\"; rel=\"last next\"",
                Some("/r?a=1,2"),
            ),
            ("</r?p=1>; rel=\"first\", </r?p=9>; rel=\"last\"", None),
            ("", None),
        ] {
            assert_eq!(next_link(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn how_long_to_wait_is_a_number_or_a_date() {
        let now = crate::clock::from_ms(1_625_000_000_000);
        assert_eq!(wait_of("7", now), Some(7));
        assert_eq!(wait_of("Tue, 29 Jun 2021 20:53:30 GMT", now), Some(10));
        assert_eq!(wait_of("Tue, 29 Jun 2021 20:50:00 GMT", now), Some(0));
        assert_eq!(wait_of("soon", now), None);
    }
}
