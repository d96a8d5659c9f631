//! The flat table that offices keep (账号台账): a row for each account, with the unit that answers, the one
//! above it, the area, who runs it and who leads. From it come units, accounts and people; those it has no
//! codes for get one that stays the same and are found again by their names.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::alias::Alias;
use super::cells::date;
use super::check::Faults;
use super::columns::Kind;
use super::event::{Bearer, Former};
use super::model::{Roster, Target, Unit};
use super::read::{Row, Table};
use crate::finding::text::fold;

/// What the units above all others in a flat table are, in the office's words.
const AREA: &str = "地区";
/// Words of a file's or a sheet's name that are no part of what it is named after.
const OF_A_LIST: [&str; 18] = [
    "政务新媒体",
    "新媒体",
    "政府网站",
    "网站",
    "账号",
    "帐号",
    "台账",
    "台帐",
    "名单",
    "名册",
    "花名册",
    "统计表",
    "汇总表",
    "汇总",
    "信息表",
    "明细",
    "登记表",
    "附件",
];
/// How the name of an area ends.
const AREA_ENDS: [&str; 11] = [
    "区",
    "县",
    "市",
    "旗",
    "州",
    "盟",
    "镇",
    "乡",
    "街道",
    "市本级",
    "市直",
];
/// How the name of a unit ends.
const UNIT_ENDS: [&str; 18] = [
    "局", "委", "办", "院", "中心", "政府", "厅", "部", "会", "校", "馆", "站", "队", "处", "公司",
    "集团", "学", "所",
];

/// A code for what a flat table names only: the same for the same names, in every import.
pub(super) fn generated(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    let bytes = hash.finalize();
    let hex: String = bytes.iter().take(5).map(|b| format!("{b:02x}")).collect();
    format!("L-{hex}")
}

/// Whether a code is of [`generated`]'s making: a flat table brought what bears it, and removes it too.
pub(super) fn is_generated(code: &str) -> bool {
    code.strip_prefix("L-").is_some_and(|rest| {
        rest.len() == 10
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    })
}

/// What a flat table says of units, and its accounts as a table of accounts.
#[derive(Debug, Default)]
pub(super) struct Flat {
    pub units: Vec<Unit>,
    pub former: Vec<Former>,
    /// Tables of accounts with the rows of the flat ones, in their order.
    pub accounts: Vec<Table>,
    pub notes: Vec<String>,
}

/// Reads the rows of flat tables. `given`: the units of tables of units in the same import, which then are
/// all there are.
pub(super) fn read(
    rows: &[Row<'_>],
    given: Option<&[Unit]>,
    current: &Roster,
    faults: &mut Faults,
) -> Flat {
    let mut places = Places::new(given, current);
    let hosts: Vec<Option<String>> = rows.iter().map(|row| places.host(*row, faults)).collect();
    for (row, host) in rows.iter().zip(&hosts) {
        if let Some(host) = host {
            places.supervise(*row, host, faults);
        }
    }
    let accounts = tables(rows, &hosts);
    Flat {
        units: places.units,
        former: places.former,
        accounts,
        notes: places.notes,
    }
}

/// The rows of flat tables as tables of accounts: the unit's code is one more column.
fn tables(rows: &[Row<'_>], hosts: &[Option<String>]) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut last: Option<*const Table> = None;
    for (row, host) in rows.iter().zip(hosts) {
        let width = row.table.headers.len();
        if last != Some(std::ptr::from_ref(row.table)) {
            last = Some(std::ptr::from_ref(row.table));
            let mut table = Table {
                kind: Kind::Accounts,
                rows: vec![],
                ..row.table.clone()
            };
            table.headers.push("主办单位".to_owned());
            table.places.insert("unit", width);
            if !table.places.contains_key("state") && table.places.contains_key("remark") {
                table.headers.push("状态".to_owned());
                table.places.insert("state", width + 1);
            }
            tables.push(table);
        }
        let mut cells: Vec<String> = (0..width).map(|at| row.at(at).to_owned()).collect();
        // A row without a unit was told already; it is not told twice.
        cells.push(host.clone().unwrap_or_default());
        cells.push(remarked(row.get("remark")).to_owned());
        if let Some(table) = tables.last_mut()
            && host.is_some()
        {
            table.rows.push((row.number, cells));
        }
    }
    tables
}

/// What a remark says of an account's state.
fn remarked(text: &str) -> &'static str {
    let closed = [
        "已注销",
        "注销",
        "已关停",
        "关停",
        "已停用",
        "停用",
        "已关闭",
    ];
    match closed.iter().any(|word| text.starts_with(word)) {
        true => "closed",
        false => "",
    }
}

/// What a file, a sheet or a folder is named after: `2024年示范一区政务新媒体台账（3）` is 示范一区's.
fn named_after(label: &str) -> String {
    let label = label.split(['(', '（']).next().unwrap_or(label);
    let mut name: String = label
        .chars()
        .filter(|c| !c.is_ascii_digit() && !c.is_whitespace() && !"年月-_.、".contains(*c))
        .collect();
    for word in OF_A_LIST {
        name = name.replace(word, "");
    }
    name
}

/// The units as the rows name them.
struct Places<'a> {
    current: &'a Roster,
    given: bool,
    units: Vec<Unit>,
    former: Vec<Former>,
    notes: Vec<String>,
    /// By folded name: places in `units`.
    made: HashMap<String, Vec<usize>>,
    /// By folded name: units of the roster.
    stored: HashMap<String, Vec<&'a Unit>>,
    by_code: HashMap<String, usize>,
}

