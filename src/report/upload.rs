//! The table `upload`: report files that were sent to the bot, from their arrival until they are imported,
//! dropped, or a day old; and the day that somebody says a report is of.

use std::io::{Read as _, Write as _};

use chrono::{NaiveDate, TimeDelta};

use super::dates::{self, Frame, Named, When};
use super::source::{Mode, SourceKind, SourceSettings};
use crate::error::{Error, Result};
use crate::store::{Row, Tx, vals};

/// So long a file waits for a word, in ms.
pub const WAITS_MS: i64 = 86_400_000;

/// The source of what is handed in by people where the settings name none of kind `upload`.
pub const BY_HAND: &str = "人工上传";

/// The sources that a file which was handed in may be of: those of kind `upload` first, or the built-in one where
/// there is none, whose silence verifies nothing; then all others.
pub fn sources(configured: &[SourceSettings]) -> Vec<SourceSettings> {
    let (mut sources, others): (Vec<_>, Vec<_>) = configured
        .iter()
        .cloned()
        .partition(|source| source.kind == SourceKind::Upload);
    if sources.is_empty() && others.iter().all(|source| source.name != BY_HAND) {
        sources.push(SourceSettings {
            kind: SourceKind::Upload,
            mode: Mode::Incremental,
            ..SourceSettings::named(BY_HAND)
        });
    }
    sources.extend(others);
    sources
}

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is to be fetched and read, and shown as understood.
    Read,
    /// It was shown and waits for a word.
    Shown,
    /// Its import was confirmed.
    Import,
    /// It was imported.
    Done,
    /// It is not to be imported.
    Dropped,
    /// Nothing of it could be used.
    Failed,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Read,
        Self::Shown,
        Self::Import,
        Self::Done,
        Self::Dropped,
        Self::Failed,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Shown => "shown",
            Self::Import => "import",
            Self::Done => "done",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
        }
    }
}

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its number.
    pub id: i64,
    /// Who sent it.
    pub person_id: i64,
    /// Where.
    pub chat_id: i64,
    /// What the channel keeps of it, as JSON (`issue::evidence::Sent`).
    pub file: String,
    /// The source that was chosen, by name.
    pub source: Option<String>,
    /// The day that somebody said.
    pub day: Option<NaiveDate>,
    /// Where it stands.
    pub step: Step,
    /// The key of the message that shows it.
    pub key: String,
    /// That message.
    pub message_id: Option<i64>,
    /// The report that it became.
    pub report_id: Option<i64>,
    /// When it was sent, in UTC milliseconds.
    pub at: i64,
    /// Until when it waits.
    pub expires_at: i64,
}

/// A query of uploads by the columns that [`read`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, person_id, chat_id, file, source, day, state, key, message_id, report_id, at, \
             expires_at from upload ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<Upload> {
    let word = row.text(6)?;
    let step = Step::ALL.into_iter().find(|step| step.as_str() == word);
    Ok(Upload {
        id: row.int(0)?,
        person_id: row.int(1)?,
        chat_id: row.int(2)?,
        file: row.text(3)?,
        source: row.maybe_text(4)?,
        day: row.maybe_text(5)?.and_then(|day| day.parse().ok()),
        step: step.ok_or_else(|| Error::other(format!("no state {word:?} of an upload")))?,
        key: row.text(7)?,
        message_id: row.maybe_int(8)?,
        report_id: row.maybe_int(9)?,
        at: row.int(10)?,
        expires_at: row.int(11)?,
    })
}

/// Keeps a file that was sent; its number. `key` is that of the message that will show it.
pub async fn receive(
    tx: &mut Tx,
    (person, chat): (i64, i64),
    (file, source): (&str, Option<&str>),
    key: &str,
    now: i64,
) -> Result<i64> {
    let id = tx.id("upload").await?;
    tx.run(
        "insert into upload (id, person_id, chat_id, file, source, state, key, at, next_at, expires_at)
         values ($1, $2, $3, $4, $5, 'read', $6, $7, $7, $8)",
        vals![id, person, chat, file, source, key, now, now + WAITS_MS],
    )
    .await?;
    Ok(id)
}

/// A file by its number.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Upload>> {
    let row = tx.first(select!("where id = $1"), vals![id]).await?;
    row.as_ref().map(read).transpose()
}

/// Files to be worked on now, the oldest first.
pub async fn due(tx: &mut Tx, now: i64, most: i64) -> Result<Vec<Upload>> {
    let sql = select!("where state in ('read', 'import') and next_at <= $1 order by id limit $2");
    let rows = tx.all(sql, vals![now, most]).await?;
    rows.iter().map(read).collect()
}

/// Takes a file to work on it; it is due again at `again`, unless it got on. False: another process took it.
pub async fn take(tx: &mut Tx, upload: &Upload, now: i64, again: i64) -> Result<bool> {
    let sql = "update upload set next_at = $2 where id = $1 and state = $3 and next_at <= $4";
    let done = tx
        .run(sql, vals![upload.id, again, upload.step.as_str(), now])
        .await?;
    Ok(done == 1)
}

/// Puts the work on a file off until then.
pub async fn later(tx: &mut Tx, id: i64, at: i64) -> Result<()> {
    let sql = "update upload set next_at = $2 where id = $1";
    tx.run(sql, vals![id, at]).await?;
    Ok(())
}

/// The bytes of a file, once they were fetched.
pub async fn raw(tx: &mut Tx, id: i64) -> Result<Option<Vec<u8>>> {
    let sql = "select raw from upload where id = $1 and raw is not null";
    let Some(row) = tx.first(sql, vals![id]).await? else {
        return Ok(None);
    };
    let deflated = row.bytes(0)?;
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(deflated.as_slice())
        .read_to_end(&mut bytes)
        .map_err(Error::io("unpacking an uploaded report"))?;
    Ok(Some(bytes))
}

