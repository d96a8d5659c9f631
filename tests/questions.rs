//! What people ask and are told: their own lists, the office's figures, a unit, an account, a person; by
//! command, by press and in plain words, each within their own scope. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody writes into the database here")]
mod support;

#[path = "support/said.rs"]
mod said;

use duban::sandbox::ChatMessage;
use said::{holds, labels};
use support::World;

stories![
    what_is_overdue_is_listed_by_unit,
    long_lists_turn_in_place,
    who_is_silent_unbound_or_blocked,
    a_unit_by_a_part_of_its_name,
    an_account_by_a_part_of_its_name,
    a_person_and_how_fast_they_are,
    todays_reports_for_each_scope,
    where_there_is_most,
    the_last_acts_of_a_scope,
    my_lists_by_what_they_are,
    done_by_number,
    waiting_names_are_found_by_a_part,
    plain_words_ask_the_same,
    what_is_no_question_stays_what_it_was,
    nobody_is_told_what_is_not_theirs,
    nothing_to_tell_is_said_so,
    names_with_tags_and_length,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,严重表述错误,做为,作为,\n";
const SITE: &str = "示范委网站,政府网站,福州市示范和改革委员会,错别字,安份守己,安分守己,\n";

/// Everybody with a duty in the sample city, bound: operators of the area, of the school and of the committee,
/// the area's lead, the managers of all and of the committee, the admin.
struct People {
    o1: i64,
    o2: i64,
    o3: i64,
    l1: i64,
    m1: i64,
    m2: i64,
    a1: i64,
}

async fn everybody(world: &mut World) -> People {
    school_lies_in_the_area(world).await;
    People {
        o1: world.bind("O1").await,
        o2: world.bind("O2").await,
        o3: world.bind("O3").await,
        l1: world.bind("L1").await,
        m1: world.bind("M1").await,
        m2: world.bind("M2").await,
        a1: world.bind("A1").await,
    }
}

/// The school's unit is the area's, so that the area's lead is above it.
async fn school_lies_in_the_area(world: &World) {
    let path = world.folder.path().join("roster").join("units.csv");
    let units = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, units.replace("编码,名称,区县", "编码,名称,所属区县")).unwrap();
    world.import_roster().await;
}

impl People {
    fn forget(&self, world: &World) {
        for chat in [
            self.o1, self.o2, self.o3, self.l1, self.m1, self.m2, self.a1,
        ] {
            world.sandbox.unread(chat);
        }
    }
}

/// Says something; what is answered is not looked at.
async fn tell(world: &mut World, chat: i64, text: &str) {
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(2).await;
    world.sandbox.unread(chat);
}

/// Says something and reads the answer with its buttons.
async fn ask(world: &mut World, chat: i64, text: &str) -> ChatMessage {
    world.sandbox.unread(chat);
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

/// Presses a button and reads what it brought: an edit or a message.
async fn press(world: &mut World, chat: i64, on: &ChatMessage, label: &str) -> ChatMessage {
    world.sandbox.unread(chat);
    world.press(chat, on.id, label).await;
    world.pass(2).await;
    let mut fresh = world.sandbox.unread(chat);
    // Other messages that show the same were drawn again too.
    if fresh.len() > 1 && fresh.iter().all(|message| message.edits > 0) {
        fresh.retain(|message| message.id == on.id);
        return fresh.remove(0);
    }
    fresh.retain(|message| message.edits == 0 && message.file.is_none() || message.id == on.id);
    fresh.remove(0)
}

#[track_caller]
fn lacks(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(!text.contains(part), "{part:?} is in:\n{text}");
    }
}

const NO: &str = "您没有这项权限。发 /help 看能做什么。";

