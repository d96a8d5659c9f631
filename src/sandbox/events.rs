//! Server-sent events: a page is told what has changed, and after a pause what it missed.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream as streams};
use tokio::sync::watch;

/// Events named `name`: first what `look` has to say, then again after every change that `watch`
/// tells of. `look` is given what the page holds and returns what it holds after, with the text;
/// none while there is nothing to say.
pub fn stream<F>(
    name: &'static str,
    watch: watch::Receiver<u64>,
    holds: u64,
    look: F,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    F: Fn(u64) -> Option<(u64, String)> + Send + Sync + 'static,
{
    let first = (watch, holds, look, true);
    let events = streams::unfold(
        first,
        move |(mut watch, mut holds, look, mut begin)| async move {
            loop {
                if !begin {
                    watch.changed().await.ok()?;
                }
                begin = false;
                watch.mark_unchanged();
                if let Some((now, text)) = look(holds) {
                    holds = now;
                    let event = Event::default()
                        .event(name)
                        .id(holds.to_string())
                        .data(text);
                    return Some((Ok(event), (watch, holds, look, false)));
                }
            }
        },
    );
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
