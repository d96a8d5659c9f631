//! `/invite`, `/unbind`, `/whois`: who is bound and who is not, invitations and letting go; lists to choose
//! from, and a card for each person.

use super::shown::{Pressed, alert, edited};
use super::{Answer, Say, Visit};
use crate::act::joins;
use crate::delivery::new_key;
use crate::error::Result;
use crate::flow::staff::{self, By, Invitation};
use crate::message::table::{self as messages, Message};
use crate::message::{May, PEOPLE, PersonCard as Card, PersonView, Reach, Rendered, clip};
use crate::roster::duty::named;
use crate::roster::staff as record;
use crate::roster::{Person, Role, invitation, table as people};

/// The kind of a person's card.
pub(super) const CARD: &str = "person";
/// Lists of people begin so; what they are chosen for follows.
const LIST: &str = "people_";
/// What was done about a person, on their card.
const ACTS: i64 = 4;
/// The most people in a list.
const MOST: usize = 400;

/// What people are chosen from a list for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Invite,
    Invited,
    Unbind,
    Replace,
    Whois,
}

impl For {
    const ALL: [Self; 5] = [
        Self::Invite,
        Self::Invited,
        Self::Unbind,
        Self::Replace,
        Self::Whois,
    ];

    fn kind(self) -> &'static str {
        match self {
            Self::Invite => "people_invite",
            Self::Invited => "people_invited",
            Self::Unbind => "people_unbind",
            Self::Replace => "people_replace",
            Self::Whois => "people_whois",
        }
    }
}

/// Whether a message is a list of people, or a card.
pub(super) fn is(kind: &str) -> bool {
    kind == CARD || kind.starts_with(LIST)
}

