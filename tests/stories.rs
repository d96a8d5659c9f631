//! The main job as its users live it, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use duban::bot::{self, inbox};
use duban::sandbox::{ChatMessage, Fault};
use duban::store::Engine;
use support::{HEADER, World};

stories![
    a_week_of_one_operator,
    the_same_report_twice_and_a_corrected_one,
    somebody_who_is_not_bound,
    strangers_and_forged_presses,
    pressing_twice_and_pressing_late,
    a_press_that_collides_is_done_again_at_once,
    what_failed_is_tried_again_when_it_is_time,
    a_lost_answer_is_repeated_once_and_says_so,
    an_outage_of_a_night_loses_nothing,
    what_can_never_be_delivered_is_told,
    more_news_than_one_message_holds,
    several_things_in_one_reply,
    a_manager_confirms_what_no_report_will,
    a_group_is_sent_to_the_private_chat,
    gb18030_and_workbooks_with_damaged_rows,
    a_dispute_is_ruled_on,
    a_name_that_no_rule_knows,
    the_clock_reminds_and_warns,
    replies_in_plain_words,
    a_blocked_bot,
    nobody_sees_what_is_not_theirs,
    an_unreadable_report_changes_nothing,
    killed_in_the_middle_of_sending,
    a_menu_offers_what_a_role_may_ask,
    what_became_anothers_is_not_shown_again,
    a_second_replica_listens_when_the_first_is_gone,
    a_week_later_handled_updates_are_forgotten,
    an_incremental_feed_says_itself_what_became_of_a_finding,
    a_platform_over_http_with_its_moods,
    a_report_from_the_future_is_refused,
    a_row_that_does_not_fit_its_header_opens_and_verifies_nothing,
    a_failed_answer_and_a_first_page_are_no_silence,
    a_name_on_an_unknown_platform_or_with_a_foreign_uid_waits,
    a_waiting_name_that_the_roster_learns_waits_no_more,
    a_refuted_fix_keeps_its_due_date_and_a_return_has_a_new_one,
    a_report_that_does_not_come_is_missed,
    what_leaves_the_roster_takes_its_issues_along,
    close_slots_miss_a_report_once_a_day,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SITE: &str = "示范委网站,政府网站,,错别字,做为,作为,\n";

/// What came since the last look; what was only drawn again is no news.
fn news(world: &World, chat: i64) -> Vec<ChatMessage> {
    let fresh = world.sandbox.unread(chat).into_iter();
    fresh.filter(|message| message.edits == 0).collect()
}

/// Somebody else changes the issue while a press waits for it, as the end of a report does on PostgreSQL.
async fn a_press_that_collides_is_done_again_at_once(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    let store = world.store().clone();
    let mut other = store.begin().await.unwrap();
    let sql = "update issue set revision = revision + 1 where id = 1";
    assert_eq!(other.run(sql, vec![]).await.unwrap(), 1);
    let press = world.sandbox.press(operator, digest.id, "收到").unwrap();
    let mut world = {
        let pressed = tokio::spawn(async move {
            world.settle().await;
            world
        });
        let mut looks = store.read().await.unwrap();
        // On SQLite it waits for the turn to write, which is not seen; and finds what was changed.
        while looks.engine() == Engine::Postgres {
            let held = "select pid from pg_locks where not granted limit 1";
            if looks.first(held, vec![]).await.unwrap().is_some() {
                break;
            }
        }
        drop(looks);
        other.commit().await.unwrap();
        pressed.await.unwrap()
    };
    let toast = world.sandbox.toast(&press).map(|toast| toast.text);
    assert_eq!(toast.as_deref(), Some("✅ 已签收 #1"));
    assert_eq!(world.issues().await, ["#1 acknowledged"]);
    world.settle().await;
    world.end();
}

async fn what_failed_is_tried_again_when_it_is_time(mut world: World) {
    let operator = world.bind("O1").await;
    let desk = std::sync::Arc::clone(&world.app.desk);
    let patience = async || bot::patience(&desk).await.unwrap();
    assert_eq!(patience().await, 30);
    let store = world.store().clone();
    let change = async |sql: &'static str| {
        let mut tx = store.begin().await.unwrap();
        tx.run(sql, vec![]).await.unwrap();
        tx.commit().await.unwrap();
    };
    change("alter table binding rename to away").await;
    let said = serde_json::json!({ "update_id": 1_000_000, "message": {
        "message_id": 1_000, "date": desk.clock.now_ms() / 1_000, "text": "/help",
        "chat": { "id": operator, "type": "private", "first_name": "林晓雨" },
        "from": { "id": operator, "is_bot": false, "first_name": "林晓雨" },
    }});
    let mut tx = store.begin().await.unwrap();
    inbox::receive(&mut tx, &[said], desk.clock.now_ms())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bot::handle_waiting(&desk).await.unwrap(), 1);
    assert_eq!(patience().await, 2, "a poll may take no longer");
    change("alter table away rename to binding").await;
    world.sandbox.unread(operator);
    world.pass(3).await;
    assert_eq!(patience().await, 30);
    let answer = world.reads(operator).text;
    assert!(answer.contains("/my"), "{answer}");
    world.end();
}

async fn a_week_of_one_operator(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    let monday = world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    assert_eq!((monday.findings, monday.matched, monday.opened), (2, 2, 2));
    let digest = world.reads(operator);
    assert!(
        digest.text.contains("警钟常鸣 → 警钟长鸣"),
        "{}",
        digest.text
    );
    assert!(
        digest.text.contains("7月1日(周四) 17:30 前"),
        "{}",
        digest.text
    );

    assert!(
        world
            .press(operator, digest.id, "全部收到")
            .await
            .contains("2 项")
    );
    let edited = world.reads(operator);
    assert_eq!((edited.id, edited.edits), (digest.id, 1));
    assert!(edited.text.contains("已签收 · 林晓雨"), "{}", edited.text);
    assert!(
        world
            .reply(operator, digest.id, "1 已修改")
            .await
            .contains("已记录整改")
    );
    assert_eq!(world.issues().await, ["#1 fix_reported", "#2 acknowledged"]);

    // The first is gone the next day, the second still there: verified, and seen again.
    let tuesday = world.report("2021-06-29", TYPO2).await;
    assert_eq!(
        (tuesday.verified, tuesday.seen_again, tuesday.opened),
        (1, 1, 0)
    );
    assert_eq!(
        world.issues().await,
        ["#1 closed verified", "#2 acknowledged"]
    );
    assert!(
        news(&world, operator).is_empty(),
        "nothing new is no message"
    );

    // A fix that the next report refutes, detected after it was reported.
    assert!(world.say(operator, "已改").await.contains("#2"));
    let wednesday = world.report("2021-06-30", TYPO2).await;
    assert_eq!(wednesday.reopened, 1);
    assert!(world.reads(operator).text.contains("复查未通过"));
    // A fix that was none earns no time: the day before the due one the reminder comes.
    world.until("2021-06-30 18:00").await;
    assert!(world.reads(operator).text.contains("即将到期"));
    // Back after closing: the same number, with a count.
    let thursday = world.report("2021-07-01", TYPO).await;
    assert_eq!((thursday.reopened, thursday.verified), (1, 1));
    assert!(world.reads(operator).text.contains("再次出现，第 2 次"));
    assert_eq!(
        world.issues().await,
        ["#1 open", "#2 closed verified_unreported"]
    );
    assert_eq!(
        world.acts(1).await,
        [
            "opened",
            "acknowledged",
            "fix_reported",
            "verified",
            "reopened"
        ]
    );
    // A fix that was found wanting concerned the lead, who is not bound: the manager hears of it.
    let told = world.sandbox.unread(manager);
    assert!(told.iter().any(|m| m.text.contains("周文博")), "{told:#?}");
    let status = world.say(manager, "/status").await;
    assert!(status.contains("未办结 1：待签收 1"), "{status}");
    world.end();
}

