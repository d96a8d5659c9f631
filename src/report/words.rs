//! What words mean that stand in a column again and again: each is looked up once and counted.

use std::collections::HashMap;

/// The words of a column, what each means, and in how many rows it stood.
#[derive(Debug)]
pub(super) struct Words<T> {
    /// The first few, which are looked through in order.
    first: Vec<(String, T, u64)>,
    /// The others.
    more: HashMap<String, (T, u64)>,
}

/// So many words are looked through; more would be slower than the table.
const FEW: usize = 12;

/// So many words are remembered: a column of free text would fill the memory.
const MOST: usize = 10_000;

impl<T: Copy> Words<T> {
    pub(super) fn new() -> Self {
        Self {
            first: Vec::new(),
            more: HashMap::new(),
        }
    }

    /// What a word means, by `look` where it is new. It counts as read in one more row.
    pub(super) fn of(&mut self, word: &str, look: impl FnOnce(&str) -> T) -> T {
        if let Some((_, meaning, rows)) = self.first.iter_mut().find(|(known, _, _)| known == word)
        {
            *rows += 1;
            return *meaning;
        }
        if let Some((meaning, rows)) = self.more.get_mut(word) {
            *rows += 1;
            return *meaning;
        }
        let meaning = look(word);
        if self.first.len() < FEW {
            self.first.push((word.to_owned(), meaning, 1));
        } else if self.more.len() < MOST {
            self.more.insert(word.to_owned(), (meaning, 1));
        }
        meaning
    }

    /// The words whose meaning is such, sorted, with how many rows each stood in.
    pub(super) fn with(&self, such: impl Fn(&T) -> bool) -> Vec<(&str, u64)> {
        let first = self
            .first
            .iter()
            .map(|(word, meaning, rows)| (word, meaning, *rows));
        let more = self
            .more
            .iter()
            .map(|(word, (meaning, rows))| (word, meaning, *rows));
        let all = first.chain(more).filter(|(_, meaning, _)| such(meaning));
        let mut all: Vec<(&str, u64)> = all.map(|(word, _, rows)| (word.as_str(), rows)).collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_looked_up_once_and_counted() {
        let mut words = Words::new();
        let mut looked = 0;
        for n in 0..100 {
            let word = format!("w{:02}", n % 20);
            words.of(&word, |_| {
                looked += 1;
                n % 2 == 0
            });
        }
        assert_eq!(looked, 20);
        let even = words.with(|even| *even);
        assert_eq!(even.len(), 10);
        assert_eq!(even.first(), Some(&("w00", 5)));
    }
}
