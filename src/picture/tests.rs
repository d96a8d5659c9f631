//! the tests of the pictures

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use proptest::prelude::*;
use tiny_skia::Pixmap;

use super::face::Face;
use super::heat::{ink, ranges};
use super::*;
use crate::summary::trend::Day;

fn day(n: i64) -> Day {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default();
    let date = first + TimeDelta::days(n);
    Day {
        date,
        off: date.weekday().num_days_from_monday() > 4,
        ..Day::default()
    }
}

fn sheet(panels: Vec<Panel>) -> Sheet {
    Sheet {
        title: "福州市示范一区人民政府".to_owned(),
        note: "近 14 天".to_owned(),
        panels,
    }
}

fn days(days: Vec<Day>, flat: bool) -> Panel {
    let words = DaysWords {
        opened: "新增".to_owned(),
        in_time: "按期整改".to_owned(),
        late: "超期整改".to_owned(),
        other: "其他办结".to_owned(),
        open: "未办结".to_owned(),
        off: "休息日".to_owned(),
    };
    Panel::Days(Days { words, days, flat })
}

fn units(rows: &[(&str, u32, u32)]) -> Panel {
    let row = |(name, live, overdue): &(&str, u32, u32)| Row {
        name: (*name).to_owned(),
        figures: format!("{live}，超期 {overdue}"),
        live: *live,
        overdue: *overdue,
        rest: name.starts_with("其余"),
    };
    Panel::Units(Units {
        heading: "未办结较多的单位".to_owned(),
        live: "未办结".to_owned(),
        overdue: "其中超期".to_owned(),
        rows: rows.iter().map(row).collect(),
    })
}

fn heat(counts: &[u32]) -> Panel {
    let square = |(n, count): (i64, &u32)| Square {
        date: day(n).date,
        off: day(n).off,
        count: *count,
    };
    let words = HeatWords {
        weekdays: ["一", "二", "三", "四", "五", "六", "日"]
            .map(|d| format!("周{d}"))
            .to_vec(),
        months: (1..=12).map(|month| format!("{month}月")).collect(),
        working: "工作日".to_owned(),
        off: "休息日".to_owned(),
        count: "新增".to_owned(),
    };
    let days = (0..).zip(counts).map(square).collect();
    Panel::Heat(Heat { words, days })
}

fn drawn(sheet: &Sheet) -> Pixmap {
    let png = sheet.draw().unwrap_or_default();
    Pixmap::decode_png(&png).unwrap_or_else(|error| panic!("no PNG: {error}"))
}

/// How many pixels have a colour.
fn inked(map: &Pixmap, Ink(red, green, blue): Ink) -> usize {
    let same = |pixel: &&tiny_skia::PremultipliedColorU8| {
        (pixel.red(), pixel.green(), pixel.blue()) == (red, green, blue)
    };
    map.pixels().iter().filter(same).count()
}

#[test]
fn the_same_figures_are_the_same_bytes() {
    let days = |opened| {
        let mut all: Vec<Day> = (0..30).map(day).collect();
        if let Some(day) = all.get_mut(3) {
            (day.opened, day.open) = (opened, opened);
        }
        sheet(vec![days(all, false), heat(&[0, opened, 2])])
    };
    let bytes = |sheet: Sheet| sheet.draw().unwrap_or_default();
    assert_eq!(bytes(days(4)), bytes(days(4)));
    assert_ne!(bytes(days(4)), bytes(days(5)));
}

#[test]
fn a_bar_is_as_long_as_its_figure() {
    let of = |opened, in_time, late| {
        let mut all: Vec<Day> = (0..14).map(day).collect();
        if let Some(day) = all.get_mut(1) {
            (day.opened, day.in_time, day.late) = (opened, in_time, late);
        }
        if let Some(day) = all.get_mut(2) {
            day.opened = 10;
        }
        drawn(&sheet(vec![days(all, false)]))
    };
    use super::canvas::{BLUE, GREEN, RED};
    let none = of(0, 0, 0);
    let five = of(5, 0, 0);
    assert_eq!((five.width(), five.height()), (none.width(), none.height()));
    let (half, whole) = (
        inked(&five, BLUE) - inked(&none, BLUE),
        inked(&of(10, 0, 0), BLUE),
    );
    let whole = whole - inked(&none, BLUE);
    assert!(half.abs_diff(whole / 2) < whole / 40, "{half} {whole}");
    // What is fixed hangs below, and what is late is hatched: of its surface only a part has its colour.
    let both = of(0, 5, 5);
    let (green, red) = (inked(&both, GREEN), inked(&both, RED));
    let (green, red) = (green - inked(&none, GREEN), red - inked(&none, RED));
    assert!(red * 5 > green * 2 && red * 5 < green * 4, "{red} {green}");
}

