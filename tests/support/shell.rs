//! The shipped binary on the command line, in a folder that a test gives it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a story that cannot go on fails"
)]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The binary with these arguments, nothing of the tester's own settings around it.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duban"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_remove("DUBAN_OFFICE__NAME")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What it says and how it ends; a command that does not end is a failure.
pub fn run(command: &mut Command) -> Output {
    let child = command.spawn().unwrap();
    let pid = child.id().to_string();
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    match end.recv_timeout(Duration::from_secs(60)) {
        Ok(output) => output.unwrap(),
        Err(_) => {
            Command::new("kill").args(["-9", &pid]).status().unwrap();
            panic!("{command:?} does not end");
        }
    }
}

pub fn duban(folder: &Path, arguments: &[&str]) -> Output {
    run(&mut command(folder, arguments))
}

/// The same, as somebody reads it; it has to succeed.
pub fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = duban(folder, arguments);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    text(&output.stdout)
}

/// What a command that fails with this exit code says.
pub fn bad(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = duban(folder, arguments);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

pub fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&good(folder, arguments)).unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
