//! A question is answered by a message whose buttons ask on: its pages, what is meant, what lies behind.

use super::command::Command;
use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act;
use crate::ask::table::{self as asked, Asked};
use crate::ask::{About, By, Mine, Place, Question, What};
use crate::delivery::{BUTTONS_MS, new_key};
use crate::error::Result;
use crate::issue::table as issues;
use crate::message::Rendered;
use crate::message::table::Message;
use crate::roster::{Person, Role};
use crate::summary::answer::{answer, settled};
use crate::summary::asking::{Asking, Reply};

/// The kind under which such a message is kept.
pub(super) const KIND: &str = "asked";

/// The question that a command asks; `rest` is what follows it.
pub(super) fn question(command: Command, rest: &str) -> Option<Question> {
    let number = rest.trim().trim_end_matches(['天', '条', '日']).trim_end();
    let number: Option<u32> = number.parse().ok();
    let of = |about, whole| match rest.trim() {
        "" => whole,
        name => Question::Of(about, name.to_owned()),
    };
    let named = |what| Question::Named(what, rest.to_owned());
    Some(match command {
        Command::My => Question::Mine(Mine::All),
        Command::Today => Question::Today,
        Command::Overdue => of(About::Overdue, Question::Overdue(None)),
        Command::Silent => of(About::Silent, Question::Silent(None)),
        Command::Unit => named(What::Unit),
        Command::Account => named(What::Account),
        Command::Person => named(What::Person),
        Command::Top => Question::Top(number.unwrap_or(30).clamp(1, 366), By::Live),
        Command::Unmatched => Question::Unmatched,
        Command::Audit => Question::Acts(number.unwrap_or(20).clamp(1, 100)),
        _ => return None,
    })
}

impl Visit<'_> {
    /// Answers a question by a message of its own.
    pub(super) async fn put(&mut self, person: &Person, question: Question) -> Result<Answer> {
        match &question {
            Question::Mine(mine) => return self.mine(person, *mine).await,
            Question::Today if person.role != Role::Manager => {
                return self.mine(person, Mine::Today).await;
            }
            Question::Fresh => return self.fresh(person).await,
            Question::Status => return self.status(person).await,
            Question::Trend(days) => return self.trend(person, &days.to_string()).await,
            Question::Export(search) => return self.export_found(person, search).await,
            Question::Pending if person.role == Role::Manager => return self.pending(person).await,
            Question::Unmatched => return self.unmatched(person).await,
            _ => {}
        }
        let key = new_key();
        let said = self.answered_page(person, &question, (&key, 0)).await?;
        match said {
            Some(said) => {
                let shown = asked::of(self.tx, &key).await?.map(|asked| asked.question);
                let mut answer = self.kept(KIND, person, (vec![], key), said);
                if let Some(question @ Question::Card(Place::Unit(unit))) = shown
                    && question.open_to(person.role)
                {
                    answer
                        .pictures
                        .extend(self.calendar_of(person, unit).await?);
                }
                Ok(answer)
            }
            None => {
                let role = person.role.as_str();
                let text = self.words("not_understood", minijinja::context! { role })?;
                Ok(Answer::text(self.chat, text))
            }
        }
    }

    /// A page of an answer, and what its buttons ask is kept.
    async fn answered_page(
        &mut self,
        person: &Person,
        question: &Question,
        (key, page): (&str, usize),
    ) -> Result<Option<Rendered>> {
        let directory = self.directory.clone();
        let asking = Asking {
            lens: self.lens(&directory).read_by(person),
            index: &directory.index,
            person,
        };
        let question = settled(&asking, question);
        let Some(Reply { card, choices }) = answer(self.tx, &asking, &question, page).await? else {
            return Ok(None);
        };
        let asked = Asked { question, choices };
        let times = (self.now_ms(), BUTTONS_MS);
        asked::keep(self.tx, (key, person.id), &asked, times).await?;
        Ok(Some(card.rendered(key)))
    }

    /// A page of a message that was sent before, as the figures are now.
    pub(super) async fn asked_again(
        &mut self,
        person: &Person,
        (key, page): (&str, usize),
    ) -> Result<Rendered> {
        let said = match asked::of(self.tx, key).await? {
            Some(asked) => {
                self.answered_page(person, &asked.question, (key, page))
                    .await?
            }
            None => None,
        };
        match said {
            Some(said) => Ok(said),
            None => Ok(Rendered {
                html: self.words("toast_expired", minijinja::context! {})?,
                keyboard: vec![],
            }),
        }
    }
}

/// A press on an answer: an issue is looked at, or something further is asked.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let number: i64 = argument.parse().unwrap_or_default();
    if verb == "see" {
        let directory = visit.directory.clone();
        let issue = issues::get(visit.tx, number).await?;
        let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
            return alert(visit, "toast_no_permission");
        };
        let answer = visit.life(person, issue).await?;
        return Ok((answer, String::new(), false));
    }
    let asked = asked::of(visit.tx, &message.key).await?;
    let index = usize::try_from(number).unwrap_or_default().checked_sub(1);
    let question = asked.and_then(|asked| asked.choices.into_iter().nth(index?));
    let Some(question) = question else {
        return alert(visit, "toast_expired");
    };
    if verb == "here" {
        let at = (message.key.as_str(), 0);
        if let Some(said) = visit.answered_page(person, &question, at).await? {
            crate::message::table::turn(visit.tx, &message.key, 0).await?;
            return Ok(edited(&message, said, String::new()));
        }
    }
    let answer = visit.put(person, question).await?;
    Ok((answer, String::new(), false))
}
