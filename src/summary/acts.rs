//! What people did last in a scope: when, who, what, to which issue.

use minijinja::{Value, context};

use super::asking::{Asking, Reply, page_of};
use crate::error::Result;
use crate::issue::acted::{self, Doing};
use crate::roster::table as people;
use crate::store::Tx;

/// Acts a page.
const PAGE: usize = 12;
/// So many are looked at once, and so many in all: a small scope does not read the whole history.
const PIECE: i64 = 1_000;
const PIECES: usize = 20;

/// The list, a page of it.
pub async fn acts(tx: &mut Tx, asking: &Asking<'_>, most: u32, page: usize) -> Result<Reply> {
    let lens = &asking.lens;
    let most = usize::try_from(most).unwrap_or_default().clamp(1, 100);
    let found = last(tx, asking, most).await?;
    let (shown, (page, pages)) = page_of(&found, page, PAGE);
    let ids: Vec<i64> = shown.iter().map(|one| one.person_id).collect();
    let names = people::names_of(tx, &ids).await?;
    let lines = shown.iter().map(|one| -> Value {
        let word = format!("act_{}", one.verb);
        let name = names.get(&one.person_id).map_or("", String::as_str);
        let said = matches!(one.verb.as_str(), "disputed" | "noted" | "dispute_rejected" | "extension_asked" | "reassignment_asked");
        context! {
            at => lens.moment(one.at), who => lens.short(name, 20), what => lens.words.term(&word), issue => one.issue_id,
            about => lens.short(&lens.target(one.account_id.or(one.about_id), one.unit_id), 40),
            note => one.note.as_deref().filter(|_| said).map(|note| lens.short(note, 40)),
        }
    });
    let context = context! {
        h => asking.head(), total => found.len(), page => page + 1, pages => pages, lines => lines.collect::<Vec<_>>(),
    };
    Ok(Reply::of(
        lens.words.card("acts", context)?.paged((page, pages)),
    ))
}

/// The last acts of the scope.
async fn last(tx: &mut Tx, asking: &Asking<'_>, most: usize) -> Result<Vec<Doing>> {
    let mut found = Vec::with_capacity(most);
    let mut before = i64::MAX;
    for _ in 0..PIECES {
        let piece = acted::before(tx, before, PIECE).await?;
        let Some(oldest) = piece.last() else { break };
        before = oldest.id;
        let whole = i64::try_from(piece.len()).unwrap_or_default() == PIECE;
        found.extend(
            piece
                .into_iter()
                .filter(|one| asking.sees(one.account_id, one.unit_id)),
        );
        if found.len() >= most || !whole {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}
