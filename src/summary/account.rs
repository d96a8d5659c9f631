//! An account: whose it is, whether it is updated in time, what is open, what was closed last.

use minijinja::{Value, context};

use super::asking::{Asking, Reply};
use super::nothing;
use super::tally::{Ended, Tally};
use super::unit::{DAYS, narrower};
use crate::ask::{Place, Question};
use crate::error::Result;
use crate::flow::freshness;
use crate::freshness::Standing;
use crate::issue::figures;
use crate::issue::table as issues;
use crate::message::Above;
use crate::roster::{Account, Scope, Target};
use crate::store::Tx;

/// Issues that are shown; the rest is counted.
const SHOWN: usize = 5;
/// Of what was closed, the last.
const LAST: i64 = 3;

/// The card of an account.
pub async fn account(tx: &mut Tx, asking: &Asking<'_>, id: i64) -> Result<Reply> {
    let lens = &asking.lens;
    let roster = lens.roster;
    let admitted = asking.admits(Target::Account(id));
    let account = roster.account(id).filter(|_| admitted);
    let Some((account, unit)) = account.and_then(|one| Some((one, roster.unit(&one.unit)?))) else {
        return nothing(asking, "account", "");
    };
    let scope = Scope::Accounts(vec![id]);
    let mut live = issues::live_in(tx, &scope).await?;
    live.retain(|issue| asking.sees(issue.account_id, issue.unit_id));
    let times = (asking.now_ms(), asking.times(asking.last_days(1)).1);
    live.sort_by_key(|i| {
        (
            !i.overdue(times.0),
            i.severity,
            i.due_at.unwrap_or(i64::MAX),
            i.id,
        )
    });
    let tally = Tally::of(&live, times);
    let mut closed = figures::closed(tx, &scope, asking.times(asking.last_days(DAYS))).await?;
    closed.retain(|one| asking.sees(one.account_id, one.unit_id));
    let again: i64 = live.iter().map(|issue| issue.reopened).sum::<i64>()
        + closed.iter().map(|issue| issue.reopened).sum::<i64>();
    let last = figures::last_closed(tx, id, LAST).await?;
    let mut last = issues::many(tx, &last).await?;
    last.retain(|one| asking.sees(one.account_id, one.unit_id));
    let last = lens.lines(last.iter(), Above::Account)?;
    let operators = roster.operators_of(account);
    let place = Place::Account(id);
    let context = context! {
        h => asking.head(), name => lens.short(&account.name, 60), platform => lens.platform(&account.platform),
        unit => lens.short(&unit.name, 40), uid => account.uid.as_deref().map(|uid| lens.short(uid, 40)),
        homepage => account.homepage.as_deref().filter(|url| url.starts_with("http") && url.len() < 300),
        in_use => account.in_use(asking.today()),
        fresh => fresh(tx, asking, account).await?, who => lens.names(&operators), t => tally,
        days => DAYS, e => Ended::of(&closed), again => again,
        issues => lens.lines(live.iter().take(SHOWN), Above::Account)?,
        more => live.len().saturating_sub(SHOWN), last => last,
    };
    let see = live.iter().take(SHOWN).map(|issue| issue.id).collect();
    let reply = Reply::of(lens.words.card("account_card", context)?.seeing(see));
    let mut row = narrower(asking, place, &tally);
    if asking.admits(Target::Unit(unit.id)) {
        row.push((
            format!("🏢 {}", lens.short(&unit.name, 24)),
            Question::Card(Place::Unit(unit.id)),
        ));
    }
    Ok(reply.row(row, false))
}

/// When it was updated, and what the rule makes of it; nothing where nothing is known.
async fn fresh(tx: &mut Tx, asking: &Asking<'_>, account: &Account) -> Result<Option<Value>> {
    let lens = &asking.lens;
    let all = freshness::all(tx, lens.rules, lens.roster, asking.today()).await?;
    let found = all.into_iter().find(|one| one.account.id == account.id);
    Ok(found.map(|one| {
        context! {
            updated => lens.dated("date", one.known.updated_on), days => one.judged.days,
            until => lens.dated("date_weekday", one.judged.last_day),
            soon => one.judged.standing == Standing::Soon, stale => one.judged.standing == Standing::Stale,
            as_of => (one.known.as_of != asking.today()).then(|| lens.dated("date", one.known.as_of)),
        }
    }))
}
