//! `duban issues` and `duban status`, on a terminal and through a pipe.

use std::io::Read as _;

use super::*;

const REPORT: &str = "账号名称,账号类型,问题类型,错敏词,推荐修改,标题,链接,监测时间\n\
    示范发布,微信公众号,错别字,警钟常鸣,警钟长鸣,关于安全生产的通知,https://a.example/1,2021-06-28 08:00\n";

fn listed() -> tempfile::TempDir {
    let folder = staffed();
    let at = folder.path();
    write(at, "report.csv", REPORT);
    let date = ["--date", "2021-06-28"];
    let ingest = ["ingest", "--source", "daily", "report.csv"];
    good(at, &[&ingest[..], &date].concat());
    folder
}

#[test]
fn an_issue_is_a_block_with_everything_that_is_known_of_it() {
    let folder = listed();
    let said = good(folder.path(), &["issues"]);
    for part in [
        "#1  open  ",
        "normal",
        "错别字",
        "警钟常鸣 → 警钟长鸣",
        "微信公众号「示范发布」",
        "gh1",
        "Q1 示范一区人民政府",
        "关于安全生产的通知",
        "https://a.example/1",
        "by exact",
        "opened 20",
        "due 20",
        "检查报告 opened",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(
        said.lines().all(|line| line.chars().count() <= 100),
        "{said}"
    );
    assert!(
        said.lines().skip(1).all(|line| line.starts_with("    ")),
        "{said}"
    );
    assert_eq!(good(folder.path(), &["issues", "--state", "closed"]), "");
}

#[test]
fn a_state_or_unit_that_is_not_there_is_wrong_usage() {
    let folder = listed();
    let at = folder.path();
    let said = bad(at, &["issues", "--state", "opne"], 2);
    assert!(said.contains("acknowledged"), "{said}");
    let said = bad(at, &["issues", "--unit", "示范二区"], 2);
    assert!(said.contains("示范二区"), "{said}");
    good(at, &["issues", "--unit", "Q1"]);
}

#[test]
fn a_reader_who_goes_away_ends_the_listing_quietly() {
    let folder = staffed();
    let at = folder.path();
    let rows: String = (0..2_000)
        .map(|n| format!("示范发布,微信公众号,错别字,错词{n},对词{n},,,\n"))
        .collect();
    let header = REPORT.lines().next().unwrap();
    write(at, "report.csv", format!("{header}\n{rows}"));
    good(at, &["ingest", "--source", "daily", "report.csv"]);
    for arguments in [&["issues"][..], &["issues", "--json"]] {
        let mut child = command(at, arguments).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(
            !said.contains("duban:") && !said.contains("panic"),
            "{said}"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_no_text_is_named_if_it_is_ours() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = listed();
    let broken = std::ffi::OsStr::from_bytes(b"\xff");
    let output = run(command(folder.path(), &["status"]).env("SOMETHING", broken));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut ours = command(folder.path(), &["status"]);
    let output = run(ours.env("DUBAN_OFFICE__NAME", broken));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("DUBAN_OFFICE__NAME") && !said.contains("panic"),
        "{said}"
    );
}

#[test]
fn a_list_of_wordings_that_is_empty_says_so() {
    let folder = listed();
    let at = folder.path();
    assert!(good(at, &["allowed", "list"]).contains("no wording is allowed"));
    assert_eq!(
        json(at, &["allowed", "list", "--json"]),
        serde_json::json!([])
    );
    let said = bad(at, &["allowed", "remove", "7"], 2);
    assert!(said.contains("no wording 7 is on the list"), "{said}");
}

#[test]
fn the_life_of_an_issue_is_shown() {
    let folder = listed();
    let at = folder.path();
    let said = good(at, &["issue", "show", "1"]);
    for part in [
        "#1  open  normal",
        "警钟常鸣 → 警钟长鸣",
        "3 working days from",
        "listed by daily 2021-06-28, row 2, matched by exact: ",
        "示范发布",
        "  opened",
        "notice new to 林晓雨: owed, not before",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let shown = json(at, &["issue", "show", "#1", "--json"]);
    assert_eq!(shown["number"], 1);
    let kinds: Vec<&str> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["listed", "act", "notice"], "{shown}");
    assert_eq!(shown["history"][0]["finding"]["account_name"], "示范发布");
    assert_eq!(shown["history"][2]["to"], "林晓雨");
    for number in ["9", "x"] {
        let said = bad(at, &["issue", "show", number], 2);
        assert!(said.contains(&format!("no issue {number:?}")), "{said}");
    }
}
