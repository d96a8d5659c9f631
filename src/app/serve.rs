//! The loops, each by itself until the program is told to stop; orderly shutdown.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use teloxide::payloads::SetWebhookSetters as _;
use teloxide::prelude::Requester as _;
use tokio_util::sync::CancellationToken;

use super::App;
use super::tidy::tidy;
use crate::bot;
use crate::delivery;
use crate::delivery::feedback::feed;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::Outcome;
use crate::http;
use crate::schedule::audit::audit_due;
use crate::schedule::jobs;
use crate::schedule::summary::summarise;

impl App {
    /// Opens the door: binds the address, and tells Telegram to call there in webhook mode; in
    /// polling mode a webhook that is left from before is taken back.
    async fn open(&self) -> Result<Option<tokio::net::TcpListener>> {
        if self.webhook.is_none()
            && let Err(error) = self.desk.bot.delete_webhook().await
        {
            let failure = crate::channel::classify(&error);
            tracing::warn!(%failure, "deleteWebhook failed");
        }
        let Some((door, listen)) = &self.door else {
            return Ok(None);
        };
        let about = Error::io(format!("http.listen = {listen}"));
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(about)?;
        if let (Some(url), Some(secret)) = (&self.webhook, &door.secret) {
            let url = format!("{}{}", url.trim_end_matches('/'), http::WEBHOOK_PATH);
            let url = url
                .parse()
                .map_err(|_| Error::other("telegram.webhook_url is no address"))?;
            let request = self
                .desk
                .bot
                .set_webhook(url)
                .secret_token(secret.expose_secret().to_owned())
                .allowed_updates(bot::inbox::allowed());
            request.await.map_err(|error| {
                let failure = crate::channel::classify(&error);
                Error::other(format!(
                    "telegram.webhook_url: setWebhook failed: {failure}"
                ))
            })?;
        }
        Ok(Some(listener))
    }

    /// Runs until told to stop: one loop hears, one pulls and reminds, one sends, one keeps what was sent true.
    pub async fn serve(mut self, stop: CancellationToken) -> Result<()> {
        let listener = self.open().await?;
        bot::offer(&self.desk).await;
        let (door, called) = (self.door.map(|(door, _)| door), self.webhook.is_some());
        let arrived = door
            .as_ref()
            .map(|door| Arc::clone(&door.arrived))
            .unwrap_or_default();
        let answer = {
            let stop = stop.clone();
            tokio::spawn(async move {
                if let (Some(listener), Some(door)) = (listener, door) {
                    let served = axum::serve(listener, http::router(door))
                        .with_graceful_shutdown(async move { stop.cancelled().await });
                    if let Err(error) = served.await {
                        tracing::error!(%error, "answering over HTTP ended");
                    }
                }
            })
        };
        let hear = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let wait = bot::patience(&desk).await.unwrap_or(1);
                    let polled = tokio::select! {
                        polled = self.poller.poll(&desk, wait), if !called => polled,
                        () = arrived.notified(), if called => Ok(Some(1)),
                        () = rest(&desk, &stop, 5_000), if called => Ok(Some(0)),
                        () = stop.cancelled() => break,
                    };
                    let elsewhere = matches!(polled, Ok(None));
                    let handled = match polled {
                        Ok(_) => bot::handle_waiting(&desk).await.map(|_| ()),
                        Err(error) => Err(error),
                    };
                    if elsewhere {
                        // Another replica polls; what it leaves behind is handled here too.
                        rest(&desk, &stop, 2_000).await;
                    }
                    if let Err(error) = handled {
                        tracing::error!(%error, "hearing failed; again in five seconds");
                        rest(&desk, &stop, 5_000).await;
                    }
                }
                if let Err(error) = self.poller.stop(&desk).await {
                    tracing::warn!(%error, "the lease of polling runs out by itself");
                }
            })
        };
        let (sources, started, heartbeat) = (self.sources, self.started, self.heartbeat);
        let summary = self.summary;
        let jobs = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    match jobs::run_due(&desk, &sources, started).await {
                        Ok((pulled, _)) => pulled.iter().for_each(log),
                        Err(error) => tracing::error!(%error, "the job list failed"),
                    }
                    if let Err(error) = jobs::hand_over(&desk).await {
                        tracing::error!(%error, "handing duties over failed");
                    }
                    if let Err(error) = jobs::look_daily(&desk).await {
                        tracing::error!(%error, "the daily look failed");
                    }
                    if let Err(error) = summarise(&desk, &summary, started).await {
                        tracing::error!(%error, "the summaries failed");
                    }
                    if let Err(error) = jobs::escalate_due(&desk).await {
                        tracing::error!(%error, "reminders failed");
                    }
                    if let Err(error) = audit_due(&desk, heartbeat.as_ref()).await {
                        tracing::error!(%error, "the audit failed");
                    }
                    bot::offer(&desk).await;
                    if let Err(error) = tidy(&desk).await {
                        tracing::error!(%error, "tidying up failed");
                    }
                    rest(&desk, &stop, 20_000).await;
                }
            })
        };
        let send = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let wait = match delivery::deliver(&desk).await {
                        Ok(round) => {
                            let now = desk.clock.now_ms();
                            round.next.map_or(1_000, |next| next - now).clamp(20, 1_000)
                        }
                        Err(error) => {
                            tracing::error!(%error, "sending failed; again in five seconds");
                            5_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        let show = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let wait = match bot::refresh::refresh(&desk).await {
                        Ok(round) if round.done > 0 => 200,
                        Ok(_) => 2_000,
                        Err(error) => {
                            tracing::error!(%error, "keeping messages true failed");
                            10_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        let intake = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    if let Err(error) = bot::intake::work(&desk).await {
                        tracing::error!(%error, "working on uploaded reports failed");
                    }
                    rest(&desk, &stop, 1_000).await;
                }
            })
        };
        let prove = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    if let Err(error) = bot::fetch::fetch(&desk).await {
                        tracing::error!(%error, "fetching evidence failed");
                    }
                    rest(&desk, &stop, 5_000).await;
                }
            })
        };
        let tell = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            let platforms = self.platforms;
            tokio::spawn(async move {
                while !stop.is_cancelled() && !platforms.is_empty() {
                    let wait = match feed(&desk, &platforms).await {
                        Ok(fed) if fed.claimed > 0 => 200,
                        Ok(_) => 5_000,
                        Err(error) => {
                            tracing::error!(%error, "telling the platforms failed");
                            10_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        for task in [hear, jobs, send, show, prove, intake, tell, answer] {
            task.await
                .map_err(|error| Error::other(error.to_string()))?;
        }
        self.desk.store.close().await;
        Ok(())
    }
}

/// Waits by the clock, or until the program is to stop.
async fn rest(desk: &Desk, stop: &CancellationToken, ms: i64) {
    let until = desk.clock.now() + TimeDelta::milliseconds(ms);
    tokio::select! {
        () = desk.clock.sleep_until(until) => {}
        () = stop.cancelled() => {}
    }
}

fn log(pulled: &Result<Outcome>) {
    match pulled {
        Ok(o) => tracing::info!(
            source = o.source,
            date = o.date,
            findings = o.findings,
            opened = o.opened,
            verified = o.verified,
            rejected = o.rejected.len(),
            duplicate = o.duplicate,
            "report"
        ),
        Err(error) => tracing::error!(%error, "a report could not be taken"),
    }
}
