//! Plain words: the reason of a dispute that was asked for, or a reply to a notice.

use teloxide::types::{Message as TgMessage, MessageEntityKind};

use super::dialog::Question;
use super::group;
use super::{Answer, Visit, upload};
use crate::act::take_back::Of;
use crate::act::words::{self, Understood, Wish};
use crate::act::{self, Done, Words};
use crate::delivery::ANNOUNCEMENT;
use crate::error::Result;
use crate::issue::evidence as kept;
use crate::issue::state::Event;
use crate::issue::table as issues;
use crate::message::clip;
use crate::message::table::{self as messages, Message};
use crate::roster::{Person, Role};

/// The messages whose issues a reply of those who answer means.
const LISTS: [&str; 6] = ["digest", "done", "menu", "evidence", "history", group::KIND];
/// The messages on which a manager rules by a reply.
const RULED: [&str; 3] = ["pending", "dispute", "request"];
/// The longest note that is kept, in UTF-16 units.
const NOTE: usize = 2_000;

/// The photo or file of a message as JSON; the largest size of a photo.
pub(super) fn evidence(message: &TgMessage) -> Option<String> {
    let (kind, file, mime, name) = match message.photo().and_then(<[_]>::last) {
        // The channel makes a JPEG of every photo.
        Some(photo) => ("photo", &photo.file, Some("image/jpeg".to_owned()), None),
        None => {
            let document = message.document()?;
            let mime = document.mime_type.as_ref().map(ToString::to_string);
            ("document", &document.file, mime, document.file_name.clone())
        }
    };
    let sent = kept::Sent {
        kind: kind.to_owned(),
        file_id: file.id.0.clone(),
        file_unique_id: file.unique_id.0.clone(),
        size: u64::from(file.size),
        mime,
        name,
    };
    serde_json::to_string(&sent).ok()
}

/// The text of a message, with the address behind each word that is a link.
pub(super) fn linked(message: &TgMessage) -> String {
    let text = message.text().or_else(|| message.caption());
    let text = text.unwrap_or_default();
    let entities = message
        .parse_entities()
        .or_else(|| message.parse_caption_entities());
    let (mut linked, mut at) = (String::with_capacity(text.len()), 0);
    for entity in entities.unwrap_or_default() {
        if let MessageEntityKind::TextLink { url } = entity.kind()
            && let Some(before) = text.get(at..entity.end())
        {
            linked.push_str(before);
            if entity.text().trim() != url.as_str() {
                linked.push_str(&format!(" ({url})"));
            }
            at = entity.end();
        }
    }
    linked.push_str(text.get(at..).unwrap_or_default());
    linked
}

