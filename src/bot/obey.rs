//! What a command does: each is answered by the file that knows it.

use super::command::Command;
use super::{Answer, Visit, asked};
use crate::act::take_back::Of;
use crate::error::Result;
use crate::roster::{Person, Role};
use crate::summary;

impl Visit<'_> {
    /// `line` is what follows the slash.
    pub(super) async fn command(&mut self, line: &str) -> Result<Answer> {
        let mut parts = line.splitn(2, char::is_whitespace);
        let word = parts.next().unwrap_or_default();
        let word = word.split('@').next().unwrap_or_default();
        let rest = parts.next().unwrap_or_default().trim();
        let command = word.parse::<Command>();
        if command == Ok(Command::Start) && !rest.is_empty() {
            return self.redeem(rest).await;
        }
        let Some(person) = self.person(self.chat).await? else {
            return self.stranger();
        };
        let mut answer = self.obey(&person, command, rest).await?;
        self.renew_menu(&person, &mut answer).await?;
        Ok(answer)
    }

    async fn obey(
        &mut self,
        person: &Person,
        command: Result<Command, ()>,
        rest: &str,
    ) -> Result<Answer> {
        let text = match command {
            Ok(Command::My) => return self.my(person).await,
            Ok(Command::Done) => return self.done(person, rest).await,
            Ok(Command::Leave) => return self.leave(person, rest).await,
            Ok(Command::Undo) => self.taking_back(person, (&[], &Of::Any)).await?,
            Ok(Command::Fresh) => return self.fresh(person).await,
            Ok(Command::Quiet) => return self.quiet(person, rest).await,
            Ok(Command::Lang) => return self.lang(person, rest).await,
            Ok(Command::Remind) => return self.remind(person, rest).await,
            Ok(Command::Announce) => return self.announce(person, rest).await,
            Ok(Command::Export) => return self.export(person, rest).await,
            Ok(Command::Feedback) => return self.feedback(person, rest).await,
            Ok(Command::Mute) => return self.mute(person, rest).await,
            Ok(Command::Due) => self.due(person, rest).await?,
            Ok(Command::Issue) => return self.issue(person, rest).await,
            Ok(Command::Status) => return self.status(person).await,
            Ok(Command::Trend) => return self.trend(person, rest).await,
            Ok(Command::Pending) if person.role == Role::Manager => {
                return self.pending(person).await;
            }
            Ok(Command::Pending) => self.words("no_permission", minijinja::context! {})?,
            Ok(Command::Invite) => return self.invite(person, rest).await,
            Ok(Command::Unbind) => return self.unbind(person, rest).await,
            Ok(Command::Replace) => return self.replace(person, rest).await,
            Ok(Command::Whois) => return self.whois(person, rest).await,
            Ok(Command::Group) => return self.group(person, rest).await,
            Ok(Command::Bind) => return self.plain("group_help", minijinja::context! {}),
            Ok(Command::Menu) => return self.home(person),
            Ok(Command::Start | Command::Help) => {
                return Ok(self.with_home(person, self.help(person)?));
            }
            Ok(command) => match asked::question(command, rest) {
                Some(question) => return self.put(person, question).await,
                None => self.words("unknown_command", minijinja::context! {})?,
            },
            Err(()) => self.words("unknown_command", minijinja::context! {})?,
        };
        Ok(Answer::text(self.chat, text))
    }

    fn help(&self, person: &Person) -> Result<String> {
        let term = |command: &Command| {
            let about = self.book.term(command.about());
            minijinja::context! { word => command.word(), about => about }
        };
        let commands: Vec<_> = Command::of(person.role).iter().map(term).collect();
        let role = person.role.as_str();
        self.words("help", minijinja::context! { role, commands })
    }

    pub(super) async fn status(&mut self, person: &Person) -> Result<Answer> {
        if !matches!(person.role, Role::Manager | Role::Lead) {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let directory = self.directory.clone();
        let now = self.desk.clock.now();
        let status =
            summary::status(self.tx, &self.desk.rules, &directory, Some(person), now).await?;
        self.pictured(person, status).await
    }
}
