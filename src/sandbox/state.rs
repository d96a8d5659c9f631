//! What the emulator remembers.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::Value as Json;

/// A message of a chat.
#[derive(Clone, Debug)]
pub struct ChatMessage {
    /// Its id in the chat.
    pub id: i64,
    /// Sent by the bot.
    pub from_bot: bool,
    /// The text without tags.
    pub text: String,
    /// The buttons under it.
    pub buttons: Vec<Vec<Button>>,
    /// How often it was edited.
    pub edits: usize,
    /// Unread since the last look.
    pub fresh: bool,
    /// The file it carries.
    pub file: Option<FileSeen>,
    /// The message as the API gives it.
    pub(super) json: Json,
    /// What was sent, to tell whether an edit changes anything.
    pub(super) source: (String, Json),
}

/// A file as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// `photo` or `document`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What sort of chat it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ChatKind {
    #[default]
    Private,
    Group,
    Supergroup,
}

/// An inline button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What a press carries.
    pub data: String,
}

/// What a person saw after a press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToastSeen {
    /// The text.
    pub text: String,
    /// It had to be closed.
    pub alert: bool,
}

/// A call of the bot.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method as called.
    pub method: String,
    /// The status it was answered with; 0: no answer was given.
    pub status: u16,
}

/// Something that goes wrong on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next calls of a method are refused with 429 and this many seconds.
    TooMany(&'static str, usize, u32),
    /// The next calls of a method take effect, but their answers are lost.
    LostReply(&'static str, usize),
}

#[derive(Debug, Default)]
pub(super) struct Chat {
    pub kind: ChatKind,
    /// The person's, or the group's.
    pub name: String,
    /// A person wrote, or the bot is a member.
    pub started: bool,
    /// Blocked by the person, or thrown out of the group.
    pub blocked: bool,
    /// The supergroup that the group became.
    pub migrated: Option<i64>,
    pub messages: BTreeMap<i64, ChatMessage>,
    pub next_id: i64,
    pub tokens: f64,
    pub refilled: i64,
}

impl Chat {
    /// The chat as messages show it.
    pub fn described(&self, id: i64) -> Json {
        let kind = match self.kind {
            ChatKind::Private => {
                return serde_json::json!({ "id": id, "type": "private", "first_name": self.name });
            }
            ChatKind::Group => "group",
            ChatKind::Supergroup => "supergroup",
        };
        serde_json::json!({ "id": id, "type": kind, "title": self.name })
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub chats: HashMap<i64, Chat>,
    pub updates: VecDeque<Json>,
    pub next_update: i64,
    pub next_user: i64,
    pub next_callback: i64,
    pub toasts: HashMap<String, Option<ToastSeen>>,
    pub violations: Vec<String>,
    pub calls: Vec<Call>,
    pub faults: Vec<Fault>,
    pub limits_off: bool,
    pub recent: VecDeque<i64>,
    pub polling: bool,
    pub webhook: Option<(String, String)>,
    /// Menus of commands by scope and language.
    pub menus: HashMap<(String, String), Vec<Json>>,
    /// Files by their id.
    pub files: HashMap<String, FileSeen>,
    pub next_file: u64,
    pub next_group: i64,
}

impl State {
    /// Queues an update for the bot; its id.
    pub fn push(&mut self, kind: &str, body: Json) -> i64 {
        if self.next_update == 0 {
            self.next_update = 700_000_001;
        }
        let id = self.next_update;
        self.next_update += 1;
        let mut update = serde_json::Map::new();
        update.insert("update_id".to_owned(), id.into());
        update.insert(kind.to_owned(), body);
        self.updates.push_back(Json::Object(update));
        id
    }
}
