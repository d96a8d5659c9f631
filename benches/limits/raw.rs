//! The raw limits: a Bot API endpoint that accepts everything, rows written by the bare driver.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, Row as _, TypeInfo as _, ValueRef as _,
};

/// The messages an endpoint was sent.
pub type Sent = Arc<Mutex<Vec<Bytes>>>;

/// An endpoint that answers every sendMessage with the same message and every poll with nothing.
pub async fn endpoint() -> (String, Sent) {
    let sent = Sent::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new()
        .fallback(accept)
        .with_state(Arc::clone(&sent));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, sent)
}

async fn accept(State(sent): State<Sent>, uri: Uri, body: Bytes) -> impl IntoResponse {
    let said = uri.path().to_ascii_lowercase().ends_with("sendmessage");
    let answer = if said {
        let mut sent = sent.lock().unwrap();
        sent.push(body);
        format!(
            r#"{{"ok":true,"result":{{"message_id":{},"date":1624924800,"chat":{{"id":1,"type":"private","first_name":"x"}},"text":"x"}}}}"#,
            sent.len()
        )
    } else {
        r#"{"ok":true,"result":[]}"#.to_owned()
    };
    ([(CONTENT_TYPE, "application/json")], answer)
}

/// A value as the driver gives it back.
enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The rows of a table.
pub struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// What is there before a report comes, and what is no row of the work.
const NOT_COUNTED: &[&str] = &[
    "unit",
    "account",
    "person",
    "binding",
    "alias",
    "invitation",
    "counter",
    "meta",
    "_sqlx_migrations",
];

pub async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap()
}

/// Every row that duban wrote for its work.
pub async fn rows_of(path: &Path) -> Vec<Table> {
    let mut conn = connect(path).await;
    let names: Vec<String> =
        sqlx::query_scalar("select name from sqlite_master where type = 'table' order by name")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let mut tables = Vec::new();
    for name in names {
        if NOT_COUNTED.contains(&name.as_str()) || name.starts_with("sqlite_") {
            continue;
        }
        let sql = sqlx::AssertSqlSafe(format!("select * from {name}"));
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        let Some(first) = rows.first() else { continue };
        let columns = first
            .columns()
            .iter()
            .map(|c| c.name().to_owned())
            .collect();
        let rows = rows.iter().map(cells).collect();
        tables.push(Table {
            name,
            columns,
            rows,
        });
    }
    tables
}

fn cells(row: &sqlx::sqlite::SqliteRow) -> Vec<Cell> {
    (0..row.columns().len())
        .map(|at| {
            let value = row.try_get_raw(at).unwrap();
            if value.is_null() {
                return Cell::Null;
            }
            match value.type_info().name() {
                "INTEGER" => Cell::Int(row.get(at)),
                "BLOB" => Cell::Bytes(row.get(at)),
                _ => Cell::Text(row.get(at)),
            }
        })
        .collect()
}

/// How many rows there are.
pub fn count(tables: &[Table]) -> usize {
    tables.iter().map(|table| table.rows.len()).sum()
}

/// Writes the rows into a database with duban's schema: one transaction, statements of many rows.
pub async fn insert(conn: &mut SqliteConnection, tables: &[Table]) {
    let mut tx = conn.begin().await.unwrap();
    for table in tables {
        let width = table.columns.len();
        for rows in table.rows.chunks((12_000 / width).max(1)) {
            let row = format!("({})", vec!["?"; width].join(","));
            let sql = format!(
                "insert into {} ({}) values {}",
                table.name,
                table.columns.join(","),
                vec![row; rows.len()].join(",")
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for cell in rows.iter().flatten() {
                query = match cell {
                    Cell::Null => query.bind(None::<i64>),
                    Cell::Int(value) => query.bind(*value),
                    Cell::Text(value) => query.bind(value.as_str()),
                    Cell::Bytes(value) => query.bind(value.as_slice()),
                };
            }
            query.execute(&mut *tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}
