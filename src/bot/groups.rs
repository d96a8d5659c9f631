//! `/group`: the groups of one's units: a code to bind one, its mode, and its end.

use super::shown::{Pressed, alert, edited};
use super::{Answer, Say, Visit};
use crate::delivery::new_key;
use crate::error::Result;
use crate::flow::group::{self, CODE_MS};
use crate::matching::Decision;
use crate::message::table::Message;
use crate::message::{GroupView, PEOPLE, Rendered, clip};
use crate::roster::group as table;
use crate::roster::{Person, Role, Unit};

/// The kind of the list of units with their groups.
pub(super) const UNITS: &str = "group_units";
/// The kind of a unit's card about its group.
pub(super) const UNIT: &str = "group_unit";

impl Visit<'_> {
    /// `/group` in the private chat: the units with their groups; with a unit the code to bind it.
    pub(super) async fn group(&mut self, person: &Person, rest: &str) -> Result<Answer> {
        if !matches!(person.role, Role::Lead | Role::Manager) {
            return self.plain("no_permission", minijinja::context! {});
        }
        let directory = self.directory.clone();
        let roster = &directory.roster;
        if rest.is_empty() {
            let mut units: Vec<&Unit> = roster
                .units
                .iter()
                .filter(|unit| roster.may_bind_group(person, &unit.code))
                .collect();
            if units.len() > PEOPLE {
                // Of many only those that have one; the others are named.
                units.retain(|unit| roster.group_of(unit.id).is_some());
            }
            if let [only] = units.as_slice() {
                return self.unit_card(person, only.id).await;
            }
            let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
            let key = new_key();
            let said = self.units_list(&key, (&ids, 0))?;
            return Ok(self.kept(UNITS, person, (ids, key), said));
        }
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let unit = match directory.index.named_unit(rest, today) {
            Decision::Matched { unit, .. } => roster.unit_by_id(unit),
            Decision::Ambiguous { .. } | Decision::Unmatched { .. } => None,
        };
        match unit.filter(|unit| roster.may_bind_group(person, &unit.code)) {
            Some(unit) => self.unit_card(person, unit.id).await,
            None => {
                let name = clip(rest, 40);
                self.plain(
                    "group_refused",
                    minijinja::context! { why => "no_unit", name },
                )
            }
        }
    }

    fn units_list(&self, key: &str, (ids, page): (&[i64], usize)) -> Result<Rendered> {
        let directory = &self.directory;
        let roster = &directory.roster;
        let numbered = ids.iter().enumerate().skip(page * PEOPLE).take(PEOPLE);
        let rows: Vec<GroupView> = numbered
            .filter_map(|(n, id)| Some((n, roster.unit_by_id(*id)?)))
            .map(|(n, unit)| GroupView::of(unit, roster.group_of(unit.id), n + 1))
            .collect();
        self.book.groups(key, &rows, (page, ids.len()))
    }

    async fn unit_card(&mut self, person: &Person, unit: i64) -> Result<Answer> {
        let key = new_key();
        let said = self.unit_again(&key, unit, None)?;
        Ok(self.kept(UNIT, person, (vec![unit], key), said))
    }

    fn unit_again(&self, key: &str, unit: i64, what: Option<&str>) -> Result<Rendered> {
        let roster = &self.directory.roster;
        let Some(unit) = roster.unit_by_id(unit) else {
            return Ok(Rendered::default());
        };
        let view = GroupView::of(unit, roster.group_of(unit.id), 1);
        self.book.group(key, &view, what)
    }
}

/// A press on the list of units, or on a unit's card about its group.
pub(super) async fn pressed(
    visit: &mut Visit<'_>,
    person: &Person,
    message: Message,
    (verb, argument): (&str, &str),
) -> Result<Pressed> {
    let at: usize = argument.parse().unwrap_or_default();
    if message.kind == UNITS && verb == "page" {
        let page = at.min(message.issues.len().saturating_sub(1) / PEOPLE);
        let said = visit.units_list(&message.key, (&message.issues, page))?;
        return Ok(edited(&message, said, String::new()));
    }
    let directory = visit.directory.clone();
    let roster = &directory.roster;
    let unit = at
        .checked_sub(1)
        .and_then(|at| message.issues.get(at))
        .and_then(|id| roster.unit_by_id(*id))
        .filter(|unit| roster.may_bind_group(person, &unit.code));
    let Some(unit) = unit else {
        return alert(visit, "toast_no_permission");
    };
    let now = visit.desk.clock.now();
    let mut says = vec![];
    match (verb, roster.group_of(unit.id)) {
        ("grp", _) => {
            let answer = visit.unit_card(person, unit.id).await?;
            return Ok((answer, String::new(), false));
        }
        ("code", _) => {
            let ttl = (now.timestamp_millis(), CODE_MS);
            let code = table::code(visit.tx, unit.id, person.id, ttl).await?;
            let until = visit
                .lens(&directory)
                .moment(now.timestamp_millis() + CODE_MS);
            let bot = visit.desk.name.get();
            let context = minijinja::context! { unit => unit.name, code, until, bot };
            let answer = visit.plain("group_code", context)?;
            return Ok((answer, String::new(), false));
        }
        ("mode", Some(group)) => table::set_private(visit.tx, group.id, !group.private).await?,
        ("end", Some(group)) => {
            group::end(visit.tx, roster, (person, group), now).await?;
            let words = visit.desk.words.office();
            let html = words.text("group_ended", minijinja::context! { unit => unit.name })?;
            says.push(Say::plain(group.chat, html));
        }
        _ => {}
    }
    visit.directory = visit.desk.directory(visit.tx).await?;
    let said = visit.unit_again(&message.key, unit.id, Some(verb))?;
    let (mut answer, toast, read) = edited(&message, said, String::new());
    answer.says = says;
    Ok((answer, toast, read))
}
