//! Rows become findings, one by one, or are rejected with their place; words that nobody knows are counted and told.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::columns::{Columns, Field, Lack};
use super::dates::{Frame, When};
use super::sheet::{DecodeOptions, Decoded, Rejected};
use super::title;
use super::words::Words;
use crate::error::Fault;
use crate::finding::{Finding, Other, Said, Severity, mojibake, text};
use crate::vocabulary::{Category, Platform, Vocabulary};

/// How a cell of a workbook begins that holds an error instead of a value: `\u{fffd}#REF!`.
pub(super) const ERROR: &str = "\u{fffd}#";

/// So many unknown words of a column are told one by one.
const TOLD: usize = 20;

/// Fields without which a row cannot be trusted: a broken or damaged cell of theirs rejects it.
const NEEDED: [Field; 5] = [
    Field::AccountName,
    Field::Unit,
    Field::AccountUid,
    Field::WrongText,
    Field::ProblemType,
];

/// Fields whose cells may speak of what is wrong with a page, which may be its encoding.
const CONTENT: [Field; 5] = [
    Field::WrongText,
    Field::Suggestion,
    Field::Context,
    Field::ArticleTitle,
    Field::Article,
];

/// A cell's text, trimmed, owned or not.
pub(super) trait Cell: AsRef<str> + From<String> + Into<String> + Default {}
impl<T: AsRef<str> + From<String> + Into<String> + Default> Cell for T {}

/// A table being read: what its columns mean, and what was met in them.
#[derive(Debug)]
pub(super) struct Table<'a> {
    sheet: Option<String>,
    /// What the sheet's name says of rows that do not say it themselves.
    platform: Option<&'a Platform>,
    area: Option<String>,
    columns: Columns,
    vocabulary: &'a Vocabulary,
    options: &'a DecodeOptions,
    frame: Frame,
    platforms: Words<Option<&'a Platform>>,
    categories: Words<Option<&'a Category>>,
    severities: Words<Option<Severity>>,
    states: Words<Option<Said>>,
    /// Error cells by column: the error, rows, the first of them.
    errors: BTreeMap<usize, (String, u64, u64)>,
    /// Columns without a header where something stands: rows, the first of them.
    bare: BTreeMap<usize, (u64, u64)>,
    /// Where [`CONTENT`] stands.
    content: Vec<usize>,
    /// Rows of which something was read in a wrong encoding, and is read back.
    repaired: u64,
}

impl<'a> Table<'a> {
    /// A table with these headers. An error says which needed column is missing.
    pub(super) fn open(
        sheet: Option<String>,
        headers: &[String],
        vocabulary: &'a Vocabulary,
        options: &'a DecodeOptions,
        out: &mut Decoded,
    ) -> Result<Self, Box<(Lack, Fault)>> {
        let mut notes = Vec::new();
        let columns = Columns::of(sheet.as_deref(), headers, vocabulary, &mut notes);
        if let Some(lack) = columns.lacks(options.updates) {
            let fault = columns.fault(lack, vocabulary);
            return Err(Box::new((lack, Fault { sheet, ..fault })));
        }
        out.notes.append(&mut notes);
        out.columns.extend(columns.told(sheet.as_deref()));
        let frame = Frame::new(options.date, options.zone);
        let content = CONTENT.into_iter();
        let content = content.filter_map(|field| columns.place(field)).collect();
        let mut table = Self {
            sheet: None,
            platform: None,
            area: None,
            columns,
            vocabulary,
            options,
            frame,
            platforms: Words::new(),
            categories: Words::new(),
            severities: Words::new(),
            states: Words::new(),
            errors: BTreeMap::new(),
            bare: BTreeMap::new(),
            content,
            repaired: 0,
        };
        if let Some(name) = &sheet {
            table.titled(name);
        }
        table.sheet = sheet;
        Ok(table)
    }

    /// What the sheet's name says, a platform or an area, holds for rows that do not say it.
    pub(super) fn titled(&mut self, name: &str) {
        let (platform, area) = title::says(name, self.vocabulary);
        self.platform = platform;
        self.area = area;
    }

    /// Days are counted from 1904 on, as workbooks of old Macs do.
    pub(super) fn since_1904(&mut self, yes: bool) {
        self.frame.since_1904 = yes;
    }

