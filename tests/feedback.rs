//! Several sources that list the same, work orders, and what is told back to platforms. Stories on both
//! engines, against a real platform over HTTP.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every story tells everything")]
mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use duban::app::App;
use duban::delivery::feedback::{feed, platforms};
use duban::feedback::settings::Feedback;
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
    a_fix_is_told_once_with_its_work_order,
    two_sources_are_told_each_by_its_own_work_order,
    a_platform_that_fails_is_told_again,
    an_order_that_is_not_there_holds_up_no_other,
    of_two_orders_of_one_thing_the_open_one_counts,
    what_is_refused_is_told_to_the_managers,
    nobody_tries_for_more_than_a_day,
    what_is_taken_back_in_time_is_never_told,
    what_was_told_is_corrected,
    a_false_alarm_is_told_when_it_is_ruled,
    a_restart_in_between_loses_nothing,
    two_replicas_tell_once,
    an_answer_that_is_no_success_is_none,
    a_file_holds_what_is_new,
    what_was_never_called_is_no_attempt,
    both_orders_of_one_thing_are_kept_and_told,
    an_order_that_fails_holds_back_no_other_of_its_thing,
    orders_that_stand_far_apart_in_a_report_are_both_kept,
    a_file_has_a_row_for_each_order,
    what_its_own_report_says_of_an_order_a_platform_knows,
    another_order_is_another_call,
    of_rows_under_a_name_that_waits_the_open_one_says_how_it_stands,
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

/// What a platform was told.
#[derive(Clone, Debug)]
struct Call {
    line: String,
    headers: HeaderMap,
    body: serde_json::Value,
}

/// A platform that takes what it is told, unless something else was arranged.
#[derive(Clone, Default)]
struct Platform {
    calls: Arc<Mutex<Vec<Call>>>,
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
}

