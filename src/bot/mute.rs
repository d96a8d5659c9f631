//! `/mute`: what a manager or lead does not want to be sent for some time; and a summary's buttons.

use chrono::{NaiveTime, TimeDelta};

use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::mute::{Asked, Until, understand};
use crate::clock::at_local;
use crate::delivery::new_key;
use crate::error::Result;
use crate::hours::mute::{self, What};
use crate::message::table::Message;
use crate::message::{MuteView, Rendered};
use crate::outbox::{fate, table as outbox};
use crate::roster::{Person, Role};

/// What the list is kept as.
pub(super) const KIND: &str = "mute";
/// So many days what needs an end is left out if none is said.
const USUAL: i64 = 7;
/// So many days summaries may be left out at a time that has an end.
const MOST: i64 = 366;

impl Visit<'_> {
    /// `rest` is what follows the command.
    pub(super) async fn mute(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        let may = What::of(person.role);
        if may.is_empty() {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        if rest.trim().is_empty() {
            return self.mutes(person).await;
        }
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let calendar = &self.desk.rules.deadlines.calendar;
        let named = |whats: Vec<What>| match whats.is_empty() {
            true => may.to_vec(),
            false => whats,
        };
        let lead = person.role == Role::Lead;
        match understand(rest, today, calendar) {
            Some(Asked::Off(whats)) => {
                for what in named(whats) {
                    self.unmute(person, what).await?;
                }
            }
            Some(Asked::Set(whats, until)) => {
                let whats = named(whats);
                if whats.iter().any(|what| !may.contains(what)) {
                    let text = self.words("mute_refused", minijinja::context! { why => "duty" })?;
                    return Ok(Answer::text(self.chat, text));
                }
                for what in &whats {
                    if let Some(most) = self.refused(*what, until) {
                        let context = minijinja::context! { why => "long", most => most };
                        let text = self.words("mute_refused", context)?;
                        return Ok(Answer::text(self.chat, text));
                    }
                }
                for what in whats {
                    self.set_mute(person, what, until).await?;
                }
            }
            None => {
                let text = self.words("mute_usage", minijinja::context! { lead })?;
                return Ok(Answer::text(self.chat, text));
            }
        }
        self.mutes(person).await
    }

    /// When a wish ends, in UTC milliseconds.
    fn ends(&self, what: What, until: Until) -> Option<i64> {
        let now = self.desk.clock.now();
        let days = |days: i64| now + TimeDelta::days(days.clamp(0, 36_500));
        let end = match until {
            Until::Days(count) => days(count),
            Until::Day(day) => {
                let next = day.succ_opt().unwrap_or(day);
                at_local(self.desk.rules.zone, next, NaiveTime::MIN)
            }
            Until::Unsaid => match what.longest() {
                Some(_) => days(USUAL),
                None => return None,
            },
        };
        Some(end.timestamp_millis())
    }

    /// The most days, where a wish lasts longer, or ends before it begins.
    fn refused(&self, what: What, until: Until) -> Option<i64> {
        let most = what.longest().unwrap_or(MOST);
        let now = self.now_ms();
        let lasts = self.ends(what, until)? - now;
        (lasts <= 0 || lasts > most * 24 * 3_600_000 + 24 * 3_600_000).then_some(most)
    }

    async fn set_mute(&mut self, person: &Person, what: What, until: Until) -> Result<()> {
        let end = self.ends(what, until);
        let now = self.now_ms();
        mute::set(self.tx, (person.id, what), end, now).await?;
        // What waits may have to wait longer, or less long.
        if what.waits() {
            outbox::let_go(self.tx, person.id, fate::MUTED, now).await?;
        }
        Ok(())
    }

    async fn unmute(&mut self, person: &Person, what: What) -> Result<()> {
        mute::clear(self.tx, person.id, what).await?;
        let now = self.now_ms();
        if what.waits() {
            outbox::let_go(self.tx, person.id, fate::MUTED, now).await?;
        }
        Ok(())
    }

    async fn muted(&mut self, person: &Person, key: &str) -> Result<Rendered> {
        let now = self.now_ms();
        let muted = mute::of(self.tx, &[person.id], now).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let words = self.book;
        let view = |what: &What| {
            let until = muted.get(&(person.id, *what));
            let until = until.map(|until| until.map(|at| lens.time(at)));
            MuteView::of(words, *what, until)
        };
        let views: Vec<MuteView> = What::of(person.role).iter().map(view).collect();
        words.mutes(key, &views, person.role == Role::Lead)
    }

    async fn mutes(&mut self, person: &Person) -> Result<Answer> {
        let key = new_key();
        let said = self.muted(person, &key).await?;
        Ok(self.kept(KIND, person, (vec![], key), said))
    }
}

/// A press on the list, or on a summary.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let listed = message.kind == KIND;
    if verb == "pending" && !listed && person.role == Role::Manager {
        let answer = visit.pending(person).await?;
        return Ok((answer, String::new(), false));
    }
    let what = What::parse(argument).filter(|what| What::of(person.role).contains(what));
    let Some(what) = what else {
        return alert(visit, "toast_no_permission");
    };
    let name = match verb {
        "mute" => {
            visit.set_mute(person, what, Until::Unsaid).await?;
            "toast_muted"
        }
        "unmute" => {
            visit.unmute(person, what).await?;
            "toast_unmuted"
        }
        _ => return alert(visit, "toast_expired"),
    };
    let toast = visit.words(name, minijinja::context! {})?;
    if !listed {
        let answer = visit.mutes(person).await?;
        return Ok((answer, toast, false));
    }
    let said = visit.muted(person, &message.key).await?;
    Ok(edited(&message, said, toast))
}
