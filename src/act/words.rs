//! What a reply in plain words means: 「1 3 已修改」, 「收到」, 「2 误报 标题是引文」, 「1 延期到10月9日 …」; to a
//! manager 「1 3 通过」. Pure.

use super::english;
use super::phrases::{ANSWERING, EXCEPT, GIVING_UP, NOT_SO, NOT_YET, RULING, Verbs};
use crate::issue::How;

/// What a person wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// 收到
    Acknowledge,
    /// 已改, and how if it is said.
    ReportFix(Option<How>),
    /// 误报
    Dispute,
    /// 延期
    Extend,
    /// 转办: another unit's.
    Reassign,
    /// 转给: a colleague's.
    HandOver,
    /// 撤回
    TakeBack,
    /// 通过, 同意: a manager's.
    Confirm,
    /// 未通过, 不同意: a manager's.
    Refute,
    /// 补图: a manager's.
    AskEvidence,
}

impl Wish {
    /// Whether what follows the verb belongs to it: a reason, a day, a name.
    pub fn has_rest(self) -> bool {
        matches!(
            self,
            Self::Dispute | Self::Extend | Self::Reassign | Self::HandOver
        )
    }

    /// Of what names no issue only the strongest counts.
    fn strength(self) -> u8 {
        match self {
            Self::Acknowledge => 0,
            Self::ReportFix(_) => 1,
            Self::Dispute => 2,
            Self::HandOver | Self::Reassign | Self::Extend => 3,
            Self::AskEvidence | Self::Confirm | Self::Refute => 4,
            Self::TakeBack => 5,
        }
    }
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
    /// What follows the verb: the reason of a dispute, the day of an extension, a name.
    pub rest: String,
}

impl Understood {
    /// Whether it says which issues are meant.
    pub fn names_issues(&self) -> bool {
        !self.positions.is_empty() || !self.numbers.is_empty()
    }
}

/// A verb in a text: where it begins and ends, in bytes.
#[derive(Clone)]
struct Verb {
    wish: Wish,
    begin: usize,
    end: usize,
}

