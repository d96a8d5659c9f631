//! The whole life of an issue told, and the auditor that lets none fall between two chairs. Stories on
//! both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use duban::audit::{self, Audit, Auditor, Wrong};
use duban::http;
use duban::outbox::fate::{self, Told};
use duban::store::vals;
use support::{HEADER, World, at};

stories![
    the_life_of_an_issue_is_told_to_whom_it_concerns,
    a_long_life_pages_in_place,
    an_issue_that_nobody_was_told_of_is_owed_again,
    what_is_owed_to_who_left_goes_to_who_answers_now,
    what_cannot_be_repaired_is_shown_to_managers,
    what_notices_are_about_is_found_for_those_of_before,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

async fn last_audit(world: &World) -> Audit {
    let mut tx = world.store().read().await.unwrap();
    audit::table::last(&mut tx).await.unwrap().unwrap()
}

async fn notices(world: &World, issue: i64) -> Vec<Told> {
    let mut tx = world.store().read().await.unwrap();
    fate::of_issue(&mut tx, issue).await.unwrap()
}

async fn change(world: &World, sql: &'static str) {
    let mut tx = world.store().begin().await.unwrap();
    tx.run(sql, vals![]).await.unwrap();
    tx.commit().await.unwrap();
}

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
    assert_eq!(last_audit(&world).await.wrong, 0);
    world.end();
}

async fn a_long_life_pages_in_place(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    for day in 29..=30 {
        world.report(&format!("2021-06-{day}"), TYPO).await;
    }
    for day in 1..=3 {
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
    assert!(!first.text.contains("2021-07-03"), "{}", first.text);
    world.press(operator, first.id, "▶").await;
    let second = world.reads(operator);
    assert_eq!(second.id, first.id, "it pages in place");
    assert!(second.text.contains("（2/2）"), "{}", second.text);
    assert!(second.text.contains("2021-07-03"), "{}", second.text);

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

async fn an_issue_that_nobody_was_told_of_is_owed_again(mut world: World) {
    let operator = world.bind("O1").await;
    world.drop_report("2021-06-28.csv", format!("{HEADER}{TYPO}"));
    world.app.desk.clock.advance_to(at("2021-06-28 08:30"));
    world.settle().await;
    // The notice fell away before it was said.
    change(
        &world,
        "update notice set state = 'dropped' where kind = 'new'",
    )
    .await;
    change(&world, "update issue set ladder = null, step_at = null").await;
    world.until("2021-06-28 09:40").await;
    let digest = world.reads(operator).text;
    assert!(digest.contains("警钟常鸣"), "{digest}");
    let told = notices(&world, 1).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1].state, "sent");
    let audit = last_audit(&world).await;
    assert_eq!((audit.wrong, audit.issues), (0, 1), "{audit:?}");
    // The clock asks again too.
    world.until("2021-07-01 18:00").await;
    let asked = world.sandbox.unread(operator);
    assert!(asked.last().unwrap().text.contains("已超期"));
    world.end();
}