async fn what_is_overdue_is_listed_by_unit(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{SCHOOL}{SITE}"))
        .await;
    tell(&mut world, people.o1, "收到").await;
    world.until("2021-07-02 09:30").await;
    people.forget(&world);
    let said = ask(&mut world, people.m1, "/overdue").await;
    holds(
        &said.text,
        &[
            "⚠️ 超期 3 项，3 个单位",
            "全市 · 07-02 09:30",
            "示范一区教育局（1 项）",
            "超期 2 个工作日（期限 6月29日(周二) 17:30）",
            "超期 16 小时（期限 7月1日(周四) 17:30）",
            "👤 林晓雨 · ✅ 06-28 09:0",
            "👤 黄思敏 · 📥 未签收",
        ],
    );
    // The longest overdue first: the school had one day.
    let (school, area) = (
        said.text.find("示范一区教育局（"),
        said.text.find("示范一区人民政府（"),
    );
    assert!(school < area, "{}", said.text);
    // Each can be looked at by a press.
    let see = labels(&said);
    assert!(see.contains(&"📜 #2"), "{see:?}");
    let life = press(&mut world, people.m1, &said, "#2").await;
    holds(&life.text, &["📜 历史 #2", "做为"]);
    // A unit of it, and one that may be several.
    let said = ask(&mut world, people.m1, "/overdue 教育局").await;
    holds(&said.text, &["⚠️ 超期 1 项", "示范一区教育局 ·", "做为"]);
    let said = ask(&mut world, people.m1, "/overdue 示范").await;
    holds(&said.text, &["「示范」可能是 3 个单位"]);
    let said = press(&mut world, people.m1, &said, "示范和改革").await;
    holds(&said.text, &["⚠️ 超期 1 项", "安份守己"]);
    assert_eq!(said.edits, 1, "the choice becomes the answer");
    // An area's lead sees the area, its manager hers, an operator has another list.
    let said = ask(&mut world, people.l1, "/overdue").await;
    holds(&said.text, &["超期 2 项", "示范一区人民政府"]);
    lacks(&said.text, &["安份守己", "示范委"]);
    let said = ask(&mut world, people.m2, "/overdue").await;
    holds(
        &said.text,
        &["超期 1 项", "安份守己", "福州市示范和改革委员会 · 07-02"],
    );
    let foreign = ask(&mut world, people.m2, "/overdue 教育局").await.text;
    let missing = ask(&mut world, people.m2, "/overdue 教委局").await.text;
    assert_eq!(foreign.replace("教育局", "教委局"), missing);
    for chat in [people.o1, people.a1] {
        assert_eq!(ask(&mut world, chat, "/overdue").await.text, NO);
    }
    world.end();
}

async fn long_lists_turn_in_place(mut world: World) {
    let people = everybody(&mut world).await;
    let many: String = (0..19)
        .map(|n| format!("示范发布,微信公众号,示范一区,错别字,错字{n:02}号,对字,\n"))
        .collect();
    world.report("2021-06-28", &many).await;
    world.until("2021-07-02 09:30").await;
    people.forget(&world);
    let first = ask(&mut world, people.m1, "/overdue").await;
    holds(&first.text, &["超期 19 项", "（1/3 页）", "错字00号"]);
    assert_eq!(first.text.matches("错字").count(), 8);
    assert!(labels(&first).contains(&"1/3"));
    let last = press(&mut world, people.m1, &first, "▶").await;
    let last = press(&mut world, people.m1, &last, "▶").await;
    assert_eq!((last.id, last.edits), (first.id, 2));
    holds(&last.text, &["（3/3 页）", "错字18号"]);
    assert!(!labels(&last).contains(&"▶"));
    // What is turned to is as it is now.
    tell(&mut world, people.o1, "/done 1 2 3 4 5 6 7 8 9 10 11 12").await;
    let back = press(&mut world, people.m1, &last, "◀").await;
    holds(&back.text, &["超期 7 项"]);
    // A page that another's client asks for is not turned.
    let data = format!("page:{}:1", key_of(&first));
    let forged = world
        .sandbox
        .press_data(people.m2, people.m1, first.id, &data);
    world.settle().await;
    holds(&world.sandbox.toast(&forged).unwrap().text, &["权限"]);
    world.end();
}

/// What the buttons of a message carry.
fn key_of(message: &ChatMessage) -> String {
    let first = message.buttons.iter().flatten().next().unwrap();
    first.data.split(':').nth(1).unwrap().to_owned()
}

async fn who_is_silent_unbound_or_blocked(mut world: World) {
    school_lies_in_the_area(&world).await;
    let (o1, l1) = (world.bind("O1").await, world.bind("L1").await);
    let (o2, m1) = (world.bind("O2").await, world.bind("M1").await);
    world.sandbox.block(o2);
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}{SITE}"))
        .await;
    world.until("2021-06-28 11:00").await;
    world.sandbox.unread(m1);
    let said = ask(&mut world, m1, "/silent").await;
    holds(
        &said.text,
        &[
            "📥 未签收 4 项",
            "🔕 已通知，未签收（1 人）",
            "林晓雨 · 运维人员",
            "2 项未签收，最早 08:30",
            "已过 2 小时",
            "📵 尚未绑定（2 人）",
            "黄思敏",
            "郑国栋 · 监管人员",
            "🚫 无法送达（可能屏蔽了机器人）（1 人）",
            "陈志远",
        ],
    );
    let person = press(&mut world, m1, &said, "陈志远").await;
    holds(&person.text, &["👤 陈志远 · 运维人员", "起无法送达"]);
    // What is seen is not told again.
    tell(&mut world, o1, "/my").await;
    let list = world.sandbox.last(o1).unwrap();
    world.sandbox.reply(o1, list.id, "收到");
    world.settle().await;
    world.sandbox.unread(l1);
    let said = ask(&mut world, l1, "/silent").await;
    holds(&said.text, &["未签收 1 项", "黄思敏"]);
    lacks(&said.text, &["林晓雨", "陈志远", "郑国栋"]);
    assert_eq!(ask(&mut world, o1, "/silent").await.text, NO);
    world.end();
}

