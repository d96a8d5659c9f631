//! A press, committed and answered, beside a bare loop that polls, writes one row with a synced
//! commit and answers.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use duban::app::App;
use duban::clock::Clock;
use duban::desk::Desk;
use duban::report::source::SourceSettings;
use duban::sandbox::Sandbox;
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{city, median, ms, raw, verdict};

pub const PEOPLE: usize = 400;
const SIZE: city::Size = city::Size {
    units: 108,
    accounts: 400,
    people: PEOPLE,
};

/// One after the other, then all at once.
struct Times {
    median: Duration,
    all: Duration,
}

pub async fn run() {
    println!("press: one after the other, then {PEOPLE} at once");
    let folder = tempfile::tempdir().unwrap();
    let ours = duban(folder.path()).await;
    let bare = bare(folder.path()).await;
    let rate = |time: Duration| PEOPLE as f64 / time.as_secs_f64();
    println!(
        "  median: duban {:.2} ms, bare loop {:.2} ms",
        ms(ours.median),
        ms(bare.median)
    );
    println!(
        "  at once: duban {:.0}/s, bare loop {:.0}/s",
        rate(ours.all),
        rate(bare.all)
    );
    verdict(
        "press / bare loop",
        ms(ours.median) / ms(bare.median),
        3.0,
        "×",
    );
    verdict(
        "bare rate / rate at once",
        rate(bare.all) / rate(ours.all),
        10.0,
        "×",
    );
}

pub async fn answered(sandbox: &Sandbox, press: &str) {
    while sandbox.toast(press).is_none() {
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
}

/// Presses the first and the second button of everybody's message: singly, then all at once.
async fn measure(sandbox: &Sandbox, chats: &[i64], labels: [&str; 2]) -> Times {
    let mut times = Vec::new();
    for chat in chats {
        let message = sandbox.last(*chat).unwrap().id;
        let begun = Instant::now();
        let press = sandbox.press(*chat, message, labels[0]).unwrap();
        answered(sandbox, &press).await;
        times.push(begun.elapsed());
        // What comes after the answer (the edit) is not what the next person waits for.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    let presses: Vec<String> = chats
        .iter()
        .map(|chat| {
            sandbox
                .press(*chat, sandbox.last(*chat).unwrap().id, labels[1])
                .unwrap()
        })
        .collect();
    for press in &presses {
        answered(sandbox, press).await;
    }
    Times {
        median: median(times),
        all: begun.elapsed(),
    }
}

/// The program as it serves: its people bound, each with a digest on the screen.
pub struct Office {
    pub sandbox: Sandbox,
    pub chats: Vec<i64>,
    desk: Arc<Desk>,
    source: SourceSettings,
    stop: CancellationToken,
    served: JoinHandle<duban::error::Result<()>>,
}

impl Office {
    /// Opens and waits until everybody was told, with or without the pace of the channel.
    pub async fn open(folder: &Path, paced: bool) -> Self {
        let sandbox = Sandbox::start(Clock::system(), city::TOKEN).await.unwrap();
        sandbox.limits(false);
        city::write_roster(&folder.join("roster"), SIZE);
        let settings = city::settings(folder, &sandbox.api_url());
        let app = App::build(&settings, Clock::system()).await.unwrap();
        city::import(&app, &folder.join("roster")).await;
        let chats = city::bind(&app, |n| {
            let chat = sandbox.user(&format!("P{n}"));
            sandbox.open_chat(chat);
            chat
        })
        .await;
        if !paced {
            app.desk.pace.lock().await.off();
        }
        let desk = Arc::clone(&app.desk);
        let source = app.sources.first().unwrap().clone();
        let stop = CancellationToken::new();
        let mut office = Self {
            served: tokio::spawn(app.serve(stop.clone())),
            sandbox,
            chats,
            desk,
            source,
            stop,
        };
        office.report("one", SIZE.accounts * 3).await;
        office.sandbox.called("sendMessage", PEOPLE).await;
        let told = |chat: &i64| office.sandbox.last(*chat).is_some();
        let chats: Vec<i64> = office.chats.iter().copied().filter(told).collect();
        assert_eq!(chats.len(), PEOPLE);
        office.chats = chats;
        office
    }

    /// A report of so many findings that no other report lists.
    pub async fn report(&self, name: &str, findings: usize) {
        let text = String::from_utf8(city::report(SIZE.accounts, 0..findings)).unwrap();
        let report = text.replace("错误表述", &format!("错误{name}表述"));
        let mut tx = self.desk.store.begin().await.unwrap();
        let directory = self.desk.directory(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let incoming = duban::flow::Incoming {
            source: &self.source,
            file_name: "day.json",
            bytes: report.into_bytes().into(),
            date: None,
        };
        let now = self.desk.clock.now();
        let (store, rules) = (&self.desk.store, &self.desk.rules);
        let outcome = duban::flow::process(store, rules, &directory, incoming, now).await;
        assert_eq!(outcome.unwrap().opened, findings);
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
    }
}

async fn duban(folder: &Path) -> Times {
    let office = Office::open(folder, false).await;
    let times = measure(&office.sandbox, &office.chats, ["收到", "已整改"]).await;
    office.close().await;
    times
}

async fn bare(folder: &Path) -> Times {
    let sandbox = Sandbox::start(Clock::system(), city::TOKEN).await.unwrap();
    sandbox.limits(false);
    let client = reqwest::Client::builder()
        .tcp_nodelay(true)
        .build()
        .unwrap();
    let base = format!("{}/bot{}", sandbox.api_url(), city::TOKEN);
    let mut chats = Vec::new();
    for n in 0..PEOPLE {
        let chat = sandbox.user(&format!("P{n}"));
        sandbox.open_chat(chat);
        let keyboard = json!({ "inline_keyboard": [[
            { "text": "one", "callback_data": "1" }, { "text": "two", "callback_data": "2" },
        ]] });
        let body = json!({ "chat_id": chat, "text": "x", "reply_markup": keyboard });
        client
            .post(format!("{base}/sendMessage"))
            .json(&body)
            .send()
            .await
            .unwrap();
        chats.push(chat);
    }
    let looping = bare_loop(client, base, folder.join("bare.db"));
    let times = measure(&sandbox, &chats, ["one", "two"]).await;
    looping.abort();
    times
}

/// Polls, writes one row a press with a synced commit, answers.
fn bare_loop(client: reqwest::Client, base: String, path: std::path::PathBuf) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut conn = raw::connect(&path).await;
        sqlx::query("create table press (id integer primary key, body text not null)")
            .execute(&mut conn)
            .await
            .unwrap();
        let mut offset = 0;
        loop {
            let body = json!({ "timeout": 30, "offset": offset });
            let answer = client
                .post(format!("{base}/getUpdates"))
                .json(&body)
                .send()
                .await
                .unwrap();
            let answer: Json = answer.json().await.unwrap();
            for update in answer["result"].as_array().into_iter().flatten() {
                let id = update["update_id"].as_i64().unwrap();
                sqlx::query("insert into press (id, body) values (?, ?)")
                    .bind(id)
                    .bind(update.to_string())
                    .execute(&mut conn)
                    .await
                    .unwrap();
                let body =
                    json!({ "callback_query_id": update["callback_query"]["id"], "text": "ok" });
                client
                    .post(format!("{base}/answerCallbackQuery"))
                    .json(&body)
                    .send()
                    .await
                    .unwrap();
                offset = id + 1;
            }
        }
    })
}
