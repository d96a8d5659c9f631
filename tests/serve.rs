//! `App::serve` as the binary runs it: its own loops, polling and by webhook, orderly shutdown.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use duban::app::App;
use duban::clock::Clock;
use duban::config::{Settings, UpdateMode};
use duban::sandbox::Sandbox;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "7000000000:serve";

async fn office(sandbox: &Sandbox, folder: &std::path::Path) -> Settings {
    let mut settings = Settings::default();
    settings.database.url = format!("sqlite://{}/duban.db", folder.display());
    settings.telegram.token = Some(TOKEN.to_owned().into());
    settings.telegram.api_url = sandbox.api_url();
    settings
}

fn free_port() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_answered_by_polling_and_the_server_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Clock::system(), TOKEN).await.unwrap();
    let settings = office(&sandbox, folder.path()).await;
    let stop = CancellationToken::new();
    let app = App::build(&settings, Clock::system()).await.unwrap();
    let served = tokio::spawn(app.serve(stop.clone()));
    let stranger = sandbox.user("路人");
    sandbox.say(stranger, "你好");
    sandbox.called("sendMessage", 1).await;
    assert!(sandbox.last(stranger).unwrap().text.contains("邀请"));
    stop.cancel();
    served.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telegram_calls_the_webhook_with_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Clock::system(), TOKEN).await.unwrap();
    let mut settings = office(&sandbox, folder.path()).await;
    let listen = free_port();
    settings.http.listen = Some(listen);
    settings.telegram.mode = UpdateMode::Webhook;
    settings.telegram.webhook_url = Some(format!("http://{listen}"));
    settings.telegram.webhook_secret = Some("s3cret".to_owned().into());
    let stop = CancellationToken::new();
    let app = App::build(&settings, Clock::system()).await.unwrap();
    let served = tokio::spawn(app.serve(stop.clone()));
    sandbox.called("setWebhook", 1).await;
    let stranger = sandbox.user("路人");
    sandbox.say(stranger, "你好");
    assert_eq!(sandbox.call_webhook().await, 1);
    sandbox.called("sendMessage", 1).await;
    assert!(sandbox.last(stranger).unwrap().text.contains("邀请"));

    let client = reqwest::Client::new();
    let forged = client
        .post(format!("http://{listen}/telegram"))
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 404);
    let well = client
        .get(format!("http://{listen}/healthz"))
        .send()
        .await
        .unwrap();
    assert_eq!(well.status(), 200);
    assert!(well.text().await.unwrap().contains("\"ok\":true"));
    assert_eq!(sandbox.violations(), Vec::<String>::new());
    stop.cancel();
    served.await.unwrap().unwrap();
}

/// The shipped binary beside a running sandbox: started, asked, told to end by SIGTERM.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_binary_serves_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Clock::system(), TOKEN).await.unwrap();
    let config = folder.path().join("duban.toml");
    let listen = free_port();
    let text = format!(
        "[database]\nurl = \"sqlite://{}/duban.db\"\n[telegram]\napi_url = \"{}\"\n[http]\nlisten = \"{listen}\"\n",
        folder.path().display(),
        sandbox.api_url(),
    );
    std::fs::write(&config, text).unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_duban"))
        .args(["-c".as_ref(), config.as_os_str(), "serve".as_ref()])
        .env("DUBAN_TELEGRAM__TOKEN", TOKEN)
        .env("DUBAN_LOG", "trace")
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Read all along: a pipe that is full would stop it.
    let stderr = child.stderr.take().unwrap();
    let log = tokio::task::spawn_blocking(move || std::io::read_to_string(stderr).unwrap());
    let stranger = sandbox.user("路人");
    sandbox.say(stranger, "你好");
    sandbox.called("sendMessage", 1).await;
    assert_eq!(sandbox.menu(stranger), ["start", "help"]);
    let well = reqwest::get(format!("http://{listen}/healthz"))
        .await
        .unwrap();
    assert_eq!(well.status(), 200);

    let pid = child.id().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(told.unwrap().success());
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    let (status, log) = (ended.await.unwrap(), log.await.unwrap());
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("TRACE") && log.contains("stopping"), "{log}");
    let told: Vec<&str> = log.lines().filter(|line| line.contains(TOKEN)).collect();
    assert!(told.is_empty(), "the token stands in the log: {told:#?}");
    // The write-ahead log was folded into the file.
    assert!(!folder.path().join("duban.db-wal").exists());
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}
