//! What a report no longer lists: verified and closed, or held open by another source that still lists it.

use std::collections::{HashMap, HashSet};

use super::Received;
use super::doubt::Doubted;
use crate::error::Result;
use crate::issue::acts::{self, Act};
use crate::issue::request as requests;
use crate::issue::state::{Event, State};
use crate::issue::table::{self as issues, Issue};
use crate::issue::track::{self, Silence};
use crate::issue::witness;
use crate::store::Tx;

/// Issues read together; more would only fill the memory.
const AT_ONCE: usize = 2_000;

/// What a report leaves for its silence to say.
#[derive(Default)]
pub(super) struct Noted {
    /// What its source was known to list, or to be silent about while it is open.
    pub before: HashMap<i64, witness::Known>,
    /// The issues that it lists.
    pub listed: HashSet<i64>,
    /// The same by identity.
    pub ids: HashMap<String, i64>,
}

/// What a report's silence means.
#[derive(Default)]
pub(super) struct Silent {
    /// Issues that it verifies.
    pub gone: Vec<i64>,
    /// Issues that another source still lists, by the names of such sources; of those the report is
    /// the first of its source to be silent about.
    held: Vec<(i64, String)>,
    /// Issues that were closed otherwise.
    over: Vec<i64>,
}

/// What is recorded when a report closes an issue, or says that its fix was reported.
pub(super) fn verb(event: Event, reported: bool) -> &'static str {
    match event {
        Event::Gone if reported => "verified",
        Event::Gone => "verified_unreported",
        event => event.verb(),
    }
}

impl Received<'_> {
    /// What was known before a report of this source is listed.
    pub(super) async fn before(&self, tx: &mut Tx) -> Result<Noted> {
        Ok(Noted {
            before: witness::before(tx, &self.source.name).await?,
            ..Noted::default()
        })
    }

    pub(super) fn witness(&self, late: bool, snapshot: bool) -> witness::From<'_> {
        witness::From {
            source: &self.source.name,
            snapshot,
            late,
            now: self.now.timestamp_millis(),
        }
    }

    /// The other sources that hold these issues open, by name.
    pub(super) async fn held(&self, tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, String>> {
        let now = self.now.timestamp_millis();
        let held = witness::held(tx, &self.source.name, ids, now).await?;
        let named = held.into_iter().map(|(id, names)| {
            let names: Vec<String> = names.into_iter().collect();
            (id, names.join("、"))
        });
        Ok(named.collect())
    }

    /// Records that this source no longer lists issues which others do: issue and their names.
    pub(super) async fn note_held(
        &self,
        tx: &mut Tx,
        report: i64,
        held: &[(i64, String)],
    ) -> Result<()> {
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
        for some in ids.chunks(AT_ONCE) {
            for issue in issues::many(tx, some).await? {
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
                    (track::Silent::Verifies, _) => silent.gone.push(issue.id),
                    (track::Silent::Held, Some(names))
                        if noted.before.get(&issue.id).is_some_and(listed) =>
                    {
                        silent.held.push((issue.id, names.clone()));
                    }
                    _ => {}
                }
            }
        }
        Ok(silent)
    }

    /// The silence of the report counts: what others hold stays open.
    pub(super) async fn be_silent(&self, tx: &mut Tx, report: i64, silent: &Silent) -> Result<()> {
        let source = &self.source.name;
        // Somebody may have reopened one since it was looked at.
        let over = issues::many_to_change(tx, &silent.over).await?;
        let over = over.iter().filter(|issue| !issue.live());
        let over: Vec<i64> = over.map(|issue| issue.id).collect();
        witness::silent(tx, source, &over, false).await?;
        let held: Vec<i64> = silent.held.iter().map(|(id, _)| *id).collect();
        witness::silent(tx, source, &held, true).await?;
        self.note_held(tx, report, &silent.held).await
    }

    /// What the silence verifies is closed; how many.
    pub(super) async fn verify(&self, tx: &mut Tx, report: i64, gone: &[i64]) -> Result<usize> {
        let now = self.now.timestamp_millis();
        // Somebody may have acted on one since the piece before.
        let mut gone = issues::many_to_change(tx, gone).await?;
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
    let closed = issues::close(tx, &silent, Event::Gone, now).await?;
    let reported = silent.iter();
    let reported = reported.filter(|issue| issue.standing.state == State::FixReported);
    let reported: HashSet<i64> = reported.map(|issue| issue.id).collect();
    let acts = closed.iter().map(|issue| Act {
        issue_id: *issue,
        at: now,
        verb: verb(Event::Gone, reported.contains(issue)).to_owned(),
        report_id: Some(report),
        person_id: by,
        ..Act::default()
    });
    let acts: Vec<Act> = acts.collect();
    requests::moot(tx, &closed).await?;
    witness::silent(tx, source, &closed, false).await?;
    acts::record(tx, &acts).await?;
    Ok(acts.len())
}
