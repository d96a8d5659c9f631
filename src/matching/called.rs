//! Units and accounts as people call them: by a part of the name, an abbreviation or another name; and those
//! of which a sentence speaks. Nothing is decided by it but what is shown to the one who asks.

use chrono::NaiveDate;

use super::index::Index;
use super::lookup::key;
use super::named::Thing;
use crate::finding::text::fold;
use crate::roster::Target;

/// What a name brought up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// Who is so called, else whose name holds it; the shortest names first.
    pub hits: Vec<Target>,
    /// Where there is none, whose names look alike.
    pub near: Vec<Target>,
}

/// A name in a sentence, and whom it may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where it begins in the folded sentence, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Who is so called.
    pub targets: Vec<Target>,
}

impl Index {
    fn target(&self, thing: Thing) -> Option<Target> {
        Some(match thing {
            Thing::Account(n) => Target::Account(self.roster.accounts.get(n as usize)?.id),
            Thing::Unit(n) => Target::Unit(self.roster.units.get(n as usize)?.id),
        })
    }

    /// The letters of a target's name, for the order of hits.
    fn length(&self, target: Target) -> usize {
        let name = match target {
            Target::Account(id) => self.roster.account(id).map(|account| &account.name),
            Target::Unit(id) => self.roster.unit_by_id(id).map(|unit| &unit.name),
        };
        name.map_or(usize::MAX, |name| name.chars().count())
    }

    /// The names by which things are known, beside the likeness of full names.
    fn other_names(&self, on: NaiveDate) -> impl Iterator<Item = (&str, Thing)> {
        let units = |n: &u32| Thing::Unit(*n);
        let short = self
            .unit_short
            .iter()
            .flat_map(move |(name, places)| places.iter().map(move |n| (name.as_str(), units(n))));
        let aliases = self.all_aliases().filter(move |(_, _, alias)| alias.on(on));
        short.chain(aliases.map(|(name, thing, _)| (name, thing)))
    }

    /// The things of exactly this name, code or platform's id.
    fn exactly(&self, name: &str, folded: &str, on: NaiveDate) -> Vec<Thing> {
        let mut found = Vec::new();
        found.extend(self.unit_code.get(name.trim()).map(|n| Thing::Unit(*n)));
        let short = self.unit_short.get(folded).into_iter().flatten();
        found.extend(self.units_named(folded).into_iter().map(Thing::Unit));
        found.extend(short.map(|n| Thing::Unit(*n)));
        let units = self.unit_aliases(folded).filter(|alias| alias.on(on));
        found.extend(units.map(|alias| Thing::Unit(alias.at)));
        let accounts = self.account_aliases(folded).filter(|alias| alias.on(on));
        found.extend(accounts.map(|alias| Thing::Account(alias.at)));
        let accounts = self.accounts_of(&key(name)).into_iter();
        let accounts = accounts.chain(self.accounts_named(folded));
        found.extend(accounts.map(Thing::Account));
        found
    }

    /// The things that bore exactly this name before.
    fn once(&self, folded: &str, on: NaiveDate) -> Vec<Thing> {
        let units = self.unit_aliases(folded).filter(|alias| alias.over(on));
        let units = units.map(|alias| Thing::Unit(alias.at));
        let accounts = self.account_aliases(folded).filter(|alias| alias.over(on));
        let accounts = accounts.map(|alias| Thing::Account(alias.at));
        units.chain(accounts).collect()
    }

    /// Those of whom a name speaks, as far as `admits` lets them be seen.
    pub fn called(&self, name: &str, on: NaiveDate, admits: impl Fn(Target) -> bool) -> Called {
        let folded = fold(name);
        if folded.is_empty() {
            return Called::default();
        }
        let admitted = |things: Vec<Thing>| {
            let targets = things.into_iter().filter_map(|thing| self.target(thing));
            let mut targets: Vec<Target> = targets.filter(|target| admits(*target)).collect();
            targets.sort_by_key(|target| (self.length(*target), order(*target)));
            targets.dedup();
            targets
        };
        let mut hits = admitted(self.exactly(name, &folded, on));
        if hits.is_empty() {
            hits = admitted(self.once(&folded, on));
        }
        if hits.is_empty() {
            let mut holding: Vec<Thing> = self.named.holding(&folded).collect();
            let others = self
                .other_names(on)
                .filter(|(name, _)| name.contains(&folded));
            holding.extend(others.map(|(_, thing)| thing));
            hits = admitted(holding);
        }
        let near = match hits.is_empty() {
            false => vec![],
            true => {
                let wanted = |thing| self.target(thing).is_some_and(&admits);
                let near = self
                    .likeness
                    .nearest(&self.named, &folded, wanted, |_| false);
                let mut near: Vec<Thing> = near.into_iter().map(|like| like.thing).collect();
                if near.is_empty() {
                    near = self.named.sharing(&folded, wanted);
                }
                near.into_iter()
                    .filter_map(|thing| self.target(thing))
                    .collect()
            }
        };
        Called { hits, near }
    }

