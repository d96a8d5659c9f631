//! Commands: the list is an enum, so that help and menus cannot forget one.

use std::str::FromStr;

use teloxide::types::BotCommand;

use super::{Answer, Visit, asked};
use crate::act::take_back::Of;
use crate::desk::Desk;
use crate::error::Result;
use crate::outbox::table as outbox;
use crate::roster::invitation::{self, Redeemed};
use crate::roster::{Person, Role, table as people};
use crate::summary;

/// What can be commanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Bind with a code.
    Start,
    /// My open issues.
    My,
    /// What today brought.
    Today,
    /// Fixes reported by number.
    Done,
    /// What is past due.
    Overdue,
    /// Who has not acknowledged.
    Silent,
    /// A unit.
    Unit,
    /// An account.
    Account,
    /// A person.
    Person,
    /// Who has the most.
    Top,
    /// Printed names that wait.
    Unmatched,
    /// What people did last.
    Audit,
    /// How a due time comes about.
    Due,
    /// All that happened to an issue.
    Issue,
    /// Who stands in while somebody is away.
    Leave,
    /// Take back what was done last.
    Undo,
    /// When notices come.
    Quiet,
    /// Accounts that have to be updated.
    Fresh,
    /// The figures.
    Status,
    /// Reported fixes to confirm.
    Pending,
    /// What there is.
    Help,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 21] = [
        Self::Start,
        Self::My,
        Self::Today,
        Self::Done,
        Self::Overdue,
        Self::Silent,
        Self::Unit,
        Self::Account,
        Self::Person,
        Self::Top,
        Self::Unmatched,
        Self::Audit,
        Self::Due,
        Self::Issue,
        Self::Leave,
        Self::Undo,
        Self::Quiet,
        Self::Fresh,
        Self::Status,
        Self::Pending,
        Self::Help,
    ];

    /// Its word, without the slash.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::My => "my",
            Self::Today => "today",
            Self::Done => "done",
            Self::Overdue => "overdue",
            Self::Silent => "silent",
            Self::Unit => "unit",
            Self::Account => "account",
            Self::Person => "person",
            Self::Top => "top",
            Self::Unmatched => "unmatched",
            Self::Audit => "audit",
            Self::Due => "due",
            Self::Issue => "issue",
            Self::Leave => "leave",
            Self::Undo => "undo",
            Self::Quiet => "quiet",
            Self::Fresh => "fresh",
            Self::Status => "status",
            Self::Pending => "pending",
            Self::Help => "help",
        }
    }

    /// The term that says what it does.
    fn about(self) -> &'static str {
        match self {
            Self::Start => "command_start",
            Self::My => "command_my",
            Self::Today => "command_today",
            Self::Done => "command_done",
            Self::Overdue => "command_overdue",
            Self::Silent => "command_silent",
            Self::Unit => "command_unit",
            Self::Account => "command_account",
            Self::Person => "command_person",
            Self::Top => "command_top",
            Self::Unmatched => "command_unmatched",
            Self::Audit => "command_audit",
            Self::Status => "command_status",
            Self::Due => "command_due",
            Self::Issue => "command_issue",
            Self::Leave => "command_leave",
            Self::Undo => "command_undo",
            Self::Quiet => "command_quiet",
            Self::Fresh => "command_fresh",
            Self::Pending => "command_pending",
            Self::Help => "command_help",
        }
    }

    /// What a role is offered; every command is authorised anew when it comes.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Operator => &[
                Self::My,
                Self::Today,
                Self::Done,
                Self::Due,
                Self::Issue,
                Self::Leave,
                Self::Undo,
                Self::Quiet,
                Self::Fresh,
                Self::Help,
            ],
            Role::Lead => &[
                Self::Status,
                Self::My,
                Self::Today,
                Self::Overdue,
                Self::Silent,
                Self::Unit,
                Self::Account,
                Self::Person,
                Self::Top,
                Self::Audit,
                Self::Done,
                Self::Due,
                Self::Issue,
                Self::Leave,
                Self::Undo,
                Self::Quiet,
                Self::Fresh,
                Self::Help,
            ],
            Role::Manager => &[
                Self::Status,
                Self::Today,
                Self::Overdue,
                Self::Silent,
                Self::Pending,
                Self::Unmatched,
                Self::Unit,
                Self::Account,
                Self::Person,
                Self::Top,
                Self::Audit,
                Self::My,
                Self::Due,
                Self::Issue,
                Self::Leave,
                Self::Quiet,
                Self::Fresh,
                Self::Help,
            ],
            Role::Admin => &[Self::Help],
        }
    }
}

