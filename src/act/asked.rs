//! What is asked for in plain words: until when and why, to which unit and why. Pure.

use chrono::NaiveDate;

use crate::calendar::{Calendar, read_day};

/// Words that may stand before a day.
const BEFORE_DAY: &[&str] = &[
    "申请", "延期", "延长", "延至", "延到", "宽限", "推迟", "再给", "到", "至", "期限", "我们",
];
/// Words that may stand before a unit.
const BEFORE_UNIT: &[&str] = &[
    "申请", "转办", "转到", "应由", "属于", "到", "给", "至", "由",
];

fn is_gap(c: char) -> bool {
    c.is_whitespace() || "，,。；;：:、".contains(c)
}

fn without<'a>(mut text: &'a str, words: &[&str]) -> &'a str {
    loop {
        text = text.trim_start_matches(is_gap);
        match words.iter().find_map(|word| text.strip_prefix(word)) {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

/// The day to which more time is asked for, and why: 「到10月9日 设备维修」, 「3个工作日，出差」. Dates and
/// words such as 下周三 count from `today`, 「3天」 from `from`. Nothing without a day; the reason may be empty.
pub fn extension(
    text: &str,
    (today, from): (NaiveDate, NaiveDate),
    calendar: &Calendar,
) -> Option<(NaiveDate, String)> {
    let text = without(text.trim(), BEFORE_DAY);
    // The day is the longest beginning that is one; the reason may follow without a gap.
    let first: Vec<(usize, char)> = text
        .char_indices()
        .take_while(|(_, c)| !is_gap(*c))
        .take(16)
        .collect();
    let ends = first.iter().rev().map(|(at, c)| at + c.len_utf8());
    for end in ends {
        let (said, rest) = text.split_at_checked(end)?;
        // 「12日」 is a day of the month, 「3天」 so many more.
        let plus = said.starts_with(['+', '＋']);
        let more = format!("+{}", said.trim_start_matches(['+', '＋']));
        let more = read_day(&more, (today, from), calendar)
            .filter(|_| plus || !said.ends_with('日') || said.ends_with("工作日"));
        let day = more.or_else(|| read_day(said, (today, today), calendar));
        if let Some(day) = day {
            let rest = ["之前", "以前", "前", "止"]
                .iter()
                .find_map(|word| rest.strip_prefix(word))
                .unwrap_or(rest);
            let reason = rest.trim_matches(is_gap);
            let reason = ["因为", "原因", "因"]
                .iter()
                .find_map(|word| reason.strip_prefix(word))
                .unwrap_or(reason);
            return Some((day, reason.trim_matches(is_gap).to_owned()));
        }
    }
    None
}

/// The unit that is to answer, and why: 「教育局 该账号已划转」. Both may be empty.
pub fn reassignment(text: &str) -> (String, String) {
    let text = without(text.trim(), BEFORE_UNIT);
    let end = text.find(is_gap).unwrap_or(text.len());
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
