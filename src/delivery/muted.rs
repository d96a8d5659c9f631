//! What people do not want to be sent now: it is left out, or waits until they want it again.

use std::collections::{BTreeMap, HashSet};

use crate::desk::Desk;
use crate::error::Result;
use crate::hours::mute::{self, What};
use crate::outbox::fate;
use crate::outbox::table::{self as outbox, Fate, Notice};
use crate::roster::Roster;
use crate::store::Tx;

/// Of claimed notices those that their people want.
pub(super) async fn let_out(
    desk: &Desk,
    tx: &mut Tx,
    roster: &Roster,
    claim: &str,
    notices: Vec<Notice>,
) -> Result<Vec<Notice>> {
    let may = |notice: &Notice| {
        let what = What::of_kind(notice.kind)?;
        let person = roster.person(notice.person_id)?;
        What::of(person.role).contains(&what).then_some(what)
    };
    let asked: HashSet<i64> = notices
        .iter()
        .filter(|notice| may(notice).is_some())
        .map(|notice| notice.person_id)
        .collect();
    if asked.is_empty() {
        return Ok(notices);
    }
    let now = desk.clock.now_ms();
    let asked: Vec<i64> = asked.into_iter().collect();
    let muted = mute::of(tx, &asked, now).await?;
    let (mut out, mut left) = (Vec::with_capacity(notices.len()), Vec::new());
    let mut later: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for notice in notices {
        let what = may(&notice);
        let until = what.and_then(|what| Some((what, muted.get(&(notice.person_id, what))?)));
        match until {
            None => out.push(notice),
            Some((what, Some(until))) if what.waits() => {
                later.entry(*until).or_default().push(notice.id);
            }
            Some(_) => left.push(notice.id),
        }
    }
    if !left.is_empty() {
        outbox::settle(tx, claim, &left, &Fate::Dropped(fate::MUTED), now).await?;
    }
    for (until, ids) in later {
        outbox::settle(tx, claim, &ids, &Fate::Later(until, fate::MUTED), now).await?;
    }
    Ok(out)
}
