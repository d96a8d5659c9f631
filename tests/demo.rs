//! The sample city's week as a newcomer sees it: the shipped binary, nothing set up.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on fails"
)]

use std::collections::BTreeMap;
use std::process::Command;

use duban::store::Store;
use serde_json::{Value as Json, json};

#[path = "support/program.rs"]
#[expect(dead_code, reason = "the tools of the browser are not needed here")]
mod program;
use program::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_of_the_sample_city() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_duban"))
        .args(["demo", "--headless", "--days", "7"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{failed}");
    assert!(
        !said.contains("sandbox:"),
        "the real server would have objected:\n{said}"
    );
    for expected in [
        "报告「每日检查」2021-06-28",
        "报告「每日检查」2021-07-04",
        "⏰",
        "已签收",
        "📊 全市",
        "监管人员为",
        "复核通过",
    ] {
        assert!(said.contains(expected), "{expected} in:\n{said}");
    }

    // The figures of the bulletin: 60 sites, 422 accounts by platform.
    let url = format!("sqlite://{}/data/demo/duban.db", folder.path().display());
    let store = Store::open(&url).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let count = async |tx: &mut duban::store::Tx, sql: &'static str| {
        let rows = tx.all(sql, vec![]).await.unwrap();
        let pairs = rows.iter().map(|r| (r.text(0).unwrap(), r.int(1).unwrap()));
        pairs.collect::<BTreeMap<String, i64>>()
    };
    let platforms = count(
        &mut tx,
        "select platform, count(*) from account group by platform",
    )
    .await;
    let mut sizes: Vec<i64> = platforms.values().copied().collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [7, 9, 13, 16, 19, 56, 60, 302], "{platforms:?}");

    // Seven reports; every finding has an outcome; every issue's history begins with its opening.
    let reports = count(&mut tx, "select state, count(*) from report group by state").await;
    assert_eq!(reports, BTreeMap::from([("processed".to_owned(), 7)]));
    let acts = count(&mut tx, "select verb, count(*) from act group by verb").await;
    let issues = count(&mut tx, "select state, count(*) from issue group by state").await;
    assert_eq!(acts["opened"], issues.values().sum::<i64>());
    assert!(
        acts["verified"] > 0 && acts["fix_reported"] > 0 && acts["acknowledged"] > 0,
        "{acts:?}"
    );
    // Nothing that was owed is lost or dead: it was sent, dropped for good, or waits for its hour.
    let owed = count(&mut tx, "select state, count(*) from notice group by state").await;
    assert!(!owed.contains_key("dead") && owed["sent"] > 0, "{owed:?}");
    // The same act of one update on one issue is recorded once.
    let twice = "select 'x', count(*) from (select 1 from act where update_id is not null
                 group by update_id, issue_id, verb having count(*) > 1) t";
    assert_eq!(count(&mut tx, twice).await["x"], 0);
}

/// The page's side of the demo, without a browser.
struct Page {
    address: String,
    client: reqwest::Client,
}

