//! A button: who pressed, on which message, about which of the issues that were shown.

use super::shown::{Pressed, again, alert, at, issue_of, show, stale};
use super::{
    Answer, Visit, announce, ask, asked, group, groups, history, lang, leave, menu, mute, odd,
    pending, people, remind, rule, staff, unlearn, unmatched, upload,
};
use crate::act::{self, Done, Words};
use crate::ask::Mine;
use crate::delivery::{ANNOUNCEMENT, SUMMARY};
use crate::error::Result;
use crate::flow::{self, Placed};
use crate::issue::state::Event;
use crate::issue::table as issues;
use crate::matching::table as waiting;
use crate::message::PAGE;
use crate::message::table::{self as messages, Message};
use crate::roster::Person;

/// Applies a press. Every press is answered, also one that changes nothing.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: Option<Person>,
    data: &str,
) -> Result<Pressed> {
    let mut parts = data.splitn(3, ':');
    let (verb, key) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let argument = parts.next().unwrap_or_default();
    let Some(message) = messages::by_key(visit.tx, key).await? else {
        return alert(visit, "toast_expired");
    };
    if message.kind == group::KIND {
        let who = person.as_ref();
        if let Some(no) = group::admits(visit, who, &message, (verb, argument)).await? {
            return Ok(no);
        }
    }
    let whose = |person: &Person| person.id == message.person_id || message.kind == group::KIND;
    let Some(person) = person.filter(whose) else {
        return alert(visit, "toast_no_permission");
    };
    if message.expires_at < visit.now_ms() {
        return alert(visit, "toast_expired");
    }
    visit.message = message.message_id;
    visit.pressed_in = Some(message.chat_id);
    match (message.kind.as_str(), verb) {
        (group::KIND, "dis") => group::reason(visit, &person, &message, argument).await,
        (group::KIND, "more" | "hist" | "my") => {
            aside(visit, &person, message, (verb, argument)).await
        }
        ("digest" | group::KIND, "ack") => {
            one(visit, &person, message, argument, Event::Acknowledge).await
        }
        ("digest" | group::KIND, "fix") => {
            one(visit, &person, message, argument, Event::ReportFix).await
        }
        ("digest", "dis") => menu::reason(visit, &person, message, argument).await,
        ("digest" | group::KIND, "how") => menu::how(visit, &person, message, argument).await,
        ("digest", "more") => menu::more(visit, &person, message, argument).await,
        ("menu", "ext" | "move" | "hand" | "to" | "due" | "menu") => {
            menu::menu(visit, &person, message, (verb, argument)).await
        }
        ("menu" | "done" | "ask", "undo") => menu::undo(visit, &person, message).await,
        ("ask", verb) => ask::pressed(visit, &person, message, (verb, argument)).await,
        (remind::KIND, verb) => remind::pressed(visit, &person, message, (verb, argument)).await,
        (announce::KIND, verb) => {
            announce::pressed(visit, &person, message, (verb, argument)).await
        }
        (ANNOUNCEMENT, "read") => announce::read(visit, &person, message).await,
        (mute::KIND | SUMMARY, verb) => {
            mute::pressed(visit, &person, message, (verb, argument)).await
        }
        (pending::KIND, "open") => pending::opened(visit, &person, message, argument).await,
        (asked::KIND, "see" | "ask" | "here") => {
            asked::pressed(visit, &person, message, (verb, argument)).await
        }
        ("digest", "mine") => {
            let Some(which) = Mine::parse(argument) else {
                return alert(visit, "toast_expired");
            };
            let answer = visit.mine(&person, which).await?;
            Ok((answer, String::new(), false))
        }
        ("digest" | group::KIND, "all") => {
            all(visit, &person, message, argument, Event::Acknowledge).await
        }
        (ANNOUNCEMENT | pending::KIND, _) => alert(visit, "toast_expired"),
        (_, "hist") => life(visit, &person, message, argument).await,
        ("leave" | "leaves", verb) => {
            leave::pressed(visit, &person, message, (verb, argument)).await
        }
        (lang::KIND, "to") => lang::pressed(visit, &person, &message, argument).await,
        (kind, verb) if people::is(kind) => {
            people::pressed(visit, &person, message, (verb, argument)).await
        }
        (groups::UNITS | groups::UNIT, verb) => {
            groups::pressed(visit, &person, message, (verb, argument)).await
        }
        (staff::WISH | staff::SUCCESSORS, verb) => {
            staff::pressed(visit, &person, message, (verb, argument)).await
        }
        (_, "cmd") => {
            let answer = visit.command(argument).await?;
            Ok((answer, String::new(), false))
        }
        (upload::KIND, verb) => upload::pressed(visit, &person, message, (verb, argument)).await,
        (odd::KIND, "right") => odd::pressed(visit, &person, message).await,
        (_, "page") => turn(visit, &person, message, argument).await,
        ("digest", "my") => {
            let answer = visit.my(&person).await?;
            Ok((answer, String::new(), false))
        }
        ("pending", "conf") => one(visit, &person, message, argument, Event::Confirm).await,
        ("pending", "deny") => one(visit, &person, message, argument, Event::Refute).await,
        ("pending", "confall") => pending::look_again(visit, &person, message, argument).await,
        ("pending", "confyes") => all(visit, &person, message, argument, Event::Confirm).await,
        ("pending", "evid") => rule::evidence(visit, &person, message, argument).await,
        ("pending", "want" | "wantall") => {
            rule::want(visit, &person, message, (verb, argument)).await
        }
        ("dispute", "acc") => one(visit, &person, message, argument, Event::AcceptDispute).await,
        ("dispute", "rej") => one(visit, &person, message, argument, Event::RejectDispute).await,
        ("dispute", "allow_here" | "allow_all" | "disallow") => {
            rule::allow(visit, &person, message, (verb, argument)).await
        }
        ("request", "grant" | "refuse") => {
            rule::request(visit, &person, message, (verb == "grant", argument)).await
        }
        ("waiting", "pick") => pick(visit, &person, message, argument).await,
        ("waiting", "drop") => dismiss(visit, &person, message, argument).await,
        ("waiting", "unlearn") => unlearn::ask(visit, &person, &message, argument).await,
        (unlearn::KIND, verb) => unlearn::pressed(visit, &person, message, verb).await,
        _ => alert(visit, "toast_expired"),
    }
}

