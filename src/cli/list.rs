//! `duban issues` and `duban status`

use clap::Args;
use serde_json::{Value as Json, json};

use crate::clock::from_ms;
use crate::config::Settings;
use crate::error::{Fault, Result};
use crate::issue::why::Explanation;
use crate::issue::{State, table as issues};
use crate::message::view::Lens;
use crate::summary;

#[derive(Debug, Args)]
pub(super) struct IssuesOptions {
    /// Only this state: open, acknowledged, fix_reported, closed
    #[arg(long)]
    state: Option<String>,
    /// Only this unit, by code or name
    #[arg(long)]
    unit: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn time(ms: Option<i64>) -> Json {
    ms.map_or(Json::Null, |ms| from_ms(ms).to_rfc3339().into())
}

pub(super) async fn issues(settings: &Settings, options: IssuesOptions) -> Result<bool> {
    let state = match &options.state {
        Some(word) => Some(State::parse(word).ok_or_else(|| {
            let words: Vec<&str> = State::ALL.iter().map(|s| s.as_str()).collect();
            Fault::new(format!(
                "no state {word:?}; there are: {}",
                words.join(", ")
            ))
        })?),
        None => None,
    };
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let roster = &directory.roster;
    let lens = Lens::new(&desk.rules, &directory, &desk.words, desk.clock.now());
    let unit = match &options.unit {
        Some(name) => {
            let mut units = roster.units.iter();
            let found = units.find(|unit| unit.code == *name || unit.name == *name);
            Some(found.ok_or_else(|| {
                Fault::new(format!(
                    "no unit {name:?}; `duban roster export` lists codes and names"
                ))
            })?)
        }
        None => None,
    };
    let mut rows = issues::all(&mut tx).await?;
    rows.retain(|issue| {
        state.is_none_or(|state| issue.standing.state == state)
            && unit.is_none_or(|unit| issue.unit_id == unit.id)
    });
    let ids: Vec<i64> = rows.iter().map(|issue| issue.id).collect();
    let mut acts = issues::acts_of(&mut tx, &ids).await?;
    let mut list = Vec::new();
    for issue in &rows {
        let acts = acts.remove(&issue.id).unwrap_or_default();
        let last: Vec<Json> = acts
            .iter()
            .rev()
            .take(5)
            .map(|act| {
                json!({ "verb": act.verb, "at": time(Some(act.at)), "note": act.note,
                    "by": act.person_id.and_then(|id| roster.person(id)).map(|p| p.name.clone()) })
            })
            .collect();
        let account = issue.account_id.and_then(|id| roster.account(id)).map(|account| {
            json!({ "platform": account.platform, "name": account.name, "uid": account.uid })
        });
        let unit = roster.unit_by_id(issue.unit_id);
        let unit = unit.map(|unit| json!({ "code": unit.code, "name": unit.name }));
        let why = issue.due_why.as_deref().map(Explanation::read);
        if options.json {
            list.push(json!({
                "number": issue.id, "account": account, "unit": unit, "category": issue.category,
                "severity": issue.severity.as_str(), "state": issue.standing.state.as_str(),
                "reason": issue.standing.reason.map(|reason| reason.as_str()),
                "opened_at": time(Some(issue.opened_at)), "due_at": time(issue.due_at),
                "due_why": why.as_ref().map(ToString::to_string), "due_explanation": why,
                "wrong_text": issue.wrong_text, "suggestion": issue.suggestion, "url": issue.url,
                "matched_by": issue.matched_by, "acts": last,
            }));
        } else {
            println!(
                "#{}  {}  {}  {}  {}  {}{}",
                issue.id,
                issue.standing.state.as_str(),
                lens.target(issue.account_id, issue.unit_id),
                lens.category(&issue.category),
                issue.wrong_text.as_deref().unwrap_or("-"),
                issue
                    .due_at
                    .map_or_else(|| "-".to_owned(), |due| lens.time(due)),
                lens.due_unsure(issue),
            );
        }
    }
    if options.json {
        println!("{}", Json::from(list));
    }
    Ok(true)
}

#[derive(Debug, Args)]
pub(super) struct StatusOptions {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn status(settings: &Settings, options: StatusOptions) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let now = desk.clock.now();
    let status = summary::status(&mut tx, &desk.rules, &directory, None, now).await?;
    if options.json {
        println!("{}", serde_json::to_string(&status)?);
    } else {
        let html = desk
            .words
            .text("status", minijinja::context! { s => status })?;
        println!("{}", crate::message::plain(&html));
    }
    Ok(true)
}
