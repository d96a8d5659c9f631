//! Plain words: the reason of a dispute that was asked for, or a reply to a notice.

use teloxide::types::Message as TgMessage;

use super::{Answer, Visit};
use crate::act::words::{self, Understood, Wish};
use crate::act::{self, Done, Words};
use crate::error::Result;
use crate::issue::state::Event;
use crate::message::clip;
use crate::message::table::{self as messages, Message};
use crate::roster::Person;
use crate::store::vals;

/// The longest note that is kept, in UTF-16 units.
const NOTE: usize = 2_000;

/// The photo or file of a message as JSON; the largest size of a photo.
fn evidence(message: &TgMessage) -> Option<String> {
    let (kind, file) = if let Some(photo) = message.photo().and_then(<[_]>::last) {
        ("photo", &photo.file)
    } else {
        ("document", &message.document()?.file)
    };
    let json = serde_json::json!({
        "kind": kind, "file_id": file.id.0, "file_unique_id": file.unique_id.0, "size": file.size,
    });
    Some(json.to_string())
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
        let shown = self.shown(person, message).await?;
        let understood = words::understand(text);
        let cancel = text.trim() == self.desk.words.term("cancel");
        // The answer to a question is a reason, unless it says which other issues it is about.
        let elsewhere = shown.is_some() || understood.iter().any(Understood::names_issues);
        if let Some(issues) = self.dialog(person).await?.filter(|_| !elsewhere || cancel) {
            if cancel {
                self.end_dialog().await?;
                let text = self.words("cancelled", minijinja::context! {})?;
                return Ok(Answer::text(self.chat, text));
            }
            if !text.trim().is_empty() {
                self.end_dialog().await?;
                let what = [(issues, Wish::Dispute)];
                return self.apply(person, &what, &note(text, evidence)).await;
            }
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
            match self.chosen(person, one, shown.as_ref()).await? {
                Ok(chosen) => what.push((chosen, one.wish)),
                Err(name) => {
                    let verb = verb(one.wish);
                    let text = self.words(name, minijinja::context! { verb => verb })?;
                    return Ok(Answer::text(self.chat, text));
                }
            }
        }
        self.apply(person, &what, &note(text, evidence)).await
    }

    /// The digest that is replied to, if it is this person's.
    async fn shown(&mut self, person: &Person, message: &TgMessage) -> Result<Option<Message>> {
        let Some(to) = message.reply_to_message() else {
            return Ok(None);
        };
        let shown = messages::by_id(self.tx, self.chat, i64::from(to.id.0)).await?;
        Ok(shown.filter(|m| m.person_id == person.id && m.kind == "digest"))
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
                    let at = usize::try_from(*position)
                        .ok()
                        .and_then(|p| p.checked_sub(1));
                    match at.and_then(|at| shown.issues.get(at)) {
                        Some(id) => chosen.push(*id),
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

    /// Does each thing in the order it was said; one answer tells of all.
    async fn apply(
        &mut self,
        person: &Person,
        what: &[(Vec<i64>, Wish)],
        note: &Words,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let mut lines = Vec::new();
        for (ids, wish) in what {
            let event = match wish {
                Wish::Acknowledge => Event::Acknowledge,
                Wish::ReportFix => Event::ReportFix,
                Wish::Dispute => Event::Dispute,
            };
            let actor = self.actor(person);
            let what = (ids.as_slice(), event, note);
            let done = act::perform(self.tx, &self.desk.rules, &directory, actor, what).await?;
            let (mut numbers, mut stale) = (Vec::new(), Vec::new());
            for outcome in done {
                match outcome {
                    Done::Applied(issue) => numbers.push(issue.id),
                    Done::Stale(issue, _) => stale.push(issue.id),
                    Done::NotYours => {}
                }
            }
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
        Ok(Answer::text(self.chat, lines.join("\n")))
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
            let actor = self.actor(person);
            let words = note(text, Some(evidence));
            act::attach(self.tx, actor, &[*one], &words).await?;
            let text = self.words("evidence_saved", minijinja::context! { numbers => [*one] })?;
            return Ok(Answer::text(self.chat, text));
        }
        Ok(Answer::text(
            self.chat,
            self.words("not_understood", minijinja::context! {})?,
        ))
    }

    /// The issues whose reason was asked for and is still awaited.
    async fn dialog(&mut self, person: &Person) -> Result<Option<Vec<i64>>> {
        let row = self
            .tx
            .first(
                "select issues from dialog
                 where chat_id = $1 and person_id = $2 and expires_at > $3",
                vals![self.chat, person.id, self.desk.clock.now_ms()],
            )
            .await?;
        row.map(|row| row.json(0)).transpose()
    }

    async fn end_dialog(&mut self) -> Result<()> {
        self.tx
            .run("delete from dialog where chat_id = $1", vals![self.chat])
            .await?;
        Ok(())
    }
}

/// What was said and sent along, kept with an act.
fn note(text: &str, evidence: Option<String>) -> Words {
    let note = Some(text.trim()).filter(|text| !text.is_empty());
    Words {
        note: note.map(|text| clip(text, NOTE).into_owned()),
        evidence,
    }
}

fn verb(wish: Wish) -> &'static str {
    match wish {
        Wish::Acknowledge => "ack",
        Wish::ReportFix => "fix",
        Wish::Dispute => "dis",
    }
}
