//! The words of the field as data: platforms, problem types, severities and column headers, from
//! `config/*.toml`, compiled in and replaceable by files of the same name in a folder.

mod envelope;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use crate::error::{Error, Fault, Result};
use crate::finding::fingerprint::Links;
use crate::finding::{Said, Severity, text};

pub use envelope::{Envelope, Telling};

/// A platform on which accounts live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// `wechat`, `weibo` …
    pub id: String,
    /// How it is printed.
    pub name: String,
    /// Every name it goes by.
    pub names: Vec<String>,
}

/// A problem type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// `typo`, `overdue_update` …
    pub id: String,
    /// How it is printed.
    pub name: String,
    /// How grave, unless a row says otherwise.
    pub severity: Severity,
    /// May break quiet hours.
    pub urgent: bool,
    /// Praise, which obliges nobody.
    #[serde(default)]
    pub positive: bool,
    /// The words reports use.
    pub names: Vec<String>,
}

/// The words, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    platforms: Vec<Platform>,
    categories: Vec<Category>,
    platform_by: HashMap<String, usize>,
    category_by: HashMap<String, usize>,
    /// Phrases, longest first.
    phrases: Vec<(String, usize)>,
    severity_by: HashMap<String, Severity>,
    header_by: HashMap<String, String>,
    /// Headers, folded, that a source's settings say the meaning of.
    mapped: HashSet<String>,
    said_by: HashMap<String, Said>,
    envelope: Envelope,
    /// What of an article's link says nothing of the article.
    pub links: Links,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformFile {
    platform: Vec<Platform>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryFile {
    category: Vec<Category>,
    severity: HashMap<String, Vec<String>>,
}

/// Full width, spaces, new lines and punctuation folded away, so that `账号\n名称` = `账号名称`.
pub fn fold(text: &str) -> String {
    let plain = |text: &str| -> String {
        text.nfkc()
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let once = plain(text);
    match is_nfkc_quick(once.chars()) {
        IsNormalized::Yes => once,
        // What stands beside each other only now may be one letter.
        _ => plain(&once),
    }
}

/// Folded, and in simplified characters: 帳號名稱 = 帐号名称.
fn simple(text: &str) -> String {
    fold(text).chars().map(text::simplified).collect()
}

/// What a table of folded words holds for a text: as it is, without what stands in its brackets, in
/// simplified characters.
fn found<'a, T>(table: &'a HashMap<String, T>, text: &str) -> Option<&'a T> {
    table
        .get(&fold(text))
        .or_else(|| table.get(&fold(&without_brackets(text))))
        .or_else(|| table.get(&simple(&without_brackets(text))))
}

/// Without what stands in brackets: 微信公众号(订阅号) → 微信公众号.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| match c {
            '(' | '（' | '[' | '【' => {
                depth += 1;
                false
            }
            ')' | '）' | ']' | '】' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

impl Vocabulary {
    /// The compiled-in words.
    pub fn builtin() -> Result<Self> {
        Self::load(None)
    }

