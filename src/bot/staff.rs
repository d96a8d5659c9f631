//! Somebody new, and somebody in place of who leaves: said back, and counting once confirmed. `/replace`,
//! and the long form of `/invite`.

use super::dialog::Question;
use super::people::For;
use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::joins::{self, Joins};
use crate::delivery::new_key;
use crate::error::Result;
use crate::flow::staff::{self, Invitation};
use crate::issue::table as issues;
use crate::matching::Decision;
use crate::message::table::Message;
use crate::message::{PersonView, Rendered, clip};
use crate::roster::duty::named;
use crate::roster::rights::succeeding;
use crate::roster::staff::{self as record, Wish};
use crate::roster::{Person, Role, table as people};

/// The kind of the message that waits to be confirmed.
pub(super) const WISH: &str = "wish";
/// The kind of the message that offers successors; who leaves stands first.
pub(super) const SUCCESSORS: &str = "successors";
/// The most people to choose from.
const CHOICES: usize = 8;

impl Visit<'_> {
    /// Somebody is to be added: said back, if the roster of now lets who asks.
    pub(super) async fn joining(&mut self, person: &Person, joins: &Joins) -> Result<Answer> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let mut units = Vec::new();
        for name in &joins.units {
            if name == "*" {
                units.push(name.clone());
                continue;
            }
            let unit = match directory.index.named_unit(name, today) {
                Decision::Matched { unit, .. } => roster.unit_by_id(unit),
                Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } => {
                    // Only what is theirs is offered.
                    let mut like: Vec<&str> = candidates
                        .iter()
                        .filter_map(|one| roster.unit_by_id(one.unit))
                        .filter(|unit| {
                            roster.may_give(
                                person,
                                Role::Operator,
                                std::slice::from_ref(&unit.code),
                            )
                        })
                        .map(|unit| unit.name.as_str())
                        .collect();
                    like.dedup();
                    like.truncate(CHOICES);
                    let context = minijinja::context! {
                        why => "no_unit", name => clip(name, 40), units => like,
                    };
                    return self.plain("people_refused", context);
                }
            };
            units.extend(unit.map(|unit| unit.code.clone()));
        }
        units.dedup();
        if !roster.may_give(person, joins.role, &units) {
            let all = [Role::Operator, Role::Lead, Role::Manager, Role::Admin];
            let own = &person.units;
            let may = all
                .into_iter()
                .filter(|role| roster.may_give(person, *role, own));
            let roles: Vec<&str> = may.map(|role| self.book.term(role.as_str())).collect();
            let name = joins.name.as_str();
            let context = minijinja::context! { why => "not_allowed", name, roles };
            return self.plain("people_refused", context);
        }
        let new = Person {
            id: 0,
            code: String::new(),
            name: joins.name.clone(),
            role: joins.role,
            units,
            operates: vec![],
        };
        let wish = Wish {
            id: 0,
            by: person.id,
            old: None,
            new: None,
            person: Some(new),
        };
        self.offer_wish(person, wish).await
    }

    /// `/replace`: who leaves, and by whom they are succeeded.
    pub(super) async fn replace(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if !Self::manages(person) {
            return self.plain("no_permission", minijinja::context! {});
        }
        if rest.is_empty() {
            return self.people(person, For::Replace, None).await;
        }
        let directory = self.directory.clone();
        let managed = directory.roster.managed_by(person);
        let Some((old, new)) = joins::succession(rest) else {
            return match named(&managed, rest).as_slice() {
                [one] => self.successors(person, one).await,
                _ => self.plain("people_usage", minijinja::context! { what => "replace" }),
            };
        };
        match named(&managed, &old).as_slice() {
            [] => self.refuse_person("nobody", &old),
            [one] => self.succeeded_by(person, one, &new).await,
            several => {
                let ids = several.iter().map(|one| one.id).collect();
                self.people(person, For::Replace, Some(ids)).await
            }
        }
    }

    /// Who leaves is known; who succeeds is named, or new.
    async fn succeeded_by(&mut self, person: &Person, old: &Person, new: &str) -> Result<Answer> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let mut managed = roster.managed_by(person);
        managed.retain(|one| one.id != old.id);
        let called = named(&managed, new);
        let fit: Vec<&Person> = called
            .iter()
            .filter(|one| roster.may_succeed(old, one))
            .copied()
            .collect();
        let wish = match (fit.as_slice(), called.is_empty(), joins::name(new)) {
            ([one], ..) => Wish {
                id: 0,
                by: person.id,
                old: Some(old.id),
                new: Some(one.id),
                person: None,
            },
            ([_, _, ..], ..) => return self.offer_successors(person, old, &fit).await,
            ([], false, _) => return self.refuse_person("unfit", new),
            ([], true, None) => return self.refuse_person("no_name", new),
            ([], true, Some(name)) => Wish {
                id: 0,
                by: person.id,
                old: Some(old.id),
                new: None,
                person: Some(Person {
                    id: 0,
                    code: String::new(),
                    name,
                    ..old.clone()
                }),
            },
        };
        self.offer_wish(person, wish).await
    }

    /// Asks who succeeds: colleagues as buttons, or a name.
    pub(super) async fn successors(&mut self, person: &Person, old: &Person) -> Result<Answer> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let mut fit = roster.managed_by(person);
        fit.retain(|one| roster.may_succeed(old, one));
        // Who shares a unit first.
        fit.sort_by_key(|one| !one.units.iter().any(|unit| old.units.contains(unit)));
        fit.truncate(CHOICES);
        self.ask(person, Question::Successor, &[old.id]).await?;
        self.offer_successors(person, old, &fit).await
    }

    async fn offer_successors(
        &mut self,
        person: &Person,
        old: &Person,
        fit: &[&Person],
    ) -> Result<Answer> {
        let reach = self.reach().await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let numbered = fit.iter().enumerate();
        let views: Vec<PersonView> = numbered
            .map(|(n, one)| lens.person_view(one, &reach, n + 1))
            .collect();
        let key = new_key();
        let old_view = lens.person_view(old, &reach, 0);
        let said = self.book.successors(&key, &old_view, &views)?;
        let mut ids = vec![old.id];
        ids.extend(fit.iter().map(|one| one.id));
        Ok(self.kept(SUCCESSORS, person, (ids, key), said))
    }

    /// The name of a successor, said in answer to the question.
    pub(super) async fn successor(
        &mut self,
        person: &Person,
        old: &[i64],
        name: &str,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let old = old.first().and_then(|id| directory.roster.person(*id));
        match old.filter(|old| directory.roster.may_manage(person, old)) {
            Some(old) => {
                self.end_dialog().await?;
                self.succeeded_by(person, old, name.trim()).await
            }
            None => self.plain("no_permission", minijinja::context! {}),
        }
    }

    /// Keeps what was understood and says it back.
    async fn offer_wish(&mut self, person: &Person, wish: Wish) -> Result<Answer> {
        let directory = self.directory.clone();
        let (roster, lens) = (&directory.roster, self.lens(&directory));
        let reach = self.reach().await?;
        let context = if let Some((old, new)) = staff::both(roster, person, &wish) {
            let next = new.map_or_else(|| old.clone(), |new| succeeding(old, new));
            let view = lens.person_view(&next, &reach, 1);
            let open = match old.role {
                Role::Operator => issues::live_in(self.tx, &roster.own_scope(old))
                    .await?
                    .len(),
                _ => 0,
            };
            let fresh = wish.person.as_ref().map(|person| person.name.as_str());
            let new = new.map(|new| new.name.as_str()).or(fresh);
            minijinja::context! {
                old => old.name, new => new, fresh => fresh.is_some(), role => view.role,
                units => view.units, accounts => view.accounts, issues => open,
                bound => reach.bound.contains_key(&old.id),
            }
        } else if let (None, Some(new)) = (wish.old, &wish.person) {
            let view = lens.person_view(new, &reach, 1);
            let managed = roster.managed_by(person).into_iter();
            let same = managed.filter(|one| one.name == new.name);
            let namesakes: Vec<String> = same
                .map(|one| format!("{}（{}）", one.name, lens.units_of(one)))
                .collect();
            minijinja::context! {
                name => new.name, role => view.role, units => view.units, namesakes,
            }
        } else {
            return self.plain("no_permission", minijinja::context! {});
        };
        let id = record::wish(self.tx, &wish, self.now_ms()).await?;
        let key = new_key();
        let said = self.book.wish(&key, context)?;
        Ok(self.kept(WISH, person, (vec![id], key), said))
    }

    fn wish_done(&self, message: &Message, context: minijinja::Value) -> Result<Pressed> {
        let html = self.words("wish_done", context)?;
        let keyboard = vec![];
        Ok(edited(message, Rendered { html, keyboard }, String::new()))
    }

    /// A message goes on with an invitation that was made along with it.
    async fn with_invitation(
        &mut self,
        answer: &mut Answer,
        (person, about): (&Person, &Person),
        invitation: &Invitation,
    ) -> Result<()> {
        // The roster of this update's beginning does not know who was added by it.
        self.directory = self.desk.directory(self.tx).await?;
        answer
            .says
            .extend(self.invited(person, about, invitation).await?.says);
        Ok(())
    }
}

