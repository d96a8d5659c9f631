//! The whole life of an issue told. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use duban::store::vals;
use support::World;

stories![
    the_life_of_an_issue_is_told_to_whom_it_concerns,
    a_long_life_pages_in_place,
    what_notices_are_about_is_found_for_those_of_before,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

/// The roster with another table of people.
async fn with_people(world: &World, people: &str) {
    let path = world.folder.path().join("roster").join("people.csv");
    let all = format!("编码,姓名,角色,单位,负责账号\n{people}");
    std::fs::write(path, all).unwrap();
    world.import_roster().await;
}

async fn the_life_of_an_issue_is_told_to_whom_it_concerns(mut world: World) {
    let (operator, lead, manager) = (
        world.bind("O1").await,
        world.bind("L1").await,
        world.bind("M1").await,
    );
    let (other, admin) = (world.bind("O2").await, world.bind("A1").await);
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    let dispute = "1 误报 标题是引文";
    world.reply(operator, digest.id, dispute).await;
    world.pass(120).await;
    let ruling = world.reads(manager);
    world.press(manager, ruling.id, "↩️ 不同意，需整改").await;
    world.pass(120).await;
    world.sandbox.unread(operator);
    world.sandbox.unread(manager);
    world.say(operator, "已改").await;
    world.report("2021-06-29", "").await;
    assert_eq!(world.issues().await, ["#1 closed verified"]);
    let acts = ["opened", "disputed", "dispute_rejected", "fix_reported"];
    assert_eq!(world.acts(1).await[..4], acts);
    for chat in [operator, lead, manager] {
        let said = world.say(chat, "/issue #1").await;
        for part in [
            "📜 历史 #1",
            "微信公众号「示范发布」",
            "警钟常鸣 → 警钟长鸣",
            "☑️ 复核通过",
            "3 个工作日，自6月28日(周一) 08:30 起",
            "📄 报告「daily」2021-06-28 第 2 行：",
            "示范发布 · 示范一区（按",
            "立案",
            "📨 新问题通知 → 林晓雨：已送达",
            "林晓雨 申诉误报：1 误报 标题是引文",
            "📨 申诉待裁通知 → 吴静怡：已送达",
            "吴静怡 驳回申诉",
            "📨 裁定通知 → 林晓雨：已送达",
            "林晓雨 报告已整改",
            "检查报告 不再列出，复核通过，办结",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let order = [
            "📄",
            "立案",
            "新问题通知",
            "申诉误报",
            "驳回申诉",
            "不再列出",
        ];
        let places: Vec<usize> = order.iter().map(|o| said.find(o).unwrap()).collect();
        assert!(places.is_sorted(), "{said}");
    }
    for (chat, asked, want) in [
        (other, "/issue 1", "没有这个编号"),
        (other, "/issue", "/issue 17"),
        (operator, "/issue 99", "没有这个编号"),
        (admin, "/issue 1", "没有这项权限"),
    ] {
        let said = world.say(chat, asked).await;
        assert!(said.contains(want), "{asked}: {said}");
    }
    let stranger = world.sandbox.user("路人");
    assert!(world.say(stranger, "/issue 1").await.contains("邀请"));
    world.end();
}

async fn a_long_life_pages_in_place(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    for day in 29..=30 {
        world.report(&format!("2021-06-{day}"), TYPO).await;
    }
    for day in 1..=9 {
        world.report(&format!("2021-07-0{day}"), TYPO).await;
    }
    world.sandbox.unread(operator);
    world.press(operator, digest.id, "📜 历史").await;
    let first = world.reads(operator);
    assert!(first.text.contains("（1/2）"), "{}", first.text);
    assert!(first.text.contains("2021-06-28 第 2 行"), "{}", first.text);
    assert!(
        first.text.contains("超期预警 → 林晓雨：已送达"),
        "{}",
        first.text
    );
    assert!(!first.text.contains("2021-07-09"), "{}", first.text);
    world.press(operator, first.id, "▶").await;
    let second = world.reads(operator);
    assert_eq!(second.id, first.id, "it pages in place");
    assert!(second.text.contains("（2/2）"), "{}", second.text);
    assert!(second.text.contains("2021-07-09"), "{}", second.text);

    // What is another's by now is not shown again.
    with_people(
        &world,
        "O1,林晓雨,运维人员,B1,\nO3,黄思敏,运维人员,Q1,\nM1,吴静怡,监管人员,*,\n",
    )
    .await;
    world.press(operator, first.id, "◀").await;
    assert!(world.reads(operator).text.contains("没有这个编号"));
    world.end();
}

/// The migration with data: notices that were owed before it get their rows.
async fn what_notices_are_about_is_found_for_those_of_before(mut world: World) {
    let manager = world.bind("M1").await;
    let many: String = (0..25)
        .map(|n| format!("示范发布,微信公众号,示范一区,错别字,错词{n},对词{n},\n"))
        .collect();
    let nobody = "无此账号,微信公众号,,错别字,做为,作为,\n";
    world.report("2021-06-28", &format!("{many}{nobody}")).await;
    world.sandbox.unread(manager);
    let all = "select issue_id, notice_id from notice_issue order by notice_id, issue_id";
    let mut tx = world.store().begin().await.unwrap();
    let rows = tx.all(all, vals![]).await.unwrap();
    let pairs = |rows: &[duban::store::Row]| -> Vec<(i64, i64)> {
        let pair = |row: &duban::store::Row| (row.int(0).unwrap(), row.int(1).unwrap());
        rows.iter().map(pair).collect()
    };
    let before = pairs(&rows);
    assert_eq!(before.len(), 25, "{before:?}");
    tx.run("delete from notice_issue", vals![]).await.unwrap();
    let migration = include_str!("../migrations/0005_notice_issue.sql");
    let insert = &migration[migration.find("insert into").unwrap()..];
    tx.run(insert, vals![]).await.unwrap();
    let rows = tx.all(all, vals![]).await.unwrap();
    assert_eq!(pairs(&rows), before);
    tx.commit().await.unwrap();
    world.end();
}
