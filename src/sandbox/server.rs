//! The HTTP side: parameters out of JSON, forms and queries; answers as the API words them.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{
    DefaultBodyLimit, FromRequest as _, Multipart, Path, RawQuery, Request, State as Shared,
};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use serde_json::{Map, Value as Json, json};

use super::given::Uploads;
use super::refusal::{Refusal, too_many};
use super::state::{Call, Fault};
use super::{Sandbox, api, given, methods};

pub(super) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{*path}", get(download))
        .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(sandbox)
}

fn answer(result: Result<Json, Refusal>) -> (u16, Response) {
    let (status, body) = match result {
        Ok(result) => (200, json!({ "ok": true, "result": result })),
        Err(Refusal(status, description, parameters)) => {
            let mut body = json!({ "ok": false, "error_code": status, "description": description });
            if let Some(parameters) = parameters {
                body["parameters"] = parameters;
            }
            (status, body)
        }
    };
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content = [(header::CONTENT_TYPE, "application/json")];
    (status, (code, content, body.to_string()).into_response())
}

async fn call(
    Shared(sandbox): Shared<Sandbox>,
    Path((bot, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if bot != format!("bot{}", sandbox.shared.token) {
        return answer(Err(Refusal(401, "Unauthorized".to_owned(), None))).1;
    }
    let Some(method) = api::method(&name) else {
        return answer(Err(Refusal(404, "Not Found".to_owned(), None))).1;
    };
    let query = query.unwrap_or_default();
    let (mut given, uploads) = match parameters(&headers, &query, body).await {
        Ok(read) => read,
        Err(refusal) => return answer(Err(refusal)).1,
    };
    api::structure(method, &mut given);
    let (refusal, violations) = api::check(method, &given);
    sandbox.state().violations.extend(violations);
    let trouble = trouble(&sandbox, method);
    if trouble.slow_ms > 0 {
        tokio::time::sleep(Duration::from_millis(trouble.slow_ms)).await;
    }
    let result = match (trouble.refusal, refusal) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(text)) => Err(Refusal(400, text, None)),
        (None, None) if method == "getUpdates" => updates(&sandbox, &given).await,
        (None, None) => methods::run(&sandbox, method, &given, &uploads),
    };
    let refusal = result.as_ref().err().map(|refusal| refusal.1.clone());
    let (status, response) = answer(result);
    remember(
        &sandbox,
        Call {
            method: method.to_owned(),
            status: if trouble.lost { 0 } else { status },
            chat: given::id(&given, "chat_id"),
            at: sandbox.now(),
            refusal,
        },
    );
    if trouble.lost {
        // Headers promise a body that breaks off: the client sees a broken connection.
        let broken = futures::stream::once(async {
            Err::<Bytes, std::io::Error>(std::io::Error::other("the answer is lost"))
        });
        return Response::new(Body::from_stream(broken));
    }
    response
}

/// The most calls that are remembered.
const CALLS: usize = 200_000;

fn remember(sandbox: &Sandbox, call: Call) {
    let mut state = sandbox.state();
    if state.calls.len() >= CALLS {
        state.calls.drain(..CALLS / 2);
    }
    state.calls.push(call);
    drop(state);
    sandbox.shared.called.notify_waiters();
}

/// The content of a file, under the path that getFile gave.
async fn download(
    Shared(sandbox): Shared<Sandbox>,
    // Some clients send the slash within the path as %2F, which the real server takes as well.
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    let id = path.rsplit('/').next().unwrap_or_default();
    let file = sandbox.state().files.get(id).cloned();
    match file.filter(|_| bot == format!("bot{}", sandbox.shared.token)) {
        Some(file) => file.bytes.into_response(),
        None => answer(Err(Refusal(404, "Not Found".to_owned(), None))).1,
    }
}

async fn parameters(
    headers: &HeaderMap,
    query: &str,
    body: Bytes,
) -> Result<(Map<String, Json>, Uploads), Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let (mut given, mut uploads) = (form(query)?, Uploads::new());
    if body.is_empty() {
        return Ok((given, uploads));
    }
    if kind.starts_with("application/json") {
        match serde_json::from_slice(&body) {
            Ok(Json::Object(fields)) => given.extend(fields),
            _ => return Err(Refusal::bad("can't parse JSON object")),
        }
    } else if kind.starts_with("multipart/form-data") {
        parts(&kind, body, &mut given, &mut uploads)
            .await
            .map_err(|_| Refusal::bad("can't parse the multipart form"))?;
    } else {
        given.extend(form(&String::from_utf8_lossy(&body))?);
    }
    Ok((given, uploads))
}

