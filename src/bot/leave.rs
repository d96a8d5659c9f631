//! `/leave`: a person, or the lead of those below, says who stands in from when to when. It is said back
//! and counts once it is confirmed; `/leave` alone lists, and takes back.

use chrono::NaiveDate;

use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::leave::{self, Asked};
use crate::delivery::new_key;
use crate::error::Result;
use crate::flow;
use crate::message::table::Message;
use crate::message::{DutyLine, Rendered, clip};
use crate::roster::duty::{Refusal, State, last_day, named, table};
use crate::roster::{Duty, Person, Role};

/// Choices and entries of one message.
const MOST: usize = 8;

/// Who is meant: who might be away, and who might stand in for each.
type Meant<'a> = Vec<(&'a Person, &'a Person)>;

impl Visit<'_> {
    fn today(&self) -> NaiveDate {
        self.desk.local(self.desk.clock.now()).date_naive()
    }

    /// `rest` is what follows the command.
    pub(super) async fn leave(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if person.role == Role::Admin {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        if rest.is_empty() {
            return self.leaves(person).await;
        }
        let calendar = &self.desk.rules.deadlines.calendar;
        let Some(asked) = leave::understand(rest, self.today(), calendar) else {
            let lead = person.role == Role::Lead;
            let text = self.words("leave_usage", minijinja::context! { lead => lead })?;
            return Ok(Answer::text(self.chat, text));
        };
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let mine = roster.people.iter();
        let mine: Vec<&Person> = mine
            .filter(|one| roster.may_enter_leave(person, one))
            .collect();
        let whose = match asked.who.as_str() {
            "" => vec![person],
            name => named(&mine, name),
        };
        if whose.is_empty() {
            return self.refuse_leave("nobody", &asked, &[]);
        }
        let mut meant: Meant<'_> = Vec::new();
        for away in &whose {
            let fit = named(&roster.stand_ins_of(away), &asked.stand_in);
            meant.extend(fit.into_iter().map(|stand_in| (*away, stand_in)));
        }
        if meant.is_empty() {
            let fit = whose.iter().flat_map(|away| roster.stand_ins_of(away));
            let fit: Vec<&Person> = fit.take(MOST).collect();
            return self.refuse_leave(Refusal::Unfit.as_str(), &asked, &fit);
        }
        meant.truncate(MOST);
        self.offer_leave(person, &asked, &meant).await
    }

    /// Keeps what was asked for as drafts, one for each that may be meant, and says it back.
    async fn offer_leave(
        &mut self,
        person: &Person,
        asked: &Asked,
        meant: &Meant<'_>,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let (mut ids, mut lines) = (Vec::new(), Vec::new());
        for (away, stand_in) in meant {
            let mut draft = Duty {
                id: 0,
                person: away.id,
                stand_in: stand_in.id,
                from: asked.from,
                to: asked.to,
                rota: false,
                state: State::Draft,
                entered_by: Some(person.id),
                entered_at: self.now_ms(),
            };
            let today = self.today();
            let refusal = flow::duty::refusal(self.tx, &directory.roster, &draft, today).await?;
            if let Some(refusal) = refusal {
                return self.refuse_leave(refusal.as_str(), asked, &[]);
            }
            table::insert(self.tx, &mut draft).await?;
            lines.push(lens.duty(&draft, false));
            ids.push(draft.id);
        }
        let key = new_key();
        let said = match lines.as_slice() {
            [line] => self.book.leave_check(&key, line, 1)?,
            lines => self.book.leave_which(&key, lines)?,
        };
        Ok(self.kept("leave", person, (ids, key), said))
    }

    /// Says why not, and what would be allowed.
    fn refuse_leave(&self, why: &str, asked: &Asked, fit: &[&Person]) -> Result<Answer> {
        let first = asked.from.max(self.today());
        let name = match why {
            "nobody" => &asked.who,
            _ => &asked.stand_in,
        };
        let people: Vec<String> = fit
            .iter()
            .map(|one| self.book.aside(&one.name, &one.code))
            .collect();
        let context = minijinja::context! {
            why => why, name => clip(name, 40), people => people,
            first => first.to_string(), last => last_day(first).to_string(),
        };
        let text = self.words("leave_refused", context)?;
        Ok(Answer::text(self.chat, text))
    }

    /// What runs and what comes, of oneself, of whom one stands in for, and of those below.
    async fn leaves(&mut self, person: &Person) -> Result<Answer> {
        let today = self.today();
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let mut duties = table::from_day(self.tx, today).await?;
        duties.retain(|duty| {
            let away = roster.person(duty.person);
            duty.stand_in == person.id
                || away.is_some_and(|away| roster.may_enter_leave(person, away))
        });
        // Turns of a rotation are many, and not to be taken back here.
        duties.sort_by_key(|duty| (duty.rota, duty.from, duty.id));
        duties.truncate(MOST);
        let lines: Vec<DutyLine> = duties.iter().map(|duty| self.line(person, duty)).collect();
        let key = new_key();
        let said = self.book.leave_list(&key, &lines)?;
        let ids = duties.iter().map(|duty| duty.id).collect();
        Ok(self.kept("leaves", person, (ids, key), said))
    }

    /// A duty as a person reads it.
    fn line(&self, person: &Person, duty: &Duty) -> DutyLine {
        let lens = self.lens(&self.directory);
        lens.duty(
            duty,
            duty.state == State::Set && self.may_cancel(person, duty),
        )
    }

    /// Who is away and the lead above may take a leave back; a rotation is the office's.
    fn may_cancel(&self, person: &Person, duty: &Duty) -> bool {
        let roster = &self.directory.roster;
        let away = roster.person(duty.person);
        !duty.rota && away.is_some_and(|away| roster.may_enter_leave(person, away))
    }
}

