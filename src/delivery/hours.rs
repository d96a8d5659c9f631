//! What the hours of each person let out now; the rest is put back until they open, whatever brought it
//! here: a report at night, a try after an outage, a binding. The only place that asks.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::desk::Desk;
use crate::error::Result;
use crate::hours::table as quiet;
use crate::issue::table as issues;
use crate::outbox::table::{self as outbox, Fate, Notice};
use crate::outbox::{Kind, fate, to_group};
use crate::roster::Roster;
use crate::store::Tx;

/// Claimed notices by what becomes of them now.
#[derive(Debug, Default, PartialEq)]
struct Sorted {
    /// To be said now.
    out: Vec<Notice>,
    /// To be said once their people's hours open, by that time in UTC milliseconds: the notices' ids.
    later: BTreeMap<i64, Vec<i64>>,
}

/// What is urgent goes, and what goes to nobody whose hours are closed; these are by person, with when
/// they open.
fn sorted(notices: Vec<Notice>, closed: &HashMap<i64, i64>) -> Sorted {
    let mut sorted = Sorted::default();
    for notice in notices {
        match closed.get(&notice.person_id).filter(|_| !notice.urgent) {
            Some(opens) => sorted.later.entry(*opens).or_default().push(notice.id),
            None => sorted.out.push(notice),
        }
    }
    sorted
}

/// Of claimed notices those that may be said now; the others wait. Of what a report brought the issues
/// that are not urgent wait too, although one notice tells of all.
pub(super) async fn let_out(
    desk: &Desk,
    tx: &mut Tx,
    roster: &Roster,
    claim: &str,
    notices: Vec<Notice>,
) -> Result<Vec<Notice>> {
    let now = desk.clock.now_ms();
    let closed = closed(desk, tx, roster, &notices).await?;
    if closed.is_empty() {
        return Ok(notices);
    }
    let mut sorted = sorted(notices, &closed);
    for (opens, ids) in &sorted.later {
        let fate = Fate::Later(*opens, fate::QUIET);
        outbox::settle(tx, claim, ids, &fate, now).await?;
    }
    let urgent = urgent_of(tx, &closed, &sorted.out).await?;
    for notice in &mut sorted.out {
        let Some(opens) = closed.get(&notice.person_id).filter(|_| mixed(notice)) else {
            continue;
        };
        let (go, stay): (Vec<i64>, Vec<i64>) = notice
            .issues
            .iter()
            .partition(|issue| urgent.contains(issue));
        if !go.is_empty() && !stay.is_empty() {
            let until = (*opens, fate::QUIET);
            outbox::part(tx, (claim, notice.id), &go, &stay, until).await?;
            notice.issues = go;
        }
    }
    Ok(sorted.out)
}

/// Whose hours are closed now, and when they open, in UTC milliseconds.
async fn closed(
    desk: &Desk,
    tx: &mut Tx,
    roster: &Roster,
    notices: &[Notice],
) -> Result<HashMap<i64, i64>> {
    let now = desk.clock.now();
    let people: HashSet<i64> = notices.iter().map(|notice| notice.person_id).collect();
    let people: Vec<i64> = people.into_iter().collect();
    let own = quiet::of(tx, &people).await?;
    let people = people.iter().filter_map(|id| roster.person(*id));
    let opens = people.map(|person| {
        let own = own.get(&person.id).copied();
        let sending = desk.rules.sending(roster, person, own);
        (person.id, desk.rules.opens(&sending, now))
    });
    let closed = opens.filter(|(_, opens)| *opens > now);
    let mut closed: HashMap<i64, i64> = closed
        .map(|(id, opens)| (id, opens.timestamp_millis()))
        .collect();
    // A group has the hours of its unit.
    for group in &roster.groups {
        let recipient = to_group(group.id);
        let opens = desk.rules.unit_opens(roster, group.unit, now);
        if opens > now && notices.iter().any(|notice| notice.person_id == recipient) {
            closed.insert(recipient, opens.timestamp_millis());
        }
    }
    Ok(closed)
}

/// Whether a notice may tell of urgent issues and of others: a report brought it, and it is urgent for
/// one of them.
fn mixed(notice: &Notice) -> bool {
    let brought = matches!(notice.kind, Kind::New | Kind::Reopened | Kind::Refuted);
    notice.urgent && brought && notice.issues.len() > 1
}

/// The urgent ones of all issues that such notices to people whose hours are closed tell of.
async fn urgent_of(
    tx: &mut Tx,
    closed: &HashMap<i64, i64>,
    notices: &[Notice],
) -> Result<HashSet<i64>> {
    let concerned = notices
        .iter()
        .filter(|notice| mixed(notice) && closed.contains_key(&notice.person_id));
    let ids: Vec<i64> = concerned.flat_map(|notice| notice.issues.clone()).collect();
    let places = issues::places(tx, &ids).await?;
    let urgent = places.into_iter().filter(|place| place.urgent);
    Ok(urgent.map(|place| place.id).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn notice(id: i64, person_id: i64, urgent: bool) -> Notice {
        Notice {
            id,
            person_id,
            kind: Kind::New,
            issues: vec![id],
            detail: None,
            urgent,
            attempts: 1,
            unsure: false,
        }
    }

    proptest! {
        /// Nothing is lost or said twice; nothing that is not urgent goes to whose hours are closed;
        /// what waits waits until just then.
        #[test]
        fn each_notice_goes_or_waits(
            notices in prop::collection::vec((0i64..6, any::<bool>()), 0..30),
            closed in prop::collection::hash_map(0i64..6, 1i64..1_000, 0..6)
        ) {
            let notices: Vec<Notice> = (0i64..)
                .zip(notices)
                .map(|(id, (person, urgent))| notice(id, person, urgent))
                .collect();
            let sorted = sorted(notices.clone(), &closed);
            let mut seen: Vec<i64> = sorted.out.iter().map(|notice| notice.id).collect();
            for out in &sorted.out {
                prop_assert!(out.urgent || !closed.contains_key(&out.person_id));
            }
            for (opens, ids) in &sorted.later {
                for id in ids {
                    let of = notices.iter().find(|notice| notice.id == *id).unwrap();
                    prop_assert!(!of.urgent);
                    prop_assert_eq!(closed.get(&of.person_id), Some(opens));
                }
                seen.extend(ids);
            }
            seen.sort_unstable();
            let all: Vec<i64> = notices.iter().map(|notice| notice.id).collect();
            prop_assert_eq!(seen, all);
        }
    }
}
