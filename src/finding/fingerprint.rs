//! The identity of an issue across days: target, article, wrong text; never position or date.

use std::borrow::Cow;

use reqwest::Url;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// What of a link changes without changing the article; `config/links.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Names of parameters, in lower case.
    pub drop: Vec<String>,
    /// How such names begin.
    pub drop_prefixes: Vec<String>,
}

impl Links {
    fn drops(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let begins = |prefix: &String| name.starts_with(prefix.as_str());
        self.drop.contains(&name) || self.drop_prefixes.iter().any(begins)
    }
}

/// The stable key of an article's link. WeChat: `__biz` + `mid` + `idx`, or the short id of
/// `mp.weixin.qq.com/s/SHORT`, of which nobody but WeChat knows the former. Else host, port and path with
/// the parameters that tell articles apart, in order; http and https, a final slash, the case of the host
/// and the way letters are escaped make no difference, nor does the fragment, unless it is a path (`#/a/1`).
/// `None` when it is no link.
pub fn article_key(link: &str, links: &Links) -> Option<String> {
    let url = parse(link)?;
    let host = url.host_str()?.trim_end_matches('.');
    let get = |names: [&str; 2]| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _)| names.contains(&key.as_ref()))
            .map(|(_, value)| value.into_owned())
            .filter(|value| !value.is_empty())
    };
    if host == "mp.weixin.qq.com" {
        let (biz, mid) = (get(["__biz", "__biz"]), get(["mid", "appmsgid"]));
        if let (Some(biz), Some(mid)) = (biz, mid) {
            // A plus of Base64 that was not escaped reads as a blank.
            let biz = biz.replace(' ', "+");
            let idx = get(["idx", "itemidx"]).unwrap_or_else(|| "1".to_owned());
            return Some(format!("wechat:{biz}:{mid}:{idx}"));
        }
        let mut parts = url.path_segments()?.filter(|part| !part.is_empty());
        if let (Some("s"), Some(short), None) = (parts.next(), parts.next(), parts.next()) {
            return Some(format!("wechat:s:{short}"));
        }
    }
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !links.drops(key))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    pairs.sort();
    pairs.dedup();
    let mut key = host.to_owned();
    // The default port of the other scheme says as little.
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        key.push_str(&format!(":{port}"));
    }
    key.push_str(unescaped(url.path()).trim_end_matches('/'));
    for (name, value) in pairs {
        key.push_str(&format!("&{name}={value}"));
    }
    // A page that finds its article by what follows the hash.
    let route = url
        .fragment()
        .filter(|f| f.starts_with('/') || f.starts_with("!/"));
    if let Some(route) = route {
        key.push_str(&format!("#{}", unescaped(route).trim_end_matches('/')));
    }
    Some(key)
}

/// A link as tables hold it: with blanks, `&amp;` of a web page, or without its scheme.
fn parse(link: &str) -> Option<Url> {
    let mut text = Cow::Borrowed(link.trim());
    while text.contains("&amp;") || text.contains("&#38;") {
        text = Cow::Owned(text.replace("&amp;", "&").replace("&#38;", "&"));
    }
    let bare = text.trim_start_matches('/');
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = text.contains("://");
    let is_host = |host: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        host.contains('.') && host.chars().all(fits)
    };
    // A name with a dot in it may be a title; with a path behind it is a link.
    if !scheme && is_host(host) && bare.len() > host.len() {
        text = Cow::Owned(format!("https://{bare}"));
    }
    Url::parse(&text).ok().filter(Url::has_host)
}

