//! What the bot says of itself: its name and descriptions, its menus of commands.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, field, id};
use super::super::refusal::Refusal;

/// Names and descriptions: field, and the most UTF-16 units it may have (Bot API, setMyName …).
const TEXTS: [(&str, usize); 3] = [
    ("name", 64),
    ("description", 512),
    ("short_description", 120),
];

fn limit(name: &str) -> usize {
    let found = TEXTS.iter().find(|(known, _)| *known == name);
    found.map_or(0, |(_, most)| *most)
}

/// `name`, `description` or `short_description`, in a language or for all.
pub(super) fn set_text(sandbox: &Sandbox, given: &Given, name: &str) -> Result<Json, Refusal> {
    let (text, language) = (field(given, name), field(given, "language_code"));
    if text.encode_utf16().count() > limit(name) {
        return Err(Refusal::bad(format!(
            "bot {} is too long",
            name.replace('_', " ")
        )));
    }
    let mut state = sandbox.state();
    let key = (name.to_owned(), language.to_owned());
    state.profile.insert(key, text.to_owned());
    state.tick();
    Ok(true.into())
}

/// In the language that is asked for, else the one for all.
pub(super) fn text(sandbox: &Sandbox, given: &Given, name: &str) -> Json {
    let state = sandbox.state();
    let of = |language: &str| state.profile.get(&(name.to_owned(), language.to_owned()));
    let found = of(field(given, "language_code")).or_else(|| of(""));
    let found = found.map_or(if name == "name" { "duban" } else { "" }, String::as_str);
    json!({ name: found })
}

/// What a menu is kept under: its scope and its language.
fn menu_key(given: &Given) -> (String, String) {
    let scope = given.get("scope").filter(|scope| scope.is_object());
    let scope = scope.map_or_else(|| json!({ "type": "default" }), Json::clone);
    let kind = scope["type"].as_str().unwrap_or("default");
    let none = Given::new();
    let numbers = scope.as_object().unwrap_or(&none);
    let key = match (id(numbers, "chat_id"), id(numbers, "user_id")) {
        (0, _) => kind.to_owned(),
        (chat, 0) => format!("{kind}:{chat}"),
        (chat, user) => format!("{kind}:{chat}:{user}"),
    };
    (key, field(given, "language_code").to_owned())
}

pub(super) fn set_commands(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let commands = given.get("commands").and_then(Json::as_array);
    let commands = commands.cloned().unwrap_or_default();
    if commands.len() > 100 {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let (word, about) = (&command["command"], &command["description"]);
        let word = word.as_str().unwrap_or_default();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&word.len()) || !word.chars().all(fits) {
            return Err(Refusal::bad("BOT_COMMAND_INVALID"));
        }
        let length = about.as_str().unwrap_or_default().encode_utf16().count();
        if !(1..=256).contains(&length) {
            return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = menu_key(given);
    let mut state = sandbox.state();
    if let Some((_, chat)) = key.0.split_once(':') {
        let chat = chat.split(':').next().unwrap_or_default();
        let known = chat.parse().ok().and_then(|id: i64| state.chats.get(&id));
        if !known.is_some_and(|chat| chat.started) {
            return Err(Refusal::bad("chat not found"));
        }
    }
    state.menus.insert(key, commands);
    touch_all(&mut state);
    Ok(true.into())
}

/// Everybody's menu may be another now.
fn touch_all(state: &mut super::super::state::State) {
    let revision = state.tick();
    for chat in state.chats.values_mut() {
        chat.revision = revision;
    }
}

pub(super) fn commands(sandbox: &Sandbox, given: &Given) -> Json {
    let state = sandbox.state();
    let found = state.menus.get(&menu_key(given)).cloned();
    found.unwrap_or_default().into()
}

pub(super) fn forget_commands(sandbox: &Sandbox, given: &Given) -> Json {
    let mut state = sandbox.state();
    state.menus.remove(&menu_key(given));
    touch_all(&mut state);
    true.into()
}
