//! A row of JSON: its fields by their paths, each value as it is written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::tables::Room;
use super::{Limits, Taken};
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The most fields that the rows may have among them all.
const FIELDS: usize = 1_000;

/// Objects in a row are opened so deep; what lies deeper stays JSON.
const DEPTH: usize = 8;

/// The fields of an object in their order, also those that stand twice.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    pairs.push((pair.0.0, pair.1));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A field's name, borrowed where it holds no escape.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields that rows have had so far.
pub(super) struct Columns {
    /// The path of each, and its last name.
    paths: Vec<(String, String)>,
    at: HashMap<String, usize>,
    room: Room,
}

/// A row of cells that is being filled; none: not named by the row.
type Cells = Vec<Option<String>>;

/// What is wrong with a row.
pub(super) enum Wrong {
    /// The row alone.
    Row(Fault),
    /// The whole report.
    Report(Fault),
}

impl Columns {
    /// None yet, of a report that may be so large, of which so much was read `before`.
    pub(super) fn of(limits: Limits, before: Taken) -> Self {
        Self {
            paths: Vec::new(),
            at: HashMap::new(),
            room: Room::of(limits, before),
        }
    }

    /// The cells of all rows so far, and of what was read before.
    pub(super) fn taken(&self) -> u64 {
        self.room.taken()
    }

    /// Makes columns of a row's fields, and counts it; whether it is a row at all. An error: the report is too
    /// large.
    pub(super) fn learn(&mut self, row: &str) -> Result<bool, Fault> {
        self.room.row()?;
        let Ok(fields) = serde_json::from_str::<Pairs<'_>>(row) else {
            return Ok(false);
        };
        let mut cells = 0;
        for (name, value) in fields.0 {
            self.learn_field(&name, &name, value, 0, &mut cells)?;
        }
        self.room.cells(cells)?;
        Ok(true)
    }

    fn learn_field(
        &mut self,
        path: &str,
        name: &str,
        value: &RawValue,
        depth: usize,
        cells: &mut usize,
    ) -> Result<(), Fault> {
        match within(value.get(), depth) {
            Within::Nothing => {}
            Within::Fields(inner) => {
                for (name, value) in inner.0 {
                    self.learn_field(&format!("{path}.{name}"), &name, value, depth + 1, cells)?;
                }
            }
            Within::Value => *cells = (*cells).max(self.column(path, name)? + 1),
        }
        Ok(())
    }

    /// The cells of a row whose fields were learned.
    pub(super) fn read(&mut self, row: &str) -> Result<Vec<String>, Wrong> {
        let fields: Pairs<'_> = serde_json::from_str(row).map_err(|error| {
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            let reason = match error.is_data() {
                true => "a row must be an object of fields".to_owned(),
                false => format!("the row is not valid JSON: {what}, byte {}", error.column()),
            };
            Wrong::Row(Fault::new(reason).code("not_a_row"))
        })?;
        let mut cells = Cells::new();
        for (name, value) in fields.0 {
            self.put(&name, &name, value, 0, &mut cells)?;
        }
        Ok(cells.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn put(
        &mut self,
        path: &str,
        name: &str,
        value: &RawValue,
        depth: usize,
        cells: &mut Cells,
    ) -> Result<(), Wrong> {
        match within(value.get(), depth) {
            Within::Nothing => return Ok(()),
            Within::Fields(inner) => {
                for (name, value) in inner.0 {
                    self.put(&format!("{path}.{name}"), &name, value, depth + 1, cells)?;
                }
                return Ok(());
            }
            Within::Value => {}
        }
        let raw = value.get();
        let text = match raw.starts_with('[') {
            true => list(raw),
            false => plain(raw),
        };
        let text = text.unwrap_or_else(|| raw.to_owned());
        let at = self.column(path, name).map_err(Wrong::Report)?;
        if cells.len() <= at {
            cells.resize(at + 1, None);
        }
        let Some(cell) = cells.get_mut(at) else {
            return Ok(());
        };
        if cell.as_ref().is_some_and(|before| *before != text) {
            let reason =
                "the row has this field twice, with different values; nobody knows which is right";
            return Err(Wrong::Row(
                Fault::new(reason).code("not_a_row").column(path),
            ));
        }
        *cell = Some(text);
        Ok(())
    }

    fn column(&mut self, path: &str, name: &str) -> Result<usize, Fault> {
        if let Some(at) = self.at.get(path) {
            return Ok(*at);
        }
        let at = self.paths.len();
        if at >= FIELDS {
            let reason = format!(
                "the rows have more than {FIELDS} different fields; their place may be another one, see rows \
                 of the source"
            );
            return Err(Fault::new(reason).code("too_large"));
        }
        self.at.insert(path.to_owned(), at);
        self.paths.push((path.to_owned(), name.to_owned()));
        Ok(at)
    }

    /// What the columns are called: a field of the row itself by its name; one within it by its path where
    /// the path is known or its last name is another's too, else by its last name.
    pub(super) fn headers(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let mut named: HashMap<&str, usize> = HashMap::new();
        for (_, name) in &self.paths {
            *named.entry(name).or_default() += 1;
        }
        let header = |(path, name): &(String, String)| {
            let alone = named.get(name.as_str()) == Some(&1);
            if alone && vocabulary.header(path).is_none() {
                name.clone()
            } else {
                path.clone()
            }
        };
        self.paths.iter().map(header).collect()
    }
}

