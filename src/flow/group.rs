//! The group of a unit is bound and let go; whom that concerns is told.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Rules;
use crate::error::Result;
use crate::outbox::{self, Kind, Owed, fate};
use crate::roster::group::{self, Group};
use crate::roster::{Person, Roster};
use crate::store::Tx;

/// How long a code for a group is good, in ms: an hour.
pub const CODE_MS: i64 = 3_600_000;

/// What became of binding a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is the unit's; the chat that was before, if another.
    Now(Group, Option<Group>),
    /// The code is not good, or not any more.
    NoCode,
    /// Who sent it does not answer for the unit.
    NotYours,
    /// The chat is the group of a unit that is none of theirs.
    Taken,
}

/// Binds a chat by a code. Who sends it has to answer for the unit themselves: a code alone, which may have
/// been seen by others, binds nothing.
pub async fn bind(
    tx: &mut Tx,
    roster: &Roster,
    (person, code): (&Person, &str),
    group: Group,
    now: DateTime<Utc>,
) -> Result<Bound> {
    let now = now.timestamp_millis();
    let Some(unit) = group::unit_of(tx, code, now).await? else {
        return Ok(Bound::NoCode);
    };
    let theirs = |unit: i64| {
        let unit = roster.unit_by_id(unit);
        unit.is_some_and(|unit| roster.may_bind_group(person, &unit.code))
    };
    if !theirs(unit) {
        return Ok(Bound::NotYours);
    }
    let there = roster.group_in(group.chat);
    if there.is_some_and(|there| there.unit != unit && !theirs(there.unit)) {
        return Ok(Bound::Taken);
    }
    if !group::redeem(tx, code, now).await? {
        return Ok(Bound::NoCode);
    }
    let former = roster.group_of(unit).cloned();
    let mut group = Group { unit, ..group };
    if let Some(former) = &former {
        group.private = former.private;
    }
    for gone in former.iter().chain(there) {
        silence(tx, gone, now).await?;
    }
    let chat = group.chat;
    let bound = group::bind(tx, group, (person.id, now)).await?;
    Ok(Bound::Now(
        bound,
        former.filter(|former| former.chat != chat),
    ))
}

/// Lets a group go that somebody who answers for the unit does not want any more. False: it is none of theirs,
/// or was not bound.
pub async fn end(
    tx: &mut Tx,
    roster: &Roster,
    (person, group): (&Person, &Group),
    now: DateTime<Utc>,
) -> Result<bool> {
    let unit = roster.unit_by_id(group.unit);
    if !unit.is_some_and(|unit| roster.may_bind_group(person, &unit.code)) {
        return Ok(false);
    }
    silence(tx, group, now.timestamp_millis()).await?;
    group::end(tx, group.id).await
}

/// The bot cannot write to a group any more: the binding ends, and the leads and managers of the unit are
/// told, with why in a word of the catalogue or of the channel.
pub async fn lost(
    tx: &mut Tx,
    (rules, roster): (&Rules, &Roster),
    (group, why): (&Group, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let at = now.timestamp_millis();
    silence(tx, group, at).await?;
    if !group::end(tx, group.id).await? {
        return Ok(());
    }
    let unit = roster.unit_by_id(group.unit);
    let mut tell: Vec<&Person> = unit
        .map(|unit| roster.leads_of(&unit.code))
        .unwrap_or_default();
    tell.extend(roster.managers_over(group.unit));
    tell.sort_by_key(|person| person.id);
    tell.dedup_by_key(|person| person.id);
    let detail = json!({ "group": group.title, "unit": group.unit, "why": why });
    let owed = tell.into_iter().map(|person| Owed {
        once: format!("group-lost:{}:{}", group.id, person.id),
        person_id: person.id,
        kind: Kind::Unreachable,
        issues: vec![],
        detail: Some(detail.clone()),
        urgent: false,
        not_before: rules.send_at(now, false),
    });
    let owed: Vec<Owed> = owed.collect();
    outbox::table::enqueue(tx, &owed, at).await?;
    Ok(())
}

/// What is still owed to a group is not said: each person is told of it besides.
async fn silence(tx: &mut Tx, group: &Group, now: i64) -> Result<()> {
    let unsent = fate::unsent(tx, &[outbox::to_group(group.id)], now).await?;
    let ids: Vec<i64> = unsent.iter().map(|told| told.id).collect();
    fate::drop_all(tx, &ids, fate::GROUP_GONE, now).await?;
    Ok(())
}
