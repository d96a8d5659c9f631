//! What was sent as evidence is fetched once, so that its SHA-256 can show later that it is still the same.

use sha2::{Digest as _, Sha256};
use teloxide::net::Download as _;
use teloxide::prelude::Requester as _;
use teloxide::types::FileId;

use crate::channel::{Failure, classify};
use crate::desk::Desk;
use crate::error::Result;
use crate::issue::evidence::{self, Sent};

/// So many are fetched in one round.
const ROUND: i64 = 4;
/// The channel gives out files up to this size, in bytes (Bot API, getFile).
pub(super) const LARGEST: u64 = 20 * 1024 * 1024;
/// What could not be fetched is asked for again after so long, in ms.
const AGAIN_MS: i64 = 600_000;

/// Fetches and hashes what was sent; how many were done with.
pub async fn fetch(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now_ms();
    let mut tx = desk.store.read().await?;
    let waiting = evidence::unhashed(&mut tx, now, ROUND).await?;
    drop(tx);
    let mut done = 0;
    for (act, kept, at) in waiting {
        let mut tx = desk.store.begin().await?;
        let mine = evidence::take(&mut tx, act, now, now + AGAIN_MS).await?;
        tx.commit().await?;
        if !mine {
            continue;
        }
        let content = content(desk, &kept).await;
        let mut tx = desk.store.begin().await?;
        match content {
            Content::Bytes(bytes) => {
                let digest = Sha256::digest(&bytes);
                let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                evidence::hashed(&mut tx, act, &hex).await?;
                done += 1;
            }
            Content::Later if now - at < GIVE_UP_MS => {}
            Content::Later | Content::Never => {
                evidence::hashed(&mut tx, act, "").await?;
                done += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(done)
}

/// After so long nobody asks any more, in ms: a day.
const GIVE_UP_MS: i64 = 86_400_000;

/// What asking the channel for a file comes to.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Later,
    Never,
}

/// The bytes of a file. Its address holds the token and is not told.
pub(super) async fn content(desk: &Desk, kept: &str) -> Content {
    let sent = Sent::read(kept);
    if sent.size > LARGEST {
        return Content::Never;
    }
    let file = match desk.bot.get_file(FileId(sent.file_id)).await {
        Ok(file) => file,
        Err(error) => {
            let failure = classify(&error);
            tracing::warn!(%failure, "a file could not be fetched");
            return match failure {
                Failure::Dead(_) | Failure::Unreachable(_) => Content::Never,
                _ => Content::Later,
            };
        }
    };
    let mut bytes = Vec::new();
    match desk.bot.download_file(&file.path, &mut bytes).await {
        Ok(()) => Content::Bytes(bytes),
        Err(_) => {
            tracing::warn!("a file could not be downloaded; it is tried again");
            Content::Later
        }
    }
}
