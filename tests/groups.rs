//! The group of a unit: bound by a code, told of the unit's findings, acted in by those who answer for them;
//! topics, growth, removal. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every word of the language is spoken here")]
mod support;

use duban::sandbox::{ChatMessage, Fault};
use support::World;

stories![
    a_lead_binds_the_group_of_their_unit,
    a_code_alone_binds_nothing,
    the_group_is_told_and_acts,
    others_are_told_kindly,
    a_reply_in_the_group_counts,
    a_dispute_is_asked_about_in_the_group,
    what_is_private_stays_private,
    the_group_only,
    the_hours_of_the_unit_hold_for_its_group,
    a_topic_is_kept,
    a_group_grows,
    a_group_that_grew_unheard_is_followed,
    removal_is_told,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const OFFICE: &str = "无人看管,微信公众号,示范和改革委,错别字,部份,部分,\n";

/// Everything new in a chat after what was just said is answered.
async fn heard(world: &mut World, chat: i64) -> Vec<ChatMessage> {
    world.settle().await;
    world.pass(5).await;
    let mut fresh = world.sandbox.unread(chat);
    // What was drawn again besides is no answer.
    if fresh.iter().any(|message| message.edits == 0) {
        fresh.retain(|message| message.edits == 0);
    }
    fresh
}

/// What a person reads in the private chat after saying something.
async fn ask(world: &mut World, chat: i64, text: &str) -> ChatMessage {
    world.sandbox.unread(chat);
    world.sandbox.say(chat, text);
    heard(world, chat).await.remove(0)
}

/// What is answered in a group.
async fn in_group(world: &mut World, (group, user): (i64, i64), text: &str) -> Vec<ChatMessage> {
    world.sandbox.unread(group);
    world.sandbox.say_in(group, user, None, text);
    heard(world, group).await
}

/// A code for the group of a person's unit, by the buttons of the private chat.
async fn code(world: &mut World, lead: i64, line: &str) -> String {
    let card = ask(world, lead, line).await;
    world.sandbox.unread(lead);
    world.press(lead, card.id, "取绑定码").await;
    let told = heard(world, lead).await.remove(0).text;
    let (_, rest) = told.split_once("/bind").unwrap();
    rest.split_whitespace()
        .nth(1)
        .or_else(|| rest.split_whitespace().next())
        .unwrap()
        .to_owned()
}

/// The lead of the first district binds a group of these people and the lead.
async fn bound(world: &mut World, lead: i64, members: &[i64]) -> i64 {
    duban::bot::offer(&world.app.desk).await;
    let mut all = vec![lead];
    all.extend(members);
    let group = world.sandbox.group_of("一区督办群", &all);
    world.settle().await;
    let code = code(world, lead, "/group").await;
    let said = in_group(world, (group, lead), &format!("/bind@duban_bot {code}")).await;
    assert!(
        said[0].text.contains("已绑定 福州市示范一区人民政府"),
        "{}",
        said[0].text
    );
    world.sandbox.unread(lead);
    group
}

/// Presses a button of a group's message; the toast.
async fn press_in(world: &mut World, (group, user): (i64, i64), id: i64, label: &str) -> String {
    let message = world.sandbox.message(group, id).unwrap();
    let mut buttons = message.buttons.iter().flatten();
    let data = buttons
        .find(|b| b.label.contains(label))
        .unwrap()
        .data
        .clone();
    let press = world.sandbox.press_data(user, group, id, &data);
    world.settle().await;
    world.pass(5).await;
    world.sandbox.toast(&press).unwrap().text
}

async fn a_lead_binds_the_group_of_their_unit(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    duban::bot::offer(&world.app.desk).await;
    // Taken into a group by a lead, the bot says how it goes on; by others it says nothing.
    let group = world.sandbox.group_of("一区督办群", &[lead, operator]);
    let said = heard(&mut world, group).await;
    assert!(said[0].text.contains("/group"), "{}", said[0].text);
    let other = world.sandbox.group_of("别的群", &[operator]);
    assert!(heard(&mut world, other).await.is_empty());
    let card = ask(&mut world, lead, "/group").await;
    assert!(
        card.text.contains("福州市示范一区人民政府") && card.text.contains("未绑定"),
        "{}",
        card.text
    );
    let code = code(&mut world, lead, "/group 示范一区").await;
    let said = in_group(
        &mut world,
        (group, lead),
        &format!("/bind@duban_bot {code}"),
    )
    .await;
    assert!(
        said[0]
            .text
            .contains("已绑定 福州市示范一区人民政府（周文博）"),
        "{}",
        said[0].text
    );
    // Once.
    let said = in_group(
        &mut world,
        (other, lead),
        &format!("/bind@duban_bot {code}"),
    )
    .await;
    assert!(said[0].text.contains("已用过"), "{}", said[0].text);
    // Another group in its place, by the link that adds the bot; the former one is told.
    let card = ask(&mut world, lead, "/group").await;
    assert!(card.text.contains("✅ 一区督办群"), "{}", card.text);
    world.press(lead, card.id, "换一个群").await;
    let told = heard(&mut world, lead).await;
    let link = told
        .iter()
        .find_map(|m| m.text.split_once("startgroup="))
        .unwrap()
        .1;
    let said = in_group(
        &mut world,
        (other, lead),
        &format!("/start@duban_bot {}", link.trim()),
    )
    .await;
    assert!(said[0].text.contains("已绑定"), "{}", said[0].text);
    assert!(world.reads(group).text.contains("绑定已解除"));
    let card = ask(&mut world, lead, "/group").await;
    assert!(card.text.contains("✅ 别的群"), "{}", card.text);
    world.press(lead, card.id, "解除").await;
    assert!(
        heard(&mut world, other).await[0]
            .text
            .contains("绑定已解除")
    );
    assert!(
        world
            .sandbox
            .message(lead, card.id)
            .unwrap()
            .text
            .contains("未绑定")
    );
    world.end();
}

async fn a_code_alone_binds_nothing(mut world: World) {
    let (lead, operator, area) = (
        world.bind("L1").await,
        world.bind("O1").await,
        world.bind("M2").await,
    );
    duban::bot::offer(&world.app.desk).await;
    let stranger = world.sandbox.user("stranger");
    let group = world.sandbox.group_of("群", &[stranger, operator, area]);
    let code = code(&mut world, lead, "/group").await;
    let line = format!("/bind@duban_bot {code}");
    for (user, says) in [
        (stranger, "还没有绑定"),
        (operator, "本人发送"),
        (area, "本人发送"),
    ] {
        let said = in_group(&mut world, (group, user), &line).await;
        assert!(said[0].text.contains(says), "{}", said[0].text);
    }
    let said = in_group(&mut world, (group, lead), "/bind@duban_bot ABCDEFGHJKLM").await;
    assert!(said[0].text.contains("绑定码不对"), "{}", said[0].text);
    // Only leads and managers are given one, and only of their units.
    assert!(
        ask(&mut world, operator, "/group")
            .await
            .text
            .contains("没有这项权限")
    );
    assert!(
        ask(&mut world, area, "/group 示范一区")
            .await
            .text
            .contains("没有找到您负责的单位")
    );
    assert!(
        ask(&mut world, lead, "/group 示范和改革委")
            .await
            .text
            .contains("没有找到您负责的单位")
    );
    world.pass(3_700).await;
    let said = in_group(&mut world, (group, lead), &line).await;
    assert!(said[0].text.contains("已过期"), "{}", said[0].text);
    // A command for another bot is none of ours, ordinary talk neither.
    assert!(
        in_group(&mut world, (group, lead), "/bind@other_bot x")
            .await
            .is_empty()
    );
    assert!(
        in_group(&mut world, (group, lead), "大家好")
            .await
            .is_empty()
    );
    world.end();
}

async fn the_group_is_told_and_acts(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{OFFICE}"))
        .await;
    let digest = world.reads(group);
    assert!(
        digest.text.contains("警钟常鸣") && digest.text.contains("再接再励"),
        "{}",
        digest.text
    );
    assert!(
        !digest.text.contains("部份"),
        "another unit's: {}",
        digest.text
    );
    assert!(digest.text.contains("请处理：林晓雨"), "{}", digest.text);
    assert_eq!(digest.mentions(), [operator]);
    // Besides the private one.
    let private = world.reads(operator);
    let toast = press_in(&mut world, (group, operator), digest.id, "1 收到").await;
    assert!(
        toast.contains("已签收") || toast.contains("收到"),
        "{toast}"
    );
    assert_eq!(world.acts(1).await, ["opened", "acknowledged"]);
    let now = world.sandbox.message(group, digest.id).unwrap();
    assert!(
        now.text.contains("已签收 · 林晓雨") && now.text.contains("请处理"),
        "{}",
        now.text
    );
    // What was done in the group the private message knows, also by a press that comes too late.
    let shown = world.sandbox.message(operator, private.id).unwrap();
    assert!(shown.text.contains("已签收 · 林晓雨"), "{}", shown.text);
    let data = private.buttons[0][0].data.clone();
    let press = world
        .sandbox
        .press_data(operator, operator, private.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&press).unwrap().text;
    assert!(toast.contains("林晓雨"), "{toast}");
    let toast = press_in(&mut world, (group, operator), digest.id, "2 已整改").await;
    assert!(toast.contains("#2"), "{toast}");
    press_in(&mut world, (group, lead), digest.id, "1 已整改").await;
    assert_eq!(world.acts(1).await.last().unwrap(), "fix_reported");
    // The history says that the group was told, and the auditor has nothing to say.
    let history = ask(&mut world, lead, "/issue 1").await.text;
    assert!(history.contains("单位群「一区督办群」"), "{history}");
    world.pass(1_200).await;
    let mut tx = world.store().read().await.unwrap();
    let last = duban::audit::table::last(&mut tx).await.unwrap().unwrap();
    assert_eq!(last.wrong, 0, "{last:?}");
    drop(tx);
    world.end();
}

async fn others_are_told_kindly(mut world: World) {
    let (lead, operator, other) = (
        world.bind("L1").await,
        world.bind("O1").await,
        world.bind("O2").await,
    );
    let manager = world.bind("M1").await;
    let stranger = world.sandbox.user("stranger");
    let group = bound(&mut world, lead, &[operator, other, stranger, manager]).await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(group);
    let toast = press_in(&mut world, (group, stranger), digest.id, "收到").await;
    assert!(toast.contains("还没有绑定"), "{toast}");
    for user in [other, manager] {
        let toast = press_in(&mut world, (group, user), digest.id, "收到").await;
        assert!(toast.contains("由林晓雨处理"), "{toast}");
    }
    for (user, says) in [(other, "由林晓雨处理"), (stranger, "还没有绑定")] {
        world.sandbox.unread(group);
        world
            .sandbox
            .say_in(group, user, Some(digest.id), "1 已修改");
        let said = heard(&mut world, group).await;
        assert!(said[0].text.contains(says), "{}", said[0].text);
    }
    assert_eq!(world.acts(1).await, ["opened"], "nothing was recorded");
    world.end();
}

async fn a_reply_in_the_group_counts(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    world
        .report("2021-06-28", &format!("{TYPO}{TYPO2}{OFFICE}"))
        .await;
    let digest = world.reads(group);
    world.sandbox.unread(operator);
    let reply = |world: &World, text: &str| {
        world.sandbox.unread(group);
        world.sandbox.say_in(group, operator, Some(digest.id), text)
    };
    let asked = reply(&world, "1 已修改");
    let said = heard(&mut world, group).await.remove(0);
    assert!(said.text.contains("#1"), "{}", said.text);
    assert_eq!(said.reply_to(), Some(asked), "in answer to what was said");
    assert_eq!(world.acts(1).await.last().unwrap(), "fix_reported");
    // Taken back by its button, by who did it.
    let toast = press_in(&mut world, (group, lead), said.id, "撤回").await;
    assert!(toast.contains("没有这项权限"), "{toast}");
    press_in(&mut world, (group, operator), said.id, "撤回").await;
    assert_eq!(world.acts(1).await.last().unwrap(), "taken_back");
    // Another unit's number, another wish, no clear words.
    for (text, says) in [
        ("#3 已修改", "私聊"),
        ("1 延期到7月9日 停电", "私聊"),
        ("谁来看一下", "没看懂"),
        ("9 已修改", "没有"),
    ] {
        reply(&world, text);
        let said = heard(&mut world, group).await;
        assert!(said[0].text.contains(says), "{text}: {}", said[0].text);
    }
    assert_eq!(world.acts(3).await, ["opened"]);
    let told = world.sandbox.unread(operator);
    assert!(told.iter().all(|message| message.edits > 0), "{told:#?}");
    world.end();
}

async fn a_dispute_is_asked_about_in_the_group(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(group);
    press_in(&mut world, (group, operator), digest.id, "误报").await;
    let asked = world.sandbox.last(group).unwrap();
    assert!(asked.text.contains("林晓雨，第 1 项"), "{}", asked.text);
    assert_eq!(asked.asks_reply(), Some(true), "of whom it mentions only");
    assert_eq!(
        (asked.mentions(), asked.reply_to()),
        (vec![operator], Some(digest.id))
    );
    world.sandbox.unread(group);
    world.sandbox.say_in(group, lead, Some(asked.id), "是引文");
    let said = heard(&mut world, group).await;
    assert!(said[0].text.contains("请 林晓雨 回答"), "{}", said[0].text);
    assert_eq!(world.acts(1).await, ["opened"]);
    world
        .sandbox
        .say_in(group, operator, Some(asked.id), "标题是引文");
    heard(&mut world, group).await;
    assert_eq!(world.acts(1).await.last().unwrap(), "disputed");
    world.end();
}

async fn what_is_private_stays_private(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(group);
    world.sandbox.unread(operator);
    for line in [
        "/my@duban_bot",
        "/status",
        "/whois 林晓雨",
        "/issue 1",
        "/invite",
    ] {
        let said = in_group(&mut world, (group, operator), line).await;
        assert!(
            said[0].text.contains("私聊") && !said[0].text.contains("警钟"),
            "{line}: {}",
            said[0].text
        );
    }
    // ⋯ and the history come in the private chat.
    for label in ["⋯", "历史"] {
        let toast = press_in(&mut world, (group, operator), digest.id, label).await;
        assert!(toast.contains("已发到您的私聊"), "{toast}");
        assert!(world.sandbox.unread(operator).len() == 1);
    }
    assert!(world.sandbox.unread(group).is_empty());
    world.end();
}

async fn the_group_only(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    let card = ask(&mut world, lead, "/group").await;
    world.press(lead, card.id, "只发群里").await;
    let now = world.sandbox.message(lead, card.id).unwrap();
    assert!(now.text.contains("新问题只发群里"), "{}", now.text);
    world.report("2021-06-28", TYPO).await;
    assert!(world.reads(group).text.contains("警钟常鸣"));
    world.pass(300).await;
    assert!(
        world.sandbox.unread(operator).is_empty(),
        "not again in private"
    );
    let history = ask(&mut world, lead, "/issue 1").await.text;
    assert!(history.contains("已发在单位群"), "{history}");
    // What the clock demands still comes in private.
    world.until("2021-06-30 18:00").await;
    let told: Vec<String> = world
        .sandbox
        .unread(operator)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter()
            .any(|text| text.contains("尚未签收") || text.contains("到期提醒")),
        "{told:#?}"
    );
    // Where the group cannot be told everybody is.
    world.sandbox.expel(group);
    world.report("2021-07-01", &format!("{TYPO}{TYPO2}")).await;
    let told: Vec<String> = world
        .sandbox
        .unread(operator)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter().any(|text| text.contains("再接再励")),
        "{told:#?}"
    );
    world.end();
}

