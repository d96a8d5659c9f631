//! The program, built from its settings.

mod desk;
mod rules;
mod serve;
mod settle;
mod tidy;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::desk::client;
use crate::bot::inbox::Poller;
use crate::clock::Clock;
use crate::config::{Settings, UpdateMode};
use crate::delivery;
use crate::delivery::feedback::{Platform, platforms};
use crate::desk::Desk;
use crate::error::Result;
use crate::http::Door;
use crate::report::source::SourceSettings;
use crate::schedule::audit::Heartbeat;
use crate::schedule::summary::SummarySettings;

pub use desk::desk;
pub use rules::rules;

/// The program, ready to run.
pub struct App {
    /// What the edges share.
    pub desk: Arc<Desk>,
    /// Where reports come from.
    pub sources: Vec<SourceSettings>,
    /// The sources that are told back by calls.
    platforms: Vec<Platform>,
    summary: SummarySettings,
    poller: Poller,
    door: Option<(Door, SocketAddr)>,
    webhook: Option<String>,
    started: DateTime<Utc>,
    heartbeat: Option<Heartbeat>,
    /// The last poll failed.
    deaf: bool,
}

impl App {
    /// Opens the store, brings the schema up to date and puts everything together.
    pub async fn build(settings: &Settings, clock: Clock) -> Result<Self> {
        let token = settings.token()?;
        let started = clock.now();
        let desk = desk(settings, clock, &token).await?;
        let directory = desk.directory(&mut desk.store.read().await?).await?;
        let policy = &desk.rules.deadlines.policy;
        policy.check_areas(&directory.roster)?;
        delivery::ask_again(&desk).await?;
        let poll = client(settings, Duration::from_secs(70))?;
        let poller = Poller::new(poll, &settings.telegram.api_url, token);
        let webhook = match settings.telegram.mode {
            UpdateMode::Webhook => settings.telegram.webhook_url.clone(),
            UpdateMode::Polling => None,
        };
        let secret = settings
            .telegram
            .webhook_secret
            .clone()
            .filter(|_| webhook.is_some());
        let door = settings
            .http
            .listen
            .map(|listen| (Door::new(Arc::clone(&desk), secret), listen));
        let heartbeat = settings.audit.heartbeat_url.clone();
        Ok(Self {
            heartbeat: heartbeat.map(Heartbeat::new).transpose()?,
            desk,
            sources: settings.sources.clone(),
            platforms: platforms(&settings.sources),
            summary: settings.summary.clone(),
            poller,
            door,
            webhook,
            started,
            deaf: false,
        })
    }
}
