//! The roster as tables, in the very form that import reads: what is exported and imported again
//! changes nothing. Texts that a spreadsheet would run as a formula are guarded by an apostrophe.

use std::path::Path;

use super::cells::{guard, join};
use super::columns::{self, Kind};
use super::model::Roster;
use super::record::{Record, alias_texts};
use crate::error::{Error, Result};

/// The three tables as CSV: file name and text, UTF-8 with a byte order mark, without which Excel
/// would not show Chinese.
///
/// # Errors
/// Only if memory cannot be written.
pub fn export_csv(roster: &Roster) -> Result<[(String, String); 3]> {
    let [units, accounts, people] = Kind::ALL;
    Ok([
        csv(roster, units)?,
        csv(roster, accounts)?,
        csv(roster, people)?,
    ])
}

fn csv(roster: &Roster, kind: Kind) -> Result<(String, String)> {
    Ok((format!("{kind}.csv"), written(&rows(roster, kind))?))
}

/// Any rows as CSV in the same form: quoted where needed, guarded against being run, with the mark.
///
/// # Errors
/// Only if memory cannot be written.
pub fn csv_of(rows: Vec<Vec<String>>) -> Result<String> {
    let guarded = rows
        .into_iter()
        .map(|row| row.into_iter().map(guard).collect());
    written(&guarded.collect::<Vec<_>>())
}

