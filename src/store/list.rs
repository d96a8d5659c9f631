//! Statements over a list of keys, `… where id in ({in})`, or of rows, `… from (values {rows}) as v`, cut into
//! pieces that both engines take.

use sqlx::AssertSqlSafe;

use super::{Engine, Row, Tx, Value, value};
use crate::error::Result;

/// Keys of one statement.
const PIECE: usize = 2_000;

impl Tx {
    /// All rows of a query whose `{in}`, if it has one, stands for the keys; `before` are the values that come
    /// ahead of the list, marked `{1}`, `{2}` … in the order in which they are written.
    pub async fn all_in(
        &mut self,
        sql: &'static str,
        before: Vec<Value>,
        keys: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for piece in pieces(sql, &keys) {
            self.statements += 1;
            let text = expand(self.engine, sql, before.len(), piece.len());
            let values = before.iter().chain(piece).cloned().collect();
            let query = value::bind(sqlx::query(AssertSqlSafe(text)).persistent(false), values);
            found.extend(
                query
                    .fetch_all(&mut *self.inner)
                    .await?
                    .into_iter()
                    .map(Row),
            );
        }
        Ok(found)
    }

    /// Runs a statement whose `{in}` stands for the keys; the number of rows changed.
    pub async fn run_in(
        &mut self,
        sql: &'static str,
        before: Vec<Value>,
        keys: Vec<Value>,
    ) -> Result<u64> {
        let mut changed = 0;
        for piece in keys.chunks(PIECE) {
            self.statements += 1;
            let text = expand(self.engine, sql, before.len(), piece.len());
            let values = before.iter().chain(piece).cloned().collect();
            let query = value::bind(sqlx::query(AssertSqlSafe(text)).persistent(false), values);
            changed += query.execute(&mut *self.inner).await?.rows_affected();
        }
        Ok(changed)
    }

    /// Runs a statement whose `{rows}` stands for rows of `width` values each, which it finds as `column1`,
    /// `column2` …; the number of rows changed.
    pub async fn run_rows(
        &mut self,
        sql: &'static str,
        width: usize,
        values: Vec<Value>,
    ) -> Result<u64> {
        let mut changed = 0;
        for piece in values.chunks((PIECE / width.max(1)).max(1) * width.max(1)) {
            self.statements += 1;
            let text = sql.replace("{rows}", &rows(self.engine, width, piece.len()));
            let query = sqlx::query(AssertSqlSafe(text)).persistent(false);
            let query = value::bind(query, piece.to_vec());
            changed += query.execute(&mut *self.inner).await?.rows_affected();
        }
        Ok(changed)
    }
}

/// The markers of so many values in rows: `($1,$2),($3,$4)`.
fn rows(engine: Engine, width: usize, values: usize) -> String {
    let markers: Vec<String> = (1..=values).map(|n| marker(engine, n)).collect();
    let rows = markers.chunks(width.max(1));
    let rows: Vec<String> = rows.map(|row| format!("({})", row.join(","))).collect();
    rows.join(",")
}

fn marker(engine: Engine, n: usize) -> String {
    match engine {
        Engine::Sqlite => "?".to_owned(),
        Engine::Postgres => format!("${n}"),
    }
}

/// The keys in pieces; a statement without a list runs once.
fn pieces<'k>(sql: &str, keys: &'k [Value]) -> Vec<&'k [Value]> {
    match sql.contains("{in}") {
        true => keys.chunks(PIECE).collect(),
        false => vec![&[]],
    }
}

fn expand(engine: Engine, sql: &str, before: usize, keys: usize) -> String {
    let marker = |n: usize| marker(engine, n);
    let mut text = sql.to_owned();
    for n in 1..=before {
        text = text.replace(&format!("{{{n}}}"), &marker(n));
    }
    let list: Vec<String> = (before + 1..=before + keys).map(marker).collect();
    text.replace("{in}", &list.join(","))
}
