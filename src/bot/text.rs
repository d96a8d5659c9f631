//! Plain words: the reason of a dispute that was asked for, or a reply to a notice.

use teloxide::types::Message as TgMessage;

use super::{Answer, Visit};
use crate::act::words::{self, Understood, Wish};
use crate::act::{self, Actor, Done, Words};
use crate::error::Result;
use crate::issue::state::Event;
use crate::message::clip;
use crate::message::table as messages;
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
        if let Some((issues, _)) = self.dialog(person).await? {
            if text.trim() == self.desk.words.term("cancel") {
                self.end_dialog().await?;
                let text = self.words("cancelled", minijinja::context! {})?;
                return Ok(Answer::text(self.chat, text));
            }
            if !text.trim().is_empty() {
                self.end_dialog().await?;
                let note = Words {
                    note: Some(clip(text.trim(), NOTE).into_owned()),
                    evidence,
                };
                return self.apply(person, &issues, Wish::Dispute, note).await;
            }
        }
        let shown = match message.reply_to_message() {
            Some(to) => messages::by_id(self.tx, self.chat, i64::from(to.id.0)).await?,
            None => None,
        };
        let shown = shown.filter(|m| m.person_id == person.id && m.kind == "digest");
        let shown = shown.map(|m| m.issues);
        let Some(understood) = words::understand(text) else {
            return self.not_understood(person, shown, text, evidence).await;
        };
        if understood.wish == Wish::Dispute && understood.rest.chars().count() < 2 {
            let text = self.words("reason_needed", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let chosen = match self.chosen(person, &understood, shown.as_deref()).await? {
            Ok(chosen) => chosen,
            Err(name) => {
                let verb = verb(understood.wish);
                let text = self.words(name, minijinja::context! { verb => verb })?;
                return Ok(Answer::text(self.chat, text));
            }
        };
        let note = Words {
            note: Some(clip(text.trim(), NOTE).into_owned()),
            evidence,
        };
        self.apply(person, &chosen, understood.wish, note).await
    }

    /// The exact issues that are meant, or the message that asks.
    async fn chosen(
        &mut self,
        person: &Person,
        understood: &Understood,
        shown: Option<&[i64]>,
    ) -> Result<std::result::Result<Vec<i64>, &'static str>> {
        let mut chosen = understood.numbers.clone();
        match shown {
            Some(shown) => {
                for position in &understood.positions {
                    let at = usize::try_from(*position)
                        .ok()
                        .and_then(|p| p.checked_sub(1));
                    match at.and_then(|at| shown.get(at)) {
                        Some(id) => chosen.push(*id),
                        None => return Ok(Err("no_such_issue")),
                    }
                }
                if chosen.is_empty() {
                    match shown {
                        // Seen is seen: all that was shown. A fix or a dispute wants its numbers.
                        [_] => chosen = shown.to_vec(),
                        _ if understood.wish == Wish::Acknowledge => chosen = shown.to_vec(),
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

    async fn apply(
        &mut self,
        person: &Person,
        ids: &[i64],
        wish: Wish,
        note: Words,
    ) -> Result<Answer> {
        let event = match wish {
            Wish::Acknowledge => Event::Acknowledge,
            Wish::ReportFix => Event::ReportFix,
            Wish::Dispute => Event::Dispute,
        };
        let directory = self.directory.clone();
        let actor = Actor {
            person,
            update_id: Some(self.update_id),
            now: self.desk.clock.now(),
        };
        let what = (ids, event, &note);
        let done = act::perform(self.tx, &self.desk.rules, &directory, actor, what).await?;
        let (mut numbers, mut stale) = (Vec::new(), Vec::new());
        for outcome in done {
            match outcome {
                Done::Applied(issue) => numbers.push(issue.id),
                Done::Stale(issue, _) => stale.push(issue.id),
                Done::NotYours => {}
            }
        }
        let name = if numbers.is_empty() && stale.is_empty() {
            "no_such_issue"
        } else {
            "done"
        };
        let context = minijinja::context! {
            verb => verb(wish), numbers => numbers, stale => stale,
            evidence => note.evidence.is_some(),
        };
        Ok(Answer::text(self.chat, self.words(name, context)?))
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
            let actor = Actor {
                person,
                update_id: Some(self.update_id),
                now: self.desk.clock.now(),
            };
            let note = Some(text.trim()).filter(|t| !t.is_empty());
            let note = note.map(|text| clip(text, NOTE).into_owned());
            let words = Words {
                note,
                evidence: Some(evidence),
            };
            act::attach(self.tx, actor, &[*one], &words).await?;
            let text = self.words("evidence_saved", minijinja::context! { numbers => [*one] })?;
            return Ok(Answer::text(self.chat, text));
        }
        Ok(Answer::text(
            self.chat,
            self.words("not_understood", minijinja::context! {})?,
        ))
    }

    async fn dialog(&mut self, person: &Person) -> Result<Option<(Vec<i64>, Option<i64>)>> {
        let row = self
            .tx
            .first(
                "select issues, message_id from dialog
                 where chat_id = $1 and person_id = $2 and expires_at > $3",
                vals![self.chat, person.id, self.desk.clock.now_ms()],
            )
            .await?;
        row.map(|row| Ok((row.json(0)?, row.maybe_int(1)?)))
            .transpose()
    }

    async fn end_dialog(&mut self) -> Result<()> {
        self.tx
            .run("delete from dialog where chat_id = $1", vals![self.chat])
            .await?;
        Ok(())
    }
}

fn verb(wish: Wish) -> &'static str {
    match wish {
        Wish::Acknowledge => "ack",
        Wish::ReportFix => "fix",
        Wish::Dispute => "dis",
    }
}
