//! What sources are said to cover and what is to be masked, held against the words of the field and the roster: a name that
//! is not there would cover nothing, and the silence of a report would never verify anything.

use super::sections::Settings;
use crate::error::{Fault, closest};
use crate::report::decode::IGNORE;
use crate::roster::{Roster, Unit};
use crate::vocabulary::{Platform, Vocabulary};

impl Settings {
    /// The platforms that sources cover and nobody knows, each with the nearest right name.
    pub fn unknown_platforms(&self, vocabulary: &Vocabulary) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (n, source) in self.sources.iter().enumerate() {
            for name in &source.covers.platforms {
                if vocabulary.platform(name).is_none() {
                    let reason = no_platform(name, vocabulary.platforms());
                    faults.push(self.covers_fault(n, "platforms", name, &reason));
                }
            }
        }
        faults
    }

    /// The areas that sources cover and the roster does not have. Without units there is nothing
    /// to compare with.
    pub fn unknown_areas(&self, roster: &Roster) -> Vec<Fault> {
        let mut faults = Vec::new();
        if roster.units.is_empty() {
            return faults;
        }
        for (n, source) in self.sources.iter().enumerate() {
            for code in &source.covers.areas {
                if !roster.units.iter().any(|unit| unit.code == *code) {
                    let reason = no_area(code, &roster.units);
                    faults.push(self.covers_fault(n, "areas", code, &reason));
                }
            }
        }
        faults
    }

    /// Fields that `[sources.columns]` names and no finding has, each with the nearest right name.
    pub fn unknown_fields(&self, vocabulary: &Vocabulary) -> Vec<Fault> {
        let fields = vocabulary.fields();
        let mut faults = Vec::new();
        for (n, source) in self.sources.iter().enumerate() {
            for (header, field) in &source.columns {
                if field.is_empty() || field == IGNORE || fields.contains(&field.as_str()) {
                    continue;
                }
                let near = nearest(field, fields.iter().copied());
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                let all = fields.join(", ");
                let reason = format!(
                    "there is no such field{near}; there are: {all}; and {IGNORE:?} leaves the column out"
                );
                let (path, name) = (format!("sources.{n}.columns.{header}"), &source.name);
                let shown = format!("sources.{name}.columns.{header}");
                faults.push(self.places.fault(&path, &shown, field, &reason));
            }
        }
        faults
    }

    /// The categories of `[mask]` that nobody knows: they would mask nothing.
    pub fn unknown_masked(&self, vocabulary: &Vocabulary) -> Vec<Fault> {
        let mut faults = Vec::new();
        for name in &self.mask.categories {
            if vocabulary.category_named(name).is_none() {
                let ids = vocabulary.category_ids();
                let near = nearest(name, ids.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean {near:?}?"));
                let reason = format!("there is no such category{}", near.unwrap_or_default());
                let key = "mask.categories";
                faults.push(self.places.fault(key, key, name, &reason));
            }
        }
        faults
    }

    fn covers_fault(&self, source: usize, key: &str, value: &str, reason: &str) -> Fault {
        let name = self.sources.get(source).map_or("", |s| s.name.as_str());
        let path = format!("sources.{source}.covers.{key}");
        let shown = format!("sources.{name}.covers.{key}");
        self.places.fault(&path, &shown, value, reason)
    }
}

fn no_platform(name: &str, platforms: &[Platform]) -> String {
    let names = platforms
        .iter()
        .flat_map(|p| std::iter::once(&p.id).chain(&p.names))
        .map(String::as_str);
    match nearest(name, names) {
        Some(near) => format!("there is no such platform; did you mean {near:?}?"),
        None => {
            let ids: Vec<&str> = platforms.iter().map(|p| p.id.as_str()).collect();
            format!("there is no such platform; there are: {}", ids.join(", "))
        }
    }
}

fn no_area(code: &str, units: &[Unit]) -> String {
    let named = |unit: &&Unit| {
        unit.name == code
            || unit.aliases.iter().any(|a| a.name == code)
            || unit.name.starts_with(code)
    };
    let near = || {
        let near = nearest(code, units.iter().map(|unit| unit.code.as_str()))?;
        units.iter().find(|unit| unit.code == near)
    };
    match units.iter().find(named).or_else(near) {
        Some(unit) => format!(
            "areas are codes of units, and none has this one; did you mean {:?} ({})?",
            unit.code, unit.name
        ),
        None => "areas are codes of units, and none has this one; `duban roster export` lists them"
            .to_owned(),
    }
}

/// The right name that somebody probably meant.
fn nearest<'a>(wrong: &str, right: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    closest(wrong, right)
        .filter(|(_, likeness)| *likeness > 0.75)
        .map(|(name, _)| name)
}
