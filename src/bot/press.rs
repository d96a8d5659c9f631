//! A button: who pressed, on which message, about which of the issues that were shown.

use super::{Answer, Evidence, Visit, history, leave, odd};
use crate::act::{self, Done, Words};
use crate::error::Result;
use crate::flow::{self, Placed};
use crate::issue::state::{Event, State};
use crate::issue::table as issues;
use crate::matching::table as waiting;
use crate::message::table::{self as messages, Message};
use crate::message::{
    Buttons, DigestView, DisputeView, Heading, PAGE, Rendered, Section, WaitingView, clip,
};
use crate::roster::{Person, Role};
use crate::store::vals;

/// What an answer to a press consists of: edits and messages, the toast, whether it must be read.
pub(super) type Pressed = (Answer, String, bool);

/// The most photos and files shown at once, the newest.
const EVIDENCE: usize = 5;
/// What a caption may hold, in UTF-16 units (Bot API, sendPhoto).
const CAPTION: usize = 1_024;
/// Ten minutes to say why.
const DIALOG_MS: i64 = 600_000;

/// Applies a press. Every press is answered, also one that changes nothing.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: Option<Person>,
    data: &str,
) -> Result<Pressed> {
    let toast = |visit: &Visit<'_>, name: &str| -> Result<Pressed> {
        Ok((
            Answer::default(),
            visit.words(name, minijinja::context! {})?,
            true,
        ))
    };
    let mut parts = data.splitn(3, ':');
    let (verb, key) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let argument = parts.next().unwrap_or_default();
    let Some(message) = messages::by_key(visit.tx, key).await? else {
        return toast(visit, "toast_expired");
    };
    let Some(person) = person.filter(|person| person.id == message.person_id) else {
        return toast(visit, "toast_no_permission");
    };
    if message.expires_at < visit.now_ms() {
        return toast(visit, "toast_expired");
    }
    match (message.kind.as_str(), verb) {
        ("digest", "ack") => one(visit, &person, message, argument, Event::Acknowledge).await,
        ("digest", "fix") => one(visit, &person, message, argument, Event::ReportFix).await,
        ("digest", "dis") => ask_reason(visit, &person, message, argument).await,
        ("digest", "all") => all(visit, &person, message, argument, Event::Acknowledge).await,
        (_, "hist") => life(visit, &person, message, argument).await,
        ("leave" | "leaves", verb) => {
            leave::pressed(visit, &person, message, (verb, argument)).await
        }
        (odd::KIND, "right") => odd::pressed(visit, &person, message).await,
        (_, "page") => turn(visit, &person, message, argument).await,
        ("digest", "my") => {
            let answer = visit.my(&person).await?;
            Ok((answer, String::new(), false))
        }
        ("pending", "conf") => one(visit, &person, message, argument, Event::Confirm).await,
        ("pending", "deny") => one(visit, &person, message, argument, Event::Refute).await,
        ("pending", "confall") => all(visit, &person, message, argument, Event::Confirm).await,
        ("pending", "evid") => evidence(visit, &person, message, argument).await,
        ("dispute", "acc") => one(visit, &person, message, argument, Event::AcceptDispute).await,
        ("dispute", "rej") => one(visit, &person, message, argument, Event::RejectDispute).await,
        ("waiting", "pick") => pick(visit, &person, message, argument).await,
        ("waiting", "drop") => dismiss(visit, &person, message, argument).await,
        _ => toast(visit, "toast_expired"),
    }
}

/// The issue at a position (from 1) of a message.
fn at(message: &Message, argument: &str) -> Option<i64> {
    let position = argument.parse::<usize>().ok()?;
    message.issues.get(position.checked_sub(1)?).copied()
}

async fn one(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
    event: Event,
) -> Result<Pressed> {
    let Some(issue) = at(&message, argument) else {
        return Ok((
            Answer::default(),
            visit.words("toast_expired", minijinja::context! {})?,
            true,
        ));
    };
    visit.message = message.message_id;
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
    let page = message.page;
    let said = show(visit, person, &message, page).await?;
    let edits = vec![(message.chat_id, message.message_id, said)];
    Ok((
        Answer {
            edits,
            ..Answer::default()
        },
        toast,
        alert,
    ))
}