fn written(rows: &[Vec<String>]) -> Result<String> {
    let wrong = |what: &dyn std::fmt::Display| Error::other(format!("writing CSV: {what}"));
    let mut writer = csv::Writer::from_writer(vec![0xef, 0xbb, 0xbf]);
    for row in rows {
        writer.write_record(row).map_err(|e| wrong(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| wrong(&e))?;
    String::from_utf8(bytes).map_err(|e| wrong(&e))
}

/// The three tables as one workbook with a sheet for each; all cells are text.
///
/// # Errors
/// A table or text too large for a workbook, or a file that cannot be written.
pub fn export_xlsx(roster: &Roster, path: &Path) -> Result<()> {
    let wrong = |e| Error::other(format!("writing {}: {e}", path.display()));
    let mut book = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    for kind in Kind::ALL {
        let sheet = book.add_worksheet();
        sheet.set_name(kind.sheet()).map_err(wrong)?;
        sheet.set_freeze_panes(1, 0).map_err(wrong)?;
        for (row, cells) in (0_u32..).zip(rows(roster, kind)) {
            for (column, cell) in (0_u16..).zip(&cells) {
                if row == 0 {
                    sheet
                        .write_string_with_format(row, column, cell, &bold)
                        .map_err(wrong)?;
                } else if !cell.is_empty() {
                    sheet.write_string(row, column, cell).map_err(wrong)?;
                }
            }
        }
    }
    book.save(path).map_err(wrong)
}

/// The headers and then the rows of a table.
fn rows(roster: &Roster, kind: Kind) -> Vec<Vec<String>> {
    let header = columns::exported(kind)
        .map(|c| c.headers.get(1).unwrap_or(&c.key).to_string())
        .collect();
    let mut rows: Vec<Vec<String>> = vec![header];
    match kind {
        Kind::Units => rows.extend(
            roster
                .units
                .iter()
                .map(|u| cells(u, |key| (key == "aliases").then(|| alias_texts(&u.aliases)))),
        ),
        Kind::Accounts => rows.extend(
            roster
                .accounts
                .iter()
                .map(|a| cells(a, |key| (key == "aliases").then(|| alias_texts(&a.aliases)))),
        ),
        Kind::People => rows.extend(roster.people.iter().map(|p| {
            cells(p, |key| match key {
                "units" => Some(p.units.clone()),
                "operates" => Some(p.operates.clone()),
                _ => None,
            })
        })),
        // It is read only: what it says is written as the three tables.
        Kind::Ledger => {}
    }
    rows
}

/// The cells of a row in the order of its columns, which is that of its fields.
fn cells<T: Record>(row: &T, list: impl Fn(&str) -> Option<Vec<String>>) -> Vec<String> {
    let cell = |(key, text): (&'static str, String)| guard(list(key).map_or(text, |v| join(&v)));
    row.fields().into_iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::alias::Alias;
    use super::super::compare;
    use super::super::import::read_path;
    use super::super::model::{Account, AccountState, Person, Role, Unit};
    use super::*;

    fn platform(name: &str) -> Option<String> {
        ["wechat", "website"]
            .contains(&name)
            .then(|| name.to_owned())
    }

    fn roster() -> Roster {
        let unit = |id, code: &str, name: &str, parent: Option<&str>| Unit {
            id,
            code: code.into(),
            name: name.into(),
            aliases: vec![
                "鼓楼".into(),
                "=HYPERLINK(1)".into(),
                "甲；乙\\".into(),
                Alias::read("旧区(2019-01-01~2021-06-30)@001", &|code| code == "001").unwrap(),
                Alias::read("旧局@1E5", &|code| code == "1E5").unwrap(),
            ],
            parent: parent.map(Into::into),
            area: parent.map(Into::into),
            kind: "区, \"县\"".into(),
        };
        let account = |id, name: &str, uid: Option<&str>| Account {
            id,
            platform: "wechat".into(),
            name: name.into(),
            uid: uid.map(Into::into),
            unit: "001".into(),
            aliases: vec![],
            homepage: Some("https://example.gov.cn/?a=1,2".into()),
            state: AccountState::Closed,
            valid_from: NaiveDate::from_ymd_opt(2020, 1, 2),
            valid_to: NaiveDate::from_ymd_opt(2021, 1, 2),
        };
        let person = |id, code: &str, role, units: &[&str], operates: &[&str]| Person {
            id,
            code: code.into(),
            name: format!("-张{id}"),
            role,
            units: units.iter().map(|&u| u.into()).collect(),
            operates: operates.iter().map(|&u| u.into()).collect(),
        };
        Roster::new(
            4,
            vec![
                unit(1, "001", "鼓楼区", None),
                unit(2, "1E5", "教育局", Some("001")),
            ],
            vec![
                account(1, "@发布", Some("12345678901234567890")),
                account(2, "'=号:一", None),
            ],
            vec![
                person(
                    1,
                    "P1",
                    Role::Operator,
                    &["001"],
                    &["wechat:'=号:一", "12345678901234567890"],
                ),
                person(2, "P2", Role::Lead, &["001", "1E5"], &[]),
                person(3, "P3", Role::Manager, &["*"], &[]),
                person(4, "P4", Role::Admin, &[], &[]),
            ],
            vec![],
        )
    }

    fn comes_back(path: &Path) {
        let roster = roster();
        let imported = read_path(path, &platform, &roster).unwrap();
        assert!(imported.notes.is_empty(), "{:?}", imported.notes);
        let changes = compare::plan(&roster, &imported).changes();
        assert!(changes.is_empty(), "{changes:?}");
    }

    #[test]
    fn csv_comes_back_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in export_csv(&roster()).unwrap() {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        comes_back(folder.path());
    }

    #[test]
    fn a_workbook_comes_back_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.xlsx");
        export_xlsx(&roster(), &path).unwrap();
        comes_back(&path);
    }

    #[test]
    fn no_cell_runs_as_a_formula() {
        let tables = export_csv(&roster()).unwrap();
        assert!(tables[1].1.contains(",'@发布,"));
        for (_, text) in &tables {
            let mut reader =
                csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            for cell in reader
                .records()
                .flat_map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }

    #[test]
    fn the_fields_stand_in_the_order_of_the_columns() {
        let roster = roster();
        let keys = |fields: Vec<(&'static str, String)>| {
            fields.into_iter().map(|f| f.0).collect::<Vec<_>>()
        };
        let columns = |kind| columns::exported(kind).map(|c| c.key).collect::<Vec<_>>();
        assert_eq!(keys(roster.units[0].fields()), columns(Kind::Units));
        assert_eq!(keys(roster.accounts[0].fields()), columns(Kind::Accounts));
        assert_eq!(keys(roster.people[0].fields()), columns(Kind::People));
    }
}
