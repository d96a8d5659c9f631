//! How letters sound: Han characters by their pinyin without tone, so that 示范 and 师范 are one. Never a match;
//! it only finds candidates.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin as _;

/// Sounds are letters of the area that Unicode leaves to private use, so that what measures letters measures
/// sounds.
const FIRST: u32 = 0xe000;

/// The sounds of the common blocks; the letter itself where none is known.
static SOUNDS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut ids: HashMap<String, u32> = HashMap::new();
    ('\u{3400}'..='\u{9fff}')
        .map(|c| {
            let Some(said) = c.to_pinyin() else { return c };
            // As they are confused in the south, and on a keyboard: zhi and zi, jing and jin.
            let said = said.plain().replace("ng", "n");
            let said = ["zh", "ch", "sh"]
                .into_iter()
                .zip(["z", "c", "s"])
                .fold(said, |said, (long, short)| said.replace(long, short));
            let next = FIRST + u32::try_from(ids.len()).unwrap_or_default();
            char::from_u32(*ids.entry(said).or_insert(next)).unwrap_or(c)
        })
        .collect()
});

/// How a letter sounds: one of [`SOUNDS`] for a Han character, else the letter itself.
pub(super) fn sound(c: char) -> char {
    let at = (c as usize).wrapping_sub(0x3400);
    SOUNDS.get(at).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homophones_sound_alike() {
        let said = |text: &str| text.chars().map(sound).collect::<Vec<_>>();
        assert_eq!(said("示范"), said("师范"));
        assert_eq!(said("场亭"), said("常停"));
        assert_eq!(said("京津"), said("金京"));
        assert_ne!(said("园林"), said("公园"));
        assert_eq!(said("app"), ['a', 'p', 'p']);
    }
}
