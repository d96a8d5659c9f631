//! More time, or another unit: asked for in plain words, said back before it counts, submitted by a press.

use super::dialog::Question;
use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::asked;
use crate::act::request::{self as asking, Unfit};
use crate::clock::from_ms;
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::request::{self as requests, Kind, Request, State};
use crate::issue::table::{self as issues, Issue};
use crate::matching::Decision;
use crate::message::table::Message;
use crate::message::{Choice, Rendered, RequestView, clip};
use crate::roster::Person;

/// The longest reason that is kept, in UTF-16 units.
const REASON: usize = 500;
/// The most units to choose from.
const CHOICES: usize = 8;

impl Visit<'_> {
    /// Says why something cannot be asked for.
    fn unfit(&self, unfit: &str, kind: Kind, issue: Option<&Issue>, name: &str) -> Result<String> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let now = self.desk.clock.now();
        let parts = (&self.desk.rules, &*directory.roster);
        let days = issue.and_then(|issue| asking::range(parts, issue, now));
        let work = issue.map(|issue| asking::work_of(parts.0, parts.1, issue));
        let work = work.unwrap_or(self.desk.rules.deadlines.work);
        let context = minijinja::context! {
            why => unfit, kind => kind.as_str(), name => clip(name, 40),
            number => issue.map(|issue| issue.id),
            first => days.map(|(first, _)| lens.end_of(first, work)),
            last => days.map(|(_, last)| lens.end_of(last, work)),
        };
        self.words("ask_refused", context)
    }

    /// Asks until when and why, or which unit and why; the next words are the answer.
    pub(super) async fn question(
        &mut self,
        person: &Person,
        kind: Kind,
        ids: &[i64],
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let mut about = None;
        for id in ids {
            match asking::may_ask(self.tx, &directory.roster, person, (kind, *id)).await? {
                Ok(issue) => about = Some(issue),
                Err(unfit) => {
                    let issue = match unfit {
                        Unfit::NotYours => None,
                        _ => issues::get(self.tx, *id).await?,
                    };
                    let text = self.unfit(unfit.as_str(), kind, issue.as_ref(), "")?;
                    return Ok(Answer::text(self.chat, text));
                }
            }
        }
        let Some(issue) = about else {
            return Ok(Answer::text(
                self.chat,
                self.unfit("not_yours", kind, None, "")?,
            ));
        };
        let lens = self.lens(&directory);
        let days = asking::range(
            (&self.desk.rules, &directory.roster),
            &issue,
            self.desk.clock.now(),
        );
        let day = |day: chrono::NaiveDate| lens.date(day);
        let context = minijinja::context! {
            numbers => ids, account => lens.target(issue.subject(), issue.unit_id),
            first => days.map(|(first, _)| day(first)), last => days.map(|(_, last)| day(last)),
        };
        let (name, question) = match kind {
            Kind::Extension => ("ask_extend", Question::Extend),
            Kind::Reassignment => ("ask_move", Question::Move),
        };
        let text = self.words(name, context)?;
        self.ask(person, question, ids).await?;
        Ok(Answer::text(self.chat, text))
    }

    /// Until when and why, in plain words: said back, to be submitted.
    pub(super) async fn extension(
        &mut self,
        person: &Person,
        ids: &[i64],
        text: &str,
    ) -> Result<Answer> {
        let rules = &self.desk.rules;
        let now = self.desk.clock.now();
        let Some(issue) = issues::many(self.tx, ids).await?.into_iter().next() else {
            return self.question(person, Kind::Extension, ids).await;
        };
        let day = |ms: i64| from_ms(ms).with_timezone(&rules.zone).date_naive();
        let today = self.desk.local(now).date_naive();
        let from = issue.due_at.map_or(today, |due| day(due).max(today));
        let calendar = &rules.deadlines.calendar;
        let Some((until, reason)) = asked::extension(text, (today, from), calendar) else {
            return self.question(person, Kind::Extension, ids).await;
        };
        let directory = self.directory.clone();
        let work = asking::work_of(rules, &directory.roster, &issue);
        let until = asking::end_of(rules, until, work);
        let by = (person.id, now.timestamp_millis());
        let draft = |id: &i64| draft(by, (Kind::Extension, *id), Some(until), &reason);
        let drafts: Vec<Request> = ids.iter().map(draft).collect();
        self.said_back(person, drafts, &[], Question::Extend).await
    }

    /// Which unit and why, in plain words: said back, to be submitted.
    pub(super) async fn reassignment(
        &mut self,
        person: &Person,
        ids: &[i64],
        text: &str,
    ) -> Result<Answer> {
        let (name, reason) = asked::reassignment(text);
        if name.chars().count() < 2 {
            return self.question(person, Kind::Reassignment, ids).await;
        }
        let directory = self.directory.clone();
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        // A name that merely looks alike is chosen by a press, also if it is the only one.
        let (chosen, choices) = match directory.index.named_unit(&name, today) {
            Decision::Matched { unit, .. } => (Some(unit), vec![]),
            Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } => {
                let mut units: Vec<i64> = candidates.into_iter().map(|one| one.unit).collect();
                units.dedup();
                (None, units)
            }
        };
        if chosen.is_none() && choices.is_empty() {
            let text = self.unfit("no_unit", Kind::Reassignment, None, &name)?;
            self.ask(person, Question::Move, ids).await?;
            return Ok(Answer::text(self.chat, text));
        }
        let by = (person.id, self.now_ms());
        let draft = |id: &i64| Request {
            unit_id: chosen,
            ..draft(by, (Kind::Reassignment, *id), None, &reason)
        };
        let drafts: Vec<Request> = ids.iter().map(draft).collect();
        self.said_back(person, drafts, &choices, Question::Move)
            .await
    }

    /// Keeps drafts and says them back; what cannot be asked for is refused before.
    async fn said_back(
        &mut self,
        person: &Person,
        mut drafts: Vec<Request>,
        units: &[i64],
        question: Question,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let now = self.desk.clock.now();
        let ids: Vec<i64> = drafts.iter().map(|draft| draft.issue_id).collect();
        for draft in &drafts {
            let about = (draft.kind, draft.issue_id);
            let may = asking::may_ask(self.tx, &directory.roster, person, about).await?;
            let (unfit, issue) = match may {
                Ok(issue) if draft.reason.chars().count() < 2 => ("no_reason", Some(issue)),
                Ok(issue) => {
                    match asking::fits((&self.desk.rules, &directory.roster), &issue, draft, now) {
                        Some(unfit) => (unfit.as_str(), Some(issue)),
                        None => continue,
                    }
                }
                Err(Unfit::NotYours) => (Unfit::NotYours.as_str(), None),
                Err(unfit) => (unfit.as_str(), issues::get(self.tx, draft.issue_id).await?),
            };
            let unit = draft.unit_id.map(|id| self.lens(&directory).unit(id));
            let name = unit.unwrap_or_default();
            let text = self.unfit(unfit, draft.kind, issue.as_ref(), &name)?;
            // What can be said better is asked again.
            if matches!(unfit, "no_reason" | "early" | "late" | "same") {
                self.ask(person, question, &ids).await?;
            }
            return Ok(Answer::text(self.chat, text));
        }
        self.end_dialog().await?;
        for draft in &mut drafts {
            requests::insert(self.tx, draft).await?;
        }
        let key = new_key();
        let said = self.check(person, &drafts, (&key, units)).await?;
        let ids = drafts.iter().map(|draft| draft.id).collect();
        Ok(self.kept("ask", person, (ids, key), said))
    }

    async fn check(
        &mut self,
        person: &Person,
        drafts: &[Request],
        (key, units): (&str, &[i64]),
    ) -> Result<Rendered> {
        let directory = self.directory.clone();
        let mut views: Vec<RequestView> = Vec::with_capacity(drafts.len());
        for draft in drafts {
            if let Some(issue) = self.view(person, draft.issue_id).await? {
                views.push(self.lens(&directory).request(draft, issue));
            }
        }
        let lens = self.lens(&directory);
        let choice = |id: &i64| Choice {
            label: clip(&lens.unit(*id), 40).into_owned(),
            id: *id,
        };
        let choices: Vec<Choice> = units.iter().take(CHOICES).map(choice).collect();
        self.book.ask_check(key, &views, &choices)
    }
}

