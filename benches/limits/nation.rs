//! A nation's second day at the shipped program, which serves it as its own process: 100,000 accounts, 100,000
//! findings of which nine in ten were listed the day before, while operators press. Raw: parse the file, insert every row that the day wrote with the bare driver.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use duban::app::App;
use duban::clock::Clock;
use duban::sandbox::Sandbox;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::bulk::peak_mb;
use crate::press::answered;
use crate::rush::p99;
use crate::{city, ms, raw, verdict};

const SIZE: city::Size = city::Size {
    units: 2_000,
    accounts: 100_000,
    people: 1_000,
};
const FINDINGS: usize = 100_000;
/// So many findings of the first day are not listed on the second, and as many others are.
const GONE: usize = FINDINGS / 10;
/// Presses when it is quiet.
const QUIET: usize = 300;
/// Pushes the reports.
const PUSHER: &str = "a-token-of-the-benchmark-that-is-long-enough";
/// The slowest presses that are told with their moment.
const SLOWEST: usize = 5;

pub async fn run() {
    println!(
        "nation: {FINDINGS} findings over {} accounts, the second day, nine in ten seen again",
        SIZE.accounts
    );
    let folder = tempfile::tempdir().unwrap();
    println!("  on SQLite");
    let url = format!("sqlite://{}/duban.db", folder.path().display());
    let (rows, limit) = {
        let nation = Nation::open(folder.path(), &url).await;
        let before = raw::places(&folder.path().join("duban.db")).await;
        let day = nation.second_day().await;
        let written = raw::written(&folder.path().join("duban.db"), &before).await;
        let limit = raw::on_sqlite(folder.path(), &written, &nation.second).await;
        day.tell(raw::count(&written), limit);
        (written, limit)
    };
    let Ok(base) = std::env::var("DUBAN_TEST_POSTGRES") else {
        println!("  on PostgreSQL: not measured, DUBAN_TEST_POSTGRES is not set (a server's URL)");
        return;
    };
    println!("  on PostgreSQL");
    let url = raw::fresh_postgres(&base).await;
    let nation = Nation::open(folder.path(), &url).await;
    let day = nation.second_day().await;
    let limit_there = raw::on_postgres(&base, &rows, &nation.second).await;
    drop(nation);
    day.tell(raw::count(&rows), limit_there);
    println!("  (raw on SQLite {:.0} ms)", ms(limit));
}

/// What a day took.
struct Day {
    took: Duration,
    /// What the process used before, in MB.
    before: Option<f64>,
    peak: Option<f64>,
    quiet: Vec<Duration>,
    /// When, from the beginning of the day on, and how long.
    during: Vec<(Duration, Duration)>,
}

impl Day {
    fn tell(&self, rows: usize, limit: Duration) {
        println!(
            "  duban {:.0} ms, raw {:.0} ms ({rows} rows written)",
            ms(self.took),
            ms(limit)
        );
        verdict("second day / raw", ms(self.took) / ms(limit), 8.0, "×");
        if let (Some(before), Some(peak)) = (self.before, self.peak) {
            println!("  (the process used {before:.0} MB before the second day)");
            verdict("memory", peak, 500.0, " MB");
        }
        let mut slowest = self.during.clone();
        slowest.sort_unstable_by_key(|(_, took)| std::cmp::Reverse(*took));
        slowest.truncate(SLOWEST);
        let slowest = slowest
            .iter()
            .map(|(at, took)| format!("{:.0} ms at {:.0}", ms(*took), ms(*at)));
        println!(
            "  (slowest presses meanwhile: {})",
            slowest.collect::<Vec<_>>().join(", ")
        );
        let during: Vec<Duration> = self.during.iter().map(|(_, took)| *took).collect();
        println!(
            "  p99 of a press: {:.1} ms in {} presses meanwhile, {:.1} ms in {QUIET} when it is quiet",
            ms(p99(&during)),
            during.len(),
            ms(p99(&self.quiet))
        );
        verdict(
            "p99 of a press meanwhile / quiet",
            ms(p99(&during)) / ms(p99(&self.quiet)),
            3.0,
            "×",
        );
    }
}

/// The shipped program as it serves a nation, after its first day.
struct Nation {
    sandbox: Sandbox,
    chats: Vec<i64>,
    serving: Serving,
    /// The report of the second day.
    second: Vec<u8>,
    today: NaiveDate,
}

