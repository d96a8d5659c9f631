//! Accounts that have to be updated, and what has to be seen to before a holiday, as messages.

use chrono::NaiveDate;

use super::parcel::{FULL, Parcel, Said, length, new_key};
use crate::act;
use crate::desk::Desk;
use crate::error::Result;
use crate::flow::freshness::{self, Watched};
use crate::freshness::Standing;
use crate::issue::table as issues;
use crate::message::view::Lens;
use crate::message::{Rendered, Section};
use crate::roster::{Person, Role, Roster};
use crate::store::Tx;

/// The most issues and accounts of one announcement; the rest is counted.
const MOST: usize = 10;

/// Reminders of accounts, one below the other; what was updated meanwhile is not said.
pub(super) async fn stale(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let today = desk.local(desk.clock.now()).date_naive();
    let all = freshness::all(tx, &desk.rules, &directory.roster, today).await?;
    let (mut lines, mut used, mut said) = (Vec::new(), 0, 0);
    let Some(person) = directory.roster.person(parcel.person) else {
        return Ok(None);
    };
    let mut wanted: Vec<(usize, &Watched<'_>)> = Vec::new();
    for (n, notice) in parcel.notices.iter().enumerate() {
        let detail = notice.detail.clone().unwrap_or_default();
        let mut all = all.iter();
        let found = all.find(|one| {
            Some(one.account.id) == detail["account"].as_i64()
                && Some(one.known.updated_on.to_string().as_str()) == detail["updated_on"].as_str()
                && one.judged.standing != Standing::Fresh
                && sees(&directory.roster, person, one)
        });
        // Several steps of one account may have waited: it is said once.
        let found = found.filter(|one| wanted.iter().all(|(_, w)| w.account.id != one.account.id));
        wanted.extend(found.map(|one| (n, one)));
    }
    for (n, one) in &wanted {
        let line = lens.fresh_line(one)?;
        if !lines.is_empty() && used + length(&line) > FULL {
            break;
        }
        used += length(&line);
        said = n + 1;
        lines.push(line);
    }
    if lines.is_empty() {
        return Ok(None);
    }
    if lines.len() == wanted.len() {
        said = parcel.notices.len();
    }
    let html = lens.fresh_message(&lines)?;
    let message = Rendered {
        html,
        keyboard: vec![],
    };
    let whole = Said::whole("fresh", parcel, vec![], (new_key(), message));
    Ok(Some(Said {
        notices: said,
        ..whole
    }))
}

/// Whether an account is still this person's to look after.
fn sees(roster: &Roster, person: &Person, one: &Watched<'_>) -> bool {
    roster.may_see(person, &one.account.unit, Some(one.account.id))
}

/// What becomes due or stale in a holiday, as it stands now.
pub(super) async fn holiday(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let (Some(person), Some(notice)) = (
        directory.roster.person(parcel.person),
        parcel.notices.last(),
    ) else {
        return Ok(None);
    };
    let detail = notice.detail.clone().unwrap_or_default();
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now()).read_by(person);
    let mut due = issues::many(tx, &notice.issues).await?;
    due.retain(|issue| issue.standing.state.runs() && act::sees(&directory.roster, person, issue));
    due.sort_by_key(|issue| (issue.due_at, issue.id));
    let today = desk.local(desk.clock.now()).date_naive();
    let mut accounts = freshness::all(tx, &desk.rules, &directory.roster, today).await?;
    let wanted: Vec<i64> = serde_json::from_value(detail["accounts"].clone()).unwrap_or_default();
    let last: Option<NaiveDate> = detail["last"].as_str().and_then(|day| day.parse().ok());
    accounts.retain(|one| {
        wanted.contains(&one.account.id)
            && sees(&directory.roster, person, one)
            && last.is_none_or(|last| one.judged.last_day <= last)
    });
    if due.is_empty() && accounts.is_empty() {
        return Ok(None);
    }
    let shown: Vec<(i64, Section)> = due.iter().map(|issue| (issue.id, Section::Open)).collect();
    let views = lens.page(tx, &shown, (0, MOST), |_| true).await?;
    let lines = accounts.iter().take(MOST).map(|one| lens.fresh_line(one));
    let lines = lines.collect::<Result<Vec<String>>>()?;
    let more = (
        due.len().saturating_sub(MOST),
        accounts.len().saturating_sub(MOST),
    );
    let html = lens.holiday(&detail, (&views, due.len()), (&lines, accounts.len()), more)?;
    let ids: Vec<i64> = due.iter().take(MOST).map(|issue| issue.id).collect();
    let key = new_key();
    // Who has to act can do so by a reply to it.
    let kind = match person.role {
        Role::Operator | Role::Lead => "done",
        Role::Manager | Role::Admin => "holiday",
    };
    let message = Rendered {
        html,
        keyboard: vec![],
    };
    Ok(Some(Said::whole(kind, parcel, ids, (key, message))))
}
