//! `duban serve`

use super::stop_signal;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::Result;

/// Serves until SIGTERM or Ctrl-C; what was begun is brought to its end.
pub(super) async fn serve(settings: &Settings) -> Result<bool> {
    let app = App::build(settings, Clock::system()).await?;
    let stop = stop_signal()?;
    tracing::info!(sources = settings.sources.len(), "duban serves");
    app.serve(stop).await?;
    Ok(true)
}
