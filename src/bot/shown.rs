//! A message as it has to look now, and what every press is answered with.

use super::{Answer, Visit, asked, group, history};
use crate::act;
use crate::error::Result;
use crate::issue::acts;
use crate::issue::allowed;
use crate::issue::request as requests;
use crate::issue::state::State;
use crate::issue::table::{self as issues, Issue};
use crate::matching::table as waiting;
use crate::message::table::Message;
use crate::message::{
    Buttons, DigestView, DisputeView, Heading, IssueView, PAGE, Rendered, Section, WaitingView,
};
use crate::roster::{Person, Role};

/// What an answer to a press consists of: edits and messages, the toast, whether it must be read.
pub(super) type Pressed = (Answer, String, bool);

/// What stands at a position (from 1) of a message.
pub(super) fn at(message: &Message, argument: &str) -> Option<i64> {
    message.at(argument.parse().ok()?)
}

/// The issue at a position (from 1) of a message, if this person may see it.
pub(super) async fn seen_at(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    argument: &str,
) -> Result<Option<Issue>> {
    let Some(id) = at(message, argument) else {
        return Ok(None);
    };
    let directory = visit.directory.clone();
    let issue = issues::get(visit.tx, id).await?;
    Ok(issue.filter(|issue| act::sees(&directory.roster, person, issue)))
}

impl Visit<'_> {
    /// An issue as this person sees it; none that is not theirs.
    pub(super) async fn view(&mut self, person: &Person, id: i64) -> Result<Option<IssueView>> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory).read_by(person);
        let seen = |issue: &Issue| act::sees(&directory.roster, person, issue);
        let mut shown = lens
            .page(self.tx, &[(id, Section::Open)], (0, 1), seen)
            .await?;
        Ok(shown.pop())
    }
}

/// The message as it is to look, with a toast.
pub(super) fn edited(message: &Message, said: Rendered, toast: String) -> Pressed {
    let answer = Answer {
        edits: vec![(message.chat_id, message.message_id, said)],
        ..Answer::default()
    };
    (answer, toast, false)
}

/// The message as it looks now, with a toast that must be read or not.
pub(super) async fn again(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    (toast, alert): (String, bool),
) -> Result<Pressed> {
    let said = show(visit, person, message, message.page).await?;
    let (answer, toast, _) = edited(message, said, toast);
    Ok((answer, toast, alert))
}

/// A toast that must be read, and nothing else.
pub(super) fn alert(visit: &Visit<'_>, name: &str) -> Result<Pressed> {
    let text = visit.words(name, minijinja::context! {})?;
    Ok((Answer::default(), text, true))
}

/// A stale button tells what has happened since and by whom.
pub(super) async fn stale(visit: &mut Visit<'_>, issue: &issues::Issue) -> Result<String> {
    let acts = acts::acts_of(visit.tx, &[issue.id])
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

/// One line in place of a digest all of whose issues are closed, with the button that shows them all the same;
/// or of one whose issues are others' by now.
pub(super) async fn settled(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
) -> Result<Option<Rendered>> {
    if message.kind != "digest" {
        return Ok(None);
    }
    let directory = visit.directory.clone();
    let roster = &directory.roster;
    let live = issues::places(visit.tx, &message.issues).await?;
    let mine = |i: &issues::Place| act::sees_place(roster, person, i.account_id, i.unit_id);
    if live.iter().any(mine) {
        return Ok(None);
    }
    let mut closed = issues::many(visit.tx, &message.issues).await?;
    closed.retain(|issue| !issue.live() && act::sees(roster, person, issue));
    let day = visit.desk.local(crate::clock::from_ms(message.sent_at));
    let date = day.format("%m-%d").to_string();
    let heading = Heading::of(message.wanted().iter().map(|(_, section)| *section));
    let said = match closed.len() {
        0 => visit.book.passed_on((heading, date))?,
        total => visit.book.settled(&message.key, (heading, date, total))?,
    };
    Ok(Some(said))
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
            visit
                .book
                .waiting(&WaitingView::of(&lens, &message.key, &names, page))
        }
        group::KIND => visit.group_again(message, page).await,
        "request" => request(visit, person, message, page).await,
        "dispute" => {
            let issue = lens.page(visit.tx, &wanted, (page, 1), seen).await?.pop();
            let Some(issue) = issue else {
                let html = visit.book.text("no_such_issue", minijinja::context! {})?;
                return Ok(Rendered {
                    html,
                    keyboard: vec![],
                });
            };
            let allowed = allowed::of_issue(visit.tx, issue.number).await?.is_some();
            visit.book.dispute(&DisputeView {
                key: &message.key,
                issue,
                total: wanted.len(),
                page,
                allowed,
            })
        }
        asked::KIND => visit.asked_again(person, (&message.key, page)).await,
        history::KIND => {
            let what = (&message.issues[..], message.key.as_str(), page);
            visit.life_again(person, what).await
        }
        kind => {
            let pending = kind == "pending";
            let own = match kind {
                "digest" => visit.own_again(person, &message.key).await?,
                _ => None,
            };
            let issues = lens.page(visit.tx, &wanted, (page, PAGE), seen).await?;
            let still_open = match own.is_some() || pending {
                true => 0,
                false => others(visit, person, message).await?,
            };
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
                still_open,
                resent: false,
                own,
                buttons: match pending {
                    true => Buttons::Confirm,
                    false => Buttons::of(person.role),
                },
            };
            visit.book.digest(&view)
        }
    }
}

/// How many open issues of a person a message does not show; a manager looks on, and all of a city is no
/// remainder of theirs.
async fn others(visit: &mut Visit<'_>, person: &Person, message: &Message) -> Result<usize> {
    if person.role == Role::Manager {
        return Ok(0);
    }
    let directory = visit.directory.clone();
    let roster = &directory.roster;
    let all = act::count_mine(visit.tx, roster, person).await?;
    let mut here = issues::places(visit.tx, &message.issues).await?;
    here.retain(|i| act::sees_place(roster, person, i.account_id, i.unit_id));
    Ok(all.saturating_sub(here.len()))
}

/// The issue of a request.
pub(super) async fn issue_of(visit: &mut Visit<'_>, request: i64) -> Result<Option<Issue>> {
    match requests::many(visit.tx, &[request]).await?.pop() {
        Some(request) => issues::get(visit.tx, request.issue_id).await,
        None => Ok(None),
    }
}

/// A request as it stands now; one that is no longer this manager's is shown no more.
async fn request(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    page: usize,
) -> Result<Rendered> {
    let page = page.min(message.issues.len().saturating_sub(1));
    let id = message.issues.get(page).copied().unwrap_or_default();
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let request = requests::many(visit.tx, &[id]).await?.pop();
    let seen = |issue: &Issue| act::sees(&directory.roster, person, issue);
    let view = match request {
        Some(request) => {
            let about = [(request.issue_id, Section::Open)];
            let mut shown = lens.page(visit.tx, &about, (0, 1), seen).await?;
            shown.pop().map(|issue| lens.request(&request, issue))
        }
        None => None,
    };
    match view {
        Some(view) => {
            let total = message.issues.len();
            visit.book.request(&message.key, (&view, page, total))
        }
        None => Ok(Rendered {
            html: visit.words("no_such_issue", minijinja::context! {})?,
            keyboard: vec![],
        }),
    }
}