impl Page {
    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Json) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    async fn order(&self, path: &str, body: Json) -> (u16, Json) {
        let url = format!("{}/demo/{path}", self.address);
        self.send(self.client.post(url).json(&body)).await
    }

    async fn done(&self, path: &str, body: Json) -> Json {
        let (status, said) = self.order(path, body).await;
        assert_eq!(status, 200, "{path}: {said}");
        said
    }

    async fn drop_file(&self, name: &str, bytes: Vec<u8>) -> (u16, Json) {
        let url = format!("{}/demo/report/file?name={name}", self.address);
        let post = self.client.post(url).body(bytes);
        let kind = "application/octet-stream";
        self.send(post.header("content-type", kind)).await
    }

    /// What hangs on the wall now.
    async fn wall(&self) -> Json {
        let url = format!("{}/demo/events", self.address);
        let mut answer = self.client.get(url).send().await.unwrap();
        let mut text = Vec::new();
        while !text.windows(2).any(|pair| pair == b"\n\n") {
            text.extend_from_slice(&answer.chunk().await.unwrap().unwrap());
        }
        let text = String::from_utf8(text).unwrap();
        let data = text.lines().find_map(|line| line.strip_prefix("data:"));
        serde_json::from_str(data.unwrap()).unwrap()
    }

    /// The wall once the city has begun.
    async fn begun(&self) -> Json {
        // The first order is done when the city stands.
        self.done("autoplay", json!({ "on": true })).await;
        self.wall().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_director_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_duban"));
    demo.args(["demo", "--no-open", "--listen", "127.0.0.1:0", "--folder"])
        .arg(folder.path());
    let mut demo = Program::start("the demo", &mut demo);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = demo.address();
    let page = Page { address, client };
    let wall = page.begun().await;
    assert_eq!(wall["now"], "2021-06-28T09:00:00+08:00");
    assert_eq!(wall["people"].as_array().unwrap().len(), 73);
    assert_eq!(
        wall["funnel"]["findings"], 26,
        "25 issues and a name that waits"
    );
    let outbox = wall["outbox"]["counts"]["sent"].as_u64().unwrap();
    assert!(outbox >= 25, "{}", wall["outbox"]["counts"]);

    // Tomorrow's report: rows edited in the table, a file that is none, a workbook.
    let url = format!("{}/demo/report", page.address);
    let row =
        |wrong: &str| json!({ "账号名称": "示范号100", "错敏词": wrong, "问题类型": "错别字" });
    let edited = json!({ "rows": [row("甲"), row("乙"), { "账号名称": "" }] });
    let (status, shown) = page.send(page.client.put(&url).json(&edited)).await;
    assert_eq!((status, shown["date"].as_str()), (200, Some("2021-06-29")));
    let rows = shown["rows"].as_array().unwrap().len();
    assert_eq!(rows, 2, "an empty row is no row");
    let (status, said) = page.drop_file("报告.pdf", vec![1]).await;
    assert_eq!(status, 400, "{said}");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (n, header) in ["账号名称", "问题类型", "错敏词"].iter().enumerate() {
        sheet.write(0, n as u16, *header).unwrap();
    }
    for (n, cell) in ["示范号101", "错别字", "丙"].iter().enumerate() {
        sheet.write(1, n as u16, *cell).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let (status, shown) = page.drop_file("明天.xlsx", bytes).await;
    assert_eq!(
        (status, shown["file"]["name"].as_str()),
        (200, Some("明天.xlsx"))
    );

    // Somebody is on leave; the day goes by; the workbook is the day's report.
    let with_issues: Vec<&Json> = wall["people"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .filter(|(n, person)| n % 6 != 5 && person["code"].as_str().unwrap().starts_with("O-B"))
        .map(|(_, person)| person)
        .filter(|person| {
            let mut issues = wall["issues"].as_array().unwrap().iter();
            issues.any(|issue| issue["unit"] == person["unit"])
        })
        .collect();
    let [away, there] = [with_issues[0], with_issues[1]];
    page.done("leave", json!({ "code": away["code"], "on": true }))
        .await;
    page.done("clock", json!({ "action": "next_day" })).await;
    let next = page.wall().await;
    assert_eq!(next["now"], "2021-06-29T09:00:00+08:00");
    assert_eq!(next["report"]["findings"], 1, "{}", next["report"]);
    let funnel: Vec<u64> = [
        "findings",
        "matched",
        "told",
        "acknowledged",
        "fixed",
        "verified",
    ]
    .map(|stage| next["funnel"][stage].as_u64().unwrap())
    .to_vec();
    assert!(funnel.is_sorted_by(|a, b| a >= b), "{funnel:?}");
    assert!(
        funnel[5] >= 20,
        "what is gone from the report is verified: {funnel:?}"
    );
    let acted = |person: &Json| {
        let issues = next["issues"].as_array().unwrap().iter();
        let mut acts = issues.flat_map(|issue| issue["acts"].as_array().unwrap());
        acts.any(|act| act["who"] == person["name"])
    };
    assert!(acted(there) && !acted(away), "{away} {there}");

    // An invitation binds a new chat in place of the old one; the clock goes forward only.
    let link = page.done("invite", json!({ "code": "O-TJ" })).await["link"].clone();
    assert!(
        link.as_str()
            .unwrap()
            .starts_with("https://t.me/duban_bot?start=")
    );
    let (status, said) = page
        .order(
            "clock",
            json!({ "action": "jump", "to": "2021-06-01T09:00" }),
        )
        .await;
    assert_eq!(status, 400, "{said}");

    // The program is killed and started again: everything is there; then from the beginning.
    page.done("restart", json!({})).await;
    let issues = page.wall().await["issues"].as_array().unwrap().len();
    assert_eq!(issues, next["issues"].as_array().unwrap().len());
    page.done("again", json!({})).await;
    let anew = page.wall().await;
    assert_eq!(anew["now"], "2021-06-28T09:00:00+08:00");
    assert_ne!(anew["epoch"], next["epoch"]);
    assert_eq!(anew["issues"].as_array().unwrap().len(), 25);
    let url = format!("{}/control/violations", page.address);
    let (_, violations) = page.send(page.client.get(url)).await;
    assert_eq!(violations, json!([]));
    assert!(demo.ended().is_none());
}
