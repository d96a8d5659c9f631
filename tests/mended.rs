//! What grows with a report or a roster asks the store in lists: as many statements for thousands of rows as for some
//! hundred. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody says anything here")]
mod support;

use std::collections::BTreeMap;
use std::io::Read as _;

use duban::flow::{self, Placed};
use duban::matching::table as waiting;
use duban::outbox::fate;
use duban::store::Row;
use sqlx::Executor as _;
use support::World;

stories![
    thousands_of_issues_move_with_their_account,
    a_name_with_thousands_of_rows_is_placed,
    the_bytes_of_a_report_are_kept_beside_it,
];

/// So many statements are enough, however many rows there are.
const ENOUGH: u64 = 60;

/// A row of an account, wrong in its own way.
fn row(account: &str, unit: &str, n: usize) -> String {
    format!("{account},微信公众号,{unit},错别字,错{n},对{n},\n")
}

async fn thousands_of_issues_move_with_their_account(mut world: World) {
    world.bind("O3").await;
    let rows = |all: usize| -> String {
        let rows = (0..all).map(|n| row("示范教育", "示范一区教育局", n));
        rows.collect()
    };
    world.report("2021-06-28", &rows(1_500)).await;
    world.pass(600).await;
    let second = world.report("2021-06-29", &rows(3_000)).await;
    assert_eq!((second.opened, second.seen_again), (1_500, 1_500));
    let path = world.folder.path().join("roster/accounts.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("示范教育,gh_02,Q1A", "示范教育,gh_02,Q1");
    std::fs::write(&path, text).unwrap();
    let mut tx = world.store().begin().await.unwrap();
    // What the second report brought was not said yet.
    let ids: Vec<i64> = (1..=3_000).collect();
    let sql = "update notice set state = 'owed' where kind = 'new' and id in (
                   select notice_id from notice_issue where issue_id > 1500)";
    assert!(tx.run(sql, vec![]).await.unwrap() > 0);
    let plan = world.roster_plan(&mut tx).await;
    let (rules, now) = (&world.app.desk.rules, world.app.desk.clock.now());
    let before = tx.statements();
    let began = std::time::Instant::now();
    let withdrawn = flow::bring_in(&mut tx, rules, &plan, now).await.unwrap();
    let took = tx.statements() - before;
    println!("moved by {took} statements in {:?}", began.elapsed());
    assert_eq!(withdrawn, Vec::<i64>::new());
    // Who answers only now is told of what was said before, and of nothing that is still to be said.
    let told = fate::told_of(&mut tx, &ids, 0).await.unwrap();
    let told = told.into_iter().filter(|told| told.2 == "reassigned");
    let mut told: Vec<i64> = told.map(|told| told.0).collect();
    told.sort_unstable();
    assert_eq!(told, (1..=1_500).collect::<Vec<i64>>());
    let acts = duban::issue::acts::acts_of(&mut tx, &ids).await.unwrap();
    let moved = acts.values().flatten().filter(|act| act.verb == "moved");
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for act in moved {
        *notes.entry(act.note.as_deref().unwrap()).or_default() += 1;
    }
    let note = "示范一区教育局 → 福州市示范一区人民政府";
    assert_eq!(notes, BTreeMap::from([(note, 3_000)]));
    assert!(took < ENOUGH, "{took} statements");
}

async fn a_name_with_thousands_of_rows_is_placed(mut world: World) {
    world.bind("O1").await;
    world
        .report("2021-06-28", &row("示范发布", "示范一区", 0))
        .await;
    // Each tenth row says again what the one before it says; the first is known by its right name.
    let rows: String = (0..3_000)
        .map(|n| row("火星发布", "火星区", if n % 10 == 9 { n - 1 } else { n }))
        .collect();
    let outcome = world
        .report(
            "2021-06-29",
            &format!("{rows}{}", row("示范教育", "示范一区教育局", 1)),
        )
        .await;
    assert_eq!(
        (outcome.unmatched + outcome.ambiguous, outcome.opened),
        (3_000, 1)
    );
    let mut tx = world.store().begin().await.unwrap();
    let directory = world.app.desk.directory(&mut tx).await.unwrap();
    let roster = &directory.roster;
    let account = roster
        .accounts
        .iter()
        .find(|a| a.uid.as_deref() == Some("gh_01"));
    let account = account.unwrap();
    let unit = roster.unit(&account.unit).unwrap().id;
    let by = roster.person_by_code("M1").unwrap().id;
    let names = waiting::open(&mut tx).await.unwrap();
    assert_eq!(names.len(), 1);
    let (rules, now) = (&world.app.desk.rules, world.app.desk.clock.now());
    let before = tx.statements();
    let began = std::time::Instant::now();
    let choice = (Some(account.id), unit);
    let placed = flow::place(&mut tx, rules, &directory, &names[0], choice, by, now).await;
    let took = tx.statements() - before;
    println!("placed by {took} statements in {:?}", began.elapsed());
    assert_eq!(placed.unwrap(), Placed::Issues(2_700));
    // The report knew one of them by its right name.
    let sql = "select cast(count(*) as bigint), cast(count(distinct i.id) as bigint)
               from finding f join issue i on i.id = f.issue_id and i.identity = f.identity
               where f.outcome = 'matched' and f.matched_by = 'person' and f.waiting_id is null
                 and f.account_id = i.account_id and f.unit_id = i.unit_id";
    let count = |row: &Row| (row.int(0).unwrap(), row.int(1).unwrap());
    let counted = tx.first(sql, vec![]).await.unwrap();
    assert_eq!(counted.as_ref().map(count), Some((3_000, 2_700)));
    let first = duban::issue::table::get(&mut tx, 1).await.unwrap().unwrap();
    assert!(first.last_report > 1, "it is listed again");
    let all = duban::issue::table::all(&mut tx).await.unwrap();
    assert_eq!(all.len(), 2_701);
    assert!(took < ENOUGH, "{took} statements");
}

