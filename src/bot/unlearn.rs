//! 撤回 after a name was placed: what the learned name has matched is shown, and whether its issues go back to a
//! person is asked before anything happens.

use super::shown::{Pressed, alert};
use super::{Answer, Visit, unmatched};
use crate::delivery::new_key;
use crate::error::Result;
use crate::flow::{Unlearned, matched, unlearn};
use crate::matching::table as waiting;
use crate::message::Rendered;
use crate::message::table::Message;
use crate::roster::learned::{self, Learned};
use crate::roster::{Person, Target};

/// The kind of its messages; their one item is the learned name.
pub(super) const KIND: &str = "unlearn";

/// The learned name, if this person taught it and may still rule on names.
async fn mine(visit: &mut Visit<'_>, person: &Person, alias: i64) -> Result<Option<Learned>> {
    let rules = unmatched::rules(visit, person);
    let learned = learned::get(visit.tx, alias).await?;
    Ok(learned.filter(|learned| rules && learned.decided_by == person.id))
}

/// What a learned name stands for, in words.
fn stands_for(visit: &Visit<'_>, learned: &Learned) -> String {
    let directory = visit.directory.clone();
    let (account, unit) = match learned.alias.target {
        Target::Account(id) => {
            let unit = directory
                .roster
                .account(id)
                .and_then(|a| directory.roster.unit(&a.unit));
            (Some(id), unit.map_or(0, |unit| unit.id))
        }
        Target::Unit(id) => (None, id),
    };
    visit.lens(&directory).target(account, unit)
}

/// The button beside a name that was placed: asks.
pub(super) async fn ask(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    argument: &str,
) -> Result<Pressed> {
    let position = argument.parse().unwrap_or_default();
    let ids: Vec<i64> = message.at(position).into_iter().collect();
    let name = waiting::many(visit.tx, &ids).await?.pop();
    let Some(alias) = name.and_then(|name| name.alias_id) else {
        return alert(visit, "toast_expired");
    };
    let Some(learned) = mine(visit, person, alias).await? else {
        return alert(visit, "toast_no_permission");
    };
    if learned.undone_at.is_some() {
        return alert(visit, "toast_unlearned_already");
    }
    let matched = matched(visit.tx, &learned).await?;
    let key = new_key();
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let context = minijinja::context! {
        name => lens.short(&learned.alias.name, 40), to => stands_for(visit, &learned),
        since => lens.time(learned.decided_at), findings => matched.findings,
        live => matched.live.len(), closed => matched.closed, others => matched.others,
    };
    let html = visit.words("unlearn_ask", context)?;
    let mut keyboard = Vec::new();
    if !matched.live.is_empty() {
        keyboard.push(vec![visit.book.press("unlearn_back", "back", &key)]);
    }
    keyboard.push(vec![visit.book.press("unlearn_keep", "keep", &key)]);
    keyboard.push(vec![visit.book.press("unlearn_no", "no", &key)]);
    let said = Rendered { html, keyboard };
    Ok((
        visit.kept(KIND, person, (vec![alias], key), said),
        String::new(),
        false,
    ))
}

/// What was chosen.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    verb: &str,
) -> Result<Pressed> {
    let alias = message.at(1).unwrap_or_default();
    let Some(learned) = mine(visit, person, alias).await? else {
        return alert(visit, "toast_no_permission");
    };
    let directory = visit.directory.clone();
    let done = match verb {
        "back" | "keep" => {
            let (rules, now) = (&visit.desk.rules, visit.desk.clock.now());
            let how = (Some(person.id), verb == "back");
            unlearn(visit.tx, (rules, &directory), &learned, how, now).await?
        }
        "no" => {
            let html = visit.words("cancelled", minijinja::context! {})?;
            return Ok((edit(&message, html), String::new(), false));
        }
        _ => return alert(visit, "toast_expired"),
    };
    let Unlearned::Done { back, names } = done else {
        return alert(visit, "toast_unlearned_already");
    };
    let context = minijinja::context! {
        name => visit.lens(&directory).short(&learned.alias.name, 40), back => back, names => names,
    };
    let html = visit.words("unlearned", context)?;
    Ok((edit(&message, html), String::new(), false))
}

fn edit(message: &Message, html: String) -> Answer {
    let said = Rendered {
        html,
        keyboard: vec![],
    };
    Answer {
        edits: vec![(message.chat_id, message.message_id, said)],
        ..Answer::default()
    }
}
