//! An emulator of the Bot API over HTTP, with a handle to be its people, calls to steer it from
//! elsewhere and a page to be its people in a browser. It knows nothing of duban.
//!
//! Strictness is taken from Telegram's sources: the HTML and MarkdownV2 of `MessageEntity.cpp`
//! (tdlib/td), the refusals of `Client.cpp` (tdlib/telegram-bot-api), names and types of the API's
//! description.

mod api;
mod control;
mod entities;
mod events;
mod given;
pub mod guard;
mod hook;
pub mod html;
mod limits;
mod look;
mod markdown;
mod methods;
mod people;
mod refusal;
mod server;
mod state;
mod view;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

pub use events::stream;
use state::State;
pub use state::{Button, Call, ChatMessage, Fault, FileSeen, ToastSeen};

use crate::clock::Clock;

/// A running emulator; clones share it.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    arrived: Notify,
    called: Notify,
    address: SocketAddr,
    clock: Clock,
    token: String,
}

impl Sandbox {
    /// Starts on a free port of the loopback.
    pub async fn start(clock: Clock, token: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sandbox = Self::new(&listener, clock, token)?;
        sandbox.serve(listener, Router::new(), &[]);
        Ok(sandbox)
    }

    /// An emulator that will answer on `listener`.
    pub fn new(listener: &TcpListener, clock: Clock, token: &str) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(watch::Sender::new(0))),
            arrived: Notify::new(),
            called: Notify::new(),
            address: listener.local_addr()?,
            clock,
            token: token.to_owned(),
        });
        Ok(Self { shared })
    }

    /// Answers until the runtime ends: the Bot API, the control calls, the page, and `beside` them
    /// whatever the caller adds. `hosts` are the names it may be asked by, besides the loopback's
    /// and the address it listens on.
    pub fn serve(&self, listener: TcpListener, beside: Router, hosts: &[String]) {
        let mut known = vec![self.shared.address.ip().to_string()];
        known.extend(hosts.iter().cloned());
        let pages = control::router(self.clone()).merge(beside);
        let pages = guard::pages(pages);
        let router = guard::hosts(server::router(self.clone()).merge(pages), known);
        tokio::spawn(async move {
            // Ends with the runtime; there is nobody to tell.
            let _ = axum::serve(listener, router).await;
        });
    }

    /// What a client is given instead of `https://api.telegram.org`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Told whenever something that people see has changed: the number of the change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.state().changed.subscribe()
    }

    /// What tells this life of the emulator from the next.
    pub fn epoch(&self) -> String {
        self.state().epoch.clone()
    }

    /// Forgets everything and begins anew.
    pub fn reset(&self) {
        let mut state = self.state();
        let changed = state.changed.clone();
        *state = State::new(changed);
        state.tick();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds since 1970, by the emulator's clock.
    fn now(&self) -> i64 {
        self.shared.clock.now().timestamp()
    }
}
