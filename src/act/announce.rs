//! Announcements: whom a manager may address, sending, what became of it, and saying it again to those who have
//! not read it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::Actor;
use crate::error::Result;
use crate::flow::Rules;
use crate::outbox::announcement::{self, Announcement, Receipt};
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Person, Role, Roster, table as people};
use crate::store::Tx;

/// What an announcement may hold, in UTF-16 units: with its head it is still one message.
pub const LONGEST: usize = 3_000;
/// So long it is not said again to who has not read it, in ms.
pub const AGAIN_MS: i64 = 3_600_000;
/// Older than this it is no news for who is reached only then, in ms.
pub const NEWS_MS: i64 = 7 * 24 * 3_600_000;

/// How far an announcement has come to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// They were sent it and have not said that they read it.
    Unread,
    /// It waits: for their hours, or to be sent.
    Waits,
    /// They cannot be sent anything, or it was refused.
    Unreached,
    /// They read it at this time.
    Read(i64),
}

/// Whether a person belongs to those whom a manager may address.
fn below(roster: &Roster, manager: &Person, person: &Person) -> bool {
    let addressed = matches!(person.role, Role::Operator | Role::Lead) && person.id != manager.id;
    let over = |one: &Person| one.role == Role::Manager && roster.is_over(one, person);
    addressed && (over(manager) || roster.stands_for(manager).any(over))
}

/// Whom an announcement goes to: of the manager's scope those of the chosen units and what is below them.
pub fn audience<'a>(roster: &'a Roster, manager: &Person, what: &Announcement) -> Vec<&'a Person> {
    let chosen: Vec<&str> = what
        .units
        .iter()
        .filter_map(|id| roster.unit_by_id(*id))
        .map(|unit| unit.code.as_str())
        .collect();
    let of_chosen = |person: &Person| {
        what.units.is_empty()
            || person.units.iter().any(|code| {
                let mut above = chosen.iter();
                roster.may_see(manager, code, None)
                    && above.any(|chosen| roster.is_below(code, chosen))
            })
    };
    let people = roster.people.iter();
    people
        .filter(|one| !what.leads_only || one.role == Role::Lead)
        .filter(|one| below(roster, manager, one) && of_chosen(one))
        .collect()
}

/// The units and areas a manager may choose from, with how many people each stands for; what has nothing above
/// it comes first.
pub fn choices(roster: &Roster, manager: &Person, leads_only: bool) -> Vec<(i64, usize)> {
    let everybody = Announcement {
        id: 0,
        by: manager.id,
        state: String::new(),
        text: String::new(),
        leads_only,
        units: vec![],
        sent_at: None,
    };
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for person in audience(roster, manager, &everybody) {
        let codes = person.units.iter().flat_map(|code| roster.chain(code));
        let codes: HashSet<&str> = codes.collect();
        for code in codes {
            *counts.entry(code).or_default() += 1;
        }
    }
    counts.retain(|code, _| roster.may_see(manager, code, None));
    let top = |unit: &crate::roster::Unit| {
        let mut above = [&unit.parent, &unit.area].into_iter().flatten();
        above.all(|code| *code == unit.code || !counts.contains_key(code.as_str()))
    };
    let mut units: Vec<(bool, i64, usize)> = roster
        .units
        .iter()
        .filter_map(|unit| Some((!top(unit), unit.id, *counts.get(unit.code.as_str())?)))
        .collect();
    units.sort_by_key(|(lower, _, _)| *lower);
    units
        .into_iter()
        .map(|(_, id, count)| (id, count))
        .collect()
}

fn owed(rules: &Rules, (announcement, person, time): (i64, i64, i64), now: DateTime<Utc>) -> Owed {
    Owed {
        once: once(announcement, person, time),
        person_id: person,
        kind: Kind::Announcement,
        issues: vec![],
        detail: Some(serde_json::json!({ "announcement": announcement, "again": time > 0 })),
        urgent: false,
        not_before: rules.send_at(now, false),
    }
}

/// What makes it happen once: the first time 0, then each time it is said again.
fn once(announcement: i64, person: i64, time: i64) -> String {
    format!("announcement:{announcement}:{person}:{time}")
}

/// Sends an announcement to whom it is addressed by the roster of now; to how many. `None`: it was sent or
/// dropped before.
pub async fn send(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    actor: Actor<'_>,
    what: &Announcement,
) -> Result<Option<usize>> {
    let people = audience(roster, actor.person, what);
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let now = actor.now.timestamp_millis();
    if what.by != actor.person.id || !announcement::send(tx, what.id, &ids, now).await? {
        return Ok(None);
    }
    let owed: Vec<Owed> = ids
        .iter()
        .map(|person| owed(rules, (what.id, *person, 0), actor.now))
        .collect();
    outbox::table::enqueue(tx, &owed, now).await?;
    Ok(Some(ids.len()))
}

/// How far an announcement has come to each person.
pub async fn receipts(tx: &mut Tx, id: i64) -> Result<Vec<(Receipt, Reached)>> {
    let receipts = announcement::receipts(tx, id).await?;
    let bindings = people::bindings(tx).await?;
    let reached = bindings.iter().filter(|b| b.unreachable_since.is_none());
    let reached: HashSet<i64> = reached.map(|b| b.person_id).collect();
    let first: Vec<String> = receipts
        .iter()
        .map(|receipt| once(id, receipt.person_id, 0))
        .collect();
    let states = outbox::table::states(tx, &first).await?;
    let mut all = Vec::with_capacity(receipts.len());
    for (receipt, once) in receipts.into_iter().zip(first) {
        let state = states.get(&once).map(|(state, _)| state.as_str());
        let standing = match (receipt.read_at, state) {
            (Some(at), _) => Reached::Read(at),
            _ if !reached.contains(&receipt.person_id) => Reached::Unreached,
            (None, Some("sent")) => Reached::Unread,
            (None, Some("dead" | "dropped")) => Reached::Unreached,
            (None, _) => Reached::Waits,
        };
        all.push((receipt, standing));
    }
    Ok(all)
}

/// Whether it is time to say it again to a person.
pub fn due_again(what: &Announcement, (receipt, reached): &(Receipt, Reached), now: i64) -> bool {
    let said = receipt.nudged_at.or(what.sent_at).unwrap_or_default();
    *reached == Reached::Unread && now - said >= AGAIN_MS
}

/// Says it again to those who were sent it and have not read it; to how many.
pub async fn again(
    tx: &mut Tx,
    rules: &Rules,
    actor: Actor<'_>,
    what: &Announcement,
) -> Result<usize> {
    if what.by != actor.person.id {
        return Ok(0);
    }
    let now = actor.now.timestamp_millis();
    let mut all = receipts(tx, what.id).await?;
    all.retain(|one| due_again(what, one, now));
    let owed: Vec<Owed> = all
        .iter()
        .map(|(receipt, _)| {
            let once = (what.id, receipt.person_id, receipt.nudges + 1);
            owed(rules, once, actor.now)
        })
        .collect();
    outbox::table::enqueue(tx, &owed, now).await?;
    let ids: Vec<i64> = all.iter().map(|(receipt, _)| receipt.person_id).collect();
    announcement::again(tx, what.id, &ids, now).await?;
    Ok(ids.len())
}
