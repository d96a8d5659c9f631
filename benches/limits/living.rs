//! A city that lives day by day: the program against the sandbox, a platform that lists rows, an
//! operator who reads, acknowledges and reports fixes, a lead and a manager who read.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc};
use duban::app::App;
use duban::clock::{Clock, at_local};
use duban::flow::Outcome;
use duban::roster::table;
use duban::sandbox::Sandbox;

use crate::city;
use crate::listing::Listing;

const SIZE: city::Size = city::Size {
    units: 12,
    accounts: 482,
    people: 4,
};
/// The people who are bound; what the other operators are owed waits.
const BOUND: [&str; 3] = ["P0", "L0", "M1"];

pub struct City {
    pub app: App,
    pub sandbox: Sandbox,
    pub listing: Listing,
    /// The machine sleeps at noon and at night, when little is due.
    pub sleeps: bool,
    /// The day that comes next.
    pub date: NaiveDate,
    reports: PathBuf,
    chats: Vec<i64>,
}

impl City {
    /// The city before its first day.
    pub async fn start(folder: &Path) -> Self {
        let date = NaiveDate::from_ymd_opt(2021, 6, 28).unwrap();
        let morning = date.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let clock = Clock::manual(morning);
        let sandbox = Sandbox::start(clock.clone(), city::TOKEN).await.unwrap();
        let roster = folder.join("roster");
        city::write_roster(&roster, SIZE);
        let people = roster.join("people.csv");
        let text = std::fs::read_to_string(&people).unwrap();
        std::fs::write(&people, text + "L0,分管,分管负责人,U0,\n").unwrap();
        let mut settings = city::settings(folder, &sandbox.api_url());
        settings.delivery = duban::config::Settings::default().delivery;
        if let Some(source) = settings.sources.first_mut() {
            source.schedule = Some("30 8 * * *".to_owned());
        }
        let app = App::build(&settings, clock).await.unwrap();
        city::import(&app, &roster).await;
        let mut city = Self {
            app,
            sandbox,
            listing: Listing::new(SIZE.accounts, 2021),
            sleeps: false,
            date,
            reports: folder.join("reports"),
            chats: vec![],
        };
        city.bind().await;
        city
    }

    async fn bind(&mut self) {
        let mut tx = self.app.desk.store.begin().await.unwrap();
        let roster = table::load(&mut tx).await.unwrap();
        for code in BOUND {
            let chat = self.sandbox.user(code);
            self.sandbox.open_chat(chat);
            let person = roster.person_by_code(code).unwrap().id;
            let now = self.app.desk.clock.now_ms();
            table::bind(&mut tx, person, chat, now).await.unwrap();
            self.chats.push(chat);
        }
        tx.commit().await.unwrap();
    }

    /// One day, from the evening before to its own; what became of its report.
    pub async fn day(&mut self) -> Outcome {
        let date = self.date;
        let file = self.reports.join(format!("{date}.json"));
        std::fs::write(&file, self.listing.day(date)).unwrap();
        self.sleep(date, 8);
        let mut pulled = self.until(date, 10).await;
        self.press("收到").await;
        pulled.extend(self.until(date, 11).await);
        self.sleep(date, 15);
        pulled.extend(self.until(date, 16).await);
        // Every other day the operator is too busy to say what was fixed.
        if date.num_days_from_ce() % 2 == 0 {
            self.press("已整改").await;
        }
        self.date += TimeDelta::days(1);
        pulled.extend(self.until(date, if self.sleeps { 18 } else { 20 }).await);
        for chat in &self.chats {
            self.sandbox.unread(*chat);
        }
        pulled.retain(|outcome| !outcome.duplicate);
        assert_eq!(pulled.len(), 1, "{date}: {pulled:?}");
        pulled.remove(0)
    }

    /// The file of a day's report.
    pub fn report(&self, date: NaiveDate) -> PathBuf {
        self.reports.join(format!("{date}.json"))
    }

    fn sleep(&self, date: NaiveDate, hour: u32) {
        if self.sleeps {
            self.app.desk.clock.advance_to(self.at(date, hour));
        }
    }

    fn at(&self, date: NaiveDate, hour: u32) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        at_local(self.app.desk.rules.zone, date, time)
    }

    async fn until(&mut self, date: NaiveDate, hour: u32) -> Vec<Outcome> {
        let to = self.at(date, hour);
        let pulled = self.app.play_until(to).await.unwrap();
        pulled.into_iter().map(Result::unwrap).collect()
    }

    /// The operator presses a button of every message of the day that came or changed since the last look.
    async fn press(&mut self, label: &str) {
        let Some(operator) = self.chats.first().copied() else {
            return;
        };
        // What an older message shows by now is read there, and acted on in the newest.
        let day = self.at(
            self.app.desk.local(self.app.desk.clock.now()).date_naive(),
            0,
        );
        let fresh = self.sandbox.unread(operator).into_iter();
        for message in fresh.filter(|message| message.sent_at() >= day.timestamp()) {
            if let Ok(press) = self.sandbox.press(operator, message.id, label) {
                self.app.settle().await.unwrap();
                assert!(self.sandbox.toast(&press).is_some(), "{}", message.text);
            }
        }
    }
}
