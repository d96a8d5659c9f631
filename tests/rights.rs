//! Who may do what: every command by every role, on what is theirs and on what is not, and every button
//! pressed by everybody else. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody replies here")]
mod support;

use duban::bot::command::Command;
use duban::roster::Role;
use support::World;

stories![
    what_a_menu_offers_is_what_may_be_asked,
    nobody_reads_of_what_is_anothers,
    a_button_is_its_readers_alone,
];

/// What is wrong at 示范一区, and what is wrong at 示范委: words that stand nowhere else.
const MINE: &str = "甲坏词";
const THEIRS: &str = "乙坏词";

/// A person, the role, and the words of the issues that are none of theirs.
const PEOPLE: [(&str, Role, &[&str]); 7] = [
    ("O1", Role::Operator, &[THEIRS, "示范委网站"]),
    ("O2", Role::Operator, &[MINE, "示范发布"]),
    ("O3", Role::Operator, &[MINE, THEIRS, "示范委网站"]),
    ("L1", Role::Lead, &[THEIRS, "示范委网站"]),
    ("M1", Role::Manager, &[]),
    ("M2", Role::Manager, &[MINE, "示范发布"]),
    ("A1", Role::Admin, &[MINE, THEIRS]),
];

/// What is said to a command: nothing, and what belongs to either side.
fn arguments(command: Command) -> Vec<&'static str> {
    match command {
        Command::Issue | Command::Due | Command::Done => vec!["", "1", "2", "99"],
        Command::Unit => vec!["", "示范一区", "示范和改革", "示范", "火星"],
        Command::Account => vec!["", "示范发布", "示范委网站", "示范", "火星"],
        Command::Person | Command::Whois => vec!["", "林晓雨", "陈志远", "O1", "O2", "火星"],
        Command::Overdue | Command::Silent | Command::Group => vec!["", "示范一区", "示范和改革"],
        Command::Top | Command::Trend | Command::Audit => vec!["", "30"],
        Command::Leave => vec!["", "林晓雨 7月5日 L1", "陈志远 7月5日 O1"],
        Command::Export => vec!["", "超期", "2021-06"],
        Command::Announce => vec!["请大家注意"],
        Command::Invite => vec!["", "黄思敏", "O3"],
        _ => vec![""],
    }
}

/// The city with an issue on either side, everybody bound, everybody's messages read.
async fn city(world: &mut World) -> Vec<i64> {
    let mut chats = Vec::new();
    for (code, ..) in PEOPLE {
        chats.push(world.bind(code).await);
    }
    let rows = format!(
        "示范发布,微信公众号,示范一区,错别字,{MINE},好词,\n\
         示范委网站,政府网站,示范委,错别字,{THEIRS},好词,\n"
    );
    world.report("2021-06-28", &rows).await;
    world.pass(120).await;
    chats
}

/// The codes of the people who did something to an issue.
async fn doers(world: &World, issue: i64) -> Vec<String> {
    let mut tx = world.store().read().await.unwrap();
    let roster = duban::roster::table::load(&mut tx).await.unwrap();
    let acts = duban::issue::acts::acts_of(&mut tx, &[issue]).await;
    let acts = acts.unwrap().remove(&issue).unwrap_or_default();
    let people = acts
        .into_iter()
        .filter_map(|act| roster.person(act.person_id?));
    people.map(|person| person.code.clone()).collect()
}

/// All that a chat was shown since the last look: texts, buttons and names of files.
fn shown(world: &World, chat: i64) -> String {
    let fresh = world.sandbox.unread(chat);
    let mut said = String::new();
    for message in fresh {
        said.push_str(&message.text);
        for button in message.buttons.iter().flatten() {
            said.push_str(&button.label);
        }
        said.push_str(&message.file.map_or(String::new(), |file| file.name));
        said.push('\n');
    }
    said
}

