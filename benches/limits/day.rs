//! A heavy city day: 482 accounts, 422 chats, 10,000 findings, from bytes to the last digest
//! accepted, pacing off. Raw: parse the file, insert every row, post the same messages.

use std::time::{Duration, Instant};

use duban::app::App;
use duban::clock::Clock;
use duban::store::Store;
use futures::stream::{self, StreamExt as _};

use crate::{city, median, ms, raw, verdict};

const SIZE: city::Size = city::Size {
    units: 108,
    accounts: 482,
    people: 422,
};
const FINDINGS: usize = 10_000;

pub async fn run() {
    println!(
        "day: {FINDINGS} findings, {} accounts, {} chats",
        SIZE.accounts, SIZE.people
    );
    let report = city::report(SIZE.accounts, 0..FINDINGS);
    let (mut ours, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (took, limit) = once(&report).await;
        ours.push(took);
        limits.push(limit);
    }
    let (took, limit) = (median(ours), median(limits));
    println!(
        "  duban {:.0} ms, raw {:.0} ms (medians of 5)",
        ms(took),
        ms(limit)
    );
    verdict("day / raw", ms(took) / ms(limit), 6.0, "×");
}

async fn once(report: &[u8]) -> (Duration, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let (url, sent) = raw::endpoint().await;
    city::write_roster(&folder.path().join("roster"), SIZE);
    let start = chrono::DateTime::parse_from_rfc3339("2021-06-29T09:00:00+08:00").unwrap();
    let mut settings = city::settings(folder.path(), &url);
    if let Some(source) = settings.sources.first_mut() {
        source.schedule = Some("1 9 * * *".to_owned());
    }
    let mut app = App::build(&settings, Clock::manual(start.to_utc()))
        .await
        .unwrap();
    city::import(&app, &folder.path().join("roster")).await;
    city::bind(&app, |n| 1_000 + i64::try_from(n).unwrap()).await;
    app.desk.pace.lock().await.off();
    app.settle().await.unwrap();
    std::fs::write(folder.path().join("reports/2021-06-29.json"), report).unwrap();

    let begun = Instant::now();
    let to = app.desk.clock.now() + chrono::TimeDelta::minutes(2);
    let pulled = app.play_until(to).await.unwrap();
    let took = begun.elapsed();
    let opened = pulled.iter().flatten().map(|o| o.opened).sum::<usize>();
    assert_eq!(opened, FINDINGS, "{pulled:?}");
    let bodies: Vec<_> = sent.lock().unwrap().clone();
    assert!(bodies.len() >= SIZE.people, "{} messages", bodies.len());

    let database = folder.path().join("duban.db");
    let rows = raw::rows_of(&database).await;
    let bare = folder.path().join("bare.db");
    let store = Store::open(&format!("sqlite://{}", bare.display()))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let mut conn = raw::connect(&bare).await;
    let client = reqwest::Client::builder()
        .tcp_nodelay(true)
        .build()
        .unwrap();
    let begun = Instant::now();
    let parsed: serde_json::Value = serde_json::from_slice(report).unwrap();
    raw::insert(&mut conn, &rows).await;
    let mut posts = stream::iter(bodies.iter().map(|body| {
        let request = client
            .post(format!("{url}/bot{}/SendMessage", city::TOKEN))
            .header("content-type", "application/json")
            .body(body.clone());
        async { request.send().await.unwrap().bytes().await.unwrap() }
    }))
    .buffer_unordered(16);
    while posts.next().await.is_some() {}
    let limit = begun.elapsed();
    drop(parsed);
    (took, limit)
}
