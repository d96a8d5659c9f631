//! Report files that a manager hands to the bot.

use duban::error::Fault;
use duban::finding::{Finding, Severity};
use duban::flow::Outcome;
use duban::flow::trial::{Called, Missing, Trial, TrialRow, Whose};
use duban::message::upload::Choices;
use duban::report::decode::Column;
use duban::report::usual::{Odd, What};
use minijinja::context;

use super::cast::{data, day};
use super::{Sample, sample, text};

const KEY: &str = "k3y5";

fn fault() -> Fault {
    Fault::new("not a date; write 2021-06-30")
        .code("not_a_date")
        .sheet(data("微信"))
        .row(3)
        .column(data("发布时间"))
        .value(data("昨天<下午>"))
}

fn finding(name: &str, wrong: Option<&str>) -> Finding {
    Finding {
        row: 4,
        account_name: Some(data(name)),
        platform: Some("wechat".to_owned()),
        category: "typo".to_owned(),
        severity: Severity::Normal,
        wrong_text: wrong.map(data),
        suggestion: wrong.map(|_| data("作为")),
        ..Finding::blank()
    }
}

fn rows() -> Vec<TrialRow> {
    let called = Called {
        platform: "wechat".to_owned(),
        name: data("示范<教育>"),
    };
    let matched = Whose::Matched {
        account: Some(called),
        unit: data("示范市教育局"),
        by: "normalised",
    };
    let praise = Finding {
        positive: true,
        ..finding("示范<教育>", None)
    };
    let none = || vec![];
    vec![
        TrialRow {
            finding: finding("示范<教育>", Some("做为<引>")),
            whose: matched.clone(),
        },
        TrialRow {
            finding: praise,
            whose: matched,
        },
        TrialRow {
            finding: finding("A&B<发布>", Some("做为")),
            whose: Whose::Ambiguous { candidates: none() },
        },
        TrialRow {
            finding: finding("火星", None),
            whose: Whose::Unmatched { candidates: none() },
        },
    ]
}

fn trial(about: &str) -> Trial {
    let column = |header: &str, field: Option<&str>| Column {
        sheet: None,
        header: data(header),
        field: field.map(str::to_owned),
    };
    let full = about != "nothing in it";
    let many = |n: usize| if full { n } else { 0 };
    let kept = (0..many(14)).map(|n| column(&format!("备注<{n}>"), None));
    Trial {
        source: "daily".to_owned(),
        file: "a.xlsx".to_owned(),
        date: day("2026-09-30"),
        mode: if about == "a snapshot" {
            "snapshot"
        } else {
            "incremental"
        },
        format: "xlsx",
        encoding: (!full).then(|| "GB18030".to_owned()),
        columns: vec![
            column("账号<名称>", Some("account_name")),
            column("问题类型", Some("problem_type")),
        ],
        kept: kept.collect(),
        missing: match full {
            true => vec![
                Missing::AccountName,
                Missing::Platform,
                Missing::Unit,
                Missing::ProblemType,
                Missing::FoundTime,
            ],
            false => vec![Missing::Rows],
        },
        rows: many(132),
        first: if full { rows() } else { vec![] },
        matched: many(120),
        ambiguous: many(3),
        unmatched: many(8),
        positive: many(1),
        rejected: (0..many(6)).map(|_| fault()).collect(),
        notes: vec![],
        incomplete: (about == "a snapshot").then(|| "total = 500".to_owned()),
        known: (about == "known").then_some(12),
    }
}

fn outcome(about: &str) -> Outcome {
    let full = about == "of everything";
    let many = |n: usize| if full { n } else { 0 };
    Outcome {
        report: 12,
        source: data("市平台<每日>"),
        date: "2026-09-30".to_owned(),
        duplicate: about == "duplicate",
        findings: 132,
        opened: if about == "nothing new" { 0 } else { 12 },
        seen_again: 98,
        reopened: many(2),
        verified: many(21),
        positive: many(1),
        allowed: many(3),
        updates: many(40),
        unmatched: many(2),
        ambiguous: many(1),
        rejected: (0..many(6)).map(|_| fault()).collect(),
        incomplete: full.then(|| "total = 500".to_owned()),
        odd: if full {
            vec![Odd {
                what: What::Empty,
                now: 0,
                usual: 100,
                newest: None,
            }]
        } else {
            vec![]
        },
        unverified: many(86),
        ..Outcome::default()
    }
}

pub fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    for (about, chosen) in [
        ("a snapshot", Some("市平台<每日>")),
        ("to be chosen", None),
        ("known", Some("人工上传")),
        ("nothing in it", Some("人工上传")),
    ] {
        all.push(sample("upload", about, move |cast, words| {
            let sources = ["人工上传".to_owned(), data("市平台<每日>")];
            let named = chosen.map(data);
            let choices = Choices {
                sources: &sources,
                chosen: named.as_deref(),
            };
            let file = data("九月<检查>.xlsx");
            cast.lens(words)
                .upload(KEY, &file, &trial(about), choices)
                .unwrap()
        }));
    }
    for about in ["of everything", "nothing new", "some new", "duplicate"] {
        all.push(sample("upload_done", about, move |cast, words| {
            let file = data("九月<检查>.xlsx");
            cast.lens(words).uploaded(&file, &outcome(about)).unwrap()
        }));
    }
    for (about, key) in [("once more", None), ("another day", Some(KEY))] {
        all.push(sample("upload_fault", about, move |cast, words| {
            let file = data("九月<检查>.xlsx");
            cast.lens(words).upload_fault(&file, &fault(), key).unwrap()
        }));
    }
    for what in ["area", "large", "gone", "expired", "dropped", "importing"] {
        all.push(sample("upload_word", what, move |cast, words| {
            cast.lens(words)
                .upload_word(&data("九月<检查>.xlsx"), what)
                .unwrap()
        }));
    }
    all.push(sample("upload_word", "source", |cast, words| {
        cast.lens(words)
            .upload_without_source(&data("九月<检查>.xlsx"), &data("每日<检查>"))
            .unwrap()
    }));
    for (about, again) in [("first", false), ("not understood", true)] {
        all.push(sample("upload_day_ask", about, move |_, words| {
            text(words.text("upload_day_ask", context! { again }).unwrap())
        }));
    }
    for what in ["reading", "importing", "done", "dropped", "expired"] {
        all.push(sample("toast_upload", what, move |_, words| {
            text(words.text("toast_upload", context! { what }).unwrap())
        }));
    }
    all
}
