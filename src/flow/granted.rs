//! What a granted request makes of an issue: another due time with its ladder, or another unit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::moved::{Reckoner, rearmed, stamps_of};
use super::{Directory, Rules};
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::deadline::{self, Deadline, Shift};
use crate::issue::request::Request;
use crate::issue::state::{Event, Refusal};
use crate::issue::table::{self as issues, Issue};
use crate::issue::why::Explanation;
use crate::outbox::{self, Kind, Owed};
use crate::store::Tx;

/// Moves the due time of a running issue to what was asked for; reminders and warnings of the old one
/// that were not said yet are taken back, those of the new one come at their times.
pub async fn extend(
    tx: &mut Tx,
    rules: &Rules,
    issue: &Issue,
    (request, by): (&Request, i64),
    now: DateTime<Utc>,
) -> Result<()> {
    let until = request.until.map_or(now, from_ms);
    let local = |at: DateTime<Utc>| at.with_timezone(&rules.zone).naive_local();
    let why = Explanation::Extended {
        due: local(until),
        before: issue.due_at.map(|ms| local(from_ms(ms))),
        asked_by: request.asked_by,
        reason: request.reason.clone(),
        by,
        at: local(now),
    };
    let told = issue.told_at.unwrap_or(issue.opened_at);
    let climb = deadline::climb_of(tx, issue.id).await?;
    let laid = rules.deadlines.lay_until(climb.laid, from_ms(told), until);
    let laid = rearmed(laid, climb.done);
    let to = Deadline {
        told,
        due: Some(until.timestamp_millis()),
        why: why.stored(),
        ladder: serde_json::to_string(&laid)?,
        step: laid.after(None),
    };
    let (id, from) = (issue.id, issue.due_at);
    deadline::shift(tx, &[Shift { id, from, to }]).await?;
    let old: HashMap<i64, i64> = from.map(|from| (id, from)).into_iter().collect();
    outbox::table::take_back(tx, &old, now.timestamp_millis()).await?;
    Ok(())
}

/// The issue is another unit's from now on: it is told anew, and the clock starts anew. Whoever runs the
/// account answers no more.
pub async fn reassign(
    tx: &mut Tx,
    (rules, directory): (&Rules, &Directory),
    issue: &mut Issue,
    unit: i64,
    now: DateTime<Utc>,
) -> Result<std::result::Result<(), Refusal>> {
    let ms = now.timestamp_millis();
    if let Err(refusal) = issues::apply(tx, issue, Event::Reassign, ms).await? {
        return Ok(Err(refusal));
    }
    let to = Issue {
        unit_id: unit,
        about_id: issue.subject(),
        account_id: None,
        handler_id: None,
        revision: issue.revision + 1,
        ..issue.clone()
    };
    issues::stand(tx, issue, to).await?;
    let stamps = stamps_of(issue)?;
    let mut reckoner = Reckoner::new(rules, &directory.roster);
    let to = &reckoner.deadline(issue, &stamps, now).to;
    deadline::start(tx, issue.id, to, &serde_json::to_string(&stamps)?).await?;
    issue.due_at = to.due;
    issue.due_why = Some(to.why.clone());
    let answering = directory.roster.answering(issue.whose());
    let owed: Vec<Owed> = answering
        .into_iter()
        .map(|person| Owed {
            once: format!("reassigned:{}:{}:{}", issue.id, issue.revision, person.id),
            person_id: person.id,
            kind: Kind::Reassigned,
            issues: vec![issue.id],
            detail: None,
            urgent: issue.urgent,
            not_before: rules.send_at(now, issue.urgent),
        })
        .collect();
    outbox::table::enqueue(tx, &owed, ms).await?;
    Ok(Ok(()))
}
