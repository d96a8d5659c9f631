//! The ladder as people live it: who is told what by the clock, and what stops it. Stories on both
//! engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use duban::flow::{due_moves, move_due};
use duban::sandbox::ChatMessage;
use duban::store::vals;
use support::{World, at};

stories![
    nobody_moves_and_the_ladder_is_climbed_once,
    through_the_national_day,
    a_reported_fix_and_a_dispute_pause_it,
    who_cannot_be_told_does_not_stop_the_clock,
    the_night_defers_unless_it_is_urgent,
    what_runs_keeps_its_ladder_until_the_policy_is_applied,
];

const TYPO: &str = "示范发布,微信公众号,示范一区,错别字,警钟常鸣,警钟长鸣,\n";
const TYPO2: &str = "示范发布,微信公众号,示范一区,错别字,再接再励,再接再厉,\n";

/// What a digest begins with.
const HEADS: [&str; 4] = ["📋 每日检查", "📥 尚未签收", "⏰ 到期提醒", "⚠️ 超期预警"];

/// The only digest that a chat was sent since the last look.
fn only(world: &World, chat: i64) -> ChatMessage {
    let mut told = world.sandbox.unread(chat);
    told.retain(|m| HEADS.contains(&head(m).as_str()));
    assert_eq!(told.len(), 1, "{told:#?}");
    told.remove(0)
}

/// Which digests a chat was sent since the last look, by its first line without the date, and what it answers.
fn told(world: &World, chat: i64) -> Vec<(String, Option<i64>)> {
    let told = world.sandbox.unread(chat);
    // What was only drawn again is no news.
    let told = told.iter().filter(|m| m.edits == 0);
    let told = told.map(|m| (head(m), m.reply_to()));
    told.filter(|(head, _)| HEADS.contains(&head.as_str()))
        .collect()
}

fn head(message: &ChatMessage) -> String {
    let first = message.text.lines().next().unwrap_or_default();
    first
        .split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}

fn heads(world: &World, chat: i64) -> Vec<String> {
    told(world, chat)
        .into_iter()
        .map(|(head, _)| head)
        .collect()
}

/// The program with other settings; the lease of the former one runs out.
async fn with_policy(world: &mut World, ladder: &str) {
    let path = world.folder.path().join("policy.toml");
    let text = format!("[[deadline]]\namount = 3\nunit = \"working_days\"\n[[ladder]]\n{ladder}\n");
    std::fs::write(&path, text).unwrap();
    world.settings.data.policy = Some(path);
    world.restart().await;
    world.pass(61).await;
}

async fn nobody_moves_and_the_ladder_is_climbed_once(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let (manager, other) = (world.bind("M1").await, world.bind("M2").await);
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    let said = world.say(operator, "/due 1").await;
    let next = "下一步：6月29日(周二) 09:00 尚未签收提醒，告知运维人员、分管负责人";
    assert!(said.contains(next), "{said}");

    world.until("2021-06-29 09:40").await;
    let reminder = world.reads(operator);
    assert_eq!(
        (head(&reminder), reminder.reply_to()),
        ("📥 尚未签收".to_owned(), Some(digest.id))
    );
    assert!(reminder.text.contains("尚未签收") && reminder.text.contains("（2 项）"));
    let seen = world.reads(lead);
    assert_eq!(
        (head(&seen), seen.reply_to()),
        ("📥 尚未签收".to_owned(), None)
    );
    // One is acknowledged by the reminder itself; the reminders go on.
    let toast = world.press(operator, reminder.id, "1 收到").await;
    assert!(toast.contains("已签收"), "{toast}");
    world.sandbox.unread(operator);
    let said = world.say(operator, "/due 1").await;
    assert!(
        said.contains("6月30日(周三) 09:00 到期提醒，告知运维人员"),
        "{said}"
    );

    // Killed and started again: what is over is not said again, what comes is.
    world.restart().await;
    world.until("2021-06-30 09:40").await;
    assert_eq!(
        told(&world, operator),
        [("⏰ 到期提醒".to_owned(), Some(digest.id))]
    );
    assert!(heads(&world, lead).is_empty() && heads(&world, manager).is_empty());
    world.until("2021-07-01 18:10").await;
    assert_eq!(
        told(&world, operator),
        [("⚠️ 超期预警".to_owned(), Some(digest.id))]
    );
    assert_eq!(
        told(&world, lead),
        [("⚠️ 超期预警".to_owned(), Some(seen.id))]
    );

    // Every two working days the lead and the manager, three times and no more.
    for day in ["2021-07-05 18:10", "2021-07-07 18:10", "2021-07-09 18:10"] {
        assert!(heads(&world, manager).is_empty());
        world.until(&day.replace("18:10", "17:20")).await;
        assert!(heads(&world, manager).is_empty(), "{day}");
        world.restart().await;
        world.until(day).await;
        assert_eq!(heads(&world, lead), ["⚠️ 超期预警"], "{day}");
        let seen = only(&world, manager);
        assert_eq!(
            (head(&seen), seen.buttons.len()),
            ("⚠️ 超期预警".to_owned(), 0),
            "{day}"
        );
    }
    let said = world.say(operator, "/due 1").await;
    assert!(said.contains("各级提醒均已发出"), "{said}");
    world.until("2021-08-02 12:00").await;
    for chat in [operator, lead, other] {
        let told = heads(&world, chat);
        assert!(told.iter().all(|head| !head.contains("超期")), "{told:?}");
    }
    world.end();
}

