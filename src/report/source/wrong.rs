//! Settings of a source that contradict themselves.

use super::template::has;
use super::{By, Method, SourceKind, SourceSettings, sign};
use crate::report::decode::Format;

/// A key, and why it is wrong; what is secret is not repeated.
type Wrong = Option<(&'static str, String)>;

/// The first contradiction in the settings of a source: its key, as `paging.next`, and the reason with the
/// remedy.
pub fn wrong(source: &SourceSettings) -> Wrong {
    match source.kind {
        SourceKind::Folder => of_a_folder(source),
        SourceKind::Mailbox => of_a_mailbox(source),
        SourceKind::Push | SourceKind::Upload => not_fetched(source),
        SourceKind::Http => asked(source)
            .or_else(|| credentials(source))
            .or_else(|| paging(source))
            .or_else(|| signed(source))
            .or_else(|| login(source)),
    }
}

fn because(key: &'static str, reason: &str) -> Wrong {
    Some((key, reason.to_owned()))
}

/// The keys of a platform, without `ca` and `days`, and whether each is set.
fn of_http(source: &SourceSettings) -> Vec<(&'static str, bool)> {
    vec![
        ("url", source.url.is_some()),
        ("method", source.method != Method::Get),
        ("body", source.body.is_some()),
        ("headers", !source.headers.is_empty()),
        ("bearer", source.bearer.is_some()),
        ("basic_user", source.basic_user.is_some()),
        ("basic_password", source.basic_password.is_some()),
        ("proxy", source.proxy.is_some()),
        ("retries", source.retries.is_some()),
        ("paging", source.paging.is_some()),
        ("sign", source.sign.is_some()),
        ("login", source.login.is_some()),
    ]
}

/// The keys of a folder.
fn of_folders(source: &SourceSettings) -> Vec<(&'static str, bool)> {
    vec![
        ("path", source.path.is_some()),
        ("sub_folders", source.sub_folders),
        ("watch", source.watch),
        ("settle_s", source.settle_s.is_some()),
    ]
}

/// The first of these keys that is set, and means nothing.
fn needless(given: &[(&'static str, bool)], kind: SourceKind) -> Wrong {
    let (key, _) = given.iter().find(|(_, given)| *given)?;
    let reason = format!("means nothing with kind = \"{}\"; remove it", kind.as_str());
    Some((key, reason))
}

fn of_a_folder(source: &SourceSettings) -> Wrong {
    let mut given = of_http(source);
    given.extend([
        ("days", source.days.is_some()),
        ("ca", source.ca.is_some()),
        ("mail", source.mail.is_some()),
    ]);
    if source.settle_s.is_some_and(|s| s > 3_600) {
        return because("settle_s", "so many seconds, up to 3600");
    }
    needless(&given, SourceKind::Folder)
}

/// What is pushed or handed in is not fetched.
fn not_fetched(source: &SourceSettings) -> Wrong {
    let mut given = of_http(source);
    given.extend(of_folders(source));
    given.push(("mail", source.mail.is_some()));
    needless(&given, source.kind)
}

fn of_a_mailbox(source: &SourceSettings) -> Wrong {
    let mut given = of_http(source);
    given.extend(of_folders(source));
    let needless = needless(&given, SourceKind::Mailbox);
    if needless.is_some() {
        return needless;
    }
    let Some(mail) = &source.mail else {
        return because(
            "mail",
            "kind = \"mailbox\" needs [sources.mail] with host, user and password",
        );
    };
    let local = matches!(mail.host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if mail.host.is_empty() {
        return because("mail.host", "is needed");
    }
    if mail.user.is_empty() {
        return because("mail.user", "is needed");
    }
    if mail.password.is_none() {
        return because("mail.password", "is needed");
    }
    if !mail.tls && !local {
        return because(
            "mail.tls",
            "false is for a server on this machine only: the password would be readable on the way",
        );
    }
    if mail.folder.as_ref().is_some_and(|name| !name.is_ascii()) {
        return because(
            "mail.folder",
            "write other letters as IMAP does, in modified UTF-7: \"&Xn9USpCuTvY-\"",
        );
    }
    if source.days.is_some_and(|days| !(1..=366).contains(&days)) {
        return because("days", "so many days, 1 to 366");
    }
    None
}

/// The address without its places.
fn address(text: &str) -> Option<reqwest::Url> {
    let plain = text.replace(['{', '}'], "");
    let url = plain.parse::<reqwest::Url>().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

/// The text holds a place of this name, in the address or the body.
fn placed(source: &SourceSettings, name: &str) -> bool {
    let body = source.body.as_deref().unwrap_or_default();
    has(source.url.as_deref().unwrap_or_default(), name) || has(body, name)
}

fn asked(source: &SourceSettings) -> Wrong {
    let mut given = of_folders(source);
    given.push(("mail", source.mail.is_some()));
    let needless = needless(&given, SourceKind::Http);
    if needless.is_some() {
        return needless;
    }
    let url = source.url.as_deref().unwrap_or_default();
    if address(url).is_none() {
        return because(
            "url",
            "must be an address that begins with http:// or https://",
        );
    }
    if source.body.is_some() && source.method == Method::Get {
        return because("body", "is sent by POST only; set method = \"POST\"");
    }
    let windowed = placed(source, "from") || placed(source, "to");
    if source.days.is_some() && !windowed {
        return because(
            "days",
            "says how many days {from} to {to} are; write them into url or body",
        );
    }
    if source.days.is_some_and(|days| !(1..=366).contains(&days)) {
        return because("days", "so many days, 1 to 366");
    }
    if source.retries.is_some_and(|retries| retries > 10) {
        return because("retries", "so many tries within one fetch, up to 10");
    }
    None
}

fn credentials(source: &SourceSettings) -> Wrong {
    if source.basic_password.is_some() && source.basic_user.is_none() {
        return because("basic_password", "needs basic_user");
    }
    if source.bearer.is_some() && source.basic_user.is_some() {
        return because(
            "basic_user",
            "bearer and basic_user exclude each other; keep one",
        );
    }
    for (name, value) in &source.headers {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(fits) {
            return because("headers", "the name of a header is made of A-Z a-z 0-9 - _");
        }
        if value.chars().any(char::is_control) {
            return because("headers", "the value of a header is one line");
        }
    }
    let token = source.login.as_ref().and_then(|login| login.token.as_ref());
    let wanted = source
        .headers
        .values()
        .any(|value| value.contains("{token}"));
    if wanted && token.is_none() {
        return because("headers", "{token} is what login.token finds; set it");
    }
    if token.is_some() && !wanted && (source.bearer.is_some() || source.basic_user.is_some()) {
        return because(
            "login.token",
            "is sent as a bearer token, beside which bearer or basic_user means nothing; write \
             {token} into a header, or keep one of them",
        );
    }
    None
}

fn paging(source: &SourceSettings) -> Wrong {
    let Some(paging) = &source.paging else {
        for name in ["page", "cursor"] {
            if placed(source, name) {
                let key = if has(source.url.as_deref().unwrap_or_default(), name) {
                    "url"
                } else {
                    "body"
                };
                return Some((key, format!("{{{name}}} needs [sources.paging]")));
            }
        }
        return None;
    };
    if source.format == Format::Xlsx {
        return because(
            "paging",
            "workbooks cannot be joined; ask for JSON or CSV, or for one file",
        );
    }
    if paging
        .max_pages
        .is_some_and(|most| !(1..=100_000).contains(&most))
    {
        return because("paging.max_pages", "so many pages, 1 to 100000");
    }
    if paging.first.is_some() && paging.by != By::Page {
        return because(
            "paging.first",
            "is the number of the first page; it needs by = \"page\"",
        );
    }
    let wants_next = matches!(paging.by, By::Cursor | By::Next);
    match (wants_next, paging.next.is_some()) {
        (true, false) => {
            return because(
                "paging.next",
                "by = \"cursor\" and by = \"next\" need to know where the answer says it: \
                 next = \"data.next\"",
            );
        }
        (false, true) => {
            return because(
                "paging.next",
                "means something with by = \"cursor\" or \"next\" only",
            );
        }
        _ => {}
    }
    match paging.by {
        By::Page if !placed(source, "page") => {
            because("paging.by", "by = \"page\" needs {page} in url or body")
        }
        By::Cursor if !placed(source, "cursor") => {
            because("paging.by", "by = \"cursor\" needs {cursor} in url or body")
        }
        By::Cursor | By::Link | By::Next if placed(source, "page") => {
            because("paging.by", "{page} is filled in with by = \"page\" only")
        }
        _ => None,
    }
}

fn signed(source: &SourceSettings) -> Wrong {
    let sign = source.sign.as_ref()?;
    if sign.secret.is_none() {
        return because("sign.secret", "is needed");
    }
    if sign.text.is_empty() {
        return because(
            "sign.text",
            "says what is signed, for instance \"{method}\\n{path}\\n{timestamp}\\n{nonce}\\n{body_sha256}\"",
        );
    }
    for part in sign.text.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !sign::PLACES.contains(&name) {
            let places = sign::PLACES.map(|place| format!("{{{place}}}")).join(" ");
            return Some((
                "sign.text",
                format!("{{{name}}} is not known; there are {places}"),
            ));
        }
    }
    let mut sent = sign.headers.values().chain(sign.query.values());
    if !sent.any(|value| value.contains("{signature}")) {
        return because(
            "sign.headers",
            "sends the signature, for instance headers = { \"X-Signature\" = \"{signature}\" }",
        );
    }
    None
}

fn login(source: &SourceSettings) -> Wrong {
    let login = source.login.as_ref()?;
    if address(&login.url).is_none() {
        return because(
            "login.url",
            "must be an address that begins with http:// or https://",
        );
    }
    if login.user.is_empty() {
        return because("login.user", "is needed");
    }
    if login.password.is_none() {
        return because("login.password", "is needed");
    }
    let body = login.body.as_deref();
    if body.is_some_and(|body| !has(body, "password")) {
        return because("login.body", "needs {password}, and {user}");
    }
    if login.success.as_deref() == Some("") {
        return because(
            "login.success",
            "a text that stands in the answer of a login that succeeded",
        );
    }
    None
}
