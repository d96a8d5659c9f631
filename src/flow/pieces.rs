//! A report is written whole or not at all; a very large one in pieces, so that who presses a button meanwhile
//! is answered. It stays staged until the last piece: what interrupts it lets it begin anew, under its number,
//! and what was listed before is then listed again.

use crate::error::Result;
use crate::store::{Store, Tx};

/// Rows of a report that are written in one go.
const WHOLE: usize = 2_000;
/// Rows of a piece of a larger one.
const PIECE: usize = 250;

/// The transaction of a report.
pub(super) struct Pieces<'s> {
    store: &'s Store,
    /// The one that is open.
    pub tx: Tx,
    /// How many rows make a piece.
    pub size: usize,
    large: bool,
    attempt: String,
    done: usize,
}

impl<'s> Pieces<'s> {
    /// Begins a report of so many rows at `now`, in UTC milliseconds.
    pub(super) async fn begin(store: &'s Store, rows: usize, now: i64) -> Result<Self> {
        let large = rows > WHOLE;
        Ok(Self {
            store,
            tx: store.begin().await?,
            size: if large { PIECE } else { WHOLE },
            large,
            attempt: now.to_string(),
            done: 0,
        })
    }

    /// Ends a piece: others may write before the next one.
    pub(super) async fn next(self) -> Result<Self> {
        if !self.large {
            return Ok(self);
        }
        self.tx.commit().await?;
        // Who waits for the database is woken, and comes first.
        tokio::task::yield_now().await;
        Ok(Self {
            tx: self.store.begin().await?,
            done: self.done + 1,
            ..self
        })
    }

    /// What makes the notices of this piece happen once: of a report in pieces each has its own, and each
    /// attempt has others.
    pub(super) fn cause(&self, report: i64) -> String {
        match self.large {
            false => format!("report-{report}"),
            true => format!("report-{report}-{}-{}", self.attempt, self.done),
        }
    }
}
