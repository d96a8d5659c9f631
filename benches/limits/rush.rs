//! Presses while digests go out to everybody, at the pace of the channel, beside presses when nothing else
//! happens.

use std::time::{Duration, Instant};

use crate::press::{Office, PEOPLE, answered};
use crate::{ms, verdict};

/// The first half of the people press when it is quiet, the others during the rush.
const HALF: usize = PEOPLE / 2;

pub async fn run() {
    println!("rush: {HALF} presses when it is quiet, {HALF} while {PEOPLE} digests go out");
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path(), true).await;
    let buttons: Vec<(i64, i64)> = office
        .chats
        .iter()
        .map(|chat| (*chat, office.sandbox.last(*chat).unwrap().id))
        .collect();
    let (first, second) = buttons.split_at(HALF);
    let quiet = press(&office, first).await;
    // What changed is drawn on other screens a few seconds later: that is over first.
    tokio::time::sleep(Duration::from_secs(10)).await;
    office.report("two", 400 * 3).await;
    office.sandbox.called("sendMessage", PEOPLE + 1).await;
    let rush = press(&office, second).await;
    let sent = office.sandbox.calls().into_iter();
    let sent = sent.filter(|call| call.method == "sendMessage").count();
    assert!(sent < PEOPLE * 2, "the rush was over before the presses");
    office.close().await;
    println!(
        "  p99: {:.1} ms in the rush, {:.1} ms when it is quiet; {} of {PEOPLE} digests went out meanwhile",
        ms(p99(&rush)),
        ms(p99(&quiet)),
        sent - PEOPLE
    );
    verdict(
        "p99 of a press in a rush / quiet",
        ms(p99(&rush)) / ms(p99(&quiet)),
        3.0,
        "×",
    );
}

/// The time that one in a hundred exceeds.
pub fn p99(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = times.len() * 99 / 100;
    times.get(at).or(times.last()).copied().unwrap_or_default()
}

/// Presses the first button of each message, one after the other.
async fn press(office: &Office, buttons: &[(i64, i64)]) -> Vec<Duration> {
    let mut times = Vec::new();
    for (chat, message) in buttons {
        let begun = Instant::now();
        let press = office.sandbox.press(*chat, *message, "收到").unwrap();
        answered(&office.sandbox, &press).await;
        times.push(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    times
}
