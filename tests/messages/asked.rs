//! What is asked for, disputed, answered and ruled on.

use duban::issue::request::{Kind, Request, State as Asked};
use duban::issue::{CloseReason, How, State};
use duban::message::{Catalogue, Choice, DisputeView, IssueView, Rendered, RequestView, Section};
use minijinja::{Value, context};

use super::cast::{
    Cast, EDUCATION, HEALTH, MANAGER, OPERATOR, SITE, act, data, disputed, ms, stale, standing,
    ticket, typo,
};
use super::{Sample, sample, text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn said(
    template: &'static str,
    about: &'static str,
    context: impl Fn(&Cast, &Catalogue) -> Value + 'static,
) -> Sample {
    sample(template, about, move |cast, words| {
        text(words.text(template, context(cast, words)).unwrap())
    })
}

fn dispute(view: IssueView, words: &Catalogue, (total, allowed): (usize, bool)) -> Rendered {
    let view = DisputeView {
        key: KEY,
        issue: view,
        total,
        page: 0,
        allowed,
    };
    words.dispute(&view).unwrap()
}

fn ruled_right(cast: &Cast, words: &Catalogue) -> IssueView {
    let mut issue = standing(typo(17), State::Closed);
    issue.standing.reason = Some(CloseReason::FalseAlarm);
    let ruled = [act(
        17,
        "2026-09-30 09:11",
        "dispute_accepted",
        Some(MANAGER),
        None,
    )];
    cast.lens(words).issue(&issue, &ruled, Section::Open, 1)
}

fn disputes() -> Vec<Sample> {
    vec![
        sample("dispute", "the first of two", |cast, words| {
            let note = "「做为」系引用2019年原文，<不宜>改动";
            let acts = [act(
                17,
                "2026-09-30 09:10",
                "disputed",
                Some(OPERATOR),
                Some(note),
            )];
            let view = cast
                .lens(words)
                .issue(&disputed(typo(17)), &acts, Section::Open, 1);
            dispute(view, words, (2, false))
        }),
        sample(
            "dispute",
            "of a unit, by somebody who left, without a word",
            |cast, words| {
                let acts = [act(20, "2026-09-29 18:10", "disputed", Some(99), None)];
                let view = cast
                    .lens(words)
                    .issue(&disputed(ticket(20)), &acts, Section::Open, 1);
                dispute(view, words, (1, false))
            },
        ),
        sample(
            "dispute",
            "accepted, the wording can be allowed",
            |cast, words| dispute(ruled_right(cast, words), words, (1, false)),
        ),
        sample(
            "dispute",
            "accepted, the wording is allowed",
            |cast, words| dispute(ruled_right(cast, words), words, (1, true)),
        ),
    ]
}

fn request(kind: Kind, state: Asked) -> Request {
    let extension = kind == Kind::Extension;
    Request {
        id: 1,
        issue_id: 17,
        kind,
        state,
        asked_by: OPERATOR,
        asked_at: ms("2026-09-30 09:10"),
        until: extension.then(|| ms("2026-10-12 17:30")),
        unit_id: (!extension).then_some(HEALTH),
        reason: data("网站 <CMS> 升级，10月12日恢复发布"),
        ruled_by: matches!(state, Asked::Granted | Asked::Refused).then_some(MANAGER),
        ruled_at: None,
    }
}

fn asked(cast: &Cast, words: &Catalogue, of: &Request, issue: IssueView) -> RequestView {
    cast.lens(words).request(of, issue)
}

fn requests() -> Vec<Sample> {
    let one = |about, kind, state, total| {
        sample("request", about, move |cast, words| {
            let issue = cast.view(words, &typo(17), Section::Open, 1);
            let view = asked(cast, words, &request(kind, state), issue);
            words.request(KEY, (&view, 0, total)).unwrap()
        })
    };
    let check = |about, kind, choices: bool| {
        sample("ask_check", about, move |cast, words| {
            let views = [typo(17), stale(18)].map(|issue| {
                let issue = cast.view(words, &issue, Section::Open, 1);
                asked(cast, words, &request(kind, Asked::Draft), issue)
            });
            let choice = |id| Choice {
                label: cast.lens(words).unit(id),
                id,
            };
            let choices: Vec<Choice> = [EDUCATION, HEALTH]
                .map(choice)
                .into_iter()
                .take(if choices { 2 } else { 0 })
                .collect();
            words.ask_check(KEY, &views, &choices).unwrap()
        })
    };
    vec![
        one(
            "an extension, the first of three",
            Kind::Extension,
            Asked::Open,
            3,
        ),
        one("an extension, granted", Kind::Extension, Asked::Granted, 1),
        one("a reassignment", Kind::Reassignment, Asked::Open, 1),
        one(
            "a reassignment, refused",
            Kind::Reassignment,
            Asked::Refused,
            1,
        ),
        one(
            "a reassignment, taken back",
            Kind::Reassignment,
            Asked::Withdrawn,
            1,
        ),
        sample(
            "request",
            "an extension of what is overdue and closed by now",
            |cast, words| {
                let closed = standing(stale(18), State::Closed);
                let issue = cast.view(words, &closed, Section::Open, 1);
                let view = asked(cast, words, &request(Kind::Extension, Asked::Open), issue);
                words.request(KEY, (&view, 0, 1)).unwrap()
            },
        ),
        check("an extension of two", Kind::Extension, false),
        check("a reassignment of two", Kind::Reassignment, false),
        check(
            "a reassignment, the unit to be chosen",
            Kind::Reassignment,
            true,
        ),
        said(
            "ask_done",
            "submitted",
            |_, _| context! { what => "submitted", kind => "extension", numbers => [17, 18] },
        ),
        said(
            "ask_done",
            "submitted, another unit",
            |_, _| context! { what => "submitted", kind => "reassignment", numbers => [17] },
        ),
        said(
            "ask_done",
            "given up",
            |_, _| context! { what => "dropped", kind => "extension", numbers => [17] },
        ),
        said(
            "ask_done",
            "done before",
            |_, _| context! { what => "stale", kind => "extension", numbers => Vec::<i64>::new() },
        ),
        said("ask_extend", "one", |cast, words| {
            let lens = cast.lens(words);
            context! {
                numbers => [17], account => lens.target(Some(SITE), EDUCATION),
                first => lens.date("2026-10-10".parse().unwrap()), last => lens.date("2026-11-06".parse().unwrap()),
            }
        }),
        said("ask_move", "two", |cast, words| {
            context! { numbers => [17, 18], account => cast.lens(words).target(Some(3), HEALTH) }
        }),
    ]
}

fn refusals() -> Vec<Sample> {
    let why = |about, why: &'static str, kind: &'static str, name: &'static str| {
        said("ask_refused", about, move |cast, words| {
            let lens = cast.lens(words);
            context! {
                why => why, kind => kind, name => data(name), number => 17,
                first => lens.time(ms("2026-10-10 17:30")), last => lens.time(ms("2026-11-06 17:30")),
            }
        })
    };
    vec![
        why("not theirs", "not_yours", "extension", ""),
        why("reported or closed", "not_here", "extension", ""),
        why("no due time", "no_due", "extension", ""),
        why("one waits", "waits", "extension", ""),
        why("one waits, another unit", "waits", "reassignment", ""),
        why("too early", "early", "extension", ""),
        why("too late", "late", "extension", ""),
        why(
            "the same unit",
            "same",
            "reassignment",
            "示范<一>区卫健局&疾控中心",
        ),
        why("no reason", "no_reason", "extension", ""),
        why("no reason, another unit", "no_reason", "reassignment", ""),
        why("no such unit", "no_unit", "reassignment", "<某局>"),
    ]
}

