//! What a manager rules on besides disputes: requests, evidence of fixes, wordings that are right; by press
//! and by reply.

use super::shown::{Pressed, again, alert, at, seen_at, stale};
use super::{Answer, Evidence, Visit};
use crate::act::allow::{Allowing, Wording};
use crate::act::request::Ruled;
use crate::act::words::{self, Wish};
use crate::act::{self, Done, Words};
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::evidence::Sent;
use crate::issue::request::Request;
use crate::issue::state::Event;
use crate::issue::table as issues;
use crate::message::table::Message;
use crate::message::{PAGE, clip};
use crate::roster::Person;

/// The most photos and files shown at once, the newest.
const EVIDENCE: usize = 5;
/// What a caption may hold, in UTF-16 units (Bot API, sendPhoto).
const CAPTION: usize = 1_024;
/// What of it may be what somebody wrote.
const NOTE: usize = 800;
/// So much of a hash is compared by eye; `duban issue show` has all of it.
const HASH: usize = 17;

/// Grants or refuses a request.
pub(super) async fn request(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (grants, argument): (bool, &str),
) -> Result<Pressed> {
    let Some(id) = at(&message, argument) else {
        return alert(visit, "toast_expired");
    };
    let toast = visit.ruled(person, id, grants).await?;
    again(visit, person, &message, toast).await
}

impl Visit<'_> {
    /// Rules on a request; what is said of it, and whether it must be read.
    async fn ruled(&mut self, person: &Person, id: i64, grants: bool) -> Result<(String, bool)> {
        let directory = self.directory.clone();
        let (rules, actor) = (&self.desk.rules, self.actor(person));
        let ruled = act::request::rule(self.tx, rules, &directory, actor, (id, grants)).await?;
        Ok(match ruled {
            Ruled::Done(number) => {
                let context = minijinja::context! { number, granted => grants };
                (self.words("toast_granted", context)?, false)
            }
            Ruled::Stale(request) => (self.stale_request(&request)?, true),
            Ruled::Lapsed => (self.words("toast_lapsed", minijinja::context! {})?, true),
            Ruled::NotYours => (
                self.words("toast_no_permission", minijinja::context! {})?,
                true,
            ),
        })
    }

    /// Who ruled before, and when.
    fn stale_request(&self, request: &Request) -> Result<String> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let number = request.issue_id;
        if request.ruled_by.is_none() {
            return self.words("toast_moot", minijinja::context! { number });
        }
        let context = minijinja::context! {
            number, who => lens.person(request.ruled_by), when => request.ruled_at.map(|at| lens.moment(at)),
        };
        self.words("toast_already", context)
    }

    /// A manager's words in reply to what waits for a ruling.
    pub(super) async fn rule_by_words(
        &mut self,
        person: &Person,
        shown: &Message,
        text: &str,
    ) -> Result<Answer> {
        let understood = words::understand_ruling(text);
        if understood.is_empty() {
            let text = self.words("not_understood", minijinja::context! { role => "manager" })?;
            return Ok(Answer::text(self.chat, text));
        }
        // First what each of them means: what cannot be placed lets nothing count.
        let mut what = Vec::new();
        for one in &understood {
            let mut ids: Vec<i64> = Vec::new();
            for position in &one.positions {
                match shown.at(*position) {
                    Some(id) => ids.push(id),
                    None => {
                        let text = self.words("no_such_issue", minijinja::context! {})?;
                        return Ok(Answer::text(self.chat, text));
                    }
                }
            }
            let paged = shown.kind != "pending";
            if ids.is_empty() && one.numbers.is_empty() {
                match shown.issues.as_slice() {
                    [only] => ids.push(*only),
                    // One a page: the one that is shown.
                    all if paged => {
                        let page = usize::try_from(shown.page).unwrap_or_default();
                        ids.extend(all.get(page));
                    }
                    _ if words::means_all(text) => ids.extend(shown.on_page()),
                    _ => {}
                }
            }
            if shown.kind != "request" {
                ids.extend(&one.numbers);
            }
            if ids.is_empty() {
                let text = self.words("which_one", minijinja::context! { verb => "rule" })?;
                return Ok(Answer::text(self.chat, text));
            }
            what.push((one.wish, ids));
        }
        let mut lines = Vec::new();
        for (wish, ids) in &what {
            lines.extend(self.rule_on(person, shown, (*wish, ids)).await?);
        }
        Ok(Answer::text(self.chat, lines.join("\n")))
    }

    /// What a wish does to what a message shows; what is said of each.
    async fn rule_on(
        &mut self,
        person: &Person,
        shown: &Message,
        (wish, ids): (Wish, &[i64]),
    ) -> Result<Vec<String>> {
        let event = match (shown.kind.as_str(), wish) {
            ("request", Wish::Confirm | Wish::Refute) => {
                let mut lines = Vec::new();
                for id in ids {
                    lines.push(self.ruled(person, *id, wish == Wish::Confirm).await?.0);
                }
                return Ok(lines);
            }
            (_, Wish::AskEvidence) if shown.kind != "request" => {
                return Ok(vec![self.wanted(person, ids).await?]);
            }
            ("dispute", Wish::Confirm) => Event::AcceptDispute,
            ("dispute", Wish::Refute) => Event::RejectDispute,
            (_, Wish::Confirm) => Event::Confirm,
            (_, Wish::Refute) => Event::Refute,
            _ => {
                return Ok(vec![self.words(
                    "not_understood",
                    minijinja::context! { role => "manager" },
                )?]);
            }
        };
        let directory = self.directory.clone();
        let (rules, actor) = (&self.desk.rules, self.actor(person));
        let what = (ids, event, &Words::default());
        let done = act::perform(self.tx, rules, &directory, actor, what).await?;
        let mut lines = Vec::new();
        for one in done {
            lines.push(match one {
                Done::Applied(issue) => {
                    let name = match event {
                        Event::Confirm => "toast_confirmed",
                        Event::Refute => "toast_refuted",
                        _ => "ruled",
                    };
                    let accepted = event == Event::AcceptDispute;
                    let number = issue.id;
                    self.words(name, minijinja::context! { number, accepted })?
                }
                Done::Stale(issue, _) => stale(self, &issue).await?,
                Done::NotYours => self.words("no_such_issue", minijinja::context! {})?,
            });
        }
        Ok(lines)
    }

    /// Asks for evidence; what is said of it.
    async fn wanted(&mut self, person: &Person, ids: &[i64]) -> Result<String> {
        let directory = self.directory.clone();
        let (rules, actor) = (&self.desk.rules, self.actor(person));
        let done = act::evidence::ask(self.tx, rules, &directory, actor, ids).await?;
        let count = done
            .iter()
            .filter(|one| matches!(one, Done::Applied(_)))
            .count();
        match done.into_iter().next() {
            Some(Done::Stale(issue, _)) if count == 0 => stale(self, &issue).await,
            Some(Done::NotYours) if count == 0 => {
                self.words("toast_no_permission", minijinja::context! {})
            }
            _ => self.words("toast_wanted", minijinja::context! { count => count }),
        }
    }
}

