//! What an export holds: the issues of a scope and a period, with who did what and their work orders.

use std::collections::HashMap;

use crate::error::Result;
use crate::finding::Severity;
use crate::issue::period::{self, Line};
use crate::issue::table as issues;
use crate::roster::{Scope, table as people};
use crate::store::Tx;

/// The most issues of one file.
pub const MOST: usize = 100_000;

/// From so many issues on a file takes long, and is not held in memory while it is built.
pub const LARGE: usize = 2_000;

/// What is to be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whose.
    pub scope: Scope,
    /// Opened or closed, or with `overdue` due, from the first time on and before the second, in UTC
    /// milliseconds; none: live now.
    pub period: Option<(i64, i64)>,
    /// Only what was or is late.
    pub overdue: bool,
    /// Only what is as grave.
    pub severity: Option<Severity>,
    /// Only of this category, by id.
    pub category: Option<String>,
    /// Just these, wherever they stand: they were looked for.
    pub only: Option<Vec<i64>>,
}

/// The issues of an export with what stands beside them.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The issues by number.
    pub lines: Vec<Line>,
    /// Who did something last: by issue and verb, the person's name.
    pub doers: HashMap<(i64, String), String>,
    /// Work orders by issue.
    pub tickets: HashMap<i64, String>,
}

/// About how many issues it is: what is only late is not told apart here.
pub async fn count(tx: &mut Tx, wanted: &Wanted) -> Result<usize> {
    match wanted.period {
        _ if wanted.only.is_some() => Ok(wanted.only.as_ref().map_or(0, Vec::len)),
        None => {
            let live = issues::count_live(tx, &wanted.scope).await?;
            Ok(usize::try_from(live).unwrap_or_default())
        }
        Some(of) if wanted.overdue => Ok(period::due_in(tx, &wanted.scope, of).await?.len()),
        Some(of) => period::count_touched(tx, &wanted.scope, of).await,
    }
}

/// Reads an export as of `now`.
pub async fn gather(tx: &mut Tx, wanted: &Wanted, now: i64) -> Result<Gathered> {
    let mut lines = match wanted.period {
        _ if wanted.only.is_some() => {
            let ids = wanted.only.as_deref().unwrap_or_default();
            period::these(tx, &wanted.scope, ids).await?
        }
        None => period::live(tx, &wanted.scope).await?,
        // What is late in a month became due in it.
        Some(of) if wanted.overdue => period::due_in(tx, &wanted.scope, of).await?,
        Some(of) => period::touched(tx, &wanted.scope, of).await?,
    };
    lines.retain(|line| {
        wanted
            .severity
            .is_none_or(|severity| line.severity == severity)
    });
    let category = wanted.category.as_deref();
    lines.retain(|line| category.is_none_or(|category| line.category == category));
    if wanted.overdue {
        match wanted.period {
            None => lines.retain(|line| line.overdue(now)),
            Some(_) => lines.retain(|line| line.late_by(now).is_some()),
        }
    }
    let ids: Vec<i64> = lines.iter().map(|line| line.id).collect();
    let done = period::doers(tx, &ids).await?;
    let mut who: Vec<i64> = done.iter().filter_map(|(_, _, person)| *person).collect();
    who.sort_unstable();
    who.dedup();
    let names = people::names_of(tx, &who).await?;
    let doers = done.into_iter().filter_map(|(issue, verb, person)| {
        let name = names.get(&person?)?;
        Some(((issue, verb), name.clone()))
    });
    Ok(Gathered {
        doers: doers.collect(),
        tickets: period::tickets(tx, &ids).await?,
        lines,
    })
}
