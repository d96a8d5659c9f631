//! The demo's page: what it loads, what it is told, what the director is ordered through it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Json as Body, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::oneshot;

use super::director::{Board, Director, Order, Orders};
use super::reports::{self, Row};
use super::shelf::Shelf;
use crate::clock::Clock;
use crate::report::folder;
use crate::sandbox::{guard, stream};

/// The largest file that is taken as a report, in bytes.
const LARGEST: usize = 20 * 1024 * 1024;

#[derive(Clone)]
struct Desk {
    orders: Orders,
    board: Board,
    shelf: Shelf,
    clock: Clock,
}

/// The platform's reports.
pub(super) fn reports(shelf: Shelf) -> Router {
    let serve = move |Path(name): Path<String>| async move { shelf.serve(&name) };
    Router::new().route("/reports/{name}", get(serve))
}

/// Everything that is served beside the sandbox.
pub(super) fn router(director: &Director, orders: Orders) -> Router {
    let page = |text: &'static str, kind: &'static str| {
        get(move || async move { guard::asset(kind, text) })
    };
    let shelf = director.demo.shelf.clone();
    let desk = Desk {
        orders,
        board: director.board.clone(),
        shelf: shelf.clone(),
        clock: director.demo.clock(),
    };
    Router::new()
        .route(
            "/",
            page(include_str!("page/demo.html"), "text/html; charset=utf-8"),
        )
        .route(
            "/demo.js",
            page(
                include_str!("page/demo.js"),
                "text/javascript; charset=utf-8",
            ),
        )
        .route(
            "/demo.css",
            page(include_str!("page/demo.css"), "text/css; charset=utf-8"),
        )
        .route(
            "/demo.words.json",
            page(include_str!("page/demo.words.json"), "application/json"),
        )
        .route("/demo/events", get(wall))
        .route("/demo/clock", post(clock))
        .route("/demo/report", get(shown).put(rewrite))
        .route("/demo/report/file", post(drop_file))
        .route("/demo/report/{what}", post(change))
        .route("/demo/{what}", post(order))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(desk)
        .merge(reports(shelf))
}

fn answer(json: &Json) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        json.to_string(),
    )
        .into_response()
}

fn bad(why: &str) -> Response {
    guard::refuse(StatusCode::BAD_REQUEST, why)
}

async fn wall(State(desk): State<Desk>) -> Response {
    let board = desk.board.clone();
    stream("wall", desk.board.watch(), 0, move |_| board.read()).into_response()
}

/// Gives an order and waits until it is done.
async fn give(desk: &Desk, order: Order) -> Response {
    let (tell, done) = oneshot::channel();
    if desk.orders.send((order, tell)).await.is_err() {
        return bad("the demo is ending");
    }
    match done.await {
        Ok(Ok(json)) => answer(&json),
        Ok(Err(why)) => bad(&why),
        Err(_) => bad("the demo is ending"),
    }
}

/// Everything an order can be told.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    action: String,
    to: String,
    speed: u32,
    on: bool,
    code: String,
}

type Told = Result<Body<Given>, JsonRejection>;

async fn clock(State(desk): State<Desk>, told: Told) -> Response {
    let Ok(Body(given)) = told else {
        return bad("send {\"action\": …}");
    };
    let order = match given.action.as_str() {
        "pause" => Order::Pause(true),
        "run" => Order::Pause(false),
        "speed" => Order::Speed(given.speed),
        "next_day" => Order::NextDay,
        "jump" => {
            let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
            let mut read = forms
                .iter()
                .filter_map(|form| NaiveDateTime::parse_from_str(&given.to, form).ok());
            let Some(to) = read.next() else {
                return bad("to is a time such as 2021-07-01T09:00");
            };
            let zone = chrono_tz::Asia::Shanghai;
            Order::Jump(crate::clock::at_local(zone, to.date(), to.time()))
        }
        _ => return bad("action is one of pause, run, speed, next_day, jump"),
    };
    give(&desk, order).await
}

async fn order(State(desk): State<Desk>, Path(what): Path<String>, told: Told) -> Response {
    let Ok(Body(given)) = told else {
        return bad("send a JSON object");
    };
    let order = match what.as_str() {
        "autoplay" => Order::Autoplay(given.on),
        "leave" => Order::Leave(given.code, given.on),
        "invite" => Order::Invite(given.code),
        "restart" => Order::Restart,
        "again" => Order::Again,
        _ => return guard::refuse(StatusCode::NOT_FOUND, "there is no such order"),
    };
    give(&desk, order).await
}

impl Desk {
    /// The day whose report comes next.
    fn tomorrow(&self) -> NaiveDate {
        let local = self.clock.now().with_timezone(&chrono_tz::Asia::Shanghai);
        let date = local.date_naive();
        date.succ_opt().unwrap_or(date)
    }

    fn report(&self) -> Response {
        answer(&self.shelf.shown(self.tomorrow()))
    }
}

async fn shown(State(desk): State<Desk>) -> Response {
    desk.report()
}

#[derive(Deserialize)]
struct Rows {
    rows: Vec<Row>,
}

async fn rewrite(State(desk): State<Desk>, rows: Result<Body<Rows>, JsonRejection>) -> Response {
    let Ok(Body(Rows { rows })) = rows else {
        return bad("send {\"rows\": [{header: value}]}");
    };
    let mut kept = Vec::new();
    for mut row in rows {
        if row.values().any(|value| !value.is_string()) {
            return bad("every value of a row is a text");
        }
        row.retain(|_, value| value.as_str() != Some(""));
        kept.push(row);
    }
    desk.shelf.put_rows(desk.tomorrow(), kept);
    desk.report()
}

async fn change(State(desk): State<Desk>, Path(what): Path<String>) -> Response {
    let date = desk.tomorrow();
    match what.as_str() {
        "generate" => desk.shelf.put_rows(date, reports::drawn(date)),
        "reset" => desk.shelf.restore(date),
        _ => return guard::refuse(StatusCode::NOT_FOUND, "there is no such order"),
    }
    desk.report()
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

async fn drop_file(
    State(desk): State<Desk>,
    Query(Named { name }): Query<Named>,
    bytes: Bytes,
) -> Response {
    if !folder::may_be_report(&name) {
        return bad("a report is a JSON, CSV, XLSX, HTML, DOCX or ZIP file");
    }
    if bytes.is_empty() {
        return bad("the file is empty");
    }
    desk.shelf.put_file(desk.tomorrow(), name, bytes.to_vec());
    desk.report()
}