/// What somebody asks for, before it counts.
fn draft(
    (asked_by, asked_at): (i64, i64),
    (kind, issue_id): (Kind, i64),
    until: Option<i64>,
    reason: &str,
) -> Request {
    Request {
        id: 0,
        issue_id,
        kind,
        state: State::Draft,
        asked_by,
        asked_at,
        until,
        unit_id: None,
        reason: clip(reason, REASON).into_owned(),
        ruled_by: None,
        ruled_at: None,
    }
}

/// A press on what was said back: submitted, given up, or a unit chosen.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let all = requests::many(visit.tx, &message.issues).await?;
    let mut drafts = all.clone();
    drafts.retain(|request| request.state == State::Draft && request.asked_by == person.id);
    let Some(kind) = drafts.first().map(|draft| draft.kind) else {
        // Pressed twice: what was submitted still waits.
        let waiting = all.iter().filter(|request| request.state == State::Open);
        let numbers: Vec<i64> = waiting.map(|request| request.issue_id).collect();
        let kind = all.first().map_or(Kind::Extension, |request| request.kind);
        let what = if numbers.is_empty() {
            "stale"
        } else {
            "submitted"
        };
        return done(visit, &message, (what, kind, numbers));
    };
    match verb {
        "yes" => submit(visit, person, &message, &drafts).await,
        "pick" => {
            let unit = argument.parse::<i64>().unwrap_or_default();
            if visit.directory.roster.unit_by_id(unit).is_none() {
                return alert(visit, "toast_expired");
            }
            for draft in &mut drafts {
                draft.unit_id = Some(unit);
                requests::choose(visit.tx, draft.id, unit).await?;
            }
            let said = visit.check(person, &drafts, (&message.key, &[])).await?;
            Ok(edited(&message, said, String::new()))
        }
        _ => {
            for draft in &drafts {
                requests::forget(visit.tx, draft.id).await?;
            }
            done(visit, &message, ("dropped", kind, vec![]))
        }
    }
}

