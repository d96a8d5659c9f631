//! Who goes by a text: looking names, other names and ids up in the index. What it means is decided elsewhere.

use chrono::NaiveDate;

use super::index::Index;
use super::named::{Called, Thing};
use crate::finding::text::exact;
use crate::roster::{Account, Alias, LearnedAlias};

/// A name that was learned, and the place in the roster of whom it stands for.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    pub(super) at: u32,
    pub(super) alias: LearnedAlias,
}

/// An alias with its validity: a place in the roster, the platform, area and days it holds for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated<'a> {
    pub(super) at: u32,
    pub(super) platform: Option<&'a str>,
    pub(super) area: Option<&'a str>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl<'a> Dated<'a> {
    fn written(alias: &'a Alias, at: u32) -> Self {
        Self {
            at,
            platform: None,
            area: alias.area.as_deref(),
            from: alias.from,
            to: alias.to,
        }
    }

    fn learned(Learned { at, alias }: &'a Learned) -> Self {
        Self {
            at: *at,
            platform: alias.platform.as_deref(),
            area: alias.area.as_deref(),
            from: alias.valid_from,
            to: alias.valid_to,
        }
    }

    /// Whether it held until some day before this one: a name of before.
    pub(super) fn over(&self, day: NaiveDate) -> bool {
        self.to.is_some_and(|to| to < day)
    }

    pub(super) fn on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
    }
}

/// The form in which ids and home pages are compared.
pub(super) fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

impl Index {
    /// An alias that the roster writes, by whose it is and its place in their list.
    fn written(&self, thing: Thing, nth: u32) -> Option<Dated<'_>> {
        let (at, aliases) = match thing {
            Thing::Account(at) => (at, &self.account_at(at)?.aliases),
            Thing::Unit(at) => (at, &self.unit_at(at)?.aliases),
        };
        Some(Dated::written(aliases.get(nth as usize)?, at))
    }

    /// Other names of this text that the roster writes, of accounts and of units.
    fn written_aliases(&self, folded: &str) -> impl Iterator<Item = (Thing, Dated<'_>)> {
        let named = self.named.of_text(folded);
        named.filter_map(|(thing, called)| match called {
            Called::Name => None,
            Called::Other(nth) => Some((thing, self.written(thing, nth)?)),
        })
    }

    /// Other names of accounts, written or learned.
    pub(super) fn account_aliases(&self, folded: &str) -> impl Iterator<Item = Dated<'_>> {
        let written = self.written_aliases(folded);
        let written = written.filter(|(thing, _)| matches!(thing, Thing::Account(_)));
        let learned = self.account_learned.get(folded).into_iter().flatten();
        written
            .map(|(_, alias)| alias)
            .chain(learned.map(Dated::learned))
    }

    /// Other names of units, written or learned.
    pub(super) fn unit_aliases(&self, folded: &str) -> impl Iterator<Item = Dated<'_>> {
        let written = self.written_aliases(folded);
        let written = written.filter(|(thing, _)| matches!(thing, Thing::Unit(_)));
        let learned = self.unit_learned.get(folded).into_iter().flatten();
        written
            .map(|(_, alias)| alias)
            .chain(learned.map(Dated::learned))
    }

    /// All other names of units and accounts, written or learned, each folded.
    pub(super) fn all_aliases(&self) -> impl Iterator<Item = (&str, Thing, Dated<'_>)> {
        let all = self.named.iter();
        let written = all.filter_map(|(thing, called, name)| match called {
            Called::Name => None,
            Called::Other(nth) => Some((name, thing, self.written(thing, nth)?)),
        });
        let accounts = self.account_learned.iter();
        let accounts = accounts.flat_map(|(name, all)| {
            let all = all.iter().map(Dated::learned);
            all.map(move |alias| (name.as_str(), Thing::Account(alias.at), alias))
        });
        let units = self.unit_learned.iter().flat_map(|(name, all)| {
            let all = all.iter().map(Dated::learned);
            all.map(move |alias| (name.as_str(), Thing::Unit(alias.at), alias))
        });
        written.chain(accounts).chain(units)
    }

    /// The accounts of an id or a home page, in the form of [`key`]; each once.
    pub(super) fn accounts_of(&self, id: &str) -> Vec<u32> {
        let same = |text: &Option<String>| {
            let text = text.as_deref();
            text.is_some_and(|text| text == id || key(text) == id)
        };
        let same = |account: &Account| same(&account.uid) || same(&account.homepage);
        let found = self
            .account_key
            .get(id, |at| self.account_at(at).is_some_and(same));
        let mut found: Vec<u32> = found.collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The accounts of exactly this name, in the form in which names are compared exactly.
    pub(super) fn accounts_written(&self, name: &str) -> Vec<u32> {
        let same = |account: &Account| account.name == name || exact(&account.name) == name;
        let found = &self.account_exact;
        let found = found.get(name, |at| self.account_at(at).is_some_and(same));
        found.collect()
    }

    /// The accounts whose folded name this is.
    pub(super) fn accounts_named(&self, folded: &str) -> Vec<u32> {
        let own = self.named.of_text(folded);
        let accounts = own.filter_map(|whose| match whose {
            (Thing::Account(at), Called::Name) => Some(at),
            _ => None,
        });
        accounts.collect()
    }

    /// The units whose folded name this is.
    pub(super) fn units_named(&self, folded: &str) -> Vec<u32> {
        let own = self.named.of_text(folded);
        let units = own.filter_map(|whose| match whose {
            (Thing::Unit(at), Called::Name) => Some(at),
            _ => None,
        });
        units.collect()
    }
}
