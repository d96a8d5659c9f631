//! Names as reports print them: a labelled set of all the ways in which they differ from the roster's, and the
//! traps that are known.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the labelled set is the tests' own"
)]

#[path = "../benches/limits/names.rs"]
mod names;

use duban::matching::Index;

#[test]
fn nothing_of_the_labelled_set_goes_to_a_wrong_unit() {
    let folder = tempfile::tempdir().unwrap();
    let province = names::Province::new(20_210_630, 1_000);
    let index = Index::build(&province.roster, &names::forms(folder.path()));
    let printed = province.print(7, 10_000);
    let (tallies, wrong, missed) = names::judge(&index, &printed);
    println!("{}", names::shown(&tallies));
    let few = |all: &[String]| {
        all.iter()
            .step_by((all.len() / 12).max(1))
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    println!("missed:\n{}", few(&missed));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), few(&wrong));
    let (plain, offered, _) = names::figures(&tallies);
    assert!(plain >= 97.0, "{plain:.2} % of the plain ones matched");
    assert!(
        offered >= 95.0,
        "{offered:.2} % of the others offered\n{}",
        few(&missed)
    );
}
