//! Roster and invitations, as the installer meets them.

use super::*;

#[test]
fn an_export_ends_and_comes_back_unchanged() {
    let folder = staffed();
    let at = folder.path();
    for path in ["out", "out.xlsx"] {
        good(at, &["roster", "export", path]);
        let changes = json(at, &["roster", "import", path, "--dry-run", "--json"]);
        assert_eq!(changes, serde_json::json!([]), "{path}");
    }
}

#[test]
fn a_dry_run_ends_changes_nothing_and_leaves_the_store_free() {
    let folder = office();
    let at = folder.path();
    let said = good(at, &["roster", "import", "roster", "--dry-run"]);
    assert!(said.contains("people: 2 added"), "{said}");
    let said = good(at, &["roster", "import", "roster"]);
    assert!(said.contains("people: 2 added"), "{said}");
}

#[test]
fn a_mistyped_column_is_refused_and_a_strange_one_is_named() {
    let folder = office();
    let at = folder.path();
    let accounts = "平台,账号名称,唯一标示,单位\n微信公众号,示范发布,gh1,Q1\n";
    write(at, "roster/accounts.csv", accounts);
    let said = bad(at, &["roster", "import", "roster"], 1);
    for part in ["accounts.csv", "row 1", "column 唯一标示", "唯一标识"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let accounts = accounts.replace("唯一标示", "开户行");
    write(at, "roster/accounts.csv", accounts);
    let output = duban(at, &["roster", "import", "roster"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    assert!(said.contains("note") && said.contains("开户行"), "{said}");
}

fn codes(invited: &serde_json::Value) -> Vec<&str> {
    let list = invited.as_array().unwrap().iter();
    list.map(|i| i["person"].as_str().unwrap()).collect()
}

#[test]
fn codes_that_were_handed_out_stay_unless_they_are_renewed() {
    let folder = staffed();
    let at = folder.path();
    assert_eq!(
        codes(&json(at, &["invite", "--person", "O1", "--json"])),
        ["O1"]
    );
    let output = duban(at, &["invite", "--all", "--json"]);
    let invited = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(codes(&invited), ["M1"]);
    let said = text(&output.stderr);
    assert!(
        said.contains("O1 林晓雨: the unused code, good until") && said.contains("--renew"),
        "{said}"
    );
    let invited = json(at, &["invite", "--all", "--renew", "--json"]);
    assert_eq!(codes(&invited), ["O1", "M1"]);
    assert!(bad(at, &["invite", "--person", "X", "--json"], 2).contains("\"X\""));
    bad(at, &["invite", "--person", "O1", "--renew"], 2);
}

#[test]
fn invitations_are_a_table_for_eyes_and_a_sheet_for_excel() {
    let folder = office();
    let at = folder.path();
    let people = "编码,姓名,角色,单位\nO1,\"林,晓雨\",运维人员,Q1\nO22,=陈,运维人员,Q1\n";
    write(at, "roster/people.csv", people);
    good(at, &["roster", "import", "roster"]);
    let sheet = good(at, &["invite", "--all", "--csv"]);
    assert!(sheet.starts_with('\u{feff}'), "{sheet}");
    assert!(sheet.contains("O1,\"林,晓雨\",operator,"), "{sheet}");
    assert!(sheet.contains("O22,'=陈,operator,"), "{sheet}");
    let table = good(at, &["invite", "--all", "--renew"]);
    let mut lines = table.lines();
    let head = lines.next().unwrap();
    assert_eq!(head.find("role"), Some(17), "{table}");
    // Chinese letters are two columns wide and three bytes long.
    for (line, letters) in lines.zip([3, 1]) {
        assert_eq!(line.find("operator"), Some(17 + letters), "{table}");
    }
}
