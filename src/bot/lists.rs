//! Lists that a person asks for: their own open issues, and one kind of what waits for a manager.

use super::shown::show;
use super::{Answer, Visit};
use crate::ask::table::{self as asked, Asked};
use crate::ask::{Mine, Question};
use crate::delivery::{BUTTONS_MS, new_key};
use crate::error::Result;
use crate::message::table::Message;
use crate::message::{Buttons, DigestView, Heading, OwnView, PAGE, Section};
use crate::roster::{Person, Role};
use crate::summary::asking::Asking;
use crate::summary::own::{self, Own};

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

    /// 我的问题: everything a person answers for.
    pub(super) async fn my(&mut self, person: &Person) -> Result<Answer> {
        self.mine(person, Mine::All).await
    }

    /// Of what a person answers for all or a part, as a digest of its own; what is not there is said with what
    /// there is.
    pub(super) async fn mine(&mut self, person: &Person, which: Mine) -> Result<Answer> {
        if person.role == Role::Admin && which == Mine::Today {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let directory = self.directory.clone();
        let own = self.own(person, which).await?;
        let mine = own.of(which);
        if mine.is_empty() {
            let context = minijinja::context! { which => which.as_str(), total => own.tally.live };
            let name = if own.tally.live == 0 {
                "nothing_open"
            } else {
                "own_nothing"
            };
            let text = self.words(name, context)?;
            return Ok(Answer::text(self.chat, text));
        }
        let ids: Vec<i64> = mine.iter().take(MINE).copied().collect();
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
            own: Some(self.own_view(&own, which)),
        };
        let said = self.book.digest(&view)?;
        let asked = Asked {
            question: Question::Mine(which),
            choices: vec![],
        };
        let times = (self.now_ms(), BUTTONS_MS);
        asked::keep(self.tx, (&key, person.id), &asked, times).await?;
        Ok(self.kept("digest", person, (ids, key), said))
    }

    async fn own(&mut self, person: &Person, which: Mine) -> Result<Own> {
        let directory = self.directory.clone();
        let asking = Asking {
            lens: self.lens(&directory).read_by(person),
            index: &directory.index,
            person,
        };
        own::own(self.tx, &asking, which).await
    }

    /// What a list of one's own issues says of itself, if the message of this key is one.
    pub(super) async fn own_again(
        &mut self,
        person: &Person,
        key: &str,
    ) -> Result<Option<OwnView>> {
        let asked = asked::of(self.tx, key).await?;
        let Some(Asked {
            question: Question::Mine(which),
            ..
        }) = asked
        else {
            return Ok(None);
        };
        let own = self.own(person, which).await?;
        Ok(Some(self.own_view(&own, which)))
    }

    fn own_view(&self, own: &Own, which: Mine) -> OwnView {
        let now = self.desk.local(self.desk.clock.now());
        OwnView {
            which: which.as_str(),
            at: now.format("%H:%M").to_string(),
            live: own.tally.live,
            due: own.tally.due_today,
            overdue: own.tally.overdue,
            reported: own.tally.fix_reported,
            fresh: own.fresh.len(),
        }
    }
}