async fn asked(world: &mut World, chat: i64, line: &str) -> String {
    world.pass(2).await;
    shown(world, chat);
    world.sandbox.say(chat, line);
    world.settle().await;
    world.pass(2).await;
    shown(world, chat)
}

async fn what_a_menu_offers_is_what_may_be_asked(mut world: World) {
    let chats = city(&mut world).await;
    let refused = "没有这项权限";
    let mut wrong = Vec::new();
    for ((code, role, _), chat) in PEOPLE.into_iter().zip(chats) {
        for command in Command::ALL.iter().copied() {
            // What undoes, starts or binds is offered where it makes sense, and asked anywhere.
            if matches!(
                command,
                Command::Start | Command::Undo | Command::Bind | Command::My
            ) {
                continue;
            }
            let first = arguments(command)[0];
            let said = asked(&mut world, chat, &format!("/{} {first}", command.word())).await;
            let offered = Command::of(role).contains(&command);
            if said.is_empty() || said.contains(refused) == offered {
                wrong.push(format!("{code} /{} {first}: {said}", command.word()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let stranger = world.sandbox.user("stranger");
    for command in Command::ALL {
        let said = asked(&mut world, stranger, &format!("/{}", command.word())).await;
        assert!(said.contains("请先绑定") || said.contains("邀请"), "{said}");
        assert!(!said.contains(MINE), "{said}");
    }
    world.end();
}

async fn nobody_reads_of_what_is_anothers(mut world: World) {
    let chats = city(&mut world).await;
    let mut wrong = Vec::new();
    for ((code, _, foreign), chat) in PEOPLE.into_iter().zip(chats) {
        let mut lines: Vec<String> = vec!["谁还没签收".into(), "示范一区还有几个没改？".into()];
        lines.extend(["示范委网站最近怎么样", "导出超期", "示范发布最近怎么样"].map(str::to_owned));
        for command in Command::ALL.iter().copied() {
            let each = arguments(command).into_iter();
            lines.extend(each.map(|argument| format!("/{} {argument}", command.word())));
        }
        for line in lines {
            let said = asked(&mut world, chat, &line).await;
            // What was asked may be said back.
            let leaks = |word: &&&str| said.contains(**word) && !line.contains(**word);
            if let Some(word) = foreign.iter().find(leaks) {
                wrong.push(format!("{code} {line}: {word} in {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let states = world.issues().await;
    // Who answers may have reported the fix by /done 1 and /done 2: nobody else.
    for (issue, who) in [(1, "O1 L1 M1"), (2, "O2 M1 M2")] {
        for name in doers(&world, issue).await {
            assert!(
                who.contains(&name),
                "{name} did something to #{issue}: {states:?}"
            );
        }
    }
    world.end();
}

async fn a_button_is_its_readers_alone(mut world: World) {
    let chats = city(&mut world).await;
    for (chat, line) in [
        (chats[0], "/my"),
        (chats[4], "/pending"),
        (chats[4], "/remind"),
    ] {
        asked(&mut world, chat, line).await;
    }
    // A report that the manager of everything has handed in and not confirmed.
    let report = format!("{}{MINE},\n", "账号名称,错敏词\n示范发布,");
    let file = ("b.csv", report.as_bytes());
    world.sandbox.send_document(chats[4], None, file, None);
    world.settle().await;
    let before = world.issues().await;
    let mut pressed = 0;
    for owner in &chats {
        for message in world.sandbox.chat(*owner) {
            for button in message.buttons.iter().flatten() {
                for other in chats.iter().filter(|other| *other != owner) {
                    let press = world
                        .sandbox
                        .press_data(*other, *other, message.id, &button.data);
                    world.settle().await;
                    let toast = world.sandbox.toast(&press).unwrap().text;
                    assert!(
                        toast.contains("没有这项权限") || toast.contains("已失效"),
                        "{}: {toast}",
                        button.label
                    );
                    pressed += 1;
                }
            }
        }
    }
    assert!(pressed > 100, "{pressed}");
    assert_eq!(world.issues().await, before);
    world.end();
}
