//! Who is silent: who has not acknowledged what they were told, who cannot be reached, who is not bound.

use std::collections::{BTreeMap, HashMap};

use minijinja::{Value, context};

use super::asking::{Asking, Reply, page_of};
use super::nothing;
use crate::ask::{Place, Question};
use crate::error::Result;
use crate::issue::{State, table as issues};
use crate::roster::{Person, Role, table as people};
use crate::store::Tx;

/// People a page.
const PAGE: usize = 12;

/// Why somebody stands in the list, in its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// Was told and has not acknowledged.
    Silent,
    /// Has no chat.
    Unbound,
    /// Bound, and cannot be reached.
    Unreachable,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unbound => "unbound",
            Self::Silent => "silent",
        }
    }
}

/// What waits for a person's acknowledgment: how many issues, since when the longest, and which that is.
#[derive(Clone, Copy)]
struct Waits {
    count: usize,
    since: i64,
    issue: i64,
}

struct Entry<'a> {
    person: &'a Person,
    why: Why,
    since: Option<i64>,
    waits: Option<Waits>,
}

/// The list, a page of it.
pub async fn silent(
    tx: &mut Tx,
    asking: &Asking<'_>,
    place: Option<Place>,
    page: usize,
) -> Result<Reply> {
    let lens = &asking.lens;
    let Some(within) = asking.place(place) else {
        return nothing(asking, "unit", "");
    };
    let roster = lens.roster;
    let mut open = issues::live_in(tx, &within.scope(asking.scope())).await?;
    open.retain(|issue| {
        issue.standing.state == State::Open
            && !issue.standing.disputed
            && within.holds(issue.unit_id, issue.subject())
            && asking.sees(issue.account_id, issue.unit_id)
    });
    let (mut waits, mut nobody) = (BTreeMap::<i64, Waits>::new(), 0);
    for issue in &open {
        let answering = roster.answering(issue.whose());
        // Where nobody of the unit answers it is the supervisors' own.
        let mut below = answering
            .iter()
            .filter(|one| one.role != Role::Manager)
            .peekable();
        nobody += usize::from(below.peek().is_none());
        let told = issue.told_at.unwrap_or(issue.opened_at);
        for person in below {
            let one = waits.entry(person.id).or_insert(Waits {
                count: 0,
                since: told,
                issue: issue.id,
            });
            one.count += 1;
            if told < one.since {
                (one.since, one.issue) = (told, issue.id);
            }
        }
    }
    let entries = entries(tx, asking, place, &waits).await?;
    let (shown, (page, pages)) = page_of(&entries, page, PAGE);
    let now = asking.now_ms();
    let groups = shown.chunk_by(|a, b| a.why == b.why).map(|group| {
        let why = group.first().map_or(Why::Silent, |one| one.why);
        let count = entries.iter().filter(|one| one.why == why).count();
        let lines: Vec<Value> = group.iter().map(|one| line(asking, one, now)).collect();
        context! { why => why.as_str(), count => count, lines => lines }
    });
    let context = context! {
        h => asking.head(), place => place.map(|_| asking.place_name(place)), open => open.len(),
        nobody => nobody, total => entries.len(), page => page + 1, pages => pages,
        groups => groups.collect::<Vec<_>>(),
    };
    let card = lens.words.card("silent", context)?.paged((page, pages));
    let mut reply = Reply::of(card);
    for row in shown.chunks(2) {
        let row = row.iter().map(|one| {
            (
                format!("👤 {}", one.person.name),
                Question::Person(one.person.id),
            )
        });
        reply = reply.row(row.collect(), false);
    }
    Ok(reply)
}

/// The people of the scope who stand in the list, in its order.
async fn entries<'a>(
    tx: &mut Tx,
    asking: &Asking<'a>,
    place: Option<Place>,
    waits: &BTreeMap<i64, Waits>,
) -> Result<Vec<Entry<'a>>> {
    let roster = asking.lens.roster;
    let bindings = people::bindings(tx).await?;
    let bindings: HashMap<i64, Option<i64>> = bindings
        .into_iter()
        .map(|one| (one.person_id, one.unreachable_since))
        .collect();
    let code = match place {
        Some(Place::Unit(id)) => roster.unit_by_id(id).map(|unit| unit.code.as_str()),
        _ => None,
    };
    let mut entries = Vec::new();
    for person in &roster.people {
        let waits = waits.get(&person.id).copied();
        let of_place = place.is_none()
            || code.is_some_and(|code| person.units.iter().any(|unit| roster.is_below(unit, code)));
        let mine =
            asking.over(person) && person.id != asking.person.id && person.role != Role::Admin;
        if waits.is_none() && !(mine && of_place) {
            continue;
        }
        let (why, since) = match (bindings.get(&person.id), waits) {
            (None, _) => (Why::Unbound, waits.map(|one| one.since)),
            (Some(Some(since)), _) => (Why::Unreachable, Some(*since)),
            (Some(None), Some(waits)) => (Why::Silent, Some(waits.since)),
            (Some(None), None) => continue,
        };
        entries.push(Entry {
            person,
            why,
            since,
            waits,
        });
    }
    entries.sort_by_key(|one| (one.why, one.since.unwrap_or(i64::MAX), one.person.id));
    Ok(entries)
}

fn line(asking: &Asking<'_>, one: &Entry<'_>, now: i64) -> Value {
    let lens = &asking.lens;
    let units = one
        .person
        .units
        .iter()
        .filter_map(|code| lens.roster.unit(code));
    let units: Vec<String> = units
        .take(2)
        .map(|unit| lens.short(&unit.name, 24))
        .collect();
    context! {
        name => lens.short(&one.person.name, 20), role => lens.words.term(one.person.role.as_str()),
        units => units.join(lens.words.term("comma")),
        since => one.since.map(|at| lens.moment(at)),
        lasted => one.since.map(|at| lens.lasted(now - at)),
        count => one.waits.map_or(0, |waits| waits.count),
        issue => one.waits.map(|waits| waits.issue),
    }
}
