//! Claimed notices are put together by person and message; who has no chat, or was just written to, waits.

use std::collections::BTreeMap;

use super::lost::tell_unreachable;
use super::parcel::Parcel;
use super::{group, hours, muted, unreached};
use crate::desk::Desk;
use crate::error::Result;
use crate::outbox::table::{self as outbox, Fate, Notice};
use crate::outbox::{Bundle, fate, group_of};
use crate::roster::table as people;
use crate::store::Tx;

/// Puts notices together by person and message. Who has no chat waits, and those who answer for
/// the person are told; a chat that was just written to waits its second.
pub(super) async fn sort_parcels(
    desk: &Desk,
    tx: &mut Tx,
    claim: &str,
    notices: Vec<Notice>,
) -> Result<Vec<Parcel>> {
    let now = desk.clock.now_ms();
    let directory = desk.directory(tx).await?;
    let notices = muted::let_out(desk, tx, &directory.roster, claim, notices).await?;
    let notices = hours::let_out(desk, tx, &directory.roster, claim, notices).await?;
    let notices = group::spare(desk, tx, &directory.roster, claim, notices).await?;
    let mut by: BTreeMap<(bool, i64, Bundle), Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        by.entry((!notice.urgent, notice.person_id, notice.kind.bundle()))
            .or_default()
            .push(notice);
    }
    let mut merged: BTreeMap<(i64, Bundle), Vec<Notice>> = BTreeMap::new();
    for ((_, person, bundle), notices) in by {
        merged.entry((person, bundle)).or_default().extend(notices);
    }
    let mut parcels = Vec::new();
    for ((person, bundle), notices) in merged {
        let ids: Vec<i64> = notices.iter().map(|n| n.id).collect();
        if let Some(id) = group_of(person) {
            let Some(group) = directory.roster.group(id) else {
                let gone = Fate::Dropped(fate::GROUP_GONE);
                outbox::settle(tx, claim, &ids, &gone, now).await?;
                continue;
            };
            let parcel = Parcel {
                person,
                bundle,
                chat: group.chat,
                thread: group.thread,
                notices,
            };
            parcels.extend(paced(desk, tx, claim, parcel).await?);
            continue;
        }
        if directory.roster.person(person).is_none() {
            // Whose chat it is, is nobody's business here any more; the auditor owes it to others.
            outbox::settle(tx, claim, &ids, &Fate::Waiting(fate::GONE.to_owned()), now).await?;
            continue;
        }
        let Some(binding) = people::binding_of(tx, person).await? else {
            let waits = Fate::Waiting(fate::UNBOUND.to_owned());
            outbox::settle(tx, claim, &ids, &waits, now).await?;
            tell_unreachable(desk, tx, person, fate::UNBOUND).await?;
            unreached::pass_up(desk, tx, person, &notices).await?;
            continue;
        };
        let parcel = Parcel {
            person,
            bundle,
            chat: binding.chat_id,
            thread: None,
            notices,
        };
        parcels.extend(paced(desk, tx, claim, parcel).await?);
    }
    parcels.sort_by_key(|p| !p.notices.iter().any(|n| n.urgent));
    Ok(parcels)
}

/// A parcel that may go to its chat now; else it waits.
async fn paced(desk: &Desk, tx: &mut Tx, claim: &str, parcel: Parcel) -> Result<Option<Parcel>> {
    let now = desk.clock.now_ms();
    let mut pace = desk.pace.lock().await;
    let ready = pace.chat_ready(parcel.chat, now);
    if ready > now {
        drop(pace);
        let ids: Vec<i64> = parcel.notices.iter().map(|n| n.id).collect();
        outbox::settle(tx, claim, &ids, &Fate::Later(ready, "paced"), now).await?;
        return Ok(None);
    }
    pace.note(parcel.chat, now);
    Ok(Some(parcel))
}