/// A path whose escaped letters stand as such; what would mean something else stays escaped.
fn unescaped(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = path.get(at + 1..at + 3);
        let code = code.filter(|_| *byte == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(letter) if matches!(letter, b'/' | b'?' | b'#' | b'%' | b'&' | b'=') => {
                out.extend_from_slice(format!("%{letter:02X}").as_bytes());
                at += 3;
            }
            Some(letter) => {
                out.push(letter);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

/// A wrong text as it is compared: one width, no spaces, nothing invisible.
pub fn wording(text: &str) -> String {
    let invisible = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
            )
    };
    text.nfkc().filter(|c| !invisible(*c)).collect()
}

/// The identity of an issue: target (`a:12` or `u:3`) + article key if there is one + wrong text if
/// there is one, else + category. 128 bits, hex.
pub fn identity(
    target: &str,
    article: Option<&str>,
    wrong_text: Option<&str>,
    category: &str,
) -> String {
    let wrong: Option<String> = wrong_text.map(wording);
    let last = wrong.as_deref().filter(|text| !text.is_empty());
    let parts = [
        Some(target),
        article,
        last,
        if last.is_none() { Some(category) } else { None },
    ];
    digest(&parts)
}

/// The identity of names that wait: source + printed names.
pub fn waiting_identity(source: &str, printed: &[Option<&str>]) -> String {
    let mut parts = vec![Some(source)];
    parts.extend_from_slice(printed);
    digest(&parts)
}

fn digest(parts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let text = part.unwrap_or_default();
        hash.update([u8::from(part.is_some())]);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let mut hex = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(link: &str) -> Option<String> {
        let links = toml::from_str(include_str!("../../config/links.toml"));
        article_key(link, &links.unwrap_or_default())
    }

    #[test]
    fn a_wechat_link_keeps_its_key_when_its_parameters_change() {
        let same = [
            "https://mp.weixin.qq.com/s?__biz=MzA+Mg==&mid=22&idx=1&sn=abc&chksm=1&scene=27#rd",
            "http://mp.weixin.qq.com/s?mid=22&__biz=MzA+Mg==&idx=1&from=timeline",
            "http://MP.weixin.qq.com:80/s?__biz=MzA%2BMg%3D%3D&amp;mid=22&amp;idx=1#wechat_redirect",
            "mp.weixin.qq.com/s?__biz=MzA+Mg==&amp;amp;mid=22",
            "http://mp.weixin.qq.com/mp/appmsg/show?__biz=MzA+Mg==&appmsgid=22&itemidx=1",
        ];
        for link in same {
            assert_eq!(key(link).as_deref(), Some("wechat:MzA+Mg==:22:1"), "{link}");
        }
        assert_ne!(
            key(same[0]),
            key("https://mp.weixin.qq.com/s?__biz=MzA+Mg==&mid=22&idx=2")
        );
        for link in [
            "https://mp.weixin.qq.com/s/Ab-c_D1",
            "http://mp.weixin.qq.com/s/Ab-c_D1?scene=1&chksm=2#rd",
            "mp.weixin.qq.com/s/Ab-c_D1/",
        ] {
            assert_eq!(key(link).as_deref(), Some("wechat:s:Ab-c_D1"), "{link}");
        }
        // The case of a short id tells articles apart.
        assert_ne!(
            key("https://mp.weixin.qq.com/s/aB"),
            key("https://mp.weixin.qq.com/s/ab")
        );
    }

    #[test]
    fn what_says_nothing_of_an_article_makes_no_difference() {
        let same = [
            (
                "https://www.x.gov.cn/a/?id=1&utm_source=z#top",
                "http://WWW.x.gov.cn/a?id=1",
            ),
            ("http://www.x.gov.cn:80/a", "https://www.x.gov.cn:443/a/"),
            ("http://www.x.gov.cn:443/a", "https://www.x.gov.cn./a"),
            (
                "https://x.gov.cn/%e6%94%bf%E7%AD%96/1",
                "https://x.gov.cn/政策/1",
            ),
            (
                "https://x.gov.cn/%7ea?b=%E7%94%B2",
                "https://x.gov.cn/~a?b=甲",
            ),
            (
                "https://x.gov.cn/a?b=1&a=2",
                "https://x.gov.cn/a?a=2&b=1&b=1",
            ),
            (" www.x.gov.cn/a ", "//www.x.gov.cn/a"),
        ];
        for (one, other) in same {
            assert!(key(one).is_some(), "{one}");
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        let different = [
            ("https://x.gov.cn/a?id=1", "https://x.gov.cn/a?id=2"),
            ("https://x.gov.cn:8080/a", "https://x.gov.cn/a"),
            ("https://x.gov.cn/#/news/1", "https://x.gov.cn/#/news/2"),
            ("https://x.gov.cn/a%2Fb", "https://x.gov.cn/a/b"),
            ("https://x.gov.cn/A", "https://x.gov.cn/a"),
        ];
        for (one, other) in different {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        for none in [
            "一个标题",
            "2021.6.30",
            "a.b 一个标题",
            "",
            "https://",
            "%",
            "//",
        ] {
            assert_eq!(key(none), None, "{none:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_upsets_it(text in "\\PC{0,40}") {
            let _ = key(&text);
            let _ = key(&format!("https://x.cn/{text}"));
        }
    }

    #[test]
    fn the_category_counts_only_without_wrong_text() {
        let of = |wrong, category| identity("a:1", None, wrong, category);
        assert_eq!(
            of(Some("警钟 常鸣"), "typo"),
            of(Some("警钟常鸣"), "expression")
        );
        assert_ne!(of(None, "typo"), of(None, "expression"));
        assert_ne!(
            identity("a:1", None, Some("x"), "t"),
            identity("u:1", None, Some("x"), "t")
        );
    }
}
