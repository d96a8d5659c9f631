//! From ids and rows to what a template is given: names instead of ids, local times, who did what.

use chrono::{DateTime, Utc};

use super::text::{clip, tame};
use super::{ActView, Catalogue, IssueView, Section};
use crate::clock::from_ms;
use crate::error::Result;
use crate::flow::{Directory, Rules};
use crate::issue::acts::{self, Act};
use crate::issue::evidence;
use crate::issue::nudge;
use crate::issue::request as requests;
use crate::issue::state::Event;
use crate::issue::table::{self as issues, Issue};
use crate::issue::take_back;
use crate::roster::{Person, Roster};
use crate::store::Tx;

/// Acts that say nothing of where an issue stands.
const BESIDE: &[&str] = &[
    "noted",
    "fix_how",
    "extension_asked",
    "reassignment_asked",
    "evidence_asked",
    "handed_over",
    "succeeded",
    "taken_back",
    "wording_allowed",
    "wording_disallowed",
    nudge::VERB,
];

/// How much of an account's name is shown, in UTF-16 units: with the platform it fits one place.
const NAME: usize = 40;

/// What turns rows into views.
#[derive(Clone, Copy)]
pub struct Lens<'a> {
    /// Names of platforms and categories, and the zone.
    pub rules: &'a Rules,
    /// Names of units, accounts and people.
    pub roster: &'a Roster,
    /// Short words.
    pub words: &'a Catalogue,
    /// The time now.
    pub now: DateTime<Utc>,
    /// Who will read it.
    pub reader: Option<&'a Person>,
}

