//! `/quiet`: when notices come to me and why then; quiet hours of my own within those of unit and office.

use super::{Answer, Visit};
use crate::act::quiet::{Asked, understand};
use crate::error::Result;
use crate::hours::{fits, table};
use crate::outbox::table as outbox;
use crate::roster::{Person, Role};

impl Visit<'_> {
    /// `rest` is what follows the command.
    pub(super) async fn quiet(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        let text = self.quiet_hours(person, rest).await?;
        Ok(Answer::text(self.chat, text))
    }

    async fn quiet_hours(&mut self, person: &Person, rest: &str) -> Result<String> {
        if person.role == Role::Admin {
            return self.words("no_permission", minijinja::context! {});
        }
        let asked = match rest {
            "" => None,
            rest => match understand(rest) {
                None => return self.words("quiet_usage", minijinja::context! {}),
                asked => asked,
            },
        };
        let directory = self.directory.clone();
        let rules = &self.desk.rules;
        let own = match asked {
            Some(Asked::Off) => None,
            Some(Asked::Set(own)) => Some(own),
            None => table::of(self.tx, &[person.id]).await?.remove(&person.id),
        };
        let sending = rules.sending(&directory.roster, person, own);
        let lens = self.lens(&directory);
        if let (Some(own), Some(_)) = (own, asked)
            && !fits(sending.window, own)
        {
            return lens.quiet_refused(sending.window, own);
        }
        if asked.is_some() {
            let now = self.now_ms();
            table::set(self.tx, person.id, own, now).await?;
            outbox::ask_again(self.tx, Some(person.id), now).await?;
        }
        lens.quiet(&sending, own, asked.is_some())
    }
}
