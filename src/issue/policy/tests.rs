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
        repeated: false,
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
fn what_comes_back_may_have_rows_of_its_own() {
    let text = "[[deadline]]\namount = 3\nunit = \"working_days\"\n\
        [[deadline]]\nrepeated = true\namount = 1\nunit = \"working_days\"\n";
    let policy = read(text).unwrap();
    let amount = |repeated| {
        let subject = Subject {
            severity: Severity::Normal,
            category: "typo",
            platform: None,
            areas: &[],
            source: "daily",
            repeated,
        };
        policy
            .row(&subject)
            .and_then(|row| row.amount)
            .map(|amount| amount.amount)
    };
    assert_eq!((amount(false), amount(true)), (Some(3), Some(1)));
    // Two rows that nothing chooses between, also when one of them is for what comes back.
    let tied = format!("{text}[[deadline]]\ncategory = \"typo\"\n");
    let error = read(&tied).unwrap_err().to_string();
    assert!(
        error.contains("row 8") && error.contains("repeated yes"),
        "{error}"
    );
}

#[test]
fn what_may_be_asked_for_has_limits() {
    let limits = |text: &str| read(&format!("[[deadline]]\n{text}")).map(|policy| policy.limits);
    assert_eq!(limits("").unwrap(), Limits::default());
    let set = limits("[extension]\nmost = \"5wd\"\n[verification]\nwithin = \"14d\"\n").unwrap();
    assert_eq!(set.extension.to_string(), "5 working days");
    assert_eq!(set.verification.to_string(), "14 calendar days");
    let error = limits("[extension]\nmost = \"a while\"\n")
        .unwrap_err()
        .to_string();
    let want = "policy.toml, row 3, column most, value \"a while\"";
    assert!(error.starts_with(want), "{error}");
    let error = limits("[extension]\nmuch = \"5wd\"\n")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("unknown key \"much\"; did you mean \"most\"?"),
        "{error}"
    );
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

#[test]
fn a_ladder_that_contradicts_itself_is_refused_with_file_and_line() {
    let step = |step: &str| format!("[[deadline]]\n[[ladder]]\nsteps = [\n{{ {step} }},\n]\n");
    let tell = "tell = [\"lead\"]";
    for (text, want) in [
        (step(&format!("when = \"overdu\", {tell}")),
            "row 4, column when, value \"overdu\": no when of this name; did you mean \"overdue\"?"),
        (step(&format!("when = \"overdue\", {tell}")), "row 4: a step when overdue has one of after, every, and this one has none"),
        (step(&format!("when = \"overdue\", before = \"1wd\", {tell}")), "row 4: a step when overdue has one of after, every, and this one has before"),
        (step(&format!("when = \"before_due\", after = \"1wd\", {tell}")), "row 4: a step when before_due has one of before, share"),
        (step(&format!("when = \"before_due\", share = 0.5, before = \"1wd\", {tell}")), "row 4: a step when before_due has one of before, share, and this one has before, share"),
        (step(&format!("when = \"before_due\", share = 1.5, {tell}")), "row 4, column share, value \"1.5\": a share lies between 0 and 1"),
        (step(&format!("when = \"before_due\", before = \"1 week\", {tell}")), "row 4, column before, value \"1 week\""),
        (step(&format!("when = \"unacknowledged\", after = \"0h\", {tell}")), "row 4, column after: nobody can have acknowledged it at once"),
        (step(&format!("when = \"overdue\", every = \"2wd\", {tell}")), "row 4, column cap: a step that comes every so often has a cap"),
        (step(&format!("when = \"overdue\", every = \"2wd\", cap = 0, {tell}")), "row 4, column cap, value \"0\": a cap is from 1 to 100"),
        (step(&format!("when = \"overdue\", after = \"2wd\", cap = 2, {tell}")), "row 4, column cap: cap says how often"),
        (step("when = \"overdue\", after = \"0h\", tell = []"), "row 4, column tell: this step tells nobody"),
        (step("when = \"overdue\", after = \"0h\", tell = [\"boss\"]"), "row 4, column tell, value \"boss\": no tell of this name"),
        (step(&format!("when = \"overdue\", after = \"0h\", {tell} }},\n{{ when = \"overdue\", after = \"0h\", {tell}")),
            "row 5: another step of this ladder comes at the same time"),
        (step(&format!("when = \"overdue\", afer = \"0h\", {tell}")), "row 4: unknown key \"afer\"; did you mean \"after\"?"),
        ("[[deadline]]\n[[ladder]]\nsteps = []\n[[ladder]]\nsteps = []\n".to_owned(),
            "row 4: this row and the one in row 2 are both for every finding"),
        ("[[deadline]]\n[[ladder]]\nplatform = \"wechat\"\nsteps = []\n[[ladder]]\ncategory = \"typo\"\nsteps = []\n".to_owned(),
            "row 5: this row (category typo) and the one in row 2 (platform wechat) both fit some findings"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("policy.toml, {want}")), "{text}\n{error}");
    }
}

