//! `duban check`: what is wrong, where, and what to do.

use std::collections::HashSet;

use chrono::TimeDelta;
use teloxide::prelude::Requester as _;

use crate::config::Settings;
use crate::desk::Desk;
use crate::error::Result;
use crate::report::decode::{self, DecodeOptions};
use crate::report::source;
use crate::roster::{audit, table};
use crate::schedule::cron::Schedule;

/// Prints one line a check; false if serving would fail.
pub(super) async fn check(settings: &Settings) -> Result<bool> {
    let mut good = true;
    let mut line = |ok: bool, text: String| {
        println!("{} {text}", if ok { "ok  " } else { "FAIL" });
        good &= ok;
    };
    line(true, "settings".to_owned());
    let token = settings.token();
    if let Err(error) = &token {
        line(false, format!("token: {error}"));
    }
    let desk = super::desk(settings).await?;
    let current = desk.store.schema_is_current().await?;
    line(current, "database and its schema".to_owned());

    let mut tx = desk.store.begin().await?;
    let roster = table::load(&mut tx).await?;
    let bound: HashSet<i64> = table::bindings(&mut tx)
        .await?
        .iter()
        .map(|b| b.person_id)
        .collect();
    drop(tx);
    let filled = !roster.people.is_empty() && !roster.units.is_empty();
    line(
        filled,
        format!(
            "roster: {} units, {} accounts, {} people{}",
            roster.units.len(),
            roster.accounts.len(),
            roster.people.len(),
            if filled {
                ""
            } else {
                "; fill it with: duban roster import FILE"
            }
        ),
    );
    let policy = &desk.rules.deadlines.policy;
    match policy.check_areas(&roster) {
        Ok(()) => line(
            true,
            format!("policy: {} rows of {}", policy.rows.len(), policy.file),
        ),
        Err(error) => line(false, format!("policy: {error}")),
    }
    calendar(&desk);
    let problems = audit::problems(&roster, &bound);
    for problem in problems.iter().take(20) {
        println!("note {problem}");
    }
    if problems.len() > 20 {
        println!("note … and {} more", problems.len() - 20);
    }
    if token.is_ok() {
        match desk.bot.get_me().await {
            Ok(me) => line(true, format!("bot: {}", me.user.first_name)),
            Err(error) => {
                let failure = crate::channel::classify(&error);
                line(
                    false,
                    format!("bot: getMe failed ({failure:?}); check token, api_url, proxy"),
                );
            }
        }
    }
    let today = desk.local(desk.clock.now()).date_naive();
    if settings.sources.is_empty() {
        println!("note no [[sources]]: reports come by `duban ingest` only");
    }
    for source in &settings.sources {
        let name = &source.name;
        let schedule = source.schedule.as_deref();
        let next = schedule
            .and_then(|text| Schedule::parse(text, desk.rules.zone).ok())
            .and_then(|schedule| schedule.next_after(desk.clock.now()));
        match next {
            Some(at) => println!("note source {name}: next at {}", desk.local(at)),
            None => println!(
                "note source {name}: has no schedule, so nothing is pulled by itself; \
                 set schedule = \"30 8 * * *\", or use duban ingest"
            ),
        }
        match source::fetch(source, (None, None), today).await {
            Ok(files) if files.is_empty() => {
                line(true, format!("source {name}: reachable, nothing there"))
            }
            Ok(files) => {
                for file in files {
                    let options = DecodeOptions {
                        format: source.format,
                        rows_path: source.rows.clone(),
                        file_name: file.file_name.clone(),
                        date: today,
                        zone: desk.rules.zone,
                    };
                    match decode::decode(&file.bytes, &options, &desk.rules.vocabulary) {
                        Ok(decoded) => line(
                            true,
                            format!(
                                "source {name}: {}: {} findings, {} rejected",
                                file.file_name,
                                decoded.findings.len(),
                                decoded.rejected.len()
                            ),
                        ),
                        Err(fault) => line(false, format!("source {name}: {fault}")),
                    }
                }
            }
            Err(error) => line(false, error.to_string()),
        }
    }
    Ok(good)
}

/// Says which years are known, and from when on Monday to Friday is only assumed.
fn calendar(desk: &Desk) {
    let calendar = &desk.rules.deadlines.calendar;
    let years: Vec<String> = calendar.known_years().iter().map(i32::to_string).collect();
    let local = match calendar.local_days() {
        0 => String::new(),
        days => format!(", {days} local days"),
    };
    println!("ok   calendar: {}{local}", years.join(", "));
    let today = desk.local(desk.clock.now()).date_naive();
    for year in calendar.unknown_years(today, today + TimeDelta::days(365)) {
        println!(
            "note calendar: {year} is not known: Monday to Friday is assumed, from 22 December {} on; put \
             {year}.json of NateScarlet/holiday-cn into the folder of [data] calendar when the notice \
             is out (October or November), then see duban policy apply --dry-run",
            year - 1
        );
    }
}
