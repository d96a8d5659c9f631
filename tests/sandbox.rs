//! The sandbox against what the real server does: refusals in its words, limits, files, menus,
//! groups; called by the client that duban uses and by bare HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, TimeDelta};
use duban::clock::Clock;
use duban::sandbox::Sandbox;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};
use teloxide::Bot;
use teloxide::payloads::{
    SendDocumentSetters as _, SendPhotoSetters as _, SetMyCommandsSetters as _,
};
use teloxide::prelude::Requester as _;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, FileId, InputFile, Recipient};

const TOKEN: &str = "7000000000:sandbox";
/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDATx\x9cc\xf8\x0f\0\x01\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB`\x82";

struct Stage {
    sandbox: Sandbox,
    clock: Clock,
    client: reqwest::Client,
}

impl Stage {
    async fn set() -> Self {
        let start = DateTime::parse_from_rfc3339("2021-06-28T09:00:00+08:00").unwrap();
        let clock = Clock::manual(start.to_utc());
        let sandbox = Sandbox::start(clock.clone(), TOKEN).await.unwrap();
        let client = reqwest::Client::new();
        Self {
            sandbox,
            clock,
            client,
        }
    }

    fn bot(&self) -> Bot {
        Bot::new(TOKEN).set_api_url(self.sandbox.api_url().parse().unwrap())
    }

    fn reader(&self, name: &str) -> i64 {
        let user = self.sandbox.user(name);
        self.sandbox.open_chat(user);
        user
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{TOKEN}/{method}", self.sandbox.api_url())
    }

    /// Calls a method with JSON; status and description, or result.
    async fn call(&self, method: &str, body: Json) -> (u16, Json) {
        let sent = self.client.post(self.url(method)).json(&body).send().await;
        let sent = sent.unwrap();
        let status = sent.status().as_u16();
        let mut answer: Json = sent.json().await.unwrap();
        let key = if status == 200 {
            "result"
        } else {
            "description"
        };
        (status, answer[key].take())
    }

    async fn refused(&self, method: &str, body: Json) -> String {
        let (status, said) = self.call(method, body).await;
        assert_ne!(status, 200, "{said}");
        said.as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn refusals_are_worded_as_the_real_server_words_them() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let silent = stage.sandbox.user("从未说话");
    let long = "长".repeat(4097);
    let html = |text: &str| json!({ "chat_id": user, "text": text, "parse_mode": "HTML" });
    let with = |data: &str| {
        json!({ "chat_id": user, "text": "x", "reply_markup": { "inline_keyboard": [[
            { "text": "按", "callback_data": data },
        ]] } })
    };
    let table = [
        ("sendMessage", json!({ "text": "x" }), "chat_id is empty"),
        (
            "sendMessage",
            json!({ "chat_id": user }),
            "message text is empty",
        ),
        (
            "sendMessage",
            json!({ "chat_id": user, "text": " \n " }),
            "message text is empty",
        ),
        (
            "sendMessage",
            json!({ "chat_id": user, "text": long }),
            "message is too long",
        ),
        (
            "sendMessage",
            json!({ "chat_id": 1, "text": "x" }),
            "chat not found",
        ),
        (
            "sendMessage",
            json!({ "chat_id": silent, "text": "x" }),
            "bot can't initiate conversation with a user",
        ),
        (
            "sendMessage",
            json!({ "chat_id": user, "text": "x", "disable_notification": 7 }),
            "wrong type",
        ),
        ("sendMessage", html("<b>不闭合"), "can't parse entities"),
        (
            "sendMessage",
            html("<marquee>x</marquee>"),
            "Unsupported start tag",
        ),
        ("sendMessage", html("5 < 6"), "can't parse entities"),
        ("sendMessage", with(&"字".repeat(22)), "BUTTON_DATA_INVALID"),
        ("sendMessage", with(""), "BUTTON_DATA_INVALID"),
        (
            "editMessageText",
            json!({ "chat_id": user, "message_id": 9, "text": "x" }),
            "message to edit not found",
        ),
        (
            "answerCallbackQuery",
            json!({ "callback_query_id": "9" }),
            "query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "deleteMessage",
            json!({ "chat_id": user, "message_id": 9 }),
            "message to delete not found",
        ),
        (
            "getFile",
            json!({ "file_id": "nothing" }),
            "invalid file_id",
        ),
        (
            "setMyCommands",
            json!({ "commands": [{ "command": "Status", "description": "x" }] }),
            "BOT_COMMAND_INVALID",
        ),
        (
            "setWebhook",
            json!({ "url": "https://x.cn", "secret_token": "有" }),
            "secret token contains unallowed characters",
        ),
    ];
    for (method, body, expected) in table {
        let said = stage.refused(method, body.clone()).await;
        assert!(said.contains(expected), "{method} {body}: {said}");
    }
    assert_eq!(stage.refused("sendMesage", json!({})).await, "Not Found");
    assert_eq!(stage.sandbox.violations(), Vec::<String>::new());
    stage
        .call(
            "sendMessage",
            json!({ "chat_id": user, "text": "x", "colour": 1 }),
        )
        .await;
    let inside = json!({
        "chat_id": user, "text": "x", "link_preview_options": { "disabled": true },
        "reply_markup": { "inline_keyboard": [[{ "text": "按", "callback_data": "a", "tone": 1 }]] },
    });
    stage.call("sendMessage", inside).await;
    let mut violations = stage.sandbox.violations();
    violations.sort();
    assert_eq!(
        violations,
        [
            "sendMessage: link_preview_options: a LinkPreviewOptions has no field disabled",
            "sendMessage: reply_markup.inline_keyboard[0][0]: a InlineKeyboardButton has no field tone",
            "sendMessage: unknown parameter colour",
        ]
    );
}

/// A page or a test in another language: everything over the control calls.
#[tokio::test]
async fn the_control_calls_are_people_too() {
    let stage = Stage::set().await;
    let control = async |what: &str, body: Json| -> Json {
        let url = format!("{}/control/{what}", stage.sandbox.api_url());
        let sent = stage.client.post(url).json(&body).send().await.unwrap();
        sent.json().await.unwrap()
    };
    let view = async |since: u64, wait: u64| -> Json {
        let url = format!(
            "{}/control/view?since={since}&wait={wait}",
            stage.sandbox.api_url()
        );
        let sent = stage.client.get(url).send().await.unwrap();
        sent.json().await.unwrap()
    };
    let person = control("people", json!({ "name": "林晓雨", "language": "zh-hans" })).await;
    let user = person["id"].as_i64().unwrap();
    let said = control("say", json!({ "user": user, "text": "你好 /help" })).await;
    assert_eq!(said["message"], 1);
    let (_, updates) = stage.call("getUpdates", json!({})).await;
    let message = &updates[0]["message"];
    assert_eq!(message["from"]["language_code"], "zh-hans");
    assert_eq!(message["entities"][0]["type"], "bot_command");

    // The bot answers that message, quoting it, with a button; the page sees all of it.
    let keyboard = json!({ "inline_keyboard": [[{ "text": "收到", "callback_data": "ack" }]] });
    let body = json!({
        "chat_id": user, "text": "<b>好</b>的", "parse_mode": "HTML", "reply_markup": keyboard,
        "reply_parameters": { "message_id": 1, "quote": "你好" },
    });
    assert_eq!(stage.call("sendMessage", body).await.0, 200);
    let all = view(0, 0).await;
    let shown = &all["chats"][0]["messages"][1];
    assert_eq!(shown["entities"][0]["type"], "bold");
    assert_eq!(
        shown["reply_to"],
        json!({ "id": 1, "from": "林晓雨", "excerpt": "你好 /help", "quote": "你好" })
    );
    assert_eq!(shown["keyboard"][0][0]["kind"], "callback");

    // A press: its toast is the news that a waiting look is given.
    let since = all["revision"].as_u64().unwrap();
    let press = json!({ "user": user, "message": 2, "data": "ack" });
    let press = control("press", press).await;
    let later = view(since + 1, 30);
    let answer = json!({ "callback_query_id": press["press"], "text": "已签收" });
    let (seen, answered) = tokio::join!(later, stage.call("answerCallbackQuery", answer));
    assert_eq!(answered.0, 200);
    assert_eq!(seen["toasts"][0]["text"], "已签收");
    assert_eq!(seen["chats"], json!([]), "only what is newer");

    // What goes wrong on purpose, and what is refused.
    control("fault", json!({ "kind": "down", "seconds": 60 })).await;
    let down = json!({ "chat_id": user, "text": "x" });
    assert_eq!(stage.call("sendMessage", down.clone()).await.0, 502);
    control("fault", json!({ "kind": "none" })).await;
    assert_eq!(stage.call("sendMessage", down).await.0, 200);
    for (what, body, why) in [
        ("say", json!({ "user": user }), "text is missing"),
        ("say", json!({ "user": 1, "text": "x" }), "no such person"),
        ("say", json!({ "users": 1 }), "unknown field `users`"),
        ("dance", json!({}), "no such call"),
        ("fault", json!({ "kind": "flood" }), "kind is one of"),
    ] {
        let said = control(what, body).await;
        assert!(said["error"].as_str().unwrap().contains(why), "{said}");
    }
    assert_eq!(stage.sandbox.violations(), Vec::<String>::new());
}

/// The page of the sandbox is reachable by its own page and by programs, not by other pages.
#[tokio::test]
async fn other_pages_are_kept_out() {
    let stage = Stage::set().await;
    let base = stage.sandbox.api_url();
    let status = async |request: reqwest::RequestBuilder| -> u16 {
        request.send().await.unwrap().status().as_u16()
    };
    let client = &stage.client;
    let chats = client.get(format!("{base}/chats")).send().await.unwrap();
    let policy = chats.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(!policy.contains("unsafe"));
    let page = chats.text().await.unwrap();
    assert!(
        !page.contains("https://") && !page.contains("<script>"),
        "{page}"
    );

    // A foreign name that leads here, as in DNS rebinding.
    let view = client.get(format!("{base}/control/view"));
    assert_eq!(status(view.header("host", "evil.example")).await, 421);
    // A page of another origin, a form of another page.
    let url = format!("{base}/control/people");
    let body = r#"{"name":"x"}"#;
    let post = || client.post(&url).body(body);
    let json = ("content-type", "application/json");
    let foreign = post()
        .header(json.0, json.1)
        .header("origin", "http://evil.example");
    assert_eq!(status(foreign).await, 403);
    assert_eq!(
        status(post().header("content-type", "text/plain")).await,
        415
    );
    let own = post().header(json.0, json.1).header("origin", &base);
    assert_eq!(status(own).await, 200);
    // A file that a person sent is shown in place only if it is a picture.
    let name = "x.html";
    let attach = format!("{base}/control/file?user=5000000001&name={name}&as=document");
    let sent = client
        .post(attach)
        .header("content-type", "application/octet-stream");
    assert_eq!(status(sent.body("<script>alert(1)</script>")).await, 200);
    let file = format!("{base}/control/files/5000000001-document-1");
    let file = client.get(file).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "application/octet-stream");
    assert_eq!(file.headers()["content-disposition"], "attachment");
}

/// A page that lost the connection is told what it missed; one that comes new is told everything.
#[tokio::test]
async fn events_go_on_where_they_broke_off() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    stage.sandbox.say(user, "一");
    let first = async |last: Option<&str>| -> (String, Json) {
        let url = format!("{}/control/events", stage.sandbox.api_url());
        let mut request = stage.client.get(url);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut answer = request.send().await.unwrap();
        let mut text = String::new();
        while !text.contains("\n\n") {
            let piece = answer.chunk().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        let field = |name: &str| {
            let mut lines = text.lines();
            let found = lines.find_map(|line| line.strip_prefix(name));
            found.unwrap().trim().to_owned()
        };
        assert_eq!(field("event:"), "change");
        (field("id:"), serde_json::from_str(&field("data:")).unwrap())
    };
    let (id, all) = first(None).await;
    assert_eq!(all["chats"][0]["messages"].as_array().unwrap().len(), 1);
    stage.sandbox.say(user, "二");
    let (_, missed) = first(Some(&id)).await;
    let texts = &missed["chats"][0]["messages"];
    assert_eq!(
        (texts[0]["text"].as_str(), texts.as_array().unwrap().len()),
        (Some("二"), 1)
    );
    assert_eq!(missed["epoch"], all["epoch"]);
    stage.sandbox.reset();
    let (_, anew) = first(Some(&id)).await;
    assert_ne!(anew["epoch"], all["epoch"]);
    assert_eq!(anew["chats"], json!([]));
}

#[tokio::test]
async fn a_message_is_edited_once_deleted_once_and_not_after_two_days() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let (_, sent) = stage
        .call("sendMessage", json!({ "chat_id": user, "text": "一" }))
        .await;
    let message = sent["message_id"].as_i64().unwrap();
    let edit = json!({ "chat_id": user, "message_id": message, "text": "二" });
    assert_eq!(stage.call("editMessageText", edit.clone()).await.0, 200);
    let said = stage.refused("editMessageText", edit).await;
    assert!(said.contains("message is not modified"), "{said}");
    let keyboard = json!({ "inline_keyboard": [[{ "text": "按", "callback_data": "a" }]] });
    let markup = json!({ "chat_id": user, "message_id": message, "reply_markup": keyboard });
    assert_eq!(stage.call("editMessageReplyMarkup", markup).await.0, 200);
    let shown = stage.sandbox.message(user, message).unwrap();
    assert_eq!(
        (shown.text.as_str(), shown.edits, shown.buttons.len()),
        ("二", 2, 1)
    );
    let delete = json!({ "chat_id": user, "message_id": message });
    assert_eq!(
        stage.call("deleteMessage", delete.clone()).await,
        (200, true.into())
    );
    assert!(
        stage
            .refused("deleteMessage", delete)
            .await
            .contains("not found")
    );
    let (_, old) = stage
        .call("sendMessage", json!({ "chat_id": user, "text": "旧" }))
        .await;
    stage
        .clock
        .advance_to(stage.clock.now() + TimeDelta::hours(49));
    let delete = json!({ "chat_id": user, "message_id": old["message_id"] });
    assert!(
        stage
            .refused("deleteMessage", delete)
            .await
            .contains("can't be deleted")
    );
}

#[tokio::test]
async fn the_flood_limits_hold_for_a_chat_a_group_and_all_together() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let group = stage.sandbox.group("督办群");
    let say = |chat: i64| json!({ "chat_id": chat, "text": "x" });
    for n in 0..4 {
        let (status, _) = stage.call("sendMessage", say(user)).await;
        assert_eq!(status, if n < 3 { 200 } else { 429 });
    }
    stage
        .clock
        .advance_to(stage.clock.now() + TimeDelta::seconds(1));
    assert_eq!(stage.call("sendMessage", say(user)).await.0, 200);
    for n in 0..21 {
        let (status, said) = stage.call("sendMessage", say(group)).await;
        assert_eq!(status, if n < 20 { 200 } else { 429 }, "{said}");
    }
    stage
        .clock
        .advance_to(stage.clock.now() + TimeDelta::seconds(2));
    let others: Vec<i64> = (0..31).map(|n| stage.reader(&n.to_string())).collect();
    let mut accepted = 0;
    for other in others {
        accepted += usize::from(stage.call("sendMessage", say(other)).await.0 == 200);
    }
    assert_eq!(accepted, 30);
}

#[tokio::test]
async fn photos_and_documents_go_both_ways() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let bot = stage.bot();
    let chat = Recipient::Id(ChatId(user));
    let photo = InputFile::memory(PNG).file_name("chart.png");
    bot.send_photo(chat.clone(), photo)
        .caption("趋势图")
        .await
        .unwrap();
    let sheet = InputFile::memory("编号,状态\n").file_name("问题清单.csv");
    let sent = bot
        .send_document(chat, sheet)
        .caption("导出")
        .await
        .unwrap();
    let shown = stage.sandbox.unread(user);
    let seen: Vec<(&str, &str, usize)> = shown
        .iter()
        .filter_map(|m| {
            m.file
                .as_ref()
                .map(|f| (m.text.as_str(), f.name.as_str(), f.bytes.len()))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("趋势图", "chart.png", PNG.len()),
            ("导出", "问题清单.csv", 14)
        ]
    );
    // What was sent once may be sent again by its id.
    let id = sent.document().unwrap().file.id.0.clone();
    let again = json!({ "chat_id": user, "document": id });
    assert_eq!(stage.call("sendDocument", again).await.0, 200);

    stage
        .sandbox
        .send_document(user, None, ("整改.txt", "已改".as_bytes()), None);
    let (_, updates) = stage.call("getUpdates", json!({})).await;
    let file_id = updates[0]["message"]["document"]["file_id"]
        .as_str()
        .unwrap();
    let file = bot.get_file(FileId(file_id.to_owned())).await.unwrap();
    let url = format!("{}/file/bot{TOKEN}/{}", stage.sandbox.api_url(), file.path);
    let bytes = stage
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(bytes, "已改".as_bytes());

    let upload = |name: &'static str, bytes: &'static [u8]| {
        let part = Part::bytes(bytes).file_name("x.png");
        Form::new()
            .text("chat_id", user.to_string())
            .part(name, part)
    };
    for (bytes, expected) in [
        (&b""[..], "file must be non-empty"),
        (b"text", "IMAGE_PROCESS_FAILED"),
    ] {
        let post = stage
            .client
            .post(stage.url("sendPhoto"))
            .multipart(upload("photo", bytes));
        let answer: Json = post.send().await.unwrap().json().await.unwrap();
        let said = answer["description"].as_str().unwrap();
        assert!(said.contains(expected), "{said}");
    }
    let long = json!({ "chat_id": user, "document": id, "caption": "长".repeat(1025) });
    let said = stage.refused("sendDocument", long).await;
    assert!(said.contains("message caption is too long"), "{said}");
    assert_eq!(stage.sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn menus_are_kept_by_scope_and_the_nearest_is_shown() {
    let stage = Stage::set().await;
    let (user, other) = (stage.reader("林晓雨"), stage.reader("路人"));
    let bot = stage.bot();
    bot.set_my_commands([BotCommand::new("help", "用法")])
        .await
        .unwrap();
    let scope = BotCommandScope::Chat {
        chat_id: Recipient::Id(ChatId(user)),
    };
    let commands = [
        BotCommand::new("my", "我的问题"),
        BotCommand::new("help", "用法"),
    ];
    bot.set_my_commands(commands).scope(scope).await.unwrap();
    assert_eq!(stage.sandbox.menu(user), ["my", "help"]);
    assert_eq!(stage.sandbox.menu(other), ["help"]);
    let scope = json!({ "type": "chat", "chat_id": user });
    let (_, kept) = stage.call("getMyCommands", json!({ "scope": scope })).await;
    assert_eq!(kept[0]["command"], "my");
    stage
        .call("deleteMyCommands", json!({ "scope": scope }))
        .await;
    assert_eq!(stage.sandbox.menu(user), ["help"]);
}

#[tokio::test]
async fn a_group_is_heard_when_it_speaks_to_the_bot_and_may_leave_or_grow() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let group = stage.sandbox.group("督办群");
    stage.sandbox.say_in(group, user, None, "今天天气不错");
    // Not for this bot, or for whichever bot was the last to speak: none has yet.
    stage.sandbox.say_in(group, user, None, "/status@other_bot");
    stage.sandbox.say_in(group, user, None, "/status");
    stage.sandbox.say_in(group, user, None, "/status@duban_bot");
    let (_, updates) = stage.call("getUpdates", json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 2);
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["status"],
        "member"
    );
    let chat = &updates[1]["message"]["chat"];
    assert_eq!(
        (chat["type"].as_str(), chat["title"].as_str()),
        (Some("group"), Some("督办群"))
    );
    let to = stage.sandbox.upgrade(group);
    let body = json!({ "chat_id": group, "text": "x" });
    let answer: Json = stage
        .client
        .post(stage.url("sendMessage"))
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["parameters"]["migrate_to_chat_id"], to);
    let body = json!({ "chat_id": to, "text": "x" });
    assert_eq!(stage.call("sendMessage", body.clone()).await.0, 200);
    stage.sandbox.expel(to);
    let said = stage.refused("sendMessage", body).await;
    assert!(
        said.contains("bot was kicked from the group chat"),
        "{said}"
    );
}

#[tokio::test]
async fn topics_are_written_to_while_they_are_there() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let forum = stage.sandbox.forum("督办群", &[user]);
    let topic = stage.sandbox.open_topic(forum, "每日检查");
    let body = json!({ "chat_id": forum, "text": "x", "message_thread_id": topic });
    let (status, sent) = stage.call("sendMessage", body.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&sent["message_thread_id"], &sent["is_topic_message"]),
        (&json!(topic), &json!(true))
    );
    stage
        .sandbox
        .say_in_topic((forum, topic), user, None, "/my@duban_bot");
    let (_, updates) = stage.call("getUpdates", json!({ "offset": -1 })).await;
    let heard = &updates[0]["message"];
    assert_eq!(
        (&heard["message_thread_id"], &heard["chat"]["is_forum"]),
        (&json!(topic), &json!(true))
    );
    stage.sandbox.delete_topic(forum, topic);
    let said = stage.refused("sendMessage", body).await;
    assert!(said.contains("message thread not found"), "{said}");
    let group = stage.sandbox.group("普通群");
    let body = json!({ "chat_id": group, "text": "x", "message_thread_id": topic });
    let said = stage.refused("sendMessage", body).await;
    assert!(said.contains("message thread not found"), "{said}");
}

#[tokio::test]
async fn one_poll_at_a_time_and_none_beside_a_webhook() {
    let stage = Stage::set().await;
    let user = stage.reader("林晓雨");
    let waiting = stage
        .client
        .post(stage.url("getUpdates"))
        .json(&json!({ "timeout": 50 }));
    let waiting = tokio::spawn(waiting.send());
    while stage.call("getUpdates", json!({})).await.0 != 409 {
        tokio::task::yield_now().await;
    }
    stage.sandbox.say(user, "你好");
    let answer: Json = waiting.await.unwrap().unwrap().json().await.unwrap();
    let update = answer["result"][0]["update_id"].as_i64().unwrap();
    let (_, again) = stage.call("getUpdates", json!({})).await;
    assert_eq!(
        again[0]["update_id"], update,
        "unconfirmed updates come again"
    );
    let (_, after) = stage
        .call("getUpdates", json!({ "offset": update + 1 }))
        .await;
    assert_eq!(after, json!([]));
    stage
        .call("setWebhook", json!({ "url": "https://duban.example.cn" }))
        .await;
    let said = stage.refused("getUpdates", json!({})).await;
    assert!(said.contains("while webhook is active"), "{said}");
    let (_, info) = stage.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["url"], "https://duban.example.cn");
}
