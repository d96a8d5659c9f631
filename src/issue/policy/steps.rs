//! The ladders of the policy's file: their steps understood, or refused with file and line.

use serde::Deserialize;
use toml::Spanned;

use super::file::{RawFile, RawKeys, Reader};
use super::{BUILT_IN, Ladder};
use crate::error::{Fault, Result, toml_fault};
use crate::issue::amount::Amount;
use crate::issue::ladder::{Moment, Step, Tell, When};

/// So often at most.
const MOST_TIMES: i64 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLadder {
    severity: Option<Spanned<String>>,
    category: Option<Spanned<String>>,
    platform: Option<Spanned<String>>,
    area: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    repeated: Option<bool>,
    #[serde(default)]
    urgent: bool,
    steps: Vec<Spanned<RawStep>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    when: Spanned<String>,
    after: Option<Spanned<String>>,
    before: Option<Spanned<String>>,
    share: Option<Spanned<f64>>,
    every: Option<Spanned<String>>,
    cap: Option<Spanned<i64>>,
    tell: Vec<Spanned<String>>,
}

impl Reader<'_> {
    /// The ladders of a file; for what none of them fits the built-in one.
    pub(super) fn ladders(&self, raw: Vec<Spanned<RawLadder>>) -> Result<Vec<Ladder>> {
        let ladders = raw.into_iter().map(|raw| self.ladder(raw));
        let mut ladders = ladders.collect::<Result<Vec<Ladder>>>()?;
        if !ladders.iter().any(|ladder| ladder.keys.named().is_empty()) {
            let raw: RawFile =
                toml::from_str(BUILT_IN).map_err(|e| toml_fault(BUILT_IN, "policy.toml", &e))?;
            let built_in = Reader {
                text: BUILT_IN,
                file: "policy.toml",
                ..*self
            };
            let ladder = raw.ladder.into_iter().map(|raw| built_in.ladder(raw));
            let ladder = ladder.collect::<Result<Vec<Ladder>>>()?;
            let whole = ladder.into_iter().find(|l| l.keys.named().is_empty());
            ladders.extend(whole.map(|ladder| Ladder { line: 0, ..ladder }));
        }
        self.in_order(ladders)
    }

    fn ladder(&self, ladder: Spanned<RawLadder>) -> Result<Ladder> {
        let line = self.line(&ladder);
        let raw = ladder.into_inner();
        let keys = self.keys(RawKeys {
            severity: raw.severity,
            category: raw.category,
            platform: raw.platform,
            area: raw.area,
            source: raw.source,
            repeated: raw.repeated,
        })?;
        let mut steps: Vec<Step> = Vec::with_capacity(raw.steps.len());
        for raw in raw.steps {
            let line = self.line(&raw);
            let step = self.step(raw.into_inner(), line)?;
            if steps.iter().any(|s| (s.when, s.at) == (step.when, step.at)) {
                let reason = "another step of this ladder comes at the same time; make them one";
                return Err(self.refuse(line, reason).into());
            }
            steps.push(step);
        }
        Ok(Ladder {
            keys,
            urgent: raw.urgent,
            steps,
            line,
        })
    }

    fn step(&self, raw: RawStep, line: u64) -> Result<Step> {
        let words = When::ALL.map(When::as_str);
        let when = self.known("when", Some(raw.when), When::parse, &words)?;
        let when = when.unwrap_or(When::Overdue);
        let given = [
            ("after", raw.after.is_some()),
            ("before", raw.before.is_some()),
            ("share", raw.share.is_some()),
            ("every", raw.every.is_some()),
        ];
        let right: &[&str] = match when {
            When::BeforeDue => &["before", "share"],
            When::Unacknowledged | When::Overdue => &["after", "every"],
        };
        let given: Vec<&str> = given.iter().filter(|g| g.1).map(|g| g.0).collect();
        if given.len() != 1 || !given.iter().all(|key| right.contains(key)) {
            let reason = format!(
                "a step when {} has one of {}, and this one has {}",
                when.as_str(),
                right.join(", "),
                if given.is_empty() {
                    "none".to_owned()
                } else {
                    given.join(", ")
                },
            );
            return Err(self.refuse(line, reason).into());
        }
        let at = if let Some(share) = raw.share {
            self.percent(&share)?
        } else if let Some(before) = raw.before {
            Moment::Before(self.amount("before", &before)?)
        } else if let Some(every) = raw.every {
            Moment::Every(
                self.amount("every", &every)?,
                self.cap(raw.cap.as_ref(), line)?,
            )
        } else {
            match raw.after.filter(|after| after.get_ref().trim() != "0h") {
                Some(after) => Moment::After(self.amount("after", &after)?),
                None if when == When::Overdue => Moment::Now,
                None => {
                    let reason = "nobody can have acknowledged it at once: after is more than 0h";
                    return Err(self.refuse(line, reason).column("after").into());
                }
            }
        };
        if let (Some(cap), false) = (&raw.cap, matches!(at, Moment::Every(..))) {
            let reason = "cap says how often a step with every comes; here it means nothing";
            return Err(self.refuse(self.line(cap), reason).column("cap").into());
        }
        let tell = self.tell(raw.tell, line)?;
        Ok(Step { when, at, tell })
    }

    pub(super) fn amount(&self, key: &str, word: &Spanned<String>) -> Result<Amount> {
        let wrong = |reason: String| -> Fault {
            let fault = self.refuse(self.line(word), reason).column(key);
            fault.value(word.get_ref())
        };
        Ok(word.get_ref().parse().map_err(wrong)?)
    }

    fn percent(&self, share: &Spanned<f64>) -> Result<Moment> {
        let value = *share.get_ref();
        let percent = (1..=99u32).min_by(|a, b| {
            let far = |n: u32| (f64::from(n) / 100.0 - value).abs();
            far(*a).total_cmp(&far(*b))
        });
        match percent.filter(|_| value > 0.0 && value < 1.0) {
            Some(percent) => Ok(Moment::Share(percent)),
            None => {
                let reason = "a share lies between 0 and 1, for instance 0.5";
                let fault = self.refuse(self.line(share), reason).column("share");
                Err(fault.value(value.to_string()).into())
            }
        }
    }

    fn cap(&self, cap: Option<&Spanned<i64>>, line: u64) -> Result<u32> {
        let Some(cap) = cap else {
            let reason = "a step that comes every so often has a cap: how often at most";
            return Err(self.refuse(line, reason).column("cap").into());
        };
        let value = *cap.get_ref();
        match u32::try_from(value) {
            Ok(times) if (1..=MOST_TIMES).contains(&value) => Ok(times),
            _ => {
                let reason = format!("a cap is from 1 to {MOST_TIMES}");
                let fault = self.refuse(self.line(cap), reason).column("cap");
                Err(fault.value(value.to_string()).into())
            }
        }
    }

    fn tell(&self, words: Vec<Spanned<String>>, line: u64) -> Result<Vec<Tell>> {
        let names = Tell::ALL.map(Tell::as_str);
        let mut tell = Vec::new();
        for word in words {
            tell.extend(self.known("tell", Some(word), Tell::parse, &names)?);
        }
        tell.sort_unstable();
        tell.dedup();
        if tell.is_empty() {
            let reason = format!("this step tells nobody; there are: {}", names.join(", "));
            return Err(self.refuse(line, reason).column("tell").into());
        }
        Ok(tell)
    }
}
