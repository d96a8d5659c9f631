//! Nobody of those who answer for an issue can be told of it: those above get it at once.

use std::collections::{BTreeMap, HashMap};

use crate::desk::Desk;
use crate::error::Result;
use crate::issue::table as issues;
use crate::outbox::table::{self as outbox, Notice};
use crate::outbox::{Bundle, Kind, Owed};
use crate::roster::{Person, table as people};
use crate::store::Tx;

/// Owes the leads what a person cannot be told, as far as nobody else who answers for it can be told
/// either. The notice itself waits for the person. A warning goes to the leads anyhow.
pub(super) async fn pass_up(
    desk: &Desk,
    tx: &mut Tx,
    person: i64,
    notices: &[Notice],
) -> Result<()> {
    let directory = desk.directory(tx).await?;
    let roster = &directory.roster;
    let mut reached = HashMap::from([(person, false)]);
    let now = desk.clock.now();
    let mut owed = Vec::new();
    for notice in notices {
        // The lead has the issue since its first notice; these are the ladder's to pass up.
        let climbs = matches!(
            notice.kind,
            Kind::Overdue | Kind::Unacknowledged | Kind::Nudge
        );
        if notice.kind.bundle() != Bundle::Digest || climbs {
            continue;
        }
        let mut passed: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for place in issues::places(tx, &notice.issues).await? {
            let answering = roster.answering(place.whose());
            if any_reached(tx, &answering, &mut reached).await? {
                continue;
            }
            let unit = roster.unit_by_id(place.unit_id);
            for lead in unit
                .map(|unit| roster.leads_of(&unit.code))
                .into_iter()
                .flatten()
            {
                if lead.id != person && !answering.contains(&lead) {
                    passed.entry(lead.id).or_default().push(place.id);
                }
            }
        }
        owed.extend(passed.into_iter().map(|(lead, issues)| Owed {
            once: format!("passed:{}:{lead}", notice.id),
            person_id: lead,
            kind: notice.kind,
            issues,
            detail: None,
            urgent: notice.urgent,
            not_before: desk.rules.send_at(now, notice.urgent),
        }));
    }
    outbox::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}

/// Whether one of these people can be told; asked of each once.
async fn any_reached(
    tx: &mut Tx,
    answering: &[&Person],
    known: &mut HashMap<i64, bool>,
) -> Result<bool> {
    for one in answering {
        let reached = match known.get(&one.id) {
            Some(reached) => *reached,
            None => {
                let binding = people::binding_of(tx, one.id).await?;
                let reached = binding.is_some_and(|b| b.unreachable_since.is_none());
                known.insert(one.id, reached);
                reached
            }
        };
        if reached {
            return Ok(true);
        }
    }
    Ok(false)
}
