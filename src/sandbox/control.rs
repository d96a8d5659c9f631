//! The calls that steer the emulator from a page or a test: be a person, let something go wrong,
//! look. `docs/sandbox.md` describes each.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Json as Body, Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::time::Duration;

use super::people::Spot;
use super::state::{Chat, ChatKind, Fault, FileSeen};
use super::{Sandbox, events, guard, methods};

/// The longest a look waits for news, in seconds.
const LONGEST_WAIT: u64 = 60;

pub(super) fn router(sandbox: Sandbox) -> Router {
    let page = |text: &'static str, kind: &'static str| {
        get(move || async move { guard::asset(kind, text) })
    };
    Router::new()
        .route(
            "/chats",
            page(include_str!("page/chats.html"), "text/html; charset=utf-8"),
        )
        .route(
            "/chats.js",
            page(
                include_str!("page/chats.js"),
                "text/javascript; charset=utf-8",
            ),
        )
        .route(
            "/chats.css",
            page(include_str!("page/chats.css"), "text/css; charset=utf-8"),
        )
        .route(
            "/chats.words.json",
            page(include_str!("page/chats.words.json"), "application/json"),
        )
        .route("/control/events", get(changes))
        .route("/control/view", get(view))
        .route("/control/calls", get(calls))
        .route("/control/violations", get(violations))
        .route("/control/files/{id}", get(file))
        .route("/control/file", post(attach))
        .route("/control/{what}", post(act))
        .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(sandbox)
}

fn bad(why: &str) -> Response {
    guard::refuse(StatusCode::BAD_REQUEST, why)
}

fn json_response(json: &Json) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        json.to_string(),
    )
        .into_response()
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
    /// Seconds to wait for something newer.
    #[serde(default)]
    wait: u64,
}

async fn changes(
    Shared(sandbox): Shared<Sandbox>,
    Query(asked): Query<Since>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let holds = last.and_then(|id| id.parse().ok()).unwrap_or(asked.since);
    // A number that was never given is another life's: everything is shown anew.
    let holds = Some(holds).filter(|holds| *holds <= *sandbox.state().changed.borrow());
    let watch = sandbox.watch();
    let look = move |since| {
        let (now, view) = sandbox.view(since);
        Some((now, view.to_string()))
    };
    events::stream("change", watch, holds.unwrap_or_default(), look).into_response()
}

/// One look; with `wait` it is held until something is newer than `since`.
async fn view(Shared(sandbox): Shared<Sandbox>, Query(asked): Query<Since>) -> Response {
    let mut watch = sandbox.watch();
    let wait = Duration::from_secs(asked.wait.min(LONGEST_WAIT));
    let newer = watch.wait_for(|revision| *revision > asked.since);
    // In time or not: what there is is shown.
    let _ = tokio::time::timeout(wait, newer).await.map(|_| ());
    json_response(&sandbox.view(asked.since).1)
}

#[derive(Deserialize)]
struct Last {
    last: Option<usize>,
}

async fn calls(Shared(sandbox): Shared<Sandbox>, Query(asked): Query<Last>) -> Response {
    let all = sandbox.calls();
    let skip = all.len().saturating_sub(asked.last.unwrap_or(100));
    let shown = all.iter().skip(skip).map(|call| {
        json!({
            "method": call.method, "status": call.status, "at": call.at, "chat": call.chat,
            "description": call.refusal,
        })
    });
    json_response(&shown.collect::<Vec<_>>().into())
}

async fn violations(Shared(sandbox): Shared<Sandbox>) -> Response {
    json_response(&sandbox.violations().into())
}

/// The content of a photo or file. Only pictures are shown in place; the rest is saved.
async fn file(Shared(sandbox): Shared<Sandbox>, Path(id): Path<String>) -> Response {
    let Some(seen) = sandbox.state().files.get(&id).cloned() else {
        return guard::refuse(StatusCode::NOT_FOUND, "there is no such file");
    };
    let picture = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    let kind = methods::mime(&seen.name);
    let known = imagesize::image_type(&seen.bytes).is_ok();
    let (kind, place) = match picture.contains(&kind) && known {
        true => (kind, "inline"),
        false if known && seen.kind == "photo" => ("image/png", "inline"),
        false => ("application/octet-stream", "attachment"),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, place),
    ];
    (headers, seen.bytes).into_response()
}

#[derive(Deserialize)]
struct Attach {
    user: i64,
    chat: Option<i64>,
    reply_to: Option<i64>,
    name: String,
    caption: Option<String>,
    #[serde(rename = "as", default)]
    kind: String,
}

async fn attach(
    Shared(sandbox): Shared<Sandbox>,
    Query(asked): Query<Attach>,
    bytes: Bytes,
) -> Response {
    if bytes.is_empty() {
        return bad("the file is empty");
    }
    let spot = Spot {
        user: asked.user,
        chat: asked.chat.unwrap_or(asked.user),
        to: asked.reply_to,
        thread: None,
    };
    let photo = asked.kind == "photo";
    let seen = FileSeen {
        kind: if photo { "photo" } else { "document" }.to_owned(),
        name: asked.name,
        bytes: bytes.to_vec(),
    };
    let caption = asked
        .caption
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    match sandbox.attach(spot, seen, caption) {
        Ok(message) => json_response(&json!({ "message": message })),
        Err(why) => bad(why),
    }
}

