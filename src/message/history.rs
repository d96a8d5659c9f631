//! The life of an issue in the catalogue's words, a page of it.

use minijinja::{Value, context};

use super::digest::paging;
use super::text::{clip, tame};
use super::view::Lens;
use super::{Catalogue, Rendered, Section};
use crate::error::Result;
use crate::issue::acts::Act;
use crate::issue::history::{Entry, History, What};
use crate::outbox::{
    self,
    fate::{self, Told},
};
use crate::report::mention::Mention;

/// Things that happened on one page.
const ENTRIES: usize = 10;

/// Places of the same words that are shown.
const PLACES: usize = 5;

impl Lens<'_> {
    /// A page of an issue's life; one that is not there is the last. `key` is what the buttons carry.
    pub fn history(&self, history: &History, key: &str, page: usize) -> Result<Rendered> {
        let issue = &history.issue;
        let pages = history.entries.len().div_ceil(ENTRIES).max(1);
        let page = page.min(pages - 1);
        let acts: Vec<Act> = history
            .entries
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Done(act) => Some(act.clone()),
                _ => None,
            })
            .collect();
        let view = self.issue(issue, &acts, Section::Open, 1);
        // Which issue it is stands above already.
        let due = self.explanation(issue, &history.climb)?;
        let due: Vec<&str> = due.lines().skip(2).collect();
        let shown = history.entries.iter().skip(page * ENTRIES).take(ENTRIES);
        let html = self.words.text(
            "history",
            context! {
                issue => self.words.issue(&view),
                due => Value::from_safe_string(due.join("\n")),
                witnesses => self.witnesses(history), places => self.places(history),
                entries => shown.map(|entry| self.entry(history, entry)).collect::<Vec<_>>(),
                page => page + 1, pages => pages,
            },
        )?;
        let mut keyboard = vec![paging(key, page, pages)];
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// Who lists it, where there is more to say than the one report's name.
    fn witnesses(&self, history: &History) -> Vec<Value> {
        let witnesses = history.witnesses();
        let several = witnesses.len() > 1;
        let told = witnesses
            .into_iter()
            .filter(|w| several || !w.tickets.is_empty());
        let told = told.map(|w| {
            let tickets = w.tickets.iter().map(|ticket| short(ticket, 40));
            context! {
                source => short(&w.source, 40), first => w.first, last => w.last,
                tickets => tickets.collect::<Vec<_>>(),
            }
        });
        told.collect()
    }

    /// The places at which the newest report found the same words, as far as they may be shown.
    fn places(&self, history: &History) -> Vec<Value> {
        if self.rules.mask.hides(&history.issue.category) {
            return Vec::new();
        }
        let told = history.places().into_iter().take(PLACES).map(|mention| {
            let finding = &mention.finding;
            let context = finding.context.as_deref().map(|text| short(text, 60));
            context! { row => finding.row, context => context }
        });
        told.collect()
    }

    fn entry(&self, history: &History, entry: &Entry) -> Value {
        let at = self.moment(entry.at);
        match &entry.what {
            What::Listed(mention) => self.listed(at, mention),
            What::Done(act) => self.done(at, history, act),
            What::Told(told) => self.told(at, history, told),
        }
    }

    fn listed(&self, at: String, mention: &Mention) -> Value {
        let finding = &mention.finding;
        let platform = finding.platform.as_deref().map(|id| self.platform(id));
        let printed = [
            platform,
            finding.account_name.clone(),
            finding.account_uid.clone(),
            finding.unit_name.clone(),
        ];
        let printed = printed.into_iter().flatten();
        let printed: Vec<String> = printed.map(|text| short(&text, 40)).collect();
        let by = mention.matched_by.as_deref().unwrap_or_default();
        context! {
            kind => "listed", at => at, source => short(&mention.source, 40),
            date => mention.date, sheet => finding.sheet.as_deref().map(|sheet| short(sheet, 30)),
            row => finding.row, late => mention.late, printed => printed.join(" · "),
            by => by, rule => self.words.term(&format!("by_{by}")),
        }
    }

    fn done(&self, at: String, history: &History, act: &Act) -> Value {
        let who = match act.person_id {
            Some(id) => history.person(id),
            // Nobody did it: a report, or the office by a command.
            None if act.report_id.is_some() => self.words.term("by_report").to_owned(),
            None => String::new(),
        };
        let word = format!("act_{}", act.verb);
        // What a manager let pass is a wording too.
        let wording = matches!(act.verb.as_str(), "wording_allowed" | "wording_disallowed");
        let note = act.note.as_deref();
        let note = note.filter(|_| !(wording && self.rules.mask.any()));
        let note = note.map(|note| self.note(&act.verb, note));
        context! {
            kind => "done", at => at, who => who, verb => act.verb, word => self.words.term(&word),
            note => note.map(|note| short(&note, 120)), evidence => act.evidence.is_some(),
        }
    }

    /// What an act says: a person's words as they are, a report's or the clock's by name.
    fn note(&self, verb: &str, note: &str) -> String {
        match verb {
            // The explanation of the date of now stands above.
            "due_moved" => note.split(": ").next().unwrap_or(note).to_owned(),
            "withdrawn" => {
                let word = format!("left_{note}");
                match self.words.term(&word) {
                    unknown if unknown == word => note.to_owned(),
                    known => known.to_owned(),
                }
            }
            "reclassified" => {
                let named = note.split(' ').map(|word| match self.category(word) {
                    name if name == word => self.words.term(word).to_owned(),
                    name => name,
                });
                named.collect::<Vec<_>>().join(" ")
            }
            "fix_how" => self.words.term(note).to_owned(),
            "taken_back" => self.words.term(&format!("act_{note}")).to_owned(),
            _ => note.to_owned(),
        }
    }

    /// A person, or the group of a unit.
    fn told_whom(&self, history: &History, told: &Told) -> String {
        let Some(id) = outbox::group_of(told.person_id) else {
            return history.person(told.person_id);
        };
        let title = self
            .roster
            .group(id)
            .map_or("", |group| group.title.as_str());
        let title = short(title, 30);
        self.words.term("the_group").replace("{title}", &title)
    }

    fn told(&self, at: String, history: &History, told: &Told) -> Value {
        let why = told.error.as_deref().map(|why| self.words.why(why));
        let when = match told.state.as_str() {
            "owed" | "claimed" => Some(told.not_before),
            _ => told.settled_at,
        };
        context! {
            kind => "told", at => at, person => self.told_whom(history, told),
            what => self.words.term(&format!("notice_{}", told.kind.as_str())),
            fate => told.state, word => self.words.term(&format!("fate_{}", told.state)),
            when => when.map(|ms| self.moment(ms)), why => why.map(|why| short(why, 80)),
        }
    }
}