/// Asks those who reported a fix, or all of a page, for evidence.
pub(super) async fn want(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let ids: Vec<i64> = if verb == "wantall" {
        let page: usize = argument.parse().unwrap_or_default();
        message
            .issues
            .chunks(PAGE)
            .nth(page)
            .unwrap_or_default()
            .to_vec()
    } else {
        at(&message, argument).into_iter().collect()
    };
    let toast = visit.wanted(person, &ids).await?;
    again(visit, person, &message, (toast, false)).await
}

/// The photos and files that were sent along with an issue, as they were sent.
pub(super) async fn evidence(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    argument: &str,
) -> Result<Pressed> {
    let Some(issue) = seen_at(visit, person, &message, argument).await? else {
        return alert(visit, "toast_no_permission");
    };
    let acts = acts::acts_of(visit.tx, &[issue.id]).await?;
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let mut answer = Answer::default();
    for act in acts.get(&issue.id).into_iter().flatten().rev() {
        let Some(kept) = &act.evidence else { continue };
        let who = lens.person(act.person_id);
        let note = act.note.as_deref().unwrap_or_default();
        let words = visit.book.term("evidence_of");
        let words = words.replace("{number}", &issue.id.to_string());
        let words = words.replace("{who}", &who);
        let words = words.replace("{when}", &lens.moment(act.at));
        let said = words.replace("{note}", &clip(note, NOTE));
        let sent = Sent::read(kept);
        answer.files.push(Evidence {
            chat: visit.chat,
            caption: clip(&format!("{said}\n{}", told(&sent, act)), CAPTION).into_owned(),
            sent,
        });
    }
    answer.files.truncate(EVIDENCE);
    Ok((answer, String::new(), false))
}

/// What a file is: its name and size, and the beginning of its SHA-256 once it was fetched.
fn told(sent: &Sent, act: &Act) -> String {
    let size = format!("{} KB", sent.size.div_ceil(1024));
    let hash = act.sha256.as_deref().filter(|hash| !hash.is_empty());
    let hash = hash.map(|hash| format!("SHA-256 {}", clip(hash, HASH)));
    let name = sent.name.as_deref().map(|name| clip(name, 60).into_owned());
    let parts = [name, Some(size), hash].into_iter().flatten();
    parts.collect::<Vec<_>>().join(" · ")
}

/// The wording of an accepted dispute opens no issue any more, on its account or anywhere; or it does
/// again.
pub(super) async fn allow(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let Some(id) = at(&message, argument) else {
        return alert(visit, "toast_expired");
    };
    let directory = visit.directory.clone();
    let actor = visit.actor(person);
    let what = match verb {
        "disallow" => Wording::Revoke,
        "allow_all" => Wording::Everywhere,
        _ => Wording::Here,
    };
    match act::allow::allow(visit.tx, &directory.roster, actor, (id, what)).await? {
        Allowing::Done {
            wording,
            everywhere,
        } => {
            let revoked = what == Wording::Revoke;
            let issue = issues::get(visit.tx, id).await?;
            let mask = &visit.desk.rules.mask;
            let masked = issue.is_none_or(|issue| mask.hides(&issue.category));
            let wording = (!masked).then_some(wording);
            let context = minijinja::context! { wording, everywhere, revoked };
            let toast = visit.words("toast_allowed", context)?;
            again(visit, person, &message, (toast, false)).await
        }
        Allowing::Stale(issue) => {
            let toast = stale(visit, &issue).await?;
            again(visit, person, &message, (toast, true)).await
        }
        Allowing::NotHere => alert(visit, "toast_expired"),
        Allowing::NotYours => alert(visit, "toast_no_permission"),
    }
}
