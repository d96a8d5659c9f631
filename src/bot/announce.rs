//! `/announce`: a text to all people of the scope or of some units, shown before it is sent; who has read it
//! afterwards, and once more to those who have not.

use std::collections::HashSet;

use super::dialog::Question;
use super::shown::{Pressed, alert, edited};
use super::{Answer, Visit};
use crate::act::announce::{self as step, LONGEST, Reached};
use crate::delivery::new_key;
use crate::error::Result;
use crate::message::table::{self as messages, Message};
use crate::message::{AnnouncementView, Pick, ReceiptView, Rendered, utf16_len};
use crate::outbox::announcement::{self, Announcement, Receipt};
use crate::roster::{Person, Role, table as people};

/// What the sender's message is kept as; its one number is the announcement's. Its page is 0 for the whole, and
/// from 1 that of the units or, once it is sent, of the receipts.
pub(super) const KIND: &str = "announce";

impl Visit<'_> {
    /// `rest` is what follows the command; without it the text that is replied to, or the next words.
    pub(super) async fn announce(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if person.role != Role::Manager {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let quoted = self.quoted.take().unwrap_or_default();
        let text = match rest.trim() {
            "" => quoted.trim().to_owned(),
            rest => rest.to_owned(),
        };
        if text.is_empty() {
            self.ask(person, Question::Announce, &[]).await?;
            let last = announcement::last_of(self.tx, person.id).await?;
            let context = minijinja::context! { last => last.is_some() };
            let said = Rendered {
                html: self.words("announce_ask", context)?,
                keyboard: vec![],
            };
            return match last {
                None => Ok(Answer::text(self.chat, said.html)),
                Some(last) => self.last_announcement(person, &last, said),
            };
        }
        self.prepare(person, &text).await
    }

    /// The question for the text, with a way to the receipts of the last one.
    fn last_announcement(
        &self,
        person: &Person,
        last: &Announcement,
        said: Rendered,
    ) -> Result<Answer> {
        let key = new_key();
        let label = format!("👁 {}", self.book.term("last_receipts"));
        let said = Rendered {
            keyboard: vec![vec![crate::message::Button {
                label,
                data: format!("page:{key}:0"),
            }]],
            ..said
        };
        Ok(self.kept(KIND, person, (vec![last.id], key), said))
    }

    /// The text is there: it is shown as it would be read.
    pub(super) async fn prepare(&mut self, person: &Person, text: &str) -> Result<Answer> {
        if person.role != Role::Manager {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let length = utf16_len(text);
        if length > LONGEST {
            let context = minijinja::context! { length => length, longest => LONGEST };
            let text = self.words("announce_long", context)?;
            return Ok(Answer::text(self.chat, text));
        }
        // What was asked is answered, however it was said.
        self.end_dialog().await?;
        let now = self.now_ms();
        let id = announcement::draft(self.tx, person.id, text, now).await?;
        let Some(what) = announcement::get(self.tx, id).await? else {
            return Ok(Answer::default());
        };
        let key = new_key();
        let view = self.announcement_view(person, &what).await?;
        let said = self.book.announce_preview(&key, &view)?;
        Ok(self.kept(KIND, person, (vec![id], key), said))
    }

    async fn announcement_view(
        &mut self,
        person: &Person,
        what: &Announcement,
    ) -> Result<AnnouncementView> {
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let audience = step::audience(&directory.roster, person, what);
        let bindings = people::bindings(self.tx).await?;
        let reached = bindings.iter().filter(|b| b.unreachable_since.is_none());
        let reached: HashSet<i64> = reached.map(|b| b.person_id).collect();
        Ok(AnnouncementView {
            text: what.text.clone(),
            units: what.units.iter().map(|id| lens.unit(*id)).collect(),
            scope: (!person.everywhere()).then(|| lens.units_in_short(person.id)),
            leads_only: what.leads_only,
            people: audience.len(),
            unreached: audience
                .iter()
                .filter(|one| !reached.contains(&one.id))
                .count(),
            ..AnnouncementView::default()
        })
    }

    async fn choose_audience(
        &mut self,
        person: &Person,
        (key, what): (&str, &Announcement),
        page: usize,
    ) -> Result<Rendered> {
        let directory = self.directory.clone();
        let view = self.announcement_view(person, what).await?;
        let lens = self.lens(&directory);
        let choices = step::choices(&directory.roster, person, what.leads_only);
        let picks: Vec<Pick> = choices
            .into_iter()
            .map(|(id, count)| Pick {
                id,
                name: lens.unit(id),
                count,
                ticked: what.units.contains(&id),
            })
            .collect();
        self.book.announce_pick(key, (&picks, page), &view)
    }

    /// What became of an announcement; with a page, who has read it: first those who have not.
    async fn announced(
        &mut self,
        (key, what): (&str, &Announcement),
        page: Option<usize>,
    ) -> Result<Rendered> {
        let mut all = step::receipts(self.tx, what.id).await?;
        all.sort_by_key(|(receipt, reached)| (*reached, receipt.person_id));
        let ids: Vec<i64> = all.iter().map(|(receipt, _)| receipt.person_id).collect();
        let names = people::names_of(self.tx, &ids).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let now = self.now_ms();
        let count = |wanted: &dyn Fn(&Reached) -> bool| {
            all.iter().filter(|(_, reached)| wanted(reached)).count()
        };
        let view = AnnouncementView {
            text: what.text.clone(),
            leads_only: what.leads_only,
            people: all.len(),
            unreached: count(&|one| *one == Reached::Unreached),
            read: count(&|one| matches!(one, Reached::Read(_))),
            unread: count(&|one| *one == Reached::Unread),
            waits: count(&|one| *one == Reached::Waits),
            again: all
                .iter()
                .filter(|one| step::due_again(what, one, now))
                .count(),
            at: what.sent_at.map(|at| lens.moment(at)),
            ..AnnouncementView::default()
        };
        let line = |(receipt, reached): &(Receipt, Reached)| {
            let id = receipt.person_id;
            let (state, at) = match reached {
                Reached::Unread => ("unread", None),
                Reached::Waits => ("waits", None),
                Reached::Unreached => ("unreached", None),
                Reached::Read(at) => ("read", Some(lens.moment(*at))),
            };
            ReceiptView {
                name: names.get(&id).cloned().unwrap_or_else(|| format!("#{id}")),
                unit: lens.units_in_short(id),
                state,
                at,
            }
        };
        let lines: Vec<ReceiptView> = all.iter().map(line).collect();
        let shown = page.map(|page| (lines.as_slice(), page));
        self.book.announced(key, &view, shown)
    }
}

impl Visit<'_> {
    /// Whoever replies to an announcement has read it; whatever they say is no act on an issue.
    pub(super) async fn replied_to_announcement(
        &mut self,
        person: &Person,
        message: Message,
    ) -> Result<Answer> {
        let id = message.issues.first().copied().unwrap_or_default();
        let what = announcement::get(self.tx, id).await?;
        let (mut answer, _, _) = read(self, person, message).await?;
        let directory = self.directory.clone();
        let by = self.lens(&directory).person(what.map(|what| what.by));
        let text = self.words("announcement_replied", minijinja::context! { by })?;
        answer.says.extend(Answer::text(self.chat, text).says);
        Ok(answer)
    }
}