impl Nation {
    async fn open(folder: &Path, url: &str) -> Self {
        let sandbox = Sandbox::start(Clock::system(), city::TOKEN).await.unwrap();
        sandbox.limits(false);
        let roster = folder.join("roster");
        city::write_roster(&roster, SIZE);
        let mut settings = city::settings(folder, &sandbox.api_url());
        url.clone_into(&mut settings.database.url);
        let app = App::build(&settings, Clock::system()).await.unwrap();
        city::import(&app, &roster).await;
        let chats = city::bind(&app, |n| {
            let chat = sandbox.user(&format!("P{n}"));
            sandbox.open_chat(chat);
            chat
        })
        .await;
        let today = app.desk.local(app.desk.clock.now()).date_naive();
        app.desk.store.close().await;
        drop(app);
        let first = city::report(SIZE.accounts, 0..FINDINGS);
        let mut nation = Self {
            serving: Serving::start(folder, url, &sandbox.api_url()).await,
            today,
            sandbox,
            chats,
            second: city::report(SIZE.accounts, GONE..FINDINGS + GONE),
        };
        let pushed = nation.serving.push(first, nation.today - Days::new(1));
        let (outcome, took) = pushed.await.unwrap();
        assert_eq!(outcome["opened"], FINDINGS, "{outcome}");
        println!("  (first day {:.0} ms)", ms(took));
        nation.sandbox.called("sendMessage", SIZE.people).await;
        let told = |chat: &i64| nation.sandbox.last(*chat).is_some();
        let chats = nation.chats.iter().copied().filter(told).collect();
        nation.chats = chats;
        nation
    }

    async fn second_day(&self) -> Day {
        let mut chats = self.chats.iter().copied();
        let mut quiet = Vec::new();
        for chat in chats.by_ref().take(QUIET) {
            quiet.push(self.press(chat).await);
        }
        let before = self.serving.memory("VmRSS");
        // From here on the most memory is the day's own.
        let reset = format!("/proc/{}/clear_refs", self.serving.child.id());
        let reset = std::fs::write(reset, "5").is_ok();
        let begun = Instant::now();
        let day = self.serving.push(self.second.clone(), self.today);
        let mut during = Vec::new();
        while let (false, Some(chat)) = (day.is_finished(), chats.next()) {
            let at = begun.elapsed();
            during.push((at, self.press(chat).await));
        }
        let (outcome, took) = day.await.unwrap();
        assert_eq!(outcome["opened"], GONE, "{outcome}");
        assert_eq!(outcome["seen_again"], FINDINGS - GONE, "{outcome}");
        Day {
            took,
            before,
            peak: self.serving.memory("VmHWM").filter(|_| reset),
            quiet,
            during,
        }
    }

    /// Presses the first button of a chat's message; how long the answer took.
    async fn press(&self, chat: i64) -> Duration {
        let message = self.sandbox.last(chat).unwrap().id;
        let begun = Instant::now();
        let press = self.sandbox.press(chat, message, "收到").unwrap();
        answered(&self.sandbox, &press).await;
        begun.elapsed()
    }
}

/// `duban serve` as its own process.
struct Serving {
    child: Child,
    /// Where reports are pushed to.
    door: String,
    client: reqwest::Client,
}

impl Serving {
    async fn start(folder: &Path, database: &str, api: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap();
        drop(free);
        let config = folder.join("duban.toml");
        let text = format!(
            "[database]\nurl = \"{database}\"\n\
             [telegram]\ntoken = \"{}\"\napi_url = \"{api}\"\n\
             [http]\nlisten = \"{listen}\"\n\
             [delivery]\nsend_after = \"00:00\"\nsend_until = \"23:59\"\ngather_s = 0\n\
             [[sources]]\nname = \"daily\"\nkind = \"push\"\ntoken = \"{PUSHER}\"\n\
             mode = \"snapshot\"\n",
            city::TOKEN
        );
        std::fs::write(&config, text).unwrap();
        let log = std::fs::File::create(folder.join("duban.log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_duban"))
            .args(["-c".as_ref(), config.as_os_str(), "serve".as_ref()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let client = reqwest::Client::new();
        let health = format!("http://{listen}/healthz");
        while client.get(&health).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self {
            child,
            door: format!("http://{listen}/api/v1/reports"),
            client,
        }
    }

    /// Pushes a report of a day; what became of it and how long it took.
    fn push(&self, report: Vec<u8>, date: NaiveDate) -> JoinHandle<(Value, Duration)> {
        let url = format!("{}?date={date}&file=day.json", self.door);
        let call = self.client.post(url).bearer_auth(PUSHER).body(report);
        tokio::spawn(async move {
            let begun = Instant::now();
            let answer = call.send().await.unwrap().bytes().await.unwrap();
            (serde_json::from_slice(&answer).unwrap(), begun.elapsed())
        })
    }

    /// What the process uses, or used at most, in MB.
    fn memory(&self, field: &str) -> Option<f64> {
        peak_mb(self.child.id(), field)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
