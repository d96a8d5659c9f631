//! The tests of the policy.

use super::*;

fn words() -> Vocabulary {
    Vocabulary::builtin().unwrap()
}

fn read(text: &str) -> Result<Policy> {
    Policy::read(text, "policy.toml", &words(), &["daily", "bulletin"])
}

#[test]
fn a_policy_that_contradicts_itself_is_refused_with_file_and_line() {
    let row = "[[deadline]]\namount = 1\nunit = \"hours\"\n";
    for (text, want) in [
        ("deadline = 3".to_owned(), "row 1: invalid type"),
        ("".to_owned(), "row 1: missing field `deadline`"),
        ("[[deadline]]\namout = 3\n".to_owned(), "row 2: unknown key \"amout\"; did you mean \"amount\"?"),
        ("[[deadline]]\nseverity = \"vto\"\n".to_owned(),
            "row 2, column severity, value \"vto\": no severity of this name; did you mean \"veto\"?"),
        ("[[deadline]]\n\ncategory = \"typos\"\n".to_owned(),
            "row 3, column category, value \"typos\": no category of this name; did you mean \"typo\"?"),
        ("[[deadline]]\nplatform = \"wechatt\"\n".to_owned(), "row 2, column platform, value \"wechatt\""),
        ("[[deadline]]\nsource = \"dayly\"\n".to_owned(),
            "row 2, column source, value \"dayly\": no source of this name; did you mean \"daily\"?"),
        (format!("{row}\n[[deadline]]\nseverity = \"veto\"\namount = 3\n"),
            "row 5: the row for severity veto has an amount without a unit"),
        ("[[deadline]]\nunit = \"hours\"\n".to_owned(), "row 1: the row for every finding has a unit without an amount"),
        ("[[deadline]]\namount = 0\nunit = \"hours\"\n".to_owned(),
            "row 2, column amount, value \"0\": an amount is from 1 to 1000, and not 0"),
        ("[[deadline]]\namount = -3\nunit = \"hours\"\n".to_owned(), "row 2, column amount, value \"-3\""),
        ("[[deadline]]\namount = 3\nunit = \"weeks\"\n".to_owned(),
            "row 3, column unit, value \"weeks\": no unit of this name"),
        (format!("{row}clock = \"tolled\"\n"), "row 4, column clock, value \"tolled\": no clock of this name; did you mean \"told\"?"),
        (format!("{row}cut_off = \"16:00\"\n"), "row 4, column cut_off, value \"16:00\": hours run through the night"),
        ("[[deadline]]\namount = 3\nunit = \"working_days\"\ncut_off = \"25\"\n".to_owned(), "row 4, column cut_off"),
        ("[[deadline]]\nclock = \"found\"\n".to_owned(), "row 1: the row for every finding sets no deadline, so clock means nothing"),
        (format!("{row}{row}"), "row 4: this row and the one in row 1 are both for every finding"),
        ("[[deadline]]\ncategory = \"typo\"\n[[deadline]]\nplatform = \"wechat\"\n".to_owned(),
            "row 3: this row (platform wechat) and the one in row 1 (category typo) both fit some findings"),
        ("[[deadline]]\narea = \"Q1\"\nseverity = \"veto\"\n[[deadline]]\ncategory = \"typo\"\nseverity = \"veto\"\n".to_owned(),
            "row 4: this row (severity veto, category typo) and the one in row 1 (severity veto, area Q1)"),
        (format!("{row}[[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = \"soon\"\n"),
            "row 7, column due, value \"soon\": write a day as"),
        (format!("{row}[[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = 2021-10-13\n"),
            "row 7, column due: 2021-10-13 lies before the report"),
        (format!("{row}[[report_due]]\nsource = \"x\"\ndate = 2021-10-14\ndue = 2021-10-25\n"), "row 5, column source"),
        (format!("{row}{0}{0}", "[[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = 2021-10-25\n"),
            "row 8: the report of bulletin of 2021-10-14 has a date already, in row 4"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("policy.toml, {want}")), "{text}\n{error}");
    }
}

#[test]
fn the_row_that_says_most_wins() {
    let policy = read(
        "[[deadline]]\namount = 9\nunit = \"hours\"\n\
         [[deadline]]\nseverity = \"veto\"\namount = 1\nunit = \"hours\"\n\
         [[deadline]]\ncategory = \"错别字\"\namount = 2\nunit = \"hours\"\n\
         [[deadline]]\nseverity = \"veto\"\nplatform = \"微信\"\namount = 3\nunit = \"hours\"\n\
         [[deadline]]\ncategory = \"typo\"\narea = \"Q1\"\namount = 4\nunit = \"hours\"\n\
         [[deadline]]\ncategory = \"typo\"\narea = \"Q1A\"\namount = 5\nunit = \"hours\"\n\
         [[deadline]]\nsource = \"bulletin\"\nseverity = \"advisory\"\n",
    )
    .unwrap();
    let subject = |severity, category, platform, areas, source| Subject {
        severity,
        category,
        platform,
        areas,
        source,
    };
    let (veto, normal) = (Severity::Veto, Severity::Normal);
    for (subject, want) in [
        (subject(normal, "praise", None, &[], "daily"), Some(9)),
        (subject(veto, "praise", None, &["B1"], "daily"), Some(1)),
        (subject(veto, "typo", None, &[], "daily"), Some(2)),
        (
            subject(veto, "typo", Some("wechat"), &["B1"], "daily"),
            Some(3),
        ),
        (
            subject(veto, "typo", Some("wechat"), &["Q1B", "Q1"], "daily"),
            Some(4),
        ),
        (
            subject(normal, "typo", None, &["Q1A", "Q1"], "daily"),
            Some(5),
        ),
        (
            subject(Severity::Advisory, "praise", None, &[], "bulletin"),
            None,
        ),
    ] {
        let row = policy.row(&subject).unwrap();
        assert_eq!(row.amount.map(|a| a.amount), want, "{subject:?}");
    }
}

#[test]
fn the_built_in_policy_and_the_forms_of_a_day() {
    let policy = Policy::load(None, &words(), &[]).unwrap();
    assert_eq!(policy.rows.len(), 3);
    for due in [
        "2021-10-25",
        "\"2021-10-25\"",
        "2021-10-25T12:00:00",
        "\"2021-10-25 12:00\"",
    ] {
        let text = format!(
            "[[deadline]]\n[[report_due]]\nsource = \"bulletin\"\ndate = 2021-10-14\ndue = {due}\n"
        );
        let policy = read(&text).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let report = policy.report("bulletin", day("2021-10-14")).unwrap();
        assert_eq!(report.due, day("2021-10-25"), "{due}");
        assert_eq!(report.time.is_some(), due.contains("12"), "{due}");
        assert!(policy.report("bulletin", day("2021-10-15")).is_none());
    }
}

#[test]
fn an_area_is_a_units_code() {
    let policy = read("[[deadline]]\n[[deadline]]\narea = \"Q9\"\n").unwrap();
    policy.check_areas(&Roster::default()).unwrap();
    let unit = crate::roster::Unit {
        id: 1,
        code: "Q1".to_owned(),
        name: "甲".to_owned(),
        aliases: vec![],
        parent: None,
        area: None,
        kind: String::new(),
    };
    let roster = Roster::new(1, vec![unit], vec![], vec![], vec![]);
    let error = policy.check_areas(&roster).unwrap_err().to_string();
    let want = "policy.toml, row 2, column area, value \"Q9\": no unit has this code; did you mean \"Q1\"?";
    assert!(error.starts_with(want), "{error}");
}
