//! The tests of the hours: whose hold, when they open, what a person may take away.

use proptest::prelude::*;

use super::*;
use crate::roster::{Role, Unit};

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn span(text: &str) -> (NaiveTime, NaiveTime) {
    let (from, to) = text.split_once('-').unwrap();
    (time(from), time(to))
}

fn window(text: &str, days: Days) -> Window {
    let (after, until) = span(text);
    Window { after, until, days }
}

fn unit(id: i64, code: &str, parent: Option<&str>) -> Unit {
    Unit {
        id,
        code: code.to_owned(),
        name: code.to_owned(),
        aliases: vec![],
        parent: parent.map(str::to_owned),
        area: None,
        kind: String::new(),
    }
}

fn person(code: &str, units: &[&str]) -> Person {
    Person {
        id: 1,
        code: code.to_owned(),
        name: code.to_owned(),
        role: Role::Operator,
        units: units.iter().map(|u| (*u).to_owned()).collect(),
        operates: vec![],
    }
}

fn row(whose: Whose, send: Option<&str>, days: Option<Days>, work: Option<&str>) -> Row {
    let work = work.map(|text| {
        let (start, end) = span(text);
        UnitWork {
            start,
            end,
            cut_off: None,
        }
    });
    Row {
        whose,
        send: send.map(span),
        days,
        work,
        line: 7,
    }
}

fn hours() -> Hours {
    let of = |code: &str| Whose::Unit(code.to_owned());
    Hours {
        rows: vec![
            row(of("X"), Some("10:00-21:00"), None, Some("10:00-19:30")),
            row(of("X1"), None, Some(Days::Working), None),
            row(of("B"), None, None, Some("06:00-14:00")),
            row(
                Whose::Person("P".to_owned()),
                Some("09:00-12:00"),
                None,
                None,
            ),
        ],
    }
}

fn roster() -> Roster {
    let units = vec![
        unit(1, "X", None),
        unit(2, "X1", Some("X")),
        unit(3, "X2", Some("X")),
        unit(4, "B", None),
    ];
    Roster::new(1, units, vec![], vec![], vec![])
}

#[test]
fn the_nearest_hours_hold_each_key_for_itself() {
    let (hours, roster) = (hours(), roster());
    let office = window("08:00-20:00", Days::All);
    let from = |code: &str| Origin::Unit(code.to_owned());
    for (code, units, want, days, origin) in [
        ("O", vec!["X1"], "10:00-21:00", Days::Working, from("X1")),
        ("O", vec!["X2"], "10:00-21:00", Days::All, from("X")),
        ("O", vec!["B"], "08:00-20:00", Days::All, Origin::Office),
        ("O", vec!["B", "X2"], "10:00-21:00", Days::All, from("X")),
        ("O", vec!["*"], "08:00-20:00", Days::All, Origin::Office),
        (
            "P",
            vec!["X1"],
            "09:00-12:00",
            Days::Working,
            Origin::Person,
        ),
        ("P", vec!["*"], "09:00-12:00", Days::All, Origin::Person),
    ] {
        let found = hours.window_of(office, &roster, &person(code, &units));
        assert_eq!(found, (window(want, days), origin), "{code} {units:?}");
    }
    let office = Work {
        start: time("09:00"),
        end: time("17:30"),
        cut_off: time("16:00"),
    };
    for (code, want) in [
        ("X1", Some("10:00 19:30 18:00")),
        ("B", Some("06:00 14:00 12:30")),
        ("C", None),
    ] {
        let chain = roster.chain(code);
        let work = hours.work(&chain).map(|(_, work)| work.beside(office));
        let said = work.map(|w| {
            let part = |t: NaiveTime| t.format("%H:%M").to_string();
            [part(w.start), part(w.end), part(w.cut_off)].join(" ")
        });
        assert_eq!(said.as_deref(), want, "{code}");
    }
}

#[test]
fn a_code_that_nobody_has_is_named_with_its_line() {
    let fault = hours().unknown(&roster()).unwrap().to_string();
    assert!(
        fault.contains("row 7, column person, value \"P\""),
        "{fault}"
    );
    let near = Hours {
        rows: vec![row(
            Whose::Unit("X3".to_owned()),
            Some("09:00-10:00"),
            None,
            None,
        )],
    };
    let fault = near.unknown(&roster()).unwrap().to_string();
    assert!(
        fault.contains("no unit has this code; did you mean"),
        "{fault}"
    );
}

fn local(text: &str) -> DateTime<Utc> {
    let at = DateTime::parse_from_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T")));
    at.unwrap().to_utc()
}

