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
use super::{Sandbox, api, methods};

pub(super) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{kind}/{id}", get(download))
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
    let (given, uploads) = match parameters(&headers, &query, body).await {
        Ok(read) => read,
        Err(refusal) => return answer(Err(refusal)).1,
    };
    let (refusal, violations) = api::check(method, &given);
    sandbox.state().violations.extend(violations);
    let lost = lose(&sandbox, method);
    let result = match (refusal, flooded(&sandbox, method)) {
        (Some(text), _) => Err(Refusal(400, text, None)),
        (None, Some(refusal)) => Err(refusal),
        (None, None) if method == "getUpdates" => updates(&sandbox, &given).await,
        (None, None) => methods::run(&sandbox, method, &given, &uploads),
    };
    let (mut status, response) = answer(result);
    if lost {
        status = 0;
    }
    sandbox.state().calls.push(Call {
        method: method.to_owned(),
        status,
    });
    sandbox.shared.called.notify_waiters();
    if lost {
        // Headers promise a body that breaks off: the client sees a broken connection.
        let broken = futures::stream::once(async {
            Err::<Bytes, std::io::Error>(std::io::Error::other("the answer is lost"))
        });
        return Response::new(Body::from_stream(broken));
    }
    response
}

/// The content of a file, under the path that getFile gave.
async fn download(
    Shared(sandbox): Shared<Sandbox>,
    Path((bot, _, id)): Path<(String, String, String)>,
) -> Response {
    let file = sandbox.state().files.get(&id).cloned();
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
            given.insert(name, structured(&part.text().await?));
        }
    }
    // A file is referred to as `attach://part`, or stands under the parameter's own name.
    for name in uploads.keys() {
        let reference = Json::from(format!("attach://{name}"));
        if !given.values().any(|value| *value == reference) {
            given.insert(name.clone(), reference);
        }
    }
    Ok(())
}

fn form(text: &str) -> Result<Map<String, Json>, Refusal> {
    let url = reqwest::Url::parse(&format!("http://x/?{text}"));
    let url = url.map_err(|_| Refusal::bad("can't parse the parameters"))?;
    Ok(url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), structured(&value)))
        .collect())
}

/// Forms carry objects and arrays as JSON text.
fn structured(value: &str) -> Json {
    match value.chars().next() {
        Some('{' | '[') => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        _ => value.into(),
    }
}

/// Whether the answer of this call gets lost.
fn lose(sandbox: &Sandbox, method: &str) -> bool {
    sandbox.state().faults.iter_mut().any(|fault| match fault {
        Fault::LostReply(name, left) if *name == method && *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    })
}

fn flooded(sandbox: &Sandbox, method: &str) -> Option<Refusal> {
    let wait = sandbox
        .state()
        .faults
        .iter_mut()
        .find_map(|fault| match fault {
            Fault::TooMany(name, left, wait) if *name == method && *left > 0 => {
                *left -= 1;
                Some(*wait)
            }
            _ => None,
        })?;
    Some(too_many(wait))
}

/// Long polling: confirms what lies before the offset, waits in real time for something to come.
async fn updates(sandbox: &Sandbox, given: &Map<String, Json>) -> Result<Json, Refusal> {
    let number = |name: &str| given.get(name).and_then(Json::as_i64);
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
        if let Some(offset) = number("offset") {
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
    let allowed: Option<Vec<&str>> = given
        .get("allowed_updates")
        .and_then(Json::as_array)
        .map(|list| list.iter().filter_map(Json::as_str).collect());
    let mut state = sandbox.state();
    state.updates.retain(|update| {
        allowed
            .as_ref()
            .is_none_or(|list| list.iter().any(|kind| update.get(*kind).is_some()))
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
