//! What hangs on the wall: the people, today's funnel, the issues with their history, what is owed
//! and what became of it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::{Value as Json, json};

use super::stage::{CAST, Demo, first_day};
use crate::clock::from_ms;
use crate::desk::Desk;
use crate::error::Result;
use crate::flow::Directory;
use crate::issue::acts::{self, Act};
use crate::issue::deadline::{self, Climb};
use crate::issue::table::{self as issues, Issue};
use crate::issue::{CloseReason, State};
use crate::matching::table as waiting;
use crate::message::plain;
use crate::message::table as messages;
use crate::message::view::Lens;
use crate::outbox::{fate, table as outbox};
use crate::roster::{Person, Role, table as people};
use crate::store::Tx;

/// The most notices shown.
const NOTICES: i64 = 60;

/// How time goes on.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// It stands still.
    pub paused: bool,
    /// So many of the city's seconds in one.
    pub speed: u32,
    /// Colleagues act by themselves.
    pub autoplay: bool,
    /// A long move is under way.
    pub busy: bool,
}

/// Everything, as the page is told.
pub(super) async fn paint(demo: &mut Demo, pace: Pace) -> Result<Json> {
    let cast: Vec<i64> = CAST
        .iter()
        .map(|code| demo.chat(code))
        .chain([demo.group])
        .filter(|chat| *chat != 0)
        .collect();
    let local = demo.now().with_timezone(&chrono_tz::Asia::Shanghai);
    let news: Vec<Json> = demo
        .news
        .iter()
        .map(|(at, text)| json!({ "at": at, "text": text }))
        .collect();
    let report = demo.report.as_ref().map(|outcome| match outcome {
        Ok(o) => json!({
            "source": o.source, "date": o.date, "findings": o.findings, "matched": o.matched,
            "unmatched": o.ambiguous + o.unmatched, "positive": o.positive,
            "rejected": o.rejected.len(), "opened": o.opened, "seen_again": o.seen_again,
            "reopened": o.reopened, "verified": o.verified, "error": null,
        }),
        Err(error) => json!({ "error": error }),
    });
    let on_leave = demo.on_leave.clone();
    let (now, midnight) = (demo.now(), super::stage::hour(demo.date(), 0, 0));
    let desk = demo.app()?.desk.clone();
    let mut tx = desk.store.begin().await?;
    let directory = desk.directory(&mut tx).await?;
    let painter = Painter {
        desk: &desk,
        directory: &directory,
        now,
    };
    let all = issues::all(&mut tx).await?;
    let told = messages::told(&mut tx).await?;
    let waits = waiting::open(&mut tx).await?.len();
    let funnel = funnel(&all, &told, (waits, midnight.timestamp_millis()));
    let shown = painter.issues(&mut tx, &all).await?;
    let outbox = painter.outbox(&mut tx).await?;
    let mut folk = painter.people(&mut tx).await?;
    drop(tx);
    for person in &mut folk {
        let code = person["code"].as_str().unwrap_or_default();
        person["on_leave"] = on_leave.contains(code).into();
    }
    Ok(json!({
        "epoch": demo.sandbox.epoch(),
        "now": local.format("%Y-%m-%dT%H:%M:00%:z").to_string(),
        "weekday": local.weekday().number_from_monday(), "paused": pace.paused,
        "speed": pace.speed, "busy": pace.busy, "started": first_day().to_string(),
        "autoplay": pace.autoplay, "people": folk, "cast": cast, "funnel": funnel,
        "report": report, "issues": shown, "outbox": outbox, "news": news,
    }))
}

/// How far what is in play today has come: what was not closed before today, and the printed names
/// that wait for a person. Each stage holds those of the next; what is gone from the report counts
/// as fixed, whoever reported it.
fn funnel(all: &[Issue], shown: &HashSet<i64>, (waits, midnight): (usize, i64)) -> Json {
    let in_play = |issue: &&Issue| issue.closed_at.is_none_or(|at| at >= midnight);
    let (mut matched, mut told, mut acknowledged) = (0, 0, 0);
    let (mut fixed, mut verified) = (0, 0);
    for issue in all.iter().filter(in_play) {
        let gone = matches!(
            issue.standing.reason,
            Some(CloseReason::Verified | CloseReason::VerifiedUnreported)
        );
        let reported = issue.standing.state == State::FixReported || gone;
        let seen = issue.standing.state == State::Acknowledged || reported;
        matched += 1;
        told += usize::from(seen || shown.contains(&issue.id));
        acknowledged += usize::from(seen);
        fixed += usize::from(reported);
        verified += usize::from(gone);
    }
    json!({
        "findings": matched + waits, "matched": matched, "told": told,
        "acknowledged": acknowledged, "fixed": fixed, "verified": verified,
    })
}

