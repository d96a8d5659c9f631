//! Random lives: reports that change their mind, people who do this and that, clocks that jump, a program
//! that is killed; and what must hold whatever happens. Each seed tells one story, on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every story needs every word")]
mod support;

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Timelike as _, Utc};
use duban::audit;
use duban::issue::acts;
use duban::issue::state::{Event, Standing};
use duban::issue::{table as issues, take_back};
use duban::sandbox::ChatMessage;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use support::{HEADER, World};

stories![a_life_of_seed_1, a_life_of_seed_2, a_life_of_seed_3];

/// Things that happen in one story.
const THINGS: usize = 36;

/// What may be wrong: account, its unit, type, wrong words, right ones.
const ERRORS: [&str; 7] = [
    "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,",
    "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,",
    "示范发布,新浪微博,示范一区,用词不当,截止,截至,",
    "示范教育,微信公众号,示范一区教育局,错别字,必需,必须,",
    "示范教育,微信公众号,示范一区教育局,严重表述错误,某某,某某某,",
    "示范委网站,政府网站,福州市示范和改革委员会,错别字,渡假,度假,",
    "示范委网站,政府网站,福州市示范和改革委员会,超期未更新,,,",
];
const URGENT: &str = "严重表述错误";

async fn a_life_of_seed_1(world: World) {
    life(world, 1).await;
}
async fn a_life_of_seed_2(world: World) {
    life(world, 20_260_930).await;
}
async fn a_life_of_seed_3(world: World) {
    life(world, 77).await;
}

/// A warning: chat, heading, issue and which time it is listed, until when.
type Key = (i64, String, String, String);

/// One story.
struct Life {
    world: World,
    rng: StdRng,
    operators: Vec<i64>,
    lead: i64,
    manager: i64,
    /// The day of the last report.
    reported: NaiveDate,
    /// Warnings that were seen: chat, heading, issue, until when.
    said: HashMap<Key, String>,
}

async fn life(mut world: World, seed: u64) {
    let mut operators = Vec::new();
    for code in ["O1", "O2", "O3"] {
        operators.push(world.bind(code).await);
    }
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    let mut life = Life {
        rng: StdRng::seed_from_u64(seed),
        operators,
        lead,
        manager,
        reported: "2021-06-27".parse().unwrap(),
        said: HashMap::new(),
        world,
    };
    for thing in 0..THINGS {
        let what = life.something().await;
        life.hold(&format!("seed {seed}, thing {thing}: {what}"))
            .await;
    }
    // In the end everything is reported right, and closes.
    life.next_day(0.0).await;
    life.hold("the end").await;
    life.world.end();
}

impl Life {
    fn now(&self) -> DateTime<chrono_tz::Tz> {
        let now: DateTime<Utc> = self.world.app.desk.clock.now();
        now.with_timezone(&self.world.app.desk.rules.zone)
    }

    async fn go(&mut self, to: DateTime<chrono_tz::Tz>) {
        self.world.app.play_until(to.to_utc()).await.unwrap();
    }

    /// People write and press by day, so that whatever comes at night came by itself.
    async fn by_day(&mut self) {
        let now = self.now();
        if (9..18).contains(&now.hour()) {
            return;
        }
        let day = now.date_naive() + TimeDelta::days(i64::from(now.hour() >= 9));
        let morning = day.and_hms_opt(9, 30, 0).unwrap();
        self.go(morning.and_local_timezone(now.timezone()).unwrap())
            .await;
    }

