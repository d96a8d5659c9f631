//! Abbreviations of units' names, as data.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Fault, Result};
use crate::finding::text::fold;

/// The table of `config/short_forms.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortForms {
    /// In an office's own table: the built-in one counts too.
    #[serde(default)]
    builtin: bool,
    #[serde(default)]
    forms: BTreeMap<String, Long>,
    #[serde(default)]
    prefix: Prefix,
    #[serde(default)]
    suffix: Suffix,
    #[serde(default)]
    place: Place,
}

/// What a short form stands for; some stand for several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Long {
    One(String),
    Several(Vec<String>),
}

impl Long {
    fn all(&self) -> &[String] {
        match self {
            Self::One(long) => std::slice::from_ref(long),
            Self::Several(longs) => longs,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prefix {
    #[serde(default)]
    whole: Vec<String>,
    #[serde(default)]
    short: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suffix {
    #[serde(default)]
    dropped: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// What ends a place's name and may be left out before a body: 鼓楼区教育局 = 鼓楼教育局.
    #[serde(default)]
    endings: Vec<String>,
}

impl ShortForms {
    /// The table of a folder, or the built-in one.
    pub fn load(folder: Option<&Path>) -> Result<Self> {
        let path = folder
            .map(|folder| folder.join("short_forms.toml"))
            .filter(|p| p.exists());
        let (text, shown) = match path {
            Some(path) => {
                let shown = path.display().to_string();
                (
                    std::fs::read_to_string(path).map_err(Error::io(shown.clone()))?,
                    shown,
                )
            }
            None => {
                let text = include_str!("../../config/short_forms.toml");
                (text.to_owned(), "short_forms.toml".to_owned())
            }
        };
        let read: std::result::Result<Self, _> = toml::from_str(&text);
        let own = read.map_err(|e| Fault::new(e.to_string().trim()).file(shown))?;
        match own.builtin {
            true => Ok(own.over(Self::load(None)?)),
            false => Ok(own),
        }
    }

    /// An office's own table over the built-in one: its forms are added, what else it says counts instead.
    fn over(self, mut under: Self) -> Self {
        under.forms.extend(self.forms);
        if !self.prefix.whole.is_empty() {
            under.prefix.whole = self.prefix.whole;
        }
        if !self.prefix.short.is_empty() {
            under.prefix.short = self.prefix.short;
        }
        under.suffix.dropped.extend(self.suffix.dropped);
        under.place.endings.extend(self.place.endings);
        under
    }

    /// The name of a body with its place's ending left out: the place is what stands before the last ending of
    /// a place, and both it and the body have two letters at least.
    fn without_ending(&self, name: &str) -> Option<String> {
        let letters: Vec<(usize, char)> = name.char_indices().collect();
        let body_from = 2;
        // 福州市鼓楼区教育局: the nearest place counts, and what stands before it is left to the prefixes.
        let ends = |at: usize| {
            let rest = letters.get(at).and_then(|(from, _)| name.get(*from..))?;
            let ending = self
                .place
                .endings
                .iter()
                .find(|ending| rest.starts_with(ending.as_str()))?;
            (rest.chars().count() >= body_from + ending.chars().count()).then_some(ending.len())
        };
        let (at, length) = (2..letters.len())
            .rev()
            .find_map(|at| Some((at, ends(at)?)))?;
        let (from, _) = letters.get(at)?;
        Some(format!(
            "{}{}",
            name.get(..*from)?,
            name.get(from + length..)?
        ))
    }

    /// Every folded short name of a unit's full name, without the full name itself.
    pub fn of(&self, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        for (short, long) in &self.forms {
            let found = long
                .all()
                .iter()
                .filter(|long| name.contains(long.as_str()));
            names.extend(found.map(|long| name.replace(long.as_str(), short)));
        }
        for suffix in &self.suffix.dropped {
            let cut: Vec<String> = names
                .iter()
                .filter_map(|name| name.strip_suffix(suffix.as_str()))
                .filter(|name| name.chars().count() > 1)
                .map(str::to_owned)
                .collect();
            names.extend(cut);
        }
        let unended: Vec<String> = names
            .iter()
            .filter_map(|name| self.without_ending(name))
            .collect();
        names.extend(unended);
        let mut shorter = Vec::new();
        for name in &names {
            let Some(rest) = self
                .prefix
                .whole
                .iter()
                .find_map(|p| name.strip_prefix(p.as_str()))
            else {
                continue;
            };
            for short in &self.prefix.short {
                if rest.chars().count() > 1 && !(short.is_empty() && rest.chars().count() < 3) {
                    shorter.push(format!("{short}{rest}"));
                }
            }
        }
        names.extend(shorter);
        let whole = fold(name);
        let mut folded: Vec<String> = names
            .iter()
            .map(|name| fold(name))
            .filter(|name| *name != whole)
            .collect();
        folded.sort();
        folded.dedup();
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_by_their_short_names() {
        let forms = ShortForms::load(None).unwrap();
        for (short, whole) in [
            ("人社局", "福州市人力资源和社会保障局"),
            ("市发改委", "福州市发展和改革委员会"),
            ("房管局", "福州市住房保障和房产管理局"),
            ("市名城委", "福州历史文化名城管理委员会"),
            ("高新区管委会", "福州高新技术产业开发区管理委员会"),
            ("鼓岭旅游度假区管委会", "福州市鼓岭旅游度假区管理委员会"),
            ("台江区", "福州市台江区人民政府"),
            ("永泰县", "永泰县人民政府"),
            ("司法局", "福州市司法局"),
            ("市园林中心", "福州市园林中心"),
        ] {
            assert!(
                forms.of(whole).contains(&short.to_owned()),
                "{whole} is not {short}"
            );
        }
    }
}
