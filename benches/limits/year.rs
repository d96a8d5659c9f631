//! A city day by day, at the speed of the machine: what a day costs when most of a year is stored, beside a
//! day of the first month. Raw: parse the reports, insert the rows, make as many calls.

use std::time::{Duration, Instant};

use duban::store::Store;

use crate::living::City;
use crate::{median, ms, raw, verdict};

/// A year.
const MONTHS: usize = 12;
const MONTH: usize = 30;

pub async fn run() {
    println!("year: {MONTHS} months of {MONTH} days of a city, about 150 rows a day");
    let folder = tempfile::tempdir().unwrap();
    let mut city = City::start(folder.path()).await;
    city.sandbox.limits(false);
    let (mut months, mut reports) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    for _ in 0..MONTHS {
        let mut days = Vec::new();
        for _ in 0..MONTH {
            reports.push(city.report(city.date));
            let begun = Instant::now();
            let outcome = city.day().await;
            days.push(begun.elapsed());
            assert_eq!(outcome.findings, city.listing.listed());
        }
        months.push(median(days));
    }
    let year = begun.elapsed();
    let shown: Vec<String> = months.iter().map(|t| format!("{:.0}", ms(*t))).collect();
    println!("  a day by month (medians): {} ms", shown.join(", "));
    let calls = city.sandbox.calls().len();
    let url = format!("{}/bot{}/getMe", city.sandbox.api_url(), crate::city::TOKEN);
    city.app.desk.store.close().await;

    let rows = raw::rows_of(&folder.path().join("duban.db")).await;
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
    for report in &reports {
        let bytes = std::fs::read(report).unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        drop(parsed);
    }
    raw::insert(&mut conn, &rows).await;
    for _ in 0..calls {
        let answer = client.post(&url).send().await.unwrap();
        answer.bytes().await.unwrap();
    }
    let limit = begun.elapsed();
    let days = f64::from(u32::try_from(reports.len()).unwrap());
    let per_day = |time: Duration| ms(time) / days;
    println!(
        "  duban {:.1} ms a day, raw {:.1} ms ({} rows, {calls} calls)",
        per_day(year),
        per_day(limit),
        raw::count(&rows)
    );
    let (first, last) = (ms(months[0]), ms(months[MONTHS - 1]));
    verdict("last month / first", last / first, 1.5, "×");
}