/// The verbs of a text in order; of those that begin together the longest.
fn verbs(folded: &str, lists: Verbs) -> Vec<Verb> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = folded.get(at..).filter(|rest| !rest.is_empty()) {
        let begins = lists.iter().flat_map(|(wish, phrases)| {
            let here = phrases
                .iter()
                .filter(|phrase| rest.starts_with(**phrase) && english::whole(folded, at, phrase));
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
    let text = Said::of(text);
    let denied = doubtful(&text.folded, NOT_YET) || english::denies(&text.folded);
    if denied && !only_a_reason(&text.folded) {
        return vec![];
    }
    let all = verbs(&text.folded, ANSWERING);
    read(&text, all)
}

/// Reads a manager's reply to what waits for a ruling: 「1 3 通过」, 「2 未通过」, 「全部通过」.
pub fn understand_ruling(text: &str) -> Vec<Understood> {
    let text = Said::of(text);
    let folded = text.folded.as_str();
    if doubtful(folded, &["吗", "？", "?", "怎么", "什么"]) {
        return vec![];
    }
    let all = verbs(folded, RULING);
    let (yes, no) = (Wish::Confirm, Wish::Refute);
    // 「难以同意」: a yes after any denial is none; and of a yes and a no without numbers neither is sure.
    let mut from = 0;
    for verb in &all {
        let before = folded.get(from..verb.begin).unwrap_or_default();
        if verb.wish == yes
            && before.contains(['不', '未', '没', '无', '难', '别', '暂', '非', '否'])
        {
            return vec![];
        }
        from = verb.end;
    }
    let read = read(&text, all.clone());
    let bare = |wish: Wish| all.iter().any(|verb| verb.wish == wish);
    if bare(yes) && bare(no) && read.iter().any(|one| !one.names_issues()) {
        return vec![];
    }
    read
}

/// Whether all that is shown is meant: 全部, 都, 本页.
pub fn means_all(text: &str) -> bool {
    let folded = text.to_lowercase();
    let words = ["全部", "都", "本页", "所有", "all", "both", "everything"];
    words.iter().any(|word| {
        let mut found = folded.match_indices(word);
        found.any(|(at, word)| english::whole(&folded, at, word))
    })
}

/// Whether somebody gives up what they were asked: 取消.
pub fn gives_up(text: &str) -> bool {
    let said = Said::of(text).folded;
    GIVING_UP.contains(&said.trim_matches(is_separator))
}

/// The positions and numbers of a text that holds nothing else: 「1」, 「1 3」, 「#17」.
pub fn only_numbers(text: &str) -> Option<(Vec<i64>, Vec<i64>)> {
    let folded = Said::of(text).folded;
    let plain = folded
        .chars()
        .all(|c| c.is_ascii_digit() || c == '#' || is_separator(c));
    let (mut positions, mut numbers) = (Vec::new(), Vec::new());
    let read = plain && numbers_of(&folded, &mut positions, &mut numbers);
    (read && !(positions.is_empty() && numbers.is_empty())).then_some((positions, numbers))
}

fn read(text: &Said, mut all: Vec<Verb>) -> Vec<Understood> {
    let folded = text.folded.as_str();
    // What the reason of a dispute says is no verb, unless numbers stand right before it; nor is what
    // says why a fix is found wanting.
    all.dedup_by(|verb, last| {
        let why = last.wish == Wish::Refute && verb.wish == Wish::Refute;
        (last.wish.has_rest() || why) && !numbered(folded, last, verb)
    });
    if !stands(folded, &all) {
        return vec![];
    }
    // The same once more: 「done, deleted」 is one fix, and says how.
    all.dedup_by(|verb, last| {
        let same = std::mem::discriminant(&last.wish) == std::mem::discriminant(&verb.wish);
        let again = same && !numbered(folded, last, verb);
        if again {
            let how = last.wish == Wish::ReportFix(None);
            last.wish = if how { verb.wish } else { last.wish };
            last.end = verb.end;
        }
        again
    });
    clauses(text, &all).map_or_else(Vec::new, merge)
}

/// Whether numbers stand between two verbs, right before the second.
fn numbered(folded: &str, first: &Verb, second: &Verb) -> bool {
    let between = folded.get(first.end..second.begin).unwrap_or_default();
    !tail_numbers(between).is_empty()
}

/// Whether what stands around each verb lets it stand.
fn stands(folded: &str, verbs: &[Verb]) -> bool {
    let mut from = 0;
    let mut next = verbs.iter().skip(1).map(|verb| verb.begin);
    verbs.iter().all(|verb| {
        let asked = verb.wish.has_rest();
        let before = folded.get(from..verb.begin).unwrap_or_default();
        let until = next.next().unwrap_or(folded.len());
        let after = folded.get(verb.end..until).unwrap_or_default();
        let english = folded
            .get(verb.begin..)
            .is_some_and(|verb| verb.starts_with(|c: char| c.is_ascii()));
        // What comes before the numbers is the reason of the former.
        let before = match from > 0 && !tail_numbers(before).is_empty() {
            true => tail_numbers(before),
            false => before,
        };
        from = verb.end;
        let denied = asked
            && NOT_SO
                .iter()
                .any(|words| before.trim_end().ends_with(words));
        let put_off = matches!(verb.wish, Wish::ReportFix(_)) && english::put_off(after);
        !denied && (!english || (english::leads_up(before, asked) && !put_off))
    })
}

/// Whether a text denies, asks, or takes something out.
fn doubtful(folded: &str, denying: &[&str]) -> bool {
    let mut words = denying.iter().chain(EXCEPT);
    let mut before = None;
    // 除 takes something out; 删除, 清除 and 消除 are fixes.
    let except = folded.chars().any(|c| {
        let except = c == '除' && !before.is_some_and(|c| "删清消解移".contains(c));
        before = Some(c);
        except
    });
    except || words.any(|phrase| folded.contains(phrase)) || english::unsure(folded)
}

/// Whether the doubtful words stand in a reason, which may say anything.
fn only_a_reason(folded: &str) -> bool {
    let mut verbs = verbs(folded, ANSWERING).into_iter();
    verbs.find(|verb| verb.wish.has_rest()).is_some_and(|verb| {
        let before = folded.get(..verb.begin).unwrap_or_default();
        !doubtful(before, NOT_YET) && !english::denies(before)
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
fn clauses(text: &Said, verbs: &[Verb]) -> Option<Vec<Understood>> {
    let folded = text.folded.as_str();
    let mut found: Vec<Understood> = Vec::new();
    let mut from = 0;
    for (n, verb) in verbs.iter().enumerate() {
        let mut before = folded.get(from..verb.begin)?;
        if let Some(former) = found.last_mut().filter(|u| u.wish.has_rest()) {
            // What comes before the numbers is the reason that was said.
            let numbers = tail_numbers(before);
            let reason = text.plain.get(from..verb.begin - numbers.len())?;
            former.rest = reason.trim_matches(is_separator).to_owned();
            before = numbers;
        }
        let (mut positions, mut numbers) = (Vec::new(), Vec::new());
        let plain = |c: char| c.is_ascii_digit() || c == '#' || is_separator(c);
        if before.contains(|c: char| c.is_ascii_digit()) {
            let all_plain = english::bare(before)
                .chars()
                .all(|c| plain(c) || "都已全部的到至~—".contains(c));
            if !all_plain || !numbers_of(before, &mut positions, &mut numbers) {
                return None;
            }
        }
        let last = n + 1 == verbs.len();
        let after = folded.get(verb.end..).filter(|_| last).unwrap_or_default();
        let nothing_yet = positions.is_empty() && numbers.is_empty();
        // 「延期 10-09」 says a day, and 「误报 2」 which one.
        let numbered = !verb.wish.has_rest() || verb.wish == Wish::Dispute;
        if nothing_yet
            && numbered
            && after.chars().all(plain)
            && !numbers_of(after, &mut positions, &mut numbers)
        {
            return None;
        }
        let rest = text
            .plain
            .get(verb.end..)
            .filter(|_| last)
            .unwrap_or_default();
        let wish = verb.wish;
        if !wish.has_rest()
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
            rest: rest.trim_matches(is_separator).to_owned(),
        });
        from = verb.end;
    }
    Some(found)
}

/// Of what names no issue only the strongest counts: 「收到，已改」 is a fix.
fn merge(mut found: Vec<Understood>) -> Vec<Understood> {
    let bare = found.iter().filter(|u| !u.names_issues());
    let strongest = bare.map(|u| u.wish.strength()).max();
    let mut taken = false;
    found.retain(|u| {
        let kept = u.names_issues() || (!taken && Some(u.wish.strength()) == strongest);
        taken |= !u.names_issues() && kept;
        kept
    });
    found
}

/// A text as it was said, and as it is searched: each byte of both at the same place.
struct Said {
    plain: String,
    folded: String,
}

impl Said {
    /// Without what hides in it, digits as usual; for the search in lower case.
    fn of(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(
                |c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}'),
            )
            .map(|c| match c {
                '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
                '＃' => '#',
                '’' => '\'',
                c => c,
            })
            .collect();
        let folded = english::settled(plain.to_ascii_lowercase());
        Self { plain, folded }
    }
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
            ("已改", Wish::ReportFix(Some(How::Edited)), &[], &[], ""),
            (
                "1 3 已修改",
                Wish::ReportFix(Some(How::Edited)),
                &[1, 3],
                &[],
                "",
            ),
            (
                "1、3已改",
                Wish::ReportFix(Some(How::Edited)),
                &[1, 3],
                &[],
                "",
            ),
            ("１，３ 已整改。", Wish::ReportFix(None), &[1, 3], &[], ""),
            (
                "1-3 已删除",
                Wish::ReportFix(Some(How::Deleted)),
                &[1, 2, 3],
                &[],
                "",
            ),
            (
                "#17 已改",
                Wish::ReportFix(Some(How::Edited)),
                &[],
                &[17],
                "",
            ),
            ("已改 2", Wish::ReportFix(Some(How::Edited)), &[2], &[], "2"),
            ("2 误报 标题是引文", Wish::Dispute, &[2], &[], "标题是引文"),
            (
                "第2条误报，原文引自2019年文件",
                Wish::Dispute,
                &[2],
                &[],
                "原文引自2019年文件",
            ),
            (
                "2 3 已删除",
                Wish::ReportFix(Some(How::Deleted)),
                &[2, 3],
                &[],
                "",
            ),
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
        const EDITED: Wish = ReportFix(Some(How::Edited));
        type Thing = (Wish, &'static [i64], &'static [i64], &'static str);
        let table: [(&str, &[Thing]); 8] = [
            (
                "1 收到 2 已改",
                &[(Acknowledge, &[1], &[], ""), (EDITED, &[2], &[], "")],
            ),
            (
                "1 已改 2 误报 这是引文",
                &[(EDITED, &[1], &[], ""), (Dispute, &[2], &[], "这是引文")],
            ),
            (
                "2 误报 引自2019年文件，1 3 已改",
                &[
                    (Dispute, &[2], &[], "引自2019年文件"),
                    (EDITED, &[1, 3], &[], ""),
                ],
            ),
            (
                "2 误报 标题已改过，没有错",
                &[(Dispute, &[2], &[], "标题已改过，没有错")],
            ),
            (
                "已收到，1 3 已修改",
                &[(Acknowledge, &[], &[], ""), (EDITED, &[1, 3], &[], "")],
            ),
            ("收到，已改", &[(EDITED, &[], &[], "")]),
            ("1-3 5 都已改", &[(EDITED, &[1, 2, 3, 5], &[], "")]),
            (
                "#17 已改；#18 收到",
                &[(EDITED, &[], &[17], ""), (Acknowledge, &[], &[18], "")],
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
    fn what_is_asked_for_takes_what_follows() {
        type Case = (&'static str, Wish, &'static [i64], &'static str);
        let table: [Case; 14] = [
            (
                "1 延期到10月9日 设备维修",
                Wish::Extend,
                &[1],
                "到10月9日 设备维修",
            ),
            (
                "申请延期 10-09 还没联系上小编",
                Wish::Extend,
                &[],
                "10-09 还没联系上小编",
            ),
            (
                "2 再给3个工作日，出差",
                Wish::Extend,
                &[2],
                "3个工作日，出差",
            ),
            (
                "1 3 转办 教育局 账号已划转",
                Wish::Reassign,
                &[1, 3],
                "教育局 账号已划转",
            ),
            ("1 不是我们单位的", Wish::Reassign, &[1], "的"),
            ("1 转给陈志远", Wish::HandOver, &[1], "陈志远"),
            ("不归我管", Wish::HandOver, &[], ""),
            ("撤回", Wish::TakeBack, &[], ""),
            ("1 撤回", Wish::TakeBack, &[1], ""),
            ("点错了", Wish::TakeBack, &[], ""),
            ("1 已撤回", Wish::ReportFix(Some(How::Deleted)), &[1], ""),
            (
                "1 已删除重发",
                Wish::ReportFix(Some(How::Reposted)),
                &[1],
                "",
            ),
            ("1 已处理", Wish::ReportFix(None), &[1], ""),
            (
                "误报 标题延期发布，已改",
                Wish::Dispute,
                &[],
                "标题延期发布，已改",
            ),
        ];
        for (text, wish, positions, rest) in table {
            let got = understand(text);
            let got: Vec<_> = got
                .iter()
                .map(|u| (u.wish, &u.positions[..], u.rest.as_str()))
                .collect();
            assert_eq!(got, [(wish, positions, rest)], "{text}");
        }
        let two = understand("1 延期到10月9日 停电 2 已改");
        assert_eq!(
            (two[0].wish, two[0].rest.as_str()),
            (Wish::Extend, "到10月9日 停电")
        );
        assert_eq!(two[1].positions, [2]);
    }

    #[test]
    fn what_a_manager_says_to_what_waits() {
        type Thing = (Wish, &'static [i64]);
        let table: [(&str, &[Thing]); 14] = [
            ("1 3 通过", &[(Wish::Confirm, &[1, 3])]),
            ("2 未通过", &[(Wish::Refute, &[2])]),
            (
                "1 通过，2 不通过 3补图",
                &[
                    (Wish::Confirm, &[1]),
                    (Wish::Refute, &[2]),
                    (Wish::AskEvidence, &[3]),
                ],
            ),
            ("全部通过", &[(Wish::Confirm, &[])]),
            ("不同意", &[(Wish::Refute, &[])]),
            ("同意", &[(Wish::Confirm, &[])]),
            ("1 通过了吗", &[]),
            ("不能同意", &[(Wish::Refute, &[])]),
            ("没有通过", &[(Wish::Refute, &[])]),
            ("无法确认", &[]),
            ("难以同意", &[]),
            ("确认没改", &[]),
            ("不能通过，退回", &[(Wish::Refute, &[])]),
            ("除了2都通过", &[]),
        ];
        for (text, want) in table {
            let got = understand_ruling(text);
            let got: Vec<_> = got.iter().map(|u| (u.wish, &u.positions[..])).collect();
            assert_eq!(got, want, "{text}");
        }
        assert!(means_all("全部通过") && !means_all("1 通过"));
        assert_eq!(only_numbers("1、3"), Some((vec![1, 3], vec![])));
        assert_eq!(only_numbers("#17"), Some((vec![], vec![17])));
        assert_eq!((only_numbers("3点"), only_numbers("")), (None, None));
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
            let _ = (understand(&text), understand_ruling(&text), only_numbers(&text));
        }
    }
}
