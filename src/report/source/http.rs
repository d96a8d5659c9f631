//! A source that is asked over HTTP, for one answer or for all its pages.

use chrono::{Days, NaiveDate};

use super::request::Ask;
use super::session::Session;
use super::template::{Filling, Within, fill};
use super::{Fetched, Method, SourceSettings, paging};
use crate::clock::Clock;
use crate::error::Result;

/// What a source asks on a day.
pub(super) struct Request<'a> {
    source: &'a SourceSettings,
    day: NaiveDate,
}

impl Request<'_> {
    fn fill(&self, template: &str, within: Within, more: &[(&str, &str)]) -> String {
        let back = Days::new(self.source.days.unwrap_or(1).saturating_sub(1));
        let from = self.day.checked_sub_days(back).unwrap_or(self.day);
        let mut values = vec![
            ("date", Filling::Day(self.day)),
            ("from", Filling::Day(from)),
            ("to", Filling::Day(self.day)),
        ];
        let more = more.iter().map(|(name, text)| (*name, Filling::Text(text)));
        values.extend(more);
        fill(template, within, &values)
    }

    /// What is sent by POST; none: GET.
    pub(super) fn body(&self, more: &[(&str, &str)]) -> Option<String> {
        if self.source.method == Method::Get {
            return None;
        }
        let template = self.source.body.as_deref().unwrap_or_default();
        Some(self.fill(template, Within::body(template), more))
    }

    /// The request with `more` filled in.
    pub(super) fn ask(&self, session: &Session<'_>, more: &[(&str, &str)]) -> Result<Ask> {
        let template = self.source.url.as_deref().unwrap_or_default();
        let address = self.fill(template, Within::Form, more);
        Ok(Ask {
            body: self.body(more),
            ..Ask::get(session.address(&address, "url")?)
        })
    }
}

/// What a source has; none: nothing new.
pub(super) async fn fetch(
    source: &SourceSettings,
    remembered: (Option<String>, Option<String>),
    day: NaiveDate,
    clock: &Clock,
) -> Result<Option<Fetched>> {
    let mut session = Session::open(source, clock).await?;
    let request = Request { source, day };
    let mut ask = request.ask(&session, &[("page", ""), ("cursor", "")])?;
    let file_name = ask
        .url
        .path_segments()
        .and_then(|mut parts| parts.next_back().map(str::to_owned))
        .filter(|part| !part.is_empty())
        .unwrap_or_else(|| source.name.clone());
    session.at_home(&ask.url);
    if let Some(login) = &source.login {
        login.enter(&mut session).await?;
    }
    if let Some(paging) = &source.paging {
        let bytes = paging::all(&mut session, &request, paging).await?;
        return Ok(Some(Fetched::named(file_name, bytes)));
    }
    if source.method == Method::Get {
        ask.remembered = remembered;
    }
    let Some(page) = session.page(&ask).await? else {
        return Ok(None);
    };
    Ok(Some(Fetched {
        etag: page.etag,
        last_modified: page.last_modified,
        ..Fetched::named(file_name, page.bytes)
    }))
}
