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

/// One thing that was understood of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// What to do.
    pub wish: Wish,
    /// Positions of the message (1, 2, 3 …); empty: none was said.
    pub positions: Vec<i64>,
    /// Issue numbers, written `#17`.
    pub numbers: Vec<i64>,
    /// What follows the verb: the reason of a dispute.
    pub rest: String,
}

impl Understood {
    /// Whether it says which issues are meant.
    pub fn names_issues(&self) -> bool {
        !self.positions.is_empty() || !self.numbers.is_empty()
    }
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

/// Words that take something out: what is left is not ours to guess.
const EXCEPT: &[&str] = &[
    "以外",
    "之外",
    "except",
    "不含",
    "不包括",
    "其余",
    "其他",
    "别的",
];

/// A verb in a text: where it begins and ends, in bytes.
struct Verb {
    wish: Wish,
    begin: usize,
    end: usize,
}

/// The verbs of a text in order; of those that begin together the longest.
fn verbs(folded: &str) -> Vec<Verb> {
    let lists = [
        (Wish::Dispute, WRONG),
        (Wish::ReportFix, FIXED),
        (Wish::Acknowledge, SEEN),
    ];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = folded.get(at..).filter(|rest| !rest.is_empty()) {
        let begins = lists.iter().flat_map(|(wish, phrases)| {
            let here = phrases.iter().filter(|phrase| rest.starts_with(**phrase));
            here.map(|phrase| (*wish, phrase.len()))
        });
        match begins.max_by_key(|(_, length)| *length) {
            Some((wish, length)) => {
                let (begin, end) = (at, at + length);
                found.push(Verb { wish, begin, end });
                at = end;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// Reads a reply: each verb with the issues that are named before it. Empty: not sure enough to
/// record anything.
///
/// 「1 收到 2 已改」 is two things; 「2 误报 引自2019年文件」 is one with its reason. Numbers count
/// only where nothing but numbers and separators stands beside them: 「3点已改」 names no issue, and
/// is not guessed at.
pub fn understand(text: &str) -> Vec<Understood> {
    let folded = fold(text);
    if doubtful(&folded) && !only_a_reason(&folded) {
        return vec![];
    }
    let mut all = verbs(&folded);
    // What the reason of a dispute says is no verb, unless numbers stand right before it.
    let mut last: Option<(Wish, usize)> = None;
    all.retain(|verb| {
        let kept = match last {
            Some((Wish::Dispute, end)) => {
                let between = folded.get(end..verb.begin).unwrap_or_default();
                !tail_numbers(between).is_empty()
            }
            _ => true,
        };
        if kept {
            last = Some((verb.wish, verb.end));
        }
        kept
    });
    clauses(&folded, &all).map_or_else(Vec::new, merge)
}

/// Whether a text denies, asks, or takes something out.
fn doubtful(folded: &str) -> bool {
    let mut words = NOT_YET.iter().chain(EXCEPT);
    let mut before = None;
    // 除 takes something out; 删除, 清除 and 消除 are fixes.
    let except = folded.chars().any(|c| {
        let except = c == '除' && !before.is_some_and(|c| "删清消解移".contains(c));
        before = Some(c);
        except
    });
    except || words.any(|phrase| folded.contains(phrase))
}

/// Whether the doubtful words stand in the reason of a dispute, which may say anything.
fn only_a_reason(folded: &str) -> bool {
    let first = verbs(folded).into_iter().next();
    first.is_some_and(|verb| {
        let before = folded.get(..verb.begin).unwrap_or_default();
        verb.wish == Wish::Dispute && !doubtful(before)
    })
}

/// The numbers at the end of a text, as far as only numbers and separators go back.
fn tail_numbers(text: &str) -> &str {
    let begin = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_digit() || *c == '#' || is_separator(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    let tail = text.get(begin..).unwrap_or_default();
    match tail.contains(|c: char| c.is_ascii_digit()) {
        true => tail,
        false => "",
    }
}

/// Each verb with the text before and after it; none when a number cannot be placed.
fn clauses(folded: &str, verbs: &[Verb]) -> Option<Vec<Understood>> {
    let mut found: Vec<Understood> = Vec::new();
    let mut from = 0;
    for (n, verb) in verbs.iter().enumerate() {
        let mut before = folded.get(from..verb.begin)?;
        if let Some(disputed) = found.last_mut().filter(|u| u.wish == Wish::Dispute) {
            // What comes before the numbers is the reason that was said.
            let numbers = tail_numbers(before);
            let reason = before.get(..before.len() - numbers.len())?;
            disputed.rest = reason.trim_matches(is_separator).to_owned();
            before = numbers;
        }
        let (mut positions, mut numbers) = (Vec::new(), Vec::new());
        let plain = |c: char| c.is_ascii_digit() || c == '#' || is_separator(c);
        if before.contains(|c: char| c.is_ascii_digit()) {
            let all_plain = before
                .chars()
                .all(|c| plain(c) || "都已全部的到至~—".contains(c));
            if !all_plain || !numbers_of(before, &mut positions, &mut numbers) {
                return None;
            }
        }
        let last = n + 1 == verbs.len();
        let after = folded.get(verb.end..).filter(|_| last).unwrap_or_default();
        let nothing_yet = positions.is_empty() && numbers.is_empty();
        if nothing_yet
            && after.chars().all(plain)
            && !numbers_of(after, &mut positions, &mut numbers)
        {
            return None;
        }
        let wish = verb.wish;
        if wish != Wish::Dispute
            && nothing_yet
            && !after.chars().all(plain)
            && after.contains(|c: char| c.is_ascii_digit())
        {
            return None;
        }
        found.push(Understood {
            wish,
            positions,
            numbers,
            rest: after.trim_matches(is_separator).to_owned(),
        });
        from = verb.end;
    }
    Some(found)
}

/// Of what names no issue only the strongest counts: 「收到，已改」 is a fix.
fn merge(mut found: Vec<Understood>) -> Vec<Understood> {
    let strength = |wish: Wish| match wish {
        Wish::Acknowledge => 0,
        Wish::ReportFix => 1,
        Wish::Dispute => 2,
    };
    let bare = found.iter().filter(|u| !u.names_issues());
    let strongest = bare.map(|u| strength(u.wish)).max();
    let mut taken = false;
    found.retain(|u| {
        let kept = u.names_issues() || (!taken && Some(strength(u.wish)) == strongest);
        taken |= !u.names_issues() && kept;
        kept
    });
    found
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
            &'static str,
        );
        let table: [Case; 14] = [
            ("收到", Wish::Acknowledge, &[], &[], ""),
            ("收到，马上改", Wish::Acknowledge, &[], &[], ""),
            ("已改", Wish::ReportFix, &[], &[], ""),
            ("1 3 已修改", Wish::ReportFix, &[1, 3], &[], ""),
            ("1、3已改", Wish::ReportFix, &[1, 3], &[], ""),
            ("１，３ 已整改。", Wish::ReportFix, &[1, 3], &[], ""),
            ("1-3 已删除", Wish::ReportFix, &[1, 2, 3], &[], ""),
            ("#17 已改", Wish::ReportFix, &[], &[17], ""),
            ("已改 2", Wish::ReportFix, &[2], &[], "2"),
            ("2 误报 标题是引文", Wish::Dispute, &[2], &[], "标题是引文"),
            (
                "第2条误报，原文引自2019年文件",
                Wish::Dispute,
                &[2],
                &[],
                "原文引自2019年文件",
            ),
            ("2 3 已删除", Wish::ReportFix, &[2, 3], &[], ""),
            ("OK", Wish::Acknowledge, &[], &[], ""),
            ("收到\u{200b}", Wish::Acknowledge, &[], &[], ""),
        ];
        for (text, wish, positions, numbers, rest) in table {
            let mut got = understand(text);
            assert_eq!(got.len(), 1, "{text}: {got:?}");
            let got = got.remove(0);
            assert_eq!(got.wish, wish, "{text}");
            assert_eq!(got.positions, positions, "{text}");
            assert_eq!(got.numbers, numbers, "{text}");
            assert_eq!(got.rest, rest, "{text}");
        }
    }

    #[test]
    fn several_things_in_one_reply() {
        use Wish::{Acknowledge, Dispute, ReportFix};
        type Thing = (Wish, &'static [i64], &'static [i64], &'static str);
        let table: [(&str, &[Thing]); 8] = [
            (
                "1 收到 2 已改",
                &[(Acknowledge, &[1], &[], ""), (ReportFix, &[2], &[], "")],
            ),
            (
                "1 已改 2 误报 这是引文",
                &[(ReportFix, &[1], &[], ""), (Dispute, &[2], &[], "这是引文")],
            ),
            (
                "2 误报 引自2019年文件，1 3 已改",
                &[
                    (Dispute, &[2], &[], "引自2019年文件"),
                    (ReportFix, &[1, 3], &[], ""),
                ],
            ),
            (
                "2 误报 标题已改过，没有错",
                &[(Dispute, &[2], &[], "标题已改过，没有错")],
            ),
            (
                "已收到，1 3 已修改",
                &[(Acknowledge, &[], &[], ""), (ReportFix, &[1, 3], &[], "")],
            ),
            ("收到，已改", &[(ReportFix, &[], &[], "")]),
            ("1-3 5 都已改", &[(ReportFix, &[1, 2, 3, 5], &[], "")]),
            (
                "#17 已改；#18 收到",
                &[(ReportFix, &[], &[17], ""), (Acknowledge, &[], &[18], "")],
            ),
        ];
        for (text, want) in table {
            let got = understand(text);
            let got: Vec<_> = got
                .iter()
                .map(|u| (u.wish, &u.positions[..], &u.numbers[..], u.rest.as_str()))
                .collect();
            assert_eq!(got, want, "{text}");
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
            "除了5都已改",
            "1 3以外都已改",
            "3点已改",
            "2019年那条已改",
            "已改 3 处",
        ] {
            assert_eq!(understand(text), vec![], "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}") {
            let _ = understand(&text);
        }
    }
}