impl<'a> Places<'a> {
    fn new(given: Option<&[Unit]>, current: &'a Roster) -> Self {
        let mut places = Self {
            current,
            given: given.is_some(),
            units: vec![],
            former: vec![],
            notes: vec![],
            made: HashMap::new(),
            stored: HashMap::new(),
            by_code: HashMap::new(),
        };
        match given {
            Some(units) => {
                for unit in units {
                    places.push(unit.clone());
                }
            }
            None => {
                for unit in &current.units {
                    let named = places.stored.entry(fold(&unit.name)).or_default();
                    named.push(unit);
                }
            }
        }
        places
    }

    fn push(&mut self, unit: Unit) -> String {
        let code = unit.code.clone();
        if !self.by_code.contains_key(&code) {
            let at = self.units.len();
            self.made.entry(fold(&unit.name)).or_default().push(at);
            self.by_code.insert(code.clone(), at);
            self.units.push(unit);
        }
        code
    }

    fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// The codes of those called so: of this import, else of the roster. In an area those of it, else those
    /// that are of none.
    fn called(&self, area: Option<&str>, name: &str) -> Vec<String> {
        let folded = fold(name);
        let made = self.made.get(&folded).into_iter().flatten();
        let made = made.filter_map(|at| self.units.get(*at));
        let stored = self.stored.get(&folded).into_iter().flatten().copied();
        let all: Vec<&Unit> = made.chain(stored).collect();
        let mut found: Vec<String> = Vec::new();
        let mut take = |fits: &dyn Fn(&Unit) -> bool| {
            for unit in all.iter().filter(|unit| fits(unit)) {
                if !found.contains(&unit.code) {
                    found.push(unit.code.clone());
                }
            }
            !found.is_empty()
        };
        match area {
            None => {
                take(&|_| true);
            }
            Some(area) => {
                let within = take(&|unit| unit.area.as_deref() == Some(area) || unit.code == area);
                if !within {
                    take(&|unit| unit.area.is_none());
                }
            }
        }
        found
    }

    /// The code of the roster's unit that bore this name once, or has it as another one.
    fn aliased(&self, area: Option<&str>, name: &str) -> Option<String> {
        if self.given {
            return None;
        }
        let folded = fold(name);
        let learned = self.current.aliases.iter().filter_map(|alias| {
            let Target::Unit(id) = alias.target else {
                return None;
            };
            (fold(&alias.name) == folded).then_some(id)
        });
        let learned = learned.filter_map(|id| self.current.unit_by_id(id));
        let own = self.current.units.iter();
        let own = own.filter(|unit| unit.aliases.iter().any(|alias| fold(&alias.name) == folded));
        let fits =
            |unit: &&Unit| area.is_none_or(|area| unit.area.as_deref().is_none_or(|a| a == area));
        let mut codes: Vec<&str> = learned
            .chain(own)
            .filter(fits)
            .map(|u| u.code.as_str())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        match codes.as_slice() {
            [code] => Some((*code).to_owned()),
            _ => None,
        }
    }

