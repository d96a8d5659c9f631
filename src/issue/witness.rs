//! The tables `witness` and `ticket`: which sources list an issue, and under which work orders. The same
//! finding of two sources is one issue with two witnesses; what one of them still lists stays open.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::scoped::keys;
use crate::error::Result;
use crate::finding::Said;
use crate::report::table as reports;
use crate::store::{Bulk, Row, Tx, vals};

/// A source from which nothing came for so many days holds nothing open any more: a feed that ended, or
/// was renamed, would hold its issues for ever. Long enough for a source that reports once a week.
pub const HOLDS_DAYS: i64 = 14;

/// What is known of an issue at one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its newest complete report lists it; else it is silent while the issue is open.
    pub listed: bool,
    /// Nothing of it is left to be said by silence.
    over: bool,
    /// The newest work orders, one a line.
    pub tickets: Option<String>,
    /// What its state columns said last.
    pub said: Option<String>,
}

/// An issue as a report lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The issue.
    pub issue: i64,
    /// The work orders that the report prints.
    pub orders: Orders,
    /// What the report's state columns say of it.
    pub said: Option<Said>,
    /// It was opened by this very report.
    pub opened: bool,
}

/// The work orders of one finding that a report lists several times, in the order of its rows, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    all: Vec<String>,
    /// Those of rows that the report does not call settled.
    open: Vec<String>,
}

impl Orders {
    /// Adds what a row prints, and whether the report calls the row settled.
    pub fn add(&mut self, printed: Option<&str>, settled: bool) {
        let lines = printed.unwrap_or_default().lines().map(str::trim);
        for ticket in lines.filter(|line| !line.is_empty()) {
            let mut lists = vec![&mut self.all];
            if !settled {
                lists.push(&mut self.open);
            }
            for list in lists {
                if !list.iter().any(|known| known == ticket) {
                    list.push(ticket.to_owned());
                }
            }
        }
    }

    /// Adds what other rows print.
    pub fn join(&mut self, other: &Self) {
        for ticket in &other.all {
            self.add(Some(ticket), !other.open.contains(ticket));
        }
    }

    /// Those that are shown and told back: what is settled counts only where nothing else is there.
    pub fn current(&self) -> &[String] {
        match self.open.as_slice() {
            [] => &self.all,
            open => open,
        }
    }

    /// The same as a person reads them.
    pub fn shown(&self) -> Option<String> {
        Some(self.current().join("、")).filter(|shown| !shown.is_empty())
    }

    /// The same as they are stored.
    fn stored(&self) -> Option<String> {
        Some(self.current().join("\n")).filter(|stored| !stored.is_empty())
    }
}

/// Where a listing comes from.
#[derive(Clone, Copy, Debug)]
pub struct From<'a> {
    /// The source.
    pub source: &'a str,
    /// It lists everything that is still wrong, so that it holds open what it lists.
    pub snapshot: bool,
    /// The report is older than the newest processed one of its source.
    pub late: bool,
    /// UTC milliseconds.
    pub now: i64,
}

fn known(row: &Row) -> Result<(i64, Known)> {
    let stands = row.text(1)?;
    let known = Known {
        listed: stands == "listed",
        over: stands == "done",
        tickets: row.maybe_text(2)?,
        said: row.maybe_text(3)?,
    };
    Ok((row.int(0)?, known))
}

impl Known {
    fn stands(&self) -> &'static str {
        match (self.listed, self.over) {
            (true, _) => "listed",
            (_, true) => "done",
            _ => "silent",
        }
    }

    /// Whether silence about it still means something.
    pub fn runs(&self) -> bool {
        !self.over
    }
}

impl Listed {
    /// The report says that it is settled: it is there, and holds nothing open.
    pub fn settled(&self) -> bool {
        matches!(self.said, Some(Said::Verified | Said::Withdrawn))
    }
}

/// What is known of all that the silence of a report means something for, before the report is noted: what its
/// source lists, or is silent about while it is open, by issue; nothing that is over.
pub async fn before(tx: &mut Tx, source: &str) -> Result<HashMap<i64, Known>> {
    let sql = "select issue_id, stands, ticket_no, said from witness
               where source = $1 and stands <> 'done'";
    tx.each(sql, vals![source], known).await
}

/// A source has become a feed that names each thing once: its silence proves nothing, and holds nothing.
pub async fn names_each_once(tx: &mut Tx, source: &str) -> Result<()> {
    let sql = "update witness set stands = 'done' where source = $1 and stands <> 'done'";
    tx.run(sql, vals![source]).await?;
    Ok(())
}

