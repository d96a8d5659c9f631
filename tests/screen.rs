//! One truth on screen: what shows an issue is drawn again when anybody, or a report, changes it. Stories on
//! both engines.

#[expect(dead_code, reason = "nobody replies here, and no acts are read")]
mod support;

use duban::sandbox::{ChatMessage, Fault};
use support::World;

stories![
    what_one_does_the_others_see,
    a_digest_that_is_done_becomes_one_line,
    what_cannot_be_drawn_now_is_drawn_later,
    after_some_days_nobody_looks_any_more,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,\n";

fn text(world: &World, chat: i64, message: &ChatMessage) -> String {
    let shown = world.sandbox.message(chat, message.id);
    shown.map(|message| message.text).unwrap_or_default()
}

/// Edits of messages that the bot asked for so far.
fn edits(world: &World) -> usize {
    let calls = world.sandbox.calls().into_iter();
    calls
        .filter(|call| call.method == "editMessageText")
        .count()
}

async fn what_one_does_the_others_see(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.pass(61).await;
    let mine = world.reads(operator);
    let asked = {
        world.sandbox.say(lead, "/my");
        world.settle().await;
        world.reads(lead)
    };
    assert!(!asked.text.contains("林晓雨"), "{}", asked.text);
    world.press(operator, mine.id, "1 收到").await;
    let before = edits(&world);
    world.pass(10).await;
    let seen = text(&world, lead, &asked);
    assert!(seen.contains("已签收") && seen.contains("林晓雨"), "{seen}");
    // The operator's own message was drawn by the press: it is not edited twice.
    assert_eq!(edits(&world) - before, 1);
    // Nothing happens: nothing is drawn.
    world.pass(3_600).await;
    assert_eq!(edits(&world) - before, 1);
    // The lead reports the fix; the operator sees who did.
    world.press(lead, asked.id, "2 已整改").await;
    world.pass(10).await;
    let seen = text(&world, operator, &mine);
    assert!(seen.contains("周文博"), "{seen}");
    world.end();
}

async fn a_digest_that_is_done_becomes_one_line(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.pass(61).await;
    let digest = world.reads(operator);
    // One of two is gone: it is said in its place.
    world.report("2021-06-29", TYPO2).await;
    world.pass(61).await;
    let seen = text(&world, operator, &digest);
    assert!(
        seen.contains("报告中已消除") && seen.contains("警钟常鸣"),
        "{seen}"
    );
    let outcome = world.report("2021-06-30", SCHOOL).await;
    assert_eq!(outcome.verified, 1, "{outcome:?}");
    world.pass(61).await;
    let seen = text(&world, operator, &digest);
    assert_eq!(seen, "✔️ 📋 每日检查 06-28：2 项全部办结");
    world.press(operator, digest.id, "查看明细").await;
    let seen = text(&world, operator, &digest);
    assert!(
        seen.contains("警钟常鸣") && seen.contains("再接再励"),
        "{seen}"
    );
    // It came back: the message says so, in full.
    world.report("2021-07-01", TYPO).await;
    world.pass(61).await;
    let seen = text(&world, operator, &digest);
    assert!(seen.contains("警钟常鸣"), "{seen}");
    world.end();
}

async fn what_cannot_be_drawn_now_is_drawn_later(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    world.report("2021-06-28", TYPO).await;
    world.pass(61).await;
    let mine = world.reads(operator);
    world.sandbox.say(lead, "/my");
    world.settle().await;
    let asked = world.reads(lead);
    world.press(operator, mine.id, "1 收到").await;
    world.sandbox.fault(Fault::TooMany {
        method: Some("editMessageText".to_owned()),
        times: 1,
        seconds: 30,
    });
    world.pass(10).await;
    assert!(!text(&world, lead, &asked).contains("已签收"));
    world.sandbox.mend();
    // The program is killed meanwhile.
    world.restart().await;
    world.pass(60).await;
    let seen = text(&world, lead, &asked);
    assert!(seen.contains("已签收"), "{seen}");
}

async fn after_some_days_nobody_looks_any_more(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    world.report("2021-06-28", TYPO).await;
    world.pass(61).await;
    world.sandbox.unread(operator);
    world.sandbox.say(lead, "/my");
    world.settle().await;
    let old = world.reads(lead);
    for day in [
        "06-29", "06-30", "07-01", "07-02", "07-03", "07-04", "07-05",
    ] {
        world.report(&format!("2021-{day}"), TYPO).await;
    }
    world.pass(3_600).await;
    world.sandbox.unread(operator);
    world.sandbox.say(operator, "/my");
    world.settle().await;
    world.pass(2).await;
    let mine = world.reads(operator);
    world.press(operator, mine.id, "1 收到").await;
    world.pass(10).await;
    assert!(!text(&world, lead, &old).contains("林晓雨"));
    world.end();
}