/// The parts of a multipart form, which is how teloxide sends whatever could carry a file.
async fn parts(
    kind: &str,
    body: Bytes,
    given: &mut Map<String, Json>,
    uploads: &mut Uploads,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let request = Request::builder()
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))?;
    let mut form = Multipart::from_request(request, &()).await?;
    while let Some(part) = form.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file_name) = part.file_name().map(str::to_owned) {
            uploads.insert(name, (file_name, part.bytes().await?.to_vec()));
        } else {
            given.insert(name, part.text().await?.into());
        }
    }
    // A file is referred to as `attach://part`, at any depth, or stands under the parameter's own
    // name.
    for name in uploads.keys() {
        let reference = format!("\"attach://{name}\"");
        let referred = |value: &Json| match value {
            Json::String(text) if text.starts_with(['[', '{']) => text.contains(&reference),
            value => value.to_string().contains(&reference),
        };
        if !given.values().any(referred) {
            given.insert(name.clone(), format!("attach://{name}").into());
        }
    }
    Ok(())
}

fn form(text: &str) -> Result<Map<String, Json>, Refusal> {
    let url = reqwest::Url::parse(&format!("http://x/?{text}"));
    let url = url.map_err(|_| Refusal::bad("can't parse the parameters"))?;
    Ok(url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect())
}

/// What goes wrong with a call.
#[derive(Default)]
struct Trouble {
    refusal: Option<Refusal>,
    lost: bool,
    slow_ms: u64,
}

/// Uses up what was ordered to go wrong with a call of this method.
fn trouble(sandbox: &Sandbox, method: &str) -> Trouble {
    let now = sandbox.now();
    let mut state = sandbox.state();
    let mut trouble = Trouble::default();
    if state.faults.is_empty() {
        return trouble;
    }
    let meant = |name: &Option<String>| match name {
        Some(name) => name == method,
        None => method != "getUpdates",
    };
    state.faults.retain(|fault| !fault.spent(now));
    for fault in &mut state.faults {
        match fault {
            Fault::Down { .. } => {
                trouble.refusal = Some(Refusal(502, "Bad Gateway".to_owned(), None));
            }
            Fault::TooMany {
                method: name,
                times,
                seconds,
            } if meant(name) && trouble.refusal.is_none() => {
                *times -= 1;
                trouble.refusal = Some(too_many(*seconds));
            }
            Fault::LostReply {
                method: name,
                times,
            } if meant(name) && !trouble.lost && trouble.refusal.is_none() => {
                *times -= 1;
                trouble.lost = true;
            }
            Fault::Slow { ms, times } if method != "getUpdates" && trouble.slow_ms == 0 => {
                *times -= 1;
                trouble.slow_ms = *ms;
            }
            _ => {}
        }
    }
    state.tick();
    trouble
}

/// Kinds of update that come only to who asks for them (Bot API, getUpdates).
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// Long polling: confirms what lies before the offset, waits in real time for something to come.
async fn updates(sandbox: &Sandbox, given: &Map<String, Json>) -> Result<Json, Refusal> {
    let number = |name: &str| Some(given::id(given, name)).filter(|_| given.contains_key(name));
    let wait = u64::try_from(number("timeout").unwrap_or_default())
        .unwrap_or_default()
        .min(50);
    {
        let mut state = sandbox.state();
        if state.webhook.is_some() {
            let text = "Conflict: can't use getUpdates method while webhook is active; use \
                        deleteWebhook to delete the webhook first";
            return Err(Refusal(409, text.to_owned(), None));
        }
        if state.polling {
            let text = "Conflict: terminated by other getUpdates request; make sure that only one \
                        bot instance is running";
            return Err(Refusal(409, text.to_owned(), None));
        }
        if let Some(offset) = number("offset").filter(|offset| *offset < 0) {
            // Counted from the end: what lies before is forgotten (Bot API, getUpdates).
            let most = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let before = state.updates.len().saturating_sub(most);
            state.updates.drain(..before);
        } else if let Some(offset) = number("offset") {
            while state
                .updates
                .front()
                .and_then(|u| u["update_id"].as_i64())
                .is_some_and(|id| id < offset)
            {
                state.updates.pop_front();
            }
        }
        state.polling = wait > 0 && state.updates.is_empty();
    }
    let _polling = Polling(sandbox);
    if wait > 0 && sandbox.state().updates.is_empty() {
        let arrived = sandbox.shared.arrived.notified();
        let _ = tokio::time::timeout(Duration::from_secs(wait), arrived).await;
    }
    let limit = usize::try_from(number("limit").unwrap_or(100))
        .unwrap_or(100)
        .clamp(1, 100);
    let mut state = sandbox.state();
    if let Some(list) = given.get("allowed_updates").and_then(Json::as_array) {
        // Kept until the next list; an empty one means all but those on request.
        let kinds = list.iter().filter_map(Json::as_str).map(str::to_owned);
        state.allowed = Some(kinds.collect()).filter(|kinds: &Vec<String>| !kinds.is_empty());
    }
    let allowed = state.allowed.clone();
    state.updates.retain(|update| match &allowed {
        Some(kinds) => kinds.iter().any(|kind| update.get(kind).is_some()),
        None => !ON_REQUEST.iter().any(|kind| update.get(*kind).is_some()),
    });
    Ok(state
        .updates
        .iter()
        .take(limit)
        .cloned()
        .collect::<Vec<_>>()
        .into())
}

/// Ends a long poll however it ends, also when the client goes away.
struct Polling<'a>(&'a Sandbox);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.state().polling = false;
    }
}
