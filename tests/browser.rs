//! The three-minute story of the demo in headless Chromium: the shipped binary serves, a script plays
//! everybody (`tests/browser/story.mjs`).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on fails"
)]

use std::process::Command;

#[path = "support/program.rs"]
mod program;
use program::{Program, node};

/// Runs a script in the browser against an address; what it says is shown when it fails.
fn play(script: &str, address: &str) {
    let played = node(&format!("tests/browser/{script}"))
        .arg(address)
        .output();
    let played = played.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&played.stdout) + &text(&played.stderr);
    assert!(
        played.status.success(),
        "{script}: {}\n{said}",
        played.status
    );
    print!("{said}");
}

#[test]
fn the_three_minute_story() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_duban"));
    demo.args(["demo", "--no-open", "--listen", "127.0.0.1:0", "--folder"])
        .arg(folder.path());
    let mut demo = Program::start("the demo", &mut demo);
    play("story.mjs", &demo.address());
    assert!(demo.ended().is_none(), "the demo ended");
}

/// The sandbox alone, with the bot of another library behind it.
#[test]
fn the_chats_of_another_bot() {
    let token = "7000000000:peer";
    let mut sandbox = Command::new(env!("CARGO_BIN_EXE_duban"));
    sandbox.args(["sandbox", "--listen", "127.0.0.1:0", "--token", token]);
    let mut sandbox = Program::start("the sandbox", &mut sandbox);
    let address = sandbox.address();
    let mut bot = node("tests/peers/grammy_bot.js");
    bot.env("API_ROOT", &address).env("BOT_TOKEN", token);
    let mut bot = Program::start("the bot", &mut bot);
    play("chats.mjs", &address);
    assert!(bot.ended().is_none() && sandbox.ended().is_none());
}