    /// The header of a column, without spaces.
    pub(super) fn header(&self, at: usize) -> &str {
        self.columns.header(at)
    }

    /// Reads a row; what its cells hold is taken out of them. An error: the report is too large.
    pub(super) fn row<C: Cell>(
        &mut self,
        number: u64,
        cells: &mut [C],
        out: &mut Decoded,
    ) -> Result<(), Fault> {
        out.room_for_row(&self.options.tables.limits)
            .map_err(|fault| self.placed(fault, number))?;
        let was = mojibake::repair_row(cells, self.columns.headers(), &self.content);
        self.repaired += u64::from(!was.is_empty());
        let mut fault = self.broken(number, cells);
        let times = self.times(cells);
        let mut finding = self.names(number, cells);
        for (header, text) in was {
            finding.other.put(header.into(), text);
        }
        fault = fault.or_else(|| self.lacking(&finding));
        match times {
            Ok(times) => {
                finding.published_at = times.published;
                finding.found_at = times.found;
                finding.last_update = times.updated;
            }
            Err(wrong) => fault = fault.or(Some(*wrong)),
        }
        match fault {
            None => out.findings.push(finding),
            Some(fault) => out.rejected.push(self.rejected(fault, number, finding)),
        }
        Ok(())
    }

    fn rejected(&self, fault: Fault, number: u64, finding: Finding) -> Rejected {
        let named = finding.account_name.is_some()
            || finding.unit_name.is_some()
            || finding.account_uid.is_some();
        Rejected {
            fault: self.placed(fault, number),
            named: named.then(|| Box::new(finding)),
        }
    }

    fn placed(&self, fault: Fault, number: u64) -> Fault {
        Fault {
            sheet: self.sheet.clone(),
            row: Some(number),
            ..fault
        }
    }

    /// What the row names and says, before it is known whether that is enough.
    fn names<C: Cell>(&mut self, number: u64, cells: &mut [C]) -> Finding {
        let vocabulary = self.vocabulary;
        let said = (
            self.word(cells, Field::ReviewState),
            self.word(cells, Field::RectifyState),
        );
        // The review outweighs what was reported; it is the later of the two.
        let mut says = |word: &str| self.states.of(word, |word| vocabulary.said(word));
        let said = said.0.and_then(&mut says).or_else(|| said.1.and_then(says));
        let word = self
            .columns
            .place(Field::Platform)
            .and_then(|at| said_in(cells, at));
        let platform = match word {
            Some(word) => self.platforms.of(word, |word| vocabulary.platform(word)),
            None => self.platform,
        };
        let unknown = word.filter(|_| platform.is_none()).map(str::to_owned);
        let category = self.category(cells);
        let severity = self
            .columns
            .place(Field::Severity)
            .and_then(|at| said_in(cells, at));
        let severity =
            severity.and_then(|word| self.severities.of(word, |word| vocabulary.severity(word)));
        let other = self.other(cells);
        let mut own = |field| take(cells, self.columns.place(field));
        let (article_title, article_url) = (own(Field::ArticleTitle), own(Field::ArticleUrl));
        let article = own(Field::Article);
        let (title, url) = match article {
            Some(link) if link.contains("://") => (None, Some(link)),
            title => (title, None),
        };
        Finding {
            sheet: self.sheet.clone(),
            row: number,
            account_name: own(Field::AccountName),
            platform: platform.map(|platform| platform.id.clone()),
            platform_text: unknown,
            account_uid: own(Field::AccountUid),
            homepage: own(Field::Homepage),
            unit_name: own(Field::Unit),
            unit_code: own(Field::UnitCode),
            supervisor: own(Field::Supervisor),
            area: own(Field::Area).or_else(|| self.area.clone()),
            category: category.map_or("other", |category| &category.id).to_owned(),
            category_text: own(Field::ProblemType),
            severity: severity
                .or_else(|| category.map(|category| category.severity))
                .unwrap_or(Severity::Normal),
            urgent: category.is_some_and(|category| category.urgent),
            positive: category.is_some_and(|category| category.positive),
            wrong_text: own(Field::WrongText),
            suggestion: own(Field::Suggestion),
            context: own(Field::Context),
            article_title: article_title.or(title),
            article_url: article_url.or(url),
            published_at: None,
            found_at: None,
            last_update: None,
            rectify_state: own(Field::RectifyState),
            review_state: own(Field::ReviewState),
            said,
            ticket_no: own(Field::TicketNo),
            other,
        }
    }

