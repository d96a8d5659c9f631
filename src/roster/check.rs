//! The rules of a roster's tables: what a row must say, and that what it names is there.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::alias::Alias;
use super::cells::date;
use super::event::{Bearer, Former, Merge, end_of};
use super::model::{Account, AccountState, Person, Role, Roster, Unit};
use super::read::Row;
use crate::error::Fault;

/// More than these are not told at once.
const MOST_FAULTS: usize = 50;

/// What is wrong so far.
pub(super) struct Faults {
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub fn new(first: Vec<Fault>) -> Self {
        let mut faults = Self {
            list: Vec::new(),
            more: 0,
        };
        first.into_iter().for_each(|fault| faults.push(fault));
        faults
    }

    pub fn push(&mut self, fault: Fault) {
        if self.list.len() < MOST_FAULTS {
            self.list.push(fault);
        } else {
            self.more += 1;
        }
    }

    pub fn into_result(mut self) -> Result<(), Vec<Fault>> {
        if self.list.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.list.truncate(MOST_FAULTS - 1);
            let text = format!(
                "and {} more: mend these first and import again",
                self.more + 1
            );
            self.list.push(Fault::new(text));
        }
        Err(self.list)
    }
}

/// What a row may name: units by code or by a name that only one has, platforms, accounts.
pub(super) struct Known<'a> {
    codes: HashSet<String>,
    names: HashMap<String, Vec<String>>,
    platform_of: &'a dyn Fn(&str) -> Option<String>,
    accounts: HashSet<(String, String)>,
    uids: HashSet<String>,
    merges: Vec<Merge>,
}

impl<'a> Known<'a> {
    /// `units` are there; `merged` are not any more, and what names them means what they became part of.
    pub fn units(
        units: &[Unit],
        (merged, merges): (&[Unit], &[Merge]),
        platform_of: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let there: HashSet<&str> = units.iter().map(|u| u.name.as_str()).collect();
        let merged = merged.iter().filter(|u| !there.contains(u.name.as_str()));
        let pairs = units.iter().chain(merged);
        let (codes, names) = index(pairs.map(|u| (u.code.as_str(), u.name.as_str())));
        Self {
            codes,
            names,
            platform_of,
            accounts: HashSet::new(),
            uids: HashSet::new(),
            merges: merges.to_vec(),
        }
    }

    pub fn accounts(mut self, accounts: &[Account]) -> Self {
        self.accounts = accounts
            .iter()
            .map(|a| (a.platform.clone(), a.name.clone()))
            .collect();
        self.uids = accounts.iter().filter_map(|a| a.uid.clone()).collect();
        self
    }

    pub fn unit(&self, text: &str) -> Result<String, String> {
        let code = resolve(&self.codes, &self.names, text)?;
        Ok(end_of(&self.merges, &code).to_owned())
    }

    /// `platform:name` with the platform's id, or a uid as it is.
    fn operated(&self, text: &str) -> Result<String, String> {
        if self.uids.contains(text) {
            return Ok(text.to_owned());
        }
        let Some((platform, name)) = text.split_once([':', '：']) else {
            return Err(format!(
                "{text} is no account's uid: write platform:name or a uid of the accounts"
            ));
        };
        let Some(id) = (self.platform_of)(platform.trim()) else {
            return Err(format!(
                "{platform} is not a platform that the vocabulary knows: correct it"
            ));
        };
        let key = (id, name.trim().to_owned());
        if self.accounts.contains(&key) {
            Ok(format!("{}:{}", key.0, key.1))
        } else {
            Err(format!(
                "there is no account {text}: correct the name or add it to the accounts"
            ))
        }
    }
}

type Names = HashMap<String, Vec<String>>;

fn index<'a>(units: impl Iterator<Item = (&'a str, &'a str)>) -> (HashSet<String>, Names) {
    let (mut codes, mut names) = (HashSet::new(), Names::new());
    for (code, name) in units {
        if codes.insert(code.to_owned()) {
            names
                .entry(name.to_owned())
                .or_default()
                .push(code.to_owned());
        }
    }
    (codes, names)
}

fn resolve(codes: &HashSet<String>, names: &Names, text: &str) -> Result<String, String> {
    if codes.contains(text) {
        return Ok(text.to_owned());
    }
    match names.get(text).map(Vec::as_slice) {
        Some([code]) => Ok(code.clone()),
        Some(several) => Err(format!(
            "{text} is the name of the units {}: write the code",
            several.join(", ")
        )),
        None => Err(format!(
            "there is no unit {text}: correct it or add it to the units"
        )),
    }
}

