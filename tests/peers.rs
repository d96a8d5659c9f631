//! Peers that owe us nothing: bots written with others' libraries work against the sandbox unchanged.
//! The shipped binary runs as a server, the bot as a program, and the test is the people.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on fails"
)]

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

#[path = "support/program.rs"]
mod program;
use program::{Program, node, tools};

const TOKEN: &str = "7000000000:peer";

/// The smallest picture that a person could send: 2 × 1 pixels.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0\xd1I V\
    \0\0\0\x0bIDATx\x9cc\xf8\xdf\0\0\x02\x81\x01\x80Y\xe9/\xfc\0\0\0\0IEND\xaeB`\x82";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_telegram_bot() {
    let mut python = Command::new(tools().join("python/bin/python"));
    python.args(["-B", "tests/peers/ptb_bot.py"]);
    play(&mut python, "A bot of python-telegram-bot").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grammy() {
    play(&mut node("tests/peers/grammy_bot.js"), "A bot of grammY").await;
}

/// The server, the bot beside it, and the way to be its people.
struct Stage {
    server: Program,
    bot: Program,
    address: String,
    client: reqwest::Client,
}

impl Stage {
    fn set(bot: &mut Command) -> Self {
        let mut sandbox = Command::new(env!("CARGO_BIN_EXE_duban"));
        sandbox.args(["sandbox", "--listen", "127.0.0.1:0", "--token", TOKEN]);
        let mut server = Program::start("the sandbox", &mut sandbox);
        let address = server.address();
        let bot = bot.env("API_ROOT", &address).env("BOT_TOKEN", TOKEN);
        Self {
            server,
            bot: Program::start("the bot", bot),
            address,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/control/{path}", self.address);
        let answer = self.client.get(url).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> Value {
        let url = format!("{}/control/{path}", self.address);
        let call = self.client.post(url).header("Origin", &self.address);
        let call = call.header("Content-Type", kind).body(body);
        let answer = call.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn act(&self, path: &str, given: Value) -> Value {
        let body = given.to_string().into_bytes();
        self.post(path, "application/json", body).await
    }

    /// Somebody new: limits hold for each chat, so each scene has its own person.
    async fn person(&self, name: &str) -> i64 {
        let given = json!({ "name": name, "language": "zh-hans" });
        self.act("people", given).await["id"].as_i64().unwrap()
    }

    /// Says something in the private chat; the message's number.
    async fn say(&self, user: i64, text: &str) -> i64 {
        let said = self.act("say", json!({ "user": user, "text": text })).await;
        said["message"].as_i64().unwrap()
    }

    async fn file(&self, user: i64, name: &str, caption: &str, how: &str, bytes: &[u8]) -> i64 {
        let caption = url_encoded(caption);
        let path = format!("file?user={user}&chat={user}&name={name}&caption={caption}&as={how}");
        let sent = self.post(&path, "application/octet-stream", bytes.to_vec());
        sent.await["message"].as_i64().unwrap()
    }

    async fn content(&self, file_id: &Value) -> (String, Vec<u8>) {
        let id = file_id.as_str().expect("a file's id");
        let url = format!("{}/control/files/{id}", self.address);
        let answer = self.client.get(url).send().await.unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (kind, answer.bytes().await.unwrap().to_vec())
    }

    /// Waits until what everybody sees holds what is looked for.
    async fn until<T>(&mut self, what: &str, find: impl Fn(&Value) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let view = self.get("view").await;
            if let Some(found) = find(&view) {
                return found;
            }
            let ended = self.bot.ended();
            assert!(ended.is_none(), "waiting for {what}, but the bot ended");
            let late = Instant::now() > deadline;
            assert!(!late, "this did not come: {what}\n{view:#}");
            let newer = format!("view?since={}&wait=5", view["revision"]);
            self.get(&newer).await;
        }
    }

    /// Waits until a chat looks so.
    async fn chat(&mut self, id: i64, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until(what, |view| chat(view, id).filter(|chat| is(chat)).cloned())
            .await
    }

    /// Waits for a message of the bot in a chat.
    async fn shown(&mut self, id: i64, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until(what, |view| {
            let messages = chat(view, id)?["messages"].as_array()?;
            let mut all = messages.iter().filter(|m| m["from_bot"] == true);
            all.rfind(|message| is(message)).cloned()
        })
        .await
    }

    /// Waits for a message of the bot with this text.
    async fn reads(&mut self, id: i64, text: &str) -> Value {
        self.shown(id, text, |message| message["text"] == text)
            .await
    }

    /// Presses the button with this label and waits for the answer.
    async fn press(&mut self, user: i64, chat: i64, message: &Value, label: &str) -> Value {
        let mut all = message["keyboard"].as_array().into_iter().flatten();
        let button = all.find_map(|row| row.as_array()?.iter().find(|b| b["text"] == label));
        let button = button.unwrap_or_else(|| panic!("no button {label:?} on {message:#}"));
        let (number, data) = (&message["id"], &button["data"]);
        let given = json!({ "user": user, "chat": chat, "message": number, "data": data });
        let press = self.act("press", given).await["press"].clone();
        self.until(&format!("the answer to {label}"), |view| {
            let toasts = view["toasts"].as_array()?;
            toasts.iter().find(|toast| toast["press"] == press).cloned()
        })
        .await
    }
}

fn chat(view: &Value, id: i64) -> Option<&Value> {
    view["chats"].as_array()?.iter().find(|c| c["id"] == id)
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The labels of a keyboard, row by row.
fn labels(message: &Value) -> String {
    let rows = message["keyboard"].as_array().into_iter().flatten();
    let rows = rows.map(|row| {
        let row = row.as_array().into_iter().flatten();
        let row: Vec<&str> = row.filter_map(|button| button["text"].as_str()).collect();
        row.join(" ")
    });
    rows.collect::<Vec<_>>().join(" | ")
}

/// What is formatted: `kind:text`, in the order of the text.
fn formats(message: &Value) -> Vec<String> {
    let units: Vec<u16> = message["text"].as_str().unwrap().encode_utf16().collect();
    let entities = message["entities"].as_array().into_iter().flatten();
    let mut found: Vec<String> = entities
        .map(|entity| {
            let number = |name: &str| usize::try_from(entity[name].as_u64().unwrap()).unwrap();
            let (from, length) = (number("offset"), number("length"));
            let text = String::from_utf16(&units[from..from + length]).unwrap();
            format!("{}:{text}", entity["type"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

async fn play(bot: &mut Command, description: &str) {
    let mut stage = Stage::set(bot);
    introduction(&mut stage, description).await;
    buttons(&mut stage).await;
    pictures(&mut stage).await;
    documents(&mut stage).await;
    formatting(&mut stage).await;
    conversation(&mut stage).await;
    received(&mut stage).await;
    signs(&mut stage).await;
    refusals(&mut stage).await;
    group(&mut stage).await;

    assert_eq!(stage.get("violations").await, json!([]));
    let calls = stage.get("calls?last=1000").await;
    let calls = calls.as_array().unwrap().iter();
    let refused: Vec<&str> = calls
        .filter(|call| call["status"] != 200)
        .map(|call| call["description"].as_str().unwrap_or_default())
        .collect();
    let expected = [
        "Bad Request: message is not modified",
        "Too Many Requests: retry after 1",
        "Forbidden: bot was blocked by the user",
        "Bad Request: chat not found",
    ];
    let told = |text: &&str| refused.iter().filter(|r| r.starts_with(*text)).count() == 1;
    assert!(expected.iter().all(told), "{refused:#?}");
    assert_eq!(refused.len(), expected.len(), "{refused:#?}");
    let said = stage.bot.said();
    assert!(!said.contains("Traceback"), "the bot had trouble:\n{said}");
    assert!(stage.bot.ended().is_none() && stage.server.ended().is_none());
}

/// The bot says what it is for and offers its commands; a deep link's argument arrives.
async fn introduction(stage: &mut Stage, description: &str) {
    let user = stage.person("林晓雨").await;
    let is = |view: &Value| (view["bot"]["description"] == description).then_some(());
    stage.until("the description", is).await;
    let short =
        |view: &Value| (view["bot"]["short_description"] == "It tries everything").then_some(());
    stage.until("the short description", short).await;
    stage.say(user, "/start spring-1").await;
    let text = "Welcome, 林晓雨! You came with spring-1. Next: /buttons";
    let welcome = stage.reads(user, text).await;
    let expected = [
        "bot_command:/buttons",
        "code:spring-1",
        "text_mention:林晓雨",
    ];
    assert_eq!(formats(&welcome), expected);
    let menu = [
        ("start", "Begin"),
        ("buttons", "Choose"),
        ("photo", "See a field"),
    ];
    let menu = menu.map(|(command, says)| json!({ "command": command, "description": says }));
    let has_menu = |chat: &Value| chat["menu"] == json!(menu);
    stage.chat(user, "the menu", has_menu).await;
    stage.say(user, "/start").await;
    let text = "Welcome, 林晓雨! You just came. Next: /buttons";
    stage.reads(user, text).await;
}

/// Presses, toasts, edits of text and keyboard, an edit that changes nothing, deletion.
async fn buttons(stage: &mut Stage) {
    let user = stage.person("陈志远").await;
    stage.say(user, "/buttons").await;
    let asked = stage.reads(user, "Do you agree?").await;
    assert_eq!(labels(&asked), "Yes No | Read on");
    assert_eq!(asked["keyboard"][1][0]["kind"], "url");
    assert_eq!(
        asked["keyboard"][1][0]["url"],
        "https://example.org/?a=1&b=2"
    );
    assert_eq!(asked["edited"], Value::Null);

    let toast = stage.press(user, user, &asked, "Yes").await;
    assert_eq!(toast["text"], "陈志远 chose yes");
    assert_eq!(toast["alert"], false);
    let chosen = stage.reads(user, "You chose yes").await;
    assert_eq!(chosen["id"], asked["id"]);
    assert_ne!(chosen["edited"], Value::Null);
    assert_eq!(formats(&chosen), ["bold:yes"]);
    assert_eq!(labels(&chosen), "Again Same Delete");

    let toast = stage.press(user, user, &chosen, "Same").await;
    let text = toast["text"].as_str().unwrap();
    assert!(text.starts_with("Message is not modified"), "{text}");
    assert_eq!(toast["alert"], true);

    stage.press(user, user, &chosen, "Again").await;
    let has_choices = |message: &Value| labels(message) == "Yes No | Read on";
    let again = stage.shown(user, "the first keyboard", has_choices).await;
    assert_eq!(again["text"], "You chose yes");
    stage.press(user, user, &again, "No").await;
    let chosen = stage.reads(user, "You chose no").await;
    let toast = stage.press(user, user, &chosen, "Delete").await;
    assert_eq!(toast["text"], "Deleted");
    let gone = |chat: &Value| {
        let messages = chat["messages"].as_array().unwrap();
        messages.iter().all(|message| message["id"] != asked["id"])
    };
    stage.chat(user, "the deletion", gone).await;
}

/// A photo with a caption that is edited, and an album.
async fn pictures(stage: &mut Stage) {
    let user = stage.person("黄思敏").await;
    stage.say(user, "/photo").await;
    let photo = stage.reads(user, "A red field").await;
    assert_eq!(formats(&photo), ["italic:red"]);
    let size = (&photo["photo"]["width"], &photo["photo"]["height"]);
    assert_eq!(size, (&json!(40), &json!(30)), "{photo:#}");
    let (kind, bytes) = stage.content(&photo["photo"]["file_id"]).await;
    assert_eq!(kind, "image/png");
    assert!(bytes.starts_with(b"\x89PNG"));
    stage.press(user, user, &photo, "Another caption").await;
    let edited = stage.reads(user, "Another caption").await;
    assert_eq!(edited["id"], photo["id"]);
    assert_eq!(formats(&edited), ["bold:caption"]);
    assert_eq!(
        labels(&edited),
        "",
        "an edit without a keyboard takes it away"
    );
    assert_eq!(edited["photo"], photo["photo"]);

    stage.say(user, "/album").await;
    let first = stage.reads(user, "Two fields").await;
    assert_eq!(formats(&first), ["bold:Two"]);
    assert!(
        first["album"].is_string() && first["photo"].is_object(),
        "{first:#}"
    );
    let is_second = |m: &Value| m["album"] == first["album"] && m["id"] != first["id"];
    let second = stage.shown(user, "the second photo", is_second).await;
    assert_eq!(second["text"], "");
    assert_ne!(second["photo"]["file_id"], first["photo"]["file_id"]);
    let first = stage.content(&first["photo"]["file_id"]).await;
    assert_ne!(stage.content(&second["photo"]["file_id"]).await, first);
}

async fn documents(stage: &mut Stage) {
    let user = stage.person("周文博").await;
    stage.say(user, "/document").await;
    let shown = stage.reads(user, "Figures of a_b.c").await;
    assert_eq!(formats(&shown), ["bold:Figures"]);
    let file = &shown["file"];
    assert_eq!(file["kind"], "document");
    assert_eq!(file["name"], "figures数.csv");
    assert_eq!(file["size"], 16);
    let (_, bytes) = stage.content(&file["file_id"]).await;
    assert_eq!(String::from_utf8(bytes).unwrap(), "name,figure\na,1\n");
}

/// HTML and `MarkdownV2` as both libraries let them be written.
async fn formatting(stage: &mut Stage) {
    let user = stage.person("吴静怡").await;
    stage.say(user, "/html").await;
    let starts = |text: &'static str| {
        move |message: &Value| message["text"].as_str().unwrap().starts_with(text)
    };
    let html = stage.shown(user, "HTML", starts("bold both under")).await;
    let text = "bold both under gone hidden a < b\nfn main() {}\n\nquoted\nat length\n\na link";
    // A quotation and a block of code end the line themselves or by what is written after them.
    assert_eq!(words(&html), text.split_whitespace().collect::<Vec<_>>());
    let expected = [
        "bold:bold both",
        "code:a < b",
        "expandable_blockquote:quoted\nat length",
        "italic:both",
        "pre:fn main() {}",
        "spoiler:hidden",
        "strikethrough:gone",
        "text_link:a link",
        "underline:under",
    ];
    assert_eq!(formats(&html), expected);
    let of = |message: &Value, kind: &str, field: &str| {
        let mut entities = message["entities"].as_array().unwrap().iter();
        entities.find(|e| e["type"] == kind).unwrap()[field].clone()
    };
    assert_eq!(of(&html, "pre", "language"), "rust");
    assert_eq!(of(&html, "text_link", "url"), "https://example.org/");

    stage.say(user, "/markdown").await;
    let ends = |message: &Value| message["text"].as_str().unwrap().ends_with("😀after");
    let markdown = stage.shown(user, "MarkdownV2", ends).await;
    assert_eq!(of(&markdown, "pre", "language"), "rust");
    let expected = [
        "blockquote:quoted\nat length",
        "bold:after",
        "bold:bold both",
        "code:a < b",
        "italic:both",
        "pre:fn main() {}",
        "spoiler:hidden",
        "strikethrough:gone",
        "text_link:a link",
        "underline:under",
    ];
    assert_eq!(formats(&markdown), expected);
}

fn words(message: &Value) -> Vec<&str> {
    let text = message["text"].as_str().unwrap();
    text.split_whitespace().collect()
}

/// Replies with a quote, texts that look like JSON, and a person's edit.
async fn conversation(stage: &mut Stage) {
    let user = stage.person("郑国栋").await;
    let message = stage.say(user, "a fine day").await;
    let echo = stage.reads(user, "a fine day").await;
    let reply = &echo["reply_to"];
    assert_eq!(
        (&reply["id"], &reply["quote"]),
        (&json!(message), &json!("day"))
    );
    assert_eq!(reply["from"], "郑国栋");
    stage.say(user, "[1]").await;
    stage.reads(user, "[1]").await;
    let given = json!({ "user": user, "message": message, "text": "a rainy day" });
    stage.act("edit", given).await;
    let echo = stage.reads(user, "You now say: a rainy day").await;
    assert_eq!(echo["reply_to"]["id"], message);
    assert_eq!(echo["reply_to"]["quote"], Value::Null);
}

/// What a person sends, the bot fetches; a file's id can be sent again.
async fn received(stage: &mut Stage) {
    let user = stage.person("何慧玲").await;
    let message = stage.file(user, "a.png", "现场", "photo", PICTURE).await;
    let text = format!("{} bytes, 2×1, “现场”", PICTURE.len());
    let answer = stage.reads(user, &text).await;
    assert_eq!(answer["reply_to"]["id"], message);
    let lines = b"a,b\n1,2\n";
    stage.file(user, "list.csv", "", "document", lines).await;
    let back = stage.reads(user, "list.csv: 2 lines").await;
    assert_eq!(back["file"]["name"], "list.csv");
    assert_eq!(stage.content(&back["file"]["file_id"]).await.1, lines);
}

/// What is no message: a chat action, a pin.
async fn signs(stage: &mut Stage) {
    let user = stage.person("陈若溪").await;
    stage.say(user, "/typing").await;
    let uploads = |chat: &Value| chat["typing"]["action"] == "upload_document";
    stage.chat(user, "the chat action", uploads).await;
    stage.say(user, "/pin").await;
    let important = stage.reads(user, "Important").await;
    let pinned = |chat: &Value| chat["pinned"] == important["id"];
    stage.chat(user, "the pin", pinned).await;
}

/// Errors as the libraries tell them apart: too many requests, a blocked bot, an unknown chat.
async fn refusals(stage: &mut Stage) {
    let user = stage.person("张建国").await;
    let fault = json!({ "kind": "too_many", "method": "sendMessage", "times": 1, "seconds": 1 });
    stage.act("fault", fault).await;
    stage.say(user, "/patient").await;
    stage.reads(user, "After 1 s").await;

    let other = stage.person("李秀英").await;
    stage.say(other, "/start").await;
    let text = "Welcome, 李秀英! You just came. Next: /buttons";
    stage.reads(other, text).await;
    stage.act("block", json!({ "user": other })).await;
    stage.say(user, &format!("/stranger {other}")).await;
    let is_told = |text: &'static str| {
        move |message: &Value| {
            let told = message["text"].as_str().unwrap().to_lowercase();
            told.ends_with(text)
        }
    };
    let blocked = "forbidden: bot was blocked by the user";
    stage.shown(user, blocked, is_told(blocked)).await;
    stage.say(user, "/stranger 4999999999").await;
    let unknown = "chat not found";
    stage.shown(user, unknown, is_told(unknown)).await;
}

/// A group: the bot is told that it came in, hears its commands, and answers presses there.
async fn group(stage: &mut Stage) {
    let user = stage.person("王丽华").await;
    let given = json!({ "title": "值班群", "members": [user], "supergroup": false });
    let group = stage.act("groups", given).await["id"].as_i64().unwrap();
    stage.reads(group, "Hello, 值班群").await;
    let given = json!({ "user": user, "chat": group, "text": "/buttons@duban_bot" });
    let message = stage.act("say", given).await["message"].clone();
    let asked = stage.reads(group, "Do you agree?").await;
    assert!(asked["reply_to"].is_null() || asked["reply_to"]["id"] == message);
    let toast = stage.press(user, group, &asked, "No").await;
    assert_eq!(toast["text"], "王丽华 chose no");
    let chosen = stage.reads(group, "You chose no").await;
    assert_eq!(chosen["id"], asked["id"]);
}
