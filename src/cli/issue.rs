//! `duban issue show`: the whole life of one issue

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::layout;
use super::list::{INDENT, block, json as issue_json, time};
use super::out::Out;
use crate::clock::from_ms;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::issue::acts::Act;
use crate::issue::evidence::Sent;
use crate::issue::history::{self, Entry, History, What};
use crate::issue::table as issues;
use crate::message::view::Lens;
use crate::outbox::fate::Told;
use crate::report::mention::Mention;

#[derive(Debug, Subcommand)]
pub(super) enum IssueCommand {
    /// Show where an issue was listed, who was told and whether it arrived, who did what
    Show(ShowOptions),
}

#[derive(Debug, Args)]
pub(super) struct ShowOptions {
    /// Its number, with or without #
    number: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn issue(settings: &Settings, command: IssueCommand) -> Result<bool> {
    let IssueCommand::Show(options) = command;
    let number = options.number.trim_start_matches('#').parse::<i64>();
    let missing = || Error::Usage(format!("no issue {:?}", options.number));
    let number = number.map_err(|_| missing())?;
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.read().await?;
    let directory = desk.directory(&mut tx).await?;
    let lens = Lens::new(
        &desk.rules,
        &directory,
        desk.words.office(),
        desk.clock.now(),
    );
    let found = issues::get(&mut tx, number).await?;
    let history = history::of(&mut tx, found.ok_or_else(missing)?).await?;
    let mut out = Out::new();
    if options.json {
        let acts: Vec<Act> = acts(&history).cloned().collect();
        let mut all = issue_json(&lens, &history.issue, &acts);
        // The last acts stand in the history.
        if let Some(fields) = all.as_object_mut() {
            fields.shift_remove("acts");
        }
        let witnesses = history.witnesses().into_iter().map(|w| {
            json!({ "source": w.source, "first": w.first, "last": w.last, "tickets": w.tickets })
        });
        all["witnesses"] = witnesses.collect();
        let entries = history.entries.iter();
        all["history"] = entries.map(|entry| entry_json(&history, entry)).collect();
        out.line(all)?;
    } else {
        for line in block(&lens, &history.issue, &[]) {
            out.line(line)?;
        }
        for line in witnesses(&history) {
            for line in layout::paragraph(&line, INDENT) {
                out.line(line)?;
            }
        }
        for entry in &history.entries {
            let at = from_ms(entry.at).with_timezone(&lens.rules.zone);
            let text = format!(
                "{}  {}",
                at.format("%Y-%m-%d %H:%M"),
                said(&lens, &history, entry)
            );
            for line in layout::paragraph(&text, INDENT) {
                out.line(line)?;
            }
        }
    }
    out.flush()?;
    Ok(true)
}

/// `province lists it since 2021-06-28, last 2021-06-30, work orders WO1`, and the places of the same
/// words in the newest report.
fn witnesses(history: &History) -> Vec<String> {
    let told = history.witnesses().into_iter().map(|w| {
        let orders = match w.tickets.is_empty() {
            true => String::new(),
            false => format!(", work orders {}", w.tickets.join("、")),
        };
        let (source, first, last) = (w.source, w.first, w.last);
        format!("source {source}: first listed {first}, last {last}{orders}")
    });
    let places = history.places().into_iter().map(|mention| {
        let context = mention.finding.context.as_deref().unwrap_or("-");
        format!("place: row {}: {context}", mention.finding.row)
    });
    told.chain(places).collect()
}

fn acts(history: &History) -> impl Iterator<Item = &Act> {
    history
        .entries
        .iter()
        .filter_map(|entry| match &entry.what {
            What::Done(act) => Some(act),
            What::Listed(_) | What::Told(_) => None,
        })
}

fn said(lens: &Lens<'_>, history: &History, entry: &Entry) -> String {
    match &entry.what {
        What::Listed(mention) => listed(mention),
        What::Done(act) => done(history, act),
        What::Told(told) => told_of(lens, history, told),
    }
}

/// `listed by daily 2021-06-28, row 2, matched by exact: 示范发布 · 示范一区`
fn listed(mention: &Mention) -> String {
    let finding = &mention.finding;
    let mut text = format!("listed by {} {}", mention.source, mention.date);
    if let Some(sheet) = &finding.sheet {
        text.push_str(&format!(", sheet {sheet}"));
    }
    text.push_str(&format!(", row {}", finding.row));
    if mention.late {
        text.push_str(", late");
    }
    if let Some(by) = &mention.matched_by {
        text.push_str(&format!(", matched by {by}"));
    }
    format!("{text}: {}", printed(mention).join(" · "))
}

/// The names as the row prints them.
fn printed(mention: &Mention) -> Vec<&str> {
    let finding = &mention.finding;
    let names = [
        &finding.platform_text,
        &finding.account_name,
        &finding.account_uid,
        &finding.unit_name,
        &finding.unit_code,
        &finding.area,
    ];
    names.into_iter().flatten().map(String::as_str).collect()
}

/// `林晓雨 fix_reported: 已改 [document a.pdf, application/pdf, 1024 bytes, sha256 …]`
fn done(history: &History, act: &Act) -> String {
    let who = act.person_id.map(|id| format!("{} ", history.person(id)));
    let note = act.note.as_ref().map(|note| format!(": {note}"));
    let mark = act
        .evidence
        .as_deref()
        .map(|kept| file(&Sent::read(kept), act));
    let mark = mark.map(|file| format!(" [{file}]")).unwrap_or_default();
    let (who, note) = (who.unwrap_or_default(), note.unwrap_or_default());
    format!("{who}{}{note}{mark}", act.verb)
}

/// A photo or file in one line.
fn file(sent: &Sent, act: &Act) -> String {
    let named = sent.name.as_ref().map(|name| format!(" {name}"));
    let mime = sent.mime.as_ref().map(|mime| format!(", {mime}"));
    let hash = match act.sha256.as_deref() {
        None => ", not fetched yet".to_owned(),
        Some("") => ", cannot be fetched".to_owned(),
        Some(hash) => format!(", sha256 {hash}"),
    };
    format!(
        "{}{}{}, {} bytes{hash}",
        sent.kind,
        named.unwrap_or_default(),
        mime.unwrap_or_default(),
        sent.size
    )
}

/// `notice new to 林晓雨: sent 06-28 08:31`
fn told_of(lens: &Lens<'_>, history: &History, told: &Told) -> String {
    let time = |ms: i64| {
        let at = from_ms(ms).with_timezone(&lens.rules.zone);
        at.format("%m-%d %H:%M").to_string()
    };
    let fate = match told.state.as_str() {
        "owed" => format!("owed, not before {}", time(told.not_before)),
        state => {
            let at = told.settled_at.map(|at| format!(" {}", time(at)));
            format!("{state}{}", at.unwrap_or_default())
        }
    };
    let why = told.error.as_ref().filter(|_| told.state != "sent");
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let who = history.person(told.person_id);
    format!("notice {} to {who}: {fate}{why}", told.kind.as_str())
}

/// `sha256` is null as long as it was not fetched, and empty where it cannot be.
fn evidence_json(sent: &Sent, act: &Act) -> Json {
    json!({
        "kind": sent.kind, "name": sent.name, "type": sent.mime, "size": sent.size,
        "sha256": act.sha256,
    })
}

fn entry_json(history: &History, entry: &Entry) -> Json {
    let at = time(Some(entry.at));
    match &entry.what {
        What::Listed(mention) => json!({
            "at": at, "kind": "listed", "source": mention.source, "date": mention.date,
            "sheet": mention.finding.sheet, "row": mention.finding.row, "late": mention.late,
            "matched_by": mention.matched_by, "finding": mention.finding,
        }),
        What::Done(act) => json!({
            "at": at, "kind": "act", "verb": act.verb,
            "by": act.person_id.map(|id| history.person(id)), "note": act.note,
            "evidence": act.evidence.as_deref().map(|kept| evidence_json(&Sent::read(kept), act)),
            "by_report": act.report_id.is_some(),
        }),
        What::Told(told) => json!({
            "at": at, "kind": "notice", "notice": told.kind.as_str(),
            "to": history.person(told.person_id), "state": told.state,
            "not_before": time(Some(told.not_before)), "settled_at": time(told.settled_at),
            "attempts": told.attempts, "why": told.error,
        }),
    }
}