    /// The words with the files of `folder` in place of the built-in ones of the same name.
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let platforms: PlatformFile = read(
            folder,
            "platforms.toml",
            include_str!("../../config/platforms.toml"),
        )?;
        let categories: CategoryFile = read(
            folder,
            "categories.toml",
            include_str!("../../config/categories.toml"),
        )?;
        let headers: HashMap<String, Vec<String>> = read(
            folder,
            "headers.toml",
            include_str!("../../config/headers.toml"),
        )?;
        let states: HashMap<Said, Vec<String>> = read(
            folder,
            "states.toml",
            include_str!("../../config/states.toml"),
        )?;
        let mut words = Self {
            links: read(
                folder,
                "links.toml",
                include_str!("../../config/links.toml"),
            )?,
            envelope: read(
                folder,
                "envelope.toml",
                include_str!("../../config/envelope.toml"),
            )?,
            ..Self::default()
        };
        for (said, names) in &states {
            for name in names {
                words.said_by.insert(fold(name), *said);
            }
        }
        for (n, platform) in platforms.platform.iter().enumerate() {
            for name in std::iter::once(&platform.id).chain(&platform.names) {
                words.platform_by.entry(fold(name)).or_insert(n);
            }
        }
        for (n, category) in categories.category.iter().enumerate() {
            for name in std::iter::once(&category.id).chain(&category.names) {
                words.category_by.entry(fold(name)).or_insert(n);
                words.phrases.push((fold(name), n));
            }
        }
        words
            .phrases
            .sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.chars().count()));
        for (id, names) in &categories.severity {
            for name in names {
                words.severity_by.insert(fold(name), Severity::parse(id));
            }
        }
        for (field, names) in &headers {
            for name in names {
                words.header_by.insert(fold(name), field.clone());
            }
        }
        words.platforms = platforms.platform;
        words.categories = categories.category;
        Ok(words)
    }

    /// Every platform.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }

    /// A platform by its id or any name.
    pub fn platform(&self, name: &str) -> Option<&Platform> {
        found(&self.platform_by, name).and_then(|n| self.platforms.get(*n))
    }

    /// The platform whose name a text begins or ends with, the longest such name, and the rest.
    pub fn platform_beside<'t>(&self, text: &'t str) -> Option<(&Platform, &'t str)> {
        let names = self.platforms.iter().flat_map(|platform| {
            let names = platform
                .names
                .iter()
                .filter(|name| name.chars().count() > 1);
            names.map(move |name| (platform, name.as_str()))
        });
        let beside = names.filter_map(|(platform, name)| {
            let rest = text
                .strip_prefix(name)
                .or_else(|| text.strip_suffix(name))?;
            Some((platform, rest))
        });
        beside.min_by_key(|(_, rest)| rest.len())
    }

    /// A category by its id or words; the longest known phrase in the text decides.
    pub fn category(&self, words: &str) -> Option<&Category> {
        let folded = fold(words);
        if folded.is_empty() {
            return None;
        }
        let known = |words: &str| {
            let named = self.category_by.get(words);
            named.and_then(|n| self.categories.get(*n)).or_else(|| {
                let (_, category) = self.category_in(words)?;
                Some(category)
            })
        };
        known(&folded).or_else(|| known(&simple(words)))
    }

    /// The longest known phrase of more than two letters that a folded sentence holds, with its category.
    pub fn category_in(&self, sentence: &str) -> Option<(&str, &Category)> {
        let mut phrases = self.phrases.iter();
        let (phrase, n) = phrases
            .find(|(phrase, _)| phrase.chars().count() > 2 && sentence.contains(phrase.as_str()))?;
        Some((phrase, self.categories.get(*n)?))
    }

    /// A category by its id or one of its names, and nothing that merely holds it.
    pub fn category_named(&self, name: &str) -> Option<&Category> {
        let found = self.category_by.get(&fold(name));
        found.and_then(|n| self.categories.get(*n))
    }

    /// The ids of the categories.
    pub fn category_ids(&self) -> Vec<String> {
        self.categories.iter().map(|c| c.id.clone()).collect()
    }

    /// The ids of the platforms.
    pub fn platform_ids(&self) -> Vec<String> {
        self.platforms.iter().map(|p| p.id.clone()).collect()
    }

    /// A severity by its words.
    pub fn severity(&self, words: &str) -> Option<Severity> {
        found(&self.severity_by, words).copied()
    }

    /// What the fields around a JSON report's rows mean.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// What the words of a state column say of a finding, if they say anything.
    pub fn said(&self, words: &str) -> Option<Said> {
        found(&self.said_by, words).copied()
    }

    /// The field that a column's header stands for; decorations such as `*` and `(必填)` fall away.
    /// The path of a field within another is known as `account.name` or `account_name`.
    pub fn header(&self, header: &str) -> Option<&str> {
        let by_path = || {
            let path = header.contains('.').then(|| header.replace('.', "_"))?;
            self.header_by.get(&fold(&path))
        };
        found(&self.header_by, header)
            .or_else(by_path)
            .map(String::as_str)
    }

    /// The words with what a source's settings say of its columns in place of what their headers
    /// usually stand for; a column without a field is `ignore`.
    pub fn with_columns(&self, columns: &BTreeMap<String, String>, ignore: &str) -> Self {
        let mut words = self.clone();
        for (header, field) in columns {
            let field = if field.is_empty() { ignore } else { field };
            words.header_by.insert(fold(header), field.to_owned());
            words.mapped.insert(fold(header));
        }
        words
    }

    /// Whether a source's settings say what this header stands for.
    pub fn is_mapped(&self, header: &str) -> bool {
        self.mapped.contains(&fold(header))
    }

    /// The fields that headers stand for, by name.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self.header_by.values().map(String::as_str).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// How like a text is to the headers of a field, from 0 to 1, counted over characters.
    pub fn like_header(&self, text: &str, field: &str) -> f64 {
        let text: Vec<char> = simple(text).chars().collect();
        let names = self.header_by.iter().filter(|(_, of)| *of == field);
        let likeness = names.map(|(name, _)| {
            let name: Vec<char> = name.chars().collect();
            let apart = strsim::generic_levenshtein(&text, &name);
            let longest = text.len().max(name.len()).max(1);
            1.0 - apart as f64 / longest as f64
        });
        likeness.fold(0.0, f64::max)
    }
}

