//! Digest, dispute and waiting names: what stands in them and which buttons still make sense.

use minijinja::{Value, context};
use unicode_width::UnicodeWidthStr as _;

use super::text::{clip, excerpt, tame};
use super::view::Lens;
use super::{
    Button, Buttons, Catalogue, DigestView, DisputeView, Heading, IssueView, Rendered, Section,
    WaitingView,
};
use crate::error::Result;
use crate::issue::{CloseReason, How, State};
use crate::matching::table::Waiting;

/// What a row of buttons holds on a phone, in columns of which a Chinese character takes two.
const WIDE: usize = 48;
/// What a button takes besides its words.
const EDGE: usize = 3;

/// Issues a page.
pub const PAGE: usize = 5;

pub(super) fn button(
    label: String,
    verb: &str,
    key: &str,
    argument: impl std::fmt::Display,
) -> Button {
    Button {
        label,
        data: format!("{verb}:{key}:{argument}"),
    }
}

/// Back, where one is, forward; nothing for a single page.
pub(super) fn paging(key: &str, page: usize, pages: usize) -> Vec<Button> {
    if pages < 2 {
        return vec![];
    }
    let mut row = Vec::new();
    if page > 0 {
        row.push(button("◀".to_owned(), "page", key, page - 1));
    }
    row.push(button(format!("{}/{pages}", page + 1), "page", key, page));
    if page + 1 < pages {
        row.push(button("▶".to_owned(), "page", key, page + 1));
    }
    row
}

/// A row of buttons, in two where a phone would cut what they say.
fn fitting(mut row: Vec<Button>) -> [Vec<Button>; 2] {
    let width: usize = row.iter().map(|one| one.label.width() + EDGE).sum();
    let rest = match width > WIDE {
        true => row.split_off(row.len().div_ceil(2)),
        false => vec![],
    };
    [row, rest]
}

impl Catalogue {
    fn short(&self, text: &Option<String>, units: usize) -> Option<String> {
        text.as_deref()
            .map(|text| clip(&tame(text), units).into_owned())
    }

    /// A digest whose issues are all closed: heading, day and how many they are, and the button to see them.
    pub fn settled(
        &self,
        key: &str,
        (heading, date, total): (Heading, String, usize),
    ) -> Result<Rendered> {
        let heading = self.term(heading.term());
        let html = self.text("settled", context! { heading, date, total })?;
        let again = button(self.term("show_all").to_owned(), "page", key, 0);
        Ok(Rendered {
            html,
            keyboard: vec![vec![again]],
        })
    }

    /// A digest none of whose issues is the reader's any more: heading and day.
    pub fn passed_on(&self, (heading, date): (Heading, String)) -> Result<Rendered> {
        let heading = self.term(heading.term());
        let html = self.text("settled", context! { heading, date })?;
        let keyboard = vec![];
        Ok(Rendered { html, keyboard })
    }

    /// An issue with its words chosen and its texts cut to size.
    pub(super) fn issue(&self, issue: &IssueView) -> Value {
        let mut notes = Vec::new();
        match issue.section {
            Section::Reopened => notes.push(self.term("section_reopened").to_owned()),
            Section::Refuted => notes.push(self.term("section_refuted").to_owned()),
            Section::Unacknowledged => notes.push(self.term("section_unacknowledged").to_owned()),
            Section::Reminder => notes.push(self.term("section_reminder").to_owned()),
            Section::Reassigned => notes.push(self.term("section_reassigned").to_owned()),
            Section::Handed => notes.push(self.term("section_handed").to_owned()),
            Section::Nudged => notes.push(self.term("section_nudged").to_owned()),
            Section::New | Section::Overdue | Section::Open => {}
        }
        if issue.reopened > 0 {
            let again = self
                .term("times")
                .replace("{n}", &(issue.reopened + 1).to_string());
            notes.push(again);
        }
        let wrong = self.short(&issue.wrong_text, 80);
        let context = issue.context.as_deref().map(tame);
        let context = context.map(|text| excerpt(&text, wrong.as_deref().unwrap_or_default(), 30));
        let context = context.map(|(before, hit, after)| context! { before, hit, after });
        let state_line = self.state_line(issue);
        context! {
            position => issue.position,
            number => issue.number,
            account => clip(&tame(&issue.account), 60),
            unit => clip(&tame(&issue.unit), 60),
            mark => self.term(issue.severity.as_str()),
            category => clip(&issue.category, 40),
            note => notes.join(self.term("also")),
            wrong_text => wrong,
            suggestion => self.short(&issue.suggestion, 80),
            context => context,
            masked => issue.masked,
            title => self.short(&issue.title, 60),
            url => issue.url.as_deref().filter(|url| url.starts_with("http") && url.len() < 600),
            due => issue.due,
            due_unsure => issue.due_unsure,
            overdue => issue.overdue,
            live => issue.state != State::Closed,
            state_line => state_line,
            notes => issue.notes.iter().map(|note| clip(&tame(note), 120).into_owned())
                .collect::<Vec<_>>(),
            on_behalf => self.on_behalf(&issue.on_behalf),
            act => issue.last_act.as_ref().map(|act| context! {
                who => act.who, at => act.at, note => self.short(&act.note, 200),
            }),
        }
    }

