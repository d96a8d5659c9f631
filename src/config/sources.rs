//! What may be wrong with the settings of a source: what its kind needs, what is usual of it, how its tables are
//! read, what it is told back.

use super::inbound;
use super::sections::Settings;
use crate::error::Result;
use crate::feedback::call::Caller;
use crate::report::decode::{self, by_label};
use crate::report::source::{self, Mode, SourceKind, SourceSettings};
use crate::schedule::cron::Schedule;

impl Settings {
    pub(super) fn check_sources(&self) -> Result<()> {
        let mut names = Vec::new();
        for (n, source) in self.sources.iter().enumerate() {
            let fault = |key: &str, value: &str, reason: &str| -> Result<()> {
                let (path, shown) = (format!("sources.{n}{key}"), &source.name);
                let shown = format!("sources.{shown}{key}");
                Err(self.places.fault(&path, &shown, value, reason).into())
            };
            if source.name.is_empty() || names.contains(&source.name.as_str()) {
                return fault("", &source.name, "each source needs a name of its own");
            }
            names.push(&source.name);
            let missing = match source.kind {
                SourceKind::Http => source.url.is_none(),
                SourceKind::Folder => source.path.is_none(),
                SourceKind::Mailbox | SourceKind::Push | SourceKind::Upload => false,
            };
            if missing {
                let reason = "kind = \"http\" needs a url, kind = \"folder\" a path";
                return fault("", "", reason);
            }
            let before = self.sources.get(..n).unwrap_or_default();
            if let Some((key, reason)) = inbound::wrong(source, before, self.http.listen) {
                return fault(key, "", reason);
            }
            if let Some((key, reason)) = source::wrong(source) {
                return fault(&format!(".{key}"), "", &reason);
            }
            if let Some((key, value, reason)) = wrong_bounds(source) {
                return fault(key, &value, reason);
            }
            if let Some((key, reason)) = wrong_feedback(source) {
                return fault(&key, "", &reason);
            }
            if let Some((key, value, reason)) = wrong_table(source) {
                return fault(key, &value, reason);
            }
            if let Some(rows) = &source.rows
                && let Err(wrong) = decode::check_rows(rows)
            {
                return fault(".rows", rows, &wrong.reason);
            }
            if let Some(text) = &source.schedule
                && let Err(reason) = Schedule::parse(text, self.office.timezone)
            {
                return fault(".schedule", text, &reason);
            }
        }
        Ok(())
    }
}

/// What is wrong with what is told back to a source: the key, and why.
fn wrong_feedback(source: &SourceSettings) -> Option<(String, String)> {
    let feedback = source.feedback.as_ref()?;
    let key = |key: &str| format!(".feedback.{key}");
    if source.mode == Mode::Freshness {
        let reason = "means nothing with mode = \"freshness\", which lists nothing that is wrong";
        return Some((".feedback".to_owned(), reason.to_owned()));
    }
    if feedback.on.is_empty() {
        let reason = "names no state, so that nothing would ever be told";
        return Some((key("on"), reason.to_owned()));
    }
    if feedback.columns.0.is_empty() {
        let reason = "names no column: write \"订单号\" = \"ticket_no\"";
        return Some((key("columns"), reason.to_owned()));
    }
    if feedback.wait_minutes > 1_440 {
        return Some((key("wait_minutes"), "is a day at most".to_owned()));
    }
    let items = chrono::format::StrftimeItems::new(&feedback.time_format);
    if items
        .into_iter()
        .any(|item| item == chrono::format::Item::Error)
    {
        let reason = "is no form of a time, as \"%Y-%m-%d %H:%M\"";
        return Some((key("time_format"), reason.to_owned()));
    }
    let (wrong, reason) = Caller::new(feedback.call.as_ref()?).err()?;
    Some((key(&format!("call.{wrong}")), reason))
}

/// What is wrong with the bounds of what is usual: the key, its value, why.
fn wrong_bounds(source: &SourceSettings) -> Option<(&'static str, String, &'static str)> {
    let given = [
        (".least_share", source.least_share.is_some()),
        (".least_rows", source.least_rows.is_some()),
        (".stale_days", source.stale_days.is_some()),
    ];
    let given = given.into_iter().find(|(_, given)| *given);
    if let (Mode::Incremental | Mode::Freshness, Some((key, _))) = (source.mode, given) {
        let reason = "means nothing with mode = \"incremental\" or \"freshness\", whose silence proves nothing";
        return Some((key, String::new(), reason));
    }
    let share = source.least_share;
    if let Some(share) = share.filter(|share| !(0.0..1.0).contains(share)) {
        let reason = "a share lies between 0 and 1, for instance 0.3; 0: no size is doubted";
        return Some((".least_share", share.to_string(), reason));
    }
    let days = source.stale_days.filter(|days| *days > 60)?;
    let reason = "so many working days, up to 60; 0: nothing is too old";
    Some((".stale_days", days.to_string(), reason))
}

/// What is wrong with how tables are read: the key, its value, why.
fn wrong_table(source: &SourceSettings) -> Option<(&'static str, String, &'static str)> {
    let label = source.encoding.as_ref();
    if let Some(label) = label.filter(|label| by_label(label).is_none()) {
        let reason = "no such encoding; write utf-8, gb18030, big5 or utf-16le";
        return Some((".encoding", label.clone(), reason));
    }
    let none = |mark: &char| mark.is_alphanumeric() || matches!(mark, '"' | '\n' | '\r' | '\0');
    if let Some(mark) = source.delimiter.filter(none) {
        let reason = "write what stands between the cells, for instance \";\" or \"\\t\"";
        return Some((".delimiter", mark.to_string(), reason));
    }
    let limits = [
        (".max_rows", source.max_rows),
        (".max_cells", source.max_cells),
        (".max_unpacked", source.max_unpacked),
    ];
    let (key, _) = limits.into_iter().find(|(_, limit)| *limit == Some(0))?;
    Some((key, "0".to_owned(), "with this limit nothing could be read"))
}
