//! Issues as people read them: digests, their pages, an issue's menu, due time and history.

use std::collections::HashMap;

use duban::finding::Severity;
use duban::issue::amount::{Amount, Unit};
use duban::issue::deadline::Climb;
use duban::issue::history::{Entry, History, What};
use duban::issue::ladder::{Laid, Moment, Rung, Step, Tell, When};
use duban::issue::state::Standing;
use duban::issue::table::Issue;
use duban::issue::why::{Counted, Explanation, Keys, Since, WorkOf};
use duban::issue::{CloseReason, How, State};
use duban::message::{
    Buttons, Catalogue, Choice, DigestView, Heading, IssueView, Rendered, Section,
};
use duban::outbox::Kind;
use duban::outbox::fate::{self, Told};
use duban::report::mention::Mention;

use super::cast::{
    COLLEAGUE, Cast, LEAD, LONG, MANAGER, OPERATOR, SITE, act, data, day, disputed, fixed, local,
    ms, some, stale, standing, ticket, time, typo,
};
use super::{Sample, sample, text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn digest(words: &Catalogue, heading: Heading, issues: Vec<IssueView>) -> Rendered {
    let (total, buttons) = (issues.len(), Buttons::Act);
    drawn(words, &view(heading, issues, total, buttons))
}

fn view(
    heading: Heading,
    issues: Vec<IssueView>,
    total: usize,
    buttons: Buttons,
) -> DigestView<'static> {
    DigestView {
        key: KEY,
        person: "",
        office: "",
        heading,
        date: "09-30".to_owned(),
        issues,
        total,
        page: 0,
        still_open: 0,
        resent: false,
        buttons,
        own: None,
    }
}

fn drawn(words: &Catalogue, view: &DigestView<'_>) -> Rendered {
    words.digest(view).unwrap()
}

/// One issue of each kind and standing.
fn mixed(cast: &Cast, words: &Catalogue) -> Vec<IssueView> {
    let again = Issue {
        reopened: 1,
        account_id: Some(SITE),
        ..standing(typo(19), State::Acknowledged)
    };
    let lens = cast.lens(words);
    let seen = [act(
        19,
        "2026-09-30 08:59",
        "acknowledged",
        Some(OPERATOR),
        None,
    )];
    let mut issues = vec![
        cast.view(words, &typo(17), Section::New, 1),
        cast.view(words, &stale(18), Section::Overdue, 2),
        lens.issue(&again, &seen, Section::Reopened, 3),
        cast.view(words, &ticket(20), Section::Unacknowledged, 4),
        cast.view(
            words,
            &Issue {
                url: None,
                ..typo(21)
            },
            Section::Reminder,
            5,
        ),
    ];
    issues[4].on_behalf = vec![data("王建国"), data("A&B<外包>")];
    issues[4].notes = vec![words.term("handled_by").replace("{name}", &data("陈志远"))];
    issues
}

fn long(cast: &Cast, words: &Catalogue) -> Vec<IssueView> {
    let much = "示范".repeat(400);
    let long = |position: usize| {
        let issue = Issue {
            account_id: Some(LONG),
            wrong_text: some(&much),
            suggestion: some(&much),
            context: some(&much),
            title: some(&format!("<b>{much}")),
            ..typo(30)
        };
        IssueView {
            position,
            ..cast.view(words, &issue, Section::Refuted, position)
        }
    };
    (1..=5).map(long).collect()
}

fn closed(cast: &Cast, words: &Catalogue) -> Vec<IssueView> {
    let closed = |(n, reason): (usize, Option<CloseReason>)| {
        let mut issue = standing(typo(20 + n as i64), State::Closed);
        issue.standing = Standing {
            reason,
            ..issue.standing
        };
        let acts = [act(
            issue.id,
            "2026-09-29 16:05",
            "confirmed",
            Some(MANAGER),
            None,
        )];
        cast.lens(words).issue(&issue, &acts, Section::Open, n)
    };
    let reasons = [
        Some(CloseReason::Verified),
        Some(CloseReason::VerifiedUnreported),
        Some(CloseReason::FalseAlarm),
        Some(CloseReason::Withdrawn),
        None,
    ];
    (1..).zip(reasons).map(closed).collect()
}

fn reported(cast: &Cast, words: &Catalogue) -> Vec<IssueView> {
    let how = |n: i64, how| fixed(typo(40 + n), how);
    let acts = |n: i64| {
        [act(
            40 + n,
            "2026-09-30 09:10",
            "fix_reported",
            Some(OPERATOR),
            Some("已改"),
        )]
    };
    let one = |(n, said): (i64, Option<How>)| {
        let position = usize::try_from(n).unwrap();
        let issue = how(n, said);
        cast.lens(words)
            .issue(&issue, &acts(n), Section::Open, position)
    };
    let ways = [
        None,
        Some(How::Edited),
        Some(How::Deleted),
        Some(How::Reposted),
        Some(How::Other),
    ];
    let mut views: Vec<IssueView> = (1..).zip(ways).map(one).collect();
    views[1].evidence = 2;
    views[2].notes = vec![words.term("evidence_awaited").to_owned()];
    views
}

