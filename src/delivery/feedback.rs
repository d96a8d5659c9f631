//! What platforms are told of what people did here: claim → fill in → call with no transaction open → settle.
//! Each source on its own: one that does not answer keeps nobody else waiting.

use std::collections::{BTreeMap, HashMap};

use futures::stream::{self, StreamExt as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::parcel::new_key;
use crate::desk::Desk;
use crate::error::Result;
use crate::feedback::call::{Answer, Caller};
use crate::feedback::settings::Feedback;
use crate::feedback::table::{self, Fate, Order, Owed, Settled};
use crate::feedback::{GIVE_UP_MS, again_after, tells};
use crate::flow::tell_managers;
use crate::issue::acts::{self, Act};
use crate::message::view::Lens;
use crate::outbox::Kind;
use crate::report::source::SourceSettings;
use crate::summary::feedback::{Line, gather};

/// So many are claimed at once.
const ROUND: i64 = 50;
/// How long a claim holds, in ms; after that another replica may call again, under the same key.
const LEASE_MS: i64 = 900_000;

/// A source that is called.
#[derive(Debug)]
pub struct Platform {
    name: String,
    feedback: Feedback,
    caller: Caller,
}

/// The sources that are called, of all.
pub fn platforms(sources: &[SourceSettings]) -> Vec<Platform> {
    let mut found = Vec::new();
    for source in sources {
        let Some(feedback) = &source.feedback else {
            continue;
        };
        let Some(call) = &feedback.call else {
            continue;
        };
        match Caller::new(call) {
            Ok(caller) => found.push(Platform {
                name: source.name.clone(),
                feedback: feedback.clone(),
                caller,
            }),
            // The settings were looked at when they were read.
            Err((key, why)) => {
                let source = &source.name;
                tracing::error!(source, key, why, "a platform cannot be told");
            }
        }
    }
    found
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// What was claimed.
    pub claimed: usize,
    /// When there is something to do again, in UTC milliseconds.
    pub next: Option<i64>,
}

/// Tells the platforms what is due; where nothing is, it costs one look into two small indexes.
pub async fn feed(desk: &Desk, platforms: &[Platform]) -> Result<Fed> {
    let mut fed = Fed::default();
    if platforms.is_empty() {
        return Ok(fed);
    }
    let now = desk.clock.now_ms();
    let mut tx = desk.store.read().await?;
    fed.next = table::next_due(&mut tx).await?;
    drop(tx);
    if fed.next.is_none_or(|next| next > now) {
        return Ok(fed);
    }
    let claim = new_key();
    let mut tx = desk.store.begin().await?;
    let owed = table::claim(&mut tx, &claim, (now, now + LEASE_MS), ROUND).await?;
    tx.commit().await?;
    fed.claimed = owed.len();
    let mut by: BTreeMap<String, Vec<Owed>> = BTreeMap::new();
    for one in owed {
        by.entry(one.source.clone()).or_default().push(one);
    }
    let until = now + LEASE_MS / 2;
    let round = Round { desk, claim, until };
    let told = stream::iter(by).map(|(source, owed)| {
        let platform = platforms.iter().find(|platform| platform.name == source);
        round.tell(platform, owed)
    });
    let told: Vec<Result<()>> = told.buffer_unordered(8).collect().await;
    told.into_iter().collect::<Result<()>>()?;
    let mut tx = desk.store.read().await?;
    fed.next = table::next_due(&mut tx).await?;
    Ok(fed)
}

/// By issue.
type Lines = BTreeMap<i64, Line>;
/// By issue and work order.
type Known = HashMap<i64, HashMap<String, Order>>;

struct Round<'a> {
    desk: &'a Desk,
    claim: String,
    /// When it begins no other call, in UTC milliseconds.
    until: i64,
}

