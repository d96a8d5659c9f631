//! The sample city. Its figures are those of Fuzhou's bulletin of the second quarter of 2021: 60
//! sites (48 departments, 12 counties) and 422 accounts. Units and accounts that the bulletin names
//! go by their names and carry only what it prints of them; all others, and all people, are invented.

use std::fmt::Write as _;

/// Counties: code, name; the first nine stand in the bulletin.
const COUNTIES: [(&str, &str); 12] = [
    ("GL", "福州市鼓楼区人民政府"),
    ("FQ", "福清市人民政府"),
    ("JA", "福州市晋安区人民政府"),
    ("LY", "罗源县人民政府"),
    ("CL", "福州市长乐区人民政府"),
    ("MH", "闽侯县人民政府"),
    ("YT", "永泰县人民政府"),
    ("TJ", "福州市台江区人民政府"),
    ("LJ", "连江县人民政府"),
    ("X1", "示范一区人民政府"),
    ("X2", "示范二区人民政府"),
    ("X3", "示范三县人民政府"),
];

/// Departments that stand in the bulletin: code, name.
const DEPARTMENTS: [(&str, &str); 15] = [
    ("CGW", "福州市城市管理委员会"),
    ("JYJ", "福州市教育局"),
    ("FGJ", "福州市住房保障和房产管理局"),
    ("RSJ", "福州市人力资源和社会保障局"),
    ("GAJ", "福州市公安局"),
    ("TDZX", "福州市土地发展中心"),
    ("TYJR", "福州市退役军人事务局"),
    ("GXJ", "福州市工业和信息化局"),
    ("FGW", "福州市发展和改革委员会"),
    ("MCW", "福州历史文化名城管理委员会"),
    ("GLGW", "福州市鼓岭旅游度假区管理委员会"),
    ("YLZX", "福州市园林中心"),
    ("SFJ", "福州市司法局"),
    ("GXQ", "福州高新技术产业开发区管理委员会"),
    ("DSJ", "福州市大数据服务中心"),
];

/// Accounts that stand in the bulletin: name, unit.
const NAMED: [(&str, &str); 16] = [
    ("福州市退役军人事务局", "TYJR"),
    ("鼓楼市容", "GL"),
    ("马尾教育", "X1"),
    ("闽侯县自然资源和规划局", "MH"),
    ("鼓山登山步道运动", "GLGW"),
    ("长乐阳光餐饮", "CL"),
    ("I东湖", "CL"),
    ("闽侯文化", "MH"),
    ("永泰县白云乡人民政府", "YT"),
    ("福州园林", "YLZX"),
    ("法治福州", "SFJ"),
    ("高新福州", "GXQ"),
    ("台江发布", "TJ"),
    ("福州台江公安", "TJ"),
    ("连江公安", "LJ"),
    ("上迳印象", "FQ"),
];

/// Accounts by platform, as the bulletin counts them.
const PLATFORMS: [(&str, usize); 7] = [
    ("wechat", 302),
    ("weibo", 56),
    ("toutiao", 16),
    ("douyin", 13),
    ("mini_program", 19),
    ("app", 7),
    ("other", 9),
];

const SURNAMES: [&str; 12] = [
    "林", "陈", "黄", "郑", "吴", "王", "李", "张", "刘", "周", "何", "叶",
];
const GIVEN: [&str; 10] = [
    "晓雨", "志远", "思敏", "文博", "静怡", "建华", "雅琴", "子涵", "国栋", "慧玲",
];

/// An invented account: name and unit.
pub(super) fn invented(n: usize) -> (String, String) {
    (format!("示范号{n:03}"), unit_code(n))
}

/// The unit of the n-th invented account: the invented departments in turn.
fn unit_code(n: usize) -> String {
    format!("B{:02}", n % 33 + 1)
}

fn person(n: usize) -> String {
    let surname = SURNAMES.get(n % SURNAMES.len()).copied().unwrap_or("林");
    let given = GIVEN
        .get(n / SURNAMES.len() % GIVEN.len())
        .copied()
        .unwrap_or("晓雨");
    format!("{surname}{given}")
}

/// The roster as the office would hand it in: `units.csv`, `accounts.csv`, `people.csv`.
pub fn roster() -> [(&'static str, String); 3] {
    let mut units = "编码,名称,类别\n".to_owned();
    let mut codes = Vec::new();
    let invented_units = (1..=33).map(|n| (format!("B{n:02}"), format!("示范{n:02}局")));
    let named = COUNTIES
        .iter()
        .chain(&DEPARTMENTS)
        .map(|(c, n)| ((*c).to_owned(), (*n).to_owned()));
    for (n, (code, name)) in named.chain(invented_units).enumerate() {
        let kind = if n < COUNTIES.len() {
            "县区"
        } else {
            "市直部门"
        };
        let _ = writeln!(units, "{code},{name},{kind}");
        codes.push((code, name));
    }
    let mut accounts = "平台,账号名称,唯一标识,单位\n".to_owned();
    for (n, (code, name)) in codes.iter().enumerate() {
        let _ = writeln!(accounts, "政府网站,{name}网站,site{n:02},{code}");
    }
    for (n, (name, unit)) in NAMED.iter().enumerate() {
        let _ = writeln!(accounts, "微信公众号,{name},gh_named{n:02},{unit}");
    }
    let mut n = 0;
    for (platform, count) in PLATFORMS {
        let taken = if platform == "wechat" { NAMED.len() } else { 0 };
        for _ in taken..count {
            n += 1;
            let (name, unit) = invented(n);
            let _ = writeln!(accounts, "{platform},{name},id{n:04},{unit}");
        }
    }
    let mut people = "编码,姓名,角色,单位\n".to_owned();
    let _ = writeln!(people, "M1,陈若溪,监管人员,*");
    for (n, (code, _)) in codes.iter().enumerate() {
        let _ = writeln!(people, "O-{code},{},运维人员,{code}", person(n));
    }
    for (n, (code, _)) in codes.iter().take(COUNTIES.len()).enumerate() {
        let _ = writeln!(people, "L-{code},{},分管负责人,{code}", person(n + 70));
    }
    [
        ("units.csv", units),
        ("accounts.csv", accounts),
        ("people.csv", people),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{mojibake, text};

    #[test]
    fn no_name_of_the_city_is_taken_for_damaged() {
        for (table, rows) in roster() {
            for cell in rows.lines().flat_map(|line| line.split(',')) {
                assert_eq!(mojibake::repair(cell), None, "{table} {cell}");
                assert!(!text::is_damaged(cell), "{table} {cell}");
            }
        }
    }

    #[test]
    fn the_figures_are_those_of_the_bulletin() {
        let [(_, units), (_, accounts), _] = roster();
        assert_eq!(units.lines().count() - 1, 60);
        let sites = accounts
            .lines()
            .filter(|line| line.starts_with("政府网站"))
            .count();
        assert_eq!((sites, accounts.lines().count() - 1 - sites), (60, 422));
        assert_eq!(PLATFORMS.iter().map(|(_, count)| count).sum::<usize>(), 422);
    }
}
