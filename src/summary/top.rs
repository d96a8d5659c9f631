//! Which units, accounts and categories have the most: open now, past due now, opened in a period, coming back.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use minijinja::{Value, context};
use serde::Serialize;

use super::asking::{Asking, Reply};
use crate::ask::{By, Place, Question};
use crate::error::Result;
use crate::issue::figures;
use crate::issue::table as issues;
use crate::store::Tx;

/// Lines of each kind.
const LINES: usize = 5;

/// The figures of one unit, account or category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Figures {
    live: usize,
    overdue: usize,
    opened: usize,
    repeated: usize,
}

impl Figures {
    fn by(&self, by: By) -> usize {
        match by {
            By::Live => self.live,
            By::Overdue => self.overdue,
            By::Opened => self.opened,
            By::Repeated => self.repeated,
        }
    }
}

/// One issue, as far as it counts here.
struct Counted {
    unit: i64,
    account: Option<i64>,
    category: String,
    figures: Figures,
}

/// The list.
pub async fn top(tx: &mut Tx, asking: &Asking<'_>, days: u32, by: By) -> Result<Reply> {
    let lens = &asking.lens;
    let counted = counted(tx, asking, days).await?;
    let units = ranked(&counted, by, |one| Some(one.unit));
    let accounts = ranked(&counted, by, |one| one.account);
    let categories = ranked(&counted, by, |one| Some(one.category.clone()));
    let named = |name: String, figures: &Figures| -> Value {
        context! { name => name, n => figures.by(by), f => figures }
    };
    let context = context! {
        h => asking.head(), by => by.as_str(), days => days,
        from => lens.dated("date", asking.last_days(days).from), total => counted.iter().map(|one| one.figures.by(by)).sum::<usize>(),
        units => units.iter().map(|(id, f)| named(lens.short(&lens.unit(*id), 40), f)).collect::<Vec<_>>(),
        accounts => accounts.iter().map(|(id, f)| named(asking.account(*id, 50), f)).collect::<Vec<_>>(),
        categories => categories.iter().map(|(id, f)| named(lens.short(&lens.category(id), 40), f)).collect::<Vec<_>>(),
    };
    let mut reply = Reply::of(lens.words.card("top", context)?);
    for row in By::ALL.chunks(2) {
        let row = row.iter().map(|one| {
            let mark = if *one == by { "● " } else { "" };
            let word = format!("top_{}", one.as_str());
            (
                format!("{mark}{}", lens.words.term(&word)),
                Question::Top(days, *one),
            )
        });
        reply = reply.row(row.collect(), true);
    }
    let first = units.first().map(|(id, _)| Place::Unit(*id));
    let row = first.map(|place| {
        (
            format!("🏢 {}", asking.place_name(Some(place))),
            Question::Card(place),
        )
    });
    Ok(reply.row(row.into_iter().collect(), false))
}

/// Every issue of the scope that lives, or was opened or closed in the period.
async fn counted(tx: &mut Tx, asking: &Asking<'_>, days: u32) -> Result<Vec<Counted>> {
    let (from, to) = asking.times(asking.last_days(days));
    let now = asking.now_ms();
    let scope = asking.scope();
    let mut seen = HashSet::new();
    let mut counted = Vec::new();
    for issue in issues::live_in(tx, &scope).await? {
        seen.insert(issue.id);
        counted.push(Counted {
            unit: issue.unit_id,
            account: issue.subject(),
            figures: Figures {
                live: 1,
                overdue: usize::from(issue.overdue(now)),
                opened: usize::from(issue.opened_at >= from && issue.opened_at < to),
                repeated: usize::from(issue.reopened > 0),
            },
            category: issue.category,
        });
    }
    let opened = figures::opened(tx, from, to).await?;
    let closed = figures::closed(tx, &scope, (from, to)).await?;
    for one in opened.into_iter().chain(closed) {
        if asking.sees(one.account_id, one.unit_id) && seen.insert(one.id) {
            counted.push(Counted {
                unit: one.unit_id,
                account: one.subject,
                figures: Figures {
                    opened: usize::from(one.opened_at >= from && one.opened_at < to),
                    repeated: usize::from(one.reopened > 0),
                    ..Figures::default()
                },
                category: one.category,
            });
        }
    }
    Ok(counted)
}

/// Those with the most, each with its figures.
fn ranked<K: Hash + Eq + Ord + Clone>(
    counted: &[Counted],
    by: By,
    key: impl Fn(&Counted) -> Option<K>,
) -> Vec<(K, Figures)> {
    let mut groups: HashMap<K, Figures> = HashMap::new();
    for one in counted {
        if let Some(key) = key(one) {
            let group = groups.entry(key).or_default();
            group.live += one.figures.live;
            group.overdue += one.figures.overdue;
            group.opened += one.figures.opened;
            group.repeated += one.figures.repeated;
        }
    }
    let mut all: Vec<(K, Figures)> = groups.into_iter().filter(|(_, f)| f.by(by) > 0).collect();
    all.sort_by(|(a, f), (b, g)| (g.by(by), g.live, a).cmp(&(f.by(by), f.live, b)));
    all.truncate(LINES);
    all
}
