//! A manager places printed names that no rule could: the findings open their issues, and the
//! choice becomes an alias.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::findings::{Several, settles};
use super::listing::{Listed, Origin, identity};
use super::{Directory, Outcome, Received, Rules};
use crate::error::Result;
use crate::finding::Finding;
use crate::issue::allowed::Wordings;
use crate::issue::table::{self as issues, Tracked};
use crate::issue::witness::{self, Orders};
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
    let rows = waiting::findings_of(tx, name.id).await?;
    let findings = rows.iter().map(|row| serde_json::from_str(&row.3));
    let findings = findings.collect::<std::result::Result<Vec<Finding>, _>>()?;
    let last_report = rows.last().map_or(0, |row| row.1);
    let detected = rows.iter().map(|row| row.2);
    let found: Vec<(&Finding, i64)> = findings.iter().zip(detected).collect();
    let (listings, at) = placing.listings(tx, choice, (&found, last_report)).await?;
    let placed = rows.iter().zip(&at).filter_map(|(row, at)| {
        let listed = listings.get((*at)?)?;
        Some((row.0, listed.issue, listed.identity.as_str()))
    });
    waiting::placed(tx, choice, &placed.collect::<Vec<_>>()).await?;
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

impl Received<'_> {
    /// The findings of a placed name, with when each was detected, as issues, each once; and which of these each
    /// finding is of, if any. Asked for in lists: a name may have thousands of rows.
    async fn listings<'a>(
        &self,
        tx: &mut Tx,
        (account, unit): (Option<i64>, i64),
        (found, report): (&[(&'a Finding, i64)], i64),
    ) -> Result<(Vec<Listed<'a>>, Vec<Option<usize>>)> {
        let links = &self.rules.vocabulary.links;
        let identities = found.iter();
        let identities = identities.map(|(finding, _)| identity(links, finding, account, unit));
        let identities: Vec<String> = identities.collect();
        let asked: BTreeSet<&str> = identities.iter().map(String::as_str).collect();
        let known = issues::by_identities(tx, &asked.into_iter().collect::<Vec<_>>()).await?;
        let wordings = Wordings::load(tx).await?;
        let mut several: HashMap<&str, Several> = HashMap::new();
        for (n, ((finding, _), identity)) in found.iter().zip(&identities).enumerate() {
            let of = several.entry(identity).or_insert_with(|| Several::from(n));
            of.add(n, finding);
        }
        let mut listings: Vec<Listed<'a>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut at = Vec::with_capacity(found.len());
        for identity in &identities {
            let said = several.remove(identity.as_str());
            let told = said.and_then(|said| Some((*found.get(said.told)?, said.orders)));
            let Some(((finding, detected_at), orders)) = told else {
                // An earlier row was of it.
                at.push(places.get(identity.as_str()).copied());
                continue;
            };
            let known = known.get(identity);
            // What was ruled right opens nothing, and brings nothing back.
            let runs = known.is_some_and(Tracked::live);
            let allowed = !runs && wordings.allow(finding.wrong_text.as_deref(), account);
            // The report itself calls it settled, and nobody here was ever told of it.
            if allowed || (known.is_none() && settles(finding)) {
                at.push(None);
                continue;
            }
            at.push(Some(listings.len()));
            places.insert(identity, listings.len());
            listings.push(Listed {
                finding,
                account,
                unit,
                by: MatchedBy::Person.as_str(),
                identity: identity.clone(),
                detected_at,
                issue: known.map_or(0, |issue| issue.id),
                known: known.cloned(),
                orders,
            });
        }
        // The report in which the name stood lists the issue under other names too: their orders stay.
        let same = listings.iter().filter_map(|item| item.known.as_ref());
        let same: Vec<i64> = same
            .filter(|known| known.last_report == report)
            .map(|k| k.id)
            .collect();
        let mut before = witness::tickets_at(tx, &self.source.name, &same).await?;
        for item in &mut listings {
            let mut orders = Orders::default();
            for order in before.remove(&item.issue).unwrap_or_default() {
                orders.add(Some(&order), false);
            }
            orders.join(&item.orders);
            item.orders = orders;
        }
        let mut fresh: Vec<_> = listings.iter_mut().filter(|l| l.known.is_none()).collect();
        if !fresh.is_empty() {
            let first = tx.ids("issue", fresh.len()).await?;
            for (id, item) in (first..).zip(&mut fresh) {
                item.issue = id;
            }
        }
        Ok((listings, at))
    }
}

/// A manager says that the names concern nobody here.
pub async fn dismiss(tx: &mut Tx, name: i64, by: i64, now: DateTime<Utc>) -> Result<bool> {
    waiting::decide(tx, name, "dismissed", by, now.timestamp_millis()).await
}
