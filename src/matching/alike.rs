//! How much two names are alike, and in what way: by letters, by sound, as a part, as an abbreviation. Pure; never
//! a match.

use super::sound::sound;

/// A name taken apart.
#[derive(Clone, Debug)]
pub(super) struct Letters {
    written: String,
    said: String,
    letters: Vec<char>,
}

impl Letters {
    pub(super) fn of(folded: &str) -> Self {
        Self {
            written: folded.to_owned(),
            said: folded.chars().map(sound).collect(),
            letters: folded.chars().collect(),
        }
    }
}

/// What one has to write anew to make one of the other: 1 where nothing, 0 where everything.
fn edits(a: &str, b: &str, longest: usize) -> f64 {
    // Letters that changed places are one mistake.
    1.0 - strsim::osa_distance(a, b) as f64 / longest.max(1) as f64
}

/// The Sørensen–Dice coefficient of pairs. Letters are counted: `strsim::sorensen_dice` divides by bytes, which
/// makes every Chinese name look a third as near as it is.
fn pairs(a: &[char], b: &[char]) -> f64 {
    let mut left: Vec<&[char]> = b.windows(2).collect();
    let all = left.len() + a.len().saturating_sub(1);
    let shared = a.windows(2).filter(|pair| {
        let at = left.iter().position(|other| other == pair);
        at.map(|at| left.swap_remove(at)).is_some()
    });
    (shared.count() * 2) as f64 / all.max(1) as f64
}

fn holds(whole: &[char], part: &[char]) -> bool {
    part.len() > 1 && whole.windows(part.len()).any(|window| window == part)
}

/// Whether these letters stand in a name in this order.
fn in_order(whole: &[char], part: &[char]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|c| rest.any(|other| other == c))
}

/// How likely one of two names is an abbreviation of the other: its letters stand in it in order, 人社局 in
/// 人力资源和社会保障局.
fn abbreviation(a: &[char], b: &[char]) -> f64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 2 || short.len() == long.len() || !in_order(long, short) {
        return 0.0;
    }
    let share = short.len() as f64 / long.len() as f64;
    let same = |end: bool| f64::from(u8::from(end));
    0.55 + 0.25 * share
        + 0.1 * same(short.first() == long.first())
        + 0.07 * same(short.last() == long.last())
}

/// How much two names are alike, from 0 to 1, and in what way: a word of the catalogue.
pub(super) fn alike(a: &Letters, b: &Letters) -> (f64, &'static str) {
    let (least, most) = match (a.letters.len(), b.letters.len()) {
        (a, b) if a < b => (a, b),
        (a, b) => (b, a),
    };
    let share = least as f64 / most.max(1) as f64;
    let written = edits(&a.written, &b.written, most).max(pairs(&a.letters, &b.letters));
    let said = edits(&a.said, &b.said, most) * 0.98;
    let part = |whole, part| {
        if holds(whole, part) {
            0.6 + 0.39 * share
        } else {
            0.0
        }
    };
    let ways = [
        (written, "looks_alike"),
        (said, "sounds_alike"),
        (part(&b.letters, &a.letters), "is_part"),
        (part(&a.letters, &b.letters), "holds_it"),
        (abbreviation(&a.letters, &b.letters), "abbreviation"),
    ];
    let best = ways
        .into_iter()
        .reduce(|best, way| if way.0 > best.0 { way } else { best });
    best.unwrap_or((0.0, "looks_alike"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_in_several_ways() {
        for (a, b, way, least) in [
            ("台江发部", "台江发布", "sounds_alike", 0.9),
            ("台江发市", "台江发布", "looks_alike", 0.6),
            ("师范一区教育", "示范一区教育", "sounds_alike", 0.9),
            ("人社局", "人力资源和社会保障局", "abbreviation", 0.7),
            ("台江发", "台江发布", "is_part", 0.8),
            ("台江发布官方微信", "台江发布", "holds_it", 0.7),
            ("江台发布", "台江发布", "looks_alike", 0.7),
        ] {
            let (score, why) = alike(&Letters::of(a), &Letters::of(b));
            assert!(why == way && score >= least, "{a} {b}: {score} {why}");
        }
        let (score, _) = alike(&Letters::of("完全无关的名称"), &Letters::of("台江发布"));
        assert!(score < 0.34, "{score}");
    }
}
