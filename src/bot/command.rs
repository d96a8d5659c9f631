//! Commands: the list is an enum, so that help and menus cannot forget one.

use std::str::FromStr;

use teloxide::types::BotCommand;

use super::{Answer, Say, Visit, asked};
use crate::act::take_back::Of;
use crate::error::Result;
use crate::message::{Catalogue, Rendered};
use crate::outbox::table as outbox;
use crate::roster::invitation::{self, Redeemed};
use crate::roster::staff::{self, PersonAct};
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
    /// In which language.
    Lang,
    /// Accounts that have to be updated.
    Fresh,
    /// The figures.
    Status,
    /// What happened in the last days.
    Trend,
    /// Reported fixes to confirm.
    Pending,
    /// Ask for what is open to be seen to.
    Remind,
    /// Tell all people of the scope something.
    Announce,
    /// A workbook of the issues.
    Export,
    /// Leave out what is no duty.
    Mute,
    /// Who is not bound yet, and invitations.
    Invite,
    /// Somebody's chat is let go.
    Unbind,
    /// Somebody leaves, another takes over.
    Replace,
    /// Who somebody is to the bot.
    Whois,
    /// The group of a unit.
    Group,
    /// A group is bound: only there.
    Bind,
    /// Buttons for the main things.
    Menu,
    /// What there is.
    Help,
}

impl Command {
    /// Every command.
    pub const ALL: &[Self] = &[
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
        Self::Lang,
        Self::Fresh,
        Self::Status,
        Self::Trend,
        Self::Pending,
        Self::Remind,
        Self::Announce,
        Self::Export,
        Self::Mute,
        Self::Invite,
        Self::Unbind,
        Self::Replace,
        Self::Whois,
        Self::Group,
        Self::Bind,
        Self::Menu,
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
            Self::Lang => "lang",
            Self::Fresh => "fresh",
            Self::Status => "status",
            Self::Trend => "trend",
            Self::Pending => "pending",
            Self::Remind => "remind",
            Self::Announce => "announce",
            Self::Export => "export",
            Self::Mute => "mute",
            Self::Invite => "invite",
            Self::Unbind => "unbind",
            Self::Replace => "replace",
            Self::Whois => "whois",
            Self::Group => "group",
            Self::Bind => "bind",
            Self::Menu => "menu",
            Self::Help => "help",
        }
    }

    /// The term that says what it does.
    pub(super) fn about(self) -> &'static str {
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
            Self::Trend => "command_trend",
            Self::Due => "command_due",
            Self::Issue => "command_issue",
            Self::Leave => "command_leave",
            Self::Undo => "command_undo",
            Self::Quiet => "command_quiet",
            Self::Lang => "command_lang",
            Self::Fresh => "command_fresh",
            Self::Pending => "command_pending",
            Self::Remind => "command_remind",
            Self::Announce => "command_announce",
            Self::Export => "command_export",
            Self::Mute => "command_mute",
            Self::Invite => "command_invite",
            Self::Unbind => "command_unbind",
            Self::Replace => "command_replace",
            Self::Whois => "command_whois",
            Self::Group => "command_group",
            Self::Bind => "command_bind",
            Self::Menu => "command_menu",
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
                Self::Lang,
                Self::Menu,
                Self::Help,
            ],
            Role::Lead => &[
                Self::Status,
                Self::Trend,
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
                Self::Mute,
                Self::Fresh,
                Self::Lang,
                Self::Invite,
                Self::Unbind,
                Self::Replace,
                Self::Group,
                Self::Menu,
                Self::Help,
            ],
            Role::Manager => &[
                Self::Status,
                Self::Pending,
                Self::Overdue,
                Self::Silent,
                Self::Today,
                Self::Unit,
                Self::Account,
                Self::Person,
                Self::Trend,
                Self::Top,
                Self::Export,
                Self::Remind,
                Self::Announce,
                Self::Unmatched,
                Self::Audit,
                Self::My,
                Self::Due,
                Self::Issue,
                Self::Leave,
                Self::Quiet,
                Self::Mute,
                Self::Fresh,
                Self::Invite,
                Self::Unbind,
                Self::Replace,
                Self::Whois,
                Self::Group,
                Self::Lang,
                Self::Menu,
                Self::Help,
            ],
            Role::Admin => &[
                Self::Whois,
                Self::Invite,
                Self::Unbind,
                Self::Replace,
                Self::Lang,
                Self::Menu,
                Self::Help,
            ],
        }
    }

    /// What somebody who is not bound is offered.
    pub fn of_strangers() -> &'static [Self] {
        &[Self::Start, Self::Help]
    }

    /// What a group is offered.
    pub fn of_groups() -> &'static [Self] {
        &[Self::Bind, Self::Help]
    }

    /// The main things of a role, as buttons.
    pub fn home(role: Role) -> &'static [Self] {
        match role {
            Role::Operator => &[
                Self::My,
                Self::Today,
                Self::Fresh,
                Self::Leave,
                Self::Quiet,
                Self::Help,
            ],
            Role::Lead => &[
                Self::Status,
                Self::My,
                Self::Overdue,
                Self::Silent,
                Self::Fresh,
                Self::Leave,
                Self::Invite,
                Self::Help,
            ],
            Role::Manager => &[
                Self::Status,
                Self::Pending,
                Self::Overdue,
                Self::Silent,
                Self::Today,
                Self::Trend,
                Self::Remind,
                Self::Export,
                Self::Invite,
                Self::Help,
            ],
            Role::Admin => &[
                Self::Whois,
                Self::Invite,
                Self::Unbind,
                Self::Replace,
                Self::Help,
            ],
        }
    }
}

/// A menu of commands in the words of the catalogue.
pub(super) fn menu(book: &Catalogue, commands: &[Command]) -> Vec<BotCommand> {
    commands
        .iter()
        .map(|command| BotCommand::new(command.word(), book.term(command.about())))
        .collect()
}

impl FromStr for Command {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
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
                let former = people::binding_of(self.tx, id).await?;
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