/// A press on what was said back, or on a successor.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let roster = &directory.roster;
    if message.kind == SUCCESSORS {
        let at = argument.parse::<usize>().unwrap_or_default();
        let on = |at: usize| message.issues.get(at).and_then(|id| roster.person(*id));
        let (Some(old), Some(new), "to") = (on(0), on(at.max(1)), verb) else {
            return alert(visit, "toast_expired");
        };
        visit.end_dialog().await?;
        let wish = Wish {
            id: 0,
            by: person.id,
            old: Some(old.id),
            new: Some(new.id),
            person: None,
        };
        if staff::both(roster, person, &wish).is_none() {
            return alert(visit, "toast_no_permission");
        }
        let answer = visit.offer_wish(person, wish).await?;
        return Ok((answer, String::new(), false));
    }
    let id = message.issues.first().copied().unwrap_or_default();
    let Some(wish) = record::wished(visit.tx, id).await? else {
        return visit.wish_done(&message, minijinja::context! { what => "stale" });
    };
    if verb != "yes" {
        record::end_wish(visit.tx, id, false).await?;
        return visit.wish_done(&message, minijinja::context! { what => "dropped" });
    }
    match wish.old {
        None => add(visit, person, &message, &wish).await,
        Some(_) => replace(visit, person, &message, &wish).await,
    }
}

