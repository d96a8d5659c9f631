//! An export as a workbook: every issue a row, then the figures by unit and by category. Times are real times of
//! the office's zone; a text is never run as a formula.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::export::{Gathered, LARGE};
use crate::clock::from_ms;
use crate::error::{Error, Result};
use crate::issue::due::Stamps;
use crate::issue::period::Line;
use crate::issue::{CloseReason, State};
use crate::message::view::Lens;

/// A cell.
enum Cell {
    None,
    Text(String),
    Count(i64),
    Share(f64),
    Days(f64),
    Time(i64),
}

impl Cell {
    fn text(text: Option<impl Into<String>>) -> Self {
        match text.map(Into::into) {
            Some(text) if !text.is_empty() => Self::Text(text),
            _ => Self::None,
        }
    }

    fn time(at: Option<i64>) -> Self {
        at.map_or(Self::None, Self::Time)
    }

    fn count(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// The columns of the issues: the term of the header, the width.
const COLUMNS: [(&str, f64); 26] = [
    ("col_number", 8.0),
    ("col_state", 14.0),
    ("col_severity", 10.0),
    ("col_category", 16.0),
    ("col_unit", 26.0),
    ("col_area", 16.0),
    ("col_platform", 12.0),
    ("col_account", 22.0),
    ("col_wrong", 24.0),
    ("col_suggestion", 24.0),
    ("col_title", 36.0),
    ("col_url", 30.0),
    ("col_ticket", 16.0),
    ("col_found", 17.0),
    ("col_opened", 17.0),
    ("col_told", 17.0),
    ("col_due", 17.0),
    ("col_acknowledged_by", 11.0),
    ("col_acknowledged_at", 17.0),
    ("col_fixed_by", 11.0),
    ("col_fixed_how", 9.0),
    ("col_fixed_at", 17.0),
    ("col_closed_at", 17.0),
    ("col_confirmed_by", 11.0),
    ("col_late", 10.0),
    ("col_reopened", 10.0),
];

/// The columns of the figures.
const FIGURES: [(&str, f64); 12] = [
    ("col_total", 8.0),
    ("col_open", 10.0),
    ("col_acknowledged", 10.0),
    ("col_fix_reported", 10.0),
    ("col_verified", 10.0),
    ("col_verified_unreported", 12.0),
    ("col_false_alarm", 10.0),
    ("col_withdrawn", 10.0),
    ("col_overdue", 10.0),
    ("col_late_fixed", 12.0),
    ("col_in_time", 12.0),
    ("col_again", 10.0),
];

/// What a workbook's cells look like.
struct Looks {
    head: Format,
    text: Format,
    /// A text that a spreadsheet would take for a formula if it were typed.
    typed: Format,
    time: Format,
    share: Format,
    days: Format,
}

impl Looks {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            head: Format::new().set_bold().set_background_color("#DDE7F3"),
            text: top(),
            typed: top().set_quote_prefix(),
            time: top().set_num_format("yyyy-mm-dd hh:mm"),
            share: top().set_num_format("0.0%"),
            days: top().set_num_format("0.0"),
        }
    }
}

/// The longest text of a cell, in characters (Excel, specifications and limits).
const LONGEST: usize = 32_767;

fn wrong(error: XlsxError) -> Error {
    Error::other(format!("writing a workbook: {error}"))
}

/// Days since the last of 1899, as spreadsheets count them, in the zone.
fn serial(lens: &Lens<'_>, ms: i64) -> f64 {
    let local = from_ms(ms).with_timezone(&lens.rules.zone).naive_local();
    // 1970-01-01 is day 25,569.
    let seconds = local.and_utc().timestamp();
    25_569.0 + seconds as f64 / 86_400.0
}

fn write(
    sheet: &mut Worksheet,
    (lens, looks): (&Lens<'_>, &Looks),
    (row, column): (u32, u16),
    cell: &Cell,
) -> Result<()> {
    let written = match cell {
        Cell::None => return Ok(()),
        Cell::Text(text) => {
            let look = match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
                true => &looks.typed,
                false => &looks.text,
            };
            let cut: String;
            let text = match text.chars().nth(LONGEST) {
                None => text.as_str(),
                Some(_) => {
                    cut = text.chars().take(LONGEST).collect();
                    &cut
                }
            };
            sheet.write_string_with_format(row, column, text, look)
        }
        Cell::Count(count) => {
            sheet.write_number_with_format(row, column, *count as f64, &looks.text)
        }
        Cell::Share(share) => sheet.write_number_with_format(row, column, *share, &looks.share),
        Cell::Days(days) => sheet.write_number_with_format(row, column, *days, &looks.days),
        Cell::Time(ms) => {
            sheet.write_number_with_format(row, column, serial(lens, *ms), &looks.time)
        }
    };
    written.map(drop).map_err(wrong)
}