async fn a_unit_by_a_part_of_its_name(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}"))
        .await;
    tell(&mut world, people.o1, "/done 1").await;
    world
        .report("2021-06-29", &format!("{TYPO2}{SCHOOL}"))
        .await;
    world.until("2021-07-02 09:00").await;
    people.forget(&world);
    let card = ask(&mut world, people.m1, "/unit 示范一区").await;
    holds(
        &card.text,
        &[
            "🏢 福州市示范一区人民政府",
            "含下属 1 个单位",
            "未办结 2：",
            "超期 2",
            "近 30 天办结 1：按时 1，逾期 0",
            "周文博 · 分管负责人 · ✅ 已绑定",
            "林晓雨 · 运维人员 · ✅ 已绑定",
            "微信公众号「示范发布」 1（超期 1）",
            "最急的问题",
            "做为",
        ],
    );
    lacks(&card.text, &["示范委", "陈志远"]);
    // What lies behind the figures.
    let open = press(&mut world, people.m1, &card, "未办结 2").await;
    holds(
        &open.text,
        &["🗂 未办结 2 项", "福州市示范一区人民政府", "再接再励"],
    );
    let account = press(&mut world, people.m1, &card, "示范发布").await;
    holds(
        &account.text,
        &["微信公众号「示范发布」 · 福州市示范一区人民政府"],
    );
    // Several are chosen from, by what is short for it or a part.
    let which = ask(&mut world, people.m1, "/unit 示范").await;
    holds(&which.text, &["可能是 3 个单位，请点选"]);
    assert_eq!(which.buttons.len(), 3);
    let card = press(&mut world, people.m1, &which, "教育局").await;
    assert_eq!((card.id, card.edits), (which.id, 1));
    holds(
        &card.text,
        &["🏢 示范一区教育局 · 福州市示范一区人民政府", "黄思敏"],
    );
    let card = ask(&mut world, people.m1, "/unit 市示范和改革委员会").await;
    holds(
        &card.text,
        &["🏢 福州市示范和改革委员会", "账号 2 个，都没有未办结的问题"],
    );
    // Nearly so called; not at all; no name.
    let near = ask(&mut world, people.m1, "/unit 示范二区教育局").await;
    holds(
        &near.text,
        &["没有找到叫「示范二区教育局」的单位", "您是不是要找"],
    );
    assert!(
        labels(&near)
            .iter()
            .any(|one| one.contains("示范一区教育局"))
    );
    let none = ask(&mut world, people.m1, "/unit 水利电力学院").await;
    holds(&none.text, &["请换一个名称"]);
    let usage = ask(&mut world, people.m1, "/unit").await;
    holds(&usage.text, &["想看哪个单位？请点选，或写上名称的一部分"]);
    assert_eq!(usage.buttons.len(), 3);
    // The lead's and the other manager's own, and nothing else.
    let card = ask(&mut world, people.l1, "/unit 教育").await;
    holds(&card.text, &["🏢 示范一区教育局"]);
    let foreign = ask(&mut world, people.m2, "/unit 教育局").await;
    holds(&foreign.text, &["没有找到叫「教育局」的单位"]);
    assert_eq!(foreign.buttons.len(), 0);
    let only = ask(&mut world, people.m2, "/unit 示范").await;
    holds(&only.text, &["🏢 福州市示范和改革委员会"]);
    for chat in [people.o1, people.a1] {
        assert_eq!(ask(&mut world, chat, "/unit 示范").await.text, NO);
    }
    world.end();
}

async fn an_account_by_a_part_of_its_name(mut world: World) {
    let people = everybody(&mut world).await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.report("2021-06-29", TYPO2).await;
    world.report("2021-06-30", &format!("{TYPO}{TYPO2}")).await;
    people.forget(&world);
    let which = ask(&mut world, people.m1, "/account 示范发布").await;
    holds(&which.text, &["可能是 2 个账号"]);
    let card = press(&mut world, people.m1, &which, "微信公众号").await;
    holds(
        &card.text,
        &[
            "微信公众号「示范发布」 · 福州市示范一区人民政府",
            "gh_01",
            "👤 林晓雨",
            "更新情况：没有数据",
            "未办结 2：待签收 2",
            "再现 1 次",
            "再接再励",
        ],
    );
    let card = ask(&mut world, people.m1, "/account gh_02").await;
    holds(
        &card.text,
        &["「示范教育」", "👍 没有未办结的问题", "近 30 天没有办结的"],
    );
    let unit = press(&mut world, people.m1, &card, "🏢").await;
    holds(&unit.text, &["🏢 示范一区教育局"]);
    // What was closed last stands there too.
    world.report("2021-07-01", TYPO).await;
    people.forget(&world);
    let which = ask(&mut world, people.m1, "/account 一区发布").await;
    holds(
        &which.text,
        &["最近办结", "07-01", "报告中已消除"].map(|_| "示范发布"),
    );
    holds(&which.text, &["最近办结", "报告中已消除"]);
    let foreign = ask(&mut world, people.m2, "/account 示范发布").await.text;
    let missing = ask(&mut world, people.m2, "/account 示范发现").await.text;
    assert_eq!(foreign.replace("示范发布", "示范发现"), missing);
    let lead = ask(&mut world, people.l1, "/account 示范教育").await;
    holds(&lead.text, &["「示范教育」"]);
    assert_eq!(
        ask(&mut world, people.o1, "/account 示范发布").await.text,
        NO
    );
    world.end();
}

