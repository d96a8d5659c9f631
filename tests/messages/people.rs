//! People: their hours, leave and stand-ins, invitations, and the accounts they have to update.

use duban::flow::freshness::Watched;
use duban::freshness::{Judged, Known, Standing};
use duban::hours::{Days, Origin, Own, Sending, Window};
use duban::message::{Catalogue, DutyLine, IssueView, Section};
use duban::roster::Duty;
use duban::roster::duty::State;
use minijinja::context;

use super::cast::{
    COLLEAGUE, Cast, DOUYIN, EDUCATION, HEALTH, OPERATOR, SITE, WECHAT, data, day, stale, time,
    typo,
};
use super::{Sample, sample, text};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn line(cast: &Cast, words: &Catalogue, (from, to): (&str, &str), rota: bool) -> DutyLine {
    let duty = Duty {
        id: 1,
        person: OPERATOR,
        stand_in: COLLEAGUE,
        from: day(from),
        to: day(to),
        rota,
        state: State::Set,
        entered_by: None,
        entered_at: 0,
    };
    cast.lens(words).duty(&duty, !rota)
}

const WEEK: (&str, &str) = ("2026-10-01", "2026-10-07");

fn leave() -> Vec<Sample> {
    let told = |about, what: &'static str, rota: bool, by: bool| {
        sample("duty_told", about, move |cast, words| {
            let line = line(cast, words, WEEK, rota);
            let context = context! {
                what => what, person => line.person, stand_in => line.stand_in, days => line.days,
                rota => rota, by => by.then(|| data("王建国")), people => [data("林晓雨"), data("陈志远"), data("A&B<外包>")],
            };
            text(words.text("duty_told", context).unwrap())
        })
    };
    let done = |what: &'static str| {
        sample("leave_done", what, move |cast, words| {
            let context = context! { duty => line(cast, words, WEEK, false), what => what };
            text(words.text("leave_done", context).unwrap())
        })
    };
    let refused = |about, why: &'static str, name: &'static str, people: &'static [&str]| {
        sample("leave_refused", about, move |_, words| {
            let people: Vec<String> = people
                .iter()
                .map(|name| words.aside(&data(name), "P2"))
                .collect();
            let context = context! {
                why => why, name => data(name), people => people, first => "2026-10-01", last => "2026-12-30",
            };
            text(words.text("leave_refused", context).unwrap())
        })
    };
    vec![
        told("a leave", "set", false, true),
        told("a leave, taken back", "cancelled", false, false),
        told("a turn, taken back", "cancelled", true, true),
        told("a rota", "rota", true, false),
        sample("leave_check", "a week", |cast, words| {
            words
                .leave_check(KEY, &line(cast, words, WEEK, false), 1)
                .unwrap()
        }),
        sample("leave_check", "a day of next year", |cast, words| {
            words
                .leave_check(
                    KEY,
                    &line(cast, words, ("2027-01-04", "2027-01-04"), false),
                    1,
                )
                .unwrap()
        }),
        sample("leave_which", "two of one name", |cast, words| {
            let mut lines = [
                line(cast, words, WEEK, false),
                line(cast, words, WEEK, false),
            ];
            lines[0].stand_in.push_str(" P2");
            lines[1].stand_in.push_str(" P7");
            words.leave_which(KEY, &lines).unwrap()
        }),
        sample("leave_list", "none", |_, words| {
            words.leave_list(KEY, &[]).unwrap()
        }),
        sample("leave_list", "a leave and a turn", |cast, words| {
            let lines = [
                line(cast, words, ("2026-12-30", "2027-01-03"), false),
                line(cast, words, ("2026-10-12", "2026-10-18"), true),
            ];
            words.leave_list(KEY, &lines).unwrap()
        }),
        done("set"),
        done("cancelled"),
        done("dropped"),
        done("stale"),
        refused("nobody", "nobody", "<某人>", &[]),
        refused("unfit", "unfit", "<某人>", &["陈志远", "王建国"]),
        refused("nobody named, nobody there", "unfit", "", &[]),
        refused("there is one", "overlaps", "", &[]),
        refused("backwards", "backwards", "", &[]),
        refused("past", "past", "", &[]),
        refused("too long", "too_long", "", &[]),
        sample("leave_usage", "to a lead", |_, words| {
            text(
                words
                    .text("leave_usage", context! { lead => true })
                    .unwrap(),
            )
        }),
        sample("leave_usage", "to an operator", |_, words| {
            text(
                words
                    .text("leave_usage", context! { lead => false })
                    .unwrap(),
            )
        }),
    ]
}

fn window(days: Days) -> Window {
    Window {
        after: time("08:30"),
        until: time("20:00"),
        days,
    }
}

fn own(days: Days) -> Own {
    Own {
        quiet: Some((time("12:00"), time("14:00"))),
        days,
    }
}