impl Platform {
    async fn start() -> (Self, String) {
        let platform = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .fallback(take)
            .with_state(platform.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (platform, url)
    }

    /// The next answers.
    fn will(&self, answers: &[(u16, &'static str)]) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Work order and state of each call.
    fn told(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let calls = self.calls().into_iter();
        calls
            .map(|call| (text(&call.body["orderNo"]), text(&call.body["status"])))
            .collect()
    }
}

async fn take(
    State(platform): State<Platform>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    platform.calls.lock().unwrap().push(Call {
        line: format!("{method} {uri}"),
        headers,
        body: serde_json::from_slice(&body).unwrap(),
    });
    let answer = platform.answers.lock().unwrap().pop_front();
    let (status, text) = answer.unwrap_or((200, "{\"code\": 0}"));
    (StatusCode::from_u16(status).unwrap(), text)
}

/// Has a source told by calls of this address.
fn told_back(world: &mut World, source: usize, url: &str, more: &str) {
    let text = format!(
        "{more}\n[call]\nurl = \"{url}/api/orders/{{{{ ticket_no }}}}?key=geheim\"\nbearer = \"geheim\"\n\
         ok_field = \"code\"\nok_values = [0]\n\
         body = '{{\"orderNo\": {{{{ ticket_no }}}}, \"status\": {{{{ state }}}}, \"how\": {{{{ how }}}}, \"note\": {{{{ note }}}}, \
         \"by\": {{{{ who }}}}, \"at\": {{{{ fixed_at }}}}}}'\n"
    );
    let feedback: Feedback = toml::from_str(&text).unwrap();
    world.settings.sources[source].feedback = Some(feedback);
}

/// The city with `daily` told back, one issue of the work order W/1, and the operator bound.
async fn told_city(world: &mut World, more: &str) -> (Platform, i64) {
    let (platform, url) = Platform::start().await;
    told_back(world, 0, &url, more);
    world.restart().await;
    let operator = world.bind("O1").await;
    day(world, "2021-06-28", Some(&row("做为", "W/1", "")), None).await;
    (platform, operator)
}

async fn a_fix_is_told_once_with_its_work_order(mut world: World) {
    let (platform, operator) = told_city(&mut world, "").await;
    assert!(
        platform.calls().is_empty(),
        "that it was found the platform knows"
    );
    world.until("2021-06-28 09:05").await;
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-28 09:14").await;
    assert!(platform.calls().is_empty(), "it may still be taken back");
    world.until("2021-06-28 12:00").await;
    let calls = platform.calls();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    let call = &calls[0];
    assert_eq!(call.line, "POST /api/orders/W%2F1?key=geheim");
    assert_eq!(call.headers["authorization"], "Bearer geheim");
    assert!(
        call.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert_eq!(call.headers["idempotency-key"].len(), 32);
    let body = serde_json::json!({
        "orderNo": "W/1", "status": "已整改", "how": "", "note": "", "by": "林晓雨",
        "at": "2021-06-28 09:05",
    });
    assert_eq!(call.body, body);
    let life = ask(&mut world, operator, "/issue 1").await;
    assert!(life.contains("已回写平台：daily：已整改"), "{life}");
    // Its own report confirms it: it knows.
    day(&mut world, "2021-06-29", Some(""), None).await;
    assert_eq!(world.issues().await, ["#1 closed verified"]);
    world.until("2021-06-30 08:00").await;
    assert_eq!(platform.calls().len(), 1);
    // It is back, and fixed again: told again, under another key.
    day(
        &mut world,
        "2021-06-30",
        Some(&row("做为", "W/2", "")),
        None,
    )
    .await;
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-30 12:00").await;
    let calls = platform.calls();
    assert_eq!(platform.told()[1], ("W/2".to_owned(), "已整改".to_owned()));
    assert_ne!(
        calls[0].headers["idempotency-key"],
        calls[1].headers["idempotency-key"]
    );
    world.end();
}

async fn two_sources_are_told_each_by_its_own_work_order(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let ((first, url), (second, other)) = (Platform::start().await, Platform::start().await);
    told_back(&mut world, 0, &url, "");
    told_back(
        &mut world,
        1,
        &other,
        "[words]\nfix_reported = \"已处理\"\n",
    );
    world.restart().await;
    let operator = world.bind("O1").await;
    let rest = row("其他", "", "");
    let (here, there) = (row("做为", "SJ-1", ""), row("做为", "S-77", ""));
    let (here, there) = (format!("{here}{rest}"), format!("{there}{rest}"));
    day(&mut world, "2021-06-28", Some(&here), Some(&there)).await;
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-28 12:00").await;
    let told = |no: &str, state: &str| (no.to_owned(), state.to_owned());
    assert_eq!(first.told(), [told("SJ-1", "已整改")]);
    assert_eq!(second.told(), [told("S-77", "已处理")]);
    // The second confirms it, which the first is told.
    day(&mut world, "2021-06-29", Some(&rest), None).await;
    day(&mut world, "2021-06-30", Some(&rest), Some(&rest)).await;
    world.until("2021-06-30 12:00").await;
    assert!(world.issues().await[0].starts_with("#1 closed verified"));
    let confirmed = first.told();
    assert_eq!(
        confirmed.last(),
        Some(&told("SJ-1", "复核已整改")),
        "{confirmed:?}"
    );
    assert_ne!(second.told().last(), Some(&told("S-77", "复核已整改")));
    world.end();
}

async fn a_platform_that_fails_is_told_again(mut world: World) {
    let (platform, operator) = told_city(&mut world, "").await;
    let manager = world.bind("M1").await;
    platform.will(&[(503, "geheim"), (500, ""), (401, "")]);
    world.until("2021-06-28 10:00").await;
    ask(&mut world, operator, "/done 1").await;
    let mut tries = Vec::new();
    for minute in 0..60 {
        let before = platform.calls().len();
        world.until(&format!("2021-06-28 10:{minute:02}")).await;
        if platform.calls().len() > before {
            tries.push(minute);
        }
    }
    // After ten minutes, then 1, 5 and 15 later.
    assert_eq!(tries.len(), 4, "{tries:?}");
    let gaps: Vec<i64> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps, [1, 5, 15], "{tries:?}");
    let keys: Vec<_> = platform
        .calls()
        .iter()
        .map(|c| c.headers["idempotency-key"].clone())
        .collect();
    assert!(
        keys.iter().all(|key| *key == keys[0]),
        "the same call each time"
    );
    let status = ask(&mut world, manager, "/status").await;
    assert!(!status.contains("📮"), "{status}");
    // The next one fails, and the manager sees that it waits.
    platform.will(&[(503, "geheim"), (503, "geheim"), (503, "geheim")]);
    let rows = format!("{}{}", row("做为", "W/1", ""), row("第三", "W/3", ""));
    day(&mut world, "2021-06-29", Some(&rows), None).await;
    ask(&mut world, operator, "/done 2").await;
    world.until("2021-06-29 09:11").await;
    let status = ask(&mut world, manager, "/status").await;
    assert!(
        status.contains("📮 回写「daily」：重试中 1 项（127.0.0.1 answered 503"),
        "{status}"
    );
    assert!(!status.contains("geheim"), "{status}");
    world.end();
}

async fn what_is_refused_is_told_to_the_managers(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let manager = world.bind("M1").await;
    platform.will(&[(422, "no such order")]);
    ask(&mut world, operator, "/done 1").await;
    world.sandbox.unread(manager);
    world.pass(300).await;
    let told = world.reads(manager).text;
    assert!(
        told.contains("📮 回写「daily」") && told.contains("平台拒收：#1"),
        "{told}"
    );
    world.until("2021-06-29 08:00").await;
    assert_eq!(
        platform.calls().len(),
        1,
        "what is refused is not said again"
    );
    let life = ask(&mut world, manager, "/issue 1").await;
    assert!(
        life.contains("回写平台失败：daily：127.0.0.1 answered 422"),
        "{life}"
    );
    let status = ask(&mut world, manager, "/status").await;
    assert!(status.contains("失败 1 项，可发 /feedback"), "{status}");
    // The office has it told again.
    let now = world.app.desk.clock.now_ms();
    let mut tx = world.store().begin().await.unwrap();
    let again = duban::feedback::table::retry(&mut tx, "daily", now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.pass(60).await;
    assert_eq!((again, platform.calls().len()), (1, 2));
    let status = ask(&mut world, manager, "/status").await;
    assert!(!status.contains("📮"), "{status}");
    world.end();
}

async fn nobody_tries_for_more_than_a_day(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let manager = world.bind("M1").await;
    platform.will(&[(503, ""); 60]);
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-29 08:00").await;
    let before = platform.calls().len();
    assert!((20..40).contains(&before), "{before}");
    world.until("2021-06-29 10:00").await;
    let after = platform.calls().len();
    world.until("2021-06-29 20:00").await;
    assert_eq!(platform.calls().len(), after);
    let told = world.sandbox.unread(manager);
    let told: Vec<&str> = told.iter().map(|m| m.text.as_str()).collect();
    assert!(
        told.iter().any(|text| text.contains("一天内未能送达平台")),
        "{told:#?}"
    );
    world.end();
}

async fn what_is_taken_back_in_time_is_never_told(mut world: World) {
    let (platform, operator) = told_city(&mut world, "").await;
    ask(&mut world, operator, "/done 1").await;
    world.pass(120).await;
    ask(&mut world, operator, "/undo").await;
    assert_eq!(world.issues().await, ["#1 open"]);
    world.until("2021-06-28 14:00").await;
    assert!(platform.calls().is_empty(), "{:?}", platform.told());
    world.end();
}

async fn what_was_told_is_corrected(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    ask(&mut world, operator, "/done 1").await;
    world.pass(60).await;
    ask(&mut world, operator, "/undo").await;
    world.pass(60).await;
    let told = |state: &str| ("W/1".to_owned(), state.to_owned());
    assert_eq!(platform.told(), [told("已整改"), told("待整改")]);
    // Several acts before the platform can be reached come down to the newest.
    platform.will(&[(503, "")]);
    ask(&mut world, operator, "/done 1").await;
    ask(&mut world, operator, "/undo").await;
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-28 12:00").await;
    let all = platform.told();
    assert_eq!(all.last(), Some(&told("已整改")), "{all:?}");
    assert!(all.len() <= 5, "{all:?}");
    world.end();
}

async fn a_false_alarm_is_told_when_it_is_ruled(mut world: World) {
    let (platform, operator) = told_city(&mut world, "").await;
    let manager = world.bind("M1").await;
    let digest = world.sandbox.last(operator).unwrap();
    world.pass(60).await;
    let digest = world.sandbox.last(operator).unwrap_or(digest);
    world
        .sandbox
        .reply(operator, digest.id, "1 误报 标题是引文");
    world.settle().await;
    world.until("2021-06-28 10:00").await;
    assert!(platform.calls().is_empty(), "not before it is ruled");
    let asked = world.sandbox.last(manager).unwrap();
    assert!(asked.text.contains("误报申诉"), "{}", asked.text);
    world.press(manager, asked.id, "同意，是误报").await;
    world.pass(60).await;
    assert_eq!(platform.told(), [("W/1".to_owned(), "误报".to_owned())]);
    assert_eq!(platform.calls()[0].body["note"], "误报 标题是引文");
    world.end();
}

async fn a_restart_in_between_loses_nothing(mut world: World) {
    let (platform, operator) = told_city(&mut world, "").await;
    ask(&mut world, operator, "/done 1").await;
    world.restart().await;
    world.until("2021-06-28 09:30").await;
    world.restart().await;
    world.until("2021-06-28 12:00").await;
    assert_eq!(platform.told(), [("W/1".to_owned(), "已整改".to_owned())]);
    // A process that died while it called: its lease runs out, and the same call is made again.
    day(
        &mut world,
        "2021-06-29",
        Some(&row("第三", "W/3", "")),
        None,
    )
    .await;
    ask(&mut world, operator, "/done 2").await;
    world.pass(500).await;
    let mut tx = world.store().begin().await.unwrap();
    let now = world.app.desk.clock.now_ms() + 200_000;
    let dead = duban::feedback::table::claim(&mut tx, "dead", (now, now + 900_000), 9).await;
    tx.commit().await.unwrap();
    assert_eq!(dead.unwrap().len(), 1);
    world.pass(600).await;
    assert_eq!(platform.calls().len(), 1);
    world.until("2021-06-29 12:00").await;
    assert_eq!(
        platform.told()[1..],
        [("W/3".to_owned(), "已整改".to_owned())]
    );
    world.end();
}

async fn two_replicas_tell_once(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 60").await;
    let rows: String = (0..12)
        .map(|n| row(&format!("错{n}"), &format!("N{n}"), ""))
        .collect();
    day(&mut world, "2021-06-29", Some(&rows), None).await;
    let all: Vec<String> = (2..14).map(|n| n.to_string()).collect();
    ask(&mut world, operator, &format!("/done {}", all.join(" "))).await;
    let clock = world.app.desk.clock.clone();
    let other = App::build(&world.settings, clock.clone()).await.unwrap();
    clock.advance_to(clock.now() + chrono::TimeDelta::minutes(61));
    let called = platforms(&world.settings.sources);
    let (one, two) = tokio::join!(feed(&world.app.desk, &called), feed(&other.desk, &called));
    assert_eq!(one.unwrap().claimed + two.unwrap().claimed, 12);
    let mut told: Vec<String> = platform.told().into_iter().map(|(no, _)| no).collect();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), platform.calls().len()), (12, 12));
    world.end();
}

async fn an_order_that_is_not_there_holds_up_no_other(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let rows = format!("{}{}", row("做为", "W/1", ""), row("第三", "W/3", ""));
    day(&mut world, "2021-06-29", Some(&rows), None).await;
    // The first is asked for first, and is not known over there.
    platform.will(&[(404, "")]);
    ask(&mut world, operator, "/done 1 2").await;
    let told = platform.told();
    let orders: Vec<&str> = told.iter().map(|(order, _)| order.as_str()).collect();
    assert_eq!(orders, ["W/1", "W/3"]);
    world.pass(120).await;
    assert_eq!(platform.told().len(), 3, "W/1 once more, W/3 is known");
    world.end();
}

async fn of_two_orders_of_one_thing_the_open_one_counts(mut world: World) {
    two_sources(&mut world, Mode::Snapshot).await;
    let rows = format!(
        "{}{}",
        row("做为", "W1", "复核已整改"),
        row("做为", "W2", "待整改")
    );
    day(&mut world, "2021-06-28", Some(&rows), None).await;
    assert_eq!(world.issues().await, ["#1 open"]);
    let rows = format!(
        "{}{}",
        row("做为", "W1", "复核已整改"),
        row("做为", "W3", "")
    );
    day(&mut world, "2021-06-29", Some(&rows), None).await;
    assert_eq!(world.issues().await, ["#1 open"]);
    world.end();
}

async fn an_answer_that_is_no_success_is_none(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let busy = "{\"code\": 500, \"msg\": \"系统繁忙\"}";
    platform.will(&[(200, busy), (200, "<html>"), (200, "{\"code\": \"0\"}")]);
    ask(&mut world, operator, "/done 1").await;
    world.until("2021-06-28 20:00").await;
    assert_eq!(platform.calls().len(), 3);
    world.end();
}

/// The cells of a workbook.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |row: &[calamine::Data]| row.iter().map(ToString::to_string).collect();
    sheet.rows().map(text).collect()
}

async fn a_file_holds_what_is_new(mut world: World) {
    let columns = "[columns]\n\"订单号\" = \"ticket_no\"\n\"整改状态\" = \"state\"\n\"整改说明\" = \"note\"\n\"整改人\" = \"who\"\n\"渠道\" = { text = \"督办\" }\n";
    world.settings.sources[0].feedback = Some(toml::from_str(columns).unwrap());
    world.restart().await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let area = world.bind("M2").await;
    let rows = format!("{}{}", row("做为", "=1+1", ""), row("第三", "W3", ""));
    day(&mut world, "2021-06-28", Some(&rows), None).await;
    world.pass(120).await;
    let none = ask(&mut world, manager, "/feedback").await;
    assert!(none.contains("没有新的整改"), "{none}");
    let digest = world.sandbox.last(operator).unwrap();
    world.sandbox.reply(operator, digest.id, "1 已修改");
    world.settle().await;
    world.pass(5).await;
    let elsewhere = ask(&mut world, area, "/feedback").await;
    assert!(elsewhere.contains("全市"), "{elsewhere}");
    world.sandbox.unread(manager);
    world.sandbox.say(manager, "/feedback");
    world.settle().await;
    let sent = world.sandbox.last(manager).unwrap();
    let file = sent.file.unwrap();
    assert_eq!(file.name, "daily-回写-2021-06-28.xlsx");
    let table = cells(&file.bytes);
    assert_eq!(
        table[0],
        ["订单号", "整改状态", "整改说明", "整改人", "渠道"]
    );
    assert_eq!(
        (table.len(), &table[1][0], &table[1][1]),
        (2, &"=1+1".to_owned(), &"已整改".to_owned())
    );
    assert_eq!(table[1][3..], ["林晓雨", "督办"]);
    let life = ask(&mut world, manager, "/issue 1").await;
    assert!(
        life.contains("已列入回写文件：daily：已整改 · 吴静怡"),
        "{life}"
    );
    // Once is enough, until something changes; all of it on demand.
    let none = ask(&mut world, manager, "/feedback daily").await;
    assert!(none.contains("没有新的整改"), "{none}");
    ask(&mut world, operator, "/done 2").await;
    for (said, rows) in [("/feedback", 2), ("/feedback daily 全部", 3)] {
        world.sandbox.say(manager, said);
        world.settle().await;
        let table = cells(&world.sandbox.last(manager).unwrap().file.unwrap().bytes);
        assert_eq!(table.len(), rows, "{said}: {table:?}");
    }
    // What stood in a file and was taken back is corrected.
    ask(&mut world, operator, "/undo").await;
    world.sandbox.say(manager, "/feedback");
    world.settle().await;
    let table = cells(&world.sandbox.last(manager).unwrap().file.unwrap().bytes);
    assert_eq!(table[1][..2], ["W3", "待整改"]);
    let refused = ask(&mut world, operator, "/feedback").await;
    assert!(refused.contains("没有这项权限"), "{refused}");
    world.end();
}

/// Attempts and next call of everything that is told back, by issue.
async fn attempts(world: &World) -> Vec<(i64, i64)> {
    let mut tx = world.store().read().await.unwrap();
    let sql = "select attempts, next_at from feedback order by issue_id";
    let rows = tx.all(sql, vec![]).await.unwrap();
    let read = |row: &duban::store::Row| (row.int(0).unwrap(), row.int(1).unwrap());
    rows.iter().map(read).collect()
}

async fn what_was_never_called_is_no_attempt(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let rows = ["W/1", "W/2", "W/3"];
    let rows = rows.map(|order| row(&format!("错{order}"), order, ""));
    day(&mut world, "2021-06-29", Some(&rows.concat()), None).await;
    platform.will(&[(503, ""), (503, ""), (503, "")]);
    ask(&mut world, operator, "/done 2 3 4").await;
    let tried = |all: &[(i64, i64)]| all[1..].iter().map(|one| one.0).collect::<Vec<_>>();
    let mut minutes = Vec::new();
    for minute in 1..40 {
        let before = platform.calls().len();
        world.pass(60).await;
        if platform.calls().len() > before {
            minutes.push(minute);
        }
        let all = attempts(&world).await;
        if platform.calls().len() == 2 {
            // The others wait as long as the one that was called, and were never tried themselves.
            assert_eq!(tried(&all), [2, 0, 0], "{all:?}");
            assert!(all[1..].iter().all(|one| one.1 == all[1].1), "{all:?}");
        }
    }
    let orders: Vec<String> = platform.told().into_iter().map(|told| told.0).collect();
    assert_eq!(
        orders,
        ["W/1", "W/1", "W/1", "W/1", "W/2", "W/3"],
        "{minutes:?}"
    );
    let all = attempts(&world).await;
    assert_eq!(tried(&all), [4, 1, 1], "{all:?}");
    world.end();
}

async fn both_orders_of_one_thing_are_kept_and_told(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let rows = [
        row("第三", "W/3", ""),
        row("第四", "", ""),
        row("第三", "W/4", ""),
    ];
    let done = day(&mut world, "2021-06-29", Some(&rows.concat()), None).await;
    assert_eq!((done[0].matched, done[0].opened), (3, 2));
    let told = ask(&mut world, operator, "/my").await;
    assert!(told.contains("🎫 工单 W/3、W/4"), "{told}");
    for order in ["W/3", "W/4"] {
        let life = ask(&mut world, operator, &format!("/issue {order}")).await;
        assert!(life.contains("📜 历史 #2"), "{life}");
        assert!(life.contains("工单 W/3、W/4"), "{life}");
    }
    ask(&mut world, operator, "/done 2").await;
    world.pass(120).await;
    let told = |order: &str, state: &str| (order.to_owned(), state.to_owned());
    let both = [told("W/3", "已整改"), told("W/4", "已整改")];
    assert_eq!(platform.told(), both);
    let calls = platform.calls();
    assert_ne!(
        calls[0].headers["idempotency-key"], calls[1].headers["idempotency-key"],
        "they are two things to a platform"
    );
    let acts = world.acts(2).await;
    let fed = acts.iter().filter(|verb| *verb == "fed_back");
    assert_eq!(fed.count(), 1, "{acts:?}");
    // What was told is corrected, of both.
    ask(&mut world, operator, "/undo").await;
    world.pass(120).await;
    let undone = [told("W/3", "待整改"), told("W/4", "待整改")];
    assert_eq!(platform.told()[2..], undone);
    // The one that the platform calls settled is found still, and told no more.
    let rows = [
        row("第三", "W/3", "复核已整改"),
        row("第三", "W/5", "待整改"),
    ];
    day(&mut world, "2021-06-30", Some(&rows.concat()), None).await;
    let life = ask(&mut world, operator, "/issue W/5").await;
    assert!(life.contains("📜 历史 #2"), "{life}");
    ask(&mut world, operator, "/done 2").await;
    world.pass(120).await;
    assert_eq!(platform.told()[4..], [told("W/5", "已整改")]);
    world.end();
}

async fn an_order_that_fails_holds_back_no_other_of_its_thing(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let manager = world.bind("M1").await;
    let rows = [row("第三", "W/3", ""), row("第三", "W/4", "")].concat();
    day(&mut world, "2021-06-29", Some(&rows), None).await;
    // The first is not there yet; the second is taken, and not told a second time.
    platform.will(&[(404, ""), (200, "{\"code\": 0}")]);
    ask(&mut world, operator, "/done 2").await;
    world.pass(120).await;
    let orders = |platform: &Platform| {
        let told = platform.told().into_iter();
        told.map(|(order, _)| order).collect::<Vec<_>>()
    };
    assert_eq!(orders(&platform), ["W/3", "W/4", "W/3"]);
    // One is refused, and the manager reads which; the other is told.
    ask(&mut world, operator, "/undo").await;
    world.pass(600).await;
    platform.will(&[(422, "")]);
    world.sandbox.unread(manager);
    ask(&mut world, operator, "/done 2").await;
    world.pass(600).await;
    assert_eq!(orders(&platform)[5..], ["W/3", "W/4"]);
    let told = world.sandbox.unread(manager);
    assert!(
        told.iter()
            .any(|m| m.text.contains("W/3：127.0.0.1 answered 422")),
        "{told:#?}"
    );
    // Told again on demand: the one that was refused.
    let now = world.app.desk.clock.now_ms();
    let mut tx = world.store().begin().await.unwrap();
    let again = duban::feedback::table::retry(&mut tx, "daily", now).await;
    tx.commit().await.unwrap();
    world.pass(60).await;
    assert_eq!(again.unwrap(), 1);
    assert_eq!(orders(&platform)[7..], ["W/3"]);
    world.end();
}

/// A large report is written in pieces.
async fn orders_that_stand_far_apart_in_a_report_are_both_kept(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    let mut rows = row("第三", "W/3", "");
    for n in 0..2_100 {
        rows.push_str(&row(&format!("错{n}"), "", ""));
    }
    rows.push_str(&row("第三", "W/4", ""));
    let done = day(&mut world, "2021-06-29", Some(&rows), None).await;
    assert_eq!((done[0].matched, done[0].opened), (2_102, 2_101));
    let life = ask(&mut world, operator, "/issue W/4").await;
    assert!(
        life.contains("📜 历史 #2") && life.contains("工单 W/3、W/4"),
        "{life}"
    );
    let mut tx = world.store().read().await.unwrap();
    let issue = duban::issue::table::get(&mut tx, 2).await.unwrap().unwrap();
    drop(tx);
    assert_eq!(issue.tickets.as_deref(), Some("W/3、W/4"));
    ask(&mut world, operator, "/done 2").await;
    world.pass(120).await;
    let orders: Vec<String> = platform.told().into_iter().map(|told| told.0).collect();
    assert_eq!(orders, ["W/3", "W/4"]);
    world.end();
}

async fn a_file_has_a_row_for_each_order(mut world: World) {
    let columns = "[columns]\n\"订单号\" = \"ticket_no\"\n\"整改状态\" = \"state\"\n";
    world.settings.sources[0].feedback = Some(toml::from_str(columns).unwrap());
    world.restart().await;
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let rows = [row("第三", "W/3", ""), row("第三", "W/4", "")].concat();
    day(&mut world, "2021-06-28", Some(&rows), None).await;
    ask(&mut world, operator, "/done 1").await;
    world.sandbox.unread(manager);
    world.sandbox.say(manager, "/feedback");
    world.settle().await;
    let file = world.sandbox.last(manager).unwrap().file.unwrap();
    let table = cells(&file.bytes);
    assert_eq!(table[1..], [["W/3", "已整改"], ["W/4", "已整改"]]);
    let none = ask(&mut world, manager, "/feedback").await;
    assert!(none.contains("没有新的整改"), "{none}");
    world.end();
}

async fn what_its_own_report_says_of_an_order_a_platform_knows(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    ask(&mut world, operator, "/done 1").await;
    world.pass(60).await;
    let told = [("W/1".to_owned(), "已整改".to_owned())];
    assert_eq!(platform.told(), told);
    day(
        &mut world,
        "2021-06-29",
        Some(&row("做为", "W/1", "疑似未整改")),
        None,
    )
    .await;
    world.pass(120).await;
    assert_eq!(world.issues().await, ["#1 open"]);
    let digest = world.sandbox.last(operator).unwrap();
    world.sandbox.reply(operator, digest.id, "1 收到");
    world.settle().await;
    world.pass(600).await;
    assert_eq!(world.issues().await, ["#1 acknowledged"]);
    assert_eq!(platform.told(), told, "it said itself that it is no fix");
    world.end();
}

/// The first call fails; before the next one the platform has given the finding another number.
async fn another_order_is_another_call(mut world: World) {
    let (platform, operator) = told_city(&mut world, "wait_minutes = 0").await;
    platform.will(&[(503, ""), (503, ""), (503, ""), (503, "")]);
    world.until("2021-06-29 08:29").await;
    ask(&mut world, operator, "/done 1").await;
    // It was looked at before the fix: nothing is refuted.
    let rows = format!("{HEADER}{}", row("做为", "W/5", ""));
    let rows = rows.replace("复核状态\n", "复核状态,监测时间\n");
    let rows = rows.replace("W/5,\n", "W/5,,2021-06-28 07:00\n");
    world.drop_report("2021-06-29.csv", rows);
    world.until("2021-06-29 09:30").await;
    let told = platform.told().into_iter().zip(platform.calls());
    let told = told.filter(|((_, state), _)| state == "已整改");
    let key = |wanted: &str| {
        let mut of = told.clone().filter(|((order, _), _)| order == wanted);
        of.next().unwrap().1.headers["idempotency-key"].clone()
    };
    assert_ne!(key("W/1"), key("W/5"), "they are two things to a platform");
    world.end();
}

/// The platform lists one error under two orders, of which it has checked the first, and writes the account's name
/// as nobody knows it.
async fn of_rows_under_a_name_that_waits_the_open_one_says_how_it_stands(mut world: World) {
    world.bind("O1").await;
    let rows = [
        row("做为", "W/1", "复核已整改"),
        row("做为", "W/2", "待整改"),
    ]
    .concat();
    let unknown = rows.replace("示范发布,微信公众号,示范一区", "火星发布,微信公众号,火星区");
    let done = day(&mut world, "2021-06-28", Some(&unknown), None).await;
    assert_eq!((done[0].matched, done[0].opened), (0, 0));
    let mut tx = world.store().begin().await.unwrap();
    let directory = world.app.desk.directory(&mut tx).await.unwrap();
    let accounts = &directory.roster.accounts;
    let account = accounts
        .iter()
        .find(|a| a.uid.as_deref() == Some("gh_01"))
        .unwrap();
    let unit = directory.roster.unit(&account.unit).unwrap().id;
    let by = directory.roster.person_by_code("M1").unwrap().id;
    let names = duban::matching::table::open(&mut tx).await.unwrap();
    let (rules, now) = (&world.app.desk.rules, world.app.desk.clock.now());
    let choice = (Some(account.id), unit);
    let placed = duban::flow::place(&mut tx, rules, &directory, &names[0], choice, by, now).await;
    assert_eq!(placed.unwrap(), duban::flow::Placed::Issues(1));
    let issue = duban::issue::table::get(&mut tx, 1).await.unwrap().unwrap();
    assert!(issue.live());
    assert_eq!(issue.tickets.as_deref(), Some("W/2"));
    for order in ["W/1", "W/2"] {
        let found = duban::issue::witness::by_ticket(&mut tx, order).await;
        assert_eq!(found.unwrap(), [1], "{order}");
    }
    let sql = "select count(*) from finding where issue_id = 1";
    let of = tx.first(sql, vec![]).await.unwrap().unwrap();
    assert_eq!(of.int(0).unwrap(), 2, "both rows are of it");
    tx.commit().await.unwrap();
    world.end();
}
