//! The engine of the store: open, migrate, transactions, values and the bulk writer. No table is
//! known here; each stage owns its own in its `table.rs`.
//!
//! One SQL text serves SQLite and PostgreSQL through [`sqlx::Any`]. Short statements use `$N`;
//! bulk statements go through [`Tx::bulk`], which writes the marker that is fast on the engine.

mod bulk;
pub mod lease;
mod list;
mod value;

use futures::TryStreamExt as _;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Executor, Row as _, SqlSafeStr as _, Transaction};

pub use bulk::Bulk;
pub use value::Value;

pub use crate::vals;

use crate::error::{Error, Result};

/// Every migration in order; a new file needs a line here (a test compares with the folder).
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "start", include_str!("../../migrations/0001_start.sql")),
    (
        2,
        "stamps",
        include_str!("../../migrations/0002_stamps.sql"),
    ),
    (
        3,
        "report_arrived",
        include_str!("../../migrations/0003_report_arrived.sql"),
    ),
    (
        4,
        "act_message",
        include_str!("../../migrations/0004_act_message.sql"),
    ),
    (
        5,
        "notice_issue",
        include_str!("../../migrations/0005_notice_issue.sql"),
    ),
    (
        6,
        "ladder",
        include_str!("../../migrations/0006_ladder.sql"),
    ),
    (7, "duty", include_str!("../../migrations/0007_duty.sql")),
    (
        8,
        "request",
        include_str!("../../migrations/0008_request.sql"),
    ),
    (
        9,
        "freshness",
        include_str!("../../migrations/0009_freshness.sql"),
    ),
    (10, "hours", include_str!("../../migrations/0010_hours.sql")),
    (
        11,
        "report_digest",
        include_str!("../../migrations/0011_report_digest.sql"),
    ),
    (
        12,
        "language",
        include_str!("../../migrations/0012_language.sql"),
    ),
    (
        13,
        "by_day",
        include_str!("../../migrations/0013_by_day.sql"),
    ),
    (14, "asked", include_str!("../../migrations/0014_asked.sql")),
    (
        15,
        "managing",
        include_str!("../../migrations/0015_managing.sql"),
    ),
    (
        16,
        "people",
        include_str!("../../migrations/0016_people.sql"),
    ),
    (
        17,
        "redraw",
        include_str!("../../migrations/0017_redraw.sql"),
    ),
    (
        18,
        "evidence",
        include_str!("../../migrations/0018_evidence.sql"),
    ),
    (
        20,
        "inbound",
        include_str!("../../migrations/0020_inbound.sql"),
    ),
    (
        21,
        "alias_undone",
        include_str!("../../migrations/0021_alias_undone.sql"),
    ),
    (
        22,
        "feedback",
        include_str!("../../migrations/0022_feedback.sql"),
    ),
    (
        23,
        "witness",
        include_str!("../../migrations/0023_witness.sql"),
    ),
    (
        24,
        "rosters",
        include_str!("../../migrations/0024_rosters.sql"),
    ),
    (
        25,
        "mended",
        include_str!("../../migrations/0025_mended.sql"),
    ),
    (
        26,
        "issue_seen",
        include_str!("../../migrations/0026_issue_seen.sql"),
    ),
];

fn migrator() -> Migrator {
    let list = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(list.collect())
}

/// The pages that the writing connection keeps, in KiB. With SQLite's 2 MB, keys in no order (an issue's identity, a notice's
/// once-key) find their page gone as soon as some months are stored.
const CACHE: &str = "pragma cache_size = -32768";
/// The same for each of the four that only read, in KiB: what they look for together fills the memory four times.
const READ_CACHE: &str = "pragma cache_size = -8192";

/// How long closing waits for transactions that somebody still has open.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(15);

/// Which engine is behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded file.
    Sqlite,
    /// A server, for several replicas.
    Postgres,
}

/// The open database: one writer, and readers beside it.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    write: AnyPool,
    read: AnyPool,
}

