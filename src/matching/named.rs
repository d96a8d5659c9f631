//! The names that a roster writes, whose each is, and where each is found. A hundred thousand accounts have three
//! hundred thousand of them: none is a text of its own.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// A place in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Thing {
    Account(u32),
    Unit(u32),
}

/// How a name is the thing's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// By its own name.
    Name,
    /// By another name: the place of it in the thing's list.
    Other(u32),
}

impl Called {
    pub(super) fn is_name(self) -> bool {
        self == Self::Name
    }
}

/// Places by a text each that stands elsewhere: of each the hash is kept, and who looks for one compares.
#[derive(Clone, Debug, Default)]
pub(super) struct ByText {
    /// (hash, place)
    table: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl ByText {
    fn hash(&self, text: &str) -> u32 {
        // The table spreads what it is given; half of the hash tells texts apart well enough.
        (self.hasher.hash_one(text) >> 32) as u32
    }

    pub(super) fn add(&mut self, text: &str, at: u32) {
        let hash = self.hash(text);
        let spread = |(hash, _): &(u32, u32)| spread(*hash);
        self.table
            .insert_unique(spread(&(hash, at)), (hash, at), spread);
    }

    /// The places whose text is this one, which `same` confirms of each that may be.
    pub(super) fn get(&self, text: &str, same: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
        let hash = self.hash(text);
        let found = self.table.iter_hash(spread(hash));
        let found = found.filter(move |(other, at)| *other == hash && same(*at));
        found.map(|(_, at)| *at)
    }
}

/// A hash of 32 bits as the table wants it: it looks at the highest seven and at the lowest ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Folded names in one text, each found by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    text: String,
    /// Where each ends in the text; it begins where the one before it ends.
    ends: Vec<u32>,
    whose: Vec<(Thing, Called)>,
    by_text: ByText,
}

impl Named {
    /// Adds a name; its number. None: four gigabytes of names are too many.
    pub(super) fn add(&mut self, thing: Thing, called: Called, folded: &str) -> Option<u32> {
        let at = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len() + folded.len()).ok()?;
        self.text.push_str(folded);
        self.ends.push(end);
        self.whose.push((thing, called));
        self.by_text.add(folded, at);
        Some(at)
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whose name it is.
    pub(super) fn whose(&self, at: u32) -> Option<(Thing, Called)> {
        self.whose.get(at as usize).copied()
    }

    /// A name by its number; what is none is empty.
    pub(super) fn text(&self, at: u32) -> &str {
        let at = at as usize;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let from = from.copied().unwrap_or_default() as usize;
        let to = self.ends.get(at).copied().unwrap_or_default() as usize;
        self.text.get(from..to).unwrap_or_default()
    }

    /// All names in the order in which they were added.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Thing, Called, &str)> {
        let numbered = (0u32..).zip(&self.whose);
        numbered.map(|(at, (thing, called))| (*thing, *called, self.text(at)))
    }

    /// Who goes by this name.
    pub(super) fn of_text(&self, folded: &str) -> impl Iterator<Item = (Thing, Called)> {
        let found = self.by_text.get(folded, move |at| self.text(at) == folded);
        found.filter_map(|at| self.whose(at))
    }

    /// Whose own name holds these letters.
    pub(super) fn holding(&self, part: &str) -> impl Iterator<Item = Thing> {
        let own = self.iter().filter(|(_, called, _)| called.is_name());
        let holds = own.filter(move |(_, _, name)| name.contains(part));
        holds.map(|(thing, _, _)| thing)
    }

    /// Names as long as this, give or take a letter, that share at least half of its letters: a letter written
    /// wrong in the middle of a short name leaves too few pairs.
    pub(super) fn sharing(&self, folded: &str, wanted: impl Fn(Thing) -> bool) -> Vec<Thing> {
        let length = folded.chars().count();
        let mut found: Vec<(usize, Thing)> = Vec::new();
        for (thing, _, name) in self.iter().filter(|(_, called, _)| called.is_name()) {
            let shared = folded.chars().filter(|c| name.contains(*c)).count();
            let alike =
                name.chars().count().abs_diff(length) < 2 && shared > 1 && shared * 2 >= length;
            if alike && wanted(thing) {
                found.push((shared, thing));
            }
        }
        found.sort_by_key(|(shared, thing)| (std::cmp::Reverse(*shared), *thing));
        found.truncate(5);
        found.into_iter().map(|(_, thing)| thing).collect()
    }

    /// Gives back what was only room to grow.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.whose.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found_with_all_who_go_by_it() {
        let mut named = Named::default();
        let all = [
            (Thing::Unit(0), Called::Name, "台江区"),
            (Thing::Account(0), Called::Name, "台江发布"),
            (Thing::Account(1), Called::Name, ""),
            (Thing::Account(2), Called::Name, "台江发布"),
            (Thing::Account(2), Called::Other(1), "台江区"),
        ];
        for (thing, called, name) in all {
            named.add(thing, called, name);
        }
        let found = |name: &str| {
            let mut found: Vec<_> = named.of_text(name).map(|(thing, _)| thing).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(found("台江发布"), [Thing::Account(0), Thing::Account(2)]);
        assert_eq!(found("台江区"), [Thing::Account(2), Thing::Unit(0)]);
        assert_eq!(found(""), [Thing::Account(1)]);
        assert_eq!(found("台江"), []);
        assert!(named.iter().eq(all));
        let mut holding: Vec<_> = named.holding("台江").collect();
        holding.sort_unstable();
        assert_eq!(
            holding,
            [Thing::Account(0), Thing::Account(2), Thing::Unit(0)]
        );
    }

    #[test]
    fn thousands_of_one_name_and_of_others_are_told_apart() {
        let mut named = Named::default();
        for n in 0..20_000u32 {
            let name = match n % 4 {
                0 => "教育局".to_owned(),
                _ => format!("第{n}局"),
            };
            named.add(Thing::Account(n), Called::Name, &name);
        }
        named.shrink();
        assert_eq!(named.of_text("教育局").count(), 5_000);
        for n in 0..20_000u32 {
            let found: Vec<_> = named.of_text(&format!("第{n}局")).collect();
            let want = [(Thing::Account(n), Called::Name)];
            assert_eq!(found, if n % 4 == 0 { &[][..] } else { &want[..] });
        }
    }
}
