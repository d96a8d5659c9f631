//! A report that is well-formed and not right: far smaller than usual, empty, an old export sent again.
//! Nothing is verified by it until a manager finds it right. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody says anything but by buttons here")]
mod support;

use duban::flow::{Accepted, Outcome, accept};
use duban::sandbox::ChatMessage;
use support::World;

stories![
    an_empty_report_verifies_nothing_until_it_is_found_right,
    a_small_report_opens_what_is_new_and_a_later_one_counts,
    an_old_export_sent_again_is_told,
    what_was_listed_since_stays_open,
];

/// A day's report, from its morning on.
async fn report(world: &mut World, date: &str, rows: &str) -> Outcome {
    world.until(&format!("{date} 07:00")).await;
    world.report(date, rows).await
}

/// The only message about a report in doubt that a chat was sent, or whose text was changed.
fn doubt(world: &World, chat: i64) -> ChatMessage {
    let mut told = world.sandbox.unread(chat);
    told.retain(|m| m.text.contains("与平时差异较大") && !m.text.contains("📊"));
    assert_eq!(told.len(), 1, "{told:#?}");
    told.remove(0)
}

/// So many typos of one account.
fn rows(numbers: std::ops::Range<u32>) -> String {
    let row = |n| format!("示范发布,微信公众号,示范一区,错别字,错字{n},对字{n},\n");
    numbers.map(row).collect()
}

/// Five days, each with the same twelve rows; the last is a Friday.
async fn five_usual_days(world: &mut World) {
    for day in 28..=30 {
        report(world, &format!("2021-06-{day}"), &rows(0..12)).await;
    }
    for day in 1..=2 {
        let outcome = report(world, &format!("2021-07-0{day}"), &rows(0..12)).await;
        assert!(outcome.odd.is_empty(), "{outcome:?}");
    }
}

fn closed(issues: &[String]) -> usize {
    issues
        .iter()
        .filter(|issue| issue.contains("closed"))
        .count()
}

async fn an_empty_report_verifies_nothing_until_it_is_found_right(mut world: World) {
    let path = world.folder.path().join("roster/people.csv");
    let people = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{people}M3,林国安,监管人员,*,\n")).unwrap();
    world.import_roster().await;
    let (manager, other) = (world.bind("M1").await, world.bind("M3").await);
    let area = world.bind("M2").await;
    five_usual_days(&mut world).await;
    for chat in [manager, other, area] {
        world.sandbox.unread(chat);
    }
    let outcome = report(&mut world, "2021-07-05", "").await;
    assert_eq!((outcome.verified, outcome.unverified), (0, 12));
    assert_eq!(closed(&world.issues().await), 0);
    let told = doubt(&world, manager);
    for part in [
        "报告「daily」2021-07-05 与平时差异较大",
        "本次没有任何数据，平时约 12 条",
        "未列出的 12 项暂不作复核通过",
    ] {
        assert!(told.text.contains(part), "{}", told.text);
    }
    let same = doubt(&world, other);
    assert!(
        world.sandbox.unread(area).is_empty(),
        "who sees all decides"
    );
    let status = world.say(manager, "/status").await;
    assert!(
        status.contains("🧐 与平时差异较大，12 项未核销：没有数据，平时约 12 条"),
        "{status}"
    );
    let toast = world.press(manager, told.id, "属实，照常核销").await;
    assert_eq!(toast, "已确认报告属实，核销 12 项");
    assert_eq!(closed(&world.issues().await), 12);
    assert_eq!(world.acts(1).await, ["opened", "verified_unreported"]);
    let now = doubt(&world, manager);
    assert!(
        now.text.contains("吴静怡 09:00 确认属实，核销 12 项"),
        "{}",
        now.text
    );
    assert!(now.buttons.is_empty());
    let life = world.say(manager, "/issue 1").await;
    assert!(life.contains("报告中已消除 · 吴静怡 09:00"), "{life}");
    let status = world.say(manager, "/status").await;
    assert!(!status.contains("🧐"), "{status}");
    // The other's button explains, and changes nothing.
    let toast = world.press(other, same.id, "属实，照常核销").await;
    assert_eq!(toast, "吴静怡 已于 09:00 确认属实");
    assert!(doubt(&world, other).buttons.is_empty());
    // What was found right is usual: an empty report is one by now, and counts.
    let outcome = report(&mut world, "2021-07-06", "").await;
    assert!(outcome.odd.is_empty(), "{outcome:?}");
    world.end();
}

