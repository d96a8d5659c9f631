//! The table `message`: what was said to whom about which issues, so that a reply or a press finds
//! the exact issues that were shown.

use std::collections::HashSet;

use super::{Rendered, Section, redraw};
use crate::error::Result;
use crate::store::{Row, Tx, vals};

/// A message that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The chat.
    pub chat_id: i64,
    /// Its id in the chat.
    pub message_id: i64,
    /// Who may act by it.
    pub person_id: i64,
    /// `digest`, `waiting`, `dispute` …
    pub kind: String,
    /// The issues in the order of their positions; for `waiting` the waiting names.
    pub issues: Vec<i64>,
    /// Why each stands there; empty where that says nothing.
    pub sections: Vec<Section>,
    /// The page that is shown, from 0.
    pub page: i64,
    /// What its buttons carry.
    pub key: String,
    /// When it was sent, in UTC milliseconds.
    pub sent_at: i64,
    /// Until when its buttons work.
    pub expires_at: i64,
}

impl Message {
    /// The issues with the reasons for which they stand there.
    pub fn wanted(&self) -> Vec<(i64, Section)> {
        let reasons = self.sections.iter().copied();
        let reasons = reasons.chain(std::iter::repeat(Section::Open));
        self.issues.iter().copied().zip(reasons).collect()
    }

    /// What stands at a position, from 1: an issue, or what else the message lists.
    pub fn at(&self, position: i64) -> Option<i64> {
        let index = usize::try_from(position).ok()?.checked_sub(1)?;
        self.issues.get(index).copied()
    }

    /// The issues of the page that is shown.
    pub fn on_page(&self) -> &[i64] {
        let page = usize::try_from(self.page).unwrap_or_default();
        let mut pages = self.issues.chunks(super::PAGE);
        pages.nth(page).unwrap_or_default()
    }
}

/// A query of messages by the columns that [`read`] reads; others follow them.
macro_rules! select {
    ($rest:literal) => {
        select!("", $rest)
    };
    ($more:literal, $rest:literal) => {
        concat!(
            "select chat_id, message_id, person_id, kind, issues, page, key, sent_at, expires_at, detail",
            $more,
            " from message ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) fn read(row: &Row) -> Result<Message> {
    Ok(Message {
        chat_id: row.int(0)?,
        message_id: row.int(1)?,
        person_id: row.int(2)?,
        kind: row.text(3)?,
        issues: row.json(4)?,
        page: row.int(5)?,
        key: row.text(6)?,
        sent_at: row.int(7)?,
        expires_at: row.int(8)?,
        sections: match row.maybe_text(9)? {
            Some(text) => serde_json::from_str(&text)?,
            None => vec![],
        },
    })
}

/// Every issue that stands in a digest that was sent.
pub async fn told(tx: &mut Tx) -> Result<HashSet<i64>> {
    let sql = "select issues from message where kind = 'digest'";
    let mut told = HashSet::new();
    for row in tx.all(sql, vals![]).await? {
        told.extend(row.json::<Vec<i64>>(0)?);
    }
    Ok(told)
}

/// So many of the newest digests of a chat are looked through for an issue.
const LOOKED_THROUGH: i64 = 200;

/// The newest digest of a person in a chat that brought one of these issues; failing that, the newest
/// in which one of them stands at all.
pub async fn digest_of(tx: &mut Tx, chat: i64, person: i64, issues: &[i64]) -> Result<Option<i64>> {
    let rows = tx
        .all(
            select!(
                "where chat_id = $1 and person_id = $2 and kind = 'digest'
             order by message_id desc limit $3"
            ),
            vals![chat, person, LOOKED_THROUGH],
        )
        .await?;
    let mut holding = None;
    for row in &rows {
        let message = read(row)?;
        let mut wanted = message
            .wanted()
            .into_iter()
            .filter(|(id, _)| issues.contains(id));
        let brought = |section: Section| {
            let beside = matches!(section, Section::Open | Section::Nudged);
            !beside && section.step().is_none()
        };
        let Some((_, first)) = wanted.next() else {
            continue;
        };
        if brought(first) || wanted.any(|(_, section)| brought(section)) {
            return Ok(Some(message.message_id));
        }
        holding = holding.or(Some(message.message_id));
    }
    Ok(holding)
}

/// Keeps a message that was drawn like this; what it shows is followed from now on.
pub async fn keep(tx: &mut Tx, message: &Message, said: &Rendered) -> Result<()> {
    let sections = (!message.sections.is_empty())
        .then(|| serde_json::to_string(&message.sections))
        .transpose()?;
    tx.run(
        "insert into message (chat_id, message_id, person_id, kind, issues, page, key, sent_at,
            expires_at, detail, drawn)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict do nothing",
        vals![
            message.chat_id,
            message.message_id,
            message.person_id,
            &message.kind,
            serde_json::to_string(&message.issues)?,
            message.page,
            &message.key,
            message.sent_at,
            message.expires_at,
            sections,
            redraw::hash(said),
        ],
    )
    .await?;
    redraw::follow(tx, message).await
}

/// The message whose buttons carry this key.
pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<Message>> {
    let row = tx.first(select!("where key = $1"), vals![key]).await?;
    row.as_ref().map(read).transpose()
}

/// The message that a reply refers to.
pub async fn by_id(tx: &mut Tx, chat_id: i64, message_id: i64) -> Result<Option<Message>> {
    let row = tx
        .first(
            select!("where chat_id = $1 and message_id = $2"),
            vals![chat_id, message_id],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Notes the page that is shown now.
pub async fn turn(tx: &mut Tx, key: &str, page: i64) -> Result<()> {
    tx.run(
        "update message set page = $1 where key = $2",
        vals![page, key],
    )
    .await?;
    Ok(())
}
