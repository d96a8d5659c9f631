//! `/remind`: 一键提醒 or 选择提醒. What would be asked for is shown first; what was done is shown afterwards,
//! with what became of each message.

use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::nudge::{self as step, Plan};
use crate::delivery::new_key;
use crate::error::Result;
use crate::issue::nudge::{self, COOL_MS, Nudge, Told};
use crate::message::table::{self as messages, Message};
use crate::message::{NudgeView, NudgedView, Pick, Rendered, TOLD};
use crate::outbox::{fate, table as outbox};
use crate::roster::{Person, Role};

/// What such a message is kept as; its one number is the nudge's. Its page is 0 for what would be done, and
/// from 1 that of the units; once it is sent, that of the people.
pub(super) const KIND: &str = "nudge";

impl Visit<'_> {
    /// What a nudge would do, with the buttons; units whose name holds `rest` are chosen already.
    pub(super) async fn remind(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if person.role != Role::Manager {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let now = self.now_ms();
        let id = nudge::draft(self.tx, person.id, now).await?;
        let key = new_key();
        let units = self.units_called(person, rest).await?;
        let said = match (units.is_empty(), nudge::get(self.tx, id).await?) {
            (false, Some(draft)) => {
                nudge::choose(self.tx, id, &units).await?;
                let chosen = Nudge { units, ..draft };
                self.choose_units(person, (&key, &chosen), 0).await?
            }
            _ => self.would(person, &key).await?,
        };
        Ok(self.kept(KIND, person, (vec![id], key), said))
    }

    /// The units that would be asked and whose name holds these words.
    async fn units_called(&mut self, person: &Person, words: &str) -> Result<Vec<i64>> {
        if words.is_empty() {
            return Ok(vec![]);
        }
        let plan = self.plan(person, None).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let units = plan.units.iter().map(|(unit, _)| *unit);
        Ok(units
            .filter(|unit| lens.unit(*unit).contains(words))
            .collect())
    }

    async fn plan(&mut self, person: &Person, units: Option<&[i64]>) -> Result<Plan> {
        let directory = self.directory.clone();
        let now = self.now_ms();
        step::plan(self.tx, &directory.roster, (person, now), units).await
    }

    async fn would(&mut self, person: &Person, key: &str) -> Result<Rendered> {
        let plan = self.plan(person, None).await?;
        let view = self.nudge_view(&plan);
        self.book.nudge(key, &view)
    }

    fn named(&self, people: impl Iterator<Item = i64>) -> Vec<String> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        people.map(|id| lens.person(Some(id))).collect()
    }

    fn nudge_view(&self, plan: &Plan) -> NudgeView {
        NudgeView {
            issues: plan.issues().len(),
            people: plan.people.len(),
            unacknowledged: plan.unacknowledged,
            overdue: plan.overdue,
            cooling: plan.cooling,
            nobody: plan.nobody,
            unreached: self.named(plan.unreached.keys().copied()),
            hours: COOL_MS / 3_600_000,
        }
    }

    /// The units of a nudge to choose from, those of the manager's scope only.
    async fn choose_units(
        &mut self,
        person: &Person,
        (key, nudge): (&str, &Nudge),
        page: usize,
    ) -> Result<Rendered> {
        let plan = self.plan(person, None).await?;
        let chosen = self.plan(person, Some(&nudge.units)).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let picks: Vec<Pick> = plan
            .units
            .iter()
            .map(|(id, count)| Pick {
                id: *id,
                name: lens.unit(*id),
                count: *count,
                ticked: nudge.units.contains(id),
            })
            .collect();
        let chosen = self.nudge_view(&chosen);
        self.book.nudge_pick(key, (&picks, page), &chosen)
    }

    /// What a nudge did, and what became of its messages since.
    async fn nudged(
        &mut self,
        (key, nudge): (&str, &Nudge),
        told: &Told,
        page: usize,
    ) -> Result<Rendered> {
        let once: Vec<String> = told
            .people
            .iter()
            .map(|(person, _)| step::once(nudge.id, *person))
            .collect();
        let pages = told.people.len().div_ceil(TOLD).max(1);
        let states = outbox::states(self.tx, &once).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let words = self.book;
        let shown = told.people.iter().zip(&once);
        let people: Vec<NudgedView> = shown
            .map(|((id, issues), once)| {
                let (state, why) = states.get(once).cloned().unwrap_or_default();
                let quiet = state == "owed" && why.as_deref() == Some(fate::QUIET);
                let term = if quiet { "quiet" } else { state.as_str() };
                NudgedView {
                    name: lens.person(Some(*id)),
                    unit: lens.units_in_short(*id),
                    issues: *issues,
                    word: words.term(&format!("fate_short_{term}")).to_owned(),
                    state,
                }
            })
            .collect();
        let left = NudgeView {
            issues: told.issues,
            people: people.len(),
            cooling: told.cooling,
            nobody: told.nobody,
            unreached: self.named(told.unreached.iter().map(|(id, _)| *id)),
            hours: COOL_MS / 3_600_000,
            ..NudgeView::default()
        };
        let at = nudge.sent_at.map(|at| lens.moment(at)).unwrap_or_default();
        words.nudged((key, &at), &people, &left, page.min(pages - 1))
    }
}