impl Round<'_> {
    /// Tells one platform what is owed to it, in order; once it does not answer, the rest waits as well.
    async fn tell(&self, platform: Option<&Platform>, owed: Vec<Owed>) -> Result<()> {
        let Some(platform) = platform else {
            // Another process has settings that this one does not know of.
            for one in &owed {
                let at = self.desk.clock.now_ms() + again_after(1);
                let fate = Fate::Retry(at, "not set up in this process".to_owned());
                self.settle(one, &fate.uncalled(), None).await?;
            }
            return Ok(());
        };
        let (mut lines, mut known) = self.lines(platform, &owed).await?;
        let mut down = None;
        for one in &owed {
            let line = lines.remove(&one.issue);
            let settled = match &line {
                None => Fate::Idle(Some("the issue is not there")).uncalled(),
                Some(line) => {
                    let known = known.remove(&one.issue).unwrap_or_default();
                    self.one(platform, one, (line, &known), &mut down).await
                }
            };
            self.settle(one, &settled, Some(platform)).await?;
        }
        Ok(())
    }

    /// What is told of each issue, and what the platform knows of its work orders.
    async fn lines(&self, platform: &Platform, owed: &[Owed]) -> Result<(Lines, Known)> {
        let desk = self.desk;
        let mut tx = desk.store.read().await?;
        let directory = desk.directory(&mut tx).await?;
        let words = desk.words.office();
        let lens = Lens::new(&desk.rules, &directory, words, desk.clock.now());
        let ids: Vec<i64> = owed.iter().map(|one| one.issue).collect();
        let to = (platform.name.as_str(), &platform.feedback);
        let lines = gather(&mut tx, &lens, to, &ids, false).await?;
        let known = table::orders(&mut tx, &platform.name, &ids).await?;
        let lines = lines.into_iter().map(|line| (line.issue, line));
        Ok((lines.collect(), known))
    }

    /// Tells what is owed of one issue, of each of its work orders, unless the platform knows, or does not answer: `down`
    /// says why, and when it is called again.
    async fn one(
        &self,
        platform: &Platform,
        one: &Owed,
        (line, known): (&Line, &HashMap<String, Order>),
        down: &mut Option<(String, i64)>,
    ) -> Settled {
        let key = line.standing.key();
        if one.own {
            return Fate::Known(key).uncalled();
        }
        let todo = match todo(platform, one, line, known) {
            Ok(todo) => todo,
            Err(why) => return Fate::Idle(why).uncalled(),
        };
        let mut said = Said::default();
        for (order, refused) in todo {
            if refused {
                let why = named(line, order, "was refused before");
                said.refused.get_or_insert(why);
                continue;
            }
            if let Some((why, at)) = down {
                // It waits as long as the one that was called.
                said.later.get_or_insert((why.clone(), *at));
                break;
            }
            let now = self.desk.clock.now_ms();
            if now >= self.until {
                // The claim ends soon: what was not told yet is left to the next round.
                said.later
                    .get_or_insert(("waits for its turn".to_owned(), now));
                break;
            }
            said.called = true;
            match self.call(platform, one, line, order).await {
                Answer::Taken => said.order(order, Some(&key), None),
                Answer::Refused(why) => {
                    said.order(order, None, Some(&key));
                    said.refused = Some(named(line, order, &why));
                }
                Answer::Later(why, after) => {
                    let at = self.next(one, after);
                    said.later.get_or_insert((named(line, order, &why), at));
                }
                Answer::Down(why, after) => {
                    let at = self.next(one, after);
                    *down = Some((why.clone(), at));
                    said.later.get_or_insert((why, at));
                    break;
                }
            }
        }
        let fate = match (said.later, said.refused) {
            (Some((why, at)), _) => self.again(one, why, at),
            (None, Some(why)) => Fate::Refused(why),
            (None, None) => {
                let word = platform.feedback.word(line.standing.state);
                Fate::Told(key, word.to_owned())
            }
        };
        Settled {
            fate,
            called: said.called,
            orders: said.orders,
        }
    }

    /// Calls the platform for one work order.
    async fn call(&self, platform: &Platform, one: &Owed, line: &Line, order: &str) -> Answer {
        let key = line.standing.key();
        let mut same = format!("{}\n{}\n{key}", one.source, one.issue);
        // Each order has a key of its own, whichever stands in the report by then.
        if !order.is_empty() {
            same.push('\n');
            same.push_str(order);
        }
        let same = hash(&same);
        let answer = platform.caller.tell(&line.of_order(order), &same).await;
        answer.unwrap_or_else(|error| Answer::Refused(error.to_string()))
    }

    /// When what was called just now is called again: after so many calls, and not before the platform wants it, in
    /// seconds from now.
    fn next(&self, one: &Owed, after: Option<i64>) -> i64 {
        let wanted = after.unwrap_or_default().clamp(0, 6 * 3_600) * 1_000;
        self.desk.clock.now_ms() + again_after(one.attempts + 1).max(wanted)
    }

    /// Again at this time, unless it has been owed for too long.
    fn again(&self, one: &Owed, why: String, at: i64) -> Fate {
        match self.desk.clock.now_ms() - one.since >= GIVE_UP_MS {
            true => Fate::Failed(why),
            false => Fate::Retry(at, why),
        }
    }

    async fn settle(
        &self,
        one: &Owed,
        settled: &Settled,
        platform: Option<&Platform>,
    ) -> Result<()> {
        let desk = self.desk;
        let now = desk.clock.now();
        let mut tx = desk.store.begin().await?;
        let at = now.timestamp_millis();
        if !table::settle(&mut tx, &self.claim, one, settled, at).await? {
            // The lease ran out, and another replica has it.
            return Ok(());
        }
        let (source, fate) = (&one.source, &settled.fate);
        let (verb, note) = match fate {
            Fate::Told(_, word) => ("fed_back", format!("{source}：{word}")),
            Fate::Failed(why) | Fate::Refused(why) => {
                ("feedback_failed", format!("{source}：{why}"))
            }
            _ => ("", String::new()),
        };
        if !verb.is_empty() {
            let act = Act {
                issue_id: one.issue,
                at,
                verb: verb.to_owned(),
                note: Some(note),
                ..Act::default()
            };
            acts::record(&mut tx, &[act]).await?;
        }
        if let (Fate::Failed(why) | Fate::Refused(why), Some(_)) = (fate, platform) {
            tracing::warn!(
                source,
                issue = one.issue,
                why,
                "a platform could not be told"
            );
            let directory = desk.directory(&mut tx).await?;
            let refused = matches!(fate, Fate::Refused(_));
            let detail = json!({
                "source": source,
                "feedback": { "issue": one.issue, "why": why, "refused": refused },
            });
            // Once a day of each kind: `/status` counts the rest.
            let today = desk.local(now).date_naive();
            let cause = format!("feedback-{source}-{today}-{refused}");
            let (rules, kind) = (&desk.rules, Kind::ReportFault);
            tell_managers(
                &mut tx,
                rules,
                &directory,
                kind,
                &cause,
                vec![],
                detail,
                now,
            )
            .await?;
        }
        tx.commit().await
    }
}