async fn a_person_and_how_fast_they_are(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SITE}"))
        .await;
    world.until("2021-06-28 11:05").await;
    tell(&mut world, people.o1, "/done 1").await;
    tell(&mut world, people.o1, "/leave 2021-07-01 2021-07-02 周文博").await;
    let check = world.sandbox.last(people.o1).unwrap();
    world.press(people.o1, check.id, "确认").await;
    world.until("2021-07-01 09:00").await;
    people.forget(&world);
    let card = ask(&mut world, people.m1, "/person 林晓").await;
    holds(
        &card.text,
        &[
            "👤 林晓雨 · 运维人员",
            "单位：福州市示范一区人民政府",
            "已绑定，可送达",
            "休假，由 周文博 替岗",
            "未办结 2：待签收 1，已签收 0，待复核 1",
            "整改 2 小时（1 项）",
        ],
    );
    let stand_in = ask(&mut world, people.m1, "/person L1").await;
    holds(&stand_in.text, &["👤 周文博", "替 林晓雨 值守"]);
    let near = ask(&mut world, people.m1, "/person 林小雨").await;
    holds(&near.text, &["没有找到叫「林小雨」的人", "您是不是要找"]);
    let card = press(&mut world, people.m1, &near, "林晓雨").await;
    holds(&card.text, &["👤 林晓雨"]);
    let manager = ask(&mut world, people.m1, "/person 吴静怡").await;
    holds(&manager.text, &["范围：全市"]);
    lacks(&manager.text, &["中位数"]);
    // Only one's own people: another's are as if they were not there.
    let foreign = ask(&mut world, people.m2, "/person 林晓雨").await.text;
    let missing = ask(&mut world, people.m2, "/person 林大海").await.text;
    assert_eq!(foreign.replace("林晓雨", "林大海"), missing);
    let own = ask(&mut world, people.m2, "/person 陈").await;
    holds(&own.text, &["👤 陈志远", "账号：政府网站「示范委网站」"]);
    let own = ask(&mut world, people.l1, "/person 黄思敏").await;
    holds(&own.text, &["👤 黄思敏"]);
    holds(
        &ask(&mut world, people.l1, "/person 吴静怡").await.text,
        &["没有找到"],
    );
    assert_eq!(ask(&mut world, people.o3, "/person 黄思敏").await.text, NO);
    world.end();
}

async fn todays_reports_for_each_scope(mut world: World) {
    let people = everybody(&mut world).await;
    let said = ask(&mut world, people.m1, "/today").await;
    holds(
        &said.text,
        &["📄 今天的报告", "还没有收到过报告", "全市 · 06-28 08:0"],
    );
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SITE}"))
        .await;
    world
        .report(
            "2021-06-29",
            &format!(
                "{TYPO2}{SITE}{SCHOOL},,,错别字,甲,乙,\n不存在的号,微信公众号,,错别字,丙,丁,\n"
            ),
        )
        .await;
    people.forget(&world);
    let said = ask(&mut world, people.m1, "/today").await;
    holds(
        &said.text,
        &[
            "「daily」 ✅ 08:30 已到（2021-06-29）",
            "5 行：新增 1，仍在 2，再现 0，消除 0",
            "找不到归属 1 行，见 /unmatched",
            "无法识别 1 行",
            "第 5 行",
            "没有账号也没有单位",
            "待认领名称 1",
        ],
    );
    // Of an area only what is its own: neither how many rows, nor what could not be read.
    let said = ask(&mut world, people.m2, "/today").await;
    holds(
        &said.text,
        &[
            "「daily」 ✅",
            "本范围：新增 0，仍在 1，消除 0",
            "福州市示范和改革委员会",
        ],
    );
    lacks(&said.text, &["行：", "无法识别", "待认领"]);
    // A lead and an operator are told what is theirs today.
    let said = ask(&mut world, people.l1, "/today").await;
    holds(&said.text, &["🗓 今天：新到与到期", "今天新到 1", "做为"]);
    let said = ask(&mut world, people.o3, "/today").await;
    holds(&said.text, &["今天新到 1", "做为"]);
    let said = ask(&mut world, people.o1, "/today").await;
    holds(
        &said.text,
        &["今天没有新问题，也没有今天到期的", "未办结共 2 项：/my"],
    );
    assert_eq!(ask(&mut world, people.a1, "/today").await.text, NO);
    // Nothing came.
    world.until("2021-06-30 12:00").await;
    people.forget(&world);
    let said = ask(&mut world, people.m1, "/today").await;
    holds(&said.text, &["📭 今日报告未到，上一份 06-29"]);
    world.end();
}

