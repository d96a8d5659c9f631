//! What the columns of a table mean: by their headers, by what the source's settings say, and what is missing.

use std::sync::Arc;

use super::sheet::DecodeOptions;
use super::sheet::{Column, Decoded, IGNORE, Sheet};
use super::understand::Table;
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// Turns the rows of a sheet into findings. An error means that a needed column is missing.
pub fn understand(
    sheet: Sheet,
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    out: &mut Decoded,
) -> Result<(), Fault> {
    if sheet.rows.is_empty() && sheet.headers.is_empty() {
        return Ok(());
    }
    let table = Table::open(sheet.name, &sheet.headers, vocabulary, options, out);
    let mut table = table.map_err(|lacking| lacking.1)?;
    for (number, mut cells) in sheet.rows {
        table.row(number, &mut cells, out)?;
    }
    table.close(out);
    Ok(())
}

/// A field of a finding that a column can carry. Others of `headers.toml` are kept by their header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    AccountName,
    Platform,
    AccountUid,
    Homepage,
    Unit,
    UnitCode,
    Supervisor,
    Area,
    ProblemType,
    Severity,
    WrongText,
    Suggestion,
    Context,
    ArticleTitle,
    ArticleUrl,
    Article,
    PublishTime,
    FoundTime,
    LastUpdate,
    RectifyState,
    ReviewState,
    TicketNo,
    Organisation,
}

/// The fields by their names in `headers.toml`, in the order of the enum; a number in a row is of
/// no use to a finding.
const FIELDS: [&str; 24] = [
    "account_name",
    "platform",
    "account_uid",
    "homepage",
    "unit",
    "unit_code",
    "supervisor",
    "area",
    "problem_type",
    "severity",
    "wrong_text",
    "suggestion",
    "context",
    "article_title",
    "article_url",
    "article",
    "publish_time",
    "found_time",
    "last_update",
    "rectify_state",
    "review_state",
    "ticket_no",
    "organisation",
    "seq",
];

/// What a column is taken for.
#[derive(Clone, Debug, PartialEq)]
enum Use {
    /// One of [`FIELDS`].
    Field(usize),
    /// Kept by its header; the field is known where no finding has a place for it.
    Kept(Option<String>),
    /// Left out by the source's settings.
    Ignored,
    /// No header, nothing below that counts.
    Nothing,
}

/// Which column carries which field.
#[derive(Debug)]
pub(super) struct Columns {
    /// The headers as written, without spaces, each only once.
    headers: Vec<String>,
    uses: Vec<Use>,
    at: [Option<usize>; FIELDS.len()],
    /// Columns that are kept by their headers, in the order of these.
    pub(super) kept: Vec<(usize, Arc<str>)>,
}

impl Columns {
    /// By their headers; what is odd about them is noted.
    pub(super) fn of(
        sheet: Option<&str>,
        headers: &[String],
        vocabulary: &Vocabulary,
        notes: &mut Vec<String>,
    ) -> Self {
        let mut columns = Self {
            headers: Vec::with_capacity(headers.len()),
            uses: vec![Use::Nothing; headers.len()],
            at: [None; FIELDS.len()],
            kept: Vec::new(),
        };
        let at_sheet = sheet.map_or_else(String::new, |name| format!("sheet {name}: "));
        for header in headers {
            let shown: String = header.split_whitespace().collect();
            columns.headers.push(columns.once(shown));
        }
        // What the settings say comes before what stands further left.
        let mapped = |header: &&(usize, &String)| vocabulary.is_mapped(header.1);
        let (first, then): (Vec<_>, Vec<_>) = headers.iter().enumerate().partition(|h| mapped(&h));
        for (at, header) in first.into_iter().chain(then) {
            let Some(shown) = columns.headers.get(at).filter(|shown| !shown.is_empty()) else {
                continue;
            };
            let used = match vocabulary.header(header) {
                Some(IGNORE) => Use::Ignored,
                Some(field) => match FIELDS.iter().position(|name| *name == field) {
                    None => Use::Kept(Some(field.to_owned())),
                    Some(n) => match columns.at.get(n).copied().flatten() {
                        None => Use::Field(n),
                        Some(other) => {
                            let counts = columns.headers.get(other).map_or("", String::as_str);
                            notes.push(format!(
                                "{at_sheet}columns {counts} and {shown} both say {field}: {counts} \
                                 counts, the other is kept as it is"
                            ));
                            Use::Kept(None)
                        }
                    },
                },
                None => Use::Kept(None),
            };
            if let Use::Field(n) = used
                && let Some(slot) = columns.at.get_mut(n)
            {
                *slot = Some(at);
            }
            if let Some(slot) = columns.uses.get_mut(at) {
                *slot = used;
            }
        }
        let kept = columns.uses.iter().enumerate();
        let kept = kept.filter(|(_, used)| matches!(used, Use::Kept(_)));
        let kept = kept.map(|(at, _)| (at, Arc::from(columns.header(at))));
        let mut kept: Vec<(usize, Arc<str>)> = kept.collect();
        let unknown = kept.iter();
        let unknown = unknown.filter(|(at, _)| columns.uses.get(*at) == Some(&Use::Kept(None)));
        let names: Vec<&str> = unknown.map(|(_, header)| &**header).collect();
        if !names.is_empty() {
            notes.push(format!("columns kept as they are: {}", names.join("、")));
        }
        kept.sort_by(|a, b| a.1.cmp(&b.1));
        columns.kept = kept;
        columns
    }

