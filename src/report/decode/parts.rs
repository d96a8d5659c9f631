//! Reports that came in pages, joined as RFC 7464 joins JSON texts: each page behind a record separator.
//! JSON cannot hold one as it is, and the separator tells such a report from any other.

use super::{DecodeOptions, Decoded, Part, json, one};
use crate::error::Fault;
use crate::vocabulary::{Telling, Vocabulary};

/// Stands before each page.
const SEPARATOR: u8 = 0x1e;

/// Pages that are joined as they come.
#[derive(Debug, Default)]
pub struct Pages {
    joined: Vec<u8>,
    last: Vec<u8>,
    count: usize,
    binary: bool,
}

impl Pages {
    /// Adds a page; false: it is the same as the last one, and not blank.
    pub fn add(&mut self, page: &[u8]) -> bool {
        let page = page.trim_ascii();
        if self.count > 0 && page == self.last && !page.is_empty() {
            return false;
        }
        self.binary |= page.contains(&SEPARATOR) || page.contains(&0);
        self.joined.push(SEPARATOR);
        self.joined.extend_from_slice(page);
        self.joined.push(b'\n');
        self.last = page.to_vec();
        self.count += 1;
        true
    }

    /// All of them as one report, a single one as it is; none: some are no text and cannot be joined.
    pub fn joined(self) -> Option<Vec<u8>> {
        match self.count {
            1 => Some(self.last),
            _ if self.binary => None,
            _ => Some(self.joined),
        }
    }
}

/// The pages of a report that was joined; none: it was not.
pub(super) fn split(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let rest = bytes.strip_prefix(&[SEPARATOR])?;
    // Each as it came, without the line's end behind it: one that was cut off ends where it was cut.
    let pages = rest.split(|byte| *byte == SEPARATOR);
    Some(
        pages
            .map(|page| page.strip_suffix(b"\n").unwrap_or(page))
            .collect(),
    )
}

/// How many rows a page holds: the items of its array, or its lines below the first. None: it has no place
/// for rows.
pub fn rows_of(page: &[u8], path: Option<&str>) -> Option<usize> {
    let page = page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page);
    let page = page.trim_ascii();
    if matches!(page.first(), Some(b'{' | b'[')) {
        return json::count(page, path);
    }
    let lines = page.split(|byte| *byte == b'\n');
    let filled = lines.filter(|line| !line.trim_ascii().is_empty()).count();
    Some(filled.saturating_sub(1))
}

/// Reads the pages one after the other and sums up; rows are counted through.
pub(super) fn decode(
    pages: &[&[u8]],
    options: &DecodeOptions,
    vocabulary: &Vocabulary,
) -> Result<Decoded, Fault> {
    let mut sum: Option<Decoded> = None;
    let mut lacking = Vec::new();
    let mut broken = None;
    for (n, page) in pages.iter().enumerate() {
        if n > 0 && page.trim_ascii().is_empty() {
            continue;
        }
        let options = DecodeOptions {
            file_name: format!("{} page {}", options.file_name, n + 1),
            ..options.clone()
        };
        let before = sum.as_ref().map(Decoded::taken).unwrap_or_default();
        let mut read = one(page, &options, vocabulary, Part::Page(before))?;
        // What a page says of further ones is true of it alone; that it is not whole itself is true of all.
        if let Some(fault) = read.incomplete.take() {
            if speaks_of_pages(&fault, vocabulary) {
                read.notes.retain(|note| *note != fault.reason);
                lacking.push(fault);
            } else {
                broken.get_or_insert(fault);
            }
        }
        match &mut sum {
            None => sum = Some(read),
            Some(sum) => add(sum, read),
        }
    }
    let mut sum = sum.ok_or_else(|| Fault::new("the report has no pages").code("empty"))?;
    let rows = sum.findings.len() + sum.rejected.len();
    let lacks = incomplete(&lacking, rows, vocabulary);
    sum.notes
        .extend(lacks.as_ref().map(|fault| fault.reason.clone()));
    sum.incomplete = broken.or(lacks);
    Ok(sum)
}

fn add(sum: &mut Decoded, page: Decoded) {
    let before = (sum.findings.len() + sum.rejected.len()) as u64;
    let counted = page.findings.into_iter().map(|mut finding| {
        finding.row += before;
        finding
    });
    sum.findings.extend(counted);
    sum.taken.cells = page.taken.cells;
    sum.rejected.extend(page.rejected);
    for note in page.notes {
        if !sum.notes.contains(&note) {
            sum.notes.push(note);
        }
    }
    for column in page.columns {
        let known = |other: &super::Column| {
            (&other.sheet, &other.header) == (&column.sheet, &column.header)
        };
        if !sum.columns.iter().any(known) {
            sum.columns.push(column);
        }
    }
}

/// Whether a page only says that others follow, or how many rows there are in all.
fn speaks_of_pages(fault: &Fault, vocabulary: &Vocabulary) -> bool {
    let words = vocabulary.envelope();
    let name = fault.column.as_deref();
    name.is_some_and(|name| words.telling(name).is_some())
}

