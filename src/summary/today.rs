//! What today's reports brought: to whom sees everything each report's rows, to others what of it is theirs.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use serde::Serialize;

use super::asking::{Asking, Reply, page_of};
use crate::error::Result;
use crate::issue::figures;
use crate::issue::table as issues;
use crate::issue::{CloseReason, figures::Brief};
use crate::matching::table as waiting;
use crate::report::quality::{self, Counts, Share};
use crate::report::table::{self as reports, Day};
use crate::store::Tx;

/// Over how long the share matched is told, in ms: 30 days.
const MONTH_MS: i64 = 30 * 86_400_000;
/// Reports a page.
const PAGE: usize = 3;

/// What a report meant for the issues of a scope.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Brought {
    opened: usize,
    again: usize,
    gone: usize,
}

/// The reports of today, a page of them.
pub async fn today(tx: &mut Tx, asking: &Asking<'_>, page: usize) -> Result<Reply> {
    let lens = &asking.lens;
    let whole = asking.everywhere();
    let midnight = asking.begins(asking.today());
    let days = reports::latest(tx).await?;
    let awaited: BTreeSet<String> = reports::awaited(tx, midnight).await?.into_iter().collect();
    let brought = match whole {
        true => BTreeMap::new(),
        false => brought(tx, asking, midnight).await?,
    };
    let mut blocks: Vec<Value> = Vec::new();
    let mut month = Share::default();
    for day in &days {
        let missing = awaited.contains(&day.source);
        let mine = brought.get(&day.source).copied().unwrap_or_default();
        blocks.push(block(asking, day, (midnight, missing), (whole, mine)));
        if whole {
            let since = lens.now.timestamp_millis() - MONTH_MS;
            month = month.and(quality::share(tx, &day.source, since).await?);
        }
    }
    // A source that never gave a report is missed as well.
    let known: BTreeSet<&String> = days.iter().map(|day| &day.source).collect();
    for source in awaited.iter().filter(|source| !known.contains(source)) {
        blocks
            .push(context! { source => lens.short(source, 40), arrived => false, missing => true });
    }
    let (shown, (page, pages)) = page_of(&blocks, page, PAGE);
    let waits = if whole {
        waiting::open(tx).await?.len()
    } else {
        0
    };
    let context = context! {
        h => asking.head(), whole => whole, sources => shown, total => blocks.len(), waiting => waits,
        page => page + 1, pages => pages,
        month => month.percent().map(|percent| context! {
            percent => percent, matched => month.matched, of => month.of,
        }),
    };
    Ok(Reply::of(
        lens.words
            .card("reports_today", context)?
            .paged((page, pages)),
    ))
}

/// One report's block.
fn block(
    asking: &Asking<'_>,
    day: &Day,
    (midnight, missing): (i64, bool),
    (whole, mine): (bool, Brought),
) -> Value {
    let lens = &asking.lens;
    let counts: serde_json::Value = serde_json::from_str(&day.counts).unwrap_or_default();
    let n = |name: &str| counts[name].as_u64().unwrap_or_default();
    let arrived = day.processed_at.filter(|at| *at >= midnight);
    let rejected = counts["rejected"].as_array().cloned().unwrap_or_default();
    let doubt = day.doubt.clone().unwrap_or_default();
    context! {
        source => lens.short(&day.source, 40), date => day.date, arrived => arrived.map(|at| lens.moment(at)),
        missing => missing, last => day.processed_at.map(|at| lens.moment(at)), whole => whole, mine => mine,
        rows => n("findings") + rejected.len() as u64, opened => n("opened"), again => n("seen_again"),
        reopened => n("reopened"), gone => n("verified"), positive => n("positive"), allowed => n("allowed"),
        unplaced => n("unmatched") + n("ambiguous"), rejected => Value::from_serialize(&rejected),
        incomplete => !counts["incomplete"].is_null(),
        odd => Value::from_serialize(&doubt.odd), unverified => doubt.silent.len(),
        quality => quality_of(asking, day),
    }
}

/// How a report was read and by which rules its rows were matched, in the reader's words.
fn quality_of(asking: &Asking<'_>, day: &Day) -> Value {
    let lens = &asking.lens;
    let words = lens.words;
    let counts: Counts = serde_json::from_str(&day.counts).unwrap_or_default();
    let mut share = Share::default();
    share.add(&counts);
    let rules: Vec<String> = counts
        .by_rule
        .iter()
        .map(|(rule, n)| format!("{} {n}", words.term(&format!("found_{rule}"))))
        .collect();
    let kept = counts.columns.kept.iter().take(4);
    let kept: Vec<String> = kept.map(|header| lens.short(header, 16)).collect();
    context! {
        id => day.id, percent => share.percent(), matched => share.matched, of => share.of,
        rules => rules.join(words.term("comma")),
        form => day.reading.format.to_uppercase(), encoding => day.reading.encoding,
        took => counts.took_ms.map(|ms| format!("{}.{}", ms / 1_000, ms % 1_000 / 100)),
        kept => kept.join(words.term("comma")),
        kept_count => counts.columns.kept.len() as u64 + counts.columns.more,
    }
}

/// What today's reports meant for the scope, by source.
async fn brought(
    tx: &mut Tx,
    asking: &Asking<'_>,
    midnight: i64,
) -> Result<BTreeMap<String, Brought>> {
    let scope = asking.scope();
    let until = asking.times(asking.last_days(1)).1;
    let mut all: BTreeMap<String, Brought> = BTreeMap::new();
    for issue in issues::live_in(tx, &scope).await? {
        let today = issue.last_seen_at >= midnight && issue.opened_at < midnight;
        all.entry(issue.source).or_default().again += usize::from(today);
    }
    for one in figures::opened(tx, midnight, until).await? {
        if asking.sees(one.account_id, one.unit_id) {
            all.entry(one.source).or_default().opened += 1;
        }
    }
    let by_report = |one: &Brief| {
        matches!(
            one.reason,
            Some(CloseReason::Verified | CloseReason::VerifiedUnreported)
        )
    };
    for one in figures::closed(tx, &scope, (midnight, until)).await? {
        if by_report(&one) {
            all.entry(one.source).or_default().gone += 1;
        }
    }
    Ok(all)
}
