//! The bulk writer: multi-row statements with the marker that is fast on the engine. On SQLite a
//! named marker (`$N`) is looked up one by one, which costs twenty times the insert itself.

use sqlx::AssertSqlSafe;

use super::{Engine, Tx, Value, value};
use crate::error::Result;

/// What is to be written: a table, its columns, and rows of as many values.
pub struct Bulk {
    table: &'static str,
    columns: &'static [&'static str],
    tail: &'static str,
    values: Vec<Value>,
}

impl Bulk {
    /// An empty batch for `table` with these columns.
    pub fn into_table(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            table,
            columns,
            tail: "",
            values: Vec::new(),
        }
    }

    /// What follows the rows, for instance `on conflict (id) do nothing`.
    pub fn tail(mut self, tail: &'static str) -> Self {
        self.tail = tail;
        self
    }

    /// Adds a row; its length must be that of the columns.
    pub fn row(&mut self, row: Vec<Value>) {
        debug_assert_eq!(
            row.len(),
            self.columns.len(),
            "a row of {} has other columns",
            self.table
        );
        self.values.extend(row);
    }

    /// How many rows wait to be written.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// Whether nothing waits to be written.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Values of one statement: within SQLite's 32,766 and PostgreSQL's 65,535 parameters.
const PARAMETERS: usize = 12_000;

impl Tx {
    /// Writes what fills whole statements already and leaves the rest, so that a long batch is never
    /// held in memory at once; the number of rows changed.
    pub async fn drain(&mut self, bulk: &mut Bulk) -> Result<u64> {
        let width = bulk.columns.len().max(1);
        let whole = (PARAMETERS / width).max(1) * width;
        if bulk.values.len() < whole {
            return Ok(0);
        }
        let rest = bulk.values.split_off(bulk.values.len() / whole * whole);
        let full = Bulk {
            values: std::mem::replace(&mut bulk.values, rest),
            ..*bulk
        };
        self.bulk(full).await
    }

    /// Writes a batch; the number of rows changed.
    pub async fn bulk(&mut self, bulk: Bulk) -> Result<u64> {
        let width = bulk.columns.len();
        let per_statement = (PARAMETERS / width.max(1)).max(1) * width;
        let mut values = bulk.values.into_iter();
        let mut left = values.len();
        let mut changed = 0;
        let mut sql = String::new();
        let mut rows_in_sql = 0;
        while left > 0 {
            let take = left.min(per_statement);
            left -= take;
            let rows = take / width;
            if rows != rows_in_sql {
                sql = statement(self.engine, bulk.table, bulk.columns, rows, bulk.tail);
                rows_in_sql = rows;
            }
            self.statements += 1;
            let batch: Vec<Value> = values.by_ref().take(take).collect();
            let full = take == per_statement;
            let query = sqlx::query(AssertSqlSafe(sql.clone())).persistent(full);
            let query = value::bind(query, batch);
            changed += query.execute(&mut *self.inner).await?.rows_affected();
        }
        Ok(changed)
    }
}

fn statement(engine: Engine, table: &str, columns: &[&str], rows: usize, tail: &str) -> String {
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    let mut marker = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for at in 0..columns.len() {
            if at > 0 {
                sql.push(',');
            }
            match engine {
                Engine::Sqlite => sql.push('?'),
                Engine::Postgres => {
                    marker += 1;
                    sql.push('$');
                    sql.push_str(&marker.to_string());
                }
            }
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(tail);
    sql
}
