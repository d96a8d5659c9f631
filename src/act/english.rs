//! What is particular to English replies: whole words, what may stand before a verb, what makes a reply
//! unsure. 「1 and 3 are fixed」 is understood, 「not fixed」 and 「will be fixed」 are not. Pure.

use super::phrases::{DENIALS, DOUBTS, FILLERS, LATER, WANTING};

/// Who or what a question asks about: 「is it fixed」.
const ASKED_ABOUT: &[&str] = &[
    "it", "this", "that", "these", "those", "they", "the", "i", "we", "you",
];
/// How such a question begins.
const ASKING: &[&str] = &["is", "are", "was", "were", "has", "have", "had", "am"];
/// What stands before a number and says nothing.
const BEFORE_NUMBER: &[&str] = &[
    "no", "nos", "nr", "number", "numbers", "item", "items", "issue", "issues", "point", "points",
];

fn letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '\''
}

/// Whether a phrase that stands at a place of a text stands there as whole words; one that is not English
/// always does.
pub(super) fn whole(text: &str, begin: usize, phrase: &str) -> bool {
    let (before, after) = (text.get(..begin), text.get(begin + phrase.len()..));
    let joins = |edge: bool, beside: Option<char>| edge && beside.is_some_and(letter);
    let first = joins(
        phrase.starts_with(letter),
        before.and_then(|text| text.chars().next_back()),
    );
    let last = joins(
        phrase.ends_with(letter),
        after.and_then(|text| text.chars().next()),
    );
    !first && !last
}

/// The English words of a text, each with where it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let begin = rest + text.get(rest..)?.find(letter)?;
        let tail = text.get(begin..)?;
        let end = begin + tail.find(|c| !letter(c)).unwrap_or(tail.len());
        rest = end;
        Some((begin, text.get(begin..end)?))
    })
}

