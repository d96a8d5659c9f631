//! Text normalisation for names: width, script, brackets, spaces, invisible and confusable letters.

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

/// Traditional to simplified, one character each, over the common blocks; 0 where nothing changes.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let all: Vec<char> = ('\u{3400}'..='\u{9fff}').collect();
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else {
        return all;
    };
    all.iter()
        .map(|c| {
            // Twice: 薴 becomes 苧, which becomes 苎.
            let said = converter.convert(&converter.convert(&c.to_string()));
            let mut letters = said.chars();
            match (letters.next(), letters.next()) {
                (Some(simple), None) => simple,
                _ => *c,
            }
        })
        .collect()
});

/// The simplified form of a traditional character; others stay as they are.
pub fn simplified(c: char) -> char {
    let at = (c as usize).wrapping_sub(0x3400);
    SIMPLIFIED.get(at).copied().unwrap_or(c)
}

/// Whether a character is a Han character.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// NFKC and trimmed: the form in which names are compared exactly.
pub fn exact(text: &str) -> String {
    let trimmed = text.trim();
    if is_nfkc_quick(trimmed.chars()) == IsNormalized::Yes {
        return trimmed.to_owned();
    }
    trimmed.nfkc().collect::<String>().trim().to_owned()
}

/// The form in which names are compared when they are not exactly the same: simplified, lower case,
/// without brackets around, spaces, separators, quotes, invisible characters and pinyin; `I l 1 Ⅰ |`
/// beside a Han character are one letter, but for a stroke between two of them.
pub fn fold(text: &str) -> String {
    let mut folded = folded_once(text);
    // Letters and marks that stand beside each other only now, since what was between them is gone, may
    // become one letter.
    for _ in 0..3 {
        if is_nfkc_quick(folded.chars()) == IsNormalized::Yes {
            break;
        }
        let again = folded_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn folded_once(text: &str) -> String {
    let plain: Vec<char> = text.nfkc().map(simplified).map(variant).collect();
    let plain = without_pinyin(&plain);
    let kept: Vec<char> = plain
        .into_iter()
        .filter(|c| !is_noise(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let mut out = String::with_capacity(kept.len() * 3);
    for (n, c) in kept.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| kept.get(at)).is_some_and(|c| is_han(*c));
        let (before, after) = (beside(n.checked_sub(1)), beside(Some(n + 1)));
        // A stroke between two Han characters separates them: 法治｜福州.
        let is_one = match c {
            'i' | 'l' | '1' => before || after,
            '|' => before != after,
            _ => false,
        };
        if is_one {
            out.push('i');
        } else {
            out.push(*c);
        }
    }
    out.retain(|c| c != '|');
    out
}

fn variant(c: char) -> char {
    match c {
        '迳' | '逕' => '径',
        '帐' => '账',
        '〔' | '﹝' | '[' | '【' | '（' => '(',
        '〕' | '﹞' | ']' | '】' | '）' => ')',
        c => c,
    }
}

fn is_noise(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
        || "()“”\"'‘’「」『』《》<>·•・丨｜—-_~,，.。、:：;；!！*".contains(c)
}

/// Takes out `(guān)` after a Han character, as some scraped texts carry it.
fn without_pinyin(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        if c == '(' && out.last().is_some_and(|c| is_han(*c)) {
            let inner: Vec<char> = text
                .iter()
                .skip(at + 1)
                .take(8)
                .take_while(|c| **c != ')')
                .copied()
                .collect();
            let closed = text.get(at + 1 + inner.len()) == Some(&')');
            let pinyin = inner.iter().all(|c| c.is_lowercase() && !is_han(*c))
                && inner.iter().any(|c| !c.is_ascii());
            if closed && pinyin && !inner.is_empty() {
                at += inner.len() + 2;
                continue;
            }
        }
        out.push(c);
        at += 1;
    }
    out
}

/// Whether text was lost: a replacement character, what is left of some (锟斤拷), or an ASCII `?` beside a Han
/// character.
pub fn is_damaged(text: &str) -> bool {
    if super::mojibake::is_lost(text) {
        return true;
    }
    // Either begins with one of these bytes, which few texts hold.
    if memchr::memchr2(b'?', 0xef, text.as_bytes()).is_none() {
        return false;
    }
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        if c == '\u{fffd}' || (c == '?' && (is_han(before) || is_han(after))) {
            return true;
        }
        before = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variants_of_one_name_fold_together() {
        for (a, b) in [
            ("I东湖", "l东湖"),
            ("Ⅰ东湖", "1东湖"),
            ("上迳印象", "上逕印象"),
            ("福州市“智慧福州”管理服务中心", "福州市智慧福州管理服务中心"),
            ("台江發布", "台江发布"),
            ("台 江\u{200b}发布", "台江发布"),
            ("關(guān)於", "关于"),
            ("e福州ＡＰＰ", "e福州app"),
            ("法治丨福州", "法治·福州"),
            ("法治｜福州", "法治福州"),
            ("法治 | 福州", "法治福州"),
            ("|东湖", "I东湖"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("福州园林"), fold("福州公园"));
        assert_eq!(fold("a\u{200b}\u{301}"), fold("á"));
    }

    #[test]
    fn damage_is_seen() {
        assert!(is_damaged("訪談?lì)A告"));
        assert!(is_damaged("福州\u{fffd}"));
        assert!(is_damaged("福州锟斤拷"));
        assert!(!is_damaged("what? no"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[a-zA-Z0-9 |()（）一-龥Ⅰ]{0,20}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
