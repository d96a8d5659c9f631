//! `duban serve`

use super::stop_signal;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::{Fault, Result};

/// Serves until SIGTERM or Ctrl-C; what was begun is brought to its end.
pub(super) async fn serve(settings: &Settings) -> Result<bool> {
    let app = App::build(settings, Clock::system()).await?;
    if let Some(fault) = uncovered(settings, &app).await? {
        app.desk.store.close().await;
        return Err(fault.into());
    }
    let stop = stop_signal()?;
    tracing::info!(sources = settings.sources.len(), "duban serves");
    app.serve(stop).await?;
    Ok(true)
}

/// A platform that a source covers and nobody knows: nothing of it would ever be verified; or a
/// field of its columns that no finding has. Areas
/// come and go with the roster, so that they are only warned of.
async fn uncovered(settings: &Settings, app: &App) -> Result<Option<Fault>> {
    let mut tx = app.desk.store.read().await?;
    let directory = app.desk.directory(&mut tx).await?;
    for fault in settings.unknown_areas(&directory.roster) {
        tracing::warn!("{fault}");
    }
    let vocabulary = &app.desk.rules.vocabulary;
    let unknown = settings.unknown_platforms(vocabulary).into_iter();
    Ok(unknown.chain(settings.unknown_fields(vocabulary)).next())
}
