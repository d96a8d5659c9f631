//! `/done 17 18`: fixes reported by the issues' numbers, as if each had been replied to with 已整改.

use super::{Answer, Visit};
use crate::act::words::{self, Wish};
use crate::act::{self, Done, Words};
use crate::error::Result;
use crate::issue::How;
use crate::issue::state::Event;
use crate::roster::{Person, Role};

/// The most issues of one command.
const MOST: usize = 50;
/// Numbers that are offered to who gives none.
const OFFERED: usize = 10;

/// The numbers of a line, each once in the order given, and how it was fixed, if that is said; none where the
/// line says something else.
fn read(rest: &str) -> Option<(Vec<i64>, Option<How>)> {
    let begin = rest.find(|c: char| c.is_alphabetic()).unwrap_or(rest.len());
    let (numbers, verb) = rest.split_at_checked(begin)?;
    let how = match verb.trim() {
        "" => None,
        verb => match words::understand(verb).as_slice() {
            [one] if !one.names_issues() => match one.wish {
                Wish::ReportFix(how) => how,
                _ => return None,
            },
            _ => return None,
        },
    };
    let (positions, hashed) = words::only_numbers(numbers)?;
    let mut all: Vec<i64> = Vec::new();
    for number in positions.into_iter().chain(hashed) {
        if !all.contains(&number) {
            all.push(number);
        }
    }
    Some((all, how)).filter(|(all, _)| all.len() <= MOST)
}

impl Visit<'_> {
    /// `rest` is what follows the command.
    pub(super) async fn done(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        let directory = self.directory.clone();
        if matches!(person.role, Role::Manager | Role::Admin) {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let read = match rest.trim() {
            // As with words that reply to nothing: only what cannot be mistaken.
            "" => {
                let mut mine = act::mine(self.tx, &directory.roster, person).await?;
                mine.retain(|issue| issue.standing.state.runs());
                match mine.as_slice() {
                    [one] => Some((vec![one.id], None)),
                    _ => None,
                }
            }
            rest => read(rest),
        };
        let Some((ids, how)) = read else {
            let mut mine = act::mine(self.tx, &directory.roster, person).await?;
            mine.retain(|issue| issue.standing.state.runs());
            let numbers: Vec<i64> = mine.iter().map(|issue| issue.id).take(OFFERED).collect();
            let context = minijinja::context! { numbers => numbers, most => MOST };
            let text = self.words("done_usage", context)?;
            return Ok(Answer::text(self.chat, text));
        };
        let note = Words {
            how,
            ..Words::default()
        };
        let (rules, actor) = (&self.desk.rules, self.actor(person));
        let what = (ids.as_slice(), Event::ReportFix, &note);
        let all = act::perform(self.tx, rules, &directory, actor, what).await?;
        let (mut done, mut stale, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (id, one) in ids.iter().zip(all) {
            match one {
                Done::Applied(issue) => done.push(issue.id),
                Done::Stale(issue, _) => stale.push(minijinja::context! {
                    number => issue.id,
                    state => self.book.term(issue.standing.state.as_str()),
                }),
                Done::NotYours => unknown.push(*id),
            }
        }
        let how = how.map(|how| self.book.term(how.as_str()));
        let context =
            minijinja::context! { done => done, stale => stale, unknown => unknown, how => how };
        let text = self.words("done_numbers", context)?;
        match done.is_empty() {
            true => Ok(Answer::text(self.chat, text)),
            false => Ok(self.with_undo(person, done, text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_how() {
        for (rest, wanted) in [
            ("17", Some((vec![17], None))),
            ("1 3", Some((vec![1, 3], None))),
            ("#1、#3 ，1", Some((vec![1, 3], None))),
            ("1-3", Some((vec![1, 2, 3], None))),
            ("1 3 已删除", Some((vec![1, 3], Some(How::Deleted)))),
            ("1 已改", Some((vec![1], Some(How::Edited)))),
            ("1 没改", None),
            ("1 3 误报 引文", None),
            ("全部", None),
            ("1-99", None),
            ("99999999999999999999", None),
        ] {
            let read = read(rest);
            let sorted = read.map(|(mut all, how)| {
                all.sort_unstable();
                (all, how)
            });
            assert_eq!(sorted, wanted, "{rest}");
        }
    }
}
