//! From figures to pictures in the words of a catalogue.

use chrono::Datelike as _;

use super::days::DAILY;
use super::{Days, DaysWords, Heat, HeatWords, Panel, Row, Sheet, Square, Units};
use crate::message::Catalogue;
use crate::summary::Status;
use crate::summary::trend::{Day, RECENT, Trend};

/// The scope of figures as a title.
fn scope<'a>(words: &'a Catalogue, scope: &'a str) -> &'a str {
    match scope {
        "*" => words.term("whole_scope"),
        scope => scope,
    }
}

fn period(words: &Catalogue, from: &str, to: &str) -> String {
    let period = words.term("period").replace("{from}", from);
    period.replace("{to}", to)
}

fn last_days(words: &Catalogue, days: usize) -> String {
    words.term("last_days").replace("{n}", &days.to_string())
}

fn days(words: &Catalogue, trend: &Trend, flat: bool) -> Panel {
    let term = |key| words.term(key).to_owned();
    Panel::Days(Days {
        words: DaysWords {
            opened: term("figure_opened"),
            in_time: term("figure_in_time"),
            late: term("figure_late"),
            other: term("figure_other"),
            open: term("figure_open"),
            off: term("day_off"),
        },
        days: trend.days.clone(),
        flat,
    })
}

/// The picture of `/trend`: `of` is the scope's name, `*` for everything.
pub fn trend(words: &Catalogue, of: &str, trend: &Trend) -> Sheet {
    let mut note = vec![
        last_days(words, trend.days.len()),
        period(words, &trend.from, &trend.to),
    ];
    if trend.days.len() > DAILY {
        note.push(words.term("bar_a_week").to_owned());
    }
    Sheet {
        title: scope(words, of).to_owned(),
        note: note.join(" · "),
        panels: vec![days(words, trend, false)],
    }
}

/// The picture of `/status`: the last days, and the units with most.
pub fn status(words: &Catalogue, status: &Status, trend: &Trend) -> Sheet {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let figures = |live: usize, overdue: usize| match overdue {
        0 => live.to_string(),
        overdue => {
            let text = words.term("unit_figures").replace("{n}", &live.to_string());
            text.replace("{overdue}", &overdue.to_string())
        }
    };
    let row = |name: String, live, overdue, rest| Row {
        name,
        figures: figures(live, overdue),
        live: count(live),
        overdue: count(overdue),
        rest,
    };
    let top = status.top.iter();
    let mut rows: Vec<Row> = top
        .map(|unit| row(unit.name.clone(), unit.live, unit.overdue, false))
        .collect();
    let shown: usize = status.top.iter().map(|unit| unit.live).sum();
    let late: usize = status.top.iter().map(|unit| unit.overdue).sum();
    let others = status.units.saturating_sub(rows.len());
    if others > 0 {
        let name = words
            .term("other_units")
            .replace("{n}", &others.to_string());
        let (live, late) = (
            status.live.saturating_sub(shown),
            status.overdue.saturating_sub(late),
        );
        rows.push(row(name, live, late, true));
    }
    let mut panels = vec![days(words, trend, true)];
    if !rows.is_empty() {
        panels.push(Panel::Units(Units {
            heading: words.term("units_with_most").to_owned(),
            live: words.term("figure_open").to_owned(),
            overdue: words.term("figure_overdue").to_owned(),
            rows,
        }));
    }
    Sheet {
        title: scope(words, &status.scope).to_owned(),
        note: format!("{} · {}", status.at, last_days(words, RECENT as usize)),
        panels,
    }
}

/// The calendar of a unit; none of a unit of which nothing was opened.
pub fn calendar(words: &Catalogue, unit: &str, days: &[Day]) -> Option<Sheet> {
    let (first, last) = (days.first()?, days.last()?);
    if days.iter().all(|day| day.opened == 0) {
        return None;
    }
    let names = |keys: &str| -> Vec<String> {
        let keys = keys.split(' ');
        keys.map(|key| words.term(key).to_owned()).collect()
    };
    let format = if first.date.year() == last.date.year() {
        "%m-%d"
    } else {
        "%Y-%m-%d"
    };
    let date = |day: &Day| day.date.format(format).to_string();
    Some(Sheet {
        title: unit.to_owned(),
        note: format!(
            "{} · {}",
            words.term("opened_by_day"),
            period(words, &date(first), &date(last))
        ),
        panels: vec![Panel::Heat(Heat {
            words: HeatWords {
                weekdays: names("mon tue wed thu fri sat sun"),
                months: names("jan feb mar apr may jun jul aug sep oct nov dec"),
                working: words.term("day_working").to_owned(),
                off: words.term("day_off").to_owned(),
                count: words.term("figure_opened").to_owned(),
            },
            days: days
                .iter()
                .map(|day| Square {
                    date: day.date,
                    off: day.off,
                    count: day.opened,
                })
                .collect(),
        })],
    })
}
