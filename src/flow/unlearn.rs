//! A learned name is taken back: what it had matched is counted, what it had opened and still runs goes back to a
//! person, and those who were told of it learn of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::names::offers;
use super::{Directory, Rules, printed, tell_managers};
use crate::error::Result;
use crate::finding::{Finding, fingerprint, text::fold};
use crate::issue::acts::{self, Act};
use crate::issue::request as requests;
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Issue};
use crate::matching::table::{self as waiting, NewWaiting};
use crate::outbox::{self, Kind, Owed};
use crate::roster::learned::{self, Learned};
use crate::roster::{Roster, Target};
use crate::store::{Row, Tx, Value, vals};

/// What a learned name has matched since it was learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// The rows of reports.
    pub findings: usize,
    /// The issues that no other rule listed and that still run.
    pub live: Vec<i64>,
    /// Those that are closed.
    pub closed: usize,
    /// Issues that other names listed too: they stay in any case.
    pub others: usize,
    rows: Vec<Told>,
}

/// A row that a name matched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    id: i64,
    report: i64,
    issue: i64,
    source: String,
    body: String,
}

/// What became of taking a name back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlearned {
    /// It counts no more: so many issues went back to a person, for so many printed names.
    Done {
        /// The issues that were withdrawn.
        back: usize,
        /// The printed names that wait now.
        names: usize,
    },
    /// Somebody had taken it back before.
    Already,
}

/// What a learned name has matched: the rows that print it, of the issues of what it stands for.
pub async fn matched(tx: &mut Tx, learned: &Learned) -> Result<Matched> {
    let (column, id) = match learned.alias.target {
        Target::Account(id) => ("account", id),
        Target::Unit(id) => ("unit", id),
    };
    let sql = match column {
        "account" => "select id, state from issue where account_id = $1",
        _ => "select id, state from issue where unit_id = $1 and account_id is null",
    };
    let rows = tx.all(sql, vals![id]).await?;
    let stands = |row: &Row| Ok((row.int(0)?, row.text(1)? != "closed"));
    let stands: BTreeMap<i64, bool> = rows.iter().map(stands).collect::<Result<_>>()?;
    let keys = stands.keys().map(|id| Value::from(*id)).collect();
    let sql = "select f.id, f.report_id, f.issue_id, r.source, f.body, f.matched_by
               from finding f join report r on r.id = f.report_id where f.issue_id in ({in})";
    let wanted = fold(&learned.alias.name);
    let (mut found, mut by_name, mut by_other) =
        (Matched::default(), BTreeSet::new(), HashSet::new());
    for row in tx.all_in(sql, vec![], keys).await? {
        let (issue, finding): (i64, Finding) = (row.int(2)?, row.json(4)?);
        let names = [&finding.account_name, &finding.unit_name];
        let prints = names.into_iter().flatten().any(|name| fold(name) == wanted);
        let by = row.maybe_text(5)?.unwrap_or_default();
        if prints && matches!(by.as_str(), "alias" | "person") {
            by_name.insert(issue);
            found.rows.push(Told {
                id: row.int(0)?,
                report: row.int(1)?,
                issue,
                source: row.text(3)?,
                body: row.text(4)?,
            });
        } else {
            by_other.insert(issue);
        }
    }
    found.findings = found.rows.len();
    for issue in by_name {
        match (by_other.contains(&issue), stands.get(&issue)) {
            (true, _) => found.others += 1,
            (false, Some(true)) => found.live.push(issue),
            (false, _) => found.closed += 1,
        }
    }
    Ok(found)
}