impl Visit<'_> {
    /// Who does it, by this update.
    pub(super) fn by<'p>(&self, person: &'p Person) -> By<'p> {
        By {
            person,
            update_id: self.update_id,
            now: self.desk.clock.now(),
        }
    }

    /// Who is bound, and who is invited.
    pub(super) async fn reach(&mut self) -> Result<Reach> {
        let bound = people::bindings(self.tx).await?;
        let now = self.now_ms();
        Ok(Reach {
            bound: bound.into_iter().map(|one| (one.person_id, one)).collect(),
            invited: invitation::pending(self.tx, now).await?,
        })
    }

    /// Whether a person has anybody to manage.
    pub(super) fn manages(person: &Person) -> bool {
        person.role != Role::Operator
    }

    /// `/invite`: who is not bound yet; with a name an invitation; with a unit somebody new.
    pub(super) async fn invite(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if !Self::manages(person) {
            return self.plain("no_permission", minijinja::context! {});
        }
        if rest.is_empty() {
            return self.people(person, For::Invite, None).await;
        }
        let directory = self.directory.clone();
        let managed = directory.roster.managed_by(person);
        match named(&managed, rest).as_slice() {
            [] => {}
            [one] if people::binding_of(self.tx, one.id).await?.is_none() => {
                return self.send_invitation(person, one).await;
            }
            [one] => return self.card(person, one, Card::Again).await,
            several => {
                let ids = several.iter().map(|one| one.id).collect();
                return self.people(person, For::Whois, Some(ids)).await;
            }
        }
        match joins::understand(rest) {
            Some(joins) => self.joining(person, &joins).await,
            None => {
                let mut answer = self.refuse_person("nobody", rest)?;
                answer.says.extend(
                    self.plain("people_usage", minijinja::context! { what => "invite" })?
                        .says,
                );
                Ok(answer)
            }
        }
    }

    /// `/unbind`: whose binding may be ended; with a name the question whether it is meant.
    pub(super) async fn unbind(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if !Self::manages(person) {
            return self.plain("no_permission", minijinja::context! {});
        }
        self.one_of(person, rest, (For::Unbind, Card::Unbind)).await
    }

    /// `/whois`: everybody in the scope of an admin or a manager; with a name their card.
    pub(super) async fn whois(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if !matches!(person.role, Role::Admin | Role::Manager) {
            return self.plain("no_permission", minijinja::context! {});
        }
        self.one_of(person, rest, (For::Whois, Card::Look)).await
    }

    /// The card of who is named; a list where nobody or several are.
    async fn one_of(
        &mut self,
        person: &Person,
        rest: &str,
        (what, card): (For, Card),
    ) -> Result<Answer> {
        if rest.is_empty() {
            return self.people(person, what, None).await;
        }
        let directory = self.directory.clone();
        let managed = directory.roster.managed_by(person);
        match named(&managed, rest).as_slice() {
            [] => self.refuse_person("nobody", rest),
            [one] => self.card(person, one, card).await,
            several => {
                let ids = several.iter().map(|one| one.id).collect();
                self.people(person, what, Some(ids)).await
            }
        }
    }

    /// A plain answer.
    pub(super) fn plain(&self, name: &str, context: minijinja::Value) -> Result<Answer> {
        Ok(Answer::text(self.chat, self.words(name, context)?))
    }

    /// Says why not.
    pub(super) fn refuse_person(&self, why: &str, name: &str) -> Result<Answer> {
        let name = clip(name, 40);
        self.plain("people_refused", minijinja::context! { why, name })
    }

    /// A list of people to choose from: those given, else those whom it concerns.
    pub(super) async fn people(
        &mut self,
        person: &Person,
        what: For,
        ids: Option<Vec<i64>>,
    ) -> Result<Answer> {
        let reach = self.reach().await?;
        let directory = self.directory.clone();
        let concerns = |one: &&Person| match what {
            For::Invite => !reach.bound.contains_key(&one.id),
            For::Invited => reach.invited.contains_key(&one.id),
            For::Unbind => reach.bound.contains_key(&one.id),
            For::Replace | For::Whois => true,
        };
        let managed = directory.roster.managed_by(person).into_iter();
        let all = || managed.filter(concerns).take(MOST).map(|one| one.id);
        let ids = ids.unwrap_or_else(|| all().collect());
        let key = new_key();
        let said = self.list(person, (&key, what), (&ids, 0)).await?;
        Ok(self.kept(what.kind(), person, (ids, key), said))
    }

    /// A page of a list, by the roster of now.
    async fn list(
        &mut self,
        person: &Person,
        (key, what): (&str, For),
        (ids, page): (&[i64], usize),
    ) -> Result<Rendered> {
        let reach = self.reach().await?;
        let directory = self.directory.clone();
        let (roster, lens) = (&directory.roster, self.lens(&directory));
        let numbered = ids.iter().enumerate().skip(page * PEOPLE).take(PEOPLE);
        let shown: Vec<PersonView> = numbered
            .filter_map(|(n, id)| Some((n, roster.person(*id)?)))
            .filter(|(_, one)| roster.may_manage(person, one))
            .map(|(n, one)| lens.person_view(one, &reach, n + 1))
            .collect();
        let words = self.book;
        words.people((key, what.kind()), &shown, (page, ids.len()))
    }

    /// A person's card as a message of its own.
    pub(super) async fn card(
        &mut self,
        person: &Person,
        about: &Person,
        card: Card,
    ) -> Result<Answer> {
        let key = new_key();
        let said = self.card_of(person, about, (&key, card)).await?;
        Ok(self.kept(CARD, person, (vec![about.id], key), said))
    }

    async fn card_of(
        &mut self,
        person: &Person,
        about: &Person,
        (key, card): (&str, Card),
    ) -> Result<Rendered> {
        let reach = self.reach().await?;
        let acts = record::acts_of(self.tx, about.id, ACTS).await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let (view, acts) = (lens.person_view(about, &reach, 1), lens.person_acts(&acts));
        let may = May {
            manage: directory.roster.may_manage(person, about),
        };
        // Who was let go since needs not be asked about.
        let card = match card {
            Card::Unbind if view.bound.is_none() => Card::Look,
            card => card,
        };
        self.book.whois(key, (&view, acts, card), may)
    }

    /// Invites a person: what who asked reads, and what they forward.
    pub(super) async fn send_invitation(
        &mut self,
        person: &Person,
        about: &Person,
    ) -> Result<Answer> {
        let directory = self.directory.clone();
        let by = self.by(person);
        match staff::invite(self.tx, &directory.roster, by, about).await? {
            Some(invitation) => self.invited(person, about, &invitation).await,
            None => self.plain("no_permission", minijinja::context! {}),
        }
    }

    /// An invitation that was made: what who asked reads, and what they forward.
    pub(super) async fn invited(
        &mut self,
        person: &Person,
        about: &Person,
        invitation: &Invitation,
    ) -> Result<Answer> {
        let reach = self.reach().await?;
        let directory = self.directory.clone();
        let lens = self.lens(&directory);
        let view = lens.person_view(about, &reach, 1);
        let until = lens.time(invitation.until);
        let key = new_key();
        let words = self.book;
        let said = words.invited(&key, &view, &until)?;
        let mut answer = self.kept(CARD, person, (vec![about.id], key), said);
        let what = (invitation.code.as_str(), until.as_str());
        let bot = self.desk.name.get().map(String::as_str);
        let said = words.invitation(&about.name, what, bot)?;
        answer.says.push(Say {
            chat: self.chat,
            said,
            keep: None,
        });
        Ok(answer)
    }
}

