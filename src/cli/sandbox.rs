//! `duban sandbox`: the Bot API emulator alone, for whoever develops a bot.

use std::net::SocketAddr;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;

use super::stop_signal;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::sandbox::Sandbox;

/// What `duban sandbox` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where it answers; a port of 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// The token that the bot has to give
    #[arg(long, default_value = "7000000000:sandbox")]
    token: String,
    /// A further name by which it may be asked, besides those of this machine
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
}

/// Answers until SIGTERM or Ctrl-C.
pub(super) async fn sandbox(options: Options) -> Result<bool> {
    let about = Error::io(format!("--listen {}", options.listen));
    let listener = TcpListener::bind(options.listen).await.map_err(about)?;
    let sandbox = Sandbox::new(&listener, Clock::system(), &options.token)
        .map_err(Error::io("the address of the sandbox"))?;
    let home = Router::new().route("/", get(|| async { Redirect::temporary("/chats") }));
    sandbox.serve(listener, home, &options.hosts);
    let url = sandbox.api_url();
    println!("{url}");
    println!("API root of the bot: {url}   token: {}", options.token);
    println!("chats in the browser: {url}/chats   control calls: docs/sandbox.md");
    let stop = stop_signal()?;
    tokio::select! {
        () = sandbox.call_webhooks() => {}
        () = stop.cancelled() => {}
    }
    Ok(true)
}
