//! The menus: that of commands, set anew where a person's role or its words have changed, and buttons for
//! those who never type a slash.

use sha2::{Digest as _, Sha256};
use teloxide::types::BotCommand;

use super::command::{self, Command};
use super::{Answer, Visit};
use crate::delivery::new_key;
use crate::error::Result;
use crate::message::{Button, Catalogue, Rendered};
use crate::roster::{Person, table as people};

/// The kind of a message with the main menu.
pub(super) const HOME: &str = "home";
/// Buttons in a row.
const ROW: usize = 2;

/// What tells one menu of commands from another.
fn fingerprint(menu: &[BotCommand]) -> String {
    let mut hash = Sha256::new();
    for one in menu {
        hash.update(one.command.as_bytes());
        hash.update([0]);
        hash.update(one.description.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The label of a command's button; what it does where it has no label.
fn label(book: &Catalogue, command: Command) -> String {
    let key = format!("home_{}", command.word());
    match book.term(&key) {
        unknown if unknown == key => book.term(command.about()).to_owned(),
        known => known.to_owned(),
    }
}

impl Visit<'_> {
    /// The chat's menu of commands is to become that of its person, if it is another by now.
    pub(super) async fn renew_menu(&mut self, person: &Person, answer: &mut Answer) -> Result<()> {
        let Some(binding) = people::binding_of(self.tx, person.id).await? else {
            return Ok(());
        };
        let menu = command::menu(self.book, Command::of(person.role));
        let now = fingerprint(&menu);
        if binding.menu.as_deref() != Some(&now) {
            people::set_menu(self.tx, binding.chat_id, Some(&now)).await?;
            answer.menu = Some((binding.chat_id, person.role, self.book.lang()));
        }
        Ok(())
    }

    /// Whether somebody asks for the menu by a word.
    pub(super) fn asks_for_home(&self, text: &str) -> bool {
        let words = self.book.term("menu_words");
        let text = text.trim();
        words
            .split('、')
            .any(|word| word.eq_ignore_ascii_case(text))
    }

    /// The main menu as a message of its own.
    pub(super) fn home(&self, person: &Person) -> Result<Answer> {
        let directory = self.directory.clone();
        let context = minijinja::context! {
            name => person.name, role => self.book.term(person.role.as_str()),
            units => self.lens(&directory).units_of(person),
        };
        let html = self.words("home", context)?;
        Ok(self.with_home(person, html))
    }

    /// A text with the main menu below.
    pub(super) fn with_home(&self, person: &Person, html: String) -> Answer {
        let key = new_key();
        let all: Vec<Button> = Command::home(person.role)
            .iter()
            .map(|command| Button {
                label: label(self.book, *command),
                data: format!("cmd:{key}:{}", command.word()),
            })
            .collect();
        let keyboard = all.chunks(ROW).map(<[Button]>::to_vec).collect();
        let said = Rendered { html, keyboard };
        self.kept(HOME, person, (vec![], key), said)
    }
}
