//! What `/invite` and `/replace` say: 「张三 示范一区教育局 运维人员」, 「林晓雨 陈志远」. Pure.

use crate::roster::Role;

/// The longest name that is taken for one.
const NAME: usize = 20;
/// Words for every unit.
const EVERYWHERE: [&str; 4] = ["*", "＊", "全部", "全市"];

/// Somebody who is to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joins {
    /// Their name.
    pub name: String,
    /// The units, as written; `*` for all.
    pub units: Vec<String>,
    /// As what; an operator where nothing is said.
    pub role: Role,
}

fn words(text: &str) -> Vec<&str> {
    let gap = |c: char| c.is_whitespace() || matches!(c, ',' | '，');
    text.split(gap).filter(|word| !word.is_empty()).collect()
}

/// A name as it may stand in the roster; nothing where it is none.
pub fn name(text: &str) -> Option<String> {
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = text.trim().chars().filter(|c| !hidden(c)).collect();
    let long = name.chars().count();
    let letters = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '·' | '-' | '.'));
    let numbered = name.chars().all(|c| c.is_numeric());
    ((2..=NAME).contains(&long) && letters && !numbered).then_some(name)
}

/// Who is to be added: a name, units, perhaps a role at any place after the name.
pub fn understand(text: &str) -> Option<Joins> {
    let words = words(text);
    let (first, rest) = words.split_first()?;
    let (mut units, mut role) = (Vec::new(), None);
    for word in rest {
        match Role::parse(word).filter(|_| role.is_none()) {
            Some(found) => role = Some(found),
            None => units.extend(
                word.split(['、', ';', '；', '/'])
                    .filter(|unit| !unit.is_empty()),
            ),
        }
    }
    let units: Vec<String> = match units.iter().any(|unit| EVERYWHERE.contains(unit)) {
        true => vec!["*".to_owned()],
        false => units.into_iter().map(str::to_owned).collect(),
    };
    Some(Joins {
        name: name(first).filter(|_| !units.is_empty())?,
        units,
        role: role.unwrap_or(Role::Operator),
    })
}

/// Who leaves and who succeeds: two names with a gap, an arrow or 换成 between them.
pub fn succession(text: &str) -> Option<(String, String)> {
    let text = ["→", "->", "换成", "换为", "改为", "由"]
        .iter()
        .fold(text.to_owned(), |text, arrow| text.replace(arrow, " "));
    match words(&text).as_slice() {
        [old, new] => Some(((*old).to_owned(), (*new).to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_is_to_be_added() {
        for (text, want) in [
            ("张三 教育局 运维人员", "张三 教育局 operator"),
            ("张三　教育局", "张三 教育局 operator"),
            ("张三 分管负责人 教育局、体育局", "张三 教育局+体育局 lead"),
            ("张三，教育局，监管人员", "张三 教育局 manager"),
            ("张三 全部 监管人员", "张三 * manager"),
            ("欧阳\u{202e}一 Q1", "欧阳一 Q1 operator"),
            ("张三", "-"),
            ("张三 运维人员", "-"),
            ("1 Q1", "-"),
            ("<b> Q1", "-"),
            ("", "-"),
        ] {
            let said = understand(text).map_or_else(
                || "-".to_owned(),
                |j| format!("{} {} {}", j.name, j.units.join("+"), j.role.as_str()),
            );
            assert_eq!(said, want, "{text}");
        }
    }

    #[test]
    fn who_succeeds_whom() {
        let pair = Some(("林晓雨".to_owned(), "张三".to_owned()));
        for text in [
            "林晓雨 张三",
            "林晓雨 → 张三",
            "林晓雨换成张三",
            " 林晓雨，张三 ",
        ] {
            assert_eq!(succession(text), pair, "{text}");
        }
        assert_eq!(succession("林晓雨"), None);
        assert_eq!(succession("甲 乙 丙"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,40}") {
            let _ = (understand(&text), succession(&text), name(&text));
        }
    }
}
