//! A report file that a manager sent to the bot: what is understood of it, and what became of it.

use minijinja::context;

use super::Rendered;
use super::digest::button;
use super::view::Lens;
use crate::error::{Fault, Result};
use crate::flow::Outcome;
use crate::flow::trial::{Trial, TrialRow, Whose};
use crate::report::source::Mode;
use crate::report::upload::BY_HAND;

/// Rows that are shown as understood.
const ROWS: usize = 5;
/// Headers that are named.
const HEADERS: usize = 12;
/// Rejected rows that are named.
const REJECTED: usize = 4;

/// What the buttons of a shown file can do.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a> {
    /// The sources that the file may be of, by name.
    pub sources: &'a [String],
    /// The one that was chosen; none: it is asked.
    pub chosen: Option<&'a str>,
}

impl Lens<'_> {
    /// What is understood of a file, with the buttons that import it, or that choose whose it is.
    pub fn upload(
        &self,
        key: &str,
        file: &str,
        trial: &Trial,
        choices: Choices<'_>,
    ) -> Result<Rendered> {
        let comma = self.words.term("comma");
        let headers = |columns: &[crate::report::decode::Column]| {
            let mut names: Vec<String> = Vec::new();
            for column in columns {
                let name = self.short(&column.header, 16);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let more = names.len().saturating_sub(HEADERS);
            names.truncate(HEADERS);
            context! { names => names.join(comma), more => more }
        };
        let rows = trial.first.iter().take(ROWS).map(|row| self.trial_row(row));
        let lacks = trial.missing.iter().filter_map(|missing| {
            let word = serde_json::to_value(missing).ok()?;
            Some(format!("lacks_{}", word.as_str()?))
        });
        let lacks: Vec<String> = lacks
            .map(|term| self.words.term(&term).to_owned())
            .collect();
        let html = self.words.text(
            "upload",
            context! {
                file => self.short(file, 60), form => trial.format.to_uppercase(), encoding => trial.encoding,
                date => trial.date.to_string(), rows => trial.rows, matched => trial.matched,
                ambiguous => trial.ambiguous, unmatched => trial.unmatched, positive => trial.positive,
                columns => headers(&trial.columns), kept => headers(&trial.kept), lacks => lacks,
                rejected => trial.rejected.len(),
                places => minijinja::Value::from_serialize(trial.rejected.iter().take(REJECTED).collect::<Vec<_>>()),
                first => rows.collect::<Vec<_>>(), incomplete => trial.incomplete.is_some(),
                known => trial.known, source => choices.chosen.map(|name| self.source_name(name, 40)),
                mode => self.words.term(&format!("mode_{}", trial.mode)),
                snapshot => choices.chosen.is_some() && trial.mode == Mode::Snapshot.as_str(),
            },
        )?;
        Ok(Rendered {
            html,
            keyboard: self.upload_buttons(key, trial, choices),
        })
    }

    /// The built-in source in the reader's words; others as they are called.
    fn source_name(&self, name: &str, units: usize) -> String {
        match name {
            BY_HAND => self.words.term("upload_by_hand").to_owned(),
            name => self.short(name, units),
        }
    }

    fn upload_buttons(
        &self,
        key: &str,
        trial: &Trial,
        choices: Choices<'_>,
    ) -> Vec<Vec<super::Button>> {
        let word = |mark: &str, term: &str| format!("{mark} {}", self.words.term(term));
        let mut keyboard = Vec::new();
        match choices.chosen {
            None => {
                for (n, name) in choices.sources.iter().enumerate() {
                    let label = format!("📂 {}", self.source_name(name, 30));
                    keyboard.push(vec![button(label, "src", key, n)]);
                }
            }
            Some(_) if trial.known.is_none() => {
                keyboard.push(vec![button(word("✅", "upload_import"), "take", key, 0)]);
            }
            Some(_) => {}
        }
        let mut row = vec![button(word("📅", "upload_day"), "day", key, 0)];
        if choices.chosen.is_some() && choices.sources.len() > 1 {
            row.push(button(word("📂", "upload_source"), "other", key, 0));
        }
        row.push(button(word("✖", "cancel"), "drop", key, 0));
        keyboard.push(row);
        keyboard
    }

    /// A row as understood, in a line.
    fn trial_row(&self, row: &TrialRow) -> minijinja::Value {
        let finding = &row.finding;
        let named = [
            &finding.account_name,
            &finding.unit_name,
            &finding.account_uid,
        ];
        let named = named.into_iter().flatten().next();
        let platform = match &finding.platform {
            Some(id) => Some(self.platform(id)),
            None => finding.platform_text.clone(),
        };
        let hidden = self.rules.mask.hides(&finding.category);
        let (how, unit, account) = match &row.whose {
            Whose::Matched { account, unit, by } => {
                (format!("found_{by}"), Some(unit), account.as_ref())
            }
            Whose::Ambiguous { .. } => ("whose_ambiguous".to_owned(), None, None),
            Whose::Unmatched { .. } => ("whose_unmatched".to_owned(), None, None),
        };
        context! {
            row => finding.row, sheet => finding.sheet.as_deref().map(|sheet| self.short(sheet, 16)),
            named => named.map(|name| self.short(name, 30)), platform => platform.map(|name| self.short(&name, 16)),
            category => self.short(&self.category(&finding.category), 24), positive => finding.positive,
            wrong => finding.wrong_text.as_deref().filter(|_| !hidden).map(|text| self.short(text, 24)),
            right => finding.suggestion.as_deref().filter(|_| !hidden).map(|text| self.short(text, 24)),
            unit => unit.map(|name| self.short(name, 30)), account => account.map(|a| self.short(&a.name, 30)),
            how => self.words.term(&how),
        }
    }

    /// What became of a file that was imported.
    pub fn uploaded(&self, file: &str, outcome: &Outcome) -> Result<Rendered> {
        let html = self.words.text(
            "upload_done",
            context! {
                file => self.short(file, 60), report => outcome.report, source => self.source_name(&outcome.source, 40),
                date => outcome.date, duplicate => outcome.duplicate, findings => outcome.findings,
                opened => outcome.opened, again => outcome.seen_again, reopened => outcome.reopened,
                gone => outcome.verified, positive => outcome.positive, allowed => outcome.allowed,
                updates => outcome.updates, unplaced => outcome.unmatched + outcome.ambiguous,
                rejected => outcome.rejected.len(),
                places => minijinja::Value::from_serialize(outcome.rejected.iter().take(REJECTED).collect::<Vec<_>>()),
                odd => !outcome.odd.is_empty(), unverified => outcome.unverified,
                incomplete => outcome.incomplete.is_some(),
            },
        )?;
        Ok(Rendered {
            html,
            keyboard: vec![],
        })
    }

    /// That nothing of a file can be used: where, why, and what to do; `key`: its day can be said anew.
    pub fn upload_fault(&self, file: &str, fault: &Fault, key: Option<&str>) -> Result<Rendered> {
        let context = context! {
            file => self.short(file, 60), fault => minijinja::Value::from_serialize(fault),
            again => key.is_some(),
        };
        let row = |key| {
            vec![
                button(
                    format!("📅 {}", self.words.term("upload_day")),
                    "day",
                    key,
                    0,
                ),
                button(format!("✖ {}", self.words.term("cancel")), "drop", key, 0),
            ]
        };
        Ok(Rendered {
            html: self.words.text("upload_fault", context)?,
            keyboard: key.map(row).into_iter().collect(),
        })
    }

    /// A word on a file that was not read, or is not to be.
    pub fn upload_word(&self, file: &str, what: &str) -> Result<Rendered> {
        let context = context! {
            file => self.short(file, 60), what => what,
            who => self.names(&self.roster.managers_of_all()),
        };
        Ok(Rendered {
            html: self.words.text("upload_word", context)?,
            keyboard: vec![],
        })
    }

    /// The import of a file was confirmed, and its source has left the settings since.
    pub fn upload_without_source(&self, file: &str, source: &str) -> Result<Rendered> {
        let context = context! {
            file => self.short(file, 60), what => "source", source => self.source_name(source, 40),
        };
        Ok(Rendered {
            html: self.words.text("upload_word", context)?,
            keyboard: vec![],
        })
    }
}
