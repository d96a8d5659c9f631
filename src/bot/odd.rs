//! A manager finds an odd report right.

use super::Visit;
use super::shown::{Pressed, alert, edited};
use crate::error::Result;
use crate::flow::{Accepted, accept};
use crate::message::table::Message;
use crate::report::table as reports;
use crate::roster::{Person, Role};

/// What a message about an odd report is kept as; its one number is the report's.
pub(super) const KIND: &str = "report_odd";

/// A press on 属实，照常核销: once, by whoever supervises everything, as long as no newer report came.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
) -> Result<Pressed> {
    let entitled = person.role == Role::Manager && person.everywhere();
    let Some(report) = message.issues.first().copied().filter(|_| entitled) else {
        return alert(visit, "toast_no_permission");
    };
    let now = visit.desk.clock.now();
    let accepted = accept(visit.tx, report, Some(person.id), now).await?;
    let doubted = reports::doubted(visit.tx, report).await?;
    let (Some(doubted), false) = (doubted, matches!(accepted, Accepted::Unknown)) else {
        return alert(visit, "toast_expired");
    };
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let (what, closed) = match accepted {
        Accepted::Done(closed) => ("done", Some(closed)),
        Accepted::Already(_) => ("already", None),
        _ => ("outdated", None),
    };
    let context = minijinja::context! {
        what => what, closed => closed, who => lens.found_right_by(&doubted),
        at => doubted.accepted_at.map(|at| lens.moment(at)),
    };
    let toast = visit.words("toast_odd", context)?;
    let said = lens.odd(&message.key, &doubted, what == "outdated", closed)?;
    let (answer, toast, _) = edited(&message, said, toast);
    Ok((answer, toast, what != "done"))
}
