//! `/issue 17` and 📜: the whole life of an issue, for whoever may see it; a message that pages in place.

use super::{Answer, Visit};
use crate::act;
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::{Issue, history, table as issues};
use crate::message::Rendered;
use crate::roster::Person;

/// The kind under which such a message is kept.
pub(super) const KIND: &str = "history";

impl Visit<'_> {
    /// `rest` is what follows the command.
    pub(super) async fn issue(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        match self.which(person, "issue", rest).await? {
            Ok(issue) => self.life(person, issue).await,
            Err(said) => Ok(Answer::text(self.chat, said)),
        }
    }

    /// The life of an issue that the person may see, as a message of its own.
    pub(super) async fn life(&mut self, person: &Person, issue: Issue) -> Result<Answer> {
        let key = new_key();
        let issues = vec![issue.id];
        let said = self.life_page(issue, &key, 0).await?;
        Ok(self.kept(KIND, person, (issues, key), said))
    }

    async fn life_page(&mut self, issue: Issue, key: &str, page: usize) -> Result<Rendered> {
        let directory = self.directory.clone();
        let history = history::of(self.tx, issue).await?;
        self.lens(&directory).history(&history, key, page)
    }

    /// A page of a message that was sent before, as it is now.
    pub(super) async fn life_again(
        &mut self,
        person: &Person,
        (ids, key, page): (&[i64], &str, usize),
    ) -> Result<Rendered> {
        let issue = issues::many(self.tx, ids).await?.pop();
        let directory = self.directory.clone();
        match issue.filter(|issue| act::sees(&directory.roster, person, issue)) {
            Some(issue) => self.life_page(issue, key, page).await,
            None => Ok(Rendered {
                html: self.words("no_such_issue", minijinja::context! {})?,
                keyboard: vec![],
            }),
        }
    }
}
