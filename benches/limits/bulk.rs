//! 100,000 findings over 100,000 accounts from one JSON file, by the shipped binary, from the start
//! of the process to its end. Raw: parse the file, insert every row with the bare driver.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use duban::app::App;
use duban::clock::Clock;

use crate::{city, ms, raw, verdict};

const SIZE: city::Size = city::Size {
    units: 2_000,
    accounts: 100_000,
    people: 1_000,
};
const FINDINGS: usize = 100_000;

/// The most memory a running process has used so far, in MB; none when it has ended.
pub fn peak_mb(pid: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

pub async fn run() {
    println!(
        "bulk: {FINDINGS} findings over {} accounts by `duban ingest`",
        SIZE.accounts
    );
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster");
    city::write_roster(&roster, SIZE);
    let settings = city::settings(folder.path(), "http://127.0.0.1:9");
    let app = App::build(&settings, Clock::system()).await.unwrap();
    let begun = Instant::now();
    city::import(&app, &roster).await;
    println!("  (roster imported in {:.0} ms)", ms(begun.elapsed()));
    app.desk.store.close().await;
    let report = folder.path().join("2021-06-29.json");
    std::fs::write(&report, city::report(SIZE.accounts, 0..FINDINGS)).unwrap();

    let (took, peak) = ingest(folder.path(), &report);
    let limit = bare(folder.path(), &report).await;
    println!("  duban {:.0} ms, raw {:.0} ms", ms(took), ms(limit));
    verdict("bulk / raw", ms(took) / ms(limit), 5.0, "×");
    verdict("memory", peak, 500.0, " MB");
}

fn ingest(folder: &Path, report: &Path) -> (Duration, f64) {
    let config = folder.join("duban.toml");
    let text = format!(
        "[database]\nurl = \"sqlite://{0}/duban.db\"\n[telegram]\ntoken = \"{1}\"\n\
         [[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"{0}/reports\"\n",
        folder.display(),
        city::TOKEN
    );
    std::fs::write(&config, text).unwrap();
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_duban"))
        .args([
            "-c".as_ref(),
            config.as_os_str(),
            "ingest".as_ref(),
            "--source".as_ref(),
        ])
        .args(["daily".as_ref(), report.as_os_str(), "--json".as_ref()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak = 0.0;
    while child.try_wait().unwrap().is_none() {
        peak = peak_mb(child.id(), "VmHWM").unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = begun.elapsed();
    let output = child.wait_with_output().unwrap();
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["opened"], FINDINGS, "{outcome}");
    (took, peak)
}

async fn bare(folder: &Path, report: &Path) -> Duration {
    let rows = raw::rows_of(&folder.join("duban.db")).await;
    println!("  ({} rows written)", raw::count(&rows));
    let begun = Instant::now();
    let bytes = std::fs::read(report).unwrap();
    begun.elapsed() + raw::on_sqlite(folder, &rows, &bytes).await
}