/// The message says what became of it; what was submitted can be taken back for some minutes.
fn done(
    visit: &Visit<'_>,
    message: &Message,
    (what, kind, numbers): (&str, Kind, Vec<i64>),
) -> Result<Pressed> {
    let context = minijinja::context! { what, kind => kind.as_str(), numbers };
    let html = visit.words("ask_done", context)?;
    let toast = html.clone();
    let said = match what {
        "submitted" => visit.book.with_undo(&message.key, html),
        _ => Rendered {
            html,
            keyboard: vec![],
        },
    };
    Ok(edited(message, said, toast))
}

async fn submit(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    drafts: &[Request],
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let (mut numbers, mut refused) = (Vec::new(), Vec::new());
    for draft in drafts {
        let (rules, actor) = (&visit.desk.rules, visit.actor(person));
        match asking::submit(visit.tx, rules, &directory, actor, draft).await? {
            Ok(issue) => numbers.push(issue.id),
            Err(unfit) => {
                let issue = issues::get(visit.tx, draft.issue_id).await?;
                refused.push(visit.unfit(unfit.as_str(), draft.kind, issue.as_ref(), "")?);
            }
        }
    }
    let kind = drafts.first().map_or(Kind::Extension, |draft| draft.kind);
    if numbers.is_empty() {
        let html = refused.join("\n");
        let toast = html.clone();
        let keyboard = vec![];
        return Ok(edited(message, Rendered { html, keyboard }, toast));
    }
    let (mut answer, toast, alert) = done(visit, message, ("submitted", kind, numbers))?;
    for text in refused {
        answer.says.extend(Answer::text(visit.chat, text).says);
    }
    Ok((answer, toast, alert))
}
