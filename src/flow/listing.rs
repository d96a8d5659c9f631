//! A report's rows become stored findings and issues; its silence verifies.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};

use super::doubt::Doubted;
use super::ladder;
use super::moved::Reckoner;
use super::{Outcome, Received, printed};
use crate::clock::{at_local, from_ms};
use crate::error::Result;
use crate::finding::fingerprint::{self, Links};
use crate::finding::{Finding, Said};
use crate::issue::acts::{self, Act};
use crate::issue::allowed::Wordings;
use crate::issue::deadline;
use crate::issue::due::Stamps;
use crate::issue::request as requests;
use crate::issue::state::{Event, Standing, State};
use crate::issue::table::{self as issues, Issue};
use crate::issue::track::{self, Known, Listing, Seen, Silence};
use crate::issue::witness;
use crate::matching::table::{NewWaiting, Offer};
use crate::matching::{Candidate, Decision};
use crate::outbox::{self, Kind, Owed};
use crate::report::source::Mode;
use crate::report::table::{self as reports, NewFinding};
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
    pub known: Option<Box<Issue>>,
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

/// What a report leaves for its silence to say.
#[derive(Default)]
pub(super) struct Noted {
    /// What its source was known to list, or to be silent about while it is open.
    before: HashMap<i64, witness::Known>,
    /// The issues that it lists.
    listed: HashSet<i64>,
    /// The same by identity.
    ids: HashMap<String, i64>,
    /// Work orders that rows print of issues which an earlier piece lists.
    later: Vec<(i64, witness::Orders)>,
}

/// What a report's silence means.
#[derive(Default)]
pub(super) struct Silent {
    /// Issues that it verifies.
    pub gone: Vec<Issue>,
    /// Issues that another source still lists, by the names of such sources; of those the report is
    /// the first of its source to be silent about.
    held: Vec<(i64, String)>,
    /// Issues that were closed otherwise.
    over: Vec<i64>,
}

/// What is recorded when a report closes an issue, or says that its fix was reported.
fn verb(event: Event, reported: bool) -> &'static str {
    match event {
        Event::Gone if reported => "verified",
        Event::Gone => "verified_unreported",
        event => event.verb(),
    }
}

