//! What the edges share: the store, the clock, the rules, the roster of now, the words and the bot.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use teloxide::Bot;
use tokio::sync::{Mutex, RwLock};

use crate::clock::Clock;
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::matching::{Index, ShortForms};
use crate::message::Catalogue;
use crate::roster::{self, Roster};
use crate::store::{Store, Tx};

/// Shared by every loop and handler.
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Vocabulary, deadlines, hours.
    pub rules: Rules,
    /// The words.
    pub words: Catalogue,
    /// The client of the channel.
    pub bot: Bot,
    /// The office's name.
    pub office: String,
    /// Abbreviations of units' names.
    pub short_forms: ShortForms,
    /// Sends are paced unless a benchmark turns it off.
    pub pace: Mutex<crate::channel::pace::Pace>,
    directory: RwLock<Option<Directory>>,
}

impl Desk {
    /// Puts the parts together; nothing is read yet.
    pub fn new(
        (store, clock): (Store, Clock),
        rules: Rules,
        (words, office): (Catalogue, String),
        bot: Bot,
        short_forms: ShortForms,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            rules,
            words,
            bot,
            office,
            short_forms,
            pace: Mutex::default(),
            directory: RwLock::new(None),
        })
    }

    /// The roster of now: read anew when its version in the store has changed.
    pub async fn directory(&self, tx: &mut Tx) -> Result<Directory> {
        let version = roster::table::version(tx).await?;
        if let Some(directory) = self.directory.read().await.as_ref()
            && directory.roster.version == version
        {
            return Ok(directory.clone());
        }
        let roster: Arc<Roster> = Arc::new(roster::table::load(tx).await?);
        let index = Index::build(&roster, &self.short_forms);
        let directory = Directory {
            roster,
            index: Arc::new(index),
        };
        *self.directory.write().await = Some(directory.clone());
        Ok(directory)
    }

    /// The time now in the office's zone.
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<chrono_tz::Tz> {
        at.with_timezone(&self.rules.zone)
    }
}
