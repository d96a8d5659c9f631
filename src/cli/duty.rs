//! `duban duty`: the office enters leaves and rotations, lists them and takes them back.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::layout;
use super::out::{self, Out};
use crate::calendar::read_day;
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::flow::duty as flow;
use crate::roster::duty::{LONGEST, Refusal, State, last_day, table};
use crate::roster::{Duty, Person, Roster};
use crate::store::Tx;

#[derive(Debug, Subcommand)]
pub(super) enum DutyCommand {
    /// Enter a leave: who is away, from when to when, and who stands in
    Add(AddOptions),
    /// List the leaves and turns that run or come
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take leaves or turns back: all of those named, or none
    Cancel {
        /// Their numbers in the list
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Enter a rotation: each week the next of the people is on duty for the others
    Rotate(RotateOptions),
}

#[derive(Debug, Args)]
pub(super) struct AddOptions {
    /// Who is away, by their code
    #[arg(long)]
    person: String,
    /// The first day: 2026-10-01, 10-01, +3工作日 …
    #[arg(long)]
    from: String,
    /// The last day
    #[arg(long)]
    to: String,
    /// Who stands in, by their code
    #[arg(long)]
    stand_in: String,
}

#[derive(Debug, Args)]
pub(super) struct RotateOptions {
    /// The unit's code
    #[arg(long)]
    unit: String,
    /// Its people's codes in the order of their turns: O1,O2
    #[arg(long, value_delimiter = ',', required = true)]
    people: Vec<String>,
    /// The first day of the first turn
    #[arg(long)]
    from: String,
    /// The last day; else half a year
    #[arg(long)]
    until: Option<String>,
}

pub(super) async fn duty(settings: &Settings, command: DutyCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let done = match command {
        DutyCommand::Add(options) => add(&desk, &options).await,
        DutyCommand::List { json } => list(&desk, json).await,
        DutyCommand::Cancel { ids } => cancel(&desk, &ids).await,
        DutyCommand::Rotate(options) => rotate(&desk, &options).await,
    };
    desk.store.close().await;
    done.map(|()| true)
}

fn today(desk: &Desk) -> NaiveDate {
    desk.local(desk.clock.now()).date_naive()
}

fn day(desk: &Desk, text: &str, from: NaiveDate) -> Result<NaiveDate> {
    let calendar = &desk.rules.deadlines.calendar;
    read_day(text, (today(desk), from), calendar)
        .ok_or_else(|| Error::Usage(format!("{text:?} is no day: write 2026-10-01")))
}

fn by_code<'a>(roster: &'a Roster, code: &str) -> Result<&'a Person> {
    roster.person_by_code(code).ok_or_else(|| {
        let what = format!("no person has the code {code:?}; see duban roster export");
        Error::Usage(what)
    })
}

/// Why a duty is refused, and what would be allowed.
fn refused(duty: &Duty, refusal: Refusal, roster: &Roster, today: NaiveDate) -> Error {
    let first = duty.from.max(today);
    let (first, last) = (first, last_day(first));
    let name = |id| roster.person(id).map_or("?", |person| person.code.as_str());
    let (person, stand_in) = (name(duty.person), name(duty.stand_in));
    Error::Usage(match refusal {
        Refusal::Backwards => "the last day is before the first".to_owned(),
        Refusal::Past => format!("the first day is over: from {first} on, until {last} at most"),
        Refusal::TooLong => {
            format!("more than {LONGEST} days: from {first} until {last} at most")
        }
        Refusal::Unfit => format!(
            "{stand_in} neither answers for a unit of {person} nor is its lead, and cannot stand in"
        ),
        Refusal::Overlaps => format!(
            "{person} is away already between {} and {}; see duban duty list",
            duty.from, duty.to
        ),
    })
}

async fn checked(tx: &mut Tx, roster: &Roster, duty: &Duty, today: NaiveDate) -> Result<()> {
    let refusal = flow::refusal(tx, roster, duty, today).await?;
    refusal.map_or(Ok(()), |refusal| Err(refused(duty, refusal, roster, today)))
}

