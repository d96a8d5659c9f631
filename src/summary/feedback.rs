//! What a platform is told of issues: where each stands and what was done, in the platform's words.

use std::collections::HashMap;

use crate::clock::from_ms;
use crate::error::Result;
use crate::feedback::call::Facts;
use crate::feedback::settings::{Cell, FIELDS, Feedback};
use crate::feedback::table::{self, Unfiled};
use crate::feedback::{Standing, State as Told, tells};
use crate::issue::acts::{self, Act};
use crate::issue::table::{self as issues, Issue};
use crate::issue::{CloseReason, How, State, take_back, witness};
use crate::message::view::Lens;
use crate::roster::table as people;
use crate::store::Tx;

/// What is told of one issue.
#[derive(Clone, Debug)]
pub struct Line {
    /// The issue.
    pub issue: i64,
    /// Where it stands.
    pub standing: Standing,
    /// By field; the work order is the first of [`Line::orders`].
    pub facts: Facts,
    /// The newest work orders of the source, each of which is told.
    pub orders: Vec<String>,
}

impl Line {
    /// The fields, of this work order; as they are where it has no number.
    pub fn of_order(&self, order: &str) -> Facts {
        let mut facts = self.facts.clone();
        if !order.is_empty() {
            facts.insert("ticket_no", order.to_owned());
        }
        facts
    }
}

/// Where an issue stands, as a platform is told.
pub fn standing(issue: &Issue) -> Standing {
    let reason = issue.standing.reason;
    let (state, since) = match (issue.standing.state, reason) {
        (State::Closed, Some(CloseReason::Verified)) => (Told::Verified, issue.closed_at),
        (State::Closed, Some(CloseReason::FalseAlarm)) => (Told::FalseAlarm, issue.closed_at),
        (State::Closed, Some(CloseReason::Withdrawn)) => (Told::Withdrawn, issue.closed_at),
        (State::Closed, _) => (Told::VerifiedUnreported, issue.closed_at),
        _ if issue.standing.disputed => (Told::Disputed, issue.acknowledged_at),
        (State::FixReported, _) => (Told::FixReported, issue.fix_reported_at),
        (State::Acknowledged, _) => (Told::Acknowledged, issue.acknowledged_at),
        (State::Open, _) => (Told::Open, Some(issue.reopened)),
    };
    Standing {
        state,
        since: since.unwrap_or_default(),
        how: issue
            .fix_how
            .filter(|_| state == Told::FixReported)
            .map(How::as_str),
    }
}

/// What is told to a source of these issues, in the order asked for. With `masked`, wordings that are kept
/// out of the channel are left out.
pub async fn gather(
    tx: &mut Tx,
    lens: &Lens<'_>,
    (source, feedback): (&str, &Feedback),
    ids: &[i64],
    masked: bool,
) -> Result<Vec<Line>> {
    let issues = issues::many(tx, ids).await?;
    let mut acts = acts::acts_of(tx, ids).await?;
    let mut tickets = witness::tickets_at(tx, source, ids).await?;
    let mut who: Vec<i64> = acts
        .values()
        .flatten()
        .filter_map(|act| act.person_id)
        .collect();
    who.sort_unstable();
    who.dedup();
    let names = people::names_of(tx, &who).await?;
    let mut lines = Vec::with_capacity(issues.len());
    for issue in &issues {
        let acts = acts.remove(&issue.id).unwrap_or_default();
        let standing = standing(issue);
        let mut facts = what(lens, issue, masked);
        facts.insert("source", source.to_owned());
        let orders = tickets.remove(&issue.id).unwrap_or_default();
        facts.insert("ticket_no", orders.first().cloned().unwrap_or_default());
        facts.insert("state", feedback.word(standing.state).to_owned());
        facts.extend(done(&acts, &names));
        facts.extend(when(lens, feedback, issue, &acts));
        facts.insert("how", how(feedback, issue, standing.state));
        lines.push(Line {
            issue: issue.id,
            standing,
            facts,
            orders,
        });
    }
    Ok(lines)
}

