//! `duban demo`: the whole main job with nothing to configure. The program runs against the Bot API
//! sandbox and a report server of its own; people are scripted, or played at the prompt.

pub mod city;
mod people;
mod prompt;
pub mod reports;

use std::path::PathBuf;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use secrecy::SecretString;

use crate::app::App;
use crate::clock::{Clock, at_local};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow::Outcome;
use crate::message::plain;
use crate::report::source::SourceSettings;
use crate::roster::{change, import, invitation, table};
use crate::sandbox::Sandbox;
use crate::{store::vals, summary};

/// What `duban demo` can be told.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Play with scripted people, print what happens, and end
    #[arg(long)]
    headless: bool,
    /// How many days --headless plays
    #[arg(long, default_value_t = 5)]
    days: u32,
    /// The folder for the demo's own database; it is begun anew each time
    #[arg(long, default_value = "data/demo")]
    folder: PathBuf,
}

/// The token the demo's bot goes by.
const TOKEN: &str = "7000000000:demo";

/// The demo city at work.
pub struct Demo {
    /// The program.
    pub app: App,
    /// The people's side.
    pub sandbox: Sandbox,
    /// Person code and chat of everybody who is bound.
    pub chats: Vec<(String, i64)>,
    first: NaiveDate,
    day: u32,
}

/// Runs the demo.
pub async fn run(options: Options) -> Result<bool> {
    let _ = std::fs::remove_dir_all(&options.folder);
    let url = format!("sqlite://{}/duban.db", options.folder.display());
    println!(
        "督办 duban 演示：一座示范城市，60 家网站，422 个政务新媒体（数据取自 2021 年第二季度通报，其余虚构）"
    );
    let mut demo = Demo::start(&url).await?;
    println!("数据库 {url}；{} 人已绑定\n", demo.chats.len());
    if options.headless {
        for _ in 0..options.days {
            demo.scripted_day().await?;
        }
        demo.closing().await?;
    } else {
        demo.morning().await?;
        prompt::run(&mut demo).await?;
    }
    demo.app.desk.store.close().await;
    Ok(true)
}

impl Demo {
    /// Fills a database, starts sandbox and report server, binds everybody by their invitations.
    pub async fn start(database: &str) -> Result<Self> {
        let first = NaiveDate::from_ymd_opt(2021, 6, 28).unwrap_or_default();
        let clock = Clock::manual(hour(first, 8, 0));
        let io = |what: &str| Error::io(what.to_owned());
        let sandbox = Sandbox::start(clock.clone(), TOKEN)
            .await
            .map_err(io("starting the sandbox"))?;
        let reports = serve_reports(first)
            .await
            .map_err(io("starting the report server"))?;
        let mut settings = Settings::default();
        settings.office.name = "福州市大数据服务中心".to_owned();
        settings.database.url = database.to_owned();
        settings.telegram.token = Some(SecretString::from(TOKEN.to_owned()));
        settings.telegram.api_url = sandbox.api_url();
        settings.sources = vec![SourceSettings {
            name: "每日检查".to_owned(),
            url: Some(format!("{reports}/{{date}}.json")),
            schedule: Some("30 8 * * *".to_owned()),
            ..SourceSettings::default()
        }];
        let app = App::build(&settings, clock).await?;
        let mut demo = Self {
            app,
            sandbox,
            chats: vec![],
            first,
            day: 0,
        };
        demo.fill().await?;
        Ok(demo)
    }

    /// Imports the roster as the office hands it in, and binds everybody.
    async fn fill(&mut self) -> Result<()> {
        let folder = std::env::temp_dir().join(format!("duban-demo-{:x}", rand::random::<u64>()));
        let shown = folder.display().to_string();
        std::fs::create_dir_all(&folder).map_err(Error::io(shown.clone()))?;
        for (name, text) in city::roster() {
            std::fs::write(folder.join(name), text).map_err(Error::io(shown.clone()))?;
        }
        let desk = self.app.desk.clone();
        let mut tx = desk.store.begin().await?;
        let current = table::load(&mut tx).await?;
        let platform_of = |name: &str| desk.rules.vocabulary.platform(name).map(|p| p.id.clone());
        let imported = import::read_path(&folder, &platform_of, &current);
        let _ = std::fs::remove_dir_all(&folder);
        let imported = imported.map_err(|mut faults| Error::Input(faults.swap_remove(0)))?;
        change::apply(&mut tx, &change::plan(&current, &imported)).await?;
        let roster = table::load(&mut tx).await?;
        let mut codes = Vec::new();
        for person in &roster.people {
            let now = desk.clock.now_ms();
            let code = invitation::create(&mut tx, person.id, now, 86_400_000).await?;
            codes.push((person.code.clone(), person.name.clone(), code));
        }
        tx.commit().await?;
        for (person, name, code) in codes {
            let chat = self.sandbox.user(&name);
            self.sandbox.say(chat, &format!("/start {code}"));
            self.chats.push((person, chat));
            // One after the other: thirty answers a second are the Bot API's limit.
            let until = desk.clock.now() + chrono::TimeDelta::seconds(1);
            self.app.play_until(until).await?;
        }
        for (_, chat) in &self.chats {
            self.sandbox.unread(*chat);
        }
        Ok(())
    }

