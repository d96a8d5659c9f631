//! The raw limits: a Bot API endpoint that accepts everything, rows written by the bare driver.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use duban::store::Store;
use sqlx::postgres::PgConnection;
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

/// The last row of every table.
pub async fn places(path: &Path) -> BTreeMap<String, i64> {
    let mut conn = connect(path).await;
    let mut places = BTreeMap::new();
    for name in names(&mut conn).await {
        let sql = sqlx::AssertSqlSafe(format!("select coalesce(max(rowid), 0) from {name}"));
        let last = sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap();
        places.insert(name, last);
    }
    places
}

/// Every row that duban wrote since: new ones, and which issues the newest report listed.
pub async fn written(path: &Path, before: &BTreeMap<String, i64>) -> Vec<Table> {
    let listed = "report_id = (select max(id) from report)";
    rows(path, |name| {
        let new = format!("rowid > {}", before.get(name).copied().unwrap_or_default());
        match name {
            "issue_seen" => listed.to_owned(),
            _ => new,
        }
    })
    .await
}

/// Every row that duban wrote for its work.
pub async fn rows_of(path: &Path) -> Vec<Table> {
    rows(path, |_| "true".to_owned()).await
}

async fn names(conn: &mut SqliteConnection) -> Vec<String> {
    let sql = "select name from sqlite_master where type = 'table' order by name";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(conn).await.unwrap();
    let counted =
        |name: &String| !NOT_COUNTED.contains(&name.as_str()) && !name.starts_with("sqlite_");
    names.into_iter().filter(counted).collect()
}

async fn rows(path: &Path, which: impl Fn(&str) -> String) -> Vec<Table> {
    let mut conn = connect(path).await;
    let mut tables = Vec::new();
    for name in names(&mut conn).await {
        let sql = format!("select * from {name} where {}", which(&name));
        let sql = sqlx::AssertSqlSafe(sql);
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

/// Parses a report and writes rows into a fresh database beside that of the folder; how long it took.
pub async fn on_sqlite(folder: &Path, tables: &[Table], report: &[u8]) -> Duration {
    let path = folder.join("bare.db");
    migrated(&format!("sqlite://{}", path.display())).await;
    let mut conn = connect(&path).await;
    let begun = Instant::now();
    let parsed: serde_json::Value = serde_json::from_slice(report).unwrap();
    insert(&mut conn, tables).await;
    let limit = begun.elapsed();
    drop(parsed);
    limit
}

/// The URL of a new database of a PostgreSQL server.
pub async fn fresh_postgres(base: &str) -> String {
    let mut conn = PgConnection::connect(&format!("{base}/postgres"))
        .await
        .unwrap();
    let name = format!("bench_{:016x}", rand::random::<u64>());
    let sql = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(sql).execute(&mut conn).await.unwrap();
    format!("{base}/{name}")
}

/// The same as [`on_sqlite`] with a fresh database of a PostgreSQL server.
pub async fn on_postgres(base: &str, tables: &[Table], report: &[u8]) -> Duration {
    let url = fresh_postgres(base).await;
    migrated(&url).await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let begun = Instant::now();
    let parsed: serde_json::Value = serde_json::from_slice(report).unwrap();
    let mut tx = conn.begin().await.unwrap();
    for table in tables {
        for rows in table.rows.chunks((30_000 / table.columns.len()).max(1)) {
            let sql = sqlx::AssertSqlSafe(table.statement(rows, |n| format!("${n}")));
            let mut query = sqlx::query(sql);
            for cell in rows.iter().flatten() {
                query = match cell {
                    Cell::Null => query,
                    Cell::Int(value) => query.bind(*value),
                    Cell::Text(value) => query.bind(value.as_str()),
                    Cell::Bytes(value) => query.bind(value.as_slice()),
                };
            }
            query.execute(&mut *tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let limit = begun.elapsed();
    drop(parsed);
    limit
}

async fn migrated(url: &str) {
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
}

impl Table {
    /// One statement that inserts these rows; nulls stand in it as such.
    fn statement(&self, rows: &[Vec<Cell>], marker: impl Fn(usize) -> String) -> String {
        let mut n = 0;
        let mut row = |cells: &Vec<Cell>| {
            let cells = cells.iter().map(|cell| match cell {
                Cell::Null => "null".to_owned(),
                _ => {
                    n += 1;
                    marker(n)
                }
            });
            format!("({})", cells.collect::<Vec<_>>().join(","))
        };
        let values: Vec<String> = rows.iter().map(&mut row).collect();
        format!(
            "insert into {} ({}) values {}",
            self.name,
            self.columns.join(","),
            values.join(",")
        )
    }
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
