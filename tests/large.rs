//! Reports that are too large to be written in one go. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every word of the language is spoken here")]
mod support;

use std::fmt::Write as _;
use std::sync::Arc;

use duban::flow::{self, Incoming, Outcome};
use duban::store::{Store, vals};
use support::{HEADER, World};

stories![
    what_is_interrupted_begins_anew_and_tells_nobody_twice,
    a_press_is_answered_before_the_report_is_through,
    of_rows_far_apart_the_one_that_is_not_settled_says_how_it_stands,
];

/// More than are written in one go.
const ROWS: usize = 2_600;

fn rows(numbers: std::ops::Range<usize>) -> String {
    let mut text = HEADER.to_owned();
    for n in numbers {
        writeln!(text, "示范发布,微信公众号,示范一区,错别字,做为{n},作为{n},").unwrap();
    }
    text
}

/// Works on a report beside the story, as another process would.
fn begin(world: &World, text: String) -> tokio::task::JoinHandle<duban::error::Result<Outcome>> {
    let desk = Arc::clone(&world.app.desk);
    let source = world.app.sources.first().unwrap().clone();
    tokio::spawn(async move {
        let mut tx = desk.store.read().await?;
        let directory = desk.directory(&mut tx).await?;
        drop(tx);
        let incoming = Incoming {
            source: &source,
            file_name: "report.csv",
            bytes: text.as_bytes().into(),
            date: None,
        };
        let now = desk.clock.now();
        flow::process(&desk.store, &desk.rules, &directory, incoming, now).await
    })
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    let mut tx = store.read().await.unwrap();
    tx.first(sql, vals![])
        .await
        .unwrap()
        .unwrap()
        .int(0)
        .unwrap()
}

/// Waits until the report is being written.
async fn in_the_middle(store: &Store) {
    while count(store, "select count(*) from finding").await == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        count(
            store,
            "select count(*) from report where state = 'processed'"
        )
        .await,
        0
    );
}

async fn what_is_interrupted_begins_anew_and_tells_nobody_twice(mut world: World) {
    world.until("2021-06-28 09:00").await;
    let store = world.store().clone();
    let first = begin(&world, rows(0..ROWS));
    in_the_middle(&store).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let opened = count(&store, "select count(*) from issue").await;
    assert!((1..ROWS as i64).contains(&opened), "{opened}");

    // Nobody else works on a report for two minutes after the one who did has died.
    world.pass(180).await;
    let outcome = begin(&world, rows(0..ROWS)).await.unwrap().unwrap();
    assert_eq!(outcome.report, 1);
    assert_eq!(outcome.opened + outcome.seen_again, ROWS, "{outcome:?}");
    for (sql, want) in [
        ("select count(*) from issue", ROWS),
        ("select count(*) from finding", ROWS),
        ("select count(*) from act where verb = 'opened'", ROWS),
        ("select count(*) from act", ROWS),
        ("select count(*) from report where state = 'processed'", 1),
        ("select count(*) from report", 1),
        // The operator and nobody twice: each issue stands in one notice of each who answers for it.
        (
            "select max(n) from (select count(*) as n from notice_issue x join notice o on o.id = x.notice_id
             group by x.issue_id, o.person_id) t",
            1,
        ),
        ("select count(distinct issue_id) from notice_issue", ROWS),
    ] {
        assert_eq!(count(&store, sql).await, want as i64, "{sql}");
    }

    // The next day's report is silent about most: they are verified, in pieces too.
    world.until("2021-06-29 09:00").await;
    world.drop_report("2021-06-29.csv", rows(2_500..ROWS));
    let outcome = world.until("2021-06-29 10:00").await.remove(0).unwrap();
    assert!(
        !outcome.odd.is_empty() || outcome.verified == 2_500,
        "{outcome:?}"
    );
}

async fn a_press_is_answered_before_the_report_is_through(mut world: World) {
    let operator = world.bind("O1").await;
    world
        .report(
            "2021-06-28",
            "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n",
        )
        .await;
    world.pass(120).await;
    let digest = world.reads(operator);
    world.until("2021-06-29 09:00").await;
    let store = world.store().clone();
    let report = begin(&world, rows(0..ROWS));
    while count(
        &store,
        "select count(*) from report where state = 'staging'",
    )
    .await
        == 0
    {
        tokio::task::yield_now().await;
    }
    let press = world.sandbox.press(operator, digest.id, "收到").unwrap();
    world.app.settle().await.unwrap();
    assert!(world.sandbox.toast(&press).is_some());
    let through = "select count(*) from report where state = 'processed' and date = '2021-06-29'";
    assert_eq!(
        count(&store, through).await,
        0,
        "the report was through before the press"
    );
    let outcome = report.await.unwrap().unwrap();
    assert_eq!(outcome.opened, ROWS);
}

/// The platform lists one error under two work orders, of which it has checked the first; they stand in different
/// pieces of a large report.
async fn of_rows_far_apart_the_one_that_is_not_settled_says_how_it_stands(mut world: World) {
    let header = HEADER.replace('\n', ",复核状态,工单号\n");
    let row = |state, order| {
        format!("示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,,{state},{order}\n")
    };
    world.until("2021-06-28 09:00").await;
    let first = format!("{header}{}", row("未复核", "WO1"));
    begin(&world, first).await.unwrap().unwrap();
    let mut second = format!("{header}{}", row("复核通过", "WO1"));
    for n in 0..ROWS {
        writeln!(
            second,
            "示范发布,微信公众号,示范一区,错别字,做为{n},作为{n},,未复核,"
        )
        .unwrap();
    }
    second.push_str(&row("未复核", "WO2"));
    world.until("2021-06-29 09:00").await;
    let outcome = begin(&world, second).await.unwrap().unwrap();
    assert_eq!((outcome.opened, outcome.verified), (ROWS, 0), "{outcome:?}");
    let store = world.store().clone();
    let open = "select count(*) from issue where state = 'open' and wrong_text = '警钟常鸣'
                and tickets = 'WO2'";
    assert_eq!(count(&store, open).await, 1);
    for order in ["WO1", "WO2"] {
        let mut tx = store.read().await.unwrap();
        let found = duban::issue::witness::by_ticket(&mut tx, order).await;
        assert_eq!(found.unwrap(), [1], "{order}");
    }
    world.end();
}