impl Visit<'_> {
    /// What a bound person says.
    pub(super) async fn said(
        &mut self,
        person: &Person,
        message: &TgMessage,
        text: &str,
    ) -> Result<Answer> {
        let evidence = evidence(message);
        // The first photo of an album was answered; the others are kept with the same issues.
        if let (Some(group), Some(evidence), "") = (self.album.clone(), &evidence, text.trim())
            && let Some(issues) = kept::album(self.tx, self.chat, &group).await?
        {
            self.attach(person, &issues, ("", evidence.clone())).await?;
            return Ok(Answer::default());
        }
        let replied = self.replied(person, message).await?;
        if let Some(message) = replied
            .as_ref()
            .filter(|m| RULED.contains(&m.kind.as_str()))
        {
            return self.rule_by_words(person, message, text).await;
        }
        if let Some(message) = replied.as_ref().filter(|m| m.kind == "waiting") {
            return self.search_names(person, message, text).await;
        }
        if let Some(message) = replied.as_ref().filter(|m| m.kind == ANNOUNCEMENT) {
            return self.replied_to_announcement(person, message.clone()).await;
        }
        let shown = replied.filter(|message| LISTS.contains(&message.kind.as_str()));
        let understood = words::understand(text);
        let cancel = words::gives_up(text);
        if let Some((question, issues)) = self.dialog(person).await? {
            // The answer to a question is an answer, unless it says which other issues it is about.
            let named =
                question == Question::Dispute && understood.iter().any(Understood::names_issues);
            let elsewhere = shown.is_some() || named;
            if cancel {
                self.end_dialog().await?;
                let text = self.words("cancelled", minijinja::context! {})?;
                return Ok(Answer::text(self.chat, text));
            }
            if !elsewhere && question == Question::Announce && !text.trim().is_empty() {
                return self.prepare(person, &linked(message)).await;
            }
            if !elsewhere && !text.trim().is_empty() {
                return self
                    .answered(person, (question, issues), text, evidence)
                    .await;
            }
        }
        let answers = shown.is_some() || !understood.is_empty();
        if !answers
            && self.chat > 0
            && person.role == Role::Manager
            && words::only_numbers(text).is_none()
            && let Some(file) = upload::report_file(message)
        {
            return self.uploaded(person, &file).await;
        }
        let alone = message.reply_to_message().is_none() && message.forward_origin().is_none();
        if alone
            && evidence.is_none()
            && let Some(answer) = self.in_words(person, text, !understood.is_empty()).await?
        {
            return Ok(answer);
        }
        if let (Some(shown), Some(evidence)) = (&shown, &evidence)
            && let Some(ids) = numbered(shown, text)
        {
            return self.attach(person, &ids, (text, evidence.clone())).await;
        }
        if understood.is_empty() {
            let all = shown.map(|message| message.issues);
            return self.not_understood(person, all, text, evidence).await;
        }
        let mut what = Vec::new();
        for one in &understood {
            if one.wish == Wish::Dispute && one.rest.chars().count() < 2 {
                let text = self.words("reason_needed", minijinja::context! {})?;
                return Ok(Answer::text(self.chat, text));
            }
            if one.wish == Wish::TakeBack && !one.names_issues() {
                // In a group nothing is said of what was done elsewhere.
                if self.chat < 0 {
                    let text = self.words("group_private", minijinja::context! {})?;
                    return Ok(Answer::text(self.chat, text));
                }
                let one = shown.as_ref().map(|shown| shown.issues.as_slice());
                let of = one.filter(|issues| issues.len() == 1).unwrap_or_default();
                let text = self.taking_back(person, (of, &Of::Any)).await?;
                return Ok(Answer::text(self.chat, text));
            }
            match self.chosen(person, one, shown.as_ref()).await? {
                Ok(chosen) => what.push((chosen, one.wish, one.rest.clone())),
                Err(name) => {
                    let verb = verb(one.wish);
                    let text = self.words(name, minijinja::context! { verb => verb })?;
                    return Ok(Answer::text(self.chat, text));
                }
            }
        }
        self.apply(person, &what, &note(text, evidence)).await
    }

    /// The answer to what was asked.
    async fn answered(
        &mut self,
        person: &Person,
        (question, issues): (Question, Vec<i64>),
        text: &str,
        evidence: Option<String>,
    ) -> Result<Answer> {
        match question {
            Question::Dispute => {
                self.end_dialog().await?;
                self.reasoned(person, issues, (text, evidence)).await
            }
            Question::Extend => self.extension(person, &issues, text).await,
            Question::Move => self.reassignment(person, &issues, text).await,
            Question::Announce => self.prepare(person, text).await,
            Question::Successor => self.successor(person, &issues, text).await,
            Question::Day => self.upload_day(person, issues.first().copied(), text).await,
        }
    }

    /// The reason of a dispute, said in answer to the question.
    pub(super) async fn reasoned(
        &mut self,
        person: &Person,
        issues: Vec<i64>,
        (text, evidence): (&str, Option<String>),
    ) -> Result<Answer> {
        let what = [(issues, Wish::Dispute, String::new())];
        self.apply(person, &what, &note(text, evidence)).await
    }

    /// The message that is replied to, if it is this person's or their group's.
    async fn replied(&mut self, person: &Person, message: &TgMessage) -> Result<Option<Message>> {
        let Some(to) = message.reply_to_message() else {
            return Ok(None);
        };
        let shown = messages::by_id(self.tx, self.chat, i64::from(to.id.0)).await?;
        Ok(shown.filter(|m| m.person_id == person.id || m.kind == group::KIND))
    }

    /// The exact issues that are meant, or the message that asks.
    async fn chosen(
        &mut self,
        person: &Person,
        understood: &Understood,
        shown: Option<&Message>,
    ) -> Result<std::result::Result<Vec<i64>, &'static str>> {
        let mut chosen = understood.numbers.clone();
        match shown {
            Some(shown) => {
                for position in &understood.positions {
                    match shown.at(*position) {
                        Some(id) => chosen.push(id),
                        None => return Ok(Err("no_such_issue")),
                    }
                }
                if chosen.is_empty() {
                    match shown.issues.as_slice() {
                        // Seen is seen: the page that was shown. A fix or a dispute wants its
                        // numbers.
                        [one] => chosen.push(*one),
                        _ if understood.wish == Wish::Acknowledge => {
                            chosen.extend(shown.on_page());
                        }
                        _ => return Ok(Err("which_one")),
                    }
                }
            }
            None if !understood.positions.is_empty() => return Ok(Err("which_one")),
            None if chosen.is_empty() => {
                let directory = self.directory.clone();
                let mine = act::mine(self.tx, &directory.roster, person).await?;
                match mine.as_slice() {
                    [one] => chosen.push(one.id),
                    [] => return Ok(Err("nothing_open")),
                    _ => return Ok(Err("which_one")),
                }
            }
            None => {}
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Ok(chosen))
    }

    /// Does each thing in the order it was said; one answer tells of all that counts at once.
    async fn apply(
        &mut self,
        person: &Person,
        what: &[(Vec<i64>, Wish, String)],
        note: &Words,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let mut lines = Vec::new();
        let mut answer = Answer::default();
        let mut changed = Vec::new();
        for (ids, wish, rest) in what {
            let (event, how) = match wish {
                Wish::Acknowledge => (Event::Acknowledge, None),
                Wish::ReportFix(how) => (Event::ReportFix, *how),
                Wish::Dispute => (Event::Dispute, None),
                Wish::TakeBack => {
                    lines.push(self.taking_back(person, (ids, &Of::Any)).await?);
                    continue;
                }
                Wish::Extend => {
                    answer
                        .says
                        .extend(self.extension(person, ids, rest).await?.says);
                    continue;
                }
                Wish::Reassign => {
                    answer
                        .says
                        .extend(self.reassignment(person, ids, rest).await?.says);
                    continue;
                }
                Wish::HandOver => {
                    answer
                        .says
                        .extend(self.handing(person, ids, rest).await?.says);
                    continue;
                }
                // A manager's words, on what does not wait for them.
                Wish::Confirm | Wish::Refute | Wish::AskEvidence => continue,
            };
            let note = Words {
                how,
                ..note.clone()
            };
            let actor = self.actor(person);
            let what = (ids.as_slice(), event, &note);
            let done = act::perform(self.tx, &self.desk.rules, &directory, actor, what).await?;
            let (mut numbers, mut stale) = (Vec::new(), Vec::new());
            for outcome in done {
                match outcome {
                    Done::Applied(issue) => numbers.push(issue.id),
                    Done::Stale(issue, _) => stale.push(issue.id),
                    Done::NotYours => {}
                }
            }
            changed.extend(&numbers);
            let name = match numbers.is_empty() && stale.is_empty() {
                true => "no_such_issue",
                false => "done",
            };
            let context = minijinja::context! {
                verb => verb(*wish), numbers => numbers, stale => stale,
                evidence => note.evidence.is_some(),
            };
            lines.push(self.words(name, context)?);
        }
        if note.evidence.is_some() {
            self.note_album(&changed).await?;
        }
        if lines.is_empty() {
            return Ok(answer);
        }
        let text = lines.join("\n");
        let mut said = match changed.is_empty() {
            true => Answer::text(self.chat, text),
            false => self.with_undo(person, changed, text),
        };
        said.says.append(&mut answer.says);
        Ok(said)
    }

    /// A photo or file with no clear words is kept with the issues it answers; words alone change
    /// nothing.
    async fn not_understood(
        &mut self,
        person: &Person,
        shown: Option<Vec<i64>>,
        text: &str,
        evidence: Option<String>,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let live = match shown {
            Some(shown) => shown,
            None => {
                let mine = act::mine(self.tx, &directory.roster, person).await?;
                mine.iter().map(|issue| issue.id).collect()
            }
        };
        if let ([one], Some(evidence)) = (live.as_slice(), evidence) {
            return self.attach(person, &[*one], (text, evidence)).await;
        }
        Ok(Answer::text(
            self.chat,
            self.words(
                "not_understood",
                minijinja::context! { role => person.role.as_str() },
            )?,
        ))
    }

    /// The other photos of the message's album belong to these issues too.
    async fn note_album(&mut self, issues: &[i64]) -> Result<()> {
        let now = self.now_ms();
        match self.album.clone().filter(|_| !issues.is_empty()) {
            Some(group) => {
                let of = (self.chat, group.as_str());
                kept::note_album(self.tx, of, issues, now).await
            }
            None => Ok(()),
        }
    }

    /// Keeps a photo or file with issues that the person may see.
    async fn attach(
        &mut self,
        person: &Person,
        ids: &[i64],
        (text, evidence): (&str, String),
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let mut mine = issues::many(self.tx, ids).await?;
        mine.retain(|issue| act::sees(&directory.roster, person, issue));
        let ids: Vec<i64> = mine.iter().map(|issue| issue.id).collect();
        if ids.is_empty() {
            let text = self.words("no_such_issue", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let (rules, actor) = (&self.desk.rules, self.actor(person));
        let words = note(text, Some(evidence));
        let what = (ids.as_slice(), &words);
        act::evidence::attach(self.tx, rules, &directory, actor, what).await?;
        self.note_album(&ids).await?;
        let reported = mine.iter().all(|issue| !issue.standing.state.runs());
        let context = minijinja::context! { numbers => ids, reported };
        let text = self.words("evidence_saved", context)?;
        Ok(Answer::text(self.chat, text))
    }
}

/// What was said and sent along, kept with an act.
fn note(text: &str, evidence: Option<String>) -> Words {
    let note = Some(text.trim()).filter(|text| !text.is_empty());
    Words {
        note: note.map(|text| clip(text, NOTE).into_owned()),
        evidence,
        how: None,
    }
}

/// The issues that a caption of nothing but numbers means.
fn numbered(shown: &Message, text: &str) -> Option<Vec<i64>> {
    let (positions, numbers) = words::only_numbers(text)?;
    let mut ids = numbers;
    for position in positions {
        ids.push(shown.at(position)?);
    }
    Some(ids)
}

fn verb(wish: Wish) -> &'static str {
    match wish {
        Wish::Acknowledge => "ack",
        Wish::ReportFix(_) => "fix",
        Wish::Dispute => "dis",
        Wish::Extend => "ext",
        Wish::Reassign => "move",
        Wish::HandOver => "hand",
        Wish::TakeBack => "undo",
        Wish::Confirm | Wish::Refute | Wish::AskEvidence => "rule",
    }
}
