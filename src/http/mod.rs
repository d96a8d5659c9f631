//! What duban answers over HTTP: whether it is well, the webhook of the Bot API, and reports that are
//! pushed. A webhook call is answered 200 only after the update is committed.

mod reports;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use subtle::ConstantTimeEq as _;
use tokio::sync::{Notify, Semaphore};

use crate::audit;
use crate::bot::inbox;
use crate::clock::from_ms;
use crate::desk::Desk;
use crate::error::Result;
use crate::outbox;
use crate::store::Tx;

pub use reports::REPORTS_PATH;

/// The path updates are posted to, below the address of `telegram.webhook_url`.
pub const WEBHOOK_PATH: &str = "/telegram";
/// The header that proves that Telegram is calling (Bot API, setWebhook).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// What the handlers share.
#[derive(Clone)]
pub struct Door {
    /// The desk.
    pub desk: Arc<Desk>,
    /// The webhook's secret; none: updates are polled and nothing is taken here.
    pub secret: Option<SecretString>,
    /// Told when an update has come.
    pub arrived: Arc<Notify>,
    /// So many reports may be coming in at once: each is held in memory until it is taken.
    pub turns: Arc<Semaphore>,
}

/// Reports that may be coming in at once.
const TURNS: usize = 4;

impl Door {
    /// A door to this desk; `secret` is the webhook's.
    pub fn new(desk: Arc<Desk>, secret: Option<SecretString>) -> Self {
        Self {
            desk,
            secret,
            arrived: Arc::default(),
            turns: Arc::new(Semaphore::new(TURNS)),
        }
    }
}

/// The routes: `GET /healthz`, `POST /telegram`, `POST /api/v1/reports`.
pub fn router(door: Door) -> Router {
    // Each source has a limit of its own, which is asked only of who has shown its token.
    let pushed = post(reports::push).layer(DefaultBodyLimit::disable());
    Router::new()
        .route(REPORTS_PATH, pushed)
        .route("/healthz", get(healthz))
        .route(WEBHOOK_PATH, post(webhook))
        .with_state(door)
}

/// 200 with what is owed and what the last audit found while the store answers, else 503.
async fn healthz(State(door): State<Door>) -> (StatusCode, String) {
    match owed(&door).await {
        Ok(counts) => (StatusCode::OK, counts.to_string()),
        Err(error) => {
            tracing::error!(%error, "the health check failed");
            let said = serde_json::json!({ "ok": false, "error": "the store does not answer" });
            (StatusCode::SERVICE_UNAVAILABLE, said.to_string())
        }
    }
}

async fn owed(door: &Door) -> Result<Json> {
    let mut tx: Tx = door.desk.store.read().await?;
    let notices: serde_json::Map<String, Json> = outbox::table::counts(&mut tx)
        .await?
        .into_iter()
        .map(|(state, count)| (state, count.into()))
        .collect();
    let audit = audit::table::last(&mut tx).await?.map(|audit| {
        serde_json::json!({
            "at": from_ms(audit.at).to_rfc3339(), "wrong": audit.wrong,
            "repaired": audit.repaired, "examples": audit.examples,
        })
    });
    Ok(serde_json::json!({ "ok": true, "notices": notices, "audit": audit }))
}

async fn webhook(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers
        .get(SECRET_HEADER)
        .map(|value| value.as_bytes())
        .unwrap_or_default();
    let known = match &door.secret {
        Some(secret) => secret.expose_secret().as_bytes().ct_eq(given).into(),
        None => false,
    };
    if !known {
        return StatusCode::NOT_FOUND;
    }
    let Ok(update) = serde_json::from_slice::<Json>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    match keep(&door, update).await {
        Ok(()) => {
            door.arrived.notify_one();
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(%error, "an update could not be kept");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn keep(door: &Door, update: Json) -> Result<()> {
    let mut tx = door.desk.store.begin().await?;
    inbox::receive(&mut tx, &[update], door.desk.clock.now_ms()).await?;
    tx.commit().await
}
