//! The auditor: every live issue has a next step or waits for somebody who is there, every notice that
//! is owed has a fate. What is not so is repaired where it can be, else kept for managers to see.

pub mod table;
pub mod verdict;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use verdict::{Watch, Wrong};

use crate::error::Result;
use crate::flow::{self, Rules};
use crate::issue::step::{self, Step};
use crate::issue::table as issues;
use crate::outbox::fate::{self, Told};
use crate::outbox::{self, Kind, Owed};
use crate::roster::Roster;
use crate::store::Tx;

/// How often it looks, in ms.
pub const EVERY_MS: i64 = 5 * 60_000;
/// After a pause longer than this the program counts as just awake: nothing is late yet.
const ASLEEP_MS: i64 = 45 * 60_000;
/// Examples that are kept.
const EXAMPLES: usize = 5;
/// Notices that are not being sent are counted up to this.
const MOST: i64 = 1_000;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// When, in UTC milliseconds.
    pub at: i64,
    /// Since when the program has been looking without a long pause.
    pub awake: i64,
    /// Live issues that were looked at.
    pub issues: usize,
    /// What is wrong and could not be repaired.
    pub wrong: usize,
    /// What was wrong and is repaired.
    pub repaired: usize,
    /// Some of what is wrong.
    pub examples: Vec<Example>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What.
    pub what: Wrong,
    /// With which issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<i64>,
    /// With which notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<i64>,
}

impl Audit {
    fn wrong(&mut self, what: Wrong, issue: Option<i64>, notice: Option<i64>) {
        self.wrong += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example {
                what,
                issue,
                notice,
            });
        }
    }
}

/// What a look brought: what is wrong for good, and what is to be repaired.
#[derive(Debug, Default)]
pub struct Found {
    audit: Audit,
    /// Issues that the clock would not ask about.
    unarmed: Vec<i64>,
    /// Issues that nobody was told of.
    untold: Vec<Step>,
    /// What is owed to people who left.
    left: Vec<Told>,
    /// People to whom something is owed and who are there.
    here: Vec<i64>,
}

/// The auditor, by the rules and the roster of now.
pub struct Auditor<'a> {
    /// When notices may be sent.
    pub rules: &'a Rules,
    /// Who answers for what.
    pub roster: &'a Roster,
    /// The time now.
    pub now: DateTime<Utc>,
}

