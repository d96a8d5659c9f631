//! Names of people as offices write them into a cell: several of them, with a post, an office or a phone
//! number behind; and who is one and the same under two spellings.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization as _;

use super::model::{Person, Role};
use crate::finding::text::fold;

/// Posts that stand behind a name.
const POSTS: [&str; 22] = [
    "副秘书长",
    "副局长",
    "副主任",
    "副书记",
    "副部长",
    "副科长",
    "副区长",
    "副县长",
    "副市长",
    "秘书长",
    "局长",
    "主任",
    "书记",
    "部长",
    "科长",
    "区长",
    "县长",
    "市长",
    "校长",
    "院长",
    "老师",
    "同志",
];

/// What a cell says where nobody is.
const NOBODY: [&str; 6] = ["无", "暂无", "待定", "空缺", "/", "-"];

/// The people whom a cell names, each as one spelling, without repetitions; and the phone number that
/// stands with a name, if one does.
pub(super) fn people_of(cell: &str) -> Vec<(String, Option<String>)> {
    let mut names: Vec<(String, Option<String>)> = Vec::new();
    let flat = without_brackets(cell);
    for part in flat.split(['、', ',', '，', ';', '；', '/', '\n', '|']) {
        let found = apart(part);
        let number = phone(part).filter(|_| found.len() == 1);
        for name in found {
            if !names.iter().any(|(known, _)| is_one(known, &name)) {
                names.push((name, number.clone()));
            }
        }
    }
    names
}

/// The digits of a text that holds one phone number.
pub(super) fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // Several numbers in one cell tell nobody apart.
    (7..=13).contains(&digits.len()).then_some(digits)
}

/// Without what stands in brackets; in one width.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let wide: String = text.nfkc().collect();
    wide.chars()
        .filter(|c| {
            match c {
                '(' | '[' | '〔' | '【' => depth += 1,
                ')' | ']' | '〕' | '】' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c) || ('\u{20000}'..='\u{3ffff}').contains(&c)
}

/// Without phone numbers; a digit or two behind a name tells people apart and stays.
fn without_numbers(text: &str) -> String {
    let mut kept = String::new();
    let mut run = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() || c == '+' || c == '-' {
            run.push(c);
            continue;
        }
        if run.chars().filter(char::is_ascii_digit).count() < 5 {
            kept.push_str(&run);
        }
        run.clear();
        kept.push(if matches!(c, ':' | '：') { ' ' } else { c });
    }
    kept
}

/// Names that only blanks part: each is one of at least two characters. `张 三` is one name.
fn apart(text: &str) -> Vec<String> {
    let mut kept = without_numbers(text);
    for word in ["联系电话", "电话", "手机"] {
        kept = kept.replace(word, " ");
    }
    let words: Vec<&str> = kept.split_whitespace().collect();
    let han = |word: &&str| word.chars().all(is_han);
    let names = if words.iter().all(han) {
        match words.iter().all(|word| word.chars().count() > 1) {
            true => words.iter().map(|word| (*word).to_owned()).collect(),
            false => vec![words.concat()],
        }
    } else {
        vec![words.join(" ")]
    };
    names
        .into_iter()
        .map(|name| without_post(&name).to_owned())
        .filter(|name| !name.is_empty() && !NOBODY.contains(&name.as_str()))
        .collect()
}

fn without_post(name: &str) -> &str {
    let bare = POSTS.iter().find_map(|post| name.strip_suffix(post));
    bare.filter(|bare| bare.chars().count() > 1).unwrap_or(name)
}

/// The form in which the names of two people are compared.
pub(super) fn spelled(name: &str) -> String {
    let flat = without_brackets(name);
    let one = apart(&flat).concat();
    fold(if one.is_empty() { name } else { &one })
}

/// Whether two spellings are those of one name: width, blanks, traditional characters, what stands in
/// brackets and a post behind it make no difference.
pub(super) fn is_one(a: &str, b: &str) -> bool {
    a == b || spelled(a) == spelled(b)
}

