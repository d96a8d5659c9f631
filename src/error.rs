//! What can go wrong, by who has to act: a [`Fault`] in the input names its place and remedy and is
//! shown as it is; everything else is logged and shown in one line.

use std::fmt;

/// The error of every fallible step.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody's input is wrong: the text says where and what to do.
    #[error("{0}")]
    Input(Fault),
    /// A command was called wrongly: the text says what there is to choose from.
    #[error("{0}")]
    Usage(String),
    /// The database refused or is away.
    #[error("database: {0}")]
    Store(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("database schema: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A file or socket could not be used.
    #[error("{context}: {source}")]
    Io {
        /// What was being done, with the path or address.
        context: String,
        /// The system's own error.
        source: std::io::Error,
    },
    /// A message template could not be rendered.
    #[error("message template: {0:#}")]
    Template(#[from] minijinja::Error),
    /// Stored JSON could not be read, or a value could not be written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// Somebody else changed an issue while something was to be done to it: done again, it may be right, or needless.
    #[error("issue #{0} was changed by another at once")]
    Changed(i64),
    /// Another report is being processed, here or by another process.
    #[error("another report is being processed; try again in a minute")]
    Busy,
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// A mistake in the input, with its place and the remedy.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The file, URL or settings key.
    pub file: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row as a person counts it: 1 is the first line of the file.
    pub row: Option<u64>,
    /// The column's header as written, or its letter.
    pub column: Option<String>,
    /// The value that is wrong.
    pub value: Option<String>,
    /// What is wrong and what to do about it.
    pub reason: String,
    /// What sort of fault it is, `not_a_date` …; by it a message says it in the reader's language.
    pub code: Option<&'static str>,
}

impl Fault {
    /// A fault with a reason and no place yet.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::default()
        }
    }
    /// Of this sort.
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }
    /// In this file.
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
    /// On this sheet.
    pub fn sheet(mut self, sheet: impl Into<String>) -> Self {
        self.sheet = Some(sheet.into());
        self
    }
    /// In this row, counted from 1.
    pub fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }
    /// In this column.
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
    /// With this value.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sep = "";
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            sep = ", ";
        }
        if let Some(sheet) = &self.sheet {
            write!(f, "{sep}sheet {sheet}")?;
            sep = ", ";
        }
        if let Some(row) = self.row {
            write!(f, "{sep}row {row}")?;
            sep = ", ";
        }
        if let Some(column) = &self.column {
            write!(f, "{sep}column {column}")?;
            sep = ", ";
        }
        if let Some(value) = &self.value {
            write!(f, "{sep}value {value:?}")?;
            sep = ", ";
        }
        if !sep.is_empty() {
            write!(f, ": ")?;
        }
        write!(f, "{}", self.reason)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Input(fault)
    }
}

impl Error {
    /// Whether it met somebody else who wrote at once, and nothing else is wrong: PostgreSQL lets one of two that wait
    /// for each other go (40P01), and one that cannot be put in order with others (40001).
    pub fn collided(&self) -> bool {
        match self {
            Self::Changed(_) => true,
            Self::Store(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40P01" | "40001"))
            }
            _ => false,
        }
    }

    /// Wraps a system error with what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let context = context.into();
        move |source| Self::Io { context, source }
    }
    /// An error in words.
    pub fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }
}

/// The line of a text at a byte offset, as people count: the first is 1.
pub fn line_at(text: &str, offset: usize) -> u64 {
    let before = text.get(..offset).unwrap_or_default();
    before.matches('\n').count() as u64 + 1
}

/// What TOML refused, with file, line and the nearest right name of an unknown key.
pub fn toml_fault(text: &str, file: &str, error: &toml::de::Error) -> Fault {
    let row = error.span().map_or(1, |span| line_at(text, span.start));
    Fault::new(explain(error.message())).file(file).row(row)
}

/// The right name that a wrong one is most like, and how like it is, from 0 to 1.
pub fn closest<'a>(wrong: &str, right: impl Iterator<Item = &'a str>) -> Option<(&'a str, f64)> {
    right
        .map(|name| (name, strsim::jaro_winkler(wrong, name)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The right name that a wrong one is most like.
pub fn nearest<'a>(wrong: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    closest(wrong, words).map(|(name, _)| name)
}

/// Adds the nearest right name to serde's list of expected ones.
pub fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((wrong, right)) = quoted
        .split_first()
        .filter(|_| message.starts_with("unknown"))
    else {
        return message.to_owned();
    };
    match nearest(wrong, right.iter().copied()) {
        Some(nearest) => format!("unknown key {wrong:?}; did you mean {nearest:?}? ({message})"),
        None => message.to_owned(),
    }
}

/// The result of every fallible step.
pub type Result<T, E = Error> = std::result::Result<T, E>;