/// What a platform said of the work orders of one issue.
#[derive(Default)]
struct Said {
    called: bool,
    orders: Vec<(String, Order)>,
    /// Why one of them was refused.
    refused: Option<String>,
    /// Why one of them is told again, and when.
    later: Option<(String, i64)>,
}

impl Said {
    /// What is known of a work order by now; of an issue without one there is nothing to remember.
    fn order(&mut self, order: &str, told: Option<&String>, refused: Option<&String>) {
        if order.is_empty() {
            return;
        }
        let known = Order {
            told: told.cloned(),
            refused: refused.cloned(),
        };
        self.orders.push((order.to_owned(), known));
    }
}

/// The work orders that are to be told now, and whether this was refused before; one without a number where the calls
/// name none. Else why there is nothing to tell, if there is a reason.
fn todo<'l>(
    platform: &Platform,
    one: &Owed,
    line: &'l Line,
    known: &HashMap<String, Order>,
) -> std::result::Result<Vec<(&'l str, bool)>, Option<&'static str>> {
    let (on, key) = (&platform.feedback.on, line.standing.key());
    let wants = |told: Option<&str>| tells(line.standing, told, on);
    if !platform.caller.needs_ticket() {
        return match wants(one.told.as_deref()) {
            true => Ok(vec![("", false)]),
            false => Err(None),
        };
    }
    if line.orders.is_empty() {
        return Err(wants(one.told.as_deref()).then_some("no work order"));
    }
    let told = |order: &String| match known.get(order) {
        Some(order) => order.told.as_deref(),
        // Others were told of it, not this one.
        None if !known.is_empty() => None,
        None => one.told.as_deref(),
    };
    let refused = |order: &String| {
        let refused = known.get(order).and_then(|order| order.refused.as_ref());
        refused == Some(&key)
    };
    let todo = line.orders.iter().filter(|order| wants(told(order)));
    let todo: Vec<_> = todo.map(|order| (order.as_str(), refused(order))).collect();
    match todo.is_empty() {
        true => Err(None),
        false => Ok(todo),
    }
}

/// Why, with the work order where there are several.
fn named(line: &Line, order: &str, why: &str) -> String {
    match line.orders.as_slice() {
        [_, _, ..] => format!("{order}：{why}"),
        _ => why.to_owned(),
    }
}

/// Names the same thing told again, and nothing of what is told.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
