//! A unit with what is below it: its figures, its people, its accounts, its worst issues.

use std::collections::{HashMap, HashSet};

use minijinja::{Value, context};

use super::asking::{Asking, Reply, Within};
use super::nothing;
use super::tally::{Ended, Tally};
use crate::ask::{Place, Question, Search};
use crate::error::Result;
use crate::issue::figures;
use crate::issue::table::{self as issues, Issue};
use crate::message::Above;
use crate::roster::{Person, Role, Target, Unit, table as people};
use crate::store::Tx;

/// The days of the figures of what was closed.
pub const DAYS: u32 = 30;
/// Accounts, people and issues that are shown; the rest is counted.
const ACCOUNTS: usize = 6;
const PEOPLE: usize = 8;
const WORST: usize = 3;

/// The card of a unit.
pub async fn unit(tx: &mut Tx, asking: &Asking<'_>, id: i64) -> Result<Reply> {
    let lens = &asking.lens;
    let roster = lens.roster;
    let place = Place::Unit(id);
    let (Some(unit), Some(within)) = (roster.unit_by_id(id), asking.place(Some(place))) else {
        return nothing(asking, "unit", "");
    };
    let Within::Units(units) = &within else {
        return nothing(asking, "unit", "");
    };
    let scope = within.scope(asking.scope());
    let mut live = issues::live_in(tx, &scope).await?;
    live.retain(|issue| asking.sees(issue.account_id, issue.unit_id));
    let times = (asking.now_ms(), asking.times(asking.last_days(1)).1);
    let tally = Tally::of(&live, times);
    let mut closed = figures::closed(tx, &scope, asking.times(asking.last_days(DAYS))).await?;
    closed.retain(|issue| asking.sees(issue.account_id, issue.unit_id));
    live.sort_by_key(|i| {
        (
            !i.overdue(times.0),
            i.severity,
            i.due_at.unwrap_or(i64::MAX),
            i.id,
        )
    });
    let accounts = accounts(&live, times.0);
    let (people, others) = staff(tx, asking, unit, units).await?;
    let worst = lens.lines(live.iter().take(WORST), Above::Nothing)?;
    let own = roster.accounts.iter().filter(|one| {
        let unit = roster.unit(&one.unit);
        unit.is_some_and(|unit| units.contains(&unit.id)) && one.in_use(asking.today())
    });
    let context = context! {
        h => asking.head(), name => lens.short(&unit.name, 60), kind => lens.short(&unit.kind, 20),
        above => above(asking, unit),
        below => units.len().saturating_sub(1), t => tally, days => DAYS, e => Ended::of(&closed),
        people => people, others => others, accounts => named(asking, &accounts), all_accounts => own.count(),
        more_accounts => accounts.len().saturating_sub(ACCOUNTS), worst => worst,
    };
    let see = live.iter().take(WORST).map(|issue| issue.id).collect();
    let mut reply = Reply::of(lens.words.card("unit_card", context)?.seeing(see));
    reply = reply.row(narrower(asking, place, &tally), false);
    let asked = accounts.iter().take(ACCOUNTS).map(|(account, ..)| {
        (
            asking.account(*account, 50),
            Question::Card(Place::Account(*account)),
        )
    });
    for row in asked.collect::<Vec<_>>().chunks(2) {
        reply = reply.row(row.to_vec(), false);
    }
    Ok(reply)
}

/// The unit above, where the asker may look at it.
fn above(asking: &Asking<'_>, unit: &Unit) -> Option<String> {
    let code = unit.parent.as_deref().or(unit.area.as_deref())?;
    let above = asking.lens.roster.unit(code)?;
    let shown = above.id != unit.id && asking.admits(Target::Unit(above.id));
    shown.then(|| asking.lens.short(&above.name, 40))
}

/// Accounts with how much is open on them, the first of them.
fn named(asking: &Asking<'_>, accounts: &[(i64, usize, usize)]) -> Vec<Value> {
    let named = accounts
        .iter()
        .take(ACCOUNTS)
        .map(|(account, live, overdue)| {
            let name = asking.account(*account, 50);
            context! { name, live, overdue }
        });
    named.collect()
}

/// Buttons for what is open and what is past due of a place.
pub fn narrower(asking: &Asking<'_>, place: Place, tally: &Tally) -> Vec<(String, Question)> {
    let words = asking.lens.words;
    let mut row = Vec::new();
    if tally.live > 0 {
        let search = Search {
            place: Some(place),
            ..Search::default()
        };
        row.push((
            format!("🗂 {} {}", words.term("ask_live"), tally.live),
            Question::Found(search),
        ));
    }
    if tally.overdue > 0 {
        let label = format!("⚠️ {} {}", words.term("ask_overdue"), tally.overdue);
        row.push((label, Question::Overdue(Some(place))));
    }
    row
}

/// The accounts with live issues: how many, and how many of them past due; the worst first.
fn accounts(live: &[Issue], now: i64) -> Vec<(i64, usize, usize)> {
    let mut by: HashMap<i64, (usize, usize)> = HashMap::new();
    for issue in live {
        if let Some(account) = issue.subject() {
            let one = by.entry(account).or_default();
            one.0 += 1;
            one.1 += usize::from(issue.overdue(now));
        }
    }
    let mut all: Vec<_> = by
        .into_iter()
        .map(|(account, (live, late))| (account, live, late))
        .collect();
    all.sort_by_key(|(account, live, late)| (std::cmp::Reverse((*late, *live)), *account));
    all
}

/// The people of the unit with how they are reached, and how many more there are below it.
async fn staff(
    tx: &mut Tx,
    asking: &Asking<'_>,
    unit: &Unit,
    units: &HashSet<i64>,
) -> Result<(Vec<Value>, usize)> {
    let roster = asking.lens.roster;
    let answers = |person: &&Person| matches!(person.role, Role::Operator | Role::Lead);
    let mut own: Vec<&Person> = Vec::new();
    let mut others = 0;
    for person in roster.people.iter().filter(answers) {
        if person.units.contains(&unit.code) {
            own.push(person);
        } else {
            let below = |code: &String| {
                roster
                    .unit(code)
                    .is_some_and(|unit| units.contains(&unit.id))
            };
            others += usize::from(person.units.iter().any(below));
        }
    }
    own.sort_by_key(|person| (person.role != Role::Lead, person.id));
    others += own.len().saturating_sub(PEOPLE);
    let mut lines = Vec::new();
    for person in own.into_iter().take(PEOPLE) {
        lines.push(person_line(tx, asking, person).await?);
    }
    Ok((lines, others))
}

/// A person by name, with how they are reached and who acts for them today.
pub async fn person_line(tx: &mut Tx, asking: &Asking<'_>, person: &Person) -> Result<Value> {
    let lens = &asking.lens;
    let binding = people::binding_of(tx, person.id).await?;
    let acting = lens.roster.acting_for(person);
    let away = lens.roster.is_away(person);
    Ok(context! {
        name => lens.short(&person.name, 20), role => lens.words.term(person.role.as_str()),
        bound => binding.is_some(),
        unreachable => binding.and_then(|one| one.unreachable_since).map(|at| lens.moment(at)),
        away => away, acting => acting.filter(|_| away).map(|one| lens.short(&one.name, 20)),
    })
}
