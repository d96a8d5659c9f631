//! A question and its answer: one place, whether a command, plain words or a button asks.

use minijinja::context;

use super::asking::{Asking, Reply};
use super::{account, acts, found, names, overdue, person, silent, today, top, unit};
use crate::ask::{Place, Question, What};
use crate::error::Result;
use crate::message::Card;
use crate::store::Tx;

/// The question that is really answered: a name comes down to the one who is so called.
pub fn settled(asking: &Asking<'_>, question: &Question) -> Question {
    match question {
        Question::Named(what, name) => match names::resolve(asking, *what, name) {
            Ok(Ok(question)) => question,
            _ => question.clone(),
        },
        Question::Of(about, name) => match names::resolve(asking, What::Unit, name) {
            Ok(Ok(Question::Card(place))) => about.place(place),
            _ => question.clone(),
        },
        question => question.clone(),
    }
}

/// The answer, a page of it; nothing for what is not answered by figures.
pub async fn answer(
    tx: &mut Tx,
    asking: &Asking<'_>,
    question: &Question,
    page: usize,
) -> Result<Option<Reply>> {
    if !question.open_to(asking.person.role) {
        let card = asking.lens.words.card("no_permission", context! {})?;
        return Ok(Some(Reply::of(card)));
    }
    Ok(Some(match question {
        Question::Named(what, name) => match names::resolve(asking, *what, name)? {
            Ok(Question::Person(id)) => person::person(tx, asking, id).await?,
            Ok(Question::Card(place)) => card(tx, asking, place).await?,
            Ok(_) => return Ok(None),
            Err(reply) => reply,
        },
        Question::Of(about, name) => match names::resolve(asking, What::Unit, name)? {
            Ok(_) => return Ok(None),
            Err(mut reply) => {
                for choice in &mut reply.choices {
                    if let Question::Card(place) = choice {
                        *choice = about.place(*place);
                    }
                }
                reply
            }
        },
        Question::Today => today::today(tx, asking, page).await?,
        Question::Overdue(place) => overdue::overdue(tx, asking, *place, page).await?,
        Question::Silent(place) => silent::silent(tx, asking, *place, page).await?,
        Question::Card(place) => card(tx, asking, *place).await?,
        Question::Person(id) => person::person(tx, asking, *id).await?,
        Question::Top(days, by) => top::top(tx, asking, *days, *by).await?,
        Question::Acts(most) => acts::acts(tx, asking, *most, page).await?,
        Question::Found(search) => found::found(tx, asking, search, page).await?,
        Question::Status
        | Question::Mine(_)
        | Question::Unmatched
        | Question::Pending
        | Question::Fresh
        | Question::Trend(_)
        | Question::Export(_) => return Ok(None),
    }))
}

/// A message with a button for each of several questions.
pub fn labelled(asking: &Asking<'_>, card: Card, questions: Vec<Question>) -> Reply {
    let mut reply = Reply::of(card);
    for question in questions {
        reply = reply.row(vec![(names::label(asking, &question), question)], true);
    }
    reply
}

async fn card(tx: &mut Tx, asking: &Asking<'_>, place: Place) -> Result<Reply> {
    match place {
        Place::Unit(id) => unit::unit(tx, asking, id).await,
        Place::Account(id) => account::account(tx, asking, id).await,
    }
}