/// Keeps the bytes of a file, so that it is fetched once.
pub async fn keep_raw(tx: &mut Tx, id: i64, bytes: &[u8]) -> Result<()> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let deflated = writer
        .write_all(bytes)
        .and_then(|()| writer.finish())
        .map_err(Error::io("packing an uploaded report"))?;
    let sql = "update upload set raw = $2 where id = $1";
    tx.run(sql, vals![id, deflated]).await?;
    Ok(())
}

/// Notes the message that shows a file.
pub async fn said(tx: &mut Tx, id: i64, message: i64) -> Result<()> {
    let sql = "update upload set message_id = $2 where id = $1";
    tx.run(sql, vals![id, message]).await?;
    Ok(())
}

/// The file was shown as understood, of this source and day, and waits. False: it was changed meanwhile.
pub async fn shown(tx: &mut Tx, upload: &Upload) -> Result<bool> {
    let sql = "update upload set state = 'shown' where id = $1 and state = 'read'
               and coalesce(source, '') = $2 and coalesce(day, '') = $3";
    let source = upload.source.as_deref().unwrap_or_default();
    let day = upload.day.map(|day| day.to_string()).unwrap_or_default();
    Ok(tx.run(sql, vals![upload.id, source, day]).await? == 1)
}

/// Chooses another source or day; the file is read anew. False: it does not wait for that any more.
pub async fn change(
    tx: &mut Tx,
    id: i64,
    (source, day): (Option<&str>, Option<NaiveDate>),
    now: i64,
) -> Result<bool> {
    let sql = "update upload set source = $2, day = $3, state = 'read', next_at = $4
               where id = $1 and state in ('read', 'shown') and expires_at > $4";
    let day = day.map(|day| day.to_string());
    Ok(tx.run(sql, vals![id, source, day, now]).await? == 1)
}

/// Confirms the import of what was shown, once. False: it was confirmed or dropped before, or waited too long.
pub async fn confirm(tx: &mut Tx, id: i64, now: i64) -> Result<bool> {
    let sql = "update upload set state = 'import', next_at = $2
               where id = $1 and state = 'shown' and source is not null and expires_at > $2";
    Ok(tx.run(sql, vals![id, now]).await? == 1)
}

/// Ends the waiting of a file; its bytes are let go. False: it had ended before.
pub async fn end(tx: &mut Tx, id: i64, step: Step, report: Option<i64>) -> Result<bool> {
    let sql = "update upload set state = $2, report_id = $3, raw = null
               where id = $1 and state in ('read', 'shown', 'import')";
    Ok(tx.run(sql, vals![id, step.as_str(), report]).await? == 1)
}

/// Drops a file that is not being imported. False: too late.
pub async fn drop(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "update upload set state = 'dropped', raw = null
               where id = $1 and state in ('read', 'shown')";
    Ok(tx.run(sql, vals![id]).await? == 1)
}

/// Forgets files that waited too long; how many.
pub async fn prune(tx: &mut Tx, now: i64) -> Result<u64> {
    let sql = "delete from upload where expires_at < $1 and state <> 'import'";
    tx.run(sql, vals![now]).await
}

/// The day that somebody says a report is of: 2021-06-28, 6月28日, 06-28, 昨天; a missing year is the one that
/// makes it the nearest day before `today`.
pub fn day_said(text: &str, today: NaiveDate, zone: chrono_tz::Tz) -> Option<NaiveDate> {
    let text = text.trim();
    let ago = match text.to_lowercase().as_str() {
        "今天" | "今日" | "today" => Some(0),
        "昨天" | "昨日" | "yesterday" => Some(1),
        "前天" => Some(2),
        _ => None,
    };
    if let Some(days) = ago {
        return today.checked_sub_signed(TimeDelta::days(days));
    }
    if let Named::Day(day) = dates::date_in(text) {
        return Some(day);
    }
    match Frame::new(today, zone).read(text) {
        When::At(at) => Some(at.with_timezone(&zone).date_naive()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_source_for_what_is_handed_in() {
        let names = |configured: &[SourceSettings]| -> Vec<String> {
            let sources = sources(configured).into_iter();
            sources.map(|source| source.name).collect()
        };
        assert_eq!(names(&[]), ["人工上传"]);
        let daily = SourceSettings::named("daily");
        assert_eq!(names(std::slice::from_ref(&daily)), ["人工上传", "daily"]);
        let county = SourceSettings {
            kind: SourceKind::Upload,
            ..SourceSettings::named("county")
        };
        assert_eq!(names(&[daily, county]), ["county", "daily"]);
    }

    #[test]
    fn a_day_as_people_say_it() {
        let today = NaiveDate::from_ymd_opt(2021, 6, 28).unwrap();
        let said = |text| {
            day_said(text, today, chrono_tz::Asia::Shanghai).map(|day: NaiveDate| day.to_string())
        };
        for (text, day) in [
            ("今天", "2021-06-28"),
            (" 昨天 ", "2021-06-27"),
            ("Yesterday", "2021-06-27"),
            ("前天", "2021-06-26"),
            ("2021-06-25", "2021-06-25"),
            ("20210625", "2021-06-25"),
            ("是2021年6月25日的", "2021-06-25"),
            ("6月25日", "2021-06-25"),
            ("06-25", "2021-06-25"),
            ("12-30", "2020-12-30"),
        ] {
            assert_eq!(said(text).as_deref(), Some(day), "{text}");
        }
        for text in ["", "不知道", "2021-13-45"] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