async fn the_same_report_twice_and_a_corrected_one(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    world.drop_report("copy-2021-06-28.csv", format!("{HEADER}{TYPO}"));
    let again = world.until("2021-06-29 09:00").await;
    assert!(
        again.iter().all(|o| o.as_ref().unwrap().duplicate),
        "{again:?}"
    );
    assert!(world.sandbox.unread(operator).is_empty());
    assert_eq!(world.issues().await, ["#1 open"]);

    // A report older than the newest adds, but never verifies.
    world.report("2021-06-30", &format!("{TYPO}{TYPO2}")).await;
    world.drop_report("late-2021-06-27.csv", format!("{HEADER}{SITE}"));
    let late = world.until("2021-07-01 09:00").await;
    let late: Vec<_> = late.iter().flatten().filter(|o| !o.duplicate).collect();
    assert_eq!((late[0].opened, late[0].verified), (1, 0));
    assert_eq!(world.issues().await, ["#1 open", "#2 open", "#3 open"]);

    // The platform corrects the report of the 30th: TYPO2 was wrong, SITE had been forgotten.
    world.sandbox.unread(operator);
    world.drop_report("2021-06-30-corrected.csv", format!("{HEADER}{TYPO}{SITE}"));
    let pulled = world.until("2021-07-02 09:00").await;
    let fresh: Vec<_> = pulled.iter().flatten().filter(|o| !o.duplicate).collect();
    assert_eq!(fresh.len(), 1, "{pulled:?}");
    let corrected = fresh[0];
    assert_eq!(corrected.date, "2021-06-30");
    assert_eq!(
        (corrected.seen_again, corrected.opened, corrected.verified),
        (2, 0, 1)
    );
    assert_eq!(
        world.issues().await,
        ["#1 open", "#2 closed verified_unreported", "#3 open"]
    );
    // It stands in the place of the former one, which is kept and counts no longer.
    let mut tx = world.store().read().await.unwrap();
    let latest = duban::report::table::latest(&mut tx).await.unwrap();
    let states = tx
        .all(
            "select id, state from report where source = $1 and date = $2 order by id",
            duban::store::vals!["daily", "2021-06-30"],
        )
        .await
        .unwrap();
    let states: Vec<_> = states
        .iter()
        .map(|row| (row.int(0).unwrap(), row.text(1).unwrap()))
        .collect();
    drop(tx);
    assert_eq!(states[0].1, "superseded");
    assert_eq!(states[1], (corrected.report, "processed".to_owned()));
    assert_eq!(states.len(), 2);
    assert_eq!((latest.len(), latest[0].date.as_str()), (1, "2021-06-30"));
    // The very file that was corrected, once more: nothing.
    world.drop_report("again-2021-06-30.csv", format!("{HEADER}{TYPO}{TYPO2}"));
    let again = world.until("2021-07-03 09:00").await;
    assert!(again.iter().flatten().all(|o| o.duplicate), "{again:?}");
    world.end();
}

async fn somebody_who_is_not_bound(mut world: World) {
    let lead = world.bind("L1").await;
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    let told = world.reads(manager).text;
    assert!(
        told.contains("林晓雨") && told.contains("尚未绑定"),
        "{told}"
    );
    // Nobody else answers for it: the lead gets it at once, and hears why.
    let told = world.sandbox.unread(lead);
    assert_eq!(told.len(), 2);
    assert!(told[0].text.contains("警钟常鸣"), "{}", told[0].text);
    assert!(told[1].text.contains("尚未绑定"), "{}", told[1].text);
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    assert!(world.sandbox.unread(manager).is_empty(), "told once");

    // On binding: one digest of everything that waits.
    let invitation = world.invite("O1").await;
    let operator = world.sandbox.user("O1");
    world.sandbox.say(operator, &format!("/start {invitation}"));
    world.settle().await;
    world.pass(5).await;
    let news = world.sandbox.unread(operator);
    assert_eq!(news.len(), 2);
    assert!(news[1].text.contains("警钟常鸣") && news[1].text.contains("再接再励"));
    world.end();
}

async fn strangers_and_forged_presses(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    let stranger = world.sandbox.user("路人");
    for text in ["你好", "/my", "/status", "1 已改", "/start"] {
        assert!(world.say(stranger, text).await.contains("邀请"), "{text}");
    }
    assert!(
        world
            .say(stranger, "/start WRONGCODE")
            .await
            .contains("邀请码不对")
    );
    let data = digest.buttons[0][0].data.clone();
    let press = world
        .sandbox
        .press_data(stranger, operator, digest.id, &data);
    world.settle().await;
    assert_eq!(world.sandbox.toast(&press).unwrap().text, "您没有这项权限");
    let press = world
        .sandbox
        .press_data(operator, operator, digest.id, "ack:nonsense:1");
    world.settle().await;
    assert!(world.sandbox.toast(&press).unwrap().text.contains("失效"));
    assert_eq!(world.issues().await, ["#1 open"]);

    // An invitation works once.
    let invitation = world.invite("O2").await;
    assert!(
        world
            .say(stranger, &format!("/start {invitation}"))
            .await
            .contains("绑定成功")
    );
    let second = world.sandbox.user("又一个");
    assert!(
        world
            .say(second, &format!("/start {invitation}"))
            .await
            .contains("用过")
    );
    world.sandbox.send_sticker(second);
    world.settle().await;
    world.end();
}

async fn pressing_twice_and_pressing_late(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    let digest = world.reads(operator);
    let data = digest.buttons[0][0].data.clone();
    let presses: Vec<String> = (0..2)
        .map(|_| {
            world
                .sandbox
                .press_data(operator, operator, digest.id, &data)
        })
        .collect();
    world.settle().await;
    assert!(
        world
            .sandbox
            .toast(&presses[0])
            .unwrap()
            .text
            .contains("已签收")
    );
    assert!(
        world
            .sandbox
            .toast(&presses[1])
            .unwrap()
            .text
            .contains("此前已处理：林晓雨")
    );
    assert_eq!(world.acts(1).await, ["opened", "acknowledged"]);

    world.report("2021-06-29", "").await;
    assert_eq!(world.issues().await, ["#1 closed verified_unreported"]);
    let late = world
        .sandbox
        .press_data(operator, operator, digest.id, &data.replace("ack", "fix"));
    world.settle().await;
    let toast = world.sandbox.toast(&late).unwrap();
    assert!(
        toast.alert && toast.text.contains("已办结（检查报告"),
        "{toast:?}"
    );
    assert_eq!(world.issues().await, ["#1 closed verified_unreported"]);
    world.end();
}