/// A press of the sender.
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
    let what = announcement::get(visit.tx, id).await?;
    let Some(mut what) = what.filter(|what| what.by == person.id) else {
        return alert(visit, "toast_expired");
    };
    let number: i64 = argument.parse().unwrap_or_default();
    let key = message.key.clone();
    if what.sent_at.is_some() {
        return sent(visit, person, &message, (&what, verb, number)).await;
    }
    if !what.draft() {
        return alert(visit, "toast_expired");
    }
    let mut turned = message.page;
    match verb {
        "send" => return send(visit, person, &message, what).await,
        "drop" => {
            announcement::discard(visit.tx, id).await?;
            let html = visit.words("announce_dropped", minijinja::context! {})?;
            let (toast, keyboard) = (html.clone(), vec![]);
            return Ok(edited(&message, Rendered { html, keyboard }, toast));
        }
        "who" => {
            what.leads_only = !what.leads_only;
            turned = 0;
        }
        "home" => turned = 0,
        "pick" => turned = 1,
        "page" => turned = number.saturating_add(1).max(1),
        "tick" => {
            let directory = visit.directory.clone();
            let choices = step::choices(&directory.roster, person, what.leads_only);
            match what.units.iter().position(|unit| *unit == number) {
                Some(at) => drop(what.units.remove(at)),
                None if choices.iter().any(|(unit, _)| *unit == number) => what.units.push(number),
                None => return alert(visit, "toast_nothing_there"),
            }
            turned = turned.max(1);
        }
        _ => return alert(visit, "toast_expired"),
    }
    announcement::address(visit.tx, id, what.leads_only, &what.units).await?;
    messages::turn(visit.tx, &key, turned).await?;
    let said = match usize::try_from(turned)
        .ok()
        .and_then(|page| page.checked_sub(1))
    {
        Some(page) => visit.choose_audience(person, (&key, &what), page).await?,
        None => {
            let view = visit.announcement_view(person, &what).await?;
            visit.book.announce_preview(&key, &view)?
        }
    };
    Ok(edited(&message, said, String::new()))
}

