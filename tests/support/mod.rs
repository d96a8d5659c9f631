//! A small language to tell stories in: a city of invented units and people, the real program
//! against the Bot API sandbox over HTTP, a clock that is moved by hand.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that cannot go on fails"
)]

use chrono::{DateTime, Utc};
use duban::app::App;
use duban::clock::Clock;
use duban::config::Settings;
use duban::flow::Outcome;
use duban::report::source::{Mode, SourceKind, SourceSettings};
use duban::roster::change::Plan;
use duban::roster::{compare, import, invitation, table};
use duban::sandbox::{ChatMessage, Sandbox};
use duban::store::{Store, Tx};

const UNITS: &str = "编码,名称,区县\nQ1,福州市示范一区人民政府,\nQ1A,示范一区教育局,Q1\nB1,福州市示范和改革委员会,\n";
const ACCOUNTS: &str = "平台,账号名称,唯一标识,单位,别名\n\
    微信公众号,示范发布,gh_01,Q1,一区发布\n新浪微博,示范发布,wb_01,Q1,\n\
    微信公众号,示范教育,gh_02,Q1A,\n政府网站,示范委网站,site_1,B1,\n微信公众号,无人看管,gh_03,B1,\n";
const PEOPLE: &str = "编码,姓名,角色,单位,负责账号\nO1,林晓雨,运维人员,Q1,\n\
    O2,陈志远,运维人员,B1,website:示范委网站\nO3,黄思敏,运维人员,Q1A,\n\
    L1,周文博,分管负责人,Q1,\nM1,吴静怡,监管人员,*,\nM2,郑国栋,监管人员,B1,\nA1,何慧玲,系统管理员,*,\n";

/// Header of the reports in the stories.
pub const HEADER: &str = "账号名称,账号类型,责任单位,问题类型,错敏词,推荐修改,监测时间\n";

/// Which engine a story runs on.
#[derive(Clone, Copy)]
pub enum On {
    Sqlite,
    Postgres,
}

pub struct World {
    pub app: App,
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
    chats: Vec<(String, i64)>,
    pub settings: Settings,
}

/// Runs a story on both engines; a missing PostgreSQL is a failure.
#[macro_export]
macro_rules! stories {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let world = $crate::support::World::start($crate::support::On::Sqlite).await;
                super::$name(world).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let world = $crate::support::World::start($crate::support::On::Postgres).await;
                super::$name(world).await;
            }
        }
    )*};
}

async fn fresh_database(on: On, folder: &std::path::Path) -> String {
    match on {
        On::Sqlite => format!("sqlite://{}/duban.db", folder.display()),
        On::Postgres => {
            let base = std::env::var("DUBAN_TEST_POSTGRES")
                .expect("DUBAN_TEST_POSTGRES is not set: run the tests with ./test");
            sqlx::any::install_default_drivers();
            let name = format!("story_{:016x}", rand::random::<u64>());
            let pool = sqlx::AnyPool::connect(&format!("{base}/postgres"))
                .await
                .unwrap();
            let sql = sqlx::AssertSqlSafe(format!("create database {name}"));
            sqlx::query(sql).execute(&pool).await.unwrap();
            pool.close().await;
            format!("{base}/{name}")
        }
    }
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T")))
        .unwrap()
        .to_utc()
}

impl World {
    /// The city on Monday 2021-06-28 at eight; nobody is bound yet.
    pub async fn start(on: On) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(at("2021-06-28 08:00"));
        let sandbox = Sandbox::start(clock.clone(), "7000000000:story")
            .await
            .unwrap();
        let mut settings = Settings::default();
        settings.database.url = fresh_database(on, folder.path()).await;
        settings.telegram.token = Some("7000000000:story".to_owned().into());
        settings.telegram.api_url = sandbox.api_url();
        for name in ["reports", "roster"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        settings.sources = vec![SourceSettings {
            name: "daily".to_owned(),
            kind: SourceKind::Folder,
            path: Some(folder.path().join("reports")),
            mode: Mode::Snapshot,
            schedule: Some("30 8 * * *".to_owned()),
            ..SourceSettings::default()
        }];
        let app = App::build(&settings, clock).await.unwrap();
        let world = Self {
            app,
            sandbox,
            folder,
            chats: vec![],
            settings,
        };
        for (name, text) in [("units", UNITS), ("accounts", ACCOUNTS), ("people", PEOPLE)] {
            let path = world
                .folder
                .path()
                .join("roster")
                .join(format!("{name}.csv"));
            std::fs::write(path, text).unwrap();
        }
        world.import_roster().await;
        world
    }

    pub fn store(&self) -> &Store {
        &self.app.desk.store
    }

    /// Imports the roster's folder; the issues that were withdrawn by it.
    pub async fn import_roster(&self) -> Vec<i64> {
        let mut tx = self.store().begin().await.unwrap();
        let plan = self.roster_plan(&mut tx).await;
        let (rules, now) = (&self.app.desk.rules, self.app.desk.clock.now());
        let withdrawn = duban::flow::bring_in(&mut tx, rules, &plan, now).await;
        tx.commit().await.unwrap();
        withdrawn.unwrap()
    }

