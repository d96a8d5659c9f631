//! Logging in by a form, as a browser does: a request whose answer sets cookies, or holds a token.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::answer::Answer;
use super::request::Ask;
use super::session::Session;
use super::template::{Filling, Within, fill};
use crate::error::Result;

/// `[sources.login]`: what is sent before the first request, and again once when it is refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// Where the form is sent to (POST).
    pub url: String,
    /// The user, `{user}`.
    pub user: String,
    /// The password, `{password}`.
    pub password: Option<SecretString>,
    /// The form, or JSON, that is sent.
    pub body: Option<String>,
    /// A text that stands in the answer of a login that succeeded; else any 2xx or redirect is one.
    pub success: Option<String>,
    /// Where a JSON answer holds a token, `data.token`: it is sent as a bearer token, or where a header of
    /// the source says `{token}`.
    pub token: Option<String>,
}

/// The form as most platforms want it.
const FORM: &str = "username={user}&password={password}";

/// A page that asks for a password, within the first 256 KiB.
pub(super) fn is_login_page(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(256 * 1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(head).to_lowercase();
    let html = text.contains("<html") || text.contains("<!doctype html") || text.contains("<form");
    html && ["type=\"password\"", "type='password'", "type=password"]
        .iter()
        .any(|field| text.contains(field))
}

/// Whether an address looks like where one logs in.
pub(super) fn is_login_address(url: &reqwest::Url, login: Option<&Login>) -> bool {
    let own = login.and_then(|login| login.url.parse::<reqwest::Url>().ok());
    if own.is_some_and(|own| own.path() == url.path() && own.host_str() == url.host_str()) {
        return true;
    }
    let place = format!("{}{}", url.host_str().unwrap_or_default(), url.path()).to_lowercase();
    let mut words = place.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "login" | "signin" | "sso" | "cas" | "passport"))
}

/// What stands at a path of names and places in JSON, `data.list.0.id`, as text; none: nothing, or no
/// single value.
pub(super) fn at(json: &serde_json::Value, path: &str) -> Option<String> {
    let mut here = json;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        here = match here {
            serde_json::Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(part)?,
        };
    }
    match here {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

impl Login {
    /// Logs in; what came of it is kept in the session.
    pub(super) async fn enter(&self, session: &mut Session<'_>) -> Result<()> {
        let remedy = "check login.url, login.user, login.password and login.body";
        let template = self.body.as_deref().unwrap_or(FORM);
        let password = self.password.as_ref().map_or("", |p| p.expose_secret());
        let values = [
            ("user", Filling::Text(&self.user)),
            ("password", Filling::Text(password)),
        ];
        let url = session.address(&self.url, "login.url")?;
        let ask = Ask {
            login: true,
            body: Some(fill(template, Within::body(template), &values)),
            ..Ask::get(url)
        };
        let page = match session.ask(&ask).await? {
            Answer::Page(page) => page,
            Answer::Unchanged | Answer::LoginWanted(_) => {
                return Err(session.fault(&format!("the login was refused; {remedy}")));
            }
        };
        let text = String::from_utf8_lossy(&page.bytes);
        let told = match &self.success {
            Some(success) => text.contains(success.as_str()),
            None => !is_login_page(&page.bytes),
        };
        if !told {
            let why = match &self.success {
                Some(_) => "the login's answer does not hold what login.success says",
                None => "the login's answer is a login page again",
            };
            return Err(session.fault(&format!("{why}; {remedy}")));
        }
        if let Some(path) = &self.token {
            let json: serde_json::Value =
                serde_json::from_slice(&page.bytes).unwrap_or(serde_json::Value::Null);
            let token = at(&json, path).filter(|token| !token.is_empty());
            let Some(token) = token else {
                let why = format!("the login's answer has no token at login.token = {path:?}");
                return Err(session.fault(&format!("{why}; {remedy}")));
            };
            session.token = Some(token.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_asks_for_a_password_is_no_report() {
        let page = "<!DOCTYPE html><form><INPUT TYPE=\"password\" name=p></form>";
        assert!(is_login_page(page.as_bytes()));
        let table = "<html><table><tr><td>密码泄露 password</td></tr></table></html>";
        assert!(!is_login_page(table.as_bytes()));
        assert!(!is_login_page(br#"{"rows":[],"hint":"type=\"password\""}"#));
    }

    #[test]
    fn where_one_logs_in_is_known_by_its_address() {
        let login = Login {
            url: "http://a.example/door".into(),
            ..Login::default()
        };
        for (url, want) in [
            ("http://a.example/user/login?next=/r", true),
            ("https://sso.a.example/", true),
            ("http://a.example/door", true),
            ("http://a.example/reports/logins", false),
        ] {
            assert_eq!(
                is_login_address(&url.parse().unwrap(), Some(&login)),
                want,
                "{url}"
            );
        }
    }

    #[test]
    fn values_are_found_by_their_path() {
        let json = serde_json::json!({"data": {"list": [{"id": 7}], "next": "", "end": null}});
        assert_eq!(at(&json, "data.list.0.id").as_deref(), Some("7"));
        assert_eq!(at(&json, "data.next").as_deref(), Some(""));
        assert_eq!(at(&json, "data.end"), None);
        assert_eq!(at(&json, "data.list"), None);
    }
}
