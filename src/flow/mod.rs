//! The stages of a report chained, so that the product reads as one function: bytes → findings →
//! whose → issues → owed notices. Nothing is sent here.

mod accept;
mod doubt;
pub mod duty;
mod findings;
pub mod freshness;
pub mod granted;
pub mod group;
pub mod ladder;
mod listing;
mod mask;
mod moved;
mod names;
mod notices;
mod odd;
mod outcome;
mod pieces;
mod place;
mod roster;
mod rules;
mod silence;
pub mod staff;
pub mod trial;
pub mod unconfirmed;
mod unlearn;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};

use self::pieces::{Pieces, Turn};
use crate::aside::aside;
use crate::error::{Fault, Result};
use crate::issue::witness;
use crate::matching::{self, Decision};
use crate::outbox::{self, Kind, Owed};
use crate::report::dates::{self, Named};
use crate::report::decode::{self, Decoded};
use crate::report::source::{Mode, SourceSettings};
use crate::report::table::{self as reports, NewReport};
use crate::store::{Store, Tx};

pub use accept::{Accepted, accept};
pub use mask::Mask;
pub use moved::{Move, due_moves, lay_missing, move_due};
pub use outcome::Outcome;
pub use place::{Placed, dismiss, place};
pub use roster::{bring_in, carry_out, left_behind};
pub use rules::{Directory, Rules};
pub use unlearn::{Matched, Unlearned, matched, unlearn};

/// A file that arrived.
#[derive(Clone, Debug)]
pub struct Incoming<'a> {
    /// The source it came from.
    pub source: &'a SourceSettings,
    /// Its name, for errors and for a date that stands in it.
    pub file_name: &'a str,
    /// Its content; what is not borrowed is given up as soon as it is read: of a large report that is a tenth of
    /// the memory that its day takes.
    pub bytes: Cow<'a, [u8]>,
    /// The report's day, when the caller knows it; else the one in its name, else today.
    pub date: Option<NaiveDate>,
}

/// Processes a report from bytes to owed notices, whole or not at all. Reports are processed one
/// at a time, also by several processes.
pub async fn process(
    store: &Store,
    rules: &Rules,
    directory: &Directory,
    incoming: Incoming<'_>,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let turn = Turn::take(store, now.timestamp_millis()).await?;
    let outcome = process_held(store, rules, directory, incoming, (now, &turn)).await;
    turn.end(store).await?;
    outcome
}

async fn process_held(
    store: &Store,
    rules: &Rules,
    directory: &Directory,
    incoming: Incoming<'_>,
    (now, turn): (DateTime<Utc>, &Turn),
) -> Result<Outcome> {
    let source = incoming.source;
    let digest = aside(|| digest(&incoming.bytes));
    let today = now.with_timezone(&rules.zone).date_naive();
    let date = match day_of(&incoming, today) {
        Ok(date) => date,
        Err(fault) => {
            report_fault(store, rules, directory, source, &digest, &fault, now).await?;
            return Err(fault.into());
        }
    };
    let mut again = None;
    let mut tx = store.begin().await?;
    if let Some(known) = reports::by_digest(&mut tx, &source.name, date, &digest).await? {
        if known.state != "staging" {
            return Ok(Outcome {
                report: known.id,
                source: source.name.clone(),
                date: known.date,
                duplicate: true,
                ..Outcome::default()
            });
        }
        reports::unstage(&mut tx, known.id).await?;
        again = Some(known.id);
    }
    for left in reports::broken_off(&mut tx, &source.name, date, &digest).await? {
        reports::unstage(&mut tx, left).await?;
        again = again.or(Some(left));
    }
    tx.commit().await?;

    let options = source.decoding(incoming.file_name, date, rules.zone);
    let decoded = aside(|| decode::decode(&incoming.bytes, &options, &rules.vocabulary));
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(fault) => {
            let fault = if fault.file.is_none() {
                fault.file(incoming.file_name)
            } else {
                fault
            };
            report_fault(store, rules, directory, source, &digest, &fault, now).await?;
            return Err(fault.into());
        }
    };
    let packed = aside(|| reports::pack(&incoming.bytes))?;
    let file_name = incoming.file_name;
    drop(incoming);
    let received = Received {
        rules,
        directory,
        source,
        date,
        now,
        digest: &digest,
    };
    received
        .track((store, turn), (file_name, packed), decoded, again)
        .await
}

