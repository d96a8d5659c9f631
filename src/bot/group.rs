//! In the group of a unit: bound by a code, told of the unit's new findings, acted in by those who answer for
//! them. What is a person's own, or another unit's, is answered in the private chat only.

use teloxide::types::{ChatMemberUpdated, Message as TgMessage};

use super::shown::{Pressed, alert};
use super::{Answer, Keep, Say, Visit};
use crate::act;
use crate::act::words::{self, Wish};
use crate::delivery::group::{self as shown, Shown};
use crate::delivery::{Place, new_key};
use crate::error::Result;
use crate::flow::group::{self, Bound};
use crate::issue::state::Event;
use crate::issue::table as issues;
use crate::message::table::{self as messages, Message};
use crate::message::{Rendered, clip};
use crate::roster::group as table;
use crate::roster::{Group, Person, Role};

/// The kind of a unit's digest in its group.
pub(super) use crate::delivery::group::KIND;
/// The kind of the question why something is a false alarm, asked in a group.
pub(super) const WHY: &str = "why";
/// How long the answer to the question is awaited, in ms: a day.
const WHY_MS: i64 = 24 * 3_600_000;
/// Names in a toast.
const NAMED: usize = 3;

impl Visit<'_> {
    /// What is said in a group.
    pub(super) async fn in_group(&mut self, message: &TgMessage) -> Result<Answer> {
        if let Some(to) = message.migrate_to_chat_id() {
            table::migrate(self.tx, self.chat, to.0).await?;
            return Ok(Answer::default());
        }
        if let Some(from) = message.migrate_from_chat_id() {
            table::migrate(self.tx, from.0, self.chat).await?;
            return Ok(Answer::default());
        }
        let text = message
            .text()
            .or_else(|| message.caption())
            .unwrap_or_default();
        let user = message.from.as_ref().map(|user| user.id.0);
        let user = user
            .and_then(|id| i64::try_from(id).ok())
            .unwrap_or_default();
        let mut answer = match text.strip_prefix('/') {
            Some(line) => self.group_command(message, user, line).await?,
            None => self.group_reply(message, user, text).await?,
        };
        answer.place = Some((
            self.chat,
            Place {
                thread: topic(message),
                reply_to: Some(self.message),
                force: answer.place.is_some_and(|(_, place)| place.force),
            },
        ));
        Ok(answer)
    }

    /// A command in a group; one for another bot is none of ours.
    async fn group_command(
        &mut self,
        message: &TgMessage,
        user: i64,
        line: &str,
    ) -> Result<Answer> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let (word, to) = word.split_once('@').unwrap_or((word, ""));
        let own = self.desk.name.get();
        if !to.is_empty() && own.is_some_and(|own| !own.eq_ignore_ascii_case(to)) {
            return Ok(Answer::default());
        }
        let rest = rest.trim();
        match word.to_ascii_lowercase().as_str() {
            // The latter comes of a link that adds the bot to a group.
            "bind" | "start" if !rest.is_empty() => self.bind_group(message, user, rest).await,
            "bind" | "start" | "help" => self.plain(
                "group_help",
                minijinja::context! {
                    bound => self.directory.roster.group_in(self.chat).is_some(),
                },
            ),
            _ if self.directory.roster.group_in(self.chat).is_some() => {
                self.plain("group_private", minijinja::context! {})
            }
            _ => self.plain("private_only", minijinja::context! {}),
        }
    }

    async fn bind_group(&mut self, message: &TgMessage, user: i64, code: &str) -> Result<Answer> {
        let refuse = |visit: &Self, why: &str| {
            visit.plain("group_refused", minijinja::context! { why, name => "" })
        };
        if message.sender_chat.is_some() {
            return refuse(self, "anonymous");
        }
        let Some(person) = self.person(user).await? else {
            return refuse(self, "stranger");
        };
        let group = Group {
            id: 0,
            unit: 0,
            chat: self.chat,
            thread: topic(message),
            title: clip(message.chat.title().unwrap_or_default(), 60).into_owned(),
            private: true,
        };
        let directory = self.directory.clone();
        let (by, now) = ((&person, code), self.desk.clock.now());
        match group::bind(self.tx, &directory.roster, by, group, now).await? {
            Bound::NoCode => refuse(self, "no_code"),
            Bound::NotYours => refuse(self, "not_yours"),
            Bound::Taken => refuse(self, "taken"),
            Bound::Now(group, former) => {
                let unit = directory.roster.unit_by_id(group.unit);
                let unit = unit.map_or("", |unit| unit.name.as_str());
                let context = minijinja::context! { unit, by => person.name };
                let mut answer = self.plain("group_bound", context)?;
                if let Some(former) = former {
                    let words = self.desk.words.office();
                    let html = words.text("group_ended", minijinja::context! { unit })?;
                    answer.says.push(Say::plain(former.chat, html));
                }
                Ok(answer)
            }
        }
    }

    /// A reply in a group: to the unit's digest, or to the question why. Other talk is none of the bot's.
    async fn group_reply(&mut self, message: &TgMessage, user: i64, text: &str) -> Result<Answer> {
        let Some(to) = message.reply_to_message() else {
            return Ok(Answer::default());
        };
        let Some(said) = messages::by_id(self.tx, self.chat, i64::from(to.id.0)).await? else {
            return Ok(Answer::default());
        };
        let Some(person) = self.person(user).await? else {
            return self.plain(
                "group_refused",
                minijinja::context! { why => "stranger", name => "" },
            );
        };
        match said.kind.as_str() {
            WHY if said.person_id != person.id => {
                let name = self
                    .directory
                    .roster
                    .name_of(said.person_id)
                    .unwrap_or_default();
                let context = minijinja::context! { why => "asked_other", name };
                self.plain("group_refused", context)
            }
            WHY if said.sent_at + WHY_MS < self.now_ms() => {
                self.plain("toast_expired", minijinja::context! {})
            }
            WHY => {
                let evidence = super::text::evidence(message);
                if text.trim().chars().count() < 2 {
                    return self.plain("reason_needed", minijinja::context! {});
                }
                self.reasoned(&person, said.issues, (text, evidence)).await
            }
            KIND | "done" if said.kind == KIND || said.person_id == person.id => {
                self.reply_to_digest(&person, message, text, &said).await
            }
            _ => self.plain("private_only", minijinja::context! {}),
        }
    }

    /// What is said to the unit's digest, as far as it is about the unit's issues and may be said before all.
    async fn reply_to_digest(
        &mut self,
        person: &Person,
        message: &TgMessage,
        text: &str,
        said: &Message,
    ) -> Result<Answer> {
        let understood = words::understand(text);
        let private = |wish: &Wish| {
            !matches!(
                wish,
                Wish::Acknowledge | Wish::ReportFix(_) | Wish::Dispute | Wish::TakeBack
            )
        };
        if understood.iter().any(|one| private(&one.wish)) {
            return self.plain("group_private", minijinja::context! {});
        }
        let unit = self
            .directory
            .roster
            .group_in(self.chat)
            .map(|group| group.unit);
        let named: Vec<i64> = understood
            .iter()
            .flat_map(|one| one.numbers.clone())
            .collect();
        let places = issues::many(self.tx, &named).await?;
        let foreign =
            places.len() < named.len() || places.iter().any(|issue| Some(issue.unit_id) != unit);
        if unit.is_none() || foreign {
            return self.plain("group_private", minijinja::context! {});
        }
        let positions = understood.iter().flat_map(|one| one.positions.clone());
        let mut about: Vec<i64> = positions.filter_map(|at| said.at(at)).collect();
        about.extend(named);
        if about.is_empty() {
            about.clone_from(&said.issues);
        }
        if let Some(who) = self.who_may(person, &about).await? {
            let context = minijinja::context! { why => "not_yours_here", name => who };
            return self.plain("group_refused", context);
        }
        let evidence = message.photo().is_some() || message.document().is_some();
        if understood.is_empty() && !evidence {
            return self.plain("group_hint", minijinja::context! {});
        }
        self.said(person, message, text).await
    }

    /// Nothing where a person may act on one of these issues; else the names of those who may.
    async fn who_may(&mut self, person: &Person, ids: &[i64]) -> Result<Option<String>> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let mut names: Vec<&str> = Vec::new();
        for issue in issues::many(self.tx, ids).await? {
            let acts = matches!(person.role, Role::Operator | Role::Lead);
            if acts && act::sees(roster, person, &issue) {
                return Ok(None);
            }
            for one in roster.answering(issue.whose()) {
                if !names.contains(&one.name.as_str()) && names.len() < NAMED {
                    names.push(&one.name);
                }
            }
        }
        Ok(Some(names.join(self.book.term("comma"))))
    }

    /// A digest in its group as it has to look now.
    pub(super) async fn group_again(&mut self, message: &Message, page: usize) -> Result<Rendered> {
        let directory = self.directory.clone();
        let Some(group) = directory.roster.group_in(message.chat_id) else {
            let html = self.words("no_such_issue", minijinja::context! {})?;
            return Ok(Rendered {
                html,
                keyboard: vec![],
            });
        };
        let shown = Shown {
            key: &message.key,
            wanted: &message.wanted(),
            page,
            sent_at: message.sent_at,
            resent: false,
        };
        shown::view(self.desk, self.tx, group, &shown).await
    }

    /// The bot was taken into a group or thrown out of it.
    pub(super) async fn membership(&mut self, change: &ChatMemberUpdated) -> Result<Answer> {
        let directory = self.directory.clone();
        let roster = &directory.roster;
        self.chat = change.chat.id.0;
        let group = roster.group_in(self.chat);
        if !change.new_chat_member.is_present() {
            if let Some(group) = group {
                let (by, now) = ((&self.desk.rules, &**roster), self.desk.clock.now());
                group::lost(self.tx, by, (group, "group_expelled"), now).await?;
            }
            return Ok(Answer::default());
        }
        // Who cannot bind it is told nothing: anybody may add a bot to a group.
        let user = i64::try_from(change.from.id.0).unwrap_or_default();
        let by = self.person(user).await?;
        let leads = by.is_some_and(|by| matches!(by.role, Role::Lead | Role::Manager));
        if group.is_some() || change.old_chat_member.is_present() || !leads {
            return Ok(Answer::default());
        }
        self.plain("group_help", minijinja::context! { bound => false })
    }
}

