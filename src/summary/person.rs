//! A person: what they answer for, how they are reached, who stands in, what is open, and how fast they are.

use minijinja::context;

use super::asking::{Asking, Reply};
use super::nothing;
use super::tally::{Tally, median};
use super::unit::{DAYS, person_line};
use crate::ask::{Place, Question};
use crate::error::Result;
use crate::issue::acted;
use crate::issue::table as issues;
use crate::roster::{Role, Scope, Target};
use crate::store::Tx;

/// Units and accounts that are named; the rest is counted.
const NAMED: usize = 5;

/// The card of a person.
pub async fn person(tx: &mut Tx, asking: &Asking<'_>, id: i64) -> Result<Reply> {
    let lens = &asking.lens;
    let roster = lens.roster;
    let Some(person) = roster.person(id).filter(|one| asking.over(one)) else {
        return nothing(asking, "person", "");
    };
    let units: Vec<_> = person
        .units
        .iter()
        .filter_map(|code| roster.unit(code))
        .collect();
    let own = roster.own_scope(person);
    let accounts: Vec<i64> = match &own {
        Scope::Accounts(accounts) => accounts.clone(),
        _ => vec![],
    };
    // Who supervises answers for nothing.
    let answers = matches!(person.role, Role::Operator | Role::Lead);
    let mut live = match answers {
        true => issues::live_in(tx, &own).await?,
        false => vec![],
    };
    live.retain(|issue| asking.sees(issue.account_id, issue.unit_id));
    let times = (asking.now_ms(), asking.times(asking.last_days(1)).1);
    let tally = Tally::of(&live, times);
    let since = asking.times(asking.last_days(DAYS)).0;
    let (acked, fixed) = acted::speed(tx, id, since).await?;
    let counts = (acked.len(), fixed.len());
    let unreachable = person_line(tx, asking, person).await?;
    let covers: Vec<String> = roster
        .stands_for(person)
        .map(|one| lens.short(&one.name, 20))
        .collect();
    let comma = lens.words.term("comma");
    let unit_names: Vec<String> = units
        .iter()
        .take(NAMED)
        .map(|unit| lens.short(&unit.name, 30))
        .collect();
    let account_names: Vec<String> = accounts
        .iter()
        .take(NAMED)
        .map(|id| asking.account(*id, 40))
        .collect();
    let context = context! {
        h => asking.head(), p => unreachable, everywhere => person.everywhere(), answers => answers,
        units => unit_names.join(comma), more_units => units.len().saturating_sub(NAMED),
        accounts => account_names.join(comma), more_accounts => accounts.len().saturating_sub(NAMED),
        covers => covers.join(comma), t => tally, days => DAYS,
        ack => median(acked).map(|ms| lens.lasted(ms)), acked => counts.0,
        fix => median(fixed).map(|ms| lens.lasted(ms)), fixed => counts.1,
    };
    let reply = Reply::of(lens.words.card("person_card", context)?);
    let seen = units
        .iter()
        .filter(|unit| asking.admits(Target::Unit(unit.id)));
    let row = seen.take(2).map(|unit| {
        (
            format!("🏢 {}", lens.short(&unit.name, 24)),
            Question::Card(Place::Unit(unit.id)),
        )
    });
    Ok(reply.row(row.collect(), false))
}
