//! People as they come and go, in the chat: invited, added, let go, replaced; who may do it to whom; the
//! menus of each. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every word of the language is spoken here")]
mod support;

use duban::roster::{Person, invitation, table};
use duban::sandbox::ChatMessage;
use duban::store::{Engine, vals};
use support::World;

stories![
    a_lead_invites_their_own_people,
    a_new_invitation_revokes_the_old_one,
    of_two_invitations_at_once_one_is_good,
    somebody_new_is_added_and_the_import_leaves_them,
    a_binding_is_ended_kindly,
    a_successor_takes_over,
    a_new_colleague_takes_over_by_buttons,
    nobody_touches_people_outside_their_scope,
    every_command_about_everybody_by_everybody,
    an_admin_sees_people_and_no_issues,
    several_units_and_several_people,
    a_menu_follows_the_role,
    the_main_menu_is_pressed_as_if_typed,
    a_stranger_is_told_how_to_begin,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,\n";

async fn of_two_invitations_at_once_one_is_good(world: World) {
    let store = world.store();
    let mut tx = store.read().await.unwrap();
    let roster = table::load(&mut tx).await.unwrap();
    let person = roster.person_by_code("O1").unwrap().id;
    drop(tx);
    let mut first = store.begin().await.unwrap();
    let hour = 3_600_000;
    invitation::create(&mut first, person, 0, hour)
        .await
        .unwrap();
    let second = async {
        let mut second = store.begin().await.unwrap();
        invitation::create(&mut second, person, 0, hour)
            .await
            .unwrap();
        second.commit().await.unwrap();
    };
    tokio::pin!(second);
    // It goes as far as it can before the first is through: to the end, were it not for the first.
    let waits = async {
        let mut looks = store.read().await.unwrap();
        loop {
            let held = match looks.engine() {
                Engine::Sqlite => break,
                Engine::Postgres => "select pid from pg_locks where not granted limit 1",
            };
            if looks.first(held, vals![]).await.unwrap().is_some() {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        () = &mut second => unreachable!("two invitations at once"),
        () = waits => {}
    }
    first.commit().await.unwrap();
    second.await;
    let mut tx = store.read().await.unwrap();
    let sql = "select code_hash from invitation where used_at is null and revoked_at is null";
    assert_eq!(tx.all(sql, vals![]).await.unwrap().len(), 1);
}

/// The first district with its school below it.
async fn with_area(world: &World) {
    let path = world.folder.path().join("roster/units.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, table.replace("区县", "所属区县")).unwrap();
    world.import_roster().await;
}

/// Says something and reads all that comes.
async fn ask(world: &mut World, chat: i64, text: &str) -> Vec<ChatMessage> {
    world.sandbox.unread(chat);
    world.sandbox.say(chat, text);
    world.settle().await;
    world.pass(4).await;
    world.sandbox.unread(chat)
}

/// The only answer.
async fn one(world: &mut World, chat: i64, text: &str) -> ChatMessage {
    let mut all = ask(world, chat, text).await;
    let texts: Vec<&str> = all.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(all.len(), 1, "{texts:#?}");
    all.remove(0)
}

/// Presses and reads all that is new or changed.
async fn tap(world: &mut World, chat: i64, message: i64, label: &str) -> Vec<ChatMessage> {
    world.sandbox.unread(chat);
    world.press(chat, message, label).await;
    world.pass(4).await;
    world.sandbox.unread(chat)
}

/// The code in an invitation.
fn code(invitation: &str) -> String {
    let (_, rest) = invitation.split_once("/start ").unwrap();
    rest.chars().take(12).collect()
}

/// A new chat follows an invitation; what it reads first.
async fn follow(world: &mut World, name: &str, code: &str) -> (i64, String) {
    let chat = world.sandbox.user(name);
    let said = ask(world, chat, &format!("/start {code}")).await;
    (chat, said[0].text.clone())
}

async fn person(world: &World, name: &str) -> Option<Person> {
    let mut tx = world.store().read().await.unwrap();
    let roster = table::load(&mut tx).await.unwrap();
    roster.people.iter().find(|one| one.name == name).cloned()
}

fn labels(message: &ChatMessage) -> Vec<&str> {
    let all = message.buttons.iter().flatten();
    all.map(|button| button.label.as_str()).collect()
}

async fn a_lead_invites_their_own_people(mut world: World) {
    with_area(&world).await;
    duban::bot::offer(&world.app.desk).await;
    let lead = world.bind("L1").await;
    let list = one(&mut world, lead, "/invite").await;
    assert!(
        list.text.contains("2 人") && list.text.contains("林晓雨"),
        "{}",
        list.text
    );
    assert!(
        list.text.contains("黄思敏") && !list.text.contains("陈志远"),
        "{}",
        list.text
    );
    let told = tap(&mut world, lead, list.id, "林晓雨").await;
    assert_eq!(told.len(), 2, "{told:#?}");
    let (told, invitation) = (&told[0], &told[1]);
    assert!(told.text.contains("7月5日(周一) 08:0"), "{}", told.text);
    assert!(told.text.contains("转发给本人"), "{}", told.text);
    assert_eq!(labels(told), ["🚫 作废邀请", "📋 未使用的邀请"]);
    let code = code(&invitation.text);
    let link = format!("https://t.me/duban_bot?start={code}");
    assert!(invitation.text.contains(&link), "{}", invitation.text);
    assert!(invitation.buttons.is_empty());
    // The list of those who have not followed theirs, with taking back.
    let list = tap(&mut world, lead, told.id, "未使用").await.remove(0);
    assert!(
        list.text.contains("1 人") && list.text.contains("前有效"),
        "{}",
        list.text
    );
    let card = tap(&mut world, lead, list.id, "林晓雨").await.remove(0);
    let card = tap(&mut world, lead, card.id, "作废").await.remove(0);
    assert!(
        card.text.contains("已作废给 林晓雨 的邀请"),
        "{}",
        card.text
    );
    let (_, said) = follow(&mut world, "late", &code).await;
    assert!(said.contains("已作废"), "{said}");
    // By name; who is bound needs none.
    let told = ask(&mut world, lead, "/invite 林晓雨").await;
    let (_, said) = follow(&mut world, "O1", &self::code(&told[1].text)).await;
    assert!(said.contains("绑定成功"), "{said}");
    let again = one(&mut world, lead, "/invite 林晓雨").await;
    assert!(again.text.contains("已绑定，无需邀请"), "{}", again.text);
    assert!(again.text.contains("绑定：✅") && labels(&again).contains(&"📨 仍要邀请"));
    world.end();
}

async fn a_new_invitation_revokes_the_old_one(mut world: World) {
    let manager = world.bind("M1").await;
    let first = code(&ask(&mut world, manager, "/invite O1").await[1].text);
    let second = code(&ask(&mut world, manager, "/invite 林晓雨").await[1].text);
    let (_, said) = follow(&mut world, "a", &first).await;
    assert!(said.contains("已作废"), "{said}");
    // Another phone: the new chat takes the place of the old one.
    let (old, said) = follow(&mut world, "b", &second).await;
    assert!(said.contains("绑定成功"), "{said}");
    let card = one(&mut world, manager, "/invite 林晓雨").await;
    let told = tap(&mut world, manager, card.id, "仍要邀请").await;
    let (new, said) = follow(&mut world, "c", &code(&told[1].text)).await;
    assert!(said.contains("绑定成功"), "{said}");
    let said = world.reads(old).text;
    assert!(said.contains("已转到另一个 Telegram 账号"), "{said}");
    assert!(one(&mut world, old, "/my").await.text.contains("邀请链接"));
    assert!(one(&mut world, new, "/my").await.text.contains("没有"));
    // It is good for seven days.
    let late = code(&ask(&mut world, manager, "/invite O3").await[1].text);
    world.until("2021-07-05 08:10").await;
    let (_, said) = follow(&mut world, "d", &late).await;
    assert!(said.contains("过期"), "{said}");
    world.end();
}

async fn somebody_new_is_added_and_the_import_leaves_them(mut world: World) {
    with_area(&world).await;
    let lead = world.bind("L1").await;
    let wish = one(&mut world, lead, "/invite 张三 示范一区教育局 运维人员").await;
    assert!(
        wish.text.contains("新增 张三：运维人员，示范一区教育局"),
        "{}",
        wish.text
    );
    assert!(
        person(&world, "张三").await.is_none(),
        "nothing counts before it is confirmed"
    );
    let told = tap(&mut world, lead, wish.id, "确认").await;
    assert!(told[0].text.contains("加入名册"), "{}", told[0].text);
    let new = person(&world, "张三").await.unwrap();
    assert_eq!(new.units, ["Q1A"]);
    let (chat, said) = follow(&mut world, "N", &code(&told[2].text)).await;
    assert!(
        said.contains("绑定成功") && said.contains("示范一区教育局"),
        "{said}"
    );
    // A table that does not know them leaves them where they are.
    world.import_roster().await;
    assert_eq!(person(&world, "张三").await.unwrap().id, new.id);
    world.report("2021-06-28", SCHOOL).await;
    assert!(world.reads(chat).text.contains("做为"));
    // Once the table lists them, under its own code, they are the same.
    let path = world.folder.path().join("roster/people.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{table}O9,张三,运维人员,Q1A,\n")).unwrap();
    world.import_roster().await;
    let listed = person(&world, "张三").await.unwrap();
    assert_eq!((listed.id, listed.code.as_str()), (new.id, "O9"));
    // And a table that drops them then, drops them.
    std::fs::write(&path, table).unwrap();
    world.import_roster().await;
    assert!(person(&world, "张三").await.is_none());
    // What is wrong is said, and what to do.
    let said = one(&mut world, lead, "/invite 李四 不存在的局").await.text;
    assert!(said.contains("没有找到单位「不存在的局」"), "{said}");
    let said = one(&mut world, lead, "/invite 李四 Q1A 分管负责人")
        .await
        .text;
    assert!(said.contains("您可以新增运维人员"), "{said}");
    let said = one(&mut world, lead, "/invite 李四 B1 运维人员").await.text;
    assert!(said.contains("限您负责的单位"), "{said}");
    let wish = one(&mut world, lead, "/invite 李四 Q1A").await;
    let told = tap(&mut world, lead, wish.id, "取消").await;
    assert!(told[0].text.contains("已放弃"), "{}", told[0].text);
    assert!(person(&world, "李四").await.is_none());
    world.end();
}

async fn a_binding_is_ended_kindly(mut world: World) {
    let (lead, operator) = (world.bind("L1").await, world.bind("O1").await);
    let card = one(&mut world, lead, "/unbind 林晓雨").await;
    assert!(card.text.contains("确认解除绑定？"), "{}", card.text);
    let told = tap(&mut world, lead, card.id, "确认解绑").await;
    assert!(
        told[0].text.contains("已解除 林晓雨 的绑定"),
        "{}",
        told[0].text
    );
    let said = world.reads(operator).text;
    assert!(
        said.contains("林晓雨，您好") && said.contains("绑定已解除"),
        "{said}"
    );
    assert_eq!(
        world.sandbox.menu(operator),
        Vec::<String>::new(),
        "as a stranger's"
    );
    assert!(
        one(&mut world, operator, "/my")
            .await
            .text
            .contains("邀请链接")
    );
    // What is owed meanwhile waits, and the lead hears of it.
    world.report("2021-06-28", TYPO).await;
    assert!(world.sandbox.unread(operator).is_empty());
    let told: Vec<String> = world
        .sandbox
        .unread(lead)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter().any(|text| text.contains("警钟常鸣")),
        "{told:#?}"
    );
    // A press on the old card again, and bound once more: what waited comes.
    let told = tap(&mut world, lead, card.id, "邀请").await;
    let chat = world.sandbox.user("again");
    let said = ask(&mut world, chat, &format!("/start {}", code(&told[1].text))).await;
    assert!(said[0].text.contains("绑定成功"), "{}", said[0].text);
    assert!(said[1].text.contains("警钟常鸣"), "{}", said[1].text);
    world.end();
}

async fn a_successor_takes_over(mut world: World) {
    let manager = world.bind("M1").await;
    let (lead, old, new) = (
        world.bind("L1").await,
        world.bind("O1").await,
        world.bind("O3").await,
    );
    world.report("2021-06-28", &format!("{TYPO}{SCHOOL}")).await;
    for chat in [manager, lead, old, new] {
        world.sandbox.unread(chat);
    }
    world.say(old, "/leave 7-05 7-06 周文博").await;
    let wish = one(&mut world, manager, "/replace 林晓雨 黄思敏").await;
    assert!(
        wish.text.contains("林晓雨 离任，由 黄思敏 接替"),
        "{}",
        wish.text
    );
    assert!(wish.text.contains("未办结问题 1 项"), "{}", wish.text);
    let told = tap(&mut world, manager, wish.id, "确认").await;
    assert!(
        told[0]
            .text
            .contains("黄思敏 已接替 林晓雨，接管未办结问题 1 项"),
        "{}",
        told[0].text
    );
    assert!(
        told[0].text.contains("已通知 黄思敏") && told.len() == 1,
        "{told:#?}"
    );
    let said: Vec<String> = world
        .sandbox
        .unread(old)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        said.last().unwrap().contains("已由 黄思敏 接替"),
        "{said:#?}"
    );
    world.pass(120).await;
    let told: Vec<String> = world
        .sandbox
        .unread(new)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter().any(|text| text.contains("黄思敏 接替 林晓雨")),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|text| text.contains("警钟常鸣")),
        "{told:#?}"
    );
    let told: Vec<String> = world
        .sandbox
        .unread(lead)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert!(
        told.iter().any(|text| text.contains("黄思敏 接替 林晓雨")),
        "{told:#?}"
    );
    let history = one(&mut world, manager, "/issue 1").await.text;
    assert!(
        history.contains("人员接替") && history.contains("林晓雨 → 黄思敏"),
        "{history}"
    );
    // The successor acts, who left cannot.
    let said = one(&mut world, new, "#1 已修改").await.text;
    assert!(said.contains("#1"), "{said}");
    assert_eq!(world.acts(1).await.last().unwrap(), "fix_reported");
    assert!(
        one(&mut world, old, "#1 误报 引文")
            .await
            .text
            .contains("邀请链接")
    );
    // The office's table still lists the old one: what was decided in the chat stays.
    world.import_roster().await;
    assert!(person(&world, "林晓雨").await.is_none());
    assert_eq!(person(&world, "黄思敏").await.unwrap().units, ["Q1A", "Q1"]);
    // Nothing is left undone for the auditor to find.
    world.pass(1_200).await;
    let mut tx = world.store().read().await.unwrap();
    let last = duban::audit::table::last(&mut tx).await.unwrap().unwrap();
    assert_eq!(last.wrong, 0, "{last:?}");
    drop(tx);
    world.end();
}

