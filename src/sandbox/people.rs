//! The people of the sandbox: they say, reply, press, send photos and files, block, join and leave.

use serde_json::{Value as Json, json};

use super::Sandbox;
use super::limits::me;
use super::state::{Chat, ChatKind, ChatMessage, FileSeen, Press, State};
use super::{entities, methods};

/// A picture of one pixel: what a photo holds when nothing else is given.
const PICTURE: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDATx\x9cc\xf8\x0f\0\x01\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB`\x82";

/// Where and in answer to what something is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub user: i64,
    pub chat: i64,
    pub to: Option<i64>,
    /// The topic of a forum.
    pub thread: Option<i64>,
}

impl Spot {
    fn private(user: i64, to: Option<i64>) -> Self {
        let (chat, thread) = (user, None);
        Self {
            user,
            chat,
            to,
            thread,
        }
    }
}

/// Why somebody could not do something.
pub(super) type Refused = &'static str;

impl Sandbox {
    /// Makes a person; their id is that of their private chat with the bot.
    pub fn user(&self, name: &str) -> i64 {
        self.person(Chat::person(name))
    }

    pub(super) fn person(&self, person: Chat) -> i64 {
        let mut state = self.state();
        state.next_user += 1;
        let id = 5_000_000_000 + state.next_user;
        state.chats.insert(id, person);
        state.touch(id);
        id
    }

    /// Says something in the private chat, which starts it. The message's id.
    pub fn say(&self, user: i64, text: &str) -> i64 {
        self.text(Spot::private(user, None), text)
            .unwrap_or_default()
    }

    /// Replies to a message of the bot.
    pub fn reply(&self, user: i64, to: i64, text: &str) -> i64 {
        self.text(Spot::private(user, Some(to)), text)
            .unwrap_or_default()
    }

    /// Says something in a group. By the bot's privacy only commands for it, replies to it and
    /// mentions of it arrive; the rest is said all the same.
    pub fn say_in(&self, group: i64, user: i64, to: Option<i64>, text: &str) -> i64 {
        let spot = Spot {
            user,
            chat: group,
            to,
            thread: None,
        };
        self.text(spot, text).unwrap_or_default()
    }

    /// Says something in a topic of a group.
    pub fn say_in_topic(
        &self,
        (group, thread): (i64, i64),
        user: i64,
        to: Option<i64>,
        text: &str,
    ) -> i64 {
        let spot = Spot {
            user,
            chat: group,
            to,
            thread: Some(thread),
        };
        self.text(spot, text).unwrap_or_default()
    }

    /// A supergroup with topics.
    pub fn forum(&self, title: &str, members: &[i64]) -> i64 {
        let id = self.found(ChatKind::Supergroup, title, members);
        if let Some(chat) = self.state().chats.get_mut(&id) {
            chat.forum = true;
        }
        id
    }

    /// Opens a topic of a forum; its id.
    pub fn open_topic(&self, group: i64, name: &str) -> i64 {
        let now = self.now();
        let mut state = self.state();
        let place = state.chats.get_mut(&group);
        let Some(chat) = place.filter(|chat| chat.kind == ChatKind::Supergroup) else {
            return 0;
        };
        chat.forum = true;
        let topic = json!({ "name": name, "icon_color": 7_322_096 });
        service(&mut state, group, (me(), now), "forum_topic_created", topic);
        let Some(chat) = state.chats.get_mut(&group) else {
            return 0;
        };
        let thread = chat.next_id;
        chat.topics.insert(thread);
        drop(state);
        self.shared.arrived.notify_one();
        thread
    }

    /// Deletes a topic.
    pub fn delete_topic(&self, group: i64, thread: i64) {
        if let Some(chat) = self.state().chats.get_mut(&group) {
            chat.topics.remove(&thread);
        }
        self.state().touch(group);
    }

    pub(super) fn text(&self, spot: Spot, text: &str) -> Result<i64, Refused> {
        let (text, found) = entities::finish(text, vec![]);
        if text.is_empty() {
            return Err("the text is empty");
        }
        let mut body = json!({ "text": text });
        if !found.is_empty() {
            body["entities"] = found.into();
        }
        self.put(spot, body, None)
    }

    /// Sends a photo, perhaps in reply, perhaps with a caption.
    pub fn send_photo(&self, user: i64, to: Option<i64>, caption: Option<&str>) -> i64 {
        let seen = FileSeen {
            kind: "photo".to_owned(),
            name: "photo.png".to_owned(),
            bytes: PICTURE.to_vec(),
        };
        self.attach(Spot::private(user, to), seen, caption)
            .unwrap_or_default()
    }

    /// Sends an album of photos, one message each, the caption on the first; the first message's id.
    pub fn send_album(
        &self,
        user: i64,
        to: Option<i64>,
        (photos, caption): (usize, Option<&str>),
    ) -> i64 {
        let group = format!("{user}{}", self.now());
        let mut first = 0;
        for n in 0..photos {
            let seen = FileSeen {
                kind: "photo".to_owned(),
                name: format!("photo{n}.png"),
                bytes: PICTURE.to_vec(),
            };
            let caption = caption.filter(|_| n == 0);
            let spot = Spot::private(user, to);
            let id = self.attach_to(spot, seen, caption, Some(&group));
            first = if n == 0 {
                id.unwrap_or_default()
            } else {
                first
            };
        }
        first
    }

    /// Sends a sticker, which means nothing.
    pub fn send_sticker(&self, user: i64) -> i64 {
        let sticker = json!({
            "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
            "is_animated": false, "is_video": false,
        });
        self.put(
            Spot::private(user, None),
            json!({ "sticker": sticker }),
            None,
        )
        .unwrap_or_default()
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
        self.attach(Spot::private(user, to), seen, caption)
            .unwrap_or_default()
    }

    pub(super) fn attach(
        &self,
        spot: Spot,
        seen: FileSeen,
        caption: Option<&str>,
    ) -> Result<i64, Refused> {
        self.attach_to(spot, seen, caption, None)
    }

    fn attach_to(
        &self,
        spot: Spot,
        seen: FileSeen,
        caption: Option<&str>,
        album: Option<&str>,
    ) -> Result<i64, Refused> {
        let file_id = self.state().keep(&spot.user.to_string(), seen.clone());
        let mut body =
            methods::described(&file_id, &seen).map_err(|_| "this is no picture that is known")?;
        if let Some(caption) = caption {
            let (caption, found) = entities::finish(caption, vec![]);
            body["caption"] = caption.into();
            body["caption_entities"] = found.into();
        }
        if let Some(album) = album {
            body["media_group_id"] = album.into();
        }
        self.put(spot, body, Some(seen))
    }

    /// A person's message: into the chat, and to the bot unless its privacy keeps it out.
    fn put(&self, spot: Spot, body: Json, file: Option<FileSeen>) -> Result<i64, Refused> {
        let Spot {
            user,
            chat,
            to,
            thread,
        } = spot;
        let now = self.now();
        let mut state = self.state();
        let from = state.chats.get(&user).map(|chat| chat.user(user));
        let from = from.ok_or("there is no such person")?;
        let place = state.chats.get(&chat).ok_or("there is no such chat")?;
        let private = place.kind == ChatKind::Private;
        if private && user != chat {
            return Err("this is the private chat of another");
        }
        if place.migrated.is_some() {
            return Err("the group became a supergroup; go on there");
        }
        if private && place.blocked {
            membership(&mut state, chat, (user, now), "kicked", "member");
        }
        let place = state.chats.get_mut(&chat).ok_or("there is no such chat")?;
        if thread.is_some_and(|thread| !place.topics.contains(&thread)) {
            return Err("there is no such topic");
        }
        place.started = true;
        if private {
            place.blocked = false;
        } else {
            place.members.insert(user);
        }
        place.next_id += 1;
        let id = place.next_id;
        let mut json = json!({
            "message_id": id, "date": now, "chat": place.described(chat), "from": from,
        });
        if let (Some(message), Some(fields)) = (json.as_object_mut(), body.as_object()) {
            message.extend(fields.clone());
        }
        let answered = to.and_then(|to| place.messages.get(&to));
        let to_bot = answered.is_some_and(|shown| shown.from_bot);
        if let Some(shown) = answered {
            json["reply_to_message"] = shown.json.clone();
        }
        if let Some(thread) = thread {
            json["message_thread_id"] = thread.into();
            json["is_topic_message"] = true.into();
        }
        let text = body["text"].as_str().or(body["caption"].as_str());
        let text = text.unwrap_or_default();
        let heard = private || to_bot || addressed(text, place.spoken);
        let heard = heard && !place.blocked;
        let message = ChatMessage {
            id,
            from_bot: false,
            text: text.to_owned(),
            buttons: vec![],
            edits: 0,
            fresh: false,
            file,
            asked: Json::Null,
            json: json.clone(),
            source: (String::new(), Json::Null),
            reactions: vec![],
            revision: 0,
        };
        state.insert(chat, message);
        state.touch(chat);
        if heard {
            state.push("message", json);
        }
        drop(state);
        self.shared.arrived.notify_one();
        Ok(id)
    }

    /// A person changes a message of their own.
    pub(super) fn rewrite(&self, spot: Spot, message: i64, text: &str) -> Result<(), Refused> {
        let now = self.now();
        let mut state = self.state();
        let place = state.chats.get(&spot.chat).ok_or("there is no such chat")?;
        let shown = place.messages.get(&message).cloned();
        let mine = shown.filter(|shown| shown.json["from"]["id"] == spot.user);
        let mut shown = mine.ok_or("there is no such message of yours")?;
        let (text, found) = entities::finish(text, vec![]);
        shown.json["text"] = text.clone().into();
        shown.json["entities"] = found.into();
        shown.json["edit_date"] = now.into();
        shown.text = text;
        shown.edits += 1;
        let json = shown.json.clone();
        state.insert(spot.chat, shown);
        state.push("edited_message", json);
        drop(state);
        self.shared.arrived.notify_one();
        Ok(())
    }

    /// Makes a group that the bot is a member of.
    pub fn group(&self, title: &str) -> i64 {
        self.found(ChatKind::Group, title, &[])
    }

    /// Makes a group of people and the bot.
    pub fn group_of(&self, title: &str, members: &[i64]) -> i64 {
        self.found(ChatKind::Group, title, members)
    }

    pub(super) fn found(&self, kind: ChatKind, title: &str, members: &[i64]) -> i64 {
        let now = self.now();
        let mut state = self.state();
        state.next_group += 1;
        let id = match kind {
            ChatKind::Supergroup => -1_002_000_000_000 - state.next_group,
            ChatKind::Private | ChatKind::Group => -4_000_000 - state.next_group,
        };
        let mut chat = Chat::group(kind, title);
        chat.members.extend(members);
        let by = members.first().copied().unwrap_or_default();
        state.chats.insert(id, chat);
        membership(&mut state, id, (by, now), "left", "member");
        state.touch(id);
        drop(state);
        self.shared.arrived.notify_one();
        id
    }

    /// Throws the bot out of a group.
    pub fn expel(&self, group: i64) {
        self.block(group);
    }

    /// Takes the bot into a group again.
    pub fn admit(&self, group: i64) {
        self.unblock(group);
    }

    /// A person joins a group, or leaves it.
    pub(super) fn member(&self, group: i64, user: i64, inside: bool) -> Result<(), Refused> {
        let now = self.now();
        let mut state = self.state();
        let who = state.chats.get(&user).map(|chat| chat.user(user));
        let who = who.ok_or("there is no such person")?;
        let chat = state.chats.get_mut(&group).ok_or("there is no such chat")?;
        if chat.kind == ChatKind::Private {
            return Err("this is no group");
        }
        let changed = match inside {
            true => chat.members.insert(user),
            false => chat.members.remove(&user),
        };
        if changed {
            let field = if inside {
                "new_chat_members"
            } else {
                "left_chat_member"
            };
            let value = if inside { json!([who]) } else { who.clone() };
            service(&mut state, group, (who, now), field, value);
        }
        drop(state);
        self.shared.arrived.notify_one();
        Ok(())
    }

    /// A group becomes a supergroup; its new id.
    pub fn upgrade(&self, group: i64) -> i64 {
        let now = self.now();
        let mut state = self.state();
        let to = -1_001_000_000_000 + group;
        let Some(old) = state.chats.get_mut(&group) else {
            return 0;
        };
        old.migrated = Some(to);
        let mut chat = Chat::group(ChatKind::Supergroup, &old.name);
        chat.members = old.members.clone();
        state.chats.insert(to, chat);
        service(
            &mut state,
            group,
            (me(), now),
            "migrate_to_chat_id",
            to.into(),
        );
        service(
            &mut state,
            to,
            (me(), now),
            "migrate_from_chat_id",
            group.into(),
        );
        drop(state);
        self.shared.arrived.notify_one();
        to
    }

    /// Presses the button of a message whose label holds `label`. The press, to ask for its toast;
    /// the error lists the labels of the buttons there are.
    pub fn press(&self, user: i64, message: i64, label: &str) -> Result<String, String> {
        let data = {
            let state = self.state();
            let chat = state.chats.get(&user).ok_or("no such person")?;
            let shown = chat.messages.get(&message).ok_or("no such message")?;
            let mut all = shown.buttons.iter().flatten();
            let found = all.find(|button| button.label.contains(label));
            let labels = || {
                let all = shown.buttons.iter().flatten();
                all.map(|b| b.label.clone()).collect::<Vec<_>>().join(" | ")
            };
            found.ok_or_else(labels)?.data.clone()
        };
        Ok(self.press_data(user, user, message, &data))
    }

    /// Presses with any data, as a forged client could.
    pub fn press_data(&self, user: i64, chat: i64, message: i64, data: &str) -> String {
        let mut state = self.state();
        state.next_callback += 1;
        let id = state.next_callback.to_string();
        let place = state.chats.get(&chat);
        let shown = place.and_then(|chat| chat.messages.get(&message));
        let shown = shown.map(|message| message.json.clone());
        let nobody = Chat::default();
        let from = state.chats.get(&user).unwrap_or(&nobody).user(user);
        let mut query = json!({ "id": id, "chat_instance": "1", "data": data, "from": from });
        if let Some(shown) = shown {
            query["message"] = shown;
        }
        let press = Press {
            user,
            chat,
            message,
            answer: None,
        };
        state.presses.insert(id.clone(), press);
        state.push("callback_query", query);
        drop(state);
        self.shared.arrived.notify_one();
        id
    }

    /// Blocks the bot in a private chat, or throws it out of a group; the bot is told.
    pub fn block(&self, chat: i64) {
        self.set_blocked(chat, true);
    }

    /// Takes the bot back.
    pub fn unblock(&self, chat: i64) {
        self.set_blocked(chat, false);
    }

    fn set_blocked(&self, id: i64, blocked: bool) {
        let now = self.now();
        let mut state = self.state();
        let Some(chat) = state.chats.get_mut(&id).filter(|c| c.blocked != blocked) else {
            return;
        };
        chat.blocked = blocked;
        let owner = chat.members.iter().next().copied();
        let by = if chat.kind == ChatKind::Private {
            Some(id)
        } else {
            owner
        };
        let (old, new) = match blocked {
            true => ("member", "kicked"),
            false => ("kicked", "member"),
        };
        membership(&mut state, id, (by.unwrap_or_default(), now), old, new);
        state.touch(id);
        drop(state);
        self.shared.arrived.notify_one();
    }

    /// Starts the chat without a word, as someone who wrote long ago.
    pub fn open_chat(&self, user: i64) {
        let mut state = self.state();
        if let Some(chat) = state.chats.get_mut(&user) {
            chat.started = true;
        }
        state.touch(user);
    }
}

/// Whether privacy lets the bot hear a text of a group: a mention, a command for it, or a general one
/// if it was the last bot to write there (Bot API, privacy mode).
fn addressed(text: &str, spoken: bool) -> bool {
    let command = text
        .strip_prefix('/')
        .and_then(|line| line.split_whitespace().next());
    match command.and_then(|word| word.split_once('@')) {
        Some((_, bot)) => bot.eq_ignore_ascii_case("duban_bot"),
        None if command.is_some() => spoken,
        None => text.contains("@duban_bot"),
    }
}

/// Tells the bot that it was blocked, thrown out or taken back (Bot API, my_chat_member).
fn membership(state: &mut State, chat_id: i64, (by, now): (i64, i64), old: &str, new: &str) {
    let member = |status: &str| {
        let mut member = json!({ "status": status, "user": me() });
        if status == "kicked" {
            member["until_date"] = 0.into();
        }
        member
    };
    let nobody = Chat::default();
    let chat = state.chats.get(&chat_id).unwrap_or(&nobody);
    let from = state.chats.get(&by).unwrap_or(&nobody).user(by);
    let change = json!({
        "chat": chat.described(chat_id), "from": from, "date": now,
        "old_chat_member": member(old), "new_chat_member": member(new),
    });
    state.push("my_chat_member", change);
}

/// A message that nobody wrote: somebody joined or left, the group moved.
fn service(state: &mut State, chat_id: i64, (from, now): (Json, i64), field: &str, value: Json) {
    let Some(chat) = state.chats.get_mut(&chat_id) else {
        return;
    };
    chat.next_id += 1;
    let id = chat.next_id;
    let json = json!({
        "message_id": id, "date": now, "chat": chat.described(chat_id), "from": from, field: value,
    });
    let message = ChatMessage {
        id,
        from_bot: false,
        text: String::new(),
        buttons: vec![],
        edits: 0,
        fresh: false,
        file: None,
        asked: Json::Null,
        json: json.clone(),
        source: (String::new(), Json::Null),
        reactions: vec![],
        revision: 0,
    };
    state.insert(chat_id, message);
    state.touch(chat_id);
    state.push("message", json);
}