/// Notes that a source lists these issues; `before` is told what is known of them by now: since it was read,
/// somebody else may have changed it.
pub async fn note(
    tx: &mut Tx,
    from: From<'_>,
    listed: &[Listed],
    before: &mut HashMap<i64, Known>,
) -> Result<()> {
    let asked: Vec<i64> = listed.iter().map(|item| item.issue).collect();
    let sql = "select issue_id, stands, ticket_no, said from witness
               where source = {1} and issue_id in ({in})";
    for row in tx.all_in(sql, vals![from.source], keys(&asked)).await? {
        let (issue, known) = known(&row)?;
        before.insert(issue, known);
    }
    let mut bulk = Bulk::into_table(
        "witness",
        &[
            "issue_id",
            "source",
            "stands",
            "first_seen_at",
            "ticket_no",
            "said",
        ],
    )
    .tail(
        "on conflict (issue_id, source) do update set stands = excluded.stands,
            ticket_no = coalesce(excluded.ticket_no, witness.ticket_no), said = excluded.said",
    );
    let mut tickets = Bulk::into_table("ticket", &["ticket_no", "issue_id", "source"])
        .tail("on conflict do nothing");
    let mut renamed = Vec::new();
    for item in listed {
        let was = before.get(&item.issue);
        let stands = stands_now(from, item, was);
        let printed = item.orders.stored();
        let other =
            printed.is_some() && was.and_then(|was| was.tickets.as_ref()) != printed.as_ref();
        let said = item.said.map(Said::as_str);
        let says = was.and_then(|was| was.said.as_deref()) != said;
        if was.map(Known::stands) != Some(stands) || other || says {
            bulk.row(vals![
                item.issue,
                from.source,
                stands,
                from.now,
                printed,
                said
            ]);
        }
        if other {
            for ticket in &item.orders.all {
                tickets.row(vals![ticket, item.issue, from.source]);
            }
            if !item.opened {
                renamed.push(item.issue);
            }
        }
    }
    tx.bulk(bulk).await?;
    tx.bulk(tickets).await?;
    show_tickets(tx, &renamed).await
}

/// How an issue stands at a source that lists it.
fn stands_now(from: From<'_>, item: &Listed, was: Option<&Known>) -> &'static str {
    match was {
        // A late report adds what nobody knew, and says nothing of how it stands by now.
        Some(was) if from.late => was.stands(),
        _ if !from.snapshot => "done",
        _ if item.settled() => "silent",
        _ => "listed",
    }
}

/// Writes to the issues which work orders they are shown with: the newest ones of each source, the first
/// source's first.
async fn show_tickets(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    let sql = "select issue_id, ticket_no from witness
               where issue_id in ({in}) and ticket_no is not null order by first_seen_at, issue_id";
    let mut of: BTreeMap<i64, Orders> = BTreeMap::new();
    for row in tx.all_in(sql, vec![], keys(ids)).await? {
        let (issue, ticket) = (row.int(0)?, row.text(1)?);
        of.entry(issue).or_default().add(Some(&ticket), false);
    }
    for (issue, orders) in of {
        let sql = "update issue set tickets = $1 where id = $2";
        tx.run(sql, vals![orders.shown(), issue]).await?;
    }
    Ok(())
}

/// The sources besides this one that hold these issues open: their newest complete report lists them,
/// and is not older than [`HOLDS_DAYS`].
pub async fn held(
    tx: &mut Tx,
    source: &str,
    ids: &[i64],
    now: i64,
) -> Result<HashMap<i64, BTreeSet<String>>> {
    let sql = "select issue_id, source from witness
               where issue_id in ({in}) and stands = 'listed'";
    let mut held: HashMap<i64, BTreeSet<String>> = HashMap::new();
    let mut heard: HashMap<String, bool> = HashMap::new();
    for row in tx.all_in(sql, vec![], keys(ids)).await? {
        let (issue, other) = (row.int(0)?, row.text(1)?);
        if other == source {
            continue;
        }
        let alive = match heard.get(&other) {
            Some(alive) => *alive,
            None => {
                let since = now - HOLDS_DAYS * 86_400_000;
                let alive = reports::arrived_since(tx, &other, since).await?;
                heard.insert(other.clone(), alive);
                alive
            }
        };
        if alive {
            held.entry(issue).or_default().insert(other);
        }
    }
    Ok(held)
}

/// A source no longer lists these issues: `open` are left open for another's sake.
pub async fn silent(tx: &mut Tx, source: &str, ids: &[i64], open: bool) -> Result<u64> {
    let stands = if open { "silent" } else { "done" };
    let sql = "update witness set stands = {1} where source = {2} and issue_id in ({in})";
    tx.run_in(sql, vals![stands, source], keys(ids)).await
}

/// The issues of a work order, by its number as printed.
pub async fn by_ticket(tx: &mut Tx, ticket: &str) -> Result<Vec<i64>> {
    let sql = "select issue_id from ticket where ticket_no = $1 order by issue_id";
    let rows = tx.all(sql, vals![ticket]).await?;
    let ids = rows.iter().map(|row| row.int(0));
    Ok(ids.collect::<Result<BTreeSet<_>>>()?.into_iter().collect())
}

/// The newest work orders of each of these issues at one source.
pub async fn tickets_at(
    tx: &mut Tx,
    source: &str,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<String>>> {
    let sql = "select issue_id, ticket_no from witness
               where source = {1} and issue_id in ({in}) and ticket_no is not null";
    let rows = tx.all_in(sql, vals![source], keys(ids)).await?;
    rows.iter()
        .map(|row| {
            let lines = row.text(1)?;
            Ok((row.int(0)?, lines.lines().map(str::to_owned).collect()))
        })
        .collect()
}

/// The issues of a listing, as a set for look-ups.
pub fn ids(listed: &[Listed]) -> HashSet<i64> {
    listed.iter().map(|item| item.issue).collect()
}
