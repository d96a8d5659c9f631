//! Commands: the list is an enum, so that help and menus cannot forget one.

use std::str::FromStr;

use teloxide::types::BotCommand;

use crate::message::Catalogue;
use crate::roster::Role;

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
    /// A file to hand in to a platform.
    Feedback,
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
        Self::Feedback,
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
            Self::Feedback => "feedback",
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
            Self::Feedback => "command_feedback",
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
                Self::Feedback,
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
