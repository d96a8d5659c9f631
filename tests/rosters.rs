//! Rosters as they come: many files of one layout in one go, the flat table that offices keep, what a part of
//! the roster leaves alone, renames and mergers, one person under two spellings; the differences first, and the
//! history afterwards.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "not every word of the language is spoken here")]
mod support;

#[path = "support/shell.rs"]
mod shell;

use std::path::Path;

use chrono::NaiveDate;
use duban::roster::history::{Origin, Verb};
use duban::roster::{Roster, change, edit, table};
use rust_xlsxwriter::{Format, Workbook};
use shell::{bad, duban, good, json, text, write};
use support::World;

stories![
    a_renamed_account_is_still_found_by_its_former_name,
    a_renamed_unit_answers_to_both_names,
    a_merged_unit_takes_its_issues_and_people_along,
    a_unit_is_merged_by_its_table,
    issues_of_a_moved_account_are_told_to_who_answers_now,
    the_flat_table_makes_the_program_work,
];

/// What a command that succeeds warns of.
fn warned(folder: &Path, arguments: &[&str]) -> String {
    let output = duban(folder, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    said
}

/// A folder with settings and a roster that is not imported yet.
fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "config/duban.toml", "");
    write(at, "roster/units.csv", "编码,名称\nQ1,示范一区人民政府\n");
    write(
        at,
        "roster/accounts.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范发布,gh1,Q1\n",
    );
    write(
        at,
        "roster/people.csv",
        "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\nM1,陈若溪,监管人员,*\n",
    );
    folder
}

/// The same with the roster imported.
fn staffed() -> tempfile::TempDir {
    let folder = office();
    good(folder.path(), &["roster", "import", "roster"]);
    folder
}

/// A workbook as a county hands it in: a title over all columns, headers in two rows, unit cells merged over
/// their accounts, a sum below.
fn county(path: &Path, rows: &[[&str; 9]], merged: &[(u32, u32)]) {
    let mut book = Workbook::new();
    let format = Format::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Sheet1").unwrap();
    sheet
        .merge_range(0, 0, 0, 8, "政务新媒体账号台账", &format)
        .unwrap();
    let single = [
        "序号",
        "主管单位",
        "主办单位",
        "账号类型",
        "账号名称",
        "唯一标识",
    ];
    for (column, header) in (0_u16..).zip(single) {
        sheet
            .merge_range(1, column, 2, column, header, &format)
            .unwrap();
    }
    sheet.merge_range(1, 6, 1, 7, "运维人员", &format).unwrap();
    sheet.write_string(2, 6, "姓名").unwrap();
    sheet.write_string(2, 7, "联系电话").unwrap();
    sheet.merge_range(1, 8, 2, 8, "分管领导", &format).unwrap();
    for (row, cells) in (3_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    for (from, to) in merged {
        let unit = rows[(from - 3) as usize][2];
        sheet.merge_range(*from, 2, *to, 2, unit, &format).unwrap();
    }
    let end = 3 + u32::try_from(rows.len()).unwrap();
    sheet.write_string(end, 0, "合计").unwrap();
    sheet.write_number(end, 4, 3.0).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    book.save(path).unwrap();
}

/// Two counties, a workbook each, in a folder with one below it.
fn counties(at: &Path) {
    let folder = at.join("台账");
    county(
        &folder.join("示范一区.xlsx"),
        &[
            [
                "1",
                "示范一区人民政府",
                "示范一区教育局",
                "微信公众号",
                "示范教育",
                "gh_1",
                "林晓雨",
                "13800000001",
                "周文博",
            ],
            [
                "2",
                "",
                "",
                "新浪微博",
                "示范教育",
                "wb_1",
                "林 晓雨（办公室）",
                "",
                "周文博",
            ],
            [
                "3",
                "示范一区人民政府",
                "示范一区卫健局",
                "微信公众号",
                "示范健康",
                "gh_2",
                "陈志远、黄思敏",
                "13800000002",
                "",
            ],
        ],
        &[(3, 4)],
    );
    county(
        &folder.join("二期/示范二县台账2024.xlsx"),
        &[
            [
                "1",
                "",
                "示范二县教育局",
                "微信公众号",
                "二县教育",
                "gh_3",
                "林晓雨",
                "13900000000",
                "",
            ],
            [
                "2",
                "",
                "示范二县档案馆",
                "微信公众号",
                "二县档案",
                "gh_4",
                "王一",
                "",
                "",
            ],
            ["3", "", "", "", "", "", "", "", ""],
        ],
        &[],
    );
}

/// The same as [`office`] without a roster.
fn bare() -> tempfile::TempDir {
    let folder = office();
    std::fs::remove_dir_all(folder.path().join("roster")).unwrap();
    folder
}

/// The same with the workbooks of two counties handed in.
fn handed_in() -> tempfile::TempDir {
    let folder = bare();
    counties(folder.path());
    folder
}

/// What `duban roster export` says of a table, without the mark.
fn exported(at: &Path, name: &str) -> String {
    good(at, &["roster", "export", "out"]);
    let text = std::fs::read_to_string(at.join(format!("out/{name}.csv"))).unwrap();
    text.trim_start_matches('\u{feff}').to_owned()
}

#[test]
fn flat_tables_of_counties_become_one_roster() {
    let folder = handed_in();
    let at = folder.path();
    let output = duban(at, &["roster", "import", "台账", "--dry-run"]);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("accounts: 5 added"), "{said}");
    assert!(said.contains("phone and id numbers stay out"), "{said}");
    good(at, &["roster", "import", "台账"]);
    let units = exported(at, "units");
    let accounts = exported(at, "accounts");
    let people = exported(at, "people");
    // Two areas, the district's government, four units that answer.
    assert_eq!(units.lines().count(), 1 + 7, "{units}");
    assert!(
        units.contains("示范二县") && units.contains("示范一区人民政府"),
        "{units}"
    );
    // The merged cell stands for both of its accounts.
    let school = units
        .lines()
        .find(|line| line.contains("示范一区教育局"))
        .unwrap();
    let school = school.split(',').next().unwrap();
    assert_eq!(accounts.matches(school).count(), 2, "{accounts}");
    assert!(!accounts.contains("合计"), "{accounts}");
    // One under two spellings, in one unit; a namesake in another county is somebody else.
    assert_eq!(people.matches("林晓雨").count(), 2, "{people}");
    assert_eq!(people.lines().count(), 1 + 6, "{people}");
    let lead = people.lines().find(|line| line.contains("周文博")).unwrap();
    assert!(lead.contains("lead") && lead.contains(school), "{people}");
    for kept in [&units, &accounts, &people] {
        assert!(!kept.contains("1380000"), "{kept}");
    }
    // The same again changes nothing: codes are found again.
    let again = json(at, &["roster", "import", "台账", "--dry-run", "--json"]);
    assert_eq!(again, serde_json::json!([]));
}