    /// The chat of a person's code.
    pub fn chat(&self, code: &str) -> i64 {
        self.chats
            .iter()
            .find(|(c, _)| c == code)
            .map_or(0, |(_, chat)| *chat)
    }

    /// The day that is played.
    pub fn date(&self) -> NaiveDate {
        self.first
            .checked_add_days(Days::new(u64::from(self.day)))
            .unwrap_or(self.first)
    }

    /// The report comes and everybody is told.
    pub async fn morning(&mut self) -> Result<()> {
        println!("━━━ {} ━━━", self.date().format("%Y-%m-%d %a"));
        let pulled = self.app.play_until(hour(self.date(), 9, 0)).await?;
        for outcome in &pulled {
            tell(outcome);
        }
        let told = self
            .sandbox
            .calls()
            .iter()
            .filter(|call| call.method == "sendMessage")
            .count();
        println!("（机器人累计发出 {told} 条消息）\n");
        self.show_news(4);
        Ok(())
    }

    /// The clock moves to the next morning.
    pub async fn next_day(&mut self) -> Result<()> {
        let (date, next) = (self.date(), self.day + 1);
        self.app.play_until(hour(date, 20, 0)).await?;
        self.day = next;
        self.app.play_until(hour(self.date(), 8, 0)).await?;
        Ok(())
    }

    /// Prints what is new in the first few chats that have news.
    pub fn show_news(&self, most: usize) {
        let mut shown = 0;
        for (n, (code, chat)) in self.chats.iter().enumerate() {
            let fresh = self.sandbox.unread(*chat);
            if fresh.is_empty() || shown >= most {
                continue;
            }
            shown += 1;
            for message in fresh {
                println!(
                    "┌ 督办 → {} {code}{}",
                    n + 1,
                    if message.edits > 0 {
                        "（已更新）"
                    } else {
                        ""
                    }
                );
                message.text.lines().for_each(|line| println!("│ {line}"));
                for row in &message.buttons {
                    let labels: Vec<&str> = row.iter().map(|b| b.label.as_str()).collect();
                    println!("│ [{}]", labels.join("] ["));
                }
                println!("└");
            }
        }
    }

    /// The figures at the end; they are what `duban status` says of the demo's database.
    async fn closing(&mut self) -> Result<()> {
        let desk = self.app.desk.clone();
        let mut tx = desk.store.begin().await?;
        let directory = desk.directory(&mut tx).await?;
        let now = desk.clock.now();
        let status = summary::status(&mut tx, &desk.rules, &directory, None, now).await?;
        let html = desk
            .words
            .text("status", minijinja::context! { s => status })?;
        println!("━━━ 结束 ━━━\n{}", plain(&html));
        let acts = tx
            .all(
                "select verb, count(*) from act group by verb order by 2 desc",
                vals![],
            )
            .await?;
        let acts: Vec<String> = acts
            .iter()
            .map(|row| Ok(format!("{} {}", row.text(0)?, row.int(1)?)))
            .collect::<Result<_>>()?;
        println!("\n记录：{}", acts.join("，"));
        for violation in self.sandbox.violations() {
            println!("sandbox: {violation}");
        }
        Ok(())
    }
}

fn hour(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    at_local(chrono_tz::Asia::Shanghai, day, time)
}

fn tell(outcome: &Result<Outcome>) {
    match outcome {
        Ok(o) => {
            println!(
                "报告「{}」{}：{} 条，按规则匹配 {}，需人工 {}，表扬 {}，无法识别 {}",
                o.source,
                o.date,
                o.findings,
                o.matched,
                o.ambiguous + o.unmatched,
                o.positive,
                o.rejected.len()
            );
            println!(
                "问题：新增 {}，仍在 {}，再现 {}，消除并复核 {}",
                o.opened, o.seen_again, o.reopened, o.verified
            );
        }
        Err(error) => println!("报告无法读取：{error}"),
    }
}

/// Serves the daily reports on a free port of the loopback; the address of the folder.
async fn serve_reports(first: NaiveDate) -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = move |Path(name): Path<String>| async move {
        let date: NaiveDate = name.trim_end_matches(".json").parse().unwrap_or(first);
        let day = usize::try_from((date - first).num_days()).unwrap_or_default();
        reports::report(date, day).to_string()
    };
    let router = Router::new().route("/reports/{name}", get(answer));
    tokio::spawn(async move {
        // Ends with the runtime; there is nobody to tell.
        let _ = axum::serve(listener, router).await;
    });
    Ok(format!("http://{address}/reports"))
}
