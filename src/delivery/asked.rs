//! What waits for somebody, as messages: requests for a manager, evidence for who reported a fix, fixes that
//! nothing has confirmed.

use std::collections::BTreeSet;

use super::parcel::{Parcel, Said, new_key};
use crate::act;
use crate::desk::Desk;
use crate::error::Result;
use crate::issue::request::{self as requests, State as Request};
use crate::issue::table as issues;
use crate::issue::{Issue, State};
use crate::message::view::Lens;
use crate::message::{Buttons, DigestView, Heading, PAGE, Rendered, Section};
use crate::roster::{Person, Roster};
use crate::store::Tx;

/// The most fixes of one message that asks for evidence.
const LINES: usize = 15;

/// Requests that still wait, one a page.
pub(super) async fn request(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let ids = parcel.notices.iter().filter_map(|notice| {
        let detail = notice.detail.as_ref()?;
        detail["request"].as_i64()
    });
    let ids: Vec<i64> = ids.collect();
    let mut waiting = requests::many(tx, &ids).await?;
    waiting.retain(|request| request.state == Request::Open);
    let directory = desk.directory(tx).await?;
    let Some(person) = directory.roster.person(parcel.person) else {
        return Ok(None);
    };
    let about: Vec<i64> = waiting.iter().map(|request| request.issue_id).collect();
    let mut seen = issues::many(tx, &about).await?;
    seen.retain(|issue| act::sees(&directory.roster, person, issue));
    waiting.retain(|request| seen.iter().any(|issue| issue.id == request.issue_id));
    let Some(first) = waiting.first() else {
        return Ok(None);
    };
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let open = [(first.issue_id, Section::Open)];
    let Some(issue) = lens.page(tx, &open, (0, 1), |_| true).await?.pop() else {
        return Ok(None);
    };
    let key = new_key();
    let view = lens.request(first, issue);
    let said = book.request(&key, (&view, 0, waiting.len()))?;
    let ids = waiting.iter().map(|request| request.id).collect();
    Ok(Some(Said::whole("request", parcel, ids, (key, said))))
}

/// The reported fixes of a parcel that still wait and are this person's to see, each once.
async fn reported(
    tx: &mut Tx,
    roster: &Roster,
    (person, parcel): (&Person, &Parcel),
) -> Result<Vec<Issue>> {
    let all = parcel.notices.iter().flat_map(|notice| &notice.issues);
    let all: BTreeSet<i64> = all.copied().collect();
    let mut rows = issues::many(tx, &all.into_iter().collect::<Vec<i64>>()).await?;
    let waits = |issue: &Issue| issue.standing.state == State::FixReported;
    rows.retain(|issue| waits(issue) && act::sees(roster, person, issue));
    Ok(rows)
}

/// Which fixes a manager wants to see; a reply with a photo is kept with them.
pub(super) async fn evidence(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let Some(person) = directory.roster.person(parcel.person) else {
        return Ok(None);
    };
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let mut rows = reported(tx, &directory.roster, (person, parcel)).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    // So many of the notices as one message holds; the others follow.
    let (mut ids, mut said): (BTreeSet<i64>, usize) = (BTreeSet::new(), 0);
    for notice in &parcel.notices {
        let asked = rows
            .iter()
            .filter(|issue| notice.issues.contains(&issue.id));
        let asked: BTreeSet<i64> = asked.map(|issue| issue.id).collect();
        if !ids.is_empty() && ids.union(&asked).count() > LINES {
            break;
        }
        ids.extend(asked);
        said += 1;
    }
    rows.retain(|issue| ids.contains(&issue.id));
    let by = parcel
        .notices
        .last()
        .and_then(|notice| notice.detail.as_ref());
    let by = lens.person(by.and_then(|detail| detail["by"].as_i64()));
    let shown: Vec<(i64, Section)> = rows.iter().map(|i| (i.id, Section::Open)).collect();
    let views = lens.page(tx, &shown, (0, shown.len()), |_| true).await?;
    let html = book.evidence_ask(&views, &by)?;
    let keyboard = vec![];
    let ids = rows.iter().map(|issue| issue.id).collect();
    let message = (new_key(), Rendered { html, keyboard });
    let whole = Said::whole("evidence", parcel, ids, message);
    Ok(Some(Said {
        notices: said,
        ..whole
    }))
}

/// Reported fixes that nothing has confirmed for long, with the buttons to confirm or refuse.
pub(super) async fn pending(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let Some(person) = directory.roster.person(parcel.person) else {
        return Ok(None);
    };
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let mut rows = reported(tx, &directory.roster, (person, parcel)).await?;
    rows.sort_by_key(|issue| (issue.fix_reported_at, issue.id));
    if rows.is_empty() {
        return Ok(None);
    }
    let order: Vec<(i64, Section)> = rows.iter().map(|i| (i.id, Section::Open)).collect();
    let key = new_key();
    let said = book.digest(&DigestView {
        key: &key,
        person: &person.name,
        office: &desk.office,
        heading: Heading::Unconfirmed,
        date: desk.local(desk.clock.now()).format("%m-%d").to_string(),
        issues: lens
            .read_by(person)
            .page(tx, &order, (0, PAGE), |_| true)
            .await?,
        total: order.len(),
        page: 0,
        still_open: 0,
        resent: parcel.notices.iter().any(|notice| notice.unsure),
        own: None,
        buttons: Buttons::Confirm,
    })?;
    let ids = order.into_iter().map(|(id, _)| id).collect();
    Ok(Some(Said::whole("pending", parcel, ids, (key, said))))
}
