//! A name that was asked about: the one who is so called, or whom it may mean, within the asker's scope.

use minijinja::context;

use super::asking::{Asking, Reply};
use super::found::span;
use crate::ask::{Place, Question, Search, What};
use crate::error::Result;
use crate::roster::duty::named;
use crate::roster::{Person, Target};

/// So many are offered; the rest is counted.
const OFFERED: usize = 10;
/// So many are offered where none is so called.
const NEAR: usize = 5;

/// The question that a name comes down to, or the answer that asks which is meant.
pub fn resolve(asking: &Asking<'_>, what: What, name: &str) -> Result<Result<Question, Reply>> {
    if name.trim().is_empty() {
        return usage(asking, what).map(Err);
    }
    let (hits, near) = match what {
        What::Person => people(asking, name),
        _ => places(asking, what, name),
    };
    match hits.as_slice() {
        [one] => Ok(Ok(one.clone())),
        [] => {
            let context = context! {
                h => asking.head(), what => what.as_str(), name => asking.lens.short(name, 40), near => !near.is_empty(),
            };
            let card = asking.lens.words.card("name_unknown", context)?;
            Ok(Err(offered(asking, Reply::of(card), &near, NEAR)))
        }
        hits => {
            let context = context! {
                h => asking.head(), what => what.as_str(), name => asking.lens.short(name, 40), hits => hits.len(),
                more => hits.len().saturating_sub(OFFERED),
            };
            let card = asking.lens.words.card("name_which", context)?;
            Ok(Err(offered(asking, Reply::of(card), hits, OFFERED)))
        }
    }
}

/// How such a command is written; a small scope is offered as it is.
fn usage(asking: &Asking<'_>, what: What) -> Result<Reply> {
    let roster = asking.lens.roster;
    let all: Vec<Question> = match what {
        What::Unit => {
            let units = roster.units.iter().map(|unit| Target::Unit(unit.id));
            units
                .filter(|unit| asking.admits(*unit))
                .map(|unit| Question::Card(unit.into()))
                .collect()
        }
        What::Account => {
            let accounts = roster
                .accounts
                .iter()
                .map(|account| Target::Account(account.id));
            accounts
                .filter(|one| asking.admits(*one))
                .map(|one| Question::Card(one.into()))
                .collect()
        }
        What::Person => {
            let people = roster.people.iter().filter(|one| asking.over(one));
            people.map(|one| Question::Person(one.id)).collect()
        }
    };
    let few = if all.len() <= OFFERED { all } else { vec![] };
    let context = context! { h => asking.head(), what => what.as_str(), few => !few.is_empty() };
    let card = asking.lens.words.card("name_usage", context)?;
    Ok(offered(asking, Reply::of(card), &few, OFFERED))
}

fn offered(asking: &Asking<'_>, mut reply: Reply, all: &[Question], most: usize) -> Reply {
    for question in all.iter().take(most) {
        reply = reply.row(vec![(label(asking, question), question.clone())], true);
    }
    reply
}

/// How a button names what it asks about.
pub fn label(asking: &Asking<'_>, question: &Question) -> String {
    let lens = &asking.lens;
    let roster = lens.roster;
    match question {
        Question::Card(Place::Unit(id)) => format!("🏢 {}", lens.short(&lens.unit(*id), 40)),
        Question::Card(Place::Account(id)) => {
            let unit = roster.account(*id).and_then(|one| roster.unit(&one.unit));
            let unit = unit.map_or(String::new(), |unit| {
                format!(" · {}", lens.short(&unit.name, 16))
            });
            format!("{}{unit}", asking.account(*id, 36))
        }
        Question::Person(id) => {
            let person = roster.person(*id);
            let unit = person
                .and_then(|one| one.units.first())
                .and_then(|code| roster.unit(code));
            let unit = unit.map_or(String::new(), |unit| {
                format!(" · {}", lens.short(&unit.name, 20))
            });
            let name = person.map_or("", |one| one.name.as_str());
            format!("👤 {}{unit}", lens.short(name, 20))
        }
        Question::Found(search) | Question::Export(search) => searched(asking, search),
        Question::Overdue(place) => format!(
            "⚠️ {} {}",
            lens.words.term("stand_overdue"),
            asking.place_name(*place)
        ),
        Question::Silent(place) => format!(
            "📥 {} {}",
            lens.words.term("stand_unacknowledged"),
            asking.place_name(*place)
        ),
        Question::Top(_, by) => format!("🏅 {}", lens.words.term(&format!("top_{}", by.as_str()))),
        Question::Status => lens.words.term("command_status").to_owned(),
        Question::Today => lens.words.term("command_today").to_owned(),
        Question::Unmatched => lens.words.term("command_unmatched").to_owned(),
        Question::Pending => lens.words.term("command_pending").to_owned(),
        Question::Fresh => lens.words.term("command_fresh").to_owned(),
        Question::Acts(_) => lens.words.term("command_audit").to_owned(),
        Question::Trend(days) => lens.with_count("ask_trend", *days as usize),
        Question::Mine(_) => lens.words.term("command_my").to_owned(),
        Question::Named(_, name) | Question::Of(_, name) => lens.short(name, 40),
    }
}

/// Issues that are looked for, in a few words.
pub(super) fn searched(asking: &Asking<'_>, search: &Search) -> String {
    let lens = &asking.lens;
    let mut parts = vec![asking.place_name(search.place)];
    parts.extend(search.period.map(|period| span(asking, period)));
    parts.extend(
        search
            .severity
            .map(|grave| lens.words.term(grave.as_str()).to_owned()),
    );
    parts.extend(
        search
            .category
            .as_deref()
            .map(|id| lens.short(&lens.category(id), 16)),
    );
    parts.push(
        lens.words
            .term(&format!("stand_{}", search.stand.as_str()))
            .to_owned(),
    );
    format!("🗂 {}", parts.join(" · "))
}

/// Units or accounts of this name.
fn places(asking: &Asking<'_>, what: What, name: &str) -> (Vec<Question>, Vec<Question>) {
    let wanted = |target: Target| {
        matches!(target, Target::Unit(_)) == (what == What::Unit) && asking.admits(target)
    };
    let called = asking.index.called(name, asking.today(), wanted);
    let cards = |targets: Vec<Target>| {
        targets
            .into_iter()
            .map(|one| Question::Card(one.into()))
            .collect()
    };
    (cards(called.hits), cards(called.near))
}

/// People of this name or code, and those whose name shares half of its letters.
fn people(asking: &Asking<'_>, name: &str) -> (Vec<Question>, Vec<Question>) {
    let all = asking.lens.roster.people.iter();
    let all: Vec<&Person> = all.filter(|one| asking.over(one)).collect();
    let cards = |people: Vec<&Person>| people.iter().map(|one| Question::Person(one.id)).collect();
    let hits = named(&all, name);
    if !hits.is_empty() {
        return (cards(hits), vec![]);
    }
    let letters: Vec<char> = name.trim().chars().collect();
    let shared = |one: &Person| letters.iter().filter(|c| one.name.contains(**c)).count();
    let mut near: Vec<&Person> = all
        .into_iter()
        .filter(|one| shared(one) * 2 >= letters.len().max(2))
        .collect();
    near.sort_by_key(|one| (std::cmp::Reverse(shared(one)), one.id));
    near.truncate(NEAR);
    (vec![], cards(near))
}
