//! `/start CODE`: an invitation binds a chat to a person.

use super::{Answer, Say, Visit};
use crate::error::Result;
use crate::message::Rendered;
use crate::outbox::table as outbox;
use crate::roster::invitation::{self, Redeemed};
use crate::roster::staff::{self, PersonAct};
use crate::roster::table as people;

impl Visit<'_> {
    /// A code is redeemed: who was invited is bound to this chat.
    pub(super) async fn redeem(&mut self, code: &str) -> Result<Answer> {
        let now = self.now_ms();
        let name = match invitation::redeem(self.tx, code, now).await? {
            Redeemed::Person(id) => {
                let directory = self.directory.clone();
                let Some(person) = directory.roster.person(id) else {
                    return Ok(Answer::text(
                        self.chat,
                        self.words("invite_revoked", minijinja::context! {})?,
                    ));
                };
                let former = people::binding_of(self.tx, id).await?;
                if !people::bind(self.tx, id, self.chat, now).await? {
                    invitation::unredeem(self.tx, code).await?;
                    return Ok(Answer::text(
                        self.chat,
                        self.words("bound_elsewhere", minijinja::context! {})?,
                    ));
                }
                self.book = self.desk.book(self.tx, id).await?;
                outbox::release(self.tx, id, now).await?;
                let units: Vec<&str> = person
                    .units
                    .iter()
                    .filter_map(|code| directory.roster.unit(code))
                    .map(|unit| unit.name.as_str())
                    .collect();
                let context = minijinja::context! {
                    name => person.name,
                    role => self.book.term(person.role.as_str()),
                    units => units.join(self.book.term("comma")),
                };
                let mut answer = self.with_home(person, self.words("welcome", context)?);
                let bound = PersonAct {
                    person_id: id,
                    at: now,
                    verb: "bound".to_owned(),
                    update_id: Some(self.update_id),
                    ..PersonAct::default()
                };
                staff::record(self.tx, &bound).await?;
                let moved = former.filter(|former| former.chat_id != self.chat);
                if let Some(former) = moved {
                    // Whose account it was reads where it went.
                    let context = minijinja::context! { name => person.name };
                    let said = Rendered {
                        html: self.words("rebound_told", context)?,
                        keyboard: vec![],
                    };
                    answer.says.push(Say {
                        chat: former.chat_id,
                        said,
                        keep: None,
                    });
                    answer.no_menu = Some(former.chat_id);
                    self.forget_dialog(former.chat_id).await?;
                }
                self.renew_menu(person, &mut answer).await?;
                return Ok(answer);
            }
            Redeemed::Unknown => "invite_unknown",
            Redeemed::Expired => "invite_expired",
            Redeemed::Used => "invite_used",
            Redeemed::Revoked => "invite_revoked",
        };
        Ok(Answer::text(
            self.chat,
            self.words(name, minijinja::context! {})?,
        ))
    }
}