    /// Takes a unit of the roster over into the import; its code.
    fn taken(&mut self, code: &str) -> String {
        if let (false, Some(unit)) = (self.by_code.contains_key(code), self.current.unit(code)) {
            self.push(unit.clone());
        }
        code.to_owned()
    }

    fn known(&self, code: &str) -> bool {
        self.by_code.contains_key(code) || (!self.given && self.current.unit(code).is_some())
    }

    /// The unit that a cell names, found again or new.
    fn unit(
        &mut self,
        (row, key): (Row<'_>, &str),
        area: Option<&str>,
        name: &str,
        faults: &mut Faults,
    ) -> Option<String> {
        if self.known(name) {
            return Some(self.taken(name));
        }
        match self.called(area, name).as_slice() {
            [code] => return Some(self.taken(&code.clone())),
            [] => {}
            several => {
                let text = format!(
                    "{name} is the name of the units {}: write the code, or add the column 县区",
                    several.join(", ")
                );
                faults.push(row.fault(key, text));
                return None;
            }
        }
        if self.given {
            let text = format!("there is no unit {name}: correct it or add it to the units");
            faults.push(row.fault(key, text));
            return None;
        }
        if let Some(code) = self.aliased(area, name) {
            let code = self.taken(&code);
            let now = self
                .current
                .unit(&code)
                .map_or("", |unit| unit.name.as_str());
            let text =
                format!("{name} is called {now} by now and stays so: bring the table up to date");
            self.note(text);
            return Some(code);
        }
        let own_code = Some(row.get("unit_code")).filter(|code| key == "unit" && !code.is_empty());
        let code = own_code.map_or_else(
            || generated(&["unit", area.unwrap_or_default(), &fold(name)]),
            str::to_owned,
        );
        Some(self.push(Unit {
            id: 0,
            code,
            name: name.to_owned(),
            aliases: vec![],
            parent: None,
            area: area.map(str::to_owned),
            kind: if key == "area" {
                AREA.to_owned()
            } else {
                String::new()
            },
        }))
    }

    /// The code of the row's area: of its column, else of what the sheet, the file or a folder is named
    /// after.
    fn area(&mut self, row: Row<'_>, faults: &mut Faults) -> Option<String> {
        let cell = row.get("area");
        if !cell.is_empty() {
            return self.unit((row, "area"), None, cell, faults);
        }
        if row.has("area") {
            return None;
        }
        for label in &row.table.labels {
            let name = named_after(label);
            let is_area = AREA_ENDS.iter().any(|end| name.ends_with(end));
            let length = name.chars().count();
            if is_area && (2..=12).contains(&length) {
                return self.unit((row, "area"), None, &name, faults);
            }
        }
        None
    }

    /// The code of the unit that answers for the row's account.
    fn host(&mut self, row: Row<'_>, faults: &mut Faults) -> Option<String> {
        let area = self.area(row, faults);
        let area = area.as_deref();
        let code = row.get("unit_code");
        if !code.is_empty() && self.known(code) {
            return Some(self.taken(code));
        }
        let mut name = row.get("unit").to_owned();
        if name.is_empty() && !row.has("unit") {
            let mut labels = row.table.labels.iter().map(|label| named_after(label));
            let is_unit = |name: &String| {
                UNIT_ENDS.iter().any(|end| name.ends_with(end))
                    || !self.called(area, name).is_empty()
            };
            name = labels
                .find(|name| !name.is_empty() && is_unit(name))
                .unwrap_or_default();
        }
        if name.is_empty() {
            let text = match row.has("unit") {
                true => "the row has no unit: fill it in, or delete the row",
                false => {
                    "nothing says whose account it is: add the column 主办单位, or name the sheet or the \
                     file after the unit"
                }
            };
            faults.push(row.fault("unit", text));
            return None;
        }
        let former = row.list("unit_former");
        let renamed = former.iter().find_map(|text| {
            let alias = Alias::read(text, &|_| false).ok()?;
            match self.called(area, &alias.name).as_slice() {
                [code] => Some((code.clone(), alias)),
                _ => None,
            }
        });
        if let Some((code, mut alias)) = renamed
            && !self.given
            && self.called(area, &name).is_empty()
        {
            let code = self.taken(&code);
            alias.to = alias.to.or_else(|| date(row.get("unit_renamed_on")));
            if let Some(at) = self.by_code.get(&code).copied() {
                self.made.entry(fold(&name)).or_default().push(at);
                if let Some(unit) = self.units.get_mut(at) {
                    name.clone_into(&mut unit.name);
                }
            }
            let of = Bearer::Unit(code.clone());
            self.former.push(Former { of, alias });
            return Some(code);
        }
        let host = self.unit((row, "unit"), area, &name, faults)?;
        self.within(&host, area);
        Some(host)
    }

    /// A unit of the roster that was of no area is of this one.
    fn within(&mut self, code: &str, area: Option<&str>) {
        let Some(area) = area.filter(|area| *area != code && !self.given) else {
            return;
        };
        let unit = self
            .by_code
            .get(code)
            .and_then(|at| self.units.get_mut(*at));
        if let Some(unit) = unit
            && unit.area.is_none()
        {
            unit.area = Some(area.to_owned());
        }
    }

    /// Notes which unit stands above the row's.
    fn supervise(&mut self, row: Row<'_>, host: &str, faults: &mut Faults) {
        let name = row.get("supervisor");
        if name.is_empty() || self.given {
            return;
        }
        let area = self
            .by_code
            .get(host)
            .and_then(|at| self.units.get(*at))
            .and_then(|unit| unit.area.clone());
        let everywhere = self.called(None, name);
        let above = match (
            self.called(area.as_deref(), name).len(),
            everywhere.as_slice(),
        ) {
            (0, [one]) => Some(self.taken(&one.clone())),
            _ => self.unit((row, "supervisor"), area.as_deref(), name, faults),
        };
        let Some(above) = above.filter(|above| above != host) else {
            return;
        };
        let before = self.by_code.get(host).and_then(|at| self.units.get(*at));
        let stored = self.current.unit(host).and_then(|unit| unit.parent.clone());
        let before = before.and_then(|unit| unit.parent.clone());
        if before
            .as_ref()
            .is_some_and(|before| *before != above && Some(before) != stored.as_ref())
        {
            let text =
                format!("{row}: the unit has another 主管单位 in a row before, which counts");
            self.note(text);
            return;
        }
        if self.is_above(host, &above) {
            let text = format!(
                "{row}: {name} stands below the unit itself and is not taken for its 主管单位"
            );
            self.note(text);
            return;
        }
        let unit = self
            .by_code
            .get(host)
            .and_then(|at| self.units.get_mut(*at));
        if let Some(unit) = unit {
            unit.parent = Some(above);
        }
    }

    /// Whether `unit` stands above `below`, by parent or area.
    fn is_above(&self, unit: &str, below: &str) -> bool {
        let mut way = vec![below.to_owned()];
        let mut at = 0;
        while let Some(code) = way.get(at).cloned() {
            at += 1;
            if code == unit {
                return true;
            }
            let found = self.by_code.get(&code).and_then(|at| self.units.get(*at));
            for above in found
                .into_iter()
                .flat_map(|u| [&u.parent, &u.area])
                .flatten()
            {
                if !way.contains(above) {
                    way.push(above.clone());
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_the_same_and_are_known() {
        let code = generated(&["unit", "Q1", "示范一区教育局"]);
        assert_eq!(code, generated(&["unit", "Q1", "示范一区教育局"]));
        assert_ne!(code, generated(&["unit", "Q2", "示范一区教育局"]));
        assert!(is_generated(&code), "{code}");
        for own in ["Q1", "L-1", "L-0123456789a", "L-012345678G", "350102"] {
            assert!(!is_generated(own), "{own}");
        }
    }

    #[test]
    fn a_file_is_named_after_an_area() {
        for (label, name) in [
            ("示范一区", "示范一区"),
            ("2024年示范一区政务新媒体台账（3）", "示范一区"),
            ("03_示范二县 账号汇总表", "示范二县"),
            ("附件1：", "："),
            ("Sheet1", "Sheet"),
        ] {
            assert_eq!(named_after(label), name, "{label}");
        }
    }
}