#[test]
fn one_person_in_two_units_is_told_by_the_phone_which_is_not_kept() {
    let folder = bare();
    let at = folder.path();
    let header = "县区,主办单位,账号类型,账号名称,联系人,联系电话\n";
    let rows = "示范一区,甲局,微信公众号,甲号,林晓雨,13800000001\n\
                示范一区,乙局,微信公众号,乙号,林晓雨,13800000001\n\
                示范一区,丙局,微信公众号,丙号,林晓雨,13900000009\n";
    write(at, "台账.csv", format!("{header}{rows}"));
    good(at, &["roster", "import", "台账.csv"]);
    let people = exported(at, "people");
    assert_eq!(people.matches("林晓雨").count(), 2, "{people}");
    assert!(!people.contains("138000"), "{people}");
}

#[test]
fn what_a_flat_table_cannot_say_stays() {
    let folder = staffed();
    let at = folder.path();
    let rows = "主办单位,账号类型,账号名称,唯一标识,联系人\n\
                示范一区人民政府,微信公众号,示范发布,gh1,林晓雨\n\
                示范一区体育局,微信公众号,示范体育,gh2,王一\n";
    write(at, "台账.csv", rows);
    good(at, &["roster", "import", "台账.csv"]);
    let people = exported(at, "people");
    for kept in ["O1,林晓雨", "M1,陈若溪", "王一"] {
        assert!(people.contains(kept), "{kept}: {people}");
    }
    assert!(exported(at, "units").contains("Q1,示范一区人民政府"));
    // What it brought it removes.
    write(
        at,
        "台账.csv",
        rows.lines().take(2).collect::<Vec<_>>().join("\n"),
    );
    good(at, &["roster", "import", "台账.csv"]);
    assert!(!exported(at, "people").contains("王一"));
    assert!(!exported(at, "units").contains("体育局"));
}