fn told() -> Vec<Sample> {
    let whats = [
        "accepted",
        "rejected",
        "extension_granted",
        "extension_refused",
        "reassigned",
        "reassignment_refused",
        "handed",
        "handed_back",
        "alias_undone",
        "alias_undone_office",
        "evidence",
    ];
    let one = |what: &'static str| {
        said("told", what, move |cast, words| {
            let lens = cast.lens(words);
            let issue = typo(17);
            context! {
                what => what, number => 17, to => data("陈志远"), until => lens.time(ms("2026-10-12 17:30")),
                unit => lens.unit(HEALTH), account => lens.target(issue.account_id, issue.unit_id),
                category => lens.category(&issue.category), by => data("A&B<赵敏>"),
                due => lens.time(ms("2026-10-09 17:30")), due_unsure => lens.unsure(&[2027]),
            }
        })
    };
    whats.map(one).into_iter().collect()
}

fn answers() -> Vec<Sample> {
    let done = |about,
                verb: &'static str,
                numbers: &'static [i64],
                stale: &'static [i64],
                evidence: bool| {
        said(
            "done",
            about,
            move |_, _| context! { verb => verb, numbers => numbers, stale => stale, evidence => evidence },
        )
    };
    let taken = |about, context: fn(&Catalogue) -> Value| {
        said("taken_back", about, move |_, words| context(words))
    };
    vec![
        done("acknowledged", "ack", &[17, 18], &[], false),
        done(
            "fixed with a picture, one was before",
            "fix",
            &[17],
            &[18, 19],
            true,
        ),
        done("disputed", "dis", &[17], &[], false),
        done("all were before", "fix", &[], &[17], false),
        said(
            "evidence_saved",
            "before the fix",
            |_, _| context! { numbers => [17, 18], reported => false },
        ),
        said(
            "evidence_saved",
            "after the fix",
            |_, _| context! { numbers => [17], reported => true },
        ),
        said(
            "handed",
            "all",
            |_, _| context! { numbers => [17, 18], name => data("A&B<外包>"), left => Vec::<i64>::new() },
        ),
        said(
            "handed",
            "some",
            |_, _| context! { numbers => [17], name => data("陈志远"), left => [18, 19] },
        ),
        taken("two", |words| {
            context! {
                done => [context! { number => 17, word => words.term("act_fix_reported") }, context! { number => 18, word => words.term("act_extension_asked") }],
                refused => Vec::<i64>::new(), minutes => 10,
            }
        }),
        taken("not", |_| {
            context! {
                done => Vec::<i64>::new(), minutes => 10,
                refused => ["too_late", "since", "nothing"].map(|why| context! { number => 17, why => why }),
            }
        }),
        taken(
            "nothing",
            |_| context! { done => Vec::<i64>::new(), refused => Vec::<i64>::new(), minutes => 10 },
        ),
        said(
            "disputed_ask",
            "one",
            |cast, words| context! { n => 2, number => 18, account => cast.lens(words).target(Some(3), HEALTH) },
        ),
        said(
            "toast_how",
            "deleted",
            |_, words| context! { number => 17, how => words.term(How::Deleted.as_str()) },
        ),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all = disputes();
    all.extend(requests());
    all.extend(refusals());
    all.extend(told());
    all.extend(answers());
    all
}