async fn a_lost_answer_is_repeated_once_and_says_so(mut world: World) {
    let operator = world.bind("O1").await;
    world.sandbox.fault(Fault::lost_reply("sendMessage", 1));
    world.report("2021-06-28", TYPO).await;
    let news = world.sandbox.unread(operator);
    let marks: Vec<bool> = news.iter().map(|m| m.text.contains("可能重复")).collect();
    assert_eq!(
        marks,
        [false, true],
        "sent, its answer lost; sent again with the mark"
    );
    world.until("2021-06-28 12:00").await;
    assert!(world.sandbox.unread(operator).is_empty());

    // Refused by the flood limit: obeyed, sent later, once.
    world.sandbox.fault(Fault::too_many("sendMessage", 1, 3));
    world.report("2021-06-29", TYPO2).await;
    assert!(world.reads(operator).text.contains("再接再厉"));
    world.end();
}

async fn an_outage_of_a_night_loses_nothing(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    // Telegram is down from before the report until the evening.
    let until = support::at("2021-06-28 19:30").timestamp();
    world.sandbox.fault(Fault::Down { until });
    world.report("2021-06-28", TYPO).await;
    world.until("2021-06-28 19:00").await;
    assert!(world.sandbox.unread(operator).is_empty());
    world.until("2021-06-28 19:50").await;
    assert!(world.reads(operator).text.contains("警钟常鸣"));
    assert!(world.say(operator, "收到").await.contains("#1"));

    // The connection breaks again and again before an answer comes: it is said again, marked.
    world.sandbox.fault(Fault::lost_reply("sendMessage", 3));
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    world.until("2021-06-29 12:00").await;
    let said = news(&world, operator);
    assert!(said.len() > 3 && said.iter().all(|m| m.text.contains("再接再厉")));
    assert!(!world.say(manager, "/status").await.contains("投递失败"));
    world.end();
}

async fn what_can_never_be_delivered_is_told(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    world.sandbox.fault(Fault::lost_reply("sendMessage", 6));
    world.report("2021-06-28", TYPO).await;
    world.until("2021-06-28 18:00").await;
    assert_eq!(news(&world, operator).len(), 6);
    let told = world.reads(manager).text;
    assert!(
        told.contains("林晓雨") && told.contains("请电话联系"),
        "{told}"
    );
    assert!(
        world
            .say(manager, "/status")
            .await
            .contains("投递失败 1 条")
    );
    world.end();
}

async fn more_news_than_one_message_holds(mut world: World) {
    for n in 0..40 {
        let name = format!("2021-06-28-{n:02}-{}.csv", "很长的文件名".repeat(6));
        world.drop_report(&name, format!("什么,都不是{n}\n甲,乙\n"));
    }
    world.until("2021-06-28 09:00").await;
    // The manager binds late; everything that waits comes, in as many messages as it takes.
    let invitation = world.invite("M1").await;
    let manager = world.sandbox.user("M1");
    world.sandbox.say(manager, &format!("/start {invitation}"));
    world.pass(600).await;
    let (chat, mut faults) = (world.sandbox.chat(manager), 0);
    for message in chat.iter().filter(|m| m.from_bot) {
        faults += message.text.matches("无法读取").count();
    }
    assert_eq!(faults, 40);
    world.end();
}

async fn several_things_in_one_reply(mut world: World) {
    let operator = world.bind("O1").await;
    let rows: String = (1..=7)
        .map(|n| format!("示范发布,微信公众号,,错别字,错词{n},对词{n},\n"))
        .collect();
    world.report("2021-06-28", &rows).await;
    let digest = world.reads(operator);
    let said = world.reply(operator, digest.id, "1 收到 2 已改").await;
    assert!(
        said.contains("已签收：#1") && said.contains("已记录整改，待复核：#2"),
        "{said}"
    );
    let said = world.reply(operator, digest.id, "除了5都已改").await;
    assert!(said.contains("没有看懂"), "{said}");
    // Seen is what the page showed: five of seven.
    world.reply(operator, digest.id, "收到").await;
    let states = world.issues().await;
    assert_eq!(states.iter().filter(|s| s.ends_with(" open")).count(), 2);

    // A reason is asked for; a reply about another issue is no reason.
    world.press(operator, digest.id, "3 误报").await;
    world.sandbox.unread(operator);
    let said = world.reply(operator, digest.id, "4 已改").await;
    assert!(said.contains("已记录整改，待复核：#4"), "{said}");
    let said = world.say(operator, "标题是引文").await;
    assert!(said.contains("已提交申诉，等待裁定：#3"), "{said}");

    // Each act says by which message it came.
    let mut tx = world.store().read().await.unwrap();
    let acts = duban::issue::acts::acts_of(&mut tx, &[1, 3]).await.unwrap();
    let by = |issue: i64, verb: &str| {
        let act = acts[&issue].iter().find(|act| act.verb == verb);
        act.unwrap().message.unwrap()
    };
    assert_eq!(by(1, "acknowledged").0, operator);
    assert!(by(3, "disputed").1 > by(1, "acknowledged").1);
    drop(tx);
    world.end();
}

/// A feed that names each finding once never says that it is fixed: a person does.
async fn a_manager_confirms_what_no_report_will(mut world: World) {
    world.settings.sources[0].mode = duban::report::source::Mode::Incremental;
    world.restart().await;
    let operator = world.bind("O1").await;
    let lead = world.bind("L1").await;
    let manager = world.bind("M1").await;
    let area = world.bind("M2").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    assert!(
        world
            .say(manager, "/pending")
            .await
            .contains("没有等待复核")
    );
    assert!(
        world
            .say(operator, "/pending")
            .await
            .contains("没有这项权限")
    );
    world
        .sandbox
        .send_photo(operator, Some(digest.id), Some("1 2 已修改"));
    world.pass(2).await;
    world.report("2021-06-29", "").await;
    assert_eq!(world.issues().await, ["#1 fix_reported", "#2 fix_reported"]);
    world.sandbox.unread(operator);

    // The manager of another area has nothing to confirm.
    assert!(world.say(area, "/pending").await.contains("没有等待复核"));
    world.sandbox.say(manager, "/pending");
    world.settle().await;
    world.pass(2).await;
    let pending = world.reads(manager);
    assert!(pending.text.contains("待复核") && pending.text.contains("警钟常鸣"));
    let labels: Vec<&str> = pending
        .buttons
        .iter()
        .flatten()
        .map(|b| b.label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "1 通过",
            "1 未通过",
            "1 📎",
            "2 通过",
            "2 未通过",
            "2 📎",
            "✅ 本页全部通过"
        ]
    );
    // What was sent along is shown on demand, with whose it is.
    world.press(manager, pending.id, "1 📎").await;
    let photo = world.reads(manager);
    assert!(
        photo.file.is_some() && photo.text.contains("#1 林晓雨"),
        "{}",
        photo.text
    );
    assert!(
        world
            .press(manager, pending.id, "1 通过")
            .await
            .contains("已确认整改 #1")
    );
    assert!(
        world
            .press(manager, pending.id, "2 未通过")
            .await
            .contains("已退回 #2")
    );
    assert_eq!(world.issues().await, ["#1 closed verified", "#2 open"]);
    world.pass(120).await;
    let back = world.reads(operator).text;
    assert!(
        back.contains("复查未通过") && !back.contains("警钟常鸣"),
        "{back}"
    );
    assert!(world.reads(lead).text.contains("复查未通过"));
    // Too late: it says so and changes nothing.
    let data = &pending.buttons[0][0].data;
    let late = world.sandbox.press_data(manager, manager, pending.id, data);
    world.settle().await;
    assert!(world.sandbox.toast(&late).unwrap().text.contains("已办结"));
    world.end();
}

