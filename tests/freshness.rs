//! Accounts that have to be updated, and the day before a long holiday. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every story needs every word")]
mod support;

use duban::report::source::{Mode, SourceKind, SourceSettings};
use support::{World, at};

stories![
    an_account_is_reminded_of_before_the_limit_and_leaves_the_list,
    a_feed_says_when_accounts_were_updated,
    what_is_old_is_held_against_nobody,
    before_the_national_day_of_2026,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";

fn texts(world: &World, chat: i64) -> Vec<String> {
    let fresh = world.sandbox.unread(chat);
    fresh.into_iter().map(|message| message.text).collect()
}

fn reminders(world: &World, chat: i64) -> Vec<String> {
    let mut all = texts(world, chat);
    all.retain(|text| text.contains("⏳ 账号更新提醒"));
    all
}

/// A report that says of 示范发布 when it was updated last, beside an error of it.
fn listing(day: &str) -> String {
    format!(
        "账号名称,账号类型,责任单位,问题类型,错敏词,推荐修改,检查时更新日期\n\
         示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,{day}\n"
    )
}

async fn an_account_is_reminded_of_before_the_limit_and_leaves_the_list(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let (manager, other) = (world.bind("M1").await, world.bind("O2").await);
    // Nine days, then ten: each day's report says the same.
    for day in 28..=30 {
        let name = format!("2021-06-{day}.csv");
        world.drop_report(&name, listing("2021-06-19"));
        world.until(&format!("2021-06-{day} 10:00")).await;
        let told = reminders(&world, operator);
        let want = usize::from(day == 29);
        assert_eq!(told.len(), want, "{day}: {told:#?}");
        for text in told {
            for part in [
                "微信公众号「示范发布」",
                "上次更新 6月19日，已 10 天",
                "最迟 7月3日(周六) 更新",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
    // The day before the limit again; over it the lead and the manager hear too. Restarts say nothing twice.
    for day in [
        "2021-07-01",
        "2021-07-02",
        "2021-07-03",
        "2021-07-04",
        "2021-07-05",
    ] {
        world.drop_report(&format!("{day}.csv"), listing("2021-06-19"));
        world.until(&format!("{day} 10:00")).await;
        world.restart().await;
        world.pass(61).await;
        let (told, above) = (reminders(&world, operator), reminders(&world, lead));
        let over = day == "2021-07-04";
        assert_eq!(
            told.len(),
            usize::from(day == "2021-07-02" || over),
            "{day}: {told:#?}"
        );
        assert_eq!(
            (above.len(), reminders(&world, manager).len()),
            (usize::from(over), usize::from(over)),
            "{day}"
        );
        if over {
            assert!(told[0].contains("已 15 天，超期 1 天"), "{told:#?}");
        }
    }
    let said = world.say(operator, "/fresh").await;
    assert!(
        said.contains("示范发布") && said.contains("超期 2 天"),
        "{said}"
    );
    let said = world.say(other, "/fresh").await;
    assert!(
        said.contains("没有临近或超期未更新的账号"),
        "another unit's: {said}"
    );
    let said = world.say(manager, "/status").await;
    assert!(said.contains("账号更新：即将超期 0，已超期 1"), "{said}");
    // Updated, it leaves the list by itself.
    world.drop_report("2021-07-06.csv", listing("2021-07-05"));
    world.until("2021-07-06 10:00").await;
    let said = world.say(operator, "/fresh").await;
    assert!(said.contains("没有临近或超期"), "{said}");
    // So does one that a complete report no longer lists.
    world.until("2021-07-16 08:00").await;
    texts(&world, operator);
    world.drop_report("2021-07-16.csv", listing("2021-07-05"));
    world.until("2021-07-16 10:00").await;
    texts(&world, operator);
    assert!(world.say(operator, "/fresh").await.contains("已 11 天"));
    let other = "示范教育,微信公众号,示范一区教育局,错别字,警钟常鸣,警钟长鸣,\n";
    world.report("2021-07-17", other).await;
    world.sandbox.unread(operator);
    assert!(
        world
            .say(operator, "/fresh")
            .await
            .contains("没有临近或超期")
    );
    world.end();
}

async fn a_feed_says_when_accounts_were_updated(mut world: World) {
    let feed = world.folder.path().join("feed");
    std::fs::create_dir(&feed).unwrap();
    world.settings.sources.push(SourceSettings {
        name: "feed".to_owned(),
        kind: SourceKind::Folder,
        path: Some(feed.clone()),
        mode: Mode::Freshness,
        schedule: Some("20 8 * * *".to_owned()),
        ..SourceSettings::default()
    });
    let path = world.folder.path().join("policy.toml");
    let rows = "[[deadline]]\n[[freshness]]\nplatform = \"wechat\"\nlimit = 10\nwarn = [7]\n";
    std::fs::write(&path, rows).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
    let (operator, site) = (world.bind("O1").await, world.bind("O2").await);
    let rows = "平台,账号名称,最后更新时间\n微信公众号,示范发布,2021-06-21\n政府网站,示范委网站,2021-06-21\n\
        新浪微博,示范发布,未更新\n微信公众号,没有的号,2021-06-01\n微信公众号,示范教育,2021-07-21\n";
    std::fs::write(feed.join("2021-06-28.csv"), rows).unwrap();
    let outcomes = world.until("2021-06-28 10:00").await;
    let outcome = outcomes
        .iter()
        .flatten()
        .find(|one| one.source == "feed")
        .unwrap();
    let got = (
        outcome.updates,
        outcome.matched,
        outcome.unmatched,
        outcome.rejected.len(),
    );
    assert_eq!(got, (2, 3, 1, 1), "a day to come is refused: {outcome:?}");
    assert_eq!(
        world.issues().await,
        Vec::<String>::new(),
        "nothing is wrong as such"
    );
    let told = reminders(&world, operator);
    assert!(
        told[0].contains("最迟 7月1日(周四) 更新"),
        "WeChat's own limit: {told:#?}"
    );
    assert!(
        reminders(&world, site).is_empty(),
        "a site has fourteen days"
    );
    world.end();
}

async fn what_is_old_is_held_against_nobody(mut world: World) {
    let operator = world.bind("O1").await;
    world.drop_report("2021-06-28.csv", listing("2021-06-20"));
    world.until("2021-07-10 10:00").await;
    let told = reminders(&world, operator);
    assert_eq!(
        told.len(),
        1,
        "ten days on the 30th, then the reports stopped: {told:#?}"
    );
    let said = world.say(operator, "/fresh").await;
    assert!(
        said.contains("截至 6月28日") && said.contains("数据较旧"),
        "{said}"
    );
    world.end();
}

async fn before_the_national_day_of_2026(mut world: World) {
    world.app.desk.clock.advance_to(at("2026-09-29 08:00"));
    let path = world.folder.path().join("policy.toml");
    // Typos in calendar days, so that one becomes due in the holiday; serious errors are urgent.
    let rows = "[[deadline]]\namount = 3\nunit = \"working_days\"\n\
        [[deadline]]\ncategory = \"typo\"\namount = 5\nunit = \"calendar_days\"\n\
        [[deadline]]\nseverity = \"veto\"\namount = 24\nunit = \"hours\"\n\
        [[ladder]]\nsteps = [\n\
        { when = \"unacknowledged\", after = \"1wd\", tell = [\"operator\", \"lead\"] },\n\
        { when = \"before_due\", before = \"1wd\", tell = [\"operator\"] },\n\
        { when = \"overdue\", after = \"0h\", tell = [\"operator\", \"lead\"] },\n]\n\
        [[ladder]]\nseverity = \"veto\"\nurgent = true\nsteps = [\n\
        { when = \"overdue\", after = \"0h\", tell = [\"operator\", \"lead\"] },\n]\n";
    std::fs::write(&path, rows).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let manager = world.bind("M1").await;
    let words = "示范发布,微信公众号,示范一区,用词不当,截止,截至,\n";
    let header = "账号名称,账号类型,责任单位,问题类型,错敏词,推荐修改,检查时更新日期\n";
    let typo = TYPO.replace(",\n", ",2026-09-20\n");
    let word = words.replace(",\n", ",2026-09-20\n");
    world.drop_report("2026-09-29.csv", format!("{header}{typo}"));
    world.until("2026-09-29 18:00").await;
    texts(&world, operator);
    // The last working day: what becomes due and goes stale in the holiday is said before it.
    world.drop_report("2026-09-30.csv", format!("{header}{typo}{word}"));
    world.until("2026-09-30 12:00").await;
    world.restart().await;
    world.pass(61).await;
    let told = texts(&world, operator);
    let before: Vec<&String> = told.iter().filter(|text| text.contains("🏮")).collect();
    assert_eq!(before.len(), 1, "{told:#?}");
    for part in [
        "🏮 国庆节前提醒（10月1日至7日）",
        "假期内到期的问题（1 项）",
        "#1，10月4日(周日) 17:30 前",
        "假期内将超期未更新的账号（1 个）",
        "最迟 10月4日(周日) 更新",
    ] {
        assert!(before[0].contains(part), "{part}: {}", before[0]);
    }
    assert!(
        texts(&world, manager)
            .iter()
            .any(|text| text.contains("🏮"))
    );
    texts(&world, lead);
    // Three working days from the 30th before the cut-off: the 8th, the 9th, Saturday the 10th.
    let said = world.say(operator, "/due 2").await;
    for part in [
        "10月10日(周六) 17:30",
        "跳过10月1日至7日",
        "计入10月10日(周六)补班",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // No other warning in the holiday is about what counts in working days.
    world.until("2026-10-08 08:00").await;
    let told = texts(&world, operator);
    assert!(told.iter().all(|text| !text.contains("截止")), "{told:#?}");
    world.until("2026-10-09 18:00").await;
    let told = texts(&world, operator);
    assert!(
        told.iter()
            .any(|t| t.contains("⏰ 到期提醒") && t.contains("截止")),
        "{told:#?}"
    );
    world.until("2026-10-10 18:10").await;
    let told = texts(&world, operator);
    assert!(
        told.iter()
            .any(|t| t.contains("⚠️ 超期预警") && t.contains("截止")),
        "{told:#?}"
    );
    world.end();
}
