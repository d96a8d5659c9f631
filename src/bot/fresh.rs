//! `/fresh`: the accounts of a person's scope that have to be updated soon, or should have been.

use super::{Answer, Visit};
use crate::error::Result;
use crate::flow::freshness;
use crate::freshness::Standing;
use crate::roster::{Person, Role};

/// A list holds this many; the rest is counted.
const MOST: usize = 16;

impl Visit<'_> {
    pub(super) async fn fresh(&mut self, person: &Person) -> Result<Answer> {
        if person.role == Role::Admin {
            let text = self.words("no_permission", minijinja::context! {})?;
            return Ok(Answer::text(self.chat, text));
        }
        let directory = self.directory.clone();
        let roster = &directory.roster;
        let today = self.desk.local(self.desk.clock.now()).date_naive();
        let mut all = freshness::all(self.tx, &self.desk.rules, roster, today).await?;
        all.retain(|one| {
            one.judged.standing != Standing::Fresh
                && roster.may_see(person, &one.account.unit, Some(one.account.id))
        });
        let lens = self.lens(&directory);
        let lines = all.iter().take(MOST).map(|one| lens.fresh_line(one));
        let lines = lines.collect::<Result<Vec<String>>>()?;
        let said = lens.fresh_list(&lines, all.len().saturating_sub(MOST))?;
        Ok(Answer::text(self.chat, said))
    }
}