async fn what_is_owed_to_who_left_goes_to_who_answers_now(mut world: World) {
    let manager = world.bind("M1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    assert_eq!(
        notices(&world, 1).await[0].state,
        "waiting",
        "O1 is not bound"
    );
    world.sandbox.unread(manager);
    with_people(
        &world,
        "O3,黄思敏,运维人员,Q1,\nL1,周文博,分管负责人,Q1,\nM1,吴静怡,监管人员,*,\n",
    )
    .await;
    let new = world.bind("O3").await;
    world.pass(600).await;
    world.pass(120).await;
    let digest = world.reads(new).text;
    assert!(
        digest.contains("警钟常鸣") && digest.contains("再接再励"),
        "{digest}"
    );
    for issue in [1, 2] {
        let told = notices(&world, issue).await;
        let states: Vec<&str> = told.iter().map(|t| t.state.as_str()).collect();
        // The lead, who is not bound either, is owed what the operator could not be told.
        assert_eq!(states, ["dropped", "waiting", "sent"], "{told:?}");
        assert_eq!(told[0].error.as_deref(), Some(fate::GONE));
    }
    world.sandbox.unread(manager);
    let said = world.say(manager, "/issue 1").await;
    for part in ["林晓雨：不再发送", "（收件人已离开名册）", "黄思敏：已送达"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    world.pass(600).await;
    let audit = last_audit(&world).await;
    assert_eq!((audit.wrong, audit.repaired), (0, 0), "{audit:?}");

    // One who was bound when leaving is sent nothing more.
    world.report("2021-06-29", TYPO).await;
    world.until("2021-06-30 09:00").await;
    world.sandbox.unread(new);
    with_people(&world, "O4,何子轩,运维人员,Q1,\nM1,吴静怡,监管人员,*,\n").await;
    let next = world.bind("O4").await;
    world.until("2021-07-01 18:00").await;
    assert!(world.sandbox.unread(new).is_empty());
    let texts: Vec<String> = world
        .sandbox
        .unread(next)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert_eq!(texts.len(), 2, "{texts:#?}");
    assert!(
        // What the lead, gone too, was still owed comes to who answers now, with the reminder.
        texts[0].contains("警钟常鸣") && texts[1].contains("已超期"),
        "{texts:#?}"
    );
    world.end();
}

async fn what_cannot_be_repaired_is_shown_to_managers(mut world: World) {
    let calls = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/beat/s3cret", listener.local_addr().unwrap());
    let counted = Arc::clone(&calls);
    let beat = axum::routing::get(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    });
    let router = axum::Router::new().route("/beat/s3cret", beat);
    tokio::spawn(async { axum::serve(listener, router).await });
    world.settings.audit.heartbeat_url = Some(url.into());
    world.restart().await;
    world.pass(61).await;

    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let lead = world.bind("L1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.sandbox.unread(operator);
    let beats = calls.load(Ordering::SeqCst);
    assert!(beats > 0);
    world.pass(600).await;
    assert!(calls.load(Ordering::SeqCst) > beats);
    assert!(!world.say(manager, "/status").await.contains("🩺"));

    // A notice that is not being sent, and an issue whose warning was never owed.
    world.until("2021-07-01 17:05").await;
    let mut tx = world.store().begin().await.unwrap();
    let sql = "update notice set state = 'claimed', claim = 'x', lease_until = $1 where id = 1";
    let until = at("2021-07-01 17:30").timestamp_millis();
    tx.run(sql, vals![until]).await.unwrap();
    tx.commit().await.unwrap();
    world.sandbox.unread(manager);
    let mut tx = world.store().begin().await.unwrap();
    let directory = world.app.desk.directory(&mut tx).await.unwrap();
    let (rules, now) = (&world.app.desk.rules, at("2021-07-01 17:46"));
    let auditor = Auditor {
        rules,
        roster: &directory.roster,
        now,
    };
    let found = auditor.look(&mut tx).await.unwrap();
    let audit = auditor.repair(&mut tx, found).await.unwrap();
    tx.commit().await.unwrap();
    let found: Vec<Wrong> = audit.examples.iter().map(|example| example.what).collect();
    assert_eq!(
        found,
        [Wrong::Stuck, Wrong::Missed, Wrong::Missed],
        "{audit:?}"
    );
    let status = world.say(manager, "/status").await;
    assert!(
        status.contains("🩺 巡检 07-01 17:46：3 项没有下一步"),
        "{status}"
    );
    assert!(status.contains("#2 超期未预警"), "{status}");
    world.sandbox.unread(lead);
    assert!(!world.say(lead, "/status").await.contains("🩺"));

    // And to whoever watches the machine.
    let door = http::Door::new(Arc::clone(&world.app.desk), None);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/healthz", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, http::router(door)).await });
    let well = reqwest::get(&url).await.unwrap();
    assert_eq!(well.status(), 200);
    let well: serde_json::Value = well.json().await.unwrap();
    assert_eq!(well["ok"], true);
    assert_eq!(well["audit"]["wrong"], 3, "{well}");
    assert_eq!(well["audit"]["repaired"], 0, "{well}");
    assert_eq!(well["audit"]["at"], "2021-07-01T09:46:00+00:00");
    assert_eq!(well["audit"]["examples"][2]["issue"], 2, "{well}");
    world.store().close().await;
    let ill = reqwest::get(&url).await.unwrap();
    assert_eq!(ill.status(), 503);
    let ill: serde_json::Value = ill.json().await.unwrap();
    assert_eq!(ill["ok"], false);
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
    // To the operator, and to the lead in the place of one who is not bound.
    assert_eq!(before.len(), 50, "{before:?}");
    tx.run("delete from notice_issue", vals![]).await.unwrap();
    let migration = include_str!("../migrations/0005_notice_issue.sql");
    let insert = &migration[migration.find("insert into").unwrap()..];
    tx.run(insert, vals![]).await.unwrap();
    let rows = tx.all(all, vals![]).await.unwrap();
    assert_eq!(pairs(&rows), before);
    tx.commit().await.unwrap();
    world.end();
}
