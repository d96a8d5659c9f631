//! What keeps other pages of the same browser out: names it may be asked by, where a change may
//! come from, and what its own pages may load.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// Scripts and styles come from here alone; nothing is loaded from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// An answer in words.
pub fn refuse(status: StatusCode, why: &str) -> Response {
    let content = [(header::CONTENT_TYPE, "application/json")];
    (status, content, json!({ "error": why }).to_string()).into_response()
}

/// A file of a page, as it is compiled in.
pub fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The name without the port; the brackets of an IPv6 address are dropped.
fn name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Answers only to the loopback's names and those that are `known`: a foreign name that leads here
/// is somebody else's page (DNS rebinding).
pub fn hosts(router: Router, known: Vec<String>) -> Router {
    let known = Arc::new(known);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let known = Arc::clone(&known);
        async move {
            let host = text(request.headers(), header::HOST).unwrap_or_default();
            let asked = name(host);
            let ours = ["localhost", "127.0.0.1", "::1"].contains(&asked);
            if ours || known.iter().any(|name| name == asked) {
                return next.run(request).await;
            }
            let why = "this name is not known here; start with --host NAME to allow it";
            refuse(StatusCode::MISDIRECTED_REQUEST, why)
        }
    }))
}

/// Changes come from the own page or from a program; pages load nothing from elsewhere.
pub fn pages(router: Router) -> Router {
    router.layer(middleware::from_fn(|request: Request, next: Next| async {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let headers = request.headers();
            let host = text(headers, header::HOST).unwrap_or_default();
            let foreign = text(headers, header::ORIGIN)
                .is_some_and(|origin| origin.split_once("://").map(|(_, at)| at) != Some(host));
            if foreign {
                return refuse(StatusCode::FORBIDDEN, "asked from a page of another origin");
            }
            let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default();
            // What a form of another page can send is not taken.
            let ours = ["application/json", "application/octet-stream"];
            if !ours.iter().any(|known| kind.starts_with(known)) {
                let why = "send application/json, or application/octet-stream for a file";
                return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, why);
            }
        }
        let mut answer = next.run(request).await;
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            let value = HeaderValue::from_static(value);
            answer.headers_mut().insert(name, value);
        }
        answer
    }))
}