/// Everything a call can be told; each takes what it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    name: Option<String>,
    username: Option<String>,
    language: Option<String>,
    title: Option<String>,
    members: Vec<i64>,
    supergroup: bool,
    thread: Option<i64>,
    user: Option<i64>,
    chat: Option<i64>,
    message: Option<i64>,
    reply_to: Option<i64>,
    text: Option<String>,
    data: Option<String>,
    kind: Option<String>,
    method: Option<String>,
    times: Option<usize>,
    seconds: Option<u32>,
    ms: Option<u64>,
}

async fn act(
    Shared(sandbox): Shared<Sandbox>,
    Path(what): Path<String>,
    given: Result<Body<Given>, JsonRejection>,
) -> Response {
    let given = match given {
        Ok(Body(given)) => given,
        Err(why) => return bad(&why.body_text()),
    };
    match perform(&sandbox, &what, given) {
        Ok(answer) => json_response(&answer),
        Err(why) => bad(why),
    }
}

fn perform(sandbox: &Sandbox, what: &str, given: Given) -> Result<Json, &'static str> {
    let user = given.user.ok_or("user is missing");
    let place = || given.chat.or(given.user).ok_or("chat or user is missing");
    let spot = || {
        let to = given.reply_to;
        let (user, chat) = (user?, place()?);
        Ok::<_, &'static str>(Spot {
            user,
            chat,
            to,
            thread: given.thread,
        })
    };
    let said = given.text.as_deref().ok_or("text is missing");
    match what {
        "people" => {
            let mut person = Chat::person(given.name.as_deref().ok_or("name is missing")?);
            (person.username, person.language) = (given.username, given.language);
            Ok(json!({ "id": sandbox.person(person) }))
        }
        "groups" => {
            let kind = if given.supergroup {
                ChatKind::Supergroup
            } else {
                ChatKind::Group
            };
            let title = given.title.as_deref().ok_or("title is missing")?;
            Ok(json!({ "id": sandbox.found(kind, title, &given.members) }))
        }
        "topic" => {
            let chat = given.chat.ok_or("chat is missing")?;
            let title = given.title.as_deref().ok_or("title is missing")?;
            match sandbox.open_topic(chat, title) {
                0 => Err("there is no such supergroup"),
                thread => Ok(json!({ "thread": thread })),
            }
        }
        "say" => Ok(json!({ "message": sandbox.text(spot()?, said?)? })),
        "edit" => {
            let message = given.message.ok_or("message is missing")?;
            sandbox.rewrite(spot()?, message, said?)?;
            Ok(json!({}))
        }
        "press" => {
            let (user, chat) = (user?, place()?);
            let message = given.message.ok_or("message is missing")?;
            let data = given.data.as_deref().ok_or("data is missing")?;
            Ok(json!({ "press": sandbox.press_data(user, chat, message, data) }))
        }
        "block" | "unblock" | "leave" | "join" => {
            let inside = matches!(what, "unblock" | "join");
            match (given.chat, given.user) {
                (Some(chat), Some(user)) if chat != user => sandbox.member(chat, user, inside)?,
                (chat, user) => {
                    let chat = chat.or(user).ok_or("chat or user is missing")?;
                    match inside {
                        true => sandbox.unblock(chat),
                        false => sandbox.block(chat),
                    }
                }
            }
            Ok(json!({}))
        }
        "upgrade" => Ok(json!({ "id": sandbox.upgrade(place()?) })),
        "fault" => {
            match fault(&given, sandbox.now())? {
                Some(fault) => sandbox.fault(fault),
                None => sandbox.mend(),
            }
            Ok(json!({}))
        }
        _ => Err("there is no such call; docs/sandbox.md lists them"),
    }
}

/// What goes wrong from now on; none: nothing any more.
fn fault(given: &Given, now: i64) -> Result<Option<Fault>, &'static str> {
    let method = given.method.clone().filter(|method| !method.is_empty());
    let times = given.times.unwrap_or(1);
    let seconds = given.seconds.unwrap_or(5);
    let fault = match given.kind.as_deref() {
        Some("none") => return Ok(None),
        Some("too_many") => Fault::TooMany {
            method,
            times,
            seconds,
        },
        Some("lost_reply") => Fault::LostReply { method, times },
        Some("down") => Fault::Down {
            until: now + i64::from(seconds),
        },
        Some("slow") => Fault::Slow {
            ms: given.ms.unwrap_or(1_000).min(60_000),
            times,
        },
        _ => return Err("kind is one of too_many, lost_reply, down, slow, none"),
    };
    Ok(Some(fault))
}
