//! Lengths as Telegram counts them, and cuts that never fall inside a character. Pure.

use std::borrow::Cow;

/// The length in UTF-16 units, the measure of the Bot API's limits.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text cut to so many UTF-16 units, with an ellipsis where something was cut.
pub fn clip(text: &str, units: usize) -> Cow<'_, str> {
    if utf16_len(text) <= units {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.len_utf16();
        if used > units {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// About `around` characters on both sides of the wrong words: what stands before them, they, and what
/// stands after; all of it before where they are not in it.
pub(super) fn excerpt(context: &str, wrong: &str, around: usize) -> (String, String, String) {
    let Some(at) = context.find(wrong).filter(|_| !wrong.is_empty()) else {
        let whole = clip(context, around * 2).into_owned();
        return (whole, String::new(), String::new());
    };
    let (before, after) = (&context[..at], &context[at + wrong.len()..]);
    let start = before.chars().count().saturating_sub(around);
    let mut left = String::from(if start > 0 { "…" } else { "" });
    left.extend(before.chars().skip(start));
    (left, wrong.to_owned(), clip(after, around).into_owned())
}

/// Without what turns text around or hides in it.
pub fn tame(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\0'))
        .map(|c| if c == '\n' || c == '\r' { ' ' } else { c })
        .collect()
}

/// Telegram HTML without its tags, for a terminal.
pub fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