async fn the_hours_of_the_unit_hold_for_its_group(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let path = world.folder.path().join("policy.toml");
    let hours = "[[deadline]]\namount = 1\nunit = \"working_days\"\n[[hours]]\nunit = \"Q1\"\nsend_after = \"10:00\"\nsend_until = \"20:00\"\n";
    std::fs::write(&path, hours).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
    let group = bound(&mut world, lead, &[operator]).await;
    world.report("2021-06-28", TYPO).await;
    assert!(world.sandbox.unread(group).is_empty());
    world.until("2021-06-28 10:02").await;
    assert!(world.reads(group).text.contains("警钟常鸣"));
    world.end();
}

async fn a_topic_is_kept(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    duban::bot::offer(&world.app.desk).await;
    let group = world.sandbox.forum("一区", &[lead, operator]);
    let topic = world.sandbox.open_topic(group, "督办");
    world.settle().await;
    let code = code(&mut world, lead, "/group").await;
    world.sandbox.unread(group);
    let line = format!("/bind@duban_bot {code}");
    world
        .sandbox
        .say_in_topic((group, topic), lead, None, &line);
    let said = heard(&mut world, group).await.remove(0);
    assert_eq!(said.thread(), Some(topic), "{}", said.text);
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(group);
    assert_eq!(digest.thread(), Some(topic));
    world
        .sandbox
        .say_in_topic((group, topic), operator, Some(digest.id), "1 已修改");
    let said = heard(&mut world, group).await.remove(0);
    assert_eq!((said.thread(), world.acts(1).await.len()), (Some(topic), 2));
    // A topic that is gone: the group is told as a whole.
    world.sandbox.delete_topic(group, topic);
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.sandbox.last(group).unwrap();
    assert!(digest.text.contains("再接再励"), "{}", digest.text);
    assert_eq!(digest.thread(), None);
    assert_eq!(world.sandbox.violations(), Vec::<String>::new());
}

