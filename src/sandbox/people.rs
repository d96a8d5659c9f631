//! The people of the sandbox: they say, reply, press, send photos, block.

use serde_json::{Value as Json, json};

use super::Sandbox;
use super::state::{Call, Chat, ChatKind, ChatMessage, Fault, FileSeen, ToastSeen};

/// The beginning of a JPEG: what every photo of the sandbox's people holds.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\xff\xd9";

impl Sandbox {
    /// Makes a person; their id is that of their private chat with the bot.
    pub fn user(&self, name: &str) -> i64 {
        let mut state = self.state();
        state.next_user += 1;
        let id = 5_000_000_000 + state.next_user;
        state.chats.insert(
            id,
            Chat {
                name: name.to_owned(),
                ..Chat::default()
            },
        );
        id
    }

    /// Says something in the private chat, which starts it. The message's id.
    pub fn say(&self, user: i64, text: &str) -> i64 {
        self.write(user, None, json!({ "text": text }))
    }

    /// Replies to a message of the bot.
    pub fn reply(&self, user: i64, to: i64, text: &str) -> i64 {
        self.write(user, Some(to), json!({ "text": text }))
    }

    /// Sends a photo, perhaps in reply, perhaps with a caption.
    pub fn send_photo(&self, user: i64, to: Option<i64>, caption: Option<&str>) -> i64 {
        let size = |n: i64| {
            json!({
                "file_id": format!("photo-{user}-{n}"), "file_unique_id": format!("u{user}{n}"),
                "width": 100 * n, "height": 100 * n, "file_size": PICTURE.len(),
            })
        };
        for n in [1, 2] {
            let seen = FileSeen {
                kind: "photo".to_owned(),
                name: String::new(),
                bytes: PICTURE.to_vec(),
            };
            let file_id = format!("photo-{user}-{n}");
            self.state().files.insert(file_id, seen);
        }
        let mut body = json!({ "photo": [size(1), size(2)] });
        if let Some(caption) = caption {
            body["caption"] = caption.into();
        }
        self.write(user, to, body)
    }

    /// Sends a sticker, which means nothing.
    pub fn send_sticker(&self, user: i64) -> i64 {
        let sticker = json!({
            "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
            "is_animated": false, "is_video": false,
        });
        self.write(user, None, json!({ "sticker": sticker }))
    }