async fn a_small_report_opens_what_is_new_and_a_later_one_counts(mut world: World) {
    let manager = world.bind("M1").await;
    five_usual_days(&mut world).await;
    world.sandbox.unread(manager);
    let outcome = report(&mut world, "2021-07-05", &rows(10..13)).await;
    assert_eq!(
        (outcome.opened, outcome.verified, outcome.unverified),
        (1, 0, 10)
    );
    let told = doubt(&world, manager);
    assert!(
        told.text.contains("本次 3 条，平时约 12 条"),
        "{}",
        told.text
    );
    // What is in doubt does not become usual: the next one is doubted again.
    let outcome = report(&mut world, "2021-07-06", &rows(10..13)).await;
    assert_eq!((outcome.odd.len(), outcome.verified), (1, 0));
    let again = doubt(&world, manager);
    let toast = world.press(manager, told.id, "属实，照常核销").await;
    assert!(toast.contains("此后已有新的报告"), "{toast}");
    let said = doubt(&world, manager);
    assert!(
        said.text.contains("以新报告为准") && said.buttons.is_empty(),
        "{}",
        said.text
    );
    assert_eq!(closed(&world.issues().await), 0);
    // A usual report is judged as ever, and makes the doubt idle.
    let outcome = report(&mut world, "2021-07-07", &rows(2..13)).await;
    assert_eq!((outcome.odd.len(), outcome.verified), (0, 2));
    let toast = world.press(manager, again.id, "属实，照常核销").await;
    assert!(toast.contains("此后已有新的报告"), "{toast}");
    world.end();
}

async fn an_old_export_sent_again_is_told(mut world: World) {
    let manager = world.bind("M1").await;
    let found = |days: &[&str]| -> String {
        let row =
            |(n, day)| format!("示范发布,微信公众号,示范一区,错别字,错字{n},对字{n},{day} 10:00\n");
        days.iter().enumerate().map(row).collect()
    };
    let days = [
        "2021-06-25",
        "2021-06-28",
        "2021-06-29",
        "2021-06-30",
        "2021-07-01",
    ];
    for (n, day) in ["06-28", "06-29", "06-30", "07-01", "07-02"]
        .iter()
        .enumerate()
    {
        let outcome = report(&mut world, &format!("2021-{day}"), &found(&days[..=n])).await;
        assert!(outcome.odd.is_empty(), "{outcome:?}");
    }
    // A quiet weekend and a quiet Monday are nothing.
    for day in ["07-03", "07-05"] {
        let outcome = report(&mut world, &format!("2021-{day}"), &found(&days)).await;
        assert!(outcome.odd.is_empty(), "{day} {outcome:?}");
    }
    world.sandbox.unread(manager);
    let outcome = report(&mut world, "2021-07-06", &found(&days[..2])).await;
    assert_eq!((outcome.verified, outcome.unverified), (0, 3));
    let told = doubt(&world, manager).text;
    assert!(
        told.contains("最新监测日期 2021-06-28，已过 6 个工作日"),
        "{told}"
    );
    world.end();
}

async fn what_was_listed_since_stays_open(mut world: World) {
    five_usual_days(&mut world).await;
    let doubted = report(&mut world, "2021-07-05", "").await;
    // A late report of an earlier day is no newer one, but what it lists is there.
    world.drop_report(
        "2021-06-27.csv",
        format!("{}{}", support::HEADER, rows(3..4)),
    );
    world.until("2021-07-06 08:40").await;
    let mut tx = world.store().begin().await.unwrap();
    let now = world.app.desk.clock.now();
    let usual = accept(&mut tx, doubted.report - 1, None, now)
        .await
        .unwrap();
    assert_eq!(usual, Accepted::Usual);
    let done = accept(&mut tx, doubted.report, None, now).await.unwrap();
    assert_eq!(done, Accepted::Done(11));
    let again = accept(&mut tx, doubted.report, None, now).await.unwrap();
    assert!(matches!(again, Accepted::Already(_)));
    let none = accept(&mut tx, 999, None, now).await.unwrap();
    assert_eq!(none, Accepted::Unknown);
    tx.commit().await.unwrap();
    let open = world.issues().await;
    let open: Vec<&String> = open
        .iter()
        .filter(|issue| !issue.contains("closed"))
        .collect();
    assert_eq!(open, ["#4 open"]);
    world.end();
}
