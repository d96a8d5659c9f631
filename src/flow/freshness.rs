//! Accounts that have to be updated: what reports say is noted, what the clock demands is owed, and before a
//! long holiday what becomes due or stale in it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{Directory, Received, Rules};
use crate::clock::at_local;
use crate::error::Result;
use crate::finding::Finding;
use crate::freshness::{Judged, Known, Standing, judge, table};
use crate::issue::table::{self as issues, Issue};
use crate::matching::Decision;
use crate::outbox::{self, Kind, Owed};
use crate::roster::{Account, Person, Roster, Scope, Whose};
use crate::store::Tx;

/// The category under which reports list an account that is not updated: its issue has reminders of its
/// own.
const LISTED: &str = "overdue_update";

/// An account with what the rules make of it today.
#[derive(Clone, Debug)]
pub struct Watched<'a> {
    /// The account.
    pub account: &'a Account,
    /// The id of its unit.
    pub unit: i64,
    /// What is known of it.
    pub known: Known,
    /// What the rule makes of it.
    pub judged: Judged,
}

/// Every account in use of which something is known, the stalest first.
pub async fn all<'a>(
    tx: &mut Tx,
    rules: &Rules,
    roster: &'a Roster,
    today: NaiveDate,
) -> Result<Vec<Watched<'a>>> {
    let known = table::all(tx).await?;
    let found = known.into_iter().filter_map(|known| {
        let account = roster.account(known.account)?;
        let unit = roster
            .unit(&account.unit)
            .filter(|_| account.in_use(today))?;
        let areas = roster.chain(&unit.code);
        let rule = rules.deadlines.policy.fresh(&account.platform, &areas);
        let judged = judge(&known, &rule, today);
        let unit = unit.id;
        Some(Watched {
            account,
            unit,
            known,
            judged,
        })
    });
    let mut found: Vec<Watched<'a>> = found.collect();
    found.sort_by_key(|one| (one.judged.last_day, one.account.id));
    Ok(found)
}

impl Received<'_> {
    /// Notes what the rows say of when their accounts were updated; how many.
    pub(super) async fn note_updates(
        &self,
        tx: &mut Tx,
        report: i64,
        (findings, decisions): (&[Finding], &[Decision]),
    ) -> Result<usize> {
        let mut known: BTreeMap<i64, Known> = BTreeMap::new();
        for (finding, decision) in findings.iter().zip(decisions) {
            let (
                Some(updated_on),
                Decision::Matched {
                    account: Some(account),
                    ..
                },
            ) = (finding.last_update, decision)
            else {
                continue;
            };
            let one = known.entry(*account).or_insert_with(|| Known {
                account: *account,
                updated_on,
                as_of: self.date,
                source: self.source.name.clone(),
                report,
            });
            one.updated_on = one.updated_on.max(updated_on);
        }
        let known: Vec<Known> = known.into_values().collect();
        table::note(tx, &known).await?;
        Ok(known.len())
    }

    /// A complete report that lists an account no more says that it was updated.
    pub(super) async fn forget_updated(&self, tx: &mut Tx, report: i64) -> Result<()> {
        let roster = &self.directory.roster;
        let gone = table::not_listed_by(tx, &self.source.name, report).await?;
        let gone = gone.iter().filter(|known| {
            let account = roster.account(known.account);
            let unit = account.and_then(|account| roster.unit(&account.unit));
            unit.is_none_or(|unit| self.covers(Some(known.account), unit.id))
        });
        let gone: Vec<i64> = gone.map(|known| known.account).collect();
        table::forget(tx, &gone).await?;
        Ok(())
    }
}

/// Who is told that an account goes stale.
fn operators<'a>(roster: &'a Roster, one: &Watched<'_>) -> Vec<&'a Person> {
    roster.answering(Whose {
        account: Some(one.account.id),
        unit: one.unit,
        handler: None,
    })
}