async fn a_new_colleague_takes_over_by_buttons(mut world: World) {
    with_area(&world).await;
    let lead = world.bind("L1").await;
    let list = one(&mut world, lead, "/replace").await;
    assert!(list.text.contains("谁离任？"), "{}", list.text);
    let offer = tap(&mut world, lead, list.id, "林晓雨").await.remove(0);
    assert_eq!(labels(&offer), ["1 黄思敏"]);
    // A colleague as a button, and taken back; then a name that nobody has.
    let wish = tap(&mut world, lead, offer.id, "黄思敏").await.remove(0);
    let told = tap(&mut world, lead, wish.id, "取消").await;
    assert!(told[0].text.contains("已放弃"), "{}", told[0].text);
    let offer = tap(&mut world, lead, list.id, "林晓雨").await;
    assert_eq!(offer.len(), 1);
    let wish = one(&mut world, lead, "王小明").await;
    assert!(
        wish.text.contains("由 王小明（新增） 接替"),
        "{}",
        wish.text
    );
    let told = tap(&mut world, lead, wish.id, "确认").await;
    assert!(told[0].text.contains("王小明 尚未绑定"), "{}", told[0].text);
    let (chat, said) = follow(&mut world, "wang", &code(&told[2].text)).await;
    assert!(said.contains("绑定成功"), "{said}");
    world.pass(120).await;
    world.sandbox.unread(chat);
    world.report("2021-06-28", TYPO).await;
    assert!(world.reads(chat).text.contains("警钟常鸣"));
    // A second press changes nothing.
    let mut tx = world.store().read().await.unwrap();
    let before = table::version(&mut tx).await.unwrap();
    drop(tx);
    let key_gone = world.sandbox.press(lead, wish.id, "确认");
    assert!(key_gone.is_err(), "the buttons are gone");
    let mut tx = world.store().read().await.unwrap();
    assert_eq!(table::version(&mut tx).await.unwrap(), before);
    drop(tx);
    world.end();
}

