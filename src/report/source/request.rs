//! What a request carries: what is secret goes to the source's own host only.

use reqwest::header::{CONTENT_TYPE, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::{RequestBuilder, Url};
use secrecy::ExposeSecret as _;

use super::session::Session;
use super::sign::ToSign;
use super::template::{Filling, Within, fill};

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

impl Session<'_> {
    /// The request; on another host than the source's own it carries nothing but the address.
    pub(super) fn request(&self, ask: &Ask, url: &Url, body: Option<&str>) -> RequestBuilder {
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
}
