//! One call of a platform: its templates filled in, sent, and the answer judged. No address, header or body
//! ever stands in an error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::settings::{Call, FIELDS};
use crate::error::{Error, Result};

/// What is known of an issue, by field; those that say nothing are empty.
pub type Facts = BTreeMap<&'static str, String>;

/// How much of an answer is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// What a platform answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It took it.
    Taken,
    /// Not this one now: why, and after how many seconds it wants to be asked again, if it says so.
    Later(String, Option<i64>),
    /// It takes nothing now, of whatever issue: the same.
    Down(String, Option<i64>),
    /// It takes it never: why.
    Refused(String),
}

/// A platform, ready to be called.
#[derive(Debug)]
pub struct Caller {
    call: Call,
    client: Client,
    body: Body,
}

/// How what is put into a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Json,
    Form,
    Plain,
}

/// How what is put into a template is written.
#[derive(Clone, Copy)]
enum Write {
    Json,
    Percent,
    Plain,
}

impl Caller {
    /// Gets ready, and holds the templates against the fields that there are. An error says which key is
    /// wrong, and why.
    pub fn new(call: &Call) -> std::result::Result<Self, (&'static str, String)> {
        let method = call.method.to_uppercase();
        if !["POST", "PUT", "PATCH", "GET"].contains(&method.as_str()) {
            return Err(("method", "is POST, PUT, PATCH or GET".to_owned()));
        }
        let content = call.headers.iter();
        let content = content.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let content = content
            .map(|(_, value)| value.expose_secret().to_lowercase())
            .next();
        let body = match content.as_deref() {
            None => Body::Json,
            Some(kind) if kind.contains("json") => Body::Json,
            Some(kind) if kind.contains("x-www-form-urlencoded") => Body::Form,
            Some(_) => Body::Plain,
        };
        let mut client = Client::builder()
            .timeout(Duration::from_secs(call.timeout_s.max(1)))
            // What is told to one address is not carried to another.
            .redirect(reqwest::redirect::Policy::none());
        if let Some(proxy) = &call.proxy {
            let proxy = reqwest::Proxy::all(proxy);
            let proxy = proxy.map_err(|_| ("proxy", "is not a valid address".to_owned()))?;
            client = client.proxy(proxy);
        }
        let client = client.build();
        let client = client.map_err(|error| ("", error.without_url().to_string()))?;
        let caller = Self {
            call: call.clone(),
            client,
            body,
        };
        caller.check()?;
        Ok(caller)
    }

    fn check(&self) -> std::result::Result<(), (&'static str, String)> {
        let sample: Facts = FIELDS
            .iter()
            .map(|(name, _)| (*name, (*name).to_owned()))
            .collect();
        let url = fill(&self.call.url, &sample, Write::Percent).map_err(|why| ("url", why))?;
        let url = url.parse::<Url>().ok();
        let web = url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !web {
            let reason = "must be an address that begins with http:// or https://";
            return Err(("url", reason.to_owned()));
        }
        for (name, value) in &self.call.headers {
            let filled = fill(value, &sample, Write::Plain).map_err(|why| ("headers", why))?;
            let fits = HeaderName::try_from(name).is_ok() && HeaderValue::try_from(filled).is_ok();
            if !fits {
                return Err(("headers", format!("{name:?} is no header that can be sent")));
            }
        }
        let key = &self.call.idempotency_header;
        if !key.is_empty() && HeaderName::try_from(key).is_err() {
            return Err(("idempotency_header", "is no name of a header".to_owned()));
        }
        if self.call.ok_field.is_none() != self.call.ok_values.is_empty() {
            let reason =
                "ok_field and ok_values belong together: ok_field = \"code\", ok_values = [0]";
            return Err(("ok_field", reason.to_owned()));
        }
        let body = self.body(&sample).map_err(|why| ("body", why))?;
        let json = body.filter(|_| self.body == Body::Json);
        if json.is_some_and(|body| serde_json::from_str::<serde_json::Value>(&body).is_err()) {
            let reason = "is no JSON once it is filled in; write {{ ticket_no }} without quotation \
                          marks around it: they come by themselves";
            return Err(("body", reason.to_owned()));
        }
        Ok(())
    }

