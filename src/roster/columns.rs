//! The three tables of a roster and the headers by which they and their columns are known.

use std::collections::HashMap;
use std::fmt;

/// Which table of the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The units and areas.
    Units,
    /// The websites and official accounts.
    Accounts,
    /// The people.
    People,
}

impl Kind {
    /// All three, in the order in which they depend on each other.
    pub const ALL: [Self; 3] = [Self::Units, Self::Accounts, Self::People];

    /// The English word, also the stem of the exported file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Accounts => "accounts",
            Self::People => "people",
        }
    }

    /// The name of the exported sheet.
    pub(super) fn sheet(self) -> &'static str {
        match self {
            Self::Units => "单位",
            Self::Accounts => "账号",
            Self::People => "人员",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A column: its key, whether it must be there, and the headers it goes by. The first header is
/// the key itself, the second the one that is exported.
pub(super) struct Column {
    pub key: &'static str,
    pub required: bool,
    pub headers: &'static [&'static str],
}

const fn must(key: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        key,
        required: true,
        headers,
    }
}

const fn may(key: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        key,
        required: false,
        headers,
    }
}

const UNITS: &[Column] = &[
    must(
        "code",
        &["code", "单位编码", "编码", "机构编码", "unit_code"],
    ),
    must(
        "name",
        &["name", "单位名称", "名称", "机构名称", "unit_name"],
    ),
    may("aliases", &["aliases", "别名", "单位别名", "alias"]),
    may(
        "parent",
        &["parent", "上级单位", "主管单位", "上级单位编码"],
    ),
    may("area", &["area", "所属区县", "地区", "所属地区"]),
    may("kind", &["kind", "类别", "单位类别"]),
];

const ACCOUNTS: &[Column] = &[
    must("platform", &["platform", "平台", "账号类型", "平台类型"]),
    must("name", &["name", "账号名称", "名称", "账号", "account"]),
    may("uid", &["uid", "唯一标识"]),
    must(
        "unit",
        &[
            "unit",
            "责任单位",
            "单位",
            "单位编码",
            "所属单位",
            "unit_code",
        ],
    ),
    may("aliases", &["aliases", "别名", "账号别名", "alias"]),
    may("homepage", &["homepage", "主页地址", "网址"]),
    may("state", &["state", "状态", "账号状态"]),
    may("valid_from", &["valid_from", "启用日期"]),
    may("valid_to", &["valid_to", "停用日期"]),
];

const PEOPLE: &[Column] = &[
    must("code", &["code", "人员编码", "编码", "工号"]),
    must("name", &["name", "姓名", "名称"]),
    must("role", &["role", "角色"]),
    may(
        "units",
        &["units", "单位", "areas", "所属单位", "责任单位", "unit"],
    ),
    may("operates", &["operates", "负责账号"]),
];

pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Units => UNITS,
        Kind::Accounts => ACCOUNTS,
        Kind::People => PEOPLE,
    }
}

/// A header without what people add to it: case, blanks, a star for "required".
fn plain(header: &str) -> String {
    let kept = header
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊' | '\u{feff}'));
    kept.flat_map(char::to_lowercase).collect()
}

/// The kind that a file's stem or a sheet's name tells.
pub(super) fn kind_of_name(name: &str) -> Option<Kind> {
    let name = plain(name);
    let named = |names: &[&str]| names.contains(&name.as_str());
    if named(&["units", "unit", "单位", "单位表", "机构"]) {
        Some(Kind::Units)
    } else if named(&["accounts", "account", "账号", "账号表", "帐号"]) {
        Some(Kind::Accounts)
    } else if named(&["people", "persons", "person", "人员", "人员表"]) {
        Some(Kind::People)
    } else {
        None
    }
}

/// Where each column of `kind` stands in this row of headers; the first of two equal ones counts.
pub(super) fn places(kind: Kind, headers: &[String]) -> HashMap<&'static str, usize> {
    let headers: Vec<String> = headers.iter().map(|h| plain(h)).collect();
    let mut places = HashMap::new();
    for column in columns(kind) {
        let found = column
            .headers
            .iter()
            .find_map(|n| headers.iter().position(|h| h == n));
        if let Some(at) = found {
            places.insert(column.key, at);
        }
    }
    places
}

/// The header that somebody probably meant by an unknown one: a letter or two away from one of a
/// column that the table lacks.
pub(super) fn meant(
    kind: Kind,
    header: &str,
    places: &HashMap<&'static str, usize>,
) -> Option<&'static str> {
    let header = plain(header);
    let length = header.chars().count();
    let near = |known: &&'static str| {
        let slips = strsim::osa_distance(&header, known);
        let shorter = length.min(known.chars().count());
        slips <= shorter / 3 && slips <= 2
    };
    columns(kind)
        .iter()
        .filter(|column| !places.contains_key(column.key))
        .flat_map(|column| column.headers.iter().copied())
        .filter(near)
        .min_by_key(|known| strsim::osa_distance(&header, known))
}

/// The kind whose required columns are all in this row of headers: people before accounts before
/// units, since a unit's columns are also found in the others.
pub(super) fn kind_of_headers(headers: &[String]) -> Option<Kind> {
    let fits = |kind: &Kind| {
        let places = places(*kind, headers);
        columns(*kind)
            .iter()
            .all(|c| !c.required || places.contains_key(c.key))
    };
    [Kind::People, Kind::Accounts, Kind::Units]
        .into_iter()
        .find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn headers_tell_the_table() {
        let cases = [
            ("单位编码,单位名称,上级单位", Some(Kind::Units)),
            ("Code,NAME*,Kind", Some(Kind::Units)),
            ("平台,账号名称,责任单位,唯一标识", Some(Kind::Accounts)),
            ("platform,name,unit", Some(Kind::Accounts)),
            ("人员编码,姓名,角色,单位", Some(Kind::People)),
            ("code,name,role", Some(Kind::People)),
            ("通讯录,2024", None),
        ];
        for (headers, kind) in cases {
            assert_eq!(kind_of_headers(&row(headers)), kind, "{headers}");
        }
    }

    #[test]
    fn a_slip_is_told_from_another_column() {
        for (kind, headers, meant_by_last) in [
            (
                Kind::Accounts,
                "平台,账号名称,单位,唯一标示",
                Some("唯一标识"),
            ),
            (
                Kind::Accounts,
                "platform,name,unit,hompage",
                Some("homepage"),
            ),
            (Kind::Accounts, "平台,账号名称,单位,备注", None),
            (Kind::Units, "编码,名称,单位编号", None),
            (Kind::People, "编码,姓名,角色,手机", None),
        ] {
            let headers = row(headers);
            let places = places(kind, &headers);
            assert_eq!(
                meant(kind, &headers[headers.len() - 1], &places),
                meant_by_last
            );
        }
    }

    #[test]
    fn names_tell_the_table() {
        assert_eq!(kind_of_name("Units"), Some(Kind::Units));
        assert_eq!(kind_of_name("账号"), Some(Kind::Accounts));
        assert_eq!(kind_of_name("人员"), Some(Kind::People));
        assert_eq!(kind_of_name("说明"), None);
    }

    #[test]
    fn every_column_goes_by_its_key_and_has_a_header_to_export() {
        for column in Kind::ALL.into_iter().flat_map(columns) {
            assert_eq!(column.headers[0], column.key);
            assert!(column.headers.len() > 1, "{}", column.key);
        }
    }
}
