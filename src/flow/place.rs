//! A manager places printed names that no rule could: the findings open their issues, and the
//! choice becomes an alias.

use chrono::{DateTime, Utc};

use super::listing::{Listed, Origin, identity};
use super::{Directory, Outcome, Received, Rules};
use crate::error::Result;
use crate::finding::{Finding, Said};
use crate::issue::allowed::Wordings;
use crate::issue::table as issues;
use crate::matching::MatchedBy;
use crate::matching::table::{self as waiting, Waiting};
use crate::report::source::SourceSettings;
use crate::report::table as reports;
use crate::roster::{LearnedAlias, Target, learned};
use crate::store::Tx;

/// What a choice brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The issues that were opened or listed again.
    Issues(usize),
    /// Somebody had decided already.
    Already,
}

/// Applies a manager's choice of account or unit for waiting names.
pub async fn place(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    name: &Waiting,
    choice: (Option<i64>, i64),
    by: i64,
    now: DateTime<Utc>,
) -> Result<Placed> {
    let now_ms = now.timestamp_millis();
    let (account, unit) = choice;
    let alias = LearnedAlias {
        id: 0,
        target: account.map_or(Target::Unit(unit), Target::Account),
        name: match account {
            Some(_) => name.printed.account.clone(),
            None => name.printed.unit.clone(),
        }
        .or_else(|| name.printed.account.clone())
        .unwrap_or_default(),
        platform: name.printed.platform.clone(),
        area: None,
        valid_from: None,
        valid_to: None,
    };
    if !waiting::decide(tx, name.id, "decided", by, now_ms).await? {
        return Ok(Placed::Already);
    }
    let alias_id = learned::learn(tx, &alias, by, now_ms).await?;
    waiting::taught(tx, name.id, alias_id).await?;
    let source = SourceSettings::named(&name.source);
    let placing = Received {
        rules,
        directory,
        source: &source,
        date: now.with_timezone(&rules.zone).date_naive(),
        now,
        digest: "",
    };
    let wordings = Wordings::load(tx).await?;
    let mut listings: Vec<Listed<'_>> = Vec::new();
    let mut last_report = 0;
    let rows = waiting::findings_of(tx, name.id).await?;
    let findings = rows.iter().map(|row| serde_json::from_str(&row.3));
    let findings = findings.collect::<std::result::Result<Vec<Finding>, _>>()?;
    for ((finding_id, report, detected_at, _), finding) in rows.iter().zip(&findings) {
        let identity = identity(&rules.vocabulary.links, finding, account, unit);
        last_report = *report;
        let known = issues::by_identities(tx, &[&identity])
            .await?
            .remove(&identity)
            .map(Box::new);
        // What was ruled right opens nothing, and brings nothing back.
        let runs = known.as_ref().is_some_and(|issue| issue.live());
        if !runs && wordings.allow(finding.wrong_text.as_deref(), account) {
            continue;
        }
        if finding.said.is_some_and(Said::settles) && known.is_none() {
            // The report itself calls it settled, and nobody here was ever told of it.
            continue;
        }
        let issue = match (&known, listings.iter().find(|l| l.identity == identity)) {
            (_, Some(listed)) => listed.issue,
            (Some(known), None) => known.id,
            (None, None) => tx.id("issue").await?,
        };
        waiting::placed(tx, *finding_id, issue, account, unit, &identity).await?;
        if listings.iter().all(|l| l.identity != identity) {
            let by = MatchedBy::Person.as_str();
            listings.push(Listed {
                finding,
                account,
                unit,
                by,
                identity,
                detected_at: *detected_at,
                issue,
                known,
            });
        }
    }
    let count = listings.len();
    let (date, received) = match reports::came(tx, last_report).await? {
        Some((day, at)) => (day.parse().unwrap_or(placing.date), at),
        None => (placing.date, now_ms),
    };
    let mut outcome = Outcome::default();
    let cause = format!("placed-{}", name.id);
    let origin = Origin {
        report: last_report,
        late: false,
        snapshot: reports::is_snapshot(tx, last_report).await?,
        date,
        received,
        cause: &cause,
    };
    // No report came: what its source lists, and how it does, stays as it is.
    let mut noted = placing.before(tx).await?;
    placing
        .list_for(tx, origin, listings, &mut outcome, &mut noted)
        .await?;
    Ok(Placed::Issues(count))
}

/// A manager says that the names concern nobody here.
pub async fn dismiss(tx: &mut Tx, name: i64, by: i64, now: DateTime<Utc>) -> Result<bool> {
    waiting::decide(tx, name, "dismissed", by, now.timestamp_millis()).await
}
