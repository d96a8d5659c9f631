//! The memory of a server of a whole city that has nothing to do.

use std::process::{Command, Stdio};
use std::time::Duration;

use duban::app::App;
use duban::clock::Clock;
use duban::sandbox::Sandbox;

use crate::{bulk, city, verdict};

pub async fn run() {
    let size = city::Size {
        units: 108,
        accounts: 482,
        people: 422,
    };
    println!(
        "idle: `duban serve` for {} accounts and {} people",
        size.accounts, size.people
    );
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Clock::system(), city::TOKEN).await.unwrap();
    city::write_roster(&folder.path().join("roster"), size);
    let settings = city::settings(folder.path(), &sandbox.api_url());
    let app = App::build(&settings, Clock::system()).await.unwrap();
    city::import(&app, &folder.path().join("roster")).await;
    app.desk.store.close().await;
    let config = folder.path().join("duban.toml");
    let text = format!(
        "[database]\nurl = \"sqlite://{}/duban.db\"\n[telegram]\ntoken = \"{}\"\napi_url = \"{}\"\n",
        folder.path().display(),
        city::TOKEN,
        sandbox.api_url()
    );
    std::fs::write(&config, text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_duban"))
        .args(["-c".as_ref(), config.as_os_str(), "serve".as_ref()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stranger = sandbox.user("路人");
    sandbox.say(stranger, "你好");
    sandbox.called("sendMessage", 1).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = bulk::peak_mb(child.id(), "VmRSS").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    verdict("resident memory", idle, 40.0, " MB");
}
