//! `/due 17`: how the due time of an issue comes about, for whoever may see the issue.

use super::Visit;
use crate::act;
use crate::error::Result;
use crate::issue::Issue;
use crate::issue::deadline;
use crate::issue::{table as issues, witness};
use crate::roster::{Person, Role, Roster};

/// Numbers that are offered to who gives none.
const OFFERED: usize = 10;

impl Visit<'_> {
    /// `rest` is what follows the command: a number, with or without `#`, or that of a work
    /// order.
    pub(super) async fn due(&mut self, person: &Person, rest: &str) -> Result<String> {
        let directory = self.directory.clone();
        match self.which(person, "due", rest).await? {
            Ok(issue) => {
                let climb = deadline::climb_of(self.tx, issue.id).await?;
                self.lens(&directory).explanation(&issue, &climb)
            }
            Err(said) => Ok(said),
        }
    }

    /// The issue that a command is about, or what is said where there is none that this person may see.
    pub(super) async fn which(
        &mut self,
        person: &Person,
        command: &str,
        rest: &str,
    ) -> Result<Result<Issue, String>> {
        if person.role == Role::Admin {
            return self.words("no_permission", minijinja::context! {}).map(Err);
        }
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let word = rest.split_whitespace().next().unwrap_or_default();
        let ticket = self.of_ticket(roster, person, word).await?;
        let issue = match word.trim_start_matches(['#', '＃']).parse::<i64>() {
            Ok(number) => match issues::get(self.tx, number).await? {
                Some(issue) => Some(issue),
                // Some platforms number their work orders plainly.
                None => ticket,
            },
            Err(_) if ticket.is_some() => ticket,
            Err(_) => {
                let mine = act::mine(self.tx, roster, person).await?;
                if let ([_], "") = (mine.as_slice(), word) {
                    mine.into_iter().next()
                } else {
                    let numbers: Vec<i64> = mine.iter().map(|i| i.id).take(OFFERED).collect();
                    let context = minijinja::context! { numbers => numbers, command => command };
                    return self.words("due_which", context).map(Err);
                }
            }
        };
        // The same answer for what is not there and for what is another's.
        match issue.filter(|issue| act::sees(roster, person, issue)) {
            Some(issue) => Ok(Ok(issue)),
            None => self.words("no_such_issue", minijinja::context! {}).map(Err),
        }
    }

    /// The issue of a work order, of those that the person may see; of several the newest that still
    /// lives, else the newest.
    async fn of_ticket(
        &mut self,
        roster: &Roster,
        person: &Person,
        ticket: &str,
    ) -> Result<Option<Issue>> {
        let ids = witness::by_ticket(self.tx, ticket).await?;
        let mut found = issues::many(self.tx, &ids).await?;
        found.retain(|issue| act::sees(roster, person, issue));
        Ok(found
            .into_iter()
            .max_by_key(|issue| (issue.live(), issue.id)))
    }
}