async fn nobody_touches_people_outside_their_scope(mut world: World) {
    let (area, lead, operator) = (
        world.bind("M2").await,
        world.bind("L1").await,
        world.bind("O1").await,
    );
    let all = world.bind("M1").await;
    // Who may not, and whom they may not touch: the same answer as for nobody.
    for (chat, line) in [
        (area, "/invite 林晓雨"),
        (area, "/unbind 林晓雨"),
        (area, "/unbind 吴静怡"),
        (area, "/replace 林晓雨 陈志远"),
        (area, "/whois 林晓雨"),
        (lead, "/invite 陈志远"),
        (lead, "/unbind 吴静怡"),
        (lead, "/unbind 周文博"),
        (all, "/unbind 何慧玲"),
        (all, "/whois 何慧玲"),
    ] {
        let said = ask(&mut world, chat, line).await;
        assert!(
            said[0].text.contains("范围内没有"),
            "{line}: {}",
            said[0].text
        );
    }
    for line in [
        "/invite",
        "/invite 黄思敏",
        "/unbind 黄思敏",
        "/replace 黄思敏 王五",
        "/whois 黄思敏",
    ] {
        let said = one(&mut world, operator, line).await.text;
        assert!(said.contains("没有这项权限"), "{line}: {said}");
    }
    assert!(
        one(&mut world, lead, "/whois 林晓雨")
            .await
            .text
            .contains("没有这项权限")
    );
    let said = one(&mut world, area, "/replace 陈志远 林晓雨").await.text;
    assert!(
        said.contains("由 林晓雨（新增） 接替"),
        "another of that name: {said}"
    );
    // A button that was pressed by another, or whose person has moved out of reach since.
    let card = one(&mut world, all, "/unbind 林晓雨").await;
    let shown = card
        .buttons
        .iter()
        .flatten()
        .find(|b| b.label.contains("确认"))
        .unwrap();
    let press = world.sandbox.press_data(area, area, card.id, &shown.data);
    world.settle().await;
    assert!(
        world
            .sandbox
            .toast(&press)
            .unwrap()
            .text
            .contains("没有这项权限")
    );
    let card = one(&mut world, lead, "/unbind 林晓雨").await;
    let path = world.folder.path().join("roster/people.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        table.replace("O1,林晓雨,运维人员,Q1,", "O1,林晓雨,运维人员,Q1;B1,"),
    )
    .unwrap();
    world.import_roster().await;
    let press = world.sandbox.press(lead, card.id, "确认解绑").unwrap();
    world.settle().await;
    assert!(world.sandbox.toast(&press).unwrap().alert);
    assert!(
        one(&mut world, operator, "/my").await.text.contains("没有"),
        "still bound"
    );
    world.end();
}

