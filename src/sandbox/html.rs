//! Telegram's HTML, as strictly as tdlib's `MessageEntity.cpp` reads it: plain text and entities, or
//! the refusal in its words.

use serde_json::{Value as Json, json};

/// Text without tags, and its entities with UTF-16 offsets.
pub fn parse(source: &str) -> Result<(String, Vec<Json>), String> {
    let mut parser = Parser {
        source,
        at: 0,
        text: String::new(),
        open: vec![],
        entities: vec![],
    };
    parser.run()?;
    Ok((parser.text, parser.entities))
}

struct Open {
    tag: String,
    kind: &'static str,
    /// What the tag says besides: `url`, `custom_emoji_id` or `language`.
    more: Option<(&'static str, String)>,
    offset: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    open: Vec<Open>,
    entities: Vec<Json>,
}

fn kind(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" | "span" => "spoiler",
        "a" => "text_link",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "tg-emoji" => "custom_emoji",
        _ => return None,
    })
}

impl Parser<'_> {
    fn length(&self) -> usize {
        self.text.encode_utf16().count()
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(rest) = self.source.get(self.at..).filter(|rest| !rest.is_empty()) {
            if let Some(entity) = rest.strip_prefix('&') {
                self.entity(entity);
            } else if rest.starts_with('<') {
                self.tag(rest)?;
            } else if let Some(c) = rest.chars().next() {
                self.text.push(c);
                self.at += c.len_utf8();
            }
        }
        match self.open.last() {
            Some(open) => Err(format!(
                "Can't find end tag corresponding to start tag \"{}\"",
                open.tag
            )),
            None => Ok(()),
        }
    }

    /// `&lt;` and its kind; anything else stays as it stands.
    fn entity(&mut self, rest: &str) {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '#')
            .collect();
        let c = match name.as_str() {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            name => name.strip_prefix('#').and_then(|digits| {
                let code = match digits.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => digits.parse().ok(),
                };
                code.and_then(char::from_u32)
            }),
        };
        match c {
            Some(c) => {
                self.text.push(c);
                self.at += 1 + name.len();
                self.at += usize::from(rest.get(name.len()..).is_some_and(|r| r.starts_with(';')));
            }
            None => {
                self.text.push('&');
                self.at += 1;
            }
        }
    }

    fn tag(&mut self, rest: &str) -> Result<(), String> {
        let begin = self.at;
        let end = rest
            .find('>')
            .ok_or_else(|| format!("Unclosed start tag at byte offset {begin}"))?;
        let inner = rest.get(1..end).unwrap_or_default();
        self.at += end + 1;
        if let Some(name) = inner.strip_prefix('/') {
            let name = name.trim().to_lowercase();
            let Some(open) = self.open.pop() else {
                return Err(format!("Unexpected end tag at byte offset {begin}"));
            };
            if !name.is_empty() && name != open.tag {
                return Err(format!(
                    "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                    open.tag
                ));
            }
            let length = self.length() - open.offset;
            if length > 0 && !open.kind.is_empty() {
                let mut entity =
                    json!({ "type": open.kind, "offset": open.offset, "length": length });
                match open.more {
                    Some((name, value)) => entity[name] = value.into(),
                    None if open.kind == "text_link" => return Ok(()),
                    None => {}
                }
                self.entities.push(entity);
            }
            return Ok(());
        }
        let mut parts = inner.splitn(2, char::is_whitespace);
        let tag = parts.next().unwrap_or_default().to_lowercase();
        let attributes = parts.next().unwrap_or_default();
        let Some(kind) = kind(&tag) else {
            return Err(format!(
                "Unsupported start tag \"{tag}\" at byte offset {begin}"
            ));
        };
        if tag == "span" && !attributes.contains("tg-spoiler") {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        let attribute = |name: &str| {
            let (_, tail) = attributes.split_once(&format!("{name}=\""))?;
            let (value, _) = tail.split_once('"')?;
            Some(value.replace("&amp;", "&"))
        };
        let more = match kind {
            "text_link" => attribute("href").map(|url| ("url", url)),
            "custom_emoji" => attribute("emoji-id").map(|id| ("custom_emoji_id", id)),
            _ => None,
        };
        let language = kind == "code" && self.language(attribute("class"));
        let kind = match kind {
            // The language of the block around it, and no entity of its own.
            "code" if language => "",
            "blockquote" if attributes.contains("expandable") => "expandable_blockquote",
            kind => kind,
        };
        let offset = self.length();
        self.open.push(Open {
            tag,
            kind,
            more,
            offset,
        });
        Ok(())
    }

    /// `<pre><code class="language-x">`: the language belongs to the block.
    fn language(&mut self, class: Option<String>) -> bool {
        let class = class.unwrap_or_default();
        let outer = self.open.last_mut().filter(|open| open.kind == "pre");
        let (Some(outer), Some(language)) = (outer, class.strip_prefix("language-")) else {
            return false;
        };
        outer.more = Some(("language", language.to_owned()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_strict_as_telegram() {
        let (text, entities) =
            parse("a &lt;<b>你<i>好</i></b> <a href=\"http://x/?a=1&amp;b\">链</a>").unwrap();
        assert_eq!(text, "a <你好 链");
        assert_eq!(entities.len(), 3);
        assert_eq!(
            entities[1],
            json!({ "type": "bold", "offset": 3, "length": 2 })
        );
        for (source, refusal) in [
            ("<x>", "Unsupported start tag \"x\" at byte offset 0"),
            (
                "<b>a",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b>a</i>",
                "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
            ),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
        ] {
            assert_eq!(parse(source).unwrap_err(), refusal, "{source}");
        }
    }
}
