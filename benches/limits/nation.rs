//! A nation's second day: 100,000 accounts, 100,000 findings of which nine in ten were listed the day before,
//! while operators press. Raw: parse the file, insert every row that the day wrote with the bare driver.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use duban::app::App;
use duban::clock::Clock;
use duban::desk::Desk;
use duban::flow::{self, Incoming, Outcome};
use duban::report::source::SourceSettings;
use duban::sandbox::Sandbox;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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
        let limit = raw::on_sqlite(folder.path(), &written, &nation.reports.1).await;
        nation.close().await;
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
    let limit_there = raw::on_postgres(&base, &rows, &nation.reports.1).await;
    nation.close().await;
    day.tell(raw::count(&rows), limit_there);
    println!("  (raw on SQLite {:.0} ms)", ms(limit));
}

/// What a day took.
struct Day {
    took: Duration,
    peak: Option<f64>,
    quiet: Vec<Duration>,
    during: Vec<Duration>,
}

impl Day {
    fn tell(&self, rows: usize, limit: Duration) {
        println!(
            "  duban {:.0} ms, raw {:.0} ms ({rows} rows written)",
            ms(self.took),
            ms(limit)
        );
        verdict("second day / raw", ms(self.took) / ms(limit), 8.0, "×");
        if let Some(peak) = self.peak {
            verdict("memory, with the channel's emulator", peak, 500.0, " MB");
        }
        println!(
            "  p99 of a press: {:.1} ms in {} presses meanwhile, {:.1} ms in {QUIET} when it is quiet",
            ms(p99(&self.during)),
            self.during.len(),
            ms(p99(&self.quiet))
        );
        verdict(
            "p99 of a press meanwhile / quiet",
            ms(p99(&self.during)) / ms(p99(&self.quiet)),
            3.0,
            "×",
        );
    }
}

/// The program as it serves a nation, after its first day.
struct Nation {
    sandbox: Sandbox,
    chats: Vec<i64>,
    desk: Arc<Desk>,
    source: SourceSettings,
    stop: CancellationToken,
    served: JoinHandle<duban::error::Result<()>>,
    /// The reports of both days.
    reports: (Vec<u8>, Vec<u8>),
    today: NaiveDate,
}

impl Nation {
    async fn open(folder: &std::path::Path, url: &str) -> Self {
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
        app.desk.pace.lock().await.off();
        let desk = Arc::clone(&app.desk);
        let source = app.sources.first().unwrap().clone();
        let stop = CancellationToken::new();
        let first = city::report(SIZE.accounts, 0..FINDINGS);
        let second = city::report(SIZE.accounts, GONE..FINDINGS + GONE);
        let mut nation = Self {
            served: tokio::spawn(app.serve(stop.clone())),
            today: desk.local(desk.clock.now()).date_naive(),
            sandbox,
            chats,
            desk,
            source,
            stop,
            reports: (first, second),
        };
        let yesterday = nation.today - Days::new(1);
        let first = nation.process(&nation.reports.0, yesterday).await;
        let (outcome, took) = first.await.unwrap();
        assert_eq!(outcome.opened, FINDINGS);
        println!("  (first day {:.0} ms)", ms(took));
        nation.sandbox.called("sendMessage", SIZE.people).await;
        let told = |chat: &i64| nation.sandbox.last(*chat).is_some();
        let chats = nation.chats.iter().copied().filter(told).collect();
        nation.chats = chats;
        nation
    }

    /// Works on a report beside everything else, as the job does; what became of it and how long it took.
    async fn process(&self, report: &[u8], date: NaiveDate) -> JoinHandle<(Outcome, Duration)> {
        let (desk, source) = (Arc::clone(&self.desk), self.source.clone());
        let report = report.to_vec();
        let mut tx = desk.store.begin().await.unwrap();
        let directory = desk.directory(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        tokio::spawn(async move {
            let begun = Instant::now();
            let incoming = Incoming {
                source: &source,
                file_name: "day.json",
                bytes: &report,
                date: Some(date),
            };
            let now = desk.clock.now();
            let outcome = flow::process(&desk.store, &desk.rules, &directory, &incoming, now).await;
            (outcome.unwrap(), begun.elapsed())
        })
    }

    async fn second_day(&self) -> Day {
        let mut chats = self.chats.iter().copied();
        let mut quiet = Vec::new();
        for chat in chats.by_ref().take(QUIET) {
            quiet.push(self.press(chat).await);
        }
        // From here on the most memory is the day's own.
        let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        let day = self.process(&self.reports.1, self.today).await;
        let mut during = Vec::new();
        while let (false, Some(chat)) = (day.is_finished(), chats.next()) {
            during.push(self.press(chat).await);
        }
        let (outcome, took) = day.await.unwrap();
        assert_eq!(
            (outcome.opened, outcome.seen_again),
            (GONE, FINDINGS - GONE)
        );
        Day {
            took,
            peak: peak_mb(std::process::id(), "VmHWM").filter(|_| reset),
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

    async fn close(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
        self.desk.store.close().await;
    }
}