async fn where_there_is_most(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}{SITE}"))
        .await;
    world
        .report("2021-06-29", &format!("{TYPO2}{SCHOOL}{SITE}"))
        .await;
    world
        .report("2021-06-30", &format!("{TYPO}{TYPO2}{SCHOOL}{SITE}"))
        .await;
    people.forget(&world);
    let top = ask(&mut world, people.m1, "/top").await;
    holds(
        &top.text,
        &[
            "🏅 未办结最多",
            "全市 · 截至 06-30 09:0",
            "共 4 项",
            "1. 福州市示范一区人民政府 2（未办结 2，超期 0）",
            "1. 微信公众号「示范发布」 2",
            "1. 错别字/错敏词 3",
        ],
    );
    let top = press(&mut world, people.m1, &top, "反复出现").await;
    assert_eq!(top.edits, 1);
    holds(
        &top.text,
        &[
            "🏅 反复出现最多",
            "近 30 天（6月1日起）",
            "共 1 项",
            "1. 福州市示范一区人民政府 1",
        ],
    );
    let top = press(&mut world, people.m1, &top, "超期").await;
    holds(&top.text, &["超期最多", "示范一区教育局 1"]);
    let top = ask(&mut world, people.m1, "/top 90").await;
    let top = press(&mut world, people.m1, &top, "新增").await;
    holds(&top.text, &["新增最多", "近 90 天（4月2日起）", "共 4 项"]);
    let unit = press(&mut world, people.m1, &top, "🏢").await;
    holds(&unit.text, &["🏢 福州市示范一区人民政府"]);
    let top = ask(&mut world, people.m2, "/top").await;
    holds(&top.text, &["共 1 项", "福州市示范和改革委员会"]);
    lacks(&top.text, &["示范一区"]);
    let top = ask(&mut world, people.l1, "/top 99999999999999").await;
    holds(&top.text, &["共 3 项"]);
    assert_eq!(ask(&mut world, people.o1, "/top").await.text, NO);
    world.end();
}

async fn the_last_acts_of_a_scope(mut world: World) {
    let people = everybody(&mut world).await;
    let none = ask(&mut world, people.m1, "/audit").await;
    holds(&none.text, &["还没有人操作过", "全市 · 06-28"]);
    let many: String = (0..14)
        .map(|n| format!("示范发布,微信公众号,示范一区,错别字,错字{n:02}号,对字,\n"))
        .collect();
    world.report("2021-06-28", &format!("{many}{SITE}")).await;
    tell(&mut world, people.o2, "1 误报 原文如此").await;
    let site = world.sandbox.chat(people.o2);
    let digest = site
        .iter()
        .find(|one| one.from_bot && one.text.contains("安份守己"))
        .unwrap()
        .id;
    world.sandbox.reply(people.o2, digest, "1 误报 原文如此");
    world.settle().await;
    tell(
        &mut world,
        people.o1,
        "/done 1 2 3 4 5 6 7 8 9 10 11 12 13 14",
    )
    .await;
    people.forget(&world);
    let said = ask(&mut world, people.m1, "/audit").await;
    holds(
        &said.text,
        &["🧾 最近 15 次操作", "（1/2 页）", "林晓雨 报告已整改 #"],
    );
    let said = press(&mut world, people.m1, &said, "▶").await;
    holds(
        &said.text,
        &[
            "陈志远 申诉误报 #15",
            "政府网站「示范委网站」：",
            "原文如此",
        ],
    );
    let said = ask(&mut world, people.m1, "/audit 3").await;
    holds(&said.text, &["最近 3 次操作"]);
    let said = ask(&mut world, people.m2, "/audit 50").await;
    holds(&said.text, &["最近 1 次操作", "陈志远"]);
    lacks(&said.text, &["林晓雨"]);
    let said = ask(&mut world, people.l1, "/audit 2").await;
    holds(&said.text, &["最近 2 次操作", "林晓雨"]);
    for chat in [people.o1, people.a1] {
        assert_eq!(ask(&mut world, chat, "/audit").await.text, NO);
    }
    world.end();
}

