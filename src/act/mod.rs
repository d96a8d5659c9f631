//! What a person does to an issue, by press or reply or command: exact issue ids, actor, update id;
//! authorised against the roster of now, applied once, recorded with who and when.

pub mod leave;
pub mod quiet;
pub mod words;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::flow::{Directory, Rules, ladder};
use crate::issue::state::{Event, Refusal, State};
use crate::issue::table::{self as issues, Act, Issue};
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Person, Role, Roster, Scope};
use crate::store::Tx;

/// Who does it, and by which update.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The person.
    pub person: &'a Person,
    /// The update of the channel; makes the act happen once.
    pub update_id: Option<i64>,
    /// The chat and the message by which: the one sent, or the one whose button was pressed.
    pub message: Option<(i64, i64)>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What comes along with an act.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// What was said.
    pub note: Option<String>,
    /// JSON of the photo or file.
    pub evidence: Option<String>,
}

/// What an act did to one issue.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// It was applied; the issue as it is now.
    Applied(Issue),
    /// It was so already, or the issue is closed: the issue as it is.
    Stale(Issue, Refusal),
    /// No such issue, or none of this person's: the same answer for both.
    NotYours,
}

/// Whether a person may do this to the issue.
fn entitled(roster: &Roster, person: &Person, issue: &Issue, event: Event) -> bool {
    let ruling = matches!(
        event,
        Event::AcceptDispute | Event::RejectDispute | Event::Confirm | Event::Refute
    );
    sees(roster, person, issue) && (ruling == (person.role == Role::Manager))
}

/// Whether a person may see an issue.
pub fn sees(roster: &Roster, person: &Person, issue: &Issue) -> bool {
    sees_place(roster, person, issue.account_id, issue.unit_id)
}

/// The same for what is known of an issue without its texts. What has lost its unit is the
/// business of those who supervise everything.
pub fn sees_place(roster: &Roster, person: &Person, account: Option<i64>, unit: i64) -> bool {
    match roster.unit_by_id(unit) {
        Some(unit) => roster.may_see(person, &unit.code, account),
        None => roster.scope_of(person) == Scope::All,
    }
}

/// Does one thing to the issues, in the order given.
pub async fn perform(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    actor: Actor<'_>,
    (ids, event, words): (&[i64], Event, &Words),
) -> Result<Vec<Done>> {
    let now = actor.now.timestamp_millis();
    let roster = &directory.roster;
    let mut done = Vec::with_capacity(ids.len());
    let mut acts = Vec::new();
    for id in ids {
        let Some(mut issue) = issues::get(tx, *id).await? else {
            done.push(Done::NotYours);
            continue;
        };
        if !entitled(roster, actor.person, &issue, event) {
            done.push(Done::NotYours);
            continue;
        }
        if let Err(refusal) = issues::apply(tx, &mut issue, event, now).await? {
            done.push(Done::Stale(issue, refusal));
            continue;
        }
        acts.push(Act {
            issue_id: issue.id,
            at: now,
            verb: event.verb().to_owned(),
            person_id: Some(actor.person.id),
            update_id: actor.update_id,
            message: actor.message,
            report_id: None,
            note: words.note.clone(),
            evidence: words.evidence.clone(),
        });
        if event == Event::Refute {
            ladder::resume(tx, rules, issue.id, actor.now).await?;
        }
        let owed = consequences(rules, roster, actor, &issue, event);
        outbox::table::enqueue(tx, &owed, now).await?;
        done.push(Done::Applied(issue));
    }
    issues::record(tx, &acts).await?;
    Ok(done)
}

/// Whom an act obliges us to tell: a dispute the managers, a ruling those who answer, a fix that was
/// found wanting the lead too.
fn consequences(
    rules: &Rules,
    roster: &Roster,
    actor: Actor<'_>,
    issue: &Issue,
    event: Event,
) -> Vec<Owed> {
    let (kind, people) = match event {
        Event::Dispute => (Kind::Dispute, roster.managers_over(issue.unit_id)),
        Event::AcceptDispute | Event::RejectDispute => (
            Kind::Ruling,
            roster.answering(issue.account_id, issue.unit_id),
        ),
        Event::Refute => {
            let mut people = roster.answering(issue.account_id, issue.unit_id);
            if let Some(unit) = roster.unit_by_id(issue.unit_id) {
                people.extend(roster.leads_of(&unit.code));
            }
            people.sort_by_key(|person| person.id);
            people.dedup_by_key(|person| person.id);
            (Kind::Refuted, people)
        }
        _ => return vec![],
    };
    let accepted = event == Event::AcceptDispute;
    people
        .into_iter()
        .map(|person| Owed {
            once: format!(
                "{}:{}:{}:{}",
                kind.as_str(),
                issue.id,
                issue.revision,
                person.id
            ),
            person_id: person.id,
            kind,
            issues: vec![issue.id],
            detail: Some(serde_json::json!({ "accepted": accepted, "by": actor.person.id })),
            urgent: false,
            not_before: rules.send_at(actor.now, false),
        })
        .collect()
}

/// The live issues a person answers for, serious and soon due first.
pub async fn mine(tx: &mut Tx, roster: &Roster, person: &Person) -> Result<Vec<Issue>> {
    let mut found = issues::live_in(tx, &roster.scope_of(person)).await?;
    found.sort_by_key(|i| (!i.urgent, i.severity, i.due_at.unwrap_or(i64::MAX), i.id));
    Ok(found)
}

/// How many live issues a person answers for.
pub async fn count_mine(tx: &mut Tx, roster: &Roster, person: &Person) -> Result<usize> {
    let counts = issues::counts_in(tx, &roster.scope_of(person)).await?;
    let live = counts
        .into_iter()
        .filter(|((state, _), _)| state != State::Closed.as_str());
    let count: i64 = live.map(|(_, count)| count).sum();
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Keeps a photo or file, or free words, with issues without changing their state.
pub async fn attach(tx: &mut Tx, actor: Actor<'_>, ids: &[i64], words: &Words) -> Result<u64> {
    let acts: Vec<Act> = ids
        .iter()
        .map(|id| Act {
            issue_id: *id,
            at: actor.now.timestamp_millis(),
            verb: "noted".to_owned(),
            person_id: Some(actor.person.id),
            update_id: actor.update_id,
            message: actor.message,
            report_id: None,
            note: words.note.clone(),
            evidence: words.evidence.clone(),
        })
        .collect();
    issues::record(tx, &acts).await
}
