//! The demo city at work: the program against the sandbox, its people bound, its days played.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc};
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::city;
use super::shelf::Shelf;
use crate::app::App;
use crate::bot;
use crate::clock::{Clock, at_local};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow::Outcome;
use crate::message::plain;
use crate::report::source::SourceSettings;
use crate::roster::{change, compare, import, invitation, table};
use crate::sandbox::{ChatMessage, Sandbox};
use crate::{store::vals, summary};

/// The token the demo's bot goes by.
const TOKEN: &str = "7000000000:demo";
/// How many lines of news are kept.
const NEWS: usize = 30;
/// Who is played first: an operator, their lead, a manager.
pub(super) const CAST: [&str; 3] = ["O-TJ", "L-TJ", "M1"];

/// The demo city.
pub(super) struct Demo {
    /// The program; none between two lives.
    app: Option<App>,
    /// The people's side.
    pub sandbox: Sandbox,
    /// What the platform serves.
    pub shelf: Shelf,
    /// Person code and chat of everybody who is bound.
    pub chats: Vec<(String, i64)>,
    /// The group of the first area.
    pub group: i64,
    /// Those who do not answer.
    pub on_leave: HashSet<String>,
    /// The day on which the scripted people acted last.
    pub played: Option<NaiveDate>,
    /// What happened lately: when and what.
    pub news: VecDeque<(String, String)>,
    /// What became of the last report.
    pub report: Option<std::result::Result<Outcome, String>>,
    clock: Clock,
    folder: PathBuf,
    /// Held as long as this demo has the folder to itself.
    _lock: File,
}

/// The day on which the city begins: a Monday of the bulletin's quarter.
pub(super) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 6, 28).unwrap_or_default()
}

/// A time of a day in the city.
pub(super) fn hour(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    at_local(chrono_tz::Asia::Shanghai, day, time)
}

/// The folder for this demo alone: it is emptied when the city begins.
fn lock(folder: &Path) -> Result<File> {
    let shown = folder.display().to_string();
    std::fs::create_dir_all(folder).map_err(Error::io(shown.clone()))?;
    let file = File::create(folder.join("lock")).map_err(Error::io(shown.clone()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Error::other(format!(
            "another demo is running in {shown}; end it, or give this one --folder FOLDER"
        ))),
    }
}

impl Demo {
    /// A city that has not begun; its page and its platform answer on `listener`.
    pub fn new(listener: &TcpListener, folder: PathBuf) -> Result<Self> {
        let clock = Clock::manual(hour(first_day(), 8, 0));
        let sandbox = Sandbox::new(listener, clock.clone(), TOKEN)
            .map_err(Error::io("starting the sandbox"))?;
        let lock = lock(&folder)?;
        Ok(Self {
            app: None,
            sandbox,
            shelf: Shelf::new(first_day()),
            chats: vec![],
            group: 0,
            on_leave: HashSet::new(),
            played: None,
            news: VecDeque::new(),
            report: None,
            clock,
            folder,
            _lock: lock,
        })
    }

    /// The program at work.
    pub fn app(&mut self) -> Result<&mut App> {
        let idle = || Error::other("the demo's program is not running");
        self.app.as_mut().ok_or_else(idle)
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.office.name = "福州市大数据服务中心".to_owned();
        settings.database.url = format!("sqlite://{}/duban.db", self.folder.display());
        settings.telegram.token = Some(SecretString::from(TOKEN.to_owned()));
        settings.telegram.api_url = self.sandbox.api_url();
        settings.sources = vec![SourceSettings {
            name: "每日检查".to_owned(),
            url: Some(format!("{}/reports/{{date}}", self.sandbox.api_url())),
            schedule: Some("30 8 * * *".to_owned()),
            ..SourceSettings::default()
        }];
        settings
    }