    /// A header that stands there for the second time gets a number: 备注, 备注(2).
    fn once(&self, shown: String) -> String {
        if shown.is_empty() || !self.headers.contains(&shown) {
            return shown;
        }
        let numbered = (2..).map(|n| format!("{shown}({n})"));
        let mut free = numbered.filter(|name| !self.headers.contains(name));
        free.next().unwrap_or(shown)
    }

    /// Where a field stands; 机构 stands for the unit where no column names one.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        let at = self.at.get(field as usize).copied().flatten();
        if field == Field::Unit {
            return at.or_else(|| self.at.get(Field::Organisation as usize).copied().flatten());
        }
        at
    }

    /// Whether a column has no header.
    pub(super) fn is_bare(&self, at: usize) -> bool {
        self.headers.get(at).is_none_or(String::is_empty)
    }

    /// The headers, without spaces.
    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The header of a column, without spaces.
    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", String::as_str)
    }

    /// What each column was taken for, from left to right.
    pub(super) fn told(&self, sheet: Option<&str>) -> Vec<Column> {
        let named = self.headers.iter().zip(&self.uses).enumerate();
        let named = named.filter(|(_, (header, _))| !header.is_empty());
        let organisation = self.at.get(Field::Organisation as usize).copied().flatten();
        named
            .map(|(at, (header, used))| Column {
                sheet: sheet.map(str::to_owned),
                header: header.clone(),
                field: match used {
                    Use::Field(_)
                        if organisation == Some(at) && self.place(Field::Unit) == organisation =>
                    {
                        Some("unit".to_owned())
                    }
                    Use::Field(n) => FIELDS.get(*n).map(|name| (*name).to_owned()),
                    Use::Kept(field) => field.clone(),
                    Use::Ignored => Some(IGNORE.to_owned()),
                    Use::Nothing => None,
                },
            })
            .collect()
    }

    /// What a table needs and this one has not: what for, and the fields that would do.
    pub(super) fn lacks(&self, updates: bool) -> Option<Lack> {
        use Field::{AccountName, AccountUid, LastUpdate, ProblemType, Unit, UnitCode, WrongText};
        let has = |fields: &[Field]| fields.iter().any(|field| self.place(*field).is_some());
        let whose = [AccountName, AccountUid, Unit, UnitCode];
        if !has(&whose) {
            return Some(Lack::Whose);
        }
        if updates && !has(&[LastUpdate]) {
            return Some(Lack::When);
        }
        (!updates && !has(&[ProblemType, WrongText])).then_some(Lack::What)
    }

    /// That it is missing, with the headers that are most like it.
    pub(super) fn fault(&self, lack: Lack, vocabulary: &Vocabulary) -> Fault {
        let (what, names, fields) = lack.words();
        let headers = || self.headers.iter().filter(|header| !header.is_empty());
        // What another column is known to mean, this one does not.
        let free = |(_, used): &(&String, &Use)| **used == Use::Kept(None);
        let free = self.headers.iter().zip(&self.uses).filter(free);
        let mut near: Vec<(f64, &str, &str)> = free
            .map(|(header, _)| {
                let like = |field: &&str| vocabulary.like_header(header, field);
                let best = fields.iter().map(|field| (like(field), *field));
                let (likeness, field) = best.fold((0.0, ""), |a, b| if b.0 > a.0 { b } else { a });
                (likeness, header.as_str(), field)
            })
            .filter(|(likeness, _, _)| *likeness >= 0.4)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let nearest = near
            .iter()
            .take(3)
            .map(|(_, header, field)| format!("{header:?} = {field:?}"));
        let nearest: Vec<String> = nearest.collect();
        let remedy = match nearest.as_slice() {
            [] => String::from("rename a column, or say under [sources.columns] which it is"),
            _ => format!(
                "if one of these is it, rename it or put it under [sources.columns]: {}",
                nearest.join(", ")
            ),
        };
        let seen: Vec<&str> = headers().map(String::as_str).collect();
        let seen: String = seen.join("、").chars().take(400).collect();
        Fault::new(format!(
            "no column says {what}; one of these is needed: {names}; {remedy}; the headers are: {seen}"
        ))
        .code("no_column")
    }
}

/// What a table lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// Whose a row is.
    Whose,
    /// When the account was updated.
    When,
    /// What is wrong.
    What,
}

impl Lack {
    /// In words, the usual headers, and the fields.
    fn words(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Whose => (
                "which account or unit is meant",
                "账号名称、唯一标识、责任单位",
                &["account_name", "account_uid", "unit", "unit_code"],
            ),
            Self::When => (
                "when the account was updated last",
                "最后更新时间、检查时更新日期",
                &["last_update"],
            ),
            Self::What => (
                "what is wrong",
                "问题类型、错敏词",
                &["problem_type", "wrong_text"],
            ),
        }
    }
}