/// The topic that a message stands in; a thread of replies is none.
fn topic(message: &TgMessage) -> Option<i64> {
    let thread = message.thread_id.filter(|_| message.is_topic_message);
    thread.map(|thread| i64::from(thread.0.0))
}

/// Whether a press on a unit's digest may go on; if not, what is said instead.
pub(super) async fn admits(
    visit: &mut Visit<'_>,
    person: Option<&Person>,
    message: &Message,
    (verb, argument): (&str, &str),
) -> Result<Option<Pressed>> {
    let toast = |visit: &Visit<'_>, why: &str, name: &str| -> Result<Option<Pressed>> {
        let text = visit.words("toast_group", minijinja::context! { why, name })?;
        Ok(Some((Answer::default(), text, true)))
    };
    let Some(person) = person else {
        return toast(visit, "stranger", "");
    };
    if visit.directory.roster.group_in(message.chat_id).is_none() {
        return toast(visit, "ended", "");
    }
    let about = match argument.split('.').next().unwrap_or_default().parse() {
        Ok(at) if !matches!(verb, "all" | "page" | "my") => {
            message.at(at).into_iter().collect::<Vec<i64>>()
        }
        _ => message.issues.clone(),
    };
    match visit.who_may(person, &about).await? {
        None => Ok(None),
        // Who supervises may look.
        Some(_) if person.role == Role::Manager && matches!(verb, "page" | "hist") => Ok(None),
        Some(who) => toast(visit, "others", &who),
    }
}

/// A dispute needs a reason: asked of the person in the group, so that the answer arrives there.
pub(super) async fn reason(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(issue) = super::shown::seen_at(visit, person, message, argument).await? else {
        return alert(visit, "toast_no_permission");
    };
    if issue.standing.after(Event::Dispute).is_err() {
        return Ok((
            Answer::default(),
            super::shown::stale(visit, &issue).await?,
            true,
        ));
    }
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let user = visit.chat;
    let context = minijinja::context! {
        n => argument, number => issue.id, account => lens.target(issue.subject(), issue.unit_id),
        name => person.name, chat => user,
    };
    let html = visit.words("group_why", context)?;
    let group = directory.roster.group_in(message.chat_id);
    let answer = Answer {
        says: vec![Say {
            chat: message.chat_id,
            said: Rendered {
                html,
                keyboard: vec![],
            },
            keep: Some(Keep {
                kind: WHY,
                person: person.id,
                issues: vec![issue.id],
                key: new_key(),
            }),
        }],
        place: Some((
            message.chat_id,
            Place {
                thread: group.and_then(|group| group.thread),
                reply_to: Some(message.message_id),
                force: true,
            },
        )),
        ..Answer::default()
    };
    Ok((answer, String::new(), false))
}
