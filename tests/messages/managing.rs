//! What managers do from the chat: nudge, announce, export, mute, look back; and what they are told.

use duban::message::{
    AnnouncementView, Catalogue, MuteView, NudgeView, NudgedView, Pick, ReceiptView, Rendered,
};
use duban::summary::Status;
use duban::summary::trend::{Day, Part, Trend};
use minijinja::{Value, context};

use super::cast::{data, day};
use super::{Sample, sample, text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn said(
    template: &'static str,
    about: &'static str,
    context: impl Fn(&Catalogue) -> Value + 'static,
) -> Sample {
    sample(template, about, move |_, words| {
        text(words.text(template, context(words)).unwrap())
    })
}

fn announcement() -> AnnouncementView {
    AnnouncementView {
        text: data("国庆前请检查置顶内容 <首页>&「通知」，10月8日前报结果。"),
        units: vec![],
        scope: None,
        leads_only: false,
        people: 42,
        unreached: 3,
        at: Some("09-30 09:12".to_owned()),
        read: 30,
        unread: 8,
        waits: 1,
        again: 8,
    }
}

fn some_units() -> AnnouncementView {
    AnnouncementView {
        units: [
            "示范市教育局",
            "示范<一>区",
            "示范二区",
            "示范三区",
            "示范四区",
        ]
        .map(data)
        .to_vec(),
        scope: Some(data("示范区")),
        leads_only: true,
        people: 1,
        unreached: 0,
        waits: 0,
        again: 0,
        ..announcement()
    }
}

fn picks() -> [Pick; 2] {
    let pick = |id, name: &str, count, ticked| Pick {
        id,
        name: data(name),
        count,
        ticked,
    };
    [
        pick(2, "示范市教育局", 12, true),
        pick(3, "示范<一>区卫健局&疾控中心", 1, false),
    ]
}

fn no_picks() -> [Pick; 2] {
    picks().map(|pick| Pick {
        ticked: false,
        ..pick
    })
}

fn announcements() -> Vec<Sample> {
    let receipt = |name: &str, state, at: Option<&str>| ReceiptView {
        name: data(name),
        unit: data("示范市教育局"),
        state,
        at: at.map(str::to_owned),
    };
    let receipts = move || {
        [
            receipt("A&B<林晓雨>", "read", Some("09:13")),
            receipt("陈志远", "unread", None),
            receipt("王建国", "waits", None),
            receipt("赵敏", "unreached", None),
        ]
    };
    let ask = |last: bool| move |_: &Catalogue| context! { last => last };
    vec![
        said("announce_ask", "the first", ask(false)),
        said("announce_dropped", "always", |_| context! {}),
        said(
            "announce_long",
            "too long",
            |_| context! { length => 4000, longest => 3500 },
        ),
        sample("announce_preview", "to everybody", |_, words| {
            words.announce_preview(KEY, &announcement()).unwrap()
        }),
        sample(
            "announce_preview",
            "to one lead of some units",
            |_, words| words.announce_preview(KEY, &some_units()).unwrap(),
        ),
        sample("announce_preview", "to nobody", |_, words| {
            let view = AnnouncementView {
                people: 0,
                unreached: 0,
                ..announcement()
            };
            words.announce_preview(KEY, &view).unwrap()
        }),
        sample("announce_pick", "nothing chosen", |_, words| {
            words
                .announce_pick(KEY, (&no_picks(), 0), &announcement())
                .unwrap()
        }),
        sample("announce_pick", "one chosen", |_, words| {
            words
                .announce_pick(KEY, (&picks(), 0), &some_units())
                .unwrap()
        }),
        sample("announced", "to many", |_, words| {
            words.announced(KEY, &announcement(), None).unwrap()
        }),
        sample("announced", "to one", |_, words| {
            words.announced(KEY, &some_units(), None).unwrap()
        }),
        sample("receipts", "four", move |_, words| {
            words
                .announced(KEY, &announcement(), Some((&receipts(), 0)))
                .unwrap()
        }),
        sample("receipts", "none", |_, words| {
            words
                .announced(KEY, &announcement(), Some((&[], 0)))
                .unwrap()
        }),
        sample("announcement_replied", "a reply", |_, words| {
            let context = minijinja::context! { by => data("吴静怡") };
            text(words.text("announcement_replied", context).unwrap())
        }),
        sample("announcement", "unread", |_, words| {
            read(words, (false, None))
        }),
        sample("announcement", "once more", |_, words| {
            read(words, (true, None))
        }),
        sample("announcement", "read", |_, words| {
            read(words, (true, Some("09:13")))
        }),
    ]
}

fn read(words: &Catalogue, state: (bool, Option<&str>)) -> Rendered {
    let (text, by) = (announcement().text, data("赵敏"));
    words
        .announcement((KEY, &text), (&by, "09-30 09:12"), state)
        .unwrap()
}

fn nudge(issues: usize, people: usize, left: bool) -> NudgeView {
    NudgeView {
        issues,
        people,
        unacknowledged: issues.min(9),
        overdue: issues / 3,
        cooling: if left { 4 } else { 0 },
        nobody: if left { 2 } else { 0 },
        unreached: if left {
            ["林晓雨", "陈志远", "A&B<外包>", "王建国", "赵敏", "钱某"]
                .map(data)
                .to_vec()
        } else {
            vec![]
        },
        hours: 4,
    }
}

fn nudged(words: &Catalogue, people: &[NudgedView], left: &NudgeView) -> Rendered {
    words.nudged((KEY, "09:12"), people, left, 0).unwrap()
}

fn nudges() -> Vec<Sample> {
    let told = |words: &Catalogue, state: &str, issues| NudgedView {
        name: data("A&B<林晓雨>"),
        unit: data("示范市教育局"),
        issues,
        state: state.to_owned(),
        word: words.term(&format!("fate_short_{state}")).to_owned(),
    };
    vec![
        sample("nudge", "many, some are left out", |_, words| {
            words.nudge(KEY, &nudge(12, 5, true)).unwrap()
        }),
        sample("nudge", "one", |_, words| {
            words.nudge(KEY, &nudge(1, 1, false)).unwrap()
        }),
        sample("nudge", "nothing", |_, words| {
            words.nudge(KEY, &nudge(0, 0, false)).unwrap()
        }),
        sample("nudge_pick", "nothing chosen", |_, words| {
            words
                .nudge_pick(KEY, (&no_picks(), 0), &nudge(0, 0, false))
                .unwrap()
        }),
        sample("nudge_pick", "one chosen", |_, words| {
            words
                .nudge_pick(KEY, (&picks(), 0), &nudge(12, 3, false))
                .unwrap()
        }),
        sample("nudged", "of each kind", move |_, words| {
            let states = ["sent", "owed", "quiet", "dropped", "dead", "waiting"];
            let people: Vec<NudgedView> =
                states.iter().map(|state| told(words, state, 3)).collect();
            nudged(words, &people, &nudge(18, 6, true))
        }),
        sample("nudged", "one", move |_, words| {
            nudged(words, &[told(words, "claimed", 1)], &nudge(1, 1, false))
        }),
        sample("nudged", "nobody", |_, words| {
            nudged(words, &[], &nudge(0, 0, true))
        }),
        said(
            "toast_nudged",
            "some",
            |_| context! { people => 5, issues => 12 },
        ),
        said(
            "toast_nudged",
            "nobody",
            |_| context! { people => 0, issues => 0 },
        ),
    ]
}

fn mutes(words: &Catalogue, lead: bool) -> Rendered {
    let view = |what: &'static str, muted, until: Option<&str>, waits| MuteView {
        what,
        name: words.term(&format!("mute_{what}")).to_owned(),
        muted,
        until: until.map(str::to_owned),
        waits,
    };
    let views = [
        view("summary", true, None, false),
        view("holiday", false, None, false),
        view("unconfirmed", true, Some("10-08 00:00"), true),
    ];
    let shown = if lead { &views[..1] } else { &views };
    words.mutes(KEY, shown, lead).unwrap()
}

