//! Pictures of figures as managers get them: what happened by day, and what is open by unit; the words beside
//! them say the same. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody presses or replies here")]
mod support;

use duban::issue::table as issues;
use duban::roster::{Scope, table as people};
use duban::sandbox::{ChatMessage, Fault};
use duban::summary::trend;
use support::World;

stories![
    a_manager_sees_what_happened_by_day,
    what_came_back_had_been_closed,
    status_comes_with_a_picture,
    the_words_arrive_whatever_becomes_of_the_picture,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SITE: &str = "示范委网站,政府网站,示范和改革委员会,错别字,做为,作为,\n";

/// The size of a picture that a message carries.
fn size(message: &ChatMessage) -> (u32, u32) {
    let file = message.file.as_ref().unwrap();
    let png = &file.bytes;
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

/// Asks and reads the only answer.
async fn ask(world: &mut World, chat: i64, text: &str) -> ChatMessage {
    world.sandbox.unread(chat);
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

/// Three issues on Monday; one gone on Tuesday, one a week later and late; one stays.
async fn a_week(world: &mut World) {
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SITE}"))
        .await;
    world.report("2021-06-29", &format!("{TYPO2}{SITE}")).await;
    world.until("2021-07-05 07:00").await;
    world.report("2021-07-05", SITE).await;
}

async fn a_manager_sees_what_happened_by_day(mut world: World) {
    let (manager, area) = (world.bind("M1").await, world.bind("M2").await);
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    // Nothing is said in words alone, with what to do.
    let nothing = ask(&mut world, manager, "/trend 14").await;
    assert!(nothing.file.is_none());
    assert!(
        nothing.text.contains("全市近 14 天没有") && nothing.text.contains("/trend 366"),
        "{}",
        nothing.text
    );
    a_week(&mut world).await;
    let told = ask(&mut world, manager, "/trend").await;
    assert_eq!(size(&told).0, 1080);
    for part in [
        "全市 · 近 30 天",
        "2021-06-06 至 07-05",
        "新增 3",
        "办结 2：按期整改 1，超期整改 1",
        "按期整改率 50.0%",
        "未办结 0 → 1",
        "06-28～07-04 新增 3，按期 1，超期 0，未办结 2",
        "07-05 新增 0，按期 0，超期 1，未办结 1",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    // Each sees their own.
    let told = ask(&mut world, area, "/trend 7天").await;
    assert!(
        told.text.contains("福州市示范和改革委员会 · 近 7 天"),
        "{}",
        told.text
    );
    assert!(told.text.contains("新增 0\n办结 0"), "{}", told.text);
    assert!(told.text.contains("未办结 1 → 1"), "{}", told.text);
    let told = ask(&mut world, lead, "/trend ９ 天").await;
    assert!(told.text.contains("新增 2\n办结 2"), "{}", told.text);
    let refused = ask(&mut world, operator, "/trend").await;
    assert_eq!(refused.text, "您没有这项权限。发 /help 看能做什么。");
    assert!(!world.sandbox.menu(operator).contains(&"trend".to_owned()));
    assert!(world.sandbox.menu(lead).contains(&"trend".to_owned()));
    for wrong in ["/trend 5", "/trend 367", "/trend 上周"] {
        let told = ask(&mut world, manager, wrong).await;
        assert!(told.text.contains("7 到 366 之间"), "{}", told.text);
    }
    // Another length is another picture; a year is drawn by week and said by month.
    let year = ask(&mut world, manager, "/trend 366").await;
    assert_eq!(size(&year).0, 1080);
    assert!(
        year.text.contains("2020-07-05 至 2021-07-05"),
        "{}",
        year.text
    );
    assert!(
        year.text.contains("2021-06 新增 3，按期 1，超期 0"),
        "{}",
        year.text
    );
    world.end();
}

/// The figures of every day, as the picture has them, against the issues themselves.
async fn what_came_back_had_been_closed(mut world: World) {
    let manager = world.bind("M1").await;
    a_week(&mut world).await;
    // In the evening, which is the same day here and in UTC, and in the night, which is not.
    world.report("2021-07-06", &format!("{TYPO}{SITE}")).await;
    world.until("2021-07-07 07:00").await;
    world.report("2021-07-07", &format!("{SITE}{TYPO}")).await;
    let mut tx = world.store().read().await.unwrap();
    let (rules, now) = (&world.app.desk.rules, world.app.desk.clock.now());
    let roster = people::load(&mut tx).await.unwrap();
    let units: Vec<i64> = roster.units.iter().map(|unit| unit.id).collect();
    let whole = trend::trend(&mut tx, rules, &Scope::All, 10, now)
        .await
        .unwrap();
    let by_units = trend::trend(&mut tx, rules, &Scope::Units(units), 10, now).await;
    assert_eq!(by_units.unwrap(), whole, "whoever asks");
    let accounts: Vec<i64> = roster.accounts.iter().map(|account| account.id).collect();
    let by_accounts = trend::trend(&mut tx, rules, &Scope::Accounts(accounts), 10, now).await;
    assert_eq!(by_accounts.unwrap(), whole, "all are of accounts");
    let found: Vec<(String, u32, u32, u32, u32, u32)> = whole
        .days
        .iter()
        .map(|d| {
            (
                d.date.format("%m-%d").to_string(),
                d.opened,
                d.in_time,
                d.late,
                d.other,
                d.open,
            )
        })
        .collect();
    let day = |date: &str, opened, in_time, late, other, open| {
        (date.to_owned(), opened, in_time, late, other, open)
    };
    assert_eq!(
        found,
        [
            day("06-28", 3, 0, 0, 0, 3),
            // Closed, but not for good.
            day("06-29", 0, 0, 0, 1, 2),
            day("06-30", 0, 0, 0, 0, 2),
            day("07-01", 0, 0, 0, 0, 2),
            day("07-02", 0, 0, 0, 0, 2),
            day("07-03", 0, 0, 0, 0, 2),
            day("07-04", 0, 0, 0, 0, 2),
            day("07-05", 0, 0, 1, 0, 1),
            day("07-06", 1, 0, 0, 0, 2),
            day("07-07", 0, 0, 0, 0, 2),
        ]
    );
    let off: Vec<bool> = whole.days.iter().map(|day| day.off).collect();
    assert_eq!(off.iter().filter(|off| **off).count(), 2, "one weekend");
    let live = issues::live_in(&mut tx, &Scope::All).await.unwrap();
    assert_eq!(live.len(), 2);
    let calendar = trend::calendar(&mut tx, rules, &Scope::All, now)
        .await
        .unwrap();
    assert_eq!(
        calendar.len(),
        12 * 7 + 3,
        "from a Monday to this Wednesday"
    );
    assert_eq!(calendar.iter().map(|day| day.opened).sum::<u32>(), 4);
    drop(tx);
    let told = ask(&mut world, manager, "/trend 10").await;
    for part in [
        "新增 4（其中再次出现 1）",
        "办结 2：按期整改 0，超期整改 1，其他 1",
        "未办结 0 → 2",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    world.end();
}

async fn status_comes_with_a_picture(mut world: World) {
    let (manager, area) = (world.bind("M1").await, world.bind("M2").await);
    let told = ask(&mut world, manager, "/status").await;
    assert!(
        told.file.is_none() && told.text.contains("未办结 0"),
        "{}",
        told.text
    );
    a_week(&mut world).await;
    let told = ask(&mut world, manager, "/status").await;
    let (width, height) = size(&told);
    assert!(width == 1080 && height < 1500, "{height}");
    for part in [
        "未办结 1",
        "近 14 天：新增 3，按期整改 1，超期整改 1",
        "1. 福州市示范和改革委员会 1",
        "报告「daily」2021-07-05",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    let narrow = ask(&mut world, area, "/status").await;
    assert!(
        narrow.text.contains("近 14 天：新增 1，按期整改 0"),
        "{}",
        narrow.text
    );
    assert!(size(&narrow).1 < 1500);
    world.end();
}

async fn the_words_arrive_whatever_becomes_of_the_picture(mut world: World) {
    // A manager of so many units that their names do not fit below a picture.
    let path = world.folder.path().join("roster");
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    let (mut units, mut codes) = (read("units.csv"), vec!["B1".to_owned()]);
    for n in 0..40 {
        units += &format!("Z{n},福州市示范县级国有企业第{n}综合管理服务保障中心有限公司,\n");
        codes.push(format!("Z{n}"));
    }
    let people = format!(
        "{}M4,陈思远,监管人员,{},\n",
        read("people.csv"),
        codes.join("；")
    );
    std::fs::write(path.join("units.csv"), units).unwrap();
    std::fs::write(path.join("people.csv"), people).unwrap();
    world.import_roster().await;
    let (manager, wide) = (world.bind("M1").await, world.bind("M4").await);
    a_week(&mut world).await;
    world.sandbox.unread(wide);
    world.sandbox.say(wide, "/status");
    world.settle().await;
    world.pass(5).await;
    let told = world.sandbox.unread(wide);
    let texts: Vec<&str> = told.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(told.len(), 2, "{texts:#?}");
    assert!(
        told[0].file.is_none() && told[0].text.contains("今日到期"),
        "{texts:#?}"
    );
    assert!(told[1].text.chars().count() < 300, "{texts:#?}");
    assert!(told[1].text.contains("新增 1，按期整改 0"), "{texts:#?}");
    assert_eq!(size(&told[1]).0, 1080);
    let trend = ask(&mut world, wide, "/trend").await;
    assert!(
        trend.text.contains("…") && trend.file.is_some(),
        "{}",
        trend.text
    );
    // The limit asks to wait: the picture comes then.
    world.sandbox.fault(Fault::too_many("sendPhoto", 1, 4));
    let told = world.say_and_wait(manager, "/trend", 8).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].file.is_some());
    // Nobody knows whether it arrived: the words are said once more rather than not at all.
    world.sandbox.fault(Fault::lost_reply("sendPhoto", 1));
    let told = world.say_and_wait(manager, "/trend", 8).await;
    assert_eq!(told.len(), 2);
    assert!(told[1].file.is_none());
    assert_eq!(told[0].text, told[1].text);
    world.end();
}

trait Patient {
    async fn say_and_wait(&mut self, chat: i64, text: &str, seconds: i64) -> Vec<ChatMessage>;
}

impl Patient for World {
    /// Says something and reads all that comes within so many seconds.
    async fn say_and_wait(&mut self, chat: i64, text: &str, seconds: i64) -> Vec<ChatMessage> {
        self.sandbox.unread(chat);
        self.sandbox.say(chat, text);
        self.settle().await;
        self.pass(seconds).await;
        self.sandbox.unread(chat)
    }
}