/// Who reaches whom, by every command about people: the whole table, so that it has no hole.
async fn every_command_about_everybody_by_everybody(mut world: World) {
    with_area(&world).await;
    let codes = ["O1", "O2", "O3", "L1", "M1", "M2", "A1"];
    let mut chats = Vec::new();
    for code in codes {
        chats.push(world.bind(code).await);
    }
    // One row for each who asks, one column for each whom it is about, in the order of the codes.
    let reached = [
        ("O1", "-------"),
        ("O2", "-------"),
        ("O3", "-------"),
        ("L1", "x-x----"),
        ("M1", "xxxx-x-"),
        ("M2", "-x-----"),
        ("A1", "xxxxxx-"),
    ];
    for ((by, row), chat) in reached.iter().zip(chats) {
        for (whom, reached) in codes.iter().zip(row.chars()) {
            for command in ["/invite", "/unbind", "/replace", "/whois"] {
                let line = match command {
                    "/replace" => format!("{command} {whom} 王某某"),
                    _ => format!("{command} {whom}"),
                };
                let said = ask(&mut world, chat, &line).await[0].text.clone();
                let refused = said.contains("范围内没有") || said.contains("没有这项权限");
                // A lead is not told who is who.
                let yes = reached == 'x' && !(command == "/whois" && *by == "L1");
                assert_eq!(!refused, yes, "{by} {line}: {said}");
            }
        }
    }
    world.end();
}

