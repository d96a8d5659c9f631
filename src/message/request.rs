//! What is asked for and ruled on, in the catalogue's words: the menu of an issue, what is said back before
//! it counts, and what a manager is shown.

use minijinja::{Value, context};

use super::digest::{button, paging};
use super::text::{clip, tame};
use super::view::Lens;
use super::{Button, Catalogue, IssueView, Rendered};
use crate::error::Result;
use crate::hours::Work;
use crate::issue::State as Standing;
use crate::issue::request::{Kind, Request, State};

/// A request as a message shows it.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// `extension` or `reassignment`.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Who asks.
    pub by: String,
    /// When, as people read it.
    pub at: String,
    /// The due time that is asked for, and the unit.
    pub until: Option<String>,
    /// The unit that is to answer.
    pub unit: Option<String>,
    /// Why.
    pub reason: String,
    /// Who ruled.
    pub ruled_by: Option<String>,
    /// The issue.
    pub issue: IssueView,
}

/// Somebody or something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the button says.
    pub label: String,
    /// What the press carries.
    pub id: i64,
}

impl Lens<'_> {
    /// What waits for a manager, as a line of an issue.
    pub(super) fn waits(&self, request: &Request) -> String {
        let (term, what) = match request.kind {
            Kind::Extension => ("extension_waits", request.until.map(|ms| self.time(ms))),
            Kind::Reassignment => {
                let unit = request
                    .unit_id
                    .map(|id| clip(&self.unit(id), 40).into_owned());
                ("reassignment_waits", unit)
            }
        };
        self.words
            .term(term)
            .replace("{what}", &what.unwrap_or_default())
    }

    /// A request with its issue.
    pub fn request(&self, request: &Request, issue: IssueView) -> RequestView {
        RequestView {
            kind: request.kind,
            state: request.state,
            by: self.person(Some(request.asked_by)),
            at: self.moment(request.asked_at),
            until: request.until.map(|ms| self.time(ms)),
            unit: request.unit_id.map(|id| self.unit(id)),
            reason: request.reason.clone(),
            ruled_by: request.ruled_by.map(|id| self.person(Some(id))),
            issue,
        }
    }

    /// The end of work of a day, as people read it.
    pub fn end_of(&self, day: chrono::NaiveDate, work: Work) -> String {
        self.local_time(day.and_time(work.end))
    }

    /// A day, as people write it.
    pub fn date(&self, day: chrono::NaiveDate) -> String {
        self.dated("date", day)
    }
}

impl Catalogue {
    fn asked(&self, view: &RequestView) -> Value {
        context! {
            kind => view.kind.as_str(), state => view.state.as_str(), by => view.by, at => view.at,
            until => view.until, unit => view.unit.as_deref().map(|unit| clip(&tame(unit), 60).into_owned()),
            reason => clip(&tame(&view.reason), 200), ruled_by => view.ruled_by,
            issue => self.issue(&view.issue),
        }
    }

    /// One request of several, for a manager: granted or refused with one press.
    pub fn request(
        &self,
        key: &str,
        (view, page, total): (&RequestView, usize, usize),
    ) -> Result<Rendered> {
        let context = context! { r => self.asked(view), total => total, position => page + 1 };
        let html = self.text("request", context)?;
        let mut keyboard = Vec::new();
        if view.state == State::Open && view.issue.state != Standing::Closed {
            let grant = format!("☑️ {}", self.term("grant"));
            let refuse = format!("↩️ {}", self.term("refuse"));
            keyboard.push(vec![
                button(grant, "grant", key, page + 1),
                button(refuse, "refuse", key, page + 1),
            ]);
        }
        keyboard.push(vec![self.history_button(key, page + 1)]);
        keyboard.push(paging(key, page, total));
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// What was understood of a request, said back before it counts; with several units to choose from
    /// first one of them.
    pub fn ask_check(
        &self,
        key: &str,
        views: &[RequestView],
        choices: &[Choice],
    ) -> Result<Rendered> {
        let requests: Vec<Value> = views.iter().map(|view| self.asked(view)).collect();
        let choose = !choices.is_empty();
        let html = self.text(
            "ask_check",
            context! { requests => requests, choose => choose },
        )?;
        let mut keyboard: Vec<Vec<Button>> = choices
            .iter()
            .map(|choice| vec![button(choice.label.clone(), "pick", key, choice.id)])
            .collect();
        let no = button(self.term("cancel").to_owned(), "no", key, 0);
        if choose {
            keyboard.push(vec![no]);
        } else {
            let yes = format!("✅ {}", self.term("submit"));
            keyboard.push(vec![button(yes, "yes", key, 0), no]);
        }
        Ok(Rendered { html, keyboard })
    }

    /// What else can be done with an issue.
    pub fn menu(&self, key: &str, issue: &IssueView) -> Result<Rendered> {
        let html = self.text("menu", context! { issue => self.issue(issue) })?;
        let runs = issue.state.runs();
        let add = |verb: &str| button(self.term(&format!("menu_{verb}")).to_owned(), verb, key, 1);
        let mut keyboard = Vec::new();
        if runs {
            let mut row = Vec::new();
            if issue.due.is_some() {
                row.push(add("ext"));
            }
            row.push(add("move"));
            keyboard.push(row);
        }
        let mut row = Vec::new();
        if issue.state != Standing::Closed {
            row.push(add("hand"));
        }
        if issue.undoable {
            row.push(add("undo"));
        }
        keyboard.push(row);
        keyboard.push(vec![add("due"), self.history_button(key, 1)]);
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// To whom an issue may be handed.
    pub fn takers(&self, key: &str, issue: &IssueView, choices: &[Choice]) -> Result<Rendered> {
        let html = self.text("hand", context! { issue => self.issue(issue) })?;
        let mut keyboard: Vec<Vec<Button>> = choices
            .iter()
            .map(|choice| vec![button(choice.label.clone(), "to", key, choice.id)])
            .collect();
        keyboard.push(vec![button(
            format!("◀ {}", self.term("back")),
            "menu",
            key,
            1,
        )]);
        Ok(Rendered { html, keyboard })
    }

    /// A message with one button under it, to take back what it tells of.
    pub fn with_undo(&self, key: &str, html: String) -> Rendered {
        let undo = self.term("menu_undo").to_owned();
        Rendered {
            html,
            keyboard: vec![vec![button(undo, "undo", key, 0)]],
        }
    }
}
