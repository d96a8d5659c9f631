//! What is said in a line: answers, toasts, help.

use duban::bot::command::Command;
use duban::message::Catalogue;
use duban::roster::Role;
use minijinja::{Value, context};

use super::cast::data;
use super::{Sample, sample, text};

fn said(template: &'static str, about: &'static str, context: fn(&Catalogue) -> Value) -> Sample {
    sample(template, about, move |_, words| {
        text(words.text(template, context(words)).unwrap())
    })
}

/// The messages that are the same whatever happens.
const FIXED: [&str; 21] = [
    "bound_elsewhere",
    "cancelled",
    "dismissed",
    "hand_nobody",
    "invite_expired",
    "invite_revoked",
    "invite_unknown",
    "invite_used",
    "lang_set",
    "no_permission",
    "no_such_issue",
    "nothing_open",
    "nothing_pending",
    "private_only",
    "quiet_usage",
    "reason_needed",
    "start_stranger",
    "toast_expired",
    "toast_lapsed",
    "toast_no_permission",
    "unknown_command",
];

fn help(about: &'static str, role: Role) -> Sample {
    sample("help", about, move |_, words| {
        let line = |command: &Command| {
            let about = format!("command_{}", command.word());
            let about = words.term(&about);
            context! { word => command.word(), about => about }
        };
        let commands: Vec<Value> = Command::of(role).iter().map(line).collect();
        let context = context! { role => role.as_str(), commands => commands };
        text(words.text("help", context).unwrap())
    })
}

fn which(verb: &'static str) -> Sample {
    sample("which_one", verb, move |_, words| {
        text(words.text("which_one", context! { verb => verb }).unwrap())
    })
}

fn toasts() -> Vec<Sample> {
    vec![
        said("toast_acked", "one", |_| context! { number => 17 }),
        said(
            "toast_all_acked",
            "acknowledged",
            |_| context! { count => 5, confirmed => false },
        ),
        said(
            "toast_all_acked",
            "verified",
            |_| context! { count => 5, confirmed => true },
        ),
        said(
            "toast_allowed",
            "here",
            |_| context! { wording => data("做为<引文>").repeat(10), everywhere => false, revoked => false },
        ),
        said(
            "toast_allowed",
            "everywhere, masked",
            |_| context! { wording => Value::from(()), everywhere => true, revoked => false },
        ),
        said(
            "toast_allowed",
            "no longer",
            |_| context! { wording => data("做为"), everywhere => false, revoked => true },
        ),
        said(
            "toast_already",
            "by somebody",
            |_| context! { number => 17, who => data("A&B<林晓雨>"), when => "09:10", state => "acknowledged" },
        ),
        said(
            "toast_already",
            "by a report",
            |words| context! { number => 17, who => words.term("by_report"), when => "09-29 09:10", state => "acknowledged" },
        ),
        said(
            "toast_closed",
            "by a report",
            |words| context! { number => 17, who => words.term("by_report"), when => "09-29 09:10", state => "closed", reason => "verified" },
        ),
        said("toast_confirmed", "one", |_| context! { number => 17 }),
        said("toast_fixed", "one", |_| context! { number => 17 }),
        said(
            "toast_granted",
            "granted",
            |_| context! { number => 17, granted => true },
        ),
        said(
            "toast_granted",
            "refused",
            |_| context! { number => 17, granted => false },
        ),
        said("toast_moot", "one", |_| context! { number => 17 }),
        said(
            "toast_odd",
            "done",
            |_| context! { what => "done", closed => 1, who => "", at => "" },
        ),
        said(
            "toast_odd",
            "done before",
            |_| context! { what => "already", closed => 0, who => data("赵敏"), at => "09:10" },
        ),
        said(
            "toast_odd",
            "a newer one",
            |_| context! { what => "outdated", closed => 0, who => "", at => "" },
        ),
        said("toast_refuted", "one", |_| context! { number => 17 }),
        said("toast_wanted", "two", |_| context! { count => 2 }),
    ]
}

pub fn samples() -> Vec<Sample> {
    let mut all: Vec<Sample> = FIXED
        .iter()
        .map(|name| said(name, "always", |_| context! {}))
        .collect();
    all.extend(toasts());
    all.extend([
        help("an operator", Role::Operator),
        help("a lead", Role::Lead),
        said(
            "not_understood",
            "an operator",
            |_| context! { role => "operator" },
        ),
        said("not_understood", "a lead", |_| context! { role => "lead" }),
        said(
            "not_understood",
            "a manager",
            |_| context! { role => "manager" },
        ),
        help("a manager", Role::Manager),
        help("an administrator", Role::Admin),
        said(
            "due_which",
            "with some open",
            |_| context! { numbers => [17, 18], command => "due" },
        ),
        said(
            "due_which",
            "with none",
            |_| context! { numbers => Vec::<i64>::new(), command => "issue" },
        ),
        said(
            "feedback",
            "which",
            |_| context! { what => "which", names => [data("省<平台>"), data("市平台")] },
        ),
        said("feedback", "nothing new", |_| {
            context! { what => "none", source => data("省<平台>") }
        }),
        said("feedback", "off", |_| context! { what => "off" }),
        said(
            "feedback",
            "of an area",
            |_| context! { what => "elsewhere" },
        ),
        said("feedback", "failed", |_| context! { what => "failed" }),
        said("feedback_caption", "new", |_| {
            context! { source => data("省<平台>"), count => 3, all => false }
        }),
        said("feedback_caption", "all", |_| {
            context! { source => data("省<平台>"), count => 1, all => true }
        }),
        said("lang", "to choose", |_| context! { unknown => false }),
        said("lang", "not there", |_| context! { unknown => true }),
        said(
            "placed",
            "one",
            |_| context! { to => data("微信公众号「示范<教育>」"), count => 1 },
        ),
        said(
            "placed",
            "several",
            |_| context! { to => data("示范市教育局"), count => 12 },
        ),
        said(
            "ruled",
            "accepted",
            |_| context! { number => 17, accepted => true },
        ),
        said(
            "ruled",
            "rejected",
            |_| context! { number => 17, accepted => false },
        ),
    ]);
    all.extend(["ack", "fix", "dis", "ext", "move", "hand", "rule", "undo"].map(which));
    all
}