async fn the_bytes_of_a_report_are_kept_beside_it(mut world: World) {
    let rows = row("示范发布", "示范一区", 0);
    world.report("2021-06-28", &rows).await;
    let mut tx = world.store().read().await.unwrap();
    let sql = "select w.raw from report r join report_raw w on w.report_id = r.id";
    let kept = tx.all(sql, vec![]).await.unwrap();
    assert_eq!(kept.len(), 1);
    let packed = kept[0].bytes(0).unwrap();
    let mut text = String::new();
    flate2::read::ZlibDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, format!("{}{rows}", support::HEADER));
}

/// What is stored already is kept when the store is brought up to date: the bytes of reports, and when an issue was
/// listed last.
async fn what_is_stored_is_moved(url: String) {
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let mut files: Vec<_> = std::fs::read_dir("migrations").unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().file_name());
    let (old, new) = files.split_at(files.iter().position(is_new).unwrap());
    let run = async |files: &[std::io::Result<std::fs::DirEntry>]| {
        for file in files {
            let sql = std::fs::read_to_string(file.as_ref().unwrap().path()).unwrap();
            let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
            pool.execute(sql).await.unwrap();
        }
    };
    run(old).await;
    for id in 1..=3_i64 {
        let sql = "insert into report (id, source, date, digest, file_name, format, mode, state, late, raw,
                       received_at, counts, rejected, notes)
                   values ($1, 'daily', '2021-06-28', $2, 'a.csv', 'csv', 'snapshot', 'processed', 0, $3, 1,
                       '{}', '[]', '[]')";
        let raw = vec![u8::try_from(id).unwrap(); 5_000];
        let query = sqlx::query(sql).bind(id).bind(id.to_string()).bind(raw);
        query.execute(&pool).await.unwrap();
        let sql = "insert into issue (id, identity, source, unit_id, category, severity, urgent, state, disputed,
                       matched_by, opened_at, reopened, last_report, last_seen_at, revision)
                   values ($1, $2, 'daily', 1, 'typo', 'normal', 0, 'open', 0, 'exact', 100, 0, $1, $3, 0)";
        let query = sqlx::query(sql).bind(id).bind(id.to_string());
        query.bind(200 + id).execute(&pool).await.unwrap();
    }
    run(new).await;
    let sql = "select s.issue_id, s.report_id, s.at from issue i join issue_seen s on s.issue_id = i.id order by i.id";
    let seen: Vec<(i64, i64, i64)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(seen, [(1, 1, 201), (2, 2, 202), (3, 3, 203)]);
    let sql = "select w.report_id, w.raw from report r join report_raw w on w.report_id = r.id order by r.id";
    let kept: Vec<(i64, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(kept.len(), 3);
    for (id, raw) in kept {
        assert_eq!(raw, vec![u8::try_from(id).unwrap(); 5_000]);
    }
    pool.close().await;
}

fn is_new(file: &std::io::Result<std::fs::DirEntry>) -> bool {
    let name = file.as_ref().unwrap().file_name();
    name.to_string_lossy().starts_with("0025")
}

#[tokio::test]
async fn what_older_versions_stored_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    what_is_stored_is_moved(format!(
        "sqlite://{}/old.db?mode=rwc",
        folder.path().display()
    ))
    .await;
    let base = std::env::var("DUBAN_TEST_POSTGRES").unwrap();
    let name = format!("mended_{:016x}", rand::random::<u64>());
    let pool = sqlx::AnyPool::connect(&format!("{base}/postgres"))
        .await
        .unwrap();
    let sql = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
    what_is_stored_is_moved(format!("{base}/{name}")).await;
}
