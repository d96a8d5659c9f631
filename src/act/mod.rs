//! What a person does to an issue, by press or reply or command: exact issue ids, actor, update id;
//! authorised against the roster of now, applied once, recorded with who and when.

pub mod allow;
pub mod announce;
pub mod asked;
mod english;
pub mod evidence;
pub mod export;
pub mod hand;
pub mod joins;
pub mod leave;
pub mod mute;
pub mod nudge;
mod phrases;
pub mod quiet;
pub mod request;
pub mod take_back;
pub mod words;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::flow::{Directory, Rules, ladder};
use crate::issue::acts::{self, Act};
use crate::issue::state::{Event, Refusal, State};
use crate::issue::table::{self as issues, Issue};
use crate::issue::take_back::Prior;
use crate::issue::{How, request as requests};
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

impl Actor<'_> {
    /// What this person does to an issue, to be recorded.
    fn act(&self, issue: i64, verb: &str) -> Act {
        Act {
            issue_id: issue,
            at: self.now.timestamp_millis(),
            verb: verb.to_owned(),
            person_id: Some(self.person.id),
            update_id: self.update_id,
            message: self.message,
            ..Act::default()
        }
    }
}

/// What comes along with an act.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// What was said.
    pub note: Option<String>,
    /// JSON of the photo or file.
    pub evidence: Option<String>,
    /// How it was fixed.
    pub how: Option<How>,
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
        let before = issue.clone();
        if let Err(refusal) = issues::apply(tx, &mut issue, event, now).await? {
            done.push(Done::Stale(issue, refusal));
            continue;
        }
        let own = matches!(
            event,
            Event::Acknowledge | Event::ReportFix | Event::Dispute
        );
        let prior = Prior::of(&before, issue.revision, None);
        acts.push(Act {
            note: words.note.clone(),
            evidence: words.evidence.clone(),
            prior: prior.stored().filter(|_| own),
            ..actor.act(issue.id, event.verb())
        });
        match event {
            Event::Refute => ladder::resume(tx, rules, issue.id, actor.now).await?,
            Event::ReportFix if words.how.is_some() => {
                issues::set_how(tx, &mut issue, words.how).await?;
            }
            _ => {}
        }
        // What is fixed, or closed, needs neither time nor another unit.
        if matches!(issue.standing.state, State::Closed | State::FixReported) {
            requests::moot(tx, &[issue.id]).await?;
        }
        let owed = consequences(rules, roster, actor, &issue, event);
        outbox::table::enqueue(tx, &owed, now).await?;
        done.push(Done::Applied(issue));
    }
    acts::record(tx, &acts).await?;
    Ok(done)
}

/// Says how a reported fix was made. None of these people's, or not reported: as [`perform`] says it.
pub async fn say_how(
    tx: &mut Tx,
    roster: &Roster,
    actor: Actor<'_>,
    (id, how): (i64, How),
) -> Result<Done> {
    let issue = issues::get(tx, id).await?;
    let mine = |issue: &Issue| entitled(roster, actor.person, issue, Event::ReportFix);
    let Some(mut issue) = issue.filter(mine) else {
        return Ok(Done::NotYours);
    };
    if issue.standing.state != State::FixReported {
        return Ok(Done::Stale(issue, Refusal::NotHere));
    }
    issues::set_how(tx, &mut issue, Some(how)).await?;
    let act = Act {
        note: Some(how.as_str().to_owned()),
        ..actor.act(id, "fix_how")
    };
    acts::record(tx, &[act]).await?;
    Ok(Done::Applied(issue))
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
        Event::AcceptDispute | Event::RejectDispute => {
            (Kind::Ruling, roster.answering(issue.whose()))
        }
        Event::Refute => {
            let mut people = roster.answering(issue.whose());
            people.extend(leads(roster, issue));
            (Kind::Refuted, others(people, actor))
        }
        _ => return vec![],
    };
    let what = if event == Event::AcceptDispute {
        "accepted"
    } else {
        "rejected"
    };
    let detail = serde_json::json!({ "what": what, "by": actor.person.id });
    owed(
        rules,
        &people,
        (kind, issue, issue.revision),
        &detail,
        actor.now,
    )
}

/// A notice of an issue to each of these people, once for each cause: a number that tells one from
/// another of its kind.
fn owed(
    rules: &Rules,
    people: &[&Person],
    (kind, issue, cause): (Kind, &Issue, i64),
    detail: &serde_json::Value,
    now: DateTime<Utc>,
) -> Vec<Owed> {
    let owed = |person: &&Person| Owed {
        once: format!("{}:{}:{cause}:{}", kind.as_str(), issue.id, person.id),
        person_id: person.id,
        kind,
        issues: vec![issue.id],
        detail: Some(detail.clone()),
        urgent: false,
        not_before: rules.send_at(now, false),
    };
    people.iter().map(owed).collect()
}

/// The leads over an issue's unit.
fn leads<'a>(roster: &'a Roster, issue: &Issue) -> Vec<&'a Person> {
    let unit = roster.unit_by_id(issue.unit_id);
    unit.map_or_else(Vec::new, |unit| roster.leads_of(&unit.code))
}

/// Each of several people once, without who did it.
fn others<'a>(mut people: Vec<&'a Person>, actor: Actor<'_>) -> Vec<&'a Person> {
    people.retain(|person| person.id != actor.person.id);
    people.sort_by_key(|person| person.id);
    people.dedup_by_key(|person| person.id);
    people
}

/// The live issues a person answers for, serious and soon due first.
pub async fn mine(tx: &mut Tx, roster: &Roster, person: &Person) -> Result<Vec<Issue>> {
    let mut found = issues::live_in(tx, &roster.scope_of(person)).await?;
    found.sort_by_key(|i| (!i.urgent, i.severity, i.due_at.unwrap_or(i64::MAX), i.id));
    Ok(found)
}

/// How many live issues a person answers for.
pub async fn count_mine(tx: &mut Tx, roster: &Roster, person: &Person) -> Result<usize> {
    let live = issues::count_live(tx, &roster.scope_of(person)).await?;
    Ok(usize::try_from(live).unwrap_or_default())
}
