//! Reports that come in pages: all are fetched and joined, or none is taken.

use std::collections::HashSet;

use reqwest::Url;
use serde::Deserialize;

use super::answer::Page;
use super::http::Request;
use super::login::at;
use super::request::Ask;
use super::session::Session;
use crate::error::Result;
use crate::report::decode::{self, Pages};

/// How the next page is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By its number, where `{page}` stands.
    #[default]
    Page,
    /// By what the answer says, where `{cursor}` stands.
    Cursor,
    /// By the `Link` header's `rel="next"`.
    Link,
    /// By an address in the answer.
    Next,
}

/// `[sources.paging]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paging {
    /// `page`, `cursor`, `link` or `next`.
    pub by: By,
    /// The number of the first page; 1 unless set.
    pub first: Option<u64>,
    /// Where a JSON answer holds the next cursor, or the next address: `data.next`.
    pub next: Option<String>,
    /// Where a JSON answer holds how many rows there are in all: no page behind the last is asked for.
    pub total: Option<String>,
    /// More pages are a fault; 200 unless set.
    pub max_pages: Option<u64>,
}

/// What is asked for next.
enum Next {
    Numbered(u64),
    Cursor(String),
    Address(Url),
}

/// Fetches all pages, joined to one report.
pub(super) async fn all(
    session: &mut Session<'_>,
    request: &Request<'_>,
    paging: &Paging,
) -> Result<Vec<u8>> {
    let most = paging.max_pages.unwrap_or(200);
    let first = paging.first.unwrap_or(1);
    let mut pages = Pages::default();
    let (mut rows, mut count) = (0, 0);
    let mut seen: HashSet<String> = HashSet::new();
    let mut next = match paging.by {
        By::Page => Next::Numbered(first),
        _ => Next::Cursor(String::new()),
    };
    loop {
        if count >= most {
            return Err(session.fault(&format!(
                "there are more than paging.max_pages = {most} pages; raise it, or ask for fewer days"
            )));
        }
        count += 1;
        let page = one(session, request, &next, count).await?;
        let on_page = decode::rows_of(&page.bytes, session.source.rows.as_deref());
        rows += on_page.unwrap_or_default();
        if !pages.add(&page.bytes) {
            return Err(session.fault(&format!(
                "page {count} is the same as the one before; name where the answer says how many rows \
                 there are (paging.total), or check where the page is asked for"
            )));
        }
        // No place for rows: what it says instead is read with the others, and refused.
        let Some(here) = on_page else { break };
        let said = Said::of(&page, paging);
        let ended = here == 0 || said.total.is_some_and(|total| rows >= total);
        let behind = match paging.by {
            By::Link => page.next,
            _ => said.next,
        };
        next = match (paging.by, behind) {
            (By::Page, _) if ended => break,
            (By::Page, _) => Next::Numbered(first + count),
            (_, None) => break,
            (By::Cursor, Some(cursor)) => Next::Cursor(cursor),
            (By::Link | By::Next, Some(address)) => {
                Next::Address(other(session, request, &address, count)?)
            }
        };
        let place = match &next {
            Next::Numbered(_) => continue,
            Next::Cursor(cursor) => cursor.clone(),
            Next::Address(url) => url.to_string(),
        };
        if !seen.insert(place) {
            return Err(session.fault(&format!(
                "page {count} names a page as the next that was fetched before: the pages have no end"
            )));
        }
    }
    pages.joined().ok_or_else(|| {
        session.fault(
            "pages of a workbook or another binary file cannot be joined; ask for JSON or CSV",
        )
    })
}

/// What a page says of those behind it.
struct Said {
    next: Option<String>,
    total: Option<usize>,
}

impl Said {
    fn of(page: &Page, paging: &Paging) -> Self {
        let json: serde_json::Value = match (&paging.next, &paging.total) {
            (None, None) => serde_json::Value::Null,
            _ => serde_json::from_slice(&page.bytes).unwrap_or_default(),
        };
        let said = |path: &Option<String>| path.as_deref().and_then(|path| at(&json, path));
        let next = said(&paging.next).filter(|next| !matches!(next.as_str(), "" | "false"));
        Self {
            next,
            total: said(&paging.total).and_then(|total| total.parse().ok()),
        }
    }
}

async fn one(
    session: &mut Session<'_>,
    request: &Request<'_>,
    next: &Next,
    count: u64,
) -> Result<Page> {
    let ask = match next {
        Next::Numbered(number) => request.ask(session, &[("page", &number.to_string())])?,
        Next::Cursor(cursor) => request.ask(session, &[("cursor", cursor)])?,
        Next::Address(url) => Ask {
            body: request.body(&[]),
            ..Ask::get(url.clone())
        },
    };
    let page = session.page(&ask).await.map_err(|error| {
        let name = format!("source {}: ", session.source.name);
        let text = error.to_string();
        let why = text.strip_prefix(&name).unwrap_or(&text);
        if count == 1 {
            session.fault(why)
        } else {
            session.fault(&format!(
                "page {count}: {why}; nothing of the report was taken"
            ))
        }
    })?;
    page.ok_or_else(|| session.fault(&format!("page {count}: the platform says it is unchanged")))
}

/// The address of a next page, which lies on the same host.
fn other(session: &Session<'_>, request: &Request<'_>, text: &str, count: u64) -> Result<Url> {
    let base = request.ask(session, &[])?.url;
    let url = base.join(text).ok();
    let url = url.ok_or_else(|| {
        session.fault(&format!(
            "page {count} names a next page that is no address"
        ))
    })?;
    if session.is_own(&url) {
        return Ok(url);
    }
    let host = url.host_str().unwrap_or_default();
    Err(session.fault(&format!(
        "page {count} names a next page on another host, {host}, which is not asked"
    )))
}
