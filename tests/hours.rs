//! Quiet hours and working time as people live them: what falls inside is deferred, never skipped, and
//! comes as one message. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody presses or replies here")]
mod support;

use duban::audit;
use duban::flow::{due_moves, move_due};
use duban::hours::Days;
use duban::sandbox::Fault;
use duban::schedule::pull::{Tries, pull};
use support::World;

stories![
    a_unit_has_hours_and_work_of_its_own,
    a_person_sleeps_over_a_night_and_a_weekend,
    urgent_news_breaks_through_alone,
    an_outage_at_night_is_made_up_for_in_the_morning,
    who_binds_at_night_reads_in_the_morning,
    quiet_hours_are_shown_narrowed_and_refused,
    what_runs_moves_to_other_working_hours_on_demand,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";
const SCHOOL: &str = "示范教育,微信公众号,示范一区教育局,错别字,做为,作为,\n";

/// The program with these hours; the lease of the former one runs out.
async fn with_hours(world: &mut World, hours: &str) {
    let path = world.folder.path().join("policy.toml");
    let text = format!("[[deadline]]\namount = 1\nunit = \"working_days\"\n{hours}\n");
    std::fs::write(&path, text).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
}

/// The digests that a chat was sent since the last look.
fn digests(world: &World, chat: i64) -> Vec<String> {
    let told = world.sandbox.unread(chat).into_iter();
    let told = told.filter(|m| m.text.contains("每日检查") || m.text.contains("尚未签收"));
    told.map(|m| m.text).collect()
}

/// What the auditor finds wrong now.
async fn wrong(world: &World) -> usize {
    let mut tx = world.store().read().await.unwrap();
    let last = audit::table::last(&mut tx).await.unwrap();
    last.map_or(0, |last| last.wrong)
}

async fn a_unit_has_hours_and_work_of_its_own(mut world: World) {
    let (operator, school) = (world.bind("O1").await, world.bind("O3").await);
    with_hours(
        &mut world,
        "[[hours]]\nunit = \"Q1A\"\nsend_after = \"10:00\"\nsend_until = \"22:00\"\n\
         work_start = \"10:00\"\nwork_end = \"19:30\"\n",
    )
    .await;
    world.report("2021-06-28", &format!("{TYPO}{SCHOOL}")).await;
    assert_eq!(digests(&world, operator).len(), 1);
    assert_eq!(digests(&world, school).len(), 0, "the school begins at ten");
    world.until("2021-06-28 09:59").await;
    assert_eq!((digests(&world, school).len(), wrong(&world).await), (0, 0));
    world.until("2021-06-28 10:05").await;
    let digest = digests(&world, school).remove(0);
    assert!(digest.contains("6月29日(周二) 19:30"), "{digest}");
    // Due at the end of the unit's own work, and it is said why.
    let said = world.say(school, "/due 2").await;
    assert!(said.contains("按示范一区教育局作息 10:00–19:30"), "{said}");
    assert!(said.contains("下一步：6月29日(周二) 10:00"), "{said}");
    let said = world.say(operator, "/due 1").await;
    assert!(
        said.contains("6月29日(周二) 17:30") && !said.contains("作息"),
        "{said}"
    );
    // Overdue at its own end of work; the evening is still within its hours.
    world.until("2021-06-29 19:20").await;
    world.sandbox.unread(school);
    world.until("2021-06-29 19:40").await;
    let told = world.reads(school).text;
    assert!(told.contains("超期预警"), "{told}");
    world.end();
}

async fn a_person_sleeps_over_a_night_and_a_weekend(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    world.report("2021-06-28", "").await;
    let said = world.say(operator, "/quiet １８点到次日9点半 工作日").await;
    assert!(
        said.contains("已设置免打扰") && said.contains("09:30–18:00"),
        "{said}"
    );
    assert!(said.contains("18:00–09:30 免打扰，仅工作日接收"), "{said}");
    assert!(said.contains("6月28日(周一) 09:30 起合并发送"), "{said}");
    // What came in the evening and in the early morning is one message once it opens.
    world.until("2021-06-28 18:30").await;
    let tries = Tries {
        number: 1,
        last: true,
    };
    let (desk, source) = (world.app.desk.clone(), world.settings.sources[0].clone());
    for (name, rows) in [
        ("second-2021-06-28.csv", TYPO.to_owned()),
        ("third-2021-06-28.csv", format!("{TYPO}{TYPO2}")),
    ] {
        world.drop_report(name, format!("{}{rows}", support::HEADER));
        pull(&desk, &source, desk.clock.now(), tries).await.unwrap();
        world.pass(3_600).await;
    }
    world.until("2021-06-29 08:20").await;
    let history = world.say(manager, "/issue 1").await;
    assert!(history.contains("等待其通知时段"), "{history}");
    world.until("2021-06-29 09:29").await;
    assert!(digests(&world, operator).is_empty());
    assert_eq!(wrong(&world).await, 0);
    world.until("2021-06-29 09:32").await;
    let told = digests(&world, operator);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("警钟常鸣") && told[0].contains("再接再励"));
    // From Friday evening to Monday.
    world.until("2021-07-03 08:00").await;
    world.sandbox.unread(operator);
    let third = TYPO.replace("警钟常鸣", "做为");
    world
        .report("2021-07-03", &format!("{TYPO}{TYPO2}{third}"))
        .await;
    world.until("2021-07-05 09:28").await;
    assert!(digests(&world, operator).is_empty());
    assert_eq!(wrong(&world).await, 0);
    // What is asked for is answered at any hour.
    let said = world.say(operator, "/my").await;
    assert!(said.contains("未办结"), "{said}");
    world.until("2021-07-05 09:35").await;
    let told = digests(&world, operator);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("做为"), "{}", told[0]);
    world.end();
}

