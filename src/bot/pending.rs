//! `/pending`: what waits for a manager. One kind of it is shown at once; of several a head with counts, and a
//! button for each. All fixes of a page are confirmed with a second look.

use super::shown::{Pressed, alert, edited, show};
use super::{Answer, Visit};
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::State;
use crate::issue::request::{self as requests, Kind as Asked};
use crate::issue::table as issues;
use crate::message::table::Message;
use crate::message::{Button, PAGE, Rendered};
use crate::roster::{Person, Role};

/// What the head is kept as.
pub(super) const KIND: &str = "pendings";
/// A list holds this many; the rest is counted.
const MOST: usize = 500;

/// A kind of what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Fixes,
    Disputes,
    Extensions,
    Reassignments,
}

impl Waits {
    const ALL: [Self; 4] = [
        Self::Fixes,
        Self::Disputes,
        Self::Extensions,
        Self::Reassignments,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Fixes => "fixes",
            Self::Disputes => "disputes",
            Self::Extensions => "extensions",
            Self::Reassignments => "reassignments",
        }
    }

    /// What a list of it is kept as.
    fn kind(self) -> &'static str {
        match self {
            Self::Fixes => "pending",
            Self::Disputes => "dispute",
            Self::Extensions | Self::Reassignments => "request",
        }
    }
}

impl Visit<'_> {
    /// What waits for this manager.
    pub(super) async fn pending(&mut self, person: &Person) -> Result<Answer> {
        let mut waiting = self.all_pending(person).await?;
        waiting.retain(|(_, ids)| !ids.is_empty());
        match waiting.as_slice() {
            [] => {
                let text = self.words("nothing_pending", minijinja::context! {})?;
                Ok(Answer::text(self.chat, text))
            }
            [(only, ids)] => self.pending_of(person, *only, ids).await,
            _ => {
                let key = new_key();
                let said = self.pending_head(&key, &waiting)?;
                Ok(self.kept(KIND, person, (vec![], key), said))
            }
        }
    }

    /// Each kind of what waits, the oldest first: ids of issues, or of requests.
    async fn all_pending(&mut self, person: &Person) -> Result<Vec<(Waits, Vec<i64>)>> {
        let directory = self.directory.clone();
        let scope = directory.roster.scope_of(person);
        let mut live = issues::live_in(self.tx, &scope).await?;
        live.sort_by_key(|issue| (issue.fix_reported_at, issue.id));
        let asked = requests::open_in(self.tx, &scope).await?;
        let of_issues = |waits: Waits| {
            let live = live.iter();
            let these = live.filter(|issue| match waits {
                Waits::Disputes => issue.standing.disputed,
                _ => issue.standing.state == State::FixReported && !issue.standing.disputed,
            });
            these.map(|issue| issue.id).collect()
        };
        let of_requests = |kind: Asked| {
            let asked = asked.iter().filter(|request| request.kind == kind);
            asked.map(|request| request.id).collect()
        };
        let of = |waits: Waits| match waits {
            Waits::Fixes | Waits::Disputes => of_issues(waits),
            Waits::Extensions => of_requests(Asked::Extension),
            Waits::Reassignments => of_requests(Asked::Reassignment),
        };
        Ok(Waits::ALL.map(|waits| (waits, of(waits))).to_vec())
    }

    /// One kind of it as a message.
    async fn pending_of(&mut self, person: &Person, what: Waits, ids: &[i64]) -> Result<Answer> {
        let ids = ids.iter().take(MOST).copied().collect();
        self.waiting(person, (what.kind(), ids)).await
    }

    /// The head: how many of each kind, with the buttons.
    fn pending_head(&self, key: &str, waiting: &[(Waits, Vec<i64>)]) -> Result<Rendered> {
        let words = self.book;
        let (mut rows, mut keyboard) = (Vec::new(), Vec::new());
        for (what, ids) in waiting {
            let name = words.term(&format!("pending_{}", what.as_str())).to_owned();
            let count = ids.len();
            rows.push(minijinja::context! { name => name, count => count });
            if count > 0 {
                keyboard.push(vec![Button {
                    label: format!("{name} {count}"),
                    data: format!("open:{key}:{}", what.as_str()),
                }]);
            }
        }
        let total: usize = waiting.iter().map(|(_, ids)| ids.len()).sum();
        let context = minijinja::context! { total => total, rows => rows };
        let html = self.words("pending_head", context)?;
        Ok(Rendered { html, keyboard })
    }
}

/// A press on the head: that kind as a message of its own; the head as it stands now.
pub(super) async fn opened(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let wanted = Waits::ALL
        .into_iter()
        .find(|what| what.as_str() == argument);
    let Some(wanted) = wanted.filter(|_| person.role == Role::Manager) else {
        return alert(visit, "toast_no_permission");
    };
    let mut waiting = visit.all_pending(person).await?;
    let found = waiting.iter().find(|(what, _)| *what == wanted).cloned();
    waiting.retain(|(_, ids)| !ids.is_empty());
    let head = visit.pending_head(&message.key, &waiting)?;
    let (mut answer, _, _) = edited(&message, head, String::new());
    let ids = found.map(|(_, ids)| ids).unwrap_or_default();
    if ids.is_empty() {
        let toast = visit.words("nothing_pending", minijinja::context! {})?;
        return Ok((answer, toast, false));
    }
    let list = visit.pending_of(person, wanted, &ids).await?;
    answer.says = list.says;
    Ok((answer, String::new(), false))
}

/// 本页全部通过: the page once more, with what is asked.
pub(super) async fn look_again(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let page: i64 = argument.parse().unwrap_or_default();
    let at = usize::try_from(page).unwrap_or_default();
    let shown = message.issues.chunks(PAGE).nth(at).unwrap_or_default();
    let rows = issues::many(visit.tx, shown).await?;
    let waiting = rows
        .iter()
        .filter(|issue| issue.standing.state == State::FixReported)
        .count();
    let said = show(visit, person, &message, page).await?;
    let ask = visit.words("confirm_page", minijinja::context! { count => waiting })?;
    let words = visit.book;
    let yes = words
        .term("confirm_page")
        .replace("{n}", &waiting.to_string());
    let key = &message.key;
    let mut keyboard = vec![vec![Button {
        label: words.term("back").to_owned(),
        data: format!("page:{key}:{page}"),
    }]];
    if waiting > 0 {
        let data = format!("confyes:{key}:{page}");
        let label = format!("✅ {yes}");
        keyboard.insert(0, vec![Button { label, data }]);
    }
    let html = format!("{}\n\n<b>{ask}</b>", said.html);
    Ok(edited(&message, Rendered { html, keyboard }, String::new()))
}
