//! A person's own issues: all of them, what is due today, what is past due, what waits for verification, and
//! what today brought.

use std::collections::HashSet;

use super::asking::Asking;
use super::tally::{Tally, due_today};
use crate::act;
use crate::ask::Mine;
use crate::error::Result;
use crate::issue::{Issue, State, acts};
use crate::store::Tx;

/// Acts by which an issue becomes somebody's.
const BRINGS: [&str; 5] = ["opened", "reopened", "refuted", "reassigned", "handed_over"];

/// The live issues of a person, serious and soon due first.
#[derive(Clone, Debug)]
pub struct Own {
    all: Vec<Issue>,
    /// How many there are of each kind.
    pub tally: Tally,
    /// Those that became theirs today; looked for only if asked about.
    pub fresh: HashSet<i64>,
    times: (i64, i64),
}

/// A person's own issues.
pub async fn own(tx: &mut Tx, asking: &Asking<'_>, which: Mine) -> Result<Own> {
    let all = act::mine(tx, asking.lens.roster, asking.person).await?;
    let (midnight, ends) = asking.times(asking.last_days(1));
    let times = (asking.now_ms(), ends);
    let mut fresh = HashSet::new();
    if which == Mine::Today {
        let ids: Vec<i64> = all.iter().map(|issue| issue.id).collect();
        for (issue, acts) in acts::acts_of(tx, &ids).await? {
            let brought =
                |act: &acts::Act| act.at >= midnight && BRINGS.contains(&act.verb.as_str());
            if acts.iter().any(brought) {
                fresh.insert(issue);
            }
        }
    }
    Ok(Own {
        tally: Tally::of(&all, times),
        all,
        fresh,
        times,
    })
}

impl Own {
    /// Those of one kind; of today first what is new.
    pub fn of(&self, which: Mine) -> Vec<i64> {
        let is = |issue: &&Issue| match which {
            Mine::All => true,
            Mine::Due => due_today(issue, self.times),
            Mine::Overdue => issue.overdue(self.times.0),
            Mine::Reported => issue.standing.state == State::FixReported,
            Mine::Today => self.fresh.contains(&issue.id) || due_today(issue, self.times),
        };
        let mut found: Vec<&Issue> = self.all.iter().filter(is).collect();
        if which == Mine::Today {
            found.sort_by_key(|issue| !self.fresh.contains(&issue.id));
        }
        found.into_iter().map(|issue| issue.id).collect()
    }
}