async fn my_lists_by_what_they_are(mut world: World) {
    let operator = world.bind("O1").await;
    let third = TYPO.replace("警钟常鸣", "做为");
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.until("2021-07-01 08:00").await;
    world.sandbox.unread(operator);
    world
        .report("2021-07-01", &format!("{TYPO}{TYPO2}{third}"))
        .await;
    tell(&mut world, operator, "/done 2").await;
    let list = ask(&mut world, operator, "/my").await;
    holds(
        &list.text,
        &[
            "🗂 未办结问题 07-01（3 项）",
            "未办结 3 · 今日到期 1 · 超期 0 · 待复核 1",
        ],
    );
    let due = press(&mut world, operator, &list, "⏰ 今日到期 1").await;
    holds(&due.text, &["⏰ 今日到期 07-01（1 项）", "警钟常鸣"]);
    lacks(&due.text, &["再接再励", "做为"]);
    // The numbers of this list are this list's.
    world.sandbox.reply(operator, due.id, "1 收到");
    world.settle().await;
    assert_eq!(world.issues().await[0], "#1 acknowledged");
    let reported = press(&mut world, operator, &due, "🔎 待复核 1").await;
    holds(&reported.text, &["🔎 等待复核 07-01（1 项）", "再接再励"]);
    let all = press(&mut world, operator, &reported, "🗂 全部 3").await;
    holds(&all.text, &["未办结问题 07-01（3 项）"]);
    // A press on a list keeps its head and its filters.
    let after = press(&mut world, operator, &due, "1 已整改").await;
    holds(
        &after.text,
        &[
            "⏰ 今日到期 07-01（1 项）",
            "今日到期 0 · 超期 0 · 待复核 2",
        ],
    );
    world.until("2021-07-06 18:00").await;
    world.sandbox.unread(operator);
    let list = ask(&mut world, operator, "/my").await;
    let late = press(&mut world, operator, &list, "⚠️ 超期 1").await;
    holds(&late.text, &["⚠️ 已超期 07-06（1 项）", "做为"]);
    world.end();
}

async fn done_by_number(mut world: World) {
    let (operator, other) = (world.bind("O1").await, world.bind("O2").await);
    let manager = world.bind("M1").await;
    let none = ask(&mut world, operator, "/done").await;
    holds(&none.text, &["没有待整改的问题"]);
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SITE}"))
        .await;
    for chat in [operator, other, manager] {
        world.sandbox.unread(chat);
    }
    let usage = ask(&mut world, operator, "/done").await;
    holds(
        &usage.text,
        &["请写上问题编号，如 /done 1 2", "待整改：#1、#2"],
    );
    for text in ["/done 1 没改", "/done 全部", "/done 1 误报 引文如此"] {
        holds(
            &ask(&mut world, operator, text).await.text,
            &["未作任何改动"],
        );
    }
    assert_eq!(world.issues().await[0], "#1 open");
    // One answer: what was done, what was so already, what is not theirs or nobody's.
    let said = ask(&mut world, operator, "/done 1 3 77 已删除").await;
    holds(
        &said.text,
        &["🛠 已记录整改（删除），待复核：#1", "没有这个编号：#3、#77"],
    );
    assert_eq!(
        world.issues().await,
        ["#1 fix_reported", "#2 open", "#3 open"]
    );
    let undone = press(&mut world, operator, &said, "撤回").await;
    holds(&undone.text, &["#1"]);
    assert_eq!(world.issues().await[0], "#1 open");
    let said = ask(&mut world, operator, "/done 1 2").await;
    holds(&said.text, &["待复核：#1、#2"]);
    let said = ask(&mut world, operator, "/done #2，＃1").await;
    holds(
        &said.text,
        &[
            "未改动：#2 已报整改，待复核、#1 已报整改，待复核",
            "没有记录任何整改",
        ],
    );
    // With one left, no number is needed; managers confirm, they do not fix.
    let said = ask(&mut world, other, "/done").await;
    holds(&said.text, &["待复核：#3"]);
    assert_eq!(ask(&mut world, manager, "/done 1").await.text, NO);
    let stranger = world.sandbox.user("stranger");
    let said = ask(&mut world, stranger, "/done 1").await;
    holds(&said.text, &["绑定"]);
    world.end();
}

async fn waiting_names_are_found_by_a_part(mut world: World) {
    let (m1, m2) = (world.bind("M1").await, world.bind("M2").await);
    let o3 = world.bind("O3").await;
    holds(
        &ask(&mut world, m1, "/unmatched").await.text,
        &["没有待认领的名称"],
    );
    world
        .report(
            "2021-06-28",
            "教育之窗,微信公众号,,错别字,甲字,乙字,\n完全陌生,微信公众号,,错别字,丙字,丁字,\n",
        )
        .await;
    world.sandbox.unread(m1);
    let names = ask(&mut world, m1, "/unmatched").await;
    holds(&names.text, &["❓ 需要认领（1/2）", "都不对？回复本消息"]);
    let names = match names.text.contains("教育之窗") {
        true => names,
        false => press(&mut world, m1, &names, "▶").await,
    };
    holds(&names.text, &["教育之窗"]);
    // A part of a name in reply: whose it is, one press each.
    let unknown = world.reply(m1, names.id, "水利电力").await;
    holds(&unknown, &["没有找到名称中有「水利电力」的单位或账号"]);
    world.sandbox.reply(m1, names.id, "教育");
    world.settle().await;
    world.pass(2).await;
    let found = world.reads(m1);
    holds(
        &found.text,
        &[
            "教育之窗",
            "1. 微信公众号「示范教育」（示范一区教育局，名称中有）",
        ],
    );
    let toast = world.press(m1, found.id, "示范教育").await;
    holds(&toast, &["示范教育", "1"]);
    world.pass(700).await;
    holds(&world.sandbox.last(o3).unwrap().text, &["甲字"]);
    let left = ask(&mut world, m1, "/unmatched").await;
    holds(&left.text, &["（1/1）", "完全陌生"]);
    // Whoever supervises a part does not rule on what may be anybody's.
    holds(
        &ask(&mut world, m2, "/unmatched").await.text,
        &["由负责全市的监管人员处理"],
    );
    assert_eq!(ask(&mut world, o3, "/unmatched").await.text, NO);
    world.end();
}

