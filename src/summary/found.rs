//! Issues by what they are, where and when: how many there are, and which.

use minijinja::context;

use super::asking::{Asking, Reply, Within, page_of};
use super::names::searched;
use super::nothing;
use super::tally::{Ended, Tally, due_today};
use super::unit::DAYS;
use crate::ask::period::Period;
use crate::ask::{Search, Stand};
use crate::error::Result;
use crate::finding::Severity;
use crate::issue::figures::{self, Brief};
use crate::issue::table::{self as issues, Issue};
use crate::message::Above;
use crate::store::Tx;

/// Issues a page.
const PAGE: usize = 8;

/// The list, a page of it.
pub async fn found(
    tx: &mut Tx,
    asking: &Asking<'_>,
    search: &Search,
    page: usize,
) -> Result<Reply> {
    let lens = &asking.lens;
    let Some(within) = asking.place(search.place) else {
        return nothing(asking, "unit", "");
    };
    let search = dated(asking, search);
    let (ids, tally, ended) = look(tx, asking, &search, &within).await?;
    let (shown, (page, pages)) = page_of(&ids, page, PAGE);
    let rows = issues::many(tx, shown).await?;
    let context = context! {
        h => asking.head(), place => asking.place_name(search.place), stand => search.stand.as_str(),
        word => lens.words.term(&format!("stand_{}", search.stand.as_str())),
        period => search.period.map(|period| span(asking, period)),
        severity => search.severity.map(|severity| lens.words.term(severity.as_str())),
        category => search.category.as_deref().map(|id| lens.short(&lens.category(id), 40)),
        total => ids.len(), t => tally, e => ended, page => page + 1, pages => pages,
        lines => lens.lines(rows.iter(), Above::Nothing)?,
    };
    let card = lens.words.card("found", context)?;
    Ok(Reply::of(card.paged((page, pages)).seeing(shown.to_vec())))
}

/// The same with a period, where what is looked for needs one.
fn dated(asking: &Asking<'_>, search: &Search) -> Search {
    let past = matches!(search.stand, Stand::Closed | Stand::Opened);
    let period = search.period.or(past.then(|| asking.last_days(DAYS)));
    Search {
        period,
        ..search.clone()
    }
}

async fn look(tx: &mut Tx, asking: &Asking<'_>, search: &Search, within: &Within) -> Result<Found> {
    match search.stand {
        Stand::Closed | Stand::Opened => past(tx, asking, search, within).await,
        _ => live(tx, asking, search, within).await,
    }
}

/// Those that are found, and what was looked for in words: 「台江区 超期 9月」.
pub async fn ids(tx: &mut Tx, asking: &Asking<'_>, search: &Search) -> Result<(Vec<i64>, String)> {
    let search = dated(asking, search);
    let said = searched(asking, &search);
    let Some(within) = asking.place(search.place) else {
        return Ok((vec![], said));
    };
    let (ids, ..) = look(tx, asking, &search, &within).await?;
    Ok((ids, said))
}

/// A period as people read it.
pub fn span(asking: &Asking<'_>, period: Period) -> String {
    use chrono::Datelike as _;
    let said = asking.lens.span((period.from, period.to));
    if (period.from.year(), period.to.year()) == (asking.today().year(), asking.today().year()) {
        return said;
    }
    let year = asking.lens.words.term("year");
    format!(
        "{}{said}",
        year.replace("{year}", &period.from.year().to_string())
    )
}

type Found = (Vec<i64>, Option<Tally>, Option<Ended>);

fn is_of(search: &Search, severity: Severity, category: &str) -> bool {
    search.severity.is_none_or(|wanted| wanted == severity)
        && search
            .category
            .as_deref()
            .is_none_or(|wanted| wanted == category)
}

/// Of what lives.
async fn live(tx: &mut Tx, asking: &Asking<'_>, search: &Search, within: &Within) -> Result<Found> {
    let times = (asking.now_ms(), asking.times(asking.last_days(1)).1);
    let span = search.period.map(|period| asking.times(period));
    let stands = |issue: &Issue| match search.stand {
        Stand::Live | Stand::Closed | Stand::Opened => true,
        Stand::Unfixed => issue.standing.state.runs(),
        Stand::Unacknowledged => issue.standing.state == crate::issue::State::Open,
        Stand::Reported => issue.standing.state == crate::issue::State::FixReported,
        Stand::Overdue => issue.overdue(times.0),
        Stand::DueToday => due_today(issue, times),
        Stand::Disputed => issue.standing.disputed,
    };
    // What is overdue in a month became due in it; the rest was opened in it.
    let in_span = |issue: &Issue| {
        let at = match search.stand {
            Stand::Overdue => issue.due_at.unwrap_or_default(),
            _ => issue.opened_at,
        };
        span.is_none_or(|(from, to)| at >= from && at < to)
    };
    let mut all = issues::live_in(tx, &within.scope(asking.scope())).await?;
    all.retain(|issue| {
        stands(issue)
            && in_span(issue)
            && is_of(search, issue.severity, &issue.category)
            && within.holds(issue.unit_id, issue.subject())
            && asking.sees(issue.account_id, issue.unit_id)
    });
    all.sort_by_key(|i| {
        (
            !i.overdue(times.0),
            i.severity,
            i.due_at.unwrap_or(i64::MAX),
            i.id,
        )
    });
    let tally = Tally::of(&all, times);
    Ok((
        all.iter().map(|issue| issue.id).collect(),
        Some(tally),
        None,
    ))
}

/// Of what was opened or closed in a period, the newest first.
async fn past(tx: &mut Tx, asking: &Asking<'_>, search: &Search, within: &Within) -> Result<Found> {
    let (from, to) = search.period.map_or((0, 0), |period| asking.times(period));
    let of = |one: &Brief| {
        is_of(search, one.severity, &one.category)
            && within.holds(one.unit_id, one.subject)
            && asking.sees(one.account_id, one.unit_id)
    };
    if search.stand == Stand::Closed {
        let scope = within.scope(asking.scope());
        let mut closed = figures::closed(tx, &scope, (from, to)).await?;
        closed.retain(of);
        closed.reverse();
        let ended = Ended::of(&closed);
        return Ok((closed.iter().map(|one| one.id).collect(), None, Some(ended)));
    }
    let mut opened = figures::opened(tx, from, to).await?;
    opened.retain(of);
    opened.sort_by_key(|one| (one.severity, std::cmp::Reverse(one.opened_at), one.id));
    let (closed, live): (Vec<&Brief>, Vec<&Brief>) = opened
        .iter()
        .partition(|one| one.state == crate::issue::State::Closed);
    let tally = Tally {
        live: live.len(),
        ..Tally::default()
    };
    let ended = Ended::of(closed);
    Ok((
        opened.iter().map(|one| one.id).collect(),
        Some(tally),
        Some(ended),
    ))
}
