//! Announcements, one a message, with the button that says it was read.

use super::parcel::{Parcel, Said, new_key};
use crate::act::announce::NEWS_MS;
use crate::desk::Desk;
use crate::error::Result;
use crate::message::view::Lens;
use crate::outbox::announcement;
use crate::store::Tx;

/// What such a message is kept as; its one number is the announcement's.
pub const KIND: &str = "announcement";

/// The first of the parcel's announcements that is still news and was not read; what comes after it follows.
pub(super) async fn announced(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let now = desk.clock.now();
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, now);
    for (before, notice) in parcel.notices.iter().enumerate() {
        let detail = notice.detail.clone().unwrap_or_default();
        let id = detail["announcement"].as_i64().unwrap_or_default();
        let Some(what) = announcement::get(tx, id).await? else {
            continue;
        };
        let Some(sent) = what
            .sent_at
            .filter(|at| now.timestamp_millis() - at < NEWS_MS)
        else {
            continue;
        };
        let receipt = announcement::receipt_of(tx, id, parcel.person).await?;
        if receipt.is_none_or(|receipt| receipt.read_at.is_some()) {
            continue;
        }
        let key = new_key();
        let again = detail["again"].as_bool().unwrap_or_default();
        let (by, at) = (lens.person(Some(what.by)), lens.moment(sent));
        let said = book.announcement((&key, &what.text), (&by, &at), (again, None))?;
        let said = Said::whole(KIND, parcel, vec![id], (key, said));
        return Ok(Some(Said {
            notices: before + 1,
            ..said
        }));
    }
    Ok(None)
}