async fn an_admin_sees_people_and_no_issues(mut world: World) {
    let (admin, operator) = (world.bind("A1").await, world.bind("O1").await);
    world.report("2021-06-28", TYPO).await;
    world.sandbox.unread(operator);
    let card = one(&mut world, admin, "/whois 林晓雨").await;
    for part in [
        "林晓雨（O1）",
        "运维人员",
        "示范一区人民政府",
        "单位的全部 2 个",
        "绑定：✅",
    ] {
        assert!(card.text.contains(part), "{part}: {}", card.text);
    }
    assert!(
        !card.text.contains("警钟") && !card.text.contains("#1"),
        "{}",
        card.text
    );
    let card = one(&mut world, admin, "/whois O2").await.text;
    assert!(
        card.contains("网站「示范委网站」") && card.contains("⚪ 未绑定"),
        "{card}"
    );
    let list = one(&mut world, admin, "/whois").await.text;
    assert!(list.contains("6 人") && list.contains("吴静怡"), "{list}");
    world.sandbox.block(operator);
    world.settle().await;
    let wish = one(&mut world, admin, "/invite 赵六 全部 系统管理员").await;
    tap(&mut world, admin, wish.id, "确认").await;
    assert!(person(&world, "赵六").await.is_some());
    for line in ["/issue 1", "/due 1", "/status", "/pending", "#1 已改"] {
        let said = one(&mut world, admin, line).await.text;
        assert!(
            !said.contains("警钟") && !said.contains("示范发布"),
            "{line}: {said}"
        );
    }
    world.end();
}