    /// What an import of the roster's folder would change.
    pub async fn roster_plan(&self, tx: &mut Tx) -> Plan {
        let current = table::load(tx).await.unwrap();
        let words = &self.app.desk.rules.vocabulary;
        let platform_of = |name: &str| words.platform(name).map(|p| p.id.clone());
        let path = self.folder.path().join("roster");
        let imported = import::read_path(&path, &platform_of, &current).unwrap();
        compare::plan(&current, &imported)
    }

    /// Makes an invitation for a person.
    pub async fn invite(&self, code: &str) -> String {
        let mut tx = self.store().begin().await.unwrap();
        let roster = table::load(&mut tx).await.unwrap();
        let person = roster.person_by_code(code).unwrap().id;
        let now = self.app.desk.clock.now_ms();
        let invitation = invitation::create(&mut tx, person, now, 86_400_000)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        invitation
    }

    /// Invites a person, who follows the link.
    pub async fn bind(&mut self, code: &str) -> i64 {
        let invitation = self.invite(code).await;
        let chat = self.sandbox.user(code);
        self.sandbox.say(chat, &format!("/start {invitation}"));
        self.settle().await;
        self.pass(2).await;
        let welcome = self.sandbox.last(chat).unwrap();
        assert!(welcome.text.contains("绑定成功"), "{}", welcome.text);
        self.sandbox.unread(chat);
        self.chats.push((code.to_owned(), chat));
        chat
    }

    /// The program is killed and started again, on the same store at the same time.
    pub async fn restart(&mut self) {
        let clock = self.app.desk.clock.clone();
        self.app = App::build(&self.settings, clock).await.unwrap();
    }

    /// Lets so many seconds pass.
    pub async fn pass(&mut self, seconds: i64) -> Vec<duban::error::Result<Outcome>> {
        let to = self.app.desk.clock.now() + chrono::TimeDelta::seconds(seconds);
        self.app.play_until(to).await.unwrap()
    }

    pub async fn settle(&mut self) {
        self.app.settle().await.unwrap();
    }

    /// Puts a report file into the folder of the source.
    pub fn drop_report(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join("reports").join(name), bytes).unwrap();
    }

    /// A day's report as rows under [`HEADER`]; the clock moves to nine; what became of it.
    pub async fn report(&mut self, date: &str, rows: &str) -> Outcome {
        self.drop_report(&format!("{date}.csv"), format!("{HEADER}{rows}"));
        let mut pulled = self.until(&format!("{date} 09:00")).await;
        pulled.retain(|outcome| !outcome.as_ref().is_ok_and(|o| o.duplicate));
        assert_eq!(pulled.len(), 1, "{pulled:?}");
        pulled.remove(0).unwrap()
    }

    pub async fn until(&mut self, time: &str) -> Vec<duban::error::Result<Outcome>> {
        self.app.play_until(at(time)).await.unwrap()
    }

    /// The only new message of a chat, without its picture; without one, the only one that was edited.
    pub fn reads(&self, chat: i64) -> ChatMessage {
        let mut fresh = self.sandbox.unread(chat);
        if fresh.iter().any(|message| message.edits == 0) {
            fresh.retain(|message| message.edits == 0);
        }
        // A picture that comes with words.
        if fresh.iter().any(|message| message.file.is_none()) {
            fresh.retain(|message| message.file.is_none());
        }
        let texts: Vec<&str> = fresh.iter().map(|m| m.text.as_str()).collect();
        assert_eq!(fresh.len(), 1, "one message expected: {texts:#?}");
        fresh.remove(0)
    }

    /// Presses a button and reads the toast.
    pub async fn press(&mut self, chat: i64, message: i64, label: &str) -> String {
        let press = self.sandbox.press(chat, message, label).unwrap();
        self.settle().await;
        self.sandbox
            .toast(&press)
            .expect("every press is answered")
            .text
    }

    /// Replies and reads the answer.
    pub async fn reply(&mut self, chat: i64, to: i64, text: &str) -> String {
        self.sandbox.reply(chat, to, text);
        self.settle().await;
        self.pass(2).await;
        self.reads(chat).text
    }

    /// Says something and reads the answer.
    pub async fn say(&mut self, chat: i64, text: &str) -> String {
        self.sandbox.say(chat, text);
        self.settle().await;
        self.pass(2).await;
        self.reads(chat).text
    }

    /// `number state reason` of every issue.
    pub async fn issues(&self) -> Vec<String> {
        let mut tx = self.store().read().await.unwrap();
        let all = duban::issue::table::all(&mut tx).await.unwrap();
        all.iter()
            .map(|i| {
                let reason = i.standing.reason.map_or("", |r| r.as_str());
                format!("#{} {} {reason}", i.id, i.standing.state.as_str())
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    /// The verbs recorded on an issue.
    pub async fn acts(&self, issue: i64) -> Vec<String> {
        let mut tx = self.store().read().await.unwrap();
        let mut acts = duban::issue::acts::acts_of(&mut tx, &[issue])
            .await
            .unwrap();
        acts.remove(&issue)
            .unwrap_or_default()
            .into_iter()
            .map(|act| act.verb)
            .collect()
    }

    /// The end of a story: nothing unknown to the real server was sent, no update is left over.
    pub fn end(self) {
        assert_eq!(self.sandbox.violations(), Vec::<String>::new());
        let refused: Vec<_> = self
            .sandbox
            .calls()
            .into_iter()
            .filter(|c| c.status == 400 && c.method != "editMessageText")
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
    }
}