    /// 代 林晓雨
    fn on_behalf(&self, names: &[String]) -> Option<String> {
        let names = tame(&names.join(self.term("comma")));
        let names = clip(&names, 60);
        (!names.is_empty()).then(|| self.term("on_behalf").replace("{names}", &names))
    }

    /// ✅ 已签收 · 王芳 09:12
    fn state_line(&self, issue: &IssueView) -> Option<String> {
        let (mark, word) = match (issue.state, issue.disputed) {
            (_, true) => ("⚖️", self.term("disputed")),
            (State::Open, false) => return None,
            (State::Acknowledged, false) => ("✅", self.term("acknowledged")),
            (State::FixReported, false) => match issue.fix_how {
                Some(how) => {
                    let said = format!("fix_reported_{}", how.as_str());
                    return Some(format!("🛠 {}{}", self.term(&said), self.by(issue)));
                }
                None => ("🛠", self.term("fix_reported")),
            },
            (State::Closed, false) => (
                "☑️",
                issue
                    .close_reason
                    .map_or_else(|| self.term("closed"), |reason| self.term(reason.as_str())),
            ),
        };
        Some(format!("{mark} {word}{}", self.by(issue)))
    }

    /// Who did it last, and when.
    fn by(&self, issue: &IssueView) -> String {
        let act = issue.last_act.as_ref();
        act.map_or_else(String::new, |act| format!(" · {} {}", act.who, act.at))
    }

