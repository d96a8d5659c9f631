//! Several sources that list the same, work orders, and what is told back to platforms. Stories on both
//! engines, against a real platform over HTTP.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every story tells everything")]
mod support;

use duban::flow::Outcome;
use duban::report::source::{Mode, SourceKind, SourceSettings};
use support::World;

stories![
    what_one_source_still_lists_stays_open,
    a_source_that_ended_holds_nothing,
    a_feed_that_names_things_once_holds_nothing,
    the_state_words_of_a_platform_count_once,
    work_orders_are_shown_and_found,
    the_same_words_twice_are_one_issue_with_two_places,
];

const HEADER: &str =
    "账号名称,账号类型,责任单位,问题类型,错敏词,推荐修改,所在上下文,文章链接,工单号,复核状态\n";

/// A second source, `city`, beside `daily`.
async fn two_sources(world: &mut World, mode: Mode) {
    let path = world.folder.path().join("city");
    std::fs::create_dir_all(&path).unwrap();
    world.settings.sources.truncate(1);
    world.settings.sources.push(SourceSettings {
        name: "city".to_owned(),
        kind: SourceKind::Folder,
        path: Some(path),
        mode,
        schedule: Some("40 8 * * *".to_owned()),
        ..SourceSettings::default()
    });
    world.restart().await;
}

/// A row: words that are wrong, the work order, the state of the review.
fn row(wrong: &str, ticket: &str, review: &str) -> String {
    format!(
        "示范发布,微信公众号,示范一区,错别字,{wrong},对字,前文{wrong}后文,\
         https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1,{ticket},{review}\n"
    )
}

/// The reports of a day; none: the source says nothing.
async fn day(
    world: &mut World,
    date: &str,
    daily: Option<&str>,
    city: Option<&str>,
) -> Vec<Outcome> {
    world.until(&format!("{date} 08:00")).await;
    for (folder, rows) in [("reports", daily), ("city", city)] {
        if let Some(rows) = rows {
            let path = world.folder.path().join(folder).join(format!("{date}.csv"));
            std::fs::write(path, format!("{HEADER}{rows}")).unwrap();
        }
    }
    let pulled = world.until(&format!("{date} 09:00")).await;
    let mut done: Vec<Outcome> = pulled.into_iter().map(Result::unwrap).collect();
    done.retain(|outcome| !outcome.duplicate);
    done
}

/// Says something, whatever was sent before, and reads the answer.
async fn ask(world: &mut World, chat: i64, text: &str) -> String {
    world.sandbox.unread(chat);
    world.say(chat, text).await
}

async fn what_one_source_still_lists_stays_open(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let operator = world.bind("O1").await;
    let (here, there) = (row("做为", "SJ-1", ""), row("做为", "S-77", ""));
    let all = (row("其他", "", ""), row("其他", "", ""));
    let (both, other) = (format!("{here}{}", all.0), format!("{there}{}", all.1));
    let done = day(&mut world, "2021-06-28", Some(&both), Some(&other)).await;
    assert_eq!(
        (done[0].opened, done[1].opened, done[1].seen_again),
        (2, 0, 2)
    );
    // The first is silent, the second still lists it.
    let done = day(&mut world, "2021-06-29", Some(&all.0), Some(&other)).await;
    assert_eq!((done[0].verified, done[1].reopened), (0, 0), "{done:#?}");
    let done = day(&mut world, "2021-06-30", Some(&all.0), Some(&other)).await;
    assert_eq!((done[0].verified, done[1].seen_again), (0, 2), "{done:#?}");
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    let said = world.acts(1).await;
    assert_eq!(said, ["opened", "still_listed"], "said once, not daily");
    let life = ask(&mut world, operator, "/issue 1").await;
    for part in [
        "📡 daily：2021-06-28 首次列出 · 工单 SJ-1",
        "📡 city：2021-06-28 首次列出，最近 2021-06-30 · 工单 S-77",
        "此来源不再列出，其他来源仍列出，暂不办结：daily → city",
    ] {
        assert!(life.contains(part), "{part}: {life}");
    }
    // Now it is gone for the second too.
    let done = day(&mut world, "2021-07-01", Some(&all.0), Some(&all.1)).await;
    assert_eq!((done[0].verified, done[1].verified), (0, 1), "{done:#?}");
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 open"]
    );
    // It comes back at the second: one issue still, which the first may leave out.
    let done = day(&mut world, "2021-07-02", Some(&all.0), Some(&other)).await;
    assert_eq!((done[1].reopened, done[0].verified), (1, 0));
    let done = day(&mut world, "2021-07-03", Some(&all.0), Some(&all.1)).await;
    assert_eq!(done[1].verified, 1);
    world.end();
}

