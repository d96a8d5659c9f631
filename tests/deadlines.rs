//! Deadlines as people live them: explained on demand, governed by a policy that is data, moved only
//! on demand. Stories on both engines, and the shipped binary.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use duban::flow::{due_moves, move_due};
use duban::issue::table::{self as issues, Issue};
use duban::sandbox::ChatMessage;
use duban::store::vals;
use support::{World, at};

stories![
    a_due_date_is_explained_through_the_national_day,
    a_year_that_is_not_known_is_said,
    a_changed_policy_moves_nothing_by_itself,
    what_was_changed_at_once_is_not_moved,
    clocks_areas_and_dates_set_for_a_report,
    issues_from_before_the_policy_was_data,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SITE: &str = "示范委网站,政府网站,,错别字,做为,作为,2021-06-27 10:00\n";

const ONE_DAY: &str = "[[deadline]]\namount = 1\nunit = \"working_days\"\n";

/// The program with other settings; the lease of the former one runs out.
async fn start_again(world: &mut World) {
    world.restart().await;
    world.pass(61).await;
}

async fn with_policy(world: &mut World, text: &str) {
    let path = world.folder.path().join("policy.toml");
    std::fs::write(&path, text).unwrap();
    world.settings.data.policy = Some(path);
    start_again(world).await;
}

async fn issue(world: &World, number: i64) -> Issue {
    let mut tx = world.store().read().await.unwrap();
    issues::get(&mut tx, number).await.unwrap().unwrap()
}

async fn due(world: &World, number: i64) -> String {
    let due = issue(world, number).await.due_at.unwrap();
    let zone = world.app.desk.rules.zone;
    let local = duban::clock::from_ms(due).with_timezone(&zone);
    local.format("%Y-%m-%d %H:%M").to_string()
}

/// Applies the policy of now; which issues moved.
async fn apply(world: &World) -> Vec<i64> {
    let desk = &world.app.desk;
    let mut tx = desk.store.begin().await.unwrap();
    let roster = desk.directory(&mut tx).await.unwrap().roster;
    let (moves, _) = due_moves(&mut tx, &desk.rules, &roster).await.unwrap();
    move_due(&mut tx, &desk.rules, &moves, desk.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    moves.iter().map(|one| one.issue.id).collect()
}

fn texts(messages: &[ChatMessage]) -> String {
    let texts: Vec<&str> = messages.iter().map(|m| m.text.as_str()).collect();
    texts.join("\n")
}

async fn a_due_date_is_explained_through_the_national_day(mut world: World) {
    world.settings.sources[0].schedule = Some("20 16 * * *".to_owned());
    start_again(&mut world).await;
    let (operator, lead, manager) = (
        world.bind("O1").await,
        world.bind("L1").await,
        world.bind("M1").await,
    );
    let (other, admin) = (world.bind("O2").await, world.bind("A1").await);
    world.app.desk.clock.advance_to(at("2021-09-30 12:00"));
    // Yesterday's report never came; its slot is tried again for an hour.
    world.until("2021-09-30 16:10").await;
    world.sandbox.unread(manager);
    world.drop_report("2021-09-30.csv", format!("{}{TYPO}", support::HEADER));
    world.until("2021-09-30 16:40").await;
    let digest = world.reads(operator).text;
    assert!(digest.contains("10月12日(周二) 17:30 前"), "{digest}");
    assert!(!digest.contains("放假安排"), "{digest}");
    for (chat, asked) in [
        (operator, "/due 1"),
        (operator, "/due"),
        (lead, "/due #1"),
        (manager, "/due@duban_bot 1"),
    ] {
        let said = world.say(chat, asked).await;
        for part in [
            "#1 期限说明",
            "期限：10月12日(周二) 17:30",
            "3 个工作日，自9月30日(周四) 16:20 起",
            "已过 16:00 截止时点",
            "跳过10月1日至7日",
            "计入10月9日(周六)补班",
            "规则：级别 🟠 一般",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    for (chat, asked, want) in [
        (other, "/due 1", "没有这个编号"),
        (other, "/due", "请写上问题编号"),
        (operator, "/due 99", "没有这个编号"),
        (operator, "/due 九", "#1"),
        (admin, "/due 1", "没有这项权限"),
    ] {
        let said = world.say(chat, asked).await;
        assert!(said.contains(want), "{asked}: {said}");
    }
    let stranger = world.sandbox.user("路人");
    assert!(world.say(stranger, "/due 1").await.contains("邀请"));

    // Nothing in the holiday; then that nobody has acknowledged it, the reminder on the last working
    // day before, the warning after.
    world.app.desk.clock.advance_to(at("2021-10-08 08:00"));
    world.until("2021-10-08 16:00").await;
    assert!(world.sandbox.unread(operator).is_empty());
    world.until("2021-10-08 18:00").await;
    assert!(world.reads(operator).text.contains("尚未签收"));
    world.until("2021-10-11 08:30").await;
    assert!(world.sandbox.unread(operator).is_empty());
    world.until("2021-10-11 10:00").await;
    assert!(world.reads(operator).text.contains("即将到期"));
    world.until("2021-10-12 18:00").await;
    assert!(world.reads(operator).text.contains("已超期"));
    world.end();
}

async fn a_year_that_is_not_known_is_said(mut world: World) {
    let (operator, lead, manager) = (
        world.bind("O1").await,
        world.bind("L1").await,
        world.bind("M1").await,
    );
    assert!(!world.say(manager, "/status").await.contains("放假安排"));
    world.app.desk.clock.advance_to(at("2026-10-26 08:00"));
    let status = world.say(manager, "/status").await;
    assert!(status.contains("2027 年放假安排未知"), "{status}");
    world.app.desk.clock.advance_to(at("2026-12-30 08:00"));
    world.report("2026-12-30", TYPO).await;
    let digest = world.reads(operator).text;
    assert!(
        digest.contains("1月4日(周一) 17:30 前（2027年放假安排未知"),
        "{digest}"
    );
    assert!(
        world
            .say(operator, "/due")
            .await
            .contains("2027 年放假安排未知")
    );
    assert!(!world.say(lead, "/status").await.contains("放假安排"));

    // The notice comes out: the folder brings the year, and the policy is applied.
    let folder = world.folder.path().join("calendar");
    std::fs::create_dir(&folder).unwrap();
    let days: Vec<String> = (1..=6)
        .map(|d| format!(r#"{{"name": "元旦", "date": "2027-01-0{d}", "isOffDay": true}}"#))
        .collect();
    let year = format!(r#"{{"year": 2027, "days": [{}]}}"#, days.join(","));
    std::fs::write(folder.join("2027.json"), year).unwrap();
    world.settings.data.calendar = Some(folder);
    start_again(&mut world).await;
    assert!(!world.say(manager, "/status").await.contains("放假安排"));
    assert_eq!(due(&world, 1).await, "2027-01-04 17:30");
    assert_eq!(apply(&world).await, [1]);
    assert_eq!(due(&world, 1).await, "2027-01-08 17:30");
    let said = world.say(operator, "/due").await;
    assert!(
        said.contains("跳过1月1日至6日") && !said.contains("未知"),
        "{said}"
    );
    world.end();
}

async fn a_changed_policy_moves_nothing_by_itself(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "2 已改").await;
    let toast = world.press(operator, digest.id, "1 收到").await;
    assert!(toast.contains("已签收"), "{toast}");
    with_policy(&mut world, ONE_DAY).await;
    assert_eq!(due(&world, 1).await, "2021-07-01 17:30");
    world.report("2021-06-29", TYPO).await;
    assert_eq!(due(&world, 1).await, "2021-07-01 17:30");
    assert_eq!(
        world.issues().await,
        ["#1 acknowledged", "#2 closed verified"]
    );

    assert_eq!(apply(&world).await, [1], "what is closed stays");
    assert_eq!(due(&world, 1).await, "2021-06-29 17:30");
    assert_eq!(world.acts(1).await, ["opened", "acknowledged", "due_moved"]);
    assert_eq!(apply(&world).await, [0_i64; 0], "nothing is left to move");
    // The reminders are armed anew: the day's, which is past, at once, and the warning.
    world.until("2021-06-29 18:00").await;
    let said = texts(&world.sandbox.unread(operator));
    assert!(said.contains("已超期，期限 6月29日"), "{said}");

    // And back: what was said of the former date does not stand in the way.
    world.settings.data.policy = None;
    start_again(&mut world).await;
    assert_eq!(apply(&world).await, [1]);
    assert_eq!(due(&world, 1).await, "2021-07-01 17:30");
    world.until("2021-06-30 12:00").await;
    assert!(world.reads(operator).text.contains("即将到期"));
    world.until("2021-07-01 18:00").await;
    let said = texts(&world.sandbox.unread(operator));
    assert!(said.contains("已超期，期限 7月1日"), "{said}");

    world.end();
}

async fn what_was_changed_at_once_is_not_moved(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    world.reads(operator);
    with_policy(&mut world, ONE_DAY).await;
    let desk = &world.app.desk;
    let mut tx = desk.store.begin().await.unwrap();
    let roster = desk.directory(&mut tx).await.unwrap().roster;
    let (moves, running) = due_moves(&mut tx, &desk.rules, &roster).await.unwrap();
    assert_eq!((moves.len(), running), (2, 2));
    tx.run(
        "update issue set due_at = due_at + 1 where id = $1",
        vals![2_i64],
    )
    .await
    .unwrap();
    let error = move_due(&mut tx, &desk.rules, &moves, desk.clock.now()).await;
    assert!(error.unwrap_err().to_string().contains("nothing was moved"));
    drop(tx);
    assert_eq!(due(&world, 1).await, "2021-07-01 17:30");
    assert_eq!(world.acts(1).await, ["opened"]);

    // A warning that is owed and not said yet is taken back when the date moves, and owed again later.
    world.until("2021-06-30 20:30").await;
    world.sandbox.unread(operator);
    world.app.desk.clock.advance_to(at("2021-07-01 21:00"));
    duban::schedule::jobs::escalate_due(&world.app.desk)
        .await
        .unwrap();
    with_policy(
        &mut world,
        "[[deadline]]\namount = 5\nunit = \"working_days\"\n",
    )
    .await;
    assert_eq!(apply(&world).await, [1, 2]);
    world.until("2021-07-02 08:30").await;
    // Nothing new: what was said before shows the new date.
    let (fresh, old): (Vec<_>, Vec<_>) = {
        let told = world.sandbox.unread(operator).into_iter();
        told.partition(|message| message.edits == 0)
    };
    assert_eq!(texts(&fresh), "");
    assert!(
        old.iter()
            .all(|message| message.text.contains("7月5日(周一) 17:30 前"))
    );
    world.until("2021-07-05 18:00").await;
    let said = texts(&world.sandbox.unread(operator));
    assert!(said.contains("已超期，期限 7月5日"), "{said}");
    world.end();
}

async fn clocks_areas_and_dates_set_for_a_report(mut world: World) {
    let operator = world.bind("O2").await;
    let manager = world.bind("M1").await;
    let policy = "[[deadline]]\narea = \"B1\"\namount = 72\nunit = \"hours\"\nclock = \"found\"\n\
        [[deadline]]\narea = \"Q1\"\namount = 2\nunit = \"calendar_days\"\nclock = \"found\"\n\
        [[deadline]]\narea = \"Q1A\"\namount = 4\nunit = \"working_days\"\nclock = \"received\"\n\
        [[report_due]]\nsource = \"daily\"\ndate = 2021-06-29\ndue = 2021-07-09T12:00:00\n";
    with_policy(&mut world, policy).await;
    let below = "示范教育,微信公众号,,错别字,做为,作为,\n";
    world
        .report("2021-06-28", &format!("{SITE}{TYPO}{below}"))
        .await;
    assert_eq!(due(&world, 1).await, "2021-06-30 10:00");
    assert_eq!(due(&world, 2).await, "2021-06-30 17:30");
    assert_eq!(due(&world, 3).await, "2021-07-02 17:30");
    let said = world.sandbox.unread(operator);
    assert!(texts(&said).contains("6月30日(周三) 10:00 前"), "{said:?}");
    let said = world.say(operator, "/due").await;
    for part in [
        "72 小时，自6月27日(周日) 10:00 起（发现时间）",
        "地区 福州市示范和改革委员会",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let why = issue(&world, 2).await.due_why.unwrap();
    let why = duban::issue::why::Explanation::read(&why).to_string();
    assert!(why.contains("as nothing says when it was found"), "{why}");

    world.sandbox.unread(manager);
    for (asked, parts) in [
        (
            "/due 2",
            [
                "2 个自然日，自6月28日(周一) 08:30 起（通知时间）",
                "应从发现时间算起，但报告里没有",
            ],
        ),
        (
            "/due 3",
            [
                "4 个工作日，自6月28日(周一) 08:30 起（收到报告时间）",
                "地区 示范一区教育局",
            ],
        ),
    ] {
        let said = world.say(manager, asked).await;
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }

    // The date of the next report is for what it opens and brings back, not for what still runs, nor
    // for a fix that was none.
    world.say(operator, "已改").await;
    let again = SITE.replace("06-27 10:00", "06-29 08:29");
    world
        .report("2021-06-29", &format!("{again}{TYPO}{TYPO2}{below}"))
        .await;
    assert_eq!(due(&world, 1).await, "2021-06-30 10:00");
    assert_eq!(due(&world, 2).await, "2021-06-30 17:30");
    assert_eq!(due(&world, 4).await, "2021-07-09 12:00");
    assert!(world.reads(operator).text.contains("复查未通过"));
    let said = world.say(manager, "/due 4").await;
    assert!(said.contains("报告「daily」（2021-06-29）"), "{said}");

    // A unit's code that is not there is refused at start.
    let path = world.folder.path().join("policy.toml");
    std::fs::write(&path, format!("{ONE_DAY}[[deadline]]\narea = \"Q7\"\n")).unwrap();
    let clock = world.app.desk.clock.clone();
    let error = duban::app::App::build(&world.settings, clock)
        .await
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("policy.toml, row 4, column area"),
        "{error}"
    );
    world.end();
}

async fn issues_from_before_the_policy_was_data(mut world: World) {
    let operator = world.bind("O1").await;
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    let mut tx = world.store().begin().await.unwrap();
    let words = "3 working days from Mon 2021-06-28 08:30";
    tx.run("update issue set stamps = null, due_why = $1", vals![words])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(world.say(operator, "/due 1").await.contains(words));
    world
        .report(
            "2021-06-29",
            &format!("{TYPO}示范发布,微信公众号,示范一区,临界超期,,,\n"),
        )
        .await;
    world.reads(operator);
    let said = world.say(operator, "/due 2").await;
    assert!(
        said.contains("没有期限") && said.contains("规则：级别 🔵 提醒"),
        "{said}"
    );
    assert_eq!(apply(&world).await, [0_i64; 0], "the same date is no move");
    let policy =
        "[[deadline]]\nsource = \"daily\"\namount = 1\nunit = \"hours\"\nclock = \"received\"\n";
    with_policy(&mut world, policy).await;
    assert_eq!(apply(&world).await, [1, 2]);
    assert_eq!(due(&world, 1).await, "2021-06-28 09:30");
    assert_eq!(due(&world, 2).await, "2021-06-29 09:30");
    world.end();
}

fn duban(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_duban"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_calendar_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let year = said(&duban(at, &["calendar", "2021"]));
    assert!(year.starts_with("2021: 250 working days\n"), "{year}");
    assert!(
        year.contains("Oct  17  off: 1–7 Oct 国庆节  make-up: 9 Oct 国庆节\n"),
        "{year}"
    );
    let unknown = said(&duban(at, &["calendar", "2031"]));
    assert!(unknown.contains("2031: not known"), "{unknown}");
    for (from, amount, want) in [
        (
            "2021-09-30T16:20",
            "3wd",
            "due Tue 12 Oct 2021 17:30\n    3 working days from Thu 30 Sep 16:20, after the \
            cut-off 16:00, skipping 1–7 Oct, counting Sat 9 Oct make-up day\n",
        ),
        ("2026-09-30", "3工作日", "due Sat 10 Oct 2026 17:30\n"),
        (
            "2026-09-30T16:20",
            "24h",
            "due Thu 1 Oct 2026 16:20\n    24 hours from Wed 30 Sep 16:20\n",
        ),
        ("2026-09-30", "5d", "due Mon 5 Oct 2026 17:30\n"),
    ] {
        let text = said(&duban(at, &["calendar", "--due", from, amount]));
        assert!(text.starts_with(want), "{text}");
    }
    let both = json(&duban(
        at,
        &["calendar", "2024", "--due", "2024-02-09", "1wd", "--json"],
    ));
    assert_eq!(both["working_days"], 251);
    assert_eq!(both["due"]["due_at"], "2024-02-18T17:30:00+08:00");
    for wrong in [["soon", "3wd"], ["2026-09-30", "3"], ["0001-01-01", "3wd"]] {
        let refused = duban(at, &["calendar", "--due", wrong[0], wrong[1]]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    }
    assert_eq!(duban(at, &["calendar", "soon"]).status.code(), Some(2));
}

#[test]
fn policy_and_calendar_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let write = |name: &str, text: &str| {
        let path = at.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "config/duban.toml",
        "[data]\npolicy = \"policy.toml\"\ncalendar = \"calendar\"\n[telegram]\ntoken = \"1:x\"\n\
         api_url = \"http://127.0.0.1:1\"\n\
         [[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n",
    );
    let three = ONE_DAY.replace("= 1", "= 3");
    write("policy.toml", &three);
    write("calendar/local.json", "{\"days\": []}");
    write("in/.keep", "");
    write("roster/units.csv", "编码,名称\nQ1,示范一区人民政府\n");
    write(
        "roster/accounts.csv",
        "平台,账号名称,单位\n微信公众号,示范发布,Q1\n",
    );
    write(
        "roster/people.csv",
        "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\n",
    );
    write(
        "report.csv",
        "账号名称,问题类型,错敏词\n示范发布,错别字,警钟常鸣\n",
    );
    assert!(duban(at, &["roster", "import", "roster"]).status.success());
    assert!(
        duban(at, &["ingest", "--source", "daily", "report.csv"])
            .status
            .success()
    );

    let table = said(&duban(at, &["policy"]));
    assert!(
        table.contains("every finding") && table.contains("3 working days"),
        "{table}"
    );
    for part in [
        "-    every finding  (built in)",
        "unacknowledged for 1 working day → operator, lead",
        "overdue every 2 working days, 3 times → lead, manager",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let table = json(&duban(at, &["policy", "show", "--json"]));
    assert_eq!(table["ladders"][0]["steps"][0]["tell"][1], "lead");
    assert_eq!(
        (&table["rows"][0]["unit"], &table["rows"][0]["line"]),
        (&"working_days".into(), &1.into())
    );

    let before = json(&duban(at, &["issues", "--json"]));
    let why = before[0]["due_why"].as_str().unwrap();
    assert!(why.starts_with("3 working days from "), "{why}");
    assert_eq!(before[0]["due_explanation"]["kind"], "counted");
    write(
        "policy.toml",
        "[[deadline]]\namount = 500\nunit = \"hours\"\n",
    );
    let dry = json(&duban(at, &["policy", "apply", "--dry-run", "--json"]));
    assert_eq!(
        (&dry["running"], &dry["moves"][0]["number"]),
        (&1.into(), &1.into())
    );
    assert!(
        dry["moves"][0]["why"]
            .as_str()
            .unwrap()
            .starts_with("500 hours")
    );
    assert_eq!(
        json(&duban(at, &["issues", "--json"])),
        before,
        "a dry run changes nothing"
    );
    let moved = said(&duban(at, &["policy", "apply"]));
    assert!(moved.contains("1 of 1 running issues moved"), "{moved}");
    let after = json(&duban(at, &["issues", "--json"]));
    assert_eq!(after[0]["acts"][0]["verb"], "due_moved");
    assert_ne!(after[0]["due_at"], before[0]["due_at"]);

    let check = said(&duban(at, &["check"]));
    assert!(
        check.contains("ok   calendar: 2021, 2022") && check.contains("policy: 1 rows"),
        "{check}"
    );
    for (file, wrong, want) in [
        (
            "policy.toml",
            format!("{three}{three}"),
            "policy.toml, row 4: this row and the one in row 1",
        ),
        (
            "policy.toml",
            "[[deadline]]\narea = \"Q2\"\n".to_owned(),
            "policy.toml, row 1, column area, value \"Q2\"",
        ),
        (
            "calendar/2027.json",
            "{\n\"year\": 2026, \"days\": []}".to_owned(),
            "calendar/2027.json, row 2: the file is named",
        ),
        (
            "calendar/local.json",
            "{\"days\": [\n{\"date\": \"x\"}]}".to_owned(),
            "calendar/local.json, row 2: not a day",
        ),
    ] {
        let good = std::fs::read(at.join(file));
        write(file, &wrong);
        for command in ["serve", "check"] {
            let refused = duban(at, &[command]);
            assert_eq!(refused.status.code(), Some(1));
            let text = said(&refused);
            assert!(text.contains(want), "{command}: {text}");
        }
        match good {
            Ok(good) => std::fs::write(at.join(file), good).unwrap(),
            Err(_) => std::fs::remove_file(at.join(file)).unwrap(),
        }
    }
}
