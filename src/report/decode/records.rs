//! The records of a text table: cut at the delimiters where nothing is quoted, read by `csv-core` where
//! something is; what they say is the same.

use std::borrow::Cow;

use csv_core::ReadRecordResult;
use memchr::{memchr_iter, memchr3};

/// A record of a text.
#[derive(Debug, Default)]
pub(super) struct Record<'t> {
    /// The line in which it begins, as a person counts them.
    pub line: u64,
    /// Its cells as written, without the quotes around them.
    pub cells: Vec<Cow<'t, str>>,
    /// A quote is opened in its last cell and never closed: it has taken all lines below into that cell.
    pub open: bool,
}

/// Reads the records of a text one by one.
pub(super) struct Records<'t> {
    text: &'t str,
    delimiter: u8,
    /// From here on nothing was read yet.
    at: usize,
    /// The line of that place.
    line: u64,
    quoted: csv_core::Reader,
    /// What a quoted record says, and where its cells end.
    said: (Vec<u8>, Vec<usize>),
}

impl<'t> Records<'t> {
    /// The records of a text whose cells stand between these ASCII characters.
    pub(super) fn of(text: &'t str, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            at: 0,
            line: 1,
            quoted: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            said: (Vec::new(), Vec::new()),
        }
    }

    /// Reads the next record into one whose room is used again; whether there was one. Lines that are empty
    /// are none.
    pub(super) fn next(&mut self, record: &mut Record<'t>) -> bool {
        record.cells.clear();
        record.open = false;
        let rest = self.rest();
        let empty = rest
            .bytes()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let ends = empty.fold((0, 0), |(all, lines), byte| {
            (all + 1, lines + u64::from(byte == b'\n'))
        });
        self.at += ends.0;
        self.line += ends.1;
        record.line = self.line;
        let rest = self.rest();
        if rest.is_empty() {
            return false;
        }
        match memchr3(b'\n', b'\r', b'"', rest.as_bytes()) {
            Some(at) if rest.as_bytes().get(at) == Some(&b'"') => self.quoted(record),
            end => self.plain(
                rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest),
                record,
            ),
        }
        true
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn plain(&mut self, text: &'t str, record: &mut Record<'t>) {
        let mut from = 0;
        for to in memchr_iter(self.delimiter, text.as_bytes()).chain([text.len()]) {
            record
                .cells
                .push(Cow::Borrowed(text.get(from..to).unwrap_or_default()));
            from = to + 1;
        }
        self.at += text.len();
    }

    fn quoted(&mut self, record: &mut Record<'t>) {
        let rest = self.rest();
        let (text, ends) = &mut self.said;
        self.quoted.reset();
        let (mut taken, mut length, mut cells) = (0, 0, 0);
        loop {
            let input = rest.as_bytes().get(taken..).unwrap_or_default();
            let free = (
                text.get_mut(length..).unwrap_or_default(),
                ends.get_mut(cells..).unwrap_or_default(),
            );
            let (said, read, written, ended) = self.quoted.read_record(input, free.0, free.1);
            taken += read;
            length += written;
            cells += ended;
            match said {
                // After the last of the text it is told that nothing follows.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => text.resize(text.len() * 2 + 1_024, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2 + 32, 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let mut from = 0;
        for to in ends.iter().take(cells) {
            let cell = text.get(from..*to).unwrap_or_default();
            record
                .cells
                .push(Cow::Owned(String::from_utf8_lossy(cell).into_owned()));
            from = *to;
        }
        let source = rest.get(..taken).unwrap_or_default();
        let lines = |text: &str| memchr_iter(b'\n', text.as_bytes()).count() as u64;
        record.open = self.at + taken == self.text.len()
            && record.cells.last().is_some_and(|cell| cell.contains('\n'))
            && memchr_iter(b'"', source.as_bytes()).count() % 2 == 1;
        self.at += taken;
        self.line += lines(source);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the csv crate reads, with the lines in which its records begin.
    fn by_crate(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let records = reader.records().map(Result::unwrap);
        records
            .map(|record| {
                let at = record.position().unwrap();
                let rest = &text.as_bytes()[usize::try_from(at.byte()).unwrap()..];
                let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
                let line = at.line() + ends.filter(|b| **b == b'\n').count() as u64;
                (line, record.iter().map(str::to_owned).collect())
            })
            .collect()
    }

    fn ours(text: &str) -> Vec<(u64, Vec<String>)> {
        let (mut records, mut record) = (Records::of(text, b','), Record::default());
        let mut all = Vec::new();
        while records.next(&mut record) {
            let cells = record.cells.iter().map(|cell| cell.clone().into_owned());
            all.push((record.line, cells.collect()));
        }
        all
    }

    proptest! {
        #[test]
        fn a_text_says_what_the_csv_crate_reads_in_it(text in r#"(?:[甲乙a ,,"\r\n]|""|\r\n){0,60}"#) {
            prop_assert_eq!(ours(&text), by_crate(&text));
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        for (text, open) in [
            ("甲,\"一\n乙,二\n", true),
            ("甲,\"一\n乙,二\"\n", false),
            ("甲,一\"\n", false),
            ("甲,\"一\n乙\",\"二\n丙,三", true),
        ] {
            let (mut records, mut record) = (Records::of(text, b','), Record::default());
            assert!(records.next(&mut record));
            assert_eq!(record.open, open, "{text:?}");
        }
    }
}
