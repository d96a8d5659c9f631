//! People in the catalogue's words: lists to choose from, a person's card, invitations, and what is said back
//! before somebody is added or replaced.

use std::collections::HashMap;

use minijinja::context;
use serde::Serialize;

use super::digest::{button, paging};
use super::text::{clip, tame};
use super::view::Lens;
use super::{Button, Catalogue, Rendered};
use crate::error::Result;
use crate::roster::staff::PersonAct;
use crate::roster::table::Binding;
use crate::roster::{Person, Role};

/// People a page.
pub const PEOPLE: usize = 8;
/// Accounts that are named; more are counted.
const NAMED: usize = 6;

/// Who is bound, and who is invited until when, in UTC milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// By person.
    pub bound: HashMap<i64, Binding>,
    /// By person.
    pub invited: HashMap<i64, i64>,
}

/// A person as a list or a card shows them.
#[derive(Clone, Debug, Serialize)]
pub struct PersonView {
    /// Their place in the list, from 1.
    pub n: usize,
    /// Their name.
    pub name: String,
    /// Their code.
    pub code: String,
    /// What they are, in a word of the catalogue.
    pub role: String,
    /// Their units' names.
    pub units: String,
    /// The accounts that they name, some of them.
    pub accounts: Vec<String>,
    /// How many these are; none: every account of their units.
    pub named: usize,
    /// Of an operator of whole units how many accounts these have.
    pub all: usize,
    /// Since when they are bound.
    pub bound: Option<String>,
    /// Since when they cannot be reached.
    pub lost: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// Until when an unused invitation is good.
    pub invited: Option<String>,
    /// Who acts for them today.
    pub away: Option<String>,
    /// For whom they act today.
    pub covers: Vec<String>,
}

/// What a card is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// To be looked at.
    Look,
    /// They are bound already; to invite them all the same must be meant.
    Again,
    /// Whether they are to be let go is asked.
    Unbind,
    /// They were let go.
    Unbound,
    /// Their invitations were taken back.
    Revoked,
}

/// What the reader may do with the person on a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Invite, release, replace.
    pub manage: bool,
}

impl Lens<'_> {
    /// A person for a list or a card.
    pub fn person_view(&self, person: &Person, reach: &Reach, n: usize) -> PersonView {
        let roster = self.roster;
        let named: Vec<String> = person
            .operates
            .iter()
            .map(|label| match label.split_once(':') {
                Some((platform, name)) => {
                    let quoted = self.words.term("quoted");
                    let quoted = quoted.replace("{platform}", &self.platform(platform));
                    quoted.replace("{name}", name)
                }
                None => {
                    let by_uid = roster.accounts.iter();
                    let account = by_uid
                        .filter(|account| account.uid.as_ref() == Some(label))
                        .find_map(|account| Some((account.id, roster.unit(&account.unit)?.id)));
                    account.map_or_else(|| label.clone(), |(id, unit)| self.target(Some(id), unit))
                }
            })
            .collect();
        let binding = reach.bound.get(&person.id);
        let lost = binding.and_then(|binding| binding.unreachable_since);
        let acting = roster.acting_for(person);
        let away = match acting {
            Some(acting) if acting.id == person.id => None,
            Some(acting) => Some(self.called(acting.id)),
            None => Some(self.words.term("nobody").to_owned()),
        };
        PersonView {
            n,
            name: clip(&tame(&person.name), 40).into_owned(),
            code: clip(&tame(&person.code), 20).into_owned(),
            role: self.words.term(person.role.as_str()).to_owned(),
            units: self.units_of(person),
            named: named.len(),
            all: match (person.role, person.operates.is_empty()) {
                (Role::Operator, true) => {
                    let accounts = roster.accounts.iter();
                    let theirs = accounts.filter(|account| person.units.contains(&account.unit));
                    theirs.count()
                }
                _ => 0,
            },
            accounts: named
                .iter()
                .take(NAMED)
                .map(|name| clip(&tame(name), 60).into_owned())
                .collect(),
            bound: binding.map(|binding| self.moment(binding.bound_at)),
            lost: lost.map(|since| self.moment(since)),
            why: binding
                .and_then(|binding| binding.unreachable_why.as_deref())
                .map(|why| clip(&tame(why), 80).into_owned()),
            invited: reach.invited.get(&person.id).map(|until| self.time(*until)),
            away,
            covers: roster
                .stands_for(person)
                .map(|one| one.name.clone())
                .collect(),
        }
    }

    /// The names of a person's units.
    pub fn units_of(&self, person: &Person) -> String {
        if person.everywhere() {
            return self.words.term("everywhere").to_owned();
        }
        let names: Vec<&str> = person
            .units
            .iter()
            .map(|code| {
                self.roster
                    .unit(code)
                    .map_or(code.as_str(), |unit| &unit.name)
            })
            .collect();
        clip(&tame(&names.join(self.words.term("comma"))), 120).into_owned()
    }

    /// Who did what about a person, for the card.
    pub fn person_acts(&self, acts: &[PersonAct]) -> Vec<minijinja::Value> {
        let name = |id: i64| self.roster.name_of(id).map(|name| tame(name).clone());
        acts.iter()
            .map(|act| {
                context! {
                    at => self.moment(act.at),
                    what => self.words.term(&format!("people_{}", act.verb)),
                    by => act.by_id.and_then(name), other => act.other_id.and_then(name),
                }
            })
            .collect()
    }
}