impl<'a> Lens<'a> {
    /// A lens over the roster of now.
    pub fn new(
        rules: &'a Rules,
        directory: &'a Directory,
        words: &'a Catalogue,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            rules,
            roster: &directory.roster,
            words,
            now,
            reader: None,
        }
    }

    /// The same for a reader, to whom is said for whom they act.
    pub fn read_by(self, reader: &'a Person) -> Self {
        Self {
            reader: Some(reader),
            ..self
        }
    }

    /// Why somebody might be meant: reasons that are joined by `+`, in words.
    pub fn reasons(&self, why: &str) -> String {
        let words: Vec<&str> = why.split('+').map(|word| self.words.term(word)).collect();
        words.join(self.words.term("comma"))
    }

    /// For whom the reader acts: names.
    fn on_behalf(&self, issue: &Issue) -> Vec<String> {
        let (unit, account) = (issue.unit_id, issue.account_id);
        let away = self
            .reader
            .map(|reader| self.roster.on_behalf_of(reader, unit, account));
        let away = away.into_iter().flatten();
        away.map(|person| person.name.clone()).collect()
    }

    /// A platform's name, its id where it is unknown.
    pub fn platform(&self, id: &str) -> String {
        let known = self.rules.vocabulary.platform(id);
        self.named("platform", id, known.map(|platform| platform.name.as_str()))
    }

    /// A word of the field: by the catalogue's where it has one, which is how other languages say it; else by
    /// the vocabulary's.
    fn named(&self, of: &str, id: &str, known: Option<&str>) -> String {
        let said = self.words.known(&format!("{of}_{id}"));
        said.or(known).unwrap_or(id).to_owned()
    }

    /// A category's name, its id where it is unknown.
    pub fn category(&self, id: &str) -> String {
        let known = self.rules.vocabulary.category(id);
        self.named("category", id, known.map(|category| category.name.as_str()))
    }

    /// What an issue is about: 微信公众号「台江发布」, or the unit itself.
    pub fn target(&self, account: Option<i64>, unit: i64) -> String {
        match account.and_then(|id| self.roster.account(id)) {
            Some(account) => self
                .words
                .term("quoted")
                .replace("{platform}", &self.platform(&account.platform))
                .replace("{name}", &clip(&account.name, NAME)),
            None => self.unit(unit),
        }
    }

    /// A unit's name.
    pub fn unit(&self, id: i64) -> String {
        self.roster
            .unit_by_id(id)
            .map_or_else(|| format!("#{id}"), |unit| unit.name.clone())
    }

    /// The names of a person's units; of who is to all of them, none.
    pub fn units_in_short(&self, person: i64) -> String {
        let person = self.roster.person(person);
        let codes = person
            .map(|person| person.units.as_slice())
            .unwrap_or_default();
        let units = codes.iter().filter_map(|code| self.roster.unit(code));
        let names: Vec<&str> = units.map(|unit| unit.name.as_str()).collect();
        clip(&tame(&names.join(self.words.term("comma"))), 24).into_owned()
    }

    /// A person's name, also that somebody left; none stands for a report or the clock.
    pub fn person(&self, id: Option<i64>) -> String {
        let Some(id) = id else {
            return self.words.term("by_report").to_owned();
        };
        let name = self.roster.name_of(id);
        name.unwrap_or_else(|| self.words.term("left")).to_owned()
    }

    /// A time as people read it: 9月30日(周四) 17:30.
    pub fn time(&self, ms: i64) -> String {
        self.local_time(from_ms(ms).with_timezone(&self.rules.zone).naive_local())
    }

    /// A time today as the hour, another day with its date.
    pub fn moment(&self, ms: i64) -> String {
        let local = from_ms(ms).with_timezone(&self.rules.zone);
        let today = self.now.with_timezone(&self.rules.zone).date_naive();
        if local.date_naive() == today {
            local.format("%H:%M").to_string()
        } else {
            local.format("%m-%d %H:%M").to_string()
        }
    }

    /// One issue at a position of a message.
    pub fn issue(
        &self,
        issue: &Issue,
        acts: &[Act],
        section: Section,
        position: usize,
    ) -> IssueView {
        // Who disputes is what people ask while a ruling is awaited, whatever a report said since.
        let dispute = Event::Dispute.verb();
        let tells = |act: &&&Act| match issue.standing.disputed {
            true => act.verb == dispute,
            false => {
                (act.person_id.is_some() || act.report_id.is_some())
                    && !BESIDE.contains(&&*act.verb)
            }
        };
        let standing = take_back::counting(acts);
        let last = standing.iter().rev().find(tells).copied();
        let by = self
            .reader
            .map(|reader| (reader.id, self.now.timestamp_millis()));
        let masked = self.rules.mask.hides(&issue.category);
        let seen = |text: &Option<String>| text.clone().filter(|_| !masked);
        let undoable = by.is_some_and(|by| take_back::last(acts, issue, by).is_ok());
        IssueView {
            position,
            number: issue.id,
            section,
            account: self.target(issue.subject(), issue.unit_id),
            unit: self.unit(issue.unit_id),
            category: self.category(&issue.category),
            severity: issue.severity,
            urgent: issue.urgent,
            wrong_text: seen(&issue.wrong_text),
            suggestion: seen(&issue.suggestion),
            context: seen(&issue.context),
            title: seen(&issue.title),
            url: issue.url.clone(),
            has_wording: issue.wrong_text.is_some(),
            masked: masked && (issue.wrong_text.is_some() || issue.title.is_some()),
            due: issue.due_at.map(|due| self.time(due)),
            due_unsure: self.due_unsure(issue),
            overdue: issue.overdue(self.now.timestamp_millis()),
            state: issue.standing.state,
            close_reason: issue.standing.reason,
            disputed: issue.standing.disputed,
            fix_how: issue.fix_how,
            notes: self.notes(issue, acts),
            undoable,
            evidence: acts.iter().filter(|act| act.evidence.is_some()).count(),
            reopened: issue.reopened,
            last_act: last.map(|act| ActView {
                who: self.person(act.person_id),
                verb: act.verb.clone(),
                at: self.moment(act.at),
                note: act.note.clone(),
            }),
            on_behalf: self.on_behalf(issue),
        }
    }

    /// Who it was handed to, that evidence is awaited, and who asked last for it to be seen to.
    fn notes(&self, issue: &Issue, acts: &[Act]) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(tickets) = &issue.tickets {
            let tickets = super::text::tame(tickets);
            let tickets = super::text::clip(&tickets, 80);
            notes.push(
                self.words
                    .term("ticket_note")
                    .replace("{tickets}", &tickets),
            );
        }
        let handler = issue.handler_id.filter(|_| issue.live());
        if let Some(handler) = handler.and_then(|id| self.roster.person(id)) {
            notes.push(
                self.words
                    .term("handled_by")
                    .replace("{name}", &handler.name),
            );
        }
        if issue.live() && evidence::awaited(acts).is_some() {
            notes.push(self.words.term("evidence_awaited").to_owned());
        }
        let asked = acts.iter().rev().find(|act| act.verb == nudge::VERB);
        if let Some(asked) = asked.filter(|_| issue.standing.state.runs()) {
            let note = self.words.term("nudged_by");
            let note = note.replace("{name}", &self.person(asked.person_id));
            notes.push(note.replace("{at}", &self.moment(asked.at)));
        }
        notes
    }

    /// The issues of one page of a message, in the order given, those that `seen` admits; a page
    /// that is not there is the last one. Positions count over all pages, also over what is not
    /// shown, so that a reply means what it says.
    pub async fn page(
        &self,
        tx: &mut Tx,
        wanted: &[(i64, Section)],
        (page, size): (usize, usize),
        seen: impl Fn(&Issue) -> bool,
    ) -> Result<Vec<IssueView>> {
        let last = wanted.len().div_ceil(size).saturating_sub(1);
        let before = page.min(last) * size;
        let shown: Vec<(i64, Section)> = wanted.iter().skip(before).take(size).copied().collect();
        let ids: Vec<i64> = shown.iter().map(|(id, _)| *id).collect();
        let rows = issues::many(tx, &ids).await?;
        let acts = acts::acts_of(tx, &ids).await?;
        let requests = requests::open_on(tx, &ids).await?;
        let mut views = Vec::with_capacity(shown.len());
        for (n, (id, section)) in shown.iter().enumerate() {
            let Some(issue) = rows.iter().find(|issue| issue.id == *id && seen(issue)) else {
                continue;
            };
            let acts = acts.get(id).map(Vec::as_slice).unwrap_or_default();
            let mut view = self.issue(issue, acts, *section, before + n + 1);
            let waiting = requests.iter().filter(|request| request.issue_id == *id);
            view.notes
                .extend(waiting.map(|request| self.waits(request)));
            views.push(view);
        }
        Ok(views)
    }
}
