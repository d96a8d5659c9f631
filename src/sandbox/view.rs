//! What a page is shown: chats, messages, toasts and faults, as far as they are newer than it holds.

use serde_json::{Value as Json, json};

use super::Sandbox;
use super::limits::me;
use super::state::{ChatKind, ChatMessage, Fault, State};

/// What the longest excerpt of an answered message is, in characters.
const EXCERPT: usize = 80;

/// Files by the field of a message, with the kind a page is told.
const FILES: [&str; 7] = [
    "document",
    "video",
    "audio",
    "voice",
    "animation",
    "sticker",
    "video_note",
];

impl Sandbox {
    /// What has changed since a number of change, 0 for everything; the number now.
    pub(super) fn view(&self, since: u64) -> (u64, Json) {
        let now = self.now();
        let mut state = self.state();
        state.faults.retain(|fault| !fault.spent(now));
        let revision = *state.changed.borrow();
        let mut ids: Vec<i64> = state.chats.keys().copied().collect();
        ids.sort_unstable();
        let chats: Vec<Json> = ids
            .into_iter()
            .filter_map(|id| state.seen(id, since, now))
            .collect();
        let toasts: Vec<Json> = state.toasts(since);
        let of = |name: &str| {
            let text = state.profile.get(&(name.to_owned(), String::new()));
            text.cloned().unwrap_or_default()
        };
        let bot = me();
        let name = Some(of("name")).filter(|name| !name.is_empty());
        let json = json!({
            "epoch": state.epoch, "revision": revision, "now": now,
            "bot": {
                "id": bot["id"], "name": name.map_or_else(|| bot["first_name"].clone(), Json::from),
                "username": bot["username"], "description": of("description"),
                "short_description": of("short_description"),
            },
            "faults": state.faults.iter().map(|fault| described(fault, now)).collect::<Vec<_>>(),
            "chats": chats, "toasts": toasts,
        });
        (revision, json)
    }
}

fn described(fault: &Fault, now: i64) -> Json {
    match fault {
        Fault::TooMany {
            method,
            times,
            seconds,
        } => {
            json!({ "kind": "too_many", "method": method, "left": times, "seconds": seconds })
        }
        Fault::LostReply { method, times } => {
            json!({ "kind": "lost_reply", "method": method, "left": times })
        }
        Fault::Down { until } => json!({ "kind": "down", "seconds": until - now }),
        Fault::Slow { ms, times } => json!({ "kind": "slow", "ms": ms, "left": times }),
    }
}

impl State {
    /// The commands that are offered in a chat: of the nearest scope, in the language first.
    pub(super) fn offered(&self, chat_id: i64) -> &[Json] {
        let chat = self.chats.get(&chat_id);
        let group = chat.is_some_and(|chat| chat.kind != ChatKind::Private);
        let all = if group {
            "all_group_chats"
        } else {
            "all_private_chats"
        };
        let language = chat.and_then(|chat| chat.language.clone());
        let languages = [language.unwrap_or_default(), String::new()];
        let scopes = [
            format!("chat:{chat_id}"),
            all.to_owned(),
            "default".to_owned(),
        ];
        let keys = scopes.iter().flat_map(|scope| {
            languages
                .iter()
                .map(|language| (scope.clone(), language.clone()))
        });
        let mut found = keys.filter_map(|key| self.menus.get(&key));
        found.next().map(Vec::as_slice).unwrap_or_default()
    }

    fn toasts(&self, since: u64) -> Vec<Json> {
        let newer = self.presses.iter().filter_map(|(id, press)| {
            let (revision, seen) = press.answer.as_ref()?;
            (*revision > since).then(|| {
                let toast = json!({
                    "press": id, "user": press.user, "chat": press.chat, "message": press.message,
                    "text": seen.text, "alert": seen.alert, "url": seen.url,
                });
                (*revision, toast)
            })
        });
        let mut newer: Vec<(u64, Json)> = newer.collect();
        newer.sort_by_key(|(revision, _)| *revision);
        newer.into_iter().map(|(_, toast)| toast).collect()
    }

    /// A chat, if anything of it is newer.
    fn seen(&self, id: i64, since: u64, now: i64) -> Option<Json> {
        let chat = self.chats.get(&id)?;
        let messages: Vec<Json> = chat
            .messages
            .values()
            .filter(|message| message.revision > since)
            .map(shown)
            .collect();
        let deleted: Vec<i64> = chat
            .deleted
            .iter()
            .filter(|(revision, _)| *revision > since)
            .map(|(_, id)| *id)
            .collect();
        if messages.is_empty() && deleted.is_empty() && chat.revision <= since {
            return None;
        }
        let typing = chat.typing.as_ref().filter(|(_, until)| *until > now);
        let typing = typing.map(|(action, until)| json!({ "action": action, "until": until }));
        Some(json!({
            "id": id, "kind": chat.kind.word(), "name": chat.name, "username": chat.username,
            "started": chat.started, "blocked": chat.blocked, "migrated_to": chat.migrated,
            "members": chat.members, "typing": typing, "menu": self.offered(id),
            "messages": messages, "deleted": deleted, "pinned": chat.pinned.last(),
            "reply_keyboard": chat.reply_keyboard.as_ref().map(keyboard_of_keys),
        }))
    }
}

