//! A year of a city at the speed of the machine: whatever happened, the numbers add up.

#![expect(clippy::unwrap_used, reason = "a year that cannot go on fails")]

use std::collections::BTreeMap;
use std::time::Instant;

use duban::audit::{self, Auditor};
use duban::flow::Outcome;
use duban::issue::acts;
use duban::issue::state::{Event, Standing, State};
use duban::issue::table as issues;
use duban::store::vals;

#[path = "../benches/limits/city.rs"]
#[expect(dead_code, reason = "what only the benchmarks need")]
mod city;
#[path = "../benches/limits/listing.rs"]
mod listing;
#[path = "../benches/limits/living.rs"]
mod living;
use living::City;

/// A year, looked at five times.
const DAYS: usize = 365;
const LOOK_EVERY: usize = 73;

/// What the reports of the year did, as the program said day by day.
#[derive(Debug, Default, PartialEq)]
struct Said {
    opened: usize,
    reopened: usize,
    verified: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut city = City::start(folder.path()).await;
    city.sleeps = true;
    let (mut said, begun) = (Said::default(), Instant::now());
    for day in 1..=DAYS {
        let date = city.date;
        let outcome = city.day().await;
        as_usual(&outcome, city.listing.listed());
        said.opened += outcome.opened;
        said.reopened += outcome.reopened;
        said.verified += outcome.verified;
        // The office puts away what was taken.
        std::fs::remove_file(city.report(date)).unwrap();
        if day % LOOK_EVERY == 0 || day == DAYS {
            adds_up(&city, &said).await;
            println!("{day} days in {:.1} s", begun.elapsed().as_secs_f64());
        }
    }
    assert_eq!(city.sandbox.violations(), Vec::<String>::new());
}

fn as_usual(outcome: &Outcome, listed: usize) {
    assert_eq!(outcome.findings, listed, "{outcome:?}");
    assert_eq!(outcome.matched, listed, "{outcome:?}");
    assert!(outcome.odd.is_empty(), "{outcome:?}");
}

type Counts = BTreeMap<String, usize>;

async fn counted(tx: &mut duban::store::Tx, sql: &'static str) -> Counts {
    let rows = tx.all(sql, vals![]).await.unwrap();
    rows.iter()
        .map(|row| {
            let count = usize::try_from(row.int(1).unwrap()).unwrap();
            (row.text(0).unwrap(), count)
        })
        .collect()
}

async fn adds_up(city: &City, said: &Said) {
    let desk = &city.app.desk;
    let mut tx = desk.store.begin().await.unwrap();
    let states = counted(&mut tx, "select state, count(*) from issue group by state").await;
    let reasons = counted(
        &mut tx,
        "select close_reason, count(*) from issue where state = 'closed' group by close_reason",
    )
    .await;
    let verbs = counted(&mut tx, "select verb, count(*) from act group by verb").await;
    let notices = counted(&mut tx, "select state, count(*) from notice group by state").await;
    println!("{states:?} {reasons:?} {verbs:?} {notices:?}");
    let of = |counts: &Counts, names: &[&str]| -> usize {
        names.iter().filter_map(|name| counts.get(*name)).sum()
    };

    // What the platform did is what the program said and what is stored.
    let platform = &city.listing;
    let live = of(&states, &["open", "acknowledged", "fix_reported"]);
    assert_eq!(live, platform.listed());
    assert_eq!(said.opened, platform.opened);
    assert_eq!(said.opened, of(&verbs, &["opened"]));
    let vanished = of(&verbs, &["verified", "verified_unreported"]);
    assert_eq!(
        (said.verified, vanished),
        (platform.vanished, platform.vanished)
    );
    assert_eq!(of(&verbs, &["reopened"]), platform.returned);
    assert_eq!(said.reopened, of(&verbs, &["reopened", "refuted"]));

    // Opened = live + closed, by reason; live = opened + reopened − closed.
    let closed: usize = reasons.values().sum();
    assert_eq!(closed, of(&states, &["closed"]));
    assert_eq!(platform.opened, live + closed);
    assert_eq!(live, platform.opened + platform.returned - vanished);

    // The acts of every issue lead to where it stands.
    let all = issues::all(&mut tx).await.unwrap();
    let ids: Vec<i64> = all.iter().map(|issue| issue.id).collect();
    let mut acts = acts::acts_of(&mut tx, &ids).await.unwrap();
    for issue in &all {
        let verbs = acts.remove(&issue.id).unwrap();
        let verbs: Vec<&str> = verbs.iter().map(|act| act.verb.as_str()).collect();
        assert_eq!(led_to(&verbs), issue.standing, "#{}: {verbs:?}", issue.id);
    }
    assert!(acts.is_empty());

    // What is owed has a fate; nothing that is due is left, nothing waits for one who is there.
    let ends = ["sent", "dropped", "waiting", "dead", "owed"];
    assert_eq!(
        of(&notices, &ends),
        notices.values().sum::<usize>(),
        "{notices:?}"
    );
    assert_eq!(of(&notices, &["dead"]), 0);
    let astray = tx
        .all(
            "select n.id from notice n where (n.state = 'owed' and n.not_before <= $1)
                or (n.state = 'waiting' and n.person_id in (select person_id from binding))",
            vals![desk.clock.now_ms()],
        )
        .await
        .unwrap();
    assert_eq!(astray.len(), 0);
    let untold = tx
        .all(
            "select id from issue where not exists
                (select 1 from notice_issue x where x.issue_id = issue.id)",
            vals![],
        )
        .await
        .unwrap();
    assert_eq!(untold.len(), 0);

    // The auditor agrees, now and when it looked last.
    let directory = desk.directory(&mut tx).await.unwrap();
    let auditor = Auditor {
        rules: &desk.rules,
        roster: &directory.roster,
        now: desk.clock.now(),
    };
    let last = audit::table::last(&mut tx).await.unwrap().unwrap();
    let found = auditor.look(&mut tx).await.unwrap();
    let now = auditor.repair(&mut tx, found).await.unwrap();
    for audit in [last, now] {
        assert_eq!((audit.wrong, audit.repaired), (0, 0), "{audit:?}");
        assert_eq!(audit.issues, live);
    }
}

/// Where these acts lead, by the state machine alone.
fn led_to(verbs: &[&str]) -> Standing {
    let events = [
        Event::Acknowledge,
        Event::ReportFix,
        Event::Refute,
        Event::Reopen,
    ];
    verbs.iter().fold(Standing::OPEN, |standing, verb| {
        let event = match *verb {
            "verified" | "verified_unreported" => Some(Event::Gone),
            verb => events.into_iter().find(|event| event.verb() == verb),
        };
        let next = event.map_or(Ok(standing), |event| standing.after(event));
        assert_eq!(*verb == "verified_unreported", {
            let unreported = matches!(standing.state, State::Open | State::Acknowledged);
            event == Some(Event::Gone) && unreported
        });
        next.unwrap()
    })
}