/// The cell, or what is stored if the table does not have the column.
fn optional(row: Row<'_>, key: &str, stored: Option<&String>) -> Option<String> {
    if row.has(key) {
        Some(row.get(key).to_owned()).filter(|v| !v.is_empty())
    } else {
        stored.cloned()
    }
}

fn values(row: Row<'_>, key: &str, stored: Option<&Vec<String>>) -> Vec<String> {
    if row.has(key) {
        row.list(key)
    } else {
        stored.cloned().unwrap_or_default()
    }
}

/// The aliases of a cell, or what is stored if the table does not have the column.
fn aliases(
    row: Row<'_>,
    stored: Option<&Vec<Alias>>,
    is_code: &dyn Fn(&str) -> bool,
    faults: &mut Faults,
) -> Vec<Alias> {
    if !row.has("aliases") {
        return stored.cloned().unwrap_or_default();
    }
    let mut kept = Vec::new();
    for text in row.list("aliases") {
        match Alias::read(&text, is_code) {
            Ok(alias) => kept.push(alias),
            Err(reason) => faults.push(row.fault("aliases", reason)),
        }
    }
    kept
}

fn needed(row: Row<'_>, key: &str, faults: &mut Faults) -> String {
    let value = row.get(key);
    if value.is_empty() {
        faults.push(row.fault(
            key,
            format!("the row has no {key}: fill it in, or delete the row"),
        ));
    }
    value.to_owned()
}

/// Notes a key that must be there once; says the row that had it before, and what the two contradict
/// each other in.
fn once<'a, K: std::hash::Hash + Eq>(
    seen: &mut HashMap<K, Row<'a>>,
    key: K,
    row: Row<'a>,
    column: &str,
    faults: &mut Faults,
) {
    match seen.get(&key) {
        Some(first) => {
            let differ = row.differing(*first);
            let differ = match differ.is_empty() {
                true => String::new(),
                false => format!(", and the two differ in {}", differ.join(", ")),
            };
            let text = format!(
                "this {column} is in {} already{differ}: delete one or correct it",
                row.other(*first)
            );
            faults.push(row.fault(column, text));
        }
        None => {
            seen.insert(key, row);
        }
    }
}

/// The former names of a row: each with the days on which it held, the last of which is the day of the
/// renaming where the row says one.
fn former(row: Row<'_>, keys: (&str, &str), of: &Bearer, faults: &mut Faults) -> Vec<Former> {
    let until = day(row, keys.1, None, faults);
    let mut names = Vec::new();
    for text in row.list(keys.0) {
        match Alias::read(&text, &|_| false) {
            Ok(mut alias) => {
                alias.to = alias.to.or(until);
                let of = of.clone();
                names.push(Former { of, alias });
            }
            Err(reason) => faults.push(row.fault(keys.0, reason)),
        }
    }
    names
}

/// What the tables of units say.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub units: Vec<Unit>,
    /// Those that are part of another by now.
    pub merged: Vec<Unit>,
    pub former: Vec<Former>,
    pub merges: Vec<Merge>,
}

