//! Lists that a person asks for: their own open issues, and one kind of what waits for a manager.

use super::shown::show;
use super::{Answer, Visit};
use crate::act;
use crate::delivery::new_key;
use crate::error::Result;
use crate::message::table::Message;
use crate::message::{Buttons, DigestView, Heading, PAGE, Section};
use crate::roster::Person;

/// A list holds this many; the rest is counted.
const MINE: usize = 500;

impl Visit<'_> {
    /// One kind of what waits, as a message.
    pub(super) async fn waiting(
        &mut self,
        person: &Person,
        (kind, ids): (&'static str, Vec<i64>),
    ) -> Result<Answer> {
        let key = new_key();
        let message = Message {
            chat_id: self.chat,
            message_id: 0,
            person_id: person.id,
            kind: kind.to_owned(),
            issues: ids.clone(),
            sections: vec![],
            page: 0,
            key: key.clone(),
            sent_at: self.now_ms(),
            expires_at: 0,
        };
        let said = show(self, person, &message, 0).await?;
        Ok(self.kept(kind, person, (ids, key), said))
    }

    /// 我的问题: everything a person answers for, as a digest of its own.
    pub(super) async fn my(&mut self, person: &Person) -> Result<Answer> {
        let directory = self.directory.clone();
        let mine = act::mine(self.tx, &directory.roster, person).await?;
        if mine.is_empty() {
            let text = self.words("nothing_open", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let ids: Vec<i64> = mine.iter().take(MINE).map(|issue| issue.id).collect();
        let wanted: Vec<(i64, Section)> = ids.iter().map(|id| (*id, Section::Open)).collect();
        let key = new_key();
        let lens = self.lens(&directory);
        let reading = lens.read_by(person);
        let issues = reading.page(self.tx, &wanted, (0, PAGE), |_| true).await?;
        let view = DigestView {
            key: &key,
            person: &person.name,
            office: &self.desk.office,
            heading: Heading::Open,
            date: self
                .desk
                .local(self.desk.clock.now())
                .format("%m-%d")
                .to_string(),
            issues,
            total: ids.len(),
            page: 0,
            still_open: mine.len() - ids.len(),
            resent: false,
            buttons: Buttons::of(person.role),
        };
        let said = self.book.digest(&view)?;
        Ok(self.kept("digest", person, (ids, key), said))
    }
}