async fn urgent_news_breaks_through_alone(mut world: World) {
    let operator = world.bind("O1").await;
    world.say(operator, "/quiet 18:00-10:00").await;
    world.report("2021-06-28", TYPO).await;
    assert!(digests(&world, operator).is_empty(), "it waits until ten");
    let serious = "示范发布,微信公众号,示范一区,严重表述错误,甲,乙,\n";
    world.drop_report(
        "corrected-2021-06-28.csv",
        format!("{}{TYPO}{TYPO2}{serious}", support::HEADER),
    );
    let (desk, source) = (world.app.desk.clone(), world.settings.sources[0].clone());
    let tries = Tries {
        number: 1,
        last: true,
    };
    pull(&desk, &source, desk.clock.now(), tries).await.unwrap();
    world.until("2021-06-28 09:10").await;
    let told = digests(&world, operator);
    assert_eq!(told.len(), 1, "{told:#?}");
    for calm in ["警钟常鸣", "再接再励"] {
        assert!(
            told[0].contains("甲") && !told[0].contains(calm),
            "{}",
            told[0]
        );
    }
    // Each issue says of itself who was told and who waits; nobody counts as forgotten.
    let life = world.say(operator, "/issue 2").await;
    assert!(life.contains("等待其通知时段"), "{life}");
    let life = world.say(operator, "/issue 3").await;
    assert!(
        life.contains("已送达") && !life.contains("等待其"),
        "{life}"
    );
    world.until("2021-06-28 09:50").await;
    assert_eq!(
        (digests(&world, operator).len(), wrong(&world).await),
        (0, 0)
    );
    world.until("2021-06-28 10:05").await;
    let told = digests(&world, operator);
    assert_eq!(told.len(), 1, "{told:#?}");
    for calm in ["警钟常鸣", "再接再励"] {
        assert!(
            told[0].contains(calm) && !told[0].contains("甲"),
            "{}",
            told[0]
        );
    }
    world.end();
}

async fn an_outage_at_night_is_made_up_for_in_the_morning(mut world: World) {
    let operator = world.bind("O1").await;
    world.until("2021-06-28 08:20").await;
    let until = support::at("2021-06-28 22:00").timestamp();
    world.sandbox.fault(Fault::Down { until });
    world.report("2021-06-28", TYPO).await;
    world.until("2021-06-29 07:59").await;
    assert!(digests(&world, operator).is_empty());
    assert_eq!(wrong(&world).await, 0);
    world.until("2021-06-29 08:02").await;
    assert_eq!(digests(&world, operator).len(), 1);
    world.end();
}