    /// Sends a file, perhaps in reply, perhaps with a caption.
    pub fn send_document(
        &self,
        user: i64,
        to: Option<i64>,
        (name, bytes): (&str, &[u8]),
        caption: Option<&str>,
    ) -> i64 {
        let seen = FileSeen {
            kind: "document".to_owned(),
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let file_id = {
            let mut state = self.state();
            state.next_file += 1;
            let file_id = format!("document-{user}-{}", state.next_file);
            state.files.insert(file_id.clone(), seen);
            file_id
        };
        let mut body = json!({ "document": {
            "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
            "file_name": name, "file_size": bytes.len(),
        } });
        if let Some(caption) = caption {
            body["caption"] = caption.into();
        }
        self.write(user, to, body)
    }

    /// Makes a group that the bot is a member of.
    pub fn group(&self, title: &str) -> i64 {
        let mut state = self.state();
        state.next_group += 1;
        let id = -4_000_000 - state.next_group;
        let chat = Chat {
            kind: ChatKind::Group,
            name: title.to_owned(),
            started: true,
            ..Chat::default()
        };
        state.chats.insert(id, chat);
        id
    }

    /// Says something in a group. By the bot's privacy only commands, replies to the bot and
    /// mentions of it arrive; the rest is said all the same.
    pub fn say_in(&self, group: i64, user: i64, to: Option<i64>, text: &str) -> i64 {
        self.put(group, user, to, json!({ "text": text }))
    }

    /// Throws the bot out of a group.
    pub fn expel(&self, group: i64) {
        self.block(group);
    }

    /// A group becomes a supergroup; its new id.
    pub fn upgrade(&self, group: i64) -> i64 {
        let mut state = self.state();
        let to = -1_001_000_000_000 + group;
        let Some(old) = state.chats.get_mut(&group) else {
            return 0;
        };
        old.migrated = Some(to);
        let chat = Chat {
            kind: ChatKind::Supergroup,
            name: old.name.clone(),
            started: true,
            ..Chat::default()
        };
        state.chats.insert(to, chat);
        to
    }

    /// The commands that a person is offered in the private chat: those of the chat, else those of
    /// all private chats, else the default ones (Bot API, BotCommandScope).
    pub fn menu(&self, user: i64) -> Vec<String> {
        let state = self.state();
        let scopes = [
            format!("chat:{user}"),
            "all_private_chats".to_owned(),
            "default".to_owned(),
        ];
        let mut found = scopes
            .into_iter()
            .filter_map(|scope| state.menus.get(&(scope, String::new())));
        let commands = found.next().map(Vec::as_slice).unwrap_or_default();
        let words = commands.iter().filter_map(|c| c["command"].as_str());
        words.map(str::to_owned).collect()
    }

    fn write(&self, user: i64, to: Option<i64>, body: Json) -> i64 {
        self.put(user, user, to, body)
    }

    fn put(&self, chat_id: i64, user: i64, to: Option<i64>, body: Json) -> i64 {
        let now = self.now();
        let mut state = self.state();
        let name = state.chats.get(&user).map(|chat| chat.name.clone());
        let Some(chat) = state.chats.get_mut(&chat_id) else {
            return 0;
        };
        if chat.kind == ChatKind::Private {
            chat.started = true;
            chat.blocked = false;
        }
        chat.next_id += 1;
        let id = chat.next_id;
        let mut json = json!({
            "message_id": id, "date": now,
            "chat": chat.described(chat_id),
            "from": { "id": user, "is_bot": false, "first_name": name.unwrap_or_default() },
        });
        if let (Some(message), Some(fields)) = (json.as_object_mut(), body.as_object()) {
            message.extend(fields.clone());
        }
        let answered = to.and_then(|to| chat.messages.get(&to));
        let to_bot = answered.is_some_and(|shown| shown.from_bot);
        if let Some(shown) = answered {
            json["reply_to_message"] = shown.json.clone();
        }
        let text = body["text"]
            .as_str()
            .or(body["caption"].as_str())
            .unwrap_or_default();
        let message = ChatMessage {
            id,
            from_bot: false,
            text: text.to_owned(),
            buttons: vec![],
            edits: 0,
            fresh: false,
            file: None,
            json: json.clone(),
            source: (String::new(), Json::Null),
        };
        let private = chat.kind == ChatKind::Private;
        let heard = private || to_bot || text.starts_with('/') || text.contains("@duban_bot");
        chat.messages.insert(id, message);
        if heard {
            state.push("message", json);
        }
        drop(state);
        self.shared.arrived.notify_one();
        id
    }

    /// Presses the button of a message whose label holds `label`. The press, to ask for its toast;
    /// the error lists the buttons there are.
    pub fn press(&self, user: i64, message: i64, label: &str) -> Result<String, String> {
        let data = {
            let state = self.state();
            let chat = state.chats.get(&user).ok_or("no such person")?;
            let shown = chat.messages.get(&message).ok_or("no such message")?;
            let mut all = shown.buttons.iter().flatten();
            let found = all.find(|button| button.label.contains(label));
            let labels = || {
                shown
                    .buttons
                    .iter()
                    .flatten()
                    .map(|b| b.label.clone())
                    .collect::<Vec<_>>()
                    .join(" | ")
            };
            found
                .ok_or_else(|| format!("no button {label:?}; there are: {}", labels()))?
                .data
                .clone()
        };
        Ok(self.press_data(user, user, message, &data))
    }

    /// Presses with any data, as a forged client could.
    pub fn press_data(&self, user: i64, chat: i64, message: i64, data: &str) -> String {
        let mut state = self.state();
        state.next_callback += 1;
        let id = state.next_callback.to_string();
        let shown = state
            .chats
            .get(&chat)
            .and_then(|chat| chat.messages.get(&message));
        let shown = shown.map(|message| message.json.clone());
        let name = state
            .chats
            .get(&user)
            .map(|chat| chat.name.clone())
            .unwrap_or_default();
        let mut query = json!({
            "id": id, "chat_instance": "1", "data": data,
            "from": { "id": user, "is_bot": false, "first_name": name },
        });
        if let Some(shown) = shown {
            query["message"] = shown;
        }
        state.toasts.insert(id.clone(), None);
        state.push("callback_query", query);
        drop(state);
        self.shared.arrived.notify_one();
        id
    }

    /// What the person saw after a press; none while it was not answered.
    pub fn toast(&self, press: &str) -> Option<ToastSeen> {
        self.state().toasts.get(press).cloned().flatten()
    }

    /// Everything in a private chat, oldest first.
    pub fn chat(&self, user: i64) -> Vec<ChatMessage> {
        let state = self.state();
        state
            .chats
            .get(&user)
            .map(|c| c.messages.values().cloned().collect())
            .unwrap_or_default()
    }

    /// The last message of the bot.
    pub fn last(&self, user: i64) -> Option<ChatMessage> {
        self.chat(user)
            .into_iter()
            .rev()
            .find(|message| message.from_bot)
    }

    /// A message as it is now.
    pub fn message(&self, user: i64, id: i64) -> Option<ChatMessage> {
        self.chat(user).into_iter().find(|message| message.id == id)
    }

    /// What the bot sent or edited since the last look.
    pub fn unread(&self, user: i64) -> Vec<ChatMessage> {
        let mut state = self.state();
        let Some(chat) = state.chats.get_mut(&user) else {
            return vec![];
        };
        let mut fresh = Vec::new();
        for message in chat.messages.values_mut().filter(|m| m.fresh && m.from_bot) {
            message.fresh = false;
            fresh.push(message.clone());
        }
        fresh
    }

    /// Blocks the bot.
    pub fn block(&self, user: i64) {
        if let Some(chat) = self.state().chats.get_mut(&user) {
            chat.blocked = true;
        }
    }

    /// Starts the chat without a word, as someone who wrote long ago.
    pub fn open_chat(&self, user: i64) {
        if let Some(chat) = self.state().chats.get_mut(&user) {
            chat.started = true;
        }
    }

    /// Parameters and methods that the real server does not know.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Waits until the bot has called a method so many times in all.
    pub async fn called(&self, method: &str, times: usize) {
        loop {
            let next = self.shared.called.notified();
            tokio::pin!(next);
            next.as_mut().enable();
            if self
                .calls()
                .iter()
                .filter(|call| call.method == method)
                .count()
                >= times
            {
                return;
            }
            next.await;
        }
    }

    /// Lets something go wrong.
    pub fn fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Updates that no offset has confirmed yet.
    pub fn pending(&self) -> usize {
        self.state().updates.len()
    }

    /// Posts the waiting updates to the webhook, in order, until one is refused. How many were taken.
    pub async fn call_webhook(&self) -> usize {
        let client = reqwest::Client::new();
        let mut taken = 0;
        loop {
            let (next, webhook) = {
                let state = self.state();
                (state.updates.front().cloned(), state.webhook.clone())
            };
            let (Some(update), Some((url, secret))) = (next, webhook) else {
                return taken;
            };
            let post = client
                .post(url)
                .header("X-Telegram-Bot-Api-Secret-Token", secret);
            match post.json(&update).send().await {
                Ok(answer) if answer.status().is_success() => {
                    self.state().updates.pop_front();
                    taken += 1;
                }
                _ => return taken,
            }
        }
    }

    /// Turns the flood limits on or off.
    pub fn limits(&self, on: bool) {
        self.state().limits_off = !on;
    }
}
