//! `/unmatched`: printed names that wait, each ruled on by a press; what is meant is found by a part of its name
//! in a reply.

use super::{Answer, Visit};
use crate::delivery::new_key;
use crate::error::Result;
use crate::matching::table::{self as waiting, Offer, Waiting};
use crate::message::WaitingView;
use crate::message::table::Message;
use crate::roster::{Person, Role, Roster, Scope, Target};

/// The most names of one message.
const NAMES: usize = 200;
/// The most that a search offers.
const OFFERED: usize = 8;

/// Whether a person rules on names that nobody knows: whoever supervises everything, for they may be anybody's.
pub(super) fn rules(visit: &Visit<'_>, person: &Person) -> bool {
    person.role == Role::Manager && visit.directory.roster.scope_of(person) == Scope::All
}

/// The account or unit that a button means: `a17`, `u3`; on older messages the place among the candidates.
pub(super) fn chosen(roster: &Roster, name: &Waiting, word: &str) -> Option<(Option<i64>, i64)> {
    if let Some(id) = word.strip_prefix('a') {
        let account = roster.account(id.parse().ok()?)?;
        return Some((Some(account.id), roster.unit(&account.unit)?.id));
    }
    if let Some(id) = word.strip_prefix('u') {
        return Some((None, roster.unit_by_id(id.parse().ok()?)?.id));
    }
    let place: usize = word.parse().ok()?;
    let offer = name.candidates.get(place.checked_sub(1)?)?;
    Some((offer.account, offer.unit))
}

impl Visit<'_> {
    /// The names that wait, one a page.
    pub(super) async fn unmatched(&mut self, person: &Person) -> Result<Answer> {
        if !rules(self, person) {
            let name = match person.role {
                Role::Manager => "unmatched_elsewhere",
                _ => "no_permission",
            };
            return Ok(Answer::text(
                self.chat,
                self.words(name, minijinja::context! {})?,
            ));
        }
        let mut names = waiting::open(self.tx).await?;
        if names.is_empty() {
            let text = self.words("unmatched_none", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        names.truncate(NAMES);
        self.names(person, &names)
    }

    fn names(&self, person: &Person, names: &[Waiting]) -> Result<Answer> {
        let directory = self.directory.clone();
        let key = new_key();
        let view = WaitingView::of(&self.lens(&directory), &key, names, 0);
        let said = self.book.waiting(&view)?;
        let ids = names.iter().map(|name| name.id).collect();
        Ok(self.kept("waiting", person, (ids, key), said))
    }

    /// A part of a unit's or account's name in reply to names that wait: who is so called, to be pressed.
    pub(super) async fn search_names(
        &mut self,
        person: &Person,
        message: &Message,
        text: &str,
    ) -> Result<Answer> {
        if !rules(self, person) {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let page = usize::try_from(message.page).unwrap_or_default();
        let id = message.issues.get(page).copied();
        let name = waiting::many(self.tx, &id.into_iter().collect::<Vec<_>>())
            .await?
            .pop();
        let directory = self.directory.clone();
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let called = directory.index.called(text, today, |_| true);
        let (found, why) = match called.hits.is_empty() {
            false => (called.hits, "searched"),
            true => (called.near, "looks_alike"),
        };
        let offer = |target: &Target| {
            let (account, unit) = match target {
                Target::Unit(id) => (None, directory.roster.unit_by_id(*id)?.id),
                Target::Account(id) => {
                    let account = directory.roster.account(*id)?;
                    (Some(account.id), directory.roster.unit(&account.unit)?.id)
                }
            };
            Some(Offer {
                account,
                unit,
                score: 0,
                why: why.to_owned(),
            })
        };
        let more = found.len().saturating_sub(OFFERED);
        let candidates: Vec<Offer> = found.iter().take(OFFERED).filter_map(offer).collect();
        let Some(name) = name.filter(|_| !candidates.is_empty()) else {
            let context = minijinja::context! { name => self.lens(&directory).short(text, 40) };
            let text = self.words("unmatched_unknown", context)?;
            return Ok(Answer::text(self.chat, text));
        };
        let mut answer = self.names(person, &[Waiting { candidates, ..name }])?;
        if more > 0 {
            let text = self.words("unmatched_more", minijinja::context! { more => more })?;
            for say in &mut answer.says {
                say.said.html.push_str(&format!("\n{text}"));
            }
        }
        Ok(answer)
    }
}
