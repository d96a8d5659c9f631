//! What is past due, by unit, the longest first: how late, who answers, and whether they have acknowledged.

use std::collections::HashMap;

use minijinja::{Value, context};

use super::asking::{Asking, Reply, page_of};
use super::nothing;
use crate::ask::Place;
use crate::error::Result;
use crate::issue::table as issues;
use crate::message::Above;
use crate::store::Tx;

/// Issues a page.
const PAGE: usize = 8;

/// The list, a page of it.
pub async fn overdue(
    tx: &mut Tx,
    asking: &Asking<'_>,
    place: Option<Place>,
    page: usize,
) -> Result<Reply> {
    let lens = &asking.lens;
    let Some(within) = asking.place(place) else {
        return nothing(asking, "unit", "");
    };
    let now = asking.now_ms();
    let mut late = issues::live_in(tx, &within.scope(asking.scope())).await?;
    late.retain(|issue| {
        issue.overdue(now)
            && within.holds(issue.unit_id, issue.subject())
            && asking.sees(issue.account_id, issue.unit_id)
    });
    // Units by their longest, and within them again the longest first.
    let mut units: HashMap<i64, (i64, usize)> = HashMap::new();
    for issue in &late {
        let due = issue.due_at.unwrap_or(i64::MAX);
        let unit = units.entry(issue.unit_id).or_insert((due, 0));
        *unit = (unit.0.min(due), unit.1 + 1);
    }
    let longest = |unit: i64| units.get(&unit).map_or(i64::MAX, |unit| unit.0);
    late.sort_by_key(|i| (longest(i.unit_id), i.unit_id, i.due_at, i.id));
    let (shown, (page, pages)) = page_of(&late, page, PAGE);
    let groups = shown.chunk_by(|a, b| a.unit_id == b.unit_id).map(|group| {
        let unit = group.first().map_or(0, |issue| issue.unit_id);
        Ok(context! {
            unit => lens.short(&lens.unit(unit), 40),
            count => units.get(&unit).map_or(0, |unit| unit.1),
            lines => lens.lines(group.iter(), Above::Unit)?,
        })
    });
    let groups = groups.collect::<Result<Vec<Value>>>()?;
    let context = context! {
        h => asking.head(), place => place.map(|_| asking.place_name(place)), total => late.len(),
        units => units.len(), page => page + 1, pages => pages, groups => groups,
    };
    let card = lens.words.card("overdue", context)?;
    let see = shown.iter().map(|issue| issue.id).collect();
    Ok(Reply::of(card.paged((page, pages)).seeing(see)))
}