    fn body(&self, facts: &Facts) -> std::result::Result<Option<String>, String> {
        let Some(body) = &self.call.body else {
            return Ok(None);
        };
        let write = match self.body {
            Body::Json => Write::Json,
            Body::Form => Write::Percent,
            Body::Plain => Write::Plain,
        };
        fill(body, facts, write).map(Some)
    }

    /// Whether nothing can be told of an issue that has no work order.
    pub fn needs_ticket(&self) -> bool {
        let asks = |text: &str| text.contains("ticket_no");
        let body = self.call.body.as_ref().map(|body| body.expose_secret());
        asks(self.call.url.expose_secret()) || body.is_some_and(asks)
    }

    /// Calls the platform; `key` is the same for the same thing told again.
    pub async fn tell(&self, facts: &Facts, key: &str) -> Result<Answer> {
        let wrong =
            |what: &str| Error::other(format!("the {what} of the call cannot be filled in"));
        let url = fill(&self.call.url, facts, Write::Percent).map_err(|_| wrong("url"))?;
        let url: Url = url.parse().map_err(|_| wrong("url"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let method = Method::from_bytes(self.call.method.to_uppercase().as_bytes());
        let mut request = self.client.request(method.unwrap_or(Method::POST), url);
        if let Some(body) = self.body(facts).map_err(|_| wrong("body"))? {
            let names = self.call.headers.keys();
            let said = names
                .into_iter()
                .any(|name| name.eq_ignore_ascii_case("content-type"));
            if self.body == Body::Json && !said {
                request = request.header(CONTENT_TYPE, "application/json; charset=utf-8");
            }
            request = request.body(body);
        }
        for (name, value) in &self.call.headers {
            let value = fill(value, facts, Write::Plain).map_err(|_| wrong("headers"))?;
            let name = HeaderName::try_from(name).map_err(|_| wrong("headers"))?;
            let mut value = HeaderValue::try_from(value).map_err(|_| wrong("headers"))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if !self.call.idempotency_header.is_empty() {
            request = request.header(&self.call.idempotency_header, key);
        }
        if let Some(bearer) = &self.call.bearer {
            request = request.bearer_auth(bearer.expose_secret());
        }
        if let Some(user) = &self.call.basic_user {
            let password = self.call.basic_password.as_ref();
            request = request.basic_auth(user, password.map(|p| p.expose_secret()));
        }
        match request.send().await {
            Ok(answer) => Ok(self.judge(&host, answer).await),
            Err(error) => Ok(Answer::Down(unreachable(&host, &error), None)),
        }
    }

    async fn judge(&self, host: &str, mut answer: reqwest::Response) -> Answer {
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER);
        let after = after.and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
        let mut bytes = Vec::new();
        while let Ok(Some(piece)) = answer.chunk().await {
            bytes.extend_from_slice(&piece);
            if bytes.len() > ANSWER {
                break;
            }
        }
        let why = format!("{host} answered {status}");
        match status {
            StatusCode::BAD_REQUEST
            | StatusCode::CONFLICT
            | StatusCode::GONE
            | StatusCode::UNPROCESSABLE_ENTITY => return Answer::Refused(why),
            // The one order is not there; others may be.
            StatusCode::NOT_FOUND => return Answer::Later(why, after),
            status if !status.is_success() => return Answer::Down(why, after),
            _ => {}
        }
        let Some(field) = &self.call.ok_field else {
            return Answer::Taken;
        };
        let json: serde_json::Value = match serde_json::from_slice(&bytes) {
            Ok(json) => json,
            Err(_) => {
                return Answer::Down(format!("{host} answered {status}, and no JSON"), after);
            }
        };
        let mut at = &json;
        for part in field.split('.') {
            at = match part.parse::<usize>() {
                Ok(n) if at.is_array() => &at[n],
                _ => &at[part],
            };
        }
        if self.call.ok_values.iter().any(|value| value.is(at)) {
            return Answer::Taken;
        }
        // A number or a short word is shown; anything longer may hold what is nobody's business.
        let shown = match at {
            serde_json::Value::Null => "missing".to_owned(),
            serde_json::Value::String(text) if text.chars().count() > 20 => {
                "a longer text".to_owned()
            }
            serde_json::Value::Object(_) | serde_json::Value::Array(_) => {
                "no single value".to_owned()
            }
            short => short.to_string(),
        };
        Answer::Later(
            format!("{host} answered {status} with {field} = {shown}"),
            after,
        )
    }
}

/// Why a platform did not answer; never with the address, which may hold a key.
fn unreachable(host: &str, error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "did not answer in time (timeout_s)"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke off"
    };
    format!("{host} {what}")
}

/// Fills a template in. The error names what is wrong with the template, and nothing that it holds.
fn fill(
    template: &SecretString,
    facts: &Facts,
    write: Write,
) -> std::result::Result<String, String> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_formatter(move |out, _, value| written(out, value, write));
    let said = |error: &minijinja::Error| match error.kind() {
        minijinja::ErrorKind::UndefinedError => {
            let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
            format!(
                "holds a field that is not there; these are: {}",
                names.join(", ")
            )
        }
        kind => format!("is no template that can be filled in: {kind}"),
    };
    env.render_str(template.expose_secret(), facts)
        .map_err(|error| said(&error))
}