async fn plain_words_ask_the_same(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}{SITE}"))
        .await;
    world.until("2021-06-30 10:00").await;
    people.forget(&world);
    for (text, parts) in [
        (
            "示范一区还有几个没改？",
            &["🗂 未整改 3 项", "福州市示范一区人民政府 · 截至 06-30 10:0"][..],
        ),
        ("谁还没签收", &["📥 未签收 4 项", "林晓雨"]),
        (
            "本周严重错误有哪些",
            &["🗂 新增 1 项", "6月28日至7月4日", "单项否决", "做为"],
        ),
        (
            "示范教育最近怎么样",
            &["微信公众号「示范教育」", "未办结 1"],
        ),
        ("今天的报告到了吗", &["📄 今天的报告"]),
        ("哪些单位超期最多", &["🏅 超期最多", "示范一区教育局"]),
        ("教育局怎么样", &["🏢 示范一区教育局"]),
        ("林晓雨还有几个没改", &["👤 林晓雨"]),
        ("现在情况如何", &["📊 全市"]),
        (
            "上周办结了多少",
            &["🗂 已办结 0 项", "6月21日至27日", "没有"],
        ),
        ("有多少错别字没改", &["🗂 未整改 3 项", "错别字/错敏词"]),
    ] {
        holds(&ask(&mut world, people.m1, text).await.text, parts);
    }
    // Not sure: asked back.
    let which = ask(&mut world, people.m1, "示范发布怎么样").await;
    holds(
        &which.text,
        &["没有把握看懂「示范发布怎么样」", "您是不是想问"],
    );
    let card = press(&mut world, people.m1, &which, "新浪微博").await;
    holds(&card.text, &["新浪微博「示范发布」"]);
    assert_eq!(card.id, which.id);
    let which = ask(&mut world, people.m1, "教育局").await;
    holds(&which.text, &["您是不是想问"]);
    // Of one's own scope only, as with commands.
    let said = ask(&mut world, people.m2, "还有几个没改").await;
    holds(&said.text, &["🗂 未整改 1 项", "福州市示范和改革委员会"]);
    let said = ask(&mut world, people.m2, "示范教育怎么样").await.text;
    lacks(&said, &["公众号"]);
    let said = ask(&mut world, people.l1, "谁还没签收").await;
    holds(&said.text, &["未签收 3 项"]);
    lacks(&said.text, &["陈志远"]);
    world.end();
}

async fn what_is_no_question_stays_what_it_was(mut world: World) {
    let people = everybody(&mut world).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}{SITE}"))
        .await;
    tell(&mut world, people.o1, "/done 1 2").await;
    people.forget(&world);
    // An operator's words mean what they meant.
    for text in ["谁还没签收", "示范一区还有几个没改？", "示范教育怎么样"] {
        let said = ask(&mut world, people.o3, text).await;
        holds(&said.text, &["没有看懂，未作任何改动"]);
    }
    for text in ["你好", "明天上午开会", "请示范一区尽快整改"] {
        let said = ask(&mut world, people.m1, text).await;
        holds(&said.text, &["没有看懂"]);
    }
    let said = ask(&mut world, people.m1, "示范一区已经整改完了").await;
    lacks(&said.text, &["🗂", "🏢"]);
    // A lead may still act in words, and a manager rules in reply.
    let pending = ask(&mut world, people.m1, "/pending").await;
    let ruled = world.reply(people.m1, pending.id, "1 通过").await;
    holds(&ruled, &["#"]);
    assert_eq!(world.issues().await[0], "#1 closed verified");
    tell(&mut world, people.l1, "/done 3").await;
    assert_eq!(world.issues().await[2], "#3 fix_reported");
    world.end();
}