fn how(feedback: &Feedback, issue: &Issue, state: Told) -> String {
    let hows = &feedback.how;
    let fixed = matches!(state, Told::FixReported | Told::Verified);
    match issue.fix_how.filter(|_| fixed) {
        Some(How::Edited) => &hows.edited,
        Some(How::Deleted) => &hows.deleted,
        Some(How::Reposted) => &hows.reposted,
        Some(How::Other) => &hows.other,
        None if fixed => &hows.unsaid,
        None => return String::new(),
    }
    .clone()
}

/// What it is, and whose.
fn what(lens: &Lens<'_>, issue: &Issue, masked: bool) -> Facts {
    let mut facts: Facts = FIELDS
        .iter()
        .map(|(name, _)| (*name, String::new()))
        .collect();
    let account = issue.subject().and_then(|id| lens.roster.account(id));
    let unit = lens.roster.unit_by_id(issue.unit_id);
    let hidden = masked && lens.rules.mask.hides(&issue.category);
    let seen = |text: &Option<String>| text.clone().filter(|_| !hidden).unwrap_or_default();
    facts.insert("number", issue.id.to_string());
    if let Some(account) = account {
        facts.insert("account", account.name.clone());
        facts.insert("account_uid", account.uid.clone().unwrap_or_default());
        facts.insert("platform", lens.platform(&account.platform));
    }
    if let Some(unit) = unit {
        facts.insert("unit", unit.name.clone());
        facts.insert("unit_code", unit.code.clone());
    }
    facts.insert("category", lens.category(&issue.category));
    facts.insert("severity", issue.severity.as_str().to_owned());
    facts.insert("wrong_text", seen(&issue.wrong_text));
    facts.insert("suggestion", seen(&issue.suggestion));
    facts.insert("title", seen(&issue.title));
    facts.insert("url", issue.url.clone().unwrap_or_default());
    facts
}

/// Who brought it to where it stands, and what was said with it.
fn done(acts: &[Act], names: &HashMap<i64, String>) -> Facts {
    let counting = take_back::counting(acts);
    let tells = |verb: &str| {
        matches!(
            verb,
            "fix_reported" | "disputed" | "dispute_accepted" | "confirmed" | "acknowledged"
        )
    };
    let mut facts = Facts::new();
    let acts = counting
        .iter()
        .rev()
        .filter(|act| act.person_id.is_some() && tells(&act.verb));
    // What the operator said of a fix stands above the word of who confirmed it.
    let all: Vec<&&Act> = acts.collect();
    let best = all.iter().find(|act| act.verb == "fix_reported");
    let best = best.or_else(|| all.iter().find(|act| act.verb == "disputed"));
    if let Some(act) = best.or_else(|| all.first()) {
        let who = act.person_id.and_then(|id| names.get(&id).cloned());
        facts.insert("who", who.unwrap_or_default());
        facts.insert(
            "note",
            spoken(act.note.as_deref().unwrap_or_default()).to_owned(),
        );
    }
    facts
}

/// What was said, without the positions of a digest (「1 3 已修改」) that only its reader knows.
fn spoken(note: &str) -> &str {
    let mut rest = note.trim();
    loop {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let between =
            |c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',' | '.' | '：' | ':');
        let after = rest.get(digits..).unwrap_or_default();
        match (1..=3).contains(&digits) && after.starts_with(between) {
            true => rest = after.trim_start_matches(between),
            false => return rest,
        }
    }
}

fn when(lens: &Lens<'_>, feedback: &Feedback, issue: &Issue, acts: &[Act]) -> Facts {
    let time = |ms: Option<i64>| {
        let at = ms.map(|ms| from_ms(ms).with_timezone(&lens.rules.zone));
        let at = at.map(|at| at.format(&feedback.time_format).to_string());
        at.unwrap_or_default()
    };
    let told = ["fed_back", "fed_file", "feedback_failed"];
    let changed = acts
        .iter()
        .rev()
        .find(|act| !told.contains(&act.verb.as_str()));
    Facts::from([
        ("fixed_at", time(issue.fix_reported_at)),
        ("closed_at", time(issue.closed_at)),
        ("changed_at", time(changed.map(|act| act.at))),
        ("opened_at", time(Some(issue.opened_at))),
        ("due_at", time(issue.due_at)),
    ])
}

