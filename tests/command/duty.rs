//! `duban duty`, as the office uses it.

use super::*;

const PEOPLE: &str = "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\nO2,陈志远,运维人员,Q1\n\
    L1,周文博,分管负责人,Q1\nM1,陈若溪,监管人员,*\n";

fn staffed_twice() -> tempfile::TempDir {
    let folder = office();
    write(folder.path(), "roster/people.csv", PEOPLE);
    good(folder.path(), &["roster", "import", "roster"]);
    folder
}

fn add<'a>(from: &'a str, to: &'a str, stand_in: &'a str) -> [&'a str; 10] {
    let who = ["duty", "add", "--person", "O1", "--from"];
    let [a, b, c, d, e] = who;
    [a, b, c, d, e, from, "--to", to, "--stand-in", stand_in]
}

#[test]
fn a_leave_is_entered_listed_and_taken_back() {
    let folder = staffed_twice();
    let at = folder.path();
    let said = good(at, &add("+1天", "+6天", "O2"));
    assert!(
        said.contains("O1 林晓雨") && said.contains("O2 陈志远"),
        "{said}"
    );
    let list = json(at, &["duty", "list", "--json"]);
    assert_eq!(list.as_array().unwrap().len(), 1);
    let entry = &list[0];
    let fields = ["person", "stand_in", "kind"].map(|name| entry[name].as_str().unwrap());
    assert_eq!(fields, ["O1", "O2", "leave"]);
    assert_eq!(entry["runs"], false);
    let id = entry["id"].to_string();
    good(at, &["duty", "cancel", &id]);
    assert_eq!(json(at, &["duty", "list", "--json"]), serde_json::json!([]));
    let said = bad(at, &["duty", "cancel", &id], 2);
    assert!(said.contains("duban duty list"), "{said}");
}

#[test]
fn what_cannot_be_is_wrong_usage_and_says_what_can() {
    let folder = staffed_twice();
    let at = folder.path();
    for (arguments, want) in [
        (
            add("2021-01-01", "2021-01-02", "O2"),
            "the first day is over: from",
        ),
        (add("+1天", "+60天", "O2"), "more than 60 days"),
        (add("明天", "昨天", "O2"), "is no day"),
        (add("明天", "明天", "M1"), "cannot stand in"),
        (add("明天", "明天", "O1"), "cannot stand in"),
        (add("明天", "明天", "O9"), "no person has the code"),
    ] {
        let said = bad(at, &arguments, 2);
        assert!(said.contains(want), "{want}: {said}");
    }
    good(at, &add("明天", "+3天", "L1"));
    let said = bad(at, &add("+2天", "+3天", "O2"), 2);
    assert!(said.contains("away already"), "{said}");
}

#[test]
fn a_rotation_gives_each_their_week() {
    let folder = staffed_twice();
    let at = folder.path();
    let rotate = ["duty", "rotate", "--unit", "Q1", "--people"];
    let said = good(
        at,
        &[
            &rotate[..],
            &["O1,O2", "--from", "明天", "--until", "+20天"],
        ]
        .concat(),
    );
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(said.contains("rota"), "{said}");
    for (people, want) in [
        ("O1", "two people or more"),
        ("O1,O1", "named twice"),
        ("O1,M1", "does not answer for Q1"),
    ] {
        let said = bad(at, &[&rotate[..], &[people, "--from", "明天"]].concat(), 2);
        assert!(said.contains(want), "{want}: {said}");
    }
}
