//! Who stands in for whom, told to those it concerns.

use chrono::NaiveDate;

use super::parcel::{FULL, Parcel, Said, length};
use crate::desk::Desk;
use crate::error::Result;
use crate::message::view::Lens;
use crate::store::Tx;

pub(super) async fn told(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let book = desk.book(tx, parcel.person).await?;
    let lens = Lens::new(&desk.rules, &directory, book, desk.clock.now());
    let (mut parts, mut used) = (Vec::new(), 0);
    for notice in &parcel.notices {
        let detail = notice.detail.clone().unwrap_or_default();
        let part = book.text("duty_told", context(&lens, &detail))?;
        if !parts.is_empty() && used + length(&part) > FULL {
            break;
        }
        used += length(&part);
        parts.push(part);
    }
    let said = parts.len();
    Ok((said > 0).then(|| Said::parts("duty", &parts, vec![], said)))
}

fn context(lens: &Lens<'_>, detail: &serde_json::Value) -> minijinja::Value {
    let day = |name: &str| {
        detail[name]
            .as_str()
            .and_then(|day| day.parse::<NaiveDate>().ok())
    };
    let days = day("from")
        .zip(day("to"))
        .map(|(from, to)| lens.days(from, to));
    let name = |name: &str| detail[name].as_i64().map(|id| lens.person(Some(id)));
    let people = detail["people"].as_array().into_iter().flatten();
    let people: Vec<String> = people.map(|id| lens.person(id.as_i64())).collect();
    minijinja::context! {
        what => detail["what"].as_str(), rota => detail["rota"].as_bool(), days => days,
        was => detail["was"].as_str(), name => detail["name"].as_str(),
        issues => detail["issues"].as_u64(), person => name("person"), stand_in => name("stand_in"), by => name("by"), people => people,
    }
}
