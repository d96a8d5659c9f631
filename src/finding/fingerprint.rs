//! The identity of an issue across days: target, article, wrong text; never position or date.

use reqwest::Url;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// Parameters of a link that change without changing the article.
const LOOSE: &[&str] = &[
    "from",
    "scene",
    "chksm",
    "isappinstalled",
    "subscene",
    "sessionid",
    "clicktime",
    "enterid",
    "ascene",
    "devicetype",
    "version",
    "nettype",
    "lang",
    "exportkey",
    "pass_ticket",
    "wx_header",
    "spm",
    "share_token",
    "timestamp",
    "srcid",
    "sharer_shareid",
    "sharer_shareinfo",
];

/// The stable key of an article's link: `__biz` + `mid` + `idx` for WeChat, else the URL without
/// fragment and loose parameters. `None` when it is no link.
pub fn article_key(link: &str) -> Option<String> {
    let url = Url::parse(link.trim()).ok().filter(Url::has_host)?;
    let get = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.into_owned())
    };
    if url.host_str() == Some("mp.weixin.qq.com")
        && let (Some(biz), Some(mid)) = (get("__biz"), get("mid"))
    {
        return Some(format!(
            "wechat:{biz}:{mid}:{}",
            get("idx").unwrap_or_else(|| "1".to_owned())
        ));
    }
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !LOOSE.contains(&key.as_ref()) && !key.starts_with("utm_"))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    pairs.sort();
    let mut key = format!(
        "{}{}",
        url.host_str().unwrap_or_default(),
        url.path().trim_end_matches('/')
    );
    for (name, value) in pairs {
        key.push_str(&format!("&{name}={value}"));
    }
    Some(key)
}

/// A wrong text as it is compared: one width, no spaces.
pub fn wording(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
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

    #[test]
    fn a_wechat_link_keeps_its_key_when_its_parameters_change() {
        let a = "https://mp.weixin.qq.com/s?__biz=MzA&mid=22&idx=1&sn=abc&chksm=1&scene=27#rd";
        let b = "http://mp.weixin.qq.com/s?mid=22&__biz=MzA&idx=1&from=timeline";
        assert_eq!(article_key(a), article_key(b));
        assert_eq!(
            article_key("https://www.x.gov.cn/a/?id=1&utm_source=z#top"),
            article_key("http://www.x.gov.cn/a?id=1")
        );
        assert_eq!(article_key("一个标题"), None);
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