/// A press on what was said back, or on the list.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let at = argument.parse::<usize>().unwrap_or_default();
    let id = at.checked_sub(1).and_then(|at| message.issues.get(at));
    let duties = table::many(visit.tx, id.map_or(&[], std::slice::from_ref)).await?;
    let Some(duty) = duties.into_iter().next() else {
        return alert(visit, "toast_expired");
    };
    let draft = duty.state == State::Draft;
    match (message.kind.as_str(), verb) {
        ("leave", "pick") if draft => {
            let line = visit.line(person, &duty);
            let said = visit.book.leave_check(&message.key, &line, at)?;
            Ok(edited(&message, said, String::new()))
        }
        ("leave", "yes") if draft => confirm(visit, person, &message, &duty).await,
        ("leave", "no") if draft => {
            for id in &message.issues {
                table::forget(visit.tx, *id).await?;
            }
            ended(visit, person, &message, (&duty, "dropped"))
        }
        ("leaves", "drop") if !visit.may_cancel(person, &duty) => {
            alert(visit, "toast_no_permission")
        }
        ("leaves", "drop") => {
            let directory = visit.directory.clone();
            let by = (&visit.desk.rules, &*directory.roster);
            let (now, taken) = (visit.desk.clock.now(), (&duty, Some(person.id)));
            let done = flow::duty::cancel(visit.tx, by, taken, now).await?;
            let what = if done { "cancelled" } else { "stale" };
            ended(visit, person, &message, (&duty, what))
        }
        _ => ended(visit, person, &message, (&duty, "stale")),
    }
}

/// What was said back counts, if it still may by the roster, the duties and the day of now.
async fn confirm(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    duty: &Duty,
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let roster = &directory.roster;
    let away = roster.person(duty.person);
    let entitled = away.is_some_and(|away| roster.may_enter_leave(person, away));
    if !entitled || duty.entered_by != Some(person.id) {
        return alert(visit, "toast_no_permission");
    }
    let refusal = flow::duty::refusal(visit.tx, roster, duty, visit.today()).await?;
    if let Some(refusal) = refusal {
        let first = duty.from.max(visit.today());
        let context = minijinja::context! {
            why => refusal.as_str(), name => "", people => Vec::<String>::new(),
            first => first.to_string(), last => last_day(first).to_string(),
        };
        let html = visit.words("leave_refused", context)?;
        let keyboard = vec![];
        return Ok(edited(message, Rendered { html, keyboard }, String::new()));
    }
    let by = (&visit.desk.rules, &*directory.roster);
    let now = visit.desk.clock.now();
    let done = flow::duty::confirm(visit.tx, by, duty, now).await?;
    // Of several that might have been meant the others are forgotten.
    for id in message.issues.iter().filter(|id| **id != duty.id) {
        table::forget(visit.tx, *id).await?;
    }
    let what = if done { "set" } else { "stale" };
    ended(visit, person, message, (duty, what))
}

/// The message says what became of it, without buttons.
fn ended(
    visit: &Visit<'_>,
    person: &Person,
    message: &Message,
    (duty, what): (&Duty, &str),
) -> Result<Pressed> {
    let line = visit.line(person, duty);
    let context = minijinja::context! { duty => line, what => what };
    let html = visit.words("leave_done", context)?;
    let toast = html.lines().next().unwrap_or_default().to_owned();
    let keyboard = vec![];
    Ok(edited(message, Rendered { html, keyboard }, toast))
}
