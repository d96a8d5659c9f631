//! From a folder, a CSV file or a workbook to the tables of a roster, or to everything that is
//! wrong with them at once.

use std::path::Path;

use super::check::{self, Faults, Known};
use super::columns::Kind;
use super::event::end_of;
use super::imported::Imported;
use super::keep::{self, Keep};
use super::model::{Roster, Unit};
use super::read::{self, Row, Table};
use super::{crew, ledger, names};
use crate::error::Fault;

/// Reads `path`: a folder with units.csv, accounts.csv and people.csv, a single CSV file of one
/// kind, or a workbook with a sheet for each. `platform_of` turns any name of a platform into its
/// id. A table that is missing is taken from `current` when names are looked up, and so are the
/// values of a column that the table does not have.
///
/// # Errors
/// Every fault found, up to 50, each with its file, sheet, row, column and value.
pub fn read_path(
    path: &Path,
    platform_of: &dyn Fn(&str) -> Option<String>,
    current: &Roster,
) -> Result<Imported, Vec<Fault>> {
    read_part(path, platform_of, current, &Keep::Nothing)
}

/// The same; several files and sheets of one kind, also in folders below, add up, and so do flat tables of
/// one row an account, as offices keep them. `keep` says what stays although nothing names it.
///
/// # Errors
/// As [`read_path`]; an area of `keep` that is no unit's code.
pub fn read_part(
    path: &Path,
    platform_of: &dyn Fn(&str) -> Option<String>,
    current: &Roster,
    keep: &Keep,
) -> Result<Imported, Vec<Fault>> {
    let reading = read::read(path);
    let mut faults = Faults::new(reading.faults);
    if let Keep::Outside(areas) = keep {
        for area in areas.iter().filter(|area| current.unit(area).is_none()) {
            let text = format!("no unit has the code {area}: see `duban roster export`");
            faults.push(Fault::new(text).column("--only-area"));
        }
    }
    let mut imported = Imported {
        notes: reading.notes,
        ..Imported::default()
    };
    let tables = reading.tables.as_slice();
    for (kind, now) in [
        (Kind::Units, current.units.len()),
        (Kind::Accounts, current.accounts.len()),
        (Kind::People, current.people.len()),
        (Kind::Ledger, current.accounts.len()),
    ] {
        not_emptied(tables, kind, now, &mut faults);
    }
    let rows = |kind, notes: &mut Vec<String>| {
        let there = tables.iter().any(|table| table.kind == kind);
        there.then(|| read::together(tables, kind, notes))
    };
    let units = rows(Kind::Units, &mut imported.notes);
    let accounts = rows(Kind::Accounts, &mut imported.notes);
    let people = rows(Kind::People, &mut imported.notes);
    let flat = rows(Kind::Ledger, &mut imported.notes);

    let merged = read_units(
        &mut imported,
        (units.as_deref(), flat.is_some()),
        (current, keep),
        &mut faults,
    );
    let flat_rows = flat.as_deref().unwrap_or_default();
    let ledger = flat
        .is_some()
        .then(|| ledger::read(flat_rows, imported.units.as_deref(), current, &mut faults));
    let mut flat_tables = Vec::new();
    if let Some(ledger) = ledger {
        flat_tables = ledger.accounts;
        imported.notes.extend(ledger.notes);
        imported.former.extend(ledger.former);
        if imported.units.is_none() {
            let listed = ledger.units.iter().map(|unit| unit.code.as_str()).collect();
            let kept = keep::units(current, keep, true, &listed);
            imported.units = Some(ledger.units.into_iter().chain(kept).collect());
        }
    }
    let there = imported.units.as_deref().unwrap_or(&current.units);
    let merges = imported.merges.clone();
    let known = Known::units(there, (&merged, &merges), platform_of);
    if accounts.is_some() || flat.is_some() {
        let mut all = accounts.unwrap_or_default();
        let own = all.len();
        all.extend(flat_tables.iter().flat_map(Table::rows));
        let (accounts, former) = check::accounts(&all, &known, current, &mut faults);
        imported.former.extend(former);
        // A flat table that names nobody says nothing of people.
        let names_people = |row: &Row<'_>| row.has("operators") || row.has("leads");
        if people.is_none() && flat_rows.iter().any(names_people) {
            let rows = all.get(own..).unwrap_or_default();
            let of_rows = accounts.get(own..).unwrap_or_default();
            imported.people = Some(crew::people(rows, of_rows, current, &mut imported.notes));
        }
        imported.accounts = Some(accounts);
        keep::accounts(&mut imported, current, keep);
    }
    let known = known.accounts(imported.accounts.as_deref().unwrap_or(&current.accounts));
    if let Some(rows) = &people {
        imported.people = Some(check::people(rows, &known, current, &mut faults));
    }
    keep::people(
        &mut imported,
        current,
        keep,
        flat.is_some() && people.is_none(),
    );
    if let Some(people) = &imported.people {
        imported.notes.extend(names::doubles_told(people));
    }
    faults.into_result().map(|()| imported)
}

/// Reads the units, if there is a table of them; those that are merged into others.
fn read_units(
    imported: &mut Imported,
    (rows, flat): (Option<&[Row<'_>]>, bool),
    (current, keep): (&Roster, &Keep),
    faults: &mut Faults,
) -> Vec<Unit> {
    let Some(rows) = rows else {
        return vec![];
    };
    let listed = rows.iter().map(|row| row.get("code")).collect();
    let kept = keep::units(current, keep, false, &listed);
    let mut read = check::units(rows, &kept, current, faults);
    if flat {
        let text = "the units are those of the table of units; the flat table adds none";
        imported.notes.push(text.to_owned());
    }
    read.units.extend(kept);
    for unit in &mut read.units {
        for above in [&mut unit.parent, &mut unit.area].into_iter().flatten() {
            let end = end_of(&read.merges, above).to_owned();
            *above = end;
        }
    }
    imported.units = Some(read.units);
    imported.former = read.former;
    imported.merges = read.merges;
    read.merged
}

/// Headers without rows would remove everything; that is hardly ever meant.
fn not_emptied(tables: &[Table], kind: Kind, now: usize, faults: &mut Faults) {
    let mut of_kind = tables.iter().filter(|table| table.kind == kind).peekable();
    let first = of_kind.peek().copied();
    if let Some(table) = first
        && now > 0
        && of_kind.all(|table| table.rows.is_empty())
    {
        let text = format!(
            "the table of {kind} has headers but no rows, which would remove all {now}: fill it, or leave it out"
        );
        faults.push(table.fault(text));
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
