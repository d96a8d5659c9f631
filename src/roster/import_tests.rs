//! Rosters as they are handed in, and what is wrong with others: what is read of each, and what is told.

use super::super::model::{AccountState, Role};
use super::*;

fn platform(name: &str) -> Option<String> {
    match name {
        "wechat" | "微信公众号" | "微信" => Some("wechat".into()),
        "website" | "政府网站" => Some("website".into()),
        _ => None,
    }
}

fn empty() -> Roster {
    Roster::new(0, vec![], vec![], vec![], vec![])
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const UNITS: &str = "单位编码,单位名称,别名,上级单位,所属区县,类别\n\
    FZ,福州市,,,,地区\nGL,鼓楼区,鼓楼；鼓楼区政府,福州市,,地区\nGL01,鼓楼区教育局,,GL,鼓楼区,部门\n";
const ACCOUNTS: &str = "平台,账号名称,唯一标识,责任单位,状态,启用日期,停用日期\n\
    微信公众号,鼓楼教育,gl_edu,鼓楼区教育局,正常,2020/1/2,\n政府网站,鼓楼区人民政府,,GL,注销,,2021年3月4日\n";
const PEOPLE: &str = "人员编码,姓名,角色,单位,负责账号\n\
    P1,张三,运维人员,GL01,微信：鼓楼教育;gl_edu\nP2,李四,分管负责人,鼓楼区,\nP3,王五,监管人员,*,\n";

#[test]
fn a_folder_is_read_with_names_resolved() {
    let folder = folder(&[
        ("units.csv", UNITS),
        ("账号.csv", ACCOUNTS),
        ("x.csv", PEOPLE),
    ]);
    let imported = read_path(folder.path(), &platform, &empty()).unwrap();
    let units = imported.units.unwrap();
    assert_eq!(units[1].aliases, ["鼓楼".into(), "鼓楼区政府".into()]);
    assert_eq!(units[1].parent.as_deref(), Some("FZ"));
    assert_eq!(units[2].area.as_deref(), Some("GL"));
    let accounts = imported.accounts.unwrap();
    assert_eq!(
        (accounts[0].platform.as_str(), accounts[0].unit.as_str()),
        ("wechat", "GL01")
    );
    assert_eq!(accounts[0].valid_from.unwrap().to_string(), "2020-01-02");
    assert_eq!(accounts[1].state, AccountState::Closed);
    assert_eq!(accounts[1].valid_to.unwrap().to_string(), "2021-03-04");
    let people = imported.people.unwrap();
    assert_eq!(people[0].operates, ["wechat:鼓楼教育", "gl_edu"]);
    assert_eq!(
        (people[1].role, people[1].units.as_slice()),
        (Role::Lead, &["GL".to_owned()][..])
    );
    assert_eq!(people[2].units, ["*"]);
}

#[test]
fn gb18030_and_a_single_table_against_the_stored_rest() {
    let stored = folder(&[("units.csv", UNITS)]);
    let units = read_path(stored.path(), &platform, &empty())
        .unwrap()
        .units
        .unwrap();
    let current = Roster::new(1, units, vec![], vec![], vec![]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("新表.csv");
    std::fs::write(&path, encoding_rs::GB18030.encode(ACCOUNTS).0).unwrap();
    let imported = read_path(&path, &platform, &current).unwrap();
    assert!(imported.units.is_none() && imported.people.is_none());
    assert_eq!(imported.accounts.unwrap().len(), 2);
}

#[test]
fn a_missing_column_keeps_what_is_stored() {
    let stored = folder(&[("units.csv", UNITS)]);
    let units = read_path(stored.path(), &platform, &empty())
        .unwrap()
        .units
        .unwrap();
    let current = Roster::new(1, units, vec![], vec![], vec![]);
    let short = folder(&[("units.csv", "code,name,备注\nFZ,福州市,x\nGL,鼓楼区,\n")]);
    let imported = read_path(short.path(), &platform, &current).unwrap();
    let units = imported.units.unwrap();
    assert_eq!(
        (units[1].parent.as_deref(), units[1].aliases.len()),
        (Some("FZ"), 2)
    );
    assert_eq!(imported.notes.len(), 1);
}

/// Each row of the table breaks one rule; the fault says which one and where.
#[test]
fn every_rule_is_told_with_its_place() {
    let u = "code,name,parent,area\nA,甲,,\nB,乙,A,\n";
    let a = "platform,name,unit,uid,valid_from,valid_to,state\nwechat,号,A,u1,,,\n";
    let p = "code,name,role,units,operates\n";
    let cases: [(&str, String, u64, &str, &str); 21] = [
        ("units", format!("{u},丙,,\n"), 4, "code", "no code"),
        ("units", format!("{u}A,丙,,\n"), 4, "code", "row 2"),
        ("units", format!("{u}C,丙,X,\n"), 4, "parent", "no unit"),
        ("units", format!("{u}C,丙,,X\n"), 4, "area", "no unit"),
        ("units", format!("{u}C,,,\n"), 4, "name", "no name"),
        (
            "units",
            "code,name,parent\nA,甲,B\nB,乙,A\n".into(),
            2,
            "parent",
            "circle",
        ),
        (
            "units",
            "code,name,parent\nA,甲,A\n".into(),
            2,
            "parent",
            "circle",
        ),
        (
            "units",
            "code,name,parent\nA,甲,\nB,甲,\nC,丙,甲\n".into(),
            4,
            "parent",
            "A, B",
        ),
        (
            "units",
            "code,name,aliases\nA,甲,旧(2021-06-30~2019-01-01)\n".into(),
            2,
            "aliases",
            "left out",
        ),
        (
            "accounts",
            "platform,name,unit,aliases\nwechat,号,A,旧号@ZZ\n".into(),
            2,
            "aliases",
            "ZZ",
        ),
        (
            "accounts",
            format!("{a}qq,号,A,,,,\n"),
            3,
            "platform",
            "platform",
        ),
        (
            "accounts",
            format!("{a}wechat,乙号,X,,,,\n"),
            3,
            "unit",
            "no unit",
        ),
        (
            "accounts",
            format!("{a}wechat,号,A,,,,\n"),
            3,
            "name",
            "row 2",
        ),
        (
            "accounts",
            format!("{a}微信,丙,A,u1,,,\n"),
            3,
            "uid",
            "row 2",
        ),
        (
            "accounts",
            format!("{a}wechat,丙,A,1.23E+17,,,\n"),
            3,
            "uid",
            "text",
        ),
        (
            "accounts",
            format!("{a}wechat,丙,A,,2020-13-01,,\n"),
            3,
            "valid_from",
            "date",
        ),
        (
            "accounts",
            format!("{a}wechat,丙,A,,2020-02-01,2020-01-01,\n"),
            3,
            "valid_to",
            "before",
        ),
        (
            "accounts",
            format!("{a}wechat,丙,A,,,,坏\n"),
            3,
            "state",
            "active",
        ),
        (
            "people",
            format!("{p}P,张,老板,A,\n"),
            2,
            "role",
            "operator",
        ),
        (
            "people",
            format!("{p}P,张,lead,X,\n"),
            2,
            "units",
            "no unit",
        ),
        (
            "people",
            format!("{p}P,张,operator,A,wechat:没有\n"),
            2,
            "operates",
            "no account",
        ),
    ];
    for (kind, text, row, column, says) in cases {
        let mut files = vec![("units.csv", u), ("accounts.csv", a), ("people.csv", p)];
        let name = format!("{kind}.csv");
        files.retain(|f| f.0 != name && !(kind == "units" && f.0 == "accounts.csv"));
        files.push((&name, &text));
        let folder = folder(&files);
        let faults = read_path(folder.path(), &platform, &empty()).unwrap_err();
        let fault = &faults[0];
        assert_eq!(fault.row, Some(row), "{text}\n{fault}");
        assert_eq!(fault.column.as_deref(), Some(column), "{text}\n{fault}");
        assert!(fault.reason.contains(says), "{text}\n{fault}");
        assert!(fault.file.as_ref().unwrap().ends_with(&name));
    }
}

#[test]
fn all_faults_are_told_but_fifty_at_most() {
    let rows: String = (0..80).map(|n| format!("qq,号{n},A\n")).collect();
    let text = format!("platform,name,unit\n{rows}");
    let folder = folder(&[("units.csv", "code,name\nA,甲\n"), ("accounts.csv", &text)]);
    let faults = read_path(folder.path(), &platform, &empty()).unwrap_err();
    assert_eq!(faults.len(), 50);
    assert!(faults[49].reason.contains("31 more"));
}

#[test]
fn files_that_are_no_roster_are_refused_with_a_remedy() {
    let cases = [
        ("a.doc", "x", "neither"),
        ("a.xlsx", "no workbook", "workbook"),
        ("a.csv", "", "no table"),
        ("a.csv", "通讯录\n1\n", "no table"),
        ("units.csv", "编码\nA\n", "name/单位名称"),
        ("units.csv", "编码,名称\nA,甲,乙\n", "double quotes"),
    ];
    for (name, text, says) in cases {
        let folder = folder(&[(name, text)]);
        let faults = read_path(&folder.path().join(name), &platform, &empty()).unwrap_err();
        assert!(faults[0].reason.contains(says), "{name}: {}", faults[0]);
    }
    assert!(read_path(Path::new("/no/such/folder"), &platform, &empty()).is_err());
}

#[test]
fn a_table_without_rows_does_not_remove_everything() {
    let stored = folder(&[("units.csv", UNITS)]);
    let units = read_path(stored.path(), &platform, &empty())
        .unwrap()
        .units
        .unwrap();
    let current = Roster::new(1, units, vec![], vec![], vec![]);
    let bare = folder(&[("units.csv", "code,name\n")]);
    let faults = read_path(bare.path(), &platform, &current).unwrap_err();
    assert!(faults[0].reason.contains("all 3"));
}

/// What a flat table in a file of this name says: units, accounts and people, a line each.
fn flat(name: &str, text: &str, current: &Roster) -> Result<Vec<String>, Vec<Fault>> {
    let folder = folder(&[(name, text)]);
    let imported = read_path(&folder.path().join(name), &platform, current)?;
    let units = imported.units.unwrap();
    let name = |code: &str| {
        let unit = units.iter().find(|unit| unit.code == code);
        unit.map_or(code.to_owned(), |unit| unit.name.clone())
    };
    let above = |code: &Option<String>| code.as_deref().map(name).unwrap_or_default();
    let mut lines: Vec<String> = units
        .iter()
        .map(|u| format!("{} <{}> [{}]", u.name, above(&u.parent), above(&u.area)))
        .collect();
    let accounts = imported.accounts.unwrap();
    lines.extend(
        accounts
            .iter()
            .map(|a| format!("{}:{} {}", a.platform, a.name, name(&a.unit))),
    );
    lines.extend(imported.people.unwrap_or_default().iter().map(|p| {
        let units: Vec<String> = p.units.iter().map(|unit| name(unit)).collect();
        let (role, runs) = (p.role.as_str(), p.operates.join(";"));
        format!("{} {role} {} {runs}", p.name, units.join(";"))
            .trim_end()
            .to_owned()
    }));
    Ok(lines)
}

#[test]
fn a_flat_table_is_read_as_it_comes() {
    let cases: [(&str, &str, &[&str]); 5] = [
        (
            "台账.csv",
            "示范市政务新媒体台账,,,,\n填报单位：办公室,,,,\n序号,县区,主管单位,主办单位,账号类型,账号名称\n\
             1,示范一区,示范一区教育局,示范小学,微信,示范小学\n,,,,,\n合计,,,,,1\n备注：无,,,,,\n",
            &[
                "示范一区 <> []",
                "示范小学 <示范一区教育局> [示范一区]",
                "示范一区教育局 <> [示范一区]",
                "wechat:示范小学 示范小学",
            ],
        ),
        (
            "示范一区教育局.csv",
            "账号类型,账号名称,联系人\n微信,示范教育,林晓雨\n",
            &[
                "示范一区教育局 <> []",
                "wechat:示范教育 示范一区教育局",
                "林晓雨 operator 示范一区教育局",
            ],
        ),
        (
            "2024年示范一区台账.csv",
            "账号类型,账号名称,主办单位\n微信,示范教育,教育局\n",
            &[
                "示范一区 <> []",
                "教育局 <> [示范一区]",
                "wechat:示范教育 教育局",
            ],
        ),
        (
            "台账.csv",
            "账号类型,账号名称,主办单位,运维人员,,分管领导\n,,,姓名,电话,\n\
             微信,甲号,甲局,林晓雨,13800000001,周文博\n政府网站,甲网,甲局,林 晓雨（办公室）；王一,,周文博局长\n",
            &[
                "甲局 <> []",
                "wechat:甲号 甲局",
                "website:甲网 甲局",
                "林晓雨 operator 甲局 wechat:甲号;website:甲网",
                "周文博 lead 甲局",
                "王一 operator 甲局 website:甲网",
            ],
        ),
        (
            "台账.csv",
            "账号类型,账号名称,主办单位,联系人\n微信,甲号,甲局,林晓雨\n政府网站,甲网,甲局,林 晓雨；王一\n",
            &[
                "甲局 <> []",
                "wechat:甲号 甲局",
                "website:甲网 甲局",
                "林晓雨 operator 甲局 wechat:甲号;website:甲网",
                "王一 operator 甲局 website:甲网",
            ],
        ),
    ];
    for (name, text, says) in cases {
        match flat(name, text, &empty()) {
            Ok(lines) => assert_eq!(lines, says, "{text}"),
            Err(faults) => assert!(says.is_empty(), "{text}\n{}", faults[0]),
        }
    }
}

#[test]
fn what_is_wrong_with_a_flat_table_is_told_with_its_place() {
    let unit = |id, code: &str, area: &str| Unit {
        id,
        code: code.into(),
        name: "教育局".into(),
        aliases: vec![],
        parent: None,
        area: Some(area.into()),
        kind: String::new(),
    };
    let two = Roster::new(
        1,
        vec![unit(1, "A1", "A"), unit(2, "B1", "B")],
        vec![],
        vec![],
        vec![],
    );
    let head = "账号类型,账号名称,主办单位,唯一标识,联系人\n";
    for (text, row, says) in [
        (format!("{head}微信,甲号,,u1,\n"), 2, "no unit"),
        (format!("{head}电报,甲号,甲局,u1,\n"), 2, "not a platform"),
        (format!("{head}微信,,甲局,u1,\n"), 2, "no name"),
        (format!("{head}微信,甲号,教育局,u1,\n"), 2, "A1, B1"),
        (
            format!("{head}微信,甲号,甲局,u1,\n微信,甲号,甲局,u2,\n"),
            3,
            "differ in 唯一标识",
        ),
        (
            format!("{head}微信,甲号,甲局,u1,\n微信,乙号,甲局,u1,\n"),
            3,
            "row 2",
        ),
        (
            format!("{head}微信,甲号,甲局,1.23E+17,\n"),
            2,
            "cut this number short",
        ),
        ("账号类型,账号名称\n微信,甲号\n".to_owned(), 2, "主办单位"),
        (
            "账号类型,账号名称,主办单味,联系人\n微信,甲号,甲局,\n".to_owned(),
            1,
            "主办单位",
        ),
    ] {
        let faults = flat("表.csv", &text, &two).unwrap_err();
        assert_eq!(faults[0].row, Some(row), "{text}\n{}", faults[0]);
        assert!(faults[0].reason.contains(says), "{text}\n{}", faults[0]);
    }
}