/// A stale button tells what has happened since and by whom.
async fn stale(visit: &mut Visit<'_>, issue: &issues::Issue) -> Result<String> {
    let acts = issues::acts_of(visit.tx, &[issue.id])
        .await?
        .remove(&issue.id)
        .unwrap_or_default();
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let view = lens.issue(issue, &acts, Section::Open, 1);
    let closed = issue.standing.state == State::Closed;
    let name = if closed {
        "toast_closed"
    } else {
        "toast_already"
    };
    let (who, when) = view
        .last_act
        .map(|act| (act.who, act.at))
        .unwrap_or_default();
    let context = minijinja::context! {
        number => issue.id, who => who, when => when, state => issue.standing.state.as_str(),
        reason => issue.standing.reason.map(|reason| reason.as_str()),
    };
    visit.words(name, context)
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
    visit.message = message.message_id;
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
    let page = message.page;
    let said = show(visit, person, &message, page).await?;
    let edits = vec![(message.chat_id, message.message_id, said)];
    Ok((
        Answer {
            edits,
            ..Answer::default()
        },
        toast,
        false,
    ))
}

async fn turn(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let page: i64 = argument.parse().unwrap_or_default();
    let last = match message.kind.as_str() {
        "digest" | "pending" => message.issues.len().saturating_sub(1) / PAGE,
        // It grows; one that is not there is the last.
        history::KIND => usize::from(u16::MAX),
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

/// The message as it has to look now.
pub(super) async fn show(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    page: i64,
) -> Result<Rendered> {
    let directory = visit.directory.clone();
    let desk = visit.desk;
    let lens = visit.lens(&directory).read_by(person);
    let page = usize::try_from(page).unwrap_or_default();
    let wanted = message.wanted();
    // The roster may have changed since: what is another's now is not shown again.
    let seen = |issue: &issues::Issue| act::sees(&directory.roster, person, issue);
    match message.kind.as_str() {
        "waiting" => {
            let names = waiting::many(visit.tx, &message.issues).await?;
            desk.words
                .waiting(&WaitingView::of(&lens, &message.key, &names, page))
        }
        "dispute" => {
            let issue = lens.page(visit.tx, &wanted, (page, 1), seen).await?.pop();
            let Some(issue) = issue else {
                let html = desk.words.text("no_such_issue", minijinja::context! {})?;
                return Ok(Rendered {
                    html,
                    keyboard: vec![],
                });
            };
            desk.words.dispute(&DisputeView {
                key: &message.key,
                issue,
                total: wanted.len(),
                page,
            })
        }
        history::KIND => {
            let what = (&message.issues[..], message.key.as_str(), page);
            visit.life_again(person, what).await
        }
        kind => {
            let pending = kind == "pending";
            let issues = lens.page(visit.tx, &wanted, (page, PAGE), seen).await?;
            let view = DigestView {
                key: &message.key,
                person: &person.name,
                office: &desk.office,
                heading: match pending {
                    true => Heading::Pending,
                    false => Heading::of(wanted.iter().map(|(_, section)| *section)),
                },
                date: desk
                    .local(crate::clock::from_ms(message.sent_at))
                    .format("%m-%d")
                    .to_string(),
                issues,
                total: wanted.len(),
                page,
                still_open: 0,
                resent: false,
                buttons: match pending {
                    true => Buttons::Confirm,
                    false => Buttons::of(person.role),
                },
            };
            desk.words.digest(&view)
        }
    }
}

/// A dispute needs a reason: the next words of this chat.
async fn ask_reason(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(id) = at(&message, argument) else {
        return Ok((
            Answer::default(),
            visit.words("toast_expired", minijinja::context! {})?,
            true,
        ));
    };
    let directory = visit.directory.clone();
    let issue = issues::get(visit.tx, id).await?;
    let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
        let toast = visit.words("toast_no_permission", minijinja::context! {})?;
        return Ok((Answer::default(), toast, true));
    };
    if issue.standing.after(Event::Dispute).is_err() {
        return Ok((Answer::default(), stale(visit, &issue).await?, true));
    }
    visit
        .tx
        .run(
            "insert into dialog (chat_id, person_id, kind, issues, message_id, expires_at)
             values ($1, $2, 'dispute', $3, $4, $5)
             on conflict (chat_id) do update set person_id = $2, kind = 'dispute', issues = $3,
                message_id = $4, expires_at = $5",
            vals![
                visit.chat,
                person.id,
                serde_json::to_string(&[id])?,
                message.message_id,
                visit.now_ms() + DIALOG_MS,
            ],
        )
        .await?;
    let lens = visit.lens(&directory);
    let context = minijinja::context! {
        n => argument, number => id, account => lens.target(issue.account_id, issue.unit_id),
    };
    let text = visit.words("disputed_ask", context)?;
    Ok((Answer::text(visit.chat, text), String::new(), false))
}

async fn pick(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let mut parts = argument.splitn(2, '.');
    let name = parts.next().and_then(|text| at(&message, text));
    let choice: usize = parts
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let names = waiting::many(visit.tx, &name.into_iter().collect::<Vec<_>>()).await?;
    let Some(name) = names.first().filter(|_| person.role == Role::Manager) else {
        let toast = visit.words("toast_no_permission", minijinja::context! {})?;
        return Ok((Answer::default(), toast, true));
    };
    let Some(offer) = choice.checked_sub(1).and_then(|n| name.candidates.get(n)) else {
        return Ok((
            Answer::default(),
            visit.words("toast_expired", minijinja::context! {})?,
            true,
        ));
    };
    let directory = visit.directory.clone();
    let (rules, now) = (&visit.desk.rules, visit.desk.clock.now());
    let choice = (offer.account, offer.unit);
    let toast = match flow::place(visit.tx, rules, &directory, name, choice, person.id, now).await?
    {
        Placed::Already => visit.words("toast_expired", minijinja::context! {})?,
        Placed::Issues(count) => {
            let to = visit.lens(&directory).target(offer.account, offer.unit);
            visit.words("placed", minijinja::context! { to => to, count => count })?
        }
    };
    let page = message.page;
    let said = show(visit, person, &message, page).await?;
    let edits = vec![(message.chat_id, message.message_id, said)];
    Ok((
        Answer {
            edits,
            ..Answer::default()
        },
        toast,
        false,
    ))
}

async fn dismiss(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let name = at(&message, argument).filter(|_| person.role == Role::Manager);
    let Some(name) = name else {
        let toast = visit.words("toast_no_permission", minijinja::context! {})?;
        return Ok((Answer::default(), toast, true));
    };
    flow::dismiss(visit.tx, name, person.id, visit.desk.clock.now()).await?;
    let toast = visit.words("dismissed", minijinja::context! {})?;
    let page = message.page;
    let said = show(visit, person, &message, page).await?;
    let edits = vec![(message.chat_id, message.message_id, said)];
    Ok((
        Answer {
            edits,
            ..Answer::default()
        },
        toast,
        false,
    ))
}

/// The photos and files that were sent along with an issue, as they were sent.
async fn evidence(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let issue = match at(&message, argument) {
        Some(id) => issues::get(visit.tx, id).await?,
        None => None,
    };
    let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
        let toast = visit.words("toast_no_permission", minijinja::context! {})?;
        return Ok((Answer::default(), toast, true));
    };
    let acts = issues::acts_of(visit.tx, &[issue.id]).await?;
    let lens = visit.lens(&directory);
    let mut answer = Answer::default();
    for act in acts.get(&issue.id).into_iter().flatten().rev() {
        let Some(kept) = &act.evidence else { continue };
        let who = lens.person(act.person_id);
        let note = act.note.as_deref().unwrap_or_default();
        let said = format!("#{} {who} {}：{note}", issue.id, lens.moment(act.at));
        answer.files.push(Evidence {
            chat: visit.chat,
            caption: clip(&said, CAPTION).into_owned(),
            kept: kept.clone(),
        });
    }
    answer.files.truncate(EVIDENCE);
    Ok((answer, String::new(), false))
}

/// The life of an issue, as a message of its own.
async fn life(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let issue = match at(&message, argument).filter(|_| message.kind != "waiting") {
        Some(id) => issues::get(visit.tx, id).await?,
        None => None,
    };
    let directory = visit.directory.clone();
    let Some(issue) = issue.filter(|issue| act::sees(&directory.roster, person, issue)) else {
        let toast = visit.words("toast_no_permission", minijinja::context! {})?;
        return Ok((Answer::default(), toast, true));
    };
    let answer = visit.life(person, issue).await?;
    Ok((answer, String::new(), false))
}
