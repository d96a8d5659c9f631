//! Reported fixes that nothing has confirmed for long: a manager has to look. Of each they are told once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Rules;
use crate::clock::from_ms;
use crate::error::Result;
use crate::issue::table as issues;
use crate::outbox::{self, Kind, Owed};
use crate::roster::Roster;
use crate::store::Tx;

/// Owes the managers the list of what has waited as long as the policy allows; how many issues.
pub async fn list(
    tx: &mut Tx,
    rules: &Rules,
    roster: &Roster,
    now: DateTime<Utc>,
) -> Result<usize> {
    let ms = now.timestamp_millis();
    let within = rules.deadlines.policy.limits.verification;
    let mut waited = issues::unconfirmed(tx).await?;
    waited.retain(|(_, _, reported)| rules.deadlines.after(within, from_ms(*reported)) <= now);
    let mut by: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (issue, unit, _) in &waited {
        for manager in roster.managers_over(*unit) {
            by.entry(manager.id).or_default().push(*issue);
        }
    }
    let owed: Vec<Owed> = by
        .into_iter()
        .map(|(person_id, issues)| Owed {
            once: format!("unconfirmed:{ms}:{person_id}"),
            person_id,
            kind: Kind::Unconfirmed,
            issues,
            detail: None,
            urgent: false,
            not_before: rules.send_at(now, false),
        })
        .collect();
    outbox::table::enqueue(tx, &owed, ms).await?;
    let ids: Vec<i64> = waited.into_iter().map(|(issue, _, _)| issue).collect();
    issues::unconfirmed_told(tx, &ids, ms).await?;
    Ok(ids.len())
}