impl Catalogue {
    /// People to choose from, a page of them; `what` they are chosen for.
    pub fn people(
        &self,
        (key, what): (&str, &str),
        people: &[PersonView],
        (page, total): (usize, usize),
    ) -> Result<Rendered> {
        let pages = total.div_ceil(PEOPLE).max(1);
        let context = context! {
            what => what, people => people, total => total, page => page + 1, pages => pages,
        };
        let html = self.text("people_list", context)?;
        let choice = |one: &PersonView| {
            let label = format!("{} {}", one.n, clip(&one.name, 16));
            button(label, "pers", key, one.n)
        };
        let mut keyboard: Vec<Vec<Button>> = people
            .chunks(2)
            .map(|row| row.iter().map(choice).collect())
            .collect();
        keyboard.push(paging(key, page, pages));
        if what == "people_invite" {
            keyboard.push(vec![button(
                self.term("people_invited_list").to_owned(),
                "outs",
                key,
                0,
            )]);
        }
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// A person's card with what can be done.
    pub fn whois(
        &self,
        key: &str,
        (view, acts, card): (&PersonView, Vec<minijinja::Value>, Card),
        may: May,
    ) -> Result<Rendered> {
        let context = context! { p => view, acts => acts, card => card };
        let html = self.text("whois", context)?;
        let verb = |verb: &str| {
            let label = self.term(&format!("person_{verb}")).to_owned();
            button(label, verb, key, 1)
        };
        let mut keyboard = Vec::new();
        match card {
            _ if !may.manage => {}
            Card::Unbind => keyboard.push(vec![verb("unbyes"), verb("card")]),
            Card::Unbound => keyboard.push(vec![verb("inv"), verb("rep")]),
            Card::Look | Card::Again | Card::Revoked => {
                let mut row = match (view.bound.is_some(), card) {
                    (true, Card::Again) => vec![verb("reinv"), verb("unb")],
                    (true, _) => vec![verb("unb")],
                    (false, _) => vec![verb("inv")],
                };
                if view.invited.is_some() {
                    row.push(verb("rev"));
                }
                row.push(verb("rep"));
                keyboard.push(row);
            }
        }
        Ok(Rendered { html, keyboard })
    }

    /// That somebody was invited: what who invited reads, with the button to take it back.
    pub fn invited(&self, key: &str, view: &PersonView, until: &str) -> Result<Rendered> {
        let html = self.text("invited", context! { p => view, until => until })?;
        let label = self.term("person_rev").to_owned();
        let list = self.term("people_invited_list").to_owned();
        let keyboard = vec![vec![
            button(label, "rev", key, 1),
            button(list, "outs", key, 0),
        ]];
        Ok(Rendered { html, keyboard })
    }

    /// What is ready to be forwarded to who is invited.
    pub fn invitation(
        &self,
        name: &str,
        (code, until): (&str, &str),
        bot: Option<&str>,
    ) -> Result<Rendered> {
        let link = bot.map(|bot| format!("https://t.me/{bot}?start={code}"));
        let office = self.term("about_short");
        let context = context! {
            name => clip(&tame(name), 40), code => code, until => until, link => link,
            bot => bot, office => office,
        };
        let html = self.text("invitation", context)?;
        let keyboard = vec![];
        Ok(Rendered { html, keyboard })
    }

    /// Who might succeed somebody, to choose from.
    pub fn successors(&self, key: &str, old: &PersonView, fit: &[PersonView]) -> Result<Rendered> {
        let html = self.text("successors", context! { old => old, people => fit })?;
        let choice = |one: &PersonView| {
            let label = format!("{} {}", one.n, clip(&one.name, 16));
            button(label, "to", key, one.n)
        };
        let rows = fit.chunks(2).map(|row| row.iter().map(choice).collect());
        Ok(Rendered {
            html,
            keyboard: rows.collect(),
        })
    }

    /// What was understood, to be confirmed: somebody is added, or replaced.
    pub fn wish(&self, key: &str, context: minijinja::Value) -> Result<Rendered> {
        let yes = format!("✅ {}", self.term("confirm"));
        let no = self.term("cancel").to_owned();
        Ok(Rendered {
            html: self.text("wish", context)?,
            keyboard: vec![vec![button(yes, "yes", key, 1), button(no, "no", key, 1)]],
        })
    }
}