    /// From the beginning: an empty database, the roster imported, everybody bound by invitation.
    pub async fn begin(&mut self) -> Result<()> {
        self.end().await;
        let shown = self.folder.display().to_string();
        std::fs::create_dir_all(&self.folder).map_err(Error::io(shown))?;
        for name in ["duban.db", "duban.db-wal", "duban.db-shm"] {
            match std::fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(self.folder.join(name).display().to_string())(
                        error,
                    ));
                }
                _ => {}
            }
        }
        self.clock.set(hour(first_day(), 8, 0));
        self.sandbox.reset();
        self.shelf.clear();
        (self.chats, self.played, self.report) = (vec![], None, None);
        self.on_leave.clear();
        self.news.clear();
        self.wake().await?;
        self.fill().await?;
        let members: Vec<i64> = CAST.iter().map(|code| self.chat(code)).collect();
        self.group = self.sandbox.group_of("台江区值班群", &members);
        let url = self.settings().database.url;
        println!("数据库 {url}；{} 人已绑定\n", self.chats.len());
        Ok(())
    }

    /// Starts the program on its database, as after a crash.
    pub async fn wake(&mut self) -> Result<()> {
        self.end().await;
        let app = App::build(&self.settings(), self.clock.clone()).await?;
        bot::offer(&app.desk).await;
        self.app = Some(app);
        Ok(())
    }

    /// Ends the program.
    pub async fn end(&mut self) {
        if let Some(app) = self.app.take() {
            app.desk.store.close().await;
        }
    }

    /// Imports the roster as the office hands it in, and binds everybody.
    async fn fill(&mut self) -> Result<()> {
        let folder = self.folder.join("roster");
        let shown = folder.display().to_string();
        std::fs::create_dir_all(&folder).map_err(Error::io(shown.clone()))?;
        for (name, text) in city::roster() {
            std::fs::write(folder.join(name), text).map_err(Error::io(shown.clone()))?;
        }
        let desk = self.app()?.desk.clone();
        let mut tx = desk.store.begin().await?;
        let current = table::load(&mut tx).await?;
        let platform_of = |name: &str| desk.rules.vocabulary.platform(name).map(|p| p.id.clone());
        let imported = import::read_path(&folder, &platform_of, &current);
        let imported = imported.map_err(|mut faults| Error::Input(faults.swap_remove(0)))?;
        change::apply(&mut tx, &compare::plan(&current, &imported)).await?;
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
            let until = desk.clock.now() + TimeDelta::seconds(1);
            self.app()?.play_until(until).await?;
        }
        for (_, chat) in &self.chats {
            self.sandbox.unread(*chat);
        }
        Ok(())
    }

    /// The chat of a person's code.
    pub fn chat(&self, code: &str) -> i64 {
        let mut all = self.chats.iter();
        all.find(|(c, _)| c == code).map_or(0, |(_, chat)| *chat)
    }

    /// The city's clock.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The time in the city.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The day that is played.
    pub fn date(&self) -> NaiveDate {
        let local = self.now().with_timezone(&chrono_tz::Asia::Shanghai);
        local.date_naive()
    }

    /// Says what happened, in the terminal and on the page.
    pub fn tell(&mut self, text: String) {
        println!("{text}");
        let local = self.now().with_timezone(&chrono_tz::Asia::Shanghai);
        self.news
            .push_back((local.format("%m-%d %H:%M").to_string(), text));
        while self.news.len() > NEWS {
            self.news.pop_front();
        }
    }

    /// Moves the clock to `to`; what is due on the way happens at its time.
    pub async fn play_until(&mut self, to: DateTime<Utc>) -> Result<()> {
        for outcome in self.app()?.play_until(to).await? {
            let (lines, kept) = match outcome {
                Ok(outcome) => (told(&outcome), Ok(outcome)),
                Err(error) => {
                    let text = format!("报告无法读取：{error}");
                    (text, Err(error.to_string()))
                }
            };
            self.report = Some(kept);
            self.tell(lines);
        }
        Ok(())
    }

    /// The report comes and everybody is told.
    pub async fn morning(&mut self) -> Result<()> {
        let weekday = ["一", "二", "三", "四", "五", "六", "日"];
        let day = self.date().weekday().num_days_from_monday() as usize;
        let weekday = weekday.get(day).copied().unwrap_or_default();
        println!("━━━ {} 周{weekday} ━━━", self.date());
        let before = self.sent();
        self.play_until(hour(self.date(), 9, 0)).await?;
        println!("（机器人今早发出 {} 条消息）\n", self.sent() - before);
        self.show_news(4);
        Ok(())
    }

    /// How many messages the bot has sent.
    fn sent(&self) -> usize {
        let calls = self.sandbox.calls();
        let sent = calls.iter().filter(|call| call.method == "sendMessage");
        sent.filter(|call| call.status == 200).count()
    }

    /// Prints what is new in the first few chats that have news, and how many more have.
    pub fn show_news(&self, most: usize) {
        let mut shown = 0;
        for (n, (code, chat)) in self.chats.iter().enumerate() {
            let fresh = self.sandbox.unread(*chat);
            shown += usize::from(!fresh.is_empty());
            if shown > most {
                continue;
            }
            for message in fresh {
                let edited = if message.edits > 0 {
                    "（已更新）"
                } else {
                    ""
                };
                println!("┌ 督办 → {} {code}{edited}", n + 1);
                print(&message);
            }
        }
        if shown > most {
            println!("（另有 {} 人也收到了消息）", shown - most);
        }
    }

    /// The figures at the end; they are what `duban status` says of the demo's database.
    pub async fn closing(&mut self) -> Result<()> {
        let desk = self.app()?.desk.clone();
        let mut tx = desk.store.begin().await?;
        let directory = desk.directory(&mut tx).await?;
        let now = desk.clock.now();
        let status = summary::status(&mut tx, &desk.rules, &directory, None, now).await?;
        let context = minijinja::context! { s => status };
        let html = desk.words.office().text("status", context)?;
        println!("━━━ 结束 ━━━\n{}", plain(&html));
        let sql = "select verb, count(*) from act group by verb order by 2 desc";
        let acts = tx.all(sql, vals![]).await?;
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

/// Prints the lines of a message and its buttons.
pub(super) fn print(message: &ChatMessage) {
    if let Some(file) = &message.file {
        println!("│ 🖼 {}", file.name);
    }
    message.text.lines().for_each(|line| println!("│ {line}"));
    for row in &message.buttons {
        let labels: Vec<&str> = row.iter().map(|b| b.label.as_str()).collect();
        println!("│ [{}]", labels.join("] ["));
    }
    println!("└");
}

/// What became of a report, in two lines.
fn told(o: &Outcome) -> String {
    format!(
        "报告「{}」{}：{} 条，按规则匹配 {}，需人工 {}，表扬 {}，无法识别 {}\n\
         问题：新增 {}，仍在 {}，再现 {}，消除并复核 {}",
        o.source,
        o.date,
        o.findings,
        o.matched,
        o.ambiguous + o.unmatched,
        o.positive,
        o.rejected.len(),
        o.opened,
        o.seen_again,
        o.reopened,
        o.verified
    )
}
