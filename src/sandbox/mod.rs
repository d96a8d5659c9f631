//! An emulator of the Bot API over HTTP, with a handle to be its people. It knows nothing of duban.
//!
//! Strictness is taken from Telegram's sources: the HTML of `MessageEntity.cpp` (tdlib/td), the
//! refusals of `Client.cpp` (tdlib/telegram-bot-api), names and types of the API's description.

mod api;
mod given;
mod html;
mod limits;
mod methods;
mod people;
mod refusal;
mod server;
mod state;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

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
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::default()),
            arrived: Notify::new(),
            called: Notify::new(),
            address: listener.local_addr()?,
            clock,
            token: token.to_owned(),
        });
        let sandbox = Self { shared };
        let router = server::router(sandbox.clone());
        tokio::spawn(async move {
            // Ends with the runtime; there is nobody to tell.
            let _ = axum::serve(listener, router).await;
        });
        Ok(sandbox)
    }

    /// What a client is given instead of `https://api.telegram.org`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.shared.clock.now().timestamp()
    }
}
