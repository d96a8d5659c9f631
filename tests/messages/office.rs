//! What the office reads: figures, reports that are at fault or not as usual, names to place, people not reached.

use duban::audit::{Example, Wrong};
use duban::feedback::table::Waits;
use duban::matching::table::{Offer, Printed, Waiting};
use duban::message::WaitingView;
use duban::report::table::{Doubt, Doubted, Reading};
use duban::report::usual::{Odd, What};
use duban::summary::{AuditLine, ReportLine, Status, UnitLine};
use minijinja::{Value, context};
use serde_json::json;

use super::cast::{DOUYIN, EDUCATION, HEALTH, MANAGER, WECHAT, data, day, ms, some};
use super::{Sample, sample, text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn odd() -> Vec<Odd> {
    let odd = |what, now, usual| Odd {
        what,
        now,
        usual,
        newest: (what == What::Old).then(|| day("2026-09-24")),
    };
    vec![
        odd(What::Empty, 0, 120),
        odd(What::Rows, 1, 120),
        odd(What::Accounts, 12, 96),
        odd(What::Old, 3, 1),
    ]
}

fn full() -> Status {
    let unit = |name: &str, live, overdue| UnitLine {
        name: data(name),
        live,
        overdue,
    };
    let report = |source: &str, odd: Vec<Odd>| ReportLine {
        source: data(source),
        date: "2026-09-30".to_owned(),
        findings: 132,
        opened: 12,
        seen_again: 98,
        reopened: 2,
        verified: 21,
        unverified: odd.len() * 3,
        odd,
        reading: Reading::default(),
        ..ReportLine::default()
    };
    let example = |what, issue| Example {
        what,
        issue,
        notice: None,
    };
    Status {
        whole: true,
        scope: "*".to_owned(),
        at: "09-30 09:12".to_owned(),
        live: 128,
        open: 40,
        acknowledged: 60,
        fix_reported: 28,
        overdue: 9,
        due_today: 4,
        disputed: 3,
        requests: 2,
        closed: 1_204,
        verified: 1_100,
        verified_unreported: 80,
        false_alarm: 24,
        units: 2,
        top: vec![
            unit("示范<一>区卫健局&疾控中心", 31, 6),
            unit("示范市教育局", 12, 0),
        ],
        reports: vec![
            ReportLine {
                rejected: 2,
                findings: 1,
                ..report("市平台", vec![])
            },
            report("省平台<周报>", odd()),
            ReportLine {
                source: data("县平台"),
                missing: true,
                ..ReportLine::default()
            },
        ],
        stale_soon: 5,
        stale: 2,
        waiting: 3,
        unbound: 1,
        unreachable: 2,
        unattended: 4,
        undelivered: 1,
        audit: Some(AuditLine {
            at: "09-30 03:00".to_owned(),
            wrong: 3,
            repaired: 1,
            examples: vec![
                example(Wrong::Nobody, Some(17)),
                example(Wrong::Missed, Some(18)),
                example(Wrong::Stuck, None),
            ],
        }),
        unknown_years: vec![2027, 2028],
        feedback: vec![
            Waits {
                source: data("省<平台>"),
                waiting: 3,
                failed: 2,
                error: some("api.example answered 503 Service Unavailable"),
            },
            Waits {
                source: data("市平台"),
                waiting: 1,
                ..Waits::default()
            },
        ],
    }
}

fn status(about: &'static str, status: fn() -> Status) -> Sample {
    sample("status", about, move |_, words| {
        let context = context! { s => Value::from_serialize(status()) };
        text(words.text("status", context).unwrap())
    })
}

fn report(about: &'static str, fault: fn() -> serde_json::Value) -> Sample {
    sample("report_fault", about, move |_, words| {
        let context = context! { fault => Value::from_serialize(fault()) };
        text(words.text("report_fault", context).unwrap())
    })
}

fn faults() -> Vec<Sample> {
    let mut all = vec![
        report("unreadable", || {
            json!({"source": data("市平台<每日>"), "date": "2026-09-30", "error": "not a workbook",
                "fault": {"code": "no_header", "file": data("每日检查.xlsx"), "sheet": data("微信"), "row": 3, "reason": "no header in the first 15 rows"}})
        }),
        report(
            "not answered",
            || json!({"source": data("市平台"), "error": "HTTP 502: <html>Bad Gateway</html>"}),
        ),
        report("incomplete, rows rejected", || {
            let row = |row: u64, code: &str| json!({"sheet": data("微信"), "row": row, "column": data("发布时间"), "value": data("昨天<下午>"), "reason": "not a date", "code": code});
            let rows: Vec<serde_json::Value> = (2..9)
                .zip([
                    "not_a_date",
                    "damaged",
                    "no_name",
                    "no_problem",
                    "cells_differ",
                    "update_to_come",
                    "x",
                ])
                .map(|(n, code)| row(n, code))
                .collect();
            json!({"source": data("市平台"), "date": "2026-09-30", "format": "csv", "encoding": "GB18030",
                "incomplete": {"column": "total", "value": "600"}, "rejected": rows})
        }),
        report("cut off, nothing rejected", || {
            json!({"source": data("市平台"), "date": "2026-09-30", "format": "csv", "encoding": "UTF-8",
                "incomplete": {"file": data("每日检查.csv"), "code": "cut_off", "reason": "the file ends in the middle of a character"}})
        }),
        report("a workbook with a password", || {
            json!({"source": data("市平台"), "error": "每日检查.xlsx: the workbook is protected by a password",
                "fault": {"code": "encrypted", "file": data("每日检查.xlsx"), "reason": "the workbook is protected by a password; save it again without one"}})
        }),
        report(
            "one row rejected",
            || json!({"source": data("市平台"), "date": "2026-09-30", "rejected": [{"row": 2, "reason": "no such thing as <this>"}]}),
        ),
    ];
    for (about, refused) in [("a platform refuses", true), ("a platform is gone", false)] {
        all.push(sample("report_fault", about, move |_, words| {
            let why = data("api.example answered 422 <code>");
            let fault = json!({"source": data("省平台"),
                "feedback": {"issue": 17, "why": why, "refused": refused}});
            let context = context! { fault => Value::from_serialize(&fault) };
            text(words.text("report_fault", context).unwrap())
        }));
    }
    for missing in ["empty", "unchanged", "older", "unread"] {
        all.push(sample("report_fault", missing, move |_, words| {
            let fault = json!({"source": data("市平台"), "date": "2026-09-30", "missing": missing});
            text(
                words
                    .text(
                        "report_fault",
                        context! { fault => Value::from_serialize(&fault) },
                    )
                    .unwrap(),
            )
        }));
    }
    all
}

fn doubted(accepted: Option<i64>, silent: usize) -> Doubted {
    Doubted {
        id: 7,
        source: data("省平台<周报>"),
        date: "2026-09-30".to_owned(),
        state: "processed".to_owned(),
        received_at: ms("2026-09-30 08:40"),
        doubt: Doubt {
            odd: odd(),
            silent: vec![17; silent],
        },
        accepted_at: accepted.map(|_| ms("2026-09-30 09:10")),
        accepted_by: accepted.filter(|id| *id > 0),
    }
}

fn odds() -> Vec<Sample> {
    let one = |about, accepted, silent, outdated, closed| {
        sample("report_odd", about, move |cast, words| {
            cast.lens(words)
                .odd(KEY, &doubted(accepted, silent), outdated, closed)
                .unwrap()
        })
    };
    vec![
        one("to be ruled on", None, 86, false, None),
        one("one issue", None, 1, false, None),
        one(
            "found right by this press",
            Some(MANAGER),
            86,
            false,
            Some(1),
        ),
        one("found right by the office", Some(0), 86, false, None),
        one("a newer one came", None, 86, true, None),
    ]
}

fn name(outcome: &str, state: &str, candidates: Vec<Offer>) -> Waiting {
    Waiting {
        id: 1,
        outcome: outcome.to_owned(),
        source: data("市平台"),
        printed: Printed {
            account: some("示范教育<订阅号>"),
            platform: Some("wechat".to_owned()),
            uid: Some("gh_1a2b".to_owned()),
            unit: some("市教育局"),
            area: some("示范区"),
        },
        candidates,
        state: state.to_owned(),
        decided_by: None,
        alias_id: None,
    }
}

fn names() -> Vec<Sample> {
    let offer = |account, unit, score, why: &str| Offer {
        account,
        unit,
        score,
        why: why.to_owned(),
    };
    let one = |about, names: fn(&[Offer]) -> Vec<Waiting>| {
        sample("waiting", about, move |cast, words| {
            let offers = [
                offer(Some(WECHAT), EDUCATION, 92, "name_elsewhere"),
                offer(Some(DOUYIN), HEALTH, 71, "looks_alike"),
                offer(None, EDUCATION, 100, "same_name"),
            ];
            let view = WaitingView::of(&cast.lens(words), KEY, &names(&offers), 0);
            words.waiting(&view).unwrap()
        })
    };
    vec![
        one("the first of two", |offers| {
            vec![
                name("ambiguous", "open", offers.to_vec()),
                name("unmatched", "open", vec![]),
            ]
        }),
        one("nothing like it", |_| {
            vec![name("unmatched", "open", vec![])]
        }),
        one("decided", |offers| {
            vec![name("ambiguous", "decided", offers.to_vec())]
        }),
    ]
}

fn unreached() -> Vec<Sample> {
    let one = |about, many: usize, lost: bool| {
        sample("unreachable", about, move |_, words| {
            let whys = [
                "the person is not bound yet",
                "Forbidden: bot was blocked by the user",
                "Bad Request: chat not found",
                "Forbidden: user is deactivated",
            ];
            let people: Vec<Value> = (0..many).map(|n| context! {
                name => data("A&B<林晓雨>"), unit => if n == 0 { String::new() } else { data("示范市教育局") },
                why => words.why(whys[n % 4]), lost => lost || n == 3,
            }).collect();
            text(
                words
                    .text("unreachable", context! { people => people })
                    .unwrap(),
            )
        })
    };
    vec![
        one("one", 1, false),
        one("a message lost", 1, true),
        one("many", 23, false),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all = vec![
        status("everything", full),
        status("nothing yet", || Status {
            whole: true,
            at: "09-30 09:12".to_owned(),
            ..Status::default()
        }),
        status("of some units", || Status {
            whole: false,
            scope: [data("示范市教育局"), data("示范<一>区卫健局")].join("、"),
            reports: vec![],
            audit: None,
            unknown_years: vec![],
            unbound: 2,
            unreachable: 1,
            waiting: 0,
            ..full()
        }),
    ];
    all.extend(faults());
    all.extend(odds());
    all.extend(names());
    all.extend(unreached());
    all
}
