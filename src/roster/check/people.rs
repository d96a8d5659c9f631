//! The rules of the people's rows: a role that is known, units and accounts that are there.

use std::collections::HashMap;

use super::faults::Faults;
use super::known::Known;
use super::row::{labelled, needed, once, values};
use crate::roster::model::{Person, Role, Roster};
use crate::roster::read::Row;

fn role(text: &str) -> Option<Role> {
    match text.to_lowercase().as_str() {
        "operator" | "运维人员" | "运维" | "运营人员" => Some(Role::Operator),
        "lead" | "分管负责人" | "负责人" => Some(Role::Lead),
        "manager" | "监管人员" | "监管" => Some(Role::Manager),
        "admin" | "系统管理员" => Some(Role::Admin),
        _ => None,
    }
}

/// Reads the rows of people.
pub(in super::super) fn people(
    rows: &[Row<'_>],
    known: &Known<'_>,
    current: &Roster,
    faults: &mut Faults,
) -> Vec<Person> {
    let stored: HashMap<&str, &Person> = current
        .people
        .iter()
        .map(|p| (p.code.as_str(), p))
        .collect();
    let mut seen = HashMap::new();
    let mut people = Vec::new();
    for &row in rows {
        let code = needed(row, "code", faults);
        let name = needed(row, "name", faults);
        if !code.is_empty() {
            once(&mut seen, code.clone(), row, "code", faults);
        }
        let text = needed(row, "role", faults);
        let role = role(&text);
        if role.is_none() && !text.is_empty() {
            let text = "is not a role: write operator/运维人员, lead/分管负责人, manager/监管人员 or \
                        admin/系统管理员";
            faults.push(row.fault("role", text));
        }
        let old = stored.get(code.as_str());
        let mut each =
            |key: &str, texts: Vec<String>, read: &dyn Fn(&str) -> Result<String, String>| {
                let mut kept = Vec::new();
                for text in texts {
                    match read(&text) {
                        Ok(value) if !kept.contains(&value) => kept.push(value),
                        Ok(_) => {}
                        Err(reason) => faults.push(row.fault(key, reason)),
                    }
                }
                kept
            };
        let mut units = values(row, "units", old.map(|p| &p.units));
        if units.is_empty() && old.is_none() {
            units.extend(labelled(row, "units", &known.codes, &known.names));
        }
        let units = if units.iter().any(|u| u == "*" || u == "＊") {
            vec!["*".to_owned()]
        } else {
            each("units", units, &|text| known.unit(text))
        };
        let operates = values(row, "operates", old.map(|p| &p.operates));
        let operates = each("operates", operates, &|text| known.operated(text));
        people.push(Person {
            id: 0,
            code,
            name,
            role: role.unwrap_or(Role::Operator),
            units,
            operates,
        });
    }
    people
}