/// Reads the rows of units. `kept` are the units that stay although no row says so.
pub(super) fn units(
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

/// What the sheet, the file or a folder is named after, if it is a unit, for a column that the table does
/// not have.
fn labelled(row: Row<'_>, key: &str, codes: &HashSet<String>, names: &Names) -> Option<String> {
    if row.has(key) {
        return None;
    }
    let mut labels = row.table.labels.iter();
    labels.find_map(|label| resolve(codes, names, label.trim()).ok())
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

/// Reads the rows of accounts, and the names that they bore before.
pub(super) fn accounts(
    rows: &[Row<'_>],
    known: &Known<'_>,
    current: &Roster,
    faults: &mut Faults,
) -> (Vec<Account>, Vec<Former>) {
    let key = |a: &Account| (a.platform.clone(), a.name.clone(), a.unit.clone());
    let stored: HashMap<_, &Account> = current.accounts.iter().map(|a| (key(a), a)).collect();
    let by_uid: HashMap<_, &Account> = current
        .accounts
        .iter()
        .filter_map(|a| Some(((a.platform.as_str(), a.uid.as_deref()?), a)))
        .collect();
    let (mut seen, mut uids) = (HashMap::new(), HashMap::new());
    let (mut accounts, mut named) = (Vec::new(), Vec::new());
    for &row in rows {
        let platform = needed(row, "platform", faults);
        let platform = (known.platform_of)(&platform).unwrap_or_else(|| {
            if !platform.is_empty() {
                let text = "is not a platform that the vocabulary knows: correct it, or add the name to \
                            the vocabulary";
                faults.push(row.fault("platform", text));
            }
            platform
        });
        let name = needed(row, "name", faults);
        let unit = needed(row, "unit", faults);
        let unit = known.unit(&unit).unwrap_or_else(|reason| {
            if !unit.is_empty() {
                faults.push(row.fault("unit", reason));
            }
            unit
        });
        let at = (platform, name, unit);
        let uid = by_uid.get(&(at.0.as_str(), row.get("uid"))).copied();
        let old = stored.get(&at).copied().or(uid);
        let is_code = |code: &str| known.codes.contains(code);
        let aliases = aliases(row, old.map(|a| &a.aliases), &is_code, faults);
        let account = account(row, &at, aliases, old, faults);
        let bearer = Bearer::Account(at.0.clone(), at.1.clone(), at.2.clone());
        named.extend(former(row, ("former", "renamed_on"), &bearer, faults));
        if !at.1.is_empty() {
            once(&mut seen, at, row, "name", faults);
        }
        if let Some(uid) = &account.uid {
            once(
                &mut uids,
                (account.platform.clone(), uid.clone()),
                row,
                "uid",
                faults,
            );
        }
        accounts.push(account);
    }
    (accounts, named)
}

fn account(
    row: Row<'_>,
    (platform, name, unit): &(String, String, String),
    aliases: Vec<Alias>,
    stored: Option<&Account>,
    faults: &mut Faults,
) -> Account {
    let uid = optional(row, "uid", stored.and_then(|a| a.uid.as_ref()));
    if uid.as_deref().is_some_and(lost_digits) {
        let text = "a spreadsheet has cut this number short: format the column as text and enter the \
                    uid again";
        faults.push(row.fault("uid", text));
    }
    let state = match row.get("state").to_lowercase().as_str() {
        "" if row.has("state") => AccountState::Active,
        "" => stored.map_or(AccountState::Active, |a| a.state),
        "active" | "正常" | "启用" | "在用" | "正常运行" | "运行" | "运行中" | "已认证" => {
            AccountState::Active
        }
        "closed" | "注销" | "关停" | "停用" | "已注销" | "已关停" | "已停用" | "关闭"
        | "已关闭" | "停更注销" => AccountState::Closed,
        _ => {
            faults.push(row.fault(
                "state",
                "is neither active/正常 nor closed/注销: write one of them",
            ));
            AccountState::Active
        }
    };
    let valid_from = day(row, "valid_from", stored.and_then(|a| a.valid_from), faults);
    let valid_to = day(row, "valid_to", stored.and_then(|a| a.valid_to), faults);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        faults.push(row.fault(
            "valid_to",
            format!("is before valid_from {from}: correct one of them"),
        ));
    }
    Account {
        id: 0,
        platform: platform.clone(),
        name: name.clone(),
        uid,
        unit: unit.clone(),
        aliases,
        homepage: optional(row, "homepage", stored.and_then(|a| a.homepage.as_ref())),
        state,
        valid_from,
        valid_to,
    }
}

/// `1.23E+17`: what a spreadsheet makes of a long number.
fn lost_digits(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    let power = power.strip_prefix('+').unwrap_or(power);
    number
        .split_once('.')
        .is_some_and(|(a, b)| digits(a) && digits(b))
        && digits(power)
}

fn day(
    row: Row<'_>,
    key: &str,
    stored: Option<NaiveDate>,
    faults: &mut Faults,
) -> Option<NaiveDate> {
    let text = row.get(key);
    if text.is_empty() {
        return if row.has(key) { None } else { stored };
    }
    let read = date(text);
    if read.is_none() {
        faults.push(row.fault(
            key,
            "is not a date that can be read: write it as 2024-01-31",
        ));
    }
    read
}

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
pub(super) fn people(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_cut_by_a_spreadsheet_are_seen() {
        for (text, lost) in [
            ("1.23E+17", true),
            ("1.2345E18", true),
            ("gh_1e5", false),
            ("12E4", false),
            ("E", false),
        ] {
            assert_eq!(lost_digits(text), lost, "{text}");
        }
    }

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
