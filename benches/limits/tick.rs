//! A tick of the clock where a million issues are stored, 20,000 of them open: `escalate_due` and
//! `next_step`, with what it demands and with nothing; and a manager's `/status`. Raw: the same tick with only the open ones.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use duban::app::App;
use duban::clock::Clock;
use duban::flow::{self, Incoming};
use duban::schedule::jobs;
use sqlx::sqlite::SqliteConnection;

use crate::{city, median, ms, raw, verdict};

const SIZE: city::Size = city::Size {
    units: 108,
    accounts: 482,
    people: 422,
};
const OPEN: usize = 20_000;
const ALL: usize = 1_000_000;
/// The reports by which they came: what is open stands among what is closed.
const REPORTS: usize = 50;
/// Ticks that are measured, one a minute; each demands the step of [`EACH`] issues.
const TICKS: usize = 200;
const EACH: usize = 50;
/// How often a manager asks for the status.
const STATUSES: usize = 20;

/// Of the ticks that demand something, and of those at which nothing is due.
#[derive(Default)]
struct Times {
    climbing: Vec<Duration>,
    idle: Vec<Duration>,
}

pub async fn run() {
    println!("tick: {ALL} issues, {OPEN} of them open");
    let [few_in, many_in] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let start = DateTime::parse_from_rfc3339("2021-06-29T09:00:00+08:00")
        .unwrap()
        .to_utc();
    open(few_in.path(), start).await;
    std::fs::copy(
        few_in.path().join("duban.db"),
        many_in.path().join("duban.db"),
    )
    .unwrap();
    let begun = Instant::now();
    fill(&many_in.path().join("duban.db")).await;
    println!("  (store filled in {:.0} s)", begun.elapsed().as_secs_f64());
    let few = start_on(few_in.path(), start, OPEN).await;
    let many = start_on(many_in.path(), start, ALL).await;
    let (mut limits, mut ours) = (Times::default(), Times::default());
    // In turn, so that both meet the same machine.
    for _ in 0..TICKS {
        tick(&few, &mut limits).await;
        tick(&many, &mut ours).await;
    }
    for (what, ours, limit) in [
        ("tick that demands", ours.climbing, limits.climbing),
        ("tick, nothing due", ours.idle, limits.idle),
    ] {
        let (ours, limit) = (median(ours), median(limit));
        println!(
            "  {what}: {:.2} ms, with only the open ones {:.2} ms (medians of {TICKS})",
            ms(ours),
            ms(limit)
        );
        verdict(
            &format!("{what} / only the open"),
            ms(ours) / ms(limit),
            2.0,
            "×",
        );
    }
    status(&few, &many).await;
}

/// What a manager's `/status` costs on either store.
async fn status(few: &App, many: &App) {
    let (mut limits, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..STATUSES {
        for (app, times) in [(few, &mut limits), (many, &mut ours)] {
            let begun = Instant::now();
            let mut tx = app.desk.store.read().await.unwrap();
            let directory = app.desk.directory(&mut tx).await.unwrap();
            let now = app.desk.clock.now();
            let rules = &app.desk.rules;
            let status = duban::summary::status(&mut tx, rules, &directory, None, now).await;
            drop(tx);
            times.push(begun.elapsed());
            assert_eq!(status.unwrap().live, OPEN);
        }
    }
    let (ours, limit) = (median(ours), median(limits));
    println!(
        "  /status: {:.1} ms, with only the open ones {:.1} ms (medians of {STATUSES})",
        ms(ours),
        ms(limit)
    );
    verdict("/status / only the open", ms(ours) / ms(limit), 2.0, "×");
}

/// The open issues, as a report brings them; then each one's first step is at a tick of its own.
async fn open(folder: &Path, start: DateTime<Utc>) {
    city::write_roster(&folder.join("roster"), SIZE);
    let settings = city::settings(folder, "http://127.0.0.1:9");
    let app = App::build(&settings, Clock::manual(start)).await.unwrap();
    city::import(&app, &folder.join("roster")).await;
    let report = city::report(SIZE.accounts, 0..OPEN);
    let mut tx = app.desk.store.begin().await.unwrap();
    let directory = app.desk.directory(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let incoming = Incoming {
        source: app.sources.first().unwrap(),
        file_name: "day.json",
        bytes: report.into(),
        date: None,
    };
    let desk = &app.desk;
    let outcome = flow::process(&desk.store, &desk.rules, &directory, incoming, start).await;
    assert_eq!(outcome.unwrap().opened, OPEN);
    desk.store.close().await;
    let mut conn = raw::connect(&folder.join("duban.db")).await;
    let ticks = OPEN / EACH;
    let first = start.timestamp_millis() + 60_000;
    let sql = format!(
        "update issue set step_at = {first} + id % {ticks} * 60000, ladder = json_set(ladder,
            '$.rungs[0][2]', {first} + id % {ticks} * 60000)"
    );
    execute(&mut conn, sql).await;
    execute(&mut conn, "pragma wal_checkpoint(truncate)").await;
}

async fn execute(conn: &mut SqliteConnection, sql: impl Into<String>) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.into()))
        .execute(conn)
        .await
        .unwrap();
}

/// Adds what was closed long ago; what is open comes in parts between it.
async fn fill(path: &Path) {
    let mut conn = raw::connect(path).await;
    let (part, copies) = (OPEN / REPORTS, ALL / OPEN - 1);
    execute(
        &mut conn,
        "pragma synchronous = off; pragma journal_mode = off;
         create temp table kept as select * from issue; delete from issue;",
    )
    .await;
    for (report, after) in (0..REPORTS).map(|report| (report, report * part)) {
        let mut sql = format!(
            "begin; create temp table part as select * from kept
                where id > {after} and id <= {after} + {part};
             insert into issue select * from part;
             update part set state = 'closed', close_reason = 'verified',
                fix_reported_at = opened_at, stepped_at = step_at,
                closed_at = opened_at - (id % 1500) * 86400000;"
        );
        for copy in 1..=copies {
            sql += &format!(
                "update part set id = id + {OPEN}, identity = '{report}.{copy}.' || id;
                 insert into issue select * from part;"
            );
        }
        execute(&mut conn, sql + "drop table part; commit;").await;
    }
    execute(&mut conn, "pragma journal_mode = wal").await;
}

/// The program on a store that holds so many issues.
async fn start_on(folder: &Path, start: DateTime<Utc>, issues: usize) -> App {
    let settings = city::settings(folder, "http://127.0.0.1:9");
    let app = App::build(&settings, Clock::manual(start)).await.unwrap();
    let mut tx = app.desk.store.read().await.unwrap();
    let stored = tx.all("select count(*) from issue", vec![]).await.unwrap();
    drop(tx);
    let stored = stored.first().unwrap().int(0).unwrap();
    assert_eq!(usize::try_from(stored).unwrap(), issues);
    app
}

/// Ticks a minute later, when something is due, and again, when nothing is.
async fn tick(app: &App, times: &mut Times) {
    let next = app.desk.clock.now() + TimeDelta::minutes(1);
    app.desk.clock.advance_to(next);
    for (times, demanded) in [(&mut times.climbing, EACH), (&mut times.idle, 0)] {
        let begun = Instant::now();
        let climbed = jobs::escalate_due(&app.desk).await.unwrap();
        let next = jobs::next_step(&app.desk).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(climbed, demanded);
        assert!(next.is_some());
    }
}