async fn a_group_is_sent_to_the_private_chat(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    world.sandbox.unread(operator);
    let group = world.sandbox.group_of("督办群", &[operator]);
    world.sandbox.say_in(group, operator, None, "今天有问题吗");
    world.sandbox.say_in(group, operator, None, "/my@duban_bot");
    world.settle().await;
    world.pass(5).await;
    let said = world.reads(group).text;
    assert!(said.contains("私聊") && !said.contains("警钟"), "{said}");
    world.end();
}

async fn gb18030_and_workbooks_with_damaged_rows(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    let text = format!("{HEADER}{TYPO}示范发布,微信公众号,,错别字,做为,作为,前天\n");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    world.drop_report("检查报告20210628.csv", &bytes);
    let outcome = world.until("2021-06-28 09:00").await.remove(0).unwrap();
    assert_eq!(
        (outcome.findings, outcome.opened, outcome.rejected.len()),
        (1, 1, 1)
    );
    let fault = &outcome.rejected[0];
    assert_eq!(
        (fault.row, fault.column.as_deref()),
        (Some(3), Some("监测时间"))
    );
    assert!(world.reads(operator).text.contains("警钟常鸣"));
    let told = world.reads(manager).text;
    assert!(told.contains("第 3 行「监测时间」 前天"), "{told}");
    assert!(told.contains("（CSV，GB18030）"), "{told}");

    let mut book = rust_xlsxwriter::Workbook::new();
    for (sheet, account) in [("微信", "示范发布"), ("网站", "示范委网站")] {
        let page = book.add_worksheet();
        page.set_name(sheet).unwrap();
        page.write(0, 0, "每日检查报告").unwrap();
        for (n, header) in ["账号\n名称", "问题类型", "错敏词", "推荐修改"]
            .iter()
            .enumerate()
        {
            page.write(2, n as u16, *header).unwrap();
        }
        for (n, cell) in [account, "错别字", "渡假", "度假"].iter().enumerate() {
            page.write(3, n as u16, *cell).unwrap();
        }
        page.write(4, 0, "台?布").unwrap();
        page.write(4, 1, "错别字").unwrap();
        page.write(5, 0, "合计").unwrap();
        page.write(5, 1, 2).unwrap();
    }
    world.drop_report("20210629.xlsx", book.save_to_buffer().unwrap());
    let all = world.until("2021-06-29 09:00").await;
    let outcome = all.iter().flatten().find(|o| !o.duplicate).unwrap();
    assert_eq!(
        (outcome.findings, outcome.matched, outcome.rejected.len()),
        (2, 2, 2)
    );
    assert_eq!(outcome.rejected[0].sheet.as_deref(), Some("微信"));
    assert_eq!(outcome.rejected[0].row, Some(5));
    world.end();
}

async fn a_dispute_is_ruled_on(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.press(operator, digest.id, "1 误报").await;
    assert!(world.reads(operator).text.contains("为什么是误报"));
    assert!(
        world
            .say(operator, "引自2019年文件原文")
            .await
            .contains("已提交申诉")
    );
    assert!(
        world
            .reply(operator, digest.id, "2 误报 固定用法")
            .await
            .contains("已提交申诉")
    );
    world.pass(120).await;
    let asked = world.sandbox.unread(manager);
    assert_eq!(asked.len(), 2);
    assert!(asked[0].text.contains("引自2019年文件原文"));
    // The next day's report still holds both: a dispute goes on being the operator's.
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    let mine = world.say(operator, "/my").await;
    assert!(mine.contains("申诉待裁 · 林晓雨"), "{mine}");
    assert!(
        world
            .press(manager, asked[0].id, "同意")
            .await
            .contains("误报")
    );
    assert!(
        world
            .press(manager, asked[1].id, "不同意")
            .await
            .contains("驳回")
    );
    assert_eq!(
        world.issues().await,
        ["#1 closed false_alarm", "#2 acknowledged"]
    );
    world.pass(120).await;
    let ruling = world.reads(operator).text;
    assert!(
        ruling.contains("申诉通过：#1") && ruling.contains("申诉未通过：#2"),
        "{ruling}"
    );
    // A ruled false alarm stays ruled when it is listed again.
    world.report("2021-06-30", &format!("{TYPO}{TYPO2}")).await;
    assert_eq!(
        world.issues().await,
        ["#1 closed false_alarm", "#2 acknowledged"]
    );
    world.end();
}

async fn a_name_that_no_rule_knows(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    let rows = "示范发部,微信公众号,,错别字,做为,作为,\n示范发布,,,错别字,按装,安装,\n";
    let first = world.report("2021-06-28", rows).await;
    assert_eq!((first.unmatched, first.ambiguous, first.opened), (1, 1, 0));
    assert!(
        world.sandbox.unread(operator).is_empty(),
        "never sent on likeness"
    );
    let mut asked = world.reads(manager);
    if !asked.text.contains("示范发部") {
        world.press(manager, asked.id, "▶").await;
        asked = world.reads(manager);
    }
    assert!(asked.text.contains("示范发部"), "{}", asked.text);
    let toast = world
        .press(manager, asked.id, "1. 微信公众号「示范发布」")
        .await;
    assert!(toast.contains("立案 1 项"), "{toast}");
    world.pass(120).await;
    assert!(world.reads(operator).text.contains("做为 → 作为"));
    // Asked once; the choice became an alias.
    world.sandbox.unread(manager);
    let second = world.report("2021-06-29", rows).await;
    assert_eq!(
        (second.matched, second.seen_again, second.ambiguous),
        (1, 1, 1)
    );
    assert!(world.sandbox.unread(manager).is_empty());
    world.end();
}

async fn the_clock_reminds_and_warns(mut world: World) {
    let operator = world.bind("O1").await;
    let lead = world.bind("L1").await;
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    world.report("2021-06-29", TYPO).await;
    assert!(world.sandbox.unread(operator).is_empty());
    world.until("2021-06-29 10:00").await;
    for chat in [operator, lead] {
        assert!(world.reads(chat).text.contains("尚未签收"));
    }
    world.report("2021-06-30", TYPO).await;
    world.until("2021-06-30 12:00").await;
    assert!(world.reads(operator).text.contains("到期提醒"));
    world.until("2021-07-01 18:00").await;
    let warning = world.reads(operator);
    assert!(warning.text.contains("超期预警") && warning.text.contains("已超期"));
    assert!(world.reads(lead).text.contains("已超期"));
    // What the message is about stays on it when a press changes it.
    world.press(operator, warning.id, "收到").await;
    let edited = world.reads(operator).text;
    assert!(
        edited.contains("超期预警") && edited.contains("已签收"),
        "{edited}"
    );
    assert!(world.say(operator, "/my").await.contains("未办结问题"));
    world.until("2021-07-01 23:00").await;
    assert!(news(&world, operator).is_empty());
    world.end();
}