async fn add(desk: &Desk, options: &AddOptions) -> Result<()> {
    let now = desk.clock.now();
    let from = day(desk, &options.from, today(desk))?;
    let to = day(desk, &options.to, from)?;
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let roster = &directory.roster;
    let mut duty = Duty {
        id: 0,
        person: by_code(roster, &options.person)?.id,
        stand_in: by_code(roster, &options.stand_in)?.id,
        from,
        to,
        rota: false,
        state: State::Set,
        entered_by: None,
        entered_at: now.timestamp_millis(),
    };
    checked(&mut tx, roster, &duty, today(desk)).await?;
    flow::enter(&mut tx, (&desk.rules, roster), &mut duty, now).await?;
    tx.commit().await?;
    print(roster, &[duty])
}

async fn rotate(desk: &Desk, options: &RotateOptions) -> Result<()> {
    let now = desk.clock.now();
    let from = day(desk, &options.from, today(desk))?;
    let until = options.until.as_deref();
    let until = until.map(|text| day(desk, text, from)).transpose()?;
    if until.is_some_and(|until| until < from) {
        return Err(Error::Usage("--until is before --from".to_owned()));
    }
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let roster = &directory.roster;
    let unit = &options.unit;
    if roster.unit(unit).is_none() {
        return Err(Error::Usage(format!("no unit has the code {unit:?}")));
    }
    let mut people: Vec<&Person> = Vec::new();
    for code in &options.people {
        let person = by_code(roster, code.trim())?;
        if !person.units.contains(unit) {
            let what = format!("{code} does not answer for {unit}");
            return Err(Error::Usage(what));
        }
        if people.iter().any(|other| other.id == person.id) {
            return Err(Error::Usage(format!("{code} is named twice")));
        }
        people.push(person);
    }
    if people.len() < 2 {
        return Err(Error::Usage(
            "a rotation needs two people or more".to_owned(),
        ));
    }
    let mut turns = flow::turns(&people, from, until, now.timestamp_millis());
    for turn in &turns {
        checked(&mut tx, roster, turn, today(desk)).await?;
    }
    flow::rotate(&mut tx, (&desk.rules, roster), &mut turns, now).await?;
    tx.commit().await?;
    print(roster, &turns)
}

async fn cancel(desk: &Desk, ids: &[i64]) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let by = (&desk.rules, &*directory.roster);
    for id in ids {
        let found = table::many(&mut tx, &[*id]).await?.into_iter().next();
        let duty = found.filter(|duty| duty.state == State::Set);
        let none = || Error::Usage(format!("no duty has the number {id}; see duban duty list"));
        let duty = duty.ok_or_else(none)?;
        flow::cancel(&mut tx, by, (&duty, None), desk.clock.now()).await?;
    }
    tx.commit().await?;
    out::print(format_args!("{} cancelled", ids.len()))
}

async fn list(desk: &Desk, json: bool) -> Result<()> {
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let duties = table::from_day(&mut tx, today(desk)).await?;
    drop(tx);
    let roster = &directory.roster;
    if !json {
        return print(roster, &duties);
    }
    let code = |id: i64| roster.person(id).map(|person| person.code.clone());
    let list: Vec<_> = duties
        .iter()
        .map(|duty| {
            json!({ "id": duty.id, "person": code(duty.person), "stand_in": code(duty.stand_in),
                "from": duty.from, "to": duty.to, "kind": kind(duty),
                "entered_by": duty.entered_by.map(code), "entered_at": duty.entered_at,
                "runs": duty.runs(today(desk)) })
        })
        .collect();
    out::print(serde_json::to_string(&list)?)
}

fn kind(duty: &Duty) -> &'static str {
    if duty.rota { "rota" } else { "leave" }
}

fn print(roster: &Roster, duties: &[Duty]) -> Result<()> {
    let mut rows = vec![
        ["id", "person", "stand-in", "from", "to", "kind", "by"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let name = |id: i64| {
        let person = roster.person(id);
        person.map_or_else(|| format!("#{id}"), |p| format!("{} {}", p.code, p.name))
    };
    rows.extend(duties.iter().map(|duty| {
        vec![
            duty.id.to_string(),
            name(duty.person),
            name(duty.stand_in),
            duty.from.to_string(),
            duty.to.to_string(),
            kind(duty).to_owned(),
            duty.entered_by.map_or_else(|| "office".to_owned(), name),
        ]
    }));
    let mut out = Out::new();
    for line in layout::table(&rows) {
        out.line(line)?;
    }
    out.flush()
}
