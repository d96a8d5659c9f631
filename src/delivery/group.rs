//! The group of a unit: told once of what a report brought, with who is to see to it mentioned; and who of
//! them is then not told again in private.

use std::collections::{HashMap, HashSet};

use super::parcel::{Parcel, Said, new_key, section};
use crate::desk::Desk;
use crate::error::Result;
use crate::flow;
use crate::issue::table as issues;
use crate::message::view::Lens;
use crate::message::{Buttons, DigestView, Heading, PAGE, Rendered, Section};
use crate::outbox::table::{self as outbox, Fate, Notice};
use crate::outbox::{self as owing, Kind, fate};
use crate::roster::{Group, Person, Role, Roster, Scope, table as people};
use crate::store::Tx;

/// The kind of a message to a group.
pub const KIND: &str = "group";
/// People who are mentioned in one message.
const MENTIONED: usize = 30;
/// How long a private notice waits for the group's, in ms.
const WAIT_MS: i64 = 60_000;

/// The notices that are said; of those to people whose unit has a group instead, what the group was told is
/// not said again, and what it is about to be told waits. Whom the group cannot name is told in private, and
/// so is everybody where the group was not told.
pub(super) async fn spare(
    desk: &Desk,
    tx: &mut Tx,
    roster: &Roster,
    claim: &str,
    notices: Vec<Notice>,
) -> Result<Vec<Notice>> {
    if roster.groups.iter().all(|group| group.private) {
        return Ok(notices);
    }
    let now = desk.clock.now_ms();
    let mut out = Vec::with_capacity(notices.len());
    for mut notice in notices {
        let brought = matches!(notice.kind, Kind::New | Kind::Reopened | Kind::Refuted);
        let operator = roster
            .person(notice.person_id)
            .filter(|person| person.role == Role::Operator && brought);
        if operator.is_none() || people::binding_of(tx, notice.person_id).await?.is_none() {
            out.push(notice);
            continue;
        }
        let mut by: HashMap<i64, Vec<i64>> = HashMap::new();
        for place in issues::places(tx, &notice.issues).await? {
            let group = roster
                .group_of(place.unit_id)
                .filter(|group| !group.private && names_all(roster, group));
            if let Some(group) = group {
                by.entry(group.id).or_default().push(place.id);
            }
        }
        let (mut told, mut waits) = (HashSet::new(), false);
        for (group, ids) in by {
            let states = fate::in_group(tx, owing::to_group(group), &ids).await?;
            for (id, state) in states {
                match state.as_str() {
                    "sent" => {
                        told.insert(id);
                    }
                    "owed" | "claimed" => waits = true,
                    _ => {}
                }
            }
        }
        notice.issues.retain(|id| !told.contains(id));
        if waits {
            let fate = Fate::Later(now + WAIT_MS, "the unit's group is told first");
            outbox::settle(tx, claim, &[notice.id], &fate, now).await?;
        } else if notice.issues.is_empty() {
            let fate = Fate::Dropped(fate::IN_GROUP);
            outbox::settle(tx, claim, &[notice.id], &fate, now).await?;
        } else {
            out.push(notice);
        }
    }
    Ok(out)
}

/// Whether a message to the group can name everybody who may answer for the unit's issues.
fn names_all(roster: &Roster, group: &Group) -> bool {
    let Some(unit) = roster.unit_by_id(group.unit) else {
        return false;
    };
    let operators = roster
        .people
        .iter()
        .filter(|person| person.role == Role::Operator && person.units.contains(&unit.code));
    operators.count() <= MENTIONED
}

/// The bot cannot write to a group any more.
pub(super) async fn lost(desk: &Desk, tx: &mut Tx, recipient: i64, why: &str) -> Result<()> {
    let directory = desk.directory(tx).await?;
    let roster = &directory.roster;
    let Some(group) = owing::group_of(recipient).and_then(|id| roster.group(id)) else {
        return Ok(());
    };
    let now = desk.clock.now();
    flow::group::lost(tx, (&desk.rules, roster), (group, why), now).await
}