async fn replies_in_plain_words(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    for (text, answer) in [
        ("今天放假", "没有看懂"),
        ("1 3 已改", "没有这个编号"),
        ("已改", "哪一项"),
        ("误报", "写明原因"),
        ("#99 已改", "没有这个编号"),
    ] {
        let said = world.reply(operator, digest.id, text).await;
        assert!(said.contains(answer), "{text}: {said}");
    }
    assert!(world.say(operator, "已改").await.contains("哪一项"));
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    assert!(
        world
            .reply(operator, digest.id, "收到")
            .await
            .contains("#1、#2")
    );
    world
        .sandbox
        .send_photo(operator, Some(digest.id), Some("2 已删除"));
    world.settle().await;
    world.pass(2).await;
    let saved = world.reads(operator).text;
    assert!(saved.contains("附件已保存"), "{saved}");
    assert_eq!(world.issues().await, ["#1 acknowledged", "#2 fix_reported"]);
    let mut tx = world.store().read().await.unwrap();
    let acts = duban::issue::acts::acts_of(&mut tx, &[2]).await.unwrap();
    let last = acts[&2].last().unwrap();
    assert_eq!(last.note.as_deref(), Some("2 已删除"));
    assert!(
        last.evidence
            .as_ref()
            .unwrap()
            .contains("\"kind\":\"photo\"")
    );
    drop(tx);
    world.end();
}

async fn a_blocked_bot(mut world: World) {
    let operator = world.bind("O1").await;
    world.bind("L1").await;
    let manager = world.bind("M1").await;
    world.sandbox.block(operator);
    world.report("2021-06-28", TYPO).await;
    world.pass(120).await;
    let told = world.reads(manager).text;
    assert!(
        told.contains("林晓雨") && told.contains("已停用机器人"),
        "{told}"
    );
    assert!(
        world
            .say(manager, "/status")
            .await
            .contains("无法送达 1 人")
    );
    // The clock of the deadline does not stop; coming back brings what waits.
    world.sandbox.unblock(operator);
    world.settle().await;
    world.pass(5).await;
    assert!(world.reads(operator).text.contains("警钟常鸣"));
    world.end();
}

async fn nobody_sees_what_is_not_theirs(mut world: World) {
    let operator = world.bind("O1").await;
    let other = world.bind("O2").await;
    let area = world.bind("M2").await;
    let admin = world.bind("A1").await;
    world.report("2021-06-28", &format!("{TYPO}{SITE}")).await;
    let mine = world.reads(operator).text;
    assert!(mine.contains("警钟常鸣") && !mine.contains("做为"));
    let theirs = world.reads(other).text;
    assert!(theirs.contains("做为") && !theirs.contains("警钟常鸣"));
    assert!(world.say(other, "#1 已改").await.contains("没有这个编号"));
    assert!(world.say(admin, "#1 已改").await.contains("没有这个编号"));
    assert!(
        world
            .say(operator, "/status")
            .await
            .contains("没有这项权限")
    );
    assert!(world.say(area, "/status").await.contains("未办结 1"));
    assert!(world.say(admin, "/my").await.contains("没有未办结"));
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    world.end();
}

async fn an_unreadable_report_changes_nothing(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    world.drop_report("2021-06-29.csv", "姓名,电话\n张三,1\n");
    let ended = world.until("2021-06-29 09:00").await;
    let error = ended
        .iter()
        .find_map(|o| o.as_ref().err())
        .unwrap()
        .to_string();
    assert!(
        error.contains("2021-06-29.csv") && error.contains("账号名称"),
        "{error}"
    );
    let told = world.reads(manager).text;
    assert!(
        told.contains("无法读取") && told.contains("前 15 行里没有表头"),
        "{told}"
    );
    assert_eq!(world.issues().await, ["#1 open"]);
    world.end();
}

async fn killed_in_the_middle_of_sending(mut world: World) {
    let operator = world.bind("O1").await;
    world.drop_report("2021-06-28.csv", format!("{HEADER}{TYPO}"));
    world.until("2021-06-28 08:30").await;
    // The first process claims what is due a minute later, and is killed before it sends.
    let due = support::at("2021-06-28 08:31");
    world.app.desk.clock.advance_to(due);
    let now = due.timestamp_millis();
    let mut tx = world.store().begin().await.unwrap();
    let claimed = duban::outbox::table::claim(&mut tx, "killed", now, now + 60_000, 10).await;
    assert!(!claimed.unwrap().is_empty());
    tx.commit().await.unwrap();
    world.restart().await;
    world.settle().await;
    assert!(
        world.sandbox.unread(operator).is_empty(),
        "the claim still holds"
    );
    world.pass(90).await;
    let digest = world.reads(operator);
    assert!(digest.text.contains("可能重复") && digest.text.contains("警钟常鸣"));
    // What was heard but not handled before the kill is handled once after it.
    world.sandbox.press(operator, digest.id, "1 收到").unwrap();
    world.restart().await;
    world.settle().await;
    world.restart().await;
    // On PostgreSQL another replica might poll: what the killed one held is free in a minute.
    world.pass(61).await;
    assert_eq!(world.acts(1).await, ["opened", "acknowledged"]);
    world.end();
}

async fn a_menu_offers_what_a_role_may_ask(mut world: World) {
    let operator = world.bind("O1").await;
    let lead = world.bind("L1").await;
    let admin = world.bind("A1").await;
    assert_eq!(
        world.sandbox.menu(operator),
        [
            "my", "today", "done", "due", "issue", "leave", "undo", "quiet", "fresh", "lang",
            "menu", "help"
        ]
    );
    let offered = world.sandbox.menu(lead);
    for word in [
        "status", "trend", "overdue", "silent", "unit", "invite", "group", "mute",
    ] {
        assert!(offered.iter().any(|one| one == word), "{word}: {offered:?}");
    }
    for word in ["pending", "announce", "export", "unmatched", "whois"] {
        assert!(
            !offered.iter().any(|one| one == word),
            "{word}: {offered:?}"
        );
    }
    assert_eq!(
        world.sandbox.menu(admin),
        [
            "whois", "invite", "unbind", "replace", "lang", "menu", "help"
        ]
    );
    // The help says what the menu offers, and nothing else.
    for chat in [operator, lead, admin] {
        let help = world.say(chat, "/help").await;
        let told: Vec<&str> = help
            .lines()
            .filter_map(|line| line.strip_prefix('/')?.split(' ').next())
            .collect();
        assert_eq!(told, world.sandbox.menu(chat), "{help}");
    }
    world.end();
}

async fn what_became_anothers_is_not_shown_again(mut world: World) {
    let chat = world.bind("O1").await;
    world
        .report(
            "2021-06-29",
            "示范发布,微信公众号,,错敏词,警钟常鸣,警钟长鸣,\n示范发布,新浪微博,,错敏词,按步就班,按部就班,\n",
        )
        .await;
    let digest = world.reads(chat);
    assert!(digest.text.contains("警钟常鸣") && digest.text.contains("按步就班"));
    // The roster now says that somebody else runs the account.
    let people = world.folder.path().join("roster/people.csv");
    let text = std::fs::read_to_string(&people).unwrap();
    let text = text.replace("O1,林晓雨,运维人员,Q1,", "O1,林晓雨,运维人员,Q1,wb_01");
    std::fs::write(&people, text).unwrap();
    world.import_roster().await;
    let toast = world.press(chat, digest.id, "1 收到").await;
    let after = world.reads(chat);
    let shown = [
        after.text.contains("警钟常鸣"),
        after.text.contains("按步就班"),
    ];
    assert_eq!(shown, [false, true], "{toast}: {}", after.text);
    let mine = world.say(chat, "/my").await;
    assert!(
        !mine.contains("警钟常鸣") && mine.contains("按步就班"),
        "{mine}"
    );
    world.end();
}

