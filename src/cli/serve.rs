//! `duban serve`

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::{Error, Result};

/// Serves until SIGTERM or Ctrl-C; what was begun is brought to its end.
pub(super) async fn serve(settings: &Settings) -> Result<bool> {
    let app = App::build(settings, Clock::system()).await?;
    let stop = CancellationToken::new();
    let ended = stop.clone();
    let mut terminate =
        signal(SignalKind::terminate()).map_err(Error::io("listening for SIGTERM"))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        ended.cancel();
    });
    tracing::info!(sources = settings.sources.len(), "duban serves");
    app.serve(stop).await?;
    Ok(true)
}
