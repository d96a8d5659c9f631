//! Leaves, stand-ins and rotations as people live them, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use chrono::NaiveDate;
use duban::roster::duty::{State, table};
use duban::roster::{Duty, Person};
use support::World;

stories![
    a_leave_from_asking_to_coming_back,
    the_lead_enters_it_and_takes_it_back,
    a_chain_goes_on_to_the_next_and_then_to_the_lead,
    what_is_refused_and_what_is_asked,
    forged_presses_and_others_leads,
    nobody_can_be_told_so_the_lead_is,
    a_rotation_by_week,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const PEOPLE: &str = "编码,姓名,角色,单位,负责账号\n\
    O1,林晓雨,运维人员,Q1,wechat:示范发布\nO2,陈志远,运维人员,B1,website:示范委网站\n\
    O4,沈一鸣,运维人员,Q1,weibo:示范发布\nO5,沈一诺,运维人员,Q1,weibo:示范发布\n\
    L1,周文博,分管负责人,Q1,\nL2,高子涵,分管负责人,B1,\nM1,吴静怡,监管人员,*,\n\
    A1,何慧玲,系统管理员,*,\n";

/// The people of these stories in place of the usual ones; the chats of those named.
async fn people<const N: usize>(world: &mut World, codes: [&str; N]) -> [i64; N] {
    let file = world.folder.path().join("roster").join("people.csv");
    std::fs::write(file, PEOPLE).unwrap();
    world.import_roster().await;
    let mut chats = [0; N];
    for (chat, code) in chats.iter_mut().zip(codes) {
        *chat = world.bind(code).await;
    }
    chats
}

/// Says it and reads what is said back, with its buttons.
async fn asks(world: &mut World, chat: i64, text: &str) -> duban::sandbox::ChatMessage {
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

/// Says it and confirms what is said back.
async fn leaves(world: &mut World, chat: i64, text: &str) {
    let asked = asks(world, chat, text).await;
    let toast = world.press(chat, asked.id, "确认").await;
    assert!(toast.contains("已登记"), "{toast}");
    world.reads(chat);
}

/// Everybody hears what is owed; the texts that a chat has not read.
fn unread(world: &World, chat: i64) -> Vec<String> {
    let fresh = world.sandbox.unread(chat).into_iter();
    fresh.map(|message| message.text).collect()
}

async fn a_leave_from_asking_to_coming_back(mut world: World) {
    let [o1, o4, l1] = people(&mut world, ["O1", "O4", "L1"]).await;
    world.report("2021-06-28", TYPO).await;
    let before = world.reads(o1);
    assert!(unread(&world, o4).is_empty());

    // Said back before it counts.
    let asked = asks(&mut world, o1, "/leave 明天 7月2日 沈一鸣").await;
    for part in ["林晓雨", "沈一鸣", "6月29日(周二)至7月2日(周五)", "4 天"] {
        assert!(asked.text.contains(part), "{part}: {}", asked.text);
    }
    assert!(world.say(o1, "/leave").await.contains("没有登记"));
    let toast = world.press(o1, asked.id, "确认").await;
    assert!(toast.contains("已登记"), "{toast}");
    let edited = world.reads(o1);
    assert_eq!((edited.id, edited.buttons.len()), (asked.id, 0));
    world.pass(120).await;
    for chat in [o4, l1] {
        let told = unread(&world, chat).concat();
        assert!(
            told.contains("由 沈一鸣 替岗") && told.contains("登记人：林晓雨"),
            "{told}"
        );
    }

    // Not before the first day: a number of another's issue is no number.
    assert!(world.say(o4, "#1 收到").await.contains("没有"));
    // On the first day one digest of what is open; what arises comes to the stand-in alone.
    world.until("2021-06-29 08:20").await;
    let handed = world.reads(o4);
    assert!(
        handed.text.contains("警钟常鸣") && handed.text.contains("代 林晓雨"),
        "{}",
        handed.text
    );
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    let fresh = world.reads(o4);
    assert!(
        fresh.text.contains("再接再励") && fresh.text.contains("代 林晓雨"),
        "{}",
        fresh.text
    );
    assert!(unread(&world, o1).is_empty());
    assert!(world.say(o4, "/my").await.contains("警钟常鸣"));

    // The stand-in acts, and it is the stand-in's name that is recorded.
    let toast = world.press(o4, fresh.id, "1 收到").await;
    assert!(toast.contains("#2"), "{toast}");
    assert!(world.reads(o4).text.contains("已签收 · 沈一鸣"));
    assert!(
        world
            .reply(o4, handed.id, "1 已改")
            .await
            .contains("已记录整改")
    );
    assert!(world.say(o4, "#2 误报 引文如此").await.contains("#2"));
    assert_eq!(world.issues().await, ["#1 fix_reported", "#2 acknowledged"]);
    assert_eq!(world.acts(2).await, ["opened", "acknowledged", "disputed"]);
    // Who is away may still look, and a restart forgets nothing.
    let toast = world.press(o1, before.id, "1 误报").await;
    assert!(!toast.contains("没有这项权限"), "{toast}");
    unread(&world, o1);
    assert!(world.say(o1, "取消").await.contains("取消"));
    world.restart().await;
    world.pass(61).await;

    // After the last day: one digest of what is still open, and no more rights.
    world.until("2021-07-03 08:20").await;
    let back = unread(&world, o1).concat();
    assert!(back.contains("再接再励"), "{back}");
    unread(&world, o4);
    let toast = world.press(o4, fresh.id, "1 已整改").await;
    assert_eq!(toast, "您没有这项权限");
    unread(&world, o4);
    assert!(world.say(o4, "/my").await.contains("没有"));
    assert!(world.say(o4, "#2 已改").await.contains("没有"));
    assert_eq!(world.issues().await, ["#1 fix_reported", "#2 acknowledged"]);
    world.end();
}

async fn the_lead_enters_it_and_takes_it_back(mut world: World) {
    let [o1, o4, l1] = people(&mut world, ["O1", "O4", "L1"]).await;
    world.report("2021-06-28", TYPO).await;
    world.reads(o1);
    leaves(&mut world, l1, "/leave 林晓雨 今天 +3天 O4").await;
    world.pass(120).await;
    assert!(unread(&world, o1).concat().contains("登记人：周文博"));
    let told = unread(&world, o4).concat();
    assert!(told.contains("替岗") && told.contains("警钟常鸣"), "{told}");

    let list = asks(&mut world, l1, "/leave").await;
    assert!(list.text.contains("林晓雨"), "{}", list.text);
    let toast = world.press(l1, list.id, "1 取消").await;
    assert!(toast.contains("已取消：林晓雨"), "{toast}");
    world.reads(l1);
    world.pass(120).await;
    // The person has what is open back at once, and the stand-in no more rights.
    let back = unread(&world, o1).concat();
    assert!(
        back.contains("已取消") && back.contains("警钟常鸣"),
        "{back}"
    );
    assert!(unread(&world, o4).concat().contains("已取消"));
    assert!(world.say(o4, "#1 收到").await.contains("没有"));
    let data = list.buttons[0][0].data.clone();
    let press = world.sandbox.press_data(l1, l1, list.id, &data);
    world.settle().await;
    assert!(
        world
            .sandbox
            .toast(&press)
            .unwrap()
            .text
            .contains("此前已处理")
    );
    world.end();
}

async fn a_chain_goes_on_to_the_next_and_then_to_the_lead(mut world: World) {
    let [o1, o4, o5, l1] = people(&mut world, ["O1", "O4", "O5", "L1"]).await;
    leaves(&mut world, o1, "/leave 今天 +5天 O4").await;
    leaves(&mut world, o4, "/leave 明天 +2天 O5").await;
    leaves(&mut world, o5, "/leave 后天 O4").await;
    world.pass(120).await;
    for chat in [o1, o4, o5, l1] {
        unread(&world, chat);
    }
    world.report("2021-06-28", TYPO).await;
    assert!(unread(&world, o4).concat().contains("警钟常鸣"));
    // O4 is away too: O5 has what O4 stood in for, and what comes.
    world.report("2021-06-29", &format!("{TYPO}{TYPO2}")).await;
    let told = unread(&world, o5).concat();
    assert!(
        told.contains("警钟常鸣") && told.contains("再接再励"),
        "{told}"
    );
    assert!(unread(&world, o1).is_empty() && unread(&world, o4).is_empty());
    // And O5: nobody acts, so the lead has it.
    unread(&world, l1);
    world
        .report(
            "2021-06-30",
            &format!("{TYPO2}示范发布,微信公众号,示范一区,错别字,做为,作为,\n"),
        )
        .await;
    let told = unread(&world, l1).concat();
    assert!(told.contains("做为"), "{told}");
    for chat in [o1, o4, o5] {
        assert!(!unread(&world, chat).concat().contains("做为"));
    }
    world.end();
}

async fn what_is_refused_and_what_is_asked(mut world: World) {
    let [o1, l1, a1] = people(&mut world, ["O1", "L1", "A1"]).await;
    for (text, want) in [
        ("/leave 沈一鸣", "没看懂日期"),
        ("/leave 2021-06-27 O4", "开始日期已过，请从 2021-06-28 起"),
        ("/leave 7-01 9-30 O4", "从 2021-07-01 起，最迟到 2021-08-29"),
        ("/leave 2021-07-05 2021-07-01 O4", "早于开始日期"),
        // Another unit's operator, oneself, nobody: the same answer, with those who could.
        (
            "/leave 7-01 陈志远",
            "可以替岗：沈一鸣（O4）、沈一诺（O5）、周文博（L1）",
        ),
        ("/leave 7-01 林晓雨", "不能替岗"),
        ("/leave 7-01", "请写明替岗人"),
        ("/leave 沈一鸣 7-01 周文博", "没有这个人，或不归您负责"),
    ] {
        let said = world.say(o1, text).await;
        assert!(said.contains(want), "{text}: {said}");
    }
    assert!(
        world
            .say(a1, "/leave 7-01 O4")
            .await
            .contains("没有这项权限")
    );

    // A name that two have is asked for, with buttons.
    let asked = asks(&mut world, o1, "/leave 7-01 7-03 沈一").await;
    assert_eq!(asked.buttons.len(), 3, "{:?}", asked.buttons);
    world.press(o1, asked.id, "沈一诺").await;
    let check = world.reads(o1);
    assert!(check.text.contains("由 沈一诺 替岗"), "{}", check.text);
    assert!(world.press(o1, check.id, "确认").await.contains("已登记"));
    world.reads(o1);
    let again = world.say(o1, "/leave 7-03 7-05 O4").await;
    assert!(again.contains("已登记过"), "{again}");
    // What is given up counts for nothing.
    let asked = asks(&mut world, o1, "/leave 7-10 O4").await;
    assert!(world.press(o1, asked.id, "取消").await.contains("未登记"));
    world.reads(o1);
    world.pass(120).await;
    let told = unread(&world, l1).concat();
    assert!(
        told.contains("沈一诺") && !told.contains("7月10日"),
        "{told}"
    );
    world.end();
}

async fn forged_presses_and_others_leads(mut world: World) {
    let [o1, o4, l1, l2] = people(&mut world, ["O1", "O4", "L1", "L2"]).await;
    let stranger = world.sandbox.user("路人");
    let said = world.say(stranger, "/leave 林晓雨 今天 明天 O4").await;
    assert!(said.contains("邀请"), "{said}");
    // A lead of another unit, and a colleague: as if there were no such person.
    for chat in [l2, o4] {
        let said = world.say(chat, "/leave 林晓雨 今天 明天 O5").await;
        assert!(said.contains("没有这个人，或不归您负责"), "{said}");
    }
    // The buttons of another's question.
    let asked = asks(&mut world, o1, "/leave 今天 明天 O4").await;
    let data = asked.buttons[0][0].data.clone();
    for other in [stranger, o4, l2] {
        let press = world.sandbox.press_data(other, o1, asked.id, &data);
        world.settle().await;
        assert_eq!(world.sandbox.toast(&press).unwrap().text, "您没有这项权限");
    }
    assert!(world.say(l1, "/leave").await.contains("没有登记"));
    assert!(world.press(o1, asked.id, "确认").await.contains("已登记"));
    world.reads(o1);
    // A stand-in sees it listed and cannot take it back, also not by a button that was not there.
    world.pass(120).await;
    unread(&world, o4);
    let list = asks(&mut world, o4, "/leave").await;
    assert!(
        list.text.contains("林晓雨") && list.buttons.is_empty(),
        "{list:?}"
    );
    assert!(world.say(l2, "/leave").await.contains("没有登记"));
    // The roster changes between asking and confirming: the question is worth nothing.
    unread(&world, l1);
    let asked = asks(&mut world, l1, "/leave 沈一鸣 7-10 7-12 O5").await;
    let file = world.folder.path().join("roster").join("people.csv");
    std::fs::write(
        file,
        PEOPLE.replace("周文博,分管负责人,Q1", "周文博,分管负责人,B1"),
    )
    .unwrap();
    world.import_roster().await;
    assert_eq!(world.press(l1, asked.id, "确认").await, "您没有这项权限");
    world.end();
}

async fn nobody_can_be_told_so_the_lead_is(mut world: World) {
    let [l1, m1] = people(&mut world, ["L1", "M1"]).await;
    world.report("2021-06-28", TYPO).await;
    let told = unread(&world, l1).concat();
    assert!(
        told.contains("警钟常鸣") && told.contains("尚未绑定"),
        "{told}"
    );
    unread(&world, m1);
    let status = world.say(m1, "/status").await;
    assert!(status.contains("无人可通知的问题 1 项"), "{status}");
    // Somebody who stands in can be told: then it is theirs.
    let o4 = world.bind("O4").await;
    leaves(&mut world, l1, "/leave O1 今天 +5天 O4").await;
    world.pass(120).await;
    assert!(unread(&world, o4).concat().contains("警钟常鸣"));
    let status = world.say(m1, "/status").await;
    assert!(!status.contains("无人可通知"), "{status}");
    world.end();
}

async fn a_rotation_by_week(mut world: World) {
    let [o4, o5, l1] = people(&mut world, ["O4", "O5", "L1"]).await;
    let (desk, day) = (world.app.desk.clone(), |text: &str| {
        text.parse::<NaiveDate>().unwrap()
    });
    let now = desk.clock.now();
    let mut tx = world.store().begin().await.unwrap();
    let directory = desk.directory(&mut tx).await.unwrap();
    let roster = &directory.roster;
    let on: Vec<&Person> = ["O4", "O5"]
        .iter()
        .filter_map(|code| roster.person_by_code(code))
        .collect();
    let until = Some(day("2021-07-11"));
    let now_ms = now.timestamp_millis();
    let mut turns = duban::flow::duty::turns(&on, day("2021-06-28"), until, now_ms);
    assert_eq!(turns.len(), 2);
    let by = (&desk.rules, &**roster);
    duban::flow::duty::rotate(&mut tx, by, &mut turns, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.pass(120).await;
    for chat in [o4, o5, l1] {
        let told = unread(&world, chat).concat();
        assert!(told.contains("每周轮值：沈一鸣、沈一诺"), "{told}");
    }
    let weibo = "示范发布,新浪微博,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
    world.report("2021-06-28", weibo).await;
    assert!(unread(&world, o4).concat().contains("警钟常鸣"));
    assert!(unread(&world, o5).is_empty());
    // The next week it is the other's turn: what is open is handed over.
    world.until("2021-07-05 08:20").await;
    let told = unread(&world, o5).concat();
    assert!(told.contains("警钟常鸣"), "{told}");
    unread(&world, o4);
    world
        .report(
            "2021-07-05",
            &format!("{weibo}示范发布,新浪微博,示范一区,错别字,做为,作为,\n"),
        )
        .await;
    assert!(unread(&world, o5).concat().contains("做为"));
    assert!(!unread(&world, o4).concat().contains("做为"));

    let mut tx = world.store().begin().await.unwrap();
    let running = table::from_day(&mut tx, day("2021-07-05")).await.unwrap();
    drop(tx);
    assert!(matches!(
        running.as_slice(),
        [Duty {
            rota: true,
            state: State::Set,
            ..
        }]
    ));
    world.end();
}