async fn a_source_that_ended_holds_nothing(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let (rows, rest) = (row("做为", "", ""), row("其他", "", ""));
    let both = format!("{rows}{rest}");
    day(&mut world, "2021-06-28", Some(&both), Some(&both)).await;
    let mut verified = 0;
    for date in ["2021-06-29", "2021-07-05", "2021-07-11", "2021-07-14"] {
        let done = day(&mut world, date, Some(&rest), None).await;
        verified += done[0].verified;
        assert_eq!(verified, usize::from(date == "2021-07-14"), "{date}");
    }
    world.end();
}

async fn a_feed_that_names_things_once_holds_nothing(mut world: World) {
    two_sources(&mut world, Mode::Incremental).await;
    let (rows, rest) = (row("做为", "W1", ""), row("其他", "", ""));
    let both = format!("{rows}{rest}");
    day(&mut world, "2021-06-28", Some(&both), Some(&rows)).await;
    let done = day(&mut world, "2021-06-29", Some(&rest), Some(&rest)).await;
    assert_eq!(done[0].verified, 1);
    // What only the feed named is closed by no silence.
    day(
        &mut world,
        "2021-06-30",
        Some(&rest),
        Some(&row("第三", "W3", "")),
    )
    .await;
    day(&mut world, "2021-07-01", Some(&rest), Some("")).await;
    assert_eq!(world.issues().await[2], "#3 open");
    world.end();
}

async fn the_state_words_of_a_platform_count_once(mut world: World) {
    two_sources(&mut world, Mode::Incremental).await;
    let operator = world.bind("O1").await;
    let said = |word: &str| row("做为", "W1", word);
    day(&mut world, "2021-06-28", None, Some(&said("未复核"))).await;
    ask(&mut world, operator, "/done 1").await;
    day(&mut world, "2021-06-29", None, Some(&said("疑似未整改"))).await;
    assert_eq!(
        world.issues().await,
        ["#1 open"],
        "the platform looked again"
    );
    ask(&mut world, operator, "/done 1").await;
    day(
        &mut world,
        "2021-06-30",
        None,
        Some(&format!("{}\n", said("疑似未整改"))),
    )
    .await;
    assert_eq!(
        world.issues().await,
        ["#1 fix_reported"],
        "the word of yesterday"
    );
    day(&mut world, "2021-07-01", None, Some(&said("复核中"))).await;
    day(&mut world, "2021-07-02", None, Some(&said("复核未通过"))).await;
    assert_eq!(world.issues().await, ["#1 open"]);
    day(&mut world, "2021-07-03", None, Some(&said("复核已整改"))).await;
    assert_eq!(world.issues().await, ["#1 closed verified_unreported"]);
    world.end();
}

async fn work_orders_are_shown_and_found(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let stranger = world.bind("O2").await;
    let (first, second) = (
        row("做为", "WO2021-08", ""),
        row("做为", "202106280001", ""),
    );
    day(&mut world, "2021-06-28", Some(&first), Some(&second)).await;
    let told = ask(&mut world, operator, "/my").await;
    assert!(told.contains("🎫 工单 WO2021-08、202106280001"), "{told}");
    for chat in [operator, manager] {
        for number in ["WO2021-08", "202106280001"] {
            let life = ask(&mut world, chat, &format!("/issue {number}")).await;
            assert!(life.contains("📜 历史 #1"), "{life}");
        }
    }
    let none = ask(&mut world, stranger, "/issue WO2021-08").await;
    assert!(!none.contains("做为") && none.contains("编号"), "{none}");
    // A new work order of the same source is the one that is shown; the former one is found still.
    let newer = row("做为", "WO2021-09", "");
    day(&mut world, "2021-06-29", Some(&newer), Some(&second)).await;
    let life = ask(&mut world, manager, "/issue WO2021-08").await;
    assert!(life.contains("工单 WO2021-08、WO2021-09"), "{life}");
    world.end();
}

async fn the_same_words_twice_are_one_issue_with_two_places(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let operator = world.bind("O1").await;
    let (one, other) = (row("做为", "", ""), row("其他", "", ""));
    let again = one.replace("前文", "另一处");
    let done = day(
        &mut world,
        "2021-06-28",
        Some(&format!("{one}{other}{again}")),
        None,
    )
    .await;
    assert_eq!((done[0].matched, done[0].opened), (3, 2));
    let life = ask(&mut world, operator, "/issue 1").await;
    assert!(
        life.contains("📍 第 2 行：前文做为后文\n📍 第 4 行：另一处做为后文"),
        "{life}"
    );
    let life = ask(&mut world, operator, "/issue 2").await;
    assert!(!life.contains("📍"), "{life}");
    world.end();
}