async fn through_the_national_day(mut world: World) {
    let (operator, lead, manager) = (
        world.bind("O1").await,
        world.bind("L1").await,
        world.bind("M1").await,
    );
    world.app.desk.clock.advance_to(at("2021-09-30 08:00"));
    world.report("2021-09-30", TYPO).await;
    let digest = world.reads(operator);
    assert!(
        digest.text.contains("10月11日(周一) 17:30 前"),
        "{}",
        digest.text
    );
    world.until("2021-10-08 08:20").await;
    world.restart().await;
    for chat in [operator, lead] {
        assert!(heads(&world, chat).is_empty(), "nothing in the holiday");
    }
    world.until("2021-10-08 10:00").await;
    assert_eq!(
        told(&world, operator),
        [("📥 尚未签收".to_owned(), Some(digest.id))]
    );
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);
    // The reminder on the make-up Saturday, the warning on Monday, the manager on Wednesday.
    world.until("2021-10-09 10:00").await;
    assert_eq!(
        told(&world, operator),
        [("⏰ 到期提醒".to_owned(), Some(digest.id))]
    );
    world.until("2021-10-11 18:10").await;
    assert_eq!(heads(&world, operator), ["⚠️ 超期预警"]);
    assert_eq!(heads(&world, lead), ["⚠️ 超期预警"]);
    world.sandbox.unread(manager);
    world.until("2021-10-13 18:10").await;
    assert!(heads(&world, manager).contains(&"⚠️ 超期预警".to_owned()));
    world.end();
}

async fn a_reported_fix_and_a_dispute_pause_it(mut world: World) {
    let (operator, lead, manager) = (
        world.bind("O1").await,
        world.bind("L1").await,
        world.bind("M1").await,
    );
    world.report("2021-06-28", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.reply(operator, digest.id, "1 已改").await;
    world.reply(operator, digest.id, "2 误报 标题是引文").await;
    world.pass(120).await;
    let ruling = world.sandbox.last(manager).unwrap();
    for (asked, want) in [
        ("/due 1", "已报整改，提醒暂停"),
        ("/due 2", "申诉待裁，提醒暂停"),
    ] {
        let said = world.say(operator, asked).await;
        assert!(said.contains(want), "{asked}: {said}");
    }
    // Still listed on Wednesday: the fix was none. What waits for an acknowledgment begins anew; the
    // reminder that came due meanwhile is said with it, and the dispute stands still.
    world.until("2021-06-29 18:00").await;
    assert!(heads(&world, operator).is_empty() && heads(&world, lead).is_empty());
    world.report("2021-06-30", &format!("{TYPO}{TYPO2}")).await;
    let said = world.reads(operator).text;
    assert!(
        said.contains("复查未通过") && !said.contains("再接再励"),
        "{said}"
    );
    world.until("2021-06-30 18:00").await;
    let said = world.reads(operator);
    assert!(said.text.contains("即将到期") && !said.text.contains("再接再励"));
    // That the fix was found wanting the lead heard too; the reminder is the operator's alone.
    let seen = only(&world, lead);
    assert!(seen.text.contains("复查未通过") && !seen.text.contains("再接再励"));
    world.until("2021-07-01 09:40").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"]);
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);

    // The manager does not agree with the dispute after the due time: overdue at once, said once.
    world.until("2021-07-02 10:00").await;
    assert_eq!(heads(&world, operator), ["⚠️ 超期预警"]);
    world.sandbox.unread(lead);
    world.press(manager, ruling.id, "不同意，需整改").await;
    world.until("2021-07-02 11:00").await;
    let said = world.sandbox.unread(operator);
    let said: Vec<_> = said.iter().filter(|m| head(m) == "⚠️ 超期预警").collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].text.contains("再接再励") && !said[0].text.contains("警钟常鸣"));

    // What is closed is left alone; what comes back begins anew.
    world.report("2021-07-03", "").await;
    let closed = "closed verified_unreported";
    assert_eq!(
        world.issues().await,
        [format!("#1 {closed}"), format!("#2 {closed}")]
    );
    for chat in [operator, lead, manager] {
        world.sandbox.unread(chat);
    }
    world.until("2021-07-12 08:20").await;
    assert!(heads(&world, operator).is_empty() && heads(&world, lead).is_empty());
    world.report("2021-07-12", TYPO).await;
    assert!(world.reads(operator).text.contains("再次出现"));
    world.until("2021-07-13 09:40").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"]);
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);
    world.end();
}