/// The report's day: as the caller knows it, as its name says it, else today. One that lies beyond
/// tomorrow would make every report after it a late one.
fn day_of(incoming: &Incoming<'_>, today: NaiveDate) -> std::result::Result<NaiveDate, Fault> {
    let remedy = "name the file with its report's day, 2021-06-30, or use duban ingest --date";
    let fault = |code, reason: String| Fault::new(reason).code(code).file(incoming.file_name);
    let date = match (incoming.date, dates::date_in(incoming.file_name)) {
        (Some(date), _) | (None, Named::Day(date)) => date,
        (None, Named::Nothing) => today,
        (None, Named::Part(part)) => {
            let reason = format!("the name holds {part:?}, which is no full date; {remedy}");
            return Err(fault("part_of_a_date", reason).value(part));
        }
    };
    if date > today.succ_opt().unwrap_or(today) {
        let reason = format!("the report is of {date}, which is still to come; {remedy}");
        return Err(fault("future_date", reason).value(date.to_string()));
    }
    Ok(date)
}

/// Tells the managers of a report that could not be read, once per name and content.
async fn report_fault(
    store: &Store,
    rules: &Rules,
    directory: &Directory,
    source: &SourceSettings,
    digest: &str,
    fault: &Fault,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut tx = store.begin().await?;
    let text = fault.to_string();
    reports::source_failed(&mut tx, &source.name, &text, now.timestamp_millis()).await?;
    let detail = serde_json::json!({ "source": source.name, "error": text, "fault": fault });
    tell_managers(
        &mut tx,
        rules,
        directory,
        Kind::ReportFault,
        &format!("{digest}-{}", fault.file.as_deref().unwrap_or_default()),
        vec![],
        detail,
        now,
    )
    .await?;
    tx.commit().await
}

/// Owes every manager of the whole office a notice, once per `cause`.
#[expect(
    clippy::too_many_arguments,
    reason = "one call, one notice: each argument is a column"
)]
pub async fn tell_managers(
    tx: &mut Tx,
    rules: &Rules,
    directory: &Directory,
    kind: Kind,
    cause: &str,
    issues: Vec<i64>,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let owed: Vec<Owed> = directory
        .roster
        .managers_of_all()
        .into_iter()
        .map(|person| Owed {
            once: format!("{}:{cause}:{}", kind.as_str(), person.id),
            person_id: person.id,
            kind,
            issues: issues.clone(),
            detail: Some(detail.clone()),
            urgent: false,
            not_before: rules.send_at(now, false),
        })
        .collect();
    outbox::table::enqueue(tx, &owed, now.timestamp_millis()).await?;
    Ok(())
}

/// One report on its way from findings to notices.
struct Received<'a> {
    rules: &'a Rules,
    directory: &'a Directory,
    source: &'a SourceSettings,
    date: NaiveDate,
    now: DateTime<Utc>,
    digest: &'a str,
}