    fn word<'c, C: Cell>(&self, cells: &'c [C], field: Field) -> Option<&'c str> {
        said_in(cells, self.columns.place(field)?)
    }

    /// The category by its words; of unknown words the one for others, and of wrong words alone
    /// the one of wrong words.
    fn category<C: Cell>(&mut self, cells: &[C]) -> Option<&'a Category> {
        let vocabulary = self.vocabulary;
        let Some(word) = self
            .columns
            .place(Field::ProblemType)
            .and_then(|at| said_in(cells, at))
        else {
            return self
                .categories
                .of("", |_| vocabulary.category_named("typo"));
        };
        let known = self.categories.of(word, |word| vocabulary.category(word));
        known.or_else(|| vocabulary.category_named("other"))
    }

    fn other<C: Cell>(&self, cells: &mut [C]) -> Other {
        let mut other = Other::with_room(self.columns.kept.len());
        for (at, header) in &self.columns.kept {
            let Some(cell) = cells.get_mut(*at).filter(|cell| !cell.as_ref().is_empty()) else {
                continue;
            };
            other.put(Arc::clone(header), std::mem::take(cell).into());
        }
        other
    }

    fn fault(&self, field: Field, code: &'static str, reason: &str, value: Option<&str>) -> Fault {
        let mut fault = Fault::new(reason).code(code);
        if let Some(at) = self.columns.place(field) {
            fault = fault.column(self.columns.header(at));
        }
        match value {
            Some(value) => fault.value(value.chars().take(80).collect::<String>()),
            None => fault,
        }
    }

    /// What is wrong with a finding that does not say enough, or of which something was lost.
    fn lacking(&self, finding: &Finding) -> Option<Fault> {
        let (name, unit) = (
            finding.account_name.as_deref(),
            finding.unit_name.as_deref(),
        );
        let (uid, wrong) = (
            finding.account_uid.as_deref(),
            finding.wrong_text.as_deref(),
        );
        let needed = [name, unit, uid, wrong, finding.category_text.as_deref()];
        for (field, value) in NEEDED.into_iter().zip(needed) {
            if value.is_some_and(text::is_damaged) {
                let reason =
                    "characters were lost (� or ?); have the report exported again as UTF-8";
                return Some(self.fault(field, "damaged", reason, value));
            }
        }
        if [name, unit, uid].iter().all(Option::is_none) && finding.unit_code.is_none() {
            let reason = "the row names neither an account nor a unit; fill in one of them";
            return Some(self.fault(Field::AccountName, "no_name", reason, None));
        }
        let nothing_wrong = finding.category_text.is_none() && finding.wrong_text.is_none();
        if nothing_wrong && !self.options.updates {
            let reason = "the row does not say what is wrong; fill in 问题类型 or 错敏词";
            return Some(self.fault(Field::ProblemType, "no_problem", reason, None));
        }
        None
    }

    /// Takes out cells that hold an error, and tells those that matter; columns without a header are
    /// counted.
    fn broken<C: Cell>(&mut self, number: u64, cells: &mut [C]) -> Option<Fault> {
        let mut fault = None;
        for (at, cell) in cells.iter_mut().enumerate() {
            if !cell.as_ref().is_empty() && self.columns.is_bare(at) {
                self.bare.entry(at).or_insert((0, number)).0 += 1;
                continue;
            }
            let Some(error) = cell.as_ref().strip_prefix(ERROR) else {
                continue;
            };
            let error = format!("#{error}");
            *cell = C::default();
            let matters = NEEDED
                .into_iter()
                .find(|field| self.columns.place(*field) == Some(at));
            match matters {
                Some(field) => {
                    let reason = "the cell holds an error of a formula instead of a value; \
                                  correct the workbook and hand it in again";
                    let wrong = self.fault(field, "cell_error", reason, Some(&error));
                    fault = fault.or(Some(wrong));
                }
                None => self.errors.entry(at).or_insert((error, 0, number)).1 += 1,
            }
        }
        fault
    }

    fn times<C: Cell>(&mut self, cells: &[C]) -> Result<Times, Box<Fault>> {
        let mut times = Times {
            published: self.time(cells, Field::PublishTime)?,
            found: self.time(cells, Field::FoundTime)?,
            updated: None,
        };
        let Some(at) = self.time(cells, Field::LastUpdate)? else {
            return Ok(times);
        };
        let day = at.with_timezone(&self.options.zone).date_naive();
        if day > self.options.date + TimeDelta::days(1) {
            let reason = "the last update lies after the report's day";
            let value = self.word(cells, Field::LastUpdate);
            let fault = self.fault(Field::LastUpdate, "update_to_come", reason, value);
            return Err(Box::new(fault));
        }
        times.updated = Some(day);
        Ok(times)
    }

    fn time<C: Cell>(
        &mut self,
        cells: &[C],
        field: Field,
    ) -> Result<Option<DateTime<Utc>>, Box<Fault>> {
        let Some(text) = self.word(cells, field) else {
            return Ok(None);
        };
        match self.frame.read(text) {
            When::Nothing => Ok(None),
            When::At(at) => Ok(Some(at)),
            When::Unreadable => {
                let reason = "not a date; write it as 2021-06-30 or 2021年6月30日 9:05";
                Err(Box::new(self.fault(
                    field,
                    "not_a_date",
                    reason,
                    Some(text),
                )))
            }
        }
    }

    /// Tells what was met: words that nobody knows, cells that hold errors.
    pub(super) fn close(self, out: &mut Decoded) {
        let sheet = self
            .sheet
            .as_deref()
            .map(|name| format!("sheet {name}: "))
            .unwrap_or_default();
        let mut told = |what: &str, words: Vec<(&str, u64)>, remedy: &str| {
            let more = words.len().saturating_sub(TOLD);
            for (word, rows) in words.into_iter().take(TOLD) {
                let word: String = word.chars().take(60).collect();
                let note = format!("{sheet}{what} {word} is not known ({rows} rows): {remedy}");
                out.notes.push(note);
            }
            if more > 0 {
                out.notes
                    .push(format!("{sheet}{more} more of such: {what} … is not known"));
            }
        };
        let platforms = self.platforms.with(Option::is_none);
        told("platform", platforms, "add the word to platforms.toml");
        let other = self.vocabulary.category_named("other");
        let severity = other.map_or("normal", |other| other.severity.as_str());
        let remedy = format!("treated as other, {severity}; add the word to categories.toml");
        told(
            "category word",
            self.categories.with(Option::is_none),
            &remedy,
        );
        let remedy = "as grave as its category; add the word to [severity] of categories.toml";
        told(
            "severity word",
            self.severities.with(Option::is_none),
            remedy,
        );
        if self.repaired > 0 {
            out.notes.push(format!(
                "{sheet}{} rows held text read in a wrong encoding (like 鍙版睙): it was read back, and stands \
                 as it came beside each row; have the report exported as UTF-8",
                self.repaired
            ));
        }
        for (at, (rows, first)) in &self.bare {
            let column = letters(*at);
            out.notes.push(format!(
                "{sheet}column {column} has no header: what stands in {rows} rows of it was left \
                 out, first in row {first}"
            ));
        }
        for (at, (error, rows, first)) in &self.errors {
            out.notes.push(format!(
                "{sheet}column {}: {rows} cells hold an error ({error}, first in row {first}) and \
                 were read as empty",
                self.columns.header(*at)
            ));
        }
    }
}

#[derive(Default)]
struct Times {
    published: Option<DateTime<Utc>>,
    found: Option<DateTime<Utc>>,
    updated: Option<NaiveDate>,
}

/// A column as a workbook calls it: A, Z, AA.
fn letters(at: usize) -> String {
    let mut left = at + 1;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Whether a cell says nothing, by being empty or by a dash.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "-" | "—" | "--" | "——" | "无" | "/")
}

fn said_in<C: Cell>(cells: &[C], at: usize) -> Option<&str> {
    let text = cells.get(at)?.as_ref().trim();
    (!is_nothing(text)).then_some(text)
}

fn take<C: Cell>(cells: &mut [C], at: Option<usize>) -> Option<String> {
    let cell = cells.get_mut(at?)?;
    let text = cell.as_ref();
    let trimmed = text.trim();
    if is_nothing(trimmed) {
        return None;
    }
    if trimmed.len() < text.len() {
        return Some(trimmed.to_owned());
    }
    Some(std::mem::take(cell).into())
}
