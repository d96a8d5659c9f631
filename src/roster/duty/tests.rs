use super::*;
use crate::roster::{Account, AccountState, Unit, Whose};

fn whose(account: Option<i64>, unit: i64) -> Whose {
    Whose {
        account,
        unit,
        handler: None,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn unit(id: i64, code: &str, parent: Option<&str>) -> Unit {
    Unit {
        id,
        code: code.into(),
        name: code.into(),
        aliases: vec![],
        parent: parent.map(Into::into),
        area: None,
        kind: String::new(),
    }
}

fn person(id: i64, role: Role, unit: &str) -> Person {
    Person {
        id,
        code: format!("P{id}"),
        name: format!("某{id}"),
        role,
        units: vec![unit.to_owned()],
        operates: vec![],
    }
}

/// Operators 1 to 4 and lead 5 of Q, operator 6 and lead 7 of QA below it, operator 8 of X, manager 9.
fn roster() -> Roster {
    let account = Account {
        id: 10,
        platform: "wechat".into(),
        name: "某".into(),
        uid: None,
        unit: "QA".into(),
        aliases: vec![],
        homepage: None,
        state: AccountState::Active,
        valid_from: None,
        valid_to: None,
    };
    let mut people: Vec<Person> = (1..=4).map(|id| person(id, Role::Operator, "Q")).collect();
    people.push(person(5, Role::Lead, "Q"));
    people.push(person(6, Role::Operator, "QA"));
    people.push(person(7, Role::Lead, "QA"));
    people.push(person(8, Role::Operator, "X"));
    people.push(person(9, Role::Manager, "*"));
    let units = vec![
        unit(1, "Q", None),
        unit(2, "QA", Some("Q")),
        unit(3, "X", None),
    ];
    Roster::new(1, units, vec![account], people, vec![])
}

fn duty(person: i64, stand_in: i64, rota: bool) -> Duty {
    Duty {
        id: person * 100 + stand_in,
        person,
        stand_in,
        from: day("2026-10-01"),
        to: day("2026-10-07"),
        rota,
        state: State::Set,
        entered_by: None,
        entered_at: 0,
    }
}

#[test]
fn who_acts_for_whom() {
    let leave = |person, stand_in| duty(person, stand_in, false);
    let turn = |person, stand_in| duty(person, stand_in, true);
    let table: &[(&str, Vec<Duty>, i64, Option<i64>)] = &[
        ("nobody is away", vec![], 1, Some(1)),
        ("one is", vec![leave(1, 2)], 1, Some(2)),
        (
            "the stand-in is too: the next",
            vec![leave(1, 2), leave(2, 3)],
            1,
            Some(3),
        ),
        ("a circle: nobody", vec![leave(1, 2), leave(2, 1)], 1, None),
        (
            "a longer circle",
            vec![leave(1, 2), leave(2, 3), leave(3, 2)],
            1,
            None,
        ),
        ("its lead", vec![leave(1, 5)], 1, Some(5)),
        (
            "another unit's operator answers for nothing here",
            vec![leave(1, 8)],
            1,
            None,
        ),
        ("who left the roster", vec![leave(1, 77)], 1, None),
        ("not on turn", vec![turn(1, 2)], 1, Some(2)),
        (
            "on turn but on leave: who is merely off",
            vec![turn(1, 2), leave(2, 1)],
            1,
            Some(1),
        ),
        (
            "a leave outweighs a turn",
            vec![turn(1, 2), leave(1, 3)],
            1,
            Some(3),
        ),
    ];
    for (what, duties, who, want) in table {
        let roster = roster().with_duties(day("2026-10-03"), duties);
        let acting = roster.acting_for(roster.person(*who).unwrap());
        assert_eq!(acting.map(|person| person.id), *want, "{what}");
    }
}

#[test]
fn it_counts_from_the_first_day_to_the_last() {
    let duties = [duty(1, 2, false)];
    for (today, want) in [
        ("2026-09-30", 1),
        ("2026-10-01", 2),
        ("2026-10-07", 2),
        ("2026-10-08", 1),
    ] {
        let roster = roster().with_duties(day(today), &duties);
        let acting = roster.acting_for(roster.person(1).unwrap()).unwrap();
        assert_eq!(acting.id, want, "{today}");
    }
    let draft = Duty {
        state: State::Draft,
        ..duty(1, 2, false)
    };
    assert!(!draft.runs(day("2026-10-01")));
}

#[test]
fn what_is_routed_and_seen_by_it() {
    let today = day("2026-10-03");
    let ids = |people: Vec<&Person>| people.iter().map(|p| p.id).collect::<Vec<_>>();
    let plain = roster();
    assert_eq!(ids(plain.answering(whose(Some(10), 2))), [6]);
    let away = roster().with_duties(today, &[duty(6, 7, false)]);
    assert_eq!(ids(away.answering(whose(Some(10), 2))), [7]);
    // The only operator is away and nobody acts: the lead, at once; the lead too: the level above.
    let none = roster().with_duties(today, &[duty(6, 8, false)]);
    assert_eq!(ids(none.operating(whose(Some(10), 2))), [0; 0]);
    assert_eq!(ids(none.answering(whose(Some(10), 2))), [7]);
    let none = roster().with_duties(today, &[duty(6, 8, false), duty(7, 8, false)]);
    assert_eq!(ids(none.answering(whose(Some(10), 2))), [5]);
    // Two who would both be told are told once.
    let both = roster().with_duties(today, &[duty(1, 3, false), duty(2, 3, false)]);
    assert_eq!(ids(both.answering(whose(None, 1))), [3, 4]);

    // A lead's stand-in sees the lead's units as long as the duty runs, and the scope says the same.
    let roster = roster().with_duties(today, &[duty(5, 1, false)]);
    let who = |id| roster.person(id).unwrap();
    assert!(roster.may_see(who(1), "QA", Some(10)));
    assert!(!roster.may_see(who(2), "QA", Some(10)));
    assert_eq!(roster.scope_of(who(1)), Scope::Units(vec![1, 2]));
    assert_eq!(ids(roster.on_behalf_of(who(1), 2, Some(10))), [5]);
    assert!(roster.on_behalf_of(who(1), 1, None).is_empty());
}

#[test]
fn scopes_are_put_together_without_counting_twice() {
    let roster = roster();
    let (units, accounts) = (Scope::Units(vec![1]), Scope::Accounts(vec![10]));
    let both = roster.both(units.clone(), accounts.clone());
    assert_eq!(both, Scope::Both(vec![1], vec![10]));
    assert_eq!(both.parts(), [units, accounts.clone()]);
    let within = roster.both(Scope::Units(vec![2]), accounts);
    assert_eq!(within, Scope::Units(vec![2]));
    assert_eq!(roster.both(Scope::All, both), Scope::All);
}

#[test]
fn who_may_stand_in_and_who_may_enter_it() {
    let roster = roster();
    let who = |id| roster.person(id).unwrap();
    for (person, stand_in, yes) in [
        (1, 2, true),
        (1, 1, false),
        (1, 5, true),
        (1, 6, false),
        (1, 7, false),
        (6, 5, true),
        (6, 7, true),
        (5, 1, true),
        (5, 7, false),
        (7, 5, true),
        (1, 9, false),
        (9, 5, false),
    ] {
        assert_eq!(
            roster.may_stand_in(who(person), who(stand_in)),
            yes,
            "{person} {stand_in}"
        );
    }
    for (by, person, yes) in [
        (1, 1, true),
        (1, 2, false),
        (5, 1, true),
        (5, 6, true),
        (5, 7, true),
        (7, 1, false),
        (7, 5, false),
        (5, 8, false),
        (9, 1, false),
        (9, 9, true),
    ] {
        assert_eq!(
            roster.may_enter_leave(who(by), who(person)),
            yes,
            "{by} {person}"
        );
    }
}

#[test]
fn a_leave_has_its_limits() {
    let today = day("2026-10-01");
    for (from, to, want) in [
        ("2026-10-01", "2026-10-01", None),
        ("2026-10-01", "2026-11-29", None),
        ("2026-10-01", "2026-11-30", Some(Refusal::TooLong)),
        ("2026-09-30", "2026-10-02", Some(Refusal::Past)),
        ("2026-10-05", "2026-10-04", Some(Refusal::Backwards)),
    ] {
        assert_eq!(refused(day(from), day(to), today), want, "{from} {to}");
    }
}

#[test]
fn people_are_called_by_code_or_name() {
    let roster = roster();
    let people: Vec<&Person> = roster.people.iter().collect();
    let found = |name| named(&people, name).len();
    assert_eq!(
        (
            found("p3"),
            found("某3"),
            found("某"),
            found("无"),
            found("")
        ),
        (1, 1, 9, 0, 0)
    );
}
