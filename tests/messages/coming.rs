//! People who come and go, and the groups of units.

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

/// A person as a list or a card shows them.
fn person(words: &Catalogue, n: usize, state: &str) -> Value {
    let lost = state == "lost";
    context! {
        n => n, name => data("A&B<林晓雨>"), code => "O1", role => words.term("operator"), units => data("示范市教育局"),
        bound => (state == "bound" || lost).then_some("09-01"), lost => lost.then_some("09-28"),
        why => lost.then(|| words.term("why_blocked")), invited => (state == "invited").then_some("10-07 09:00"),
        named => if lost { 3 } else { 0 }, accounts => [data("微信公众号「示范<教育>」"), data("抖音「示范」")],
        away => lost.then(|| data("陈志远")), covers => if lost { vec![data("王建国")] } else { vec![] },
    }
}

fn lists() -> Vec<Sample> {
    let mut all = Vec::new();
    for what in [
        "people_invite",
        "people_invited",
        "people_unbind",
        "people_replace",
        "people_whois",
    ] {
        all.push(said("people_list", what, move |words| {
            let people = [
                person(words, 1, "invited"),
                person(words, 2, "bound"),
                person(words, 3, "lost"),
            ];
            context! { what => what, people => people, total => 3, page => 1, pages => 1 }
        }));
        all.push(said("people_list", "nobody", move |_| {
            context! { what => what, people => Vec::<i64>::new(), total => 0, page => 1, pages => 1 }
        }));
    }
    for card in ["look", "again", "unbind", "unbound", "revoked"] {
        all.push(said("whois", card, move |words| {
            let act = |what: &str, other: Option<String>| context! {
                at => "09-29 10:00", what => words.term(what), by => data("王建国"), other => other,
            };
            let acts = [act("people_replaced", Some(data("陈志远"))), act("people_invited", None)];
            let state = match card {
                "look" => "lost",
                "revoked" => "invited",
                _ => "bound",
            };
            context! { p => person(words, 1, state), acts => acts, card => card }
        }));
    }
    all
}

fn refusals() -> Vec<Sample> {
    let people = |about, why: &'static str, near: bool| {
        said("people_refused", about, move |words| {
            let near = |names: &[&str]| {
                names
                    .iter()
                    .filter(|_| near)
                    .map(|name| data(name))
                    .collect::<Vec<_>>()
            };
            context! {
                why => why, name => data("<某人>"), people => near(&["陈志远", "王建国"]), units => near(&["示范市教育局"]),
                roles => if why == "not_allowed" { vec![words.term("operator"), words.term("lead")] } else { vec![] },
            }
        })
    };
    let mut all = vec![
        people("nobody", "nobody", false),
        people("no unit, one like it", "no_unit", true),
        people("not allowed", "not_allowed", false),
        people("unfit, others are", "unfit", true),
        people("no name", "no_name", false),
    ];
    for why in [
        "no_unit",
        "anonymous",
        "stranger",
        "no_code",
        "not_yours",
        "taken",
        "asked_other",
        "not_yours_here",
    ] {
        all.push(said(
            "group_refused",
            why,
            move |_| context! { why => why, name => data("A&B<林晓雨>") },
        ));
    }
    for why in ["stranger", "others", "ended", "private"] {
        all.push(said(
            "toast_group",
            why,
            move |_| context! { why => why, name => data("A&B<林晓雨>") },
        ));
    }
    for what in ["invite", "replace"] {
        all.push(said(
            "people_usage",
            what,
            move |_| context! { what => what },
        ));
    }
    all
}

