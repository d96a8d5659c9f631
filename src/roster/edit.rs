//! A rename and a merger that the office enters by hand, as plans: what changes, for all that refers to it.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::alias::Alias;
use super::brought_up::merge_units;
use super::change::{Diff, Plan};
use super::compare::by_id;
use super::event::{Bearer, Former, Merge};
use super::model::{Account, Roster, Unit};
use super::renamed::{bearer, is_known};
use crate::error::Fault;
use crate::finding::text::fold;

/// The unit that a code, a name or a name of before stands for.
///
/// # Errors
/// None, or several, with what to write.
pub fn unit<'a>(roster: &'a Roster, text: &str) -> Result<&'a Unit, Fault> {
    if let Some(unit) = roster.unit(text) {
        return Ok(unit);
    }
    let folded = fold(text);
    let named: Vec<&Unit> = roster
        .units
        .iter()
        .filter(|u| fold(&u.name) == folded)
        .collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => {
            let names = roster.units.iter().map(|unit| unit.name.as_str());
            let near = crate::error::nearest(text, names);
            let near = near
                .map(|near| format!("; did you mean {near}?"))
                .unwrap_or_default();
            Err(Fault::new(format!(
                "there is no unit {text}{near} Write its code or name as `duban roster export` shows it"
            )))
        }
        several => {
            let codes: Vec<&str> = several.iter().map(|unit| unit.code.as_str()).collect();
            Err(Fault::new(format!(
                "{text} is the name of the units {}: write the code",
                codes.join(", ")
            )))
        }
    }
}

/// The account that a uid, or `platform:name`, stands for; none: it is not written like one.
fn account<'a>(
    roster: &'a Roster,
    text: &str,
    platform_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<&'a Account>, Fault> {
    let by_name = text.split_once([':', '：']).and_then(|(platform, name)| {
        let platform = platform_of(platform.trim())?;
        Some((platform, name.trim()))
    });
    let fits = |a: &&Account| match &by_name {
        Some((platform, name)) => a.platform == *platform && a.name == *name,
        None => a.uid.as_deref() == Some(text),
    };
    let found: Vec<&Account> = roster.accounts.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(Some(one)),
        [] if by_name.is_some() => Err(Fault::new(format!(
            "there is no account {text}: write platform:name or the uid as `duban roster export` shows it"
        ))),
        [] => Ok(None),
        _ => Err(Fault::new(format!(
            "several units have an account {text}: write its uid"
        ))),
    }
}

/// A unit, by its code or name, or an account, by its uid or `platform:name`, bears another name from a day
/// on. The former one goes on finding it in reports until that day, and in questions.
///
/// # Errors
/// There is no such unit or account, or the new name is empty, the same, or another's.
pub fn rename(
    current: &Roster,
    (what, name): (&str, &str),
    on: NaiveDate,
    platform_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Plan, Fault> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Fault::new(
            "the new name is empty: write it behind the unit or account",
        ));
    }
    let mut plan = Plan {
        base: current.version,
        ..Plan::default()
    };
    let same = |before: &str| {
        let fault = Fault::new(format!("it is called {name} already: nothing to do"));
        if before == name { Err(fault) } else { Ok(()) }
    };
    let (of, before) = match account(current, what, platform_of)? {
        Some(account) => {
            same(&account.name)?;
            let after = Account {
                name: name.to_owned(),
                ..account.clone()
            };
            if current.accounts.iter().any(|a| bearer(a) == bearer(&after)) {
                let text = format!(
                    "{} has an account {name} on {} already",
                    after.unit, after.platform
                );
                return Err(Fault::new(text));
            }
            let label = |a: &Account| format!("{}:{}", a.platform, a.name);
            plan.people = operating(current, &label(account), &label(&after));
            let of = bearer(&after);
            plan.accounts = by_id(&current.accounts, &[after]);
            (of, account.name.clone())
        }
        None => {
            let unit = unit(current, what)?;
            same(&unit.name)?;
            let after = Unit {
                name: name.to_owned(),
                ..unit.clone()
            };
            plan.units = by_id(&current.units, &[after]);
            (Bearer::Unit(unit.code.clone()), unit.name.clone())
        }
    };
    let alias = Alias {
        to: Some(on),
        ..Alias::from(before.as_str())
    };
    let former = Former { of, alias };
    if !is_known(current, &former) && fold(&before) != fold(name) {
        plan.former.push((former, false));
    }
    Ok(plan)
}

/// People who run an account say so by its name of now.
pub(super) fn operating(current: &Roster, before: &str, after: &str) -> Diff<super::model::Person> {
    let mut changed = Vec::new();
    for person in &current.people {
        if person.operates.iter().any(|label| label == before) {
            let mut person = person.clone();
            for label in &mut person.operates {
                if label == before {
                    after.clone_into(label);
                }
            }
            changed.push(person);
        }
    }
    by_id(&current.people, &changed)
}

/// A unit is part of another from a day on, today at the latest: what is below it, its accounts, its people
/// and its open issues are the other's.
///
/// # Errors
/// There is no such unit, it is the same, one is below the other in a way that makes a circle, or both have
/// an account of one name on one platform.
pub fn merge(
    current: &Roster,
    (from, into): (&str, &str),
    (on, today): (NaiveDate, NaiveDate),
) -> Result<Plan, Fault> {
    let (from, into) = (unit(current, from)?, unit(current, into)?);
    if from.code == into.code {
        return Err(Fault::new(format!(
            "{} and {} are one unit",
            from.name, into.name
        )));
    }
    if on > today {
        let text =
            format!("{on} has not come: enter the merger on that day, or rename the unit first");
        return Err(Fault::new(text).column("--on"));
    }
    let merges = vec![Merge {
        from: from.code.clone(),
        into: into.code.clone(),
        on: Some(on),
    }];
    let mut units: Vec<Unit> = Vec::new();
    for unit in current.units.iter().filter(|unit| unit.code != from.code) {
        let mut after = unit.clone();
        for (own, above) in [
            (&mut after.parent, &from.parent),
            (&mut after.area, &from.area),
        ] {
            if own.as_deref() == Some(&from.code) {
                // The unit that takes over stands where the merged one stood.
                *own = match after.code == into.code {
                    true => above.clone().filter(|above| *above != into.code),
                    false => Some(into.code.clone()),
                };
            }
        }
        if after != *unit {
            units.push(after);
        }
    }
    let taken: HashSet<(&str, &str)> = current
        .accounts
        .iter()
        .filter(|account| account.unit == into.code)
        .map(|account| (account.platform.as_str(), account.name.as_str()))
        .collect();
    let mut accounts = Vec::new();
    for account in current.accounts.iter().filter(|a| a.unit == from.code) {
        if taken.contains(&(&account.platform, &account.name)) {
            return Err(Fault::new(format!(
                "both units have an account {} on {}: take one of them out of the roster first",
                account.name, account.platform
            )));
        }
        let unit = into.code.clone();
        accounts.push(Account {
            unit,
            ..account.clone()
        });
    }
    let mut people = Vec::new();
    for person in &current.people {
        if person.units.contains(&from.code) {
            let mut after = person.clone();
            merge_units(&mut after.units, &merges);
            people.push(after);
        }
    }
    Ok(Plan {
        base: current.version,
        units: Diff {
            gone: vec![from.clone()],
            ..by_id(&current.units, &units)
        },
        accounts: by_id(&current.accounts, &accounts),
        people: by_id(&current.people, &people),
        merges,
        ..Plan::default()
    })
}
