//! What nobody will ask for again is forgotten, once a day.

use chrono::NaiveTime;

use crate::bot;
use crate::clock::at_local;
use crate::desk::Desk;
use crate::error::Result;
use crate::issue::evidence;
use crate::message::redraw;
use crate::report::{pushed, upload};
use crate::schedule;

/// Once a day forgets what nobody will ask for again: handled updates, ended slots, spent dialogues.
pub(super) async fn tidy(desk: &Desk) -> Result<()> {
    let now = desk.clock.now();
    let day = at_local(
        desk.rules.zone,
        desk.local(now).date_naive(),
        NaiveTime::MIN,
    );
    let (now, day) = (now.timestamp_millis(), day.timestamp_millis());
    let mut tx = desk.store.begin().await?;
    if schedule::take(&mut tx, "tidy", day, now).await? {
        let gone = bot::inbox::prune(&mut tx, now).await? + schedule::prune(&mut tx, now).await?;
        let gone = gone + redraw::prune(&mut tx, now).await?;
        let gone = gone + pushed::prune(&mut tx, now).await? + upload::prune(&mut tx, now).await?;
        let gone = gone + evidence::prune_albums(&mut tx, now - 86_400_000).await?;
        if gone > 0 {
            tracing::info!(gone, "tidied up");
        }
        schedule::done(&mut tx, "tidy", day, now, None).await?;
    }
    tx.commit().await
}