fn summary(about: &'static str, manager: bool, (nothing, much): (bool, bool)) -> Sample {
    sample("summary", about, move |_, words| {
        let late = |number: i64| {
            context! {
                number => number, account => words.term("quoted").replace("{platform}", "App").replace("{name}", &data("示范<教育>")),
                category => data("错别字/错敏词"),
            }
        };
        let many = |count: usize| if much { count } else { 0 };
        let context = context! {
            scope => (!manager).then(|| data("示范市教育局")), manager => manager, at => "09:00",
            since => "09-29 17:30", nothing => nothing, opened => 12, acknowledged => 9, fixed => 7, verified => 5,
            otherwise => many(2), late => many(5), named_late => [late(17), late(18), late(19)],
            live => 128, open => 40, overdue => many(9), to_confirm => 28, disputes => many(3), requests => many(2),
            silent => many(4), named_silent => ["林晓雨", "A&B<外包>", "王建国"].map(data),
            missing => if much { vec![data("市平台"), data("省平台<周报>")] } else { vec![] },
        };
        let html = words.text("summary", context).unwrap();
        words.summary(KEY, html, manager)
    })
}

fn trend(months: bool) -> Trend {
    let day = |count: u32| Day {
        date: day("2026-09-01"),
        off: false,
        opened: 10 * count,
        reopened: if months { 0 } else { count },
        in_time: 6 * count,
        late: count,
        other: if months { 0 } else { count },
        open: 20 + count,
    };
    let part = |from: &str, to: &str, count| Part {
        from: from.to_owned(),
        to: to.to_owned(),
        month: months.then(|| "2026-08".to_owned()),
        sum: day(count),
    };
    Trend {
        from: "2026-09-01".to_owned(),
        to: "09-30".to_owned(),
        sum: day(4),
        before: 21,
        rate: (!months).then_some(857),
        parts: vec![
            part("09-01", "09-06", 1),
            part("09-07", "09-13", 2),
            part("09-14", "09-14", 3),
        ],
        days: vec![],
    }
}

