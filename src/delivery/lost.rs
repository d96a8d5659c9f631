//! Who cannot be told, and what will never arrive: those above are told, so that somebody can call.

use super::parcel::Parcel;
use crate::desk::Desk;
use crate::error::Result;
use crate::outbox::table as outbox;
use crate::outbox::{Bundle, Kind, Owed, group_of};
use crate::roster::table as people;
use crate::store::Tx;

/// Tells the lead and the managers of a person who cannot be told, once per stretch of time.
pub(super) async fn tell_unreachable(
    desk: &Desk,
    tx: &mut Tx,
    person: i64,
    why: &str,
) -> Result<()> {
    let directory = desk.directory(tx).await?;
    let now = desk.clock.now();
    people::set_unreachable(tx, person, now.timestamp_millis(), why).await?;
    let Some(who) = directory.roster.person(person) else {
        return Ok(());
    };
    // Who is not bound has been so since the binding was ended, or always.
    let since = match people::unreachable_since(tx, person).await? {
        Some(since) => since,
        None => crate::roster::staff::unbound_at(tx, person).await?,
    };
    let mut tell = directory.roster.leads_over(who);
    tell.extend(directory.roster.managers_of_all());
    let owed: Vec<Owed> = tell
        .into_iter()
        .filter(|other| other.id != person)
        .map(|other| Owed {
            once: format!("unreachable:{person}:{since}:{}", other.id),
            person_id: other.id,
            kind: Kind::Unreachable,
            issues: vec![],
            detail: Some(serde_json::json!({ "person": person, "why": why })),
            urgent: false,
            not_before: desk.rules.send_at(now, false),
        })
        .collect();
    outbox::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}

/// Tells the managers that a message will never be delivered, so that somebody can call; not of
/// what was to tell them of others.
pub(super) async fn tell_undelivered(
    desk: &Desk,
    tx: &mut Tx,
    parcel: &Parcel,
    why: &str,
) -> Result<()> {
    if parcel.bundle == Bundle::Office {
        return Ok(());
    }
    let directory = desk.directory(tx).await?;
    let now = desk.clock.now();
    let first = parcel
        .notices
        .iter()
        .map(|n| n.id)
        .min()
        .unwrap_or_default();
    let managers = directory.roster.managers_of_all();
    let group = group_of(parcel.person).and_then(|id| directory.roster.group(id));
    let detail = match group {
        Some(group) => {
            serde_json::json!({ "group": group.title, "unit": group.unit, "why": why })
        }
        None => serde_json::json!({ "person": parcel.person, "why": why, "lost": true }),
    };
    let owed: Vec<Owed> = managers
        .into_iter()
        .filter(|manager| manager.id != parcel.person)
        .map(|manager| Owed {
            once: format!("undelivered:{first}:{}", manager.id),
            person_id: manager.id,
            kind: Kind::Unreachable,
            issues: vec![],
            detail: Some(detail.clone()),
            urgent: false,
            not_before: desk.rules.send_at(now, false),
        })
        .collect();
    outbox::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}
