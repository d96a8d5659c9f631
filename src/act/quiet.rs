//! What `/quiet` says: 「22:00-08:00」, 「晚上10点到早上8点」, 「22—7 工作日」, 「关闭」. Pure.

use chrono::NaiveTime;

use crate::hours::{Days, Own};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No own quiet hours any more.
    Off,
    /// These.
    Set(Own),
}

/// Words that take own hours away.
const OFF: &[&str] = &[
    "off", "关闭", "关", "取消", "清除", "不要", "none", "cancel",
];
/// Words that limit notices to working days.
const WORKING: &[&str] = &[
    "仅工作日",
    "只在工作日",
    "限工作日",
    "工作日",
    "休息日不发",
    "节假日不发",
    "休息日",
    "节假日",
    "周末",
    "workingdaysonly",
    "onlyonworkingdays",
    "workingdays",
    "workdays",
    "working",
    "weekdays",
];
/// Words between two times.
const BETWEEN: &[&str] = &[
    "--", "——", "-", "~", "—", "–", "―", "至", "到", "to", "until", "till",
];
/// Words that say nothing.
const NOTHING: &[&str] = &[
    "从",
    "次日",
    "第二天",
    "免打扰",
    "不打扰",
    "勿扰",
    ",",
    "、",
    "。",
    "和",
    "起",
    "quiet",
    "from",
    "and",
];
/// What a clock's hour may be said with, and whether it then is in the afternoon.
const PARTS: &[(&str, bool)] = &[
    ("凌晨", false),
    ("清晨", false),
    ("早上", false),
    ("早晨", false),
    ("上午", false),
    ("早", false),
    ("中午", true),
    ("下午", true),
    ("傍晚", true),
    ("晚上", true),
    ("夜里", true),
    ("晚", true),
];

/// Understands what follows the command; nothing where a word of it has no meaning.
pub fn understand(line: &str) -> Option<Asked> {
    let folded = squeezed(line);
    if OFF.contains(&folded.as_str()) {
        return Some(Asked::Off);
    }
    let (mut rest, mut times, mut days, mut between) = (folded.as_str(), Vec::new(), Days::All, 0);
    while !rest.is_empty() {
        if let Some((time, after)) = clock(rest) {
            times.push(time);
            rest = after;
        } else if let Some(after) = begins(rest, WORKING) {
            days = Days::Working;
            rest = after;
        } else if let Some(after) = begins(rest, BETWEEN) {
            between += 1;
            rest = after;
        } else {
            rest = begins(rest, NOTHING)?;
        }
    }
    let quiet = match (times.as_slice(), between) {
        ([], 0) if days == Days::Working => None,
        ([from, to], 0 | 1) if from != to => Some((*from, *to)),
        _ => return None,
    };
    Some(Asked::Set(Own { quiet, days }))
}

/// Half-width, in lower case, without spaces but a comma for the one between two numbers.
fn squeezed(line: &str) -> String {
    let mut squeezed = String::with_capacity(line.len());
    let mut gap = false;
    for c in line.chars().map(half).flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        let number = |c: char| c.is_ascii_digit();
        if gap && number(c) && squeezed.ends_with(number) {
            squeezed.push(',');
        }
        gap = false;
        squeezed.push(c);
    }
    squeezed
}

/// Full-width forms as their half-width ones.
fn half(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '〜' | '∼' => '~',
        '−' => '-',
        '∶' | '︰' => ':',
        c => c,
    }
}

fn begins<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_prefix(word))
}