async fn add(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    wish: &Wish,
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let by = visit.by(person);
    let Some((new, invitation)) = staff::add(visit.tx, &directory.roster, by, wish).await? else {
        return visit.wish_done(message, minijinja::context! { what => "stale" });
    };
    let context = minijinja::context! { what => "added", new => new.name };
    let (mut answer, toast, read) = visit.wish_done(message, context)?;
    visit
        .with_invitation(&mut answer, (person, &new), &invitation)
        .await?;
    Ok((answer, toast, read))
}

async fn replace(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    wish: &Wish,
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let (rules, by) = (&visit.desk.rules, visit.by(person));
    let done = staff::replace(visit.tx, (rules, &directory.roster), by, wish).await?;
    let Some(done) = done else {
        return visit.wish_done(message, minijinja::context! { what => "stale" });
    };
    let bound = people::binding_of(visit.tx, done.new.id).await?.is_some();
    let context = minijinja::context! {
        what => "replaced", old => done.old.name, new => done.new.name, issues => done.issues,
        bound, told => done.chat.is_some(),
    };
    let (mut answer, toast, read) = visit.wish_done(message, context)?;
    if let Some(chat) = done.chat {
        let told = visit.let_go(chat, &done.old, Some(&done.new.name)).await?;
        answer.says.push(told);
        answer.no_menu = Some(chat);
    }
    if let Some(invitation) = &done.invitation {
        visit
            .with_invitation(&mut answer, (person, &done.new), invitation)
            .await?;
    }
    Ok((answer, toast, read))
}