fn short(text: &str, units: usize) -> String {
    clip(&tame(text), units).into_owned()
}

/// What is kept of why a notice waits or ended, and its words; of the channel's reasons what they hold.
const WHY: &[(&str, &str)] = &[
    (fate::GONE, "why_gone"),
    (fate::CLOSED, "why_closed"),
    (fate::MOVED, "why_moved"),
    (fate::QUIET, "why_quiet"),
    (fate::MUTED, "why_muted"),
    (fate::SUCCEEDED, "why_succeeded"),
    (fate::IN_GROUP, "why_in_group"),
    (fate::GROUP_GONE, "why_group_gone"),
    (fate::UNBOUND, "why_not_bound"),
    ("bot was blocked by the user", "why_blocked"),
    ("user is deactivated", "why_deactivated"),
    ("chat not found", "why_no_chat"),
    ("can't initiate conversation", "why_no_chat"),
];

impl Catalogue {
    /// Why a notice waits or ended, or why somebody cannot be reached; what is not known as it is.
    pub fn why<'a>(&'a self, why: &'a str) -> &'a str {
        let known = WHY.iter().find(|(text, _)| why.contains(text));
        known.map_or(why, |(_, key)| self.term(key))
    }

    /// The button that shows the life of an issue at a position.
    pub(super) fn history_button(&self, key: &str, position: usize) -> super::Button {
        super::Button {
            label: format!("📜 {}", self.term("hist")),
            data: format!("hist:{key}:{position}"),
        }
    }
}