/// Takes a learned name back. With `back`, the issues that it alone had opened and that still run are withdrawn,
/// their printed names wait for a person again, and who answers for them is told; what is closed stays, and so
/// does everything that people did. Without, only what comes from now on is asked about.
pub async fn unlearn(
    tx: &mut Tx,
    (rules, directory): (&Rules, &Directory),
    learned: &Learned,
    (by, back): (Option<i64>, bool),
    now: DateTime<Utc>,
) -> Result<Unlearned> {
    let ms = now.timestamp_millis();
    let alias = learned.alias.id;
    if !learned::undo(tx, alias, by, ms).await? {
        return Ok(Unlearned::Already);
    }
    waiting::forget(tx, alias).await?;
    if !back {
        return Ok(Unlearned::Done { back: 0, names: 0 });
    }
    let matched = matched(tx, learned).await?;
    let mut withdrawn = Vec::new();
    let mut told = Vec::new();
    for mut issue in issues::many(tx, &matched.live).await? {
        let whose = issue.clone();
        if issues::apply(tx, &mut issue, Event::Withdraw, ms)
            .await?
            .is_ok()
        {
            withdrawn.push(Act {
                issue_id: issue.id,
                at: ms,
                verb: "withdrawn".to_owned(),
                person_id: by,
                note: Some("alias_undone".to_owned()),
                ..Act::default()
            });
            told.extend(owed(rules, &directory.roster, &whose, (alias, by), now));
        }
    }
    acts::record(tx, &withdrawn).await?;
    let ids: Vec<i64> = withdrawn.iter().map(|act| act.issue_id).collect();
    requests::moot(tx, &ids).await?;
    outbox::table::enqueue(tx, &told, ms).await?;
    let names = ask_again(tx, directory, (&matched, &ids), now, rules).await?;
    let waits: Vec<i64> = names.iter().copied().collect();
    if !waits.is_empty() {
        let detail = json!({ "alias": learned.alias.name });
        let cause = format!("undone-{alias}");
        tell_managers(
            tx,
            rules,
            directory,
            Kind::Unmatched,
            &cause,
            waits,
            detail,
            now,
        )
        .await?;
    }
    Ok(Unlearned::Done {
        back: ids.len(),
        names: names.len(),
    })
}

/// The printed names of these issues wait again, with the rows of the newest report that prints them; their ids.
async fn ask_again(
    tx: &mut Tx,
    directory: &Directory,
    (matched, issues): (&Matched, &[i64]),
    now: DateTime<Utc>,
    rules: &Rules,
) -> Result<BTreeSet<i64>> {
    let on = now.with_timezone(&rules.zone).date_naive();
    let mut names: BTreeMap<(&str, String), (NewWaiting, Vec<&Told>)> = BTreeMap::new();
    for row in matched
        .rows
        .iter()
        .filter(|row| issues.contains(&row.issue))
    {
        let finding: Finding = serde_json::from_str(&row.body)?;
        let printed = printed(&finding);
        let identity = fingerprint::waiting_identity(
            &row.source,
            &[
                printed.platform.as_deref(),
                printed.account.as_deref(),
                printed.uid.as_deref(),
                printed.unit.as_deref(),
                printed.area.as_deref(),
            ],
        );
        let key = (row.source.as_str(), identity.clone());
        let entry = names.entry(key).or_insert_with(|| {
            let candidates = offers(directory.index.candidates(&finding, on));
            let name = NewWaiting {
                identity,
                outcome: "unmatched",
                printed,
                candidates,
            };
            (name, Vec::new())
        });
        entry.1.push(row);
    }
    let mut waits = BTreeSet::new();
    for ((source, identity), (name, rows)) in names {
        let noted = waiting::note(tx, source, &[name], now.timestamp_millis()).await?;
        let Some((id, _, _)) = noted.get(&identity) else {
            continue;
        };
        let newest = rows.iter().map(|row| row.report).max();
        let rows = rows.iter().filter(|row| Some(row.report) == newest);
        let rows: Vec<i64> = rows.map(|row| row.id).collect();
        waiting::wait_again(tx, *id, &rows).await?;
        waits.insert(*id);
    }
    Ok(waits)
}

/// Who answered for an issue is told that it is not theirs.
fn owed(
    rules: &Rules,
    roster: &Roster,
    issue: &Issue,
    (alias, by): (i64, Option<i64>),
    now: DateTime<Utc>,
) -> Vec<Owed> {
    let mut people = roster.answering(issue.whose());
    if let Some(unit) = roster.unit_by_id(issue.unit_id) {
        people.extend(roster.leads_of(&unit.code));
    }
    let what = if by.is_some() {
        "alias_undone"
    } else {
        "alias_undone_office"
    };
    let people: BTreeSet<i64> = people.into_iter().map(|person| person.id).collect();
    let owed = people.into_iter().map(|person_id| Owed {
        once: format!(
            "{}:{}:undone-{alias}:{person_id}",
            Kind::Ruling.as_str(),
            issue.id
        ),
        person_id,
        kind: Kind::Ruling,
        issues: vec![issue.id],
        detail: Some(json!({ "what": what, "by": by })),
        urgent: false,
        not_before: rules.send_at(now, false),
    });
    owed.collect()
}