/// A press on such a message.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    if person.role != Role::Manager {
        return alert(visit, "toast_no_permission");
    }
    let id = message.issues.first().copied().unwrap_or_default();
    let Some(mut nudge) = nudge::get(visit.tx, id).await? else {
        return alert(visit, "toast_expired");
    };
    let number: i64 = argument.parse().unwrap_or_default();
    let page = usize::try_from(number).unwrap_or_default();
    if nudge.sent_at.is_some() {
        messages::turn(visit.tx, &message.key, number).await?;
        let told = nudge.told.clone();
        let said = visit.nudged((&message.key, &nudge), &told, page).await?;
        let asked = matches!(verb, "all" | "some");
        let toast = match asked {
            true => visit.words("toast_nudged_already", minijinja::context! {})?,
            false => String::new(),
        };
        let (answer, toast, _) = edited(&message, said, toast);
        return Ok((answer, toast, asked));
    }
    let mut turned = message.page.max(1);
    match verb {
        "all" => return send(visit, person, &message, (&nudge, true)).await,
        "some" if !nudge.units.is_empty() => {
            return send(visit, person, &message, (&nudge, false)).await;
        }
        "home" => {
            messages::turn(visit.tx, &message.key, 0).await?;
            let said = visit.would(person, &message.key).await?;
            return Ok(edited(&message, said, String::new()));
        }
        "pick" => turned = 1,
        "page" => turned = number.saturating_add(1).max(1),
        "tick" => {
            let plan = visit.plan(person, None).await?;
            let known = plan.units.iter().any(|(unit, _)| *unit == number);
            match nudge.units.iter().position(|unit| *unit == number) {
                Some(at) => drop(nudge.units.remove(at)),
                None if known => nudge.units.push(number),
                // Another's unit, or one for which nothing is left to be asked.
                None => return alert(visit, "toast_nothing_there"),
            }
            nudge::choose(visit.tx, nudge.id, &nudge.units).await?;
        }
        _ => return alert(visit, "toast_expired"),
    }
    messages::turn(visit.tx, &message.key, turned).await?;
    let page = usize::try_from(turned - 1).unwrap_or_default();
    let said = visit
        .choose_units(person, (&message.key, &nudge), page)
        .await?;
    Ok(edited(&message, said, String::new()))
}

async fn send(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    what: (&Nudge, bool),
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let by = (&visit.desk.rules, &*directory.roster);
    let actor = visit.actor(person);
    let told = step::send(visit.tx, by, actor, what).await?;
    let Some(told) = told else {
        return alert(visit, "toast_nudged_already");
    };
    messages::turn(visit.tx, &message.key, 0).await?;
    let nudge = Nudge {
        sent_at: Some(visit.now_ms()),
        ..what.0.clone()
    };
    let said = visit.nudged((&message.key, &nudge), &told, 0).await?;
    let context = minijinja::context! { people => told.people.len(), issues => told.issues };
    let toast = visit.words("toast_nudged", context)?;
    Ok(edited(message, said, toast))
}
