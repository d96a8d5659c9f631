//! The sample city's week as a newcomer sees it: the shipped binary, nothing set up.

use std::collections::BTreeMap;
use std::process::Command;

use duban::store::Store;

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