fn digests() -> Vec<Sample> {
    let headings = [
        ("what was passed on", Heading::Handed, Section::Reassigned),
        (
            "not acknowledged",
            Heading::Unacknowledged,
            Section::Unacknowledged,
        ),
        ("due soon", Heading::Reminder, Section::Reminder),
        ("overdue", Heading::Overdue, Section::Overdue),
    ];
    let mut all = vec![
        sample("digest", "one issue", |cast, words| {
            digest(
                words,
                Heading::Check,
                vec![cast.view(words, &typo(17), Section::New, 1)],
            )
        }),
        sample("digest", "five of twelve, sent again", |cast, words| {
            let issues = mixed(cast, words);
            let view = view(Heading::Check, issues, 12, Buttons::Act);
            let (resent, still_open) = (true, 3);
            drawn(
                words,
                &DigestView {
                    resent,
                    still_open,
                    ..view
                },
            )
        }),
        sample("digest", "another is open, long texts", |cast, words| {
            let view = view(Heading::Open, long(cast, words), 5, Buttons::Act);
            drawn(
                words,
                &DigestView {
                    still_open: 1,
                    ..view
                },
            )
        }),
        sample("digest", "closed by now", |cast, words| {
            digest(words, Heading::Open, closed(cast, words))
        }),
        sample("digest", "reported fixed, to who answers", |cast, words| {
            digest(words, Heading::Open, reported(cast, words))
        }),
        sample("digest", "reported fixed, to a manager", |cast, words| {
            drawn(
                words,
                &view(Heading::Pending, reported(cast, words), 5, Buttons::Confirm),
            )
        }),
        sample("digest", "not confirmed for long", |cast, words| {
            let one = fixed(stale(18), None);
            let issues = vec![cast.view(words, &one, Section::Open, 1)];
            drawn(
                words,
                &view(Heading::Unconfirmed, issues, 1, Buttons::Confirm),
            )
        }),
        sample(
            "digest",
            "disputed, a year not known, masked",
            |cast, words| {
                let mut issues = vec![
                    cast.view(words, &disputed(typo(17)), Section::Open, 1),
                    cast.view(
                        words,
                        &Issue {
                            category: "secret_leak".to_owned(),
                            severity: Severity::Veto,
                            ..typo(18)
                        },
                        Section::Handed,
                        2,
                    ),
                ];
                issues[0].due_unsure = cast.lens(words).unsure(&[2027, 2028]);
                drawn(words, &view(Heading::Open, issues, 2, Buttons::None))
            },
        ),
    ];
    for (about, heading, section) in headings {
        all.push(sample("digest", about, move |cast, words| {
            digest(
                words,
                heading,
                vec![cast.view(words, &stale(18), section, 1)],
            )
        }));
    }
    all
}

fn counted_all() -> Counted {
    Counted {
        amount: Amount {
            amount: 3,
            unit: Unit::WorkingDays,
        },
        since: Since::Told,
        from: local("2026-09-30 17:10"),
        missing: Some(Since::Found),
        work: Some(WorkOf {
            unit: "U2".to_owned(),
            start: time("09:00"),
            end: time("17:00"),
        }),
        cut_off: Some(time("17:00")),
        day_off: false,
        skipped: vec![
            (day("2026-10-01"), day("2026-10-07")),
            (day("2026-12-31"), day("2027-01-03")),
        ],
        make_up: vec![day("2026-10-10")],
        unknown: vec![2027],
    }
}

fn keys() -> Keys {
    Keys {
        severity: Some(Severity::Veto),
        category: Some("typo".to_owned()),
        platform: Some("wechat".to_owned()),
        area: Some("U3".to_owned()),
        source: Some(data("市平台")),
        repeated: Some(true),
    }
}

fn short(amount: u32, unit: Unit, since: Since) -> Counted {
    Counted {
        amount: Amount { amount, unit },
        since,
        from: local("2026-09-30 09:00"),
        missing: None,
        work: None,
        cut_off: None,
        day_off: false,
        skipped: vec![],
        make_up: vec![],
        unknown: vec![],
    }
}

/// A step of the ladder that comes next.
fn climb(when: When) -> Climb {
    let step = Step {
        when,
        at: Moment::Now,
        tell: vec![Tell::Operator, Tell::Lead, Tell::Manager],
    };
    Climb {
        laid: Laid {
            since: ms("2026-09-30 09:00"),
            urgent: false,
            work: None,
            steps: vec![step],
            rungs: vec![Rung {
                step: 0,
                nth: 1,
                at: ms("2026-10-09 17:30"),
            }],
        },
        done: None,
        next: None,
    }
}