impl Received<'_> {
    async fn track(
        &self,
        (store, turn): (&Store, &Turn),
        (file_name, packed): (&str, Vec<u8>),
        decoded: Decoded,
        again: Option<i64>,
    ) -> Result<Outcome> {
        let now_ms = self.now.timestamp_millis();
        let decide = |finding| self.directory.index.decide(finding, self.date);
        let mut decisions: Vec<Decision> = aside(|| decoded.findings.iter().map(decide).collect());
        let mut pieces = Pieces::begin(store, turn, decoded.findings.len()).await?;
        let tx = &mut pieces.tx;
        self.decided_before(tx, &decoded.findings, &mut decisions)
            .await?;
        self.wait_no_more(tx, &decoded.findings, &decisions).await?;
        let day = self.date.to_string();
        let today = self.now.with_timezone(&self.rules.zone).date_naive();
        let until = today.succ_opt().unwrap_or(today);
        let late = reports::newest_day(tx, &self.source.name, until)
            .await?
            .is_some_and(|n| n > day);
        let rejected: Vec<Fault> = decoded.rejected.iter().map(|r| r.fault.clone()).collect();
        let staged = NewReport {
            source: &self.source.name,
            date: self.date,
            digest: self.digest,
            file_name,
            format: decoded.format.as_str(),
            encoding: decoded.encoding.as_deref(),
            mode: self.source.mode.as_str(),
            late,
            packed,
            received_at: now_ms,
            rejected: &rejected,
            notes: &decoded.notes,
        };
        let report = reports::stage(tx, staged, again).await?;
        let mut outcome = Outcome {
            report,
            source: self.source.name.clone(),
            date: day.clone(),
            findings: decoded.findings.len(),
            rejected,
            incomplete: decoded
                .incomplete
                .as_ref()
                .map(|fault| fault.reason.clone()),
            ..Outcome::default()
        };
        let doubted = self.doubted(&decoded, &decisions);
        self.measure(&decoded, &decisions, &mut outcome);
        outcome.count_rules(&decoded, &decisions);
        let said = (&decoded.findings[..], &decisions[..]);
        outcome.updates = self.note_updates(tx, report, said).await?;
        if self.source.mode == Mode::Freshness {
            // Its rows are accounts: nothing is wrong with them as such.
            outcome.count(&decisions);
            self.tell_faults(tx, &outcome, &decoded).await?;
            return self.finish(pieces.tx, turn, outcome).await;
        }
        let snapshot = self.source.mode == Mode::Snapshot;
        let waiting = self
            .names_wait(tx, report, &decoded.findings, &mut decisions)
            .await?;
        if !snapshot {
            witness::names_each_once(tx, &self.source.name).await?;
        }
        let mut look = pieces.look().await?;
        let rows = aside(|| self.rows(&decoded.findings, &decisions));
        let mut noted = self.before(look.tx()).await?;
        pieces = look.next().await?;
        for from in (0..rows.len()).step_by(pieces.size) {
            pieces = pieces.next().await?;
            let said = (&rows, from..rows.len().min(from + pieces.size));
            let cause = pieces.cause(report);
            let tx = &mut pieces.tx;
            let listings = self
                .note_findings(tx, &mut outcome, said, &waiting, &mut noted)
                .await?;
            self.list(tx, (late, &cause), listings, &mut outcome, &mut noted)
                .await?;
        }
        if snapshot && !late && decoded.incomplete.is_none() {
            let mut look = pieces.look().await?;
            let silent = self.silent_about(look.tx(), &noted, &doubted).await?;
            pieces = look.next().await?;
            let tx = &mut pieces.tx;
            outcome.odd = self.odd(tx, &outcome).await?;
            if outcome.odd.is_empty() {
                self.be_silent(tx, report, &silent).await?;
                self.forget_updated(tx, report).await?;
                for gone in silent.gone.chunks(pieces.size) {
                    outcome.verified += self.verify(&mut pieces.tx, report, gone).await?;
                    pieces = pieces.next().await?;
                }
            } else {
                self.doubt(tx, &silent.gone, &mut outcome).await?;
            }
        }
        self.tell_faults(&mut pieces.tx, &outcome, &decoded).await?;
        self.finish(pieces.tx, turn, outcome).await
    }

    /// Makes the report visible with what became of it, and how long that took.
    async fn finish(&self, mut tx: Tx, turn: &Turn, mut outcome: Outcome) -> Result<Outcome> {
        let took = turn.began.elapsed().as_millis();
        outcome.took_ms = u64::try_from(took).unwrap_or(u64::MAX);
        let counts = serde_json::to_string(&outcome)?;
        let (source, now) = (&self.source.name, self.now.timestamp_millis());
        reports::finish(&mut tx, outcome.report, source, &outcome.date, &counts, now).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Tells the managers of rows that were not understood, and of a report that is not all there.
    async fn tell_faults(&self, tx: &mut Tx, outcome: &Outcome, decoded: &Decoded) -> Result<()> {
        if outcome.rejected.is_empty() && decoded.incomplete.is_none() {
            return Ok(());
        }
        let detail = serde_json::json!({
            "source": self.source.name, "date": outcome.date, "rejected": outcome.rejected,
            "incomplete": decoded.incomplete, "format": decoded.format.as_str(),
            "encoding": decoded.encoding,
        });
        tell_managers(
            tx,
            self.rules,
            self.directory,
            Kind::ReportFault,
            &format!("report-{}", outcome.report),
            vec![],
            detail,
            self.now,
        )
        .await
    }
}

/// SHA-256 of a report's bytes, hex; what tells a duplicate.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The printed names of a finding, as kept while they wait for a person.
fn printed(finding: &crate::finding::Finding) -> matching::table::Printed {
    matching::table::Printed {
        account: finding.account_name.clone(),
        platform: finding
            .platform
            .clone()
            .or_else(|| finding.platform_text.clone()),
        uid: finding.account_uid.clone(),
        unit: finding
            .unit_name
            .clone()
            .or_else(|| finding.unit_code.clone()),
        area: finding.area.clone(),
    }
}
