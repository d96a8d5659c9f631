//! What else those who answer for an issue can do: say how it was fixed, dispute, ask for time or for another
//! unit, hand it over, take back what they did. By press and by reply; a request is said back before it
//! counts.

use super::dialog::Question;
use super::shown::{Pressed, again, alert, at, stale};
use super::{Answer, Visit};
use crate::act::request::{self as asking, Unfit};
use crate::act::take_back::{Of, TakenBack};
use crate::act::{self, Done, asked};
use crate::clock::from_ms;
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::request::{self as requests, Kind, Request, State};
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Act, Issue};
use crate::issue::{How, State as Standing, take_back};
use crate::matching::Decision;
use crate::message::table::Message;
use crate::message::{Choice, IssueView, Rendered, RequestView, Section, clip};
use crate::roster::duty::named;
use crate::roster::{Person, Role};

/// The longest reason that is kept, in UTF-16 units.
const REASON: usize = 500;
/// The most people or units to choose from.
const CHOICES: usize = 8;

impl Visit<'_> {
    /// An issue as this person sees it; none that is not theirs.
    async fn view(&mut self, person: &Person, id: i64) -> Result<Option<IssueView>> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory).read_by(person);
        let seen = |issue: &Issue| act::sees(&directory.roster, person, issue);
        let mut shown = lens
            .page(self.tx, &[(id, Section::Open)], (0, 1), seen)
            .await?;
        Ok(shown.pop())
    }

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
    async fn question(&mut self, person: &Person, kind: Kind, ids: &[i64]) -> Result<Answer> {
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
        self.desk.words.ask_check(key, &views, &choices)
    }

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
        let Some(issue) = issues::get(self.tx, *first).await? else {
            return Ok(Answer::text(
                self.chat,
                self.unfit("not_yours", Kind::Extension, None, "")?,
            ));
        };
        let takers = act::hand::takers(&directory.roster, person, &issue);
        let name = name.trim_end_matches(['处', '理', '办', '改']);
        let fit = named(&takers, name);
        if let ([one], false) = (fit.as_slice(), name.is_empty()) {
            return self.hand(person, ids, one).await;
        }
        let Some(view) = self.view(person, issue.id).await? else {
            return Ok(Answer::text(
                self.chat,
                self.unfit("not_yours", Kind::Extension, None, "")?,
            ));
        };
        if takers.is_empty() {
            let text = self.unfit("nobody", Kind::Extension, Some(&issue), "")?;
            return Ok(Answer::text(self.chat, text));
        }
        let key = new_key();
        let said = self.takers(&key, &view, &takers)?;
        Ok(self.kept("menu", person, (ids.to_vec(), key), said))
    }

    fn takers(&self, key: &str, view: &IssueView, takers: &[&Person]) -> Result<Rendered> {
        let choice = |one: &&Person| {
            let label = match one.role {
                Role::Lead => format!("{}（{}）", one.name, self.desk.words.term("lead")),
                _ => one.name.clone(),
            };
            Choice { label, id: one.id }
        };
        let choices: Vec<Choice> = takers.iter().take(CHOICES).map(choice).collect();
        self.desk.words.takers(key, view, &choices)
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
        let said = self.desk.words.with_undo(&key, text);
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
                    let word = self.desk.words.term(&word).to_owned();
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

fn edited(message: &Message, said: Rendered, toast: String) -> Pressed {
    let answer = Answer {
        edits: vec![(message.chat_id, message.message_id, said)],
        ..Answer::default()
    };
    (answer, toast, false)
}

/// A dispute needs a reason: the next words of this chat.
pub(super) async fn reason(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(id) = at(&message, argument) else {
        return alert(visit, "toast_expired");
    };
    let directory = visit.directory.clone();
    let issue = issues::get(visit.tx, id).await?;
    let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
        return alert(visit, "toast_no_permission");
    };
    if issue.standing.after(Event::Dispute).is_err() {
        return Ok((Answer::default(), stale(visit, &issue).await?, true));
    }
    visit.message = message.message_id;
    visit.ask(person, Question::Dispute, &[id]).await?;
    let lens = visit.lens(&directory);
    let context = minijinja::context! {
        n => argument, number => id, account => lens.target(issue.subject(), issue.unit_id),
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
    let issue = issues::get(visit.tx, id).await?;
    let seen = |issue: &Issue| act::sees(&directory.roster, person, issue);
    let Some(mut issue) = issue.filter(|issue| seen(issue) && person.role != Role::Manager) else {
        return alert(visit, "toast_no_permission");
    };
    if issue.standing.state != Standing::FixReported {
        let toast = stale(visit, &issue).await?;
        return again(visit, person, &message, (toast, true)).await;
    }
    visit.message = message.message_id;
    issues::set_how(visit.tx, &mut issue, Some(how)).await?;
    let act = Act {
        issue_id: id,
        at: visit.now_ms(),
        verb: "fix_how".to_owned(),
        person_id: Some(person.id),
        update_id: Some(visit.update_id),
        message: Some((visit.chat, visit.message)),
        note: Some(how.as_str().to_owned()),
        ..Act::default()
    };
    issues::record(visit.tx, &[act]).await?;
    let how = visit.desk.words.term(how.as_str()).to_owned();
    let toast = visit.words("toast_how", minijinja::context! { number => id, how })?;
    again(visit, person, &message, (toast, false)).await
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
    let said = visit.desk.words.menu(&key, &view)?;
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
    visit.message = message.message_id;
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
        "hand" if takers.is_empty() => {
            let toast = visit.unfit("nobody", Kind::Extension, issue.as_ref(), "")?;
            Ok((Answer::default(), toast, true))
        }
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
                let said = visit.desk.words.menu(&message.key, &view)?;
                answer
                    .edits
                    .push((message.chat_id, message.message_id, said));
            }
            Ok((answer, String::new(), false))
        }
        _ => {
            let said = visit.desk.words.menu(&message.key, &view)?;
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
    visit.message = message.message_id;
    let html = visit.taking_back(person, (&ids, &of)).await?;
    let toast = html.lines().next().unwrap_or_default().to_owned();
    if message.kind == "menu" {
        let Some(view) = visit
            .view(person, ids.first().copied().unwrap_or_default())
            .await?
        else {
            return alert(visit, "toast_no_permission");
        };
        let said = visit.desk.words.menu(&message.key, &view)?;
        return Ok(edited(&message, said, toast));
    }
    let keyboard = vec![];
    Ok(edited(&message, Rendered { html, keyboard }, toast))
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
    visit.message = message.message_id;
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
        "submitted" => visit.desk.words.with_undo(&message.key, html),
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