#[test]
fn what_is_closed_opens_at_the_next_hour() {
    let calendar = Calendar::load(None).unwrap();
    let office = window("08:00-20:00", Days::All);
    let week = window("08:00-20:00", Days::Working);
    let own = |quiet: &str, days| {
        Some(Own {
            quiet: (!quiet.is_empty()).then(|| span(quiet)),
            days,
        })
    };
    for (window, own, at, want) in [
        (office, None, "2021-06-28 12:00", "2021-06-28 12:00"),
        (office, None, "2021-06-28 07:59", "2021-06-28 08:00"),
        (office, None, "2021-06-28 20:00", "2021-06-29 08:00"),
        (week, None, "2021-07-02 20:00", "2021-07-05 08:00"),
        // The National Day, and the Saturday that is worked after it.
        (week, None, "2021-09-30 21:00", "2021-10-08 08:00"),
        (week, None, "2021-10-08 21:00", "2021-10-09 08:00"),
        (
            office,
            own("19:00-09:00", Days::All),
            "2021-06-28 19:00",
            "2021-06-29 09:00",
        ),
        (
            office,
            own("19:00-09:00", Days::All),
            "2021-06-28 08:59",
            "2021-06-28 09:00",
        ),
        (
            office,
            own("12:00-14:00", Days::All),
            "2021-06-28 12:00",
            "2021-06-28 14:00",
        ),
        (
            office,
            own("12:00-14:00", Days::All),
            "2021-06-28 11:59",
            "2021-06-28 11:59",
        ),
        (
            office,
            own("", Days::Working),
            "2021-07-03 10:00",
            "2021-07-05 08:00",
        ),
        (
            week,
            own("18:00-09:00", Days::All),
            "2021-07-02 18:00",
            "2021-07-05 09:00",
        ),
        // What would leave nothing does not hold.
        (
            office,
            own("07:00-21:00", Days::All),
            "2021-06-28 12:00",
            "2021-06-28 12:00",
        ),
    ] {
        let sending = Sending::new((window, Origin::Office), own);
        let opens = sending.opens(local(at), &calendar, chrono_tz::Asia::Shanghai);
        assert_eq!(opens, local(want), "{at} {own:?}");
    }
}

#[test]
fn quiet_hours_leave_two_hours_a_day() {
    let office = window("08:00-20:00", Days::All);
    let short = window("09:00-10:00", Days::All);
    for (window, quiet, want) in [
        (office, "22:00-08:00", true),
        (office, "10:00-08:00", true),
        (office, "09:59-08:00", false),
        (office, "20:00-18:00", true),
        (office, "20:00-18:01", false),
        (office, "09:00-19:00", true),
        (office, "08:30-19:00", false),
        (short, "10:00-09:00", true),
        (short, "10:00-09:01", false),
    ] {
        let own = Own {
            quiet: Some(span(quiet)),
            days: Days::All,
        };
        assert_eq!(fits(window, own), want, "{quiet}");
    }
    for (window, from, want) in [
        (office, "20:00", Some("18:00")),
        (office, "22:00", Some("18:00")),
        (office, "12:00", Some("10:00")),
        (office, "10:00", Some("08:00")),
        (office, "09:00", Some("19:00")),
        (office, "08:00", Some("18:00")),
        (short, "09:30", None),
    ] {
        assert_eq!(latest(window, time(from)), want.map(time), "{from}");
    }
}

proptest! {
    /// Never in quiet hours, never later than the first moment that is open, and always at some time.
    #[test]
    fn what_waits_comes_at_the_first_open_minute(
        start in 0u32..1_440, long in 1u32..1_440, working in any::<bool>(),
        quiet in prop::option::of((0u32..1_440, 0u32..1_440)), weekdays in any::<bool>(),
        at in 0i64..1_500_000
    ) {
        let calendar = Calendar::load(None).unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let clock = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
        let days = |working: bool| if working { Days::Working } else { Days::All };
        let until = (start + long).min(1_439);
        prop_assume!(start < until);
        let window = Window { after: clock(start), until: clock(until), days: days(working) };
        let own = quiet.filter(|(a, b)| a != b).map(|(a, b)| Own {
            quiet: Some((clock(a), clock(b))), days: days(weekdays),
        });
        let sending = Sending::new((window, Origin::Office), own);
        let open = |at: DateTime<Utc>| {
            let local = at.with_timezone(&zone).naive_local();
            let (day, time) = (local.date(), local.time());
            let held = own.filter(|own| fits(window, *own));
            let quiet = held.and_then(|own| own.quiet).is_some_and(|(from, to)| {
                if from < to { from <= time && time < to } else { from <= time || time < to }
            });
            let works = calendar.is_working_day(day);
            let weekday = works || !(working || held.is_some_and(|own| own.days == Days::Working));
            weekday && window.after <= time && time < window.until && !quiet
        };
        let at = local("2020-06-01 00:00") + chrono::TimeDelta::minutes(at);
        let opens = sending.opens(at, &calendar, zone);
        prop_assert!(open(opens), "{opens} is closed");
        prop_assert!(opens >= at);
        let mut before = at;
        while before < opens {
            prop_assert!(!open(before), "{before} was open");
            before += chrono::TimeDelta::minutes(1);
        }
    }
}
