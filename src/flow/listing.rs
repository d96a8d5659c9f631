//! What a report lists becomes issues: opened, seen again, brought back or refuted; who answers is owed a notice.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::ladder;
use super::moved::Reckoner;
use super::notices::Notices;
use super::silence::{Noted, verb};
use super::{Outcome, Received};
use crate::clock::from_ms;
use crate::error::Result;
use crate::finding::fingerprint::{self, Links};
use crate::finding::{Finding, Said};
use crate::issue::acts::{self, Act};
use crate::issue::deadline;
use crate::issue::due::Stamps;
use crate::issue::request as requests;
use crate::issue::state::{Event, Standing, State};
use crate::issue::table::{self as issues, Issue, Tracked};
use crate::issue::track::{self, Known, Listing, Seen};
use crate::issue::witness;
use crate::outbox::{self, Kind};
use crate::report::source::Mode;
use crate::store::Tx;

/// Issues written together; more would only fill the memory.
const AT_ONCE: usize = 2_000;

/// One issue as a report lists it.
pub(super) struct Listed<'a> {
    pub finding: &'a Finding,
    pub account: Option<i64>,
    pub unit: i64,
    pub by: &'static str,
    pub identity: String,
    pub detected_at: i64,
    pub issue: i64,
    pub known: Option<Tracked>,
    pub orders: witness::Orders,
}

/// Where a listing comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub report: i64,
    pub late: bool,
    /// It lists everything that is still wrong.
    pub snapshot: bool,
    /// Its day.
    pub date: NaiveDate,
    /// When it came, in UTC milliseconds.
    pub received: i64,
    /// Makes its notices happen once.
    pub cause: &'a str,
}

/// The identity of the issue that a placed finding is about.
pub(super) fn identity(
    links: &Links,
    finding: &Finding,
    account: Option<i64>,
    unit: i64,
) -> String {
    let target = account.map_or_else(|| format!("u:{unit}"), |id| format!("a:{id}"));
    let article = finding
        .article_url
        .as_deref()
        .and_then(|link| fingerprint::article_key(link, links));
    fingerprint::identity(
        &target,
        article.as_deref(),
        finding.wrong_text.as_deref(),
        &finding.category,
    )
}

/// What being listed does to an issue that is known; `before` is what its source said of each until now.
fn seen(
    item: &Listed<'_>,
    tracked: &Tracked,
    late: bool,
    before: &HashMap<i64, witness::Known>,
) -> Seen {
    let known = Known {
        state: tracked.standing.state,
        reason: tracked.standing.reason,
        fix_reported_at: tracked.fix_reported_at.map(from_ms),
    };
    let listing = Listing {
        detected_at: from_ms(item.detected_at),
        late,
    };
    let before = before.get(&tracked.id);
    match item.finding.said {
        Some(Said::Refuted) if known.state != State::FixReported => track::listed(known, listing),
        // A word that stood there before the fix was reported says nothing of the fix.
        Some(Said::Refuted)
            if before.and_then(|known| known.said.as_deref()) == Some(Said::Refuted.as_str()) =>
        {
            Seen::Noted
        }
        Some(said) => track::said(known, said, late),
        None => track::listed(known, listing),
    }
}