/// Several codes for one name within one unit: the unit's code and the people, for whom somebody has to
/// say whether they are one person. Managers and admins belong to no unit in this sense.
pub fn doubles(people: &[Person]) -> Vec<(String, Vec<&Person>)> {
    let mut by_name: HashMap<(&str, String), Vec<&Person>> = HashMap::new();
    for person in people {
        if matches!(person.role, Role::Manager | Role::Admin) {
            continue;
        }
        let name = spelled(&person.name);
        for unit in &person.units {
            by_name
                .entry((unit, name.clone()))
                .or_default()
                .push(person);
        }
    }
    let several = by_name.into_iter().filter(|(_, people)| people.len() > 1);
    let sorted: BTreeMap<(String, String), Vec<&Person>> = several
        .map(|((unit, name), people)| ((unit.to_owned(), name), people))
        .collect();
    sorted
        .into_iter()
        .map(|((unit, _), people)| (unit, people))
        .collect()
}

/// [`doubles`] in a line each, with what to do.
pub fn doubles_told(people: &[Person]) -> Vec<String> {
    let told = doubles(people).into_iter().map(|(unit, people)| {
        let each: Vec<String> = people.iter().map(|p| format!("{} {}", p.code, p.name)).collect();
        format!(
            "{} in the unit {unit} look like one person: leave one code in the table and take the other \
             row out, or write what tells them apart into the names (张三1)",
            each.join(" and ")
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_names_people() {
        for (cell, names) in [
            ("林晓雨", vec!["林晓雨"]),
            ("林晓雨、陈志远", vec!["林晓雨", "陈志远"]),
            (
                "林晓雨,陈志远;王一 ／ 李二",
                vec!["林晓雨", "陈志远", "王一", "李二"],
            ),
            ("林晓雨 陈志远", vec!["林晓雨", "陈志远"]),
            ("张 三", vec!["张三"]),
            ("张　三", vec!["张三"]),
            ("林晓雨（办公室）", vec!["林晓雨"]),
            ("林晓雨 13800000000", vec!["林晓雨"]),
            (
                "林晓雨13800000000、陈志远：0591-1234567",
                vec!["林晓雨", "陈志远"],
            ),
            ("林晓雨主任", vec!["林晓雨"]),
            ("张三1、张三2", vec!["张三1", "张三2"]),
            ("陈主任", vec!["陈主任"]),
            ("林晓雨、林 晓雨", vec!["林晓雨"]),
            ("买买提·艾力", vec!["买买提·艾力"]),
            ("Zhang San", vec!["Zhang San"]),
            ("无", vec![]),
            ("", vec![]),
            ("/", vec![]),
        ] {
            let found = people_of(cell).into_iter().map(|(name, _)| name);
            assert_eq!(found.collect::<Vec<_>>(), names, "{cell}");
        }
        let found = people_of("林晓雨13800000000、陈志远");
        assert_eq!(found[0].1.as_deref(), Some("13800000000"));
        assert_eq!(found[1].1, None);
    }

    #[test]
    fn one_name_under_several_spellings() {
        for other in [
            "张 三",
            "张三（办公室）",
            "张三(教育局)",
            "張三",
            "张　三",
            "张三主任",
        ] {
            assert!(is_one("张三", other), "{other}");
        }
        for other in ["张三丰", "张山", "李三"] {
            assert!(!is_one("张三", other), "{other}");
        }
    }

    #[test]
    fn two_codes_for_one_name_in_one_unit_are_told() {
        let person = |code: &str, name: &str, role, unit: &str| Person {
            id: 0,
            code: code.into(),
            name: name.into(),
            role,
            units: vec![unit.into()],
            operates: vec![],
        };
        let people = [
            person("P1", "张三", Role::Operator, "A"),
            person("P2", "张 三", Role::Lead, "A"),
            person("P3", "张三", Role::Operator, "B"),
            person("M1", "张三", Role::Manager, "A"),
        ];
        let told = doubles_told(&people);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("P1 张三 and P2 张 三 in the unit A"),
            "{told:?}"
        );
    }
}
