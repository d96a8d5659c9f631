//! Who runs and who leads what, from the rows of a flat table: one person under all spellings of their name
//! in a unit; found again by name and unit, else with a code that stays the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::columns;
use super::ledger::generated;
use super::model::{Account, Person, Role, Roster};
use super::names::{people_of, phone, spelled};
use super::read::Row;

/// Somebody whom rows name.
#[derive(Debug)]
struct Found {
    name: String,
    units: Vec<String>,
    /// Places of the accounts that they run.
    runs: BTreeSet<usize>,
    leads: bool,
}

/// Who was found, by what tells people apart.
#[derive(Debug, Default)]
struct Crew {
    found: Vec<Found>,
    /// By spelled name and unit.
    in_unit: HashMap<(String, String), usize>,
    /// By spelled name and phone number: the same person in several units. Nothing of it is kept.
    by_phone: HashMap<(String, String), usize>,
}

impl Crew {
    fn meet(&mut self, name: &str, unit: &str, phone: Option<String>) -> Option<&mut Found> {
        let spelling = spelled(name);
        let here = (spelling.clone(), unit.to_owned());
        let called = phone.map(|phone| (spelling, phone));
        let known = self.in_unit.get(&here).copied();
        let known = known.or_else(|| self.by_phone.get(called.as_ref()?).copied());
        let at = known.unwrap_or_else(|| {
            self.found.push(Found {
                name: name.to_owned(),
                units: vec![],
                runs: BTreeSet::new(),
                leads: false,
            });
            self.found.len() - 1
        });
        self.in_unit.insert(here, at);
        if let Some(called) = called {
            self.by_phone.entry(called).or_insert(at);
        }
        let found = self.found.get_mut(at)?;
        if !found.units.iter().any(|known| known == unit) {
            found.units.push(unit.to_owned());
        }
        Some(found)
    }
}

/// The phone number in the column beside a name, only to tell namesakes apart.
fn beside(row: Row<'_>, key: &str) -> Option<String> {
    let at = *row.table.places.get(key)?;
    let header = |at: usize| row.table.headers.get(at).map(String::as_str);
    let known = |at: usize| row.table.places.values().any(|used| *used == at);
    let column = (at + 1..at + 3)
        .take_while(|at| !known(*at))
        .find(|at| header(*at).is_some_and(columns::is_private))?;
    phone(row.at(column))
}

/// The people of flat rows; `accounts` are those of the rows, one each, in the same order. What a person
/// should look at is noted.
pub(super) fn people(
    rows: &[Row<'_>],
    accounts: &[Account],
    current: &Roster,
    notes: &mut Vec<String>,
) -> Vec<Person> {
    let mut crew = Crew::default();
    for (at, (row, account)) in rows.iter().zip(accounts).enumerate() {
        for (key, leads) in [("operators", false), ("leads", true)] {
            let names = people_of(row.get(key));
            let beside = beside(*row, key).filter(|_| names.len() == 1);
            for (name, own) in names {
                let number = own.or_else(|| beside.clone());
                let Some(found) = crew.meet(&name, &account.unit, number) else {
                    continue;
                };
                if leads {
                    found.leads = true;
                } else {
                    found.runs.insert(at);
                }
            }
        }
    }
    let explicit = explicit(&crew, accounts);
    let labels = labels(accounts);
    let mut stored: HashMap<String, Vec<&Person>> = HashMap::new();
    for person in &current.people {
        stored
            .entry(spelled(&person.name))
            .or_default()
            .push(person);
    }
    let mut taken: HashSet<String> = HashSet::new();
    let mut people = Vec::new();
    for found in &crew.found {
        let person = person(found, &labels, &explicit, &stored);
        if found.leads && !found.runs.is_empty() {
            notes.push(format!(
                "{} both runs accounts and leads in {}: counted as who runs them",
                found.name,
                found.units.join(", ")
            ));
        }
        match person {
            Ok(person) if taken.insert(person.code.clone()) => people.push(person),
            Ok(person) => notes.push(format!(
                "{} has the code {} of somebody else and is left out: give each a code in a table of people",
                person.name, person.code
            )),
            Err(stays) => notes.push(stays),
        }
    }
    people
}

/// The units in which not everybody runs every account: there each account's people are named.
fn explicit(crew: &Crew, accounts: &[Account]) -> HashSet<String> {
    let mut of_unit: HashMap<&str, BTreeSet<usize>> = HashMap::new();
    for (at, account) in accounts.iter().enumerate() {
        of_unit.entry(&account.unit).or_default().insert(at);
    }
    let mut explicit = HashSet::new();
    for found in crew.found.iter().filter(|found| !found.runs.is_empty()) {
        for unit in &found.units {
            if let Some(all) = of_unit.get(unit.as_str())
                && !all.is_subset(&found.runs)
            {
                explicit.insert(unit.clone());
            }
        }
    }
    // Who runs all of one unit and part of another names what they run, and so does everybody beside them.
    loop {
        let before = explicit.len();
        for found in crew.found.iter().filter(|found| !found.runs.is_empty()) {
            if found.units.iter().any(|unit| explicit.contains(unit)) {
                explicit.extend(found.units.iter().cloned());
            }
        }
        if explicit.len() == before {
            return explicit;
        }
    }
}

/// A person as the roster keeps them, with the code that they have; in words who stays as they are.
fn person(
    found: &Found,
    labels: &[String],
    explicit: &HashSet<String>,
    stored: &HashMap<String, Vec<&Person>>,
) -> Result<Person, String> {
    let spelling = spelled(&found.name);
    let shares = |person: &Person| person.units.iter().any(|unit| found.units.contains(unit));
    let same = stored.get(&spelling).into_iter().flatten();
    let stored = same
        .filter(|person| shares(person))
        .min_by_key(|person| person.id)
        .copied();
    if let Some(person) = stored
        && matches!(person.role, Role::Manager | Role::Admin)
    {
        return Err(format!(
            "{} {} is {} already and stays so",
            person.code,
            person.name,
            person.role.as_str()
        ));
    }
    let role = match found.runs.is_empty() {
        true => Role::Lead,
        false => Role::Operator,
    };
    let named = role == Role::Operator && found.units.iter().any(|unit| explicit.contains(unit));
    let runs = found.runs.iter().filter_map(|at| labels.get(*at));
    let operates = runs.filter(|_| named).cloned();
    let first = found.units.first().map_or("", String::as_str);
    Ok(Person {
        id: 0,
        code: stored.map_or_else(
            || generated(&["person", first, &spelling]),
            |person| person.code.clone(),
        ),
        name: stored.map_or_else(|| found.name.clone(), |person| person.name.clone()),
        role,
        units: found.units.clone(),
        operates: operates.collect(),
    })
}

/// How a person's row names each account: `platform:name`, or its uid where another unit has a namesake.
fn labels(accounts: &[Account]) -> Vec<String> {
    let mut namesakes: HashMap<(&str, &str), usize> = HashMap::new();
    for account in accounts {
        *namesakes
            .entry((&account.platform, &account.name))
            .or_default() += 1;
    }
    let label = |account: &Account| {
        let same = namesakes.get(&(account.platform.as_str(), account.name.as_str()));
        match &account.uid {
            Some(uid) if same.is_some_and(|n| *n > 1) => uid.clone(),
            _ => format!("{}:{}", account.platform, account.name),
        }
    };
    accounts.iter().map(label).collect()
}