/// A menu of commands in the words of the catalogue.
pub(super) fn menu(desk: &Desk, commands: &[Command]) -> Vec<BotCommand> {
    commands
        .iter()
        .map(|command| BotCommand::new(command.word(), desk.words.term(command.about())))
        .collect()
}

impl FromStr for Command {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|command| command.word().eq_ignore_ascii_case(word))
            .ok_or(())
    }
}

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
        let text = match command {
            Ok(Command::My) => return self.my(&person).await,
            Ok(Command::Done) => return self.done(&person, rest).await,
            Ok(Command::Leave) => return self.leave(&person, rest).await,
            Ok(Command::Undo) => self.taking_back(&person, (&[], &Of::Any)).await?,
            Ok(Command::Fresh) => return self.fresh(&person).await,
            Ok(Command::Quiet) => return self.quiet(&person, rest).await,
            Ok(Command::Due) => self.due(&person, rest).await?,
            Ok(Command::Issue) => return self.issue(&person, rest).await,
            Ok(Command::Status) => self.status(&person).await?,
            Ok(Command::Pending) if person.role == Role::Manager => {
                return self.pending(&person).await;
            }
            Ok(Command::Pending) => self.words("no_permission", minijinja::context! {})?,
            Ok(Command::Start | Command::Help) => {
                let mut answer = Answer::text(self.chat, self.help(&person)?);
                answer.menu = Some((self.chat, person.role));
                return Ok(answer);
            }
            Ok(command) => match asked::question(command, rest) {
                Some(question) => return self.put(&person, question).await,
                None => self.words("unknown_command", minijinja::context! {})?,
            },
            Err(()) => self.words("unknown_command", minijinja::context! {})?,
        };
        Ok(Answer::text(self.chat, text))
    }

    fn help(&self, person: &Person) -> Result<String> {
        let term = |command: &Command| {
            let about = self.desk.words.term(command.about());
            minijinja::context! { word => command.word(), about => about }
        };
        let commands: Vec<_> = Command::of(person.role).iter().map(term).collect();
        let role = person.role.as_str();
        self.words("help", minijinja::context! { role, commands })
    }

    pub(super) async fn status(&mut self, person: &Person) -> Result<String> {
        if !matches!(person.role, Role::Manager | Role::Lead) {
            return self.words("no_permission", minijinja::context! {});
        }
        let directory = self.directory.clone();
        let now = self.desk.clock.now();
        let status =
            summary::status(self.tx, &self.desk.rules, &directory, Some(person), now).await?;
        self.words("status", minijinja::context! { s => status })
    }

    async fn redeem(&mut self, code: &str) -> Result<Answer> {
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
                if !people::bind(self.tx, id, self.chat, now).await? {
                    invitation::unredeem(self.tx, code).await?;
                    return Ok(Answer::text(
                        self.chat,
                        self.words("bound_elsewhere", minijinja::context! {})?,
                    ));
                }
                outbox::release(self.tx, id, now).await?;
                let units: Vec<&str> = person
                    .units
                    .iter()
                    .filter_map(|code| directory.roster.unit(code))
                    .map(|unit| unit.name.as_str())
                    .collect();
                let context = minijinja::context! {
                    name => person.name,
                    role => self.desk.words.term(person.role.as_str()),
                    units => units.join(self.desk.words.term("comma")),
                };
                let mut answer = Answer::text(self.chat, self.words("welcome", context)?);
                answer.menu = Some((self.chat, person.role));
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