impl Auditor<'_> {
    /// Looks at everything that is not over; only reads, so that nobody waits for it.
    pub async fn look(&self, tx: &mut Tx) -> Result<Found> {
        let at = self.ms();
        let last = table::last(tx).await?;
        let awake = last.filter(|last| (last.at..=last.at + ASLEEP_MS).contains(&at));
        let awake = awake.map_or(at, |last| last.awake);
        let watch = Watch { now: at, awake };
        let mut found = Found::default();
        (found.audit.at, found.audit.awake) = (at, awake);
        self.notices(tx, watch, &mut found).await?;
        self.issues(tx, watch, &mut found).await?;
        Ok(found)
    }

    /// Repairs what can be and keeps what was found.
    pub async fn repair(&self, tx: &mut Tx, found: Found) -> Result<Audit> {
        let Found {
            mut audit,
            unarmed,
            untold,
            left,
            here,
        } = found;
        let back = fate::recall(tx, &here, self.rules.send_at(self.now, false)).await?;
        let ids: Vec<i64> = left.iter().map(|told| told.id).collect();
        fate::drop_all(tx, &ids, fate::GONE, self.ms()).await?;
        let owed = self.instead(tx, &left).await?;
        outbox::table::enqueue(tx, &owed, self.ms()).await?;
        flow::lay_missing(tx, self.rules, self.roster, &unarmed).await?;
        audit.repaired = ids.len() + unarmed.len() + usize::try_from(back).unwrap_or_default();
        let owed: Vec<Owed> = untold.iter().flat_map(|step| self.tell(step)).collect();
        let told = self.owe(tx, &owed).await?;
        for step in untold {
            // What was owed so before and fell away again is not owed a third time, but shown.
            match told.contains(&step.id) {
                true => audit.repaired += 1,
                false => audit.wrong(Wrong::NeverTold, Some(step.id), None),
            }
        }
        table::keep(tx, &audit).await?;
        Ok(audit)
    }

    fn ms(&self) -> i64 {
        self.now.timestamp_millis()
    }

    async fn issues(&self, tx: &mut Tx, watch: Watch, found: &mut Found) -> Result<()> {
        let steps = step::live(tx).await?;
        found.audit.issues = steps.len();
        let mut managed: HashMap<i64, bool> = HashMap::new();
        for step in steps {
            let answering = self.roster.answering(step.whose());
            let reach = verdict::Reach {
                answering: !answering.is_empty(),
                manager: *managed
                    .entry(step.unit_id)
                    .or_insert_with(|| !self.roster.managers_over(step.unit_id).is_empty()),
            };
            match verdict::issue(&step, reach, watch) {
                Ok(_) => {}
                Err(Wrong::Unarmed) => found.unarmed.push(step.id),
                Err(Wrong::NeverTold) => found.untold.push(step),
                Err(what) => found.audit.wrong(what, Some(step.id), None),
            }
        }
        Ok(())
    }

    async fn notices(&self, tx: &mut Tx, watch: Watch, found: &mut Found) -> Result<()> {
        let people = fate::awaiting(tx).await?.into_iter();
        let (here, gone): (Vec<i64>, Vec<i64>) =
            people.partition(|person| self.roster.person(*person).is_some());
        found.here = here;
        found.left = fate::unsent(tx, &gone, watch.now).await?;
        let Some(before) = watch.before() else {
            return Ok(());
        };
        for told in fate::late(tx, before, MOST).await? {
            let group = outbox::group_of(told.person_id).and_then(|id| self.roster.group(id));
            let in_roster = group.is_some() || self.roster.person(told.person_id).is_some();
            match verdict::notice(&told, in_roster, watch) {
                // Who left is seen to above.
                Ok(_) | Err(Wrong::Gone) => {}
                Err(what) => found.audit.wrong(what, None, Some(told.id)),
            }
        }
        Ok(())
    }

    /// The notice that an issue was never given.
    fn tell(&self, step: &Step) -> Vec<Owed> {
        let kind = match step.reopened {
            0 => Kind::New,
            _ => Kind::Reopened,
        };
        let people = self.roster.answering(step.whose());
        people
            .into_iter()
            .map(|person| Owed {
                once: format!(
                    "{}:audit-{}.{}:{}",
                    kind.as_str(),
                    step.id,
                    step.revision,
                    person.id
                ),
                person_id: person.id,
                kind,
                issues: vec![step.id],
                detail: None,
                urgent: step.urgent,
                not_before: self.rules.send_at(self.now, step.urgent),
            })
            .collect()
    }

    /// Owes notices; the issues of which somebody is told now.
    async fn owe(&self, tx: &mut Tx, owed: &[Owed]) -> Result<HashSet<i64>> {
        outbox::table::enqueue(tx, owed, self.ms()).await?;
        let ids: Vec<i64> = owed.iter().flat_map(|one| one.issues.clone()).collect();
        let told = fate::told_of(tx, &ids, self.ms()).await?;
        Ok(told.into_iter().map(|(issue, _, _)| issue).collect())
    }

    /// What is owed to others in place of those who left: of issues that live, to who answers now and
    /// was not told the same since; of other things, to the managers who were not.
    async fn instead(&self, tx: &mut Tx, left: &[Told]) -> Result<Vec<Owed>> {
        let about = |told: &&Told| {
            let bundle = told.kind.bundle();
            !matches!(bundle, outbox::Bundle::Office | outbox::Bundle::Odd)
                && told.kind != Kind::Unmatched
        };
        let ids: Vec<i64> = left
            .iter()
            .filter(about)
            .flat_map(|told| told.issues.clone())
            .collect();
        let since = left.iter().map(|told| told.created_at).min();
        let known = fate::told_of(tx, &ids, since.unwrap_or_default()).await?;
        let places: HashMap<i64, issues::Place> = issues::places(tx, &ids)
            .await?
            .into_iter()
            .map(|place| (place.id, place))
            .collect();
        let mut owed = Vec::new();
        for told in left {
            if !about(&told) {
                owed.extend(self.to_managers(told));
                continue;
            }
            let mut by: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
            for place in told.issues.iter().filter_map(|id| places.get(id)) {
                for person in self.whom(told.kind, place) {
                    let same = (place.id, person, told.kind.as_str().to_owned());
                    if !known.contains(&same) {
                        by.entry(person).or_default().push(place.id);
                    }
                }
            }
            owed.extend(by.into_iter().map(|(person, issues)| {
                let once = format!("{}:audit-{}:{person}", told.kind.as_str(), told.id);
                self.again(told, once, person, issues)
            }));
        }
        Ok(owed)
    }

    /// Whom a notice of this kind about an issue goes to now.
    fn whom(&self, kind: Kind, place: &issues::Place) -> Vec<i64> {
        let mut people = match kind {
            Kind::Dispute | Kind::Request | Kind::Unconfirmed => {
                self.roster.managers_over(place.unit_id)
            }
            _ => self.roster.answering(place.whose()),
        };
        if matches!(kind, Kind::Overdue | Kind::Refuted)
            && let Some(unit) = self.roster.unit_by_id(place.unit_id)
        {
            people.extend(self.roster.leads_of(&unit.code));
        }
        let mut ids: Vec<i64> = people.into_iter().map(|person| person.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The same cause for each manager of today; who was told of it has a notice of that name.
    fn to_managers(&self, told: &Told) -> Vec<Owed> {
        let Some((cause, _)) = told.once.rsplit_once(':') else {
            return vec![];
        };
        let managers = self.roster.managers_of_all();
        managers
            .into_iter()
            .map(|person| {
                let once = format!("{cause}:{}", person.id);
                self.again(told, once, person.id, told.issues.clone())
            })
            .collect()
    }

    fn again(&self, told: &Told, once: String, person_id: i64, issues: Vec<i64>) -> Owed {
        Owed {
            once,
            person_id,
            kind: told.kind,
            issues,
            detail: told.detail.clone(),
            urgent: told.urgent,
            not_before: self.rules.send_at(self.now, told.urgent),
        }
    }
}
