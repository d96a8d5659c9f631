//! ⋯: what else those who answer for an issue can do: say how it was fixed, dispute, hand it over, take back
//! what they did. By press and by reply; more time and another unit are asked for in `ask`.

use super::dialog::Question;
use super::shown::{Pressed, again, alert, at, edited, seen_at, stale};
use super::{Answer, Visit};
use crate::act::take_back::{Of, TakenBack};
use crate::act::{self, Done};
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::request::{self as requests, Kind};
use crate::issue::state::Event;
use crate::issue::table as issues;
use crate::issue::{How, take_back};
use crate::message::table::Message;
use crate::message::{Choice, IssueView, Rendered};
use crate::roster::duty::named;
use crate::roster::{Person, Role};

/// The most people to choose from.
const CHOICES: usize = 8;

impl Visit<'_> {
    /// To whom it goes, in plain words; without a name that fits exactly one the people are offered.
    pub(super) async fn handing(
        &mut self,
        person: &Person,
        ids: &[i64],
        name: &str,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let Some(first) = ids.first() else {
            return Ok(Answer::default());
        };
        let issue = issues::get(self.tx, *first).await?;
        let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
            let text = self.words("no_such_issue", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        };
        let takers = act::hand::takers(&directory.roster, person, &issue);
        let name = name.trim_end_matches(['处', '理', '办', '改']);
        let fit = named(&takers, name);
        if let ([one], false) = (fit.as_slice(), name.is_empty()) {
            return self.hand(person, ids, one).await;
        }
        let view = self.view(person, issue.id).await?;
        let Some(view) = view.filter(|_| !takers.is_empty()) else {
            let text = self.words("hand_nobody", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        };
        let key = new_key();
        let said = self.takers(&key, &view, &takers)?;
        Ok(self.kept("menu", person, (ids.to_vec(), key), said))
    }

    fn takers(&self, key: &str, view: &IssueView, takers: &[&Person]) -> Result<Rendered> {
        let choice = |one: &&Person| {
            let label = match one.role {
                Role::Lead => self.book.aside(&one.name, self.book.term("lead")),
                _ => one.name.clone(),
            };
            Choice { label, id: one.id }
        };
        let choices: Vec<Choice> = takers.iter().take(CHOICES).map(choice).collect();
        self.book.takers(key, view, &choices)
    }

    /// Hands issues to somebody; what is said of it, with a button to take it back.
    async fn hand(&mut self, person: &Person, ids: &[i64], to: &Person) -> Result<Answer> {
        let directory = self.directory.clone();
        let (mut numbers, mut left) = (Vec::new(), Vec::new());
        for id in ids {
            let (rules, actor) = (&self.desk.rules, self.actor(person));
            let what = (*id, to.id);
            match act::hand::hand_over(self.tx, rules, &directory, actor, what).await? {
                Done::Applied(issue) => numbers.push(issue.id),
                Done::Stale(..) | Done::NotYours => left.push(*id),
            }
        }
        if numbers.is_empty() {
            let text = self.words("no_such_issue", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let context = minijinja::context! { numbers => numbers, name => to.name, left => left };
        let text = self.words("handed", context)?;
        Ok(self.with_undo(person, numbers, text))
    }

    /// A message that tells of something that can be taken back.
    pub(super) fn with_undo(&self, person: &Person, numbers: Vec<i64>, text: String) -> Answer {
        let key = new_key();
        let said = self.book.with_undo(&key, text);
        self.kept("done", person, (numbers, key), said)
    }

    /// Takes back what the person did last to these issues, or at all; what is said of it.
    pub(super) async fn taking_back(
        &mut self,
        person: &Person,
        (ids, of): (&[i64], &Of),
    ) -> Result<String> {
        let recent = match ids {
            [] => act::take_back::recent(self.tx, person.id, self.now_ms()).await?,
            ids => ids.to_vec(),
        };
        let directory = self.directory.clone();
        let actor = self.actor(person);
        let (rules, what) = (&self.desk.rules, (&recent[..], of));
        let all = act::take_back::take_back(self.tx, rules, &directory, actor, what).await?;
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for one in &all {
            match one {
                TakenBack::Done(number, verb) => {
                    let word = format!("act_{verb}");
                    let word = self.book.term(&word).to_owned();
                    done.push(minijinja::context! { number, word });
                }
                TakenBack::Refused(number, why) => {
                    refused.push(minijinja::context! { number, why => why.as_str() });
                }
            }
        }
        let minutes = take_back::MINUTES;
        self.words("taken_back", minijinja::context! { done, refused, minutes })
    }
}

/// A dispute needs a reason: the next words of this chat.
pub(super) async fn reason(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(issue) = seen_at(visit, person, &message, argument).await? else {
        return alert(visit, "toast_no_permission");
    };
    if issue.standing.after(Event::Dispute).is_err() {
        return Ok((Answer::default(), stale(visit, &issue).await?, true));
    }
    visit.ask(person, Question::Dispute, &[issue.id]).await?;
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let context = minijinja::context! {
        n => argument, number => issue.id, account => lens.target(issue.subject(), issue.unit_id),
    };
    let text = visit.words("disputed_ask", context)?;
    Ok((Answer::text(visit.chat, text), String::new(), false))
}

/// How it was fixed, said after the fix.
pub(super) async fn how(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let (position, how) = argument.split_once('.').unwrap_or((argument, ""));
    let (Some(id), Some(how)) = (at(&message, position), How::parse(how)) else {
        return alert(visit, "toast_expired");
    };
    let directory = visit.directory.clone();
    let actor = visit.actor(person);
    match act::say_how(visit.tx, &directory.roster, actor, (id, how)).await? {
        Done::Applied(_) => {
            let how = visit.book.term(how.as_str()).to_owned();
            let toast = visit.words("toast_how", minijinja::context! { number => id, how })?;
            again(visit, person, &message, (toast, false)).await
        }
        Done::Stale(issue, _) => {
            let toast = stale(visit, &issue).await?;
            again(visit, person, &message, (toast, true)).await
        }
        Done::NotYours => alert(visit, "toast_no_permission"),
    }
}

/// ⋯: what else can be done with an issue, as a message of its own.
pub(super) async fn more(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(id) = at(&message, argument) else {
        return alert(visit, "toast_expired");
    };
    let Some(view) = visit.view(person, id).await? else {
        return alert(visit, "toast_no_permission");
    };
    let key = new_key();
    let said = visit.book.menu(&key, &view)?;
    let answer = visit.kept("menu", person, (vec![id], key), said);
    Ok((answer, String::new(), false))
}

/// A press on the menu of an issue.
pub(super) async fn menu(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let id = message.issues.first().copied().unwrap_or_default();
    let Some(view) = visit.view(person, id).await? else {
        return alert(visit, "toast_no_permission");
    };
    let directory = visit.directory.clone();
    let issue = issues::get(visit.tx, id).await?;
    let takers = issue
        .as_ref()
        .map(|issue| act::hand::takers(&directory.roster, person, issue));
    let takers = takers.unwrap_or_default();
    match verb {
        "ext" | "move" => {
            let kind = if verb == "ext" {
                Kind::Extension
            } else {
                Kind::Reassignment
            };
            let answer = visit.question(person, kind, &[id]).await?;
            Ok((answer, String::new(), false))
        }
        "due" => {
            let said = visit.due(person, &id.to_string()).await?;
            Ok((Answer::text(visit.chat, said), String::new(), false))
        }
        "hand" if takers.is_empty() => alert(visit, "hand_nobody"),
        "hand" => {
            let said = visit.takers(&message.key, &view, &takers)?;
            Ok(edited(&message, said, String::new()))
        }
        "to" => {
            let to = argument.parse::<i64>().unwrap_or_default();
            let Some(to) = takers.into_iter().find(|one| one.id == to) else {
                return alert(visit, "toast_no_permission");
            };
            let mut answer = visit.hand(person, &message.issues, to).await?;
            if let Some(view) = visit.view(person, id).await? {
                let said = visit.book.menu(&message.key, &view)?;
                answer
                    .edits
                    .push((message.chat_id, message.message_id, said));
            }
            Ok((answer, String::new(), false))
        }
        _ => {
            let said = visit.book.menu(&message.key, &view)?;
            Ok(edited(&message, said, String::new()))
        }
    }
}

/// ↩️: takes back what a message tells of.
pub(super) async fn undo(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
) -> Result<Pressed> {
    let (ids, of) = match message.kind.as_str() {
        "ask" => {
            let asked = requests::many(visit.tx, &message.issues).await?;
            let ids = asked.iter().map(|request| request.issue_id).collect();
            (ids, Of::Requests(message.issues.clone()))
        }
        "done" => (message.issues.clone(), Of::Until(message.sent_at)),
        _ => (message.issues.clone(), Of::Any),
    };
    let html = visit.taking_back(person, (&ids, &of)).await?;
    let toast = html.lines().next().unwrap_or_default().to_owned();
    if message.kind == "menu" {
        let Some(view) = visit
            .view(person, ids.first().copied().unwrap_or_default())
            .await?
        else {
            return alert(visit, "toast_no_permission");
        };
        let said = visit.book.menu(&message.key, &view)?;
        return Ok(edited(&message, said, toast));
    }
    let keyboard = vec![];
    Ok(edited(&message, Rendered { html, keyboard }, toast))
}