/// A press on a list of people or on a card.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let what = For::ALL
        .into_iter()
        .find(|what| what.kind() == message.kind);
    let at: usize = argument.parse().unwrap_or_default();
    match (what, verb) {
        (_, "outs") => {
            let answer = visit.people(person, For::Invited, None).await?;
            return Ok((answer, String::new(), false));
        }
        (Some(what), "page") => {
            let page = at.min(message.issues.len().saturating_sub(1) / PEOPLE);
            messages::turn(
                visit.tx,
                &message.key,
                i64::try_from(page).unwrap_or_default(),
            )
            .await?;
            let list = (message.key.as_str(), what);
            let said = visit.list(person, list, (&message.issues, page)).await?;
            return Ok(edited(&message, said, String::new()));
        }
        _ => {}
    }
    let directory = visit.directory.clone();
    let about = at
        .checked_sub(1)
        .and_then(|at| message.issues.get(at))
        .and_then(|id| directory.roster.person(*id))
        .filter(|about| directory.roster.may_manage(person, about));
    let Some(about) = about else {
        return alert(visit, "toast_no_permission");
    };
    let bound = people::binding_of(visit.tx, about.id).await?.is_some();
    let answer = match (what, verb) {
        (Some(For::Invite), "pers") if !bound => visit.send_invitation(person, about).await?,
        (Some(For::Invite), "pers") => visit.card(person, about, Card::Again).await?,
        (Some(For::Unbind), "pers") => visit.card(person, about, Card::Unbind).await?,
        (Some(For::Replace), "pers") | (None, "rep") => visit.successors(person, about).await?,
        (Some(_), "pers") => visit.card(person, about, Card::Look).await?,
        (None, verb) => return on_card(visit, (person, about), message, (verb, bound)).await,
        _ => return alert(visit, "toast_expired"),
    };
    Ok((answer, String::new(), false))
}

/// A press on a person's card.
async fn on_card(
    visit: &mut Visit<'_>,
    (person, about): (&Person, &Person),
    message: Message,
    (verb, bound): (&str, bool),
) -> Result<Pressed> {
    let directory = visit.directory.clone();
    let by = visit.by(person);
    let mut says = Vec::new();
    let mut lost = None;
    let card = match verb {
        "inv" if bound => Card::Again,
        "inv" | "reinv" => {
            let answer = visit.send_invitation(person, about).await?;
            return Ok((answer, String::new(), false));
        }
        "rev" => {
            staff::revoke(visit.tx, &directory.roster, by, about).await?;
            Card::Revoked
        }
        "unb" => Card::Unbind,
        "unbyes" => {
            let chat = staff::unbind(visit.tx, &directory.roster, by, about).await?;
            lost = chat.flatten();
            if let Some(chat) = lost {
                says.push(visit.let_go(chat, about, None).await?);
            }
            Card::Unbound
        }
        "card" => Card::Look,
        _ => return alert(visit, "toast_expired"),
    };
    let said = visit.card_of(person, about, (&message.key, card)).await?;
    let (mut answer, toast, read) = edited(&message, said, String::new());
    answer.says = says;
    answer.no_menu = lost;
    Ok((answer, toast, read))
}

impl Visit<'_> {
    /// What somebody reads whose chat was let go; what was asked in it is forgotten.
    pub(super) async fn let_go(
        &mut self,
        chat: i64,
        about: &Person,
        by: Option<&str>,
    ) -> Result<Say> {
        self.forget_dialog(chat).await?;
        let context = minijinja::context! { name => about.name, by => by };
        let said = Rendered {
            html: self
                .desk
                .book(self.tx, about.id)
                .await?
                .text("unbound_told", context)?,
            keyboard: vec![],
        };
        Ok(Say {
            chat,
            said,
            keep: None,
        })
    }
}
