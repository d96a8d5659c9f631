//! Telegram's MarkdownV2, as strictly as tdlib's `parse_markdown_v2` reads it, and the older
//! Markdown: plain text and entities, or the refusal in its words.

use serde_json::{Value as Json, json};

use super::entities::units;

/// What must be escaped wherever it marks nothing (Bot API, MarkdownV2 style).
const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

struct Open {
    mark: &'static str,
    kind: &'static str,
    name: &'static str,
    /// In UTF-16 units, and where it began in bytes.
    offset: usize,
    at: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    open: Vec<Open>,
    entities: Vec<Json>,
    /// Where a block quotation began that goes on.
    quote: Option<usize>,
}

/// Marks, longest first, with the API's word and the word of the refusals.
const MARKS: [(&str, &str, &str); 6] = [
    ("||", "spoiler", "Spoiler"),
    ("__", "underline", "Underline"),
    ("*", "bold", "Bold"),
    ("_", "italic", "Italic"),
    ("~", "strikethrough", "Strikethrough"),
    ("[", "text_link", "TextUrl"),
];

/// Text and entities of MarkdownV2.
pub(super) fn parse(source: &str) -> Result<(String, Vec<Json>), String> {
    let mut parser = Parser {
        source,
        at: 0,
        text: String::new(),
        open: vec![],
        entities: vec![],
        quote: None,
    };
    parser.run()?;
    Ok((parser.text, parser.entities))
}

