//! The shipped binary in a folder of its own, for stories of the command line.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a story that cannot go on fails"
)]

mod check;
mod duty;
mod listing;
mod people;
mod report;

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

/// A folder with settings, a roster and a report; nothing is imported yet.
pub fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(
        at,
        "config/duban.toml",
        "[[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n",
    );
    write(at, "in/.keep", "");
    write(at, "roster/units.csv", "编码,名称\nQ1,示范一区人民政府\n");
    write(
        at,
        "roster/accounts.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范发布,gh1,Q1\n",
    );
    write(
        at,
        "roster/people.csv",
        "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\nM1,陈若溪,监管人员,*\n",
    );
    write(
        at,
        "report.csv",
        "账号名称,问题类型,错敏词,监测时间\n示范发布,错别字,警钟常鸣,\n示范发布,错别字,做为,昨天\n",
    );
    folder
}

/// The same with the roster imported.
pub fn staffed() -> tempfile::TempDir {
    let folder = office();
    good(folder.path(), &["roster", "import", "roster"]);
    folder
}
