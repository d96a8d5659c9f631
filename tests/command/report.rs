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