async fn send(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    what: Announcement,
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let by = (&visit.desk.rules, &*directory.roster);
    if step::audience(&directory.roster, person, &what).is_empty() {
        return alert(visit, "toast_nobody_there");
    }
    let actor = visit.actor(person);
    let Some(people) = step::send(visit.tx, by, actor, &what).await? else {
        return alert(visit, "toast_expired");
    };
    messages::turn(visit.tx, &message.key, 0).await?;
    let what = announcement::get(visit.tx, what.id).await?.unwrap_or(what);
    let said = visit.announced((&message.key, &what), None).await?;
    let toast = visit.words("toast_announced", minijinja::context! { people })?;
    Ok(edited(message, said, toast))
}

/// A press once it is sent: who has read it, and once more to who has not.
async fn sent(
    visit: &mut Visit<'_>,
    person: &Person,
    message: &Message,
    (what, verb, number): (&Announcement, &str, i64),
) -> Result<Pressed> {
    let key = message.key.as_str();
    let (mut toast, mut page) = (String::new(), message.page);
    match verb {
        "page" => page = number.saturating_add(1).max(1),
        "again" => {
            let actor = visit.actor(person);
            let people = step::again(visit.tx, &visit.desk.rules, actor, what).await?;
            toast = visit.words("toast_announced_again", minijinja::context! { people })?;
        }
        _ => {
            let again = visit.announced((key, what), None).await?;
            let toast = visit.words("toast_announced_already", minijinja::context! {})?;
            let (answer, toast, _) = edited(message, again, toast);
            return Ok((answer, toast, true));
        }
    }
    messages::turn(visit.tx, key, page).await?;
    let shown = usize::try_from(page)
        .ok()
        .and_then(|page| page.checked_sub(1));
    let said = visit.announced((key, what), shown).await?;
    Ok(edited(message, said, toast))
}

/// 已读: once, by whom it was sent to.
pub(super) async fn read(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
) -> Result<Pressed> {
    let id = message.issues.first().copied().unwrap_or_default();
    let Some(what) = announcement::get(visit.tx, id).await? else {
        return alert(visit, "toast_expired");
    };
    let now = visit.now_ms();
    announcement::acknowledge(visit.tx, id, person.id, now).await?;
    let receipt = announcement::receipt_of(visit.tx, id, person.id).await?;
    let Some(at) = receipt.and_then(|receipt| receipt.read_at) else {
        return alert(visit, "toast_no_permission");
    };
    let directory = visit.directory.clone();
    let lens = visit.lens(&directory);
    let (by, read) = (lens.person(Some(what.by)), lens.moment(at));
    let sent = lens.moment(what.sent_at.unwrap_or(at));
    let text = (message.key.as_str(), what.text.as_str());
    let said = visit
        .book
        .announcement(text, (&by, &sent), (false, Some(&read)))?;
    let toast = visit.words("toast_read", minijinja::context! { by })?;
    Ok(edited(&message, said, toast))
}
