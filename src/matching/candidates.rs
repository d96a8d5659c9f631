//! Likeness of names, for candidates that a person chooses from: found by shared pairs of
//! characters, scored by the Sørensen–Dice coefficient. Never a match.

use std::collections::HashMap;

/// A place in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Thing {
    Account(u32),
    Unit(u32),
}

/// Names by their pairs of characters.
#[derive(Clone, Debug, Default)]
pub(super) struct Likeness {
    names: Vec<(Thing, String)>,
    pairs: HashMap<(char, char), Vec<u32>>,
}

/// Below this a likeness is chance.
const LEAST: f64 = 0.34;
/// A pair of characters that more names share says nothing.
const COMMON: usize = 5_000;

fn pairs_of(name: &str) -> impl Iterator<Item = (char, char)> + '_ {
    name.chars().zip(name.chars().skip(1))
}

impl Likeness {
    pub(super) fn add(&mut self, thing: Thing, folded: &str) {
        let Ok(at) = u32::try_from(self.names.len()) else {
            return;
        };
        self.names.push((thing, folded.to_owned()));
        for pair in pairs_of(folded) {
            let list = self.pairs.entry(pair).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
    }

    /// Whose folded name holds these letters.
    pub(super) fn holding<'a>(&'a self, part: &'a str) -> impl Iterator<Item = Thing> + 'a {
        let holds = self
            .names
            .iter()
            .filter(move |(_, name)| name.contains(part));
        holds.map(|(thing, _)| *thing)
    }

    /// Names as long as this, give or take a letter, that share at least half of its letters: a letter written
    /// wrong in the middle of a short name leaves too few pairs.
    pub(super) fn sharing(&self, folded: &str, wanted: impl Fn(Thing) -> bool) -> Vec<Thing> {
        let length = folded.chars().count();
        let mut found: Vec<(usize, Thing)> = Vec::new();
        for (thing, name) in &self.names {
            let shared = folded.chars().filter(|c| name.contains(*c)).count();
            let alike =
                name.chars().count().abs_diff(length) < 2 && shared > 1 && shared * 2 >= length;
            if alike && wanted(*thing) {
                found.push((shared, *thing));
            }
        }
        found.sort_by_key(|(shared, thing)| (std::cmp::Reverse(*shared), *thing));
        found.truncate(5);
        found.into_iter().map(|(_, thing)| thing).collect()
    }

    /// The five nearest names that `wanted` admits, best first, with scores of 0 to 100.
    pub(super) fn nearest(&self, folded: &str, wanted: impl Fn(Thing) -> bool) -> Vec<(Thing, u8)> {
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for pair in pairs_of(folded) {
            let list = self.pairs.get(&pair).filter(|list| list.len() < COMMON);
            for at in list.into_iter().flatten() {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let length = folded.chars().count();
        let mut found: Vec<(Thing, u8)> = shared
            .into_iter()
            .filter_map(|(at, shared)| self.names.get(at as usize).map(|name| (name, shared)))
            .filter(|((thing, _), _)| wanted(*thing))
            .filter_map(|((thing, name), shared)| {
                // Characters are counted here: `strsim::sorensen_dice` divides by bytes, which
                // makes every Chinese name look a third as near as it is.
                let pairs = (length + name.chars().count()).saturating_sub(2).max(1);
                let score = f64::from(shared * 2) / pairs as f64;
                (score >= LEAST).then_some((*thing, (score * 100.0).min(99.0) as u8))
            })
            .collect();
        found.sort_by_key(|(thing, score)| (std::cmp::Reverse(*score), *thing));
        found.truncate(5);
        found
    }
}