/// What a page says of further ones is true of it alone; how many rows there are in all is held against
/// those of all pages.
fn incomplete(lacking: &[Fault], rows: usize, vocabulary: &Vocabulary) -> Option<Fault> {
    let words = vocabulary.envelope();
    let lacks = |fault: &&Fault| {
        let total = fault.column.as_deref().and_then(|name| words.telling(name));
        let value = fault.value.as_deref().and_then(|text| text.parse().ok());
        total == Some(Telling::Total) && value.is_some_and(|total: usize| total > rows)
    };
    let fault = lacking.iter().rev().find(lacks)?;
    let (name, total) = (fault.column.as_deref()?, fault.value.as_deref()?);
    let reason = format!(
        "the report is not complete: {name} = {total}, and {rows} rows came along on all its pages; what \
         it does not list is not taken as fixed. See whether rows are left out between the pages"
    );
    Some(Fault {
        reason,
        ..fault.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Format, decode};
    use super::*;

    fn options() -> DecodeOptions {
        DecodeOptions {
            format: Format::Auto,
            rows_path: None,
            file_name: "r.json".into(),
            date: chrono::NaiveDate::from_ymd_opt(2021, 6, 30).unwrap(),
            zone: chrono_tz::Asia::Shanghai,
            updates: false,
            tables: super::super::Tables::default(),
        }
    }

    fn read(pages: &[&str]) -> Result<Decoded, Fault> {
        let mut joined = Pages::default();
        for page in pages {
            assert!(joined.add(page.as_bytes()));
        }
        let options = options();
        let bytes = joined.joined().unwrap();
        decode(&bytes, &options, &Vocabulary::builtin().unwrap())
    }

    const ROW: &str = r#"{"账号名称":"示范发布","错敏词":"做为"}"#;

    #[test]
    fn a_total_is_held_against_all_pages() {
        let page = |number: u32, total: u32| {
            format!(r#"{{"code":0,"page":{number},"total":{total},"rows":[{ROW},{ROW}]}}"#)
        };
        let whole = read(&[&page(1, 4), &page(2, 4)]).unwrap();
        assert_eq!(whole.findings.len(), 4);
        assert_eq!(whole.findings[3].row, 4);
        assert!(
            whole.incomplete.is_none() && whole.notes.is_empty(),
            "{:?}",
            whole.notes
        );
        let lacking = read(&[&page(1, 5), &page(2, 5)]).unwrap();
        let fault = lacking.incomplete.unwrap();
        assert!(fault.reason.contains("total = 5, and 4 rows"), "{fault}");
    }

    #[test]
    fn a_page_that_is_cut_off_makes_the_report_incomplete() {
        let whole = "账号名称,错敏词\n甲,做为\n";
        let cut = "账号名称,错敏词\n乙,按装\n丙,座落\n";
        let cut = &cut.as_bytes()[..cut.len() - 2];
        let mut joined = Pages::default();
        assert!(joined.add(whole.as_bytes()) && joined.add(cut));
        let options = options();
        let bytes = joined.joined().unwrap();
        let read = decode(&bytes, &options, &Vocabulary::builtin().unwrap()).unwrap();
        assert_eq!(read.findings.len(), 2);
        let fault = read.incomplete.unwrap();
        assert_eq!(fault.code, Some("cut_off"), "{fault}");
        assert!(read.notes.contains(&fault.reason), "{:?}", read.notes);
    }

    #[test]
    fn limits_hold_for_all_pages_together() {
        let page = format!(r#"{{"rows":[{ROW},{ROW}]}}"#);
        let table = "账号名称,错敏词\n甲,做为\n乙,按装\n";
        let other = format!(r#"{{"rows":[{ROW}]}}"#);
        let json = [page.as_str(), &other, &page];
        let csv = [table, "账号名称,错敏词\n丙,做为\n", table];
        // The headers of text tables are cells too.
        for (pages, cells) in [(json, 10), (csv, 16)] {
            let read = |rows, cells| {
                let mut joined = Pages::default();
                assert!(pages.iter().all(|page| joined.add(page.as_bytes())));
                let mut options = options();
                options.tables.limits.rows = rows;
                options.tables.limits.cells = cells;
                let bytes = joined.joined().unwrap();
                decode(&bytes, &options, &Vocabulary::builtin().unwrap())
            };
            assert_eq!(read(5, cells).unwrap().findings.len(), 5);
            for (fault, code) in [
                (read(4, cells).unwrap_err(), "too_many_rows"),
                (read(5, cells - 1).unwrap_err(), "too_many_cells"),
            ] {
                assert_eq!(fault.code, Some(code));
                assert_eq!(fault.file.as_deref(), Some("r.json page 3"), "{fault}");
            }
        }
    }

    #[test]
    fn a_page_that_failed_refuses_the_report() {
        let good = format!(r#"{{"rows":[{ROW}]}}"#);
        let fault = read(&[&good, r#"{"code":500,"msg":"忙","rows":[]}"#]).unwrap_err();
        assert!(
            fault.to_string().starts_with("r.json page 2, column code"),
            "{fault}"
        );
    }

    #[test]
    fn tables_in_pages_and_a_single_page() {
        let header = "账号名称,错敏词\n";
        let two = read(&[&format!("{header}甲,做为\n"), &format!("{header}乙,按装\n")]).unwrap();
        assert_eq!(two.findings.len(), 2);
        let mut single = Pages::default();
        single.add(b"PK\x03\x04\x1e\0");
        assert_eq!(single.joined().unwrap(), b"PK\x03\x04\x1e\0");
        let mut binary = Pages::default();
        binary.add(b"a\0");
        assert!(!binary.add(b"a\0"));
        binary.add(b"b\0");
        assert!(binary.joined().is_none());
    }

    #[test]
    fn rows_of_a_page() {
        assert_eq!(rows_of(b"[]", None), Some(0));
        assert_eq!(rows_of(br#"{"d":{"l":[{},{}]}}"#, Some("d.l")), Some(2));
        assert_eq!(rows_of(br#"{"msg":"no"}"#, None), None);
        assert_eq!(rows_of(b"a,b\n1,2\n\n3,4\n", None), Some(2));
        assert_eq!(rows_of(b"", None), Some(0));
    }
}
