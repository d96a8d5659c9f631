//! A supervisor's plain words that reply to nothing: a question that is understood is answered, one that is not
//! sure is asked back with buttons, and what is none is left to the others.

use minijinja::context;

use super::{Answer, Visit};
use crate::ask::plain::{Known, Understood, understand};
use crate::ask::table::{self as asked, Asked};
use crate::ask::{About, Question};
use crate::delivery::{BUTTONS_MS, new_key};
use crate::error::Result;
use crate::roster::{Person, Role, Target};
use crate::summary::answer::labelled;
use crate::summary::asking::Asking;

impl Visit<'_> {
    /// The answer to a question in plain words; none where the words ask nothing, or nothing that is sure while
    /// they also mean something else.
    pub(super) async fn in_words(
        &mut self,
        person: &Person,
        text: &str,
        otherwise: bool,
    ) -> Result<Option<Answer>> {
        if !matches!(person.role, Role::Manager | Role::Lead) {
            return Ok(None);
        }
        let directory = self.directory.clone();
        let asking = Asking {
            lens: self.lens(&directory).read_by(person),
            index: &directory.index,
            person,
        };
        let people = directory
            .roster
            .people
            .iter()
            .filter(|one| asking.over(one));
        let people: Vec<(String, i64)> = people.map(|one| (one.name.clone(), one.id)).collect();
        let admits = |target: Target| asking.admits(target);
        let understood = understand(
            text,
            &Known {
                index: &directory.index,
                vocabulary: &self.desk.rules.vocabulary,
                people: &people,
                today: asking.today(),
                admits: &admits,
            },
        );
        let mut choices = match understood {
            Understood::Sure(question) if question.open_to(person.role) => {
                return self.put(person, question).await.map(Some);
            }
            Understood::Unsure(choices) if !otherwise => choices,
            _ => return Ok(None),
        };
        choices.retain(|question| question.open_to(person.role));
        if choices.is_empty() {
            return Ok(None);
        }
        let context = context! { text => asking.lens.short(text, 60), h => asking.head() };
        let card = self.book.card("did_you_mean", context)?;
        let reply = labelled(&asking, card, choices);
        let key = new_key();
        // What is asked back is no answer that could be turned: only its buttons count.
        let asked = Asked {
            question: Question::Of(About::Overdue, String::new()),
            choices: reply.choices.clone(),
        };
        let times = (self.now_ms(), BUTTONS_MS);
        asked::keep(self.tx, (&key, person.id), &asked, times).await?;
        let said = reply.card.rendered(&key);
        Ok(Some(self.kept(
            super::asked::KIND,
            person,
            (vec![], key),
            said,
        )))
    }
}
