//! What is asked for in plain words: until when and why, to which unit and why. Pure.

use chrono::NaiveDate;

use crate::calendar::{Calendar, read_day};

/// Words that may stand before a day.
const BEFORE_DAY: &[&str] = &[
    "申请", "延期", "延长", "延至", "延到", "宽限", "推迟", "再给", "到", "至", "期限", "我们",
    "please", "extend", "it", "this", "the", "deadline", "due", "time", "date", "to", "until",
    "till", "by", "for", "us", "me",
];
/// Words that may stand before a unit.
const BEFORE_UNIT: &[&str] = &[
    "申请", "转办", "转到", "应由", "属于", "到", "给", "至", "由", "please", "reassign", "it",
    "this", "belongs", "to",
];

/// The most words of a day: Thu 8 October 2026, the day after tomorrow.
const WORDS: usize = 4;

fn is_gap(c: char) -> bool {
    c.is_whitespace() || "，,。；;：:、".contains(c)
}

/// Without some of these words at the beginning; those of English only as whole words.
fn without<'a>(mut text: &'a str, words: &[&str]) -> &'a str {
    loop {
        text = text.trim_start_matches(is_gap);
        match words.iter().find_map(|word| begins(text, word)) {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

/// What follows a word at the beginning.
fn begins<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.split_at_checked(word.len())?;
    let whole = !word.is_ascii() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    (first.eq_ignore_ascii_case(word) && whole).then_some(rest)
}

/// The day to which more time is asked for, and why: 「到10月9日 设备维修」, 「3个工作日，出差」. Dates and
/// words such as 下周三 count from `today`, 「3天」 from `from`. Nothing without a day; the reason may be empty.
pub fn extension(
    text: &str,
    (today, from): (NaiveDate, NaiveDate),
    calendar: &Calendar,
) -> Option<(NaiveDate, String)> {
    let text = without(text.trim(), BEFORE_DAY);
    let read = |said: &str| {
        // 「12日」 is a day of the month, 「3天」 so many more.
        let plus = said.starts_with(['+', '＋']);
        let more = format!("+{}", said.trim_start_matches(['+', '＋']));
        let more = read_day(&more, (today, from), calendar)
            .filter(|_| plus || !said.ends_with('日') || said.ends_with("工作日"));
        more.or_else(|| read_day(said, (today, today), calendar))
    };
    // The day is the longest beginning that is one: several words, or a part of the first, for the reason
    // may follow without a gap.
    let words = text.char_indices().filter(|(_, c)| c.is_whitespace());
    let mut ends: Vec<usize> = words.map(|(at, _)| at).take(WORDS).collect();
    ends.extend((ends.len() < WORDS).then_some(text.len()));
    ends.reverse();
    let first = text.char_indices().take_while(|(_, c)| !is_gap(*c));
    let mut first: Vec<usize> = first.take(16).map(|(at, c)| at + c.len_utf8()).collect();
    first.reverse();
    ends.append(&mut first);
    ends.into_iter().find_map(|end| {
        let (said, rest) = text.split_at_checked(end)?;
        let whole = !said.ends_with(|c: char| c.is_ascii_alphabetic())
            || !rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '\'' | '’'));
        let day = read(said.trim_end_matches(is_gap)).filter(|_| whole)?;
        Some((day, reason(rest).to_owned()))
    })
}

/// The reason that follows a day.
fn reason(rest: &str) -> &str {
    let rest = ["之前", "以前", "前", "止"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let reason = rest.trim_matches(is_gap);
    let reason = [
        "因为",
        "原因",
        "因",
        "because of",
        "because",
        "due to",
        "since",
    ]
    .iter()
    .find_map(|word| begins(reason, word))
    .unwrap_or(reason);
    reason.trim_matches(is_gap)
}

/// The unit that is to answer, and why: 「教育局 该账号已划转」. Both may be empty.
pub fn reassignment(text: &str) -> (String, String) {
    let text = without(text.trim(), BEFORE_UNIT);
    // A name in English may have spaces: a comma ends it, if there is one.
    let comma = |c: char| is_gap(c) && !c.is_whitespace();
    let english = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let comma = text.find(comma).filter(|_| english);
    let end = comma.or_else(|| text.find(is_gap)).unwrap_or(text.len());
    let (unit, reason) = text.split_at_checked(end).unwrap_or((text, ""));
    (unit.to_owned(), reason.trim_matches(is_gap).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn until_when_and_why() {
        let calendar = Calendar::load(None).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Wednesday before the National Day; what is asked for counts from Friday the 9th.
        let days = (day("2026-09-30"), day("2026-10-09"));
        for (text, want) in [
            ("到10月12日 设备维修", "2026-10-12 设备维修"),
            ("10-12，小编出差", "2026-10-12 小编出差"),
            ("延期至10月12日前，因系统升级", "2026-10-12 系统升级"),
            ("10月12日设备维修", "2026-10-12 设备维修"),
            ("3个工作日，出差", "2026-10-13 出差"),
            ("+3工作日 出差", "2026-10-13 出差"),
            ("3天", "2026-10-12 "),
            ("9月29日 出差", "2027-09-29 出差"),
            ("到12日 停电", "2026-10-12 停电"),
            ("下周三 停电", "2026-10-07 停电"),
            ("to 12 Oct CMS upgrade", "2026-10-12 CMS upgrade"),
            (
                "until Oct 12, because of a power cut",
                "2026-10-12 a power cut",
            ),
            (
                "the deadline to Mon 12 October 2026: travel",
                "2026-10-12 travel",
            ),
            ("3 working days, travel", "2026-10-13 travel"),
            ("by 3 days", "2026-10-12 "),
            ("next Wednesday power cut", "2026-10-07 power cut"),
            ("tomorrow 9 Oct", "2026-10-01 9 Oct"),
            ("today's upgrade", "-"),
            ("a while", "-"),
            ("一阵子", "-"),
            ("", "-"),
        ] {
            let read = extension(text, days, &calendar);
            let read = read.map_or_else(|| "-".to_owned(), |(day, why)| format!("{day} {why}"));
            assert_eq!(read, want, "{text}");
        }
    }

    #[test]
    fn to_whom_and_why() {
        for (text, unit, why) in [
            ("教育局 该账号已划转", "教育局", "该账号已划转"),
            ("到 示范一区教育局，不归我们", "示范一区教育局", "不归我们"),
            ("应由教育局", "教育局", ""),
            ("教育局, theirs now", "教育局", "theirs now"),
            (
                "to Education Bureau, theirs now",
                "Education Bureau",
                "theirs now",
            ),
            ("U12 theirs now", "U12", "theirs now"),
            ("Tongji University: theirs", "Tongji University", "theirs"),
            ("", "", ""),
        ] {
            let want = (unit.to_owned(), why.to_owned());
            assert_eq!(reassignment(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,40}") {
            let calendar = Calendar::load(None).unwrap();
            let day = NaiveDate::from_ymd_opt(2026, 9, 30).unwrap();
            let _ = (extension(&text, (day, day), &calendar), reassignment(&text));
        }
    }
}