/// What is a person's own is answered in the private chat, also if it was asked for in a group.
async fn aside(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let (answer, toast, read) = match verb {
        "more" => menu::more(visit, person, message, argument).await?,
        "hist" => life(visit, person, message, argument).await?,
        _ => (visit.my(person).await?, String::new(), false),
    };
    let toast = match toast.is_empty() {
        true => visit.words(
            "toast_group",
            minijinja::context! { why => "private", name => "" },
        )?,
        false => toast,
    };
    Ok((answer, toast, read))
}

async fn one(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
    event: Event,
) -> Result<Pressed> {
    let Some(issue) = at(&message, argument) else {
        return alert(visit, "toast_expired");
    };
    let actor = visit.actor(person);
    let what = (&[issue][..], event, &Words::default());
    let directory = visit.directory.clone();
    let mut done = act::perform(visit.tx, &visit.desk.rules, &directory, actor, what).await?;
    let (toast, alert) = match done.pop() {
        Some(Done::Applied(issue)) => {
            let name = match event {
                Event::Acknowledge => "toast_acked",
                Event::ReportFix => "toast_fixed",
                Event::Confirm => "toast_confirmed",
                Event::Refute => "toast_refuted",
                _ => "ruled",
            };
            let accepted = event == Event::AcceptDispute;
            let context = minijinja::context! { number => issue.id, accepted => accepted };
            (visit.words(name, context)?, false)
        }
        Some(Done::Stale(issue, _)) => (stale(visit, &issue).await?, true),
        Some(Done::NotYours) | None => (
            visit.words("toast_no_permission", minijinja::context! {})?,
            true,
        ),
    };
    again(visit, person, &message, (toast, alert)).await
}

