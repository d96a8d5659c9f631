//! Look-ups by exact name, normalised name and alias on two sizes of roster, beside a bare hash
//! look-up of the NFKC-folded name.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use duban::finding::Finding;
use duban::matching::{Decision, Index, ShortForms};
use duban::report::decode;
use duban::report::source::SourceSettings;
use duban::roster::{LearnedAlias, Roster, Target, import};
use duban::vocabulary::Vocabulary;
use unicode_normalization::UnicodeNormalization as _;

use crate::{city, names, verdict};

const LOOKUPS: usize = 200_000;

/// Makes the printed name of an account's name.
type Form = fn(&str) -> String;

/// How names are printed: (rule, from the account's name).
const FORMS: &[(&str, Form)] = &[
    ("exact", |name| name.to_owned()),
    ("normalised", |name| {
        name.replace('第', "（第").replace("发布", "）发布")
    }),
    ("alias", |name| format!("旧称{name}")),
];

fn roster(folder: &Path, accounts: usize) -> Arc<Roster> {
    let size = city::Size {
        units: 108,
        accounts,
        people: 1,
    };
    city::write_roster(folder, size);
    let words = Vocabulary::load(None).unwrap();
    let platform_of = |name: &str| words.platform(name).map(|p| p.id.clone());
    let read = import::read_path(folder, &platform_of, &Roster::default());
    let read = read.map_err(|faults| format!("{faults:?}")).unwrap();
    let mut units = read.units.unwrap_or_default();
    let mut accounts = read.accounts.unwrap_or_default();
    (1..).zip(&mut units).for_each(|(id, unit)| unit.id = id);
    (1..)
        .zip(&mut accounts)
        .for_each(|(id, account)| account.id = id);
    Arc::new(Roster::new(1, units, accounts, vec![], vec![]))
}

/// Rows of a report that print these names.
fn findings(printed: &[String], date: NaiveDate) -> Vec<Finding> {
    let text: String = printed
        .iter()
        .map(|name| format!("{name},错别字,错\n"))
        .collect();
    let options =
        SourceSettings::named("names").decoding("names.csv", date, chrono_tz::Asia::Shanghai);
    let text = format!("账号名称,问题类型,错敏词\n{text}");
    let vocabulary = Vocabulary::load(None).unwrap();
    let decoded = decode::decode(text.as_bytes(), &options, &vocabulary).unwrap();
    decoded.findings
}

fn fold(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// The labelled set: how many of each class go right, how many to a person, and none to a wrong unit.
fn precision() {
    let folder = tempfile::tempdir().unwrap();
    let forms = names::forms(folder.path());
    let province = names::Province::new(20_210_630, 10_000);
    let printed = province.print(7, 100_000);
    let begun = Instant::now();
    let index = Index::build(&province.roster, &forms);
    println!(
        "matching: a labelled set of 100,000 names, 10,000 accounts; index built in {:.0} ms",
        crate::ms(begun.elapsed())
    );
    let begun = Instant::now();
    let (tallies, wrong, _) = names::judge(&index, &printed);
    let took = begun.elapsed();
    print!("{}", names::shown(&tallies));
    wrong.iter().take(5).for_each(|row| println!("  {row}"));
    let (plain, offered, wrong) = names::figures(&tallies);
    verdict("given to a wrong unit", wrong as f64, 0.0, "");
    verdict(
        "unambiguous names that a person had to look at",
        100.0 - plain,
        3.0,
        " %",
    );
    verdict(
        "names without the right one in the first five",
        100.0 - offered,
        5.0,
        " %",
    );
    println!(
        "  {:.1} µs a name, candidates of those asked about included",
        took.as_secs_f64() * 1e6 / printed.len() as f64
    );
}

/// What candidates cost beside a bare look-up, and what one learned name more does.
fn candidates(index: &Index, accounts: usize, bare_ns: f64) {
    let day = names::day();
    let typos: Vec<Finding> = (0..1_000)
        .map(|n| Finding {
            account_name: Some(city::account_name((n * 7_919) % accounts).replace("发布", "发部")),
            ..Finding::blank()
        })
        .collect();
    let begun = Instant::now();
    let found = typos
        .iter()
        .filter(|f| !index.candidates(f, day).is_empty())
        .count();
    let each = begun.elapsed().as_secs_f64() / typos.len() as f64;
    println!(
        "  candidates of {accounts} names: {:.0} µs ({:.0}× a bare hash look-up), found for {found} of {}",
        each * 1e6,
        each * 1e9 / bare_ns,
        typos.len()
    );
    let begun = Instant::now();
    let learned = LearnedAlias {
        id: 1,
        target: Target::Account(1),
        name: "示范旧称".to_owned(),
        platform: None,
        area: None,
        valid_from: None,
        valid_to: None,
    };
    black_box(index.with_learned(&[learned]));
    println!(
        "  one learned name more: {:.1} ms",
        crate::ms(begun.elapsed())
    );
}

pub fn run() {
    precision();
    let day = NaiveDate::from_ymd_opt(2021, 6, 29).unwrap_or_default();
    let mut rates: Vec<Vec<f64>> = Vec::new();
    for accounts in [1_000, 100_000] {
        let folder = tempfile::tempdir().unwrap();
        let roster = roster(folder.path(), accounts);
        let begun = Instant::now();
        let index = Index::build(&roster, &ShortForms::load(None).unwrap());
        println!(
            "matching: {accounts} accounts, index built in {:.0} ms",
            crate::ms(begun.elapsed())
        );
        let (mut rate_of, mut bare_ns) = (Vec::new(), 1.0);
        for (rule, form) in FORMS {
            let printed: Vec<String> = (0..LOOKUPS)
                .map(|n| form(&city::account_name((n * 7_919) % accounts)))
                .collect();
            let findings = findings(&printed, day);
            let bare: HashMap<String, usize> = (0..accounts)
                .map(|n| (fold(&form(&city::account_name(n))), n))
                .collect();
            let begun = Instant::now();
            for name in &printed {
                assert!(black_box(bare.get(&fold(name))).is_some());
            }
            let limit = begun.elapsed();
            let begun = Instant::now();
            for finding in &findings {
                let decision = black_box(index.decide(finding, day));
                assert!(
                    matches!(decision, Decision::Matched { .. }),
                    "{rule} {finding:?} {decision:?}"
                );
            }
            let took = begun.elapsed();
            bare_ns = limit.as_secs_f64() / LOOKUPS as f64 * 1e9;
            rate_of.push(took.as_secs_f64() / LOOKUPS as f64 * 1e9);
            verdict(
                &format!(
                    "{rule} / bare hash look-up ({:.0} ns)",
                    took.as_secs_f64() / LOOKUPS as f64 * 1e9
                ),
                took.as_secs_f64() / limit.as_secs_f64(),
                5.0,
                "×",
            );
        }
        candidates(&index, accounts, bare_ns);
        rates.push(rate_of);
    }
    if let [small, large] = rates.as_slice() {
        for ((rule, _), (small, large)) in FORMS.iter().zip(small.iter().zip(large)) {
            println!(
                "  {rule}: 100,000 accounts cost {:.2}× of 1,000 (caches included)",
                large / small
            );
        }
    }
}