async fn a_second_replica_listens_when_the_first_is_gone(mut world: World) {
    let chat = world.bind("O1").await;
    let clock = world.app.desk.clock.clone();
    let mut second = duban::app::App::build(&world.settings, clock.clone())
        .await
        .unwrap();
    second.settle().await.unwrap();
    world.sandbox.say(chat, "/help");
    second.settle().await.unwrap();
    let answered = !world.sandbox.unread(chat).is_empty();
    // On the embedded database there is one process only; elsewhere the first one polls.
    let embedded = world.store().engine() == duban::store::Engine::Sqlite;
    assert_eq!(answered, embedded);
    clock.advance_to(clock.now() + chrono::TimeDelta::seconds(61));
    second.settle().await.unwrap();
    assert!(answered || world.reads(chat).text.contains("/my"));
    world.end();
}

async fn a_week_later_handled_updates_are_forgotten(mut world: World) {
    let chat = world.bind("O1").await;
    world.say(chat, "/help").await;
    let count = async |world: &World| {
        let mut tx = world.store().read().await.unwrap();
        let row = tx
            .first("select count(*) from inbox", vec![])
            .await
            .unwrap();
        row.unwrap().int(0).unwrap()
    };
    assert_eq!(count(&world).await, 2);
    world.until("2021-07-07 09:00").await;
    assert_eq!(count(&world).await, 0);
    world.end();
}

async fn an_incremental_feed_says_itself_what_became_of_a_finding(mut world: World) {
    world.settings.sources[0].mode = duban::report::source::Mode::Incremental;
    world.restart().await;
    let chat = world.bind("O1").await;
    let feed = |state: &str, review: &str, word: &str| {
        format!(
            "账号名称,账号类型,问题类型,错敏词,整改状态,复核结果\n示范发布,微信公众号,错敏词,{word},{state},{review}\n"
        )
    };
    world.drop_report("2021-06-28.csv", feed("待整改", "", "警钟常鸣"));
    world.until("2021-06-28 09:00").await;
    assert!(world.reads(chat).text.contains("警钟常鸣"));
    // What the feed names no more is still open: its silence proves nothing.
    world.drop_report("2021-06-29.csv", feed("已整改", "", "按步就班"));
    world.until("2021-06-29 09:00").await;
    assert_eq!(
        world.issues().await,
        ["#1 open"],
        "what is settled already opens nothing"
    );
    world.drop_report("2021-06-30.csv", feed("已整改", "", "警钟常鸣"));
    world.until("2021-06-30 09:00").await;
    assert_eq!(world.issues().await, ["#1 fix_reported"]);
    world.drop_report("2021-07-01.csv", feed("已整改", "复核已整改", "警钟常鸣"));
    let ended = world.until("2021-07-01 09:00").await;
    assert_eq!(ended.iter().flatten().map(|o| o.verified).sum::<usize>(), 1);
    assert_eq!(world.issues().await, ["#1 closed verified"]);
    world.drop_report("2021-07-02.csv", feed("待整改", "", "做为"));
    world.until("2021-07-02 09:00").await;
    world.drop_report("2021-07-05.csv", feed("忽略", "", "做为"));
    world.until("2021-07-05 09:00").await;
    assert_eq!(
        world.issues().await,
        ["#1 closed verified", "#2 closed withdrawn"]
    );
    assert_eq!(world.acts(1).await, ["opened", "fix_reported", "verified"]);
    world.end();
}

