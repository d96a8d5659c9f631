//! A report is written whole or not at all; a very large one in pieces, so that who presses a button meanwhile
//! is answered. It stays staged until the last piece: what interrupts it lets it begin anew, under its number,
//! and what was listed before is then listed again.

use std::time::Instant;

use crate::error::{Error, Result};
use crate::store::{Store, Tx, lease};

/// The lease of who works on a report.
const LEASE: &str = "reports";
/// How long it holds without being held on to, in ms.
const LEASE_MS: i64 = 120_000;

/// The turn of who works on a report: nobody else does meanwhile, in whatever process.
pub(super) struct Turn {
    holder: String,
    /// In UTC milliseconds.
    at: i64,
    /// The same by a watch.
    pub began: Instant,
}

impl Turn {
    /// Takes it at `at`, in UTC milliseconds.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody else has it, and the store's.
    pub(super) async fn take(store: &Store, at: i64) -> Result<Self> {
        let turn = Self {
            holder: format!("{}-{:016x}", std::process::id(), rand::random::<u64>()),
            at,
            began: Instant::now(),
        };
        let mut tx = store.begin().await?;
        turn.hold(&mut tx).await?;
        tx.commit().await?;
        Ok(turn)
    }

    /// Holds on to it.
    async fn hold(&self, tx: &mut Tx) -> Result<()> {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = self.at.saturating_add(passed);
        match lease::take(tx, LEASE, &self.holder, now, now.saturating_add(LEASE_MS)).await? {
            true => Ok(()),
            false => Err(Error::Busy),
        }
    }

    /// Gives it back.
    pub(super) async fn end(self, store: &Store) -> Result<()> {
        let mut tx = store.begin().await?;
        lease::free(&mut tx, LEASE, &self.holder).await?;
        tx.commit().await
    }
}

/// Rows of a report that are written in one go.
const WHOLE: usize = 2_000;
/// Rows of a piece of a larger one.
const PIECE: usize = 250;

/// The transaction of a report.
pub(super) struct Pieces<'s> {
    store: &'s Store,
    turn: &'s Turn,
    /// The one that is open.
    pub tx: Tx,
    /// How many rows make a piece.
    pub size: usize,
    large: bool,
    done: usize,
}

impl<'s> Pieces<'s> {
    /// Begins a report of so many rows.
    pub(super) async fn begin(store: &'s Store, turn: &'s Turn, rows: usize) -> Result<Self> {
        let large = rows > WHOLE;
        let mut tx = store.begin().await?;
        // Reading the report may have taken longer than the lease.
        turn.hold(&mut tx).await?;
        Ok(Self {
            store,
            turn,
            tx,
            size: if large { PIECE } else { WHOLE },
            large,
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
        let mut tx = self.store.begin().await?;
        self.turn.hold(&mut tx).await?;
        Ok(Self {
            tx,
            done: self.done + 1,
            ..self
        })
    }

    /// Ends a piece before something that takes long to read: of a large report it is read while others write,
    /// and what is to be changed by it has to be read anew.
    pub(super) async fn look(self) -> Result<Look<'s>> {
        if !self.large {
            return Ok(Look(self));
        }
        self.tx.commit().await?;
        let tx = self.store.read().await?;
        Ok(Look(Self { tx, ..self }))
    }

    /// What makes the notices of this piece happen once: of a report in pieces each has its own, and each
    /// attempt has others.
    pub(super) fn cause(&self, report: i64) -> String {
        match self.large {
            false => format!("report-{report}"),
            true => format!("report-{report}-{}-{}", self.turn.at, self.done),
        }
    }
}

/// Between two pieces: it only reads.
pub(super) struct Look<'s>(Pieces<'s>);

impl<'s> Look<'s> {
    /// Where it reads.
    pub(super) fn tx(&mut self) -> &mut Tx {
        &mut self.0.tx
    }

    /// Begins the next piece.
    pub(super) async fn next(self) -> Result<Pieces<'s>> {
        self.0.next().await
    }
}