    async fn something(&mut self) -> &'static str {
        match self.rng.random_range(0..100) {
            0..32 => {
                self.next_day(0.6).await;
                "a report"
            }
            32..38 => {
                // A copy of the last one, or one that comes late.
                let late = self.rng.random_bool(0.5);
                let day = self.reported - TimeDelta::days(i64::from(late));
                self.report(day, 0.5).await;
                "a late report, or another of the day"
            }
            38..72 => {
                self.operate().await;
                "an operator"
            }
            72..86 => {
                self.manage().await;
                "the manager"
            }
            86..92 => {
                self.world.restart().await;
                self.world.pass(61).await;
                "a restart"
            }
            92..96 => {
                let hours = self.rng.random_range(1..30);
                let to = self.now() + TimeDelta::hours(hours);
                self.go(to).await;
                "hours"
            }
            _ => {
                let days = self.rng.random_range(2..9);
                let to = self.now() + TimeDelta::days(days);
                self.go(to).await;
                "days"
            }
        }
    }

    /// The next day's report lists each error with this probability.
    async fn next_day(&mut self, share: f64) {
        let today = self.now().date_naive();
        let day = (self.reported + TimeDelta::days(1)).max(today);
        let night = day
            .and_hms_opt(7, 0, 0)
            .unwrap()
            .and_local_timezone(self.now().timezone());
        self.go(night.unwrap().max(self.now())).await;
        self.report(day, share).await;
        self.reported = day;
    }

    async fn report(&mut self, day: NaiveDate, share: f64) {
        let rng = &mut self.rng;
        let listed = ERRORS.iter().filter(|_| rng.random_bool(share));
        let rows: String = listed.map(|row| format!("{row}\n")).collect();
        let number: u32 = rng.random_range(0..1_000_000);
        let name = format!("{day}-{number}.csv");
        self.world.drop_report(&name, format!("{HEADER}{rows}"));
        let slot = self
            .now()
            .date_naive()
            .max(day)
            .and_hms_opt(8, 40, 0)
            .unwrap();
        let slot = slot.and_local_timezone(self.now().timezone()).unwrap();
        let slot = if slot > self.now() {
            slot
        } else {
            slot + TimeDelta::days(1)
        };
        self.go(slot).await;
    }

    async fn operate(&mut self) {
        self.by_day().await;
        let mut tx = self.world.store().read().await.unwrap();
        let live = issues::live_in(&mut tx, &duban::roster::Scope::All)
            .await
            .unwrap();
        drop(tx);
        if live.is_empty() {
            return;
        }
        let id = live[self.rng.random_range(0..live.len())].id;
        let chat = self.operators[self.rng.random_range(0..self.operators.len())];
        let said = match self.rng.random_range(0..8) {
            0 | 1 => format!("#{id} 收到"),
            2 | 3 => format!("#{id} 已改"),
            4 => format!("#{id} 误报 标题是引文"),
            5 => "撤回".to_owned(),
            6 => format!("#{id} 延期 +2工作日 出差"),
            _ => "/leave 明天 后天 周文博".to_owned(),
        };
        self.world.sandbox.say(chat, &said);
        self.world.settle().await;
        self.world.pass(2).await;
        for label in ["✅ 提交", "✅ 确认"] {
            self.press_last(chat, label).await;
        }
    }

    /// Presses a button of the newest message of a chat, if it has it.
    async fn press_last(&mut self, chat: i64, label: &str) {
        let Some(last) = self.world.sandbox.last(chat) else {
            return;
        };
        if self.world.sandbox.press(chat, last.id, label).is_ok() {
            self.world.settle().await;
            self.world.pass(1).await;
        }
    }

    async fn manage(&mut self) {
        self.by_day().await;
        self.world.sandbox.say(self.manager, "/pending");
        self.world.settle().await;
        self.world.pass(4).await;
        // Of several kinds of what waits there is a head first.
        let kinds = ["待复核的整改", "误报申诉", "延期申请", "转办申请"];
        let kind = kinds[self.rng.random_range(0..kinds.len())];
        self.press_last(self.manager, kind).await;
        self.world.pass(4).await;
        let labels = [
            "1 通过",
            "1 未通过",
            "☑️ 同意",
            "↩️ 不同意",
            "☑️ 同意，是误报",
        ];
        let label = labels[self.rng.random_range(0..labels.len())];
        self.press_last(self.manager, label).await;
    }

    /// What holds whatever happened.
    async fn hold(&mut self, why: &str) {
        let mut chats = self.operators.clone();
        chats.extend([self.lead, self.manager]);
        for chat in chats {
            for message in self.world.sandbox.unread(chat) {
                if message.from_bot && message.edits == 0 {
                    self.seen(chat, &message, why);
                }
            }
        }
        let mut tx = self.world.store().read().await.unwrap();
        if let Some(audit) = audit::table::last(&mut tx).await.unwrap() {
            assert_eq!(audit.wrong, 0, "{why}: {audit:?}");
        }
        let all = issues::all(&mut tx).await.unwrap();
        let ids: Vec<i64> = all.iter().map(|issue| issue.id).collect();
        let acts = acts::acts_of(&mut tx, &ids).await.unwrap();
        for issue in &all {
            let acts = acts.get(&issue.id).map(Vec::as_slice).unwrap_or_default();
            let mut standing = Standing::OPEN;
            for act in take_back::counting(acts) {
                if let Some(event) = event(&act.verb) {
                    let verbs: Vec<&str> = acts.iter().map(|act| act.verb.as_str()).collect();
                    let next = standing.after(event);
                    assert!(next.is_ok(), "{why}: #{} {}: {verbs:?}", issue.id, act.verb);
                    standing = next.unwrap();
                }
            }
            assert_eq!(standing, issue.standing, "{why}: #{}: {acts:#?}", issue.id);
        }
    }

    /// Nothing at night unless it is urgent; no warning twice.
    fn seen(&mut self, chat: i64, message: &ChatMessage, why: &str) {
        let at = DateTime::from_timestamp(message.sent_at(), 0).unwrap();
        let local = at.with_timezone(&self.world.app.desk.rules.zone);
        let text = &message.text;
        let items = text.matches("错：").count() + text.matches("超期未更新 #").count();
        if !(8..20).contains(&local.hour()) {
            let urgent = text.contains(URGENT) && items <= text.matches(URGENT).count();
            assert!(urgent, "{why}: at {local} ({}): {text}", local.weekday());
        }
        let heading = text.lines().next().unwrap_or_default();
        let warns = ["⏰ 到期提醒", "⚠️ 超期预警"];
        let Some(heading) = warns.into_iter().find(|word| heading.starts_with(word)) else {
            return;
        };
        // Lead and manager are warned again and again; operators once for each due time.
        if !self.operators.contains(&chat) {
            return;
        }
        let mut number = String::new();
        for line in text.lines() {
            if let Some((_, rest)) = line.split_once('#') {
                // #6 · 即将到期，第 2 次: what came back is another thing to be warned of.
                number = rest.replace("即将到期", "").replace("，", "");
            }
            if line.starts_with("⏰ ") && line.ends_with("前") || line.starts_with("⚠️ 已超期")
            {
                let due = line
                    .trim_start_matches("⚠️ 已超期，期限 ")
                    .trim_start_matches("⏰ ");
                let key = (chat, heading.to_owned(), number.clone(), due.to_owned());
                let before = self.said.insert(key.clone(), format!("{local} {text}"));
                assert_eq!(before, None, "{why}: twice {key:?}: {local} {text}");
            }
        }
    }
}

/// What an act does to the standing of its issue.
fn event(verb: &str) -> Option<Event> {
    Some(match verb {
        "acknowledged" => Event::Acknowledge,
        "fix_reported" => Event::ReportFix,
        "disputed" => Event::Dispute,
        "dispute_accepted" => Event::AcceptDispute,
        "dispute_rejected" => Event::RejectDispute,
        "confirmed" => Event::Confirm,
        "verified" | "verified_unreported" => Event::Gone,
        "refuted" => Event::Refute,
        "reopened" => Event::Reopen,
        "withdrawn" => Event::Withdraw,
        "reassigned" => Event::Reassign,
        _ => return None,
    })
}
