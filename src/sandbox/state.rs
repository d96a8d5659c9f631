//! What the emulator remembers. Every change of what people see takes the next number of one count,
//! so that a page can ask for what is newer than it holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::{Value as Json, json};
use tokio::sync::watch;

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
    /// What was asked for below it instead of buttons.
    pub(super) asked: Json,
    /// The message as the API gives it.
    pub(super) json: Json,
    /// What was sent, to tell whether an edit changes anything.
    pub(super) source: (String, Json),
    /// What the bot reacted with.
    pub(super) reactions: Vec<String>,
    /// The number of its last change.
    pub(super) revision: u64,
}

impl ChatMessage {
    /// When it was sent, in seconds since 1970.
    pub fn sent_at(&self) -> i64 {
        self.json["date"].as_i64().unwrap_or_default()
    }

    /// The topic of a forum that it stands in.
    pub fn thread(&self) -> Option<i64> {
        self.json["message_thread_id"].as_i64()
    }

    /// The people whom it mentions by their ids.
    pub fn mentions(&self) -> Vec<i64> {
        let entities = self.json["entities"].as_array().into_iter().flatten();
        entities
            .filter_map(|entity| entity["user"]["id"].as_i64())
            .collect()
    }

    /// Whom it asks for a reply: nobody, everybody, or only those whom it mentions or answers.
    pub fn asks_reply(&self) -> Option<bool> {
        let asks = self.asked["force_reply"].as_bool().unwrap_or_default();
        asks.then(|| self.asked["selective"].as_bool().unwrap_or_default())
    }

    /// The message that it answers.
    pub fn reply_to(&self) -> Option<i64> {
        self.json["reply_to_message"]["message_id"].as_i64()
    }
}

/// A file as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// `photo`, `document`, `video` …
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

impl ChatKind {
    /// The API's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
        }
    }
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
    /// The link that was opened.
    pub url: Option<String>,
}

/// A press of a button.
#[derive(Clone, Debug)]
pub(super) struct Press {
    pub user: i64,
    pub chat: i64,
    pub message: i64,
    /// The answer, and the number of its change.
    pub answer: Option<(u64, ToastSeen)>,
}

/// A call of the bot.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method as called.
    pub method: String,
    /// The status it was answered with; 0: no answer was given.
    pub status: u16,
    /// The chat it was about; 0 without one.
    pub chat: i64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// The refusal's words.
    pub refusal: Option<String>,
}

/// Something that goes wrong on purpose. A method of none stands for each that is not getUpdates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next calls are refused with 429.
    TooMany {
        /// Of this method.
        method: Option<String>,
        /// So many.
        times: usize,
        /// `retry_after`, in seconds.
        seconds: u32,
    },
    /// The next calls take effect, but their answers are lost.
    LostReply {
        /// Of this method.
        method: Option<String>,
        /// So many.
        times: usize,
    },
    /// Every call is answered 502, as when Telegram is down.
    Down {
        /// Until then, in seconds since 1970.
        until: i64,
    },
    /// The next calls take longer.
    Slow {
        /// By so many milliseconds of the machine's time.
        ms: u64,
        /// So many.
        times: usize,
    },
}

impl Fault {
    /// 429 for the next calls of a method.
    pub fn too_many(method: &str, times: usize, seconds: u32) -> Self {
        let method = Some(method.to_owned());
        Self::TooMany {
            method,
            times,
            seconds,
        }
    }

    /// The answers to the next calls of a method are lost.
    pub fn lost_reply(method: &str, times: usize) -> Self {
        let method = Some(method.to_owned());
        Self::LostReply { method, times }
    }