async fn who_binds_at_night_reads_in_the_morning(mut world: World) {
    world.report("2021-06-28", TYPO).await;
    world.until("2021-06-28 23:00").await;
    let operator = world.bind("O1").await;
    world.until("2021-06-29 07:59").await;
    assert!(digests(&world, operator).is_empty());
    assert_eq!(wrong(&world).await, 0);
    world.until("2021-06-29 08:01").await;
    assert_eq!(digests(&world, operator).len(), 1);
    world.end();
}

async fn quiet_hours_are_shown_narrowed_and_refused(mut world: World) {
    world.settings.delivery.send_days = Days::Working;
    with_hours(
        &mut world,
        "[[hours]]\nperson = \"O3\"\nsend_after = \"09:00\"\nsend_until = \"12:00\"\n",
    )
    .await;
    let (operator, other) = (world.bind("O1").await, world.bind("O3").await);
    let admin = world.bind("A1").await;
    let said = world.say(operator, "/quiet").await;
    assert!(said.contains("通知在工作日 08:00–20:00 发送"), "{said}");
    assert!(said.contains("办公室规定：工作日 08:00–20:00"), "{said}");
    let said = world.say(other, "/quiet").await;
    assert!(said.contains("为您规定：工作日 09:00–12:00"), "{said}");
    let said = world.say(other, "/quiet 11:30-10:00").await;
    assert!(said.contains("最迟可到 09:30"), "{said}");
    let said = world.say(operator, "/quiet 19:00-18:00").await;
    assert!(
        said.contains("太长") && said.contains("/quiet 19:00-17:00"),
        "{said}"
    );
    let said = world.say(operator, "/quiet 12点—14点").await;
    assert!(said.contains("08:00–12:00、14:00–20:00"), "{said}");
    let said = world.say(operator, "/quiet 大概晚上").await;
    assert!(said.contains("没看懂"), "{said}");
    let said = world.say(operator, "/quiet").await;
    assert!(said.contains("12:00–14:00 免打扰"), "{said}");
    let said = world.say(operator, "/quiet 关闭").await;
    assert!(
        said.contains("已关闭免打扰") && said.contains("08:00–20:00"),
        "{said}"
    );
    let said = world.say(admin, "/quiet 22:00-08:00").await;
    assert!(!said.contains("免打扰"), "{said}");
    // Hours that are wide open again let out at once what waits.
    world.until("2021-06-28 12:30").await;
    world.say(operator, "/quiet 08:30-18:00").await;
    world.report("2021-06-29", TYPO).await;
    world.until("2021-06-29 09:30").await;
    assert!(digests(&world, operator).is_empty());
    world.sandbox.say(operator, "/quiet off");
    world.settle().await;
    world.pass(5).await;
    assert_eq!(digests(&world, operator).len(), 1);
    world.end();
}

async fn what_runs_moves_to_other_working_hours_on_demand(mut world: World) {
    let school = world.bind("O3").await;
    with_hours(&mut world, "").await;
    world.report("2021-06-28", &format!("{TYPO}{SCHOOL}")).await;
    with_hours(
        &mut world,
        "[[hours]]\nunit = \"Q1A\"\nwork_start = \"10:00\"\nwork_end = \"19:30\"\n",
    )
    .await;
    world.sandbox.unread(school);
    let said = world.say(school, "/due 2").await;
    assert!(said.contains("6月29日(周二) 17:30"), "{said}");
    let desk = world.app.desk.clone();
    for want in [vec![2], vec![]] {
        let mut tx = desk.store.begin().await.unwrap();
        let roster = desk.directory(&mut tx).await.unwrap().roster;
        let (moves, _) = due_moves(&mut tx, &desk.rules, &roster).await.unwrap();
        let ids: Vec<i64> = moves.iter().map(|one| one.issue.id).collect();
        assert_eq!(ids, want);
        move_due(&mut tx, &desk.rules, &moves, desk.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let said = world.say(school, "/due 2").await;
    assert!(said.contains("6月29日(周二) 19:30"), "{said}");
    world.end();
}
