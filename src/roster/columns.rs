//! The three tables of a roster, the flat one that offices keep, and the headers by which they and their
//! columns are known.

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
    /// One flat table of all, a row for each account, as offices keep it (账号台账).
    Ledger,
}

impl Kind {
    /// The three tables, in the order in which they depend on each other.
    pub const ALL: [Self; 3] = [Self::Units, Self::Accounts, Self::People];

    /// The English word, also the stem of the exported file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Accounts => "accounts",
            Self::People => "people",
            Self::Ledger => "ledger",
        }
    }

    /// The name of the exported sheet.
    pub(super) fn sheet(self) -> &'static str {
        match self {
            Self::Units => "单位",
            Self::Accounts => "账号",
            Self::People => "人员",
            Self::Ledger => "台账",
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
    /// It says what happened on a day and is not exported: what came of it is.
    pub event: bool,
    pub headers: &'static [&'static str],
}

const fn must(key: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        key,
        required: true,
        event: false,
        headers,
    }
}

const fn may(key: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        key,
        required: false,
        event: false,
        headers,
    }
}

const fn event(key: &'static str, headers: &'static [&'static str]) -> Column {
    Column {
        key,
        required: false,
        event: true,
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
    event("former", &["former", "曾用名", "单位曾用名", "原单位名称"]),
    event("renamed_on", &["renamed_on", "更名日期", "更名时间"]),
    event("merged_into", &["merged_into", "并入单位"]),
    event("merged_on", &["merged_on", "并入日期", "并入时间"]),
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
    event("former", &["former", "曾用名", "账号曾用名", "原账号名称"]),
    event("renamed_on", &["renamed_on", "更名日期", "更名时间"]),
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

const LEDGER: &[Column] = &[
    must(
        "platform",
        &[
            "platform",
            "账号类型",
            "平台",
            "平台类型",
            "平台名称",
            "媒体类型",
            "新媒体类型",
        ],
    ),
    must(
        "name",
        &["name", "账号名称", "新媒体名称", "账号", "名称", "账号全称"],
    ),
    may(
        "uid",
        &[
            "uid",
            "唯一标识",
            "微信号",
            "账号id",
            "原始id",
            "平台id",
            "账号标识",
        ],
    ),
    may(
        "unit",
        &[
            "unit",
            "主办单位",
            "责任单位",
            "开办单位",
            "账号主体",
            "所属单位",
            "使用单位",
            "单位名称",
            "单位",
        ],
    ),
    may(
        "unit_code",
        &["unit_code", "单位编码", "主办单位编码", "填报单位编码"],
    ),
    may(
        "supervisor",
        &[
            "supervisor",
            "主管单位",
            "上级单位",
            "上级主管单位",
            "主管部门",
        ],
    ),
    may(
        "area",
        &[
            "area",
            "县区",
            "区县",
            "县(市、区)",
            "县(市区)",
            "所属县区",
            "所属区县",
            "地区",
            "所属地区",
            "所在地区",
            "属地",
        ],
    ),
    may(
        "operators",
        &[
            "operators",
            "运维人员",
            "运维人员姓名",
            "运维人员及电话",
            "运维人员及联系电话",
            "联系人",
            "联系人姓名",
            "联系人及电话",
            "联系人及联系电话",
            "管理员",
            "管理员姓名",
            "运营人员",
            "信息员",
            "经办人",
        ],
    ),
    may(
        "leads",
        &[
            "leads",
            "分管领导",
            "分管领导姓名",
            "分管负责人",
            "分管负责人姓名",
            "负责人",
            "负责人姓名",
            "责任人",
        ],
    ),
    may(
        "homepage",
        &[
            "homepage",
            "主页地址",
            "网址",
            "账号链接",
            "主页链接",
            "首页网址",
        ],
    ),
    may("state", &["state", "状态", "账号状态", "运行状态"]),
    may("remark", &["remark", "备注"]),
    may(
        "valid_from",
        &[
            "valid_from",
            "开设时间",
            "开设日期",
            "开通时间",
            "开通日期",
            "启用日期",
        ],
    ),
    may(
        "valid_to",
        &["valid_to", "停用日期", "注销日期", "注销时间", "关停时间"],
    ),
    may("aliases", &["aliases", "别名", "账号别名"]),
    event("former", &["former", "曾用名", "账号曾用名", "原账号名称"]),
    event("renamed_on", &["renamed_on", "更名日期", "更名时间"]),
    event("unit_former", &["unit_former", "单位曾用名", "原单位名称"]),
    event("unit_renamed_on", &["unit_renamed_on", "单位更名日期"]),
];

/// What a flat table has and a table of accounts alone has not.
const OF_A_LEDGER: [&str; 4] = ["supervisor", "area", "operators", "leads"];

/// Whether a column holds what duban never keeps: phone and id numbers.
pub(super) fn is_private(header: &str) -> bool {
    let header = plain(header);
    let has = |word: &&str| header.contains(*word);
    [
        "电话",
        "手机",
        "身份证",
        "证件号",
        "联系方式",
        "phone",
        "mobile",
        "idcard",
        "idnumber",
    ]
    .iter()
    .any(has)
}

pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Units => UNITS,
        Kind::Accounts => ACCOUNTS,
        Kind::People => PEOPLE,
        Kind::Ledger => LEDGER,
    }
}

/// The columns of a table that is written, in their order.
pub(super) fn exported(kind: Kind) -> impl Iterator<Item = &'static Column> {
    columns(kind).iter().filter(|column| !column.event)
}

