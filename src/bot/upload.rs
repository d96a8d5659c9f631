//! A manager hands the bot a report file: it is kept, and what is pressed and said about it is noted; the work
//! on it is `intake`'s.

use teloxide::types::Message as TgMessage;

use super::dialog::Question;
use super::fetch::LARGEST;
use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit, text};
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::evidence::Sent;
use crate::message::Rendered;
use crate::message::table::Message;
use crate::report::upload::{self, Step, Upload, sources};
use crate::roster::Person;

/// What a message that shows a file is kept as; its one number is the file's.
pub(super) const KIND: &str = "upload";
/// The document of a message, if it may be a report: no picture, film or sound.
pub(super) fn report_file(message: &TgMessage) -> Option<Sent> {
    message.document()?;
    let sent = Sent::read(&text::evidence(message)?);
    let mime = sent.mime.as_deref().unwrap_or_default();
    let seen = ["image/", "video/", "audio/"];
    (!seen.iter().any(|kind| mime.starts_with(kind))).then_some(sent)
}

/// What a file is called to people.
pub(super) fn name(sent: &Sent) -> &str {
    sent.name.as_deref().unwrap_or("report")
}

impl Visit<'_> {
    /// A file that answers nothing, sent by a manager.
    pub(super) async fn uploaded(&mut self, person: &Person, sent: &Sent) -> Result<Answer> {
        let directory = self.directory.clone();
        let refused = match person.may_import() {
            false => Some("area"),
            true => (sent.size > LARGEST).then_some("large"),
        };
        if let Some(what) = refused {
            let said = self.lens(&directory).upload_word(name(sent), what)?;
            return Ok(Answer::text(self.chat, said.html));
        }
        let sources = sources(&self.desk.sources);
        let only = match sources.as_slice() {
            [only] => Some(only.name.as_str()),
            _ => None,
        };
        let (file, key) = (serde_json::to_string(sent)?, new_key());
        let now = self.now_ms();
        let who = (person.id, self.chat);
        upload::receive(self.tx, who, (&file, only), &key, now).await?;
        // What is understood of it is told as soon as it is fetched and read.
        Ok(Answer::default())
    }

    /// The day of a report, said in answer to the question.
    pub(super) async fn upload_day(
        &mut self,
        person: &Person,
        id: Option<i64>,
        text: &str,
    ) -> Result<Answer> {
        let rules = &self.desk.rules;
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let Some(day) = upload::day_said(text, today, rules.zone) else {
            return self.plain("upload_day_ask", minijinja::context! { again => true });
        };
        self.end_dialog().await?;
        let file = match id {
            Some(id) => upload::get(self.tx, id).await?,
            None => None,
        };
        let file = file.filter(|file| file.person_id == person.id && person.may_import());
        let now = self.now_ms();
        let changed = match &file {
            Some(file) => {
                let to = (file.source.as_deref(), Some(day));
                upload::change(self.tx, file.id, to, now).await?
            }
            None => false,
        };
        match changed {
            true => Ok(Answer::default()),
            false => self.plain(
                "upload_word",
                minijinja::context! { what => "expired", file => "" },
            ),
        }
    }
}

/// A press under a file that is shown: whose it is, of which day, import, cancel.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let id = message.issues.first().copied().unwrap_or_default();
    let Some(file) = upload::get(visit.tx, id).await? else {
        return toast(visit, "expired", true);
    };
    if !person.may_import() {
        return alert(visit, "toast_no_permission");
    }
    let now = visit.now_ms();
    if let Some(over) = over(&file, now) {
        return toast(visit, over, true);
    }
    match verb {
        "src" => {
            let sources = sources(&visit.desk.sources);
            let at = argument.parse::<usize>().ok();
            let Some(source) = at.and_then(|at| sources.get(at)) else {
                return toast(visit, "expired", true);
            };
            let to = (Some(source.name.as_str()), file.day);
            upload::change(visit.tx, id, to, now).await?;
            toast(visit, "reading", false)
        }
        "other" => {
            upload::change(visit.tx, id, (None, file.day), now).await?;
            toast(visit, "reading", false)
        }
        "day" => {
            visit.ask(person, Question::Day, &[id]).await?;
            let answer = visit.plain("upload_day_ask", minijinja::context! { again => false })?;
            Ok((answer, String::new(), false))
        }
        "drop" => {
            upload::drop(visit.tx, id).await?;
            let said = word(visit, &file, "dropped")?;
            let toast = visit.words("toast_upload", minijinja::context! { what => "dropped" })?;
            Ok(edited(&message, said, toast))
        }
        "take" => {
            if !upload::confirm(visit.tx, id, now).await? {
                return toast(visit, "reading", true);
            }
            let said = word(visit, &file, "importing")?;
            let toast = visit.words("toast_upload", minijinja::context! { what => "importing" })?;
            Ok(edited(&message, said, toast))
        }
        _ => alert(visit, "toast_expired"),
    }
}

/// Why nothing can be pressed any more.
fn over(file: &Upload, now: i64) -> Option<&'static str> {
    match file.step {
        Step::Done => Some("done"),
        Step::Import => Some("importing"),
        Step::Dropped => Some("dropped"),
        Step::Failed => Some("expired"),
        Step::Read | Step::Shown => (file.expires_at <= now).then_some("expired"),
    }
}

fn word(visit: &Visit<'_>, file: &Upload, what: &str) -> Result<Rendered> {
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    lens.upload_word(name(&Sent::read(&file.file)), what)
}

fn toast(visit: &Visit<'_>, what: &str, must_read: bool) -> Result<Pressed> {
    let text = visit.words("toast_upload", minijinja::context! { what })?;
    Ok((Answer::default(), text, must_read))
}
