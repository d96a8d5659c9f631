//! The notices that one cause brings: by kind and person, each with the exact issues.

use std::collections::{BTreeMap, HashSet};

use super::Received;
use crate::issue::table::Issue;
use crate::outbox::{self, Kind, Owed};

/// Notices by kind and person, each with the exact issues.
#[derive(Default)]
pub(super) struct Notices {
    by: BTreeMap<(Kind, i64), (Vec<i64>, bool)>,
}

impl Notices {
    /// Owes the people who answer for an issue a notice of it.
    pub(super) fn add(&mut self, kind: Kind, issue: &Issue, received: &Received<'_>) {
        let roster = &received.directory.roster;
        let mut people = roster.answering(issue.whose());
        // 复查未通过 concerns the lead too.
        if kind == Kind::Refuted
            && let Some(unit) = roster.unit_by_id(issue.unit_id)
        {
            people.extend(roster.leads_of(&unit.code));
        }
        let mut people: HashSet<i64> = people.into_iter().map(|person| person.id).collect();
        let group = roster.group_of(issue.unit_id);
        people.extend(group.map(|group| outbox::to_group(group.id)));
        for person in people {
            let entry = self.by.entry((kind, person)).or_default();
            entry.0.push(issue.id);
            entry.1 |= issue.urgent;
        }
    }

    /// The notices, each owed once per cause.
    pub(super) fn owed(self, cause: &str, received: &Received<'_>) -> Vec<Owed> {
        self.by
            .into_iter()
            .map(|((kind, person_id), (issues, urgent))| Owed {
                once: format!("{}:{cause}:{person_id}", kind.as_str()),
                person_id,
                kind,
                issues,
                detail: None,
                urgent,
                not_before: received.rules.send_at(received.now, urgent),
            })
            .collect()
    }
}
