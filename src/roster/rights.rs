//! Who may add, invite, release and replace whom, by the roster of now: nobody above oneself, nobody outside
//! one's scope. Pure.

use super::model::{Person, Role, Roster};

impl Person {
    /// Whether somebody may import a report: it says something of everybody, so who supervises everything.
    pub fn may_import(&self) -> bool {
        self.role == Role::Manager && self.everywhere()
    }
}

impl Roster {
    /// Whether somebody may give a role for these units: a lead runs operators of their own units, the
    /// manager of an area operators and leads in it, who supervises everything managers too, an admin
    /// anybody.
    pub fn may_give(&self, by: &Person, role: Role, units: &[String]) -> bool {
        let below = match by.role {
            Role::Admin => return true,
            Role::Manager if by.everywhere() => role != Role::Admin,
            Role::Manager => matches!(role, Role::Operator | Role::Lead),
            Role::Lead => role == Role::Operator,
            Role::Operator => false,
        };
        let inside = |code: &String| code != "*" && self.in_units(by, code);
        below && (by.everywhere() || (!units.is_empty() && units.iter().all(inside)))
    }

    /// Whether somebody may invite, release and replace a person: all that the person answers for lies
    /// within their scope, and the role is one they may give.
    pub fn may_manage(&self, by: &Person, person: &Person) -> bool {
        let mut units = person.units.clone();
        let accounts = self.names_of(person).into_iter().flatten();
        let of_accounts = accounts.filter_map(|id| self.account(*id));
        units.extend(of_accounts.map(|account| account.unit.clone()));
        by.id != person.id && self.may_give(by, person.role, &units)
    }

    /// Everybody whom somebody may invite, release and replace, by name.
    pub fn managed_by(&self, by: &Person) -> Vec<&Person> {
        let people = self.people.iter();
        let mut managed: Vec<&Person> = people.filter(|one| self.may_manage(by, one)).collect();
        managed.sort_by(|a, b| (&a.units, &a.name, a.id).cmp(&(&b.units, &b.name, b.id)));
        managed
    }

    /// Whether somebody may be a person's successor: the same role, so that nobody gets rights they did
    /// not have.
    pub fn may_succeed(&self, person: &Person, successor: &Person) -> bool {
        person.id != successor.id && person.role == successor.role
    }
}

/// What a successor answers for: their own and that of whom they succeed. Where one of them answers for
/// whole units, so does the successor, lest anything falls between.
pub fn succeeding(person: &Person, successor: &Person) -> Person {
    let mut next = successor.clone();
    for unit in &person.units {
        if !next.units.contains(unit) {
            next.units.push(unit.clone());
        }
    }
    if next.everywhere() {
        next.units = vec!["*".to_owned()];
    }
    if person.operates.is_empty() || successor.operates.is_empty() {
        next.operates.clear();
    } else {
        for name in &person.operates {
            if !next.operates.contains(name) {
                next.operates.push(name.clone());
            }
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::super::model::{Account, AccountState, Unit};
    use super::*;

    fn person(id: i64, role: Role, units: &[&str], operates: &[&str]) -> Person {
        Person {
            id,
            code: id.to_string(),
            name: id.to_string(),
            role,
            units: units.iter().map(|u| (*u).to_owned()).collect(),
            operates: operates.iter().map(|u| (*u).to_owned()).collect(),
        }
    }

    fn city() -> Roster {
        let unit = |id, code: &str, parent: Option<&str>| Unit {
            id,
            code: code.into(),
            name: code.into(),
            aliases: vec![],
            parent: parent.map(Into::into),
            area: None,
            kind: String::new(),
        };
        let account = Account {
            id: 1,
            platform: "wechat".into(),
            name: "外".into(),
            uid: None,
            unit: "B".into(),
            aliases: vec![],
            homepage: None,
            state: AccountState::Active,
            valid_from: None,
            valid_to: None,
        };
        let units = vec![
            unit(1, "A", None),
            unit(2, "A1", Some("A")),
            unit(3, "B", None),
        ];
        let people = vec![
            person(1, Role::Operator, &["A1"], &[]),
            person(2, Role::Operator, &["A1", "B"], &[]),
            person(3, Role::Lead, &["A"], &[]),
            person(4, Role::Lead, &["B"], &[]),
            person(5, Role::Manager, &["A"], &[]),
            person(6, Role::Manager, &["*"], &[]),
            person(7, Role::Manager, &["B"], &[]),
            person(8, Role::Admin, &[], &[]),
            person(9, Role::Operator, &["A1"], &["wechat:外"]),
            person(10, Role::Operator, &[], &[]),
            person(11, Role::Admin, &["*"], &[]),
        ];
        Roster::new(1, units, vec![account], people, vec![])
    }

    #[test]
    fn everybody_manages_those_below_in_their_scope_and_nobody_else() {
        let roster = city();
        let table: [(i64, &[i64]); 6] = [
            (1, &[]),
            (3, &[1]),
            (4, &[]),
            (5, &[1, 3]),
            (6, &[1, 2, 3, 4, 5, 7, 9, 10]),
            (8, &[1, 2, 3, 4, 5, 6, 7, 9, 10, 11]),
        ];
        for (by, whom) in table {
            let by = roster.person(by).unwrap();
            let mut managed: Vec<i64> = roster.managed_by(by).iter().map(|one| one.id).collect();
            managed.sort_unstable();
            assert_eq!(managed, whom, "{}", by.id);
        }
    }

    #[test]
    fn nobody_gives_a_role_above_their_own_or_outside() {
        let roster = city();
        let table = [
            (3, Role::Operator, &["A1"][..], true),
            (3, Role::Operator, &["A1", "B"], false),
            (3, Role::Operator, &[], false),
            (3, Role::Lead, &["A1"], false),
            (5, Role::Lead, &["A1"], true),
            (5, Role::Lead, &["*"], false),
            (5, Role::Manager, &["A1"], false),
            (6, Role::Manager, &["*"], true),
            (6, Role::Admin, &[], false),
            (8, Role::Admin, &[], true),
            (1, Role::Operator, &["A1"], false),
        ];
        for (by, role, units, yes) in table {
            let units: Vec<String> = units.iter().map(|u| (*u).to_owned()).collect();
            let by = roster.person(by).unwrap();
            assert_eq!(
                roster.may_give(by, role, &units),
                yes,
                "{} {role:?} {units:?}",
                by.id
            );
        }
    }

    #[test]
    fn a_successor_answers_for_both() {
        let table = [
            (
                (&["A"][..], &["x"][..]),
                (&["B"][..], &["y"][..]),
                (&["B", "A"][..], &["y", "x"][..]),
            ),
            ((&["A"], &["x"]), (&["A"], &[]), (&["A"], &[])),
            ((&["A"], &[]), (&["B"], &["y"]), (&["B", "A"], &[])),
            ((&["*"], &[]), (&["B"], &[]), (&["*"], &[])),
        ];
        for (old, new, after) in table {
            let old = person(1, Role::Operator, old.0, old.1);
            let new = person(2, Role::Operator, new.0, new.1);
            assert_eq!(
                succeeding(&old, &new),
                person(2, Role::Operator, after.0, after.1)
            );
        }
    }
}
