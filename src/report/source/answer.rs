//! What an answer says, or that none came: its page, the headers that count, and why a platform cannot be reached.

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderName};

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

pub(super) fn header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// How many seconds a `Retry-After` asks to wait: a number, or a date.
pub(super) fn wait_of(text: &str, now: DateTime<Utc>) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        Some((at.to_utc() - now).num_seconds().max(0))
    })
}

/// The target of `rel="next"` in a `Link` header.
pub(super) fn next_link(text: &str) -> Option<String> {
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
pub(super) fn was_reset(error: &reqwest::Error) -> bool {
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
pub(super) fn unreachable(host: &str, error: reqwest::Error) -> String {
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
