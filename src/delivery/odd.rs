//! Reports that are not as usual, one a message, asked of those who may find them right.

use super::parcel::{Parcel, Said, new_key};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::view::Lens;
use crate::report::table as reports;
use crate::store::Tx;

/// The first of the parcel's reports that is still to be asked about; what comes after it follows.
pub(super) async fn asked(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    for (before, notice) in parcel.notices.iter().enumerate() {
        let report = notice
            .detail
            .as_ref()
            .and_then(|detail| detail["report"].as_i64());
        let Some(doubted) = reports::doubted(tx, report.unwrap_or_default()).await? else {
            continue;
        };
        // Another manager was quicker, or a newer report counts by now.
        if doubted.accepted_at.is_some() || reports::outdated(tx, &doubted).await? {
            continue;
        }
        let key = new_key();
        let said = lens.odd(&key, &doubted, false, None)?;
        let said = Said::whole("report_odd", parcel, vec![doubted.id], (key, said));
        return Ok(Some(Said {
            notices: before + 1,
            ..said
        }));
    }
    Ok(None)
}