/// A text in which numbers stand as 「1, 3」 and 「1-3」 where 「no. 1 and 3」 and 「1 to 3」 were written; every
/// byte stays where it is.
pub(super) fn settled(text: String) -> String {
    let mut changes: Vec<(usize, usize, u8)> = Vec::new();
    for (begin, word) in words(&text) {
        let end = begin + word.len();
        let before = text.get(..begin).unwrap_or_default().trim_end();
        let after = text.get(end..).unwrap_or_default();
        let number = |text: &str| {
            text.trim_start()
                .starts_with(|c: char| c.is_ascii_digit() || c == '#')
        };
        let after_number = before.ends_with(|c: char| c.is_ascii_digit());
        let dot = after.strip_prefix('.').unwrap_or(after);
        let mark = match word {
            "and" if after_number && number(after) => b',',
            "to" | "through" if after_number && number(after) => b'-',
            "no" if after.trim_start().starts_with("problem") => b' ',
            word if BEFORE_NUMBER.contains(&word) && number(dot) => b' ',
            _ => continue,
        };
        let end = end + usize::from(mark == b' ' && after.starts_with('.'));
        changes.push((begin, end, mark));
    }
    let mut bytes = text.into_bytes();
    for (begin, end, mark) in changes {
        // Only ASCII is replaced, by ASCII.
        for (n, byte) in bytes.iter_mut().take(end).skip(begin).enumerate() {
            *byte = if n == 0 { mark } else { b' ' };
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Whether a text denies.
pub(super) fn denies(text: &str) -> bool {
    words(text).any(|(_, word)| DENIALS.contains(&word) || word.ends_with("n't"))
}

/// Whether a text doubts, asks, or takes something out.
pub(super) fn unsure(text: &str) -> bool {
    words(text).any(|(_, word)| DOUBTS.contains(&word))
}

/// Without the words that may stand between numbers and a verb.
pub(super) fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut from = 0;
    for (begin, word) in words(text) {
        if FILLERS.contains(&word) {
            bare.push_str(text.get(from..begin).unwrap_or_default());
            bare.push(' ');
            from = begin + word.len();
        }
    }
    bare.push_str(text.get(from..).unwrap_or_default());
    bare
}

/// Whether what stands before an English verb lets it stand: nothing but fillers in its part of the
/// sentence, and no question. Before what is asked for also 「I need」, 「can we」.
pub(super) fn leads_up(before: &str, asked_for: bool) -> bool {
    let part = before.rsplit(stop).next().unwrap_or(before);
    let words: Vec<&str> = words(part).map(|(_, word)| word).collect();
    let known = |word: &&str| FILLERS.contains(word) || (asked_for && WANTING.contains(word));
    let asks = words.windows(2).any(|pair| {
        matches!(pair, [first, second] if ASKING.contains(first) && ASKED_ABOUT.contains(second))
    });
    words.iter().all(known) && (asked_for || !asks)
}

/// Whether what follows a verb puts it off: 「fixed tomorrow」.
pub(super) fn put_off(after: &str) -> bool {
    let part = after.split(stop).next().unwrap_or(after);
    words(part).any(|(_, word)| LATER.contains(&word))
}

fn stop(c: char) -> bool {
    ",.;:!，。；：！\n".contains(c)
}

#[cfg(test)]
mod tests {
    use super::super::phrases::{ANSWERING, RULING};
    use super::super::words::{
        Understood, Wish, gives_up, means_all, only_numbers, understand, understand_ruling,
    };
    use crate::issue::How;

    const FIXED: Wish = Wish::ReportFix(None);
    const EDITED: Wish = Wish::ReportFix(Some(How::Edited));
    const DELETED: Wish = Wish::ReportFix(Some(How::Deleted));

    type Thing = (Wish, &'static [i64], &'static [i64], &'static str);

    fn things(of: &[Understood]) -> Vec<(Wish, &[i64], &[i64], &str)> {
        of.iter()
            .map(|u| (u.wish, &u.positions[..], &u.numbers[..], u.rest.as_str()))
            .collect()
    }

    #[test]
    fn replies_as_people_write_them() {
        use Wish::{Acknowledge, Dispute, Extend, HandOver, Reassign, TakeBack};
        let table: &[(&str, &[Thing])] = &[
            ("Got it", &[(Acknowledge, &[], &[], "")]),
            ("got it, thanks!", &[(Acknowledge, &[], &[], "thanks")]),
            ("ack", &[(Acknowledge, &[], &[], "")]),
            ("1 Received", &[(Acknowledge, &[1], &[], "")]),
            ("Got it, will fix", &[(Acknowledge, &[], &[], "")]),
            ("I’m on it", &[(Acknowledge, &[], &[], "")]),
            ("no problem, will do", &[(Acknowledge, &[], &[], "")]),
            ("Done", &[(FIXED, &[], &[], "")]),
            ("1 3 fixed", &[(FIXED, &[1, 3], &[], "")]),
            ("1 and 3 are fixed.", &[(FIXED, &[1, 3], &[], "")]),
            ("1 to 3 are all done", &[(FIXED, &[1, 2, 3], &[], "")]),
            ("no. 2 has been fixed", &[(FIXED, &[2], &[], "")]),
            ("Issue #17 is fixed", &[(FIXED, &[], &[17], "")]),
            ("fixed 1 and 3", &[(FIXED, &[1, 3], &[], "1 and 3")]),
            ("Hi, I have corrected it", &[(EDITED, &[], &[], "it")]),
            ("got it, fixed", &[(FIXED, &[], &[], "")]),
            ("1 done, deleted", &[(DELETED, &[1], &[], "")]),
            (
                "2 deleted and reposted",
                &[(Wish::ReportFix(Some(How::Reposted)), &[2], &[], "")],
            ),
            (
                "2 false alarm, the title is not an error, it is a Quotation",
                &[(
                    Dispute,
                    &[2],
                    &[],
                    "the title is not an error, it is a Quotation",
                )],
            ),
            (
                "2 is not an error: quoted from 2019",
                &[(Dispute, &[2], &[], "quoted from 2019")],
            ),
            (
                "1 fixed 2 dispute the name is not ours to change",
                &[
                    (FIXED, &[1], &[], ""),
                    (Dispute, &[2], &[], "the name is not ours to change"),
                ],
            ),
            (
                "2 dispute old post, 1 3 fixed",
                &[(Dispute, &[2], &[], "old post"), (FIXED, &[1, 3], &[], "")],
            ),
            (
                "1 extend to 10-09 CMS upgrade",
                &[(Extend, &[1], &[], "10-09 CMS upgrade")],
            ),
            (
                "Can we have more time until 9 Oct? CMS upgrade",
                &[(Extend, &[], &[], "9 Oct? CMS upgrade")],
            ),
            (
                "1 reassign to U12, theirs now",
                &[(Reassign, &[1], &[], "U12, theirs now")],
            ),
            ("2 not ours", &[(Reassign, &[2], &[], "")]),
            (
                "1 hand over to Chen Zhiyuan",
                &[(HandOver, &[1], &[], "Chen Zhiyuan")],
            ),
            ("undo", &[(TakeBack, &[], &[], "")]),
            ("1 take it back", &[(TakeBack, &[1], &[], "")]),
            (
                "1 OK 2 已改",
                &[(Acknowledge, &[1], &[], ""), (EDITED, &[2], &[], "")],
            ),
        ];
        for (text, want) in table {
            assert_eq!(things(&understand(text)), *want, "{text}");
        }
    }

    #[test]
    fn what_is_not_sure_changes_nothing() {
        for text in [
            "not done yet",
            "I can't fix this",
            "not received",
            "haven't got it",
            "is it fixed",
            "have you received it",
            "to be fixed",
            "1 will be fixed tomorrow",
            "1 needs to be done",
            "fixed tomorrow",
            "all fixed except 2",
            "all but 2 are done",
            "the rest is done",
            "half done",
            "how is this fixed",
            "it is not a false alarm",
            "1 isn’t a false alarm",
            "no need to extend",
            "unfixed",
            "look at the book",
            "abandoned",
            "fixed, but the link is dead",
            "back on 3 fixed",
            "3pm done",
            "done in 2019",
            "fixed, will be deleted later",
        ] {
            assert_eq!(understand(text), vec![], "{text}");
        }
    }

    #[test]
    fn what_a_manager_says_to_what_waits() {
        use Wish::{AskEvidence, Confirm, Refute};
        type Ruled = (Wish, &'static [i64]);
        let table: &[(&str, &[Ruled])] = &[
            ("1 3 passed", &[(Confirm, &[1, 3])]),
            ("2 not passed", &[(Refute, &[2])]),
            ("2 not passed, the title is still wrong", &[(Refute, &[2])]),
            (
                "1 passed, 2 not passed, 3 evidence",
                &[(Confirm, &[1]), (Refute, &[2]), (AskEvidence, &[3])],
            ),
            ("all passed", &[(Confirm, &[])]),
            ("Agree", &[(Confirm, &[])]),
            ("I agree.", &[(Confirm, &[])]),
            ("1 and 2 approved", &[(Confirm, &[1, 2])]),
            ("disagree", &[(Refute, &[])]),
            ("I don’t agree", &[(Refute, &[])]),
            ("can't agree", &[(Refute, &[])]),
            ("we cannot agree", &[(Refute, &[])]),
            ("2 still wrong", &[(Refute, &[2])]),
            ("3 please send a screenshot", &[]),
            ("3 screenshot please", &[(AskEvidence, &[3])]),
            ("1 no evidence", &[(AskEvidence, &[1])]),
            ("hardly agreed", &[]),
            ("not yet verified", &[]),
            ("has it passed", &[]),
            ("passed?", &[]),
            ("all passed except 2", &[]),
            ("not rejected", &[]),
            ("passed or not passed", &[]),
            ("the others passed", &[]),
        ];
        for (text, want) in table {
            let got = understand_ruling(text);
            let got: Vec<_> = got.iter().map(|u| (u.wish, &u.positions[..])).collect();
            assert_eq!(got, *want, "{text}");
        }
        assert!(means_all("All passed") && !means_all("really small"));
        assert_eq!(only_numbers("1 and 3"), Some((vec![1, 3], vec![])));
        assert!(gives_up("Cancel.") && gives_up("取消") && gives_up("never mind"));
        assert!(!gives_up("do not cancel"));
    }

    #[test]
    fn no_denial_of_any_phrase_is_taken_for_it() {
        let denials = [
            "not ",
            "isn't ",
            "hasn't been ",
            "has not been ",
            "never ",
            "will be ",
            "to be ",
            "must be ",
            "can't be ",
            "is it ",
            "are they ",
            "when ",
            "if ",
            "should be ",
            "almost ",
            "about to be ",
            "won't be ",
            "nothing ",
            "hardly ",
        ];
        let english = |phrase: &&&str| phrase.is_ascii();
        for denial in denials {
            for (wish, phrases) in ANSWERING.iter().filter(|(wish, _)| !wish.has_rest()) {
                for phrase in phrases.iter().filter(english) {
                    let text = format!("1 {denial}{phrase}");
                    assert_eq!(understand(&text), vec![], "{text} for {wish:?}");
                }
            }
            for (wish, phrases) in RULING.iter().filter(|(wish, _)| *wish == Wish::Confirm) {
                for phrase in phrases.iter().filter(english) {
                    let text = format!("1 {denial}{phrase}");
                    let got = understand_ruling(&text);
                    assert!(got.iter().all(|one| one.wish != *wish), "{text}: {got:?}");
                }
            }
        }
    }
}
