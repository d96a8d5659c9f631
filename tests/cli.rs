//! The installer's afternoon: the shipped binary from empty folder to first issue.

mod command;

use command::{duban, office, text};

#[test]
fn from_an_empty_folder_to_the_first_issue() {
    let folder = office();
    let at = folder.path();
    let check = duban(at, &["check"]);
    assert_eq!(check.status.code(), Some(1));
    let said = text(&check.stdout);
    assert!(
        said.contains("no bot token") && said.contains("duban roster import"),
        "{said}"
    );

    assert!(duban(at, &["roster", "import", "roster"]).status.success());
    let invited = text(&duban(at, &["invite", "--all", "--csv"]).stdout);
    assert_eq!(invited.lines().count(), 3, "{invited}");

    let report = [
        "ingest",
        "--source",
        "daily",
        "report.csv",
        "--date",
        "2021-06-28",
        "--json",
    ];
    let outcome: serde_json::Value = serde_json::from_slice(&duban(at, &report).stdout).unwrap();
    assert_eq!(outcome["opened"], 1);
    assert_eq!(outcome["rejected"][0]["row"], 3);
    assert_eq!(outcome["rejected"][0]["column"], "监测时间");
    let again: serde_json::Value = serde_json::from_slice(&duban(at, &report).stdout).unwrap();
    assert_eq!(again["duplicate"], true);

    let issues = duban(at, &["issues", "--json"]);
    let issues: serde_json::Value = serde_json::from_slice(&issues.stdout).unwrap();
    assert_eq!(issues[0]["account"]["uid"], "gh1");
    assert_eq!(issues[0]["matched_by"], "exact");
    assert_eq!(issues[0]["state"], "open");
    let status = duban(at, &["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["open"], 1);
}

#[test]
fn what_is_wrong_is_said_with_the_right_exit_code() {
    let folder = office();
    let at = folder.path();
    assert_eq!(duban(at, &["nonsense"]).status.code(), Some(2));
    assert_eq!(duban(at, &["invite"]).status.code(), Some(2));
    let wrong = duban(at, &["ingest", "--source", "weekly", "report.csv"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("there are: daily"));
    std::fs::write(
        at.join("roster/accounts.csv"),
        "平台,账号名称,单位\n火星号,示范发布,Q9\n",
    )
    .unwrap();
    let refused = duban(at, &["roster", "import", "roster"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(
        said.contains("accounts.csv") && said.contains("row 2"),
        "{said}"
    );
    assert!(said.contains("nothing was changed"), "{said}");
}