/// Reads a file of the folder if it is there, else the built-in text.
fn read<T: serde::de::DeserializeOwned>(
    folder: Option<&Path>,
    name: &str,
    builtin: &str,
) -> Result<T> {
    let path = folder
        .map(|folder| folder.join(name))
        .filter(|path| path.exists());
    let (text, shown) = match &path {
        Some(path) => {
            let shown = path.display().to_string();
            (
                std::fs::read_to_string(path).map_err(Error::io(shown.clone()))?,
                shown,
            )
        }
        None => (builtin.to_owned(), name.to_owned()),
    };
    toml::from_str(&text).map_err(|error| Fault::new(error.to_string().trim()).file(shown).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_reports_write_them() {
        let words = Vocabulary::builtin().unwrap();
        let platform = |name| words.platform(name).map(|p| p.id.as_str());
        assert_eq!(platform("微信公众号"), Some("wechat"));
        assert_eq!(platform("微信公众号（订阅号）"), Some("wechat"));
        assert_eq!(platform("ＡＰＰ"), Some("app"));
        assert_eq!(platform("douyin"), Some("douyin"));
        assert_eq!(platform("福州"), None);
        let category = |name| words.category(name).map(|c| c.id.as_str());
        assert_eq!(category("严重表述错误"), Some("serious_expression"));
        assert_eq!(category("超期未更新"), Some("overdue_update"));
        assert_eq!(
            category("未关注每日政务新媒体检查报告；严重表述错误未及时修改"),
            Some("ticket_not_handled")
        );
        assert_eq!(
            category("在国务院办公厅委托的第三方测评中依申请公开电话无人接听"),
            Some("disclosure")
        );
        assert_eq!(category("xyz"), None);
        assert_eq!(words.header("账号\n名称"), Some("account_name"));
        assert_eq!(words.header("*账号名称(必填)"), Some("account_name"));
        assert_eq!(words.header("责任单位"), Some("unit"));
        assert_eq!(words.header("帳號名稱"), Some("account_name"));
        assert_eq!(platform("微信公眾號"), Some("wechat"));
        assert_eq!(words.severity("单项否决"), Some(Severity::Veto));
        assert_eq!(words.said("复核已整改"), Some(Said::Verified));
        let states = [
            ("待整改", None),
            ("未整改", None),
            ("整改中", None),
            ("已整改", Some(Said::Fixed)),
            ("忽略", Some(Said::Withdrawn)),
            ("未复核", None),
            ("复核中", None),
            ("复核完成", None),
            ("复核异常", None),
            ("复核已整改", Some(Said::Verified)),
            ("疑似未整改", Some(Said::Refuted)),
            ("复核未通过", Some(Said::Refuted)),
            // The article may be deleted, or the account renamed: no proof of a fix.
            ("不可访问", None),
            ("白名单", Some(Said::Withdrawn)),
        ];
        for (word, said) in states {
            assert_eq!(words.said(word), said, "{word}");
        }
    }
}
