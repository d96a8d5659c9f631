//! Reports that come to duban: pushed over HTTP, and handed to the bot by a manager; and how well each was
//! understood. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every story needs every word")]
mod support;

#[path = "support/said.rs"]
mod said;

use std::sync::Arc;

use duban::http::{Door, REPORTS_PATH};
use duban::report::quality;
use duban::report::source::{Mode, SourceKind, SourceSettings};
use duban::sandbox::ChatMessage;
use reqwest::StatusCode;
use said::{holds, labels};
use serde_json::Value as Json;
use support::{HEADER, World};

stories![
    how_well_a_report_was_understood,
    a_report_is_pushed,
    a_push_is_answered_once_by_its_key,
    what_cannot_be_pushed_says_why,
    a_workbook_never_seen_before_is_handed_in,
    whose_it_is_is_asked,
    the_day_can_be_said,
    what_cannot_be_read_says_why,
    it_is_imported_once,
    it_is_dropped_or_waits_too_long,
    who_may_not_import_is_told,
    evidence_stays_evidence,
    who_leaves_meanwhile_imports_nothing,
    an_import_waits_for_another_report,
    an_import_whose_source_has_left_the_settings_says_so,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const SITE: &str = "示范委网站,政府网站,福州市示范和改革委员会,错别字,安份守己,安分守己,\n";
const NOBODY: &str = "火星发布,微信公众号,火星区,错别字,再接再励,再接再厉,\n";
const BAD: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,昨天下午\n";

/// A report of these rows.
fn report_of(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

/// Another process is at a report, for a minute.
async fn another_reports(world: &World) {
    let now = world.app.desk.clock.now_ms();
    let mut tx = world.store().begin().await.unwrap();
    duban::store::lease::take(&mut tx, "reports", "another", now, now + 60_000)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn how_well_a_report_was_understood(mut world: World) {
    let chat = world.bind("M1").await;
    let rows = format!("{TYPO}{SITE}{NOBODY}{BAD}");
    let outcome = world.report("2021-06-28", &rows).await;
    assert_eq!((outcome.matched, outcome.unmatched), (2, 1));
    let mut tx = world.store().read().await.unwrap();
    let shown = quality::newest(&mut tx, "daily").await.unwrap().unwrap();
    let counts = &shown.counts;
    assert_eq!((counts.findings, shown.rejected.len()), (3, 1));
    assert_eq!(counts.by_rule.values().sum::<u64>(), 2);
    assert!(counts.took_ms.is_some());
    assert_eq!(counts.columns.used.len(), 7);
    let place = shown.rejected[0].to_string();
    holds(&place, &["2021-06-28.csv", "row 5", "监测时间", "昨天下午"]);
    let share = quality::share(&mut tx, "daily", 0).await.unwrap();
    assert_eq!(share.percent().as_deref(), Some("66.6"));
    drop(tx);
    world.sandbox.unread(chat);
    let said = world.say(chat, "/today").await;
    holds(
        &said,
        &[
            "🎯 归属 66.6%（2/3）：全称 2",
            "CSV · UTF-8 · 用时",
            "无法识别 1 行",
            "第 5 行「监测时间」",
            "近30天自动归属 66.6%（2/3 条）",
        ],
    );
    world.end();
}

/// The city with two sources that are pushed; where they are pushed to.
async fn door(world: &mut World) -> String {
    for (name, token) in [
        ("city", "city-token-0001-abcd"),
        ("county", "county-token-02-abcd"),
    ] {
        world.settings.sources.push(SourceSettings {
            name: name.to_owned(),
            kind: SourceKind::Push,
            mode: Mode::Incremental,
            token: Some(token.to_owned().into()),
            max_bytes: Some(20_000),
            ..SourceSettings::default()
        });
    }
    world.restart().await;
    let router = duban::http::router(Door::new(Arc::clone(&world.app.desk), None));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}{REPORTS_PATH}")
}

fn post(url: &str, token: &str) -> reqwest::RequestBuilder {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(url).bearer_auth(token)
}

const CITY: &str = "city-token-0001-abcd";

async fn sent(request: reqwest::RequestBuilder) -> (StatusCode, Json) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn a_report_is_pushed(mut world: World) {
    let url = door(&mut world).await;
    let csv = format!("{HEADER}{TYPO}{NOBODY}");
    let (status, said) = sent(post(&url, CITY).body(csv.clone())).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_eq!(said["source"], "city");
    assert_eq!(said["date"], "2021-06-28");
    assert_eq!(
        (said["opened"].as_u64(), said["unmatched"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(
        (&said["format"], &said["duplicate"]),
        (&"csv".into(), &false.into())
    );
    // Once more it is the same, and nothing changes.
    let (status, again) = sent(post(&url, CITY).body(csv)).await;
    assert_eq!(
        (status, &again["duplicate"]),
        (StatusCode::OK, &true.into())
    );
    assert_eq!(
        (&again["report"], &again["opened"]),
        (&said["report"], &said["opened"])
    );
    assert_eq!(world.issues().await, ["#1 open"]);
    // The other token is the other source's; a form has the name, and in it the day.
    let json = r#"[{"账号名称":"示范委网站","问题类型":"错别字","错敏词":"安份守己"}]"#;
    let part =
        reqwest::multipart::Part::bytes(json.as_bytes().to_vec()).file_name("2021-06-27.json");
    let form = reqwest::multipart::Form::new().part("file", part);
    let (status, said) = sent(post(&url, "county-token-02-abcd").multipart(form)).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_eq!(
        (&said["source"], &said["date"]),
        (&"county".into(), &"2021-06-27".into())
    );
    // The day as it is said beside it.
    let dated = format!("{url}?date=2021-06-26&file=report.csv");
    let (_, said) = sent(post(&dated, CITY).body(report_of(SITE))).await;
    assert_eq!(said["date"], "2021-06-26");
    world.end();
}

async fn a_push_is_answered_once_by_its_key(mut world: World) {
    let url = door(&mut world).await;
    let push = |rows: String| {
        let body = report_of(&rows);
        post(&url, CITY).header("Idempotency-Key", "a-1").body(body)
    };
    let (status, first) = sent(push(TYPO.to_owned())).await;
    assert_eq!(status, StatusCode::OK);
    let answer = push(TYPO.to_owned()).send().await.unwrap();
    assert_eq!(answer.headers()["idempotency-replayed"], "true");
    assert_eq!(answer.json::<Json>().await.unwrap(), first);
    let (status, said) = sent(push(SITE.to_owned())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
    assert_eq!(world.issues().await, ["#1 open"]);
    // A key is its source's own, and forgotten after a week.
    let other = post(&url, "county-token-02-abcd").header("Idempotency-Key", "a-1");
    let (status, _) = sent(other.body(report_of(SITE))).await;
    assert_eq!(status, StatusCode::OK);
    // What was refused is read again: the settings may have been mended.
    for _ in 0..2 {
        let bad = post(&url, CITY).header("Idempotency-Key", "a-2");
        let answer = bad.body("a,b\n1,2\n").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(!answer.headers().contains_key("idempotency-replayed"));
    }
    world.until("2021-07-07 08:00").await;
    let (status, _) = sent(push(NOBODY.to_owned())).await;
    assert_eq!(status, StatusCode::OK);
    world.end();
}

async fn what_cannot_be_pushed_says_why(mut world: World) {
    let chat = world.bind("M1").await;
    let url = door(&mut world).await;
    let csv = report_of(TYPO);
    for token in ["", "wrong", "city-token-0001-abce"] {
        let answer = post(&url, token).body(csv.clone()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        let said = answer.text().await.unwrap();
        assert_eq!(said, r#"{"error":{"reason":"no such token"}}"#);
    }
    let (status, said) = sent(post(&url, CITY).body("a,b\n1,2\n")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        (&said["error"]["file"], &said["error"]["code"]),
        (&"city".into(), &"no_header".into())
    );
    let reason = said["error"]["reason"].as_str().unwrap();
    holds(reason, &["at least two known column names"]);
    let dated = format!("{url}?date=28.6.2021");
    let (status, said) = sent(post(&dated, CITY).body(csv.clone())).await;
    assert_eq!(
        (status, &said["error"]["column"]),
        (StatusCode::BAD_REQUEST, &"date".into())
    );
    let (status, said) = sent(post(&url, CITY).body("x".repeat(20_001))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    holds(&said.to_string(), &["max_bytes = 20000"]);
    another_reports(&world).await;
    let answer = post(&url, CITY).body(csv).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "10");
    assert!(world.issues().await.is_empty());
    // The managers hear of what could not be read.
    world.pass(120).await;
    holds(&world.reads(chat).text, &["报告「city」", "无法读取"]);
    world.end();
}

/// A workbook as an office makes it: a title, who fills it in, the header, rows, a remark.
fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows: [&[&str]; 6] = [
        &["示范市政务新媒体错敏词检查表"],
        &["填报单位：示范中心", "", "日期：2021年6月28日"],
        &[
            "序号",
            "账号名称",
            "账号类型",
            "责任单位",
            "问题类型",
            "错敏词",
            "推荐修改",
            "经办人",
        ],
        &[
            "1",
            "示范发布",
            "微信公众号",
            "示范一区",
            "错别字",
            "警钟常鸣",
            "警钟长鸣",
            "甲",
        ],
        &[
            "2",
            "示范委网站",
            "政府网站",
            "福州市示范和改革委员会",
            "错别字",
            "安份守己",
            "安分守己",
            "乙",
        ],
        &[
            "3",
            "火星发布",
            "微信公众号",
            "火星区",
            "错别字",
            "再接再励",
            "再接再厉",
            "丙",
        ],
    ];
    for (y, row) in (0u32..).zip(rows) {
        for (x, cell) in (0u16..).zip(row) {
            sheet.write_string(y, x, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Sends a file to the bot; what is shown of it.
async fn hand(world: &mut World, chat: i64, name: &str, bytes: &[u8]) -> ChatMessage {
    world.sandbox.unread(chat);
    world.sandbox.send_document(chat, None, (name, bytes), None);
    world.settle().await;
    world.pass(2).await;
    world.reads(chat)
}

/// Presses a button; what the message became.
async fn press(world: &mut World, chat: i64, on: &ChatMessage, label: &str) -> ChatMessage {
    world.sandbox.unread(chat);
    world.press(chat, on.id, label).await;
    world.pass(2).await;
    world.reads(chat)
}

/// No source is set up: only what is handed in.
async fn no_sources(world: &mut World) {
    world.settings.sources.clear();
    world.restart().await;
}

/// The same, with the chat of the manager who hands it in.
async fn by_hand_only(world: &mut World) -> i64 {
    no_sources(world).await;
    world.bind("M1").await
}

/// The same, with a report of one row handed in and not yet imported: the chat, and what is shown of it.
async fn one_handed_in(world: &mut World) -> (i64, ChatMessage) {
    let chat = by_hand_only(world).await;
    let shown = hand(world, chat, "a.csv", report_of(TYPO).as_bytes()).await;
    (chat, shown)
}

async fn a_workbook_never_seen_before_is_handed_in(mut world: World) {
    let chat = by_hand_only(&mut world).await;
    let operator = world.bind("O1").await;
    let shown = hand(&mut world, chat, "六月检查.xlsx", &workbook()).await;
    holds(
        &shown.text,
        &[
            "📥 六月检查.xlsx",
            "XLSX · 报告日期 2021-06-28 · 来源「人工上传」（增量）",
            "读懂 3 行：归属明确 2，没对上 1",
            "用到的列：序号、账号名称、账号类型、责任单位",
            "原样保留：",
            "经办人",
            "1. 微信公众号 示范发布 → 福州市示范一区人民政府「示范发布」",
            "没对上，待认领",
            "核对无误就点「导入」",
        ],
    );
    assert_eq!(labels(&shown), ["✅ 导入", "📅 改日期", "✖ 取消"]);
    assert!(world.issues().await.is_empty());
    let done = press(&mut world, chat, &shown, "✅ 导入").await;
    holds(
        &done.text,
        &[
            "✅ 已导入 六月检查.xlsx",
            "3 行：新增 2",
            "1 条没对上，请认领：/unmatched",
        ],
    );
    assert!(labels(&done).is_empty());
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    world.pass(120).await;
    holds(&world.reads(operator).text, &["警钟常鸣"]);
    world.sandbox.unread(chat);
    holds(&world.say(chat, "/unmatched").await, &["火星发布"]);
    // Nothing of it that is silent about an issue closes it.
    let next = report_of(SITE);
    let shown = hand(&mut world, chat, "2021-06-28 b.csv", next.as_bytes()).await;
    press(&mut world, chat, &shown, "✅ 导入").await;
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    world.end();
}

async fn whose_it_is_is_asked(mut world: World) {
    let chat = world.bind("M1").await;
    world.report("2021-06-28", &format!("{TYPO}{SITE}")).await;
    world.pass(120).await;
    let csv = report_of(TYPO);
    let shown = hand(&mut world, chat, "2021-06-28 晚.csv", csv.as_bytes()).await;
    holds(&shown.text, &["这是哪个来源的报告？"]);
    assert_eq!(
        labels(&shown),
        ["📂 人工上传", "📂 daily", "📅 改日期", "✖ 取消"]
    );
    let shown = press(&mut world, chat, &shown, "📂 daily").await;
    holds(
        &shown.text,
        &["来源「daily」（全量）", "没有的未办结问题，会按已消除核销"],
    );
    assert_eq!(
        labels(&shown),
        ["✅ 导入", "📅 改日期", "📂 换来源", "✖ 取消"]
    );
    let shown = press(&mut world, chat, &shown, "📂 换来源").await;
    holds(&shown.text, &["这是哪个来源的报告？"]);
    let shown = press(&mut world, chat, &shown, "📂 daily").await;
    let done = press(&mut world, chat, &shown, "✅ 导入").await;
    holds(&done.text, &["来源「daily」", "仍在 1，再现 0，消除 1"]);
    assert_eq!(
        world.issues().await,
        ["#1 open", "#2 closed verified_unreported"]
    );
    world.end();
}

async fn the_day_can_be_said(mut world: World) {
    let chat = by_hand_only(&mut world).await;
    let csv = report_of(TYPO);
    let shown = hand(&mut world, chat, "检查.csv", csv.as_bytes()).await;
    holds(&shown.text, &["报告日期 2021-06-28"]);
    let asked = press(&mut world, chat, &shown, "📅 改日期").await;
    holds(&asked.text, &["这份报告是哪天的？"]);
    holds(&world.say(chat, "大前年").await, &["没看懂这个日期"]);
    holds(&world.say(chat, "6月25日").await, &["报告日期 2021-06-25"]);
    let done = press(&mut world, chat, &shown, "✅ 导入").await;
    holds(&done.text, &["2021-06-25", "新增 1"]);
    // A name that holds a piece of a date, or a day to come, asks for the day.
    let wrong = hand(&mut world, chat, "检查202106.csv", csv.as_bytes()).await;
    holds(&wrong.text, &["读不了，什么都没有导入", "202106", "改日期"]);
    press(&mut world, chat, &wrong, "📅 改日期").await;
    let shown = world.say(chat, "昨天").await;
    holds(&shown, &["报告日期 2021-06-27"]);
    world.end();
}

async fn what_cannot_be_read_says_why(mut world: World) {
    let chat = by_hand_only(&mut world).await;
    let said = hand(&mut world, chat, "通知.csv", "你好\n再见\n".as_bytes()).await;
    holds(
        &said.text,
        &[
            "通知.csv 读不了，什么都没有导入",
            "no header row",
            "请改好后把文件重新发给我",
        ],
    );
    assert!(labels(&said).is_empty());
    let said = hand(&mut world, chat, "空.csv", b"\n").await;
    holds(&said.text, &["文件是空的"]);
    let half = workbook();
    let said = hand(&mut world, chat, "断.xlsx", &half[..half.len() / 2]).await;
    holds(&said.text, &["断.xlsx 读不了"]);
    // In the language of who reads it.
    world.say(chat, "/lang en").await;
    let rows = format!("{HEADER}{TYPO}{BAD}");
    let shown = hand(&mut world, chat, "b.csv", rows.as_bytes()).await;
    holds(
        &shown.text,
        &["1 rows not understood", "row 3 “监测时间” 昨天下午"],
    );
    let done = press(&mut world, chat, &shown, "✅ Import").await;
    holds(
        &done.text,
        &["✅ Imported b.csv", "new 1", "1 rows not imported", "row 3"],
    );
    world.end();
}

async fn it_is_imported_once(mut world: World) {
    let (chat, shown) = one_handed_in(&mut world).await;
    let csv = report_of(TYPO);
    let import = &shown.buttons[0][0];
    let data = import.data.clone();
    press(&mut world, chat, &shown, "✅ 导入").await;
    let toast = world.sandbox.press_data(chat, chat, shown.id, &data);
    world.settle().await;
    let toast = world.sandbox.toast(&toast).unwrap();
    holds(&toast.text, &["已经导入过了"]);
    // The same file again.
    let again = hand(&mut world, chat, "a.csv", csv.as_bytes()).await;
    holds(&again.text, &["已经导入过（报告 1）"]);
    assert_eq!(labels(&again), ["📅 改日期", "✖ 取消"]);
    // Shown twice before either was confirmed.
    let rows = report_of(SITE);
    let one = hand(&mut world, chat, "b.csv", rows.as_bytes()).await;
    let two = hand(&mut world, chat, "b.csv", rows.as_bytes()).await;
    holds(
        &press(&mut world, chat, &one, "✅ 导入").await.text,
        &["已导入"],
    );
    let said = press(&mut world, chat, &two, "✅ 导入").await;
    holds(&said.text, &["之前已经导入过", "没有重复导入"]);
    assert_eq!(world.issues().await, ["#1 open", "#2 open"]);
    world.end();
}

async fn it_is_dropped_or_waits_too_long(mut world: World) {
    let (chat, shown) = one_handed_in(&mut world).await;
    let csv = report_of(TYPO);
    let said = press(&mut world, chat, &shown, "✖ 取消").await;
    holds(&said.text, &["不导入，没有改动任何数据"]);
    let shown = hand(&mut world, chat, "b.csv", csv.as_bytes()).await;
    world.until("2021-06-29 09:00").await;
    let toast = world.press(chat, shown.id, "✅ 导入").await;
    holds(&toast, &["已过期，没有导入"]);
    // It is forgotten at last.
    world.until("2021-06-30 09:00").await;
    let toast = world.press(chat, shown.id, "✅ 导入").await;
    holds(&toast, &["已过期，没有导入"]);
    assert!(world.issues().await.is_empty());
    world.end();
}

async fn who_may_not_import_is_told(mut world: World) {
    no_sources(&mut world).await;
    let (area, operator, lead) = (
        world.bind("M2").await,
        world.bind("O1").await,
        world.bind("L1").await,
    );
    let csv = report_of(TYPO);
    let said = hand(&mut world, area, "a.csv", csv.as_bytes()).await;
    holds(
        &said.text,
        &["只有负责全部范围的监管人员可以导入", "吴静怡"],
    );
    let manager = world.bind("M1").await;
    let large = vec![b' '; 20 * 1024 * 1024 + 1];
    let said = hand(&mut world, manager, "b.csv", &large).await;
    holds(&said.text, &["「b.csv」超过 20 MB", "duban ingest"]);
    for chat in [operator, lead] {
        let said = hand(&mut world, chat, "a.csv", csv.as_bytes()).await;
        assert!(!said.text.contains("导入"), "{}", said.text);
        assert!(labels(&said).is_empty());
    }
    assert!(world.issues().await.is_empty());
    world.end();
}

async fn evidence_stays_evidence(mut world: World) {
    let (manager, operator) = (world.bind("M1").await, world.bind("O1").await);
    world.report("2021-06-28", TYPO).await;
    world.pass(120).await;
    let digest = world.reads(operator);
    let file = ("整改说明.docx", b"PK evidence".as_slice());
    world
        .sandbox
        .send_document(operator, Some(digest.id), file, None);
    world.settle().await;
    world.pass(2).await;
    assert_eq!(world.acts(1).await, ["opened", "noted"]);
    // A picture of a manager is no report.
    world.sandbox.unread(manager);
    world.sandbox.send_photo(manager, None, None);
    world.settle().await;
    world.pass(2).await;
    let said = world.reads(manager).text;
    assert!(!said.contains("📥"), "{said}");
    world.end();
}

async fn who_leaves_meanwhile_imports_nothing(mut world: World) {
    let (chat, shown) = one_handed_in(&mut world).await;
    let path = world.folder.path().join("roster").join("people.csv");
    let people = std::fs::read_to_string(&path).unwrap();
    let demoted = people.replace("M1,吴静怡,监管人员,*", "M1,吴静怡,监管人员,B1");
    assert_ne!(people, demoted);
    std::fs::write(&path, demoted).unwrap();
    world.import_roster().await;
    let toast = world.press(chat, shown.id, "✅ 导入").await;
    holds(&toast, &["没有"]);
    assert!(world.issues().await.is_empty());
    world.end();
}

async fn an_import_waits_for_another_report(mut world: World) {
    let (chat, shown) = one_handed_in(&mut world).await;
    another_reports(&world).await;
    let said = press(&mut world, chat, &shown, "✅ 导入").await;
    holds(&said.text, &["正在导入"]);
    // The program ends and begins again meanwhile.
    world.restart().await;
    world.pass(90).await;
    holds(&world.reads(chat).text, &["✅ 已导入 a.csv", "新增 1"]);
    assert_eq!(world.issues().await, ["#1 open"]);
    world.end();
}

async fn an_import_whose_source_has_left_the_settings_says_so(mut world: World) {
    world.settings.sources = vec![SourceSettings {
        kind: SourceKind::Upload,
        ..SourceSettings::named("county")
    }];
    world.restart().await;
    let chat = world.bind("M1").await;
    let csv = format!("{HEADER}{TYPO}");
    let shown = hand(&mut world, chat, "a.csv", csv.as_bytes()).await;
    // Another report is being processed: it is confirmed, and waits.
    let now = world.app.desk.clock.now_ms();
    let mut tx = world.store().begin().await.unwrap();
    duban::store::lease::take(&mut tx, "reports", "another", now, now + 60_000)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let said = press(&mut world, chat, &shown, "✅ 导入").await;
    holds(&said.text, &["正在导入"]);
    no_sources(&mut world).await;
    world.pass(30).await;
    let said = world.reads(chat);
    holds(
        &said.text,
        &[
            "来源「county」已不在设置中",
            "「a.csv」没有导入",
            "重新发送文件并另选来源",
        ],
    );
    assert!(labels(&said).is_empty());
    // It has ended: nothing comes of it, whatever the settings say later.
    world.settings.sources = vec![SourceSettings {
        kind: SourceKind::Upload,
        ..SourceSettings::named("county")
    }];
    world.restart().await;
    world.until("2021-06-30 09:00").await;
    let more = world.sandbox.unread(chat);
    assert!(more.iter().all(|m| !m.text.contains("a.csv")), "{more:?}");
    assert!(world.issues().await.is_empty());
    world.end();
}
