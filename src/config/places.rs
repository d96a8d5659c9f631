//! Where each key stands, so that a mistake that is found only later still names its file and line.

use std::collections::{HashMap, HashSet};

use toml::de::{DeTable, DeValue};

use crate::error::Fault;

/// The lines of the keys of a settings file, and which of them the environment has set.
#[derive(Clone, Debug, Default)]
pub struct Places {
    file: String,
    /// By path: `delivery.send_until`, `sources.0.covers`.
    rows: HashMap<String, u64>,
    overridden: HashSet<String>,
}

impl Places {
    /// The places of a text that is called `file`, with these variables on top.
    pub(super) fn read<'a>(
        text: &str,
        file: &str,
        variables: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut places = Self {
            file: file.to_owned(),
            rows: HashMap::new(),
            overridden: variables.map(str::to_uppercase).collect(),
        };
        if let Ok(table) = DeTable::parse(text) {
            places.table(text, "", table.get_ref());
        }
        places
    }

    fn table(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = if path.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{path}.{}", key.get_ref())
            };
            self.value(text, &path, key.span().start, value.get_ref());
        }
    }

    fn value(&mut self, text: &str, path: &str, start: usize, value: &DeValue<'_>) {
        self.rows.insert(path.to_owned(), row(text, start));
        match value {
            DeValue::Table(inner) => self.table(text, path, inner),
            DeValue::Array(list) => {
                for (n, item) in list.iter().enumerate() {
                    self.value(
                        text,
                        &format!("{path}.{n}"),
                        item.span().start,
                        item.get_ref(),
                    );
                }
            }
            _ => {}
        }
    }

    /// A fault at a key, which is shown as `shown`: in the file, or in the environment that set it.
    pub(super) fn fault(&self, path: &str, shown: &str, value: &str, reason: &str) -> Fault {
        let mut fault = Fault::new(reason);
        if !value.is_empty() {
            fault = fault.value(value);
        }
        let variable = format!("DUBAN_{}", path.replacen('.', "__", 1).to_uppercase());
        if self.overridden.contains(&variable) {
            return fault.file("the environment").column(variable);
        }
        fault = fault.file(self.file.as_str()).column(shown);
        match self.nearest(path) {
            Some(row) => fault.row(row),
            None => fault,
        }
    }

    /// The line of the key, or of what it would stand in.
    fn nearest(&self, path: &str) -> Option<u64> {
        self.rows.get(path).copied().or_else(|| {
            let (outer, _) = path.rsplit_once('.')?;
            self.nearest(outer)
        })
    }
}

/// The line in which a position of the text lies, counted from 1.
pub(super) fn row(text: &str, start: usize) -> u64 {
    let before = text.get(..start).unwrap_or_default();
    before.matches('\n').count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "[office]\nname = \"甲\"\n\n[[sources]]\nname = \"a\"\n\n[[sources]]\nname = \"b\"\ncovers = { areas = [] }\n";
        let places = Places::read(text, "duban.toml", ["DUBAN_OFFICE__NAME"].into_iter());
        let fault = |path: &str| places.fault(path, path, "", "wrong").to_string();
        assert_eq!(
            fault("sources.1.covers.areas"),
            "duban.toml, row 9, column sources.1.covers.areas: wrong"
        );
        assert!(fault("sources.1.schedule").starts_with("duban.toml, row 7,"));
        assert!(fault("office.work_end").starts_with("duban.toml, row 1,"));
        assert!(fault("delivery.send_after").starts_with("duban.toml, column"));
        assert!(fault("office.name").starts_with("the environment, column DUBAN_OFFICE__NAME"));
    }
}
