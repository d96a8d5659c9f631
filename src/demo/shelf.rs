//! The reports that the demo's platform serves: of each day the sample's rows, unless the director
//! put other rows or a file in their place.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::reports::{self, Row};

/// What a day's report is made of instead of the sample's rows.
#[derive(Clone)]
enum Put {
    Rows(Vec<Row>),
    File { name: String, bytes: Vec<u8> },
}

/// The shelf; clones share it.
#[derive(Clone)]
pub(super) struct Shelf {
    first: NaiveDate,
    put: Arc<Mutex<BTreeMap<NaiveDate, Put>>>,
}

impl Shelf {
    /// The sample's reports, the first of which is of the day `first`.
    pub fn new(first: NaiveDate) -> Self {
        let put = Arc::default();
        Self { first, put }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<NaiveDate, Put>> {
        self.put.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self, date: NaiveDate) -> Vec<Row> {
        match self.held().get(&date) {
            Some(Put::Rows(rows)) => rows.clone(),
            _ => {
                let day = usize::try_from((date - self.first).num_days()).unwrap_or_default();
                reports::rows(date, day)
            }
        }
    }

    /// Takes what was put on the shelf away again.
    pub fn clear(&self) {
        self.held().clear();
    }

    /// Rows in place of a day's report.
    pub fn put_rows(&self, date: NaiveDate, rows: Vec<Row>) {
        let filled = |row: &Row| row.values().any(|value| value.as_str() != Some(""));
        let rows = rows.into_iter().filter(filled).collect();
        self.held().insert(date, Put::Rows(rows));
    }

    /// A file in place of a day's report.
    pub fn put_file(&self, date: NaiveDate, name: String, bytes: Vec<u8>) {
        self.held().insert(date, Put::File { name, bytes });
    }

    /// The sample's rows again.
    pub fn restore(&self, date: NaiveDate) {
        self.held().remove(&date);
    }

    /// A day's report as the director sees it.
    pub fn shown(&self, date: NaiveDate) -> Json {
        let put = self.held().get(&date).cloned();
        let file = match &put {
            Some(Put::File { name, bytes }) => json!({ "name": name, "size": bytes.len() }),
            _ => Json::Null,
        };
        let rows = if file.is_null() {
            self.rows(date)
        } else {
            vec![]
        };
        json!({
            "date": date.to_string(), "columns": reports::COLUMNS, "rows": rows, "file": file,
            "edited": put.is_some(),
        })
    }

    /// What the platform answers when it is asked for a day's report.
    pub fn serve(&self, name: &str) -> Response {
        let date: NaiveDate = name.parse().unwrap_or(self.first);
        let put = self.held().get(&date).cloned();
        match put {
            Some(Put::File { bytes, .. }) => bytes.into_response(),
            _ => {
                let report = reports::envelope(date, &self.rows(date)).to_string();
                ([(header::CONTENT_TYPE, "application/json")], report).into_response()
            }
        }
    }
}