/// A file to hand in, before it is written.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The headers of the platform.
    pub headers: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
    /// What it says of which issue: issue, revision, what is remembered, the platform's word.
    said: Vec<(i64, i64, String, String)>,
    /// What changed and is nothing that the platform is told: issue, revision, what is remembered.
    unsaid: Vec<(i64, i64)>,
}

/// Which rows a file holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which {
    /// What changed since then, in UTC milliseconds.
    pub since: Option<i64>,
    /// What stood in a file before, too.
    pub all: bool,
    /// Leaves out wordings that are kept out of the channel.
    pub masked: bool,
}

/// What the next file of a source holds: what is new, or has changed, since the last one.
pub async fn sheet(
    tx: &mut Tx,
    lens: &Lens<'_>,
    (source, feedback): (&str, &Feedback),
    which: Which,
) -> Result<Sheet> {
    let changed = table::unfiled(tx, source, which.since, which.all).await?;
    let by: HashMap<i64, &Unfiled> = changed.iter().map(|one| (one.issue, one)).collect();
    let ids: Vec<i64> = changed.iter().map(|one| one.issue).collect();
    let lines = gather(tx, lens, (source, feedback), &ids, which.masked).await?;
    let mut sheet = Sheet {
        headers: feedback
            .columns
            .0
            .iter()
            .map(|(header, _)| header.clone())
            .collect(),
        ..Sheet::default()
    };
    for line in lines {
        let Some(one) = by.get(&line.issue) else {
            continue;
        };
        let wanted = match which.all {
            true => feedback.on.contains(&line.standing.state),
            false => tells(line.standing, one.told.as_deref(), &feedback.on),
        };
        if !wanted {
            sheet.unsaid.push((line.issue, one.revision));
            continue;
        }
        let columns = &feedback.columns.0;
        let orders = |(_, cell): &(String, Cell)| match cell {
            Cell::Field(field) => field == "ticket_no",
            Cell::Text(_) => false,
        };
        // Each work order has a row of its own, where the file says which.
        let rows = match line.orders.as_slice() {
            several @ [_, _, ..] if columns.iter().any(orders) => {
                several.iter().map(|order| line.of_order(order)).collect()
            }
            _ => vec![line.facts],
        };
        for facts in rows {
            let cell = |(_, cell): &(String, Cell)| match cell {
                Cell::Text(text) => text.clone(),
                Cell::Field(field) => facts.get(field.as_str()).cloned().unwrap_or_default(),
            };
            sheet.rows.push(columns.iter().map(cell).collect());
        }
        let word = feedback.word(line.standing.state).to_owned();
        sheet
            .said
            .push((line.issue, one.revision, line.standing.key(), word));
    }
    Ok(sheet)
}

/// Remembers what a file says, and who asked for it, by name, so that the next one holds what is new or has changed since.
pub async fn handed_in(
    tx: &mut Tx,
    source: &str,
    sheet: &Sheet,
    by: Option<&str>,
    now: i64,
) -> Result<()> {
    let by = by.map(|name| format!(" · {name}")).unwrap_or_default();
    let mut acts = Vec::with_capacity(sheet.said.len());
    for (issue, revision, key, word) in &sheet.said {
        table::filed(tx, source, (*issue, *revision), Some(key.as_str()), now).await?;
        acts.push(Act {
            issue_id: *issue,
            at: now,
            verb: "fed_file".to_owned(),
            note: Some(format!("{source}：{word}{by}")),
            ..Act::default()
        });
    }
    for (issue, revision) in &sheet.unsaid {
        table::filed(tx, source, (*issue, *revision), None, now).await?;
    }
    acts::record(tx, &acts).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_nothing_that_a_platform_is_told() {
        for (said, told) in [
            ("1 3 已修改", "已修改"),
            ("2、误报 标题是引文", "误报 标题是引文"),
            ("2021年的引文", "2021年的引文"),
            ("已改 2 处", "已改 2 处"),
            ("1", "1"),
            ("", ""),
        ] {
            assert_eq!(spoken(said), told);
        }
    }
}