    /// Whether there is nothing left of it.
    pub(super) fn spent(&self, now: i64) -> bool {
        match self {
            Self::TooMany { times, .. }
            | Self::LostReply { times, .. }
            | Self::Slow { times, .. } => *times == 0,
            Self::Down { until } => *until <= now,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Chat {
    pub kind: ChatKind,
    /// The person's, or the group's.
    pub name: String,
    /// The person's user name.
    pub username: Option<String>,
    /// The person's language, as in `language_code`.
    pub language: Option<String>,
    /// A person wrote, or the bot is a member.
    pub started: bool,
    /// Blocked by the person, or thrown out of the group.
    pub blocked: bool,
    /// The supergroup that the group became.
    pub migrated: Option<i64>,
    /// The people of a group.
    pub members: BTreeSet<i64>,
    /// The topics of a forum, by the message that opened each.
    pub topics: BTreeSet<i64>,
    /// A supergroup with topics.
    pub forum: bool,
    /// The bot has written there: general commands reach it then.
    pub spoken: bool,
    pub messages: BTreeMap<i64, ChatMessage>,
    /// Messages that are gone, and the numbers of their going.
    pub deleted: Vec<(u64, i64)>,
    /// The pinned messages, the newest last.
    pub pinned: Vec<i64>,
    /// What the bot is doing, until when in seconds.
    pub typing: Option<(String, i64)>,
    /// The keyboard in place of the people's own.
    pub reply_keyboard: Option<Json>,
    pub next_id: i64,
    pub tokens: f64,
    pub refilled: i64,
    /// The number of the last change of anything but messages.
    pub revision: u64,
}

impl Chat {
    /// A person who has not written yet.
    pub fn person(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// A group that the bot is a member of.
    pub fn group(kind: ChatKind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            started: true,
            ..Self::default()
        }
    }

    /// The chat as messages show it.
    pub fn described(&self, id: i64) -> Json {
        let mut json = json!({ "id": id, "type": self.kind.word() });
        match self.kind {
            ChatKind::Private => json["first_name"] = self.name.clone().into(),
            ChatKind::Group => {
                json["title"] = self.name.clone().into();
                json["all_members_are_administrators"] = false.into();
            }
            ChatKind::Supergroup => json["title"] = self.name.clone().into(),
        }
        if self.forum {
            json["is_forum"] = true.into();
        }
        if let Some(username) = &self.username {
            json["username"] = username.clone().into();
        }
        json
    }

    /// The person as the sender of a message.
    pub fn user(&self, id: i64) -> Json {
        let mut json = json!({ "id": id, "is_bot": false, "first_name": self.name });
        if let Some(username) = &self.username {
            json["username"] = username.clone().into();
        }
        if let Some(language) = &self.language {
            json["language_code"] = language.clone().into();
        }
        json
    }
}

#[derive(Debug)]
pub(super) struct State {
    /// Tells one life of the emulator from the next.
    pub epoch: String,
    /// The number of the last change; whoever watches is told.
    pub changed: watch::Sender<u64>,
    pub chats: HashMap<i64, Chat>,
    pub updates: VecDeque<Json>,
    /// The kinds of update that the bot asked for last.
    pub allowed: Option<Vec<String>>,
    pub next_update: i64,
    pub next_user: i64,
    pub next_callback: i64,
    pub presses: HashMap<String, Press>,
    /// Names and descriptions of the bot, by method and language.
    pub profile: HashMap<(String, String), String>,
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
    pub next_album: u64,
}

impl State {
    /// A first life, or the next one: numbers go on, so that who watches sees a change.
    pub fn new(changed: watch::Sender<u64>) -> Self {
        Self {
            epoch: format!("{:016x}", rand::random::<u64>()),
            changed,
            chats: HashMap::new(),
            updates: VecDeque::new(),
            allowed: None,
            next_update: 700_000_001,
            next_user: 0,
            next_callback: 0,
            presses: HashMap::new(),
            profile: HashMap::new(),
            violations: vec![],
            calls: vec![],
            faults: vec![],
            limits_off: false,
            recent: VecDeque::new(),
            polling: false,
            webhook: None,
            menus: HashMap::new(),
            files: HashMap::new(),
            next_file: 0,
            next_group: 0,
            next_album: 0,
        }
    }

    /// Queues an update for the bot; its id.
    pub fn push(&mut self, kind: &str, body: Json) -> i64 {
        let id = self.next_update;
        self.next_update += 1;
        let mut update = serde_json::Map::new();
        update.insert("update_id".to_owned(), id.into());
        update.insert(kind.to_owned(), body);
        self.updates.push_back(Json::Object(update));
        self.tick();
        id
    }

    /// The number of a change that is being made.
    pub fn tick(&mut self) -> u64 {
        let next = *self.changed.borrow() + 1;
        self.changed.send_replace(next);
        next
    }

    /// Something about a chat has changed.
    pub fn touch(&mut self, chat_id: i64) {
        let revision = self.tick();
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.revision = revision;
        }
    }

    /// Puts a message into a chat under the next number.
    pub fn insert(&mut self, chat_id: i64, mut message: ChatMessage) {
        message.revision = self.tick();
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            if message.from_bot {
                chat.typing = None;
            }
            chat.messages.insert(message.id, message);
        }
    }

    /// Keeps a file; its id, which tells the kind and never repeats.
    pub fn keep(&mut self, whose: &str, seen: FileSeen) -> String {
        self.next_file += 1;
        let id = format!("{whose}-{}-{}", seen.kind, self.next_file);
        self.files.insert(id.clone(), seen);
        id
    }
}
