//! What is due now is done until nothing is, for a clock that is moved by hand.

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::tidy::tidy;
use crate::bot;
use crate::delivery;
use crate::delivery::feedback::feed;
use crate::error::Result;
use crate::flow::Outcome;
use crate::schedule::audit::audit_due;
use crate::schedule::jobs;
use crate::schedule::summary::summarise;

impl App {
    /// Does everything that is due now, until nothing is: hear, pull, remind, send. What was
    /// pulled, and when something is due next. For a clock that is moved by hand.
    pub async fn settle(&mut self) -> Result<(Vec<Result<Outcome>>, Option<DateTime<Utc>>)> {
        let mut pulled = Vec::new();
        loop {
            let heard = self.hear().await;
            let handled = bot::handle_waiting(&self.desk).await?;
            let (more, slot) = jobs::run_due(&self.desk, &self.sources, self.started).await?;
            let handed = jobs::hand_over(&self.desk).await?;
            let listed = jobs::look_daily(&self.desk).await?;
            let (told, summary) = summarise(&self.desk, &self.summary, self.started).await?;
            let reminded = handed + listed + told + jobs::escalate_due(&self.desk).await?;
            let round = delivery::deliver(&self.desk).await?;
            let audit = audit_due(&self.desk, self.heartbeat.as_ref()).await?;
            let repaired = audit.map_or(0, |audit| audit.repaired);
            let mut drawn = bot::refresh::refresh(&self.desk).await?;
            let mut redrawn = drawn.done;
            while drawn.done > 0 {
                drawn = bot::refresh::refresh(&self.desk).await?;
                redrawn += drawn.done;
            }
            let fetched =
                bot::fetch::fetch(&self.desk).await? + bot::intake::work(&self.desk).await?;
            let fed = feed(&self.desk, &self.platforms).await?;
            tidy(&self.desk).await?;
            let said = round.claimed + redrawn + fetched + fed.claimed;
            let quiet = heard + handled + more.len() + reminded + said + repaired == 0;
            pulled.extend(more);
            if quiet {
                let now = self.desk.clock.now_ms();
                let again = bot::inbox::next_try(&mut self.desk.store.read().await?, now).await?;
                let due = [round.next, drawn.next, fed.next, again]
                    .into_iter()
                    .flatten()
                    .min();
                let due = due.map(crate::clock::from_ms);
                let step = jobs::next_step(&self.desk).await?;
                let next = [due, slot, step, summary].into_iter().flatten().min();
                return Ok((pulled, next));
            }
        }
    }

    /// Polls once. What Telegram does not answer is asked for again the next time; it is said once.
    async fn hear(&mut self) -> usize {
        match self.poller.poll(&self.desk, 0).await {
            Ok(heard) => {
                self.deaf = false;
                heard.unwrap_or_default()
            }
            Err(error) => {
                if !self.deaf {
                    tracing::warn!(%error, "hearing failed");
                }
                self.deaf = true;
                0
            }
        }
    }

    /// Moves a manual clock to `to`, stopping wherever something is due on the way.
    pub async fn play_until(&mut self, to: DateTime<Utc>) -> Result<Vec<Result<Outcome>>> {
        let mut pulled = Vec::new();
        loop {
            let (more, next) = self.settle().await?;
            pulled.extend(more);
            let now = self.desk.clock.now();
            if now >= to {
                return Ok(pulled);
            }
            // Look at least every half hour.
            let step = (now + TimeDelta::minutes(30)).min(to);
            let stop = next
                .map_or(step, |next| next.min(step))
                .max(now + TimeDelta::milliseconds(1));
            self.desk.clock.advance_to(stop);
        }
    }
}
