//! Entities of a text: trimmed with it, and those that the server finds by itself. Offsets and
//! lengths are UTF-16 units.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

/// What the server marks in any text (tdlib's `find_entities`, the common kinds).
static FOUND: LazyLock<Vec<(&str, Option<Regex>)>> = LazyLock::new(|| {
    [
        ("url", r#"https?://[^\s<>"'，。；！？、（）【】《》]+[^\s<>"'，。；！？、（）【】《》.,;:!?)]"#),
        ("email", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
        ("bot_command", r"/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?\b"),
        ("mention", r"@[A-Za-z][A-Za-z0-9_]{3,31}\b"),
        ("hashtag", r"#[\p{Alphabetic}0-9_]*[\p{Alphabetic}_][\p{Alphabetic}0-9_]*"),
    ]
    .into_iter()
    .map(|(kind, pattern)| (kind, Regex::new(pattern).ok()))
    .collect()
});

/// UTF-16 units of a text.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn span(entity: &Json) -> (usize, usize) {
    let number = |name: &str| {
        let value = entity[name].as_u64().unwrap_or_default();
        usize::try_from(value).unwrap_or_default()
    };
    (number("offset"), number("offset") + number("length"))
}

/// The text without white space around it, its entities moved along, and what the server finds.
pub(super) fn finish(text: &str, entities: Vec<Json>) -> (String, Vec<Json>) {
    let trimmed = text.trim();
    let gone = units(
        text.get(..text.len() - text.trim_start().len())
            .unwrap_or_default(),
    );
    let length = units(trimmed);
    let mut kept: Vec<Json> = entities
        .into_iter()
        .filter_map(|mut entity| {
            let (begin, end) = span(&entity);
            let begin = begin.saturating_sub(gone).min(length);
            let end = end.saturating_sub(gone).min(length);
            entity["offset"] = begin.into();
            entity["length"] = (end - begin).into();
            (end > begin).then_some(entity)
        })
        .collect();
    let found = find(trimmed, &kept);
    kept.extend(found);
    // The longer of two that begin together stands outside.
    kept.sort_by_key(|entity| {
        let (begin, end) = span(entity);
        (begin, std::cmp::Reverse(end))
    });
    (trimmed.to_owned(), kept)
}

fn find(text: &str, given: &[Json]) -> Vec<Json> {
    let closed = |entity: &&Json| {
        let kind = entity["type"].as_str().unwrap_or_default();
        ["code", "pre", "text_link", "text_mention"].contains(&kind)
    };
    let mut taken: Vec<(usize, usize)> = given.iter().filter(closed).map(span).collect();
    let mut found = Vec::new();
    for (kind, pattern) in FOUND.iter() {
        for hit in pattern.iter().flat_map(|pattern| pattern.find_iter(text)) {
            let before = text.get(..hit.start()).unwrap_or_default();
            let glued = before
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || "/@#_&".contains(c));
            // A command, a mention or a tag stands apart from the word before it.
            if glued && *kind != "url" && *kind != "email" {
                continue;
            }
            let (begin, length) = (units(before), units(hit.as_str()));
            if taken.iter().any(|(b, e)| begin < *e && *b < begin + length) {
                continue;
            }
            taken.push((begin, begin + length));
            found.push(json!({ "type": kind, "offset": begin, "length": length }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimmed_and_found() {
        let bold = json!({ "type": "bold", "offset": 1, "length": 2 });
        let (text, entities) = finish(
            " 请看 /my 或 https://x.cn/a?b=1，谢谢 @duban_bot ",
            vec![bold],
        );
        assert_eq!(text, "请看 /my 或 https://x.cn/a?b=1，谢谢 @duban_bot");
        let shown: Vec<(&str, (usize, usize))> = entities
            .iter()
            .map(|e| (e["type"].as_str().unwrap(), span(e)))
            .collect();
        assert_eq!(
            shown,
            [
                ("bold", (0, 2)),
                ("bot_command", (3, 6)),
                ("url", (9, 27)),
                ("mention", (31, 41))
            ]
        );
        assert_eq!(finish("a/b x@y #17", vec![]).1, Vec::<Json>::new());
    }
}
