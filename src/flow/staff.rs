//! People as they come and go: added to the roster, invited, let go, replaced by a successor who takes over
//! what is open. Each step asks the roster of now whether who does it may.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Rules, duty};
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::table::{self as issues, Issue};
use crate::outbox::{self, Bundle, Kind, Owed, fate};
use crate::roster::duty::table as duties;
use crate::roster::rights::succeeding;
use crate::roster::staff::{self, PersonAct, Wish};
use crate::roster::{Person, Role, Roster, invitation, table as people};
use crate::store::Tx;

/// How long an invitation is good for.
pub const DAYS: i64 = 7;
/// Under which verb it is recorded with an issue that a successor takes over it.
const SUCCEEDED: &str = "succeeded";

/// Who does it, by which update, and when.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// The person.
    pub person: &'a Person,
    /// The update of the channel.
    pub update_id: i64,
    /// When.
    pub now: DateTime<Utc>,
}

impl By<'_> {
    fn ms(&self) -> i64 {
        self.now.timestamp_millis()
    }

    fn act(&self, person: i64, verb: &str, other: Option<i64>) -> PersonAct {
        PersonAct {
            person_id: person,
            at: self.ms(),
            verb: verb.to_owned(),
            by_id: Some(self.person.id),
            other_id: other,
            update_id: Some(self.update_id),
        }
    }
}

/// A fresh invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// What the person sends.
    pub code: String,
    /// Until when it is good, in UTC milliseconds.
    pub until: i64,
}

/// Invites a person; a former invitation of theirs is good no longer. Nothing where the roster of now does
/// not let who asks.
pub async fn invite(
    tx: &mut Tx,
    roster: &Roster,
    by: By<'_>,
    person: &Person,
) -> Result<Option<Invitation>> {
    if !roster.may_manage(by.person, person) {
        return Ok(None);
    }
    make(tx, by, person.id).await.map(Some)
}

async fn make(tx: &mut Tx, by: By<'_>, person: i64) -> Result<Invitation> {
    let ttl = TimeDelta::days(DAYS).num_milliseconds();
    let code = invitation::create(tx, person, by.ms(), ttl).await?;
    staff::record(tx, &by.act(person, "invited", None)).await?;
    let until = by.ms() + ttl;
    Ok(Invitation { code, until })
}

/// Takes the unused invitations of a person back. How many there were; nothing where the roster of now does
/// not let who asks.
pub async fn revoke(
    tx: &mut Tx,
    roster: &Roster,
    by: By<'_>,
    person: &Person,
) -> Result<Option<u64>> {
    if !roster.may_manage(by.person, person) {
        return Ok(None);
    }
    let revoked = invitation::revoke(tx, person.id, by.ms()).await?;
    if revoked > 0 {
        staff::record(tx, &by.act(person.id, "revoked", None)).await?;
    }
    Ok(Some(revoked))
}

/// Lets a person's chat go, and their invitations. The chat, if there was one; nothing where the roster of
/// now does not let who asks.
pub async fn unbind(
    tx: &mut Tx,
    roster: &Roster,
    by: By<'_>,
    person: &Person,
) -> Result<Option<Option<i64>>> {
    if !roster.may_manage(by.person, person) {
        return Ok(None);
    }
    Ok(Some(release(tx, by, person.id).await?))
}

async fn release(tx: &mut Tx, by: By<'_>, person: i64) -> Result<Option<i64>> {
    invitation::revoke(tx, person, by.ms()).await?;
    let chat = people::unbind(tx, person).await?;
    if chat.is_some() {
        staff::record(tx, &by.act(person, "unbound", None)).await?;
    }
    Ok(chat)
}

/// Adds who was asked for, and invites them. Nothing where the wish waits no more, or the roster of now does
/// not let who asks.
pub async fn add(
    tx: &mut Tx,
    roster: &Roster,
    by: By<'_>,
    wish: &Wish,
) -> Result<Option<(Person, Invitation)>> {
    let Some(mut person) = wish.person.clone().filter(|_| wish.old.is_none()) else {
        return Ok(None);
    };
    let entitled = roster.may_give(by.person, person.role, &person.units);
    if !entitled || wish.by != by.person.id || !staff::end_wish(tx, wish.id, true).await? {
        return Ok(None);
    }
    enter(tx, by, &mut person).await?;
    let invitation = make(tx, by, person.id).await?;
    Ok(Some((person, invitation)))
}

async fn enter(tx: &mut Tx, by: By<'_>, person: &mut Person) -> Result<()> {
    staff::add(tx, person, (by.person.id, by.ms())).await?;
    staff::record(tx, &by.act(person.id, "added", None)).await
}

/// What became of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Who left.
    pub old: Person,
    /// Who has taken over.
    pub new: Person,
    /// The chat of who left.
    pub chat: Option<i64>,
    /// How many open issues were handed over.
    pub issues: usize,
    /// For a successor who is not bound.
    pub invitation: Option<Invitation>,
}

