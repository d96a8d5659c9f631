//! What managers do from the chat: nudge, announce, export, mute, read summaries, see what waits. Stories on
//! both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use std::io::Cursor;

use calamine::{Data, DataType as _, Reader as _, Xlsx};
use duban::sandbox::ChatMessage;
use support::World;

stories![
    everybody_is_nudged_once_and_not_again_for_hours,
    some_units_are_nudged,
    what_waits_for_others_is_not_nudged,
    a_nudge_waits_for_the_hours_of_its_people,
    nobody_nudges_beyond_their_area,
    an_announcement_is_read_by_some,
    an_announcement_goes_to_chosen_units,
    an_announcement_is_written_in_many_ways,
    issues_are_exported,
    many_issues_are_exported_while_others_are_answered,
    summaries_say_what_changed,
    a_lead_has_a_weekly_summary,
    what_is_no_duty_can_be_muted,
    what_waits_stands_in_one_place,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,\n";

/// The school stands below the district.
async fn with_area(world: &World) {
    let units = "编码,名称,上级单位\nQ1,福州市示范一区人民政府,\nQ1A,示范一区教育局,Q1\n\
        B1,福州市示范和改革委员会,\n";
    let path = world.folder.path().join("roster").join("units.csv");
    std::fs::write(path, units).unwrap();
    world.import_roster().await;
}

/// What a chat was sent since the last look.
fn texts(world: &World, chat: i64) -> Vec<String> {
    let fresh = world.sandbox.unread(chat).into_iter();
    // What was only drawn again is no news.
    let fresh = fresh.filter(|message| message.edits == 0);
    fresh.map(|message| message.text).collect()
}

fn labels(message: &ChatMessage) -> Vec<String> {
    let buttons = message.buttons.iter().flatten();
    buttons.map(|button| button.label.clone()).collect()
}

/// Says something and reads the answer as a message.
async fn ask(world: &mut World, chat: i64, text: &str) -> ChatMessage {
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

/// Presses and reads the message as it stands then.
async fn press(world: &mut World, chat: i64, message: i64, label: &str) -> (String, ChatMessage) {
    let toast = world.press(chat, message, label).await;
    (toast, world.reads(chat))
}

async fn everybody_is_nudged_once_and_not_again_for_hours(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let report = format!("{TYPO}{TYPO2}{SCHOOL}");
    world.report("2021-06-28", &report).await;
    world.pass(120).await;
    world.sandbox.unread(operator);
    world.sandbox.unread(manager);
    let would = ask(&mut world, manager, "/remind").await;
    for part in [
        "可提醒 2 项，涉及 1 人；其中未签收 2，已超期 0",
        "通知不到 1 人：黄思敏",
    ] {
        assert!(would.text.contains(part), "{part}: {}", would.text);
    }
    assert_eq!(labels(&would), ["👉 一键提醒（1 人）", "☑ 选择单位"]);
    let (toast, did) = press(&mut world, manager, would.id, "一键提醒").await;
    assert!(toast.contains("已提醒 1 人（2 项）"), "{toast}");
    assert!(
        did.text
            .contains("林晓雨（福州市示范一区人民政府） 2 项 · 待发送"),
        "{}",
        did.text
    );
    // A second press, on an old screen, sends nothing more.
    let again = world
        .sandbox
        .press_data(manager, manager, would.id, &would.buttons[0][0].data);
    world.pass(120).await;
    let toast = world.sandbox.toast(&again).unwrap().text;
    assert!(toast.contains("已经发出"), "{toast}");
    let nudged = world.reads(operator);
    for part in [
        "👉 催办提醒",
        "警钟常鸣",
        "再接再励",
        "吴静怡 09:0",
        "· 催办",
    ] {
        assert!(nudged.text.contains(part), "{part}: {}", nudged.text);
    }
    world.press(operator, nudged.id, "1 收到").await;
    world.sandbox.unread(operator);
    world.sandbox.unread(manager);
    let (_, did) = press(&mut world, manager, would.id, "刷新").await;
    assert!(did.text.contains("· 已送达"), "{}", did.text);
    let life = world.say(manager, "/issue 1").await;
    for part in ["吴静怡 催办", "催办通知 → 林晓雨：已送达"] {
        assert!(life.contains(part), "{part}: {life}");
    }
    assert!(world.acts(1).await.contains(&"nudged".to_owned()));
    // Whoever asks, the same is not asked for again for four hours.
    world.until("2021-06-28 12:00").await;
    let would = world.say(manager, "/remind").await;
    for part in ["没有需要提醒", "1 项 4 小时内已提醒过", "通知不到 1 人"] {
        assert!(would.contains(part), "{part}: {would}");
    }
    world.until("2021-06-28 13:30").await;
    let would = world.say(manager, "/remind").await;
    assert!(would.contains("可提醒 1 项，涉及 1 人"), "{would}");
    world.end();
}

async fn some_units_are_nudged(mut world: World) {
    let (operator, school) = (world.bind("O1").await, world.bind("O3").await);
    let manager = world.bind("M1").await;
    let report = format!("{TYPO}{TYPO2}{SCHOOL}");
    world.report("2021-06-28", &report).await;
    world.pass(120).await;
    for chat in [operator, school, manager] {
        world.sandbox.unread(chat);
    }
    let would = ask(&mut world, manager, "/remind").await;
    let (_, pick) = press(&mut world, manager, would.id, "选择单位").await;
    assert_eq!(
        labels(&pick),
        [
            "☐ 福州市示范一区人民政府 · 2 项",
            "☐ 示范一区教育局 · 1 项",
            "返回"
        ]
    );
    let (_, pick) = press(&mut world, manager, would.id, "示范一区教育局").await;
    assert!(
        pick.text.contains("已选 1 个单位：1 项，1 人"),
        "{}",
        pick.text
    );
    press(&mut world, manager, would.id, "人民政府").await;
    let (_, pick) = press(&mut world, manager, would.id, "人民政府").await;
    assert!(labels(&pick).contains(&"☑ 示范一区教育局 · 1 项".to_owned()));
    let named = ask(&mut world, manager, "/remind 教育").await;
    assert!(
        named.text.contains("已选 1 个单位：1 项，1 人"),
        "{}",
        named.text
    );
    let (_, did) = press(&mut world, manager, would.id, "提醒所选（1 人）").await;
    assert!(did.text.contains("黄思敏") && !did.text.contains("林晓雨"));
    world.pass(120).await;
    assert!(world.reads(school).text.contains("催办提醒"));
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    // The rest can be asked for at once.
    let would = ask(&mut world, manager, "/remind").await;
    assert!(
        would.text.contains("可提醒 2 项，涉及 1 人"),
        "{}",
        would.text
    );
    world.end();
}

async fn what_waits_for_others_is_not_nudged(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let third = TYPO.replace("警钟常鸣", "做为");
    let fourth = TYPO.replace("警钟常鸣", "既使");
    let report = format!("{TYPO}{TYPO2}{third}{fourth}");
    world.report("2021-06-28", &report).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 已改").await;
    world.reply(operator, digest.id, "2 误报 标题是引文").await;
    world.reply(operator, digest.id, "3 收到").await;
    world.pass(120).await;
    world.sandbox.unread(manager);
    let would = world.say(manager, "/remind").await;
    assert!(
        would.contains("可提醒 1 项，涉及 1 人；其中未签收 1，已超期 0"),
        "{would}"
    );
    // The days pass: what was acknowledged is overdue, and is asked for; what more time is asked for waits.
    world.until("2021-07-02 09:00").await;
    world.sandbox.unread(manager);
    world.sandbox.unread(operator);
    let would = world.say(manager, "/remind").await;
    assert!(
        would.contains("可提醒 2 项，涉及 1 人；其中未签收 1，已超期 2"),
        "{would}"
    );
    let asked = world
        .reply(operator, digest.id, "4 延期到7月9日 等待平台审核")
        .await;
    assert!(asked.contains("提交后"), "{asked}");
    let last = world.sandbox.last(operator).unwrap();
    world.press(operator, last.id, "提交").await;
    world.sandbox.unread(manager);
    world.pass(120).await;
    world.sandbox.unread(manager);
    let would = world.say(manager, "/remind").await;
    assert!(
        would.contains("可提醒 1 项，涉及 1 人；其中未签收 0，已超期 1"),
        "{would}"
    );
    world.end();
}

async fn a_nudge_waits_for_the_hours_of_its_people(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.report("2021-06-28", TYPO).await;
    world.until("2021-06-28 21:00").await;
    world.sandbox.unread(operator);
    world.sandbox.unread(manager);
    let would = ask(&mut world, manager, "/remind").await;
    press(&mut world, manager, would.id, "一键提醒").await;
    world.pass(300).await;
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    let (_, did) = press(&mut world, manager, would.id, "刷新").await;
    assert!(did.text.contains("等其通知时段"), "{}", did.text);
    world.until("2021-06-29 07:59").await;
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    world.until("2021-06-29 08:02").await;
    assert!(world.reads(operator).text.contains("催办"));
    world.end();
}

async fn nobody_nudges_beyond_their_area(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let (manager, area) = (world.bind("M1").await, world.bind("M2").await);
    let admin = world.bind("A1").await;
    world.report("2021-06-28", TYPO).await;
    world.pass(120).await;
    for chat in [operator, lead, manager, area] {
        world.sandbox.unread(chat);
    }
    for command in ["/remind", "/announce 大家好", "/export", "/pending"] {
        for chat in [operator, lead, admin] {
            let said = world.say(chat, command).await;
            assert!(said.contains("没有这项权限"), "{command}: {said}");
        }
    }
    for (chat, may) in [
        (operator, false),
        (lead, true),
        (admin, false),
        (area, true),
    ] {
        let said = world.say(chat, "/mute").await;
        assert_eq!(said.contains("静音设置"), may, "{said}");
    }
    let would = ask(&mut world, area, "/remind").await;
    assert!(would.text.contains("没有需要提醒"), "{}", would.text);
    assert_eq!(labels(&would), Vec::<String>::new());
    // A forged press, on the area's own message and on the other manager's.
    let all = ask(&mut world, manager, "/remind").await;
    let key = all.buttons[0][0].data.split(':').nth(1).unwrap().to_owned();
    let forged = world
        .sandbox
        .press_data(area, area, would.id, &format!("all:{key}:0"));
    world.settle().await;
    let toast = world.sandbox.toast(&forged).unwrap().text;
    assert!(toast.contains("没有") || toast.contains("不"), "{toast}");
    world.pass(120).await;
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    // A unit of another area is not chosen, whatever the button says.
    let said = ask(&mut world, area, "/announce 请查收").await;
    assert!(
        said.text.contains("福州市示范和改革委员会的"),
        "{}",
        said.text
    );
    assert!(said.text.contains("共 1 人（其中 1 人"), "{}", said.text);
    let key = said.buttons[0][0]
        .data
        .split(':')
        .nth(1)
        .unwrap()
        .to_owned();
    let forged = world
        .sandbox
        .press_data(area, area, said.id, &format!("tick:{key}:1"));
    world.settle().await;
    let toast = world.sandbox.toast(&forged).unwrap().text;
    assert!(toast.contains("没有可选"), "{toast}");
    let exported = world.say(area, "/export").await;
    assert!(exported.contains("没有问题可导出"), "{exported}");
    world.end();
}

async fn an_announcement_is_read_by_some(mut world: World) {
    let (operator, school) = (world.bind("O1").await, world.bind("O3").await);
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    let text = "请各单位 <b>今天</b> 自查 & 回复\n详见 https://example.test/a?b=1&c=2";
    let preview = ask(&mut world, manager, &format!("/announce {text}")).await;
    for part in [
        "还没有发送",
        "全市的运维人员和分管负责人，共 4 人（其中 1 人",
        text,
    ] {
        assert!(preview.text.contains(part), "{part}: {}", preview.text);
    }
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    let (toast, sent) = press(&mut world, manager, preview.id, "发送（4 人）").await;
    assert!(toast.contains("共 4 人"), "{toast}");
    assert!(sent.text.contains("公告已发出") && sent.text.contains("待送达 3　📵 通知不到 1"));
    // A second press, on an old screen, sends nothing more.
    let data = &preview.buttons[0][0].data;
    let again = world.sandbox.press_data(manager, manager, preview.id, data);
    world.pass(120).await;
    assert!(
        world
            .sandbox
            .toast(&again)
            .unwrap()
            .text
            .contains("已经发出")
    );
    world.sandbox.unread(manager);
    let told = world.reads(operator);
    assert!(
        told.text.contains(text) && told.text.contains("吴静怡 · 0"),
        "{}",
        told.text
    );
    assert_eq!(labels(&told), ["👁 已读"]);
    let (toast, told) = press(&mut world, operator, told.id, "已读").await;
    assert!(toast.contains("吴静怡可以看到"), "{toast}");
    assert!(
        told.text.contains("✅ 已读") && told.buttons.is_empty(),
        "{}",
        told.text
    );
    let for_lead = world.reads(lead);
    assert_eq!(texts(&world, school).len(), 1);
    let (_, list) = press(&mut world, manager, preview.id, "回执").await;
    for part in [
        "已读 1　▫️ 未读 2　📵 通知不到 1",
        "▫️ 黄思敏（示范一区教育局） 未读",
        "▫️ 周文博",
        "📵 陈志远（福州市示范和改革委员会） 通知不到",
        "✅ 林晓雨",
    ] {
        assert!(list.text.contains(part), "{part}: {}", list.text);
    }
    // Once more to who has not read it, but not at once.
    assert!(!labels(&list).iter().any(|label| label.contains("再提醒")));
    world.pass(3_700).await;
    world.sandbox.unread(manager);
    let (_, list) = press(&mut world, manager, preview.id, "刷新").await;
    assert!(labels(&list).contains(&"🔔 再提醒未读（2 人）".to_owned()));
    let toast = world.press(manager, preview.id, "再提醒").await;
    assert!(toast.contains("已再提醒 2 人"), "{toast}");
    world.pass(120).await;
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    let told = world.reads(school);
    assert!(told.text.contains("再次提醒"), "{}", told.text);
    world.press(school, told.id, "已读").await;
    // Who binds within days gets it too; who binds later does not.
    let invitation = world.invite("O2").await;
    let late = world.sandbox.user("O2");
    world.sandbox.say(late, &format!("/start {invitation}"));
    world.pass(120).await;
    assert!(texts(&world, late).iter().any(|one| one.contains("自查")));
    // The way back to the receipts.
    world.sandbox.unread(manager);
    let asked = ask(&mut world, manager, "/announce").await;
    let (_, list) = press(&mut world, manager, asked.id, "回执").await;
    assert!(list.text.contains("已读 2　▫️ 未读 2"), "{}", list.text);
    // Who replies has read it, and nothing else is meant by it.
    world.sandbox.unread(lead);
    world.sandbox.reply(lead, for_lead.id, "收到");
    world.settle().await;
    world.pass(2).await;
    let said = world.sandbox.unread(lead).into_iter();
    let said: Vec<String> = said.map(|message| message.text).collect();
    assert!(
        said.iter().any(|one| one.contains("已记为已读")),
        "{said:?}"
    );
    assert!(said.iter().any(|one| one.contains("✅ 已读")), "{said:?}");
    let (_, list) = press(&mut world, manager, asked.id, "刷新").await;
    assert!(list.text.contains("已读 3　▫️ 未读 1"), "{}", list.text);
    world.end();
}

async fn an_announcement_goes_to_chosen_units(mut world: World) {
    with_area(&world).await;
    let (operator, school) = (world.bind("O1").await, world.bind("O3").await);
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    let other = world.bind("O2").await;
    let preview = ask(&mut world, manager, "/announce 明天开会").await;
    let (_, pick) = press(&mut world, manager, preview.id, "选择单位").await;
    // Areas first, each with what is below it.
    assert_eq!(
        labels(&pick),
        [
            "☐ 福州市示范一区人民政府 · 3 人",
            "☐ 福州市示范和改革委员会 · 1 人",
            "☐ 示范一区教育局 · 1 人",
            "✅ 选好了"
        ]
    );
    press(&mut world, manager, preview.id, "示范一区人民政府").await;
    let (_, shown) = press(&mut world, manager, preview.id, "选好了").await;
    assert!(
        shown
            .text
            .contains("福州市示范一区人民政府的运维人员和分管负责人，共 3 人")
    );
    let (_, shown) = press(&mut world, manager, preview.id, "只发负责人").await;
    assert!(
        shown.text.contains("的分管负责人，共 1 人"),
        "{}",
        shown.text
    );
    press(&mut world, manager, preview.id, "发送（1 人）").await;
    world.pass(120).await;
    assert_eq!(texts(&world, lead).len(), 1);
    for chat in [operator, school, other] {
        assert_eq!(texts(&world, chat), Vec::<String>::new());
    }
    // Given up: nothing goes out.
    world.sandbox.unread(manager);
    let preview = ask(&mut world, manager, "/announce 算了").await;
    let (toast, _) = press(&mut world, manager, preview.id, "放弃").await;
    assert!(toast.contains("没有发出"), "{toast}");
    let data = &preview.buttons[0][0].data;
    world.sandbox.press_data(manager, manager, preview.id, data);
    world.pass(120).await;
    assert_eq!(texts(&world, operator), Vec::<String>::new());
    world.end();
}

async fn an_announcement_is_written_in_many_ways(mut world: World) {
    let manager = world.bind("M1").await;
    world.bind("O1").await;
    let asked = world.say(manager, "/announce").await;
    assert!(asked.contains("请直接发送公告内容"), "{asked}");
    let preview = world.say(manager, "下周一检查，请提前自查").await;
    assert!(
        preview.contains("公告预览") && preview.contains("下周一检查"),
        "{preview}"
    );
    // The question is answered: what comes next is no announcement.
    let said = world.say(manager, "下周二呢").await;
    assert!(!said.contains("公告预览"), "{said}");
    world.say(manager, "/announce").await;
    let said = world.say(manager, "取消").await;
    assert!(said.contains("取消"), "{said}");
    let own = world.sandbox.say(manager, "请各位注意查收");
    world.settle().await;
    world.pass(2).await;
    world.sandbox.unread(manager);
    let preview = world.reply(manager, own, "/announce").await;
    assert!(
        preview.contains("公告预览") && preview.contains("请各位注意查收"),
        "{preview}"
    );
    let long = "长".repeat(3_001);
    let said = world.say(manager, &format!("/announce {long}")).await;
    assert!(said.contains("公告太长：3001 字，最多 3000 字"), "{said}");
    let whole = "<长>&".repeat(750);
    let said = world.say(manager, &format!("/announce {whole}")).await;
    assert!(said.contains(&whole), "{}", said.chars().count());
    world.end();
}

/// The cells of a sheet as text; times as they are stored.
fn rows_of(message: &ChatMessage, sheet: &str) -> Vec<Vec<Data>> {
    let bytes = message.file.as_ref().unwrap().bytes.clone();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn column(rows: &[Vec<Data>], name: &str) -> Vec<String> {
    let head = rows[0].iter();
    let at = head.map(Data::to_string).position(|cell| cell == name);
    let at = at.unwrap_or(usize::MAX);
    rows[1..].iter().map(|row| row[at].to_string()).collect()
}

async fn issues_are_exported(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let area = world.bind("M2").await;
    let formula = "示范发布,微信公众号,示范一区,错别字,=1+1,@SUM,2021-06-27 10:05\n";
    world
        .report("2021-06-28", &format!("{TYPO}{formula}{SCHOOL}"))
        .await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "2 已删除").await;
    world.sandbox.unread(manager);
    let file = ask(&mut world, manager, "/export").await;
    let seen = file.file.clone().unwrap();
    assert_eq!(
        (seen.kind.as_str(), seen.name.as_str()),
        ("document", "督办-全市-未办结.xlsx")
    );
    assert!(
        file.text
            .contains("全市 · 未办结：共 3 项，未办结 3（超期 0），已办结 0"),
        "{}",
        file.text
    );
    let all = rows_of(&file, "问题");
    assert_eq!(column(&all, "编号"), ["1", "2", "3"]);
    assert_eq!(
        column(&all, "状态"),
        ["待签收", "已报整改，待复核", "待签收"]
    );
    assert_eq!(column(&all, "错误表述"), ["警钟常鸣", "=1+1", "做为"]);
    assert_eq!(column(&all, "建议修改"), ["警钟长鸣", "@SUM", "作为"]);
    assert_eq!(column(&all, "账号"), ["示范发布", "示范发布", "示范教育"]);
    assert_eq!(column(&all, "整改人"), ["", "林晓雨", ""]);
    assert_eq!(column(&all, "整改方式"), ["", "删除", ""]);
    let found = &all[2][13];
    assert!(matches!(found, Data::DateTime(_)), "{found:?}");
    assert_eq!(
        found.as_datetime().unwrap().to_string(),
        "2021-06-27 10:05:00"
    );
    let units = rows_of(&file, "按单位");
    assert_eq!(
        column(&units, "单位"),
        ["福州市示范一区人民政府", "示范一区教育局"]
    );
    assert_eq!(column(&units, "合计"), ["2", "1"]);
    assert_eq!(column(&units, "待复核"), ["1", "0"]);
    assert_eq!(column(&rows_of(&file, "按类型"), "合计"), ["3"]);

    // Overdue, and a period: what was opened or closed in it.
    let said = world.say(manager, "/export 超期").await;
    assert!(said.contains("没有符合条件的问题"), "{said}");
    world.until("2021-07-02 08:20").await;
    world.report("2021-07-02", TYPO).await;
    world.sandbox.unread(manager);
    let file = ask(&mut world, manager, "/export 超期").await;
    assert_eq!(column(&rows_of(&file, "问题"), "编号"), ["1"]);
    assert!(column(&rows_of(&file, "问题"), "超期天数")[0].starts_with("0.6"));
    let file = ask(&mut world, manager, "/export 7月").await;
    assert_eq!(
        file.file.as_ref().unwrap().name,
        "督办-全市-2021-07-01_2021-07-31.xlsx"
    );
    assert_eq!(column(&rows_of(&file, "问题"), "编号"), ["2", "3"]);
    let all = rows_of(&file, "问题");
    assert_eq!(column(&all, "状态"), ["复核通过", "报告中已消除"]);
    let file = ask(&mut world, manager, "/export 2021-06-28 2021-06-30").await;
    assert_eq!(column(&rows_of(&file, "问题"), "编号"), ["1", "2", "3"]);
    assert_eq!(column(&rows_of(&file, "按单位"), "按期整改率"), ["1", "0"]);
    let said = world.say(manager, "/export 上周").await;
    assert!(said.contains("没有问题可导出"), "{said}");
    // The platform's work order, as the last report printed it.
    let head = support::HEADER.replace("监测时间", "监测时间,工单号");
    let with_ticket = format!("{head}{}", TYPO2.replace(",\n", ",,GD-0042\n"));
    world.drop_report("2021-07-05.csv", with_ticket);
    world.until("2021-07-05 09:00").await;
    world.sandbox.unread(manager);
    let file = ask(&mut world, manager, "/export").await;
    let at = column(&rows_of(&file, "问题"), "工单号");
    assert!(at.contains(&"GD-0042".to_owned()), "{at:?}");
    let said = world.say(manager, "/export 那个时候").await;
    assert!(
        said.contains("没看懂") && said.contains("/export 9月"),
        "{said}"
    );
    let said = world.say(area, "/export 6月").await;
    assert!(
        said.contains("福州市示范和改革委员会") && said.contains("没有问题可导出"),
        "{said}"
    );
    world.end();
}

async fn many_issues_are_exported_while_others_are_answered(mut world: World) {
    let manager = world.bind("M1").await;
    let row = |n: usize| format!("示范发布,微信公众号,示范一区,错别字,=错字{n},正字{n},\n");
    let rows: String = (0..2_000).map(row).collect();
    world.report("2021-06-28", &rows).await;
    world.pass(120).await;
    world.sandbox.unread(manager);
    let said = world.say(manager, "/export").await;
    assert!(said.contains("正在生成 2000 项"), "{said}");
    world.sandbox.say(manager, "/status");
    world.settle().await;
    // The file may come before the answer, or after it.
    let (mut file, mut answered) = (None, false);
    for _ in 0..600 {
        for message in world.sandbox.unread(manager) {
            answered |= message.text.contains("未办结 2000：");
            let is_one = |message: &ChatMessage| {
                let file = message.file.as_ref();
                file.is_some_and(|file| file.kind == "document")
            };
            file = file.or(Some(message).filter(is_one));
        }
        if file.is_some() && answered {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let file = file.unwrap();
    assert!(file.text.contains("共 2000 项"), "{}", file.text);
    let wrong = column(&rows_of(&file, "问题"), "错误表述");
    assert_eq!((wrong.len(), wrong[1_999].as_str()), (2_000, "=错字1999"));
    assert_eq!(column(&rows_of(&file, "按单位"), "合计"), ["2000"]);
    world.end();
}

/// The program with summaries at these hours.
async fn with_summaries(world: &mut World) {
    world.settings.summary.manager = vec!["0 9 * * *".into(), "0 16 * * *".into()];
    world.settings.summary.lead = vec!["0 9 * * 1".into()];
    world.restart().await;
    world.pass(61).await;
}

/// The summaries that a chat was sent since the last look.
fn summaries(world: &World, chat: i64) -> Vec<ChatMessage> {
    let mut fresh = world.sandbox.unread(chat);
    fresh.retain(|message| message.text.contains("📊"));
    fresh
}

async fn summaries_say_what_changed(mut world: World) {
    with_summaries(&mut world).await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let area = world.bind("M2").await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{SCHOOL}"))
        .await;
    world.until("2021-06-28 09:05").await;
    let told = summaries(&world, manager);
    assert_eq!(told.len(), 1);
    for part in [
        "全市 · 截至 09:00",
        "🆕 新增 3　✅ 签收 0",
        "未办结 3，待签收 3，超期 0",
    ] {
        assert!(told[0].text.contains(part), "{part}: {}", told[0].text);
    }
    let none = summaries(&world, area);
    assert!(
        none[0].text.contains("福州市示范和改革委员会 · 截至 09:00"),
        "{}",
        none[0].text
    );
    assert!(
        none[0].text.contains("没有变化，未办结 0"),
        "{}",
        none[0].text
    );
    let digest = world.sandbox.last(operator).unwrap();
    world.sandbox.unread(operator);
    world.reply(operator, digest.id, "1 已改").await;
    world.reply(operator, digest.id, "2 误报 是引文").await;
    world.until("2021-06-28 16:05").await;
    let told = summaries(&world, manager).remove(0);
    for part in [
        "09:00 以来：🆕 新增 0　✅ 签收 2　🛠 报整改 1　☑️ 复核通过 0",
        "申诉待裁 1，请发 /pending",
        "待复核 1",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    // The way on.
    world.press(manager, told.id, "待办").await;
    let head = world.reads(manager);
    assert!(head.text.contains("等您处理：2 项"), "{}", head.text);
    // Quiet hours hold it, and what was held is one message.
    world.say(manager, "/quiet 15:00-10:00").await;
    world.until("2021-06-30 09:55").await;
    assert_eq!(
        summaries(&world, manager).len(),
        1,
        "the one of the 29th at ten"
    );
    world.until("2021-06-30 10:02").await;
    let told = summaries(&world, manager);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].text.contains("06-29 09:00 以来"),
        "{}",
        told[0].text
    );
    // No report, and a day off.
    world.say(manager, "/quiet off").await;
    world.until("2021-07-02 16:05").await;
    let told = summaries(&world, manager);
    let told: Vec<&str> = told.iter().map(|one| one.text.as_str()).collect();
    let late = told.iter().find(|one| one.contains("⚠️ 新超期 1：#3"));
    for part in [
        "现在：未办结 3，待签收 1，超期 1",
        "超过一天未签收：黄思敏，可用 /remind",
    ] {
        assert!(late.unwrap().contains(part), "{part}: {told:#?}");
    }
    let last = told.last().unwrap();
    assert!(
        last.contains("没有变化") && last.contains("今日报告未到：daily"),
        "{last}"
    );
    world.until("2021-07-04 20:00").await;
    assert_eq!(summaries(&world, manager).len(), 0, "a weekend");
    world.end();
}

async fn a_lead_has_a_weekly_summary(mut world: World) {
    with_area(&world).await;
    with_summaries(&mut world).await;
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    world.report("2021-06-28", &format!("{TYPO}{SCHOOL}")).await;
    world.until("2021-06-28 09:05").await;
    let told = summaries(&world, lead);
    assert!(
        told[0].text.contains("福州市示范一区人民政府 · 截至"),
        "{}",
        told[0].text
    );
    assert!(told[0].text.contains("新增 2"), "{}", told[0].text);
    world.until("2021-07-04 20:00").await;
    assert_eq!(summaries(&world, lead).len(), 0);
    // The server was down at the hour: caught up once.
    let clock = world.app.desk.clock.clone();
    clock.advance_to(support::at("2021-07-05 10:30"));
    world.restart().await;
    world.pass(300).await;
    let told = summaries(&world, lead);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].text.contains("06-28 09:00 以来"),
        "{}",
        told[0].text
    );
    assert!(!summaries(&world, manager).is_empty());
    // Not wanted any more, by the button; only that.
    let toast = world.press(lead, told[0].id, "不再发摘要").await;
    assert!(toast.contains("已静音"), "{toast}");
    let list = world.reads(lead);
    assert!(
        list.text.contains("定时摘要：已关闭") && list.text.contains("是职责"),
        "{}",
        list.text
    );
    world.until("2021-07-12 10:00").await;
    assert_eq!(summaries(&world, lead).len(), 0);
    let (_, list) = {
        let toast = world.press(lead, list.id, "恢复").await;
        (toast, world.reads(lead))
    };
    assert!(list.text.contains("照常发送"), "{}", list.text);
    world.until("2021-07-19 09:05").await;
    let told = summaries(&world, lead).remove(0);
    assert!(told.text.contains("07-05 09:00 以来"), "{}", told.text);
    world.end();
}

async fn what_is_no_duty_can_be_muted(mut world: World) {
    with_summaries(&mut world).await;
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    world.bind("O1").await;
    let said = world.say(manager, "/mute 3天").await;
    assert!(said.contains("定时摘要：静音至 7月1日(周四) 08:"), "{said}");
    assert!(
        said.contains("久未证实清单：静音至 7月1日(周四) 08:0") && said.contains("届时补发"),
        "{said}"
    );
    let said = world.say(manager, "/mute 清单 90天").await;
    assert!(said.contains("最多 30 天"), "{said}");
    let said = world.say(lead, "/mute 节前").await;
    assert!(said.contains("您的职责"), "{said}");
    let said = world.say(lead, "/mute 超期").await;
    assert!(said.contains("没看懂"), "{said}");
    let said = world.say(lead, "/mute 摘要").await;
    assert!(said.contains("定时摘要：已关闭"), "{said}");
    world.report("2021-06-28", TYPO).await;
    world.until("2021-07-02 08:00").await;
    // What is a duty comes all the same.
    assert!(
        texts(&world, lead)
            .iter()
            .any(|one| one.contains("超期预警"))
    );
    let told: Vec<String> = summaries(&world, manager)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert_eq!(
        told.len(),
        2,
        "from the first of July nine o'clock: {told:#?}"
    );
    let said = world.say(manager, "/mute 摘要 到7月2日").await;
    assert!(said.contains("静音至 7月3日(周六) 00:00"), "{said}");
    let said = world.say(manager, "/mute off").await;
    assert!(
        !said.contains("静音至") && said.contains("定时摘要：照常发送"),
        "{said}"
    );
    world.until("2021-07-02 09:05").await;
    assert_eq!(summaries(&world, manager).len(), 1);
    world.end();
}

async fn what_waits_stands_in_one_place(mut world: World) {
    world.settings.sources[0].mode = duban::report::source::Mode::Incremental;
    world.restart().await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let third = TYPO.replace("警钟常鸣", "做为");
    let fourth = TYPO.replace("警钟常鸣", "既使");
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{third}{fourth}"))
        .await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 2 已改").await;
    world.reply(operator, digest.id, "3 误报 标题是引文").await;
    world
        .reply(operator, digest.id, "4 延期到7月9日 等待平台审核")
        .await;
    let last = world.sandbox.last(operator).unwrap();
    world.press(operator, last.id, "提交").await;
    world.pass(120).await;
    world.sandbox.unread(manager);
    let head = ask(&mut world, manager, "/pending").await;
    assert!(head.text.contains("等您处理：4 项"), "{}", head.text);
    assert_eq!(
        labels(&head),
        ["🔎 待复核的整改 2", "⚖️ 误报申诉 1", "⏳ 延期申请 1"]
    );
    for (label, part) in [
        ("申诉", "标题是引文"),
        ("延期", "等待平台审核"),
        ("待复核", "再接再励"),
    ] {
        world.press(manager, head.id, label).await;
        let list = world.reads(manager);
        assert!(list.text.contains(part), "{label}: {}", list.text);
    }
    let list = world.sandbox.last(manager).unwrap();
    // All of the page, with a second look; one can go back.
    let (_, look) = press(&mut world, manager, list.id, "本页全部通过").await;
    assert!(
        look.text.contains("确认本页 2 项") && look.text.contains("再接再励"),
        "{}",
        look.text
    );
    assert_eq!(labels(&look), ["✅ 确认，本页 2 项通过", "返回"]);
    assert_eq!(
        world.issues().await[..2],
        ["#1 fix_reported", "#2 fix_reported"]
    );
    let (_, list) = press(&mut world, manager, list.id, "返回").await;
    assert!(labels(&list).contains(&"1 通过".to_owned()));
    press(&mut world, manager, list.id, "本页全部通过").await;
    let (toast, list) = press(&mut world, manager, list.id, "确认").await;
    assert!(toast.contains("2"), "{toast}");
    assert!(list.text.contains("复核通过"), "{}", list.text);
    assert_eq!(
        world.issues().await[..2],
        ["#1 closed verified", "#2 closed verified"]
    );
    // The head as it stands now.
    let (_, head) = {
        let press = world
            .sandbox
            .press_data(manager, manager, head.id, &head.buttons[0][0].data);
        world.settle().await;
        (world.sandbox.toast(&press), world.reads(manager))
    };
    assert!(head.text.contains("等您处理：2 项"), "{}", head.text);
    world.end();
}
