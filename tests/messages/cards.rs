//! What is answered to questions: lists, cards of units, accounts and people, and names that are not sure.

use duban::message::Catalogue;
use minijinja::{Value, context};

use super::cast::data;
use super::{Sample, sample, text};

fn said(
    template: &'static str,
    about: &'static str,
    context: impl Fn(&Catalogue) -> Value + 'static,
) -> Sample {
    sample(template, about, move |_, words| {
        text(words.text(template, context(words)).unwrap())
    })
}

/// Whose, and when.
fn head() -> Value {
    context! { scope => data("示范市教育局"), at => "09-30 09:12" }
}

fn line(words: &Catalogue, about: &str) -> String {
    let brief = about == "brief";
    let closed = about == "closed";
    let late = words.term("late_days").replace("{n}", "3");
    let i = context! {
        number => 17, mark => words.term("normal"), category => data("错别字/错敏词"), wrong => data("做为<引>"),
        account => data("微信公众号「示范<教育>」"), unit => data("示范市教育局"), closed => closed.then_some("09-29"),
        reason => closed.then(|| words.term("verified")), late => (about == "late").then_some(late), due => "10-09 17:30",
        disputed => about == "disputed", state => if about == "reported" { "fix_reported" } else { "open" },
        who => data("A&B<林晓雨>"), acked => (about == "reported").then_some("09:13"), reopened => if about == "late" { 2 } else { 0 },
    };
    words
        .text(
            "issue_line",
            context! { i => i, account => !brief, unit => about != "late", bold => closed },
        )
        .unwrap()
}

fn lines(words: &Catalogue) -> Vec<Value> {
    let lines = ["due", "late"].map(|about| Value::from_safe_string(line(words, about)));
    lines.to_vec()
}

fn tally(disputed: usize) -> Value {
    context! { live => 12, open => 3, acknowledged => 5, fix_reported => 4, overdue => 2, due_today => 1, disputed => disputed }
}

fn ended(much: bool) -> Value {
    let many = |count: usize| if much { count } else { 0 };
    context! { closed => 30, in_time => 24, late => 3, unreported => many(1), false_alarm => many(2), withdrawn => many(1) }
}

fn units() -> Vec<Sample> {
    let card = |about, full: bool| {
        said("unit_card", about, move |words| {
            let person = |bound: bool,
                          unreachable: Option<&str>,
                          away: bool,
                          acting: Option<String>| {
                context! {
                    name => data("A&B<林晓雨>"), role => words.term("operator"), bound, unreachable, away, acting,
                }
            };
            let people = [
                person(true, None, true, Some(data("陈志远"))),
                person(false, None, false, None),
                person(true, Some("09-28"), true, None),
            ];
            let account = |overdue: usize| context! { name => data("微信公众号「示范<教育>」"), live => 5, overdue };
            context! {
                h => head(), name => data("示范<一>区"), kind => "", above => full.then(|| data("示范市")), below => if full { 1 } else { 0 },
                t => tally(if full { 2 } else { 0 }), days => 30, e => ended(full),
                people => if full { people.to_vec() } else { vec![] }, others => if full { 4 } else { 0 },
                accounts => if full { vec![account(2), account(0)] } else { vec![] }, all_accounts => if full { 7 } else { 1 },
                more_accounts => if full { 3 } else { 0 }, worst => if full { lines(words) } else { vec![] },
            }
        })
    };
    let account = |about, full: bool| {
        said("account_card", about, move |words| {
            let fresh = context! { updated => "09-20", days => 10, until => "10-04", soon => true, stale => false, as_of => "09-29" };
            context! {
                h => head(), name => data("示范<教育>"), platform => data("微信公众号"), unit => data("示范市教育局"),
                uid => full.then_some("gh_1a2b"), homepage => full.then_some("https://example.org/?a=1&b=2"), in_use => full,
                fresh => full.then_some(fresh), who => data("林晓雨"), t => tally(0), days => 30, e => ended(full), again => 2,
                issues => if full { lines(words) } else { vec![] }, more => if full { 3 } else { 0 },
                last => if full { vec![Value::from_safe_string(line(words, "closed"))] } else { vec![] },
            }
        })
    };
    let person = |about, role: &'static str, state: &'static str| {
        said("person_card", about, move |words| {
            let away = state == "away";
            context! {
                h => head(), everywhere => role == "manager", answers => role != "manager",
                p => context! {
                    name => data("A&B<林晓雨>"), role => words.term(role), bound => state != "unbound",
                    unreachable => (state == "lost").then_some("09-28"), away => away, acting => away.then(|| data("陈志远")),
                },
                units => data("示范市教育局"), more_units => 2, accounts => data("微信公众号「示范<教育>」"), more_accounts => 1,
                covers => away.then(|| data("王建国")), t => tally(1), days => 30, ack => away.then_some("35 min"), acked => 12,
                fix => away.then_some("5 h"), fixed => 9,
            }
        })
    };
    vec![
        card("with everything", true),
        card("with nothing", false),
        account("with everything", true),
        account("not in use, nothing known", false),
        person("who is away", "operator", "away"),
        person("who is not bound", "lead", "unbound"),
        person("a manager out of reach", "manager", "lost"),
    ]
}

