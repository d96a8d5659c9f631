//! `POST /api/v1/reports`: a report is pushed. The token says whose it is; the answer is what became of it, or
//! what is wrong with it, where, and what to do.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Query, Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use futures::StreamExt as _;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Door;
use crate::error::{Error, Fault, Result};
use crate::flow::{self, Incoming, Outcome};
use crate::report::pushed::{self, Answered};
use crate::report::quality;
use crate::report::source::{SourceKind, SourceSettings};
use crate::report::table as reports;

/// Where reports are pushed to.
pub const REPORTS_PATH: &str = "/api/v1/reports";
/// The sender's own name of a push (draft-ietf-httpapi-idempotency-key-header).
const KEY_HEADER: &str = "idempotency-key";
/// The longest such name, in bytes.
const KEY: usize = 200;
/// Bytes of a form around its file.
const FORM: u64 = 64 * 1024;
/// So long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(120);
/// After so many seconds a busy duban is asked again.
const AGAIN_S: u64 = 10;

/// What may stand behind the question mark.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// The report's day.
    date: Option<String>,
    /// The file's name, where the body is the file itself.
    file: Option<String>,
}

/// A report as it was pushed.
struct Pushed {
    source: SourceSettings,
    file_name: String,
    bytes: Vec<u8>,
    date: Option<NaiveDate>,
}

pub(super) async fn push(State(door): State<Door>, request: Request) -> Response {
    let Some(source) = sender(&door, request.headers()) else {
        let mut answer = refuse(StatusCode::UNAUTHORIZED, "no such token");
        let bearer = HeaderValue::from_static("Bearer");
        answer.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        return answer;
    };
    let Ok(turn) = Arc::clone(&door.turns).try_acquire_owned() else {
        return busy();
    };
    let key = match key_of(request.headers()) {
        Ok(key) => key,
        Err(fault) => return faulty(&fault),
    };
    let pushed = match read(source.clone(), request).await {
        Ok(pushed) => pushed,
        Err(answer) => return answer,
    };
    // Whoever hangs up does not end what has begun.
    let work = tokio::spawn(async move {
        let _turn = turn;
        answer(&door, pushed, key).await
    });
    match work.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::error!(source = source.name, %error, "a pushed report could not be taken");
            failed()
        }
        Err(_) => {
            tracing::error!(source = source.name, "taking a pushed report broke off");
            failed()
        }
    }
}

/// The source whose token this is. Each is compared, in the same time, however much of it is right.
fn sender(door: &Door, headers: &HeaderMap) -> Option<SourceSettings> {
    let given = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, given) = given.split_at_checked(7)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return None;
    }
    let given = Sha256::digest(given.trim_ascii());
    let mut found = None;
    for source in &door.desk.sources {
        let token = match (source.kind, &source.token) {
            (SourceKind::Push, Some(token)) => Sha256::digest(token.expose_secret()),
            _ => continue,
        };
        if bool::from(token.ct_eq(&given)) {
            found = Some(source);
        }
    }
    found.cloned()
}

fn key_of(headers: &HeaderMap) -> std::result::Result<Option<String>, Fault> {
    let Some(key) = headers.get(KEY_HEADER) else {
        return Ok(None);
    };
    let text = key.to_str().ok().map(str::trim);
    match text.filter(|text| !text.is_empty() && text.len() <= KEY) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Fault::new(format!(
            "must be 1 to {KEY} ASCII characters, for instance a UUID"
        ))
        .column("Idempotency-Key")
        .code("bad_key")),
    }
}

/// The report in the body, as the file itself or as the first file of a form.
async fn read(source: SourceSettings, request: Request) -> std::result::Result<Pushed, Response> {
    let asked = Query::<Asked>::try_from_uri(request.uri());
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let packed = request.headers().get(CONTENT_ENCODING);
    if packed.is_some_and(|packed| packed != "identity") {
        let what = "send the report without Content-Encoding; a ZIP is unpacked here";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, what));
    }
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let form = kind.to_ascii_lowercase().starts_with("multipart/form-data");
    let most = source.largest();
    let (parts, body) = request.into_parts();
    let room = if form { most + FORM } else { most };
    let length = parts.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > room) {
        return Err(too_large(most));
    }
    let length = usize::try_from(length.unwrap_or_default()).unwrap_or_default();
    let whole = tokio::time::timeout(PATIENCE, gather(body, length, room)).await;
    let bytes = match whole {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(true)) => return Err(too_large(most)),
        Ok(Err(false)) => return Err(refuse(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => {
            return Err(refuse(
                StatusCode::REQUEST_TIMEOUT,
                "the body took too long",
            ));
        }
    };
    let (name, day, content) = match form {
        true => {
            let request = Request::from_parts(parts, Body::from(bytes));
            let found = form_file(request).await?;
            (
                found.0.or(asked.file),
                found.2.or(asked.date),
                found.1.into(),
            )
        }
        false => (asked.file, asked.date, bytes),
    };
    if content.len() as u64 > most {
        return Err(too_large(most));
    }
    let date = match day.as_deref().map(str::trim).filter(|day| !day.is_empty()) {
        None => None,
        Some(day) => match day.parse::<NaiveDate>() {
            Ok(date) => Some(date),
            Err(_) => {
                let fault = Fault::new("write the report's day as 2021-06-30");
                return Err(faulty(&fault.column("date").value(day).code("not_a_date")));
            }
        },
    };
    let file_name = name.as_deref().and_then(base_name);
    Ok(Pushed {
        file_name: file_name.unwrap_or_else(|| source.name.clone()),
        source,
        bytes: content,
        date,
    })
}