#[test]
fn the_ladder_that_says_most_wins_and_the_built_in_one_stands_behind_all() {
    let text = "[[deadline]]\n[[ladder]]\nseverity = \"veto\"\nurgent = true\n\
        steps = [{ when = \"unacknowledged\", after = \"4h\", tell = [\"operator\"] }]\n";
    let policy = read(text).unwrap();
    let subject = |severity| Subject {
        severity,
        category: "typo",
        platform: None,
        areas: &[],
        source: "daily",
        repeated: false,
    };
    let veto = policy.ladder(&subject(Severity::Veto)).unwrap();
    assert!(veto.urgent && veto.line == 2 && veto.steps.len() == 1);
    let said = veto.steps[0].to_string();
    assert_eq!(said, "unacknowledged for 4 hours → operator");
    let normal = policy.ladder(&subject(Severity::Normal)).unwrap();
    assert_eq!((normal.line, normal.urgent), (0, false));
    let steps: Vec<String> = normal.steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        steps,
        [
            "unacknowledged for 1 working day → operator, lead",
            "before due by 1 working day → operator",
            "overdue → operator, lead",
            "overdue every 2 working days, 3 times → lead, manager",
        ]
    );
}

#[test]
fn hours_that_contradict_themselves_are_refused_with_file_and_line() {
    let policy = |rows: &str| read(&format!("[[deadline]]\n{rows}\n"));
    for (rows, want) in [
        (
            "[[hours]]\nsend_days = \"all\"",
            "row 2: hours are those of one unit or one person",
        ),
        (
            "[[hours]]\nunit = \"A\"\nperson = \"O1\"",
            "row 2: hours are those of one unit or one person",
        ),
        ("[[hours]]\nunit = \"A\"", "row 2: this row sets nothing"),
        (
            "[[hours]]\nunit = \"A\"\nsend_after = \"09:00\"",
            "row 2: send_after without send_until: give both",
        ),
        (
            "[[hours]]\nunit = \"A\"\nwork_end = \"09:00\"",
            "row 2: work_end without work_start: give both",
        ),
        (
            "[[hours]]\nunit = \"A\"\nsend_after = \"21:00\"\nsend_until = \"08:00\"",
            "row 5, column send_until, value \"08:00\": must be later than send_after",
        ),
        (
            "[[hours]]\nunit = \"A\"\nsend_after = \"9 Uhr\"\nsend_until = \"08:00\"",
            "row 4, column send_after, value \"9 Uhr\": write a time of day as 17:30",
        ),
        (
            "[[hours]]\nunit = \"A\"\nsend_days = \"workin\"",
            "row 4, column send_days, value \"workin\": no send_days of this name; did you mean \"working\"?",
        ),
        (
            "[[hours]]\nunit = \"A\"\ncut_off = \"16:00\"",
            "row 4, column cut_off, value \"16:00\": a cut-off belongs to a working time",
        ),
        (
            "[[hours]]\nunit = \"A\"\nwork_start = \"10:00\"\nwork_end = \"19:30\"\ncut_off = \"20:00\"",
            "row 6, column cut_off, value \"20:00\": must be later than work_start and not later than work_end",
        ),
        (
            "[[hours]]\nperson = \"O1\"\nwork_start = \"10:00\"\nwork_end = \"19:30\"",
            "row 4, column work_start: working time is a unit's",
        ),
        (
            "[[hours]]\nunit = \"A\"\nsend_days = \"all\"\n[[hours]]\nunit = \" A\"\nsend_days = \"working\"",
            "row 5: unit A has hours already, in row 2; make them one",
        ),
        (
            "[[hours]]\nunit = \"A\"\nsend_form = \"08:00\"",
            "row 4: unknown key \"send_form\"",
        ),
    ] {
        let error = policy(rows).unwrap_err().to_string();
        assert!(error.contains("policy.toml"), "{rows}: {error}");
        assert!(error.contains(want), "{rows}: {error}");
    }
    let policy = policy("[[hours]]\nunit = \"Q9\"\nsend_days = \"working\"").unwrap();
    policy.check_areas(&Roster::default()).unwrap();
    assert!(!policy.by_area() && !policy.hours.rows.is_empty());
}
