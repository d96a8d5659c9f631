//! The whole life of an issue in time order: where it was listed, who was told and whether it arrived,
//! who did what. Gathered here, worded by whoever shows it.

use std::collections::HashMap;

use super::acts::{self, Act};
use super::deadline::{self, Climb};
use super::table::Issue;
use crate::error::Result;
use crate::outbox::{
    self,
    fate::{self, Told},
};
use crate::report::mention::{self, Mention};
use crate::roster::table as people;
use crate::store::Tx;

/// An issue with everything that happened to it.
#[derive(Clone, Debug)]
pub struct History {
    /// The issue as it is.
    pub issue: Issue,
    /// Its ladder.
    pub climb: Climb,
    /// What happened, oldest first.
    pub entries: Vec<Entry>,
    /// The names of the people in it, also of those who left.
    pub people: HashMap<i64, String>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When, in UTC milliseconds.
    pub at: i64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A report listed it.
    Listed(Box<Mention>),
    /// Somebody or something did something to it.
    Done(Act),
    /// Somebody was to be told.
    Told(Box<Told>),
}

impl What {
    /// What comes first of one moment: the report, what it did, who was told of it.
    fn rank(&self) -> u8 {
        match self {
            Self::Listed(_) => 0,
            Self::Done(_) => 1,
            Self::Told(_) => 2,
        }
    }
}

/// Gathers the life of an issue: four reads, however long it is.
pub async fn of(tx: &mut Tx, issue: Issue) -> Result<History> {
    let mut entries = Vec::new();
    for mention in mention::of_issue(tx, issue.id).await? {
        entries.push(Entry {
            at: mention.received_at,
            what: What::Listed(Box::new(mention)),
        });
    }
    let mut ids = Vec::new();
    let acts = acts::acts_of(tx, &[issue.id]).await?.remove(&issue.id);
    for act in acts.unwrap_or_default() {
        ids.extend(act.person_id);
        entries.push(Entry {
            at: act.at,
            what: What::Done(act),
        });
    }
    for told in fate::of_issue(tx, issue.id).await? {
        ids.push(told.person_id);
        entries.push(Entry {
            at: told.created_at,
            what: What::Told(Box::new(told)),
        });
    }
    entries.sort_by_key(|entry| (entry.at, entry.what.rank()));
    ids.sort_unstable();
    ids.dedup();
    let people = people::names_of(tx, &ids).await?;
    let climb = deadline::climb_of(tx, issue.id).await?;
    Ok(History {
        issue,
        climb,
        entries,
        people,
    })
}

/// A source that lists, or listed, an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The source.
    pub source: String,
    /// The day of its first report that listed it, YYYY-MM-DD.
    pub first: String,
    /// The day of its last one.
    pub last: String,
    /// Its work orders, oldest first.
    pub tickets: Vec<String>,
}

impl History {
    fn mentions(&self) -> impl DoubleEndedIterator<Item = &Mention> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Listed(mention) => Some(mention.as_ref()),
            _ => None,
        })
    }

    /// The sources that list, or listed, it: who was first comes first.
    pub fn witnesses(&self) -> Vec<Witness> {
        let mut found: Vec<Witness> = Vec::new();
        for mention in self.mentions() {
            let at = found.iter().position(|w| w.source == mention.source);
            if at.is_none() {
                found.push(Witness {
                    source: mention.source.clone(),
                    first: mention.date.clone(),
                    last: mention.date.clone(),
                    tickets: Vec::new(),
                });
            }
            let last = found.len().saturating_sub(1);
            let Some(witness) = found.get_mut(at.unwrap_or(last)) else {
                continue;
            };
            witness.first = witness.first.clone().min(mention.date.clone());
            witness.last = witness.last.clone().max(mention.date.clone());
            let ticket = mention.finding.ticket_no.iter();
            let ticket = ticket.filter(|ticket| !witness.tickets.contains(ticket));
            let ticket: Vec<String> = ticket.cloned().collect();
            witness.tickets.extend(ticket);
        }
        found
    }

    /// The rows of the newest report that listed it, where it did so several times: the same words at
    /// several places of an article are one issue.
    pub fn places(&self) -> Vec<&Mention> {
        let Some(newest) = self.mentions().next_back() else {
            return Vec::new();
        };
        let same = |m: &&Mention| {
            (&m.source, &m.date, m.received_at)
                == (&newest.source, &newest.date, newest.received_at)
        };
        let rows: Vec<&Mention> = self.mentions().filter(same).collect();
        if rows.len() < 2 { Vec::new() } else { rows }
    }

    /// A person's name; a group by its number.
    pub fn person(&self, id: i64) -> String {
        if let Some(group) = outbox::group_of(id) {
            return format!("group {group}");
        }
        let name = self.people.get(&id);
        name.cloned().unwrap_or_else(|| format!("#{id}"))
    }
}