/// A header without what people add to it: case, blanks, a star for "required".
fn plain(header: &str) -> String {
    let kept = header
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊' | '\u{feff}'));
    let half = kept.map(|c| match c {
        '（' => '(',
        '）' => ')',
        '／' => '/',
        c => c,
    });
    half.flat_map(char::to_lowercase).collect()
}

/// A header without a remark in brackets behind it: `账号名称(全称)`.
fn bare(header: &str) -> Option<&str> {
    let inside = header.strip_suffix(')')?;
    let (before, _) = inside.split_once('(')?;
    (!before.is_empty()).then_some(before)
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
        let named = |is: &dyn Fn(&String, &str) -> bool| {
            let mut names = column.headers.iter();
            names.find_map(|name| headers.iter().position(|header| is(header, name)))
        };
        let found = named(&|header, name| header == name)
            .or_else(|| named(&|header, name| bare(header) == Some(name)));
        let taken = |at: &usize| places.values().any(|used| used == at);
        if let Some(at) = found.filter(|at| !taken(at)) {
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
    if !fits(&Kind::People) && is_ledger(headers) {
        return Some(Kind::Ledger);
    }
    [Kind::People, Kind::Accounts, Kind::Units]
        .into_iter()
        .find(fits)
}

/// Whether a row of headers is that of a flat table: one of accounts with what only a flat one has, or one
/// that leaves the unit to the name of the file or sheet.
pub(super) fn is_ledger(headers: &[String]) -> bool {
    let flat = places(Kind::Ledger, headers);
    let accounts = places(Kind::Accounts, headers);
    let needed = flat.contains_key("platform") && flat.contains_key("name");
    needed
        && (!accounts.contains_key("unit") || OF_A_LEDGER.iter().any(|key| flat.contains_key(key)))
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
            ("序号,平台,账号名称,联系人,责任单位", Some(Kind::Ledger)),
            (
                "县（市、区）,账号类型,账号名称（全称）,主办单位",
                Some(Kind::Ledger),
            ),
            ("账号类型,账号名称", Some(Kind::Ledger)),
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
        let all = Kind::ALL.into_iter().chain([Kind::Ledger]);
        for column in all.flat_map(columns) {
            assert_eq!(column.headers[0], column.key);
            assert!(column.headers.len() > 1, "{}", column.key);
        }
    }
}
