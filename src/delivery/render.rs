//! A parcel of notices becomes a message, from the state at the time of sending.

use std::collections::HashMap;

use super::parcel::{FULL, Parcel, Said, length, new_key, section};
use super::{announce, asked, duty, fresh, group, odd, summary};
use crate::act;
use crate::desk::Desk;
use crate::error::Result;
use crate::finding::Severity;
use crate::issue::ladder;
use crate::issue::state::State;
use crate::issue::table as issues;
use crate::matching::table as waiting;
use crate::message::table as messages;
use crate::message::view::Lens;
use crate::message::{
    Buttons, Catalogue, DigestView, DisputeView, Heading, PAGE, Section, WaitingView,
};
use crate::outbox::{Bundle, Kind};
use crate::roster::{Role, Roster};
use crate::store::Tx;

pub(super) async fn parcel(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    match parcel.bundle {
        Bundle::Digest if parcel.person < 0 => group::digest(desk, tx, parcel).await,
        Bundle::Digest => digest(desk, tx, parcel).await,
        Bundle::Ruling => ruling(desk, tx, parcel).await,
        Bundle::Dispute => dispute(desk, tx, parcel).await,
        Bundle::Unmatched => unmatched(desk, tx, parcel).await,
        Bundle::Office => office(desk, tx, parcel).await,
        Bundle::Duty => duty::told(desk, tx, parcel).await,
        Bundle::Request => asked::request(desk, tx, parcel).await,
        Bundle::Evidence => asked::evidence(desk, tx, parcel).await,
        Bundle::Pending => asked::pending(desk, tx, parcel).await,
        Bundle::Stale => fresh::stale(desk, tx, parcel).await,
        Bundle::Holiday => fresh::holiday(desk, tx, parcel).await,
        Bundle::Odd => odd::asked(desk, tx, parcel).await,
        Bundle::Announcement => announce::announced(desk, tx, parcel).await,
        Bundle::Summary => summary::told(desk, tx, parcel).await,
    }
}

/// Serious first, then by account, so that what belongs together stands together.
async fn digest(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let roster = &directory.roster;
    let Some(person) = roster.person(parcel.person) else {
        return Ok(None);
    };
    let mut wanted: HashMap<i64, Section> = HashMap::new();
    for notice in &parcel.notices {
        for id in &notice.issues {
            let section = section(notice.kind);
            let said = wanted.entry(*id).or_insert(section);
            // Of what the clock made us tell the greatest; what a report brought stands as it is.
            if said.step().is_some() && said.step() < section.step() {
                *said = section;
            }
        }
    }
    let ids: Vec<i64> = wanted.keys().copied().collect();
    let mut rows = issues::places(tx, &ids).await?;
    rows.retain(|i| act::sees_place(roster, person, i.account_id, i.unit_id));
    // What was handed over may have been taken back since.
    let acts_for = |id: i64| id == person.id || roster.stands_for(person).any(|one| one.id == id);
    rows.retain(|i| {
        wanted.get(&i.id) != Some(&Section::Handed) || i.handler_id.is_some_and(acts_for)
    });
    rows.retain(|i| {
        let runs = i.standing.state.runs() && !i.standing.disputed;
        wanted.get(&i.id) != Some(&Section::Nudged) || runs
    });
    // What was owed in the night may be done by the morning.
    rows.retain(|i| {
        let step = wanted.get(&i.id).and_then(|section| section.step());
        step.is_none_or(|when| ladder::applies(when, i.standing))
    });
    if rows.is_empty() {
        return Ok(None);
    }
    rows.sort_by_key(|i| {
        (
            !i.urgent,
            i.severity != Severity::Veto,
            i.severity,
            i.account_id,
            i.unit_id,
            i.id,
        )
    });
    let order: Vec<(i64, Section)> = rows
        .iter()
        .filter_map(|issue| Some((issue.id, *wanted.get(&issue.id)?)))
        .collect();
    let heading = Heading::of(order.iter().map(|(_, section)| *section));
    // A manager looks on: all of a city is no remainder of theirs.
    let all = match person.role {
        Role::Manager => 0,
        _ => act::count_mine(tx, roster, person).await?,
    };
    let key = new_key();
    let view = DigestView {
        key: &key,
        person: &person.name,
        office: &desk.office,
        heading,
        date: desk.local(desk.clock.now()).format("%m-%d").to_string(),
        issues: lens
            .read_by(person)
            .page(tx, &order, (0, PAGE), |_| true)
            .await?,
        total: order.len(),
        page: 0,
        still_open: all.saturating_sub(order.len()),
        resent: parcel.notices.iter().any(|n| n.unsure),
        own: None,
        buttons: Buttons::of(person.role),
    };
    let said = book.digest(&view)?;
    let (ids, sections): (Vec<i64>, Vec<Section>) = order.into_iter().unzip();
    let asks = |section: &Section| section.step().is_some() || *section == Section::Nudged;
    let reply_to = if sections.iter().all(asks) {
        messages::digest_of(tx, parcel.chat, parcel.person, &ids).await?
    } else {
        None
    };
    let said = Said::whole("digest", parcel, ids, (key, said));
    Ok(Some(Said {
        sections,
        reply_to,
        ..said
    }))
}