fn lists() -> Vec<Sample> {
    let found = |about, stand: &'static str, total: usize| {
        said("found", about, move |words| {
            context! {
                h => head(), place => data("示范<一>区"), stand => stand, word => words.term(&format!("stand_{stand}")),
                period => (total > 1).then_some("09-21 – 09-27"), severity => (total > 1).then(|| words.term("veto")),
                category => (total > 1).then(|| data("错别字/错敏词")), total => total, t => tally(0), e => ended(true), page => 1, pages => 2,
                lines => lines(words),
            }
        })
    };
    let overdue = |about, total: usize, units: usize| {
        said("overdue", about, move |words| {
            context! {
                h => head(), place => (units > 1).then(|| data("示范<一>区")), total => total, units => units, page => 1, pages => units,
                groups => [context! { unit => data("示范市教育局"), count => 2, lines => lines(words) }],
            }
        })
    };
    let silent = |about, total: usize, open: usize| {
        said("silent", about, move |words| {
            let person = |count: usize| {
                context! {
                    name => data("A&B<林晓雨>"), role => words.term("operator"), units => data("示范市教育局"), since => "09-29 10:00",
                    lasted => words.term("lasted_hours").replace("{n}", "23"), count => count, issue => 17,
                }
            };
            let group = |why: &'static str| context! { why => why, count => 2, lines => [person(3), person(0)] };
            context! {
                h => head(), place => Value::from(()), open => open, nobody => open / 10, total => total, page => 1, pages => 1,
                groups => ["silent", "unbound", "unreachable"].map(group),
            }
        })
    };
    let top = |about, by: &'static str, total: usize| {
        said("top", about, move |_| {
            let one = |name: &str| context! { name => data(name), n => 12, f => context! { live => 12, overdue => 2, opened => 5, repeated => 1 } };
            context! {
                h => head(), by => by, days => 30, from => "09-01", total => total,
                units => if total > 0 { vec![one("示范<一>区"), one("示范市教育局")] } else { vec![] },
                accounts => if total > 0 { vec![one("微信公众号「示范<教育>」")] } else { vec![] }, categories => [one("错别字/错敏词")],
            }
        })
    };
    let acts = |about, total: usize| {
        said("acts", about, move |words| {
            let act = |note: Option<String>| {
                context! {
                    at => "09:10", who => data("A&B<林晓雨>"), what => words.term("act_fix_reported"), issue => 17,
                    about => data("微信公众号「示范<教育>」"), note => note,
                }
            };
            context! { h => head(), total => total, page => 1, pages => total, lines => [act(Some(data("已改<截图>"))), act(None)] }
        })
    };
    let one_line = |about: &'static str| {
        sample("issue_line", about, move |_, words| {
            text(line(words, about))
        })
    };
    let mut all = vec![
        found("opened", "opened", 12),
        found("closed", "closed", 12),
        found("overdue", "overdue", 2),
        found("none", "live", 0),
        overdue("in two units", 5, 2),
        overdue("one", 1, 1),
        overdue("none", 0, 0),
        silent("of each kind", 6, 14),
        silent("one", 1, 1),
        silent("none", 0, 0),
        acts("two", 2),
        acts("none", 0),
    ];
    all.extend(["live", "overdue", "opened", "repeated"].map(|by| top(by, by, 40)));
    all.push(top("none", "live", 0));
    all.extend(["due", "late", "disputed", "reported", "closed", "brief"].map(one_line));
    all
}