/// A time of day at the beginning of a text, and what follows: 22:00, 2200, 22, 22点, 7点半, 晚上10点15分.
fn clock(text: &str) -> Option<(NaiveTime, &str)> {
    let part = PARTS.iter();
    let mut part = part.filter_map(|(word, late)| Some((text.strip_prefix(word)?, *late)));
    let part = part.next();
    let (text, late) = part.unwrap_or((text, false));
    let (digits, mut rest) = number(text)?;
    let (mut hour, mut minute) = match digits.len() {
        4 => (
            digits.get(..2)?.parse().ok()?,
            digits.get(2..)?.parse().ok()?,
        ),
        _ => (digits.parse::<u32>().ok()?, 0),
    };
    if let Some(after) = begins(rest, &["点钟", "点", "时", ":"]).filter(|_| digits.len() < 3) {
        rest = after;
        if let Some(after) = rest.strip_prefix('半') {
            (minute, rest) = (30, after);
        } else if let Some((digits, after)) = number(rest) {
            minute = digits.parse().ok()?;
            rest = after.strip_prefix('分').unwrap_or(after);
        }
    }
    let (am, pm) = (rest.strip_prefix("am"), rest.strip_prefix("pm"));
    let english = (am.is_some() || pm.is_some()) && part.is_none() && (1..=12).contains(&hour);
    if let Some(after) = am.or(pm).filter(|_| english) {
        hour %= 12;
        rest = after;
    }
    if (late || (english && pm.is_some())) && hour < 12 {
        hour += 12;
    }
    // The end of a day is the beginning of the next.
    if (hour, minute) == (24, 0) {
        hour = 0;
    }
    Some((NaiveTime::from_hms_opt(hour, minute, 0)?, rest))
}

fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    matches!(digits.len(), 1..=4).then_some((digits, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_as_people_say_them() {
        for (line, want) in [
            ("22:00-08:00", "22:00-08:00 all"),
            ("22：00—7:30", "22:00-07:30 all"),
            ("２２：００－０８：００", "22:00-08:00 all"),
            ("22点到8点", "22:00-08:00 all"),
            ("晚上10点到早上7点半", "22:00-07:30 all"),
            ("从 22点15分 至 次日8点", "22:15-08:00 all"),
            ("22-8", "22:00-08:00 all"),
            ("2200 0800", "22:00-08:00 all"),
            ("20:00~24:00", "20:00-00:00 all"),
            ("12:00 - 14:00", "12:00-14:00 all"),
            ("中午12点到下午2点", "12:00-14:00 all"),
            ("22:00-08:00 工作日", "22:00-08:00 working"),
            ("仅工作日，22点至8点", "22:00-08:00 working"),
            ("22:00-08:00 working days", "22:00-08:00 working"),
            ("工作日", "- working"),
            ("周末免打扰", "- working"),
            ("10pm to 8am", "22:00-08:00 all"),
            ("from 10:30 PM until 7:15 am", "22:30-07:15 all"),
            ("12am - 12pm workdays", "00:00-12:00 working"),
            ("working days only", "- working"),
            ("13pm-8am", "nothing"),
            ("off", "off"),
            ("关闭", "off"),
            ("取消", "off"),
            ("", "nothing"),
            ("22:00", "nothing"),
            ("22:00-22:00", "nothing"),
            ("25:00-08:00", "nothing"),
            ("22:70-08:00", "nothing"),
            ("22:00-08:00-09:00", "nothing"),
            ("-", "nothing"),
            ("明天", "nothing"),
            ("22:00-08:00 明天", "nothing"),
            ("99999-1", "nothing"),
        ] {
            let said = match understand(line) {
                None => "nothing".to_owned(),
                Some(Asked::Off) => "off".to_owned(),
                Some(Asked::Set(own)) => {
                    let quiet = own.quiet.map_or("-".to_owned(), |(from, to)| {
                        format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"))
                    });
                    format!("{quiet} {}", own.days.as_str())
                }
            };
            assert_eq!(said, want, "{line}");
        }
    }

    proptest::proptest! {
        /// Whatever is typed is understood or not, and no more than that.
        #[test]
        fn anything_may_be_typed(line in "[0-9:：点半到工作日—\\- 晚关apmé]{0,24}") {
            let _ = understand(&line);
        }
    }
}
