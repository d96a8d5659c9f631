//! What a chat was asked and has not answered: the next words of it are the answer.

use super::Visit;
use crate::error::Result;
use crate::roster::Person;
use crate::store::vals;

/// Ten minutes to answer, in ms.
const DIALOG_MS: i64 = 600_000;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Why it is a false alarm.
    Dispute,
    /// Until when, and why.
    Extend,
    /// Which unit, and why.
    Move,
    /// What is to be announced.
    Announce,
    /// Who succeeds a person; the person stands in place of the issues.
    Successor,
    /// Which day a report is of; the file stands in place of the issues.
    Day,
}

impl Question {
    const ALL: [Self; 6] = [
        Self::Dispute,
        Self::Extend,
        Self::Move,
        Self::Announce,
        Self::Successor,
        Self::Day,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Extend => "extend",
            Self::Move => "move",
            Self::Announce => "announce",
            Self::Successor => "successor",
            Self::Day => "day",
        }
    }
}

impl Visit<'_> {
    /// Keeps what was asked about these issues; a former question of the chat is forgotten.
    pub(super) async fn ask(
        &mut self,
        person: &Person,
        question: Question,
        issues: &[i64],
    ) -> Result<()> {
        let until = self.now_ms() + DIALOG_MS;
        self.tx
            .run(
                "insert into dialog (chat_id, person_id, kind, issues, message_id, expires_at)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (chat_id) do update set person_id = $2, kind = $3, issues = $4,
                    message_id = $5, expires_at = $6",
                vals![
                    self.chat,
                    person.id,
                    question.as_str(),
                    serde_json::to_string(issues)?,
                    self.message,
                    until,
                ],
            )
            .await?;
        Ok(())
    }

    /// What was asked and is still awaited, with the issues.
    pub(super) async fn dialog(&mut self, person: &Person) -> Result<Option<(Question, Vec<i64>)>> {
        let row = self
            .tx
            .first(
                "select kind, issues from dialog
                 where chat_id = $1 and person_id = $2 and expires_at > $3",
                vals![self.chat, person.id, self.desk.clock.now_ms()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let kind = row.text(0)?;
        let question = Question::ALL.into_iter().find(|one| one.as_str() == kind);
        question
            .map(|question| Ok((question, row.json(1)?)))
            .transpose()
    }

    /// The question is answered, or given up.
    pub(super) async fn end_dialog(&mut self) -> Result<()> {
        self.forget_dialog(self.chat).await
    }

    /// What was asked in a chat is awaited no more.
    pub(super) async fn forget_dialog(&mut self, chat: i64) -> Result<()> {
        let sql = "delete from dialog where chat_id = $1";
        self.tx.run(sql, vals![chat]).await?;
        Ok(())
    }
}