async fn all(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
    event: Event,
) -> Result<Pressed> {
    let page: usize = argument.parse().unwrap_or_default();
    let shown: Vec<i64> = message
        .issues
        .chunks(PAGE)
        .nth(page)
        .unwrap_or_default()
        .to_vec();
    let actor = visit.actor(person);
    let what = (&shown[..], event, &Words::default());
    let directory = visit.directory.clone();
    let done = act::perform(visit.tx, &visit.desk.rules, &directory, actor, what).await?;
    let count = done
        .iter()
        .filter(|d| matches!(d, Done::Applied(_)))
        .count();
    let context = minijinja::context! { count => count, confirmed => event == Event::Confirm };
    let toast = visit.words("toast_all_acked", context)?;
    again(visit, person, &message, (toast, false)).await
}

async fn turn(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let page: i64 = argument.parse().unwrap_or_default();
    let last = match message.kind.as_str() {
        "digest" | "pending" | group::KIND => message.issues.len().saturating_sub(1) / PAGE,
        // It grows; one that is not there is the last.
        history::KIND | asked::KIND => usize::from(u16::MAX),
        _ => message.issues.len().saturating_sub(1),
    };
    let page = page.clamp(0, i64::try_from(last).unwrap_or_default());
    messages::turn(visit.tx, &message.key, page).await?;
    let said = show(visit, person, &message, page).await?;
    let edits = vec![(message.chat_id, message.message_id, said)];
    Ok((
        Answer {
            edits,
            ..Answer::default()
        },
        String::new(),
        false,
    ))
}

async fn pick(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let mut parts = argument.splitn(2, '.');
    let name = parts.next().and_then(|text| at(&message, text));
    let chosen = parts.next().unwrap_or_default();
    let names = waiting::many(visit.tx, &name.into_iter().collect::<Vec<_>>()).await?;
    let Some(name) = names.first().filter(|_| unmatched::rules(visit, person)) else {
        return alert(visit, "toast_no_permission");
    };
    let directory = visit.directory.clone();
    let Some(choice) = unmatched::chosen(&directory.roster, name, chosen) else {
        return alert(visit, "toast_expired");
    };
    let (rules, now) = (&visit.desk.rules, visit.desk.clock.now());
    let toast = match flow::place(visit.tx, rules, &directory, name, choice, person.id, now).await?
    {
        Placed::Already => visit.words("toast_expired", minijinja::context! {})?,
        Placed::Issues(count) => {
            let to = visit.lens(&directory).target(choice.0, choice.1);
            visit.words("placed", minijinja::context! { to => to, count => count })?
        }
    };
    again(visit, person, &message, (toast, false)).await
}

async fn dismiss(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let name = at(&message, argument).filter(|_| unmatched::rules(visit, person));
    let Some(name) = name else {
        return alert(visit, "toast_no_permission");
    };
    flow::dismiss(visit.tx, name, person.id, visit.desk.clock.now()).await?;
    let toast = visit.words("dismissed", minijinja::context! {})?;
    again(visit, person, &message, (toast, false)).await
}

/// The life of an issue, as a message of its own.
async fn life(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let issue = match at(&message, argument) {
        Some(id) => match message.kind.as_str() {
            "waiting" | "leave" | "leaves" | "ask" | asked::KIND | unlearn::KIND => None,
            "request" => issue_of(visit, id).await?,
            _ => issues::get(visit.tx, id).await?,
        },
        None => None,
    };
    let directory = visit.directory.clone();
    let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
        return alert(visit, "toast_no_permission");
    };
    let answer = visit.life(person, issue).await?;
    Ok((answer, String::new(), false))
}
