//! `duban explain`: whose a printed name is, rule by rule what was tried and what decided

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::out::{self, Out};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::finding::{Finding, mojibake};
use crate::matching::{Candidate, Decision};
use crate::message::view::Lens;

#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// The account's name as a report prints it; left out, the unit is looked up
    name: Option<String>,
    /// The platform as printed
    #[arg(long)]
    platform: Option<String>,
    /// The platform's id of the account as printed
    #[arg(long)]
    uid: Option<String>,
    /// The unit as printed
    #[arg(long)]
    unit: Option<String>,
    /// The area as printed
    #[arg(long)]
    area: Option<String>,
    /// The report's day; today unless said
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn explain(settings: &Settings, options: ExplainOptions) -> Result<bool> {
    if options.name.is_none() && options.unit.is_none() && options.uid.is_none() {
        let reason = "nothing to look up: give a name, or --unit, or --uid";
        return Err(Error::Usage(reason.to_owned()));
    }
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let lens = Lens::new(
        &desk.rules,
        &directory,
        desk.words.office(),
        desk.clock.now(),
    );
    let read = |text: Option<String>| text.map(|text| mojibake::repair(&text).unwrap_or(text));
    let platform = options.platform.as_deref();
    let known = platform.and_then(|word| desk.rules.vocabulary.platform(word));
    let finding = Finding {
        account_name: read(options.name),
        platform: known.map(|platform| platform.id.clone()),
        platform_text: platform.filter(|_| known.is_none()).map(str::to_owned),
        account_uid: options.uid,
        unit_code: options.unit.clone(),
        unit_name: read(options.unit),
        area: read(options.area),
        ..Finding::blank()
    };
    let today = desk.local(desk.clock.now()).date_naive();
    let (decision, steps) = directory
        .index
        .explain(&finding, options.date.unwrap_or(today));
    let who = |account: Option<i64>, unit: i64| {
        let platform = account.and_then(|id| directory.roster.account(id));
        let platform = platform.map_or(String::new(), |a| format!("{} ", a.platform));
        format!(
            "{platform}{} ({})",
            lens.target(account, unit),
            lens.unit(unit)
        )
    };
    let shown = |candidates: &[Candidate]| -> Vec<String> {
        let one = |c: &Candidate| {
            format!(
                "{}  {}, {} %",
                who(c.account, c.unit),
                c.why.replace('+', ", "),
                c.score
            )
        };
        candidates.iter().map(one).collect()
    };
    let (outcome, lines) = match &decision {
        Decision::Matched { account, unit, by } => (
            "matched",
            vec![format!("{} by {}", who(*account, *unit), by.as_str())],
        ),
        Decision::Ambiguous { candidates } => ("ambiguous", shown(candidates)),
        Decision::Unmatched { candidates } => ("unmatched", shown(candidates)),
    };
    if options.json {
        let steps: Vec<_> = steps
            .iter()
            .map(|s| json!({ "rule": s.rule, "tried": s.tried, "gave": s.gave }))
            .collect();
        out::print(json!({ "outcome": outcome, "who": lines, "steps": steps }))?;
        return Ok(true);
    }
    let mut out = Out::new();
    for step in &steps {
        out.line(format_args!(
            "{:<11} {}  →  {}",
            step.rule, step.tried, step.gave
        ))?;
    }
    match outcome {
        "matched" => out.line(format_args!("matched: {}", lines.join("")))?,
        outcome => {
            out.line(format_args!("{outcome}: a person is asked, and offered"))?;
            for line in &lines {
                out.line(format_args!("  {line}"))?;
            }
            if lines.is_empty() {
                out.line("  nobody; a part of the right name in reply to the question finds them")?;
            }
        }
    }
    out.flush()?;
    Ok(true)
}