/// What a field holds.
enum Within<'a> {
    /// It is `null`.
    Nothing,
    /// It is an object, which is opened.
    Fields(Pairs<'a>),
    /// It is a cell.
    Value,
}

fn within(raw: &str, depth: usize) -> Within<'_> {
    match raw.as_bytes().first() {
        Some(b'n') => Within::Nothing,
        Some(b'{') if depth < DEPTH => {
            Within::Fields(serde_json::from_str(raw).unwrap_or(Pairs(Vec::new())))
        }
        _ => Within::Value,
    }
}

/// A value that is no list and no object, as text.
fn plain(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => {
            let text: String = serde_json::from_str(raw).ok()?;
            Some(text.trim().to_owned())
        }
        b'-' | b'0'..=b'9' => Some(number(raw)),
        b't' | b'f' => Some(raw.to_owned()),
        _ => None,
    }
}

/// A list of plain values in one cell.
fn list(raw: &str) -> Option<String> {
    let items: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
    let items: Option<Vec<String>> = items.iter().map(|item| plain(item.get())).collect();
    Some(items?.join("、"))
}

/// A number with all of its digits: codes come as `3.50102E5` and `350102.0` too.
fn number(raw: &str) -> String {
    let (digits, shift) = match raw.split_once(['e', 'E']) {
        Some((digits, shift)) => (digits, shift.parse::<i64>().unwrap_or(i64::MAX)),
        None => (raw, 0),
    };
    if shift.abs() > 40 {
        return raw.to_owned();
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all: String = format!("{whole}{part}");
    let mut point = i64::try_from(whole.len()).unwrap_or_default() + shift;
    while point <= 0 {
        all.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).unwrap_or_default();
    while all.len() < point {
        all.push('0');
    }
    let (whole, part) = all.split_at(point);
    let trimmed = whole.trim_start_matches('0');
    let whole = if trimmed.is_empty() { "0" } else { trimmed };
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (raw, want) in [
            ("123", "123"),
            ("20210630000000000001", "20210630000000000001"),
            ("3.50102E5", "350102"),
            ("1e15", "1000000000000000"),
            ("350102.0", "350102"),
            ("-0.50", "-0.5"),
            ("12e-3", "0.012"),
            ("0", "0"),
            ("1E400", "1E400"),
            ("0.1", "0.1"),
        ] {
            assert_eq!(number(raw), want, "{raw}");
        }
    }

    fn read(rows: &[&str]) -> (Vec<String>, Vec<Result<Vec<String>, Fault>>) {
        let mut columns = Columns::of(Limits::default(), Taken::default());
        let mut cells = Vec::new();
        for row in rows {
            cells.push(columns.read(row).map_err(|wrong| match wrong {
                Wrong::Row(fault) | Wrong::Report(fault) => fault,
            }));
        }
        (columns.headers(&Vocabulary::builtin().unwrap()), cells)
    }

    #[test]
    fn fields_within_fields_are_columns() {
        let row = r#"{"name":"a","account":{"name":"b","uid":7,"none":null},"unit":{"name":"c","title":[1,"二"]}}"#;
        let (headers, cells) = read(&[row]);
        assert_eq!(
            headers,
            ["name", "account.name", "account.uid", "unit.name", "title"]
        );
        assert_eq!(
            cells,
            [Ok(["a", "b", "7", "c", "1、二"].map(String::from).to_vec())]
        );
        let words = Vocabulary::builtin().unwrap();
        assert_eq!(words.header("account.name"), Some("account_name"));
        assert_eq!(words.header("unit.name"), Some("unit"));
        assert_eq!(words.header("name"), None);
    }

    #[test]
    fn a_field_that_stands_twice_has_one_value() {
        let (_, cells) = read(&[r#"{"a":1,"a":1.0}"#, r#"{"a":1,"a":2}"#, "[1]", "{"]);
        let right: Vec<bool> = cells.iter().map(Result::is_ok).collect();
        assert_eq!(right, [true, false, false, false]);
        let deep = format!(
            "{}{}",
            r#"{"a":"#.repeat(5_000),
            "1".to_owned() + &"}".repeat(5_000)
        );
        assert!(read(&[&deep]).1.iter().all(Result::is_ok));
        let wide: Vec<String> = (0..2_000).map(|n| format!(r#"{{"f{n}":1}}"#)).collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        assert!(read(&wide).1.iter().any(Result::is_err));
    }
}