fn silent() -> Climb {
    Climb {
        laid: Laid {
            steps: vec![],
            rungs: vec![],
            ..climb(When::Overdue).laid
        },
        ..climb(When::Overdue)
    }
}

fn due(about: &'static str, issue: Issue, why: Explanation, climb: Climb) -> Sample {
    let stored = why.stored();
    let issue = Issue {
        due_why: Some(stored),
        ..issue
    };
    sample("due", about, move |cast, words| {
        text(cast.lens(words).explanation(&issue, &climb).unwrap())
    })
}

fn dues() -> Vec<Sample> {
    let counted = |counted, rule| Explanation::Counted { counted, rule };
    let day_off = Counted {
        day_off: true,
        ..short(1, Unit::WorkingDays, Since::Published)
    };
    let late = Counted {
        cut_off: Some(time("17:00")),
        make_up: vec![day("2026-10-10"), day("2026-10-11")],
        ..short(5, Unit::CalendarDays, Since::Received)
    };
    vec![
        due(
            "counted with everything",
            typo(17),
            counted(counted_all(), Some(keys())),
            climb(When::BeforeDue),
        ),
        due(
            "one working day, overdue",
            stale(18),
            counted(day_off, None),
            climb(When::Unacknowledged),
        ),
        due(
            "24 hours",
            typo(17),
            counted(short(24, Unit::Hours, Since::Found), None),
            climb(When::Overdue),
        ),
        due(
            "one hour, no reminder",
            typo(17),
            counted(short(1, Unit::Hours, Since::Told), None),
            silent(),
        ),
        due(
            "calendar days, disputed",
            disputed(typo(17)),
            counted(late, None),
            climb(When::Overdue),
        ),
        due(
            "one date for all, fix reported",
            fixed(typo(17), None),
            Explanation::Absolute {
                due: local("2026-10-25 17:30"),
                source: "<Q3>".to_owned(),
                report: day("2026-09-30"),
            },
            climb(When::Overdue),
        ),
        due(
            "no due time, closed",
            standing(ticket(20), State::Closed),
            Explanation::None { rule: None },
            silent(),
        ),
        sample("due", "extended, all said", |cast, words| {
            let why = Explanation::Extended {
                due: local("2026-10-09 17:30"),
                before: Some(local("2026-09-30 17:30")),
                asked_by: OPERATOR,
                reason: data("系统升级 <CMS>"),
                by: MANAGER,
                at: local("2026-09-29 10:00"),
            };
            let issue = Issue {
                due_why: Some(why.stored()),
                ..typo(17)
            };
            let done = Climb {
                done: Some(ms("2026-10-09 17:30")),
                ..climb(When::Overdue)
            };
            text(cast.lens(words).explanation(&issue, &done).unwrap())
        }),
    ]
}

fn told(kind: Kind, state: &str, why: Option<&str>) -> What {
    What::Told(Box::new(Told {
        id: 1,
        once: String::new(),
        person_id: OPERATOR,
        kind,
        issues: vec![17],
        detail: None,
        urgent: false,
        state: state.to_owned(),
        created_at: ms("2026-09-29 09:00"),
        not_before: ms("2026-09-30 08:30"),
        lease_until: None,
        settled_at: Some(ms("2026-09-29 09:01")),
        attempts: 1,
        error: why.map(str::to_owned),
    }))
}

fn listed(late: bool) -> What {
    let finding = serde_json::json!({
        "row": 12, "sheet": data("微信公众号"), "account_name": data("示范教育"), "platform": "wechat",
        "account_uid": "gh_1", "unit_name": data("示范市教育局"), "category": "typo", "severity": "normal",
        "urgent": false, "positive": false, "other": {},
    });
    What::Listed(Box::new(Mention {
        source: data("市平台"),
        date: "2026-09-29".to_owned(),
        received_at: ms("2026-09-29 08:40"),
        late,
        matched_by: Some("short_form".to_owned()),
        finding: serde_json::from_value(finding).unwrap(),
    }))
}