async fn ruling(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let (mut lines, mut ids, mut used, mut said) = (Vec::new(), Vec::new(), 0, 0);
    for notice in &parcel.notices {
        let mut mine = Vec::new();
        let rows = issues::many(tx, &notice.issues).await?;
        for issue in &rows {
            let detail = notice.detail.clone().unwrap_or_default();
            // Former versions said only whether a dispute was accepted.
            let accepted = detail["accepted"].as_bool().unwrap_or_default();
            let what = detail["what"].as_str();
            let what = what.unwrap_or(if accepted { "accepted" } else { "rejected" });
            let to = detail["to"]
                .as_i64()
                .and_then(|id| directory.roster.person(id));
            let context = minijinja::context! {
                what => what, number => issue.id,
                to => to.map(|person| person.name.as_str()),
                until => detail["until"].as_i64().map(|ms| lens.time(ms)),
                unit => detail["unit"].as_i64().map(|id| lens.unit(id)),
                account => lens.target(issue.subject(), issue.unit_id),
                category => lens.category(&issue.category),
                by => lens.person(detail["by"].as_i64()),
                due => issue.due_at.map(|due| lens.time(due)),
                due_unsure => lens.due_unsure(issue),
            };
            mine.push(book.text("told", context)?);
        }
        let more: usize = mine.iter().map(|line| length(line)).sum();
        if said > 0 && used + more > FULL {
            break;
        }
        used += more;
        said += 1;
        lines.extend(mine);
        ids.extend(rows.iter().map(|issue| issue.id));
    }
    Ok((!lines.is_empty()).then(|| Said::parts("ruling", &lines, ids, said)))
}

/// One dispute a message: a manager rules on each with one press.
async fn dispute(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let mut ids: Vec<i64> = parcel
        .notices
        .iter()
        .flat_map(|n| n.issues.clone())
        .collect();
    ids.dedup();
    let mut rows = issues::many(tx, &ids).await?;
    rows.retain(|issue| issue.standing.disputed && issue.standing.state != State::Closed);
    // Whose it is to rule may have changed since it was owed.
    let reader = directory.roster.person(parcel.person);
    rows.retain(|issue| reader.is_some_and(|one| act::sees(&directory.roster, one, issue)));
    let open: Vec<(i64, Section)> = rows.iter().map(|i| (i.id, Section::Open)).collect();
    if open.is_empty() {
        return Ok(None);
    }
    let key = new_key();
    let Some(issue) = lens.page(tx, &open, (0, 1), |_| true).await?.pop() else {
        return Ok(None);
    };
    let said = book.dispute(&DisputeView {
        key: &key,
        issue,
        total: open.len(),
        page: 0,
        allowed: false,
    })?;
    let ids = open.into_iter().map(|(id, _)| id).collect();
    Ok(Some(Said::whole("dispute", parcel, ids, (key, said))))
}

async fn unmatched(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let ids: Vec<i64> = parcel
        .notices
        .iter()
        .flat_map(|n| n.issues.clone())
        .collect();
    let mut names = waiting::many(tx, &ids).await?;
    names.retain(|name| name.state == "open");
    if names.is_empty() {
        return Ok(None);
    }
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let key = new_key();
    let said = book.waiting(&WaitingView::of(&lens, &key, &names, 0))?;
    let ids = names.iter().map(|n| n.id).collect();
    Ok(Some(Said::whole("waiting", parcel, ids, (key, said))))
}

/// What the office must know, as much as one message holds: report faults, then the people who
/// could not be told.
async fn office(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let (mut parts, mut unreachable) = (Vec::new(), Vec::new());
    let (mut used, mut said) = (0, 0);
    for notice in &parcel.notices {
        let detail = notice.detail.clone().unwrap_or_default();
        let (part, more) = if notice.kind == Kind::Unreachable {
            (None, UNREACHABLE_LINE)
        } else {
            let fault = minijinja::Value::from_serialize(&detail);
            let context = minijinja::context! { fault => fault };
            let part = book.text("report_fault", context)?;
            let more = length(&part);
            (Some(part), more)
        };
        if said > 0 && used + more > FULL {
            break;
        }
        used += more;
        said += 1;
        match part {
            Some(part) => parts.push(part),
            None => unreachable.push(unreachable_line(book, &directory.roster, &detail)),
        }
    }
    if !unreachable.is_empty() {
        let context = minijinja::context! { people => unreachable };
        parts.push(book.text("unreachable", context)?);
    }
    Ok((!parts.is_empty()).then(|| Said::parts("office", &parts, vec![], said)))
}

/// The most that one person's line takes, by the cuts of its template, in UTF-16 units.
const UNREACHABLE_LINE: usize = 200;

fn unreachable_line(
    book: &Catalogue,
    roster: &Roster,
    detail: &serde_json::Value,
) -> minijinja::Value {
    if let Some(title) = detail["group"].as_str() {
        let unit = detail["unit"].as_i64().and_then(|id| roster.unit_by_id(id));
        let why = detail["why"].as_str().unwrap_or_default();
        return minijinja::context! {
            group => true, name => title, unit => unit.map_or("", |unit| unit.name.as_str()),
            why => book.term(why), lost => true,
        };
    }
    let person = detail["person"].as_i64().and_then(|id| roster.person(id));
    let units: Vec<&str> = person
        .map(|p| p.units.iter().filter_map(|code| roster.unit(code)))
        .into_iter()
        .flatten()
        .map(|unit| unit.name.as_str())
        .collect();
    minijinja::context! {
        name => person.map_or("", |p| p.name.as_str()),
        unit => units.join(book.term("comma")),
        why => book.why(detail["why"].as_str().unwrap_or_default()),
        lost => detail["lost"].as_bool().unwrap_or_default(),
    }
}