/// A sheet with its header frozen and a filter on it.
fn sheet<'b>(
    book: &'b mut Workbook,
    (lens, looks): (&Lens<'_>, &Looks),
    name: &str,
    columns: &[(&str, f64)],
    rows: usize,
) -> Result<&'b mut Worksheet> {
    // Beyond some rows each is written out at once, and memory does not grow with them.
    let sheet = match rows >= LARGE {
        true => book.add_worksheet_with_constant_memory(),
        false => book.add_worksheet(),
    };
    sheet.set_name(lens.words.term(name)).map_err(wrong)?;
    for (column, (term, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width).map_err(wrong)?;
        sheet
            .write_string_with_format(0, column, lens.words.term(term), &looks.head)
            .map_err(wrong)?;
    }
    sheet.set_freeze_panes(1, 1).map_err(wrong)?;
    let last = u32::try_from(rows).unwrap_or(u32::MAX);
    let width = u16::try_from(columns.len()).unwrap_or(1).saturating_sub(1);
    sheet.autofilter(0, 0, last, width).map_err(wrong)?;
    Ok(sheet)
}

/// The words of where an issue stands.
fn state(lens: &Lens<'_>, line: &Line) -> String {
    let word = match (line.standing.state, line.standing.reason) {
        _ if line.standing.disputed => "disputed",
        (State::Closed, Some(reason)) => reason.as_str(),
        (state, _) => state.as_str(),
    };
    lens.words.term(word).to_owned()
}

fn cells(lens: &Lens<'_>, gathered: &Gathered, line: &Line) -> [Cell; COLUMNS.len()] {
    let now = lens.now.timestamp_millis();
    let account = line.account_id.and_then(|id| lens.roster.account(id));
    let unit = lens.roster.unit_by_id(line.unit_id);
    let area = unit.and_then(|unit| unit.area.as_ref().or(unit.parent.as_ref()));
    let area = area.and_then(|code| lens.roster.unit(code));
    // What was taken back or refuted since has no time any more.
    let by = |verb: &str, at: Option<i64>| {
        let name = gathered.doers.get(&(line.id, verb.to_owned()));
        Cell::text(name.filter(|_| at.is_some()).cloned())
    };
    // It goes over the channel too.
    let masked = lens.rules.mask.hides(&line.category);
    let seen = |text: &Option<String>| text.clone().filter(|_| !masked);
    let stamps = line.stamps.as_deref();
    let stamps: Option<Stamps> = stamps.and_then(|text| serde_json::from_str(text).ok());
    let how = line.fix_how.map(|how| lens.words.term(how.as_str()));
    let severity = lens.words.term(line.severity.as_str());
    // The mark is for the chat.
    let severity = severity.split_once(' ').map_or(severity, |(_, word)| word);
    [
        Cell::Count(line.id),
        Cell::Text(state(lens, line)),
        Cell::Text(severity.to_owned()),
        Cell::Text(lens.category(&line.category)),
        Cell::Text(lens.unit(line.unit_id)),
        Cell::text(area.map(|area| area.name.clone())),
        Cell::text(account.map(|account| lens.platform(&account.platform))),
        Cell::text(account.map(|account| account.name.clone())),
        Cell::text(seen(&line.wrong_text)),
        Cell::text(seen(&line.suggestion)),
        Cell::text(seen(&line.title)),
        Cell::text(line.url.clone()),
        Cell::text(gathered.tickets.get(&line.id).cloned()),
        Cell::time(stamps.and_then(|stamps| stamps.found)),
        Cell::Time(line.opened_at),
        Cell::time(line.told_at),
        Cell::time(line.due_at),
        by("acknowledged", line.acknowledged_at),
        Cell::time(line.acknowledged_at),
        by("fix_reported", line.fix_reported_at),
        Cell::text(how),
        Cell::time(line.fix_reported_at),
        Cell::time(line.closed_at),
        by("confirmed", line.closed_at),
        line.late_by(now)
            .map_or(Cell::None, |late| Cell::Days(late as f64 / 86_400_000.0)),
        Cell::Count(line.reopened),
    ]
}