async fn who_cannot_be_told_does_not_stop_the_clock(mut world: World) {
    let (lead, manager) = (world.bind("L1").await, world.bind("M1").await);
    world.report("2021-06-28", TYPO).await;
    world.sandbox.unread(lead);
    world.sandbox.unread(manager);
    world.until("2021-06-29 09:40").await;
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);
    // The operator's reminder comes to the lead in the operator's place, the warning is the lead's own.
    world.until("2021-07-01 18:10").await;
    assert_eq!(heads(&world, lead), ["⏰ 到期提醒", "⚠️ 超期预警"]);
    world.sandbox.block(lead);
    world.until("2021-07-05 18:10").await;
    let told = heads(&world, manager);
    assert!(told.contains(&"⚠️ 超期预警".to_owned()), "{told:?}");
    // On binding: one digest of what waits, each issue once.
    let invitation = world.invite("O1").await;
    let operator = world.sandbox.user("O1");
    world.sandbox.say(operator, &format!("/start {invitation}"));
    world.settle().await;
    world.pass(120).await;
    let told = world.sandbox.unread(operator);
    let digests: Vec<_> = told
        .iter()
        .filter(|m| m.text.contains("警钟常鸣"))
        .collect();
    assert_eq!(digests.len(), 1);
    assert_eq!(digests[0].text.matches("#1").count(), 1);
    world.end();
}

async fn the_night_defers_unless_it_is_urgent(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    let steps = "steps = [{ when = \"unacknowledged\", after = \"13h\", tell = [\"operator\"] }]";
    with_policy(&mut world, steps).await;
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    let said = world.say(operator, "/due").await;
    assert!(
        said.contains("下一步：6月29日(周二) 08:00 尚未签收"),
        "{said}"
    );
    world.until("2021-06-29 07:50").await;
    assert!(heads(&world, operator).is_empty());
    world.until("2021-06-29 08:10").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"]);

    // What is done in the night is not said in the morning.
    world.until("2021-06-29 12:00").await;
    world.report("2021-06-30", &format!("{TYPO}{TYPO2}")).await;
    let digest = world.reads(operator);
    world.until("2021-06-30 22:00").await;
    world.reply(operator, digest.id, "1 收到").await;
    world.until("2021-07-01 08:10").await;
    assert!(heads(&world, operator).is_empty());

    // An urgent ladder speaks at its hour.
    world.until("2021-07-01 12:00").await;
    with_policy(&mut world, &format!("urgent = true\n{steps}")).await;
    world
        .report(
            "2021-07-02",
            &format!("{TYPO}{TYPO2}示范发布,微信公众号,示范一区,错别字,做为,作为,\n"),
        )
        .await;
    world.sandbox.unread(operator);
    world.until("2021-07-02 22:10").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"]);
    assert!(heads(&world, lead).is_empty());
    world.end();
}