fn history(cast: &Cast, words: &Catalogue, page: usize) -> Rendered {
    let done = |verb: &str, person, note: Option<&str>| {
        What::Done(act(17, "2026-09-29 10:00", verb, person, note))
    };
    let mut whats = vec![
        listed(false),
        done("opened", None, None),
        told(Kind::New, "sent", None),
        told(Kind::Reminder, "owed", Some(fate::QUIET)),
        told(Kind::Unacknowledged, "waiting", Some(fate::UNBOUND)),
        told(Kind::Overdue, "dropped", Some(fate::MOVED)),
        told(
            Kind::Request,
            "dead",
            Some("Forbidden: bot was blocked by the user"),
        ),
        done("acknowledged", Some(OPERATOR), None),
        done("fix_reported", Some(OPERATOR), Some("已改，见<截图>")),
        done("fix_how", Some(OPERATOR), Some("edited")),
        done("handed_over", Some(LEAD), Some("陈志远")),
        done("taken_back", Some(COLLEAGUE), Some("acknowledged")),
        done("extension_asked", Some(OPERATOR), Some("系统升级")),
        done("reclassified", None, Some("typo normal → expression veto")),
        done("refuted", None, None),
        listed(true),
        done("verified", None, None),
    ];
    let mut withdrawn = act(
        17,
        "2026-09-29 10:00",
        "withdrawn",
        None,
        Some("account_gone"),
    );
    withdrawn.report_id = None;
    withdrawn.evidence = Some("{}".to_owned());
    whats.push(What::Done(withdrawn));
    whats.push(done("still_listed", None, Some("市平台 → 省平台")));
    whats.push(done("fed_back", None, Some("省平台：已整改")));
    whats.push(done(
        "feedback_failed",
        None,
        Some("市平台：api.example answered 422"),
    ));
    let entries = whats.into_iter().map(|what| Entry {
        at: ms("2026-09-29 10:00"),
        what,
    });
    let history = History {
        issue: Issue {
            due_why: Some(
                Explanation::Counted {
                    counted: short(3, Unit::WorkingDays, Since::Told),
                    rule: None,
                }
                .stored(),
            ),
            ..typo(17)
        },
        climb: climb(When::BeforeDue),
        entries: entries.collect(),
        people: HashMap::from([
            (OPERATOR, data("林晓雨")),
            (COLLEAGUE, data("陈志远")),
            (LEAD, data("王建国")),
        ]),
    };
    cast.lens(words).history(&history, KEY, page).unwrap()
}

pub fn samples() -> Vec<Sample> {
    let mut all = digests();
    all.extend(dues());
    all.extend([
        sample(
            "digest",
            "a wording that is kept out of the channel",
            |cast, words| {
                let mut view = cast.view(words, &typo(17), Section::New, 1);
                view.masked = true;
                for text in [
                    &mut view.wrong_text,
                    &mut view.suggestion,
                    &mut view.context,
                    &mut view.title,
                ] {
                    *text = None;
                }
                digest(words, Heading::Check, vec![view])
            },
        ),
        sample("settled", "all closed", |_, words| {
            let what = (Heading::Check, "09-30".to_owned(), 3);
            words.settled(KEY, what).unwrap()
        }),
        sample("settled", "its only issue closed", |_, words| {
            let what = (Heading::Overdue, "09-30".to_owned(), 1);
            words.settled(KEY, what).unwrap()
        }),
        sample("settled", "others' by now", |_, words| {
            words
                .passed_on((Heading::Check, "09-30".to_owned()))
                .unwrap()
        }),
        sample("history", "the first page", |cast, words| {
            history(cast, words, 0)
        }),
        sample("history", "the last page", |cast, words| {
            history(cast, words, 1)
        }),
        sample("menu", "overdue, handed over", |cast, words| {
            let mut view = cast.view(words, &stale(18), Section::Open, 1);
            view.undoable = true;
            view.notes = vec![
                words.term("handled_by").replace("{name}", &data("陈志远")),
                words
                    .term("extension_waits")
                    .replace("{what}", &cast.lens(words).time(ms("2026-10-12 17:30"))),
                words
                    .term("reassignment_waits")
                    .replace("{what}", &data("示范<一>区卫健局")),
            ];
            words.menu(KEY, &view).unwrap()
        }),
        sample("menu", "due, disputed", |cast, words| {
            words
                .menu(
                    KEY,
                    &cast.view(words, &disputed(typo(17)), Section::Open, 1),
                )
                .unwrap()
        }),
        sample("hand", "a colleague and the lead", |cast, words| {
            let lead = words.aside(&data("王建国"), words.term("lead"));
            let choices =
                [(COLLEAGUE, data("陈志远")), (LEAD, lead)].map(|(id, label)| Choice { label, id });
            words
                .takers(
                    KEY,
                    &cast.view(words, &typo(17), Section::Open, 1),
                    &choices,
                )
                .unwrap()
        }),
        sample("evidence_ask", "one", |cast, words| {
            let issues = [cast.view(words, &typo(17), Section::Open, 1)];
            text(words.evidence_ask(&issues, &data("赵敏")).unwrap())
        }),
        sample("evidence_ask", "several", |cast, words| {
            let issues = [
                cast.view(words, &typo(17), Section::Open, 1),
                cast.view(words, &stale(18), Section::Open, 2),
            ];
            text(words.evidence_ask(&issues, &data("赵敏")).unwrap())
        }),
    ]);
    all
}