/// The keyboard in place of the person's own, as rows of labels.
fn keyboard_of_keys(markup: &Json) -> Json {
    let label = |key: &Json| {
        key.as_str()
            .or(key["text"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let rows: Vec<Vec<String>> = markup["keyboard"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row.as_array().into_iter().flatten().map(label).collect())
        .collect();
    json!({
        "rows": rows, "one_time": markup["one_time_keyboard"].as_bool().unwrap_or_default(),
        "placeholder": markup["input_field_placeholder"],
    })
}

/// The inline buttons, each with what it does.
fn keyboard(markup: &Json) -> Json {
    let Some(rows) = markup["inline_keyboard"].as_array() else {
        return Json::Null;
    };
    let button = |button: &Json| {
        let (kind, data, url) = if button["callback_data"].is_string() {
            ("callback", &button["callback_data"], &Json::Null)
        } else if button["url"].is_string() {
            ("url", &Json::Null, &button["url"])
        } else if button["copy_text"].is_object() {
            ("copy", &button["copy_text"]["text"], &Json::Null)
        } else {
            ("other", &Json::Null, &Json::Null)
        };
        json!({ "text": button["text"], "kind": kind, "data": data, "url": url })
    };
    let rows = rows.iter().map(|row| {
        let row = row.as_array().into_iter().flatten();
        row.map(button).collect::<Vec<_>>()
    });
    rows.collect::<Vec<_>>().into()
}

/// Whom a message is from, as it is shown.
fn name(from: &Json) -> String {
    from["first_name"].as_str().unwrap_or_default().to_owned()
}

fn excerpt(message: &Json) -> String {
    let text = message["text"].as_str().or(message["caption"].as_str());
    let line = text.unwrap_or_default().lines().next().unwrap_or_default();
    match line.chars().nth(EXCERPT) {
        Some(_) => line.chars().take(EXCERPT).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

fn file(json: &Json) -> Option<Json> {
    let kind = FILES.into_iter().find(|kind| json[kind].is_object())?;
    let held = &json[kind];
    Some(json!({
        "file_id": held["file_id"], "kind": kind, "name": held["file_name"],
        "size": held["file_size"], "mime": held["mime_type"],
    }))
}

fn shown(message: &ChatMessage) -> Json {
    let json = &message.json;
    let entities = [&json["entities"], &json["caption_entities"]];
    let entities = entities.into_iter().find(|list| list.is_array());
    let photo = json["photo"].as_array().and_then(|sizes| sizes.last());
    let photo = photo.map(|size| {
        json!({ "file_id": size["file_id"], "width": size["width"], "height": size["height"] })
    });
    let reply = Some(&json["reply_to_message"]).filter(|to| to.is_object());
    let reply = reply.map(|to| {
        json!({
            "id": to["message_id"], "from": name(&to["from"]), "excerpt": excerpt(to),
            "quote": json["quote"]["text"],
        })
    });
    let service = [
        ("new_chat_members", "joined"),
        ("left_chat_member", "left"),
        ("pinned_message", "pinned"),
        ("migrate_to_chat_id", "migrated"),
        ("migrate_from_chat_id", "migrated"),
        ("forum_topic_created", "topic"),
    ];
    let service = service
        .into_iter()
        .find(|(field, _)| json.get(*field).is_some());
    let other = ["location", "contact", "poll", "dice"];
    let other = other.into_iter().find(|field| json.get(*field).is_some());
    let forwarded = json["forward_origin"]["sender_user"].as_object();
    let from = &json["from"];
    json!({
        "id": message.id, "revision": message.revision, "from_bot": message.from_bot,
        "from": { "id": from["id"], "name": name(from) },
        "date": json["date"], "edited": json["edit_date"], "text": message.text,
        "entities": entities.cloned().unwrap_or_else(|| json!([])),
        "photo": photo, "file": file(json), "other": other, "reply_to": reply,
        "forwarded_from": forwarded.map(|_| name(&json["forward_origin"]["sender_user"])),
        "keyboard": keyboard(&json["reply_markup"]), "service": service.map(|(_, word)| word),
        "album": json["media_group_id"], "reactions": message.reactions,
    })
}