async fn nobody_is_told_what_is_not_theirs(mut world: World) {
    let people = everybody(&mut world).await;
    world.report("2021-06-28", &format!("{TYPO}{SITE}")).await;
    people.forget(&world);
    let commands = [
        "/overdue",
        "/silent",
        "/unit 示范",
        "/account 示范",
        "/person 林",
        "/top",
        "/audit",
        "/unmatched",
    ];
    for command in commands {
        for chat in [people.o1, people.a1] {
            assert_eq!(ask(&mut world, chat, command).await.text, NO, "{command}");
        }
        let stranger = world.sandbox.user("stranger");
        let said = ask(&mut world, stranger, command).await.text;
        holds(&said, &["绑定"]);
        // A manager of a part is never told of the rest.
        let said = ask(&mut world, people.m2, command).await.text;
        lacks(&said, &["示范一区", "示范发布", "警钟", "林晓雨", "黄思敏"]);
    }
    // A button of a choice counts for what its reader may see when it is pressed.
    let card = ask(&mut world, people.m1, "/unit 示范一区").await;
    let people_file = world.folder.path().join("roster").join("people.csv");
    let before = std::fs::read_to_string(&people_file).unwrap();
    std::fs::write(
        &people_file,
        before.replace("M1,吴静怡,监管人员,*,", "M1,吴静怡,监管人员,B1,"),
    )
    .unwrap();
    world.import_roster().await;
    let toast = world.press(people.m1, card.id, "#1").await;
    holds(&toast, &["权限"]);
    let said = press(&mut world, people.m1, &card, "未办结").await;
    holds(&said.text, &["没有找到这个单位"]);
    // Nor does a forged one bring more.
    let data = format!("see:{}:1", key_of(&card));
    let forged = world
        .sandbox
        .press_data(people.m1, people.m1, card.id, &data);
    world.settle().await;
    holds(&world.sandbox.toast(&forged).unwrap().text, &["权限"]);
    for argument in ["99", "-1", "x", ""] {
        let data = format!("ask:{}:{argument}", key_of(&card));
        let forged = world
            .sandbox
            .press_data(people.m1, people.m1, card.id, &data);
        world.settle().await;
        assert!(world.sandbox.toast(&forged).is_some());
    }
    world.end();
}

async fn nothing_to_tell_is_said_so(mut world: World) {
    let people = everybody(&mut world).await;
    for (command, part) in [
        ("/overdue", "没有超期的问题"),
        ("/silent", "都已签收，人人可送达"),
        ("/top", "没有这样的问题"),
        ("/audit", "还没有人操作过"),
        ("/unmatched", "没有待认领的名称"),
        ("/today", "还没有收到过报告"),
        ("/unit 教育局", "都没有未办结的问题"),
        ("/account 示范教育", "👍 没有未办结的问题"),
        ("/person 黄思敏", "没有记录"),
        ("还有几个没改", "没有"),
    ] {
        let said = ask(&mut world, people.m1, command).await.text;
        holds(&said, &[part]);
        if command != "/unmatched" {
            holds(&said, &["06-28 08:0"]);
        }
    }
    holds(
        &ask(&mut world, people.o1, "/today").await.text,
        &["没有未办结的问题"],
    );
    holds(
        &ask(&mut world, people.o1, "/my").await.text,
        &["没有未办结的问题"],
    );
    world.end();
}

async fn names_with_tags_and_length(mut world: World) {
    let folder = world.folder.path().join("roster");
    let long = "很长的单位名称".repeat(12);
    for (file, row) in [
        ("units.csv", format!("X1,\"<b>坏\"\"单位&\",\nX2,{long},\n")),
        (
            "accounts.csv",
            format!("微信公众号,<i>坏账号&,gh_91,X1,\n微信公众号,\u{202e}倒着{long},gh_92,X2,\n"),
        ),
        ("people.csv", "X9,<u>坏人&,运维人员,X1,\n".to_owned()),
    ] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        std::fs::write(folder.join(file), format!("{text}{row}")).unwrap();
    }
    world.import_roster().await;
    let people = everybody(&mut world).await;
    let rows = format!(
        "<i>坏账号&,微信公众号,,错别字,<s>错&,对,\n倒着{long},微信公众号,,错别字,{},对,\n",
        "长".repeat(300)
    );
    world.report("2021-06-28", &rows).await;
    world.until("2021-07-05 10:00").await;
    people.forget(&world);
    let m1 = people.m1;
    holds(
        &ask(&mut world, m1, "/overdue").await.text,
        &["<b>坏\"单位&", "<i>坏账号&", "<s>错&"],
    );
    holds(&ask(&mut world, m1, "/silent").await.text, &["<u>坏人&"]);
    holds(
        &ask(&mut world, m1, "/unit <b>坏").await.text,
        &["🏢 <b>坏\"单位&"],
    );
    holds(
        &ask(&mut world, m1, "/unit 很长").await.text,
        &["很长的单位名称"],
    );
    holds(
        &ask(&mut world, m1, "/account 坏账号").await.text,
        &["「<i>坏账号&」"],
    );
    holds(
        &ask(&mut world, m1, "/account 倒着").await.text,
        &["倒着很长"],
    );
    holds(
        &ask(&mut world, m1, "/person 坏人").await.text,
        &["👤 <u>坏人&"],
    );
    holds(&ask(&mut world, m1, "/top").await.text, &["坏账号"]);
    let odd = ask(&mut world, m1, "/unit </b>&lt;\u{202e}没有").await.text;
    holds(&odd, &["没有找到叫「</b>&lt;没有」的单位"]);
    let odd = ask(&mut world, m1, &format!("/account {}", "很".repeat(3_000)))
        .await
        .text;
    holds(&odd, &["没有找到"]);
    assert!(odd.chars().count() < 300, "{odd}");
    let odd = ask(&mut world, m1, "<b>坏单位怎么样").await.text;
    holds(&odd, &["没有把握看懂「<b>坏单位怎么样」"]);
    world.end();
}