struct Painter<'a> {
    desk: &'a Desk,
    directory: &'a Directory,
    now: DateTime<Utc>,
}

impl Painter<'_> {
    fn lens(&self) -> Lens<'_> {
        Lens::new(
            &self.desk.rules,
            self.directory,
            self.desk.words.office(),
            self.now,
        )
    }

    fn time(&self, ms: i64) -> String {
        self.desk
            .local(from_ms(ms))
            .format("%m-%d %H:%M")
            .to_string()
    }

    /// The issues, newest first, each with what was done to it.
    async fn issues(&self, tx: &mut Tx, all: &[Issue]) -> Result<Vec<Json>> {
        let ids: Vec<i64> = all.iter().map(|issue| issue.id).collect();
        let acts: HashMap<i64, Vec<Act>> = acts::acts_of(tx, &ids).await?;
        let climbs = deadline::climbs(tx).await?;
        let (none, done) = (Vec::new(), Climb::default());
        let shown = all.iter().rev().map(|issue| {
            let acts = acts.get(&issue.id).unwrap_or(&none);
            self.issue(issue, acts, climbs.get(&issue.id).unwrap_or(&done))
        });
        Ok(shown.collect())
    }

    fn issue(&self, issue: &Issue, acts: &[Act], climb: &Climb) -> Json {
        let (lens, roster) = (self.lens(), &self.directory.roster);
        let account = issue.subject().and_then(|id| roster.account(id));
        // The first line says which issue it is, as the row does.
        let why = lens.explanation(issue, climb).map(|html| plain(&html));
        let why = why
            .unwrap_or_default()
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n");
        let acts: Vec<Json> = acts
            .iter()
            .map(|act| {
                let who = act.person_id.map(|_| lens.person(act.person_id));
                json!({ "at": self.time(act.at), "verb": act.verb, "who": who, "note": act.note })
            })
            .collect();
        json!({
            "number": issue.id, "account": account.map(|account| account.name.clone()),
            "platform": account.map(|account| lens.platform(&account.platform)),
            "unit": lens.unit(issue.unit_id), "category": lens.category(&issue.category),
            "severity": issue.severity.as_str(), "state": issue.standing.state.as_str(),
            "reason": issue.standing.reason.map(CloseReason::as_str),
            "disputed": issue.standing.disputed,
            "overdue": issue.overdue(self.now.timestamp_millis()),
            "opened": self.time(issue.opened_at), "due": issue.due_at.map(|at| self.time(at)),
            "due_why": why, "wrong_text": issue.wrong_text,
            "suggestion": issue.suggestion, "url": issue.url, "matched_by": issue.matched_by,
            "acts": acts,
        })
    }

    /// What is owed and what became of it; what is still owed first.
    async fn outbox(&self, tx: &mut Tx) -> Result<Json> {
        let mut counts = json!({
            "owed": 0, "claimed": 0, "sent": 0, "waiting": 0, "dropped": 0, "dead": 0,
        });
        for (state, count) in outbox::counts(tx).await? {
            counts[state] = count.into();
        }
        let lens = self.lens();
        let rows: Vec<Json> = fate::latest(tx, NOTICES)
            .await?
            .into_iter()
            .map(|told| {
                json!({
                    "id": told.id, "person": lens.person(Some(told.person_id)),
                    "kind": told.kind.as_str(), "issues": told.issues, "state": told.state,
                    "not_before": self.time(told.not_before), "attempts": told.attempts,
                    "why": told.error,
                })
            })
            .collect();
        Ok(json!({ "counts": counts, "rows": rows }))
    }

    async fn people(&self, tx: &mut Tx) -> Result<Vec<Json>> {
        let roster = &self.directory.roster;
        let bindings = people::bindings(tx).await?;
        let shown = roster.people.iter().map(|person: &Person| {
            let binding = bindings.iter().find(|b| b.person_id == person.id);
            let units = person.units.iter().filter_map(|code| roster.unit(code));
            let units: Vec<&str> = units.map(|unit| unit.name.as_str()).collect();
            let role = match person.role {
                Role::Operator => "operator",
                Role::Lead => "lead",
                Role::Manager => "manager",
                Role::Admin => "admin",
            };
            json!({
                "code": person.code, "name": person.name, "role": role, "unit": units.join("、"),
                "chat": binding.map(|b| b.chat_id), "bound": binding.is_some(),
                "reachable": binding.is_some_and(|b| b.unreachable_since.is_none()),
            })
        });
        Ok(shown.collect())
    }
}