/// What is counted of a unit or category.
#[derive(Clone, Debug, Default)]
struct Figures {
    total: usize,
    open: usize,
    acknowledged: usize,
    fix_reported: usize,
    verified: usize,
    verified_unreported: usize,
    false_alarm: usize,
    withdrawn: usize,
    overdue: usize,
    late_fixed: usize,
    in_time: usize,
    again: i64,
}

impl Figures {
    fn add(&mut self, line: &Line, now: i64) {
        self.total += 1;
        match line.standing.state {
            State::Open => self.open += 1,
            State::Acknowledged => self.acknowledged += 1,
            State::FixReported => self.fix_reported += 1,
            State::Closed => match line.standing.reason {
                Some(CloseReason::VerifiedUnreported) => self.verified_unreported += 1,
                Some(CloseReason::FalseAlarm) => self.false_alarm += 1,
                Some(CloseReason::Withdrawn) => self.withdrawn += 1,
                Some(CloseReason::Verified) | None => self.verified += 1,
            },
        }
        let overdue = line.overdue(now);
        self.overdue += usize::from(overdue);
        let obliged = !matches!(
            line.standing.reason,
            Some(CloseReason::FalseAlarm | CloseReason::Withdrawn)
        );
        let fixed = obliged && !line.standing.state.runs() && line.due_at.is_some();
        match line.late_by(now) {
            Some(_) if fixed => self.late_fixed += 1,
            None if fixed => self.in_time += 1,
            _ => {}
        }
        self.again += line.reopened;
    }

    fn cells(&self) -> [Cell; FIGURES.len()] {
        let fixed = self.in_time + self.late_fixed;
        let share = self.in_time as f64 / fixed.max(1) as f64;
        [
            Cell::count(self.total),
            Cell::count(self.open),
            Cell::count(self.acknowledged),
            Cell::count(self.fix_reported),
            Cell::count(self.verified),
            Cell::count(self.verified_unreported),
            Cell::count(self.false_alarm),
            Cell::count(self.withdrawn),
            Cell::count(self.overdue),
            Cell::count(self.late_fixed),
            if fixed > 0 {
                Cell::Share(share)
            } else {
                Cell::None
            },
            Cell::Count(self.again),
        ]
    }
}

/// The figures of what lines have in common, those with the most first.
fn figures<'a>(
    book: &mut Workbook,
    look: (&Lens<'_>, &Looks),
    (name, first): (&str, &str),
    lines: impl Iterator<Item = (String, &'a Line)>,
) -> Result<()> {
    let now = look.0.now.timestamp_millis();
    let mut by: BTreeMap<String, Figures> = BTreeMap::new();
    for (key, line) in lines {
        by.entry(key).or_default().add(line, now);
    }
    let mut by: Vec<(String, Figures)> = by.into_iter().collect();
    by.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.total));
    let mut columns = vec![(first, 28.0)];
    columns.extend(FIGURES);
    let sheet = sheet(book, look, name, &columns, by.len())?;
    for (row, (key, figures)) in (1_u32..).zip(by) {
        write(sheet, look, (row, 0), &Cell::Text(key))?;
        for (column, cell) in (1_u16..).zip(figures.cells()) {
            write(sheet, look, (row, column), &cell)?;
        }
    }
    Ok(())
}

/// The workbook's bytes. It takes long for many issues: not for a thread that others wait for.
pub fn workbook(lens: &Lens<'_>, gathered: &Gathered) -> Result<Vec<u8>> {
    let (mut book, looks) = (Workbook::new(), Looks::new());
    let look = (lens, &looks);
    let rows = gathered.lines.len();
    let all = sheet(&mut book, look, "sheet_issues", &COLUMNS, rows)?;
    for (row, line) in (1_u32..).zip(&gathered.lines) {
        for (column, cell) in (0_u16..).zip(cells(lens, gathered, line)) {
            write(all, look, (row, column), &cell)?;
        }
    }
    let lines = || gathered.lines.iter();
    let units = lines().map(|line| (lens.unit(line.unit_id), line));
    figures(&mut book, look, ("sheet_units", "col_unit"), units)?;
    let kinds = lines().map(|line| (lens.category(&line.category), line));
    let names = ("sheet_categories", "col_category");
    figures(&mut book, look, names, kinds)?;
    book.save_to_buffer().map_err(wrong)
}