fn source(about: &str) -> Value {
    let whole = about == "whole";
    let fault = || context! { sheet => data("微信"), row => 3, column => data("发布时间"), value => data("昨天<下午>"), reason => "not a date", code => "not_a_date" };
    let arrived = matches!(about, "whole" | "mine");
    context! {
        source => data("市平台<每日>"), date => "2026-09-30", arrived => arrived.then_some("08:40"), missing => about == "missing",
        last => (about != "first").then_some("09-29 08:41"), whole => whole, mine => context! { opened => 2, again => 9, gone => 1 },
        rows => 132, opened => 12, again => 98, reopened => 2, gone => 21, positive => 1, allowed => 3, unplaced => 2,
        rejected => if whole { (0..6).map(|_| fault()).collect() } else { vec![] }, incomplete => whole, odd => whole, unverified => 86,
        quality => context! {
            percent => "97.0", matched => 128, of => 132, rules => data("编号 20、全称 108"), form => "XLSX", encoding => "GB18030",
            took => "0.4", kept => data("备注<栏>"), kept_count => 6,
        },
    }
}

fn reports() -> Vec<Sample> {
    let of = |about, sources: &'static [&'static str], waiting: usize| {
        said("reports_today", about, move |_| {
            context! {
                h => head(), whole => true, total => sources.len(), page => 1, pages => 1, waiting => waiting,
                month => (waiting > 0).then(|| context! { percent => "97.3", matched => 3_601, of => 3_700 }),
                sources => sources.iter().map(|about| source(about)).collect::<Vec<_>>(),
            }
        })
    };
    vec![
        of(
            "of every kind",
            &["whole", "mine", "missing", "later", "first"],
            3,
        ),
        of("none ever", &[], 0),
    ]
}

fn names() -> Vec<Sample> {
    let mut all = vec![
        said(
            "did_you_mean",
            "a question",
            |_| context! { h => head(), text => data("教育局咋样<了>") },
        ),
        said(
            "own_nothing",
            "due",
            |_| context! { which => "due", total => 3 },
        ),
        said(
            "own_nothing",
            "overdue",
            |_| context! { which => "overdue", total => 3 },
        ),
        said(
            "own_nothing",
            "reported",
            |_| context! { which => "reported", total => 1 },
        ),
        said(
            "own_nothing",
            "today",
            |_| context! { which => "today", total => 3 },
        ),
        said("unlearn_ask", "issues run", |_| {
            context! {
                name => data("<一区头条>"), to => data("微信公众号「示范发布」"), since => "06-28(周一) 09:00",
                findings => 5, live => 2, closed => 1, others => 1,
            }
        }),
        said("unlearn_ask", "nothing was matched", |_| {
            context! {
                name => data("<一区头条>"), to => data("示范一区教育局"), since => "06-28(周一) 09:00",
                findings => 0, live => 0, closed => 0, others => 0,
            }
        }),
        said("unlearned", "issues go back", |_| {
            context! { name => data("<一区头条>"), back => 2, names => 1 }
        }),
        said("unlearned", "only the name", |_| {
            context! { name => data("<一区头条>"), back => 0, names => 0 }
        }),
        said("toast_unlearned_already", "always", |_| context! {}),
        said("unmatched_elsewhere", "always", |_| context! {}),
        said("unmatched_more", "some", |_| context! { more => 5 }),
        said("unmatched_none", "always", |_| context! {}),
        said(
            "unmatched_unknown",
            "one",
            |_| context! { name => data("<某局>") },
        ),
        said(
            "done_usage",
            "some",
            |_| context! { numbers => [17, 18, 19], most => 30 },
        ),
        said(
            "done_usage",
            "none",
            |_| context! { numbers => Vec::<i64>::new(), most => 30 },
        ),
        said("done_numbers", "of each kind", |words| {
            context! {
                done => [17, 18], how => words.term("deleted"), unknown => [99],
                stale => [context! { number => 19, state => words.term("closed") }],
            }
        }),
        said("done_numbers", "none", |_| {
            context! {
                done => Vec::<i64>::new(), how => Value::from(()), unknown => [98, 99], stale => Vec::<i64>::new(),
            }
        }),
    ];
    for what in ["unit", "account", "person"] {
        all.push(said("name_unknown", what, move |_| {
            context! { h => head(), what => what, name => data("<某某>"), near => what == "unit" }
        }));
        all.push(said("name_usage", what, move |_| {
            context! { h => head(), what => what, few => what == "unit" }
        }));
        all.push(said("name_which", what, move |_| {
            context! { h => head(), what => what, name => data("示范<某>"), hits => 12, more => if what == "unit" { 4 } else { 0 } }
        }));
    }
    all
}

pub fn samples() -> Vec<Sample> {
    let mut all = units();
    all.extend(lists());
    all.extend(reports());
    all.extend(names());
    all
}