fn hours() -> Vec<Sample> {
    let quiet = |about, sending: Sending, set: Option<Own>, changed: bool| {
        sample("quiet", about, move |cast, words| {
            text(cast.lens(words).quiet(&sending, set, changed).unwrap())
        })
    };
    let none = Own::default();
    let office = |own| Sending::new((window(Days::All), Origin::Office), own);
    let later = Window {
        after: time("10:00"),
        ..window(Days::Working)
    };
    let narrow = Window {
        after: time("12:00"),
        until: time("14:00"),
        days: Days::All,
    };
    vec![
        quiet("the office's", office(None), None, false),
        quiet(
            "set",
            office(Some(own(Days::Working))),
            Some(own(Days::Working)),
            true,
        ),
        quiet(
            "only working days",
            office(Some(Own {
                quiet: None,
                days: Days::Working,
            })),
            Some(Own {
                quiet: None,
                days: Days::Working,
            }),
            false,
        ),
        quiet("ended", office(None), None, true),
        quiet(
            "the unit's, not open yet, own hours do not hold",
            Sending::new((later, Origin::Unit("U3".to_owned())), None),
            Some(own(Days::All)),
            false,
        ),
        quiet(
            "the person's own row",
            Sending::new((window(Days::All), Origin::Person), None),
            None,
            false,
        ),
        sample("quiet_refused", "too long", move |cast, words| {
            let asked = Own {
                quiet: Some((time("09:00"), time("19:30"))),
                ..none
            };
            text(
                cast.lens(words)
                    .quiet_refused(window(Days::All), asked)
                    .unwrap(),
            )
        }),
        sample("quiet_refused", "no shorter", move |cast, words| {
            let asked = Own {
                quiet: Some((time("11:00"), time("15:00"))),
                ..none
            };
            text(cast.lens(words).quiet_refused(narrow, asked).unwrap())
        }),
    ]
}

fn watched<'a>(
    cast: &'a Cast,
    (account, unit): (i64, i64),
    standing: Standing,
    days: i64,
    (until, as_of): (&str, &str),
) -> Watched<'a> {
    let known = Known {
        account,
        updated_on: cast.now.date_naive() - chrono::TimeDelta::days(days),
        as_of: day(as_of),
        source: data("市平台<更新>"),
        report: 1,
    };
    Watched {
        account: cast.roster.account(account).unwrap(),
        unit,
        known,
        judged: Judged {
            days,
            last_day: day(until),
            standing,
            step: None,
            sure: as_of >= "2026-09-29",
        },
    }
}

fn lines(cast: &Cast, words: &Catalogue) -> Vec<String> {
    let lens = cast.lens(words);
    let all = [
        watched(
            cast,
            (DOUYIN, HEALTH),
            Standing::Stale,
            20,
            ("2026-09-24", "2026-09-28"),
        ),
        watched(
            cast,
            (WECHAT, EDUCATION),
            Standing::Soon,
            14,
            ("2026-09-30", "2026-09-30"),
        ),
        watched(
            cast,
            (SITE, EDUCATION),
            Standing::Soon,
            1,
            ("2026-10-03", "2026-09-29"),
        ),
    ];
    all.iter()
        .map(|one| lens.fresh_line(one).unwrap())
        .collect()
}

fn fresh() -> Vec<Sample> {
    let line = |about, at: usize| {
        sample("fresh_line", about, move |cast, words| {
            text(lines(cast, words).remove(at))
        })
    };
    let holiday = |about, due: usize, stale_too: usize, named: bool| {
        sample("holiday", about, move |cast, words| {
            let lens = cast.lens(words);
            let detail = serde_json::json!({ "first": "2026-10-01", "last": "2026-10-07", "name": named.then_some("中秋节、国庆节") });
            let issues: [IssueView; 2] = [
                cast.view(words, &typo(17), Section::Open, 1),
                cast.view(words, &stale(18), Section::Open, 2),
            ];
            let (issues, lines) = (&issues[..due.min(2)], lines(cast, words));
            let lines = &lines[..stale_too.min(3)];
            let more = (due - issues.len(), stale_too - lines.len());
            text(
                lens.holiday(&detail, (issues, due), (lines, stale_too), more)
                    .unwrap(),
            )
        })
    };
    vec![
        line("overdue, known from an old report", 0),
        line("today", 1),
        line("soon, a day ago", 2),
        sample("fresh", "three", |cast, words| {
            text(cast.lens(words).fresh_message(&lines(cast, words)).unwrap())
        }),
        sample("fresh_list", "three of five", |cast, words| {
            text(cast.lens(words).fresh_list(&lines(cast, words), 2).unwrap())
        }),
        sample("fresh_list", "none", |cast, words| {
            text(cast.lens(words).fresh_list(&[], 0).unwrap())
        }),
        holiday("issues and accounts", 5, 4, true),
        holiday("one issue", 1, 0, true),
        holiday("one account, a holiday without a name", 0, 1, false),
    ]
}

fn bound() -> Vec<Sample> {
    let welcome = |about, role: &'static str, units: &'static str| {
        sample("welcome", about, move |_, words| {
            let context = context! { name => data("A&B<林晓雨>"), role => words.term(role), units => data(units) };
            text(words.text("welcome", context).unwrap())
        })
    };
    vec![
        welcome("an operator", "operator", "示范市教育局"),
        welcome("a manager of everything", "manager", ""),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all = leave();
    all.extend(hours());
    all.extend(fresh());
    all.extend(bound());
    all
}
