//! What the edges share: the store, the clock, the rules, the roster of now, the words and the bot.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};
use teloxide::Bot;
use tokio::sync::{Mutex, RwLock};

use crate::clock::Clock;
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::matching::{Index, ShortForms};
use crate::message::lang::{self, Lang};
use crate::message::{Catalogue, Languages};
use crate::report::folder::Looked;
use crate::report::source::SourceSettings;
use crate::roster::{self, Roster, duty, learned};
use crate::store::{Store, Tx};

/// Shared by every loop and handler.
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Vocabulary, deadlines, hours.
    pub rules: Rules,
    /// The words of every language.
    pub words: Languages,
    /// The client of the channel.
    pub bot: Bot,
    /// The office's name.
    pub office: String,
    /// Where reports come from.
    pub sources: Vec<SourceSettings>,
    /// Abbreviations of units' names.
    pub short_forms: ShortForms,
    /// Sends are paced unless a benchmark turns it off.
    pub pace: Mutex<crate::channel::pace::Pace>,
    /// What was taken from the sources' folders.
    pub looked: Looked,
    /// The bot's name, once it was asked: for links that lead to it.
    pub name: OnceLock<String>,
    directory: RwLock<Option<(Edition, Directory)>>,
}

/// What a directory was made from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Edition {
    /// The roster's version.
    roster: i64,
    /// The version of the names that people's choices taught.
    learned: i64,
    /// The version of the duties.
    duties: i64,
    today: NaiveDate,
}

impl Desk {
    /// Puts the parts together; nothing is read yet.
    pub fn new(
        (store, clock): (Store, Clock),
        rules: Rules,
        (words, office, sources): (Languages, String, Vec<SourceSettings>),
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
            sources,
            short_forms,
            pace: Mutex::default(),
            looked: Looked::default(),
            name: OnceLock::new(),
            directory: RwLock::new(None),
        })
    }

    /// The roster of now with the duties of today: read anew when its version or that of the duties in
    /// the store has changed, or the day.
    pub async fn directory(&self, tx: &mut Tx) -> Result<Directory> {
        let today = self.local(self.clock.now()).date_naive();
        let edition = Edition {
            roster: roster::table::version(tx).await?,
            learned: learned::version(tx).await?,
            duties: duty::table::version(tx).await?,
            today,
        };
        let held = self.directory.read().await.clone();
        let (roster, index) = match held {
            Some((held, directory)) if held == edition => return Ok(directory),
            // Another day or other duties: the names are the same.
            Some((held, directory))
                if (held.roster, held.learned) == (edition.roster, edition.learned) =>
            {
                (directory.roster, directory.index)
            }
            // One name more or less: the roster's own are the same.
            Some((held, directory)) if held.roster == edition.roster => {
                let learned = learned::counting(tx).await?;
                let index = Arc::new(directory.index.with_learned(&learned));
                (directory.roster, index)
            }
            _ => {
                let roster: Arc<Roster> = Arc::new(roster::table::load(tx).await?);
                let index = Arc::new(Index::build(&roster, &self.short_forms));
                (roster, index)
            }
        };
        let duties = duty::table::from_day(tx, today).await?;
        // A large roster is not kept twice for nothing.
        let roster = if roster.anyone_away() || duties.iter().any(|duty| duty.runs(today)) {
            Arc::new(Roster::clone(&roster).with_duties(today, &duties))
        } else {
            roster
        };
        let directory = Directory { roster, index };
        if tx.settled() {
            *self.directory.write().await = Some((edition, directory.clone()));
        }
        Ok(directory)
    }

    /// The language of a person: what they chose, else the office's.
    pub async fn lang(&self, tx: &mut Tx, person: i64) -> Result<Lang> {
        let chosen = lang::chosen(tx, person).await?;
        Ok(chosen.unwrap_or(self.words.default_lang()))
    }

    /// The words that a person reads.
    pub async fn book(&self, tx: &mut Tx, person: i64) -> Result<&Catalogue> {
        Ok(self.words.of(self.lang(tx, person).await?))
    }

    /// The time now in the office's zone.
    pub fn local(&self, at: DateTime<Utc>) -> DateTime<chrono_tz::Tz> {
        at.with_timezone(&self.rules.zone)
    }
}