#[test]
fn a_letter_that_the_font_has_not_is_a_box() {
    let face = Face::open().unwrap_or_else(|error| panic!("{error}"));
    let outline = |text: &str| face.outline(text, 40.0, (0.0, 0.0));
    let unknown = outline("\u{10ffff}");
    assert!(unknown.is_some());
    assert_eq!(outline("龘"), unknown);
    for known in "福迳磻構丨朳逕〇㙍樓鼓閩·—“”（）①Ⅰ℃…ABCxyz0123456789%".chars()
    {
        assert_ne!(outline(&known.to_string()), unknown, "{known}");
    }
    // Marks that steer writing are not seen.
    let steered = face.width("\u{200f}\u{202e}台\u{200b}江\n", 40.0);
    assert_eq!(steered, face.width("台江", 40.0));
    assert_eq!(outline(" "), None);
}

#[test]
fn every_word_of_the_sample_city_and_of_the_catalogue_can_be_written() {
    let face = Face::open().unwrap_or_else(|error| panic!("{error}"));
    let unknown = face.outline("\u{10ffff}", 40.0, (0.0, 0.0));
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let text = read("messages/zh-CN/terms.toml") + &read("src/demo/city.rs");
    let letters: std::collections::BTreeSet<char> = text.chars().collect();
    let han = letters
        .into_iter()
        .filter(|c| ('\u{3400}'..='\u{9fff}').contains(c));
    let missing: String = han
        .filter(|letter| face.outline(&letter.to_string(), 40.0, (0.0, 0.0)) == unknown)
        .collect();
    assert_eq!(missing, "");
}

#[test]
fn a_text_is_cut_to_its_width() {
    let face = Face::open().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(face.fit("鼓楼区", 40.0, 120.0), "鼓楼区");
    assert_eq!(face.fit("福州市鼓楼区", 40.0, 130.0), "福州…");
    assert_eq!(face.fit("", 40.0, 0.0), "");
}

#[test]
fn many_days_are_drawn_as_weeks() {
    let all: Vec<Day> = (0..93).map(day).collect();
    assert_eq!(super::days::bars(&all).len(), 93);
    let mut all: Vec<Day> = (0..366).map(day).collect();
    for (n, day) in (1..).zip(&mut all) {
        (day.opened, day.open) = (1, n);
    }
    let weeks = super::days::bars(&all);
    // 2026-11-01 is a Sunday.
    let first: Vec<(u32, u32)> = weeks.iter().take(3).map(|w| (w.opened, w.open)).collect();
    assert_eq!((weeks.len(), first), (54, vec![(1, 1), (7, 8), (7, 15)]));
}

#[test]
fn a_scale_has_few_round_steps() {
    for (whole, parts, by) in [
        (0, 2, 1),
        (1, 2, 1),
        (3, 2, 2),
        (51, 2, 50),
        (899, 5, 200),
        (4_000_000_000, 2, 2_000_000_000),
    ] {
        assert_eq!(step(whole, parts), by, "{whole}/{parts}");
    }
}

#[test]
fn a_calendar_says_which_colour_is_how_many() {
    assert_eq!(ranges(0), [(0, 0)]);
    assert_eq!(ranges(2), [(0, 0), (1, 1), (2, 2)]);
    assert_eq!(ranges(14), [(0, 0), (1, 4), (5, 7), (8, 11), (12, 14)]);
    for most in 0..200 {
        let ranges = ranges(most);
        let mut shades: Vec<u32> = Vec::new();
        for (n, (from, to)) in ranges.iter().enumerate() {
            assert!(
                from <= to && (n == 0 || ranges[n - 1].1 + 1 == *from),
                "{ranges:?}"
            );
            let (Ink(red, green, blue), _) = ink(&ranges, *to);
            assert_eq!(ink(&ranges, *from), ink(&ranges, *to));
            shades.push(u32::from(red) + u32::from(green) + u32::from(blue));
        }
        assert!(
            shades.is_sorted_by(|a, b| a > b),
            "more is darker: {shades:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Whatever the figures and names, there is a picture that Telegram takes.
    #[test]
    fn any_figures_make_a_picture(
        length in 1_i64..366,
        figures in prop::collection::vec(0_u32..100_000, 5),
        names in prop::collection::vec("\\PC{0,60}", 0..6),
        flat: bool,
    ) {
        let all = (0..length).map(|n| {
            let figure = |at: i64| {
                let at = usize::try_from((n * 7 + at) % 5).unwrap_or_default();
                figures.get(at).copied().unwrap_or_default()
            };
            let (opened, in_time, late, other, open) =
                (figure(0), figure(1), figure(2), figure(3), figure(4));
            Day { opened, in_time, late, other, open, ..day(n) }
        }).collect();
        let rows: Vec<(&str, u32, u32)> =
            names.iter().map(|name| (name.as_str(), figures[0], figures[1])).collect();
        let counts: Vec<u32> = (0..91).map(|n| figures[n % 5]).collect();
        let map = drawn(&sheet(vec![days(all, flat), units(&rows), heat(&counts)]));
        prop_assert!(map.width() == 1080 && map.height() < 3000);
        prop_assert!(inked(&map, DARK) > 1000, "letters");
    }
}