/// The whole body, which says that it is so long; an error says whether it is larger than `room`, in bytes.
async fn gather(body: Body, length: usize, room: u64) -> std::result::Result<Vec<u8>, bool> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::with_capacity(length);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| false)?;
        if (bytes.len() + piece.len()) as u64 > room {
            return Err(true);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// The first file of a form with its name, and the field `date`.
async fn form_file(
    request: Request,
) -> std::result::Result<(Option<String>, Bytes, Option<String>), Response> {
    let broken = |_| refuse(StatusCode::BAD_REQUEST, "the form cannot be read");
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| refuse(StatusCode::BAD_REQUEST, "the form cannot be read"))?;
    let (mut file, mut date) = (None, None);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.file_name().is_some() && file.is_none() {
            let name = field.file_name().map(str::to_owned);
            file = Some((name, field.bytes().await.map_err(broken)?));
        } else if field.name() == Some("date") {
            date = Some(field.text().await.map_err(broken)?);
        }
    }
    match file {
        Some((name, bytes)) => Ok((name, bytes, date)),
        None => {
            let what = "the form has no file: curl -F file=@report.xlsx";
            Err(refuse(StatusCode::BAD_REQUEST, what))
        }
    }
}

/// A file's name without folders and without what cannot be printed.
fn base_name(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next()?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Takes the report in, once for each key of its sender.
async fn answer(door: &Door, pushed: Pushed, key: Option<String>) -> Result<Response> {
    let desk = &door.desk;
    let source = pushed.source.name.clone();
    let source = source.as_str();
    let mut digest = Sha256::new();
    digest.update(pushed.date.map(|date| date.to_string()).unwrap_or_default());
    digest.update([0]);
    digest.update(&pushed.bytes);
    let digest = flow::hex(&digest.finalize());
    if let Some(key) = &key {
        let mut tx = desk.store.read().await?;
        if let Some(known) = pushed::answered(&mut tx, source, key).await? {
            return Ok(replayed(&known, &digest));
        }
    }
    let (status, body) = match take(door, pushed).await {
        Ok(said) => (StatusCode::OK, said),
        Err(Error::Busy) => return Ok(busy()),
        Err(Error::Input(fault)) => (StatusCode::BAD_REQUEST, json!({ "error": fault })),
        Err(error) => return Err(error),
    };
    // What was refused may be taken once the settings are mended: it is read again.
    if let (Some(key), StatusCode::OK) = (&key, status) {
        let kept = Answered {
            digest,
            status: status.as_u16(),
            body: body.to_string(),
        };
        let mut tx = desk.store.begin().await?;
        pushed::keep(&mut tx, (source, key), &kept, desk.clock.now_ms()).await?;
        tx.commit().await?;
    }
    Ok(say(status, &body))
}

/// The answer to a key that was answered before.
fn replayed(known: &Answered, digest: &str) -> Response {
    if known.digest != digest {
        let what = "this Idempotency-Key was used for another report or day; give each push a key of its own";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, what);
    }
    let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::OK);
    let body = serde_json::from_str::<Json>(&known.body).unwrap_or_default();
    let mut answer = say(status, &body);
    let yes = HeaderValue::from_static("true");
    answer.headers_mut().insert("idempotency-replayed", yes);
    answer
}

/// Processes a report; what became of it. Of one that had come before, what became of it then.
async fn take(door: &Door, pushed: Pushed) -> Result<Json> {
    let desk = &door.desk;
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    tx.commit().await?;
    let incoming = Incoming {
        source: &pushed.source,
        file_name: &pushed.file_name,
        bytes: pushed.bytes.into(),
        date: pushed.date,
    };
    let now = desk.clock.now();
    let outcome = flow::process(&desk.store, &desk.rules, &directory, incoming, now).await?;
    let mut tx = desk.store.begin().await?;
    reports::source_reached(&mut tx, &pushed.source.name, now.timestamp_millis()).await?;
    tx.commit().await?;
    let mut tx = desk.store.read().await?;
    told(&mut tx, &outcome).await
}

async fn told(tx: &mut crate::store::Tx, outcome: &Outcome) -> Result<Json> {
    let mut said = match outcome.duplicate {
        true => quality::counts(tx, outcome.report)
            .await?
            .unwrap_or(serde_json::to_value(outcome)?),
        false => serde_json::to_value(outcome)?,
    };
    said["duplicate"] = outcome.duplicate.into();
    if let Some(reading) = reports::reading(tx, outcome.report).await? {
        said["format"] = reading.format.into();
        said["encoding"] = reading.encoding.into();
        said["notes"] = reading.notes.into();
    }
    Ok(said)
}

fn say(status: StatusCode, body: &Json) -> Response {
    (status, axum::Json(body.clone())).into_response()
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    say(status, &json!({ "error": { "reason": reason } }))
}

fn faulty(fault: &Fault) -> Response {
    say(StatusCode::BAD_REQUEST, &json!({ "error": fault }))
}

fn too_large(most: u64) -> Response {
    let what = format!("the report is larger than max_bytes = {most}");
    refuse(StatusCode::PAYLOAD_TOO_LARGE, &what)
}

fn failed() -> Response {
    let what = "the report could not be taken; the log of duban says why";
    refuse(StatusCode::INTERNAL_SERVER_ERROR, what)
}

fn busy() -> Response {
    let what = format!("another report is being processed; again in {AGAIN_S} seconds");
    let mut answer = refuse(StatusCode::SERVICE_UNAVAILABLE, &what);
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(AGAIN_S));
    answer
}