/// Owes the reminders of the day: soon to the operators, over the limit to the lead and the managers of the
/// area too. Each step of an account's silence is said once to each. How many accounts.
pub async fn remind(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<usize> {
    let roster = &directory.roster;
    let today = now.with_timezone(&rules.zone).date_naive();
    let live = issues::live_in(tx, &Scope::All).await?;
    let listed = live.iter().filter(|issue| issue.category == LISTED);
    let listed: HashSet<i64> = listed.filter_map(Issue::subject).collect();
    let mut owed = Vec::new();
    let mut concerned = 0;
    for one in all(tx, rules, roster, today).await? {
        let Some(step) = one.judged.step.filter(|_| one.judged.sure) else {
            continue;
        };
        if listed.contains(&one.account.id) {
            continue;
        }
        let mut people = operators(roster, &one);
        if one.judged.standing == Standing::Stale {
            people.extend(roster.leads_of(&one.account.unit));
            people.extend(roster.managers_over(one.unit));
        }
        people.sort_by_key(|person| person.id);
        people.dedup_by_key(|person| person.id);
        concerned += 1;
        let (account, updated) = (one.account.id, one.known.updated_on);
        owed.extend(people.into_iter().map(|person| Owed {
            once: format!("stale:{account}:{updated}:{step}:{}", person.id),
            person_id: person.id,
            kind: Kind::Stale,
            issues: vec![],
            detail: Some(json!({ "account": account, "updated_on": updated })),
            urgent: false,
            not_before: rules.send_at(now, false),
        }));
    }
    outbox::table::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(concerned)
}

/// What somebody has to see to before a holiday.
#[derive(Default)]
struct Before {
    issues: Vec<i64>,
    accounts: Vec<i64>,
}

/// Before a long holiday that begins after today: each who answers gets what becomes due in it and which
/// accounts go stale in it; the managers how many there are. How many people.
pub async fn announce(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<usize> {
    let roster = &directory.roster;
    let today = now.with_timezone(&rules.zone).date_naive();
    let least = rules.deadlines.policy.holiday.days;
    let Some(off) = rules.deadlines.calendar.stretch_after(today, least) else {
        return Ok(0);
    };
    let back = off.last.succ_opt().unwrap_or(off.last);
    let from = at_local(rules.zone, off.first, chrono::NaiveTime::MIN).timestamp_millis();
    let to = at_local(rules.zone, back, rules.deadlines.work.start).timestamp_millis();
    let mut by: BTreeMap<i64, Before> = BTreeMap::new();
    for issue in issues::live_in(tx, &Scope::All).await? {
        if issue.standing.state.runs() && issue.due_at.is_some_and(|due| (from..=to).contains(&due))
        {
            let mut people = roster.answering(issue.whose());
            people.extend(roster.managers_over(issue.unit_id));
            let people: HashSet<i64> = people.into_iter().map(|person| person.id).collect();
            for person in people {
                by.entry(person).or_default().issues.push(issue.id);
            }
        }
    }
    for one in all(tx, rules, roster, today).await? {
        // Its last day lies in the holiday, or is today.
        if one.judged.sure && (today..=off.last).contains(&one.judged.last_day) {
            let mut people = operators(roster, &one);
            people.extend(roster.managers_over(one.unit));
            let people: HashSet<i64> = people.into_iter().map(|person| person.id).collect();
            for person in people {
                by.entry(person).or_default().accounts.push(one.account.id);
            }
        }
    }
    let owed = by.into_iter().map(|(person_id, before)| Owed {
        once: format!("holiday:{}:{person_id}", off.first),
        person_id,
        kind: Kind::Holiday,
        issues: before.issues,
        detail: Some(json!({
            "first": off.first, "last": off.last, "name": off.name, "accounts": before.accounts,
        })),
        urgent: false,
        not_before: rules.send_at(now, false),
    });
    let owed: Vec<Owed> = owed.collect();
    outbox::table::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(owed.len())
}
