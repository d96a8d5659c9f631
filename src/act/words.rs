//! What a reply in plain words means: 「1 3 已修改」, 「收到」, 「2 误报 标题是引文」. Pure.

/// What a person wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// 收到
    Acknowledge,
    /// 已改
    ReportFix,
    /// 误报
    Dispute,
}

/// What was understood of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// What to do.
    pub wish: Wish,
    /// Positions of the message (1, 2, 3 …); empty: none was said.
    pub positions: Vec<i64>,
    /// Issue numbers, written `#17`.
    pub numbers: Vec<i64>,
    /// All of the message: 全部, 都.
    pub all: bool,
    /// What is left of the words once numbers and verb are taken away.
    pub rest: String,
}

/// Longest phrase first, so that 未改 is not read as 改.
const NOT_YET: &[&str] = &[
    "没改",
    "未改",
    "没有改",
    "还没",
    "尚未",
    "不能改",
    "无法",
    "怎么",
    "什么",
    "吗",
    "？",
    "?",
    "不是误报",
    "没收到",
    "未收到",
    "not yet",
    "can't",
    "cannot",
];
const FIXED: &[&str] = &[
    "已经整改",
    "已经修改",
    "已经改好",
    "已整改",
    "已修改",
    "已改正",
    "已更正",
    "已删除",
    "已重发",
    "已改",
    "改好了",
    "改完了",
    "改了",
    "整改完成",
    "修改完成",
    "已处理",
    "处理完",
    "整改完毕",
    "已更新",
    "更新了",
    "删除了",
    "已撤回",
    "已下架",
    "fixed",
    "done",
];
const SEEN: &[&str] = &[
    "收到",
    "签收",
    "知道了",
    "已阅",
    "好的",
    "明白",
    "马上改",
    "马上处理",
    "正在处理",
    "ok",
    "received",
];
const WRONG: &[&str] = &[
    "误报",
    "误判",
    "不是错误",
    "没有错",
    "申诉",
    "有异议",
    "false alarm",
];

/// Reads a reply. `None`: not sure enough to record anything.
pub fn understand(text: &str) -> Option<Understood> {
    let folded = fold(text);
    if NOT_YET.iter().any(|phrase| folded.contains(phrase)) {
        return None;
    }
    let found = |phrases: &[&'static str]| phrases.iter().copied().find(|p| folded.contains(p));
    let (wish, phrase) = match (found(WRONG), found(FIXED), found(SEEN)) {
        (Some(phrase), _, _) => (Wish::Dispute, phrase),
        (None, Some(phrase), _) => (Wish::ReportFix, phrase),
        (None, None, Some(phrase)) => (Wish::Acknowledge, phrase),
        (None, None, None) => return None,
    };
    let at = folded.find(phrase)?;
    // Numbers count only before the verb, or when nothing but numbers follow it: the reason of a
    // dispute may well hold numbers of its own.
    let (before, after) = (&folded[..at], &folded[at + phrase.len()..]);
    let mut positions = Vec::new();
    let mut numbers = Vec::new();
    if !numbers_of(before, &mut positions, &mut numbers) {
        return None;
    }
    let only_numbers = after
        .chars()
        .all(|c| c.is_ascii_digit() || is_separator(c) || c == '#');
    if positions.is_empty() && numbers.is_empty() && only_numbers {
        numbers_of(after, &mut positions, &mut numbers);
    }
    let all = ["全部", "都", "所有", "all"]
        .iter()
        .any(|word| before.contains(word));
    let rest: String = after.trim_matches(is_separator).to_owned();
    Some(Understood {
        wish,
        positions,
        numbers,
        all,
        rest,
    })
}

fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}'))
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '＃' => '#',
            c => c,
        })
        .collect::<String>()
        .to_lowercase()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || ",，、.。;；:：!！和及与第条项个-".contains(c)
}

/// Collects `1 3`, `1、3`, `1-3`, `#17`. False when a number is absurd, so that nothing is guessed.
fn numbers_of(text: &str, positions: &mut Vec<i64>, numbers: &mut Vec<i64>) -> bool {
    let mut rest = text;
    let mut range_from: Option<i64> = None;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let hash = rest[..start].ends_with('#');
        let range = matches!(rest[..start].trim(), "-" | "~" | "到" | "至" | "—") && !hash;
        let tail = &rest[start..];
        let end = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let Ok(number) = tail[..end].parse::<i64>() else {
            return false;
        };
        if hash {
            numbers.push(number);
        } else if let (true, Some(from)) = (range, range_from) {
            if number < from || number - from > 50 {
                return false;
            }
            positions.extend(from + 1..=number);
        } else {
            positions.push(number);
        }
        range_from = (!hash).then_some(number);
        rest = &tail[end..];
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn replies_as_people_write_them() {
        type Case = (
            &'static str,
            Wish,
            &'static [i64],
            &'static [i64],
            bool,
            &'static str,
        );
        let table: [Case; 14] = [
            ("收到", Wish::Acknowledge, &[], &[], false, ""),
            ("收到，马上改", Wish::Acknowledge, &[], &[], false, "马上改"),
            ("已改", Wish::ReportFix, &[], &[], false, ""),
            ("1 3 已修改", Wish::ReportFix, &[1, 3], &[], false, ""),
            ("1、3已改", Wish::ReportFix, &[1, 3], &[], false, ""),
            ("１，３ 已整改。", Wish::ReportFix, &[1, 3], &[], false, ""),
            ("1-3 已删除", Wish::ReportFix, &[1, 2, 3], &[], false, ""),
            ("#17 已改", Wish::ReportFix, &[], &[17], false, ""),
            ("已改 2", Wish::ReportFix, &[2], &[], false, "2"),
            ("全部已整改", Wish::ReportFix, &[], &[], true, ""),
            (
                "2 误报 标题是引文",
                Wish::Dispute,
                &[2],
                &[],
                false,
                "标题是引文",
            ),
            (
                "第2条误报，原文引自2019年文件",
                Wish::Dispute,
                &[2],
                &[],
                false,
                "原文引自2019年文件",
            ),
            ("OK", Wish::Acknowledge, &[], &[], false, ""),
            ("收到\u{200b}", Wish::Acknowledge, &[], &[], false, ""),
        ];
        for (text, wish, positions, numbers, all, rest) in table {
            let got = understand(text).unwrap_or_else(|| panic!("{text} was not understood"));
            assert_eq!(got.wish, wish, "{text}");
            assert_eq!(got.positions, positions, "{text}");
            assert_eq!(got.numbers, numbers, "{text}");
            assert_eq!(got.all, all, "{text}");
            assert_eq!(got.rest, rest, "{text}");
        }
    }

    #[test]
    fn what_is_not_sure_changes_nothing() {
        for text in [
            "",
            "1 3",
            "还没改",
            "怎么改？",
            "这个已改了吗",
            "今天放假",
            "99999999999999999999 已改",
            "没收到",
        ] {
            assert_eq!(understand(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}") {
            let _ = understand(&text);
        }
    }
}
