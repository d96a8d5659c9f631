//! What duban costs beside what the machine allows: every figure stands next to a raw limit that is
//! measured in the same run. `cargo bench` runs all; `cargo bench -- day press` runs some.
//!
//! A figure is a ratio, never a time alone; a run prints both, with the number it is to reach.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on ends with what it was doing"
)]

mod bulk;
mod city;
mod day;
mod decode;
mod idle;
mod listing;
mod living;
mod matching;
#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a labelled set that cannot be made ends the run"
)]
mod names;
mod nation;
mod press;
mod raw;
mod rush;
mod tick;
mod year;

use std::time::Duration;

/// A figure: what is measured, what is not to be exceeded.
fn verdict(what: &str, value: f64, limit: f64, unit: &str) {
    let word = if value <= limit { "reached" } else { "MISSED" };
    println!("  {word}: {what} {value:.2}{unit} (at most {limit}{unit})");
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|want| want == name);
    if runs("matching") {
        matching::run();
    }
    if runs("decode") {
        decode::run();
    }
    if runs("day") {
        day::run().await;
    }
    if runs("press") {
        press::run().await;
    }
    if runs("rush") {
        rush::run().await;
    }
    if runs("bulk") {
        bulk::run().await;
    }
    if runs("nation") {
        nation::run().await;
    }
    if runs("tick") {
        tick::run().await;
    }
    if runs("year") {
        year::run().await;
    }
    if runs("idle") {
        idle::run().await;
    }
}