async fn what_runs_keeps_its_ladder_until_the_policy_is_applied(mut world: World) {
    let (operator, lead) = (world.bind("O1").await, world.bind("L1").await);
    world.report("2021-06-28", TYPO).await;
    world.reads(operator);
    let steps = "steps = [{ when = \"unacknowledged\", after = \"2wd\", tell = [\"lead\"] },\n\
        { when = \"before_due\", share = 0.5, tell = [\"operator\"] }]";
    with_policy(&mut world, steps).await;
    world.until("2021-06-29 09:40").await;
    assert_eq!(heads(&world, operator), ["📥 尚未签收"], "as it was laid");
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);

    let desk = world.app.desk.clone();
    for (moves_want, acts) in [(1, "opened"), (0, "opened")] {
        let mut tx = desk.store.begin().await.unwrap();
        let roster = desk.directory(&mut tx).await.unwrap().roster;
        let (moves, running) = due_moves(&mut tx, &desk.rules, &roster).await.unwrap();
        assert_eq!((moves.len(), running), (moves_want, 1));
        move_due(&mut tx, &desk.rules, &moves, desk.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.acts(1).await, [acts], "the due time did not move");
    }
    world.until("2021-06-29 18:10").await;
    assert_eq!(heads(&world, operator), ["⏰ 到期提醒"]);
    world.until("2021-06-30 09:40").await;
    assert_eq!(heads(&world, lead), ["📥 尚未签收"]);
    world.until("2021-07-08 18:10").await;
    assert!(heads(&world, operator).is_empty() && heads(&world, lead).is_empty());
    let mut tx = world.store().read().await.unwrap();
    let sql = "select count(*) from issue where step_at is null";
    let row = tx.first(sql, vals![]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), 1);
    drop(tx);
    world.end();
}

/// A tick asks an index, whatever is closed.
#[tokio::test]
async fn a_tick_reads_no_closed_issue() {
    let world = World::start(support::On::Sqlite).await;
    let mut tx = world.store().read().await.unwrap();
    let sql = "explain query plan select id from issue
         where state in ('open', 'acknowledged') and step_at <= $1 and disputed = 0 limit 1";
    let row = tx.first(sql, vals![1_i64]).await.unwrap().unwrap();
    let plan = row.text(3).unwrap();
    assert!(
        plan.contains("issue_live (state=? AND step_at<?)"),
        "{plan}"
    );
    drop(tx);
    world.end();
}

/// What ran before the ladder was data keeps the two steps it had.
#[tokio::test]
async fn what_ran_before_keeps_its_two_steps() {
    use sqlx::Executor as _;
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/old.db?mode=rwc", folder.path().display());
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let run = async |name: &str| {
        let sql = std::fs::read_to_string(format!("migrations/{name}.sql")).unwrap();
        pool.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
            .await
            .unwrap();
    };
    run("0001_start").await;
    run("0002_stamps").await;
    for (id, state, remind, due, reminded, warned) in [
        (1, "open", "200", "300", "null", "null"),
        (2, "acknowledged", "200", "300", "201", "null"),
        (3, "open", "200", "300", "201", "301"),
        (4, "open", "300", "300", "300", "null"),
        (5, "open", "null", "null", "null", "null"),
        (6, "closed", "200", "300", "null", "null"),
    ] {
        let sql = format!(
            "insert into issue (id, identity, source, unit_id, category, severity, urgent, state, disputed,
                matched_by, opened_at, told_at, due_at, remind_at, reminded_at, overdue_told_at, reopened,
                last_report, last_seen_at, revision)
             values ({id}, 'i{id}', 'daily', 1, 'typo', 'normal', 0, '{state}', 0, 'exact', 100, 100, {due},
                {remind}, {reminded}, {warned}, 0, 1, 100, 0)"
        );
        pool.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
            .await
            .unwrap();
    }
    run("0006_ladder").await;
    type Old = (i64, Option<String>, Option<i64>, Option<i64>);
    let sql = "select id, ladder, step_at, stepped_at from issue order by id";
    let rows: Vec<Old> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let steps: Vec<_> = rows.iter().map(|row| (row.2, row.3)).collect();
    assert_eq!(
        steps,
        [
            (Some(200), None),
            (Some(300), Some(200)),
            (None, Some(300)),
            (Some(300), Some(299)),
            (None, None),
            (None, None),
        ]
    );
    for (id, ladder, ..) in rows {
        let climb = duban::issue::deadline::Climb::read(ladder.as_deref(), None, None).unwrap();
        assert_eq!(climb.laid.rungs.len(), if id < 5 { 2 } else { 0 });
        assert_eq!(climb.laid.after(Some(200)), (id < 5).then_some(300));
    }
}