fn wishes() -> Vec<Sample> {
    let done = |what: &'static str, bound: bool| {
        said("wish_done", what, move |_| {
            context! {
                what => what, old => data("林晓雨"), new => data("A&B<陈志远>"), issues => 1, bound => bound, told => bound,
            }
        })
    };
    let invitation = |about, link: Option<&'static str>| {
        said("invitation", about, move |_| {
            context! {
                name => data("林晓雨"), code => "ABCD-EFGH", until => "10-07 09:00", link => link, bot => "duban_bot", office => data("督办"),
            }
        })
    };
    vec![
        said("wish", "a successor", |words| {
            context! {
                old => data("林晓雨"), new => data("A&B<陈志远>"), fresh => true, role => words.term("operator"), units => data("示范市教育局"),
                accounts => [data("微信公众号「示范<教育>」"), data("抖音「示范」")], issues => 5, namesakes => [data("陈志远 O2")],
            }
        }),
        said("wish", "a successor, one issue", |words| {
            context! {
                old => data("林晓雨"), new => data("陈志远"), fresh => false, role => words.term("lead"), units => "",
                accounts => Vec::<i64>::new(), issues => 1, namesakes => Vec::<i64>::new(),
            }
        }),
        said("wish", "somebody new", |words| {
            context! {
                name => data("A&B<陈志远>"), role => words.term("operator"), units => data("示范市教育局"), namesakes => Vec::<i64>::new(),
            }
        }),
        done("added", false),
        done("replaced", true),
        done("replaced", false),
        done("dropped", false),
        done("stale", false),
        invitation(
            "with a link",
            Some("https://t.me/duban_bot?start=ABCD-EFGH"),
        ),
        invitation("without", None),
        said(
            "invited",
            "an operator",
            |words| context! { p => person(words, 1, "invited"), until => "10-07 09:00" },
        ),
        said(
            "rebound_told",
            "one",
            |_| context! { name => data("A&B<林晓雨>") },
        ),
        said(
            "unbound_told",
            "one",
            |_| context! { name => data("A&B<林晓雨>"), by => Value::from(()) },
        ),
        said(
            "unbound_told",
            "with a successor",
            |_| context! { name => data("林晓雨"), by => data("陈志远") },
        ),
        said(
            "successors",
            "two",
            |words| context! { old => person(words, 0, "bound"), people => [person(words, 1, "bound"), person(words, 2, "invited")] },
        ),
        said(
            "successors",
            "nobody",
            |words| context! { old => person(words, 0, "bound"), people => Vec::<i64>::new() },
        ),
        said(
            "home",
            "an operator",
            |words| context! { name => data("A&B<林晓雨>"), role => words.term("operator"), units => data("示范市教育局") },
        ),
        said(
            "home",
            "a manager",
            |words| context! { name => data("赵敏"), role => words.term("manager"), units => "" },
        ),
        said("duty_told", "a successor", |_| {
            context! {
                what => "succeeded", person => data("林晓雨"), stand_in => data("A&B<陈志远>"), issues => 5, by => data("王建国"), rota => false,
                was => Value::from(()), name => Value::from(()), days => Value::from(()), people => Vec::<i64>::new(),
            }
        }),
    ]
}

fn groups() -> Vec<Sample> {
    let group = |bound: bool, private: bool| {
        context! {
            n => 1, unit => data("示范<一>区"), group => bound.then(|| data("工作群<教育>")), private => private,
        }
    };
    let one = |about, what: &'static str, bound: bool, private: bool| {
        said(
            "group",
            about,
            move |_| context! { g => group(bound, private), what => what },
        )
    };
    let all = |about, bound: bool| {
        said("groups", about, move |_| {
            let units = if bound {
                vec![group(true, true), group(false, false)]
            } else {
                vec![]
            };
            context! { units => units, total => 2, page => 1, pages => if bound { 2 } else { 1 } }
        })
    };
    let code = |about, bot: Option<&'static str>| {
        said("group_code", about, move |_| {
            context! {
                unit => data("示范<一>区"), code => "ABCD-EFGH", until => "10-01 09:00", bot => bot,
            }
        })
    };
    vec![
        one("bound", "", true, false),
        one("bound, private too", "mode", true, true),
        one("let go", "end", false, false),
        all("two", true),
        all("none", false),
        code("with the bot's name", Some("duban_bot")),
        code("without", None),
        said(
            "group_bound",
            "one",
            |_| context! { unit => data("示范<一>区"), by => data("王建国") },
        ),
        said(
            "group_ended",
            "one",
            |_| context! { unit => data("示范<一>区") },
        ),
        said("group_help", "bound", |_| context! { bound => true }),
        said("group_help", "not bound", |_| context! { bound => false }),
        said("group_hint", "always", |_| context! {}),
        said("group_private", "always", |_| context! {}),
        said("group_mentions", "two", |_| {
            context! {
                people => [context! { name => data("A&B<林晓雨>"), chat => 1_000_001 }, context! { name => data("陈志远"), chat => Value::from(()) }],
            }
        }),
        said("group_why", "one", |_| {
            context! {
                name => data("A&B<林晓雨>"), chat => 1_000_001, n => 2, number => 18, account => data("微信公众号「示范<教育>」"),
            }
        }),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all = lists();
    all.extend(refusals());
    all.extend(wishes());
    all.extend(groups());
    all
}
