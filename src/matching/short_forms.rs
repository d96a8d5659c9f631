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
    forms: BTreeMap<String, String>,
    prefix: Prefix,
    suffix: Suffix,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prefix {
    whole: Vec<String>,
    short: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suffix {
    dropped: Vec<String>,
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
        toml::from_str(&text).map_err(|e| Fault::new(e.to_string().trim()).file(shown).into())
    }

    /// Every folded short name of a unit's full name, without the full name itself.
    pub fn of(&self, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        for (short, long) in &self.forms {
            if name.contains(long.as_str()) {
                names.push(name.replace(long.as_str(), short));
            }
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