/// A successor takes over from a person who leaves: what they answer for, the issues that were handed to
/// them, their turns and whom they stand in for. Both are told. Nothing where the wish waits no more, or the
/// roster of now does not let who asks.
pub async fn replace(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    by: By<'_>,
    wish: &Wish,
) -> Result<Option<Replaced>> {
    let Some((old, new)) = both(roster, by.person, wish) else {
        return Ok(None);
    };
    if wish.by != by.person.id || !staff::end_wish(tx, wish.id, true).await? {
        return Ok(None);
    }
    let old = old.clone();
    let new = match new {
        Some(new) => {
            let next = succeeding(&old, new);
            let whose = (by.person.id, by.ms());
            staff::change(tx, (new, &next), false, whose).await?;
            next
        }
        None => {
            let mut next = wish.person.clone().unwrap_or_else(|| old.clone());
            (next.role, next.units) = (old.role, old.units.clone());
            next.operates.clone_from(&old.operates);
            enter(tx, by, &mut next).await?;
            next
        }
    };
    staff::change(tx, (&old, &old), true, (by.person.id, by.ms())).await?;
    staff::record(tx, &by.act(old.id, "replaced", Some(new.id))).await?;
    staff::record(tx, &by.act(new.id, "succeeded", Some(old.id))).await?;
    let chat = release(tx, by, old.id).await?;
    pass_duties(tx, rules, by, (&old, &new)).await?;
    let open = hand_over(tx, roster, by, (&old, &new)).await?;
    tell(tx, (rules, roster), by, (&old, &new), &open).await?;
    let bound = people::binding_of(tx, new.id).await?.is_some();
    let invitation = match bound {
        true => None,
        false => Some(make(tx, by, new.id).await?),
    };
    Ok(Some(Replaced {
        old,
        new,
        chat,
        issues: open.len(),
        invitation,
    }))
}

/// Who is replaced and, if in the roster already, by whom; if the roster of now allows it.
pub fn both<'a>(
    roster: &'a Roster,
    by: &Person,
    wish: &Wish,
) -> Option<(&'a Person, Option<&'a Person>)> {
    let old = roster.person(wish.old?)?;
    let new = match wish.new {
        Some(id) => Some(roster.person(id)?),
        None => None,
    };
    let fits = |new: &Person| roster.may_succeed(old, new) && roster.may_manage(by, new);
    let named = new.is_some() || wish.person.is_some();
    (named && roster.may_manage(by, old) && new.is_none_or(fits)).then_some((old, new))
}

/// Turns of a rotation and standing in go over; leaves of who left end.
async fn pass_duties(
    tx: &mut Tx,
    rules: &Rules,
    by: By<'_>,
    (old, new): (&Person, &Person),
) -> Result<()> {
    let today = by.now.with_timezone(&rules.zone).date_naive();
    for duty in duties::from_day(tx, today).await? {
        let to = |id: i64| if id == old.id { new.id } else { id };
        let (person, stand_in) = (to(duty.person), to(duty.stand_in));
        if (person, stand_in) == (duty.person, duty.stand_in) {
            continue;
        }
        // A leave was the old one's own, and nobody stands in for themselves.
        if person == stand_in || (duty.person == old.id && !duty.rota) {
            duties::cancel(tx, duty.id, Some(by.person.id), by.ms()).await?;
        } else {
            duties::pass(tx, duty.id, (person, stand_in)).await?;
        }
    }
    Ok(())
}

/// What was the old one's is the successor's, and its history says so; the issues.
async fn hand_over(
    tx: &mut Tx,
    roster: &Roster,
    by: By<'_>,
    (old, new): (&Person, &Person),
) -> Result<Vec<i64>> {
    if !matches!(old.role, Role::Operator | Role::Lead) {
        return Ok(vec![]);
    }
    let live = issues::live_in(tx, &roster.own_scope(old)).await?;
    let theirs = |issue: &Issue| match issue.handler_id {
        Some(handler) => handler == old.id,
        None => old.role == Role::Operator,
    };
    let (mut open, mut all) = (Vec::new(), Vec::new());
    for mut issue in live.into_iter().filter(theirs) {
        if issue.handler_id.is_some() {
            let next = Issue {
                handler_id: Some(new.id),
                revision: issue.revision + 1,
                ..issue.clone()
            };
            issues::stand(tx, &mut issue, next).await?;
        }
        open.push(issue.id);
        all.push(Act {
            issue_id: issue.id,
            at: by.ms(),
            verb: SUCCEEDED.to_owned(),
            person_id: Some(by.person.id),
            update_id: Some(by.update_id),
            note: Some(format!("{} → {}", old.name, new.name)),
            ..Act::default()
        });
    }
    acts::record(tx, &all).await?;
    Ok(open)
}

/// The successor is told whom they succeed and what is open, the leads above that somebody has; what was
/// still owed to who left and is among it is said once.
async fn tell(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    by: By<'_>,
    (old, new): (&Person, &Person),
    open: &[i64],
) -> Result<()> {
    let unsent = fate::unsent(tx, &[old.id], by.ms()).await?;
    let within = unsent.iter().filter(|told| {
        told.kind.bundle() == Bundle::Digest && told.issues.iter().all(|id| open.contains(id))
    });
    let ids: Vec<i64> = within.map(|told| told.id).collect();
    fate::drop_all(tx, &ids, fate::SUCCEEDED, by.ms()).await?;
    let mut told: Vec<i64> = roster.leads_over(old).iter().map(|lead| lead.id).collect();
    told.retain(|id| ![by.person.id, old.id, new.id].contains(id));
    told.push(new.id);
    let detail = json!({ "what": "succeeded", "person": old.id, "was": old.name,
        "stand_in": new.id, "name": new.name, "by": by.person.id, "issues": open.len() });
    let cause = format!("{}-{}", old.id, by.update_id);
    let owed = told.into_iter().map(|person_id| Owed {
        once: format!("duty:succeeded-{cause}:{person_id}"),
        person_id,
        kind: Kind::Duty,
        issues: vec![],
        detail: Some(detail.clone()),
        urgent: false,
        not_before: rules.send_at(by.now, false),
    });
    let owed: Vec<Owed> = owed.collect();
    outbox::table::enqueue(tx, &owed, by.ms()).await?;
    let cause = format!("succeeded:{cause}");
    duty::owe_open(tx, rules, (vec![new], open.to_vec(), cause), by.now).await
}