#[test]
fn rows_of_several_files_add_up_and_contradictions_name_both_places() {
    let folder = office();
    let at = folder.path();
    std::fs::remove_file(at.join("roster/accounts.csv")).unwrap();
    write(
        at,
        "roster/一/accounts.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范发布,gh1,Q1\n",
    );
    write(
        at,
        "roster/二/账号.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范教育,gh2,Q1\n微信公众号,示范发布,gh1,Q1\n",
    );
    let said = warned(at, &["roster", "import", "roster"]);
    assert!(
        said.contains("counted once") && said.contains("row 3"),
        "{said}"
    );
    assert_eq!(exported(at, "accounts").lines().count(), 1 + 2);
    write(
        at,
        "roster/三/账号.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范教育,gh9,Q1\n",
    );
    let said = bad(at, &["roster", "import", "roster"], 1);
    for part in [
        "三/账号.csv",
        "二/账号.csv",
        "row 2",
        "唯一标识",
        "nothing was changed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_part_of_the_roster_removes_nothing_by_mistake() {
    let folder = handed_in();
    let at = folder.path();
    good(at, &["roster", "import", "台账"]);
    let one = "台账/示范一区.xlsx";
    // The other county is not in this file: two accounts of five. Few, but with its people it is a third.
    let said = bad(at, &["roster", "import", one], 1);
    for part in [
        "would leave",
        "--keep",
        "--only-area",
        "--allow-removal",
        "nothing was changed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(exported(at, "accounts").lines().count(), 1 + 5);
    let kept = json(at, &["roster", "import", one, "--keep", "--json"]);
    assert_eq!(kept, serde_json::json!([]));
    let units = exported(at, "units");
    let area = units
        .lines()
        .find(|line| line.contains(",示范一区,"))
        .unwrap();
    let area = area.split(',').next().unwrap();
    let kept = json(
        at,
        &["roster", "import", one, "--only-area", area, "--json"],
    );
    assert_eq!(kept, serde_json::json!([]));
    let said = bad(at, &["roster", "import", one, "--only-area", "XX"], 1);
    assert!(
        said.contains("XX") && said.contains("--only-area"),
        "{said}"
    );
    good(at, &["roster", "import", one, "--allow-removal"]);
    assert_eq!(exported(at, "accounts").lines().count(), 1 + 3);
}

#[test]
fn imports_are_kept_with_what_they_changed() {
    let folder = staffed();
    let at = folder.path();
    let accounts = "平台,账号名称,唯一标识,单位\n微信公众号,示范要闻,gh1,Q1\n";
    write(at, "roster/accounts.csv", accounts);
    let said = good(at, &["roster", "import", "roster", "--yes"]);
    assert!(said.contains("name \"示范发布\" → \"示范要闻\""), "{said}");
    let history = json(at, &["roster", "history", "--json"]);
    assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    assert_eq!(history[0]["counts"][1]["changed"], 1, "{history}");
    let said = good(at, &["roster", "history"]);
    assert!(
        said.contains("accounts +0 ~1 -0") && said.contains("import"),
        "{said}"
    );
    let number = history[0]["id"].to_string();
    let said = good(at, &["roster", "show", &number]);
    assert!(
        said.contains("示范要闻") && said.contains("former"),
        "{said}"
    );
    let shown = json(at, &["roster", "show", &number, "--json"]);
    assert_eq!(
        shown["changes"][0]["details"][0]["after"], "示范要闻",
        "{shown}"
    );
    assert!(bad(at, &["roster", "show", "99"], 2).contains("duban roster history"));
    // Nothing changes: nothing is kept.
    good(at, &["roster", "import", "roster"]);
    let history = json(at, &["roster", "history", "--json"]);
    assert_eq!(history.as_array().unwrap().len(), 2);
}

#[test]
fn a_rename_by_hand_outlives_a_table_that_was_not_brought_up_to_date() {
    let folder = staffed();
    let at = folder.path();
    good(
        at,
        &[
            "roster",
            "rename",
            "微信公众号:示范发布",
            "示范要闻",
            "--on",
            "2024-05-01",
            "--dry-run",
        ],
    );
    assert!(exported(at, "accounts").contains("示范发布"));
    good(
        at,
        &[
            "roster",
            "rename",
            "微信公众号:示范发布",
            "示范要闻",
            "--on",
            "2024-05-01",
        ],
    );
    good(
        at,
        &["roster", "rename", "示范一区人民政府", "示范区人民政府"],
    );
    let said = warned(at, &["roster", "import", "roster"]);
    assert!(
        said.contains("示范要闻") && said.contains("stays so"),
        "{said}"
    );
    assert!(exported(at, "accounts").contains("示范要闻"));
    assert!(exported(at, "units").contains("示范区人民政府"));
    for (what, name, says) in [
        ("没有的局", "甲局", "no unit 没有的局"),
        ("微信公众号:没有", "甲", "no account"),
        ("Q1", " ", "empty"),
        ("Q1", "示范区人民政府", "already"),
    ] {
        let said = bad(at, &["roster", "rename", what, name], 1);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn what_cannot_be_merged_is_told() {
    let folder = office();
    let at = folder.path();
    write(
        at,
        "roster/units.csv",
        "编码,名称\nQ1,示范一区人民政府\nQ2,示范二区\n",
    );
    write(
        at,
        "roster/accounts.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范发布,gh1,Q1\n微信公众号,示范发布,gh2,Q2\n",
    );
    good(at, &["roster", "import", "roster"]);
    for (arguments, says) in [
        (["Q1", "Q1"].as_slice(), "one unit"),
        (&["Q1", "Q9"], "no unit Q9"),
        (&["Q1", "Q2"], "both units"),
        (&["Q1", "Q2", "--on", "2999-01-01"], "has not come"),
    ] {
        let all: Vec<&str> = ["roster", "merge"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let said = bad(at, &all, 1);
        assert!(said.contains(says), "{says}: {said}");
    }
}

#[test]
fn two_codes_for_one_name_are_pointed_out() {
    let folder = office();
    let at = folder.path();
    let people = "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\nO2,林 晓雨（宣传科）,运维人员,Q1\n";
    write(at, "roster/people.csv", people);
    let said = warned(at, &["roster", "import", "roster"]);
    assert!(
        said.contains("O1 林晓雨 and O2 林 晓雨") && said.contains("one code"),
        "{said}"
    );
    let output = duban(at, &["check"]);
    assert!(
        text(&output.stdout).contains("look like one person"),
        "{}",
        text(&output.stdout)
    );
}

fn roster_file(world: &World, name: &str, change: &dyn Fn(String) -> String) {
    let path = world.folder.path().join(format!("roster/{name}.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
}

async fn roster(world: &World) -> Roster {
    let mut tx = world.store().read().await.unwrap();
    table::load(&mut tx).await.unwrap()
}

async fn carry_out(world: &World, verb: Verb, plan: &change::Plan) -> Option<i64> {
    let mut tx = world.store().begin().await.unwrap();
    let (rules, now) = (&world.app.desk.rules, world.app.desk.clock.now());
    let origin = Origin {
        verb,
        source: "",
        notes: &[],
    };
    let done = duban::flow::carry_out(&mut tx, rules, (plan, &origin), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    done.0
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,\n";

/// The school's operator has been told of an issue of its account: the chat.
async fn school_was_told(world: &mut World) -> i64 {
    let operator = world.bind("O3").await;
    world.report("2021-06-28", SCHOOL).await;
    world.sandbox.unread(operator);
    operator
}

/// The code of the unit that answers for the school's account.
fn school_of(roster: &Roster) -> &str {
    let mut accounts = roster.accounts.iter();
    let account = accounts.find(|account| account.name == "示范教育");
    &account.unwrap().unit
}

/// The issue went to whoever answers now.
async fn was_moved(world: &World) {
    let acts = world.acts(1).await;
    assert_eq!(acts.last().map(String::as_str), Some("moved"));
}

async fn a_renamed_account_is_still_found_by_its_former_name(mut world: World) {
    world.bind("O3").await;
    roster_file(&world, "accounts", &|text| {
        text.replace("示范教育,gh_02", "示范学堂,gh_02")
    });
    world.import_roster().await;
    // The report of the day of the change still has the old name, that of the next day the new one.
    let late = "示范教育,微信公众号,,错别字,做为,作为,\n";
    let first = world.report("2021-06-28", late).await;
    assert_eq!((first.matched, first.opened), (1, 1));
    let second = world
        .report("2021-06-29", &late.replace("示范教育", "示范学堂"))
        .await;
    assert_eq!((second.matched, second.seen_again), (1, 1));
    // Another day it may be anybody's.
    let third = world.report("2021-06-30", late).await;
    assert_eq!(third.matched, 0);
    // The name stays known when the same table comes again.
    world.import_roster().await;
    let names = roster(&world).await.aliases;
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(names[0].valid_to, Some(day("2021-06-28")));
    world.end();
}

async fn a_renamed_unit_answers_to_both_names(mut world: World) {
    let manager = world.bind("M1").await;
    let plan = edit::rename(
        &roster(&world).await,
        ("示范一区教育局", "示范一区教育体育局"),
        day("2021-06-28"),
        &|_| None,
    );
    carry_out(&world, Verb::Rename, &plan.unwrap())
        .await
        .unwrap();
    world.settle().await;
    let first = world.report("2021-06-28", SCHOOL).await;
    assert_eq!(first.opened, 1);
    world.until("2021-07-05 09:30").await;
    world.sandbox.unread(manager);
    for name in ["示范一区教育局", "示范一区教育体育局"] {
        let said = world.say(manager, &format!("/unit {name}")).await;
        assert!(said.contains("示范一区教育体育局"), "{said}");
    }
    world.end();
}

async fn a_merged_unit_takes_its_issues_and_people_along(mut world: World) {
    let operator = school_was_told(&mut world).await;
    let before = roster(&world).await;
    let on = day("2021-06-28");
    let plan = edit::merge(&before, ("示范一区教育局", "B1"), (on, on)).unwrap();
    carry_out(&world, Verb::Merge, &plan).await.unwrap();
    world.settle().await;
    world.pass(2).await;
    let after = roster(&world).await;
    assert!(after.unit("Q1A").is_none());
    assert_eq!(school_of(&after), "B1");
    assert_eq!(after.person_by_code("O3").unwrap().units, ["B1"]);
    assert_eq!(world.issues().await, ["#1 open"]);
    was_moved(&world).await;
    // Who answered goes on answering, and is not told twice.
    let mine = world.say(operator, "/my").await;
    assert!(mine.contains("做为"), "{mine}");
    // What is printed under the old name is the other unit's; a table that still lists it changes nothing.
    let again = world.report("2021-06-29", SCHOOL).await;
    assert_eq!((again.matched, again.seen_again), (1, 1));
    world.import_roster().await;
    let after = roster(&world).await;
    assert!(after.unit("Q1A").is_none());
    assert_eq!(after.person_by_code("O3").unwrap().units, ["B1"]);
    world.end();
}

async fn a_unit_is_merged_by_its_table(mut world: World) {
    school_was_told(&mut world).await;
    roster_file(&world, "units", &|text| {
        text.replace("编码,名称,区县", "编码,名称,区县,并入单位,并入日期")
            .replace("教育局,Q1", "教育局,Q1,Q1,2021-06-28")
    });
    assert_eq!(world.import_roster().await, Vec::<i64>::new());
    let after = roster(&world).await;
    assert!(after.unit("Q1A").is_none());
    assert_eq!(school_of(&after), "Q1");
    assert_eq!(after.merged.len(), 1);
    assert_eq!(world.issues().await, ["#1 open"]);
    let version = after.version;
    world.import_roster().await;
    assert_eq!(roster(&world).await.version, version);
    world.end();
}

async fn issues_of_a_moved_account_are_told_to_who_answers_now(mut world: World) {
    let new = world.bind("O1").await;
    let old = school_was_told(&mut world).await;
    world.sandbox.unread(new);
    // Without a uid it is known by being the only one of its name.
    roster_file(&world, "accounts", &|text| {
        text.replace("示范教育,gh_02,Q1A", "示范教育,,Q1")
    });
    assert_eq!(world.import_roster().await, Vec::<i64>::new());
    world.settle().await;
    world.pass(600).await;
    let told = world.reads(new).text;
    assert!(told.contains("做为"), "{told}");
    assert!(
        world
            .sandbox
            .unread(old)
            .iter()
            .all(|message| message.edits > 0)
    );
    was_moved(&world).await;
    world.end();
}

async fn the_flat_table_makes_the_program_work(mut world: World) {
    std::fs::remove_dir_all(world.folder.path().join("roster")).unwrap();
    let folder = world.folder.path().join("roster");
    std::fs::create_dir(&folder).unwrap();
    let rows = "县区,主办单位,账号类型,账号名称,唯一标识,运维人员,分管领导,状态\n\
                示范三区,示范三区文旅局,微信公众号,三区文旅,gh_31,王一;李二,赵三,正常\n\
                示范三区,示范三区文旅局,抖音,三区文旅,dy_31,王 一,赵三,已注销\n";
    std::fs::write(folder.join("台账.csv"), rows).unwrap();
    world.import_roster().await;
    let now = roster(&world).await;
    let operator = now
        .people
        .iter()
        .find(|person| person.name == "王一")
        .unwrap();
    let chat = world.bind(&operator.code).await;
    let outcome = world
        .report(
            "2021-06-28",
            "三区文旅,微信公众号,示范三区文旅局,错别字,做为,作为,\n",
        )
        .await;
    assert_eq!((outcome.matched, outcome.opened), (1, 1));
    assert!(world.reads(chat).text.contains("做为"));
    // The manager whom the table cannot name is there all the same.
    assert!(now.person_by_code("M1").is_some());
    world.end();
}