    /// A page of a digest with the buttons that still make sense.
    pub fn digest(&self, view: &DigestView<'_>) -> Result<Rendered> {
        let pages = view.total.div_ceil(PAGE).max(1);
        let page = view.page.min(pages - 1);
        let shown = &view.issues;
        let html = self.text(
            "digest",
            context! {
                person => view.person, office => view.office, date => view.date,
                heading => match &view.own {
                    Some(own) => self.term(&format!("heading_own_{}", own.which)).to_owned(),
                    None => self.term(view.heading.term()).to_owned(),
                },
                own => view.own,
                resent => view.resent, total => view.total, still_open => view.still_open,
                page => page + 1, pages => pages,
                issues => shown.iter().map(|issue| self.issue(issue)).collect::<Vec<_>>(),
            },
        )?;
        let mut keyboard = Vec::new();
        for issue in shown {
            keyboard.extend(fitting(match view.buttons {
                Buttons::None => vec![],
                Buttons::Act => self.act_row(view.key, issue),
                Buttons::Confirm => self.confirm_row(view.key, issue),
            }));
        }
        keyboard.extend(self.whole_page(view, page));
        keyboard.push(paging(view.key, page, pages));
        if let ([only], 1) = (shown.as_slice(), view.total) {
            keyboard.push(vec![self.history_button(view.key, only.position)]);
        }
        keyboard.push(
            view.own
                .as_ref()
                .map_or(vec![], |own| self.own_row(view.key, own)),
        );
        if view.still_open > 0 {
            keyboard.push(vec![button(self.term("my").to_owned(), "my", view.key, 0)]);
        }
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// The other lists of one's own issues that are not empty.
    fn own_row(&self, key: &str, own: &super::OwnView) -> Vec<Button> {
        let lists = [
            ("all", "🗂", own.live),
            ("due", "⏰", own.due),
            ("overdue", "⚠️", own.overdue),
            ("reported", "🔎", own.reported),
        ];
        let others = lists.iter().filter(|(which, _, count)| {
            *which != own.which && *count > 0 && (*which != "all" || *count > 1)
        });
        let row = others.map(|(which, mark, count)| {
            let word = format!("own_{which}");
            button(
                format!("{mark} {} {count}", self.term(&word)),
                "mine",
                key,
                which,
            )
        });
        row.collect()
    }

    fn act_row(&self, key: &str, issue: &IssueView) -> Vec<Button> {
        let n = issue.position;
        let mut row = Vec::new();
        let mut add = |verb: &str| {
            row.push(button(format!("{n} {}", self.term(verb)), verb, key, n));
        };
        if issue.state == State::Open {
            add("ack");
        }
        if issue.state.runs() {
            add("fix");
            if !issue.disputed {
                add("dis");
            }
        }
        // It is fixed; how can be said with one more press.
        if issue.state == State::FixReported && issue.fix_how.is_none() {
            for how in How::ALL {
                let label = format!("{n} {}", self.term(how.as_str()));
                row.push(button(label, "how", key, format!("{n}.{}", how.as_str())));
            }
        }
        if issue.state != State::Closed {
            row.push(button(format!("{n} ⋯"), "more", key, n));
        }
        row
    }

    /// For a reported fix: confirmed, found wanting, and what was sent along.
    fn confirm_row(&self, key: &str, issue: &IssueView) -> Vec<Button> {
        let n = issue.position;
        let mut row = Vec::new();
        if issue.state == State::FixReported {
            for verb in ["conf", "deny"] {
                row.push(button(format!("{n} {}", self.term(verb)), verb, key, n));
            }
        }
        if issue.evidence > 0 {
            row.push(button(format!("{n} 📎"), "evid", key, n));
        }
        if issue.state == State::FixReported && issue.evidence == 0 {
            row.push(button(format!("{n} {}", self.term("want")), "want", key, n));
        }
        row
    }

    /// The buttons for all of a page that wait for the same thing, if there are several.
    fn whole_page(&self, view: &DigestView<'_>, page: usize) -> Option<Vec<Button>> {
        let (state, verbs): (State, &[(&str, &str)]) = match view.buttons {
            Buttons::None => return None,
            Buttons::Act => (State::Open, &[("✅", "all")]),
            Buttons::Confirm => (State::FixReported, &[("✅", "confall"), ("📎", "wantall")]),
        };
        let waiting = view.issues.iter().filter(|issue| issue.state == state);
        let bare = waiting.clone().any(|issue| issue.evidence == 0);
        let button = |(mark, verb): &(&str, &str)| {
            button(format!("{mark} {}", self.term(verb)), verb, view.key, page)
        };
        let asked = |(_, verb): &&(&str, &str)| *verb != "wantall" || bare;
        let row = verbs.iter().filter(asked).map(button);
        (waiting.count() > 1).then(|| row.collect())
    }

    /// A dispute with the buttons to rule.
    pub fn dispute(&self, view: &DisputeView<'_>) -> Result<Rendered> {
        let (issue, total) = (&view.issue, view.total);
        let page = view.page.min(total.saturating_sub(1));
        let context = context! { issue => self.issue(issue), total => total, position => page + 1 };
        let html = self.text("dispute", context)?;
        let mut keyboard = Vec::new();
        if issue.disputed {
            let accept = format!("☑️ {}", self.term("accept"));
            let reject = format!("↩️ {}", self.term("reject"));
            keyboard.push(vec![button(accept, "acc", view.key, page + 1)]);
            keyboard.push(vec![button(reject, "rej", view.key, page + 1)]);
        }
        // Ruled right once, the same words need not be found again.
        if issue.close_reason == Some(CloseReason::FalseAlarm) && issue.has_wording {
            if view.allowed {
                let label = format!("↩️ {}", self.term("allow_revoke"));
                keyboard.push(vec![button(label, "disallow", view.key, page + 1)]);
            } else {
                for verb in ["allow_here", "allow_all"] {
                    let label = format!("🟢 {}", self.term(verb));
                    keyboard.push(vec![button(label, verb, view.key, page + 1)]);
                }
            }
        }
        keyboard.push(paging(view.key, page, total));
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }

    /// Which fixes a manager wants to see.
    pub fn evidence_ask(&self, issues: &[IssueView], by: &str) -> Result<String> {
        let issues: Vec<Value> = issues.iter().map(|issue| self.issue(issue)).collect();
        self.text("evidence_ask", context! { issues => issues, by => by })
    }

    /// A button of one word.
    pub fn press(&self, word: &str, verb: &str, key: &str) -> Button {
        button(self.term(word).to_owned(), verb, key, 1)
    }

    /// Printed names with their candidates as buttons.
    pub fn waiting(&self, view: &WaitingView<'_>) -> Result<Rendered> {
        let total = view.names.len();
        let page = view.page.min(total.saturating_sub(1));
        let Some(name) = view.names.get(page) else {
            return Ok(Rendered::default());
        };
        let mut fields = name.clone();
        fields["total"] = total.into();
        fields["position"] = (page + 1).into();
        let html = self.text("waiting", Value::from_serialize(&fields))?;
        let mut keyboard = Vec::new();
        if name["decided"] == false {
            for candidate in name["candidates"].as_array().into_iter().flatten() {
                let n = candidate["n"].as_u64().unwrap_or_default();
                let label = format!("{n}. {}", candidate["name"].as_str().unwrap_or_default());
                // By what it is, not by its place: candidates may change.
                let pick = candidate["pick"].as_str().unwrap_or_default();
                let argument = format!("{}.{pick}", page + 1);
                keyboard.push(vec![button(label, "pick", view.key, argument)]);
            }
            let label = format!("🚫 {}", self.term("drop"));
            keyboard.push(vec![button(label, "drop", view.key, page + 1)]);
        } else if name["taught"] == true {
            let label = format!("↩️ {}", self.term("unlearn"));
            keyboard.push(vec![button(label, "unlearn", view.key, page + 1)]);
        }
        keyboard.push(paging(view.key, page, total));
        keyboard.retain(|row| !row.is_empty());
        Ok(Rendered { html, keyboard })
    }
}

impl<'a> WaitingView<'a> {
    /// The names with their candidates by name.
    pub fn of(lens: &Lens<'_>, key: &'a str, names: &[Waiting], page: usize) -> Self {
        let names = names.iter().map(|name| {
            let candidates: Vec<serde_json::Value> = name
                .candidates
                .iter()
                .enumerate()
                .map(|(n, offer)| {
                    serde_json::json!({
                        "n": n + 1,
                        "pick": match offer.account {
                            Some(account) => format!("a{account}"),
                            None => format!("u{}", offer.unit),
                        },
                        "name": clip(&tame(&lens.target(offer.account, offer.unit)), 40),
                        "unit": clip(&tame(&lens.unit(offer.unit)), 40),
                        "score": offer.score,
                        "why": lens.reasons(&offer.why),
                    })
                })
                .collect();
            let cut = |text: &Option<String>| {
                text.as_deref()
                    .map(|text| clip(&tame(text), 60).into_owned())
            };
            serde_json::json!({
                "source": name.source,
                "outcome": lens.words.term(&name.outcome),
                "printed": {
                    "account": cut(&name.printed.account),
                    "platform": cut(&name.printed.platform.as_deref().map(|id| lens.platform(id))),
                    "uid": cut(&name.printed.uid),
                    "unit": cut(&name.printed.unit),
                    "area": cut(&name.printed.area),
                },
                "candidates": candidates,
                "decided": name.state != "open",
                // Who taught a name can take it back.
                "taught": name.state == "decided" && name.alias_id.is_some()
                    && name.decided_by.is_some() && name.decided_by == lens.reader.map(|one| one.id),
            })
        });
        Self {
            key,
            names: names.collect(),
            page,
        }
    }
}