async fn several_units_and_several_people(mut world: World) {
    let path = world.folder.path().join("roster/people.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let more = "O4,林小二,运维人员,Q1;B1,\nO5,林小三,运维人员,Q1,wechat:示范发布;weibo:示范发布\n\
                O6,林小四,运维人员,Q1,wechat:示范发布\n";
    std::fs::write(&path, format!("{table}{more}")).unwrap();
    world.import_roster().await;
    let (two, named, other) = (
        world.bind("O4").await,
        world.bind("O5").await,
        world.bind("O6").await,
    );
    let office = "示范委网站,政府网站,示范和改革委,错别字,做为,作为,\n无人看管,微信公众号,示范和改革委,错别字,部份,部分,\n";
    world.report("2021-06-28", &format!("{TYPO}{office}")).await;
    // Two people name the account; each is told, and what one does the other sees.
    let (first, second) = (world.reads(named), world.reads(other));
    assert!(first.text.contains("警钟常鸣") && second.text.contains("警钟常鸣"));
    world.press(named, first.id, "收到").await;
    let toast = world.press(other, second.id, "收到").await;
    assert!(toast.contains("林小三"), "{toast}");
    // Who has two units is told of the one that nobody names.
    let told = world.reads(two).text;
    assert!(told.contains("部份") && !told.contains("做为"), "{told}");
    let welcome = world.sandbox.chat(two);
    assert!(
        welcome
            .iter()
            .any(|m| m.text.contains("示范一区人民政府、福州市示范和改革委员会"))
    );
    world.end();
}

async fn a_menu_follows_the_role(mut world: World) {
    let chat = world.bind("O3").await;
    let before = world.sandbox.menu(chat);
    assert!(!before.contains(&"status".to_owned()) && before.contains(&"my".to_owned()));
    let path = world.folder.path().join("roster/people.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        table.replace("O3,黄思敏,运维人员", "O3,黄思敏,分管负责人"),
    )
    .unwrap();
    world.import_roster().await;
    let set = |world: &World| {
        world
            .sandbox
            .calls()
            .iter()
            .filter(|c| c.method == "setMyCommands")
            .count()
    };
    let calls = set(&world);
    one(&mut world, chat, "/my").await;
    assert!(world.sandbox.menu(chat).contains(&"invite".to_owned()));
    one(&mut world, chat, "/my").await;
    assert_eq!(set(&world), calls + 1, "only when it is another");
    world.end();
}

async fn the_main_menu_is_pressed_as_if_typed(mut world: World) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    world.report("2021-06-28", TYPO).await;
    world.sandbox.unread(operator);
    let menu = one(&mut world, operator, "菜单").await;
    assert!(menu.text.contains("林晓雨，您好"), "{}", menu.text);
    assert_eq!(
        labels(&menu),
        [
            "📋 我的问题",
            "🗓 今天",
            "🕒 账号更新",
            "🌴 请假",
            "🔕 免打扰",
            "❓ 帮助"
        ]
    );
    let told = tap(&mut world, operator, menu.id, "我的问题").await;
    assert!(told[0].text.contains("警钟常鸣"), "{}", told[0].text);
    let help = tap(&mut world, operator, menu.id, "帮助").await.remove(0);
    assert!(labels(&help).contains(&"📋 我的问题"));
    let menu = one(&mut world, manager, "/menu").await;
    let told = tap(&mut world, manager, menu.id, "当前情况").await;
    assert!(told[0].text.contains("未办结"), "{}", told[0].text);
    // A button is authorised as a command is.
    let data = help.buttons.iter().flatten().next().unwrap().data.clone();
    let forged = format!("{}status", data.trim_end_matches("my"));
    let press = world
        .sandbox
        .press_data(operator, operator, help.id, &forged);
    world.settle().await;
    assert!(world.sandbox.toast(&press).is_some());
    assert!(world.reads(operator).text.contains("没有这项权限"));
    world.end();
}

async fn a_stranger_is_told_how_to_begin(mut world: World) {
    duban::bot::offer(&world.app.desk).await;
    let stranger = world.sandbox.user("stranger");
    let said = one(&mut world, stranger, "菜单").await;
    assert!(said.text.contains("邀请链接"), "{}", said.text);
    assert_eq!(world.sandbox.menu(stranger), ["start", "help"]);
    for line in ["/invite", "/whois 林晓雨", "/menu", "/unbind 林晓雨"] {
        assert!(
            one(&mut world, stranger, line)
                .await
                .text
                .contains("邀请链接"),
            "{line}"
        );
    }
    let about = world.sandbox.calls();
    let set = about
        .iter()
        .filter(|call| call.method == "setMyDescription");
    assert_eq!(set.count(), 3, "for everybody, in Chinese and in English");
    world.end();
}
