//! People read the language they chose, and not what is masked. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody replies here, and no acts are read")]
mod support;

use duban::app::App;
use duban::sandbox::ChatMessage;
use support::World;

stories![
    an_operator_reads_english_and_goes_back,
    what_is_masked_is_named_by_number_and_link,
    an_office_says_it_in_its_own_words,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const GRAVE: &str = "示范发布,微信公众号,示范一区,严重表述错误,错误表述甲,正确表述甲,\n";

fn labels(message: &ChatMessage) -> Vec<String> {
    let buttons = message.buttons.iter().flatten();
    buttons.map(|button| button.label.clone()).collect()
}

async fn an_operator_reads_english_and_goes_back(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    world.sandbox.say(operator, "/lang");
    world.settle().await;
    let offer = world.reads(operator);
    assert!(offer.text.contains("请选择语言"), "{}", offer.text);
    assert_eq!(labels(&offer), ["✓ 中文", "English"]);
    let toast = world.press(operator, offer.id, "English").await;
    assert_eq!(toast, "All right, English from now on.");
    assert_eq!(labels(&world.reads(operator)), ["中文", "✓ English"]);
    let calls = world.sandbox.calls().into_iter();
    let menus = calls.filter(|call| call.method == "setMyCommands");
    assert!(menus.count() > 2, "the menu is in English too");

    world.report("2021-06-28", TYPO).await;
    world.pass(61).await;
    let digest = world.reads(operator);
    assert!(digest.text.contains("Daily check"), "{}", digest.text);
    assert!(digest.text.contains("WeChat"), "{}", digest.text);
    let labels = labels(&digest);
    let toast = world.press(operator, digest.id, &labels[0]).await;
    assert_eq!(toast, "✅ Acknowledged #1");
    // Nobody else is spoken to in English.
    let said = world.say(lead, "/my").await;
    assert!(said.contains("未办结"), "{said}");

    let said = world.say(operator, "/lang 中文").await;
    assert_eq!(said, "好的，以后用中文。");
    let said = world.say(operator, "/my").await;
    assert!(said.contains("未办结"), "{said}");
    let said = world.say(operator, "/lang fr").await;
    assert!(said.contains("没有这种语言"), "{said}");
    world.end();
}

async fn what_is_masked_is_named_by_number_and_link(mut world: World) {
    let operator = world.bind("O1").await;
    world.settings.mask.categories = vec!["严重表述错误".to_owned()];
    world.restart().await;
    world.pass(61).await;
    world.report("2021-06-28", &format!("{TYPO}{GRAVE}")).await;
    world.pass(61).await;
    let digests: Vec<String> = world
        .sandbox
        .unread(operator)
        .into_iter()
        .map(|m| m.text)
        .collect();
    let said = digests.join("\n");
    assert!(said.contains("#1") && said.contains("#2"), "{said}");
    assert!(said.contains("警钟常鸣") && said.contains("🔒"), "{said}");
    assert!(!said.contains("表述甲"), "{said}");
    for asked in ["/issue 1", "/issue 2", "/my"] {
        let said = world.say(operator, asked).await;
        assert!(!said.contains("表述甲"), "{said}");
    }

    let manager = world.bind("M1").await;
    for asked in [
        "/overdue",
        "/unit 示范一区",
        "/account 示范发布",
        "示范一区还有哪些没改？",
    ] {
        world.pass(2).await;
        world.sandbox.unread(manager);
        world.sandbox.say(manager, asked);
        world.settle().await;
        for message in world.sandbox.unread(manager) {
            assert!(
                !message.text.contains("表述甲"),
                "{asked}: {}",
                message.text
            );
        }
    }

    // What masks nothing is refused, with the nearest right name.
    world.settings.mask.categories = vec!["typoo".to_owned()];
    let clock = world.app.desk.clock.clone();
    let refused = App::build(&world.settings, clock)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("typoo") && refused.contains("\"typo\""),
        "{refused}"
    );

    world.settings.mask.categories.clear();
    world.settings.mask.all = true;
    world.restart().await;
    world.pass(61).await;
    let outcome = world
        .report("2021-06-29", &format!("{TYPO2}{TYPO}{GRAVE}"))
        .await;
    assert_eq!(outcome.opened, 1);
    world.pass(61).await;
    for message in world.sandbox.unread(operator) {
        assert!(!message.text.contains("再接"), "{}", message.text);
    }
    world.end();
}

async fn an_office_says_it_in_its_own_words(mut world: World) {
    let operator = world.bind("O1").await;
    let folder = world.folder.path().join("words");
    std::fs::create_dir_all(folder.join("zh-CN")).unwrap();
    std::fs::create_dir_all(folder.join("en")).unwrap();
    std::fs::write(folder.join("zh-CN/nothing_open.jinja"), "都办好了，辛苦！").unwrap();
    std::fs::write(folder.join("en/nothing_open.jinja"), "All done, thanks!").unwrap();
    world.settings.data.messages = Some(folder.clone());
    world.restart().await;
    world.pass(61).await;
    assert_eq!(world.say(operator, "/my").await, "都办好了，辛苦！");
    world.say(operator, "/lang en").await;
    assert_eq!(world.say(operator, "/my").await, "All done, thanks!");

    // A mistyped name would be passed over in silence.
    std::fs::write(folder.join("en/nothing_opne.jinja"), "Oops").unwrap();
    let clock = world.app.desk.clock.clone();
    let refused = App::build(&world.settings, clock)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(refused.contains("nothing_opne.jinja"), "{refused}");
    world.end();
}