async fn a_group_grows(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    let grown = world.sandbox.upgrade(group);
    world.settle().await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(grown);
    press_in(&mut world, (grown, operator), digest.id, "收到").await;
    assert_eq!(world.acts(1).await, ["opened", "acknowledged"]);
    world.end();
}

async fn a_group_that_grew_unheard_is_followed(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let group = bound(&mut world, lead, &[operator]).await;
    let grown = world.sandbox.upgrade(group);
    // The messages that say so were lost; the refusal says where the group is now.
    world.settle().await;
    let mut tx = world.store().begin().await.unwrap();
    duban::roster::group::migrate(&mut tx, grown, group)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.sandbox.fault(Fault::Slow { ms: 1, times: 1 });
    world.report("2021-06-28", TYPO).await;
    assert!(world.reads(grown).text.contains("警钟常鸣"));
    assert_eq!(world.sandbox.violations(), Vec::<String>::new());
}

async fn removal_is_told(mut world: World) {
    let (lead, operator, manager) = (
        world.bind("L1").await,
        world.bind("O1").await,
        world.bind("M1").await,
    );
    let group = bound(&mut world, lead, &[operator]).await;
    world.sandbox.expel(group);
    world.settle().await;
    world.pass(200).await;
    for chat in [lead, manager] {
        let said = world.reads(chat).text;
        assert!(
            said.contains("单位群") && said.contains("一区督办群") && said.contains("移出"),
            "{said}"
        );
    }
    assert!(world.sandbox.unread(operator).is_empty());
    assert!(
        ask(&mut world, lead, "/group")
            .await
            .text
            .contains("未绑定")
    );
    // What comes next is told in private as ever; taken in again it has to be bound again.
    world.report("2021-06-28", TYPO).await;
    assert!(world.reads(operator).text.contains("警钟常鸣"));
    world.sandbox.admit(group);
    assert!(heard(&mut world, group).await[0].text.contains("/group"));
    world.end();
}
