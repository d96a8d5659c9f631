//! The cells of a row that no field takes: each is kept as it stands, by the header of its column.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

/// Texts by headers as written, sorted by them, each header once. The rows of a report share its headers: a
/// hundred thousand rows keep each of them once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Other(Vec<(Arc<str>, String)>);

impl Other {
    /// None yet, with room for so many.
    pub fn with_room(cells: usize) -> Self {
        Self(Vec::with_capacity(cells))
    }

    /// Puts a text under a header, in the place of what stands there.
    pub fn put(&mut self, header: Arc<str>, text: String) {
        if self.0.last().is_none_or(|(last, _)| *last < header) {
            self.0.push((header, text));
            return;
        }
        match self.0.binary_search_by(|(known, _)| known.cmp(&header)) {
            Ok(at) => {
                if let Some(cell) = self.0.get_mut(at) {
                    cell.1 = text;
                }
            }
            Err(at) => self.0.insert(at, (header, text)),
        }
    }

    /// Headers and texts, by the headers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(header, text)| (&**header, text.as_str()))
    }
}

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Other {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Other {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let cells: BTreeMap<String, String> = BTreeMap::deserialize(deserializer)?;
        let cells = cells
            .into_iter()
            .map(|(header, text)| (header.into(), text));
        Ok(Self(cells.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_stands_once_and_in_order() {
        let mut other = Other::default();
        for (header, text) in [("b", "1"), ("c", "2"), ("a", "3"), ("b", "4")] {
            other.put(header.into(), text.to_owned());
        }
        let cells: Vec<(&str, &str)> = other.iter().collect();
        assert_eq!(cells, [("a", "3"), ("b", "4"), ("c", "2")]);
        let written = serde_json::to_string(&other).unwrap();
        assert_eq!(written, r#"{"a":"3","b":"4","c":"2"}"#);
        assert_eq!(serde_json::from_str::<Other>(&written).unwrap(), other);
    }
}