/// The stored form of candidates.
pub(super) fn offers(candidates: Vec<Candidate>) -> Vec<Offer> {
    candidates
        .into_iter()
        .map(|c| Offer {
            account: c.account,
            unit: c.unit,
            score: c.score,
            why: c.why,
        })
        .collect()
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

impl Received<'_> {
    fn detected_at(&self, finding: &Finding) -> i64 {
        let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        finding
            .found_at
            .unwrap_or_else(|| at_local(self.rules.zone, self.date, end))
            .timestamp_millis()
    }

    /// What was known before a report of this source is listed.
    pub(super) async fn before(&self, tx: &mut Tx, late: bool, snapshot: bool) -> Result<Noted> {
        let from = self.witness(late, snapshot);
        Ok(Noted {
            before: witness::before(tx, from).await?,
            ..Noted::default()
        })
    }

    fn witness(&self, late: bool, snapshot: bool) -> witness::From<'_> {
        witness::From {
            source: &self.source.name,
            snapshot,
            late,
            now: self.now.timestamp_millis(),
        }
    }

    /// The names that no rule could place wait for a person: under which numbers, by identity.
    pub(super) async fn names_wait(
        &self,
        tx: &mut Tx,
        report: i64,
        findings: &[Finding],
        decisions: &mut [Decision],
    ) -> Result<HashMap<String, i64>> {
        let mut names: HashMap<String, NewWaiting> = HashMap::new();
        for (finding, decision) in findings.iter().zip(decisions) {
            let (outcome, candidates) = match decision {
                Decision::Matched { .. } => continue,
                _ if finding.positive => continue,
                Decision::Ambiguous { candidates } => ("ambiguous", candidates),
                Decision::Unmatched { candidates } => ("unmatched", candidates),
            };
            let identity = self.waiting_identity(finding);
            names.entry(identity.clone()).or_insert_with(|| NewWaiting {
                identity,
                outcome,
                printed: printed(finding),
                candidates: offers(std::mem::take(candidates)),
            });
        }
        self.ask_managers(tx, report, names.into_values().collect())
            .await
    }

    /// Stores findings with their decisions; what was placed, and was not listed before, comes back once
    /// per issue.
    pub(super) async fn note_findings<'a>(
        &self,
        tx: &mut Tx,
        outcome: &mut Outcome,
        (findings, decisions): (&'a [Finding], &[Decision]),
        waiting: &HashMap<String, i64>,
        noted: &mut Noted,
    ) -> Result<Vec<Listed<'a>>> {
        let mut rows = Vec::with_capacity(decisions.len());
        let mut listed: BTreeMap<usize, Listed<'a>> = BTreeMap::new();
        let mut here: HashMap<String, usize> = HashMap::new();
        let waits = |finding| waiting.get(&self.waiting_identity(finding)).copied();
        for (n, (finding, decision)) in findings.iter().zip(decisions).enumerate() {
            let mut row = NewFinding {
                outcome: "positive",
                matched_by: None,
                account_id: None,
                unit_id: None,
                issue_id: None,
                waiting_id: None,
                identity: None,
                detected_at: self.detected_at(finding),
                finding,
            };
            match decision {
                Decision::Matched {
                    account, unit, by, ..
                } => {
                    row.matched_by = Some(by.as_str());
                    row.account_id = *account;
                    row.unit_id = Some(*unit);
                    if finding.positive {
                        outcome.positive += 1;
                        rows.push(row);
                        continue;
                    }
                    outcome.matched += 1;
                    row.outcome = "matched";
                    let links = &self.rules.vocabulary.links;
                    let identity = identity(links, finding, *account, *unit);
                    let first = *here.entry(identity.clone()).or_insert(n);
                    let settles = |finding: &Finding| finding.said.is_some_and(Said::settles);
                    // Of several rows one that is not settled says how it stands.
                    let opens = listed.get(&first).is_some_and(|item| settles(item.finding))
                        && !settles(finding);
                    if opens && let Some(item) = listed.get_mut(&first) {
                        item.finding = finding;
                        item.detected_at = row.detected_at;
                    }
                    if !noted.ids.contains_key(&identity) && first == n {
                        let item = Listed {
                            finding,
                            account: *account,
                            unit: *unit,
                            by: by.as_str(),
                            identity: identity.clone(),
                            detected_at: row.detected_at,
                            issue: 0,
                            known: None,
                            orders: witness::Orders::default(),
                        };
                        listed.insert(n, item);
                    }
                    let (printed, settled) = (finding.ticket_no.as_deref(), settles(finding));
                    if let Some(item) = listed.get_mut(&first) {
                        item.orders.add(printed, settled);
                    } else if let (Some(issue), Some(_)) = (noted.ids.get(&identity), printed) {
                        let mut orders = witness::Orders::default();
                        orders.add(printed, settled);
                        noted.later.push((*issue, orders));
                    }
                    row.identity = Some(identity);
                }
                _ if finding.positive => outcome.positive += 1,
                Decision::Ambiguous { .. } => {
                    outcome.ambiguous += 1;
                    row.outcome = "ambiguous";
                    row.waiting_id = waits(finding);
                }
                Decision::Unmatched { .. } => {
                    outcome.unmatched += 1;
                    row.outcome = "unmatched";
                    row.waiting_id = waits(finding);
                }
            }
            rows.push(row);
        }
        outcome.allowed += self.give_ids(tx, &mut listed, &mut rows, noted).await?;
        reports::insert_findings(tx, outcome.report, &rows).await?;
        Ok(listed.into_values().collect())
    }

    /// Finds the issues that exist and takes numbers for the others. How many list only a wording that
    /// was ruled right: these open nothing, and bring nothing back.
    async fn give_ids(
        &self,
        tx: &mut Tx,
        listed: &mut BTreeMap<usize, Listed<'_>>,
        rows: &mut [NewFinding<'_>],
        noted: &mut Noted,
    ) -> Result<usize> {
        let identities: Vec<&str> = listed.values().map(|l| l.identity.as_str()).collect();
        let mut known = issues::by_identities(tx, &identities).await?;
        // What the report itself calls settled, and nobody here was ever told of, opens nothing.
        listed.retain(|_, l| {
            let settled = l.finding.said.is_some_and(Said::settles);
            !settled || known.contains_key(&l.identity)
        });
        let wordings = Wordings::load(tx).await?;
        let all = listed.len();
        listed.retain(|_, l| {
            let runs = known.get(&l.identity).is_some_and(Issue::live);
            runs || !wordings.allow(l.finding.wrong_text.as_deref(), l.account)
        });
        let allowed = all - listed.len();
        let left: HashSet<&str> = listed.values().map(|l| l.identity.as_str()).collect();
        known.retain(|identity, _| left.contains(identity.as_str()));
        let fresh = listed.len() - known.len();
        let mut next = if fresh == 0 {
            0
        } else {
            tx.ids("issue", fresh).await?
        };
        for item in listed.values_mut() {
            item.known = known.remove(&item.identity).map(Box::new);
            item.issue = match &item.known {
                Some(issue) => issue.id,
                None => {
                    next += 1;
                    next - 1
                }
            };
            noted.ids.insert(item.identity.clone(), item.issue);
        }
        for row in rows {
            row.issue_id = row
                .identity
                .as_ref()
                .and_then(|identity| noted.ids.get(identity))
                .copied();
        }
        Ok(allowed)
    }

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
        let later = std::mem::take(&mut noted.later);
        witness::more(tx, from.source, later).await?;
        let before = &noted.before;
        let now = self.now.timestamp_millis();
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
            let Some(mut issue) = item.known else {
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
            again.push(issue.id);
            let (category, severity) = (&item.finding.category, item.finding.severity);
            // Of two sources that class it differently the first one's word stands.
            let first = issue.source == self.source.name;
            if first && (issue.category != *category || issue.severity != severity) {
                issues::reclassify(tx, issue.id, category, severity).await?;
                let note = format!(
                    "{} {} → {category} {}",
                    issue.category,
                    issue.severity.as_str(),
                    severity.as_str()
                );
                acts.push(Act {
                    note: Some(note),
                    ..act("reclassified")
                });
                issue.category.clone_from(category);
                issue.severity = severity;
            }
            let known = Known {
                state: issue.standing.state,
                reason: issue.standing.reason,
                fix_reported_at: issue.fix_reported_at.map(from_ms),
            };
            let listing = Listing {
                detected_at: from_ms(item.detected_at),
                late,
            };
            let before = before
                .get(&issue.id)
                .and_then(|known| known.said.as_deref());
            let seen = match item.finding.said {
                Some(Said::Refuted) if known.state != State::FixReported => {
                    track::listed(known, listing)
                }
                // A word that stood there before the fix was reported says nothing of the fix.
                Some(Said::Refuted) if before == Some(Said::Refuted.as_str()) => Seen::Noted,
                Some(said) => track::said(known, said, late),
                None => track::listed(known, listing),
            };
            match seen {
                Seen::Again => outcome.seen_again += 1,
                Seen::Noted => {
                    outcome.seen_again += 1;
                    acts.push(act("listed_before_fix"));
                }
                // As its silence would: what another source still lists stays open.
                Seen::Changes(Event::Gone | Event::Withdraw) if held.contains_key(&issue.id) => {
                    outcome.seen_again += 1;
                    elsewhere.extend(
                        held.get_key_value(&issue.id)
                            .map(|(id, names)| (*id, names.clone())),
                    );
                }
                Seen::Changes(event @ (Event::Gone | Event::Withdraw | Event::ReportFix)) => {
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
                Seen::Changes(event) => {
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

    /// The other sources that hold these issues open, by name.
    async fn held(&self, tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, String>> {
        let now = self.now.timestamp_millis();
        let held = witness::held(tx, &self.source.name, ids, now).await?;
        let named = held.into_iter().map(|(id, names)| {
            let names: Vec<String> = names.into_iter().collect();
            (id, names.join("、"))
        });
        Ok(named.collect())
    }

    /// Records that this source no longer lists issues which others do: issue and their names.
    async fn note_held(&self, tx: &mut Tx, report: i64, held: &[(i64, String)]) -> Result<()> {
        let acts: Vec<Act> = held
            .iter()
            .map(|(issue, names)| Act {
                issue_id: *issue,
                at: self.now.timestamp_millis(),
                verb: "still_listed".to_owned(),
                report_id: Some(report),
                note: Some(format!("{} → {names}", self.source.name)),
                ..Act::default()
            })
            .collect();
        acts::record(tx, &acts).await?;
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

    /// What the silence of the report about what its source had listed means. Nothing is changed yet.
    pub(super) async fn silent_about(
        &self,
        tx: &mut Tx,
        noted: &Noted,
        doubted: &Doubted,
    ) -> Result<Silent> {
        let runs = noted.before.iter().filter(|(_, known)| known.runs());
        let mut ids: Vec<i64> = runs.map(|(id, _)| *id).collect();
        ids.retain(|id| !noted.listed.contains(id));
        ids.sort_unstable();
        let held = self.held(tx, &ids).await?;
        let mut silent = Silent::default();
        for issue in issues::many(tx, &ids).await? {
            if !issue.live() {
                silent.over.push(issue.id);
                continue;
            }
            let others = held.get(&issue.id);
            let silence = Silence {
                snapshot: true,
                late: false,
                same_source: true,
                covered: self.covered(&issue),
                doubted: doubted.covers(issue.subject(), issue.unit_id),
                held: others.is_some(),
            };
            let listed = |known: &witness::Known| known.listed;
            match (track::silent(silence), others) {
                (track::Silent::Verifies, _) => silent.gone.push(issue),
                (track::Silent::Held, Some(names))
                    if noted.before.get(&issue.id).is_some_and(listed) =>
                {
                    silent.held.push((issue.id, names.clone()));
                }
                _ => {}
            }
        }
        Ok(silent)
    }

    /// The silence of the report counts: what others hold stays open.
    pub(super) async fn be_silent(&self, tx: &mut Tx, report: i64, silent: &Silent) -> Result<()> {
        let source = &self.source.name;
        witness::silent(tx, source, &silent.over, false).await?;
        let held: Vec<i64> = silent.held.iter().map(|(id, _)| *id).collect();
        witness::silent(tx, source, &held, true).await?;
        self.note_held(tx, report, &silent.held).await
    }

    /// What the silence verifies is closed; how many.
    pub(super) async fn verify(&self, tx: &mut Tx, report: i64, gone: &[Issue]) -> Result<usize> {
        let now = self.now.timestamp_millis();
        // Somebody may have acted on one since the piece before.
        let ids: Vec<i64> = gone.iter().map(|issue| issue.id).collect();
        let mut gone = issues::many_to_change(tx, &ids).await?;
        gone.retain(Issue::live);
        verify(tx, (&self.source.name, gone), report, None, now).await
    }

    /// Whether the source looks at the issue's account (or unit) at all.
    fn covered(&self, issue: &Issue) -> bool {
        self.covers(issue.subject(), issue.unit_id)
    }

    /// Whether the source looks at an account (or unit) at all.
    pub(super) fn covers(&self, account: Option<i64>, unit: i64) -> bool {
        let (roster, covers) = (&self.directory.roster, &self.source.covers);
        let platform = account
            .and_then(|id| roster.account(id))
            .map(|a| &a.platform);
        let platform_in = covers.platforms.is_empty()
            || platform.is_some_and(|platform| {
                covers.platforms.iter().any(|name| {
                    self.rules
                        .vocabulary
                        .platform(name)
                        .is_some_and(|p| p.id == *platform)
                })
            });
        let unit = roster.unit_by_id(unit);
        let area_in = covers.areas.is_empty()
            || unit.is_some_and(|u| covers.areas.iter().any(|a| roster.is_below(&u.code, a)));
        platform_in && area_in
    }
}

/// Closes issues by a report's silence, which a person may have confirmed; how many. `now` is UTC
/// milliseconds.
pub(super) async fn verify(
    tx: &mut Tx,
    (source, silent): (&str, Vec<Issue>),
    report: i64,
    by: Option<i64>,
    now: i64,
) -> Result<usize> {
    let mut acts = Vec::new();
    for mut issue in silent {
        let reported = issue.standing.state == State::FixReported;
        let gone = issues::apply(tx, &mut issue, Event::Gone, now).await?;
        if gone.is_ok() {
            acts.push(Act {
                issue_id: issue.id,
                at: now,
                verb: verb(Event::Gone, reported).to_owned(),
                report_id: Some(report),
                person_id: by,
                ..Act::default()
            });
        }
    }
    let closed: Vec<i64> = acts.iter().map(|act| act.issue_id).collect();
    requests::moot(tx, &closed).await?;
    witness::silent(tx, source, &closed, false).await?;
    acts::record(tx, &acts).await?;
    Ok(acts.len())
}

/// Notices by kind and person, each with the exact issues.
#[derive(Default)]
pub(super) struct Notices {
    by: BTreeMap<(Kind, i64), (Vec<i64>, bool)>,
}

impl Notices {
    /// Owes the people who answer for an issue a notice of it.
    pub(super) fn add(&mut self, kind: Kind, issue: &Issue, received: &Received<'_>) {
        let roster = &received.directory.roster;
        let mut people = roster.answering(issue.whose());
        // 复查未通过 concerns the lead too.
        if kind == Kind::Refuted
            && let Some(unit) = roster.unit_by_id(issue.unit_id)
        {
            people.extend(roster.leads_of(&unit.code));
        }
        let mut people: HashSet<i64> = people.into_iter().map(|person| person.id).collect();
        let group = roster.group_of(issue.unit_id);
        people.extend(group.map(|group| outbox::to_group(group.id)));
        for person in people {
            let entry = self.by.entry((kind, person)).or_default();
            entry.0.push(issue.id);
            entry.1 |= issue.urgent;
        }
    }

    /// The notices, each owed once per cause.
    pub(super) fn owed(self, cause: &str, received: &Received<'_>) -> Vec<Owed> {
        self.by
            .into_iter()
            .map(|((kind, person_id), (issues, urgent))| Owed {
                once: format!("{}:{cause}:{person_id}", kind.as_str()),
                person_id,
                kind,
                issues,
                detail: None,
                urgent,
                not_before: received.rules.send_at(received.now, urgent),
            })
            .collect()
    }
}
