//! The table `asked`: what a message answers, by the key of its buttons, so that they and its pages answer the
//! same again.

use serde::{Deserialize, Serialize};

use super::Question;
use crate::error::Result;
use crate::store::{Tx, vals};

/// What was asked, and what the buttons under the answer ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What the message answers.
    pub question: Question,
    /// What its buttons ask, in their order.
    pub choices: Vec<Question>,
}

/// Keeps what a message answers; what is older than `forget` is forgotten.
pub async fn keep(
    tx: &mut Tx,
    (key, person): (&str, i64),
    asked: &Asked,
    (now, forget): (i64, i64),
) -> Result<()> {
    tx.run("delete from asked where asked_at < $1", vals![now - forget])
        .await?;
    tx.run(
        "insert into asked (key, person_id, body, asked_at) values ($1, $2, $3, $4)
         on conflict (key) do update set body = $3",
        vals![key, person, serde_json::to_string(asked)?, now],
    )
    .await?;
    Ok(())
}

/// What the message of a key answers.
pub async fn of(tx: &mut Tx, key: &str) -> Result<Option<Asked>> {
    let sql = "select body from asked where key = $1";
    let row = tx.first(sql, vals![key]).await?;
    row.map(|row| row.json(0)).transpose()
}