impl Store {
    /// Opens `sqlite://path` (made with its folder if missing) or `postgres://…`; the schema is
    /// left as it is, see [`Store::migrate`].
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        if let Some(rest) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(rest).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url).await
        } else {
            Err(Error::other(
                "database.url must begin with sqlite:// or postgres://",
            ))
        }
    }

    async fn open_sqlite(rest: &str) -> Result<Self> {
        let path = rest.split('?').next().unwrap_or(rest);
        if let Some(folder) = std::path::Path::new(path).parent()
            && !folder.as_os_str().is_empty()
        {
            std::fs::create_dir_all(folder)
                .map_err(Error::io(format!("making the folder {}", folder.display())))?;
        }
        let writer: AnyConnectOptions = format!("sqlite://{path}?mode=rwc").parse()?;
        let write = AnyPoolOptions::new()
            .max_connections(1)
            .after_connect(|conn, _| {
                Box::pin(async move {
                    for pragma in [
                        "pragma journal_mode = wal",
                        "pragma synchronous = full",
                        "pragma foreign_keys = on",
                        "pragma busy_timeout = 10000",
                        CACHE,
                    ] {
                        conn.execute(pragma).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(writer.clone())
            .await?;
        let read = AnyPoolOptions::new()
            .max_connections(4)
            .after_connect(|conn, _| {
                Box::pin(async move {
                    conn.execute("pragma busy_timeout = 10000").await?;
                    conn.execute("pragma query_only = on").await?;
                    conn.execute(READ_CACHE).await?;
                    Ok(())
                })
            })
            .connect_with(writer)
            .await?;
        Ok(Self {
            engine: Engine::Sqlite,
            write,
            read,
        })
    }

    async fn open_postgres(url: &str) -> Result<Self> {
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        Ok(Self {
            engine: Engine::Postgres,
            write: pool.clone(),
            read: pool,
        })
    }

    /// Brings the schema up to date; refuses a schema that is newer than this binary.
    pub async fn migrate(&self) -> Result<()> {
        Ok(migrator().run(&self.write).await?)
    }

    /// Whether every migration of this binary is there and none that it does not know.
    pub async fn schema_is_current(&self) -> Result<bool> {
        let applied: Vec<i64> =
            match sqlx::query_scalar("select version from _sqlx_migrations order by version")
                .fetch_all(&self.read)
                .await
            {
                Ok(applied) => applied,
                Err(sqlx::Error::Database(_)) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
        Ok(applied.iter().copied().eq(MIGRATIONS.iter().map(|m| m.0)))
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match self.engine {
            Engine::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.write.begin().await?,
        };
        Ok(Tx {
            engine: self.engine,
            inner,
            unsettled: false,
            statements: 0,
        })
    }

    /// Begins a transaction that only reads; it does not wait for writers.
    pub async fn read(&self) -> Result<Tx> {
        Ok(Tx {
            engine: self.engine,
            inner: self.read.begin().await?,
            unsettled: false,
            statements: 0,
        })
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file. It waits for
    /// whoever has one: a transaction of the caller's own has to be over before. One that is
    /// forgotten is not waited for forever: the engine rolls it back when the program ends.
    pub async fn close(&self) {
        let closed = async {
            self.read.close().await;
            self.write.close().await;
        };
        if tokio::time::timeout(CLOSING, closed).await.is_err() {
            tracing::error!("a transaction is still open; the database is left to the system");
        }
    }
}

/// A transaction. Every function of a `table.rs` takes `&mut Tx`, never a pool; dropped without
/// [`Tx::commit`] it is rolled back.
pub struct Tx {
    engine: Engine,
    inner: Transaction<'static, Any>,
    unsettled: bool,
    statements: u64,
}

impl Tx {
    /// Makes what was done durable.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// What others keep a copy of is changed in it: until it is committed nobody may keep what it reads.
    pub fn unsettle(&mut self) {
        self.unsettled = true;
    }

    /// Whether what it reads may be kept beyond it.
    pub fn settled(&self) -> bool {
        !self.unsettled
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// How many statements it has run: what is asked for in lists takes no more of them for more rows.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// Runs a statement with `$N` markers; the number of rows it changed.
    pub async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        self.statements += 1;
        let query = value::bind(sqlx::query(sql), values);
        Ok(query.execute(&mut *self.inner).await?.rows_affected())
    }

    /// All rows of a query with `$N` markers.
    pub async fn all(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        self.statements += 1;
        let query = value::bind(sqlx::query(sql), values);
        Ok(query
            .fetch_all(&mut *self.inner)
            .await?
            .into_iter()
            .map(Row)
            .collect())
    }

    /// What `read` makes of each row of a query with `$N` markers, in their order. Each row is read as it comes: a
    /// row weighs several times what is made of it, and of a hundred thousand only one is there at a time.
    pub async fn each<T, C: Default + Extend<T>>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<C> {
        self.statements += 1;
        let query = value::bind(sqlx::query(sql), values);
        let mut rows = query.fetch(&mut *self.inner);
        let mut all = C::default();
        while let Some(row) = rows.try_next().await? {
            all.extend([read(&Row(row))?]);
        }
        Ok(all)
    }

    /// The first row of a query, if there is one.
    pub async fn first(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        self.statements += 1;
        let query = value::bind(sqlx::query(sql), values);
        Ok(query.fetch_optional(&mut *self.inner).await?.map(Row))
    }

    /// Takes `count` consecutive ids of a counter; the first of them. Counters begin at 1.
    pub async fn ids(&mut self, counter: &'static str, count: usize) -> Result<i64> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let row = self
            .first(
                "insert into counter (name, next) values ($1, 1 + $2)
                 on conflict (name) do update set next = counter.next + $2 returning next",
                vals![counter, count],
            )
            .await?
            .ok_or_else(|| Error::other("the id counter gave no row"))?;
        Ok(row.int(0)? - count)
    }

    /// Takes one id of a counter.
    pub async fn id(&mut self, counter: &'static str) -> Result<i64> {
        self.ids(counter, 1).await
    }
}

/// A row of a result, read by position.
pub struct Row(AnyRow);

impl Row {
    /// A bigint.
    pub fn int(&self, at: usize) -> Result<i64> {
        Ok(self.0.try_get(at)?)
    }
    /// A bigint that may be null.
    pub fn maybe_int(&self, at: usize) -> Result<Option<i64>> {
        Ok(self.0.try_get(at)?)
    }
    /// A text.
    pub fn text(&self, at: usize) -> Result<String> {
        Ok(self.0.try_get(at)?)
    }
    /// A text that may be null.
    pub fn maybe_text(&self, at: usize) -> Result<Option<String>> {
        Ok(self.0.try_get(at)?)
    }
    /// A 0/1 column.
    pub fn flag(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }
    /// The bytes of a `bytea` column.
    pub fn bytes(&self, at: usize) -> Result<Vec<u8>> {
        Ok(self.0.try_get(at)?)
    }
    /// A text column that holds JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, at: usize) -> Result<T> {
        Ok(serde_json::from_str(&self.text(at)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_made_migrated_and_keeps_what_was_committed() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/deep/duban.db", folder.path().display());
        let store = Store::open(&url).await.unwrap();
        assert!(!store.schema_is_current().await.unwrap());
        store.migrate().await.unwrap();
        assert!(store.schema_is_current().await.unwrap());

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.ids("issue", 3).await.unwrap(), 1);
        assert_eq!(tx.id("issue").await.unwrap(), 4);
        let mut bulk = Bulk::into_table("meta", &["name", "value"]);
        for n in 0..20_000 {
            bulk.row(vals![format!("k{n}"), "v"]);
        }
        assert_eq!(tx.bulk(bulk).await.unwrap(), 20_000);
        tx.commit().await.unwrap();

        let mut dropped = store.begin().await.unwrap();
        dropped
            .run("delete from meta where value = $1", vals!["v"])
            .await
            .unwrap();
        drop(dropped);

        let mut tx = store.read().await.unwrap();
        let row = tx
            .first("select count(*) from meta", vals![])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.int(0).unwrap(), 20_000);
        drop(tx);
        store.close().await;
    }

    #[test]
    fn every_file_of_the_folder_is_in_the_list() {
        let files = std::fs::read_dir("migrations").unwrap().count();
        assert_eq!(files, MIGRATIONS.len());
    }
}
