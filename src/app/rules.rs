//! The rules that settings make.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::Calendar;
use crate::config::{Settings, time_of_day};
use crate::error::{Error, Result};
use crate::feedback::settings::Feedback;
use crate::flow::{Mask, Rules};
use crate::hours::{Window, Work};
use crate::issue::due::Deadlines;
use crate::issue::policy::Policy;
use crate::vocabulary::Vocabulary;

/// The rules that settings make.
pub fn rules(settings: &Settings) -> Result<Rules> {
    let data = &settings.data;
    let time = |text: &str| {
        time_of_day(text).ok_or_else(|| Error::other(format!("{text:?} is no time of day")))
    };
    let zone = settings.office.timezone;
    let vocabulary = Vocabulary::load(data.vocabulary.as_deref())?;
    let sources: Vec<&str> = settings.sources.iter().map(|s| s.name.as_str()).collect();
    // What masks nothing would let out what it should keep.
    if let Some(fault) = settings.unknown_masked(&vocabulary).into_iter().next() {
        return Err(fault.into());
    }
    let masked = settings.mask.categories.iter();
    let masked = masked.filter_map(|name| vocabulary.category_named(name));
    let mask = Mask {
        all: settings.mask.all,
        categories: masked.map(|category| category.id.clone()).collect(),
    };
    Ok(Rules {
        mask,
        feedback: Arc::new(feedback(settings)),
        deadlines: Arc::new(Deadlines {
            policy: Policy::load(data.policy.as_deref(), &vocabulary, &sources)?,
            calendar: Calendar::load(data.calendar.as_deref())?,
            zone,
            work: Work {
                start: time(&settings.office.work_start)?,
                end: time(&settings.office.work_end)?,
                cut_off: time(&settings.office.cut_off)?,
            },
        }),
        vocabulary: Arc::new(vocabulary),
        zone,
        window: Window {
            after: time(&settings.delivery.send_after)?,
            until: time(&settings.delivery.send_until)?,
            days: settings.delivery.send_days,
        },
        gather_ms: i64::from(settings.delivery.gather_s) * 1_000,
    })
}

/// What is told back to which source.
fn feedback(settings: &Settings) -> BTreeMap<String, Feedback> {
    let sources = settings.sources.iter();
    let told = sources.filter_map(|source| {
        let feedback = source.feedback.clone()?;
        Some((source.name.clone(), feedback))
    });
    told.collect()
}