impl Received<'_> {
    /// Opens what is new, notes what is listed again, reopens and refutes; owes the notices.
    pub(super) async fn list(
        &self,
        tx: &mut Tx,
        (late, cause): (bool, &str),
        listings: Vec<Listed<'_>>,
        outcome: &mut Outcome,
        noted: &mut Noted,
    ) -> Result<()> {
        let origin = Origin {
            report: outcome.report,
            late,
            snapshot: self.source.mode == Mode::Snapshot,
            date: self.date,
            received: self.now.timestamp_millis(),
            cause,
        };
        self.list_for(tx, origin, listings, outcome, noted).await
    }

    /// The same, for a named cause: a report, or a person's choice.
    pub(super) async fn list_for(
        &self,
        tx: &mut Tx,
        origin: Origin<'_>,
        listings: Vec<Listed<'_>>,
        outcome: &mut Outcome,
        noted: &mut Noted,
    ) -> Result<()> {
        let Origin {
            report,
            late,
            cause,
            ..
        } = origin;
        let seen_by = |item: &Listed<'_>| witness::Listed {
            issue: item.issue,
            orders: item.orders.clone(),
            said: item.finding.said,
            opened: item.known.is_none(),
        };
        let witnessed: Vec<witness::Listed> = listings.iter().map(seen_by).collect();
        let settled = witnessed.iter().filter(|w| w.settled()).map(|w| w.issue);
        let held = self.held(tx, &settled.collect::<Vec<_>>()).await?;
        let from = self.witness(late, origin.snapshot);
        witness::note(tx, from, &witnessed, &mut noted.before).await?;
        let before = &noted.before;
        let now = self.now.timestamp_millis();
        let seen = |item: &Listed<'_>| {
            item.known
                .as_ref()
                .map(|known| seen(item, known, late, before))
        };
        let changing = listings
            .iter()
            .filter(|item| matches!(seen(item), Some(Seen::Changes(_))));
        let changing: Vec<i64> = changing.map(|item| item.issue).collect();
        let changing = issues::many(tx, &changing).await?;
        let mut changing: HashMap<i64, Issue> = changing
            .into_iter()
            .map(|issue| (issue.id, issue))
            .collect();
        let (mut opened, mut again, mut acts) = (Vec::new(), Vec::new(), Vec::new());
        let mut elsewhere: Vec<(i64, String)> = Vec::new();
        let mut notices = Notices::default();
        let mut reckoner = Reckoner::new(self.rules, &self.directory.roster);
        for item in listings {
            let act = |verb: &str| Act {
                issue_id: item.issue,
                at: now,
                verb: verb.to_owned(),
                report_id: Some(report),
                ..Act::default()
            };
            let (Some(known), Some(seen)) = (&item.known, seen(&item)) else {
                acts.push(act("opened"));
                let issue = self.open(&item, &origin, &mut reckoner)?;
                notices.add(Kind::New, &issue.0, self);
                outcome.opened += 1;
                opened.push(issue);
                if opened.len() == AT_ONCE {
                    issues::insert(tx, &std::mem::take(&mut opened)).await?;
                    acts::record(tx, &std::mem::take(&mut acts)).await?;
                }
                continue;
            };
            again.push(known.id);
            let (category, severity) = (&item.finding.category, item.finding.severity);
            // Of two sources that class it differently the first one's word stands.
            let first = known.source == self.source.name;
            if first && (known.category != *category || known.severity != severity) {
                issues::reclassify(tx, known.id, category, severity).await?;
                let note = format!(
                    "{} {} → {category} {}",
                    known.category,
                    known.severity.as_str(),
                    severity.as_str()
                );
                acts.push(Act {
                    note: Some(note),
                    ..act("reclassified")
                });
                if let Some(issue) = changing.get_mut(&known.id) {
                    issue.category.clone_from(category);
                    issue.severity = severity;
                }
            }
            let event = match seen {
                Seen::Again => {
                    outcome.seen_again += 1;
                    continue;
                }
                Seen::Noted => {
                    outcome.seen_again += 1;
                    acts.push(act("listed_before_fix"));
                    continue;
                }
                Seen::Changes(event) => event,
            };
            let Some(mut issue) = changing.remove(&known.id) else {
                continue;
            };
            match event {
                // As its silence would: what another source still lists stays open.
                Event::Gone | Event::Withdraw if held.contains_key(&issue.id) => {
                    outcome.seen_again += 1;
                    elsewhere.extend(
                        held.get_key_value(&issue.id)
                            .map(|(id, names)| (*id, names.clone())),
                    );
                }
                event @ (Event::Gone | Event::Withdraw | Event::ReportFix) => {
                    let reported = issue.standing.state == State::FixReported;
                    if issues::apply(tx, &mut issue, event, now).await?.is_ok() {
                        if event == Event::ReportFix || !issue.live() {
                            requests::moot(tx, &[issue.id]).await?;
                        }
                        outcome.verified += usize::from(event == Event::Gone);
                        outcome.seen_again += usize::from(event != Event::Gone);
                        acts.push(act(verb(event, reported)));
                    }
                }
                event => {
                    if issues::apply(tx, &mut issue, event, now).await?.is_err() {
                        continue;
                    }
                    outcome.reopened += 1;
                    acts.push(act(event.verb()));
                    let kind = match event {
                        // A fix that was none does not earn more time: the clock runs on.
                        Event::Refute => {
                            ladder::resume(tx, self.rules, issue.id, self.now).await?;
                            Kind::Refuted
                        }
                        _ => {
                            let stamps = self.stamps(&origin, item.finding);
                            let to = &reckoner.deadline(&issue, &stamps, self.now).to;
                            let stamps = serde_json::to_string(&stamps)?;
                            deadline::start(tx, issue.id, to, &stamps).await?;
                            Kind::Reopened
                        }
                    };
                    notices.add(kind, &issue, self);
                }
            }
        }
        issues::insert(tx, &opened).await?;
        issues::seen(tx, &again, report, now).await?;
        acts::record(tx, &acts).await?;
        let owed = notices.owed(cause, self);
        outbox::table::enqueue(tx, &owed, now).await?;
        let first = |id: &i64| {
            let before = before.get(id);
            before.is_none_or(|known| known.listed || known.said.is_none())
        };
        elsewhere.retain(|(id, _)| first(id));
        self.note_held(tx, report, &elsewhere).await?;
        noted.listed.extend(witness::ids(&witnessed));
        Ok(())
    }

    fn open(
        &self,
        item: &Listed<'_>,
        origin: &Origin<'_>,
        reckoner: &mut Reckoner<'_>,
    ) -> Result<(Issue, String, Option<i64>)> {
        let now = self.now.timestamp_millis();
        let finding = &item.finding;
        let mut issue = Issue {
            id: item.issue,
            identity: item.identity.clone(),
            source: self.source.name.clone(),
            account_id: item.account,
            unit_id: item.unit,
            about_id: None,
            handler_id: None,
            category: finding.category.clone(),
            severity: finding.severity,
            urgent: finding.urgent,
            standing: Standing::OPEN,
            matched_by: item.by.to_owned(),
            wrong_text: finding.wrong_text.clone(),
            suggestion: finding.suggestion.clone(),
            context: finding.context.clone(),
            title: finding.article_title.clone(),
            url: finding.article_url.clone(),
            opened_at: now,
            told_at: Some(now),
            due_at: None,
            due_why: None,
            stamps: None,
            acknowledged_at: None,
            fix_reported_at: None,
            fix_how: None,
            closed_at: None,
            reopened: 0,
            last_report: origin.report,
            last_seen_at: now,
            revision: 0,
            tickets: item.orders.shown(),
        };
        let stamps = self.stamps(origin, finding);
        let to = &reckoner.deadline(&issue, &stamps, self.now).to;
        issue.due_at = to.due;
        issue.due_why = Some(to.why.clone());
        issue.stamps = Some(serde_json::to_string(&stamps)?);
        Ok((issue, to.ladder.clone(), to.step))
    }

    /// What the report says of when.
    fn stamps(&self, origin: &Origin<'_>, finding: &Finding) -> Stamps {
        let ms = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.timestamp_millis());
        Stamps {
            source: self.source.name.clone(),
            report: Some(origin.date),
            received: Some(origin.received),
            found: ms(finding.found_at),
            published: ms(finding.published_at),
        }
    }
}
