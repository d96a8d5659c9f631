//! The National Day of 2026 as people live it: seven days off from 1 October, a make-up Saturday on the
//! tenth. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every word of the language is needed here")]
mod support;

use support::{World, at};

stories![
    the_holiday_is_silent_and_counts_no_day,
    what_is_urgent_speaks_in_the_holiday,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

/// What the clock says to people, by the first two words of a message.
const HEADS: [&str; 3] = ["📥 尚未签收", "⏰ 到期提醒", "⚠️ 超期预警"];

fn heads(world: &World, chat: i64) -> Vec<String> {
    let told = world.sandbox.unread(chat);
    told.iter()
        .map(|m| {
            let first = m.text.lines().next().unwrap_or_default();
            first
                .split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|head| HEADS.contains(&head.as_str()))
        .collect()
}

/// Reports come in the morning and half an hour after the cut-off. The slot of the afternoon before is
/// caught up at eight.
async fn twice_a_day(world: &mut World, policy: Option<&str>) {
    world.settings.sources[0].schedule = Some("30 8,16 * * *".to_owned());
    if let Some(policy) = policy {
        let path = world.folder.path().join("policy.toml");
        std::fs::write(&path, policy).unwrap();
        world.settings.data.policy = Some(path);
    }
    world.restart().await;
    world.pass(61).await;
}

async fn the_holiday_is_silent_and_counts_no_day(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    twice_a_day(&mut world, None).await;
    world.app.desk.clock.advance_to(at("2026-09-30 08:00"));
    world.report("2026-09-30", TYPO).await;
    let digest = world.reads(operator).text;
    assert!(digest.contains("10月10日(周六) 17:30 前"), "{digest}");
    let rows = format!("{}{TYPO}{TYPO2}", support::HEADER);
    world.drop_report("2026-09-30-2.csv", rows);
    world.until("2026-09-30 17:00").await;
    let digest = world.reads(operator).text;
    assert!(digest.contains("10月12日(周一) 17:30 前"), "{digest}");
    let said = world.say(operator, "/due 1").await;
    for part in [
        "期限：10月10日(周六) 17:30",
        "3 个工作日，自9月30日(周三) 08:00 起",
        "跳过10月1日至7日",
        "计入10月10日(周六)补班",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = world.say(operator, "/due 2").await;
    for part in [
        "期限：10月12日(周一) 17:30",
        "已过 16:00 截止时点",
        "跳过10月1日至7日",
        "计入10月10日(周六)补班",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    world.sandbox.unread(lead);

    world.until("2026-10-08 08:20").await;
    for chat in [operator, lead] {
        let told = world.sandbox.unread(chat);
        assert!(told.is_empty(), "nothing in the holiday: {told:#?}");
    }
    world.restart().await;
    // The first day of work: nobody has acknowledged the morning's.
    world.until("2026-10-08 10:00").await;
    for chat in [operator, lead] {
        assert_eq!(heads(&world, chat), ["📥 尚未签收"]);
    }
    world.until("2026-10-09 18:30").await;
    let told = heads(&world, operator);
    assert!(told.contains(&"⏰ 到期提醒".to_owned()), "{told:?}");
    world.sandbox.unread(lead);
    // The make-up Saturday is a day of work: the warning of the first, the reminder of the second.
    world.until("2026-10-10 17:20").await;
    let told = heads(&world, operator);
    assert!(!told.contains(&"⚠️ 超期预警".to_owned()), "{told:?}");
    world.until("2026-10-10 18:10").await;
    for chat in [operator, lead] {
        let told = heads(&world, chat);
        assert!(told.contains(&"⚠️ 超期预警".to_owned()), "{told:?}");
    }
    // Sunday is silent, Monday warns of the second.
    world.until("2026-10-12 07:50").await;
    assert!(heads(&world, operator).is_empty());
    world.until("2026-10-12 18:10").await;
    assert!(heads(&world, operator).contains(&"⚠️ 超期预警".to_owned()));
    world.end();
}

async fn what_is_urgent_speaks_in_the_holiday(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let policy = "[[deadline]]\namount = 3\nunit = \"working_days\"\n[[ladder]]\nurgent = true\n\
        steps = [{ when = \"unacknowledged\", after = \"38h\", tell = [\"operator\"] }]\n";
    twice_a_day(&mut world, Some(policy)).await;
    world.app.desk.clock.advance_to(at("2026-09-30 08:00"));
    world.report("2026-09-30", TYPO).await;
    world.reads(operator);
    // Ten in the evening of the first day off.
    world.until("2026-10-01 21:50").await;
    assert!(heads(&world, operator).is_empty());
    world.until("2026-10-01 22:10").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"]);
    assert!(heads(&world, lead).is_empty());
    world.until("2026-10-08 08:20").await;
    assert!(heads(&world, operator).is_empty(), "once only");
    world.end();
}
