//! A scheduled summary: what changed since the last one that this person was sent.

use minijinja::context;

use super::parcel::{Parcel, Said, new_key};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::view::Lens;
use crate::outbox::table as outbox;
use crate::roster::Role;
use crate::store::Tx;
use crate::summary::changes::changes;

/// What such a message is kept as.
pub const KIND: &str = "summary";
/// So many are named; the others are counted.
const NAMED: usize = 3;

/// All that waited of a person's summaries as one: up to the last slot.
pub(super) async fn told(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let Some(person) = directory.roster.person(parcel.person) else {
        return Ok(None);
    };
    let of = |name: &str| {
        let details = parcel.notices.iter().filter_map(|n| n.detail.as_ref());
        let times = details.filter_map(|detail| detail[name].as_i64());
        times.collect::<Vec<i64>>()
    };
    let Some(until) = of("slot").into_iter().max() else {
        return Ok(None);
    };
    let before = of("before").into_iter().min().unwrap_or(until);
    let since = outbox::last_summary(tx, person.id).await?.unwrap_or(before);
    if since >= until {
        return Ok(None);
    }
    let now = desk.clock.now();
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, now);
    let rules = (&desk.rules, &directory);
    let c = changes(tx, rules, person, (since, until), now).await?;
    let late = c.late.iter().take(NAMED).map(|line| {
        context! {
            number => line.id, account => lens.target(line.account_id, line.unit_id),
            category => lens.category(&line.category),
        }
    });
    let silent = c.silent.iter().take(NAMED);
    let silent: Vec<String> = silent.map(|id| lens.person(Some(*id))).collect();
    let manager = person.role == Role::Manager;
    let waits = c.to_confirm + c.disputes + c.requests;
    let context = context! {
        scope => (!person.everywhere()).then(|| lens.units_in_short(person.id)), manager => manager,
        at => lens.moment(until), since => lens.moment(since), nothing => c.nothing(),
        opened => c.opened, acknowledged => c.acknowledged, fixed => c.fixed,
        verified => c.verified, otherwise => c.otherwise,
        late => c.late.len(), named_late => late.collect::<Vec<_>>(),
        live => c.live, open => c.open, overdue => c.overdue, to_confirm => c.to_confirm,
        disputes => c.disputes, requests => c.requests,
        silent => c.silent.len(), named_silent => silent, missing => c.missing,
    };
    let html = book.text("summary", context)?;
    let key = new_key();
    let said = book.summary(&key, html, manager && waits > 0);
    Ok(Some(Said::whole(KIND, parcel, vec![], (key, said))))
}
