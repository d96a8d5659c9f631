//! Likeness of names, for candidates that a person chooses from: found by shared sounds and pairs of sounds, the
//! rare ones first; scored letter by letter. Never a match.

use std::collections::HashMap;

use super::alike::{Letters, alike};
use super::named::{Named, Thing};
use super::sound::sound;

/// A name that is like what was looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Like {
    pub(super) thing: Thing,
    /// 0 to 99.
    pub(super) score: u8,
    /// In what way: a word of the catalogue.
    pub(super) why: &'static str,
    /// It is another name that is like it.
    pub(super) other: bool,
}

/// Names, by their numbers, under their sounds and pairs of sounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Likeness {
    sounds: HashMap<(char, char), Vec<u32>>,
}

/// Below this a likeness is chance.
const LEAST: f64 = 0.34;
/// So many places of sounds are looked at; the rarest sounds come first.
const BUDGET: usize = 60_000;
/// So many names that share the most are compared letter by letter.
const COMPARED: usize = 96;
/// So many are asked whether they stand near.
const CONSIDERED: usize = 600;
/// What no sound is: a single one is a pair with it.
const ALONE: char = '\0';

/// The sounds of a name, each alone and each with the next.
fn sounds_of(name: &str) -> Vec<(char, char)> {
    let sounds: Vec<char> = name.chars().map(sound).collect();
    let pairs = sounds.iter().copied().zip(sounds.iter().copied().skip(1));
    let alone = sounds.iter().map(|sound| (ALONE, *sound));
    let mut all: Vec<(char, char)> = pairs.chain(alone).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Likeness {
    /// Adds a name by its number.
    pub(super) fn add(&mut self, at: u32, folded: &str) {
        for sounds in sounds_of(folded) {
            self.sounds.entry(sounds).or_default().push(at);
        }
    }

    /// Gives back what was only room to grow.
    pub(super) fn shrink(&mut self) {
        self.sounds.values_mut().for_each(Vec::shrink_to_fit);
    }

    /// The names that share the most of what is rare, the best first.
    fn sharing_rare(&self, named: &Named, folded: &str) -> Vec<(f32, u32)> {
        let mut lists: Vec<&Vec<u32>> = sounds_of(folded)
            .iter()
            .filter_map(|sounds| self.sounds.get(sounds))
            .collect();
        lists.sort_by_key(|list| list.len());
        let mut shared: HashMap<u32, f32> = HashMap::new();
        let (all, mut spent) = (named.len() as f32 + 1.0, 0);
        for list in lists {
            spent += list.len();
            if spent > BUDGET && !shared.is_empty() {
                break;
            }
            let weight = (all / list.len() as f32).ln().max(0.1);
            for at in list {
                *shared.entry(*at).or_default() += weight;
            }
        }
        // A long name holds more by chance.
        let length = |at: u32| named.text(at).len().max(1);
        let asked = folded.len();
        let mut found: Vec<(f32, u32)> = shared
            .into_iter()
            .map(|(at, weight)| (weight / (12 + asked.max(length(at))) as f32, at))
            .collect();
        let best = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > CONSIDERED {
            found.select_nth_unstable_by(CONSIDERED, best);
            found.truncate(CONSIDERED);
        }
        found.sort_by(best);
        found
    }

    /// The five nearest names that `wanted` admits, best first; what stands `near` is nearer.
    pub(super) fn nearest(
        &self,
        named: &Named,
        folded: &str,
        wanted: impl Fn(Thing) -> bool,
        near: impl Fn(Thing) -> bool,
    ) -> Vec<Like> {
        let mut considered: Vec<(f32, u32, Thing, bool)> = Vec::new();
        for (weight, at) in self.sharing_rare(named, folded) {
            let Some((thing, _)) = named.whose(at) else {
                continue;
            };
            if wanted(thing) {
                let near = near(thing);
                considered.push((weight * if near { 1.6 } else { 1.0 }, at, thing, near));
            }
        }
        considered.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        considered.truncate(COMPARED);
        let asked = Letters::of(folded);
        let mut found: Vec<(f64, Like)> = considered
            .into_iter()
            .filter_map(|(_, at, thing, near)| {
                let (_, called) = named.whose(at)?;
                let (score, why) = alike(&asked, &Letters::of(named.text(at)));
                // What is near needs less to be likely, and more than what is like it elsewhere counts.
                let score = score + if near { 0.15 } else { 0.0 };
                let like = Like {
                    thing,
                    score: (score * 100.0).clamp(0.0, 99.0) as u8,
                    why,
                    other: !called.is_name(),
                };
                (score >= LEAST).then_some((score, like))
            })
            .collect();
        found.sort_by(|(a, one), (b, two)| {
            b.total_cmp(a)
                .then_with(|| (one.other, one.thing).cmp(&(two.other, two.thing)))
        });
        let mut best: Vec<Like> = Vec::new();
        for (_, like) in found {
            if best.len() < 5 && best.iter().all(|known| known.thing != like.thing) {
                best.push(like);
            }
        }
        best
    }
}