    /// The names in a folded sentence, the longest first where they overlap; each with those that `admits`
    /// lets be seen.
    pub fn mentioned(
        &self,
        sentence: &str,
        on: NaiveDate,
        admits: impl Fn(Target) -> bool,
    ) -> Vec<Mention> {
        let full = self.named.iter().filter(|(_, called, _)| called.is_name());
        let full = full.map(|(thing, _, name)| (name, thing));
        let mut found: Vec<Mention> = Vec::new();
        for (name, thing) in full.chain(self.other_names(on)) {
            if name.chars().count() < 2 {
                continue;
            }
            let Some(from) = sentence.find(name) else {
                continue;
            };
            let Some(target) = self.target(thing).filter(|target| admits(*target)) else {
                continue;
            };
            let to = from + name.len();
            match found
                .iter_mut()
                .find(|one| (one.from, one.to) == (from, to))
            {
                Some(one) if one.targets.contains(&target) => {}
                Some(one) => one.targets.push(target),
                None => found.push(Mention {
                    from,
                    to,
                    targets: vec![target],
                }),
            }
        }
        found.sort_by_key(|one| (std::cmp::Reverse(one.to - one.from), one.from));
        let mut kept: Vec<Mention> = Vec::new();
        for mut one in found {
            let apart = |other: &Mention| one.to <= other.from || other.to <= one.from;
            if kept.iter().all(apart) {
                one.targets.sort_by_key(|target| order(*target));
                kept.push(one);
            }
        }
        kept.sort_by_key(|one| one.from);
        kept
    }
}

/// Units before accounts, each by id.
fn order(target: Target) -> (bool, i64) {
    match target {
        Target::Unit(id) => (false, id),
        Target::Account(id) => (true, id),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::matching::ShortForms;
    use crate::roster::{Account, AccountState, Roster, Unit};

    fn unit(id: i64, name: &str) -> Unit {
        Unit {
            id,
            code: format!("U{id}"),
            name: name.into(),
            aliases: vec![],
            parent: None,
            area: None,
            kind: String::new(),
        }
    }

    fn account(id: i64, platform: &str, name: &str) -> Account {
        Account {
            id,
            platform: platform.into(),
            name: name.into(),
            uid: Some(format!("gh_{id}")),
            unit: "U1".into(),
            aliases: vec![],
            homepage: None,
            state: AccountState::Active,
            valid_from: None,
            valid_to: None,
        }
    }

    fn index() -> Index {
        let units = vec![
            unit(1, "福州市台江区人民政府"),
            unit(2, "福州市人力资源和社会保障局"),
            unit(3, "台江区教育局"),
        ];
        let accounts = vec![
            account(10, "wechat", "台江发布"),
            account(11, "weibo", "台江发布"),
            account(12, "wechat", "高新福州"),
        ];
        let roster = Arc::new(Roster::new(1, units, accounts, vec![], vec![]));
        Index::build(&roster, &ShortForms::load(None).unwrap())
    }

    #[test]
    fn names_are_looked_up_generously() {
        use Target::{Account as A, Unit as U};
        let index = index();
        let on = "2021-06-28".parse().unwrap();
        for (name, hits, near) in [
            ("台江区", vec![U(1)], vec![]),
            ("臺江區", vec![U(1)], vec![]),
            ("人社局", vec![U(2)], vec![]),
            ("台江", vec![A(10), A(11), U(3), U(1)], vec![]),
            ("台江发布", vec![A(10), A(11)], vec![]),
            ("gh_12", vec![A(12)], vec![]),
            ("U3", vec![U(3)], vec![]),
            ("高新服州", vec![], vec![A(12)]),
            ("鼓楼区", vec![], vec![]),
            ("  ", vec![], vec![]),
        ] {
            let called = index.called(name, on, |_| true);
            assert_eq!((called.hits, called.near), (hits, near), "{name}");
        }
        // What may not be seen is as if it were not there.
        let called = index.called("台江发布", on, |target| target != A(10));
        assert_eq!(called.hits, [A(11)]);
    }

    #[test]
    fn sentences_speak_of_the_longest_names() {
        use Target::{Account as A, Unit as U};
        let index = index();
        let on = "2021-06-28".parse().unwrap();
        let said = |text: &str| -> Vec<Vec<Target>> {
            let found = index.mentioned(&fold(text), on, |_| true);
            found.into_iter().map(|one| one.targets).collect()
        };
        assert_eq!(said("台江区还有几个没改？"), [vec![U(1)]]);
        assert_eq!(said("台江区教育局和人社局"), [vec![U(3)], vec![U(2)]]);
        assert_eq!(said("台江发布最近怎么样"), [vec![A(10), A(11)]]);
        assert_eq!(said("还有几个没改"), Vec::<Vec<Target>>::new());
    }
}
