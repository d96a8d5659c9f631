//! The rules of the units' rows: each code once, what is above them is there, and nothing stands in a circle.

use std::collections::{HashMap, HashSet};

use super::faults::Faults;
use super::known::{index, resolve};
use super::row::{aliases, day, former, labelled, needed, once, optional};
use crate::roster::event::{Bearer, Former, Merge, end_of};
use crate::roster::model::{Roster, Unit};
use crate::roster::read::Row;

/// What the tables of units say.
#[derive(Debug, Default)]
pub(in super::super) struct Units {
    pub units: Vec<Unit>,
    /// Those that are part of another by now.
    pub merged: Vec<Unit>,
    pub former: Vec<Former>,
    pub merges: Vec<Merge>,
}

/// Reads the rows of units. `kept` are the units that stay although no row says so.
pub(in super::super) fn units(
    rows: &[Row<'_>],
    kept: &[Unit],
    current: &Roster,
    faults: &mut Faults,
) -> Units {
    let stays = kept.iter().map(|u| (u.code.as_str(), u.name.as_str()));
    let (codes, names) = index(
        rows.iter()
            .map(|r| (r.get("code"), r.get("name")))
            .chain(stays),
    );
    let mut seen = HashMap::new();
    let mut read = Units::default();
    for &row in rows {
        let code = needed(row, "code", faults);
        let name = needed(row, "name", faults);
        if !code.is_empty() {
            once(&mut seen, code.clone(), row, "code", faults);
        }
        let stored = current.unit(&code);
        let is_code = |code: &str| codes.contains(code);
        let own = aliases(row, stored.map(|u| &u.aliases), &is_code, faults);
        let on = day(row, "merged_on", None, faults);
        let mut above = |key: &str, stored: Option<&String>| {
            let text = optional(row, key, stored)?;
            match resolve(&codes, &names, &text) {
                Ok(code) => Some(code),
                Err(reason) => {
                    faults.push(row.fault(key, reason));
                    None
                }
            }
        };
        let merged = above("merged_into", None)
            .map(|into| (into, on))
            .or_else(|| {
                let known = current.merged.iter().find(|merge| merge.from == code);
                let into = known.filter(|merge| codes.contains(&merge.into))?;
                Some((into.into.clone(), into.on))
            });
        let unit = Unit {
            id: 0,
            parent: above("parent", stored.and_then(|u| u.parent.as_ref())),
            area: above("area", stored.and_then(|u| u.area.as_ref()))
                .or_else(|| labelled(row, "area", &codes, &names).filter(|area| *area != code)),
            aliases: own,
            kind: optional(row, "kind", stored.map(|u| &u.kind)).unwrap_or_default(),
            code,
            name,
        };
        let bearer = Bearer::Unit(unit.code.clone());
        read.former
            .extend(former(row, ("former", "renamed_on"), &bearer, faults));
        match merged {
            Some((into, _)) if into == unit.code => {
                let text = "a unit cannot be merged into itself: correct it, or leave it empty";
                faults.push(row.fault("merged_into", text));
            }
            Some((into, on)) => {
                let from = unit.code.clone();
                read.merges.push(Merge { from, into, on });
                read.merged.push(unit);
            }
            None => read.units.push(unit),
        }
    }
    for unit in &mut read.units {
        for above in [&mut unit.parent, &mut unit.area].into_iter().flatten() {
            let end = end_of(&read.merges, above).to_owned();
            *above = end;
        }
    }
    let all: Vec<Unit> = read.units.iter().chain(kept).cloned().collect();
    in_no_circle(rows, &all, faults);
    read
}

fn in_no_circle(rows: &[Row<'_>], units: &[Unit], faults: &mut Faults) {
    let Some((code, way)) = circle(units) else {
        return;
    };
    if let Some(row) = rows.iter().find(|r| r.get("code") == code).or(rows.first()) {
        let key = if row.get("parent").is_empty() {
            "area"
        } else {
            "parent"
        };
        let text =
            format!("the units stand above each other in a circle: {way}; correct one of them");
        faults.push(row.fault(key, text));
    }
}

/// A circle of units that are each other's parent or area, with the code of its first. A unit that
/// is its own area is not one.
fn circle(units: &[Unit]) -> Option<(String, String)> {
    let by_code: HashMap<&str, &Unit> = units.iter().map(|u| (u.code.as_str(), u)).collect();
    let above = |code: &str| -> Vec<&str> {
        let Some(unit) = by_code.get(code) else {
            return Vec::new();
        };
        let area = unit.area.as_deref().filter(|area| *area != code);
        unit.parent.as_deref().into_iter().chain(area).collect()
    };
    let mut done: HashSet<&str> = HashSet::new();
    for unit in units {
        // The way from `unit` upwards, each step with what is still to be tried above it.
        let mut way = vec![(unit.code.as_str(), above(&unit.code))];
        while let Some((code, rest)) = way.last_mut() {
            let Some(next) = rest.pop() else {
                done.insert(code);
                way.pop();
                continue;
            };
            if let Some(at) = way.iter().position(|step| step.0 == next) {
                let names = way.iter().skip(at).map(|step| step.0).chain([next]);
                return Some((next.to_owned(), names.collect::<Vec<_>>().join(" → ")));
            }
            if !done.contains(next) {
                way.push((next, above(next)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_through_an_area_is_found_but_not_ones_own_area() {
        let unit = |code: &str, parent: Option<&str>, area: Option<&str>| Unit {
            id: 0,
            code: code.into(),
            name: code.into(),
            aliases: vec![],
            parent: parent.map(Into::into),
            area: area.map(Into::into),
            kind: String::new(),
        };
        assert_eq!(
            circle(&[unit("A", None, Some("A")), unit("B", Some("A"), Some("A"))]),
            None
        );
        let around = [unit("A", None, Some("B")), unit("B", Some("A"), None)];
        assert_eq!(circle(&around).unwrap().1, "A → B → A");
    }
}