fn written(
    out: &mut minijinja::Output<'_>,
    value: &Value,
    write: Write,
) -> std::result::Result<(), minijinja::Error> {
    let text = value.to_string();
    match write {
        Write::Plain => out.write_str(&text)?,
        Write::Json => out.write_str(&serde_json::Value::from(text).to_string())?,
        Write::Percent => {
            for byte in text.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        out.write_char(char::from(byte))?;
                    }
                    byte => write!(out, "%{byte:02X}")?,
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(text: &str) -> std::result::Result<Caller, (&'static str, String)> {
        let call = toml::from_str(text).map_err(|e| ("toml", e.to_string()))?;
        Caller::new(&call)
    }

    #[test]
    fn what_is_filled_in_is_escaped_where_it_stands() {
        let facts = Facts::from([("ticket_no", "A/1 \"甲\"\n".to_owned())]);
        let fill = |template: &str, write| {
            fill(&SecretString::from(template), &facts, write).unwrap_or_default()
        };
        assert_eq!(
            fill("https://x.cn/o/{{ ticket_no }}?k=1", Write::Percent),
            "https://x.cn/o/A%2F1%20%22%E7%94%B2%22%0A?k=1"
        );
        let json = fill("{\"no\": {{ ticket_no }}}", Write::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
        assert_eq!(json["no"], "A/1 \"甲\"\n");
    }

    #[test]
    fn mistakes_are_named_before_anything_is_sent_and_hold_no_secret() {
        for (text, key, want) in [
            ("url = \"x.cn/geheim\"", "url", "http://"),
            (
                "url = \"https://x.cn/geheim/{{ order }}\"",
                "url",
                "ticket_no",
            ),
            ("url = \"https://x.cn/geheim/{{ \"", "url", "template"),
            (
                "url = \"https://x.cn\"\nmethod = \"DELETE\"",
                "method",
                "POST",
            ),
            (
                "url = \"https://x.cn\"\nbody = '{\"a\": \"{{ ticket_no }}\"}'",
                "body",
                "without quotation",
            ),
            (
                "url = \"https://x.cn\"\nok_field = \"code\"",
                "ok_field",
                "belong together",
            ),
            (
                "url = \"https://x.cn\"\nheaders = { \"a b\" = \"geheim\" }",
                "headers",
                "a b",
            ),
        ] {
            let wrong = caller(text).map(|_| ());
            let Err((at, why)) = wrong else {
                panic!("{text} is taken");
            };
            assert_eq!(at, key, "{text}");
            assert!(why.contains(want) && !why.contains("geheim"), "{why}");
        }
        let fine = "url = \"https://x.cn/{{ ticket_no }}\"\nbearer = \"geheim\"\nbody = '{\"a\": {{ state }}}'\nok_field = \"code\"\nok_values = [0, \"ok\", true]\n";
        let caller = caller(fine);
        assert!(caller.as_ref().is_ok_and(Caller::needs_ticket));
        assert!(!format!("{caller:?}").contains("geheim"));
    }
}
