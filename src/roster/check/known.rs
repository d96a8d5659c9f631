//! What a row may name: units by code or name, platforms, accounts.

use std::collections::{HashMap, HashSet};

use crate::roster::event::{Merge, end_of};
use crate::roster::model::{Account, Unit};

/// What a row may name: units by code or by a name that only one has, platforms, accounts.
pub(in super::super) struct Known<'a> {
    pub(super) codes: HashSet<String>,
    pub(super) names: HashMap<String, Vec<String>>,
    pub(super) platform_of: &'a dyn Fn(&str) -> Option<String>,
    accounts: HashSet<(String, String)>,
    uids: HashSet<String>,
    merges: Vec<Merge>,
}

impl<'a> Known<'a> {
    /// `units` are there; `merged` are not any more, and what names them means what they became part of.
    pub fn units(
        units: &[Unit],
        (merged, merges): (&[Unit], &[Merge]),
        platform_of: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let there: HashSet<&str> = units.iter().map(|u| u.name.as_str()).collect();
        let merged = merged.iter().filter(|u| !there.contains(u.name.as_str()));
        let pairs = units.iter().chain(merged);
        let (codes, names) = index(pairs.map(|u| (u.code.as_str(), u.name.as_str())));
        Self {
            codes,
            names,
            platform_of,
            accounts: HashSet::new(),
            uids: HashSet::new(),
            merges: merges.to_vec(),
        }
    }

    pub fn accounts(mut self, accounts: &[Account]) -> Self {
        self.accounts = accounts
            .iter()
            .map(|a| (a.platform.clone(), a.name.clone()))
            .collect();
        self.uids = accounts.iter().filter_map(|a| a.uid.clone()).collect();
        self
    }

    pub fn unit(&self, text: &str) -> Result<String, String> {
        let code = resolve(&self.codes, &self.names, text)?;
        Ok(end_of(&self.merges, &code).to_owned())
    }

    /// `platform:name` with the platform's id, or a uid as it is.
    pub(super) fn operated(&self, text: &str) -> Result<String, String> {
        if self.uids.contains(text) {
            return Ok(text.to_owned());
        }
        let Some((platform, name)) = text.split_once([':', '：']) else {
            return Err(format!(
                "{text} is no account's uid: write platform:name or a uid of the accounts"
            ));
        };
        let Some(id) = (self.platform_of)(platform.trim()) else {
            return Err(format!(
                "{platform} is not a platform that the vocabulary knows: correct it"
            ));
        };
        let key = (id, name.trim().to_owned());
        if self.accounts.contains(&key) {
            Ok(format!("{}:{}", key.0, key.1))
        } else {
            Err(format!(
                "there is no account {text}: correct the name or add it to the accounts"
            ))
        }
    }
}

pub(super) type Names = HashMap<String, Vec<String>>;

pub(super) fn index<'a>(
    units: impl Iterator<Item = (&'a str, &'a str)>,
) -> (HashSet<String>, Names) {
    let (mut codes, mut names) = (HashSet::new(), Names::new());
    for (code, name) in units {
        if codes.insert(code.to_owned()) {
            names
                .entry(name.to_owned())
                .or_default()
                .push(code.to_owned());
        }
    }
    (codes, names)
}

pub(super) fn resolve(
    codes: &HashSet<String>,
    names: &Names,
    text: &str,
) -> Result<String, String> {
    if codes.contains(text) {
        return Ok(text.to_owned());
    }
    match names.get(text).map(Vec::as_slice) {
        Some([code]) => Ok(code.clone()),
        Some(several) => Err(format!(
            "{text} is the name of the units {}: write the code",
            several.join(", ")
        )),
        None => Err(format!(
            "there is no unit {text}: correct it or add it to the units"
        )),
    }
}