/// What a group is shown of issues of its unit: the issues in the order of their positions with the reasons,
/// and the page.
pub struct Shown<'a> {
    /// What the buttons carry.
    pub key: &'a str,
    /// The issues, with why each stands there.
    pub wanted: &'a [(i64, Section)],
    /// The page, from 0.
    pub page: usize,
    /// Its day, in UTC milliseconds.
    pub sent_at: i64,
    /// A former answer was lost.
    pub resent: bool,
}

/// A page of what a group is shown, by the state of now.
pub async fn view(desk: &Desk, tx: &mut Tx, group: &Group, shown: &Shown<'_>) -> Result<Rendered> {
    let directory = desk.directory(tx).await?;
    let roster = &directory.roster;
    let lens = Lens::new(
        &desk.rules,
        &directory,
        desk.words.office(),
        desk.clock.now(),
    );
    let here = |issue: &issues::Issue| issue.unit_id == group.unit;
    let page = (shown.page, PAGE);
    let issues = lens.page(tx, shown.wanted, page, here).await?;
    let live = issues::count_live(tx, &Scope::Units(vec![group.unit])).await?;
    let all: Vec<i64> = shown.wanted.iter().map(|(id, _)| *id).collect();
    let view = DigestView {
        key: shown.key,
        person: "",
        office: &desk.office,
        heading: Heading::of(shown.wanted.iter().map(|(_, section)| *section)),
        date: desk
            .local(crate::clock::from_ms(shown.sent_at))
            .format("%m-%d")
            .to_string(),
        total: shown.wanted.len(),
        page: shown.page,
        still_open: usize::try_from(live)
            .unwrap_or_default()
            .saturating_sub(shown.wanted.len()),
        resent: shown.resent,
        buttons: Buttons::Act,
        own: None,
        issues,
    };
    let mut said = desk.words.office().digest(&view)?;
    let mentioned = mentions(tx, roster, &all).await?;
    let context = minijinja::context! { people => mentioned };
    let whose = desk.words.office().text("group_mentions", context)?;
    said.html = format!("{}\n{whose}", said.html);
    Ok(said)
}

/// Who answers for these issues: names, with the chat of those who are bound.
async fn mentions(tx: &mut Tx, roster: &Roster, ids: &[i64]) -> Result<Vec<minijinja::Value>> {
    let mut answering: Vec<&Person> = Vec::new();
    for issue in issues::many(tx, ids).await? {
        for person in roster.answering(issue.whose()) {
            if !answering.contains(&person) && answering.len() < MENTIONED {
                answering.push(person);
            }
        }
    }
    let mut mentioned = Vec::new();
    for person in answering {
        let binding = people::binding_of(tx, person.id).await?;
        let chat = binding.map(|binding| binding.chat_id);
        mentioned.push(minijinja::context! { name => person.name, chat => chat });
    }
    Ok(mentioned)
}

/// A group's parcel as a message.
pub(super) async fn digest(desk: &Desk, tx: &mut Tx, parcel: &Parcel) -> Result<Option<Said>> {
    let directory = desk.directory(tx).await?;
    let group = owing::group_of(parcel.person).and_then(|id| directory.roster.group(id));
    let Some(group) = group else {
        return Ok(None);
    };
    let mut wanted: HashMap<i64, Section> = HashMap::new();
    for notice in &parcel.notices {
        for id in &notice.issues {
            wanted.entry(*id).or_insert(section(notice.kind));
        }
    }
    let ids: Vec<i64> = wanted.keys().copied().collect();
    let mut rows = issues::places(tx, &ids).await?;
    rows.retain(|place| place.unit_id == group.unit);
    if rows.is_empty() {
        return Ok(None);
    }
    rows.sort_by_key(|place| (!place.urgent, place.severity, place.account_id, place.id));
    let order: Vec<(i64, Section)> = rows
        .iter()
        .filter_map(|place| Some((place.id, *wanted.get(&place.id)?)))
        .collect();
    let key = new_key();
    let shown = Shown {
        key: &key,
        wanted: &order,
        page: 0,
        sent_at: desk.clock.now_ms(),
        resent: parcel.notices.iter().any(|notice| notice.unsure),
    };
    let said = view(desk, tx, group, &shown).await?;
    let (ids, sections): (Vec<i64>, Vec<Section>) = order.into_iter().unzip();
    let said = Said::whole(KIND, parcel, ids, (key, said));
    Ok(Some(Said { sections, ..said }))
}