fn looks_back() -> Vec<Sample> {
    let of = |template: &'static str, about, months: bool, scope: &'static str| {
        said(template, about, move |_| {
            let scope = if scope == "*" {
                scope.to_owned()
            } else {
                data(scope)
            };
            context! {
                scope => scope, days => 30, most => 366, t => trend(months), closed => 32,
                s => Status { whole: scope == "*", at: "09-30 09:12".to_owned(), live: 128, overdue: 9, ..Status::default() },
            }
        })
    };
    vec![
        of("trend", "of everything, by week", false, "*"),
        of(
            "trend",
            "of two units, by month",
            true,
            "示范市教育局、示范<一>区",
        ),
        of("trend_few", "of everything", false, "*"),
        of("trend_few", "of a unit", true, "示范<一>区"),
        of("trend_none", "of everything", false, "*"),
        of("trend_none", "of a unit", false, "示范<一>区"),
        of("status_few", "of everything", false, "*"),
        of(
            "status_few",
            "of two units",
            true,
            "示范市教育局、示范<一>区",
        ),
        of("status", "with the last days", false, "*"),
        said(
            "trend_usage",
            "always",
            |_| context! { least => 7, most => 366 },
        ),
        said("unit_calendar", "with days off", |_| {
            context! {
                unit => data("示范<一>区卫健局"), weeks => 13, opened => 84, off => 3, most => context! { date => "09-14", count => 12 },
            }
        }),
        said("unit_calendar", "one", |_| {
            context! {
                unit => data("示范市教育局"), weeks => 13, opened => 1, off => 0, most => context! { date => "09-14", count => 1 },
            }
        }),
    ]
}

fn exports() -> Vec<Sample> {
    let one = |template: &'static str, about, count: usize| {
        said(template, about, move |words| {
            context! {
                count => count, most => 50000, scope => words.term("whole_city"), period => "2026-09",
                total => count, live => count / 2, overdue => 1, closed => count - count / 2,
            }
        })
    };
    vec![
        one("export_caption", "many", 128),
        one("export_caption", "one", 1),
        one("export_failed", "always", 0),
        one("export_large", "many", 12000),
        one("export_none", "always", 0),
        one("export_refused", "too many", 60000),
        one("export_refused", "none", 0),
        one("export_usage", "always", 0),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all = announcements();
    all.extend(nudges());
    all.extend(looks_back());
    all.extend(exports());
    all.extend([
        sample("mute", "a manager's", |_, words| mutes(words, false)),
        sample("mute", "a lead's", |_, words| mutes(words, true)),
        said("mute_refused", "a duty", |_| context! { why => "duty" }),
        said(
            "mute_refused",
            "too long",
            |_| context! { why => "long", most => 90 },
        ),
        said("mute_usage", "a manager's", |_| context! { lead => false }),
        said("mute_usage", "a lead's", |_| context! { lead => true }),
        summary("to a manager, of everything", true, (false, true)),
        summary("to a lead", false, (false, true)),
        summary("little", true, (false, false)),
        summary("nothing", true, (true, true)),
        said("pending_head", "two kinds", |words| {
            let row = |name: &str, count| context! { name => words.term(name), count => count };
            context! { total => 5, rows => [row("pending_fixes", 4), row("pending_disputes", 1)] }
        }),
        said("confirm_page", "some", |_| context! { count => 5 }),
        said("confirm_page", "one", |_| context! { count => 1 }),
        said("confirm_page", "none", |_| context! { count => 0 }),
        said("toast_announced", "sent", |_| context! { people => 42 }),
        said(
            "toast_announced_again",
            "some",
            |_| context! { people => 8 },
        ),
        said(
            "toast_announced_again",
            "none",
            |_| context! { people => 0 },
        ),
        said(
            "toast_read",
            "by a manager",
            |_| context! { by => data("A&B<赵敏>") },
        ),
    ]);
    all.extend(
        [
            "toast_announced_already",
            "toast_muted",
            "toast_nobody_there",
            "toast_nothing_there",
            "toast_nudged_already",
            "toast_unmuted",
        ]
        .map(|name| said(name, "always", |_| context! {})),
    );
    all
}
