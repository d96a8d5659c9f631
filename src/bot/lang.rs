//! `/lang`: in which language duban speaks to me.

use super::shown::{Pressed, alert};
use super::{Answer, Visit};
use crate::delivery::new_key;
use crate::error::Result;
use crate::message::lang::{self, Lang};
use crate::message::table::Message;
use crate::message::{Button, Rendered};
use crate::roster::Person;

/// What a message that offers the languages is kept as.
pub(super) const KIND: &str = "lang";

impl Visit<'_> {
    /// `rest` is what follows the command: a language, or nothing, which offers them.
    pub(super) async fn lang(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if let Some(lang) = Lang::parse(rest) {
            return self.speak(person, lang).await;
        }
        let key = new_key();
        let said = self.languages(&key, !rest.is_empty())?;
        Ok(self.kept(KIND, person, (vec![], key), said))
    }

    fn languages(&self, key: &str, unknown: bool) -> Result<Rendered> {
        let now = self.book.lang();
        let buttons = Lang::ALL.map(|lang| {
            let name = self.desk.words.of(lang).term("language");
            let tick = if lang == now { "✓ " } else { "" };
            Button {
                label: format!("{tick}{name}"),
                data: format!("to:{key}:{}", lang.code()),
            }
        });
        Ok(Rendered {
            html: self.words("lang", minijinja::context! { unknown })?,
            keyboard: vec![buttons.to_vec()],
        })
    }

    async fn speak(&mut self, person: &Person, lang: Lang) -> Result<Answer> {
        lang::choose(self.tx, person.id, lang, self.now_ms()).await?;
        self.book = self.desk.words.of(lang);
        let text = self.words("lang_set", minijinja::context! {})?;
        let mut answer = Answer::text(self.chat, text);
        answer.menu = Some((self.chat, person.role, lang));
        Ok(answer)
    }
}

/// A press on a language.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(lang) = Lang::parse(argument) else {
        return alert(visit, "toast_expired");
    };
    let mut answer = visit.speak(person, lang).await?;
    answer.says.clear();
    let said = visit.languages(&message.key, false)?;
    answer
        .edits
        .push((message.chat_id, message.message_id, said));
    let toast = visit.words("lang_set", minijinja::context! {})?;
    Ok((answer, toast, false))
}
