//! `duban ingest`, as somebody reads what became of a file.

use super::*;

#[test]
fn format_encoding_and_what_was_left_aside_are_told() {
    let folder = staffed();
    let at = folder.path();
    let (gb, _, _) = encoding_rs::GB18030.encode("账号名称,问题类型,怪列\n示范发布,错别字,x\n");
    write(at, "report.csv", gb);
    let ingest = [
        "ingest",
        "--source",
        "daily",
        "report.csv",
        "--date",
        "2021-06-28",
    ];
    let said = good(at, &ingest);
    assert!(said.contains("csv, GB18030"), "{said}");
    assert!(said.contains("note") && said.contains("怪列"), "{said}");
    let status = good(at, &["status"]);
    assert!(
        status.contains("note daily 2021-06-28") && status.contains("怪列"),
        "{status}"
    );
    // A duplicate too says how it was read.
    let outcome = json(at, &[&ingest[..], &["--json"]].concat());
    assert_eq!(outcome["duplicate"], true);
    assert_eq!(
        (&outcome["format"], &outcome["encoding"]),
        (&"csv".into(), &"GB18030".into())
    );
    assert!(
        outcome["notes"][0].as_str().unwrap().contains("怪列"),
        "{outcome}"
    );

    write(
        at,
        "report.json",
        "[{\"账号名称\": \"示范发布\", \"问题类型\": \"错别字\"}]",
    );
    let outcome = json(
        at,
        &["ingest", "--source", "daily", "report.json", "--json"],
    );
    assert_eq!(outcome["format"], "json");
    assert_eq!(outcome["notes"], serde_json::json!([]));
}

#[test]
fn an_odd_report_is_in_doubt_until_the_office_finds_it_right() {
    let folder = staffed();
    let at = folder.path();
    let header = "账号名称,问题类型,错敏词,监测时间\n";
    write(
        at,
        "usual.csv",
        format!("{header}示范发布,错别字,警钟常鸣,\n"),
    );
    write(at, "empty.csv", header);
    let ingest = |day: u32, file: &str| {
        let date = format!("2021-06-{day:02}");
        good(at, &["ingest", "--source", "daily", "--date", &date, file])
    };
    for day in 1..=5 {
        assert!(!ingest(day, "usual.csv").contains("odd"));
    }
    let said = ingest(6, "empty.csv");
    assert!(said.contains("odd: no rows, usually about 1"), "{said}");
    assert!(
        said.contains("1 issues that it does not list are not verified"),
        "{said}"
    );
    assert!(good(at, &["issues"]).contains("open"));
    let said = good(at, &["status"]);
    assert!(
        said.contains("report 6 of daily is in doubt; if it is right: duban report accept 6"),
        "{said}"
    );
    assert_eq!(
        json(at, &["status", "--json"])["reports"][0]["odd"][0]["what"],
        "empty"
    );
    assert!(bad(at, &["report", "accept", "5"], 1).contains("report 5 is as usual"));
    assert!(bad(at, &["report", "accept", "77"], 2).contains("no report 77"));
    let said = good(at, &["report", "accept", "6"]);
    assert!(
        said.contains("report 6 is right: 1 issue verified by its silence"),
        "{said}"
    );
    assert!(good(at, &["report", "accept", "6"]).contains("was found right before"));
    assert!(!good(at, &["status"]).contains("in doubt"));
}

#[test]
fn how_well_a_report_was_understood_is_shown() {
    let folder = staffed();
    let at = folder.path();
    assert!(good(at, &["report", "show"]).contains("no report yet"));
    let rows: String = (0..12).map(|_| "示范发布,错别字,x,下午,甲\n").collect();
    let header = "账号名称,问题类型,错敏词,监测时间,经办人\n";
    let report = format!("{header}示范发布,错别字,警钟常鸣,,甲\n火星发布,错别字,做为,,乙\n{rows}");
    write(at, "2021-06-28.csv", report);
    good(at, &["ingest", "--source", "daily", "2021-06-28.csv"]);
    let said = good(at, &["report", "show"]);
    for part in [
        "report 1 of daily, 2021-06-28: 2021-06-28.csv (csv, UTF-8), snapshot",
        ", taken in ",
        "rows      2 understood, 12 rejected",
        "matched   1 (exact 1); 0 ambiguous, 1 unmatched",
        "账号名称 = account_name",
        "经办人 (not known; kept as they are)",
        "rejected  2021-06-28.csv, row 4, column 监测时间, value \"下午\"",
        "and 2 more; all: duban report show 1 --json",
        "30 days   50.0 % matched: 1 of 2 findings of this source",
    ] {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
    let one = json(at, &["report", "show", "1", "--json"]);
    assert_eq!(one["counts"]["by_rule"]["exact"], 1);
    assert_eq!(one["rejected"].as_array().unwrap().len(), 12);
    assert!(bad(at, &["report", "show", "7"], 2).contains("no report 7"));
    let list = good(at, &["report", "list", "--days", "30"]);
    assert!(
        list.contains("50.0 % matched: 1 of 2 findings in 30 days"),
        "{list}"
    );
    let list = json(at, &["report", "list", "--json"]);
    assert_eq!(
        (&list["reports"][0]["rejected"], &list["of"]),
        (&12.into(), &2.into())
    );
}
