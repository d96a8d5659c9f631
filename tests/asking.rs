//! What people ask for and manage among themselves: more time, another unit, a colleague; how it was fixed;
//! taking back. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use duban::sandbox::{Button, ChatMessage};
use sha2::{Digest as _, Sha256};
use support::World;

stories![
    more_time_is_asked_for_and_granted,
    an_extension_is_refused_or_out_of_range,
    an_issue_goes_to_the_unit_that_answers,
    an_issue_is_handed_to_a_colleague,
    a_mistake_is_taken_back_within_minutes,
    how_it_was_fixed_is_kept,
    a_wording_that_was_ruled_right_opens_nothing,
    a_manager_asks_for_evidence_and_rules_by_reply,
    what_nothing_confirms_is_listed_for_the_manager,
    a_repeated_error_is_treated_harder,
    what_was_handed_over_by_mistake,
    a_wording_of_the_whole_city_is_not_an_areas_to_revoke,
    a_unit_that_merely_looks_alike_is_chosen_by_a_press,
    many_refusals_fit_into_a_toast,
    an_album_is_kept_whole_and_can_be_proved,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

/// The texts of what a chat was sent since the last look.
fn texts(world: &World, chat: i64) -> Vec<String> {
    let fresh = world.sandbox.unread(chat);
    fresh.into_iter().map(|message| message.text).collect()
}

/// The only message of a chat that holds these words, of those since the last look.
fn with(world: &World, chat: i64, words: &str) -> ChatMessage {
    let mut fresh = world.sandbox.unread(chat);
    let texts: Vec<String> = fresh.iter().map(|m| m.text.clone()).collect();
    fresh.retain(|message| message.text.contains(words));
    assert_eq!(fresh.len(), 1, "{words}: {texts:#?}");
    fresh.remove(0)
}

fn labels(message: &ChatMessage) -> Vec<String> {
    let buttons = message.buttons.iter().flatten();
    buttons.map(|button| button.label.clone()).collect()
}

/// Replies, and reads the answer as a message.
async fn answer(world: &mut World, chat: i64, to: i64, text: &str) -> ChatMessage {
    world.sandbox.reply(chat, to, text);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

async fn more_time_is_asked_for_and_granted(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    assert!(
        digest.text.contains("7月1日(周四) 17:30 前"),
        "{}",
        digest.text
    );
    // By the menu: what is asked, the answer said back, submitted.
    world.press(operator, digest.id, "1 ⋯").await;
    world.pass(2).await;
    let menu = world.reads(operator);
    assert!(
        labels(&menu).contains(&"⏳ 申请延期".to_owned()),
        "{:?}",
        labels(&menu)
    );
    world.press(operator, menu.id, "⏳ 申请延期").await;
    world.pass(2).await;
    let asked = world.reads(operator);
    assert!(
        asked.text.contains("可延至 7月2日 到 7月15日 之间"),
        "{}",
        asked.text
    );
    let said = world.say(operator, "随便").await;
    assert!(said.contains("延期到什么时候"), "{said}");
    let said = world.say(operator, "下周三").await;
    assert!(said.contains("请写明原因"), "{said}");
    world.sandbox.say(operator, "下周三 系统升级");
    world.settle().await;
    world.pass(2).await;
    let back = world.reads(operator);
    for part in [
        "#1",
        "7月1日(周四) 17:30 → 7月7日(周三) 17:30",
        "系统升级",
        "仍按原期限提醒",
    ] {
        assert!(back.text.contains(part), "{part}: {}", back.text);
    }
    assert!(texts(&world, manager).is_empty(), "nothing counts yet");
    let toast = world.press(operator, back.id, "✅ 提交").await;
    assert!(toast.contains("延期申请已提交：#1"), "{toast}");
    world.sandbox.unread(operator);
    world.pass(120).await;
    let waits = with(&world, manager, "⏳ 延期申请");
    for part in [
        "现期限 7月1日(周四) 17:30",
        "申请延至 7月7日(周三) 17:30",
        "林晓雨",
        "系统升级",
    ] {
        assert!(waits.text.contains(part), "{part}: {}", waits.text);
    }
    let said = world.say(operator, "/my").await;
    assert!(
        said.contains("⏳ 已申请延期至 7月7日(周三) 17:30，待批"),
        "{said}"
    );
    // The clock goes on until it is granted.
    world.until("2021-06-30 09:40").await;
    assert!(
        texts(&world, operator)
            .iter()
            .any(|text| text.contains("⏰ 到期提醒"))
    );
    let data = waits.buttons[0][0].data.clone();
    let toast = world.press(manager, waits.id, "☑️ 同意").await;
    assert!(toast.contains("已同意 #1"), "{toast}");
    let press = world.sandbox.press_data(manager, manager, waits.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&press).unwrap().text;
    assert!(
        toast.contains("此前已处理：吴静怡"),
        "a second press explains: {toast}"
    );
    world.pass(120).await;
    assert!(
        texts(&world, operator)
            .iter()
            .any(|t| t.contains("⏳ 延期已批准：#1"))
    );
    assert!(
        texts(&world, lead)
            .iter()
            .any(|t| t.contains("⏳ 延期已批准：#1"))
    );
    let said = world.say(operator, "/due 1").await;
    for part in [
        "期限：7月7日(周三) 17:30",
        "原期限 7月1日(周四) 17:30",
        "林晓雨申请（系统升级）",
        "吴静怡",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // No warning at the old due time; the reminder and the warning at the new one.
    world.until("2021-07-01 18:10").await;
    assert!(
        texts(&world, operator)
            .iter()
            .all(|text| !text.contains("超期"))
    );
    world.until("2021-07-06 09:40").await;
    assert!(
        texts(&world, operator)
            .iter()
            .any(|text| text.contains("⏰ 到期提醒"))
    );
    world.until("2021-07-07 18:10").await;
    assert!(
        texts(&world, operator)
            .iter()
            .any(|text| text.contains("⚠️ 超期预警"))
    );
    let acts = world.acts(1).await;
    assert_eq!(
        acts,
        [
            "opened",
            "acknowledged",
            "extension_asked",
            "extension_granted"
        ]
    );
    let said = world.say(operator, "/issue 1").await;
    assert!(said.contains("林晓雨 申请延期：系统升级"), "{said}");
    assert!(said.contains("吴静怡 同意延期：2021-07-07 17:30"), "{said}");
    world.end();
}

async fn an_extension_is_refused_or_out_of_range(mut world: World) {
    let operator = world.bind("O1").await;
    let (other, manager) = (world.bind("M2").await, world.bind("M1").await);
    let advisory = "示范发布,微信公众号,示范一区,其他提醒,,,\n";
    world
        .report("2021-06-28", &format!("{TYPO}{advisory}"))
        .await;
    let digest = world.reads(operator);
    for (text, want) in [
        (
            "1 延期到6月30日 出差",
            "可延至 7月2日(周五) 17:30 到 7月15日(周四) 17:30 之间",
        ),
        ("1 延期到2021-12-31 出差", "最迟 7月15日(周四) 17:30"),
        ("9 延期到7月7日 出差", "没有这个编号"),
    ] {
        let said = world.reply(operator, digest.id, text).await;
        assert!(
            said.contains(want) && said.contains("未作任何改动"),
            "{text}: {said}"
        );
    }
    world.say(operator, "取消").await;
    let back = answer(&mut world, operator, digest.id, "1 延期+3工作日 出差").await;
    world.press(operator, back.id, "✅ 提交").await;
    world.sandbox.unread(operator);
    let said = world
        .reply(operator, digest.id, "1 延期到7月8日 出差")
        .await;
    assert!(said.contains("已有一项延期申请在等待处理"), "{said}");
    world.pass(120).await;
    assert!(
        texts(&world, other).is_empty(),
        "another area's manager hears nothing"
    );
    let waits = with(&world, manager, "延期申请");
    // Refused in words; the old due time stays.
    let said = world.reply(manager, waits.id, "不同意").await;
    assert!(said.contains("未同意 #1"), "{said}");
    world.pass(120).await;
    let told = texts(&world, operator);
    assert!(
        told.iter()
            .any(|t| t.contains("延期未批准") && t.contains("期限仍为 7月1日")),
        "{told:?}"
    );
    // What is fixed needs no more time; the operator may not rule.
    world.reply(operator, digest.id, "1 已改").await;
    let said = world
        .reply(operator, digest.id, "1 延期到7月8日 出差")
        .await;
    assert!(said.contains("已报整改或已办结"), "{said}");
    world.end();
}

async fn an_issue_goes_to_the_unit_that_answers(mut world: World) {
    let (operator, right) = (world.bind("O1").await, world.bind("O3").await);
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    let said = world
        .reply(operator, digest.id, "1 转办 火星局 不归我们")
        .await;
    assert!(said.contains("没有找到单位「火星局」"), "{said}");
    world.say(operator, "取消").await;
    let back = answer(
        &mut world,
        operator,
        digest.id,
        "1 转办 示范一区教育局 账号已划转",
    )
    .await;
    assert!(
        back.text.contains("→ 示范一区教育局") && back.text.contains("账号已划转"),
        "{}",
        back.text
    );
    world.press(operator, back.id, "✅ 提交").await;
    world.pass(120).await;
    let waits = with(&world, manager, "🔀 转办申请");
    assert!(
        waits.text.contains("申请转到 示范一区教育局"),
        "{}",
        waits.text
    );
    world.until("2021-06-29 09:00").await;
    world.sandbox.unread(operator);
    world.press(manager, waits.id, "☑️ 同意").await;
    world.pass(120).await;
    let told = texts(&world, operator);
    assert!(told.iter().any(|t| t.contains("🔀 已转办：#1")), "{told:?}");
    let fresh = with(&world, right, "🔀 转来的问题");
    for part in [
        "微信公众号「示范发布」",
        "示范一区教育局",
        "7月2日(周五) 17:30 前",
    ] {
        assert!(fresh.text.contains(part), "{part}: {}", fresh.text);
    }
    // The former unit sees it no more, and its buttons do nothing.
    let former = world.sandbox.message(operator, digest.id).unwrap();
    assert!(former.text.contains("已不由您负责"), "{}", former.text);
    assert_eq!(labels(&former), Vec::<String>::new());
    let data = |button: &Button| button.label.contains("已整改").then(|| button.data.clone());
    let data = digest.buttons.iter().flatten().find_map(data).unwrap();
    let press = world
        .sandbox
        .press_data(operator, operator, digest.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&press).unwrap().text;
    assert!(toast.contains("没有这项权限"), "{toast}");
    world.sandbox.unread(operator);
    assert!(
        world
            .say(operator, "/issue 1")
            .await
            .contains("没有这个编号")
    );
    let toast = world.press(right, fresh.id, "1 已整改").await;
    assert!(toast.contains("已记录整改"), "{toast}");
    assert_eq!(world.issues().await, ["#1 fix_reported"]);
    // A report that lists the account no more verifies it.
    world.report("2021-06-30", "").await;
    assert_eq!(world.issues().await, ["#1 closed verified"]);
    world.end();
}

async fn an_issue_is_handed_to_a_colleague(mut world: World) {
    let path = world.folder.path().join("roster").join("people.csv");
    let people = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{people}O9,王雅琴,运维人员,Q1,\n")).unwrap();
    world.import_roster().await;
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let colleague = world.bind("O9").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    world.sandbox.unread(colleague);
    world.press(operator, digest.id, "1 ⋯").await;
    world.pass(2).await;
    let menu = world.reads(operator);
    world.press(operator, menu.id, "🙋 换人处理").await;
    let menu = world.reads(operator);
    let offered = labels(&menu);
    assert_eq!(
        offered[..2],
        ["王雅琴".to_owned(), "周文博（分管负责人）".to_owned()]
    );
    world.press(operator, menu.id, "王雅琴").await;
    world.pass(120).await;
    assert!(
        texts(&world, operator)
            .iter()
            .any(|t| t.contains("已转给 王雅琴：#1"))
    );
    assert!(
        texts(&world, colleague)
            .iter()
            .any(|t| t.contains("🔀 转来的问题"))
    );
    assert!(
        texts(&world, lead)
            .iter()
            .any(|t| t.contains("林晓雨转给 王雅琴 处理"))
    );
    // Reminders go to who has it now.
    world.until("2021-06-29 09:40").await;
    assert!(
        texts(&world, colleague)
            .iter()
            .any(|t| t.contains("📥 尚未签收"))
    );
    assert!(texts(&world, operator).is_empty());
    // Back by name, in a reply.
    let said = world.say(colleague, "转给林晓雨").await;
    assert!(said.contains("已转给 林晓雨：#1"), "{said}");
    let said = world.say(operator, "转给何慧玲").await;
    assert!(
        said.contains("转给谁处理"),
        "the admin answers for nothing: {said}"
    );
    assert_eq!(
        world.acts(1).await,
        ["opened", "handed_over", "handed_over"]
    );
    world.end();
}

async fn a_mistake_is_taken_back_within_minutes(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    let done = answer(&mut world, operator, digest.id, "1 2 已改").await;
    assert_eq!(labels(&done), ["↩️ 撤回"]);
    let toast = world.press(operator, done.id, "↩️ 撤回").await;
    assert!(toast.contains("已撤回 #1 的「报告已整改」"), "{toast}");
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    world.sandbox.unread(operator);
    let said = world.say(operator, "撤回").await;
    assert!(said.contains("没有可撤回的操作"), "{said}");
    // A dispute that a manager has not seen yet is not shown to them.
    world.reply(operator, digest.id, "1 误报 标题是引文").await;
    let said = world.say(operator, "点错了").await;
    assert!(said.contains("已撤回 #1 的「申诉误报」"), "{said}");
    world.pass(120).await;
    assert!(texts(&world, manager).is_empty());
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    // Too late; and not over somebody else's ruling.
    world.reply(operator, digest.id, "2 收到").await;
    world.pass(660).await;
    let said = world.say(operator, "/undo").await;
    assert!(said.contains("没有可以撤回的操作"), "{said}");
    let said = world.reply(operator, digest.id, "2 撤回").await;
    assert!(said.contains("#2 未撤回：已超过 10 分钟"), "{said}");
    world.reply(operator, digest.id, "1 误报 标题是引文").await;
    world.pass(120).await;
    let waits = world.reads(manager);
    world.press(manager, waits.id, "↩️ 不同意，需整改").await;
    let said = world.reply(operator, digest.id, "1 撤回").await;
    assert!(said.contains("之后已有新的处理"), "{said}");
    // A request is taken back too; the manager's press explains.
    let back = answer(&mut world, operator, digest.id, "1 延期到7月7日 出差").await;
    world.press(operator, back.id, "✅ 提交").await;
    world.pass(120).await;
    let waits = with(&world, manager, "延期申请");
    world.sandbox.unread(operator);
    world.press(operator, back.id, "↩️ 撤回").await;
    let toast = world.press(manager, waits.id, "☑️ 同意").await;
    assert!(toast.contains("申请已撤回"), "{toast}");
    assert!(with(&world, manager, "已由申请人撤回").buttons.len() == 1);
    world.end();
}

async fn how_it_was_fixed_is_kept(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.press(operator, digest.id, "1 已整改").await;
    let digest = world.reads(operator);
    let offered = labels(&digest);
    for label in ["1 修改", "1 删除", "1 重发", "1 其他"] {
        assert!(offered.contains(&label.to_owned()), "{offered:?}");
    }
    let toast = world.press(operator, digest.id, "1 删除").await;
    assert!(toast.contains("#1 整改方式：删除"), "{toast}");
    let digest = world.reads(operator);
    assert!(
        digest.text.contains("已报整改（删除），待复核"),
        "{}",
        digest.text
    );
    world.reply(operator, digest.id, "2 已重发").await;
    let said = world.say(manager, "/pending").await;
    for part in ["已报整改（删除）", "已报整改（重发）"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    world.end();
}

async fn a_wording_that_was_ruled_right_opens_nothing(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    world
        .reply(operator, digest.id, "1 误报 栏目名就叫警钟常鸣")
        .await;
    world.pass(120).await;
    let waits = world.reads(manager);
    world.press(manager, waits.id, "☑️ 同意，是误报").await;
    let ruled = world.reads(manager);
    let toast = world.press(manager, ruled.id, "🟢 本账号放行该表述").await;
    assert!(toast.contains("已放行「警钟常鸣」（仅本账号）"), "{toast}");
    // Elsewhere on the account it opens nothing; on another it does.
    let elsewhere = "示范发布,微信公众号,示范一区,用词不当,警钟 常鸣,警钟长鸣,\n";
    let other = "示范教育,微信公众号,示范一区教育局,错别字,警钟常鸣,警钟长鸣,\n";
    let outcome = world
        .report("2021-06-29", &format!("{elsewhere}{other}"))
        .await;
    assert_eq!((outcome.opened, outcome.allowed), (1, 1));
    assert_eq!(world.issues().await, ["#1 closed false_alarm", "#2 open"]);
    // Taken back, it counts again.
    let ruled = world.sandbox.unread(manager);
    let ruled = ruled.iter().find(|m| m.id == waits.id).unwrap();
    let toast = world.press(manager, ruled.id, "↩️ 撤销放行").await;
    assert!(toast.contains("已撤销放行"), "{toast}");
    let acts = world.acts(1).await;
    assert_eq!(
        acts[2..],
        ["dispute_accepted", "wording_allowed", "wording_disallowed"]
    );
    world.end();
}

async fn a_manager_asks_for_evidence_and_rules_by_reply(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let lead = world.bind("L1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 2 已改").await;
    world.sandbox.say(manager, "/pending");
    world.settle().await;
    world.pass(2).await;
    let pending = world.reads(manager);
    let toast = world.press(manager, pending.id, "📎 本页都要凭证").await;
    assert!(toast.contains("2 项"), "{toast}");
    world.pass(120).await;
    let asked = with(&world, operator, "📎 请补充整改凭证");
    world
        .sandbox
        .send_photo(operator, Some(asked.id), Some("2"));
    world.settle().await;
    world.pass(2).await;
    assert!(world.reads(operator).text.contains("附件已保存到 #2"));
    world.pass(120).await;
    let told = texts(&world, manager);
    assert!(
        told.iter()
            .any(|t| t.contains("📎 #2") && t.contains("林晓雨已补充凭证")),
        "{told:?}"
    );
    // What cannot be placed lets nothing count; a denial is no consent.
    for (text, want) in [
        ("2 通过，9 未通过", "没有这个编号"),
        ("无法确认", "没有看懂"),
    ] {
        let said = world.reply(manager, pending.id, text).await;
        assert!(said.contains(want), "{text}: {said}");
        assert_eq!(world.issues().await, ["#1 fix_reported", "#2 fix_reported"]);
    }
    let said = world.reply(manager, pending.id, "2 通过，1 未通过").await;
    assert!(
        said.contains("已确认整改 #2") && said.contains("已退回 #1"),
        "{said}"
    );
    assert_eq!(world.issues().await, ["#1 open", "#2 closed verified"]);
    world.pass(120).await;
    for chat in [operator, lead] {
        let told = texts(&world, chat);
        assert!(
            told.iter()
                .any(|t| t.contains("复查未通过") && t.contains("第 2 次")),
            "{told:?}"
        );
    }
    let said = world.reply(manager, pending.id, "1 通过了吗").await;
    assert!(said.contains("没有看懂"), "{said}");
    world.end();
}

async fn what_nothing_confirms_is_listed_for_the_manager(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.settings.sources[0].mode = duban::report::source::Mode::Incremental;
    world.restart().await;
    world.pass(61).await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 2 已改").await;
    world.until("2021-07-05 17:00").await;
    let early = texts(&world, manager);
    assert!(
        early.iter().all(|t| !t.contains("久无报告证实")),
        "{early:?}"
    );
    world.until("2021-07-06 10:00").await;
    let list = with(&world, manager, "🔎 已报整改，久无报告证实");
    assert!(labels(&list).contains(&"✅ 本页全部通过".to_owned()));
    world.press(manager, list.id, "1 通过").await;
    assert_eq!(
        world.issues().await,
        ["#1 closed verified", "#2 fix_reported"]
    );
    world.sandbox.unread(manager);
    world.restart().await;
    world.pass(61).await;
    world.until("2021-07-20 10:00").await;
    let later = texts(&world, manager);
    assert!(
        later.iter().all(|t| !t.contains("久无报告证实")),
        "told once: {later:?}"
    );
    world.end();
}

async fn a_repeated_error_is_treated_harder(mut world: World) {
    let path = world.folder.path().join("policy.toml");
    let rows = "[[deadline]]\namount = 3\nunit = \"working_days\"\n\
        [[deadline]]\nrepeated = true\namount = 1\nunit = \"working_days\"\n";
    std::fs::write(&path, rows).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    assert!(
        digest.text.contains("7月1日(周四) 17:30 前"),
        "{}",
        digest.text
    );
    world.report("2021-06-29", "").await;
    world.report("2021-06-30", TYPO).await;
    let digest = with(&world, operator, "再次出现");
    for part in ["第 2 次", "7月1日(周四) 17:30 前"] {
        assert!(digest.text.contains(part), "{part}: {}", digest.text);
    }
    let said = world.say(operator, "/due 1").await;
    for part in ["1 个工作日，自6月30日(周三)", "规则：重复出现 是"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    world.end();
}

async fn what_was_handed_over_by_mistake(mut world: World) {
    let path = world.folder.path().join("roster").join("people.csv");
    let people = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{people}O9,王雅琴,运维人员,Q1,\n")).unwrap();
    world.import_roster().await;
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let colleague = world.bind("O9").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.sandbox.unread(colleague);
    // Two at once, chosen by a press; taken back before anybody was told of them.
    let chosen = answer(&mut world, operator, digest.id, "1 2 不归我管").await;
    world.press(operator, chosen.id, "王雅琴").await;
    world.pass(2).await;
    let told = with(&world, operator, "已转给 王雅琴：#1、#2");
    world.press(operator, told.id, "↩️ 撤回").await;
    world.pass(120).await;
    let told = texts(&world, colleague);
    assert!(told.iter().all(|text| !text.contains("🔀")), "{told:#?}");
    assert!(
        told.iter().any(|text| text.contains("收回了转交")),
        "{told:#?}"
    );
    assert!(
        texts(&world, lead)
            .iter()
            .any(|text| text.contains("收回了转交"))
    );
    // Two presses of one button: the second shows what stands.
    world.sandbox.unread(operator);
    let back = answer(&mut world, operator, digest.id, "1 延期到7月7日 出差").await;
    let data = back.buttons[0][0].data.clone();
    world.press(operator, back.id, "✅ 提交").await;
    let press = world.sandbox.press_data(operator, operator, back.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&press).unwrap().text;
    assert!(toast.contains("延期申请已提交：#1"), "{toast}");
    // A button means what its message tells of, not what was done since.
    world.sandbox.unread(operator);
    let fixed = answer(&mut world, operator, digest.id, "2 已改").await;
    world.reply(operator, digest.id, "2 误报 标题是引文").await;
    let toast = world.press(operator, fixed.id, "↩️ 撤回").await;
    assert!(toast.contains("#2 未撤回：之后已有新的处理"), "{toast}");
    world.end();
}

async fn a_wording_of_the_whole_city_is_not_an_areas_to_revoke(mut world: World) {
    let operator = world.bind("O2").await;
    let (manager, area) = (world.bind("M1").await, world.bind("M2").await);
    let site = "示范委网站,政府网站,福州市示范和改革委员会,错别字,渡假,度假,\n";
    world.report("2021-06-28", site).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 误报 栏目名").await;
    world.pass(120).await;
    let (waits, other) = (world.reads(manager), world.reads(area));
    world.press(manager, waits.id, "☑️ 同意，是误报").await;
    let toast = world
        .press(manager, waits.id, "🟢 所有账号放行该表述")
        .await;
    assert!(toast.contains("全部账号"), "{toast}");
    let data = other.buttons[0][0].data.replace("acc:", "disallow:");
    let press = world.sandbox.press_data(area, area, other.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&press).unwrap().text;
    assert!(toast.contains("没有这项权限"), "{toast}");
    assert_eq!(
        world
            .report("2021-06-29", &site.replace("错别字", "用词不当"))
            .await
            .opened,
        0
    );
    world.end();
}

async fn a_unit_that_merely_looks_alike_is_chosen_by_a_press(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    // One unit is like it, and none is called so: it is offered, not assumed.
    let back = answer(
        &mut world,
        operator,
        digest.id,
        "1 转办 示范二区教育局 账号已划转",
    )
    .await;
    assert!(
        back.text.contains("请选择应由哪个单位负责"),
        "{}",
        back.text
    );
    let offered = labels(&back);
    assert!(
        offered.contains(&"示范一区教育局".to_owned()),
        "{offered:?}"
    );
    assert!(!offered.contains(&"✅ 提交".to_owned()), "{offered:?}");
    world.press(operator, back.id, "示范一区教育局").await;
    let back = world.reads(operator);
    assert!(back.text.contains("→ 示范一区教育局"), "{}", back.text);
    let toast = world.press(operator, back.id, "✅ 提交").await;
    assert!(toast.contains("转办申请已提交：#1"), "{toast}");
    world.end();
}

async fn many_refusals_fit_into_a_toast(mut world: World) {
    let operator = world.bind("O1").await;
    let words = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"];
    let row = |word: &&str| format!("示范发布,微信公众号,示范一区,错别字,某某{word},某{word},\n");
    let rows: String = words.iter().map(row).collect();
    world.report("2021-06-28", &rows).await;
    let digest = world.reads(operator);
    let back = answer(&mut world, operator, digest.id, "1-8 延期到7月7日 出差").await;
    let other = answer(&mut world, operator, digest.id, "1-8 延期到7月8日 出差").await;
    world.press(operator, other.id, "✅ 提交").await;
    world.sandbox.unread(operator);
    // Each is refused; the toast says as much as one holds, the message all of it.
    let toast = world.press(operator, back.id, "✅ 提交").await;
    assert!(
        toast.contains("等待处理") && toast.encode_utf16().count() <= 200,
        "{toast}"
    );
    let fresh = world.sandbox.unread(operator);
    let shown = fresh.iter().find(|message| message.id == back.id).unwrap();
    assert_eq!(shown.text.matches("等待处理").count(), 8, "{}", shown.text);
    world.end();
}

async fn an_album_is_kept_whole_and_can_be_proved(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.pass(61).await;
    let digest = world.reads(operator);
    let album = (3, Some("1 已修改"));
    world.sandbox.send_album(operator, Some(digest.id), album);
    world.settle().await;
    world.pass(2).await;
    // One answer for three photos.
    let said = world.reads(operator);
    assert!(
        said.text.contains("已记录") || said.text.contains("整改"),
        "{}",
        said.text
    );
    let mut tx = world.store().read().await.unwrap();
    let mut acts = duban::issue::acts::acts_of(&mut tx, &[1, 2]).await.unwrap();
    drop(tx);
    let kept: Vec<_> = acts.remove(&1).unwrap_or_default().into_iter().collect();
    let kept: Vec<_> = kept.iter().filter(|act| act.evidence.is_some()).collect();
    assert_eq!(kept.len(), 3, "{kept:#?}");
    assert!(
        acts.remove(&2)
            .unwrap_or_default()
            .iter()
            .all(|act| act.evidence.is_none())
    );
    // The hash is that of what was sent.
    let sent = world.sandbox.chat(operator).into_iter();
    let bytes = sent.filter_map(|m| m.file).map(|file| file.bytes).next();
    let hash = format!("{:x}", Sha256::digest(bytes.unwrap()));
    for act in kept {
        assert_eq!(act.sha256.as_deref(), Some(hash.as_str()));
    }
    // A file comes with its name and type, and who asks for it sees what it is.
    world.sandbox.send_document(
        operator,
        Some(digest.id),
        ("整改前后.pdf", b"%PDF-1.4 proof"),
        Some("2 已修改"),
    );
    world.settle().await;
    let manager = world.bind("M1").await;
    world.sandbox.say(manager, "/pending");
    world.settle().await;
    let pending = world.reads(manager);
    world.press(manager, pending.id, "2 📎").await;
    world.pass(5).await;
    let mut shown = world.sandbox.unread(manager).into_iter();
    let shown = shown.find(|message| message.file.is_some()).unwrap();
    let hash = format!("{:x}", Sha256::digest(b"%PDF-1.4 proof"));
    for part in [
        "#2",
        "林晓雨",
        "整改前后.pdf",
        "1 KB",
        &format!("SHA-256 {}", &hash[..16]),
    ] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    world.end();
}