/// Text and entities of the older Markdown: nothing nests, nothing is reserved.
pub(super) fn parse_old(source: &str) -> Result<(String, Vec<Json>), String> {
    let (mut text, mut entities, mut at) = (String::new(), Vec::new(), 0);
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let escaped = rest
            .strip_prefix('\\')
            .and_then(|tail| tail.chars().next())
            .filter(|c| "_*`[".contains(*c));
        if let Some(c) = escaped {
            text.push(c);
            at += 2;
            continue;
        }
        let marks = [
            ("```", "pre"),
            ("`", "code"),
            ("*", "bold"),
            ("_", "italic"),
            ("[", "text_link"),
        ];
        let found = marks.into_iter().find(|(mark, _)| rest.starts_with(mark));
        let Some((mark, kind)) = found else {
            let c = rest.chars().next().unwrap_or_default();
            text.push(c);
            at += c.len_utf8();
            continue;
        };
        let end = if mark == "[" { "]" } else { mark };
        let inner = rest.get(mark.len()..).unwrap_or_default();
        let Some((inner, tail)) = inner.split_once(end) else {
            return Err(format!(
                "Can't find end of the entity starting at byte offset {at}"
            ));
        };
        let offset = units(&text);
        text.push_str(inner);
        at += mark.len() + inner.len() + end.len();
        let mut entity = json!({ "type": kind, "offset": offset, "length": units(inner) });
        if kind == "text_link" {
            let url = tail.strip_prefix('(').and_then(|tail| tail.split_once(')'));
            let Some((url, _)) = url else { continue };
            at += url.len() + 2;
            entity["url"] = url.into();
        }
        if !inner.is_empty() {
            entities.push(entity);
        }
    }
    Ok((text, entities))
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn line_begins(&self) -> bool {
        self.text.is_empty() || self.text.ends_with('\n')
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.rest().chars().next() {
            if self.line_begins() && self.quoted() {
                continue;
            }
            let next = self.rest().chars().nth(1);
            if c == '\\' && next.is_some_and(|c| c.is_ascii() && !c.is_ascii_control()) {
                self.text.extend(next);
                self.at += 2;
            } else if c == '`' {
                self.code()?;
            } else if !RESERVED.contains(c) {
                self.text.push(c);
                self.at += c.len_utf8();
            } else {
                self.mark(c)?;
            }
        }
        if let Some(begun) = self.quote.take() {
            self.end_quote(begun);
        }
        match self.open.last() {
            Some(open) => Err(format!(
                "Can't find end of {} entity at byte offset {}",
                open.name, open.at
            )),
            None => Ok(()),
        }
    }

    /// At the beginning of a line: whether a `>` was read that begins or goes on with a quotation.
    fn quoted(&mut self) -> bool {
        if self.rest().starts_with('>') {
            self.at += 1;
            if self.quote.is_none() {
                self.quote = Some(units(&self.text));
            }
            // The rest of the line is read by the others.
            if let Some(c) = self
                .rest()
                .chars()
                .next()
                .filter(|c| !RESERVED.contains(*c) && *c != '\\')
            {
                self.text.push(c);
                self.at += c.len_utf8();
            }
            return true;
        }
        if let Some(begun) = self.quote.take() {
            self.end_quote(begun);
        }
        false
    }

    fn end_quote(&mut self, begun: usize) {
        let length = units(self.text.trim_end_matches('\n')).saturating_sub(begun);
        if length > 0 {
            self.entities
                .push(json!({ "type": "blockquote", "offset": begun, "length": length }));
        }
    }

    /// `code`, or a block between three marks with a language before its first line.
    fn code(&mut self) -> Result<(), String> {
        let begin = self.at;
        let block = self.rest().starts_with("```");
        let mark = if block { "```" } else { "`" };
        self.at += mark.len();
        let (mut inner, mut escaped) = (String::new(), false);
        loop {
            if !escaped && self.rest().starts_with(mark) {
                break;
            }
            let Some(c) = self.rest().chars().next() else {
                let name = if block { "Pre" } else { "Code" };
                return Err(format!(
                    "Can't find end of {name} entity at byte offset {begin}"
                ));
            };
            self.at += c.len_utf8();
            escaped = !escaped && c == '\\';
            if !escaped {
                inner.push(c);
            }
        }
        self.at += mark.len();
        let kind = if block { "pre" } else { "code" };
        let mut entity = json!({ "type": kind, "offset": units(&self.text) });
        let mut body = inner.as_str();
        if block && let Some((first, tail)) = inner.split_once('\n') {
            if !first.is_empty() && !first.contains(char::is_whitespace) {
                entity["language"] = first.into();
                body = tail;
            } else if first.is_empty() {
                body = tail;
            }
        }
        entity["length"] = units(body).into();
        self.text.push_str(body);
        if !body.is_empty() {
            self.entities.push(entity);
        }
        Ok(())
    }

    fn mark(&mut self, c: char) -> Result<(), String> {
        if c == ']' && self.open.last().is_some_and(|open| open.mark == "[") {
            return self.end_link();
        }
        let found = MARKS
            .into_iter()
            .find(|(mark, _, _)| self.rest().starts_with(mark));
        let Some((mark, kind, name)) = found else {
            return Err(format!(
                "Character '{c}' is reserved and must be escaped with the preceding '\\'"
            ));
        };
        let (offset, at) = (units(&self.text), self.at);
        self.at += mark.len();
        let closes = mark != "[" && self.open.last().is_some_and(|open| open.mark == mark);
        if !closes {
            self.open.push(Open {
                mark,
                kind,
                name,
                offset,
                at,
            });
            return Ok(());
        }
        if let Some(open) = self.open.pop() {
            let length = offset - open.offset;
            if length > 0 {
                self.entities
                    .push(json!({ "type": open.kind, "offset": open.offset, "length": length }));
            }
        }
        Ok(())
    }

    fn end_link(&mut self) -> Result<(), String> {
        self.at += 1;
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let length = units(&self.text) - open.offset;
        let mut url = String::new();
        if self.rest().starts_with('(') {
            self.at += 1;
            loop {
                let mut chars = self.rest().chars();
                match (chars.next(), chars.next()) {
                    (Some(')'), _) => break,
                    (Some('\\'), Some(c)) => {
                        url.push(c);
                        self.at += 1 + c.len_utf8();
                    }
                    (Some(c), _) => {
                        url.push(c);
                        self.at += c.len_utf8();
                    }
                    (None, _) => {
                        return Err(format!(
                            "Can't find end of a URL at byte offset {}",
                            self.at
                        ));
                    }
                }
            }
            self.at += 1;
        }
        if length > 0 && !url.is_empty() {
            let offset = open.offset;
            let entity =
                json!({ "type": open.kind, "offset": offset, "length": length, "url": url });
            self.entities.push(entity);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> (String, Vec<(String, u64, u64)>) {
        let (text, entities) = parse(source).unwrap();
        let shown = entities.iter().map(|e| {
            let number = |name: &str| e[name].as_u64().unwrap();
            let kind = e["type"].as_str().unwrap().to_owned();
            (kind, number("offset"), number("length"))
        });
        (text.clone(), shown.collect())
    }

    #[test]
    fn as_strict_as_telegram() {
        let (text, entities) = kinds("*你_好_* \\. [链\\]](http://x/\\)) `a\\`b`");
        assert_eq!(text, "你好 . 链] a`b");
        let want = [
            ("italic", 1, 1),
            ("bold", 0, 2),
            ("text_link", 5, 2),
            ("code", 8, 3),
        ];
        let shown: Vec<(&str, u64, u64)> = entities
            .iter()
            .map(|(k, o, l)| (k.as_str(), *o, *l))
            .collect();
        assert_eq!(shown, want);
        let (text, entities) = kinds("```rust\nfn a() {}\n``` ||x|| __y__ ~z~\n>一\n>二\n三");
        assert_eq!(text, "fn a() {}\n x y z\n一\n二\n三");
        assert_eq!(entities.len(), 5);
        assert_eq!(entities[4], ("blockquote".to_owned(), 17, 3));
        for (source, refusal) in [
            (
                "1.",
                "Character '.' is reserved and must be escaped with the preceding '\\'",
            ),
            ("*a", "Can't find end of Bold entity at byte offset 0"),
            ("a `b", "Can't find end of Code entity at byte offset 2"),
        ] {
            assert_eq!(parse(source).unwrap_err(), refusal, "{source}");
        }
        let (text, entities) = parse_old("*a* [b](http://x) _c_ \\_ 1.").unwrap();
        assert_eq!((text.as_str(), entities.len()), ("a b c _ 1.", 3));
        assert!(parse_old("*a").is_err());
    }
}
