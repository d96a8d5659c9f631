//! Programs that a test runs beside itself: each ends with the test, and what it said is shown when
//! the test fails.

use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Program {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    said: Arc<Mutex<String>>,
}

impl Program {
    /// Starts it; its standard input stays open as long as it lives.
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        let mut child = command
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let said = Arc::new(Mutex::new(String::new()));
        let (send, lines) = channel();
        listen(child.stdout.take().unwrap(), &said, Some(send));
        listen(child.stderr.take().unwrap(), &said, None);
        Self {
            name,
            child,
            lines,
            said,
        }
    }

    /// The address that it prints once it listens, without a slash at the end.
    pub fn address(&mut self) -> String {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(120)) {
            let address = line.split_whitespace().find(|w| w.starts_with("http://"));
            if let Some(address) = address {
                return address.trim_end_matches('/').to_owned();
            }
        }
        panic!("{} printed no address", self.name);
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Everything it printed so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, self.said());
        }
    }
}

fn listen(
    from: impl Read + Send + 'static,
    said: &Arc<Mutex<String>>,
    lines: Option<Sender<String>>,
) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if let Ok(mut said) = said.lock() {
                said.push_str(&line);
                said.push('\n');
            }
            if let Some(lines) = &lines {
                let _ = lines.send(line);
            }
        }
    });
}

/// The folder in which `./test` keeps the packages of npm and PyPI.
pub fn tools() -> PathBuf {
    let tools = std::env::var_os("DUBAN_TEST_TOOLS");
    PathBuf::from(tools.expect("DUBAN_TEST_TOOLS is not set: run the tests with ./test"))
}

/// A script for Node.js, with those packages at hand.
pub fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(script)
        .env("NODE_PATH", tools().join("node_modules"));
    command
}