async fn a_platform_over_http_with_its_moods(mut world: World) {
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::response::IntoResponse as _;
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    // What the platform answers next: a status, or a report; gzipped, with an ETag.
    let mood: Arc<Mutex<(u16, String)>> = Arc::new(Mutex::new((502, String::new())));
    let shared = Arc::clone(&mood);
    let answer = move |headers: HeaderMap, uri: axum::http::Uri| {
        let (status, body) = shared.lock().unwrap().clone();
        let has = |name: header::HeaderName| {
            let value = headers.get(name);
            value
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let etag = format!("\"{}\"", duban::flow::digest(body.as_bytes()));
        let unchanged = has(header::IF_NONE_MATCH) == etag;
        let authorised = has(header::AUTHORIZATION) == "Bearer secret-of-the-platform";
        async move {
            assert!(uri.path().starts_with("/reports/2021-"), "{uri}");
            if !authorised {
                return StatusCode::UNAUTHORIZED.into_response();
            }
            if status != 200 {
                return StatusCode::from_u16(status).unwrap().into_response();
            }
            if unchanged {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            let mut zip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
            zip.write_all(body.as_bytes()).unwrap();
            let told = [
                (header::CONTENT_ENCODING, "gzip".to_owned()),
                (header::ETAG, etag),
            ];
            (told, zip.finish().unwrap()).into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let source = &mut world.settings.sources[0];
    source.kind = duban::report::source::SourceKind::Http;
    source.url = Some(format!("http://{address}/reports/{{date}}.csv"));
    source.bearer = Some("secret-of-the-platform".to_owned().into());
    source.max_bytes = Some(4_000);
    world.restart().await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.bind("L1").await;

    // It hiccups at half past eight; a minute later it is asked again, and nobody was bothered.
    let ended = world.until("2021-06-28 08:30").await;
    let error = ended[0].as_ref().unwrap_err().to_string();
    assert!(
        error.contains("502") && !error.contains("secret"),
        "{error}"
    );
    *mood.lock().unwrap() = (200, format!("{HEADER}{TYPO}"));
    let ended = world.until("2021-06-28 08:33").await;
    assert_eq!(ended.iter().flatten().map(|o| o.opened).sum::<usize>(), 1);
    assert!(world.reads(operator).text.contains("警钟常鸣"));
    assert!(world.sandbox.unread(manager).is_empty());

    // The next day nothing has changed there: 304 is no report, and verifies nothing.
    let ended = world.until("2021-06-29 09:00").await;
    assert!(ended.is_empty(), "{ended:?}");
    assert_eq!(world.issues().await, ["#1 open"]);
    world.until("2021-06-29 10:00").await;
    let told = world.reads(manager).text;
    assert!(
        told.contains("今日报告未到") && told.contains("没有变化"),
        "{told}"
    );

    // A flood of bytes is cut off; the managers hear of it once, when it lasts.
    *mood.lock().unwrap() = (200, format!("{HEADER}{}", TYPO.repeat(100)));
    let ended = world.until("2021-06-30 10:30").await;
    assert_eq!(ended.len(), 5);
    let error = ended[4].as_ref().unwrap_err().to_string();
    assert!(error.contains("max_bytes = 4000"), "{error}");
    let told = world.reads(manager).text;
    assert!(
        told.contains("max_bytes") && !told.contains("secret"),
        "{told}"
    );
    assert_eq!(world.issues().await, ["#1 open"]);

    // At last the error is gone.
    *mood.lock().unwrap() = (200, format!("{HEADER}{TYPO2}"));
    world.until("2021-07-01 09:00").await;
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 open"]
    );
    world.end();
}

async fn a_row_that_does_not_fit_its_header_opens_and_verifies_nothing(mut world: World) {
    let manager = world.bind("M1").await;
    world.report("2021-06-28", &format!("{TYPO}{SITE}")).await;
    world.sandbox.unread(manager);
    // Full-width commas in free text are text; a comma that nobody quoted moves every cell after it.
    let header = "账号名称,账号类型,所在上下文,错敏词,推荐修改,问题类型\n";
    let text = "一，二，三，四，五，六，七，八，九";
    let rows = [
        format!("示范发布,微信公众号,{text},警钟常鸣,警钟长鸣,错别字\n"),
        format!("示范教育,微信公众号,{text},按装,安装,错别字\n"),
        "示范委网站,政府网站,做为,作为,做为,作为,错别字\n".to_owned(),
        "合计,3,\n备注：截至今日\n".to_owned(),
    ];
    world.drop_report("2021-06-29.csv", format!("{header}{}", rows.concat()));
    let outcome = world.until("2021-06-29 09:00").await.pop().unwrap();
    let outcome = outcome.unwrap();
    assert_eq!(
        (outcome.findings, outcome.seen_again, outcome.opened),
        (2, 1, 1)
    );
    assert_eq!((outcome.rejected.len(), outcome.verified), (1, 0));
    assert_eq!(outcome.rejected[0].row, Some(4));
    let told = world.sandbox.unread(manager);
    assert!(
        told.iter()
            .any(|m| m.text.contains("第 4 行：这一行的列数与表头不符")),
        "{told:?}"
    );
    world.end();
}

async fn a_report_from_the_future_is_refused(mut world: World) {
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    for (name, says) in [
        ("report-20310704.json", "2031-07-04"),
        ("report-202112.json", "202112"),
    ] {
        world.drop_report(name, "[]");
        let ended = world.pass(24 * 3600).await;
        let refused = ended.iter().find_map(|o| o.as_ref().err()).unwrap();
        let text = refused.to_string();
        assert!(text.contains(name) && text.contains(says), "{text}");
        assert!(text.contains("--date"), "{text}");
        let told = world.sandbox.unread(manager);
        assert!(told.iter().any(|m| m.text.contains(name)), "{told:?}");
        std::fs::remove_file(world.folder.path().join("reports").join(name)).unwrap();
    }
    assert_eq!(world.issues().await, ["#1 open"], "nothing was changed");
    // The real ones after it are not late.
    let next = world.report("2021-07-01", TYPO2).await;
    assert_eq!((next.opened, next.verified), (1, 1));
    world.end();
}

/// What a person should know of a report.
async fn notes(world: &World, report: i64) -> String {
    let mut tx = world.store().read().await.unwrap();
    let reading = duban::report::table::reading(&mut tx, report).await;
    reading.unwrap().unwrap().notes.join("\n")
}

async fn a_failed_answer_and_a_first_page_are_no_silence(mut world: World) {
    let manager = world.bind("M1").await;
    world.report("2021-06-28", TYPO).await;
    let failed = r#"{"code":401,"message":"token expired","data":[]}"#;
    world.drop_report("2021-06-29.json", failed);
    let ended = world.until("2021-06-29 09:00").await;
    let error = ended.iter().find_map(|o| o.as_ref().err()).unwrap();
    assert!(
        error.to_string().contains("code = 401, token expired"),
        "{error}"
    );
    let told = world.sandbox.unread(manager);
    let told = |words: &str| told.iter().any(|m| m.text.contains(words));
    assert!(told("失败信息") && told("token expired"));
    assert_eq!(world.issues().await, ["#1 open"]);

    std::fs::remove_file(world.folder.path().join("reports/2021-06-29.json")).unwrap();
    let row = r#"{"账号名称":"示范发布","账号类型":"微信公众号","错敏词":"再接再励"}"#;
    world.drop_report(
        "2021-06-30.json",
        format!(r#"{{"total":500,"data":[{row}]}}"#),
    );
    let part = world
        .until("2021-06-30 09:00")
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!((part.opened, part.verified), (1, 0));
    assert!(part.incomplete.unwrap().contains("total = 500"));
    assert!(notes(&world, part.report).await.contains("total = 500"));
    let told: Vec<_> = world
        .sandbox
        .unread(manager)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter().any(|t| t.contains("报告不完整（total = 500）")),
        "{told:?}"
    );

    world.drop_report(
        "2021-07-01.json",
        format!(r#"{{"total":1,"data":[{row}]}}"#),
    );
    let whole = world
        .until("2021-07-01 09:00")
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!((whole.seen_again, whole.verified), (1, 1));
    world.end();
}

async fn a_name_on_an_unknown_platform_or_with_a_foreign_uid_waits(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    world.bind("L1").await;
    let header = "账号名称,账号类型,唯一标识,错敏词\n";
    let rows = "示范发布,火星号,,做为\n示范教育,微信公众号,gh_OTHER,按装\n";
    world.drop_report("2021-06-28.csv", format!("{header}{rows}"));
    let first = world
        .until("2021-06-28 09:00")
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!((first.matched, first.ambiguous, first.opened), (0, 2, 0));
    let noted = notes(&world, first.report).await;
    assert!(noted.contains("火星号 is not known (1 rows)"), "{noted}");
    assert!(world.sandbox.unread(operator).is_empty());
    let mut asked = world.reads(manager);
    let mut texts = asked.text.clone();
    if !texts.contains("火星号") {
        world.press(manager, asked.id, "▶").await;
        asked = world.reads(manager);
        texts.push_str(&asked.text);
        assert!(texts.contains("gh_OTHER"), "{texts}");
    }
    assert!(asked.text.contains("火星号"), "{}", asked.text);
    let toast = world
        .press(manager, asked.id, "1. 微信公众号「示范发布」")
        .await;
    assert!(toast.contains("立案 1 项"), "{toast}");
    world.pass(120).await;
    assert!(world.reads(operator).text.contains("做为"));
    // What was decided for these names holds the next day; the other still waits, asked once.
    world.sandbox.unread(manager);
    world.drop_report("2021-06-29.csv", format!("{header}{rows}"));
    let second = world
        .until("2021-06-29 09:00")
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!(
        (second.matched, second.seen_again, second.ambiguous),
        (1, 1, 1)
    );
    assert!(world.sandbox.unread(manager).is_empty());
    // The account that was chosen leaves the roster: the choice holds no more, it is asked anew.
    let accounts = world.folder.path().join("roster/accounts.csv");
    let text = std::fs::read_to_string(&accounts).unwrap();
    let text = text.replace("微信公众号,示范发布,gh_01,Q1,一区发布\n", "");
    std::fs::write(&accounts, text).unwrap();
    world.import_roster().await;
    world.drop_report("2021-06-30.csv", format!("{header}{rows}"));
    let third = world
        .until("2021-06-30 09:00")
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!(third.matched, 0);
    assert!(world.reads(manager).text.contains("火星号"));
    world.end();
}

async fn a_waiting_name_that_the_roster_learns_waits_no_more(mut world: World) {
    let manager = world.bind("M1").await;
    let row = "示范新号,微信公众号,,错别字,做为,作为,\n";
    world.report("2021-06-28", row).await;
    assert!(world.reads(manager).text.contains("示范新号"));
    assert!(world.say(manager, "/status").await.contains("待认领名称 1"));
    let accounts = world.folder.path().join("roster/accounts.csv");
    let before = std::fs::read_to_string(&accounts).unwrap();
    std::fs::write(
        &accounts,
        format!("{before}微信公众号,示范新号,gh_09,B1,\n"),
    )
    .unwrap();
    world.import_roster().await;
    let second = world.report("2021-06-29", row).await;
    assert_eq!((second.matched, second.opened), (1, 1));
    world.sandbox.unread(manager);
    assert!(!world.say(manager, "/status").await.contains("待认领"));
    // Gone from the roster again: it is asked about anew.
    std::fs::write(&accounts, before).unwrap();
    world.import_roster().await;
    world.report("2021-06-30", row).await;
    assert!(world.reads(manager).text.contains("示范新号"));
    world.end();
}

async fn a_refuted_fix_keeps_its_due_date_and_a_return_has_a_new_one(mut world: World) {
    let operator = world.bind("O1").await;
    let due = async |world: &World| {
        let mut tx = world.store().read().await.unwrap();
        let issue = duban::issue::table::get(&mut tx, 1).await.unwrap().unwrap();
        (issue.told_at, issue.due_at, issue.due_why)
    };
    world.report("2021-06-28", TYPO).await;
    let first = due(&world).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 已改").await;
    world.report("2021-06-30", TYPO).await;
    assert_eq!(world.issues().await, ["#1 open"]);
    assert_eq!(due(&world).await, first, "refuted: the clock has run on");
    let refuted = world.reads(operator);
    assert!(refuted.text.contains("复查未通过"), "{}", refuted.text);
    assert!(
        refuted.text.contains("7月1日(周四) 17:30 前"),
        "{}",
        refuted.text
    );

    world.report("2021-07-01", "").await;
    assert_eq!(world.issues().await, ["#1 closed verified_unreported"]);
    world.until("2021-07-05 08:00").await;
    world.report("2021-07-05", TYPO).await;
    let again = due(&world).await;
    assert_eq!(
        again.0,
        Some(support::at("2021-07-05 08:30").timestamp_millis())
    );
    assert!(again.1 > first.1, "back after closing: a new clock");
    world.end();
}

async fn a_report_that_does_not_come_is_missed(mut world: World) {
    let manager = world.bind("M1").await;
    world.bind("O1").await;
    world.bind("L1").await;
    world.report("2021-06-28", TYPO).await;
    assert!(!world.say(manager, "/status").await.contains("今日报告未到"));
    // Nothing new at the slot: marked at once, told after the tries, once.
    world.until("2021-06-29 08:35").await;
    assert!(world.say(manager, "/status").await.contains("今日报告未到"));
    world.until("2021-06-29 23:00").await;
    let told = world.reads(manager).text;
    assert!(
        told.contains("「daily」2021-06-29") && told.contains("没有新文件"),
        "{told}"
    );
    // A copy of an older day's is no report of today.
    world.drop_report("copy.csv", format!("{HEADER}{TYPO}"));
    world.until("2021-06-30 10:00").await;
    let told = world.reads(manager).text;
    assert!(told.contains("以前的报告"), "{told}");
    assert_eq!(
        world.issues().await,
        ["#1 open"],
        "nothing was verified by it"
    );
    // Late on the next day, at the third try, it comes: nobody is told.
    world.until("2021-07-01 08:33").await;
    world.drop_report("2021-07-01.csv", format!("{HEADER}{TYPO}"));
    let ended = world.until("2021-07-01 12:00").await;
    assert_eq!(
        ended.len(),
        1,
        "an unchanged snapshot of a new day is a report: {ended:?}"
    );
    assert_eq!(ended[0].as_ref().unwrap().seen_again, 1);
    assert!(world.sandbox.unread(manager).is_empty());
    assert!(!world.say(manager, "/status").await.contains("今日报告未到"));
    // An incremental feed may be silent.
    world.settings.sources[0].mode = duban::report::source::Mode::Incremental;
    world.restart().await;
    world.until("2021-07-02 12:00").await;
    world.sandbox.unread(manager);
    assert!(!world.say(manager, "/status").await.contains("今日报告未到"));
    world.end();
}

async fn what_leaves_the_roster_takes_its_issues_along(mut world: World) {
    let operator = world.bind("O1").await;
    let school = "示范教育,微信公众号,,错别字,按装,安装,\n";
    let unit = ",,福州市示范和改革委员会,政务公开保障不足,,,\n";
    let rows = format!("{TYPO}{school}{SITE}{unit}");
    assert_eq!(world.report("2021-06-28", &rows).await.opened, 4);
    world.sandbox.unread(operator);
    let folder = world.folder.path().to_owned();
    let roster = |name: &str| folder.join(format!("roster/{name}.csv"));
    let [units, accounts, people] =
        ["units", "accounts", "people"].map(|name| std::fs::read_to_string(roster(name)).unwrap());
    // The commission is dissolved, its site goes to the district; the school's account is gone.
    let without = |text: &str, words: &[&str]| -> String {
        let lines = text
            .lines()
            .filter(|line| !words.iter().any(|word| line.contains(word)));
        lines.map(|line| format!("{line}\n")).collect()
    };
    std::fs::write(roster("units"), without(&units, &["B1"])).unwrap();
    let left = without(&accounts, &["示范教育", "无人看管"]).replace("site_1,B1", "site_1,Q1");
    std::fs::write(roster("accounts"), left).unwrap();
    std::fs::write(roster("people"), without(&people, &["B1"])).unwrap();
    assert_eq!(world.import_roster().await, [2, 4]);
    assert_eq!(
        world.issues().await,
        [
            "#1 open",
            "#2 closed withdrawn",
            "#3 open",
            "#4 closed withdrawn"
        ]
    );
    assert_eq!(world.acts(2).await, ["opened", "withdrawn"]);
    world.pass(3600).await;
    // What was withdrawn is told to nobody; what came along unsaid, to who answers now.
    let told = world.reads(operator).text;
    assert!(told.contains("做为") && !told.contains("按装"), "{told}");
    let mine = world.say(operator, "/my").await;
    assert!(mine.contains("做为") && !mine.contains("按装"), "{mine}");
    // Back in the roster and in the report: it is the same issue.
    std::fs::write(roster("accounts"), without(&accounts, &["B1"])).unwrap();
    assert_eq!(world.import_roster().await, [3]);
    let again = world.report("2021-06-29", &format!("{TYPO}{school}")).await;
    assert_eq!((again.reopened, again.opened), (1, 0));
    world.end();
}

async fn close_slots_miss_a_report_once_a_day(mut world: World) {
    world.settings.sources[0].schedule = Some("*/20 * * * *".to_owned());
    world.restart().await;
    let manager = world.bind("M1").await;
    world.until("2021-06-28 19:55").await;
    assert!(world.sandbox.unread(manager).is_empty());
    assert!(world.say(manager, "/status").await.contains("今日报告未到"));
    world.until("2021-06-29 19:55").await;
    let told = world.reads(manager).text;
    assert!(told.contains("「daily」2021-06-28"), "{told}");
    world.end();
}
